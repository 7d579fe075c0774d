"""A design across its parts: the faults between them, and which columns hold what.

What has a fault of its own is None here, and causes no other.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hecon import eq5d, prices, valuesets
from hecon.draws import direction_of
from hecon.errors import InputError, ValueSetError
from hecon.files.faults import collect_error, near, path_of, shown
from hecon.trial.effects import QALY
from hecon.trial.table.cells import code_text, key_of
from hecon.trial.table.column_groups import flat
from hecon.trial.table.design_fates import fate_faults, has_fault, months_of
from hecon.trial.valuation import month_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hecon.files.faults import Fault
    from hecon.trial.table.design import Design
    from hecon.trial.table.design_keys import (
        Arm,
        Cost,
        CostsAlone,
        Covariate,
        DataTable,
        Deviation,
        Effect,
        Equivalence,
        Subgroup,
        Utility,
    )

    Periods = tuple[tuple[float, float], ...]
    Codes = frozenset[float | str]

_FIVE = 5
_YEAR = 12.0


def design_faults(design: Design, faulty: Sequence[str] = ()) -> Iterator[Fault]:
    """Yield the faults between the parts of a design; what has a fault of its own is None, and its path in `faulty`."""
    costs = _sound_costs(design, faulty)
    if design.table:
        yield from _layout_faults(design.table)
        if design.table.weight is not None and design.cluster is not None:
            yield "table.weight", "must be left out beside [cluster]: weighted patients of clusters are not analysed"
    if design.arm:
        yield from _arm_faults(design.arm)
    yield from _which_faults(design, faulty)
    if design.utility:
        yield from _utility_faults(design.utility, design.table, faulty)
    if design.effect:
        yield from _effect_faults(design.effect, design.table)
    if design.costs_alone and design.costs_alone.equivalence:
        yield from _equivalence_faults(design.costs_alone.equivalence)
    for place, each in enumerate(design.covariate or ()):
        if each:
            yield from _level_faults(each, f"covariate[{place}]")
            yield from _missing_levels(each, f"covariate[{place}]", design.table)
    yield from _subgroup_faults(design)
    yield from fate_faults(design, faulty)
    yield from _deviation_faults(design.deviation, design.arm, faulty)
    yield from _cost_faults(costs, design)
    yield from _name_faults(costs, design.utility, design.effect)
    yield from _codes_of_shared_columns(costs)
    if design.perspective and design.cost and len(costs) == len(design.cost):
        yield from _perspective_faults(design.perspective, [cost.category for cost in costs.values()])
    yield from _shared_columns(design)


def with_periods(
    costs: tuple[Cost, ...], utility: Utility | None, effect: Effect | None, alone: CostsAlone | None
) -> tuple[Cost, ...]:
    """Return the costs, those without periods with the spans between sound times of the effect, from the start on."""
    months = months_of(utility, effect, alone)
    if months is None:
        return costs
    spans = {"periods": tuple(pairwise(months))}
    return tuple(each.model_copy(update=spans) if each and each.periods is None else each for each in costs)


def _sound_costs(design: Design, faulty: Sequence[str]) -> dict[str, Cost]:
    """Return the costs by their paths; periods at fault are not filled in."""
    given = design.cost or ()
    costs = {}
    filled_in = with_periods(given, design.utility, design.effect, design.costs_alone)
    for place, (cost, filled) in enumerate(zip(given, filled_in, strict=True)):
        path = f"cost[{place}]"
        if cost is not None:
            costs[path] = cost if has_fault(f"{path}.periods", faulty) else filled
    return costs


def _layout_faults(table: DataTable) -> Iterator[Fault]:
    if table.layout == "long" and table.time is None:
        yield "table.time", "is missing: a long table needs the column of the time"
    if table.layout == "wide" and table.time is not None:
        yield "table.time", "must be left out: a wide table has one row per patient"
    if table.thousands is not None and table.thousands == table.decimal:
        yield "table.thousands", f"must differ from the decimal mark, got {table.decimal!r} for both"


def _arm_faults(arm: Arm) -> Iterator[Fault]:
    names = arm.interventions or ()
    for place, name in enumerate(names):
        if name == arm.comparator:
            yield f"arm.interventions[{place}]", f"must not be the comparator, got {name!r}"
        elif name in names[:place]:
            yield f"arm.interventions[{place}]", f"must be unique, got {name!r} again"
    if arm.values and names and arm.comparator:
        yield from _value_faults(arm.values, (arm.comparator, *names))


def _value_faults(values: dict[str, float | str], strategies: tuple[str, ...]) -> Iterator[Fault]:
    for name in values:
        if name not in strategies:
            yield path_of("arm", "values", name), f"must be a strategy{near(name, strategies, listed='known:')}"
    for name in strategies:
        if name not in values:
            yield path_of("arm", "values", name), "is missing: say what stands in the column for each strategy"
    given = Counter(map(key_of, values.values()))
    for name, value in values.items():
        if given[key_of(value)] > 1:
            yield path_of("arm", "values", name), f"must be a value of its own, got {shown(value)} for two strategies"


def _deviation_faults(deviation: Deviation | None, arm: Arm | None, faulty: Sequence[str]) -> Iterator[Fault]:
    if not deviation:
        return
    kinds = ("column", "after")
    given = [key for key in kinds if getattr(deviation, key) is not None or has_fault(f"deviation.{key}", faulty)]
    if len(given) != 1:
        yield "deviation", f"must have one of column and after, got {' and '.join(given) or 'neither'}"
    elif deviation.missing and given == ["after"]:
        yield "deviation.missing", "must be left out with after: it has the codes of a column"
    if deviation.reference is not None and arm and arm.comparator and arm.interventions:
        known = (arm.comparator, *arm.interventions)
        if deviation.reference not in known:
            yield "deviation.reference", f"must be a strategy{near(deviation.reference, known, listed='known:')}"
    for place, method in enumerate(deviation.methods or ()):
        if method in deviation.methods[:place]:
            yield f"deviation.methods[{place}]", f"must be unique, got {method!r} again"


def _level_faults(covariate: Covariate, path: str) -> Iterator[Fault]:
    levels = covariate.levels
    if not levels:
        return
    if covariate.kind == "number":
        yield f"{path}.levels", 'must be left out of a number: a category has levels, with kind = "category"'
    elif len(levels) == 1:
        yield f"{path}.levels", "must be two at least, got one"
    for place, level in enumerate(levels):
        if key_of(level) in map(key_of, levels[:place]):
            yield f"{path}.levels[{place}]", f"must be unique, got {shown(level)} again"


def _missing_levels(covariate: Covariate, path: str, table: DataTable | None) -> Iterator[Fault]:
    """Yield levels that a missing code names too: whoever has them would count as unknown."""
    own = set(map(key_of, covariate.missing or ()))
    shared = set(map(key_of, (table.missing if table else None) or ()))
    for place, level in enumerate(covariate.levels or ()):
        if key_of(level) in own | shared:
            where = f"{path}.missing" if key_of(level) in own else "table.missing"
            yield f"{path}.levels[{place}]", f"must not mean missing, got {shown(level)}, which {where} names too"


def _subgroup_faults(design: Design) -> Iterator[Fault]:
    """Yield subgroups without declared levels or cut points, that are named twice, or that would split clusters."""
    kinds = {each.column: each for each in design.covariate or () if each}
    known: list[str] = []
    for place, subgroup in enumerate(design.subgroup or ()):
        path = f"subgroup[{place}].column"
        if subgroup is None or subgroup.column is None:
            continue
        own = kinds.get(subgroup.column)
        if own is None:
            yield path, f"must be the column of a [[covariate]], got {subgroup.column!r}{near(subgroup.column, kinds)}"
        elif own.kind == "category" and not own.levels:
            rule = f"must be a category with declared levels, got {subgroup.column!r} without"
            yield path, f"{rule}: in its [[covariate]] give levels, whose names are then shown"
        elif own.kind is not None:
            yield from _cut_faults(subgroup, own, f"subgroup[{place}].cut_points")
        if subgroup.column in known:
            yield path, f"must be unique, got {subgroup.column!r} again"
        known.append(subgroup.column)
        if design.cluster is not None:
            rule = "must be left out beside [cluster]: subgroups of patients within clusters are not analysed"
            yield f"subgroup[{place}]", rule


def _cut_faults(subgroup: Subgroup, own: Covariate, path: str) -> Iterator[Fault]:
    """Yield cut points of a category, those that a number lacks, and those that do not rise."""
    cuts = subgroup.cut_points
    if own.kind == "category":
        if cuts is not None:
            yield path, f"must be left out: {subgroup.column!r} is a category, which has levels"
    elif cuts is None:
        rule = f"is missing: {subgroup.column!r} is a number, whose levels must be declared, as in cut_points = [65]"
        yield path, f'{rule}, or give its [[covariate]] kind = "category" and levels'
    elif any(high <= low for low, high in pairwise(cuts)):
        yield path, f"must rise, got {', '.join(code_text(each) for each in cuts)}"


def _perspective_faults(perspectives: dict[str, tuple[str, ...]], categories: list[str]) -> Iterator[Fault]:
    if None in categories:
        return
    known = list(dict.fromkeys(categories))
    for name, counted in perspectives.items():
        for place, category in enumerate(counted):
            path = path_of("perspective", name, place)
            if category not in known:
                hint = near(category, known, listed="known:")
                yield path, f"must be a category of a [[cost]], got {category!r}{hint}"
            elif category in counted[:place]:
                yield path, f"must be unique, got {category!r} again"
    for category in known:
        if not any(category in counted for counted in perspectives.values()):
            yield "perspective", f"must count every category once at least, got {category!r} in none"


# Utilities ------------------------------------------------------------------------------------------------------------


def _utility_faults(utility: Utility, table: DataTable | None, faulty: Sequence[str]) -> Iterator[Fault]:
    months, value_set = utility.months or (0,), utility.value_set
    if months[0] != 0 and utility.start is None and not has_fault("utility.start", faulty):
        rule = "must begin with 0, the baseline, or the utility at the start must be assumed by utility.start"
        yield "utility.months", f"{rule}, got {months[0]:g}"
    if months[0] == 0 and utility.start is not None and utility.months is not None:
        yield "utility.start", "must be left out where month 0 was measured"
    for place, (before, month) in enumerate(pairwise(months), start=1):
        if month <= before:
            yield f"utility.months[{place}]", f"must increase, got {month:g} after {before:g}"
    if value_set is not None:
        yield from _value_set_faults(value_set)
    kinds = {key: getattr(utility, key) for key in ("columns", "states", "items")}
    given = [key for key, names in kinds.items() if names is not None or has_fault(f"utility.{key}", faulty)]
    if len(given) != 1:
        yield "utility", f"must have one of columns, states and items, got {' and '.join(given) or 'none'}"
        return
    if given != ["columns"] and value_set is None:
        yield (
            "utility.value_set",
            f"is missing: {given[0]} need one; hecon.eq5d.value_sets() lists those that there are",
        )
    if table and kinds[given[0]] is not None:
        yield from _shape_faults(given[0], kinds[given[0]], utility.months, table.layout)


def _shape_faults(key: str, names: Any, months: Sequence[float] | None, layout: str | None) -> Iterator[Fault]:  # noqa: ANN401
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


def _name_faults(costs: dict[str, Cost], utility: Utility | None, effect: Effect | None) -> Iterator[Fault]:
    """Yield columns whose names are those of other times or items than their places."""
    if effect:
        yield from _time_faults(effect.columns, effect.months, "effect.columns", "months")
    if utility:
        for key in ("columns", "states", "items"):
            yield from _time_faults(getattr(utility, key), utility.months, f"utility.{key}", "months")
        yield from _item_faults(utility.items or ())
    for path, cost in costs.items():
        ends = [end for _, end in cost.periods or ()]
        yield from _time_faults(cost.columns, ends, f"{path}.columns", "ends of the periods")


def _time_faults(columns: Any, times: Sequence[float] | None, path: str, what: str) -> Iterator[Fault]:  # noqa: ANN401
    if not isinstance(columns, tuple) or not times or len(columns) != len(times):
        return
    by_name = [_month(each) for each in columns]
    if None not in by_name and by_name != list(times) and set(by_name) == set(times):
        wanted = ", ".join(f"{time:g}" for time in times)
        given = ", ".join(f"{time:g}" for time in by_name if time is not None)
        rule = f"must be in the order of the {what}, {wanted}, got columns whose names tell {given}"
        yield path, f"{rule}: put them in order, or rename them in the table"


def _month(columns: Any) -> float | None:  # noqa: ANN401
    """Return the month that the name of a column tells, or those of five that tell the same."""
    months = {month_of(each) for each in flat(columns)}
    return months.pop() if len(months) == 1 else None


def _item_faults(items: tuple[tuple[str, ...] | str, ...]) -> Iterator[Fault]:
    sets: dict[str, Any] = {
        f"utility.items[{place}]": each for place, each in enumerate(items) if isinstance(each, tuple)
    }
    for path, names in (sets or {"utility.items": items}).items():
        order = eq5d.item_order(names)
        if order is not None and order != sorted(order):
            wanted = ", ".join(names[place] for place in order)
            rule = "must be mobility, self-care, usual activities, pain and anxiety, got names that tell another order"
            yield path, f"{rule}: write {wanted}"


# Other effects --------------------------------------------------------------------------------------------------------

_EFFECTS = {"utility": "it for QALYs over time", "effect": " for one effect of each patient", "costs_alone": ""}


def _which_faults(design: Design, faulty: Sequence[str]) -> Iterator[Fault]:
    """Yield that a design does not say what its effect is, or says it twice."""
    given = [key for key in _EFFECTS if getattr(design, key) is not None or has_fault(key, faulty)]
    if not given:
        first, *others = _EFFECTS
        rest = ", or ".join(f"[{key}]{_EFFECTS[key]}" for key in others)
        yield first, f"is missing: add {_EFFECTS[first]}, {rest}"
    for other in given[1:]:
        yield other, f"must be left out beside [{given[0]}]: a design has one effect, and each effect a design"


def _equivalence_faults(shown_by: Equivalence) -> Iterator[Fault]:
    """Yield that an interval does not show equivalence."""
    if shown_by.interval is None or shown_by.margin is None:
        return
    (low, high), margin = shown_by.interval, shown_by.margin
    path = "costs_alone.equivalence.interval"
    if not low <= high:
        yield path, f"must run upwards, got {low:g} to {high:g}"
    elif not -margin < low <= high < margin:
        rule = f"must lie within the margin, -{margin:g} to {margin:g}, got {low:g} to {high:g}"
        yield path, f"{rule}: equivalence was not shown; leave it out, and costs are compared alone"


def _effect_faults(effect: Effect, table: DataTable | None) -> Iterator[Fault]:
    months, columns = effect.months or (), effect.columns
    if months and months[0] <= 0:
        rule = "must be above 0, as the effect comes after the start, got 0: the value at the start is effect.baseline"
        yield "effect.months[0]", rule
    for place, (before, month) in enumerate(pairwise(months), start=1):
        if month <= before:
            yield f"effect.months[{place}]", f"must increase, got {month:g} after {before:g}"
    if table and table.layout == "long" and columns is not None and not isinstance(columns, str):
        yield "effect.columns", "must be the name of one column: a long table has one for all times"
    if table and table.layout == "wide" and columns is not None:
        if isinstance(columns, str):
            yield "effect.columns", "must be a list with one for every month of a wide table"
        elif months and len(columns) != len(months):
            yield "effect.columns", f"must be given for every month, got {len(columns)} for {len(months)}"
    if effect.range is not None and not effect.range[0] < effect.range[1]:
        yield "effect.range", f"must be the lowest and the highest value, got {shown(effect.range)}"
    if effect.unit is not None:
        yield from _qaly_faults(effect) if effect.unit == QALY else _measure_faults(effect)
        yield from _discount_faults(effect)


def _qaly_faults(effect: Effect) -> Iterator[Fault]:
    """Yield keys that QALYs do not take: what they are is known."""
    for key, right in (("better", "more"), ("summary", "total")):
        if getattr(effect, key) not in {None, right}:
            yield f"effect.{key}", f"must be {right!r} or left out of QALYs, got {getattr(effect, key)!r}"
    if effect.name is not None:
        yield "effect.name", "must be left out of QALYs"
    if effect.range is not None:
        yield "effect.range", "must be left out of QALYs: they lie between minus and plus the years of their months"
    if effect.wtp is not None:
        yield "effect.wtp", "must be left out of QALYs: the rules have the values of a QALY, and --wtp chooses others"


def _measure_faults(effect: Effect) -> Iterator[Fault]:
    unit = effect.unit
    if "qaly" in unit.casefold():
        yield "effect.unit", f'must be "{QALY}" where the effect is in QALYs, got {shown(unit)}'
    if effect.better is None:
        rule = f'is missing: say "more" or "less", whichever of {shown(unit)} is better for patients'
        yield "effect.better", rule
    elif direction_of(unit) not in {None, effect.better}:
        yield "effect.better", f"must be {direction_of(unit)!r} for the unit {shown(unit)}, got {effect.better!r}"
    if effect.summary is None:
        kinds = '"total" for amounts that add up, as events or days; "last" for the last value, as points of a scale'
        yield "effect.summary", f"is missing: say {kinds}"


def _discount_faults(effect: Effect) -> Iterator[Fault]:
    """Yield that it is not said whether totals beyond a year are discounted, or is of what is not."""
    sums = effect.unit == QALY or effect.summary == "total"
    beyond = bool(effect.months) and effect.months[-1] > _YEAR
    if sums and beyond and effect.discounted is None:
        rule = "is missing: say true if the totals are discounted already; if false, they are discounted here"
        yield "effect.discounted", f"{rule}, each as spread evenly over its months"
    if effect.discounted is not None and not sums:
        yield "effect.discounted", 'must be left out with summary = "last": a value at one time is not discounted'


# Costs ----------------------------------------------------------------------------------------------------------------


def _cost_faults(costs: dict[str, Cost], design: Design) -> Iterator[Fault]:
    layout = design.table.layout if design.table else None
    months = months_of(design.utility, design.effect, design.costs_alone)
    year = design.analysis.price_year if design.analysis else None
    sound = True
    for path, cost in costs.items():
        faults = list(_period_faults(cost.periods or (), months, f"{path}.periods"))
        yield from faults
        sound = sound and not faults
        if layout:
            yield from _column_faults(cost, layout, path)
        yield from _price_faults(cost, year, path)
    if sound:
        whole = {path: cost for path, cost in costs.items() if cost.category is not None and cost.periods}
        yield from _category_faults(whole)
        yield from _absence_faults(whole)


def _period_faults(periods: Periods, months: Sequence[float] | None, path: str) -> Iterator[Fault]:
    for place, (start, end) in enumerate(periods):
        at = f"{path}[{place}]"
        if not start < end:
            yield at, f"must end after it starts, got {start:g} to {end:g}"
        elif months is not None and end > months[-1]:
            yield at, f"must end by the last month of the effect, {months[-1]:g}, got {end:g}"
        if place and start != periods[place - 1][1]:
            before = periods[place - 1][1]
            yield at, f"must start where the one before ends, at {before:g}, got {start:g}"


def _column_faults(cost: Cost, layout: str, path: str) -> Iterator[Fault]:
    here, there, why = (
        ("columns", "column", "one per period") if layout == "wide" else ("column", "columns", "only one")
    )
    if getattr(cost, there) is not None:
        yield f"{path}.{there}", f"must be left out: a {layout} table has {here}, {why}"
    elif getattr(cost, here) is None:
        yield f"{path}.{here}", f"is missing: a {layout} table has {why}"
    if layout == "wide" and cost.columns and cost.periods and len(cost.columns) != len(cost.periods):
        yield f"{path}.columns", f"must be one per period, got {len(cost.columns)} for {len(cost.periods)}"


def _price_faults(cost: Cost, year: int | None, path: str) -> Iterator[Fault]:
    price, own = cost.price, cost.price_year
    if isinstance(price, str):
        yield from collect_error(f"{path}.price", lambda: prices.reference_price(price))
        if own is not None:
            yield f"{path}.price_year", "must be left out: a reference price knows its own"
        own = None
    elif own is None:
        rule = "is missing: say of which year the price or the amounts are"
        yield f"{path}.price_year", f"{rule}, as in price_year = 2022"
    if own is not None and year is not None:
        yield from collect_error(f"{path}.price_year", lambda: prices.indexed(1.0, price_year=own, to_year=year))
    if cost.absence is not None and cost.negative:
        yield f"{path}.negative", "must be left out beside absence: hours of absence are at least 0"
    if cost.absence is not None and price is None:
        yield f"{path}.price", "is missing: hours of absence need a price per hour"


def _category_faults(costs: dict[str, Cost]) -> Iterator[Fault]:
    """Yield that the periods of two costs of one category overlap or leave a gap."""
    spans: dict[str, list[tuple[float, float]]] = {}
    for path, cost in costs.items():
        known = spans.setdefault(cost.category, [])
        new = [span for span in cost.periods or () if span not in known]
        if known and any(start < other[1] and other[0] < end for start, end in new for other in known):
            rule = "must be those of the other costs of the category, or lie beside them, got an overlap"
            yield f"{path}.periods", f"{rule} within {cost.category!r}"
        known += new
    discounted: dict[str, tuple[str, bool]] = {}
    for path, cost in costs.items():
        first, stated = discounted.setdefault(cost.category, (path, cost.discounted))
        if cost.discounted is not stated:
            yield f"{path}.discounted", f"must be that of {first}, which is of the category {cost.category!r} too"
    for category, each in spans.items():
        for (_, end), (start, _) in pairwise(sorted(each)):
            if start > end:
                yield "cost", f"must leave no gap within {category!r}, got none from month {end:g} to {start:g}"


def _absence_faults(costs: dict[str, Cost]) -> Iterator[Fault]:
    """Yield absence of one category that goes on in another cost, where a spell would be counted as a new one."""
    first: dict[str, list[tuple[str, set[tuple[float, float]]]]] = {}
    for path, cost in costs.items():
        if cost.absence is None:
            continue
        own, known = set(cost.periods or ()), first.setdefault(cost.category, [])
        for other, periods in known:
            # Within the same periods nothing goes on: two jobs of one patient.
            if not (own <= periods or periods <= own):
                rule = f"must stand in one [[cost]] with all periods of {cost.category!r}, got other periods than in"
                yield f"{path}.absence", f"{rule} {other}: the friction period would begin anew"
                break
        known.append((path, own))


def _codes_of_shared_columns(costs: dict[str, Cost]) -> Iterator[Fault]:
    """Yield costs that read one column with different missing codes."""
    first: dict[str, str] = {}
    for path, cost in costs.items():
        if cost.missing is None:
            continue
        for name in dict.fromkeys(flat((cost.columns, cost.column, cost.baseline))):
            other = first.setdefault(name, path)
            if set(map(key_of, cost.missing)) != set(map(key_of, costs[other].missing)):
                yield f"{path}.missing", f"must be the codes of {other}, which reads column {name!r} too"


# Columns --------------------------------------------------------------------------------------------------------------


def _roles(design: Design) -> Iterator[tuple[str, str, str]]:
    """Yield each column that must have one role only, with its path and that role."""
    for table, keys in (
        ("table", ("patient", "time", "weight")),
        ("arm", ("column",)),
        ("cluster", ("column", "period")),
        ("dates", ("randomisation", "baseline")),
        ("death", ("date", "month", "status")),
        ("deviation", ("column",)),
        ("planned", ("follow_up",)),
        ("utility", ("columns", "states", "items")),
        ("effect", ("columns",)),
    ):
        for key in keys:
            for name in flat(getattr(getattr(design, table), key, None)):
                yield f"{table}.{key}", name, f"{table}.{key}"
    if design.effect and design.effect.baseline is not None and design.effect.baseline != design.effect.columns:
        # The column of a long table has the value at the start too.
        yield "effect.baseline", design.effect.baseline, "effect.baseline"
    for place, each in enumerate(design.covariate or ()):
        for name in flat(each and each.column):
            yield f"covariate[{place}].column", name, "covariate"
    for place, cost in enumerate(design.cost or ()):
        yield from _cost_roles(cost, place)


def _cost_roles(cost: Cost, place: int) -> Iterator[tuple[str, str, str]]:
    used = set()
    for key in ("columns", "column", "baseline"):
        for name in flat(getattr(cost, key, None)):
            # One count of visits may be priced twice, for the visit and for the travel.
            again = key == "columns" and name in used
            if again or name not in used:
                yield f"cost[{place}].{key}", name, f"cost[{place}]" if again else "cost"
            used.add(name)


def _shared_columns(design: Design) -> Iterator[Fault]:
    """Yield columns named for two things: an identifier or an outcome must not come back as a covariate."""
    first: dict[str, tuple[str, str]] = {}
    for path, name, role in _roles(design):
        if name not in first:
            first[name] = (path, role)
        elif not (role == first[name][1] == "cost"):
            yield path, f"must be a column of its own, got {name!r}, which {first[name][0]} names too"


def _value_set_faults(value_set: str) -> Iterator[Fault]:
    """Yield why a value set cannot be had; of a file of one's own each of its faults."""
    try:
        valuesets.find(value_set)
    except ValueSetError as error:
        yield from (("utility.value_set", f"{value_set}: {fault}") for fault in error.located)
    except InputError as error:
        yield "utility.value_set", str(error).removeprefix("value_set ")
