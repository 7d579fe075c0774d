"""Deaths: from then on utility and costs are 0, nothing of the dead is imputed or lent, and the rest is as it was."""

import dying
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from hecon.trial import analyse, impute, scenarios, trial_data
from hecon.trial.deaths import Deaths, of_the_dead, qalys_of, shares_lived, unknown_as_dead, with_deaths
from hecon.trial.imputation import Departure, variables_of

pytestmark = [
    pytest.mark.usefixtures("few_samples"),
    pytest.mark.filterwarnings("ignore::hecon.errors.StatisticalWarning"),
]


def made(seed=1, n=60, **death):
    """Return a checked trial with deaths and missing values."""
    return trial_data(dying.simulate(np.random.default_rng(seed), n)[1], dying.design(**death))


@pytest.mark.parametrize("before", ["line", "level"])
def test_qalys_are_the_area_up_to_death(before):
    """Against sums over small steps of time, over deaths in either year and a discount."""
    table = dying.simulate(np.random.default_rng(2), 30)[0]
    data = trial_data(table, dying.design(before=before))

    assert (table["died_in"] > 12).sum() > 3 < (table["died_in"] < 12).sum()
    assert qalys_of(data) == pytest.approx(dying.outcomes(table, before=before)[1], abs=2e-3)


def test_qalys_by_hand():
    """Utility 0.8 at month 6, death at month 9: half a triangle of a quarter of a year, or a rectangle."""
    months = (0.0, 6.0, 12.0)
    for before, expected in (("line", 0.8 * 0.25 / 2), ("level", 0.8 * 0.25)):
        found = Deaths(np.array([9.0, np.inf]), "month", before, np.full(2, np.inf)).in_interval(months, discount=0.0)
        assert (found[:, 1] * 0.8 + [0.8 * 0.5 / 2, 0]).tolist() == pytest.approx([expected, 0.0])


@examples(60)
@given(month=st.floats(0.01, 24.0), discount=st.sampled_from([0.0, 0.015, 0.04]))
def test_a_straight_line_is_below_a_level_one_and_meets_the_visit(month, discount):
    """And death at a visit itself is the trapezium to 0 there."""
    both = [
        Deaths(np.array([month, 12.0]), "month", rule, np.full(2, np.inf)).in_interval(dying.MONTHS, discount=discount)
        for rule in ("line", "level")
    ]

    assert (both[0].sum(axis=1) < both[1].sum(axis=1)).all()
    assert both[0][1].sum() == pytest.approx(0.0)
    assert both[0][0].sum() <= 1e-12


@pytest.mark.slow
def test_complete_data_give_a_plain_regression():
    """Of costs and QALYs computed apart, on the arm and the utility at the start."""
    table = dying.simulate(np.random.default_rng(3), 150)[0]
    found = analyse(table, dying.design(), replicates=1000, rng=1).perspectives[0]
    design = np.column_stack([np.ones(300), table["arm"] == "new", table["u0"]])
    for outcome, own, slack in zip(
        dying.outcomes(table), (found.delta_cost, found.delta_effect), (1, 2e-3), strict=True
    ):
        beta, rest, *_ = np.linalg.lstsq(design, outcome, rcond=None)
        se = np.sqrt(rest[0] / 297 * np.linalg.inv(design.T @ design)[1, 1])

        assert own("new").value == pytest.approx(beta[1], abs=slack)
        assert own("new").se == pytest.approx(se, rel=0.15)


@pytest.mark.parametrize("imputation", ["pmm", "scaled"])
def test_the_dead_neither_lend_nor_receive(imputation):
    """Zeros stay zeros; what is imputed is what someone living had, of the period of death the share that was lived."""
    data = made()
    all_ = variables_of(data)
    found = impute(data, count=6, imputation=imputation, donors=3, log_from=1.0, rng=2)
    dead, lived = of_the_dead(data)[0], shares_lived(data)[1]
    utilities, costs = found.values[..., all_.utilities], found.values[..., all_.costs]
    missing = np.isnan(data.costs)

    assert dead.any()
    assert (missing & (lived > 0) & (lived < 1)).any()
    assert (utilities[:, dead] == 0).all()
    assert (costs[:, lived == 0] == 0).all()
    assert np.isfinite(found.values).all()
    partial = (lived > 0) & (lived < 1) & ~missing
    assert (costs[:, partial] == data.costs[partial]).all()
    for arm in range(2 if imputation == "pmm" else 0):
        own = data.arm == arm
        for at in range(4):
            lenders = data.costs[own & ~missing[:, at] & (lived[:, at] == 1), at]
            gone = own & missing[:, at]
            whole = costs[:, gone, at] / lived[gone, at]
            assert np.isclose(whole[..., None], lenders, rtol=1e-12).any(axis=-1).all()
            alive = utilities[:, own & np.isnan(data.utilities[:, at + 1]), at + 1]
            living = data.utilities[own & ~dead[:, at + 1] & ~np.isnan(data.utilities[:, at + 1]), at + 1]
            assert np.isin(alive, living).all()


def test_qalys_of_imputed_sets_follow_from_their_utilities():
    """Also where the utility before death is imputed and shifted."""
    data = made(seed=4)
    all_ = variables_of(data)
    found = impute(data, count=3, departures=(Departure(utility=-0.1),), rng=1)
    weights = data.deaths.in_interval(data.months, discount=data.discount_effect)

    assert (np.isnan(data.utilities) & (weights != 0)).any()
    expected = (found.values[..., all_.utilities] * weights).sum(axis=-1)
    assert found.values[..., all_.interval] == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["bootstrap-single", "bootstrap-imputation"])
