"""Adjusted arm means by linear mixed models, for trials that randomised clusters or let them cross over in steps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial.models import _mixed
from hecon.trial.models._outcomes import pinned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.trial.models._outcomes import Plan
    from hecon.trial.table.checking import TrialData

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Counts = NDArray[np.int64]

# Samples are fitted together in parts: the work of a part grows with the square of its number.
_TOGETHER = 16


def strata(data: TrialData, cluster: Codes) -> Codes | None:
    """Return the stratum of each patient's cluster: its arm, or None where clusters hold several arms."""
    return None if _mixed.crosses(cluster, data.arm) else data.arm


def _fixed(values: Floats, plan: Plan, period: Codes | None, outcome: int) -> Floats:
    covariates = (values @ plan.matrix[:, : plan.covariates])[:, plan.adjusts[outcome]]
    arms = plan.arm[:, None] == np.arange(1, plan.arms)
    periods = np.empty((plan.arm.size, 0)) if period is None else period[:, None] == np.unique(period)[1:]
    return np.column_stack([np.ones(plan.arm.size), arms, periods, covariates]).astype(np.float64)


def resampled(
    values: Floats, plan: Plan, cluster: Codes, period: Codes | None, counts: Counts
) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """Return adjusted means of one completed set under each row of cluster counts.

    Parameters
    ----------
    values : ndarray
        Completed variables, shape (patient, variable).
    plan : Plan
        What is regressed on what.
    cluster : ndarray
        Code of each patient's cluster.
    period : ndarray or None
        Calendar period of each patient.
    counts : ndarray
        How often each resample drew each cluster, shape (replicate, cluster).

    Returns
    -------
    (ndarray, ndarray, ndarray)
        Means of shape (replicate, perspective, outcome, arm); which replicates could be fitted; and the share of the
        variance between clusters, shape (replicate, outcome).
    """
    outcomes = values @ plan.matrix[:, plan.covariates :]
    fixed = [_fixed(values, plan, period, each) for each in range(outcomes.shape[1])]
    found = _mixed.bootstrap(outcomes, fixed, cluster, counts, needed=range(1, plan.arms))
    means = []
    for beta, average in zip(found.coefficients, found.averages, strict=True):
        rest = slice(plan.arms, None)
        reference = beta[:, 0] + (beta[:, rest] * average[:, rest]).sum(axis=1)
        means.append(np.concatenate([reference[:, None], reference[:, None] + beta[:, 1 : plan.arms]], axis=1))
    pairs = [np.stack([means[cost], means[effect]], axis=1) for cost, effect in plan.pairs]
    return pinned(np.stack(pairs, axis=1), values, plan), found.ok, found.icc


def of_each(
    values: Floats, plan: Plan, arm: Codes, cluster: Codes, period: Codes | None
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return adjusted means of many completed samples, each with patients and clusters of its own.

    Parameters
    ----------
    values : ndarray
        Completed variables, shape (sample, place, variable).
    plan : Plan
        What is regressed on what.
    arm : ndarray
        Arm of each place.
    cluster : ndarray
        Number of each patient's cluster in its sample, shape (sample, place); -1 where there is no patient.
    period : ndarray or None
        Calendar period of each patient, shape (sample, place).

    Returns
    -------
    (ndarray, ndarray)
        Means of shape (sample, perspective, outcome, arm), and which samples could be fitted.
    """
    found, ok = np.empty((len(values), *plan.shape)), np.empty(len(values), dtype=np.bool_)
    size = int(cluster.max()) + 1
    for start in range(0, len(values), _TOGETHER):
        part = slice(start, start + _TOGETHER)
        inside = cluster[part] >= 0
        samples = len(inside)
        code = (cluster[part] + size * np.arange(samples)[:, None])[inside]
        own = replace(plan, arm=np.broadcast_to(arm, inside.shape)[inside])
        when = None if period is None else period[part][inside]
        counts = np.repeat(np.eye(samples, dtype=np.int64), size, axis=1)
        found[part], ok[part], _ = resampled(values[part][inside], own, code, when, counts)
    return found, ok
