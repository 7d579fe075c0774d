"""The value of further research: what uncertainty costs, what drives it, and what a study would be worth."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hecon import plot
from hecon.assessment.worth import LIFETIMES, PER, not_computed
from hecon.report.document import Block, Bullets, Figure, Heading, Paragraph, Table, painted
from hecon.report.words.answers import AnswerWords
from hecon.report.words.common import cited

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hecon.assessment import Assessment
    from hecon.assessment.concluding import Preference
    from hecon.assessment.worth import Information
    from hecon.locale import Locale

__all__ = ["annex", "blocks", "data", "worth_sentence"]


_MILLION = 1_000_000


def _two_digits(value: float) -> int:
    """Return the decimals that leave a number two significant digits."""
    return max(1 - math.floor(math.log10(abs(value))), 0) if value else 0


def _within(text: str) -> str:
    """Return a name as it stands within a sentence."""
    return text[:1].lower() + text[1:]


class _Words:
    """The words of the value of information of one assessment."""

    def __init__(self, assessment: Assessment, locale: Locale) -> None:
        name = assessment.information[0].comparison
        self.result = next(each for each in assessment.comparisons if each.spec.id == name)
        self.answer = AnswerWords(assessment, self.result, locale)
        self.assessment, self.locale, self.figures = assessment, locale, self.answer.figures

    def say(self, key: str, **values: object) -> str:
        return self.locale.text(f"worth.{key}", **values)

    def money(self, value: float) -> str:
        return self.answer.amount(value)

    def total(self, value: float) -> str:
        """Return an amount for all patients: two digits, from a million on in tenths of a million."""
        currency = self.result.spec.currency
        if abs(value) >= _MILLION:
            return self.locale.text("budget.million", amount=self.locale.money(value / _MILLION, currency, 1))
        digits = 1 - math.floor(math.log10(abs(value))) if value else 0
        return self.locale.money(round(value, min(digits, 0)), currency)

    def lifetimes(self, values: Mapping[float, float]) -> dict[str, str]:
        return dict(zip(("five", "ten", "twenty"), (self.total(values[each]) for each in LIFETIMES), strict=True))

    def worth(self, found: Information) -> str:
        """Return what a wrong decision costs per patient."""
        told = {"at": self.answer.value(found.value), "evpi": self.money(found.evpi)}
        if found.evpi_range is None:
            at = self.preference(found)
            unknown = at.range is not None and not at.equal
            return " ".join([self.say("worth", **told), *([self.say("no_range")] if unknown else [])])
        low, high = map(self.money, found.evpi_range)
        return self.say("worth_range", range=self.locale.text("range", low=low, high=high), **told)

    def population(self, found: Information) -> str:
        rate = self.say("undiscounted")
        if found.discount is not None:
            rate = self.say("discounted", rate=self.figures.percentage(Decimal(str(found.discount))))
        values = {**self.lifetimes(found.population_evpi), "rate": rate}
        figure = next((each for each in self.assessment.dossier.figure if each.id == found.counted), None)
        if figure is None or figure.value is None:
            return self.say("population_unknown", per=self.locale.number(PER), **values)
        told = {"what": _within(self.locale.pick(figure.name)), "sources": cited(figure.sources)}
        return self.say("population", n=self.locale.as_given(figure.value), **told, **values)

    def preference(self, found: Information) -> Preference:
        return next(each for each in self.result.preferences if each.value == found.value)

    def driver(self, found: Information) -> str:
        return self.say(
            "driver", cost=self.money(found.evppi["delta_cost"]), effect=self.money(found.evppi["delta_effect"])
        )

    def study(self, found: Information) -> str:
        """Return what another study of the same size and one of four times the size are worth."""
        if found.patients is None:
            return self.say("no_patients", trial=self.result.spec.trial)
        months = self.locale.as_given(self.result.spec.horizon_months)
        same = next(each for each in found.studies if each.n == max(round(found.patients), 1))
        largest = found.studies[-1]
        about = {"n": self.locale.number(same.n), "months": months, "evsi": self.money(same.evsi)}
        total = self.total(largest.population[LIFETIMES[1]])
        parts = [
            self.say("study", trial=self.result.spec.trial, **about, **self._for_all(found, same.population)),
            self.say("study_large", n=self.locale.number(largest.n), total=total),
            self._best(found) if found.best else self.say("no_costs"),
        ]
        return " ".join(parts)

    def _for_all(self, found: Information, values: Mapping[float, float]) -> dict[str, str]:
        key = "for_all" if found.counted is not None else "for_some"
        return {"total": self.say(key, per=self.locale.number(PER), **self.lifetimes(values))}

    def _best(self, found: Information) -> str:
        best = found.best[LIFETIMES[1]]
        if best.n == 0:
            return self.say("best_none")
        numbers = {key: self.locale.number(getattr(best, key)) for key in ("n", "low", "high")}
        text = self.say("best", **numbers, enbs=self.total(best.enbs))
        return f"{text} {self.say('best_edge')}" if best.at_edge else text

    def turning(self, found: Information) -> str:
        """Return how much worse the preferred option would have to be for the preference to turn."""
        at = self.preference(found)
        if at.equal or not found.turning:
            return ""
        effect = found.turning.get("effect")
        names = {"option": self.answer.name(at.option), "cost": self.money(abs(found.turning["cost"]))}
        if effect is None:
            return self.say("turning_cost", **names)
        unit = self.result.spec.effect_unit
        return self.say("turning", effect=f"{self.locale.number(abs(effect), _two_digits(effect))} {unit}", **names)

    def weighed(self, found: Information) -> str:
        if found.weighed is None:
            return ""
        if found.weighed.option is None:
            return self.say("weighed_equal")
        at = self.preference(found)
        key = "weighed_same" if found.weighed.option == at.option else "weighed_other"
        probability = self.figures.probability(found.weighed.probability)
        return self.say(key, option=self.answer.name(found.weighed.option), probability=probability)


def worth_sentence(assessment: Assessment, locale: Locale) -> str:
    """Return the one sentence of the brief note; empty where nothing was computed."""
    if not assessment.information:
        return ""
    words, found = _Words(assessment, locale), assessment.information[0]
    key = "brief" if found.counted is not None else "brief_unknown"
    total = words.total(found.population_evpi[LIFETIMES[1]])
    return words.say(key, total=total, evpi=words.money(found.evpi), per=locale.number(PER))


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return what uncertainty costs and what research would be worth, in words and one figure, or why it does not."""
    if not assessment.information:
        why = None if assessment.conclusion is None else not_computed(assessment, assessment.conclusion)
        told_why = locale.text(f"worth.not_computed_{why}") if why else ""
        return [Heading(2, locale.text("worth.heading")), Paragraph(told_why)] if why else []
    words = _Words(assessment, locale)
    told: list[Block] = [Heading(2, words.say("heading"))]
    for found in assessment.information:
        told += [
            Paragraph(" ".join((words.worth(found), words.population(found)))),
            Paragraph(" ".join(part for part in (words.study(found), words.driver(found)) if part)),
        ]
        turns = [part for part in (words.turning(found), words.weighed(found)) if part]
        told += [Paragraph(" ".join(turns))] if turns else []
    first = assessment.information[0]
    return [*told, *_figure(words, first)] if first.patients is not None else told


