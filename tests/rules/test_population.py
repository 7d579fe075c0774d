"""Life expectancy and QALE of the population: published figures, naive sums, properties, cohorts."""

from __future__ import annotations

import dataclasses

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hecon import zin
from hecon.errors import InputError
from hecon.rules import population

TABLES = ("cbs-2021", "un-2005-2010", "un-2010-2015", "un-2015-2020", "un-2020-2025")
NORMS = ("szende-2014", "szende-2014-smoothed", "szende-2014-vas", "szende-2014-vas-smoothed")
FEMALE = {"male": 0, "female": 1}


@pytest.mark.parametrize(("age", "years"), [(21, 59.64), (61, 21.88)])
def test_life_expectancies_of_men_in_2021(age, years):
    """CBS StatLine 37360ned, men, 2021: e(21) = 59.64 and e(61) = 21.88 at the ages printed."""
    assert zin.life_expectancy(age, female=0, start="rows") == pytest.approx(years, abs=0.005)


@pytest.mark.parametrize("sex", FEMALE)
@pytest.mark.parametrize("age", [1, 18, 40, 65, 90, 95])
def test_a_yearly_life_table_with_deaths_halfway(sex, age):
    """The life expectancy at a row is the sum of survivors to later rows, plus half a year."""
    chances = naive.columns("cbs-2021", "life_table")[sex][age - 1 :]
    left, years = 1.0, 0.5
    for chance in chances:
        left *= 1 - chance
        years += left

    assert zin.life_expectancy(age, female=FEMALE[sex], start="rows") == pytest.approx(years, abs=1e-3)


@pytest.mark.parametrize("sex", FEMALE)
@pytest.mark.parametrize("age", [0, 1, 25, 60, 95, 100])
def test_a_table_of_rates_by_the_textbook(sex, age):
    """At a row of death rates, e is the sum of l(x)(1 - exp(-n m))/m over the rows, the last open: l(x)/m."""
    rows = naive.columns("un-2015-2020", "life_table")
    ages, rates = rows["age"][rows["age"] >= age], rows[sex][rows["age"] >= age]
    left, years = 1.0, 0.0
    for width, rate in zip(np.diff(ages), rates[:-1], strict=True):
        years += left * (1 - np.exp(-width * rate)) / rate
        left *= np.exp(-width * rate)

    found = zin.life_expectancy(age, female=FEMALE[sex], table="un-2015-2020")
    assert found == pytest.approx(years + left / rates[-1], rel=1e-12)


@pytest.mark.parametrize("sex", FEMALE)
@pytest.mark.parametrize("table", ["cbs-2021", "un-2020-2025"])
@pytest.mark.parametrize("age", [18.0, 24.9, 33.0, 61.3, 88.75])
@pytest.mark.parametrize("discount", [0.0, 0.015, 0.1])
@pytest.mark.parametrize("norms", ["szende-2014", "szende-2014-vas", None])
@pytest.mark.no_cover
def test_the_integral_is_a_sum_over_small_steps(sex, table, age, discount, norms):
    """Survival times norm times discount, summed over a fine grid, is the QALE; without norms the life expectancy."""
    options = {"female": FEMALE[sex], "table": table, "discount": discount}
    sought = naive.qale(age, sex, table=table, norms=norms, discount=discount)

    if norms is None:
        assert zin.life_expectancy(age, **options) == pytest.approx(sought, abs=1e-3)
    else:
        assert zin.population_qale(age, norms=norms, **options) == pytest.approx(sought, abs=1e-3)


# --- what an age is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [zin.life_expectancy, zin.population_qale])
@pytest.mark.parametrize("age", [21, 61, 95])
def test_rows_of_cbs_begin_half_a_year_earlier(verb, age):
    """Who is 21 on 31 December was 20.5 on average when the year began."""
    assert verb(age, female=0.3, start="rows") == verb(age - 0.5, female=0.3)
    assert verb(age, female=0.3, start="rows", table="un-2015-2020") == verb(age, female=0.3, table="un-2015-2020")


@pytest.mark.parametrize("table", TABLES)
def test_completed_years_add_half_a_year(table):
    """Who is 40 in completed years is 40.5 on average."""
    completed = zin.population_qale([40, 60], female=[0, 1], start="completed", table=table)

    assert completed == zin.population_qale([40.5, 60.5], female=[0, 1], table=table)


# --- properties -------------------------------------------------------------------------------------------------------


@given(
    st.floats(18, 95),
    st.floats(18, 95),
    st.sampled_from([0.0, 0.4, 1.0]),
    st.sampled_from(TABLES),
    st.sampled_from(NORMS),
)
def test_what_lies_ahead_falls_with_age(one, other, female, table, norms):
    """The older has no more years and no more QALYs ahead, and fewer QALYs than years."""
    young, old = sorted([one, other])
    options = {"female": female, "table": table}
    years = [zin.life_expectancy(age, **options) for age in (young, old)]
    qalys = [zin.population_qale(age, norms=norms, **options) for age in (young, old)]

    assert years[1] <= years[0] + 1e-9
    assert qalys[1] <= qalys[0] + 1e-9
    assert 0 < qalys[0] < years[0]
    assert 0 < qalys[1] < years[1]


