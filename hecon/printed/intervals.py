"""Interval arithmetic: exact, on spans of fractions; and on many boxes at once, with slopes, rounded outwards."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Enclosure", "Span", "constant", "coordinates"]


class Span(NamedTuple):
    """All values from the lowest to the highest, both included. What is computed of spans holds every value possible.

    Parameters
    ----------
    low, high : Fraction
        The ends.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from hecon.printed.intervals import Span
    >>> found = Span(Fraction(-1), Fraction(2)) / Span(Fraction(4), Fraction(5))
    >>> str(found.low), str(found.high)
    ('-1/4', '1/2')
    """

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


# More than one operation rounds by, relative. Sums and products that are exactly 0 stay so, and keep their sign.
_ROUNDING = 2.5e-16


def _outward(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    low, high = low - np.abs(low) * _ROUNDING, high + np.abs(high) * _ROUNDING
    return np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)


def _product(a: tuple[Floats, Floats], b: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    products = np.stack(np.broadcast_arrays(a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]))
    # 0 times infinity is NaN, which the other products of the same pair make up for.
    return _outward(np.fmin.reduce(products), np.fmax.reduce(products))


@dataclass(frozen=True, eq=False)
class Enclosure:
    """Bounds of a quantity in n boxes of k coordinates, and of its slope in each coordinate.

    Parameters
    ----------
    low, high : ndarray
        Bounds of the quantity, (n,).
    falls, rises : ndarray
        Bounds of its slopes, (k, n): from the steepest fall to the steepest rise.
    """

    low: Floats
    high: Floats
    falls: Floats
    rises: Floats

    def __neg__(self) -> Enclosure:
        return Enclosure(-self.high, -self.low, -self.rises, -self.falls)

    def __pos__(self) -> Enclosure:
        return self

    def __add__(self, other: Enclosure | float) -> Enclosure:
        if not isinstance(other, Enclosure):
            return Enclosure(*_outward(self.low + other, self.high + other), self.falls, self.rises)
        value = _outward(self.low + other.low, self.high + other.high)
        return Enclosure(*value, *_outward(self.falls + other.falls, self.rises + other.rises))

    __radd__ = __add__

    def __sub__(self, other: Enclosure | float) -> Enclosure:
        return self + -other

    def __rsub__(self, other: float) -> Enclosure:
        return -self + other

    def __mul__(self, other: Enclosure | float) -> Enclosure:
        if not isinstance(other, Enclosure):
            ends = np.asarray(other), np.asarray(other)
            return Enclosure(*_product((self.low, self.high), ends), *_product((self.falls, self.rises), ends))
        own, its = (self.low, self.high), (other.low, other.high)
        first, second = _product((self.falls, self.rises), its), _product(own, (other.falls, other.rises))
        return Enclosure(*_product(own, its), *_outward(first[0] + second[0], first[1] + second[1]))

    __rmul__ = __mul__

    def __truediv__(self, other: Enclosure) -> Enclosure:
        return self * other.reciprocal()

    def reciprocal(self) -> Enclosure:
        """Return 1 over the quantity; without bounds where it may be 0."""
        zero = (self.low <= 0) & (self.high >= 0)
        low, high = _outward(1 / self.high, 1 / self.low)
        low, high = np.where(zero, -np.inf, low), np.where(zero, np.inf, high)
        falls, rises = _product((-self.rises, -self.falls), _product((low, high), (low, high)))
        return Enclosure(low, high, np.where(zero, -np.inf, falls), np.where(zero, np.inf, rises))

    def minimum(self, other: Enclosure) -> Enclosure:
        """Return the smaller of two quantities; where either may be, its slope is one of both."""
        first, second = self.high <= other.low, other.high <= self.low
        falls, rises = np.minimum(self.falls, other.falls), np.maximum(self.rises, other.rises)
        falls, rises = np.where(second, other.falls, falls), np.where(second, other.rises, rises)
        return Enclosure(
            np.minimum(self.low, other.low),
            np.minimum(self.high, other.high),
            np.where(first, self.falls, falls),
            np.where(first, self.rises, rises),
        )


def coordinates(low: Floats, high: Floats) -> list[Enclosure]:
    """Return the coordinates of boxes whose lower and upper ends are (k, n)."""
    slopes = np.broadcast_to(np.eye(len(low))[:, :, None], (len(low), *low.shape))
    return [Enclosure(*each, each[2]) for each in zip(low, high, slopes, strict=True)]


def constant(value: float, size: int, count: int, *, is_exact: bool = True) -> Enclosure:
    """Return a number as a quantity in `count` boxes of `size` coordinates; one that is no float lies about it."""
    at, none = np.full(count, value), np.zeros((size, count))
    return Enclosure(at, at, none, none) if is_exact else Enclosure(*_outward(at, at), none, none)