def _figure(words: _Words, found: Information) -> list[Block]:
    from hecon.plot.studies import describe_study_size

    caption = words.say("caption", at=words.answer.value(found.value), trial=words.result.spec.trial)
    how = {"patients": found.patients}
    drawn = painted(plot.study_size, describe_study_size, found.curve, words.locale, **how)
    figure = Figure("study_size", f"{words.result.spec.id}-study-size", caption, *drawn)
    return [figure.simulated(words.locale) if words.result.simulated else figure]


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the sizes of further studies in a table, and how they were computed."""
    if not assessment.information:
        return []
    words = _Words(assessment, locale)
    told: list[Block] = [Heading(2, words.say("details"))]
    keys = ("n", "evsi", "years_5", "years_10", "years_20", "price")
    header = tuple(words.say(f"column_{key}") for key in keys)
    for found in assessment.information:
        rows = tuple(
            (
                locale.number(each.n),
                words.money(each.evsi),
                *(words.total(each.population[years]) for years in LIFETIMES),
                words.money(each.population[LIFETIMES[1]] / (2 * each.n)),
            )
            for each in found.studies
        )
        if rows:
            per = "" if found.counted is not None else words.say("per_some", per=locale.number(PER))
            caption = words.say("sizes", at=words.answer.value(found.value), per=per)
            told.append(Table(caption, header, rows, numeric=tuple(range(len(header)))))
    assumed = [words.say(f"assumed_{key}") for key in ("normal", "spread", "horizon", "delay")]
    return [*told, Bullets(tuple(assumed))]


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:  # noqa: ARG001 (all sections have both)
    """Return the value of information as plain data."""
    return {"information": [_plain(found) for found in assessment.information]}


def _plain(found: Information) -> dict[str, Any]:
    plain = {key: value for key, value in vars(found).items() if key != "curve"}
    return {
        **plain,
        "population_evpi": _years(found.population_evpi),
        "studies": [{**vars(each), "population": _years(each.population)} for each in found.studies],
        "best": _years({years: vars(each) for years, each in found.best.items()}),
        "weighed": None if found.weighed is None else vars(found.weighed),
    }


def _years(values: Mapping[float, Any]) -> dict[str, Any]:
    return {f"{years:g}": value for years, value in values.items()}
