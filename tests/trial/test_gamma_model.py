"""Generalised linear models of costs: against statsmodels, resamples fitted one by one, and closed forms."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from hecon.trial import gamma_model, regression

LINKS = {"log": sm.families.links.Log(), "identity": sm.families.links.Identity()}


def trial(patients=240, *, zeros=0.1, seed=0):
    """Return costs and columns: constant, arm, a 0/1 covariate and a measured one."""
    rng = np.random.default_rng(seed)
    arm, severe = np.arange(patients) % 2, rng.integers(0, 2, patients)
    age = rng.normal(60, 8, patients).clip(40, 80)
    mean = 2000 + 500 * arm + 1000 * severe + 20 * (age - 60)
    costs = rng.gamma(1.5, mean / 1.5) * (rng.random(patients) >= zeros)
    return costs, np.column_stack([np.ones(patients), arm, severe, age]).astype(float)


def both_arms(columns):
    """Return the columns as if everyone were in each arm."""
    return [np.column_stack([columns[:, 0], np.full(len(columns), arm), columns[:, 2:]]) for arm in (0.0, 1.0)]


def influence(problem, beta, keep):
    """Return the influence of each patient on the coefficients of the columns, by the expected information."""
    linear = problem.columns @ beta
    mean = np.exp(linear) if problem.log else np.where(linear > 0, linear, 1.0)
    power = np.ones_like(mean) if problem.log else mean
    matrices = problem.crossed((1 / power**2)[None])
    regression.sweep(matrices, keep[:, None])
    pull = (problem.columns * ((problem.y / mean - 1) / power)[:, None]) @ matrices[:-1, :-1, 0]
    return pull @ problem.rescaling().T


def fit(costs, columns, link):
    """Return the model of the data as they are, with its variances, from the sums that resamples are fitted by."""
    problem = gamma_model._Problem(costs, columns, link, ())
    every = np.ones((1, costs.size))
    keep = problem.kept(every)
    beta, ok = problem.solve(every, problem.start(), keep)
    coefficients = problem.unscaled(beta)
    estimable = keep[np.argsort(problem.order), 0]
    pull = influence(problem, beta[0], keep[:, 0])
    pull[:, ~estimable] = np.nan
    if not ok[0]:
        pull[:] = np.nan
    covariance = pull.T @ pull
    mean = gamma_model.means(columns, coefficients, link)[0]
    left = ((costs / np.where(mean > 0, mean, np.nan) - 1) ** 2).sum()
    return SimpleNamespace(
        coefficients=coefficients[0],
        se=np.sqrt(np.diag(covariance)),
        covariance=covariance,
        dispersion=left / (costs.size - estimable.sum()),
        estimable=estimable,
        ok=bool(ok[0]),
    )


# Against others -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zeros", [0, 0.1])
@pytest.mark.parametrize("link", LINKS)
def test_equals_statsmodels(link, zeros):
    """Coefficients, dispersion, and the sandwich from its parts there, to 1e-8."""
    costs, columns = trial(zeros=zeros)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = sm.GLM(costs, columns, family=sm.families.Gamma(LINKS[link]))
        theirs = model.fit(tol=1e-13, maxiter=500, tol_criterion="params")
        scores = model.score_obs(theirs.params, scale=1)
    sandwich = theirs.normalized_cov_params @ (scores.T @ scores) @ theirs.normalized_cov_params
    found = fit(costs, columns, link)
    assert found.ok
    assert found.coefficients == pytest.approx(theirs.params, rel=1e-8)
    assert found.dispersion == pytest.approx(theirs.scale, rel=1e-8)
    assert found.covariance == pytest.approx(sandwich, rel=1e-6, abs=1e-12 * sandwich.max())
    assert found.se == pytest.approx(np.sqrt(np.diag(sandwich)), rel=1e-6)


@pytest.mark.parametrize("link", LINKS)
def test_without_covariates_means_and_errors_are_those_of_the_arms(link):
    """Whatever the link: the arm's own mean, and the root of its variance (over n) over n."""
    costs, columns = trial()
    columns = columns[:, :2]
    found = fit(costs, columns, link)
    fits = gamma_model.bootstrap(costs, columns, link, np.ones((1, costs.size)), both_arms(columns))
    arms = [costs[columns[:, 1] == arm] for arm in (0, 1)]
    means, variances = (np.array([value(arm) for arm in arms]) for value in (np.mean, lambda arm: arm.var() / arm.size))
    if link == "log":
        variances = variances / means**2
    assert fits.means[0] == pytest.approx(means, rel=1e-9)
    assert found.se == pytest.approx(np.sqrt([variances[0], variances.sum()]), rel=1e-9)


