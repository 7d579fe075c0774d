"""Printed precision: what a published number, as it stands on the page, says and leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np

from hecon._checks import has_possible_size, shown
from hecon.errors import InputError

Number = int | float | str | Decimal

# A float of full precision claims more digits than arithmetic on it can keep.
_SMALLEST_RELATIVE_STEP = 1e-10


@dataclass(frozen=True)
class Printed:
    """A printed number: its value and the closed interval that rounds to it."""

    value: float
    low: float
    high: float
    text: str

    @property
    def half_step(self) -> float:
        """Half the rounding step, the unit in which residuals are told."""
        return max(self.high - self.value, self.value - self.low)

    def capped(self, low: float, high: float) -> Printed:
        """Return the same number with its interval cut to [low, high]."""
        return Printed(self.value, max(self.low, low), min(self.high, high), self.text)


def _decimal(name: str, value: Number) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal, np.integer, np.floating)):
        msg = f"{name} must be a number, or text as printed, got {shown(value)}"
        raise InputError(msg)
    if isinstance(value, int) and not has_possible_size(
        value
    ):  # before it is printed: Python refuses thousands of digits
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
    return number


def printed(name: str, value: Number) -> Printed:
    """Read a number at its printed precision.

    An int is known to the unit, ``str`` and ``Decimal`` to their last printed digit, a float to the last digit of
    its repr. A printed negative zero ("-0.00") was negative before rounding, so its interval ends at 0.
    """
    number = _decimal(name, value)
    exponent = number.as_tuple().exponent
    step = Decimal(1).scaleb(int(exponent)) / 2
    centre = float(number)
    half = max(float(step), _SMALLEST_RELATIVE_STEP * abs(centre))
    negative_zero = number.is_zero() and number.is_signed()
    high = 0.0 if negative_zero else centre + half
    return Printed(0.0 if negative_zero else centre, centre - half, high, str(value).strip())


def printed_probability(name: str, value: Number) -> Printed:
    """Read a probability at its printed precision, cut to [0, 1]."""
    number = printed(name, value)
    if not 0.0 <= number.value <= 1.0 or _decimal(name, value).is_signed():
        msg = f"{name} must lie in [0, 1], got {value}"
        raise InputError(msg)
    return number.capped(0.0, 1.0)


def exact(name: str, value: Number) -> float:
    """Read a number that was chosen, not rounded (a threshold, a margin, a sample size)."""
    return float(_decimal(name, value))
