"""Small plans of a budget impact analysis, drawn at random, and a naive form of it: loops over plain floats."""

from __future__ import annotations

import itertools
from dataclasses import replace

from hypothesis import strategies as st

import hecon
from hecon.budget import Conventions, Flow, Parameter, Plan, Population
from hecon.budget.records import INSIDE, PAYERS, SECTORS

FLAT = Conventions("flat", inflation_rule="none")
YEARS = (2025, 2026, 2027)
PLANS = {name: plan for name in hecon.dossier.names() if (plan := hecon.load(name).budget) is not None}
MENISCUS = (PLANS["meniscal-tear-traumatic"], PLANS["meniscal-tear-degenerative"])


def flow(name="exercise", **changes):
    """Return a resource that costs 1 in primary care, after some changes."""
    given = {"quantity": 1, "price": 1, "sector": "primary paramedical", **changes}
    return Flow(name, **given)


def one_population(**changes):
    """Return the plan of 1,000 patients who get 18 sessions at 36 to 45, after some changes of the plan."""
    given = {
        "years": YEARS,
        "base_year": 2022,
        "price_year": 2024,
        "parameters": {"sessions": Parameter(18), "tariff": Parameter(range=(36, 45))},
        "populations": (Population("patients", size=1000, new=(flow(quantity="sessions", price="tariff"),)),),
        "conventions": FLAT,
    }
    return Plan("plan", **{**given, **changes})


def of_flows(*new, current=(), numbers=None, **changes):
    """Return the plan of 1,000 patients with these flows and numbers, after some changes of the population."""
    population = Population("patients", **{"size": 1000, "current": current, "new": new, **changes})
    given = {} if numbers is None else {"parameters": numbers}
    return one_population(populations=(population,), **given)


# Random plans ---------------------------------------------------------------------------------------------------------


def quarters(low, high):
    """Return numbers of which sums and small products are exact."""
    return st.integers(4 * low, 4 * high).map(lambda number: number / 4)


SECTOR_OF = dict(zip("abcd", SECTORS, strict=False))


@st.composite
def pathways(draw, *, least=0, payers=PAYERS):
    """Draw the resources of a pathway; a resource has one sector wherever it stands."""
    names = draw(st.lists(st.sampled_from("abcd"), unique=True, min_size=least, max_size=3))
    return tuple(
        Flow(
            name,
            quantity=draw(quarters(0, 9) | st.sampled_from(["quantity", "2 * quantity"])),
            price=draw(quarters(0, 99) | st.sampled_from(["price", "price / 2"])),
            sector=SECTOR_OF[name],
            payer=draw(st.sampled_from(payers)),
            share=draw(st.sampled_from([1, 0.25, "share", "1 - share"])),
        )
        for name in names
    )


@st.composite
def conventions(draw):
    """Draw how to count."""
    rate = st.sampled_from([0.0, 0.02, 0.1, -0.1])
    return Conventions(
        "drawn",
        uptake=tuple(sorted(draw(st.lists(st.sampled_from([0, 0.25, 0.6, 1]), min_size=3, max_size=3)))),
        cap=draw(st.sampled_from([1, 0.75, 0.5, "reach"])),
        cap_rule=draw(st.sampled_from(["ceiling", "share"])),
        inflation=tuple(draw(rate) for _ in YEARS),
        inflation_rule=draw(st.sampled_from(["cumulative", "own year", "none"])),
        demographic_growth=draw(rate),
        discount_rate=draw(st.sampled_from([0.0, 0.04])),
        deductible_share=draw(st.sampled_from([0.0, 0.125])),
    )


@st.composite
def plans(draw, *, counting=None, payers=PAYERS):
    """Draw a plan of one or two populations; all amounts are straight lines in each number by itself."""
    low, width = draw(quarters(0, 50)), draw(quarters(0, 50))
    share = sorted((draw(quarters(0, 1)), draw(quarters(0, 1))))
    return Plan(
        "random",
        years=YEARS,
        base_year=draw(st.sampled_from([2022, 2025])),
        price_year=2024,
        parameters={
            "more": Parameter(range=(0.125, 0.25)),
            "reach": Parameter(range=(0.25, 0.75)),
            "price": Parameter(range=(low, low + width)),
            "quantity": Parameter(draw(quarters(0, 9))),
            "share": Parameter(range=tuple(share)),
            "size": Parameter(range=(100, 200)),
        },
        populations=tuple(
            Population(
                name,
                size=draw(quarters(0, 1000) | st.sampled_from(["size", "size / 4"])),
                current=draw(pathways(payers=payers)),
                new=draw(pathways(least=1, payers=payers)),
                extra_demand=draw(st.sampled_from([0, 0.25, "more"])),
                extra=draw(st.just(()) | pathways(payers=payers)),
            )
            for name in draw(st.sampled_from([("one",), ("one", "two")]))
        ),
        conventions=draw(conventions()) if counting is None else counting,
    )


