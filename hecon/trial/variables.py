"""The variables of a trial that can be missing, side by side."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.trial.table.checking import TrialData

    Floats = NDArray[np.float64]

__all__ = ["Variables", "variables_of"]


@dataclass(frozen=True)
class Variables:
    """The variables of a trial that can be missing, side by side.

    Parameters
    ----------
    values : ndarray
        Shape (patient, variable), NaN where missing.
    names : tuple of str
        Covariates by name, utilities and costs by time and category.
    utilities, costs, baseline_costs, covariates : slice
        Where each kind stands.
    blocks : tuple of tuples of int
        Which variables are the dummies of one category: missing together, and imputed together.
    analysed : ndarray of bool
        Which variables the regressions adjust for: they go first among those that an imputation uses.
    """

    values: Floats = field(repr=False)
    names: tuple[str, ...]
    utilities: slice
    costs: slice
    baseline_costs: slice
    covariates: slice
    blocks: tuple[tuple[int, ...], ...]
    analysed: NDArray[np.bool_] = field(repr=False)


def _label(months: float) -> str:
    return f"{months:g} months"


def variables_of(data: TrialData) -> Variables:
    """Return what can be missing in a trial, side by side.

    Parameters
    ----------
    data : TrialData
        The trial.

    Returns
    -------
    Variables
        Covariates, utilities, costs before the start, costs; and the calendar period of a stepped wedge, last.
    """
    base = np.empty((data.arm.size, 0)) if data.baseline_costs is None else data.baseline_costs
    parts = [data.covariates, data.utilities, base, data.costs]
    names = [
        *data.covariate_names,
        *(f"utility at {_label(each)}" for each in data.months),
        *(f"{each} before the start" for each in (data.baseline_categories if base.shape[1] else ())),
        *(f"{each.category}, {each.start:g} to {_label(each.end)}" for each in data.items),
    ]
    if data.period is not None:
        parts.append(data.period[:, None].astype(np.float64))
        names.append("calendar period")
    ends = np.cumsum([0, *(each.shape[1] for each in parts)])
    spans = [slice(int(start), int(stop)) for start, stop in itertools.pairwise(ends)]
    analysed = np.zeros(int(ends[-1]), dtype=bool)
    analysed[: len(data.adjusts)] = [bool(each) for each in data.adjusts]
    analysed[spans[1].start] = True
    return Variables(
        np.column_stack(parts),
        tuple(names),
        utilities=spans[1],
        costs=spans[3],
        baseline_costs=spans[2],
        covariates=spans[0],
        blocks=_blocks(data.covariate_columns),
        analysed=analysed,
    )


def _blocks(columns: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """Return the places of covariates that are from one column, where they are several."""
    found = [tuple(at for at, each in enumerate(columns) if each == name) for name in dict.fromkeys(columns)]
    return tuple(each for each in found if len(each) > 1)
