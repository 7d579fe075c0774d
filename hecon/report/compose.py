"""From an assessment to a document in one language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon import texts, zin
from hecon.assessment import WTP
from hecon.report.annex import annex
from hecon.report.document import Block, Bullets, Document, Heading, Paragraph, Table
from hecon.report.wording import Wording

if TYPE_CHECKING:
    from hecon.assessment import Assessment, ComparisonResult

__all__ = ["compose", "overview", "verdict_label"]


def compose(assessment: Assessment, lang: str) -> Document:
    """Return the summary of an assessment as a document.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    Document
        Blocks of plain text.
    """
    dossier = assessment.dossier
    blocks: list[Block] = [Heading(1, getattr(dossier.title, lang)), *_opening(assessment, lang)]
    for result in assessment.comparisons:
        blocks += _comparison(assessment, result, Wording(dossier, result.spec, lang))
    blocks += annex(assessment, lang)
    return Document(lang, tuple(blocks))


def verdict_label(wording: Wording, judgement: zin.Judgement | None) -> str:
    """Return the verdict in a few words, with what could overturn it."""
    if judgement is None:
        return wording.say("verdict.none_short")
    good = judgement.conclusion == zin.COST_EFFECTIVE
    label = wording.say("verdict.good_short" if good else "verdict.bad_short")
    doubts = [
        wording.say(f"verdict.{key}_short")
        for key, holds in (
            ("edge", judgement.edge),
            ("flips", judgement.flips),
            ("perspectives", judgement.flips_across_perspectives),
        )
        if holds
    ]
    return f"{label} ({'; '.join(doubts)})" if doubts else label


def overview(assessment: Assessment, lang: str) -> Table:
    """Return the compact table: one row per comparison and reference value; a star marks the burden as judged."""
    rows: list[tuple[str, ...]] = []
    for result in assessment.comparisons:
        wording = Wording(assessment.dossier, result.spec, lang)
        head = (result.spec.trial, wording.say(f"perspective.{result.spec.perspective}"), *_estimates(result, wording))
        if not result.judgements:
            reason = result.no_verdict or result.reason
            why = wording.say(f"short_reason.{reason.code}") if reason is not None else ""
            rows.append((*head, "–", "–", "–", why))
        for position, judgement in enumerate(result.judgements):
            star = "* " if judgement.reference_value == assessment.reference_value else ""
            rows.append(
                (
                    *(head if position == 0 else ("",) * len(head)),
                    star + texts.money(lang, judgement.reference_value),
                    wording.money(judgement.net_benefit),
                    _probability(wording, judgement.p_cost_effective, judgement.p_range),
                    verdict_label(wording, judgement),
                )
            )
    header = tuple(texts.text(lang, f"overview.{key}") for key in _OVERVIEW)
    return Table(texts.text(lang, "overview.caption"), header, tuple(rows), numeric=(2, 3, 5, 6))


_OVERVIEW = ("trial", "perspective", "cost", "effect", "icer", "value", "net_benefit", "probability", "verdict")


def _estimates(result: ComparisonResult, wording: Wording) -> tuple[str, str, str]:
    if result.delta_cost is None or result.delta_effect is None:
        return "–", "–", f"({result.quadrant}, {wording.say('overview.implied')})" if result.quadrant else "–"
    ratio = f"({result.quadrant})" if result.icer is None else f"{wording.money(result.icer)} ({result.quadrant})"
    return wording.money(result.delta_cost), wording.effect(result.delta_effect), ratio


def _probability(wording: Wording, value: float | None, ends: tuple[float, float] | None) -> str:
    if value is None:
        return "–"
    point, span = wording.probability(value), wording.probabilities(ends)
    return point if ends is None or span == point else f"{point} ({span})"


def _opening(assessment: Assessment, lang: str) -> list[Block]:
    dossier = assessment.dossier

    def say(key: str, **values: object) -> str:
        return texts.text(lang, key, **values)

    band = dossier.burden.band.replace(" ", "_")
    value = assessment.reference_value
    burden = say("summary.burden", band=say(f"band.{band}"), basis=getattr(dossier.burden.basis, lang))
    if value is not None:
        reading = say("summary.reference", value=texts.money(lang, value))
    else:
        reading = say("summary.no_reference_judged" if band == "not_judged" else "summary.no_reference_band")
    return [
        Paragraph(say("summary.purpose")),
        Bullets(
            (
                f"{say('summary.indication')}: {getattr(dossier.indication, lang)}",
                f"{say('summary.question')}: {getattr(dossier.question, lang)}",
                f"{burden}. {reading}",
            )
        ),
        Heading(2, say("summary.overview")),
        overview(assessment, lang),
        Paragraph(say("overview.key")),
    ]


def _comparison(assessment: Assessment, result: ComparisonResult, wording: Wording) -> list[Block]:
    say, spec = wording.say, result.spec
    blocks: list[Block] = [
        Heading(2, wording.title),
        Paragraph(say("comparison.what", intervention=_capital(wording.intervention), comparator=wording.comparator)),
        Paragraph(_setting(wording)),
        Heading(3, say("comparison.reported")),
        Bullets(tuple(_reported(wording))),
        Heading(3, say("comparison.results")),
    ]
    reason = wording.full_reason(result)
    if reason is not None:
        blocks.append(Paragraph(reason, strong=not result.computable))
    if result.computable:
        blocks += _results(result, wording)
    if result.judgements:
        blocks += [Heading(3, say("comparison.verdict")), *_verdicts(assessment, result, wording)]
    elif result.no_verdict is not None:
        blocks += [Heading(3, say("comparison.verdict")), Paragraph(wording.reason(result.no_verdict))]
    if result.sensitivities:
        blocks += _sensitivity(result, wording)
    if spec.caveat:
        blocks += [
            Heading(3, say("comparison.caveats")),
            Bullets(tuple(wording.sourced(wording.pick(each.text), each.sources) for each in spec.caveat)),
        ]
    return blocks


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _setting(wording: Wording) -> str:
    spec, say = wording.spec, wording.say

    def rate(value: object) -> str:
        return (
            say("not_reported")
            if value == "not reported"
            else texts.number(wording.lang, 100 * float(str(value)), 1) + "%"
        )

    year = say("not_reported") if spec.price_year == "not reported" else str(spec.price_year)
    return say(
        "comparison.setting",
        design=wording.pick(spec.design),
        horizon=texts.number(wording.lang, float(spec.horizon_months)),
        currency=spec.currency,
        price_year=year,
        discount_cost=rate(spec.discount_cost),
        discount_effect=rate(spec.discount_effect),
    )


def _reported(wording: Wording) -> list[str]:
    items = []
    for statistic in wording.spec.statistic:
        status = "" if statistic.status == "reported" else f" ({wording.say('status.' + statistic.status)})"
        note = f". {wording.pick(statistic.note)}" if statistic.note is not None else ""
        items.append(f"{wording.statistic_name(statistic)}: {wording.statistic_value(statistic)}{status}{note}")
    if wording.spec.finding is not None:
        items.append(wording.pick(wording.spec.finding.text))
    return items


def _results(result: ComparisonResult, wording: Wording) -> list[Block]:
    say = wording.say
    blocks: list[Block] = []
    rows = [
        (say("parameter.delta_cost"), _with_interval(result, wording, "cost")),
        (say("parameter.delta_effect"), _with_interval(result, wording, "effect")),
        ("ICER", wording.ratio(result)),
        (say("comparison.quadrant"), say("quadrant." + ("axis" if result.quadrant == "=" else str(result.quadrant)))),
    ]
    blocks.append(Table(say("comparison.estimates"), (say("column.quantity"), say("column.value")), tuple(rows)))
    blocks.append(
        Table(
            say("comparison.by_value"),
            (say("overview.value"), say("overview.net_benefit"), say("column.probability"), say("column.range")),
            tuple(
                (
                    wording.money(value),
                    wording.money(result.net_benefit[value]),
                    wording.probability(result.p_cost_effective.get(value)),
                    wording.probabilities(result.p_range.get(value)),
                )
                for value in WTP
            ),
            numeric=(0, 1, 2, 3),
        )
    )
    if result.varied:
        names = ", ".join(say(f"parameter.{name}") for name in result.varied)
        blocks.append(Paragraph(say("comparison.varied", names=names)))
    elif result.p_range:
        blocks.append(Paragraph(say("comparison.rounding_only")))
    return blocks


def _with_interval(result: ComparisonResult, wording: Wording, outcome: str) -> str:
    value = result.delta_cost if outcome == "cost" else result.delta_effect
    text = wording.of(outcome, value or 0.0) + ("" if outcome == "cost" else f" {wording.spec.effect_unit}")
    ends = result.intervals.get(f"delta_{outcome}")
    if ends is None:
        return text
    low, high = (wording.of(outcome, end) for end in ends)
    return f"{text} ({wording.say('normal_interval', low=low, high=high)})"


def _verdicts(assessment: Assessment, result: ComparisonResult, wording: Wording) -> list[Block]:
    sentences = {
        each.reference_value: zin.words(
            each,
            result.delta_cost or 0.0,
            result.delta_effect or 0.0,
            intervention=wording.intervention,
            comparator=wording.comparator,
            lang=wording.lang,
        )
        for each in result.judgements
    }
    judged = assessment.reference_value
    blocks: list[Block] = []
    if judged is not None:
        blocks.append(Paragraph(sentences.pop(judged), strong=True))
        blocks.append(Paragraph(wording.say("comparison.other_bands")))
    else:
        blocks.append(Paragraph(wording.say("comparison.all_bands")))
    blocks.append(Bullets(tuple(sentences.values())))
    return blocks


def _sensitivity(result: ComparisonResult, wording: Wording) -> list[Block]:
    header = (wording.say("sensitivity.varied"), *(wording.money(value) for value in WTP))
    rows = tuple(
        (wording.sensitivity(each), *(wording.probabilities(each.p_cost_effective[value]) for value in WTP))
        for each in result.sensitivities
    )
    return [
        Heading(3, wording.say("comparison.sensitivity")),
        Table(wording.say("sensitivity.caption"), header, rows, numeric=(1, 2, 3, 4)),
    ]
