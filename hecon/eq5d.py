"""EQ-5D states to utilities, by the Dutch value sets."""

from __future__ import annotations

import itertools
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from hecon import _arrays, _checks, tables
from hecon.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["utility", "value_sets"]

# The digits of a state: mobility, self-care, usual activities, pain or discomfort, anxiety or depression.
_ITEMS = ("MO", "SC", "UA", "PD", "AD")
# Names of the items: codes, and the beginnings of words in English and Dutch.
_CODES = {"mo": "MO", "sc": "SC", "ua": "UA", "pd": "PD", "ad": "AD"}
_WORDS = {
    "MO": ("mobil", "walking", "lopen"),
    "SC": ("selfcare", "zelfzorg"),
    "UA": ("usual", "activit", "dagelijks"),
    "PD": ("pain", "discomfort", "pijn", "ongemak", "klachten"),
    "AD": ("anxi", "depress", "angst", "stemming", "somber"),
}
PLACES = np.array([10_000, 1_000, 100, 10, 1])
_LEVELS = {"EQ-5D-5L": 5, "EQ-5D-3L": 3, "EQ-5D-Y-3L": 3}
_MISSING = 0
# Numbers of fewer than five digits are answers to items.
_HIGHEST_ITEM = 9_999
_FAR = 1e9


def value_sets() -> tuple[tables.Provenance, ...]:
    """Return the value sets that come with hecon, each with its source, year and licence.

    Returns
    -------
    tuple of Provenance
        Sorted by name.

    Examples
    --------
    >>> from hecon import eq5d
    >>> [each.name for each in eq5d.value_sets()][:2]
    ['nl-3l-2006', 'nl-3l-2026']
    """
    return tables.listed("value_set")


def _by_terms(terms: dict[str, float], levels: int) -> dict[int, float]:
    """Return the value of every state as the sum of its terms."""
    values = {}
    for state in itertools.product(range(1, levels + 1), repeat=len(_ITEMS)):
        value = terms["start"]
        if max(state) > 1:
            value += terms.get("any-problem", 0.0)
        if max(state) == 3:  # noqa: PLR2004 (the worst level of the 3L versions, where alone the term exists)
            value += terms.get("any-level-3", 0.0)
        value += sum(terms[f"{item}{level}"] for item, level in zip(_ITEMS, state, strict=True) if level > 1)
        values[int(np.dot(state, PLACES))] = round(value, 10)
    return values


@cache
def _values(value_set: str) -> NDArray[np.float64]:
    """Return utilities indexed by state; -inf where there is no state, NaN at 0 (missing)."""
    columns = tables.read(value_set, "value_set")
    values = columns["value"].astype(float)
    if "state" in columns:
        by_state = dict(zip(columns["state"].astype(int).tolist(), values.tolist(), strict=True))
    else:
        terms = dict(zip(columns["term"].tolist(), values.tolist(), strict=True))
        by_state = _by_terms(terms, levels_of(value_set))
    utilities = np.full(max(by_state) + 1, -np.inf)
    utilities[list(by_state)] = list(by_state.values())
    utilities[_MISSING] = np.nan
    return utilities


def levels_of(value_set: str) -> int:
    """Return the number of levels of an item in the version of a value set."""
    return _LEVELS[tables.header(value_set, "value_set").version]


def states_of(value_set: str) -> NDArray[np.intp]:
    """Return the states of the version of a value set, as numbers of five digits."""
    return np.flatnonzero(np.isfinite(_values(value_set)))


def lowest(value_set: str) -> float:
    """Return the lowest utility of a value set."""
    return float(_values(value_set)[states_of(value_set)].min())


