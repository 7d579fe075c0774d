"""Decision curves over willingness to pay: CEAC, CEAF, expected loss and EVPI, all from one pass over the draws.

They change only at the breakpoints of each draw's upper envelope, which are counted: exact, at any number of values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks
from hecon import draws as _draws
from hecon.decision import _labels

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Bools = NDArray[np.bool_]
    Lines = tuple[Floats, Floats]
    Finder = Callable[[Floats], Ints]

# Expected net benefits tie when rounding in the means could account for their difference.
EXPECTED_TIE = 1e-12


def decision_curves(draws: xr.Dataset, *, wtp: ArrayLike) -> xr.Dataset:
    r"""CEAC, CEAF, expected loss and EVPI from one pass over the draws.

    With :math:`b_s = \lambda e_s - c_s` the net benefit of strategy s in a draw (:math:`e_s` counts averted harm where
    less of the effect is better):

    .. math:: \mathrm{CEAC}_s = P(b_s = \max_t b_t), \quad
              \mathrm{loss}_s = E[\max_t b_t] - E[b_s], \quad
              \mathrm{EVPI} = \min_s \mathrm{loss}_s

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, absolute or incremental.
    wtp : array_like
        Willingness to pay :math:`\lambda` [currency per unit of effect], one value or a sequence in any order, finite
        and at least 0.

    Returns
    -------
    xarray.Dataset
        ``ceac`` [1] and ``expected_loss`` [currency per patient] with dims (wtp, strategy); ``ceaf`` [1] and ``evpi``
        [currency per patient] with dim (wtp); coordinate ``optimal`` (wtp), the strategy with the highest expected
        net benefit. Further dims of the draws come first; `wtp` keeps the caller's order and repeats.

    Raises
    ------
    InputError
        If `wtp` is out of range, the draws break the data convention, or they come from patients and have fewer than 3
        degrees of freedom; `ceac` and `ceaf` take such draws.

    Notes
    -----
    Ties: in a draw, a strategy ties with the best when their net benefits differ by at most 2e-15 times the larger
    of the two values of :math:`\lambda |e| + |c|`, which is rounding and no more. Tied strategies share the draw
    equally, so no result depends on the order of the strategies. Strategies whose *expected* net benefits differ by
    at most 1e-12 of that scale tie too; of those the optimal one is the one with more effect, then with lower cost,
    then first by name.

    The work grows with the number of draws, hardly with the number of values of `wtp`. Losses and EVPI are never
    negative: rounding that would take one below 0 is cut off.

    EVPI here is per patient and for the uncertainty that the draws hold; it knows nothing of structure that was not
    varied. A CEAC does not say which strategy to choose: that is ``optimal``.

    Draws from patient records have the t distributions of the analysis, whose variance is ν/(ν − 2) times the squared
    standard error: infinite with two degrees of freedom or fewer, as few clusters leave. Below 3 a mean of losses rests
    on a few draws, so losses and EVPI are refused; from 3 on they come from the draws as they are.

    References
    ----------
    Fenwick E, Claxton K, Sculpher M. Representing uncertainty: the role of cost-effectiveness acceptability curves.
    Health Econ 2001;10:779-787. https://doi.org/10.1002/hec.635

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays(
    ...     [[0, 0]] * 5, [[9, 12], [12, 10], [14, 20], [11, 10], [14, 13]], strategies=["A", "B"]
    ... )
    >>> curves = hecon.decision_curves(draws, wtp=1)
    >>> curves["ceac"].values.tolist(), curves["optimal"].values.tolist(), curves["ceaf"].values.tolist()
    ([[0.6, 0.4]], ['B'], [0.4])
    >>> curves["evpi"].round(9).values.tolist()
    [0.8]
    """
    _draws.refuse_few_freedom(draws)
    return _all_curves(draws, wtp)


def _all_curves(draws: xr.Dataset, wtp: ArrayLike) -> xr.Dataset:
    """Return all curves, whatever the degrees of freedom of the draws."""
    values = _checks.willingness_to_pay(wtp)
    _draws.validate(draws)
    grid, place = np.unique(values, return_inverse=True)
    names = _labels.strategy_names(draws)
    sizes, cells = _labels.slices(draws)
    shares, losses, optima = zip(
        *(_curves(tally(cost, effect, grid), grid, names) for cost, effect in cells), strict=True
    )
    shape = (*sizes, grid.size)
    share, loss = (np.stack(part).reshape(*shape, len(names)).take(place, axis=-2) for part in (shares, losses))
    chosen = np.stack(optima).reshape(shape).take(place, axis=-1)
    further = _labels.further_dims(draws)
    over, currency = (*further, "wtp"), _draws.units(draws)[0]
    at_optimum = np.take_along_axis(share, chosen[..., np.newaxis], axis=-1)[..., 0]
    return _labels.dataset(
        draws,
        {
            "ceac": ((*over, "strategy"), share, {"units": "1", "long_name": "probability of being cost-effective"}),
            "ceaf": (over, at_optimum, {"units": "1", "long_name": "probability that the optimal one is the best"}),
            "expected_loss": ((*over, "strategy"), loss, {"units": currency, "long_name": "expected loss"}),
            "evpi": (over, loss.min(axis=-1), {"units": currency, "long_name": "value of perfect information"}),
        },
        {"wtp": _labels.wtp_coordinate(draws, values), "optimal": (over, np.array(names)[chosen])},
    )


def _curves(counts: Tally, grid: Floats, names: list[str]) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Return CEAC and expected loss, shape (grid, strategy), and the position of the optimal strategy."""
    share = counts.wins / (UNIT * counts.n_draws)
    cost, effect = counts.cost[:, np.newaxis] / counts.n_draws, counts.effect[:, np.newaxis] / counts.n_draws
    benefit = grid * effect - cost
    best = (grid * counts.best_effect - counts.best_cost) / counts.n_draws
    # A strategy that is best in every draw loses nothing, whatever the rounding of the two sums.
    loss = np.where(share.T == 1.0, 0.0, np.maximum(best - benefit, 0.0))
    order = sorted(range(len(names)), key=lambda i: (-effect[i, 0], cost[i, 0], names[i]))
    return share, loss.T, _optimal(benefit, grid * np.abs(effect) + np.abs(cost), np.array(order))


