"""Reconciliation with printed totals: what is found for each dossier, a naive search, and numbers that are solved."""

from __future__ import annotations

import itertools
from dataclasses import replace
from decimal import Decimal

import pytest
from budget_cases import FLAT, MENISCUS, PLANS, YEARS, flow, of_flows, one_population
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from hecon import budget
from hecon.budget import Amount, Conventions, Parameter, Population, Printed

ACL, COPD, TWENTY = (PLANS[name] for name in ("acl-rupture", "copd", "first-twenty"))


def choices(departures):
    """Return what is done instead of what is stated, by kind."""
    return {each.kind: each.choice for each in departures}


def found(plan, printed=None):
    """Return what came of each total, by id."""
    return {each.printed.id: each for each in budget.reconcile(plan, printed).totals}


# What is found of the printed totals ----------------------------------------------------------------------------------


def test_one_way_to_count_gives_both_years_of_the_knee_ligament():
    """Uptake of 50% to 100%, which the appendix gives too; no cap and no inflation, against the text."""
    together = budget.reconcile(ACL)

    assert choices(together.together) == {"uptake": "50/75/100", "cap": "none", "inflation_rule": "none"}
    assert {each.kind for each in together.together if each.contradicts} == {"cap", "inflation_rule"}
    assert together.given == ("saving_year_1", "saving_year_3")
    assert together.plans == ("acl-rupture",)


def test_the_third_year_of_the_knee_ligament_contradicts_the_text():
    """In the third year full uptake is stated, so that cap and inflation alone are left out."""
    totals = found(ACL)
    third = totals["saving_year_3"]

    assert (totals["saving_year_1"].verdict, third.verdict) == ("reading", "contradicts")
    assert choices(totals["saving_year_1"].matches[0].departures) == {"uptake": "50/75/100"}
    assert (third.matching, third.tried) == (1, 60)
    assert choices(third.matches[0].departures) == {"cap": "none", "inflation_rule": "none"}
    assert third.matches[0].computed == pytest.approx({"minimum": -28_013_763.5, "maximum": -26_371_245.5})
    assert third.matches[0].contradictions == 2
    assert third.stated == pytest.approx(
        {
            end: 0.75 * 1.022 * 1.021 * 1.02 * (10_139 * 18 * tariff - (56_967_671 + 12_200_000) / 2)
            for end, tariff in (("minimum", 36), ("maximum", 45))
        }
    )


def test_at_most_28_5_million_is_that_of_operations_alone():
    """Without what exercise costs and what therapy after the operation saves."""
    total = found(ACL)["saving_year_3_chapter"]

    assert total.verdict == "contradicts"
    assert choices(total.matches[0].departures) == {"cap": "none", "inflation_rule": "none", "flows": "only operation"}
    assert total.matches[0].computed["any"] == -28_483_835.5
    assert total.matching == 1
    assert total.tried > 80


def test_18_million_is_unexplained():
    """No way of those tried gives it; uptake of 59 to 66% would."""
    total = found(ACL)["saving_year_3_table"]

    assert (total.verdict, total.matches, total.matching) == ("unexplained", (), 0)
    assert [round(100 * share, 1) for share in total.implied_uptake] == [58.7, 65.9]


@pytest.mark.slow
def test_copd_and_the_first_twenty_count_the_inflation_of_their_own_year():
    """A reading that the text leaves open, and the only one."""
    for plan, names in (
        (COPD, ("extra_spending_minimum", "extra_spending_maximum")),
        (TWENTY, ("spending_year_3_appendix",)),
    ):
        totals = found(plan)
        for name in names:
            assert totals[name].verdict == "reading"
            assert [choices(each.departures) for each in totals[name].matches] == [{"inflation_rule": "own year"}]
            assert totals[name].solved == ()
        assert choices(budget.reconcile(plan).together) == {"inflation_rule": "own year"}
    assert found(COPD)["extra_spending_year_3"].verdict == "as stated"


def test_the_first_year_of_the_first_twenty_is_unexplained():
    """It implies an uptake of 68.9 to 69.4%, which the text does not give; the number on file was solved from it."""
    total = found(TWENTY)["spending_year_1"]

    assert total.verdict == "unexplained"
    assert total.solved == ("uptake_year_1",)
    assert [round(100 * share, 1) for share in total.implied_uptake] == [68.9, 69.4]