# Resamples ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", LINKS)
def test_each_replicate_equals_the_fit_on_the_patients_drawn(link):
    costs, columns = trial(zeros=0.02)
    weights = np.random.default_rng(0).multinomial(costs.size, np.full(costs.size, 1 / costs.size), 40)
    found = gamma_model.bootstrap(costs, columns, link, weights, both_arms(columns))
    assert found.ok.mean() > 0.9
    for at in np.flatnonzero(found.ok):
        rows = np.repeat(np.arange(costs.size), weights[at])
        plain = fit(costs[rows], columns[rows], link)
        means = [gamma_model.means(arm[rows], plain.coefficients[None], link).mean() for arm in both_arms(columns)]
        assert found.coefficients[at] == pytest.approx(plain.coefficients, rel=1e-6, abs=1e-9)
        assert found.means[at] == pytest.approx(means, rel=1e-8)


def test_a_replicate_without_an_optimum_is_counted_and_a_lost_covariate_left_out():
    """No cost in one arm: its log mean is without end. No patient of a group: its column is constant."""
    costs, columns = trial(zeros=0)
    costs[:4] = 0
    columns[:, 2] = np.arange(costs.size) >= 200
    weights = np.ones((4, costs.size))
    weights[0, 5::2] = 0
    weights[1, 200:] = 0
    weights[2, ::2] = 0
    found = gamma_model.bootstrap(costs, columns, "log", weights)
    assert found.ok.tolist() == [False, True, False, True]
    assert found.coefficients[1, 2] == 0
    plain = fit(costs[:200], columns[:200][:, [0, 1, 3]], "log")
    assert found.coefficients[1, [0, 1, 3]] == pytest.approx(plain.coefficients, rel=1e-8)


@pytest.mark.parametrize("link", LINKS)
def test_the_bootstrap_agrees_with_the_sandwich(link):
    costs, columns = trial(800)
    weights = np.random.default_rng(0).multinomial(costs.size, np.full(costs.size, 1 / costs.size), 1000)
    found = gamma_model.bootstrap(costs, columns[:, :3], link, weights)
    assert found.coefficients[:, 1].std() == pytest.approx(fit(costs, columns[:, :3], link).se[1], rel=0.08)


def test_clusters_of_equal_patients_are_patients():
    """Patients that come in tens of equal ones, drawn as whole clusters, give what one of each gives."""
    costs, columns = trial(80)
    weights = np.random.default_rng(0).multinomial(80, np.full(80, 1 / 80), 200)
    alone = gamma_model.bootstrap(costs, columns, "log", weights, both_arms(columns))
    rows = np.repeat(np.arange(80), 10)
    found = gamma_model.bootstrap(costs[rows], columns[rows], "log", weights[:, rows], both_arms(columns[rows]))
    assert found.ok.all()
    assert found.means == pytest.approx(alone.means, rel=1e-8)


# Scale ----------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(st.integers(-12, 12), st.sampled_from([0, 1e4]), st.sampled_from(sorted(LINKS)))
def test_unit_and_place_do_not_matter(power, origin, link):
    """Costs in any unit, covariates far from 0."""
    costs, columns = trial(60)
    unit = 10.0**power
    moved = columns + np.array([0, 0, 0, origin])
    weights = np.random.default_rng(0).integers(1, 4, (3, costs.size))
    plain, found = (
        gamma_model.bootstrap(y, each, link, weights, both_arms(each))
        for y, each in ((costs, columns), (costs * unit, moved))
    )
    assert found.means == pytest.approx(plain.means * unit, rel=1e-8)
    scale = 1 if link == "log" else unit
    errors = [fit(y, each, link).se[1:] for y, each in ((costs, columns), (costs * unit, moved))]
    assert errors[1] == pytest.approx(errors[0] * scale, rel=1e-6)


# What cannot be fitted ------------------------------------------------------------------------------------------------


def test_resamples_that_cannot_be_fitted_are_marked():
    """One patient with costs in an arm: resamples without that patient have no mean to fit."""
    arm = np.repeat([0.0, 1.0], 12)
    costs = np.where(np.arange(24) < 13, 100.0 + np.arange(24), 0.0)
    columns = np.column_stack([np.ones(24), arm])
    drawn = np.random.default_rng(0).multinomial(12, np.full(12, 1 / 12), (200, 2)).reshape(200, 24)
    found = gamma_model.bootstrap(costs, columns, "log", drawn)
    # (1 − 1/12)¹² of the resamples, but for chance.
    assert 40 < (~found.ok).sum() < 100
    assert (found.ok == (drawn[:, 12] > 0)).all()


def test_a_model_that_cannot_be_fitted_says_so():
    """Costs of 0 where the covariate is highest press the mean there to 0."""
    age = np.arange(40.0)
    costs = np.where(age < 38, 1000 * (38 - age), 0)
    columns = np.column_stack([np.ones(40), age % 2, age])
    found = fit(costs, columns, "identity")
    assert not found.ok
    assert np.isnan(found.se).all()
    assert not gamma_model.bootstrap(costs, columns, "identity", np.ones((1, 40))).ok.any()
