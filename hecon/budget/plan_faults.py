"""The faults of a plan, each with its path: all of them at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hecon._checks import shown
from hecon.budget._rules import Fault, Known, exact, is_number, rule_faults, sum_fault
from hecon.budget.conventions import convention_faults, per_year_faults, years_of
from hecon.budget.pathways import Amount, Flow, Parameter, Population
from hecon.budget.sectors import PAYERS, SECTORS
from hecon.printed.intervals import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.budget.plan import Plan

__all__ = ["known_spans", "plan_faults"]

DISTRIBUTIONS = ("uniform", "triangular", "pert", "normal", "lognormal", "beta", "gamma")
STATUSES = ("reported", "derived", "assumed")
_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_CURRENCY = re.compile(r"[A-Z]{3}")
_WORDS = ("low", "middle", "high")
_YEARS = range(1900, 2101)


def plan_faults(plan: Plan) -> Iterator[Fault]:
    """Yield the faults of a plan.

    Parameters
    ----------
    plan : Plan
        The plan.

    Yields
    ------
    pair of str
        Path and message.
    """
    yield from _own_faults(plan)
    # A number with a fault of its own is None: what uses it is not told as another fault.
    known: Known = {}
    parameters = plan.parameters if isinstance(plan.parameters, Mapping) else {}
    for name, parameter in parameters.items():
        faults = list(_parameter_faults(name, parameter))
        yield from faults
        known[str(name)] = None if faults else Span(*map(exact, parameter.ends))
    counted = list(_counted_faults(plan, known))
    yield from counted
    stated = list(convention_faults(plan, plan.conventions, "conventions", known))
    yield from stated
    if plan.as_printed is not None:
        # What it has from the stated conventions is told there.
        told = {(path.partition(".")[2], message) for path, message in stated}
        for path, message in convention_faults(plan, plan.as_printed, "as_printed", known):
            if (path.partition(".")[2], message) not in told:
                yield path, message
    yield from _substitution_faults(plan)
    yield from _scenario_faults(plan, known, sound=not counted and not stated)


def known_spans(plan: Plan) -> Known:
    """Return the lowest and highest value of each parameter of a plan that has no faults."""
    return {name: Span(*map(exact, each.ends)) for name, each in plan.parameters.items()}


def _is_year(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, int) and not isinstance(value, bool) and value in _YEARS


def _own_faults(plan: Plan) -> Iterator[Fault]:
    if not isinstance(plan.name, str) or not plan.name.strip():
        yield "name", f"must be non-empty text, got {shown(plan.name)}"
    if not isinstance(plan.currency, str) or not _CURRENCY.fullmatch(plan.currency):
        yield "currency", f"must be a currency code of three capitals, as in EUR, got {shown(plan.currency)}"
    years = years_of(plan)
    if not years:
        got = list(plan.years) if isinstance(plan.years, (tuple, list)) else plan.years
        yield "years", f"must be whole numbers, one at least, as in [2025, 2026, 2027], got {shown(got)}"
    elif not all(map(_is_year, years)):
        yield "years", f"must be from {_YEARS[0]} to {_YEARS[-1]}, got {shown(list(years))}"
    else:
        missing = sorted(set(range(min(years), max(years) + 1)) - set(years))
        if missing:
            yield "years", f"must follow one another, got no {missing[0]}: a horizon has no gaps"
        elif list(years) != sorted(set(years)):
            yield "years", f"must run upwards, each once, got {list(years)}"
    for name in ("base_year", "price_year"):
        value = getattr(plan, name)
        if value is not None and not _is_year(value):
            yield name, f"must be a year from {_YEARS[0]} to {_YEARS[-1]}, or None, got {shown(value)}"
    if years and _is_year(plan.base_year) and _is_year(years[0]) and (plan.base_year or 0) > years[0]:
        yield "base_year", f"must not be after the first year {years[0]}, got {plan.base_year}"


def _parameter_faults(name: Any, parameter: Any) -> Iterator[Fault]:  # noqa: ANN401
    path = f"parameter.{name}"
    if not isinstance(name, str) or not _ID.fullmatch(name):
        yield path, "must be named by lower-case words joined by underscores, as in share_avoided"
    if not isinstance(parameter, Parameter):
        yield path, f"must be a hecon.budget.Parameter, got {shown(parameter)}"
        return
    ends = parameter.range
    if ends is not None and not _is_pair(ends):
        yield f"{path}.range", f"must be a pair of lowest and highest, got {shown(ends)}"
        return
    numbers = [*(() if parameter.value is None else (parameter.value,)), *(ends or ())]
    if not numbers:
        yield path, "must have a value or a range, got neither"
    wrong = [number for number in numbers if not is_number(number)]
    if wrong:
        yield path, f"must be finite numbers, got {shown(wrong[0])}"
        return
    yield from _range_faults(parameter, path)


def _range_faults(parameter: Parameter, path: str) -> Iterator[Fault]:
    runs_up = True
    if parameter.range is not None:
        low, high = parameter.range
        runs_up = low <= high
        if not runs_up:
            yield f"{path}.range", f"must run upwards, got minimum {low} above maximum {high}"
        elif parameter.value is not None and not low <= parameter.value <= high:
            yield f"{path}.value", f"must lie in its range {low} to {high}, got {parameter.value}"
    if parameter.distribution not in DISTRIBUTIONS:
        yield f"{path}.distribution", f"must be one of {', '.join(DISTRIBUTIONS)}, got {shown(parameter.distribution)}"
    elif parameter.range is not None and runs_up and not _can_be_drawn(parameter):
        yield f"{path}.distribution", f"must suit the range, got {parameter.distribution} on {parameter.ends}"
    if parameter.status not in STATUSES:
        yield f"{path}.status", f"must be one of {', '.join(STATUSES)}, got {shown(parameter.status)}"


def _can_be_drawn(parameter: Parameter) -> bool:
    low, high = parameter.ends
    if parameter.distribution in {"lognormal", "gamma"}:
        return low > 0
    if parameter.distribution == "beta":
        mean, deviation = parameter.middle, (high - low) / 3.92
        return 0 < mean < 1 and low >= 0 and high <= 1 and deviation**2 < mean * (1 - mean)
    return True


# What is counted ------------------------------------------------------------------------------------------------------


def _counted_faults(plan: Plan, known: Known) -> Iterator[Fault]:
    if not plan.populations and not plan.amounts:
        yield "population", "must hold at least one: a plan needs populations, or amounts by year"
    mixed = _mixed(plan)
    seen: set[Any] = set()
    for position, population in enumerate(plan.populations):
        path = f"population[{position}]"
        if not isinstance(population, Population):
            yield path, f"must be a hecon.budget.Population, got {type(population).__name__}"
            continue
        yield from _id_faults(population.id, path, seen, "")
        yield from _population_faults(plan, population, path, known)
        if mixed:
            yield path, "must have prices for all flows of the plan or for none: a total of some of them misleads"
    seen = set()
    for position, amount in enumerate(plan.amounts):
        path = f"amount[{position}]"
        if not isinstance(amount, Amount):
            yield path, f"must be a hecon.budget.Amount, got {type(amount).__name__}"
            continue
        yield from _id_faults(amount.id, path, seen, "")
        yield from _booked(amount.sector, amount.payer, path)
        yield from per_year_faults(plan, amount.by_year, f"{path}.by_year")
        for year, formula in enumerate(amount.by_year if isinstance(amount.by_year, (tuple, list)) else ()):
            yield from rule_faults(formula, f"{path}.by_year[{year}]", "finite", known)


def _id_faults(identifier: Any, path: str, seen: set[Any], where: str) -> Iterator[Fault]:  # noqa: ANN401
    if not isinstance(identifier, str) or not identifier.strip():
        yield f"{path}.id", f"must be non-empty text, got {shown(identifier)}"
    elif identifier in seen:
        yield f"{path}.id", f"must be unique{where}, got {shown(identifier)} again"
    else:
        seen.add(identifier)


def _flows(population: Any) -> list[Any]:  # noqa: ANN401
    return [flow for key in ("current", "new", "extra") for flow in getattr(population, key, ())]


def _mixed(plan: Plan) -> bool:
    priced = {getattr(flow, "price", 0) is not None for each in plan.populations for flow in _flows(each)}
    return len(priced | ({True} if plan.amounts else set())) > 1


def _population_faults(plan: Plan, population: Population, path: str, known: Known) -> Iterator[Fault]:
    yield from rule_faults(population.size, f"{path}.size", "at least 0", known)
    yield from rule_faults(population.extra_demand, f"{path}.extra_demand", "in [0, 1]", known)
    if not (population.current or population.new):
        yield path, "must have a current or a new pathway, got neither"
    booked: dict[Any, tuple[Any, bool]] = {}
    for pathway in ("current", "new", "extra"):
        flows: tuple[Flow, ...] = getattr(population, pathway)
        seen: set[Any] = set()
        for position, flow in enumerate(flows):
            at = f"{path}.{pathway}[{position}]"
            if not isinstance(flow, Flow):
                yield at, f"must be a hecon.budget.Flow, got {type(flow).__name__}"
                continue
            yield from _id_faults(flow.id, at, seen, " in its pathway")
            yield from _flow_faults(plan, flow, at, known)
            of = (flow.sector, flow.price is None)
            if booked.setdefault(flow.id, of) != of:
                yield at, f"must have the sector of {shown(flow.id)} in the other pathway, and a price like it or none"
        yield from _groups([flow for flow in flows if isinstance(flow, Flow)], f"{path}.{pathway}", known)


def _flow_faults(plan: Plan, flow: Flow, path: str, known: Known) -> Iterator[Fault]:
    yield from _booked(flow.sector, flow.payer, path)
    yield from rule_faults(flow.quantity, f"{path}.quantity", "at least 0", known)
    yield from rule_faults(flow.share, f"{path}.share", "in [0, 1]", known)
    if flow.price is not None:
        yield from rule_faults(flow.price, f"{path}.price", "at least 0", known)
    if flow.currency is not None and flow.currency != plan.currency:
        yield f"{path}.currency", f"must be the plan's {plan.currency}, got {shown(flow.currency)}: convert the price"
    if flow.price_year is not None and not _is_year(flow.price_year):
        yield f"{path}.price_year", f"must be a year from {_YEARS[0]} to {_YEARS[-1]}, got {shown(flow.price_year)}"
    elif flow.price_year not in (None, plan.price_year) and not plan.mixed_price_years:
        own = "left out, as the plan's is" if plan.price_year is None else f"the plan's {plan.price_year}"
        yield (
            f"{path}.price_year",
            f"must be {own}, got {shown(flow.price_year)}: index it, or tell why in mixed_price_years",
        )


def _booked(sector: Any, payer: Any, path: str) -> Iterator[Fault]:  # noqa: ANN401
    if sector not in SECTORS:
        yield f"{path}.sector", f"must be one of {', '.join(SECTORS)}, got {shown(sector)}"
    if payer not in PAYERS:
        yield f"{path}.payer", f"must be one of {', '.join(PAYERS)}, got {shown(payer)}"


def _groups(flows: list[Flow], path: str, known: Known) -> Iterator[Fault]:
    for group in dict.fromkeys(flow.one_of for flow in flows if flow.one_of is not None):
        shares = [flow.share for flow in flows if flow.one_of == group]
        if any(list(rule_faults(share, "", "in [0, 1]", known)) for share in shares):
            continue  # told where each stands
        fault = sum_fault(shares, known)
        if fault is not None:
            yield path, f"must have shares that add up to 1 at most in the group {shown(group)}, {fault}"


def _substitution_faults(plan: Plan) -> Iterator[Fault]:
    given = plan.substitution
    if given is None:
        return
    if not _is_pair(given) or not _is_pair(given[1]) or not all(map(is_number, given[1])):
        yield "substitution", f"must be a parameter and a pair of finite numbers, got {shown(given)}"
        return
    replaced, (low, high) = given
    if replaced not in plan.parameters:
        yield "substitution", f"must be a parameter of the plan, got {shown(replaced)}"
    if not low < high:
        yield "substitution", f"must be looked for within two ends that run upwards, got {low} to {high}"


def _is_pair(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, (tuple, list)) and len(value) == 2  # noqa: PLR2004 (a pair)


def _scenario_faults(plan: Plan, known: Known, *, sound: bool) -> Iterator[Fault]:
    for name, chosen in plan.scenarios.items():
        path = f"scenario.{name}"
        if name in {"minimum", "maximum", "middle"}:
            yield path, f"must have a name of its own, got {shown(name)}"
        if not isinstance(chosen, Mapping):
            yield path, f"must be a mapping of parameters to values, got {shown(chosen)}"
            continue
        faults = list(_setting_faults(plan, chosen, path))
        yield from faults
        if sound and not faults and None not in known.values():
            yield from _beyond(plan, chosen, path)


def _setting_faults(plan: Plan, chosen: Mapping[str, Any], path: str) -> Iterator[Fault]:
    for parameter, value in chosen.items():
        if parameter not in plan.parameters:
            yield (
                f"{path}.{parameter}",
                f"must be a parameter of the plan; known: {', '.join(plan.parameters) or 'none'}",
            )
        elif not is_number(value) and not (isinstance(value, str) and value in _WORDS):
            yield f"{path}.{parameter}", f"must be a number or one of {', '.join(_WORDS)}, got {shown(value)}"


def _beyond(plan: Plan, chosen: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """Yield the first rule of the plan that the values of a scenario break."""
    at: Known = {}
    for name, each in plan.parameters.items():
        value = chosen.get(name, "middle")
        if isinstance(value, str):
            value = {"low": each.ends[0], "middle": each.middle, "high": each.ends[1]}[value]
        at[name] = Span(exact(value), exact(value))
    broken = [*_counted_faults(plan, at), *convention_faults(plan, plan.conventions, "conventions", at)]
    for where, message in broken[:1]:
        yield path, f"must keep to the rules of the plan: {where} {message}"
