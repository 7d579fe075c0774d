"""All comparisons in one table, with their verdicts; how many figures are reported, and what the audit found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.assessment import TrialResult
from hecon.auditing.findings import SEVERITIES
from hecon.report.document import Block, Bullets, Heading, Paragraph, Table
from hecon.report.words.common import key_of, rules_words
from hecon.report.words.comparisons import ComparisonWords
from hecon.report.words.verdicts import dominance_label, verdict_label

if TYPE_CHECKING:
    from hecon.assessment import Assessment, ComparisonResult
    from hecon.locale import Locale

__all__ = ["blocks", "glance", "overview"]

_COLUMNS = (
    *("trial", "perspective", "intervention", "cost", "effect", "icer"),
    *("value", "net_benefit", "probability", "verdict"),
)


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the overview; without comparisons, that there are none."""
    say = locale.text
    if not assessment.comparisons:
        return [Paragraph(say("summary.no_comparison")), *glance(assessment, locale)]
    computed = dict.fromkeys(each.spec.trial for each in assessment.comparisons if isinstance(each, TrialResult))
    return [
        Heading(2, say("summary.overview")),
        Paragraph(
            say("trial_note.purpose" if computed else "summary.purpose", **rules_words(assessment.dossier, locale))
        ),
        overview(assessment, locale),
        Paragraph(say("overview.key")),
        *([Paragraph(say("trial_note.overview", trials=", ".join(computed)))] if computed else []),
        *glance(assessment, locale),
    ]


def overview(assessment: Assessment, locale: Locale) -> Table:
    """Return the compact table: one row per comparison and reference value; a star marks the burden as judged."""
    say = locale.text
    rows: list[tuple[str, ...]] = []

    def estimates(result: ComparisonResult, words: ComparisonWords) -> tuple[str, str, str]:
        code = words.quadrant(result.quadrant or "=")
        if result.delta_cost is None or result.delta_effect is None:
            return "–", "–", f"({code}, {say('overview.implied')})" if result.quadrant else "–"
        published, own = words.published_ratio(result), "" if result.icer is None else words.money(result.icer)
        ratio = f"{own} ({code})".lstrip()
        if published is not None:
            ratio = say("overview.published", published=published, quadrant=code, recomputed=own)
        return words.money(result.delta_cost), locale.number(result.delta_effect, 4), ratio

    for result in assessment.comparisons:
        words = ComparisonWords(assessment.dossier, result.spec, locale)
        trial = result.spec.trial
        head = (
            say("trial_note.label", trial=trial) if result.simulated else trial,
            say(f"perspective.{result.spec.perspective}"),
            words.intervention,
            *estimates(result, words),
        )
        if not result.judgements:
            rows += _without_values(assessment, result, words, head)
        for position, judgement in enumerate(result.judgements):
            star = "* " if judgement.reference_value == assessment.reference_value else ""
            rows.append(
                (
                    *(head if position == 0 else ("",) * len(head)),
                    star + words.money(judgement.reference_value),
                    words.money(judgement.net_benefit),
                    _probability(words, judgement.p_cost_effective, judgement.p_range),
                    verdict_label(judgement, (result.delta_cost or 0.0, result.delta_effect or 0.0), locale),
                )
            )
    header = tuple(say(f"overview.{key}") for key in _COLUMNS)
    return Table(say("overview.caption"), header, tuple(rows), numeric=(3, 4, 6, 7))


def _without_values(
    assessment: Assessment, result: ComparisonResult, words: ComparisonWords, head: tuple[str, ...]
) -> list[tuple[str, ...]]:
    """Return the rows of a comparison that the rules have no values for: its source's own, and the verdict or why."""
    reason = result.no_verdict or result.reason
    why = words.say(f"short_reason.{reason.code}") if reason is not None else ""
    if result.dominance is not None:
        why = dominance_label(result.dominance, words.locale)
    own = result.net_benefit if result.spec.currency != assessment.rules.currency else {}
    if not own:
        return [(*head, "–", "–", "–", why)]
    return [
        (
            *(head if place == 0 else ("",) * len(head)),
            words.money(value),
            words.money(net_benefit),
            _probability(words, result.p_cost_effective.get(value), result.p_range.get(value)),
            why if place == 0 else "",
        )
        for place, (value, net_benefit) in enumerate(own.items())
    ]


def _probability(words: ComparisonWords, value: float | None, ends: tuple[float, float] | None) -> str:
    if value is None:
        return "–"
    point, span = words.probability(value), words.probabilities(ends)
    return point if ends is None or span == point else f"{point} ({span})"


def glance(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return in two lines how many figures were reported, derived and assumed, and what the audit of them found."""
    statuses = assessment.statuses
    if not statuses and any(each.data is not None for each in assessment.dossier.comparison):
        return []
    counts = {name: statuses.get(name, 0) for name in ("reported", "derived", "assumed")}
    lines = [locale.text("audit.statuses", n=locale.number(sum(statuses.values())), **counts)]
    told = [each.severity for each in assessment.findings]
    if told:
        found = ", ".join(
            locale.text(f"audit_count.{key_of(severity)}", n=told.count(severity))
            for severity in SEVERITIES
            if severity in told
        )
        lines.append(locale.text("audit.glance", found=found))
    else:
        lines.append(locale.text("audit.glance_nothing"))
    return [Bullets(tuple(lines))]
