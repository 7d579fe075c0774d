"""Whether patients with missing values differ, at the start, from those without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial.deaths import died, unplanned

if TYPE_CHECKING:
    from hecon._arrays import Codes, Flags, Floats
    from hecon.trial.table.checking import TrialData

# Fewest patients with and without missing values for the test.
FEWEST = 10
# Share of the largest eigenvalue of a correlation matrix that counts as rounding.
_ROUNDING = 1e-10


@dataclass(frozen=True)
class Missingness:
    """What the data tell of why values are missing.

    Attributes
    ----------
    p : float or None
        p-value of the test that within the arms missing values have nothing to do with what is known of the start;
        None where it was not done.
    why : str or None
        Why it was not: "nothing" is missing, patients of "clusters" are alike, "few" patients have or lack something,
        nothing that is known of the "start" varies.
    patients : int
        Patients of whom the start is known and who did not die, whom the test is of.
    """

    p: float | None
    why: str | None = None
    patients: int = 0


def missingness_of(data: TrialData) -> Missingness:
    """Return whether a utility or cost after the start is missing more in patients who differ at the start.

    What lies beyond the planned follow-up of a patient is not missing here, and those who died are left out.
    Missing values that go with what is known of the start are not missing completely at random. Whether they are
    missing at random, given all that was seen, no data can tell. The test is that of Mantel within the arms, of all
    variables of the start together: utility, costs before it, covariates. Mantel N. Chi-square tests with one degree of
    freedom; extensions of the Mantel-Haenszel procedure. J Am Stat Assoc 1963;58:690-700.
    https://doi.org/10.1080/01621459.1963.10500879
    """
    first, beyond = int(data.effect.start), unplanned(data)
    after = np.column_stack([data.utilities[:, first:], data.costs])
    gone: Flags = np.any(np.isnan(after) & ~np.column_stack([beyond[0][:, first:], beyond[1]]), axis=1)
    if not gone.any():
        return Missingness(None, "nothing")
    if data.cluster is not None:
        return Missingness(None, "clusters")
    start = [data.covariates, data.utilities[:, :first]]
    start += [] if data.baseline_costs is None else [data.baseline_costs]
    columns = np.column_stack(start)
    if not columns.shape[1]:
        return Missingness(None, "start")
    known: Flags = ~np.any(np.isnan(columns), axis=1)
    # Of those who die early less can be missing.
    known &= ~died(data)
    count = int(known.sum())
    if min(int(gone[known].sum()), int((~gone[known]).sum())) < FEWEST:
        return Missingness(None, "few", count)
    p = association(gone[known], columns[known], data.arm[known])
    return Missingness(None, "start", count) if p is None else Missingness(p, None, count)


def association(marked: Flags, columns: Floats, stratum: Codes) -> float | None:
    """Return the p-value that marks, permuted within strata, have nothing to do with columns; None if none varies.

    The sum of the columns over the marked has mean and covariance of a permutation; its squared length in these is
    held against a chi-squared distribution.
    """
    from scipy.special import chdtrc

    size = columns.shape[1]
    apart, covariance = np.zeros(size), np.zeros((size, size))
    for each in np.unique(stratum):
        own = stratum == each
        if own.sum() < 2:  # noqa: PLR2004 (one alone cannot be permuted)
            continue
        marks, values = marked[own] - marked[own].mean(), columns[own] - columns[own].mean(axis=0)
        apart += marks @ values
        covariance += (marks @ marks) * (values.T @ values) / (own.sum() - 1)
    sd = np.sqrt(np.diag(covariance))
    varies = sd > _ROUNDING * (1 + np.abs(columns).max(axis=0))
    if not varies.any():
        return None
    scaled = apart[varies] / sd[varies]
    roots, axes = np.linalg.eigh(covariance[np.ix_(varies, varies)] / np.outer(sd[varies], sd[varies]))
    kept = roots > _ROUNDING * roots[-1]
    statistic = float(((axes.T @ scaled)[kept] ** 2 / roots[kept]).sum())
    return float(chdtrc(int(kept.sum()), statistic))