@given(st.floats(18, 95), st.floats(0, 1), st.sampled_from(TABLES))
def test_a_mixture_lies_between_its_parts(age, female, table):
    """The QALE of a mixture of men and women is their mean by the share of women."""
    men, women, both = (zin.population_qale(age, female=share, table=table) for share in (0, 1, female))

    assert both == pytest.approx((1 - female) * men + female * women, rel=1e-12)
    assert min(men, women) - 1e-9 <= both <= max(men, women) + 1e-9


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.floats(18, 95), st.floats(0, 1), st.integers(0, 9)), min_size=1, max_size=12).filter(
        lambda rows: any(weight for _, _, weight in rows)
    ),
    st.randoms(use_true_random=False),
    st.integers(-20, 20),
)
def test_a_cohort_is_the_weighted_mean_of_its_members(rows, random, power):
    """In whatever order the members come, and whatever the weights add up to."""
    ages, shares, weights = (list(column) for column in zip(*rows, strict=True))
    alone = [zin.population_qale(age, female=share) for age, share in zip(ages, shares, strict=True)]
    found = zin.population_qale(ages, female=shares, weights=weights)

    assert found == pytest.approx(np.average(alone, weights=weights), rel=1e-12)
    ages, shares, weights = (list(column) for column in zip(*random.sample(rows, len(rows)), strict=True))
    scaled = [weight * 2.0**power for weight in weights]
    assert zin.population_qale(ages, female=shares, weights=scaled) == pytest.approx(found, rel=1e-12)


@pytest.mark.slow
def test_a_large_cohort_is_its_mean():
    """More members than are worked out at a time, with one share for all and equal weights."""
    ages = 18 + 77 * np.random.default_rng(5).random(2500)
    few = [zin.population_qale(ages[first : first + 500], female=0.5) for first in range(0, 2500, 500)]

    assert zin.population_qale(ages, female=0.5) == pytest.approx(np.mean(few), rel=1e-12)


@given(st.floats(18, 95), st.floats(0, 0.99), st.floats(0, 0.99), st.sampled_from(TABLES))
def test_discounting_lowers(age, one, other, table):
    """The higher the rate, the fewer QALYs."""
    low, high = sorted([one, other])
    few, many = (zin.population_qale(age, female=0.5, table=table, discount=rate) for rate in (high, low))

    assert 0 < few <= many + 1e-12


# --- tables and norms -------------------------------------------------------------------------------------------------


def test_what_comes_with_hecon_is_listed():
    """Life tables first, then norms, each followed by its smoothed form, whose note says what was done and mended."""
    found = zin.tables()

    life_tables = [each.name for each in found if each.kind == "life_table"]
    norms = [each.name for each in found if each.kind == "norms"]
    assert [each.name for each in found] == [*life_tables, *norms]
    assert set(TABLES) <= set(life_tables)
    assert set(NORMS) <= set(norms)
    assert norms[1::2] == [f"{name}-smoothed" for name in norms[::2]]
    assert all(each.source and each.licence and each.note and each.note_nl for each in found)
    raw, smooth = (each for each in found if each.name in {"szende-2014", "szende-2014-smoothed"})
    assert smooth.note.startswith("Made non-increasing with age by isotonic regression per sex, weighted by 1/SE². ")
    assert smooth.note.endswith(raw.note)
    assert smooth.note_nl.endswith(raw.note_nl)
    mended = {key: getattr(raw, key) for key in ("name", "title", "note", "note_nl", "noise", "noise_nl")}
    assert dataclasses.replace(smooth, **mended) == raw
    assert raw.noise == "A small sample: men of 75 and over (0.910) score above men of 65 to 74 (0.878)."
    assert (smooth.noise, smooth.noise_nl) == ("", "")
    for each in found:
        if each.name.startswith("un-"):
            assert each.source == f"United Nations, World Population Prospects 2024, {each.name.removeprefix('un-')}"


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_only_raw_norms_are_told_to_be_noisy(lang):
    """What smoothing mends is said of the norms as printed, in a result too, and no longer of the smoothed ones."""
    raw, smooth = (norms_of(name).provenance["note"][lang] for name in ("szende-2014", "szende-2014-smoothed"))
    noisy = {"nl": "Een kleine steekproef:", "en": "A small sample:"}[lang]

    assert noisy in raw
    assert noisy not in smooth
    assert smooth.endswith(raw[: raw.index(f" {noisy}")])


@pytest.mark.parametrize("name", ["szende-2014", "szende-2014-vas"])
@pytest.mark.parametrize("sex", FEMALE)
def test_smoothed_norms_only_pool(name, sex):
    """Smoothed norms never rise, keep the weighted mean, and leave a band that is not pooled as it was."""
    raw, smooth = norms_of(name), norms_of(f"{name}-smoothed")
    before, after = (np.array(getattr(each, sex)) for each in (raw, smooth))
    error, pooled = (np.array(getattr(each, f"{sex}_se")) for each in (raw, smooth))
    weights = error**-2.0

    assert (np.diff(after) <= 0).all()
    assert np.average(after, weights=weights) == pytest.approx(np.average(before, weights=weights), rel=1e-12)
    for value in np.unique(after):
        block = after == value
        assert value == pytest.approx(np.average(before[block], weights=weights[block]), rel=1e-12)
        assert pooled[block] == pytest.approx(weights[block].sum() ** -0.5, rel=1e-12)
    assert before.tolist() == naive.columns(name, "norms")[sex].tolist()
    assert (np.diff(before) > 0).any()


