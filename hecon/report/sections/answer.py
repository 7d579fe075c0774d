"""The conclusion: the answer in one sentence, and in a line each what supports it and what could change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.assessment.records import TrialResult, outcome_path
from hecon.auditing.findings import SEVERITIES
from hecon.dossier.documents import extent_read
from hecon.locale import key_of
from hecon.report.document import Block, Facts, Heading, Paragraph
from hecon.report.sections.budget import headline
from hecon.report.sections.burden import burden_bands, burden_line
from hecon.report.sections.criteria import criterion_words
from hecon.report.sections.options import OptionsWords
from hecon.report.sections.research import worth_sentence
from hecon.report.words.answers import AnswerWords, preference_data
from hecon.report.words.common import by_rules, capital, sentence
from hecon.report.words.studies import difference_words, shown_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hecon.assessment import Assessment
    from hecon.locale import Locale


_BRIEF = ("effects", "options", "values", "burden", "budget", "doubt", "research", "parties", "standing")


def answer_words(assessment: Assessment, locale: Locale) -> AnswerWords | None:
    """Return the words of the answer; None without a comparison."""
    found = assessment.conclusion
    if found is None or found.comparison is None:
        return None
    result = next(each for each in assessment.comparisons if each.spec.id == found.comparison)
    return AnswerWords(assessment, result, locale)


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the question, its answer, and what supports it."""
    words = answer_words(assessment, locale)
    return [*_answer(assessment, words, locale), _facts(_points(assessment, words, locale), locale)]


