"""What a publication prints: every rule of the records with its message."""

from __future__ import annotations

import contextlib
import re
import warnings
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

import hecon
from hecon import reported
from hecon.errors import ContradictionError, InputError
from hecon.reported.records import p_value

COST = hecon.Difference(-1803, ci=(-3008, -838))


def refused(message, error=InputError):
    return pytest.raises(error, match=re.escape(message))


# Records --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mean": 5}, "mean must be a pair (intervention, comparator), got 5"),
        ({"mean": "12"}, "mean must be a pair (intervention, comparator), got '12'"),
        ({"mean": (1, 2, 3)}, "mean must be a pair (intervention, comparator), got (1, 2, 3)"),
        ({"mean": {"a": 1, "b": 2}}, "mean must be a pair (intervention, comparator), got {'a'"),
        ({"mean": (None, 2)}, "mean must be a number, or text as printed, got None"),
        ({"mean": (1, 2), "sd": (3, 4)}, "Arms with sd needs n too: a standard error follows from both; got n=None"),
        ({"mean": (1, 2), "n": (3, 4)}, "Arms with n needs sd too: a standard error follows from both; got sd=None"),
        ({"mean": (1, 2), "sd": (0, 4), "n": (3, 4)}, "sd must be above 0, got 0.0"),
        ({"mean": (1, 2), "sd": (3, "-4"), "n": (3, 4)}, "sd must be above 0, got -4.0"),
        ({"mean": (1, 2), "sd": 3, "n": (3, 4)}, "sd must be a pair"),
        ({"mean": (1, 2), "sd": (3, 4), "n": (1, 4)}, "n must be a whole number of at least 2, got 1"),
        ({"mean": (1, 2), "sd": (3, 4), "n": (30.0, 4)}, "n must be a whole number of at least 2, got 30.0"),
        ({"mean": (1, 2), "sd": (3, 4), "n": ("30", 4)}, "n must be a whole number of at least 2, got '30'"),
        ({"mean": (1, 2), "sd": (3, 4), "n": (True, 4)}, "n must be a whole number of at least 2, got True"),
        ({"mean": (1, 2), "sd": (3, 4), "n": 30}, "n must be a pair"),
    ],
)
def test_arms_that_are_refused(arguments, message):
    """SD above 0, n above 1, both or neither, in pairs."""
    with refused(message):
        hecon.Arms(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mean": None, "ci": (1, 2)}, "Difference must have a mean: an interval without its mean"),
        ({"mean": "abc"}, "mean must be a number with a decimal point"),
        ({"mean": 5, "ci": (7, 1)}, "ci must run from low to high, got 7 to 1: upside down"),
        ({"mean": 5, "ci": (5, 5)}, "ci must run from low to high, got 5 to 5: upside down"),
        ({"mean": 5, "ci": ("-0.0", "0.0")}, "ci must run from low to high, got -0.0 to 0.0: upside down"),
        ({"mean": -5, "ci": (1, 7)}, "ci must hold its mean -5, got 1 to 7; check the signs"),
        ({"mean": "0.6", "ci": ("0.1", "0.4")}, "ci must hold its mean 0.6, got 0.1 to 0.4; check the signs"),
        ({"mean": 5, "ci": 3}, "ci must be a pair (low, high), got 3"),
        ({"mean": 5, "ci": "19"}, "ci must be a pair (low, high), got '19'"),
        ({"mean": 5, "ci": (1, 2, 3)}, "ci must be a pair (low, high), got (1, 2, 3)"),
        ({"mean": 5, "ci": (1, None)}, "ci of a two-sided interval must have both ends; pass sided='one' if not"),
        ({"mean": 5, "ci": (None, None)}, "ci of a two-sided interval must have both ends"),
        ({"mean": 5, "ci": (1, 7), "sided": "one"}, "ci of a one-sided interval must have exactly one end"),
        ({"mean": 5, "ci": (None, None), "sided": "one"}, "must have exactly one end, the other None"),
        ({"mean": 5, "ci": (5, None), "sided": "one"}, "ci must end away from its mean 5, got 5 to None: no standard"),
        ({"mean": 5, "ci": (None, 5), "sided": "one"}, "ci must end away from its mean 5, got None to 5: no standard"),
        ({"mean": 5, "ci": (7, None), "sided": "one"}, "ci must hold its mean 5, got 7 to None"),
        ({"mean": 5, "ci": (None, 3), "sided": "one"}, "ci must hold its mean 5, got None to 3"),
        ({"mean": 5, "sided": "both"}, "sided must be one of 'two', 'one', got 'both'"),
        ({"mean": 5, "level": 95}, "level of a two-sided interval must lie in [0.5, 1), got 95"),
        ({"mean": 5, "level": 0}, "level of a two-sided interval must lie in [0.5, 1), got 0"),
        ({"mean": 5, "level": 1 - 1e-16}, "level of a two-sided interval must lie in [0.5, 1), got 0.99"),
        ({"mean": 5, "level": 1e-300}, "level of a two-sided interval must lie in [0.5, 1), got 1e-300"),
        ({"mean": 5, "level": "95%"}, "level must be a number, got '95%'"),
        ({"mean": 5, "ci": (1, None), "sided": "one", "level": 0.05}, "a one-sided interval must lie in (0.5, 1)"),
        ({"mean": 5, "se": 0}, "se must be above 0, got 0.0"),
        ({"mean": 5, "se": "-1.2"}, "se must be above 0, got -1.2"),
        ({"mean": 5, "se": float("nan")}, "se must be finite"),
        ({"mean": 5, "p": 0}, "p must lie in (0, 1), got 0; write '<0.001' for an inequality"),
        ({"mean": 5, "p": "0.000"}, "p must lie in (0, 1), got 0.000; write '<0.001' for an inequality"),
        (
            {"mean": 5, "p": "NS"},
            "p must be a number with a decimal point and no thousands separator, got 'NS'; write 0.026, or '<",
        ),
        (
            {"mean": 5, "level": 0.05},
            "level of a two-sided interval must lie in [0.5, 1), got 0.05: write 0.95 for 95%",
        ),
        ({"mean": 5, "p": 1}, "p must lie in (0, 1), got 1"),
        ({"mean": 5, "p": "-0.03"}, "p must lie in (0, 1), got -0.03"),
        ({"mean": 5, "p": "< 1.2"}, "p must lie in (0, 1), got < 1.2"),
        ({"mean": 5, "p": ""}, "p must be a number with a decimal point"),
        ({"mean": 5, "p": "<"}, "p must be a number with a decimal point"),
        ({"mean": 5, "p": "<<0.05"}, "p must be a number with a decimal point"),
        ({"mean": 5, "p": "n.s."}, "p must be a number with a decimal point"),
        ({"mean": 5, "p": True}, "p must be a number, or text as printed, got True"),
    ],
)
def test_a_difference_that_is_refused(arguments, message):
    """Every rule of a difference, with the value that broke it."""
    with refused(message):
        hecon.Difference(**arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"mean": 10, "ci": ("10.2", "11")},  # 10 may have been 10.4
        {"mean": "0.09", "ci": ("-0.00", "0.18")},
        {"mean": 5, "ci": (1, None), "sided": "one", "level": 0.975},
        {"mean": 5, "ci": [1, 9]},
        {"mean": 5, "p": "< 0.001"},
        {"mean": 5, "p": ">0.05"},
        {"mean": 5, "p": 0.026},
    ],
)
def test_a_difference_as_printed(arguments):
    """What may be true within rounding is taken."""
    assert hecon.Difference(**arguments).mean == arguments["mean"]


