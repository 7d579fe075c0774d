"""What a note begins with: title, a warning of simulated data, author and date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.dossier.documents import cited_documents
from hecon.report.document import Block, Heading, Paragraph
from hecon.report.words.common import with_warning

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.locale import Locale


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return what stands before the conclusion."""
    dossier, note, say = assessment.dossier, assessment.dossier.note, locale.text
    found: list[Block] = [Heading(1, with_warning(locale.pick(dossier.title), assessment, locale))]
    if assessment.simulated:
        warning = say("trial_note.simulated", trials=", ".join(assessment.simulated))
        found.append(Paragraph(warning, strong=True))
    missing = say("note.not_stated")
    date = missing if note.date is None else locale.date(note.date)
    found.append(Paragraph(say("note.by_line", author=note.author or missing, date=date)))
    if dossier.language not in {None, locale.lang}:
        found.append(Paragraph(say(f"note.only_{dossier.language}")))
    return found


brief = blocks


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the same as plain data."""
    dossier = assessment.dossier
    return {
        "name": dossier.name,
        "title": with_warning(locale.pick(dossier.title), assessment, locale),
        "language": locale.lang,
        "texts_only_in": dossier.language,
        "indication": dossier.indication,
        "question": dossier.question,
        "author": dossier.note.author,
        "date": dossier.note.date,
        "facts_from": [each.id for each in cited_documents(dossier)],
    }
