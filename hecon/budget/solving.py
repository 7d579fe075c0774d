"""Solve a number that is not printed from the totals that are, with the range that their rounding leaves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks
from hecon.budget import _choosing
from hecon.budget.departures import Departure, Effects, counting_choices
from hecon.budget.impact import values_of
from hecon.budget.reconciling import included, plans_of
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon.budget.conventions import Conventions
    from hecon.budget.plan import Plan
    from hecon.budget.printed import Printed

__all__ = ["Solution", "solve"]

# Relative: beyond it the total is no straight line in the parameter.
_STRAIGHT = 1e-12
# Of the parameter: how far from its value the line is taken.
_STEP = 0.01
# Of a total: what the line may be off at the ends that it leads to, where a cap bends it.
_OFF = 1e-6


@dataclass(frozen=True)
class Solution:
    """A way to count under which one value of the parameter gives all printed totals.

    Parameters
    ----------
    departures : tuple of Departure
        From what is stated; empty for the stated conventions.
    low, high : float
        Lowest and highest value that gives them all, to their rounding.
    """

    departures: tuple[Departure, ...]
    low: float
    high: float


def solve(
    plan: Plan | Sequence[Plan], parameter: str, *, printed: Sequence[Printed] | None = None
) -> tuple[Solution, ...]:
    """Return the values of a parameter that give the printed totals, for each way to count that allows any.

    Parameters
    ----------
    plan : Plan or sequence of Plan
        The plan; with the plans that its totals include besides, if any, which share the parameter.
    parameter : str
        A parameter in which totals are straight lines, such as a price; it takes the same value in all scenarios.
    printed : sequence of Printed, optional
        The totals; default those of the (first) plan.

    Returns
    -------
    tuple of Solution
        Fewest contradictions of the text first, then fewest departures; empty if no one value gives them all.

    Raises
    ------
    InputError
        If there is no such parameter, a total tells no scenario, or totals are not straight lines in the parameter.

    Examples
    --------
    >>> import hecon
    >>> plans = [hecon.load(f"meniscal-tear-{kind}").budget for kind in ("traumatic", "degenerative")]
    >>> for each in hecon.budget.solve(plans, "operation_price"):
    ...     print([departure.choice for departure in each.departures], round(each.low, 1), round(each.high, 1))
    [] 2242.9 2263.1
    ['none'] 2269.1 2285.1
    """
    plans = plans_of(plan)
    _checks.one_of("parameter", parameter, sorted({name for each in plans for name in each.parameters}))
    totals = plans[0].printed if printed is None else tuple(printed)
    if not totals:
        msg = "printed must hold at least one total to solve from, got none"
        raise InputError(msg)
    for total in totals:
        if "any" in total.spans or total.counts == "patients":
            msg = f"printed total {total.id} must be of money and tell its scenario, to solve from it"
            raise InputError(msg)
    everything = tuple({each.name: each for total in totals for each in included(plans, total)}.values())
    found = []
    for departures, how in counting_choices(everything):
        by_plan = dict(zip((each.name for each in everything), how, strict=True))
        bounds = [_bounds(plans, total, parameter, by_plan) for total in totals]
        low, high = max(each[0] for each in bounds), min(each[1] for each in bounds)
        if low <= high and all(_holds(plans, total, parameter, by_plan, (low, high)) for total in totals):
            found.append(Solution(departures, low, high))
    return tuple(sorted(found, key=lambda each: (sum(d.contradicts for d in each.departures), len(each.departures))))


def _bounds(
    plans: Sequence[Plan], total: Printed, parameter: str, by_plan: dict[str, Conventions]
) -> tuple[float, float]:
    """Return the values of the parameter at which all numbers of one total come out."""
    low, high = -np.inf, np.inf
    counted = included(plans, total)
    year = counted[0].years.index(total.year)
    how = [by_plan[each.name] for each in counted]
    for end, span in total.spans.items():
        middle = next(each.parameters[parameter].middle for each in plans if parameter in each.parameters)
        step = _STEP * (abs(middle) or 1.0)
        at = [_total(counted, end, (parameter, value), how, year) for value in (middle - step, middle, middle + step)]
        slope = (at[2] - at[0]) / (2 * step)
        if not np.isfinite(at).all() or abs(at[1] - (at[0] + at[2]) / 2) > _STRAIGHT * max(map(abs, at)):
            msg = f"total {total.id} must be a straight line in {parameter}: solve for a price or a number of patients"
            raise InputError(msg)
        if slope == 0:
            fits = span[0] <= at[1] <= span[1]
            low, high = (low, high) if fits else (np.inf, -np.inf)
            continue
        ends = sorted(middle + (bound - at[1]) / slope for bound in span)
        low, high = max(low, ends[0]), min(high, ends[1])
    return float(low), float(high)


def _holds(
    plans: Sequence[Plan],
    total: Printed,
    parameter: str,
    by_plan: dict[str, Conventions],
    ends: tuple[float, float],
) -> bool:
    """Tell whether both ends give a total and keep to the rules of the plans: a cap may bend the line before them."""
    counted = included(plans, total)
    year = counted[0].years.index(total.year)
    how = [by_plan[each.name] for each in counted]
    for each in counted:
        if parameter in each.parameters:
            for value in ends:
                try:
                    values_of(each, by_plan[each.name], {parameter: value}, parameter)
                except InputError:
                    return False
    for end, span in total.spans.items():
        slack = _OFF * max(map(abs, span))
        for value in ends:
            at = _total(counted, end, (parameter, value), how, year)
            if not span[0] - slack <= at <= span[1] + slack:
                return False
    return True


def _total(
    plans: Sequence[Plan],
    scenario: str,
    setting: tuple[str, float],
    how: Sequence[Conventions],
    year: int,
) -> float:
    """Return the net spending with a parameter at a value and the others in a scenario."""
    columns = []
    parameter, value = setting
    for each in plans:
        chosen = _choosing.scenario_values(each, each.conventions, scenario)
        columns.append(({**chosen, parameter: value} if parameter in each.parameters else chosen,))
    spent = Effects.at(plans, tuple(columns)).by_flow(plans, how, year)
    return math.fsum(float(each[0]) for each in spent.values())
