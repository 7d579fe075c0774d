"""A study in words: its facts as printed, its differences, and what their intervals show."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hecon import _checks
from hecon.dossier.note import (
    AgeFact,
    CertaintyFact,
    CrossoverFact,
    DesignFact,
    FollowUpFact,
    IncludedFact,
    PatientsFact,
    PatientsPerArm,
    PedroFact,
)
from hecon.locale import key_of, width_decimals
from hecon.report.words.common import capital, missing_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from hecon.assessment.records import ClinicalResult
    from hecon.dossier.note import Fact, Outcome, Study
    from hecon.evidence import ClinicalVerdict
    from hecon.locale import Locale


def clinical_label(verdict: ClinicalVerdict, locale: Locale, *, intervention: str, comparator: str) -> str:
    """Return the label of a clinical verdict as a clause, with the names and without a full stop.

    >>> from hecon import evidence
    >>> from hecon.locale import Locale
    >>> found = evidence.clinical_verdict(1, se=1, equivalence_margin=5)
    >>> clinical_label(found, Locale("en"), intervention="exercise", comparator="surgery")
    'exercise and surgery are equivalent'
    """
    _checks.instance("verdict", verdict, "ClinicalVerdict", "hecon.evidence.clinical_verdict returns one")
    return locale.text(f"clinical_label.{key_of(verdict.label)}", intervention=intervention, comparator=comparator)


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
    IKDC: surgery is significantly better than exercise (5.3; 95% CI 0.6 to 9.9).
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
        sentences.append(locale.text(f"clinical.{key_of(str(verdict.relevance))}", least=least))
    return sentences


def _shortest(value: float, locale: Locale) -> str:
    return locale.as_given(Decimal(repr(float(value))).normalize())


COLUMNS: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("design", (DesignFact, IncludedFact)),
    ("patients", (PatientsFact, PatientsPerArm)),
    ("age", (AgeFact,)),
    ("follow_up", (FollowUpFact,)),
    ("crossover", (CrossoverFact,)),
    ("quality", (PedroFact, CertaintyFact)),
)


def fact_name(fact: Fact, locale: Locale) -> str:
    """Return what a fact is about: the column that it stands in."""
    return locale.text(f"evidence.{next(key for key, kinds in COLUMNS if isinstance(fact, kinds))}")


def fact_words(fact: Fact, locale: Locale) -> str:
    """Return a fact as printed."""
    return _FACTS[fact.kind](fact, locale)


def _arms_words(fact: PatientsPerArm, locale: Locale) -> str:
    first, second = (locale.as_given(each) for each in fact.value)
    return locale.text("evidence.arms_only", first=first, second=second)


def _included(fact: IncludedFact, locale: Locale) -> str:
    value = locale.as_given(fact.value)
    if fact.value == 1:
        return locale.text("evidence.included_one")
    if fact.randomised is None:
        return locale.text("evidence.included", value=value)
    if fact.randomised == fact.value:
        return locale.text("evidence.included_all_randomised", value=value)
    return locale.text("evidence.included_randomised", value=value, randomised=locale.as_given(fact.randomised))


def _certainty(fact: CertaintyFact, locale: Locale) -> str:
    value = locale.text(f"certainty.{key_of(fact.value)}")
    return locale.text(f"evidence.{'certainty_grade' if fact.system == 'GRADE' else 'certainty'}", value=value)


def _months(fact: FollowUpFact, locale: Locale) -> str:
    return locale.text("evidence.months", months=", ".join(locale.as_given(each) for each in fact.months))


def _age(fact: AgeFact, locale: Locale) -> str:
    parts = []
    if fact.range is not None:
        low, high = (locale.as_given(end) for end in fact.range)
        parts.append(locale.text("evidence.age_range", low=low, high=high))
    if fact.at_least is not None:
        parts.append(locale.text("evidence.age_least", low=locale.as_given(fact.at_least)))
    if fact.mean is not None:
        parts.append(locale.text("evidence.age_mean", mean=locale.as_given(fact.mean)))
    return ", ".join(parts)


def _crossover(fact: CrossoverFact, locale: Locale) -> str:
    parts = []
    if fact.percent is not None:
        parts.append(locale.text("evidence.percent", percent=locale.as_given(fact.percent)))
    if fact.count is not None and fact.of is not None:
        count, of = locale.as_given(fact.count), locale.as_given(fact.of)
        parts.append(locale.text("evidence.count", count=count, of=of))
    for key, value in (("within", fact.within_months), ("after", fact.mean_months)):
        if value is not None:
            parts.append(locale.text(f"evidence.{key}", months=locale.as_given(value)))
    return ", ".join(parts)


_FACTS: dict[str, Callable[[Any, Locale], str]] = {
    "design": lambda fact, locale: locale.text(f"study_design.{key_of(fact.value)}"),
    "patients": lambda fact, locale: locale.as_given(fact.value),
    "arms": _arms_words,
    "age": _age,
    "follow-up": _months,
    "pedro": lambda fact, locale: locale.text("evidence.pedro", value=fact.value),
    "included-studies": _included,
    "certainty": _certainty,
    "crossover": _crossover,
}


def difference_words(outcome: Outcome, locale: Locale) -> str:
    """Return a difference as printed, with its interval, p value and arms."""
    parts = [interval_words(outcome, locale)]
    for key, value in (("p", outcome.p), ("p_below", outcome.p_below)):
        if value is not None:
            parts.append(locale.text(f"evidence.{key}", p=locale.as_given(value)))
    if outcome.arms is not None:
        first, second = (locale.as_given(each) for each in outcome.arms.mean)
        parts.append(locale.text("evidence.arms", first=first, second=second))
    if outcome.adjusted:
        parts.append(locale.text("evidence.adjusted"))
    return "; ".join(parts)


def interval_words(outcome: Outcome, locale: Locale) -> str:
    """Return a difference as printed, with its interval."""
    names = {"intervention": locale.pick(outcome.intervention), "comparator": locale.pick(outcome.comparator)}
    estimate = locale.as_given(outcome.estimate)
    if outcome.ci is None:
        return locale.text("evidence.bare", estimate=estimate, **names)
    low, high = (locale.as_given(end) for end in outcome.ci)
    level = locale.as_given((100 * Decimal(outcome.level)).normalize())
    return locale.text(
        "evidence.difference",
        estimate=estimate,
        interval=locale.text("interval", level=level, low=low, high=high),
        **names,
    )


def shown_words(outcome: Outcome, study: Study, result: ClinicalResult, extent: str | None, locale: Locale) -> str:
    """Return what the interval of a difference shows, and how many crossed over."""
    found = result.verdict
    if outcome.ci is None:
        key = "no_interval" if extent == "whole" else "no_interval_read"
        text = locale.text(f"evidence.{key}", missing=missing_words(extent, locale))
    elif found is not None and outcome.of == "costs":
        low, high = found.interval
        side = "higher" if low > 0 else "lower" if high < 0 else "unclear"
        text = locale.text(f"evidence.costs_{side}", intervention=locale.pick(outcome.intervention))
    elif found is not None and outcome.of == "baseline":
        apart = found.interval[0] > 0 or found.interval[1] < 0
        text = locale.text(f"evidence.baseline_{'apart' if apart else 'alike'}")
    elif found is None:
        text = locale.text("evidence.unknown" if result.holds else "evidence.impossible")
    else:
        names = [locale.pick(outcome.intervention), locale.pick(outcome.comparator)]
        first, second = reversed(names) if outcome.margin_for == "comparator" else names
        text = capital(clinical_label(found, locale, intervention=first, comparator=second)) + "."
        text = " ".join([text, *limit_sentences(found, locale)])
        if found.derived:
            text += " " + locale.text("clinical.derived")
    if outcome.relevance is not None:
        text += f" {locale.pick(outcome.relevance.text).rstrip('.')}."
    if outcome.remark is not None:
        text += f" {locale.pick(outcome.remark)}"
    # Surgery after all makes the arms alike, so a study's difference is read beside it.
    later = [_crossover(fact, locale) for fact in study.fact if isinstance(fact, CrossoverFact)]
    if later and outcome == study.outcome[0]:
        text += " " + locale.text("evidence.beside_crossover", crossover="; ".join(later))
    return text
