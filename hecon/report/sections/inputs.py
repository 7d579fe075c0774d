"""Annex: every published statistic with status and source, the fitted parameters, and how predictions agree."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hecon.assessment.records import ModelResult, TrialResult
from hecon.locale import key_of
from hecon.report.document import Block, Heading, Paragraph, Table
from hecon.report.sections import models
from hecon.report.sections.trials import input_blocks
from hecon.report.words.common import cited
from hecon.report.words.comparisons import ComparisonWords

if TYPE_CHECKING:
    from hecon.assessment import Assessment, ComparisonResult
    from hecon.dossier.comparison import Statistic
    from hecon.locale import Locale
    from hecon.reported.fits import Check

__all__ = ["annex"]

_PARAMETERS = ("delta_cost", "delta_effect", "cost_se", "effect_se", "correlation")


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the inputs of each comparison; empty without comparisons."""
    if not assessment.comparisons:
        return []
    found: list[Block] = [Heading(2, locale.text("inputs.heading"))]
    for result in assessment.comparisons:
        wording = ComparisonWords(assessment.dossier, result.spec, locale)
        analysis = assessment.incremental_of(result.spec.id)
        title = wording.title if analysis is None else f"{wording.title}, {wording.pair}"
        if isinstance(result, TrialResult):
            found += input_blocks(result, wording)
            continue
        if isinstance(result, ModelResult):
            found += models.input_blocks(result, wording, first=_is_first(assessment, result), title=title)
            continue
        rows = [_input_row(wording, statistic) for statistic in result.spec.statistic]
        if result.spec.finding is not None:
            finding = result.spec.finding
            rows.append(
                (
                    wording.say("inputs.finding"),
                    wording.pick(finding.text),
                    wording.say("status.reported"),
                    cited(finding.sources),
                )
            )
        header = tuple(wording.say(f"column.{key}") for key in ("quantity", "value", "status", "source"))
        found.append(Table(title, header, tuple(rows), prose=(1,)))
        if result.parameters:
            found += _fitted(result, wording, title)
    return found


def _is_first(assessment: Assessment, result: ComparisonResult) -> bool:
    """Tell whether no comparison before it is weighed together with this one."""
    analysis = assessment.incremental_of(result.spec.id)
    return analysis is None or analysis.comparisons[0] == result.spec.id


def _input_row(wording: ComparisonWords, statistic: Statistic) -> tuple[str, str, str, str]:
    name = wording.statistic_name(statistic)
    value = wording.statistic_value(statistic)
    status = wording.say(f"status.{statistic.status}")
    if statistic.rule is not None:
        status += f": {wording.pick(statistic.rule)}"
    if getattr(statistic, "use", "fit") == "check":
        status += f"; {wording.say('inputs.check')}"
    return name, value, status, cited(statistic.sources)


def _fitted(result: ComparisonResult, wording: ComparisonWords, title: str) -> list[Block]:
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
    blocks: list[Block] = [Table(say("inputs.fitted", title=title), header, tuple(rows), numeric=(1, 2))]
    if result.checks:
        lines = tuple(_check_row(each, wording) for each in result.checks)
        header = tuple(say(f"column.{key}") for key in ("quantity", "printed", "predicted", "range", "gap", "verdict"))
        blocks.append(Table(say("inputs.checks", title=title), header, lines, numeric=(1, 2, 3, 4)))
        blocks.append(
            Paragraph(say("inputs.grades", approximation=wording.locale.as_given(Decimal(str(result.approximation)))))
        )
    return blocks


def _check_row(check: Check, wording: ComparisonWords) -> tuple[str, ...]:
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
        wording.say(f"inputs.{key_of(check.grade or 'not predicted')}"),
    )
