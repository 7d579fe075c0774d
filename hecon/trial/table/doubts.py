"""Doubts about a table that breaks no rule: what it holds may not be what it was taken for."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from functools import cache
from itertools import chain, combinations, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import eq5d, valuesets
from hecon.files.faults import first_of
from hecon.trial.deaths import of_the_dead
from hecon.trial.table.cells import code_text, identifiers, normalised, raw_numbers, usual_code
from hecon.trial.table.design import groups_of, month_of_all, used_columns
from hecon.trial.table.design_keys import flat
from hecon.trial.table.patients import days_of, in_rows_of, patients_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hecon._arrays import Floats
    from hecon.trial.table.checking import TrialData
    from hecon.trial.table.design import Design
    from hecon.trial.table.design_keys import Utility
    from hecon.trial.table.reading import RawTable
    from hecon.valuesets import ValueSet

# Keys of columns over time.
_COLUMNS = ("columns", "states", "items")
# A usual code is doubtful beyond so many times the other values, or in as many cells as make a habit.
_BEYOND, _HABIT = 1.5, 5
# Different values by which a value set is known, and the decimals that tell values of sets apart.
_FEWEST_VALUES, _PLACES = 20, 3
# Share of the different utilities that may be no value of the set that is named, as where some were imputed before.
_FEW_OTHERS = 0.05
# Least likely that utilities are all values of a set they have nothing to do with, and still no doubt.
_BY_CHANCE = 1e-3
# Answers among which one of the levels 4 and 5 is to be expected.
_MANY_ANSWERS, _THREE = 200, 3
# Different values that a file declares missing, beyond those of codes.
_MOST_CODES = 6
# Months in a unit that may have been taken for months, with its name; how far a ratio may be from it.
_UNITS, _NEAR = ((365.25 / 12, "days"), (365.25 / 84, "weeks"), (1 / 12, "years")), 0.05
# Months that hardly a trial follows its patients.
_DECADE = 120.0
# Months after the start, and times the horizon, from which a death is likely to be misdated.
_LATE, _TIMES = 240.0, 2.0
# Yearly rate of discounting above which a slip is likelier than a rate.
_HIGHEST_RATE = 0.12
# Share of times within the horizon below which all seem to be in another unit, and the fewest times that tell.
_WITHIN, _FEWEST_TIMES = 0.1, 3
# Patients whose costs rise from period to period, and none whose costs fall, that a sum since the start makes.
_ALL_RISE = 20
# How many times as often as the next value a code stands in a column.
_OFTENER = 3
# Values of two patients that nobody else has, by which they are likely to be one.
_OWN_VALUES = 3
# SPSS's own column of the cases that its filter selects.
_FILTER = "filter_$"


def table_doubts(source: RawTable, design: Design, data: TrialData) -> Iterator[str]:
    """Yield what is doubtful, one sentence each, without a patient's value but usual codes for a missing one."""
    yield from _left_out_elsewhere(source, design)
    yield from _other_unit_of_time(design)
    yield from _planned_in_days(source, design)
    yield from _high_rates(data)
    yield from _partly_shared(design)
    yield from _spellings(source, design)
    yield from _twice(source, design)
    yield from _codes_beyond(source, design)
    yield from _declared(source, design)
    yield from _costs_at_start(source, design)
    yield from _cumulative(data)
    if design.utility is not None:
        yield from () if design.utility.value_set is None else valuesets.doubts(design.utility.value_set)
        yield from _other_version(source, design.utility)
        yield from _other_value_set(source, design.utility)
    yield from _deaths(source, design, data)
    if data.deviations is not None and _all_beyond(data.deviations.months, design.horizon):
        yield (
            f"departures from treatment are after month {design.horizon:g}, the last, and count as none: check that "
            "they are counted in months, not days"
        )


def _all_beyond(months: Floats, end: float) -> bool:
    """Return whether nearly all known times lie after the end, as days do that were taken for months."""
    known = months[np.isfinite(months)]
    return bool(known.size >= _FEWEST_TIMES and (known <= end).sum() <= _WITHIN * known.size)


