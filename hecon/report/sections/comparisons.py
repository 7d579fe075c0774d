"""Each comparison: what was reported of it, its results, the verdicts, its figures and its sensitivity analyses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hecon.assessment.records import ModelResult, TrialResult
from hecon.dossier.documents import extent_read
from hecon.draws import FEWEST_FREEDOM
from hecon.files.parts import NOT_REPORTED
from hecon.report.document import Block, BlockNote, Bullets, Facts, Figure, Heading, Paragraph, Table, drawn
from hecon.report.sections import inputs, options, trials
from hecon.report.words.answers import preference_data
from hecon.report.words.burdens import integrated_words
from hecon.report.words.common import by_rules, capital, end_of_range, missing_words, sentence, sourced
from hecon.report.words.comparisons import ComparisonWords
from hecon.report.words.findings import FindingMarks
from hecon.report.words.trials import TrialWords
from hecon.report.words.verdicts import dominance_words, judgement_words
from hecon.report.writers.json import taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from hecon.assessment import Assessment, ComparisonResult
    from hecon.assessment.several import IncrementalAnalysis
    from hecon.dossier.comparison import Comparison
    from hecon.locale import Locale
    from hecon.reported.fits import Check, Statistic
    from hecon.rules.verdicts import Judgement


# The other parts of [comparison.reporting] are told as to validity.
_REPORTING = ("value_set", "subgroups", "equity", "own_payments", "funding", "interests")
# Costs and effects of the first year are not discounted.
_YEAR = 12
# Kinds of figures that a reader needs beside the results; the others are in the annex.
_IN_BODY = ("plane", "acceptability")


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return a part of the note for each comparison: results, verdicts, figures and caveats."""
    found: list[Block] = []
    for result, analysis, before in _told(assessment):
        if analysis is None:
            found += _comparison(assessment, result, locale, before)
        else:
            own = [each for each in assessment.comparisons if each.spec.id in analysis.comparisons]
            found += [*options.body(assessment, analysis, locale), *_caveats(own, locale)]
    return found


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return for each comparison how it was set up, what was reported, and how far probabilities move."""
    found: list[Block] = []
    for result, analysis, before in _told(assessment):
        if analysis is None:
            found += _details(assessment, result, locale, before)
        else:
            found += _details_of_several(assessment, analysis, locale, before)
    return found


def _told(
    assessment: Assessment,
) -> Iterator[tuple[ComparisonResult, IncrementalAnalysis | None, list[Comparison]]]:
    """Yield each comparison or the first of those weighed together, and those before it: what they say stands once."""
    for place, result in enumerate(assessment.comparisons):
        analysis = assessment.incremental_of(result.spec.id)
        if analysis is None or result.spec.id == analysis.comparisons[0]:
            yield result, analysis, [each.spec for each in assessment.comparisons[:place]]


def brief(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the acceptability curve of the comparison that answers the question."""
    answers = None if assessment.conclusion is None else assessment.conclusion.comparison
    result = next((each for each in assessment.comparisons if each.spec.id == answers), None)
    if result is None:
        return []
    analysis = assessment.incremental_of(result.spec.id)
    if analysis is not None:
        return options.figures(options.OptionsWords(assessment, analysis, locale), in_body=True)[-1:]
    shown = figures(result, ComparisonWords(assessment.dossier, result.spec, locale), in_body=True)
    return [each for each in shown if isinstance(each, Figure) and each.kind == "acceptability"]


def _comparison(
    assessment: Assessment, result: ComparisonResult, locale: Locale, before: Sequence[Comparison]
) -> list[Block]:
    wording = ComparisonWords(assessment.dossier, result.spec, locale)
    say, spec = wording.say, result.spec
    names = {"intervention": wording.intervention, "comparator": wording.comparator}
    blocks: list[Block] = [Heading(2, wording.title)]
    if all((each.intervention, each.comparator) != (spec.intervention, spec.comparator) for each in before):
        blocks.append(Paragraph(say("comparison.what", **names)))
    if result.simulated:
        blocks.append(Paragraph(say("trial.simulated"), strong=True))
    blocks.append(Heading(3, say("comparison.results")))
    reason = wording.full_reason(result)
    if reason is not None:
        blocks.append(Paragraph(reason, strong=not result.computable))
    if result.computable:
        blocks += _results(result, wording)
    blocks += _judged(assessment, result, wording)
    if result.at_thresholds:
        blocks.append(Bullets(tuple(_thresholds(result, wording))))
    if result.draws is not None:
        blocks += [Heading(3, say("comparison.figures")), *figures(result, wording, in_body=True)]
    return [*blocks, *_caveats([result], locale)]


