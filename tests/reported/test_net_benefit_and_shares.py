"""Net benefit with its interval, and shares per quadrant: closed forms, what they determine, and what is refused."""

from __future__ import annotations

import itertools
import json
import math
import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm
from strategies import examples

import hecon
from hecon import reported
from hecon.errors import ContradictionError, InputError
from hecon.reported._constraints import SIGNS, both_below, quadrant_score
from hecon.reported.fits import fit_of

NAMES = ("delta_cost", "delta_effect", "cost_se", "effect_se", "correlation")
THETA = (-1803.4, -0.0304, 1553.7, 0.02431, 0.213)


def naive_shares(theta, n=400_000):
    """Return the share of each quadrant among draws of the bivariate normal, counted."""
    cost, effect, cost_se, effect_se, rho = theta
    between = rho * cost_se * effect_se
    draws = np.random.default_rng(3).multivariate_normal(
        [cost, effect], [[cost_se**2, between], [between, effect_se**2]], n
    )
    north, east = draws[:, 0] > 0, draws[:, 1] > 0
    return {"NE": (north & east).mean(), "SE": (~north & east).mean(), "SW": (~north & ~east).mean(),
            "NW": (north & ~east).mean()}  # fmt: skip


def exact_shares(theta):
    """Return the same by SciPy's distribution function of the bivariate normal."""
    cost, effect, cost_se, effect_se, rho = theta
    found = {}
    for name in SIGNS:
        north, east = (1 if name[0] == "N" else -1), (1 if name[1] == "E" else -1)
        between = north * east * rho
        upper = [north * cost / cost_se, east * effect / effect_se]
        found[name] = float(multivariate_normal([0, 0], [[1, between], [between, 1]]).cdf(upper))
    return found


def printed(shares, digits):
    return {name: f"{share:.{digits}f}" for name, share in shares.items()}


def net_benefit(theta, wtp):
    """Return mean and standard error of λΔE − ΔC, written out."""
    cost, effect, cost_se, effect_se, rho = theta
    variance = (wtp * effect_se) ** 2 + cost_se**2 - 2 * rho * wtp * effect_se * cost_se
    return wtp * effect - cost, float(np.sqrt(variance))


def with_interval(theta, wtp, digits=0, level=0.95):
    mean, se = net_benefit(theta, wtp)
    half = norm.ppf(0.5 + level / 2) * se
    return hecon.Difference(
        f"{mean:.{digits}f}", ci=(f"{mean - half:.{digits}f}", f"{mean + half:.{digits}f}"), level=level
    )


@st.composite
def truths(draw):
    """Return θ with a share of at least half a percent in every quadrant."""
    cost_se, effect_se = 10.0 ** draw(st.floats(0, 5)) * 1.013, 10.0 ** draw(st.floats(-4, 1)) * 0.987
    z_cost, z_effect = (draw(st.floats(0.1, 0.9)) * draw(st.sampled_from([1, -1])) for _ in range(2))
    theta = (z_cost * cost_se, z_effect * effect_se, cost_se, effect_se, draw(st.floats(-0.5, 0.5)))
    assume(min(exact_shares(theta).values()) > 0.005)
    return theta


# Closed forms ---------------------------------------------------------------------------------------------------------


@examples(60)
@given(st.floats(-4, 4), st.floats(-4, 4), st.floats(-0.99, 0.99))
def test_the_bivariate_normal_is_that_of_scipy(h, k, rho):
    """Owen's functions against numerical integration, over all signs."""
    assert both_below(h, k, rho) == pytest.approx(
        multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([h, k]), abs=1e-9
    )


