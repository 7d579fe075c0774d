"""Three ways from records with missing values to replicates of the adjusted means."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from hecon.errors import InputError
from hecon.trial import gamma_model, imputation, mixed_model, regression
from hecon.trial.estimates import BootstrapThenImputation, PooledImputations, Resampled, mean_of, pool
from hecon.trial.reference_based import impute_after, reference_plan
from hecon.trial.resampling import (
    SETS,
    Samples,
    complete_df,
    counts,
    cross_arms,
    draw_samples,
    means_under,
    stratified_rows,
    times_drawn,
    whole_clusters,
    whole_trial,
    widening,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hecon._arrays import Codes, Flags, Floats
    from hecon.trial.estimates import Spread, Welch
    from hecon.trial.imputation import Departure, Imputation, ImputationModel, Variables
    from hecon.trial.reference_based import ReferencePlan
    from hecon.trial.table.checking import TrialData

    Progress = Callable[[str, int, int], None]
    Part = tuple[Floats, Floats, int, Floats | None]

# Numbers in the copies of the data that are imputed at once, and in the weights of replicates fitted at once: some tens
# of megabytes.
NUMBERS = 2**21
# Replicates without a fit are the extreme ones; more than lie outside a 95% interval would decide on its ends.
_MOST_DROPPED = 0.05
# Fewest fitted bootstrap samples that give a variance.
_FEWEST_SAMPLES = 20


@dataclass(frozen=True)
class Settings:
    """Settings of a pipeline, as `hecon.trial.analyse` documents them."""

    model: str
    imputations: int | None
    monte_carlo_error: float
    imputing: ImputationModel
    replicates: int | None
    departures: tuple[Departure, ...]
    progress: Progress
    given: Imputation | None = None
    reference_based: str | None = None

    @property
    def samples(self) -> int:
        """Replicates of one set of data, or bootstrap samples."""
        return self.replicates or imputation.FEWEST_IN_ALL


@dataclass(frozen=True)
class Task:
    """What a pipeline works on: a checked trial with its variables, their regressions and the settings."""

    data: TrialData
    all_: Variables
    plan: regression.RegressionPlan
    settings: Settings

    @property
    def missing(self) -> bool:
        """Whether anything is missing."""
        return bool(self.all_.missing.any())

    @cached_property
    def reference(self) -> ReferencePlan | None:
        """Which values follow the arm of reference, and how."""
        return reference_plan(self.data, self.all_, self.settings.reference_based)

    @property
    def cluster(self) -> Codes | None:
        """Clusters of the patients, where whole clusters are resampled."""
        return whole_clusters(self.data, self.settings.model)


@dataclass(frozen=True)
class PipelineResult:
    """Results of a pipeline: one spread per perspective, and the replicates, shape (imputation, replicate, ...).

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
    return means.reshape(*means.shape[:-2], -1)


def replicates_of(
    values: Floats, data: TrialData, plan: regression.RegressionPlan, settings: Settings, rng: np.random.Generator
) -> tuple[Floats, Floats, int, Floats | None]:
    """Return the estimate of one completed set, its replicates, how many of them failed, and each outcome's ICC.

    Replicates are spread about the estimate so that their covariance is that of all units: see `resampling.widening`.
    """
    model, count = settings.model, settings.samples
    cluster = whole_clusters(data, model)
    if cluster is not None:
        _refuse_single_cluster(data)
    elif model in gamma_model.LINKS:
        _refuse_arms_without_costs(values, data, plan, model)
    units = data.arm.size if cluster is None else int(cluster.max()) + 1
    point, sound, icc = means_under(values, data, plan, model, np.ones((1, units)))
    if not sound.all():
        msg = f"model={model!r} must converge, which it does not here: use model='sur'"
        if cluster is not None:
            msg = (
                "the difference between the arms must be estimable beside the calendar periods, which it is not: "
                "check the columns of the arm, the cluster and the period"
            )
        raise InputError(msg)
    parts = []
    for weights in _resamples(data, cluster, count, rng):
        means, ok, _ = means_under(values, data, plan, model, weights)
        parts.append(means[ok])
    own, replicates = flat(point[0]), flat(np.concatenate(parts))
    spread = own + widening(data, model) * (replicates - own)
    return own, spread, count - len(replicates), None if icc is None else icc[0]


