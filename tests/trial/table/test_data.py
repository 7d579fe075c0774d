"""A trial's data: arrays by hand and by a naive reading, long as wide, dummies, digest and doubts."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from strategies import examples
from trial_tables import changed, tree, wide, wide_design

import hecon
from hecon import prices
from hecon.trial import valuation
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of
from hecon.trial.table.outcomes import CostItem


def with_costs(costs, table, **changes):
    """Return the data of a design with these costs alone."""
    whole = tree() | {"cost": costs, "perspective": {"all": sorted({each["category"] for each in costs})}} | changes
    return trial_data(table, design_of(whole))


def test_the_design_travels_with_the_data():
    found = trial_data(wide(), wide_design())

    assert (found.name, found.title, found.simulated) == ("knee", "Exercise or surgery", True)
    assert found.strategies == ("surgery", "exercise")
    assert found.months == (0, 3, 6, 12)
    assert found.perspectives == {
        "societal": ("physiotherapy", "hospital", "absence"),
        "healthcare": ("physiotherapy", "hospital"),
    }
    assert (found.price_year, found.discount_cost, found.discount_effect) == (2024, 0.04, 0.015)
    assert found.utility_floor == -0.446
    assert repr(found) == "TrialData('knee', surgery 12, exercise 12)"


def test_arms_clusters_and_periods_are_numbered():
    """Arms by the design, clusters as they come, periods in the order of time."""
    table = wide()
    found = trial_data(table, wide_design())

    assert found.arm.tolist() == table["arm"].tolist()
    assert found.cluster.tolist() == [number % 4 for number in range(24)]
    assert found.period.tolist() == (table["period"] - 2020).tolist()
    assert {found.arm.dtype, found.cluster.dtype, found.period.dtype} == {np.dtype(np.intp)}


@pytest.mark.slow
@pytest.mark.parametrize("values", [("surgery", "exercise"), (0, 1), ("0", "1.0"), (2.0, 1.0), ("A ", " B")])
def test_arms_are_found_by_what_stands_for_them(values):
    """Numbers and text, and numbers as text."""
    table = wide().assign(arm=[values[arm] for arm in wide()["arm"]])
    stripped = [value.strip() if isinstance(value, str) else value for value in values]
    named = dict(zip(("surgery", "exercise"), stripped, strict=True))
    design = design_of(changed(tree(), ("arm", "values"), None if values[0] == "surgery" else named))

    assert trial_data(table, design).arm.tolist() == wide()["arm"].tolist()


# Costs ----------------------------------------------------------------------------------------------------------------


def test_costs_are_those_of_a_naive_reading():
    """Use times price, patient by patient, at the prices of the analysis."""
    table, found = wide(), trial_data(wide(), wide_design())
    session = prices.reference_price("Fysiotherapie (per zitting)").amount
    to_2024 = {year: prices.indexed(1.0, price_year=year, to_year=2024) for year in (2020, 2022)}
    expected = np.full((24, 7), np.nan)
    for row, patient in table.iterrows():
        for place, month in enumerate((3, 6, 12)):
            expected[row, place] = patient[f"physio_{month}"] * session * to_2024[2022]
        expected[row, 3] = patient["stay"] * to_2024[2020]
        hours = [[patient[f"absence_{month}"] for month in (3, 6, 12)]]
        expected[row, 4:] = to_2024[2022] * valuation.productivity_cost(
            hours, [(0, 3), (3, 6), (6, 12)], price_per_hour=40, hours_per_week=36, friction_weeks=12
        )

    assert found.items == (
        *(CostItem("physiotherapy", *span) for span in ((0, 3), (3, 6), (6, 12))),
        CostItem("hospital", 0, 6),
        *(CostItem("absence", *span) for span in ((0, 3), (3, 6), (6, 12))),
    )
    np.testing.assert_allclose(found.costs, expected, rtol=1e-12)
    np.testing.assert_allclose(found.baseline_costs[:, 0], table["physio_before"] * session * to_2024[2022], rtol=1e-12)
    assert found.baseline_categories == ("physiotherapy",)


def test_costs_of_one_category_and_period_add_up():
    """And their sum is missing where one of them is."""
    table = wide().assign(a=10.0, b=range(24), c=1.0)
    table.loc[4, "a"] = np.nan
    parts = [
        {"category": "care", "columns": ["a"], "periods": [[0, 6]], "price": 2, "price_year": 2024},
        {"category": "care", "columns": ["b"], "periods": [[0, 6]], "price_year": 2024},
        {"category": "care", "columns": ["c"], "periods": [[6, 12]], "price_year": 2024},
    ]
    found = with_costs(parts, table)

    assert found.items == (CostItem("care", 0, 6), CostItem("care", 6, 12))
    assert found.costs[:4, 0].tolist() == [20, 21, 22, 23]
    assert np.isnan(found.costs[:, 0]).tolist() == [row == 4 for row in range(24)]
    assert found.costs[:, 1].tolist() == [1.0] * 24
    assert found.baseline_costs is None


def test_the_friction_period_is_the_manuals_unless_told():
    hours = {"category": "absence", "columns": ["hours"], "periods": [[0, 12]], "price": 1, "price_year": 2024}
    table = wide().assign(hours=1000.0)
    default, told = (
        with_costs([hours | {"absence": {"hours_per_week": 30} | more}], table).costs[0, 0]
        for more in ({}, {"weeks": 10})
    )

    assert default == pytest.approx(30 * prices.friction_period().weeks)
    assert told == 300


ABSENCE = {"category": "absence", "price": 1, "price_year": 2024, "absence": {"hours_per_week": 30}}


def test_absence_that_goes_on_in_another_cost_is_a_fault():
    """The second cost would count a spell from the first as a new one."""
    early, late = ({"columns": [name], "periods": [span]} for name, span in (("a", [0, 6]), ("b", [6, 12])))
    with pytest.raises(hecon.TrialError) as caught:
        with_costs([ABSENCE | early, ABSENCE | late], wide().assign(a=500.0, b=500.0))

    (found,) = caught.value.faults
    assert found == (
        "cost[1].absence: must stand in one [[cost]] with all periods of 'absence', got other periods than in cost[0]: "
        "the friction period would begin anew"
    )


def test_absence_from_two_jobs_adds_up():
    """Nothing goes on from one cost in the other where the periods of one are all the other's."""
    both = {"columns": ["a", "b"], "periods": [[0, 6], [6, 12]]}
    jobs = [ABSENCE | both, ABSENCE | {"columns": ["c"], "periods": [[0, 6]]}]
    found = with_costs(jobs, wide().assign(a=10.0, b=20.0, c=5.0))

    assert found.costs[0].tolist() == [15, 20]


