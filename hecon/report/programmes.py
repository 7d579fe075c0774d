"""The state of the programme on a date, as a document and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon import texts, zin
from hecon.programme.standing import MET
from hecon.report.audits import audit_data, audit_section
from hecon.report.criteria import STATES, party_name
from hecon.report.document import Block, Bullets, Document, Facts, Heading, Paragraph, Table
from hecon.report.evidence import figures_table
from hecon.report.wording import Wording, capital

if TYPE_CHECKING:
    from hecon.dossier.programme_schema import Budget
    from hecon.programme import BlockState, Obstacle, ProgrammeState, Standing, TopicState

__all__ = ["programme_data", "programme_document"]

_STATES = {
    "open": "programme_state.open",
    "in progress": "programme_state.in_progress",
    "awaiting data": "programme_state.awaiting_data",
    "in consultation": "programme_state.in_consultation",
    "no consensus": "programme_state.no_consensus",
    "left out": "programme_state.left_out",
    "met": "programme_state.met",
    "existing entitlement": "programme_state.existing_entitlement",
    "advised against": "programme_state.advised_against",
    "advised": "programme_state.advised",
    "declined": "programme_state.declined",
    "accepted": "programme_state.accepted",
}
_CRITERIA = {
    "effectiveness": "note.effectiveness",
    "cost_effectiveness": "note.cost_effectiveness",
    "necessity": "note.necessity",
    "feasibility": "note.feasibility",
}


class _Words:
    """The programme in one language."""

    def __init__(self, found: ProgrammeState, lang: str) -> None:
        self.found, self.lang = found, lang

    def say(self, key: str, **values: object) -> str:
        return texts.text(self.lang, f"programme.{key}", **values)

    def pick(self, text: Any) -> str:  # noqa: ANN401 (a text in both languages)
        return str(getattr(text, self.lang))

    def listed(self, identifiers: tuple[str, ...]) -> str:
        """Return names of parties in a row, by what this programme calls them."""
        own = {each.id: self.pick(each.name) for each in self.found.programme.party}
        return ", ".join(own.get(each) or party_name(each, self.lang) for each in identifiers)

    def state(self, standing: Standing, *, topic: bool = False) -> str:
        """Return the word for a state."""
        if standing.state is None:
            return self.say("no_state")
        return self.say("agreed") if topic and standing.state == MET else texts.text(self.lang, _STATES[standing.state])

    def short(self, each: Obstacle) -> str:
        """Return an obstacle in a few words."""
        if each.kind == "precondition":
            return self.say("precondition_short", number=each.precondition)
        return self.obstacle(each)

    def standing(self, standing: Standing, *, topic: bool = False, waits: bool = False) -> str:
        """Return the state, since when, what the source says and where."""
        current = standing.current
        if current is None:
            return capital(self.say("no_state")) + "."
        head = self.say(
            "since", state=self.state(standing, topic=topic), date=texts.day(self.lang, standing.since or current.date)
        )
        text = f"{capital(head)}. {self.pick(current.text).rstrip('.')} ({Wording.sources(current.sources)})."
        # What blocks and topics wait for stands with their other obstacles.
        if waits and current.blocked_by is not None:
            text += " " + self.say("waits", text=self.pick(current.blocked_by).rstrip("."))
        return text

    def obstacle(self, each: Obstacle) -> str:
        if each.kind == "precondition":
            spec, standing = next(pair for pair in self.found.preconditions if pair[0].number == each.precondition)
            state = self.say("no_state") if standing.state is None else texts.text(self.lang, _STATES[standing.state])
            name = self.pick(spec.name)
            return f"{self.say('precondition', number=spec.number, name=name[:1].lower() + name[1:])} ({state})"
        if each.kind == "stated" and each.text is not None:
            text = self.pick(each.text).rstrip(".")
            return text[:1].lower() + text[1:]
        if each.kind == "disputed":
            return self.say("disputed", parties=self.listed(each.parties))
        return self.say(each.kind)

    def obstacles(self, obstacles: tuple[Obstacle, ...]) -> str:
        return "; ".join(self.obstacle(each) for each in obstacles) or self.say("no_obstacle")

    def budget(self, budget: tuple[Budget, ...]) -> str:
        return " ".join(f"{self.pick(each.text).rstrip('.')} ({Wording.sources(each.sources)})." for each in budget)

    def criteria(self, found: zin.Criteria | None) -> str:
        if found is None or set(found.states.values()) == {"not judged"}:
            return ""
        told = ", ".join(
            f"{texts.text(self.lang, _CRITERIA[name]).lower()} {texts.text(self.lang, STATES[state])}"
            for name, state in found.states.items()
        )
        text = self.say("criteria", criteria=told)
        return f"{text} {self.say('value_driven')}" if found.value_driven else text

    def topic(self, topic: TopicState) -> str:
        parts = [
            f"{self.pick(topic.spec.name)}: {self.standing(topic.standing, topic=True)}",
            self.criteria(topic.criteria),
        ]
        if topic.obstacles:
            parts.append(self.say("in_the_way", obstacles=self.obstacles(topic.obstacles)))
        if topic.budget:
            parts.append(self.say("with_budget", budget=self.budget(topic.budget)))
        return " ".join(each for each in parts if each)

    def block(self, block: BlockState) -> list[Block]:
        spec = block.spec
        insured = self.say("insured" if spec.insured else "not_insured")
        promising = spec.promising and block.standing.current is not None
        about = f"{insured}; {self.say('promising')}" if promising else insured
        pairs = [
            (capital(self.say("standing")), f"{capital(about)}. {self.standing(block.standing)}"),
        ]
        if block.obstacles or not block.topics:
            pairs.append((capital(self.say("obstacles")), capital(self.obstacles(block.obstacles)) + "."))
        if block.budget:
            pairs.append((capital(self.say("budget")), self.budget(block.budget)))
        blocks: list[Block] = [Heading(3, f"{spec.number}. {self.pick(spec.name)}"), Facts(tuple(pairs))]
        if block.topics:
            blocks.append(Bullets(tuple(self.topic(each) for each in block.topics)))
        return blocks


def programme_document(found: ProgrammeState, lang: str) -> Document:
    """Return the state of the programme as a document.

    Parameters
    ----------
    found : ProgrammeState
        What `hecon.programme.state` returned.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    Document
        Preconditions, building blocks with what is in their way and their budget, monitoring, the plan of 2021,
        figures, the audit of these, and the sources.
    """
    words, filed = _Words(found, lang), found.known
    say, pick = words.say, words.pick
    blocks: list[Block] = [
        Heading(1, pick(filed.title)),
        Facts(((say("as_of"), texts.day(lang, found.on)),)),
        Heading(2, say("preconditions")),
        Bullets(
            tuple(
                f"{each.number}. {pick(each.name)}: {words.standing(at, waits=True)}"
                for each, at in found.preconditions
            )
        ),
        Heading(2, say("glance")),
        _glance(found, words),
        Heading(2, say("blocks")),
    ]
    for block in found.blocks:
        blocks += words.block(block)
    blocks += [Heading(2, say("monitored")), *_monitored(found, words)]
    blocks += _plan(found, words)
    blocks += figures_table(filed, lang)
    blocks += audit_section(filed, lang)
    blocks += _documents(found, lang)
    return Document(lang, tuple(blocks), kind="programme")


def _glance(found: ProgrammeState, words: _Words) -> Table:
    """Return one row for each topic, or block without topics: its state, and in a few words what is in the way."""
    rows = []
    for block in found.blocks:
        parts: tuple[BlockState | TopicState, ...] = block.topics or (block,)
        for part in parts:
            told = "; ".join(dict.fromkeys(words.short(each) for each in part.obstacles)) or "–"
            state = words.state(part.standing, topic=bool(block.topics))
            rows.append((f"{block.spec.number}. {words.pick(part.spec.name)}", state, told))
    header = tuple(words.say(key) for key in ("part", "standing", "obstacles"))
    return Table(words.say("glance_caption"), header, tuple(rows), prose=(0, 1, 2))


def _monitored(found: ProgrammeState, words: _Words) -> list[Block]:
    items = []
    for each, at in found.monitored:
        if at.current is None:
            continue
        about = [words.say("monitored_by", parties=words.listed(each.by))] if each.by else []
        if each.blocks:
            about.append(words.say("of_blocks", blocks=", ".join(map(str, each.blocks))))
        told = f" ({'; '.join(about)})" if about else ""
        items.append(f"{words.pick(each.name)}{told}: {words.standing(at, waits=True)}")
    return [Bullets(tuple(items))] if items else [Paragraph(words.say("nothing"))]


def _plan(found: ProgrammeState, words: _Words) -> list[Block]:
    conditions = tuple(
        f"{words.pick(each.name)}: {words.pick(each.text).rstrip('.')} ({Wording.sources(each.sources)})."
        for each in found.known.condition
    )
    steps = []
    for step, at in found.steps:
        told = words.say(
            "by",
            parties=words.listed(step.by),
            planned=words.pick(step.planned).rstrip("."),
            product=words.pick(step.product).rstrip("."),
        )
        text = f"{step.number}. {words.pick(step.name)}. {told} ({Wording.sources(step.sources)})."
        steps.append(text if at.current is None else f"{text} {words.standing(at, waits=True)}")
    blocks: list[Block] = []
    if conditions:
        blocks += [Heading(2, words.say("conditions")), Bullets(conditions)]
    if steps:
        blocks += [Heading(2, words.say("steps")), Bullets(tuple(steps))]
    return blocks


def _documents(found: ProgrammeState, lang: str) -> list[Block]:
    items = tuple(
        f"{each.id}: {each.citation}"
        + (f" ({texts.day(lang, each.date)})" if each.date is not None else "")
        + f" – {getattr(each.read, lang)}"
        for each in found.known.document
    )
    return [Heading(2, texts.text(lang, "documents.heading")), Bullets(items)]


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
    words = _Words(found, lang)

    def standing(at: Standing) -> dict[str, Any]:
        current = at.current
        if current is None:
            return {"state": None, "since": None, "last_told": None, "waits_for": None, "text": None, "sources": []}
        return {
            "state": current.state,
            "since": (at.since or current.date).isoformat(),
            "last_told": current.date.isoformat(),
            "waits_for": None if current.blocked_by is None else words.pick(current.blocked_by),
            "text": words.pick(current.text),
            "sources": [each.model_dump() for each in current.sources],
        }

    def obstacles(each: tuple[Obstacle, ...]) -> list[dict[str, Any]]:
        return [
            {
                "kind": one.kind,
                "precondition": one.precondition,
                "parties": list(one.parties),
                "words": words.obstacle(one),
            }
            for one in each
        ]

    def budget(each: tuple[Budget, ...]) -> list[dict[str, Any]]:
        return [
            {
                "date": one.date.isoformat(),
                "text": words.pick(one.text),
                "figures": list(one.figures),
                "sources": [source.model_dump() for source in one.sources],
            }
            for one in each
        ]

    def topic(each: TopicState) -> dict[str, Any]:
        return {
            "id": each.spec.id,
            "name": words.pick(each.spec.name),
            "dossier": each.spec.dossier,
            **standing(each.standing),
            "criteria": None if each.criteria is None else each.criteria.states,
            "value_driven": None if each.criteria is None else each.criteria.value_driven,
            "blocked_by": obstacles(each.obstacles),
            "budget": budget(each.budget),
        }

    return {
        "name": found.programme.name,
        "title": words.pick(found.programme.title),
        "language": lang,
        "on": found.on.isoformat(),
        "preconditions": [
            {"number": each.number, "id": each.id, "name": words.pick(each.name), **standing(at)}
            for each, at in found.preconditions
        ],
        "blocks": [
            {
                "number": each.spec.number,
                "id": each.spec.id,
                "name": words.pick(each.spec.name),
                "insured": each.spec.insured,
                "promising": each.spec.promising,
                **standing(each.standing),
                "blocked_by": obstacles(each.obstacles),
                "budget": budget(each.budget),
                "topics": [topic(one) for one in each.topics],
            }
            for each in found.blocks
        ],
        "monitored": [
            {
                "id": each.id,
                "name": words.pick(each.name),
                "by": list(each.by),
                "blocks": list(each.blocks),
                **standing(at),
            }
            for each, at in found.monitored
        ],
        "conditions": [
            {"id": each.id, "name": words.pick(each.name), "text": words.pick(each.text)}
            for each in found.known.condition
        ],
        "steps": [
            {
                "number": each.number,
                "name": words.pick(each.name),
                "by": list(each.by),
                "product": words.pick(each.product),
                "planned": words.pick(each.planned),
                **standing(at),
            }
            for each, at in found.steps
        ],
        "figures": [each.model_dump() for each in found.known.figure],
        "audit": audit_data(found.known, lang),
        "documents": [each.model_dump(mode="json") for each in found.known.document],
    }
