"""Cluster effects in imputation: a random intercept beside the regression by which a variable is matched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Codes = NDArray[np.intp]


def drawn(residuals: Floats, absent: Flags, cluster: Codes, rng: np.random.Generator) -> Floats:
    """Return what the cluster of each patient adds to a fitted value, shape (imputation, outcome, patient).

    Of the observed patients' residuals the variances between and within clusters are estimated by analysis of variance.
    An absent patient has a draw of the cluster's effect from its distribution given the residuals of its observed
    patients, one draw for all of a cluster in an imputation. An observed patient has the expected effect given the
    residuals of the others: with the patient's own, who lends would be matched on the value to be lent.

    Parameters
    ----------
    residuals : ndarray
        Outcome less fitted value, shape (imputation, outcome, patient); not read where absent.
    absent : ndarray of bool
        Shape (imputation, patient).
    cluster : ndarray
        Code of each patient's cluster from 0, shape (imputation, patient) or (patient,); -1 for a place without one,
        which must be absent.
    rng : numpy.random.Generator
        Source of randomness.
    """
    batch, outcomes, _ = residuals.shape
    code: Codes = np.broadcast_to(np.maximum(cluster, 0), absent.shape)
    size = int(code.max()) + 1
    seen = ~absent
    left = np.where(seen[:, None], residuals, 0.0)
    number = _sums(seen[:, None].astype(np.float64), code, size)
    sums = _sums(left, code, size)
    between, within = _variances(left, seen, number, sums)
    # Within 0 or no cluster at all the ratio has no value: nothing is added then.
    known = number * between
    share = np.divide(known, known + within, out=np.zeros(known.shape), where=known > 0)
    mean = np.divide(sums, number, out=np.zeros(sums.shape), where=number > 0)
    effect = share * mean + np.sqrt(between * (1 - share)) * rng.standard_normal((batch, outcomes, size))
    places = np.broadcast_to(code[:, None], left.shape)
    others = np.take_along_axis(np.broadcast_to(number, sums.shape), places, axis=2) - 1
    rest = np.take_along_axis(sums, places, axis=2) - left
    # The expected effect given the others: their sum times between/(others × between + within).
    scale = np.divide(between, others * between + within, out=np.zeros(left.shape), where=(others > 0) & (between > 0))
    return np.where(seen[:, None], scale * rest, np.take_along_axis(effect, places, axis=2))


def _sums(values: Floats, code: Codes, size: int) -> Floats:
    """Return sums by cluster, shape (imputation, outcome, cluster)."""
    batch, outcomes, _ = values.shape
    row = np.arange(batch * outcomes).reshape(batch, outcomes, 1)
    place = (row * size + code[:, None]).ravel()
    flat: Floats = np.bincount(place, values.ravel(), batch * outcomes * size).astype(np.float64)
    return flat.reshape(batch, outcomes, size)


def _variances(left: Floats, seen: Flags, number: Floats, sums: Floats) -> tuple[Floats, Floats]:
    """Return the variances between and within clusters by analysis of variance, shape (imputation, outcome, 1).

    The first is 0 where it would be negative, or where clusters are too few or too small to tell them apart.
    """
    total = seen.sum(axis=1, dtype=np.float64)[:, None, None]
    clusters = np.count_nonzero(number, axis=2).astype(np.float64)[..., None]
    grand = sums.sum(axis=2, keepdims=True) / np.maximum(total, 1)
    squares = np.divide(sums**2, number, out=np.zeros(sums.shape), where=number > 0).sum(axis=2, keepdims=True)
    inside = np.maximum((left**2).sum(axis=2, keepdims=True) - squares, 0.0)
    apart = np.maximum(squares - total * grand**2, 0.0)
    told = (clusters > 1) & (total > clusters)
    within = np.where(told, inside / np.maximum(total - clusters, 1), 0.0)
    size = (total - (number**2).sum(axis=2, keepdims=True) / np.maximum(total, 1)) / np.maximum(clusters - 1, 1)
    found = (apart / np.maximum(clusters - 1, 1) - within) / np.where(size > 0, size, 1.0)
    return np.where(told, np.maximum(found, 0.0), 0.0), within
