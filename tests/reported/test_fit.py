"""The point solution: known parameters come back from any sufficient set of statistics; what is left open is told."""

from __future__ import annotations

import re
import time
import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm
from strategies import examples

import hecon
from hecon import reported
from hecon.errors import ContradictionError, InputError, StatisticalWarning, UnderdeterminedError
from hecon.printed.numbers import PrintedInterval
from hecon.reported._constraints import Constraint
from hecon.reported.fits import fit_of, remedy

COST = hecon.Difference(-1803, ci=(-3008, -838))
RATIO = hecon.Ratio(61_584, quadrant="SW")
NAMES = ("delta_cost", "delta_effect", "cost_se", "effect_se", "correlation")
ROOTS = np.sqrt([1.01, 0.99, 1.02, 0.98, 0.97])  # so that no statistic is a short number, taken at few digits
Z = float(norm.ppf(0.975))


def probability(theta, wtp):
    """Return P(λΔE − ΔC > 0), written out."""
    cost, effect, cost_se, effect_se, rho = theta
    variance = (wtp * effect_se) ** 2 + cost_se**2 - 2 * wtp * rho * effect_se * cost_se
    return float(norm.cdf((wtp * effect - cost) / np.sqrt(variance)))


def two_sided(mean, se, **more):
    return hecon.Difference(mean, ci=(mean - Z * se, mean + Z * se), **more)


@st.composite
def truths(draw):
    """Return θ of any quadrant and size, and a willingness to pay at which its probabilities are not all but 0 or 1."""
    cost_se, effect_se = 10.0 ** draw(st.floats(-3, 8)), 10.0 ** draw(st.floats(-6, 3))
    z_cost, z_effect = (draw(st.floats(0.3, 2.5)) * draw(st.sampled_from([1, -1])) for _ in range(2))
    theta = (
        z_cost * cost_se,
        z_effect * effect_se,
        cost_se,
        effect_se,
        draw(st.floats(0.01, 0.9)) * draw(st.sampled_from([1, -1])),
    )
    theta = tuple(value * irrational for value, irrational in zip(theta, ROOTS, strict=True))
    wtp = cost_se / effect_se * draw(st.floats(0.4, 2.5))
    assume(all(0.02 < probability(theta, at) < 0.98 for at in (wtp, 3 * wtp)))
    assume(all(abs(probability(theta, at) - 0.5) > 0.02 for at in (wtp, 3 * wtp)))
    return theta, wtp


def intervals_and_probability(theta, wtp):
    """Give two intervals and one point of the acceptability curve."""
    return {
        "cost": two_sided(theta[0], theta[2]),
        "effect": two_sided(theta[1], theta[3]),
        "p_cost_effective": {wtp: probability(theta, wtp)},
    }


def ratio_and_two_probabilities(theta, wtp):
    """Give arms of a cost, the ratio with its quadrant and two points of the curve."""
    first, second = 0.6 * theta[2] * np.sqrt(50), 0.8 * theta[2] * np.sqrt(200)  # 0.36 + 0.64 = 1
    quadrant = ("N" if theta[0] > 0 else "S") + ("E" if theta[1] > 0 else "W")
    return {
        "cost": hecon.Arms(mean=(3 * theta[0], 2 * theta[0]), sd=(first, second), n=(50, 200)),
        "icer": hecon.Ratio(theta[0] / theta[1], quadrant=quadrant),
        "p_cost_effective": {at: probability(theta, at) for at in (wtp, 3 * wtp)},
    }


def p_value_and_threshold(theta, wtp):
    """Give a p value, a probability that the effect passes a margin, and a point of the curve."""
    margin = theta[1] - 0.7 * theta[3]
    return {
        "cost": hecon.Difference(theta[0], p=2 * float(norm.sf(abs(theta[0]) / theta[2]))),
        "effect": hecon.Difference(theta[1]),
        "probability_above": {margin: float(norm.sf((margin - theta[1]) / theta[3]))},
        "p_cost_effective": {wtp: probability(theta, wtp)},
    }


def one_sided_and_error(theta, _):
    """Give a one-sided interval, a standard error and the correlation itself."""
    return {
        "cost": hecon.Difference(theta[0], ci=(None, theta[0] + norm.ppf(0.9) * theta[2]), level=0.9, sided="one"),
        "effect": hecon.Difference(theta[1], se=theta[3]),
        "correlation": theta[4],
    }


