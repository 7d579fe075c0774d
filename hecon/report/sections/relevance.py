"""Whether the differences matter to patients: each against its margin, as the sources judge it, or neither on file."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from hecon.dossier.comparison import EffectProbability
from hecon.dossier.note import trial_of
from hecon.locale import key_of
from hecon.report.document import Block, Bullets, Heading, Paragraph, Table
from hecon.report.sections.evidence import outcomes
from hecon.report.words.common import capital, sourced
from hecon.report.words.comparisons import ComparisonWords
from hecon.report.words.studies import clinical_label, interval_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.assessment import Assessment, ComparisonResult
    from hecon.assessment.records import ClinicalResult
    from hecon.dossier.note import Margin, Outcome, Study
    from hecon.locale import Locale


# From this probability on, that of being no worse than a margin shows it; up to the other one, the opposite.
_SHOWN_FROM = Decimal("0.975")
_OPPOSITE_TO = 1 - _SHOWN_FROM
_OWN = ("margin", "minimal_important_difference")


class _Row(NamedTuple):
    """An outcome with a margin of its own: its name, its difference, the margin with its source, and what follows."""

    outcome: str
    difference: str
    margin: str
    conclusion: str


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return what the margins and the sources decide, and the outcomes without either; empty without any outcome."""
    say, rows, without = locale.text, _rows(assessment, locale), _without(assessment, locale)
    judged = tuple(_judgement(study, outcome, locale) for study, outcome in _judged(assessment))
    found: list[Block] = []
    if rows:
        keys = ("outcome", "difference", "margin_column", "conclusion")
        header = tuple(say(f"relevance.{key}") for key in keys)
        found.append(Table(say("relevance.caption"), header, tuple(rows), prose=(0, 1, 2, 3)))
    if judged:
        found.append(Bullets(judged))
    if without:
        studies = (say("relevance.of_study", study=name, outcome=", ".join(each)) for name, each in without.items())
        found.append(Paragraph(say("relevance.none", names="; ".join(studies))))
    return [Heading(2, say("relevance.heading")), *found] if found else []


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the margins that decide nothing, each with the reason; empty without any."""
    told = tuple(_margin_words(each, locale) for each in assessment.dossier.note.margin)
    return [Heading(2, locale.text("relevance.others")), Bullets(told)] if told else []


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the same as plain data."""
    found = {
        "outcomes": [each._asdict() for each in _rows(assessment, locale)],
        "judged_without_margin": [
            {"outcome": _name(study, outcome, locale), "conclusion": outcome.relevance}
            for study, outcome in _judged(assessment)
        ],
        "without_margin": _without(assessment, locale),
        "other_margins": assessment.dossier.note.margin,
    }
    return {"relevance": found}


def _rows(assessment: Assessment, locale: Locale) -> list[_Row]:
    """Return the differences with a margin of their own, and the published probabilities of an effect above one."""
    found = [
        _row(study, outcome, result, locale) for study, outcome, result in _outcomes(assessment) if _has_margin(outcome)
    ]
    for result in assessment.comparisons:
        found += [
            _by_probability(assessment, result, each, locale)
            for each in result.spec.statistic
            if isinstance(each, EffectProbability) and each.threshold != 0
        ]
    return found


def _judged(assessment: Assessment) -> list[tuple[Study, Outcome]]:
    """Return the outcomes without a margin that the sources judge, each with its study."""
    return [
        (study, outcome)
        for study, outcome, _ in _outcomes(assessment)
        if outcome.relevance is not None and not _has_margin(outcome)
    ]


def _judgement(study: Study, outcome: Outcome, locale: Locale) -> str:
    """Return what the sources judge of an outcome's relevance."""
    told = outcome.relevance
    text = "" if told is None else sourced(locale.pick(told.text), told.sources)
    words = {"study": trial_of(study), "outcome": locale.pick(outcome.name), "text": text[:1].lower() + text[1:]}
    return locale.text("relevance.judged", **words)


