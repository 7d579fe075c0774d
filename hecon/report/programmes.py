"""The state of the programme on a date, in words, as a document and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.dossier.documents import iso_date
from hecon.locale import key_of
from hecon.programme import MET
from hecon.report.document import Block, Bullets, Document, Facts, Heading, Paragraph, Table, numbered
from hecon.report.sections.audit import audit_data, audit_section
from hecon.report.sections.criteria import party_name
from hecon.report.sections.documents import documents
from hecon.report.sections.printed_figures import figures_table
from hecon.report.words.common import capital, cited, sentence, with_numbers
from hecon.report.writers.json import plain, taken

if TYPE_CHECKING:
    from hecon.dossier.programme import Block as BlockSpec
    from hecon.dossier.programme import Budget, Contradiction, Monitored, Precondition, State, Step, Topic
    from hecon.locale import Locale
    from hecon.programme import BlockState, Obstacle, ProgrammeState, Standing, TopicState
    from hecon.rules.package_criteria import Criteria

    _Record = BlockSpec | Monitored | Precondition | Step | Topic


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

    def date(self, state: State, *, remark: bool = False) -> str:
        """Return the date of a state, with no more of it than was printed."""
        return self.locale.date(state.date, state.date_printed, remark=remark)

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


def programme_document(found: ProgrammeState, locale: Locale) -> Document:
    """Return the state of the programme as a document."""
    found = with_numbers(found, found.known)
    words, filed = ProgrammeWords(found, locale), found.known
    say, pick = words.say, words.pick
    blocks: list[Block] = [
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
        blocks += _block(block, words)
    blocks += [Heading(2, say("monitored")), *_monitored(found, words)]
    blocks += _plan(found, words)
    blocks += figures_table(filed, found.findings, locale)
    blocks += audit_section(filed, found.findings, locale)
    blocks += documents(filed, locale)
    on = found.on if found.last_on_file is None else found.last_on_file.date
    titled = (Heading(1, pick(filed.title)), *numbered(blocks, locale))
    return Document(locale, titled, kind="programme", date=on)


def _asked(found: ProgrammeState, words: ProgrammeWords) -> tuple[tuple[str, str], ...]:
    """Return the date asked for or the last on file, and what may be of a later day, as its day is not printed."""
    say, last = words.say, found.last_on_file
    on = words.locale.date(found.on) if last is None else say("latest", date=words.date(last, remark=True))
    pairs = [(say("as_of"), on)]
    dates = dict.fromkeys(words.date(each, remark=True) for each in found.uncertain)
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
            key = "of_blocks" if len(each.blocks) > 1 else "of_block"
            about.append(words.say(key, blocks=", ".join(map(str, each.blocks))))
        told = f" ({'; '.join(about)})" if about else ""
        text = f"{words.pick(each.name)}{told}: {words.standing(at, waits=True)}"
        items.append(" ".join((text, *words.contradictions(each))))
    return [Bullets(tuple(items))] if items else [Paragraph(words.say("nothing"))]


def _plan(found: ProgrammeState, words: ProgrammeWords) -> list[Block]:
    conditions = tuple(f"{words.pick(each.name)}: {sentence(each, words.locale)}" for each in found.known.condition)
    steps = []
    for step, at in found.steps:
        told = words.say(
            "by",
            parties=words.listed(step.by),
            planned=words.pick(step.planned).rstrip("."),
            product=words.pick(step.product).rstrip("."),
        )
        text = f"{step.number}. {words.pick(step.name)}. {told} ({cited(step.sources)})."
        state = () if at.current is None else (words.standing(at, waits=True),)
        steps.append(" ".join((text, *state, *words.contradictions(step))))
    blocks: list[Block] = []
    if conditions:
        blocks += [Heading(2, words.say("conditions")), Bullets(conditions)]
    if steps:
        blocks += [Heading(2, words.say("steps")), Bullets(tuple(steps))]
    return blocks


def _block(block: BlockState, words: ProgrammeWords) -> list[Block]:
    """Return where a building block stands, as blocks of the document."""
    spec = block.spec
    unsettled = any(each.about == "insured" for each in words.contradicting(spec))
    insured = words.say("insured_contradicted" if unsettled else "insured" if spec.insured else "not_insured")
    promising = spec.promising and block.standing.current is not None
    about = f"{insured}; {words.say('promising')}" if promising else insured
    pairs = [(capital(words.say("standing")), f"{capital(about)}. {words.standing(block.standing)}")]
    pairs += [(words.say("contradiction_label"), each) for each in words.contradictions(spec)]
    if block.obstacles or not block.topics:
        pairs.append((capital(words.say("obstacles")), capital(words.obstacles(block.obstacles)) + "."))
    if block.budget:
        pairs.append((capital(words.say("budget")), words.budget(block.budget)))
    elif not block.topics and block.standing.current is not None:
        pairs.append((capital(words.say("budget")), capital(words.say("no_budget")) + "."))
    blocks: list[Block] = [Heading(3, f"{spec.number}. {words.pick(spec.name)}"), Facts(tuple(pairs))]
    if block.topics:
        blocks.append(Bullets(tuple(words.topic(each, elsewhere=bool(block.budget)) for each in block.topics)))
    return blocks


def programme_data(found: ProgrammeState, locale: Locale) -> dict[str, Any]:
    """Return the state of the programme as plain data."""
    words = ProgrammeWords(found, locale)
    on = found.on.isoformat() if found.last_on_file is None else _iso_date(found.last_on_file)
    data = {
        "name": found.programme.name,
        "title": found.programme.title,
        "language": locale.lang,
        "on": on,
        "day_not_printed": sorted({_iso_date(each) for each in found.uncertain}),
        "preconditions": [
            {**taken(each, "number", "id", "name"), **_told_data(each, at, words)} for each, at in found.preconditions
        ],
        "blocks": [_block_data(each, words) for each in found.blocks],
        "monitored": [
            {**taken(each, "id", "name", "by", "blocks"), **_told_data(each, at, words)} for each, at in found.monitored
        ],
        "conditions": [taken(each, "id", "name", "text") for each in found.known.condition],
        "steps": [
            {**taken(each, "number", "name", "by", "product", "planned"), **_told_data(each, at, words)}
            for each, at in found.steps
        ],
        "figures": found.known.figure,
        "audit": audit_data(found.findings, locale),
        "documents": [each.model_dump(mode="json") for each in found.known.document],
    }
    return plain(data, locale)  # type: ignore[no-any-return]


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
        "waits_for": current.blocked_by,
        **taken(current, "text", "sources"),
    }


def _iso_date(state: State) -> str:
    return iso_date(state.date, state.date_printed)


def _date_of(state: State, words: ProgrammeWords) -> str:
    """Return what the date of a state is of: of a document it says when the state was known, not since when."""
    return "event" if words.document(state) is None else "document"


def _contradictions_data(spec: Any, words: ProgrammeWords) -> list[dict[str, Any]]:  # noqa: ANN401 (any record with states)
    return [
        {"about": each.about, "statements": [taken(part, "text", "sources") for part in (each.first, each.second)]}
        for each in words.contradicting(spec)
    ]


def _in_the_way(part: BlockState | TopicState, words: ProgrammeWords) -> dict[str, Any]:
    """Return what stands in the way of a block or a topic, and its budget."""
    return {
        "blocked_by": [
            {**taken(each, "kind", "precondition", "parties"), "words": words.obstacle(each)} for each in part.obstacles
        ],
        "budget": part.budget,
    }


def _topic_data(each: TopicState, words: ProgrammeWords) -> dict[str, Any]:
    return {
        **taken(each.spec, "id", "name", "dossier"),
        **_standing_data(each.standing, words),
        "criteria": None if each.criteria is None else each.criteria.states,
        "value_driven": None if each.criteria is None else each.criteria.value_driven,
        "contradictions": _contradictions_data(each.spec, words),
        **_in_the_way(each, words),
    }


def _block_data(each: BlockState, words: ProgrammeWords) -> dict[str, Any]:
    return {
        **taken(each.spec, "number", "id", "name", "insured", "promising"),
        **_told_data(each.spec, each.standing, words),
        **_in_the_way(each, words),
        "topics": [_topic_data(one, words) for one in each.topics],
    }
