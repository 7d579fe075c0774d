"""The burden in the verdict: years to a band, probabilities of bands, the integrated probability, and words."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import hecon
from hecon import zin
from hecon.errors import InputError
from hecon.locale import Locale
from hecon.report.words.burdens import integrated_words
from hecon.rules.burden import integrated
from hecon.rulesets import ruleset

EDGE = {"low": 0.095, "middle": 0.405, "high": 0.705}
UNCERTAIN = zin.shortfall(population_qalys=10, remaining_qalys=[9.5, 8, 7, 5.5, 1, 9.2, 6.2, 5])
SHARES = {"none": 0.25, "low": 0.375, "middle": 0.25, "high": 0.125}


def told(verb, *data, **options):
    """Return what is said when the input is refused."""
    with pytest.raises(InputError) as caught:
        verb(*data, **options)
    return str(caught.value)


def test_a_burden_by_other_bands_is_refused():
    """Its probabilities would be dropped where the rules have no such band."""
    rules = ruleset("nl")
    values = rules.values_on()
    fewer = values.model_copy(update={"band": values.band[:-1]})
    own = rules.model_copy(update={"values": (fewer,)})

    assert told(zin.band_probabilities, UNCERTAIN, rules=own) == (
        "burden must be by the rules' bands none, low, middle, got none, low, middle, high: compute it by these rules"
    )


# --- years to a band --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(st.floats(0.01, 1), st.floats(18, 95), st.floats(0, 1), st.sampled_from(list(EDGE)))
def test_years_to_a_band_are_the_inverse_of_the_shortfall(decrement, age, female, band):
    """A loss of that many years lies on the band's edge; if there is no such number, a lifelong loss lies below it."""
    years = zin.years_to_band(decrement, age=age, female=female, band=band)
    found = zin.shortfall(age=age, female=female, decrement=decrement, years=years)

    if math.isinf(years):
        assert found.proportional < EDGE[band]
    else:
        assert found.proportional == pytest.approx(EDGE[band], abs=1e-6)
        less = zin.shortfall(age=age, female=female, decrement=decrement, years=years - 1e-3 * years)
        assert zin.BANDS.index(less.band) < zin.BANDS.index(band)


def test_years_to_a_band_of_a_cohort():
    """Ages, weights, starts, tables and norms mean what they do in the shortfall."""
    people = {"age": [30, 70], "female": [0, 1], "weights": [1, 3], "start": "completed"}
    people |= {"table": "un-2015-2020", "norms": "szende-2014-smoothed"}
    years = zin.years_to_band(0.3, **people)

    assert zin.shortfall(**people, decrement=0.3, years=years).proportional == pytest.approx(0.095, abs=1e-6)


def test_a_small_loss_never_reaches_a_band():
    """A lifelong loss of 0.05 in men of 33 stays below 0.095."""
    assert math.isinf(zin.years_to_band(0.05, age=33, female=0))


@pytest.mark.parametrize(
    ("decrement", "changed", "message"),
    [
        (0, {}, "decrement must be above 0, got 0"),
        (-0.2, {}, "decrement must be above 0, got -0.2"),
        (math.nan, {}, "decrement must be finite, got nan"),
        ([0.2, 0.3], {}, "decrement must be a number, got [0.2, 0.3]"),
        (2.5, {}, "decrement must lie in [0, 2] (what comes off the utility), got 2.5"),
        (0.2, {"band": "none"}, "band must be one of 'low', 'middle', 'high', got 'none'"),
        (0.2, {"age": 17}, "age must be at least 18, as the norms szende-2014 have none for the younger, got 17"),
    ],
)
def test_what_has_no_years_to_a_band_is_refused(decrement, changed, message):
    """A loss is above 0, a band is one that can be reached, and the population is checked."""
    assert told(zin.years_to_band, decrement, **{"age": 40, "female": 0.5, **changed}) == message


# --- the integrated probability ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("burden", "shares"),
    [
        ("middle", {"none": 0.0, "low": 0.0, "middle": 1.0, "high": 0.0}),
        ("none", {"none": 1.0, "low": 0.0, "middle": 0.0, "high": 0.0}),
        (zin.burden_band(0.2), {"none": 0.0, "low": 1.0, "middle": 0.0, "high": 0.0}),
        (zin.burden_band(1.2), {"none": 0.0, "low": 0.0, "middle": 0.0, "high": 1.0}),
        (
            zin.shortfall(population_qalys=20, remaining_qalys=4),
            {"none": 0.0, "low": 0.0, "middle": 0.0, "high": 1.0},
        ),
        (UNCERTAIN, SHARES),
    ],
)
def test_probabilities_of_bands(burden, shares):
    """A certain burden has 1 in its own band, an uncertain one what its draws say; and they weigh the probabilities."""
    by_value = {20_000: 0.3, 50_000: 0.8, 80_000: 0.95}

    assert zin.band_probabilities(burden) == shares
    if shares["none"] == 1:
        assert math.isnan(integrated(by_value, burden))
    else:
        by_hand = shares["low"] * 0.3 + shares["middle"] * 0.8 + shares["high"] * 0.95
        assert integrated(by_value, burden) == pytest.approx(by_hand / (1 - shares["none"]), abs=1e-15)


