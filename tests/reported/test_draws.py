"""Draws from published statistics: moments to rounding error, attributes, and marginals that keep skewed intervals."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from strategies import examples

import hecon
from hecon import reported
from hecon.errors import InputError
from hecon.reported import fits
from hecon.reported.fits import fit_of

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = pytest.mark.slow

ESCAPE = {
    "cost": hecon.Difference(-1803, ci=(-3008, -838)),
    "icer": hecon.Ratio(61_584, quadrant="SW"),
    "p_cost_effective": {10_000: "0.99", 80_000: "0.40"},
}
PAIR = ("exercise therapy", "surgery")


def moments(draws, strategy=PAIR[0]):
    """Return means, standard deviations (divisor n) and correlation of a strategy's cost and effect."""
    cost, effect = (draws[name].sel(strategy=strategy).values for name in ("cost", "effect"))
    return cost.mean(), effect.mean(), cost.std(), effect.std(), np.corrcoef(cost, effect)[0, 1]


def plain(cost=(1000, 500), effect=("0.05", "0.03"), rho="0.30"):
    """Return the statistics of a cost and an effect with their standard errors."""
    return {
        "cost": hecon.Difference(cost[0], se=cost[1]),
        "effect": hecon.Difference(effect[0], se=effect[1]),
        "correlation": rho,
    }


# Normal draws ---------------------------------------------------------------------------------------------------------


