"""Cells of a table as numbers, identifiers and dates: strictly, every fault with its column and rows but no value."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from hecon._arrays import Counts, Flags, Floats
    from hecon.trial.table.reading import RawTable

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# Whole numbers from here on are written as powers of ten.
_WHOLE = 1e15
_PLAIN = frozenset("0123456789.+-eE\n")
_SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
# Characters of each mark between thousands.
_MARKS = {".": ".", ",": ",", " ": _SPACES, "'": "'\N{RIGHT SINGLE QUOTATION MARK}"}
_CLOCK = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
# Dates in text, by the order of their parts.
_DAYS = {
    "year-month-day": re.compile(rf"(?P<y>\d{{4}})-(?P<m>\d{{2}})-(?P<d>\d{{2}}){_CLOCK}", re.ASCII),
    "day-month-year": re.compile(rf"(?P<d>\d{{1,2}})([-./])(?P<m>\d{{1,2}})\2(?P<y>\d{{4}}){_CLOCK}", re.ASCII),
    "month-day-year": re.compile(rf"(?P<m>\d{{1,2}})([-./])(?P<d>\d{{1,2}})\2(?P<y>\d{{4}}){_CLOCK}", re.ASCII),
}
_EXAMPLES = {"year-month-day": "2024-03-22", "day-month-year": "22-03-2024", "month-day-year": "03-22-2024"}
# Hint for a code that probably means missing.
MISSING = "a value that means missing belongs in the missing of this part of the design, or in table.missing for all"
# What stands for a missing value in many files. Of a cell only these are ever told: they are no value of a patient.
_USUAL_TEXTS = {
    *(".", "..", "-", "--", "?", "*", "na", "n/a", "n.a.", "nvt", "n.v.t.", "nan", "null", "none", "geen"),
    *("missing", "onbekend", "unknown", "leeg", "blank", "#n/a", "#n/b", "#nul!", "#null!"),
    *(f".{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"),
}
_REPEATED = {sign * digit * ones for sign in (1, -1) for digit in (7, 8, 9) for ones in (11, 111, 1111, 11111)}
_USUAL_NUMBERS = {9, -7, -8, -9, 66, -66, -97, -98, 97, 98, -997, -998, 997, 998, *_REPEATED}
# Hint for such a code in a column that needs a value in every row.
EVERY_ROW = "every row needs its number here, also where others are missing"
_NAMES = {".": "point", ",": "comma"}
_SIGN = re.compile(r"^\s*[-+]?\s*(?:€|\$|£|eur|usd|gbp)\s*[-+]?\d|\d\s*(?:%|€|\$|£|eur|euro)\s*$", re.IGNORECASE)
# Signs that are written for a minus.
_MINUS = dict.fromkeys(map(ord, "\N{MINUS SIGN}\N{EN DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}"), "-")
# A number in text with a mark that parts decimals or thousands.
_MARKED = re.compile(r"\d[.,]\d")
# Cells that are neither text nor number: what they are called, and how they are mended.
_OTHER_KINDS: tuple[tuple[Any, str, str], ...] = (
    (
        (date, time, timedelta, np.datetime64, np.timedelta64),
        "a date or time",
        "name another column, or if a program took numbers for dates, write them as numbers in the file",
    ),
    ((bool, np.bool), "true or false", "write 1 and 0 in the file"),
    (object, "what is neither a number nor text", "give the number itself, as of a list each in a column of its own"),
)
# Largest number of a patient: beyond it arithmetic would overflow.
_LARGEST = 1e30
# From here on a float does not hold every whole number.
_EXACT = 2.0**53


def number_column(
    source: RawTable,
    name: str,
    *,
    low: tuple[float, str] | None = None,
    high: tuple[float, str] | None = None,
    remedy: str = MISSING,
    may_be_empty: bool = False,
) -> Floats | None:
    """Return a column of numbers, NaN where missing or at fault; None if the table lacks it.

    `low` and `high` are the lowest and highest value, each with its rule in words; `remedy` is that of a text. Without
    a number the column is at fault unless it `may_be_empty`.
    """
    read = raw_numbers(source, name)
    if read is None:
        return None
    values, wrong = read
    if wrong.any():
        _refuse_no_numbers(source, name, wrong, remedy)
    infinite = np.abs(values) > _LARGEST
    source.fault(name, "must be finite, got infinite numbers or such beyond 1e30", infinite)
    bad = wrong | infinite
    if source.guarded and values.size and source.columns[name].dtype.kind == "O" and high is None:
        rule = f"must have no thousands {_NAMES[source.guarded]}, and {_either(source.guarded)}"
        source.fault(name, rule, could_be_thousands(source.columns[name], source.guarded, ~np.isnan(values)))
    if not may_be_empty:
        source.fault_if_empty(name, np.isnan(values) & ~wrong)
    return within(source, name, np.where(bad, np.nan, values), low=low, high=high)


def _kind_of(cell: Any) -> int:  # noqa: ANN401
    """Return the place of what a cell is among the other kinds; of text and numbers their number."""
    if isinstance(cell, (str, Decimal)) or (isinstance(cell, Real) and not isinstance(cell, (bool, np.bool))):
        return len(_OTHER_KINDS)
    return next(place for place, (kinds, *_) in enumerate(_OTHER_KINDS) if isinstance(cell, kinds))


def _refuse_no_numbers(source: RawTable, name: str, wrong: Flags, remedy: str) -> None:
    """Add the cells of a column that are no numbers, by what they are: a date is no code for a missing value."""
    cells = source.columns[name]
    what_kind = np.array([_kind_of(cell) for cell in cells.tolist()])
    for kind, (_, what, mend) in enumerate(_OTHER_KINDS):
        source.fault(
            name, f"must hold numbers only, got {what} in a number column: {mend}", wrong & (what_kind == kind)
        )
    wrong = wrong & (what_kind == len(_OTHER_KINDS))
    hint = _marks_hint(source, name, wrong)
    rule = f"must hold numbers only, got a text in a number column; {hint or remedy}"
    # By other marks 77.0 is a number as those around it are, and no code.
    marked = wrong & np.array([isinstance(cell, str) and bool(_MARKED.search(cell)) for cell in cells.tolist()])
    marked &= bool(hint)
    source.fault(name, rule, marked)
    source.fault(name, rule, wrong & ~marked, held=True)


def within(
    source: RawTable,
    name: str,
    values: Floats,
    *,
    low: tuple[float, str] | None = None,
    high: tuple[float, str] | None = None,
    rows: Flags | bool = True,
) -> Floats:
    """Return the numbers of a column, NaN where one of the `rows` is beyond the lowest or highest value: a fault."""
    for limit, beyond in ((low, np.less), (high, np.greater)):
        if limit is not None:
            outside = beyond(values, limit[0]) & rows
            source.fault(name, f"{limit[1]}; {MISSING}", outside, held=True)
            values = np.where(outside, np.nan, values)
    return values


def raw_numbers(source: RawTable, name: str) -> tuple[Floats, Flags] | None:
    """Return a column as floats with what is no number, or None if the table lacks it."""
    if name not in source.columns:
        return None
    return numbers(
        source.columns[name], decimal=source.decimal, thousands=source.thousands, codes=source.codes_of(name)
    )


def _marks_hint(source: RawTable, name: str, wrong: Flags) -> str:
    """Return by which marks the texts of a column would be numbers, empty if by none."""
    cells = source.columns[name]
    bad = [cell for cell in cells[wrong].tolist() if isinstance(cell, str) and usual_code(cell) is None]
    if any(map(_SIGN.search, bad)):
        return "a number has no currency or percent sign: take the signs away in the file"
    if bad and not any(
        math.isnan(_number(_in_plain_characters(cell), source.decimal, source.thousands)) for cell in bad
    ):
        return "a number has the digits 0 to 9 and its minus in front, as -12: write these so in the file"
    given = [each for each in cells[~are_missing(cells, source.codes_of(name))].tolist() if usual_code(each) is None]
    pairs = possible_marks(cell for cell in given if isinstance(cell, str)) if bad else []
    # Without decimals in the column its decimal mark is the design's.
    pairs = [pair for pair in pairs if pair[0] == source.decimal and pair[1]] or pairs
    if not pairs:
        other = "," if source.decimal == "." else "."
        mixed = bool(bad) and not any(math.isnan(_number(cell, other, "")) for cell in bad)
        return "some have a decimal comma and others a point: write all in one way in the file" if mixed else ""
    if source.decimal == "," and (",", ".") in pairs:
        unsure = ' or decimal = "." if they are decimals' if could_be_thousands(cells, ".", wrong).any() else ""
        rule = "the design says that the decimal mark is a comma, and numbers have no thousands mark"
        return f'{rule}: say thousands = "."{unsure} in its [table]'
    if source.decimal == "." and could_be_thousands(cells, ",", wrong).any():
        return _either(",")
    return _by_marks(source, *pairs[0])


def _in_plain_characters(text: str) -> str:
    """Return a text with plain digits and the minus in front, also where brackets stand for it."""
    plain = unicodedata.normalize("NFKC", text.strip())
    plain = "".join(str(unicodedata.digit(each, each)) for each in plain).translate(_MINUS)
    return re.sub(r"^(\d.*?)\s*-$", r"-\1", re.sub(r"^\((\d.*)\)$", r"-\1", plain))


def _by_marks(source: RawTable, decimal: str, thousands: str) -> str:
    """Return how the design gives the marks of numbers, or that the file must not use one mark for two things."""
    if source.thousands == decimal:
        mark = _NAMES[decimal]
        return f"by the design a {mark} parts thousands, and here it parts decimals: write all numbers in one way"
    if not thousands:
        return f'a decimal {_NAMES[decimal]} is set by decimal = "{decimal}" in the design\'s [table]'
    both = f'decimal = "{decimal}" and ' if decimal != source.decimal else ""
    return f'a mark between thousands is set by {both}thousands = "{thousands}" in the design\'s [table]'


def _either(mark: str) -> str:
    """Return the question whether a mark parts thousands or decimals, with the remedy of either."""
    name = _NAMES[mark]
    decimals = f'decimal = "{mark}"' + (' and thousands = "none"' if mark == "," else "")
    return (
        f"every number with a {name} could be thousands, as 1{mark}234 is 1234 or a number with three decimals; if "
        f'they are decimals, say so by {decimals} in the design\'s [table], if thousands, by thousands = "{mark}"'
    )


# Faults ---------------------------------------------------------------------------------------------------------------


class TableFault(NamedTuple):
    """A broken rule, its place and its rows, counted from 0; without rows it is of the column as a whole.

    Rows that repeat another have it in `above`, one for each. `held` has what each row holds where that is a usual code
    for a missing value, else None; empty where it was not looked for.
    """

    where: str
    rule: str
    rows: tuple[int, ...] = ()
    above: tuple[int, ...] = ()
    held: tuple[float | str | None, ...] = ()


def place_of(names: str | Iterable[str]) -> str:
    """Return the place of a fault: one column or several, by name."""
    quoted_names = [repr(name) for name in ([names] if isinstance(names, str) else names)]
    return f"column{'s' if len(quoted_names) > 1 else ''} {', '.join(quoted_names)}"


# Single cells ---------------------------------------------------------------------------------------------------------


def key_of(value: Any) -> float | str | None:  # noqa: ANN401
    """Return what a cell is compared by: a number, also where it stands as text, else text; None if it is empty."""
    if isinstance(value, str):
        text = value.strip()
        return (float(text) if _NUMBER.fullmatch(text) else text) if text else None
    if isinstance(value, (Real, Decimal)) and not isinstance(value, (bool, np.bool)):
        number = _float(value)
        return None if math.isnan(number) else number
    return None if _is_empty(value) else str(value)


def usual_code(cell: Any) -> float | str | None:  # noqa: ANN401
    """Return what a cell is compared by if that is a usual code for a missing value, else None."""
    key = key_of(cell)
    usual = key.casefold() in _USUAL_TEXTS if isinstance(key, str) else key in _USUAL_NUMBERS
    return key if usual else None


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


def are_missing(cells: NDArray[Any], codes: frozenset[float | str]) -> Flags:
    """Return where cells are empty or hold a value that means missing."""
    if cells.dtype.kind == "f":
        given = [code for code in codes if not isinstance(code, str)]
        empty: Flags = np.isnan(cells)
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
) -> tuple[Floats, Flags]:
    """Return cells as floats, NaN where missing or no number, and a mask of those that are no number.

    Text is read by its decimal and thousands mark; `codes` mean missing. Infinite numbers stay.
    """
    if cells.dtype.kind == "f":
        result, wrong = cells.astype(np.float64), np.zeros(cells.shape, dtype=bool)
    elif (fast := _fast(cells.tolist(), decimal)) is not None and fast.size == cells.size:
        result, wrong = fast, np.zeros(cells.shape, dtype=bool)
    else:
        result = np.array([_number(cell, decimal, thousands) for cell in cells.tolist()], dtype=np.float64)
        wrong = np.isnan(result) & ~are_missing(cells, codes)
    meant = [code for code in codes if not isinstance(code, str)]
    result = np.where(np.isin(result, meant), np.nan, result) if meant else result
    # A code in text can be a number by the column's marks, as "99,9" is.
    texts = frozenset(code for code in codes if isinstance(code, str))
    if texts and cells.dtype.kind != "f":
        result = np.where([key_of(cell) in texts for cell in cells.tolist()], np.nan, result)
    return result, wrong


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


def could_be_thousands(cells: NDArray[Any], mark: str, known: Flags) -> Flags:
    """Return where known numbers read as thousands (1.234), if all of them with the mark do; else nowhere."""
    marked = [isinstance(cell, str) and mark in cell for cell in cells.tolist()]
    where = np.array(marked, dtype=bool) & known
    if where.any() and all(_grouped(mark, "").fullmatch(cell.strip()) for cell in cells[where].tolist()):
        return where
    return np.zeros(cells.shape, dtype=bool)


def possible_marks(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs of decimal and thousands mark by which all texts are numbers, without marks that none has."""
    cells = [text.strip() for text in texts]
    result = []
    for decimal in (".", ","):
        for thousands in ("", *_MARKS):
            if thousands == decimal or (
                thousands and not any(sign in cell for cell in cells for sign in _MARKS[thousands])
            ):
                continue
            if not any(math.isnan(_number(cell, decimal, thousands)) for cell in cells):
                result.append((decimal, thousands))
    return result


