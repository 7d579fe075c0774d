"""Annex: how to monitor the substitution that a budget assumes: what to count, in which claims, how many patients."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hecon.assessment.budgets import ALPHA, EXACT, POWER, monitoring
from hecon.locale import key_of
from hecon.report.document import Block, Heading, Paragraph, Table
from hecon.report.words.budgets import BudgetWords
from hecon.report.words.common import capital, sentence
from hecon.report.writers.json import taken

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.assessment.budgets import Monitoring, MonitoringTarget, Watched
    from hecon.locale import Locale


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return what to count and how many patients are needed; nothing without a budget that names its substitution."""
    found, result = monitoring(assessment), assessment.budget
    if found is None or result is None:
        return []
    words = BudgetWords(result, assessment.dossier, locale)
    say = locale.text
    blocks: list[Block] = [Heading(2, say("monitoring.heading")), Paragraph(_purpose(found, words))]
    claims = None if words.part.substitution is None else words.part.substitution.claims
    if claims is not None:
        blocks.append(Paragraph(sentence(claims, locale)))
    blocks.append(_counts(found, words))
    if found.averaged:
        several = len(words.result.plan.populations) > 1
        names = "; ".join(_care(*each, words, several=several) for each in found.averaged)
        blocks.append(Paragraph(say("monitoring.averaged", names=names)))
    if found.left_out:
        blocks.append(Paragraph(_untold(found, words)))
    if found.targets:
        told = {"alpha": words.percentage(ALPHA), "power": words.percentage(POWER), "exact": locale.number(EXACT)}
        blocks += [_needed(found, words), Paragraph(say("monitoring.rule", **told))]
    if found.replaced is not None:
        blocks.append(Paragraph(_period(found, words)))
    return blocks


def _purpose(found: Monitoring, words: BudgetWords) -> str:
    if found.replaced is None or found.share is None:
        return words.locale.text("monitoring.no_share")
    care = words.flow(found.replaced.flow)
    return words.locale.text(
        "monitoring.purpose", share=words.percentage(found.share), care=care[:1].lower() + care[1:]
    )


def _counts(found: Monitoring, words: BudgetWords) -> Table:
    """Return patients by kind of care, now and in each year of the budget."""
    say, plan = words.locale.text, words.result.plan
    several = len(plan.populations) > 1
    rows = tuple(
        (
            _care(each.population, each.flow, words, several=several),
            _claimed(each, words),
            *(words.locale.number(count) for count in (each.now, *each.expected)),
        )
        for each in found.watched
    )
    uptake = ", ".join(words.percentage(each) for each in words.result.uptake[words.result.lead])
    now = say("monitoring.now") if plan.base_year is None else str(plan.base_year)
    header = (say("monitoring.care"), say("monitoring.claims"), now, *map(str, plan.years))
    return Table(
        say("monitoring.counts", uptake=uptake), header, rows, numeric=tuple(range(2, len(header))), prose=(0,)
    )


def _care(population: str, flow: str, words: BudgetWords, *, several: bool) -> str:
    """Return the name of some care; of several populations with whose it is."""
    care = words.flow(flow)
    return f"{words.population(population)}: {care}" if several else care


def _untold(found: Monitoring, words: BudgetWords) -> str:
    """Return why no number of patients is told: the assumed share is none or all, or each of these other shares is."""
    share = found.share or 0.0
    if not 0 < share < 1:
        return words.locale.text("monitoring.certain", share=words.percentage(share))
    others = "; ".join(f"{_against(each, found, words)} ({words.percentage(each.share)})" for each in found.left_out)
    return words.locale.text("monitoring.left_out", others=others)


def _claimed(each: Watched, words: BudgetWords) -> str:
    sector, payer = (words.locale.text(f"budget_{kind}.{key_of(getattr(each, kind))}") for kind in ("sector", "payer"))
    return f"{capital(sector)}, {payer}"


def _needed(found: Monitoring, words: BudgetWords) -> Table:
    """Return the numbers of patients, beside those who begin in the first year."""
    say, locale, first = words.locale.text, words.locale, words.result.plan.years[0]
    rows = tuple(
        (
            _against(each, found, words),
            words.percentage(each.share),
            locale.number(each.patients),
            locale.share(each.patients / found.entrants) if each.patients <= found.entrants else say("monitoring.more"),
        )
        for each in found.targets
    )
    header = tuple(say(f"monitoring.{key}", year=first) for key in ("against", "share", "needed", "of_entrants"))
    caption = say(
        "monitoring.targets", share=words.percentage(found.share or 0.0), n=locale.number(found.entrants), year=first
    )
    return Table(caption, header, rows, numeric=(1, 2, 3))


def _against(each: MonitoringTarget, found: Monitoring, words: BudgetWords) -> str:
    """Return what a share is that the assumed one has to be told from."""
    points = words.locale.number(100 * (each.share - (found.share or 0.0)))
    return words.locale.text(f"monitoring.{each.kind}", points=points, year=words.result.plan.years[-1])


def _period(found: Monitoring, words: BudgetWords) -> str:
    """Return when the share is known of those who begin in the first year."""
    say, first = words.locale.text, words.result.plan.years[0]
    if found.months is None:
        return say("monitoring.period_unknown")
    ends = first + math.ceil(found.months / 12)
    return say("monitoring.period", months=words.number(found.months), year=first, end=ends)


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the same as plain data; every number is derived."""
    found, result = monitoring(assessment), assessment.budget
    if found is None or result is None:
        return {"monitoring": None}
    part = BudgetWords(result, assessment.dossier, locale).part
    told = {"alpha": f"{ALPHA:.0%}", "power": f"{POWER:.0%}", "exact": str(EXACT)}
    return {
        "monitoring": {
            "status": "derived",
            "rule": locale.text("monitoring.rule", **told),
            "claims": None if part.substitution is None else part.substitution.claims,
            "counts": [vars(each) for each in found.watched],
            "share": found.share,
            "entrants": found.entrants,
            "power": POWER,
            "alpha": ALPHA,
            "targets": [vars(each) for each in found.targets],
            "left_out": [taken(each, "kind", "name", "share") for each in found.left_out],
            "averaged": [{"population": population, "flow": flow} for population, flow in found.averaged],
            "months": found.months,
        }
    }