def one_sided_from_below(theta, wtp):
    """Give a one-sided interval from below, another level, and the curve at 0 beside a point of it."""
    return {
        "cost": hecon.Difference(theta[0]),
        "effect": hecon.Difference(theta[1], ci=(theta[1] - Z * theta[3], None), level=0.975, sided="one"),
        "p_cost_effective": {0: probability(theta, 0), wtp: probability(theta, wtp)},
    }


def other_levels(theta, wtp):
    """Give a 99% and an 80% interval of the same trial."""
    wide, narrow = norm.ppf(0.995) * theta[2], norm.ppf(0.9) * theta[3]
    return {
        "cost": hecon.Difference(theta[0], ci=(theta[0] - wide, theta[0] + wide), level=0.99),
        "effect": hecon.Difference(theta[1], ci=(theta[1] - narrow, theta[1] + narrow), level=0.8),
        "p_cost_effective": {wtp: probability(theta, wtp)},
    }


SYSTEMS = (
    intervals_and_probability,
    ratio_and_two_probabilities,
    p_value_and_threshold,
    one_sided_and_error,
    one_sided_from_below,
    other_levels,
)


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
@examples(12)
@given(truth=truths())
def test_known_parameters_come_back(system, truth):
    """Statistics computed from θ by the naive formulas determine θ again, in every quadrant and at any scale."""
    theta, wtp = truth
    found = reported.fit(**system(theta, wtp))

    assert found.undetermined == ()
    assert found.theta[:4] == pytest.approx(theta[:4], rel=1e-4)
    assert found.theta[4] == pytest.approx(theta[4], abs=1e-4)
    assert all(abs(each.residual) <= 1 + 1e-6 for each in found.statistics)


def test_the_same_system_at_scales_far_apart():
    """Costs of 1e-12 to 1e12 and effects of 1e12 to 1e-12 give the same solution in their units."""
    theta = (800.0, 0.09, 1035.0, 0.046, 0.3)
    at = np.array([1e12, 1e-12, 1e12, 1e-12, 1.0])
    big = reported.fit(**intervals_and_probability(theta * at, 20_000 * 1e24))
    small = reported.fit(**intervals_and_probability(theta / at, 20_000 / 1e24))

    assert np.array(big.theta) / at == pytest.approx(theta, rel=1e-6)
    assert np.array(small.theta) * at == pytest.approx(theta, rel=1e-6)


# Statistics as they are told ------------------------------------------------------------------------------------------


def test_arms_by_hand():
    """3² / 9 + 4² / 16 = 2; means 7 − 5 = 2, each known to ± 0.5."""
    found = reported.fit(cost=hecon.Arms(mean=(7, 5), sd=(3, 4), n=(9, 16)))
    mean, error = found.statistics

    assert found.theta[0] == pytest.approx(2)
    assert found.theta[2] == pytest.approx(np.sqrt(2))
    assert (mean.name, mean.low, mean.high) == ("cost difference of arm means", 1, 3)
    assert error.name == "cost standard error from SD and n"
    assert error.low == pytest.approx(np.sqrt(2.5**2 / 9 + 3.5**2 / 16))
    assert error.high == pytest.approx(np.sqrt(3.5**2 / 9 + 4.5**2 / 16))


def test_a_p_value_is_told_as_a_p_value():
    """The z score of 0.19 is 1.311: KANON's 4,695 has a standard error of 3,582 (BJSM 2016;50:558-563, derived)."""
    found = reported.fit(cost=hecon.Difference(4695, p="0.19"), effect=hecon.Difference("0.13", p="0.11"))
    shown = {each.name: each for each in found.statistics}["cost p value"]

    assert found.theta[2] == pytest.approx(3582, abs=1)
    assert found.theta[3] == pytest.approx(0.0813, abs=1e-4)
    assert (shown.printed, shown.low, shown.high) == pytest.approx((0.19, 0.185, 0.195), rel=1e-12)
    assert shown.fitted == pytest.approx(0.19, rel=1e-6)


