"""The published trials: what their printed figures determine, told by figures worked out independently."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.stats import norm

import hecon
from hecon import reported
from hecon.errors import ContradictionError, InputError, UnderdeterminedError
from hecon.reported.fits import fit_of
from hecon.reported.predictions import design_effect_probability

RHO = hecon.Assumed(0, range=("-0.5", "0.5"), reason="cost and QALY were not reported jointly")

# ESCAPE, exercise therapy minus surgery, societal, 24 months: BJSM 2020;54:538-545, and the Zorginstituut's progress
# report of 22 March 2024 for the probabilities.
ESCAPE = {"cost": hecon.Difference(-1803, ci=(-3008, -838)), "icer": hecon.Ratio(61_584, quadrant="SW")}
CURVE = {10_000: "0.99", 80_000: "0.40"}

# ACL SNNAP, surgery minus rehabilitation, NHS, 18 months: Bone Joint J 2024;106-B(1):38-45.
SNNAP_COST = hecon.Difference(1017, ci=(557, 1476))

# COMPARE, early surgery minus rehabilitation, societal, 24 months: BJSM 2022;56:24-28.
COMPARE = {"cost": hecon.Arms(mean=(14_951, 11_558), sd=(10_004, 10_579), n=(85, 82)), "icer": 78_179}
SISTERS = hecon.Assumed("0.045", range=("0.033", "0.053"), reason="sister trials' SD per patient")

# Coach2Move, healthcare, 12 months: Phys Ther 2022;102(12):pzac138.
COACH = {
    "cost": hecon.Difference(800, ci=(-1234, 2824)),
    "effect": hecon.Difference("0.09", ci=("-0.00", "0.18")),
    "assume": {"correlation": RHO},
}


def closed_form(theta, wtp):
    """Return P(λΔE − ΔC > 0) under normality, written out."""
    cost, effect, cost_se, effect_se, rho = theta
    variance = (wtp * effect_se) ** 2 + cost_se**2 - 2 * wtp * rho * effect_se * cost_se
    return float(norm.cdf((wtp * effect - cost) / math.sqrt(variance)))


# ESCAPE ---------------------------------------------------------------------------------------------------------------


def test_escape_has_one_point_solution():
    """ΔE = −1,803 / 61,584; σ_C = 2,170 / 3.92; the two probabilities give σ_E ≈ 0.0243 and ρ ≈ −0.21."""
    found = reported.fit(**ESCAPE, p_cost_effective=CURVE)

    assert found.theta[0] == pytest.approx(-1803)
    assert found.theta[1] == pytest.approx(-0.029277, abs=1e-6)
    assert found.theta[2] == pytest.approx(553.58, abs=0.01)
    assert found.theta[3] == pytest.approx(0.0243, abs=5e-5)
    assert found.theta[4] == pytest.approx(-0.21, abs=0.005)
    assert max(abs(each.residual) for each in found.statistics) < 1e-6
    assert [closed_form(found.theta, wtp) for wtp in CURVE] == pytest.approx([0.99, 0.40], abs=1e-9)


def test_escape_solved_by_hand():
    """Two equations linear in σ_E² and the covariance, from the variances of net benefit that 0.99 and 0.40 imply."""
    cost, cost_se = -1803, 2170 / (2 * norm.ppf(0.975))
    effect = cost / 61_584
    # λ²σ_E² − 2λc + σ_C² = ((λΔE − ΔC) / Φ⁻¹(p))²
    rows = [[wtp**2, -2 * wtp] for wtp in CURVE]
    sides = [((wtp * effect - cost) / norm.ppf(float(p))) ** 2 - cost_se**2 for wtp, p in CURVE.items()]
    variance, covariance = np.linalg.solve(rows, sides)
    found = reported.fit(**ESCAPE, p_cost_effective=CURVE)

    assert found.theta[3] == pytest.approx(math.sqrt(variance), rel=1e-6)
    assert found.theta[4] == pytest.approx(covariance / cost_se / math.sqrt(variance), rel=1e-6)


def test_what_rounding_leaves_of_escape():
    """Rounding alone allows σ_E 0.021 to 0.028, ρ −0.598 to 0.136 and P at 20,000 of 0.916 to 0.957.

    The corners of the rounding box, each solved by hand as above and by brute force over four million points within
    it, give −0.5983 to 0.1355 and 0.9159 to 0.9566.
    """
    found = reported.fit(**ESCAPE, p_cost_effective=CURVE)

    assert found.parameters["effect_se"].range == pytest.approx((0.02056, 0.02812), abs=1e-5)
    assert found.parameters["correlation"].range == pytest.approx((-0.5983, 0.1355), abs=1e-4)
    assert reported.probability_range(found, wtp=20_000) == pytest.approx((0.9159, 0.9566), abs=1e-4)


def test_the_checks_of_escape():
    """P(QALY loss within 0.057) is 0.87 (0.84 to 0.91) where 0.89 was printed; P at 0 is 0.999 where 1.00 was."""
    checks = {"probability_above": {"-0.057": "0.89"}, "p_cost_effective": {0: "1.00"}}
    within, at_zero = reported.fit(**ESCAPE, p_cost_effective=CURVE, checks=checks).checks

    assert within.predicted == pytest.approx(0.873, abs=0.001)
    assert within.range == pytest.approx((0.838, 0.911), abs=0.001)
    assert within.printed == 0.89
    assert at_zero.predicted == pytest.approx(0.9994, abs=1e-4)
    assert (within.consistent, at_zero.consistent) == (True, True)


def test_escape_without_correlation_does_not_print_as_published():
    """With ρ = 0 and σ_E from the 0.89 alone, P at 80,000 is 0.388: it would print as 0.39, not as 0.40."""
    constant = hecon.Assumed(0, range=(0, 0), reason="the simplest")
    found = reported.fit(
        **ESCAPE,
        probability_above={"-0.057": "0.89"},
        assume={"correlation": constant},
        checks={"p_cost_effective": {10_000: "0.99", 80_000: "0.40"}},
    )

    assert found.theta[3] == pytest.approx(0.0226, abs=5e-5)
    assert reported.probability(found, wtp=80_000) == pytest.approx(0.388, abs=5e-4)
    assert [each.predicted for each in found.checks] == pytest.approx([0.994, 0.388], abs=5e-4)
    assert found.checks[1].range == pytest.approx((0.3855, 0.3900), abs=1e-4)


def test_escape_is_skewed():
    """The interval's midpoint is −1,923, so its halves imply 492 and 615 where the width implies 554."""
    (interval,) = reported.fit(**ESCAPE, p_cost_effective=CURVE).intervals

    assert (interval.low + interval.high) / 2 == -1923
    assert not interval.centred
    assert interval.se_from_halves == pytest.approx((492.4, 614.8), abs=0.1)


