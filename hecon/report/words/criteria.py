"""The package criteria in words: who judged them, and which parties took the judgement over."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hecon import dossier
from hecon.locale import key_of
from hecon.report.words.common import capital

if TYPE_CHECKING:
    from hecon.dossier.note import Criterion
    from hecon.files.parts import Text
    from hecon.locale import Locale

__all__ = ["criterion_words", "listed", "party_name"]


@cache
def _parties() -> dict[str, Text]:
    return {each.id: each.name for each in dossier.load_programme().party}


def party_name(identifier: str, locale: Locale) -> str:
    """Return what the programme calls a party, or the id of one that it does not know."""
    known = _parties()
    return locale.pick(known[identifier]) if identifier in known else identifier


def listed(identifiers: tuple[str, ...], locale: Locale) -> str:
    """Return names of parties, joined by commas."""
    return ", ".join(party_name(each, locale) for each in identifiers)


def criterion_words(criterion: Criterion, locale: Locale) -> str:
    """Return who judged a criterion and who took the judgement over."""
    parts = []
    judgement = locale.text(f"criterion_state.{key_of(criterion.judgement)}")
    if criterion.judgement not in {"positive", "negative"}:
        parts.append(locale.text(f"criterion.{key_of(criterion.judgement)}"))
    elif criterion.judged_by is None:
        parts.append(locale.text("criterion.judged_unnamed", judgement=judgement))
    else:
        words = {"judgement": judgement, "by": party_name(criterion.judged_by, locale)}
        if criterion.judged_on is None:
            parts.append(locale.text("criterion.judged", **words))
        else:
            parts.append(locale.text("criterion.judged_on", date=locale.date(criterion.judged_on), **words))
    for key, parties in (("adopted", criterion.adopted_by), ("not_adopted", criterion.not_adopted_by)):
        if parties:
            parts.append(locale.text(f"criterion.{key}", parties=listed(parties, locale)))
    return capital(" ".join(parts))
