"""Doubts about a trial's data, which are warned of: small arms, collinear covariates, skewed differences."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from trial_tables import tree, wide, wide_design

from hecon.errors import StatisticalWarning
from hecon.trial.table.checking import collinear, skewness, skewness_of_difference, trial_data
from hecon.trial.table.design import design_of


def doubts(table, design=None):
    """Return the warnings of a table, which its data keep."""
    with pytest.warns(StatisticalWarning) as warned:
        found = trial_data(table, design or wide_design())
    assert found.warnings == tuple(str(each.message) for each in warned)
    assert {each.filename for each in warned} == {__file__}
    return found.warnings


def test_a_sound_trial_has_no_doubts():
    assert trial_data(wide(), wide_design()).warnings == ()


@pytest.mark.parametrize("size", [5, 9])
def test_a_small_arm_is_doubtful(size):
    table = wide().assign(arm=[0] * size + [1] * (24 - size))
    expected = f"arm 'surgery' has fewer than 10 patients, {size}: intervals rest on too few to be trusted"

    assert doubts(table)[0] == expected


def test_collinear_covariates_are_named():
    whole = tree()
    whole["covariate"] += [{"column": "years"}, {"column": "baseline"}]
    table = wide().assign(years=wide()["age"] * 12 - 3, baseline=wide()["u0"])

    assert sorted(doubts(table, design_of(whole))) == [
        "covariate 'baseline' follows from 'baseline utility': collinear covariates cannot be told apart",
        "covariate 'years' follows from 'age': collinear covariates cannot be told apart",
    ]


def test_a_skewed_difference_is_doubtful():
    """One stay of a million among few patients, all in one arm."""
    table = wide()
    table.loc[0, "stay"] = 1e6
    found = trial_data_quietly(table)
    total = found.costs.sum(axis=1)
    groups = [total[(found.arm == place) & ~np.isnan(total)] for place in (1, 0)]
    size = skewness_of_difference(*groups)
    (told,) = doubts(table)

    assert size > 0.25
    assert told == (
        f"the difference in total costs between 'exercise' and 'surgery' is skewed, {size:.2f} over {groups[0].size} "
        f"and {groups[1].size} complete patients: about {2.5 + 8.45 * size:.0f}% instead of 2.5% lies beyond one end "
        "of a 95% interval, and less beyond the other"
    )


def lognormal(seed, sizes, cv):
    """Return log-normal costs of two arms with a coefficient of variation."""
    rng, spread = np.random.default_rng(seed), np.sqrt(np.log1p(cv**2))
    return [rng.lognormal(0, spread, size) for size in sizes]


@pytest.mark.parametrize(
    ("sizes", "cv", "least", "most"),
    [
        ((150, 150), 1.0, 0.0, 0.1),
        ((150, 150), 1.5, 0.0, 0.2),
        ((40, 160), 1.5, 0.85, 1.0),
        ((160, 40), 1.5, 0.85, 1.0),
        ((15, 150), 1.0, 0.95, 1.0),
        ((20, 20), 3.0, 0.6, 1.0),
    ],
)
def test_regular_arms_are_told_from_skewed_ones(sizes, cv, least, most):
    """Share of trials above 0.25. Welch's interval covers 95% of the first two, 93%, 93% and 90% of the next three."""
    share = np.mean([skewness_of_difference(*lognormal(seed, sizes, cv)) > 0.25 for seed in range(150)])

    assert least <= share <= most


@given(
    values=hnp.arrays(np.float64, st.integers(6, 30), elements=st.integers(-50, 50).map(float)),
    scale=st.sampled_from([1e-12, -1.0, 1e12]),
)
def test_the_skewness_of_a_difference_has_no_unit_and_no_sides(values, scale):
    first, second = values[:3], values[3:]
    found = skewness_of_difference(first, second)

    assert found == pytest.approx(skewness_of_difference(second, first), rel=1e-9, abs=1e-12)
    assert found == pytest.approx(skewness_of_difference(first * scale + 7 * scale, second * scale), rel=1e-6, abs=1e-9)


def test_the_skewness_of_a_difference_is_that_of_its_third_moment():
    """Equal standard deviations: γ(1/n₁² − 1/n₀²)/(1/n₁ + 1/n₀)^1.5; none in arms that are alike, or do not vary."""
    base = np.array([0.0, 0.0, 0.0, 4.0])
    first, second = np.tile(base, 3), np.tile(base, 25)
    expected = stats.skew(base) * (1 / 144 - 1 / 10_000) / (1 / 12 + 1 / 100) ** 1.5

    assert skewness_of_difference(first, second) == pytest.approx(expected)
    assert skewness_of_difference(first, first + 9) == pytest.approx(0, abs=1e-12)
    assert skewness_of_difference(np.ones(5), np.zeros(9)) == 0


def trial_data_quietly(table):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return trial_data(table, wide_design())


@given(values=hnp.arrays(np.float64, st.integers(3, 30), elements=st.integers(-50, 50).map(float)))
def test_skewness_is_that_of_scipy(values):
    expected = 0.0 if np.ptp(values) == 0 else stats.skew(values)

    assert skewness(values) == pytest.approx(expected, abs=1e-12)


@pytest.mark.slow
@given(seed=st.integers(0, 10**6), own=st.integers(1, 5), mixed=st.integers(0, 4), gone=st.booleans())
def test_collinear_columns_are_as_many_as_the_rank_lacks(seed, own, mixed, gone):
    """And each follows from those that are named with it."""
    rng = np.random.default_rng(seed)
    base = rng.normal(5, 2, (60, own)) * 10.0 ** rng.integers(-3, 4, own)
    columns = np.concatenate([base, base @ rng.normal(size=(own, mixed)) + 3], axis=1)[:, rng.permutation(own + mixed)]
    if gone:
        columns[rng.integers(60, size=5), 0] = np.nan
    complete = columns[~np.isnan(columns).any(axis=1)]
    found = collinear(columns)

    assert len(found) == mixed
    for dependent, others in found:
        design = np.column_stack([np.ones(len(complete)), complete[:, list(others)]])
        left = complete[:, dependent] - design @ np.linalg.lstsq(design, complete[:, dependent])[0]
        assert left.std() <= 0.1 * complete[:, dependent].std()


def test_near_covariates_are_not_collinear():
    rng = np.random.default_rng(1)
    age = rng.normal(60, 10, 200)

    assert collinear(np.column_stack([age, age + rng.normal(0, 0.1, 200), np.ones(200)])) == []
    assert collinear(rng.normal(size=(4, 3))) == []
    assert collinear(np.ones((30, 2))) == []
