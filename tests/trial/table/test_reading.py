"""Tables from files: five kinds, each to the same data, and what is refused without a word of what stands in it."""

from __future__ import annotations

import re
import subprocess
import sys
import traceback

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from trial_tables import changed, tree, wide, wide_design

from hecon.errors import HeconError, InputError, TrialError
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of
from hecon.trial.table.reading import read_table

ARRAYS = ("arm", "utilities", "costs", "baseline_costs", "covariates", "cluster", "period")
MARKER = "marker-7316"


def written(table, path):
    """Write a table as its suffix says; a CSV file with the design's separator and decimal comma."""
    if path.suffix == ".csv":
        table.to_csv(path, sep=";", decimal=",", index=False)
    elif path.suffix == ".xlsx":
        table.to_excel(path, index=False)
    elif path.suffix == ".dta":
        table.astype({"region": object, "patient": object}).to_stata(path, write_index=False)
    elif path.suffix == ".sav":
        pyreadstat.write_sav(table, str(path))
    else:
        table.set_index("patient").to_parquet(path)
    return path


def refused(path, *, design=None, error=InputError):
    """Return the message with which reading is refused; nothing in what is raised may tell a cell."""
    with pytest.raises(error) as caught:
        read_table(path, design=design)
    assert MARKER not in "".join(traceback.format_exception(caught.value))
    assert MARKER not in repr(caught.value.__context__)
    return str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".csv", ".CSV", ".xlsx", ".dta", ".sav", ".parquet"])
def test_every_kind_of_file_gives_the_same_data(tmp_path, suffix):
    path = written(wide(), (tmp_path / "trial").with_suffix(suffix.lower()))
    path = path.rename(path.with_suffix(suffix))
    found, expected = trial_data(path, wide_design()), trial_data(wide(), wide_design())

    for name in ARRAYS:
        assert np.array_equal(getattr(found, name), getattr(expected, name), equal_nan=True), name
    assert found.digest != expected.digest


def test_labels_stay_codes_and_user_missing_is_missing_in_spss(tmp_path):
    path = tmp_path / "trial.sav"
    table = pd.DataFrame({"arm": [0.0, 1.0, 1.0], "age": [40.0, 98.0, 999.0]})
    labels = {"arm": {0: "surgery", 1: "exercise"}}
    ranges = {"age": [{"lo": 98, "hi": 99}, 999]}
    pyreadstat.write_sav(table, str(path), variable_value_labels=labels, missing_ranges=ranges)
    found = read_table(path)

    assert found["arm"].tolist() == [0, 1, 1]
    assert found["age"].isna().tolist() == [False, True, True]


def test_labels_stay_codes_and_user_missing_is_missing_in_stata(tmp_path):
    path = tmp_path / "trial.dta"
    table = pd.DataFrame({"arm": [0, 1, 1], "age": [40.0, 50.0, 60.0]})
    pyreadstat.write_dta(
        table.astype({"age": object}).replace({"age": {60.0: "a"}}),
        str(path),
        variable_value_labels={"arm": {0: "surgery", 1: "exercise"}},
        missing_user_values={"age": ["a"]},
    )
    found = read_table(path)

    assert found["arm"].tolist() == [0, 1, 1]
    assert found["age"].isna().tolist() == [False, False, True]


def test_cells_of_csv_stay_text_and_empty_ones_are_none(tmp_path):
    """No number is read before it is known which it is."""
    path = tmp_path / "trial.csv"
    path.write_bytes('\ufeffa;"b ";c\r\n007;1.000;"x;y"\r\n;NA;\r\n;;\r\n\r\n'.encode())
    found = read_table(path, design=wide_design())

    assert found.columns.tolist() == ["a", "b", "c"]
    assert found.to_numpy().tolist() == [["007", "1.000", "x;y"], [None, "NA", None]]


def test_excel_is_read_from_its_first_sheet_without_its_empty_edges(tmp_path):
    path = tmp_path / "trial.xlsx"
    book = openpyxl.Workbook()
    for row in (["a", None, "b"], [0, None, "x"], [None, None, 1.5], [None, None, " "]):
        book.active.append(row)
    book.create_sheet("second").append([MARKER])
    book.save(path)
    found = read_table(path)

    assert found.columns.tolist() == ["a", "b"]
    assert found.to_numpy().tolist() == [[0, "x"], [None, 1.5]]


# Numbers as text ------------------------------------------------------------------------------------------------------


