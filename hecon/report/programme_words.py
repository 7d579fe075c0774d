"""The programme in words: states, obstacles, budgets and criteria."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon import texts, zin
from hecon.programme.standing import MET
from hecon.report.criteria import STATES, party_name
from hecon.report.document import Block, Bullets, Facts, Heading
from hecon.report.wording import Wording, capital

if TYPE_CHECKING:
    from hecon.dossier.programme_schema import Budget
    from hecon.programme import BlockState, Obstacle, ProgrammeState, Standing, TopicState

__all__ = ["ProgrammeWords"]

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
        return texts.text(self.lang, f"programme.{key}", **values)

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
        """Return what stands in the way, in words."""
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
        """Return all that stands in the way, in one line."""
        return "; ".join(self.obstacle(each) for each in obstacles) or self.say("no_obstacle")

    def budget(self, budget: tuple[Budget, ...]) -> str:
        """Return the budget as printed, with its sources."""
        return " ".join(f"{self.pick(each.text).rstrip('.')} ({Wording.sources(each.sources)})." for each in budget)

    def criteria(self, found: zin.Criteria | None) -> str:
        """Return how the criteria were judged; nothing where none was."""
        if found is None or set(found.states.values()) == {"not judged"}:
            return ""
        told = ", ".join(
            f"{texts.text(self.lang, _CRITERIA[name]).lower()} {texts.text(self.lang, STATES[state])}"
            for name, state in found.states.items()
        )
        text = self.say("criteria", criteria=told)
        return f"{text} {self.say('value_driven')}" if found.value_driven else text

    def topic(self, topic: TopicState) -> str:
        """Return where a topic stands, in one line."""
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
        """Return where a building block stands, as blocks of the document."""
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
