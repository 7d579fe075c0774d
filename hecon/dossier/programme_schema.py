"""What is on file of the programme: preconditions, building blocks, steps and parties, each state with its date."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 (pydantic reads the annotation at run time)
from typing import Annotated, Literal

from pydantic import Field

from hecon.dossier.dates import DatePrinted  # noqa: TC001 (pydantic reads the annotation at run time)
from hecon.dossier.figure_schema import Figure, FigureName, Relation  # noqa: TC001 (pydantic reads them)
from hecon.dossier.note_schema import Statement  # noqa: TC001 (pydantic reads the annotation at run time)
from hecon.dossier.schema import Document
from hecon.files.parts import Format, Identifier, Part, Reference, Text

__all__ = [
    "STATES",
    "Block",
    "Budget",
    "Condition",
    "Contradiction",
    "Monitored",
    "NamedDocument",
    "Party",
    "Precondition",
    "Programme",
    "State",
    "Step",
]

# From nothing done to decided.
STATES = (
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
)
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

    Parameters
    ----------
    date : date
        Day of the event that the source tells of, or of the document itself. A date of one of its `sources`, or one
        with `told_in`, is that of a document: the state was known then, and may be older.
    date_printed : str
        "day", "month", "season" or "year": what the source prints of it; `date` is then its first day.
    told_in : Text or None
        What a sentence calls the document that the date is of, where that is not on file itself.
    state : str
        One of `STATES`.
    text : Text
        What the source says of it.
    blocked_by : Text or None
        What it waits for, where the source says so, beside preconditions and a political decision.
    sources : tuple of Reference
        Where.
    """

    date: dt.date
    date_printed: DatePrinted = "day"
    told_in: Text | None = None
    state: StateName
    text: Text
    blocked_by: Text | None = None
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class NamedDocument(Document):
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
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


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
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class Step(_Dated):
    """One of the steps of the project plan of 2021: who, what product, and when it was planned."""

    number: Annotated[int, Field(ge=1)]
    name: Text
    by: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    product: Text
    planned: Text
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class Budget(Part):
    """What a building block would cost or save, as printed; the figures stand under `figure`."""

    date: dt.date
    text: Text
    figures: tuple[FigureName, ...] = ()
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


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
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class Monitored(_Dated):
    """What is to be monitored, by whom, of which building blocks, and what was reported of it."""

    id: Identifier
    name: Text
    by: tuple[Identifier, ...] = ()
    blocks: tuple[int, ...] = ()


class Programme(Part):
    """The programme as the documents describe it.

    Parameters
    ----------
    format : int
        Version of the format: 1.
    name : str
        "programme".
    title : Text
        In both languages.
    party : tuple of Party
        Who takes part.
    precondition : tuple of Precondition
        What each building block must meet.
    condition : tuple of Condition
        What the plan of 2021 asked before.
    step : tuple of Step
        The steps of that plan.
    block : tuple of Block
        The building blocks.
    monitored : tuple of Monitored
        What is to be followed.
    figure, relation : tuple of Figure, tuple of Relation
        Figures that concern several building blocks, and what must hold between them.
    document : tuple of Document
        The sources.
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
    figure: tuple[Figure, ...] = ()
    relation: tuple[Relation, ...] = ()
    document: Annotated[tuple[NamedDocument, ...], Field(min_length=1)]
