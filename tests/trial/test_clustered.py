"""Trials that randomised clusters: the pipeline with mixed models, parallel and stepped wedge."""

import dataclasses
import json
import warnings

import numpy as np
import patients as trials
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from hecon import trial
from hecon.errors import InputError, StatisticalWarning
from hecon.trial import imputation, mixed_model, regression, resampling
from hecon.trial.analysing import METHODS
from hecon.trial.imputation import variables_of
from hecon.trial.sensitivity import CHOICES, SCENARIOS
from hecon.trial.valuation import discount_factors, qaly_weights

pytestmark = pytest.mark.usefixtures("few_samples")

INTERVENTION = trials.ARMS[1]


def parallel(seed, clusters=20, *, missing=0.0, between=0.06):
    """Return a trial of which whole clusters had one of the arms, with a cluster effect on utilities and costs."""
    rng = np.random.default_rng(seed)
    data = trials.made(rng, (120, 120), missing=missing)
    own = clusters // 2
    cluster = data.arm * own + rng.integers(0, own, data.arm.size)
    shift = rng.normal(0, between, clusters)[cluster]
    return dataclasses.replace(
        data,
        cluster=cluster.astype(np.intp),
        utilities=data.utilities + shift[:, None],
        costs=data.costs + 2000 * (shift - shift.min())[:, None],
    )


