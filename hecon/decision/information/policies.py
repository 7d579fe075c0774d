"""What it gains to decide by a regression of net benefit: exact at all willingness to pay, by sums over draws.

Outcomes are relative to the mean of the strategies in each draw, so that no strategy is a reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon import draws as _draws
from hecon.decision import ties
from hecon.decision.information import smoothing

if TYPE_CHECKING:
    from collections.abc import Iterator

    import xarray as xr

    from hecon._arrays import Codes, Floats
    from hecon.decision.information.smoothing import Regression

# What is known of a set at each willingness to pay.
FIELDS = ("evppi", "se", "edf", "out_of_fold")


@dataclass(frozen=True)
class Outcomes:
    """Costs and then effects, shape (2 × strategy, draw), less their means over draws, with these means.

    `wtp` increases; `optimal` is the place of the strategy with the highest expected net benefit at each value.
    """

    centred: Floats
    means: Floats
    wtp: Floats
    optimal: Codes


def outcomes_of(cost: Floats, effect: Floats, wtp: Floats, optimal: Codes) -> Outcomes:
    """Return costs and effects, shape (draw, strategy), relative to the mean of the strategies."""
    relative = np.vstack([each.T - each.mean(axis=1) for each in (cost, effect)])
    means = relative.mean(axis=1)
    relative -= means[:, np.newaxis]
    return Outcomes(relative, means, wtp, optimal)


@dataclass(frozen=True)
class _Stretch:
    """Values of willingness to pay that share a penalty and the strategy that is optimal by the means.

    `left` is what the penalty leaves of each function, `loose` what one would leave that spares straight lines.
    """

    places: Codes
    grid: Floats
    left: Floats
    loose: Floats
    optimal: int


def values_of(regression: Regression, parameters: Floats, outcomes: Outcomes) -> Floats:
    """Return the `FIELDS` of a set at each willingness to pay, shape (field, wtp)."""
    n_draws = len(parameters)
    penalties, chosen = regression.choose(outcomes.wtp)
    stretches = list(_stretches(regression, outcomes, penalties[chosen]))
    sums = [np.zeros((_SUMS, each.grid.size)) for each in stretches]
    # All stretches at once: one product of large matrices is faster than many of small ones.
    lefts = np.array([each.left for each in stretches])
    weights = (lefts[:, np.newaxis] * regression.scores).reshape(-1, lefts.shape[1])
    for block in regression.blocks():
        turned = regression.turned(parameters[block])
        drawn = outcomes.centred[:, block]
        fits = (weights @ turned.T).reshape(len(stretches), -1, len(turned))
        own = (1.0 + lefts @ (turned**2).T) / n_draws
        gains = {best: _gains(drawn, outcomes.means, best) for best in {each.optimal for each in stretches}}
        for number, (stretch, total) in enumerate(zip(stretches, sums, strict=True)):
            fitted = _gains(fits[number], outcomes.means, stretch.optimal)
            loose = fitted
            if stretch.loose is not stretch.left:
                loose = _gains((stretch.loose * regression.scores) @ turned.T, outcomes.means, stretch.optimal)
            total[:] += _sums(gains[stretch.optimal], fitted, loose, own[number], stretch.grid)
    found = np.empty((len(FIELDS), outcomes.wtp.size))
    for stretch, total in zip(stretches, sums, strict=True):
        plug_in, gain, square, outside = _net(total / n_draws, stretch.grid)
        se = np.sqrt(np.maximum(square - gain**2, 0.0) / n_draws)
        edf = np.full(plug_in.size, regression.freedom(stretch.left))
        found[:, stretch.places] = np.maximum(plug_in, 0.0), se, edf, outside
    return found


def _stretches(regression: Regression, outcomes: Outcomes, penalty: Floats) -> Iterator[_Stretch]:
    pairs, member = np.unique(np.stack([penalty, outcomes.optimal]), axis=1, return_inverse=True)
    for number, (weight, best) in enumerate(pairs.T):
        places = np.flatnonzero(member.ravel() == number)
        left, loose = regression.shrinkage(np.array([weight, smoothing.SPARING]))
        spared = loose if weight > smoothing.SPARING else left
        yield _Stretch(places, outcomes.wtp[places], left, spared, int(best))


def _gains(lines: Floats, means: Floats, optimal: int) -> Floats:
    """Return the costs and effects of the other strategies less those of the optimal one, shape (2, rival, draw)."""
    pair = lines.reshape(2, -1, lines.shape[1])
    average = means.reshape(2, -1, 1)
    rivals = [at for at in range(pair.shape[1]) if at != optimal]
    return pair[:, rivals] - (pair[:, [optimal]] - (average[:, rivals] - average[:, [optimal]]))


# Sums of a stretch: fitted gains, gains as drawn, their squares and product, gains out of fold; cost before effect.
_SUMS = 9


def _sums(drawn: Floats, fitted: Floats, loose: Floats, own: Floats, grid: Floats) -> Floats:
    """Return sums over draws of gains, by decisions of the fits, and by those of fits that leave out the draw.

    Gains as drawn are those by `loose` fits. `own` is the weight of a draw's outcomes in its own fit, which
    gives the fit without them.
    """
    inside = _tally(loose, grid, drawn, squares=True)
    if loose is not fitted:
        inside[:2] = _tally(fitted, grid, fitted, squares=False)[:2]
    outside = _tally(drawn - (drawn - fitted) / (1.0 - own), grid, drawn, squares=False)
    return np.vstack([inside, outside[2:]])


def _tally(deciding: Floats, grid: Floats, gains: Floats, *, squares: bool) -> Floats:
    """Return sums over draws at the best strategy by `deciding`: of these lines, of `gains`, and of their squares.

    Only of draws in which a rival is ahead at an end of the grid: being lines, the others are ahead nowhere.
    """
    ahead = np.zeros(deciding.shape[2], dtype=bool)
    for cost, effect in zip(*deciding, strict=True):
        for end in (grid[0], grid[-1]):
            ahead |= end * effect > cost
    some = np.flatnonzero(ahead)
    width = 5 if squares else 2
    if not some.size:
        return np.zeros((2 + width, grid.size))
    # The optimal strategy gains nothing over itself.
    lines, followed = np.zeros((2, 2, deciding.shape[1] + 1, some.size))
    lines[:, 1:], followed[:, 1:] = deciding[:, :, some], gains[:, :, some]
    beside = list(followed)
    if squares:
        beside += [followed[0] ** 2, followed[0] * followed[1], followed[1] ** 2]
    tally = ties.tally(lines[0].T, lines[1].T, grid, [each.T for each in beside])
    return np.vstack([tally.best_cost, tally.best_effect, tally.followed])


def _net(sums: Floats, wtp: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return net benefits from means of costs and effects: fitted, as drawn, its square, and out of fold."""
    fitted_cost, fitted_effect, cost, effect, costs, products, effects, cost_outside, effect_outside = sums
    return (
        wtp * fitted_effect - fitted_cost,
        wtp * effect - cost,
        wtp**2 * effects - 2 * wtp * products + costs,
        wtp * effect_outside - cost_outside,
    )


