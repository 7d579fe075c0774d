"""Doubts about a trial's data, which are warned of: small arms, collinear covariates, skewed costs."""

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
from hecon.patients.table.checking import trial_data
from hecon.patients.table.design_reading import design_of
from hecon.patients.table.doubts import collinear, skewness


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


def test_skewed_costs_are_doubtful_by_cochrans_rule():
    """At skewness g of n complete cases: n ≤ 25 g²."""
    table = wide()
    table.loc[0, "stay"] = 1e6
    complete = trial_data_quietly(table).costs.sum(axis=1)[table["arm"] == 0]
    found = stats.skew(complete[~np.isnan(complete)])
    size = int((~np.isnan(complete)).sum())

    assert size <= 25 * found**2
    (told,) = doubts(table)
    assert told == (
        f"total costs in arm 'surgery' are strongly skewed, {found:.1f}: by Cochran's rule their mean is near normal "
        f"with more than 25 × {found:.1f}² = {25 * found**2:.0f} patients, and {size} have all "
        "costs known; see the BCa interval of the complete cases, or method='bootstrap-single'"
    )


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
