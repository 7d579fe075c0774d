"""What the audit of a dossier found, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from hecon import texts
from hecon.dossier import audit
from hecon.dossier.note_schema import Outcome
from hecon.dossier.schema import Assumption
from hecon.report.document import Block, Bullets, Heading, Paragraph
from hecon.report.finding_words import finding_words
from hecon.report.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.dossier import Dossier, Finding, Programme

__all__ = ["audit_data", "audit_section", "glance", "notes_at"]

_COUNTS = {
    "impossible": "audit_count.impossible",
    "inconsistent": "audit_count.inconsistent",
    "worth a look": "audit_count.worth_a_look",
    "rounding only": "audit_count.rounding_only",
}


# The findings of the dossier that was asked for last: the parts of one note ask for them in turn. Equal dossiers may
# differ in the digits of their numbers, so it must be the very same one.
_LAST: list[tuple[Dossier | Programme, tuple[Finding, ...]]] = []


def _found(dossier: Dossier | Programme) -> tuple[Finding, ...]:
    """Return the findings, once for all parts of a note."""
    for asked, findings in _LAST:
        if asked is dossier:
            return findings
    _LAST[:] = [(dossier, audit(dossier))]
    return _LAST[0][1]


def notes_at(dossier: Dossier | Programme) -> dict[str, tuple[int, ...]]:
    """Return the numbers of the findings that concern each place in a file, counted from 1.

    Parameters
    ----------
    dossier : Dossier or Programme
        The file.

    Returns
    -------
    dict of str to tuple of int
        By path.
    """
    found: dict[str, tuple[int, ...]] = {}
    for number, finding in enumerate(_found(dossier), start=1):
        for path in finding.paths:
            found[path] = (*found.get(path, ()), number)
    return found


def glance(dossier: Dossier, lang: str) -> list[Block]:
    """Return in two lines how many figures were reported, derived and assumed, and what the audit of them found.

    Parameters
    ----------
    dossier : Dossier
        The dossier.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        A list of two items; empty where all figures are computed from patient data.
    """
    statuses = list(_statuses(dossier))
    if not statuses and any(each.data is not None for each in dossier.comparison):
        return []
    counts = {name: statuses.count(name) for name in ("reported", "derived", "assumed")}
    lines = [texts.text(lang, "audit.statuses", n=texts.number(lang, len(statuses)), **counts)]
    told = [each.severity for each in _found(dossier)]
    if told:
        found = ", ".join(
            texts.text(lang, key, n=told.count(severity)) for severity, key in _COUNTS.items() if severity in told
        )
        lines.append(texts.text(lang, "audit.glance", found=found))
    else:
        lines.append(texts.text(lang, "audit.glance_nothing"))
    return [Bullets(tuple(lines))]


def _statuses(node: object) -> Iterator[str]:
    """Yield the status of every figure in a part of a dossier; a difference of a study is as reported."""
    if isinstance(node, tuple):
        for each in node:
            yield from _statuses(each)
    elif isinstance(node, BaseModel):
        if isinstance(node, Outcome):
            yield "reported"
        elif isinstance(node, Assumption):
            yield "assumed"
        elif hasattr(node, "status"):
            yield str(node.status)
        for name in type(node).model_fields:
            yield from _statuses(getattr(node, name))


def audit_section(dossier: Dossier | Programme, lang: str) -> list[Block]:
    """Return the part of a note's annex on the audit.

    Parameters
    ----------
    dossier : Dossier or Programme
        The file.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        What was found, numbered as at the figures, or that nothing was.
    """
    items = tuple(
        f"[{number}] {finding_words(each, lang)} ({Wording.sources(each.sources)})"
        for number, each in enumerate(_found(dossier), start=1)
    )
    listed: Block = Bullets(items) if items else Paragraph(texts.text(lang, "audit.nothing"))
    return [Heading(2, texts.text(lang, "audit.heading")), Paragraph(texts.text(lang, "audit.about")), listed]


def audit_data(dossier: Dossier | Programme, lang: str) -> list[dict[str, Any]]:
    """Return the findings as plain data.

    Parameters
    ----------
    dossier : Dossier or Programme
        The file.
    lang : {"nl", "en"}
        Language of the texts in it.

    Returns
    -------
    list of dict
        One per finding.
    """
    return [
        {
            **vars(each),
            "note": number,
            "subject": None if each.subject is None else getattr(each.subject, lang),
            "basis": None if each.basis is None else getattr(each.basis, lang),
            "figures": [figure.id for figure in each.figures],
            "sources": [source.model_dump() for source in each.sources],
            "words": finding_words(each, lang),
        }
        for number, each in enumerate(_found(dossier), start=1)
    ]
