"""Annex: the documents on file, and how much of each was read; on one page those that the answer rests on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hecon.report.document import Block, Bullets, Heading, Paragraph

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.dossier.comparison import Comparison
    from hecon.dossier.documents import SourceDocument, Statement
    from hecon.dossier.loading import Dossier
    from hecon.dossier.programme import Programme
    from hecon.locale import Locale


# The year of a citation stands before its volume or pages, or at its end.
_YEAR = re.compile(r"\b((?:19|20)\d\d)(?=[;:]|[ .]*(?:\(|$))")


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the documents of the dossier."""
    return documents(assessment.dossier, locale)


def brief(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return in a line the documents of the comparisons that answer, or else of the conclusion on file."""
    found, note = assessment.conclusion, assessment.dossier.note
    compared = () if found is None else found.compared
    specs = [each.spec for each in assessment.comparisons if each.spec.id in compared]
    parts: list[Comparison | Statement] = [*specs]
    if not specs and note.conclusion is not None:
        parts.append(note.conclusion)
    cited = dict.fromkeys(reference.document for part in parts for reference in part.sources)
    if not cited:
        return []
    listed = "; ".join(_short(assessment.dossier.cited(each)) for each in cited)
    trials = ", ".join(dict.fromkeys(each.trial for each in specs))
    key = "documents.brief_of" if trials else "documents.brief"
    return [Paragraph(locale.text(key, names=trials, sources=listed))]


def _short(document: SourceDocument) -> str:
    """Return a document with its number: authors, year and DOI, or without one the citation."""
    year = _YEAR.search(document.citation)
    if document.doi is None or year is None:
        return f"{document.id} {document.citation.rstrip('.')}"
    authors = document.citation.partition(". ")[0]
    return f"{document.id} {authors}. {year.group(1)}. doi:{document.doi}"


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
