"""How many examples a property test tries, and draws of costs and effects, hard and easy, with values to pay."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import hecon

NAMES = ("A", "B", "C", "D", "E", "F", "G")


def examples(count: int) -> settings:
    """Return settings for so many examples where others have 100: the profiles scale both alike.

    Half of them in `make test`, a tenth in `make quick`, twenty times as many in `make nightly`.
    """
    return settings(max_examples=math.ceil(count * settings().max_examples / 100))


def shapes() -> st.SearchStrategy[tuple[int, int]]:
    """Shapes (draw, strategy)."""
    return st.tuples(st.integers(1, 25), st.integers(1, 5))


@st.composite
def coarse(draw) -> tuple[np.ndarray, np.ndarray]:
    """Costs and effects in small whole numbers: ties at grid values, equal and collinear lines are common."""
    shape = draw(shapes())
    whole = hnp.arrays(np.float64, shape, elements=st.integers(-3, 3).map(float))
    return draw(whole), draw(whole)


@st.composite
def continuous(draw) -> tuple[np.ndarray, np.ndarray]:
    """Costs and effects from a normal distribution, with the means of effects far from 0."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(shapes())
    return rng.normal(3, 2, shape), rng.normal(draw(st.sampled_from([0, 10])), 1, shape)


@st.composite
def twins(draw) -> tuple[np.ndarray, np.ndarray]:
    """Draws in which columns are repeated, up to a last bit or a few."""
    cost, effect = draw(st.one_of(coarse(), continuous()))
    columns = draw(st.lists(st.integers(0, cost.shape[1] - 1), min_size=2, max_size=6))
    bits = st.sampled_from([0.0, 1e-16, 3e-16, 1e-15, 3e-15, 1e-14, 1e-13])
    off = 1 + draw(hnp.arrays(np.float64, (2, 1, len(columns)), elements=bits))
    return cost[:, columns] * off[0], effect[:, columns] * off[1]


@st.composite
def fans(draw) -> tuple[np.ndarray, np.ndarray]:
    """Draws in which all lines meet in one point (collinear strategies), in thirds, which are not exact."""
    effect = draw(coarse())[1]
    meet = draw(hnp.arrays(np.float64, (len(effect), 1), elements=st.integers(0, 9).map(float))) / 3
    return effect * meet, effect


@st.composite
def cases(draw) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Costs, effects and willingness to pay (unsorted, repeated, with 0) at any scale."""
    cost, effect = draw(st.one_of(coarse(), continuous(), twins(), fans()))
    step = draw(st.sampled_from([1.0, 0.5, 1 / 3]))
    wtp = np.array(draw(st.lists(st.integers(0, 12), min_size=1, max_size=15)), dtype=float) * step
    if draw(st.booleans()):
        wtp = np.append(wtp, 10.0 ** draw(st.integers(-12, 12)))
    of_cost, of_effect = (10.0 ** draw(st.integers(-12, 12)) for _ in range(2))
    return cost * of_cost, effect * of_effect, wtp * (of_cost / of_effect)


def dataset(cost, effect, **options):
    """Return draws with the strategies A, B, C, ...; effects too large for QALYs are in points."""
    if "effect_unit" not in options and np.max(np.abs(effect)) > 10:
        options.update(effect_unit="point", effect_better="more")
    return hecon.from_arrays(cost, effect, strategies=NAMES[: np.shape(cost)[1]], **options)