@pytest.mark.parametrize("tiny", [5e-324, 1e-323, 1e-310, 1e-160, 1e-17])
@pytest.mark.parametrize("rho", [-0.99, -0.5, 0.0, 0.3, 0.5, 0.875])
def test_a_tiny_limit_is_the_limit_at_zero(tiny, rho):
    """Down to the smallest number there is, where a product with ρ rounds to the number itself."""
    origin = 0.25 + math.asin(rho) / (2 * math.pi)
    for first, second in itertools.product((-tiny, 0.0, tiny), repeat=2):
        assert both_below(first, second, rho) == pytest.approx(origin, abs=1e-15)
    for one in (-1.3, 1.3):
        assert both_below(one, tiny, rho) == pytest.approx(both_below(one, 0.0, rho), abs=1e-15)
        assert both_below(-tiny, one, rho) == pytest.approx(both_below(0.0, one, rho), abs=1e-15)


def test_the_bivariate_normal_at_the_origin_and_on_the_axes():
    """1/4 + asin(ρ)/2π at the origin; Φ(k)/2 on an axis without correlation."""
    assert both_below(0.0, 0.0, 0.5) == pytest.approx(1 / 3)
    for k in (1.3, -1.3):
        assert both_below(0.0, k, 0.0) == pytest.approx(norm.cdf(k) / 2)
        assert both_below(k, 0.0, 0.0) == pytest.approx(norm.cdf(k) / 2)
        assert both_below(0.0, k, -0.6) + both_below(0.0, k, 0.6) == pytest.approx(norm.cdf(k))


def test_shares_are_those_of_a_naive_simulation():
    """What the fit predicts, SciPy's integral, and 400,000 counted draws."""
    counted, exact = naive_shares(THETA), exact_shares(THETA)
    found = {name: float(norm.cdf(quadrant_score(np.array(THETA), name)[0])) for name in SIGNS}

    assert found == pytest.approx(exact, abs=1e-9)
    assert found == pytest.approx(counted, abs=0.003)
    assert sum(found.values()) == pytest.approx(1)


@examples(40)
@given(truths(), st.sampled_from(sorted(SIGNS)))
def test_the_gradient_of_a_share(theta, name):
    """Each slope against a central difference."""
    theta = np.array(theta)
    _, gradient = quadrant_score(theta, name)
    for place in range(5):
        step = np.zeros(5)
        step[place] = 1e-6 * (theta[2 + place] if place < 2 else theta[place] if place < 4 else 1.0)
        slope = (quadrant_score(theta + step, name)[0] - quadrant_score(theta - step, name)[0]) / (2 * step[place])
        assert gradient[place] * step[place] == pytest.approx(slope * step[place], abs=1e-11)


@pytest.mark.parametrize(
    "theta", [(9e4, 0.3, 1e4, 0.03, 0.2), (9e4, -0.3, 1e4, 0.03, -0.9), (-7e4, 0.02, 1e4, 0.03, 0.9)]
)
def test_the_score_of_a_share_that_is_all_but_0_or_1_still_leads_back(theta):
    """Where the probability has lost its digits the score falls on, and each step along its slope raises it."""
    theta = np.array(theta)
    for name in SIGNS:
        value, gradient = quadrant_score(theta, name)
        scaled = gradient * [theta[2], theta[3], 0.0, 0.0, 0.0]
        step = np.array([theta[2], theta[3], 0, 0, 0]) * scaled / np.linalg.norm(scaled)
        after, _ = quadrant_score(theta + 0.1 * step, name)
        assert np.isfinite([value, *gradient]).all()
        assert after > value


# Round trips ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@examples(15)
@given(truths())
def test_means_and_shares_determine_errors_and_correlation(theta):
    """Mean differences and the four shares are five equations for five parameters."""
    found = reported.fit(
        cost=hecon.Difference(theta[0]), effect=hecon.Difference(theta[1]), quadrant_shares=exact_shares(theta)
    )

    assert found.undetermined == ()
    assert found.theta[:4] == pytest.approx(theta[:4], rel=1e-3)
    assert found.theta[4] == pytest.approx(theta[4], abs=1e-3)


