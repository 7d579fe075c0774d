"""Budget impact: the printed totals, a naive form, and what must be conserved whatever the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from budget_cases import (
    FLAT,
    MENISCUS,
    PLANS,
    YEARS,
    conventions,
    flow,
    middle,
    naive,
    of_flows,
    one_population,
    plans,
    rescaled,
    settled,
)
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

import hecon
from hecon import budget
from hecon.budget import ZIN, Amount, Conventions, Flow, Parameter, Plan, Population
from hecon.budget.records import INSIDE

quick = examples(12)


def totals(plan, year=2027, **options):
    """Return the totals of the minimum and maximum scenario, to the euro."""
    found = hecon.budget_impact(plan, scenarios=("minimum", "maximum"), **options)
    return [round(float(each)) for each in found.total.sel(year=year)]


# As printed (Zorginstituut Nederland, De tussenstand in de beweging naar passende fysio- en oefentherapeutische zorg,
# appendix 2. Diemen, 2024) ------------------------------------------------------------------------------------------


def test_copd_comes_out_to_the_euro():
    """€ 201,960 and € 504,900 in the third year: 1,100 patients, 5 or 10 treatments at € 36 or € 45, 2.0% inflation."""
    assert totals(PLANS["copd"], conventions="as printed") == [201_960, 504_900]
    assert totals(PLANS["copd"]) == [
        round(1100 * 5 * 36 * 1.022 * 1.021 * 1.02),
        round(1100 * 10 * 45 * 1.022 * 1.021 * 1.02),
    ]


def test_the_first_twenty_treatments_cost_137_to_172_million():
    """In the third year; in the first, at the uptake that was solved from it, 95 and 119 million."""
    third = totals(PLANS["first-twenty"], conventions="as printed")

    assert third == [round((119_900 * 20 + 0.16 * 119_900 * 70) * tariff * 1.02) for tariff in (36, 45)]
    assert [round(each / 1e6, 1) for each in third] == [137.4, 171.7]
    assert [round(each / 1e6) for each in totals(PLANS["first-twenty"], 2025, conventions="as printed")] == [95, 119]


def test_the_first_twenty_treatments_move_into_the_budget():
    """What patients and supplementary insurers no longer pay is what the budget pays of patients who were there."""
    found = hecon.budget_impact(PLANS["first-twenty"], conventions="as printed").sel(year=2027)

    assert found.outside_net.values.ravel() == pytest.approx([-119_900 * 20 * each * 1.02 for each in (36, 45)])
    assert (found.outside_new.values == 0).all()


def test_knee_ligament_saves_26_to_28_million():
    """€ 28.0 and € 26.4 million in the third year, half of it in the first, € 28.5 million of operations alone."""
    found = hecon.budget_impact(PLANS["acl-rupture"], conventions="as printed")
    third, first = found.sel(year=2027), found.sel(year=2025)

    assert [round(float(each) / 1e6, 1) for each in third.total] == [-28.0, -26.4]
    assert third.total.values == pytest.approx(
        [10_139 * 18 * each - (56_967_671 + 12_200_000) / 2 for each in (36, 45)], rel=1e-12
    )
    assert (first.total.values == third.total.values / 2).all()
    assert [round(float(each)) for each in third.saved.sel(sector="specialist care")] == [28_483_836] * 2
    assert (third.added.sel(sector="specialist care").values == 0).all()
    assert third.patients.values.tolist() == [10_139, 10_139]


def test_triage_counts_episodes_and_no_money():
    """802 x 60% x 75% = 361 per 1,000, times 17.8 million inhabitants: 6.4 million episodes."""
    found = hecon.budget_impact(PLANS["triage"])
    rates = {each.printed.id: each.stated["any"] for each in budget.reconcile(PLANS["triage"]).totals[:2]}

    assert "total" not in found
    assert "net" not in found
    assert round(float(found.patients.sel(year=2027)[0]) / 1e6, 1) == 6.4
    assert rates["share_all_episodes"] == pytest.approx(6.3)
    assert round(rates["suitable_per_1000_chapter"]) == 361
    assert found.units_new.sel(resource="episodes: by-practitioner").values.tolist() == [[0, 0]] * 3


def test_meniscus_saves_as_printed_for_both_ages_together():
    """€ 1.7 to 2.1 million in the first year and 5.1 to 6.2 in the third."""
    found = budget.combine(MENISCUS, conventions="as printed").grand_total

    assert [round(-float(each) / 1e6, 1) for each in found.sel(year=2025)] == [2.1, 1.7]
    assert [round(-float(each) / 1e6, 1) for each in found.sel(year=2027)] == [6.2, 5.1]


@pytest.mark.parametrize("plan", MENISCUS, ids=lambda each: each.name)
def test_without_inflation_the_third_year_is_three_times_the_first(plan):
    """Uptake of 25% and 100%, cut off at 75%."""
    found = hecon.budget_impact(plan, conventions=replace(plan.conventions, inflation_rule="none")).total

    assert found.sel(year=2027).values == pytest.approx(3 * found.sel(year=2025).values, rel=1e-12)


def test_rheumatoid_arthritis_is_as_reported():
    """Amounts by year, whatever uptake and inflation; there are no patients to divide them by."""
    found = hecon.budget_impact(PLANS["rheumatoid-arthritis"])

    assert found.total.values.round().tolist() == [[3_700_000, 4_400_000]] + [[750_750, 900_900]] * 2
    assert found["total_to_date"].sel(year=2027).values == pytest.approx([5_201_500, 6_201_800])
    assert np.isnan(found.per_patient.values).all()


@pytest.mark.parametrize("counting", ["stated", "as printed"])
def test_the_parts_of_copd_add_up_to_the_whole(counting):
    """The two groups of classes."""
    high, low = (hecon.budget_impact(PLANS["copd"].part(each), conventions=counting) for each in ("high", "low"))
    whole = hecon.budget_impact(PLANS["copd"], conventions=counting)

    for name in ("total", "total_to_date", "patients", "net", "added"):
        np.testing.assert_allclose(high[name] + low[name], whole[name], rtol=1e-12)
    assert PLANS["copd"].part("low").label["nl"].endswith(": Patiënten in de klassen A en B1 op hun maximum")


def test_a_plan_without_other_printed_conventions_is_printed_as_stated():
    """Then "as printed" is the plan's own."""
    plan = one_population()

    assert totals(plan, conventions="as printed") == totals(plan, conventions="stated") == totals(plan)


