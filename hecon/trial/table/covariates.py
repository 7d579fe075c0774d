"""Covariates of patients: numbers, and categories as dummies whose names tell no value of a patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hecon.trial.table.cells import are_missing, code_text, key_of, spelling
from hecon.trial.table.faults import add, number_column
from hecon.trial.table.labels import labelled
from hecon.trial.table.patients import each_patients

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.trial.table.design import Covariate, Design
    from hecon.trial.table.faults import TableFault
    from hecon.trial.table.patients import Patients
    from hecon.trial.table.source import Source

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]

__all__ = ["Covariates", "covariates_of"]

_NONE = -1
# A category with more is an identifier, a date or a number.
_MOST_LEVELS = 20


class Covariates(NamedTuple):
    """Covariates (patient, covariate), with the column and the outcomes of each."""

    values: Floats
    names: tuple[str, ...]
    columns: tuple[str, ...]
    adjusts: tuple[frozenset[str], ...]


def covariates_of(source: Source, design: Design, patients: Patients, faults: list[TableFault]) -> Covariates:
    """Return the covariates of the patients, NaN where missing or at fault."""
    values: list[Floats] = []
    names: list[str] = []
    columns: list[str] = []
    adjusts: list[frozenset[str]] = []
    for each in design.covariate:
        if each.column not in source.columns:
            continue
        found = (_number if each.kind == "number" else _category)(source, each, patients, faults)
        for name, dummy in found.items():
            values.append(dummy)
            names.append(name)
            columns.append(each.column)
            adjusts.append(frozenset(each.adjusts))
    stacked = np.stack(values, axis=1) if values else np.empty((patients.count, 0))
    return Covariates(stacked, tuple(names), tuple(columns), tuple(adjusts))


def _constant(values: Integers, where: str, faults: list[TableFault]) -> None:
    told = values[values != _NONE]
    if told.size and (told == told[0]).all():
        add(faults, where, "must differ between patients, got one value only: leave a constant covariate out")


def _number(source: Source, covariate: Covariate, patients: Patients, faults: list[TableFault]) -> dict[str, Floats]:
    values = number_column(source, covariate.column, faults)
    if values is None:
        return {}
    where = f"column {covariate.column!r}"
    told = ~np.isnan(values)
    codes = np.full(values.size, _NONE, dtype=np.intp)
    known, codes[told] = np.unique(values[told], return_inverse=True)
    each = each_patients(patients, codes, where, faults)
    _constant(each, where, faults)
    found = np.full(patients.count, np.nan)
    found[each != _NONE] = known[each[each != _NONE]]
    return {covariate.column: found}


def _category(source: Source, covariate: Covariate, patients: Patients, faults: list[TableFault]) -> dict[str, Floats]:
    where = f"column {covariate.column!r}"
    cells = source.columns[covariate.column]
    missing = are_missing(cells, source.codes_of(covariate.column))
    keys = [None if none else key_of(cell) for cell, none in zip(cells.tolist(), missing, strict=True)]
    declared = _declared(source, covariate, {key for key in keys if key is not None})
    if missing.all():
        add(faults, where, "must hold a value in one row at least, got none")
    if declared:
        unknown = np.array([key is not None and key not in declared for key in keys], dtype=bool)
        told = ", ".join(repr(label) for label in source.labels.get(covariate.column, {}).values())
        remedy = f"; the file's labels are {told}" if told else ""
        rule = f"must hold levels of the design only, got another than covariate.levels has{remedy}"
        add(faults, where, rule, unknown)
        keys = [key if key in declared else None for key in keys]
    else:
        written: dict[str, str] = {}
        texts = [key if isinstance(key, str) else None for key in keys]
        again = [key is not None and written.setdefault(spelling(key), key) != key for key in texts]
        rule = "must have levels written in one way, got some that differ by case, spaces or leading zeros only"
        add(
            faults, where, f"{rule}: write them alike, or declare them in covariate.levels", np.array(again, dtype=bool)
        )
    levels = sorted({key for key in keys if key is not None}, key=str)
    if not declared and len(levels) > _MOST_LEVELS:
        rule = f'must have {_MOST_LEVELS} levels at most: declare them in covariate.levels, or kind = "number"'
        add(faults, where, f"{rule}; got {len(levels)}")
        return {}
    place = {key: position for position, key in enumerate(levels)}
    codes = np.array([_NONE if key is None else place[key] for key in keys], dtype=np.intp)
    each = each_patients(patients, codes, where, faults)
    _constant(each, where, faults)
    sizes = np.bincount(each[each != _NONE], minlength=len(levels))
    # The most frequent level is the reference; without declared levels the others bear their rank, not their value.
    order = np.argsort(-sizes, kind="stable")
    found = {}
    for rank, level in enumerate(order.tolist()[1:], start=2):
        shown = declared.get(levels[level])
        name = f"{covariate.column} (level {rank})" if shown is None else f"{covariate.column} = {code_text(shown)}"
        found[name] = np.where(each == _NONE, np.nan, (each == level).astype(float))
    return found


def _declared(source: Source, covariate: Covariate, cells: set[float | str]) -> dict[float | str | None, float | str]:
    """Return the design's levels by their codes; one that is no code of the column is looked up among the labels."""
    labels = source.labels.get(covariate.column, {})
    known = cells | set(labels)
    found: dict[float | str | None, float | str] = {}
    for level in covariate.levels:
        alike = [] if key_of(level) in known else labelled(labels, level)
        found[alike[0] if len(alike) == 1 else key_of(level)] = level
    return found