def test_bootstrap_samples_agree_with_imputation(method):
    """Each imputes resamples, in which the dead are dead too."""
    data = made(seed=5, n=100)
    main = analyse(data, imputations=20, replicates=50, rng=1).perspectives[0]
    other = analyse(data, method=method, replicates=100, iterations=4, rng=1).perspectives[0]

    assert other.delta_effect("new").value == pytest.approx(main.delta_effect("new").value, abs=0.02)
    assert other.delta_cost("new").value == pytest.approx(main.delta_cost("new").value, abs=150)


@pytest.mark.slow
def test_clusters_of_unequal_size_resample_the_dead():
    """Places without a patient stand for nobody, dead or alive."""
    whole = dying.tree() | {"cluster": {"column": "practice"}}
    table = dying.simulate(np.random.default_rng(6), 80)[1]
    table["practice"] = [f"{arm}{number % 9}" for number, arm in enumerate(table["arm"])]
    table.loc[table["practice"] == "new0", "practice"] = "new1"
    found = analyse(table, dying.design_of(whole), method="bootstrap-single", replicates=50, rng=1).perspectives[0]

    assert np.isfinite(found.delta_effect("new").interval).all()
    assert 0 < found.mean_effect("usual").value < found.mean_effect("new").value < 1.6


@pytest.mark.slow
def test_the_other_rule_and_the_unknown_dead_stand_among_the_scenarios():
    """The other rule takes the imputed sets as they are; those who may have died unseen change them."""
    table = dying.simulate(np.random.default_rng(7), 80)[1]
    lost = table.index[table["died_in"].isna()][::4]
    table.loc[lost, ["u18", "u24", "care_18", "care_24"]] = np.nan
    data = trial_data(table, dying.design(others="unknown"))
    main = analyse(data, imputations=10, rng=1)
    found = {each.code: each.delta_effect.value for each in scenarios(data, main, rng=1)}
    again = analyse(table, dying.design(others="unknown", before="level"), imputations=10, rng=1).perspectives[0]

    assert found["death-level"] == pytest.approx(again.delta_effect("new").value, abs=1e-9)
    assert found["unknown-dead"] != pytest.approx(found["main"], abs=1e-4)
    assert "death-line" not in found


def test_those_who_may_have_died_unseen_are_dead_in_the_scenario():
    """In the middle of the interval after they were last seen, or had costs."""
    table = dying.simulate(np.random.default_rng(8), 20, missing=0.0)[0]
    table["died_in"] = np.nan
    table.loc[0, ["u12", "u18", "u24", "care_12", "care_18", "care_24"]] = np.nan
    table.loc[1, ["u12", "u18", "u24", "care_18", "care_24"]] = np.nan
    found = unknown_as_dead(trial_data(table, dying.design(others="unknown")))

    assert found.deaths.month[:3].tolist() == [9.0, 15.0, np.inf]
    assert found.utilities[0, 2:].tolist() == [0, 0, 0]
    assert np.isnan(found.utilities[1]).tolist() == [False, False, True, False, False]
    assert found.costs[1, 2:].tolist()[1:] == [0.0]


def test_complete_cases_are_no_comparison_where_the_dead_are_most_of_them():
    """Of those who die early little can be missing; with nothing missing complete cases are all patients."""
    whole, table = dying.simulate(np.random.default_rng(13), 60)
    both = [analyse(each, dying.design(), imputations=2, replicates=50, rng=1) for each in (whole, table)]
    complete = ~table[[each for each in table if each.startswith(("u", "care"))]].isna().any(axis=1)

    assert both[0].perspectives[0].complete_case.patients == (60, 60)
    assert both[1].perspectives[0].complete_case is None
    assert both[1].description.missingness.patients == table["died_in"].isna().sum()
    assert complete.any()


def test_an_arm_may_be_dead_to_the_last():
    """Nobody lends at that time, and nobody needs to."""
    table = dying.simulate(np.random.default_rng(9), 30)[1]
    usual = table["arm"] == "usual"
    table.loc[usual, "died_in"] = np.minimum(table.loc[usual, "died_in"].fillna(23), 18.0)
    table.loc[usual, ["u18", "u24", "care_24"]] = np.nan
    gone = table["died_in"] < 12
    table.loc[usual & gone, ["u12", "care_18"]] = np.nan
    found = analyse(table, dying.design(), imputations=3, rng=1).perspectives[0]

    assert np.isfinite(found.delta_effect("new").value)


def test_without_deaths_results_are_those_of_a_design_without_them():
    """A record of deaths in which nobody died changes no number."""
    table = dying.simulate(np.random.default_rng(10), 40)[0].assign(died_in=np.nan)
    for month in dying.MONTHS[1:]:
        table[f"u{month}"] = table[f"u{month}"].fillna(0.5)
        table[f"care_{month}"] = table[f"care_{month}"].fillna(100)
    whole = dying.tree()
    del whole["death"]
    both = [analyse(table, each, rng=1, replicates=50) for each in (dying.design(), dying.design_of(whole))]

    assert both[0].perspectives[0].spread.mean == pytest.approx(both[1].perspectives[0].spread.mean, rel=1e-12)
    assert both[0].description.deaths.died == (0, 0)
    assert both[1].description.deaths is None


def test_deaths_change_what_is_known_and_no_more():
    """`with_deaths` sets zeros from death on."""
    data = made(seed=11)
    again = with_deaths(data, data.deaths)

    assert np.array_equal(again.utilities, data.utilities, equal_nan=True)
    assert np.array_equal(again.costs, data.costs, equal_nan=True)
