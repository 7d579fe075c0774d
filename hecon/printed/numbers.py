"""A number as printed: its unit and decimals, the span of all that rounds to it, and what else it may stand for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

import numpy as np

from hecon._checks import has_possible_size, known_decimals, shown
from hecon.errors import InputError

#: A number as a caller gives it.
Number = int | float | str | Decimal
#: A number that keeps its printed digits.
Digits = int | Decimal
#: How numbers may have been rounded: to which place each.
Rounding = Callable[[Digits], Decimal]
#: How a number is hedged.
WORDINGS = ("exactly", "about", "over", "nearly", "at most", "at least")

_Exact = TypeVar("_Exact", Fraction, float)
# A float of full precision claims more digits than arithmetic keeps.
_SMALLEST_RELATIVE_STEP = 1e-10
# Relative tolerance of `fits` for the rounding of floats.
_SLACK = 1e-9


class Span(NamedTuple):
    """The closed interval from `low` to `high`; arithmetic on spans returns a span of every possible result."""

    low: Fraction
    high: Fraction

    def __neg__(self) -> Span:
        return Span(-self.high, -self.low)

    def __abs__(self) -> Span:
        sizes = abs(self.low), abs(self.high)
        return Span(Fraction(0) if self.low <= 0 <= self.high else min(sizes), max(sizes))

    # Of a tuple + and * would join and repeat.
    def __add__(self, other: Span) -> Span:  # type: ignore[override]
        return Span(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Span) -> Span:
        return Span(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Span) -> Span:  # type: ignore[override]
        products = [own * its for own in self for its in other]
        return Span(min(products), max(products))

    def __truediv__(self, other: Span) -> Span:
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError
        return self * Span(1 / other.high, 1 / other.low)

    def apart(self, other: Span) -> bool:
        """Tell whether the two have no value in common."""
        return self.high < other.low or other.high < self.low


def _place(value: Digits) -> int:
    return int(Decimal(value).as_tuple().exponent)


def decimals(value: Digits) -> int:
    """Return how many decimals a number was given with."""
    return max(0, -_place(value))


def unit(value: Digits) -> Decimal:
    """Return the place value of the last printed digit, 0 for an open end."""
    return Decimal(0) if Decimal(value).is_infinite() else Decimal(1).scaleb(_place(value))


def no_unit(value: Digits) -> Decimal:  # noqa: ARG001 (stands in for the other units)
    """Return 0, for a number taken as exact."""
    return Decimal(0)


def coarse_unit(value: Digits) -> Decimal:
    """Return the coarsest place a number may have been rounded to: trailing zeros may not be significant."""
    if unit(value) < 1 or value == 0:
        return unit(value)
    return Decimal(1).scaleb(_place(Decimal(value).normalize()))


def shared_unit(*values: Digits) -> Rounding:
    """Return the coarsest rounding that whole numbers printed together share; a 0 is rounded as the others."""
    whole = [number for number in values if Decimal(number).is_finite() and unit(number) == 1 and number != 0]
    place = min((coarse_unit(number) for number in whole), default=Decimal(1))
    return lambda value: place if unit(value) == 1 else unit(value)


def span(value: Digits, of: Rounding = unit) -> Span:
    """Return the closed interval of values that round to a printed number."""
    half = Fraction(of(value)) / 2
    return Span(Fraction(value) - half, Fraction(value) + half)


def cut_off(value: float | Decimal, ends: tuple[_Exact, _Exact]) -> tuple[_Exact, _Exact]:
    """Widen the rounding interval of a number by truncation: up to a whole unit away from 0."""
    low, high = ends
    half = (high - low) / 2
    return (low - half, high) if value < 0 else (low, high + half)


def room(wording: str, half: _Exact, whole: _Exact) -> tuple[_Exact, _Exact]:
    """Return the room below and above a hedged number: "over" a whole unit above, "nearly" below, otherwise half."""
    return {"over": (0 * whole, whole), "nearly": (whole, 0 * whole)}.get(wording, (half, half))


def fits(value: float, ends: tuple[float, float]) -> bool:
    """Tell whether a computed value lies between the ends, within the rounding of floats."""
    slack = _SLACK * max(abs(ends[0]), abs(ends[1]))
    return ends[0] - slack <= value <= ends[1] + slack


class PrintedNumber(NamedTuple):
    """A printed number: its value and the closed interval that rounds to it."""

    value: float
    low: float
    high: float

    def __sub__(self, other: PrintedNumber) -> PrintedNumber:
        return PrintedNumber(self.value - other.value, self.low - other.high, self.high - other.low)

    def capped(self, low: float, high: float) -> PrintedNumber:
        """Return the same number with its interval cut to [low, high]."""
        return PrintedNumber(self.value, max(self.low, low), min(self.high, high))


def printed(name: str, value: Number) -> PrintedNumber:
    """Read a number at its printed precision: an int to the unit, a float to the last digit of its repr."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal, np.integer, np.floating)):
        msg = f"{name} must be a number, or text as printed, got {shown(value)}"
        raise InputError(msg)
    if isinstance(value, int) and not has_possible_size(value):  # first: Python refuses to print thousands of digits
        msg = f"{name} must be 0 or between 1e-30 and 1e30 in size, got an int of {value.bit_length()} bits"
        raise InputError(msg)
    text = repr(float(value)) if isinstance(value, (float, np.floating)) else str(value).strip()
    try:
        number = Decimal(text.replace("−", "-"))
    except InvalidOperation:
        msg = f"{name} must be a number with a decimal point and no thousands separator, got {shown(value)}"
        raise InputError(msg) from None
    if not number.is_finite():
        msg = f"{name} must be finite, got {shown(value)}"
        raise InputError(msg)
    if not has_possible_size(number):
        msg = f"{name} must be 0 or between 1e-30 and 1e30 in size, got {shown(value)}; check the unit"
        raise InputError(msg)
    centre = float(number)
    half = max(float(unit(number) / 2), _SMALLEST_RELATIVE_STEP * abs(centre))
    # A printed "-0.00" was negative before rounding.
    if number.is_zero() and number.is_signed():
        return PrintedNumber(0.0, centre - half, 0.0)
    return PrintedNumber(centre, centre - half, centre + half)


