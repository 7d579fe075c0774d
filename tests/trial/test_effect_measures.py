"""Effects that are not made of utilities: totals of QALYs, points of a scale, events; against plain regressions."""

from __future__ import annotations

import numpy as np
import pytest
from effect_trials import (
    FALLS,
    POINTS,
    QALYS,
    TRUTH,
    design_with,
    long_table,
    regression,
    table,
    three_table,
    three_tree,
    tree_of,
)

import hecon
from hecon import trial
from hecon.errors import StatisticalWarning
from hecon.rulesets import ruleset
from hecon.trial.effects import EffectMeasure
from hecon.trial.table.design import design_of
from hecon.trial.valuation import qaly_weights

pytestmark = pytest.mark.usefixtures("few_samples")

OF = {
    "qalys": (QALYS, "qaly", "u0", TRUTH["qaly"]),
    "points": (POINTS, "womac_12", "womac_0", TRUTH["points"]),
}


@pytest.mark.parametrize("kind", OF)
def test_whole_data_give_the_plain_regression(kind):
    """Both outcomes are adjusted for the value at the start; standard errors are those of a bootstrap."""
    effect, column, start, truth = OF[kind]
    data = table(np.random.default_rng(1))
    found = trial.analyse(data, design_with(effect), replicates=4000, rng=1).perspectives[0]
    by_hand, error = regression(data[column].to_numpy(), data[start].to_numpy())
    cost, cost_error = regression(data["cost"].to_numpy(), data[start].to_numpy())

    assert found.delta_effect("new").value == pytest.approx(by_hand, rel=1e-9)
    assert found.delta_effect("new").se == pytest.approx(error, rel=0.08)
    assert found.delta_cost("new").value == pytest.approx(cost, rel=1e-9)
    assert found.delta_cost("new").se == pytest.approx(cost_error, rel=0.08)
    assert abs(by_hand - truth) < 4 * error


def test_events_add_up_and_need_no_start():
    """The sum over both periods, without anything to adjust for: the difference of means."""
    data = table(np.random.default_rng(2))
    found = trial.analyse(data, design_with(FALLS), replicates=50, rng=1).perspectives[0]
    falls = data["falls_6"] + data["falls_12"]

    assert found.delta_effect("new").value == pytest.approx(falls[1::2].mean() - falls[::2].mean(), rel=1e-9)
    assert found.delta_cost("new").value == pytest.approx(data["cost"][1::2].mean() - data["cost"][::2].mean())


@pytest.mark.parametrize("kind", OF)
def test_missing_values_are_imputed_over_time(kind):
    """Points at month 3 help to impute those at month 12; estimates within four standard errors of the truth."""
    effect, _, _, truth = OF[kind]
    data = table(np.random.default_rng(3), 400, missing=0.25)
    found = trial.analyse(data, design_with(effect), imputations=20, rng=1)
    one = found.perspectives[0]

    assert found.imputation is not None
    assert abs(one.delta_effect("new").value - truth) < 4 * one.delta_effect("new").se
    assert abs(one.delta_cost("new").value - TRUTH["cost"]) < 4 * one.delta_cost("new").se
    assert one.delta_effect("new").fmi > 0


def test_less_of_a_harm_is_a_gain():
    """Net benefit, probabilities and draws turn the sign; numbers stay as measured."""
    data = table(np.random.default_rng(4))
    analysis = trial.analyse(data, design_with(POINTS), replicates=100, rng=1)
    found = analysis.perspectives[0]
    draws = analysis.draws(n_draws=2000, rng=1)
    expected = -200 * found.delta_effect("new").value - found.delta_cost("new").value
    share = float(hecon.ceac(draws, wtp=[200]).sel(strategy="new")[0])

    assert found.delta_effect("new").value < 0
    assert found.net_benefit("new", wtp=200).value == pytest.approx(expected)
    assert draws.attrs["effect_unit"] == "point"
    assert draws.attrs["effect_better"] == "less"
    assert share == pytest.approx(found.p_cost_effective("new", wtp=200), abs=0.03)
    assert float(hecon.icer(draws)["icer"].sel(strategy="new")) > 0
    assert (found.reference, found.grid()[-1]) == ((50, 200), 400)


def test_a_long_table_gives_what_a_wide_one_gives():
    """The value at the start stands in the row of month 0."""
    wide, effect = table(np.random.default_rng(5)), POINTS | {"columns": "womac", "baseline": "womac"}
    whole = tree_of(effect)
    whole["table"] |= {"layout": "long", "time": "month"}
    whole["cost"][0]["column"] = whole["cost"][0].pop("columns")[0]
    one = trial.trial_data(wide, design_with(POINTS))
    other = trial.trial_data(long_table(wide), design_of(whole))

    np.testing.assert_array_equal(one.utilities, other.utilities)
    np.testing.assert_array_equal(one.costs, other.costs)
    assert one.effect == other.effect


