"""The reading of a table: columns, cells taken as missing, and missing codes that could be true values."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.trial.table.cells import are_missing, code_text, key_of, numbers, quoted
from hecon.trial.table.columns import arm_codes
from hecon.trial.table.design_parts import KEYS, groups_of, table_codes, used_columns
from hecon.trial.table.labels import is_missing_label
from hecon.trial.table.outcomes import levels_of, utility_floor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hecon.trial.table.design import Design
    from hecon.trial.table.design_parts import ColumnGroup
    from hecon.trial.table.reading import RawTable

    Code = float | str
    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

_FEW = 4
_KINDS = {"utility": "utilities", "cost": "costs", "covariate": "covariates", "dates": "dates"}


@dataclass(frozen=True)
class MissingCells:
    """Cells of a group of columns that were taken as missing.

    Attributes
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
    """The code of a strategy in the table.

    Attributes
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
    """The reading of a table of patients: columns, arms and cells taken as missing.

    Attributes
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
        """Return what was read as plain JSON: the attributes by name, missing codes as a dict of their counts."""
        result = {key: list(value) if isinstance(value, tuple) else value for key, value in vars(self).items()}
        result["arms"] = [dict(vars(each)) for each in self.arms]
        result["missing"] = [
            {**vars(each), "columns": list(each.columns), "codes": dict(each.codes)} for each in self.missing
        ]
        return result


def reading_of(source: RawTable, design: Design, patients: int) -> TableReading:
    """Return what was read of a table without faults: counts and names of columns, no value of a patient."""
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
    reading = given if isinstance(given, dict) else {}
    size = (reading.get("rows", source.rows), reading.get("columns", len(source.columns)))
    return given if size == (source.rows, len(source.columns)) else None


