"""The efficiency frontier: published examples, ties of every kind, a naive oracle."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import strategies as cases_of
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

import hecon
from hecon.errors import InputError

SHORT = {"frontier": "F", "dominated": "D", "extendedly dominated": "E"}


def table(cost, effect, names=None):
    """Return {strategy: (status's letter, ratio)} of points, in the order of the result."""
    names = names or cases_of.NAMES[: len(cost)]
    result = hecon.frontier(hecon.from_arrays([cost], [effect], strategies=names))
    letters = [SHORT[status] for status in result["status"].values]
    return dict(zip(result["strategy"].values.tolist(), zip(letters, result["icer"].values, strict=True), strict=True))


def test_screening_for_hiv():
    """Paltiel et al. 2006 (10.7326/0003-4819-145-11-200612050-00004): costs and quality-adjusted life months."""
    months = np.array([277.25, 277.57, 277.78, 277.83, 277.76])
    names = ["no screening", "once", "every 5 years", "every 3 years", "every year"]
    result = table([26_000, 27_000, 28_020, 28_440, 29_440], months / 12, names)

    assert [status for status, _ in result.values()] == ["F", "F", "F", "F", "D"]
    assert [ratio for _, ratio in result.values()] == pytest.approx(
        [np.nan, 1000 / 0.32 * 12, 1020 / 0.21 * 12, 420 / 0.05 * 12, np.nan], rel=1e-9, nan_ok=True
    )


def test_back_tracking():
    """C goes when D comes, and B, efficient until then, goes only after C did."""
    result = table([0, 10, 21, 24], [0, 1, 2, 4])

    assert result["A"][0] == "F"
    assert result["B"][0] == "E"
    assert result["C"][0] == "E"
    assert result["D"] == ("F", 6)


@pytest.mark.parametrize(
    ("cost", "effect", "letters", "ratios"),
    [
        ([10, 10, 20], [1, 2, 3], "DFF", [np.nan, np.nan, 10]),  # equal cost
        ([10, 12, 20], [1, 1, 3], "FDF", [np.nan, np.nan, 5]),  # equal effect
        ([0, 10, 20, 40], [0, 1, 2, 3], "FFFF", [np.nan, 10, 10, 20]),  # on one line
        ([10, 10, 20], [1, 1, 3], "FFF", [np.nan, np.nan, 5]),  # the same twice, first
        ([0, 20, 20], [0, 1, 1], "FFF", [np.nan, 20, 20]),  # the same twice, later
        ([0, 18, 18, 20], [0, 1, 1, 2], "FEEF", [np.nan, np.nan, np.nan, 10]),  # the same twice, extendedly dominated
        ([0, 30, 30, 20], [0, 1, 1, 2], "FFDD", [np.nan, 10, np.nan, np.nan]),  # the same twice, dominated
        ([5], [1], "F", [np.nan]),
        ([1, 0.1 + 0.2, 0.3], [0, 1, 1], "FFD", [np.nan, np.nan, np.nan]),  # equal but for rounding
        ([-5, 0, 5], [-1, 0, 1], "FFF", [np.nan, 5, 5]),  # below zero
    ],
)
def test_ties(cost, effect, letters, ratios):
    """Equal costs, equal effects, equal strategies and straight lines have one defined answer, in order of cost."""
    result = table(cost, effect)

    assert "".join(status for status, _ in result.values()) == letters
    assert [ratio for _, ratio in result.values()] == pytest.approx(ratios, rel=1e-12, nan_ok=True)


def naive(points):
    """Return statuses by looking at every pair, then at every mixture of two of those left that are not dominated."""
    status = {}
    for cost, effect in points:
        beaten = any(c <= cost and e >= effect and (c, e) != (cost, effect) for c, e in points)
        mixed = any(
            lower[1] < effect < upper[1]
            and (cost - lower[0]) * (upper[1] - lower[1]) > (upper[0] - lower[0]) * (effect - lower[1])
            for lower in points
            for upper in points
        )
        status[cost, effect] = "D" if beaten else "E" if mixed else "F"
    return status


POINTS = st.lists(st.tuples(st.integers(-6, 9), st.integers(-6, 9)), min_size=1, max_size=7)


@pytest.mark.slow
@given(POINTS)
@examples(300)
def test_as_the_definition_says(points):
    """Statuses equal those of the definition; ratios rise along the frontier and are those of its neighbours."""
    result = table(*zip(*points, strict=True))
    expected = naive(points)
    efficient = sorted(point for point in set(points) if expected[point] == "F")
    ratios = {efficient[0]: np.nan}
    ratios |= {b: (b[0] - a[0]) / (b[1] - a[1]) for a, b in pairwise(efficient)}

    assert all(result[name][0] == expected[point] for name, point in zip(cases_of.NAMES, points, strict=False))
    for name, point in zip(cases_of.NAMES, points, strict=False):
        assert result[name][1] == pytest.approx(ratios.get(point, np.nan), rel=1e-12, nan_ok=True)
    assert np.all(np.diff(list(ratios.values())[1:]) >= -1e-12)


@pytest.mark.slow
@given(cases_of.cases(), st.randoms(use_true_random=False), st.integers(-9, 9), st.integers(-9, 9))
@examples(100)
def test_order_and_units_do_not_count(case, random, of_cost, of_effect):
    """The result is the same from any order of strategies, and from units 2^a and 2^b but for the units."""
    cost, effect, _ = case
    draws = cases_of.dataset(cost, effect)
    order = random.sample(range(draws.sizes["strategy"]), draws.sizes["strategy"])
    result = hecon.frontier(draws)
    scaled = hecon.frontier(cases_of.dataset(cost * 2.0**of_cost, effect * 2.0**of_effect))

    assert hecon.frontier(draws.isel(strategy=order)).identical(result)
    assert scaled["status"].equals(result["status"])
    assert np.array_equal(scaled["icer"], result["icer"] * 2.0 ** (of_cost - of_effect), equal_nan=True)


@pytest.mark.slow
@given(cases_of.cases())
@examples(50)
def test_the_frontier_holds_every_optimum(case):
    """Whatever society would pay, the strategy with the highest expected net benefit is on the frontier."""
    cost, effect, wtp = case
    draws = cases_of.dataset(cost, effect)
    result = hecon.frontier(draws)
    benefit = wtp[:, np.newaxis] * result["effect"].values - result["cost"].values
    efficient = result["status"].values == "frontier"
    slack = 1e-11 * (wtp * np.abs(effect).max() + np.abs(cost).max())

    assert np.all(benefit[:, efficient].max(axis=1) >= benefit.max(axis=1) - slack)


def test_means_of_draws_labels_and_units():
    """Cost and effect are means over draws; the strategies stand in order of cost, with attributes and units."""
    draws = cases_of.dataset([[30, 10], [50, 20]], [[3, 1], [4, 2]], comparator="B", currency="GBP")
    result = hecon.frontier(draws)

    assert result["strategy"].values.tolist() == ["B", "A"]
    assert result["cost"].values.tolist() == [15, 40]
    assert result["effect"].values.tolist() == [1.5, 3.5]
    assert result["icer"].values[1] == 12.5
    assert result["icer"].attrs["units"] == "GBP per QALY"
    assert result.attrs == draws.attrs


def test_further_dims():
    """Each cell has its own statuses; the order is that of the cost averaged over cells."""
    parts = [cases_of.dataset([[1, 5, 9]], [[0, 1, 2]]), cases_of.dataset([[30, 5, 9]], [[0, 1, 2]])]
    result = hecon.frontier(xr.concat(parts, xr.Variable("perspective", ["payer", "society"])))

    assert result["status"].dims == ("perspective", "strategy")
    assert result["strategy"].values.tolist() == ["B", "C", "A"]
    assert result["status"].sel(perspective="payer").values.tolist() == ["frontier"] * 3
    assert result["status"].sel(perspective="society").values.tolist() == ["frontier", "frontier", "dominated"]
    assert result["icer"].values.tolist() == pytest.approx(
        [pytest.approx([4, 4, np.nan], nan_ok=True), pytest.approx([np.nan, 4, np.nan], nan_ok=True)]
    )


def test_incremental_draws():
    """Only differences count, so draws of differences have the same statuses and ratios."""
    absolute = hecon.frontier(cases_of.dataset([[10, 40, 25]], [[1, 3, 2]]))
    differences = cases_of.dataset([[0, 30, 15]], [[0, 2, 1]], comparator="A", scale="incremental")

    assert hecon.frontier(differences)["icer"].equals(absolute["icer"])
    assert hecon.frontier(differences).attrs["scale"] == "incremental"


def test_draws_are_checked():
    """What is no draws is refused."""
    with pytest.raises(InputError, match=r"draws must be an xarray\.Dataset"):
        hecon.frontier([[1, 2]])
