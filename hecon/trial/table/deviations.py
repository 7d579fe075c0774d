"""When patients of a trial departed from their treatment: by a column of its table, or by what was last measured."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial.table.patients import each_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon._arrays import Codes, Flags, Floats
    from hecon.trial.table.checking import TrialData
    from hecon.trial.table.design import Design
    from hecon.trial.table.outcomes import CostItem
    from hecon.trial.table.patients import Patients
    from hecon.trial.table.reading import RawTable


@dataclass(frozen=True, eq=False)
class Deviations:
    """When patients departed from their treatment, and which arm their later values are then imputed after.

    Attributes
    ----------
    months : ndarray
        The month after which each patient has departed, NaN for one who has not (patient).
    rule : {"column", "last-visit", "last-utility"}
        What tells: a column of the table, the last month at which anything was measured, or a utility.
    reference : str
        The arm of reference.
    methods : tuple of str
        The assumptions of the design's sensitivity analyses.
    """

    months: Floats = field(repr=False)
    rule: str
    reference: str
    methods: tuple[str, ...]

    def of(self, rows: Codes | Flags) -> Deviations:
        """Return those of some patients."""
        return replace(self, months=self.months[rows])


def deviations_of(source: RawTable, design: Design, patients: Patients, data: TrialData) -> Deviations | None:
    """Return when each patient departed, None if the design has nothing of it."""
    given = design.deviation
    if given is None:
        return None
    if given.column is None:
        rule = str(given.after)
        months = after_last(rule, data.months, data.utilities, data.items, data.costs)
    else:
        rule = "column"
        known = each_number(source, patients, given.column, may_be_empty=True)
        months = np.full(patients.count, np.nan) if known is None else known
        negative = (months < 0)[patients.of_row] & (patients.of_row >= 0)
        source.fault(given.column, "must be a month of at least 0, got a negative number", negative)
    return Deviations(months, rule, given.reference or design.arm.comparator, given.methods)


def after_last(
    rule: str, months: Sequence[float], utilities: Floats, items: Sequence[CostItem], costs: Floats
) -> Floats:
    """Return the last month at which something of each patient is known, NaN where that is the end (patient).

    With "last-utility" utilities alone count, as costs from a register go on when visits have ended.
    """
    times, known = np.array(months, dtype=np.float64), ~np.isnan(utilities)
    if rule == "last-visit":
        times = np.concatenate([times, [each.end for each in items]])
        known = np.concatenate([known, ~np.isnan(costs)], axis=1)
    last: Floats = np.where(known, times, 0.0).max(axis=1)
    return np.where(last < months[-1], last, np.nan)
