"""The patients of a table: which row is whose and at which time, and their dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.trial.table.cells import EVERY_ROW, add, are_missing, besides, days, keys, number_column, spelling

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from hecon.trial.table.cells import TableFault
    from hecon.trial.table.design import Design
    from hecon.trial.table.reading import RawTable

    Integers = NDArray[np.intp]
    Floats = NDArray[np.float64]

_NONE = -1
# Months are told apart to this many decimals: Stata keeps no more than seven digits unless asked to.
_DECIMALS = 4


@dataclass(frozen=True, eq=False)
class Patients:
    """Which patient each row is of (-1: none), and each patient's row at each time (-1: none) of a long table."""

    count: int
    of_row: Integers
    at: dict[float, Integers] | None


def patients_of(source: RawTable, design: Design, faults: list[TableFault]) -> Patients | None:
    """Return the patients of a table in its order, or None if it lacks the columns that tell them."""
    name = design.table.patient
    if name not in source.columns:
        return None
    identifiers = keys(source.columns[name])
    where = f"column {name!r}"
    lacking = np.array([key is None for key in identifiers], dtype=bool)
    add(faults, where, "must identify the patient of every row, got none", lacking)
    places: dict[Any, int] = {}
    of_row = np.array([_NONE if key is None else places.setdefault(key, len(places)) for key in identifiers], np.intp)
    if design.table.time is None:
        again, above = _repeats(of_row)
        add(faults, where, "must be unique in a wide table, got one patient in two rows", again, above=above)
        return Patients(source.rows, np.arange(source.rows), None)
    # With no one identified, which is a fault, there is a patient without rows.
    return _long(source, design, of_row, max(len(places), 1), faults)


def _repeats(codes: Integers) -> tuple[NDArray[np.bool_], Integers]:
    """Return the rows that repeat one above, and for each row the first of its code; -1 repeats none."""
    _, first, which = np.unique(codes, return_index=True, return_inverse=True)
    above = first[which].astype(np.intp)
    return np.asarray((above != np.arange(codes.size)) & (codes != _NONE)), above


def _long(source: RawTable, design: Design, of_row: Integers, count: int, faults: list[TableFault]) -> Patients | None:
    name = str(design.table.time)
    where = f"column {name!r}"
    times = number_column(source, name, faults, remedy=EVERY_ROW)
    if times is None:
        return None
    add(faults, where, "must tell the month of every row, got none", besides(faults, where, np.isnan(times)))
    known = sorted({*design.utility.months, *(end for cost in design.cost for _, end in cost.periods or ())})
    slots = {round(month, _DECIMALS): place for place, month in enumerate(known)}
    slot = np.array([slots.get(round(time, _DECIMALS), _NONE) for time in times.tolist()], dtype=np.intp)
    unknown = (slot == _NONE) & ~np.isnan(times)
    months = ", ".join(f"{month:g}" for month in known)
    add(faults, where, f"must be a month of the design ({months}), got another", unknown)
    sound = (slot != _NONE) & (of_row != _NONE)
    place = np.where(sound, of_row * len(known) + slot, _NONE)
    again, above = _repeats(place)
    rule = "must be unique at each month, got one patient and month in two rows"
    add(faults, f"column {design.table.patient!r}", rule, again, above=above)
    _spelling_faults(source.columns[str(design.table.patient)], place, len(known), design.table.patient, faults)
    _order_faults(of_row, np.where(again, np.nan, times), where, faults)
    rows = np.full(count * len(known), _NONE, dtype=np.intp)
    first = np.flatnonzero(sound & ~again)
    rows[place[first]] = first
    table = rows.reshape(count, len(known))
    return Patients(count, of_row, {month: table[:, place] for place, month in enumerate(known)})