@pytest.mark.parametrize(
    ("value", "quadrant", "message"),
    [
        (0, None, "icer must not be 0: a ratio of 0 says nothing of the effect"),
        ("0.0", "NE", "icer must not be 0"),
        (5000, "ne", "quadrant must be one of 'NE', 'SE', 'SW', 'NW', got 'ne'"),
        (5000, "NW", "icer 5000 is positive, so its quadrant must be NE or SW, got 'NW'"),
        (5000, "SE", "icer 5000 is positive, so its quadrant must be NE or SW, got 'SE'"),
        (-5000, "NE", "icer -5000 is negative, so its quadrant must be SE or NW, got 'NE'"),
        (-5000, "SW", "icer -5000 is negative, so its quadrant must be SE or NW, got 'SW'"),
        ("dominant", None, "icer must be a number with a decimal point"),
        (float("inf"), None, "icer must be finite, got inf"),
    ],
)
def test_a_ratio_that_is_refused(value, quadrant, message):
    """A ratio has a sign, and the sign fits its quadrant."""
    with refused(message):
        hecon.Ratio(value, quadrant=quadrant)


@pytest.mark.parametrize(
    ("value", "ends", "reason", "message"),
    [
        (0.6, (-0.5, 0.5), "x", "range must run from low to high and hold the value 0.6, got -0.5 to 0.5"),
        (0, (0.5, -0.5), "x", "range must run from low to high and hold the value 0, got 0.5 to -0.5"),
        (0, 0.5, "x", "range must be a pair (low, high), got 0.5"),
        (0, "ab", "x", "range must be a pair (low, high), got 'ab'"),
        (0, (-0.5, None), "x", "range must be a number, or text as printed, got None"),
        (float("nan"), (0, 1), "x", "value must be finite, got nan"),
        (0, (-0.5, 0.5), "", "reason must say why this is assumed, got ''"),
        (0, (-0.5, 0.5), "  ", "reason must say why this is assumed, got '  '"),
        (0, (-0.5, 0.5), None, "reason must say why this is assumed, got None"),
    ],
)
def test_an_assumption_that_is_refused(value, ends, reason, message):
    """An assumption has a range around its value, and a reason."""
    with refused(message):
        hecon.Assumed(value, range=ends, reason=reason)


