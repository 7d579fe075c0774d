"""The patients of a table: their rows, dates, arms, clusters and covariates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hecon.trial.table.cells import (
    EVERY_ROW,
    are_missing,
    code_text,
    date_column,
    identifiers,
    key_of,
    normalised,
    number_column,
    rounded,
)
from hecon.trial.table.codes import GENERAL, code_meant, other_arm
from hecon.trial.table.design import table_codes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hecon._arrays import Codes, Flags, Floats
    from hecon.trial.table.checking import TrialData
    from hecon.trial.table.design import Design
    from hecon.trial.table.design_keys import Cluster, Covariate, Dates, Subgroup
    from hecon.trial.table.reading import RawTable

_NONE = -1
# Decimals by which months are compared: Stata keeps seven digits by default.
_DECIMALS = 4


@dataclass(frozen=True, eq=False)
class Patients:
    """Which patient each row is of (-1: none), and each patient's row at each time (-1: none) of a long table."""

    count: int
    of_row: Codes
    at: dict[float, Codes] | None


def patients_of(source: RawTable, design: Design) -> Patients | None:
    """Return the patients of a table in its order, or None if it lacks the columns that tell them."""
    name = design.table.patient
    if name not in source.columns:
        return None
    of_row = _numbered(identifiers(source.columns[name]))
    source.fault(name, "must identify the patient of every row, got none", of_row == _NONE)
    _rounded_faults(source, name)
    if design.table.time is None:
        again, above = _repeats(of_row)
        source.fault(name, "must be unique in a wide table, got one patient in two rows", again, above=above)
        return Patients(source.rows, np.arange(source.rows), None)
    # With no one identified, which is a fault, there is a patient without rows.
    return _long(source, design, of_row, max(int(of_row.max()) + 1, 1))


def _rounded_faults(source: RawTable, name: str) -> None:
    """Add identifiers of which the file may have lost the last digits: two would be one."""
    lost = rounded(source.columns[name], of_workbook=source.attrs.get("reading", {}).get("kind") == ".xlsx")
    rule = "must identify in full, got a number so long that this kind of file loses its last digits"
    source.fault(name, f"{rule}: write such as text, or number them anew", lost)


def _numbered(keys: Sequence[Any]) -> Codes:
    """Return the number of each key in the order of the table, -1 where there is none."""
    places: dict[Any, int] = {}
    return np.array([_NONE if key is None else places.setdefault(key, len(places)) for key in keys], dtype=np.intp)


def _ranked(values: Floats) -> tuple[Floats, Codes]:
    """Return the different numbers in order, and for each value its place among them, -1 where it is NaN."""
    is_known = ~np.isnan(values)
    codes = np.full(values.size, _NONE, dtype=np.intp)
    known, codes[is_known] = np.unique(values[is_known], return_inverse=True)
    return known, codes


def _repeats(codes: Codes) -> tuple[Flags, Codes]:
    """Return the rows that repeat one above, and for each row the first of its code; -1 repeats none."""
    _, first, which = np.unique(codes, return_index=True, return_inverse=True)
    above = first[which].astype(np.intp)
    return np.asarray((above != np.arange(codes.size)) & (codes != _NONE)), above


