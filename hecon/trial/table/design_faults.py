"""The faults between the parts of a design; a part with a fault of its own is None, and nothing is told of it again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from hecon import tables
from hecon.trial.table.cells import key_of
from hecon.trial.table.design_costs import cost_faults
from hecon.trial.table.design_names import name_faults
from hecon.trial.table.design_rules import near
from hecon.trial.table.groups import flat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.trial.table.design_rules import Fault

__all__ = ["design_faults"]

Tree = dict[str, Any]
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
            yield f"arm.values.{name}", f"must be a strategy{near(name, strategies)}"
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
        yield "utility.value_set", f"must be a value set, got {value_set!r}{near(value_set, known)}"
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
                yield path, f"must be a category of a [[cost]], got {category!r}{near(category, known)}"
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
