"""Excel workbooks: every row of the first sheet, and refusals that name the cells whose values cannot be trusted."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import openpyxl.chart
import pandas as pd
import pytest
from trial_tables import wide, wide_design

from hecon.errors import InputError, TrialError
from hecon.trial import trial_data
from hecon.trial.table import xlsx
from hecon.trial.table.reading import read_table

SHEET = "xl/worksheets/sheet1.xml"
ROWS = [["id", "arm", "cost"], *([number, number % 2, number + 0.5] for number in range(1, 61))]
PLACES = {"first": 0, "middle": 1, "last": 3}
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def book_of(path, edit=None, rows=ROWS):
    """Write a workbook, changed by `edit`, which takes the book and its first sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if edit is not None:
        edit(book, book.active)
    book.save(path)
    return path


def with_parts(path, change):
    """Change the parts of a workbook, as other programs write them."""
    with zipfile.ZipFile(path) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def replaced(path, old, new, part=SHEET):
    def change(parts):
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new)

    return with_parts(path, change)


def sheet_of(path, inner):
    """Write a workbook with a sheet of this XML."""
    book_of(path)
    xml = f'<worksheet xmlns="{MAIN}">{inner}</worksheet>'.encode()
    return with_parts(path, lambda parts: parts.__setitem__(SHEET, xml))


def refused(path):
    with pytest.raises(InputError) as caught:
        read_table(path)
    return str(caught.value)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trial.xlsx"


# Size -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("dimension", [b'<dimension ref="A1:B31"/>', b'<dimension ref="A1"/>', b""])
def test_what_the_file_says_of_its_dimension_cuts_nothing(path, place, dimension):
    rows = [[*row[: PLACES[place]], "remark" if row is ROWS[0] else "well", *row[PLACES[place] :]] for row in ROWS]
    book_of(path, rows=rows)
    # A blank before the slash depends on the library that writes the XML.
    with zipfile.ZipFile(path) as archive:
        written = (
            b'<dimension ref="A1:D61" />' if b'"A1:D61" />' in archive.read(SHEET) else b'<dimension ref="A1:D61"/>'
        )
    found = read_table(replaced(path, written, dimension))

    assert found.shape == (60, 4)
    assert found["cost"].tolist() == [number + 0.5 for number in range(1, 61)]


def test_a_dimension_beyond_the_cells_adds_nothing(path):
    book_of(path)

    assert read_table(replaced(path, b"A1:C61", b"A1:XFD1048576")).shape == (60, 3)


def test_a_far_cell_is_refused_by_its_name(path):
    book_of(path, lambda _, sheet: sheet.cell(1_048_576, 16_384, "x"))

    assert refused(path) == (
        "table must have at most 10,000,000 cells, got 1,048,576 rows of 16,384 columns in sheet 'Sheet', up to cell "
        "XFD1048576: empty what lies far from the table"
    )


def test_a_far_cell_without_content_is_no_part_of_the_table(path):
    book_of(path, lambda _, sheet: setattr(sheet.cell(1_048_576, 16_384), "number_format", "0.00"))
    found = read_table(path)

    assert found.shape == (60, 3)
    assert found.attrs["reading"]["empty_rows"] == 1_048_576 - 61