def test_absence_before_the_start_is_valued_by_the_hour():
    parts = copy.deepcopy(tree()["cost"][2]) | {"baseline": "physio_before", "price_year": 2024}
    table = wide()

    assert np.array_equal(with_costs([parts], table).baseline_costs[:, 0], 40 * table["physio_before"], equal_nan=True)


# Utilities ------------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:no answer of:hecon.errors.StatisticalWarning")
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:the difference in QALYs")
@given(
    states=hnp.arrays(np.int64, (24, 2, 5), elements=st.integers(1, 5)),
    gone=hnp.arrays(np.bool_, (24, 2, 5), elements=st.sampled_from([False] * 9 + [True])),
)
@examples(20)
def test_items_and_states_give_the_utilities_of_the_value_set(states, gone):
    """A missing item makes the utility missing."""
    gone[:4] = False  # an arm needs two values
    answers = np.where(gone, np.nan, states)
    names = [[f"{item}{month}" for item in ("mo", "sc", "ua", "pd", "ad")] for month in (0, 12)]
    table = wide().assign(**{name: answers[:, t, k] for t, each in enumerate(names) for k, name in enumerate(each)})
    codes = [
        "" if any(lost) else "".join(map(str, state))
        for state, lost in zip(states.reshape(-1, 5).tolist(), gone.reshape(-1, 5).tolist(), strict=True)
    ]
    table = table.assign(s0=codes[::2], s12=codes[1::2])
    expected = hecon.utility(answers, value_set="nl-5l-2016")
    for kind, columns in (("items", names), ("states", ["s0", "s12"])):
        whole = changed(tree(), ("utility",), {"months": [0, 12], "value_set": "nl-5l-2016", kind: columns})
        whole["cost"] = [{"category": "care", "columns": ["stay"], "price_year": 2024}]
        whole["perspective"] = {"all": ["care"]}

        assert np.array_equal(trial_data(table, design_of(whole)).utilities, expected, equal_nan=True)