@pytest.mark.slow
@examples(15)
@given(truths())
def test_three_shares_are_as_good_as_four_and_printed_ones_leave_a_range_with_the_truth(theta):
    """In two decimals; the fourth share is what is left over."""
    shares = printed(exact_shares(theta), 2)
    del shares["SW"]
    found = reported.fit(
        cost=hecon.Difference(theta[0], se=theta[2]), effect=hecon.Difference(theta[1]), quadrant_shares=shares
    )
    low, high = found.parameters["correlation"].range
    least, most = found.parameters["effect_se"].range

    assert found.undetermined == ()
    assert low - 1e-6 <= theta[4] <= high + 1e-6
    assert least * (1 - 1e-6) <= theta[3] <= most * (1 + 1e-6)


@pytest.mark.slow
@examples(15)
@given(truths())
def test_net_benefit_at_three_values_determines_all(theta):
    """Means at two values give both differences, standard errors at three the variances and the covariance."""
    exchange = theta[2] / theta[3]
    values = [0, float(0.8 * exchange), float(2.1 * exchange)]
    printed_benefits = {
        wtp: hecon.Difference(*net_benefit(theta, wtp)[:1], se=net_benefit(theta, wtp)[1]) for wtp in values
    }
    found = reported.fit(net_benefit=printed_benefits)

    assert found.undetermined == ()
    assert found.theta[:4] == pytest.approx(theta[:4], rel=1e-4)
    assert found.theta[4] == pytest.approx(theta[4], abs=1e-4)


@pytest.mark.slow
@examples(15)
@given(truths(), st.sampled_from([0.9, 0.95, 0.99]))
def test_an_interval_of_net_benefit_gives_the_correlation(theta, level):
    """Both intervals and that of net benefit, with eight digits."""
    wtp = float(1.3 * theta[2] / theta[3])
    mean, se = net_benefit(theta, wtp)
    half = norm.ppf(0.5 + level / 2) * se
    found = reported.fit(
        cost=hecon.Difference(theta[0], se=theta[2]),
        effect=hecon.Difference(theta[1], se=theta[3]),
        net_benefit={wtp: hecon.Difference(mean, ci=(mean - half, mean + half), level=level)},
    )

    assert found.theta[4] == pytest.approx(theta[4], abs=1e-4)
    assert {each.kind for each in found.parameters["correlation"].rests_on} >= {"interval_width"}


@pytest.mark.slow
def test_net_benefit_as_printed_leaves_the_range_that_its_rounding_does():
    """The correlation from a printed interval, against every combination of ends that rounds to it."""
    wtp = 20_000
    found = reported.fit(
        cost=hecon.Difference("-1803.4", se="1553.7"),
        effect=hecon.Difference("-0.0304", se="0.02431"),
        net_benefit={wtp: with_interval(THETA, wtp)},
    )
    low, high = (float(end) for end in with_interval(THETA, wtp).ci)
    possible = [
        ((wtp * effect_se) ** 2 + cost_se**2 - (width / (2 * norm.ppf(0.975))) ** 2) / (2 * wtp * cost_se * effect_se)
        for width in np.linspace(high - low - 1, high - low + 1, 41)
        for cost_se in np.linspace(1553.65, 1553.75, 11)
        for effect_se in np.linspace(0.024305, 0.024315, 11)
    ]

    assert found.parameters["correlation"].range == pytest.approx((min(possible), max(possible)), abs=1e-6)
    assert found.parameters["correlation"].range[0] <= THETA[4] <= found.parameters["correlation"].range[1]