# The arguments of fit -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {},
            "at least one statistic must be given: cost, effect, icer, p_cost_effective, probability_above, net_be",
        ),
        ({"cost": (), "effect": ()}, "at least one statistic must be given"),
        ({"cost": -1803}, "cost must be Arms, Difference or a tuple of them, got -1803"),
        ({"effect": [COST]}, "effect must be Arms, Difference or a tuple of them, got [Difference("),
        ({"effect": (COST, 5)}, "effect must be Arms, Difference or a tuple of them, got 5"),
        ({"p_cost_effective": {20_000: 1.4}}, "p_cost_effective at 20000 must lie in [0, 1], got 1.4"),
        ({"p_cost_effective": {20_000: -0.1}}, "p_cost_effective at 20000 must lie in [0, 1], got -0.1"),
        ({"p_cost_effective": {20_000: "51%"}}, "p_cost_effective at 20000 must be a number with a decimal point"),
        ({"p_cost_effective": {20_000: None}}, "p_cost_effective at 20000 must be a number, or text as printed"),
        ({"p_cost_effective": {-1: 0.5}}, "p_cost_effective at must have a willingness to pay of at least 0, got -1"),
        ({"p_cost_effective": {float("nan"): 0.5}}, "p_cost_effective at must be finite, got nan"),
        ({"p_cost_effective": {float("inf"): 0.5}}, "p_cost_effective at must be finite, got inf"),
        ({"p_cost_effective": [0.5]}, "p_cost_effective must be a mapping such as a dict, got [0.5]"),
        ({"probability_above": {0: 2}}, "probability of an effect above 0 must lie in [0, 1], got 2"),
        ({"probability_above": 0.89}, "must be a mapping such as a dict, got 0.89"),
        (
            {"checks": {"ratio": {0: 1}}},
            "one of 'p_cost_effective', 'probability_above', 'icer', 'quadrant_shares', 'net_benefit', got 'ratio'",
        ),
        ({"checks": {"icer": {0: 1}}}, "icer must be a number, or text as printed, got {0: 1}"),
        ({"checks": {"icer": 0}}, "icer must not be 0"),
        ({"replicates": 0}, "replicates must be a whole number of at least 1, got 0"),
        ({"checks": 0.5}, "checks must be a mapping such as a dict, got 0.5"),
        ({"checks": {"p_cost_effective": 0.5}}, "p_cost_effective must be a mapping such as a dict, got 0.5"),
        ({"checks": {"p_cost_effective": {1: 1.2}}}, "p_cost_effective at 1 must lie in [0, 1], got 1.2"),
        ({"correlation": "1.2"}, "correlation must lie in [-1, 1], got 1.2"),
        ({"correlation": "high"}, "correlation must be a number with a decimal point"),
        ({"icer": "dominant"}, "icer must be a number with a decimal point"),
        ({"icer": 0}, "icer must not be 0"),
        ({"on_contradiction": "ignore"}, "on_contradiction must be one of 'raise', 'warn', got 'ignore'"),
        ({"assume": [1]}, "assume must be a mapping such as a dict, got [1]"),
        ({"assume": {"rho": hecon.Assumed(0, (0, 0), "x")}}, "assume must be one of 'delta_cost', 'delta_effect', "),
        ({"assume": {"correlation": 0}}, "assume['correlation'] must be an Assumed(value, range=..., reason=...), got"),
        (
            {"assume": {"effect_se": hecon.Assumed(0.1, (0, 0.2), "x")}},
            "assume['effect_se'] must be above 0 over its whole range, got 0",
        ),
        (
            {"assume": {"correlation": hecon.Assumed(0, (-1, 0.5), "x")}},
            "assume['correlation'] must lie between -1 and 1 over its whole range, got -1 to 0.5",
        ),
    ],
)
def test_statistics_that_are_refused(arguments, message):
    """Each argument of the fit names itself, its rule and the value that broke it."""
    if arguments and not {"cost", "effect"} & set(arguments):
        arguments = {"cost": COST, **arguments}

    with refused(message):
        reported.fit(**arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"icer": 61_584},
            InputError,
            "icer 61584 could lie in NE or SW: give its quadrant, as in Ratio(61584, quadrant='NE'), or a cost or",
        ),
        ({"icer": -61_584}, InputError, "icer -61584 could lie in SE or NW: give its quadrant"),
        (
            {"cost": hecon.Difference(100), "icer": hecon.Ratio(5000, quadrant="SW")},
            ContradictionError,
            "icer 5000 is given in quadrant SW, but cost and effect lie in N?",
        ),
        (
            {"cost": hecon.Difference(100), "effect": hecon.Difference("-0.02"), "icer": 5000},
            ContradictionError,
            "icer 5000 does not fit the signs of cost and effect: check the signs and who is the comparator",
        ),
        (
            {"cost": hecon.Difference(100), "effect": hecon.Difference("-0.00"), "icer": 50_000},
            ContradictionError,
            "icer 50000 does not fit the signs of cost and effect",
        ),
        (
            {"effect": hecon.Difference("-0.00"), "icer": hecon.Ratio(50_000, quadrant="NE")},
            ContradictionError,
            "but cost and effect lie in ?W",
        ),
    ],
)
def test_a_ratio_whose_quadrant_is_open_or_wrong(arguments, error, message):
    """The quadrant is fixed by cost and effect, or asked for; never guessed."""
    with refused(message, error):
        reported.fit(**arguments)


