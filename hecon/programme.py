"""The programme on a date: the standing of preconditions, steps and building blocks, and their obstacles."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hecon import _checks, dossier
from hecon._display import displayed
from hecon.auditing import audit
from hecon.dossier.documents import last_day
from hecon.errors import InputError
from hecon.printed.formulas import names_in
from hecon.rules import criteria

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
    from hecon.rules.package_criteria import Criteria

__all__ = ["state"]


@dataclass(frozen=True)
class Obstacle:
    """An obstacle of a building block or topic.

    Attributes
    ----------
    kind : str
        "precondition", "stated" (by the source), "disputed", "decision" (of minister and parliament) or "declined".
    precondition : int or None, number of the precondition
    text : Text or None, what the source says, for "stated"
    parties : tuple of str, ids of the parties, for "disputed"
    sources : tuple of Reference, references
    """

    kind: str
    precondition: int | None = None
    text: Text | None = None
    parties: tuple[str, ...] = ()
    sources: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Standing:
    """The states of a record up to a date: `current` is the latest, None before the first; `history` all, in order."""

    current: State | None
    history: tuple[State, ...] = ()

    @property
    def state(self) -> str | None:
        """Name of the current state, None before the first."""
        return None if self.current is None else self.current.state

    @property
    def run(self) -> tuple[State, ...]:
        """The states since the last change, the latest last; empty before the first."""
        run = itertools.takewhile(lambda past: past.state == self.state, reversed(self.history))
        return tuple(reversed(tuple(run)))

    @property
    def since(self) -> dt.date | None:
        """First date on file of the current run, None before the first.

        The date of a document says when the state was known, not when it began: see `State.told_in` and
        `ProgrammeState.document_of`.
        """
        return self.run[0].date if self.run else None


@displayed
@dataclass(frozen=True)
class TopicState:
    """A topic of a building block on a date.

    Attributes
    ----------
    spec : Topic, the topic on file
    standing : Standing, its states
    criteria : Criteria or None, package criteria of its dossier; None without a dossier
    obstacles : tuple of Obstacle, its obstacles, in the order in which they must be removed
    budget : tuple of Budget, costs and savings printed by then
    """

    spec: Topic
    standing: Standing
    criteria: Criteria | None
    obstacles: tuple[Obstacle, ...]
    budget: tuple[Budget, ...]


@displayed
@dataclass(frozen=True)
class BlockState:
    """A building block on a date, as `TopicState`; `obstacles` are of the block as a whole, `topics` have their own."""

    spec: Block
    standing: Standing
    topics: tuple[TopicState, ...]
    obstacles: tuple[Obstacle, ...]
    budget: tuple[Budget, ...]


@displayed
@dataclass(frozen=True)
class ProgrammeState:
    """The programme on a date.

    Attributes
    ----------
    on : date, the date asked for, or the last on file
    programme : Programme, all that is on file
    known : Programme, the same without what only later documents report
    preconditions, steps, monitored : tuple of (record, Standing)
        Each precondition, step of the plan of 2021 and monitored subject with its standing.
    blocks : tuple of BlockState, the building blocks
    last_on_file : State or None, the latest state on file where no date was asked for
    findings : tuple of Finding, findings of the audit of `known`
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
        """Return the document on file that gave a state its date; None where an event or another document did."""
        if state.told_in is not None:
            return None
        cited = {source.document for source in state.sources}
        printed = (state.date, state.date_printed)
        documents = [document for document in self.programme.document if document.id in cited]
        return next((document for document in documents if (document.date, document.date_printed) == printed), None)

    @property
    def uncertain(self) -> tuple[State, ...]:
        """The states counted although they may be of a day after `on`, as no day was printed."""
        if self.last_on_file is not None:
            return ()
        standings = [at for _, at in (*self.preconditions, *self.steps, *self.monitored)]
        for block in self.blocks:
            standings += [block.standing, *(topic.standing for topic in block.topics)]
        states = [past for at in standings for past in at.history]
        return tuple(entry for entry in states if last_day(entry.date, entry.date_printed) > self.on)


def _known_on(filed: Programme, day: dt.date) -> Programme:
    """Return the programme without the content of later documents; an undated one has the date of its first state."""
    dates = {document.id: document.date for document in filed.document}
    undated = {name for name, date in dates.items() if date is None}
    for record in _dated(filed):
        for state in record.state:
            for name in undated.intersection(source.document for source in state.sources):
                dates[name] = min(dates[name] or state.date, state.date)
    documents = tuple(document for document in filed.document if (dates[document.id] or dt.date.min) <= day)
    ids = {document.id for document in documents}

    def reported(part: PrintedFigure | Condition | Step) -> bool:
        return any(source.document in ids for source in part.sources)

    figures = tuple(filter(reported, filed.figure))
    names = {figure.id for figure in figures}
    relations = tuple(
        relation for relation in filed.relation if {relation.result, *names_in(relation.formula)} <= names
    )
    return filed.model_copy(
        update={
            "document": documents,
            "figure": figures,
            "relation": relations,
            "condition": tuple(filter(reported, filed.condition)),
            "step": tuple(filter(reported, filed.step)),
        }
    )