def test_net_benefit_per_arm_and_its_p_value():
    """Means 900 − 400; σ² = 30²/9 + 40²/16 = 200; and a p value of the difference."""
    arms = hecon.Arms(mean=(900, 400), sd=(30, 40), n=(9, 16))
    found = reported.fit(cost=hecon.Difference(100), net_benefit={10_000: arms})
    by_p = reported.fit(
        cost=hecon.Difference("100.00", se="10.000"),
        effect=hecon.Difference("0.0600"),
        correlation=0,
        net_benefit={10_000: hecon.Difference("500.0", p="0.0455003")},
    )

    assert found.parameters["delta_effect"].value == pytest.approx((500 + 100) / 10_000)
    assert [(str(each.key), each.printed) for each in found.statistics[1:]] == [
        ("net benefit difference of arm means at 10000", 500),
        ("net benefit standard error from SD and n at 10000", pytest.approx(np.sqrt(200))),
    ]
    assert by_p.theta[3] * 10_000 == pytest.approx(np.sqrt(250.0**2 - 10.0**2), rel=1e-4)


@pytest.mark.slow
def test_two_shares_are_what_they_are():
    """South is SE + SW: both give Φ(−μ_C/σ_C), and leave the effect and the correlation open."""
    shares = exact_shares(THETA)
    two = {name: f"{shares[name]:.6f}" for name in ("SE", "SW")}
    found = reported.fit(
        cost=hecon.Difference(THETA[0]), effect=hecon.Difference(THETA[1], se=THETA[3]), quadrant_shares=two
    )
    alone = reported.fit(cost=hecon.Difference(THETA[0]), quadrant_shares=two)

    assert found.theta == pytest.approx(THETA, rel=1e-3)
    assert "correlation" in alone.undetermined


def test_shares_that_are_printed_as_0_only_bound():
    """0.00 is anything below 0.005: no parameter rests on it."""
    found = reported.fit(
        cost=hecon.Difference(-1803, se=400), effect=hecon.Difference("-0.0300", se="0.0100"), correlation="0.1",
        quadrant_shares={"NE": "0.00", "NW": "0.00"},
    )  # fmt: skip

    assert [each.printed for each in found.statistics if each.key.kind == "p_quadrant"] == [None, None]
    assert all("quadrant" not in str(key) for each in found.parameters.values() for key in each.rests_on)


def test_shares_and_net_benefit_make_draws_that_have_them():
    """To the draws and back: the fit in their attributes, the shares among them."""
    shares = printed(exact_shares(THETA), 3)
    draws = hecon.from_reported(
        "new", "usual", cost=hecon.Difference(-1803), effect=hecon.Difference("-0.0304"), quadrant_shares=shares, rng=1
    )
    counted = hecon.icer(draws)
    cost, effect = (draws[name].sel(strategy="new").values for name in ("cost", "effect"))

    assert fit_of(draws).to_json() == draws.attrs["fit"]
    assert ((cost < 0) & (effect < 0)).mean() == pytest.approx(float(shares["SW"]), abs=0.006)
    assert counted["quadrant"].item() == "SW"


def test_shares_kept_as_checks_are_predicted():
    """One that agrees and one that does not, each by the range over rounding."""
    theta = (-1800.0, -0.030, 1554.0, 0.0243, 0.21)
    shares = printed(exact_shares(theta), 2)
    about = {
        "cost": hecon.Difference("-1800", se="1554"),
        "effect": hecon.Difference("-0.0300", se="0.0243"),
        "correlation": "0.210",
    }
    found = reported.fit(**about, checks={"quadrant_shares": {"SW": shares["SW"], "NE": "0.20"}})
    unknown = reported.fit(cost=hecon.Difference(-1800), checks={"quadrant_shares": {"SW": "0.80"}})

    assert [(str(each.key), each.grade) for each in found.checks] == [
        ("quadrant_shares of SW", "agrees"),
        ("quadrant_shares of NE", "not consistent"),
    ]
    assert found.checks[0].predicted == pytest.approx(exact_shares(theta)["SW"], abs=1e-9)
    assert unknown.checks[0].predicted is None


BESIDE = {
    "cost": hecon.Difference("-1803.4", se="1553.7"),
    "effect": hecon.Difference("-0.0304", se="0.02431"),
    "correlation": "0.213",
}


