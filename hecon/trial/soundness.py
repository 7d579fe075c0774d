"""Doubts about the analysis of a trial: few patients or clusters, skewness, outcomes that do not vary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.draws import FEWEST_FREEDOM
from hecon.errors import InputError
from hecon.files.faults import first_of
from hecon.trial import imputation, mixed_model
from hecon.trial.estimates import smallest_df

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from hecon._arrays import Flags, Floats
    from hecon.trial import pipelines
    from hecon.trial.analysis import PerspectiveAnalysis
    from hecon.trial.imputation import Variables
    from hecon.trial.regression import RegressionPlan
    from hecon.trial.table.checking import TrialData

# Our limit: a count below it is far from normal, and its standard error is a third of it or more.
FEW_EVENTS = 10
# Our limit: a bootstrap of k clusters gives √((k − 1)/k) of the standard error of their mean, at 10 95% of it.
_FEW_CLUSTERS = 10


@dataclass(frozen=True)
class Doubt:
    """A statistical doubt about an analysis: its code, what it is about as plain JSON, and in a sentence."""

    code: str
    text: str
    about: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Variation:
    """An outcome that does not vary within some arms, or hardly."""

    outcome: str  # which
    # "fixed": the same for every patient of each arm, and made of amounts above 0 that some arm has throughout, as of a
    # fixed tariff. "constant": the same for every patient of each arm, which the design does not explain. "few": fewer
    # than `FEW_EVENTS` patients of an arm differ from all its others. Of QALYs utilities after the start count
    kind: str
    strategies: tuple[str, ...]  # the arms in which it is so

    def to_json(self) -> dict[str, Any]:
        """Return outcome, kind and strategies as plain JSON."""
        return {"outcome": self.outcome, "kind": self.kind, "strategies": list(self.strategies)}


def variations_of(data: TrialData, all_: Variables, plan: RegressionPlan) -> tuple[tuple[Variation, ...], ...]:
    """Return for each perspective the outcomes that do not vary within arms, or hardly.

    A patient counts as different by any observed value. Utilities at the start do not count: QALYs are adjusted for
    them.
    """
    by_arm = [all_.values[data.arm == arm] for arm in range(plan.arms)]
    modes, differ = zip(*(_against_mode(values) for values in by_arm), strict=True)
    constant = np.array([~each.any(axis=0) for each in differ])
    # A price that an arm pays throughout explains its absence elsewhere; a use that no one had is an observation.
    tariff = constant & ((np.array(modes) > 0) | (constant.all(axis=0) & (np.array(modes) > 0).any(axis=0)))
    result = []
    for pair in plan.pairs:
        of_perspective: list[Variation] = []
        for name, column in zip(("cost", "effect"), pair, strict=True):
            if name == "effect" and not data.effect.exists:
                continue
            used = plan.matrix[:, plan.covariates + column] != 0
            used[all_.utilities.start : all_.later.start] = False
            counts = np.array([each[:, used].any(axis=1).sum() for each in differ])
            sizes = np.array([(~np.isnan(each[:, used])).any(axis=1).sum() for each in by_arm])
            fixed = np.array([name == "cost" and bool(each[used].all()) for each in tariff])
            of_perspective += _kinds(name, counts, sizes, fixed, data.strategies)
        result.append(tuple(of_perspective))
    return tuple(result)


def _kinds(
    outcome: str, counts: NDArray[np.int_], sizes: NDArray[np.int_], fixed: Flags, strategies: Sequence[str]
) -> Iterator[Variation]:
    """Yield what is to be said of one outcome, given how many known patients of an arm differ from its most."""
    if not counts.any():
        yield Variation(outcome, "fixed" if fixed.all() else "constant", tuple(strategies))
        return
    few = (counts < FEW_EVENTS) & (2 * counts < sizes) & ~fixed
    if few.any():
        yield Variation(outcome, "few", tuple(arm for arm, one in zip(strategies, few, strict=True) if one))


def _against_mode(values: Floats) -> tuple[Floats, Flags]:
    """Return the most frequent value of each column, and which values are known and another."""
    modes = np.full(values.shape[1], np.nan)
    for at, column in enumerate(values.T):
        known, counts = np.unique(column[~np.isnan(column)], return_counts=True)
        if known.size:
            modes[at] = known[counts.argmax()]
    return modes, ~np.isnan(values) & (values != modes)


def variation_doubts(perspectives: Sequence[str], result: Sequence[Sequence[Variation]]) -> tuple[Doubt, ...]:
    """Return the doubts about outcomes that hardly vary, without any patient's value."""
    doubts = {}
    for name, variations in zip(perspectives, result, strict=True):
        for each in variations:
            effect = each.outcome == "effect"
            what = "utilities after the start" if effect else f"costs from the {name} perspective"
            about: dict[str, Any] = {} if effect else {"perspective": name}
            if each.kind == "constant":
                text = (
                    f"{what} do not vary within any arm: the interval of their difference is a point, which these "
                    "patients show and no design explains; do not read it as certain"
                )
                doubts[text] = Doubt(f"constant_{each.outcome}", text, about)
            elif each.kind == "few":
                arms = " and ".join(repr(arm) for arm in each.strategies)
                text = (
                    f"{what} of fewer than {FEW_EVENTS} patients differ from those of all others in arm {arms}: "
                    "intervals rest on few events and may be too narrow"
                )
                about |= {"strategies": list(each.strategies), "n": FEW_EVENTS}
                doubts[text] = Doubt(f"few_{each.outcome}", text, about)
    return tuple(doubts.values())


