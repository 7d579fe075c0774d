"""What is statistically doubtful about a trial's data: small arms, collinear covariates, skewed costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hecon.patients.table.checking import TrialData

    Floats = NDArray[np.float64]

__all__ = ["collinear", "skewness", "warnings_of"]

_SMALL = 10
_FEWEST = 3
_COCHRAN = 25
# 1 − R² of a column on the others, below which it tells nothing that they do not.
_OWN = 1e-6
_SHARE = 1e-4


def warnings_of(data: TrialData) -> Iterator[str]:
    """Yield what is doubtful, in the words of a warning.

    Parameters
    ----------
    data : TrialData
        A trial's data without faults.

    Yields
    ------
    str
        One sentence a doubt, without any patient's value.
    """
    for place, name in enumerate(data.strategies):
        size = int((data.arm == place).sum())
        if size < _SMALL:
            yield f"arm {name!r} has fewer than {_SMALL} patients, {size}: intervals rest on too few to be trusted"
    names, columns = _regressors(data)
    for dependent, others in collinear(columns):
        what = " and ".join(repr(names[other]) for other in others)
        yield f"covariate {names[dependent]!r} follows from {what}: collinear covariates cannot be told apart"
    yield from _skewed(data)


def _regressors(data: TrialData) -> tuple[list[str], Floats]:
    """Return all that outcomes are adjusted for, the arms and the baseline among it."""
    names = [f"arm {name}" for name in data.strategies[1:]]
    columns = [(data.arm == place).astype(float)[:, None] for place in range(1, len(data.strategies))]
    names.append("baseline utility")
    columns.append(data.utilities[:, :1])
    if data.baseline_costs is not None:
        names += [f"baseline cost of {name}" for name in data.baseline_categories]
        columns.append(data.baseline_costs)
    return [*names, *data.covariate_names], np.concatenate([*columns, data.covariates], axis=1)


def collinear(columns: Floats) -> list[tuple[int, tuple[int, ...]]]:
    """Return the columns that follow from others, each with those, over the complete rows.

    A column follows from others if they leave less than 1e-6 of its variance unexplained: QR with column pivoting of
    the standardised columns.

    Parameters
    ----------
    columns : ndarray
        Columns (row, column), NaN where missing.

    Returns
    -------
    list of pair of int and tuple of int
        The dependent column and those that it follows from.
    """
    from scipy.linalg import qr, solve_triangular

    complete = columns[~np.isnan(columns).any(axis=1)]
    if len(complete) <= columns.shape[1] + 1:
        return []  # so few rows fit anything
    spread = complete.std(axis=0)
    varies = np.flatnonzero(spread > 1e-12 * (1 + np.abs(complete).max(axis=0)))
    if not varies.size:
        return []
    scaled = (complete[:, varies] - complete[:, varies].mean(axis=0)) / (spread[varies] * np.sqrt(len(complete)))
    triangle, order = qr(scaled, mode="r", pivoting=True, check_finite=False)[0:2]
    size = min(triangle.shape)
    rank = int((np.abs(np.diag(triangle)[:size]) > np.sqrt(_OWN)).sum())
    weights = solve_triangular(triangle[:rank, :rank], triangle[:rank, rank:size])
    found = []
    for place in range(rank, size):
        used = np.flatnonzero(np.abs(weights[:, place - rank]) > np.sqrt(_SHARE))
        found.append((int(varies[order[place]]), tuple(sorted(int(varies[order[other]]) for other in used))))
    return found


def skewness(values: Floats) -> float:
    """Return the moment coefficient of skewness, 0 for values that are all the same."""
    centred = values - values.mean()
    second = float(np.mean(centred**2))
    return 0.0 if second <= 0 else float(np.mean(centred**3)) / second**1.5


def _skewed(data: TrialData) -> Iterator[str]:
    """Yield the arms whose mean cost is not near normal by Cochran's rule, n > 25 × skewness², over complete cases.

    The rule is for skewness to the right, which costs have.
    """
    total = data.costs.sum(axis=1)
    for place, name in enumerate(data.strategies):
        own = total[(data.arm == place) & ~np.isnan(total)]
        if own.size < _FEWEST:
            continue
        found = skewness(own)
        needed = _COCHRAN * found**2
        if found > 0 and own.size <= needed:
            yield (
                f"total costs in arm {name!r} are strongly skewed, {found:.1f}: by Cochran's rule their mean is near "
                f"normal with more than 25 × {found:.1f}² = {needed:.0f} patients, and {own.size} have all "
                "costs known; see the BCa interval of the complete cases, or method='bootstrap-single'"
            )
