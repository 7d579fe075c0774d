"""What an arm must have at least, which patients stand twice, and how the rows of faults are told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from trial_tables import changed, faults, long_design, long_of, spoilt, tree, wide, wide_design, with_states

from hecon.errors import TrialError
from hecon.trial.table.cells import MISSING
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of


@pytest.mark.parametrize("few", [1, 4])
def test_an_arm_of_fewer_than_five_is_refused(few):
    """Results over so few would give patients away; how few is not told."""
    (found,) = faults(wide().assign(arm=[0] * few + [1] * (24 - few)))

    assert found == (
        "column 'arm': must have 5 patients in every arm at least, got fewer in surgery: "
        "results over so few would give patients away"
    )


def test_an_arm_that_patients_of_no_known_arm_could_fill_is_not_too_small():
    (found,) = faults(wide().assign(arm=[0] * 4 + [1] * 19 + [7]))

    assert found.startswith("column 'arm', row 24: must be an arm of the design")


EXERCISE, SURGERY = range(1, 24, 2), range(0, 24, 2)


@pytest.mark.parametrize(
    ("column", "rows", "told"),
    [
        ("age", SURGERY, "column 'age', arm 'surgery': must have a value of the covariate age"),
        ("region", EXERCISE, "column 'region', arm 'exercise': must have a value of the covariate region"),
        ("u6", EXERCISE, "column 'u6', arm 'exercise': must have a value of the utility at month 6"),
        ("stay", SURGERY, "column 'stay', arm 'surgery': must have a value of the cost of hospital from month 0 to 6"),
        ("physio_before", SURGERY, "column 'physio_before', arm 'surgery': must have a value of the baseline cost"),
    ],
)
@pytest.mark.parametrize("seen", [0, 1, 2])
@pytest.mark.no_cover
def test_an_arm_needs_two_values_to_impute_from(column, rows, told, seen):
    table = wide().assign(physio_before=1.0)
    table.loc[list(rows[seen:]), column] = np.nan
    if seen == 2:
        assert trial_data(table, wide_design()).arm.size == len(table)
        return
    (found,) = faults(table)

    assert found.startswith(told)
    assert found.endswith(
        f"for two patients at least, got {('none', 'one')[seen]}: an arm is imputed from its own patients"
    )


def test_all_columns_of_a_value_are_told():
    design, table = with_states("items")
    table.loc[3::2, "ua3"] = np.nan
    (found,) = faults(table, design)

    assert found.startswith(
        "columns 'mo3', 'sc3', 'ua3', 'pd3', 'ad3', arm 'exercise': must have a value of the utility"
    )


def test_a_month_of_a_long_table_that_no_one_answered_is_told_for_every_arm():
    table = long_of(wide())
    found = faults(spoilt("u", list(range(2, len(table), 4)), None, of=table), long_design())

    assert [fault.partition(":")[0] for fault in found] == [
        f"column 'u', arm {arm!r}" for arm in ("surgery", "exercise")
    ]


@pytest.mark.parametrize("value", [9, "x"])
def test_what_values_at_fault_could_fill_is_not_told_as_well(value):
    (found,) = faults(spoilt("u6", list(EXERCISE), value))

    assert found.startswith("column 'u6', rows 2, 4, 6")


# Rows -----------------------------------------------------------------------------------------------------------------


def test_a_patient_who_stands_three_times_is_told_by_the_first_row():
    (found,) = faults(spoilt("patient", [3, 5, 8], "P-1"))

    assert found.startswith(
        "column 'patient', rows 4 and 6, 4 and 9: must be unique in a wide table, got one patient in"
    )


def test_many_repeated_patients_are_told_in_pairs():
    table = wide()
    (found,) = faults(pd.concat([table, table[:12]]))
    pairs = ", ".join(f"{row} and {row + 24}" for row in range(1, 11))

    assert found.startswith(f"column 'patient', rows {pairs} and 2 more: must be unique in a wide table")


@pytest.mark.parametrize(("column", "value"), [("u3", 1.5), ("u3", -0.9), ("stay", -1), ("absence_3", 9990)])
def test_a_number_beyond_its_limits_may_mean_missing(column, value):
    (found,) = faults(spoilt(column, [3], value))

    assert found.endswith(f"; {MISSING}")


@pytest.mark.parametrize(
    ("table", "design", "counted"),
    [
        (spoilt("age", [1], "old"), wide_design, " (rows are counted below the header)"),
        (wide().drop(columns="age"), wide_design, ""),
        (wide(), lambda: design_of(changed(tree(), ("format",), 2)), ""),
    ],
)
def test_it_is_told_once_how_rows_are_counted(table, design, counted):
    """Where rows are told; a design has none."""
    with pytest.raises(TrialError) as caught:
        trial_data(table, design())

    assert str(caught.value) == f"trial knee has 1 fault{counted}:\n  {caught.value.faults[0]}"