def values_of_means(cost: Floats, effect: Floats, wtp: Floats) -> Floats:
    """Return the `FIELDS` for conditional means in two independent halves, shape (sample, half, strategy)."""
    whole = outcomes_of(cost.mean(axis=1), effect.mean(axis=1), wtp, np.zeros(wtp.size, dtype=np.intp))
    lines = whole.centred + whole.means[:, np.newaxis]
    average = whole.means.reshape(2, -1, 1)
    optimal = (wtp * average[1] - average[0]).argmax(axis=0)
    parts = [np.vstack([cost[:, half].T, effect[:, half].T]) for half in (0, 1)]
    found = np.full((len(FIELDS), wtp.size), np.nan)
    for best in np.unique(optimal):
        places = np.flatnonzero(optimal == best)
        grid = wtp[places]
        gains = [_gains(part, 0.0 * whole.means, int(best)) for part in (lines, *parts)]
        inside = _tally(gains[0], grid, gains[0], squares=True)
        crossed = [_tally(one, grid, other, squares=False)[2:] for one, other in (gains[1:], gains[:0:-1])]
        sums = np.vstack([inside, (crossed[0] + crossed[1]) / 2]) / len(cost)
        plug_in, gain, square, outside = _net(sums, grid)
        found[0, places], found[3, places] = np.maximum(plug_in, 0.0), outside
        found[1, places] = np.sqrt(np.maximum(square - gain**2, 0.0) / len(cost))
    return found


