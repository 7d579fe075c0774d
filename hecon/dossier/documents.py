"""The source documents of a dossier: dates as printed, extent read, citations, and statements with their sources."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, field_serializer

from hecon.files.faults import Fault, ids_in, path_of, shown, tables
from hecon.files.parts import DOI, Extent, Identifier, Part, Reference, Sources, Text, Words, children

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel

    from hecon.dossier.budget import BudgetPart
    from hecon.dossier.comparison import Comparison
    from hecon.dossier.loading import Dossier
    from hecon.dossier.note import Study

# The printed precision of a date.
DatePrinted = Literal["day", "month", "season", "year"]
#: First months of the seasons: spring is March to May.
SEASONS = {3: "spring", 6: "summer", 9: "autumn", 12: "winter"}

_MONTHS = {"month": 1, "season": 3, "year": 12}


def first_day(date: dt.date, printed: str) -> dt.date:
    """Return the first day of the period that a date stands for."""
    if printed == "day":
        return date
    month = {"month": date.month, "season": date.month // 3 * 3 or 12, "year": 1}[printed]
    return dt.date(date.year - (printed == "season" and date.month < min(SEASONS)), month, 1)


def last_day(date: dt.date, printed: str) -> dt.date:
    """Return the last day of the period that a date stands for."""
    if printed == "day":
        return date
    start = first_day(date, printed)
    years, months = divmod(start.month - 1 + _MONTHS[printed], 12)
    return dt.date(start.year + years, months + 1, 1) - dt.timedelta(days=1)


def iso_date(date: dt.date, printed: str) -> str:
    """Return a date by ISO 8601 without the day that was not printed; a season is its months."""
    start, end = first_day(date, printed), last_day(date, printed)
    return {
        "day": date.isoformat(),
        "month": f"{start:%Y-%m}",
        "season": f"{start:%Y-%m}/{end:%Y-%m}",
        "year": f"{start:%Y}",
    }[printed]


def unknown_documents(tree: dict[str, Any]) -> Iterator[Fault]:
    """Yield each reference to an unknown document."""
    yield from _unknown(tree, set(ids_in(tree, "document")))


def _unknown(node: Any, known: set[str], *steps: str | int) -> Iterator[Fault]:  # noqa: ANN401
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "sources":
                yield from _unknown(value, known, *steps, key)
                continue
            for position, reference in tables(node, "sources"):
                name = reference.get("document")
                if isinstance(name, str) and name not in known:
                    listed = ", ".join(sorted(known)) or "none"
                    rule = f"must be the id of a [[document]], got {shown(name)}; known: {listed}"
                    yield path_of(*steps, "sources", position, "document"), rule
    elif isinstance(node, (list, tuple)):
        for position, value in enumerate(node):
            yield from _unknown(value, known, *steps, position)


def date_faults(item: Mapping[str, Any], path: str, key: str = "date") -> Iterator[Fault]:
    """Yield the fault of a date that is not the first day of its printed period."""
    date, printed = item.get(key), item.get(f"{key}_printed", "day")
    if printed not in ("day", *_MONTHS):
        return  # a fault of the schema
    if type(date) is not dt.date:
        if f"{key}_printed" in item and key not in item:
            yield f"{path}.{key}_printed", f"must stand beside {key}: add it, or remove this"
        return
    start = first_day(date, str(printed))
    if date != start:
        yield f"{path}.{key}", f"must be the first day of its {printed}, {start}, as no day is printed, got {date}"


class SourceDocument(Part):
    """A source document.

    Attributes
    ----------
    id : str, lower-case words joined by hyphens
    citation : str, author, title, place and year
    date : date or None, as printed on it; where it prints no day, the first day of what `date_printed` says
    date_printed : str, "day", "month", "season" (spring is March to May) or "year"
    doi : str or None, without ``https://doi.org/``
    extent : str or None
        How much of it was read: "whole", "abstract", "part", or "quoted" where only another document's quotation was.
    read : Text, the same in words
    """

    id: Identifier
    citation: Words
    date: dt.date | None = None
    date_printed: DatePrinted = "day"
    doi: Annotated[str, Field(pattern=DOI)] | None = None
    extent: Extent | None = None
    read: Text

    @field_serializer("date", when_used="json-unless-none")
    def _filed(self, date: dt.date) -> str:
        return iso_date(date, self.date_printed)


class Statement(Part):
    """A statement in both languages, with its sources."""

    text: Text
    sources: Sources


# From nothing said to everything read.
_ORDER: tuple[Extent | None, ...] = (None, "quoted", "abstract", "part", "whole")
# What holds no reference, by far the most of what is walked.
_PLAIN = (str, int, Decimal, dt.date, type(None))


def _references(part: object) -> Iterator[Reference]:
    if isinstance(part, Reference):
        yield part
    elif not isinstance(part, _PLAIN):
        for _, child in children(part):
            yield from _references(child)


def cited_documents(dossier: Dossier, part: BaseModel | None = None) -> tuple[SourceDocument, ...]:
    """Return the documents that a part of a dossier cites, in the order of the file."""
    ids = {reference.document for reference in _references(dossier if part is None else part)}
    return tuple(document for document in dossier.document if document.id in ids)


def extent_read(dossier: Dossier, part: Comparison | Study | BudgetPart) -> Extent | None:
    """Return how much was read of the sources of a part; only of the whole can something be "not reported"."""
    if part.read is not None:
        return part.read
    if getattr(part, "data", None) is not None:
        return "whole"
    extents = (document.extent for document in cited_documents(dossier, part))
    return min(extents, key=_ORDER.index, default=None)
