"""What the equations of cost and of QALYs are regressed on: the same, or each its own."""

import dataclasses
import warnings

import numpy as np
import patients as trials
import pytest

from hecon import trial
from hecon.assessment.trial_concluding import left_out
from hecon.errors import StatisticalWarning
from hecon.locale import Locale
from hecon.report.words.trials import TrialWords, method_sentences
from hecon.trial.effects import EffectMeasure
from hecon.trial.valuation import discount_factors

pytestmark = pytest.mark.usefixtures("few_samples")

INTERVENTION = trials.ARMS[1]


def by_least_squares(data, columns):
    """Return the differences in discounted cost and QALYs on the arm and these columns."""
    cost = data.costs @ discount_factors([(e.start, e.end) for e in data.items], discount=0.03)
    both = np.column_stack([cost, trial.qalys(data.utilities, data.months, discount=0.015)])
    design = np.column_stack([np.ones(data.arm.size), data.arm, *columns])
    return np.linalg.lstsq(design, both, rcond=None)[0][1]


def with_costs_before():
    """Return a trial of two perspectives with nothing missing, and costs before the start of both categories."""
    data = trials.made(np.random.default_rng(6), missing=0, two=True)
    before = np.random.default_rng(7).gamma(2, 300, (data.arm.size, 2))
    return dataclasses.replace(data, baseline_costs=before, baseline_categories=("care", "work"))


def differences(data, **options):
    """Return the differences in cost and QALYs from each perspective, and the analysis."""
    found = trial.analyse(data, replicates=60, rng=1, **options)
    return {
        each.name: [each.delta_cost(INTERVENTION).value, each.delta_effect(INTERVENTION).value]
        for each in found.perspectives
    }, found


def test_both_equations_have_the_same_regressors():
    """The utility at the start and the cost before the start of the perspective: ordinary least squares."""
    data = with_costs_before()
    found, analysis = differences(data)
    common = [data.covariates[:, 0], data.utilities[:, 0]]
    whole = by_least_squares(data, [*common, data.baseline_costs.sum(axis=1)])
    part = by_least_squares(data, [*common, data.baseline_costs[:, 0]])

    assert found["societal"] == pytest.approx(whole, rel=1e-9)
    assert found["healthcare"][1] == pytest.approx(part[1], rel=1e-9)
    assert analysis.settings["regressors"] == "same"
    assert analysis.settings["adjusts"] == {"age": ["cost", "effect"]}


def test_own_regressors_are_seemingly_unrelated():
    """A covariate of one equation alone is the choice of the design, and keeps its place with either option."""
    data = with_costs_before()
    own, analysis = differences(dataclasses.replace(data, regressors="own"))
    chosen, _ = differences(dataclasses.replace(data, adjusts=(frozenset({"cost"}),)))
    same, _ = differences(data)

    assert analysis.settings["regressors"] == "own"
    assert own["societal"] != pytest.approx(same["societal"], rel=1e-4)
    assert chosen["societal"] != pytest.approx(same["societal"], rel=1e-6)
    assert chosen["societal"] == pytest.approx(same["societal"], rel=0.1)


def test_mixed_models_have_them_too():
    """QALYs have a model for each perspective, as the cost before the start differs between them."""
    cluster = np.random.default_rng(8).permutation(np.arange(130) % 26).astype(np.intp)
    data = dataclasses.replace(with_costs_before(), cluster=cluster)
    found, analysis = differences(data)
    whole = by_least_squares(data, [data.covariates[:, 0], data.utilities[:, 0], data.baseline_costs.sum(axis=1)])

    # Clusters are drawn without any effect of theirs.
    assert found["societal"] == pytest.approx(whole, rel=0.1)
    assert found["societal"][1] != found["healthcare"][1]
    assert len(analysis.settings["icc"]) == 4
    assert "QALY" in " ".join(method_sentences(TrialWords(analysis, Locale("en"))))


@pytest.mark.slow
def test_the_other_regressors_stand_among_the_scenarios():
    """Whichever the main analysis has; and neither counts as left out."""
    data = with_costs_before()
    for mine, other in (("same", "own"), ("own", "same")):
        found = trial.analyse(dataclasses.replace(data, regressors=mine), replicates=60, rng=1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", StatisticalWarning)
            told = trial.scenarios(dataclasses.replace(data, regressors=mine), found, rng=1)
        one = next(each for each in told if each.code == f"{other}-regressors")
        expected, _ = differences(dataclasses.replace(data, regressors=other))

        assert one.delta_cost.value == pytest.approx(expected["societal"][0], rel=1e-9)
        assert f"{mine}-regressors" not in [each.code for each in told]
        assert not {"own-regressors", "same-regressors"} & set(left_out(told, EffectMeasure()))
