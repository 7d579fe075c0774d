"""Solve a plan for a number: where it breaks even, or gives the printed totals; and what each range does."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy import optimize

from hecon import _checks
from hecon._display import displayed
from hecon.budget import engine
from hecon.budget.engine import degree_of_spending, extreme, may_turn, spending
from hecon.budget.impact import checked_conventions, values_of
from hecon.budget.reconciliation import CountingDeparture, Effects, counting_choices, included, plans_of, rank
from hecon.errors import InputError
from hecon.printed.formulas import constant, coordinates, degree, evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from hecon._arrays import Floats
    from hecon.budget.plan import Plan
    from hecon.budget.records import Conventions, Printed
    from hecon.printed.formulas import Enclosure


#: Places at which the size of the function is taken.
STEPS = 257
# Tolerances of zero relative to the function's size: over a part, at a place, over a stretch of zeros.
_ZERO, _NEAR, _NOISE = 1e-12, 1e-9, 1e-15
# Relative to the range: width of a part that counts as a place, and distance of places that count as one.
_NARROW, _APART = 2.0**-44, 1e-12
_MOST = 4096


def zeros(
    function: Callable[[Floats], Floats], bounds: Callable[[Floats, Floats], Enclosure], low: float, high: float
) -> list[float]:
    """Return all zeros of a function in a range, rising, by its bounds in parts; of a stretch of zeros both ends."""
    size = float(np.abs(function(np.linspace(low, high, STEPS))).max())
    left, right = np.array([low]), np.array([high])
    single: list[float] = []
    flat: list[tuple[float, float]] = []
    while left.size:
        if left.size > _MOST:
            msg = f"within must hold few values at which nothing is paid, got {low} to {high}: look in a narrower one"
            raise InputError(msg)
        lower, upper, falls, rises = _bounded(function, bounds, left, right)
        bounded = np.isfinite(lower) & np.isfinite(upper)
        at_zero = bounded & (lower >= -_ZERO * size) & (upper <= _ZERO * size)
        narrow = ~at_zero & (right - left <= _NARROW * (high - low))
        if not np.isfinite(size) or (narrow & ~bounded).any():
            msg = f"within must leave out values at which the plan divides by 0, got {low} to {high}"
            raise InputError(msg)
        flat += zip(left[at_zero].tolist(), right[at_zero].tolist(), strict=True)
        near = narrow & (np.abs(function((left + right) / 2)) <= _NEAR * size) & (lower <= 0) & (upper >= 0)
        flat += zip(left[near].tolist(), right[near].tolist(), strict=True)
        left_over = ~at_zero & ~narrow & ~(bounded & ((lower > 0) | (upper < 0)))
        steady = left_over & bounded & ((falls > 0) | (rises < 0))
        single += _crossings(function, zip(left[steady].tolist(), right[steady].tolist(), strict=True))
        divide = left_over & ~steady
        middle = (left[divide] + right[divide]) / 2
        left, right = np.concatenate([left[divide], middle]), np.concatenate([middle, right[divide]])
    apart = _APART * (high - low)
    ends = [each for part in _joined(flat, apart) for each in _places(function, *part, size)]
    return [left for left, _ in _joined([(each, each) for each in (*single, *ends)], apart)]


def _bounded(
    function: Callable[[Floats], Floats], bounds: Callable[[Floats, Floats], Enclosure], left: Floats, right: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the bounds of the function and of its slope over parts: by its form, and by its middle and slope."""
    with np.errstate(all="ignore"):
        result = bounds(left, right)
        falls, rises = (np.broadcast_to(each, (1, left.size))[0] for each in (result.falls, result.rises))
        middle = function((left + right) / 2)
        spread = np.maximum(np.abs(falls), np.abs(rises)) * (right - left) / 2
        spread = spread * (1 + 1e-12) + 1e-14 * np.abs(middle)
        lower, upper = np.fmax(result.low, middle - spread), np.fmin(result.high, middle + spread)
    return lower, upper, falls, rises


def _crossings(function: Callable[[Floats], Floats], parts: Iterable[tuple[float, float]]) -> list[float]:
    """Return the zeros in parts over which the function only rises or only falls: one at most in each."""

    def value(x: float) -> float:
        return float(function(np.array([x]))[0])

    result = []
    for left, right in parts:
        first, last = value(left), value(right)
        if first == 0 or last == 0:
            result.append(left if first == 0 else right)
        elif (first < 0) != (last < 0):
            result.append(float(optimize.brentq(value, left, right, xtol=1e-14)))
    return result


