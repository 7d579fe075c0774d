"""The ways in which imputation and bootstrap go together, from a checked trial to the spread of adjusted arm means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hecon.errors import InputError
from hecon.patients import _resampling, imputation
from hecon.patients.models import _clustered, _gamma, _mixed, _outcomes
from hecon.patients.rubin import Pooled, pool
from hecon.patients.spread import BootstrapThenImputation, Resampled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hecon.patients.imputation import Departure, Imputation
    from hecon.patients.spread import Spread
    from hecon.patients.table.checking import TrialData
    from hecon.patients.variables import Variables

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Progress = Callable[[str, int, int], None]

# Willingness to pay [EUR per QALY] at which net benefit must meet the rule for the number of imputations too.
WTP = (20_000, 50_000, 80_000)
# More imputations than this are no longer added in search of the rule.
MOST_IMPUTATIONS = 100
# Resamples imputed at once: their copies of the data stay within some tens of megabytes.
_BLOCK = 100


@dataclass(frozen=True)
class Settings:
    """What a pipeline is told, as `hecon.patients.analyse` documents it."""

    model: str
    imputations: int | None
    loss: float
    iterations: int
    donors: int
    replicates: int
    departures: tuple[Departure, ...]
    log_from: float
    progress: Progress


@dataclass(frozen=True)
class Outcome:
    """What a pipeline found: one spread per perspective, and the replicates, shape (imputation, replicate, ...)."""

    spreads: tuple[Spread, ...]
    replicates: Floats
    imputed: Imputation | None
    dropped: int = 0
    icc: Floats | None = None


def complete_df(data: TrialData, plan: _outcomes.Plan, model: str) -> float:
    """Return the degrees of freedom had nothing been missing: units less parameters, at least 1."""
    if model == "mixed" and data.cluster is not None:
        return float(max(1, np.unique(data.cluster).size - plan.arms))
    return float(max(1, data.arm.size - plan.arms - max(len(each) for each in plan.adjusts)))


def _flat(means: Floats) -> Floats:
    """Return means of (..., outcome, arm) as one row of parameters per perspective."""
    result: Floats = means.reshape(*means.shape[:-2], -1)
    return result


def replicates_of(
    values: Floats, data: TrialData, plan: _outcomes.Plan, settings: Settings, rng: np.random.Generator
) -> tuple[Floats, Floats, int, Floats | None]:
    """Return the estimate of one completed set, its replicates, how many of them failed, and each outcome's ICC."""
    if settings.model == "mixed" and data.cluster is not None:
        stratum = _clustered.strata(data, data.cluster)
        counts = _mixed.cluster_counts(data.cluster, stratum, settings.replicates, rng)
        whole = np.ones((1, counts.shape[1]), dtype=counts.dtype)
        point, sound, icc = _clustered.resampled(values, plan, data.cluster, data.period, whole)
        if not sound.all():
            msg = (
                "the difference between the arms must be estimable beside the calendar periods, which it is not: "
                "check the columns of the arm, the cluster and the period"
            )
            raise InputError(msg)
        found, ok, _ = _clustered.resampled(values, plan, data.cluster, data.period, counts)
        return _flat(point[0]), _flat(found[ok]), int((~ok).sum()), icc[0]
    rows = _resampling.stratified_rows(data.arm, settings.replicates, rng)
    weights = _resampling.counts(rows, data.arm.size)
    if settings.model in _gamma.LINKS:
        point, sound = _gamma.resampled(values, plan, np.ones((1, data.arm.size)), settings.model)
        if not sound.all():
            msg = f"model={settings.model!r} must converge, which it does not here: use model='sur'"
            raise InputError(msg)
        found, ok = _gamma.resampled(values, plan, weights, settings.model)
        return _flat(point[0]), _flat(found[ok]), int((~ok).sum()), None
    return _flat(_outcomes.estimate(values, plan)), _flat(_outcomes.resampled(values, plan, weights)), 0, None