@pytest.mark.parametrize(("p", "low", "high"), [("<0.001", 0, 0.001), ("> 0.05", 0.05, 1)])
def test_an_inequality_bounds_and_does_not_determine(p, low, high):
    """A bound such as < 0.001 keeps the standard error below a bound and is no equation for it."""
    found = reported.fit(cost=hecon.Difference(100, p=p))
    shown = found.statistics[1]

    assert shown.printed is None
    assert (shown.low, shown.high) == pytest.approx((low, high), abs=1e-12)
    assert low - 1e-9 <= shown.fitted <= high + 1e-9
    assert found.parameters["delta_cost"].range == pytest.approx((99.5, 100.5), rel=1e-6)
    assert "cost_se" in found.undetermined


def test_an_inequality_beside_an_interval():
    """SNNAP's cost difference is printed with an interval and p < 0.001: both hold (Bone Joint J 2024;106-B:38-45)."""
    found = reported.fit(cost=hecon.Difference(1017, ci=(557, 1476), p="<0.001"))

    assert found.theta[2] == pytest.approx(234.4, abs=0.1)
    assert found.statistics[2].fitted < 0.001
    assert found.statistics[2].residual == 0


@pytest.mark.parametrize(("value", "low", "high"), [("1.00", 0.995, 1), ("0.00", 0, 0.005)])
def test_a_probability_printed_as_0_or_1_only_bounds(value, low, high):
    """1.00 says at least 0.995."""
    sign = 1 if value == "1.00" else -1
    found = reported.fit(cost=hecon.Difference(-1800 * sign, se=500), p_cost_effective={0: value})
    shown = found.statistics[-1]

    assert shown.printed is None
    assert low <= shown.fitted <= high
    assert shown.residual == 0
    assert found.theta[2] == pytest.approx(500, rel=1e-6)


def test_an_interval_tells_whether_it_is_centred():
    """−3,008 to −838 is centred on −1,923, not on −1,803; its halves imply standard errors of 492 and 615."""
    (interval,) = reported.fit(cost=COST, effect=hecon.Difference("0.1", ci=("0.0", None), sided="one")).intervals

    assert not interval.centred
    assert interval.se_from_halves == pytest.approx((965 / Z, 1205 / Z), rel=1e-12)


@pytest.mark.parametrize(
    ("mean", "ci", "centred"), [(5, (1, 9), True), (5, (2, 9), True), (5, (3, 9), True), (5, (4, 9), False)]
)
def test_an_interval_is_centred_within_rounding(mean, ci, centred):
    """Midpoints 5, 5.5 and 6 of ends that may be half a unit off suit a mean of up to 5.5; 6.5 does not."""
    (interval,) = reported.fit(cost=hecon.Difference(mean, ci=ci)).intervals

    assert interval.centred is centred


def test_reported_derived_assumed_and_open():
    """A parameter printed as such is reported; another is derived, and says from which statistics."""
    found = reported.fit(
        cost=COST,
        icer=RATIO,
        assume={"effect_se": hecon.Assumed("0.024", ("0.02", "0.03"), "a sister trial")},
    )
    parameters = found.parameters

    assert [parameters[name].status for name in NAMES] == [
        "reported",
        "derived",
        "derived",
        "assumed",
        "not determined",
    ]
    assert parameters["delta_effect"].rests_on == (Constraint("difference", "cost"), Constraint("icer"))
    assert parameters["cost_se"].rests_on == (Constraint("interval_width", "cost"),)
    assert parameters["effect_se"].reason == "a sister trial"
    assert parameters["effect_se"].range == (0.02, 0.03)
    assert (parameters["correlation"].value, parameters["correlation"].range) == (None, None)


# A mean printed as 0 --------------------------------------------------------------------------------------------------


def test_an_effect_printed_as_0_with_its_interval():
    """0.00 may be anything from −0.005 to 0.005."""
    found = reported.fit(effect=hecon.Difference("0.00", ci=("-0.05", "0.05")))

    assert found.theta[1] == 0
    assert found.parameters["delta_effect"].range == pytest.approx((-0.005, 0.005), rel=1e-6)


def test_an_effect_printed_as_minus_0():
    """−0.00 lies between −0.005 and 0, even where least squares would like it above."""
    low, high = reported.fit(effect=hecon.Difference("-0.00", se="0.03")).parameters["delta_effect"].range

    assert low == pytest.approx(-0.005, rel=1e-6)
    assert high == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize(("effect", "ratio", "quadrant"), [("0.00", 50_000, "NE"), ("-0.00", -50_000, None)])