def _joined(parts: list[tuple[float, float]], apart: float, relative: float = 0.0) -> list[tuple[float, float]]:
    """Return parts in their order, those no further apart than a distance, also one relative to their place, as one."""
    result: list[tuple[float, float]] = []
    for left, right in sorted(parts):
        if result and left <= result[-1][1] + apart + relative * abs(left):
            result[-1] = (result[-1][0], max(result[-1][1], right))
        else:
            result.append((left, right))
    return result


def _places(function: Callable[[Floats], Floats], left: float, right: float, size: float) -> list[float]:
    """Return the zeros of a part in which all is 0 or almost: both ends of a stretch of zeros, else one place."""
    inside = np.abs(function(np.linspace(left, right, 19)[1:-1]))
    if right > left and (inside <= _NOISE * size).all():
        return [left, right]
    return _crossings(function, [(left, right)]) or [(left + right) / 2]


# Rounding of a net change of 0, relative to the changes that it sums.
_NOTHING = 1e-14


def _year_of(plan: Plan, year: int | None) -> int:
    """Return the position of a year, by default the last."""
    if year is None:
        return len(plan.years) - 1
    if not isinstance(year, (int, np.integer)) or year not in plan.years:
        msg = f"year must be one of {', '.join(map(str, plan.years))}, got {_checks.shown(year)}"
        raise InputError(msg)
    return plan.years.index(year)


def _priced(plan: Plan) -> None:
    if not plan.priced:
        msg = f"plan {plan.name} must have prices, got units only: its sources estimate no spending"
        raise InputError(msg)


def one_way(plan: Plan, *, year: int | None = None, conventions: Conventions | str | None = None) -> xr.Dataset:
    """Return the net budget impact over each range, one at a time with the rest at the middle: the bars of a tornado.

    Parameters
    ----------
    plan : Plan
        The plan.
    year : int, optional
        Year of the plan; default the last.
    conventions : Conventions or str, optional
        As in `hecon.budget_impact`.

    Returns
    -------
    xarray.Dataset
        Over parameter, the widest bar first: `low` and `high` (ends of the range), `net_low` and `net_high` (net
        spending inside the budget at them [currency]), `net_least` and `net_most` (over the whole range, which is more
        than its ends where spending first rises and then falls); attrs `net` (all at the middle) and `year`.

    Raises
    ------
    InputError
        If the plan has no prices, the year is not one of its years, or the least or the most over a range cannot be
        proven.

    Notes
    -----
    Between the ends the range is divided until no part can hold a net spending that is further out by 1e-9 of its size.

    Examples
    --------
    >>> import hecon
    >>> bars = hecon.budget.one_way(hecon.load("copd").budget)
    >>> bars.parameter.values.tolist()
    ['extra_treatments', 'tariff']
    """
    counting = checked_conventions(plan, conventions)
    _priced(plan)
    at = _year_of(plan, year)
    names = [name for name, each in plan.parameters.items() if each.range is not None]
    base = plan.middle
    columns = [(name, end) for name in names for end in plan.parameters[name].ends]
    values = {
        key: np.array([value, *(end if name == key else value for name, end in columns)]) for key, value in base.items()
    }
    net = engine.count(plan, counting, values or {"": np.zeros(1)}).change[at].sum(axis=0)
    low, high = net[1::2], net[2::2]
    most, least = (
        np.array(
            [
                _between(plan, counting, name, at, extreme_of(ends), highest=extreme_of is max)
                for name, *ends in zip(names, low, high, strict=True)
            ]
        )
        for extreme_of in (max, min)
    )
    # Ties stand in the order of their names, not of the file.
    order = sorted(range(len(names)), key=lambda i: (-(most[i] - least[i]), names[i]))
    ends = np.array([plan.parameters[name].ends for name in names]).reshape(-1, 2)
    return xr.Dataset(
        {
            "low": ("parameter", ends[order, 0]),
            "high": ("parameter", ends[order, 1]),
            "net_low": ("parameter", low[order]),
            "net_high": ("parameter", high[order]),
            "net_least": ("parameter", least[order]),
            "net_most": ("parameter", most[order]),
        },
        coords={"parameter": [names[i] for i in order]},
        attrs={"net": float(net[0]), "year": plan.years[at], "currency": plan.currency, "plan": plan.name},
    )


