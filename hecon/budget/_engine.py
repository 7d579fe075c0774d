"""A plan at given values of its parameters: arrays over years, values and flows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hecon.budget.records import INSIDE, under_deductible
from hecon.printed.extremes import least
from hecon.printed.formulas import degree, enclosed, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from hecon.budget.plan import Plan
    from hecon.budget.records import Conventions, Flow, Formula
    from hecon.printed.extremes import Extreme
    from hecon.printed.formulas import Enclosure

    Term = tuple[Formula, Formula, Formula, float]


def spending(plan: Plan, conventions: Conventions, years: Sequence[int], values: Mapping[str, Enclosure]) -> Enclosure:
    """Return the net spending inside the budget in years by their places, or the units of a plan without prices.

    `hecon.budget._engine.count` gives the same amounts at points, year by year and resource by resource.
    """

    def of(formula: Formula) -> Enclosure:
        return enclosed(formula, values)

    # Units do not rise with prices.
    factors = _yearly(conventions, years, of(0.0), values, rising=plan.priced)
    discount_factors = discounts(plan, conventions)[:, 0]
    total = of(0.0)
    for population in plan.populations:
        there = of(0.0)
        for place, factor in factors.items():
            at = plan.years[place]
            growth = (1 + conventions.demographic_growth) ** (at - (plan.base_year or at))
            there += factor * (growth * (float(discount_factors[place]) if plan.priced else 1.0))
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
                total += of(amount.by_year[place]) * (float(discount_factors[place]) * (1 - own))
    return total


def _yearly(
    conventions: Conventions, years: Sequence[int], zero: Enclosure, values: Mapping[str, Enclosure], *, rising: bool
) -> dict[int, Enclosure]:
    """Return by how much a patient's care at full uptake and uninflated prices counts in each year."""
    cap = enclosed(conventions.cap, values)
    risen = zero + 1.0
    result: dict[int, Enclosure] = {}
    for place in range(max(years) + 1):
        if rising and conventions.inflation_rule != "none" and conventions.inflation:
            rate = enclosed(conventions.inflation[place], values) + 1.0
            risen = risen * rate if conventions.inflation_rule == "cumulative" else rate
        if place in years:
            path = enclosed(conventions.uptake[place], values)
            reach = path.minimum(cap) if conventions.cap_rule == "ceiling" else path * cap
            result[place] = reach * risen
    return result


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
    """Return whether spending, as the plan is written, may rise and fall over the range of one parameter.

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
    counted = count(plan, conventions, {name: np.array([sum(ends) / 2]) for name, ends in box.items()})
    parts = (counted.current, counted.change) if plan.priced else (counted.units_current, counted.units_change)
    size = sum(float(np.abs(part).sum()) for part in parts)
    sign = -1.0 if highest else 1.0

    def objective(values: Mapping[str, Enclosure]) -> Enclosure:
        return spending(plan, conventions, years, values) * sign

    result = least(objective, box, starts=starts, size=size if np.isfinite(size) else 0.0)
    return replace(result, value=sign * result.value, bound=sign * result.bound)


@dataclass(frozen=True)
class Resource:
    """A row of the count: a resource of a population, or an amount taken over; its sector."""

    population: str
    flow: str
    sector: str


@dataclass(frozen=True)
class Counted:
    """Money inside and outside the budget, and units, each (year, resource, value).

    Each pair is the current situation and the change by the new one, so that what does not change is exactly 0.
    `patients` is (year, value): those on the new pathway.
    """

    resources: tuple[Resource, ...]
    current: NDArray[np.float64]
    change: NDArray[np.float64]
    outside_current: NDArray[np.float64]
    outside_change: NDArray[np.float64]
    units_current: NDArray[np.float64]
    units_change: NDArray[np.float64]
    patients: NDArray[np.float64]


def resources(plan: Plan) -> tuple[Resource, ...]:
    """Return the rows of a plan's count: flows by population, then amounts."""
    rows = [
        Resource(population.id, flow.id, flow.sector)
        for population in plan.populations
        for flow in (*population.current, *population.new, *population.extra)
    ]
    rows += [Resource("", amount.id, amount.sector) for amount in plan.amounts]
    return tuple(dict.fromkeys(rows))