@examples(40)
@given(st.integers(0, 2**63), st.integers(10, 400), st.floats(-0.99, 0.99), st.integers(-6, 6))
def test_moments_are_theta_whatever_the_seed(seed, n, rho, power):
    """Whitened and recentred: mean, SD and correlation are θ to rounding error, at any scale and size."""
    statistics = plain(
        cost=(-1803 * 10.0**power, 553.58 * 10.0**power), effect=("-0.029", "0.0243"), rho=str(round(rho, 6))
    )
    draws = hecon.from_reported(*PAIR, **statistics, n_draws=n, rng=seed)
    theta = fit_of(draws).theta

    assert moments(draws) == pytest.approx(theta, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_printed_ratio_comes_out_as_printed(seed):
    """The ratio of mean draws is 61,584 per QALY lost for every seed; only probabilities carry Monte Carlo error."""
    draws = hecon.from_reported(*PAIR, **ESCAPE, n_draws=1000, rng=seed)
    cost, effect, *_ = moments(draws)

    assert cost / effect == pytest.approx(61_584, rel=1e-9)
    assert (cost < 0, effect < 0) == (True, True)


@pytest.mark.parametrize("wtp", [0, 10_000, 20_000, 50_000, 80_000])
def test_probabilities_of_draws_meet_the_closed_form(wtp):
    """100,000 draws: within four Monte Carlo standard errors."""
    draws = hecon.from_reported(*PAIR, **ESCAPE, rng=20)
    p = reported.probability(fit_of(draws), wtp=wtp)
    share = float(hecon.ceac(draws, wtp=wtp).sel(strategy=PAIR[0])[0])

    assert draws.sizes["draw"] == 100_000
    assert abs(share - p) <= 4 * math.sqrt(p * (1 - p) / 100_000)


def test_draws_are_normal():
    """Quantiles of whitened draws are those of the normal distribution."""
    draws = hecon.from_reported("a", "b", **plain(), rng=3)
    score = (draws["cost"].sel(strategy="a").values - 1000) / 500

    assert np.quantile(score, [0.025, 0.25, 0.5, 0.75, 0.975]) == pytest.approx(
        norm.ppf([0.025, 0.25, 0.5, 0.75, 0.975]), abs=0.02
    )


def test_the_comparator_is_zero_and_named():
    """Incremental draws: the comparator's column is zero, and the attributes tell which it is."""
    draws = hecon.from_reported(*PAIR, **ESCAPE, n_draws=50, rng=1)

    assert draws["strategy"].values.tolist() == ["surgery", "exercise therapy"]
    assert not draws.sel(strategy="surgery")[["cost", "effect"]].to_array().values.any()
    assert (draws.attrs["scale"], draws.attrs["comparator"], draws.attrs["currency"]) == (
        "incremental",
        "surgery",
        "EUR",
    )
    assert (draws["cost"].attrs["units"], draws["effect"].attrs["units"]) == ("EUR", "QALY")


def test_attributes_are_passed_on():
    """Currency, unit, price year, horizon, discounting and source as in `from_arrays`."""
    draws = hecon.from_reported(
        "a",
        "b",
        **plain(),
        n_draws=10,
        rng=1,
        currency="GBP",
        effect_unit="life year",
        price_year=2022,
        horizon_years=1.5,
        discount_cost=0.04,
        discount_effect=0.015,
        source="a trial",
    )
    attrs = {key: value for key, value in draws.attrs.items() if key not in {"fit", "comparator", "scale"}}

    assert attrs == {
        "currency": "GBP",
        "effect_unit": "life year",
        "effect_better": "more",
        "price_year": 2022,
        "horizon_years": 1.5,
        "discount_cost": 0.04,
        "discount_effect": 0.015,
        "source": "a trial",
    }
    assert (draws["cost"].attrs["units"], draws["effect"].attrs["units"]) == ("GBP", "life year")


@pytest.mark.parametrize(
    "statistics",
    [
        {**ESCAPE, "checks": {"probability_above": {"-0.057": "0.89"}, "p_cost_effective": {0: "1.00"}}},
        {**plain(), "p_cost_effective": {0: "0.02"}},
        {
            "cost": hecon.Difference(100, ci=(20, 180), p="<0.05"),
            "effect": hecon.Difference("0.05", se="0.03"),
            "assume": {"correlation": hecon.Assumed(0, range=("-0.5", "0.5"), reason="not reported")},
            "checks": {"p_cost_effective": {20_000: "0.95"}},
        },
    ],
)
def test_the_fit_survives_json(statistics):
    """attrs["fit"] is plain JSON, without NaN or infinities; `fit_of` gives back the very fit."""
    found = reported.fit(**statistics)
    draws = found.draws("a", "b", n_draws=10, rng=1)
    text = json.dumps(draws.attrs["fit"], allow_nan=False)

    assert fit_of(draws.assign_attrs(fit=json.loads(text))) == found
    assert json.loads(text) == draws.attrs["fit"]


def test_draws_of_another_source_carry_no_fit():
    """Draws from arrays have none."""
    assert fit_of(hecon.from_arrays([[0, 1]], [[0, 1]], strategies=["a", "b"])) is None


def test_open_ends_survive_json():
    """A standard error without an upper bound and p < 0.05 hold infinities, which plain JSON has not."""
    found = reported.fit(cost=hecon.Difference(100, p="<0.05"))
    again = fit_of(hecon.from_arrays([[0, 1]], [[0, 1]], strategies=["a", "b"]).assign_attrs(fit=found.to_json()))

    assert again == found
    assert again.bands[1].high == math.inf
    assert "Infinity" not in json.dumps(found.to_json())


def test_an_int_seed_reproduces():
    """The same seed gives the same draws, another seed others."""
    one, same, other = (hecon.from_reported("a", "b", **plain(), n_draws=100, rng=seed) for seed in (7, 7, 8))

    assert one.equals(same)
    assert not one.equals(other)


def test_a_generator_is_used_and_moves_on():
    """A generator is taken as it stands, and a second call continues it."""
    generator = np.random.default_rng(7)
    first = hecon.from_reported("a", "b", **plain(), n_draws=100, rng=generator)
    second = hecon.from_reported("a", "b", **plain(), n_draws=100, rng=generator)

    assert first.equals(hecon.from_reported("a", "b", **plain(), n_draws=100, rng=7))
    assert not first.equals(second)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_draws": 9}, "n_draws must be a whole number of at least 10, got 9"),
        ({"n_draws": 1e5}, "n_draws must be a whole number of at least 10, got 100000.0"),
        ({"n_draws": True}, "n_draws must be a whole number of at least 10, got True"),
        ({"rng": -1}, "rng must be a non-negative int seed, a numpy.random.Generator or None, got -1"),
        ({"rng": "seed"}, "rng must be a non-negative int seed, a numpy.random.Generator or None, got 'seed'"),
        ({"marginal": "gamma"}, "marginal must be one of 'normal', 'lognormal', got 'gamma'"),
        ({"horizon_years": 0}, "horizon_years must be above 0, got 0"),
        ({"discount_cost": 4}, "discount_cost must lie in [0, 1], got 4"),
        ({"currency": ""}, "currency must be non-empty text"),
    ],
)
def test_options_that_are_refused(options, message):
    """Every option names its rule."""
    with pytest.raises(InputError, match=re.escape(message)):
        hecon.from_reported("a", "b", **plain(), **options)