def _deaths(source: RawTable, design: Design, data: TrialData) -> Iterator[str]:
    """Yield deaths that are likely to be misdated: by years, in another unit than months, or by the month alone."""
    if data.deaths is None or design.death is None:
        return
    month, name = data.deaths.month, design.death.date
    late = int((np.isfinite(month) & (month > max(_LATE, _TIMES * design.horizon))).sum())
    if late:
        which, count = ("one death is", "counts") if late == 1 else (f"{late} deaths are", "count")
        check = "check that they are counted in months, not days" if name is None else "check the year of such a date"
        yield f"{which} more than {_LATE / 12:g} years after the start, and {count} as none until the end: {check}"
    elif _all_beyond(month, design.horizon):
        check = "check that they are counted in months, not days" if name is None else "check the dates"
        yield f"deaths are after month {design.horizon:g}, the last, and count as none until then: {check}"
    patients = None if name is None else patients_of(source, design)
    days = None if name is None or patients is None else days_of(source, patients, name)
    known = [] if days is None else [date.fromordinal(day) for day in days.tolist() if day > 0]
    if len(known) > _FEWEST_TIMES and all(each.day == 1 for each in known):
        yield (
            f"all {len(known)} dates of column {name!r} are the first day of a month, as where a month or a year alone "
            "was recorded: if so, give the middle of it, as these deaths count too early"
        )


def _left_out_elsewhere(source: RawTable, design: Design) -> Iterator[str]:
    """Yield weights and rows out of sight of SPSS and Excel, which count differently there than they do here."""
    reading = source.attrs.get("reading")
    hidden = reading.get("hidden_rows", 0) if isinstance(reading, dict) else 0
    if hidden:
        yield (
            f"{hidden} of the rows are hidden in the workbook (a filter?), and are read like the others: delete those "
            "that are no part of the trial, or show them"
        )
    if source.attrs.get("is_weighted") and design.table.weight is None:
        yield (
            "the file was saved with weights (WEIGHT BY of SPSS) and the design names none, so that all patients count "
            "alike: if they are sampling weights, name their column, as weight in [table]"
        )
    if _FILTER in source.columns and _FILTER not in used_columns(design):
        read = raw_numbers(source, _FILTER)
        out = 0 if read is None else int((np.nan_to_num(read[0]) == 0).sum())
        if out:
            yield (
                f"column {_FILTER!r}, the filter of SPSS, leaves out {out} of {source.rows} rows, and all are read: "
                "delete in the file those that are no part of the trial"
            )


def _cumulative(data: TrialData) -> Iterator[str]:
    """Yield categories of which nobody's costs fall from a period to the next no longer one, as sums since the start.

    Of costs of the periods themselves as many patients would fall as rise.
    """
    known = np.where(of_the_dead(data)[1], np.nan, data.costs)
    for category in dict.fromkeys(each.category for each in data.items):
        own = [place for place, each in enumerate(data.items) if each.category == category]
        pairs = [
            known[:, later] - known[:, first]
            for first, later in pairwise(own)
            if data.items[later].end - data.items[later].start <= data.items[first].end - data.items[first].start
        ]
        steps = np.concatenate(pairs) if pairs else np.empty(0)
        rises = int((np.stack(pairs) > 0).any(axis=0).sum()) if pairs else 0
        # The same rise in all is planned, as of a programme.
        if rises >= _ALL_RISE and not (steps < 0).any() and np.unique(steps[steps > 0]).size > 1:
            yield (
                f"the costs of {category!r} rise from a period to the next in {rises} patients and fall in none: are "
                "they sums since the start? Then give the differences, as each period is counted by itself"
            )