def uptake(plan: Plan, conventions: Conventions, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the share on the new pathway, (year, value)."""
    width = _width(values)
    cap = np.broadcast_to(evaluate(conventions.cap, values), width)
    path = np.stack([np.broadcast_to(evaluate(each, values), width) for each in conventions.uptake[: len(plan.years)]])
    return np.minimum(path, cap) if conventions.cap_rule == "ceiling" else path * cap


def discounts(plan: Plan, conventions: Conventions) -> NDArray[np.float64]:
    """Return by what money of each year is multiplied to discount it, (year, 1)."""
    return np.asarray((1 + conventions.discount_rate) ** -np.arange(len(plan.years), dtype=np.float64)[:, None])


def price_factors(
    plan: Plan, conventions: Conventions, values: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return by what prices of each year are multiplied: inflation and discounting, (year, value)."""
    width = _width(values)
    rates: NDArray[np.float64] = np.ones((len(plan.years), *width))
    if conventions.inflation_rule != "none" and conventions.inflation:
        rates = 1 + np.stack([np.broadcast_to(evaluate(each, values), width) for each in conventions.inflation])
    if conventions.inflation_rule == "cumulative":
        rates = np.asarray(np.cumprod(rates, axis=0))
    return np.asarray(rates * discounts(plan, conventions))


def _width(values: Mapping[str, NDArray[np.float64]]) -> tuple[int, ...]:
    return np.broadcast_shapes((1,), *(np.shape(each) for each in values.values()))


def _used(
    flows: tuple[Flow, ...], population: str, rows: tuple[Resource, ...], values: Mapping[str, NDArray[np.float64]]
) -> tuple[NDArray[np.float64], ...]:
    """Return money inside, money outside, units and money under the deductible of a patient, each (resource, value)."""
    shape = (len(rows), *_width(values))
    inside, outside, units, own = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for flow in flows:
        row = rows.index(Resource(population, flow.id, flow.sector))
        quantity = evaluate(flow.share, values) * evaluate(flow.quantity, values)
        units[row] += quantity
        if flow.price is not None:
            spent = quantity * evaluate(flow.price, values)
            (inside if flow.payer in INSIDE else outside)[row] += spent
            if under_deductible(flow.sector, flow.payer):
                own[row] += spent
    return inside, outside, units, own


def count(plan: Plan, conventions: Conventions, values: Mapping[str, NDArray[np.float64]]) -> Counted:
    """Return money, units and patients at given values of its parameters.

    Values at which a formula divides by 0 come out as NaN or infinite; who gives such values checks for them.
    """
    with np.errstate(all="ignore"):
        return _count(plan, conventions, values)


def _count(plan: Plan, conventions: Conventions, values: Mapping[str, NDArray[np.float64]]) -> Counted:
    rows = resources(plan)
    width = _width(values)
    shape = (len(plan.years), len(rows), *width)
    kinds = ("", "outside_", "units_", "own_")
    current, change = {kind: np.zeros(shape) for kind in kinds}, {kind: np.zeros(shape) for kind in kinds}
    patients = np.zeros((len(plan.years), *width))
    share = uptake(plan, conventions, values)
    factors, discounted = price_factors(plan, conventions, values), discounts(plan, conventions)
    for population in plan.populations:
        size = np.broadcast_to(evaluate(population.size, values), width)
        extra = np.broadcast_to(evaluate(population.extra_demand, values), width)
        now = _used(population.current, population.id, rows, values)
        then = _used(population.new, population.id, rows, values)
        added = _used(population.extra, population.id, rows, values) if population.extra else then
        for year, at in enumerate(plan.years):
            there = size * (1 + conventions.demographic_growth) ** (at - (plan.base_year or at))
            patients[year] += there * share[year] * (1 + extra)
            for kind, a, b, c in zip(kinds, now, then, added, strict=True):
                factor = 1.0 if kind == "units_" else factors[year]
                current[kind][year] += factor * there * a
                change[kind][year] += factor * there * share[year] * (b - a + extra * c)
    _add_amounts(plan, rows, values, discounted, change)
    if conventions.deductible_share:
        for arrays in (current, change):
            paid = conventions.deductible_share * arrays["own_"]
            arrays[""] -= paid
            arrays["outside_"] += paid
    return Counted(
        resources=rows,
        patients=patients,
        current=current[""],
        change=change[""],
        outside_current=current["outside_"],
        outside_change=change["outside_"],
        units_current=current["units_"],
        units_change=change["units_"],
    )


def _add_amounts(
    plan: Plan,
    rows: tuple[Resource, ...],
    values: Mapping[str, NDArray[np.float64]],
    discounted: NDArray[np.float64],
    change: dict[str, NDArray[np.float64]],
) -> None:
    """Add to the change what is taken over as an amount by year."""
    for amount in plan.amounts:
        row = rows.index(Resource("", amount.id, amount.sector))
        kind = "" if amount.payer in INSIDE else "outside_"
        for year, formula in enumerate(amount.by_year):
            spent = evaluate(formula, values) * discounted[year]
            change[kind][year, row] += spent
            if under_deductible(amount.sector, amount.payer):
                change["own_"][year, row] += spent