@pytest.mark.parametrize("wtp", [0, 20_000, 80_000])
def test_net_benefit_kept_as_a_check_is_predicted(wtp):
    """Mean, standard error and p value are those of the closed form, and what follows from θ agrees."""
    mean, se = net_benefit(THETA, wtp)
    p = 2 * norm.sf(abs(mean) / se)
    printed_ = hecon.Difference(f"{mean:.0f}", se=f"{se:.0f}", p=f"{p:.3f}")
    found = reported.fit(**BESIDE, checks={"net_benefit": {wtp: (printed_, with_interval(THETA, wtp))}})
    expected = {"delta_net_benefit": mean, "net_benefit_se": se, "net_benefit_z": p}

    assert [each.kind for each in found.checks] == [*expected, "delta_net_benefit", "net_benefit_se"]
    for each in found.checks:
        assert each.grade == "agrees", each
        assert each.predicted == pytest.approx(expected[each.kind], rel=1e-6, abs=1e-6)
        assert each.range[0] <= each.predicted <= each.range[1]
    assert found.theta == pytest.approx(THETA, rel=1e-9)


@pytest.mark.parametrize(
    ("share", "replicates", "grade"),
    [(1.0, 1000, "agrees"), (1.05, 1000, "agrees within approximation"), (1.05, 100_000, "not consistent"),
     (0.95, 1000, "agrees within approximation"), (0.90, 1000, "not consistent")],
)  # fmt: skip
def test_a_standard_error_of_net_benefit_has_the_room_of_normality_and_the_bootstrap(share, replicates, grade):
    """0.03 and 1/√1000 = 0.032 of it; 1/√100,000 is 0.003."""
    _, se = net_benefit(THETA, 20_000)
    printed_ = hecon.Difference(1195, se=f"{share * se:.2f}")
    found = reported.fit(**BESIDE, checks={"net_benefit": {20_000: printed_}}, replicates=replicates).checks[1]

    assert found.grade == grade
    nearest = found.predicted if grade == "agrees" else found.range[1 if share > 1 else 0]
    assert found.tolerance == pytest.approx(nearest * (0.03 + replicates**-0.5))


def test_the_room_of_normality_is_that_of_a_skewed_distribution():
    """The 95% interval of a log-normal of skewness 1.7 is up to 3% narrower than its standard error gives."""
    for log_sd in np.linspace(0.05, 0.475, 10):
        variance = np.expm1(log_sd**2)
        skewness = (np.exp(log_sd**2) + 2) * np.sqrt(variance)
        width = np.exp(1.959964 * log_sd) - np.exp(-1.959964 * log_sd)
        share = width / (2 * 1.959964 * np.exp(log_sd**2 / 2) * np.sqrt(variance))
        assert skewness < 1.71
        assert abs(share - 1) < 0.031, (log_sd, skewness, share)


@pytest.mark.parametrize(
    ("p", "shown", "grade"),
    [
        ("<0.05", 0.05, "not consistent"),
        (">0.05", 0.05, "agrees"),
        ("0.433", 0.433, "agrees"),
        ("0.45", 0.45, "agrees within approximation"),
        ("0.60", 0.6, "not consistent"),
    ],
)
def test_a_p_value_of_net_benefit_kept_as_a_check(p, shown, grade):
    check = reported.fit(**BESIDE, checks={"net_benefit": {20_000: hecon.Difference(1195, p=p)}}).checks[1]

    assert check.printed == pytest.approx(shown)
    assert check.predicted == pytest.approx(2 * norm.sf(1195.4 / 1525.9), abs=1e-4)
    assert check.grade == grade


def test_a_net_benefit_whose_differences_were_cut_off_nearly_follows():
    """−0.0304 cut off may be −0.03049: 20,000 × −0.00009 is 1.8 less, beyond the 1.5 that rounding leaves."""
    differences = {"cost": hecon.Difference("-1803"), "effect": hecon.Difference("-0.0304")}
    found = [
        reported.fit(**differences, checks={"net_benefit": {20_000: mean}}).checks[0]
        for mean in (hecon.Difference(1195), hecon.Difference(1192), hecon.Difference(1100))
    ]

    assert [each.grade for each in found] == ["agrees", "agrees within approximation", "not consistent"]
    assert found[0].range == pytest.approx((1802.5 - 609, 1803.5 - 607))


