"""Cells of a table as numbers, keys and dates: strictly, and with a mask of what is none."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

__all__ = [
    "are_missing",
    "code_text",
    "could_be_thousands",
    "days",
    "key_of",
    "keys",
    "numbers",
    "possible_marks",
    "quoted",
    "spelling",
    "text_of",
]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LARGEST = 1e30
# Whole numbers from here on are written as powers of ten.
_WHOLE = 1e15
_PLAIN = frozenset("0123456789.+-eE\n")
_SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
# What stands for each mark between thousands.
_MARKS = {".": ".", ",": ",", " ": _SPACES, "'": "'\N{RIGHT SINGLE QUOTATION MARK}"}
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


@cache
def _grouped(mark: str, decimal: str) -> re.Pattern[str]:
    """Return what a number with marks between its thousands looks like; the first group has no leading 0."""
    marks = f"[{re.escape(_MARKS[mark])}]"
    rest = rf"(?:{re.escape(decimal)}\d*)?" if decimal else ""
    return re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:{marks}\d{{3}})+{rest}", re.ASCII)


def _fast(cells: Iterable[Any], decimal: str) -> Floats | None:
    """Return cells as floats if all are plain text without marks between thousands, else None."""
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
    cells: NDArray[Any], *, decimal: str = ".", thousands: str = "", codes: frozenset[float | str] = frozenset()
) -> tuple[Floats, Mask]:
    """Return cells as floats, NaN where missing or no number, and where they are no number.

    Parameters
    ----------
    cells : ndarray
        Floats, or Python objects.
    decimal : str, default "."
        What stands before the decimals in text.
    thousands : str, default none
        What stands between the thousands in text.
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
        found = np.array([_number(cell, decimal, thousands) for cell in cells.tolist()], dtype=np.float64)
        wrong = np.isnan(found) & ~are_missing(cells, codes)
    meant = [code for code in codes if not isinstance(code, str)]
    found = np.where(np.isin(found, meant), np.nan, found) if meant else found
    # A code in text can be a number by the column's marks, as "99,9" is.
    texts = frozenset(code for code in codes if isinstance(code, str))
    if texts and cells.dtype.kind != "f":
        found = np.where([key_of(cell) in texts for cell in cells.tolist()], np.nan, found)
    return found, wrong


def _number(cell: Any, decimal: str, thousands: str) -> float:  # noqa: ANN401
    if isinstance(cell, str):
        text = cell.strip()
        if thousands and _grouped(thousands, decimal).fullmatch(text):
            text = "".join(character for character in text if character not in _MARKS[thousands])
        if decimal == ",":
            text = "no number" if "." in text else text.replace(",", ".")
        return float(text) if _NUMBER.fullmatch(text) else math.nan
    if isinstance(cell, (Real, Decimal)) and not isinstance(cell, (bool, np.bool)):
        return _float(cell)
    return math.nan


def could_be_thousands(cells: NDArray[Any], mark: str, known: Mask) -> Mask:
    """Return where known numbers read as thousands (1.234), if all of them with the mark do; else nowhere."""
    marked = [isinstance(cell, str) and mark in cell for cell in cells.tolist()]
    where = np.array(marked, dtype=bool) & known
    if where.any() and all(_grouped(mark, "").fullmatch(cell.strip()) for cell in cells[where].tolist()):
        return where
    return np.zeros(cells.shape, dtype=bool)


def possible_marks(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs of decimal and thousands mark by which all texts are numbers, without marks that none has."""
    cells = [text.strip() for text in texts]
    found = []
    for decimal in (".", ","):
        for thousands in ("", *_MARKS):
            used = not thousands or any(sign in cell for cell in cells for sign in _MARKS[thousands])
            if (
                thousands != decimal
                and used
                and not any(math.isnan(_number(cell, decimal, thousands)) for cell in cells)
            ):
                found.append((decimal, thousands))
    return found


def keys(cells: NDArray[Any]) -> list[Any]:
    """Return what identifiers are compared by: text as it stands, whole numbers as text; None where empty."""
    return [_identifier(cell) for cell in cells.tolist()]


def _identifier(cell: Any) -> str | None:  # noqa: ANN401
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, float):
        return None if math.isnan(cell) else str(int(cell)) if cell.is_integer() else repr(cell)
    return None if _is_empty(cell) else text_of(cell)


def spelling(identifier: str) -> str:
    """Return an identifier without what may differ between two files: case, spaces and leading zeros."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", "".join(identifier.casefold().split()))


def code_text(code: float | str | None) -> str:
    """Return a code with all its digits: 9999999, not 1e+07."""
    if isinstance(code, float) and code.is_integer() and abs(code) < _WHOLE:
        return str(int(code))
    return str(code)


def quoted(code: float | str) -> str:
    """Return a code as a design writes it: text in quotes."""
    return f'"{code}"' if isinstance(code, str) else code_text(code)


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
