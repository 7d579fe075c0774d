"""Bootstrap and jackknife as weights on rows, and intervals from replicates: plain NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]


def stratified_rows(stratum: Codes, replicates: int, rng: np.random.Generator) -> Codes:
    """Return the rows of each resample, shape (replicate, row): each stratum keeps its places and its size."""
    rows = np.empty((replicates, stratum.size), dtype=np.intp)
    for code in np.unique(stratum):
        members = np.flatnonzero(stratum == code)
        rows[:, members] = members[rng.integers(0, members.size, (replicates, members.size))]
    return rows


def counts(rows: Codes, size: int) -> Floats:
    """Return how often each row was drawn in each resample, shape (replicate, row)."""
    replicates = rows.shape[0]
    flat = rows + size * np.arange(replicates)[:, None]
    found: Floats = np.bincount(flat.ravel(), minlength=replicates * size).reshape(replicates, size).astype(np.float64)
    return found


def percentile(replicates: Floats, level: float) -> Floats:
    """Return the percentile interval of each column, shape (2, ...)."""
    tail = (1 - level) / 2
    result: Floats = np.quantile(replicates, [tail, 1 - tail], axis=0)
    return result


def acceleration(jackknife: Floats, stratum: Codes) -> Floats:
    """Return BCa's acceleration of each column from delete-one estimates, shape (row, ...).

    Each stratum's estimates are centred on their own mean and scaled by its size, as its resamples are its own.
    """
    influence = np.zeros_like(jackknife)
    for code in np.unique(stratum):
        members = stratum == code
        size = int(members.sum())
        own = jackknife[members]
        influence[members] = (own.mean(axis=0) - own) * (size - 1) / size
    cubes, squares = (influence**3).sum(axis=0), (influence**2).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Floats = np.where(squares > 0, cubes / (6 * squares**1.5), 0.0)
    return result


def bca(replicates: Floats, estimate: Floats, speed: Floats, level: float) -> Floats:
    """Return the bias-corrected and accelerated interval of each column, shape (2, column).

    Where every replicate lies on one side of the estimate, the percentile interval stands in its place.
    """
    below = (replicates < estimate).mean(axis=0) + 0.5 * (replicates == estimate).mean(axis=0)
    found = percentile(replicates, level)
    tails = ndtri(np.array([(1 - level) / 2, (1 + level) / 2]))
    for column in np.flatnonzero((below > 0) & (below < 1)):
        bias = float(ndtri(below[column]))
        shifted = bias + tails
        left = 1 - speed[column] * shifted
        # Beyond the pole of the acceleration lies the end of the distribution.
        reach = ndtr(np.where(left > 0, bias + shifted / np.where(left > 0, left, 1.0), np.copysign(np.inf, shifted)))
        found[:, column] = np.quantile(replicates[:, column], reach)
    return found
