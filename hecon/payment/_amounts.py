"""Checks that several files of this folder share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "MOST_PATIENTS",
    "at_least_0",
    "by_class",
    "for_classes",
    "number_of_patients",
    "numbers_of_patients",
    "of_class",
    "open_share",
]

MOST_PATIENTS = 10**8
# Squares of amounts must be floats.
_LARGEST = 1e30


def at_least_0(name: str, value: float) -> float:
    """Return `value` as a float if it is at least 0."""
    number = _checks.finite(name, value)
    if number < 0.0:
        msg = f"{name} must be at least 0, got {value!r}"
        raise InputError(msg)
    if number > _LARGEST:
        msg = f"{name} must be at most {_LARGEST:g}, got {number!r}"
        raise InputError(msg)
    return number


def open_share(name: str, value: float) -> float:
    """Return `value` as a float if it lies in (0, 1)."""
    number = _checks.finite(name, value)
    if not 0.0 < number < 1.0:
        msg = f"{name} must lie in (0, 1), got {value!r}; write 0.8 for 80%"
        raise InputError(msg)
    return number


def by_class(name: str, value: float | Mapping[str, float]) -> float | Mapping[str, float]:
    """Return one amount, or a read-only copy of an amount for each class, each at least 0."""
    if not isinstance(value, Mapping):
        return at_least_0(name, value)
    _checks.unique_names(f"{name} by class", value)
    return MappingProxyType({key: at_least_0(f"{name} of class {key!r}", each) for key, each in value.items()})


def of_class(value: float | Mapping[str, float], name: str) -> float:
    """Return the amount of one class."""
    return value[name] if isinstance(value, Mapping) else value


def for_classes(name: str, value: float | Mapping[str, float], names: Iterable[str]) -> None:
    """Refuse an amount by class that does not have the classes of the caseload."""
    if isinstance(value, Mapping) and set(value) != set(names):
        msg = f"{name} by class must name the classes {', '.join(sorted(names))}, got {', '.join(sorted(value))}"
        raise InputError(msg)


def number_of_patients(name: str, value: int) -> int:
    """Return one number of patients, or of claims, of a size that could be."""
    number = _checks.count(name, value, at_least=1)
    if number > MOST_PATIENTS:
        msg = f"{name} must be at most {MOST_PATIENTS}, got {_checks.shown(value)}"
        raise InputError(msg)
    return number


def numbers_of_patients(values: int | Iterable[int]) -> NDArray[np.int64]:
    """Return numbers of patients as a one-dimensional array, in the caller's order."""
    given = list(values) if isinstance(values, Iterable) and not isinstance(values, str) else [values]
    found = [_checks.count("n_patients", each, at_least=1) for each in given]
    if not found or max(found) > MOST_PATIENTS:
        most = _checks.shown(max(found)) if found else "none"
        msg = f"n_patients must be numbers of at most {MOST_PATIENTS}, got {most}"
        raise InputError(msg)
    return np.array(found, dtype=np.int64)
