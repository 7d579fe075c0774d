"""Choices of a trial's analysis that its imputed values do not depend on: discounting, horizon, interval of death."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial.deaths import RULES, died, has_interval
from hecon.trial.imputation import variables_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.trial.imputation import Imputation
    from hecon.trial.table.checking import TrialData

__all__ = ["CHOICES", "other_choices"]

# Beyond the first year, where discounting begins.
CHOICES = ("undiscounted", "effects-as-costs", "first-year", "death-level", "death-line")
_YEAR = 12.0


def other_choices(data: TrialData, given: Imputation | None) -> Iterator[tuple[str, TrialData, Imputation | None]]:
    """Yield the code of each other choice, the trial as it takes it, and the imputed sets that belong to that.

    Where patients died, the utility runs otherwise from the last measurement to death. Within a year nothing is
    discounted. A trial is cut at a year where a utility was measured then and no period of cost runs across it.
    """
    if data.deaths is not None and has_interval(data) and died(data).any():
        other = next(rule for rule in RULES if rule != data.deaths.before)
        yield f"death-{other}", replace(data, deaths=replace(data.deaths, before=other)), given
    if data.horizon <= _YEAR:
        return
    rates = (data.discount_cost, data.discount_effect)
    if rates != (0.0, 0.0) and not (data.effect.discounted or data.discounted_costs):
        # What came discounted cannot be undone.
        yield "undiscounted", replace(data, discount_cost=0.0, discount_effect=0.0), given
    if rates[0] != rates[1] and data.effect.is_discounted_here:
        yield "effects-as-costs", replace(data, discount_effect=rates[0]), given
    cut_at = _YEAR in data.months or not data.effect.exists
    if cut_at and not any(item.start < _YEAR < item.end for item in data.items):
        yield "first-year", *_first_year(data, given)


def _first_year(data: TrialData, given: Imputation | None) -> tuple[TrialData, Imputation | None]:
    """Return the trial up to a year, and what was imputed of that from all that was known."""
    utilities = np.array(data.months) <= _YEAR
    costs = np.array([item.end <= _YEAR for item in data.items])
    cut = replace(
        data,
        months=tuple(month for month in data.months if month <= _YEAR),
        utilities=data.utilities[:, utilities],
        states=None if data.states is None else data.states[:, utilities[int(data.start_assumed is not None) :]],
        items=tuple(item for item in data.items if item.end <= _YEAR),
        costs=data.costs[:, costs],
    )
    if given is None:
        return cut, None
    whole = variables_of(data)
    kept = np.ones(whole.values.shape[1], dtype=bool)
    kept[whole.utilities] = utilities
    kept[whole.costs] = costs
    return cut, replace(
        given, variables=variables_of(cut), values=given.values[:, :, kept], trace=given.trace[:, :, :, kept]
    )
