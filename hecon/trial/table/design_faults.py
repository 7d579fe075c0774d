"""The faults between the parts of a design; a part with a fault of its own is None, and nothing is told of it again."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hecon import eq5d, tables
from hecon.errors import InputError
from hecon.files.faults import near
from hecon.trial.qaly import month_of
from hecon.trial.table.cells import key_of
from hecon.trial.table.groups import flat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hecon.files.faults import Fault

__all__ = ["cost_faults", "design_faults", "fill_periods", "name_faults"]


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


_FIVE = 5


def design_faults(parts: Tree) -> Iterator[Fault]:
    """Yield the faults between the parts of a design.

    Parameters
    ----------
    parts : dict
        The clean parts, with defaults and periods in place.

    Yields
    ------
    pair of str
        Path and message.
    """
    layout = (parts["table"] or {}).get("layout")
    if parts["table"]:
        yield from _layout_faults(parts["table"])
    if parts["arm"]:
        yield from _arm_faults(parts["arm"])
    if parts["utility"]:
        yield from _utility_faults(parts["utility"], layout)
    for place, each in enumerate(parts["covariate"] or ()):
        if each:
            yield from _level_faults(each, f"covariate[{place}]")
            yield from _missing_levels(each, f"covariate[{place}]", (parts["table"] or {}).get("missing") or ())
    yield from cost_faults(parts)
    yield from name_faults(parts)
    yield from _codes_of_shared_columns(parts["cost"] or ())
    yield from _perspective_faults(parts)
    yield from _shared_columns(parts)


def _layout_faults(table: Tree) -> Iterator[Fault]:
    if table["layout"] == "long" and table["time"] is None:
        yield "table.time", "is missing: a long table needs the column of the time"
    if table["layout"] == "wide" and table["time"] is not None:
        yield "table.time", "must be left out: a wide table has one row per patient"
    if table["thousands"] is not None and table["thousands"] == table["decimal"]:
        yield "table.thousands", f"must differ from the decimal mark, got {table['decimal']!r} for both"


def _arm_faults(arm: Tree) -> Iterator[Fault]:
    names = arm["interventions"] or ()
    for place, name in enumerate(names):
        if name is not None and name == arm["comparator"]:
            yield f"arm.interventions[{place}]", f"must not be the comparator, got {name!r}"
        elif name is not None and name in names[:place]:
            yield f"arm.interventions[{place}]", f"must be unique, got {name!r} again"
    if None not in (arm["values"], arm["interventions"], arm["comparator"]):
        yield from _value_faults(arm["values"], (arm["comparator"], *(name for name in names if name is not None)))


def _value_faults(values: Tree, strategies: tuple[str, ...]) -> Iterator[Fault]:
    for name in values:
        if name not in strategies:
            yield f"arm.values.{name}", f"must be a strategy{near(name, strategies, listed='known:')}"
    for name in strategies:
        if name not in values:
            yield f"arm.values.{name}", "is missing: say what stands in the column for each strategy"
    given = Counter(key_of(value) for value in values.values() if value is not None)
    for name, value in values.items():
        if value is not None and given[key_of(value)] > 1:
            yield f"arm.values.{name}", f"must be a value of its own, got {value!r} for two strategies"


def _utility_faults(utility: Tree, layout: str | None) -> Iterator[Fault]:
    months, value_set = utility["months"], utility["value_set"]
    if months is not None and None not in months:
        if months[0] != 0:
            yield "utility.months", f"must begin with 0, the baseline, got {months[0]:g}"
        for place in range(1, len(months)):
            if months[place] <= months[place - 1]:
                yield f"utility.months[{place}]", f"must increase, got {months[place]:g} after {months[place - 1]:g}"
    known = tables.names("value_set")
    if value_set is not None and value_set not in known:
        yield "utility.value_set", f"must be a value set, got {value_set!r}{near(value_set, known, listed='known:')}"
    given = [key for key in ("columns", "states", "items") if utility[key] is not None]
    if len(given) != 1:
        yield "utility", f"must have one of columns, states and items, got {' and '.join(given) or 'none'}"
        return
    if given != ["columns"] and value_set is None:
        yield "utility.value_set", f"is missing: {given[0]} need one; known: {', '.join(known)}"
    yield from _shape_faults(given[0], utility[given[0]], months, layout)


def _shape_faults(key: str, names: Any, months: Any, layout: str | None) -> Iterator[Fault]:  # noqa: ANN401
    path = f"utility.{key}"
    nested = not isinstance(names, str) and any(isinstance(each, tuple) for each in names)
    if layout == "long":
        if key != "items" and not isinstance(names, str):
            yield path, "must be the name of one column: a long table has one for all times"
        if key == "items" and (nested or len(names) != _FIVE):
            yield path, "must be the names of five columns: a long table has five for all times"
    elif layout == "wide":
        if isinstance(names, str) or (key == "items" and not all(isinstance(each, tuple) for each in names)):
            five = ", each a list of five" if key == "items" else ""
            yield path, f"must be a list with one for every month of a wide table{five}"
        elif months is not None and len(names) != len(months):
            yield path, f"must be given for every month, got {len(names)} for {len(months)}"


def _level_faults(covariate: Tree, path: str) -> Iterator[Fault]:
    levels = covariate["levels"]
    if not levels:
        return
    if covariate["kind"] == "number":
        yield f"{path}.levels", 'must be left out of a number: a category has levels, with kind = "category"'
    elif len(levels) == 1:
        yield f"{path}.levels", "must be two at least, got one"
    for place, level in enumerate(levels):
        if level is not None and key_of(level) in {key_of(other) for other in levels[:place] if other is not None}:
            yield f"{path}.levels[{place}]", f"must be unique, got {level!r} again"


def _missing_levels(covariate: Tree, path: str, of_table: tuple[Any, ...]) -> Iterator[Fault]:
    """Yield levels that a missing code names too: whoever has them would count as unknown."""
    own = {key_of(code) for code in covariate["missing"] or () if code is not None}
    shared = {key_of(code) for code in of_table if code is not None}
    for place, level in enumerate(covariate["levels"] or ()):
        if level is not None and key_of(level) in own | shared:
            where = f"{path}.missing" if key_of(level) in own else "table.missing"
            yield f"{path}.levels[{place}]", f"must not mean missing, got {level!r}, which {where} names too"


def _codes_of_shared_columns(costs: Any) -> Iterator[Fault]:  # noqa: ANN401
    """Yield costs that read one column with different missing codes."""
    first: dict[str, int] = {}
    for place, cost in enumerate(costs):
        if not cost or cost["missing"] is None:
            continue
        for name in dict.fromkeys(flat((cost["columns"], cost["column"], cost["baseline"]))):
            other = costs[first.setdefault(name, place)]
            if {key_of(code) for code in cost["missing"]} != {key_of(code) for code in other["missing"]}:
                rule = f"must be the codes of cost[{first[name]}], which reads column {name!r} too"
                yield f"cost[{place}].missing", rule


def _perspective_faults(parts: Tree) -> Iterator[Fault]:
    costs, perspectives = parts["cost"], parts["perspective"]
    if costs is None or perspectives is None or any(not each or each["category"] is None for each in costs):
        return
    known = list(dict.fromkeys(each["category"] for each in costs))
    for name, categories in perspectives.items():
        for place, category in enumerate(categories or ()):
            path = f"perspective.{name}[{place}]"
            if category is not None and category not in known:
                yield (
                    path,
                    f"must be a category of a [[cost]], got {category!r}{near(category, known, listed='known:')}",
                )
            elif category is not None and category in categories[:place]:
                yield path, f"must be unique, got {category!r} again"
    if None in perspectives.values():
        return
    counted = {category for categories in perspectives.values() for category in categories}
    for category in known:
        if category not in counted:
            yield "perspective", f"must count every category once at least, got {category!r} in none"


# Columns --------------------------------------------------------------------------------------------------------------


def _roles(parts: Tree) -> Iterator[tuple[str, str, str]]:
    """Yield each column that must have one role only, with its path and that role."""
    for table, keys in (
        ("table", ("patient", "time")),
        ("arm", ("column",)),
        ("cluster", ("column", "period")),
        ("dates", ("randomisation", "baseline")),
        ("utility", ("columns", "states", "items")),
    ):
        for key in keys:
            for name in flat((parts[table] or {}).get(key)):
                yield f"{table}.{key}", name, f"{table}.{key}"
    for place, each in enumerate(parts["covariate"] or ()):
        for name in flat((each or {}).get("column")):
            yield f"covariate[{place}].column", name, "covariate"
    for place, each in enumerate(parts["cost"] or ()):
        used = set()
        for key in ("columns", "column", "baseline"):
            for name in flat((each or {}).get(key)):
                # One count of visits may be priced twice, for the visit and for the travel.
                if name not in used or key == "columns":
                    yield (
                        f"cost[{place}].{key}",
                        name,
                        f"cost[{place}]" if key == "columns" and name in used else "cost",
                    )
                used.add(name)


def _shared_columns(parts: Tree) -> Iterator[Fault]:
    """Yield columns named for two things: an identifier or an outcome must not come back as a covariate."""
    first: dict[str, tuple[str, str]] = {}
    for path, name, role in _roles(parts):
        if name not in first:
            first[name] = (path, role)
        elif not (role == first[name][1] == "cost"):
            yield path, f"must be a column of its own, got {name!r}, which {first[name][0]} names too"
