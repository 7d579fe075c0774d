"""The four package criteria: what is on file of each, and by whom it was judged, or that nothing is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.report.document import Block, Heading, Paragraph
from hecon.report.words.common import sentence
from hecon.report.words.criteria import as_under, criterion_words

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.dossier.note import Criterion
    from hecon.locale import Locale

__all__ = ["blocks", "data"]


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return a heading for each criterion, with the judgement below it."""
    found: list[Block] = [Heading(2, locale.text("note.part_criteria"))]
    told: dict[str, str] = {}
    if not assessment.criteria.states:
        found.append(Paragraph(locale.text("note.no_criteria")))
    for key in assessment.criteria.states:
        criterion: Criterion | None = getattr(assessment.dossier.note.criteria, key)
        heading = locale.text(f"note.{key}")
        found.append(Heading(3, heading))
        if criterion is None:
            found.append(Paragraph(locale.text("note.not_on_file")))
        else:
            words = criterion_words(criterion, assessment.dossier, locale)
            first = told.setdefault(words, heading)
            if first != heading and criterion.judged_by is not None:
                words = as_under(criterion, first, assessment.dossier, locale)
            found += [Paragraph(sentence(criterion, locale)), Paragraph(words)]
    return found


def data(assessment: Assessment, _: Locale) -> dict[str, Any]:
    """Return the criteria as plain data, with whether the parties agree on effectiveness and cost-effectiveness."""
    judged = assessment.criteria
    found: dict[str, Any] = {"value_driven": judged.value_driven}
    for name, state in judged.states.items():
        criterion: Criterion | None = getattr(assessment.dossier.note.criteria, name)
        found[name] = {"state": state, **({} if criterion is None else dict(criterion))}
    return {"criteria": found}
