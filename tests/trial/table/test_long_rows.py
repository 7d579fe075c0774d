"""What a long table has in rows of months that the design takes nothing from: told, never dropped."""

from __future__ import annotations

import numpy as np
import pytest

from hecon.errors import TrialError
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of

pytestmark = pytest.mark.filterwarnings("ignore:the difference in:hecon.errors.StatisticalWarning")

MONTHS = [0, 3, 6, 9, 12]


def design(cost=(), **more):
    """Return a design with utilities each half year and costs each quarter."""
    own = {"category": "care", "column": "care", "periods": [[0, 3], [3, 6], [6, 9], [9, 12]], "price_year": 2024}
    return design_of(
        {
            "format": 1,
            "name": "tiny",
            "table": {"layout": "long", "patient": "id", "time": "month"},
            "arm": {"column": "arm", "comparator": "usual", "interventions": ["new"]},
            "utility": {"months": [0, 6, 12], "columns": "u"},
            "cost": [own | dict(cost)],
            "perspective": {"healthcare": ["care"]},
            "analysis": {"price_year": 2024},
            **more,
        }
    )


def table(**cells):
    """Return a sound table, and in it other cells of patient 1 by column and month."""
    patient, place = np.divmod(np.arange(24 * len(MONTHS)), len(MONTHS))
    month = np.array(MONTHS)[place]
    found = {
        "u": np.where(np.isin(month, [3, 9]), np.nan, 0.5 + patient / 100),
        "care": np.where(month == 0, np.nan, 100.0 + patient),
        "before": np.where(month == 0, 50.0 + patient, np.nan),
        "status": np.full(patient.size, "alive"),
    }
    found = {name: values.astype(object) for name, values in found.items()}
    for name, own in cells.items():
        for at, value in own.items():
            found[name][(patient == 1) & (month == at)] = value
    return {"id": patient, "month": month, "arm": np.where(patient % 2, "new", "usual"), **found}


def faults(cells, whole):
    """Return the faults of a table."""
    with pytest.raises(TrialError) as caught:
        trial_data(cells, whole)
    return caught.value.faults


STATUS = {"status": "status", "dead": ["dead"], "alive": ["alive"], "others": "alive"}
# What is known of a patient who died in month 7 or 8.
DEAD = {"u": {12: np.nan}, "care": {12: np.nan}}


def test_a_death_at_a_month_without_a_status_is_told():
    """The patient would be counted as alive; the remedies give the death."""
    rule = "must find a patient dead at a month that the design takes it at (6, 12), got it at another alone: give the "
    (fault,) = faults(table(status={9: "dead", 12: None}, **DEAD), design(death=STATUS))
    at_next = trial_data(table(status={9: "dead", 12: "dead"}, **DEAD), design(death=STATUS))
    cells = table(status={9: "dead", 12: None}, **DEAD)
    cells["died"] = np.where(cells["id"] == 1, 8.0, np.nan)
    by_month = trial_data(cells, design(death=STATUS | {"month": "died"}))

    assert fault.startswith(f"column 'status', row 9: {rule}dead their status at the next of these months too")
    assert at_next.deaths.month[:3].tolist() == [np.inf, 9.0, np.inf]
    assert by_month.deaths.month[1] == 8.0


def test_a_code_of_the_dead_at_a_month_without_a_utility_is_told():
    """It would be taken as an empty cell."""
    whole = design(death={"in_utilities": [-5], "others": "alive"})
    (fault,) = faults(table(u={9: -5, 12: np.nan}, care={12: np.nan}), whole)

    assert fault.startswith(
        "column 'u', row 9: must find a patient dead at a month that the design takes it at (0, 6, 12)"
    )
    assert trial_data(table(u={9: -5, 12: -5}, care={12: np.nan}), whole).deaths.month[1] == 9.0


def test_the_living_may_have_a_status_in_every_row():
    """That is how such tables are filled in."""
    assert np.isinf(trial_data(table(), design(death=STATUS)).deaths.month).all()


def test_a_value_before_the_start_stands_in_the_row_of_month_0():
    """In another alone it would be dropped and imputed; the same value in all rows is one value."""
    whole = design({"baseline": "before"})
    (fault,) = faults(table(before={0: None, 3: 71.5}), whole)
    again = trial_data(table(before=dict.fromkeys(MONTHS, 71.5)), whole)

    assert fault == (
        "column 'before', row 7: must stand in the row of month 0, got another value in the row of a later month"
    )
    assert again.baseline_costs[1, 0] == 71.5


def test_an_effect_at_the_start_stands_in_the_row_of_month_0():
    """As the use before it."""
    effect = {"unit": "point", "better": "less", "summary": "last", "months": [6, 12], "columns": "u"}
    whole = design(utility=None, effect=effect | {"baseline": "before"})
    cells = table(before={6: 71.5}, u={0: None})
    cells["u"][cells["month"] == 0] = None

    assert faults(cells, whole) == (
        "column 'before', row 8: must stand in the row of month 0, got another value in the row of a later month",
    )
