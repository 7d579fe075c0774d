"""The tie rule, and the best strategies of every draw over a grid of willingness to pay.

They change only at the breakpoints of each draw's upper envelope, which are counted: exact at any number of values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hecon._arrays import Codes, Flags, Floats

Lines = tuple[Floats, Floats]
Finder = Callable[[Floats], Codes]

# In a draw, net benefits tie within this relative difference, which is rounding.
TIE = 2e-15
# Beyond this relative distance a rival cannot tie.
CLEAR = 1e-14
# Lines this close in both cost and effect tie at every willingness to pay: twice 5e-16 and rounding stay below TIE.
TWIN = 5e-16
# Expected net benefits tie within the rounding of means.
EXPECTED_TIE = 1e-12
# Shares of a draw are counted in this unit, so that sums of up to 16-way ties are whole numbers, hence exact.
UNIT = float(math.lcm(*range(1, 17)))
# Cells of a chunk: small enough that its arrays stay in cache.
_CELLS = 80_000
_MIN_CHUNK = 256
_CHUNKS_PER_PART = 16


def _near_best(benefit: Floats, scale: Floats, tie: float) -> Flags:
    """Tell which rows hold a column's highest net benefit, or lie within a share `tie` of the larger scale of it."""
    top = benefit.max(axis=0)
    top_scale = np.where(benefit == top, scale, 0.0).max(axis=0)
    return np.asarray(top - benefit <= tie * np.maximum(scale, top_scale))


def tied(cost: Floats, effect: Floats, wtp: float | Floats) -> Flags:
    """Tell which strategies (rows) are best or tie with the best: the rule itself, for one value per draw."""
    return _near_best(wtp * effect - cost, wtp * np.abs(effect) + np.abs(cost), TIE)


def tied_means(cost: Floats, effect: Floats, wtp: Floats) -> Flags:
    """Tell which strategies have the highest expected net benefit or tie with it, shape (strategy, wtp)."""
    cost, effect = cost[:, np.newaxis], effect[:, np.newaxis]
    return _near_best(wtp * effect - cost, wtp * np.abs(effect) + np.abs(cost), EXPECTED_TIE)


def optimal(cost: Floats, effect: Floats, wtp: Floats, names: Sequence[str]) -> Codes:
    """Return the strategy preferred at each value: of tied ones by more effect, lower cost, first name."""
    order = np.array(sorted(range(len(names)), key=lambda i: (-effect[i], cost[i], names[i])))
    return np.asarray(order[tied_means(cost, effect, wtp)[order].argmax(axis=0)])


def finder(grid: Floats) -> Callable[[Floats], Codes]:
    """Return a function that gives the first position of the increasing `grid` at or above each of its values.

    It equals ``numpy.searchsorted``: a guess from a table of even buckets is checked against the grid, and whatever is
    not confirmed (uneven grids, NaN) is bisected.
    """
    n_buckets = 2 * grid.size
    table: Codes = np.searchsorted(grid, np.linspace(grid[0], grid[-1], n_buckets))
    width = (grid[-1] - grid[0]) / (n_buckets - 1)
    fenced = np.concatenate([[-np.inf], grid, [np.inf]])

    def find(values: Floats) -> Codes:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            bucket = np.fmin(np.fmax((values - grid[0]) / width, 0.0), n_buckets - 1.0).astype(np.intp)
        place: Codes = table[bucket]
        place += fenced[place + 1] < values
        missed = np.flatnonzero(~((fenced[place] < values) & (values <= fenced[place + 1])))
        if missed.size:
            place[missed] = np.searchsorted(grid, values[missed])
        return place

    return find


@dataclass(frozen=True)
class Tally:
    """Statistics of a set of draws over a grid of G values; the fields of two sets add up to those of their union.

    `followed` holds, for each array that was followed, its sum over the strategies that are best.
    """

    n_draws: int
    cost: Floats
    effect: Floats
    wins: Floats
    best_cost: Floats
    best_effect: Floats
    followed: Floats


