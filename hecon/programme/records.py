"""What the state of the programme holds: frozen records, from the whole down to one obstacle."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hecon.dossier.documents import last_day

if TYPE_CHECKING:
    import datetime as dt

    from hecon import zin
    from hecon.dossier.programme import (
        Block,
        Budget,
        Monitored,
        NamedDocument,
        Precondition,
        Programme,
        State,
        Step,
        Topic,
    )
    from hecon.files.parts import Reference, Text

__all__ = ["BlockState", "Obstacle", "ProgrammeState", "Standing", "TopicState"]


@dataclass(frozen=True)
class Obstacle:
    """What stands in the way of a building block or topic.

    Parameters
    ----------
    kind : str
        "precondition", "stated" (the source says so), "disputed", "decision" (of minister and parliament), "declined".
    precondition : int or None
        Number of the precondition.
    text : Text or None
        What the source says, for "stated".
    parties : tuple of str
        Ids of the parties, for "disputed".
    sources : tuple of Reference
        Where it stands.
    """

    kind: str
    precondition: int | None = None
    text: Text | None = None
    parties: tuple[str, ...] = ()
    sources: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Standing:
    """The latest state of something on a date, and all before it.

    Parameters
    ----------
    current : State or None
        The latest; None where nothing was on file yet.
    history : tuple of State
        All up to that day, the latest last.
    """

    current: State | None
    history: tuple[State, ...] = ()

    @property
    def state(self) -> str | None:
        """The word for it, None where nothing was on file."""
        return None if self.current is None else self.current.state

    @property
    def run(self) -> tuple[State, ...]:
        """The states on file since it last changed, the latest last; empty where nothing was on file."""
        run = itertools.takewhile(lambda each: each.state == self.state, reversed(self.history))
        return tuple(reversed(tuple(run)))

    @property
    def since(self) -> dt.date | None:
        """The first date on file of the present run of this state, None where nothing was on file.

        It is the day of an event only where the source tells of one. The date of a document is when the state was
        known, not when it began: see `State.told_in` and `ProgrammeState.document_of`.
        """
        return self.run[0].date if self.run else None


@dataclass(frozen=True)
class TopicState:
    """A topic of a building block on a date.

    Parameters
    ----------
    spec : Topic
        What is on file of it.
    standing : Standing
        Its states.
    criteria : Criteria or None
        The package criteria of its dossier; None without a dossier.
    obstacles : tuple of Obstacle
        What is in its way, what must come first before what can only follow.
    budget : tuple of Budget
        What was printed of costs and savings by then.
    """

    spec: Topic
    standing: Standing
    criteria: zin.Criteria | None
    obstacles: tuple[Obstacle, ...]
    budget: tuple[Budget, ...]


@dataclass(frozen=True)
class BlockState:
    """A building block on a date.

    Parameters
    ----------
    spec : Block
        What is on file of it.
    standing : Standing
        Its states.
    topics : tuple of TopicState
        Its topics.
    obstacles : tuple of Obstacle
        What is in the way of the block as a whole; the rest stands with its topics.
    budget : tuple of Budget
        What was printed of costs and savings by then.
    """

    spec: Block
    standing: Standing
    topics: tuple[TopicState, ...]
    obstacles: tuple[Obstacle, ...]
    budget: tuple[Budget, ...]


@dataclass(frozen=True)
class ProgrammeState:
    """The programme on a date.

    Parameters
    ----------
    on : date
        The date asked for, or the last on file.
    programme : Programme
        What is on file.
    known : Programme
        The same without figures, conditions, steps and documents that are of a later day.
    preconditions : tuple of pairs
        Each precondition with its standing.
    steps : tuple of pairs
        Each step of the plan of 2021 with its standing.
    blocks : tuple of BlockState
        The building blocks.
    monitored : tuple of pairs
        What is to be monitored, each with its standing.
    last_on_file : State or None
        The latest state on file where no date was asked for; None where one was.
    """

    on: dt.date
    programme: Programme
    known: Programme
    preconditions: tuple[tuple[Precondition, Standing], ...]
    steps: tuple[tuple[Step, Standing], ...]
    blocks: tuple[BlockState, ...]
    monitored: tuple[tuple[Monitored, Standing], ...]
    last_on_file: State | None = None

    def document_of(self, state: State) -> NamedDocument | None:
        """Return the document on file that the date of a state is of, None where it is of an event or another document.

        Parameters
        ----------
        state : State
            A state of this programme.

        Returns
        -------
        NamedDocument or None
            The one of its sources that has its date.
        """
        if state.told_in is not None:
            return None
        cited = {each.document for each in state.sources}
        printed = (state.date, state.date_printed)
        return next(
            (
                each
                for each in self.programme.document
                if each.id in cited and (each.date, each.date_printed) == printed
            ),
            None,
        )

    @property
    def uncertain(self) -> tuple[State, ...]:
        """The states that count although they may be of a day after `on`: their day is not printed."""
        if self.last_on_file is not None:
            return ()
        standings = [at for _, at in (*self.preconditions, *self.steps, *self.monitored)]
        for block in self.blocks:
            standings += [block.standing, *(topic.standing for topic in block.topics)]
        states = [each for at in standings for each in at.history]
        return tuple(each for each in states if last_day(each.date, each.date_printed) > self.on)
