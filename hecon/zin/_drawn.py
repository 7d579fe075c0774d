"""Numbers that may be draws, and what holds from each time on: checked once, here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _aligned, _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["draws", "steps"]

# Years; no one lives longer.
_LONGEST = 150.0


def draws(name: str, values: ArrayLike, low: float, high: float, rule: str) -> NDArray[np.float64]:
    """Return a number or one-dimensional draws of it as an array, if each is within its bounds."""
    _checks.unmasked(name, values)
    try:
        found = np.atleast_1d(_checks.numeric(values))
    except (TypeError, ValueError, OverflowError):
        msg = f"{name} must be a number or one-dimensional draws of it, got {values!r}"
        raise InputError(msg) from None
    if found.ndim != 1 or found.size == 0:
        msg = f"{name} must be a number or one-dimensional draws of it, got shape {found.shape}"
        raise InputError(msg)
    bad = ~((found >= low) & (found <= high))
    if bad.any():
        where = f" in draw {int(np.argmax(bad))}" if found.size > 1 else ""
        msg = f"{name} must {rule}, got {float(found[bad][0])}{where}"
        raise InputError(msg)
    return found


def steps(name: str, given: Any, low: float, high: float, rule: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # noqa: ANN401
    """Return times since the start and what holds from each on: values, or draws × values."""
    if not (isinstance(given, (tuple, list)) and len(given) == 2):  # noqa: PLR2004 (times and values)
        msg = f"{name} must be a pair (times, values), got {given!r}"
        raise InputError(msg)
    _checks.unmasked(name, *given)
    when, what = given
    if _aligned.depth(what) == 1:
        (when, what), _ = _aligned.together({f"times of {name}": when, f"values of {name}": what}, what="times")
    try:
        times = _checks.numeric(when)
        what = _aligned.by_name(name, what, times.tolist(), what="times") if _aligned.depth(what) > 1 else what
        values = np.atleast_2d(_checks.numeric(what))
    except InputError:
        raise
    except (TypeError, ValueError):
        msg = f"{name} must be a pair (times, values) of numbers, got {given!r}"
        raise InputError(msg) from None
    if times.ndim != 1 or values.ndim != 2 or times.size == 0 or values.shape[1] != times.size:  # noqa: PLR2004
        msg = f"{name} must have one value per time, got {times.size} times and values of shape {np.shape(given[1])}"
        raise InputError(msg)
    if times[0] != 0 or not (times <= _LONGEST).all() or (np.diff(times) <= 0).any():
        msg = f"{name} must have times [years] that begin at 0 and rise, up to {_LONGEST:g}, got {times.tolist()}"
        raise InputError(msg)
    bad = ~((values >= low) & (values <= high))
    if bad.any():
        place = int(np.argmax(bad.any(axis=0)))
        msg = f"{name} must {rule}, got {float(values[:, place][bad[:, place]][0])} at {times[place]:g} years"
        raise InputError(msg)
    return times, values
