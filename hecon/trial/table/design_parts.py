"""The faults between the parts of a design: what each says beside the others.

What has a fault of its own is None here, and causes no other.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hecon import _checks, prices, valuesets
from hecon.draws import direction_of
from hecon.errors import InputError, ValueSetError
from hecon.files.faults import collect_error, near, path_of, repeated, shown
from hecon.trial.effects import QALY
from hecon.trial.table.cells import code_text, key_of
from hecon.trial.table.design_keys import COUNTED_TO_DEATH

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from hecon.files.faults import Fault
    from hecon.trial.table.design import Design
    from hecon.trial.table.design_keys import (
        Arm,
        Cost,
        CostsAlone,
        Covariate,
        DataTable,
        Death,
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
    costs = sound_costs(design, faulty)
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
            yield from _level_faults(each, f"covariate[{place}]", design.table)
    yield from _subgroup_faults(design)
    yield from _fate_faults(design, faulty)
    yield from _deviation_faults(design.deviation, design.arm, faulty)
    yield from _cost_faults(costs, design, faulty)
    if design.perspective and design.cost and len(costs) == len(design.cost):
        yield from _perspective_faults(design.perspective, [cost.category for cost in costs.values()])


def with_periods(
    costs: tuple[Cost, ...], utility: Utility | None, effect: Effect | None, alone: CostsAlone | None
) -> tuple[Cost, ...]:
    """Return the costs, those without periods with the spans between sound times of the effect, from the start on."""
    months = _months_of(utility, effect, alone)
    if months is None:
        return costs
    spans = {"periods": tuple(pairwise(months))}
    return tuple(each.model_copy(update=spans) if each and each.periods is None else each for each in costs)


def _months_of(utility: Utility | None, effect: Effect | None, alone: CostsAlone | None) -> tuple[float, ...] | None:
    """Return the times of the utilities, or the start and those of what stands in their place, if without fault."""
    months = utility.times if utility and utility.months is not None else None
    if effect and effect.months is not None:
        months = (0.0, *effect.months)
    if alone and alone.months is not None:
        months = (0.0, alone.months)
    return months if months is not None and list(months) == sorted(set(months)) else None


def _has_fault(path: str, faulty: Sequence[str]) -> bool:
    """Return whether a value has a fault of its own."""
    return any(each.startswith(path) for each in faulty)


def sound_costs(design: Design, faulty: Sequence[str]) -> dict[str, Cost]:
    """Return the costs by their paths; periods at fault are not filled in."""
    given = design.cost or ()
    costs = {}
    filled_in = with_periods(given, design.utility, design.effect, design.costs_alone)
    for place, (cost, filled) in enumerate(zip(given, filled_in, strict=True)):
        path = f"cost[{place}]"
        if cost is not None:
            costs[path] = cost if _has_fault(f"{path}.periods", faulty) else filled
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
        elif rule := _checks.alike(name, [*([arm.comparator] if arm.comparator else []), *names[:place]]):
            yield f"arm.interventions[{place}]", ", got ".join(rule)
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
    given = [key for key in kinds if getattr(deviation, key) is not None or _has_fault(f"deviation.{key}", faulty)]
    if len(given) != 1:
        yield "deviation", f"must have one of column and after, got {' and '.join(given) or 'neither'}"
    elif deviation.missing and given == ["after"]:
        yield "deviation.missing", "must be left out with after: it has the codes of a column"
    if deviation.reference is not None and arm and arm.comparator and arm.interventions:
        known = (arm.comparator, *arm.interventions)
        if deviation.reference not in known:
            yield "deviation.reference", f"must be a strategy{near(deviation.reference, known, listed='known:')}"
    yield from repeated((f"deviation.methods[{place}]", each) for place, each in enumerate(deviation.methods or ()))


def _keys(codes: Iterable[float | str] | None) -> set[float | str | None]:
    return set(map(key_of, codes or ()))


def _missing_of(*parts: Any) -> set[float | str | None]:  # noqa: ANN401
    """Return the codes that mean missing by some parts of a design, those that it has."""
    return set[float | str | None]().union(*(_keys(each.missing) for each in parts if each))


def _among(codes: Iterable[float | str] | None, others: Container[Any], path: str) -> Iterator[tuple[str, float | str]]:
    """Yield the path and the code of each that stands among others too."""
    yield from ((f"{path}[{place}]", code) for place, code in enumerate(codes or ()) if key_of(code) in others)


def _level_faults(covariate: Covariate, path: str, table: DataTable | None) -> Iterator[Fault]:
    """Yield faults of declared levels; whoever has one that a missing code names too would count as unknown."""
    levels = covariate.levels or ()
    if levels and covariate.kind == "number":
        yield f"{path}.levels", 'must be left out of a number: a category has levels, with kind = "category"'
    elif len(levels) == 1:
        yield f"{path}.levels", "must be two at least, got one"
    for place, level in enumerate(levels):
        if key_of(level) in _keys(levels[:place]):
            yield f"{path}.levels[{place}]", f"must be unique, got {shown(level)} again"
    own = _keys(covariate.missing)
    for at, level in _among(levels, own | _missing_of(table), f"{path}.levels"):
        where = f"{path}.missing" if key_of(level) in own else "table.missing"
        yield at, f"must not mean missing, got {shown(level)}, which {where} names too"


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
    if months[0] != 0 and utility.start is None and not _has_fault("utility.start", faulty):
        rule = "must begin with 0, the baseline, or the utility at the start must be assumed by utility.start"
        yield "utility.months", f"{rule}, got {months[0]:g}"
    if months[0] == 0 and utility.start is not None and utility.months is not None:
        yield "utility.start", "must be left out where month 0 was measured"
    yield from _order_faults(months, "utility.months")
    if value_set is not None:
        yield from _value_set_faults(value_set)
    kinds = {key: getattr(utility, key) for key in ("columns", "states", "items")}
    given = [key for key, names in kinds.items() if names is not None or _has_fault(f"utility.{key}", faulty)]
    if len(given) != 1:
        yield "utility", f"must have one of columns, states and items, got {' and '.join(given) or 'none'}"
        return
    if given != ["columns"] and value_set is None:
        yield (
            "utility.value_set",
            f"is missing: {given[0]} need one; hecon.eq5d.value_sets() lists those that there are",
        )
    if table and kinds[given[0]] is not None:
        yield from _shape_faults(f"utility.{given[0]}", kinds[given[0]], utility.months, table.layout)


def _value_set_faults(value_set: str) -> Iterator[Fault]:
    """Yield why a value set cannot be had; of a file of one's own each of its faults."""
    try:
        valuesets.find(value_set)
    except ValueSetError as error:
        yield from (("utility.value_set", f"{value_set}: {fault}") for fault in error.located)
    except InputError as error:
        yield "utility.value_set", str(error).removeprefix("value_set ")


