"""Resamples and intervals: strata keep their sizes, counts are counts, BCa agrees with scipy's."""

import numpy as np
import pytest
from scipy import stats

from hecon.trial import resampling

STRATUM = np.repeat([0, 1], [12, 30])


def test_each_stratum_keeps_its_size_and_its_places():
    rows = resampling.stratified_rows(STRATUM, 100, np.random.default_rng(1))

    assert (STRATUM[rows] == STRATUM).all()


def test_counts_are_how_often_a_row_was_drawn():
    rows = resampling.stratified_rows(STRATUM, 50, np.random.default_rng(2))
    naive = np.array([[np.count_nonzero(each == row) for row in range(42)] for each in rows])

    assert np.array_equal(resampling.times_drawn(rows, 42), naive)


def test_every_row_is_drawn_as_often():
    rows = resampling.stratified_rows(STRATUM, 4000, np.random.default_rng(3))

    assert resampling.times_drawn(rows, 42).mean(axis=0) == pytest.approx(1, abs=5 / np.sqrt(4000))


def test_bca_agrees_with_scipy_for_one_sample():
    """The same replicates, by scipy's own bootstrap of a skewed sample's mean."""
    rng = np.random.default_rng(4)
    sample = rng.gamma(1.0, 1000, 60)
    theirs = stats.bootstrap((sample,), np.mean, n_resamples=3000, method="BCa", random_state=np.random.default_rng(5))
    replicates = theirs.bootstrap_distribution[:, None]
    jackknife = ((sample.sum() - sample) / 59)[:, None]
    speed = resampling.acceleration(jackknife, np.zeros(60, int))
    found = resampling.bca(replicates, np.array([sample.mean()]), speed, 0.95)[:, 0]

    assert found == pytest.approx([theirs.confidence_interval.low, theirs.confidence_interval.high], rel=2e-3)


def test_bca_agrees_with_scipy_for_the_difference_of_two_samples():
    """Each sample's jackknife is centred on its own mean and scaled by its own size."""
    rng = np.random.default_rng(6)
    first, second = rng.gamma(1.0, 1000, 25), rng.gamma(0.5, 3000, 80)
    theirs = stats.bootstrap(
        (first, second), lambda a, b, axis: b.mean(axis=axis) - a.mean(axis=axis), n_resamples=4000, method="BCa",
        random_state=np.random.default_rng(7), vectorized=True,
    )  # fmt: skip
    difference = second.mean() - first.mean()
    jackknife = np.concatenate(
        [second.mean() - (first.sum() - first) / 24, (second.sum() - second) / 79 - first.mean()]
    )
    stratum = np.repeat([0, 1], [25, 80])
    speed = resampling.acceleration(jackknife[:, None], stratum)
    replicates = theirs.bootstrap_distribution[:, None]
    found = resampling.bca(replicates, np.array([difference]), speed, 0.95)[:, 0]

    assert found == pytest.approx([theirs.confidence_interval.low, theirs.confidence_interval.high], rel=5e-3)


def test_without_skewness_and_bias_bca_is_the_percentile_interval():
    replicates = np.linspace(-1, 1, 2001)[:, None]
    found = resampling.bca(replicates, np.zeros(1), np.zeros(1), 0.95)

    assert found == pytest.approx(np.quantile(replicates, [0.025, 0.975], axis=0))


def test_equal_estimates_have_no_acceleration():
    assert resampling.acceleration(np.ones((42, 2)), STRATUM).tolist() == [0, 0]


def test_replicates_on_one_side_give_the_percentile_interval():
    replicates = np.linspace(1, 2, 100)[:, None]

    assert resampling.bca(replicates, np.zeros(1), np.zeros(1), 0.9) == pytest.approx(
        np.quantile(replicates, [0.05, 0.95], axis=0)
    )


def test_an_interval_does_not_turn_round_beyond_the_pole_of_the_acceleration():
    """Few events give a strong bias and a strong acceleration: the end of the distribution is the end then."""
    replicates = np.arange(1000.0)[:, None]
    for estimate, speed in ((998.0, 0.3), (1.0, -0.3)):
        low, high = resampling.bca(replicates, np.array([estimate]), np.array([speed]), 0.95)[:, 0]

        assert low <= high
        assert (high if speed > 0 else low) == (999 if speed > 0 else 0)