def diagnostics_of(regression: Regression, parameters: Floats, outcomes: Outcomes) -> tuple[Floats, Floats, Floats]:
    """Return fitted net benefit and residuals, shape (wtp, draw, strategy), and the loss out of fold at each value.

    The loss is the mean squared error of predictions that leave the draw out, relative to that of the mean.
    """
    penalties, chosen = regression.choose(outcomes.wtp)
    turned = regression.turned(parameters)
    fitted, residual, loss = [], [], []
    for wtp, penalty in zip(outcomes.wtp, penalties[chosen], strict=True):
        left = regression.shrinkage(penalty)
        fits = (left * regression.scores) @ turned.T
        own = (1.0 + turned**2 @ left) / regression.n_draws
        drawn, fit, mean = (
            wtp * each[each.shape[0] // 2 :] - each[: each.shape[0] // 2]
            for each in (outcomes.centred, fits, outcomes.means[:, np.newaxis])
        )
        fitted.append((fit + mean).T)
        residual.append((drawn - fit).T)
        spread = (drawn**2).sum()
        loss.append((((drawn - fit) / (1.0 - own)) ** 2).sum() / spread if spread else np.nan)
    return np.array(fitted), np.array(residual), np.array(loss)


def values_of_posteriors(regression: Regression, outcomes: Outcomes, functions: Floats) -> Floats:
    """Return the `FIELDS` of studies by the posterior means of the turned functions, shape (function, study).

    Conditional means on the parameters are weighed, not outcomes: what no study of them can tell is left out. The mean
    gains of the rivals are known from all draws, which corrects for the studies that chance took. Results of a
    regression on studies, as degrees of freedom, are NaN.
    """
    found = np.full((len(FIELDS), outcomes.wtp.size), np.nan)
    penalties, chosen = regression.choose(outcomes.wtp)
    for stretch in _stretches(regression, outcomes, penalties[chosen]):
        means = _gains((stretch.left * regression.scores) @ functions, outcomes.means, stretch.optimal)
        known = _gains(np.zeros((outcomes.means.size, 1)), outcomes.means, stretch.optimal)
        for place, wtp in zip(stretch.places, stretch.grid, strict=True):
            found[:2, place] = _corrected(wtp * means[1] - means[0], wtp * known[1] - known[0])
    return found


def _corrected(gains: Floats, known: Floats) -> tuple[float, float]:
    """Return the mean of the best gains, shape (rival, study), and its error, given the known mean of each rival's."""
    best = np.maximum(gains.max(axis=0, initial=0.0), 0.0)
    away = gains - known
    centred = away - away.mean(axis=1, keepdims=True)
    slopes = np.linalg.lstsq(centred.T, best - best.mean(), rcond=None)[0]
    corrected = best - slopes @ away
    return max(float(corrected.mean()), 0.0), float(corrected.std() / np.sqrt(best.size))


# A value beyond EVPI by a smaller share is rounding.
_ROUNDING = 1e-9


def labelled(draws: xr.Dataset, known: xr.Dataset, found: Floats, kind: tuple[str, str, str]) -> xr.Dataset:
    """Return results, shape (row, cell, field, wtp in order), in the caller's order of `wtp`, capped at EVPI.

    `known` are the decision curves of the draws; `kind` is the dim of the rows, the name of the value, and its words.
    """
    dim, name, words = kind
    place = np.unique(known["wtp"].to_numpy(), return_inverse=True)[1].ravel()
    further = _draws.further_dims(draws)
    shape = (len(FIELDS), *(draws.sizes[each] for each in further), len(found), -1)
    value, se, edf, outside = np.moveaxis(found.take(place, axis=-1), (2, 0), (0, 2)).reshape(shape)
    bound = known["evpi"].to_numpy()
    most = bound[..., np.newaxis, :]
    over, money = (*further, dim, "wtp"), {"units": _draws.units(draws)[0]}
    return _draws.dataset(
        draws,
        {
            name: (over, np.minimum(value, most), money | {"long_name": words}),
            "se": (over, se, money | {"long_name": "standard error"}),
            "edf": (over, edf, {"units": "1", "long_name": "effective degrees of freedom"}),
            "out_of_fold": (over, outside, money | {"long_name": "gain of deciding by the regression, out of fold"}),
            "capped": (
                over,
                value > most * (1 + _ROUNDING),
                {"long_name": "reduced to the value of perfect information"},
            ),
            "evpi": ((*further, "wtp"), bound, money | {"long_name": "value of perfect information"}),
        },
        {"wtp": known["wtp"].variable},
    )
