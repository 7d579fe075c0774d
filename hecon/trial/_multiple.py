"""Multiple imputation, each completed set bootstrapped for its covariance, pooled by Rubin's rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial import _pipelines, _resampling, _units, imputation, precision
from hecon.trial.models import _outcomes
from hecon.trial.rubin import Pooled, pool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from hecon.trial._freedom import Welch
    from hecon.trial._pipelines import Settings
    from hecon.trial.imputation import Imputation
    from hecon.trial.table.checking import TrialData
    from hecon.trial.variables import Variables

    Floats = NDArray[np.float64]
    # Of one completed set: its estimate, replicates, how many of them failed, and the ICC of each outcome.
    Part = tuple[Floats, Floats, int, Floats | None]

# Numbers in the completed sets that are kept: 134 MB.
_KEPT = 2**24
# Fewer sets at once would gain nothing.
_SOME = 2


def imputation_then_bootstrap(
    data: TrialData, all_: Variables, plan: _outcomes.Plan, settings: Settings, rng: np.random.Generator
) -> _pipelines.Outcome:
    """Impute, bootstrap each completed set for its covariance, pool by Rubin's rules.

    Where the number of sets is open, a pilot gives it and one top-up makes them.
    """
    chains, resampling = rng.spawn(2)
    missing = bool(np.isnan(all_.values).any())
    kept: list[Imputation] = []
    parts: list[Part] = []
    complete: list[Welch | float] = []

    def add(sets: int, replicates: int) -> list[Pooled]:
        own, total = replace(settings, replicates=replicates), len(parts) + sets
        for batch in _batches(data, all_, settings, sets, chains) if missing else [None]:
            values = all_.values[None] if batch is None else batch.values
            if batch is not None:
                _keep(kept, batch)
            for part in _fitted(values, data, plan, own, resampling):
                parts.append(part)
                settings.progress("bootstrap", len(parts), total)
            if not complete:
                complete.extend(_units.complete_df(values, data, plan, settings.model))
        failed = sum(each for *_, each, _ in parts)
        _pipelines.refuse_dropped(settings.model, failed, failed + sum(len(each) for _, each, *_ in parts))
        return _pooled(parts, complete)

    sets = _fixed(settings) if missing else 1
    replicates = settings.replicates or precision.replicates_per_set(sets or precision.MOST)
    pooled = add(sets or precision.PILOT, replicates)
    if sets is None:
        sets = precision.needed(pooled, plan.arms, settings.monte_carlo_error, replicates)
        first, replicates = replicates, settings.replicates or precision.replicates_per_set(sets)
        if replicates > first:
            own = replace(settings, replicates=replicates - first)
            more = _fitted(np.concatenate([each.values for each in kept]), data, plan, own, resampling)
            parts[:] = [_extended(*each) for each in zip(parts, more, strict=True)]
        pooled = add(sets - len(parts), replicates)
    shortest = min(len(each) for _, each, _, _ in parts)
    icc = [each for *_, each in parts if each is not None]
    return _pipelines.Outcome(
        tuple(pooled),
        np.stack([each[:shortest] for _, each, _, _ in parts]),
        _joined(kept),
        sets if missing else None,
        replicates,
        sum(failed for _, _, failed, _ in parts),
        np.mean(icc, axis=0) if icc else None,
    )


def _fixed(settings: Settings) -> int | None:
    """Return the number of completed sets where it is given, else None."""
    return settings.imputations if settings.given is None else settings.given.count


def _extended(part: Part, more: Part) -> Part:
    """Return the estimate of a completed set with more replicates."""
    return part[0], np.concatenate([part[1], more[1]]), part[2] + more[2], part[3]


def _batches(
    data: TrialData, all_: Variables, settings: Settings, count: int, rng: np.random.Generator
) -> Iterator[Imputation]:
    """Yield completed sets, as many at once as memory allows; those that are given are shifted by the departures."""
    step = max(1, _pipelines.NUMBERS // all_.values.size)
    for start in range(0, count, step):
        size, given = min(step, count - start), settings.given
        if given is None:
            yield _more(data, settings, size, rng)
            continue
        own, missing = given.values[start : start + size], np.isnan(all_.values)
        values = imputation.departed(data, all_, own, missing, settings.departures)
        yield replace(given, values=values, trace=given.trace[:, :, start : start + size])


def _more(data: TrialData, settings: Settings, count: int, rng: np.random.Generator) -> Imputation:
    """Return more completed sets, of chains of their own."""
    return imputation.impute(data, count=count, **vars(settings.imputing), departures=settings.departures, rng=rng)


def _keep(kept: list[Imputation], batch: Imputation) -> None:
    """Keep the first completed sets, as memory allows but those of a pilot at least; and of a pilot's the traces."""
    room = max(precision.PILOT, _KEPT // batch.values[0].size) - sum(each.count for each in kept)
    traced = sum(each.trace.shape[2] for each in kept)
    if room > 0:
        trace = batch.trace[:, :, : max(0, precision.PILOT - traced)]
        kept.append(replace(batch, values=batch.values[:room], trace=trace))


def _joined(sets: list[Imputation]) -> Imputation | None:
    """Return several batches of completed sets as one."""
    if not sets:
        return None
    values, traces = (
        np.concatenate([getattr(each, name) for each in sets], axis=axis)
        for name, axis in (("values", 0), ("trace", 2))
    )
    return replace(sets[0], values=values, trace=traces)


def _fitted(
    values: Floats, data: TrialData, plan: _outcomes.Plan, settings: Settings, rng: np.random.Generator
) -> Iterator[Part]:
    """Yield what `replicates_of` returns of each completed set; regressions are fitted to many sets at once."""
    factor = _units.widening(data, settings.model)
    count, columns = settings.samples, plan.arms + plan.matrix.shape[1]
    step = _pipelines.NUMBERS // (data.arm.size * max(count, columns * (columns + 1) // 2))
    if step < _SOME or settings.model != "sur":
        for each in values:
            yield _pipelines.replicates_of(each, data, plan, settings, rng)
        return
    for start in range(0, len(values), step):
        block = values[start : start + step]
        rows = _resampling.stratified_rows(data.arm, len(block) * count, rng)
        weights = _resampling.counts(rows, data.arm.size).reshape(len(block), count, -1)
        means, replicates = _outcomes.of_each(block, plan), _outcomes.resampled_each(block, plan, weights)
        for point, own in zip(_pipelines.flat(means), _pipelines.flat(replicates), strict=True):
            yield point, point + factor * (own - point), 0, None


def _pooled(parts: list[Part], complete: Sequence[Welch | float]) -> list[Pooled]:
    """Return Rubin's rules over the estimates and replicates of imputed sets, by perspective."""
    counts = [len(replicates) for _, replicates, *_ in parts]
    return [
        pool(
            [point[at] for point, *_ in parts],
            [np.cov(replicates[:, at] - point[at], rowvar=False) for point, replicates, *_ in parts],
            complete_df=df,
            replicates=counts,
        )
        for at, df in enumerate(complete)
    ]
