"""Ranges hold the truth that was rounded, and are as wide as brute force finds them and no wider."""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from strategies import examples

import hecon
from hecon import reported
from hecon.errors import InputError
from hecon.reported import predictions
from hecon.reported._constraints import Band, Constraint
from hecon.reported.predictions import Allowed, design_effect_probability, widened_to_halves

NAMES = ("delta_cost", "delta_effect", "cost_se", "effect_se", "correlation")
Z = float(norm.ppf(0.975))
RHO = hecon.Assumed(0, range=("-0.5", "0.5"), reason="not reported jointly")

# ESCAPE (BJSM 2020;54:538-545): exercise therapy minus surgery.
ESCAPE = {
    "cost": hecon.Difference(-1803, ci=(-3008, -838)),
    "icer": hecon.Ratio(61_584, quadrant="SW"),
    "p_cost_effective": {10_000: "0.99", 80_000: "0.40"},
}
# COMPARE (BJSM 2022;56:24-28): surgery minus rehabilitation; the spread of the effect from sister trials.
COMPARE = {
    "cost": hecon.Arms(mean=(14_951, 11_558), sd=(10_004, 10_579), n=(85, 82)),
    "icer": 78_179,
    "assume": {"effect_se": hecon.Assumed("0.045", ("0.033", "0.053"), "sister trials"), "correlation": RHO},
}
# Coach2Move (Phys Ther 2022;102:pzac138).
COACH = {
    "cost": hecon.Difference(800, ci=(-1234, 2824)),
    "effect": hecon.Difference("0.09", ci=("-0.00", "0.18")),
    "assume": {"correlation": RHO},
}


def probability(theta, wtp):
    """Return P(λΔE − ΔC > 0) for θ of any shape (5, ...), written out."""
    cost, effect, cost_se, effect_se, rho = theta
    variance = (wtp * effect_se) ** 2 + cost_se**2 - 2 * wtp * rho * effect_se * cost_se
    return norm.cdf((wtp * effect - cost) / np.sqrt(variance))


def as_printed(value, decimals):
    return str(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals)))


def printed_interval(mean, se, decimals):
    mean, low, high = (as_printed(each, decimals) for each in (mean, mean - Z * se, mean + Z * se))
    return hecon.Difference(mean, ci=(low, high))


# Soundness: what was rounded lies within what rounding leaves ---------------------------------------------------------


@st.composite
def publications(draw):
    """Return θ, a willingness to pay and the statistics of θ as a journal would round them."""
    cost_se, effect_se = 10.0 ** draw(st.floats(2, 4)), 10.0 ** draw(st.floats(-1.8, -0.5))
    z_cost, z_effect = (draw(st.floats(0.2, 2.5)) * draw(st.sampled_from([1, -1])) for _ in range(2))
    theta = np.array([z_cost * cost_se, z_effect * effect_se, cost_se, effect_se, draw(st.floats(-0.9, 0.9))])
    wtp = round(cost_se / effect_se * draw(st.floats(0.3, 3)))
    assume(all(0.03 < probability(theta, at) < 0.97 for at in (wtp, 3 * wtp)))
    cost = printed_interval(theta[0], cost_se, draw(st.integers(0, 1)))
    effect = printed_interval(theta[1], effect_se, draw(st.integers(2, 4)))
    digits = draw(st.integers(2, 3))
    curve = {at: as_printed(probability(theta, at), digits) for at in (wtp, 3 * wtp)}
    ratio = as_printed(theta[0] / theta[1], 0)
    assume(float(ratio) != 0)
    icer = hecon.Ratio(ratio, quadrant=("N" if theta[0] > 0 else "S") + ("E" if theta[1] > 0 else "W"))
    one = {wtp: curve[wtp]}
    p = as_printed(2 * norm.sf(abs(z_cost)), 3)
    threshold = round(float(theta[1] - 0.8 * effect_se), 3)
    above = as_printed(norm.sf((threshold - theta[1]) / effect_se), digits)
    bound = hecon.Difference(cost.mean, ci=(None, as_printed(theta[0] + norm.ppf(0.95) * cost_se, 1)), sided="one")
    error = hecon.Difference(effect.mean, se=as_printed(effect_se, 4))
    return (
        theta,
        wtp,
        draw(
            st.sampled_from(
                [
                    {"cost": cost, "effect": effect, "p_cost_effective": one},
                    {"cost": cost, "effect": effect, "p_cost_effective": curve},
                    {"cost": cost, "effect": effect, "icer": icer, "p_cost_effective": one},
                    {"cost": cost, "icer": icer, "p_cost_effective": curve},
                    {"cost": hecon.Difference(cost.mean, p=p), "effect": effect, "p_cost_effective": one},
                    {"cost": cost, "icer": icer, "probability_above": {threshold: above}, "p_cost_effective": one},
                    {"cost": bound, "effect": error, "correlation": as_printed(theta[4], 2)},
                    {"cost": cost, "p_cost_effective": {**curve, 9 * wtp: as_printed(probability(theta, 9 * wtp), 3)}},
                ]
            )
        ),
    )


