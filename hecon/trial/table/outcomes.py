"""Utilities and costs of patients, from the columns of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import prices, valuesets
from hecon.rulesets import ruleset
from hecon.trial import valuation
from hecon.trial.effects import QALY, EffectMeasure
from hecon.trial.table.cells import MISSING, TableFault, number_column, raw_numbers, within
from hecon.trial.table.design_keys import flat
from hecon.trial.table.patients import in_rows_of, rows_at
from hecon.trial.valuation import utility_ends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hecon._arrays import Codes, Floats
    from hecon.rulesets import RuleSet
    from hecon.trial.table.design import Design
    from hecon.trial.table.design_keys import Absence, Cost, Effect, Utility
    from hecon.trial.table.patients import Patients
    from hecon.trial.table.reading import RawTable

# Stata keeps no more than seven digits unless asked to, so that -0.446 comes back below itself.
_SLACK = 1e-6
_YEAR = 12.0
# Numbers below 0 that often mean missing.
_CODES = tuple(-float(str(digit) * length) for digit in (7, 8, 9) for length in (1, 2, 3, 4))


@dataclass(frozen=True)
class CostItem:
    """A category of cost in a period [months]."""

    category: str
    start: float
    end: float


@dataclass(frozen=True)
class Valued:
    """How one cost of a design was valued.

    Attributes
    ----------
    category : str
        Its category.
    price : float or None
        Price per unit [currency of `price_year`]; None where the columns hold amounts.
    reference : str or None
        Reference price of the costing manual that it is, by the name that the design gives.
    alternatives : tuple of float
        What another transcription of the manual has instead.
    price_year, factor : int and float
        Year of the price or the amounts, and the index that brings it to the price year of the analysis.
    friction_weeks, hours_per_week : float or None
        Of absence from work: the friction period, beyond which no hour counts, and the hours of a week.
    baseline : bool
        Whether use before the start is known.
    """

    category: str
    price: float | None
    reference: str | None
    alternatives: tuple[float, ...]
    price_year: int
    factor: float
    friction_weeks: float | None = None
    hours_per_week: float | None = None
    baseline: bool = False


# Effects -------------------------------------------------------------------------------------------------------------


def effects_of(source: RawTable, design: Design, patients: Patients) -> dict[str, Any]:
    """Return what `TrialData` holds of the effect: what it is, its values (patient, time), and where they lie."""
    if design.utility is not None:
        chosen = design.utility.value_set
        floor, ceiling = utility_ends(chosen)
        utilities, states = _utilities(source, design.utility, patients)
        return {
            "effect": EffectMeasure(),
            "utilities": utilities,
            "states": states,
            "utility_floor": floor,
            "utility_ceiling": ceiling,
            "value_set": None if chosen is None else valuesets.find(chosen).origin,
            "from_states": design.utility.columns is None,
        }
    if design.costs_alone is not None:
        shown = design.costs_alone.equivalence
        measure = EffectMeasure("none", unit="", start=False, summary="none", equivalence=shown)
        return {"effect": measure, "utilities": np.empty((patients.count, 0)), "utility_floor": -np.inf}
    assert design.effect is not None  # noqa: S101 (a design has one of them)
    given = design.effect
    qaly = given.unit == QALY
    years = max(given.months) / _YEAR
    floor, ceiling = (-years, years) if qaly else given.range or (-np.inf, np.inf)
    measure = EffectMeasure(
        kind="qalys" if qaly else "measure",
        unit=given.unit,
        name="" if qaly else given.name or given.unit,
        better=given.better or "more",
        start=given.baseline is not None,
        summary=given.summary or "total",
        discounted=bool(given.discounted),
        wtp=tuple(sorted(set(given.wtp or ()))),
        at_death=given.after_death if isinstance(given.after_death, float) else 0.0,
    )
    values = _effects(source, given, patients)
    return {"effect": measure, "utilities": values, "utility_floor": floor, "utility_ceiling": ceiling}


def _effects(source: RawTable, given: Effect, patients: Patients) -> Floats:
    """Return the values of an effect that the table has (patient, time), the one at the start first if it is named."""
    qaly, start, spans = given.unit == QALY, 0.0, []
    if given.baseline is not None:
        spans.append((given.baseline, 0.0, 1.0, "at the start, a utility"))
    for place, month in enumerate(given.months):
        name = given.columns if isinstance(given.columns, str) else given.columns[place]
        why = f"as so many years are from month {start:g} to {month:g}"
        spans.append((name, month, (month - start) / _YEAR, why))
        start = month
    ends = [
        _within((-most, most), why) if qaly else _within(given.range, "by effect.range") for _, _, most, why in spans
    ]
    # With a highest value a number needs no mark to be told from thousands.
    high = (np.inf, "") if ends[0] else None
    names = dict.fromkeys(name for name, *_ in spans) if patients.at else ()
    long = {name: number_column(source, name, high=high) for name in names}
    used = [month for name, month, *_ in spans if name == given.columns]
    if isinstance(given.columns, str) and (values := long[given.columns]) is not None:
        _unused(source, patients, values, used, given.columns)
    if given.baseline not in {None, given.columns} and (values := long.get(given.baseline)) is not None:
        _refuse_elsewhere(source, patients, values, given.baseline)
    result = np.full((patients.count, len(spans)), np.nan)
    for place, ((name, month, *_), own) in enumerate(zip(spans, ends, strict=True)):
        values = long[name] if patients.at else number_column(source, name, **own)
        if values is not None and patients.at:
            values = within(source, name, values, **own, rows=np.isin(np.arange(values.size), patients.at[month]))
        if values is not None:
            result[:, place] = in_rows_of(patients, values, month)
    return result


def _within(ends: tuple[float, float] | None, why: str) -> dict[str, Any]:
    """Return the lowest and the highest value of a column, each with its rule."""
    if ends is None:
        return {}
    low, high = ends
    return {
        "low": (low - _SLACK, f"must be at least {low:g}, {why}, got a value below it"),
        "high": (high + _SLACK, f"must be at most {high:g}, {why}, got a value above it"),
    }


def _utilities(source: RawTable, given: Utility, patients: Patients) -> tuple[Floats, Codes | None]:
    """Return the utilities (patient, time), NaN where missing or at fault; and the states that they are the values of.

    Both are of each measurement, the utilities of an assumed start too. Without answers to the EQ-5D there are no
    states.
    """
    names = given.columns or given.states or given.items or ()
    measured = _over_time(source, patients, names, given.months, lambda each: _answers(source, given, each))
    states = None
    if given.columns is None:
        states = np.where(np.isnan(measured), valuesets.MISSING, measured).astype(np.intp)
        measured = valuesets.find(str(given.value_set)).lookup[states]
    if given.start is not None:
        measured = np.column_stack([np.full(patients.count, given.start), measured])
    return measured, states


def _over_time(
    source: RawTable,
    patients: Patients,
    names: Any,  # noqa: ANN401
    months: Sequence[float],
    read: Callable[[Any], Floats | None],
    *,
    also: Sequence[float] = (),
) -> Floats:
    """Return values (patient, month), NaN where missing or at fault: of a wide table each month has columns of its own.

    Those of a long table stand in the rows of these months, and `also` in those of others that are not looked at.
    """
    result = np.full((patients.count, len(months)), np.nan)
    if patients.at is None:
        for place, each in enumerate(names):
            wide = read(each)
            if wide is not None:
                result[:, place] = wide
    elif (long := read(names)) is not None:
        _unused(source, patients, long, (*also, *months), names)
        for place, month in enumerate(months):
            result[:, place] = in_rows_of(patients, long, month)
    return result


def _answers(source: RawTable, given: Utility, names: Sequence[str]) -> Floats | None:
    """Return the utilities or states of one column, or the states of five columns of items, per row."""
    value_set = given.value_set
    if given.columns is not None:
        floor, ceiling = utility_ends(value_set)
        lowest = f"the lowest of {value_set}" if value_set else "where the design names no value set that goes lower"
        highest = "full health" if ceiling == 1 else f"the highest of {value_set}"
        low = (floor - _SLACK, f"must be at least {floor:g}, {lowest}, got a utility below it")
        high = (ceiling + _SLACK, f"must be at most {ceiling:g}, {highest}, got a utility above it")
        return number_column(source, str(names), low=low, high=high)
    set_name = str(value_set)
    chosen = valuesets.find(set_name)
    levels = chosen.levels
    if isinstance(names, str):
        rule = f"must be EQ-5D states of five digits, each from 1 to {levels} ({set_name}), got another"
        return _coded(source, names, rule, chosen.states.astype(float))
    rule = f"must be answers to an EQ-5D item, whole numbers from 1 to {levels} ({set_name}), got another"
    answers = [_coded(source, name, rule, np.arange(1.0, levels + 1)) for name in names]
    known = [each for each in answers if each is not None]
    return np.stack(known, axis=1) @ valuesets.PLACES if len(known) == len(answers) else None


def _coded(source: RawTable, name: str, rule: str, right: Floats) -> Floats | None:
    """Return a column of codes, NaN where missing or none of the right ones."""
    read = raw_numbers(source, name)
    if read is None:
        return None
    values, wrong = read
    bad = wrong | (~np.isnan(values) & ~np.isin(values, right))
    source.fault(name, f"{rule}; {MISSING}", bad, held=True)
    source.fault_if_empty(name, np.isnan(values) & ~wrong)
    return np.where(bad, np.nan, values)


def _unused(
    source: RawTable, patients: Patients, values: Floats, months: Iterable[float], names: str | Iterable[str]
) -> None:
    """Add values that stand in rows of other months than they are taken from: they would be lost without a word."""
    rows = np.arange(values.size)
    other = np.isin(rows, rows_at(patients, patients.at or {})) & ~np.isin(rows, rows_at(patients, months))
    listed = ", ".join(f"{month:g}" for month in months)
    rule = f"must be empty but for the months that the design takes it at ({listed})"
    source.fault(names, rule, other & ~np.isnan(values))


def _refuse_elsewhere(source: RawTable, patients: Patients, values: Floats, name: str) -> None:
    """Add values at the start that a long table has in other rows alone: they would be lost without a word."""
    if patients.at is not None:
        own = in_rows_of(patients, values, 0.0)[patients.of_row]
        wrong = (patients.of_row != -1) & ~np.isnan(values) & (values != own)
        source.fault(name, "must stand in the row of month 0, got another value in the row of a later month", wrong)


# Costs ---------------------------------------------------------------------------------------------------------------


def costs_of(source: RawTable, design: Design, patients: Patients) -> dict[str, Any]:
    """Return what `TrialData` holds of costs, in the analysis' price year; NaN where a part is missing or at fault."""
    spans: dict[str, set[tuple[float, float]]] = {}
    for cost in design.cost:
        spans.setdefault(cost.category, set()).update(cost.periods or ())
    items = tuple(CostItem(category, *span) for category, each in spans.items() for span in sorted(each))
    place = {item: position for position, item in enumerate(items)}
    categories = tuple(name for name in spans if any(each.baseline and each.category == name for each in design.cost))
    amounts = np.zeros((patients.count, len(items)))
    baseline = np.zeros((patients.count, len(categories)))
    known, columns = [], {each.column for each in design.cost}
    for cost in design.cost:
        use, before = _use(source, cost, patients, over_time=cost.baseline in columns)
        valued = _valued(cost, design)
        known.append(valued)
        price, factor = 1.0 if valued.price is None else valued.price, valued.factor
        priced = _priced(source, cost, use, price, patients)
        for position, span in enumerate(cost.periods or ()):
            amounts[:, place[CostItem(cost.category, *span)]] += priced[:, position] * factor
        if before is not None:
            baseline[:, categories.index(cost.category)] += before * price * factor
    return {
        "items": items,
        "costs": amounts,
        "baseline_categories": categories,
        "baseline_costs": baseline if categories else None,
        "valued": tuple(known),
        "discounted_costs": tuple(dict.fromkeys(each.category for each in design.cost if each.discounted)),
        "negative": tuple(dict.fromkeys(cost.category for cost in design.cost if cost.negative)),
    }