def _spelling_faults(cells: NDArray[Any], place: Integers, times: int, name: str, faults: list[TableFault]) -> None:
    """Add identifiers written in two ways that share no month: one patient would be counted as two."""
    kin: dict[str, dict[int, set[int]]] = {}
    rows: dict[int, int] = {}
    for row, (key, at) in enumerate(zip(keys(cells), place.tolist(), strict=True)):
        if key is not None and at != _NONE:
            rows.setdefault(at // times, row)
            kin.setdefault(spelling(key), {}).setdefault(at // times, set()).add(at % times)
    wrong, above = np.zeros(place.size, dtype=bool), np.zeros(place.size, dtype=np.intp)
    for months in kin.values():
        (first, *others) = months
        if others and sum(map(len, months.values())) == len(set().union(*months.values())):
            for each in others:
                wrong[rows[each]], above[rows[each]] = True, rows[first]
    rule = "must be written in one way, got two that differ by case, spaces or leading zeros only and share no month"
    add(
        faults,
        f"column {name!r}",
        f"{rule}: write one patient's alike, or number two patients anew",
        wrong,
        above=above,
    )


def _order_faults(of_row: Integers, times: Floats, where: str, faults: list[TableFault]) -> None:
    dated = np.flatnonzero((of_row != _NONE) & ~np.isnan(times))
    order = dated[np.argsort(of_row[dated], kind="stable")]
    earlier = (of_row[order][1:] == of_row[order][:-1]) & (times[order][1:] < times[order][:-1])
    wrong = np.zeros(of_row.size, dtype=bool)
    wrong[order[1:][earlier]] = True
    add(faults, where, "must run upwards within a patient, got a time before that of a row above", wrong)


def in_rows_of(patients: Patients, values: Floats, month: float) -> Floats:
    """Return one value per patient: that of its row, in a long table of its row at a month."""
    if patients.at is None:
        return values
    rows = patients.at[month]
    return np.where(rows == _NONE, np.nan, values[rows])


def rows_at(patients: Patients, months: Iterable[float]) -> Integers:
    """Return the rows of a long table at some months."""
    result = [patients.at[month] for month in months if month in patients.at] if patients.at else []
    return np.concatenate([*result, np.empty(0, dtype=np.intp)])


def each_patients(patients: Patients, codes: Integers, where: str, faults: list[TableFault]) -> Integers:
    """Return one code per patient, -1 where missing; rows of one patient that differ are at fault."""
    if patients.at is None:
        return codes
    result = np.full(patients.count, _NONE, dtype=np.intp)
    given = (codes != _NONE) & (patients.of_row != _NONE)
    rows = np.flatnonzero(given)[::-1]
    result[patients.of_row[rows]] = codes[rows]  # the first row is set last
    differs = given & (result[patients.of_row] != codes)
    add(faults, where, "must be the same in all rows of a patient, got another than in a row above", differs)
    return result


# Dates ----------------------------------------------------------------------------------------------------------------


def date_faults(source: RawTable, design: Design, patients: Patients, faults: list[TableFault]) -> None:
    """Add the faults of the dates: what is none, and a baseline that was measured after randomisation."""
    if design.dates is None:
        return
    result: list[Integers] = []
    for name in (design.dates.randomisation, design.dates.baseline):
        if name not in source.columns:
            continue
        cells = source.columns[name]
        known = cells.astype(object)
        known[are_missing(cells, source.codes_of(name))] = None
        numbers, wrong = days(known.tolist())
        add(faults, f"column {name!r}", "must hold dates, as in 2024-03-22, got what is none", wrong)
        if not numbers.any() and not wrong.any():
            add(faults, f"column {name!r}", "must hold a value in one row at least, got none")
        result.append(np.where(numbers > 0, numbers, _NONE).astype(np.intp))
    if len(result) < 2:  # noqa: PLR2004 (both)
        return
    where = f"column {design.dates.baseline!r}"
    randomised = each_patients(patients, result[0], f"column {design.dates.randomisation!r}", faults)
    late = (result[1] != _NONE) & (patients.of_row != _NONE)
    late &= (randomised[patients.of_row] != _NONE) & (result[1] > randomised[patients.of_row])
    if patients.at is not None:
        late &= np.isin(np.arange(source.rows), patients.at[0.0])
    add(faults, where, "must not be after randomisation, got a baseline measured after it", late)
