"""The net spending of a plan in the arithmetic of enclosures, and its extremes over ranges of the parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

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

__all__ = ["degree_of_spending", "extreme", "may_turn", "spending"]


def spending(plan: Plan, conventions: Conventions, years: Sequence[int], values: Mapping[str, Enclosure]) -> Enclosure:
    """Return the net spending inside the budget in years by their places, or the units of a plan without prices.

    `hecon.budget._engine.count` gives the same amounts at points, year by year and resource by resource.
    """

    def of(formula: Formula) -> Enclosure:
        return enclosed(formula, values)

    factors = _yearly(conventions, years, of(0.0), values)
    discounts = _engine.discounts(plan, conventions)[:, 0]
    total = of(0.0)
    for population in plan.populations:
        there = of(0.0)
        for place, factor in factors.items():
            at = plan.years[place]
            growth = (1 + conventions.demographic_growth) ** (at - (plan.base_year or at))
            there += factor * (growth * (float(discounts[place]) if plan.priced else 1.0))
        current, new, extra = (
            _per_patient(plan, conventions, flows, of(0.0), values)
            for flows in (population.current, population.new, population.extra or population.new)
        )
        total += there * of(population.size) * (new - current + of(population.extra_demand) * extra)
    for amount in plan.amounts:
        own = conventions.deductible_share if under_deductible(amount.sector, amount.payer) else 0.0
        if amount.payer in INSIDE:
            for place in years:
                total += of(amount.by_year[place]) * (float(discounts[place]) * (1 - own))
    return total


def _yearly(
    conventions: Conventions, years: Sequence[int], zero: Enclosure, values: Mapping[str, Enclosure]
) -> dict[int, Enclosure]:
    """Return by how much a patient's care at full uptake and uninflated prices counts in each year."""
    cap = enclosed(conventions.cap, values)
    risen = zero + 1.0
    found: dict[int, Enclosure] = {}
    for place in range(max(years) + 1):
        if conventions.inflation_rule != "none" and conventions.inflation:
            rate = enclosed(conventions.inflation[place], values) + 1.0
            risen = risen * rate if conventions.inflation_rule == "cumulative" else rate
        if place in years:
            path = enclosed(conventions.uptake[place], values)
            reach = path.minimum(cap) if conventions.cap_rule == "ceiling" else path * cap
            found[place] = reach * risen
    return found


def _per_patient(
    plan: Plan, conventions: Conventions, flows: Iterable[Flow], zero: Enclosure, values: Mapping[str, Enclosure]
) -> Enclosure:
    """Return the spending on a patient of a pathway inside the budget, or the units of a plan without prices."""
    total = zero
    for flow in flows:
        used = enclosed(flow.share, values) * enclosed(flow.quantity, values)
        if not plan.priced:
            total += used
        elif flow.payer in INSIDE and flow.price is not None:
            own = conventions.deductible_share if under_deductible(flow.sector, flow.payer) else 0.0
            total += used * enclosed(flow.price, values) * (1 - own)
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
    """Search the least, or the most, net spending over ranges of the parameters; both ends alike hold one fast."""
    sign = -1.0 if highest else 1.0

    def objective(values: Mapping[str, Enclosure]) -> Enclosure:
        return spending(plan, conventions, years, values) * sign

    found = least(objective, box, starts=starts)
    return replace(found, value=sign * found.value, bound=sign * found.bound)
