"""Deaths in a trial: what they settle of effects and costs, and what is left to be imputed.

From death on the utility and the costs of a patient are 0, nothing is added to a total, and another effect has the
value that the design gives: death is part of the outcome. That is the composite variable strategy of ICH E9(R1),
Addendum on estimands and sensitivity analysis in clinical trials (step 4, 20 November 2019).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial.valuation import qaly_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon._arrays import Flags, Floats
    from hecon.trial.imputation import Variables
    from hecon.trial.table.checking import TrialData

# How the utility runs from the last measurement to death: straight to 0, or level.
RULES = ("line", "level")


@dataclass(frozen=True, eq=False)
class Deaths:
    """When the patients of a trial died.

    Attributes
    ----------
    month : ndarray
        Time of death of each patient [months from the start]; infinite for those who did not die.
    dated : str
        What tells the time: "date", "month", or "status", by which a death is dated at the middle between two visits.
    before : str or None
        How the utility runs from the last measurement to death: "line" or "level"; None without utilities over time.
    unknown_from : ndarray
        Last time at which a patient whose vital status is not known to the end was seen alive [months]; infinite for
        all others. Values after it are imputed as those of the living.
    """

    month: Floats
    dated: str
    before: str | None
    unknown_from: Floats

    def of(self, rows: Flags) -> Deaths:
        """Return the record of some of the patients."""
        return replace(self, month=self.month[rows], unknown_from=self.unknown_from[rows])

    def share_of(self, spans: Sequence[tuple[float, float]]) -> Floats:
        """Return the share of each span of months that a patient lived, shape (patient, span)."""
        start, end = np.array(spans).T
        result: Floats = np.clip((self.month[:, None] - start) / (end - start), 0.0, 1.0)
        return result

    def in_interval(self, months: Sequence[float], *, discount: float) -> Floats:
        """Return by how much the QALYs of the dead differ from the area under the utilities with 0 after death.

        The result, shape (patient, time), is a weight [years] of the utility at the last time before death, 0 for all
        others: that area runs straight to 0 at the next time, which may be after death.
        """
        result = np.zeros((self.month.size, len(months)))
        last = np.searchsorted(months, self.month, side="left") - 1
        for patient in np.flatnonzero(self.month <= months[-1]):
            place, month = int(last[patient]), float(self.month[patient])
            own = qaly_weights((months[place], month), discount=discount)
            counted = own[0] if self.before == "line" else own.sum()
            result[patient, place] = counted - qaly_weights(months[place : place + 2], discount=discount)[0]
        return result


def shares_lived(data: TrialData) -> tuple[Floats, Floats]:
    """Return the share that a patient lived of each value of the effect, shape (patient, time), and of each cost.

    Of a value at one time it is 1 or 0, of one that a total adds up that of its span; in a trial without deaths 1.
    """
    deaths, months = data.deaths, data.months
    if deaths is None:
        return np.ones(data.utilities.shape), np.ones(data.costs.shape)
    values: Floats = np.where(deaths.month[:, None] <= np.asarray(months), 0.0, 1.0)
    if data.effect.summary == "total":
        spans = data.effect.spans(months)
        values[:, len(months) - len(spans) :] = deaths.share_of(spans)
    return values, deaths.share_of([(each.start, each.end) for each in data.items])


def with_deaths(data: TrialData, deaths: Deaths) -> TrialData:
    """Return a trial in which effect and costs of patients are from their death on what death counts as."""
    data = replace(data, deaths=deaths)
    effect, cost = of_the_dead(data)
    utilities = np.where(effect, data.effect.at_death, data.utilities)
    return replace(data, utilities=utilities, costs=np.where(cost, 0.0, data.costs))


def of_the_dead(data: TrialData) -> tuple[Flags, Flags]:
    """Return which values of the effect and which costs are of the dead."""
    effect, cost = shares_lived(data)
    return effect == 0, cost == 0


def died(data: TrialData) -> Flags:
    """Return which patients died within the time horizon."""
    if data.deaths is None:
        return np.zeros(data.arm.size, dtype=bool)
    return data.deaths.month <= data.horizon


def has_interval(data: TrialData) -> bool:
    """Return whether the interval of death counts: of utilities over time, of which QALYs are the area."""
    return data.deaths is not None and data.effect.summary == "area"


def lived(data: TrialData, all_: Variables) -> Floats:
    """Return the share that a patient lived of what each variable is of, shape (patient, variable); else 1."""
    result = np.ones(all_.values.shape)
    result[:, all_.utilities], result[:, all_.costs] = shares_lived(data)
    return result


def within_plan(data: TrialData) -> TrialData:
    """Return a trial in which nothing is known beyond the planned follow-up of a patient."""
    beyond = unplanned(data)
    return replace(
        data,
        utilities=np.where(beyond[0], np.nan, data.utilities),
        costs=np.where(beyond[1], np.nan, data.costs),
    )


def unplanned(data: TrialData) -> tuple[Flags, Flags]:
    """Return which utilities and which costs lie beyond the planned follow-up of patients who are not dead by then."""
    if data.planned is None:
        return np.zeros(data.utilities.shape, dtype=bool), np.zeros(data.costs.shape, dtype=bool)
    ends = np.array([each.end for each in data.items])
    effect, cost = of_the_dead(data)
    beyond = data.planned[:, None] < np.array(data.months), data.planned[:, None] < ends
    return beyond[0] & ~effect, beyond[1] & ~cost


def qalys_of(data: TrialData) -> Floats:
    """Return the QALYs of each patient, or another effect; NaN where a value that makes it is missing."""
    weights = data.effect.weights(data.months, data.discount_effect)
    result: Floats = np.where(weights == 0, 0.0, data.utilities) @ weights
    return result + up_to_death(data, data.utilities) if has_interval(data) else result


def up_to_death(data: TrialData, utilities: Floats) -> Floats:
    """Return what the interval of death adds to the QALYs of each patient; 0 for those who did not die.

    Utilities have the shape (..., patient, time).
    """
    deaths = data.deaths
    if deaths is None or not has_interval(data):
        return np.zeros(utilities.shape[:-1])
    weights = deaths.in_interval(data.months, discount=data.discount_effect)
    result: Floats = np.where(weights == 0, 0.0, weights * utilities).sum(axis=-1)
    return result


def unknown_as_dead(data: TrialData) -> TrialData:
    """Return the trial in which patients of unknown vital status died after they were last seen alive.

    They die in the middle of the interval from then to the next measurement, of costs alone to the next end of a
    period; a cost above 0 is taken as a sign of life until the end of its period.
    """
    deaths = data.deaths
    assert deaths is not None  # noqa: S101 (asked of trials with deaths alone)
    ends = np.array([each.end for each in data.items])
    spent = np.where(np.nan_to_num(data.costs) != 0, ends, 0.0).max(axis=1, initial=0.0)
    seen = np.maximum(deaths.unknown_from, spent)
    months = np.array([*(data.months or sorted(set(ends.tolist()))), np.inf])
    following = months[np.searchsorted(months, np.minimum(seen, months[-2]), side="right")]
    month = np.where(np.isfinite(deaths.unknown_from), (seen + following) / 2, deaths.month)
    return with_deaths(data, replace(deaths, month=month, unknown_from=np.full(month.size, np.inf)))