def wedge(seed, effect=0.05, cost=500.0, clusters=12, size=12):
    """Return a stepped wedge of five periods: a third of the clusters crosses over at each of three steps."""
    rng = np.random.default_rng(seed)
    cluster, period = (each.ravel() for each in np.meshgrid(np.arange(clusters), np.arange(5), indexing="ij"))
    cluster, period = np.repeat(cluster, size // 4), np.repeat(period, size // 4)
    arm = (period > cluster % 3).astype(np.intp)
    level = rng.normal(0, 0.05, clusters)[cluster] + 0.03 * period
    utilities = 0.6 + level[:, None] + rng.normal(0, 0.1, (arm.size, 3))
    utilities[:, 1:] += effect * arm[:, None]
    costs = rng.gamma(2.0, 500.0, (arm.size, 4)) + 2000 * (level - level.min())[:, None]
    costs[:, 0] += cost * arm
    return dataclasses.replace(
        trials.made(rng, (5, 5)),
        arm=arm,
        cluster=cluster.astype(np.intp),
        period=period.astype(np.intp),
        utilities=utilities,
        costs=costs,
        covariates=rng.normal(60, 8, (arm.size, 1)),
    )


def by_statsmodels(data):
    """Return the difference in discounted societal cost and in QALYs by statsmodels."""
    found = []
    cost = data.costs @ discount_factors([(e.start, e.end) for e in data.items], discount=0.03)
    effect = trial.qalys(data.utilities, data.months, discount=0.015)
    arms = [np.ones(data.arm.size), data.arm, data.covariates[:, 0], data.utilities[:, 0]]
    periods = [] if data.period is None else [data.period == each for each in np.unique(data.period)[1:]]
    for y in (cost, effect):
        design = np.column_stack([*arms, *periods]).astype(float)
        scale = y.std()
        # It warns of not converging at a gradient of 1e-5, having converged.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = MixedLM(y / scale, design, data.cluster).fit(reml=True, method=["powell", "bfgs"])
        found.append(fit.fe_params[1] * scale)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("data", [parallel(1), wedge(1)], ids=["parallel", "wedge"])
def test_differences_are_those_of_statsmodels(data):
    found = trial.analyse(data, replicates=100, rng=1)
    one = found.perspective("societal")
    cost, effect = by_statsmodels(data)

    assert found.model == "mixed"
    assert one.delta_cost(INTERVENTION).value == pytest.approx(cost, rel=1e-4)
    assert one.delta_effect(INTERVENTION).value == pytest.approx(effect, rel=1e-4)


@pytest.mark.filterwarnings("ignore:the 20 clusters are ignored:hecon.errors.StatisticalWarning")
def test_clusters_widen_the_interval_and_their_number_sets_the_degrees_of_freedom():
    data = parallel(2)
    mixed, plain = (
        trial.analyse(data, model=each, replicates=400, rng=1).perspective("societal") for each in ("mixed", "sur")
    )

    assert mixed.delta_effect(INTERVENTION).se > 1.2 * plain.delta_effect(INTERVENTION).se
    assert 10 - 1 < mixed.delta_effect(INTERVENTION).df <= 20 - 2
    assert plain.delta_effect(INTERVENTION).df > 200


def test_the_share_of_variance_between_clusters_is_told():
    found = trial.analyse(parallel(3, between=0.1), replicates=60, rng=1)
    cost, effect = found.settings["icc"]

    assert 0 <= cost < 1
    assert 0.05 < effect < 0.9
    json.dumps(found.to_json(), allow_nan=False)


@pytest.mark.no_cover
@pytest.mark.slow
def test_the_stepped_wedge_recovers_a_simulated_effect():
    """Twenty-five trials: the mean lies within three standard errors of the truth, and most intervals hold it."""
    weight = qaly_weights([0, 12, 24], discount=0.015)[1:].sum()
    found = [
        trial.analyse(wedge(seed), replicates=200, rng=seed).perspective("societal").delta_effect(INTERVENTION)
        for seed in range(25)
    ]
    values = np.array([each.value for each in found])
    inside = [each.interval[0] <= 0.05 * weight <= each.interval[1] for each in found]

    assert abs(values.mean() - 0.05 * weight) < 3 * values.std(ddof=1) / 5
    assert sum(inside) >= 20


@pytest.mark.slow
def test_missing_values_are_imputed_before():
    data = parallel(4, missing=0.2)
    found = trial.analyse(data, imputations=4, replicates=60, rng=1)
    one = found.perspective("societal")

    assert found.imputation.count == 4
    assert one.delta_cost(INTERVENTION).fmi > 0
    assert one.complete_case.patients[0] < 120
    assert np.isfinite(one.complete_case.bca(one.contrast(INTERVENTION, effect=1))).all()


def test_few_clusters_are_doubtful():
    with pytest.warns(StatisticalWarning, match="4 clusters in an arm are few"):
        found = trial.analyse(parallel(1, clusters=8), replicates=60, rng=1)

    assert found.warnings[-1].startswith("4 clusters in an arm are few")


def test_a_gamma_model_has_no_samples_imputed():
    with pytest.raises(InputError, match="method must be 'imputation' with model='gamma-log', got 'bootstrap-single'"):
        trial.analyse(parallel(1), method="bootstrap-single", model="gamma-log")


@pytest.mark.parametrize("data", [parallel(1), wedge(1)], ids=["parallel", "wedge"])
def test_samples_of_clusters_are_the_patients_of_the_clusters_drawn(data):
    """Held against loops: arms keep their places, and the model is fitted as by the number of times each was drawn."""
    all_ = variables_of(data)
    counts = resampling._clusters(data, data.cluster, ~np.isnan(all_.values), 40, np.random.default_rng(1))
    found = resampling._placed(data, data.cluster, counts)
    for rows, own, drawn in zip(found.rows, found.cluster, counts, strict=True):
        inside = own >= 0
        members = [np.flatnonzero(data.cluster == code) for code in np.repeat(np.arange(drawn.size), drawn)]
        assert sorted(rows[inside]) == sorted(np.concatenate(members))
        assert (data.arm[rows[inside]] == found.arm[inside]).all()
        for number, rest in enumerate(members):
            assert sorted(rows[own == number]) == rest.tolist()
    plan = regression.plan(data, all_, ("societal",))
    period = None if data.period is None else data.period[found.rows]
    means, ok = mixed_model.means_of_samples(found.of(all_.values, data.arm), plan, found.arm, found.cluster, period)
    expected, sound, _ = mixed_model.resampled_means(all_.values, plan, data.cluster, data.period, counts)

    assert np.array_equal(ok, sound)
    assert means[ok] == pytest.approx(expected[ok], rel=1e-5)


def test_a_place_without_a_patient_predicts_and_lends_nothing():
    """Whatever stands there, the others are completed from the patients alone: at most five values are lent."""
    data = parallel(4, missing=0.2)
    all_ = variables_of(data)
    samples = resampling.draw_samples(data, all_, "mixed", 20, np.random.default_rng(1))
    values = samples.of(all_.values, data.arm)
    filled, _ = imputation.complete_values(
        data, all_, values, imputation.ImputationModel(iterations=2, log_from=1.0), arm=samples.arm, rows=samples.rows,
        departures=(), rng=np.random.default_rng(2),
    )  # fmt: skip
    assert (samples.cluster < 0).any()
    for sample, inside in enumerate(samples.cluster >= 0):
        for variable in np.flatnonzero(np.isnan(all_.values).any(axis=0)):
            for arm in range(2):
                own = inside & (samples.arm == arm)
                assert np.isin(filled[sample, own, variable], values[sample, own, variable]).all()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:the 20 clusters are ignored:hecon.errors.StatisticalWarning")
@pytest.mark.parametrize(("missing", "count"), [(0.0, 150), (0.2, 60)])
def test_the_three_ways_agree_for_clusters(missing, count):
    """Whole clusters are drawn in each: standard errors are alike, and wider than of patients."""
    data = parallel(4, missing=missing)
    sets = [20 if missing else None, None, None]
    found = [
        trial.analyse(data, method=method, imputations=number, replicates=count, iterations=3, rng=2)
        for method, number in zip(METHODS, sets, strict=True)
    ]
    effects = [each.perspective("societal").delta_effect(INTERVENTION) for each in found]
    for each in effects:
        assert each.value == pytest.approx(effects[0].value, abs=0.35 * effects[0].se)
        assert each.se == pytest.approx(effects[0].se, rel=0.35)
    if not missing:
        alone = trial.analyse(data, model="sur", replicates=count, rng=2).perspective("societal")
        assert min(each.se for each in effects) > 1.1 * alone.delta_effect(INTERVENTION).se
    assert 5 < effects[-1].df < 18
    for each in found[1:]:
        assert each.settings["icc"] == pytest.approx(found[0].settings["icc"], abs=0.05)


@pytest.mark.filterwarnings("ignore:3 clusters are few")
def test_samples_that_do_not_tell_the_arms_apart_are_left_out_and_counted():
    data = wedge(7, clusters=3)
    turned = dataclasses.replace(data, arm=np.where(data.cluster == 0, data.arm, 0).astype(np.intp))
    with pytest.warns(StatisticalWarning, match="could not be fitted and are left out"):
        found = trial.analyse(turned, method="bootstrap-single", replicates=60, rng=1)
    assert 0 < found.settings["dropped_replicates"] == 60 - found.perspectives[0].replicates.shape[1]

    muddled = dataclasses.replace(wedge(5), period=wedge(5).arm)
    with pytest.raises(InputError, match="bootstrap samples must tell the arms apart, which 0 of 50 do"):
        trial.analyse(muddled, method="bootstrap-single", replicates=50, rng=1)


def test_an_arm_that_is_its_period_is_refused():
    data = wedge(5)
    muddled = dataclasses.replace(data, period=data.arm, arm=data.arm)
    with pytest.raises(InputError, match="must be estimable beside the calendar periods"):
        trial.analyse(muddled, replicates=60, rng=1)


@pytest.mark.slow
def test_scenarios_of_clusters_keep_the_mixed_model_and_warn_once():
    """Whole clusters are resampled, and what is doubtful was told with the main analysis."""
    data = parallel(6, clusters=8, missing=0.2)
    with pytest.warns(StatisticalWarning, match="few"):
        main = trial.analyse(data, imputations=2, replicates=60, rng=1)
    codes = [each.code for each in trial.scenarios(data, main, rng=1)]

    main_codes = {"gamma-log", "same-regressors", "pmm", *CHOICES}
    assert [each for each in codes if each not in CHOICES] == [each for each in SCENARIOS if each not in main_codes]


def test_replicates_without_both_arms_in_a_period_are_left_out_and_counted():
    """Three clusters, of which one alone shows both arms: resamples without it cannot tell them apart."""
    data = wedge(7, clusters=3)
    turned = dataclasses.replace(data, arm=np.where(data.cluster == 0, data.arm, 0).astype(np.intp))
    with pytest.warns(StatisticalWarning) as told:
        found = trial.analyse(turned, replicates=60, rng=1)

    assert 0 < found.settings["dropped_replicates"] < 60
    assert any("could not be fitted and are left out" in str(each.message) for each in told)
    assert found.perspectives[0].replicates.shape[1] == 60 - found.settings["dropped_replicates"]


def test_a_single_cluster_in_an_arm_is_refused():
    """Its resamples are all the same, so its arm would seem to be known without error."""
    for method in METHODS:
        with pytest.raises(InputError, match="clusters must be two or more in each arm to be resampled, got one"):
            trial.analyse(parallel(1, clusters=2), method=method, replicates=60)
