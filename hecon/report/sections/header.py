"""What a note begins with: title, a warning of simulated data, subject and author, reason, question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.dossier.documents import cited_documents
from hecon.report.document import Block, Facts, Heading, Paragraph
from hecon.report.sections.burden import burden_line
from hecon.report.words.common import said, with_warning

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.locale import Locale

__all__ = ["blocks", "data"]


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return what stands before the results."""
    dossier, note, say = assessment.dossier, assessment.dossier.note, locale.text
    found: list[Block] = [Heading(1, with_warning(locale.pick(dossier.title), assessment, locale))]
    if assessment.simulated:
        warning = say("trial_note.simulated", trials=", ".join(assessment.simulated))
        found.append(Paragraph(warning, strong=True))
    missing = say("note.not_stated")
    pairs = (
        (say("note.subject"), locale.pick(dossier.title)),
        (say("note.author"), note.author or missing),
        (say("note.date"), missing if note.date is None else locale.date(note.date)),
        (say("summary.indication"), locale.pick(dossier.indication)),
        (say("summary.burden_label"), burden_line(assessment, locale)),
        (say("note.facts_from"), _facts_from(assessment, locale)),
    )
    found.append(Facts(pairs))
    if note.reason is not None:
        found += [Heading(2, say("note.reason")), Paragraph(said(note.reason, locale))]
    return [*found, Heading(2, say("summary.question")), Paragraph(locale.pick(dossier.question))]


def _facts_from(assessment: Assessment, locale: Locale) -> str:
    """Return the documents that the dossier cites, whatever part cites them."""
    names = [each.id for each in cited_documents(assessment.dossier)]
    key = "note.facts_from_one" if len(names) == 1 else "note.facts_from_several"
    return locale.text(key, n=len(names), names=", ".join(names))


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the same as plain data."""
    dossier = assessment.dossier
    return {
        "name": dossier.name,
        "title": with_warning(locale.pick(dossier.title), assessment, locale),
        "language": locale.lang,
        "indication": dossier.indication,
        "question": dossier.question,
        "author": dossier.note.author,
        "date": dossier.note.date,
        "facts_from": [each.id for each in cited_documents(dossier)],
    }