def test_escape_in_draws():
    """100,000 draws: P at 20,000 of 0.934 and a curve through the printed points."""
    draws = hecon.from_reported("exercise", "surgery", **ESCAPE, p_cost_effective=CURVE, rng=0)
    shares = hecon.ceac(draws, wtp=[10_000, 20_000, 80_000]).sel(strategy="exercise").values

    assert shares == pytest.approx([0.99, 0.934, 0.40], abs=0.006)
    assert json.loads(json.dumps(draws.attrs["fit"]))["parameters"]["effect_se"]["status"] == "derived"


# ACL SNNAP ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ("0.0525", (0.52, 0.71)),  # the interval's midpoint; the printed ratio of 19,346 implies 0.0526
        ("0.052", (0.51, 0.70)),
    ],
)
def test_snnap_reproduces_its_probabilities(effect, expected):
    """With ρ = 0: 0.52 at £20,000 and 0.71 at £30,000, where 0.51 and 0.72 were printed."""
    found = reported.fit(
        cost=SNNAP_COST, effect=hecon.Difference(effect, ci=("-0.012", "0.117")), assume={"correlation": RHO}
    )

    assert [reported.probability(found, wtp=wtp) for wtp in (20_000, 30_000)] == pytest.approx(expected, abs=0.005)


NEARLY = "agrees within approximation"


@pytest.mark.parametrize(("effect", "grades"), [("0.052", ["agrees", "agrees"]), ("0.0525", [NEARLY, "agrees"])])
def test_snnap_probabilities_as_checks(effect, grades):
    """0.51 and 0.72 follow from the printed 0.052; from 0.0525 the former only nearly, at any ρ from −0.5 to 0.5.

    Net benefit at £20,000 is 33 and its standard error at most 792 at ρ = −0.5: at least Φ(0.04) = 0.516, which is
    0.001 beyond what rounds to 0.51, and within 0.03 for normality and √(0.516 × 0.484 / 1000) = 0.016.
    """
    found = reported.fit(
        cost=SNNAP_COST,
        effect=hecon.Difference(effect, ci=("-0.012", "0.117")),
        assume={"correlation": RHO},
        checks={"p_cost_effective": {20_000: "0.51", 30_000: "0.72"}},
    )

    assert [each.grade for each in found.checks] == grades
    assert all(each.consistent for each in found.checks)
    first = found.checks[0]
    assert first.gap == pytest.approx(max(first.range[0] - 0.515, 0.0))
    assert first.gap < 0.002
    if first.gap:
        assert first.tolerance == pytest.approx(0.03 + math.sqrt(first.range[0] * (1 - first.range[0]) / 1000))


