"""The least and the greatest value of a formula over ranges: against dense grids, and where they cannot be proven."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from hecon.printed.formulas import bounds, evaluate, least, names_in


def exact(**ranges):
    return {name: (Fraction(str(low)), Fraction(str(high))) for name, (low, high) in ranges.items()}


def span(formula, **ranges):
    """Return the least and greatest value, proven."""
    found = bounds(formula, exact(**ranges))
    assert found.proven
    return float(found.low), float(found.high)


# By hand: the formula, its ranges, its least and greatest value.
CASES = {
    "extremes between the ends": ("p*(1-p)*(1-2*p)", {"p": (0, 1)}, (-(3**0.5) / 18, 3**0.5 / 18)),
    "a number and its complement": ("p + (1 - p)", {"p": (0.1, 0.9)}, (1, 1)),
    "a number minus itself": ("p - p", {"p": (-3, 5)}, (0, 0)),
    "a square that touches 0": ("(p - 0.3) * (p - 0.3)", {"p": (0, 1)}, (0, 0.49)),
    "a square over both signs": ("p * p", {"p": (-2, 1)}, (0, 4)),
    "a cube": ("p * p * p", {"p": (-2, 1)}, (-8, 1)),
    "a divisor that is 1": ("1 / (1 - p + p)", {"p": (0, 1)}, (1, 1)),
    "a divisor that turns": ("1 / (p * (1 - p) + 0.01)", {"p": (0, 1)}, (1 / 0.26, 100)),
    "a divisor in a divisor": ("1 / (1 / (1 + p) + p)", {"p": (0, 3)}, (1 / 3.25, 1)),
    "a saddle": ("a * b", {"a": (-1, 2), "b": (-3, 1)}, (-6, 3)),
    "a saddle of three": ("a*b + a*c + b*c - a", {"a": (-1, 1), "b": (-1, 1), "c": (-1, 1)}, (-2, 4)),
    "a range of one value": ("p * (1 - p)", {"p": (0.5, 0.5)}, (0.25, 0.25)),
    "one range of one value": ("p * (q - p)", {"p": (0.5, 0.5), "q": (0, 1)}, (-0.25, 0.25)),
    "no range": ("0.1 + 0.2 - 0.3", {}, (0, 0)),
    "a sign before": ("-(p * (1 - p))", {"p": (0, 1)}, (-0.25, 0)),
    "large and small": ("1e9 * p * (1 - p) + 1e-9 * p", {"p": (0, 1)}, (0, 0.25e9)),
}


@pytest.mark.parametrize("case", CASES)
def test_extremes_by_hand(case):
    """To 1e-9 of the size of the formula."""
    formula, ranges, expected = CASES[case]

    assert span(formula, **ranges) == pytest.approx(expected, rel=2e-9, abs=2e-9 * max(map(abs, expected)))


def test_the_place_of_an_extreme_is_told():
    """A value that the formula takes there."""
    found = bounds("p*(1-p)*(1-2*p) * q", exact(p=(0, 1), q=(1, 2)))

    assert {name: float(value) for name, value in found.low_at.items()} == pytest.approx(
        {"p": 0.5 + 3**0.5 / 6, "q": 2}, abs=1e-4
    )
    assert float(evaluate("p*(1-p)*(1-2*p) * q", found.low_at)) == pytest.approx(float(found.low), rel=1e-12)


@pytest.mark.parametrize(
    "formula", ["1 / p", "1 / (p - 0.3)", "q / (p - q)", "1 / (1 / p)", "1 / (p * p)", "1 / ((p - 0.3) * (p - 0.3))"]
)
def test_a_divisor_that_may_be_0_has_no_bounds(formula):
    """Also where it only touches 0."""
    assert bounds(formula, exact(p=(0, 1), q=(0.2, 0.5))) is None


@pytest.mark.slow
def test_what_cannot_be_proven_is_said():
    """Terms that are 10³⁰ times the difference that they leave."""
    found = bounds("1e30 * p * p * q - 1e30 * p * q * p", exact(p=(0, 1), q=(1, 2)))

    assert not found.proven


leaves = st.sampled_from(["a", "b", "c", "0.5", "2", "1"])
formulas = st.recursive(
    leaves,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from("+-**/"), inner) | st.builds("(-{})".format, inner)
    ),
    max_leaves=7,
)
ends = st.tuples(st.integers(-8, 8), st.integers(0, 8)).map(lambda pair: (pair[0] / 4, (pair[0] + pair[1]) / 4))


@pytest.mark.slow
@examples(300)
@given(formulas, st.fixed_dictionaries(dict.fromkeys("abc", ends)))
def test_no_point_of_a_dense_grid_lies_outside(formula, ranges):
    """And the extremes are values that the formula takes within its ranges; a divisor of 0 has none."""
    found = bounds(formula, exact(**ranges))
    used = names_in(formula)
    grid = np.meshgrid(*(np.linspace(*ranges[name], 25) for name in used), indexing="ij")
    with np.errstate(all="ignore"):
        values = np.atleast_1d(evaluate(formula, dict(zip(used, grid, strict=True))))

    if found is None:
        return
    assert np.isfinite(values).all()
    room = 1e-9 * float(max(abs(found.low), abs(found.high))) + 1e-12 * float(np.abs(values).max()) + float(found.slack)
    if found.proven:
        assert float(found.low) - room <= values.min()
        assert values.max() <= float(found.high) + room
    for value, place in ((found.low, found.low_at), (found.high, found.high_at)):
        for name, at in place.items():
            assert ranges[name][0] <= float(at) <= ranges[name][1]
        if place:
            at_place = float(evaluate(formula, {name: float(at) for name, at in place.items()}))
            assert at_place == pytest.approx(float(value), abs=1e-9 * (1 + float(np.abs(values).max())))


def test_a_search_gives_up_after_its_effort():
    """With the bound that it has reached."""

    def bumps(values):
        x = values["x"]
        return x * (x - 1.0) * (x - 2.0) * (x + 1.0)

    short = least(bumps, {"x": (-1.0, 2.0)}, effort=3)
    long = least(bumps, {"x": (-1.0, 2.0)})

    assert (short.proven, long.proven) == (False, True)
    assert short.bound < long.bound <= long.value == pytest.approx(-1)
