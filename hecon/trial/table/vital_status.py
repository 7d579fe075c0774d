"""Until when patients of a table are followed: planned times, deaths, and whose vital status is unknown."""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.trial.deaths import RULES, Deaths, shares_lived
from hecon.trial.table.cells import EVERY_ROW, key_of
from hecon.trial.table.codes import code_meant
from hecon.trial.table.design import dead_codes, used_columns
from hecon.trial.table.design_keys import flat
from hecon.trial.table.patients import days_of, each_number, in_rows_of, rows_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hecon._arrays import Flags, Floats
    from hecon.trial.table.checking import TrialData
    from hecon.trial.table.design import Design
    from hecon.trial.table.design_keys import Death
    from hecon.trial.table.patients import Patients
    from hecon.trial.table.reading import RawTable

_NONE = -1
_DAYS_PER_MONTH = 365.25 / 12
# Names of columns that may tell of deaths.
NAMES_OF_DEATHS = re.compile(
    r"(?:^|[\W_\d])(?:death|dead|died|deceased|mortality|vital|overleden|overlijden|overlijdensdatum|sterfte|gestorven)"
    r"(?:$|[\W_\d])",
    re.IGNORECASE,
)


def planned_of(source: RawTable, design: Design, patients: Patients) -> Floats | None:
    """Return the planned follow-up of each patient [months], the last time where it is at fault; None without one."""
    if design.planned is None:
        return None
    name, times, end = design.planned.follow_up, _planned_times(design), design.horizon
    last = np.full(patients.count, end)
    found = each_number(source, patients, name, remedy=EVERY_ROW)
    if found is None:
        return last
    _fault(source, patients, name, "must tell the planned follow-up of every patient, got none", np.isnan(found))
    known = ", ".join(f"{month:g}" for month in times)
    other = ~np.isnan(found) & ~np.isin(found, times) & (found < end)
    what = "an end of the periods of the costs" if design.costs_alone is not None else "a time of the effect"
    what = "a time of the utilities" if design.utility is not None else what
    _fault(source, patients, name, f"must be {what} after the start ({known}), got another", other)
    return np.where(np.isnan(found) | other, last, np.minimum(found, last))


def _planned_times(design: Design) -> list[float]:
    """Return the times at which follow-up may end: those of the effect, or the ends of the periods of costs alone."""
    if design.costs_alone is None:
        return [month for month in design.months if month > 0]
    return sorted({end for cost in design.cost for _, end in cost.periods or ()})


def refuse_beyond_plan(source: RawTable, design: Design, patients: Patients, data: TrialData) -> None:
    """Add values of the effect and costs that patients have after their planned follow-up, but those of the dead."""
    if data.planned is None or design.planned is None:
        return
    ends, of_death = np.array([each.end for each in data.items]), shares_lived(data)
    for what, times, values, lived in (
        (_value_name(design), np.array(data.months), data.utilities, of_death[0]),
        ("cost of a period", ends, data.costs, of_death[1]),
    ):
        wrong: Flags = np.any((data.planned[:, None] < times) & ~np.isnan(values) & (lived > 0), axis=1)
        rule = f"must not end before a {what} that the patient has, got such a follow-up: check when it was to end"
        _fault(source, patients, design.planned.follow_up, rule, wrong)


def _value_name(design: Design) -> str:
    """Return what one value of the effect is called in a fault."""
    return "utility" if design.utility is not None else "value of the effect"


def deaths_of(source: RawTable, design: Design, patients: Patients, data: TrialData) -> Deaths | None:
    """Return when patients died, None where the design says nothing of it; contradictions and doubts are faults."""
    given = design.death
    if given is None:
        return None
    month, dated = _dated(source, design, given, patients)
    measured, planned = _last_known(design, data.utilities), data.planned
    alive, found_dead, middle = _by_status(source, design, given, patients, measured, told=np.isfinite(month))
    if given.date is not None or given.month is not None:
        name = str(given.date or given.month)
        rule = "must tell when a patient died whom the status has as dead, got none: give at least an estimate"
        _fault(source, patients, name, rule, np.isfinite(found_dead) & np.isinf(month))
        rule = "must not be at or before a visit at which the status has the patient as alive, got such a death"
        _fault(source, patients, name, rule, (alive > 0) & (month <= alive))
        rule = "must not be after a visit at which the status has the patient as dead, got such a death"
        _fault(source, patients, name, rule, np.isfinite(month) & (month > found_dead))
    else:
        month = middle
    seen = np.maximum(alive, measured)
    lost = np.isinf(month) & (seen < design.horizon)
    if given.others is None and lost.any():
        rule = (
            f"must tell whether every patient was alive at month {design.horizon:g}, got no death and "
            'nothing that shows it: in [death] say others = "alive" if no one else died, give status, or say others = '
            '"unknown" and they are imputed as the living are'
        )
        _fault(source, patients, _names(given, design), rule, lost)
    if planned is not None and given.others == "unknown":
        rule = (
            "must tell whether patients whose planned follow-up ends before the last time were alive then, as what is "
            "imputed is of the living: give their deaths up to the last time, or leave later times out of the design"
        )
        _fault(source, patients, _names(given, design), rule, lost & (planned < design.horizon))
    unknown = np.where(lost & (given.others == "unknown"), seen, np.inf)
    before = None if design.utility is None else given.before or RULES[0]
    return Deaths(month, dated, before, unknown)