# Against the naive form -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@examples(30)
@given(plans())
def test_every_amount_is_that_of_loops_over_plain_floats(plan):
    """Current and new spending, inside and outside, by year and sector, and patients."""
    booked, patients = naive(plan, middle(plan))
    found = hecon.budget_impact(plan, scenarios="middle").sel(scenario="middle")
    largest = max(map(abs, booked.values()), default=0.0)

    for year in plan.years:
        assert float(found.patients.sel(year=year)) == pytest.approx(patients[year], rel=1e-12)
        for sector in found.sector.values.tolist():
            for key in ("current", "new", "outside_current", "outside_new"):
                value = float(found[key].sel(year=year, sector=sector))
                assert value == pytest.approx(booked.get((year, sector, key), 0.0), rel=1e-12, abs=1e-12 * largest)
    assert {sector for _, sector, _ in booked} <= set(found.sector.values.tolist())


# What is conserved ----------------------------------------------------------------------------------------------------


@quick
@given(plans(), st.booleans())
def test_what_is_new_is_what_was_and_what_changes(plan, drawn):
    """In every cell; sectors add up to totals, years to what is cumulative, and growth less shrinkage is the net."""
    found = hecon.budget_impact(plan, n_draws=3, rng=0) if drawn else hecon.budget_impact(plan)
    size = float(abs(found.current).max() + abs(found.new).max() + abs(found.added).max() + abs(found.saved).max())

    assert (found.net.values == (found.new - found.current).values).all()
    assert (found.outside_net.values == (found.outside_new - found.outside_current).values).all()
    assert (found.total.values == found.net.sum("sector").values).all()
    np.testing.assert_allclose(found.added - found.saved, found.net, rtol=0, atol=1e-13 * size)
    np.testing.assert_allclose(found["total_to_date"], np.cumsum(found.total.values, axis=0), rtol=0, atol=1e-13 * size)
    assert (found.added.values >= 0).all()
    assert (found.saved.values >= 0).all()
    assert (found.units_current.values >= 0).all()
    treated = found.patients.values > 0
    np.testing.assert_allclose((found.per_patient * found.patients).values[treated], found.total.values[treated])
    assert np.isnan(found.per_patient.values[~treated]).all()


@quick
@given(plans(), conventions())
def test_without_uptake_nothing_changes(plan, how):
    """Exactly nothing, inside and outside the budget, in money and in units."""
    found = hecon.budget_impact(plan, conventions=replace(how, uptake=(0, 0, 0)))

    for name in ("net", "added", "saved", "total", "total_to_date", "outside_net", "patients"):
        assert (found[name].values == 0).all()
    assert (found.units_new.values == found.units_current.values).all()


