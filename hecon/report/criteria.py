"""The package criteria in words: who judged them, and which parties took the judgement over."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from hecon import dossier
from hecon.locale import Locale

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.dossier.note import Criterion

__all__ = ["STATES", "criteria_data", "criterion_sentences", "listed", "party_name"]

STATES = {
    "agreed": "criterion_state.agreed",
    "disputed": "criterion_state.disputed",
    "positive": "criterion_state.positive",
    "negative": "criterion_state.negative",
    "described": "criterion_state.described",
    "not judged": "criterion_state.not_judged",
}


@cache
def _parties() -> dict[str, Any]:
    return {each.id: each.name for each in dossier.load_programme().party}


def party_name(identifier: str, lang: str) -> str:
    """Return the name of a party of the programme, or the id of one that it does not know.

    Parameters
    ----------
    identifier : str
        Its id.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    str
        As the programme names it.
    """
    known = _parties()
    return str(getattr(known[identifier], lang)) if identifier in known else identifier


def listed(identifiers: tuple[str, ...], lang: str) -> str:
    """Return names of parties in a row.

    Parameters
    ----------
    identifiers : tuple of str
        Their ids.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    str
        Joined by commas.
    """
    return ", ".join(party_name(each, lang) for each in identifiers)


def criterion_sentences(criterion: Criterion, lang: str) -> str:
    """Return who judged a criterion and who took the judgement over.

    Parameters
    ----------
    criterion : Criterion
        As on file.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    str
        Sentences.
    """
    parts = []
    judgement = Locale(lang).text(STATES[criterion.judgement])
    if criterion.judgement not in {"positive", "negative"}:
        parts.append(Locale(lang).text(f"criterion.{criterion.judgement.replace(' ', '_')}"))
    elif criterion.judged_by is None:
        parts.append(Locale(lang).text("criterion.judged_unnamed", judgement=judgement))
    else:
        words = {"judgement": judgement, "by": party_name(criterion.judged_by, lang)}
        if criterion.judged_on is None:
            parts.append(Locale(lang).text("criterion.judged", **words))
        else:
            parts.append(Locale(lang).text("criterion.judged_on", date=Locale(lang).date(criterion.judged_on), **words))
    for key, parties in (("adopted", criterion.adopted_by), ("not_adopted", criterion.not_adopted_by)):
        if parties:
            parts.append(Locale(lang).text(f"criterion.{key}", parties=listed(parties, lang)))
    return " ".join(parts)


def criteria_data(assessment: Assessment, lang: str) -> dict[str, Any]:
    """Return the four criteria of a dossier as plain data.

    Parameters
    ----------
    assessment : Assessment
        The assessment of the dossier.
    lang : {"nl", "en"}
        Language of the texts in it.

    Returns
    -------
    dict
        By criterion, with `value_driven`: whether the parties agree on effectiveness and cost-effectiveness.
    """
    found = assessment.criteria
    data: dict[str, Any] = {"value_driven": found.value_driven}
    for name, state in found.states.items():
        each: Criterion | None = getattr(assessment.dossier.note.criteria, name)
        data[name] = {"state": state} | ({} if each is None else each.model_dump(mode="json"))
        if each is not None:
            data[name]["text"] = getattr(each.text, lang)
    return data
