"""The simulated trials of benchmarks/trial_coverage.py: their truth, their missing values, and what is summed up."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
if not BENCHMARKS.is_dir():
    pytest.skip("benchmarks are not part of an installed package", allow_module_level=True)
sys.path.insert(0, str(BENCHMARKS))
try:
    import coverage_tables
    import trial_processes
    import trial_scenarios
    import trial_severity
    import trial_weights
finally:
    sys.path.remove(str(BENCHMARKS))

SCENARIOS = trial_scenarios.SCENARIOS


def differences(data):
    """Return cost and QALYs of the arms' means, each with its standard error, by hand."""
    months = np.array(data.months)
    widths = np.diff(months) / 12
    outcomes = data.costs.sum(axis=1), ((data.utilities[:, 1:] + data.utilities[:, :-1]) / 2) @ widths
    new = data.arm == 1
    for each in outcomes:
        error = np.sqrt(each[new].var() / new.sum() + each[~new].var() / (~new).sum())
        yield each[new].mean() - each[~new].mean(), error


@pytest.mark.parametrize("name", ["150 + 150", "effect modification", "discrete predictors", "normal"])
def test_the_difference_between_large_arms_is_the_truth(monkeypatch, name):
    large = replace(SCENARIOS[name], patients=(40_000, 40_000))
    monkeypatch.setitem(SCENARIOS, name, large)
    data, _ = trial_processes.trial(name, 3)
    for (found, error), true in zip(differences(data), trial_processes.truth(name), strict=True):
        assert abs(found - true) < 4 * error


def test_the_effect_is_the_same_in_every_period_and_with_outliers():
    for scenario in SCENARIOS.values():
        if scenario.process != "severe":
            continue
        for period in range(scenario.steps + 1):
            lowered, dearer = trial_severity.effects(scenario, period)
            usual = trial_severity._means(scenario, period, 0.0, 0)
            new = trial_severity._means(scenario, period, lowered, 1)
            assert trial_severity.AREA * (new[0] - usual[0]) == pytest.approx(trial_severity.EFFECT, abs=1e-9)
            cost = trial_severity.LEVEL[1:].sum() * (np.exp(dearer) * new[1] - usual[1])
            assert cost == pytest.approx(trial_severity.COST, abs=1e-6)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_number_gives_one_trial_of_which_later_values_are_missing(name):
    complete, incomplete = trial_processes.trial(name, 5)
    again = trial_processes.trial(name, 5)[1]
    np.testing.assert_array_equal(incomplete.costs, again.costs)
    np.testing.assert_array_equal(incomplete.utilities, again.utilities)
    assert not np.isnan(complete.utilities).any()
    assert not np.isnan(complete.costs).any()
    assert not np.isnan(incomplete.utilities[:, 0]).any()
    lacks = np.isnan(np.column_stack([incomplete.utilities, incomplete.costs])).any(axis=1)
    assert 0.15 < lacks.mean() < 0.6
    assert complete.utilities.max() <= 1
    assert complete.costs.min() >= 0
    assert not np.array_equal(complete.costs, trial_processes.trial(name, 6)[0].costs)


def test_an_imbalance_is_that_of_the_scenario():
    data, _ = trial_processes.trial("baseline imbalance", 2)
    new, start = data.arm == 1, data.utilities[:, 0]
    error = start.std(ddof=1) * np.sqrt(1 / new.sum() + 1 / (~new).sum())
    assert (start[new].mean() - start[~new].mean()) / error == pytest.approx(1.9, abs=0.05)


def results(shift):
    """Return results of three trials with easy numbers: an analysis that is off by `shift` in net benefit."""

    def row(cost, effect, benefit, p):
        own = [(cost, 10.0), (effect, 0.001), (benefit, 40.0)]
        return [*(each for value, se in own for each in (value, se, value - 2 * se, value + 2 * se)), p, 0.1]

    complete = {str(at): row(503.0 + 10 * at, 0.02515 + 0.001 * at, 10.0 * at, 0.5) for at in (-1, 0, 1)}
    off = {str(at): row(503.0 + 10 * at - shift, 0.02515 + 0.001 * at, shift + 10.0 * at, 0.96) for at in (-1, 0, 1)}
    return {
        "candidates": {"five donors": {}},
        "complete": {"five donors": "complete data"},
        "scenarios": {"150 + 150": {"complete data": complete, "five donors": off, "missing": {"0": [0.4]}}},
    }


def test_the_summary_pairs_an_analysis_with_complete_data():
    own = coverage_tables.summary(results(100.0))["150 + 150"]["ways"]
    assert list(own) == ["complete data", "five donors"]
    found = own["five donors"]
    assert found["paired"] == pytest.approx([-100, 0, 100])
    assert found["paired_error"] == pytest.approx([0, 0, 0], abs=1e-12)
    assert found["bias_error"][0] == pytest.approx(10 / np.sqrt(3))
    assert found["ratio"][2] == pytest.approx(4.0)
    assert found["coverage"] == pytest.approx([0, 1, 0])
    assert (found["above"], own["complete data"]["above"]) == (1, 0)
    assert found["rmse"][2] == pytest.approx(np.sqrt(100**2 + 200 / 3))
    assert found["width"] == pytest.approx(1)


def test_the_rule_of_choice_names_the_bounds_that_are_broken():
    given = results(100.0)
    ((name, total, broken),) = coverage_tables.choice(given, coverage_tables.summary(given))
    assert (name, total) == ("five donors", pytest.approx(2.5))
    assert any("coverage 0.000 < 0.920 (no)" in each for each in broken)
    assert any("SE/empirical 4.00" in each for each in broken)
    assert not any("RMSE" in each for each in broken)


@pytest.mark.slow
def test_weighted_trials_are_near_their_population():
    """Those of benchmarks/trial_weights.py: a few trials, pooled; without weights the mean is another."""
    found = {
        weighted: np.array([list(trial_weights.results(seed, 150, weighted=weighted)) for seed in range(4)])
        for weighted in (True, False)
    }
    for place in range(3):
        error, se, _ = found[True][:, place].T
        assert abs(error.mean()) < 4 * np.sqrt((se**2).mean() / len(error))
    assert found[False][:, 0, 0].mean() < found[True][:, 0, 0].mean()
