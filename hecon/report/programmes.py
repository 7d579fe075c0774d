"""The state of the programme on a date, as a document and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.dossier.documents import iso_date
from hecon.report.document import Block, Bullets, Document, Facts, Heading, Paragraph, Table
from hecon.report.sections.audit import audit_data, audit_section
from hecon.report.sections.documents import documents
from hecon.report.sections.printed_figures import figures_table
from hecon.report.words.common import capital, cited, sentence
from hecon.report.words.programmes import ProgrammeWords
from hecon.report.writers.json import plain, taken

if TYPE_CHECKING:
    from hecon.dossier.programme import State
    from hecon.locale import Locale
    from hecon.programme import BlockState, ProgrammeState, Standing, TopicState

__all__ = ["programme_data", "programme_document"]


def programme_document(found: ProgrammeState, locale: Locale) -> Document:
    """Return the state of the programme as a document."""
    words, filed = ProgrammeWords(found, locale), found.known
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
        blocks += _block(block, words)
    blocks += [Heading(2, say("monitored")), *_monitored(found, words)]
    blocks += _plan(found, words)
    blocks += figures_table(filed, found.findings, locale)
    blocks += audit_section(found.findings, locale)
    blocks += documents(filed, locale)
    return Document(locale, tuple(blocks), kind="programme")


def _asked(found: ProgrammeState, words: ProgrammeWords) -> tuple[tuple[str, str], ...]:
    """Return the date asked for or the last on file, and what may be of a later day, as its day is not printed."""
    say, last = words.say, found.last_on_file
    on = words.locale.date(found.on) if last is None else say("latest", date=words.date(last))
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