def test_a_total_that_a_number_was_solved_from_is_not_given_by_it():
    """That the conventions give it is no evidence for them: the total is not one of those that are given together."""
    assert budget.reconcile(TWENTY).given == ("spending_year_3_chapter", "spending_year_3_appendix")


def test_the_budget_of_spring_2024_is_the_middle_of_both_scenarios():
    """€ 173,000 and € 347,000: without inflation, at uptake of 50% and 100%."""
    totals = found(COPD)
    first, third = totals["budget_2025"], totals["budget_2027"]

    assert first.verdict == third.verdict == "explained"
    assert choices(first.matches[0].departures) == {
        "uptake": "50/75/100",
        "inflation_rule": "none",
        "values": "middle of the scenarios",
    }
    assert choices(third.matches[0].departures) == {"inflation_rule": "none", "values": "middle of the scenarios"}
    assert first.matches[0].computed == pytest.approx({"any": 0.5 * 1100 * (5 * 36 + 10 * 45) / 2})
    assert third.matches[0].computed == pytest.approx({"any": 1100 * (5 * 36 + 10 * 45) / 2})
    assert first.matches[0].contradictions == 0


def test_366_of_triage_is_unexplained_and_6_5_million_follows_from_it():
    """As 361 per 1,000 and 6.4 million are what the text multiplies; a rate needs no uptake."""
    totals = found(PLANS["triage"])

    assert {name: each.verdict for name, each in totals.items()} == {
        "share_all_episodes": "as stated",
        "suitable_per_1000_chapter": "as stated",
        "suitable_per_1000_appendix": "unexplained",
        "suitable_nationwide_chapter": "as stated",
        "suitable_nationwide_appendix": "as stated",
    }
    assert all(each.implied_uptake is None for each in totals.values())
    assert (totals["suitable_per_1000_appendix"].matching, totals["suitable_per_1000_appendix"].tried) == (0, 1)
    assert totals["suitable_nationwide_chapter"].stated == pytest.approx(
        dict.fromkeys(("minimum", "maximum"), 6_424_020)
    )


def test_rheumatoid_arthritis_is_as_stated():
    """Taken over as it is printed."""
    assert {each.verdict for each in found(PLANS["rheumatoid-arthritis"]).values()} == {"as stated"}


@pytest.mark.parametrize("plans", [MENISCUS, MENISCUS[::-1]], ids=["traumatic first", "degenerative first"])
def test_meniscus_tells_what_its_price_was_solved_from(plans):
    """Both totals; which plan is given first does not matter."""
    totals = found(plans)

    assert {name: each.verdict for name, each in totals.items()} == {
        "saving_year_1": "as stated",
        "saving_year_3": "as stated",
    }
    assert {each.solved for each in totals.values()} == {("operation_price",)}


# Against a naive search -----------------------------------------------------------------------------------------------


def naive_ways(year, tariff, *, parts=("operation", "aftercare", "exercise")):
    """Yield what the knee ligament saves for every path, cap, rule of the cap and rule of inflation."""
    paths = {"stated": (0.25, 0.75, 1), "50/75/100": (0.5, 0.75, 1), "100/100/100": (1, 1, 1)}
    rates = (0.022, 0.021, 0.02)
    full = 0.0
    for part in parts:
        full += {"operation": -56_967_671 / 2, "aftercare": -12.2e6 / 2, "exercise": 10_139 * 18 * tariff}[part]
    for path, cap, inflation in itertools.product(
        paths, ("stated", "none", "share"), ("cumulative", "own year", "none")
    ):
        share = paths[path][year]
        share = {"stated": min(share, 0.75), "none": share, "share": share * 0.75}[cap]
        factor = 1.0
        for rate in rates[: year + 1]:
            factor = factor * (1 + rate) if inflation == "cumulative" else 1 + rate
        if inflation == "none":
            factor = 1.0
        yield (path, cap, inflation), full * share * factor


