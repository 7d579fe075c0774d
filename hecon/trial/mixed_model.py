"""Adjusted arm means by linear mixed models with a random intercept per cluster, and their bootstrap over clusters.

With θ = var_cluster/var_error, Z = [X | y] and w_c copies of cluster c in a resample, a fit needs sums over clusters:
Z'V⁻¹Z = Σ_c w_c [within_c + between_c/(1 + n_c θ)], between_c = n_c z̄_c z̄_c'. Every resample has its own θ.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial.regression import beside_arms, by_arm, scaled, sweep, unscaling, without_rounding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon._arrays import Codes, Counts, Flags, Floats
    from hecon.trial.regression import RegressionPlan
    from hecon.trial.table.checking import TrialData

# Shrinkage 1/(1 + n̄θ) at which the slope of the likelihood is looked at first, from θ = 0 on: it may have more peaks
# than one.
_GRID = np.array([1.0, 0.75, 0.5, 0.3, 0.15, 0.05, 0.01, 1e-4, 1e-9])
# Columns are scaled to a variance of 1, so that a smaller sum of squares is rounding.
_NO_SPREAD = 1e-14
_FLAT = 1e-9
_CLOSE = 1e-7
_STEPS = 60


@dataclass(frozen=True)
class _Sums:
    """Sums of the data by cluster: needed columns stand last before the outcome."""

    within: Floats
    between: Floats
    means: Floats
    sizes: Floats
    order: Codes
    centre: Floats
    scale: Floats


@dataclass(frozen=True)
class _State:
    criterion: Floats
    slope: Floats
    swept: Floats


def _cluster_sums(y: Floats, X: Floats, cluster: Codes, needed: Sequence[int] = (1,)) -> _Sums:  # noqa: N803
    """Return the sums of the data by cluster; codes without a patient add nothing."""
    columns, order, centre, scale = scaled(y, X, needed)
    rows = np.argsort(cluster, kind="stable")
    columns, code = columns[rows], cluster[rows]
    sizes = np.bincount(code).astype(np.float64)
    present = np.flatnonzero(sizes)
    starts = np.searchsorted(code, present)
    means = np.zeros((sizes.size, columns.shape[1]))
    means[present] = np.add.reduceat(columns, starts) / sizes[present, None]
    left = columns - means[code]
    within = np.zeros((sizes.size, columns.shape[1] ** 2))
    within[present] = np.add.reduceat((left[:, :, None] * left[:, None, :]).reshape(code.size, -1), starts)
    between = (sizes[:, None, None] * means[:, :, None] * means[:, None, :]).reshape(sizes.size, -1)
    return _Sums(within, between, means, sizes, order, centre, scale)


class _Profile:
    """The restricted likelihood of a chunk of resamples, profiled over all but the shrinkage s = 1/(1 + n̄θ)."""

    def __init__(self, sums: _Sums, counts: Floats) -> None:
        self.sums, self.counts = sums, np.ascontiguousarray(counts.T)
        self.size = sums.means.shape[1]
        self.within = self._weighted(sums.within, self.counts)
        self.relative = sums.sizes[:, None] * np.count_nonzero(sums.sizes) / sums.sizes.sum()
        self.patients = (sums.sizes[:, None] * self.counts).sum(axis=0)
        self.keep = sweep(self.within + self._weighted(sums.between, self.counts))[1]
        self.df = self.patients - self.keep.sum(axis=0)

    def _weighted(self, squares: Floats, weights: Floats) -> Floats:
        # A stack of small products, each too small for BLAS to start threads, which here would only wait on each other.
        stack = squares.T.reshape(self.size, self.size, -1)
        return stack @ weights

    def at(self, shrinkage: Floats, some: Codes | slice) -> _State:
        """Return −2 log-likelihood, its slope in θ times a positive factor that makes it nearly linear, and the fit."""
        counts, keep, df = self.counts[:, some], self.keep[:, some], self.df[some]
        inverse = 1 + self.relative * (1 / shrinkage - 1)
        weights = counts / inverse
        swept = self.within[:, :, some] + self._weighted(self.sums.between, weights)
        determinant, _ = sweep(swept, keep)
        rest = np.maximum(swept[-1, -1], _NO_SPREAD * self.patients[some])
        error = self.sums.means[:, -1:] - self.sums.means[:, :-1] @ swept[:-1, -1]
        pull = self.relative / inverse
        criterion = df * np.log(rest) + (counts * np.log(inverse)).sum(axis=0) + determinant
        inner = counts - df / rest * weights * self.sums.sizes[:, None] * error**2 - weights * self._leverage(swept)
        return _State(criterion, (pull * inner).sum(axis=0) * rest / shrinkage, swept)

    def _leverage(self, swept: Floats) -> Floats:
        fixed = self.size - 1
        stack = self.sums.between.reshape(-1, self.size, self.size)[:, :fixed, :fixed].transpose(1, 0, 2)
        result: Floats = (stack @ swept[:fixed, :fixed]).sum(axis=0)
        return result

    def optimum(self) -> Floats:
        """Return the shrinkage at which the likelihood is highest."""
        every = np.arange(self.patients.size)
        looks = [self.at(np.full(every.size, each), slice(None)) for each in _GRID]
        slope = np.stack([look.slope for look in looks])
        # Where the likelihood is flat rounding must not give a variance.
        none, last = slope[0] >= -_FLAT * self.df, slope[-1] < 0
        lowest = np.where(none, looks[0].criterion, np.where(last, looks[-1].criterion, np.inf))
        result: Floats = np.where(none, _GRID[0], _GRID[-1])
        place, some = np.nonzero((slope[:-1] < 0) & (slope[1:] >= 0))
        peaks = self._root(some, (_GRID[place + 1], slope[place + 1, some]), (_GRID[place], slope[place, some]))
        several = (np.bincount(some, minlength=every.size) + np.isfinite(lowest) > 1)[some]
        level = np.full(some.size, -np.inf)
        level[several] = self.at(peaks[several], some[several]).criterion
        for each in range(_GRID.size - 1):
            higher = (place == each) & (level < lowest[some] - _FLAT)
            result[some[higher]], lowest[some[higher]] = peaks[higher], level[higher]
        return result

    def _root(self, some: Codes, start: tuple[Floats, Floats], end: tuple[Floats, Floats]) -> Floats:
        """Return the shrinkage at which the slope is 0 between two at which its signs differ (Anderson and Björck)."""
        result = np.empty(some.size)
        places = np.arange(some.size)
        (low, below), (high, above) = start, end
        middle = high - above * (high - low) / (above - below)
        for _ in range(_STEPS):
            slope = self.at(middle, some).slope
            crossed = slope * above < 0
            cut = 1 - slope / above
            below = np.where(crossed, above, below * np.where(cut > 0, cut, 0.5))
            low = np.where(crossed, high, low)
            step = slope * (middle - low) / np.where(slope == 0, 1.0, slope - below)
            result[places] = middle - step
            left = np.abs(step) > _CLOSE * middle
            if not left.any():
                break
            low, below, high, above = low[left], below[left], middle[left], slope[left]
            some, places, middle = some[left], places[left], result[places[left]]
        return result

    def fitted(self) -> tuple[Floats, Floats]:
        """Return the swept matrices and θ, of scaled columns."""
        shrinkage = self.optimum()
        swept = self.at(shrinkage, slice(None)).swept
        average = self.sums.sizes.sum() / np.count_nonzero(self.sums.sizes)
        return swept, (1 / shrinkage - 1) / average


# Resamples are solved together in chunks whose matrices stay in the processor's cache, and whose products are too small
# for BLAS to start threads; but not in so small ones that the calls would take the time.
_NUMBERS, _PRODUCTS, _FEWEST = 2**15, 2**18, 32


@dataclass(frozen=True)
class MixedFits:
    """Mixed models of several outcomes on the same resamples of the clusters."""

    # for each outcome, shape (replicate, column); 0 for a column that is not estimable there
    coefficients: tuple[Floats, ...]
    # for each outcome the mean of each column of X over the patients of the replicate, shape (replicate, column)
    averages: tuple[Floats, ...]
    icc: Floats  # shape (replicate, outcome)
    # whether the needed coefficients are estimable, for every outcome: leave the other replicates out, and count them
    ok: Flags


def bootstrap(
    Y: Floats,  # noqa: N803
    X: Sequence[Floats],  # noqa: N803
    cluster: Codes,
    counts: Counts | Floats,
    *,
    needed: Sequence[int] = (1,),
) -> MixedFits:
    """Fit each outcome of Y on its columns in X, on every resample of the clusters, counts (replicate, cluster).

    Copies of a cluster are clusters of their own. A replicate is of no use without the coefficients of `needed`.
    """
    weights = counts.astype(np.float64)
    result, averages = [], []
    icc, ok = np.empty((len(counts), len(X))), np.ones(len(counts), dtype=np.bool_)
    for each, fixed in enumerate(X):
        sums = _cluster_sums(Y[:, each], fixed, cluster, needed)
        matrix, shift = unscaling(sums.order, sums.centre, sums.scale)
        own, mean = np.empty((2, len(counts), fixed.shape[1]))
        totals = np.stack([np.bincount(cluster, column, sums.sizes.size) for column in fixed.T], axis=1)
        size = sums.means.shape[1]
        step = max(_FEWEST, min(_NUMBERS // size**2, _PRODUCTS // (size * sums.sizes.size)))
        for start in range(0, len(counts), step):
            part = slice(start, start + step)
            profile = _Profile(sums, weights[part])
            swept, theta = profile.fitted()
            mean[part] = weights[part] @ totals / profile.patients[:, None]
            own[part] = swept[:-1, -1].T @ matrix.T + shift
            icc[part, each] = theta / (1 + theta)
            ok[part] &= profile.keep[sums.order.size - len(needed) :].all(axis=0)
        result.append(own)
        averages.append(mean)
    return MixedFits(tuple(result), tuple(averages), icc, ok)


def cluster_counts(cluster: Codes, stratum: Codes | None, replicates: int, rng: np.random.Generator) -> Counts:
    """Return how often each cluster is drawn in each resample, shape (replicate, cluster).

    Each resample holds as many clusters of a stratum, the arm of a parallel trial, as the trial. Without strata, as
    where clusters cross arms in a stepped wedge, all are drawn together.
    """
    if stratum is None:
        stratum = np.zeros_like(cluster)
    counts = np.zeros((replicates, int(cluster.max()) + 1), dtype=np.int64)
    for code in np.unique(stratum):
        members = np.unique(cluster[stratum == code])
        counts[:, members] = rng.multinomial(members.size, np.full(members.size, 1 / members.size), replicates)
    return counts


def fewest(cluster: Codes, stratum: Codes | None) -> int:
    """Return the number of clusters in the stratum that has fewest."""
    members = [cluster] if stratum is None else [cluster[stratum == each] for each in np.unique(stratum)]
    return min(np.unique(each).size for each in members)


def crosses(cluster: Codes, arm: Codes) -> bool:
    """Return whether a cluster has patients in more than one arm, as in a stepped wedge."""
    pairs = np.unique(np.stack([cluster, arm]), axis=1)
    return bool(pairs.shape[1] > np.unique(cluster).size)


# Samples are fitted together in parts: the work of a part grows with the square of its number.
_TOGETHER = 16


def strata(data: TrialData, cluster: Codes) -> Codes | None:
    """Return the stratum of each patient's cluster: its arm, or None where clusters hold several arms."""
    return None if crosses(cluster, data.arm) else data.arm