def _long(source: RawTable, design: Design, of_row: Codes, count: int) -> Patients | None:
    name = str(design.table.time)
    times = number_column(source, name, remedy=EVERY_ROW)
    if times is None:
        return None
    source.fault(name, "must tell the month of every row, got none", source.outside_faulty_rows(name, np.isnan(times)))
    visits = () if design.death is None else design.death.months or ()
    known = sorted({0.0, *design.months, *visits, *(end for cost in design.cost for _, end in cost.periods or ())})
    slots = {round(month, _DECIMALS): place for place, month in enumerate(known)}
    slot = np.array([slots.get(round(time, _DECIMALS), _NONE) for time in times.tolist()], dtype=np.intp)
    unknown = (slot == _NONE) & ~np.isnan(times)
    months = ", ".join(f"{month:g}" for month in known)
    source.fault(name, f"must be a month of the design ({months}), got another", unknown)
    sound = (slot != _NONE) & (of_row != _NONE)
    place = np.where(sound, of_row * len(known) + slot, _NONE)
    again, above = _repeats(place)
    rule = "must be unique at each month, got one patient and month in two rows"
    source.fault(design.table.patient, rule, again, above=above)
    _spelling_faults(source, place, len(known), design.table.patient)
    _order_faults(source, of_row, np.where(again, np.nan, times), name)
    rows = np.full(count * len(known), _NONE, dtype=np.intp)
    first = np.flatnonzero(sound & ~again)
    rows[place[first]] = first
    table = rows.reshape(count, len(known))
    return Patients(count, of_row, {month: table[:, place] for place, month in enumerate(known)})


