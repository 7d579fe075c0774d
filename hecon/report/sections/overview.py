"""The key table: every comparison with the preferred option at each value, its net benefit and how sure that is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from hecon.assessment.concluding import certainty, dominance_share
from hecon.assessment.records import TrialResult
from hecon.report.document import Block, Heading, Paragraph, Table
from hecon.report.sections import options
from hecon.report.words.answers import AnswerWords
from hecon.report.words.common import by_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hecon.assessment import Assessment, ComparisonResult
    from hecon.assessment.concluding import Preference
    from hecon.locale import Locale

__all__ = ["blocks", "brief", "key_tables", "key_words"]

_COLUMNS = (
    *("trial", "cost", "effect", "icer"),
    *("value", "net_benefit", "preferred", "probability", "verdict"),
)


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the key table and how to read it; nothing without comparisons."""
    say = locale.text
    if not assessment.comparisons:
        return []
    computed = dict.fromkeys(each.spec.trial for each in assessment.comparisons if isinstance(each, TrialResult))
    return [
        Heading(2, say("summary.overview")),
        *([Paragraph(by_rules("trial_note.purpose", assessment.rules, locale))] if computed else []),
        *key_tables(assessment, locale),
        Paragraph(key_words([assessment], locale)),
        *([Paragraph(say("trial_note.overview", trials=", ".join(computed)))] if computed else []),
    ]


