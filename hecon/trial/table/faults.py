"""What is wrong with the columns of a table: every fault with its column and rows, and with no value of a patient."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hecon.files.faults import near
from hecon.trial.table.cells import are_missing, could_be_thousands, numbers, possible_marks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from hecon.trial.table.source import RawTable

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]
    Mask = NDArray[np.bool_]

__all__ = [
    "EVERY_ROW",
    "MISSING",
    "TableFault",
    "add",
    "besides",
    "lines",
    "missing_columns",
    "number_column",
    "raw_numbers",
]

# The remedy of a number that stands for none.
MISSING = "a value that means missing belongs in the missing of this part of the design, or in table.missing for all"

# That of one in a column that no code can be missing in.
EVERY_ROW = "every row needs its number here, also where others are missing"

_NAMES = {".": "point", ",": "comma"}
_SIGN = re.compile(r"^\s*[-+]?\s*(?:€|\$|£|eur|usd|gbp)\s*[-+]?\d|\d\s*(?:%|€|\$|£|eur|euro)\s*$", re.IGNORECASE)
_FEW = 10
# Beyond this no number of a patient lies, and arithmetic would overflow.
_LARGEST = 1e30


class TableFault(NamedTuple):
    """What is wrong, where, and in which rows, counted from 0; without rows it is of the column as a whole.

    Rows that repeat another have it in `above`, one for each.
    """

    where: str
    rule: str
    rows: tuple[int, ...] = ()
    above: tuple[int, ...] = ()


def add(
    faults: list[TableFault], where: str, rule: str, wrong: Mask | None = None, *, above: Integers | None = None
) -> None:
    """Add a fault in the rows where something is wrong, if it is anywhere; without rows add it as it is.

    Where rows repeat one above, `above` has that of each row.
    """
    if wrong is None:
        faults.append(TableFault(where, rule))
    elif wrong.any():
        pairs = () if above is None else tuple(above[wrong].tolist())
        faults.append(TableFault(where, rule, tuple(np.flatnonzero(wrong).tolist()), pairs))


def besides(faults: Iterable[TableFault], where: str, wrong: Mask) -> Mask:
    """Return where something is wrong, but for the rows that have a fault of that column already."""
    told = [row for fault in faults if fault.where == where for row in fault.rows]
    return wrong & ~np.isin(np.arange(wrong.size), told)


def lines(faults: Iterable[TableFault]) -> list[str]:
    """Return one line per fault: column, the first rows (row 1 is the first patient's) and their number, rule."""
    merged: dict[tuple[str, str], dict[int, str]] = {}
    for fault in faults:
        shown = merged.setdefault((fault.where, fault.rule), {})
        shown.update({row: f"{row + 1}" for row in fault.rows})
        shown.update({row: f"{one + 1} and {row + 1}" for row, one in zip(fault.rows, fault.above, strict=False)})
    return [f"{where}{_rows(shown)}: {rule}" for (where, rule), shown in merged.items()]


def _rows(shown: dict[int, str]) -> str:
    told = [shown[row] for row in sorted(shown)]
    if len(told) > _FEW:
        return f", rows {', '.join(told[:_FEW])} and {len(told) - _FEW} more"
    words = ", ".join(told)
    return words and f", row{'s' if not words.isdecimal() else ''} {words}"


def missing_columns(source: RawTable, needed: Iterable[str]) -> list[TableFault]:
    """Return the columns that a design names and the table lacks, each with the nearest name.

    Without any of them on top the table may begin with a patient, whose values must not be told as near names.
    """
    wanted = list(dict.fromkeys(needed))
    lacking = [name for name in wanted if name not in source.columns]
    if len(lacking) == len(wanted):
        rule = (
            f"must have the names of columns on top, got none of {', '.join(wanted)}: "
            "does it begin with them, and is table.separator right?"
        )
        return [TableFault("table", rule)]
    free = [name for name in source.columns if name not in wanted]
    return [
        TableFault(f"column {name!r}", f"is missing from the table{near(name, free, alike=0.7)}") for name in lacking
    ]


def raw_numbers(source: RawTable, name: str) -> tuple[Floats, Mask] | None:
    """Return a column as floats with what is no number, or None if the table lacks it."""
    if name not in source.columns:
        return None
    return numbers(
        source.columns[name], decimal=source.decimal, thousands=source.thousands, codes=source.codes_of(name)
    )


def _marks_hint(source: RawTable, name: str, wrong: Mask) -> str:
    """Return by which marks the texts of a column would be numbers, empty if by none."""
    cells = source.columns[name]
    bad = [cell for cell in cells[wrong].tolist() if isinstance(cell, str)]
    if any(map(_SIGN.search, bad)):
        return "a number has no currency or percent sign: take the signs away in the file"
    given = cells[~are_missing(cells, source.codes_of(name))].tolist()
    pairs = possible_marks(cell for cell in given if isinstance(cell, str)) if bad else []
    # Without decimals in the column its decimal mark is the design's.
    pairs = [pair for pair in pairs if pair[0] == source.decimal and pair[1]] or pairs
    if not pairs:
        return ""
    if source.decimal == "," and (",", ".") in pairs:
        unsure = ' or decimal = "." if they are decimals' if could_be_thousands(cells, ".", wrong).any() else ""
        rule = "the design says that the decimal mark is a comma, and numbers have no thousands mark"
        return f'{rule}: say thousands = "."{unsure} in its [table]'
    if source.decimal == "." and could_be_thousands(cells, ",", wrong).any():
        return _either(",")
    return _by_marks(source, *pairs[0])


def _by_marks(source: RawTable, decimal: str, thousands: str) -> str:
    """Return how the design gives the marks of numbers, or that the file must not use one mark for two things."""
    if source.thousands == decimal:
        mark = _NAMES[decimal]
        return f"by the design a {mark} parts thousands, and here it parts decimals: write all numbers in one way"
    if not thousands:
        return f'a decimal {_NAMES[decimal]} is told by decimal = "{decimal}" in the design\'s [table]'
    both = f'decimal = "{decimal}" and ' if decimal != source.decimal else ""
    return f'a mark between thousands is told by {both}thousands = "{thousands}" in the design\'s [table]'


def _either(mark: str) -> str:
    """Return the question whether a mark parts thousands or decimals, with the remedy of either."""
    name = _NAMES[mark]
    decimals = f'decimal = "{mark}"' + (' and thousands = "none"' if mark == "," else "")
    return (
        f"every number with a {name} could be thousands, as 1{mark}234 is 1234 or a number with three decimals; if "
        f'they are decimals, say so by {decimals} in the design\'s [table], if thousands, by thousands = "{mark}"'
    )


def number_column(
    source: RawTable,
    name: str,
    faults: list[TableFault],
    *,
    low: tuple[float, str] | None = None,
    high: tuple[float, str] | None = None,
    remedy: str = MISSING,
) -> Floats | None:
    """Return a column of numbers, NaN where missing or at fault.

    Parameters
    ----------
    source : RawTable
        The table.
    name : str
        The column.
    faults : list of TableFault
        Where faults are added.
    low, high : pair of float and str, optional
        Lowest and highest value, and the rule in words; the remedy is added.
    remedy : str, optional
        What to do about a text that is no number; default where the codes that mean missing belong.

    Returns
    -------
    numpy.ndarray or None
        One number per row; None if the table lacks the column.
    """
    read = raw_numbers(source, name)
    if read is None:
        return None
    values, wrong = read
    where = f"column {name!r}"
    if wrong.any():
        rule = "must hold numbers only, got a text in a number column"
        add(faults, where, f"{rule}; {_marks_hint(source, name, wrong) or remedy}", wrong)
    infinite = np.abs(values) > _LARGEST
    add(faults, where, "must be finite, got infinite numbers or such beyond 1e30", infinite)
    bad = wrong | infinite
    if source.guarded and values.size and source.columns[name].dtype.kind == "O" and high is None:
        rule = f"must have no thousands {_NAMES[source.guarded]}, and {_either(source.guarded)}"
        add(faults, where, rule, could_be_thousands(source.columns[name], source.guarded, ~np.isnan(values)))
    for limit, beyond in ((low, np.less), (high, np.greater)):
        if limit is not None:
            outside = ~bad & beyond(values, limit[0])
            add(faults, where, f"{limit[1]}; {MISSING}", outside)
            bad = bad | outside
    if np.isnan(values).all() and not wrong.any():
        add(faults, where, "must hold a value in one row at least, got none")
    return np.where(bad, np.nan, values)
