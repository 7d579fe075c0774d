"""The audit of one file as a document of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.report.document import Document, Heading
from hecon.report.isolating import isolated
from hecon.report.numbering import numbered, with_numbers
from hecon.report.sections.audit import audit_section
from hecon.report.sections.documents import documents
from hecon.report.sections.printed_figures import figures_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon.auditing import Finding
    from hecon.dossier.loading import Dossier
    from hecon.dossier.programme import Programme
    from hecon.locale import Locale

__all__ = ["audit_document"]


def audit_document(dossier: Dossier | Programme, findings: Sequence[Finding], locale: Locale) -> Document:
    """Return what the audit found in a dossier or programme, its single figures and its documents."""
    shown = with_numbers(isolated(dossier), dossier)
    found = with_numbers(isolated(tuple(findings)), dossier)
    blocks = [*audit_section(found, locale), *figures_table(shown, found, locale), *documents(shown, locale)]
    return Document(locale, (Heading(1, locale.pick(shown.title)), *numbered(blocks, locale)), kind="audit")
