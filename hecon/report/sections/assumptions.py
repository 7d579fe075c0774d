"""Annex: what is assumed, by the dossier and by hecon itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.assessment.records import ModelResult, TrialResult
from hecon.report.document import Block, Heading, Paragraph, Table
from hecon.report.sections.budget import chosen_conventions
from hecon.report.words.common import by_rules, cited
from hecon.report.words.comparisons import ComparisonWords
from hecon.report.words.studies import fact_name

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.dossier.comparison import Assumption, DesignEffect
    from hecon.dossier.shared import SharedComparator
    from hecon.locale import Locale


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the assumptions with their ranges, those made elsewhere by name, and those of hecon."""
    rows: list[tuple[str, ...]] = []
    for result in assessment.comparisons:
        wording = ComparisonWords(assessment.dossier, result.spec, locale)
        rows += [_assumption_row(wording, each) for each in result.spec.assumption]
        if result.spec.design_effect is not None:
            rows.append(_design_effect_row(wording, result.spec.design_effect))
    rows += [_shared_row(assessment, each, locale) for each in assessment.dossier.shared_comparator]
    heading = Heading(2, locale.text("assumptions.heading"))
    keys = ("comparison", "parameter", "value", "range", "basis", "source")
    header = tuple(locale.text(f"column.{key}") for key in keys)
    caption = locale.text("assumptions.caption")
    found: list[Block] = [Table(caption, header, tuple(rows), numeric=(2, 3), prose=(4,))] if rows else []
    elsewhere = _assumed_elsewhere(assessment, locale)
    if elsewhere:
        found.append(Paragraph(locale.text("assumptions.elsewhere", names="; ".join(elsewhere))))
    if assessment.budget is not None and (chosen := chosen_conventions(assessment.budget, assessment.dossier, locale)):
        found.append(Paragraph(locale.text("assumptions.open", names="; ".join(chosen))))
    if not found:
        found.append(Paragraph(locale.text("assumptions.none" if assessment.statuses else "audit.statuses_none")))
    # What hecon itself takes for granted stands beside what the dossier assumes.
    own = {
        "assumptions.normality": any(
            each.p_cost_effective and not isinstance(each, (TrialResult, ModelResult))
            for each in assessment.comparisons
        ),
        "model_note.assumptions": any(isinstance(each, ModelResult) for each in assessment.comparisons),
        "trial_note.assumptions": any(isinstance(each, TrialResult) for each in assessment.comparisons),
        "assumptions.edge": any(each.judgements for each in assessment.comparisons),
    }
    told = (Paragraph(by_rules(key, assessment.rules, locale)) for key, holds in own.items() if holds)
    return [heading, *found, *told]


def _shared_row(assessment: Assessment, shared: SharedComparator, locale: Locale) -> tuple[str, ...]:
    spec = next(each for each in assessment.dossier.comparison if each.id == shared.comparisons[0])
    wording = ComparisonWords(assessment.dossier, spec, locale)
    low, high = map(locale.as_given, shared.range)
    return (
        wording.title,
        locale.text("options.shared_name", comparator=wording.comparator),
        locale.as_given(shared.value),
        locale.span(low, high),
        locale.pick(shared.basis),
        cited(shared.sources),
    )


def _assumption_row(wording: ComparisonWords, assumption: Assumption) -> tuple[str, ...]:
    low, high = (float(end) for end in assumption.range)
    return (
        wording.title,
        wording.say(f"parameter.{assumption.parameter}"),
        wording.parameter(assumption.parameter, float(assumption.value)),
        wording.parameter_range(assumption.parameter, (low, high)),
        wording.pick(assumption.basis),
        cited(assumption.sources),
    )


def _design_effect_row(wording: ComparisonWords, effect: DesignEffect) -> tuple[str, ...]:
    low, high = (wording.locale.as_given(end) for end in effect.range)
    return (
        wording.title,
        wording.say("parameter.design_effect"),
        wording.say("assumptions.no_correction"),
        wording.locale.span(low, high),
        wording.pick(effect.basis),
        cited(effect.sources),
    )


def _assumed_elsewhere(assessment: Assessment, locale: Locale) -> list[str]:
    """Return the names of all that is assumed beside the assumptions of comparisons, in the order of the note."""
    dossier = assessment.dossier
    inputs = () if dossier.burden.inputs is None else dossier.burden.inputs.stated()
    names = [
        locale.text("assumptions.in_burden", name=locale.text(f"burden_input.{key}"))
        for key, each in inputs
        if each.status == "assumed"
    ]
    names += [
        f"{study.name}, {fact_name(fact, locale)}"
        for study in dossier.note.study
        for fact in study.fact
        if fact.status == "assumed"
    ]
    for spec in dossier.comparison:
        wording = ComparisonWords(dossier, spec, locale)
        names += [
            f"{wording.title}, {wording.statistic_name(each)}" for each in spec.statistic if each.status == "assumed"
        ]
        study = None if spec.draws is None else spec.draws.study
        if study is not None and study.status == "assumed":
            names.append(f"{wording.title}, {wording.say('assumptions.in_study')}")
    if dossier.research is not None and (costs := dossier.research.study) is not None and costs.status == "assumed":
        names.append(locale.text("assumptions.in_costs"))
    return names + [locale.pick(each.name) for each in dossier.figure if each.status == "assumed"]