def _dutch(design: Design) -> Iterator[tuple[str, str, str, str]]:
    """Yield the costs that rest on Dutch prices: key, what they rest on, what is given and what is to be given."""
    to_year = design.analysis.price_year
    for place, cost in enumerate(design.cost):
        if isinstance(cost.price, str):
            yield f"cost[{place}].price", "a reference price", repr(cost.price), "a price as a number"
        elif cost.price_year not in {None, to_year}:
            what = f"amounts of {to_year}"
            yield f"cost[{place}].price_year", "the price index", str(cost.price_year), what


def price_faults(design: Design, rules: RuleSet) -> Iterator[TableFault]:
    """Yield the costs that rest on prices in euros, where the rules are in another currency."""
    home = ruleset().currency
    if rules.currency != home:
        for path, what, given, wanted in _dutch(design):
            rule = f"must not need {what} of the Netherlands with rules in {rules.currency}, got {given}: give {wanted}"
            yield TableFault(path, rule)


def price_doubts(design: Design, rules: RuleSet) -> Iterator[str]:
    """Yield what rests on Dutch prices or friction period beside another country's rules, in a sentence each."""
    if rules == ruleset():
        return
    rest = [(f"{path} = {given}", what, wanted) for path, what, given, wanted in _dutch(design)]
    for place, cost in enumerate(design.cost):
        if cost.absence is not None and cost.absence.weeks is None:
            rest.append((f"cost[{place}].absence", "the friction period", "its weeks"))
    for what, needed, wanted in rest:
        yield f"{what} needs {needed} of the Netherlands beside the rules {rules.name!r}: give {wanted}"