@pytest.mark.parametrize(
    ("cost", "effect", "ratio"),
    [(1000, "0.05", 20_000), (-1000, "0.05", -20_000), (-1000, "-0.05", 20_000), (1000, "-0.05", -20_000)],
)
def test_one_sign_fixes_the_quadrant_of_a_ratio(cost, effect, ratio):
    """Cost or effect alone, with the sign of the ratio, says in which quadrant it lies."""
    by_cost = reported.fit(cost=hecon.Difference(cost), icer=ratio)
    by_effect = reported.fit(effect=hecon.Difference(effect), icer=ratio)

    assert by_cost.theta[1] == pytest.approx(float(effect), rel=1e-9)
    assert by_effect.theta[0] == pytest.approx(cost, rel=1e-9)


@pytest.mark.slow
@examples(200)
@given(
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=6), st.integers(), st.just((1, 2))),
    st.sampled_from(["mean", "se", "p", "level", "sided", "ci"]),
)
def test_a_difference_breaks_only_with_its_own_error(value, name):
    """Whatever is passed for a field, it is fitted or refused as InputError."""
    found = None
    with contextlib.suppress(InputError):
        found = reported.fit(cost=hecon.Difference(**{"mean": 5, name: value}))

    assert found is None or np.isfinite(found.theta).all()