def test_a_ratio_tells_what_an_effect_printed_as_0_is(effect, ratio, quadrant):
    """€ 100 at € 50,000 per QALY is 0.002 QALY, which prints as 0.00."""
    found = reported.fit(
        cost=hecon.Difference(100, ci=(-50, 250)),
        effect=hecon.Difference(effect),
        icer=hecon.Ratio(ratio, quadrant=quadrant),
    )

    assert found.theta[1] == pytest.approx(100 / ratio, rel=1e-6)
    assert found.parameters["delta_effect"].range == pytest.approx(sorted((99.5 / ratio, 100.5 / ratio)), rel=1e-4)


def test_a_cost_printed_as_0_beside_a_ratio():
    """A ratio of 500 with a cost that rounds to 0 leaves both means open, and says so."""
    found = reported.fit(cost=hecon.Difference(0, ci=(-10, 10)), icer=hecon.Ratio(500, quadrant="NE"))

    assert {"delta_cost", "delta_effect"} <= set(found.undetermined)


@pytest.mark.slow
def test_a_ratio_that_an_effect_printed_as_0_cannot_have():
    """€ 1,000 at € 50,000 per QALY is 0.02 QALY, which does not print as 0.00."""
    with pytest.raises(ContradictionError, match="effect difference: printed as a bound, fitted 0"):
        reported.fit(
            cost=hecon.Difference(1000), effect=hecon.Difference("0.00"), icer=hecon.Ratio(50_000, quadrant="NE")
        )


@pytest.mark.parametrize("mean", ["0.00", "-0.00", 0])
def test_a_p_value_beside_a_mean_printed_as_0(mean):
    """σ = |μ| / z needs a μ: a mean that rounds to 0 has none."""
    found = reported.fit(effect=hecon.Difference(mean, p="0.90"))

    assert found.theta[1] == 0
    assert "effect_se" in found.undetermined


# Identification -------------------------------------------------------------------------------------------------------

INTERVALS = {"cost": hecon.Difference(800, ci=(-1234, 2824)), "effect": hecon.Difference("0.09", ci=("0.00", "0.18"))}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given_statistics", "undetermined"),
    [
        ({"cost": hecon.Difference(100)}, NAMES[1:]),
        ({"effect": hecon.Difference("0.1", se="0.2")}, ("delta_cost", "cost_se", "correlation")),
        ({"cost": hecon.Difference(1022), "icer": -223_372}, ("cost_se", "effect_se", "correlation")),
        ({"cost": COST, "icer": RATIO}, ("effect_se", "correlation")),
        ({"cost": COST, "icer": RATIO, "p_cost_effective": {10_000: "0.99"}}, ("effect_se", "correlation")),
        ({"cost": COST, "icer": RATIO, "p_cost_effective": {0: "1.00", 80_000: "0.40"}}, ("effect_se", "correlation")),
        (
            {"cost": COST, "icer": RATIO, "p_cost_effective": {80_000: "0.40", "80000": "0.40"}},
            ("effect_se", "correlation"),
        ),
        (INTERVALS, ("correlation",)),
        (INTERVALS | {"icer": 8993}, ("correlation",)),
        (INTERVALS | {"probability_above": {0: "0.97"}}, ("correlation",)),
        (INTERVALS | {"p_cost_effective": {20_000: "0.75"}}, ()),
        ({"icer": RATIO}, NAMES),
        ({"p_cost_effective": {20_000: "0.75"}}, NAMES),
        ({"p_cost_effective": {10_000: "0.99", 20_000: "0.9", 30_000: "0.8", 50_000: "0.6", 80_000: "0.4"}}, NAMES[:4]),
        ({"cost": hecon.Difference(-100), "p_cost_effective": {0: "0.90"}}, ("delta_effect", "effect_se", NAMES[4])),
    ],
)
def test_what_a_set_of_statistics_leaves_open(given_statistics, undetermined):
    """Counted by hand: a ratio ties the means, a probability gives one equation, one at 0 only of the cost.

    Five probabilities fix the correlation, which has no unit, but nothing that has one.
    """
    assert reported.fit(**given_statistics).undetermined == undetermined