def printed_probability(name: str, value: Number) -> PrintedNumber:
    """Read a probability at its printed precision, cut to [0, 1]."""
    number = printed(name, value)
    if not 0.0 <= number.value <= 1.0 or number.high == 0.0:  # "-0.00" lies below 0
        percent = "; write 40% as 0.40" if 1.0 < number.value <= 100.0 else ""  # noqa: PLR2004
        msg = f"{name} must lie in [0, 1], got {value}{percent}"
        raise InputError(msg)
    return number.capped(0.0, 1.0)


def exact(name: str, value: Number) -> float:
    """Read a number that was chosen, not rounded (a threshold, a margin, a sample size)."""
    return printed(name, value).value


@dataclass(frozen=True)
class PrintedInterval:
    """An estimate with the ends of its interval, as printed."""

    estimate: Digits
    low: Digits
    high: Digits

    @property
    def two_sided(self) -> bool:
        """Whether both ends are finite."""
        return Decimal(self.low).is_finite() and Decimal(self.high).is_finite()

    def units(self, of: Rounding) -> tuple[Decimal, Decimal, Decimal]:
        """Return the places of the three numbers, read by `of`."""
        return of(self.estimate), of(self.low), of(self.high)

    @property
    def holds(self) -> bool:
        """Whether the ends run upwards and hold the estimate, within rounding."""
        middle, below, above = (place / 2 for place in self.units(self._coarse))
        return (
            self.low - below <= self.high + above
            and self.low - below <= self.estimate + middle
            and self.estimate - middle <= self.high + above
        )

    @property
    def middle(self) -> Decimal:
        """Middle of a two-sided interval."""
        return (Decimal(self.low) + Decimal(self.high)) / 2

    def slack(self, of: Rounding = unit) -> Decimal:
        """Return how far rounding may set the estimate and the middle apart."""
        middle, below, above = self.units(of)
        return middle / 2 + (below + above) / 4

    @property
    def off(self) -> Decimal:
        """How far the estimate and the middle are apart."""
        return abs(Decimal(self.estimate) - self.middle)

    @property
    def centred(self) -> bool:
        """Whether the estimate is the middle, within rounding."""
        # Where all three numbers end in zeros, these are taken for rounding; `hecon.reported.fit` takes every digit as
        # meant and may call the same interval off centre.
        return self.off <= self.slack(shared_unit(self.estimate, self.low, self.high))

    @property
    def perhaps_centred(self) -> bool:
        """Whether it is if zeros at the end of any number are rounding."""
        return self.off <= self.slack(self._coarse)

    def _coarse(self, value: Digits) -> Decimal:
        """Return the coarsest place of a number; of a 0, that of its neighbours."""
        if value != 0 or unit(value) < 1:
            return coarse_unit(value)
        return max(coarse_unit(number) for number in (self.estimate, self.low, self.high))


# Values that are not 0 are told apart from it down to here: effects of a thousandth at a scale of 1e-12.
_NOISE = 1e-15
# Decimals to which limits are held.
_TENTH = 10


def digits_of(value: float | Decimal, least: int) -> int:
    """Return the decimals to write a value with: at least these, and more where it would read as 0."""
    size: Any = abs(value)
    # Half a unit is rounded to the even one, 0; what is below the noise is what arithmetic leaves of numbers near 1.
    if not _NOISE <= size <= 0.5 * 10.0**-least:
        return least
    return math.ceil(-math.log10(size))


def digits_beside(value: float, limits: Iterable[float | Digits], least: int) -> int:
    """Return the decimals to write a value with: at least these, and more where it would read as at or past a limit.

    What lies within 1e-10 of a limit is at it.
    """
    if not math.isfinite(value):
        return least
    exact, edges = Decimal(repr(round(float(value), _TENTH))), [Decimal(str(each)) for each in limits]
    with known_decimals(digits=60):
        for digits in range(least, _TENTH):
            shown = round(exact, digits)
            if all(shown.compare(edge) == exact.compare(edge) for edge in edges):
                return digits
    return _TENTH
