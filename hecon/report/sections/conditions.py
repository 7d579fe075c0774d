"""The conditions for appropriate care: what, where, for whom, by whom, how monitored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.report.document import Block, Heading, Paragraph
from hecon.report.words.common import sentence

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.locale import Locale


_CONDITIONS = ("what", "where", "for_whom", "by_whom", "monitoring", "other")


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return only what the dossier states."""
    note = assessment.dossier.note
    found: list[Block] = []
    stated = {key: each for key in _CONDITIONS if (each := getattr(note.conditions, key)) is not None}
    if stated:
        found.append(Heading(2, locale.text("note.part_conditions")))
    for key, statement in stated.items():
        # Without a comparison the heading claims no effect: the topic may have been advised against.
        shown = "for_whom_plain" if key == "for_whom" and not assessment.comparisons else key
        found += [Heading(3, locale.text(f"note.{shown}")), Paragraph(sentence(statement, locale))]
    return found
