"""What a note says of comparisons that were computed from patient data: sections, inputs of its annex, plain data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hecon.assessment import TrialResult
from hecon.locale import Locale
from hecon.report.document import Block, Bullets, Facts, Heading, Paragraph, Table
from hecon.report.isolating import isolate
from hecon.report.trial_method import interval_sentences, method_sentences
from hecon.report.trial_results import left_out, result_blocks, scenario_blocks, table_one
from hecon.report.trial_words import TrialWords, reading_blocks, warning_blocks
from hecon.report.wording import Wording, capital
from hecon.report.words.verdicts import judgement_words

if TYPE_CHECKING:
    from hecon import zin
    from hecon.assessment import Assessment, ComparisonResult, TrialSource

__all__ = [
    "about_data",
    "data_items",
    "input_blocks",
    "patients_words",
    "simulated_blocks",
    "trial_data_of",
    "trial_label",
    "trial_scenarios",
    "trial_sections",
    "trial_setting",
    "verdict_words",
    "with_warning",
]


def with_warning(title: str, assessment: Assessment, lang: str) -> str:
    """Return a title; where data are simulated it says so first."""
    return Locale(lang).text("trial_note.title", title=title) if assessment.simulated else title


def trial_label(result: ComparisonResult, wording: Wording) -> str:
    """Return the name of a comparison's trial; of simulated data it says so."""
    trial = result.spec.trial
    return wording.say("trial_note.label", trial=trial) if result.simulated else trial


def simulated_blocks(assessment: Assessment, lang: str) -> list[Block]:
    """Return the warning that a note on simulated data begins with.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        Empty where all data are of patients.
    """
    trials = ", ".join(assessment.simulated)
    return [Paragraph(Locale(lang).text("trial_note.simulated", trials=trials), strong=True)] if trials else []


def about_data(assessment: Assessment, lang: str) -> list[Block]:
    """Return which trials' figures were computed from patient data, for the overview.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        Empty where all were reported.
    """
    trials = dict.fromkeys(each.spec.trial for each in assessment.comparisons if isinstance(each, TrialResult))
    return [Paragraph(Locale(lang).text("trial_note.overview", trials=", ".join(trials)))] if trials else []


def _names(source: TrialSource, wording: Wording) -> dict[str, str]:
    """Return what the dossier calls the arms that a comparison is of."""
    return {arm: wording.pick(wording.dossier.named(name).name) for name, arm in source.arms.items()}


def data_items(result: ComparisonResult, wording: Wording) -> tuple[str, ...]:
    """Return what a comparison's figures were computed from.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.
    wording : Wording
        How it is written.

    Returns
    -------
    tuple of str
        Sentences; empty where the figures were reported.
    """
    if not isinstance(result, TrialResult):
        return ()
    say, source = wording.say, result.trial_source
    files = say("trial_note.files", file=isolate(source.file), design=isolate(source.design))
    return say("trial_note.computed", trial=result.spec.trial), files, patients_words(result, wording)


def patients_words(result: TrialResult, wording: Wording) -> str:
    """Return the number of patients in both arms, and of how many nothing is missing.

    Parameters
    ----------
    result : TrialResult
        A comparison with patient data.
    wording : Wording
        How it is written.

    Returns
    -------
    str
        Sentences.
    """
    about = result.trial.description
    places = [about.strategies.index(arm) for arm in result.trial_source.arms.values()]
    number = [Locale(wording.lang).number(about.patients[place]) for place in places]
    return wording.say(
        "trial_note.patients",
        intervention=capital(wording.intervention),
        comparator=wording.comparator,
        first=number[0],
        second=number[1],
        complete=Locale(wording.lang).number(sum(about.complete[place] for place in places)),
    )


def trial_setting(result: ComparisonResult, wording: Wording) -> dict[str, str]:
    """Return what patient data and their design tell of what a reader looks for.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.
    wording : Wording
        How it is written.

    Returns
    -------
    dict of str to str
        By the keys of the dossier's reporting; empty where the figures were reported.
    """
    if not isinstance(result, TrialResult):
        return {}
    value_set = result.trial_source.value_set
    found = {"missing_data": patients_words(result, wording)}
    return found if value_set is None else {"value_set": value_set, **found}


def trial_scenarios(result: ComparisonResult, wording: Wording) -> list[Block]:
    """Return a trial's sensitivity analyses, without a heading.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.
    wording : Wording
        How it is written.

    Returns
    -------
    list of Block
        Empty where the figures were reported, or the dossier asks for none.
    """
    if not isinstance(result, TrialResult):
        return []
    words = TrialWords(result.trial, wording.lang, _names(result.trial_source, wording))
    return scenario_blocks(words, result.perspective, result.scenarios)