@pytest.mark.slow
@settings(examples(70), derandomize=True)
@given(publications())
def test_the_truth_lies_within_the_ranges(publication):
    """Statistics of a θ, rounded: θ and its probabilities lie in the ranges, and so does the solution.

    The examples are the same in every run of the same code; searched for longer, fewer than one overdetermined set in a
    thousand had its θ outside by a few percent of the range.
    """
    theta, wtp, statistics = publication
    found = reported.fit(**statistics)

    for name, true in zip(NAMES, theta, strict=True):
        parameter = found.parameters[name]
        if parameter.range is not None:
            low, high = parameter.range
            room = 1e-6 * abs(true) + 1e-6 * (high - low if math.isfinite(high - low) else 1)
            assert low - room <= true <= high + room, name
            assert low - room <= parameter.value <= high + room, name
    if not found.undetermined:
        for at in (0.7 * wtp, 2 * wtp):
            low, high = reported.probability_range(found, wtp=at)
            assert low - 1e-6 <= probability(theta, at) <= high + 1e-6
            assert low - 1e-6 <= reported.probability(found, wtp=at) <= high + 1e-6


# Tightness: brute force -----------------------------------------------------------------------------------------------


def around(rng, low, high, n):
    """Return points of an interval, half of them its ends."""
    share = rng.random(n)
    share = np.where(rng.random(n) < 0.5, share, np.round(share))
    return low + (high - low) * share


def brute_force(found, seed, n=300_000):
    """Return many θ within rounding: printed statistics drawn from their intervals, solved by hand, and filtered.

    The statistics must be a cost and its spread, an effect or a ratio, and two of: the spread of the effect, the
    correlation (either may be assumed), one or two probabilities.
    """
    rng = np.random.default_rng(seed)
    bands = {}
    for band in found.bands:
        bands.setdefault(band.kind, []).append(band)

    def drawn(kind, position=0):
        if kind in found.assumed:
            return around(rng, *found.assumed[kind][1:], n)
        band = bands[kind][position]
        return around(rng, band.low, band.high, n)

    cost, cost_se = drawn("delta_cost"), drawn("cost_se")
    effect = cost / drawn("icer") if "icer" in bands else drawn("delta_effect")
    curve = bands.get("p_cost_effective", [])
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = [norm.ppf(drawn("p_cost_effective", i)) for i in range(len(curve))]
        # The variance of net benefit at λ; its sign must be that of the score.
        benefit = [band.at * effect - cost for band in curve]
        variances = [np.where(b * z > 0, (b / z) ** 2, np.nan) for b, z in zip(benefit, scores, strict=True)]
        if "effect_se" in bands or "effect_se" in found.assumed:
            effect_se = drawn("effect_se")
        else:  # λ²V − 2λc = variance − σ_C² at two λ: linear in V and the covariance c
            (one, two), (at, to) = ((v - cost_se**2 for v in variances), (band.at for band in curve))
            effect_se = np.sqrt((one / at - two / to) / (at - to))
        if curve:
            at = curve[0].at
            rho = (cost_se**2 + (at * effect_se) ** 2 - variances[0]) / (2 * at * effect_se * cost_se)
        else:
            rho = drawn("correlation")
        theta = np.array([cost, effect, cost_se, effect_se, rho])
        keep = (effect_se > 0) & (np.abs(rho) <= 1)
        for band in found.bands:
            if band.kind == "p_cost_effective":
                value = probability(theta, band.at)
            else:
                value = cost / effect if band.kind == "icer" else theta[NAMES.index(band.kind)]
            keep &= (value >= band.low - 1e-9 * abs(band.low)) & (value <= band.high + 1e-9 * abs(band.high))
    return theta[:, keep]