def _optimal(benefit: Floats, scale: Floats, order: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the row with the highest expected net benefit; of tied rows the first in `order`."""
    top = benefit.max(axis=0)
    slack = EXPECTED_TIE * np.maximum(scale, np.where(benefit == top, scale, 0.0).max(axis=0))
    result: NDArray[np.intp] = order[(top - benefit <= slack)[order].argmax(axis=0)]
    return result


def ceac(draws: xr.Dataset, *, wtp: ArrayLike) -> xr.DataArray:
    r"""Cost-effectiveness acceptability curve: the probability that a strategy is the best.

    .. math:: \mathrm{CEAC}_s(\lambda) = P(\lambda e_s - c_s = \max_t (\lambda e_t - c_t))

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, absolute or incremental.
    wtp : array_like
        Willingness to pay [currency per unit of effect], one value or a sequence in any order, finite and at least 0.

    Returns
    -------
    xarray.DataArray
        Probability [1], dims (wtp, strategy) after the further dims of the draws; sums to 1 over strategies.

    Raises
    ------
    InputError
        If `wtp` is out of range or the draws break the data convention.

    Notes
    -----
    Among all strategies at once, ties shared (see `decision_curves`); for a pair, select the two strategies first.
    Not a rule for choosing: the most probable winner need not have the highest expected net benefit.

    References
    ----------
    van Hout BA et al. Costs, effects and C/E-ratios alongside a clinical trial. Health Econ 1994;3:309-319.
    https://doi.org/10.1002/hec.4730030505

    Löthgren M, Zethraeus N. Definition, interpretation and calculation of cost-effectiveness acceptability curves.
    Health Econ 2000;9:623-630. https://doi.org/10.1002/1099-1050(200010)9:7<623::AID-HEC539>3.0.CO;2-V

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"])
    >>> hecon.ceac(draws, wtp=[0, 5_000, 10_000]).sel(strategy="exercise").values.tolist()
    [0.0, 0.5, 1.0]
    """
    return _labels.single(_all_curves(draws, wtp), "ceac").drop_vars("optimal")


def ceaf(draws: xr.Dataset, *, wtp: ArrayLike) -> xr.DataArray:
    r"""Cost-effectiveness acceptability frontier: the CEAC of the strategy with the highest expected net benefit.

    .. math:: \mathrm{CEAF}(\lambda) = \mathrm{CEAC}_{s^*}(\lambda), \quad s^* = \arg\max_s E[\lambda e_s - c_s]

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, absolute or incremental.
    wtp : array_like
        Willingness to pay [currency per unit of effect], one value or a sequence in any order, finite and at least 0.

    Returns
    -------
    xarray.DataArray
        Probability [1], dim (wtp) after the further dims of the draws, with the coordinate ``optimal``.

    Raises
    ------
    InputError
        If `wtp` is out of range or the draws break the data convention.

    Notes
    -----
    Ties in expected net benefit: more effect, then lower cost, then name; see `decision_curves`.

    References
    ----------
    Fenwick E, Claxton K, Sculpher M. Representing uncertainty: the role of cost-effectiveness acceptability curves.
    Health Econ 2001;10:779-787. https://doi.org/10.1002/hec.635

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"])
    >>> frontier = hecon.ceaf(draws, wtp=[4_000, 6_000])
    >>> frontier.values.tolist(), frontier["optimal"].values.tolist()
    ([0.5, 0.5], ['usual care', 'exercise'])
    """
    return _labels.single(_all_curves(draws, wtp), "ceaf")


def expected_loss(draws: xr.Dataset, *, wtp: ArrayLike) -> xr.DataArray:
    r"""Compute the expected loss: what choosing a strategy forgoes, on average, against the best choice in each draw.

    .. math:: \mathrm{loss}_s(\lambda) = E[\max_t (\lambda e_t - c_t)] - E[\lambda e_s - c_s]

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, absolute or incremental.
    wtp : array_like
        Willingness to pay [currency per unit of effect], one value or a sequence in any order, finite and at least 0.

    Returns
    -------
    xarray.DataArray
        Expected loss [currency per patient], at least 0, dims (wtp, strategy) after the further dims of the draws.

    Raises
    ------
    InputError
        If `wtp` is out of range, the draws break the data convention, or they come from patients and have fewer than 3
        degrees of freedom.

    Notes
    -----
    The lowest of the losses is the EVPI, and the strategy that has it is the optimal one. Rounding below 0 is cut off.

    References
    ----------
    Alarid-Escudero F et al. "Time traveling is just too dangerous" but some methods are worth revisiting: the
    advantages of expected loss curves over cost-effectiveness acceptability curves and frontier. Value Health
    2019;22:611-618. https://doi.org/10.1016/j.jval.2019.02.008

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"])
    >>> hecon.expected_loss(draws, wtp=5_000).squeeze().values.tolist()
    [200.0, 200.0]
    """
    return _labels.single(decision_curves(draws, wtp=wtp), "expected_loss").drop_vars("optimal")


def evpi(draws: xr.Dataset, *, wtp: ArrayLike) -> xr.DataArray:
    r"""Compute the expected value of perfect information, per patient.

    .. math:: \mathrm{EVPI}(\lambda) = E[\max_t (\lambda e_t - c_t)] - \max_s E[\lambda e_s - c_s]

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, absolute or incremental.
    wtp : array_like
        Willingness to pay [currency per unit of effect], one value or a sequence in any order, finite and at least 0.

    Returns
    -------
    xarray.DataArray
        EVPI [currency per patient], at least 0, dim (wtp) after the further dims of the draws.

    Raises
    ------
    InputError
        If `wtp` is out of range, the draws break the data convention, or they come from patients and have fewer than 3
        degrees of freedom.

    Notes
    -----
    An upper bound on what further research is worth for one patient; multiply by the patients that a decision will
    reach. It counts only the uncertainty that the draws hold. Rounding below 0 is cut off.

    References
    ----------
    Claxton K. The irrelevance of inference: a decision-making approach to the stochastic evaluation of health care
    technologies. J Health Econ 1999;18:341-364. https://doi.org/10.1016/S0167-6296(98)00039-3

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"])
    >>> hecon.evpi(draws, wtp=[0, 5_000]).values.tolist()
    [0.0, 200.0]
    """
    return _labels.single(decision_curves(draws, wtp=wtp), "evpi").drop_vars("optimal")


def finder(grid: Floats) -> Callable[[Floats], Ints]:
    """Return a function that gives the first position of the increasing `grid` at or above each of its values.

    It equals ``numpy.searchsorted``: a guess from a table of even buckets is checked against the grid, and whatever is
    not confirmed (uneven grids, NaN) is bisected.
    """
    n_buckets = 2 * grid.size
    table: Ints = np.searchsorted(grid, np.linspace(grid[0], grid[-1], n_buckets))
    width = (grid[-1] - grid[0]) / (n_buckets - 1)
    fenced = np.concatenate([[-np.inf], grid, [np.inf]])

    def find(values: Floats) -> Ints:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            bucket = np.fmin(np.fmax((values - grid[0]) / width, 0.0), n_buckets - 1.0).astype(np.intp)
        place: Ints = table[bucket]
        place += fenced[place + 1] < values
        missed = np.flatnonzero(~((fenced[place] < values) & (values <= fenced[place + 1])))
        if missed.size:
            place[missed] = np.searchsorted(grid, values[missed])
        return place

    return find


TIE = 2e-15
CLEAR = 1e-14
# Lines this close in both cost and effect tie at every willingness to pay: twice 5e-16 and rounding stay below TIE.
TWIN = 5e-16
# Shares of a draw are counted in this unit, so that sums of up to 16-way ties are whole numbers, hence exact.
UNIT = float(math.lcm(*range(1, 17)))
# Cells of a chunk: small enough that its arrays stay in cache.
_CELLS = 80_000
_MIN_CHUNK = 256
_CHUNKS_PER_PART = 16


@dataclass(frozen=True)
class Tally:
    """Statistics of a set of draws over a grid of G values; the fields of two sets add up to those of their union."""

    n_draws: int
    cost: Floats
    effect: Floats
    wins: Floats
    best_cost: Floats
    best_effect: Floats


def tally(cost: Floats, effect: Floats, grid: Floats) -> Tally:
    """Count which strategy is best at each value of `grid`."""
    n_draws, n_strategies = cost.shape
    # Rows hold what changes at a grid value; one row more takes the wins that end beyond the grid.
    wins = np.zeros((grid.size + 1, n_strategies))
    sums = np.zeros((2, grid.size))
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
        _walk((costs, effects), grid, find, wins, part)
        if number % _CHUNKS_PER_PART == 0 or start + step >= n_draws:
            sums += part
            part.fill(0.0)
    np.cumsum(wins, axis=0, out=wins)
    np.cumsum(sums, axis=1, out=sums)
    return Tally(n_draws, totals[0], totals[1], wins[:-1], sums[0], sums[1])


def _walk(lines: Lines, grid: Floats, find: Finder, wins: Floats, sums: Floats) -> None:
    """Walk the envelopes of one chunk, shape (strategy, draw), and enter every stretch into `wins` and `sums`."""
    cost, effect = lines
    draw = np.arange(cost.shape[1])
    at = np.zeros(draw.size, dtype=np.intp)
    before = np.zeros(draw.size), np.zeros(draw.size)
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
        until = _leap(race, wtp, find, at)
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
        np.add.at(sums[0], at, best_cost - before[0])
        np.add.at(sums[1], at, best_effect - before[1])
        going = np.flatnonzero(until < grid.size)
        before = best_cost[going], best_effect[going]
        draw, at = draw[going], until[going]
        rivals = rivals[0].take(going, axis=1), rivals[1].take(going, axis=1)


def _argmax(values: Floats) -> Ints:
    """Return the first row that holds each column's largest value (NumPy's argmax is slow along this axis)."""
    first = np.zeros(values.shape[1], dtype=np.intp)
    top = values[0].copy()
    for row in range(1, len(values)):
        np.copyto(first, row, where=values[row] > top)
        np.maximum(top, values[row], out=top)
    return first


def _leap(race: Lines, wtp: Floats, find: Finder, at: Ints) -> Ints:
    """Return the first grid position at which a rival may have closed its gap at its rate; always a later one."""
    gap, rate = race
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        crossing = wtp + 1.0 / (rate / gap).max(axis=0)
    return np.maximum(find(crossing), at + 1)


def _enter(flat: Floats, start: Ints, end: Ints, amount: float | Floats) -> None:
    """Add `amount` where a stretch starts and take it away where it ends."""
    np.add.at(flat, start, amount)
    np.add.at(flat, end, -amount)


def _share(lines: Lines, best: Ints, gap: Floats, wtp: Floats) -> tuple[Floats, Bools]:
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


def tied(cost: Floats, effect: Floats, wtp: float | Floats) -> Bools:
    """Tell which strategies (rows) are best or tie with the best: the rule itself, for one value per draw."""
    benefit = wtp * effect - cost
    scale = wtp * np.abs(effect) + np.abs(cost)
    top = benefit.max(axis=0)
    top_scale = np.where(benefit == top, scale, 0.0).max(axis=0)
    result: Bools = top - benefit <= TIE * np.maximum(scale, top_scale)
    return result
