"""When patients departed: what a design may say of it, and what a table tells."""

import numpy as np
import pytest
from trial_tables import changed, faults, long_of, long_tree, tree, wide

from hecon.errors import TrialError
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of

LEFT = {"column": "left"}


def with_column(count=24):
    """Return a table in which two patients departed, at the start and after four months."""
    return wide(count).assign(left=[0.0, np.nan, 4.0, *[np.nan] * (count - 3)])


def of(deviation, whole=tree):
    return design_of(changed(whole(), ("deviation",), deviation))


def refused(deviation):
    """Return the faults of a design with this part."""
    with pytest.raises(TrialError) as caught:
        of(deviation)
    return caught.value.faults


def test_a_column_has_the_month_and_is_empty_for_who_did_not_depart():
    found = trial_data(with_column(), of(LEFT)).deviations

    assert (found.rule, found.reference) == ("column", "surgery")
    assert found.methods == ("jump-to-reference", "copy-increments")
    np.testing.assert_array_equal(found.months[:4], [0, np.nan, 4, np.nan])
    assert np.isnan(found.months[3:]).all()


def test_a_missing_code_of_the_column_means_that_a_patient_did_not_depart():
    table = with_column()
    table.loc[5, "left"] = 88
    found = trial_data(table, of(LEFT | {"missing": [88]})).deviations

    assert np.isnan(found.months[5])


def test_a_long_table_has_one_month_for_each_patient():
    table = with_column()
    table = long_of(table).assign(left=np.repeat(table["left"].to_numpy(), 4))
    found = trial_data(table, of(LEFT, long_tree)).deviations

    np.testing.assert_array_equal(found.months[:3], [0, np.nan, 4])


def test_by_what_is_last_known_costs_count_or_utilities_alone():
    table = wide()
    table.loc[0, ["u6", "u12"]] = np.nan
    table.loc[1, ["u12", "physio_12", "absence_12"]] = np.nan
    visit, utility = (
        trial_data(table, of({"after": rule})).deviations.months for rule in ("last-visit", "last-utility")
    )

    np.testing.assert_array_equal(visit[:3], [np.nan, 6, np.nan])
    np.testing.assert_array_equal(utility[:3], [3, 6, np.nan])


def test_a_negative_month_is_refused_by_its_row_and_a_text_too():
    table = with_column()
    table.loc[2, "left"] = -1
    assert faults(table, of(LEFT)) == ("column 'left', row 3: must be a month of at least 0, got a negative number",)
    text = with_column().astype({"left": object})
    text.loc[2, "left"] = "soon"
    assert "column 'left', row 3: must hold numbers only" in faults(text, of(LEFT))[0]


@pytest.mark.parametrize(
    ("deviation", "fault"),
    [
        ({}, "deviation: must have one of column and after, got neither"),
        (LEFT | {"after": "last-visit"}, "deviation: must have one of column and after, got column and after"),
        ({"after": "last-visit", "missing": [9]}, "deviation.missing: must be left out with after"),
        (LEFT | {"reference": "exerciser"}, "deviation.reference: must be a strategy; did you mean 'exercise'?"),
        (LEFT | {"methods": ["copy-increments"] * 2}, "deviation.methods[1]: must be unique"),
        ({"after": "last"}, "deviation.after: "),
        ({"column": "age"}, "covariate[0].column: must be a column of its own, got 'age', which deviation.column"),
    ],
)
def test_a_design_that_says_it_otherwise_is_refused(deviation, fault):
    assert any(each.startswith(fault) for each in refused(deviation)), refused(deviation)
