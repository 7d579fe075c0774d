"""Scenarios, draws, bars of a tornado, break-even values and plans taken together."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from budget_cases import FLAT, MENISCUS, PLANS, YEARS, flow, middle, of_flows, one_population, plans, quarters
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

import hecon
from hecon import budget
from hecon.budget import Amount, Parameter, Population, engine
from hecon.budget.records import Overlap
from hecon.errors import InputError

quick = examples(10)
NORMAL_95 = 1.959963984540054


def horizon(plan, **options):
    """Return the net spending over the horizon, by scenario."""
    total = hecon.budget_impact(plan, **options).total.sum("year")
    return dict(zip(total.scenario.values.tolist(), total.values.tolist(), strict=True))


# Scenarios ------------------------------------------------------------------------------------------------------------


@quick
@given(plans())
def test_the_minimum_is_at_most_the_middle_and_the_maximum_at_least(plan):
    """Over the horizon, to rounding."""
    spent = horizon(plan, scenarios=("minimum", "middle", "maximum"))
    slack = 1e-12 * float(abs(hecon.budget_impact(plan).new).sum())

    assert spent["minimum"] <= spent["middle"] + slack
    assert spent["middle"] <= spent["maximum"] + slack


def corners(plan):
    """Return the spending over the horizon with each range at either end."""
    ends = [
        dict(zip(plan.parameters, chosen, strict=True))
        for chosen in itertools.product(*(sorted(set(each.ends)) for each in plan.parameters.values()))
    ]
    return horizon(plan, scenarios={str(i): each for i, each in enumerate(ends)}).values()


@pytest.mark.slow
@quick
@given(plans(payers=("Zvw", "Wlz")))
def test_the_scenarios_are_the_least_and_most_of_all_corners(plan):
    """Every range at either end: none spends less than the minimum or more than the maximum."""
    spent = horizon(plan)
    all_corners = corners(plan)
    slack = 1e-12 * (abs(spent["minimum"]) + abs(spent["maximum"]) + 1)

    assert spent["minimum"] == pytest.approx(min(all_corners), abs=slack)
    assert spent["maximum"] == pytest.approx(max(all_corners), abs=slack)


def test_two_ranges_that_turn_each_other_round_do_not_hide_the_extremes():
    """From the middle either range alone goes to the wrong end."""
    plan = one_population(
        parameters={"a": Parameter(range=(0, 10)), "b": Parameter(range=(0, 6))},
        populations=(),
        amounts=(Amount("both", ("(a - 7) * (b - 2)", 0, 0), "medicines"),),
    )

    assert horizon(plan) == {"minimum": -28, "maximum": 14}


def test_a_range_that_begins_at_0_does_not_hide_the_extremes():
    """At no reach nothing else matters; with few operations avoided and full reach the plan costs most."""
    operation = flow("operation", price=100, sector="specialist care")
    plan = of_flows(
        flow(price=40),
        replace(operation, share="1 - share_avoided"),
        current=(operation,),
        numbers={"reach": Parameter(range=(0, 1)), "share_avoided": Parameter(range=(0.2, 0.8))},
    )
    plan = replace(plan, conventions=replace(FLAT, uptake=(0, 0, 1), cap="reach"))

    assert horizon(plan) == pytest.approx({"minimum": -40_000, "maximum": 20_000})


def test_a_range_that_spends_most_in_its_middle_is_refused_or_found():
    """The maximum is not below the middle."""
    plan = one_population(
        parameters={"part": Parameter(range=(0.1, 0.9))},
        populations=(Population("patients", 1000, new=(flow(quantity="part * (1 - part)"),)),),
    )
    spent = horizon(plan, scenarios=("minimum", "middle", "maximum"))

    assert spent["minimum"] <= spent["middle"] <= spent["maximum"]


def test_a_range_that_is_not_in_the_scenarios_stays_at_its_value():
    """It is still drawn, and still a bar of the tornado."""
    plan = one_population(
        parameters={"sessions": Parameter(18, range=(10, 30), in_scenarios=False), "tariff": Parameter(range=(36, 45))}
    )

    assert hecon.budget_impact(plan).total.sel(year=2027).values.tolist() == [648_000, 810_000]
    assert budget.one_way(plan).parameter.values.tolist() == ["sessions", "tariff"]
    assert np.ptp(hecon.budget_impact(plan, n_draws=100, rng=0).units_new.sel(year=2027).values) > 10_000


def test_a_range_that_does_not_matter_goes_along_with_the_scenario():
    """So that what is printed of a scenario has the low ends in the minimum."""
    plan = one_population(
        parameters={"sessions": Parameter(18), "tariff": Parameter(36), "idle": Parameter(range=(1, 2))}
    )
    told = hecon.budget_impact(plan).attrs["scenarios"]

    assert (told["minimum"]["idle"], told["maximum"]["idle"]) == (1, 2)


def test_any_number_of_scenarios_can_be_given():
    """Names, words and numbers; what is not named is at the middle. A plan's own come after minimum and maximum."""
    plan = one_population(scenarios={"trial": {"sessions": 20, "tariff": "low"}})

    assert horizon(plan).keys() == {"minimum", "maximum", "trial"}
    found = hecon.budget_impact(
        plan,
        scenarios={"a": "trial", "b": {"tariff": "high"}, "c": {}, "d": {"tariff": 100}, "e": {"tariff": "middle"}},
    )
    assert found.total.sel(year=2027).values.tolist() == [720_000, 810_000, 729_000, 1_800_000, 729_000]
    assert hecon.budget_impact(plan, scenarios="trial").scenario.values.tolist() == ["trial"]
    assert hecon.budget_impact(plan, scenarios=("maximum", "trial")).total.sel(year=2027).values.tolist() == [
        810_000,
        720_000,
    ]