@pytest.mark.parametrize(("name", "year", "printed"), [("saving_year_1", 0, (13, 14)), ("saving_year_3", 2, (26, 28))])
def test_a_naive_search_finds_the_same_ways_to_count(name, year, printed):
    """Loops over paths, caps and rules: the same ways round to both printed numbers, and come to the same amounts."""
    low, high = (dict(naive_ways(year, tariff)) for tariff in (45, 36))
    expected = {
        way: (high[way], low[way])
        for way in low
        if abs(-low[way] / 1e6 - printed[0]) <= 0.5 and abs(-high[way] / 1e6 - printed[1]) <= 0.5
    }
    fewest = min(sum(each not in {"stated", "cumulative"} for each in way) for way in expected)
    best = {
        way: money
        for way, money in expected.items()
        if len([each for each in way if each not in {"stated", "cumulative"}]) == fewest
    }
    total = found(ACL)[name]

    spoken = {
        (
            choices(each.departures).get("uptake", "stated"),
            "share" if "cap_rule" in choices(each.departures) else choices(each.departures).get("cap", "stated"),
            choices(each.departures).get("inflation_rule", "cumulative"),
        ): (each.computed["minimum"], each.computed["maximum"])
        for each in total.matches
        if "flows" not in choices(each.departures) and "values" not in choices(each.departures)
    }
    assert spoken.keys() == best.keys()
    for way, money in spoken.items():
        assert money == pytest.approx(best[way], rel=1e-12)


def test_a_naive_search_finds_operations_alone():
    """Of all parts, alone or left out, one way gives € 28.5 million."""
    names = ("operation", "aftercare", "exercise")
    parts = [names, *((name,) for name in names), *(tuple(each for each in names if each != name) for name in names)]
    fits = {
        (chosen, way)
        for chosen in parts
        for tariff in (36, 40.5, 45)
        for way, money in naive_ways(2, tariff, parts=chosen)
        if abs(money / 1e6 + 28.5) <= 0.05
    }

    assert (("operation",), ("stated", "none", "none")) in fits
    assert {chosen for chosen, _ in fits} == {("operation",)}


FACTORS = {"own year": 1.02, "cumulative": 1.022 * 1.021 * 1.02, "none": 1.0}


@examples(25)
@given(
    st.sampled_from(["own year", "cumulative", "none"]), st.sampled_from([0.25, 0.5, 0.75, 1.0]), st.integers(900, 1100)
)
def test_what_was_counted_one_way_is_found_that_way(rule, share, size):
    """A total that is made by a way to count has that way among those that give it."""
    plan = of_flows(
        flow(price="tariff", quantity=18),
        size=size,
    )
    plan = one_population(
        populations=plan.populations,
        conventions=Conventions(uptake=(share, share, share), inflation=(0.022, 0.021, 0.02)),
    )
    made = [size * 18 * tariff * share * FACTORS[rule] for tariff in (36, 45)]
    printed = Printed("made", 2027, range=tuple(Decimal(str(round(each, 2))) for each in made))
    total = found(plan, [printed])["made"]

    stated = {} if rule == "cumulative" else {"inflation_rule": rule}
    assert stated in [choices(each.departures) for each in total.matches]
    assert total.verdict == {"cumulative": "as stated", "own year": "reading", "none": "contradicts"}[rule]


# How totals are read --------------------------------------------------------------------------------------------------


def test_both_ends_of_a_range_depart_in_the_same_respect():
    """With the tariff at its low end in both scenarios; its middle in one and its low end in the other is no way."""
    plan = one_population(
        parameters={"sessions": Parameter(range=(10, 20)), "tariff": Parameter(range=(36, 45))},
        conventions=Conventions("now", uptake=(1, 1, 1), inflation_rule="none"),
    )

    at_low = found(plan, [Printed("low", 2027, range=(360_000, 720_000))])["low"]
    assert [choices(each.departures) for each in at_low.matches] == [{"values": "tariff low"}]
    at_middle = found(plan, [Printed("middle", 2027, range=(405_000, 810_000))])["middle"]
    assert [choices(each.departures) for each in at_middle.matches] == [{"values": "tariff middle"}]
    mixed = found(plan, [Printed("mixed", 2027, range=(405_000, 720_000))])["mixed"]
    assert mixed.verdict == "unexplained"


def test_a_value_at_the_end_of_its_range_is_no_hindrance():
    """The middle scenario is then that end."""
    plan = one_population(parameters={"sessions": Parameter(range=(10, 20)), "tariff": Parameter(36, range=(36, 45))})

    assert found(plan, [Printed("total", 2027, range=(360_000, 900_000))])["total"].verdict == "as stated"


