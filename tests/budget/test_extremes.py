"""Amounts that rise and fall over a range: rules, scenarios, bars and break-even values against dense grids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from budget_cases import FLAT, PLANS, YEARS, flow, of_flows, one_population, plans
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import examples

import hecon
from hecon import budget
from hecon.budget import Amount, Conventions, Parameter, Population, Printed, engine
from hecon.budget.engine import extreme, may_turn, spending
from hecon.errors import InputError, PlanError
from hecon.printed.formulas import values as values_at

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = pytest.mark.slow

UNIT = {"p": Parameter(range=(0, 1))}


def amount(formula, **ranges):
    """Return the plan of one amount in the first year, by a formula."""
    numbers = {name: Parameter(range=span) for name, span in ranges.items()}
    return one_population(parameters=numbers, populations=(), amounts=(Amount("amount", (formula, 0, 0), "medicines"),))


def faults(build):
    with pytest.raises(PlanError) as caught:
        build()
    return caught.value.faults


# Rules of a plan ------------------------------------------------------------------------------------------------------


def test_a_price_that_is_negative_between_its_ends_is_refused():
    """With the place; over the range where it is not negative the plan stands, with its true extremes."""
    price = "1e4 * p * (1 - p) * (1 - 2 * p)"
    (fault,) = faults(lambda: of_flows(flow(price=price), numbers=UNIT))

    assert fault == "population[0].new[0].price: must be at least 0, got -962.250448597 at p = 0.788673"
    plan = of_flows(flow(price=price), numbers={"p": Parameter(range=(0, 0.5))})
    spent = hecon.budget_impact(plan).total.sum("year").values
    assert spent == pytest.approx([0, 2250 * 1e4 * 3**0.5 / 18], rel=1e-8)


RULES = {
    "a share above 1 between its ends": (
        lambda: of_flows(flow(share="4.4 * p * (1 - p)"), numbers=UNIT),
        "population[0].new[0].share: must be in [0, 1], got 1.1 at p = 0.5",
    ),
    "a size below 0": (
        lambda: of_flows(flow(), size="1000 * (p - 0.2) * (p - 0.7)", numbers={"p": Parameter(range=(0.2, 0.7))}),
        "population[0].size: must be at least 0, got -62.5 at p = 0.45",
    ),
    "shares of a group that are too many between the ends": (
        lambda: of_flows(flow("a", share="p", one_of="g"), flow("b", share="1 - p * p", one_of="g"), numbers=UNIT),
        "population[0].new: must have shares that add up to 1 at most in the group 'g', got 1.25 at p = 0.5",
    ),
    "uptake of which only the ends do not fall": (
        lambda: replace(of_flows(flow(), numbers=UNIT), conventions=replace(FLAT, uptake=("p", "1 - p", 1))),
        "conventions.uptake[1]: must not fall, got 0 after 1 at p = 1: write it as the year before plus what is added",
    ),
    "uptake of two ranges that overlap": (
        lambda: replace(
            of_flows(flow(), numbers={"a": Parameter(range=(0.2, 0.4)), "b": Parameter(range=(0.3, 0.6))}),
            conventions=replace(FLAT, uptake=("a", "b", 1)),
        ),
        (
            "conventions.uptake[1]: must not fall, got 0.3 after 0.4 at b = 0.3, a = 0.4: "
            "write it as the year before plus what is added"
        ),
    ),
    "a divisor that touches 0 between the ends": (
        lambda: of_flows(flow(price="1 / ((p - 0.3) * (p - 0.3))"), numbers=UNIT),
        "population[0].new[0].price: must not divide by what may be 0, got '1 / ((p - 0.3) * (p - 0.3))'",
    ),
    "what cannot be shown": (
        lambda: of_flows(flow(price="1e30 * p * p * q - 1e30 * p * q * p"), numbers={**UNIT, "q": UNIT["p"]}),
        (
            "population[0].new[0].price: must be at least 0, which could not be shown of "
            "'1e30 * p * p * q - 1e30 * p * q * p' over its ranges: "
            "narrow the ranges, or write it so that each number stands in it once"
        ),
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_rules_hold_over_whole_ranges(name):
    """The ends and the middles of these keep to the rule, or their own extremes would hide each other."""
    build, fault = RULES[name]

    assert faults(build) == (fault,)


def test_the_remedies_that_are_named_work():
    """Uptake as the year before plus what is added; a range that is narrower."""
    numbers = {"a": Parameter(range=(0.2, 0.4)), "added": Parameter(range=(0, 0.2))}
    plan = replace(of_flows(flow(), numbers=numbers), conventions=replace(FLAT, uptake=("a", "a + added", 1)))

    assert hecon.budget_impact(plan).total.sel(year=2026).values == pytest.approx([200, 600])
    assert of_flows(flow(share="4.4 * p * (1 - p)"), numbers={"p": Parameter(range=(0, 0.3))}).priced


@pytest.mark.parametrize(
    "share", ["p + (1 - p)", "1 - p + p * p", "p * p - 0.6 * p + 0.09", "p / (p + 0.5)", "p * (1 - p) * q * 4"]
)
def test_a_rule_that_holds_is_not_refused_for_want_of_a_proof(share):
    """Interval arithmetic over the whole ranges would."""
    assert of_flows(flow(share=share), numbers={**UNIT, "q": Parameter(range=(0, 1))}).priced


# Scenarios ------------------------------------------------------------------------------------------------------------


def horizon(plan, **options):
    return hecon.budget_impact(plan, **options).total.sum("year").values


@st.composite
def turning(draw):
    """Draw a plan of which spending turns over its ranges, and of which every rule holds."""
    size = draw(st.sampled_from([1000, "1000 * a * (1 - a)", "100 / (1 + a)"]))
    prices = st.sampled_from(["10 * b * (1 - b)", "20 * (b - 0.4) * (b - 0.4)", "5 * a * b", 3, "c", "c * (1 - a)"])
    shares = st.sampled_from([1, "a", "1 - a * b", "a * (1 - b)", "4 * b * (1 - b)"])
    kind = st.builds(lambda price, share: {"price": price, "share": share, "payer": "Zvw"}, prices, shares)
    uptake = draw(st.sampled_from([(0.5, 0.75, 1), ("a", "a + (1 - a) * b", 1), ("a * b", "a", "a")]))
    return replace(
        of_flows(
            flow("new", **draw(kind)),
            current=(flow("old", **draw(kind)),),
            size=size,
            numbers={
                "a": Parameter(range=draw(st.sampled_from([(0, 1), (0.2, 0.7)]))),
                "b": Parameter(range=(0, 1)),
                "c": Parameter(range=(2, 6)),
            },
        ),
        conventions=Conventions(
            "turning",
            uptake=uptake,
            cap=draw(st.sampled_from([1, 0.6, "1 - 0.5 * b"])),
            cap_rule=draw(st.sampled_from(["ceiling", "share"])),
            inflation=(0.02, "0.1 * a", 0.02),
            inflation_rule=draw(st.sampled_from(["none", "cumulative", "own year"])),
            deductible_share=draw(st.sampled_from([0, 0.1])),
        ),
    )


def dense(plan, steps=17):
    """Return the values of the parameters over a dense grid, and the net spending in each year."""
    grids = np.meshgrid(*(np.linspace(*each.ends, steps) for each in plan.parameters.values()), indexing="ij")
    values = {name: grid.ravel() for name, grid in zip(plan.parameters, grids, strict=True)}
    return values, engine.count(plan, plan.conventions, values).change.sum(axis=1)


@examples(12)
@given(turning())
def test_no_point_of_a_dense_grid_spends_less_than_the_minimum_or_more_than_the_maximum(plan):
    """Of three ranges; or the plan is refused, since they cannot be proven."""
    _, by_year = dense(plan)
    total = by_year.sum(axis=0)
    try:
        low, high = horizon(plan)
    except InputError as error:
        # Refused, as where the least is 0 over a whole face of the ranges: nothing is said that is not so.
        assert "spending that can be found" in str(error)  # noqa: PT017 (an error is one of two ways)
        return
    spent = float(hecon.budget_impact(plan, scenarios="middle").new.sum())
    room = 3e-9 * (spent + np.abs(total).max() + 1)

    assert low <= total.min() + room
    assert total.max() - room <= high
    # What lies between two points of the grid is not far from both.
    step = 0.05 * np.ptp(total) + room
    assert low >= total.min() - step
    assert high <= total.max() + step


@examples(10)
@given(turning(), st.sampled_from(YEARS))
def test_bars_reach_as_far_as_any_point_of_their_range(plan, year):
    """With the rest at the middle; or the plan is refused, since this cannot be proven."""
    try:
        bars = budget.one_way(plan, year=year)
    except InputError as error:
        assert "over which the extremes of spending can be proven" in str(error)  # noqa: PT017 (one of two ways)
        return
    middle = {name: each.middle for name, each in plan.parameters.items()}
    spent = float((hecon.budget_impact(plan, scenarios="middle").new).sum())
    for name in bars.parameter.values.tolist():
        grid = np.linspace(*plan.parameters[name].ends, 501)
        values = {key: np.full(grid.size, value) for key, value in middle.items()} | {name: grid}
        change = engine.count(plan, plan.conventions, values).change
        net = change[plan.years.index(year)].sum(axis=0)
        least, most = (float(bars[key].sel(parameter=name)) for key in ("net_least", "net_most"))
        room, slack = 1e-4 * np.ptp(net), 1e-8 * (spent + np.abs(net).max() + 1)
        assert net.min() - room - slack <= least <= net.min() + slack
        assert net.max() - slack <= most <= net.max() + room + slack
    assert (np.diff(bars.net_most - bars.net_least) <= 1e-12).all()


@examples(16)
@given(plans())
def test_spending_by_enclosures_is_that_of_the_count(plan):
    """At random values of the parameters, over the horizon and in one year."""
    rng = np.random.default_rng(0)
    names = list(plan.parameters)
    points = np.array([rng.uniform(*plan.parameters[name].ends, 9) for name in names])
    counted = engine.count(plan, plan.conventions, dict(zip(names, points, strict=True))).change
    size = np.abs(counted).sum() + 1
    for years in ((0, 1, 2), (1,)):
        low, high = values_at(lambda each, at=years: spending(plan, plan.conventions, at, each), names, points)
        expected = counted[list(years)].sum(axis=(0, 1))
        assert (low + high) / 2 == pytest.approx(expected, abs=1e-12 * size)
        assert (low <= expected + 1e-12 * size).all()
        assert (high >= expected - 1e-12 * size).all()


@pytest.mark.parametrize("name", PLANS)
def test_spending_by_enclosures_is_that_of_the_count_for_what_ships(name):
    """Units, for a plan without prices."""
    plan = PLANS[name]
    points = np.array([[each.middle, *each.ends] for each in plan.parameters.values()])
    values = dict(zip(plan.parameters, points, strict=True))
    low, high = values_at(
        lambda each: spending(plan, plan.conventions, range(len(plan.years)), each), list(plan.parameters), points
    )

    assert (low + high) / 2 == pytest.approx(engine.total(plan, plan.conventions, values), rel=1e-12)
    ranges = [name for name, each in plan.parameters.items() if each.range is not None and each.in_scenarios]
    assert not any(may_turn(plan, plan.conventions, name) for name in ranges)


def test_the_extreme_of_many_ranges_lies_between_ends():
    """Fifteen of them: one that turns between its ends, the others straight lines."""
    names = [f"p{number}" for number in range(14)]
    plan = of_flows(
        *(flow(each, price=each) for each in names),
        flow("turns", price="40 * q * (1 - q)"),
        size=1,
        numbers={each: Parameter(range=(1, 3)) for each in names} | {"q": Parameter(range=(0.1, 0.8))},
    )

    assert hecon.budget_impact(plan).total.sel(year=2027).values == pytest.approx([14 + 3.6, 42 + 10], rel=1e-8)


def test_a_scenario_of_which_the_extreme_cannot_be_proven_is_refused():
    """With a remedy that works: values, or ranges that stay out of the scenarios."""
    plan = amount("1e30 * p * p * q - 1e30 * p * q * p", p=(0, 1), q=(0, 1))
    with pytest.raises(InputError, match=r"plan plan must have a least spending that can be found, got .*in 2 ranges"):
        hecon.budget_impact(plan)
    with pytest.raises(InputError, match=r"range of p must be one over which the extremes of spending can be proven"):
        budget.one_way(plan, year=2025)

    assert horizon(plan, scenarios={"mine": {"p": 0.5, "q": 0.5}}) == [0]
    fixed = {name: replace(each, in_scenarios=False) for name, each in plan.parameters.items()}
    assert horizon(replace(plan, parameters=fixed)).tolist() == [0, 0]


def test_the_year_and_the_direction_of_an_extreme():
    """Least and most, in one year and over the horizon."""
    plan = amount("100 * p * (1 - p)", p=(0.25, 1))
    box = {"p": (0.25, 1.0)}

    for years, highest, expected in (((0,), True, 25), ((1,), True, 0), ((0, 1, 2), False, 0)):
        found = extreme(plan, plan.conventions, box, years=years, highest=highest)
        assert found.proven
        assert found.value == pytest.approx(expected, abs=1e-7)


# Bars and break-even values -------------------------------------------------------------------------------------------


def test_a_bar_between_ends_that_are_equal():
    """It is drawn, and told in words."""
    bars = budget.one_way(amount("1000 * p * (1 - p)", p=(0, 1)), year=2025)

    assert [float(bars[key][0]) for key in ("net_low", "net_high")] == [0, 0]
    assert [float(bars[key][0]) for key in ("net_least", "net_most")] == pytest.approx([0, 250])
    assert "€0 to €250" in hecon.plot.describe(hecon.plot.tornado(bars))
    ax = hecon.plot.tornado(bars)
    assert "€250" in [each.get_text() for each in ax.texts]


ZEROS = {
    "closer than any grid": ("(p - 0.3001) * (p - 0.3002) * 1e6", (0, 2), [0.3001, 0.3002]),
    "that touches 0": ("(p - 0.3) * (p - 0.3)", (0, 2), [0.3]),
    "three at one place": ("(p - 0.3) * (p - 0.3) * (p - 0.3)", (0, 2), [0.3]),
    "five": ("(p - 1) * (p - 2) * (p - 3) * (p - 4) * (p - 5)", (0, 6), [1, 2, 3, 4, 5]),
    "at both ends": ("p * (1 - p)", (0, 1), [0, 1]),
    "none that is near": ("p * p + 1e-6", (-1, 1), []),
    "a straight line": ("3 - 2 * p", (0, 2), [1.5]),
    "0 at every value": ("p - p", (0, 1), []),
    "a quotient": ("1 / (1 + p) - 0.25", (0, 9), [3]),
}


@pytest.mark.parametrize("name", ZEROS)
def test_every_break_even_value_is_found(name):
    """Each once."""
    formula, span, expected = ZEROS[name]

    found = budget.break_even(amount(formula, p=span), of="p", year=2025)

    assert found == pytest.approx(expected, abs=2e-6)
    assert len(found) == len(expected)


def test_a_stretch_of_break_even_values_is_its_two_ends():
    """Uptake beyond its cap changes nothing more."""
    plan = of_flows(flow(price=3), numbers={"reach": Parameter(range=(0, 1))})
    plan = replace(
        plan,
        conventions=replace(FLAT, uptake=("reach",) * 3, cap=0.4),
        amounts=(Amount("off", (-1200,) * 3, "medicines"),),
    )

    assert budget.break_even(plan, of="reach") == pytest.approx((0.4, 1), abs=1e-9)


def test_a_pole_within_the_range_is_refused():
    """Also one that no grid meets."""
    plan = amount("1 / p", p=(1, 2))
    with pytest.raises(InputError, match="within must leave out values at which the plan divides by 0"):
        budget.break_even(plan, of="p", year=2025, within=(-1, 1.37))


@examples(20)
@given(turning(), st.sampled_from("ab"))
def test_break_even_values_against_changes_of_sign_on_a_dense_grid(plan, name):
    """Between two values of a grid with another sign lies one, and at each the net spending is 0."""
    grid = np.linspace(*plan.parameters[name].ends, 400)
    values = {key: np.full(grid.size, each.middle) for key, each in plan.parameters.items()} | {name: grid}
    net = engine.count(plan, plan.conventions, values).change[2].sum(axis=0)
    size = np.abs(net).max()
    assume(size > 1e-6)
    found = np.array(budget.break_even(plan, of=name))
    for left, right, first, last in zip(grid, grid[1:], net, net[1:], strict=False):
        if first * last < 0:
            assert ((found >= left) & (found <= right)).any()
    for zero in found.tolist():
        at = {key: np.array([each.middle]) for key, each in plan.parameters.items()} | {name: np.array([zero])}
        assert abs(float(engine.count(plan, plan.conventions, at).change[2].sum())) <= 1e-8 * size


# Solving for a number -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("middle", [20, 50, 74, 75, 76, 90])
@pytest.mark.parametrize(("value", "low", "high"), [(20_000, 49.99875, 50.00125), (30_000, 74.99875, 100)])
def test_a_number_is_solved_wherever_its_value_stands_beside_the_cap(middle, value, low, high):
    """From the flat part of a total too; beyond the cap all values give it that the rules allow."""
    plan = one_population(
        parameters={"reached": Parameter(middle), "tariff": Parameter(40)},
        populations=(Population("patients", 1000, new=(flow(price="tariff"),)),),
        conventions=Conventions("capped", uptake=("reached / 100",) * 3, cap=0.75, inflation_rule="none"),
    )

    found = budget.solve(plan, "reached", printed=[Printed("total", 2025, value=value, scenario="minimum")])

    assert (found[0].departures, found[0].low, found[0].high) == ((), pytest.approx(low), pytest.approx(high))


def test_a_number_is_solved_within_the_rules():
    """Of values from -0.1 to 0.1 that give a total of 0 to hundreds, those of at least 0."""
    plan = of_flows(flow(price="extra"), numbers={"extra": Parameter(1)})
    found = budget.solve(plan, "extra", printed=[Printed("total", 2025, value=0, rounded_to=100, scenario="minimum")])

    assert [(each.low, each.high) for each in found if not each.departures] == [pytest.approx((0, 0.1), abs=1e-9)]


def test_a_curve_that_looks_straight_is_refused():
    """Three places evenly about the middle of an S lie on one line."""
    plan = amount("1000 * (p - 0.5) * (p - 0.5) * (p - 0.5) + 100 * p", p=(0, 1))
    with pytest.raises(InputError, match="total total must be a straight line in p"):
        budget.solve(plan, "p", printed=[Printed("total", 2025, value=75, scenario="minimum")])
