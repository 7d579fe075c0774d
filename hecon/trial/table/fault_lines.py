"""Faults of a table as lines of text, folded by cause, with the key of the design that mends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.files.faults import APART, first_of, near
from hecon.trial.table.cells import TableFault, quoted
from hecon.trial.table.design import groups_of, table_codes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hecon.trial.table.design import Design
    from hecon.trial.table.reading import RawTable

    Code = float | str


def fault_lines(faults: Iterable[TableFault], design: Design | None = None) -> list[str]:
    """Return one line per cause: columns, the first rows (row 1 is the first patient's) and their number, rule.

    What is a usual code for a missing value is one cause wherever it stands; so is a rule that more than two columns
    break, or that many are missing.
    """
    by_rule: dict[str, list[TableFault]] = {}
    by_code: dict[Code, list[TableFault]] = {}
    for fault in faults:
        codes = dict.fromkeys(fault.held) if design is not None else ()
        for code in codes:
            rows = tuple(row for row, held in zip(fault.rows, fault.held, strict=True) if held == code)
            if code is None:
                by_rule.setdefault(fault.rule, []).append(fault._replace(rows=rows))
            else:
                by_code.setdefault(code, []).append(fault._replace(rows=rows))
        if not codes:
            by_rule.setdefault(fault.rule, []).append(fault)
    told = [] if design is None else [_code_line(code, each, design) for code, each in by_code.items()]
    return told + [line for rule, each in by_rule.items() for line in _rule_lines(rule, each)]


def _rule_lines(rule: str, faults: list[TableFault]) -> Iterator[str]:
    """Yield a line for each place, or one for all columns if they are many."""
    places: dict[str, dict[int, str]] = {}
    for fault in faults:
        shown = places.setdefault(fault.where, {})
        shown.update({row: f"{row + 1}" for row in fault.rows})
        shown.update({row: f"{one + 1} and {row + 1}" for row, one in zip(fault.rows, fault.above, strict=False)})
    columns = [where.removeprefix("column ") for where in places if where.startswith("column '")]
    with_rows = sum(map(bool, places.values()))
    if len(columns) <= APART or len(columns) < len(places) or with_rows not in {0, len(columns)}:
        yield from (f"{where}{_rows(shown)}: {rule}" for where, shown in places.items())
        return
    if not with_rows:
        yield f"{len(columns)} columns ({first_of(columns)}): each {rule}"
        return
    first = min(places[f"column {columns[0]}"]) + 1
    yield f"{_columns(columns, sum(map(len, places.values())))}, the first in row {first} of {columns[0]}: {rule}"


def _columns(columns: list[str], cells: int) -> str:
    return f"{len(columns)} columns ({first_of(columns)}), {cells} cells"


def _rows(shown: dict[int, str]) -> str:
    words = first_of(shown[row] for row in sorted(shown))
    return words and f", row{'s' if not words.isdecimal() else ''} {words}"


def _code_line(code: Code, faults: list[TableFault], design: Design) -> str:
    """Return the question whether a code means missing, with the key that would say so."""
    columns = list(dict.fromkeys(fault.where.removeprefix("column ") for fault in faults))
    rules = {fault.rule.partition(", got ")[0] for fault in faults}
    rule = f"{rules.pop()}, got" if len(rules) == 1 else "must hold values, got"
    cells = sum(len(fault.rows) for fault in faults)
    where = _columns(columns, cells)
    if len(columns) == 1:
        where = f"column {columns[0]}{_rows({row: f'{row + 1}' for fault in faults for row in fault.rows})}"
    return f"{where}: {rule} {quoted(code)}: a missing value? {missing_hint(code, columns, design)}"


def missing_hint(code: Code, columns: Iterable[str], design: Design) -> str:
    """Return how a design says that a code means missing in columns, given as they are quoted."""
    wanted = set(columns)
    groups = [group for group in groups_of(design) if wanted & set(map(repr, group.columns))]
    paths = list(dict.fromkeys(group.path for group in groups))
    if len(paths) == 1:
        own, known = groups[0], groups[0].codes
        # A part that a design may have several of has its place in its path.
        where = f"[{own.path}]" if own.path == own.kind else f"the [[{own.kind}]] of {own.name!r}"
    else:
        where, known = "[table]", table_codes(design)
    listed = ", ".join(map(quoted, (*sorted(known, key=str), code)))
    return f"Then say missing = [{listed}] in {where} of the design"


def missing_columns(source: RawTable, needed: Iterable[str]) -> list[TableFault]:
    """Return the columns that a design names and the table lacks, each with the nearest name.

    Without any of them on top the table may begin with a patient, whose values must not appear as near names.
    """
    wanted = list(dict.fromkeys(needed))
    lacking = [name for name in wanted if name not in source.columns]
    if len(lacking) == len(wanted):
        rule = (
            f"must have the names of columns on top, got none of {', '.join(wanted)}: "
            "does it begin with them, and is table.separator right?"
        ) + _elsewhere(source)
        return [TableFault("table", rule)]
    free = [name for name in source.columns if name not in wanted]
    return [
        TableFault(f"column {name!r}", f"is missing from the table{near(name, free, alike=0.7)}") for name in lacking
    ]


def _elsewhere(source: RawTable) -> str:
    """Return where else in its file the names may stand."""
    reading = source.attrs.get("reading")
    about = reading if isinstance(reading, dict) else {}
    others = about.get("other_sheets") or ()
    if others:
        named = ", ".join(map(repr, others))
        return (
            f" If the table stands in another sheet ({named}) or row, say sheet or header_row in the design's [table]"
        )
    return " If they stand in a lower row, say header_row in the design's [table]" if about else ""