def snnap_check(printed, **arguments):
    """Return the check of a probability at £30,000 of SNNAP: 0.68 to 0.74 is predicted."""
    found = reported.fit(
        cost=SNNAP_COST,
        effect=hecon.Difference("0.052", ci=("-0.012", "0.117")),
        assume={"correlation": RHO},
        checks={"p_cost_effective": {30_000: printed}},
        **arguments,
    )
    return found.checks[0]


@pytest.mark.parametrize(
    ("printed", "side", "grade"),
    [("0.66", 1, NEARLY), ("0.60", 1, "not consistent"), ("0.78", -1, NEARLY), ("0.85", -1, "not consistent")],
)
def test_a_check_says_by_how_much_and_on_which_side(printed, side, grade):
    """The gap is above 0 where the prediction lies above what was printed, and is measured beyond rounding."""
    check = snnap_check(printed)
    edge = float(printed) + 0.005 * side
    nearest = check.range[0] if side > 0 else check.range[1]

    assert check.gap == pytest.approx(nearest - edge)
    assert math.copysign(1, check.gap) == side
    assert (check.grade, check.consistent) == (grade, grade == NEARLY)


def test_more_replicates_leave_less_to_the_bootstrap():
    """A gap of 0.04 is within 0.03 and the error of 1,000 replicates, not within that of 100,000."""
    by_chance, surely = snnap_check("0.640"), snnap_check("0.640", replicates=100_000)

    assert 0.035 < by_chance.gap == surely.gap < 0.05
    assert (by_chance.grade, surely.grade) == (NEARLY, "not consistent")
    assert by_chance.tolerance - 0.03 == pytest.approx(10 * (surely.tolerance - 0.03))


@pytest.mark.parametrize(
    ("ratio", "grade"),
    [(19_558, "agrees"), (19_362, "agrees"), (19_346, NEARLY), (19_306, NEARLY), (19_100, "not consistent")],
)
def test_a_ratio_kept_as_a_check(ratio, grade):
    """1,017 / 0.052 is 19,558, from 19,362 to 19,757 within rounding; 0.0526 cut off to 0.052 explains 19,346.

    Cut off after three decimals the effect may be 0.053: from 1,016.5 / 0.053 = 19,179 on.
    """
    found = reported.fit(cost=SNNAP_COST, effect=hecon.Difference("0.052"), checks={"icer": ratio})
    (check,) = found.checks

    assert check.predicted == pytest.approx(1017 / 0.052)
    assert check.range == pytest.approx((1016.5 / 0.0525, 1017.5 / 0.0515), rel=1e-6)
    assert (check.grade, check.name) == (grade, "icer")
    assert check.gap == pytest.approx(max(0.0, check.range[0] - ratio - 0.5), abs=1e-3)


def test_a_ratio_of_an_effect_that_may_be_0_is_not_graded():
    """Any ratio is possible where the effect rounds to 0."""
    (check,) = reported.fit(cost=SNNAP_COST, effect=hecon.Difference("0.00"), checks={"icer": 5}).checks

    assert (check.range, check.grade, check.consistent) == (None, None, None)


def test_checks_outlive_json():
    """Gap, tolerance and grade come back as they were; fits written without them still read."""
    draws = hecon.from_reported(
        "surgery",
        "rehabilitation",
        cost=SNNAP_COST,
        effect=hecon.Difference("0.052", ci=("-0.012", "0.117")),
        assume={"correlation": RHO},
        checks={"p_cost_effective": {30_000: "0.60"}, "icer": 19_346},
        n_draws=10,
        rng=1,
    )
    plain = json.loads(json.dumps(draws.attrs["fit"]))

    assert fit_of(draws.assign_attrs(fit=plain)).checks == fit_of(draws).checks
    for each in plain["checks"]:
        del each["gap"], each["tolerance"], each["grade"]
    assert [each.grade for each in fit_of(draws.assign_attrs(fit=plain)).checks] == [None, None]


