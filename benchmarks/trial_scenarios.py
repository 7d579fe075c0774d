"""Scenarios of ``trial_coverage.py``, and a trial from simulated columns."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial.table.checking import TrialData
from hecon.trial.table.outcomes import CostItem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

ARMS = ("usual care", "intervention")
CATEGORIES = ("care", "support")
WTP = 20_000.0
FLOOR = -0.446


@dataclass(frozen=True)
class Scenario:
    """What sets one scenario apart.

    Parameters
    ----------
    name : str
        Its name.
    process : {"severe", "normal", "discrete"}
        What draws the patients.
    patients : (int, int)
        Number in each arm; of clustered trials in all, by `clusters` and `size`.
    noise : float
        Factor on the spread of log costs; what it adds differs by period.
    outliers : float
        Probability that a cost is an outlier, of one size but for severity.
    modified : float
        By how much more the intervention lowers the severity of a patient of one SD above the mean.
    imbalance : float or None
        Difference between the arms in utility at the start, in standard errors.
    clusters, size, steps : int
        Number of clusters, patients of each (in each period, where they cross over) and steps of a stepped wedge.
    between : float
        Part of the lasting severity and of the patient's own costs that is the cluster's.
    """

    name: str
    process: str = "severe"
    patients: tuple[int, int] = (150, 150)
    noise: float = 1.0
    outliers: float = 0.0
    modified: float = 0.0
    imbalance: float | None = None
    clusters: int = 0
    size: int = 0
    steps: int = 0
    between: float = 0.0


SCENARIOS = {
    each.name: each
    for each in (
        Scenario("150 + 150"),
        Scenario("30 + 30", patients=(30, 30)),
        Scenario("160 + 40", patients=(160, 40)),
        Scenario("heavy skew", noise=1.4, outliers=0.005),
        Scenario("effect modification", modified=0.25),
        Scenario("12 clusters of 20", clusters=12, size=20, between=0.55),
        Scenario("stepped wedge of 8", clusters=8, size=6, steps=4, between=0.55),
        Scenario("baseline imbalance", imbalance=1.9),
        Scenario("discrete predictors", process="discrete", patients=(200, 200)),
        Scenario("normal", process="normal", patients=(160, 160)),
    )
}


def trial_of(  # noqa: PLR0917
    name: str,
    arm: Codes,
    months: tuple[float, ...],
    utilities: Floats,
    costs: Floats,
    baseline_costs: Floats | None,
    covariates: dict[str, Floats],
    *,
    cluster: Codes | None = None,
    period: Codes | None = None,
) -> TrialData:
    """Return a trial of one year, its costs by category and, within it, by period between the times of utilities."""
    categories = CATEGORIES if baseline_costs is not None else ("all",)
    periods = list(itertools.pairwise(months))
    names = tuple(covariates)
    return TrialData(
        name=name,
        title="",
        simulated=True,
        strategies=ARMS,
        arm=arm,
        months=months,
        utilities=utilities,
        items=tuple(CostItem(category, *period) for category in categories for period in periods),
        costs=costs,
        baseline_costs=baseline_costs,
        baseline_categories=() if baseline_costs is None else CATEGORIES,
        covariates=np.column_stack([*covariates.values(), np.empty((arm.size, 0))]),
        covariate_names=names,
        covariate_columns=names,
        adjusts=(frozenset({"cost", "effect"}),) * len(names),
        cluster=cluster,
        period=period,
        perspectives={"societal": categories},
        price_year=2024,
        discount_cost=0.0,
        discount_effect=0.0,
        utility_floor=FLOOR,
        digest="0" * 64,
        warnings=(),
    )
