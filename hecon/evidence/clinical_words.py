"""A clinical verdict in words."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from hecon import _checks, texts

if TYPE_CHECKING:
    from hecon.evidence.clinical import ClinicalVerdict

__all__ = ["clinical_label", "clinical_words", "limits", "width_decimals"]


def clinical_label(verdict: ClinicalVerdict, *, intervention: str, comparator: str, lang: str = "nl") -> str:
    """Return the label of a clinical verdict as a clause, with the names.

    Parameters
    ----------
    verdict : ClinicalVerdict
        What `clinical_verdict` returned.
    intervention, comparator : str
        Names, in the language.
    lang : {"nl", "en"}, default "nl"
        Language.

    Returns
    -------
    str
        A clause without a full stop.

    Examples
    --------
    >>> from hecon import evidence
    >>> found = evidence.clinical_verdict(1, se=1, equivalence_margin=5)
    >>> evidence.clinical_label(found, intervention="exercise", comparator="surgery", lang="en")
    'exercise and surgery are equivalent'
    """
    _checks.instance("verdict", verdict, "ClinicalVerdict", "hecon.evidence.clinical_verdict returns one")
    key = re.sub(r"\W+", "_", verdict.label)
    return texts.text(lang, f"clinical_label.{key}", intervention=intervention, comparator=comparator)


def clinical_words(
    verdict: ClinicalVerdict, *, intervention: str, comparator: str, outcome: str, lang: str = "nl"
) -> str:
    """Return a clinical verdict in words.

    Parameters
    ----------
    verdict : ClinicalVerdict
        What `clinical_verdict` returned.
    intervention, comparator, outcome : str
        Names, in the language.
    lang : {"nl", "en"}, default "nl"
        Language.

    Returns
    -------
    str
        A few sentences, with the interval and what it rests on.

    Examples
    --------
    >>> from hecon import evidence
    >>> found = evidence.clinical_verdict(5.3, ci=(0.6, 9.9))
    >>> print(evidence.clinical_words(found, intervention="surgery", comparator="exercise", outcome="IKDC", lang="en"))
    IKDC: surgery is statistically better than exercise (5.3; 95% interval 0.6 to 9.9).
    """
    _checks.instance("verdict", verdict, "ClinicalVerdict", "hecon.evidence.clinical_verdict returns one")
    digits = width_decimals(*verdict.interval)
    low, high = (texts.number(lang, end, digits) for end in verdict.interval)
    sentences = [
        texts.text(
            lang,
            "clinical.sentence",
            outcome=outcome,
            verdict=clinical_label(verdict, intervention=intervention, comparator=comparator, lang=lang),
            estimate=texts.number(lang, verdict.estimate, digits),
            low=low,
            high=high,
        ),
        *limits(verdict, lang),
    ]
    if verdict.derived:
        sentences.append(texts.text(lang, "clinical.derived"))
    return " ".join(sentences)


def limits(verdict: ClinicalVerdict, lang: str) -> list[str]:
    """Return the sentences on the margin and on relevance."""
    sentences = []
    if verdict.margin is not None:
        sentences.append(texts.text(lang, "clinical.margin", margin=_plain(verdict.margin, lang)))
    if verdict.minimal_important_difference is not None:
        least = _plain(verdict.minimal_important_difference, lang)
        sentences.append(texts.text(lang, f"clinical.{_RELEVANCE[str(verdict.relevance)]}", least=least))
    return sentences


_RELEVANCE = {"relevant": "relevant", "not relevant": "not_relevant", "inconclusive": "relevance_open"}


def _plain(value: float, lang: str) -> str:
    """Return a number with the digits that it was given with."""
    return texts.as_given(lang, Decimal(repr(float(value))).normalize())


def width_decimals(low: float, high: float) -> int:
    """Return the decimals that an interval is written with: two digits of its width, and no end that is not 0 as 0."""
    sizes = [size for size in (high - low, abs(low), abs(high)) if size > 0]
    return 0 if not sizes else min(12, max(0, 1 - math.floor(math.log10(min(sizes[0], 10 * min(sizes))))))
