"""Faults of the note of a dossier: of the outcomes and facts of its studies, and of its criteria."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from hecon import zin
from hecon.dossier.figure_faults import fact_faults
from hecon.dossier.note_schema import Criterion
from hecon.files.faults import Fault, path_of, shown, tables, tried
from hecon.files.parts import is_number

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["note_faults"]

_OPEN = Decimal("inf")


def note_faults(tree: dict[str, Any]) -> Iterator[Fault]:
    """Yield the faults of a note that the schema does not see: its date, its studies and its criteria.

    Parameters
    ----------
    tree : dict
        The dossier as parsed.

    Yields
    ------
    pair of str
        Path and message.
    """
    note = tree.get("note")
    yield from _date_faults(note, tree)
    yield from _extent_faults(tree)
    if isinstance(note, dict) and "no_budget" in note and "budget" in tree:
        yield path_of("note", "no_budget"), "must not stand beside [budget], got both: remove this"
    yield from _outcome_faults(note)
    yield from fact_faults(note)
    yield from _criteria_faults(note)


def _date_faults(note: Any, tree: dict[str, Any]) -> Iterator[Fault]:  # noqa: ANN401
    """Yield the fault of a note that is older than a document or judgement that it tells of."""
    written = note.get("date") if isinstance(note, dict) else None
    if type(written) is not dt.date:
        return
    cited = _cited(tree)
    later = [
        (item["date"], f"document {item['id']!r}")
        for _, item in tables(tree, "document")
        if type(item.get("date")) is dt.date and isinstance(item.get("id"), str) and item["id"] in cited
    ]
    criteria = note.get("criteria")
    later += [
        (item["judged_on"], f"the judgement in note.criteria.{name}")
        for name, item in (criteria.items() if isinstance(criteria, dict) else ())
        if isinstance(item, dict) and type(item.get("judged_on")) is dt.date
    ]
    latest = max(later, default=None)
    if latest is not None and latest[0] > written:
        message = (
            f"must not be before what the note uses, got {written}, while {latest[1]} is of {latest[0]}: give the date "
            "of this note, not of a note that it draws on"
        )
        yield "note.date", message


def _cited(node: Any) -> set[Any]:  # noqa: ANN401
    """Return the ids of the documents that a parsed part cites."""
    if isinstance(node, dict):
        own = {each.get("document") for _, each in tables(node, "sources") if isinstance(each.get("document"), str)}
        return own.union(*(_cited(value) for value in node.values()))
    return set().union(*(_cited(each) for each in node)) if isinstance(node, (list, tuple)) else set()


def _extent_faults(tree: dict[str, Any]) -> Iterator[Fault]:
    """Yield each part that claims to rest on whole sources while a document that it cites was not read whole."""
    partly = {
        item["id"]
        for _, item in tables(tree, "document")
        if isinstance(item.get("id"), str) and item.get("extent", "whole") != "whole"
    }
    parts = [(f"comparison[{place}]", item) for place, item in tables(tree, "comparison")]
    parts += [(f"note.study[{place}]", item) for place, item in tables(tree.get("note"), "study")]
    parts += [("budget", tree["budget"])] if isinstance(tree.get("budget"), dict) else []
    for path, item in parts:
        names = sorted(partly & _cited(item), key=str) if item.get("read") == "whole" else []
        if names:
            yield (
                f"{path}.read",
                f"must not be 'whole', as of {', '.join(map(repr, names))} less was read: leave it out",
            )


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