def utility(states: ArrayLike, *, value_set: str = "nl-5l-2016") -> Any:  # noqa: ANN401 (a number, an array or a table)
    """Return the utility of EQ-5D states.

    Parameters
    ----------
    states : array_like
        States as numbers or text (21111 or "21111"), of any shape; or the five items, with a last axis of length 5.
        NaN, None, pandas.NA, empty text and masked numbers are missing. Items with named columns (a table, or a
        coordinate of a DataArray) are taken by name, in any order: MO, SC, UA, PD, AD; mobility, self-care, usual
        activities, pain, anxiety; mobiliteit, zelfzorg, dagelijkse activiteiten, pijn, angst; also as "eq5d_mo_t6".
    value_set : str, default "nl-5l-2016"
        "nl-5l-2016" (EQ-5D-5L), "nl-3l-2006" and "nl-3l-2026" (EQ-5D-3L), "nl-y3l-2022" (EQ-5D-Y-3L) or
        "nl-5l-crosswalk-2006" (EQ-5D-5L answers, valued by "nl-3l-2006"). `hecon.eq5d.value_sets` gives their sources.

    Returns
    -------
    float, numpy.ndarray, pandas.Series, pandas.DataFrame or xarray.DataArray
        Utility [1 is full health, 0 is dead]; NaN for a state that is missing or misses an item. A number for one
        state; otherwise the shape of `states`, without the axis of the items. Labelled states give a labelled result,
        with the same index.

    Raises
    ------
    InputError
        If there is no such value set, a state is none of its version (the first such is named), or items have named
        columns that are not the five items of one time.

    Notes
    -----
    Without names, the order of the items is mobility, self-care, usual activities, pain or discomfort, anxiety or
    depression. An array whose last axis has length 5 and that holds no number of five digits is read as items. A value
    set belongs to one version of the questionnaire; utilities of different sets do not mix within one analysis.

    References
    ----------
    Versteegh et al. 2016, https://doi.org/10.1016/j.jval.2016.01.003 (5L); Lamers et al. 2006,
    https://doi.org/10.1002/hec.1124 (3L); https://doi.org/10.1007/s10198-025-01892-2 (3L, 2026); Roudijk et al. 2022,
    https://doi.org/10.1007/s40273-022-01192-0 (Y-3L); van Hout et al. 2012, https://doi.org/10.1016/j.jval.2012.02.008
    (crosswalk).

    Examples
    --------
    >>> import hecon
    >>> hecon.utility(21111), hecon.utility("33333", value_set="nl-3l-2006")
    (0.918, -0.329)
    >>> hecon.utility([[2, 1, 1, 1, 1], [1, 1, None, 1, 1]]).tolist()
    [0.918, nan]
    """
    _checks.one_of("value_set", value_set, tables.names("value_set"))
    lookup = _values(value_set)
    rows = _arrays.stacked("states", states)
    bare, states = rows is not states, rows
    array = _array(states, value_set)
    items = _are_items(array)
    if items:
        states, array, items = _in_order(states, array)
    codes = _codes(array, value_set, items=items)
    inside = (codes >= 0) & (codes < lookup.size)
    utilities = lookup[np.where(inside, codes, 1)]
    bad = np.isneginf(utilities)
    if bad.any():
        _refuse(states, np.unravel_index(int(np.argmax(bad)), bad.shape), value_set, items=items)
    if bare:
        return utilities
    return _arrays.like(states, utilities) if utilities.ndim else float(utilities)


def _are_items(array: NDArray[Any]) -> bool:
    """Tell whether the last axis holds the five items: length 5 and no number of five digits."""
    return array.ndim > 0 and array.shape[-1] == len(_ITEMS) and not (array > _HIGHEST_ITEM).any()


def _in_order(states: Any, array: NDArray[Any]) -> tuple[Any, NDArray[Any], bool]:  # noqa: ANN401 (tables of any library)
    """Put labelled items in order along the last axis; return them, their numbers, and whether they are items.

    Where all are missing, columns with other names hold states.
    """
    labels = [_arrays.labels_of(states, axis) for axis in range(array.ndim)]
    named = [axis for axis, label in enumerate(labels) if label is not None and item_order(label) is not None]
    unnamed = _arrays.is_default(labels[-1])
    if not named and (unnamed or np.isnan(array.astype(float)).all()):
        return states, array, unnamed
    order = item_order(labels[-1]) if named == [array.ndim - 1] else None
    if order is None:
        listed = ", ".join(map(str, cast("Any", labels[named[0] if named else -1])))
        msg = (
            f"states must have the five items {', '.join(_ITEMS)} of one time as columns (the last axis), "
            f"got {listed}: rename or transpose them, or pass .to_numpy() where they are in this order"
        )
        raise InputError(msg)
    return _arrays.take(states, order, -1), array[..., order], True


def item_order(labels: Any) -> list[int] | None:  # noqa: ANN401 (a pandas index)
    """Return the place of each item among column names, None unless they are the five of one time."""
    if len(labels) != len(_ITEMS):
        return None
    parts = [_item_of(label) for label in labels]
    items, numbers = [item for item, _ in parts], [number for _, number in parts]
    if set(items) != set(_ITEMS):
        return None
    counted = [[str(_ITEMS.index(item) + 1)] for item in items if item]
    return [items.index(item) for item in _ITEMS] if numbers == counted or numbers.count(numbers[0]) == 5 else None  # noqa: PLR2004


