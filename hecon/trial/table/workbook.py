"""Tables from Excel workbooks: the first sheet, to its furthest cell, of values that were calculated."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from xml.etree import ElementTree as ET

from hecon.errors import InputError
from hecon.trial.table.framing import FileTable, framed, is_filled, listed, refuse_size
from hecon.trial.table.libraries import library
from hecon.trial.table.sheet_scan import SheetScan, cell_name, has_content, refuse_many, scan

__all__ = ["read_workbook"]

_MEGABYTE = 1_000_000
# Uncompressed, of each part of the file. A cell takes some 30 bytes of a sheet.
_SHEET_BYTES = 300 * _MEGABYTE
_STRINGS_BYTES = 100 * _MEGABYTE
_OTHER_BYTES = 20 * _MEGABYTE
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_REMEDY = "open it in Excel or LibreOffice, let it calculate, and save it"


def read_workbook(content: bytes, name: str, _: str) -> FileTable:
    """Return the table of a workbook's first sheet."""
    openpyxl = library("openpyxl", "Excel")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        _refuse_parts(archive)
        unfinished = _is_unfinished(archive)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            first, others = _sheets(book, archive, name)
            sheet = first._worksheet_path  # noqa: SLF001 (openpyxl tells it in no other way)
            found = scan(archive.open(sheet))
            _refuse_cells(found, first.title, unfinished=unfinished)
            # The furthest cell is that of the scan: what the file itself says of its dimension may be wrong.
            rows = (
                list(first.iter_rows(max_row=found.rows, max_col=found.columns, values_only=True)) if found.rows else []
            )
        finally:
            book.close()
    _refuse_dates(rows)
    while rows and not any(map(is_filled, rows[-1])):
        rows.pop()
    frame, empty_columns = framed(rows, lambda row: f"row {row + 1} of the sheet")
    return FileTable(
        frame=frame,
        sheet=first.title,
        other_sheets=others,
        empty_rows=found.last_row - len(rows),
        empty_columns=empty_columns,
        hidden_rows=sum(row <= len(rows) for row in found.hidden),
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
            refuse_many(archive.open(part))


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
    return marks.get("fullCalcOnLoad") in {"1", "true"} or marks.get("calcCompleted") in {"0", "false"}


def _sheets(book: Any, archive: zipfile.ZipFile, name: str) -> tuple[Any, tuple[str, ...]]:  # noqa: ANN401
    """Return the first sheet, and the names of the others that have content."""
    if not book.worksheets:
        msg = f"table must be a workbook with a sheet of cells, got none in {name!r}"
        raise InputError(msg)
    first, *others = book.worksheets
    if first.sheet_state != "visible":
        msg = (
            f"table must stand in the first sheet of its workbook, and the first of {name!r}, {first.title!r}, is "
            "hidden: show it, or move the sheet of the table to the front"
        )
        raise InputError(msg)
    return first, tuple(each.title for each in others if has_content(archive.open(each._worksheet_path)))  # noqa: SLF001


def _refuse_cells(found: SheetScan, sheet: str, *, unfinished: bool) -> None:
    far = f" in sheet {sheet!r}, up to cell {cell_name(found.rows, found.columns)}: empty what lies far from the table"
    refuse_size(found.rows, found.columns, far)
    if found.uncalculated.count:
        msg = (
            "table must have a stored value for every formula, got none for that of cell "
            f"{found.uncalculated} in sheet {sheet!r}: {_REMEDY}"
        )
        raise InputError(msg)
    if unfinished and found.formulas:
        msg = (
            f"table must have calculated formulas, and the program that wrote sheet {sheet!r} left its "
            f"{found.formulas:,} formulas to be calculated on opening: {_REMEDY}"
        )
        raise InputError(msg)
    if found.errors.count:
        msg = (
            f"table must have no error values, got them in cell {found.errors} of sheet {sheet!r}: mend the formulas, "
            "or empty the cells if their values are missing"
        )
        raise InputError(msg)
    if found.merged.count:
        msg = (
            f"table must have no merged cells, of which only the first holds the value, got {found.merged} in sheet "
            f"{sheet!r}: unmerge them and fill in every cell"
        )
        raise InputError(msg)


def _refuse_dates(rows: list[tuple[Any, ...]]) -> None:
    """Refuse the error that openpyxl makes of a number that is shown as a date and lies outside all dates."""
    wrong = [
        cell_name(row, column)
        for row, cells in enumerate(rows, start=1)
        for column, cell in enumerate(cells, start=1)
        if cell == "#VALUE!"
    ]
    if wrong:
        msg = (
            f"table must have no error values, got #VALUE! or a number outside all dates in cell {listed(wrong)}: "
            "mend the cells or their format"
        )
        raise InputError(msg)
