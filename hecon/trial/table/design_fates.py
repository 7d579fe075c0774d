"""Deaths and planned follow-up of a design: what is wrong with how they are told, and what has no sound reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.files.faults import shown
from hecon.trial.effects import QALY
from hecon.trial.table.cells import key_of
from hecon.trial.table.design_keys import COUNTED_TO_DEATH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hecon.files.faults import Fault
    from hecon.trial.table.design import Design
    from hecon.trial.table.design_keys import CostsAlone, DataTable, Death, Effect, Utility


def months_of(utility: Utility | None, effect: Effect | None, alone: CostsAlone | None) -> tuple[float, ...] | None:
    """Return the times of the utilities, or the start and those of what stands in their place, if without fault."""
    months = utility.times if utility and utility.months is not None else None
    if effect and effect.months is not None:
        months = (0.0, *effect.months)
    if alone and alone.months is not None:
        months = (0.0, alone.months)
    return months if months is not None and list(months) == sorted(set(months)) else None


def has_fault(path: str, faulty: Sequence[str]) -> bool:
    """Return whether a value has a fault of its own."""
    return any(each.startswith(path) for each in faulty)


def fate_faults(design: Design, faulty: Sequence[str]) -> Iterator[Fault]:
    """Yield deaths that are told by nothing, and what lacks for a date or a status."""
    given, dates = design.death, design.dates
    if dates and dates.baseline is None and not (given and given.date) and not has_fault("dates.baseline", faulty):
        yield "dates.baseline", "is missing: add it; a date of randomisation alone serves death.date alone"
    if given:
        yield from _way_faults(given, design, faulty)
        other = "effect" if design.effect else "costs_alone" if design.costs_alone else ""
        for key, remedy in (("before", "leave it out"), ("in_utilities", "give month, date or status")):
            if other and getattr(given, key):
                yield f"death.{key}", f"must be left out beside [{other}], as it is of utilities over time: {remedy}"
    if design.effect:
        yield from _after_death_faults(design.effect, faulty, told=given is not None or has_fault("death", faulty))
    if design.planned:
        yield from _planned_faults(design)


def _after_death_faults(effect: Effect, faulty: Sequence[str], *, told: bool) -> Iterator[Fault]:
    """Yield that it is not said what an effect is after death, or what it cannot be."""
    path, given = "effect.after_death", effect.after_death
    total = effect.unit == QALY or effect.summary == "total"
    if effect.unit is None or (effect.unit != QALY and effect.summary is None):
        return
    if given is None:
        if told and not has_fault(path, faulty):
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
        if not any(has_fault(f"death.{key}", faulty) for key in ("date", "month", "status", "in_utilities")):
            rule = "must have date, month, status or in_utilities, got none"
            yield "death", f"{rule}: say which column tells who died, and when"
    elif given.date is not None and given.month is not None:
        yield "death.month", "must be left out beside date, which tells the time"
    if given.date is not None and design.dates is None and not has_fault("dates", faulty):
        yield "death.date", "needs the date of randomisation, from which months are counted: add dates.randomisation"
    yield from _status_codes(given, design.table)
    yield from _status_faults(given, design, faulty)
    missing = (*((design.utility and design.utility.missing) or ()), *((design.table and design.table.missing) or ()))
    for place, code in enumerate(given.in_utilities or ()):
        if key_of(code) in map(key_of, missing):
            yield f"death.in_utilities[{place}]", f"must not mean missing as well, got {shown(code)}"


def _status_faults(given: Death, design: Design, faulty: Sequence[str]) -> Iterator[Fault]:
    """Yield columns of the vital status that are not one for each time, or of no such time."""
    months = months_of(design.utility, design.effect, design.costs_alone)
    if given.status is None or months is None or has_fault("death.months", faulty):
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
    both = set(map(key_of, given.dead or ())) & set(map(key_of, given.alive or ()))
    missing = set(map(key_of, given.missing or ())) | set(map(key_of, (table.missing if table else None) or ()))
    for place, code in enumerate(given.dead or ()):
        if key_of(code) in both:
            yield f"death.dead[{place}]", f"must mean dead alone, got {shown(code)}, which alive names too"
    for key in ("dead", "alive"):
        for place, code in enumerate(getattr(given, key) or ()):
            if key_of(code) in missing:
                yield f"death.{key}[{place}]", f"must not mean missing, got {shown(code)}"