def assert_tight(values, span, close):
    """No value lies outside the range, and the values come close to both of its ends."""
    low, high = span
    room = 1e-6 * max(1.0, high - low)

    assert low - room <= values.min()
    assert values.max() <= high + room
    assert values.min() - low <= close * (high - low) + room
    assert high - values.max() <= close * (high - low) + room


@pytest.mark.slow
@pytest.mark.parametrize(("statistics", "seed"), [(ESCAPE, 1), (COMPARE, 2), (COACH, 3)])
def test_ranges_against_brute_force(statistics, seed):
    """Every parameter, probability and net benefit of three trials, over rounding and assumptions jointly."""
    found = reported.fit(**statistics)
    theta = brute_force(found, seed)

    assert theta.shape[1] > 10_000
    for values, name in zip(theta, NAMES, strict=True):
        assert_tight(values, found.parameters[name].range, 0.03)
    for wtp in (0, 10_000, 20_000, 50_000, 80_000):
        assert_tight(probability(theta, wtp), reported.probability_range(found, wtp=wtp), 0.03)
        assert_tight(wtp * theta[1] - theta[0], reported.net_benefit_range(found, wtp=wtp), 0.03)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["effect_se", "correlation"])
def test_one_assumption_varied_alone(name):
    """With `vary`, the other assumption stays at its value; rounding is always varied."""
    found = reported.fit(**COMPARE)
    held = {key: value if key == name else (value[0], value[0], value[0]) for key, value in found.assumed.items()}
    theta = brute_force(replace(found, assumed=held), 4)

    for vary in ([name], name, {name}):
        assert_tight(probability(theta, 20_000), reported.probability_range(found, wtp=20_000, vary=vary), 0.02)


def test_nothing_varied_leaves_rounding():
    """With `vary` empty only rounding is left; the joint range holds those of each."""
    found = reported.fit(**COMPARE)
    spans = {
        vary: reported.probability_range(found, wtp=20_000, vary=vary)
        for vary in ((), ("effect_se",), ("correlation",), ("effect_se", "correlation"))
    }
    joint = spans["effect_se", "correlation"]

    assert spans[()] == pytest.approx((0.08393, 0.08393), abs=1e-4)
    assert joint == reported.probability_range(found, wtp=20_000)
    for span in spans.values():
        assert joint[0] <= span[0] + 1e-9
        assert span[0] <= spans[()][0] + 1e-9
        assert span[1] <= joint[1] + 1e-9
        assert spans[()][1] <= span[1] + 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_random_systems_against_brute_force(seed):
    """Intervals with one probability, and a ratio with two, of a random θ printed to a few digits."""
    rng = np.random.default_rng(seed)
    theta = np.array([0.0, 0.0, 10 ** rng.uniform(2, 4), 10 ** rng.uniform(-1.8, -0.5), rng.uniform(-0.8, 0.8)])
    theta[0], theta[1] = theta[2] * rng.uniform(0.5, 1.5), -theta[3] * rng.uniform(0.5, 1.5)
    theta[:2] *= rng.choice([1, -1])
    wtp = round(theta[2] / theta[3] / 2)
    curve = {at: as_printed(probability(theta, at), 3) for at in (wtp, 4 * wtp)}
    cost = printed_interval(theta[0], theta[2], 0)
    if seed % 2:
        statistics = {"cost": cost, "icer": as_printed(theta[0] / theta[1], 0), "p_cost_effective": curve}
    else:
        effect = printed_interval(theta[1], theta[3], 3)
        statistics = {"cost": cost, "effect": effect, "p_cost_effective": {wtp: curve[wtp]}}
    found = reported.fit(**statistics)
    sample = brute_force(found, seed)

    assert found.undetermined == ()
    assert sample.shape[1] > 1000
    for values, name in zip(sample, NAMES, strict=True):
        assert_tight(values, found.parameters[name].range, 0.12)
    for at in (wtp / 2, 2 * wtp):
        assert_tight(probability(sample, at), reported.probability_range(found, wtp=at), 0.12)


