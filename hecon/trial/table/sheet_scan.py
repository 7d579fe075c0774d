"""One pass over the XML of a sheet, in constant memory: its size, and the cells whose values cannot be trusted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO, NoReturn
from xml.parsers import expat

from hecon.errors import InputError
from hecon.trial.table.framing import MOST_CELLS

__all__ = ["CellList", "SheetScan", "cell_name", "has_content", "refuse_many", "scan"]

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
_ROWS, _ROW, _CELL, _FORMULA, _VALUE, _TEXT, _MERGED = (
    _MAIN + name for name in ("sheetData", "row", "c", "f", "v", "t", "mergeCell")
)
_NAME = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)
_CELL_TAGS = (b"<c ", b"<c>", b"<c/", b":c ", b":c>", b":c/")
_CONTENT = re.compile(rb"<(?:\w+:)?(?:v|is|f)[ />]")
_BLOCK = 1 << 16
_BLOCK_OVERLAP = 32
_KEPT = 10
_MOST_ROWS = 1_048_576
_TRUE = frozenset({"1", "true"})


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

    def __init__(self, found: SheetScan) -> None:
        self.found = found
        self.row = self.column = 0
        self.row_text = ""
        self.kind = "n"
        self.formula = self.value = self.in_text = self.complete = False
        self.text = ""
        self.columns: dict[str, int] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        if name == _CELL:
            self.open_cell(attributes.get("r"), attributes.get("t", "n"))
        elif name == _VALUE:
            self.value = self.in_text = True
        elif name == _TEXT:
            self.in_text = True
        elif name == _FORMULA:
            self.formula = True
            self.found.formulas += 1
        elif name == _ROW:
            self.open_row(attributes)
        elif name == _MERGED:
            self.add_merged(attributes.get("ref", ""))

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == _CELL:
            if self.text or self.formula:
                self.close_cell()
        elif name in {_VALUE, _TEXT}:
            self.in_text = False
        elif name == _ROWS:
            self.complete = True

    def data(self, text: str) -> None:
        """Take text: only whether a cell has any, and the name of an error, are kept."""
        if self.in_text and (len(self.text) < _KEPT or not self.text.strip()):
            self.text += text[:_KEPT]

    def open_row(self, attributes: dict[str, str]) -> None:
        """Begin a row."""
        number = int(float(attributes.get("r", self.row + 1)))
        if number <= self.row:
            _refuse_order(f"row {number} after row {self.row}")
        if number > _MOST_ROWS:
            _refuse_order(f"row {number}, where {_MOST_ROWS:,} is the last")
        self.row, self.row_text, self.column = number, str(number), 0
        height = attributes.get("ht")
        if attributes.get("hidden") in _TRUE or (height is not None and float(height) == 0):
            self.found.hidden.append(number)

    def open_cell(self, place: str | None, kind: str) -> None:
        """Begin a cell."""
        column = self.column + 1
        if place is not None:
            column = self.columns.get(place.removesuffix(self.row_text)) or self.new_column(place)
        if column <= self.column:
            _refuse_order(f"cell {cell_name(self.row, column)} after cell {cell_name(self.row, self.column)}")
        self.column = column
        self.found.last_row = self.row
        self.kind, self.text = kind, ""
        self.formula = self.value = False

    def new_column(self, place: str) -> int:
        """Return the column of a cell, and remember it."""
        parts = _NAME.fullmatch(place)
        if parts is None or parts[2] != self.row_text:
            _refuse_order(f"cell {place[:_KEPT]!r} in row {self.row}")
        return self.columns.setdefault(parts[1], _column_of(parts[1]))

    def close_cell(self) -> None:
        """Take a cell that has a formula or text."""
        filled = bool(self.text.strip())
        if self.formula and not self.text and not (self.kind == "str" and self.value):
            self.found.uncalculated.add(cell_name(self.row, self.column))
            filled = True
        if self.kind == "e" and filled:
            self.found.errors.add(f"{cell_name(self.row, self.column)} ({self.text[:_KEPT]})")
        if filled:
            self.found.rows, self.found.columns = self.row, max(self.found.columns, self.column)

    def add_merged(self, reference: str) -> None:
        """Take a merged range; these stand below the cells, so that the size of the table is known."""
        if not self.complete:
            _refuse_order("merged cells before the rows")
        first, _, last = reference.partition(":")
        corner = _NAME.fullmatch(first)
        if corner is None or last in {"", first}:
            return
        if int(corner[2]) <= self.found.rows and _column_of(corner[1]) <= self.found.columns:
            self.found.merged.add(reference)


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


def refuse_many(stream: IO[bytes]) -> None:
    """Refuse a sheet of too many cells, filled or not: a count of their tags, much quicker than reading them."""
    count = 0
    while block := stream.read(_BLOCK):
        count += sum(block.count(tag) for tag in _CELL_TAGS)
        if count > MOST_CELLS:
            msg = (
                f"table must have at most {MOST_CELLS:,} cells, got more in its sheet, filled or not: delete what is "
                "no part of the table, or save it as CSV"
            )
            raise InputError(msg)


def scan(stream: IO[bytes]) -> SheetScan:
    """Return what a pass over a sheet finds."""
    parser = expat.ParserCreate(namespace_separator=" ")
    handler = _Handler(SheetScan())
    parser.buffer_text = True
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    while block := stream.read(_BLOCK):
        parser.Parse(block)
    parser.Parse(b"", True)  # noqa: FBT003
    return handler.found


def has_content(stream: IO[bytes]) -> bool:
    """Return whether a sheet has a cell with a value, text or formula, without looking further than the first."""
    before = b""
    while block := stream.read(_BLOCK):
        if _CONTENT.search(before + block):
            return True
        before = block[-_BLOCK_OVERLAP:]
    return False
