"""How each trial with patient data was analysed: data as read, patients, results by perspective, methods, warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.assessment.records import TrialResult
from hecon.assessment.trial_facts import left_out
from hecon.report.document import Block, Bullets, Facts, Heading
from hecon.report.isolating import isolate
from hecon.report.trial_tables import reading_blocks, result_blocks, scenario_blocks, table_one, warning_blocks
from hecon.report.words.common import capital, valued_by, with_warning
from hecon.report.words.comparisons import ComparisonWords
from hecon.report.words.trials import TrialWords, interval_sentences, method_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.assessment import Assessment, ComparisonResult
    from hecon.assessment.records import TrialSource
    from hecon.locale import Locale


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
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
