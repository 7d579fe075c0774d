"""Tables from Excel workbooks: one sheet, to its furthest cell, of values that were calculated."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import IO, Any, NoReturn
from xml.etree import ElementTree as ET
from xml.parsers import expat

from hecon.errors import InputError
from hecon.files.faults import first_of, near
from hecon.trial.table.file_readers import (
    MOST_CELLS,
    FileLayout,
    FileTable,
    frame_of,
    is_filled,
    library,
    refuse_size,
)

_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
_ROWS, _ROW, _CELL, _FORMULA, _VALUE, _TEXT, _MERGED = (
    _NAMESPACE + name for name in ("sheetData", "row", "c", "f", "v", "t", "mergeCell")
)
_NAME = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)
_CELL_TAGS = (b"<c ", b"<c>", b"<c/", b":c ", b":c>", b":c/")
_CONTENT = re.compile(rb"<(?:\w+:)?(?:v|is|f)[ />]")
_BLOCK = 1 << 16
_BLOCK_OVERLAP = 32
_KEPT = 10
_MOST_ROWS = 1_048_576
_TRUE = frozenset({"1", "true"})


def _cell_name(row: int, column: int) -> str:
    """Return the name of a cell, as "H12"."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


@dataclass
class _CellList:
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
class _SheetScan:
    """The scan of a sheet: furthest row and column with content, the last row with any cell, and doubtful cells."""

    rows: int = 0
    columns: int = 0
    last_row: int = 0
    formulas: int = 0
    uncalculated: _CellList = field(default_factory=_CellList)
    errors: _CellList = field(default_factory=_CellList)
    merged: _CellList = field(default_factory=_CellList)
    hidden: list[int] = field(default_factory=list)


class _Handler:
    """Handlers of expat that fill a scan; the names of elements come with their namespace."""

    def __init__(self, scan: _SheetScan, top: int) -> None:
        self.scan = scan
        self.top = top
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
            self.scan.formulas += self.row >= self.top
        elif name == _ROW:
            self.open_row(attributes)
        elif name == _MERGED:
            self.add_merged(attributes.get("ref", ""))

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == _CELL:
            # What stands above the names is no part of the table.
            if (self.text or self.formula) and self.row >= self.top:
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
        if number >= self.top and (attributes.get("hidden") in _TRUE or (height is not None and float(height) == 0)):
            self.scan.hidden.append(number)

    def open_cell(self, place: str | None, kind: str) -> None:
        """Begin a cell."""
        column = self.column + 1
        if place is not None:
            column = self.columns.get(place.removesuffix(self.row_text)) or self.new_column(place)
        if column <= self.column:
            _refuse_order(f"cell {_cell_name(self.row, column)} after cell {_cell_name(self.row, self.column)}")
        self.column = column
        self.scan.last_row = self.row
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
            self.scan.uncalculated.add(_cell_name(self.row, self.column))
            filled = True
        if self.kind == "e" and filled:
            self.scan.errors.add(f"{_cell_name(self.row, self.column)} ({self.text[:_KEPT]})")
        if filled:
            self.scan.rows, self.scan.columns = self.row, max(self.scan.columns, self.column)

    def add_merged(self, reference: str) -> None:
        """Take a merged range; these stand below the cells, so that the size of the table is known."""
        if not self.complete:
            _refuse_order("merged cells before the rows")
        first, _, last = reference.partition(":")
        corner = _NAME.fullmatch(first)
        if corner is None or last in {"", first}:
            return
        above = _NAME.fullmatch(last)
        if above is not None and int(above[2]) < self.top:
            return
        if int(corner[2]) <= self.scan.rows and _column_of(corner[1]) <= self.scan.columns:
            self.scan.merged.add(reference)


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


def _refuse_many(stream: IO[bytes]) -> None:
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


def _scan(stream: IO[bytes], top: int) -> _SheetScan:
    """Scan a sheet from the row of the names on, in one pass."""
    parser = expat.ParserCreate(namespace_separator=" ")
    handler = _Handler(_SheetScan(), top)
    parser.buffer_text = True
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    while block := stream.read(_BLOCK):
        parser.Parse(block)
    parser.Parse(b"", True)  # noqa: FBT003
    return handler.scan


def _has_content(stream: IO[bytes]) -> bool:
    """Return whether a sheet has a cell with a value, text or formula, without looking further than the first."""
    before = b""
    while block := stream.read(_BLOCK):
        if _CONTENT.search(before + block):
            return True
        before = block[-_BLOCK_OVERLAP:]
    return False


_MEGABYTE = 1_000_000
# Uncompressed, of each part of the file. A cell takes some 30 bytes of a sheet.
_SHEET_BYTES = 300 * _MEGABYTE
_STRINGS_BYTES = 100 * _MEGABYTE
_OTHER_BYTES = 20 * _MEGABYTE
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_REMEDY = "open it in Excel or LibreOffice, let it calculate, and save it"


def read_workbook(content: bytes, name: str, how: FileLayout) -> FileTable:
    """Return the table of the sheet that a design names, or of the first."""
    top = how.header_row or 1
    openpyxl = library("openpyxl", "Excel")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        _refuse_parts(archive)
        unfinished = _is_unfinished(archive)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            chosen, others = _sheets(book, archive, name, how)
            sheet = chosen._worksheet_path  # noqa: SLF001 (openpyxl tells it in no other way)
            result = _scan(archive.open(sheet), top)
            _refuse_cells(result, chosen.title, unfinished=unfinished)
            # The furthest cell is that of the scan: what the file itself says of its dimension may be wrong.
            rows = (
                list(chosen.iter_rows(min_row=top, max_row=result.rows, max_col=result.columns, values_only=True))
                if result.rows
                else []
            )
        finally:
            book.close()
    _refuse_dates(rows, top)
    while rows and not any(map(is_filled, rows[-1])):
        rows.pop()
    frame, empty_columns = frame_of(rows, lambda row: f"row {row + top} of the sheet")
    return FileTable(
        frame=frame,
        sheet=chosen.title,
        other_sheets=others,
        rows_above=top - 1,
        empty_rows=max(0, result.last_row - top + 1) - len(rows),
        empty_columns=empty_columns,
        hidden_rows=sum(row < top + len(rows) for row in result.hidden),
    )