def test_what_is_not_determined_predicts_no_net_benefit():
    found = reported.fit(
        cost=hecon.Difference(-1803), checks={"net_benefit": {20_000: hecon.Difference(1195, se=1556, p="0.44")}}
    )

    assert [(each.predicted, each.grade) for each in found.checks] == [(None, None)] * 3


def test_a_net_benefit_that_contradicts_may_be_a_check():
    """The remedy that the message names works."""
    wrong = {"net_benefit": {20_000: hecon.Difference(5000)}}
    with pytest.raises(ContradictionError, match=r"net benefit difference at 20000 \(or with it in checks\)"):
        reported.fit(**BESIDE, **wrong)

    assert reported.fit(**BESIDE, checks=wrong).checks[0].grade == "not consistent"


def test_net_benefits_kept_as_checks_outlive_json():
    printed_ = {"net_benefit": {20_000: hecon.Difference(1195, se=1556, p="<0.5")}}
    draws = hecon.from_reported("a", "usual", **BESIDE, checks=printed_, n_draws=10, rng=1)
    plain = json.loads(json.dumps(draws.attrs["fit"]))

    assert fit_of(draws.assign_attrs(fit=plain)).checks == reported.fit(**BESIDE, checks=printed_).checks


def test_several_interventions_take_them_too():
    """By the names that one intervention has."""
    one = {
        "cost": hecon.Difference(-1803),
        "effect": hecon.Difference("-0.0304"),
        "quadrant_shares": printed(exact_shares(THETA), 3),
    }
    at = {wtp: tuple(map(round, net_benefit(THETA, wtp))) for wtp in (0, 20_000, 80_000)}
    other = {"net_benefit": {wtp: hecon.Difference(mean, se=se) for wtp, (mean, se) in at.items()}}
    draws = hecon.from_reported(
        {"a": one, "b": other}, "usual", shared=hecon.Assumed(0.5, range=(0.3, 0.7), reason="equal arms"), rng=1
    )

    assert list(draws["strategy"].values) == ["usual", "a", "b"]
    assert draws.attrs["fits"]["b"]["theta"] == pytest.approx(THETA, rel=0.05)


