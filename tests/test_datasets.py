"""Teaching trials: the truth that is told against many patients, and what was printed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from teaching import HEALTHCARE, LARGE, QALY, TARGETS, cost, difference, large, utilities

import hecon
from hecon import datasets
from hecon.datasets import ARMS, model_of


@pytest.fixture(scope="module")
def whole():
    return large("none")


@pytest.fixture(scope="module")
def qalys(whole):
    return utilities(whole) @ QALY


@pytest.fixture(scope="module")
def truth():
    return datasets.simulate_trial(rng=1).attrs["truth"]


def test_differences_are_those_printed(truth):
    """Van de Graaf 2020, abstract, and the ratio of the Zorginstituut's report of 2024."""
    assert truth["delta_cost"]["societal"] == pytest.approx(-1803, abs=1e-6)
    assert truth["delta_effect"] == pytest.approx(-1803 / 61584, abs=1e-12)
    assert truth["icer"]["societal"] == pytest.approx(61584, abs=1e-4)
    assert tuple(truth["spread"].values()) == pytest.approx(TARGETS, rel=1e-5)


@pytest.mark.slow
@pytest.mark.counted
def test_figures_are_those_of_the_dossier():
    found = {each.name: each for each in datasets.figures("meniscus")}
    comparison = hecon.assess("meniscal-tear-degenerative", n_draws=1000).comparisons[0]
    fitted = comparison.draws.attrs["fit"]["parameters"]
    names = {"delta_cost": "cost_difference", "delta_effect": "effect_difference"} | {
        name: name for name in ("cost_se", "effect_se", "correlation")
    }
    for theirs, ours in names.items():
        assert found[ours].value == pytest.approx(fitted[theirs]["value"], rel=1e-6)


def test_every_figure_has_a_status_and_what_is_not_assumed_a_source():
    for each in datasets.figures("meniscus"):
        assert each.meaning
        assert each.status in {"reported", "derived", "assumed"}
        assert each.sources or each.status == "assumed"


@pytest.mark.slow
@pytest.mark.counted
def test_means_of_many_patients_are_the_truth(whole, truth, qalys):
    """Hospitals of 36 patients with a correlation of 0.02 widen the errors of an arm's mean by the root of 1.7."""
    found = {"effect": qalys, "societal": cost(whole), "healthcare": cost(whole, HEALTHCARE)}
    for arm in ARMS:
        own = (whole["arm"] == arm).to_numpy()
        means = {"effect": truth["effect"][arm]} | {name: truth["cost"][name][arm] for name in truth["cost"]}
        for name, mean in means.items():
            error = found[name][own].std() / np.sqrt(own.sum())
            assert abs(found[name][own].mean() - mean) < 4 * 1.3 * error
        np.testing.assert_allclose(utilities(whole[own]).mean(axis=0), truth["utility"][arm], atol=0.004)


@pytest.mark.slow
@pytest.mark.counted
def test_differences_in_many_patients_are_the_truth(whole, truth, qalys):
    for values, expected in (
        (qalys, truth["delta_effect"]),
        (cost(whole), truth["delta_cost"]["societal"]),
        (cost(whole, HEALTHCARE), truth["delta_cost"]["healthcare"]),
    ):
        found, error = difference(whole, values)
        assert abs(found - expected) < 4 * error


@pytest.mark.slow
@pytest.mark.counted
def test_spread_and_correlation_are_those_printed(whole, qalys):
    costs = cost(whole)
    total = sum(
        np.cov(costs[own], qalys[own]) / size
        for size, own in (
            (size, (whole["arm"] == arm).to_numpy()) for arm, size in (("surgery", 159), ("exercise", 162))
        )
    )
    errors = np.sqrt(np.diag(total))
    np.testing.assert_allclose(errors, TARGETS[:2], rtol=0.02)
    assert total[0, 1] / errors.prod() == pytest.approx(TARGETS[2], abs=0.02)


def test_categories_add_up_to_perspectives(truth):
    for arm in ARMS:
        total = sum(truth["category"][each][arm] for each in truth["category"])
        assert total == pytest.approx(truth["cost"]["societal"][arm], rel=1e-12)


@pytest.mark.slow
@pytest.mark.counted
def test_patients_are_as_printed(whole):
    assert whole["age"].between(45, 70).all()
    assert whole["age"].mean() == pytest.approx(58, abs=0.1)
    assert whole["age"].std() == pytest.approx(6.6, abs=0.1)
    assert (whole["sex"] == "woman").mean() == pytest.approx(0.502, abs=0.01)
    assert whole["bmi"].max() <= 35
    late = whole[whole["arm"] == "exercise"].filter(like="operations_").sum(axis=1)
    assert late.mean() == pytest.approx(0.29, abs=0.006)
    assert late.max() == 1


def test_the_trial_has_the_size_printed():
    table = datasets.simulate_trial("meniscus", rng=2)
    assert table["arm"].value_counts().to_dict() == {"exercise": 162, "surgery": 159}
    assert table["hospital"].nunique() == 9
    assert table["patient"].is_unique
    assert (table["measured_on"] <= table["randomised_on"]).all()
    assert table["randomised_on"].is_monotonic_increasing
    assert table["randomised_on"].between("2013-07-17", "2015-11-04").all()


@pytest.mark.slow
@pytest.mark.counted
def test_costs_are_skewed_and_many_use_nothing(whole):
    assert pd.Series(cost(whole)).skew() > 1
    for column in ("gp_12", "care_hours_12", "absence_hours_12"):
        assert (whole[column] == 0).mean() > 0.3


def test_absence_stays_below_the_friction_period():
    """All days that could be: the friction-cost method then counts every hour."""
    model = model_of("meniscus")
    few, many = model.given["absence_days"]
    assert (many + 5 * few) * model.given["day"] < 16.4 * 36
    table = datasets.simulate_trial(rng=3, missing="none")
    hours = table.filter(like="absence_hours_").sum(axis=1)
    assert hours[table["employed"] == "no"].max() == 0
    assert hours[table["employed"] == "yes"].max() > 0


@pytest.mark.slow
@pytest.mark.counted
def test_a_seed_gives_the_same_trial():
    first, again, other = (datasets.simulate_trial(rng=seed) for seed in (4, np.random.default_rng(4), 5))
    pd.testing.assert_frame_equal(first, again)
    assert not first["age"].equals(other["age"])


@pytest.mark.slow
@pytest.mark.counted
def test_hospitals_differ():
    """Persistent health has an intracluster correlation of 0.02; utilities that follow it have less."""
    table = datasets.simulate_trial(n=LARGE, missing="none", rng=6)
    values = pd.Series(utilities(table) @ QALY)
    groups = values.groupby(table["hospital"])
    size = groups.size().mean()
    between = groups.mean().var() - values.var() / size
    assert 0.005 < between / values.var() < 0.02
