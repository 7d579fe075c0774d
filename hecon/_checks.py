"""Checks on single values, shared by all layers: each returns the clean value or raises InputError."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray


def finite(name: str, value: float) -> float:
    """Return `value` as a float if it is a finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        msg = f"{name} must be a number, got {value!r}"
        raise InputError(msg)
    number = float(value)
    if not math.isfinite(number):
        msg = f"{name} must be finite, got {number!r}"
        raise InputError(msg)
    return number


def probability(name: str, value: float) -> float:
    """Return `value` if it lies in [0, 1]."""
    number = finite(name, value)
    if not 0.0 <= number <= 1.0:
        msg = f"{name} must lie in [0, 1], got {value}"
        raise InputError(msg)
    return number


def positive(name: str, value: float) -> float:
    """Return `value` if it is above zero."""
    number = finite(name, value)
    if number <= 0.0:
        msg = f"{name} must be above 0, got {value}"
        raise InputError(msg)
    return number


def one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    """Return `value` if it is one of the `allowed` words."""
    if not isinstance(value, str) or value not in allowed:
        msg = f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}"
        raise InputError(msg)
    return value


def numeric(values: ArrayLike) -> NDArray[np.float64]:
    """Return values as floats; text such as "20.000" raises TypeError, where NumPy would convert it without a word."""
    given = np.asarray(values)
    if given.dtype.kind not in "iuf":
        msg = f"values must be numbers, got {given.dtype}"
        raise TypeError(msg)
    return given.astype(np.float64)


def unmasked(name: str, *values: Any) -> None:  # noqa: ANN401
    """Refuse masked arrays, of which the numbers under the mask would be read."""
    if any(isinstance(each, np.ma.MaskedArray) for each in values):
        msg = f"{name} must have no masked numbers, got a masked array: leave out what is missing"
        raise InputError(msg)


def willingness_to_pay(wtp: ArrayLike) -> NDArray[np.float64]:
    """Return `wtp` as a one-dimensional float array of finite, non-negative values, in the caller's order."""
    try:
        values = np.atleast_1d(numeric(wtp))
    except (TypeError, ValueError):
        msg = f"wtp must be a number or a sequence of numbers, got {wtp!r}"
        raise InputError(msg) from None
    if values.ndim != 1 or values.size == 0:
        msg = f"wtp must be one number or a one-dimensional sequence of them, got shape {values.shape}"
        raise InputError(msg)
    bad = ~np.isfinite(values) | (values < 0)
    if bad.any():
        msg = f"wtp must be finite and at least 0, got {float(values[bad][0])!r} at position {int(np.argmax(bad))}"
        raise InputError(msg)
    return values


def generator(rng: int | np.random.Generator | None) -> np.random.Generator:
    """Return a NumPy generator from an int seed, a generator or None (SPEC 7)."""
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is None or (isinstance(rng, (int, np.integer)) and not isinstance(rng, bool) and rng >= 0):
        return np.random.default_rng(rng)
    msg = f"rng must be a non-negative int seed, a numpy.random.Generator or None, got {rng!r}"
    raise InputError(msg)


def count(name: str, value: int, *, at_least: int) -> int:
    """Return `value` if it is a whole number of at least `at_least`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < at_least:
        msg = f"{name} must be a whole number of at least {at_least}, got {value!r}"
        raise InputError(msg)
    return int(value)


def unique_names(name: str, values: Iterable[Any]) -> list[str]:
    """Return `values` as a list of unique, non-empty strings."""
    names = [values] if isinstance(values, str) else list(values)
    for position, item in enumerate(names):
        if not isinstance(item, str) or not item.strip():
            msg = f"{name} must be non-empty text, got {item!r} at position {position}"
            raise InputError(msg)
    repeated = sorted({item for item in names if names.count(item) > 1})
    if repeated:
        msg = f"{name} must be unique, got {repeated[0]!r} more than once"
        raise InputError(msg)
    return names