def _caveats(results: Iterable[ComparisonResult], locale: Locale) -> list[Block]:
    told = dict.fromkeys(sentence(each, locale) for result in results for each in result.spec.caveat)
    return [Heading(3, locale.text("comparison.caveats")), Bullets(tuple(told))] if told else []


def _judged(assessment: Assessment, result: ComparisonResult, wording: ComparisonWords) -> list[Block]:
    """Return the verdicts, or what holds without values of the rules, or why there is none."""
    told: list[Block] = []
    if result.judgements:
        told = _verdicts(assessment, result, wording)
    elif result.dominance is not None:
        names = taken(wording, "intervention", "comparator")
        estimate = (result.delta_cost or 0.0, result.delta_effect or 0.0)
        words = dominance_words(result.dominance, estimate, wording.locale, **names, unit=result.spec.effect_unit)
        told = [Paragraph(words)]
    elif result.no_verdict is not None:
        told = [Paragraph(wording.reason(result.no_verdict))]
    return [Heading(3, wording.say("comparison.verdict")), *told] if told else []


def _details(
    assessment: Assessment, result: ComparisonResult, locale: Locale, before: Sequence[Comparison]
) -> list[Block]:
    wording = ComparisonWords(assessment.dossier, result.spec, locale)
    over_bands = _over_the_bands(assessment, result, wording)
    shown = figures(result, wording, in_body=False)
    return [
        Heading(2, wording.say("comparison.details", title=wording.title)),
        _setting(result, wording, before),
        *_given(assessment, result, wording),
        *_other_bands(assessment, result, wording),
        *(_sensitivity(result, wording) if result.sensitivities else []),
        *([Heading(3, wording.say("comparison.figures")), *shown] if shown else []),
        *([] if over_bands is None else [Paragraph(over_bands)]),
    ]


def _details_of_several(
    assessment: Assessment, analysis: IncrementalAnalysis, locale: Locale, before: Sequence[Comparison]
) -> list[Block]:
    """Return the details of comparisons that are weighed together; what several of them rest on stands once."""
    results = [each for each in assessment.comparisons if each.spec.id in analysis.comparisons]
    wordings = [ComparisonWords(assessment.dossier, each.spec, locale) for each in results]
    blocks: list[Block] = [Heading(2, locale.text("comparison.details", title=wordings[0].title))]
    told: list[Block] = []
    for result, wording in zip(results, wordings, strict=True):
        own = [_setting(result, wording, before), *_given(assessment, result, wording)]
        own += _sensitivity(result, wording) if result.sensitivities else []
        new = [each for each in own if each not in told or isinstance(each, Heading)]
        told += new
        if any(not isinstance(each, Heading) for each in new):
            blocks.append(Heading(3, capital(wording.pair)))
            blocks += [replace(each, level=4) if isinstance(each, Heading) else each for each in new]
    return [*blocks, *options.details(assessment, analysis, locale)]


def _setting(result: ComparisonResult, wording: ComparisonWords, before: Sequence[Comparison]) -> Facts:
    """Return what a reader of an economic evaluation looks for, or that it is not reported or was not looked up."""
    spec, say = result.spec, wording.say

    def rate(value: int | Decimal | str) -> str:
        if not isinstance(value, str):
            return wording.percentage(value) + "%"
        return say("not_applicable") if spec.horizon_months <= _YEAR else missing

    missing = missing_words(extent_read(wording.dossier, spec), wording.locale)
    year = missing if spec.price_year == "not reported" else str(spec.price_year)
    stated = [
        ("design", wording.pick(spec.design)),
        ("perspective", say(f"perspective.{spec.perspective}")),
        ("horizon", say("setting.months", horizon=wording.locale.as_given(spec.horizon_months))),
        ("currency", spec.currency),
        ("price_year", year),
        ("discount_cost", rate(spec.discount_cost)),
        ("discount_effect", rate(spec.discount_effect)),
    ]
    computed = trials.setting_of(result, wording)
    for key in _REPORTING:
        statement = getattr(spec.reporting, key)
        if statement is not None:
            same = next((each for each in before if getattr(each.reporting, key) == statement), None)
            told = sourced(wording.pick(statement.text), statement.sources)
            if same is not None:
                told = say("comparison.as_with", title=ComparisonWords(wording.dossier, same, wording.locale).title)
            stated.append((key, told))
        elif key in computed:
            stated.append((key, computed[key]))
    pairs = [(capital(say(f"setting.{key}")), text) for key, text in stated if text != missing]
    unknown = [key for key, text in stated if text == missing]
    unknown += [key for key in _REPORTING if getattr(spec.reporting, key) is None and key not in computed]
    if unknown:
        pairs.append((capital(missing), ", ".join(say(f"setting.{key}") for key in unknown)))
    return Facts(tuple(pairs))


