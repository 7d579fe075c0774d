"""Faults of a table: every one at once, with column and rows, and with nothing of a patient in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from trial_tables import faults, long_design, long_of, spoilt, tree, wide, wide_design, with_states

from hecon.errors import InputError
from hecon.trial.table.cells import MISSING
from hecon.trial.table.checking import trial_data


@pytest.mark.slow
@pytest.mark.counted
def test_a_sound_table_has_no_faults():
    trial_data(wide(), wide_design())
    trial_data(long_of(wide()), long_design())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "rows", "value", "fault"),
    [
        ("patient", [4], None, "column 'patient', row 5: must identify the patient of every row, got none"),
        ("patient", [3, 5], "P-1", "column 'patient', rows 4 and 6: must be unique in a wide table, got one"),
        ("arm", [0, 9], 2, "column 'arm', rows 1, 10: must be an arm of the design (surgery, exercise), got another"),
        ("arm", [0], " ", "column 'arm', row 1: must tell the arm of every patient, got none"),
        ("arm", [0], -99, "column 'arm', row 1: must tell the arm of every patient, got none"),
        ("arm", range(24), 1, "column 'arm': must hold all arms of the design, got one arm only and no surgery"),
        ("practice", [2], np.nan, "column 'practice', row 3: must tell the cluster of every patient, got none"),
        ("practice", range(24), "one", "column 'practice': must hold two clusters at least, got one"),
        ("period", [2], None, "column 'period', row 3: must tell the period of every patient, got none"),
        ("period", [2], "early", "column 'period', row 3: must hold numbers only, got a text in a number column"),
        ("measured_on", [6], "2019-05-03", "column 'measured_on', row 7: must not be after randomisation, got a base"),
        ("measured_on", [6], "03-05-2019", "column 'measured_on', row 7: must hold dates, as in 2024-03-22, got what"),
        ("randomised_on", [6], "2019-02-30", "column 'randomised_on', row 7: must hold dates, as in 2024-03-22, got"),
        ("randomised_on", [6], 5.0, "column 'randomised_on', row 7: must hold dates, as in 2024-03-22, got what is"),
        ("age", range(24), np.nan, "column 'age': must hold a value in one row at least, got none"),
        ("age", range(24), 50, "column 'age': must differ between patients, got one value only: leave a constant"),
        ("age", [1], "old", "column 'age', row 2: must hold numbers only, got a text in a number column; a value that"),
        (
            "age",
            [1],
            True,
            "column 'age', row 2: must hold numbers only, got true or false in a number column: write 1",
        ),
        ("age", [1], np.inf, "column 'age', row 2: must be finite, got infinite numbers or such beyond 1e30"),
        ("age", [1], 10**400, "column 'age', row 2: must be finite, got infinite numbers or such beyond 1e30"),
        ("region", [1, 2], "east", "column 'region', rows 2, 3: must hold levels of the design only, got another than"),
        ("region", range(24), "south", "column 'region': must differ between patients, got one value only"),
        ("region", range(24), None, "column 'region': must hold a value in one row at least, got none"),
        ("u0", [1], 1.001, "column 'u0', row 2: must be at most 1, full health, got a utility above it"),
        ("u0", [1], -0.447, "column 'u0', row 2: must be at least -0.446, the lowest of nl-5l-2016, got a utility"),
        ("u6", range(24), None, "column 'u6': must hold a value in one row at least, got none"),
        ("physio_3", [0, 1, 2], -1, "column 'physio_3', rows 1, 2, 3: must be at least 0, got a negative number"),
        ("physio_before", [0], -1, "column 'physio_before', row 1: must be at least 0, got a negative number"),
        ("absence_3", [8], 2192, "column 'absence_3', row 9: must be at most the hours that the period holds, got mo"),
    ],
)
def test_a_fault_is_told_with_its_column_and_rows(column, rows, value, fault):
    """It alone: nothing that follows from it is told as well."""
    found = faults(spoilt(column, list(rows), value))

    assert len(found) == 1
    assert found[0].startswith(fault)


def test_many_rows_are_counted_after_the_first_ten():
    (found,) = faults(spoilt("physio_3", range(3, 24), -5))

    assert found == (
        "column 'physio_3', rows 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 11 more: "
        "must be at least 0, got a negative number; a refund or correction needs negative = true in its [[cost]]; "
        f"{MISSING}"
    )


def test_missing_columns_are_told_with_the_nearest_name():
    table = wide().rename(columns={"physio_3": "physio3", "age": "birthday"})

    assert faults(table) == (
        "column 'age': is missing from the table",
        "column 'physio_3': is missing from the table; did you mean 'physio3'?",
    )


@pytest.mark.parametrize("column", ["patient", "arm", "practice", "period", "measured_on", "region", "u3", "stay"])
def test_any_column_may_be_missing(column):
    assert faults(wide().drop(columns=column)) == (f"column {column!r}: is missing from the table",)


@pytest.mark.parametrize("column", ["month", "u", "physio", "absence"])
def test_any_column_of_a_long_table_may_be_missing(column):
    assert faults(long_of(wide()).drop(columns=column), long_design())[0] == (
        f"column {column!r}: is missing from the table"
    )


def test_a_table_without_names_on_top_is_told_as_such():
    """Its first patient is not offered as near names."""
    table = pd.DataFrame([["arm-5513", "age-5513"], ["u0-5513", "stay-5513"]], columns=["agee", "u00"])
    (found,) = faults(table)

    assert found.startswith("table: must have the names of columns on top, got none of patient, arm, practice, period")
    assert "agee" not in found


def test_all_faults_are_told_at_once():
    table = spoilt("arm", [0], 7)
    for column, row, value in (("u3", 1, 2), ("u6", 2, "??"), ("stay", 3, -2), ("age", 4, np.inf), ("patient", 5, "")):
        table = spoilt(column, [row], value, of=table)
    table = table.drop(columns="region")

    assert [fault.partition(":")[0] for fault in faults(table)] == [
        "column 'region'",
        "column 'patient', row 6",
        "column 'arm', row 1",
        "column 'age', row 5",
        "column 'u3', row 2",
        "column 'u6', row 3",
        "column 'stay', row 4",
    ]


# Items and states -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, 6, 1.5, "x", -1, np.inf])
def test_an_answer_that_is_no_level_is_told(value):
    design, table = with_states("items")

    (found,) = faults(spoilt("ua3", [4], value, of=table), design)
    assert found.startswith(
        "column 'ua3', row 5: must be answers to an EQ-5D item, whole numbers from 1 to 5 (nl-5l-2016), got"
    )
    assert found.endswith(f"another; {MISSING}")


@pytest.mark.parametrize("value", [11116, 1111, 111111, 0, "1111x", 11111.5, 20111])
@pytest.mark.no_cover
def test_a_state_that_is_none_is_told(value):
    design, table = with_states("states")

    (found,) = faults(spoilt("state3", [4], value, of=table), design)
    assert found.startswith(
        "column 'state3', row 5: must be EQ-5D states of five digits, each from 1 to 5 (nl-5l-2016), got"
    )
    assert found.endswith(f"another; {MISSING}")


def test_an_item_that_no_one_answered_is_told():
    design, table = with_states("items")

    assert faults(spoilt("ua3", list(range(24)), None, of=table), design) == (
        "column 'ua3': must hold a value in one row at least, got none",
    )


# Long tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "rows", "value", "fault"),
    [
        ("month", [1], 4, "column 'month', row 2: must be a month of the design (0, 3, 6, 12), got another"),
        ("month", [1], None, "column 'month', row 2: must tell the month of every row, got none"),
        ("month", [1], "three", "column 'month', row 2: must hold numbers only, got a text in a number column"),
        ("month", [2], 3, "column 'patient', rows 2 and 3: must be unique at each month, got one patient and month"),
        ("arm", [1], 1, "column 'arm', row 2: must be the same in all rows of a patient, got another than in a row"),
        ("age", [1, 3], 1, "column 'age', rows 2, 4: must be the same in all rows of a patient, got another than in"),
        ("region", [6], "west", "column 'region', row 7: must hold levels of the design only, got another than"),
        ("practice", [1], "x", "column 'practice', row 2: must be the same in all rows of a patient, got another"),
        ("measured_on", [4], "2020-01-01", "column 'measured_on', row 5: must not be after randomisation, got a bas"),
        ("u", [6], 3, "column 'u', row 7: must be at most 1, full health, got a utility above it"),
        ("absence", [6], 9998, "column 'absence', row 7: must be at most the hours that the period holds, got more"),
        ("stay", [1], 5, "column 'stay': must"),
        ("patient", [4, 5, 6, 7], None, "column 'patient', rows 5, 6, 7, 8: must identify the patient of every row"),
        ("arm", [4, 5, 6, 7], None, "column 'arm', rows 5, 6, 7, 8: must tell the arm of every patient, got none"),
    ],
)
@pytest.mark.no_cover
def test_a_fault_of_a_long_table_is_told_by_its_row(column, rows, value, fault):
    found = faults(spoilt(column, rows, value, of=long_of(wide())), long_design())

    assert len(found) == 1
    assert found[0].startswith(fault.replace("column 'stay': must", "column 'stay', row 2: must be empty but for the"))


def test_times_out_of_order_are_told():
    """By the rows that come too late, of this patient only."""
    table = long_of(wide())
    order = [0, 2, 1, 3, *range(4, len(table))]

    assert faults(table.iloc[order], long_design()) == (
        "column 'month', row 3: must run upwards within a patient, got a time before that of a row above",
    )


def test_a_later_visit_may_have_any_date():
    """Only that of month 0 is the baseline's."""
    trial_data(spoilt("measured_on", [1, 2, 3], "2020-01-01", of=long_of(wide())), long_design())


