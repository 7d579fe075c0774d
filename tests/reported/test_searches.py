"""Searches for a fit and for ranges: failed ones are told, no order matters, and the remedies that errors name work."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

import hecon
from hecon import reported
from hecon.errors import ContradictionError, InputError, StatisticalWarning, UnderdeterminedError
from hecon.reported import _solve, predictions
from hecon.reported.predictions import probability_ranges

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = pytest.mark.slow

RHO = hecon.Assumed(0, range=("-0.5", "0.5"), reason="not reported jointly")
ESCAPE = {
    "cost": hecon.Difference(-1803, ci=(-3008, -838)),
    "icer": hecon.Ratio(61_584, quadrant="SW"),
    "p_cost_effective": {10_000: "0.99", 80_000: "0.40"},
}
COMPARE = {
    "cost": hecon.Arms(mean=(14_951, 11_558), sd=(10_004, 10_579), n=(85, 82)),
    "icer": 78_179,
    "assume": {"effect_se": hecon.Assumed("0.045", ("0.033", "0.053"), "sister trials"), "correlation": RHO},
}
COACH = {
    "cost": hecon.Difference(800, ci=(-1234, 2824)),
    "effect": hecon.Difference("0.09", ci=("-0.00", "0.18")),
    "assume": {"correlation": RHO},
}
TRIALS = {"escape": ESCAPE, "compare": COMPARE, "coach": COACH}
WTP = (0, 10_000, 20_000, 80_000)


# Order ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TRIALS)
def test_ranges_do_not_depend_on_what_was_asked_before(name):
    """To the last digit: forwards, backwards, one by one, twice, and beside other values."""
    found = reported.fit(**TRIALS[name])
    alone = {wtp: reported.probability_range(found, wtp=wtp) for wtp in WTP}
    benefits = {wtp: reported.net_benefit_range(found, wtp=wtp) for wtp in WTP}

    for order in (WTP, WTP[::-1], (20_000, 20_000, 0), (*WTP, 35_000)):
        spans = probability_ranges(found, wtp=order)
        assert [span for wtp, span in zip(order, spans, strict=True) if wtp in alone] == [
            alone[wtp] for wtp in order if wtp in alone
        ]
    assert {wtp: reported.net_benefit_range(found, wtp=wtp) for wtp in WTP[::-1]} == benefits


def test_a_set_gives_the_same_extremes_in_any_order():
    """Of its parameters, of one of them twice, and after a probability."""
    bands = reported.fit(**ESCAPE).bands
    theta = np.array(reported.fit(**ESCAPE).theta)
    asked = (("effect_se", 0.0), ("correlation", 0.0), ("p_cost_effective", 20_000.0), ("inmb", 50_000.0))
    expected = {}
    for order in itertools.permutations(asked):
        allowed = predictions.Allowed(theta, bands, {}, frozenset())
        for kind in (*order, order[0]):
            assert expected.setdefault(kind, allowed.span(*kind)) == allowed.span(*kind)


def permuted(statistics):
    """Return the statistics with every mapping and every tuple of records the other way round."""
    turned = {}
    for name, given in statistics.items():
        if isinstance(given, dict):
            turned[name] = dict(reversed(given.items()))
        else:
            turned[name] = given[::-1] if isinstance(given, tuple) else given
    return dict(reversed(turned.items()))


def printed_curve(theta, wtps, digits):
    """Return the probabilities cost-effective of θ as they would be printed."""
    cost, effect, cost_se, effect_se, rho = theta
    z = {
        wtp: (wtp * effect - cost) / np.sqrt((wtp * effect_se) ** 2 + cost_se**2 - 2 * rho * wtp * effect_se * cost_se)
        for wtp in wtps
    }
    return {wtp: f"{ndtr(each):.{digits}f}" for wtp, each in z.items()}


SEVERAL = {
    "two records of cost": {
        "cost": (hecon.Difference(-1803, ci=(-2889, -717)), hecon.Difference(-1803, se=554)),
        "effect": hecon.Difference("-0.03", se="0.019"),
        "correlation": "0.1",
    },
    "three probabilities": {
        "cost": hecon.Difference(1000, ci=(-200, 2200)),
        "effect": hecon.Difference("0.05", ci=("-0.05", "0.15")),
        "p_cost_effective": printed_curve((1000, 0.05, 612, 0.051, 0.2), (10_000, 30_000, 50_000), 2),
    },
}


@pytest.mark.parametrize("name", [*TRIALS, *SEVERAL])
def test_the_order_of_statistics_and_assumptions_does_not_matter(name):
    """Solution, ranges, what each rests on and predictions are the same to the last digit."""
    statistics = {**TRIALS, **SEVERAL}[name]
    options = {"on_contradiction": "raise"}
    first, second = (reported.fit(**each, **options) for each in (statistics, permuted(statistics)))

    assert first.theta == second.theta
    for key, parameter in first.parameters.items():
        other = second.parameters[key]
        assert (parameter.value, parameter.range, parameter.status) == (other.value, other.range, other.status)
        assert parameter.rests_on == other.rests_on
    assert {each.name: each.fitted for each in first.statistics} == {
        each.name: each.fitted for each in second.statistics
    }
    if not first.undetermined:
        assert probability_ranges(first, wtp=WTP) == probability_ranges(second, wtp=WTP)


# Failed searches ------------------------------------------------------------------------------------------------------


def failing(monkeypatch, *, when):
    """Let searches for a range end badly at their start when the count of them says so; return the count.

    What was found before is searched for again, and what these find serves this test alone.
    """
    search, count = predictions.minimize, itertools.count()
    made = []

    def minimize(objective, start, **options):
        found = search(objective, start, **options)
        made.append(next(count))
        if when(made[-1]):
            found.success, found.x = False, np.asarray(start)
        return found

    monkeypatch.setattr(predictions, "minimize", minimize)
    monkeypatch.setattr(predictions, "_allowed", predictions._allowed.__wrapped__)
    return made


def test_a_range_of_which_all_searches_fail_is_told(monkeypatch):
    """Of which quantity and which end; nothing is said of one that was found."""
    found = reported.fit(**COACH)
    expected = reported.probability_range(found, wtp=20_000)
    failing(monkeypatch, when=lambda _: True)
    message = (
        "range of p_cost_effective at 20000 must be searched over all that rounding and assumptions allow, but no "
        "search for its smallest and largest value ended well: it may be too narrow"
    )
    with pytest.warns(StatisticalWarning, match=f"^{message}$"):
        low, high = reported.probability_range(found, wtp=20_000)

    assert expected[0] - 1e-9 <= low <= high <= expected[1] + 1e-9


def test_an_end_at_a_bound_of_its_own_needs_no_search_that_ends_well(monkeypatch):
    """Nothing can lie beyond it, so no one is warned."""
    expected = {name: each.range for name, each in reported.fit(**COACH).parameters.items()}
    failing(monkeypatch, when=lambda _: True)

    assert {name: each.range for name, each in reported.fit(**COACH).parameters.items()} == expected


def test_a_failed_search_is_made_up_for_by_other_starts(monkeypatch):
    """The first four of each round fail: the range is that of the rest, and no one is warned."""
    found = reported.fit(**COMPARE)
    expected = reported.probability_range(found, wtp=20_000)
    total = len(failing(monkeypatch, when=lambda _: False))
    allowed = predictions.Allowed(np.array(found.theta), found.bands, {3: (0.033, 0.053), 4: (-0.5, 0.5)}, frozenset())
    allowed._seeded()
    monkeypatch.undo()
    made = failing(monkeypatch, when=lambda count: count < 4)

    low, sure = allowed.extreme("p_cost_effective", 20_000.0, 1.0)

    assert (total, sure) == (0, True)
    assert len(made) > 4
    assert low == pytest.approx(float(ndtri(expected[0])), rel=1e-6)


def test_what_agrees_only_near_ends_of_intervals_is_no_contradiction():
    """The rounded figures of a known θ, which meet in a thirtieth of their intervals."""
    found = reported.fit(
        cost=hecon.Difference("105", ci=("-112", "323")),
        effect=hecon.Difference("0.023", ci=("-0.009", "0.054")),
        icer=hecon.Ratio("4684", quadrant="NE"),
        p_cost_effective={14012: "0.801"},
    )

    assert all(abs(each.residual) <= 1 + 1e-6 for each in found.statistics)
    assert 0.0225 <= found.parameters["delta_effect"].value <= 105.5 / 4683.5


@pytest.mark.parametrize(
    ("statistics", "wtp"),
    [
        ((("100", ("-96", "296")), ("0.01", ("-0.02", "0.04")), {7554: "0.41"}), 5287.8),
        ((("-22", ("-218", "174")), ("-0.0466", ("-0.2426", "0.1494")), {480: "0.50"}), 960),
    ],
)
def test_searches_that_agree_near_a_correlation_of_one_confirm_a_range(statistics, wtp):
    """Where the optimiser stops at the extreme without meeting its tolerance no one is warned."""
    cost, effect, curve = statistics
    found = reported.fit(
        cost=hecon.Difference(cost[0], ci=cost[1]),
        effect=hecon.Difference(effect[0], ci=effect[1]),
        p_cost_effective=curve,
    )

    low, high = reported.probability_range(found, wtp=wtp)

    assert low < 1e-8 < reported.probability(found, wtp=wtp) < high


def test_a_difference_printed_as_minus_zero_has_a_range_without_a_warning():
    """Its solution lies above 0 by less than any rounding of floats."""
    found = reported.fit(
        cost=hecon.Difference("50", ci=("-146", "246")),
        effect=hecon.Difference("-0.00", ci=("-0.04", "0.03")),
        p_cost_effective={5623: "0.30"},
    )

    assert found.parameters["delta_effect"].range == pytest.approx((-0.005, 0.0), abs=1e-9)


def test_a_probability_of_one_needs_no_search_that_ends_well():
    """Where net benefit may not vary at all its quotient has no largest value, and none is needed."""
    found = reported.fit(
        cost=hecon.Difference("50", ci=("-146", "246")),
        effect=hecon.Difference("0.02", ci=("-0.02", "0.05")),
        p_cost_effective={3021: "0.50"},
    )

    low, high = reported.probability_range(found, wtp=6042)

    assert 0.5 < low < reported.probability(found, wtp=6042)
    assert high == 1.0


def test_ranges_without_curved_bounds_start_from_all_corners():
    """Also where the most probable corner is not the one that lies nearest."""
    found = reported.fit(**COACH)
    grid = np.meshgrid(*(np.linspace(*found.parameters[name].range, 9) for name in found.parameters), indexing="ij")
    cost, effect, cost_se, effect_se, rho = (each.ravel() for each in grid)
    for wtp in WTP:
        variance = (wtp * effect_se) ** 2 + cost_se**2 - 2 * wtp * rho * effect_se * cost_se
        z = (wtp * effect - cost) / np.sqrt(variance)
        low, high = (float(ndtri(each)) for each in reported.probability_range(found, wtp=wtp))
        assert low <= z.min() + 1e-6
        assert high >= z.max() - 1e-6


def test_a_fit_that_runs_out_of_evaluations_goes_on(monkeypatch):
    """A search that is cut short is no contradiction."""
    statistics = SEVERAL["three probabilities"]
    whole = reported.fit(**statistics)
    fit = _solve._fit

    def short(start, bands, coordinates, *, evaluations=60, **options):
        return fit(start, bands, coordinates, evaluations=2 if evaluations < 2000 else evaluations, **options)

    monkeypatch.setattr(_solve, "_fit", short)
    found = reported.fit(**statistics)

    assert found.theta == pytest.approx(whole.theta, rel=0.05)


def test_a_contradiction_of_a_search_that_did_not_settle_says_so(monkeypatch):
    """Two costs that differ, with a search that never ends well."""
    fit = _solve._fit
    monkeypatch.setattr(_solve, "_fit", lambda *given, **options: replace(fit(*given, **options), settled=False))

    with pytest.raises(ContradictionError, match=r"The search for what comes closest did not settle"):
        reported.fit(cost=(hecon.Difference(100), hecon.Difference(200)))


@pytest.mark.parametrize("wtps", [(1000, 20_000), (20_000, 1000)])
def test_a_solution_on_the_other_side_of_0_is_found(wtps):
    """A cost of 1,000 that is never worth it: about an effect of 1 QALY the probability is flat at 1.00, not 0.00.

    Only the start with the sign turned round leads to an effect at which both probabilities print so.
    """
    found = reported.fit(
        cost=hecon.Difference(1000, se=10),
        p_cost_effective=dict.fromkeys(wtps, "0.00"),
        assume={"effect_se": hecon.Assumed("0.001", ("0.001", "0.002"), "sister trial"), "correlation": RHO},
    )

    assert 20_000 * found.theta[1] < 1000


# Contradictions and their remedies ------------------------------------------------------------------------------------


def everything(cost, effect):
    """Return assumptions that leave nothing free."""
    values = {"delta_cost": cost, "delta_effect": effect, "cost_se": 100, "effect_se": "0.01", "correlation": 0}
    return {name: hecon.Assumed(value, (value, value), "to see") for name, value in values.items()}


def test_a_contradiction_with_nothing_free_is_refused():
    """All five parameters assumed: the probability that they give is not the one that was reported."""
    with pytest.raises(ContradictionError, match=r"p_cost_effective at 20000: printed as a bound, fitted 1,") as caught:
        reported.fit(p_cost_effective={20_000: "0.00"}, assume=everything(-1000, "0.1"))
    assert "the rest agree without the assumption of delta_cost or without the assumption of delta_effect" in str(
        caught.value
    )

    with pytest.raises(ContradictionError, match="cost difference: printed 100, fitted 150"):
        reported.fit(
            cost=(hecon.Difference(100), hecon.Difference(200)),
            assume={"delta_cost": hecon.Assumed(150, (150, 150), "between")},
        )


def test_statistics_that_agree_with_nothing_free_stand():
    """The same assumptions with the probability that follows from them."""
    found = reported.fit(p_cost_effective={20_000: "1.00"}, assume=everything(-1000, "0.1"))

    assert found.theta == (-1000, 0.1, 100, 0.01, 0)


CONTRADICTIONS = {
    "a standard error beside an interval": (
        {"cost": hecon.Difference(100, ci=(0, 200), se=20), "effect": hecon.Difference("0.1", se="0.05")},
        {"cost interval width", "cost standard error"},
    ),
    "a p value beside an interval": (
        {"cost": hecon.Difference(100, ci=(0, 200), p="0.5")},
        {"cost interval width", "cost p value"},
    ),
    "a ratio beside both differences": (
        {"cost": hecon.Difference(100), "effect": hecon.Difference("0.10"), "icer": 5000},
        {"cost difference", "effect difference", "icer (or with it in checks)"},
    ),
    "a ratio beside differences with spread": (
        {"cost": hecon.Difference(100, se=20), "effect": hecon.Difference("0.10", se="0.05"), "icer": 5000},
        {"icer (or with it in checks)"},
    ),
    "a probability beside all": (
        {
            "cost": hecon.Difference(100, se=20),
            "effect": hecon.Difference("0.100", se="0.050"),
            "correlation": "0.0",
            "p_cost_effective": {20_000: "0.30"},
        },
        {"p_cost_effective at 20000 (or with it in checks)"},
    ),
}


def without(statistics, name):
    """Return the statistics without the one that a message names."""
    left = dict(statistics)
    part = name.removesuffix(" (or with it in checks)")
    if part == "icer":
        left["checks"] = {"icer": left.pop("icer")}
    elif part.startswith("p_cost_effective"):
        left["checks"] = {"p_cost_effective": left.pop("p_cost_effective")}
    else:
        outcome, _, what = part.partition(" ")
        given = left.pop(outcome)
        keys = {"interval width": "ci", "standard error": "se", "p value": "p"}
        if what in keys:
            kept = {key: getattr(given, key) for key in ("ci", "se", "p") if key != keys[what]}
            left[outcome] = hecon.Difference(given.mean, **kept)
    return left


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_each_statistic_that_a_contradiction_names_can_be_left_out(name):
    """And then the others agree; a probability or a ratio can go to checks."""
    statistics, expected = CONTRADICTIONS[name]
    with pytest.raises(ContradictionError) as caught:
        reported.fit(**statistics)
    (told,) = re.findall(r"the rest agree without (.*); or pass", str(caught.value))
    named = told.split(" or without ")

    assert set(named) == expected
    for each in named:
        reported.fit(**without(statistics, each))
    with pytest.warns(StatisticalWarning, match="cannot all be true"):
        reported.fit(**statistics, on_contradiction="warn")


def test_a_contradiction_of_more_than_two_names_none():
    """Three costs that all differ: no one of them stands in the way alone."""
    with pytest.raises(ContradictionError, match=r"Check signs and units, or pass on_contradiction='warn'$"):
        reported.fit(cost=(hecon.Difference(100), hecon.Difference(200), hecon.Difference(300)))


def test_a_needless_assumption_names_a_probability_only_where_moving_it_helps():
    """An assumed standard error beside a printed one; an assumed correlation beside a probability."""
    whole = {"cost": hecon.Difference(100, se=50), "effect": hecon.Difference("0.100", se="0.050")}
    spread = {"effect_se": hecon.Assumed("0.05", ("0.04", "0.06"), "guess")}
    with pytest.raises(InputError, match=r"from effect standard error\): drop the assumption$"):
        reported.fit(**whole, assume=spread)

    curve = {20_000: "0.97"}
    with pytest.raises(InputError, match=r": drop the assumption, or move p_cost_effective at 20000 to checks$"):
        reported.fit(**whole, p_cost_effective=curve, assume={"correlation": RHO})
    assert reported.fit(**whole, checks={"p_cost_effective": curve}, assume={"correlation": RHO}).undetermined == ()


COST, EFFECT = hecon.Difference(1000, ci=(-200, 2200)), hecon.Difference("0.050", ci=("-0.050", "0.150"))
LEFT_OPEN = {
    "nothing of the effect but a ratio": (
        {"cost": COST, "icer": 20_000},
        {"effect_se": ("an interval, standard error or p value of the effect difference", "SDs with n")},
        [{"effect": EFFECT}, {"effect": hecon.Difference("0.050", p="0.33")}],
    ),
    "an effect printed as 0": (
        {"cost": COST, "effect": hecon.Difference("0.00"), "correlation": "0.1"},
        {"effect_se": ("an interval or standard error of the effect difference", "probability_above")},
        [
            {"effect": hecon.Difference("0.00", ci=("-0.10", "0.10"))},
            {"effect": hecon.Difference("0.00", se="0.05")},
            {"probability_above": {"-0.05": "0.84"}},
        ],
    ),
    "no effect": (
        {"cost": COST, "icer": hecon.Ratio(20_000, quadrant="NE")},
        {"effect_se": ("probability_above",)},
        [{"probability_above": {0: "0.84"}}],
    ),
    "no cost beside a ratio": (
        {"icer": hecon.Ratio(20_000, quadrant="NE")},
        {"delta_cost": ("a cost difference or arm means, or an effect difference",)},
        [{"effect": EFFECT}],
    ),
    "no cost": (
        {"effect": EFFECT},
        {"delta_cost": ("a cost difference or arm means, or an icer beside an effect difference",)},
        [{"cost": hecon.Difference(1000)}, {"icer": hecon.Ratio(20_000, quadrant="NE")}],
    ),
    "one probability": (
        {"cost": COST, "effect": hecon.Difference("0.050"), "p_cost_effective": {20_000: "0.52"}},
        {"correlation": ("correlation, or p_cost_effective at another willingness to pay",)},
        [],
    ),
}


@pytest.mark.parametrize("name", LEFT_OPEN)
def test_the_remedies_for_what_is_left_open_determine_it(name):
    """Each of them, beside the statistics at hand."""
    statistics, clauses, remedies = LEFT_OPEN[name]
    with pytest.raises(UnderdeterminedError) as caught:
        hecon.from_reported("a", "b", **statistics)

    for parameter, texts in clauses.items():
        assert parameter in caught.value.parameters
        (clause,) = (each for each in re.split(r"; |Give ", str(caught.value)) if each.startswith(f"{parameter}: "))
        assert all(text in clause for text in texts)
        for given in remedies:
            assert parameter not in reported.fit(**{**statistics, **given}).undetermined
