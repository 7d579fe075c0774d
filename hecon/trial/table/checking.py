"""A trial's data, checked: one row per patient, without identifiers."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hecon.errors import InputError, StatisticalWarning, TrialError
from hecon.trial.table.arms import arms_of
from hecon.trial.table.clusters import cluster_doubts, clusters_of
from hecon.trial.table.covariates import covariates_of
from hecon.trial.table.design import Design
from hecon.trial.table.design_reading import read_design
from hecon.trial.table.doubts import warnings_of
from hecon.trial.table.faults import TableFault, lines, missing_columns
from hecon.trial.table.groups import used_columns
from hecon.trial.table.label_faults import label_doubts, label_faults
from hecon.trial.table.missing_codes import code_doubts
from hecon.trial.table.observed import observed_faults
from hecon.trial.table.outcomes import CostItem, costs_of, utilities_of, utility_floor
from hecon.trial.table.patients import date_faults, patients_of
from hecon.trial.table.record import TableReading, reading_of
from hecon.trial.table.source import source_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from hecon.trial.table.source import Source

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]

__all__ = ["CostItem", "TrialData", "trial_data"]


@dataclass(frozen=True, eq=False, kw_only=True)
class TrialData:
    """A trial's data, one row per patient in the order of the table; NaN is missing, and nothing else is.

    Parameters
    ----------
    name, title : str
        Of the design.
    simulated : bool
        Whether no patient gave these data.
    strategies : tuple of str
        The comparator first.
    arm : ndarray
        Place of each patient's arm in `strategies` (patient).
    months : tuple of float
        Times of the utilities [months], from 0.
    utilities : ndarray
        Utilities (patient, time).
    items : tuple of CostItem
        Category and period of each cost; a period of a category occurs once.
    costs : ndarray
        Costs (patient, item), in the price year of the analysis, not discounted [EUR].
    baseline_categories : tuple of str
        Categories with costs before the start.
    baseline_costs : ndarray or None
        These costs (patient, category) [EUR].
    covariates : ndarray
        Numbers, and 0 or 1 for the levels of a category but its most frequent (patient, covariate).
    covariate_names : tuple of str
        Their names; of an undeclared level its rank by frequency, as in "region (level 2)".
    covariate_columns : tuple of str
        The columns they are from: dummies of one category share theirs.
    adjusts : tuple of frozenset
        Which outcomes each adjusts: "cost", "effect".
    cluster, period : ndarray or None
        Number of each patient's cluster, and of the calendar period in the order of time (patient).
    perspectives : dict
        Categories that each perspective counts.
    price_year : int
        Year of the prices.
    discount_cost, discount_effect : float
        Yearly rates.
    utility_floor : float
        Lowest value of the value set, -1 if unknown.
    digest : str
        SHA-256 of the file's bytes; of a table in memory, of its names and cells.
    warnings : tuple of str
        What is doubtful, as warned of.
    reading : TableReading or None
        What was read of the table, and what was taken as missing.
    regressors : {"same", "own"}
        Whether the equations of cost and of QALYs have the same baseline values as regressors, or each its own.
    """

    name: str
    title: str
    simulated: bool
    strategies: tuple[str, ...]
    arm: Integers
    months: tuple[float, ...]
    utilities: Floats
    items: tuple[CostItem, ...]
    costs: Floats
    baseline_categories: tuple[str, ...]
    baseline_costs: Floats | None
    covariates: Floats
    covariate_names: tuple[str, ...]
    covariate_columns: tuple[str, ...]
    adjusts: tuple[frozenset[str], ...]
    cluster: Integers | None
    period: Integers | None
    perspectives: dict[str, tuple[str, ...]]
    price_year: int
    discount_cost: float
    discount_effect: float
    utility_floor: float
    digest: str
    warnings: tuple[str, ...] = ()
    reading: TableReading | None = None
    regressors: str = "same"

    def __repr__(self) -> str:
        arms = ", ".join(f"{name} {int((self.arm == place).sum())}" for place, name in enumerate(self.strategies))
        return f"TrialData({self.name!r}, {arms})"


def trial_data(table: pd.DataFrame | dict[str, Any] | str | Path, design: Design | str | Path) -> TrialData:
    """Return a trial's data from its table, checked against its design.

    Parameters
    ----------
    table : pandas.DataFrame, dict of columns, str or Path
        The table, or the path of a file that `hecon.trial.read_table` reads. Columns that the design does not name
        are not looked at.
    design : Design, or path of a TOML file
        Which column holds what.

    Returns
    -------
    TrialData
        Arrays, one row per patient; no identifiers.

    Raises
    ------
    InputError
        If the table cannot be read, or has no rows.
    TrialError
        If the design has faults, or the table breaks its rules: all at once, each with its column and rows. Row 1 is
        the first below the names of the columns. An arm must have 5 patients, and 2 of them every utility, cost and
        covariate. Value labels of the file must not contradict the design, and a cluster holds patients of several arms
        only where periods or ``cluster.across_arms`` say so. No value and no identifier of a patient is told.

    Warns
    -----
    StatisticalWarning
        If an arm has fewer than 10 patients, covariates are collinear, or a difference in total costs or QALYs from the
        comparator has a skewness above 0.25 over the complete cases. Also if a code of ``table.missing`` could be a
        true value where it stands, the file labels a missing code as something else, no cluster changes arm over the
        periods, or most clusters hold one patient.

    Notes
    -----
    Value labels are those of a Stata or SPSS file, or of a table in memory its ``attrs["value_labels"]``: a dict of
    columns, each a dict of codes and labels. A missing answer makes its utility missing, a missing use its cost.
    Absence before the start is valued by the hour: its friction period is not known. Without declared levels a dummy
    is named by its rank, not by its value.

    The skewness of a difference in means is that of the values, taken as the same in both arms, times
    ``|s₁³/n₁² − s₀³/n₀²|/(s₁²/n₁ + s₀²/n₀)^1.5``, with the arms' own standard deviations or one for both, whichever
    gives more. Skewness in equal arms cancels in the difference. At 0.25 one tail of a 95% t interval holds by its
    Edgeworth expansion 2.5% + 8.45% × 0.25 = 4.6%.

    References
    ----------
    Hall P. The Bootstrap and Edgeworth Expansion. Springer, 1992: section 2.6 (the t statistic of a skewed sample).
    https://doi.org/10.1007/978-1-4612-4384-7

    Examples
    --------
    >>> from hecon import trial
    >>> design = trial.design_of(
    ...     {
    ...         "format": 1,
    ...         "name": "tiny",
    ...         "table": {"layout": "wide", "patient": "id"},
    ...         "arm": {"column": "arm", "comparator": "usual", "interventions": ["new"]},
    ...         "utility": {"months": [0, 12], "columns": ["u0", "u12"]},
    ...         "cost": [{"category": "care", "columns": ["care"], "price_year": 2024}],
    ...         "perspective": {"healthcare": ["care"]},
    ...         "analysis": {"price_year": 2024},
    ...     }
    ... )
    >>> cells = {"id": [*range(9), 3], "arm": ["usual", "new"] * 5, "u0": [0.5] * 10, "u12": [0.6] * 10}
    >>> cells |= {"care": [250.0] * 10}
    >>> cells["arm"][1], cells["care"][4] = "nwe", float("inf")
    >>> trial.trial_data(cells, design)
    Traceback (most recent call last):
    ...
    hecon.errors.TrialError: trial tiny has 3 faults (rows are counted below the header):
      column 'id', rows 4 and 10: must be unique in a wide table, got one patient in two rows
      column 'arm', row 2: must be an arm of the design (usual, new), got another; arm.values tells what stands for each
      column 'care', row 5: must be finite, got infinite numbers or such beyond 1e30
    """
    if isinstance(design, (str, Path)):
        design = read_design(design)
    if not isinstance(design, Design):
        msg = f"design must be a hecon.trial.Design, got {type(design).__name__}; read_design reads one from a file"
        raise InputError(msg)
    source = source_of(table, design)
    faults = missing_columns(source, used_columns(design))
    found = _gathered(source, design, faults)
    if faults or found is None:
        raise TrialError(design.name, lines(faults), rows=any(fault.rows for fault in faults))
    told = (
        *code_doubts(source, design),
        *label_doubts(source, design),
        *cluster_doubts(found, design),
        *warnings_of(found),
    )
    for message in told:
        warnings.warn(message, StatisticalWarning, stacklevel=2)
    return replace(found, warnings=told, reading=reading_of(source, design, found.arm.size))


def _gathered(source: Source, design: Design, faults: list[TableFault]) -> TrialData | None:
    """Return the data, None if a column that everything hangs on is missing; every fault is added."""
    patients = patients_of(source, design, faults)
    if patients is None:
        return None
    arm = arms_of(source, design, patients, faults)
    cluster, period = clusters_of(source, design, patients, arm, faults)
    date_faults(source, design, patients, faults)
    label_faults(source, design, faults)
    covariates = covariates_of(source, design, patients, faults)
    utilities = utilities_of(source, design, patients, faults)
    costs = costs_of(source, design, patients, faults)
    if arm is None:
        return None
    found = TrialData(
        name=design.name,
        title=design.title,
        simulated=design.simulated,
        strategies=design.strategies,
        arm=arm,
        months=design.utility.months,
        utilities=utilities,
        items=costs.items,
        costs=costs.amounts,
        baseline_categories=costs.baseline_categories,
        baseline_costs=costs.baseline,
        covariates=covariates.values,
        covariate_names=covariates.names,
        covariate_columns=covariates.columns,
        adjusts=covariates.adjusts,
        cluster=cluster,
        period=period,
        perspectives=dict(design.perspective),
        price_year=design.analysis.price_year,
        discount_cost=design.analysis.discount_cost,
        discount_effect=design.analysis.discount_effect,
        utility_floor=utility_floor(design.utility.value_set),
        digest=source.digest,
        regressors=design.analysis.regressors,
    )
    observed_faults(found, design, faults)
    return found
