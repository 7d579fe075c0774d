"""Generalised linear models of costs: against statsmodels, resamples fitted one by one, and closed forms."""

import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from hecon.errors import InputError, StatisticalWarning
from hecon.trial.models import _glm
from hecon.trial.models.glm import cost_regression

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
    found = _glm.fit(costs, columns, link)
    assert found.ok
    assert found.coefficients == pytest.approx(theirs.params, rel=1e-8)
    assert found.dispersion == pytest.approx(theirs.scale, rel=1e-8)
    assert found.covariance == pytest.approx(sandwich, rel=1e-6, abs=1e-12 * sandwich.max())
    assert found.se == pytest.approx(np.sqrt(np.diag(sandwich)), rel=1e-6)


@pytest.mark.parametrize("link", LINKS)
def test_weights_are_copies(link):
    costs, columns = trial()
    times = np.random.default_rng(0).integers(0, 3, costs.size)
    found = _glm.fit(costs, columns, link, times)
    copies = _glm.fit(np.repeat(costs, times), np.repeat(columns, times, axis=0), link)
    assert found.coefficients == pytest.approx(copies.coefficients, rel=1e-8)
    assert found.se == pytest.approx(copies.se, rel=1e-8)
    assert found.dispersion == pytest.approx(copies.dispersion, rel=1e-8)


@pytest.mark.parametrize("link", LINKS)
def test_without_covariates_means_and_errors_are_those_of_the_arms(link):
    """Whatever the link: the arm's own mean, and the root of its variance (over n) over n."""
    costs, columns = trial()
    strategy = np.where(columns[:, 1] == 1, "new", "usual")
    found = cost_regression(costs, strategy, comparator="usual", link=link)
    arms = [costs[columns[:, 1] == arm] for arm in (0, 1)]
    variances = [arm.var() / arm.size for arm in arms]
    assert found["mean"].to_numpy() == pytest.approx([arm.mean() for arm in arms], rel=1e-9)
    assert found["mean_se"].to_numpy() == pytest.approx(np.sqrt(variances), rel=1e-9)
    assert found["difference"].to_numpy() == pytest.approx([0, arms[1].mean() - arms[0].mean()], rel=1e-9)
    assert found["difference_se"].to_numpy() == pytest.approx([0, np.sqrt(sum(variances))], rel=1e-9)


# Resamples ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", LINKS)
def test_each_replicate_equals_the_fit_on_the_patients_drawn(link):
    costs, columns = trial(zeros=0.02)
    weights = np.random.default_rng(0).multinomial(costs.size, np.full(costs.size, 1 / costs.size), 40)
    found = _glm.bootstrap(costs, columns, link, weights, both_arms(columns))
    assert found.ok.mean() > 0.9
    for at in np.flatnonzero(found.ok):
        rows = np.repeat(np.arange(costs.size), weights[at])
        plain = _glm.fit(costs[rows], columns[rows], link)
        means = [_glm.means(arm[rows], plain.coefficients[None], link).mean() for arm in both_arms(columns)]
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
    found = _glm.bootstrap(costs, columns, "log", weights)
    assert found.ok.tolist() == [False, True, False, True]
    assert found.coefficients[1, 2] == 0
    plain = _glm.fit(costs[:200], columns[:200][:, [0, 1, 3]], "log")
    assert found.coefficients[1, [0, 1, 3]] == pytest.approx(plain.coefficients, rel=1e-8)


def test_the_bootstrap_agrees_with_the_sandwich():
    costs, columns = trial(800)
    strategy = np.where(columns[:, 1] == 1, "new", "usual")
    found = cost_regression(costs, strategy, {"severe": columns[:, 2]}, comparator="usual", resamples=1000, rng=0)
    spread = np.diff(found["replicates"].to_numpy(), axis=1).std()
    assert spread == pytest.approx(found["difference_se"].sel(strategy="new").item(), rel=0.08)


# Scale ----------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(st.integers(-12, 12), st.sampled_from([0, 1e4]), st.sampled_from(sorted(LINKS)))
def test_unit_and_place_do_not_matter(power, origin, link):
    """Costs in any unit, covariates far from 0."""
    costs, columns = trial(60)
    unit = 10.0**power
    moved = columns + np.array([0, 0, 0, origin])
    plain = _glm.arm_influence(both_arms(columns), _glm.fit(costs, columns, link), link)
    found = _glm.arm_influence(both_arms(moved), _glm.fit(costs * unit, moved, link), link)
    assert found[0] == pytest.approx(plain[0] * unit, rel=1e-8)
    assert found[1] == pytest.approx(plain[1] * unit, rel=1e-6, abs=1e-8 * unit)


# The labelled verb ----------------------------------------------------------------------------------------------------


