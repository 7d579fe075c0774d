"""The decision that is asked, and what each scenario of it costs: the opening of a package advice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.report.document import Block, Heading, Paragraph
from hecon.report.sections import budget
from hecon.report.words.budgets import BudgetWords
from hecon.report.words.common import rules_words, sentence

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.locale import Locale


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the decision asked, and the scenarios with their budgets beside an unchanged entitlement."""
    say, asked = locale.text, assessment.dossier.note.decision
    found: list[Block] = [
        Heading(2, say("decision.heading")),
        Paragraph(say("decision.not_on_file") if asked is None else sentence(asked, locale)),
        Paragraph(say("decision.form", **rules_words(assessment.rules, locale))),
        Heading(2, say("decision.scenarios")),
    ]
    if assessment.budget is None:
        return [*found, Paragraph(budget.no_budget(assessment.dossier, locale))]
    if assessment.budget.plan.priced:
        found.append(Paragraph(say("decision.unchanged")))
    return [*found, *budget.by_year(BudgetWords(assessment.budget, assessment.dossier, locale))]


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the decision asked as plain data, with the budget impact."""
    return {"decision": assessment.dossier.note.decision, **budget.data(assessment, locale)}