def test_five_patients_are_not_read_as_five_items():
    """Nor if none of them has a state."""
    table = wide().iloc[:5].assign(s0=[11111, 21111, 33333, 55555, 11112], s12=[None] * 5)
    whole = changed(tree(), ("utility",), {"months": [0, 12], "value_set": "nl-5l-2016", "states": ["s0", "s12"]})
    whole |= {"cost": [{"category": "care", "columns": ["stay"], "price_year": 2024}], "perspective": {"all": ["care"]}}
    with pytest.raises(hecon.TrialError) as caught:
        trial_data(table, design_of(whole))

    assert caught.value.faults[0].startswith("column 'arm': must have 5 patients in every arm at least, got fewer in ")
    assert caught.value.faults[1:] == ("column 's12': must hold a value in one row at least, got none",)


def test_a_floor_is_unknown_without_a_value_set():
    """Then none is taken to go below -1."""
    whole = changed(tree(), ("utility", "value_set"), None)
    table = wide()
    table.loc[0, "u3"] = -0.9

    assert trial_data(table, design_of(whole)).utility_floor == -1


# Covariates -----------------------------------------------------------------------------------------------------------


def test_numbers_and_declared_levels_are_covariates():
    """The most frequent level is the reference."""
    table, found = wide(), trial_data(wide(), wide_design())

    assert found.covariate_names == ("age", "region = north")
    assert found.covariate_columns == ("age", "region")
    assert found.adjusts == (frozenset({"effect"}), frozenset({"cost", "effect"}))
    assert found.regressors == "own"
    assert np.array_equal(found.covariates[:, 0], table["age"], equal_nan=True)
    assert found.covariates[:, 1].tolist() == [float(region == "north") for region in table["region"]]


@pytest.mark.parametrize("kinds", [["x"] * 10 + ["b"] * 7 + ["a"] * 5 + [None] * 2, [3.0] * 10 + [1] * 7 + ["2"] * 7])
def test_other_levels_are_named_by_rank(kinds):
    """Their names tell no value, which one patient alone may have."""
    table = wide().assign(region=np.array(kinds, dtype=object))
    found = trial_data(table, design_of(changed(tree(), ("covariate", 1, "levels"), None)))
    expected = [[np.nan if kind is None else float(kind == level) for kind in kinds] for level in kinds[10::7]]

    assert found.covariate_names[1:] == ("region (level 2)", "region (level 3)")
    assert found.covariate_columns == ("age", "region", "region")
    assert np.array_equal(found.covariates[:, 1:].T, expected[:2], equal_nan=True)


def test_a_category_of_very_many_levels_is_none():
    table = wide().assign(region=range(24))
    design = design_of(changed(tree(), ("covariate", 1, "levels"), None))
    with pytest.raises(hecon.TrialError, match=r"column 'region': must have 20 levels at most: .*; got 24"):
        trial_data(table, design)


def test_levels_written_in_two_ways_are_not_two():
    """Unless they are declared."""
    table = wide().assign(region=[("north", "North ", "south")[row % 3] for row in range(24)])
    table.loc[1, "region"] = "NORTH"
    plain = changed(tree(), ("covariate", 1, "levels"), None)
    with pytest.raises(hecon.TrialError, match=r"column 'region', rows 2, 5, .*must have levels written in one way"):
        trial_data(table, design_of(plain))
    declared = changed(tree(), ("covariate", 1, "levels"), ["north", "North", "NORTH", "south"])
    assert len(trial_data(table, design_of(declared)).covariate_names) == 4


@pytest.mark.parametrize("again", ["Practice 1", "practice1", "practice 01"])
def test_clusters_written_in_two_ways_are_not_two(again):
    table = wide()
    table["practice"] = [f"practice {row % 4}" for row in range(24)]
    assert trial_data(table, wide_design()).cluster.max() == 3
    table.loc[[5, 9], "practice"] = again
    with pytest.raises(
        hecon.TrialError, match=r"column 'practice', rows 6, 10: must be written in one way, got clusters"
    ):
        trial_data(table, wide_design())
