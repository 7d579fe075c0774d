"""What a note is about: who asked for it and why, the indication, and the documents that its facts come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.dossier.documents import cited_documents
from hecon.report.document import Block, Facts, Heading, Paragraph
from hecon.report.words.common import said

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.locale import Locale

__all__ = ["blocks"]


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the reason, the indication and the number of documents."""
    dossier, note, say = assessment.dossier, assessment.dossier.note, locale.text
    found: list[Block] = [Heading(2, say("note.reason"))]
    if note.reason is not None:
        found.append(Paragraph(said(note.reason, locale)))
    pairs = (
        (say("summary.indication"), locale.pick(dossier.indication)),
        (say("note.facts_from"), _facts_from(assessment, locale)),
    )
    return [*found, Facts(pairs)]


def _facts_from(assessment: Assessment, locale: Locale) -> str:
    """Return the documents that the dossier cites, whatever part cites them."""
    names = [each.id for each in cited_documents(assessment.dossier)]
    key = "note.facts_from_one" if len(names) == 1 else "note.facts_from_several"
    return locale.text(key, n=len(names), names=", ".join(names))
