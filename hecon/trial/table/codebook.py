"""What was read of an analysed table: what each column was taken for, and which of its cells as missing."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hecon._display import displayed
from hecon.trial.table.cells import are_missing, quoted
from hecon.trial.table.codes import code_rows
from hecon.trial.table.design import KEYS, dead_codes, groups_of, table_codes, used_columns
from hecon.trial.table.design_keys import flat
from hecon.trial.table.patients import arm_codes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hecon.trial.table.design import Design
    from hecon.trial.table.reading import RawTable

_ITEMS = ("mobility", "self-care", "usual activities", "pain", "anxiety")


@dataclass(frozen=True)
class CodebookEntry:
    """A column of the table: what it was taken for, and how many of its cells as missing; no value of a patient."""

    column: str
    part: str  # the part of the design that names it; empty where it was not used
    meaning: str  # what it was taken for
    rows: int  # rows of the table, all of which are read
    values: int  # cells with a value
    empty: int  # cells without anything in them
    declared: int  # cells that the file itself declares missing
    codes: tuple[tuple[str, int], ...]  # how many cells hold each code for missing, 0 included
    labels: tuple[tuple[str, str], ...]  # the file's labels of its codes


def codebook_of(source: RawTable, design: Design) -> tuple[CodebookEntry, ...]:
    """Return the codebook, the columns in the order of the table."""
    meanings = _meanings(design)
    given = source.attrs.get("declared_missing")
    declared: Mapping[str, Any] = given if isinstance(given, dict) else {}
    groups = {name: group for group in groups_of(design) for name in group.columns}
    result = []
    for name, cells in source.columns.items():
        none = int(are_missing(cells, frozenset()).sum())
        # A table in memory may have been filled since it was read.
        marked = min(_count(declared.get(name)), none)
        group = groups.get(name)
        held = {} if group is None or group.kind in KEYS else code_rows(source, design, group, name)
        codes = tuple((quoted(code), int(rows.sum())) for code, rows in held.items())
        result.append(
            CodebookEntry(
                column=name,
                part="" if group is None else group.path,
                meaning="not used" if group is None else meanings.get(name) or f"{group.kind} {group.name}".strip(),
                rows=source.rows,
                values=source.rows - none - sum(count for _, count in codes),
                empty=none - marked,
                declared=marked,
                codes=codes,
                labels=tuple((quoted(code), label) for code, label in source.labels.get(name, {}).items()),
            )
        )
    return tuple(result)


def _meanings(design: Design) -> dict[str, str]:
    """Return what columns of outcomes stand for, in words; several meanings of one column together."""
    result: dict[str, list[str]] = {}
    for name, meaning in (*_of_effect(design), *_of_costs(design)):
        result.setdefault(name, []).append(meaning)
    return {name: "; ".join(dict.fromkeys(each)) for name, each in result.items()}


def _of_effect(design: Design) -> Iterator[tuple[str, str]]:
    given, effect, wide = design.utility, design.effect, design.table.time is None
    if given is not None:
        times = [f" at month {month:g}" for month in given.months] if wide else [" by month"]
        for what, names in (("utility", given.columns), ("EQ-5D state", given.states)):
            yield from ((name, f"{what}{when}") for when, name in zip(times, flat(names), strict=False))
        fives: tuple[Any, ...] = (given.items or ()) if wide else (given.items or (),)
        for when, five in zip(times, fives, strict=False):
            yield from ((name, f"EQ-5D {item}{when}") for item, name in zip(_ITEMS, flat(five), strict=False))
    if effect is not None:
        what = effect.name or effect.unit
        for month, name in zip(effect.months, flat(effect.columns), strict=False):
            yield name, f"{what} of month {month:g}" if wide else f"{what} by month"
        if effect.baseline is not None:
            yield effect.baseline, f"{what} at the start"


def _of_costs(design: Design) -> Iterator[tuple[str, str]]:
    for cost in design.cost:
        what = f"cost of {cost.category}"
        for (start, end), name in zip(cost.periods or (), flat(cost.columns), strict=False):
            yield name, f"{what}, months {start:g} to {end:g}"
        if cost.column is not None:
            yield cost.column, f"{what}, by the month of the period's end"
        if cost.baseline is not None:
            yield cost.baseline, f"{what} before the start"


def codebook_text(entries: Iterable[CodebookEntry]) -> str:
    """Return a codebook as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["column", "part", "meaning", "rows", "values", "empty", "declared_missing", "codes", "labels"])
    for each in entries:
        codes = "; ".join(f"{code}: {count} cells" for code, count in each.codes if count)
        labels = "; ".join(f"{code} = {label}" for code, label in each.labels)
        counts = (each.rows, each.values, each.empty, each.declared)
        writer.writerow(
            [
                unexecuted(each.column),
                each.part,
                unexecuted(each.meaning),
                *counts,
                unexecuted(codes),
                unexecuted(labels),
            ]
        )
    return text.getvalue()