@quick
@given(plans().map(settled), st.sampled_from([2.0**-40, 0.5, 2.0, 2.0**40]))
def test_twice_the_price_or_the_patients_is_twice_the_money(plan, factor):
    """By powers of two exactly: from 1e-12 to 1e12 times."""
    found = hecon.budget_impact(plan)
    dearer = hecon.budget_impact(rescaled(plan, price=factor))
    larger = hecon.budget_impact(rescaled(plan, size=factor))

    for name in ("current", "new", "net", "added", "saved", "total", "outside_net"):
        assert (dearer[name].values == factor * found[name].values).all()
        assert (larger[name].values == factor * found[name].values).all()
    assert (dearer.patients.values == found.patients.values).all()
    assert (larger.patients.values == factor * found.patients.values).all()
    assert (larger.units_new.values == factor * found.units_new.values).all()


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1.0, 1e6, 1e12])
def test_money_of_any_size_is_counted(scale):
    """The numbers of the plan times the scale, to rounding."""
    plan = of_flows(flow(price=36 * scale), current=(flow("operation", price=50 * scale, sector="specialist care"),))
    found = hecon.budget_impact(plan)

    assert found.total.sel(year=2027).values == pytest.approx([-14_000 * scale] * 2, rel=1e-12)
    assert found.per_patient.sel(year=2025).values == pytest.approx([-14 * scale] * 2, rel=1e-12)


def with_dearer_outside(plan):
    """Return a plan in which all that is outside the budget costs more."""

    def dearer(flows):
        return tuple(
            each if each.payer in INSIDE else replace(each, price=f"price + {7 + i}") for i, each in enumerate(flows)
        )

    return replace(
        plan,
        populations=tuple(
            replace(each, current=dearer(each.current), new=dearer(each.new), extra=dearer(each.extra))
            for each in plan.populations
        ),
    )


@quick
@given(plans())
def test_what_is_outside_the_budget_never_enters_it(plan):
    """Another price of what others pay changes no bit of what the budget pays, nor which scenario is the minimum."""
    plan = replace(plan, parameters={**plan.parameters, "price": Parameter(12.5)})
    before, after = hecon.budget_impact(plan), hecon.budget_impact(with_dearer_outside(plan))

    for name in ("current", "new", "net", "added", "saved", "total", "total_to_date"):
        assert (before[name].values == after[name].values).all()


@quick
@given(plans(payers=INSIDE))
def test_care_that_others_pay_is_the_same_care_outside_the_budget(plan):
    """All flows paid outside: what was inside is now outside, to the bit, and nothing is inside."""
    plan = replace(plan, conventions=replace(plan.conventions, deductible_share=0.0))
    chosen = {"one": middle(plan)}
    outside = replace(
        plan,
        populations=tuple(
            replace(
                each,
                **{
                    key: tuple(replace(flow, payer="own payments") for flow in getattr(each, key))
                    for key in ("current", "new", "extra")
                },
            )
            for each in plan.populations
        ),
    )
    here, there = hecon.budget_impact(plan, scenarios=chosen), hecon.budget_impact(outside, scenarios=chosen)

    for name in ("current", "new", "net"):
        assert (here[name].values == there[f"outside_{name}"].values).all()
        assert (there[name].values == 0).all()
    assert (there.total.values == 0).all()


@pytest.mark.parametrize(
    "payer", ["supplementary insurance", "own payments", "supplementary insurance or own payments"]
)
def test_care_that_moves_into_the_budget_costs_it_what_others_save(payer):
    """The same units at the same price with another payer: no unit more, and the sum of both sides stays."""
    plan = of_flows(flow(price=36), current=(flow(price=36, payer=payer),))
    found = hecon.budget_impact(plan, scenarios="middle").squeeze()

    assert found.total.values.tolist() == [18_000, 27_000, 36_000]
    assert (found.outside_net.squeeze().values == -found.total.values).all()
    assert (found.units_new.values == found.units_current.values).all()


def turned(plan):
    """Return a plan with its populations, flows and parameters in reverse."""
    return replace(
        plan,
        parameters=dict(reversed(plan.parameters.items())),
        populations=tuple(
            replace(each, current=each.current[::-1], new=each.new[::-1], extra=each.extra[::-1])
            for each in plan.populations[::-1]
        ),
    )


