"""Dates of which a source prints no day: a month, a season or a year, filed by its first day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["SEASONS", "DatePrinted", "date_faults", "first_day", "iso_date", "last_day"]

#: What of a date the source prints.
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


def date_faults(item: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """Yield the fault of a date that is not the first day of the period that was printed."""
    date, printed = item.get("date"), item.get("date_printed", "day")
    if printed not in ("day", *_MONTHS):
        return  # reported by the schema
    if type(date) is not dt.date:
        if "date_printed" in item and "date" not in item:
            yield f"{path}.date_printed", "must stand beside a date: add it, or remove this"
        return
    start = first_day(date, str(printed))
    if date != start:
        yield f"{path}.date", f"must be the first day of its {printed}, {start}, as no day is printed, got {date}"
