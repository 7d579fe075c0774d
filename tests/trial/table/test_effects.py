"""An effect that the table has itself: faults of its design and of its columns."""

from __future__ import annotations

import numpy as np
import pytest
from effect_trials import FALLS, POINTS, QALYS, design_with, table, tree_of
from trial_tables import changed

from hecon.errors import TrialError
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of


def faults(effect, **cost):
    """Return the faults with which a design is refused."""
    whole = tree_of(effect)
    whole["cost"][0] |= cost
    with pytest.raises(TrialError) as caught:
        design_of(whole)
    return caught.value.faults


@pytest.mark.parametrize(
    ("effect", "fault"),
    [
        (QALYS | {"months": [0, 12]}, "effect.months[0]: must be above 0, as the effect comes after the start"),
        (POINTS | {"months": [12, 3]}, "effect.months[1]: must increase, got 3 after 12"),
        (POINTS | {"columns": ["womac_3"]}, "effect.columns: must be given for every month, got 1 for 2"),
        (POINTS | {"columns": "womac"}, "effect.columns: must be a list with one for every month of a wide table"),
        (POINTS | {"range": [96, 0]}, "effect.range: must be the lowest and the highest value, got "),
        (POINTS | {"better": None}, 'effect.better: is missing: say "more" or "less", whichever of \'point\''),
        (POINTS | {"summary": None}, 'effect.summary: is missing: say "total" for amounts that add up'),
        (POINTS | {"unit": "QALYs"}, "effect.unit: must be \"QALY\" where the effect is in QALYs, got 'QALYs'"),
        (POINTS | {"unit": "DALY", "better": "more"}, "effect.better: must be 'less' for the unit 'DALY', got 'more'"),
        (POINTS | {"discounted": True}, 'effect.discounted: must be left out with summary = "last"'),
        (FALLS | {"months": [6, 24]}, "effect.discounted: is missing: say true if the totals are discounted already"),
        (QALYS | {"months": [24]}, "effect.discounted: is missing: say true if the totals are discounted already"),
        (QALYS | {"better": "less"}, "effect.better: must be 'more' or left out of QALYs, got 'less'"),
        (QALYS | {"summary": "last"}, "effect.summary: must be 'total' or left out of QALYs, got 'last'"),
        (QALYS | {"name": "health"}, "effect.name: must be left out of QALYs"),
        (QALYS | {"range": [0, 1]}, "effect.range: must be left out of QALYs"),
        (QALYS | {"wtp": [20_000]}, "effect.wtp: must be left out of QALYs: the rules have the values of a QALY"),
        (QALYS | {"baseline": "qaly"}, "effect.baseline: must be a column of its own, got 'qaly'"),
        (
            POINTS | {"wtp": [0]},
            "effect.wtp[0]: must be an amount above 0 without quotes and without a thousands point",
        ),
    ],
)
def test_a_fault_of_the_design_is_told(effect, fault):
    """With its path, and what to write."""
    assert any(each.startswith(fault) for each in faults(effect))


def test_a_design_has_one_effect():
    """None is asked for; a second is refused."""
    whole = tree_of(QALYS)
    both = whole | {"utility": {"months": [0, 12], "columns": ["a", "b"]}}
    with pytest.raises(TrialError) as none:
        design_of(changed(whole, ("effect",), None))
    with pytest.raises(TrialError) as two:
        design_of(both)

    assert none.value.faults == (
        "utility: is missing: add it for QALYs over time, [effect] for one effect of each patient, or [costs_alone]",
    )
    assert two.value.faults == (
        "effect: must be left out beside [utility]: a design has one effect, and each effect a design",
    )


def test_costs_of_one_category_are_discounted_alike():
    """Both before, or both here."""
    whole = tree_of(QALYS)
    whole["cost"].append(whole["cost"][0] | {"columns": ["u1"], "discounted": True})
    with pytest.raises(TrialError) as caught:
        design_of(whole)

    assert caught.value.faults == ("cost[1].discounted: must be that of cost[0], which is of the category 'care' too",)