def _spelling_faults(source: RawTable, place: Codes, times: int, name: str) -> None:
    """Add identifiers written in two ways that share no month: one patient would be counted as two."""
    kin: dict[str, dict[int, set[int]]] = {}
    rows: dict[int, int] = {}
    for row, (key, at) in enumerate(zip(identifiers(source.columns[name]), place.tolist(), strict=True)):
        if key is not None and at != _NONE:
            rows.setdefault(at // times, row)
            kin.setdefault(normalised(key), {}).setdefault(at // times, set()).add(at % times)
    wrong, above = np.zeros(place.size, dtype=bool), np.zeros(place.size, dtype=np.intp)
    for months in kin.values():
        (first, *others) = months
        if others and sum(map(len, months.values())) == len(set().union(*months.values())):
            for each in others:
                wrong[rows[each]], above[rows[each]] = True, rows[first]
    rule = "must be written in one way, got two that differ by case, spaces, width, leading zeros or .0 only"
    remedy = "and share no month: write one patient's alike, or number two patients anew"
    source.fault(name, f"{rule} {remedy}", wrong, above=above)


def _order_faults(source: RawTable, of_row: Codes, times: Floats, name: str) -> None:
    dated = np.flatnonzero((of_row != _NONE) & ~np.isnan(times))
    order = dated[np.argsort(of_row[dated], kind="stable")]
    earlier = (of_row[order][1:] == of_row[order][:-1]) & (times[order][1:] < times[order][:-1])
    wrong = np.zeros(of_row.size, dtype=bool)
    wrong[order[1:][earlier]] = True
    source.fault(name, "must run upwards within a patient, got a time before that of a row above", wrong)


def in_rows_of(patients: Patients, values: Floats, month: float) -> Floats:
    """Return one value per patient: that of its row, in a long table of its row at a month."""
    if patients.at is None:
        return values
    rows = patients.at[month]
    return np.where(rows == _NONE, np.nan, values[rows])


def rows_at(patients: Patients, months: Iterable[float]) -> Codes:
    """Return the rows of a long table at some months."""
    result = [patients.at[month] for month in months if month in patients.at] if patients.at else []
    return np.concatenate([*result, np.empty(0, dtype=np.intp)])


def each_patients(source: RawTable, patients: Patients, codes: Codes, name: str) -> Codes:
    """Return one code per patient, -1 where missing; rows of one patient that differ are at fault."""
    if patients.at is None:
        return codes
    result = np.full(patients.count, _NONE, dtype=np.intp)
    given = (codes != _NONE) & (patients.of_row != _NONE)
    rows = np.flatnonzero(given)[::-1]
    result[patients.of_row[rows]] = codes[rows]  # the first row is set last
    differs = given & (result[patients.of_row] != codes)
    source.fault(name, "must be the same in all rows of a patient, got another than in a row above", differs)
    return result


# Dates ----------------------------------------------------------------------------------------------------------------


def date_faults(source: RawTable, design: Design, patients: Patients) -> None:
    """Add the faults of the dates: what is none, and a baseline that was measured after randomisation."""
    if design.dates is not None and design.dates.baseline is not None:
        late = _days_before(source, design.dates, patients) < 0
        source.fault(design.dates.baseline, "must not be after randomisation, got a baseline measured after it", late)


def _days_before(source: RawTable, dates: Dates, patients: Patients) -> Floats:
    """Return how many days before randomisation the baseline of a row was measured; NaN where either is unknown."""
    result: list[Codes] = []
    for name in (dates.randomisation, str(dates.baseline)):
        numbers = date_column(source, name)
        if numbers is None:
            return np.full(source.rows, np.nan)
        result.append(np.where(numbers > 0, numbers, _NONE).astype(np.intp))
    randomised = each_patients(source, patients, result[0], dates.randomisation)[patients.of_row]
    known = (result[1] != _NONE) & (patients.of_row != _NONE) & (randomised != _NONE)
    if patients.at is not None:
        known &= np.isin(np.arange(source.rows), patients.at[0.0])
    return np.where(known, randomised - result[1], np.nan)


# Days before randomisation at which no baseline is measured, and years from the middle patient's at which none enters.
_LONG_BEFORE, _FAR_YEARS = 366, 10
# Years within which trials of today randomise.
_TODAY = range(1950, 2101)


def date_doubts(source: RawTable, design: Design) -> Iterator[str]:
    """Yield dates that are likely to be mistyped, in a table without faults: of baselines and of randomisation."""
    patients = None if design.dates is None else patients_of(source, design)
    if design.dates is None or patients is None:
        return
    name = design.dates.baseline
    early = 0 if name is None else int((_days_before(source, design.dates, patients) > _LONG_BEFORE).sum())
    if early:
        have, them = ("one date", "this date") if early == 1 else (f"{early} dates", "these dates")
        yield f"column {name!r} has {have} of a baseline more than a year before randomisation: check {them}"
    days = days_of(source, patients, design.dates.randomisation)
    known = np.empty(0) if days is None else days[days != _NONE]
    if not known.size:
        return
    middle = float(np.median(known))
    if date.fromordinal(int(middle)).year not in _TODAY:
        yield f"column {design.dates.randomisation!r} has dates of another century: check their years"
    far = int((np.abs(known - middle) > _FAR_YEARS * 365.25).sum())
    if far:
        have = "one patient" if far == 1 else f"{far} patients"
        yield (
            f"column {design.dates.randomisation!r} has {have} randomised more than {_FAR_YEARS} years before or after "
            "the middle one: check the years"
        )


def days_of(source: RawTable, patients: Patients, name: str) -> Codes | None:
    """Return the day of each patient, -1 where there is none; None if the table lacks the column."""
    numbers = date_column(source, name, may_be_empty=True)
    if numbers is None:
        return None
    return each_patients(source, patients, np.where(numbers > 0, numbers, _NONE).astype(np.intp), name)


# Fewest patients of an arm: results over fewer would give patients away.
_FEWEST = 5


class ArmCode(NamedTuple):
    """A strategy, the code that stands for it in the column, and the label of this code in the file, if it has one."""

    strategy: str
    code: float | str | None
    label: str | None
    by_label: bool


def arm_codes(source: RawTable, design: Design) -> tuple[ArmCode, ...]:
    """Return what stands for each strategy: the design's value as a code, or as the label of one.

    A value that is no code of the column is looked up among the labels, up to case, spaces and punctuation; without one
    label that is alike it stays as it is.
    """
    column = design.arm.column
    labels = source.labels.get(column, {})
    known = {key_of(cell) for cell in source.columns[column].tolist()} | set(labels)
    result = []
    for strategy in design.strategies:
        value = (design.arm.values or {}).get(strategy, strategy)
        code = code_meant(value, known, labels)
        result.append(ArmCode(strategy, code, None if code is None else labels.get(code), code != key_of(value)))
    return tuple(result)


def arms_of(source: RawTable, design: Design, patients: Patients) -> Codes | None:
    """Return each patient's place among the strategies, -1 where it is missing or at fault."""
    name = design.arm.column
    if name not in source.columns:
        return None
    names = design.strategies
    codes_of_arms = arm_codes(source, design)
    _label_faults(source, design, codes_of_arms)
    place = {each.code: position for position, each in enumerate(codes_of_arms)}
    cells = [key_of(cell) for cell in source.columns[name].tolist()]
    codes = np.array([_NONE if cell is None else place.get(cell, _NONE) for cell in cells], dtype=np.intp)
    absent = source.codes_of(name)
    missing = np.array([cell is None or (cell in absent and cell not in place) for cell in cells], dtype=bool)
    alike = _alike(cells, place)
    remedy = "arm.values tells what stands for each" + _known_labels(source, name) + alike
    rule = f"must be an arm of the design ({', '.join(names)}), got another; {remedy}"
    source.fault(name, rule, (codes == _NONE) & ~missing)
    result = each_patients(source, patients, codes, name)
    none = (result[patients.of_row] == _NONE) & missing & (patients.of_row != _NONE)
    source.fault(name, "must tell the arm of every patient, got none", none)
    sizes = np.bincount(result[result != _NONE], minlength=len(names))
    _size_faults(source, name, dict(zip(names, sizes.tolist(), strict=True)), int((result == _NONE).sum()))
    return result


def _alike(cells: Iterable[float | str | None], known: Mapping[float | str | None, Any]) -> str:
    """Return that texts differ from those that are known by what is hardly seen, if any does."""
    texts = {normalised(each) for each in known if isinstance(each, str)}
    others = {each for each in cells if isinstance(each, str) and each not in known}
    return "; some differ by case, spaces or width only" if texts & set(map(normalised, others)) else ""


def _known_labels(source: RawTable, name: str) -> str:
    labels = [f"{code_text(code)} = {label!r}" for code, label in source.labels.get(name, {}).items()]
    return f", by code or by label; the file's labels are {', '.join(labels)}" if labels else ""


def _label_faults(source: RawTable, design: Design, codes_of_arms: tuple[ArmCode, ...]) -> None:
    """Add codes of arms whose label in the file names another arm; a value given as a label is meant."""
    name = design.arm.column
    given = design.arm.values or {}
    # Also the values: with the labels "1" and "2" on the codes 0 and 1, arm 1 is ambiguous.
    called = {
        each.strategy: (each.strategy, code_text(key_of(given.get(each.strategy, each.strategy))))
        for each in codes_of_arms
    }
    first: dict[float | str | None, str] = {}
    for each in codes_of_arms:
        if each.code in first:
            rule = f"must have a code of its own for each arm, got one for {first[each.code]} and {each.strategy}"
            source.fault(name, f"{rule}: arm.values tells what stands for each")
        first[each.code] = each.strategy
        if each.label is None or each.by_label:
            continue
        other = other_arm(each.label, each.strategy, called, design.arm.comparator)
        if other is not None:
            named = other if other in GENERAL else repr(other)
            rule = (
                f"must hold the arms that the file's labels name: code {code_text(each.code)} is {each.strategy!r} "
                f"by the design and {each.label!r} by its label, which names {named}"
            )
            source.fault(name, f"{rule}; {_label_remedy(source.labels[name])}")


def _label_remedy(labels: dict[float | str, str]) -> str:
    """Return what to do about labels that contradict the design: one that is itself a code cannot be given."""
    if any(key_of(label) in labels for label in labels.values()):
        return "labels that are themselves codes contradict any design: mend or remove the labels in the file"
    meant = ", ".join(f'"{label}"' for label in labels.values())
    return f"in arm.values give for each strategy the label that is meant: {meant}"


def _size_faults(source: RawTable, column: str, sizes: dict[str, int], unknown: int) -> None:
    """Add arms that are too small, unless the patients of no known arm, who have a fault, could fill them."""
    if not any(sizes.values()):
        return  # each row has a fault, as of no arm or of no patient
    few = {name: size for name, size in sizes.items() if size + unknown < _FEWEST}
    empty = [name for name, size in few.items() if not size]
    if empty:
        only = "one arm only and " if len(empty) == len(sizes) - 1 else ""
        source.fault(column, f"must hold all arms of the design, got {only}no {' and no '.join(empty)}")
    small = [name for name, size in few.items() if size]
    if small:
        rule = f"must have {_FEWEST} patients in every arm at least, got fewer in {' and in '.join(small)}"
        source.fault(column, f"{rule}: results over so few would give patients away")


def _written_otherwise(names: Sequence[float | str | None]) -> Flags:
    """Return which texts differ from one above by case, spaces, width, leading zeros or .0 only."""
    written: dict[str, str] = {}
    again = [isinstance(name, str) and written.setdefault(normalised(name), name) != name for name in names]
    return np.array(again, dtype=bool)


# Most patients in another arm than their cluster, in number or as a share, that may be clerical errors.
_FEW_PATIENTS, _FEW_SHARE = 3, 0.05


def clusters_of(
    source: RawTable, design: Design, patients: Patients, arm: Codes | None
) -> tuple[Codes | None, Codes | None]:
    """Return each patient's cluster, numbered in the order of the table, and calendar period in that of time."""
    given = design.cluster
    if given is None:
        return None, None
    cluster = _clusters(source, design, given.column, patients)
    period = None if given.period is None else _periods(source, design, given.period, patients)
    if cluster is None or arm is None or (cluster == _NONE).any() or (arm == _NONE).any():
        return cluster, period
    if given.across_arms == "separate":
        return np.unique(np.stack([cluster, arm]), axis=1, return_inverse=True)[1].reshape(-1), period
    if given.across_arms is None and (period is None or not (period == _NONE).any()):
        counts = _counts(cluster, period, arm)
        mixed = _several_arms(counts)
        if mixed.any():
            minority = mixed[cluster] & (counts.sum(axis=1).argmax(axis=1)[cluster] != arm)
            _arm_faults(source, given, mixed, minority, patients)
    return cluster, period


def _clusters(source: RawTable, design: Design, name: str, patients: Patients) -> Codes | None:
    if name not in source.columns:
        return None
    cells = identifiers(source.columns[name])
    _rounded_faults(source, name)
    codes = _numbered(cells)
    _code_faults(source, design, name, "cluster")
    rule = "must be written in one way, got clusters that differ by case, spaces, width, leading zeros or .0 only"
    source.fault(name, f"{rule}: write one cluster alike, or number two anew", _written_otherwise(cells))
    result = _complete(source, patients, codes, name, "must tell the cluster of every patient, got none")
    if codes.max() == 0:
        source.fault(name, "must hold two clusters at least, got one")
    elif result.size and (result != _NONE).all() and np.bincount(result).max() == 1:
        rule = "must hold clusters of patients, got a cluster of its own for every patient"
        source.fault(name, f"{rule}: is it a number of the patient? Without clusters leave [cluster] out")
    return result


def _periods(source: RawTable, design: Design, name: str, patients: Patients) -> Codes | None:
    values = number_column(source, name, remedy=EVERY_ROW)
    if values is None:
        return None
    _, codes = _ranked(values)
    _code_faults(source, design, name, "period")
    return _complete(source, patients, codes, name, "must tell the period of every patient, got none")


def _complete(source: RawTable, patients: Patients, codes: Codes, name: str, rule: str) -> Codes:
    result = each_patients(source, patients, codes, name)
    lacking = (codes == _NONE) & (patients.of_row != _NONE) & (result[patients.of_row] == _NONE)
    source.fault(name, rule, source.outside_faulty_rows(name, lacking))
    return result


def _code_faults(source: RawTable, design: Design, name: str, what: str) -> None:
    """Add cells that hold a missing code of the table outside the range of the other numbers, or as text.

    Within that range a code is a number as any other: cluster 9 of twelve is not missing.
    """
    codes = table_codes(design)
    cells = [key_of(cell) for cell in source.columns[name].tolist()]
    others = [cell for cell in cells if isinstance(cell, float) and cell not in codes]
    low, high = min(others, default=np.inf), max(others, default=-np.inf)
    # The next number of a row of clusters is within it.
    outside = {code for code in codes if isinstance(code, str) or not low - 1 <= code <= high + 1}
    wrong = np.array([cell is not None and cell in outside for cell in cells], dtype=bool)
    rule = f"must tell the {what} of every patient, got a code of table.missing"
    remedy = f"give the {what}, or if it is one, move the code to the missing of the parts of the design that have it"
    source.fault(name, f"{rule}: {remedy}", wrong)


def _counts(cluster: Codes, period: Codes | None, arm: Codes) -> Codes:
    """Return the number of patients by cluster, period and arm."""
    when = np.zeros_like(cluster) if period is None else period
    counts = np.zeros((int(cluster.max()) + 1, int(when.max()) + 1, int(arm.max()) + 1), dtype=np.intp)
    np.add.at(counts, (cluster, when, arm), 1)
    return counts


def _several_arms(counts: Codes) -> Flags:
    """Return which clusters hold patients of several arms, for no reason that the periods give.

    A cluster that crosses over may hold both in the period in which it does so, and not in another.
    """
    present = counts > 0
    both = (present.sum(axis=2) > 1).sum(axis=1)
    return np.asarray((both > 1) | ((both == 1) & (present.any(axis=2).sum(axis=1) == 1)), dtype=bool)


def _arm_faults(source: RawTable, given: Cluster, mixed: Flags, minority: Flags, patients: Patients) -> None:
    """Add that clusters hold several arms; patients in another arm than most of their cluster are named if few."""
    rule = (
        "must have the patients of a cluster in one arm, "
        f"got {int(mixed.sum())} of {mixed.size} clusters with patients of several"
    )
    wedge = " in the same periods: "
    if given.period is None:
        wedge = ": if the clusters cross over in steps, give their calendar period, cluster.period; "
    few = minority.sum() <= max(_FEW_PATIENTS, _FEW_SHARE * minority.size) and not mixed.all()
    slip = "; are the rows named slips of the pen, as they are not in the arm of most of their cluster?" if few else ""
    remedy = (
        'if every arm numbers its clusters anew, say across_arms = "separate" in [cluster]; if clusters treat patients '
        'of several arms, say across_arms = "same"'
    )
    rows = (patients.of_row != _NONE) & minority[patients.of_row] if few else None
    source.fault(given.column, f"{rule}{slip}{wedge}{remedy}", rows)


def cluster_doubts(data: TrialData, design: Design) -> Iterator[str]:
    """Yield what is doubtful about the clusters of a trial without faults."""
    if data.cluster is None or design.cluster is None:
        return
    crossed = (_counts(data.cluster, None, data.arm) > 0).sum(axis=2) > 1
    if data.period is not None and not crossed.any() and design.cluster.across_arms is None:
        yield (
            "no cluster changes arm although the design gives cluster.period: the trial is analysed as one of parallel "
            "clusters, adjusted for the periods"
        )
    sizes = np.bincount(data.cluster)
    alone = int((sizes == 1).sum())
    if alone > sizes.size / 2:
        rule = "little tells the spread between clusters from that within"
        yield f"{alone} of {sizes.size} clusters hold one patient: {rule}"


def weights_of(source: RawTable, design: Design, patients: Patients) -> Floats | None:
    """Return each patient's sampling weight, of mean 1; None where the design names none, or the table lacks them."""
    name = design.table.weight
    values = None if name is None else number_column(source, name, remedy=EVERY_ROW)
    if name is None or values is None:
        return None
    source.fault(name, "must be above 0, got a weight of 0 or less", values <= 0)
    known, codes = _ranked(np.where(values > 0, values, np.nan))
    each = _complete(source, patients, codes, name, "must tell the weight of every patient, got none")
    if not known.size or (each == _NONE).any():
        return None
    result: Floats = known[each] / known[each].mean()
    return result


# Most levels of a category: with more it is an identifier, a date or a number.
_MOST_LEVELS = 20


def covariates_of(source: RawTable, design: Design, patients: Patients) -> dict[str, Any]:
    """Return what `TrialData` holds of covariates and subgroups, NaN where missing or at fault."""
    values: list[Floats] = []
    about: list[tuple[str, str, frozenset[str]]] = []
    subgroups: list[SubgroupLevels] = []
    split = {each.column: each for each in design.subgroup}
    for each in design.covariate:
        if each.column not in source.columns:
            continue
        if each.kind == "number":
            result = _number(source, each, patients)
            levels = _cut(split.get(each.column), result)
        else:
            result, levels = _category(source, each, patients)
        if each.column in split and levels is not None:
            subgroups.append(_subgroup(source, patients, levels, prespecified=split[each.column].prespecified))
        for name, dummy in result.items():
            values.append(dummy)
            about.append((name, each.column, frozenset(each.adjusts)))
    stacked = np.stack(values, axis=1) if values else np.empty((patients.count, 0))
    names, columns, adjusts = zip(*about, strict=True) if about else ((), (), ())
    return {
        "covariates": stacked,
        "covariate_names": names,
        "covariate_columns": columns,
        "adjusts": adjusts,
        "subgroups": tuple(subgroups),
    }


@dataclass(frozen=True, eq=False)
class SubgroupLevels:
    """A covariate within whose levels results are given: its levels in the design's order, and each patient's.

    Of a number they lie between cut points that the design declares, each of which begins a level.
    """

    column: str
    levels: tuple[str, ...]
    codes: Codes
    prespecified: bool = False
    cut_points: tuple[float, ...] = ()


def _constant(source: RawTable, values: Codes, name: str) -> None:
    known = values[values != _NONE]
    if known.size and (known == known[0]).all():
        source.fault(name, "must differ between patients, got one value only: leave a constant covariate out")


def each_number(source: RawTable, patients: Patients, name: str, **options: Any) -> Floats | None:  # noqa: ANN401
    """Return the number of each patient, NaN where missing; None if the table lacks the column."""
    values = number_column(source, name, **options)
    if values is None:
        return None
    known, codes = _ranked(values)
    each = each_patients(source, patients, codes, name)
    result = np.full(patients.count, np.nan)
    result[each != _NONE] = known[each[each != _NONE]]
    return result


def _number(source: RawTable, covariate: Covariate, patients: Patients) -> dict[str, Floats]:
    result = each_number(source, patients, covariate.column)
    if result is None:
        return {}
    _constant(source, _ranked(result)[1], covariate.column)
    return {covariate.column: result}


def _known_levels(
    source: RawTable, name: str, keys: list[float | str | None], declared: Mapping[float | str | None, float | str]
) -> list[float | str | None]:
    """Return the level of each row, None where it is none of those declared; what is wrong with them is a fault."""
    if declared:
        unknown = np.array([key is not None and key not in declared for key in keys], dtype=bool)
        listed = ", ".join(repr(label) for label in source.labels.get(name, {}).values())
        remedy = (f"; the file's labels are {listed}" if listed else "") + _alike(keys, declared)
        rule = f"must hold levels of the design only, got another than covariate.levels has{remedy}"
        source.fault(name, rule, unknown, held=True)
        keys = [key if key in declared else None for key in keys]
    else:
        rule = (
            "must have levels written in one way, got some that differ by case, spaces, width, leading zeros or .0 only"
        )
        remedy = "write them alike, or declare them in covariate.levels"
        source.fault(name, f"{rule}: {remedy}", _written_otherwise(keys))
    return keys


def _category(
    source: RawTable, covariate: Covariate, patients: Patients
) -> tuple[dict[str, Floats], SubgroupLevels | None]:
    """Return the dummies of a category, and where its levels are declared each patient's level."""
    name = covariate.column
    cells = source.columns[name]
    missing = are_missing(cells, source.codes_of(name))
    keys = [None if none else key_of(cell) for cell, none in zip(cells.tolist(), missing, strict=True)]
    labels = source.labels.get(name, {})
    declared = {code_meant(level, {*keys, *labels}, labels): level for level in covariate.levels}
    source.fault_if_empty(name, missing)
    keys = _known_levels(source, name, keys, declared)
    levels = sorted({key for key in keys if key is not None}, key=str)
    if not declared and len(levels) > _MOST_LEVELS:
        rule = f'must have {_MOST_LEVELS} levels at most: declare them in covariate.levels, or kind = "number"'
        source.fault(name, f"{rule}; got {len(levels)}")
        return {}, None
    place = {key: position for position, key in enumerate(levels)}
    codes = np.array([_NONE if key is None else place[key] for key in keys], dtype=np.intp)
    each = each_patients(source, patients, codes, name)
    _constant(source, each, name)
    sizes = np.bincount(each[each != _NONE], minlength=len(levels))
    # The most frequent level is the reference; others are named by rank unless levels are declared.
    order = np.argsort(-sizes, kind="stable")
    result = {}
    for rank, level in enumerate(order.tolist()[1:], start=2):
        shown = declared.get(levels[level])
        dummy = f"{name} (level {rank})" if shown is None else f"{name} = {code_text(shown)}"
        result[dummy] = np.where(each == _NONE, np.nan, (each == level).astype(float))
    if not declared:
        return result, None
    held = [key for key in declared if key in place]
    # No level is the last of these.
    position = np.array([*(held.index(key) for key in levels), _NONE], dtype=np.intp)
    return result, SubgroupLevels(name, tuple(code_text(declared[key]) for key in held), position[each])


def _cut(subgroup: Subgroup | None, result: Mapping[str, Floats]) -> SubgroupLevels | None:
    """Return the levels into which cut points divide a number; None where it is no subgroup or has no values."""
    if subgroup is None or subgroup.cut_points is None or subgroup.column not in result:
        return None
    cuts, values = subgroup.cut_points, result[subgroup.column]
    codes = np.where(np.isnan(values), _NONE, np.searchsorted(cuts, values, side="right"))
    return SubgroupLevels(subgroup.column, cut_levels(cuts), codes.astype(np.intp), cut_points=cuts)


def cut_levels(cuts: Sequence[float]) -> tuple[str, ...]:
    """Return the names of the levels between cut points: "< 65", "65 to < 75", ">= 75"."""
    told = [code_text(each) for each in cuts]
    return (f"< {told[0]}", *(f"{low} to < {high}" for low, high in pairwise(told)), f">= {told[-1]}")


def _subgroup(source: RawTable, patients: Patients, levels: SubgroupLevels, *, prespecified: bool) -> SubgroupLevels:
    """Return the levels of a subgroup; a patient of unknown level is at fault."""
    rows = (patients.of_row != _NONE) & (levels.codes[patients.of_row] == _NONE)
    rule = "must tell the level of every patient of a subgroup, got none"
    remedy = "fill it in, or leave out [[subgroup]]" if levels.cut_points else "declare a level for the unknown"
    source.fault(levels.column, f"{rule}: {remedy}", rows)
    return replace(levels, prespecified=prespecified)