@given(
    st.lists(st.sampled_from([9.5, 8, 5, 1]), min_size=2, max_size=40),
    st.tuples(*[st.floats(0, 1)] * 3),
    st.floats(0, 1),
)
def test_what_is_integrated_is_a_mean_given_that_there_is_a_value(patients, chances, same):
    """It lies within the probabilities that it is over, is theirs if they are one, and does not move with P(none)."""
    by_value = dict(zip((20_000, 50_000, 80_000), chances, strict=True))
    some = [qalys for qalys in patients if qalys < 9]
    burden = zin.shortfall(population_qalys=10, remaining_qalys=patients)
    found = integrated(by_value, burden)

    if not some:
        assert math.isnan(found)
        return
    over = [by_value[{8: 20_000, 5: 50_000, 1: 80_000}[qalys]] for qalys in some]
    assert found == pytest.approx(np.mean(over), abs=1e-12)
    assert min(over) - 1e-12 <= found <= max(over) + 1e-12
    assert integrated(dict.fromkeys(by_value, same), burden) == pytest.approx(same, rel=1e-12)
    assert integrated(dict.fromkeys(by_value, 1), burden) == 1


def test_probabilities_are_the_callers_own():
    """What is changed in the answer changes nothing in the burden."""
    zin.band_probabilities(UNCERTAIN)["low"] = 9

    assert zin.band_probabilities(UNCERTAIN) == SHARES


def test_a_band_that_is_not_possible_needs_no_probability():
    """Only the reference values of bands that can be are looked up."""
    assert integrated({50_000: 0.8}, "middle") == 0.8
    assert math.isnan(integrated({}, "none"))


@pytest.mark.parametrize(
    ("by_value", "burden", "message"),
    [
        (
            {20_000: 0.3},
            "high",
            "p_cost_effective must have a probability at 80000, as the band high is possible, got none",
        ),
        ({20_000: 1.4}, "low", "p_cost_effective at 20000 must lie in [0, 1], got 1.4"),
        ({20_000: math.nan}, "low", "p_cost_effective at 20000 must be finite, got nan"),
        ({}, "severe", "burden must be one of 'none', 'low', 'middle', 'high', got 'severe'"),
        (
            {},
            0.42,
            "burden must be a band, a BurdenBand or a Shortfall, got 0.42; make one by hecon.shortfall",
        ),
    ],
)
def test_what_cannot_be_integrated_is_refused(by_value, burden, message):
    """A possible band needs a probability, and a burden is a band or was computed."""
    assert told(integrated, by_value, burden) == message


# --- the verdict ------------------------------------------------------------------------------------------------------


def drawn(seed, *, shift=0.0):
    """Return draws of surgery and of a brace against exercise."""
    rng = np.random.default_rng(seed)
    cost = np.column_stack([np.zeros(400), rng.normal(900 + shift, 700, 400), rng.normal(200, 300, 400)])
    effect = np.column_stack([np.zeros(400), rng.normal(0.03, 0.02, 400), rng.normal(0.002, 0.01, 400)])
    return hecon.from_arrays(cost, effect, strategies=["exercise", "surgery", "brace"], comparator="exercise")