# Smallest share of an arm's variance that covariates may leave unexplained.
_LEFT = 1e-8
# Rounding of a standard error, relative to the largest arm mean.
_NO_ERROR = 1e-12
# Working limits: none of them has a sharp edge.
_MUCH_MISSING = 0.5
_FEW_LENDERS = 25
_MUCH_OF_ONE = 0.1
_FEW_OF_ALL = 0.5
# Shares from here on would be printed as 100%.
_ALL = 0.995
_NAMED = 3


def refuse_confounded(data: TrialData, all_: Variables, plan: RegressionPlan) -> None:
    """Refuse covariates of which an arm is a combination: the difference would be split between them at will."""
    for adjusts in plan.adjusts:
        weights = plan.matrix[:, adjusts]
        known = ~np.any(np.isnan(all_.values[:, np.any(weights != 0, axis=1)]), axis=1)
        columns = np.where(np.isnan(all_.values), 0.0, all_.values)[known] @ weights
        arm = data.arm[known]
        if known.sum() <= columns.shape[1] + plan.arms:
            continue
        for position in range(1, plan.arms):
            if _left_of((arm == position).astype(np.float64), columns) < _LEFT:
                msg = (
                    f"the arm {data.strategies[position]!r} must not follow from the covariates, which it does: "
                    "leave out the one that tells the arms apart"
                )
                raise InputError(msg)


def _left_of(dummy: Floats, columns: Floats) -> float:
    """Return the share of a column's variance that a constant and others leave."""
    apart = dummy - dummy.mean()
    total = float(apart @ apart)
    if total == 0 or columns.shape[1] == 0:
        return 1.0
    centred = columns - columns.mean(axis=0)
    size = np.abs(centred).max(axis=0)
    centred = centred / np.where(size > 0, size, 1.0)
    rest = apart - centred @ np.linalg.lstsq(centred, apart, rcond=None)[0]
    return float(rest @ rest) / total


def doubts_of(
    data: TrialData,
    all_: Variables,
    settings: pipelines.Settings,
    result: pipelines.PipelineResult,
    analyses: Sequence[PerspectiveAnalysis],
) -> tuple[Doubt, ...]:
    """Return the statistical doubts about an analysis, without any patient's value."""
    doubts = (
        *_of_the_start(data),
        *_of_vital_status(data),
        *_of_clusters(data, settings),
        *_of_weights(data),
        *_of_freedom(data, result),
        *_of_points(analyses),
        *_of_missing(data, all_),
        *_of_few_observed(data, all_, settings, analyses),
        *_of_effort(data, settings, result),
    )
    return tuple({each.text: each for each in doubts}.values())


