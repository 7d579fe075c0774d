"""Settings and results of the methods that join imputation and bootstrap, and the two that impute bootstrap samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon.errors import InputError
from hecon.trial import _resampling, _samples, _units, imputation, precision
from hecon.trial._rounding import mean_of
from hecon.trial.models import _clustered, _gamma, _mixed, _outcomes
from hecon.trial.spread import BootstrapThenImputation, Resampled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hecon.trial.imputation import Departure, Imputation, ImputationModel
    from hecon.trial.spread import Spread
    from hecon.trial.table.checking import TrialData
    from hecon.trial.variables import Variables

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Progress = Callable[[str, int, int], None]

# Numbers in the copies of the data that are imputed at once, and in the weights of replicates fitted at once: some tens
# of megabytes.
NUMBERS = 2**21
# Replicates without a fit are the extreme ones; more than lie outside a 95% interval would decide on its ends.
_MOST_DROPPED = 0.05
# With fewer bootstrap samples that could be fitted there is no variance to speak of.
_FEWEST_SAMPLES = 20


@dataclass(frozen=True)
class Settings:
    """What a pipeline is told, as `hecon.trial.analyse` documents it."""

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


def flat(means: Floats) -> Floats:
    """Return means of (..., outcome, arm) as one row of parameters per perspective."""
    result: Floats = means.reshape(*means.shape[:-2], -1)
    return result


def replicates_of(
    values: Floats, data: TrialData, plan: _outcomes.Plan, settings: Settings, rng: np.random.Generator
) -> tuple[Floats, Floats, int, Floats | None]:
    """Return the estimate of one completed set, its replicates, how many of them failed, and each outcome's ICC.

    Replicates are spread about the estimate so that their covariance is that of all units: see `_units.widening`.
    """
    count, factor = settings.samples, _units.widening(data, settings.model)
    if settings.model == "mixed" and data.cluster is not None:
        _refuse_single_cluster(data)
        stratum = _clustered.strata(data, data.cluster)
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
        own = flat(point[0])
        return own, own + factor * (flat(found[ok]) - own), int((~ok).sum()), icc[0]
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
    own = flat(alone[0])
    return own, own + factor * (replicates - own), count - len(replicates), None


def refuse_dropped(model: str, failed: int, total: int) -> None:
    """Refuse a generalised linear model without a fit to more than a few of all replicates."""
    if model in _gamma.LINKS and failed > _MOST_DROPPED * total:
        msg = (
            f"model={model!r} must fit at least {1 - _MOST_DROPPED:.0%} of the bootstrap replicates, or their "
            f"spread is not that of the estimate; it fits {total - failed} of {total}: use model='sur'"
        )
        raise InputError(msg)


def _refuse_single_cluster(data: TrialData) -> None:
    """Refuse to resample a single cluster: its resamples are all the same."""
    if _units.counts(data, "mixed").min() == 1:
        where = "" if _units.cross_arms(data) else " in each arm"
        msg = f"clusters must be two or more{where} to be resampled, got one: set model='sur', which ignores them"
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
) -> tuple[Floats, int]:
    """Return estimates of imputed bootstrap samples, shape (sample, copy, perspective, parameter), and the failed.

    They are spread about their mean as replicates are about the estimate.
    """
    if _units.are_clusters(data, settings.model):
        _refuse_single_cluster(data)
    found, sound = [], []
    block = min(100, max(1, NUMBERS // (all_.values.size * copies)))
    for start in range(0, settings.samples, block):
        count = min(block, settings.samples - start)
        samples = _samples.drawn(data, all_.values, settings.model, count, rng)
        filled = _completed(data, all_, settings, samples, copies, rng)
        means, ok = _of_samples(filled, data, plan, samples, copies)
        found.append(flat(means).reshape(count, copies, len(plan.perspectives), -1))
        sound.append(ok.reshape(count, copies).all(axis=1))
        settings.progress("bootstrap samples", start + count, settings.samples)
    kept = np.concatenate(sound)
    estimates = np.concatenate(found)[kept]
    if len(estimates) < _FEWEST_SAMPLES:
        msg = (
            f"bootstrap samples must tell the arms apart, which {len(estimates)} of {settings.samples} do: "
            "use method='imputation', or give more replicates"
        )
        raise InputError(msg)
    centre = mean_of(estimates.reshape(-1, *estimates.shape[2:]))
    return centre + _units.widening(data, settings.model) * (estimates - centre), int((~kept).sum())


def _completed(  # noqa: PLR0917
    data: TrialData,
    all_: Variables,
    settings: Settings,
    samples: _samples.Samples,
    copies: int,
    rng: np.random.Generator,
) -> Floats:
    """Return completed copies of samples, shape (sample × copy, place, variable)."""
    cluster = samples.cluster
    if cluster is None and data.cluster is not None:
        cluster = data.cluster[samples.rows]
    return imputation.completed(
        data,
        all_,
        np.repeat(samples.of(all_.values, data.arm), copies, axis=0),
        settings.imputing,
        arm=samples.arm,
        cluster=None if cluster is None else np.repeat(cluster, copies, axis=0),
        departures=settings.departures,
        rng=rng,
    )[0]


def _of_samples(
    filled: Floats, data: TrialData, plan: _outcomes.Plan, samples: _samples.Samples, copies: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return adjusted means of completed copies of samples, and which of them could be fitted."""
    if samples.cluster is None:
        return _outcomes.of_each(filled, plan), np.ones(len(filled), dtype=np.bool_)
    period = None if data.period is None else np.repeat(data.period[samples.rows], copies, axis=0)
    return _clustered.of_each(filled, plan, samples.arm, np.repeat(samples.cluster, copies, axis=0), period)