def imputation_then_bootstrap(
    data: TrialData, all_: Variables, plan: _outcomes.Plan, settings: Settings, rng: np.random.Generator
) -> Outcome:
    """Impute, bootstrap each completed set for its covariance, pool by Rubin's rules; add sets until they suffice."""
    chains, resampling = rng.spawn(2)
    missing = bool(np.isnan(all_.values).any())
    step = 1 if not missing else settings.imputations or 10
    most = step if not missing or settings.imputations else MOST_IMPUTATIONS
    sets: list[Imputation] = []
    points, spreads, replicates, iccs, dropped = [], [], [], [], 0
    while True:
        more = _impute(data, step, settings, chains) if missing else None
        batch = all_.values[None] if more is None else more.values
        if more is not None:
            sets.append(more)
        for values in batch:
            point, own, failed, icc = replicates_of(values, data, plan, settings, resampling)
            points.append(point)
            spreads.append(np.stack([np.cov(each, rowvar=False) for each in own.swapaxes(0, 1)]))
            replicates.append(own)
            iccs.append(icc)
            dropped += failed
            settings.progress("bootstrap", len(points), max(most if settings.imputations else 0, len(points)))
        df = complete_df(data, plan, settings.model)
        pooled = [
            pool([each[at] for each in points], [each[at] for each in spreads], complete_df=df)
            for at in range(len(plan.perspectives))
        ]
        if len(points) >= min(most, _needed(pooled, plan.arms, settings.loss)):
            break
        step = 5
    shortest = min(each.shape[0] for each in replicates)
    return Outcome(
        tuple(pooled),
        np.stack([each[:shortest] for each in replicates]),
        _joined(sets),
        dropped,
        None if iccs[0] is None else np.mean([each for each in iccs if each is not None], axis=0),
    )


def _impute(data: TrialData, count: int, settings: Settings, rng: np.random.Generator) -> Imputation:
    return imputation.impute(
        data,
        count=count,
        iterations=settings.iterations,
        donors=settings.donors,
        log_from=settings.log_from,
        departures=settings.departures,
        rng=rng,
    )


def _joined(sets: list[Imputation]) -> Imputation | None:
    if not sets:
        return None
    values, traces = (
        np.concatenate([getattr(each, name) for each in sets], axis=axis)
        for name, axis in (("values", 0), ("trace", 2))
    )
    return replace(sets[0], values=values, trace=traces)


def _needed(pooled: list[Pooled], arms: int, loss: float) -> float:
    """Return how many imputations keep FMI/M at or below the loss for both differences and net benefit."""
    worst = 0.0
    for each in pooled:
        for arm in range(1, arms):
            difference = np.eye(arms)[arm] - np.eye(arms)[0]
            sums = [(-1.0, value) for value in WTP] + [(1.0, 0.0), (0.0, 1.0)]
            worst = max(worst, *(each.of(np.outer(weights, difference).ravel()).fmi for weights in sums))
    return worst / loss


def _resampled_sets(
    data: TrialData,
    all_: Variables,
    plan: _outcomes.Plan,
    settings: Settings,
    rng: np.random.Generator,
    *,
    copies: int,
) -> Floats:
    """Return estimates of imputed bootstrap samples, shape (sample, copy, perspective, parameter)."""
    found = []
    for start in range(0, settings.replicates, _BLOCK):
        count = min(_BLOCK, settings.replicates - start)
        rows = _drawn_rows(data, all_, count, rng)
        values = np.repeat(all_.values[rows], copies, axis=0)
        filled, _ = imputation.completed(
            data,
            all_,
            values,
            iterations=settings.iterations,
            donors=settings.donors,
            log_from=settings.log_from,
            departures=settings.departures,
            rng=rng,
        )
        found.append(_flat(_outcomes.of_each(filled, plan)).reshape(count, copies, len(plan.perspectives), -1))
        settings.progress("bootstrap samples", start + count, settings.replicates)
    return np.concatenate(found)


def _drawn_rows(data: TrialData, all_: Variables, count: int, rng: np.random.Generator) -> Codes:
    """Return rows of bootstrap samples; one in which nobody of an arm has a variable is drawn again."""
    seen = ~np.isnan(all_.values)
    rows = _resampling.stratified_rows(data.arm, count, rng)
    while True:
        empty = np.zeros(count, dtype=bool)
        for arm in range(len(data.strategies)):
            empty |= ~np.all(np.any(seen[rows[:, data.arm == arm]], axis=1), axis=1)
        if not empty.any():
            return rows
        rows[empty] = _resampling.stratified_rows(data.arm, int(empty.sum()), rng)


def bootstrap_with_single_imputation(
    data: TrialData, all_: Variables, plan: _outcomes.Plan, settings: Settings, rng: np.random.Generator
) -> Outcome:
    """Impute each bootstrap sample once; the estimates are the sampling distribution, its percentiles the interval."""
    found = _resampled_sets(data, all_, plan, settings, rng, copies=1)[:, 0]
    spreads = tuple(Resampled(each.mean(axis=0), each) for each in found.swapaxes(0, 1))
    return Outcome(spreads, found[None], None)


def bootstrap_then_imputation(
    data: TrialData, all_: Variables, plan: _outcomes.Plan, settings: Settings, rng: np.random.Generator
) -> Outcome:
    """Impute each bootstrap sample a few times, and combine the estimates by their analysis of variance."""
    found = _resampled_sets(data, all_, plan, settings, rng, copies=settings.imputations or 2)
    spreads = tuple(BootstrapThenImputation(found[:, :, each]) for each in range(found.shape[2]))
    return Outcome(spreads, found.swapaxes(0, 1), None)