def labelled(**changes):
    """Return the verb's result on a trial, with changes."""
    costs, columns = trial()
    strategy = np.where(columns[:, 1] == 1, "new", "usual")
    covariates = {"severe": columns[:, 2], "age": columns[:, 3]}
    given_ = {"costs": costs, "arm": strategy, "covariates": covariates, "comparator": "usual"} | changes
    return cost_regression(given_.pop("costs"), given_.pop("arm"), given_.pop("covariates"), **given_)


def test_the_verb_labels_what_the_kernel_finds():
    costs, columns = trial()
    plain = _glm.fit(costs, columns, "log")
    found = labelled(resamples=150, rng=0)
    assert found["strategy"].to_numpy().tolist() == ["usual", "new"]
    assert found["term"].to_numpy().tolist() == ["constant", "new", "severe", "age"]
    assert found["estimate"].to_numpy() == pytest.approx(plain.coefficients)
    assert found["se"].to_numpy() == pytest.approx(plain.se)
    low, high = found["difference_interval"].sel(strategy="new").to_numpy()
    assert low < found["difference"].sel(strategy="new") < high
    assert found.attrs == {"link": "log", "comparator": "usual", "patients": 240, "resamples": 150, "left_out": 0}
    assert found.identical(labelled(resamples=150, rng=0))


def test_clusters_make_errors_their_own():
    """Patients that come in tens of equal ones know no more than one each: errors are √10 times as great."""
    costs, columns = trial(80)
    rows = np.repeat(np.arange(80), 10)
    strategy = np.where(columns[:, 1] == 1, "new", "usual")
    alone = cost_regression(costs, strategy, comparator="usual")
    found = cost_regression(costs[rows], strategy[rows], comparator="usual", cluster=rows, resamples=400, rng=0)
    assert found["difference_se"].to_numpy() == pytest.approx(alone["difference_se"].to_numpy())
    spread = np.diff(found["replicates"].to_numpy(), axis=1).std()
    assert spread == pytest.approx(alone["difference_se"].sel(strategy="new").item(), rel=0.15)
    assert (found.attrs["clusters"], found.attrs["design"]) == (80, "parallel")


def test_resamples_that_cannot_be_fitted_are_told():
    """One patient with costs in an arm: resamples without that patient have no mean to fit."""
    arm = np.repeat(["usual", "new"], 12)
    costs = np.where(np.arange(24) < 13, 100.0 + np.arange(24), 0.0)
    with pytest.warns(StatisticalWarning, match=r"^\d+ of 200 resamples could not be fitted and are left out"):
        found = cost_regression(costs, arm, comparator="usual", resamples=200, rng=0)
    # (1 − 1/12)¹² of the resamples, but for chance.
    assert 40 < found.attrs["left_out"] < 100
    assert found.attrs["left_out"] + found.sizes["replicate"] == 200


def changed(value):
    """Return the costs with another one in row 3."""
    costs = trial()[0]
    costs[3] = value
    return costs


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"costs": changed(-1234.5)}, "costs must be at least 0, got a negative one at position 3: correct it"),
        ({"costs": changed(np.nan)}, "costs must have a finite number for each patient, got none at position 3"),
        ({"costs": np.where(trial()[1][:, 1] == 1, 0, 5)}, "above 0 for some patient of each arm, got none for 'new'"),
        ({"costs": np.full(240, 3)}, "costs must vary"),
        ({"link": "sqrt"}, "link must be one of 'log', 'identity'"),
        ({"comparator": "none"}, "comparator must be one of"),
        ({"arm": ["usual"] * 240}, "arm must name at least two strategies, got 'usual' alone"),
        ({"arm": [None, *["usual"] * 239]}, "arm must be known for each patient, got none at position 0"),
        ({"arm": np.ones((240, 2))}, "arm must be one-dimensional"),
        ({"arm": [1, 2] * 120}, "arm must be non-empty text"),
        ({"arm": ["usual", "new"]}, r"covariates\['new'\] must have one value per patient, got 2 for 240"),
        ({"covariates": {"new": np.arange(240)}}, "covariates must not have the name of a strategy, got 'new'"),
        ({"covariates": {"age": np.full(240, 7)}}, "must not be combinations of .* got 'age'"),
        ({"cluster": np.arange(240)}, "cluster must have two labels or more, one of them with two patients"),
    ],
)
def test_faults_are_refused_by_name_and_row(changes, message):
    with pytest.raises(InputError, match=message) as caught:
        labelled(**changes)
    assert "1234" not in str(caught.value)


def test_a_model_that_cannot_be_fitted_is_refused():
    """Costs of 0 where the covariate is highest press the mean there to 0."""
    age = np.arange(40.0)
    costs = np.where(age < 38, 1000 * (38 - age), 0)
    with pytest.raises(InputError, match="costs could not be fitted with the identity link: use the other link"):
        cost_regression(costs, ["usual", "new"] * 20, {"age": age}, comparator="usual", link="identity")