def _other_unit_of_time(design: Design) -> Iterator[str]:
    """Yield months that look like days, weeks or years, by the names of their columns or by their number."""
    for path, given in (("utility", design.utility), ("effect", design.effect)):
        months = getattr(given, "months", None) or ()
        columns = next((each for key in _COLUMNS if isinstance(each := getattr(given, key, None), tuple)), ())
        by_name = [month_of_all(each) for each in columns]
        pairs = [(name, month) for name, month in zip(by_name, months, strict=False) if name and month]
        ratios = np.array([month / name for name, month in pairs])
        looks = next((unit for of, unit in _UNITS if len(pairs) > 1 and (np.abs(ratios / of - 1) < _NEAR).all()), None)
        if looks is None and (not months or max(months) <= _DECADE):
            continue
        listed = ", ".join(f"{month:g}" for month in months)
        names = "" if looks is None else f" while the names of their columns tell {pairs[-1][0]:g} at the end"
        taken = f"they are taken as months, {max(months) / 12:.3g} years in all"
        yield f"{path}.months are {listed}{names}, and {taken}: if they are {looks or 'days'}, write months"


def _high_rates(data: TrialData) -> Iterator[str]:
    """Yield discount rates that are likely to be slips, as 0.3 for 3%."""
    for name, rate in (("costs", data.discount_cost), ("effects", data.discount_effect)):
        if rate > _HIGHEST_RATE:
            yield f"{name} are discounted by {100 * rate:.3g}% a year: write 0.03 for 3%"


def _planned_in_days(source: RawTable, design: Design) -> Iterator[str]:
    """Yield that planned follow-up looks like days: as all of it is beyond any, no one would lack a visit."""
    name = None if design.planned is None else design.planned.follow_up
    read = None if name is None else raw_numbers(source, name)
    if read is not None and np.isfinite(read[0]).any() and np.nanmedian(read[0]) > _DECADE:
        years = float(np.nanmedian(read[0])) / 12
        yield f"column {name!r} holds a planned follow-up of {years:.3g} years: if it is in days, write months"


def _partly_shared(design: Design) -> Iterator[str]:
    """Yield categories that count some of each other's columns and not all, or the same amounts."""
    columns = [(each.category, set(flat(each.columns or each.column)), each.price is None) for each in design.cost]
    for (first, one, is_amount), (second, other, are_amounts) in combinations(columns, 2):
        shared = sorted(one & other)
        if shared and one == other and is_amount and are_amounts:
            # Of a use that has prices a visit may have one and its journey another.
            yield f"the amounts of cost {first!r} are those of cost {second!r} too, and count twice: check the columns"
        elif shared and one != other:
            are, count = ("is", "counts") if len(shared) == 1 else ("are", "count")
            which = first_of([repr(name) for name in shared])
            yield (
                f"{which} of cost {first!r} {are} of cost {second!r} too, which has other columns besides, and {count} "
                "in both: check the columns of each"
            )


def _spellings(source: RawTable, design: Design) -> Iterator[str]:
    """Yield identifiers of a wide table written in two ways, which count as two patients."""
    if design.table.time is not None:
        return
    rows: dict[str, dict[str, int]] = defaultdict(dict)
    for row, key in enumerate(identifiers(source.columns[design.table.patient]), start=1):
        if key is not None:
            rows[normalised(key)].setdefault(key, row)
    alike = [" and ".join(map(str, each.values())) for each in rows.values() if len(each) > 1]
    if alike:
        yield (
            f"column {design.table.patient!r} has identifiers that differ only by case, spaces, width, leading zeros "
            f"or '.0', in rows {first_of(alike)} (counted below the header), and they count as different patients: "
            "write one patient's alike, or number different patients anew"
        )


def _plain_cells(cells: NDArray[Any]) -> list[Any]:
    """Return the cells of a column for comparison: None where missing, text without spaces around it."""
    if cells.dtype.kind == "f":
        return [None if cell != cell else cell for cell in cells.tolist()]  # noqa: PLR0124 (NaN)
    return [(cell.strip() or None) if isinstance(cell, str) else cell for cell in cells.tolist()]


