"""Adjusted arm means of cost by a generalised linear model with a variance that grows as the mean squared.

Coefficients minimise Q(β) = Σ_i w_i (y_i/μ_i + log μ_i), μ_i = exp(x_i'β) or x_i'β (quasi-likelihood, so costs of zero
are allowed), by iteratively reweighted least squares for many resamples at once; a step that fails is halved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial import regression
from hecon.trial.regression import scaled, sweep, unscaling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon._arrays import Counts, Flags, Floats

_STEPS = 200
# Convergence: drop in Q per patient of one more step; coefficients are then within about its root of the optimum.
_CLOSE = 1e-20
_ROUNDING = 1e-13
# Distance of a log mean from that of the average cost beyond which the iterations diverge.
_FAR = 50.0
# Resamples are solved together in chunks whose weights stay in the processor's cache and whose products are too small
# for BLAS to start threads, which here would only wait on each other.
_PRODUCTS = 2**18


@dataclass(frozen=True)
class GammaFits:
    """Generalised linear models of costs on resamples."""

    coefficients: Floats  # shape (replicate, column); 0 for a column that is not estimable there
    means: Floats  # mean cost had everyone been in the arm, over the patients of the replicate, shape (replicate, arm)
    # whether the replicate converged and its needed coefficients are estimable: leave the others out, and count them
    ok: Flags


class _Problem:
    """Scaled data; costs are in units of their mean, so that the start is a mean of 1."""

    def __init__(self, y: Floats, X: Floats, link: str, needed: Sequence[int]) -> None:  # noqa: N803
        self.log = link == "log"
        columns, self.order, self.centre, self.scale = scaled(y, X, needed)
        self.columns = columns[:, :-1]
        self.size = self.columns.shape[1]
        self.unit = float(y.mean())
        self.y = y / self.unit
        self.products = (self.columns[:, :, None] * self.columns[:, None, :]).transpose(1, 0, 2).copy()

    def start(self) -> Floats:
        first = np.zeros(self.size)
        first[0] = 0.0 if self.log else 1.0
        return first

    def terms(self, beta: Floats, weights: Floats) -> tuple[Floats, Floats, tuple[Floats, ...]]:
        """Return Q of each replicate (infinite where a mean is not allowed) and each patient's score and information.

        The information is the observed one, which makes the steps Newton's, and for the identity link, of which Q is
        not convex, also the expected one.
        """
        linear = beta @ self.columns.T
        drawn = weights > 0
        information: tuple[Floats, ...]
        if self.log:
            outside = ((np.abs(linear) > _FAR) & drawn).any(axis=1)
            ratio = self.y * np.exp(-np.clip(linear, -_FAR, _FAR))
            value, score, information = ratio + linear, ratio - 1, (weights * ratio,)
        else:
            outside = ((linear <= 0) & drawn).any(axis=1)
            mean = np.where(linear > 0, linear, 1.0)
            ratio = self.y / mean
            value, score, expected = ratio + np.log(mean), (ratio - 1) / mean, weights / mean**2
            information = ((2 * ratio - 1) * expected, expected)
        total = np.where(outside, np.inf, (weights * value).sum(axis=1))
        return total, weights * score, information

    def step(self, score: Floats, informations: tuple[Floats, ...], keep: Flags) -> tuple[Floats, Floats]:
        """Return the step to the optimum of the quadratic about the present coefficients, and the drop it promises.

        The drop is NaN where there is no optimum, as for an arm in which every cost is 0.
        """
        step, drop = np.zeros((len(score), self.size)), np.full(len(score), np.nan)
        left = np.arange(len(score))
        slope = (score @ self.columns).T
        for information in informations:
            matrices = self.crossed(information[left])
            matrices[:-1, -1] = matrices[-1, :-1] = slope[:, left]
            matrices[:-1] *= keep[:, None, left]
            matrices[:, :-1] *= keep[:, left]
            lost = (keep[:, left] & ~sweep(matrices)[1]).any(axis=0)
            step[left], drop[left] = matrices[:-1, -1].T, np.where(lost, np.nan, -matrices[-1, -1])
            left = left[lost]
        return step, drop

    def crossed(self, weights: Floats) -> Floats:
        """Return the weighted cross-products of the columns, with room for one more, as `sweep` takes them."""
        matrices = np.zeros((self.size + 1, self.size + 1, len(weights)))
        matrices[:-1, :-1] = (weights @ self.products).transpose(0, 2, 1)
        return matrices

    def solve(self, weights: Floats, start: Floats, keep: Flags) -> tuple[Floats, Flags]:
        """Return the coefficients of each replicate and whether its iterations converged."""
        number = len(weights)
        best, ok = np.broadcast_to(start, (number, self.size)).copy(), np.zeros(number, dtype=np.bool_)
        lowest, step, drop = np.full(number, np.inf), np.zeros_like(best), np.full(number, np.inf)
        left = np.arange(number)
        for _ in range(_STEPS):
            trial = best[left] + step[left]
            value, score, information = self.terms(trial, weights[left])
            size = weights[left].sum(axis=1)
            better = value <= lowest[left] + _ROUNDING * size
            taken = left[better]
            best[taken], lowest[taken] = trial[better], value[better]
            step[taken], drop[taken] = self.step(
                score[better], tuple(each[better] for each in information), keep[:, taken]
            )
            step[left[~better]] /= 2
            ok[left] = better & np.isfinite(value) & (drop[left] <= _CLOSE * size)
            left = left[~ok[left] & ~np.isnan(drop[left]) & (better | (np.abs(step[left]).max(axis=1) > _ROUNDING))]
            if not left.size:
                break
        best[ok] += step[ok]
        return best, ok

    def kept(self, weights: Floats) -> Flags:
        """Return which columns are no combination of those before them, shape (column, replicate)."""
        return sweep(self.crossed(weights))[1]

    def rescaling(self) -> Floats:
        """Return the matrix by which coefficients of scaled columns become those of X."""
        return unscaling(self.order, self.centre, np.append(self.scale[:-1], 1.0 if self.log else self.unit))[0]

    def unscaled(self, beta: Floats) -> Floats:
        """Return the coefficients of X, of costs in their own unit."""
        result: Floats = beta @ self.rescaling().T
        if self.log:
            result[:, 0] += np.log(self.unit)
        return result


def means(X: Floats, beta: Floats, link: str) -> Floats:  # noqa: N803
    """Return the mean cost of each patient under each replicate's coefficients, shape (replicate, patient)."""
    linear = beta @ X.T
    return np.exp(linear) if link == "log" else linear


