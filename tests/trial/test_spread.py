"""Rubin's rules and the spreads beside them: against published figures, naive forms, simulation and their limits."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hecon.errors import InputError
from hecon.trial.analysis import _basis
from hecon.trial.estimates import BootstrapThenImputation, Resampled, draw, pool


def test_the_rules_written_out_as_van_buuren_does():
    """Five estimates, 96 degrees of freedom; the formulas are those of Flexible Imputation, sections 2.3 and 2.4."""
    q = np.array([[10.0], [12.0], [11.0], [9.0], [13.0]])
    u = np.array([4.0, 5.0, 4.5, 3.5, 5.5])[:, None, None]
    found = pool(q, u, complete_df=96).of([1.0])
    total = 4.5 + 1.2 * 2.5
    share = 1.2 * 2.5 / total
    old, observed = 4 / share**2, 97 / 99 * 96 * (1 - share)
    df = old * observed / (old + observed)
    ratio = 1.2 * 2.5 / 4.5

    assert (found.value, found.se**2, found.df) == pytest.approx((11.0, total, df))
    assert found.fmi == pytest.approx((ratio + 2 / (df + 3)) / (ratio + 1))
    assert found.interval[1] - 11 == pytest.approx(stats.t.ppf(0.975, df) * np.sqrt(total))


def test_one_set_has_the_degrees_of_freedom_of_complete_data():
    found = pool([[2.0]], [[[0.25]]], complete_df=30).of([1.0])

    assert (found.se, found.df, found.fmi) == (0.5, 30, 0)


def test_equal_sets_lose_no_information():
    found = pool([[2.0]] * 5, [[[0.25]]] * 5, complete_df=30).of([1.0])

    assert (found.se, found.df, found.fmi) == (0.5, 30, 0)


def test_without_variance_within_the_sets_all_information_is_missing():
    """With W = 0 the ratio of between to within variance has no value; its limit is a fraction of 1."""
    limit = [pool([[1.0], [2.0], [4.0]], [[[w]]] * 3, complete_df=30).of([1.0]).fmi for w in (1e-6, 0.0)]

    assert limit == pytest.approx([1, 1], abs=1e-5)
    assert limit[1] == 1


@given(st.integers(2, 12), st.integers(0, 2**32 - 1), st.floats(1, 1e4))
def test_degrees_of_freedom_never_exceed_those_of_complete_data(count, seed, complete):
    rng = np.random.default_rng(seed)
    found = pool(rng.normal(size=(count, 1)), rng.gamma(2, size=(count, 1, 1)), complete_df=complete).of([1])

    assert 0 < found.df <= complete
    assert 0 <= found.fmi <= 1


@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-12, 1e12]))
def test_the_scale_of_the_parameters_is_respected(seed, scale):
    rng = np.random.default_rng(seed)
    q, root = rng.normal(size=(5, 2)), rng.normal(size=(5, 2, 2))
    u = root @ root.transpose(0, 2, 1)
    plain, scaled = pool(q, u).of([1, -1]), pool(q * scale, u * scale**2).of([1, -1])

    assert scaled.se / scale == pytest.approx(plain.se, rel=1e-9)
    assert scaled.df == pytest.approx(plain.df, rel=1e-6)


def test_a_sum_of_parameters_uses_their_covariance():
    pooled = pool([[1.0, 3.0]], [[[4.0, 1.5], [1.5, 9.0]]], complete_df=50)

    assert pooled.of([1, -1]).se ** 2 == pytest.approx(4 + 9 - 3)
    assert pooled.of([2, 0]).value == 2


def test_what_could_not_be_fitted_is_not_pooled():
    """Its estimate or its covariance is no number."""
    for estimates, covariances in (([[np.nan]], [[[1.0]]]), ([[1.0]], [[[np.inf]]])):
        with pytest.raises(InputError, match="must be finite, got NaN or infinite values; leave out"):
            pool(estimates, covariances)


# Bootstrap, then imputation -------------------------------------------------------------------------------------------


def test_bootstrap_then_imputation_is_an_analysis_of_variance():
    """Mean squares and degrees of freedom written out, as in Bartlett and Hughes (2020), section 2.6."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(40, 1)) + 0.5 * rng.normal(size=(40, 3))
    between = 3 * values.mean(axis=1).var(ddof=1)
    within = values.var(axis=1, ddof=1).mean()
    variance = 41 / 120 * between - within / 3
    df = variance**2 / ((41 / 120 * between) ** 2 / 39 + (within / 3) ** 2 / (40 * 2))
    found = BootstrapThenImputation(values[:, :, None]).of([1.0])

    assert (found.value, found.se**2, found.df) == pytest.approx((values.mean(), variance, df))