def _twice(source: RawTable, design: Design) -> Iterator[str]:
    """Yield patients of whom all is the same, with values that nobody else has: one may be in the table twice."""
    name = design.table.patient
    columns = [each for each in dict.fromkeys(used_columns(design)) if each != name]
    cells = [_plain_cells(source.columns[each]) for each in columns]
    rows: dict[str | None, list[int]] = defaultdict(list)
    for row, key in enumerate(identifiers(source.columns[name])):
        rows[key].append(row)
    records = {key: tuple(cell[row] for row in own for cell in cells) for key, own in rows.items()}
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for key, record in records.items():
        alike[record].append(rows[key][0] + 1)
    again = [(record, first) for record, first in alike.items() if len(first) > 1]
    if not again:
        return
    held = Counter(pair for record in records.values() for pair in enumerate(record) if pair[1] is not None)
    found = [
        " and ".join(map(str, first))
        for record, first in again
        if sum(held[pair] == len(first) for pair in enumerate(record)) >= _OWN_VALUES
    ]
    if found:
        yield (
            f"patients of rows {first_of(found)} (counted below the header) are alike in every column that the design "
            "names, with values that nobody else has, and count as different: is one of them in the table twice?"
        )


def _codes_beyond(source: RawTable, design: Design) -> Iterator[str]:
    """Yield usual codes for a missing value that are taken as numbers, far beyond the others or much oftener."""
    numeric = {each.column for each in design.covariate if each.kind == "number"}
    patient = np.array([f"{key}" for key in identifiers(source.columns[design.table.patient])])
    for group in groups_of(design):
        number = group.kind in {"cost", "effect"} or (group.kind == "covariate" and group.name in numeric)
        if not number:
            continue
        for name in dict.fromkeys(group.columns):
            read = raw_numbers(source, name)
            held = np.zeros(source.rows, dtype=bool) if read is None else ~np.isnan(read[0])
            values = np.empty(0) if read is None else read[0][held]
            usual = np.array([usual_code(value) is not None for value in values.tolist()], dtype=bool)
            others = values[~usual]
            if not others.size:
                continue
            low, high = float(others.min()), float(others.max())
            # Nothing spent is as common as it is.
            most = max(np.unique(others[others != 0], return_counts=True)[1], default=0)
            for code in np.unique(values[usual]).tolist():
                count = int((values == code).sum())
                # In a long table one value of a patient may stand in all rows.
                habit = np.unique(patient[held][values == code]).size >= _HABIT
                above = code > high and (code > _BEYOND * high or habit)
                beyond = above or (code < 0 <= low and group.kind != "cost")
                if beyond or (habit and count >= _OFTENER * most):
                    rows = "rows" if count > 1 else "row"
                    why = "beyond its other values" if beyond else "much oftener than any other value"
                    yield (
                        f"column {name!r} holds {code_text(code)}, a usual code for a missing value, in {count} {rows}"
                        f", {why}, and it is taken as a number: if it means missing, say missing = [{code_text(code)}] "
                        f"in {group.path} of the design"
                    )


def _declared(source: RawTable, design: Design) -> Iterator[str]:
    """Yield columns of which a file declares more different values missing than codes would be."""
    given = source.attrs.get("declared_values")
    used = set(chain.from_iterable(group.columns for group in groups_of(design)))
    for name, count in given.items() if isinstance(given, dict) else ():
        if name in used and count > _MOST_CODES:
            yield (
                f"column {name!r} has {count} different values that the file declares missing, more than there are "
                "codes: its range of missing values may hold true ones; check it in SPSS"
            )


def _costs_at_start(source: RawTable, design: Design) -> Iterator[str]:
    """Yield columns of a long table whose amounts at the start are not taken."""
    patients = None if design.table.time is None else patients_of(source, design)
    for place, cost in enumerate(design.cost):
        starts = {start for start, _ in cost.periods or ()}
        if patients is None or cost.column is None or cost.baseline == cost.column:
            continue
        read = raw_numbers(source, cost.column)
        found = np.empty(0) if read is None else in_rows_of(patients, read[0], 0.0)
        count = int((np.nan_to_num(found) != 0).sum())
        if count and 0.0 in starts:
            yield (
                f"column {cost.column!r} holds amounts at month 0 of {count} patients, which are left out: if they "
                f'were spent before the start, say baseline = "{cost.column}" in cost[{place}]; if in the period that '
                "begins there, move each amount to the row where its period ends"
            )


