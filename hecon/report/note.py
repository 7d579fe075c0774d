"""The parts of an expert note around the figures: header, evidence, conditions, package criteria, reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.dossier.documents import cited_documents, extent_read
from hecon.locale import Locale
from hecon.report.burdens import burden_line
from hecon.report.criteria import criterion_sentences
from hecon.report.document import Block, Bullets, Facts, Heading, Paragraph, Table
from hecon.report.evidence import evidence_table
from hecon.report.trial_note import trial_setting
from hecon.report.wording import Wording, capital, missing_words

if TYPE_CHECKING:
    from decimal import Decimal

    from hecon.assessment import Assessment, ComparisonResult
    from hecon.dossier.note import Statement

__all__ = ["after", "before", "evidence", "setting"]

_CONDITIONS = ("what", "where", "for_whom", "by_whom", "monitoring", "other")
_CRITERIA = ("effectiveness", "cost_effectiveness", "necessity", "feasibility")
_REPORTING = (
    "beyond_horizon",
    "value_set",
    "missing_data",
    "analysis",
    "crossover",
    "subgroups",
    "equity",
    "own_payments",
    "funding",
    "interests",
)
# Costs and effects of the first year are not discounted.
_YEAR = 12


def _said(statement: Statement, lang: str) -> str:
    return f"{getattr(statement.text, lang)} ({Wording.sources(statement.sources)})"


def before(assessment: Assessment, lang: str) -> list[Block]:
    """Return what stands before the verdicts: header, reason, question.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        Blocks of plain text.
    """
    dossier, note = assessment.dossier, assessment.dossier.note

    def say(key: str, **values: object) -> str:
        return Locale(lang).text(key, **values)

    missing = say("note.not_stated")
    pairs = (
        (say("note.subject"), getattr(dossier.title, lang)),
        (say("note.author"), note.author or missing),
        (say("note.date"), Locale(lang).date(note.date) if note.date is not None else missing),
        (say("summary.indication"), getattr(dossier.indication, lang)),
        (say("summary.burden_label"), burden_line(assessment, lang)),
        (say("note.facts_from"), _facts_from(assessment, lang)),
    )
    blocks: list[Block] = [Facts(pairs)]
    if note.reason is not None:
        blocks += [Heading(2, say("note.reason")), Paragraph(_said(note.reason, lang))]
    blocks += [Heading(2, say("summary.question")), Paragraph(getattr(dossier.question, lang))]
    return blocks


def _facts_from(assessment: Assessment, lang: str) -> str:
    """Return the documents that the dossier cites, whatever part cites them."""
    names = [each.id for each in cited_documents(assessment.dossier)]
    key = "note.facts_from_one" if len(names) == 1 else "note.facts_from_several"
    return Locale(lang).text(key, n=len(names), names=", ".join(names))


def evidence(assessment: Assessment, lang: str) -> list[Block]:
    """Return the evidence that the expert weighed, Dutch and international.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        Part 1 of the note, without the economic comparisons; empty if the dossier states no evidence.
    """
    studies = assessment.dossier.note.study
    if not studies:
        return []
    blocks: list[Block] = [Heading(2, Locale(lang).text("note.part_evidence"))]
    for origin in ("dutch", "international"):
        items = []
        for study in studies:
            if study.origin == origin:
                risk = "" if study.risk_of_bias is None else f" {getattr(study.risk_of_bias, lang)}"
                items.append(f"{study.name}. {getattr(study.text, lang)}{risk} ({Wording.sources(study.sources)})")
        if items:
            blocks += [Heading(3, Locale(lang).text(f"note.{origin}")), Bullets(tuple(items))]
    return [*blocks, *evidence_table(assessment, lang)]


def after(assessment: Assessment, lang: str) -> list[Block]:
    """Return what stands after the comparisons: conclusion, conditions, package criteria, how to read a ratio.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        Only what the dossier states, and the reading of a ratio.
    """
    note = assessment.dossier.note
    blocks: list[Block] = []
    if note.conclusion is not None:
        heading = "note.conclusion" if assessment.comparisons else "note.conclusion_plain"
        blocks += [Heading(2, Locale(lang).text(heading)), Paragraph(_said(note.conclusion, lang))]
    stated = [(key, found) for key in _CONDITIONS if (found := getattr(note.conditions, key)) is not None]
    if stated:
        blocks.append(Heading(2, Locale(lang).text("note.part_conditions")))
    for key, statement in stated:
        # Without a comparison the heading claims no effect: the topic may have been advised against.
        shown = "for_whom_plain" if key == "for_whom" and not assessment.comparisons else key
        blocks += [Heading(3, Locale(lang).text(f"note.{shown}")), Paragraph(_said(statement, lang))]
    blocks += _criteria(assessment, lang)
    return [*blocks, *_reading(assessment, lang)] if assessment.comparisons else blocks


def _criteria(assessment: Assessment, lang: str) -> list[Block]:
    """Return all four package criteria: what is on file of each, and by whom it was judged, or that nothing is."""
    blocks: list[Block] = [Heading(2, Locale(lang).text("note.part_criteria"))]
    for key in _CRITERIA:
        criterion = getattr(assessment.dossier.note.criteria, key)
        blocks.append(Heading(3, Locale(lang).text(f"note.{key}")))
        if criterion is None:
            blocks.append(Paragraph(Locale(lang).text("note.not_on_file")))
            continue
        blocks += [Paragraph(_said(criterion, lang)), Paragraph(criterion_sentences(criterion, lang))]
    return blocks


def _reading(assessment: Assessment, lang: str) -> list[Block]:
    rows = tuple(
        (
            Locale(lang).text(f"band.{band}"),
            Locale(lang).text(f"note.shortfall_{band}"),
            Locale(lang).money(value),
        )
        for band, value in assessment.reference_values.items()
        if value is not None
    )
    header = tuple(Locale(lang).text(f"note.{key}") for key in ("burden", "shortfall", "reference_value"))
    return [
        Heading(2, Locale(lang).text("note.reading")),
        Bullets(tuple(Locale(lang).text(f"note.reading_{each}") for each in ("NE", "SW", "negative", "rule"))),
        Table(Locale(lang).text("note.reference_values"), header, rows, numeric=(2,)),
        Paragraph(Locale(lang).text("note.currency_of_values")),
    ]


def setting(result: ComparisonResult, wording: Wording) -> Facts:
    """Return what a reader of an economic evaluation looks for, or that it is not reported or was not looked up.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.
    wording : Wording
        How it is written.

    Returns
    -------
    Facts
        Design, perspective, horizon, currency, price year, discounting and the rest of the dossier's reporting.
    """
    spec, say = result.spec, wording.say

    def rate(value: int | Decimal | str) -> str:
        if not isinstance(value, str):
            return wording.percentage(value) + "%"
        return say("not_applicable") if spec.horizon_months <= _YEAR else missing

    missing = missing_words(extent_read(wording.dossier, spec), wording.lang)
    year = missing if spec.price_year == "not reported" else str(spec.price_year)
    stated = [
        ("design", wording.pick(spec.design)),
        ("perspective", say(f"perspective.{spec.perspective}")),
        ("horizon", say("setting.months", horizon=wording.plain(spec.horizon_months))),
        ("currency", spec.currency),
        ("price_year", year),
        ("discount_cost", rate(spec.discount_cost)),
        ("discount_effect", rate(spec.discount_effect)),
    ]
    computed = trial_setting(result, wording)
    for key in _REPORTING:
        statement = getattr(spec.reporting, key)
        if statement is not None:
            stated.append((key, wording.sourced(wording.pick(statement.text), statement.sources)))
        elif key in computed:
            stated.append((key, computed[key]))
    pairs = [(capital(say(f"setting.{key}")), text) for key, text in stated if text != missing]
    unknown = [key for key, text in stated if text == missing]
    unknown += [key for key in _REPORTING if getattr(spec.reporting, key) is None and key not in computed]
    if unknown:
        pairs.append((capital(missing), ", ".join(say(f"setting.{key}") for key in unknown)))
    return Facts(tuple(pairs))