def _of_file(given: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what the reader says of a file; what it does not say is left to the defaults."""
    reading = given if isinstance(given, dict) else {}
    result: dict[str, Any] = {"kind": str(reading.get("kind") or "memory").lstrip(".")}
    result |= {key: str(reading[key]) for key in ("separator", "sheet") if reading.get(key)}
    result |= {key: _count(reading.get(key)) for key in ("empty_rows", "empty_columns", "hidden_rows")}
    others = reading.get("other_sheets") or ()
    result["other_sheets"] = tuple(map(str, others)) if isinstance(others, (list, tuple)) else ()
    result["open_end"] = bool(reading.get("open_end"))
    return result


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
    result = []
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
        result.append(MissingCells(kind, name, tuple(columns), cells, empty, by_file, tuple(codes.items())))
    return tuple(result)


# Missing codes --------------------------------------------------------------------------------------------------------


def _category(design: Design, name: str) -> bool:
    return any(each.column == name and each.kind == "category" for each in design.covariate)


def _values(source: RawTable, design: Design, group: ColumnGroup, name: str) -> Floats | None:
    """Return a column as numbers, None where it is one of text or dates."""
    if group.kind == "dates" or _category(design, name):
        return None
    return numbers(source.columns[name], decimal=source.decimal, thousands=source.thousands)[0]


def code_rows(source: RawTable, design: Design, group: ColumnGroup, name: str) -> dict[Code, Mask]:
    """Return the rows of a column that hold each of its missing codes, as the column is read."""
    codes = sorted(source.codes_of(name), key=str)
    if not codes:
        return {}
    values, cells = _values(source, design, group, name), source.columns[name]
    text = [None] * source.rows if cells.dtype.kind == "f" else [key_of(cell) for cell in cells.tolist()]
    result: dict[Code, Mask] = {}
    for code in codes:
        if isinstance(code, float) and values is not None:
            # What is no number by the column's marks can still be the code, as "-99.0" beside decimal commas.
            unread = np.array([key == code for key in text], dtype=bool) & np.isnan(values)
            result[code] = (values == code) | unread
        elif isinstance(code, float) and cells.dtype.kind == "f":
            result[code] = cells == code
        else:
            result[code] = np.array([key == code for key in text], dtype=bool)
    return result


def _others(source: RawTable, design: Design, group: ColumnGroup, name: str) -> Floats:
    """Return the numbers of a column that are no missing code."""
    values = _values(source, design, group, name)
    if values is None:
        keys = [key_of(cell) for cell in source.columns[name].tolist()]
        values = np.array([key if isinstance(key, float) else np.nan for key in keys])
    codes = [code for code in source.codes_of(name) if isinstance(code, float)]
    return values[np.isfinite(values) & ~np.isin(values, codes)]


def _could_be(source: RawTable, design: Design, group: ColumnGroup, name: str, code: Code) -> tuple[bool, bool]:
    """Return whether a code could be a true value of a column, and whether it lies among the others there."""
    label = source.labels.get(name, {}).get(code)
    if group.kind == "dates" or (label is not None and is_missing_label(label)):
        return False, False
    if isinstance(code, str):
        # A text can be a level, unless it says that there is none.
        return _category(design, name) and not is_missing_label(code), False
    if group.kind == "utility":
        could = _could_be_utility(design, code)
        return could, could
    others = _others(source, design, group, name)
    low, high = (float(others.min()), float(others.max())) if others.size else (0.0, 0.0)
    if group.kind == "cost":
        return code >= 0, 0 <= code <= high
    if _category(design, name) and not others.size:
        return False, False
    return code >= 0 or low < 0, low <= code <= high


def _could_be_utility(design: Design, code: float) -> bool:
    given = design.utility
    if given.columns is not None:
        return utility_floor(given.value_set) <= code <= 1
    levels = [f"{level}" for level in range(1, levels_of(str(given.value_set)) + 1)]
    text = code_text(code)
    return len(text) == (1 if given.items is not None else 5) and set(text) <= set(levels)


def code_doubts(source: RawTable, design: Design) -> Iterator[str]:
    """Yield codes of table.missing that could be true values in some of the columns that hold them, one sentence each.

    A code that one kind of column alone holds is doubtful where it lies among the other values; one in columns of more
    kinds already where it could be a value. A code of a part's own `missing` is meant for its columns.
    """
    everywhere = table_codes(design)
    groups = [group for group in groups_of(design) if group.kind not in {*KEYS, "arm"}] if everywhere else []
    held = {(group, name): code_rows(source, design, group, name) for group in groups for name in group.columns}
    for code in sorted(everywhere, key=str):
        cells: dict[ColumnGroup, dict[str, int]] = {}
        could: list[ColumnGroup] = []
        among: list[ColumnGroup] = []
        for (group, name), rows in held.items():
            if code not in group.codes:
                count = int(rows[code].sum())
                if count:
                    cells.setdefault(group, {})[name] = count
                    possible, within = _could_be(source, design, group, name, code)
                    could += [group] if possible else []
                    among += [group] if within else []
        several = len({group.kind for group in cells}) > 1
        doubtful = could if several else among
        if doubtful:
            yield _sentence(code, cells, doubtful)


def _sentence(code: Code, cells: dict[ColumnGroup, dict[str, int]], doubtful: list[ColumnGroup]) -> str:
    places = []
    for group, columns in cells.items():
        names = [repr(name) for name in columns]
        more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
        name = f" {group.name!r}" if group.name and group.kind == "cost" else ""
        places.append(f"{_KINDS[group.kind]}{name} ({sum(columns.values())} cells of {', '.join(names[:_FEW])}{more})")
    where = " and ".join(dict.fromkeys(group.path for group in doubtful))
    paths = " or ".join(dict.fromkeys(f"{group.path}.missing" for group in cells))
    return (
        f"the code {quoted(code)} of table.missing is taken as missing in {' and '.join(places)}, and could be a true "
        f"value in {where}: name it only where it means missing, in {paths}"
    )