def _other_version(source: RawTable, given: Utility) -> Iterator[str]:
    """Yield answers that look like those of EQ-5D-3L, valued as those of EQ-5D-5L."""
    if given.columns is not None or valuesets.find(str(given.value_set)).levels <= _THREE:
        return
    digits: list[int] = []
    for name in dict.fromkeys(flat(given.items or given.states)):
        read = raw_numbers(source, name)
        values = [] if read is None else read[0][np.isfinite(read[0])].tolist()
        digits += [int(digit) for value in values for digit in code_text(value)]
    if len(digits) >= _MANY_ANSWERS and max(digits) == _THREE:
        yield (
            f"no answer of {len(digits)} to the EQ-5D is above 3, and {given.value_set} values EQ-5D-5L: if EQ-5D-3L "
            "was asked, name its value set in [utility]"
        )


def _other_value_set(source: RawTable, given: Utility) -> Iterator[str]:
    """Yield that utilities are not those of the value set that is named, and all are those of another one."""
    if given.columns is None or given.value_set is None:
        return
    read = [raw_numbers(source, name) for name in dict.fromkeys(flat(given.columns))]
    values = np.concatenate([each[0][np.isfinite(each[0])] for each in read if each is not None])
    kept = np.unique(values[np.abs(values) < 1])
    rounded = np.round(kept, _PLACES)
    fine = np.abs(rounded * 100 - np.round(rounded * 100)) > 1e-6  # noqa: PLR2004 (a third decimal)
    if kept.size < _FEWEST_VALUES or not fine.any():
        return
    own = _not_of(rounded, _values_of(valuesets.find(str(given.value_set))))
    if not own:
        return
    others = [each.name for each in eq5d.value_sets() if _are_those_of(rounded, _packaged(each.name))]
    if others:
        yield (
            f"{own} of {rounded.size} different utilities are no value of {given.value_set}, and all are of "
            f"{first_of(others)}: name in [utility] the value set by which the answers were valued"
        )
        return
    # What has more decimals was averaged, imputed or simulated, and is of no set.
    printed = kept[np.abs(kept * 10 ** (_PLACES + 1) - np.round(kept * 10 ** (_PLACES + 1))) < 1e-6]  # noqa: PLR2004
    apart = _apart(printed, str(given.value_set)) if printed.size >= _FEWEST_VALUES else 0
    if apart > _FEW_OTHERS * printed.size:
        yield (
            f"{apart} of {printed.size} different utilities are no value of {given.value_set}, nor are all of another "
            "set that hecon has: if another set valued the answers, name its file in [utility]; if utilities were "
            "averaged or imputed before, leave value_set out"
        )


@cache
def _packaged(name: str) -> Floats:
    """Return those of a set that comes with hecon: every trial is held against all of them."""
    return _values_of(valuesets.find(name))


def _values_of(known: ValueSet) -> Floats:
    """Return the different values of a set, increasing."""
    return np.unique(np.round(known.lookup[known.states], _PLACES))


def _not_of(rounded: Floats, known: Floats) -> int:
    """Return how many utilities are no value of a set."""
    return int((known[np.minimum(np.searchsorted(known, rounded), known.size - 1)] != rounded).sum())


def _apart(utilities: Floats, name: str) -> int:
    """Return how many utilities lie further from the values of a set than rounding to thousandths, up or down, does."""
    known = valuesets.find(name)
    values = np.unique(known.lookup[known.states])
    place = np.clip(np.searchsorted(values, utilities), 1, values.size - 1)
    distance = np.minimum(np.abs(utilities - values[place - 1]), np.abs(utilities - values[place]))
    return int((distance > 0.5 * 10.0**-_PLACES + 1e-9).sum())


def _are_those_of(rounded: Floats, known: Floats) -> bool:
    """Tell whether all utilities are values of a set, which as many thousandths in their range hardly are by chance."""
    if _not_of(rounded, known):
        return False
    low, high = float(rounded[0]), float(rounded[-1])
    share = np.count_nonzero((known >= low) & (known <= high)) / (round((high - low) * 10**_PLACES) + 1)
    return bool(share**rounded.size < _BY_CHANCE)