def _of_the_start(data: TrialData) -> Iterator[Doubt]:
    if data.start_assumed is not None or (data.effect.kind == "qalys" and not data.effect.start):
        known = "is not known"
        if data.start_assumed is not None:
            known = "was not measured and is assumed to be the same in all patients"
        text = (
            f"the utility at the start {known}: QALYs are not adjusted for it, and if the arms differed "
            "at the start by chance, that is part of the difference"
        )
        yield Doubt("no_start", text)


def _of_vital_status(data: TrialData) -> Iterator[Doubt]:
    if data.deaths is None:
        return
    unknown = np.isfinite(data.deaths.unknown_from)
    for place, name in enumerate(data.strategies):
        count = int(unknown[data.arm == place].sum())
        if count:
            what = "QALYs are too high" if data.effect.is_qaly else "results are those of the living"
            text = (
                f"the vital status of {count} patients of arm {name!r} is not known to the end: as the design says "
                f"they are imputed as the living are, so that {what} if some of them died"
            )
            yield Doubt("unknown_status", text, {"strategy": name, "n": count})


def _of_clusters(data: TrialData, settings: pipelines.Settings) -> Iterator[Doubt]:
    if data.cluster is None:
        return
    if settings.model != "mixed":
        count = int(np.unique(data.cluster).size)
        text = (
            f"the {count} clusters are ignored by model={settings.model!r}: if patients of a cluster are alike, "
            "intervals are too narrow; model='mixed' takes them into account"
        )
        yield Doubt("clusters_ignored", text, {"n": count})
        return
    stratum = mixed_model.strata(data, data.cluster)
    fewest = mixed_model.fewest(data.cluster, stratum)
    if fewest < _FEW_CLUSTERS:
        where = "" if stratum is None else " in an arm"
        text = (
            f"{fewest} clusters{where} are few: below {_FEW_CLUSTERS}, our limit, the standard errors themselves are "
            "uncertain and may be too small"
        )
        code = "clusters_few" if stratum is None else "clusters_few_in_arm"
        yield Doubt(code, text, {"n": int(fewest), "limit": _FEW_CLUSTERS})


def _of_weights(data: TrialData) -> Iterator[Doubt]:
    """Doubt an arm of which one patient bears much of the weight, so that it counts as few."""
    for arm, strategy in enumerate(data.strategies):
        own = np.ones(0) if data.weights is None else data.weights[data.arm == arm]
        if not own.size:
            continue
        share, effective = float(own.max() / own.sum()), float(data.effective[arm])
        if share > _MUCH_OF_ONE and effective < _FEW_OF_ALL * own.size:
            part = f"{share:.0%}" if share < _ALL else "more than 99%"
            text = (
                f"one patient bears {part} of the sampling weight of arm {strategy!r}: its {own.size} patients "
                f"count as {effective:.1f}, and results rest on this one; look whether the weight is right, and if it "
                "is, limit the largest weights and say so"
            )
            about = {"strategy": strategy, "share": share, "n": int(own.size), "effective": effective}
            yield Doubt("weight_of_one", text, about)


def _of_freedom(data: TrialData, result: pipelines.PipelineResult) -> Iterator[Doubt]:
    smallest = min(smallest_df(each, len(data.strategies)) for each in result.spreads)
    if smallest < FEWEST_FREEDOM:
        text = (
            f"{smallest:.1f} degrees of freedom are left for a difference: below {FEWEST_FREEDOM:g} expected loss and "
            "EVPI are refused, as the variance of the draws is infinite at 2 or fewer"
        )
        yield Doubt("freedom", text, {"df": float(smallest), "limit": FEWEST_FREEDOM})


def _of_points(analyses: Sequence[PerspectiveAnalysis]) -> Iterator[Doubt]:
    """Doubt an outcome that varies within arms, of which the regressors leave nothing."""
    for each in analyses:
        arms = len(each.strategies)
        known = {one.outcome for one in each.variation if one.kind != "few"}
        outcomes = {"cost": f"costs from the {each.name} perspective"}
        for outcome, what in (outcomes | ({"effect": each.effect.plural} if each.effect.exists else {})).items():
            own = each.spread.mean[:arms] if outcome == "cost" else each.spread.mean[arms:]
            difference = each.delta_cost if outcome == "cost" else each.delta_effect
            errors = [difference(strategy).se for strategy in each.strategies[1:]]
            if outcome not in known and max(errors) <= _NO_ERROR * np.abs(own).max():
                text = (
                    f"{what} follow without error from the arm and what they are adjusted for: the interval of their "
                    "difference is a point, which these patients show; do not read it as certain"
                )
                yield Doubt(f"point_{outcome}", text, {"perspective": each.name} if outcome == "cost" else {})