@pytest.mark.parametrize(
    ("options", "spans"),
    [
        ({"value": 173_000}, {"any": (172_999.5, 173_000.5)}),
        ({"value": 173_000, "rounded_to": 1000}, {"any": (172_500, 173_500)}),
        ({"value": Decimal("6.40"), "unit": 1e6}, {"any": (6_395_000, 6_405_000)}),
        ({"value": 6.4, "unit": 1e6, "wording": "over"}, {"any": (6_400_000, 6_500_000)}),
        ({"value": 6.4, "unit": 1e6, "wording": "nearly"}, {"any": (6_300_000, 6_400_000)}),
        ({"value": 28.5, "counts": "saving", "wording": "at most"}, {"any": (-28.55, -28.45)}),
        ({"value": 5, "scenario": "maximum"}, {"maximum": (4.5, 5.5)}),
        ({"value": 0.5, "scenario": "minimum", "counts": "saving"}, {"minimum": (-0.55, -0.45)}),
        ({"range": (95, 119)}, {"minimum": (94.5, 95.5), "maximum": (118.5, 119.5)}),
        ({"range": (26, 28), "counts": "saving"}, {"minimum": (-28.5, -27.5), "maximum": (-26.5, -25.5)}),
        ({"value": 1e22}, {"any": (1e22 - 0.5, 1e22 + 0.5)}),
    ],
)
def test_a_printed_number_stands_for_what_rounds_to_it(options, spans):
    """To its last digit, its step or its wording; the larger saving is the minimum of spending."""
    told = Printed("total", 2027, **options).spans

    assert told.keys() == spans.keys()
    assert all(told[end] == pytest.approx(spans[end]) for end in spans)


def test_a_rate_is_held_against_its_formula():
    """It is no total of the plan: nothing but the formula is tried."""
    plan = one_population()
    totals = found(
        plan,
        [
            Printed("rate", 2027, value=648, formula="sessions * 36"),
            Printed("off", 2027, value=700, formula="sessions * 36"),
        ],
    )

    assert (totals["rate"].verdict, totals["rate"].tried, totals["rate"].matching) == ("as stated", 1, 1)
    assert totals["off"].verdict == "unexplained"
    assert totals["off"].stated == {"any": 648.0}
    assert budget.reconcile(plan, [Printed("rate", 2027, value=648, formula="sessions * 36")]).given == ()


def test_without_totals_there_is_nothing_to_find():
    """Of a plan that prints none."""
    assert budget.reconcile(one_population()).totals == ()


def test_implied_uptake_is_none_where_no_share_gives_all_numbers():
    """Two numbers of which the one asks for more and the other for less, or a number beyond full uptake."""
    plan = one_population()

    apart = found(plan, [Printed("apart", 2027, range=(50_000, 80_000))])["apart"]
    beyond = found(plan, [Printed("beyond", 2027, value=9_000_000)])["beyond"]
    assert (apart.verdict, apart.implied_uptake) == ("unexplained", None)
    assert (beyond.verdict, beyond.implied_uptake) == ("unexplained", None)


def test_no_uptake_is_implied_by_care_that_costs_nothing_more():
    """Nor by amounts, which have no uptake."""
    free = of_flows(flow(), current=(flow(),))
    amounts = one_population(populations=(), amounts=(Amount("total", (1, 2, 3), "medicines"),))

    assert found(free, [Printed("total", 2027, value=5)])["total"].implied_uptake is None
    assert found(amounts, [Printed("total", 2027, value=5)])["total"].implied_uptake is None


def test_a_plan_that_a_total_names_twice_is_counted_once():
    """As is the plan itself, which every total of it includes."""
    plan = of_flows(flow(quantity=1, price=2))
    other = replace(of_flows(flow(quantity=1, price=3)), name="other")
    total = Printed("total", 2027, value=5_000, plans=("other", "plan", "other"))

    (match,) = found([plan, other], [total])["total"].matches
    assert match.computed == {"any": 5_000.0}


def test_amounts_are_found_without_uptake():
    """A total of amounts at the middle of its range, which is that of both scenarios too."""
    plan = one_population(
        parameters={"spending": Parameter(range=(100, 200))},
        populations=(),
        amounts=(Amount("total", ("spending", "spending", "spending"), "medicines"),),
    )

    total = found(plan, [Printed("total", 2026, value=150)])["total"]
    assert [choices(each.departures) for each in total.matches] == [{}]
    assert total.verdict == "as stated"


def test_a_number_that_was_solved_from_a_total_of_uptake_is_tried_by_other_paths():
    """It would give the total by construction; at once, or 50% in the first year, is another matter."""
    plan = one_population(
        parameters={
            "tariff": Parameter(40),
            "share": Parameter(range=(0.3, 0.7), in_scenarios=False, solved_from=("total",)),
        },
        populations=(Population("patients", 1000, new=(flow(price="tariff"),)),),
        conventions=Conventions("solved", uptake=("share", "share", "share"), inflation_rule="none"),
    )

    assert found(plan, [Printed("total", 2025, value=20_000)])["total"].verdict == "contradicts"
    unexplained = found(plan, [Printed("total", 2027, value=20_000)])["total"]
    assert (unexplained.verdict, unexplained.solved) == ("unexplained", ("share",))
    assert unexplained.implied_uptake == pytest.approx((0.4999875, 0.5000125))


