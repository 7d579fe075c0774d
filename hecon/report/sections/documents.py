"""Annex: the documents on file, and how much of each was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.report.document import Block, Bullets, Heading

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.dossier.loading import Dossier
    from hecon.dossier.programme import Programme
    from hecon.locale import Locale

__all__ = ["annex", "data", "documents"]


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the documents of the dossier."""
    return documents(assessment.dossier, locale)


def data(assessment: Assessment, _: Locale) -> dict[str, Any]:
    """Return the same as plain data."""
    return {"documents": [each.model_dump(mode="json") for each in assessment.dossier.document]}


def documents(dossier: Dossier | Programme, locale: Locale) -> list[Block]:
    """Return the sources of a file."""
    items = []
    for each in dossier.document:
        # A note calls a document by its number.
        text = f"{each.id}{'' if each.id.endswith(']') else ':'} {each.citation}"
        if each.doi is not None:
            text += f" doi:{each.doi}"
        if each.date is not None:
            text += f" ({locale.date(each.date, each.date_printed)})"
        items.append(f"{text} – {locale.pick(each.read)}")
    return [Heading(2, locale.text("documents.heading")), Bullets(tuple(items))]
