"""A clinical verdict in words: what an interval shows, its margin and its relevance."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from hecon import _checks
from hecon.locale import width_decimals

if TYPE_CHECKING:
    from hecon.evidence import ClinicalVerdict
    from hecon.locale import Locale

__all__ = ["clinical_label", "clinical_words", "limit_sentences"]

_RELEVANCE = {"relevant": "relevant", "not relevant": "not_relevant", "inconclusive": "relevance_open"}


def clinical_label(verdict: ClinicalVerdict, locale: Locale, *, intervention: str, comparator: str) -> str:
    """Return the label of a clinical verdict as a clause, with the names and without a full stop.

    >>> from hecon import evidence
    >>> from hecon.locale import Locale
    >>> found = evidence.clinical_verdict(1, se=1, equivalence_margin=5)
    >>> clinical_label(found, Locale("en"), intervention="exercise", comparator="surgery")
    'exercise and surgery are equivalent'
    """
    _checks.instance("verdict", verdict, "ClinicalVerdict", "hecon.evidence.clinical_verdict returns one")
    key = re.sub(r"\W+", "_", verdict.label)
    return locale.text(f"clinical_label.{key}", intervention=intervention, comparator=comparator)


def clinical_words(
    verdict: ClinicalVerdict, locale: Locale, *, intervention: str, comparator: str, outcome: str
) -> str:
    """Return a clinical verdict in words, with the interval and what it rests on.

    Parameters
    ----------
    verdict : ClinicalVerdict
        What `hecon.evidence.clinical_verdict` returned.
    locale : Locale
        Language.
    intervention, comparator, outcome : str
        Names, in the language.

    Returns
    -------
    str
        A few sentences.

    Examples
    --------
    >>> from hecon import evidence
    >>> from hecon.locale import Locale
    >>> found = evidence.clinical_verdict(5.3, ci=(0.6, 9.9))
    >>> print(clinical_words(found, Locale("en"), intervention="surgery", comparator="exercise", outcome="IKDC"))
    IKDC: surgery is statistically better than exercise (5.3; 95% interval 0.6 to 9.9).
    """
    label = clinical_label(verdict, locale, intervention=intervention, comparator=comparator)
    digits = width_decimals(*verdict.interval)
    low, high = (locale.number(end, digits) for end in verdict.interval)
    estimate = locale.number(verdict.estimate, digits)
    sentence = locale.text("clinical.sentence", outcome=outcome, verdict=label, estimate=estimate, low=low, high=high)
    derived = [locale.text("clinical.derived")] if verdict.derived else []
    return " ".join([sentence, *limit_sentences(verdict, locale), *derived])


def limit_sentences(verdict: ClinicalVerdict, locale: Locale) -> list[str]:
    """Return the sentences on the margin and on relevance."""
    sentences = []
    if verdict.margin is not None:
        sentences.append(locale.text("clinical.margin", margin=_shortest(verdict.margin, locale)))
    if verdict.minimal_important_difference is not None:
        least = _shortest(verdict.minimal_important_difference, locale)
        sentences.append(locale.text(f"clinical.{_RELEVANCE[str(verdict.relevance)]}", least=least))
    return sentences


def _shortest(value: float, locale: Locale) -> str:
    return locale.as_given(Decimal(repr(float(value))).normalize())
