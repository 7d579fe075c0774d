"""The conventions that a total may have been counted by: those that the text states, and plausible departures."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.budget import _choosing, _engine
from hecon.printed.formulas import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from hecon.budget.plan import Plan
    from hecon.budget.records import Conventions

__all__ = ["PATHS", "CountingDeparture", "Effects", "counting_choices", "flow_choices", "value_choices"]

#: Paths of uptake that are tried beside the stated one: specialist care's, that of the building blocks, and at once.
PATHS = {"50/75/100": (0.5, 0.75, 1.0), "25/75/100": (0.25, 0.75, 1.0), "100/100/100": (1.0, 1.0, 1.0)}
#: The only cap that the sources give.
_CAP = 0.75
_SAME = 1e-12


@dataclass(frozen=True)
class CountingDeparture:
    """One respect in which a total may have been counted otherwise than stated.

    Parameters
    ----------
    kind : {"uptake", "cap", "cap_rule", "inflation_rule", "values", "flows"}
        What.
    choice : str
        What is done instead.
    contradicts : bool
        Whether the text says otherwise; False where it leaves this open.
    """

    kind: str
    choice: str
    contradicts: bool


def _path(plan: Plan, path: tuple[float, ...]) -> tuple[float, ...]:
    return (path + (path[-1],) * len(plan.years))[: len(plan.years)]


def _stated_path(plan: Plan) -> list[float]:
    return [float(evaluate(each, plan.middle)) for each in plan.conventions.uptake]


def counting_choices(
    plans: Sequence[Plan],
) -> Iterator[tuple[tuple[CountingDeparture, ...], tuple[Conventions, ...]]]:
    """Yield every way to count: the departures it makes and the conventions of each plan, the stated one first.

    Parameters
    ----------
    plans : sequence of Plan
        Plans that a total includes; a departure is made in all of them.

    Yields
    ------
    tuple of CountingDeparture, tuple of Conventions
        One by one.
    """
    open_to = set.intersection(*(set(each.open_conventions) for each in plans))
    flows = any(each.populations for each in plans)
    paths: list[str | None] = [None]
    for name, tried in PATHS.items() if flows else ():
        differs = any(
            abs(a - b) > _SAME for each in plans for a, b in zip(_stated_path(each), _path(each, tried), strict=True)
        )
        paths += [name] if differs else []
    caps = {float(evaluate(each.conventions.cap, each.middle)) for each in plans}
    cap_choices: list[str | None] = [None]
    cap_choices += ["none"] if min(caps) < 1 else []
    cap_choices += ["75%"] if caps != {_CAP} and flows else []
    rules: list[str | None] = [None]
    if any(each.conventions.inflation for each in plans):
        stated = {each.conventions.inflation_rule for each in plans}
        rules += [rule for rule in ("own year", "cumulative", "none") if stated != {rule}]
    for path, cap, rule in itertools.product(paths, cap_choices, rules):
        capped = cap == "75%" or (cap is None and min(caps) < 1)
        for cap_rule in (None, "share") if capped else (None,):
            yield (
                _departures(path, cap, cap_rule, rule, open_to=open_to),
                tuple(_changed(each, path, cap, cap_rule, rule) for each in plans),
            )


def _departures(
    path: str | None, cap: str | None, cap_rule: str | None, rule: str | None, *, open_to: set[str]
) -> tuple[CountingDeparture, ...]:
    chosen = {"uptake": path, "cap": cap, "cap_rule": cap_rule, "inflation_rule": rule}
    # How inflation adds up may be left open; that it is counted is not.
    return tuple(
        CountingDeparture(kind, choice, kind not in open_to or (kind == "inflation_rule" and choice == "none"))
        for kind, choice in chosen.items()
        if choice is not None
    )


def _changed(plan: Plan, path: str | None, cap: str | None, cap_rule: str | None, rule: str | None) -> Conventions:
    changes: dict[str, Any] = {}
    if path is not None:
        changes["uptake"] = _path(plan, PATHS[path])
    if cap is not None:
        changes["cap"] = 1.0 if cap == "none" else _CAP
    if cap_rule is not None:
        changes["cap_rule"] = cap_rule
    if rule is not None:
        changes["inflation_rule"] = rule
    return replace(plan.conventions, **changes)


def flow_choices(plans: Sequence[Plan]) -> Iterator[tuple[CountingDeparture | None, tuple[str, ...]]]:
    """Yield which resources a total may count: all, all but one, or one alone."""
    names = tuple(dict.fromkeys(row.flow for each in plans for row in _engine.resources(each)))
    yield None, names
    if len(names) > 1:
        for name in names:
            yield (
                CountingDeparture("flows", f"without {name}", contradicts=True),
                tuple(each for each in names if each != name),
            )
            yield CountingDeparture("flows", f"only {name}", contradicts=True), (name,)


Columns = tuple[tuple[Mapping[str, float], ...], ...]


@dataclass(frozen=True)
class Effects:
    """What plans change at full uptake and uninflated prices, by plan: money (year, resource, column) and patients."""

    money: tuple[NDArray[np.float64], ...]
    patients: tuple[NDArray[np.float64], ...]
    values: tuple[dict[str, NDArray[np.float64]], ...]

    @classmethod
    def at(cls, plans: Sequence[Plan], columns: Columns) -> Effects:
        """Return the effects at values of the parameters: for each plan, one mapping per column."""
        money, patients, values = [], [], []
        for plan, chosen in zip(plans, columns, strict=True):
            stacked = {name: np.array([each[name] for each in chosen]) for name in plan.parameters}
            stacked[""] = np.zeros(len(chosen))
            full = replace(
                plan.conventions,
                uptake=(1.0,) * len(plan.years),
                cap=1.0,
                inflation_rule="none",
                discount_rate=0.0,
            )
            counted = _engine.count(plan, full, stacked)
            money.append(counted.change)
            patients.append(counted.patients)
            values.append(stacked)
        return cls(tuple(money), tuple(patients), tuple(values))

    def by_flow(
        self, plans: Sequence[Plan], conventions: Sequence[Conventions], year: int
    ) -> dict[str, NDArray[np.float64]]:
        """Return the net spending on each resource in a year, by column."""
        found: dict[str, NDArray[np.float64]] = {}
        for plan, how, money, values in zip(plans, conventions, self.money, self.values, strict=True):
            scale = _engine.uptake(plan, how, values)[year] * _engine.price_factors(plan, how, values)[year]
            discount = _engine.discounts(plan, how)[year]
            for row, effect in zip(_engine.resources(plan), money[year], strict=True):
                spent = effect * (scale if row.population else discount)
                found[row.flow] = found[row.flow] + spent if row.flow in found else spent
        return found

    def units(self, plans: Sequence[Plan], conventions: Sequence[Conventions], year: int) -> NDArray[np.float64]:
        """Return the patients on the new pathway in a year, by column."""
        shares = (
            patients[year] * _engine.uptake(plan, how, values)[year]
            for plan, how, patients, values in zip(plans, conventions, self.patients, self.values, strict=True)
        )
        return np.asarray(sum(shares))


def value_choices(plans: Sequence[Plan], scenario: str) -> Iterator[tuple[CountingDeparture | None, Columns, bool]]:
    """Yield at which values of its ranges a total may be counted, and whether that differs from what is stated.

    Values are columns for each plan, of which what is counted is the mean: one, or two for the middle of two scenarios.

    A total of a known scenario is at that; otherwise at the middle of the two scenarios, at the middle of every range,
    or with one range at another place. A total of an unknown scenario may be at any, which contradicts nothing.
    """
    ends = [{end: _choosing.scenario_values(each, each.conventions, end) for end in _choosing.NAMED} for each in plans]
    between = tuple((each["minimum"], each["maximum"]) for each in ends)
    middle = tuple((each["middle"],) for each in ends)
    known = scenario != "any"
    if known:
        yield None, tuple((each[scenario],) for each in ends), True
    else:
        for end in ("minimum", "maximum"):
            yield CountingDeparture("values", end, contradicts=False), tuple((each[end],) for each in ends), True
    varied = sorted({name for each in plans for name, parameter in each.parameters.items() if parameter.range})
    varied = [
        name for name in varied if any(each.parameters[name].in_scenarios for each in plans if name in each.parameters)
    ]
    if varied:
        yield CountingDeparture("values", "middle of the scenarios", contradicts=known), between, True
        yield CountingDeparture("values", "middle of every range", contradicts=known), middle, True
    for name in varied if known and len(varied) > 1 else ():
        for place in ("low", "middle", "high"):
            columns = []
            for plan, each in zip(plans, ends, strict=True):
                chosen = dict(each[scenario])
                if name in plan.parameters:
                    chosen[name] = plan.parameters[name].by_word[place]
                columns.append((chosen,))
            differs = any(column[0] != each[scenario] for column, each in zip(columns, ends, strict=True))
            yield CountingDeparture("values", f"{name} {place}", contradicts=True), tuple(columns), differs
