"""The smallest corrections of a printed interval that would let it be true."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["PrintedInterval", "coarse_unit", "repairs", "shared_unit", "unit", "with_other_digits"]

_DIGITS = "0123456789"


def unit(value: int | Decimal) -> Decimal:
    """Return the place of the last digit that was printed, 0 for an open end."""
    exact = Decimal(value)
    return Decimal(0) if exact.is_infinite() else Decimal(1).scaleb(int(exact.as_tuple().exponent))


def coarse_unit(value: int | Decimal) -> Decimal:
    """Return the coarsest place that a number may have been rounded to: zeros at its end may be no digits."""
    exact = Decimal(value)
    if exact.is_infinite() or unit(value) < 1 or exact == 0:
        return unit(value)
    return Decimal(1).scaleb(int(exact.normalize().as_tuple().exponent))


def shared_unit(*values: int | Decimal) -> Callable[[int | Decimal], Decimal]:
    """Return how whole numbers that were printed together may have been rounded: all to one place.

    Zeros at the end of one number are digits where another has none; a 0 was rounded as its neighbours were.
    """
    whole = [each for each in values if Decimal(each).is_finite() and unit(each) == 1 and each != 0]
    place = min((coarse_unit(each) for each in whole), default=Decimal(1))
    return lambda value: place if unit(value) == 1 else unit(value)


@dataclass(frozen=True)
class PrintedInterval:
    """An estimate with the ends of its interval, as printed."""

    estimate: int | Decimal
    low: int | Decimal
    high: int | Decimal

    @property
    def two_sided(self) -> bool:
        """Whether both ends are finite."""
        return Decimal(self.low).is_finite() and Decimal(self.high).is_finite()

    def units(self, of: Callable[[int | Decimal], Decimal]) -> tuple[Decimal, Decimal, Decimal]:
        """Return the places of the three numbers, read by `of`."""
        return of(self.estimate), of(self.low), of(self.high)

    @property
    def holds(self) -> bool:
        """Whether the ends run upwards and hold the estimate, within rounding."""
        middle, below, above = (each / 2 for each in self.units(self._coarse))
        return (
            self.low - below <= self.high + above
            and self.low - below <= self.estimate + middle
            and self.estimate - middle <= self.high + above
        )

    @property
    def middle(self) -> Decimal:
        """Middle of a two-sided interval."""
        return (Decimal(self.low) + Decimal(self.high)) / 2

    def slack(self, of: Callable[[int | Decimal], Decimal] = unit) -> Decimal:
        """Return how far rounding may set the estimate and the middle apart."""
        middle, below, above = self.units(of)
        return middle / 2 + (below + above) / 4

    @property
    def off(self) -> Decimal:
        """How far the estimate and the middle are apart."""
        return abs(Decimal(self.estimate) - self.middle)

    @property
    def centred(self) -> bool:
        """Whether the estimate is the middle, within the rounding of the digits as printed.

        Where all three numbers end in zeros, these are taken for rounding.
        """
        return self.off <= self.slack(shared_unit(self.estimate, self.low, self.high))

    @property
    def perhaps_centred(self) -> bool:
        """Whether it is if zeros at the end of any number are rounding."""
        return self.off <= self.slack(self._coarse)

    def _coarse(self, value: int | Decimal) -> Decimal:
        """Return the coarsest place of a number; of a 0, that of its neighbours."""
        if value != 0 or unit(value) < 1:
            return coarse_unit(value)
        return max(coarse_unit(each) for each in (self.estimate, self.low, self.high))


def _signs(printed: PrintedInterval) -> Iterator[PrintedInterval]:
    yield replace(printed, estimate=-printed.estimate)
    yield replace(printed, low=-printed.low)
    yield replace(printed, high=-printed.high)


def _turned(printed: PrintedInterval) -> Iterator[PrintedInterval]:
    yield replace(printed, low=-printed.high, high=-printed.low)


def _swapped(printed: PrintedInterval) -> Iterator[PrintedInterval]:
    yield replace(printed, low=printed.high, high=printed.low)


def with_other_digits(value: int | Decimal, *, drop: bool) -> Iterator[int | Decimal]:
    """Yield a number with one digit left out, or replaced by another."""
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    for place, digit in enumerate(text):
        if digit not in _DIGITS:
            continue
        for other in [""] if drop else _DIGITS.replace(digit, ""):
            found = text[:place] + other + text[place + 1 :]
            whole = found.lstrip("-").partition(".")[0]
            if whole and not found.endswith("."):
                yield Decimal(found) if isinstance(value, Decimal) else int(found)


def _digits(printed: PrintedInterval, *, drop: bool) -> Iterator[PrintedInterval]:
    for name in ("estimate", "low", "high"):
        for other in with_other_digits(getattr(printed, name), drop=drop):
            yield replace(printed, **{name: other})


def repairs(printed: PrintedInterval) -> tuple[str, tuple[PrintedInterval, ...]]:
    """Return the kind of the smallest corrections after which the interval holds and is centred, and these.

    A sign, the interval turned round zero, the order of the ends, a digit too many and a wrong digit are tried in this
    order.
    """
    for kind, candidates in (
        ("sign", _signs(printed)),
        ("turned", _turned(printed)),
        ("order", _swapped(printed)),
        ("extra_digit", _digits(printed, drop=True)),
        ("digit", _digits(printed, drop=False)),
    ):
        # A number with fewer decimals must not mend by being less exact.
        found = tuple(
            dict.fromkeys(each for each in candidates if each.holds and each.off <= min(each.slack(), printed.slack()))
        )
        if found:
            return kind, found
    return "", ()