def test_the_scenarios_of_the_meniscus_dossiers_are_those_of_the_trials():
    """41% later operations instead of 45%, and 29% instead of 30%: more is saved."""
    for plan in MENISCUS:
        found = hecon.budget_impact(plan).total.sel(year=2027)
        assert (found.sel(scenario="trial-minimum") < found.sel(scenario="minimum")).all()
        assert (found.sel(scenario="trial-maximum") < found.sel(scenario="maximum")).all()


def test_scenarios_of_a_plan_without_prices_are_those_of_fewest_and_most_units():
    """There is no money to tell them by."""
    plan = of_flows(flow(quantity="number", price=None), numbers={"number": Parameter(range=(1, 3))})
    found = hecon.budget_impact(plan).units_new.sel(year=2027)

    assert found.values.ravel().tolist() == [1000, 3000]


# Draws ----------------------------------------------------------------------------------------------------------------


@quick
@given(plans(payers=("Zvw", "own payments")), st.integers(0, 2**32))
def test_draws_lie_between_the_extremes(plan, seed):
    """Of a plan with nothing to replace, by distributions that end where their ranges end."""
    plan = replace(plan, populations=tuple(replace(each, current=()) for each in plan.populations))
    ends = list(corners(plan))
    drawn = hecon.budget_impact(plan, n_draws=20, rng=seed).total.sum("year").values

    slack = 1e-12 * (abs(min(ends)) + abs(max(ends)))
    assert min(ends) - slack <= drawn.min()
    assert drawn.max() <= max(ends) + slack


@quick
@given(plans(), st.integers(0, 2**32))
def test_draws_are_those_of_their_seed_in_whatever_order_parameters_are_written(plan, seed):
    """The same to the bit."""
    first = hecon.budget_impact(plan, n_draws=5, rng=seed)
    turned = replace(plan, parameters=dict(reversed(plan.parameters.items())))
    again = hecon.budget_impact(turned, n_draws=5, rng=np.random.default_rng(seed))

    assert first.identical(again)


def test_draws_have_their_own_dimension():
    """Year × draw × sector; no scenarios are told."""
    found = hecon.budget_impact(PLANS["copd"], n_draws=4, rng=1)

    assert found.net.dims == ("year", "draw", "sector")
    assert found.draw.values.tolist() == [0, 1, 2, 3]
    assert "scenarios" not in found.attrs


def test_a_plan_of_fixed_numbers_gives_equal_draws():
    """One value of each for all draws, also where there are no numbers by name at all."""
    plan = of_flows(flow(price=36))
    found = hecon.budget_impact(replace(plan, parameters={}), n_draws=3, rng=1)

    assert found.total.sel(year=2027).values.tolist() == [36_000] * 3


# Mean, standard deviation and central 95% of each, by the formulas of its reference or from scipy.
SIDE = (45 - 36) / (2 * NORMAL_95)


def sample(n=20_000, **given):
    """Return draws of a price by themselves."""
    plan = of_flows(flow(price="tariff"))
    plan = replace(plan, parameters={"tariff": Parameter(**given)})
    return hecon.budget_impact(plan, n_draws=n, rng=3).total.sel(year=2027).values / 1000


