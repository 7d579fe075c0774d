"""How the programme stood on a date: the latest state on file of everything, and what stands in the way."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hecon import dossier, zin
from hecon.dossier.formulas import names_in
from hecon.errors import InputError

if TYPE_CHECKING:
    from hecon.dossier._types import Reference, Text
    from hecon.dossier.figure_schema import Figure
    from hecon.dossier.note_schema import Criterion
    from hecon.dossier.programme_schema import (
        Block,
        Budget,
        Condition,
        Monitored,
        Precondition,
        Programme,
        State,
        Step,
        Topic,
    )

__all__ = ["BlockState", "Obstacle", "ProgrammeState", "Standing", "TopicState", "state"]

MET = "met"
# Where the second precondition is filled, and where no precondition is asked for any more.
_SETTLED = frozenset({"met", "advised", "declined"})
_NOT_ASKED = frozenset({"left out", "advised against", "accepted", "existing entitlement"})
# What waits for the minister and parliament.
_TO_DECIDE = frozenset({"met", "advised"})
_EFFECTIVENESS = 2
_ORDER = ("stated", "disputed", "precondition", "decision", "declined")


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
    def since(self) -> dt.date | None:
        """The date from which it has had this state without a break, None where nothing was on file."""
        run = itertools.takewhile(lambda each: each.state == self.state, reversed(self.history))
        return min((each.date for each in run), default=None)


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
        The date asked for.
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
    """

    on: dt.date
    programme: Programme
    known: Programme
    preconditions: tuple[tuple[Precondition, Standing], ...]
    steps: tuple[tuple[Step, Standing], ...]
    blocks: tuple[BlockState, ...]
    monitored: tuple[tuple[Monitored, Standing], ...]


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

    Examples
    --------
    >>> from hecon import programme
    >>> then = programme.state("2024-03-22")
    >>> [(each.number, standing.state) for each, standing in then.preconditions]
    [(1, 'in progress'), (2, 'in progress'), (3, 'met')]
    """
    filed = dossier.load_programme() if programme is None else programme
    day = _day(on, filed)
    known = _known(filed, day)
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
    )


def _day(on: dt.date | str | None, filed: Programme) -> dt.date:
    if on is None:
        return max(_dates(filed))
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


def _dates(filed: Programme) -> list[dt.date]:
    return [state.date for each in _dated(filed) for state in each.state] or [dt.date.min]


def _known(filed: Programme, day: dt.date) -> Programme:
    """Return the programme without what only later documents tell; one without a date is of its first state on file."""
    first = {each.id: each.date for each in filed.document}
    for each in _dated(filed):
        for state in each.state:
            for source in state.sources:
                if filed_date(filed, source.document) is None:
                    first[source.document] = min(first[source.document] or state.date, state.date)
    documents = tuple(each for each in filed.document if (first[each.id] or dt.date.min) <= day)
    ids = {each.id for each in documents}

    def told(part: Figure | Condition | Step) -> bool:
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


def filed_date(filed: Programme, identifier: str) -> dt.date | None:
    """Return the date of a document, None where it prints none."""
    return next((each.date for each in filed.document if each.id == identifier), None)


def _dated(filed: Programme) -> list[Precondition | Step | Block | Monitored | Topic]:
    return [
        *filed.precondition,
        *filed.step,
        *filed.block,
        *filed.monitored,
        *(topic for block in filed.block for topic in block.topic),
    ]


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


def _criteria(filed: dossier.Dossier, day: dt.date) -> zin.Criteria:
    judged = {}
    for name in zin.CRITERIA:
        criterion: Criterion | None = getattr(filed.note.criteria, name)
        if criterion is not None:
            found = judged_of(criterion)
            # A judgement without a day of its own is known from the first document that tells of it.
            dates = [filed.cited(source.document).date for source in criterion.sources]
            told = min((each for each in dates if each is not None), default=None)
            judged[name] = replace(found, on=found.on or told)
    return zin.criteria(judged, on=day)


def judged_of(criterion: Criterion) -> zin.Judged:
    """Return a dossier's criterion as the rules of the package know it.

    Parameters
    ----------
    criterion : Criterion
        As on file.

    Returns
    -------
    Judged
        Without its text.
    """
    return zin.Judged(
        criterion.judgement,
        by=criterion.judged_by or "",
        on=criterion.judged_on,
        adopted_by=criterion.adopted_by,
        not_adopted_by=criterion.not_adopted_by,
    )
