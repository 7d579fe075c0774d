"""Predictive mean matching: against a naive form, and its properties."""

import numpy as np
import pytest

from hecon.trial import predictive_mean_matching


def every(count):
    """Return that each variable predicts all others."""
    return ~np.eye(count, dtype=bool)


def chain(values, copies=4, *, log=(), seed=0, iterations=3, donors=5, match_type=1):
    return predictive_mean_matching.chain(
        np.broadcast_to(values, (copies, *values.shape)),
        every(values.shape[1]),
        np.isin(np.arange(values.shape[1]), log),
        iterations=iterations,
        donors=donors,
        match_type=match_type,
        rng=np.random.default_rng(seed),
    )


def holed(seed, rows=40, count=4, share=0.25):
    """Return correlated values with holes, the first variable without."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, count)) + rng.normal(size=(rows, 1))
    values[:, 1:][rng.random((rows, count - 1)) < share] = np.nan
    return values


def test_observed_values_stay_and_imputed_ones_are_somebodys():
    values = holed(1)
    filled, _ = chain(values)
    for each in filled:
        seen = ~np.isnan(values)

        assert (each[seen] == values[seen]).all()
        for column in range(values.shape[1]):
            assert np.isin(each[:, column], values[seen[:, column], column]).all()


def test_equal_seeds_give_equal_values_and_others_do_not():
    assert np.array_equal(chain(holed(1), seed=5)[0], chain(holed(1), seed=5)[0])
    assert not np.array_equal(chain(holed(1), seed=5)[0], chain(holed(1), seed=6)[0])


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_the_scale_of_a_variable_changes_nothing(scale):
    """Powers of ten round, so values agree to rounding: the same people lend."""
    values = holed(2)
    factor = np.array([1.0, scale, 1.0, scale])

    assert chain(values * factor)[0] / factor == pytest.approx(chain(values)[0], rel=1e-9)


def test_a_value_that_the_others_determine_is_lent_by_its_like():
    """With one donor and no noise the imputed value is that of the patient with the nearest predictor."""
    rng = np.random.default_rng(4)
    x = np.sort(rng.normal(size=200))
    values = np.column_stack([x, 3 * x])
    values[::7, 1] = np.nan
    filled, _ = chain(values, donors=1)

    assert np.abs(filled[:, :, 1] - 3 * x).max() < 3 * np.diff(x).max() + 0.01


def test_collinear_and_constant_variables_do_no_harm():
    values = holed(3)
    values = np.column_stack([values, values[:, 0], np.ones(len(values))])

    assert np.isfinite(chain(values)[0]).all()


def test_matching_on_the_log_scale_lends_values_as_they_are():
    values = np.exp(holed(5))
    filled, _ = chain(values, log=[1, 2])
    missing = np.isnan(values)

    assert np.isin(filled[:, missing[:, 1], 1], values[~missing[:, 1], 1]).all()
    assert not np.array_equal(filled, chain(values)[0])


def test_the_trace_tells_the_moments_of_what_was_imputed():
    values = holed(6)
    filled, trace = chain(values, iterations=2)
    missing = np.isnan(values[:, 1])

    assert trace.shape == (2, 4, 4, 2)
    assert np.isnan(trace[:, :, 0]).all()
    assert trace[-1, :, 1, 0] == pytest.approx(filled[:, missing, 1].mean(axis=1))
    assert trace[-1, :, 1, 1] == pytest.approx(filled[:, missing, 1].std(axis=1))


def test_each_resample_is_imputed_from_its_own_rows():
    """A batch of two resamples that share no patient: neither borrows from the other."""
    low, high = holed(7), holed(8) + 100
    filled, _ = predictive_mean_matching.chain(
        np.stack([low, high]), every(4), np.zeros(4, bool), iterations=3, donors=5, rng=np.random.default_rng(1)
    )

    assert filled[0].max() < 50 < filled[1].min()


def test_predictors_are_the_strongest_that_the_observations_bear():
    rng = np.random.default_rng(9)
    base = rng.normal(size=40)
    values = np.column_stack([base + rng.normal(0, noise, 40) for noise in np.linspace(0.1, 3, 30)])
    values[8:, 0] = np.nan
    uses = predictive_mean_matching.predictors(values)

    assert uses.sum(axis=1)[0] == 3
    assert uses[5].sum() == 40 // 4
    assert uses[5, 1:4].all()
    assert not uses.diagonal().any()


def test_matching_is_right_on_average():
    """Missing at random given a covariate: the mean is recovered where that of the observed is off."""
    rng = np.random.default_rng(10)
    found, crude, truth = [], [], []
    for _ in range(20):
        x = rng.normal(size=400)
        y = x + rng.normal(0, 0.5, 400)
        values = np.column_stack([x, np.where(rng.random(400) < 1 / (1 + np.exp(1 - x)), np.nan, y)])
        found.append(chain(values, copies=5, seed=int(rng.integers(2**32)))[0][:, :, 1].mean())
        crude.append(np.nanmean(values[:, 1]))
        truth.append(y.mean())

    assert np.mean(found) == pytest.approx(np.mean(truth), abs=0.02)
    assert np.mean(crude) < np.mean(truth) - 0.15


def test_a_block_is_lent_whole_by_one_of_the_nearest():
    """Dummies of a category: nobody has two levels at once, and each level is imputed to its like."""
    rng = np.random.default_rng(12)
    level = rng.integers(0, 4, 300)
    x = level + rng.normal(0, 0.3, 300)
    dummies = np.eye(4)[level][:, 1:]
    dummies[::6] = np.nan
    values = np.column_stack([x, dummies])
    filled, trace = predictive_mean_matching.chain(
        np.broadcast_to(values, (5, *values.shape)), every(4), np.zeros(4, bool),
        blocks=[(1, 2, 3)], iterations=3, donors=3, rng=rng,
    )  # fmt: skip
    found = filled[:, ::6, 1:]

    assert set(found.sum(axis=2).ravel()) <= {0.0, 1.0}
    assert np.mean((found @ [1, 2, 3]) == level[::6]) > 0.8
    assert np.isfinite(trace[:, :, 1:]).all()


def test_variables_of_the_analysis_predict_before_stronger_ones():
    rng = np.random.default_rng(13)
    base = rng.normal(size=24)
    values = np.column_stack([base + rng.normal(0, noise, 24) for noise in np.linspace(0.1, 3, 20)])
    always = np.arange(20) == 19
    uses = predictive_mean_matching.predictors(values, always=always)

    assert uses[:19, 19].all()
    assert not predictive_mean_matching.predictors(values)[0, 19]
