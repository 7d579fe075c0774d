"""Quality-adjusted life years and totals of costs: weighted sums over the times and the periods of a trial."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _aligned, _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["discount_factors", "month_of", "qaly_weights", "qalys"]

_YEAR = 12.0
_FEWEST_TIMES = 2
# Beyond what a normal model imputes above full health.
_NO_UTILITY = 2.0


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
    >>> from hecon.trial.qaly import qaly_weights
    >>> qaly_weights([0, 6, 12]).tolist()
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
    times = np.array([_checks.finite("months", each) for each in _checks.items("months", months)])
    if times.size < _FEWEST_TIMES or times[0] < 0 or (np.diff(times) <= 0).any():
        msg = f"months must be two or more increasing times from 0, got {list(months)}: put them in order"
        raise InputError(msg)
    return times


def qalys(utilities: ArrayLike, months: Sequence[float], *, discount: float = 0.0) -> Any:  # noqa: ANN401
    """Return the QALYs of each patient.

    Parameters
    ----------
    utilities : array_like
        Utility [1 is full health, 0 is dead], the last axis over the times. Columns (or a coordinate) named by the
        months, as 6, "u6" or "6m", are matched with `months` by name.
    months : sequence of float
        Times [months], increasing.
    discount : float, default 0
        Yearly rate, in [0, 1].

    Returns
    -------
    numpy.ndarray, pandas.Series or xarray.DataArray
        QALYs, shape of `utilities` without its last axis, with their labels; NaN where a utility is missing. Impute
        before, at each time.

    Raises
    ------
    InputError
        If the times are not in order, their number is not that of the utilities, columns are named by other times, or
        a utility is masked, infinite, above 2 or no number.

    Examples
    --------
    >>> from hecon import trial
    >>> round(float(trial.qalys([0.5, 0.7, 0.8], [0, 6, 12])), 4)
    0.675
    """
    weights = qaly_weights(months, discount=discount)
    times = _times(months).tolist()
    rows = _aligned.stacked("utilities", utilities)
    bare, utilities = rows is not utilities, rows
    utilities = _aligned.by_name("utilities", utilities, times, what="months", key=month_of)
    values = _checks.numbers("utilities", utilities)
    if values.ndim == 0 or values.shape[-1] != weights.size:
        msg = f"utilities must have {weights.size} values on the last axis, one per time, got shape {values.shape}"
        raise InputError(msg)
    if np.isinf(values).any():
        place = ", ".join(map(str, np.argwhere(np.isinf(values))[0]))
        msg = f"utilities must be finite, or NaN where missing, got infinity at position {place}"
        raise InputError(msg)
    if (values > _NO_UTILITY).any():
        place = ", ".join(map(str, np.argwhere(values > _NO_UTILITY)[0]))
        msg = (
            f"utilities must lie about 1, full health, or below, got one above 2 at position {place}; hecon.utility "
            "values EQ-5D states, and a scale of 0 to 100 is divided by 100"
        )
        raise InputError(msg)
    return values @ weights if bare else _aligned.like(utilities, values @ weights)


def month_of(label: Any) -> float | None:  # noqa: ANN401
    """Return the one number in the name of a column, or None.

    Parameters
    ----------
    label : object
        Name of a column.

    Returns
    -------
    float or None
        The number, as of a month; that of EQ-5D-5L is none.
    """
    if isinstance(label, (int, float, np.integer, np.floating)) and not isinstance(label, bool):
        return float(label)
    numbers = re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?i)eq[\W_]*5[\W_]*d(?:[\W_]*[35][\W_]*l)?", "", str(label)))
    return float(numbers[0]) if len(numbers) == 1 else None


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
    >>> from hecon.trial.qaly import discount_factors
    >>> discount_factors([(0, 12), (12, 24)], discount=0.03).round(4).tolist()
    [1.0, 0.9709]
    """
    rate = _checks.probability("discount", discount)
    ends = [(_checks.finite("periods", start), _checks.finite("periods", end)) for start, end in periods]
    return np.array([_factor(start, end, rate) for start, end in ends])


def _factor(start: float, end: float, rate: float) -> float:
    if not 0 <= start < end:
        msg = f"a period must end after its start, from 0 months on, got {start} to {end}"
        raise InputError(msg)
    ends = np.arange(math.floor(start / _YEAR) + 1, math.ceil(end / _YEAR)) * _YEAR
    cuts = np.concatenate([[start], ends, [end]])
    middles = (cuts[:-1] + cuts[1:]) / 2
    return float(np.average((1 + rate) ** -np.floor(middles / _YEAR), weights=np.diff(cuts)))
