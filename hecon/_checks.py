"""Checks on single values, shared by all layers: each returns the clean value or raises InputError."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections import Counter
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import ArrayLike, NDArray

# Up to here every whole number is a float.
_EXACT = 2**53
# Sizes of draws and willingness to pay whose products a float holds.
SMALLEST, LARGEST = 1e-150, 1e150
# Sums of squares that prove the largest of up to 1e20 numbers within that range.
_PLAIN = (1e-280, 1e300)
# Years that a price, a population or a document can be of.
YEARS = range(1900, 2101)
# Characters of a refused value that a message shows.
_LONGEST = 120
_SMALLEST_POWER, _LARGEST = -30, Decimal("1e30")
_ENDLESS = re.compile(r"[0-9][0-9_]{4299}|[eE][+-]?[0-9]{10}")
# No source prints more decimals.
_MOST_PLACES = 1000


def shown(value: Any) -> str:  # noqa: ANN401
    """Return the repr of a refused value, cut short; an int of thousands of digits by its bits."""
    try:
        text = repr(value)
    except ValueError:
        text = f"an int of {value.bit_length()} bits" if isinstance(value, int) else f"a {type(value).__name__}"
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def known_decimals(digits: int = 28) -> AbstractContextManager[Context]:
    """Return a context with Python's default decimal arithmetic, whatever the thread has set."""
    traps = [InvalidOperation, DivisionByZero, Overflow]
    return localcontext(Context(prec=digits, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999, traps=traps))


def has_possible_size(value: Any) -> bool:  # noqa: ANN401
    """Tell whether a number is finite, and 0 or between 1e-30 and 1e30 in size.

    Without arithmetic, which overflows on huge exponents; a zero has the size of its last printed place.
    """
    if isinstance(value, Decimal):
        if not value.is_finite():
            return False
        places = int(value.as_tuple().exponent)
        power = places if value.is_zero() else value.adjusted()
        small_enough = power <= _LARGEST.adjusted() and value.copy_abs() <= _LARGEST
        return places >= -_MOST_PLACES and power >= _SMALLEST_POWER and small_enough
    size = abs(value)
    return bool(size == 0 or 10.0**_SMALLEST_POWER <= size <= float(_LARGEST))  # excludes NaN and infinity


def line_of_endless_number(text: str) -> str:
    """Return the line of the first number in a file that Python refuses to read."""
    match = _ENDLESS.search(text)
    return "the file" if match is None else f"line {text.count(chr(10), 0, match.start()) + 1}"


def decimal_remedy(*values: Any) -> str:  # noqa: ANN401
    """Return what to do with a Decimal where a float is wanted, nothing of other values."""
    return (
        "; convert Decimal to float"
        if any(isinstance(value, Decimal) and value.is_finite() for value in values)
        else ""
    )


def finite(name: str, value: float) -> float:
    """Return `value` as a float if it is a finite number."""
    # NumPy counts time spans among its integers.
    wrong = isinstance(value, (bool, np.timedelta64))
    if wrong or not isinstance(value, (int, float, np.integer, np.floating)):
        msg = f"{name} must be a number, got {shown(value)}{decimal_remedy(value)}"
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
        remedy = f"; write {number / 100:g} for {number:g}%" if 2.0 <= number <= 100.0 else ""  # noqa: PLR2004
        msg = f"{name} must lie in [0, 1], got {value}{remedy}"
        raise InputError(msg)
    return number


def open_share(name: str, value: float) -> float:
    """Return `value` if it lies in (0, 1)."""
    number = finite(name, value)
    if not 0.0 < number < 1.0:
        msg = f"{name} must lie in (0, 1), got {value!r}; write 0.95 for 95%"
        raise InputError(msg)
    return number


def level(value: float) -> float:
    """Return the level of an interval if it lies in [0.5, 1): below, it is the error rate."""
    number = finite("level", value)
    if not 0.5 <= number < 1.0:  # noqa: PLR2004
        msg = f"level must lie in [0.5, 1), got {value!r}; write 0.95 for 95%"
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
    """Refuse `value` unless it is of hecon's class of this name; the name saves lower layers an import upwards."""
    for base in type(value).__mro__:
        if base.__name__ == kind and base.__module__.partition(".")[0] == "hecon":
            return
    msg = f"{name} must be {_article(kind)} {kind}, got {_named(value)}: {remedy}"
    raise InputError(msg)


def instances(name: str, values: Iterable[Any], kind: str, remedy: str) -> list[Any]:
    """Return `values` as a list if each is of hecon's class of this name."""
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        msg = f"{name} must be a sequence of {kind}, got {_named(values)}: {remedy}"
        raise InputError(msg)
    listed = list(values)
    for item in listed:
        instance(f"each of {name}", item, kind, remedy)
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
    """Return a short description of a value of the wrong kind."""
    return repr(value) if value is None or isinstance(value, (bool, int, float)) else f"a {type(value).__name__}"


