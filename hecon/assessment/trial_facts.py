"""What a trial's report tells beside the analysis: limits, fractions of missing information, and what was left out.

`hecon.trial` is imported where a trial is told of, as most dossiers have none.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import xarray as xr

    from hecon.trial.analysis import PerspectiveAnalysis, TrialAnalysis
    from hecon.trial.effects import EffectMeasure
    from hecon.trial.sensitivity import Scenario

# Two ways of imputing, of which the main analysis has one; and the share of the standard error of net benefit beyond
# which the other matters.
_IMPUTED_OTHERWISE = {"scaled", "pmm"}
_SHIFT_THAT_MATTERS = 0.25
_REGRESSORS = {"own-regressors", "same-regressors"}
_OF_EFFECTS = {*_REGRESSORS, "worse-all", "worse-intervention"}


class Limits(NamedTuple):
    """Limits of the analysis that its report names."""

    small: int  # fewest patients whose mean is shown
    few_events: int
    pilot: int  # imputed sets of the pilot


def limits() -> Limits:
    """Return the limits of the analysis that its report names."""
    from hecon.trial.description import SMALL
    from hecon.trial.imputation import PILOT
    from hecon.trial.soundness import FEW_EVENTS

    return Limits(SMALL, FEW_EVENTS, PILOT)


def largest_fmi(found: PerspectiveAnalysis) -> float:
    """Return the largest fraction of missing information: of both differences, and of net benefit at each value."""
    return max(
        each.fmi
        for strategy in found.strategies[1:]
        for each in (
            found.delta_cost(strategy),
            found.delta_effect(strategy),
            *(found.net_benefit(strategy, wtp=value) for value in found.reference),
        )
    )


def imputations_outcome(analysis: TrialAnalysis, error: float) -> str:
    """Return how the number of imputations came about: given, reached, missed, or the most that are made."""
    from hecon.trial.imputation import MOST_SETS

    target = analysis.settings["monte_carlo_error"]
    if target is None:
        return "given"
    if error <= target:
        return "reached"
    return "most" if analysis.settings["imputations"] >= MOST_SETS else "missed"


def usable_interval(ratio: xr.Dataset) -> tuple[float, float] | None:
    """Return the interval of a ratio [currency per QALY] where both ends lie in its own quadrant, or None."""
    low, high = (float(each) for each in ratio["icer_interval"].values)
    return (low, high) if np.isfinite([float(ratio["icer"]), low, high]).all() and low > 0 else None


def left_out(scenarios: Sequence[Scenario], effect: EffectMeasure) -> list[str]:
    """Return the codes of the sensitivity analyses that were not done, but for what the main analysis does itself.

    Of costs alone those that are about effects are not looked for.
    """
    from hecon.trial.sensitivity import SCENARIOS

    done = {each.code for each in scenarios} | (set() if effect.exists else _OF_EFFECTS)
    for pair in (_IMPUTED_OTHERWISE, _REGRESSORS):
        if done & pair:
            done |= pair
    return [code for code in SCENARIOS if code not in done]


def departure_codes(scenarios: Sequence[Scenario]) -> list[str]:
    """Return the codes of the sensitivity analyses by departure from treatment, in the order of their making."""
    from hecon.trial.sensitivity import REFERENCE_SCENARIOS

    return [code for code in dict.fromkeys(each.code for each in scenarios) if code in REFERENCE_SCENARIOS]


def imputation_shifts(
    found: PerspectiveAnalysis, scenarios: Sequence[Scenario]
) -> Iterator[tuple[Scenario, float, float, float]]:
    """Yield by how much the other imputation moves net benefit, at the value where that is most, if it matters.

    With each scenario come the value, the shift and its ratio to the standard error.
    """
    for each in scenarios:
        if each.code not in _IMPUTED_OTHERWISE:
            continue
        shifts = []
        for value in found.reference:
            main = found.net_benefit(each.strategy, wtp=value)
            shift = found.effect.sign * value * each.delta_effect.value - each.delta_cost.value - main.value
            if main.se > 0:
                shifts.append((abs(shift) / main.se, value, shift))
        ratio, value, shift = max(shifts, key=operator.itemgetter(0), default=(0.0, 0.0, 0.0))
        if ratio > _SHIFT_THAT_MATTERS:
            yield each, value, shift, ratio