def test_totals_beyond_a_year_are_discounted_once():
    """As spread over their months, unless they were before; a value at one time is not."""
    effect = {"unit": "QALY", "months": [12, 24], "columns": ["a", "b"], "discounted": False}
    first = EffectMeasure(kind="qalys", start=False, summary="total")
    last = EffectMeasure(kind="measure", unit="point", start=True, summary="last")

    np.testing.assert_allclose(first.weights((12.0, 24.0), 0.03), [1, 1 / 1.03])
    np.testing.assert_allclose(first.weights((24.0,), 0.03), [(1 + 1 / 1.03) / 2])
    before = EffectMeasure(kind="qalys", start=False, summary="total", discounted=True)
    np.testing.assert_array_equal(before.weights((12.0, 24.0), 0.03), [1, 1])
    np.testing.assert_array_equal(last.weights((0.0, 24.0), 0.03), [0, 1])
    np.testing.assert_array_equal(EffectMeasure().weights((0.0, 24.0), 0.03), qaly_weights((0.0, 24.0), discount=0.03))
    assert design_with(effect | {"columns": ["qaly", "u0"]}).effect.discounted is False


@pytest.mark.slow
def test_costs_that_came_discounted_stay_as_they_are():
    """And without discounting there is no scenario, as what was done before cannot be undone."""
    data = table(np.random.default_rng(6))
    whole = tree_of(QALYS | {"months": [24], "discounted": True})
    whole["cost"][0] |= {"periods": [[0, 24]], "discounted": True}
    plain = tree_of(QALYS | {"months": [24], "discounted": False})
    plain["cost"][0] |= {"periods": [[0, 24]]}
    found = {}
    for name, each in (("before", whole), ("here", plain)):
        checked = trial.trial_data(data, design_of(each))
        analysis = trial.analyse(checked, replicates=50, rng=1)
        codes = {one.code for one in trial.scenarios(checked, analysis, rng=1)}
        found[name] = (analysis.perspectives[0].delta_cost("new").value, "undiscounted" in codes)

    assert found["here"][0] == pytest.approx(found["before"][0] * (1 + 1 / 1.03) / 2)
    assert (found["before"][1], found["here"][1]) == (False, True)


def test_values_of_the_rules_hold_for_qalys_alone():
    """Another effect has its own willingness to pay."""
    measure = EffectMeasure(kind="measure", unit="point", wtp=(50.0, 200.0), summary="last")

    assert EffectMeasure().reference(ruleset()) == ruleset().values_on().reference
    assert EffectMeasure(kind="qalys").shown(ruleset()) == ruleset().values_on().grid
    assert measure.reference(ruleset()) == measure.shown(ruleset()) == (50.0, 200.0)
    assert max(measure.grid(ruleset())) >= 250
    assert EffectMeasure(better="less").worth(ruleset())[-1] == -100_000


@pytest.mark.parametrize(("effect", "column", "start"), [(QALYS, "qaly", "u0"), (POINTS, "womac_12", "womac_0")])
def test_three_arms_give_one_regression(effect, column, start):
    """With a column for each arm but the comparator."""
    data = three_table(np.random.default_rng(6))
    found = trial.analyse(data, design_of(three_tree(effect)), replicates=50, rng=1).perspectives[0]
    arm = np.arange(len(data)) % 3
    matrix = np.column_stack([np.ones(len(data)), arm == 1, arm == 2, data[start]])
    for name, outcome in (("effect", column), ("cost", "cost")):
        beta = np.linalg.lstsq(matrix, data[outcome].to_numpy(), rcond=None)[0]
        delta = found.delta_effect if name == "effect" else found.delta_cost
        assert [delta(each).value for each in ("new", "intensive")] == pytest.approx(list(beta[1:3]), rel=1e-9)


def test_totals_without_a_utility_at_the_start_are_doubted():
    """A chance difference at the start stays in; other effects need no such value."""
    data = table(np.random.default_rng(7))
    bare = {key: value for key, value in QALYS.items() if key != "baseline"}
    with pytest.warns(StatisticalWarning, match="the utility at the start is not known: QALYs are not adjusted"):
        found = trial.analyse(data, design_with(bare), replicates=50, rng=1)
    falls = trial.analyse(data, design_with(FALLS), replicates=50, rng=1)

    assert "no_start" in {each.code for each in found.doubts}
    assert "no_start" not in {each.code for each in falls.doubts}