def negative_doubts(source: RawTable, design: Design) -> Iterator[str]:
    """Yield columns in which amounts below 0 are declared, and some may be codes for missing."""
    for cost in design.cost:
        for name in dict.fromkeys(flat((cost.columns, cost.column, cost.baseline))) if cost.negative else ():
            read = raw_numbers(source, name)
            count = 0 if read is None else int(np.isin(read[0], _CODES).sum())
            if count:
                yield (
                    f"column {name!r}, in which the design allows amounts below 0, holds -9, -99 or such in {count} "
                    "cells: if that means missing, name it in the missing of its [[cost]]"
                )


def _valued(cost: Cost, design: Design) -> Valued:
    """Return the price per unit, and the factor that brings it to the analysis' price year."""
    price, year, name = cost.price, cost.price_year, None
    others: tuple[float, ...] = ()
    if isinstance(price, str):
        reference, name = prices.reference_price(price), price
        price, year, others = reference.amount, reference.price_year, reference.alternatives
    to_year = design.analysis.price_year
    own = to_year if year is None else year
    factor = float(prices.indexed(1.0, price_year=own, to_year=to_year))
    weeks = hours = None
    if cost.absence is not None:
        weeks, hours = _friction_weeks(cost.absence), cost.absence.hours_per_week
    return Valued(cost.category, price, name, others, own, factor, weeks, hours, cost.baseline is not None)


