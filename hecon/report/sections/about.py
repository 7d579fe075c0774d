"""What a note is about: who asked for it and why, and the documents that its facts come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.dossier.documents import cited_documents
from hecon.report.document import Block, Facts, Heading, Paragraph
from hecon.report.words.common import sentence

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.locale import Locale


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the reason and the documents."""
    note, say = assessment.dossier.note, locale.text
    found: list[Block] = [Heading(2, say("note.reason"))]
    if note.reason is not None:
        found.append(Paragraph(sentence(note.reason, locale)))
    return [*found, Facts(((say("note.facts_from"), _facts_from(assessment, locale)),))]


def _facts_from(assessment: Assessment, locale: Locale) -> str:
    """Return how many documents the dossier cites, whatever part cites them."""
    count = len(cited_documents(assessment.dossier))
    return locale.text("note.facts_from_one") if count == 1 else locale.text("note.facts_from_several", n=count)
