"""The programme: how its preconditions, building blocks and steps stood on a date, and what blocks each block."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hecon import dossier, zin
from hecon.auditing import audit
from hecon.dossier.documents import last_day
from hecon.errors import InputError
from hecon.printed.formulas import names_in

if TYPE_CHECKING:
    from hecon.auditing import Finding
    from hecon.dossier.figures import PrintedFigure
    from hecon.dossier.loading import Dossier
    from hecon.dossier.note import Criterion
    from hecon.dossier.programme import (
        Block,
        Budget,
        Condition,
        Monitored,
        NamedDocument,
        Precondition,
        Programme,
        State,
        Step,
        Topic,
    )
    from hecon.files.parts import Reference, Text

__all__ = ["state"]


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
    findings : tuple of Finding
        What the audit of what is known found.
    """

    on: dt.date
    programme: Programme
    known: Programme
    preconditions: tuple[tuple[Precondition, Standing], ...]
    steps: tuple[tuple[Step, Standing], ...]
    blocks: tuple[BlockState, ...]
    monitored: tuple[tuple[Monitored, Standing], ...]
    last_on_file: State | None = None
    findings: tuple[Finding, ...] = ()

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


def _known_on(filed: Programme, day: dt.date) -> Programme:
    """Return the programme without what only later documents tell; one without a date is of its first state on file."""
    first = {each.id: each.date for each in filed.document}
    for each in _dated(filed):
        for state in each.state:
            for source in state.sources:
                if _filed_date(filed, source.document) is None:
                    first[source.document] = min(first[source.document] or state.date, state.date)
    documents = tuple(each for each in filed.document if (first[each.id] or dt.date.min) <= day)
    ids = {each.id for each in documents}

    def told(part: PrintedFigure | Condition | Step) -> bool:
        return any(source.document in ids for source in part.sources)

    figures = tuple(each for each in filed.figure if told(each))
    names = {each.id for each in figures}
    relations = tuple(each for each in filed.relation if {each.result, *names_in(each.formula)} <= names)
    return filed.model_copy(
        update={
            "document": documents,
            "figure": figures,
            "relation": relations,
            "condition": tuple(each for each in filed.condition if told(each)),
            "step": tuple(each for each in filed.step if told(each)),
        }
    )


def _filed_date(filed: Programme, identifier: str) -> dt.date | None:
    """Return the date of a document, None where it prints none."""
    return next((each.date for each in filed.document if each.id == identifier), None)


def _dated(filed: Programme) -> list[Precondition | Step | Block | Monitored | Topic]:
    """Return every record of a programme that carries dated states."""
    return [
        *filed.precondition,
        *filed.step,
        *filed.block,
        *filed.monitored,
        *(topic for block in filed.block for topic in block.topic),
    ]


MET = "met"
# Where the second precondition is filled, and where no precondition is asked for any more.
_SETTLED = frozenset({"met", "advised", "declined"})
_NOT_ASKED = frozenset({"left out", "advised against", "accepted", "existing entitlement"})
# What waits for the minister and parliament.
_TO_DECIDE = frozenset({"met", "advised"})
_EFFECTIVENESS = 2
_ORDER = ("stated", "disputed", "precondition", "decision", "declined")


def state(on: dt.date | str | None = None, *, programme: Programme | None = None) -> ProgrammeState:
    """Return how the programme stood on a date.

    Parameters
    ----------
    on : date or str, optional
        A date, or one as 2024-03-22; default the last that is on file.
    programme : Programme, optional
        Default the one that comes with hecon.

    Returns
    -------
    ProgrammeState
        Each precondition, step, building block and topic with its latest state up to and including that day, what
        stands in its way, and its budget as printed by then.

    Raises
    ------
    InputError
        If it is no date, or a topic names a dossier that there is none of.

    Notes
    -----
    A building block that needs the preconditions is blocked by each that was not met. The second, insight into
    effectiveness, is asked of each topic: it is met where the parties agreed or the Zorginstituut advised. What was
    advised or agreed waits for a decision of minister and parliament.

    Where a source prints no day, a state or document counts from the first day that it can be of;
    `ProgrammeState.uncertain` lists those that may be of a later day than the one asked for.

    Examples
    --------
    >>> from hecon import programme
    >>> then = programme.state("2024-03-22")
    >>> [(each.number, standing.state) for each, standing in then.preconditions]
    [(1, 'in progress'), (2, 'in progress'), (3, 'met')]
    """
    filed = dossier.load_programme() if programme is None else programme
    day = _day(on, filed)
    known = _known_on(filed, day)
    preconditions = tuple((each, _standing(each.state, day)) for each in filed.precondition)
    unmet = tuple(
        Obstacle("precondition", each.number, sources=() if at.current is None else at.current.sources)
        for each, at in preconditions
        if at.state != MET
    )
    return ProgrammeState(
        on=day,
        programme=filed,
        known=known,
        preconditions=preconditions,
        steps=tuple((each, _standing(each.state, day)) for each in known.step),
        blocks=tuple(_block(each, day, unmet) for each in filed.block),
        monitored=tuple((each, _standing(each.state, day)) for each in filed.monitored),
        last_on_file=_last(filed) if on is None else None,
        findings=audit(known),
    )