def _item_of(label: Any) -> tuple[str | None, list[str]]:  # noqa: ANN401
    """Return the item that a column name denotes, and the numbers in it, as of a visit."""
    plain = unicodedata.normalize("NFKD", str(label)).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain).casefold()
    spaced = re.sub(r"eq[\W_]*5[\W_]*d(?:[\W_]*y?[\W_]*[35][\W_]*l|[\W_]*y(?![a-z]))?", " ", spaced)
    spaced = re.sub(r"self[\W_]+care", "selfcare", spaced)
    matched = set()
    for word in re.findall(r"[a-z]+", spaced):
        matched |= {_CODES[word]} if word in _CODES else {i for i, begin in _WORDS.items() if word.startswith(begin)}
    return (matched.pop() if len(matched) == 1 else None), re.findall(r"\d+", spaced)


def _codes(array: NDArray[Any], value_set: str, *, items: bool) -> NDArray[np.int64]:
    """Return states as integers: 0 where missing, -1 where invalid."""
    missing = np.isnan(array) if array.dtype.kind == "f" else np.zeros(array.shape, dtype=bool)
    filled = np.where(missing, 1, array)
    highest = levels_of(value_set) if items else PLACES[0] * 6
    with np.errstate(invalid="ignore"):
        right = (filled == np.floor(filled)) & (filled >= 1) & (filled <= highest)
    # Converted first, as unsigned arrays cannot hold -1.
    whole = np.where(right, np.where(right, filled, 1).astype(np.int64), -1)
    if items:
        wrong = (whole < 0).any(axis=-1)
        return np.where(wrong, -1, np.where(missing.any(axis=-1), _MISSING, whole @ PLACES))
    return np.where(missing, _MISSING, whole)


def _array(states: ArrayLike, value_set: str) -> NDArray[Any]:
    """Return states as an array of numbers: NaN where missing, -1 where invalid."""
    if isinstance(states, (list, tuple)):
        _checks.unmasked("states", states)
    try:
        array = np.asarray(states)
    except ValueError:
        msg = "states must be an array of states or of rows of five items, got rows of unequal length"
        raise InputError(msg) from None
    if isinstance(states, np.ma.MaskedArray):
        array = array.astype(object)
        array[np.ma.getmaskarray(states)] = None
    if array.dtype.kind in "SU":
        return _from_text(array.astype(str))
    if array.dtype.kind == "O":
        return np.array([_number(value) for value in array.ravel()], dtype=float).reshape(array.shape)
    if array.dtype.kind not in "iuf":
        msg = f"states must be EQ-5D states as numbers or text, got {array.dtype}; value set {value_set}"
        raise InputError(msg)
    return array


def _number(value: Any) -> float:  # noqa: ANN401
    """Return one state as a number: NaN where missing, -1 where invalid."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if isinstance(value, str):
        text = value.strip()
        if text in {"", "nan"}:
            return np.nan
        return float(text) if text.isascii() and text.isdecimal() and len(text) <= len(_ITEMS) else -1.0
    # pandas.NA has no truth value.
    if value is None or type(value).__name__ == "NAType":
        return np.nan
    if isinstance(value, (bool, np.bool)) or not isinstance(value, (int, float, np.integer, np.floating)):
        return -1.0
    # An integer may be too long for a float.
    return float(value) if isinstance(value, (float, np.floating)) or abs(int(value)) < _FAR else -1.0


def _from_text(array: NDArray[np.str_]) -> NDArray[np.float64]:
    width = array.dtype.itemsize // 4
    if width >= len(_ITEMS) and array.size:
        # Vectorised over code points; empty text has none.
        points = np.ascontiguousarray(array).view(np.uint32).reshape(*array.shape, width)
        empty = points[..., 0] == 0
        digits = points[..., : len(_ITEMS)].astype(np.int64) - ord("0")
        five = ((digits >= 0) & (digits <= 9)).all(axis=-1)  # noqa: PLR2004 (the highest digit)
        if not points[..., len(_ITEMS) :].any() and (empty | five).all():
            return np.where(empty, np.nan, digits @ PLACES)
    unique, where = np.unique(array, return_inverse=True)
    return np.array([_number(value) for value in unique.tolist()])[where].reshape(array.shape)


def _refuse(states: ArrayLike, place: tuple[Any, ...], value_set: str, *, items: bool) -> None:
    version = tables.header(value_set, "value_set").version
    array = np.asarray(states)
    bad = array[place] if array.ndim else array[()]
    bad = bad.tolist() if isinstance(bad, (np.generic, np.ndarray)) else bad
    where = f" at position {', '.join(map(str, place))}" if place else ""
    what = "five items" if items else "a state of five digits"
    msg = (
        f"states must be {what}, each from 1 to {levels_of(value_set)} ({version}, value set {value_set}), "
        f"got {bad!r}{where}; write a missing one as NaN"
    )
    raise InputError(msg)