# The naive form -------------------------------------------------------------------------------------------------------


def worth(formula, values):
    """Return what a formula without brackets gives, from left to right."""
    if not isinstance(formula, str):
        return float(formula)
    first, *rest = formula.split()
    numbers = {**values, "2": 2.0, "4": 4.0, "1": 1.0}
    result = float(numbers[first])
    for sign, name in zip(rest[::2], rest[1::2], strict=True):
        other = float(numbers[name])
        result = {"*": result * other, "/": result / (other or 1), "-": result - other}[sign]
    return result


def naive_factor(how, position):
    """Return by what prices of a year are multiplied."""
    factor = 1.0
    if how.inflation_rule == "own year":
        factor = 1 + how.inflation[position]
    if how.inflation_rule == "cumulative":
        for rate in how.inflation[: position + 1]:
            factor *= 1 + rate
    for _ in range(position):
        factor /= 1 + how.discount_rate
    return factor


def naive(plan, values):
    """Return money by (year, sector, key), and patients on the new pathway by year."""
    how = plan.conventions
    booked, patients = {}, dict.fromkeys(plan.years, 0.0)

    def book(year, each, key, amount):
        exempt = each.payer != "Zvw" or each.sector in {"general practice", "district nursing"}
        own = (0.0 if exempt else amount * how.deductible_share) if each.payer in INSIDE else amount
        for prefix, money in (("", amount - own), ("outside_", own)):
            place = year, each.sector, prefix + key
            booked[place] = booked.get(place, 0.0) + money

    for (position, year), population in itertools.product(enumerate(plan.years), plan.populations):
        people = worth(population.size, values)
        for _ in range(plan.base_year, year):
            people *= 1 + how.demographic_growth
        uptake, cap = worth(how.uptake[position], values), worth(how.cap, values)
        moved = people * (min(uptake, cap) if how.cap_rule == "ceiling" else uptake * cap)
        come = moved * worth(population.extra_demand, values)
        patients[year] += moved + come
        groups = [
            (population.current, people, "current"),
            (population.current, people - moved, "new"),
            (population.new, moved, "new"),
            (population.extra or population.new, come, "new"),
        ]
        for flows, number, key in groups:
            for each in flows:
                spent = worth(each.share, values) * worth(each.quantity, values) * worth(each.price, values)
                book(year, each, key, naive_factor(how, position) * number * spent)
    return booked, patients


def middle(plan):
    """Return the value of each parameter in the middle scenario."""
    return {name: each.middle for name, each in plan.parameters.items()}


def rescaled(plan, *, price=1.0, size=1.0):
    """Return a plan with all its prices and sizes, which are plain numbers, multiplied."""

    def dearer(flows):
        return tuple(replace(each, price=each.price * price) for each in flows)

    return replace(
        plan,
        populations=tuple(
            replace(
                each,
                size=each.size * size,
                current=dearer(each.current),
                new=dearer(each.new),
                extra=dearer(each.extra),
            )
            for each in plan.populations
        ),
    )


def settled(plan):
    """Return a plan at its middle scenario with plain numbers in place of formulas."""
    values = middle(plan)

    def plain(flows):
        return tuple(
            replace(
                each,
                share=worth(each.share, values),
                quantity=worth(each.quantity, values),
                price=worth(each.price, values),
            )
            for each in flows
        )

    return replace(
        plan,
        parameters={},
        conventions=replace(plan.conventions, cap=worth(plan.conventions.cap, values)),
        populations=tuple(
            replace(
                each,
                size=worth(each.size, values),
                extra_demand=worth(each.extra_demand, values),
                current=plain(each.current),
                new=plain(each.new),
                extra=plain(each.extra),
            )
            for each in plan.populations
        ),
    )