def test_snnap_p_value_contradicts_its_interval():
    """−0.012 to 0.117 around 0.052 implies p = 0.11; 0.177 was printed."""
    with pytest.raises(ContradictionError, match=r"effect p value: printed 0\.177"):
        reported.fit(effect=hecon.Difference("0.052", ci=("-0.012", "0.117"), p="0.177"))
    assert reported.fit(effect=hecon.Difference("0.052", ci=("-0.012", "0.117"), p="0.11")).theta[3] > 0


@pytest.mark.slow
def test_snnap_ratio_does_not_follow_from_its_rounded_effect():
    """1,017 / 19,346 is 0.0526, which prints as 0.053; 0.052 was printed."""
    with pytest.raises(ContradictionError, match=r"effect difference: printed 0\.052, fitted 0\.0525"):
        reported.fit(cost=SNNAP_COST, effect=hecon.Difference("0.052"), icer=19_346)


def test_snnap_misprinted_interval_is_refused():
    """4,538 to 1,508 around 1,023 is upside down; 538 to 1,508 is centred on 1,023."""
    with pytest.raises(InputError, match=r"^ci must run from low to high, got 4538 to 1508: upside down$"):
        hecon.Difference(1023, ci=(4538, 1508))
    (interval,) = reported.fit(cost=hecon.Difference(1023, ci=(538, 1508))).intervals
    assert interval.centred


# COMPARE --------------------------------------------------------------------------------------------------------------


def test_compare_from_its_arms():
    """14,951 − 11,558 = 3,393; √(10,004²/85 + 10,579²/82) = 1,594; 3,393 / 78,179 = 0.0434."""
    found = reported.fit(**COMPARE)

    assert found.theta[0] == 3393
    assert found.theta[1] == pytest.approx(0.0434, abs=1e-6)
    assert found.theta[2] == pytest.approx(math.sqrt(10_004**2 / 85 + 10_579**2 / 82), rel=1e-9)
    assert found.theta[2] == pytest.approx(1594, abs=0.5)
    assert found.undetermined == ("effect_se", "correlation")


def test_compare_over_its_assumptions():
    """P at 20,000: 0.07 to 0.09 over σ_E at ρ = 0, and 0.03 to 0.14 with both varied; 0.0717 to 0.0936 by hand."""
    found = reported.fit(**COMPARE, assume={"effect_se": SISTERS, "correlation": RHO})
    by_hand = [closed_form((3393, 3393 / 78_179, found.theta[2], se, 0), 20_000) for se in (0.033, 0.053)]

    assert reported.probability_range(found, wtp=20_000, vary=["effect_se"]) == pytest.approx(by_hand, abs=2e-4)
    assert by_hand == pytest.approx([0.0717, 0.0936], abs=1e-4)
    assert reported.probability_range(found, wtp=20_000) == pytest.approx((0.034, 0.138), abs=5e-4)


def test_compare_stands_on_the_edge_at_80_000():
    """The ratio is 78,179: at 80,000 net benefit is +79 and P ≈ 0.51, at 50,000 it is negative."""
    found = reported.fit(**COMPARE, assume={"effect_se": SISTERS, "correlation": RHO})

    assert reported.net_benefit_range(found, wtp=80_000) == pytest.approx((79, 79), abs=0.1)
    assert reported.probability(found, wtp=80_000) == pytest.approx(0.51, abs=0.005)
    assert reported.probability_range(found, wtp=80_000)[0] > 0.5
    assert reported.net_benefit_range(found, wtp=50_000)[1] < 0


def test_compare_in_the_healthcare_perspective():
    """48,460 per QALY for 0.0434 QALY is € 2,103: a point estimate, worth it at 50,000."""
    found = reported.fit(effect=hecon.Difference("0.0434"), icer=48_460)

    assert found.theta[0] == pytest.approx(2103, abs=0.5)
    assert 50_000 * found.theta[1] - found.theta[0] > 0
    assert found.undetermined == ("cost_se", "effect_se", "correlation")


# STARR ----------------------------------------------------------------------------------------------------------------


def test_starr_from_its_ratio():
    """−223,372 per QALY for € 1,022 more is −0.0046 QALY: surgery is dominated (Bone Joint J 2023;105-B(11))."""
    found = reported.fit(cost=hecon.Difference(1022), icer=-223_372)

    assert found.theta[1] == pytest.approx(-0.0046, abs=5e-5)
    assert reported.net_benefit_range(found, wtp=20_000)[1] < 0


