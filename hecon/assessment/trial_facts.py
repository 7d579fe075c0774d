"""What a trial's report tells beside the analysis: limits, fractions of missing information, and what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon.trial import imputation
from hecon.trial.description import SMALL
from hecon.trial.imputation import PILOT, wtp_grid
from hecon.trial.sensitivity import SCENARIOS
from hecon.trial.soundness import FEW_EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import xarray as xr

    from hecon.trial.analysis import PerspectiveAnalysis, TrialAnalysis
    from hecon.trial.sensitivity import Scenario

__all__ = [
    "FEW_EVENTS",
    "PILOT",
    "SMALL",
    "imputation_shifts",
    "imputations_outcome",
    "largest_fmi",
    "left_out",
    "usable_interval",
    "wtp_grid",
]

# Two ways of imputing, of which the main analysis has one; and the share of the standard error of net benefit beyond
# which the other matters.
_IMPUTED_OTHERWISE = {"scaled", "pmm"}
_SHIFT_THAT_MATTERS = 0.25
_REGRESSORS = {"own-regressors", "same-regressors"}


def largest_fmi(found: PerspectiveAnalysis) -> float:
    """Return the largest fraction of missing information: of both differences, and of net benefit at each value."""
    return max(
        each.fmi
        for strategy in found.strategies[1:]
        for each in (
            found.delta_cost(strategy),
            found.delta_effect(strategy),
            *(found.net_benefit(strategy, wtp=value) for value in found.rules.values_on().reference),
        )
    )


def imputations_outcome(analysis: TrialAnalysis, error: float) -> str:
    """Return how the number of imputations came about: given, reached, missed, or the most that are made."""
    target = analysis.settings["monte_carlo_error"]
    if target is None:
        return "given"
    if error <= target:
        return "reached"
    return "most" if analysis.settings["imputations"] >= imputation.MOST_SETS else "missed"


def usable_interval(ratio: xr.Dataset) -> tuple[float, float] | None:
    """Return the interval of a ratio [currency per QALY] where both ends lie in its own quadrant, or None."""
    low, high = (float(each) for each in ratio["icer_interval"].values)
    return (low, high) if np.isfinite(float(ratio["icer"])) and np.isfinite([low, high]).all() and low > 0 else None


def left_out(scenarios: Sequence[Scenario]) -> list[str]:
    """Return the codes of the sensitivity analyses that were not done, but for what the main analysis does itself."""
    done = {each.code for each in scenarios}
    for pair in (_IMPUTED_OTHERWISE, _REGRESSORS):
        if done & pair:
            done |= pair
    return [code for code in SCENARIOS if code not in done]


def imputation_shifts(
    found: PerspectiveAnalysis, scenarios: Sequence[Scenario]
) -> Iterator[tuple[Scenario, float, float, float]]:
    """Yield by how much the other imputation moves net benefit, at the value where that is most, if it matters.

    With each scenario come the value, the shift and its ratio to the standard error.
    """
    for each in scenarios:
        if each.code not in _IMPUTED_OTHERWISE:
            continue
        shifts = {}
        for value in found.rules.values_on().reference:
            main = found.net_benefit(each.strategy, wtp=value)
            shift = value * each.delta_effect.value - each.delta_cost.value - main.value
            if main.se > 0:
                shifts[value] = (abs(shift) / main.se, shift)
        if shifts and max(shifts.values())[0] > _SHIFT_THAT_MATTERS:
            value = max(shifts, key=lambda one: shifts[one][0])
            ratio, shift = shifts[value]
            yield each, value, shift, ratio
