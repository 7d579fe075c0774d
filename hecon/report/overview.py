"""The compact table: every comparison at each reference value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon import texts, zin
from hecon.report.document import Table
from hecon.report.trial_note import trial_label
from hecon.report.wording import Wording

if TYPE_CHECKING:
    from hecon.assessment import Assessment, ComparisonResult

__all__ = ["overview", "verdict_label"]


def verdict_label(wording: Wording, judgement: zin.Judgement) -> str:
    """Return the verdict in a few words, with what could overturn it."""
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
        head = (
            trial_label(result, wording),
            wording.say(f"perspective.{result.spec.perspective}"),
            wording.intervention,
            *_estimates(result, wording),
        )
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
    return Table(texts.text(lang, "overview.caption"), header, tuple(rows), numeric=(3, 4, 6, 7))


_OVERVIEW = (
    "trial",
    "perspective",
    "intervention",
    "cost",
    "effect",
    "icer",
    "value",
    "net_benefit",
    "probability",
    "verdict",
)


def _estimates(result: ComparisonResult, wording: Wording) -> tuple[str, str, str]:
    if result.delta_cost is None or result.delta_effect is None:
        implied = result.quadrant and f"({wording.quadrant(result.quadrant)}, {wording.say('overview.implied')})"
        return "–", "–", implied or "–"
    quadrant = wording.quadrant(result.quadrant or "=")
    published, own = wording.published_ratio(result), "" if result.icer is None else wording.money(result.icer)
    ratio = f"{own} ({quadrant})".lstrip()
    if published is not None:
        ratio = wording.say("overview.published", published=published, quadrant=quadrant, recomputed=own)
    return wording.money(result.delta_cost), wording.effect(result.delta_effect), ratio


def _probability(wording: Wording, value: float | None, ends: tuple[float, float] | None) -> str:
    if value is None:
        return "–"
    point, span = wording.probability(value), wording.probabilities(ends)
    return point if ends is None or span == point else f"{point} ({span})"
