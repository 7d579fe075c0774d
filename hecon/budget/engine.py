"""A plan at given values of its parameters: spending by year, and the values of scenarios and draws."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from hecon import _checks
from hecon.budget.records import INSIDE, PATHWAYS, under_deductible
from hecon.errors import InputError
from hecon.printed.formulas import degree, enclosed, evaluate, least

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hecon._arrays import Flags, Floats
    from hecon.budget.plan import Plan
    from hecon.budget.records import Conventions, Flow, Formula, Parameter
    from hecon.printed.formulas import Enclosure, Extreme

    Term = tuple[Formula, Formula, Formula, float]


def spending(plan: Plan, conventions: Conventions, years: Sequence[int], values: Mapping[str, Enclosure]) -> Enclosure:
    """Return the net spending (without prices the units) in years by their places: what `count` gives at points."""

    def of(formula: Formula) -> Enclosure:
        return enclosed(formula, values)

    # Units do not rise with prices.
    factors = _yearly(conventions, years, of(0.0), values, rising=plan.priced)
    discount_factors = discounts(plan, conventions)[:, 0]
    total = of(0.0)
    for population in plan.populations:
        there = of(0.0)
        for place, factor in factors.items():
            at = plan.years[place]
            growth = (1 + conventions.demographic_growth) ** (at - (plan.base_year or at))
            there += factor * (growth * (float(discount_factors[place]) if plan.priced else 1.0))
        current, new, extra = (
            _terms(plan, conventions, flows)
            for flows in (population.current, population.new, population.extra or population.new)
        )
        # Terms of both pathways cancel exactly here; the difference of their bounds would not be 0.
        change = _sum(new - current, of(0.0), values) - _sum(current - new, of(0.0), values)
        change += of(population.extra_demand) * _sum(extra, of(0.0), values)
        total += there * of(population.size) * change
    for amount in plan.amounts:
        own = conventions.deductible_share if under_deductible(amount.sector, amount.payer) else 0.0
        if amount.payer in INSIDE:
            for place in years:
                total += of(amount.by_year[place]) * (float(discount_factors[place]) * (1 - own))
    return total


def _yearly(
    conventions: Conventions, years: Sequence[int], zero: Enclosure, values: Mapping[str, Enclosure], *, rising: bool
) -> dict[int, Enclosure]:
    """Return by how much a patient's care at full uptake and uninflated prices counts in each year."""
    cap = enclosed(conventions.cap, values)
    risen = zero + 1.0
    result: dict[int, Enclosure] = {}
    for place in range(max(years) + 1):
        if rising and conventions.inflation_rule != "none" and conventions.inflation:
            rate = enclosed(conventions.inflation[place], values) + 1.0
            risen = risen * rate if conventions.inflation_rule == "cumulative" else rate
        if place in years:
            path = enclosed(conventions.uptake[place], values)
            reach = path.minimum(cap) if conventions.cap_rule == "ceiling" else path * cap
            result[place] = reach * risen
    return result


def _terms(plan: Plan, conventions: Conventions, flows: Iterable[Flow]) -> Counter[Term]:
    """Return what a patient of a pathway spends inside the budget, or the units of a plan without prices."""
    terms: Counter[Term] = Counter()
    for flow in flows:
        if not plan.priced:
            terms[flow.share, flow.quantity, 1.0, 1.0] += 1
        elif flow.payer in INSIDE and flow.price is not None:
            own = conventions.deductible_share if under_deductible(flow.sector, flow.payer) else 0.0
            terms[flow.share, flow.quantity, flow.price, 1 - own] += 1
    return terms


def _sum(terms: Counter[Term], zero: Enclosure, values: Mapping[str, Enclosure]) -> Enclosure:
    total = zero
    for (share, quantity, price, part), often in terms.items():
        total += enclosed(share, values) * enclosed(quantity, values) * enclosed(price, values) * (part * often)
    return total


def may_turn(plan: Plan, conventions: Conventions, name: str) -> bool:
    """Return whether spending, as the plan is written, may rise and fall over the range of one parameter."""
    # It does not where it is a straight line in the parameter, or where the parameter does nothing but cut off uptake.
    reach = max((degree(each, name) for each in conventions.uptake), default=0.0)
    cap = degree(conventions.cap, name)
    if conventions.cap_rule == "ceiling" and (reach or cap):
        return bool(reach or cap > 1 or degree_of_spending(plan, replace(conventions, cap=1.0), name))
    return degree_of_spending(plan, conventions, name) > 1