def _dated(filed: Programme) -> list[Precondition | Step | Block | Monitored | Topic]:
    """Return the records that carry dated states."""
    topics = (topic for block in filed.block for topic in block.topic)
    return [*filed.precondition, *filed.step, *filed.block, *filed.monitored, *topics]


MET = "met"
# States that meet the second precondition, and states to which no precondition applies any more.
_SETTLED = frozenset({"met", "advised", "declined"})
_NOT_ASKED = frozenset({"left out", "advised against", "accepted", "existing entitlement"})
# States that await a decision of minister and parliament.
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
    ``ProgrammeState.uncertain`` lists those that may be of a later day than the one asked for.

    Examples
    --------
    >>> from hecon import programme
    >>> then = programme.state("2024-03-22")
    >>> [(each.number, standing.state) for each, standing in then.preconditions]
    [(1, 'in progress'), (2, 'in progress'), (3, 'met')]
    """
    if programme is not None:
        _checks.instance("programme", programme, "Programme", "hecon.dossier.load_programme returns one")
    filed = dossier.load_programme() if programme is None else programme
    day = _day(on, filed)
    known = _known_on(filed, day)
    preconditions = tuple((precondition, _standing(precondition.state, day)) for precondition in filed.precondition)
    unmet = tuple(
        Obstacle("precondition", precondition.number, sources=() if at.current is None else at.current.sources)
        for precondition, at in preconditions
        if at.state != MET
    )
    return ProgrammeState(
        on=day,
        programme=filed,
        known=known,
        preconditions=preconditions,
        steps=tuple((step, _standing(step.state, day)) for step in known.step),
        blocks=tuple(_block(block, day, unmet) for block in filed.block),
        monitored=tuple((monitored, _standing(monitored.state, day)) for monitored in filed.monitored),
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
    return _checks.day("on", on)


def _last(filed: Programme) -> State | None:
    states = (state for record in _dated(filed) for state in record.state)
    return max(states, key=lambda state: state.date, default=None)


def _standing(states: tuple[State, ...], day: dt.date) -> Standing:
    past = sorted((state for state in states if state.date <= day), key=lambda state: state.date)
    return Standing(past[-1] if past else None, tuple(past))


def _block(block: Block, day: dt.date, unmet: tuple[Obstacle, ...]) -> BlockState:
    standing = _standing(block.state, day)
    topics = tuple(_topic(topic, block, day, unmet) for topic in block.topic)
    # Where there are topics, the preconditions are asked of these.
    general = () if topics or not block.needs_preconditions else _asked(standing, unmet)
    return BlockState(
        spec=block,
        standing=standing,
        topics=topics,
        obstacles=_in_order((*_own(standing), *general)),
        budget=tuple(budget for budget in block.budget if budget.date <= day),
    )


def _topic(topic: Topic, block: Block, day: dt.date, unmet: tuple[Obstacle, ...]) -> TopicState:
    standing = _standing(topic.state, day)
    criteria = None if topic.dossier is None else _criteria(dossier.load(topic.dossier), day)
    obstacles = list(_own(standing))
    asked = block.needs_preconditions if topic.needs_preconditions is None else topic.needs_preconditions
    if asked:
        obstacles += _asked(standing, unmet)
    if criteria is not None and criteria.disputed_by:
        obstacles.append(Obstacle("disputed", parties=criteria.disputed_by))
    return TopicState(
        spec=topic,
        standing=standing,
        criteria=criteria,
        obstacles=_in_order(tuple(obstacles)),
        budget=tuple(budget for budget in topic.budget if budget.date <= day),
    )


def _asked(standing: Standing, unmet: tuple[Obstacle, ...]) -> tuple[Obstacle, ...]:
    if standing.state is None or standing.state in _NOT_ASKED:
        return ()
    settled = standing.state in _SETTLED
    return tuple(obstacle for obstacle in unmet if obstacle.precondition != _EFFECTIVENESS or not settled)


def _in_order(obstacles: tuple[Obstacle, ...]) -> tuple[Obstacle, ...]:
    """Return obstacles in the order in which they must be removed."""
    return tuple(sorted(obstacles, key=lambda obstacle: _ORDER.index(obstacle.kind)))


def _own(standing: Standing) -> tuple[Obstacle, ...]:
    current = standing.current
    if current is None:
        return ()
    obstacles = []
    if current.blocked_by is not None:
        obstacles.append(Obstacle("stated", text=current.blocked_by, sources=current.sources))
    if current.state in _TO_DECIDE:
        obstacles.append(Obstacle("decision", sources=current.sources))
    if current.state == "declined":
        obstacles.append(Obstacle("declined", sources=current.sources))
    return tuple(obstacles)


def _criteria(filed: Dossier, day: dt.date) -> Criteria:
    judged = {}
    for name in filed.ruleset.criteria:
        criterion: Criterion | None = getattr(filed.note.criteria, name, None)
        if criterion is not None:
            judgement = criterion.judged()
            # An undated judgement is known from the date of the first document that reports it.
            dates = [filed.cited(source.document).date for source in criterion.sources]
            first = min((date for date in dates if date is not None), default=None)
            judged[name] = replace(judgement, on=judgement.on or first)
    return criteria(judged, on=day, rules=filed.ruleset)