def test_a_probability_of_one_half_gives_no_standard_error():
    """At 0.50 any large enough standard error will do: the point would be arbitrary, so there is none."""
    found = reported.fit(
        cost=hecon.Difference(1000, ci=(-200, 2200)),
        effect=hecon.Difference("0.002"),
        probability_above={0: "0.50"},
        correlation="0.10",
    )

    assert found.undetermined == ("effect_se",)


def test_a_probability_of_one_half_where_net_benefit_is_0():
    """€ 1,000 for 0.05 QALY is worth exactly 0 at € 20,000: P is one half whatever the correlation."""
    found = reported.fit(
        cost=hecon.Difference(1000, ci=(-200, 2200)),
        effect=hecon.Difference("0.05", ci=("-0.05", "0.15")),
        p_cost_effective={20_000: "0.50"},
    )

    assert found.undetermined == ("correlation",)


def test_the_error_names_parameters_and_remedies():
    """What is missing, which statistics would supply it, and how to assume it."""
    with pytest.raises(UnderdeterminedError) as caught:
        hecon.from_reported("exercise", "surgery", cost=COST, icer=RATIO)
    message = str(caught.value)

    assert caught.value.parameters == ("effect_se", "correlation")
    assert message.startswith("effect_se, correlation are not determined by what was reported. Give ")
    assert "effect_se: an interval, standard error or p value of the effect difference" in message
    assert "correlation: correlation, or p_cost_effective at a willingness to pay" in message
    assert "assume={'effect_se': Assumed(value, range=(low, high), reason=...)}" in message


def test_the_error_for_one_parameter():
    """One parameter is not determined: singular."""
    with pytest.raises(UnderdeterminedError, match=r"^correlation is not determined by what was reported"):
        hecon.from_reported("a", "b", **INTERVALS)


def test_a_remedy_for_each_parameter():
    """Every parameter has statistics that would determine it."""
    words = remedy(NAMES).split("; ")

    assert [each.split(":")[0] for each in words] == list(NAMES)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value"),
    [("correlation", 0), ("effect_se", "0.024"), ("delta_cost", -1803), ("delta_effect", "-0.03"), ("cost_se", 554)],
)
def test_an_assumption_of_what_was_reported(name, value):
    """Where the statistics determine a parameter, assuming it is refused, with what they say."""
    held = {name: hecon.Assumed(value, (value, value), "habit")}

    with pytest.raises(InputError, match=rf"^{name} is determined by what was reported \(.*, from .*\): drop"):
        reported.fit(cost=COST, icer=RATIO, p_cost_effective={10_000: "0.99", 80_000: "0.40"}, assume=held)


def test_two_assumptions_of_which_one_is_needless():
    """With a probability given, only one of the correlation and the spread of the effect may be assumed."""
    rho, spread = hecon.Assumed(0, (-0.5, 0.5), "x"), hecon.Assumed("0.024", ("0.02", "0.03"), "x")

    with pytest.raises(InputError, match="correlation is determined by what was reported"):
        reported.fit(
            cost=COST,
            icer=RATIO,
            p_cost_effective={80_000: "0.40", 10_000: "0.99"},
            assume={"correlation": rho, "effect_se": spread},
        )
    with pytest.raises(InputError, match="effect_se is determined by what was reported"):
        reported.fit(cost=COST, effect=two_sided(-0.03, 0.024), assume={"correlation": rho, "effect_se": spread})


# Contradictions -------------------------------------------------------------------------------------------------------


def test_a_contradiction_lists_the_statistics_that_do_not_fit():
    """SNNAP's p value of 0.177 does not follow from its own interval, which implies 0.11 (derived)."""
    with pytest.raises(ContradictionError) as caught:
        reported.fit(effect=hecon.Difference("0.052", ci=("-0.012", "0.117"), p="0.177"))
    message = str(caught.value)

    assert message.startswith("reported statistics cannot all be true within their printed rounding: ")
    assert re.search(r"effect difference: printed 0\.052, fitted 0\.04\d+, off by \d+\.\d half rounding steps", message)
    assert "effect interval width" in message
    assert message.endswith(
        "Check signs and units; the rest agree without effect interval width or without effect p value; "
        "or pass on_contradiction='warn'"
    )


