"""How a file is laid out, guessed from the file itself: encoding, separator, sheet, row of the names; each with why."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING, Any

from hecon.errors import InputError
from hecon.files.faults import first_of
from hecon.trial.table.file_readers import FileLayout, decoded, default_separator, is_filled, library

if TYPE_CHECKING:
    from collections.abc import Sequence

    # Keys of the design's table with what was guessed and why.
    Guesses = dict[str, tuple[Any, str]]

_SEPARATORS = (";", ",", "\t", "|")
_BOMS = (b"\xff\xfe", b"\xfe\xff")
# Lines and rows that are looked at for the names.
_LOOKED_AT = 200
# Share of the widest row that the row of the names fills.
_WIDE = 0.6


def sniffed(content: bytes, name: str, kind: str) -> tuple[FileLayout, Guesses]:
    """Return how a file is read, and what of it was guessed; what the kind of file does by itself is left out."""
    if kind in {".csv", ".tsv"}:
        return _of_text(content, name)
    if kind == ".xlsx":
        return _of_workbook(content)
    return FileLayout(), {}


def _of_text(content: bytes, name: str) -> tuple[FileLayout, Guesses]:
    guesses: Guesses = {}
    encoding = None
    try:
        text = decoded(content, name, None)
    except InputError:
        encoding = "utf-16" if content.startswith(_BOMS) else "windows-1252"
        why = (
            "it begins as such files do"
            if encoding == "utf-16"
            else "it is no UTF-8: look whether its letters are right"
        )
        guesses["encoding"] = encoding, why
        text = content.decode(encoding, errors="replace")
    lines = text.splitlines()
    named = bool(lines) and lines[0].lower().strip('"').startswith("sep=")
    separator = lines[0].strip('"')[4:5] if named else _separator(lines)
    if separator != default_separator(name) and not named:
        guesses["separator"] = separator, "it divides most lines"
    widths = [len(row) for row in csv.reader(lines[:_LOOKED_AT], delimiter=separator)] if separator else []
    row = _first_wide([0, *widths[1:]] if named else widths)
    if row > 1 + named:
        guesses["header_row"] = row, "the lines above it have fewer cells"
    chosen = {key: value for key, (value, _) in guesses.items()}
    return FileLayout(**chosen), guesses


def _separator(lines: Sequence[str]) -> str:
    """Return the mark that divides the most lines into the same number of cells, more than one."""
    best = ("", (0, 0))
    for mark in _SEPARATORS:
        rows = csv.reader(io.StringIO("\n".join(lines[:_LOOKED_AT]), newline=""), delimiter=mark)
        counts = Counter(len(row) for row in rows if len(row) > 1)
        if counts:
            width, often = counts.most_common(1)[0]
            best = max(best, (mark, (often, width)), key=lambda each: each[1])
    return best[0] or ","


def _first_wide(widths: Sequence[int]) -> int:
    """Return the place of the first row, from 1, that is as wide as most of those that are wide."""
    usual = max(Counter(widths).items(), key=lambda each: (each[1] * (each[0] > 1), each[0]), default=(1, 1))[0]
    return next((place for place, width in enumerate(widths, start=1) if width >= max(usual, 1)), 1)


def _of_workbook(content: bytes) -> tuple[FileLayout, Guesses]:
    """Return the largest visible sheet of a workbook, and the row of its names."""
    openpyxl = library("openpyxl", "Excel")
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    sizes: dict[str, tuple[int, int]] = {}
    try:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in visible:
            widths = [sum(map(is_filled, row)) for row in sheet.iter_rows(values_only=True)]
            sizes[sheet.title] = sum(widths), _names_row(widths[:_LOOKED_AT])
        first = book.worksheets[0].title if book.worksheets else ""
    finally:
        book.close()
    if not sizes:
        return FileLayout(), {}
    title = max(sizes, key=lambda each: sizes[each][0])
    guesses: Guesses = {}
    if title != first:
        others = first_of(repr(each) for each in sizes if each != title)
        guesses["sheet"] = title, f"it holds the most cells; the others are {others}"
    if sizes[title][1] > 1:
        guesses["header_row"] = sizes[title][1], "the rows above it have fewer cells"
    chosen = {key: value for key, (value, _) in guesses.items()}
    return FileLayout(**chosen), guesses


def _names_row(widths: Sequence[int]) -> int:
    """Return the first row, from 1, that fills most of the widest."""
    widest = max(widths, default=0)
    return next((place for place, width in enumerate(widths, start=1) if width and width >= _WIDE * widest), 1)