def _given(assessment: Assessment, result: ComparisonResult, wording: ComparisonWords) -> list[Block]:
    """Return what was reported, or the patient data in its place."""
    items = trials.data_items(result, wording)
    if items:
        return [Heading(3, wording.say("trial_note.heading")), Bullets(items)]
    items = inputs.model_items(result, wording)
    if items:
        return [Heading(3, wording.say("model_note.heading")), Bullets(items)]
    told = _reported(wording, FindingMarks(assessment.findings, wording.locale))
    return [Heading(3, wording.say("comparison.reported")), told]


def _reported(wording: ComparisonWords, marks: FindingMarks) -> Bullets:
    items, notes = [], list[BlockNote]()
    # The place in the file, where the audit's findings are.
    number = next(place for place, each in enumerate(wording.dossier.comparison) if each.id == wording.spec.id)
    for position, statistic in enumerate(wording.spec.statistic):
        name = capital(wording.statistic_name(statistic))
        status = "" if statistic.status == "reported" else f"; {wording.say('status.' + statistic.status)}"
        remarks = "".join(f". {wording.pick(text)}" for text in (statistic.rule, statistic.note) if text is not None)
        places = [f"comparison[{number}].statistic[{position}]"]
        if statistic.kind == "icer":
            places.append(f"comparison[{number}]")
        value = marks.marked(wording.statistic_value(statistic), *places)
        notes += marks.notes(position, 0, *places)
        items.append(f"{name}: {value}{status}{remarks}")
    if wording.spec.finding is not None:
        items.append(wording.pick(wording.spec.finding.text))
    return Bullets(tuple(items), tuple(notes))


def _thresholds(result: ComparisonResult, wording: ComparisonWords) -> list[str]:
    """Return what follows at each threshold that the source itself used."""
    items = []
    for spec, at in zip(result.spec.threshold, result.at_thresholds, strict=True):
        text = wording.say(
            "comparison.at_threshold",
            about=wording.pick(spec.text),
            value=wording.locale.stated(at.value, result.spec.currency),
            unit=result.spec.effect_unit,
            net_benefit=wording.money(at.net_benefit),
        )
        if at.p_cost_effective is not None:
            text += " " + wording.say("comparison.threshold_p", probability=wording.probability(at.p_cost_effective))
        items.append(sourced(text.rstrip("."), spec.sources))
    return items


def _results(result: ComparisonResult, wording: ComparisonWords) -> list[Block]:
    say = wording.say
    rows = (
        (say("parameter.delta_cost"), _with_interval(result, wording, "cost")),
        (say("parameter.delta_effect"), _with_interval(result, wording, "effect")),
        ("ICER", wording.ratio(result)),
        (say("comparison.quadrant"), say("quadrant." + ("axis" if result.quadrant == "=" else str(result.quadrant)))),
    )
    blocks: list[Block] = [Table(say("comparison.estimates"), (say("column.quantity"), say("column.value")), rows)]
    if result.values:
        blocks.append(_by_value(result, wording))
    else:
        spec = wording.spec
        blocks.append(Paragraph(say("comparison.no_values", unit=spec.effect_unit, currency=spec.currency)))
    if result.shares_effect:
        own = wording.parameter_range("delta_effect", result.parameters["delta_effect"].range)
        blocks.append(Paragraph(say("comparison.one_effect", range=own)))
    varied = _varied(result, wording)
    return blocks if varied is None else [*blocks, Paragraph(varied)]