def bootstrap(
    y: Floats,
    X: Floats,  # noqa: N803
    link: str,
    weights: Floats | Counts,
    arms: Sequence[Floats] = (),
    *,
    needed: Sequence[int] = (1,),
) -> GammaFits:
    """Fit a generalised linear model of costs on every resample, weights (replicate, patient).

    `arms` has X as it were had everyone been in each arm; a replicate is of no use without the coefficients of
    `needed`.
    """
    problem = _Problem(y, X, link, needed)
    number = len(weights)
    every = np.ones((1, y.size))
    start, ready = problem.solve(every, problem.start(), problem.kept(every))
    first = start[0] if ready[0] else problem.start()
    result, averages = np.empty((number, X.shape[1])), np.empty((number, len(arms)))
    ok = np.empty(number, dtype=np.bool_)
    step = max(1, _PRODUCTS // (y.size * problem.size))
    for at in range(0, number, step):
        part = slice(at, at + step)
        weight = np.asarray(weights[part], dtype=np.float64)
        keep = problem.kept(weight)
        beta, ok[part] = problem.solve(weight, np.where(keep.T, first, 0.0), keep)
        ok[part] &= keep[problem.size - len(needed) :].all(axis=0)
        result[part] = problem.unscaled(beta)
        for each, as_if in enumerate(arms):
            averages[part, each] = (weight * means(as_if, result[part], link)).sum(axis=1) / weight.sum(axis=1)
    return GammaFits(result, averages, ok)


# Names of the models with a gamma variance, and their links.
LINKS = {"gamma-log": "log", "gamma-identity": "identity"}


def resampled_means(
    values: Floats, plan: regression.RegressionPlan, weights: Floats, model: str
) -> tuple[Floats, Flags]:
    """Return adjusted means of one completed set under each row of weights, and which replicates converged.

    Means have the shape (replicate, perspective, outcome, arm): costs standardised over the replicate's patients, QALYs
    as by `regression.resampled_means`.
    """
    result = regression.resampled_means(values, plan, weights)
    columns = values @ plan.matrix
    ok = np.ones(len(weights), dtype=np.bool_)
    for at in range(len(plan.perspectives)):
        own, adjusting, every = columns[:, plan.covariates + at], columns[:, plan.adjusts[at]], np.ones_like(plan.arm)
        fixed = regression.beside_arms(plan.arm, plan.arms, adjusting)
        arms = [regression.beside_arms(arm * every, plan.arms, adjusting) for arm in range(plan.arms)]
        fits = bootstrap(own, fixed, LINKS[model], weights, arms, needed=range(1, plan.arms))
        result[:, at, 0] = fits.means
        ok &= fits.ok
    return regression.without_rounding(result, values, plan), ok
