"""Columns whose names tell another order than that of their places in a design."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon import eq5d
from hecon.trial.qaly import month_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hecon.trial.table.design_rules import Fault

__all__ = ["name_faults"]


def name_faults(parts: dict[str, Any]) -> Iterator[Fault]:
    """Yield columns whose names are those of other times or items than their places.

    Parameters
    ----------
    parts : dict
        The clean parts of a design, with periods in place.

    Yields
    ------
    pair of str
        Path and message.
    """
    utility = parts["utility"] or {}
    for key in ("columns", "states", "items"):
        yield from _time_faults(utility.get(key), utility.get("months"), f"utility.{key}", "months")
    items: Any = utility.get("items")
    if _is_list(items):
        sets = {f"utility.items[{place}]": each for place, each in enumerate(items) if _is_list(each)}
        for path, names in (sets or {"utility.items": items}).items():
            yield from _item_faults(names, path)
    for place, cost in enumerate(parts["cost"] or ()):
        periods = (cost or {}).get("periods")
        if periods and all(each is not None and None not in each for each in periods):
            ends = [end for _, end in periods]
            yield from _time_faults(cost["columns"], ends, f"cost[{place}].columns", "ends of the periods")


def _is_list(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, (list, tuple))


def _time_faults(columns: Any, times: Sequence[float] | None, path: str, what: str) -> Iterator[Fault]:  # noqa: ANN401
    if not _is_list(columns) or not times or None in times or len(columns) != len(times):
        return
    told = [_month(each) for each in columns]
    if None not in told and told != list(times) and set(told) == set(times):
        wanted = ", ".join(f"{time:g}" for time in times)
        given = ", ".join(f"{time:g}" for time in told if time is not None)
        rule = f"must be in the order of the {what}, {wanted}, got columns whose names tell {given}"
        yield path, f"{rule}: put them in order, or rename them in the table"


def _month(columns: Any) -> float | None:  # noqa: ANN401
    """Return the month that the name of a column tells, or those of five that tell the same."""
    months = {month_of(each) for each in (columns if _is_list(columns) else (columns,))}
    return months.pop() if len(months) == 1 else None


def _item_faults(names: Sequence[Any], path: str) -> Iterator[Fault]:
    order = eq5d.item_order(names) if all(isinstance(each, str) for each in names) else None
    if order is not None and order != sorted(order):
        wanted = ", ".join(names[place] for place in order)
        rule = "must be mobility, self-care, usual activities, pain and anxiety, got names that tell another order"
        yield path, f"{rule}: write {wanted}"
