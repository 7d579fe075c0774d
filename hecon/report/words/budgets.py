"""The budget impact in words: amounts, conventions, departures from them, and what became of a printed total."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.assessment.budgets import counted, inflation_of, rebuilt_premises
from hecon.locale import MILLION, key_of
from hecon.printed.formulas import names_in
from hecon.report.isolating import isolate
from hecon.report.words.common import cited
from hecon.report.words.findings import figure_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hecon.assessment import BudgetResult
    from hecon.budget import Plan
    from hecon.budget.reconciliation import CountingDeparture, Match, Reconciled
    from hecon.dossier.budget import BudgetPart
    from hecon.dossier.loading import Dossier
    from hecon.locale import Locale


# What is printed of the ways that fit a total equally well; the rest is counted.
_SHOWN = 3
_NAMED = ("minimum", "middle", "maximum")
# In how many units of its last decimal an amount says something, and the most decimals of millions.
_TELLING, _DECIMALS = 5, 3


def millions_of(rows: Sequence[Sequence[Sequence[float]]]) -> list[int | None]:
    """Return for each column of a table the decimals of its amounts in millions; None: each amount by its own size.

    A cell holds the amounts of a range. Where at least half of the table's amounts are a million or more, all columns
    are in millions; else those with such an amount.
    """
    columns = [[each for cell in column for each in cell] for column in zip(*rows, strict=True)]
    sizes = sorted(abs(each) for column in columns for each in column if each)
    if sizes and sizes[len(sizes) // 2] >= MILLION:
        return [_decimals(sizes)] * len(columns)
    return [_decimals([abs(each) for each in column if each]) for column in columns]


def _decimals(sizes: Sequence[float]) -> int | None:
    """Return the decimals of millions with which the least of some sizes says something, or None."""
    if max(sizes, default=0.0) < MILLION:
        return None
    told = range(1, _DECIMALS + 1)
    return next((digits for digits in told if min(sizes) * 10**digits >= _TELLING * MILLION), None)


def amount_span(values: Iterable[float], currency: str, locale: Locale, digits: int | None = None) -> str:
    """Return the range of some amounts; with `digits` in millions with so many decimals."""
    low, high = min(values := list(values)), max(values)
    if low == high == 0 or (digits is None and max(abs(low), abs(high)) < MILLION):
        return locale.span(locale.money(low, currency), locale.money(high, currency))
    digits = digits or 1
    ends = [locale.money(each / MILLION, currency, digits) for each in (low, high)]
    if ends[0] == ends[1]:
        return locale.text("million", amount=ends[0])
    # The currency stands once, but for its sign: that stands before it.
    second = locale.number(high / MILLION, digits) if high >= 0 else ends[1]
    return locale.text("budget.million_span", low=ends[0], high=second)


def counted_words(plan: Plan, conventions: str, locale: Locale) -> str:
    """Return how a plan is counted, and by which inflation."""
    kind, inflation = counted(plan, conventions)
    how = locale.text(f"budget.how_{kind}", kinds=_kinds(rebuilt_premises(plan), locale))
    if inflation is None:
        return how
    return locale.text("budget.how_with", how=how, inflation=locale.text(f"budget.how_{inflation}"))


def _kinds(rebuilt: Mapping[str, tuple[str, ...]], locale: Locale) -> str:
    """Return in what ways premises are reconstructed, as in "assumed and in part solved from reported amounts"."""
    words = [locale.text(f"budget.kind_{kind}") for kind, names in rebuilt.items() if names]
    if len(words) < 2:  # noqa: PLR2004 (nothing to join)
        return "".join(words)
    return locale.text("budget.kinds_and", first=", ".join(words[:-1]), last=words[-1])


class BudgetWords:
    """How one dossier's budget impact is written in one language."""

    def __init__(self, result: BudgetResult, dossier: Dossier, locale: Locale) -> None:
        self.result, self.dossier, self.locale = result, dossier, locale
        self.pick = locale.pick
        self.figures = {each.id: each for each in dossier.figure}

    @property
    def part(self) -> BudgetPart:
        """The part of the dossier."""
        assert self.dossier.budget_part is not None  # noqa: S101 (there is a result only where there is a part)
        return self.dossier.budget_part

    def say(self, key: str, **values: object) -> str:
        """Return a text of the budget."""
        return self.locale.text(f"budget.{key}", **values)

    def exact(self, value: float) -> str:
        """Return an amount in whole units of currency."""
        return self.locale.money(value, self.result.plan.currency)

    def amount(self, value: float) -> str:
        """Return an amount, in millions with a decimal where it is large."""
        return self.locale.amount(value, self.result.plan.currency)

    def alike(self, rows: Sequence[Sequence[Sequence[float]]]) -> list[list[str]]:
        """Return the cells of a table, each the range of some amounts, as `millions_of` found for its columns."""
        digits = millions_of(rows)
        return [[self.span(cell, at) for cell, at in zip(row, digits, strict=True)] for row in rows]

    def span(self, values: Iterable[float], digits: int | None = None) -> str:
        """Return the range of some amounts; with `digits` in millions with so many decimals."""
        return amount_span(values, self.result.plan.currency, self.locale, digits)

    def how(self, conventions: str | None = None) -> str:
        """Return by which conventions something is counted, by default those that are told first, and its inflation."""
        chosen = self.result.lead if conventions is None else conventions
        kind = f"how_{self.kind(chosen)}" if self.result.plan.populations else "how_taken"
        how = self.say(kind, kinds=self.kinds)
        inflation = inflation_of(self.result.plan, chosen)
        return self.say("how_with", how=how, inflation=self.say(f"how_{inflation}")) if inflation else how

    def kind(self, conventions: str) -> str:
        """Return what conventions are called: where a reading of the text leads, the other is another reading."""
        if conventions == "as printed":
            return "printed"
        if self.result.lead != "stated":
            return "other"
        return "rebuilt" if any(self.rebuilt.values()) else "stated"

    @property
    def rebuilt(self) -> dict[str, tuple[str, ...]]:
        """What no source words: premises that are assumed, solved from printed amounts, or set for this run."""
        known = {*_NAMED, *(each.id for each in self.part.scenario)}
        own = tuple(str(name) for name in self.result.main["scenario"].values if str(name) not in known)
        return {**rebuilt_premises(self.result.plan), "set": own}

    @property
    def kinds(self) -> str:
        """In what ways premises are reconstructed, in words."""
        return _kinds(self.rebuilt, self.locale)

    def rebuilt_sentences(self) -> list[str]:
        """Return which premises are assumed, solved or set, one sentence for each kind that there is."""
        return [
            self.say(
                f"premises_{kind}",
                names="; ".join(dict.fromkeys(self.scenario(x) if kind == "set" else self.parameter(x) for x in names)),
            )
            for kind, names in self.rebuilt.items()
            if names
        ]

    def headline(self, kind: str, values: Sequence[float], year: int, how: str) -> str:
        """Return in a sentence what a range of net spending is: more, less, or between the two."""
        low, high = min(values), max(values)
        if low < 0 < high:
            return self.say(f"{kind}_between", saving=self.amount(-low), spending=self.amount(high), year=year, how=how)
        if low == high == 0:
            return self.say(f"{kind}_none", year=year, how=how)
        if high <= 0:
            return self.say(f"{kind}_less", amount=self.span([-low, -high]), year=year, how=how)
        return self.say(f"{kind}_more", amount=self.span([low, high]), year=year, how=how)

    def scenarios(self, names: Sequence[str]) -> str:
        """Return which scenarios a range goes over."""
        shown = [self.scenario(name) for name in names]
        if len(shown) == 2:  # noqa: PLR2004 (from one to the other)
            return self.say("scenario_span", low=shown[0], high=shown[1])
        return ", ".join(shown)

    def totals(self, names: Iterable[str]) -> str:
        """Return the names of some printed totals."""
        return "; ".join(self.pick(self.figures[name].name) for name in names)

    def percentage(self, share: float, digits: int = 1) -> str:
        """Return a share as a percentage, without decimals that say nothing."""
        shown = self.locale.number(100 * share, digits)
        return (self.locale.number(100 * share) if abs(100 * share - round(100 * share)) < 10**-9 else shown) + "%"

    def number(self, value: float) -> str:
        """Return a number with as many decimals as it has, two at most."""
        digits = next((each for each in (0, 1) if abs(value - round(value, each)) < 10**-9), 2)
        return self.locale.number(value, digits)

    def scenario(self, name: str) -> str:
        """Return the name of a scenario."""
        if name in _NAMED:
            return self.locale.text(f"budget_scenario.{name}")
        # A scenario of this run alone has no name but that of the command.
        return next((self.pick(each.name) for each in self.part.scenario if each.id == name), isolate(name))

    def parameter(self, name: str) -> str:
        """Return the name of a parameter: that of its figure."""
        figure = self.figures.get(name)
        if figure is not None:
            return self.pick(figure.name)
        return self.result.plan.parameters[name].label[self.locale.lang]

    def population(self, name: str) -> str:
        """Return the name of a population."""
        return next((each.label[self.locale.lang] for each in self.result.plan.populations if each.id == name), name)

    def flow(self, name: str) -> str:
        """Return the name of a resource."""
        for population in self.result.plan.populations:
            for each in (*population.current, *population.new, *population.extra):
                if each.id == name:
                    return each.label[self.locale.lang]
        return next((each.label[self.locale.lang] for each in self.result.plan.amounts if each.id == name), name)

    def departure(self, each: CountingDeparture) -> str:
        """Return a departure from the conventions in a few words."""
        key = f"budget_departure.{each.kind}_{key_of(each.choice)}"
        if key in self.locale.catalogue:
            return self.locale.text(key)
        if each.kind == "flows":
            how, _, name = each.choice.partition(" ")
            return self.locale.text(f"budget_departure.flows_{how}", name=self.flow(name))
        name, _, place = each.choice.rpartition(" ")
        return self.locale.text(f"budget_departure.values_{place}", name=self.parameter(name))

    def way(self, departures: Iterable[CountingDeparture]) -> str:
        """Return a way to count in words."""
        return "; ".join(self.departure(each) for each in departures)

    def computed(self, total: Reconciled, values: Mapping[str, float]) -> str:
        """Return what was computed for a total, in its own sense and unit."""
        sign = -1.0 if total.printed.counts == "saving" else 1.0
        numbers = [sign * each for each in values.values()]
        if total.printed.counts != "patients":
            return self.span(numbers)
        # A unit of millions is written as such; a rate with a decimal more than was printed.
        unit = total.printed.unit
        ends = [self.locale.number(each / unit, 2) for each in (min(numbers), max(numbers))]
        text = self.locale.span(*ends)
        return self.locale.text("million", amount=text) if unit == MILLION else text

    def reconciled(self, total: Reconciled) -> str:
        """Return what became of one printed total, with its sources."""
        figure = self.figures[total.printed.id]
        parts = [
            self.say(
                "total_printed",
                name=self.pick(figure.name),
                value=figure_value(figure, self.locale),
                sources=cited(figure.sources),
            ),
            self._verdict(total),
        ]
        others = [self.way(each.departures) for each in total.matches[1:_SHOWN]]
        if others:
            parts.append(self.say("other_ways", ways=f" {self.say('or')} ".join(others)))
        if total.matches and total.matches[0].departures:
            key = "chance_one" if total.matching == 1 else "chance"
            parts.append(self.say(key, tried=total.tried, matching=total.matching))
        if total.implied_uptake is not None:
            low, high = (self.percentage(each) for each in total.implied_uptake)
            parts.append(self.say("implied", low=low, high=high))
        if total.solved:
            kind = "solved" if total.matches else "taken_over"
            parts.append(self.say(kind, names="; ".join(self.parameter(each) for each in total.solved)))
        return " ".join(parts)

    def _names(self, formula: str) -> str:
        """Return the names of the figures of a formula, in the order in which they stand."""
        return "; ".join(self.parameter(each) for each in names_in(formula))

    def _verdict(self, total: Reconciled) -> str:
        stated = self.computed(total, total.stated)
        premises = self.say("premises_rebuilt" if any(self.rebuilt.values()) else "premises_stated")
        if total.verdict == "unexplained":
            if total.printed.formula is not None:
                return self.say("unexplained_rate", stated=stated, names=self._names(total.printed.formula))
            # A number that was solved from the total gives it by construction, which explains nothing.
            key = "unexplained_solved" if total.solved else "unexplained"
            return self.say(key, stated=stated, premises=premises)
        if not self.result.plan.populations:
            return self.say("taken")
        if total.verdict == "as stated" and total.printed.formula is not None:
            return self.say("as_stated_rate", names=self._names(total.printed.formula))
        if total.verdict == "as stated":
            return self.say("as_stated", premises=premises)
        best: Match = total.matches[0]
        return self.say(total.verdict, departures=self.way(best.departures), stated=stated, premises=premises)
