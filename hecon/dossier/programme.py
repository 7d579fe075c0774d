"""A reform programme on file: parties, preconditions, steps, building blocks, and the faults between them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from hecon.dossier.documents import DatePrinted, SourceDocument, Statement, date_faults, unknown_documents
from hecon.dossier.figures import FigureName, PrintedFigure, Relation, figure_faults
from hecon.files.faults import Fault, Path, ids_in, path_of, repeated, repeated_ids, shown, tables
from hecon.files.parts import Format, Identifier, Part, Sound, Sources, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

# From nothing done to decided.
StateName = Literal[
    "open",
    "in progress",
    "awaiting data",
    "in consultation",
    "no consensus",
    "left out",
    "met",
    "existing entitlement",
    "advised against",
    "advised",
    "declined",
    "accepted",
]


class State(Part):
    """How something stood on a date, which holds until the next state on file.

    Attributes
    ----------
    date : date
        Day of the event that the source tells of, or of the document itself. A date of one of its `sources`, or one
        with `told_in`, is that of a document: the state was known then, and may be older.
    date_printed : str, "day", "month", "season" or "year": what the source prints of it; `date` is then its first day
    told_in : Text or None, what a sentence calls the document that the date is of, where that is not on file itself
    state : str, one of `StateName`
    text : Text, what the source says of it
    blocked_by : Text or None
        What it waits for, where the source says so, beside preconditions and a political decision.
    sources : tuple of Reference, where
    """

    date: dt.date
    date_printed: DatePrinted = "day"
    told_in: Text | None = None
    state: StateName
    text: Text
    blocked_by: Text | None = None
    sources: Sources


class NamedDocument(SourceDocument):
    """A source document of the programme; `name` is what a sentence calls it, as in "the project plan"."""

    name: Text | None = None


class Contradiction(Part):
    """Two statements of the sources that cannot both hold, each with its place; neither is chosen."""

    about: Literal["insured", "other"] = "other"
    first: Statement
    second: Statement


class _Dated(Part):
    """Something whose states are on file by date, with what the sources contradict each other in."""

    state: tuple[State, ...] = ()
    contradiction: tuple[Contradiction, ...] = ()


class Party(Part):
    """A party of the programme."""

    id: Identifier
    name: Text
    role: Literal["profession", "insurers", "patients", "institute", "authority", "government", "expert"]
    sources: Sources


class Precondition(_Dated):
    """One of the three preconditions for appropriate care."""

    number: Annotated[int, Field(ge=1)]
    id: Identifier
    name: Text


class Condition(Part):
    """A condition that the project plan of 2021 set before there were preconditions."""

    id: Identifier
    name: Text
    text: Text
    sources: Sources


class Step(_Dated):
    """One of the steps of the project plan of 2021: who, what product, and when it was planned."""

    number: Annotated[int, Field(ge=1)]
    name: Text
    by: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    product: Text
    planned: Text
    sources: Sources


class Budget(Part):
    """What a building block would cost or save, as printed; the figures stand under `figure`."""

    date: dt.date
    text: Text
    figures: tuple[FigureName, ...] = ()
    sources: Sources


class Topic(_Dated):
    """A part of a building block, with its dossier where there is one.

    `needs_preconditions` is that of the block where it is left out; false for what the Zorginstituut assesses itself.
    """

    id: Identifier
    name: Text
    dossier: Identifier | None = None
    needs_preconditions: bool | None = None
    budget: tuple[Budget, ...] = ()


class Block(_Dated):
    """One of the building blocks: whether it was insured, whether promising, its topics and its budget.

    A block that is not insured and yet an existing entitlement has a `contradiction` about "insured".
    `needs_preconditions` is false where the care is an entitlement already, or no further advice is asked for.
    """

    number: Annotated[int, Field(ge=1)]
    id: Identifier
    name: Text
    insured: bool
    promising: bool
    needs_preconditions: bool = True
    topic: tuple[Topic, ...] = ()
    budget: tuple[Budget, ...] = ()
    sources: Sources


class Monitored(_Dated):
    """What is to be monitored, by whom, of which building blocks, and what was reported of it."""

    id: Identifier
    name: Text
    by: tuple[Identifier, ...] = ()
    blocks: tuple[int, ...] = ()


class Programme(Part):
    """The programme as the documents describe it.

    Attributes
    ----------
    format : int, version of the format: 1
    name : str, "programme"
    title : Text, in both languages
    party : tuple of Party, who takes part
    precondition : tuple of Precondition, what each building block must meet
    condition : tuple of Condition, what the plan of 2021 asked before
    step : tuple of Step, the steps of that plan
    block : tuple of Block, the building blocks
    monitored : tuple of Monitored, what is to be followed
    figure, relation : tuple of PrintedFigure, tuple of Relation
        Figures that concern several building blocks, and what must hold between them.
    document : tuple of NamedDocument, the sources
    """

    format: Format
    name: Identifier
    title: Text
    party: Annotated[tuple[Party, ...], Field(min_length=1)]
    precondition: Annotated[tuple[Precondition, ...], Field(min_length=1)]
    condition: tuple[Condition, ...] = ()
    step: tuple[Step, ...] = ()
    block: Annotated[tuple[Block, ...], Field(min_length=1)]
    monitored: tuple[Monitored, ...] = ()
    figure: tuple[PrintedFigure, ...] = ()
    relation: tuple[Relation, ...] = ()
    document: Annotated[tuple[NamedDocument, ...], Field(min_length=1)]


Tree = dict[str, Any]
# Tables whose entries carry states, as topics do.
_DATED = ("precondition", "step", "block", "monitored")


def programme_faults(tree: Tree, sound: Sound) -> Iterator[Fault]:
    """Yield the faults between the fields of a programme."""
    yield from repeated_ids(tree, "party", "precondition", "condition", "block", "monitored", "document")
    yield from unknown_documents(tree)
    yield from figure_faults(tree, sound)
    yield from _unknown_parties(tree)
    yield from _unknown_figures_and_blocks(tree)
    for table in ("precondition", "step", "block"):
        numbers = ((path_of(table, place, "number"), item.get("number")) for place, item in tables(tree, table))
        yield from repeated(numbers, int)
    dated = list(_with_states(tree))
    yield from repeated((path_of(*steps, "id"), item.get("id")) for steps, item in dated if "topic" in steps)
    for steps, item in dated:
        for place, state in tables(item, "state"):
            yield from date_faults(state, path_of(*steps, "state", place))
    for place, document in tables(tree, "document"):
        yield from date_faults(document, path_of("document", place))
    yield from _unflagged(tree)


def _with_states(tree: Tree) -> Iterator[tuple[Path, Tree]]:
    """Yield every record that carries states, with its place."""
    for table in _DATED:
        for place, item in tables(tree, table):
            yield (table, place), item
            for number, topic in tables(item, "topic") if table == "block" else ():
                yield (table, place, "topic", number), topic


def _unknown_parties(tree: Tree) -> Iterator[Fault]:
    parties = {party["id"] for _, party in tables(tree, "party") if isinstance(party.get("id"), (str, int))}
    known = ", ".join(sorted(map(str, parties))) or "none"
    for table in ("step", "monitored"):
        for place, item in tables(tree, table):
            for name in _listed(item, "by", str):
                if name not in parties:
                    yield path_of(table, place, "by"), f"must be ids of [[party]], got {shown(name)}; known: {known}"


def _unknown_figures_and_blocks(tree: Tree) -> Iterator[Fault]:
    figures = ids_in(tree, "figure")
    for steps, owner in _with_states(tree):
        for place, budget in tables(owner, "budget"):
            for name in _listed(budget, "figures", str):
                if name not in figures:
                    path = path_of(*steps, "budget", place, "figures")
                    yield path, f"must use ids of [[figure]], got {shown(name)}"
    blocks = [block.get("number") for _, block in tables(tree, "block")]
    for place, item in tables(tree, "monitored"):
        for number in _listed(item, "blocks", int):
            if number not in blocks:
                yield path_of("monitored", place, "blocks"), f"must be numbers of [[block]], got {shown(number)}"


def _listed(item: Tree, key: str, kind: type) -> list[Any]:
    """Return the entries of one kind of a list; others are faults of the schema."""
    entries = item.get(key)
    return [entry for entry in entries if type(entry) is kind] if isinstance(entries, tuple) else []


def _unflagged(tree: Tree) -> Iterator[Fault]:
    """Yield each uninsured block that is an entitlement without its contradiction on file."""
    for place, block in tables(tree, "block"):
        parts = [block, *(topic for _, topic in tables(block, "topic"))]
        states = [state.get("state") for part in parts for _, state in tables(part, "state")]
        flagged = any(item.get("about") == "insured" for _, item in tables(block, "contradiction"))
        if block.get("insured") is False and "existing entitlement" in states and not flagged:
            message = (
                "must not be false where a state is 'existing entitlement', unless [[block.contradiction]] with "
                'about = "insured" gives both statements and their places'
            )
            yield path_of("block", place, "insured"), message