def _between(plan: Plan, counting: Conventions, name: str, year: int, of_ends: float, *, highest: bool) -> float:
    """Return the least or the most net spending in a year over one range: that of its ends, or what lies between."""
    if not may_turn(plan, counting, name):
        return float(of_ends)
    box = {key: each.ends if key == name else (each.middle,) * 2 for key, each in plan.parameters.items()}
    result = extreme(plan, counting, box, years=(year,), highest=highest)
    if not result.proven:
        msg = f"range of {name} must be one over which the extremes of spending can be proven: narrow it"
        raise InputError(msg)
    # Nearer than the tolerance it is the same amount.
    return result.value if abs(result.value - of_ends) > abs(result.value - result.bound) else float(of_ends)


def break_even(
    plan: Plan,
    *,
    of: str = "uptake",
    year: int | None = None,
    scenario: str | Mapping[str, float | str] = "middle",
    within: tuple[float, float] | None = None,
    conventions: Conventions | str | None = None,
) -> tuple[float, ...]:
    """Return the values of uptake, or of a parameter such as the share of operations avoided, at which nothing is paid.

    Parameters
    ----------
    plan : Plan
        The plan.
    of : str
        "uptake", or a parameter.
    year : int, optional
        Year of the plan; default the last.
    scenario : str or mapping
        Values of the other parameters, as in `hecon.budget_impact`.
    within : pair of float, optional
        Where to look; default where the plan looks for its substitution, else the parameter's range, else 0 to 1.
    conventions : Conventions or str, optional
        As in `hecon.budget_impact`.

    Returns
    -------
    tuple of float
        Every value at which the net spending inside the budget is 0, rising; of a stretch of such values its two ends;
        empty if there is none, and if it is 0 at every value. Net spending that is proportional to uptake is 0 only at
        no uptake, which is left out unless an amount stands beside it.

    Raises
    ------
    InputError
        If the plan has no prices, or no such parameter.

    Notes
    -----
    The range is divided until each part holds no zero, by interval arithmetic, or just one, which is solved by Brent's
    method; what is 0 to 1e-12 of the largest net spending in the range counts as 0, as where it touches 0 and turns.
    Uptake is varied from 0 to 1 whatever the cap.

    Examples
    --------
    >>> import hecon
    >>> plan = hecon.load("acl-rupture").budget
    >>> [round(share, 3) for share in hecon.budget.break_even(plan, of="share_avoided")]
    [10.686]
    """
    counting = checked_conventions(plan, conventions)
    _priced(plan)
    at = _year_of(plan, year)
    _checks.one_of("of", of, ("uptake", *plan.parameters))
    base = values_of(plan, counting, scenario, scenario if isinstance(scenario, str) else "given")
    low, high = _within(plan, of, within)
    varied = of
    if of == "uptake":
        _checks.probability("within", low)
        _checks.probability("within", high)
        # The uptake of every year under a name that no parameter can have.
        varied = "_uptake"
        counting = replace(counting, uptake=(varied,) * len(plan.years), cap=1.0)

    def changes(x: np.ndarray) -> np.ndarray:
        values = {key: np.full(x.size, value) for key, value in base.items()} | {varied: x}
        return np.asarray(engine.count(plan, counting, values).change[at])

    def net(x: np.ndarray) -> np.ndarray:
        return np.asarray(changes(x).sum(axis=0))

    def bounds(left: np.ndarray, right: np.ndarray) -> Enclosure:
        values = {key: constant(value, 1, left.size) for key, value in base.items()}
        (x,) = coordinates(left[None, :], right[None, :])
        return spending(plan, counting, (at,), values | {varied: x})

    places = np.linspace(low, high, STEPS)
    turned_over = np.abs(changes(places)).sum(axis=0).max()
    if np.abs(net(places)).max() <= _NOTHING * turned_over:
        return ()
    result = zeros(net, bounds, low, high)
    return tuple(each for each in result if each != 0 or of != "uptake" or plan.amounts)


def _within(plan: Plan, of: str, given: tuple[float, float] | None) -> tuple[float, float]:
    if given is None:
        if plan.substitution is not None and plan.substitution[0] == of:
            return plan.substitution[1]
        ends = plan.parameters[of].ends if of in plan.parameters else (0.0, 1.0)
        return ends if ends[0] < ends[1] else (0.0, 1.0)
    low, high = (_checks.finite("within", each) for each in _checks.pair("within", given))
    if not low < high:
        msg = f"within must run upwards, got {low} to {high}"
        raise InputError(msg)
    return low, high


