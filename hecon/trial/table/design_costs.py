"""The faults of the costs of a design: their columns, periods, prices and years."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hecon.trial.table.design_rules import Fault

__all__ = ["cost_faults", "fill_periods"]

Tree = dict[str, Any]


def _months(parts: Tree) -> tuple[float, ...] | None:
    """Return the times of the utilities, if they have no fault."""
    months = (parts["utility"] or {}).get("months")
    sound = months is not None and None not in months and list(months) == sorted(set(months))
    return months if sound else None


def fill_periods(parts: Tree) -> None:
    """Give each cost without periods the spans between the times of the utilities."""
    months = _months(parts)
    for cost in parts["cost"] or ():
        if cost and cost["periods"] is None and months is not None:
            cost["periods"] = tuple(pairwise(months))


def cost_faults(parts: Tree) -> Iterator[Fault]:
    """Yield the faults of the costs.

    Parameters
    ----------
    parts : dict
        The clean parts of a design, with periods in place.

    Yields
    ------
    pair of str
        Path and message.
    """
    layout = (parts["table"] or {}).get("layout")
    months = _months(parts)
    year = (parts["analysis"] or {}).get("price_year")
    sound = True
    for place, cost in enumerate(parts["cost"] or ()):
        if not cost:
            continue
        path = f"cost[{place}]"
        faults = list(_period_faults(cost["periods"], months, f"{path}.periods"))
        yield from faults
        sound = sound and not faults
        yield from _column_faults(cost, layout, path)
        yield from _price_faults(cost, year, path)
    if sound:
        yield from _category_faults(parts)
        yield from _absence_faults(parts["cost"] or ())


def _column_faults(cost: Tree, layout: str | None, path: str) -> Iterator[Fault]:
    here, there, why = (
        ("columns", "column", "one per period") if layout == "wide" else ("column", "columns", "only one")
    )
    if layout is None:
        return
    if cost[there] is not None:
        yield f"{path}.{there}", f"must be left out: a {layout} table has {here}, {why}"
    if cost[here] is None and cost[there] is None:
        yield f"{path}.{here}", f"is missing: a {layout} table has {why}"
    periods = cost["periods"]
    if layout == "wide" and cost["columns"] is not None and periods and len(cost["columns"]) != len(periods):
        yield f"{path}.columns", f"must be one per period, got {len(cost['columns'])} for {len(periods)}"


def _is_known(periods: Any) -> bool:  # noqa: ANN401
    return bool(periods) and all(each is not None and None not in each for each in periods)


def _period_faults(periods: Any, months: Any, path: str) -> Iterator[Fault]:  # noqa: ANN401
    if not _is_known(periods):
        return
    for place, (start, end) in enumerate(periods):
        at = f"{path}[{place}]"
        if not start < end:
            yield at, f"must end after it starts, got {start:g} to {end:g}"
        elif months is not None and end > months[-1]:
            yield at, f"must end by the last month of the utilities, {months[-1]:g}, got {end:g}"
        if place and start != periods[place - 1][1]:
            before = periods[place - 1][1]
            yield at, f"must start where the one before ends, at {before:g}, got {start:g}"


def _category_faults(parts: Tree) -> Iterator[Fault]:
    """Yield that the periods of two costs of one category overlap or leave a gap."""
    spans: dict[str, list[tuple[float, float]]] = {}
    for place, cost in enumerate(parts["cost"] or ()):
        if not cost or cost["category"] is None or not _is_known(cost["periods"]):
            continue
        known = spans.setdefault(cost["category"], [])
        new = [span for span in cost["periods"] if span not in known]
        if known and any(start < other[1] and other[0] < end for start, end in new for other in known):
            rule = "must be those of the other costs of the category, or lie beside them, got an overlap"
            yield f"cost[{place}].periods", f"{rule} within {cost['category']!r}"
        known += new
    for category, each in spans.items():
        for (_, end), (start, _) in pairwise(sorted(each)):
            if start > end:
                yield "cost", f"must leave no gap within {category!r}, got none from month {end:g} to {start:g}"


def _absence_faults(costs: Any) -> Iterator[Fault]:  # noqa: ANN401
    """Yield absence of one category that goes on in another cost, where a spell would be counted as a new one."""
    first: dict[str, list[tuple[int, set[tuple[float, float]]]]] = {}
    for place, cost in enumerate(costs):
        if not cost or cost["absence"] is None or cost["category"] is None or not _is_known(cost["periods"]):
            continue
        own, known = set(cost["periods"]), first.setdefault(cost["category"], [])
        for other, periods in known:
            # Within the same periods nothing goes on: two jobs of one patient.
            if not (own <= periods or periods <= own):
                rule = f"must stand in one [[cost]] with all periods of {cost['category']!r}, got other periods than in"
                yield f"cost[{place}].absence", f"{rule} cost[{other}]: the friction period would begin anew"
                break
        known.append((place, own))


def _tried(path: str, check: Callable[[], object]) -> Iterator[Fault]:
    try:
        check()
    except InputError as error:
        yield path, str(error)


def _price_faults(cost: Tree, year: int | None, path: str) -> Iterator[Fault]:
    from hecon import prices

    price, own = cost["price"], cost["price_year"]
    if isinstance(price, str):
        yield from _tried(f"{path}.price", lambda: prices.reference_price(price))
        if own is not None:
            yield f"{path}.price_year", "must be left out: a reference price knows its own"
        own = None
    elif own is None:
        yield f"{path}.price_year", "is missing: say of which year the price or the amounts are"
    if own is not None and year is not None:
        yield from _tried(f"{path}.price_year", lambda: prices.indexed(1.0, price_year=own, to_year=year))
    if cost["absence"] is not None and price is None:
        yield f"{path}.price", "is missing: hours of absence need a price per hour"