@pytest.mark.parametrize(
    ("given", "mean", "deviation"),
    [
        ({"range": (36, 45)}, 40.5, 9 / 12**0.5),
        ({"range": (36, 45), "value": 36, "distribution": "uniform"}, 40.5, 9 / 12**0.5),
        ({"range": (36, 45), "value": 39, "distribution": "triangular"}, 40, (14 / 4) ** 0.5),
        ({"range": (36, 45), "value": 39, "distribution": "pert"}, (36 + 4 * 39 + 45) / 6, (3.5 * 5.5 / 7) ** 0.5),
        ({"range": (36, 45), "distribution": "normal"}, 40.5, SIDE),
        ({"range": (36, 45), "distribution": "gamma"}, 40.5, SIDE),
        ({"range": (0.2, 0.6), "distribution": "beta"}, 0.4, 0.4 / (2 * NORMAL_95)),
        ({"range": (36, 36)}, 36, 0.0),
    ],
)
def test_draws_have_the_mean_and_deviation_of_their_distribution(given, mean, deviation):
    """To four standard errors."""
    drawn = sample(**given)

    assert drawn.mean() == pytest.approx(mean, abs=4 * deviation / len(drawn) ** 0.5 + 1e-12)
    assert drawn.std() == pytest.approx(deviation, rel=0.04)


@pytest.mark.parametrize("kind", ["uniform", "triangular", "pert"])
def test_distributions_with_ends_stay_between_them(kind):
    """And come near both."""
    drawn = sample(range=(36, 45), distribution=kind)

    assert 36 <= drawn.min() < 36.6
    assert 44.4 < drawn.max() <= 45


@pytest.mark.parametrize("kind", ["normal", "lognormal", "gamma"])
def test_the_range_is_the_central_95_percent_of_the_others(kind):
    """To the error of the sample; that of a gamma distribution is off by its skewness, which is small here."""
    low, high = np.quantile(sample(range=(36, 45), distribution=kind), (0.025, 0.975))

    assert (low, high) == pytest.approx((36, 45), abs=0.2)


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"value": 0.5, "range": (0.01, 1.0), "distribution": "normal"}, "price"),
        ({"value": 0.9, "range": (0.6, 1.0), "distribution": "normal"}, "share"),
        ({"value": 0.9, "range": (0.6, 1.0), "distribution": "lognormal"}, "share"),
    ],
)
def test_draws_keep_to_the_rules_of_the_plan(given, rule):
    """No price below 0 and no share above 1, although the distribution has tails."""
    plan = of_flows(flow(**{rule: "drawn"}), numbers={"drawn": Parameter(**given)})
    drawn = hecon.budget_impact(plan, n_draws=5000, rng=0).total.sel(year=2027).values / 1000

    assert drawn.min() >= 0
    assert rule != "share" or drawn.max() <= 1


@pytest.mark.slow
@pytest.mark.parametrize("count", [3, 10, 15])
def test_the_extremes_of_many_ranges_are_found(count):
    """Of all places, all corners, and by climbing: each price at its low or high end."""
    names = [f"p{number}" for number in range(count)]
    flows = tuple(
        flow(name, price=name, payer="Zvw", share="1 - off" if place == 0 else 1.0) for place, name in enumerate(names)
    )
    numbers = {name: Parameter(range=(1, 3)) for name in names} | {"off": Parameter(range=(0, 0.5))}
    plan = of_flows(*flows, size=1, numbers=numbers)
    spent = hecon.budget_impact(plan).total.sel(year=2027).values

    assert spent == pytest.approx([count - 1 + 0.5, 3 * count])


def test_distributions_that_never_keep_to_the_rules_are_refused():
    """With how few of the draws do, instead of drawing for ever."""
    with pytest.raises(InputError, match="distributions must keep to the rules of the plan, got 0% of the draws"):
        engine.draw_parameters({"a": Parameter(range=(0, 1))}, 5, 1, allowed=lambda values: values["a"] > 2)


