"""What was read of a table: its rows and columns, and what was taken as missing."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hecon.trial.table.cells import are_missing, quoted
from hecon.trial.table.columns import arm_codes
from hecon.trial.table.groups import KEYS, groups_of, table_codes, used_columns
from hecon.trial.table.label_faults import code_rows

if TYPE_CHECKING:
    from hecon.trial.table.design import Design
    from hecon.trial.table.groups import ColumnGroup
    from hecon.trial.table.source import RawTable

__all__ = ["ArmValue", "MissingCells", "TableReading", "reading_of"]


@dataclass(frozen=True)
class MissingCells:
    """Cells of a group of columns that were taken as missing.

    Parameters
    ----------
    kind : str
        "covariate", "utility", "cost" or "dates".
    name : str
        The covariate or the category of cost; else empty.
    columns : tuple of str
        The columns.
    cells : int
        Their cells.
    empty : int
        Cells without anything in them.
    declared : int
        Cells that the file itself declares missing, as Stata and SPSS files can.
    codes : tuple of pairs of str and int
        How many cells hold each missing code of the design, by the code as text; a code that none holds has 0.
    """

    kind: str
    name: str
    columns: tuple[str, ...]
    cells: int
    empty: int
    declared: int
    codes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class ArmValue:
    """What stood for a strategy in the table.

    Parameters
    ----------
    strategy : str
        The strategy.
    value : str
        The code or text in the column.
    label : str or None
        The label of this code in the file.
    """

    strategy: str
    value: str
    label: str | None


@dataclass(frozen=True, kw_only=True)
class TableReading:
    """What was read of a table of patients.

    Parameters
    ----------
    kind : str
        "csv", "xlsx", "dta", "sav", "parquet", or "memory" of a table in memory.
    rows, patients : int
        Rows below the names of the columns, and patients in them.
    used, unused : tuple of str
        Columns that the design names, and the others, which were not looked at.
    arms : tuple of ArmValue
        What stood for each strategy.
    missing : tuple of MissingCells
        What was taken as missing, by group of columns.
    unseen : tuple of str
        Missing codes of the design that no cell holds.
    decimal, thousands : str
        Marks by which numbers in text were read; empty where thousands have none.
    across_arms : str or None
        What the design says of clusters in several arms: "same", "separate", or nothing.
    separator : str or None
        What stood between the cells of a CSV file.
    sheet : str or None
        The sheet of a workbook.
    other_sheets : tuple of str
        Its other sheets, which were not read.
    empty_rows, empty_columns, hidden_rows : int
        Rows and columns without a value that were left out, and rows that a workbook hides, which were read.
    open_end : bool
        Whether the last line of a CSV file lacks its line break, as in a file that was cut.
    """

    kind: str
    rows: int
    patients: int
    used: tuple[str, ...]
    unused: tuple[str, ...]
    arms: tuple[ArmValue, ...]
    missing: tuple[MissingCells, ...]
    unseen: tuple[str, ...]
    decimal: str
    thousands: str
    across_arms: str | None = None
    separator: str | None = None
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    empty_rows: int = 0
    empty_columns: int = 0
    hidden_rows: int = 0
    open_end: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return what was read as plain JSON.

        Returns
        -------
        dict
            With the names of the attributes; missing codes as a dict of their counts.
        """
        found = {key: list(value) if isinstance(value, tuple) else value for key, value in vars(self).items()}
        found["arms"] = [dict(vars(each)) for each in self.arms]
        found["missing"] = [
            {**vars(each), "columns": list(each.columns), "codes": dict(each.codes)} for each in self.missing
        ]
        return found


def reading_of(source: RawTable, design: Design, patients: int) -> TableReading:
    """Return what was read of a table without faults.

    Parameters
    ----------
    source : RawTable
        The table.
    design : Design
        Which column holds what.
    patients : int
        Number of patients.

    Returns
    -------
    TableReading
        Counts and names of columns; no value of a patient.
    """
    used = used_columns(design)
    missing = _missing(source, design)
    codes: dict[str, int] = {quoted(code): 0 for code in sorted(table_codes(design), key=str)}
    for each in missing:
        for code, count in each.codes:
            codes[code] = codes.get(code, 0) + count
    return TableReading(
        rows=source.rows,
        patients=patients,
        used=used,
        unused=tuple(name for name in source.columns if name not in used),
        arms=tuple(
            ArmValue(each.strategy, "" if each.code is None else quoted(each.code), each.label)
            for each in arm_codes(source, design)
        ),
        missing=missing,
        unseen=tuple(code for code, count in codes.items() if not count),
        decimal=source.decimal,
        thousands=source.thousands,
        across_arms=None if design.cluster is None else design.cluster.across_arms,
        **_of_file(_unchanged(source)),
    )


def _unchanged(source: RawTable) -> Any:  # noqa: ANN401
    """Return what the reader says of the file, unless rows or columns were added or left out since."""
    given = source.attrs.get("reading")
    told = given if isinstance(given, dict) else {}
    size = (told.get("rows", source.rows), told.get("columns", len(source.columns)))
    return given if size == (source.rows, len(source.columns)) else None


def _of_file(given: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what the reader says of a file; what it does not say is left to the defaults."""
    told = given if isinstance(given, dict) else {}
    found: dict[str, Any] = {"kind": str(told.get("kind") or "memory").lstrip(".")}
    found |= {key: str(told[key]) for key in ("separator", "sheet") if told.get(key)}
    found |= {key: _count(told.get(key)) for key in ("empty_rows", "empty_columns", "hidden_rows")}
    others = told.get("other_sheets") or ()
    found["other_sheets"] = tuple(map(str, others)) if isinstance(others, (list, tuple)) else ()
    found["open_end"] = bool(told.get("open_end"))
    return found


def _count(value: Any) -> int:  # noqa: ANN401
    return len(value) if isinstance(value, Sized) else int(value or 0)


def _missing(source: RawTable, design: Design) -> tuple[MissingCells, ...]:
    """Return the missing cells by kind and name: costs of one category are one group."""
    groups: dict[tuple[str, str], dict[str, ColumnGroup]] = {}
    for group in groups_of(design):
        if group.kind not in {*KEYS, "arm"}:
            groups.setdefault((group.kind, group.name), {}).update(dict.fromkeys(group.columns, group))
    declared = source.attrs.get("declared_missing")
    declared = declared if isinstance(declared, dict) else {}
    found = []
    for (kind, name), columns in groups.items():
        none = {each: int(are_missing(source.columns[each], frozenset()).sum()) for each in columns}
        # A table in memory may have been filled since it was read.
        by_file = sum(min(_count(declared.get(each)), none[each]) for each in columns)
        empty = sum(none.values()) - by_file
        codes: dict[str, int] = {}
        for each, group in columns.items():
            for code, rows in code_rows(source, design, group, each).items():
                codes[quoted(code)] = codes.get(quoted(code), 0) + int(rows.sum())
        cells = source.rows * len(columns)
        found.append(MissingCells(kind, name, tuple(columns), cells, empty, by_file, tuple(codes.items())))
    return tuple(found)
