"""Which values a scenario takes: ends of ranges, the middle, given numbers, or draws."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from hecon import _checks
from hecon.budget import _engine
from hecon.budget._engine import extreme, may_turn
from hecon.errors import InputError
from hecon.printed.formulas import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from hecon.budget.plan import Plan
    from hecon.budget.records import Conventions, Formula, Parameter

NAMED = ("minimum", "middle", "maximum")
# Ranges up to which all places, or all corners, are counted.
_ALL_PLACES, _ALL_CORNERS = 8, 13
# Rounds of drawing again after which a plan's distributions do not suit it.
_ROUNDS = 200
_ONE = 1 + 1e-12
# What the order of a sum may change it by, in parts of the sizes added.
_DUST = 1e-12
_Z = float(special.ndtri(0.975))


def total(plan: Plan, conventions: Conventions, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the net spending inside the budget over the horizon, or the units of a plan without prices, by value."""
    return np.asarray(_changes(plan, conventions, values).sum(axis=(0, 1)))


def _changes(plan: Plan, conventions: Conventions, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return what `total` adds up: (year, resource, value)."""
    counted = _engine.count(plan, conventions, values)
    return counted.change if plan.priced else counted.units_change


def ends_of_spending(plan: Plan, conventions: Conventions, *, highest: bool) -> dict[str, float]:
    """Return the value of each parameter in the scenario of least, or of most, spending over the horizon.

    Every combination of the ends and the middles of up to 8 ranges is tried, and of the ends of up to 13; beyond that
    each range in turn goes to its best place, from all low, all high and the middle, until none moves. Where spending
    may rise and fall over a range by itself, or not all ends were tried, the ranges are searched for more between their
    ends, and a plan of which the extreme cannot be proven is refused. A range that makes no difference goes to the end
    that bears the scenario's name.
    """
    varied = [name for name in sorted(plan.parameters) if _is_varied(plan.parameters[name])]
    chosen = plan.middle
    places = [_places(plan.parameters[name], highest=highest) for name in varied]
    corners: list[Sequence[float]]
    if len(varied) <= _ALL_PLACES:
        corners = list(itertools.product(*places))
    elif len(varied) <= _ALL_CORNERS:
        corners = list(itertools.product(*(each[:2] for each in places)))
    else:
        starts = ([each[at] for each in places] for at in range(3))
        corners = [_climbed(plan, conventions, varied, places, start, highest=highest) for start in starts]
    best = corners[_best(plan, conventions, varied, corners, highest=highest)]
    chosen |= dict(zip(varied, best, strict=True))
    if len(varied) <= _ALL_CORNERS and not any(may_turn(plan, conventions, name) for name in varied):
        return chosen  # what only rises or only falls over each range by itself has its extremes at their ends
    return _between(plan, conventions, chosen, varied, highest=highest)


def _between(
    plan: Plan, conventions: Conventions, chosen: dict[str, float], varied: Sequence[str], *, highest: bool
) -> dict[str, float]:
    """Return the values of more extreme spending than those chosen, if there are any between the ends."""
    box = {name: plan.parameters[name].ends if name in varied else (at, at) for name, at in chosen.items()}
    result = extreme(plan, conventions, box, years=range(len(plan.years)), highest=highest, starts=[chosen])
    if not result.proven:
        kind, other = ("greatest", "above") if highest else ("least", "below")
        msg = (
            f"plan {plan.name} must have a {kind} spending that can be found, got {result.value:.6g}, which may lie "
            f"{other} that somewhere in {len(varied)} ranges: give scenarios by value, or set in_scenarios=False for "
            "some ranges"
        )
        raise InputError(msg)
    values = {name: np.array([value]) for name, value in chosen.items()}
    before = float(total(plan, conventions, values)[0])
    return result.at if abs(result.value - before) > abs(result.value - result.bound) else chosen


def _places(parameter: Parameter, *, highest: bool) -> tuple[float, float, float]:
    low, high = parameter.ends
    return (high, low, parameter.middle) if highest else (low, high, parameter.middle)


def _best(
    plan: Plan, conventions: Conventions, varied: Sequence[str], corners: Sequence[Sequence[float]], *, highest: bool
) -> int:
    """Return the place of the first corner of least or most spending; equal but for the rounding of sums is equal."""
    values = {name: np.full(len(corners), each.middle) for name, each in plan.parameters.items()}
    values |= {name: np.array([corner[at] for corner in corners]) for at, name in enumerate(varied)}
    changes = _changes(plan, conventions, values or {"": np.zeros(len(corners))})
    spent, room = changes.sum(axis=(0, 1)), _DUST * np.abs(changes).sum(axis=(0, 1)).max()
    return int(np.argmax(spent >= spent.max() - room) if highest else np.argmax(spent <= spent.min() + room))


def _climbed(
    plan: Plan,
    conventions: Conventions,
    varied: Sequence[str],
    places: Sequence[tuple[float, float, float]],
    start: Sequence[float],
    *,
    highest: bool,
) -> list[float]:
    at = list(start)
    for _ in range(len(varied)):
        before = list(at)
        for place, choices in enumerate(places):
            corners = [[*at[:place], choice, *at[place + 1 :]] for choice in choices]
            at[place] = choices[_best(plan, conventions, varied, corners, highest=highest)]
        if at == before:
            break
    return at


def _is_varied(parameter: Parameter) -> bool:
    return parameter.range is not None and parameter.in_scenarios


def scenario_values(
    plan: Plan, conventions: Conventions, scenario: str | Mapping[str, float | str]
) -> dict[str, float]:
    """Return the value of each parameter in a scenario."""
    if isinstance(scenario, str):
        _checks.one_of("scenario", scenario, (*NAMED, *plan.scenarios))
        if scenario in {"minimum", "maximum"}:
            return ends_of_spending(plan, conventions, highest=scenario == "maximum")
        chosen: Mapping[str, float | str] = plan.scenarios.get(scenario, {})
    elif isinstance(scenario, Mapping):
        chosen = scenario
    else:
        msg = f"scenario must be a name or a mapping of parameters to values, got {_checks.shown(scenario)}"
        raise InputError(msg)
    values = plan.middle
    for name, value in chosen.items():
        _checks.one_of("parameter", name, tuple(plan.parameters))
        by_word = plan.parameters[name].by_word
        if isinstance(value, str):
            values[name] = by_word[_checks.one_of(f"value of {name}", value, tuple(by_word))]
        else:
            values[name] = _checks.finite(f"value of {name}", value)
    return values


def drawn(
    parameters: Mapping[str, Parameter],
    n_draws: int,
    rng: int | np.random.Generator | None,
    *,
    allowed: Callable[[Mapping[str, NDArray[np.float64]]], NDArray[np.bool_]],
) -> dict[str, NDArray[np.float64]]:
    """Return draws of every parameter, in an order that does not depend on the plan's; fixed ones have one value.

    Draws that break a rule of the plan, such as a share above 1, are drawn again as a whole.
    """
    generator = _checks.generator(rng)
    varied = {name: each for name, each in sorted(parameters.items()) if each.range is not None}
    fixed = {name: np.array([each.middle]) for name, each in parameters.items() if each.range is None}
    result = {name: _sample(each, generator, n_draws) for name, each in varied.items()}
    for _ in range(_ROUNDS):
        bad = ~np.broadcast_to(allowed({**fixed, **result}), (n_draws,))
        if not bad.any():
            return {**fixed, **result}
        for name, each in varied.items():
            result[name][bad] = _sample(each, generator, int(bad.sum()))
    kept = 1 - float(bad.mean())
    msg = f"distributions must keep to the rules of the plan, got {kept:.0%} of the draws within them: choose others"
    raise InputError(msg)


def satisfies_rules(
    plan: Plan, conventions: Conventions, values: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.bool_]:
    """Return which values satisfy the rules of a plan: nothing negative, no share above 1, uptake that never falls."""
    shares: list[Formula] = [conventions.cap, *conventions.uptake]
    amounts: list[Formula] = []
    groups: dict[tuple[str, str, str], list[Formula]] = {}
    for population in plan.populations:
        shares.append(population.extra_demand)
        amounts.append(population.size)
        for pathway in ("current", "new", "extra"):
            for flow in getattr(population, pathway):
                shares.append(flow.share)
                amounts += [flow.quantity, 0.0 if flow.price is None else flow.price]
                if flow.one_of is not None:
                    groups.setdefault((population.id, pathway, flow.one_of), []).append(flow.share)
    good = np.asarray(True)  # noqa: FBT003 (what holds before anything is asked)
    for formula in amounts:
        value = evaluate(formula, values)
        good = good & np.isfinite(value) & (value >= 0)
    for formula in shares:
        value = evaluate(formula, values)
        good = good & (value >= 0) & (value <= _ONE)
    for each in groups.values():
        good = good & (sum(evaluate(formula, values) for formula in each) <= _ONE)
    for before, after in itertools.pairwise(conventions.uptake):
        good = good & (evaluate(before, values) <= evaluate(after, values))
    return np.asarray(good)


def _sample(  # noqa: PLR0911 (one for each distribution)
    parameter: Parameter, generator: np.random.Generator, n: int
) -> NDArray[np.float64]:
    low, high = parameter.ends
    mean, kind = parameter.middle, parameter.distribution
    if low == high:
        return np.full(n, low)
    if kind == "uniform":
        return generator.uniform(low, high, n)
    if kind == "triangular":
        return generator.triangular(low, mean, high, n)
    if kind == "pert":
        width = high - low
        return low + width * generator.beta(1 + 4 * (mean - low) / width, 1 + 4 * (high - mean) / width, n)
    deviation = (high - low) / (2 * _Z)
    if kind == "normal":
        return generator.normal(mean, deviation, n)
    if kind == "lognormal":
        # The ends are the central 95% on the scale of logarithms.
        return np.exp(generator.normal((np.log(low) + np.log(high)) / 2, (np.log(high) - np.log(low)) / (2 * _Z), n))
    if kind == "gamma":
        return generator.standard_gamma((mean / deviation) ** 2, n) * (deviation**2 / mean)
    size = mean * (1 - mean) / deviation**2 - 1
    return generator.beta(mean * size, (1 - mean) * size, n)