def test_an_interval_of_net_benefit_off_its_centre_is_told_and_never_skews_the_margins():
    """It has no margin of its own."""
    benefit = {20_000: hecon.Difference(1000, ci=(-1000, 5000))}
    found = reported.fit(cost=hecon.Difference(-100, se=90), effect=hecon.Difference("0.045"), net_benefit=benefit)

    assert [(each.outcome, each.at, each.centred) for each in found.intervals] == [("net_benefit", "20000", False)]
    with pytest.raises(InputError, match="needs an interval that is not centred on its mean, got none"):
        hecon.from_reported(
            "new", "usual", cost=hecon.Difference(-100, se=90), effect=hecon.Difference("0.045", se="0.02"),
            net_benefit={20_000: hecon.Difference(1000)}, marginal="lognormal",
            assume={"correlation": hecon.Assumed(0, range=(-0.5, 0.5), reason="none known")},
        )  # fmt: skip


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"quadrant_shares": {"NE": "0.10", "SE": "0.20", "SW": "0.60", "NW": "0.20"}},
            "quadrant_shares must add up to 1 within their rounding, got NE 0.10 + SE 0.20 + SW 0.60 + NW 0.20 = 1.1: ",
        ),
        (
            {"quadrant_shares": {"NE": "0.10", "SE": "0.20", "SW": "0.60", "NW": "0.07"}},
            "got NE 0.10 + SE 0.20 + SW 0.60 + NW 0.07 = 0.97: check each share",
        ),
        (
            {"quadrant_shares": {"SE": "0.51", "SW": "0.51"}},
            "quadrant_shares must not exceed 1 within their rounding, got SE 0.51 + SW 0.51 = 1.02",
        ),
        ({"quadrant_shares": {"SW": 60}}, "share of SW, as a part of 1, must lie in [0, 1], got 60"),
        ({"quadrant_shares": {"S": "0.6"}}, "quadrant_shares must be one of 'NE', 'SE', 'SW', 'NW', got 'S'"),
        ({"quadrant_shares": [0.6]}, "quadrant_shares must be a mapping such as a dict, got [0.6]"),
        ({"net_benefit": 900}, "net_benefit must be a mapping such as a dict, got 900"),
        ({"net_benefit": {20_000: 900}}, "net_benefit at 20000 must be Arms, Difference or a tuple of them, got 900"),
        (
            {"net_benefit": {-1: hecon.Difference(900)}},
            "net_benefit must have a willingness to pay of at least 0, got -1",
        ),
        (
            {"net_benefit": {20_000: hecon.Difference(900, ci=(100, None), sided="one")}},
            "net_benefit at 20000 must have a two-sided interval, got sided='one': give its standard error, (mean",
        ),
    ],
)
def test_what_cannot_be_is_refused(arguments, message):
    """Each names the argument, its rule and what was given."""
    with pytest.raises(InputError, match=re.escape(message)):
        reported.fit(cost=hecon.Difference(-1803, se=400), **arguments)


@pytest.mark.slow
def test_shares_that_add_up_within_their_rounding_are_taken():
    """0.34 + 0.34 + 0.17 + 0.16 = 1.01, and 0.33 + 0.33 + 0.17 + 0.16 = 0.99: the roundings of thirds and sixths."""
    for shares in (("0.34", "0.34", "0.17", "0.16"), ("0.33", "0.33", "0.17", "0.16")):
        found = reported.fit(quadrant_shares=dict(zip(SIGNS, shares, strict=True)), cost=hecon.Difference(-100))
        assert max(abs(each.residual) for each in found.statistics) <= 1 + 1e-6


@pytest.mark.slow
def test_contradictions_name_the_statistic_and_what_agrees_without_it():
    """Shares against intervals, and net benefit against the differences."""
    about = {"cost": hecon.Difference(-1803, se=400), "effect": hecon.Difference("-0.030", se="0.010")}
    with pytest.raises(ContradictionError, match=r"quadrant_shares of NE: printed 0\.3, fitted") as shares:
        reported.fit(**about, correlation=0, quadrant_shares={"NE": "0.30"})
    with pytest.raises(ContradictionError, match="net benefit difference at 20000: printed 5000, fitted") as benefit:
        reported.fit(**about, net_benefit={20_000: hecon.Difference(5000)})

    assert "without quadrant_shares of NE (or with it in checks)" in str(shares.value)
    assert "the rest agree without net benefit difference at 20000" in str(benefit.value)


def test_the_remedies_of_contradictions_work():
    """Shares moved to checks, as the message says."""
    about = {"cost": hecon.Difference(-1803, se=400), "effect": hecon.Difference("-0.030", se="0.010")}
    found = reported.fit(**about, correlation=0, checks={"quadrant_shares": {"NE": "0.30"}})

    assert found.checks[0].grade == "not consistent"
    assert reported.fit(**about, correlation=0).undetermined == ()


def test_the_constraints_of_statistics_alone():
    """By their English names."""
    found = reported.constraints(
        net_benefit={20_000: hecon.Difference(900, ci=(100, 1700), p=0.03)}, quadrant_shares={"SW": "0.6"}
    )

    assert [str(each) for each in found] == [
        "net benefit difference at 20000",
        "net benefit interval width at 20000",
        "net benefit p value at 20000",
        "quadrant_shares of SW",
    ]