def test_a_contradiction_on_request_is_a_warning_and_still_draws():
    """The compromise is drawn from, its residuals stay in the fit, and ranges hold it."""
    effect = hecon.Difference("0.052", ci=("-0.012", "0.117"), p="0.177")
    with pytest.warns(StatisticalWarning, match="cannot all be true within their printed rounding"):
        draws = hecon.from_reported(
            "surgery",
            "rehabilitation",
            cost=hecon.Difference(1017, ci=(557, 1476)),
            effect=effect,
            correlation="0.0",
            on_contradiction="warn",
            n_draws=100,
            rng=1,
        )
    found = fit_of(draws)
    low, high = reported.probability_range(found, wtp=20_000)

    assert max(abs(each.residual) for each in found.statistics) > 5
    assert low <= reported.probability(found, wtp=20_000) <= high
    for parameter in found.parameters.values():
        assert parameter.range[0] - 1e-9 <= parameter.value <= parameter.range[1] + 1e-9


@pytest.mark.slow
@pytest.mark.parametrize(
    "given_statistics",
    [
        {"cost": hecon.Difference(100), "p_cost_effective": {0: "0.90"}},  # dearer, yet probably cheaper
        {"cost": COST, "p_cost_effective": {0: "0.00"}},
        {"cost": (hecon.Difference(100), hecon.Difference(105))},
        {"cost": hecon.Difference(100, se=10, p="0.40")},
        {"cost": COST, "icer": RATIO, "p_cost_effective": {10_000: "0.99", "10000": "0.90"}},
        {"cost": hecon.Difference(800, se=1000), "effect": hecon.Difference("0.1", se="0.01"), "icer": 20_000},
        INTERVALS | {"p_cost_effective": {20_000: "0.30"}},  # mean net benefit is 1,000
    ],
)
def test_sets_that_contradict_themselves(given_statistics):
    """No θ is within rounding of all of them."""
    with pytest.raises(ContradictionError):
        reported.fit(**given_statistics)


def test_a_statistic_given_twice_and_consistent():
    """−0.03 and −0.029 are both true of −0.0292; 3 numbers of one spread agree too."""
    found = reported.fit(
        effect=(hecon.Difference("-0.03", ci=("-0.07", "0.01")), hecon.Difference("-0.029", se="0.021"))
    )

    assert found.parameters["delta_effect"].range == pytest.approx((-0.0295, -0.0285), rel=1e-6)
    assert found.parameters["effect_se"].range == pytest.approx((0.0205, 0.0215), rel=1e-6)


def test_a_consistent_set_that_least_squares_would_refuse():
    """Three times 10 and once 11.0 leave 10.4, which 11 (10.5 upwards) is off; together they leave 10.5 alone.

    Least squares over 10, 10, 10 and 11 in equal units stops at 10.25, half a step outside the last.
    """
    tens = tuple(hecon.Difference(10) for _ in range(3))
    found = reported.fit(cost=(*tens, hecon.Difference(11)))

    assert found.theta[0] == pytest.approx(10.5, abs=1e-5)
    assert found.parameters["delta_cost"].range == pytest.approx((10.5, 10.5), abs=1e-4)


@pytest.mark.slow
def test_an_asymmetric_interval_counts_on_its_own_side():
    """What is printed as −0.00 is at most 0: 0.004, within half a step but on the wrong side, contradicts it."""
    with pytest.raises(ContradictionError):
        reported.fit(effect=(hecon.Difference("-0.00"), hecon.Difference("0.004")))


# Edges ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("printed", "low", "high"), [(1, 0.5, 1), ("1.0", 0.95, 1), ("-1.0", -1, -0.95)])
def test_a_perfect_correlation(printed, low, high):
    """A correlation printed as 1 is at most 1."""
    found = reported.fit(cost=hecon.Difference(1, se=1), effect=hecon.Difference(1, se=1), correlation=printed)

    assert found.theta[4] == pytest.approx(float(printed), abs=1e-8)
    assert found.parameters["correlation"].range == pytest.approx((low, high), abs=1e-6)


def test_a_standard_error_without_a_lower_bound():
    """Ends printed as 10 and 11 may both have been 10.5: the width may be 0."""
    found = reported.fit(cost=hecon.Difference(10, ci=(10, 11)))

    assert found.parameters["cost_se"].range == pytest.approx((0, 2 / (2 * Z)), abs=1e-9)


