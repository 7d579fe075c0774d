"""All zeros of a function of one number, by dividing its range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize

from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from hecon._enclosure import Enclosure

    Floats = NDArray[np.float64]

__all__ = ["STEPS", "zeros"]

#: Places at which the size of the function is taken.
STEPS = 257
# Of the function's size: what counts as 0 over a whole part, at a place, and over a stretch of zeros.
_ZERO, _NEAR, _NOISE = 1e-12, 1e-9, 1e-15
# Of the range: a part so narrow is a place; places closer together are one.
_NARROW, _APART = 2.0**-44, 1e-12
_MOST = 4096


def zeros(
    function: Callable[[Floats], Floats],
    bounds: Callable[[Floats, Floats], Enclosure],
    low: float,
    high: float,
) -> list[float]:
    """Return all zeros of a function in a range, rising; of a stretch of zeros both ends.

    Parameters
    ----------
    function : callable
        The values of the function at some places.
    bounds : callable
        The bounds of the function and of its slope between pairs of places.
    low, high : float
        The range.

    Returns
    -------
    list of float
        The zeros.

    Raises
    ------
    InputError
        If the function has no bounds somewhere, as where it divides by 0, or has too many zeros to tell apart.
    """
    size = float(np.abs(function(np.linspace(low, high, STEPS))).max())
    left, right = np.array([low]), np.array([high])
    single: list[float] = []
    flat: list[tuple[float, float]] = []
    while left.size:
        if left.size > _MOST:
            msg = f"within must hold few values at which nothing is paid, got {low} to {high}: look in a narrower one"
            raise InputError(msg)
        lower, upper, falls, rises = _bounded(function, bounds, left, right)
        bounded = np.isfinite(lower) & np.isfinite(upper)
        at_zero = bounded & (lower >= -_ZERO * size) & (upper <= _ZERO * size)
        narrow = ~at_zero & (right - left <= _NARROW * (high - low))
        if not np.isfinite(size) or (narrow & ~bounded).any():
            msg = f"within must leave out values at which the plan divides by 0, got {low} to {high}"
            raise InputError(msg)
        flat += zip(left[at_zero].tolist(), right[at_zero].tolist(), strict=True)
        near = narrow & (np.abs(function((left + right) / 2)) <= _NEAR * size) & (lower <= 0) & (upper >= 0)
        flat += zip(left[near].tolist(), right[near].tolist(), strict=True)
        left_over = ~at_zero & ~narrow & ~(bounded & ((lower > 0) | (upper < 0)))
        steady = left_over & bounded & ((falls > 0) | (rises < 0))
        single += _crossings(function, zip(left[steady].tolist(), right[steady].tolist(), strict=True))
        divide = left_over & ~steady
        middle = (left[divide] + right[divide]) / 2
        left, right = np.concatenate([left[divide], middle]), np.concatenate([middle, right[divide]])
    apart = _APART * (high - low)
    ends = [each for part in _joined(flat, apart) for each in _places(function, *part, size)]
    return [left for left, _ in _joined([(each, each) for each in (*single, *ends)], apart)]


def _bounded(
    function: Callable[[Floats], Floats], bounds: Callable[[Floats, Floats], Enclosure], left: Floats, right: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the bounds of the function and of its slope over parts: by its form, and by its middle and slope."""
    with np.errstate(all="ignore"):
        found = bounds(left, right)
        falls, rises = (np.broadcast_to(each, (1, left.size))[0] for each in (found.falls, found.rises))
        middle = function((left + right) / 2)
        spread = np.maximum(np.abs(falls), np.abs(rises)) * (right - left) / 2
        spread = spread * (1 + 1e-12) + 1e-14 * np.abs(middle)
        lower, upper = np.fmax(found.low, middle - spread), np.fmin(found.high, middle + spread)
    return lower, upper, falls, rises


def _crossings(function: Callable[[Floats], Floats], parts: Iterable[tuple[float, float]]) -> list[float]:
    """Return the zeros in parts over which the function only rises or only falls: one at most in each."""

    def value(x: float) -> float:
        return float(function(np.array([x]))[0])

    found = []
    for left, right in parts:
        first, last = value(left), value(right)
        if first == 0 or last == 0:
            found.append(left if first == 0 else right)
        elif (first < 0) != (last < 0):
            found.append(float(optimize.brentq(value, left, right, xtol=1e-14)))
    return found


def _joined(parts: list[tuple[float, float]], apart: float) -> list[tuple[float, float]]:
    """Return parts in their order, those that touch as one."""
    found: list[tuple[float, float]] = []
    for left, right in sorted(parts):
        if found and left <= found[-1][1] + apart:
            found[-1] = (found[-1][0], max(found[-1][1], right))
        else:
            found.append((left, right))
    return found


def _places(function: Callable[[Floats], Floats], left: float, right: float, size: float) -> list[float]:
    """Return the zeros of a part in which all is 0 or almost: both ends of a stretch of zeros, else one place."""
    inside = np.abs(function(np.linspace(left, right, 19)[1:-1]))
    if right > left and (inside <= _NOISE * size).all():
        return [left, right]
    return _crossings(function, [(left, right)]) or [(left + right) / 2]