def numeric(values: Any) -> NDArray[np.float64]:  # noqa: ANN401 (arrays and tables of any library)
    """Return values as floats, NaN where missing; TypeError or ValueError where conversion would change a value.

    Refused: text, booleans, dates, complex and masked numbers, integers beyond 2**53, Series with unequal labels.
    """
    unmasked("values", values)
    kinds = _kinds(values) if isinstance(values, (list, tuple)) else set()
    if kinds & {bool, np.bool_}:
        msg = "values must be numbers, got bool"
        raise TypeError(msg)
    if any(hasattr(kind, "iloc") for kind in kinds):
        _same_labels([value for value in values if hasattr(value, "index") and hasattr(value, "iloc")])
    array = _plain(values)
    if array.dtype.kind not in "iuf":
        msg = f"values must be numbers, got {array.dtype}"
        raise TypeError(msg)
    if array.dtype.kind in "iu" and array.size and (int(array.max()) > _EXACT or int(array.min()) < -_EXACT):
        msg = "values must be whole numbers of at most 2**53, which a float holds exactly"
        raise ValueError(msg)
    with np.errstate(over="ignore"):
        return array.astype(np.float64)


def _kinds(values: Any) -> set[type]:  # noqa: ANN401
    """Return the types of the items of nested lists."""
    kinds = set(map(type, values))
    if kinds & {list, tuple}:
        kinds.update(*(_kinds(value) for value in values if isinstance(value, (list, tuple))))
    return kinds


def _same_labels(rows: list[Any]) -> None:
    if any(not row.index.equals(rows[0].index) for row in rows):
        msg = "values must not be Series with different labels: join them as a table, or pass .to_numpy()"
        raise TypeError(msg)


def _plain(values: Any) -> NDArray[Any]:  # noqa: ANN401
    """Return an array; pandas' nullable numbers as floats with NaN."""
    columns = [part for _, part in values.items()] if hasattr(values, "iloc") and values.ndim > 1 else [values]
    dtypes = [getattr(column, "dtype", None) for column in columns]
    nullable = [dtype for dtype in dtypes if dtype is not None and not isinstance(dtype, np.dtype)]
    if not nullable or any(getattr(dtype, "kind", "O") not in "iuf" for dtype in dtypes):
        return np.asarray(values)
    for column in columns:
        present: Any = column.dropna() if column.dtype.kind in "iu" else ()
        if len(present) and (present.max() > _EXACT or present.min() < -_EXACT):
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


def line(name: str, values: Any, what: str = "a number or a sequence of numbers") -> NDArray[np.float64]:  # noqa: ANN401
    """Return a number or a sequence of them as a one-dimensional array, NaN where missing."""
    unmasked(name, values)
    try:
        found = np.atleast_1d(numeric(values))
    except (TypeError, ValueError, OverflowError):
        listed = values if isinstance(values, (list, tuple)) else [values]
        msg = f"{name} must be {what}, got {shown(values)}{decimal_remedy(*listed)}"
        raise InputError(msg) from None
    if found.ndim != 1 or found.size == 0:
        msg = f"{name} must be {what}, got shape {found.shape}"
        raise InputError(msg)
    return found


def refuse_first(name: str, values: NDArray[Any], bad: NDArray[np.bool_], rule: str, remedy: str = "") -> None:
    """Refuse a sequence by the first number that breaks its rule."""
    if bad.any():
        place = int(np.argmax(bad))
        msg = f"{name} must {rule}, got {float(values[place])!r} at position {place}{remedy}"
        raise InputError(msg)