def bootstrap_with_single_imputation(
    data: TrialData, all_: Variables, plan: _outcomes.Plan, settings: Settings, rng: np.random.Generator
) -> Outcome:
    """Impute each bootstrap sample once; the estimates are the sampling distribution, its percentiles the interval."""
    aside = rng.spawn(1)[0]
    estimates, failed = _resampled_sets(data, all_, plan, settings, rng, copies=1)
    found = estimates[:, 0]
    spreads = tuple(Resampled(mean_of(each), each, averaged=True) for each in found.swapaxes(0, 1))
    icc = _icc(_completed_trial(data, all_, settings, aside), data, plan, settings.model)
    return Outcome(
        spreads, found[None], None, 1 if np.isnan(all_.values).any() else None, settings.samples, failed, icc
    )


def _completed_trial(data: TrialData, all_: Variables, settings: Settings, rng: np.random.Generator) -> Floats:
    """Return the trial itself completed a few times, shape (set, patient, variable): once where nothing is missing."""
    copies = _units.SETS if np.isnan(all_.values).any() else 1
    return _completed(data, all_, settings, _samples.whole(data, settings.model), copies, rng)


def _icc(sets: Floats, data: TrialData, plan: _outcomes.Plan, model: str) -> Floats | None:
    """Return the mean intraclass correlation of each outcome over completed sets; None where clusters are ignored."""
    if not _units.are_clusters(data, model) or data.cluster is None:
        return None
    whole = np.ones((1, int(data.cluster.max()) + 1), dtype=np.int64)
    found = [_clustered.resampled(each, plan, data.cluster, data.period, whole)[2][0] for each in sets]
    result: Floats = np.mean(found, axis=0)
    return result


def bootstrap_then_imputation(
    data: TrialData, all_: Variables, plan: _outcomes.Plan, settings: Settings, rng: np.random.Generator
) -> Outcome:
    """Impute each bootstrap sample a few times, and combine the estimates by their analysis of variance."""
    copies = settings.imputations or 2
    aside = rng.spawn(1)[0]
    found, failed = _resampled_sets(data, all_, plan, settings, rng, copies=copies)
    sets = _completed_trial(data, all_, settings, aside)
    complete = _units.complete_df(sets, data, plan, settings.model)
    spreads = tuple(BootstrapThenImputation(found[:, :, at], df) for at, df in enumerate(complete))
    icc = _icc(sets, data, plan, settings.model)
    return Outcome(spreads, found.swapaxes(0, 1), None, copies, settings.samples, failed, icc)
