"""Cells of a table as numbers, keys and dates: strictly, and with a mask of what is none."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

__all__ = ["are_missing", "could_be_thousands", "days", "key_of", "keys", "numbers", "text_of"]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LARGEST = 1e30
_PLAIN = frozenset("0123456789.+-eE\n")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?", re.ASCII)


def key_of(value: Any) -> float | str | None:  # noqa: ANN401
    """Return what a cell is compared by: a number, also where it stands as text, else text; None if it is empty."""
    if isinstance(value, str):
        text = value.strip()
        return (float(text) if _NUMBER.fullmatch(text) else text) if text else None
    if isinstance(value, (Real, Decimal)) and not isinstance(value, (bool, np.bool)):
        number = _float(value)
        return None if math.isnan(number) else number
    return None if _is_empty(value) else str(value)


def _float(value: Any) -> float:  # noqa: ANN401
    try:
        return float(value)
    except (OverflowError, ValueError):  # a whole number too long for a float; a signalling NaN
        return math.inf


def _is_empty(value: Any) -> bool:  # noqa: ANN401
    # NaT and pandas.NA have no value, as their names say.
    return (
        value is None or type(value).__name__ in {"NAType", "NaTType"} or (isinstance(value, str) and not value.strip())
    )


def are_missing(cells: NDArray[Any], codes: frozenset[float | str]) -> Mask:
    """Return where cells are empty or hold a value that means missing."""
    if cells.dtype.kind == "f":
        given = [code for code in codes if not isinstance(code, str)]
        empty: Mask = np.isnan(cells)
        return empty | np.isin(cells, given) if given else empty
    if not codes:
        return np.array([_is_empty(cell) or cell != cell for cell in cells], dtype=bool)  # noqa: PLR0124 (NaN)
    return np.array([(key := key_of(cell)) is None or key in codes for cell in cells], dtype=bool)


def _fast(cells: Iterable[Any], decimal: str) -> Floats | None:
    """Return cells as floats if all are plain text, else None."""
    try:
        text = "\n".join(["" if cell is None else cell for cell in cells])
    except TypeError:
        return None
    if decimal == "," and "." in text:
        return None
    text = text.replace(",", ".") if decimal == "," else text
    if not _PLAIN.issuperset(text):
        return None
    try:
        return np.array([float(cell) if cell else math.nan for cell in text.split("\n")])
    except ValueError:
        return None


def numbers(
    cells: NDArray[Any], *, decimal: str = ".", codes: frozenset[float | str] = frozenset()
) -> tuple[Floats, Mask]:
    """Return cells as floats, NaN where missing or no number, and where they are no number.

    Parameters
    ----------
    cells : ndarray
        Floats, or Python objects.
    decimal : str, default "."
        What stands before the decimals in text.
    codes : frozenset, optional
        Values that mean missing.

    Returns
    -------
    pair of ndarray
        Floats, infinite ones among them, and a mask of cells that are no number.
    """
    if cells.dtype.kind == "f":
        found, wrong = cells.astype(np.float64), np.zeros(cells.shape, dtype=bool)
    elif (fast := _fast(cells.tolist(), decimal)) is not None and fast.size == cells.size:
        found, wrong = fast, np.zeros(cells.shape, dtype=bool)
    else:
        found = np.array([_number(cell, decimal) for cell in cells.tolist()], dtype=np.float64)
        wrong = np.isnan(found) & ~are_missing(cells, codes)
    meant = [code for code in codes if not isinstance(code, str)]
    return (np.where(np.isin(found, meant), np.nan, found) if meant else found), wrong


def _number(cell: Any, decimal: str) -> float:  # noqa: ANN401
    if isinstance(cell, str):
        text = cell.strip()
        if decimal == ",":
            text = "no number" if "." in text else text.replace(",", ".")
        return float(text) if _NUMBER.fullmatch(text) else math.nan
    if isinstance(cell, (Real, Decimal)) and not isinstance(cell, (bool, np.bool)):
        return _float(cell)
    return math.nan


def could_be_thousands(cells: NDArray[Any]) -> Mask:
    """Return where text reads as thousands (1.234), if all text with a point does; else nowhere."""
    pointed = np.array([isinstance(cell, str) and "." in cell for cell in cells.tolist()], dtype=bool)
    if pointed.any() and all(_THOUSANDS.fullmatch(cell.strip()) for cell in cells[pointed].tolist()):
        return pointed
    return np.zeros(cells.shape, dtype=bool)


def keys(cells: NDArray[Any]) -> list[Any]:
    """Return what identifiers are compared by: text as it stands, whole numbers as text; None where empty."""
    return [_identifier(cell) for cell in cells.tolist()]


def _identifier(cell: Any) -> str | None:  # noqa: ANN401
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, float):
        return None if math.isnan(cell) else str(int(cell)) if cell.is_integer() else repr(cell)
    return None if _is_empty(cell) else text_of(cell)


def text_of(cell: Any) -> str:  # noqa: ANN401
    """Return a cell as text; a giant number in base 16, as Python writes no more than some digits in base 10."""
    return f"{cell:#x}" if isinstance(cell, int) and abs(cell) > _LARGEST else str(cell)


def days(cells: Sequence[Any]) -> tuple[NDArray[np.int64], Mask]:
    """Return dates as day numbers, 0 where there is none, and where cells are no date."""
    found, wrong = np.zeros(len(cells), dtype=np.int64), np.zeros(len(cells), dtype=bool)
    for place, cell in enumerate(cells):
        if isinstance(cell, (date, datetime)) and not _is_empty(cell):
            found[place] = cell.toordinal()
        elif isinstance(cell, str) and cell.strip():
            found[place] = _day(cell.strip())
            wrong[place] = not found[place]
        else:
            wrong[place] = not (_is_empty(cell) or (isinstance(cell, float) and math.isnan(cell)))
    return found, wrong


def _day(text: str) -> int:
    matched = _DAY.fullmatch(text)
    try:
        return date.fromisoformat(matched[1]).toordinal() if matched else 0
    except ValueError:
        return 0