@pytest.mark.parametrize("order", [turned, lambda plan: plan])
def test_a_scenario_of_which_several_ends_spend_alike_takes_the_low_ones(order):
    """The same care moves to another sector: its amount makes no difference to the sum, but for rounding."""
    moved = {"quantity": "2 * quantity", "price": "price"}
    current = (
        Flow("b", sector="specialist care", **moved),
        Flow("c", quantity=0.25, price=0.25, sector="district nursing"),
    )
    plan = Plan(
        "moved",
        years=(2025, 2026, 2027),
        base_year=2025,
        price_year=2024,
        parameters={
            "price": Parameter(range=(0.125, 0.25)),
            "quantity": Parameter(range=(0.25, 0.75)),
            "size": Parameter(range=(100, 200)),
        },
        populations=(
            Population("one", size="size", current=current, new=(Flow("a", sector="primary paramedical", **moved),)),
        ),
        conventions=Conventions(uptake=(0.1, 0.3, 0.7), inflation=(0.03, 0.05, 0.07), discount_rate=0.04),
    )

    found = hecon.budget_impact(order(plan), scenarios="minimum").squeeze()

    assert found.units_current.sel(resource="one: b").values.tolist() == pytest.approx([100] * 3)
    assert found.current.sel(sector="specialist care").values[0] == pytest.approx(200 * 0.5 * 0.125 * 1.03)


@quick
@given(plans())
def test_the_order_in_which_a_plan_is_written_does_not_matter(plan):
    """Of populations, flows and parameters; sectors stand in the order of the list of sectors."""
    before, after = hecon.budget_impact(plan), hecon.budget_impact(turned(plan))
    size = float(abs(before.new).max() + abs(before.current).max() + 1)

    assert before.sector.values.tolist() == after.sector.values.tolist()
    for name in ("current", "new", "net", "total", "patients", "outside_net"):
        np.testing.assert_allclose(after[name], before[name], rtol=1e-12, atol=1e-12 * size)
    for resource in before.resource.values:
        np.testing.assert_allclose(after.units_new.sel(resource=resource), before.units_new.sel(resource=resource))


# The conventions, one by one ------------------------------------------------------------------------------------------


def counted(**rules):
    """Return the totals by year of 1,000 patients at 1 each under some rules."""
    plan = of_flows(flow())
    return hecon.budget_impact(plan, scenarios="middle", conventions=replace(FLAT, **rules)).total.values.ravel()


def test_the_default_is_that_of_the_zorginstituut():
    """Its path of uptake in specialist care, inflation of all years, no discounting, growth, deductible or cap."""
    assert replace(Conventions(), name="zin") == ZIN
    assert (ZIN.name, ZIN.uptake, ZIN.cap, ZIN.inflation_rule) == ("zin", (0.5, 0.75, 1.0), 1.0, "cumulative")
    assert (ZIN.demographic_growth, ZIN.discount_rate, ZIN.deductible_share) == (0, 0, 0)


@pytest.mark.parametrize("years", [(2025, 2026), (2025, 2026, 2027, 2028)])
def test_the_general_rules_count_any_horizon(years):
    """Uptake ends with the plan, or stays where it was; the rates of inflation are the plan's."""
    stated = Conventions(uptake=(1,) * len(years), inflation=(0.02,) * len(years))
    plan = one_population(years=years, conventions=stated)

    assert budget.uptake(plan, conventions="zin").values.tolist() == [0.5, 0.75, 1, 1][: len(years)]
    same = replace(ZIN, uptake=(0.5, 0.75, 1, 1)[: len(years)], inflation=stated.inflation)
    assert hecon.budget_impact(plan, conventions="zin").identical(hecon.budget_impact(plan, conventions=same))


def test_inflation_is_of_all_years_of_the_own_year_or_none():
    """2.2, 2.1 and 2.0%."""
    rates = (0.022, 0.021, 0.02)
    uptake = (1, 1, 1)

    assert counted(uptake=uptake, inflation=rates, inflation_rule="cumulative") == pytest.approx(
        [1022, 1022 * 1.021, 1022 * 1.021 * 1.02]
    )
    assert counted(uptake=uptake, inflation=rates, inflation_rule="own year") == pytest.approx([1022, 1021, 1020])
    assert counted(uptake=uptake, inflation=rates).tolist() == [1000, 1000, 1000]