def brief(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the table of the comparisons that answer the question alone."""
    compared = () if assessment.conclusion is None else assessment.conclusion.compared
    chosen = tuple(each for each in assessment.comparisons if each.spec.id in compared)
    if not chosen:
        return []
    analysis = assessment.incremental_of(chosen[0].spec.id)
    if analysis is not None:
        return [*options.key_tables(assessment, analysis, locale)]
    (table,) = key_tables(replace(assessment, comparisons=chosen, incremental=()), locale)
    # What is compared stands once, above the table.
    return [
        replace(
            table,
            caption=table.rows[0][0],
            header=table.header[1:],
            rows=tuple(row[1:] for row in table.rows),
            numeric=tuple(place - 1 for place in table.numeric),
        )
    ]


def key_tables(assessment: Assessment, locale: Locale, *, short: bool = False) -> list[Table]:
    """Return the table of comparisons that stand alone, and of each that are weighed together their own two.

    The first has one row per comparison and value; a star marks the reference value that counts. A short one names the
    studies, and what they compare only where a study has several comparisons.
    """
    alone = [each for each in assessment.comparisons if assessment.incremental_of(each.spec.id) is None]
    names = Counter((each.spec.trial, each.spec.perspective) for each in alone)
    rows: list[tuple[str, ...]] = []
    for result in alone:
        words, only = AnswerWords(assessment, result, locale), names[result.spec.trial, result.spec.perspective] == 1
        head = _head(result, words, short=short and only)
        for cells in _by_value(assessment, result, words):
            rows.append((*head, *cells))
            head = ("",) * len(head)
    header = tuple(locale.text(f"overview.{key}", unit=_units(alone)) for key in _COLUMNS)
    caption = by_rules("overview.caption", assessment.rules, locale)
    found = [Table(caption, header, tuple(rows), numeric=(1, 2, 4, 5, 7), cards=True)] if rows else []
    for each in assessment.incremental:
        found += options.key_tables(assessment, each, locale, short=short)
    return found


def key_words(assessments: Sequence[Assessment], locale: Locale) -> str:
    """Return how to read key tables, in their units of effect, with the largest Monte Carlo error of a probability."""
    results = [result for each in assessments for result in each.comparisons]
    units = _units(results)
    together = {name for each in assessments for analysis in each.incremental for name in analysis.comparisons}
    alone = any(result.spec.id not in together for result in results)
    keys = (*(("overview.key",) if alone else ()), *(("options.key",) if together else ()))
    if any(each.reference_value is not None and any(at.judgements for at in each.comparisons) for each in assessments):
        keys += ("overview.counts",)
    text = " ".join(locale.text(key, unit=units) for key in keys)
    errors = [at.monte_carlo_error for each in results for at in each.preferences if at.monte_carlo_error]
    return f"{text} {locale.text('overview.error', error=locale.rounded_up(max(errors), 3))}" if errors else text


def _units(results: Iterable[ComparisonResult]) -> str:
    return " / ".join(dict.fromkeys(each.spec.effect_unit for each in results))


def _by_value(assessment: Assessment, result: ComparisonResult, words: AnswerWords) -> list[tuple[str, ...]]:
    """Return the cells behind the head: one row per reference value, or one of what holds without values."""
    reference = {each.reference_value for each in result.judgements}
    shown = [each for each in result.preferences if not reference or each.value in reference]
    return [_cells(assessment, result, at, words) for at in shown] or [_without_values(result, words)]


def _head(result: ComparisonResult, words: AnswerWords, *, short: bool) -> tuple[str, ...]:
    """Return the study, what is compared, and the differences with the ratio."""
    say, figures, trial = words.locale.text, words.figures, result.spec.trial
    study = say("trial_note.label", trial=trial) if result.simulated else trial
    code = figures.quadrant(result.quadrant or "=")
    if result.delta_cost is None or result.delta_effect is None:
        estimates = ("–", "–", f"({code}, {say('overview.implied')})" if result.quadrant else "–")
    else:
        published, own = figures.published_ratio(result), "" if result.icer is None else figures.money(result.icer)
        ratio = f"{own} ({code})".lstrip()
        if published is not None:
            ratio = say("overview.published", published=published, quadrant=code, recomputed=own)
        if result.in_range is not None:
            ratio = say("overview.in_range", ratio=ratio, place=say(f"range_place.{result.in_range}"))
        estimates = (figures.money(result.delta_cost), words.locale.number(result.delta_effect, 4), ratio)
    name = f"{study}, {say(f'perspective.{result.spec.perspective}')}"
    return name if short else f"{name}: {figures.pair}", *estimates


def _cells(assessment: Assessment, result: ComparisonResult, at: Preference, words: AnswerWords) -> tuple[str, ...]:
    """Return the value, net benefit as the source has the difference, the preferred option, and how sure that is."""
    figures, sign = words.figures, 1 if at.option == result.spec.intervention else -1
    counts = bool(result.judgements) and at.value == assessment.reference_value
    net_benefit = figures.money(sign * at.net_benefit)
    if at.interval is not None:
        low, high = sorted(sign * end for end in at.interval)
        net_benefit += f" ({words.locale.span(figures.money(low), figures.money(high))})"
    probability = figures.probability(at.probability)
    span = figures.probabilities(at.range)
    if at.range is not None and span != probability:
        probability += f" ({span})"
    return (
        ("* " if counts else "") + figures.stated(at.value),
        net_benefit,
        words.say("neither") if at.equal else words.name(at.option),
        probability,
        words.certainty(at) if result.judgements else f"{words.certainty(at)}; {_why(result, words)}",
    )


def _without_values(result: ComparisonResult, words: AnswerWords) -> tuple[str, ...]:
    """Return the option that is better at every value and how sure that is, or in a few words why there is none."""
    if result.dominant is None:
        return ("–", "–", "–", "–", _why(result, words))
    share, error = dominance_share([result], result.dominant)
    told = (words.name(result.dominant), words.figures.probability(share))
    return (words.locale.text("overview.any_value"), "–", *told, words.say(f"word_{certainty(share, error=error)}"))


def _why(result: ComparisonResult, words: AnswerWords) -> str:
    """Return in a few words why the rules give no verdict."""
    reason = result.no_verdict or result.reason
    if result.dominant is not None:
        return words.say("always", option=words.name(result.dominant))
    return "" if reason is None else words.locale.text(f"short_reason.{reason.code}")
