"""Donors of missing values: the nearest, and equal ones by weights that each set draws once; local scaling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from hecon.trial import predictive_mean_matching
from hecon.trial.predictive_mean_matching import ScalingEnds, nearest

EVERY = ~np.eye(2, dtype=bool)
NO_LOG = np.zeros(2, dtype=bool)


def drawn(seed, digits, outcomes=1, batch=3, size=30):
    """Return predicted means, with ties if they have few digits, wanted ones, and who has no value."""
    rng = np.random.default_rng(seed)
    fitted = rng.normal(size=(batch, outcomes, size)).round(digits)
    absent = rng.random((batch, size)) < rng.uniform(0.1, 0.95)
    absent[:, 0], absent[:, 1] = False, True
    return fitted, rng.normal(size=fitted.shape).round(digits), absent, rng


@examples(40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.sampled_from([0, 1, 12]), st.integers(1, 2))
def test_donors_are_the_nearest_and_their_equals(seed, count, digits, outcomes):
    """Held against sorting every distance, also where fewer are observed than may lend."""
    fitted, wanted, absent, rng = drawn(seed, digits, outcomes)
    donors = nearest(fitted, wanted, absent, spread=np.ones(len(fitted)), count=count, rng=rng)

    assert np.array_equal(np.argwhere(absent), np.column_stack([donors.imputation, donors.patient]))
    for batch, row, chosen, weights in zip(
        donors.imputation, donors.patient, donors.chosen, donors.weights, strict=True
    ):
        observed = np.flatnonzero(~absent[batch])
        distance = np.linalg.norm(fitted[batch][:, observed] - wanted[batch, :, row][:, None], axis=0)
        reach = np.sort(distance)[min(count, observed.size) - 1]
        used = chosen[weights > 0]

        assert used.size == min(count, observed.size)
        assert not absent[batch, used].any()
        assert np.linalg.norm(fitted[batch][:, used] - wanted[batch, :, row][:, None], axis=0).max() <= reach + 1e-9


@examples(20)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 1, 12]))
def test_who_lends_is_a_donor(seed, digits):
    fitted, wanted, absent, rng = drawn(seed, digits)
    donors = nearest(fitted, wanted, absent, spread=np.ones(len(fitted)), count=5, rng=rng)
    lender = donors.drawn(rng)

    assert ((donors.chosen == lender[:, None]) & (donors.weights > 0)).any(axis=1).all()


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_rounding_makes_no_difference_between_equals(scale):
    """Predicted means that differ in their last bit are equal on every scale."""
    fitted = scale * np.full((1, 1, 40), 1 / 3) * (1 + 1e-15 * np.arange(40) / 40)
    absent = np.zeros((1, 40), bool)
    absent[:, ::2] = True
    rng = np.random.default_rng(0)
    lenders = [
        nearest(fitted, fitted, absent, spread=np.array([scale]), count=2, rng=rng).drawn(rng) for _ in range(100)
    ]  # fmt: skip

    assert set(np.concatenate(lenders)) == set(range(1, 40, 2))


def test_equals_lend_by_weights_that_a_set_draws_once():
    """All predicted means are equal: lenders are shared within a set, and of all sets each donor lends as often."""
    fitted = np.zeros((3000, 1, 24))
    absent = np.zeros((3000, 24), bool)
    absent[:, :12] = True
    rng = np.random.default_rng(3)
    lender = nearest(fitted, fitted, absent, spread=np.ones(3000), count=5, rng=rng).drawn(rng).reshape(3000, 12)
    counts = (lender[:, :, None] == np.arange(12, 24)).sum(axis=1)

    assert counts.mean(axis=0) == pytest.approx(1, abs=0.1)
    # Multinomial, with proportions from a symmetric Dirichlet distribution of parameter 1 - 2/12 for each of 12.
    shape = 12 * (1 - 2 / 12)
    assert counts.var() == pytest.approx(11 / 12 * (12 + shape) / (1 + shape), rel=0.05)


def test_donors_without_an_equal_have_weights_where_all_are_weighed():
    """Exponential ones, the same for all that a donor is near to: without them every donor lends alike."""
    fitted = np.arange(6.0)[None, None, :].repeat(20_000, axis=0)
    absent = np.zeros((20_000, 6), bool)
    absent[:, 2] = True
    rng = np.random.default_rng(1)
    weighed, plain = (
        nearest(fitted, fitted, absent, spread=np.ones(20_000), count=2, weigh_all=each, rng=rng).weights
        for each in (True, False)
    )

    assert (plain == 1).all()
    assert np.quantile(weighed, [0.25, 0.5, 0.75]) == pytest.approx(-np.log([0.75, 0.5, 0.25]), rel=0.03)
    assert np.corrcoef(weighed.T)[0, 1] == pytest.approx(0, abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("donors", [2, 5])
def test_sets_with_few_predicted_means_differ_as_the_mean_is_known(donors):
    """One predictor with two values: the variance of the mean is that of the sample mean within each value."""
    rng = np.random.default_rng(11)
    totals, means = [], []
    for seed in range(300):
        x = np.repeat([0.0, 1.0], 60)
        y = x + rng.gamma(1.0, 1.0, 120)
        values = np.column_stack([x, np.where(np.arange(120) % 2 == 0, np.nan, y)])
        copies = np.broadcast_to(values, (10, *values.shape))
        filled, _ = predictive_mean_matching.chain(
            copies, EVERY, NO_LOG, iterations=1, donors=donors, rng=np.random.default_rng(seed)
        )  # fmt: skip
        each = filled[:, :, 1].mean(axis=1)
        within = filled[:, :, 1].reshape(10, 2, 60).var(axis=2, ddof=1).mean() / 120
        totals.append(within + 1.1 * each.var(ddof=1))
        means.append(each.mean())

    assert np.mean(totals) / np.var(means, ddof=1) == pytest.approx(1, abs=0.2)


def scaled_bounds(fixed):
    return ScalingEnds(np.array([-np.inf, -0.4]), np.array([np.inf, 1.0]), np.array([np.nan, fixed]))


def test_local_scaling_is_its_formula():
    """Held against a plain loop over the missing values."""
    fitted, wanted, absent, rng = drawn(5, 1, batch=4)
    donors = nearest(fitted, fitted, absent, spread=np.ones(4), count=5, rng=rng)
    values = np.clip(rng.normal(0.7, 0.3, (4, 30)), -0.4, 1.0)
    predicted = 0.2 * fitted[:, 0]
    lender = donors.drawn(rng)
    lent = values[donors.imputation, lender]
    ours = scaled_bounds(1.0).scaled(1, lent, donors, values, predicted)
    for place, (batch, row) in enumerate(zip(donors.imputation, donors.patient, strict=True)):
        weights, chosen = donors.weights[place], donors.chosen[place]
        mean = np.average(values[batch, chosen], weights=weights)
        gap = predicted[batch, row] - np.average(predicted[batch, chosen], weights=weights)
        factor = min(max(1 + gap / (mean - 1), 0), 3)

        assert ours[place] == pytest.approx(np.clip(1 + factor * (lent[place] - 1), -0.4, 1.0), abs=1e-12)
    del wanted


def test_donors_at_the_fixed_end_lend_it():
    fitted, _, absent, rng = drawn(6, 12)
    donors = nearest(fitted, fitted, absent, spread=np.ones(3), count=5, rng=rng)
    lent = scaled_bounds(1.0).scaled(1, np.ones(donors.patient.size), donors, np.ones((3, 30)), fitted[:, 0])

    assert (lent == 1).all()


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_the_scale_of_a_scaled_cost_changes_nothing(scale):
    rng = np.random.default_rng(7)
    x = rng.normal(size=60)
    values = np.column_stack([x, np.exp(x + rng.normal(size=60))])
    values[::3, 1] = np.nan

    def filled(factor):
        bounds = ScalingEnds(np.array([-np.inf, 0.0]), np.array([np.inf, np.inf]), np.array([np.nan, 0.0]))
        copies = np.broadcast_to(values * [1.0, factor], (4, 60, 2))
        result, _ = predictive_mean_matching.chain(
            copies, EVERY, NO_LOG, iterations=2, donors=5, bounds=bounds, rng=np.random.default_rng(1)
        )  # fmt: skip
        return result[:, :, 1] / factor

    assert filled(scale) == pytest.approx(filled(1.0), rel=1e-6)
    assert (filled(1.0) >= 0).all()


def test_scaling_reaches_means_that_no_donor_has():
    """Half of those with the lowest predictor are missing: matching overstates their mean, scaling hits it."""
    rng = np.random.default_rng(8)
    bias = {}
    for name, fixed in (("pmm", np.nan), ("scaled", 0.0)):
        errors = []
        for seed in range(60):
            x = np.sort(rng.normal(size=60))
            y = np.exp(0.5 * x) * rng.gamma(4.0, 0.25, 60) * 10 + 5 * x + 20
            values = np.column_stack([x, y])
            values[rng.permutation(20)[:14], 1] = np.nan
            bounds = ScalingEnds(np.array([-np.inf, 0.0]), np.array([np.inf, np.inf]), np.array([np.nan, fixed]))
            copies = np.broadcast_to(values, (5, 60, 2))
            filled, _ = predictive_mean_matching.chain(
                copies, EVERY, NO_LOG, iterations=1, donors=5, bounds=bounds, rng=np.random.default_rng(seed)
            )  # fmt: skip
            errors.append((filled[:, :, 1] - y).mean())
        bias[name] = np.mean(errors)

    assert abs(bias["scaled"]) < 0.5 * abs(bias["pmm"])