def _names(given: Death, design: Design) -> str | tuple[str, ...]:
    """Return the columns that tell when patients died."""
    return given.date or given.month or given.status or tuple(flat(_of_utilities(design)))


def _of_utilities(design: Design) -> Any:  # noqa: ANN401
    """Return the columns of the utilities, nested as the design has them."""
    given = design.utility
    return () if given is None else given.columns or given.states or given.items or ()


def _measures(design: Design) -> bool:
    """Return whether values of the effect were measured at a visit; a total may be known of the dead as well."""
    return design.utility is not None or (design.effect is not None and design.effect.summary == "last")


def _last_known(design: Design, values: Floats) -> Floats:
    """Return the last month at which a measurement shows each patient alive; the start at least."""
    if not _measures(design):
        return np.zeros(len(values))
    last: Floats = np.where(np.isnan(values), 0.0, np.array(design.months)).max(axis=1)
    return last


def _fault(source: RawTable, patients: Patients, names: Any, rule: str, wrong: Flags) -> None:  # noqa: ANN401
    """Add a fault of some patients, in their first rows."""
    if wrong.any():
        numbers, first = np.unique(patients.of_row, return_index=True)
        rows = np.zeros(source.rows, dtype=bool)
        rows[first[np.isin(numbers, np.flatnonzero(wrong))]] = True
        source.fault(names, rule, rows)


def _dated(source: RawTable, design: Design, given: Death, patients: Patients) -> tuple[Floats, str]:
    """Return the month of each death by its date or its month, infinite where there is none, and which of the two."""
    result = np.full(patients.count, np.inf)
    if given.month is not None:
        found = each_number(source, patients, given.month, may_be_empty=True)
        if found is not None:
            result = np.where(np.isnan(found), np.inf, found)
        what, dated = given.month, "month"
    elif given.date is not None and design.dates is not None:
        days = days_of(source, patients, given.date)
        start = days_of(source, patients, design.dates.randomisation)
        if days is not None and start is not None:
            rule = "must tell when a patient was randomised who died, got none"
            _fault(source, patients, design.dates.randomisation, rule, (days != _NONE) & (start == _NONE))
            known = (days != _NONE) & (start != _NONE)
            result = np.where(known, (days - start) / _DAYS_PER_MONTH, np.inf)
        what, dated = given.date, "date"
    else:
        return result, "status"
    _fault(source, patients, what, "must be after the start of the trial, got a death at or before it", result <= 0)
    return result, dated


def _by_status(
    source: RawTable, design: Design, given: Death, patients: Patients, measured: Floats, *, told: Flags
) -> tuple[Floats, Floats, Floats]:
    """Return the last month at which each patient was alive, the visit that finds the patient dead, and the death.

    That is dated at the middle between this visit and the one before. Of some the death is `told` otherwise.
    """
    alive, dead = np.zeros(patients.count), np.full(patients.count, np.inf)
    names = _names(given, design)
    for month, found in _visits(source, design, given, patients, told):
        alive = np.where(found == 0, month, alive)
        dead = np.where((found == 1) & np.isinf(dead), month, dead)
    _fault(source, patients, names, "must be alive at the start, got a patient who is dead at month 0", dead == 0)
    rule = "must not be alive at a visit after one that finds the patient dead, got such a status"
    _fault(source, patients, names, rule, alive > dead)
    before = np.maximum(alive, measured)
    visits = np.array(sorted({0.0, *(design.months if _measures(design) else status_months(design))}))
    reached = visits[np.maximum(np.searchsorted(visits, np.minimum(dead, visits[-1]), side="left") - 1, 0)]
    gap = np.isfinite(dead) & (before < reached) & (given.date is None) & (given.month is None)
    rule = (
        "must tell when a patient died, got a death before which neither the status nor a measurement shows the "
        "patient alive at the visit before: give the status there, or the month or date of death"
    )
    _fault(source, patients, names, rule, gap)
    return alive, dead, np.where(np.isfinite(dead), (reached + dead) / 2, np.inf)