def _by_value(result: ComparisonResult, wording: ComparisonWords) -> Table:
    """Return net benefit and the probability cost-effective by willingness to pay."""
    say, unit = wording.say, wording.spec.effect_unit
    header = (
        say("comparison.per_unit", unit=unit),
        say("comparison.net_benefit"),
        say("column.probability"),
        say("column.range"),
    )
    rows = tuple(
        (
            wording.stated(value),
            wording.with_span(
                "cost", result.net_benefit[value], result.net_benefit_range.get(value), result.ranges_over
            ),
            wording.probability(result.p_cost_effective.get(value)),
            wording.probabilities(result.p_range.get(value)),
        )
        for value in result.values
    )
    return Table(say("comparison.by_value", unit=unit), header, rows, numeric=(0, 1, 2, 3))


def _varied(result: ComparisonResult, wording: ComparisonWords) -> str | None:
    """Return what the ranges of the probabilities are over; None where there are none."""
    say = wording.say
    if isinstance(result, TrialResult):
        words = TrialWords(result.trial, wording.locale)
        names = "; ".join(words.scenario(name) for name in result.varied)
        return say("trial_note.range", names=names) if names else say("trial_note.no_range")
    if isinstance(result, ModelResult):
        return say("model_note.no_range")
    if result.varied:
        names = ", ".join(say(f"parameter.{name}") for name in result.varied)
        return say(f"comparison.{'varied_beyond' if result.beyond_assumptions else 'varied'}", names=names)
    return say("comparison.rounding_only") if result.p_range else None


def _with_interval(result: ComparisonResult, wording: ComparisonWords, outcome: str) -> str:
    value = result.delta_cost if outcome == "cost" else result.delta_effect
    text = wording.of(outcome, value or 0.0) + ("" if outcome == "cost" else f" {wording.spec.effect_unit}")
    reported = wording.reported_interval(outcome)
    if reported is not None:
        return f"{text} ({reported})"
    ends = result.intervals.get(f"delta_{outcome}")
    if ends is not None:
        low, high = (wording.of(outcome, end) for end in ends)
        if isinstance(result, (TrialResult, ModelResult)):
            interval = wording.say("interval", level=95, low=low, high=high)
            key = "trial_note.interval" if isinstance(result, TrialResult) else "model_note.interval"
            return f"{text} ({wording.say(key, interval=interval)})"
        assumed = result.parameters[f"{outcome}_se"].status == "assumed"
        key = "assumed_interval" if assumed else "normal_interval"
        return f"{text} ({wording.say(key, low=low, high=high)})"
    span = result.parameters[f"delta_{outcome}"].range
    return text if span is None else f"{text}{wording.leeway(outcome, value or 0.0, span, result.ranges_over)}"


def _verdicts(assessment: Assessment, result: ComparisonResult, wording: ComparisonWords) -> list[Block]:
    sentences = {each.reference_value: _verdict(each, result, wording) for each in result.judgements}
    judged = assessment.reference_value
    blocks: list[Block] = []
    rules, supplementary = assessment.rules, f"rules.{assessment.rules.name}.supplementary"
    told = rules.shipped and supplementary in wording.locale.catalogue
    if result.spec.perspective == "healthcare" and told:
        blocks.append(Paragraph(wording.say(supplementary)))
    if judged is not None:
        return [*blocks, Paragraph(sentences[judged], strong=True)]
    if result.in_range is not None:
        blocks.append(Paragraph(wording.in_range(result.in_range), strong=True))
    if rules.values_on().range is not None:
        return [*blocks, *_by_band("range_ends", assessment, sentences.values(), wording)]
    return [*blocks, *_by_band("all_bands", assessment, sentences.values(), wording)]


def _other_bands(assessment: Assessment, result: ComparisonResult, wording: ComparisonWords) -> list[Block]:
    """Return the verdicts at the values that do not count; the key table has the preferred option at each."""
    if assessment.reference_value is None:
        return []
    rest = [each for each in result.judgements if each.reference_value != assessment.reference_value]
    told = _by_band("other_bands", assessment, [_verdict(each, result, wording) for each in rest], wording)
    return [Heading(3, wording.say("comparison.verdict")), *told] if told else []


def _by_band(key: str, assessment: Assessment, sentences: Iterable[str], wording: ComparisonWords) -> list[Block]:
    found = tuple(sentences)
    return [Paragraph(by_rules(f"comparison.{key}", assessment.rules, wording.locale)), Bullets(found)] if found else []


def _over_the_bands(assessment: Assessment, result: ComparisonResult, wording: ComparisonWords) -> str | None:
    """Return the probability cost-effective over the bands of the computed burden, in words."""
    if assessment.burden is None or assessment.over_bands(result) is None:
        return None
    text = integrated_words(
        assessment.integrated(result) or 0.0,
        assessment.burden.probabilities,
        assessment.reference_values,
        wording.locale,
        intervention=wording.intervention,
        quadrant=result.quadrant,
    )
    return wording.say("burden.as_computed", text=text[:1].lower() + text[1:])