def _order_faults(months: Sequence[float], path: str) -> Iterator[Fault]:
    for place, (before, month) in enumerate(pairwise(months), start=1):
        if month <= before:
            yield f"{path}[{place}]", f"must increase, got {month:g} after {before:g}"


def _shape_faults(path: str, names: Any, months: Sequence[float] | None, layout: str | None) -> Iterator[Fault]:  # noqa: ANN401
    """Yield columns that are not one for each month of a wide table, or the one of a long; of items, five."""
    single, nested = isinstance(names, str), [isinstance(each, tuple) for each in names]
    of_items = path == "utility.items"
    if layout == "long":
        if not of_items and not single:
            yield path, "must be the name of one column: a long table has one for all times"
        if of_items and (any(nested) or len(names) != _FIVE):
            yield path, "must be the names of five columns: a long table has five for all times"
    elif layout == "wide":
        if single or (of_items and not all(nested)):
            five = ", each a list of five" if of_items else ""
            yield path, f"must be a list with one for every month of a wide table{five}"
        elif months and len(names) != len(months):
            yield path, f"must be given for every month, got {len(names)} for {len(months)}"


# Other effects --------------------------------------------------------------------------------------------------------

_EFFECTS = {"utility": "it for QALYs over time", "effect": " for one effect of each patient", "costs_alone": ""}


