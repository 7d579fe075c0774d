"""Solve a number that is not printed from the totals that are, with the range that their rounding leaves."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks
from hecon.budget import _choosing
from hecon.budget._engine import degree_of_spending
from hecon.budget.impact import values_of
from hecon.budget.reconciling import CountingDeparture, Effects, counting_choices, included, plans_of
from hecon.errors import InputError
from hecon.printed.formulas import degree, evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hecon.budget.plan import Plan
    from hecon.budget.records import Conventions, Printed

# The values of the parameters of each plan, by its name.
Values = dict[str, dict[str, float]]

# Relative: parts of a line that lie no further apart meet.
_STRAIGHT = 1e-12
# Of the parameter: how far from its value the line is taken.
_STEP = 0.01
# Beyond these no parameter lies; so many halvings find where its rules end.
_FAR, _HALVINGS = 1e12, 100


@dataclass(frozen=True)
class Solution:
    """A way to count under which one value of the parameter gives all printed totals.

    Attributes
    ----------
    departures : tuple of CountingDeparture
        From what is stated; empty for the stated conventions.
    low, high : float
        Lowest and highest value that gives them all, to their rounding; looked for up to 1e12 in size.
    """

    departures: tuple[CountingDeparture, ...]
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
    for each in everything:
        if parameter in each.parameters and degree_of_spending(each, each.conventions, parameter) > 1:
            lines = f"total {totals[0].id} must be a straight line in {parameter}"
            msg = f"{lines}: solve for a price or a number of patients"
            raise InputError(msg)
    ends = {end for total in totals for end in total.spans}
    at_ends = {
        end: {each.name: _choosing.scenario_values(each, each.conventions, end) for each in everything} for end in ends
    }
    result = []
    for departures, how in counting_choices(everything):
        by_plan = dict(zip((each.name for each in everything), how, strict=True))
        spans: list[tuple[float, float]] = [(-np.inf, np.inf)]
        for total in totals:
            spans = _allowed(plans, total, parameter, by_plan, at_ends=at_ends, spans=spans)
        ruled = (_ruled(everything, parameter, by_plan, span) for span in _joined(spans))
        result += [Solution(departures, *span) for span in ruled if span is not None]
    return tuple(sorted(result, key=lambda each: (sum(d.contradicts for d in each.departures), len(each.departures))))


def _joined(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the parts of a line, those that meet at a bend as one."""
    result: list[tuple[float, float]] = []
    for low, high in spans:
        if result and low <= result[-1][1] + _STRAIGHT * abs(low):
            result[-1] = (result[-1][0], max(result[-1][1], high))
        else:
            result.append((low, high))
    return result


def _allowed(
    plans: Sequence[Plan],
    total: Printed,
    parameter: str,
    by_plan: dict[str, Conventions],
    *,
    at_ends: dict[str, Values],
    spans: list[tuple[float, float]],
) -> list[tuple[float, float]]:
    """Return what is left of spans of the parameter in which all numbers of one total come out.

    Between two bends of a cap a total is a straight line.
    """
    counted = included(plans, total)
    year = counted[0].years.index(total.year)
    how = [by_plan[each.name] for each in counted]
    middle = next(each.parameters[parameter].middle for each in plans if parameter in each.parameters)
    for end, bounds in total.spans.items():
        bends = _bends(counted, at_ends[end], parameter, how, year)
        edges = [-np.inf, *bends, np.inf]
        parts = []
        for low, high in itertools.pairwise(edges):
            at = _inside(low, high, middle)
            line = [_total(counted, at_ends[end], (parameter, value), how, year) for value in at]
            parts += [_cut(span, _where(at, line, bounds, (low, high), total.id)) for span in spans]
        spans = sorted({(low, high) for low, high in parts if low <= high})
    return spans


def _cut(span: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return float(max(span[0], other[0])), float(min(span[1], other[1]))


def _inside(low: float, high: float, middle: float) -> tuple[float, float, float]:
    """Return three places in a part of a line, evenly apart: about the parameter's value, if it lies there."""
    step = _STEP * (abs(middle) or 1.0)
    if np.isfinite(low) and np.isfinite(high):
        step, middle = (high - low) / 4, (low + high) / 2
    elif np.isfinite(low) and middle - step < low:
        middle = low + 2 * step
    elif np.isfinite(high) and middle + step > high:
        middle = high - 2 * step
    return middle - step, middle, middle + step


def _where(
    at: tuple[float, float, float],
    line: Sequence[float],
    bounds: tuple[float, float],
    part: tuple[float, float],
    name: str,
) -> tuple[float, float]:
    """Return where a total, a straight line over a part, lies within its bounds; nowhere is a span that runs down."""
    if not np.isfinite(line).all():
        msg = f"total {name} must be finite near the parameter's value, to solve from it: it divides by 0"
        raise InputError(msg)
    slope = (line[2] - line[0]) / (at[2] - at[0])
    if slope == 0:
        return part if bounds[0] <= line[1] <= bounds[1] else (np.inf, -np.inf)
    low, high = sorted(at[1] + (bound - line[1]) / slope for bound in bounds)
    return _cut(part, (low, high))


def _bends(plans: Sequence[Plan], values: Values, parameter: str, how: Sequence[Conventions], year: int) -> list[float]:
    """Return the values of the parameter at which uptake reaches the cap in a year."""
    result = set()
    for plan, conventions in zip(plans, how, strict=True):
        uptake, cap = conventions.uptake[year], conventions.cap
        used = max(degree(uptake, parameter), degree(cap, parameter))
        if conventions.cap_rule == "ceiling" and used:
            chosen = values[plan.name] | {parameter: np.array([0.0, 1.0])}
            room = np.broadcast_to(evaluate(cap, chosen) - evaluate(uptake, chosen), 2)
            if room[0] != room[1]:
                result.add(float(room[0] / (room[0] - room[1])))
    return sorted(result)


def _ruled(
    plans: Sequence[Plan], parameter: str, by_plan: dict[str, Conventions], span: tuple[float, float]
) -> tuple[float, float] | None:
    """Return the part of a span of the parameter that keeps to the rules of the plans, such as a share of at most 1."""
    held = [each for each in plans if parameter in each.parameters]

    def keeps(value: float) -> bool:
        try:
            for each in held:
                values_of(each, by_plan[each.name], {parameter: value}, parameter)
        except InputError:
            return False
        return True

    low, high = max(span[0], -_FAR), min(span[1], _FAR)
    inside = (low, high, float(np.clip(held[0].parameters[parameter].middle, low, high)), (low + high) / 2)
    start = next((value for value in inside if keeps(value)), None)
    if start is None:
        return None
    return _edge(keeps, start, low), _edge(keeps, start, high)


def _edge(keeps: Callable[[float], bool], start: float, end: float) -> float:
    """Return the end, or the last value before it that keeps to the rules."""
    if keeps(end):
        return end
    for _ in range(_HALVINGS):
        middle = (start + end) / 2
        start, end = (middle, end) if keeps(middle) else (start, middle)
    return start


def _total(
    plans: Sequence[Plan], values: Values, setting: tuple[str, float], how: Sequence[Conventions], year: int
) -> float:
    """Return the net spending with a parameter at a value and the others as given."""
    columns = []
    parameter, value = setting
    for each in plans:
        chosen = values[each.name]
        columns.append(({**chosen, parameter: value} if parameter in each.parameters else chosen,))
    spent = Effects.at(plans, tuple(columns)).by_flow(plans, how, year)
    return math.fsum(float(each[0]) for each in spent.values())
