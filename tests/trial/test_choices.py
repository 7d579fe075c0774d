"""Other discount rates and another horizon: the main analysis' imputed sets, weighed otherwise."""

import dataclasses

import numpy as np
import pytest

import hecon
from hecon import trial
from hecon.trial import sensitivity
from hecon.trial.sensitivity import CHOICES, other_choices

pytestmark = [pytest.mark.usefixtures("few_samples"), pytest.mark.slow]

# Of a trial in which nobody died.
OF_ALL = tuple(each for each in CHOICES if not each.startswith("death-"))


@pytest.fixture(scope="module")
def longer():
    """Return a teaching trial of two years, and an analysis of it with few sets."""
    table = hecon.datasets.simulate_trial("meniscus", rng=1)
    data = trial.trial_data(table, hecon.datasets.trial_design("meniscus"))
    return data, trial.analyse(data, imputations=4, replicates=60, rng=1)


def analysed(data, given, main):
    """Return the analysis of a trial by given sets, as the scenarios make it."""
    settings = dataclasses.replace(sensitivity.settings_of(data, main, 1), given=given)
    names = tuple(each.name for each in main.perspectives)
    return sensitivity.analysing.run(data, names, "imputation", settings, np.random.default_rng(1))


def test_a_trial_within_a_year_has_no_other_rates(longer):
    first = next(changed for code, changed, _ in other_choices(longer[0], None) if code == "first-year")

    assert list(other_choices(first, None)) == []


def test_the_choices_beyond_a_year(longer):
    data, main = longer
    found = {code: (changed, given) for code, changed, given in other_choices(data, main.imputation)}

    assert tuple(found) == OF_ALL
    changed, given = found["undiscounted"]
    assert (changed.discount_cost, changed.discount_effect) == (0, 0)
    assert given is main.imputation
    assert found["effects-as-costs"][0].discount_effect == data.discount_cost
    first, of_first = found["first-year"]
    assert first.months == (0, 3, 6, 12)
    assert all(item.end <= 12 for item in first.items)
    assert of_first.values.shape[2] == of_first.variables.values.shape[1]
    known = ~np.isnan(of_first.variables.values)
    np.testing.assert_array_equal(of_first.values[0][known], of_first.variables.values[known])


def test_discounting_only_what_lies_beyond_a_year(longer):
    """Without discounting costs and QALYs are larger; in the first year alone the rates change nothing."""
    data, main = longer
    sets = {code: (changed, given) for code, changed, given in other_choices(data, main.imputation)}
    first, given = sets["first-year"]
    discounted = analysed(first, given, main).perspectives[0]
    plain = analysed(dataclasses.replace(first, discount_cost=0.0, discount_effect=0.0), given, main).perspectives[0]
    arm = main.perspectives[0].strategies[1]

    assert discounted.delta_cost(arm).value == pytest.approx(plain.delta_cost(arm).value)
    assert discounted.delta_effect(arm).value == pytest.approx(plain.delta_effect(arm).value)
    whole = analysed(*sets["undiscounted"], main).perspectives[0]
    assert whole.delta_effect(arm).value != pytest.approx(main.perspectives[0].delta_effect(arm).value, rel=1e-4)


def test_qalys_at_the_rate_of_costs_leave_costs_as_they_are(longer):
    data, main = longer
    sets = {code: (changed, given) for code, changed, given in other_choices(data, main.imputation)}
    found, own = analysed(*sets["effects-as-costs"], main).perspectives[0], main.perspectives[0]
    arm = own.strategies[1]

    assert found.delta_cost(arm).value == pytest.approx(own.delta_cost(arm).value)
    assert found.delta_effect(arm).value != pytest.approx(own.delta_effect(arm).value, rel=1e-5)


def test_without_rates_there_is_only_another_horizon(longer):
    data, _ = longer
    bare = dataclasses.replace(data, discount_cost=0.0, discount_effect=0.0)

    assert [code for code, _, _ in other_choices(bare, None)] == ["first-year"]


def test_a_period_of_cost_across_the_year_is_not_cut(longer):
    data, _ = longer
    across = (dataclasses.replace(data.items[0], start=6.0, end=18.0), *data.items[1:])

    assert "first-year" not in [code for code, _, _ in other_choices(dataclasses.replace(data, items=across), None)]


def test_they_stand_among_the_scenarios(longer):
    data, main = longer
    assert set(OF_ALL) < {code for code, *_ in sensitivity._others(data, main, 1)}
