"""Quality-adjusted life years and totals of costs: weighted sums over the times and the periods of a trial."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["discount_factors", "qaly_weights", "qalys"]

_YEAR = 12.0
_FEWEST_TIMES = 2


def qaly_weights(months: Sequence[float], *, discount: float = 0.0) -> Floats:
    r"""Return the weight of the utility at each time in the area under the curve.

    .. math:: \mathrm{QALY} = \sum_k \tfrac12 (u_k + u_{k+1}) (t_{k+1} - t_k) D_k = \sum_k w_k u_k

    Parameters
    ----------
    months : sequence of float
        Times of the utilities [months], increasing, at least two.
    discount : float, default 0
        Yearly rate, in [0, 1].

    Returns
    -------
    numpy.ndarray
        One weight per time [years]; without discounting they sum to the duration.

    Raises
    ------
    InputError
        If times are too few, not finite, below 0 or do not increase, or the rate lies outside [0, 1].

    Notes
    -----
    Utility runs straight from one time to the next. The first year is not discounted, the second by 1/(1 + r), the
    third by its square; a span that crosses the end of a year is split there, at its interpolated utility. Weights let
    every imputed utility count as it should, and a QALY of many sets of data is one product.

    References
    ----------
    Zorginstituut Nederland. Richtlijn voor het uitvoeren van economische evaluaties in de gezondheidszorg, 2024.

    Examples
    --------
    >>> from hecon import patients
    >>> patients.qaly_weights([0, 6, 12]).tolist()
    [0.25, 0.5, 0.25]
    """
    rate = _checks.probability("discount", discount)
    times = _times(months)
    ends = np.arange(math.floor(times[0] / _YEAR) + 1, math.ceil(times[-1] / _YEAR)) * _YEAR
    grid = np.union1d(times, ends)
    middles = (grid[:-1] + grid[1:]) / 2
    area = np.diff(grid) / _YEAR / (1 + rate) ** np.floor(middles / _YEAR)
    on_grid = (np.append(area, 0.0) + np.append(0.0, area)) / 2
    # A utility at a time between two measurements is a mixture of theirs.
    mixture = np.stack([np.interp(grid, times, unit) for unit in np.eye(times.size)])
    result: Floats = mixture @ on_grid
    return result


def _times(months: Sequence[float]) -> Floats:
    times = np.array([_checks.finite("months", each) for each in months])
    if times.size < _FEWEST_TIMES or times[0] < 0 or (np.diff(times) <= 0).any():
        msg = f"months must be two or more increasing times from 0, got {list(months)}: put them in order"
        raise InputError(msg)
    return times


def qalys(utilities: ArrayLike, months: Sequence[float], *, discount: float = 0.0) -> Floats:
    """Return the QALYs of each patient.

    Parameters
    ----------
    utilities : array_like
        Utility [1 is full health, 0 is dead], the last axis over the times.
    months : sequence of float
        Times [months], increasing.
    discount : float, default 0
        Yearly rate, in [0, 1].

    Returns
    -------
    numpy.ndarray
        QALYs, shape of `utilities` without its last axis; NaN where a utility is missing. Impute before, at each time.

    Raises
    ------
    InputError
        If the times are not in order, or their number is not that of the utilities.

    Examples
    --------
    >>> from hecon import patients
    >>> round(float(patients.qalys([0.5, 0.7, 0.8], [0, 6, 12])), 4)
    0.675
    """
    values = _checks.numeric(utilities)
    weights = qaly_weights(months, discount=discount)
    if values.ndim == 0 or values.shape[-1] != weights.size:
        msg = f"utilities must have {weights.size} values on the last axis, one per time, got shape {values.shape}"
        raise InputError(msg)
    result: Floats = values @ weights
    return result


def discount_factors(periods: Sequence[tuple[float, float]], *, discount: float) -> Floats:
    """Return the present value of one euro spent evenly over each period.

    Parameters
    ----------
    periods : sequence of (float, float)
        Start and end of each [months], from 0.
    discount : float
        Yearly rate, in [0, 1].

    Returns
    -------
    numpy.ndarray
        One factor per period, in (0, 1]; a period that crosses the end of a year is split by length.

    Raises
    ------
    InputError
        If a period does not end after its start, or the rate lies outside [0, 1].

    Examples
    --------
    >>> from hecon import patients
    >>> patients.discount_factors([(0, 12), (12, 24)], discount=0.03).round(4).tolist()
    [1.0, 0.9709]
    """
    rate = _checks.probability("discount", discount)
    return np.array([_factor(float(start), float(end), rate) for start, end in periods])


def _factor(start: float, end: float, rate: float) -> float:
    if not 0 <= start < end < math.inf:
        msg = f"a period must end after its start, from 0 months on, got {start} to {end}"
        raise InputError(msg)
    ends = np.arange(math.floor(start / _YEAR) + 1, math.ceil(end / _YEAR)) * _YEAR
    cuts = np.concatenate([[start], ends, [end]])
    middles = (cuts[:-1] + cuts[1:]) / 2
    return float(np.average((1 + rate) ** -np.floor(middles / _YEAR), weights=np.diff(cuts)))