def _fixed(values: Floats, plan: RegressionPlan, period: Codes | None, outcome: int) -> Floats:
    covariates = (values @ plan.matrix[:, : plan.covariates])[:, plan.adjusts[outcome]]
    periods = [] if period is None else [period[:, None] == np.unique(period)[1:]]
    return beside_arms(plan.arm, plan.arms, *periods, covariates)


def resampled_means(
    values: Floats, plan: RegressionPlan, cluster: Codes, period: Codes | None, counts: Counts | Floats
) -> tuple[Floats, Flags, Floats]:
    """Return adjusted means of one completed set under each row of cluster counts (replicate, cluster).

    Means have the shape (replicate, perspective, outcome, arm); with them which replicates could be fitted, and the
    share of the variance between clusters, shape (replicate, outcome).
    """
    outcomes = values @ plan.matrix[:, plan.covariates :]
    fixed = [_fixed(values, plan, period, each) for each in range(outcomes.shape[1])]
    result = bootstrap(outcomes, fixed, cluster, counts, needed=range(1, plan.arms))
    fitted = zip(result.coefficients, result.averages, strict=True)
    means = [by_arm(beta, average[:, plan.arms :], plan.arms) for beta, average in fitted]
    pairs = [np.stack([means[cost], means[effect]], axis=1) for cost, effect in plan.pairs]
    return without_rounding(np.stack(pairs, axis=1), values, plan), result.ok, result.icc


def means_of_samples(
    values: Floats, plan: RegressionPlan, arm: Codes, cluster: Codes, period: Codes | None
) -> tuple[Floats, Flags]:
    """Return adjusted means of many completed samples (sample, place, variable), and which could be fitted.

    Each sample has patients and clusters of its own: `cluster` is -1 where a place has no patient.
    """
    result, ok = np.empty((len(values), *plan.shape)), np.empty(len(values), dtype=np.bool_)
    size = int(cluster.max()) + 1
    for start in range(0, len(values), _TOGETHER):
        part = slice(start, start + _TOGETHER)
        inside = cluster[part] >= 0
        samples = len(inside)
        code = (cluster[part] + size * np.arange(samples)[:, None])[inside]
        own = replace(plan, arm=np.broadcast_to(arm, inside.shape)[inside])
        when = None if period is None else period[part][inside]
        counts = np.repeat(np.eye(samples, dtype=np.int64), size, axis=1)
        result[part], ok[part], _ = resampled_means(values[part][inside], own, code, when, counts)
    return result, ok