def tally(cost: Floats, effect: Floats, grid: Floats, followed: Sequence[Floats] = ()) -> Tally:
    """Count which strategy is best at each value of `grid`; add up `followed` arrays of its shape at the best one.

    Of strategies that tie the first counts for `followed`.
    """
    n_draws, n_strategies = cost.shape
    # Rows hold what changes at a grid value; one row more takes the wins that end beyond the grid.
    wins = np.zeros((grid.size + 1, n_strategies))
    sums = np.zeros((2 + len(followed), grid.size))
    totals = np.zeros((2, n_strategies))
    # Sums are gathered in parts, so that they are rounded at the size of a part; counts are whole, exact at any size.
    part = np.zeros_like(sums)
    find = finder(grid)
    step = max(_MIN_CHUNK, _CELLS // n_strategies)
    for number, start in enumerate(range(0, n_draws, step), start=1):
        costs = np.ascontiguousarray(cost[start : start + step].T)
        effects = np.ascontiguousarray(effect[start : start + step].T)
        totals[0] += costs.sum(axis=1)
        totals[1] += effects.sum(axis=1)
        beside = [np.ascontiguousarray(values[start : start + step].T) for values in followed]
        _walk((costs, effects), beside, grid, find, (wins, part))
        if number % _CHUNKS_PER_PART == 0 or start + step >= n_draws:
            sums += part
            part.fill(0.0)
    np.cumsum(wins, axis=0, out=wins)
    np.cumsum(sums, axis=1, out=sums)
    return Tally(n_draws, totals[0], totals[1], wins[:-1], sums[0], sums[1], sums[2:])


def _walk(lines: Lines, beside: Sequence[Floats], grid: Floats, find: Finder, into: tuple[Floats, Floats]) -> None:
    """Walk the envelopes of one chunk, shape (strategy, draw), and enter every stretch into wins and sums."""
    (cost, effect), (wins, sums) = lines, into
    draw = np.arange(cost.shape[1])
    at = np.zeros(draw.size, dtype=np.intp)
    before = [np.zeros(draw.size) for _ in sums]
    # The lines of the rivals, raised by their share of the clear distance.
    rivals = cost - CLEAR * np.abs(cost), effect + CLEAR * np.abs(effect)
    while draw.size:
        wtp = grid[at]
        reach = wtp * rivals[1]
        reach -= rivals[0]
        best = _argmax(reach)
        flat = best * cost.shape[1] + draw
        best_cost, best_effect = cost.ravel()[flat], effect.ravel()[flat]
        # The line of the best, lowered by its share.
        low_effect = best_effect - CLEAR * np.abs(best_effect)
        gap = np.subtract(wtp * low_effect - (best_cost + CLEAR * np.abs(best_cost)), reach, out=reach)
        gap[best, np.arange(draw.size)] = np.inf
        race = gap, rivals[1] - low_effect
        # From a single value there is nowhere to leap to.
        until = _leap(race, wtp, find, at) if grid.size > 1 else at + 1
        close = gap.min(axis=0) <= 0
        if close.any():
            some = np.flatnonzero(close)
            near = cost[:, draw[some]], effect[:, draw[some]]
            shares, twins = _share(near, best[some], gap[:, some], wtp[some])
            apart = np.where(twins, np.inf, gap[:, some]), race[1][:, some]
            until[some] = np.where(twins.any(axis=0), _leap(apart, wtp[some], find, at[some]), at[some] + 1)
            start, end = (stops[some] * len(cost) + np.arange(len(cost))[:, np.newaxis] for stops in (at, until))
            _enter(wins.ravel(), start.ravel(), end.ravel(), shares.ravel())
        alone = np.flatnonzero(~close)
        _enter(wins.ravel(), at[alone] * len(cost) + best[alone], until[alone] * len(cost) + best[alone], UNIT)
        now = [best_cost, best_effect, *(values.ravel()[flat] for values in beside)]
        for total, value, former in zip(sums, now, before, strict=True):
            np.add.at(total, at, value - former)
        going = np.flatnonzero(until < grid.size)
        before = [value[going] for value in now]
        draw, at = draw[going], until[going]
        rivals = rivals[0].take(going, axis=1), rivals[1].take(going, axis=1)


def _argmax(values: Floats) -> Codes:
    """Return the first row that holds each column's largest value (NumPy's argmax is slow along this axis)."""
    first = np.zeros(values.shape[1], dtype=np.intp)
    top = values[0].copy()
    for row in range(1, len(values)):
        # Rows come in order, so that a later one is the largest yet: faster than a copy where they are.
        np.maximum(first, row * (values[row] > top), out=first)
        np.maximum(top, values[row], out=top)
    return first


def _leap(race: Lines, wtp: Floats, find: Finder, at: Codes) -> Codes:
    """Return the first grid position at which a rival may have closed its gap at its rate; always a later one."""
    gap, rate = race
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        crossing = wtp + 1.0 / (rate / gap).max(axis=0)
    return np.maximum(find(crossing), at + 1)


def _enter(flat: Floats, start: Codes, end: Codes, amount: float | Floats) -> None:
    """Add `amount` where a stretch starts and take it away where it ends."""
    np.add.at(flat, start, amount)
    np.add.at(flat, end, -amount)


def _share(lines: Lines, best: Codes, gap: Floats, wtp: Floats) -> tuple[Floats, Flags]:
    """Return how the strategies share each draw in which a rival is close to the best, and the twins of the best.

    Where all close rivals are twins of the best, they share until the next rival comes. Anywhere else there are no
    twins to go by, and the shares are those of the tie rule at this one willingness to pay.
    """
    twins = np.ones(gap.shape, dtype=bool)
    for values in lines:
        value = values[best, np.arange(best.size)]
        twins &= np.abs(values - value) <= TWIN * np.abs(value)
    twins &= (twins | (gap > 0)).all(axis=0)
    members = np.where(twins.any(axis=0), twins, tied(*lines, wtp))
    return members * (UNIT / members.sum(axis=0)), twins