def _refuse_parts(archive: zipfile.ZipFile) -> None:
    """Refuse parts that are too large before any is read; the archive gives no more of a part than it declares."""
    for part in archive.infolist():
        folder = part.filename.lower().lstrip("/")
        most = _OTHER_BYTES
        if folder.startswith("xl/worksheets/"):
            most = _SHEET_BYTES
        elif folder.endswith("sharedstrings.xml"):
            most = _STRINGS_BYTES
        if folder.endswith((".xml", ".rels")) and part.file_size > most:
            msg = (
                f"table must be a workbook with parts of at most {most // _MEGABYTE} MB, got {part.filename!r} of "
                f"{part.file_size // _MEGABYTE} MB unpacked: delete what is no part of the table, or save it as CSV"
            )
            raise InputError(msg)
        # The library goes through every sheet that does not tell its dimension.
        if folder.startswith("xl/worksheets/") and folder.endswith(".xml"):
            _refuse_many(archive.open(part))


def _tree(archive: zipfile.ZipFile, part: str) -> ET.Element:
    return ET.fromstring(archive.read(part))  # noqa: S314 (its size is limited, and expat limits what entities add)


def _is_unfinished(archive: zipfile.ZipFile) -> bool:
    """Return whether the workbook asks to be calculated when it is opened, as writers do that calculate nothing."""
    relations = _tree(archive, "_rels/.rels").iter(_RELATION)
    part = next(each.attrib["Target"] for each in relations if each.attrib["Type"].endswith("/officeDocument"))
    book = _tree(archive, part.lstrip("/"))
    if not book.tag.startswith(_MAIN):
        msg = (
            "table must be a workbook of the usual kind, got one in Strict Open XML: save it as Excel Workbook (.xlsx)"
        )
        raise InputError(msg)
    marks = book.find(f"{_MAIN}calcPr")
    if marks is None:
        return False
    return marks.get("fullCalcOnLoad") in _TRUE or marks.get("calcCompleted") in {"0", "false"}


def _sheets(book: Any, archive: zipfile.ZipFile, name: str, how: FileLayout) -> tuple[Any, tuple[str, ...]]:  # noqa: ANN401
    """Return the sheet of the table, and the names of the others that have content."""
    if not book.worksheets:
        msg = f"table must be a workbook with a sheet of cells, got none in {name!r}"
        raise InputError(msg)
    titles = [each.title for each in book.worksheets]
    sheet = how.sheet or next((each for each in how.sheets if each in titles), None)
    if sheet is not None and sheet not in titles:
        msg = f"table.sheet must be a sheet of {name!r}, got {sheet!r}{near(sheet, titles, listed='it has')}"
        raise InputError(msg)
    chosen = book.worksheets[0 if sheet is None else titles.index(sheet)]
    # A sheet that is named is meant, be it hidden.
    if sheet is None and chosen.sheet_state != "visible":
        remedy = how.remedy(
            "show it, or move that of the table to the front", "name it, as sheet in the design's [table]"
        )
        msg = (
            f"table must stand in the first sheet of its workbook, and the first of {name!r}, {chosen.title!r}, is "
            f"hidden: {remedy}"
        )
        raise InputError(msg)
    others = [each for each in book.worksheets if each is not chosen]
    return chosen, tuple(each.title for each in others if _has_content(archive.open(each._worksheet_path)))  # noqa: SLF001


def _refuse_cells(scan: _SheetScan, sheet: str, *, unfinished: bool) -> None:
    far = f" in sheet {sheet!r}, up to cell {_cell_name(scan.rows, scan.columns)}: empty what lies far from the table"
    refuse_size(scan.rows, scan.columns, far)
    faults = {
        f"a stored value for every formula, got none for that of cell {scan.uncalculated} in sheet {sheet!r}: "
        f"{_REMEDY}": scan.uncalculated.count,
        f"calculated formulas, and the program that wrote sheet {sheet!r} left its {scan.formulas:,} formulas to be "
        f"calculated on opening: {_REMEDY}": unfinished and scan.formulas,
        f"no error values, got them in cell {scan.errors} of sheet {sheet!r}: mend the formulas, or empty the cells if "
        "their values are missing": scan.errors.count,
        f"no merged cells, of which only the first holds the value, got {scan.merged} in sheet {sheet!r}: unmerge them "
        "and fill in every cell": scan.merged.count,
    }
    for rule, count in faults.items():
        if count:
            msg = f"table must have {rule}"
            raise InputError(msg)


def _refuse_dates(rows: list[tuple[Any, ...]], top: int) -> None:
    """Refuse the error that openpyxl makes of a number that is shown as a date and lies outside all dates."""
    wrong = [
        _cell_name(row, column)
        for row, cells in enumerate(rows, start=top)
        for column, cell in enumerate(cells, start=1)
        if cell == "#VALUE!"
    ]
    if wrong:
        msg = (
            f"table must have no error values, got #VALUE! or a number outside all dates in cell {first_of(wrong)}: "
            "mend the cells or their format"
        )
        raise InputError(msg)