def pair(name: str, value: Any, what: str = "a pair of lowest and highest") -> tuple[Any, Any]:  # noqa: ANN401
    """Return a tuple or list of two as a tuple."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:  # noqa: PLR2004 (a pair)
        msg = f"{name} must be {what}, got {shown(value)}"
        raise InputError(msg)
    return value[0], value[1]


def items(name: str, values: Any) -> list[Any]:  # noqa: ANN401
    """Return the items of an array or sequence as a list."""
    unmasked(name, values)
    return np.asarray(values).tolist() if hasattr(values, "ndim") else list(values)


def unmasked(name: str, *values: Any) -> None:  # noqa: ANN401
    """Refuse masked numbers, which NumPy would read from under the mask."""
    if any(_has_mask(value) for value in values):
        msg = f"{name} must have no masked numbers, got a masked array: leave out what is missing"
        raise InputError(msg)


def _has_mask(values: Any) -> bool:  # noqa: ANN401
    if isinstance(values, (list, tuple)):
        if not any(issubclass(kind, (np.ma.MaskedArray, list, tuple)) for kind in set(map(type, values))):
            return False
        return any(_has_mask(value) for value in values)
    return isinstance(values, np.ma.MaskedArray) and bool(np.ma.getmaskarray(values).any())


def largest(values: NDArray[Any]) -> float:
    """Return the largest absolute value; NaN or infinity where a value is."""
    with np.errstate(invalid="ignore"):
        return float(np.maximum(float(values.max()), -float(values.min())))


def plainly_within_range(values: NDArray[np.float64]) -> bool:
    """Tell by the sum of squares whether all values are finite and within range; False may be a false alarm."""
    flat = values.ravel(order="K")
    # Not by BLAS, whose threads would spin beside all that follows.
    return bool(_PLAIN[0] < float(np.einsum("i,i", flat, flat)) < _PLAIN[1])


def within_range(name: str, size: float) -> None:
    """Refuse numbers by their largest size if a float would not hold their products."""
    if size and not SMALLEST <= size <= LARGEST:
        msg = f"{name} must lie between 1e-150 and 1e150 in size, or be 0, got {size!r}; choose another unit"
        raise InputError(msg)


def willingness_to_pay(wtp: ArrayLike) -> NDArray[np.float64]:
    """Return `wtp` as a one-dimensional float array of finite, non-negative values, in the caller's order."""
    values = line("wtp", wtp)
    refuse_first("wtp", values, ~np.isfinite(values) | (values < 0), "be finite and at least 0")
    for value in (values.max(), values[values > 0].min(initial=np.inf)):
        within_range("wtp", 0.0 if np.isinf(value) else float(value))
    return values


def refuse_repeated(name: str, values: NDArray[np.float64]) -> None:
    """Refuse a number that stands twice where results are looked up by it."""
    unique, counts = np.unique(values, return_counts=True)
    if (counts > 1).any():
        msg = f"{name} must hold each number once, got {float(unique[counts > 1][0]):.17g} again; leave it out"
        raise InputError(msg)


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


def is_year(value: object, years: Collection[int] = YEARS) -> bool:
    """Return whether a value is a whole number among the years."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.timedelta64)) and value in years


def year(name: str, value: int) -> int:
    """Return `value` if it is a year."""
    if not is_year(value):
        msg = f"{name} must be a year from {YEARS[0]} to {YEARS[-1]}, got {shown(value)}"
        raise InputError(msg)
    return int(value)


def day(name: str, value: dt.date) -> dt.date:
    """Return a date as it is, and the day of a datetime."""
    if not isinstance(value, dt.date):
        msg = f"{name} must be a date, as in datetime.date(2024, 3, 22), got {shown(value)}"
        raise InputError(msg)
    return value.date() if isinstance(value, dt.datetime) else value


def unique_names(name: str, values: Iterable[Any]) -> list[str]:
    """Return `values` as a list of unique, non-empty strings."""
    if isinstance(values, (set, frozenset)):
        msg = f"{name} must be in an order, as in a list, got a {type(values).__name__}, which has none"
        raise InputError(msg)
    if not hasattr(values, "__iter__"):
        msg = f"{name} must be non-empty text, or a list of such, got {shown(values)}"
        raise InputError(msg)
    names = [values] if isinstance(values, str) else list(values)
    for position, item in enumerate(names):
        if not isinstance(item, str) or not item.strip():
            msg = f"{name} must be non-empty text, got {item!r} at position {position}"
            raise InputError(msg)
    repeated = sorted(item for item, times in Counter(names).items() if times > 1)
    if repeated:
        msg = f"{name} must be unique, got {repeated[0]!r} more than once"
        raise InputError(msg)
    return names


def distinct_names(name: str, values: Iterable[Any]) -> list[str]:
    """Return `values` as a list of names that a reader can tell apart."""
    names = unique_names(name, values)
    if len({*map(_plainly, names)}) == len(names):
        return names
    for position, item in enumerate(names):
        rule = alike(item, names[:position])
        if rule is not None:
            msg = f"{name} {', got '.join(rule)}; rename one"
            raise InputError(msg)
    return names


def alike(item: str, others: Iterable[str]) -> tuple[str, str] | None:
    """Return the rule that a name breaks which looks like another one, and both names; None if none does.

    Names look alike that differ by case, white space, characters without width, or the form of their letters (é as one
    character or as two) alone.
    """
    plain = _plainly(item)
    for other in others:
        if other != item and _plainly(other) == plain:
            same = unicodedata.normalize("NFC", item) == unicodedata.normalize("NFC", other)
            got = f"{item!a} and {other!a}" if same else f"{item!r} and {other!r}"
            return "must differ by more than case, white space or the form of letters", got
    return None


def _plainly(text: str) -> str:
    """Return a name without what a reader does not see, or takes for the same."""
    seen = "".join(each for each in text if unicodedata.category(each) != "Cf")
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", seen).casefold()).split())