def _day(on: dt.date | str | None, filed: Programme) -> dt.date:
    if on is None:
        last = _last(filed)
        return dt.date.min if last is None else last.date
    if isinstance(on, str):
        try:
            return dt.date.fromisoformat(on)
        except ValueError:
            msg = f"on must be a date as 2024-03-22, got {on!r}"
            raise InputError(msg) from None
    if isinstance(on, dt.datetime):
        return on.date()
    if not isinstance(on, dt.date):
        msg = f"on must be a date, or one as 2024-03-22, got {on!r}"
        raise InputError(msg)
    return on


def _last(filed: Programme) -> State | None:
    return max((state for each in _dated(filed) for state in each.state), key=lambda state: state.date, default=None)


def _standing(states: tuple[State, ...], day: dt.date) -> Standing:
    past = sorted((each for each in states if each.date <= day), key=lambda each: each.date)
    return Standing(past[-1] if past else None, tuple(past))


def _block(block: Block, day: dt.date, unmet: tuple[Obstacle, ...]) -> BlockState:
    standing = _standing(block.state, day)
    topics = tuple(_topic(each, block, day, unmet) for each in block.topic)
    # Effectiveness is asked of the topics where there are any, and the rest is told with them.
    general = () if topics or not block.needs_preconditions else _asked(standing, unmet)
    return BlockState(
        spec=block,
        standing=standing,
        topics=topics,
        obstacles=_in_order((*_own(standing), *general)),
        budget=tuple(each for each in block.budget if each.date <= day),
    )


def _topic(topic: Topic, block: Block, day: dt.date, unmet: tuple[Obstacle, ...]) -> TopicState:
    standing = _standing(topic.state, day)
    found = None if topic.dossier is None else _criteria(dossier.load(topic.dossier), day)
    obstacles = list(_own(standing))
    asked = block.needs_preconditions if topic.needs_preconditions is None else topic.needs_preconditions
    if asked:
        obstacles += _asked(standing, unmet)
    if found is not None and found.disputed_by:
        obstacles.append(Obstacle("disputed", parties=found.disputed_by))
    return TopicState(
        spec=topic,
        standing=standing,
        criteria=found,
        obstacles=_in_order(tuple(obstacles)),
        budget=tuple(each for each in topic.budget if each.date <= day),
    )


def _asked(standing: Standing, unmet: tuple[Obstacle, ...]) -> tuple[Obstacle, ...]:
    if standing.state is None or standing.state in _NOT_ASKED:
        return ()
    settled = standing.state in _SETTLED
    return tuple(each for each in unmet if each.precondition != _EFFECTIVENESS or not settled)


def _in_order(obstacles: tuple[Obstacle, ...]) -> tuple[Obstacle, ...]:
    """Return what must come first before what can only follow."""
    return tuple(sorted(obstacles, key=lambda each: _ORDER.index(each.kind)))


def _own(standing: Standing) -> tuple[Obstacle, ...]:
    current = standing.current
    if current is None:
        return ()
    found = []
    if current.blocked_by is not None:
        found.append(Obstacle("stated", text=current.blocked_by, sources=current.sources))
    if current.state in _TO_DECIDE:
        found.append(Obstacle("decision", sources=current.sources))
    if current.state == "declined":
        found.append(Obstacle("declined", sources=current.sources))
    return tuple(found)


def _criteria(filed: Dossier, day: dt.date) -> zin.Criteria:
    judged = {}
    for name in zin.CRITERIA:
        criterion: Criterion | None = getattr(filed.note.criteria, name)
        if criterion is not None:
            found = criterion.judged()
            # A judgement without a day of its own is known from the first document that tells of it.
            dates = [filed.cited(source.document).date for source in criterion.sources]
            told = min((each for each in dates if each is not None), default=None)
            judged[name] = replace(found, on=found.on or told)
    return zin.criteria(judged, on=day)
