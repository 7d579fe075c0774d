"""What a bootstrap resamples, patients or whole clusters, and what each arm's units alone contribute to a variance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon.trial._freedom import Welch
from hecon.trial.models import _clustered, _gamma, _mixed, _outcomes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.trial.models._outcomes import Plan
    from hecon.trial.table.checking import TrialData

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

# Completed sets over which the arms' own variances are averaged: their ratio hardly moves with the imputation.
SETS = 10


def are_clusters(data: TrialData, model: str) -> bool:
    """Return whether whole clusters are resampled."""
    return model == "mixed" and data.cluster is not None


def cross_arms(data: TrialData) -> bool:
    """Return whether clusters have patients in several arms, so that all clusters are resampled together."""
    return data.cluster is not None and _mixed.crosses(data.cluster, data.arm)


def counts(data: TrialData, model: str) -> Codes:
    """Return the number of units that are resampled for each arm: of all clusters where they cross arms."""
    arms = len(data.strategies)
    if not are_clusters(data, model) or data.cluster is None:
        return np.bincount(data.arm, minlength=arms)
    if cross_arms(data):
        return np.full(arms, np.unique(data.cluster).size)
    return np.array([np.unique(data.cluster[data.arm == arm]).size for arm in range(arms)])


def widening(data: TrialData, model: str) -> Floats:
    """Return √(k/(k − 1)) for each parameter, k the units of its arm.

    A bootstrap of k units gives (k − 1)/k of the variance of their mean. Deviations of each arm's means are multiplied
    by the root of the inverse, so that variances within an arm grow by k/(k − 1) and covariances of two arms by the
    root of both factors.
    """
    units = np.maximum(counts(data, model), 2)
    return np.tile(np.sqrt(units / (units - 1)), 2)


def jackknife(values: Floats, data: TrialData, plan: Plan, model: str) -> tuple[Floats, Codes]:
    """Return estimates without each unit in turn, shape (unit, perspective, parameter), and the stratum of each.

    Units without which the model cannot be fitted are left out.
    """
    if model in _gamma.LINKS:
        found, ok = _gamma.resampled(values, plan, 1 - np.eye(data.arm.size), model)
        found, stratum = found[ok], data.arm[ok]
    elif not are_clusters(data, model) or data.cluster is None:
        found, stratum = _outcomes.without_each(values, plan, data.arm), data.arm
    else:
        size = int(data.cluster.max()) + 1
        found, ok, _ = _clustered.resampled(values, plan, data.cluster, data.period, 1 - np.eye(size, dtype=np.int64))
        stratum = np.zeros(size, dtype=np.intp)
        if not cross_arms(data):
            stratum[data.cluster] = data.arm
        found, stratum = found[ok], stratum[ok]
    return found.reshape(len(found), len(plan.perspectives), -1), stratum


def residual_df(data: TrialData, plan: Plan, model: str) -> Floats:
    """Return the degrees of freedom of each stratum's own variance, at least 1.

    Of n patients less 1, less the covariates in proportion to the arm's share of all patients; of k clusters less 1.
    Where clusters cross arms there is one stratum, with as many as clusters less arms.
    """
    units = counts(data, model).astype(np.float64)
    if not are_clusters(data, model):
        covariates = max(len(each) for each in plan.adjusts)
        found = units - 1 - covariates * units / units.sum()
    elif cross_arms(data):
        found = units[:1] - plan.arms
    else:
        found = units - 1
    least_one: Floats = np.maximum(found, 1.0)
    return least_one


def complete_df(sets: Floats, data: TrialData, plan: Plan, model: str) -> list[Welch | float]:
    """Return the degrees of freedom had nothing been missing, by perspective.

    By Welch and Satterthwaite for the contrast asked, from the jackknife variances of the arms in the first completed
    sets, shape (set, patient, variable); one number where clusters cross arms.
    """
    df = residual_df(data, plan, model)
    if df.size == 1:
        return [float(df[0])] * len(plan.perspectives)
    parts = np.zeros((len(plan.perspectives), df.size, 2 * plan.arms, 2 * plan.arms))
    for values in sets[:SETS]:
        found, stratum = jackknife(values, data, plan, model)
        for code in range(df.size):
            own = found[stratum == code]
            if len(own):
                apart = own - own.mean(axis=0)
                parts[:, code] += (len(own) - 1) / len(own) * np.einsum("upi,upj->pij", apart, apart)
    return [Welch(each, df) for each in parts / min(len(sets), SETS)]
