"""Checks on single values, shared by all layers: each returns the clean value or raises InputError."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import ArrayLike, NDArray

# The largest whole number up to which every other is a float too.
_EXACT = 2**53
# Sizes of draws and of willingness to pay: their products stay within what a float holds.
SMALLEST, LARGEST = 1e-150, 1e150
# Sums of squares between which the largest of up to 1e20 numbers is within that range.
_PLAIN = (1e-280, 1e300)
# Characters of a refused value that a message shows.
_LONGEST = 120
_SMALLEST_POWER, _LARGEST = -30, Decimal("1e30")
_ENDLESS = re.compile(r"[0-9][0-9_]{4299}|[eE][+-]?[0-9]{10}")
# No source prints more decimals.
_MOST_PLACES = 1000


def shown(value: Any) -> str:  # noqa: ANN401
    """Return a refused value as a message shows it: its repr, cut short; an int of thousands of digits has none."""
    try:
        text = repr(value)
    except ValueError:
        text = f"an int of {value.bit_length()} bits" if isinstance(value, int) else f"a {type(value).__name__}"
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def known_decimals(digits: int = 28) -> AbstractContextManager[Context]:
    """Compute with decimals as Python does by default, whatever the caller has set for them in this thread."""
    traps = [InvalidOperation, DivisionByZero, Overflow]
    return localcontext(Context(prec=digits, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999, traps=traps))


def has_possible_size(value: Any) -> bool:  # noqa: ANN401
    """Tell whether a number is finite, and 0 or between 1e-30 and 1e30 in size: no cost, effect or ratio lies beyond.

    Without arithmetic, which overflows on an exponent of a million; of a zero its last printed place has the size.
    """
    if isinstance(value, Decimal):
        if not value.is_finite():
            return False
        places = int(value.as_tuple().exponent)
        power = places if value.is_zero() else value.adjusted()
        small_enough = power <= _LARGEST.adjusted() and value.copy_abs() <= _LARGEST
        return places >= -_MOST_PLACES and power >= _SMALLEST_POWER and small_enough
    size = abs(value)
    return bool(size == 0 or 10.0**_SMALLEST_POWER <= size <= float(_LARGEST))  # NaN and what is infinite are not


def line_of_endless_number(text: str) -> str:
    """Return where the first number of a file stands that Python refuses to read, by its digits or its exponent."""
    found = _ENDLESS.search(text)
    return "the file" if found is None else f"line {text.count(chr(10), 0, found.start()) + 1}"


def finite(name: str, value: float) -> float:
    """Return `value` as a float if it is a finite number."""
    # NumPy counts time spans among its integers.
    wrong = isinstance(value, (bool, np.timedelta64))
    if wrong or not isinstance(value, (int, float, np.integer, np.floating)):
        msg = f"{name} must be a number, got {shown(value)}"
        raise InputError(msg)
    try:
        number = float(value)
    except OverflowError:
        msg = f"{name} must be below 1e308 in size, got {shown(value)}"
        raise InputError(msg) from None
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
        msg = f"{name} must be one of {', '.join(map(repr, allowed))}, got {shown(value)}"
        raise InputError(msg)
    return value


def instance(name: str, value: object, kind: str, remedy: str) -> None:
    """Refuse `value` unless it is of hecon's class of this name, which a lower layer need not import to know."""
    for each in type(value).__mro__:
        if each.__name__ == kind and each.__module__.partition(".")[0] == "hecon":
            return
    msg = f"{name} must be {_article(kind)} {kind}, got {_named(value)}: {remedy}"
    raise InputError(msg)


def instances(name: str, values: Iterable[Any], kind: str, remedy: str) -> list[Any]:
    """Return `values` as a list if each is of hecon's class of this name."""
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        msg = f"{name} must be a sequence of {kind}, got {_named(values)}: {remedy}"
        raise InputError(msg)
    listed = list(values)
    for each in listed:
        instance(f"each of {name}", each, kind, remedy)
    return listed


