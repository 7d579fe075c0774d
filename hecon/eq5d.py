"""EQ-5D states to utilities, by a value set."""

from __future__ import annotations

import re
import unicodedata
import warnings
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from hecon import _arrays, _checks, tables, valuesets
from hecon.errors import InputError, StatisticalWarning
from hecon.valuesets import ITEMS, MISSING, PLACES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from hecon._arrays import Floats
    from hecon.valuesets import ValueSet

__all__ = ["utility", "value_sets"]

# Names of the items: codes, and the beginnings of words in English and Dutch.
_CODES = {"mo": "MO", "sc": "SC", "ua": "UA", "pd": "PD", "ad": "AD"}
_WORDS = {
    "MO": ("mob", "walking", "lopen"),
    "SC": ("selfcare", "zelfzorg"),
    "UA": ("usual", "activit", "dagelijks"),
    "PD": ("pain", "discomfort", "pijn", "ongemak", "klachten"),
    "AD": ("anxi", "depress", "angst", "stemming", "somber"),
}
# Numbers of fewer than five digits are answers to items.
_HIGHEST_ITEM = 9_999
_FAR = 1e9


def value_sets(*, version: str | None = None) -> tuple[tables.Provenance, ...]:
    """Return the value sets that come with hecon, each with its source, year and licence.

    Parameters
    ----------
    version : {"EQ-5D-3L", "EQ-5D-5L", "EQ-5D-Y-3L"}, optional
        Version of the questionnaire whose answers they value; default all.

    Returns
    -------
    tuple of Provenance
        Sorted by name: country, version and year of publication. A crosswalk, of EQ-5D-5L answers, has the year of the
        EQ-5D-3L set whose scale it is on. `position` is what NICE says of those of the United Kingdom, and when.

    Notes
    -----
    EQ-5D-Y-3L sets come with hecon only where a value of their publication was read to check them by. The mapping of
    NICE's Decision Support Unit between EQ-5D-3L and EQ-5D-5L, which needs age and sex, does not.

    Examples
    --------
    >>> from hecon import eq5d
    >>> [each.name for each in eq5d.value_sets() if "United Kingdom" in each.title]
    ['uk-3l-1997', 'uk-5l-2026', 'uk-5l-crosswalk-1997']
    """
    found = tables.listed("value_set")
    if version is None:
        return found
    _checks.one_of("version", version, sorted({each.version for each in found}))
    return tuple(each for each in found if each.version == version)


