"""What was read of a trial's table and what was taken as missing, as blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon import texts
from hecon.report.document import Block, Bullets, Heading, Paragraph, Table
from hecon.report.isolating import isolate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon.report.trial_words import TrialWords
    from hecon.trial.table.record import MissingCells, TableReading

__all__ = ["reading_blocks"]

# Most names in a list; the JSON has all.
_MOST = 12
_KINDS = {"csv": "CSV", "xlsx": "Excel", "dta": "Stata", "sav": "SPSS", "parquet": "Parquet"}
_COUNTS = ("empty_rows", "empty_columns", "hidden_rows")
_GROUPS = ("utility", "dates")


def reading_blocks(words: TrialWords, level: int) -> list[Block]:
    """Return what was read of the table, with a heading.

    Parameters
    ----------
    words : TrialWords
        How the trial is written.
    level : int
        Level of the heading.

    Returns
    -------
    list of Block
        Rows, patients, columns used and not used, what the file has that was not read, and a table of the cells taken
        as missing; empty where the data were not read from a table.
    """
    reading = words.analysis.description.reading
    if reading is None:
        return []
    blocks: list[Block] = [
        Heading(level, _say(words, "heading")),
        Bullets((*_file(words, reading), _columns(words, reading), *_meaning(words, reading))),
    ]
    if any(each.empty or each.declared or any(count for _, count in each.codes) for each in reading.missing):
        return [*blocks, _missing(words, reading.missing)]
    return [*blocks, Paragraph(_say(words, "missing_none"))]


def _say(words: TrialWords, key: str, **values: object) -> str:
    return texts.text(words.lang, f"trial_reading.{key}", **values)


def _listed(words: TrialWords, names: Sequence[str]) -> str:
    told = [isolate(name) for name in names[:_MOST]]
    if len(names) > _MOST:
        told.append(_say(words, "more", n=words.number(len(names) - _MOST)))
    return words.joined(told)


def _file(words: TrialWords, reading: TableReading) -> list[str]:
    sizes = {"rows": words.number(reading.rows), "patients": words.number(reading.patients)}
    if reading.kind == "memory":
        return [_say(words, "memory", **sizes)]
    found = [_say(words, "file", kind=_KINDS.get(reading.kind, reading.kind), **sizes)]
    if reading.separator is not None:
        tab = reading.separator == "\t"
        found.append(_say(words, "separator", separator=_say(words, "tab") if tab else f"“{reading.separator}”"))
    if reading.kind == "csv":
        thousands = f"“{reading.thousands}”" if reading.thousands else _say(words, "no_mark")
        found.append(_say(words, "marks", decimal=f"“{reading.decimal}”", thousands=thousands))
    if reading.sheet is not None:
        found.append(_say(words, "sheet", sheet=isolate(reading.sheet)))
    if reading.other_sheets:
        found.append(_say(words, "other_sheets", names=_listed(words, reading.other_sheets)))
    found += [_say(words, key, n=words.number(count)) for key in _COUNTS if (count := getattr(reading, key))]
    return [*found, _say(words, "open_end")] if reading.open_end else found


def _columns(words: TrialWords, reading: TableReading) -> str:
    total = len(reading.used) + len(reading.unused)
    found = _say(words, "used", n=words.number(len(reading.used)), total=words.number(total))
    return f"{found} {_say(words, 'unused', names=_listed(words, reading.unused))}" if reading.unused else found


def _meaning(words: TrialWords, reading: TableReading) -> list[str]:
    parts = []
    for each in reading.arms:
        key = "arm" if each.label is None else "arm_labelled"
        told = {
            "strategy": words.names[each.strategy],
            "value": isolate(each.value),
            "label": isolate(each.label or ""),
        }
        parts.append(_say(words, key, **told))
    found = [_say(words, "arms", parts="; ".join(parts))]
    if reading.across_arms is not None:
        found.append(_say(words, f"across_arms_{reading.across_arms}"))
    if reading.unseen:
        found.append(_say(words, "unseen", codes=words.joined([isolate(code) for code in reading.unseen])))
    return found


def _missing(words: TrialWords, groups: Sequence[MissingCells]) -> Table:
    """Return the cells taken as missing by group; what the file declares has a column where it declares any."""
    declares = any(each.declared for each in groups)
    rows = []
    for each in groups:
        name = _say(words, each.kind) if each.kind in _GROUPS else isolate(each.name)
        codes = "; ".join(f"{isolate(code)}: {words.number(count)}" for code, count in each.codes if count)
        cells = [name, words.number(len(each.columns)), words.number(each.cells), words.number(each.empty)]
        rows.append((*cells, codes or "–", *([words.number(each.declared)] if declares else [])))
    header = tuple(_say(words, key) for key in ("group", "columns", "cells", "empty", "codes"))
    header = (*header, _say(words, "declared")) if declares else header
    return Table(_say(words, "missing_caption"), header, tuple(rows), numeric=tuple(range(1, len(header))))
