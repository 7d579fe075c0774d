"""Annex: how each comparison agrees with the country's guideline for economic evaluations, point by point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.assessment.guidelines import NOT_LOOKED_UP, OUTCOMES, agreement
from hecon.dossier.documents import extent_read
from hecon.locale import key_of
from hecon.report.document import Block, Heading, Paragraph, Table
from hecon.report.words.common import capital, missing_words, rate_words, sourced
from hecon.report.words.comparisons import ComparisonWords

if TYPE_CHECKING:
    from hecon.assessment import Assessment, ComparisonResult
    from hecon.assessment.guidelines import Agreement, PointResult
    from hecon.locale import Locale
    from hecon.rulesets.parts import Guideline, GuidelinePoint


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return what the guideline asks and a table for each comparison; nothing where the rules have no points."""
    held = _held(assessment)
    if not held:
        return []
    guideline = held[0][1].guideline
    found: list[Block] = [
        Heading(2, locale.text("guideline.heading")),
        Paragraph(_purpose(guideline, locale)),
        _asked(guideline, locale),
    ]
    for result, agreed in held:
        analysis = assessment.incremental_of(result.spec.id)
        first = result.spec.id if analysis is None else analysis.comparisons[0]
        if any(other.spec.id == first and known == agreed for other, known in held) and result.spec.id != first:
            continue  # of options that are weighed together, what holds for all stands once
        words = ComparisonWords(assessment.dossier, result.spec, locale)
        found += [
            Heading(3, words.title),
            Paragraph(f"{_in_force(result, agreed, locale)} {_counts(agreed, words)}"),
            _outcomes(agreed, words),
        ]
    return found


def _held(assessment: Assessment) -> list[tuple[ComparisonResult, Agreement]]:
    """Return the comparisons with their agreement, where the rules have a guideline with points."""
    pairs = ((result, agreement(assessment, result)) for result in assessment.comparisons)
    return [(result, agreed) for result, agreed in pairs if agreed is not None]


def _purpose(guideline: Guideline, locale: Locale) -> str:
    text = locale.text("guideline.purpose", name=locale.pick(guideline.name))
    if guideline.required is None:
        return text
    return f"{text} {locale.text('guideline.required', date=locale.date(guideline.required))}"


def _asked(guideline: Guideline, locale: Locale) -> Table:
    rows = tuple((_name(each, locale), locale.pick(each.asks), _source(each, locale)) for each in guideline.point)
    header = tuple(locale.text(f"guideline.{key}") for key in ("point", "asks", "source"))
    return Table(locale.text("guideline.asked"), header, rows, prose=(1, 2))


def _name(point: GuidelinePoint, locale: Locale) -> str:
    """Return the name of a point; one of a user's own rules as it stands there."""
    return capital(locale.catalogue.get(f"guideline_point.{point.id}", point.id.replace("_", " ")))


def _source(point: GuidelinePoint, locale: Locale) -> str:
    if point.status == "read":
        return str(point.source)
    unchecked = locale.text("guideline.unchecked")
    return unchecked if point.source is None else f"{point.source}; {unchecked}"


def _in_force(result: ComparisonResult, agreed: Agreement, locale: Locale) -> str:
    """Return which guideline was in force when the evaluation was published, and how its country is known."""
    if not agreed.home:
        if agreed.by_currency or result.spec.country is None:
            return locale.text("guideline.foreign_by_currency", currency=result.spec.currency)
        return locale.text("guideline.foreign", country=locale.country(result.spec.country))
    text = _of_year(result, agreed, locale)
    return f"{text} {locale.text('guideline.home_by_currency')}" if agreed.by_currency else text


def _of_year(result: ComparisonResult, agreed: Agreement, locale: Locale) -> str:
    """Return which guideline was in force in the year of publication, as far as that is known."""
    spec, guideline = result.spec, agreed.in_force
    if spec.published is None:
        return locale.text("guideline.year_unknown")
    if guideline is None:
        return locale.text("guideline.in_force_unknown", year=spec.published)
    told = {"year": spec.published, "name": locale.pick(guideline.name)}
    if agreed.rates is None:
        return locale.text("guideline.in_force", **told)
    costs, effects = (rate_words(rate, locale) for rate in (agreed.rates.costs, agreed.rates.effects))
    return locale.text("guideline.in_force_rates", **told, costs=costs, effects=effects)


def _counts(agreed: Agreement, words: ComparisonWords) -> str:
    """Return how many points have each outcome."""
    told = [
        words.say("guideline.count", outcome=_outcome(outcome, words), n=number)
        for outcome in OUTCOMES
        if (number := agreed.counted(outcome))
    ]
    return capital("; ".join(told)) + "."


def _outcome(outcome: str, words: ComparisonWords) -> str:
    """Return an outcome in words, with how much was read where something was not looked up."""
    if outcome == NOT_LOOKED_UP:
        return missing_words(extent_read(words.dossier, words.spec), words.locale)
    return words.say(f"guideline_outcome.{key_of(outcome)}")


def _outcomes(agreed: Agreement, words: ComparisonWords) -> Table:
    rows = tuple(
        (
            _name(each.point, words.locale),
            words.say(f"guideline_outcome.{key_of(each.outcome)}"),
            _why(each, words),
        )
        for each in agreed.points
    )
    header = tuple(words.say(f"guideline.{key}") for key in ("point", "outcome", "why"))
    return Table(words.say("guideline.outcomes", title=words.title), header, rows, prose=(2,))


def _why(found: PointResult, words: ComparisonWords) -> str:
    """Return why a point has its outcome: the field that tells it, and what the dossier says of it."""
    answer = None if found.answer is None else sourced(words.pick(found.answer.text), found.answer.sources)
    if found.reason is None:
        return answer or ""
    shown = dict(found.values)
    if "rate" in shown:
        shown["rate"] = rate_words(shown["rate"], words.locale)
    if "months" in shown:
        shown["months"] = words.locale.as_given(shown["months"])
    if "comparator" in shown:
        shown["comparator"] = words.comparator
    reason = words.say(f"guideline_reason.{found.reason}", **shown)
    return reason if answer is None else words.say("guideline.beside", reason=reason, text=answer)


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the same as plain data."""
    held = _held(assessment)
    if not held:
        return {"guideline": None}
    guideline = held[0][1].guideline
    return {
        "guideline": {
            "name": locale.pick(guideline.name),
            "since": guideline.since,
            "required": guideline.required,
            "points": [each.model_dump(include={"id", "asks", "status", "source"}) for each in guideline.point],
            "comparisons": [
                _agreement_data(agreed, ComparisonWords(assessment.dossier, result.spec, locale))
                for result, agreed in held
            ],
        }
    }


def _agreement_data(agreed: Agreement, words: ComparisonWords) -> dict[str, Any]:
    return {
        "id": words.spec.id,
        "published": words.spec.published,
        "country": words.spec.country,
        "country_by_currency": agreed.by_currency,
        "in_force_since": None if agreed.in_force is None else agreed.in_force.since,
        "points": {each.point.id: {"outcome": each.outcome, "words": _why(each, words)} for each in agreed.points},
    }