def identifiers(cells: NDArray[Any]) -> list[Any]:
    """Return what identifiers are compared by: text as it stands, whole numbers as text; None where empty."""
    return [_identifier(cell) for cell in cells.tolist()]


def rounded(cells: NDArray[Any], *, of_workbook: bool) -> Flags:
    """Tell which identifiers are numbers so large that their last digits may be lost; a workbook holds 15 digits."""
    kinds, least = ((int, float), _WHOLE) if of_workbook else ((float,), _EXACT)
    return np.array([isinstance(cell, kinds) and math.isfinite(cell) and abs(cell) >= least for cell in cells.tolist()])


def _identifier(cell: Any) -> str | None:  # noqa: ANN401
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, float):
        return None if math.isnan(cell) else str(int(cell)) if cell.is_integer() else repr(cell)
    return None if _is_empty(cell) else text_of(cell)


def normalised(identifier: str) -> str:
    """Return an identifier without what may differ between files: case, spaces, width, leading zeros, a final .0."""
    plain = "".join(unicodedata.normalize("NFKC", identifier).casefold().split())
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"^(\d+)\.0+$", r"\1", plain))


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


def day_numbers(cells: Sequence[Any], order: str = "year-month-day") -> tuple[Counts, Flags]:
    """Return dates as day numbers, 0 where there is none, and where cells are none; text by the order of its parts."""
    result, wrong = np.zeros(len(cells), dtype=np.int64), np.zeros(len(cells), dtype=bool)
    for place, cell in enumerate(cells):
        if isinstance(cell, (date, datetime)) and not _is_empty(cell):
            result[place] = cell.toordinal()
        elif isinstance(cell, str) and cell.strip():
            result[place] = _day(cell.strip(), order)
            wrong[place] = not result[place]
        else:
            wrong[place] = not (_is_empty(cell) or (isinstance(cell, float) and math.isnan(cell)))
    return result, wrong


