"""Each way of saying what lies ahead of patients, held against a sum over small steps; and draws of each."""

from __future__ import annotations

import math

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hecon import zin
from hecon.rules import prognosis as under

FEMALE = {"male": 0, "female": 1}
AGE = 33.3
YEARS = naive.grid()


def held(times, values):
    """Return what holds at each point of the grid, one step after the other."""
    found = np.full(YEARS.size, np.nan)
    for time, value in zip(times, values, strict=True):
        found[time <= YEARS] = value
    return found


def died(times, rates):
    """Return the share alive under death rates that hold from each time on."""
    passed = np.append(0.0, np.cumsum(np.diff([*times, 1000.0]) * rates))
    return np.exp(-np.interp(YEARS, [*times, 1000.0], passed))


def fallen(times, shares):
    """Return the share alive by a curve that is linear between its times and 0 after the last."""
    return np.where(times[-1] >= YEARS, np.interp(YEARS, times, shares), 0.0)


def followed(times, shares, population):
    """Return the same with the population's mortality after the last."""
    later = shares[-1] * population / np.interp(times[-1], YEARS, population)
    return np.where(times[-1] >= YEARS, np.interp(YEARS, times, shares), later)


CURVE = ([0, 1.5, 6.25, 13.4], [1, 0.7, 0.65, 0.2])
CLOSED = ([0, 1.5, 6.25, 30.1], [1, 0.7, 0.65, 0])
RATES = ([0, 2.2, 15.7], [0.3, 0.0, 0.12])
STEPS = ([0, 0.55, 4.2, 17.77], [-0.1, 0.4, 0.62, 0.5])

