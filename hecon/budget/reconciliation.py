"""Reconcile a plan with the totals that its source prints: search the conventions that give them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _checks
from hecon._display import displayed
from hecon.budget import engine
from hecon.budget.impact import checked_conventions, over_years
from hecon.budget.plan import Plan
from hecon.errors import InputError
from hecon.printed.formulas import evaluate, names_in
from hecon.printed.numbers import fits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hecon._arrays import Floats
    from hecon.budget.records import Conventions, Printed

VERDICTS = ("as stated", "reading", "explained", "contradicts", "unexplained")
# Most departures from the text of one way to count.
_MOST = 3
#: Paths of uptake that are counted beside the stated one: specialist care's, that of the building blocks, and at once.
PATHS = {"50/75/100": (0.5, 0.75, 1.0), "25/75/100": (0.25, 0.75, 1.0), "100/100/100": (1.0, 1.0, 1.0)}
#: The only cap that the sources give.
_CAP = 0.75
_SAME = 1e-12


@dataclass(frozen=True)
class CountingDeparture:
    """One respect in which a total may have been counted otherwise than stated."""

    kind: str  # what
    choice: str  # what is done instead
    contradicts: bool  # whether the text says otherwise; False where it leaves this open


@dataclass(frozen=True)
class Match:
    """A way to count that gives a printed total to its rounding."""

    departures: tuple[CountingDeparture, ...]  # from what is stated; empty for the stated conventions
    computed: dict[str, float]  # net spending [currency], or units, by scenario

    @property
    def contradictions(self) -> int:
        """Number of departures that contradict the text."""
        return rank(self.departures)[0]


@displayed
@dataclass(frozen=True)
class Reconciled:
    """Result of reconciling one printed total.

    Attributes
    ----------
    printed : Printed
        The total.
    verdict : str
        "as stated": the conventions that the text states give it. "reading": they do by a reading that the text leaves
        open. "explained": a convention gives it, where the source states none. "contradicts": only conventions give it
        that contradict the text. "unexplained": none of those tried does.
    stated : dict of str to float
        What the stated conventions give instead, by scenario.
    matches : tuple of Match
        The ways to count with fewest contradictions, then fewest departures, that give it.
    matching, tried : int
        How many different amounts, of all that the ways give, are printed so: many of many may be chance.
    implied_uptake : pair of float or None
        Share on the new pathway that would give it under the stated conventions, where no path does; None if no one
        share gives all its numbers, or a match was found.
    solved : tuple of str
        Parameters that were solved from this very total, so that agreement is no evidence for them.
    """

    printed: Printed
    verdict: str
    stated: dict[str, float]
    matches: tuple[Match, ...]
    matching: int
    tried: int
    implied_uptake: tuple[float, float] | None
    solved: tuple[str, ...]


@displayed
@dataclass(frozen=True)
class Reconciliation:
    """Results of reconciling a plan with all its printed totals.

    Attributes
    ----------
    plans : tuple of str
        Names of the plans.
    totals : tuple of Reconciled
        One for each printed total, in their order.
    together : tuple of CountingDeparture
        The one way to count that gives most of the totals that are printed as a range or with their scenario.
    given : tuple of str
        Ids of the totals that it gives.
    """

    plans: tuple[str, ...]
    totals: tuple[Reconciled, ...]
    together: tuple[CountingDeparture, ...]
    given: tuple[str, ...]


def reconcile(plan: Plan | Sequence[Plan], printed: Sequence[Printed] | None = None) -> Reconciliation:
    """Find the conventions that give the totals a source prints.

    Every combination is tried of: the stated path of uptake, 50/75/100, 25/75/100 and at once; the stated cap, none,
    and 75%, as a ceiling or as a share; inflation cumulative, of the own year, or none; the scenario as printed, the
    middle of both scenarios or of every range, or one range elsewhere; all resources, all but one, or one alone. Ways
    with more than three departures from the text are left out.

    Parameters
    ----------
    plan : Plan or sequence of Plan
        The plan; with the plans that its totals include besides, if any.
    printed : sequence of Printed, optional
        The totals; default those of the (first) plan.

    Returns
    -------
    Reconciliation
        For each total a verdict, the ways to count that give it, and what the stated conventions give.

    Raises
    ------
    InputError
        If a total includes a plan that is not given, or is of another year.

    Notes
    -----
    A way to count gives a total if all its numbers come out within their printed rounding. With hundreds of ways tried,
    one that fits a single rounded number may do so by chance; `matching` and `tried` tell how many different amounts
    there are, and how many of them fit.

    Examples
    --------
    >>> import hecon
    >>> result = hecon.budget.reconcile(hecon.load("copd").budget)
    >>> [(each.printed.id, each.verdict) for each in result.totals][-1]
    ('budget_2027', 'explained')
    >>> [departure.choice for departure in result.totals[-1].matches[0].departures]
    ['none', 'middle of the scenarios']
    """
    plans = plans_of(plan)
    remedy = "make each with hecon.budget.Printed"
    totals = plans[0].printed if printed is None else _checks.instances("printed", printed, "Printed", remedy)
    searches = [Search(included(plans, total), total) for total in totals]
    together, given = _together([each for each in searches if "any" not in each.printed.spans])
    return Reconciliation(
        plans=tuple(each.name for each in plans),
        totals=tuple(each.result() for each in searches),
        together=together,
        given=given,
    )


def plans_of(plan: Plan | Sequence[Plan]) -> tuple[Plan, ...]:
    """Return one plan or several as a tuple, checked."""
    if not isinstance(plan, (Plan, tuple, list)) or plan in ((), []):
        got = "none" if isinstance(plan, (tuple, list)) else type(plan).__name__
        msg = f"plan must be a plan or a sequence of them, got {got}"
        raise InputError(msg)
    plans = (plan,) if isinstance(plan, Plan) else tuple(plan)
    for each in plans:
        checked_conventions(each, None)
    return plans


def included(plans: Sequence[Plan], total: Printed) -> tuple[Plan, ...]:
    """Return the plans that a total includes: the first, and those that it names."""
    by_name = {each.name: each for each in plans}
    for name in total.plans:
        if name not in by_name:
            msg = f"plan must hold the plans that {total.id} includes, got none named {name!r}: give a list with it"
            raise InputError(msg)
    # A plan that is named twice, or is the first itself, is counted once.
    included = tuple(by_name[name] for name in dict.fromkeys((plans[0].name, *total.plans)))
    for each in included:
        if not isinstance(total.year, int) or total.year not in each.years:
            years, got = ", ".join(map(str, each.years)), _checks.shown(total.year)
            msg = f"year of printed total {total.id} must be one of {years}, got {got}"
            raise InputError(msg)
    return included


def _together(searches: Sequence[Search]) -> tuple[tuple[CountingDeparture, ...], tuple[str, ...]]:
    """Return the way to count that gives most totals at once, with fewest contradictions and departures."""
    scored: dict[tuple[tuple[str, str], ...], tuple[tuple[CountingDeparture, ...], list[str]]] = {}
    for search in searches:
        if search.printed.formula is not None or not search.printed.convention_stated or search.circular:
            continue
        for departures, computed in search.ways:
            if any(each.kind in {"values", "flows"} for each in departures):
                continue
            if all(fits(computed[end], span) for end, span in search.printed.spans.items()):
                key = tuple((each.kind, each.choice) for each in departures)
                scored.setdefault(key, (departures, []))[1].append(search.printed.id)
    if not scored:
        return (), ()
    best = min(scored.values(), key=lambda each: (-len(each[1]), *rank(each[0])))
    return best[0], tuple(best[1])


class Search:
    """All ways to count one printed total."""

    def __init__(self, plans: tuple[Plan, ...], printed: Printed) -> None:
        self.plans, self.printed = plans, printed
        self.year = plans[0].years.index(printed.year)
        self.solved = tuple(
            sorted({name for each in plans for name, p in each.parameters.items() if printed.id in p.solved_from})
        )
        # An uptake that was solved from the total would give it by construction.
        used = {n for each in plans for f in each.conventions.uptake if isinstance(f, str) for n in names_in(f)}
        self.circular = bool(used & set(self.solved))
        # The columns of all choices stand side by side, so that one count serves them all.
        self.choices, columns = self._choices()
        self.effects = Effects.at(plans, columns)

    def _choices(self) -> tuple[list[dict[str, tuple[CountingDeparture | None, slice]]], Columns]:
        """Return at which values the total may be counted: for each of its ends a departure and its columns of all."""
        choices = []
        columns: Columns = tuple(() for _ in self.plans)
        for at in zip(*(value_choices(self.plans, end) for end in self.printed.spans), strict=True):
            if not any(differs for _, _, differs in at):
                continue
            choice = {}
            for end, (departure, added, _) in zip(self.printed.spans, at, strict=True):
                start = len(columns[0])
                columns = tuple((*before, *new) for before, new in zip(columns, added, strict=True))
                choice[end] = departure, slice(start, len(columns[0]))
            choices.append(choice)
        return choices, columns

    @cached_property
    def ways(self) -> list[tuple[tuple[CountingDeparture, ...], dict[str, float]]]:
        """Every way to count: its departures, and its amounts by scenario."""
        result = []
        patients = self.printed.counts == "patients"
        flows = list(flow_choices(self.plans))[: 1 if patients else None]
        for counting, how in counting_choices(self.plans):
            if patients:
                spent = {"": self.effects.units(self.plans, how, self.year)}
            else:
                spent = self.effects.by_flow(self.plans, how, self.year)
            for at in self.choices:
                means = {
                    end: {name: float(np.mean(each[place])) for name, each in spent.items()}
                    for end, (_, place) in at.items()
                }
                values = [each for each, _ in at.values() if each is not None][:1]
                for departure, names in flows:
                    departures = (*counting, *values, *([] if departure is None else [departure]))
                    if not self.printed.convention_stated:
                        departures = tuple(replace(each, contradicts=False) for each in departures)
                    if len([each for each in departures if each.contradicts or each.kind != "values"]) <= _MOST:
                        chosen = spent if patients else names
                        computed = {end: math.fsum(own[name] for name in chosen) for end, own in means.items()}
                        result.append((departures, computed))
        return result

    def result(self) -> Reconciled:
        """Return the result of reconciling the total."""
        if self.printed.formula is not None:
            return self._by_formula(self.printed.formula)
        spans = self.printed.spans
        matches: list[Match] = []
        amounts: set[tuple[float, ...]] = set()
        stated: dict[str, float] = {}
        for departures, computed in self.ways:
            if not any(each.kind != "values" or each.contradicts for each in departures):
                stated |= {departures[0].choice: computed["any"]} if departures else computed
            if self.circular and not any(each.kind == "uptake" for each in departures):
                continue
            # Ways that give the same amounts count once, as uptake paths with the same end.
            amounts.add(_alike(computed))
            if all(fits(computed[end], span) for end, span in spans.items()):
                matches.append(Match(departures, computed))
        matching = len({_alike(each.computed) for each in matches})
        matches = sorted(_without_idle_values(matches), key=lambda each: rank(each.departures))
        best = [each for each in matches if rank(each.departures) == rank(matches[0].departures)]
        return Reconciled(
            printed=self.printed,
            verdict=self._verdict(matches),
            stated=stated,
            matches=tuple(best),
            matching=matching,
            tried=len(amounts),
            implied_uptake=None if matches else self._implied(),
            solved=self.solved,
        )

    def _verdict(self, matches: Sequence[Match]) -> str:
        if not matches:
            return "unexplained"
        if not self.printed.convention_stated:
            return "explained"
        if matches[0].contradictions:
            return "contradicts"
        return "reading" if any(each.kind != "values" for each in matches[0].departures) else "as stated"

    def _by_formula(self, formula: str) -> Reconciled:
        plan = self.plans[0]
        value = float(evaluate(formula, plan.middle))
        (span,) = self.printed.spans.values()
        holds = fits(value, span)
        return Reconciled(
            printed=self.printed,
            verdict="as stated" if holds else "unexplained",
            stated={"any": value},
            matches=(Match((), {"any": value}),) if holds else (),
            matching=int(holds),
            tried=1,
            implied_uptake=None,
            solved=self.solved,
        )

    def _implied(self) -> tuple[float, float] | None:
        """Return the uptake under the stated inflation at which all numbers of the total come out."""
        if self.printed.counts == "patients" or any(each.amounts for each in self.plans):
            return None
        full = self._at_full_uptake()
        low, high = 0.0, 1.0
        for end, span in self.printed.spans.items():
            shares = [sorted((span[0] / each, span[1] / each)) for each in full[end] if each]
            if not shares:
                return None
            low, high = max(low, min(each[0] for each in shares)), min(high, max(each[1] for each in shares))
        return (low, high) if low <= high else None

    def _at_full_uptake(self) -> dict[str, list[float]]:
        """Return the net spending at full uptake under the stated inflation: in the total's scenario, or in any."""
        spent: Floats = np.zeros(1)
        for plan, money, values in zip(self.plans, self.effects.money, self.effects.values, strict=True):
            factor = engine.price_factors(plan, plan.conventions, values)[self.year]
            spent = spent + money[self.year].sum(axis=0) * factor
        result: dict[str, list[float]] = {end: [] for end in self.printed.spans}
        for at in self.choices:
            for end, (departure, place) in at.items():
                if departure is None or end == "any":
                    result[end].append(float(np.mean(spent[place])))
        return result