def brief(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the question, its answer, and the least that supports it."""
    words = answer_words(assessment, locale)
    points = dict(_points(assessment, words, locale))
    points["burden"] = f"{capital(burden_bands(assessment, locale))}."
    points["parties"] = _parties(assessment, locale, short=True)
    points["budget"] = headline(assessment.budget, assessment.dossier, locale, brief=True)
    if words is not None:
        points["effects"] = words.expected(brief=True)
        several = _several(assessment, words, locale)
        points["values"] = words.turning() if several is None else several.turning()
        points["research"] = worth_sentence(assessment, locale)
    return [*_answer(assessment, words, locale), _facts([(key, points.get(key, "")) for key in _BRIEF], locale)]


def _facts(points: Iterable[tuple[str, str]], locale: Locale) -> Facts:
    return Facts(tuple((locale.text(f"conclusion.{key}"), text) for key, text in points if text))


def answer_sentence(assessment: Assessment, locale: Locale) -> str:
    """Return the answer in one sentence; without a comparison that of the sources, and that nothing was evaluated."""
    words = answer_words(assessment, locale)
    if words is not None:
        return words.sentence()
    note, missing = assessment.dossier.note, locale.text("conclusion.no_comparison")
    return missing if note.conclusion is None else f"{locale.pick(note.conclusion.text).rstrip('.')}. {missing}"


def _answer(assessment: Assessment, words: AnswerWords | None, locale: Locale) -> list[Block]:
    say, note = locale.text, assessment.dossier.note
    found: list[Block] = [
        Heading(2, say("conclusion.heading")),
        Paragraph(say("conclusion.question", question=locale.pick(assessment.dossier.question))),
    ]
    if words is not None:
        found.append(Paragraph(words.sentence(), strong=True))
    elif note.conclusion is not None:
        found.append(Paragraph(sentence(note.conclusion, locale), strong=True))
    if words is None:
        found.append(Paragraph(say("conclusion.no_comparison")))
    return found


def _points(assessment: Assessment, words: AnswerWords | None, locale: Locale) -> list[tuple[str, str]]:
    note = assessment.dossier.note
    several = _several(assessment, words, locale)
    compared = (
        []
        if words is None
        else [
            ("effects", words.expected()),
            ("options", "" if several is None else several.summary()),
            ("clinical", _clinical(assessment, words)),
            ("values", f"{words.other_values()} {'' if several is None else several.turning()}".strip()),
            ("wrong", words.loss()),
        ]
    )
    return [
        *compared,
        ("burden", burden_line(assessment, locale)),
        ("budget", headline(assessment.budget, assessment.dossier, locale)),
        ("doubt", "" if words is None else _doubt(assessment, words)),
        ("rests", _rests(assessment, locale)),
        ("parties", _parties(assessment, locale)),
        ("expert", "" if words is None or note.conclusion is None else sentence(note.conclusion, locale)),
        ("standing", _standing(assessment, locale)),
    ]


def _several(assessment: Assessment, words: AnswerWords | None, locale: Locale) -> OptionsWords | None:
    """Return the words of all options, where the comparison that answers is one of several."""
    analysis = None if words is None else assessment.incremental_of(words.result.spec.id)
    return None if analysis is None else OptionsWords(assessment, analysis, locale)


def _clinical(assessment: Assessment, words: AnswerWords) -> str:
    """Return the first difference in health of the study that the dossier names, and what its interval shows."""
    answer, locale = assessment.dossier.answer, words.locale
    if answer is None or answer.study is None:
        return ""
    for number, study in enumerate(assessment.dossier.note.study):
        if study.name != answer.study:
            continue
        for place, outcome in enumerate(study.outcome):
            if outcome.of == "health":
                result = assessment.clinical[outcome_path(number, place)]
                shown = shown_words(outcome, study, result, extent_read(assessment.dossier, study), locale)
                return f"{locale.pick(outcome.name)}: {difference_words(outcome, locale)}. {shown}"
    return ""


def _doubt(assessment: Assessment, words: AnswerWords) -> str:
    """Return which estimates tell otherwise, what would turn the preference at any value, and what is assumed."""
    found, say = assessment.conclusion, words.say
    told = words.contradictions()
    for at in () if found is None else found.values:
        where = words.value(at.value)
        told += [say(f"turned_by_{code}", at=where) for code in at.turned_by if not at.equal]
        if at.edge and not at.equal:
            told.append(say("edge", at=where))
    if words.result.varied and not isinstance(words.result, TrialResult):
        names = ", ".join(words.locale.text(f"parameter.{name}") for name in words.result.varied)
        told.append(say("varied", names=names))
    return capital("; ".join(told)) + "." if told else ""


def _rests(assessment: Assessment, locale: Locale) -> str:
    """Return how many figures were reported, derived and assumed, and what the audit of them found."""
    statuses = assessment.statuses
    if not statuses and any((each.data or each.draws) is not None for each in assessment.dossier.comparison):
        return ""
    if not statuses:
        return locale.text("audit.statuses_none")
    counts = {name: statuses.get(name, 0) for name in ("reported", "derived", "assumed")}
    told = [each.severity for each in assessment.findings]
    found = ", ".join(
        locale.text(f"audit_count.{key_of(severity)}", n=told.count(severity))
        for severity in SEVERITIES
        if severity in told
    )
    audit = locale.text("audit.glance", found=found) if told else locale.text("audit.glance_nothing")
    return f"{locale.text('audit.statuses', n=locale.number(sum(statuses.values())), **counts)} {audit}"


def _parties(assessment: Assessment, locale: Locale, *, short: bool = False) -> str:
    """Return who judged effectiveness and cost-effectiveness, and who took the judgement over."""
    told: dict[str, list[str]] = {}
    for key in ("effectiveness", "cost_effectiveness"):
        criterion = getattr(assessment.dossier.note.criteria, key) if key in assessment.criteria.states else None
        if criterion is not None and criterion.judgement in {"positive", "negative"}:
            told.setdefault(criterion_words(criterion, assessment.dossier, locale, short=short), []).append(
                locale.text(f"note.{key}")
            )
    return " ".join(f"{_joined(names, locale)} {text[:1].lower()}{text[1:]}" for text, names in told.items())


def _joined(names: list[str], locale: Locale) -> str:
    if len(names) == 1:
        return names[0]
    return locale.text("conclusion.both", first=names[0], second=names[1][:1].lower() + names[1][1:])


def _standing(assessment: Assessment, locale: Locale) -> str:
    """Return that the institute of the rules has not assessed this itself, unless it judged a criterion."""
    rules = assessment.rules
    party = locale.catalogue.get(f"rules.{rules.name}.party") if rules.shipped else None
    criteria = assessment.dossier.note.criteria
    judged = {each.judged_by for key in type(criteria).model_fields if (each := getattr(criteria, key)) is not None}
    if party is None or party in judged:
        return ""
    return by_rules("conclusion.not_own", rules, locale)


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the conclusion as plain data, with its sentence."""
    found, words = assessment.conclusion, answer_words(assessment, locale)
    if found is None:
        return {}
    told = {**vars(found), "values": [preference_data(each) for each in found.values]}
    told["at"] = None if found.at is None else preference_data(found.at)
    told["contradicted_by"] = [vars(each) for each in found.contradicted_by]
    told["certainty"] = found.certainty
    return {"conclusion": {**told, "words": None if words is None else words.sentence()}}
