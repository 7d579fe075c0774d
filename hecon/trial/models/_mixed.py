"""Linear mixed models with a random intercept per cluster, and their bootstrap over clusters: plain NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon.errors import InputError
from hecon.trial.models._profile import Profile, cluster_sums
from hecon.trial.models._sweep import unscaling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Codes = NDArray[np.intp]

# Resamples are solved together in chunks whose matrices stay in the processor's cache, and whose products are too small
# for BLAS to start threads; but not in so small ones that the calls would take the time.
_NUMBERS, _PRODUCTS, _FEWEST = 2**15, 2**18, 32


@dataclass(frozen=True)
class Mixed:
    """A linear mixed model.

    Parameters
    ----------
    coefficients, se : ndarray
        Of the columns of X; 0 and NaN for one that is not estimable.
    covariance : ndarray
        Of the coefficients.
    var_cluster, var_error : float
        Variance between clusters and between patients of a cluster.
    icc : float
        Share of the variance that lies between clusters.
    estimable : ndarray
        Whether each column is no combination of those before it.
    """

    coefficients: Floats
    se: Floats
    covariance: Floats
    var_cluster: float
    var_error: float
    icc: float
    estimable: Bools


@dataclass(frozen=True)
class Resampled:
    """Mixed models of several outcomes on the same resamples of the clusters.

    Parameters
    ----------
    coefficients : tuple of ndarray
        For each outcome, shape (replicate, column); 0 for a column that is not estimable there.
    averages : tuple of ndarray
        For each outcome the mean of each column of X over the patients of the replicate, shape (replicate, column).
    icc : ndarray
        Shape (replicate, outcome).
    ok : ndarray
        Whether the needed coefficients are estimable, for every outcome: leave the other replicates out, and count
        them.
    """

    coefficients: tuple[Floats, ...]
    averages: tuple[Floats, ...]
    icc: Floats
    ok: Bools


def fit(y: Floats, X: Floats, cluster: Codes, *, method: str = "reml") -> Mixed:  # noqa: N803
    """Fit a linear mixed model with a random intercept per cluster.

    Parameters
    ----------
    y : ndarray
        Outcome of each patient.
    X : ndarray
        Shape (patient, column), the constant first.
    cluster : ndarray
        Code of each patient's cluster, from 0.
    method : {"reml", "ml"}, default "reml"
        Restricted or full maximum likelihood.
    """
    sums = cluster_sums(y, X, cluster, ())
    profile = Profile(sums, np.ones((1, sums.sizes.size)), restricted=method == "reml")
    swept, theta, error = profile.fitted()
    matrix, shift = unscaling(sums.order, sums.centre, sums.scale)
    var_error = float(error[0])
    covariance = matrix @ (var_error * swept[:-1, :-1, 0]) @ matrix.T
    estimable = profile.keep[np.argsort(sums.order), 0]
    covariance[~estimable] = covariance[:, ~estimable] = np.nan
    return Mixed(
        matrix @ swept[:-1, -1, 0] + shift,
        np.sqrt(np.diag(covariance)),
        covariance,
        var_error * float(theta[0]) * sums.scale[-1] ** 2,
        var_error * sums.scale[-1] ** 2,
        float(theta[0] / (1 + theta[0])),
        estimable,
    )


def bootstrap(
    Y: Floats,  # noqa: N803
    X: Sequence[Floats],  # noqa: N803
    cluster: Codes,
    counts: NDArray[np.int64],
    *,
    method: str = "reml",
    needed: Sequence[int] = (1,),
) -> Resampled:
    """Fit each outcome on every resample of the clusters; copies of a cluster are clusters of their own.

    Parameters
    ----------
    Y : ndarray
        Shape (patient, outcome).
    X : sequence of ndarray
        For each outcome its columns, shape (patient, column), the constant first.
    cluster : ndarray
        Code of each patient's cluster, from 0.
    counts : ndarray
        How often each cluster was drawn, shape (replicate, cluster), from `cluster_counts`.
    method : {"reml", "ml"}, default "reml"
        Restricted or full maximum likelihood.
    needed : sequence of int, default (1,)
        Columns of X without whose coefficient a replicate is of no use: the arms.
    """
    weights = counts.astype(np.float64)
    found, averages = [], []
    icc, ok = np.empty((len(counts), len(X))), np.ones(len(counts), dtype=np.bool_)
    for each, fixed in enumerate(X):
        sums = cluster_sums(Y[:, each], fixed, cluster, needed)
        matrix, shift = unscaling(sums.order, sums.centre, sums.scale)
        own, mean = np.empty((2, len(counts), fixed.shape[1]))
        totals = np.stack([np.bincount(cluster, column, sums.sizes.size) for column in fixed.T], axis=1)
        size = sums.means.shape[1]
        step = max(_FEWEST, min(_NUMBERS // size**2, _PRODUCTS // (size * sums.sizes.size)))
        for start in range(0, len(counts), step):
            part = slice(start, start + step)
            profile = Profile(sums, weights[part], restricted=method == "reml")
            swept, theta, _ = profile.fitted()
            mean[part] = weights[part] @ totals / profile.patients[:, None]
            own[part] = swept[:-1, -1].T @ matrix.T + shift
            icc[part, each] = theta / (1 + theta)
            ok[part] &= profile.keep[sums.order.size - len(needed) :].all(axis=0)
        found.append(own)
        averages.append(mean)
    return Resampled(tuple(found), tuple(averages), icc, ok)


def cluster_counts(
    cluster: Codes, stratum: Codes | None, replicates: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return how often each cluster is drawn in each resample, shape (replicate, cluster).

    Parameters
    ----------
    cluster : ndarray
        Code of each patient's cluster, from 0.
    stratum : ndarray or None
        Code of each patient's stratum, one per cluster: the arm of a parallel trial, of which each resample then holds
        as many clusters as the trial. None where clusters cross arms, as in a stepped wedge: all are drawn together.
    replicates : int
        Number of resamples.
    rng : numpy.random.Generator
        Source of randomness.
    """
    if stratum is None:
        stratum = np.zeros_like(cluster)
    elif crosses(cluster, stratum):
        msg = "stratum must be one per cluster, got clusters in more than one; draw all together (stratum=None)"
        raise InputError(msg)
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
