"""The numeric core: a plan at given values of its parameters, as arrays over years, values and flows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon.budget.sectors import INSIDE, under_deductible
from hecon.formulas import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hecon.budget.conventions import Conventions
    from hecon.budget.pathways import Flow
    from hecon.budget.plan import Plan

__all__ = ["Counted", "Resource", "count", "discounts", "price_factors", "resources", "uptake"]


@dataclass(frozen=True)
class Resource:
    """A row of the count: a resource of a population, or an amount taken over; its sector."""

    population: str
    flow: str
    sector: str


@dataclass(frozen=True)
class Counted:
    """What a plan comes to, each (year, resource, value): money inside and outside the budget, and units.

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
    """Return what a plan comes to at given values of its parameters.

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