def _day(text: str, order: str) -> int:
    matched = _DAYS[order].fullmatch(text)
    try:
        return date(int(matched["y"]), int(matched["m"]), int(matched["d"])).toordinal() if matched else 0
    except ValueError:
        return 0


def date_orders(cells: Iterable[Any]) -> list[str]:
    """Return the orders by which all texts among cells are dates; empty where there is no text."""
    given = [cell for cell in cells if isinstance(cell, str) and usual_code(cell) is None]
    texts = [cell.strip() for cell in given if cell.strip()]
    return [order for order in _DAYS if texts and all(_day(text, order) for text in texts)]


def date_column(source: RawTable, name: str, *, may_be_empty: bool = False) -> Counts | None:
    """Return a column of dates as day numbers, 0 where missing or at fault; None if the table lacks it."""
    if name not in source.columns:
        return None
    cells = source.columns[name]
    known = cells.astype(object)
    known[are_missing(cells, source.codes_of(name))] = None
    result, wrong = day_numbers(known.tolist(), source.date_order)
    rule = f"must hold dates, as in {_EXAMPLES[source.date_order]}, got what is none"
    source.fault(name, rule + _order_hint(known, source.date_order), wrong, held=True)
    if not may_be_empty:
        source.fault_if_empty(name, (result == 0) & ~wrong)
    return result


def _order_hint(cells: NDArray[Any], order: str) -> str:
    """Return by which order of their parts all texts of a column would be dates, empty if by none."""
    others = [f'date_order = "{each}"' for each in date_orders(cells.tolist()) if each != order]
    rule = "; in another order of day, month and year they are dates: say"
    return f"{rule} {' or '.join(others)} in the design's [table]" if others else ""
