"""Annex: every published statistic with status and source, the fitted parameters, and how predictions agree."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hecon.assessment.records import ModelResult, TrialResult
from hecon.locale import key_of
from hecon.report.document import Block, Heading, Paragraph, Table
from hecon.report.isolating import isolate
from hecon.report.sections import trials
from hecon.report.words.common import cited
from hecon.report.words.comparisons import ComparisonWords

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hecon.assessment import Assessment, ComparisonResult
    from hecon.dossier.comparison import Statistic
    from hecon.locale import Locale
    from hecon.reported.fits import Check


_PARAMETERS = ("delta_cost", "delta_effect", "cost_se", "effect_se", "correlation")
# So much of a digest tells two files apart; the provenance has the whole.
_SHORT = 12


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the inputs of each comparison; empty without comparisons."""
    if not assessment.comparisons:
        return []
    found: list[Block] = [Heading(2, locale.text("inputs.heading"))]
    for result in assessment.comparisons:
        spec, wording = result.spec, ComparisonWords(assessment.dossier, result.spec, locale)
        analysis = assessment.incremental_of(spec.id)
        title = wording.title if analysis is None else f"{wording.title}, {wording.pair}"
        if isinstance(result, TrialResult):
            rests = locale.text(f"trial_method.{result.method}")
            found += [_of_patients(result, wording), _computed(result, wording, "trial_note", rests, wording.title)]
            continue
        if isinstance(result, ModelResult):
            # The draws of options that are weighed together stand once.
            found += [_of_draws(result, wording)] if analysis is None or analysis.comparisons[0] == spec.id else []
            found.append(_computed(result, wording, "model_note", wording.say("model_note.rests_on"), title))
            continue
        rows = [_input_row(wording, statistic) for statistic in spec.statistic]
        if spec.finding is not None:
            status, sources = wording.say("status.reported"), cited(spec.finding.sources)
            rows.append((wording.say("inputs.finding"), wording.pick(spec.finding.text), status, sources))
        found.append(_given(wording, title, rows))
        if result.parameters:
            found += _fitted(result, wording, title)
    return found


def _of_patients(result: TrialResult, wording: ComparisonWords) -> Table:
    """Return the patient data as input."""
    say, source = wording.say, result.trial_source
    place = say("trial_note.place", file=isolate(source.file), digest=source.digest[:_SHORT])
    status = say("trial_note.given_simulated" if result.simulated else "trial_note.given")
    return _given(wording, wording.title, [(say("trial_note.data"), trials.patients(result, wording), status, place)])


def _of_draws(result: ModelResult, wording: ComparisonWords) -> Table:
    """Return a model's draws as input."""
    made_by = "" if result.spec.draws is None else isolate(wording.pick(result.spec.draws.made_by))
    say = wording.say
    row = (say("model_note.given"), _file(result, wording), say("model_note.given_status"), made_by)
    return _given(wording, wording.title, [row])


def _given(wording: ComparisonWords, title: str, rows: Iterable[tuple[str, ...]]) -> Table:
    header = tuple(wording.say(f"column.{key}") for key in ("quantity", "value", "status", "source"))
    return Table(title, header, tuple(rows), prose=(1,))


def _computed(result: ComparisonResult, wording: ComparisonWords, note: str, rests: str, title: str) -> Table:
    """Return the five parameters as they were computed from patient data or draws, by the texts of a `note`."""
    say = wording.say
    rows = tuple(
        (
            say(f"parameter.{name}"),
            wording.parameter(name, each.value),
            wording.parameter_range(name, result.intervals.get(name)),
            say(f"{note}.status"),
            rests,
        )
        for name, each in result.parameters.items()
    )
    interval = {"trial_note": "trial_note.interval_column", "model_note": "model_note.interval_column"}[note]
    keys = ("column.parameter", "column.value", interval, "column.status", "column.rests_on")
    return Table(say("inputs.fitted", title=title), tuple(map(say, keys)), rows, numeric=(1, 2))


def model_items(result: ComparisonResult, wording: ComparisonWords) -> tuple[str, ...]:
    """Return which draws a comparison's figures were computed from, who made the model, and what is left aside."""
    if not isinstance(result, ModelResult) or result.spec.draws is None:
        return ()
    say = wording.say
    made_by = say("model_note.made_by", text=isolate(wording.pick(result.spec.draws.made_by)).rstrip("."))
    found = (say("model_note.computed"), made_by, _file(result, wording))
    names = ", ".join(isolate(name) for name in result.model_source.others)
    return (*found, say("model_note.others", names=names)) if names else found


def _file(result: ModelResult, wording: ComparisonWords) -> str:
    source, number = result.model_source, wording.locale.number
    return wording.say(
        "model_note.file",
        file=isolate(source.file),
        draws=number(source.draws),
        parameters=number(len(source.parameters)),
        digest=source.digest[:_SHORT],
    )


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
    of_money = check.kind in {"icer", "delta_net_benefit", "net_benefit_se"}
    value = wording.money if of_money else wording.probability
    span = wording.parameter_range("cost_se", check.range) if of_money else wording.probabilities(check.range)
    bound = {0.0: "< ", 1.0: "> "} if check.kind.endswith("_z") else {}
    sign = next((sign for end, sign in bound.items() if end in {check.low, check.high}), "")
    # Whatever it follows from.
    key = replace(check.key, kind="standard_error") if check.kind == "net_benefit_se" else check.key
    return (
        wording.constraint(key),
        sign + value(check.printed),
        "–" if check.predicted is None else value(check.predicted),
        span,
        "–" if check.gap is None else wording.gap(check),
        wording.say(f"inputs.{key_of(check.grade or 'not predicted')}"),
    )