def test_draws_keep_shares_of_a_group_and_uptake_in_order():
    """Two shares that may add up to 1 at most do so, and a later year has no less than the one before."""
    plan = of_flows(
        flow("a", share="first", one_of="knee"),
        flow("b", share="0.5 * second", one_of="knee"),
        numbers={
            "first": Parameter(0.4, range=(0.3, 0.5), distribution="normal"),
            "second": Parameter(0.6, range=(0.2, 1), distribution="normal"),
        },
    )
    plan = replace(
        plan,
        conventions=replace(FLAT, uptake=("first", "second + 0.3", 1)),
        parameters={
            **plan.parameters,
            "second": Parameter(0.4, range=(0.2, 0.6), distribution="normal"),
        },
    )
    values = engine.draw_parameters(
        plan.parameters, 2000, 1, allowed=lambda each: engine.satisfies_rules(plan, plan.conventions, each)
    )

    assert (values["first"] + 0.5 * values["second"] <= 1).all()
    assert (values["first"] <= values["second"] + 0.3).all()


# The tornado ----------------------------------------------------------------------------------------------------------


@quick
@given(plans(), st.sampled_from(YEARS))
def test_each_bar_is_a_direct_evaluation_at_both_ends(plan, year):
    """The widest first; the rest at the middle."""
    bars = budget.one_way(plan, year=year)
    scenarios = {f"{name} {end}": {name: end} for name in bars.parameter.values.tolist() for end in ("low", "high")}
    total = hecon.budget_impact(plan, scenarios={"middle": {}, **scenarios}).total.sel(year=year)
    size = float(abs(hecon.budget_impact(plan, scenarios="middle").new).max()) + 1

    assert set(bars.parameter.values.tolist()) == {name for name, each in plan.parameters.items() if each.range}
    assert bars.attrs["net"] == pytest.approx(float(total.sel(scenario="middle")), rel=1e-12, abs=1e-12 * size)
    for name in bars.parameter.values.tolist():
        for end in ("low", "high"):
            one = float(bars[f"net_{end}"].sel(parameter=name))
            assert one == pytest.approx(float(total.sel(scenario=f"{name} {end}")), rel=1e-12, abs=1e-12 * size)
    widths = abs(bars.net_high - bars.net_low).values
    assert (np.diff(widths) <= 0).all()
    assert (bars.low.values <= bars.high.values).all()


def test_bars_of_the_same_width_stand_in_the_order_of_their_names():
    """Whatever the order of the plan."""
    numbers = {name: Parameter(range=(1, 2)) for name in ("b", "c", "a")}
    plan = of_flows(flow(quantity="a + b + c"), numbers=numbers)

    assert budget.one_way(plan).parameter.values.tolist() == ["a", "b", "c"]


def test_without_ranges_there_are_no_bars():
    """Only the net spending itself, also of a plan without any number by name."""
    for numbers in ({}, {"idle": Parameter(1)}):
        bars = budget.one_way(replace(of_flows(flow()), parameters=numbers), year=2025)
        assert bars.sizes == {"parameter": 0}
        assert (bars.attrs["net"], bars.attrs["year"]) == (500, 2025)


def test_the_bars_of_copd_under_both_conventions():
    """Twice as many treatments matter more than a quarter on the tariff."""
    bars = budget.one_way(PLANS["copd"], conventions="as printed")

    assert bars.parameter.values.tolist() == ["extra_treatments", "tariff"]
    assert bars.net_low.values == pytest.approx([1100 * 1.02 * 5 * 40.5, 1100 * 1.02 * 7.5 * 36])
    assert bars.net_high.values == pytest.approx([1100 * 1.02 * 10 * 40.5, 1100 * 1.02 * 7.5 * 45])


# Break-even values ----------------------------------------------------------------------------------------------------


@quick
@given(quarters(1, 40), quarters(2, 30), quarters(100, 900), st.sampled_from(["ceiling", "share"]))
def test_at_a_break_even_value_nothing_is_paid(sessions, price, size, rule):
    """The one value is where exercise costs what it saves."""
    operation = flow("operation", price=1000, sector="specialist care")
    plan = of_flows(
        flow(quantity=sessions, price=price),
        replace(operation, share="1 - avoided"),
        current=(operation,),
        numbers={"avoided": Parameter(0.5)},
        size=size,
    )
    plan = replace(plan, conventions=replace(FLAT, cap=0.5, cap_rule=rule))
    found = budget.break_even(plan, of="avoided")

    exact = sessions * price / 1000
    assert list(found) == ([pytest.approx(exact, rel=1e-12)] if exact <= 1 else [])
    for value in found:
        spent = hecon.budget_impact(plan, scenarios={"even": {"avoided": value}})
        assert float(abs(spent.total).max()) <= 1e-12 * float(spent.added.max())


