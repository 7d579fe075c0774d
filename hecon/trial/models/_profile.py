"""The likelihood of a linear mixed model with a random intercept per cluster, from sums over clusters: plain NumPy.

With θ = var_cluster/var_error and Z = [X | y], all that a fit needs are sums over clusters:

    Z'V⁻¹Z = Σ_c w_c [within_c + between_c/(1 + n_c θ)],  between_c = n_c z̄_c z̄_c'

in which w_c is how often a resample drew cluster c, each copy being a cluster of its own. Nothing is subtracted, so no
digits are lost, whatever θ. Every resample has its own θ; it is sought for all of them side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial.models._sweep import scaled, sweep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

# Shrinkage 1/(1 + n̄θ) at which the slope of the likelihood is looked at first, from θ = 0 on: it may have more peaks
# than one.
GRID = np.array([1.0, 0.75, 0.5, 0.3, 0.15, 0.05, 0.01, 1e-4, 1e-9])
# Columns are scaled to a variance of 1, so that a smaller sum of squares is rounding.
_NO_SPREAD = 1e-14
_FLAT = 1e-9
_CLOSE = 1e-7
_STEPS = 60


@dataclass(frozen=True)
class Sums:
    """What the data add up to by cluster: needed columns stand last before the outcome."""

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


def cluster_sums(y: Floats, X: Floats, cluster: Codes, needed: Sequence[int] = (1,)) -> Sums:  # noqa: N803
    """Return what the data add up to by cluster; codes without a patient add nothing."""
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
    return Sums(within, between, means, sizes, order, centre, scale)


class Profile:
    """The likelihood of a chunk of resamples, profiled over all but the shrinkage s = 1/(1 + n̄θ)."""

    def __init__(self, sums: Sums, counts: Floats, *, restricted: bool) -> None:
        self.sums, self.counts, self.restricted = sums, np.ascontiguousarray(counts.T), restricted
        self.size = sums.means.shape[1]
        self.within = self._weighted(sums.within, self.counts)
        self.relative = sums.sizes[:, None] * np.count_nonzero(sums.sizes) / sums.sizes.sum()
        self.patients = (sums.sizes[:, None] * self.counts).sum(axis=0)
        self.keep = sweep(self.within + self._weighted(sums.between, self.counts))[1]
        self.df = self.patients - (self.keep.sum(axis=0) if restricted else 0)

    def _weighted(self, squares: Floats, weights: Floats) -> Floats:
        # A stack of small products, each too small for BLAS to start threads, which here would only wait on each other.
        stack = squares.T.reshape(self.size, self.size, -1)
        found: Floats = stack @ weights
        return found

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
        criterion = df * np.log(rest) + (counts * np.log(inverse)).sum(axis=0)
        inner = counts - df / rest * weights * self.sums.sizes[:, None] * error**2
        if self.restricted:
            criterion += determinant
            leverage = self._leverage(swept)
            inner -= weights * leverage
        return _State(criterion, (pull * inner).sum(axis=0) * rest / shrinkage, swept)

    def _leverage(self, swept: Floats) -> Floats:
        fixed = self.size - 1
        stack = self.sums.between.reshape(-1, self.size, self.size)[:, :fixed, :fixed].transpose(1, 0, 2)
        found: Floats = (stack @ swept[:fixed, :fixed]).sum(axis=0)
        return found

    def optimum(self) -> Floats:
        """Return the shrinkage at which the likelihood is highest."""
        every = np.arange(self.patients.size)
        looks = [self.at(np.full(every.size, each), slice(None)) for each in GRID]
        slope = np.stack([look.slope for look in looks])
        # On a flat top rounding must not make a variance of nothing.
        none, last = slope[0] >= -_FLAT * self.df, slope[-1] < 0
        lowest = np.where(none, looks[0].criterion, np.where(last, looks[-1].criterion, np.inf))
        found: Floats = np.where(none, GRID[0], GRID[-1])
        place, some = np.nonzero((slope[:-1] < 0) & (slope[1:] >= 0))
        peaks = self._root(some, (GRID[place + 1], slope[place + 1, some]), (GRID[place], slope[place, some]))
        several = (np.bincount(some, minlength=every.size) + np.isfinite(lowest) > 1)[some]
        level = np.full(some.size, -np.inf)
        level[several] = self.at(peaks[several], some[several]).criterion
        for each in range(GRID.size - 1):
            higher = (place == each) & (level < lowest[some] - _FLAT)
            found[some[higher]], lowest[some[higher]] = peaks[higher], level[higher]
        return found

    def _root(self, some: Codes, start: tuple[Floats, Floats], end: tuple[Floats, Floats]) -> Floats:
        """Return the shrinkage at which the slope is 0 between two at which its signs differ (Anderson and Björck)."""
        found = np.empty(some.size)
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
            found[places] = middle - step
            left = np.abs(step) > _CLOSE * middle
            if not left.any():
                break
            low, below, high, above = low[left], below[left], middle[left], slope[left]
            some, places, middle = some[left], places[left], found[places[left]]
        return found

    def fitted(self) -> tuple[Floats, Floats, Floats]:
        """Return the swept matrices, θ and the variance of the errors, all of scaled columns."""
        shrinkage = self.optimum()
        swept = self.at(shrinkage, slice(None)).swept
        average = self.sums.sizes.sum() / np.count_nonzero(self.sums.sizes)
        return swept, (1 / shrinkage - 1) / average, np.maximum(swept[-1, -1], 0.0) / np.maximum(self.df, 1.0)