def utility(states: ArrayLike, *, value_set: str | Path) -> Any:  # noqa: ANN401 (a number, an array or a table)
    """Return the utility of EQ-5D states.

    Parameters
    ----------
    states : array_like
        States as numbers or text (21111 or "21111"), of any shape; or the five items, with a last axis of length 5.
        NaN, None, pandas.NA, empty text and masked numbers are missing. Items with named columns (a table, or a
        coordinate of a DataArray) are taken by name, in any order: MO, SC, UA, PD, AD; mobility, self-care, usual
        activities, pain, anxiety; mobiliteit, zelfzorg, dagelijkse activiteiten, pijn, angst; also as "eq5d_mo_t6".
    value_set : str or Path
        Name of a set that comes with hecon, of the version of the questionnaire that was answered: "nl-5l-2016" and
        "uk-5l-2026" are of the EQ-5D-5L, "uk-3l-1997" is of the EQ-5D-3L, "nl-y3l-2022" of the EQ-5D-Y-3L;
        "uk-5l-crosswalk-1997" values EQ-5D-5L answers on the scale of "uk-3l-1997". `hecon.eq5d.value_sets` lists them
        with their sources. Or the path of a file of one's own that ends in ".csv".

    Returns
    -------
    float, numpy.ndarray, pandas.Series, pandas.DataFrame or xarray.DataArray
        Utility [1 is full health, 0 is dead]; NaN for a state that is missing or misses an item. A number for one
        state; otherwise the shape of `states`, without the axis of the items. Labelled states give a labelled result,
        with the same index, whose ``attrs["value_set"]`` says by which set.

    Raises
    ------
    InputError
        If there is no such value set, a state is none of its version (the first such is named), or items have named
        columns that are not the five items of one time.
    ValueSetError
        If a file of one's own breaks its rules: all faults at once, each with its line.

    Warns
    -----
    StatisticalWarning
        If a file of one's own values a worse answer above a better one, or full health below 0.9.

    Notes
    -----
    Without names, the order of the items is mobility, self-care, usual activities, pain or discomfort, anxiety or
    depression. An array whose last axis has length 5 and that holds no number of five digits is read as items. A value
    set belongs to one version of the questionnaire; utilities of different sets do not mix within one analysis. Values
    are those of the published coefficients, not rounded. In a few sets full health, 11111, is worth less than 1: the
    experience-based ones of Sweden, and that of Canada.

    A file of one's own is a CSV file that begins with lines ``# key = value``: ``title``, ``year``, ``source``,
    ``version`` ("EQ-5D-3L", "EQ-5D-5L" or "EQ-5D-Y-3L"), and if wanted ``licence``, ``doi``, ``via`` and ``note``. Then
    come the coefficients in the columns ``term,value``, or the values of all states in the columns ``state,value``. A
    term is ``start``, the value of 11111; an item at a level, ``MO2`` to ``AD5``, with the minus sign of what it takes
    off; ``any-problem``; or ``any-level-3`` and so on, which counts where some item is at that level or worse.

    References
    ----------
    Those of the set used, in `hecon.eq5d.value_sets`. Of the crosswalks: van Hout et al. 2012,
    https://doi.org/10.1016/j.jval.2012.02.008.

    Examples
    --------
    >>> import hecon
    >>> hecon.utility(21111, value_set="nl-5l-2016"), hecon.utility("33333", value_set="uk-3l-1997")
    (0.918, -0.594)
    >>> hecon.utility([[2, 1, 1, 1, 1], [1, 1, None, 1, 1]], value_set="uk-5l-2026").round(3).tolist()
    [0.968, nan]
    """
    chosen = valuesets.find(value_set)
    for doubt in valuesets.doubts(value_set):
        warnings.warn(doubt, StatisticalWarning, stacklevel=2)
    rows = _arrays.stacked("states", states)
    bare, states = rows is not states, rows
    array = _array(states, chosen)
    items = _are_items(array)
    if items:
        states, array, items = _in_order(states, array)
    codes = _codes(array, chosen.levels, items=items)
    inside = (codes >= 0) & (codes < chosen.lookup.size)
    utilities = chosen.lookup[np.where(inside, codes, 1)]
    bad = np.isneginf(utilities)
    if bad.any():
        _refuse(states, np.unravel_index(int(np.argmax(bad)), bad.shape), chosen, items=items)
    if bare:
        return utilities
    result = _arrays.like(states, utilities) if utilities.ndim else float(utilities)
    if hasattr(result, "attrs"):
        result.attrs["value_set"] = str(value_set)
    return result


def _are_items(array: NDArray[Any]) -> bool:
    """Tell whether the last axis holds the five items: length 5 and no number of five digits."""
    return array.ndim > 0 and array.shape[-1] == len(ITEMS) and not (array > _HIGHEST_ITEM).any()


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
            f"states must have the five items {', '.join(ITEMS)} of one time as columns (the last axis), "
            f"got {listed}: rename or transpose them, or pass .to_numpy() where they are in this order"
        )
        raise InputError(msg)
    return _arrays.take(states, order, -1), array[..., order], True


def item_order(labels: Any) -> list[int] | None:  # noqa: ANN401 (a pandas index)
    """Return the place of each item among column names, None unless they are the five of one time."""
    if len(labels) != len(ITEMS):
        return None
    parts = [item_in_name(label) for label in labels]
    items, numbers = [item for item, _ in parts], [number for _, number in parts]
    if set(items) != set(ITEMS):
        return None
    counted = [[str(ITEMS.index(item) + 1)] for item in items if item]
    return [items.index(item) for item in ITEMS] if numbers == counted or numbers.count(numbers[0]) == 5 else None  # noqa: PLR2004