def faults(path, design=None):
    with pytest.raises(TrialError) as caught:
        trial_data(path, design or wide_design())
    return caught.value.faults


def test_a_decimal_comma_is_text_unless_the_design_says_so(tmp_path):
    path = written(wide(), tmp_path / "trial.csv")
    design = design_of(changed(tree(), ("table", "decimal"), None))
    told = [fault for fault in faults(path, design) if "decimal comma" in fault]

    assert len(told) == 1
    assert re.match(
        r"\d+ columns \('age', 'u0', .* and \d+ more\), \d+ cells, the first in row 1 of 'age': must hold", told[0]
    )
    assert told[0].endswith('; a decimal comma is set by decimal = "," in the design\'s [table]')


@pytest.mark.parametrize("decimal", [None, ",", "."])
def test_a_thousands_point_is_not_a_decimal_one(tmp_path, decimal):
    """The Dutch 1.234 would be read as 1.234, a thousandth of the cost."""
    table = wide().astype({"stay": object})
    table["stay"] = [f"{cost:,.0f}".replace(",", ".") for cost in table["stay"]]
    path = tmp_path / "trial.csv"
    table.to_csv(path, sep=";", decimal=decimal or ".", index=False)
    design = design_of(changed(tree(), ("table", "decimal"), decimal))

    if decimal == ".":
        assert trial_data(path, design).costs[:, 3].max() < 3
        return
    (found,) = faults(path, design)
    assert found.startswith("column 'stay', rows 1, 2, 3")
    assert ("every number with a point could be thousands" if decimal is None else "no thousands mark") in found


def test_three_decimals_are_decimals_where_one_number_shows_it():
    """No thousands begin with 0, and none has four digits before its point."""
    table = wide().astype({"stay": object})
    for odd in ("0.512", "1234.567"):
        table["stay"] = [odd, *("1.234" for _ in table["stay"][1:])]

        assert trial_data(table, design_of(changed(tree(), ("table", "decimal"), None))).costs[0, 3] > 0


@pytest.mark.parametrize("text", ["1_000", "nan", "inf", "0x1A", "1e", "\u0661", "1,5.2", "--1", "1 000", "NA", "."])
def test_text_that_python_may_take_for_a_number_is_none(text):
    """Among numbers, and in a column that is all text."""
    table = wide().astype({"age": object})
    for column in (table["age"], ["50"] * 24):
        table["age"] = column
        table.loc[3, "age"] = text

        assert [fault for fault in faults(table) if fault.startswith("column 'age', row 4: must hold numbers only")]


@pytest.mark.parametrize(("text", "number"), [(" 50,5 ", 50.5), ("+50", 50), ("5e1", 50), ("-99", None), ("nvt", None)])
def test_text_that_is_a_number_is_read(text, number):
    """Also a value that means missing."""
    table = wide().astype({"age": object})
    table["age"] = [f"{cell:g}".replace(".", ",") if cell == cell else "" for cell in table["age"]]  # noqa: PLR0124
    table.loc[3, "age"] = text
    found = trial_data(table, wide_design()).covariates[3, 0]

    assert np.isnan(found) if number is None else found == number


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["trial.docx", "trial", "", "trial.xls"])
def test_an_unknown_kind_is_refused(path):
    assert (
        refused(path)
        == f"table must be a file of the kind .csv, .tsv, .xlsx, .dta, .sav, .zsav, .parquet, got {path!r}"
    )


@pytest.mark.parametrize("path", ["no.csv", "\0.csv", "x" * 400 + ".csv"])
def test_a_file_that_is_not_there_is_refused(path):
    assert refused(path) == f"table must be an existing file, got {path!r}"


def test_what_is_no_path_is_refused():
    assert refused(3) == "table must be the path of a file, got 3"


@pytest.mark.parametrize("suffix", [".xlsx", ".dta", ".sav", ".parquet"])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path, suffix):
    path = tmp_path / f"trial{suffix}"
    path.write_text(f"{MARKER};{MARKER}\n" * 100)

    assert refused(path) == f"table must be a sound {suffix} file, and this one cannot be read: {str(path)!r}"


@pytest.mark.parametrize("content", ["", "\n\n", "a;b\n", "a;b\n;\n"])
def test_an_empty_table_is_refused(tmp_path, content):
    path = tmp_path / "trial.csv"
    path.write_text(content)

    assert refused(path, design=wide_design()).startswith("table must have rows below the names of its columns, got no")