def test_a_cap_cuts_uptake_off_or_is_the_share_that_can_be_reached():
    """75% of patients at most, on a path of 25, 75 and 100%."""
    path = (0.25, 0.75, 1)

    assert counted(uptake=path, cap=0.75).tolist() == [250, 750, 750]
    assert counted(uptake=path, cap=0.75, cap_rule="share").tolist() == [187.5, 562.5, 750]
    assert counted(uptake=path, cap=0).tolist() == [0, 0, 0]


def test_populations_grow_from_the_base_year_on():
    """Three years before the first year of the plan."""
    found = hecon.budget_impact(
        of_flows(flow(), current=(flow("old"),)), conventions=replace(FLAT, demographic_growth=0.01)
    ).isel(scenario=0)

    assert found.current.values.ravel() == pytest.approx([1000 * 1.01**years for years in (3, 4, 5)])
    assert found.patients.values == pytest.approx([500 * 1.01**3, 750 * 1.01**4, 1000 * 1.01**5])
    assert found.units_current.sel(resource="patients: old").values == pytest.approx(found.current.values.ravel())


def test_discounting_begins_in_the_second_year():
    """At 4%."""
    assert counted(uptake=(1, 1, 1), discount_rate=0.04) == pytest.approx([1000, 1000 / 1.04, 1000 / 1.04**2])


def test_amounts_count_as_they_stand_but_later_ones_count_less():
    """Uptake, inflation and growth leave a total of a source alone; discounting is of all money."""
    plan = one_population(populations=(), amounts=(Amount("total", (100, 100, 100), "medicines"),))
    how = replace(FLAT, uptake=(0, 0, 0), inflation=(0.1,) * 3, inflation_rule="cumulative", demographic_growth=0.1)

    assert hecon.budget_impact(plan, conventions=how).total.values.tolist() == [[100, 100]] * 3
    found = hecon.budget_impact(plan, conventions=replace(how, discount_rate=0.25)).total.isel(scenario=0)
    assert found.values.tolist() == [100, 80, 64]


def test_amounts_are_booked_to_their_sector_and_payer():
    """Beside the flows of the plan; a saving is negative, and patients pay theirs outside."""
    plan = replace(
        one_population(),
        amounts=(
            Amount("saved", (-10, -20, -30), "specialist care"),
            Amount("paid", (1, 2, 3), "primary paramedical", "own payments"),
        ),
    )
    found = hecon.budget_impact(plan, scenarios={"low": {"tariff": "low"}}).sel(scenario="low", year=2027)

    assert found.net.sel(sector="specialist care") == -30
    assert found.saved.sel(sector="specialist care") == 30
    assert found.net.sel(sector="primary paramedical") == 1000 * 18 * 36
    assert found.outside_net.sel(sector="primary paramedical") == 3
    assert found.resource.values.tolist() == ["patients: exercise", "saved", "paid"]


@quick
@given(plans(), st.sampled_from([0.0, 0.25, 1.0]))
def test_a_deductible_moves_money_out_and_keeps_the_sum(plan, share):
    """The budget pays the rest, to the cent; who pays what outside is added to it."""
    without = hecon.budget_impact(plan, conventions=replace(plan.conventions, deductible_share=0.0), scenarios="middle")
    found = hecon.budget_impact(plan, conventions=replace(plan.conventions, deductible_share=share), scenarios="middle")

    size = float(abs(without.new).max() + abs(without.outside_new).max() + 1)
    for name in ("current", "new"):
        both = found[name] + found[f"outside_{name}"]
        np.testing.assert_allclose(both, without[name] + without[f"outside_{name}"], rtol=1e-12, atol=1e-12 * size)
        assert (found[name] <= without[name] + 1e-12 * size).all()
    assert (found.units_new.values == without.units_new.values).all()


@pytest.mark.parametrize(
    ("sector", "payer", "left"),
    [
        ("primary paramedical", "Zvw", 0.75),
        ("specialist care", "Zvw", 0.75),
        ("general practice", "Zvw", 1),
        ("district nursing", "Zvw", 1),
        ("long-term care", "Wlz", 1),
        ("social support", "Wmo", 1),
    ],
)
def test_the_deductible_is_of_the_zvw_and_not_of_all_of_it(sector, payer, left):
    """General practice and district nursing have none, nor have the other acts; amounts follow the same rule."""
    how = replace(FLAT, deductible_share=0.25)
    plan = replace(of_flows(flow(sector=sector, payer=payer)), conventions=how)
    amount = one_population(populations=(), amounts=(Amount("total", (100, 100, 100), sector, payer),), conventions=how)

    for each in (plan, amount):
        found = hecon.budget_impact(each, scenarios="middle").isel(year=-1, scenario=0)
        assert float(found.total) == left * float(found.total + found.outside_net.sum())


