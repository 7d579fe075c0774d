"""What a trial looks like: counts, means and missingness by arm; no patient's own values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.patients.table.checking import TrialData

    Floats = NDArray[np.float64]

__all__ = ["SMALL", "Description", "Row", "describe"]

# The mean of fewer patients could give one of them away.
SMALL = 5


@dataclass(frozen=True)
class Row:
    """One variable by arm.

    Parameters
    ----------
    kind : str
        "covariate", "utility", "baseline cost" or "cost".
    name : str
        The covariate or the category of cost; empty for utility.
    months : tuple of float
        Time of a utility, start and end of a cost; empty for a covariate.
    observed : tuple of int
        Patients of whom it is known, by arm.
    mean, sd : tuple of float or None
        By arm, over those; None where they are fewer than five.
    """

    kind: str
    name: str
    months: tuple[float, ...]
    observed: tuple[int, ...]
    mean: tuple[float | None, ...]
    sd: tuple[float | None, ...]


@dataclass(frozen=True)
class Description:
    """What is told of a trial's data.

    Parameters
    ----------
    name : str
        Name of the design.
    simulated : bool
        Whether the data are simulated.
    strategies : tuple of str
        The arms, the comparator first.
    patients : tuple of int
        Patients by arm.
    complete : tuple of int
        Patients by arm of whom nothing is missing.
    clusters : int or None
        Number of clusters.
    clusters_by_arm : tuple of int or None
        Clusters with a patient in each arm; those that cross over count in both.
    periods : int or None
        Number of calendar periods.
    months : tuple of float
        Times of the utilities.
    price_year : int
        Year whose prices the costs are in.
    discount_cost, discount_effect : float
        Yearly rates.
    perspectives : dict of str to tuple of str
        Categories of each perspective.
    rows : tuple of Row
        The variables.
    digest : str
        SHA-256 of the data.
    """

    name: str
    simulated: bool
    strategies: tuple[str, ...]
    patients: tuple[int, ...]
    complete: tuple[int, ...]
    clusters: int | None
    clusters_by_arm: tuple[int, ...] | None
    periods: int | None
    months: tuple[float, ...]
    price_year: int
    discount_cost: float
    discount_effect: float
    perspectives: dict[str, tuple[str, ...]]
    rows: tuple[Row, ...]
    digest: str


def describe(data: TrialData) -> Description:
    """Describe a trial by counts and means.

    Parameters
    ----------
    data : TrialData
        The trial.

    Returns
    -------
    Description
        Safe to print: a mean over fewer than five patients is left out.
    """
    rows = [*_covariates(data), *_utilities(data), *_costs(data)]
    parts = [data.covariates, data.utilities, data.costs]
    if data.baseline_costs is not None:
        parts.append(data.baseline_costs)
    whole = ~np.isnan(np.column_stack(parts)).any(axis=1)
    arms = len(data.strategies)
    return Description(
        name=data.name,
        simulated=data.simulated,
        strategies=data.strategies,
        patients=tuple(int(each) for each in np.bincount(data.arm, minlength=arms)),
        complete=tuple(int(each) for each in np.bincount(data.arm[whole], minlength=arms)),
        clusters=None if data.cluster is None else int(np.unique(data.cluster).size),
        clusters_by_arm=_clusters_by_arm(data),
        periods=None if data.period is None else int(np.unique(data.period).size),
        months=data.months,
        price_year=data.price_year,
        discount_cost=data.discount_cost,
        discount_effect=data.discount_effect,
        perspectives=dict(data.perspectives),
        rows=tuple(rows),
        digest=data.digest,
    )


def _clusters_by_arm(data: TrialData) -> tuple[int, ...] | None:
    if data.cluster is None:
        return None
    return tuple(int(np.unique(data.cluster[data.arm == arm]).size) for arm in range(len(data.strategies)))


def _row(data: TrialData, kind: str, name: str, months: tuple[float, ...], values: Floats) -> Row:
    observed, means, spreads = [], [], []
    for arm in range(len(data.strategies)):
        own = values[data.arm == arm]
        own = own[~np.isnan(own)]
        told = own.size >= SMALL
        observed.append(int(own.size))
        means.append(float(own.mean()) if told else None)
        spreads.append(float(own.std(ddof=1)) if told else None)
    return Row(kind, name, months, tuple(observed), tuple(means), tuple(spreads))


def _covariates(data: TrialData) -> list[Row]:
    return [
        _row(data, "covariate", name, (), column)
        for name, column in zip(data.covariate_names, data.covariates.T, strict=True)
    ]


def _utilities(data: TrialData) -> list[Row]:
    return [
        _row(data, "utility", "", (month,), column) for month, column in zip(data.months, data.utilities.T, strict=True)
    ]


def _costs(data: TrialData) -> list[Row]:
    before = (
        []
        if data.baseline_costs is None
        else [
            _row(data, "baseline cost", name, (), column)
            for name, column in zip(data.baseline_categories, data.baseline_costs.T, strict=True)
        ]
    )
    return before + [
        _row(data, "cost", item.category, (item.start, item.end), column)
        for item, column in zip(data.items, data.costs.T, strict=True)
    ]
