"""Searches for a fit and for ranges: failed ones are told, no order matters, and the remedies that errors name work."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

import hecon
from hecon import reported
from hecon.errors import ContradictionError, InputError, StatisticalWarning, UnderdeterminedError
from hecon.reported import _ranges, _solve

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
        spans = reported.probability_ranges(found, wtp=order)
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
        allowed = _ranges.Allowed(theta, bands, {}, frozenset())
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
        assert reported.probability_ranges(first, wtp=WTP) == reported.probability_ranges(second, wtp=WTP)


# Failed searches ------------------------------------------------------------------------------------------------------


def failing(monkeypatch, *, when):
    """Let searches for a range end badly at their start when the count of them says so; return the count."""
    search, count = _ranges.minimize, itertools.count()
    made = []

    def minimize(objective, start, **options):
        found = search(objective, start, **options)
        made.append(next(count))
        if when(made[-1]):
            found.success, found.x = False, np.asarray(start)
        return found

    monkeypatch.setattr(_ranges, "minimize", minimize)
    return made


def test_a_range_of_which_all_searches_fail_is_told(monkeypatch):
    """Of which quantity and which end; nothing is said of one that was found."""
    found = reported.fit(**COACH)
    expected = reported.probability_range(found, wtp=20_000)
    failing(monkeypatch, when=lambda count: True)
    message = (
        "range of p_cost_effective at 20000 must be searched over all that rounding and assumptions allow, but no search"
        " for its smallest and largest value ended well: it may be too narrow"
    )
    with pytest.warns(StatisticalWarning, match=f"^{message}$"):
        low, high = reported.probability_range(found, wtp=20_000)

    assert expected[0] - 1e-9 <= low <= high <= expected[1] + 1e-9


def test_a_failed_search_is_made_up_for_by_other_starts(monkeypatch):
    """The first four of each round fail: the range is that of the rest, and no one is warned."""
    found = reported.fit(**COMPARE)
    expected = reported.probability_range(found, wtp=20_000)
    total = len(failing(monkeypatch, when=lambda count: False))
    allowed = _ranges.Allowed(np.array(found.theta), found.bands, {3: (0.033, 0.053), 4: (-0.5, 0.5)}, frozenset())
    allowed._seeded()
    monkeypatch.undo()
    made = failing(monkeypatch, when=lambda count: count < 4)

    low, sure = allowed.extreme("p_cost_effective", 20_000.0, 1.0)

    assert (total, sure) == (0, True)
    assert len(made) > 4
    assert low == pytest.approx(float(ndtri(expected[0])), rel=1e-6)


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
    monkeypatch.setattr(_solve, "_fit", lambda *given, **options: (*fit(*given, **options)[:2], False))

    with pytest.raises(ContradictionError, match=r"The search for what comes closest did not settle"):
        reported.fit(cost=(hecon.Difference(100), hecon.Difference(200)))


MIRRORED = {
    "harm": (500.0, -0.05, 200.0, 0.01, 0.3),
    "savings and harm": (-900.0, -0.02, 300.0, 0.02, -0.4),
}


@pytest.mark.parametrize("name", MIRRORED)
def test_a_solution_on_the_other_side_of_0_is_found(name):
    """Of a cost and four probabilities, with no effect or ratio that gives its sign away."""
    theta = MIRRORED[name]
    curve = printed_curve(theta, (1000, 10_000, 30_000, 100_000), 6)
    found = reported.fit(cost=hecon.Difference(int(theta[0]), se=int(theta[2])), p_cost_effective=curve)

    assert found.theta[1] == pytest.approx(theta[1], rel=0.05)
    assert found.theta[3:] == pytest.approx(theta[3:], rel=0.2)