def test_extra_demand_is_of_those_on_the_new_pathway():
    """16% more patients, who cost the new pathway, or what is told of them; they were not there before."""
    new, more = flow(price=20), flow(price=70)
    same = hecon.budget_impact(of_flows(new, extra_demand=0.16)).isel(scenario=0)
    other = hecon.budget_impact(of_flows(new, extra_demand=0.16, extra=(more,))).isel(scenario=0)

    assert same.patients.values == pytest.approx([580, 870, 1160])
    assert same.total.values == pytest.approx([11_600, 17_400, 23_200])
    assert other.total.values == pytest.approx([500 * (20 + 0.16 * 70), 750 * 31.2, 1000 * 31.2])
    assert (other.current.values == 0).all()


def test_a_flow_that_part_of_the_patients_use_counts_for_them():
    """Substitution: of those who now have an operation half still do."""
    operation = flow("operation", price=2000, sector="specialist care")
    plan = of_flows(flow(quantity=18, price=36), replace(operation, share=0.5), current=(operation,))
    found = hecon.budget_impact(plan).isel(scenario=0).sel(year=2027)

    assert found.net.sel(sector="specialist care") == -1_000_000
    assert found.net.sel(sector="primary paramedical") == 648_000
    assert found.units_new.sel(resource="patients: operation") == 500
    assert found.units_new.sel(resource="patients: exercise") == 18_000


def test_shares_of_one_group_may_depend_on_one_number():
    """Those who do not get the one get the other: the shares add up to 1 whatever the number is."""
    plan = one_population(
        parameters={"part": Parameter(range=(0.2, 0.5))},
        populations=(
            Population(
                "patients",
                1000,
                new=(
                    flow("exercise", share="part", one_of="treatment"),
                    flow("operation", share="1 - part", one_of="treatment", price=3),
                ),
            ),
        ),
    )

    assert hecon.budget_impact(plan).total.sel(year=2027).values == pytest.approx([2000, 2600])


# The dataset ----------------------------------------------------------------------------------------------------------


def test_the_result_says_what_it_is():
    """Dims, units and how it was counted."""
    found = hecon.budget_impact(PLANS["acl-rupture"])

    assert found.net.dims == ("year", "scenario", "sector")
    assert found.total.dims == found.per_patient.dims == found.patients.dims == ("year", "scenario")
    assert found.units_new.dims == ("year", "scenario", "resource")
    assert found.sector.values.tolist() == ["primary paramedical", "specialist care"]
    assert found.year.values.tolist() == list(YEARS)
    assert all(
        found[name].attrs["units"] == "EUR" for name in ("net", "saved", "total", "total_to_date", "per_patient")
    )
    assert (found.attrs["currency"], found.attrs["base_year"], found.attrs["price_year"]) == ("EUR", 2022, 2024)
    assert found.attrs["scenarios"]["minimum"]["tariff"] == 36
    assert found.attrs["conventions"]["cap"] == "implementation_cap / 100"


def test_an_impact_without_its_own_attributes_goes_to_netcdf_and_back(tmp_path):
    """Which holds no mappings: the attributes of the whole go, units stay."""
    plans_ = [PLANS[name] for name in ("acl-rupture", "first-twenty")]
    for number, found in enumerate((hecon.budget_impact(plans_[0]), budget.combine(plans_), budget.one_way(plans_[0]))):
        path = tmp_path / f"{number}.nc"
        kept = found.drop_attrs(deep=False)
        kept.to_netcdf(path)
        with xr.open_dataset(path) as read:
            assert read.load().equals(kept)
            assert {name: each.attrs for name, each in read.items()} == {name: kept[name].attrs for name in read}
    with pytest.raises(TypeError, match="conventions"):
        hecon.budget_impact(plans_[0]).to_netcdf(tmp_path / "whole.nc")


def test_a_plan_of_one_year_in_another_currency():
    """Nothing rests on three years or on euros."""
    plan = one_population(
        years=(2030,), price_year=2029, currency="GBP", conventions=Conventions("now", uptake=(1,), inflation=(0.5,))
    )
    found = hecon.budget_impact(plan)

    assert found.total.values == pytest.approx(np.array([[972_000, 1_215_000]]))
    assert found.total.attrs["units"] == "GBP"