def test_the_operations_that_must_be_avoided_for_a_knee_to_pay():
    """Of 100 that would be done, 10.7 at the middle tariff: 18 sessions against operation and aftercare."""
    plan = PLANS["acl-rupture"]
    exact = [100 * 18 * tariff * 10_139 / (56_967_671 + 12_200_000) for tariff in (36, 40.5, 45)]

    for scenario, expected in zip(("minimum", "middle", "maximum"), exact, strict=True):
        (found,) = budget.break_even(plan, of="share_avoided", scenario=scenario, within=(0, 100))
        assert found == pytest.approx(expected, rel=1e-12)
    (again,) = budget.break_even(plan, of="share_avoided", within=(0, 100), year=2025, conventions="as printed")
    assert again == pytest.approx(exact[1], rel=1e-12)


def test_a_break_even_value_is_not_missed_for_want_of_a_place_to_look():
    """A share in per cent has its break-even value beyond 1: who looks from 0 to 1 only must have asked for it."""
    (found,) = budget.break_even(PLANS["acl-rupture"], of="share_avoided")

    assert round(found, 3) == 10.686


def test_break_even_uptake_stands_beside_an_amount():
    """What is saved on patients pays an amount once."""
    operation = flow("operation", price=100, sector="specialist care")
    plan = replace(
        of_flows(flow(price=60), current=(operation,)),
        amounts=(Amount("training", (10_000, 0, -5000), "primary paramedical"),),
    )

    assert budget.break_even(plan, year=2025) == (pytest.approx(0.25),)
    assert budget.break_even(plan, year=2026) == (0.0,)
    assert budget.break_even(plan, year=2027) == ()
    assert budget.break_even(replace(plan, amounts=())) == ()


def test_where_net_spending_turns_round_twice_there_are_two_break_even_values():
    """And a value on the grid itself is found once."""
    plan = one_population(
        populations=(),
        parameters={"x": Parameter(0.5)},
        amounts=(Amount("curve", ("(x - 0.2) * (x - 0.75)",) * 3, "medicines"),),
    )

    assert budget.break_even(plan, of="x") == (pytest.approx(0.2), pytest.approx(0.75))
    assert budget.break_even(plan, of="x", within=(0.5, 1)) == (0.75,)
    assert budget.break_even(plan, of="x", within=(0.3, 0.7)) == ()


def test_care_that_costs_the_same_has_no_break_even_value_of_its_own():
    """Every value is one."""
    assert budget.break_even(of_flows(flow(), current=(flow(),))) == ()


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_break_even_values_do_not_depend_on_the_unit_of_money(scale):
    """Cents of a cent or thousands of billions."""
    operation = flow("operation", price=100 * scale, sector="specialist care")
    plan = replace(
        of_flows(flow(price=60 * scale), current=(operation,)),
        amounts=(Amount("training", (10_000 * scale,) * 3, "primary paramedical"),),
    )

    assert budget.break_even(plan) == (pytest.approx(0.25, rel=1e-12),)


# Uptake ---------------------------------------------------------------------------------------------------------------


def test_uptake_is_within_the_cap():
    """By year, as it is counted."""
    assert budget.uptake(PLANS["acl-rupture"]).values.tolist() == [0.25, 0.75, 0.75]
    assert budget.uptake(PLANS["acl-rupture"], conventions="as printed").values.tolist() == [0.5, 0.75, 1]
    assert budget.uptake(replace(of_flows(flow()), parameters={})).sel(year=2026) == 0.75


# Plans together -------------------------------------------------------------------------------------------------------

TOGETHER = [PLANS[name] for name in ("copd", "acl-rupture", "first-twenty", "rheumatoid-arthritis")]


def test_plans_together_are_the_sum_of_plans_alone():
    """By year, scenario and sector; the order of the plans does not matter beyond rounding."""
    found, turned = budget.combine(TOGETHER), budget.combine(TOGETHER[::-1])

    for plan in TOGETHER:
        alone = hecon.budget_impact(plan, scenarios=("minimum", "maximum"))
        together = found.sel(plan=plan.name)
        assert (together.total.values == alone.total.values).all()
        assert (together.net.sel(sector=alone.sector).values == alone.net.values).all()
        assert together.net.sum("sector").values == pytest.approx(alone.total.values)
    np.testing.assert_allclose(found.grand_total, found.total.sum("plan"))
    np.testing.assert_allclose(found.grand_total_to_date, np.cumsum(found.grand_total.values, axis=0))
    np.testing.assert_allclose(turned.grand_total, found.grand_total, rtol=1e-12)
    assert found.net.dims == ("plan", "year", "scenario", "sector")