@pytest.mark.slow
@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("cell", [None, "x", True, float("nan"), -1e300, [1], pd.NaT, 1j])
def test_a_column_of_anything_is_read_or_refused(cell, long):
    """No column, filled with whatever, breaks the checks themselves; all of them together do not."""
    table, design = (long_of(wide()), long_design()) if long else (wide(), wide_design())
    filled = pd.Series([cell] * len(table), dtype=object)
    # Where no one died nothing stands.
    for column in table.columns.drop("died_on" if filled.isna().all() else []):
        told = faults(table.assign(**{column: filled}), design)

        # An arm may be left without any value; a long table of one patient has more that follows.
        others = [fault for fault in told if "arm '" not in fault and f"column {column!r}" not in fault]
        assert not others or (long and column == "patient")

    told = " ".join(faults(pd.DataFrame(dict.fromkeys(table, filled)), design))
    assert sum(repr(column) in told for column in table.columns) > 8


# Tables that are none -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (3, "table must be a table of pandas, polars or Arrow, a dict of columns or the path of a file, got int"),
        (
            None,
            "table must be a table of pandas, polars or Arrow, a dict of columns or the path of a file, got NoneType",
        ),
        ({"a": [1, 2], "b": [1]}, "table must be a dict of columns, each a sequence of as many cells"),
        ({"a": 1}, "table must be a dict of columns, each a sequence of as many cells"),
        (
            {"a": [1, 2], "b": 3.0},
            "table must be a dict of columns, each a sequence of as many cells, got a single value",
        ),
        (
            {"a": [1, 2], "b": "x"},
            "table must be a dict of columns, each a sequence of as many cells, got a single value",
        ),
        ({}, "table must have rows, got none"),
        (wide().iloc[:0], "table must have rows, got none"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "table must have a name of its own for every column, got columns"),
    ],
)
def test_what_is_no_table_is_refused(table, message):
    with pytest.raises(InputError) as caught:
        trial_data(table, wide_design())

    assert str(caught.value).startswith(message)
    assert caught.value.__context__ is None


def test_what_is_no_design_is_refused():
    with pytest.raises(InputError, match=r"^design must be a hecon.trial.Design, got dict; read_design reads one"):
        trial_data(wide(), tree())
