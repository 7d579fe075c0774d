"""The state of the programme on a date, as a document and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon import texts
from hecon.report.audits import audit_section
from hecon.report.document import Block, Bullets, Document, Facts, Heading, Paragraph, Table
from hecon.report.evidence import figures_table
from hecon.report.programme_words import ProgrammeWords
from hecon.report.wording import Wording

if TYPE_CHECKING:
    from hecon.programme import BlockState, ProgrammeState, TopicState

__all__ = ["programme_document"]


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
    blocks += figures_table(filed, lang)
    blocks += audit_section(filed, lang)
    blocks += _documents(found, lang)
    return Document(lang, tuple(blocks), kind="programme")


def _asked(found: ProgrammeState, words: ProgrammeWords) -> tuple[tuple[str, str], ...]:
    """Return the date asked for or the last on file, and what may be of a later day, as its day is not printed."""
    say, last = words.say, found.last_on_file
    on = texts.day(words.lang, found.on) if last is None else say("latest", date=words.date(last))
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


def _documents(found: ProgrammeState, lang: str) -> list[Block]:
    items = tuple(
        f"{each.id}: {each.citation}"
        + (f" ({texts.day_printed(lang, each.date, each.date_printed)})" if each.date is not None else "")
        + f" – {getattr(each.read, lang)}"
        for each in found.known.document
    )
    return [Heading(2, texts.text(lang, "documents.heading")), Bullets(items)]
