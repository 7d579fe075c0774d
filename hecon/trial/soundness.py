"""Whether the analysis of a trial stands on sound ground: what is refused, and what is doubtful."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon.draws import FEWEST_FREEDOM
from hecon.errors import InputError
from hecon.trial import precision
from hecon.trial.models import _clustered, _mixed
from hecon.trial.models.mixed import FEW_CLUSTERS
from hecon.trial.spread import smallest_df

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from hecon.trial import _pipelines
    from hecon.trial.analysis import PerspectiveAnalysis
    from hecon.trial.models._outcomes import Plan
    from hecon.trial.table.checking import TrialData
    from hecon.trial.variables import Variables

    Floats = NDArray[np.float64]

__all__ = ["doubts_of", "refuse_confounded"]

# Share of an arm's variance that covariates must leave, for the arms to be told apart beside them.
_LEFT = 1e-8
# Working limits: none of them has a sharp edge.
_MUCH_MISSING = 0.5
_FEW_LENDERS = 25
_NAMED = 3
# Lowest reference value [EUR per QALY].
_REFERENCE = 20_000.0


def refuse_confounded(data: TrialData, all_: Variables, plan: Plan) -> None:
    """Refuse covariates that tell the arms apart: the difference would be split between them at will.

    Parameters
    ----------
    data : TrialData
        The trial.
    all_ : Variables
        Its variables.
    plan : Plan
        What is regressed on what.

    Raises
    ------
    InputError
        If an arm is a combination of the covariates of an outcome, over the patients of whom these are known.
    """
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
    settings: _pipelines.Settings,
    found: _pipelines.Outcome,
    analyses: Sequence[PerspectiveAnalysis],
) -> tuple[str, ...]:
    """Return what is statistically doubtful of an analysis.

    Parameters
    ----------
    data : TrialData
        The trial.
    all_ : Variables
        Its variables.
    settings : Settings
        What the pipeline was told.
    found : Outcome
        What it found.
    analyses : sequence of PerspectiveAnalysis
        The same with complete cases, by perspective.

    Returns
    -------
    tuple of str
        One sentence each; no patient's value in any.
    """
    return (
        *_of_clusters(data, settings),
        *_of_freedom(data, found),
        *_of_missing(data, all_),
        *_of_few_complete(data, all_, analyses),
        *_of_effort(settings, found),
    )


def _of_clusters(data: TrialData, settings: _pipelines.Settings) -> Iterator[str]:
    if settings.model != "mixed" or data.cluster is None:
        return
    stratum = _clustered.strata(data, data.cluster)
    fewest = _mixed.fewest(data.cluster, stratum)
    if fewest < FEW_CLUSTERS:
        where = "" if stratum is None else " in an arm"
        yield (
            f"{fewest} clusters{where} are few: below {FEW_CLUSTERS}, our limit, the standard errors themselves are "
            "uncertain and may be too small"
        )


def _of_freedom(data: TrialData, found: _pipelines.Outcome) -> Iterator[str]:
    smallest = min(smallest_df(each, len(data.strategies)) for each in found.spreads)
    if smallest < FEWEST_FREEDOM:
        yield (
            f"{smallest:.1f} degrees of freedom are left for a difference: below {FEWEST_FREEDOM:g} expected loss and "
            "EVPI are refused, as the variance of the draws is infinite at 2 or fewer"
        )


def _of_missing(data: TrialData, all_: Variables) -> Iterator[str]:
    for arm, strategy in enumerate(data.strategies):
        share = np.isnan(all_.values[data.arm == arm]).mean(axis=0)
        names = [all_.names[at] for at in np.flatnonzero(share > _MUCH_MISSING)]
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            yield (
                f"more than half is missing in arm {strategy!r} of {', '.join(names[:_NAMED])}{more}: results rest "
                "more on the imputation than on the data"
            )


def _of_few_complete(data: TrialData, all_: Variables, analyses: Sequence[PerspectiveAnalysis]) -> Iterator[str]:
    """Doubt an imputed difference that is far from that of complete cases, where an arm has few values to lend."""
    observed = [int((~np.isnan(all_.values[data.arm == arm])).sum(axis=0).min()) for arm in range(len(data.strategies))]
    for each in analyses:
        case = each.complete_case
        if case is None:
            continue
        for strategy in each.strategies[1:]:
            fewest = min(observed[0], observed[data.strategies.index(strategy)])
            contrast = each.contrast(strategy, cost=-1.0, effect=_REFERENCE)
            estimate = each.spread.of(contrast)
            apart = abs(estimate.value - float(contrast @ case.spread.mean))
            if fewest < _FEW_LENDERS and apart > estimate.se > 0:
                yield (
                    f"net benefit of {strategy!r} from the {each.name} perspective differs from that of complete cases "
                    f"by {apart / estimate.se:.1f} standard errors, and in an arm a variable is observed in {fewest} "
                    "patients only: the result rests on the imputation model; see how far with imputation='scaled'"
                )


def _of_effort(settings: _pipelines.Settings, found: _pipelines.Outcome) -> Iterator[str]:
    if found.dropped:
        yield f"{found.dropped} bootstrap replicates could not be fitted and are left out"
    if found.imputations == precision.MOST and settings.imputations is None and settings.given is None:
        error = precision.largest_error(found.spreads, len(found.spreads[0].mean) // 2)
        if error > settings.monte_carlo_error:
            yield (
                f"{precision.MOST:,} imputations, the most that are made, leave a Monte Carlo error of {error:.2g} in "
                f"a probability, above the {settings.monte_carlo_error:g} asked for: give imputations= for more"
            )