# What is given, the share alive (p: that of the population) and the utility (u: the norm), on the grid. The norm
# changes at 35, 45, 55, ..., that is after 1.7, 11.7, 21.7, ... years.
WAYS = {
    "smr": ({"smr": 2.5}, lambda p: p**2.5, lambda u: u),
    "hazard": ({"hazard": RATES}, lambda _: died(*RATES), lambda u: u),
    "survival": ({"survival": CLOSED}, lambda _: fallen(*CLOSED), lambda u: u),
    "beyond": ({"survival": CURVE, "beyond": "population"}, lambda p: followed(*CURVE, p), lambda u: u),
    "utility": ({"utility": 0.6}, lambda p: p, lambda _: 0.6),
    "utility steps": ({"utility": STEPS}, lambda p: p, lambda _: held(*STEPS)),
    "short loss": ({"decrement": 0.3, "years": 0.8}, lambda p: p, lambda u: u - 0.3 * (YEARS < 0.8)),
    "long loss": ({"decrement": 0.3, "years": 12.62}, lambda p: p, lambda u: u - 0.3 * (YEARS < 12.62)),
    "lifelong loss": ({"decrement": 0.3, "years": math.inf}, lambda p: p, lambda u: u - 0.3),
    "smr, utility steps": ({"smr": 4, "utility": STEPS}, lambda p: p**4, lambda _: held(*STEPS)),
    "smr, loss": ({"smr": 4, "decrement": 1.2, "years": 12.62}, lambda p: p**4, lambda u: u - 1.2 * (YEARS < 12.62)),
    "hazard, utility steps": ({"hazard": RATES, "utility": STEPS}, lambda _: died(*RATES), lambda _: held(*STEPS)),
    "hazard, loss": (
        {"hazard": RATES, "decrement": 0.3, "years": 12.62},
        lambda _: died(*RATES),
        lambda u: u - 0.3 * (YEARS < 12.62),
    ),
    "survival, utility steps": (
        {"survival": CLOSED, "utility": STEPS},
        lambda _: fallen(*CLOSED),
        lambda _: held(*STEPS),
    ),
    "survival, loss": (
        {"survival": CLOSED, "decrement": 0.3, "years": 12.62},
        lambda _: fallen(*CLOSED),
        lambda u: u - 0.3 * (YEARS < 12.62),
    ),
    "survival, lifelong loss": (
        {"survival": CLOSED, "decrement": 0.3, "years": math.inf},
        lambda _: fallen(*CLOSED),
        lambda u: u - 0.3,
    ),
    "beyond, loss that ends before": (
        {"survival": CURVE, "beyond": "population", "decrement": 0.3, "years": 3.1},
        lambda p: followed(*CURVE, p),
        lambda u: u - 0.3 * (YEARS < 3.1),
    ),
    "beyond, loss that ends after": (
        {"survival": CURVE, "beyond": "population", "decrement": 0.3, "years": 21.62},
        lambda p: followed(*CURVE, p),
        lambda u: u - 0.3 * (YEARS < 21.62),
    ),
    "beyond, utility steps": (
        {"survival": CURVE, "beyond": "population", "utility": STEPS},
        lambda p: followed(*CURVE, p),
        lambda _: held(*STEPS),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sex", FEMALE)
@pytest.mark.parametrize("table", ["cbs-2021", "un-2020-2025"])
@pytest.mark.parametrize("discount", [0.0, 0.04])
def test_each_way_is_a_sum_over_small_steps(way, sex, table, discount):
    """Share alive times utility times discount, summed over a fine grid, is the QALE of patients."""
    patients, alive, utility = WAYS[way]
    population = naive.alive(table, sex, AGE, YEARS)
    norm = naive.norm("szende-2014", sex, AGE + YEARS)
    sought = (alive(population) * utility(norm) * (1 + discount) ** -YEARS).sum() * naive.STEP
    normal = naive.qale(AGE, sex, table=table, discount=discount)
    found = zin.shortfall(age=AGE, female=FEMALE[sex], table=table, discount=discount, **patients)

    assert found.qale_patients == pytest.approx(sought, abs=3e-3)
    assert found.proportional == pytest.approx(1 - sought / normal, abs=1e-4)


@pytest.mark.parametrize("way", ["smr", "hazard", "beyond", "long loss", "smr, utility steps"])
@pytest.mark.parametrize("age", [18, 25, 35, 44.999999, 45, 75, 85])
@pytest.mark.no_cover
def test_ages_at_the_edges_of_norms(way, age):
    """A start at the edge of a band belongs to the band that begins there."""
    patients, alive, utility = WAYS[way]
    population, norm = naive.alive("cbs-2021", "female", age, YEARS), naive.norm("szende-2014", "female", age + YEARS)
    sought = (alive(population) * utility(norm)).sum() * naive.STEP

    assert zin.shortfall(age=age, female=1, **patients).qale_patients == pytest.approx(sought, abs=3e-3)


def test_a_death_rate_and_a_utility_by_hand():
    """At a rate of 0.25 a year and a utility of 0.6, 2.4 QALYs are left; at a discount of 5%, 0.6/(0.25 + ln 1.05)."""
    patients = {"hazard": ([0], [0.25]), "utility": 0.6}

    assert zin.shortfall(age=40, female=0.5, **patients).qale_patients == pytest.approx(2.4, rel=1e-12)
    discounted = zin.shortfall(age=40, female=0.5, discount=0.05, **patients).qale_patients
    assert discounted == pytest.approx(0.6 / (0.25 + math.log(1.05)), rel=1e-12)


def test_a_straight_curve_by_hand():
    """Survival that falls to 0 in 10 years, at utility 0.8 for 5 years and 0.4 after: 0.8 × 3.75 + 0.4 × 1.25 = 3.5."""
    found = zin.shortfall(age=40, female=0.5, survival=([0, 10], [1, 0]), utility=([0, 5], [0.8, 0.4]))

    assert found.qale_patients == pytest.approx(3.5, rel=1e-12)


@pytest.mark.slow
@given(st.floats(18, 95), st.floats(0.2, 8), st.floats(0, 1))
def test_the_same_mortality_in_three_ways(age, rate, female):
    """A constant death rate as a hazard, as hazards that repeat it, and as a life table with a ratio."""
    once = zin.shortfall(age=age, female=female, hazard=([0], [rate]))
    twice = zin.shortfall(age=age, female=female, hazard=([0, 0.1, 2], [rate] * 3))
    life = zin.LifeTable("own", ages=[0, 100], male=[0.1, 0.1], female=[0.1, 0.1], measure="m")
    ratio = zin.shortfall(age=age, female=female, table=life, smr=rate / 0.1)

    assert twice.qale_patients == pytest.approx(once.qale_patients, rel=1e-9)
    assert ratio.qale_patients == pytest.approx(once.qale_patients, rel=1e-9)


@pytest.mark.parametrize("x", [0.0, 1e-9, 1e-5, 0.99e-4, 1.01e-4, 1e-3, 0.1, 3.0, 50.0])
def test_discounting_of_a_straight_line(x):
    """The moments of exp(-x s) over s from 0 to 1, by series where they are small, are those of a fine sum."""
    points = (np.arange(200_000) + 0.5) / 200_000
    first, slope = under._moments(np.array([x]))

    assert first == pytest.approx(np.exp(-x * points).mean(), abs=1e-8)
    assert slope == pytest.approx((points * np.exp(-x * points)).mean(), abs=1e-8)


@given(st.integers(0, 2**32 - 1), st.integers(2, 9), st.integers(1, 4), st.sampled_from([0.0, 1e-6, 0.03, 2.0]))
def test_years_lived_before_a_stop_are_an_area_under_the_curve(seed, points, rows, force):
    """One stop for each curve, anywhere: the general integral, with a utility of 1 up to the stop and of 0 after it."""
    rng = np.random.default_rng(seed)
    times = np.append(0.0, np.cumsum(rng.uniform(0.01, 9, points - 1)))
    curves = np.column_stack([np.ones(rows), np.sort(rng.random((rows, points - 1)))[:, ::-1]])
    stops = rng.choice([0.0, times[-1], math.inf, *times, *rng.uniform(0, times[-1] + 1, 9)], rows)
    found = under.lived_under_curve(times, curves, stops, force=force)
    of_one = under.lived_under_curve(times, curves[:1], stops, force=force)
    until_one = under.lived_under_curve(times, curves, stops[:1], force=force)

    def area(curve, stop):
        edges, counts = ([0.0, stop], [1.0, 0.0]) if stop > 0 else ([0.0], [0.0])
        return float(under.under_curve(times, curve, np.array(edges), np.array(counts), force=force))

    for row, stop in enumerate(stops):
        assert found[row] == pytest.approx(area(curves[row], stop), rel=1e-10, abs=1e-12)
        assert of_one[row] == pytest.approx(area(curves[0], stop), rel=1e-10, abs=1e-12)
        assert until_one[row] == pytest.approx(area(curves[row], stops[0]), rel=1e-10, abs=1e-12)


# --- draws of each ----------------------------------------------------------------------------------------------------

# Names of what is drawn, and three draws of it; the rest is the same in each draw.
DRAWN = {
    "smr": ({"smr": [1.5, 4, 0.7]}, {}),
    "hazard": ({"hazard": ([0, 3], [[0.1, 0.2], [0.3, 0.1], [0.0, 0.5]])}, {}),
    "survival": ({"survival": ([0, 3, 9], [[1, 0.9, 0], [1, 0.4, 0], [1, 1, 0]])}, {}),
    "beyond": ({"survival": ([0, 3], [[1, 0.9], [1, 0.4], [1, 0]])}, {"beyond": "population"}),
    "utility": ({"utility": [0.5, 0.9, -0.3]}, {}),
    "utility steps": ({"utility": ([0, 8.5], [[0.5, 0.6], [0.1, 0.9], [-0.2, 0]])}, {}),
    "decrement": ({"decrement": [0.1, 0.5, 0]}, {"years": 7.7}),
    "years": ({"years": [0, 12.6, math.inf]}, {"decrement": 0.2}),
    "smr and decrement": ({"smr": [1.5, 4, 0.7], "decrement": [0.1, 0.5, 0.2]}, {"years": 20}),
    "smr and years": ({"smr": [1.5, 4, 0.7], "years": [0, 12.6, math.inf]}, {"decrement": 0.2}),
    "hazard and years": ({"hazard": ([0, 3], [[0.1, 0.2]] * 3), "years": [0, 1.6, 9]}, {"decrement": 0.2}),
    "survival and years": (
        {"survival": ([0, 3, 9], [[1, 0.9, 0], [1, 0.4, 0], [1, 1, 0]]), "years": [0, 4.6, math.inf]},
        {"decrement": 0.2},
    ),
    "years of one curve": ({"years": [0, 4.6, 50]}, {"decrement": 0.2, "survival": CURVE, "beyond": "population"}),
    "utility of one curve": ({"utility": [0.5, 0.9, -0.3]}, {"survival": CLOSED}),
    "smr and utility steps": ({"smr": [1.5, 4, 2], "utility": ([0, 8.5], [[0.5, 0.6], [0.1, 0.9], [-0.2, 0]])}, {}),
}


def alone(value, draw):
    """Return one draw of what was given."""
    return (value[0], value[1][draw]) if isinstance(value, tuple) else value[draw]


@pytest.mark.slow
@pytest.mark.parametrize("way", DRAWN)
@pytest.mark.parametrize("discount", [0.0, 0.04])
@pytest.mark.parametrize("repeats", [1, 201])
def test_each_draw_is_what_it_is_alone(way, discount, repeats):
    """Each draw, among three or hundreds, has the shortfall that it has by itself; the whole is the ratio of means."""
    drawn, fixed = DRAWN[way]
    people = {"age": [30, 61.5], "female": 0.3, "discount": discount}
    many = {
        name: (value[0], value[1] * repeats) if isinstance(value, tuple) else value * repeats
        for name, value in drawn.items()
    }
    found = zin.shortfall(**people, **many, **fixed)
    each = [
        zin.shortfall(**people, **{name: alone(value, draw) for name, value in drawn.items()}, **fixed)
        for draw in range(3)
    ]

    assert found.proportional_draws == pytest.approx([one.proportional for one in each] * repeats, rel=1e-10, abs=1e-12)
    assert found.qale_patients == pytest.approx(np.mean([one.qale_patients for one in each]), rel=1e-10)
    assert found.band_probabilities == {band: sum(one.band == band for one in each) / 3 for band in zin.BANDS}


# What is drawn beside 2,000 mortality ratios, and what is the same in each draw.
MANY = {
    "alone": ({}, {}),
    "loss": ({}, {"decrement": 0.3, "years": 12.6}),
    "lifelong loss": ({}, {"decrement": 0.3, "years": math.inf}),
    "decrement": ({"decrement": np.linspace(0, 0.6, 2000)}, {"years": 7.1}),
    "years": ({"years": np.linspace(0, 40, 2000)}, {"decrement": 0.3}),
    "one utility": ({}, {"utility": 0.6}),
    "utility": ({"utility": np.linspace(-0.2, 0.9, 2000)}, {}),
    "utility steps": ({"utility": ([0, 3.3], np.linspace(-0.2, 0.9, 4000).reshape(2000, 2))}, {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("way", MANY)
@pytest.mark.parametrize(
    ("low", "high", "far"),
    [
        (1.1, 3.0, 1e-8),
        (0.45, 3.0, 1e-8),
        (2, 2.000001, 1e-8),
        (0.5, 6, 1e-8),
        (0.001, 1000, 1e-6),
    ],
)
def test_many_ratios_are_each_what_they_are_alone(way, low, high, far):
    """More ratios than are worked out one by one: by a spline through some of them, each has its own shortfall."""
    drawn, fixed = MANY[way]
    drawn = {"smr": np.random.default_rng(1).permutation(np.geomspace(low, high, 2000)), **drawn}
    people = {"age": [30, 61.5], "female": 0.3, "discount": 0.015}
    found = zin.shortfall(**people, **drawn, **fixed).proportional_draws

    for draw in {int(drawn["smr"].argmin()), int(drawn["smr"].argmax()), 0, 199, 200, 256, 257, 1000, 1999}:
        one = zin.shortfall(**people, **{name: alone(value, draw) for name, value in drawn.items()}, **fixed)
        assert found[draw] == pytest.approx(one.proportional, abs=far)


def test_ratios_may_differ_by_rounding_alone():
    """Draws of a ratio that is all but known are as good as others."""
    found = zin.shortfall(age=40, female=0.5, smr=[2.0] * 299 + [2.0 + 1e-14])

    assert found.proportional == pytest.approx(zin.shortfall(age=40, female=0.5, smr=2).proportional, rel=1e-12)


@pytest.mark.parametrize(("age", "end"), [(90, 15), (85, 20), (75, 40), (90, 60)])
def test_a_loss_goes_on_after_a_curve_that_outlasts_the_population(age, end):
    """The years after the curve are as exact where hardly anyone of the population lives so long."""
    people = {"age": age, "female": 0, "survival": ([0, end], [1, 0.5]), "beyond": "population"}
    with np.errstate(invalid="ignore"):
        lost = zin.shortfall(**people, decrement=0.1, years=math.inf).qale_patients
    without, of_it = (zin.shortfall(**people, utility=value).qale_patients for value in (None, 0.1))

    assert without - lost == pytest.approx(of_it, rel=1e-9)


@pytest.mark.parametrize("way", DRAWN)
@pytest.mark.parametrize("discount", [0.0, 0.04])
def test_a_course_is_the_mean_over_the_draws(way, discount):
    """The figure shows the mean of the courses of the draws, not the course of their mean."""
    drawn, fixed = DRAWN[way]
    people = {"age": [30, 61.5], "female": 0.3, "discount": discount}
    found = zin.shortfall(**people, **drawn, **fixed).course
    each = [
        zin.shortfall(**people, **{name: alone(value, draw) for name, value in drawn.items()}, **fixed).course
        for draw in range(3)
    ]
    size = min(one.years.size for one in [found, *each])

    mean = np.mean([one.patients[:size] for one in each], axis=0)
    assert found.patients[:size] == pytest.approx(mean, abs=1e-12)
    assert found.population[:size].tolist() == each[0].population[:size].tolist()


@pytest.mark.parametrize(("ages", "every"), [([40], 3), ([40, 60], 5)])
def test_a_course_is_the_mean_of_evenly_spaced_draws(ages, every):
    """At most 200 draws over all ages are followed: of 500, each third for one age, each fifth for two."""
    utilities = np.random.default_rng(1).uniform(0.1, 0.9, 500)
    found = zin.shortfall(age=ages, female=0.5, utility=utilities).course
    few = zin.shortfall(age=ages, female=0.5, utility=utilities[::every]).course
    mean = zin.shortfall(age=ages, female=0.5, utility=utilities[::every].mean()).course

    assert few.patients.tolist() == found.patients.tolist()
    assert found.patients == pytest.approx(mean.patients, abs=1e-12)
