"""The net spending of a plan in the arithmetic of enclosures, and its extremes over ranges of the parameters."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hecon._extremes import least
from hecon.budget import _engine
from hecon.budget.sectors import INSIDE, under_deductible
from hecon.formula_bounds import degree, enclosed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hecon._enclosure import Enclosure
    from hecon._extremes import Extreme
    from hecon.budget.conventions import Conventions, Formula
    from hecon.budget.pathways import Flow
    from hecon.budget.plan import Plan

    # Share, quantity, price, and the part of the money that is inside the budget.
    Term = tuple[Formula, Formula, Formula, float]

__all__ = ["degree_of_spending", "extreme", "may_turn", "spending"]


def spending(plan: Plan, conventions: Conventions, years: Sequence[int], values: Mapping[str, Enclosure]) -> Enclosure:
    """Return the net spending inside the budget in years by their places, or the units of a plan without prices.

    `hecon.budget._engine.count` gives the same amounts at points, year by year and resource by resource.
    """

    def of(formula: Formula) -> Enclosure:
        return enclosed(formula, values)

    # Units do not rise with prices.
    factors = _yearly(conventions, years, of(0.0), values, rising=plan.priced)
    discounts = _engine.discounts(plan, conventions)[:, 0]
    total = of(0.0)
    for population in plan.populations:
        there = of(0.0)
        for place, factor in factors.items():
            at = plan.years[place]
            growth = (1 + conventions.demographic_growth) ** (at - (plan.base_year or at))
            there += factor * (growth * (float(discounts[place]) if plan.priced else 1.0))
        current, new, extra = (
            _terms(plan, conventions, flows)
            for flows in (population.current, population.new, population.extra or population.new)
        )
        # What both pathways hold alike is left out of both: of its bounds the difference would not be 0.
        change = _sum(new - current, of(0.0), values) - _sum(current - new, of(0.0), values)
        change += of(population.extra_demand) * _sum(extra, of(0.0), values)
        total += there * of(population.size) * change
    for amount in plan.amounts:
        own = conventions.deductible_share if under_deductible(amount.sector, amount.payer) else 0.0
        if amount.payer in INSIDE:
            for place in years:
                total += of(amount.by_year[place]) * (float(discounts[place]) * (1 - own))
    return total


def _yearly(
    conventions: Conventions, years: Sequence[int], zero: Enclosure, values: Mapping[str, Enclosure], *, rising: bool
) -> dict[int, Enclosure]:
    """Return by how much a patient's care at full uptake and uninflated prices counts in each year."""
    cap = enclosed(conventions.cap, values)
    risen = zero + 1.0
    found: dict[int, Enclosure] = {}
    for place in range(max(years) + 1):
        if rising and conventions.inflation_rule != "none" and conventions.inflation:
            rate = enclosed(conventions.inflation[place], values) + 1.0
            risen = risen * rate if conventions.inflation_rule == "cumulative" else rate
        if place in years:
            path = enclosed(conventions.uptake[place], values)
            reach = path.minimum(cap) if conventions.cap_rule == "ceiling" else path * cap
            found[place] = reach * risen
    return found


def _terms(plan: Plan, conventions: Conventions, flows: Iterable[Flow]) -> Counter[Term]:
    """Return what a patient of a pathway spends inside the budget, or the units of a plan without prices."""
    terms: Counter[Term] = Counter()
    for flow in flows:
        if not plan.priced:
            terms[flow.share, flow.quantity, 1.0, 1.0] += 1
        elif flow.payer in INSIDE and flow.price is not None:
            own = conventions.deductible_share if under_deductible(flow.sector, flow.payer) else 0.0
            terms[flow.share, flow.quantity, flow.price, 1 - own] += 1
    return terms


def _sum(terms: Counter[Term], zero: Enclosure, values: Mapping[str, Enclosure]) -> Enclosure:
    total = zero
    for (share, quantity, price, part), often in terms.items():
        total += enclosed(share, values) * enclosed(quantity, values) * enclosed(price, values) * (part * often)
    return total


def may_turn(plan: Plan, conventions: Conventions, name: str) -> bool:
    """Tell whether spending, as the plan is written, may rise and fall over the range of one parameter.

    It does not where it is a straight line in the parameter, or where the parameter does nothing but cut off uptake.
    """
    reach = max((degree(each, name) for each in conventions.uptake), default=0.0)
    cap = degree(conventions.cap, name)
    if conventions.cap_rule == "ceiling" and (reach or cap):
        return bool(reach or cap > 1 or degree_of_spending(plan, replace(conventions, cap=1.0), name))
    return degree_of_spending(plan, conventions, name) > 1


def degree_of_spending(plan: Plan, conventions: Conventions, name: str) -> float:
    """Return the degree of spending in a parameter as the plan is written, of the parts of a line that a cap bends."""

    def of(*formulas: Formula | None) -> float:
        return sum(degree(formula, name) for formula in formulas if formula is not None)

    path, cap = max(map(of, conventions.uptake), default=0.0), of(conventions.cap)
    rates = [of(rate) for rate in conventions.inflation] if conventions.inflation_rule != "none" else []
    rising = sum(rates) if conventions.inflation_rule == "cumulative" else max(rates, default=0.0)
    amounts = max((of(formula) for each in plan.amounts for formula in each.by_year), default=0.0)
    per_patient = 0.0
    for each in plan.populations:
        flows = max((of(flow.share, flow.quantity, flow.price) for flow in (*each.current, *each.new)), default=0.0)
        extra = max((of(flow.share, flow.quantity, flow.price) for flow in each.extra or each.new), default=0.0)
        per_patient = max(per_patient, of(each.size) + max(flows, of(each.extra_demand) + extra))
    reach = max(path, cap) if conventions.cap_rule == "ceiling" else path + cap
    return max(amounts, reach + rising + per_patient)


def extreme(
    plan: Plan,
    conventions: Conventions,
    box: Mapping[str, tuple[float, float]],
    *,
    years: Sequence[int],
    highest: bool,
    starts: Iterable[Mapping[str, float]] = (),
) -> Extreme:
    """Search the least, or the most, net spending over ranges of the parameters; both ends alike hold one fast.

    It is proven to 1e-9 of the spending at the middle of the ranges.
    """
    counted = _engine.count(plan, conventions, {name: np.array([sum(ends) / 2]) for name, ends in box.items()})
    parts = (counted.current, counted.change) if plan.priced else (counted.units_current, counted.units_change)
    size = sum(float(np.abs(part).sum()) for part in parts)
    sign = -1.0 if highest else 1.0

    def objective(values: Mapping[str, Enclosure]) -> Enclosure:
        return spending(plan, conventions, years, values) * sign

    found = least(objective, box, starts=starts, size=size if np.isfinite(size) else 0.0)
    return replace(found, value=sign * found.value, bound=sign * found.bound)
