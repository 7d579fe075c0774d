"""Several options against one comparator in words: their full incremental analysis, and the preferred of all."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from hecon.draws import from_arrays
from hecon.report.words.answers import AnswerWords
from hecon.report.words.common import capital, end_of_range
from hecon.report.words.verdicts import compared_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    import xarray as xr

    from hecon.assessment import Assessment
    from hecon.assessment.concluding import Preference
    from hecon.assessment.several import IncrementalAnalysis, RankedOption
    from hecon.locale import Locale

__all__ = ["OptionsWords"]


class OptionsWords:
    """The words of one full incremental analysis in one language."""

    def __init__(self, assessment: Assessment, analysis: IncrementalAnalysis, locale: Locale) -> None:
        self.assessment, self.analysis, self.locale = assessment, analysis, locale
        self.results = [
            next(each for each in assessment.comparisons if each.spec.id == name) for name in analysis.comparisons
        ]
        self.answer = AnswerWords(assessment, self.results[0], locale)
        self.figures = self.answer.figures
        self.name, self.unit = self.answer.name, self.results[0].spec.effect_unit

    def say(self, key: str, **values: object) -> str:
        """Return a text of the catalogue's part `options`."""
        return self.locale.text(f"options.{key}", **values)

    @property
    def title(self) -> str:
        """The trial or model, and the perspective."""
        return self.figures.title

    @property
    def means(self) -> xr.Dataset:
        """The joint draws, or else the mean differences alone, as the frontier is drawn from them."""
        if self.analysis.curves is not None:
            return self.analysis.curves.draws
        options, spec = self.analysis.options, self.figures.spec
        return from_arrays(
            [[each.delta_cost for each in options]],
            [[each.delta_effect for each in options]],
            strategies=[each.option for each in options],
            comparator=self.analysis.comparator,
            scale="incremental",
            currency=spec.currency,
            effect_unit=spec.effect_unit,
            effect_better=spec.effect_better,
        )

    @property
    def names(self) -> dict[str, str]:
        """What to call each option in a figure."""
        return {each.option: self.name(each.option) for each in self.analysis.options}

    @property
    def shown(self) -> list[Preference]:
        """The preferences at the reference values and at the values of the sources; all where there is neither."""
        wanted = {each.reference_value for each in self.results[0].judgements}
        wanted |= {float(each.value) for result in self.results for each in result.spec.threshold}
        return [each for each in self.analysis.preferences if not wanted or each.value in wanted]

    def listed(self, options: Iterable[str]) -> str:
        """Return the names of options as "a, b and c"."""
        *others, last = map(self.name, options)
        return self.say("both", first=", ".join(others), second=last) if others else last

    def status(self, each: RankedOption) -> str:
        """Return the place of an option on or off the frontier, and which others put it there."""
        key = {"frontier": "frontier", "dominated": "dominated"}.get(each.status, "extended")
        return self.say(key, by=self.listed(each.against)) if each.status != "frontier" else self.say(key)

    def ratio(self, each: RankedOption) -> str:
        """Return the sequential ratio of an option with what it is against; a dash where it has none."""
        if each.icer is None:
            return "–"
        return self.say("icer", ratio=self.figures.money(each.icer), option=self.name(each.against[0]))

    def summary(self) -> str:
        """Return which options are on the frontier with their ratios, and which are dominated and by which."""
        by_status = {
            key: [each for each in self.analysis.options if each.status == status]
            for key, status in (
                ("on_frontier", "frontier"),
                ("are_dominated", "dominated"),
                ("are_extended", "extendedly dominated"),
            )
        }
        return " ".join(
            self.say(key, parts="; ".join(self._part(key, each) for each in options))
            for key, options in by_status.items()
            if options
        )

    def _part(self, key: str, each: RankedOption) -> str:
        if not each.against:
            return self.name(each.option)
        told = {"option": self.name(each.option), "by": self.listed(each.against)}
        if each.icer is not None:
            told["ratio"] = self._per(each.icer)
        return self.say(f"{key}_part", **told)

    def _per(self, value: float) -> str:
        return self.locale.text("conclusion.value", value=self.figures.money(value), unit=self.unit)

    def turning(self) -> str:
        """Return the values at which the preference passes from one option to the next; empty without any."""
        steps = [each for each in self.analysis.options if each.status == "frontier"]
        groups = [(key, list(group)) for key, group in groupby(steps, key=lambda each: each.icer)]
        parts = [
            self.say(
                "turn",
                first=self.listed(each.option for each in before),
                other=self.listed(each.option for each in group),
                at=self._per(value),
            )
            for (_, before), (value, group) in pairwise(groups)
            if value is not None
        ]
        return self.say("turns", parts="; ".join(parts)) if parts else ""

    def preferred(self, at: Preference) -> str:
        """Return as a sentence which option has the highest expected net benefit of all at a value, or which tie."""
        where = {"at": self.answer.value(at.value)}
        if at.equal:
            key = "best_all" if len(at.tied) == len(self.analysis.options) else "best_tied"
            return self.say(key, options=self.listed(at.tied), **where)
        chance = self.answer.chance(at, "with_chance")
        return self.say("best", option=self.name(at.option), other=self.name(at.other), chance=chance, **where)

    def shared(self) -> str:
        """Return how the published differences from the comparator go together; empty of patient data and models."""
        joined, comparator = self.analysis.joined, self.figures.comparator
        if self.analysis.curves is None:
            return self.say("no_joint", comparator=comparator)
        if joined is None:
            return ""
        arm, number = joined.arm, self.locale.probability
        if arm.value is not None and arm.low is not None and arm.high is not None:
            span = self.locale.span(number(arm.low), number(arm.high))
            return self.say("shared_assumed", comparator=comparator, value=number(arm.value), range=span)
        parts = "; ".join(
            self.say("shared_part", options=self.listed(pair), cost=number(cost), effect=number(effect))
            for pair, (cost, effect) in joined.correlations().items()
        )
        return self.say("shared_derived", comparator=comparator, parts=parts)

    def always(self) -> str | None:
        """Return that one option is better than every other at every value; None where none is."""
        best = self.analysis.dominant
        return None if best is None else self.say("always", option=capital(self.name(best)), unit=self.unit)

    def verdicts(self, at: Preference) -> list[str]:
        """Return for each option that is not preferred why not: against the best of all, and what dominates it."""
        rules = self.assessment.rules
        per, told = (self.figures.spec.currency, self.unit, rules.weight), []
        held = rules.holds_for(self.figures.spec.currency, self.figures.spec.effect_unit)
        end = end_of_range(at.value, rules.values_on()) if held else None
        for each, apart, conclusion in self.analysis.others(at):
            names = (self.name(each.option), self.name(at.option))
            text = compared_words((at.value, conclusion), apart, names, self.locale, per, end=end)
            status = "" if each.status == "frontier" else f" {self.say('this', status=self.status(each))}"
            told.append(f"{text}{status}")
        return told
