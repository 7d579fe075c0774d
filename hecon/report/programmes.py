"""The state of the programme on a date, as a document and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.dossier.documents import iso_date
from hecon.locale import Locale
from hecon.programme import MET
from hecon.report.audits import audit_data, audit_section, documents, figures_table
from hecon.report.criteria import STATES, party_name
from hecon.report.document import Block, Bullets, Document, Facts, Heading, Paragraph, Table
from hecon.report.wording import Wording, capital

if TYPE_CHECKING:
    from hecon import zin
    from hecon.dossier.note import Statement
    from hecon.dossier.programme import Block as BlockSpec
    from hecon.dossier.programme import Budget, Contradiction, Monitored, Precondition, State, Step, Topic
    from hecon.programme import BlockState, Obstacle, ProgrammeState, Standing, TopicState

    _Record = BlockSpec | Monitored | Precondition | Step | Topic

__all__ = ["ProgrammeWords", "programme_data", "programme_document"]

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


class ProgrammeWords:
    """The programme in one language."""

    def __init__(self, found: ProgrammeState, lang: str) -> None:
        self.found, self.lang = found, lang

    def say(self, key: str, **values: object) -> str:
        """Return a text of the programme."""
        return Locale(self.lang).text(f"programme.{key}", **values)

    def pick(self, text: Any) -> str:  # noqa: ANN401 (a text in both languages)
        """Return the text in the language of the document."""
        return str(getattr(text, self.lang))

    def listed(self, identifiers: tuple[str, ...]) -> str:
        """Return names of parties in a row, by what this programme calls them."""
        own = {each.id: self.pick(each.name) for each in self.found.programme.party}
        return ", ".join(own.get(each) or party_name(each, self.lang) for each in identifiers)

    def state(self, standing: Standing, *, topic: bool = False) -> str:
        """Return the word for a state."""
        if standing.state is None:
            return self.say("no_state")
        return (
            self.say("agreed") if topic and standing.state == MET else Locale(self.lang).text(_STATES[standing.state])
        )

    def short(self, each: Obstacle) -> str:
        """Return an obstacle in a few words."""
        if each.kind == "precondition":
            return self.say("precondition_short", number=each.precondition)
        return self.obstacle(each)

    def standing(self, standing: Standing, *, topic: bool = False, waits: bool = False) -> str:
        """Return the state, since which event or according to which document, what the source says and where."""
        current = standing.current
        if current is None:
            return capital(self.say("no_state")) + "."
        head = self.head(standing, self.state(standing, topic=topic))
        text = f"{capital(head)}. {self.pick(current.text).rstrip('.')} ({Wording.sources(current.sources)})."
        # What blocks and topics wait for stands with their other obstacles.
        if waits and current.blocked_by is not None:
            text += " " + self.say("waits", text=self.pick(current.blocked_by).rstrip("."))
        return text

    def head(self, standing: Standing, state: str) -> str:
        """Return a state with its dates: of an event since when, of a document that it was known then."""
        first, last = standing.run[0], standing.run[-1]
        date, document = self.date(first), self.document(first)
        if document is None:
            head = self.say("since", state=state, date=date)
        else:
            head = self.say("according", state=state, document=document, date=date)
        if (self.date(last), self.document(last)) == (date, document):
            return head
        date, document = self.date(last), self.document(last)
        if document is None:
            return self.say("last_dated", head=head, date=date)
        return self.say("last_according", head=head, document=document, date=date)

    def date(self, state: State) -> str:
        """Return the date of a state, with no more of it than was printed."""
        return Locale(self.lang).date(state.date, state.date_printed)

    def document(self, state: State) -> str | None:
        """Return what a sentence calls the document that the date of a state is of, None for an event."""
        if state.told_in is not None:
            return self.pick(state.told_in)
        found = self.found.document_of(state)
        if found is None:
            return None
        return found.id if found.name is None else self.pick(found.name)

    def contradicting(self, spec: _Record) -> tuple[Contradiction, ...]:
        """Return the contradictions of a record whose documents are all known by then."""
        known = {each.id for each in self.found.known.document}
        return tuple(
            each
            for each in spec.contradiction
            if {source.document for part in (each.first, each.second) for source in part.sources} <= known
        )

    def contradictions(self, spec: _Record) -> tuple[str, ...]:
        """Return what the sources contradict each other in, both statements with their places."""
        return tuple(
            self.say("contradiction", first=self.said(each.first), second=self.said(each.second))
            for each in self.contradicting(spec)
        )

    def said(self, statement: Statement) -> str:
        """Return a statement with its sources, as a sentence."""
        return f"{self.pick(statement.text).rstrip('.')} ({Wording.sources(statement.sources)})."

    def obstacle(self, each: Obstacle) -> str:
        """Return what stands in the way, in words."""
        if each.kind == "precondition":
            spec, standing = next(pair for pair in self.found.preconditions if pair[0].number == each.precondition)
            state = self.say("no_state") if standing.state is None else Locale(self.lang).text(_STATES[standing.state])
            name = self.pick(spec.name)
            return f"{self.say('precondition', number=spec.number, name=name[:1].lower() + name[1:])} ({state})"
        if each.kind == "stated" and each.text is not None:
            text = self.pick(each.text).rstrip(".")
            return text[:1].lower() + text[1:]
        if each.kind == "disputed":
            return self.say("disputed", parties=self.listed(each.parties))
        return self.say(each.kind)

    def obstacles(self, obstacles: tuple[Obstacle, ...]) -> str:
        """Return all that stands in the way, in one line."""
        return "; ".join(self.obstacle(each) for each in obstacles) or self.say("no_obstacle")

    def budget(self, budget: tuple[Budget, ...]) -> str:
        """Return the budget as printed, with its sources."""
        return " ".join(f"{self.pick(each.text).rstrip('.')} ({Wording.sources(each.sources)})." for each in budget)

    def criteria(self, found: zin.Criteria | None) -> str:
        """Return how the criteria were judged, or that there is no dossier to read it in."""
        if found is None:
            return self.say("criteria", criteria=self.say("no_criteria"))
        told = ", ".join(
            f"{Locale(self.lang).text(_CRITERIA[name]).lower()} {Locale(self.lang).text(STATES[state])}"
            for name, state in found.states.items()
        )
        text = self.say("criteria", criteria=told)
        return f"{text} {self.say('value_driven')}" if found.value_driven else text

    def topic(self, topic: TopicState, *, elsewhere: bool) -> str:
        """Return where a topic stands, in one line; a budget may stand `elsewhere`, with the block."""
        parts = [
            f"{self.pick(topic.spec.name)}: {self.standing(topic.standing, topic=True)}",
            # Before anything was on file of a topic, nothing is said of its criteria either.
            "" if topic.standing.current is None else self.criteria(topic.criteria),
        ]
        if topic.obstacles:
            parts.append(self.say("in_the_way", obstacles=self.obstacles(topic.obstacles)))
        parts += self.contradictions(topic.spec)
        if topic.budget:
            parts.append(self.say("with_budget", budget=self.budget(topic.budget)))
        elif not elsewhere and topic.standing.current is not None:
            parts.append(self.say("with_budget", budget=self.say("no_budget") + "."))
        return " ".join(each for each in parts if each)

    def block(self, block: BlockState) -> list[Block]:
        """Return where a building block stands, as blocks of the document."""
        spec = block.spec
        unsettled = any(each.about == "insured" for each in self.contradicting(spec))
        insured = self.say("insured_contradicted" if unsettled else "insured" if spec.insured else "not_insured")
        promising = spec.promising and block.standing.current is not None
        about = f"{insured}; {self.say('promising')}" if promising else insured
        pairs = [
            (capital(self.say("standing")), f"{capital(about)}. {self.standing(block.standing)}"),
        ]
        pairs += [(self.say("contradiction_label"), each) for each in self.contradictions(spec)]
        if block.obstacles or not block.topics:
            pairs.append((capital(self.say("obstacles")), capital(self.obstacles(block.obstacles)) + "."))
        if block.budget:
            pairs.append((capital(self.say("budget")), self.budget(block.budget)))
        elif not block.topics and block.standing.current is not None:
            pairs.append((capital(self.say("budget")), capital(self.say("no_budget")) + "."))
        blocks: list[Block] = [Heading(3, f"{spec.number}. {self.pick(spec.name)}"), Facts(tuple(pairs))]
        if block.topics:
            blocks.append(Bullets(tuple(self.topic(each, elsewhere=bool(block.budget)) for each in block.topics)))
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
    words, filed = ProgrammeWords(found, lang), found.known
    say, pick = words.say, words.pick
    blocks: list[Block] = [
        Heading(1, pick(filed.title)),
        Facts(_asked(found, words)),
        Heading(2, say("preconditions")),
        Bullets(
            tuple(
                " ".join(
                    (f"{each.number}. {pick(each.name)}: {words.standing(at, waits=True)}", *words.contradictions(each))
                )
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
    blocks += figures_table(filed, found.findings, lang)
    blocks += audit_section(found.findings, lang)
    blocks += documents(filed, lang)
    return Document(lang, tuple(blocks), kind="programme")


def _asked(found: ProgrammeState, words: ProgrammeWords) -> tuple[tuple[str, str], ...]:
    """Return the date asked for or the last on file, and what may be of a later day, as its day is not printed."""
    say, last = words.say, found.last_on_file
    on = Locale(words.lang).date(found.on) if last is None else say("latest", date=words.date(last))
    pairs = [(say("as_of"), on)]
    dates = dict.fromkeys(words.date(each) for each in found.uncertain)
    if dates:
        pairs.append((say("uncertain"), say("uncertain_days", dates="; ".join(dates))))
    return tuple(pairs)


def _glance(found: ProgrammeState, words: ProgrammeWords) -> Table:
    """Return one row for each topic, or block without topics: its state, and in a few words what is in the way."""
    rows = []
    for block in found.blocks:
        parts: tuple[BlockState | TopicState, ...] = block.topics or (block,)
        for part in parts:
            told = "; ".join(dict.fromkeys(words.short(each) for each in part.obstacles)) or "–"
            state = words.state(part.standing, topic=bool(block.topics))
            if any(each.about == "insured" for each in words.contradicting(block.spec)):
                state = words.say("contradicted", state=state)
            rows.append((f"{block.spec.number}. {words.pick(part.spec.name)}", state, told))
    header = tuple(words.say(key) for key in ("part", "standing", "obstacles"))
    return Table(words.say("glance_caption"), header, tuple(rows), prose=(0, 1, 2))


def _monitored(found: ProgrammeState, words: ProgrammeWords) -> list[Block]:
    items = []
    for each, at in found.monitored:
        if at.current is None:
            continue
        about = [words.say("monitored_by", parties=words.listed(each.by))] if each.by else []
        if each.blocks:
            about.append(words.say("of_blocks", blocks=", ".join(map(str, each.blocks))))
        told = f" ({'; '.join(about)})" if about else ""
        text = f"{words.pick(each.name)}{told}: {words.standing(at, waits=True)}"
        items.append(" ".join((text, *words.contradictions(each))))
    return [Bullets(tuple(items))] if items else [Paragraph(words.say("nothing"))]


def _plan(found: ProgrammeState, words: ProgrammeWords) -> list[Block]:
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
        state = () if at.current is None else (words.standing(at, waits=True),)
        steps.append(" ".join((text, *state, *words.contradictions(step))))
    blocks: list[Block] = []
    if conditions:
        blocks += [Heading(2, words.say("conditions")), Bullets(conditions)]
    if steps:
        blocks += [Heading(2, words.say("steps")), Bullets(tuple(steps))]
    return blocks


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
        "on": _iso_date(found.last_on_file) if found.last_on_file is not None else found.on.isoformat(),
        "day_not_printed": sorted({_iso_date(each) for each in found.uncertain}),
        "preconditions": [_precondition_data(each, at, words) for each, at in found.preconditions],
        "blocks": [_block_data(each, words) for each in found.blocks],
        "monitored": [_monitored_data(each, at, words) for each, at in found.monitored],
        "conditions": [
            {"id": each.id, "name": words.pick(each.name), "text": words.pick(each.text)}
            for each in found.known.condition
        ],
        "steps": [_step_data(each, at, words) for each, at in found.steps],
        "figures": [each.model_dump() for each in found.known.figure],
        "audit": audit_data(found.findings, lang),
        "documents": [each.model_dump(mode="json") for each in found.known.document],
    }


def _precondition_data(spec: Precondition, at: Standing, words: ProgrammeWords) -> dict[str, Any]:
    return {"number": spec.number, "id": spec.id, "name": words.pick(spec.name), **_told_data(spec, at, words)}


def _monitored_data(spec: Monitored, at: Standing, words: ProgrammeWords) -> dict[str, Any]:
    return {
        "id": spec.id,
        "name": words.pick(spec.name),
        "by": list(spec.by),
        "blocks": list(spec.blocks),
        **_told_data(spec, at, words),
    }


def _step_data(spec: Step, at: Standing, words: ProgrammeWords) -> dict[str, Any]:
    return {
        "number": spec.number,
        "name": words.pick(spec.name),
        "by": list(spec.by),
        "product": words.pick(spec.product),
        "planned": words.pick(spec.planned),
        **_told_data(spec, at, words),
    }


def _told_data(spec: Any, at: Standing, words: ProgrammeWords) -> dict[str, Any]:  # noqa: ANN401 (any record with states)
    """Return how a record stood, and what sources contradict each other on."""
    return {**_standing_data(at, words), "contradictions": _contradictions_data(spec, words)}


def _standing_data(at: Standing, words: ProgrammeWords) -> dict[str, Any]:
    current = at.current
    if current is None:
        keys = ("state", "since", "since_is", "last_told", "last_told_is", "waits_for", "text")
        return dict.fromkeys(keys) | {"sources": []}
    return {
        "state": current.state,
        "since": _iso_date(at.run[0]),
        "since_is": _date_of(at.run[0], words),
        "last_told": _iso_date(current),
        "last_told_is": _date_of(current, words),
        "waits_for": None if current.blocked_by is None else words.pick(current.blocked_by),
        "text": words.pick(current.text),
        "sources": [each.model_dump() for each in current.sources],
    }


def _iso_date(state: State) -> str:
    return iso_date(state.date, state.date_printed)


def _date_of(state: State, words: ProgrammeWords) -> str:
    """Return what the date of a state is of: of a document it says when the state was known, not since when."""
    return "event" if words.document(state) is None else "document"


def _contradictions_data(spec: Any, words: ProgrammeWords) -> list[dict[str, Any]]:  # noqa: ANN401 (any record with states)
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


def _obstacles_data(each: tuple[Obstacle, ...], words: ProgrammeWords) -> list[dict[str, Any]]:
    return [
        {
            "kind": one.kind,
            "precondition": one.precondition,
            "parties": list(one.parties),
            "words": words.obstacle(one),
        }
        for one in each
    ]


def _budget_data(each: tuple[Budget, ...], words: ProgrammeWords) -> list[dict[str, Any]]:
    return [
        {
            "date": one.date.isoformat(),
            "text": words.pick(one.text),
            "figures": list(one.figures),
            "sources": [source.model_dump() for source in one.sources],
        }
        for one in each
    ]


def _topic_data(each: TopicState, words: ProgrammeWords) -> dict[str, Any]:
    return {
        "id": each.spec.id,
        "name": words.pick(each.spec.name),
        "dossier": each.spec.dossier,
        **_standing_data(each.standing, words),
        "criteria": None if each.criteria is None else each.criteria.states,
        "value_driven": None if each.criteria is None else each.criteria.value_driven,
        "contradictions": _contradictions_data(each.spec, words),
        "blocked_by": _obstacles_data(each.obstacles, words),
        "budget": _budget_data(each.budget, words),
    }


def _block_data(each: BlockState, words: ProgrammeWords) -> dict[str, Any]:
    return {
        "number": each.spec.number,
        "id": each.spec.id,
        "name": words.pick(each.spec.name),
        "insured": each.spec.insured,
        "promising": each.spec.promising,
        **_told_data(each.spec, each.standing, words),
        "blocked_by": _obstacles_data(each.obstacles, words),
        "budget": _budget_data(each.budget, words),
        "topics": [_topic_data(one, words) for one in each.topics],
    }