def _without(assessment: Assessment, locale: Locale) -> dict[str, list[str]]:
    """Return the outcomes that have no margin and that nobody judged, by study."""
    found: dict[str, list[str]] = {}
    for study, outcome, _ in _outcomes(assessment):
        if outcome.relevance is None and not _has_margin(outcome):
            found.setdefault(trial_of(study), []).append(locale.pick(outcome.name))
    return found


def _outcomes(assessment: Assessment) -> Iterator[tuple[Study, Outcome, ClinicalResult]]:
    """Return the outcomes of health of every study; of costs and at baseline no relevance is judged."""
    return ((study, outcome, found) for _, study, outcome, found in outcomes(assessment) if outcome.of == "health")


def _has_margin(outcome: Outcome) -> bool:
    return any(getattr(outcome, key) is not None for key in _OWN)


def _name(study: Study, outcome: Outcome, locale: Locale) -> str:
    return locale.text("relevance.of_study", study=trial_of(study), outcome=locale.pick(outcome.name))


def _row(study: Study, outcome: Outcome, result: ClinicalResult, locale: Locale) -> _Row:
    values: dict[str, int | Decimal | None] = {key: getattr(outcome, key) for key in _OWN}
    own = (
        locale.text(f"relevance.{key}", value=locale.as_given(value))
        for key, value in values.items()
        if value is not None
    )
    names = [locale.pick(outcome.intervention), locale.pick(outcome.comparator)]
    first, second = reversed(names) if outcome.margin_for == "comparator" else names
    told = []
    if result.verdict is None:
        told.append(locale.text("relevance.no_interval"))
    else:
        told.append(capital(clinical_label(result.verdict, locale, intervention=first, comparator=second)))
    if outcome.p_margin is not None:
        side = "no_worse" if outcome.p_margin.value >= _SHOWN_FROM else "no_worse_open"
        text = locale.text(f"relevance.{side}", probability=locale.as_given(outcome.p_margin.value))
        told.append(sourced(text, outcome.p_margin.sources))
    if outcome.relevance is not None:
        told.append(sourced(locale.pick(outcome.relevance.text), outcome.relevance.sources))
    margin = sourced("; ".join(own), outcome.sources)
    return _Row(_name(study, outcome, locale), interval_words(outcome, locale), margin, ". ".join(told))


def _by_probability(
    assessment: Assessment, result: ComparisonResult, statistic: EffectProbability, locale: Locale
) -> _Row:
    words, say = ComparisonWords(assessment.dossier, result.spec, locale), locale.text
    unit, names = result.spec.effect_unit, {"intervention": words.intervention, "comparator": words.comparator}
    below = statistic.threshold < 0
    size = -statistic.threshold if below else statistic.threshold
    margin = say(f"relevance.{'margin' if below else 'difference_above'}", value=f"{locale.as_given(size)} {unit}")
    probability = words.printed("effect", statistic.value)
    key = "shown" if statistic.value >= _SHOWN_FROM else "open" if statistic.value > _OPPOSITE_TO else "opposite"
    difference = "–"
    if result.delta_effect is not None:
        difference = say("relevance.computed", effect=f"{words.of('effect', result.delta_effect)} {unit}", **names)
    return _Row(
        say("relevance.of_study", study=result.spec.trial, outcome=unit),
        difference,
        sourced(margin, statistic.sources),
        say(f"relevance.{'probability' if below else 'above'}_{key}", probability=probability, **names),
    )


def _margin_words(margin: Margin, locale: Locale) -> str:
    """Return a margin that decides nothing: its value, why it does not decide, and its source."""
    text = f"{margin.instrument}, {locale.pick(margin.what)}"
    value = None if margin.value is None else locale.as_given(margin.value)
    if margin.range is not None:
        value = locale.span(*map(locale.as_given, margin.range))
    if value is not None:
        text = locale.text("relevance.value", what=text, value=value, unit=locale.pick(margin.unit))
    why = {
        f"population_{key_of(margin.population)}": margin.population != "same",
        "of_change": margin.of == "change",
        "a_range": margin.range is not None,
        f"state_{key_of(margin.state)}": margin.state != "read",
    }
    remarks = (locale.text(f"relevance.{key}") for key, holds in why.items() if holds)
    return sourced("; ".join((text, *remarks)), margin.sources)
