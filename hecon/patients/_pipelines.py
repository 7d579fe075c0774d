"""Settings and results of the methods that join imputation and bootstrap, and the two that impute bootstrap samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon.errors import InputError
from hecon.patients import _resampling, imputation, precision
from hecon.patients._rounding import mean_of
from hecon.patients.models import _clustered, _gamma, _mixed, _outcomes
from hecon.patients.spread import BootstrapThenImputation, Resampled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hecon.patients.imputation import Departure, Imputation, ImputationModel
    from hecon.patients.spread import Spread
    from hecon.patients.table.checking import TrialData
    from hecon.patients.variables import Variables

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Progress = Callable[[str, int, int], None]

# Numbers in the copies of the data that are imputed at once, and in the weights of replicates fitted at once: some tens
# of megabytes.
NUMBERS = 2**21
# Replicates without a fit are the extreme ones; more than lie outside a 95% interval would decide on its ends.
_MOST_DROPPED = 0.05
# A bootstrap sample in which nobody of an arm has a variable is drawn again so often.
_TRIES = 1000


@dataclass(frozen=True)
class Settings:
    """What a pipeline is told, as `hecon.patients.analyse` documents it."""

    model: str
    imputations: int | None
    monte_carlo_error: float
    imputing: ImputationModel
    replicates: int | None
    departures: tuple[Departure, ...]
    progress: Progress
    given: Imputation | None = None

    @property
    def samples(self) -> int:
        """Replicates of one set of data, or bootstrap samples."""
        return self.replicates or precision.REPLICATES


@dataclass(frozen=True)
class Outcome:
    """What a pipeline found: one spread per perspective, and the replicates, shape (imputation, replicate, ...).

    The number of imputations is that of each sample where samples are imputed, and None where nothing is missing; of
    many imputed sets the first are kept. The number of resamples is that of each set, failed ones included.
    """

    spreads: tuple[Spread, ...]
    replicates: Floats
    imputed: Imputation | None
    imputations: int | None
    resamples: int
    dropped: int = 0
    icc: Floats | None = None


def complete_df(data: TrialData, plan: _outcomes.Plan, model: str) -> float:
    """Return the degrees of freedom had nothing been missing: units less parameters, at least 1."""
    if model == "mixed" and data.cluster is not None:
        return float(max(1, np.unique(data.cluster).size - plan.arms))
    return float(max(1, data.arm.size - plan.arms - max(len(each) for each in plan.adjusts)))


def flat(means: Floats) -> Floats:
    """Return means of (..., outcome, arm) as one row of parameters per perspective."""
    result: Floats = means.reshape(*means.shape[:-2], -1)
    return result


def replicates_of(
    values: Floats, data: TrialData, plan: _outcomes.Plan, settings: Settings, rng: np.random.Generator
) -> tuple[Floats, Floats, int, Floats | None]:
    """Return the estimate of one completed set, its replicates, how many of them failed, and each outcome's ICC."""
    count = settings.samples
    if settings.model == "mixed" and data.cluster is not None:
        stratum = _clustered.strata(data, data.cluster)
        if _mixed.fewest(data.cluster, stratum) == 1:
            where = "" if stratum is None else " in each arm"
            msg = f"clusters must be two or more{where} to be resampled, got one: set model='sur', which ignores them"
            raise InputError(msg)
        counts = _mixed.cluster_counts(data.cluster, stratum, count, rng)
        whole = np.ones((1, counts.shape[1]), dtype=counts.dtype)
        point, sound, icc = _clustered.resampled(values, plan, data.cluster, data.period, whole)
        if not sound.all():
            msg = (
                "the difference between the arms must be estimable beside the calendar periods, which it is not: "
                "check the columns of the arm, the cluster and the period"
            )
            raise InputError(msg)
        found, ok, _ = _clustered.resampled(values, plan, data.cluster, data.period, counts)
        return flat(point[0]), flat(found[ok]), int((~ok).sum()), icc[0]
    if settings.model in _gamma.LINKS:
        _refuse_arms_without_costs(values, data, plan, settings.model)
    alone, fitted = _of_weights(values, plan, settings.model, np.ones((1, data.arm.size)))
    if fitted == 0:
        msg = f"model={settings.model!r} must converge, which it does not here: use model='sur'"
        raise InputError(msg)
    parts = []
    step = max(50, NUMBERS // data.arm.size)
    for start in range(0, count, step):
        rows = _resampling.stratified_rows(data.arm, min(step, count - start), rng)
        parts.append(_of_weights(values, plan, settings.model, _resampling.counts(rows, data.arm.size))[0])
    replicates = flat(np.concatenate(parts))
    return flat(alone[0]), replicates, count - len(replicates), None


def refuse_dropped(model: str, failed: int, total: int) -> None:
    """Refuse a generalised linear model without a fit to more than a few of all replicates."""
    if model in _gamma.LINKS and failed > _MOST_DROPPED * total:
        msg = (
            f"model={model!r} must fit at least {1 - _MOST_DROPPED:.0%} of the bootstrap replicates, or their "
            f"spread is not that of the estimate; it fits {total - failed} of {total}: use model='sur'"
        )
        raise InputError(msg)


def _refuse_arms_without_costs(values: Floats, data: TrialData, plan: _outcomes.Plan, model: str) -> None:
    """Refuse a gamma model of an arm in which every cost is 0: its mean has no logarithm and no variance."""
    for at, perspective in enumerate(plan.perspectives):
        costs = values @ plan.matrix[:, plan.covariates + at]
        for arm, name in enumerate(data.strategies):
            if not (costs[plan.arm == arm] > 0).any():
                msg = (
                    f"model={model!r} needs costs above 0 for some patient of each arm, got none for {name!r} from the "
                    f"{perspective} perspective: use model='sur'"
                )
                raise InputError(msg)


def _of_weights(values: Floats, plan: _outcomes.Plan, model: str, weights: Floats) -> tuple[Floats, int]:
    """Return adjusted means under the weights with which the model could be fitted, and their number."""
    if model in _gamma.LINKS:
        found, ok = _gamma.resampled(values, plan, weights, model)
        return found[ok], int(ok.sum())
    return _outcomes.resampled(values, plan, weights), len(weights)


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
    found, samples = [], settings.samples
    block = min(100, max(1, NUMBERS // (all_.values.size * copies)))
    for start in range(0, samples, block):
        count = min(block, samples - start)
        rows = _drawn_rows(data, all_, count, rng)
        values = np.repeat(all_.values[rows], copies, axis=0)
        filled, _ = imputation.completed(data, all_, values, settings.imputing, departures=settings.departures, rng=rng)
        found.append(flat(_outcomes.of_each(filled, plan)).reshape(count, copies, len(plan.perspectives), -1))
        settings.progress("bootstrap samples", start + count, samples)
    return np.concatenate(found)


def _drawn_rows(data: TrialData, all_: Variables, count: int, rng: np.random.Generator) -> Codes:
    """Return rows of bootstrap samples; one in which nobody of an arm has a variable is drawn again."""
    seen = ~np.isnan(all_.values)
    rows = _resampling.stratified_rows(data.arm, count, rng)
    for _ in range(_TRIES):
        empty = np.zeros(count, dtype=bool)
        for arm in range(len(data.strategies)):
            empty |= ~np.all(np.any(seen[rows[:, data.arm == arm]], axis=1), axis=1)
        if not empty.any():
            return rows
        rows[empty] = _resampling.stratified_rows(data.arm, int(empty.sum()), rng)
    msg = "bootstrap samples must hold every variable in each arm, which few do here: too little of some is known"
    raise InputError(msg)


def bootstrap_with_single_imputation(
    data: TrialData, all_: Variables, plan: _outcomes.Plan, settings: Settings, rng: np.random.Generator
) -> Outcome:
    """Impute each bootstrap sample once; the estimates are the sampling distribution, its percentiles the interval."""
    found = _resampled_sets(data, all_, plan, settings, rng, copies=1)[:, 0]
    spreads = tuple(Resampled(mean_of(each), each, averaged=True) for each in found.swapaxes(0, 1))
    return Outcome(spreads, found[None], None, 1 if np.isnan(all_.values).any() else None, len(found))


def bootstrap_then_imputation(
    data: TrialData, all_: Variables, plan: _outcomes.Plan, settings: Settings, rng: np.random.Generator
) -> Outcome:
    """Impute each bootstrap sample a few times, and combine the estimates by their analysis of variance."""
    copies = settings.imputations or 2
    found = _resampled_sets(data, all_, plan, settings, rng, copies=copies)
    spreads = tuple(BootstrapThenImputation(found[:, :, each]) for each in range(found.shape[2]))
    return Outcome(spreads, found.swapaxes(0, 1), None, copies, len(found))
