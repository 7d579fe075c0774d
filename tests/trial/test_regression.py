"""Seemingly unrelated regressions from cross-products: against linearmodels, naive resamples, and their properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linearmodels.system import SUR
from strategies import examples

from hecon.trial import regression, resampling


def trial(seed, sizes=(30, 40), covariates=3):
    """Return arm, covariates and two correlated outcomes."""
    rng = np.random.default_rng(seed)
    arm = np.repeat(np.arange(len(sizes)), sizes)
    x = rng.normal(size=(arm.size, covariates))
    noise = rng.multivariate_normal([0, 0], [[1, -0.6], [-0.6, 1]], arm.size)
    outcomes = x @ rng.normal(size=(covariates, 2)) + np.outer(arm, [1.0, 0.5]) + noise
    return arm, x, outcomes * [3000, 0.2] + [5000, 0.7]


ADJUSTS = ([0, 1], [0, 2])


def naive(arm, x, outcomes, adjusts=ADJUSTS):
    """Return adjusted means (outcome, arm) by stacked regressions, one step of feasible generalised least squares."""
    arms = np.eye(arm.max() + 1)[arm][:, 1:]
    designs = [np.column_stack([np.ones(arm.size), arms, x[:, some]]) for some in adjusts]
    left = [y - d @ np.linalg.lstsq(d, y, rcond=None)[0] for d, y in zip(designs, outcomes.T, strict=True)]
    weight = np.linalg.inv(np.array(left) @ np.array(left).T / arm.size)
    cross = np.block([[weight[i, j] * designs[i].T @ designs[j] for j in range(2)] for i in range(2)])
    moment = np.concatenate([sum(weight[i, j] * designs[i].T @ outcomes[:, j] for j in range(2)) for i in range(2)])
    beta = np.split(np.linalg.solve(cross, moment), [designs[0].shape[1]])
    means = []
    for own, design in zip(beta, designs, strict=True):
        reference = design.mean(axis=0)
        reference[1 : 1 + arms.shape[1]] = 0
        means.append([reference @ own + each for each in [0, *own[1 : 1 + arms.shape[1]]]])
    return np.array(means)


def cross(arm, x, outcomes, adjusts=ADJUSTS):
    table = regression.columns(arm, arm.max() + 1, x, adjusts, outcomes)
    return (table.values.T @ table.values)[None], table


def estimate(arm, x, outcomes, adjusts=ADJUSTS):
    return regression.arm_means(*cross(arm, x, outcomes, adjusts), (0, 1))[0]


@examples(20)
@given(st.integers(0, 2**32 - 1))
def test_differences_are_those_of_linearmodels(seed):
    """Feasible generalised least squares in one step, without a correction for degrees of freedom: to 1e-8."""
    arm, x, outcomes = trial(seed)
    shapes = {
        name: {"dependent": outcomes[:, at], "exog": np.column_stack([np.ones(arm.size), arm, x[:, ADJUSTS[at]]])}
        for at, name in enumerate(("cost", "effect"))
    }
    theirs = SUR(shapes).fit(method="gls", iterate=False).params.to_numpy()[[1, 5]]
    ours = estimate(arm, x, outcomes)

    assert np.diff(ours)[:, 0] == pytest.approx(theirs, rel=1e-8)


@examples(15)
@given(st.integers(0, 2**32 - 1))
def test_every_replicate_is_the_regression_on_its_rows(seed):
    arm, x, outcomes = trial(seed, sizes=(15, 20, 25))
    rows = resampling.stratified_rows(arm, 6, np.random.default_rng(seed))
    table = regression.columns(arm, 3, x, ADJUSTS, outcomes)
    summed = resampling.times_drawn(rows, arm.size) @ regression.products(table)
    found = regression.arm_means(regression.squares(summed, table.values.shape[1]), table, (0, 1))
    for each, own in zip(found, rows, strict=True):
        assert each == pytest.approx(naive(arm[own], x[own], outcomes[own]), rel=1e-8)


def test_equal_regressors_give_ordinary_least_squares():
    arm, x, outcomes = trial(1)
    design = np.column_stack([np.ones(arm.size), arm, x])
    beta = np.linalg.lstsq(design, outcomes, rcond=None)[0]

    assert np.diff(estimate(arm, x, outcomes, ([0, 1, 2], [0, 1, 2])))[:, 0] == pytest.approx(beta[1], rel=1e-10)


def test_without_covariates_the_means_are_those_of_the_arms():
    arm, x, outcomes = trial(2)
    means = [[outcomes[arm == each, at].mean() for each in range(2)] for at in range(2)]

    assert estimate(arm, x, outcomes, ([], [])) == pytest.approx(np.array(means), rel=1e-12)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_the_scale_of_outcomes_and_covariates_is_respected(scale):
    arm, x, outcomes = trial(3)

    assert estimate(arm, x / scale, outcomes * scale) / scale == pytest.approx(estimate(arm, x, outcomes), rel=1e-9)


def test_a_large_offset_loses_no_digits():
    """Costs of a billion that differ by thousands: centred before their squares are taken."""
    arm, x, outcomes = trial(4)
    moved = outcomes + np.array([1e9, 0])

    assert np.diff(estimate(arm, x, moved))[:, 0] == pytest.approx(np.diff(estimate(arm, x, outcomes))[:, 0], rel=1e-9)


def test_a_covariate_that_a_replicate_lacks_does_not_break_it():
    """One patient in the trial has it: where that one was not drawn, the others tell the difference."""
    arm, x, outcomes = trial(5)
    x[:, 1] = 0
    x[0, 1] = 1
    rows = resampling.stratified_rows(arm, 50, np.random.default_rng(1))
    without = rows[(rows != 0).all(axis=1)][:5]
    table = regression.columns(arm, 2, x, ADJUSTS, outcomes)
    summed = resampling.times_drawn(without, arm.size) @ regression.products(table)
    found = regression.arm_means(regression.squares(summed, table.values.shape[1]), table, (0, 1))
    for each, own in zip(found, without, strict=True):
        assert each == pytest.approx(naive(arm[own], x[own], outcomes[own], ([0], [0, 2])), rel=1e-6)


@pytest.mark.parametrize("adjusts", [([0, 1], [0, 2]), ([0, 1, 3], [0, 2])])
def test_collinear_covariates_and_constant_outcomes_give_finite_means(adjusts):
    arm, x, outcomes = trial(6)
    x = np.column_stack([x, x[:, 0] * 2])
    outcomes[:, 1] = 0.8
    found = estimate(arm, x, outcomes, adjusts)

    assert found[1] == pytest.approx([0.8, 0.8])
    assert found[0] == pytest.approx(naive_cost(arm, x[:, [0, 1]], outcomes[:, 0]), rel=1e-6)


def naive_cost(arm, x, y):
    design = np.column_stack([np.ones(arm.size), arm, x])
    beta = np.linalg.lstsq(design, y, rcond=None)[0]
    reference = beta[0] + x.mean(axis=0) @ beta[2:]
    return [reference, reference + beta[1]]


def test_where_both_equations_err_as_one_they_are_fitted_apart():
    """Residuals that no regressor explains, in the ratio of 1 to -3: their covariance has no inverse."""
    arm, x, _ = trial(7)
    design = np.column_stack([np.ones(arm.size), arm, x])
    noise = np.random.default_rng(7).normal(size=arm.size)
    noise -= design @ np.linalg.lstsq(design, noise, rcond=None)[0]
    found = estimate(arm, x, noise[:, None] * [1, -3] + [5, 7])

    assert found == pytest.approx(np.array([[5, 5], [7, 7]]), rel=1e-12)


def test_an_equation_that_fits_exactly_leaves_the_other_as_it_is():
    """Judged on the outcome's own scale: a price of the arm and of a covariate, in cents or in millions."""
    arm, x, outcomes = trial(8)
    alone = estimate(arm, x, outcomes, ([0, 2], [0, 2]))[1]
    for scale in (1e-9, 1.0, 1e9):
        priced = np.column_stack([scale * (500 + 312.37 * arm + 80 * x[:, 1]), outcomes[:, 1]])
        found = estimate(arm, x, priced)

        assert found[1] == pytest.approx(alone, rel=1e-10)
        assert np.diff(found)[0, 0] == pytest.approx(312.37 * scale, rel=1e-9)