def test_its_variance_is_that_of_the_bootstrap_alone_with_many_imputations():
    rng = np.random.default_rng(2)
    sample = rng.normal(size=(4000, 1, 1))
    values = sample + 2 * rng.normal(size=(4000, 2, 1))

    assert BootstrapThenImputation(values).of([1.0]).se ** 2 == pytest.approx(1, rel=0.15)


def test_degrees_of_freedom_are_at_least_three():
    values = np.random.default_rng(3).normal(size=(5, 2, 1))

    assert BootstrapThenImputation(values).of([1.0]).df >= 3


def test_probabilities_go_with_the_intervals():
    """The share at or above 0 is one half at the estimate and 2.5% at a bound."""
    pooled = pool([[1.0], [1.3]], [[[0.04]], [[0.05]]], complete_df=20)
    low = pooled.of([1.0]).interval[0]
    moved = pool([[1.0 - low], [1.3 - low]], [[[0.04]], [[0.05]]], complete_df=20)

    assert moved.above_zero([1.0]) == pytest.approx(0.975)
    assert pool([[0.0]], [[[0.0]]]).above_zero([1.0]) == 1


def test_replicates_speak_for_themselves():
    replicates = np.random.default_rng(4).normal(size=(1000, 2))
    found = Resampled(replicates.mean(axis=0), replicates)

    assert found.of([0, 1]).interval == pytest.approx(tuple(np.quantile(replicates[:, 1], [0.025, 0.975])))
    assert found.above_zero([1, 0]) == (replicates[:, 0] >= 0).mean()
    assert found.total == pytest.approx(np.cov(replicates.T))


# Draws ----------------------------------------------------------------------------------------------------------------


def pooled_arms(seed=0, imputations=8, df=60):
    rng = np.random.default_rng(seed)
    root = np.array([[400, 0, 0, 0], [100, 420, 0, 0], [-0.01, 0, 0.02, 0], [0, -0.01, 0.005, 0.02]])
    q = np.array([5000, 6000, 0.7, 0.75]) + 0.5 * rng.normal(size=(imputations, 4)) @ root.T
    return pool(q, np.stack([root @ root.T] * imputations), complete_df=df)


@pytest.mark.no_cover
@pytest.mark.slow
def test_percentiles_of_the_draws_are_the_pooled_intervals():
    pooled = pooled_arms()
    values = draw(pooled, _basis(2), 400_000, np.random.default_rng(1))
    for weights in ([-1, 1, 0, 0], [0, 0, -1, 1], [-1, 1, 20_000, -20_000]):
        found = pooled.of(weights)
        low, high = np.quantile(values @ weights, [0.025, 0.975])

        assert (values @ weights).mean() == pytest.approx(found.value, rel=1e-9)
        assert low == pytest.approx(found.interval[0], abs=0.02 * found.se)
        assert high == pytest.approx(found.interval[1], abs=0.02 * found.se)


def test_draws_without_a_spread_are_the_estimates():
    pooled = pool([[1.0, 2.0, 0.5, 0.5]], [np.zeros((4, 4))])

    assert draw(pooled, _basis(2), 10, np.random.default_rng(0)) == pytest.approx(np.tile([1, 2, 0.5, 0.5], (10, 1)))


def test_draws_of_fully_correlated_arms_are_fully_correlated():
    vector = np.array([300.0, 300.0, 0.02, 0.02])
    pooled = pool([[1.0, 2.0, 0.5, 0.5]], [np.outer(vector, vector)], complete_df=1e9)
    values = draw(pooled, _basis(2), 2000, np.random.default_rng(0))

    assert values[:, 1] - values[:, 0] == pytest.approx(1, abs=1e-2)
    assert np.corrcoef(values[:, 0], values[:, 2])[0, 1] == pytest.approx(1, abs=1e-6)


# Contrasts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contrast", "says"),
    [
        ([1], r"contrast must be one finite weight for each of 2 parameters, got shape \(1,\)"),
        ([1, np.nan], "contrast must be one finite weight for each of 2 parameters"),
        (["1", "0"], "contrast must be one weight per parameter, got a list: take it from"),
        (np.ma.array([1.0, 5], mask=[0, 1]), "contrast must have no masked numbers"),
        (pd.Series({"qaly": 1.0, "cost": 0.0}), "contrast has names and the parameters have none"),
    ],
)
def test_weights_of_parameters(contrast, says):
    """One for each, without names. The same for resamples."""
    rng = np.random.default_rng(1)
    replicates = rng.normal(size=(50, 2))
    pooled = pool(replicates[:3], [np.eye(2)] * 3)

    for found in (pooled, Resampled(np.zeros(2), replicates), BootstrapThenImputation(rng.normal(size=(9, 3, 2)))):
        with pytest.raises(InputError, match=says):
            found.of(contrast)
        with pytest.raises(InputError, match=says):
            found.above_zero(contrast)