def test_each_plan_may_be_counted_by_conventions_of_its_own():
    """One as printed, the other as stated."""
    found = budget.combine([PLANS["copd"], PLANS["acl-rupture"]], conventions=["as printed", "stated"])

    totals = found.total.sel(year=2027, scenario="maximum")
    assert float(totals.sel(plan="copd")) == pytest.approx(504_900)
    expected = hecon.budget_impact(PLANS["acl-rupture"]).total.sel(year=2027, scenario="maximum")
    assert float(totals.sel(plan="acl-rupture")) == float(expected)


def test_sectors_stand_in_their_own_order_whichever_plan_is_first():
    """That of `hecon.budget.SECTORS`."""
    late = replace(of_flows(flow(sector="social support")), name="late")
    early = replace(of_flows(flow(sector="specialist care")), name="early")

    for chosen in ([late, early], [early, late]):
        found = budget.combine(chosen)
        assert found.sector.values.tolist() == ["specialist care", "social support"]
        assert float(found.net.sel(plan="late", sector="specialist care").max()) == 0


def test_overlaps_are_stated_and_not_taken_off():
    """Of the plans that are there; by language."""
    found = budget.overlaps(TOGETHER)
    told = budget.combine(TOGETHER).attrs["overlaps"]

    assert {("acl-rupture", "first-twenty"), ("rheumatoid-arthritis", "first-twenty")} <= {each[:2] for each in found}
    assert [each["plans"] for each in told] == [list(each[:2]) for each in found]
    assert all(set(each["text"]) == {"nl", "en"} for each in told)
    assert budget.overlaps(TOGETHER[:2]) == ()
    alone = replace(one_population(), overlaps=(Overlap("other", {"en": "Same patients"}),))
    assert budget.overlaps([alone]) == ()


def test_a_common_tariff_is_drawn_once_for_all_plans():
    """A number by one name and one definition; sources and labels may differ."""
    tariff = Parameter(range=(36, 45))
    first = replace(of_flows(flow(price="tariff")), name="first", parameters={"tariff": tariff})
    second = replace(
        first, name="second", parameters={"tariff": replace(tariff, source="elsewhere", label={"en": "Price"})}
    )
    other = replace(first, name="other", parameters={"tariff": Parameter(range=(36, 46))})

    same = budget.combine([first, second], n_draws=50, rng=1).total
    assert (same.sel(plan="first").values == same.sel(plan="second").values).all()
    apart = budget.combine([first, other], n_draws=50, rng=1).total.sel(year=2027)
    assert abs(np.corrcoef(apart.sel(plan="first"), apart.sel(plan="other"))[0, 1]) < 0.5
    three = budget.combine([first, second, other], n_draws=50, rng=1).total
    assert (three.sel(plan="first").values == three.sel(plan="second").values).all()


@pytest.mark.slow
def test_draws_of_plans_together_are_those_of_their_seed():
    """Whatever the order of the plans, and a fixed plan is fixed."""
    fixed = replace(of_flows(flow()), name="fixed", parameters={})
    chosen = [fixed, *TOGETHER]
    found, turned = (budget.combine(each, n_draws=20, rng=7) for each in (chosen, chosen[::-1]))

    for plan in chosen:
        assert (found.total.sel(plan=plan.name).values == turned.total.sel(plan=plan.name).values).all()
    assert (found.total.sel(plan="fixed", year=2027).values == 1000).all()
    assert found.net.dims == ("plan", "year", "draw", "sector")


def test_plans_together_can_be_counted_as_printed_or_at_the_middle():
    """By name of the scenario or of the conventions."""
    found = budget.combine(MENISCUS, scenarios=["middle"], conventions="as printed")

    expected = sum(
        float(hecon.budget_impact(each, scenarios="middle", conventions="as printed").total[-1, 0]) for each in MENISCUS
    )
    assert float(found.grand_total.sel(year=2027, scenario="middle")) == pytest.approx(expected)
    assert budget.combine(MENISCUS, scenarios="middle").identical(budget.combine(MENISCUS, scenarios=["middle"]))


def test_a_price_year_that_is_not_reported_contradicts_no_other():
    """As of rheumatoid arthritis, of which the tariff is not printed."""
    assert budget.combine([PLANS["copd"], PLANS["rheumatoid-arthritis"]]).sizes["plan"] == 2
    assert middle(PLANS["copd"])["tariff"] == 40.5