def test_a_sheet_without_rows_is_refused_with_the_others_of_its_workbook(tmp_path):
    """Both remedies work."""
    path, names = tmp_path / "trial.xlsx", pd.DataFrame(columns=wide().columns)
    with pd.ExcelWriter(path) as book:
        names.to_excel(book, sheet_name="Names", index=False)
        wide().to_excel(book, sheet_name="Data", index=False)

    assert refused(path) == (
        f"table must have rows below the names of its columns, got none in sheet 'Names' of {str(path)!r}; it has "
        "others, 'Data': move the sheet of the table to the front, or name it, as sheet in the [table] of a design"
    )
    named = tree()
    del named["table"]["separator"], named["table"]["decimal"]
    named["table"]["sheet"] = "Data"
    assert len(read_table(path, design=design_of(named))) == 24
    with pd.ExcelWriter(path) as book:
        wide().to_excel(book, sheet_name="Data", index=False)
        names.to_excel(book, sheet_name="Names", index=False)
    assert len(read_table(path)) == 24


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_columns_that_share_a_name_are_told_by_place(tmp_path, suffix):
    """A file without names has a patient on top, whose values are not told."""
    path = tmp_path / f"trial{suffix}"
    table = pd.DataFrame([[MARKER, 1, MARKER], [1, 2, 3]])
    if suffix == ".csv":
        table.to_csv(path, index=False, header=False)
    else:
        table.to_excel(path, index=False, header=False)

    assert refused(path) == "table must have a name of its own for every column, got columns that share a name: 1, 3"


def test_rows_of_another_length_are_told(tmp_path):
    path = tmp_path / "trial.csv"
    path.write_text(f"a,b\n1,2\n{MARKER}\n1,2,{MARKER}\n")

    assert refused(path) == (
        "table must have as many cells in every row as it has names, 2, got others in row 2 (line 3), 3 (line 4), "
        "counted below the header (lines are those of the file); cells are separated by ',': the design's "
        "table.separator says otherwise"
    )


@pytest.mark.parametrize("suffix", [".dta", ".sav", ".csv"])
def test_an_unknown_arm_is_refused(tmp_path, suffix):
    path = written(wide().assign(arm=wide()["arm"] + 1), tmp_path / f"trial{suffix}")

    assert "must be an arm of the design (surgery, exercise), got another; arm.values tells" in faults(path)[0]


def test_text_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "trial.csv"
    path.write_bytes(f"naam,b\n{MARKER},caf\xe9\n".encode("latin-1"))

    assert refused(path) == (
        f"table must be text in UTF-8, and {str(path)!r} is not, as line 2 shows: save it so (in Excel: CSV UTF-8), or "
        "say its encoding in the design's [table], which of Excel's own CSV is encoding = \"windows-1252\""
    )


@pytest.mark.parametrize(
    ("suffix", "library"), [(".xlsx", "openpyxl"), (".sav", "pyreadstat"), (".parquet", "pyarrow")]
)
def test_a_library_that_is_not_installed_is_named(tmp_path, monkeypatch, suffix, library):
    path = written(wide(), tmp_path / f"trial{suffix}")
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.setitem(sys.modules, f"{library}.parquet", None)
    message = refused(path, error=HeconError)
    kind = {"openpyxl": "an Excel", "pyreadstat": "an SPSS", "pyarrow": "a Parquet"}[library]

    assert message == (f'reading {kind} file needs {library}, which is not installed: pip install "hecon[readers]"')


@pytest.mark.slow
def test_csv_and_stata_need_no_further_library(tmp_path):
    """Those who have no more than hecon can read them."""
    code = "import sys; [sys.modules.__setitem__(name, None) for name in ('openpyxl', 'pyreadstat', 'pyarrow')]\n"
    code += "from hecon.trial.table.reading import read_table\n"
    for suffix in (".csv", ".dta"):
        code += f"assert len(read_table({str(written(wide(), tmp_path / f'trial{suffix}'))!r})) == 24\n"
    code = code.replace(".csv')", ".csv', design=__import__('trial_tables').wide_design())")

    subprocess.run([sys.executable, "-c", code], check=True, cwd="tests")


def test_what_a_library_warns_of_is_not_told(tmp_path, recwarn):
    """Excel's reader quotes a date that is out of range."""
    path = tmp_path / "trial.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.active.append([99999999])
    book.active["A2"].number_format = "yyyy-mm-dd"
    book.save(path)

    assert "outside all dates in cell A2" in refused(path)
    assert not recwarn.list
