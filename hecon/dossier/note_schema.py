"""What a dossier holds beside figures: the parts of an expert note, each statement with its sources."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 (pydantic reads the annotation at run time)
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from hecon.dossier.study_facts import Arms, Fact  # noqa: TC001 (pydantic reads the annotations at run time)
from hecon.files.parts import Extent, Identifier, IntervalEnd, Number, Part, Reference, Text, Words

__all__ = ["Conditions", "Criteria", "Criterion", "Note", "Outcome", "Reporting", "Statement", "Study"]


class Statement(Part):
    """A statement in both languages, with its sources."""

    text: Text
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class Outcome(Part):
    """A difference that a study printed, intervention minus comparator, with its interval as printed.

    Differences only: a hazard, odds or risk ratio belongs here as its logarithm. A margin is one of non-inferiority of
    the intervention, or of the comparator where `margin_for` says so. To the audit an estimate off the middle of its
    interval is inconsistent, or worth a look where `symmetrical` is false, as for costs; it should be the difference of
    the arms where `adjusted` is false, while true or nothing said leaves it open to adjustment. A p value beside a
    margin is not held against the interval, as it may be one of non-inferiority. Outcomes of one `forest` stand in one
    forest plot: the same arms, the same way round, on comparable scales. Of costs no clinical verdict is given.
    """

    name: Text
    better: Literal["higher", "lower"]
    intervention: Text
    comparator: Text
    estimate: Number
    ci: tuple[IntervalEnd, IntervalEnd] | None = None
    level: Number = Decimal("0.95")
    p: Number | None = None
    p_below: Number | None = None
    arms: Arms | None = None
    adjusted: bool | None = None
    forest: Identifier | None = None
    of: Literal["health", "costs"] = "health"
    margin: Number | None = None
    margin_for: Literal["intervention", "comparator"] = "intervention"
    symmetrical: bool = True
    minimal_important_difference: Number | None = None
    remark: Text | None = None
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class Study(Part):
    """A study or review that was weighed; `read` is how much of it was, where its documents do not tell.

    A study that is known only from what another document quotes has ``read = "quoted"``.
    """

    origin: Literal["dutch", "international"]
    name: Words
    read: Extent | None = None
    text: Text
    risk_of_bias: Text | None = None
    fact: tuple[Fact, ...] = ()
    outcome: tuple[Outcome, ...] = ()
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class Conditions(Part):
    """Conditions for appropriate care in practice."""

    what: Statement | None = None
    where: Statement | None = None
    for_whom: Statement | None = None
    by_whom: Statement | None = None
    monitoring: Statement | None = None
    other: Statement | None = None


class Criterion(Statement):
    """What the sources say of a package criterion, who judged it, and which parties took the judgement over.

    The parties stand by their ids in the programme, such as "academic-expert", "zn" or "patients".
    """

    judgement: Literal["positive", "negative", "described", "not judged"] = "not judged"
    judged_by: Identifier | None = None
    judged_on: dt.date | None = None
    adopted_by: tuple[Identifier, ...] = ()
    not_adopted_by: tuple[Identifier, ...] = ()


class Criteria(Part):
    """The four package criteria, as far as the sources speak of them."""

    effectiveness: Criterion | None = None
    cost_effectiveness: Criterion | None = None
    necessity: Criterion | None = None
    feasibility: Criterion | None = None


class Reporting(Part):
    """What a reader of an economic evaluation looks for (CHEERS 2022), as far as the sources report it."""

    beyond_horizon: Statement | None = None
    value_set: Statement | None = None
    missing_data: Statement | None = None
    analysis: Statement | None = None
    crossover: Statement | None = None
    subgroups: Statement | None = None
    equity: Statement | None = None
    own_payments: Statement | None = None
    funding: Statement | None = None
    interests: Statement | None = None


class Note(Part):
    """The parts of an expert note around the figures; `author` and `date` are those of this note, not of one it cites.

    `no_budget` is what the sources say of a budget impact where the dossier has none.
    """

    author: Words | None = None
    date: dt.date | None = None
    reason: Statement | None = None
    study: tuple[Study, ...] = ()
    conclusion: Statement | None = None
    conditions: Conditions = Conditions()
    criteria: Criteria = Criteria()
    no_budget: Statement | None = None
