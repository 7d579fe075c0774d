"""Whether patients with missing values differ at the start: held against a permutation test."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from patients import made

from hecon.trial.description import association, describe, missingness_of


def permuted(marked, columns, stratum, rng, times=4000):
    """Return the share of permutations within strata whose statistic is at least the one found: the naive test."""
    values = columns - np.array([columns[stratum == each].mean(axis=0) for each in stratum])
    groups = [np.flatnonzero(stratum == each) for each in np.unique(stratum)]
    sums = np.empty((times + 1, columns.shape[1]))
    for row in range(times + 1):
        mixed = marked.copy()
        if row:
            for own in groups:
                mixed[own] = rng.permutation(marked[own])
        sums[row] = mixed.astype(float) @ values
    inverse = np.linalg.pinv(np.cov(sums[1:], rowvar=False))
    statistic = np.einsum("ri,ij,rj->r", sums, inverse, sums)
    return float((statistic[1:] >= statistic[0]).mean())


@pytest.mark.parametrize("shift", [0.0, 0.35])
def test_the_p_value_is_that_of_a_permutation_test(shift):
    rng = np.random.default_rng(11)
    columns = rng.normal(0, 1, (160, 3))
    stratum = np.repeat([0, 1], [90, 70])
    marked = rng.random(160) < np.where(columns[:, 0] > 0, 0.3 + shift, 0.3)

    assert association(marked, columns, stratum) == pytest.approx(permuted(marked, columns, stratum, rng), abs=0.02)


def test_the_p_value_is_uniform_where_there_is_no_relation():
    """Also where the arms have very different shares and levels."""
    rng = np.random.default_rng(3)
    stratum = np.repeat([0, 1], [60, 90])
    found = []
    for _ in range(400):
        columns = rng.normal(0, 1, (150, 2)) + 3 * stratum[:, None]
        found.append(association(rng.random(150) < 0.15 + 0.4 * stratum, columns, stratum))

    assert np.mean(np.array(found) < 0.05) == pytest.approx(0.05, abs=0.03)
    assert np.mean(found) == pytest.approx(0.5, abs=0.05)


@given(st.floats(0.001, 1000), st.floats(-1000, 1000))
def test_the_p_value_does_not_depend_on_units_or_on_a_column_twice(factor, shift):
    rng = np.random.default_rng(5)
    columns = rng.normal(0, 1, (60, 2))
    marked, stratum = rng.random(60) < 0.4, np.repeat([0, 1], 30)
    p = association(marked, columns, stratum)

    assert association(marked, columns * [factor, 1] + [shift, 0], stratum) == pytest.approx(p, rel=1e-6)
    assert association(marked, columns[:, [0, 1, 0]], stratum) == pytest.approx(p, rel=1e-6)


def test_columns_that_do_not_vary_tell_nothing():
    marked = np.arange(40) % 3 == 0

    assert association(marked, np.ones((40, 2)), np.repeat([0, 1], 20)) is None
    assert association(marked, np.repeat([[1.0], [2.0]], 20, axis=0), np.repeat([0, 1], 20)) is None


def test_missing_values_that_go_with_the_start_are_found():
    """In the description of a trial, by all of it that was known; nothing of a patient stands in it."""
    data = made(np.random.default_rng(2), (100, 100), missing=0)
    low = data.utilities[:, 0] < np.median(data.utilities[:, 0])
    utilities = data.utilities.copy()
    utilities[low & (np.random.default_rng(1).random(200) < 0.7), 2] = np.nan
    found = describe(replace(data, utilities=utilities))

    assert found.missingness.p < 0.001
    assert found.missingness.patients == 200
    assert found.incomplete == tuple(1 - whole / 100 for whole in found.complete)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (made(np.random.default_rng(1), missing=0), "nothing"),
        (made(np.random.default_rng(1), clusters=12), "clusters"),
        (made(np.random.default_rng(1), (6, 6), missing=0.5), "few"),
    ],
    ids=["nothing", "clusters", "few"],
)
def test_where_it_is_not_tested_it_says_why(data, why):
    found = missingness_of(data)

    assert (found.p, found.why) == (None, why)