# The values of the parameters of each plan, by its name.
Values = dict[str, dict[str, float]]

# Relative distance below which parts of a line are joined.
_STRAIGHT = 1e-12
# Distance between the places that give a line, relative to the parameter's value.
_STEP = 0.01
# Largest size of a parameter, and bisections to the end of its rules.
_FAR, _HALVINGS = 1e12, 100


@displayed
@dataclass(frozen=True)
class Solution:
    """A way to count under which one value of the parameter gives all printed totals.

    Attributes
    ----------
    departures : tuple of CountingDeparture
        From what is stated; empty for the stated conventions.
    low, high : float
        Lowest and highest value that gives them all, to their rounding; looked for up to 1e12 in size.
    """

    departures: tuple[CountingDeparture, ...]
    low: float
    high: float


def solve(
    plan: Plan | Sequence[Plan], parameter: str, *, printed: Sequence[Printed] | None = None
) -> tuple[Solution, ...]:
    """Return the values of a parameter that give the printed totals, for each way to count that allows any.

    Parameters
    ----------
    plan : Plan or sequence of Plan
        The plan; with the plans that its totals include besides, if any, which share the parameter.
    parameter : str
        A parameter in which totals are straight lines, such as a price; it takes the same value in all scenarios.
    printed : sequence of Printed, optional
        The totals; default those of the (first) plan.

    Returns
    -------
    tuple of Solution
        Fewest contradictions of the text first, then fewest departures; empty if no one value gives them all.

    Raises
    ------
    InputError
        If there is no such parameter, a total tells no scenario, or totals by the stated conventions are not straight
        lines in the parameter.

    Notes
    -----
    Another way to count by which a total is no straight line in the parameter, as a rate that inflation compounds, is
    not tried.

    Examples
    --------
    >>> import hecon
    >>> plans = [hecon.load(f"meniscal-tear-{kind}").budget for kind in ("traumatic", "degenerative")]
    >>> for each in hecon.budget.solve(plans, "operation_price"):
    ...     print([departure.choice for departure in each.departures], round(each.low, 1), round(each.high, 1))
    [] 2242.9 2263.1
    ['none'] 2269.1 2285.1
    """
    plans = plans_of(plan)
    _checks.one_of("parameter", parameter, sorted({name for each in plans for name in each.parameters}))
    totals = plans[0].printed if printed is None else tuple(printed)
    if not totals:
        msg = "printed must hold at least one total to solve from, got none"
        raise InputError(msg)
    for total in totals:
        if "any" in total.spans or total.counts == "patients":
            msg = f"printed total {total.id} must be of money and tell its scenario, to solve from it"
            raise InputError(msg)
    everything = tuple({each.name: each for total in totals for each in included(plans, total)}.values())
    ends = {end for total in totals for end in total.spans}
    at_ends = {
        end: {each.name: engine.scenario_values(each, each.conventions, end) for each in everything} for end in ends
    }
    result = []
    for departures, how in counting_choices(everything):
        by_plan = dict(zip((each.name for each in everything), how, strict=True))
        if any(degree_of_spending(each, by_plan[each.name], parameter) > 1 for each in everything):
            if departures:
                continue  # another way of counting bends; the stated one need not
            rule = f"total {totals[0].id} must be a straight line in {parameter}"
            msg = f"{rule}: solve for a price or a number of patients"
            raise InputError(msg)
        spans: list[tuple[float, float]] = [(-np.inf, np.inf)]
        for total in totals:
            spans = _allowed(plans, total, parameter, by_plan, at_ends=at_ends, spans=spans)
        ruled = (_ruled(everything, parameter, by_plan, span) for span in _joined(spans, 0.0, _STRAIGHT))
        result += [Solution(departures, *span) for span in ruled if span is not None]
    return tuple(sorted(result, key=lambda each: rank(each.departures)))


