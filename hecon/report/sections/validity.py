"""What each trial estimates, how it dealt with cross-over and missing data, what it leaves out, and where it holds."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from hecon.dossier.documents import extent_read
from hecon.report.document import Block, Bullets, Facts, Heading, Paragraph
from hecon.report.sections import trials
from hecon.report.words.common import capital, missing_words, sentence, sourced
from hecon.report.words.comparisons import ComparisonWords

if TYPE_CHECKING:
    from hecon.assessment import Assessment, ComparisonResult
    from hecon.locale import Locale


# The parts of [comparison.reporting] that are told here rather than at the comparison.
REPORTED = ("estimand", "analysis", "crossover", "missing_data", "missing_by_arm", "beyond_horizon")


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return what the sources say of studies from abroad, and the names of those of which nothing is on file."""
    abroad = [each for each in assessment.dossier.note.study if each.origin == "international"]
    told = tuple(f"{each.name}: {sentence(each.transfer, locale)}" for each in abroad if each.transfer is not None)
    untold = [each.name for each in abroad if each.transfer is None and each.outcome]
    found: list[Block] = [Bullets(told)] if told else []
    if untold:
        found.append(Paragraph(locale.text("validity.no_transfer", names="; ".join(untold))))
    return [Heading(2, locale.text("validity.transfer")), *found] if found else []


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return a list for each trial, once for perspectives that state the same; empty without comparisons."""
    found: list[Block] = []
    for title, told in _told(assessment, locale):
        found += [Heading(3, title), Facts(tuple((capital(label), text) for label, text in told))]
    return [Heading(2, locale.text("validity.heading")), *found] if found else []


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the same as plain data: a text for each comparison and part, None where there is none on file."""
    found = []
    for result in assessment.comparisons:
        computed = _computed(assessment, result, locale)
        parts = {key: _stated(result, key, locale) or computed.get(key) for key in REPORTED}
        found.append({"comparison": result.spec.id, **parts})
    transfer = {study.name: study.transfer for study in assessment.dossier.note.study if study.transfer is not None}
    return {"validity": found, "transfer": transfer}


def _told(assessment: Assessment, locale: Locale) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Return pairs of a label and a text under each title; neighbours of one trial with the same pairs share one."""
    listed = [(result, _pairs(assessment, result, locale)) for result in assessment.comparisons]
    found = []
    for (trial, pairs), group in groupby(listed, key=lambda each: (each[0].spec.trial, each[1])):
        perspectives = dict.fromkeys(locale.text(f"perspective.{result.spec.perspective}") for result, _ in group)
        found.append((f"{trial}, {', '.join(perspectives)}", pairs))
    return found


def _pairs(assessment: Assessment, result: ComparisonResult, locale: Locale) -> tuple[tuple[str, str], ...]:
    computed = _computed(assessment, result, locale)
    told, unknown = [], []
    for key in REPORTED:
        text = _stated(result, key, locale) or computed.get(key)
        label = locale.text(f"setting.{key}")
        if text is None:
            unknown.append(label)
        else:
            told.append((label, text))
    missing = missing_words(extent_read(assessment.dossier, result.spec), locale)
    return (*told, (missing, ", ".join(unknown))) if unknown else tuple(told)


def _stated(result: ComparisonResult, key: str, locale: Locale) -> str | None:
    statement = getattr(result.spec.reporting, key)
    return None if statement is None else sourced(locale.pick(statement.text), statement.sources)


def _computed(assessment: Assessment, result: ComparisonResult, locale: Locale) -> dict[str, str]:
    return trials.setting_of(result, ComparisonWords(assessment.dossier, result.spec, locale))