def _of_missing(data: TrialData, all_: Variables) -> Iterator[Doubt]:
    for arm, strategy in enumerate(data.strategies):
        share = all_.missing[data.arm == arm].mean(axis=0)
        names = [all_.names[at] for at in np.flatnonzero(share > _MUCH_MISSING)]
        if names:
            text = (
                f"more than half is missing in arm {strategy!r} of {first_of(names, _NAMED)}: results rest more on the "
                "imputation than on the data"
            )
            yield Doubt("much_missing", text, {"strategy": strategy, "n": len(names)})


def _of_few_observed(
    data: TrialData, all_: Variables, settings: pipelines.Settings, analyses: Sequence[PerspectiveAnalysis]
) -> Iterator[Doubt]:
    """Doubt a difference where an arm has few values to lend, if complete cases say else, or there are none."""
    fewest = [int(imputation.fewest_lenders(data, all_, arm).min()) for arm in range(len(data.strategies))]
    other = "pmm" if settings.imputing.imputation == "scaled" else "scaled"
    advice = f"the result rests on the imputation model; see how far with imputation={other!r}"
    if any(each.complete_case is None for each in analyses):
        for arm, strategy in enumerate(data.strategies):
            if fewest[arm] < min(FEW_EVENTS, int((data.arm == arm).sum())):
                text = (
                    f"a variable of arm {strategy!r} is observed in {fewest[arm]} patients only, who lend to all "
                    f"others, and there is no analysis of complete cases to compare with: {advice}"
                )
                yield Doubt("few_lenders", text, {"strategy": strategy, "n": fewest[arm]})
    for each in analyses:
        for strategy in each.strategies[1:]:
            few = min(fewest[0], fewest[data.strategies.index(strategy)])
            apart = _apart(each, strategy, float(min(data.effect.reference(data.rules), default=0.0)))
            if few < _FEW_LENDERS and apart > 1:
                text = (
                    f"net benefit of {strategy!r} from the {each.name} perspective differs from that of complete cases "
                    f"by {apart:.1f} standard errors, and in an arm a variable is observed in {few} patients only: "
                    f"{advice}"
                )
                yield Doubt(
                    "few_lenders_apart",
                    text,
                    {"strategy": strategy, "perspective": each.name, "ratio": float(apart), "n": few},
                )


def _apart(result: PerspectiveAnalysis, strategy: str, value: float) -> float:
    """Return by how many standard errors net benefit at a value per unit differs from complete cases."""
    case = result.complete_case
    contrast = result.benefit(strategy, wtp=value)
    estimate = result.spread.of(contrast)
    if case is None or estimate.se == 0:
        return 0.0
    return abs(estimate.value - float(contrast @ case.spread.mean)) / estimate.se


def _of_effort(data: TrialData, settings: pipelines.Settings, result: pipelines.PipelineResult) -> Iterator[Doubt]:
    if result.dropped:
        text = f"{result.dropped} bootstrap replicates could not be fitted and are left out"
        yield Doubt("dropped", text, {"n": result.dropped})
    if settings.imputations is not None or settings.given is not None:
        return
    if result.imputations == imputation.MOST_SETS:
        made, remedy = f"{imputation.MOST_SETS:,} imputations, the most that are made,", "imputations= for more"
    elif result.imputations is None and settings.replicates is None:
        made = f"nothing is missing, and {result.resamples:,} bootstrap replicates"
        remedy = "replicates= to hecon.trial.analyse"
    else:
        return
    error = imputation.largest_error(result.spreads, len(data.strategies), data.effect.worth(data.rules))
    if error > settings.monte_carlo_error:
        text = (
            f"{made} leave a Monte Carlo error of {error:.2g} in a probability, above the "
            f"{settings.monte_carlo_error:g} asked for: give {remedy}"
        )
        yield Doubt("effort", text, {"error": float(error), "target": float(settings.monte_carlo_error)})
