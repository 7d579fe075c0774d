"""What each trial estimates, leaves out and where it holds; of trials with patient data how each was analysed."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from hecon.assessment.records import TrialResult
from hecon.assessment.trial_concluding import left_out
from hecon.dossier.documents import extent_read
from hecon.report.document import Block, Bullets, Facts, Heading, Paragraph
from hecon.report.isolating import isolate
from hecon.report.trial_tables import reading_blocks, result_blocks, scenario_blocks, table_one, warning_blocks
from hecon.report.words.common import capital, missing_words, sentence, sourced, valued_by, with_warning
from hecon.report.words.comparisons import ComparisonWords
from hecon.report.words.trials import TrialWords, interval_sentences, method_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.assessment import Assessment, ComparisonResult
    from hecon.assessment.records import TrialSource
    from hecon.locale import Locale

# The parts of [comparison.reporting] that are told here rather than at the comparison.
REPORTED = ("estimand", "analysis", "crossover", "missing_data", "missing_by_arm", "beyond_horizon")


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return what holds of each trial, and how those with patient data were analysed."""
    return [*validity(assessment, locale), *_analysed(assessment, locale)]


def _analysed(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return how each trial was analysed: data as read, patients, missing values, methods and warnings."""
    shared: dict[int, list[TrialResult]] = {}
    for result in assessment.comparisons:
        if isinstance(result, TrialResult):
            shared.setdefault(id(result.trial), []).append(result)
    return [block for results in shared.values() for block in _section(assessment, results, locale)]


def _section(assessment: Assessment, results: list[TrialResult], locale: Locale) -> list[Block]:
    first = results[0]
    names: dict[str, str] = {}
    for result in results:
        names |= _names(result.trial_source, ComparisonWords(assessment.dossier, result.spec, locale))
    words = TrialWords(first.trial, locale, names)
    title = locale.text("trial_note.section", trial=first.spec.trial)
    shown: list[Block] = [Heading(2, with_warning(title, assessment, locale) if first.simulated else title)]
    shown += [*reading_blocks(words, 3), Heading(3, words.say("patients_heading")), *table_one(words)]
    chosen = dict.fromkeys(each.trial_source.perspective for each in results)
    for name in chosen:
        found = first.trial.perspective(name)
        heading = words.say("results", perspective=words.perspective(name))
        what, categories = words.categories(name)
        shown += [Heading(3, heading), Facts(((capital(what), categories),)), *result_blocks(words, found)]
        shown.append(Bullets(tuple(interval_sentences(words, found))))
    methods = method_sentences(words)
    if first.draws is not None:
        methods.append(words.noise_of(first.draws.sizes["draw"]))
    shown += [Heading(3, words.say("method_heading")), Bullets(tuple(methods))]
    return [*shown, *warning_blocks(words)]


def _names(source: TrialSource, wording: ComparisonWords) -> dict[str, str]:
    """Return what the dossier calls the arms that a comparison is of."""
    return {arm: wording.option(name) for name, arm in source.arms.items()}


def data_items(result: ComparisonResult, wording: ComparisonWords) -> tuple[str, ...]:
    """Return what a comparison's figures were computed from."""
    if not isinstance(result, TrialResult):
        return ()
    say, source = wording.say, result.trial_source
    files = say("trial_note.files", file=isolate(source.file), design=isolate(source.design))
    computed = say("trial_note.computed", trial=result.spec.trial)
    return computed, files, *_settings(source, wording), *_counted(result, wording), patients(result, wording)


def _counted(result: TrialResult, wording: ComparisonWords) -> Iterator[str]:
    """Yield how the effect is counted, where it is none of QALYs: less of it may be better."""
    effect = result.trial.effect
    if not effect.is_qaly:
        key = "counted_averted" if result.sign < 0 else "counted"
        about = {"name": isolate(effect.name or effect.unit), "unit": isolate(result.spec.effect_unit)}
        yield wording.say(f"trial_note.{key}", **about)


def _settings(source: TrialSource, wording: ComparisonWords) -> Iterator[str]:
    """Yield which settings of a comparison are those of the design and of the rules, as the dossier has none."""
    told = {"design": isolate(source.design), "rules": wording.dossier.ruleset.name}
    for of, name in told.items():
        own = [wording.say(f"setting.{key.removesuffix('_months')}") for key, by in source.settings.items() if by == of]
        if own:
            yield wording.say(f"trial_note.settings_{of}", name=name, settings=", ".join(own))


def patients(result: TrialResult, wording: ComparisonWords) -> str:
    """Return the number of patients in both arms, and of how many nothing is missing."""
    about = result.trial.description
    places = [about.strategies.index(arm) for arm in result.trial_source.arms.values()]
    number = [wording.locale.number(about.patients[place]) for place in places]
    return wording.say(
        "trial_note.patients",
        intervention=capital(wording.intervention),
        comparator=wording.comparator,
        first=number[0],
        second=number[1],
        complete=wording.locale.number(sum(about.complete[place] for place in places)),
    )


def setting_of(result: ComparisonResult, wording: ComparisonWords) -> dict[str, str]:
    """Return what patient data and their design tell of what a reader looks for."""
    if not isinstance(result, TrialResult):
        return {}
    value_set = result.trial_source.value_set
    found = {"missing_data": patients(result, wording), "missing_by_arm": wording.say("trial_note.by_arm")}
    return found if value_set is None else {"value_set": valued_by(value_set, wording.locale), **found}


def scenarios_of(result: TrialResult, wording: ComparisonWords) -> list[Block]:
    """Return a trial's sensitivity analyses, without a heading."""
    words = TrialWords(result.trial, wording.locale, _names(result.trial_source, wording))
    return scenario_blocks(words, result.perspective, result.scenarios)


def data_of(result: ComparisonResult) -> dict[str, Any]:
    """Return a trial's analysis as plain data, with its files and scenarios."""
    if not isinstance(result, TrialResult):
        return {}
    told = [
        {
            "code": each.code,
            "delta_cost": each.delta_cost.value,
            "delta_cost_interval": each.delta_cost.interval,
            "delta_effect": each.delta_effect.value,
            "delta_effect_interval": each.delta_effect.interval,
            "p_cost_effective": each.p_cost_effective,
            "p_cost_effective_monte_carlo_se": each.p_cost_effective_error,
        }
        for each in result.scenarios
    ]
    return {
        "trial_analysis": {
            **result.trial.to_json(),
            "source": vars(result.trial_source),
            "scenarios": told,
            "scenarios_left_out": left_out(result.scenarios, result.perspective.effect) if result.scenarios else [],
        }
    }


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return what the sources say of studies from abroad, and the names of those of which nothing is on file."""
    abroad = [each for each in assessment.dossier.note.study if each.origin == "international"]
    told = tuple(f"{each.name}: {sentence(each.transfer, locale)}" for each in abroad if each.transfer is not None)
    untold = [each.name for each in abroad if each.transfer is None and each.outcome]
    found: list[Block] = [Bullets(told)] if told else []
    if untold:
        found.append(Paragraph(locale.text("validity.no_transfer", names="; ".join(untold))))
    return [Heading(2, locale.text("validity.transfer")), *found] if found else []


def validity(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return a list for each trial, once for perspectives that state the same; empty without comparisons."""
    found: list[Block] = []
    for title, told in _told(assessment, locale):
        found += [Heading(3, title), Facts(tuple((capital(label), text) for label, text in told))]
    return [Heading(2, locale.text("validity.heading")), *found] if found else []


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the same as plain data: a text for each comparison and part, None where there is none on file."""
    found = []
    for result in assessment.comparisons:
        computed = _computed(assessment, result, locale)
        parts = {key: _stated(result, key, locale) or computed.get(key) for key in REPORTED}
        found.append({"comparison": result.spec.id, **parts})
    transfer = {study.name: study.transfer for study in assessment.dossier.note.study if study.transfer is not None}
    return {"validity": found, "transfer": transfer}


def _told(assessment: Assessment, locale: Locale) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Return pairs of a label and a text under each title; neighbours of one trial with the same pairs share one."""
    listed = [(result, _pairs(assessment, result, locale)) for result in assessment.comparisons]
    found = []
    for (trial, pairs), group in groupby(listed, key=lambda each: (each[0].spec.trial, each[1])):
        perspectives = dict.fromkeys(locale.text(f"perspective.{result.spec.perspective}") for result, _ in group)
        found.append((f"{trial}, {', '.join(perspectives)}", pairs))
    return found


def _pairs(assessment: Assessment, result: ComparisonResult, locale: Locale) -> tuple[tuple[str, str], ...]:
    computed = _computed(assessment, result, locale)
    told, unknown = [], []
    for key in REPORTED:
        text = _stated(result, key, locale) or computed.get(key)
        label = locale.text(f"setting.{key}")
        if text is None:
            unknown.append(label)
        else:
            told.append((label, text))
    missing = missing_words(extent_read(assessment.dossier, result.spec), locale)
    return (*told, (missing, ", ".join(unknown))) if unknown else tuple(told)


def _stated(result: ComparisonResult, key: str, locale: Locale) -> str | None:
    statement = getattr(result.spec.reporting, key)
    return None if statement is None else sourced(locale.pick(statement.text), statement.sources)


def _computed(assessment: Assessment, result: ComparisonResult, locale: Locale) -> dict[str, str]:
    return setting_of(result, ComparisonWords(assessment.dossier, result.spec, locale))