def test_starr_needs_a_spread_of_its_costs():
    """No spread of the cost was reported: it must be assumed, with a reason."""
    effect = hecon.Difference("-0.005", ci=("-0.14", "0.13"))
    with pytest.raises(UnderdeterminedError) as caught:
        hecon.from_reported("surgery", "therapy", cost=hecon.Difference(1022), effect=effect, icer=-223_372)

    assert caught.value.parameters == ("cost_se", "correlation")


@pytest.mark.parametrize(("ci", "centred"), [(("-0.13", "0.14"), False), (("-0.14", "0.13"), True)])
def test_the_sign_of_starr_interval(ci, centred):
    """−0.13 to 0.14 is centred on +0.005: it reads as therapy minus surgery, and is flipped for surgery minus therapy.

    Around −0.005 the interval as printed holds its mean and contradicts nothing, but is not centred on it.
    """
    found = reported.fit(cost=hecon.Difference(1022), effect=hecon.Difference("-0.005", ci=ci), icer=-223_372)

    assert found.intervals[0].centred is centred
    assert found.theta[3] == pytest.approx(0.0689, abs=1e-4)
    assert found.parameters["delta_effect"].range == pytest.approx((-0.00458, -0.00457), abs=1e-5)


# Coach2Move -----------------------------------------------------------------------------------------------------------


def test_coach2move_without_correlation():
    """σ_C = 4,058 / 3.92, σ_E = 0.18 / 3.92; P at 20,000 ≈ 0.76 with ρ = 0 and ΔE 800 / 8,993."""
    found = reported.fit(**COACH, icer=8993)

    assert found.theta[:4] == pytest.approx((800, 0.0890, 1035.2, 0.0459), rel=1e-3)
    assert [reported.probability(found, wtp=wtp) for wtp in (10_000, 20_000, 50_000, 80_000)] == pytest.approx(
        [0.53, 0.76, 0.93, 0.95], abs=0.006
    )
    assert reported.probability(reported.fit(**COACH), wtp=20_000) == pytest.approx(0.765, abs=5e-4)


def test_coach2move_over_the_correlation():
    """P at 20,000 is 0.72 to 0.84 over ρ from −0.5 to 0.5, a little more with what rounding leaves."""
    found = reported.fit(**COACH, icer=8993)
    by_hand = [closed_form((*found.theta[:4], rho), 20_000) for rho in (-0.5, 0.5)]
    low, high = reported.probability_range(found, wtp=20_000)

    assert by_hand == pytest.approx([0.72, 0.84], abs=0.005)
    assert (low, high) == pytest.approx(by_hand, abs=0.006)
    assert low < by_hand[0] < by_hand[1] < high


@pytest.mark.parametrize(("factor", "expected"), [(1.2, 0.74), (4.6, 0.63)])
def test_coach2move_if_intervals_ignore_the_clusters(factor, expected):
    """Design effects of 1.2 and 4.6 scale both standard errors: 0.74 and 0.63 at 20,000."""
    found = reported.fit(**COACH, icer=8993)
    theta = np.array(found.theta) * [1, 1, math.sqrt(factor), math.sqrt(factor), 1]

    assert closed_form(theta, 20_000) == pytest.approx(expected, abs=0.005)
    assert design_effect_probability(found, wtp=20_000, design_effect=factor) == pytest.approx(
        closed_form(theta, 20_000), rel=1e-9
    )


def test_the_lower_end_of_coach2move_was_below_0():
    """−0.00 to 0.18 leaves the width 0.175 to 0.19."""
    low, high = reported.fit(**COACH).parameters["effect_se"].range

    assert (low, high) == pytest.approx((0.175 / 3.919928, 0.19 / 3.919928), rel=1e-5)


# KANON ----------------------------------------------------------------------------------------------------------------


def test_kanon_from_its_p_values():
    """4,695 / 1.311 = 3,582 and 0.13 / 1.598 = 0.081; the ratio is 36,115 (BJSM 2016;50(9):558-563)."""
    found = reported.fit(
        cost=hecon.Difference(4695, p="0.19"),
        effect=hecon.Difference("0.13", p="0.11"),
        assume={"correlation": RHO},
    )

    assert found.theta[2] == pytest.approx(3582, abs=1)
    assert found.theta[3] == pytest.approx(0.081, abs=5e-4)
    assert found.theta[0] / found.theta[1] == pytest.approx(36_115, abs=1)
