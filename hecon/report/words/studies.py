"""A study in words: its facts as printed, its differences, and what their intervals show."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

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
from hecon.report.words.clinical import clinical_label, limit_sentences
from hecon.report.words.common import capital, key_of, missing_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from hecon.assessment.records import ClinicalResult
    from hecon.dossier.loading import Dossier
    from hecon.dossier.note import Fact, Outcome, Study
    from hecon.evidence import ClinicalVerdict
    from hecon.locale import Locale

__all__ = [
    "COLUMNS",
    "crossover_words",
    "difference_words",
    "fact_name",
    "fact_words",
    "interval_words",
    "of_trial",
    "shown_words",
]

COLUMNS: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("design", (DesignFact, IncludedFact)),
    ("patients", (PatientsFact, PatientsPerArm)),
    ("age", (AgeFact,)),
    ("follow_up", (FollowUpFact,)),
    ("crossover", (CrossoverFact,)),
    ("quality", (PedroFact, CertaintyFact)),
)
_DESIGNS = {
    "randomised": "study_design.randomised",
    "randomised, non-inferiority": "study_design.non_inferiority",
    "randomised, superiority": "study_design.superiority",
    "cluster-randomised stepped wedge": "study_design.stepped_wedge",
    "running": "study_design.running",
    "systematic review": "study_design.review",
    "systematic review with meta-analysis": "study_design.meta_analysis",
    "umbrella review": "study_design.umbrella",
    "guideline": "study_design.guideline",
    "assessment": "study_design.assessment",
}


def fact_name(fact: Fact, locale: Locale) -> str:
    """Return what a fact is about: the column that it stands in."""
    return locale.text(f"evidence.{next(key for key, kinds in COLUMNS if isinstance(fact, kinds))}")


def fact_words(fact: Fact, locale: Locale) -> str:
    """Return a fact as printed."""
    return _FACTS[fact.kind](fact, locale)


def crossover_words(study: Study, locale: Locale) -> str:
    """Return how many had surgery after all, as printed; empty where nothing was."""
    return "; ".join(_crossover(fact, locale) for fact in study.fact if isinstance(fact, CrossoverFact))


def _arms_words(fact: PatientsPerArm, locale: Locale) -> str:
    first, second = (locale.as_given(each) for each in fact.value)
    return locale.text("evidence.arms_only", first=first, second=second)


def _included(fact: IncludedFact, locale: Locale) -> str:
    value = locale.as_given(fact.value)
    if fact.value == 1:
        return locale.text("evidence.included_one")
    if fact.randomised is None:
        return locale.text("evidence.included", value=value)
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
    "design": lambda fact, locale: locale.text(_DESIGNS[fact.value]),
    "patients": lambda fact, locale: locale.as_given(fact.value),
    "arms": _arms_words,
    "age": _age,
    "follow-up": _months,
    "pedro": lambda fact, locale: locale.text("evidence.pedro", value=fact.value),
    "included-studies": _included,
    "certainty": _certainty,
    "crossover": _crossover,
}


def of_trial(dossier: Dossier, trial: str) -> list[Study]:
    """Return the studies whose names are a trial's, or begin with it, as "COMPARE (Reijman 2021)"."""
    return [each for each in dossier.note.study if each.name == trial or each.name.startswith(f"{trial} (")]


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


def _no_interval(extent: str | None, locale: Locale) -> str:
    if extent == "whole":
        return locale.text("evidence.no_interval")
    return locale.text("evidence.no_interval_read", missing=missing_words(extent, locale))


def shown_words(outcome: Outcome, study: Study, result: ClinicalResult, extent: str | None, locale: Locale) -> str:
    """Return what the interval of a difference shows, and how many crossed over."""
    found = result.verdict
    if outcome.ci is None:
        text = _no_interval(extent, locale)
    elif found is not None and outcome.of == "costs":
        text = locale.text(f"evidence.costs_{_side(found)}", intervention=locale.pick(outcome.intervention))
    elif found is None:
        text = locale.text("evidence.unknown" if result.holds else "evidence.impossible")
    else:
        names = [locale.pick(outcome.intervention), locale.pick(outcome.comparator)]
        first, second = reversed(names) if outcome.margin_for == "comparator" else names
        text = capital(clinical_label(found, locale, intervention=first, comparator=second)) + "."
        text = " ".join([text, *limit_sentences(found, locale)])
        if found.derived:
            text += " " + locale.text("clinical.derived")
    if outcome.remark is not None:
        text += f" {locale.pick(outcome.remark)}"
    # Surgery after all makes the arms alike, so a study's difference is read beside it.
    later = crossover_words(study, locale) if outcome == study.outcome[0] else ""
    if later:
        text += " " + locale.text("evidence.beside_crossover", crossover=later)
    return text


def _side(found: ClinicalVerdict) -> str:
    low, high = found.interval
    return "higher" if low > 0 else ("lower" if high < 0 else "unclear")