def _without_idle_values(matches: Sequence[Match]) -> list[Match]:
    """Return the matches without the choice of a scenario where several choices give the same: it does not matter."""
    alike: dict[tuple[CountingDeparture, ...], list[Match]] = {}
    for each in matches:
        alike.setdefault(tuple(d for d in each.departures if d.kind != "values" or d.contradicts), []).append(each)
    return [
        result[0] if len(result) == 1 else Match(departures, result[0].computed) for departures, result in alike.items()
    ]


def _alike(computed: dict[str, float]) -> tuple[float, ...]:
    """Return amounts so that those which differ by rounding of floats are equal."""
    return tuple(float(f"{value:.9g}") for value in computed.values())


def rank(departures: Sequence[CountingDeparture]) -> tuple[int, int]:
    """Return by what ways to count are ordered: contradictions of the text, then departures from it."""
    return sum(each.contradicts for each in departures), len(departures)


def counting_choices(plans: Sequence[Plan]) -> Iterator[tuple[tuple[CountingDeparture, ...], tuple[Conventions, ...]]]:
    """Yield every way to count, the stated one first: its departures and the conventions of each plan."""
    open_to = set.intersection(*(set(each.open_conventions) for each in plans))
    flows = any(each.populations for each in plans)
    paths: list[str | None] = [None]
    for name, path_ in PATHS.items() if flows else ():
        differs = any(
            abs(float(evaluate(stated_share, each.middle)) - share) > _SAME
            for each in plans
            for stated_share, share in zip(each.conventions.uptake, over_years(path_, each), strict=True)
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
            choices = {"uptake": path, "cap": cap, "cap_rule": cap_rule, "inflation_rule": rule}
            chosen = {kind: choice for kind, choice in choices.items() if choice is not None}
            # How inflation adds up may be left open; that it is counted is not.
            departures = (
                CountingDeparture(kind, choice, kind not in open_to or (kind, choice) == ("inflation_rule", "none"))
                for kind, choice in chosen.items()
            )
            yield tuple(departures), tuple(_changed(each, chosen) for each in plans)


def _changed(plan: Plan, chosen: Mapping[str, str]) -> Conventions:
    changes: dict[str, Any] = dict(chosen)
    if "uptake" in chosen:
        changes["uptake"] = over_years(PATHS[chosen["uptake"]], plan)
    if "cap" in chosen:
        changes["cap"] = 1.0 if chosen["cap"] == "none" else _CAP
    return replace(plan.conventions, **changes)


def flow_choices(plans: Sequence[Plan]) -> Iterator[tuple[CountingDeparture | None, tuple[str, ...]]]:
    """Yield which resources a total may count: all, all but one, or one alone."""
    names = tuple(dict.fromkeys(row.flow for each in plans for row in engine.resources(each)))
    yield None, names
    if len(names) > 1:
        for name in names:
            rest = tuple(each for each in names if each != name)
            yield CountingDeparture("flows", f"without {name}", contradicts=True), rest
            yield CountingDeparture("flows", f"only {name}", contradicts=True), (name,)


Columns = tuple[tuple[Mapping[str, float], ...], ...]


@dataclass(frozen=True)
class Effects:
    """Effects of plans at full uptake and uninflated prices, by plan: money (year, resource, column) and patients."""

    money: tuple[Floats, ...]
    patients: tuple[Floats, ...]
    values: tuple[dict[str, Floats], ...]

    @classmethod
    def at(cls, plans: Sequence[Plan], columns: Columns) -> Effects:
        """Return the effects at values of the parameters: for each plan, one mapping per column."""
        money, patients, values = [], [], []
        for plan, chosen in zip(plans, columns, strict=True):
            stacked = {name: np.array([each[name] for each in chosen]) for name in plan.parameters}
            stacked[""] = np.zeros(len(chosen))
            full = replace(
                plan.conventions, uptake=(1.0,) * len(plan.years), cap=1.0, inflation_rule="none", discount_rate=0.0
            )
            counted = engine.count(plan, full, stacked)
            money.append(counted.change)
            patients.append(counted.patients)
            values.append(stacked)
        return cls(tuple(money), tuple(patients), tuple(values))

    def by_flow(self, plans: Sequence[Plan], conventions: Sequence[Conventions], year: int) -> dict[str, Floats]:
        """Return the net spending on each resource in a year, by column."""
        result: dict[str, Floats] = {}
        for plan, how, money, values in zip(plans, conventions, self.money, self.values, strict=True):
            scale = engine.uptake(plan, how, values)[year] * engine.price_factors(plan, how, values)[year]
            discount = engine.discounts(plan, how)[year]
            for row, effect in zip(engine.resources(plan), money[year], strict=True):
                spent = effect * (scale if row.population else discount)
                result[row.flow] = result[row.flow] + spent if row.flow in result else spent
        return result

    def units(self, plans: Sequence[Plan], conventions: Sequence[Conventions], year: int) -> Floats:
        """Return the patients on the new pathway in a year, by column."""
        shares = (
            patients[year] * engine.uptake(plan, how, values)[year]
            for plan, how, patients, values in zip(plans, conventions, self.patients, self.values, strict=True)
        )
        return np.asarray(sum(shares))


def value_choices(plans: Sequence[Plan], scenario: str) -> Iterator[tuple[CountingDeparture | None, Columns, bool]]:
    """Yield at which values of its ranges a total may be counted, and whether that differs from what is stated."""
    # Values are columns for each plan, of which the mean counts. A total of an unknown scenario may be at any, which
    # contradicts nothing.
    ends = [{end: engine.scenario_values(each, each.conventions, end) for end in engine.NAMED} for each in plans]
    between = tuple((each["minimum"], each["maximum"]) for each in ends)
    middle = tuple((each["middle"],) for each in ends)
    known = scenario != "any"
    if known:
        yield None, tuple((each[scenario],) for each in ends), True
    else:
        for end in ("minimum", "maximum"):
            yield CountingDeparture("values", end, contradicts=False), tuple((each[end],) for each in ends), True
    parameters = [item for each in plans for item in each.parameters.items()]
    varied = sorted(
        {name for name, each in parameters if each.range} & {name for name, each in parameters if each.in_scenarios}
    )
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
