"""What is statistically doubtful about a trial's data: small arms, collinear covariates, skewed differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon.trial.qaly import qaly_weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hecon.trial.table.checking import TrialData

    Floats = NDArray[np.float64]

__all__ = ["collinear", "skewness", "skewness_of_difference", "warnings_of"]

_SMALL = 10
_FEWEST = 3
# Skewness of a mean difference at which one tail of its 95% interval misses about 4.6% instead of 2.5%.
_SKEWED = 0.25
# Excess of that tail by the Edgeworth expansion of a t statistic, per unit of skewness: (2z² + 1)φ(z)/6, z = 1.96.
_EXCESS = 0.0845
# 1 − R² of a column on the others, below which it tells nothing that they do not.
_OWN = 1e-6
_SHARE = 1e-4
# Standard deviation, relative to the largest value, that is rounding.
_ROUNDING = 1e-12


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


def skewness_of_difference(first: Floats, second: Floats) -> float:
    """Return the skewness of the difference of two means, in absolute value.

    The skewness γ of the values is taken as the same in both groups, estimated from all values about the mean of their
    group: a small sample shows its tail by chance. The standard deviations s are those of the groups or one for both,
    whichever gives more::

        |γ| · |s₁³/n₁² − s₀³/n₀²| / (s₁²/n₁ + s₀²/n₀)^1.5

    Parameters
    ----------
    first, second : ndarray
        The values of each group.

    Returns
    -------
    float
        At least 0; 0 where values do not vary.
    """
    apart = [each - each.mean() for each in (first, second)]
    both = np.concatenate(apart)
    spread = float(both.std())
    if spread <= _ROUNDING * max(np.abs(first).max(), np.abs(second).max()):
        return 0.0
    sizes = np.array([each.size for each in apart], dtype=np.float64)
    own = np.array([each.std() for each in apart]) / spread
    parts = [abs(sds**3 / sizes**2 @ [1, -1]) / (sds**2 / sizes).sum() ** 1.5 for sds in (own, np.ones(2))]
    return abs(skewness(both)) * float(max(parts))


def _skewed(data: TrialData) -> Iterator[str]:
    """Yield the differences whose skewness makes one tail of the interval miss much more often than the other."""
    weights = qaly_weights(data.months, discount=data.discount_effect)
    for what, values in (("total costs", data.costs.sum(axis=1)), ("QALYs", data.utilities @ weights)):
        arms = [values[(data.arm == place) & ~np.isnan(values)] for place in range(len(data.strategies))]
        for place, name in enumerate(data.strategies[1:], start=1):
            pair = arms[0], arms[place]
            if min(each.size for each in pair) < _FEWEST:
                continue
            found = skewness_of_difference(*pair)
            if found > _SKEWED:
                tail = 100 * (0.025 + _EXCESS * found)
                yield (
                    f"the difference in {what} between {name!r} and {data.strategies[0]!r} is skewed, {found:.2f} over "
                    f"{pair[1].size} and {pair[0].size} complete patients: about {tail:.0f}% instead of 2.5% lies "
                    "beyond one end of a 95% interval, and less beyond the other"
                )