def _which_faults(design: Design, faulty: Sequence[str]) -> Iterator[Fault]:
    """Yield that a design does not say what its effect is, or says it twice."""
    given = [key for key in _EFFECTS if getattr(design, key) is not None or _has_fault(key, faulty)]
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
    months = effect.months or ()
    if months and months[0] <= 0:
        rule = "must be above 0, as the effect comes after the start, got 0: the value at the start is effect.baseline"
        yield "effect.months[0]", rule
    yield from _order_faults(months, "effect.months")
    if table and effect.columns is not None:
        yield from _shape_faults("effect.columns", effect.columns, effect.months, table.layout)
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


def _cost_faults(costs: dict[str, Cost], design: Design, faulty: Sequence[str]) -> Iterator[Fault]:
    layout = design.table.layout if design.table else None
    months = _months_of(design.utility, design.effect, design.costs_alone)
    year = design.analysis.price_year if design.analysis else None
    sound = True
    for path, cost in costs.items():
        faults = list(_period_faults(cost.periods or (), months, f"{path}.periods"))
        yield from faults
        sound = sound and not faults
        if layout:
            yield from _column_faults(cost, layout, path)
        # A price with a fault of its own may be meant for a reference price, which knows its year.
        if f"{path}.price" not in faulty:
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
        got = f"got {len(cost.columns)} for {len(cost.periods)}"
        remedy = "say which months each is of, as in periods = [[0, 6], [6, 12]]"
        yield f"{path}.columns", f"must be one per period, {got}: {remedy}"


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


# Deaths and planned follow-up -----------------------------------------------------------------------------------------


def _fate_faults(design: Design, faulty: Sequence[str]) -> Iterator[Fault]:
    """Yield deaths that are told by nothing, and what lacks for a date or a status."""
    given, dates = design.death, design.dates
    if dates and dates.baseline is None and not (given and given.date) and not _has_fault("dates.baseline", faulty):
        yield "dates.baseline", "is missing: add it; a date of randomisation alone serves death.date alone"
    if given:
        yield from _way_faults(given, design, faulty)
        other = "effect" if design.effect else "costs_alone" if design.costs_alone else ""
        for key, remedy in (("before", "leave it out"), ("in_utilities", "give month, date or status")):
            if other and getattr(given, key):
                yield f"death.{key}", f"must be left out beside [{other}], as it is of utilities over time: {remedy}"
    if design.effect:
        yield from _after_death_faults(design.effect, faulty, told=given is not None or _has_fault("death", faulty))
    if design.planned:
        yield from _planned_faults(design)


def _after_death_faults(effect: Effect, faulty: Sequence[str], *, told: bool) -> Iterator[Fault]:
    """Yield that it is not said what an effect is after death, or what it cannot be."""
    path, given = "effect.after_death", effect.after_death
    total = effect.unit == QALY or effect.summary == "total"
    if effect.unit is None or (effect.unit != QALY and effect.summary is None):
        return
    if given is None:
        if told and not _has_fault(path, faulty):
            way = '"counted-to-death", if nothing is added after it' if total else "a value, as the worst of the scale"
            yield path, f"is missing: say what the effect is from death on: {way}"
    elif not told:
        yield path, "must be left out without [death]: add [death], which says who died"
    elif total and given != COUNTED_TO_DEATH:
        rule = f'must be "{COUNTED_TO_DEATH}" of a total, got {shown(given)}: no value stands for a part of its months'
        yield path, f"{rule}; if death itself counts, as an event, count it in the columns"
    elif not total and isinstance(given, str):
        rule = f'must be a number with summary = "last", got {shown(given)}: what was measured before death is no value'
        yield path, f"{rule} at the end; give the value that death counts as, as the worst of the scale"
    elif isinstance(given, float) and effect.range is not None and not effect.range[0] <= given <= effect.range[1]:
        low, high = effect.range
        yield path, f"must lie within effect.range, {low:g} to {high:g}, got {given:g}: widen it, if death is worse"