def unexecuted(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


# The table as a whole -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MissingCells:
    """Cells of a group of columns that were taken as missing."""

    kind: str  # "covariate", "utility", "cost", "dates" or "deviation"
    name: str  # the covariate or the category of cost; else empty
    columns: tuple[str, ...]  # the columns
    cells: int  # their cells
    empty: int  # cells without anything in them
    declared: int  # cells that the file itself declares missing, as Stata and SPSS files can
    # how many cells hold each missing code of the design, by the code as text; a code that none holds has 0
    codes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class ArmValue:
    """The code of a strategy in the table."""

    strategy: str  # the strategy
    value: str  # the code or text in the column
    label: str | None  # the label of this code in the file


@displayed
@dataclass(frozen=True, kw_only=True)
class TableReading:
    """The reading of a table of patients: columns, arms and cells taken as missing."""

    kind: str  # "csv", "tsv", "xlsx", "dta", "sav", "zsav", "parquet", or "memory" of a table in memory
    rows: int  # rows below the names of the columns
    patients: int
    used: tuple[str, ...]  # columns that the design names
    unused: tuple[str, ...]  # the others, which were not looked at
    arms: tuple[ArmValue, ...]  # what stood for each strategy
    missing: tuple[MissingCells, ...]  # what was taken as missing, by group of columns
    unseen: tuple[str, ...]  # missing codes of the design that no cell holds
    decimal: str  # marks by which numbers in text were read; empty where thousands have none
    thousands: str
    across_arms: str | None = None  # what the design says of clusters in several arms: "same", "separate", or nothing
    separator: str | None = None  # what stood between the cells of a CSV file
    encoding: str | None = None  # how its characters are written, where the design says so
    sheet: str | None = None  # the sheet of a workbook
    other_sheets: tuple[str, ...] = ()  # its other sheets, which were not read
    # rows above the names, and rows and columns without a value, that were left out; rows that a workbook hides, read
    rows_above: int = 0
    empty_rows: int = 0
    empty_columns: int = 0
    hidden_rows: int = 0
    open_end: bool = False  # whether the last line of a CSV file lacks its line break, as in a file that was cut

    def to_json(self) -> dict[str, Any]:
        """Return what was read as plain JSON: the attributes by name, missing codes as a dict of their counts."""
        result = {key: list(value) if isinstance(value, tuple) else value for key, value in vars(self).items()}
        result["arms"] = [dict(vars(each)) for each in self.arms]
        result["missing"] = [
            {**vars(each), "columns": list(each.columns), "codes": dict(each.codes)} for each in self.missing
        ]
        return result


def reading_of(source: RawTable, design: Design, patients: int, codebook: Iterable[CodebookEntry]) -> TableReading:
    """Return what was read of a table without faults: counts and names of columns, no value of a patient."""
    used = used_columns(design)
    missing = _missing_cells(design, {each.column: each for each in codebook})
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
        **_of_file(source),
    )


def _of_file(source: RawTable) -> dict[str, Any]:
    """Return what the reader says of the file, unless rows or columns were added or left out since."""
    given = source.attrs.get("reading")
    reading = given if isinstance(given, dict) else {}
    size = (reading.get("rows", source.rows), reading.get("columns", len(source.columns)))
    if size != (source.rows, len(source.columns)):
        reading = {}
    result: dict[str, Any] = {"kind": str(reading.get("kind") or "memory").lstrip(".")}
    result |= {key: str(reading[key]) for key in ("separator", "encoding", "sheet") if reading.get(key)}
    result |= {key: _count(reading.get(key)) for key in ("rows_above", "empty_rows", "empty_columns", "hidden_rows")}
    others = reading.get("other_sheets") or ()
    result["other_sheets"] = tuple(map(str, others)) if isinstance(others, (list, tuple)) else ()
    result["open_end"] = bool(reading.get("open_end"))
    return result


def _count(value: Any) -> int:  # noqa: ANN401
    return len(value) if isinstance(value, Sized) else int(value or 0)


def _missing_cells(design: Design, entries: Mapping[str, CodebookEntry]) -> tuple[MissingCells, ...]:
    """Return the missing cells by kind and name: costs of one category are one group."""
    groups: dict[tuple[str, str], dict[str, CodebookEntry]] = {}
    for group in groups_of(design):
        # Without a date of death a patient is alive, not missing.
        if group.kind not in {*KEYS, "arm", "death"}:
            groups.setdefault((group.kind, group.name), {}).update((name, entries[name]) for name in group.columns)
    dead, result = set(map(quoted, dead_codes(design))), []
    for (kind, name), columns in groups.items():
        codes: Counter[str] = Counter()
        for each in columns.values():
            codes.update({code: count for code, count in each.codes if kind != "utility" or code not in dead})
        cells, empty, declared = (
            sum(getattr(each, key) for each in columns.values()) for key in ("rows", "empty", "declared")
        )
        result.append(MissingCells(kind, name, tuple(columns), cells, empty, declared, tuple(codes.items())))
    return tuple(result)