def degree_of_spending(plan: Plan, conventions: Conventions, name: str) -> float:
    """Return the degree of spending in a parameter as the plan is written, of the parts of a line that a cap bends."""

    def of(*formulas: Formula | None) -> float:
        return sum(degree(formula, name) for formula in formulas if formula is not None)

    path, cap = max(map(of, conventions.uptake), default=0.0), of(conventions.cap)
    rates = [of(rate) for rate in conventions.inflation] if conventions.inflation_rule != "none" else []
    rising = sum(rates) if conventions.inflation_rule == "cumulative" else max(rates, default=0.0)
    amounts = max((of(formula) for each in plan.amounts for formula in each.by_year), default=0.0)
    per_patient = 0.0
    for each in plan.populations:
        flows = max((of(flow.share, flow.quantity, flow.price) for flow in (*each.current, *each.new)), default=0.0)
        extra = max((of(flow.share, flow.quantity, flow.price) for flow in each.extra or each.new), default=0.0)
        per_patient = max(per_patient, of(each.size) + max(flows, of(each.extra_demand) + extra))
    reach = max(path, cap) if conventions.cap_rule == "ceiling" else path + cap
    return max(amounts, reach + rising + per_patient)


def extreme(
    plan: Plan,
    conventions: Conventions,
    box: Mapping[str, tuple[float, float]],
    *,
    years: Sequence[int],
    highest: bool,
    starts: Iterable[Mapping[str, float]] = (),
) -> Extreme:
    """Search the least, or the most, net spending over ranges, proven to 1e-9 of that at their middle."""
    counted = count(plan, conventions, {name: np.array([sum(ends) / 2]) for name, ends in box.items()})
    parts = (counted.current, counted.change) if plan.priced else (counted.units_current, counted.units_change)
    size = sum(float(np.abs(part).sum()) for part in parts)
    sign = -1.0 if highest else 1.0

    def objective(values: Mapping[str, Enclosure]) -> Enclosure:
        return spending(plan, conventions, years, values) * sign

    result = least(objective, box, starts=starts, size=size if np.isfinite(size) else 0.0)
    return replace(result, value=sign * result.value, bound=sign * result.bound)


@dataclass(frozen=True)
class Resource:
    """A row of the count: a resource of a population, or an amount taken over; its sector."""

    population: str
    flow: str
    sector: str


@dataclass(frozen=True)
class Counted:
    """Money inside and outside the budget, and units, each (year, resource, value).

    Each pair is the current situation and the change by the new one, so that what does not change is exactly 0.
    `patients` is (year, value): those on the new pathway.
    """

    resources: tuple[Resource, ...]
    current: Floats
    change: Floats
    outside_current: Floats
    outside_change: Floats
    units_current: Floats
    units_change: Floats
    patients: Floats


def resources(plan: Plan) -> tuple[Resource, ...]:
    """Return the rows of a plan's count: flows by population, then amounts."""
    rows = [
        Resource(population.id, flow.id, flow.sector)
        for population in plan.populations
        for flow in (*population.current, *population.new, *population.extra)
    ]
    rows += [Resource("", amount.id, amount.sector) for amount in plan.amounts]
    return tuple(dict.fromkeys(rows))


def uptake(plan: Plan, conventions: Conventions, values: Mapping[str, Floats]) -> Floats:
    """Return the share on the new pathway, (year, value)."""
    cap = _wide(conventions.cap, values)
    path = np.stack([_wide(each, values) for each in conventions.uptake[: len(plan.years)]])
    return np.minimum(path, cap) if conventions.cap_rule == "ceiling" else path * cap


def discounts(plan: Plan, conventions: Conventions) -> Floats:
    """Return by what money of each year is multiplied to discount it, (year, 1)."""
    return np.asarray((1 + conventions.discount_rate) ** -np.arange(len(plan.years), dtype=np.float64)[:, None])


def price_factors(plan: Plan, conventions: Conventions, values: Mapping[str, Floats]) -> Floats:
    """Return by what prices of each year are multiplied: inflation and discounting, (year, value)."""
    rates: Floats = np.ones((len(plan.years), *_width(values)))
    if conventions.inflation_rule != "none" and conventions.inflation:
        rates = 1 + np.stack([_wide(each, values) for each in conventions.inflation])
    if conventions.inflation_rule == "cumulative":
        rates = np.asarray(np.cumprod(rates, axis=0))
    return np.asarray(rates * discounts(plan, conventions))


def _width(values: Mapping[str, Floats]) -> tuple[int, ...]:
    return np.broadcast_shapes((1,), *{np.shape(each) for each in values.values()})


def _wide(formula: Formula, values: Mapping[str, Floats]) -> Floats:
    return np.broadcast_to(evaluate(formula, values), _width(values))


def _used(
    flows: tuple[Flow, ...], population: str, rows: tuple[Resource, ...], values: Mapping[str, Floats]
) -> tuple[Floats, ...]:
    """Return money inside, money outside, units and money under the deductible of a patient, each (resource, value)."""
    shape = (len(rows), *_width(values))
    inside, outside, units, own = (np.zeros(shape) for _ in range(4))
    for flow in flows:
        row = rows.index(Resource(population, flow.id, flow.sector))
        quantity = evaluate(flow.share, values) * evaluate(flow.quantity, values)
        units[row] += quantity
        if flow.price is not None:
            spent = quantity * evaluate(flow.price, values)
            (inside if flow.payer in INSIDE else outside)[row] += spent
            if under_deductible(flow.sector, flow.payer):
                own[row] += spent
    return inside, outside, units, own


