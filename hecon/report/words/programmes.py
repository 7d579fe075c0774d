"""The state of the programme in words: states with their dates, contradictions, obstacles, budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.programme import MET
from hecon.report.words.common import capital, key_of, sentence
from hecon.report.words.criteria import party_name

if TYPE_CHECKING:
    from hecon.dossier.programme import Block as BlockSpec
    from hecon.dossier.programme import Budget, Contradiction, Monitored, Precondition, State, Step, Topic
    from hecon.locale import Locale
    from hecon.programme import Obstacle, ProgrammeState, Standing, TopicState
    from hecon.rules.package_criteria import Criteria

    _Record = BlockSpec | Monitored | Precondition | Step | Topic

__all__ = ["ProgrammeWords"]


class ProgrammeWords:
    """The programme in one language."""

    def __init__(self, found: ProgrammeState, locale: Locale) -> None:
        self.found, self.locale, self.pick = found, locale, locale.pick

    def say(self, key: str, **values: object) -> str:
        """Return a text of the programme."""
        return self.locale.text(f"programme.{key}", **values)

    def listed(self, identifiers: tuple[str, ...]) -> str:
        """Return names of parties in a row, by what this programme calls them."""
        own = {each.id: self.pick(each.name) for each in self.found.programme.party}
        return ", ".join(own.get(each) or party_name(each, self.locale) for each in identifiers)

    def state(self, standing: Standing, *, topic: bool = False) -> str:
        """Return the word for a state."""
        if standing.state is None:
            return self.say("no_state")
        if topic and standing.state == MET:
            return self.say("agreed")
        return self.locale.text(f"programme_state.{key_of(standing.state)}")

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
        text = f"{capital(head)}. {sentence(current, self.locale)}"
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
        return self.locale.date(state.date, state.date_printed)

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
            self.say(
                "contradiction", first=sentence(each.first, self.locale), second=sentence(each.second, self.locale)
            )
            for each in self.contradicting(spec)
        )

    def obstacle(self, each: Obstacle) -> str:
        """Return what stands in the way, in words."""
        if each.kind == "precondition":
            spec, standing = next(pair for pair in self.found.preconditions if pair[0].number == each.precondition)
            name = self.pick(spec.name)
            precondition = self.say("precondition", number=spec.number, name=name[:1].lower() + name[1:])
            return f"{precondition} ({self.state(standing)})"
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
        return " ".join(sentence(each, self.locale) for each in budget)

    def criteria(self, found: Criteria | None) -> str:
        """Return how the criteria were judged, or that there is no dossier to read it in."""
        if found is None:
            return self.say("criteria", criteria=self.say("no_criteria"))
        told = ", ".join(
            f"{self.locale.text(f'note.{name}').lower()} {self.locale.text(f'criterion_state.{key_of(state)}')}"
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