def test_sheets_of_too_many_cells_are_refused_before_they_are_read(path, monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_CELLS", 100)
    monkeypatch.setattr(xlsx, "_scan", None)

    assert refused(book_of(path)).startswith("table must have at most 100 cells, got more in its sheet, filled or not")


@pytest.mark.parametrize(("part", "most"), [(SHEET, 300), ("xl/sharedStrings.xml", 100), ("xl/styles.xml", 20)])
def test_a_part_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(path, part, most):
    """The archive is not read: what its directory says is enough."""
    with_parts(book_of(path), lambda parts: parts.setdefault(part, b""))
    content = bytearray(path.read_bytes())
    entry = content.rindex(part.encode()) - 46
    content[entry + 24 : entry + 28] = (most * 1_000_000 + 1).to_bytes(4, "little")
    path.write_bytes(content)

    assert refused(path) == (
        f"table must be a workbook with parts of at most {most} MB, got {part!r} of {most} MB unpacked: delete what is "
        "no part of the table, or save it as CSV"
    )


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ('<row r="2"/><row r="1"/>', "row 1 after row 2"),
        ('<row r="2"/><row r="2"/>', "row 2 after row 2"),
        ('<row r="1048577"/>', "row 1048577, where 1,048,576 is the last"),
        ('<row r="1"><c r="B1"/><c r="A1"/></row>', "cell A1 after cell B1"),
        ('<row r="1"><c r="A1"/><c r="A1"/></row>', "cell A1 after cell A1"),
        ('<row r="1"><c r="A2"/></row>', "cell 'A2' in row 1"),
        ('<row r="12"><c r="A112"/></row>', "cell 'A112' in row 12"),
    ],
)
def test_rows_and_cells_out_of_order_are_refused(path, inner, words):
    """The library leaves them out without a word."""
    message = refused(sheet_of(path, f"<sheetData>{inner}</sheetData>"))

    assert message == (
        f"table must have the rows and cells of its sheet in order, got {words}: open it in Excel or LibreOffice and "
        "save it"
    )


def test_merged_cells_above_the_rows_are_refused(path):
    inner = '<mergeCells><mergeCell ref="A1:A2"/></mergeCells><sheetData/>'

    assert "got merged cells before the rows" in refused(sheet_of(path, inner))


def test_shared_strings_are_read(path):
    """As Excel writes all text; white space alone is none."""
    rows = "".join(f"<row><c t='s'><v>{number}</v></c></row>" for number in (0, 1, 2, 2))
    strings = f'<sst xmlns="{MAIN}"><si><t>id</t></si><si><r><t>P-</t></r><r><t>1</t></r></si><si><t> </t></si></sst>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"

    def add_strings(parts):
        parts["xl/sharedStrings.xml"] = strings.encode()
        types = parts["[Content_Types].xml"].decode()
        if "sharedStrings" not in types:
            types = types.replace(
                "</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
            )
        parts["[Content_Types].xml"] = types.encode()

    found = read_table(with_parts(sheet_of(path, f"<sheetData>{rows}</sheetData>"), add_strings))

    assert found.columns.tolist() == ["id"]
    assert found["id"].tolist() == ["P-1"]
    assert found.attrs["reading"]["empty_rows"] == 2


def test_a_workbook_that_says_nothing_of_calculation_is_read(path):
    rows = "<row><c t='str'><v>id</v></c></row><row><c><f>1+1</f><v>2</v></c></row>"
    sheet_of(path, f"<sheetData>{rows}</sheetData>")

    def drop(parts):
        parts["xl/workbook.xml"], count = re.subn(rb"<calcPr[^>]*/>", b"", parts["xl/workbook.xml"])
        assert count == 1

    assert read_table(with_parts(path, drop))["id"].tolist() == [2]


def test_a_workbook_without_a_sheet_of_cells_is_refused(path):
    book = openpyxl.Workbook()
    book.create_chartsheet("figure").add_chart(openpyxl.chart.BarChart())
    book.remove(book["Sheet"])
    book.save(path)

    assert refused(path) == f"table must be a workbook with a sheet of cells, got none in {str(path)!r}"


def test_cells_without_places_are_read_in_their_order(path):
    inner = "<row><c t='inlineStr'><is><t>id</t></is></c><c t='str'><v>arm</v></c></row><row><c><v>1</v></c><c/></row>"
    found = read_table(sheet_of(path, f"<sheetData>{inner}</sheetData>"))

    assert found.columns.tolist() == ["id", "arm"]
    assert found.to_numpy().tolist() == [[1, None]]


