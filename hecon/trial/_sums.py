"""Weighted sums of parameters, and what rounding leaves of a difference of equal numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _aligned, _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

__all__ = ["weights_of"]

_REMEDY = "take it from contrast(strategy, cost=1.0) of a perspective's analysis"


def weights_of(contrast: Any, parameters: int) -> NDArray[np.float64]:  # noqa: ANN401
    """Return a contrast if it is one finite weight per parameter, without names; the name of a strategy is none."""
    if not _aligned.is_default(_aligned.labels_of(contrast, -1)):
        msg = "contrast has names and the parameters have none: pool labelled estimates, or pass .to_numpy()"
        raise InputError(msg)
    _checks.unmasked("contrast", contrast)
    try:
        weights = _checks.numeric(contrast)
    except (TypeError, ValueError):
        given = repr(contrast) if isinstance(contrast, str) else f"a {type(contrast).__name__}"
        msg = f"contrast must be one weight per parameter, got {given}: {_REMEDY}"
        raise InputError(msg) from None
    if weights.shape != (parameters,) or not np.isfinite(weights).all():
        msg = (
            f"contrast must be one finite weight for each of {parameters} parameters, got shape {weights.shape}: "
            f"{_REMEDY}"
        )
        raise InputError(msg)
    return weights


# Share of the largest number below which data differ by the rounding of a sum.
OF_DATA = 1e-13
# Share of its terms below which a weighted sum of estimates is rounding: estimates carry the errors of a regression.
_OF_ESTIMATES = 1e-12
# The same of a variance.
_OF_VARIANCE = 1e-13


def are_constant(values: Floats) -> Bools:
    """Return which columns differ by rounding errors at most, shape (column,)."""
    result: Bools = np.ptp(values, axis=0) <= OF_DATA * np.abs(values).max(axis=0)
    return result


def equalled(estimates: Floats, sizes: Floats) -> Floats:
    """Return estimates that equal the first of the last axis exactly where they differ by rounding errors at most.

    Parameters
    ----------
    estimates : ndarray
        Shape (..., estimate).
    sizes : ndarray
        Size of the data that they are of, shape (...).
    """
    first = estimates[..., :1]
    result: Floats = np.where(np.abs(estimates - first) <= _OF_ESTIMATES * sizes[..., None], first, estimates)
    return result


def mean_of(values: Floats) -> Floats:
    """Return the mean over the first axis; that of equal numbers is this number, exactly."""
    result: Floats = values[0] + (values - values[0]).mean(axis=0)
    return result


def sum_of(weights: Floats, estimates: Floats) -> float:
    """Return a weighted sum of estimates; 0 where its terms cancel but for rounding errors."""
    value = float(weights @ estimates)
    return value if abs(value) > _OF_ESTIMATES * float(np.abs(weights) @ np.abs(estimates)) else 0.0


def variance_of(weights: Floats, covariance: Floats) -> float:
    """Return the variance of a weighted sum; 0 where its terms cancel but for rounding errors, or it is below 0."""
    value = float(weights @ covariance @ weights)
    size = float(np.abs(weights) @ np.abs(covariance) @ np.abs(weights))
    return value if value > _OF_VARIANCE * size else 0.0


def settled(values: Floats, sizes: Floats, *marks: float) -> Floats:
    """Return replicates of a weighted sum, of which those that a mark equals but for rounding errors equal it exactly.

    Parameters
    ----------
    values : ndarray
        The sum in each replicate.
    sizes : ndarray
        The same of the absolute values of its terms.
    *marks : float
        Numbers that are told from others: 0, the estimate.
    """
    slack = _OF_ESTIMATES * float(sizes.max())
    result = values.copy()
    for mark in marks:
        result[np.abs(values - mark) <= slack] = mark
    return result