def dataset(name: str, value: object, remedy: str) -> None:
    """Refuse `value` unless it is an xarray.Dataset."""
    import xarray as xr

    if not isinstance(value, xr.Dataset):
        msg = f"{name} must be an xarray.Dataset, got {_named(value)}: {remedy}"
        raise InputError(msg)


def _article(kind: str) -> str:
    return "an" if kind[0] in "AEIOU" else "a"


def _named(value: object) -> str:
    """Return what a value of the wrong kind is: its own words would be long."""
    return repr(value) if value is None or isinstance(value, (bool, int, float)) else f"a {type(value).__name__}"


def numeric(values: Any) -> NDArray[np.float64]:  # noqa: ANN401 (arrays and tables of any library)
    """Return values as floats, NaN where missing; TypeError or ValueError where that would change what they say.

    Text such as "20.000", truth values, dates, complex numbers, whole numbers too long for a float and masked numbers
    are refused, where NumPy would convert most of them without a word. So are Series in a list whose labels differ.
    """
    unmasked("values", values)
    kinds = _kinds(values) if isinstance(values, (list, tuple)) else set()
    if kinds & {bool, np.bool_}:
        msg = "values must be numbers, got bool"
        raise TypeError(msg)
    if any(hasattr(each, "iloc") for each in kinds):
        _same_labels([each for each in values if hasattr(each, "index") and hasattr(each, "iloc")])
    given = _plain(values)
    if given.dtype.kind not in "iuf":
        msg = f"values must be numbers, got {given.dtype}"
        raise TypeError(msg)
    if given.dtype.kind in "iu" and given.size and (int(given.max()) > _EXACT or int(given.min()) < -_EXACT):
        msg = "values must be whole numbers of at most 2**53, which a float holds exactly"
        raise ValueError(msg)
    with np.errstate(over="ignore"):
        return given.astype(np.float64)


def _kinds(values: Any) -> set[type]:  # noqa: ANN401
    """Return the types of what stands in lists, however deep."""
    kinds = set(map(type, values))
    if kinds & {list, tuple}:
        kinds.update(*(_kinds(each) for each in values if isinstance(each, (list, tuple))))
    return kinds


def _same_labels(rows: list[Any]) -> None:
    if any(not each.index.equals(rows[0].index) for each in rows):
        msg = "values must not be Series with different labels: join them as a table, or pass .to_numpy()"
        raise TypeError(msg)


def _plain(values: Any) -> NDArray[Any]:  # noqa: ANN401
    """Return an array; the nullable numbers of pandas, which are objects to NumPy, as floats with NaN."""
    columns = [part for _, part in values.items()] if hasattr(values, "iloc") and values.ndim > 1 else [values]
    dtypes = [getattr(each, "dtype", None) for each in columns]
    nullable = [each for each in dtypes if each is not None and not isinstance(each, np.dtype)]
    if not nullable or any(getattr(each, "kind", "O") not in "iuf" for each in dtypes):
        return np.asarray(values)
    for each in columns:
        known: Any = each.dropna() if each.dtype.kind in "iu" else ()
        if len(known) and (known.max() > _EXACT or known.min() < -_EXACT):
            msg = "values must be whole numbers of at most 2**53, which a float holds exactly"
            raise ValueError(msg)
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))


def numbers(name: str, values: Any) -> NDArray[np.float64]:  # noqa: ANN401
    """Return values as floats, NaN where missing, or refuse them by name."""
    unmasked(name, values)
    try:
        return numeric(values)
    except ValueError:
        msg = f"{name} must hold rows of equal length, of whole numbers up to 2**53 and floats; convert the rest first"
        raise InputError(msg) from None
    except (TypeError, OverflowError):
        msg = f"{name} must hold numbers only; remove or convert what is not a number"
        raise InputError(msg) from None