def trial_sections(assessment: Assessment, lang: str) -> list[Block]:
    """Return how each trial was analysed: data as read, patients, missing values, methods and warnings.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        A section for each analysis; comparisons that rest on the same one share it. Empty where all was reported.
    """
    shared: dict[int, list[TrialResult]] = {}
    for result in assessment.comparisons:
        if isinstance(result, TrialResult):
            shared.setdefault(id(result.trial), []).append(result)
    return [block for results in shared.values() for block in _section(assessment, results, lang)]


def _section(assessment: Assessment, results: list[TrialResult], lang: str) -> list[Block]:
    first = results[0]
    names: dict[str, str] = {}
    for result in results:
        names |= _names(result.trial_source, Wording(assessment.dossier, result.spec, lang))
    words = TrialWords(first.trial, lang, names)
    title = Locale(lang).text("trial_note.section", trial=first.spec.trial)
    blocks: list[Block] = [Heading(2, with_warning(title, assessment, lang) if first.simulated else title)]
    blocks += [*reading_blocks(words, 3), Heading(3, words.say("patients_heading")), *table_one(words)]
    chosen = dict.fromkeys(each.trial_source.perspective for each in results)
    for name in chosen:
        found = first.trial.perspective(name)
        heading = words.say("results", perspective=words.perspective(name))
        blocks += [Heading(3, heading), Facts((_categories(words, name),)), *result_blocks(words, found)]
        blocks.append(Bullets(tuple(interval_sentences(words, found))))
    methods = (*method_sentences(words), *_monte_carlo(first, words))
    blocks += [Heading(3, words.say("method_heading")), Bullets(methods)]
    return [*blocks, *warning_blocks(words)]


def _monte_carlo(result: ComparisonResult, words: TrialWords) -> tuple[str, ...]:
    """Return how far shares of the draws may lie from the same probabilities by the t distribution."""
    if result.draws is None:
        return ()
    count = result.draws.sizes["draw"]
    return (words.method("noise_draws", n=words.number(count), p=words.number(0.5 / count**0.5, 4)),)


def _categories(words: TrialWords, perspective: str) -> tuple[str, str]:
    named = [isolate(each) for each in words.analysis.description.perspectives[perspective]]
    return capital(words.say("categories", perspective=words.perspective(perspective))), words.joined(named)


def verdict_words(judgement: zin.Judgement, result: ComparisonResult, wording: Wording) -> str:
    """Return a verdict in words; of patient data it names the sensitivity analyses that would turn it.

    Parameters
    ----------
    judgement : Judgement
        At one reference value.
    result : ComparisonResult
        The comparison.
    wording : Wording
        How it is written.

    Returns
    -------
    str
        Sentences.
    """
    text = judgement_words(
        replace(judgement, flips=False) if isinstance(result, TrialResult) else judgement,
        result.delta_cost or 0.0,
        result.delta_effect or 0.0,
        Locale(wording.lang),
        intervention=wording.intervention,
        comparator=wording.comparator,
    )
    if not isinstance(result, TrialResult):
        return text
    words = TrialWords(result.trial, wording.lang)
    turned = "; ".join(words.scenario(code) for code in result.turning(judgement))
    return f"{text} {wording.say('trial_note.flips', names=turned)}" if turned else text


# So much of a digest tells two files apart in a table; the provenance has the whole.
_SHORT = 12


def input_blocks(result: ComparisonResult, wording: Wording) -> list[Block]:
    """Return the patient data as input, and the five parameters that were computed from them.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.
    wording : Wording
        How it is written.

    Returns
    -------
    list of Block
        Two tables; none where the figures were reported.
    """
    if not isinstance(result, TrialResult):
        return []
    say, source = wording.say, result.trial_source
    place = say("trial_note.place", file=isolate(source.file), digest=source.digest[:_SHORT])
    status = say("trial_note.given_simulated" if result.simulated else "trial_note.given")
    rows = ((say("trial_note.data"), patients_words(result, wording), status, place),)
    header = tuple(say(f"column.{key}") for key in ("quantity", "value", "status", "source"))
    blocks: list[Block] = [Table(wording.title, header, rows, prose=(1,))]
    lines = []
    for name, found in result.parameters.items():
        ends = result.intervals.get(name)
        lines.append(
            (
                say(f"parameter.{name}"),
                wording.parameter(name, found.value),
                "–" if ends is None else wording.parameter_range(name, ends),
                say("trial_note.status"),
                Locale(wording.lang).text(f"trial_method.{result.method}"),
            )
        )
    keys = ("column.parameter", "column.value", "trial_note.interval_column", "column.status", "column.rests_on")
    caption = say("inputs.fitted", title=wording.title)
    return [*blocks, Table(caption, tuple(say(key) for key in keys), tuple(lines), numeric=(1, 2))]


def trial_data_of(result: ComparisonResult) -> dict[str, Any]:
    """Return a trial's analysis as plain data, with its files and scenarios.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.

    Returns
    -------
    dict
        With the one key ``trial_analysis``; empty where the figures were reported.
    """
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
            "scenarios_left_out": left_out(result.scenarios) if result.scenarios else [],
        }
    }
