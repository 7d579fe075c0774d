"""Absolute and proportional shortfall: published cases, properties, draws and what a result carries."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hecon import zin

QALYS = st.floats(0.01, 130)

# Versteegh et al. 2019 (10.1007/s40273-019-00810-8), Table 1: QALE with the disease and of the general population, the
# reference value by the rule, extra costs, extra QALYs and the incremental net monetary benefit. Run 7 is printed with
# 20,000 and -13,000, against its own rule: 11/26 = 0.423 is middle.
RUNS = [
    (15, 25, 20_000, 20_000, 0.6, -8_000),
    (16, 24, 20_000, 8_000, 0.5, 2_000),
    (17, 28, 20_000, 15_000, 0.6, -3_000),
    (15, 28, 50_000, 10_000, 0.5, 15_000),
    (14, 27, 50_000, 10_000, 0.4, 10_000),
    (13, 26, 50_000, 25_000, 0.3, -10_000),
    (15, 26, 50_000, 25_000, 0.6, 5_000),
    (15, 32, 50_000, 15_000, 0.5, 10_000),
    (16, 25, 20_000, 25_000, 0.6, -13_000),
    (16, 26, 20_000, 20_000, 0.8, -4_000),
]


@pytest.mark.parametrize("run", RUNS)
def test_published_runs(run):
    """The ten runs have the shortfall, the reference value and the net benefit of the rule."""
    with_disease, normal, value, cost, effect, benefit = run
    found = zin.shortfall(population_qalys=normal, remaining_qalys=with_disease)

    assert (found.qale_population, found.qale_patients) == (normal, with_disease)
    assert found.absolute == normal - with_disease
    assert found.proportional == (normal - with_disease) / normal
    assert found.reference_value == value
    assert found.reference_value * effect - cost == pytest.approx(benefit, abs=1e-9)


def test_the_published_runs_as_draws():
    """Of the ten runs by the rule, five have 20,000 and five 50,000; the burden is the ratio of means.

    The population is known in `shortfall`, so each run is scaled to one of 1 QALY.
    """
    found = zin.shortfall(population_qalys=1, remaining_qalys=[ill / well for ill, well, *_ in RUNS])

    assert found.band_probabilities == {"none": 0.0, "low": 0.5, "middle": 0.5, "high": 0.0}
    assert found.proportional_draws == pytest.approx([1 - ill / well for ill, well, *_ in RUNS], rel=1e-12)


def test_a_torn_ligament():
    """A man of 33 who loses 0.2 for two years loses 0.009 of his QALYs: no band and no reference value."""
    found = zin.shortfall(age=33, female=0, decrement=0.2, years=2)

    assert round(found.proportional, 3) == 0.009
    assert found.absolute == pytest.approx(0.4, abs=0.001)
    assert (found.band, found.reference_value, found.near_edge, found.remark) == ("none", None, False, "")
    assert found.band_probabilities is None
    assert found.interval is None
    assert found.probabilities == {"none": 1.0, "low": 0.0, "middle": 0.0, "high": 0.0}


@given(QALYS, QALYS)
def test_shortfalls_hang_together(one, other):
    """With fewer QALYs ahead than the population, AS = PS Q_n and PS lies in [0, 1], without a remark."""
    patients, population = sorted([one, other])
    found = zin.shortfall(population_qalys=population, remaining_qalys=patients)
    band = zin.burden_band(found.proportional)

    assert found.absolute == pytest.approx(found.proportional * population, rel=1e-12, abs=1e-12)
    assert 0 <= found.proportional <= 1
    assert found.remark == ""
    assert (found.band, found.reference_value, found.near_edge) == (band.band, band.reference_value, band.near_edge)


def test_better_off_than_the_population():
    """More QALYs ahead than the population: below 0, no band, and marked."""
    found = zin.shortfall(age=40, female=0.5, smr=0.5)

    assert found.proportional < 0
    assert found.absolute < 0
    assert (found.band, found.reference_value, found.remark) == ("none", None, "better off")


def test_worse_than_dead():
    """Negative QALYs ahead: above 1, the highest band, and marked."""
    found = zin.shortfall(age=40, female=0.5, utility=-0.2)

    assert found.qale_patients == pytest.approx(-0.2 * zin.life_expectancy(40, female=0.5), rel=1e-12)
    assert 1 < found.proportional < 2
    assert (found.band, found.reference_value, found.remark) == ("high", 80_000, "worse than dead")


@pytest.mark.parametrize("table", ["cbs-2021", "un-2015-2020"])
@pytest.mark.parametrize("discount", [0.0, 0.03])
def test_patients_like_the_population_lose_nothing(table, discount):
    """A mortality ratio of 1, or a decrement of 0, gives 0 and no remark."""
    people = {"age": [20, 47.3, 80], "female": [0, 0.5, 1], "weights": [1, 2, 3], "table": table, "discount": discount}

    for patients in ({"smr": 1}, {"decrement": 0, "years": 9}, {"smr": 1, "decrement": 0.3, "years": 0}):
        found = zin.shortfall(**people, **patients)
        assert found.absolute == pytest.approx(0, abs=1e-12)
        assert found.qale_population == zin.population_qale(**people)
        assert (found.band, found.remark) == ("none", "")


@pytest.mark.slow
@given(
    st.fixed_dictionaries(
        {
            "age": st.floats(18, 95),
            "female": st.floats(0, 1),
            "smr": st.floats(0.3, 5),
            "decrement": st.floats(0.05, 0.6),
            "years": st.floats(0, 60),
        }
    ),
    st.floats(0.01, 0.5),
)
def test_discounting_lowers_both_sides(options, discount):
    """Discounted, the population and patients have fewer QALYs ahead; the rate stands in the result."""
    plain, later = zin.shortfall(**options), zin.shortfall(**options, discount=discount)

    assert later.qale_population < plain.qale_population
    assert later.qale_patients < plain.qale_patients
    assert (plain.discount, later.discount) == (0, discount)
    assert later.qale_population == zin.population_qale(options["age"], female=options["female"], discount=discount)


@pytest.mark.slow
@given(
    st.floats(18, 95),
    st.lists(st.floats(0.1, 9), min_size=2, max_size=2),
    st.lists(st.floats(0, 50), min_size=2, max_size=2),
)
def test_more_harm_is_a_larger_shortfall(age, ratios, durations):
    """A higher mortality ratio and a longer loss of utility never lower the shortfall."""
    lives = [zin.shortfall(age=age, female=0.5, smr=ratio).proportional for ratio in sorted(ratios)]
    losses = [
        zin.shortfall(age=age, female=0.5, decrement=0.3, years=years).proportional
        for years in [*sorted(durations), math.inf]
    ]

    assert lives == sorted(lives)
    assert np.diff(losses).min() >= -1e-12


def test_a_cohort_is_a_ratio_of_means():
    """The shortfall of a cohort is the mean loss over the mean QALE, not the mean of shortfalls."""
    alone = [zin.shortfall(age=age, female=0.5, decrement=0.4, years=5) for age in (20, 50, 85)]
    found = zin.shortfall(age=[20, 50, 85], female=0.5, weights=[3, 2, 5], decrement=0.4, years=5)
    lost = np.average([each.absolute for each in alone], weights=[3, 2, 5])
    normal = np.average([each.qale_population for each in alone], weights=[3, 2, 5])

    assert found.proportional == pytest.approx(lost / normal, rel=1e-12)
    assert abs(found.proportional - np.average([each.proportional for each in alone], weights=[3, 2, 5])) > 0.01


# --- draws ------------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 45), min_size=2, max_size=30), st.randoms(use_true_random=False))
def test_draws_are_counted_and_averaged(halves, random):
    """The burden is the ratio of means; the probability of a band is the share of draws that burden_band puts in it."""
    patients = [half / 2 for half in halves]
    found = zin.shortfall(population_qalys=20, remaining_qalys=patients)
    each = [(20 - qalys) / 20 for qalys in patients]
    bands = [zin.burden_band(value).band for value in each]

    assert found.proportional == pytest.approx((20 - np.mean(patients)) / 20, rel=1e-12, abs=1e-12)
    assert found.band_probabilities == {band: bands.count(band) / len(bands) for band in zin.BANDS}
    assert found.probabilities == found.band_probabilities
    assert found.proportional_draws.tolist() == each
    assert found.interval == pytest.approx(np.quantile(each, [0.025, 0.975]), rel=1e-12, abs=1e-12)
    shuffled = zin.shortfall(population_qalys=20, remaining_qalys=random.sample(patients, len(patients)))
    assert shuffled.band_probabilities == found.band_probabilities
    assert shuffled.interval == found.interval
    assert shuffled.proportional == pytest.approx(found.proportional, rel=1e-12, abs=1e-12)


def test_one_draw_is_no_uncertainty():
    """A list of one number is that number."""
    one, other = (zin.shortfall(population_qalys=20, remaining_qalys=qalys) for qalys in ([15], 15))

    assert one == other
    assert vars(one) == vars(other)


# --- what a result carries --------------------------------------------------------------------------------------------


def test_tables_are_named_with_their_source():
    """The life table and norms come with the result; where QALYs were given there are none."""
    found = zin.shortfall(age=40, female=0.5, smr=2, table="un-2015-2020", norms="szende-2014-smoothed")

    assert found.tables["life_table"]["name"] == "un-2015-2020"
    assert found.tables["norms"]["name"] == "szende-2014-smoothed"
    assert all(each["source"] and each["licence"] and each["year"] for each in found.tables.values())
    assert zin.shortfall(population_qalys=20, remaining_qalys=15).tables == {}
    default = zin.shortfall(age=40, female=0.5, smr=2).tables
    assert (default["life_table"]["name"], default["norms"]["name"]) == ("cbs-2021", "szende-2014")


@pytest.mark.parametrize(
    ("value_set", "norms", "same"),
    [
        (None, "szende-2014", None),
        ("nl-3l-2006", "szende-2014", True),
        ("nl-3l-2006", "szende-2014-smoothed", True),
        ("nl-5l-2016", "szende-2014", False),
        ("nl-3l-2006", "szende-2014-vas", False),
        ("other", "szende-2014", False),
        ("european-vas", "szende-2014-vas", True),
        ("nl-5l-2016", zin.Norms("own", [18], [0.9], [0.9]), None),
        ("nl-5l-2016", zin.Norms("own", [18], [0.9], [0.9], value_set="nl-5l-2016"), True),
        ("mine", zin.Norms("own", [18], [0.9], [0.9], value_set="mine"), True),
    ],
)
def test_value_sets_are_held_against_each_other(value_set, norms, same):
    """Where both sides say by which set they were valued, the result says whether it is one."""
    found = zin.shortfall(age=40, female=0.5, utility=0.7, value_set=value_set, norms=norms)

    assert (found.value_set, found.same_value_set) == (value_set, same)


def test_nothing_to_hold_a_value_set_against():
    """Where Q_n was given, its value set is not known."""
    assert zin.shortfall(population_qalys=20, remaining_qalys=15, value_set="nl-5l-2016").same_value_set is None


@pytest.mark.parametrize("smr", [2, [1.5, 2, 4]])
def test_data_is_plain(smr):
    """The burden as plain data survives JSON, with all that is no array of draws."""
    found = zin.shortfall(age=40, female=0.5, smr=smr, value_set="nl-5l-2016")
    data = json.loads(json.dumps(found.data, allow_nan=False))

    for name in ("interval", "absolute_interval"):
        assert data.pop(name) == (None if smr == 2 else list(getattr(found, name)))
    assert data == {key: getattr(found, key) for key in data}
    assert set(vars(found)) - {*data, "interval", "absolute_interval"} == {
        *("proportional_draws", "course", "rules", "rule", "weighing", "currency"),
    }


def test_the_data_hold_no_numpy_number():
    """So that JSON takes them."""
    found = zin.shortfall(age=40, female=0, smr=2, discount=np.float32(0.5))

    assert type(found.data["discount"]) is float


def test_a_result_may_be_a_key():
    """Draws and all: the same figures are the same key, other figures another; and they cannot be changed."""
    one, same, other = (zin.shortfall(age=40, female=0.5, smr=[1.5, ratio]) for ratio in (2, 2, 3))

    assert {one: "one", other: "other"}[same] == "one"
    assert one != other
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.band = "high"


@pytest.mark.parametrize(
    "patients",
    [
        {"smr": 2},
        {"hazard": ([0, 5], [0.01, 0.2])},
        {"survival": ([0, 5, 20], [1, 0.8, 0])},
        {"survival": ([0, 5], [1, 0.8]), "beyond": "population"},
        {"utility": ([0, 3], [0.4, 0.7])},
        {"decrement": 0.25, "years": 7.05},
        {"smr": 2, "decrement": 0.25, "years": 7.05},
    ],
)
@pytest.mark.parametrize("age", [[33.3], [20, 61.5]])
@pytest.mark.parametrize("discount", [0.0, 0.04])
def test_a_course_has_the_area_of_the_burden(patients, age, discount):
    """The areas under the courses of population and patients are their QALYs, as far as the steps of 0.1 year allow."""
    found = zin.shortfall(age=age, female=0.4, discount=discount, **patients)
    course = found.course

    assert np.trapezoid(course.population, course.years) == pytest.approx(found.qale_population, abs=0.03)
    assert np.trapezoid(course.patients, course.years) == pytest.approx(found.qale_patients, abs=0.03)
    assert course.mean_age == pytest.approx(np.mean(age), rel=1e-12)
    assert course.one_age == (len(age) == 1)
    assert course.years[0] == 0


def test_a_course_without_patients():
    """Where the patients' QALYs were given, only the population has a course; where both were, there is none."""
    assert zin.shortfall(age=40, female=0.5, remaining_qalys=15).course.patients is None
    assert zin.shortfall(population_qalys=20, remaining_qalys=15).course is None
