"""Faults of the note of a dossier: of the outcomes and facts of its studies, and of its criteria."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from hecon import zin
from hecon.dossier._messages import Fault, tables, tried
from hecon.dossier._types import is_number, shown
from hecon.dossier.figure_faults import fact_faults
from hecon.dossier.note_schema import Criterion

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["note_faults"]

_OPEN = Decimal("inf")


def note_faults(note: Any) -> Iterator[Fault]:  # noqa: ANN401
    """Yield the faults of a note that the schema does not see, from its studies to its criteria.

    Parameters
    ----------
    note : object
        The note as parsed.

    Yields
    ------
    pair of str
        Path and message.
    """
    yield from _outcome_faults(note)
    yield from fact_faults(note)
    yield from _criteria_faults(note)


def _outcome_faults(note: Any) -> Iterator[Fault]:  # noqa: ANN401
    for number, study in tables(note, "study"):
        for position, item in tables(study, "outcome"):
            path = f"note.study[{number}].outcome[{position}]"
            level = item.get("level")
            if level is not None and is_number(level) and not 0 < level < 1:
                yield f"{path}.level", f"must lie in (0, 1), got {shown(level)}: write a share, as in 0.95 for 95%"
            for key in ("margin", "minimal_important_difference"):
                value = item.get(key)
                if value is not None and is_number(value) and value <= 0:
                    yield f"{path}.{key}", f"must be above 0, got {shown(value)}: give its size"
            ends = item.get("ci")
            open_end = isinstance(ends, tuple) and any(isinstance(end, Decimal) and end.is_infinite() for end in ends)
            if open_end and level is not None and is_number(level) and 0 < level <= Decimal("0.5"):
                yield f"{path}.level", f"must be above 0.5 for an interval with an open end, got {shown(level)}"
            if isinstance(ends, tuple) and len(ends) == 2 and (ends[0] == _OPEN or ends[1] == -_OPEN):  # noqa: PLR2004
                yield f"{path}.ci", "must be open below by -inf as its first end, or above by inf as its second"
            if isinstance(ends, tuple) and ends and all(isinstance(end, Decimal) and end.is_infinite() for end in ends):
                yield f"{path}.ci", "must have a finite end: leave the outcome out if it has no interval"


def _criteria_faults(note: Any) -> Iterator[Fault]:  # noqa: ANN401
    criteria = note.get("criteria") if isinstance(note, dict) else None
    for name, raw in criteria.items() if isinstance(criteria, dict) else ():
        try:
            found = Criterion.model_validate(raw)
        except ValidationError:
            continue  # told by the schema
        yield from tried(f"note.criteria.{name}", partial(_judged, found))


def _judged(criterion: Criterion) -> zin.Judged:
    return zin.Judged(criterion.judgement, adopted_by=criterion.adopted_by, not_adopted_by=criterion.not_adopted_by)
