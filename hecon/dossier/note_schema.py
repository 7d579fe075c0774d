"""What a dossier holds beside figures: the parts of an expert note, each statement with its sources."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 (pydantic reads the annotation at run time)
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from hecon.dossier._types import IntervalEnd, Number, Part, Reference, Text, Words

__all__ = ["Conditions", "Criteria", "Note", "Outcome", "Reporting", "Statement", "Study"]


class Statement(Part):
    """A statement in both languages, with its sources."""

    text: Text
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class Outcome(Part):
    """A difference that a study printed, intervention minus comparator, with its interval as printed.

    A margin is one of non-inferiority of the intervention, or of the comparator where `margin_for` says so. The audit
    expects an estimate in the middle of its interval unless `symmetrical` is false, as for costs.
    """

    name: Text
    better: Literal["higher", "lower"]
    intervention: Text
    comparator: Text
    estimate: Number
    ci: tuple[IntervalEnd, IntervalEnd]
    level: Number = Decimal("0.95")
    margin: Number | None = None
    margin_for: Literal["intervention", "comparator"] = "intervention"
    symmetrical: bool = True
    minimal_important_difference: Number | None = None
    remark: Text | None = None
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class Study(Part):
    """A study or review that the expert weighed."""

    origin: Literal["dutch", "international"]
    name: Words
    text: Text
    risk_of_bias: Text | None = None
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


class Criteria(Part):
    """The four package criteria, as far as the sources speak of them."""

    effectiveness: Statement | None = None
    cost_effectiveness: Statement | None = None
    necessity: Statement | None = None
    feasibility: Statement | None = None


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
    """The parts of an expert note around the figures."""

    author: Words | None = None
    date: dt.date | None = None
    reason: Statement | None = None
    study: tuple[Study, ...] = ()
    conclusion: Statement | None = None
    conditions: Conditions = Conditions()
    criteria: Criteria = Criteria()
