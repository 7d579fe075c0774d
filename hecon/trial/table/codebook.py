"""The codebook of an analysed table: what each column was taken for, and which of its cells as missing."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hecon.trial.table.cells import are_missing, quoted
from hecon.trial.table.codes import code_rows
from hecon.trial.table.design import KEYS, groups_of
from hecon.trial.table.design_keys import flat

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
    codes: tuple[tuple[str, int], ...]  # cells that hold each code for missing
    labels: tuple[tuple[str, str], ...]  # the file's labels of its codes


def codebook_of(source: RawTable, design: Design) -> tuple[CodebookEntry, ...]:
    """Return the codebook, the columns in the order of the table."""
    meanings = _meanings(design)
    declared = source.attrs.get("declared_missing")
    by_file: Mapping[str, int] = declared if isinstance(declared, dict) else {}
    groups = {name: group for group in groups_of(design) for name in group.columns}
    result = []
    for name, cells in source.columns.items():
        none = int(are_missing(cells, frozenset()).sum())
        marked = min(int(by_file.get(name, 0)), none)
        group = groups.get(name)
        codes: list[tuple[str, int]] = []
        if group is not None and group.kind not in KEYS:
            held = code_rows(source, design, group, name)
            codes = [(quoted(code), int(rows.sum())) for code, rows in held.items() if rows.any()]
        result.append(
            CodebookEntry(
                column=name,
                part="" if group is None else group.path,
                meaning="not used" if group is None else meanings.get(name) or f"{group.kind} {group.name}".strip(),
                rows=source.rows,
                values=source.rows - none - sum(count for _, count in codes),
                empty=none - marked,
                declared=marked,
                codes=tuple(codes),
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
        codes = "; ".join(f"{code}: {count} cells" for code, count in each.codes)
        labels = "; ".join(f"{code} = {label}" for code, label in each.labels)
        counts = (each.rows, each.values, each.empty, each.declared)
        writer.writerow([_plain(each.column), each.part, _plain(each.meaning), *counts, codes, _plain(labels)])
    return text.getvalue()


def _plain(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