@pytest.mark.slow
def test_a_check_has_the_range_of_its_prediction():
    """ESCAPE's probability of a QALY loss within 0.057, over every θ within rounding."""
    found = reported.fit(**ESCAPE, checks={"probability_above": {"-0.057": "0.89"}})
    theta = brute_force(found, 5)

    assert_tight(norm.cdf((theta[1] + 0.057) / theta[3]), found.checks[0].range, 0.02)


def test_a_range_by_hand():
    """ΔC 100 ± 0.5 and ΔE 0.05 ± 0.005: at 10,000 the mean net benefit is 500 − 100, ± (50 + 0.5)."""
    found = reported.fit(cost=hecon.Difference(100), effect=hecon.Difference("0.05"))

    assert reported.net_benefit_range(found, wtp=10_000) == pytest.approx((349.5, 450.5), rel=1e-9)
    assert reported.net_benefit_range(found, wtp=0) == pytest.approx((-100.5, -99.5), rel=1e-9)


def test_a_range_over_an_open_parameter():
    """An inequality that involves a parameter nobody determined does not narrow the others."""
    found = reported.fit(effect=hecon.Difference("0.05", p="<0.05"), p_cost_effective={30_000: "0.90"})

    assert found.parameters["delta_effect"].range == pytest.approx((0.045, 0.055), rel=1e-5)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("Values in x were outside bounds during a minimize step, clipping to bounds", []),
        ("overflow encountered in multiply", ["overflow encountered in multiply"]),
    ],
)
def test_a_point_clipped_to_its_bounds_is_no_warning(monkeypatch, recwarn, message, shown):
    """SciPy remarks on a step of its search, of which only the end counts; any other warning comes through."""
    minimize = predictions.minimize

    def remarking(*args, **options):
        warnings.warn(message, RuntimeWarning, stacklevel=2)
        return minimize(*args, **options)

    warnings.simplefilter("default")
    monkeypatch.setattr(predictions, "minimize", remarking)
    monkeypatch.setattr(predictions, "_allowed", predictions._allowed.__wrapped__)
    found = reported.fit(effect=hecon.Difference("0.05", p="<0.05"), p_cost_effective={30_000: "0.90"})

    assert found.parameters["delta_effect"].range == pytest.approx((0.045, 0.055), rel=1e-5)
    assert sorted({str(each.message) for each in recwarn}) == shown


def test_a_standard_error_from_two_probabilities():
    """P(effect > 0) of 0.54 (0.535 to 0.545) with an effect of 0.0015 to 0.0025."""
    found = reported.fit(effect=hecon.Difference("0.002"), probability_above={0: "0.54"})

    assert found.parameters["effect_se"].range == pytest.approx(
        (0.0015 / norm.ppf(0.545), 0.0025 / norm.ppf(0.535)), rel=1e-4
    )


def test_a_standard_error_without_an_upper_bound():
    """P(effect > 0) of 0.45 to 0.55 with an effect of 0.0015 to 0.0025 bounds the spread from below only."""
    bands = (
        Band(Constraint("difference", "effect"), "delta_effect", 0.0, 0.002, 0.0015, 0.0025),
        Band(Constraint("p_effect_above", at="0"), "p_effect_above", 0.0, 0.5, 0.45, 0.55),
    )
    allowed = Allowed(np.array([0, 0.002, 1, 0.02, 0]), bands, {}, frozenset({0, 2, 4}))

    assert allowed.span("effect_se") == pytest.approx((0.0015 / norm.ppf(0.55), math.inf), rel=1e-4)