def _friction_weeks(absence: Absence) -> float:
    return absence.weeks or prices.friction_period().weeks


def _use(source: RawTable, cost: Cost, patients: Patients, *, over_time: bool) -> tuple[Floats, Floats | None]:
    """Return the use (patient, period), and that before the start, whose column may also have that `over_time`."""
    rule = "must be at least 0, got a negative number; a refund or correction needs negative = true in its [[cost]]"
    low = None if cost.negative else (0.0, rule)

    def read(name: str) -> Floats | None:
        return number_column(source, name, low=low)

    ends = [end for _, end in cost.periods or ()]
    # The row of month 0 often has the use before the start, also where the design does not name it.
    result = _over_time(source, patients, cost.columns or cost.column, ends, read, also=(0.0,))
    if cost.baseline is None:
        return result, None
    before = read(cost.baseline)
    if before is None:
        return result, np.full(patients.count, np.nan)
    if not over_time:
        _refuse_elsewhere(source, patients, before, cost.baseline)
    return result, in_rows_of(patients, before, 0.0)


def _priced(source: RawTable, cost: Cost, use: Floats, price: float, patients: Patients) -> Floats:
    """Return the cost of the use (patient, period) in the price's own year."""
    if cost.absence is None:
        return use * price
    hours = _possible(source, cost, use, patients)
    weeks = _friction_weeks(cost.absence)
    weekly = cost.absence.hours_per_week
    result = valuation.productivity_cost(
        hours, cost.periods or (), price_per_hour=price, hours_per_week=weekly, friction_weeks=weeks
    )
    return np.asarray(result)


def _possible(source: RawTable, cost: Cost, use: Floats, patients: Patients) -> Floats:
    """Return hours of absence, NaN where they are more than the period holds, which is a fault."""
    periods = cost.periods or ()
    lengths = np.array([end - start for start, end in periods])
    beyond = use > lengths * valuation.WEEKS_PER_MONTH * valuation.HOURS_OF_A_WEEK
    for place, (_, end) in enumerate(periods):
        wrong = np.zeros(patients.of_row.size, dtype=bool)
        rows = np.arange(patients.count) if patients.at is None else patients.at[end]
        wrong[rows[beyond[:, place]]] = True
        name = cost.columns[place] if cost.columns else str(cost.column)
        rule = f"must be at most the hours that the period holds, got more hours; {MISSING}"
        source.fault(name, rule, wrong, held=True)
    return np.where(beyond, np.nan, use)
