"""Annex: what the audit of the figures found, numbered as at the figures that it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.dossier.loading import statuses_on_file
from hecon.report.document import Block, Bullets, Heading, Paragraph
from hecon.report.words.findings import finding_item, finding_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon.assessment import Assessment
    from hecon.auditing import Finding
    from hecon.dossier.loading import Dossier
    from hecon.dossier.programme import Programme
    from hecon.locale import Locale


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the findings of the dossier."""
    return audit_section(assessment.dossier, assessment.findings, locale)


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the same as plain data."""
    return {"audit": audit_data(assessment.findings, locale)}


def audit_section(dossier: Dossier | Programme, findings: Sequence[Finding], locale: Locale) -> list[Block]:
    """Return the part of a note's annex on the audit."""
    heading = Heading(2, locale.text("audit.heading"))
    if not findings and not reported(dossier):
        return [heading, Paragraph(nothing_words(dossier, locale))]
    items = tuple(finding_item(number, each, locale) for number, each in enumerate(findings, start=1))
    listed: Block = Bullets(items) if items else Paragraph(nothing_words(dossier, locale))
    return [heading, Paragraph(locale.text("audit.about")), listed]


def reported(dossier: Dossier | Programme) -> bool:
    """Return whether a file holds any figure that a source reported, and so that the audit holds against others."""
    return "reported" in statuses_on_file(dossier)


def nothing_words(dossier: Dossier | Programme, locale: Locale) -> str:
    """Return that the audit found nothing, or that there was nothing to audit."""
    return locale.text("audit.nothing" if reported(dossier) else "audit.no_figures")


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