def _allowed(
    plans: Sequence[Plan],
    total: Printed,
    parameter: str,
    by_plan: dict[str, Conventions],
    *,
    at_ends: dict[str, Values],
    spans: list[tuple[float, float]],
) -> list[tuple[float, float]]:
    """Return what is left of spans of the parameter in which all numbers of one total come out."""
    # Between two bends of a cap a total is a straight line.
    counted = included(plans, total)
    year = counted[0].years.index(total.year)
    how = [by_plan[each.name] for each in counted]
    middle = next(each.parameters[parameter].middle for each in plans if parameter in each.parameters)
    for end, bounds in total.spans.items():
        bends = _bends(counted, at_ends[end], parameter, how, year)
        edges = [-np.inf, *bends, np.inf]
        parts = []
        for low, high in itertools.pairwise(edges):
            at = _inside(low, high, middle)
            line = [_total(counted, at_ends[end], (parameter, value), how, year) for value in at]
            parts += [_cut(span, _within_bounds(at, line, bounds, (low, high), total.id)) for span in spans]
        spans = sorted({(low, high) for low, high in parts if low <= high})
    return spans


def _cut(span: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return float(max(span[0], other[0])), float(min(span[1], other[1]))


def _inside(low: float, high: float, middle: float) -> tuple[float, float, float]:
    """Return three places in a part of a line, evenly apart: about the parameter's value, if it lies there."""
    step = _STEP * (abs(middle) or 1.0)
    if np.isfinite(low) and np.isfinite(high):
        step, middle = (high - low) / 4, (low + high) / 2
    elif np.isfinite(low) and middle - step < low:
        middle = low + 2 * step
    elif np.isfinite(high) and middle + step > high:
        middle = high - 2 * step
    return middle - step, middle, middle + step


def _within_bounds(
    at: tuple[float, float, float],
    line: Sequence[float],
    bounds: tuple[float, float],
    part: tuple[float, float],
    name: str,
) -> tuple[float, float]:
    """Return where a total, a straight line over a part, lies within its bounds; nowhere is a span that runs down."""
    if not np.isfinite(line).all():
        msg = f"total {name} must be finite near the parameter's value, to solve from it: it divides by 0"
        raise InputError(msg)
    slope = (line[2] - line[0]) / (at[2] - at[0])
    if slope == 0:
        return part if bounds[0] <= line[1] <= bounds[1] else (np.inf, -np.inf)
    low, high = sorted(at[1] + (bound - line[1]) / slope for bound in bounds)
    return _cut(part, (low, high))


def _bends(plans: Sequence[Plan], values: Values, parameter: str, how: Sequence[Conventions], year: int) -> list[float]:
    """Return the values of the parameter at which uptake reaches the cap in a year."""
    result = set()
    for plan, conventions in zip(plans, how, strict=True):
        uptake, cap = conventions.uptake[year], conventions.cap
        used = max(degree(uptake, parameter), degree(cap, parameter))
        if conventions.cap_rule == "ceiling" and used:
            chosen = values[plan.name] | {parameter: np.array([0.0, 1.0])}
            room = np.broadcast_to(evaluate(cap, chosen) - evaluate(uptake, chosen), 2)
            if room[0] != room[1]:
                result.add(float(room[0] / (room[0] - room[1])))
    return sorted(result)


def _ruled(
    plans: Sequence[Plan], parameter: str, by_plan: dict[str, Conventions], span: tuple[float, float]
) -> tuple[float, float] | None:
    """Return the part of a span of the parameter that keeps to the rules of the plans, such as a share of at most 1."""
    held = [each for each in plans if parameter in each.parameters]

    def keeps(value: float) -> bool:
        try:
            for each in held:
                values_of(each, by_plan[each.name], {parameter: value}, parameter)
        except InputError:
            return False
        return True

    low, high = max(span[0], -_FAR), min(span[1], _FAR)
    inside = (low, high, float(np.clip(held[0].parameters[parameter].middle, low, high)), (low + high) / 2)
    start = next((value for value in inside if keeps(value)), None)
    if start is None:
        return None
    return _edge(keeps, start, low), _edge(keeps, start, high)


def _edge(keeps: Callable[[float], bool], start: float, end: float) -> float:
    """Return the end, or the last value before it that keeps to the rules."""
    if keeps(end):
        return end
    for _ in range(_HALVINGS):
        middle = (start + end) / 2
        start, end = (middle, end) if keeps(middle) else (start, middle)
    return start


def _total(
    plans: Sequence[Plan], values: Values, setting: tuple[str, float], how: Sequence[Conventions], year: int
) -> float:
    """Return the net spending with a parameter at a value and the others as given."""
    parameter, value = setting
    columns = tuple(
        ({**values[each.name], **({parameter: value} if parameter in each.parameters else {})},) for each in plans
    )
    spent = Effects.at(plans, columns).by_flow(plans, how, year)
    return math.fsum(float(each[0]) for each in spent.values())