def _planned_faults(design: Design) -> Iterator[Fault]:
    """Yield a planned follow-up that differs where only one end could have been planned."""
    if design.effect and design.effect.months is not None and len(design.effect.months) == 1:
        rule = "must be left out beside [effect] with one time: a value of all months cannot be of fewer in some"
        yield "planned", f"{rule}; give effect.months and columns up to each planned end"
    costs = [] if design.costs_alone is None or not design.cost else design.cost
    periods = [each and each.periods for each in costs]
    ends = {end for each in periods for _, end in each or ()}
    if None not in periods and len(ends) == 1:
        rule = "must be left out where all costs end at one time: a cost of all months cannot be of fewer in some"
        yield "planned", f"{rule}; give each [[cost]] periods and columns up to each planned end"


def _way_faults(given: Death, design: Design, faulty: Sequence[str]) -> Iterator[Fault]:
    """Yield what is wrong with how deaths are told: by dates, months, status or a code in the utilities."""
    if given.date is None and given.month is None and given.status is None and not given.in_utilities:
        if not any(_has_fault(f"death.{key}", faulty) for key in ("date", "month", "status", "in_utilities")):
            rule = "must have date, month, status or in_utilities, got none"
            yield "death", f"{rule}: say which column tells who died, and when"
    elif given.date is not None and given.month is not None:
        yield "death.month", "must be left out beside date, which tells the time"
    if given.date is not None and design.dates is None and not _has_fault("dates", faulty):
        yield "death.date", "needs the date of randomisation, from which months are counted: add dates.randomisation"
    yield from _status_codes(given, design.table)
    yield from _status_faults(given, design, faulty)
    missing = _missing_of(design.utility, design.table)
    for path, code in _among(given.in_utilities, missing, "death.in_utilities"):
        yield path, f"must not mean missing as well, got {shown(code)}"


def _status_faults(given: Death, design: Design, faulty: Sequence[str]) -> Iterator[Fault]:
    """Yield columns of the vital status that are not one for each time, or of no such time."""
    months = _months_of(design.utility, design.effect, design.costs_alone)
    if given.status is None or months is None or _has_fault("death.months", faulty):
        return
    alone = design.costs_alone is not None
    if alone and given.months is None:
        yield "death.months", "is missing: say the months at which status was known, as costs alone have no times"
        return
    times = given.months or months[1:]
    known = [each for each in times if 0 < each <= months[-1]] if alone else months[1:]
    wrong = [month for place, month in enumerate(times) if month not in known or month in times[:place]]
    if wrong or list(times) != sorted(times):
        what = f"after the start and up to {months[-1]:g}"
        if not alone:
            what = f"of the {'effect' if design.effect else 'utilities'} after the start"
        rule = f"must be months {what}, each once and in order"
        yield "death.months", f"{rule}, got {', '.join(f'{month:g}' for month in wrong or times)}"
        return
    layout, single = design.table and design.table.layout, isinstance(given.status, str)
    if layout == "long" and not single:
        yield "death.status", "must be the name of one column: a long table has one for all times"
    wanted = ", ".join(f"{month:g}" for month in times)
    if layout == "wide" and (single or len(given.status) != len(times)):
        yield "death.status", f"must be a list with one column for each month of {wanted}"


def _status_codes(given: Death, table: DataTable | None) -> Iterator[Fault]:
    """Yield codes of the vital status that lack, mean two things or mean missing."""
    for key in ("dead", "alive"):
        codes = getattr(given, key) or ()
        if given.status is not None and not codes:
            yield f"death.{key}", f"is missing: say what stands in the status for {key}"
        if given.status is None and codes:
            yield f"death.{key}", "must be left out without status"
    for path, code in _among(given.dead, _keys(given.alive), "death.dead"):
        yield path, f"must mean dead alone, got {shown(code)}, which alive names too"
    missing = _missing_of(given, table)
    for key in ("dead", "alive"):
        for path, code in _among(getattr(given, key), missing, f"death.{key}"):
            yield path, f"must not mean missing, got {shown(code)}"