@pytest.mark.parametrize(("names", "message"), [(("a", "a"), "must be unique"), (("a", ""), "must be non-empty text")])
def test_strategies_that_are_refused(names, message):
    """Two strategies with two names."""
    with pytest.raises(InputError, match=message):
        hecon.from_reported(*names, **plain())


def test_a_perfect_correlation_draws():
    """A correlation printed as 1 draws a line."""
    draws = hecon.from_reported("a", "b", **plain(rho=1), n_draws=1000, rng=1)

    assert moments(draws, "a")[4] == pytest.approx(1, abs=1e-6)


# Log-normal draws -----------------------------------------------------------------------------------------------------


def ends(draws, name, strategy="a", level=0.95):
    tail = (1 - level) / 2
    return tuple(np.quantile(draws[name].sel(strategy=strategy).values, [tail, 1 - tail]))


def test_escape_keeps_its_skewed_interval():
    """Mean −1,803 exactly, interval −3,008 to −838 within 1, the correlation of the fit (BJSM 2020;54:538-545)."""
    draws = hecon.from_reported(*PAIR, **ESCAPE, marginal="lognormal", rng=1)
    found = fit_of(draws)
    cost, effect, _, effect_se, rho = moments(draws)

    assert cost == pytest.approx(-1803, rel=1e-9)
    assert ends(draws, "cost", PAIR[0]) == pytest.approx((-3008, -838), abs=1)
    assert (effect, effect_se) == pytest.approx((found.theta[1], found.theta[3]), rel=1e-9)
    assert rho == pytest.approx(found.theta[4], abs=1e-4)
    assert found.marginal == "lognormal"


def test_the_fit_tells_the_spread_of_skewed_draws():
    """The parameters have the spread of the draws, derived; predictions stay those of the normal fit."""
    normal = reported.fit(**ESCAPE)
    draws = hecon.from_reported(*PAIR, **ESCAPE, marginal="lognormal", n_draws=20_000, rng=1)
    found = fit_of(draws)

    assert found.parameters["cost_se"].value == pytest.approx(moments(draws)[2], rel=1e-9)
    assert found.parameters["cost_se"].value != pytest.approx(normal.theta[2], rel=1e-3)
    assert (found.parameters["cost_se"].status, found.parameters["cost_se"].range) == ("derived", None)
    assert found.parameters["effect_se"] == normal.parameters["effect_se"]
    assert found.theta == normal.theta
    assert reported.probability_range(found, wtp=20_000) == pytest.approx(
        reported.probability_range(normal, wtp=20_000), abs=1e-9
    )


@pytest.mark.parametrize(("mean", "ci", "side"), [(100, (40, 200), 1), (100, (0, 160), -1), (-100, (-200, -40), -1)])
def test_skewed_to_the_right_and_to_the_left(mean, ci, side):
    """The longer half of the interval is the longer tail; mean and ends are met."""
    statistics = {**plain(), "cost": hecon.Difference(mean, ci=ci)}
    draws = hecon.from_reported("a", "b", **statistics, marginal="lognormal", rng=2)
    cost = draws["cost"].sel(strategy="a").values
    skewness = float(np.mean(((cost - cost.mean()) / cost.std()) ** 3))

    assert cost.mean() == pytest.approx(mean, rel=1e-9)
    assert ends(draws, "cost") == pytest.approx(ci, abs=0.2)
    assert skewness * side > 0.3
    assert moments(draws, "a")[4] == pytest.approx(0.3, abs=1e-4)


@pytest.mark.parametrize("rho", ["-0.60", "0.00", "0.60"])
def test_both_outcomes_skewed(rho):
    """Cost skewed to the right, effect to the left, at another level, with the correlation asked for."""
    statistics = {
        "cost": hecon.Difference(100, ci=(40, 200), level=0.9),
        "effect": hecon.Difference("0.100", ci=("-0.050", "0.190")),
        "correlation": rho,
    }
    draws = hecon.from_reported("a", "b", **statistics, marginal="lognormal", rng=2)
    cost, effect, _, _, found = moments(draws, "a")

    assert (cost, effect) == pytest.approx((100, 0.1), rel=1e-9)
    assert ends(draws, "cost", level=0.9) == pytest.approx((40, 200), abs=0.5)
    assert ends(draws, "effect") == pytest.approx((-0.05, 0.19), abs=0.001)
    assert found == pytest.approx(float(rho), abs=1e-4)


