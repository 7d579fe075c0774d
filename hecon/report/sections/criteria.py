"""The four package criteria: what is on file of each, and by whom it was judged, or that nothing is."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from hecon import dossier as dossiers
from hecon.dossier.documents import iso_date
from hecon.locale import key_of
from hecon.report.document import Block, Heading, Paragraph
from hecon.report.words.common import capital, sentence

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.dossier.loading import Dossier
    from hecon.dossier.note import Criterion
    from hecon.files.parts import Text
    from hecon.locale import Locale


_JUDGED = {"positive", "negative"}
# At the end of a name, in brackets.
_ABBREVIATION = re.compile(r"\(([A-Z]\w*)\)$")


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
        found[name] = {"state": state, **({} if criterion is None else _plain(criterion))}
    return {"criteria": found}


def _plain(criterion: Criterion) -> dict[str, Any]:
    """Return a criterion as plain data, its date with no more than the source prints of it."""
    if criterion.judged_on is None:
        return dict(criterion)
    return {**dict(criterion), "judged_on": iso_date(criterion.judged_on, criterion.judged_on_printed)}


@cache
def _parties() -> dict[str, Text]:
    return {each.id: each.name for each in dossiers.load_programme().party}


def party_name(identifier: str, locale: Locale, *, short: bool = False) -> str:
    """Return what the programme calls a party, or the id of one that it does not know.

    In short by its abbreviation, or without what its name has in brackets.
    """
    known = _parties()
    name = locale.pick(known[identifier]) if identifier in known else identifier
    if not short:
        return name
    abbreviated = _ABBREVIATION.search(name)
    return name.partition(" (")[0] if abbreviated is None else abbreviated.group(1)


def listed(identifiers: tuple[str, ...], locale: Locale, *, short: bool = False) -> str:
    """Return names of parties, joined by commas."""
    return ", ".join(party_name(each, locale, short=short) for each in identifiers)


def criterion_words(criterion: Criterion, dossier: Dossier, locale: Locale, *, short: bool = False) -> str:
    """Return how a criterion was judged and of which option, by whom, and who took the judgement over.

    A short one calls the parties that did so by their abbreviations.
    """
    parts = []
    words = _judgement(criterion, dossier, locale)
    if criterion.judgement not in _JUDGED:
        parts.append(locale.text(f"criterion.{key_of(criterion.judgement)}"))
    elif criterion.judged_by is None:
        parts.append(locale.text("criterion.judged_unnamed", **words))
    else:
        words["by"] = party_name(criterion.judged_by, locale, short=short)
        if criterion.judged_on is None:
            parts.append(locale.text("criterion.judged", **words))
        else:
            date = locale.date(criterion.judged_on, criterion.judged_on_printed, remark=False)
            key = "judged_on" if criterion.judged_on_printed == "day" else "judged_in"
            parts.append(locale.text(f"criterion.{key}", date=date, **words))
    for key, parties in (("adopted", criterion.adopted_by), ("not_adopted", criterion.not_adopted_by)):
        if parties:
            parts.append(locale.text(f"criterion.{key}", parties=listed(parties, locale, short=short)))
    return capital(" ".join(parts))


def as_under(criterion: Criterion, heading: str, dossier: Dossier, locale: Locale) -> str:
    """Return how a criterion was judged, where the rest is as told under the heading of another."""
    return capital(locale.text("criterion.as_under", criterion=heading, **_judgement(criterion, dossier, locale)))


def _judgement(criterion: Criterion, dossier: Dossier, locale: Locale) -> dict[str, str]:
    """Return the judgement, and of which option it is: the one asked about unless the criterion names another."""
    option = criterion.option or (None if dossier.answer is None else dossier.answer.option)
    of = "" if option is None else " " + locale.text("criterion.of", option=locale.pick(dossier.named(option).name))
    return {"judgement": locale.text(f"criterion_state.{key_of(criterion.judgement)}"), "of": of}