# Arguments ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [reported.probability, reported.probability_range, reported.net_benefit_range])
def test_predictions_ask_for_one_willingness_to_pay(verb):
    """One finite number of at least 0."""
    found = reported.fit(**COACH)

    with pytest.raises(InputError, match=r"^wtp must be one number, got \[1, 2\]$"):
        verb(found, wtp=[1, 2])
    with pytest.raises(InputError, match=r"^wtp must be finite and at least 0, got .*-1.0"):
        verb(found, wtp=-1)
    with pytest.raises(InputError, match=r"^wtp must be finite and at least 0, got .*nan"):
        verb(found, wtp=float("nan"))


@pytest.mark.parametrize(
    ("verb", "message"),
    [
        (reported.probability, "the probability needs effect_se, correlation, which what was reported does not"),
        (reported.probability_range, "the range of the probability needs effect_se, correlation, which what was"),
    ],
)
def test_predictions_of_what_is_not_determined(verb, message):
    """A probability needs all five parameters."""
    with pytest.raises(InputError, match=re.escape(message)):
        verb(reported.fit(cost=ESCAPE["cost"], icer=ESCAPE["icer"]), wtp=20_000)


def test_net_benefit_needs_both_means():
    """Net benefit needs a cost and an effect."""
    with pytest.raises(
        InputError, match=r"^net benefit needs delta_effect, which what was reported does not determine"
    ):
        reported.net_benefit_range(reported.fit(cost=ESCAPE["cost"]), wtp=20_000)


@pytest.mark.parametrize("vary", ["cost_se", ["cost_se"], ["correlation", "cost_se"]])
def test_only_assumptions_are_varied(vary):
    """A parameter that was reported is not varied."""
    with pytest.raises(InputError, match=r"^vary must be one of 'correlation', got 'cost_se'$"):
        reported.probability_range(reported.fit(**COACH), wtp=20_000, vary=vary)


def test_a_range_of_zero_width_holds_an_assumption():
    """An assumption with a range of zero width is a constant."""
    fixed = hecon.Assumed(0, range=(0, 0), reason="x")
    found = reported.fit(cost=COACH["cost"], effect=COACH["effect"], assume={"correlation": fixed})

    assert found.parameters["correlation"].range == (0, 0)
    assert reported.probability_range(found, wtp=20_000) == pytest.approx(
        reported.probability_range(found, wtp=20_000, vary=[]), abs=1e-9
    )


# Clustering and halves ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [1, 1.2, 4.6])
def test_a_design_effect_scales_both_standard_errors(factor):
    """Both variances times the factor is the same θ with both standard errors times its root."""
    found = reported.fit(**COACH)
    theta = np.array(found.theta) * [1, 1, math.sqrt(factor), math.sqrt(factor), 1]

    assert design_effect_probability(found, wtp=20_000, design_effect=factor) == pytest.approx(
        probability(theta, 20_000), rel=1e-12
    )


@pytest.mark.parametrize(
    ("statistics", "factor", "message"),
    [
        (COACH, 0.9, "design_effect must be at least 1, got 0.9"),
        (COACH, "2", "design_effect must be a number, got '2'"),
        ({"cost": COACH["cost"], "effect": COACH["effect"]}, 2, "the probability needs correlation"),
    ],
)
def test_a_design_effect_that_is_refused(statistics, factor, message):
    """Clustering does not shrink a variance."""
    with pytest.raises(InputError, match=re.escape(message)):
        design_effect_probability(reported.fit(**statistics), wtp=20_000, design_effect=factor)


def test_the_halves_of_an_interval_widen_the_range():
    """ESCAPE's halves imply 492 to 615 for the cost's standard error: P(0) runs from Φ(1803/615) to Φ(1803/492)."""
    wide = widened_to_halves(reported.fit(**ESCAPE))

    assert reported.probability_range(wide, wtp=0) == pytest.approx(
        (norm.cdf(1802.5 / 614.807), norm.cdf(1803.5 / 492.356)), abs=1e-6
    )


def test_no_halves_where_every_interval_is_centred():
    """A centred interval has equal halves."""
    centred = hecon.Difference(795, ci=(-1234, 2824))

    assert widened_to_halves(reported.fit(cost=centred, effect=COACH["effect"])) is None
