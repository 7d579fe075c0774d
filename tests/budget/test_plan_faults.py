"""Faults of a plan of a budget impact analysis: each has its path, and all are told at once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from budget_cases import FLAT, PLANS, YEARS, flow, of_flows, one_population

import hecon
from hecon import budget
from hecon.budget import (
    ZIN,
    Amount,
    Conventions,
    Parameter,
    Plan,
    Population,
    Printed,
)
from hecon.errors import InputError, PlanError

HUGE = "*".join(["1e30"] * 11)
SLOW = replace(FLAT, discount_rate=0.04)
NAN, INF = float("nan"), float("inf")
UNIT = "must be one of primary paramedical, specialist care, district nursing, general practice, medicines, "
TARIFF = Parameter(range=(36, 45))


def told(build):
    """Return the faults of a plan."""
    with pytest.raises(PlanError) as found:
        build()
    return list(found.value.faults)


def population(**changes):
    """Return the plan of a population of 1,000 who get one flow, after some changes of the population."""
    return one_population(populations=(Population(**{"id": "patients", "size": 1000, "new": (flow(),), **changes}),))


def uptake(*path, **rules):
    """Return a plan with this path of uptake."""
    return one_population(conventions=replace(FLAT, uptake=path, **rules))


def ranged(**changes):
    """Return a plan of which the tariff is so."""
    return one_population(parameters={"sessions": Parameter(18), "tariff": Parameter(**changes)})


def rising(price_year, *rates, **rules):
    """Return a plan whose prices are of a year, and rise by these rates."""
    return one_population(price_year=price_year, conventions=Conventions("rising", inflation=rates, **rules))


# A fault in each case: the plan, and all that is told.
CASES = {
    # lists and mappings
    "one population for a list": (
        lambda: one_population(populations=3, amounts=None),
        [
            "populations: must be a tuple of hecon.budget.Population, got 3",
            "amounts: must be a tuple of hecon.budget.Amount, got None",
        ],
    ),
    "one flow for a list": (
        lambda: population(new="exercise"),
        ["population[0].new: must be a tuple of hecon.budget.Flow, got 'exercise'"],
    ),
    "pairs for a mapping": (
        lambda: one_population(parameters=[("tariff", 3)], scenarios=None, label="a", mixed_price_years=2),
        [
            "parameters: must be a mapping with a name for each, got [('tariff', 3)]",
            "scenarios: must be a mapping with a name for each, got None",
            "mixed_price_years: must be a mapping with a name for each, got 2",
            "label: must be a mapping with a name for each, got 'a'",
        ],
    ),
    "totals and overlaps of another kind": (
        lambda: one_population(printed=(3,), overlaps=("x",)),
        ["printed[0]: must be of the class Printed, got int", "overlaps[0]: must be of the class Overlap, got str"],
    ),
    "two totals of one id": (
        lambda: one_population(printed=(Printed("sum", 2027, value=1), Printed("sum", 2027, value=2))),
        ["printed[1].id: must be unique, got 'sum' again"],
    ),
    "a group and an id that are lists": (
        lambda: of_flows(flow(["a"], one_of=["b"])),
        [
            "population[0].new[0].id: must be non-empty text, got ['a']",
            "population[0].new[0].one_of: must be the name of a group, or None, got ['b']",
        ],
    ),
    # the year of the prices and inflation
    "prices of before the rates": (
        lambda: rising(2022, 0.02, 0.02, 0.02),
        [
            (
                "conventions.inflation_rule: must be 'none' for prices of 2022, as its rates begin in 2025, "
                "got 'cumulative': index the prices to 2024, or count without inflation"
            )
        ],
    ),
    "inflation that the prices hold": (
        lambda: rising(2026, 0.02, "0.01 + tariff * 0", 0.02),
        [
            "conventions.inflation[0]: must be 0, as the prices are of 2026 already",
            "conventions.inflation[1]: must be 0, as the prices are of 2026 already",
        ],
    ),
    # uptake and the other conventions
    "uptake above 1": (lambda: uptake(0.5, 0.75, 1.2), ["conventions.uptake[2]: must be in [0, 1], got 1.2"]),
    "uptake below 0": (lambda: uptake(-0.1, 0.75, 1), ["conventions.uptake[0]: must be in [0, 1], got -0.1"]),
    "uptake that falls": (lambda: uptake(0.5, 0.4, 1), ["conventions.uptake[1]: must not fall, got 0.4 after 0.5"]),
    "uptake of two years": (
        lambda: uptake(0.5, 1),
        ["conventions.uptake: must be given for every year, got 2 for 3: 2027 missing"],
    ),
    "uptake of four years": (
        lambda: uptake(0.25, 0.5, 0.75, 1),
        ["conventions.uptake: must be given once for every year, got 4 for 3"],
    ),
    "uptake by an unknown number": (
        lambda: uptake(0, 0, "path"),
        ["conventions.uptake[2]: must use known ids, got 'path'; known: sessions, tariff"],
    ),
    "uptake by what is no formula": (
        lambda: uptake(0, 0, "1 +"),
        [
            "conventions.uptake[2]: formula must be numbers and ids of figures with + - * / and brackets, got '1 +'",
        ],
    ),
    "uptake by a call": (
        lambda: uptake(0, 0, "abs(1)"),
        [
            "conventions.uptake[2]: formula must hold only numbers, ids of figures, + - * / and brackets, got 'abs(1)'",
        ],
    ),
    "uptake that is not a number": (
        lambda: uptake(0, 0, NAN),
        ["conventions.uptake[2]: must be a finite number or a formula, got nan"],
    ),
    "uptake that is a truth": (
        lambda: uptake(0, 0, True),  # noqa: FBT003 (what is told of it is the point)
        ["conventions.uptake[2]: must be a finite number or a formula, got True"],
    ),
    "an open convention that is none": (
        lambda: one_population(open_conventions=("cap_rule", "inflation")),
        ["open_conventions[1]: must be one of uptake, cap, cap_rule, inflation_rule, got 'inflation'"],
    ),
    "an open convention by itself": (
        lambda: one_population(open_conventions="uptake"),
        ["open_conventions: must be a tuple of names, got 'uptake'"],
    ),
    "cap above 1": (lambda: uptake(0, 0, 1, cap=75), ["conventions.cap: must be in [0, 1], got 75"]),
    "unknown rule of the cap": (
        lambda: uptake(0, 0, 1, cap_rule="cut"),
        ["conventions.cap_rule: must be one of ceiling, share, got 'cut'"],
    ),
    "unknown rule of inflation": (
        lambda: uptake(0, 0, 1, inflation_rule="simple", inflation=(0, 0, 0)),
        ["conventions.inflation_rule: must be one of cumulative, own year, none, got 'simple'"],
    ),
    "no inflation where it is counted": (
        lambda: one_population(conventions=replace(ZIN, inflation=(0.02,))),
        ["conventions.inflation: must be given for every year, got 1 for 3: 2026, 2027 missing"],
    ),
    "rates of inflation for some years, by a rule that takes none": (
        lambda: one_population(conventions=replace(FLAT, inflation=(0.02,))),
        ["conventions.inflation: must be given for every year, got 1 for 3: 2026, 2027 missing"],
    ),
    "inflation in per cent": (
        lambda: uptake(0, 0, 1, inflation=(0.022, 2.1, 0.02)),
        ["conventions.inflation[1]: must be a fraction from -0.5 to 1, as in 0.022, got 2.1"],
    ),
    "growth that is infinite": (
        lambda: uptake(0, 0, 1, demographic_growth=INF),
        ["conventions.demographic_growth: must be a fraction from -0.5 to 1, as in 0.022, got inf"],
    ),
    "growth from no year on": (
        lambda: one_population(base_year=None, conventions=replace(FLAT, demographic_growth=0.01)),
        ["conventions.demographic_growth: must be 0 for a plan without base_year: say of which year its numbers are"],
    ),
    "discount rate in words": (
        lambda: uptake(0, 0, 1, discount_rate="4%"),
        ["conventions.discount_rate: must be a fraction from -0.5 to 1, as in 0.022, got '4%'"],
    ),
    "deductible above 1": (
        lambda: uptake(0, 0, 1, deductible_share=385),
        ["conventions.deductible_share: must lie in [0, 1], got 385"],
    ),
    "faults of the printed conventions": (
        lambda: one_population(as_printed=replace(FLAT, cap=2)),
        ["as_printed.cap: must be in [0, 1], got 2"],
    ),
    # years
    "a gap in the years": (
        lambda: one_population(years=(2025, 2027, 2028)),
        ["years: must follow one another, got no 2026: a horizon has no gaps"],
    ),
    "years that run down": (
        lambda: one_population(years=YEARS[::-1], base_year=2020),
        ["years: must run upwards, each once, got [2027, 2026, 2025]"],
    ),
    "years in words": (
        lambda: one_population(years=("2025", "2026", "2027")),
        ["years: must be whole numbers, one at least, as in [2025, 2026, 2027], got ['2025', '2026', '2027']"],
    ),
    "a base year after the first": (
        lambda: one_population(base_year=2026),
        ["base_year: must not be after the first year 2025, got 2026"],
    ),
    "prices of the future": (
        lambda: one_population(price_year=2042),
        ["price_year: must be from 1997 to 2027, the last year of the plan, got 2042"],
    ),
    "prices of long ago": (
        lambda: one_population(price_year=1924),
        ["price_year: must be from 1997 to 2027, the last year of the plan, got 1924"],
    ),
    "no name": (
        lambda: replace(one_population(), name=" "),
        ["name: must be non-empty text, got ' '"],
    ),
    # parameters
    "minimum above maximum": (
        lambda: ranged(range=(45, 36)),
        ["parameter.tariff.range: must run upwards, got minimum 45 above maximum 36"],
    ),
    "a value outside its range": (
        lambda: ranged(value=50, range=(36, 45)),
        ["parameter.tariff.value: must lie in its range 36 to 45, got 50"],
    ),
    "neither value nor range": (
        ranged,
        ["parameter.tariff: must have a value or a range, got neither"],
    ),
    "a range that ends nowhere": (
        lambda: ranged(range=(36, INF)),
        ["parameter.tariff: must be finite numbers, got inf"],
    ),
    "a value in words": (lambda: ranged(value="36"), ["parameter.tariff: must be finite numbers, got '36'"]),
    "unknown distribution": (
        lambda: ranged(range=(36, 45), distribution="weibull"),
        [
            (
                "parameter.tariff.distribution: must be one of uniform, triangular, pert, normal, lognormal, beta, "
                "gamma, got 'weibull'"
            )
        ],
    ),
    "the id of a total that is no tuple of ids": (
        lambda: ranged(value=40, solved_from="budget_2027"),
        ["parameter.tariff.solved_from: must be a tuple of ids of printed totals, got 'budget_2027'"],
    ),
    "unknown status": (
        lambda: ranged(value=1, status="guessed"),
        ["parameter.tariff.status: must be one of reported, derived, assumed, got 'guessed'"],
    ),
    "logarithms of 0": (
        lambda: ranged(range=(0, 1), distribution="lognormal"),
        ["parameter.tariff.distribution: must suit the range, got lognormal on (0.0, 1.0)"],
    ),
    "a gamma distribution from 0": (
        lambda: ranged(range=(0, 1), distribution="gamma"),
        ["parameter.tariff.distribution: must suit the range, got gamma on (0.0, 1.0)"],
    ),
    "a beta distribution of euros": (
        lambda: ranged(range=(36, 45), distribution="beta"),
        ["parameter.tariff.distribution: must suit the range, got beta on (36.0, 45.0)"],
    ),
    "a beta distribution too wide for its mean": (
        lambda: ranged(value=0.001, range=(0, 1), distribution="beta"),
        ["parameter.tariff.distribution: must suit the range, got beta on (0.0, 1.0)"],
    ),
    "a name that no formula can hold": (
        lambda: one_population(
            parameters={"sessions": Parameter(18), "tariff": TARIFF, "share avoided": Parameter(1)},
        ),
        ["parameter.share avoided: must be named by lower-case words joined by underscores, as in share_avoided"],
    ),
    # populations and their flows
    "nothing to count": (
        lambda: one_population(populations=()),
        ["population: must hold at least one: a plan needs populations, or amounts by year"],
    ),
    "a population twice": (
        lambda: one_population(populations=(Population("a", 1, new=(flow(),)),) * 2),
        ["population[1].id: must be unique, got 'a' again"],
    ),
    "a population without care": (
        lambda: population(new=()),
        ["population[0]: must have a current or a new pathway, got neither"],
    ),
    "a negative size": (lambda: population(size=-1), ["population[0].size: must be at least 0, got -1"]),
    "a size that divides by 0": (
        lambda: population(size="1000 / 0"),
        ["population[0].size: must not divide by what may be 0, got '1000 / 0'"],
    ),
    "a size that may divide by 0": (
        lambda: population(size="1000 / (tariff - 40)"),
        ["population[0].size: must not divide by what may be 0, got '1000 / (tariff - 40)'"],
    ),
    "extra demand in per cent": (
        lambda: population(extra_demand=16),
        ["population[0].extra_demand: must be in [0, 1], got 16"],
    ),
    "a resource twice": (
        lambda: of_flows(flow(), flow()),
        ["population[0].new[1].id: must be unique in its pathway, got 'exercise' again"],
    ),
    "a resource of two sectors": (
        lambda: of_flows(flow(), current=(flow(sector="medicines"),)),
        ["population[0].new[0]: must have the sector of 'exercise' in the other pathway, and a price like it or none"],
    ),
    "a negative price": (
        lambda: of_flows(flow("other"), flow(price=-1)),
        ["population[0].new[1].price: must be at least 0, got -1"],
    ),
    "a price that may be negative": (
        lambda: of_flows(flow(price="40 - tariff"), current=(flow(),)),
        ["population[0].new[0].price: must be at least 0, got -5 at tariff = 45"],
    ),
    "a price without end": (
        lambda: of_flows(flow(price=INF)),
        ["population[0].new[0].price: must be a finite number or a formula, got inf"],
    ),
    "a negative quantity": (
        lambda: of_flows(flow(), current=(flow(quantity=-18),)),
        ["population[0].current[0].quantity: must be at least 0, got -18"],
    ),
    "no quantity": (
        lambda: of_flows(flow(quantity=None)),
        ["population[0].new[0].quantity: must be a finite number or a formula, got None"],
    ),
    "a share above 1": (
        lambda: of_flows(flow(), extra=(flow(share=1.5),)),
        ["population[0].extra[0].share: must be in [0, 1], got 1.5"],
    ),
    "shares that add up to more than 1": (
        lambda: of_flows(flow("a", share=0.5, one_of="knee"), flow("b", share=0.625, one_of="knee")),
        ["population[0].new: must have shares that add up to 1 at most in the group 'knee', got 1.125"],
    ),
    "shares that may add up to more than 1": (
        lambda: of_flows(flow("a", share=0.5, one_of="knee"), flow("b", share="tariff / 45", one_of="knee")),
        ["population[0].new: must have shares that add up to 1 at most in the group 'knee', got 1.5 at tariff = 45"],
    ),
    "unknown sector": (
        lambda: of_flows(flow(sector="dentistry")),
        [f"population[0].new[0].sector: {UNIT}long-term care, social support, got 'dentistry'"],
    ),
    "unknown payer": (
        lambda: of_flows(flow(payer="zvw")),
        [
            (
                "population[0].new[0].payer: must be one of Zvw, Wlz, Wmo, supplementary insurance, own payments, "
                "supplementary insurance or own payments, got 'zvw'"
            )
        ],
    ),
    "another currency": (
        lambda: of_flows(flow(currency="GBP")),
        ["population[0].new[0].currency: must be the plan's EUR, got 'GBP': convert the price"],
    ),
    "another price year": (
        lambda: of_flows(flow(price_year=2022)),
        [
            (
                "population[0].new[0].price_year: must be the plan's 2024, got 2022: index it, or tell why in "
                "mixed_price_years"
            )
        ],
    ),
    "prices of some flows only": (
        lambda: of_flows(flow(), flow("other", price=None)),
        ["population[0]: must have prices for all flows of the plan or for none: a total of some of them misleads"],
    ),
    "prices of some populations only": (
        lambda: one_population(
            populations=(Population("a", 1, new=(flow(),)), Population("b", 1, new=(flow(price=None),)))
        ),
        [
            f"population[{position}]: must have prices for all flows of the plan or for none: a total of some of them "
            "misleads"
            for position in (0, 1)
        ],
    ),
    # amounts
    "amounts of two years": (
        lambda: one_population(amounts=(Amount("a", (1, 2), "medicines"),)),
        ["amount[0].by_year: must be given for every year, got 2 for 3: 2027 missing"],
    ),
    "an amount that is booked nowhere": (
        lambda: one_population(amounts=(Amount("a", (1, NAN, 3), "medicine", "Zvw"),)),
        [
            f"amount[0].sector: {UNIT}long-term care, social support, got 'medicine'",
            "amount[0].by_year[1]: must be a finite number or a formula, got nan",
        ],
    ),
    # scenarios
    "a scenario by the name of another": (
        lambda: one_population(scenarios={"minimum": {"tariff": "low"}}),
        ["scenario.minimum: must have a name of its own, got 'minimum'"],
    ),
    "a scenario of an unknown number": (
        lambda: one_population(scenarios={"dear": {"price": "high"}}),
        ["scenario.dear.price: must be a parameter of the plan; known: sessions, tariff"],
    ),
    "a scenario with an unknown word": (
        lambda: one_population(scenarios={"dear": {"tariff": "highest"}}),
        ["scenario.dear.tariff: must be a number or one of low, middle, high, got 'highest'"],
    ),
    "a scenario of which uptake falls": (
        lambda: one_population(
            parameters={"sessions": Parameter(18), "tariff": TARIFF, "first": Parameter(range=(0.1, 0.4))},
            conventions=replace(FLAT, uptake=("first", 0.5, 1)),
            scenarios={"early": {"first": 0.75}},
        ),
        ["scenario.early: must keep to the rules of the plan: conventions.uptake[1] must not fall, got 0.5 after 0.75"],
    ),
    # substitution
    "a substitution of an unknown number": (
        lambda: one_population(substitution=("avoided", (0, 1))),
        ["substitution: must be a parameter of the plan, got 'avoided'"],
    ),
    "a substitution looked for nowhere": (
        lambda: one_population(substitution=("tariff", (1, 1))),
        ["substitution: must be looked for within two ends that run upwards, got 1 to 1"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_told_with_its_path(name):
    """And nothing else is told, but for formulas that use a number with a fault."""
    build, faults = CASES[name]
    of_number = faults[0].startswith("parameter.")

    found = told(build)

    assert [each for each in found if not (of_number and "must use known ids" in each)] == faults


def test_a_fault_keeps_its_path_and_the_parts_of_its_message():
    """So that who reads plans from files can tell where each stands there."""
    with pytest.raises(PlanError) as found:
        of_flows(flow("other"), flow(currency="GBP"))

    assert [tuple(each) for each in found.value.broken] == [
        (("population", 0, "new", 1, "currency"), "must be the plan's EUR", "'GBP'", ": convert the price")
    ]


def test_what_follows_from_a_fault_is_not_told_as_another():
    """The number is known, and its formula right."""
    assert told(lambda: ranged(range=(45, 36))) == [
        "parameter.tariff.range: must run upwards, got minimum 45 above maximum 36"
    ]


def test_a_fault_of_a_share_is_not_told_of_its_group_too():
    """Neither one that is above 1 nor one that uses a number with a fault."""
    one, other = flow("a", share=1.5, one_of="knee"), flow("b", share=0.5, one_of="knee")
    assert told(lambda: of_flows(one, other)) == ["population[0].new[0].share: must be in [0, 1], got 1.5"]

    unsound = {"part": Parameter(range=(1, 0))}
    assert told(lambda: of_flows(flow("a", share="part", one_of="knee"), other, numbers=unsound)) == [
        "parameter.part.range: must run upwards, got minimum 1 above maximum 0"
    ]


def test_a_fault_of_another_number_hides_none():
    """Uptake by ``rate_a`` that falls is told although a number ``a`` has a fault of its own."""
    plan = one_population()
    numbers = {**plan.parameters, "a": Parameter(range=(2, 1)), "rate_a": Parameter(0.5)}

    assert told(lambda: replace(plan, parameters=numbers, conventions=replace(FLAT, uptake=(0.9, "rate_a", 1)))) == [
        "parameter.a.range: must run upwards, got minimum 2 above maximum 1",
        "conventions.uptake[1]: must not fall, got 0.5 after 0.9",
    ]


def test_all_faults_of_a_plan_are_told_at_once():
    """In the order of the plan, in one error that tells how many there are."""
    with pytest.raises(PlanError) as found:
        one_population(
            years=(2025, 2027),
            base_year=2026,
            populations=(
                Population("patients", -5, new=(flow(sector="x", payer="y", price=-1, share=2), flow(quantity="a b"))),
            ),
            amounts=(Amount("amount", (1, 2), "medicines", "nobody"),),
            conventions=replace(FLAT, uptake=(0.5, 0.25), cap=-1, cap_rule="x"),
        )

    paths = [fault.partition(": ")[0] for fault in found.value.faults]
    assert paths == [
        "years",
        "base_year",
        "population[0].size",
        "population[0].new[0].sector",
        "population[0].new[0].payer",
        "population[0].new[0].share",
        "population[0].new[0].price",
        "population[0].new[1].id",
        "population[0].new[1].quantity",
        "population[0].new[1]",
        "amount[0].payer",
        "conventions.uptake[1]",
        "conventions.cap",
        "conventions.cap_rule",
    ]
    assert str(found.value).splitlines()[0] == "plan plan has 14 faults:"
    assert isinstance(found.value, InputError)


def test_a_reason_lets_price_years_stand_side_by_side():
    """Told in the plan, as two of the dossiers do."""
    plan = one_population(
        populations=(Population("patients", 1000, new=(flow(price_year=2022),)),),
        mixed_price_years={"nl": "niet geïndexeerd", "en": "not indexed"},
    )

    assert plan.populations[0].new[0].price_year == 2022


WRONG_TYPES = {
    "years that are one number": ("years", lambda: one_population(years=2025)),
    "no years": ("years", lambda: one_population(years=None)),
    "a base year in words": ("base_year", lambda: one_population(base_year="2022")),
    "a price year in words": ("price_year", lambda: one_population(price_year="2024")),
    "no currency": ("currency", lambda: one_population(currency=None)),
    "a name that is a number": ("name", lambda: replace(one_population(), name=5)),
    "uptake that is one number": ("conventions.uptake", lambda: one_population(conventions=replace(FLAT, uptake=0.5))),
    "inflation that is one number": (
        "conventions.inflation",
        lambda: one_population(conventions=replace(ZIN, inflation=0.02)),
    ),
    "no conventions": ("conventions", lambda: one_population(conventions=None)),
    "a bare number for a parameter": ("parameter.tariff", lambda: one_population(parameters={"tariff": 36})),
    "a range of one number": ("parameter.tariff", lambda: ranged(range=(36,))),
    "a range of three numbers": ("parameter.tariff", lambda: ranged(range=(36, 40, 45))),
    "a range that is a number": ("parameter.tariff", lambda: ranged(range=36)),
    "a parameter named by a number": ("parameter.5", lambda: one_population(parameters={5: Parameter(1)})),
    "a table for a population": ("population[0]", lambda: one_population(populations=({"id": "patients"},))),
    "nothing for a flow": ("population[0].new[0]", lambda: of_flows(None)),
    "a population without a name": ("population[0].id", lambda: population(id="")),
    "a flow without a name": ("population[0].new[0].id", lambda: of_flows(flow(""))),
    "an amount without a name": (
        "amount[0].id",
        lambda: one_population(amounts=(Amount("", (1, 1, 1), "medicines"),)),
    ),
    "two amounts of one name": (
        "amount[1].id",
        lambda: one_population(amounts=tuple(Amount("a", (1, 1, 1), each) for each in ("medicines", "social support"))),
    ),
    "a number for an amount": ("amount[0]", lambda: one_population(amounts=(5,))),
    "a list for a scenario": ("scenario.dear", lambda: one_population(scenarios={"dear": ["tariff"]})),
    "a list for a currency": ("population[0].new[0].currency", lambda: of_flows(flow(currency=["EUR"]))),
    "a year that no horizon reaches": ("years", lambda: one_population(years=(20_250_000, 20_250_001, 20_250_002))),
    "a base year before all populations": ("base_year", lambda: one_population(base_year=-(10**400))),
    "a scenario beyond the rules": (
        "scenario.cheap",
        lambda: one_population(scenarios={"cheap": {"tariff": -5}}),
    ),
    "a share beyond all numbers": ("population[0].new[0].share", lambda: of_flows(flow(share=HUGE))),
    "a quantity beyond all numbers": ("population[0].new[0].quantity", lambda: of_flows(flow(quantity=HUGE))),
}


@pytest.mark.parametrize("name", WRONG_TYPES)
def test_what_is_of_a_wrong_type_or_size_is_a_fault_with_its_path(name):
    """No other exception comes out, and the first fault is at its place."""
    path, build = WRONG_TYPES[name]

    assert told(build)[0].partition(":")[0].startswith(path)


def test_years_far_apart_are_told_at_once():
    """Without counting the years between them; with a typing error there may be billions."""
    assert told(lambda: one_population(years=(2025, 2026, 2_027_000)))[0].startswith("years: ")


@pytest.mark.parametrize(
    "number", [np.float64(0.5), np.int64(1), np.float32(0.5)], ids=lambda each: type(each).__name__
)
def test_numbers_of_numpy_are_numbers(number):
    """As they come out of an array or a table."""
    plan = of_flows(flow(share=number, price=number), size=number)
    found = hecon.budget_impact(replace(plan, conventions=replace(FLAT, uptake=(number, number, number))))

    assert found.total.sel(year=2027).values == pytest.approx([float(number) ** 4] * 2)


# What a caller gives --------------------------------------------------------------------------------------------------

COPD = PLANS["copd"]
REFUSED = {
    "no plan": (
        lambda: hecon.budget_impact("copd"),
        r"plan must be a hecon\.budget\.Plan, as hecon\.load\(name\)\.budget is, got str",
    ),
    "unknown conventions": (
        lambda: hecon.budget_impact(COPD, conventions="own"),
        "conventions must be one of 'stated', 'as printed', 'zin', got 'own'",
    ),
    "conventions of other years": (
        lambda: hecon.budget_impact(COPD, conventions=Conventions(uptake=(1, 1), inflation_rule="none")),
        r"conventions do not suit plan copd:\s+conventions\.uptake: must be given for every year, got 2 for 3",
    ),
    "general rules without rates of inflation": (
        lambda: hecon.budget_impact(one_population(conventions=FLAT), conventions="zin"),
        r"'zin' takes the rates of inflation of the plan, and .* has none: give conventions\.inflation",
    ),
    "conventions that are a number": (lambda: hecon.budget_impact(COPD, conventions=5), "conventions must be"),
    "scenarios and draws": (
        lambda: hecon.budget_impact(COPD, scenarios=["minimum"], n_draws=5),
        "budget_impact must have scenarios or n_draws, got both: call it twice",
    ),
    "a parameter that is a Decimal": (
        lambda: one_population(parameters={"sessions": Parameter(Decimal(18)), "tariff": Parameter(36)}),
        r"parameter\.sessions: must be finite numbers, got Decimal\('18'\); convert Decimal to float",
    ),
    "a seed without draws": (lambda: hecon.budget_impact(COPD, rng=1), "rng is for draws: pass n_draws=..., as 10_000"),
    "no draws": (lambda: hecon.budget_impact(COPD, n_draws=0), "n_draws must be a whole number of at least 1, got 0"),
    "no scenarios": (lambda: hecon.budget_impact(COPD, scenarios=[]), "scenarios must name at least one, got none"),
    "scenarios that are a number": (lambda: hecon.budget_impact(COPD, scenarios=5), "scenarios must"),
    "a scenario that is a list": (lambda: hecon.budget_impact(COPD, scenarios={"a": ["tariff"]}), "scenario"),
    "a scenario twice": (
        lambda: hecon.budget_impact(COPD, scenarios=["middle", "middle"]),
        "scenarios must be unique, got 'middle' more than once",
    ),
    "an unknown scenario": (
        lambda: hecon.budget_impact(COPD, scenarios="lowest"),
        "scenario must be one of 'minimum', 'middle', 'maximum', got 'lowest'",
    ),
    "a scenario of an unknown number": (
        lambda: hecon.budget_impact(COPD, scenarios={"dear": {"price": 50}}),
        "parameter must be one of 'patients_heaviest', .* got 'price'",
    ),
    "a scenario with an unknown word": (
        lambda: hecon.budget_impact(COPD, scenarios={"dear": {"tariff": "highest"}}),
        "value of tariff must be one of 'low', 'middle', 'high', got 'highest'",
    ),
    "a scenario with what is no number": (
        lambda: hecon.budget_impact(COPD, scenarios={"dear": {"tariff": NAN}}),
        "value of tariff must be finite, got nan",
    ),
    "a scenario beyond the rules": (
        lambda: hecon.budget_impact(COPD, scenarios={"free": {"tariff": -1}}),
        (
            r"scenario 'free' must keep to the rules of the plan; plan copd has 2 faults:\s+"
            r"population\[0\]\.new\[0\]\.price: must be at least 0, got -1"
        ),
    ),
    "a part that is not there": (
        lambda: COPD.part("middle"),
        "population must be one of 'high', 'low', got 'middle'",
    ),
    "bars of a year that is not there": (
        lambda: budget.one_way(COPD, year=2030),
        "year must be one of 2025, 2026, 2027, got 2030",
    ),
    "bars of a plan without prices": (
        lambda: budget.one_way(PLANS["triage"]),
        "plan triage must have prices, got units only: its sources estimate no spending",
    ),
    "a break-even value of a plan without prices": (
        lambda: budget.break_even(PLANS["triage"]),
        "plan triage must have prices, got units only",
    ),
    "a break-even value of an unknown number": (
        lambda: budget.break_even(COPD, of="price"),
        "of must be one of 'uptake', 'patients_heaviest', .* got 'price'",
    ),
    "a search that runs down": (
        lambda: budget.break_even(COPD, within=(1, 0)),
        r"within must run upwards, got 1\.0 to 0\.0",
    ),
    "a search for uptake above 1": (
        lambda: budget.break_even(COPD, within=(0, 100)),
        r"within must lie in \[0, 1\], got 100",
    ),
    "a search that is a number": (lambda: budget.break_even(COPD, within=1), "within must"),
    "a search of three numbers": (lambda: budget.break_even(COPD, within=(0, 0.5, 1)), "within must"),
    "a search where the plan divides by 0": (
        lambda: budget.break_even(PLANS["acl-rupture"], of="reconstructions", within=(0, 100)),
        "within must leave out values at which the plan divides by 0, got 0.0 to 100.0",
    ),
    "a break-even value in a scenario beyond the rules": (
        lambda: budget.break_even(PLANS["acl-rupture"], scenario={"share_avoided": 200}),
        "must keep to the rules of the plan",
    ),
    "conventions for two plans of three": (
        lambda: budget.combine([COPD], conventions=["stated", "as printed"]),
        "conventions must be one for all plans, or one for each of 1, got 2",
    ),
    "conventions for plans that are a number": (
        lambda: budget.combine([COPD], conventions=5),
        "conventions must be one for all plans, or one for each of 1, got 5",
    ),
    "no plans together": (lambda: budget.combine([]), "plans must hold at least one, got none"),
    "one plan that is no list": (lambda: budget.combine(COPD), "plans must"),
    "a plan twice": (lambda: budget.combine([COPD, COPD]), "plans must be unique, got 'copd' more than once"),
    "plans without prices": (
        lambda: budget.combine([COPD, PLANS["triage"]]),
        "plan triage must have prices to be added up, got units only",
    ),
    "a name for a plan": (lambda: budget.combine(["copd"]), r"plan must be a hecon\.budget\.Plan.* got str"),
    "plans of other years": (
        lambda: budget.combine([COPD, one_population(years=(2026, 2027, 2028))]),
        r"plans must have the same years, got \(2025, 2026, 2027\) and \(2026, 2027, 2028\)",
    ),
    "plans of other currencies": (
        lambda: budget.combine([COPD, one_population(currency="GBP")]),
        "plans must have the same currency, got EUR and GBP",
    ),
    "plans discounted otherwise": (
        lambda: budget.combine([one_population(), replace(one_population(conventions=SLOW), name="slow")]),
        "plans must be discounted alike to be added up, got discount_rate 0 and 0.04",
    ),
    "a number for scenarios of several plans": (
        lambda: budget.combine([one_population()], scenarios=3),
        "scenarios must be names, got 3",
    ),
    "a number for printed totals": (
        lambda: budget.reconcile(COPD, [3]),
        r"each of printed must be a Printed, got 3: make each with hecon\.budget\.Printed",
    ),
    "plans of other price years": (
        lambda: budget.combine([COPD, one_population(price_year=2023)]),
        "plans must have the same price_year, got 2024 and 2023",
    ),
    "plans of other base years": (
        lambda: budget.combine([COPD, one_population(base_year=2023)]),
        "plans must have the same base_year, got 2022 and 2023",
    ),
    "a seed of plans together": (
        lambda: budget.combine([COPD], rng=1),
        "rng is for draws: pass n_draws=..., as 10_000, or leave rng out",
    ),
    "plans together in scenarios and draws": (
        lambda: budget.combine([COPD], scenarios=["minimum"], n_draws=5),
        "combine must have scenarios or n_draws, got both: call it twice",
    ),
    "plans together in a scenario of one": (
        lambda: budget.combine([COPD], scenarios=["trial-minimum"]),
        "scenario must be one of 'minimum', 'middle', 'maximum', got 'trial-minimum'",
    ),
    "values of plans together": (
        lambda: budget.combine([COPD], scenarios={"minimum": {"tariff": 40}}),
        "scenarios must be names, as each plan has its own values, got a mapping: ask hecon.budget_impact",
    ),
    "an inflation to solve, which compounds": (
        lambda: budget.solve(
            one_population(
                parameters={"sessions": Parameter(18), "tariff": Parameter(40), "rate": Parameter(0.02)},
                conventions=Conventions(inflation=("rate",) * 3, inflation_rule="cumulative"),
            ),
            "rate",
            printed=[Printed("total", 2025, value=1, scenario="minimum")],
        ),
        "total total must be a straight line in rate: solve for a price or a number of patients",
    ),
    "nothing to reconcile": (
        lambda: budget.reconcile([]),
        "plan must be a plan or a sequence of them, got none",
    ),
    "what is no plan to reconcile": (lambda: budget.reconcile(5), "plan must be"),
    "a total that includes a plan that is not given": (
        lambda: budget.reconcile(PLANS["meniscal-tear-traumatic"]),
        "must hold the plans that saving_year_1 includes, got none named 'meniscal-tear-degenerative': give a list",
    ),
    "a total of another year": (
        lambda: budget.reconcile(COPD, [Printed("total", 2030, value=1)]),
        "year of printed total total must be one of 2025, 2026, 2027, got 2030",
    ),
    "a total by a formula of unknown numbers": (
        lambda: budget.reconcile(COPD, [Printed("total", 2027, value=1, formula="price * 2")]),
        "formula must use known ids, got 'price'; known: ",
    ),
    "what is no plan to solve from": (lambda: budget.solve(5, "tariff"), "plan must be"),
    "an unknown number to solve": (
        lambda: budget.solve(COPD, "price"),
        "parameter must be one of .* got 'price'",
    ),
    "a number to solve without totals": (lambda: budget.solve(one_population(), "tariff"), "printed"),
    "a number to solve from units": (
        lambda: budget.solve(PLANS["triage"], "inhabitants"),
        "printed total share_all_episodes must be of money and tell its scenario, to solve from it",
    ),
    "a number to solve from a total of no scenario": (
        lambda: budget.solve(COPD, "tariff"),
        "printed total budget_2025 must be of money and tell its scenario, to solve from it",
    ),
    "a number that is multiplied by itself": (
        lambda: budget.solve(
            one_population(populations=(Population("all", "sessions * sessions", new=(flow(),)),)),
            "sessions",
            printed=[Printed("total", 2027, value=1, scenario="minimum")],
        ),
        "total total must be a straight line in sessions: solve for a price or a number of patients",
    ),
    "a number that stands under another": (
        lambda: budget.solve(
            of_flows(flow(price="1000 / tariff"), numbers={"tariff": Parameter(40)}),
            "tariff",
            printed=[Printed("total", 2027, value=1, scenario="minimum")],
        ),
        "total total must be a straight line in tariff: solve for a price or a number of patients",
    ),
    "a total of neither": (
        lambda: Printed("total", 2027),
        "printed total total must have a value or a range, got neither",
    ),
    "a total of both": (
        lambda: Printed("total", 2027, value=1, range=(1, 2)),
        "printed total total must have a value or a range, got both",
    ),
    "a total that runs down": (
        lambda: Printed("total", 2027, range=(2, 1)),
        "range of printed total total must run upwards, got 2 to 1",
    ),
    "a total that is infinite": (
        lambda: Printed("total", 2027, value=INF),
        "printed total total must be finite, got inf",
    ),
    "a total in words": (lambda: Printed("total", 2027, value="20 million"), "printed total total must be"),
    "a total that is a truth": (
        lambda: Printed("total", 2027, value=True),
        "printed total total must be",
    ),
    "a total of one end": (lambda: Printed("total", 2027, range=(1,)), "range of printed total total must"),
    "a total of a range and a scenario": (
        lambda: Printed("total", 2027, range=(1, 2), scenario="minimum"),
        "scenario of total must",
    ),
    "a total of a range by a formula": (
        lambda: Printed("total", 2027, range=(1, 2), formula="tariff"),
        "formula of total must",
    ),
    "a total of unknown units": (
        lambda: Printed("total", 2027, value=1, counts="euros"),
        "counts of total must be one of 'spending', 'saving', 'patients', got 'euros'",
    ),
    "a total in unknown words": (
        lambda: Printed("total", 2027, value=1, wording="roughly"),
        "wording of total must be one of .* got 'roughly'",
    ),
    "a total of an unknown scenario": (
        lambda: Printed("total", 2027, value=1, scenario="middle"),
        "scenario of total must be one of 'minimum', 'maximum', got 'middle'",
    ),
    "a total in no unit": (lambda: Printed("total", 2027, value=1, unit=0), "unit of total must be above 0, got 0"),
    "a total of plans that are no tuple": (
        lambda: Printed("total", 2027, value=1, plans="copd"),
        "plans of total must be a tuple of names of plans, got 'copd'",
    ),
    "a total rounded to less than nothing": (
        lambda: Printed("total", 2027, value=1, rounded_to=-1000),
        "rounded_to of total must be above 0, got -1000",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_caller_cannot_ask_is_refused_in_words(name):
    """Name, rule and value; no other exception comes out."""
    call, words = REFUSED[name]

    with pytest.raises(InputError, match=words):
        call()


def test_a_rate_of_one_year_is_solved_though_it_would_compound_otherwise():
    """By the stated conventions a total is a straight line in it; cumulative inflation, which bends, is not tried."""
    label = {"nl": "Wie", "en": "Who"}
    plan = Plan(
        "plan",
        years=(2025, 2026, 2027),
        base_year=2022,
        price_year=2024,
        parameters={"rate": Parameter(0.02), "tariff": Parameter(40)},
        populations=(Population("patients", size=1000, new=(flow(price="tariff"),), label=label),),
        conventions=Conventions(uptake=(0.5, 0.7, 1.0), inflation=("rate",) * 3, inflation_rule="own year"),
        printed=(Printed("total", 2027, value=40_800, scenario="maximum"),),
    )
    found = budget.solve(plan, "rate")

    assert found[0].departures == ()
    assert found[0].low < 0.02 < found[0].high
    assert all(departure.choice != "cumulative" for each in found for departure in each.departures)
