"""What was known of the programme on a date: nothing that only later documents tell."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hecon.formulas import names_in

if TYPE_CHECKING:
    from hecon.dossier.figure_schema import Figure
    from hecon.dossier.programme_schema import (
        Block,
        Condition,
        Monitored,
        Precondition,
        Programme,
        Step,
        Topic,
    )

__all__ = ["dated", "known_on"]


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