@np.errstate(all="ignore")
def count(plan: Plan, conventions: Conventions, values: Mapping[str, Floats]) -> Counted:
    """Return money, units and patients at values of the parameters; NaN or infinite where a formula divides by 0."""
    rows = resources(plan)
    shape = (len(plan.years), len(rows), *_width(values))
    kinds = ("", "outside_", "units_", "own_")
    current, change = ({kind: np.zeros(shape) for kind in kinds} for _ in range(2))
    patients = np.zeros((len(plan.years), *_width(values)))
    share = uptake(plan, conventions, values)
    factors, discounted = price_factors(plan, conventions, values), discounts(plan, conventions)
    for population in plan.populations:
        size, extra = _wide(population.size, values), _wide(population.extra_demand, values)
        now = _used(population.current, population.id, rows, values)
        then = _used(population.new, population.id, rows, values)
        added = _used(population.extra, population.id, rows, values) if population.extra else then
        for year, at in enumerate(plan.years):
            there = size * (1 + conventions.demographic_growth) ** (at - (plan.base_year or at))
            patients[year] += there * share[year] * (1 + extra)
            for kind, a, b, c in zip(kinds, now, then, added, strict=True):
                factor = 1.0 if kind == "units_" else factors[year]
                current[kind][year] += factor * there * a
                change[kind][year] += factor * there * share[year] * (b - a + extra * c)
    _add_amounts(plan, rows, values, discounted, change)
    if conventions.deductible_share:
        for arrays in (current, change):
            paid = conventions.deductible_share * arrays["own_"]
            arrays[""] -= paid
            arrays["outside_"] += paid
    return Counted(
        resources=rows,
        patients=patients,
        current=current[""],
        change=change[""],
        outside_current=current["outside_"],
        outside_change=change["outside_"],
        units_current=current["units_"],
        units_change=change["units_"],
    )


def _add_amounts(
    plan: Plan, rows: tuple[Resource, ...], values: Mapping[str, Floats], discounted: Floats, change: dict[str, Floats]
) -> None:
    """Add to the change what is taken over as an amount by year."""
    for amount in plan.amounts:
        row = rows.index(Resource("", amount.id, amount.sector))
        kind = "" if amount.payer in INSIDE else "outside_"
        for year, formula in enumerate(amount.by_year):
            spent = evaluate(formula, values) * discounted[year]
            change[kind][year, row] += spent
            if under_deductible(amount.sector, amount.payer):
                change["own_"][year, row] += spent


NAMED = ("minimum", "middle", "maximum")
# Most ranges of which all places, or all corners, are counted.
_ALL_PLACES, _ALL_CORNERS = 8, 13
# Most rounds of drawing again the draws that break a rule of the plan.
_ROUNDS = 200
_ONE = 1 + 1e-12
# Rounding of a sum, relative to the sizes added.
_DUST = 1e-12
_Z = float(special.ndtri(0.975))


def total(plan: Plan, conventions: Conventions, values: Mapping[str, Floats]) -> Floats:
    """Return the net spending (without prices the units) over the horizon, by value."""
    return np.asarray(_changes(plan, conventions, values).sum(axis=(0, 1)))


def _changes(plan: Plan, conventions: Conventions, values: Mapping[str, Floats]) -> Floats:
    """Return what `total` adds up: (year, resource, value)."""
    counted = count(plan, conventions, values)
    return counted.change if plan.priced else counted.units_change


def ends_of_spending(plan: Plan, conventions: Conventions, *, highest: bool) -> dict[str, float]:
    """Return the value of each parameter in the scenario of least, or of most, spending over the horizon."""
    # All ends and middles of few ranges, all ends of some more, otherwise each in turn to its best place. A range that
    # makes no difference goes to the end that bears the scenario's name.
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


def draw_parameters(
    parameters: Mapping[str, Parameter],
    n_draws: int,
    rng: int | np.random.Generator | None,
    *,
    allowed: Callable[[Mapping[str, Floats]], Flags],
) -> dict[str, Floats]:
    """Return draws of every parameter, in the order of names; those that break a rule are drawn again as a whole."""
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


def satisfies_rules(plan: Plan, conventions: Conventions, values: Mapping[str, Floats]) -> Flags:
    """Return which values satisfy the rules of a plan: nothing negative, no share above 1, uptake that never falls."""
    shares: list[Formula] = [conventions.cap, *conventions.uptake]
    amounts: list[Formula] = []
    groups: dict[tuple[str, str, str], list[Formula]] = {}
    for population in plan.populations:
        shares.append(population.extra_demand)
        amounts.append(population.size)
        for pathway in PATHWAYS:
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
) -> Floats:
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
