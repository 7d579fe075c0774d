"""Annex: what the audit of the figures found, numbered as at the figures that it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.report.document import Block, Bullets, Heading, Paragraph
from hecon.report.words.findings import finding_item, finding_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon.assessment import Assessment
    from hecon.auditing import Finding
    from hecon.locale import Locale


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the findings of the dossier."""
    return audit_section(assessment.findings, locale)


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the same as plain data."""
    return {"audit": audit_data(assessment.findings, locale)}


def audit_section(findings: Sequence[Finding], locale: Locale) -> list[Block]:
    """Return the part of a note's annex on the audit."""
    items = tuple(finding_item(number, each, locale) for number, each in enumerate(findings, start=1))
    listed: Block = Bullets(items) if items else Paragraph(locale.text("audit.nothing"))
    return [Heading(2, locale.text("audit.heading")), Paragraph(locale.text("audit.about")), listed]


def audit_data(findings: Sequence[Finding], locale: Locale) -> list[dict[str, Any]]:
    """Return the findings as plain data."""
    return [
        {
            **vars(each),
            "note": number,
            "figures": [figure.id for figure in each.figures],
            "words": finding_words(each, locale),
        }
        for number, each in enumerate(findings, start=1)
    ]
