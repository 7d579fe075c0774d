"""What is not known, which study or document is to tell, and what that would settle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.report.document import Block, Heading, Paragraph, Table
from hecon.report.words.common import cited

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.locale import Locale


_COLUMNS = ("name", "kind", "text", "settles")


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return a table of the gaps in the order of the dossier, or that none is on file."""
    say, pick, gaps = locale.text, locale.pick, assessment.dossier.note.gap
    heading = Heading(2, say("gap.heading"))
    if not gaps:
        return [heading, Paragraph(say("gap.none"))]
    rows = tuple(
        (pick(each.name), say(f"gap_kind.{each.kind}"), pick(each.text), pick(each.settles), cited(each.sources))
        for each in gaps
    )
    header = (*(say(f"gap.{key}") for key in _COLUMNS), say("column.source"))
    return [heading, Table(say("gap.caption"), header, rows, prose=(0, 2, 3))]


def data(assessment: Assessment, _: Locale) -> dict[str, Any]:
    """Return the gaps as plain data."""
    return {"gaps": assessment.dossier.note.gap}