def _resamples(data: TrialData, cluster: Codes | None, count: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield how often each patient, or cluster, was drawn in the next resamples, shape (replicate, unit)."""
    if cluster is not None:
        yield mixed_model.cluster_counts(cluster, mixed_model.strata(data, cluster), count, rng).astype(np.float64)
        return
    step = max(50, NUMBERS // data.arm.size)
    for start in range(0, count, step):
        yield times_drawn(stratified_rows(data.arm, min(step, count - start), rng), data.arm.size)


def refuse_dropped(model: str, failed: int, total: int) -> None:
    """Refuse a generalised linear model without a fit to more than a few of all replicates."""
    if model in gamma_model.LINKS and failed > _MOST_DROPPED * total:
        msg = (
            f"model={model!r} must fit at least {1 - _MOST_DROPPED:.0%} of the bootstrap replicates, or their "
            f"spread is not that of the estimate; it fits {total - failed} of {total}: use model='sur'"
        )
        raise InputError(msg)


def _refuse_single_cluster(data: TrialData) -> None:
    """Refuse to resample a single cluster: its resamples are all the same."""
    if counts(data, "mixed").min() == 1:
        where = "" if cross_arms(data) else " in each arm"
        msg = (
            f"clusters must be two or more{where} to be resampled, got one: call hecon.trial.analyse with model='sur' "
            "(--model sur), which ignores them"
        )
        raise InputError(msg)


def _refuse_arms_without_costs(values: Floats, data: TrialData, plan: regression.RegressionPlan, model: str) -> None:
    """Refuse a gamma model of costs below 0, or of an arm in which every cost is 0: its mean has no logarithm."""
    for at, perspective in enumerate(plan.perspectives):
        costs = values @ plan.matrix[:, plan.covariates + at]
        if data.negative and (costs < 0).any():
            msg = (
                f"model={model!r} needs costs of at least 0 for every patient, got some below 0 from the {perspective} "
                "perspective: use model='sur'"
            )
            raise InputError(msg)
        for arm, name in enumerate(data.strategies):
            if not (costs[plan.arm == arm] > 0).any():
                msg = (
                    f"model={model!r} needs costs above 0 for some patient of each arm, got none for {name!r} from the "
                    f"{perspective} perspective: use model='sur'"
                )
                raise InputError(msg)


def _resampled_sets(task: Task, rng: np.random.Generator, *, copies: int) -> tuple[Floats, int]:
    """Return estimates of imputed bootstrap samples, shape (sample, copy, perspective, parameter), and the failed.

    They are spread about their mean as replicates are about the estimate.
    """
    data, settings, values = task.data, task.settings, task.all_.values
    if task.cluster is not None:
        _refuse_single_cluster(data)
    result, sound = [], []
    block = min(100, max(1, NUMBERS // (values.size * copies)))
    for start in range(0, settings.samples, block):
        count = min(block, settings.samples - start)
        samples = draw_samples(data, task.all_, settings.model, count, rng)
        means, ok = _of_samples(task, _completed(task, samples, copies, rng), samples, copies)
        result.append(flat(means).reshape(count, copies, len(task.plan.perspectives), -1))
        sound.append(ok.reshape(count, copies).all(axis=1))
        settings.progress("bootstrap samples", start + count, settings.samples)
    kept = np.concatenate(sound)
    estimates = np.concatenate(result)[kept]
    if len(estimates) < _FEWEST_SAMPLES:
        msg = (
            f"bootstrap samples must tell the arms apart, which {len(estimates)} of {settings.samples} do: "
            "use method='imputation', or give more replicates"
        )
        raise InputError(msg)
    centre = mean_of(estimates.reshape(-1, *estimates.shape[2:]))
    return centre + widening(data, settings.model) * (estimates - centre), int((~kept).sum())


def _completed(task: Task, samples: Samples, copies: int, rng: np.random.Generator) -> Floats:
    """Return completed copies of samples, shape (sample × copy, place, variable)."""
    data, cluster = task.data, samples.cluster
    if cluster is None and data.cluster is not None:
        cluster = data.cluster[samples.rows]
    return imputation.complete_values(
        data,
        task.all_,
        np.repeat(samples.of(task.all_.living, data.arm), copies, axis=0),
        task.settings.imputing,
        arm=samples.arm,
        cluster=None if cluster is None else np.repeat(cluster, copies, axis=0),
        rows=np.repeat(samples.rows, copies, axis=0),
        departures=task.settings.departures,
        reference=task.reference,
        rng=rng,
    )[0]


def _of_samples(task: Task, filled: Floats, samples: Samples, copies: int) -> tuple[Floats, Flags]:
    """Return adjusted means of completed copies of samples, and which of them could be fitted."""
    if samples.cluster is None:
        return regression.means_of_sets(filled, task.plan), np.ones(len(filled), dtype=np.bool_)
    period = None if task.data.period is None else np.repeat(task.data.period[samples.rows], copies, axis=0)
    cluster = np.repeat(samples.cluster, copies, axis=0)
    return mixed_model.means_of_samples(filled, task.plan, samples.arm, cluster, period)


def bootstrap_with_single_imputation(task: Task, rng: np.random.Generator) -> PipelineResult:
    """Impute each bootstrap sample once; the estimates are the sampling distribution, its percentiles the interval."""
    aside = rng.spawn(1)[0]
    estimates, failed = _resampled_sets(task, rng, copies=1)
    result = estimates[:, 0]
    spreads = tuple(Resampled(mean_of(each), each, averaged=True) for each in result.swapaxes(0, 1))
    icc = None if task.cluster is None else _icc(task, _completed_trial(task, aside))
    return PipelineResult(spreads, result[None], None, 1 if task.missing else None, task.settings.samples, failed, icc)


def _completed_trial(task: Task, rng: np.random.Generator) -> Floats:
    """Return the trial itself completed a few times, shape (set, patient, variable): once where nothing is missing."""
    return _completed(task, whole_trial(task.data, task.settings.model), SETS if task.missing else 1, rng)


def _icc(task: Task, sets: Floats) -> Floats | None:
    """Return the mean intraclass correlation of each outcome over completed sets; None where clusters are ignored."""
    cluster = task.cluster
    if cluster is None:
        return None
    once = np.ones((1, int(cluster.max()) + 1))
    each = [mixed_model.resampled_means(values, task.plan, cluster, task.data.period, once)[2][0] for values in sets]
    result: Floats = np.mean(each, axis=0)
    return result


def bootstrap_then_imputation(task: Task, rng: np.random.Generator) -> PipelineResult:
    """Impute each bootstrap sample a few times, and combine the estimates by their analysis of variance."""
    copies = task.settings.imputations or 2
    aside = rng.spawn(1)[0]
    result, failed = _resampled_sets(task, rng, copies=copies)
    sets = _completed_trial(task, aside)
    complete = complete_df(sets, task.data, task.plan, task.settings.model)
    spreads = tuple(BootstrapThenImputation(result[:, :, at], df) for at, df in enumerate(complete))
    icc = _icc(task, sets)
    return PipelineResult(spreads, result.swapaxes(0, 1), None, copies, task.settings.samples, failed, icc)


# Numbers in the completed sets that are kept: 134 MB.
_KEPT = 2**24
# Fewest completed sets that are fitted at once.
_SOME = 2


def imputation_then_bootstrap(task: Task, rng: np.random.Generator) -> PipelineResult:
    """Impute, bootstrap each completed set for its covariance, pool by Rubin's rules.

    Where the number of sets is open, a pilot gives it and one top-up makes them.
    """
    settings = task.settings
    chains, resampling = rng.spawn(2)
    made = _CompletedSets(task, chains, resampling)
    given = settings.imputations if settings.given is None else settings.given.count
    sets = given if task.missing else 1
    replicates = settings.replicates or imputation.replicates_per_set(sets or imputation.MOST_SETS)
    pooled = made.add(sets or imputation.PILOT, replicates)
    if sets is None:
        worth = task.data.effect.worth(task.data.rules)
        sets = imputation.sets_needed(pooled, task.plan.arms, worth, settings.monte_carlo_error, replicates)
        first, replicates = replicates, settings.replicates or imputation.replicates_per_set(sets)
        if replicates > first:
            made.extend(replicates - first)
        pooled = made.add(sets - len(made.parts), replicates)
    shortest = min(len(each) for _, each, _, _ in made.parts)
    icc = [each for *_, each in made.parts if each is not None]
    return PipelineResult(
        tuple(pooled),
        np.stack([each[:shortest] for _, each, _, _ in made.parts]),
        _joined(made.kept),
        sets if task.missing else None,
        replicates,
        made.failed,
        np.mean(icc, axis=0) if icc else None,
    )


def fitted_given(
    task: Task, variants: Sequence[tuple[Departure, ...]], rng: np.random.Generator
) -> tuple[list[list[Part]], list[Welch | float]]:
    """Return estimates and replicates of the given sets under each of several departures, by variant.

    All variants share their bootstrap samples: with one seed each is what `imputation_then_bootstrap` makes of it
    alone.
    Beside them stand the complete degrees of freedom without a departure.
    """
    data, all_, given, count = task.data, task.all_, task.settings.given, task.settings.replicates
    assert given is not None and count is not None  # noqa: S101, PT018 (set by the caller)
    missing, resampling = all_.missing & ~all_.unplanned, rng.spawn(2)[1]
    streams = [copy.deepcopy(resampling) for _ in variants]
    parts: list[list[Part]] = [[] for _ in variants]
    step = max(1, NUMBERS // all_.values.size)
    for start in range(0, given.count, step):
        own = given.values[start : start + step]
        shifted = [imputation.apply_departures(data, all_, own, missing, each) for each in variants]
        shifted = [imputation.with_interval(data, all_, each) for each in shifted]
        for made, each in zip(parts, _fitted_alike(task, shifted, count, streams), strict=True):
            made.extend(each)
    return parts, complete_df(given.values, data, task.plan, task.settings.model)


@dataclass(frozen=True)
class _CompletedSets:
    """Completed sets in the making: the first of them, the estimate and replicates of each, and their complete df."""

    task: Task
    chains: np.random.Generator
    resampling: np.random.Generator
    kept: list[Imputation] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    complete: list[Welch | float] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """Replicates without a fit."""
        return sum(each for *_, each, _ in self.parts)

    def add(self, sets: int, replicates: int) -> list[PooledImputations]:
        """Make more sets with replicates of each, and pool all by perspective; whole data are the one set."""
        task, total = self.task, len(self.parts) + sets
        for batch in _batches(task, sets, self.chains) if task.missing else [None]:
            values = task.all_.values[None] if batch is None else batch.values
            if batch is not None:
                _keep(self.kept, batch)
            for part in _fitted(task, values, replicates, self.resampling):
                self.parts.append(part)
                task.settings.progress("bootstrap", len(self.parts), total)
            if not self.complete:
                self.complete.extend(complete_df(values, task.data, task.plan, task.settings.model))
        refuse_dropped(task.settings.model, self.failed, self.failed + sum(len(each) for _, each, *_ in self.parts))
        return pooled(self.parts, self.complete)

    def extend(self, replicates: int) -> None:
        """Add replicates to each set that is kept."""
        values = np.concatenate([each.values for each in self.kept])
        more = _fitted(self.task, values, replicates, self.resampling)
        self.parts[:] = [
            (point, np.concatenate([first, added]), failed + also_failed, icc)
            for (point, first, failed, icc), (_, added, also_failed, _) in zip(self.parts, more, strict=True)
        ]


def _batches(task: Task, count: int, rng: np.random.Generator) -> Iterator[Imputation]:
    """Yield completed sets, as many at once as memory allows; those that are given are shifted by the departures."""
    data, all_, settings = task.data, task.all_, task.settings
    step, given = max(1, NUMBERS // all_.values.size), settings.given
    for start in range(0, count, step):
        size = min(step, count - start)
        if given is None:
            assumed = {"departures": settings.departures, "reference_based": settings.reference_based}
            options = {**vars(settings.imputing), **assumed}
            yield imputation.impute(data, count=size, rng=rng, **options)
            continue
        own = given.values[start : start + size]
        if task.reference is not None:
            own = impute_after(task.reference, own, data.arm, rng)
        missing = all_.missing & ~all_.unplanned
        values = imputation.apply_departures(data, all_, own, missing, settings.departures)
        values = imputation.with_interval(data, all_, values)
        yield replace(given, values=values, trace=given.trace[:, :, start : start + size])


def _keep(kept: list[Imputation], batch: Imputation) -> None:
    """Keep the first completed sets, as memory allows but those of a pilot at least; and of a pilot's the traces."""
    room = max(imputation.PILOT, _KEPT // batch.values[0].size) - sum(each.count for each in kept)
    traced = sum(each.trace.shape[2] for each in kept)
    if room > 0:
        trace = batch.trace[:, :, : max(0, imputation.PILOT - traced)]
        kept.append(replace(batch, values=batch.values[:room], trace=trace))


def _joined(sets: list[Imputation]) -> Imputation | None:
    """Return several batches of completed sets as one."""
    if not sets:
        return None
    values = np.concatenate([each.values for each in sets])
    return replace(sets[0], values=values, trace=np.concatenate([each.trace for each in sets], axis=2))


def _fitted(task: Task, values: Floats, count: int, rng: np.random.Generator) -> list[Part]:
    """Return what `replicates_of` returns of each completed set."""
    return _fitted_alike(task, [values], count, [rng])[0]


def _fitted_alike(
    task: Task, variants: Sequence[Floats], count: int, streams: Sequence[np.random.Generator]
) -> list[list[Part]]:
    """Return what `replicates_of` returns of each completed set of several variants, by variant.

    Regressions are fitted to many sets at once, and those of all variants to the bootstrap samples of the first stream;
    other models draw the same from one stream each.
    """
    data, plan, settings = task.data, task.plan, replace(task.settings, replicates=count)
    factor, columns = widening(data, settings.model), plan.arms + plan.matrix.shape[1]
    step = NUMBERS // (data.arm.size * max(count, columns * (columns + 1) // 2))
    if step < _SOME or settings.model != "sur":
        return [
            [replicates_of(each, data, plan, settings, rng) for each in values]
            for values, rng in zip(variants, streams, strict=True)
        ]
    parts: list[list[Part]] = [[] for _ in variants]
    for start in range(0, len(variants[0]), step):
        size = min(step, len(variants[0]) - start)
        rows = stratified_rows(data.arm, size * count, streams[0])
        weights = times_drawn(rows, data.arm.size).reshape(size, count, -1)
        for made, values in zip(parts, variants, strict=True):
            block = values[start : start + size]
            means = flat(regression.means_of_sets(block, plan))
            replicates = flat(regression.resampled_means_of_sets(block, plan, weights))
            made += [(one, one + factor * (own - one), 0, None) for one, own in zip(means, replicates, strict=True)]
    return parts


def pooled(parts: Sequence[Part], complete: Sequence[Welch | float]) -> list[PooledImputations]:
    """Return Rubin's rules over the estimates and replicates of imputed sets, by perspective."""
    counts = [len(replicates) for _, replicates, *_ in parts]
    return [
        pool(
            [point[at] for point, *_ in parts],
            _covariances([replicates[:, at] - point[at] for point, replicates, *_ in parts]),
            complete_df=df,
            replicates=counts,
        )
        for at, df in enumerate(complete)
    ]


def _covariances(apart: list[Floats]) -> Floats:
    """Return the covariance of the replicates of each set, all at once where the sets have as many."""
    if len({len(each) for each in apart}) > 1:
        return np.stack([np.cov(each, rowvar=False) for each in apart])
    stacked = np.stack(apart)
    stacked -= stacked.mean(axis=1, keepdims=True)
    result: Floats = stacked.transpose(0, 2, 1) @ stacked / (stacked.shape[1] - 1)
    return result
