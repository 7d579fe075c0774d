"""Annex: the documents on file with how much of each was read, and what the results come from, to make them again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hecon.report.document import Block, Bullets, Heading, Paragraph
from hecon.report.isolating import isolate
from hecon.report.words.common import by_rules

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
    """Return the documents of the dossier, and what the results come from."""
    return [*documents(assessment.dossier, locale), *_provenance(assessment, locale)]


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
    listed = [each.model_dump(mode="json") for each in assessment.dossier.document]
    return {"documents": listed, "provenance": assessment.provenance}


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


def _provenance(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return digest, draws, seed and versions, by which the note can be made again."""
    found = assessment.provenance
    seed = found["seed"]
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    items = [
        locale.text("provenance.dossier", name=found["dossier"], digest=found["digest"]),
        locale.text("provenance.versions", versions=versions),
    ]
    # Where nothing was computed, no draws and no reference values were used.
    if assessment.comparisons or assessment.burden is not None:
        draws = locale.text(
            "provenance.draws",
            n=locale.number(found["n_draws"]),
            seed=seed if seed is not None else locale.text("provenance.no_seed"),
        )
        items = [
            items[0],
            draws,
            items[1],
            by_rules("provenance.reference_values", assessment.rules, locale),
        ]
    if "rules" in found:
        told = {"file": isolate(found["rules"]), "digest": found["rules_digest"]}
        on = assessment.rules.on
        day = {} if on is None else {"on": locale.date(on)}
        items.insert(1, locale.text("provenance.rules_on" if day else "provenance.rules", **told, **day))
    for each in found.get("patient_data", ()):
        shown = {name: isolate(value) for name, value in each.items()}
        items.append(locale.text("trial_note.provenance", **shown))
    for each in found.get("model_draws", ()):
        shown = {name: isolate(value) for name, value in each.items()}
        items.append(locale.text("model_note.provenance", **shown))
    return [Heading(2, locale.text("provenance.heading")), Bullets(tuple(items))]
