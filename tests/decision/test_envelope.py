"""The one-pass envelope against the plain loop over willingness to pay: equal counts, equal sums to rounding."""

from __future__ import annotations

import numpy as np
import pytest
import strategies as cases_of
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from hecon.decision import ties
from hecon.decision.ties import UNIT, finder, tally

TIE = 2e-15


def plain(cost, effect, grid):
    """Count the winners of each draw by the tie rule, one willingness to pay at a time; sum the highest net benefit."""
    wins, highest = np.zeros((grid.size, cost.shape[1])), np.zeros(grid.size)
    for k, wtp in enumerate(grid):
        for c, e in zip(cost, effect, strict=True):
            benefit, scale = wtp * e - c, wtp * abs(e) + abs(c)
            best = max(benefit)
            of_best = max(scale[benefit == best])
            winners = [best - b <= TIE * max(s, of_best) for b, s in zip(benefit, scale, strict=True)]
            wins[k] += np.array(winners) * (UNIT / sum(winners))
            highest[k] += best
    return wins, highest


def assert_as_plain(cost, effect, grid):
    """Compare counts exactly, sums to 1e-12 of the size of what is summed."""
    counts = tally(cost, effect, grid)
    wins, highest = plain(cost, effect, grid)
    size = grid * np.abs(effect).sum() + np.abs(cost).sum()

    assert counts.n_draws == len(cost)
    assert np.array_equal(counts.wins, wins)
    assert np.all(np.abs(grid * counts.best_effect - counts.best_cost - highest) <= 1e-12 * size)
    assert counts.cost == pytest.approx(cost.sum(axis=0), rel=1e-12, abs=1e-12 * np.abs(cost).sum())


@pytest.mark.slow
@given(cases_of.cases())
@examples(300)
def test_counts_equal_the_plain_loop(case):
    """Ties, twins, fans of lines through one point, near-twins: at any scale the counts are those of the rule."""
    cost, effect, wtp = case

    assert_as_plain(cost, effect, np.unique(wtp))


@pytest.mark.slow
@given(cases_of.cases())
@examples(50)
def test_counts_equal_the_plain_loop_in_small_chunks(case):
    """The same with chunks of one draw or a few and more than one part to gather sums in."""
    cost, effect, wtp = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ties, "_CELLS", 3 * cost.shape[1])
        patch.setattr(ties, "_MIN_CHUNK", 1)
        patch.setattr(ties, "_CHUNKS_PER_PART", 2)

        assert_as_plain(cost, effect, np.unique(wtp))


@given(cases_of.cases(), st.integers(0, 25))
@examples(50)
def test_tallies_add_up_over_draws(case, cut):
    """Counts of two sets of draws add up to those of both exactly, sums to rounding."""
    cost, effect, wtp = case
    grid = np.unique(wtp)
    cut = min(cut, len(cost) - 1)
    whole, first, second = (
        tally(cost[part], effect[part], grid) for part in (slice(None), slice(cut), slice(cut, None))
    )
    size = np.abs(cost).sum()

    assert np.array_equal(whole.wins, first.wins + second.wins)
    assert np.all(np.abs(whole.best_cost - first.best_cost - second.best_cost) <= 1e-12 * size)


def test_many_chunks_of_continuous_draws():
    """More draws than one chunk holds, more grid values than draws change at: still the plain counts."""
    rng = np.random.default_rng(5)
    cost, effect = rng.normal(10_000, 3_000, (40_000, 3)), rng.normal(5, 0.3, (40_000, 3))
    grid = np.array([0, 100, 20_000, 20_000.5, 80_000])
    counts = tally(cost, effect, grid)
    benefit = grid[:, np.newaxis, np.newaxis] * effect - cost

    assert np.array_equal(counts.wins / UNIT, [np.bincount(row.argmax(axis=1), minlength=3) for row in benefit])
    assert grid * counts.best_effect - counts.best_cost == pytest.approx(benefit.max(axis=2).sum(axis=1), rel=1e-12)


def test_a_huge_rival_does_not_widen_the_tie():
    """A strategy far behind at a huge scale leaves the distance at which the others tie as it was."""
    cost, effect = np.array([[0.0, 1e-6, 1e12]]), np.array([[1.0, 1.0, 0.0]])

    assert tally(cost, effect, np.array([0.0, 1.0])).wins.tolist() == [[UNIT, 0, 0]] * 2


def test_many_equal_strategies_share():
    """Twenty equal strategies share every draw equally, though 20 does not divide the unit of counting."""
    same = np.ones((3, 20))
    counts = tally(same, same, np.array([0.0, 5.0]))

    assert counts.wins.sum(axis=1) == pytest.approx([3 * UNIT, 3 * UNIT], rel=1e-15)
    assert np.ptp(counts.wins) == 0


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=40, unique=True),
    st.lists(st.one_of(st.floats(0, 2e6), st.just(np.inf), st.just(np.nan)), max_size=30),
)
@examples(100)
def test_finder_is_searchsorted(grid, values):
    """Guessed places equal bisected ones on even and uneven grids, at grid values, beyond the end and for NaN."""
    grid = np.sort(grid)
    values = np.concatenate([values, grid, np.nextafter(grid, np.inf), np.nextafter(grid, -np.inf)])

    assert np.array_equal(finder(grid)(values), np.searchsorted(grid, values))