def _verdict(judgement: Judgement, result: ComparisonResult, wording: ComparisonWords) -> str:
    """Return a verdict in words; of patient data it names the sensitivity analyses that would turn it."""
    text = judgement_words(
        replace(judgement, flips=False) if isinstance(result, TrialResult) else judgement,
        (result.delta_cost or 0.0, result.delta_effect or 0.0),
        wording.locale,
        intervention=wording.intervention,
        comparator=wording.comparator,
        per=(result.spec.currency, result.spec.effect_unit),
        weight=wording.dossier.ruleset.weight,
        end=end_of_range(judgement.reference_value, wording.dossier.ruleset.values_on()),
    )
    if not isinstance(result, TrialResult):
        return text
    words = TrialWords(result.trial, wording.locale)
    turned = "; ".join(words.scenario(code) for code in result.turning(judgement))
    return f"{text} {wording.say('trial_note.flips', names=turned)}" if turned else text


def _sensitivity(result: ComparisonResult, wording: ComparisonWords) -> list[Block]:
    if isinstance(result, TrialResult):
        return [Heading(3, wording.say("trial.sensitivity")), *trials.scenarios_of(result, wording)]
    header = (wording.say("sensitivity.varied"), *(wording.stated(value) for value in result.values))
    numeric = tuple(range(1, len(header)))
    rows = tuple(
        (wording.sensitivity(each), *(wording.probabilities(each.p_cost_effective[value]) for value in result.values))
        for each in result.sensitivities
    )
    return [
        Heading(3, wording.say("comparison.sensitivity")),
        Table(wording.say("sensitivity.caption", unit=wording.spec.effect_unit), header, rows, numeric=numeric),
    ]