def test_assumptions_of_both_means():
    """Means may be assumed too; an effect of exactly 0 as well."""
    found = reported.fit(
        cost=hecon.Difference(100, se=10),
        assume={
            "delta_effect": hecon.Assumed(0, (-0.1, 0.1), "x"),
            "effect_se": hecon.Assumed("0.02", ("0.01", "0.03"), "x"),
            "correlation": hecon.Assumed(0, (0, 0), "x"),
        },
    )

    assert found.theta == pytest.approx((100, 0, 10, 0.02, 0))
    assert reported.net_benefit_range(found, wtp=1000) == pytest.approx((-200.5, 0.5), rel=1e-6)


@pytest.mark.parametrize(
    "given_statistics",
    [
        {"cost": COST, "icer": RATIO, "p_cost_effective": {10_000: "0.99", 80_000: "0.40"}},
        INTERVALS | {"p_cost_effective": {0: "0.22", 20_000: "0.76", 80_000: "0.95"}},
        {"effect": hecon.Difference("0.00", p="0.90")},
        {"cost": COST, "p_cost_effective": {10_000: "0.99", 30_000: "0.87", 80_000: "0.40"}},
    ],
)
def test_a_fit_is_quick_and_silent(given_statistics):
    """A fit with all its ranges takes a fraction of a second, and NumPy has nothing to warn of."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        begin = time.perf_counter()
        reported.fit(**given_statistics)

    assert time.perf_counter() - begin < 2  # 0.03 s to 0.2 s where measured


# Checks ---------------------------------------------------------------------------------------------------------------


def test_a_check_is_predicted_and_not_fitted():
    """A printed value within the predicted range is consistent; one outside is not, and changes nothing."""
    plain = reported.fit(**INTERVALS, correlation="0.0")
    found = reported.fit(
        **INTERVALS,
        correlation="0.0",
        checks={"p_cost_effective": {20_000: "0.76", 0: "0.99"}, "probability_above": {0: "0.97", "-0.5": "1.00"}},
    )

    assert found.theta == plain.theta
    assert [each.consistent for each in found.checks] == [True, False, True, True]
    assert [each.printed for each in found.checks] == [0.76, 0.99, 0.97, 1.0]
    assert found.checks[0].predicted == pytest.approx(probability(found.theta, 20_000), rel=1e-9)
    assert found.checks[0].range[0] < found.checks[0].predicted < found.checks[0].range[1]
    assert found.checks[1].predicted == pytest.approx(norm.cdf(-800 / found.theta[2]), rel=1e-9)


def test_a_check_of_what_is_not_determined():
    """Without a spread of the effect there is no prediction; the printed value stays."""
    found = reported.fit(
        cost=COST, icer=RATIO, checks={"p_cost_effective": {0: "1.00"}, "probability_above": {0: "0.00"}}
    )

    assert [(each.printed, each.predicted, each.range, each.consistent) for each in found.checks] == [
        (1.0, None, None, None),
        (0.0, None, None, None),
    ]


def test_silent_where_nothing_can_be_weighed():
    """A bound alone, or assumptions alone beside one, determines nothing and breaks nothing."""
    found = reported.fit(p_cost_effective={20_000: "1.00"})

    assert found.undetermined == NAMES
    assert found.rank == 0


def test_every_parameter_assumed():
    """With all five assumed, one statistic is only held against them."""
    held = {
        name: hecon.Assumed(value, (value, value), "x")
        for name, value in zip(NAMES, (100, "0.1", 30, "0.05", 0), strict=True)
    }
    found = reported.fit(p_cost_effective={0: "0.00"}, assume=held)

    assert found.theta == (100, 0.1, 30, 0.05, 0)


def test_an_interval_of_round_numbers_is_off_centre_to_a_fit_but_not_to_an_audit():
    """A fit takes every digit as meant; an audit, which accuses a source, takes zeros at the end for rounding."""
    mean, low, high = 1200, -400, 2900
    (interval,) = reported.fit(cost=hecon.Difference(mean, ci=(low, high))).intervals

    assert not interval.centred
    assert PrintedInterval(mean, low, high).centred
    assert not PrintedInterval(1201, low, high).centred
