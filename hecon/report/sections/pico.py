"""What a note is about: why it was asked for, the question by its elements (PICO) and each trial beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.dossier.documents import cited_documents
from hecon.dossier.note import AgeFact, of_trial
from hecon.report.document import Block, Facts, Heading, Paragraph, Table
from hecon.report.words.common import capital, cited, sentence, sourced
from hecon.report.words.comparisons import ComparisonWords
from hecon.report.words.studies import fact_words

if TYPE_CHECKING:
    from hecon.assessment import Assessment, ComparisonResult
    from hecon.locale import Locale

_ELEMENTS = ("population", "intervention", "comparator", "outcomes", "horizon", "perspective")


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the reason with the number of documents, and the question."""
    return [*reason(assessment, locale), *question(assessment, locale)]


def question(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the table: a row for each element, a column for the question and for each trial."""
    say, trials = locale.text, _trials(assessment)
    asked, missing = _asked(assessment, locale), say("pico.not_on_file")
    columns = [_of_trial(assessment, results, locale) for results in trials.values()]
    told = [each for each in _ELEMENTS if columns or asked[each]]
    rows = [(say(f"pico.{each}"), asked[each] or missing, *(column[each] for column in columns)) for each in told]
    if columns:
        rows.append((say("column.source"), "", *(column["source"] for column in columns)))
    header = (say("pico.element"), say("pico.question"), *trials)
    table = Table(
        say("pico.caption" if columns else "pico.caption_plain"),
        header,
        tuple(rows),
        prose=tuple(range(1, len(header))),
    )
    found: list[Block] = [Heading(2, say("pico.heading" if columns else "pico.heading_plain")), table]
    if columns:
        found.append(Paragraph(" ".join((say("pico.signs"), *_by_name(assessment, locale)))))
    untold = [say(f"pico.{each}") for each in _ELEMENTS if each not in told]
    return [*found, Paragraph(f"{capital(missing)}: {', '.join(untold)}.")] if untold else found


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the same as plain data; None for what is not on file."""
    trials = {name: _of_trial(assessment, results, locale) for name, results in _trials(assessment).items()}
    return {"pico": {"question": _asked(assessment, locale), "trials": trials}}


def _by_name(assessment: Assessment, locale: Locale) -> list[str]:
    """Return which studies were taken to be of a trial by their names alone."""
    trials = _trials(assessment)
    studies = (each for trial in trials for each in of_trial(assessment.dossier.note, trial))
    names = [each.name for each in studies if each.trial is None]
    return [locale.text("pico.by_name", names="; ".join(names))] if names else []


def _trials(assessment: Assessment) -> dict[str, list[ComparisonResult]]:
    """Return the comparisons by trial: a column has those of all perspectives."""
    found: dict[str, list[ComparisonResult]] = {}
    for each in assessment.comparisons:
        found.setdefault(each.spec.trial, []).append(each)
    return found


def _asked(assessment: Assessment, locale: Locale) -> dict[str, str | None]:
    """Return the elements of the question; the population is that of the indication where none is stated."""
    pico = assessment.dossier.note.pico
    stated = {each: getattr(pico, each) for each in _ELEMENTS}
    found = {
        each: None if told is None else sourced(locale.pick(told.text), told.sources) for each, told in stated.items()
    }
    return {**found, "population": found["population"] or locale.pick(assessment.dossier.indication)}


def _of_trial(assessment: Assessment, results: list[ComparisonResult], locale: Locale) -> dict[str, str]:
    """Return the elements of a trial as its comparisons and studies have them."""
    dossier, first = assessment.dossier, results[0].spec
    wordings = [ComparisonWords(dossier, each.spec, locale) for each in results]
    studies = of_trial(dossier.note, first.trial)
    ages = (fact_words(fact, locale) for each in studies for fact in each.fact if isinstance(fact, AgeFact))
    age = ", ".join(dict.fromkeys(ages))
    health = [each for study in studies for each in study.outcome if each.of == "health"]
    measured = [each.instrument for each in health] + [each for study in studies for each in study.instruments]
    outcomes = [each for each in measured if each is not None and each != first.effect_unit]
    if not any(measured):
        outcomes = [locale.pick(each.name) for each in health]
    economic = locale.text("pico.economic", unit=first.effect_unit)
    months = dict.fromkeys(locale.as_given(each.spec.horizon_months) for each in results)
    perspectives = dict.fromkeys(locale.text(f"perspective.{each.spec.perspective}") for each in results)
    sources = dict.fromkeys(source for each in results for source in each.spec.sources)
    design = locale.pick(first.design)
    return {
        "population": locale.text("pico.with_age", design=design, age=age) if age else design,
        "intervention": "; ".join(dict.fromkeys(each.intervention for each in wordings)),
        "comparator": "; ".join(dict.fromkeys(each.comparator for each in wordings)),
        "outcomes": "; ".join(dict.fromkeys((*outcomes, economic))),
        "horizon": ", ".join(locale.text("setting.months", horizon=each) for each in months),
        "perspective": ", ".join(perspectives),
        "source": cited(sources),
    }


def reason(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return who asked for the note and why, and how many documents its facts come from."""
    note, say = assessment.dossier.note, locale.text
    found: list[Block] = [Heading(2, say("note.reason"))]
    if note.reason is not None:
        found.append(Paragraph(sentence(note.reason, locale)))
    return [*found, Facts(((say("note.facts_from"), _facts_from(assessment, locale)),))]


def _facts_from(assessment: Assessment, locale: Locale) -> str:
    """Return how many documents the dossier cites, whatever part cites them."""
    count = len(cited_documents(assessment.dossier))
    return locale.text("note.facts_from_one") if count == 1 else locale.text("note.facts_from_several", n=count)
