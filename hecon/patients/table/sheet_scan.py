"""One pass over the XML of a sheet, in constant memory: its size, and the cells whose values cannot be trusted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, NoReturn
from xml.parsers import expat

from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CellList", "SheetScan", "cell_name", "has_content", "scan"]

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)
_BLOCK = 1 << 16
_KEPT = 10
_TRUE = frozenset({"1", "true"})


class _EnoughError(Exception):
    """Content was found, which was all that was asked."""


def cell_name(row: int, column: int) -> str:
    """Return the name of a cell, as "H12"."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


@dataclass
class CellList:
    """The names of the first cells that have something in common, and the number of all."""

    first: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, name: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.first) < _KEPT:
            self.first.append(name)

    def __str__(self) -> str:
        more = f" and {self.count - len(self.first)} more" if self.count > len(self.first) else ""
        return ", ".join(self.first) + more


@dataclass
class SheetScan:
    """What a sheet holds: furthest row and column with content, the last row with any cell, and doubtful cells."""

    rows: int = 0
    columns: int = 0
    last_row: int = 0
    formulas: int = 0
    uncalculated: CellList = field(default_factory=CellList)
    errors: CellList = field(default_factory=CellList)
    merged: CellList = field(default_factory=CellList)
    hidden: list[int] = field(default_factory=list)


class _Handler:
    """Handlers of expat that fill a scan; the names of elements come with their namespace."""

    def __init__(self, found: SheetScan, *, stop_at_content: bool) -> None:
        self.found = found
        self.stop_at_content = stop_at_content
        self.row = self.column = 0
        self.kind = "n"
        self.formula = self.value = self.in_text = self.complete = False
        self.text = ""
        self.opening: dict[str, Callable[[dict[str, str]], None]] = {
            f"{_MAIN}row": self.open_row,
            f"{_MAIN}c": self.open_cell,
            f"{_MAIN}f": self.open_formula,
            f"{_MAIN}v": self.open_value,
            f"{_MAIN}t": self.open_text,
            f"{_MAIN}mergeCell": self.open_merged,
        }

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        handler = self.opening.get(name)
        if handler is not None:
            handler(attributes)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == f"{_MAIN}c":
            self.close_cell()
        elif name in {f"{_MAIN}v", f"{_MAIN}t"}:
            self.in_text = False
        elif name == f"{_MAIN}sheetData":
            self.complete = True

    def data(self, text: str) -> None:
        """Take text: only whether a cell has any, and the name of an error, are kept."""
        if self.in_text:
            self.text += text[:_KEPT] if len(self.text) < _KEPT or not self.text.strip() else ""

    def open_row(self, attributes: dict[str, str]) -> None:
        number = int(float(attributes.get("r", self.row + 1)))
        if number <= self.row:
            _refuse_order(f"row {number} after row {self.row}")
        self.row, self.column = number, 0
        height = attributes.get("ht")
        if attributes.get("hidden") in _TRUE or (height is not None and float(height) == 0):
            self.found.hidden.append(number)

    def open_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        column = self.column + 1
        if place is not None:
            parts = _CELL.fullmatch(place)
            if parts is None or int(parts[2]) != self.row:
                _refuse_order(f"cell {place[:_KEPT]!r} in row {self.row}")
            column = _column_of(parts[1])
        if column <= self.column:
            _refuse_order(f"cell {cell_name(self.row, column)} after cell {cell_name(self.row, self.column)}")
        self.column = column
        self.found.last_row = self.row
        self.kind = attributes.get("t", "n")
        self.formula = self.value = False
        self.text = ""

    def open_formula(self, _: dict[str, str]) -> None:
        self.formula = True
        self.found.formulas += 1

    def open_value(self, _: dict[str, str]) -> None:
        self.value, self.in_text = True, True

    def open_text(self, _: dict[str, str]) -> None:
        self.in_text = True

    def open_merged(self, attributes: dict[str, str]) -> None:
        # Merged ranges stand below the cells, so that the size of the table is known.
        if not self.complete:
            _refuse_order("merged cells before the rows")
        first, _, last = attributes.get("ref", "").partition(":")
        corner, end = _CELL.fullmatch(first), _CELL.fullmatch(last)
        if corner is None or end is None or first == last:
            return
        if int(corner[2]) <= self.found.rows and _column_of(corner[1]) <= self.found.columns:
            self.found.merged.add(f"{first}:{last}")

    def close_cell(self) -> None:
        name = cell_name(self.row, self.column)
        filled = bool(self.text.strip())
        if self.formula and not self.text and not (self.kind == "str" and self.value):
            self.found.uncalculated.add(name)
            filled = True
        if self.kind == "e" and self.text:
            self.found.errors.add(f"{name} ({self.text[:_KEPT]})")
        if filled:
            self.found.rows, self.found.columns = self.row, max(self.found.columns, self.column)
            if self.stop_at_content:
                raise _EnoughError


def _column_of(letters: str) -> int:
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - ord("A") + 1
    return column


def _refuse_order(what: str) -> NoReturn:
    msg = (
        f"table must have the rows and cells of its sheet in order, got {what}: open it in Excel or LibreOffice and "
        "save it"
    )
    raise InputError(msg)


def _refuse_doctype(*_: object) -> None:
    msg = "table must be a workbook without declarations of its own document type, got one in its XML"
    raise InputError(msg)


def _parse(stream: IO[bytes], found: SheetScan, *, stop_at_content: bool) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    handler = _Handler(found, stop_at_content=stop_at_content)
    parser.buffer_text = True
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    while block := stream.read(_BLOCK):
        parser.Parse(block)
    parser.Parse(b"", True)  # noqa: FBT003


def scan(stream: IO[bytes]) -> SheetScan:
    """Return what a pass over a sheet finds."""
    found = SheetScan()
    _parse(stream, found, stop_at_content=False)
    return found


def has_content(stream: IO[bytes]) -> bool:
    """Return whether a sheet has a cell with content, without looking further than the first."""
    try:
        _parse(stream, SheetScan(), stop_at_content=True)
    except _EnoughError:
        return True
    return False