@pytest.mark.parametrize("burden", ["none", "low", zin.burden_band(0.5), UNCERTAIN])
@pytest.mark.no_cover
def test_the_verdict_with_a_burden(burden):
    """The integrated probability is, by hand, the mean over bands with a value; all else is as without a burden."""
    found = zin.verdict(drawn(1), burden=burden)
    bands = zin.band_probabilities(burden)
    added = {"p_reference_value", "p_integrated", "p_integrated_low", "p_integrated_high"}

    assert found["p_reference_value"].values.tolist() == [bands[band] for band in ("low", "middle", "high")]
    for strategy in ("surgery", "brace"):
        here = found.sel(strategy=strategy)
        shares = here["p_cost_effective"].values
        by_hand = bands["low"] * shares[0] + bands["middle"] * shares[1] + bands["high"] * shares[2]
        by_hand = by_hand / (1 - bands["none"]) if bands["none"] < 1 else math.nan
        assert here["p_integrated"].item() == pytest.approx(by_hand, abs=1e-15, nan_ok=True)
        by_value = dict(zip(found["wtp"].values.tolist(), shares.tolist(), strict=True))
        assert integrated(by_value, burden) == pytest.approx(by_hand, abs=1e-15, nan_ok=True)
    assert found.drop_vars(added).identical(zin.verdict(drawn(1)))
    assert found["p_integrated"].dims == ("strategy",)
    assert found["p_integrated"].attrs == {"units": "1"}
    assert np.isnan(found["p_integrated_low"]).all()


def test_the_verdict_with_a_burden_over_perspectives():
    """Along a further dim each place has the integrated probability and words that it has alone."""
    parts = {"societal": drawn(1), "healthcare": drawn(2, shift=400)}
    draws = xr.concat(list(parts.values()), xr.Variable("perspective", list(parts)))
    found = zin.verdict(draws, burden=UNCERTAIN)

    assert set(found["p_integrated"].dims) == {"perspective", "strategy"}
    for name, part in parts.items():
        alone = zin.verdict(part, burden=UNCERTAIN)
        here = found["p_integrated"].sel(perspective=name)
        assert here.values.tolist() == alone["p_integrated"].sel(strategy=here["strategy"]).values.tolist()
    assert found["p_reference_value"].dims == ("wtp",)


@pytest.mark.slow
def test_the_range_of_the_integrated_probability():
    """Where draws carry a fit, the ranges over rounding and assumptions are integrated too, around the probability."""
    draws = hecon.from_reported(
        "coach",
        "usual",
        cost=hecon.Difference(800, ci=(-1234, 2824)),
        effect=hecon.Difference("0.09", ci=("-0.00", "0.18")),
        assume={"correlation": hecon.Assumed(0, range=(-0.5, 0.5), reason="not reported jointly")},
        n_draws=2000,
        rng=1,
    )
    found = zin.verdict(draws, burden=UNCERTAIN).squeeze("strategy")
    weights = [SHARES[band] / 0.75 for band in ("low", "middle", "high")]
    nothing = zin.verdict(draws, burden="none")

    assert found["p_integrated_low"].item() == pytest.approx(np.dot(found["p_low"].values, weights), abs=1e-15)
    assert found["p_integrated_high"].item() == pytest.approx(np.dot(found["p_high"].values, weights), abs=1e-15)
    assert found["p_integrated_low"] < found["p_integrated"] < found["p_integrated_high"]
    assert all(np.isnan(nothing[key]).all() for key in ("p_integrated", "p_integrated_low", "p_integrated_high"))


@pytest.mark.parametrize("counts", [(2, 1, 3), (2, 3, 1)])
def test_what_is_certain_at_each_value_is_certain_over_the_bands(counts):
    """A strategy that costs less and yields more in every draw is never told to be cost-effective with P > 0.99."""
    patients = [qalys for qalys, count in zip((8, 5, 1), counts, strict=True) for _ in range(count)]
    burden = zin.shortfall(population_qalys=10, remaining_qalys=patients)
    draws = hecon.from_arrays([[0, -1], [0, -2]], [[0, 0.1], [0, 0.2]], strategies=["a", "b"], comparator="a")
    found = zin.verdict(draws, burden=burden).squeeze("strategy")

    assert found["p_integrated"].item() == 1
    words = integrated_words(
        found["p_integrated"].item(), burden.probabilities, burden.rule.by_band, Locale("en"), intervention="b"
    )
    assert words.endswith(" is 1.00.")


@pytest.mark.parametrize("burden", [0.42, ["low"], 20_000])
def test_what_is_no_burden_is_refused_by_the_verdict(burden):
    """A number is not taken for a shortfall."""
    assert told(zin.verdict, drawn(1), burden=burden) == (
        f"burden must be a band, a BurdenBand or a Shortfall, got {burden!r}; make one by hecon.shortfall"
    )


def test_years_are_found_in_a_long_life_too():
    """The search widens until it holds the answer."""
    table = zin.LifeTable("own", [0, 100], [0.004] * 2, [0.004] * 2, "m")
    given = {"age": 40, "female": 0, "table": table}
    years = zin.years_to_band(0.5, band="middle", **given)

    assert years > 130
    assert zin.shortfall(**given, decrement=0.5, years=years).proportional == pytest.approx(0.405, abs=1e-6)
