"""How the programme stood on a date: the latest state on file of everything, and what stands in the way."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from hecon import dossier, zin
from hecon.auditing import audit
from hecon.errors import InputError
from hecon.printed.formulas import names_in
from hecon.programme.records import BlockState, Obstacle, ProgrammeState, Standing, TopicState

if TYPE_CHECKING:
    from hecon.dossier.figures import Figure
    from hecon.dossier.note import Criterion
    from hecon.dossier.programme import Block, Condition, Monitored, Precondition, Programme, State, Step, Topic

__all__ = ["MET", "dated", "known_on", "state"]


def known_on(filed: Programme, day: dt.date) -> Programme:
    """Return the programme without what only later documents tell; one without a date is of its first state on file."""
    first = {each.id: each.date for each in filed.document}
    for each in dated(filed):
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


def dated(filed: Programme) -> list[Precondition | Step | Block | Monitored | Topic]:
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
    known = known_on(filed, day)
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
    return max((state for each in dated(filed) for state in each.state), key=lambda state: state.date, default=None)


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
            found = criterion.judged()
            # A judgement without a day of its own is known from the first document that tells of it.
            dates = [filed.cited(source.document).date for source in criterion.sources]
            told = min((each for each in dates if each is not None), default=None)
            judged[name] = replace(found, on=found.on or told)
    return zin.criteria(judged, on=day)