# Values that cannot be trusted ----------------------------------------------------------------------------------------


def with_formulas(_, sheet):
    for row in (12, 31, 40, 41, 50):
        sheet.cell(row, 3).value = f"=A{row}*2"


def test_formulas_without_a_stored_value_are_refused_by_their_cells(path):
    assert refused(book_of(path, with_formulas)) == (
        "table must have a stored value for every formula, got none for that of cell C12, C31, C40, C41, C50 in sheet "
        "'Sheet': open it in Excel or LibreOffice, let it calculate, and save it"
    )


def test_many_formulas_are_counted(path):
    def edit(_, sheet):
        for row in range(2, 62):
            sheet.cell(row, 3).value = f"=A{row}*2"

    assert "C2, C3, C4, C5, C6, C7, C8, C9, C10, C11 and 50 more in sheet" in refused(book_of(path, edit))


@pytest.mark.parametrize(
    ("formula", "refusal"),
    [
        ("<c r='A2'><f>1+1</f></c>", True),
        ("<c r='A2'><f>1+1</f><v></v></c>", True),
        ("<c r='A2' t='str'><f>1+1</f></c>", True),
        ("<c r='A2'><f t='shared' si='0'/></c>", True),
        ("<c r='A2'><f t='array' ref='A2'>1+1</f><v/></c>", True),
        ("<c r='A2' t='str'><f>B1&amp;C1</f><v></v></c>", False),
        ("<c r='A2'><f>1+1</f><v>2</v></c>", False),
        ("<c r='A2'><f t='shared' si='0'/><v>2</v></c>", False),
    ],
)
def test_a_formula_needs_its_value(path, formula, refusal):
    """An empty text is one."""
    rows = f"<row r='1'><c r='A1' t='str'><v>id</v></c></row><row r='2'>{formula}</row>"
    sheet_of(path, f"<sheetData>{rows}<row r='3'><c r='A3'><v>5</v></c></row></sheetData>")
    replaced(path, b'fullCalcOnLoad="1"', b"", "xl/workbook.xml")
    if refusal:
        assert "got none for that of cell A2 in sheet 'Sheet'" in refused(path)
    else:
        assert read_table(path)["id"].tolist() == [None if "B1" in formula else 2, 5]


@pytest.mark.parametrize("mark", [b'fullCalcOnLoad="1"', b'calcCompleted="0"'])
def test_values_that_wait_for_a_calculation_are_refused(path, mark):
    """Some writers store 0 for every formula, and ask that the workbook be calculated when it is opened."""
    rows = "<row><c t='str'><v>id</v></c></row><row><c><f>1+1</f><v>0</v></c></row>"
    sheet_of(path, f"<sheetData>{rows}</sheetData>")
    replaced(path, b'fullCalcOnLoad="1"', mark, "xl/workbook.xml")

    assert "left its 1 formulas to be calculated on opening: open it in Excel or LibreOffice" in refused(path)
    assert read_table(replaced(path, mark, b"", "xl/workbook.xml"))["id"].tolist() == [0]


def test_error_values_are_refused_by_their_cells(path):
    def edit(_, sheet):
        for name, value in (("C7", "#DIV/0!"), ("B9", "#N/A"), ("A11", "#REF!")):
            sheet[name] = value
            sheet[name].data_type = "e"

    assert refused(book_of(path, edit)) == (
        "table must have no error values, got them in cell C7 (#DIV/0!), B9 (#N/A), A11 (#REF!) of sheet 'Sheet': mend "
        "the formulas, or empty the cells if their values are missing"
    )


@pytest.mark.parametrize("merged", ["B5:B6", "A1:B1", "C61:C70"])
def test_merged_cells_in_the_table_are_refused(path, merged):
    assert refused(book_of(path, lambda _, sheet: sheet.merge_cells(merged))) == (
        f"table must have no merged cells, of which only the first holds the value, got {merged} in sheet 'Sheet': "
        "unmerge them and fill in every cell"
    )