@pytest.mark.parametrize(
    ("effect", "column", "value", "fault"),
    [
        (QALYS, "qaly", 1.2, "must be at most 1, as so many years are from month 0 to 12, got a value above it"),
        (QALYS, "u0", -1.5, "must be at least -1, at the start, a utility, got a value below it"),
        (
            POINTS,
            "womac_12",
            97,
            "must be at most 96, by effect.range, got 97: a missing value? Then say missing = [97] in [effect]",
        ),
        (POINTS, "womac_0", -3, "must be at least 0, by effect.range, got a value below it"),
    ],
)
def test_a_value_out_of_range_is_told_by_its_row(effect, column, value, fault):
    """As a slip of the pen, or a code for missing that the design does not name."""
    data = table(np.random.default_rng(1), 40)
    data.loc[[2, 7], column] = value
    with pytest.raises(TrialError) as caught:
        trial_data(data, design_with(effect))

    assert len(caught.value.faults) == 1
    assert caught.value.faults[0].startswith(f"column {column!r}, rows 3, 8: {fault}")


def test_an_arm_needs_two_values_of_each_kind():
    """The fault names the effect and its month."""
    data = table(np.random.default_rng(1), 40)
    data.loc[data["arm"] == "new", "womac_3"] = np.nan
    with pytest.raises(TrialError, match="must have a value of the WOMAC score at month 3 for two patients at least"):
        trial_data(data, design_with(POINTS))


def test_missing_codes_are_those_of_the_effect():
    """A code of the effect counts in its own columns alone."""
    data = table(np.random.default_rng(1), 40)
    data.loc[3, ["womac_12", "cost"]] = 9.0
    found = trial_data(data, design_with(POINTS | {"missing": [9]}))

    assert np.isnan(found.utilities[3, 2])
    assert found.costs[3, 0] == 9
    assert {each.kind: each.name for each in found.reading.missing} == {"effect": "WOMAC score", "cost": "care"}


def test_a_usual_code_is_asked_about_in_its_part():
    """A value out of range that often means missing: the hint names the key of the effect."""
    data = table(np.random.default_rng(1), 40)
    data.loc[[2, 7], "womac_12"] = 999
    with pytest.raises(TrialError) as caught:
        trial_data(data, design_with(POINTS))

    assert caught.value.faults[0].endswith("a missing value? Then say missing = [999] in [effect] of the design")


def long_qalys(first, last):
    """Return the faults of a long table with QALYs of a quarter, then of nine months; none where it is sound."""
    whole = tree_of(QALYS | {"months": [3, 12], "columns": "qaly", "baseline": "qaly"})
    whole["table"] = {"layout": "long", "patient": "id", "time": "month"}
    whole["cost"] = [{"category": "care", "column": "cost", "periods": [[0, 3], [3, 12]], "price_year": 2024}]
    given = np.random.default_rng(1).uniform(0, 0.01, (3, 40))
    patient, month = np.divmod(np.arange(120), 3)
    cells = {"id": patient, "month": np.array([0, 3, 12])[month], "arm": np.where(patient % 2, "new", "usual")}
    cells |= {
        "qaly": (np.array([[0.6], [first], [last]]) + given).T.ravel(),
        "cost": np.where(month, 100.0 + patient, np.nan),
    }
    try:
        trial_data(cells, design_of(whole))
    except TrialError as error:
        return error.faults
    return ()


def test_a_total_in_a_long_table_is_held_against_the_years_of_its_own_row():
    """The months before and after it may be fewer or more."""
    assert long_qalys(0.2, 0.6) == ()
    (early,), (late,) = long_qalys(0.4, 0.6), long_qalys(0.2, 0.8)
    assert early.startswith("column 'qaly', rows 2, 5, 8, 11, 14, 17, 20, 23, 26, 29 and 30 more: must be at most 0.25")
    assert late.startswith("column 'qaly', rows 3, 6, 9, 12, 15, 18, 21, 24, 27, 30 and 30 more: must be at most 0.75")


def test_a_text_in_a_long_table_is_counted_once():
    """However many months the design takes from the column."""
    whole = tree_of(FALLS | {"columns": "falls"})
    whole["table"] = {"layout": "long", "patient": "id", "time": "month"}
    whole["cost"] = [{"category": "care", "column": "cost", "periods": [[0, 12]], "price_year": 2024}]
    falls, cost = [1.0, 2.0] * 40, [np.nan, 250.0] * 40
    falls[0], falls[4], cost[3] = "onbekend", "onbekend", "onbekend"
    arm = np.repeat(["usual", "new"], 40)
    with pytest.raises(TrialError) as caught:
        trial_data(
            {"id": np.repeat(range(40), 2), "month": [6, 12] * 40, "arm": arm, "falls": falls, "cost": cost},
            design_of(whole),
        )

    assert caught.value.faults[0].startswith("2 columns ('falls', 'cost'), 3 cells: must hold numbers only")
