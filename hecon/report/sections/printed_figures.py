"""Annex: the single figures on file, as printed, with their status and source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.report.document import Block, BlockNote, Heading, Table
from hecon.report.words.common import cited, within
from hecon.report.words.findings import FindingMarks, figure_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon.assessment import Assessment
    from hecon.auditing import Finding
    from hecon.dossier.loading import Dossier
    from hecon.dossier.programme import Programme
    from hecon.locale import Locale


# The column of what was printed.
_PRINTED = 1


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the figures of the dossier."""
    return figures_table(assessment.dossier, assessment.findings, locale)


def data(assessment: Assessment, _: Locale) -> dict[str, Any]:
    """Return the same as plain data."""
    return {"figures": assessment.dossier.figure}


def figures_table(dossier: Dossier | Programme, findings: Sequence[Finding], locale: Locale) -> list[Block]:
    """Return the single figures that are on file, as printed, with their status and source."""
    marks = FindingMarks(findings, locale)
    rows, notes = [], list[BlockNote]()
    for position, figure in enumerate(dossier.figure):
        status = locale.text(f"status.{figure.status}")
        if figure.rule is not None:
            status = locale.text("evidence.derived", rule=within(locale.pick(figure.rule)))
        remark = "" if figure.note is None else locale.pick(figure.note)
        rows.append(
            (
                locale.pick(figure.name),
                marks.marked(figure_value(figure, locale), f"figure[{position}]"),
                status,
                remark,
                cited(figure.sources),
            )
        )
        notes += marks.notes(position, _PRINTED, f"figure[{position}]")
    if not rows:
        return []
    keys = ("evidence.figure", "evidence.printed_value", "column.status", "column.remark", "column.source")
    header = tuple(locale.text(key) for key in keys)
    caption = locale.text("audit.figures_caption_notes" if notes else "audit.figures_caption")
    return [
        Heading(2, locale.text("audit.figures_heading")),
        Table(caption, header, tuple(rows), prose=(0, 2, 3), notes=tuple(notes)),
    ]