def test_merged_cells_beside_the_table_are_no_part_of_it(path):
    def edit(_, sheet):
        sheet.merge_cells("E5:F6")
        sheet.merge_cells("A70:B71")

    assert read_table(book_of(path, edit)).shape == (60, 3)


def test_names_that_come_again_are_refused_by_their_row(path):
    assert "got them again in row 62 of the sheet" in refused(book_of(path, lambda _, sheet: sheet.append(ROWS[0])))


# What is said ---------------------------------------------------------------------------------------------------------


def test_what_was_read_and_left_out_is_told(path):
    def edit(book, sheet):
        sheet.insert_cols(2)
        sheet.append([" "])
        sheet.append([None, None, "  "])
        for row in (3, 4, 70):
            sheet.row_dimensions[row].hidden = True
        sheet.row_dimensions[9].height = 7
        book.create_sheet("empty")
        book.create_sheet("second").append(["x"])
        book.create_sheet("third")["B2"] = 3

    found = read_table(replaced(book_of(path, edit), b'ht="7"', b'ht="0"'))

    assert found.attrs["reading"] == {
        "kind": ".xlsx",
        "rows": 60,
        "columns": 3,
        "sheet": "Sheet",
        "other_sheets": ("second", "third"),
        "separator": None,
        "encoding": None,
        "rows_above": 0,
        "empty_rows": 2,
        "empty_columns": 1,
        "hidden_rows": 3,
        "open_end": False,
    }
    assert found["id"].tolist() == list(range(1, 61))


def test_a_hidden_first_sheet_is_refused(path):
    def edit(book, sheet):
        book.create_sheet("table").append(["x"])
        sheet.sheet_state = "hidden"

    assert "'Sheet', is hidden: show it, or move that of the table to the front, or name it" in refused(
        book_of(path, edit)
    )


def test_a_workbook_in_strict_open_xml_is_refused_with_its_remedy(path):
    strict = b"http://purl.oclc.org/ooxml/spreadsheetml/main"

    assert "save it as Excel Workbook (.xlsx)" in refused(
        replaced(book_of(path), MAIN.encode(), strict, "xl/workbook.xml")
    )


def test_a_sheet_that_declares_a_document_type_is_refused(path):
    book_of(path)
    old = f'<worksheet xmlns="{MAIN}">'.encode()

    assert "document type" in refused(replaced(path, old, b'<!DOCTYPE a [<!ENTITY b "c">]>' + old))


@pytest.mark.parametrize(("number", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (16_384, "XFD")])
def test_cells_have_the_names_that_excel_gives(number, name):
    assert xlsx._cell_name(3, number) == f"{name}3"


def test_content_across_blocks_is_found():
    before = b" " * (xlsx._BLOCK - 2)

    assert xlsx._has_content(io.BytesIO(before + b"<x:v>1</x:v>"))
    assert not xlsx._has_content(io.BytesIO(before + b"<x:c/>"))


@pytest.mark.parametrize("last", [True, False])
def test_identifiers_of_which_a_workbook_loses_digits_are_refused(tmp_path, last):
    """Excel holds 15 digits, so that two patients may become one."""
    frame = pd.DataFrame(wide())
    frame["patient"] = [10**15 + number if last else 10**14 + number for number in range(len(frame))]
    frame.to_excel(tmp_path / "trial.xlsx", index=False)
    if not last:
        assert trial_data(tmp_path / "trial.xlsx", wide_design()).arm.size == len(frame)
        return
    with pytest.raises(
        TrialError, match=r"column 'patient', .*: must identify in full, got a number so long that this"
    ):
        trial_data(tmp_path / "trial.xlsx", wide_design())
    frame.astype({"patient": str}).to_excel(tmp_path / "text.xlsx", index=False)
    assert trial_data(tmp_path / "text.xlsx", wide_design()).arm.size == len(frame)