# Solved numbers -------------------------------------------------------------------------------------------------------


def naive_price(inflation):
    """Return lowest and highest price of an operation that gives all four printed savings on meniscus surgery."""
    low, high = 0.0, float("inf")
    for year, factor, share in ((0, 1.022, 0.25), (2, FACTORS[inflation], 0.75)):
        for tariff, printed in ((36, (2.1, 6.2)), (45, (1.7, 5.1))):
            saved = printed[0] if year == 0 else printed[1]
            scale = share * (1.0 if inflation == "none" else factor)
            sessions = (5473 + 4467) * 16 * tariff
            avoided = 5473 * 0.55 + 4467 * 0.70
            low = max(low, ((saved - 0.05) * 1e6 / scale + sessions) / avoided)
            high = min(high, ((saved + 0.05) * 1e6 / scale + sessions) / avoided)
    return low, high


@pytest.mark.slow
@pytest.mark.parametrize("plans", [MENISCUS, MENISCUS[::-1]], ids=["traumatic first", "degenerative first"])
def test_the_price_of_a_meniscus_operation_is_solved_from_four_totals(plans):
    """€ 2,243 to 2,263 with inflation of the own year, 2,269 to 2,285 without; none with that of all years."""
    solutions = {each.departures: each for each in budget.solve(plans, "operation_price")}

    by_rule = {choices(departures).get("inflation_rule", "own year"): each for departures, each in solutions.items()}
    assert list(by_rule) == ["own year", "none"]
    assert [round(by_rule["own year"].low), round(by_rule["own year"].high)] == [2243, 2263]
    assert [round(by_rule["none"].low), round(by_rule["none"].high)] == [2269, 2285]
    for rule, each in by_rule.items():
        assert (each.low, each.high) == pytest.approx(naive_price(rule), rel=1e-9)
    none = naive_price("cumulative")
    assert none[0] > none[1]


@pytest.mark.slow
def test_uptake_of_the_first_year_is_solved_to_what_is_on_file():
    """68.9 to 69.4%, by the only reading that gives the third year."""
    (only,) = budget.solve(TWENTY, "uptake_year_1")

    assert choices(only.departures) == {"inflation_rule": "own year"}
    assert [round(each, 1) for each in (only.low, only.high)] == [68.9, 69.4]


def test_a_solved_number_gives_the_total_it_is_solved_from():
    """At both ends of what its rounding leaves; a number beyond the kink of a cap does not."""
    plan = one_population(
        parameters={"reached": Parameter(50), "tariff": Parameter(40)},
        populations=(Population("patients", 1000, new=(flow(price="tariff"),)),),
        conventions=Conventions("capped", uptake=("reached / 100",) * 3, cap=0.75, inflation_rule="none"),
    )

    solutions = budget.solve(plan, "reached", printed=[Printed("total", 2025, value=20_000, scenario="minimum")])
    assert (solutions[0].low, solutions[0].high) == pytest.approx((49.99875, 50.00125))
    for each in budget.solve(plan, "reached", printed=[Printed("total", 2025, value=36_000, scenario="minimum")]):
        assert any(departure.kind == "cap" for departure in each.departures)


def test_a_total_that_does_not_depend_on_the_number_must_come_out_by_itself():
    """Or no value gives all."""
    plan = of_flows(flow(price=36))
    plan = one_population(
        parameters={"other": Parameter(1)},
        populations=plan.populations,
        amounts=(Amount("late", (0, 0, "other"), "medicines"),),
        conventions=FLAT,
    )
    first = Printed("first", YEARS[0], value=18_000, scenario="minimum")
    third = Printed("third", YEARS[2], value=36_500, scenario="minimum")

    stated = [each for each in budget.solve(plan, "other", printed=[first, third]) if not each.departures]
    assert [(each.low, each.high) for each in stated] == [pytest.approx((499.5, 500.5))]
    wrong = Printed("first", YEARS[0], value=18_500, scenario="minimum")
    assert [each for each in budget.solve(plan, "other", printed=[wrong, third]) if not each.departures] == []