def test_a_shifted_log_normal_by_hand():
    """With mean and quantiles of 10 + exp(N(0, 0.5²)): the three equations give back shift, scale and log SD."""
    z = float(norm.ppf(0.975))
    mean, low, high = 10 + math.exp(0.125), 10 + math.exp(-0.5 * z), 10 + math.exp(0.5 * z)
    shape = fits.shifted_log_normal("cost", mean, low, high, z)

    assert (shape.shift, shape.scale, shape.log_sd, shape.sign) == pytest.approx((10, 1, 0.5, 1), rel=1e-9)
    assert shape.sd == pytest.approx(math.sqrt((math.exp(0.25) - 1) * math.exp(0.25)), rel=1e-9)


@pytest.mark.parametrize("off", ["0.2", "0.0005"])
def test_a_tiny_asymmetry(off):
    """An interval a trace off centre is all but normal, and still met."""
    high = float(10 + 2 * Decimal(off))
    statistics = {**plain(), "cost": hecon.Difference("0.0000", ci=("-10.0000", f"{high:.4f}"))}
    draws = hecon.from_reported("a", "b", **statistics, marginal="lognormal", rng=2)

    assert moments(draws, "a")[0] == pytest.approx(0, abs=1e-9)
    assert ends(draws, "cost") == pytest.approx((-10, high), abs=0.05)


def test_skewed_draws_of_two_intervals_of_one_outcome_are_refused():
    """Draws meet one interval alone; which of two would be a silent choice."""
    with pytest.raises(InputError) as caught:
        hecon.from_reported(*PAIR, **{**ESCAPE, "cost": (ESCAPE["cost"],) * 2}, marginal="lognormal", rng=1)

    assert str(caught.value) == "marginal='lognormal' needs one interval of cost, got 2; use marginal='normal'"


@pytest.mark.parametrize("n", [10, 11, 50])
def test_few_skewed_draws(n):
    """Ten draws have the right means and spreads too."""
    draws = hecon.from_reported(*PAIR, **ESCAPE, marginal="lognormal", n_draws=n, rng=1)

    assert moments(draws)[0] == pytest.approx(-1803, rel=1e-9)
    assert np.isfinite(draws["effect"].values).all()


def test_skewed_draws_reproduce():
    """The same seed gives the same skewed draws."""
    one, same = (hecon.from_reported(*PAIR, **ESCAPE, marginal="lognormal", n_draws=100, rng=5) for _ in range(2))

    assert one.equals(same)


def test_an_asymmetry_no_log_normal_has():
    """The midpoint of 90 to 400 is 145 above the mean, 0.94 of the half width: too far for any log-normal."""
    statistics = {**plain(), "cost": hecon.Difference(100, ci=(90, 400))}

    with pytest.raises(
        InputError, match=r"the cost interval off centre, but by less than 0\.\d+ of its half width, got 0\.9"
    ):
        hecon.from_reported("a", "b", **statistics, marginal="lognormal", n_draws=100)


@pytest.mark.parametrize(
    "cost", [hecon.Difference(100, ci=(40, 160)), hecon.Difference(100, ci=(40, None), sided="one")]
)
def test_no_interval_to_be_skewed(cost):
    """A centred or one-sided interval tells no skewness."""
    with pytest.raises(InputError, match="marginal='lognormal' needs an interval that is not centred on its mean, got"):
        hecon.from_reported("a", "b", **{**plain(), "cost": cost}, marginal="lognormal", n_draws=100)


def test_a_correlation_that_skewed_margins_cannot_have():
    """A left tail and a right tail cannot go together all the way."""
    statistics = {
        "cost": hecon.Difference(100, ci=(40, 230)),
        "effect": hecon.Difference("0.100", ci=("-0.120", "0.190")),
        "correlation": "0.999",
    }

    with pytest.raises(InputError, match=r"cannot reach a correlation of 0\.999 with margins so skewed"):
        hecon.from_reported("a", "b", **statistics, marginal="lognormal", n_draws=1000, rng=1)
