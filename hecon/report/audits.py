"""What the audit of a dossier found, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon import texts
from hecon.dossier import audit
from hecon.report.document import Block, Bullets, Heading, Paragraph
from hecon.report.wording import Wording

if TYPE_CHECKING:
    from decimal import Decimal

    from hecon.dossier import Dossier, Finding

__all__ = ["audit_data", "audit_section", "finding_words"]

_SEVERITIES = {
    "impossible": "audit_severity.impossible",
    "inconsistent": "audit_severity.inconsistent",
    "worth a look": "audit_severity.worth_a_look",
}
_KINDS = {"cost-difference": "outcome.cost", "effect-difference": "outcome.effect", "icer": "statistic.icer"}


def _printed(numbers: dict[str, int | Decimal], lang: str) -> str:
    key = "audit.ratio_numbers" if "icer" in numbers else "audit.interval_numbers"
    return texts.text(lang, key, **{name: texts.as_given(lang, value) for name, value in numbers.items()})


def finding_words(finding: Finding, lang: str) -> str:
    """Return a finding as a sentence or two, with the corrections that would mend it.

    Parameters
    ----------
    finding : Finding
        One of what `hecon.audit` returned.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    str
        Severity, study, outcome, what cannot hold, the numbers, and the smallest correction.
    """
    subject = texts.text(lang, _KINDS[finding.kind]) if finding.subject is None else getattr(finding.subject, lang)
    text = texts.text(
        lang,
        "audit.sentence",
        severity=texts.text(lang, _SEVERITIES[finding.severity]),
        study=finding.study,
        subject=subject,
        relation=texts.text(lang, f"audit_relation.{finding.relation}"),
        numbers=_printed(finding.numbers, lang),
    )
    if finding.repaired:
        each = f", {texts.text(lang, 'audit.or')} ".join(_printed(numbers, lang) for numbers in finding.repaired)
        text += " " + texts.text(lang, f"audit_repair.{finding.repair}", numbers=each)
    return text


def audit_section(dossier: Dossier, lang: str) -> list[Block]:
    """Return the part of a note's annex on the audit.

    Parameters
    ----------
    dossier : Dossier
        The dossier.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        What was found, or that nothing was.
    """
    items = tuple(f"{finding_words(each, lang)} ({Wording.sources(each.sources)})" for each in audit(dossier))
    listed: Block = Bullets(items) if items else Paragraph(texts.text(lang, "audit.nothing"))
    return [Heading(2, texts.text(lang, "audit.heading")), Paragraph(texts.text(lang, "audit.about")), listed]


def audit_data(dossier: Dossier, lang: str) -> list[dict[str, Any]]:
    """Return the findings as plain data.

    Parameters
    ----------
    dossier : Dossier
        The dossier.
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
            "subject": None if each.subject is None else getattr(each.subject, lang),
            "sources": [source.model_dump() for source in each.sources],
            "words": finding_words(each, lang),
        }
        for each in audit(dossier)
    ]