def test_smoothed_norms_by_hand():
    """Men: 0.945 and 0.953 pool to one value by 1/SE², and so on; by hand for the first pair."""
    raw, smooth = norms_of("szende-2014"), norms_of("szende-2014-smoothed")
    weights = [1 / error**2 for error in raw.male_se[1:3]]
    pooled = (weights[0] * 0.945 + weights[1] * 0.953) / sum(weights)

    assert smooth.male[0] == 0.976
    assert smooth.male[1:3] == pytest.approx([pooled] * 2, rel=1e-12)


def norms_of(name):
    """Return packaged norms, by the way that a user has: the verb that computes with them accepts them."""
    found = population.norms_of(name)
    assert zin.population_qale(40, female=0.5, norms=found) == zin.population_qale(40, female=0.5, norms=name)
    return found


def test_ones_own_tables():
    """With a constant rate m and one norm u, QALE is u/m, and u/(m + ln(1 + r)) discounted."""
    life = zin.LifeTable("own", ages=[0, 50], male=[0.02, 0.02], female=[0.05, 0.05], measure="m")
    norms = zin.Norms("own", ages=[0], male=[0.8], female=[0.5])

    assert zin.population_qale(10, female=0, table=life, norms=norms) == pytest.approx(40, rel=1e-12)
    assert zin.population_qale([10, 30], female=[0, 1], table=life, norms=norms) == pytest.approx(25, rel=1e-12)
    discounted = zin.population_qale(50, female=0, table=life, norms=norms, discount=0.04)
    assert discounted == pytest.approx(0.8 / (0.02 + np.log(1.04)), rel=1e-12)


def test_ones_own_table_of_probabilities():
    """Half die in each of two decades, evenly; who is left, in the last row, which closes: 7.5 + 3.75 + 0.125."""
    life = zin.LifeTable("own", ages=[50, 60, 70], male=[0.5, 0.5, 1], female=[0.5, 0.5, 1], measure="q")
    moved = dataclasses.replace(life, age_offset=-5.0)

    assert zin.life_expectancy(50, female=0.5, table=life) == pytest.approx(7.5 + 3.75 + 0.25 * 0.5, abs=2e-3)
    assert zin.life_expectancy(50, female=0, table=moved, start="rows") == pytest.approx(
        zin.life_expectancy(50, female=0, table=life), rel=1e-12
    )
    assert zin.life_expectancy(45, female=0, table=moved) == zin.life_expectancy(
        50, female=0, table=moved, start="rows"
    )


@pytest.mark.parametrize(
    ("measure", "male", "female", "oldest"),
    [
        ("q", 1, 1, 95),
        ("q", 0.9, 1, 95),
        ("q", 1, 0.9, 95),
        ("q", 0.9, 0.9, 100),
        ("m", 1, 1, 100),
        ("m", 0.5, 0.4, 100),
    ],
)
def test_a_table_that_closes_answers_up_to_five_years_before(measure, male, female, oldest):
    """Where nobody survives the last row, expectancies near it are too short; where its rate goes on they are not."""
    life = zin.LifeTable("own", ages=[18, 100], male=[0.5, male], female=[0.5, female], measure=measure)

    assert life.oldest == oldest
    assert zin.life_expectancy(oldest, female=0.5, table=life) > 0
    with pytest.raises(InputError, match=f"age must be at most {oldest}, as far as the life table own can tell, got"):
        zin.life_expectancy(oldest + 0.01, female=0.5, table=life)


def test_norms_hold_from_the_exact_age_at_which_a_band_begins():
    """A jump in the norm counts from its edge on, to the day."""
    life = zin.LifeTable("own", ages=[0], male=[0.1], female=[0.1], measure="m")
    norms = zin.Norms("own", ages=[0, 30.25], male=[1, 0], female=[1, 0])

    found = zin.population_qale(0, female=0, table=life, norms=norms)
    assert found == pytest.approx((1 - np.exp(-3.025)) / 0.1, rel=1e-12)


def test_rows_may_be_any_sequence():
    """NumPy arrays, ranges and tuples make the same table as lists, and equal tables are the same key."""
    one = zin.LifeTable("own", ages=np.array([0, 1]), male=(0.1, 0.2), female=np.array([0.1, 0.2]), measure="m")
    other = zin.LifeTable("own", ages=range(2), male=[0.1, 0.2], female=[0.1, 0.2], measure="m")

    assert one == other
    assert hash(one) == hash(other)
    assert one.oldest == 1
    assert one.provenance == {"name": "own", "source": "", "year": None, "licence": "", "note": {"nl": "", "en": ""}}
