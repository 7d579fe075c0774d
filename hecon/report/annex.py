"""The annex of a summary: every input with source and status, the parameters, assumptions, documents and provenance."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hecon.assessment import TrialResult
from hecon.locale import Locale
from hecon.report.audits import audit_section, documents, figures_table
from hecon.report.budget_assumptions import chosen_conventions
from hecon.report.document import Block, Bullets, Heading, Paragraph, Table
from hecon.report.evidence import fact_name
from hecon.report.isolating import isolate
from hecon.report.trial_note import input_blocks
from hecon.report.wording import Wording
from hecon.reported.fits import APPROXIMATION

if TYPE_CHECKING:
    from hecon.assessment import Assessment, ComparisonResult
    from hecon.dossier.comparison import Assumption, DesignEffect, Statistic
    from hecon.reported.fits import Check

__all__ = ["annex"]

_PARAMETERS = ("delta_cost", "delta_effect", "cost_se", "effect_se", "correlation")

_GRADES = {
    "agrees": "inputs.agrees",
    "agrees within approximation": "inputs.agrees_nearly",
    "not consistent": "inputs.inconsistent",
    None: "inputs.not_predicted",
}


def annex(assessment: Assessment, lang: str) -> list[Block]:
    """Return the blocks that trace every figure of an assessment.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        Inputs, fitted parameters, checks, assumptions, documents, provenance.
    """
    return [
        *_inputs(assessment, lang),
        *figures_table(assessment.dossier, assessment.findings, lang),
        *audit_section(assessment.findings, lang),
        *_assumptions(assessment, lang),
        *documents(assessment.dossier, lang),
        *_provenance(assessment, lang),
    ]


def _inputs(assessment: Assessment, lang: str) -> list[Block]:
    if not assessment.comparisons:
        return []
    blocks: list[Block] = [Heading(2, Locale(lang).text("inputs.heading"))]
    for result in assessment.comparisons:
        wording = Wording(assessment.dossier, result.spec, lang)
        if isinstance(result, TrialResult):
            blocks += input_blocks(result, wording)
            continue
        rows = [_input_row(wording, statistic) for statistic in result.spec.statistic]
        if result.spec.finding is not None:
            finding = result.spec.finding
            rows.append(
                (
                    wording.say("inputs.finding"),
                    wording.pick(finding.text),
                    wording.say("status.reported"),
                    wording.sources(finding.sources),
                )
            )
        header = tuple(wording.say(f"column.{key}") for key in ("quantity", "value", "status", "source"))
        blocks.append(Table(wording.title, header, tuple(rows), prose=(1,)))
        if result.parameters:
            blocks += _fitted(result, wording)
    return blocks


def _input_row(wording: Wording, statistic: Statistic) -> tuple[str, str, str, str]:
    name = wording.statistic_name(statistic)
    value = wording.statistic_value(statistic)
    status = wording.say(f"status.{statistic.status}")
    if statistic.rule is not None:
        status += f": {wording.pick(statistic.rule)}"
    if getattr(statistic, "use", "fit") == "check":
        status += f"; {wording.say('inputs.check')}"
    return name, value, status, wording.sources(statistic.sources)


def _fitted(result: ComparisonResult, wording: Wording) -> list[Block]:
    say = wording.say
    rows = []
    for name in _PARAMETERS:
        each = result.parameters[name]
        status = say("status." + ("undetermined" if each.status == "not determined" else each.status))
        rests = "; ".join(wording.constraint(rest) for rest in each.rests_on)
        rows.append(
            (
                say(f"parameter.{name}"),
                wording.parameter(name, each.value),
                wording.parameter_range(name, each.range),
                status,
                rests,
            )
        )
    header = tuple(say(f"column.{key}") for key in ("parameter", "value", "range", "status", "rests_on"))
    blocks: list[Block] = [Table(say("inputs.fitted", title=wording.title), header, tuple(rows), numeric=(1, 2))]
    if result.checks:
        lines = tuple(_check_row(each, wording) for each in result.checks)
        header = tuple(say(f"column.{key}") for key in ("quantity", "printed", "predicted", "range", "gap", "verdict"))
        blocks.append(Table(say("inputs.checks", title=wording.title), header, lines, numeric=(1, 2, 3, 4)))
        blocks.append(Paragraph(say("inputs.grades", approximation=wording.plain(Decimal(str(APPROXIMATION))))))
    return blocks


def _check_row(check: Check, wording: Wording) -> tuple[str, ...]:
    """Return what was printed, what is predicted and how far they are apart beyond rounding."""
    ratio = check.kind == "icer"
    value = wording.money if ratio else wording.probability
    span = (
        "–"
        if check.range is None
        else wording.span("cost", check.range)
        if ratio
        else wording.probabilities(check.range)
    )
    return (
        wording.constraint(check.key),
        value(check.printed),
        "–" if check.predicted is None else value(check.predicted),
        span,
        "–" if check.gap is None else wording.gap(check),
        wording.say(_GRADES[check.grade]),
    )


def _assumption_row(wording: Wording, assumption: Assumption) -> tuple[str, ...]:
    low, high = (float(end) for end in assumption.range)
    return (
        wording.title,
        wording.say(f"parameter.{assumption.parameter}"),
        wording.parameter(assumption.parameter, float(assumption.value)),
        wording.parameter_range(assumption.parameter, (low, high)),
        wording.pick(assumption.basis),
        wording.sources(assumption.sources),
    )


def _assumptions(assessment: Assessment, lang: str) -> list[Block]:
    rows: list[tuple[str, ...]] = []
    for result in assessment.comparisons:
        wording = Wording(assessment.dossier, result.spec, lang)
        rows += [_assumption_row(wording, each) for each in result.spec.assumption]
        if result.spec.design_effect is not None:
            rows.append(_design_effect_row(wording, result.spec.design_effect))
    heading = Heading(2, Locale(lang).text("assumptions.heading"))
    keys = ("comparison", "parameter", "value", "range", "basis", "source")
    header = tuple(Locale(lang).text(f"column.{key}") for key in keys)
    blocks: list[Block] = [Table("", header, tuple(rows), numeric=(2, 3), prose=(4,))] if rows else []
    elsewhere = _assumed_elsewhere(assessment, lang)
    if elsewhere:
        blocks.append(Paragraph(Locale(lang).text("assumptions.elsewhere", names="; ".join(elsewhere))))
    if assessment.budget is not None and (chosen := chosen_conventions(assessment.budget, assessment.dossier, lang)):
        blocks.append(Paragraph(Locale(lang).text("assumptions.open", names="; ".join(chosen))))
    if not blocks:
        blocks.append(Paragraph(Locale(lang).text("assumptions.none")))
    # What hecon itself takes for granted stands beside what the dossier assumes.
    own = {
        "assumptions.normality": any(
            each.p_cost_effective and not isinstance(each, TrialResult) for each in assessment.comparisons
        ),
        "trial_note.assumptions": any(isinstance(each, TrialResult) for each in assessment.comparisons),
        "assumptions.edge": any(each.judgements for each in assessment.comparisons),
    }
    return [
        heading,
        *blocks,
        *(Paragraph(Locale(lang).text(key)) for key, holds in own.items() if holds),
    ]


def _assumed_elsewhere(assessment: Assessment, lang: str) -> list[str]:
    """Return the names of all that is assumed beside the assumptions of comparisons, in the order of the note."""
    dossier = assessment.dossier
    inputs = () if dossier.burden.inputs is None else dossier.burden.inputs.stated()
    names = [
        Locale(lang).text("assumptions.in_burden", name=Locale(lang).text(f"burden_input.{key}"))
        for key, each in inputs
        if each.status == "assumed"
    ]
    names += [
        f"{study.name}, {fact_name(fact, lang)}"
        for study in dossier.note.study
        for fact in study.fact
        if fact.status == "assumed"
    ]
    for spec in dossier.comparison:
        wording = Wording(dossier, spec, lang)
        names += [
            f"{wording.title}, {wording.statistic_name(each)}" for each in spec.statistic if each.status == "assumed"
        ]
    return names + [getattr(each.name, lang) for each in dossier.figure if each.status == "assumed"]


def _design_effect_row(wording: Wording, effect: DesignEffect) -> tuple[str, ...]:
    low, high = (wording.plain(end) for end in effect.range)
    return (
        wording.title,
        wording.say("parameter.design_effect"),
        wording.say("assumptions.no_correction"),
        Locale(wording.lang).span(low, high),
        wording.pick(effect.basis),
        wording.sources(effect.sources),
    )


def _provenance(assessment: Assessment, lang: str) -> list[Block]:
    found = assessment.provenance
    seed = found["seed"]
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    items = [
        Locale(lang).text("provenance.dossier", name=found["dossier"], digest=found["digest"]),
        Locale(lang).text("provenance.versions", versions=versions),
    ]
    # Where nothing was computed, no draws and no reference values were used.
    if assessment.comparisons or assessment.burden is not None:
        draws = Locale(lang).text(
            "provenance.draws",
            n=Locale(lang).number(found["n_draws"]),
            seed=seed if seed is not None else Locale(lang).text("provenance.no_seed"),
        )
        items = [items[0], draws, items[1], Locale(lang).text("provenance.reference_values")]
    for each in found.get("patient_data", ()):
        shown = {name: isolate(value) for name, value in each.items()}
        items.append(Locale(lang).text("trial_note.provenance", **shown))
    return [Heading(2, Locale(lang).text("provenance.heading")), Bullets(tuple(items))]
