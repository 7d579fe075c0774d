"""The state of the programme as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.dossier.documents import iso_date
from hecon.report.audits import audit_data
from hecon.report.programmes import ProgrammeWords

if TYPE_CHECKING:
    from hecon.dossier.programme import Budget, Monitored, Precondition, State, Step
    from hecon.programme import BlockState, Obstacle, ProgrammeState, Standing, TopicState

__all__ = ["programme_data"]


def programme_data(found: ProgrammeState, lang: str) -> dict[str, Any]:
    """Return the state of the programme as plain data.

    Parameters
    ----------
    found : ProgrammeState
        What `hecon.programme.state` returned.
    lang : {"nl", "en"}
        Language of the texts in it.

    Returns
    -------
    dict
        With stable keys; a state is None where nothing was on file.
    """
    words = ProgrammeWords(found, lang)
    return {
        "name": found.programme.name,
        "title": words.pick(found.programme.title),
        "language": lang,
        "on": _date(found.last_on_file) if found.last_on_file is not None else found.on.isoformat(),
        "day_not_printed": sorted({_date(each) for each in found.uncertain}),
        "preconditions": [_precondition(each, at, words) for each, at in found.preconditions],
        "blocks": [_block(each, words) for each in found.blocks],
        "monitored": [_monitored(each, at, words) for each, at in found.monitored],
        "conditions": [
            {"id": each.id, "name": words.pick(each.name), "text": words.pick(each.text)}
            for each in found.known.condition
        ],
        "steps": [_step(each, at, words) for each, at in found.steps],
        "figures": [each.model_dump() for each in found.known.figure],
        "audit": audit_data(found.findings, lang),
        "documents": [each.model_dump(mode="json") for each in found.known.document],
    }


def _precondition(spec: Precondition, at: Standing, words: ProgrammeWords) -> dict[str, Any]:
    return {"number": spec.number, "id": spec.id, "name": words.pick(spec.name), **_told(spec, at, words)}


def _monitored(spec: Monitored, at: Standing, words: ProgrammeWords) -> dict[str, Any]:
    return {
        "id": spec.id,
        "name": words.pick(spec.name),
        "by": list(spec.by),
        "blocks": list(spec.blocks),
        **_told(spec, at, words),
    }


def _step(spec: Step, at: Standing, words: ProgrammeWords) -> dict[str, Any]:
    return {
        "number": spec.number,
        "name": words.pick(spec.name),
        "by": list(spec.by),
        "product": words.pick(spec.product),
        "planned": words.pick(spec.planned),
        **_told(spec, at, words),
    }


def _told(spec: Any, at: Standing, words: ProgrammeWords) -> dict[str, Any]:  # noqa: ANN401 (any record with states)
    """Return how a record stood, and what sources contradict each other on."""
    return {**_standing(at, words), "contradictions": _contradictions(spec, words)}


def _standing(at: Standing, words: ProgrammeWords) -> dict[str, Any]:
    current = at.current
    if current is None:
        keys = ("state", "since", "since_is", "last_told", "last_told_is", "waits_for", "text")
        return dict.fromkeys(keys) | {"sources": []}
    return {
        "state": current.state,
        "since": _date(at.run[0]),
        "since_is": _kind(at.run[0], words),
        "last_told": _date(current),
        "last_told_is": _kind(current, words),
        "waits_for": None if current.blocked_by is None else words.pick(current.blocked_by),
        "text": words.pick(current.text),
        "sources": [each.model_dump() for each in current.sources],
    }


def _date(state: State) -> str:
    return iso_date(state.date, state.date_printed)


def _kind(state: State, words: ProgrammeWords) -> str:
    """Return what the date of a state is of: of a document it says when the state was known, not since when."""
    return "event" if words.document(state) is None else "document"


def _contradictions(spec: Any, words: ProgrammeWords) -> list[dict[str, Any]]:  # noqa: ANN401 (any record with states)
    return [
        {
            "about": each.about,
            "statements": [
                {"text": words.pick(part.text), "sources": [source.model_dump() for source in part.sources]}
                for part in (each.first, each.second)
            ],
        }
        for each in words.contradicting(spec)
    ]


def _obstacles(each: tuple[Obstacle, ...], words: ProgrammeWords) -> list[dict[str, Any]]:
    return [
        {
            "kind": one.kind,
            "precondition": one.precondition,
            "parties": list(one.parties),
            "words": words.obstacle(one),
        }
        for one in each
    ]


def _budget(each: tuple[Budget, ...], words: ProgrammeWords) -> list[dict[str, Any]]:
    return [
        {
            "date": one.date.isoformat(),
            "text": words.pick(one.text),
            "figures": list(one.figures),
            "sources": [source.model_dump() for source in one.sources],
        }
        for one in each
    ]


def _topic(each: TopicState, words: ProgrammeWords) -> dict[str, Any]:
    return {
        "id": each.spec.id,
        "name": words.pick(each.spec.name),
        "dossier": each.spec.dossier,
        **_standing(each.standing, words),
        "criteria": None if each.criteria is None else each.criteria.states,
        "value_driven": None if each.criteria is None else each.criteria.value_driven,
        "contradictions": _contradictions(each.spec, words),
        "blocked_by": _obstacles(each.obstacles, words),
        "budget": _budget(each.budget, words),
    }


def _block(each: BlockState, words: ProgrammeWords) -> dict[str, Any]:
    return {
        "number": each.spec.number,
        "id": each.spec.id,
        "name": words.pick(each.spec.name),
        "insured": each.spec.insured,
        "promising": each.spec.promising,
        **_told(each.spec, each.standing, words),
        "blocked_by": _obstacles(each.obstacles, words),
        "budget": _budget(each.budget, words),
        "topics": [_topic(one, words) for one in each.topics],
    }