GIVEN = {
    "cost": hecon.Difference(1_500, se=400),
    "effect": hecon.Difference("0.03", se="0.02"),
    "assume": {"correlation": hecon.Assumed(0, range=(-0.5, 0.5), reason="not reported")},
    "n_draws": 100,
    "rng": 1,
}


@pytest.mark.parametrize(("p", "same"), [("≤0.001", "<0.001"), ("≥ 0.05", ">0.05")])
def test_signs_of_inequality_in_one_character(p, same):
    assert hecon.Difference(1, p=p).p == p
    assert p_value(p)[0] == p_value(same)[0]


def test_an_interval_far_from_centred_is_told():
    given = GIVEN | {"cost": hecon.Difference(1_200, ci=(1_100, 9_000))}
    told = (
        "the interval of cost, 1100 to 9000, is far from centred on its mean 1200: normal draws have -2750 to 5150 in"
    )
    with pytest.warns(hecon.StatisticalWarning, match=re.escape(told)):
        hecon.from_reported("new", "old", **given)
    # The remedy works: nothing is told, and the draws keep the interval.
    skewed = GIVEN | {"cost": hecon.Difference(1_200, ci=(300, 4_000)), "n_draws": 100_000, "marginal": "lognormal"}
    cost = hecon.from_reported("new", "old", **skewed)["cost"].sel(strategy="new").to_numpy()
    assert np.quantile(cost, [0.025, 0.975]) == pytest.approx([300, 4_000], rel=0.03)


def test_intervals_far_from_centred_of_several_are_told_by_name():
    given = {name: each for name, each in GIVEN.items() if name not in {"n_draws", "rng"}}
    far = given | {"effect": hecon.Difference("0.03", ci=("0.02", "0.30"))}
    shared = hecon.Assumed("0.5", range=("0.3", "0.7"), reason="one comparator")
    with pytest.warns(hecon.StatisticalWarning, match=r"^the interval of effect of newer, 0\.02 to 0\.3, is far from"):
        hecon.from_reported({"new": given, "newer": far}, "old", shared=shared, n_draws=100, rng=1)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"cost": hecon.Difference("1.500", se="0.4")},
            "got cost mean 1.500: write 1500, not 1.500",
        ),
        ({"cost": hecon.Difference(Decimal("1.500"), se=400)}, "got cost mean 1.500: write"),
        ({"cost": hecon.Difference(2, ci=("-1.500", "5.500"))}, "got cost ci -1.500, cost ci 5.500: write"),
        ({"cost": hecon.Arms(("13.000", "11.500"), se=(1, 1))}, "got cost mean 13.000, cost mean 11.500: write"),
        ({"icer": "50.000"}, "got icer 50.000: write"),
    ],
)
def test_points_between_thousands_are_asked_about(given, told):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        hecon.from_reported("new", "old", **GIVEN | {"on_contradiction": "warn"} | given)

    assert [str(each.message) for each in caught if told in str(each.message)]


def test_decimals_that_are_no_thousands():
    given = GIVEN | {"cost": hecon.Difference("1500.25", se="400.5"), "effect": hecon.Difference("1.500", se="0.020")}
    assert hecon.from_reported("new", "old", **given).sizes["draw"] == 100