def _visits(
    source: RawTable, design: Design, given: Death, patients: Patients, told: Flags
) -> list[tuple[float, Floats]]:
    """Return month by month 1 for who is found dead, 0 for who is alive and NaN where it is unknown, by patient."""
    result: list[tuple[float, Floats]] = []
    found_dead: dict[tuple[str, ...], tuple[Sequence[float], Flags]] = {}
    if given.status is not None:
        months = status_months(design)
        names = (given.status,) * len(months) if isinstance(given.status, str) else given.status
        codes = {name: _status(source, given, name) for name in dict.fromkeys(names)}
        for name, month in zip(names, months, strict=True):
            found = codes[name]
            if found is not None:
                result.append((month, in_rows_of(patients, found, month)))
                found_dead[name,] = months, found == 1
    dead, columns = dead_codes(design), _of_utilities(design)
    measured = design.utility.months if dead and design.utility is not None else ()
    for place, month in enumerate(measured):
        own = tuple(flat(columns if patients.at is not None else columns[place]))
        if all(name in source.columns for name in own):
            cells = [[key_of(cell) in dead for cell in source.columns[name].tolist()] for name in own]
            rows: Flags = np.any(cells, axis=0)
            result.append((month, in_rows_of(patients, np.where(rows, 1.0, np.nan), month)))
            found_dead[own] = measured, rows
    if patients.at is not None:
        known = told | np.any([found == 1 for _, found in result], axis=0) if result else told
        for own, (times, rows) in found_dead.items():
            _refuse_unread(source, patients, own, times, rows & ~known[patients.of_row])
    return sorted(result, key=itemgetter(0))


def _refuse_unread(
    source: RawTable, patients: Patients, names: tuple[str, ...], months: Sequence[float], dead: Flags
) -> None:
    """Add deaths that stand in rows of a long table at other months alone: they would be lost without a word."""
    elsewhere = (patients.of_row != _NONE) & ~np.isin(np.arange(source.rows), rows_at(patients, months))
    rule = f"must find a patient dead at a month that the design takes it at ({', '.join(f'{at:g}' for at in months)})"
    remedy = "give the dead their status at the next of these months too, or the month or date of death"
    source.fault(names, f"{rule}, got it at another alone: {remedy}", dead & elsewhere)


def status_months(design: Design) -> tuple[float, ...]:
    """Return the months of the columns of vital status: those of the effect after the start by default."""
    given = design.death
    own = None if given is None else given.months
    return tuple(own) if own else tuple(month for month in design.months if month > 0)


def _status(source: RawTable, given: Death, name: str) -> Floats | None:
    """Return by row 1 for dead, 0 for alive and NaN for unknown; another cell is at fault."""
    if name not in source.columns:
        return None
    keys, labels = [key_of(cell) for cell in source.columns[name].tolist()], source.labels.get(name, {})
    held = set(keys) | set(labels)
    meant = {
        code_meant(code, held, labels): value for value, codes in enumerate((given.alive, given.dead)) for code in codes
    }
    absent = source.codes_of(name)
    unknown = np.array([key is not None and key not in meant and key not in absent for key in keys], dtype=bool)
    rule = "must be alive or dead by the codes of the design, death.alive and death.dead, or missing, got another"
    source.fault(name, rule, unknown)
    return np.array([np.nan if key is None else meant.get(key, np.nan) for key in keys])


def refuse_after_death(source: RawTable, design: Design, patients: Patients, data: TrialData) -> None:
    """Add values of the effect and costs that patients have after their death."""
    if design.death is None:
        return
    lived, expected, names = shares_lived(data), data.effect.at_death, _names(design.death, design)
    wrong = ((lived[0] == 0) & ~np.isnan(data.utilities) & (data.utilities != expected)).any(axis=1)
    what, where = _value_name(design), "a time" if data.effect.summary != "total" else "the start of months"
    rule = f"must not be at or before {where} of which the patient has a {what} other than {expected:g}"
    remedy = f"check when the patient died, and the {what}"
    _fault(source, patients, names, f"{rule}, got such a death: {remedy}", wrong)
    late = ((lived[1] == 0) & (np.nan_to_num(data.costs) != 0)).any(axis=1)
    rule = "must not be at or before the start of a period of which the patient has costs, got such a death"
    remedy = "check when the patient died; what was spent before belongs in the period of death"
    _fault(source, patients, names, f"{rule}: {remedy}", late)


def suspected_deaths(source: RawTable, design: Design) -> Iterator[str]:
    """Yield that columns seem to tell of deaths of which the design says nothing."""
    if design.death is not None:
        return
    found = [name for name in source.columns if NAMES_OF_DEATHS.search(name) and name not in used_columns(design)]
    if found:
        yield (
            f"the columns {', '.join(map(repr, found))} seem to tell of deaths, and the design has no [death]: whoever "
            "died counts as lost to follow-up and is imputed as if alive"
        )