def figures(result: ComparisonResult, wording: ComparisonWords, *, in_body: bool | None = None) -> list[Block]:
    """Return the figures of body, annex or both: none without draws, no loss with too few degrees of freedom."""
    curves, say, locale = result.curves, wording.say, wording.locale
    if curves is None:
        return []
    spec = wording.spec
    names = {spec.intervention: wording.intervention, spec.comparator: wording.comparator}
    kinds: dict[str, dict[str, Any]] = {"plane": {}, "acceptability": {"names": names}, "net_benefit": {}}
    if not result.few_freedom:
        kinds["expected_loss"] = {"names": names}
    captions = {kind: say(f"figure.{kind}", intervention=wording.intervention, unit=spec.effect_unit) for kind in kinds}
    if isinstance(result, (TrialResult, ModelResult)):
        # Patient data and draws leave no range of rounding and assumptions to draw.
        captions["acceptability"] = say("trial_figure.acceptability", unit=spec.effect_unit)
    if result.beyond_assumptions:
        listed = ", ".join(say(f"parameter.{name}") for name in result.beyond_assumptions)
        captions["acceptability"] += say("figure.without", names=listed)
    blocks: list[Block] = []
    for kind, how in kinds.items():
        if in_body is None or (kind in _IN_BODY) == in_body:
            name = f"{spec.id}-{kind}"
            blocks.append(drawn(kind, name, captions[kind], curves, locale, simulated=result.simulated, **how))
    if result.few_freedom and not in_body:
        blocks.append(Paragraph(say("figure.no_expected_loss", few=f"{FEWEST_FREEDOM:g}")))
    return blocks


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return every comparison as plain data."""
    found = [_comparison_data(assessment, result, locale) for result in assessment.comparisons]
    return {"comparisons": found, **options.data(assessment, locale)}


def _comparison_data(assessment: Assessment, result: ComparisonResult, locale: Locale) -> dict[str, Any]:
    spec, wording = result.spec, ComparisonWords(assessment.dossier, result.spec, locale)
    return {
        **_setting_data(wording),
        "computable": result.computable,
        "reason": wording.full_reason(result),
        **taken(result, "delta_cost", "delta_effect", "shares_effect", "intervals", "icer"),
        "icer_published": result.published_icer,
        "icer_in_words": wording.ratio(result) if result.computable else None,
        **taken(result, "quadrant", "quadrant_implied"),
        "inmb": _keyed(result, result.net_benefit),
        "p_cost_effective": _keyed(result, result.p_cost_effective),
        "p_cost_effective_range": _keyed(result, result.p_range),
        "varied": result.varied,
        **_judged_data(assessment, result, wording),
        "sensitivity": [
            {**vars(each), "p_cost_effective": _keyed(result, each.p_cost_effective)} for each in result.sensitivities
        ],
        "parameters": {
            name: {**taken(each, "value", "range", "status"), "rests_on": [str(key) for key in each.rests_on]}
            for name, each in result.parameters.items()
        },
        "statistics": [_named_data(each) for each in result.statistics],
        "checks": [_named_data(each) for each in result.checks],
        **trials.data_of(result),
        "reported": {
            "icer": next((each.value for each in spec.statistic if each.kind == "icer"), None),
            "statistics": spec.statistic,
            **taken(spec, "finding", "sources"),
        },
        "assumptions": spec.assumption,
        "design_effect": spec.design_effect,
        "caveats": spec.caveat,
    }


def _judged_data(assessment: Assessment, result: ComparisonResult, wording: ComparisonWords) -> dict[str, Any]:
    return {
        "preferred": [preference_data(each) for each in result.preferences],
        "verdict": _verdict_data(assessment, result),
        **({} if result.in_range is None else {"in_range": result.in_range}),
        "verdict_detail": {
            str(each.reference_value): _judgement_data(each, result, wording) for each in result.judgements
        },
        "over_burden": _over_burden(assessment, result),
        "at_thresholds": result.at_thresholds,
        "no_verdict": None if result.no_verdict is None else wording.reason(result.no_verdict),
    }


def _setting_data(wording: ComparisonWords) -> dict[str, Any]:
    spec = wording.spec
    return {
        **taken(spec, "id", "trial", "perspective"),
        **taken(wording, "intervention", "comparator"),
        **taken(spec, "currency", "effect_unit"),
        "read": extent_read(wording.dossier, spec),
        "price_year": _filed(spec.price_year, wording),
        "horizon_months": spec.horizon_months,
        "discount_cost": _filed(spec.discount_cost, wording),
        "discount_effect": _filed(spec.discount_effect, wording),
    }


def _filed(value: Decimal | int | str, wording: ComparisonWords) -> Decimal | int | str:
    """Return a value, or "not looked up" in place of "not reported" where less than the whole was read."""
    unknown = value == NOT_REPORTED and extent_read(wording.dossier, wording.spec) != "whole"
    return "not looked up" if unknown else value


def _keyed(result: ComparisonResult, by_value: Mapping[float, Any]) -> dict[str, Any]:
    return {str(value): by_value.get(value) for value in result.values}


def _verdict_data(assessment: Assessment, result: ComparisonResult) -> dict[str, str | None]:
    """Return the verdict by reference value of the rules; by dominance alone where these are of another currency.

    Of several options an intervention is cost-effective where it is preferred to all others.
    """
    analysis = assessment.incremental_of(result.spec.id)
    if analysis is not None:
        return analysis.verdicts(result.spec.intervention, [each.reference_value for each in result.judgements])
    if not assessment.rules.holds_for(result.spec.currency, result.spec.effect_unit):
        return {"dominance": result.dominance}
    found = {each.reference_value: each.conclusion for each in result.judgements}
    return {str(value): found.get(value) for value in assessment.rules.values_on().reference}


def _over_burden(assessment: Assessment, result: ComparisonResult) -> dict[str, Any] | None:
    """Return the probability cost-effective by band, and over the bands that have a reference value."""
    by_band = assessment.over_bands(result)
    if assessment.burden is None or by_band is None:
        return None
    return {
        "band_probabilities": assessment.burden.probabilities,
        "p_cost_effective": by_band,
        "p_no_reference_value": sum(assessment.burden.probabilities[band] for band, p in by_band.items() if p is None),
        "integrated": assessment.integrated(result),
    }


def _judgement_data(judgement: Judgement, result: ComparisonResult, wording: ComparisonWords) -> dict[str, Any]:
    return {
        **taken(judgement, "net_benefit", "net_benefit_range", "edge"),
        "flips_within_range": judgement.flips,
        "flips_across_perspectives": judgement.flips_across_perspectives,
        "words": _verdict(judgement, result, wording),
    }


def _named_data(each: Statistic | Check) -> dict[str, Any]:
    """Return a statistic with its name in place of its key."""
    return {"name": each.name, **{name: value for name, value in vars(each).items() if name != "key"}}
