"""How a file is read as its design says: sheet, row of the names, encoding, tabs, compressed SPSS, Arrow, dates."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest
from trial_tables import changed, tree, wide

from hecon.errors import InputError, TrialError
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of
from hecon.trial.table.reading import read_table

WITHOUT = changed(tree(), ["table", "separator"], None)


def design_with(**keys):
    """Return the wide design with keys of its table."""
    return design_of(changed(WITHOUT, ["table"], {**WITHOUT["table"], **keys}))


def workbook(path):
    """Write a workbook with a codebook first, and a table below a title over merged cells."""
    table = wide().astype(object)
    book = openpyxl.Workbook()
    book.active.title = "codebook"
    book.active.append(["column", "meaning"])
    sheet = book.create_sheet("data")
    sheet.append(["Knee trial, export of 3 May"])
    sheet.merge_cells("A1:C1")
    sheet.append(["=1/0"])
    sheet.append(list(table.columns))
    for row in table.where(table.notna(), None).itertuples(index=False):
        sheet.append(list(row))
    book.save(path)
    return path


def test_the_sheet_and_the_row_of_the_names(tmp_path):
    """What stands above them is no part of the table, be it merged or a formula without a value; it is told."""
    data = trial_data(workbook(tmp_path / "trial.xlsx"), design_with(sheet="data", header_row=3))

    assert data.reading.sheet == "data"
    assert data.reading.other_sheets == ("codebook",)
    assert data.reading.rows_above == 2
    assert data.reading.rows == 24


def test_a_sheet_that_is_none_is_told_with_the_nearest(tmp_path):
    with pytest.raises(InputError, match=r"table.sheet must be a sheet of .*, got 'date'; did you mean 'data'\?"):
        read_table(workbook(tmp_path / "trial.xlsx"), design=design_with(sheet="date"))


def csv_of(separator=";"):
    return (
        wide()
        .assign(region=wide()["region"].map({"south": "Zu\u0308d", "north": "Noord"}))
        .to_csv(sep=separator, index=False, decimal=",")
    )


@pytest.mark.parametrize(
    ("above", "row"), [("", None), ("A title\n\n", 3), ("sep=;\n", None), ("sep=;\nA title; of two\n", 3)]
)
def test_the_line_of_the_names_and_the_encoding(tmp_path, above, row):
    """Lines above the names are those of the file, the first line with the separator among them."""
    path = tmp_path / "trial.csv"
    path.write_bytes((above + csv_of().replace("u\u0308", "\u00fc")).encode("windows-1252"))
    design = design_with(separator=";", encoding="windows-1252", **({} if row is None else {"header_row": row}))
    table = read_table(path, design=design)

    assert set(table["region"]) == {"Noord", "Z\u00fcd"}
    assert len(table) == 24
    assert table.attrs["reading"]["rows_above"] == len(above.splitlines()) - above.startswith("sep=")
    assert table.attrs["reading"]["encoding"] == "windows-1252"


@pytest.mark.parametrize(
    ("keys", "content", "words"),
    [
        ({"header_row": 99}, b"a,b\n1,2\n", "table.header_row must be a line of the file, which has 2, got 99"),
        ({"encoding": "cp850", "sheet": "x"}, b"a\n", "table.sheet must be left out of the design of a .csv file"),
        ({}, b"title\na,b\n1,2\n3,4\n", "say which: header_row in the design's [table]"),
        ({"encoding": "utf-16"}, b"\xff\xfea", "table.encoding must be that of the file, and line 1 of"),
        ({"encoding": "latin"}, b"", "table.encoding: must be 'utf-8', 'utf-16'"),
        ({"header_row": 0}, b"", "table.header_row: must be the number of a row, 1 for the first, without quotes"),
    ],
)
def test_what_a_file_does_not_have_is_refused(tmp_path, keys, content, words):
    path = tmp_path / "trial.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as told:
        read_table(path, design=design_with(**keys))

    assert words in str(told.value)


def test_tabs_and_compressed_spss(tmp_path):
    """A .tsv has tabs without a word in the design; .zsav is read as .sav."""
    tabs = tmp_path / "trial.tsv"
    tabs.write_text(csv_of("\t").replace("Zu\u0308d", "south").replace("Noord", "north"), encoding="utf-8")
    compressed = tmp_path / "trial.zsav"
    pyreadstat.write_sav(wide(), compressed, compress=True)

    assert trial_data(tabs, design_of(WITHOUT)).reading.kind == "tsv"
    assert trial_data(compressed, design_of(WITHOUT)).reading.kind == "zsav"


def test_a_table_of_arrow():
    """Polars and DuckDB give their tables by the same protocol."""

    class Frame:
        def __init__(self, table):
            self.__arrow_c_stream__ = table.__arrow_c_stream__

    table = pa.Table.from_pandas(wide(), preserve_index=False)
    place = table.schema.get_field_index("region")
    coded = table.set_column(place, "region", table["region"].dictionary_encode())
    plain = trial_data(wide(), design_of(WITHOUT))

    for given in (table, coded, Frame(table)):
        data = trial_data(given, design_of(WITHOUT))
        assert data.digest == plain.digest


def with_dates(write):
    """Return the wide table with its dates as text."""
    table = wide()
    for name in ("randomised_on", "measured_on"):
        days = pd.to_datetime(table[name])
        table[name] = [None if pd.isna(day) else write(day) for day in days]
    return table


def dutch(day):
    return f"{day.day}-{day.month}-{day.year}"


@pytest.mark.parametrize(
    ("write", "order"),
    [
        (dutch, "day-month-year"),
        (lambda day: f"{day.day:02}/{day.month:02}/{day.year} 09:15", "day-month-year"),
        (lambda day: f"{day.month}/{day.day}/{day.year}", "month-day-year"),
    ],
)
def test_dates_in_another_order(write, order):
    """A baseline after randomisation is found in them too; without the order they are refused with it."""
    late = with_dates(write)
    late.loc[6, "measured_on"] = write(pd.Timestamp("2099-12-31"))

    trial_data(with_dates(write), design_with(date_order=order))
    with pytest.raises(TrialError, match=r"column 'measured_on', row 7: must not be after randomisation"):
        trial_data(late, design_with(date_order=order))
    with pytest.raises(TrialError, match=rf'say (date_order = ".*" or )?date_order = "{order}"'):
        trial_data(with_dates(write), design_of(WITHOUT))


def test_a_year_of_two_digits_is_no_date():
    with pytest.raises(TrialError, match=r"must hold dates, as in 22-03-2024, got what is none"):
        trial_data(with_dates(lambda day: day.strftime("%d-%m-%y")), design_with(date_order="day-month-year"))