def item_in_name(label: Any) -> tuple[str | None, list[str]]:  # noqa: ANN401
    """Return the item that a column name denotes, and the numbers in it, as of a visit."""
    plain = unicodedata.normalize("NFKD", str(label)).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain).casefold()
    spaced = re.sub(r"eq[\W_]*5[\W_]*d(?:[\W_]*y?[\W_]*[35][\W_]*l|[\W_]*y(?![a-z]))?", " ", spaced)
    spaced = re.sub(r"self[\W_]+care", "selfcare", spaced)
    matched = set()
    for word in re.findall(r"[a-z]+", spaced):
        matched |= {_CODES[word]} if word in _CODES else {i for i, begin in _WORDS.items() if word.startswith(begin)}
    return (matched.pop() if len(matched) == 1 else None), re.findall(r"\d+", spaced)


def _codes(array: NDArray[Any], levels: int, *, items: bool) -> NDArray[np.int64]:
    """Return states as integers: 0 where missing, -1 where invalid."""
    missing = np.isnan(array) if array.dtype.kind == "f" else np.zeros(array.shape, dtype=bool)
    filled = np.where(missing, 1, array)
    highest = levels if items else PLACES[0] * 6
    with np.errstate(invalid="ignore"):
        right = (filled == np.floor(filled)) & (filled >= 1) & (filled <= highest)
    # Converted first, as unsigned arrays cannot hold -1.
    whole = np.where(right, np.where(right, filled, 1).astype(np.int64), -1)
    if items:
        wrong = (whole < 0).any(axis=-1)
        return np.where(wrong, -1, np.where(missing.any(axis=-1), MISSING, whole @ PLACES))
    return np.where(missing, MISSING, whole)


def _array(states: ArrayLike, chosen: ValueSet) -> NDArray[Any]:
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
        msg = f"states must be EQ-5D states as numbers or text, got {array.dtype}; value set {chosen.origin.name}"
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
        return float(text) if text.isascii() and text.isdecimal() and len(text) <= len(ITEMS) else -1.0
    # pandas.NA has no truth value.
    if value is None or type(value).__name__ == "NAType":
        return np.nan
    if isinstance(value, (bool, np.bool)) or not isinstance(value, (int, float, np.integer, np.floating)):
        return -1.0
    # An integer may be too long for a float.
    return float(value) if isinstance(value, (float, np.floating)) or abs(int(value)) < _FAR else -1.0


def _from_text(array: NDArray[np.str_]) -> Floats:
    width = array.dtype.itemsize // 4
    if width >= len(ITEMS) and array.size:
        # Vectorised over code points; empty text has none.
        points = np.ascontiguousarray(array).view(np.uint32).reshape(*array.shape, width)
        empty = points[..., 0] == 0
        digits = points[..., : len(ITEMS)].astype(np.int64) - ord("0")
        five = ((digits >= 0) & (digits <= 9)).all(axis=-1)  # noqa: PLR2004 (the highest digit)
        if not points[..., len(ITEMS) :].any() and (empty | five).all():
            return np.where(empty, np.nan, digits @ PLACES)
    unique, where = np.unique(array, return_inverse=True)
    return np.array([_number(value) for value in unique.tolist()])[where].reshape(array.shape)


def _refuse(states: ArrayLike, place: tuple[Any, ...], chosen: ValueSet, *, items: bool) -> None:
    array = np.asarray(states)
    bad = array[place] if array.ndim else array[()]
    bad = bad.tolist() if isinstance(bad, (np.generic, np.ndarray)) else bad
    where = f" at position {', '.join(map(str, place))}" if place else ""
    what = "five items" if items else "a state of five digits"
    msg = (
        f"states must be {what}, each from 1 to {chosen.levels} ({chosen.origin.version}, "
        f"value set {chosen.origin.name}), "
        f"got {bad!r}{where}; write a missing one as NaN"
    )
    raise InputError(msg)