def items(name: str, values: Any) -> list[Any]:  # noqa: ANN401
    """Return the items of an array or a sequence, of which each is to be checked."""
    unmasked(name, values)
    return np.asarray(values).tolist() if hasattr(values, "ndim") else list(values)


def unmasked(name: str, *values: Any) -> None:  # noqa: ANN401
    """Refuse masked numbers, of which NumPy would read what lies under the mask; an array without any may pass."""
    if any(_has_mask(each) for each in values):
        msg = f"{name} must have no masked numbers, got a masked array: leave out what is missing"
        raise InputError(msg)


def _has_mask(values: Any) -> bool:  # noqa: ANN401
    if isinstance(values, (list, tuple)):
        if not any(issubclass(each, (np.ma.MaskedArray, list, tuple)) for each in set(map(type, values))):
            return False
        return any(_has_mask(each) for each in values)
    return isinstance(values, np.ma.MaskedArray) and bool(np.ma.getmaskarray(values).any())


def largest(values: NDArray[Any]) -> float:
    """Return the largest size; NaN or infinity where a value is."""
    with np.errstate(invalid="ignore"):
        return float(np.maximum(float(values.max()), -float(values.min())))


def plainly_within_range(values: NDArray[np.float64]) -> bool:
    """Tell in one pass, by the sum of squares, whether all are finite and the largest lies well within the range."""
    flat = values.ravel(order="K")
    return bool(_PLAIN[0] < float(np.vdot(flat, flat)) < _PLAIN[1])


def within_range(name: str, size: float) -> None:
    """Refuse numbers whose products and sums of squares a float would not hold, by their largest size."""
    if size and not SMALLEST <= size <= LARGEST:
        msg = f"{name} must lie between 1e-150 and 1e150 in size, or be 0, got {size!r}; choose another unit"
        raise InputError(msg)


def willingness_to_pay(wtp: ArrayLike) -> NDArray[np.float64]:
    """Return `wtp` as a one-dimensional float array of finite, non-negative values, in the caller's order."""
    unmasked("wtp", wtp)
    try:
        values = np.atleast_1d(numeric(wtp))
    except (TypeError, ValueError, OverflowError):
        msg = f"wtp must be a number or a sequence of numbers, got {shown(wtp)}"
        raise InputError(msg) from None
    if values.ndim != 1 or values.size == 0:
        msg = f"wtp must be one number or a one-dimensional sequence of them, got shape {values.shape}"
        raise InputError(msg)
    bad = ~np.isfinite(values) | (values < 0)
    if bad.any():
        msg = f"wtp must be finite and at least 0, got {float(values[bad][0])!r} at position {int(np.argmax(bad))}"
        raise InputError(msg)
    for value in (values.max(), values[values > 0].min(initial=np.inf)):
        within_range("wtp", 0.0 if np.isinf(value) else float(value))
    return values


def generator(rng: int | np.random.Generator | None) -> np.random.Generator:
    """Return a NumPy generator from an int seed, a generator or None (SPEC 7)."""
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is None or (isinstance(rng, (int, np.integer)) and not isinstance(rng, bool) and rng >= 0):
        return np.random.default_rng(rng)
    msg = f"rng must be a non-negative int seed, a numpy.random.Generator or None, got {shown(rng)}"
    raise InputError(msg)


def count(name: str, value: int, *, at_least: int) -> int:
    """Return `value` if it is a whole number of at least `at_least`."""
    wrong = isinstance(value, (bool, np.timedelta64))
    if wrong or not isinstance(value, (int, np.integer)) or value < at_least:
        msg = f"{name} must be a whole number of at least {at_least}, got {shown(value)}"
        raise InputError(msg)
    return int(value)


def unique_names(name: str, values: Iterable[Any]) -> list[str]:
    """Return `values` as a list of unique, non-empty strings."""
    if isinstance(values, (set, frozenset)):
        msg = f"{name} must be in an order, as in a list, got a {type(values).__name__}, which has none"
        raise InputError(msg)
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
