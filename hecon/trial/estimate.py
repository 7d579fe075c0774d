"""An estimate with its uncertainty: weighted sums of parameters, their rounding, and Student's t distribution."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hecon import _aligned, _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    Bools = NDArray[np.bool_]

__all__ = ["Estimate", "Freedom", "Spread", "Welch"]

Floats = NDArray[np.float64]
# Degrees of freedom, or what returns them for the weights of a contrast.
Freedom = float | Callable[[Floats], float]

_REMEDY = "take it from contrast(strategy, cost=1.0) of a perspective's analysis"
# Share of the largest number below which data differ by the rounding of a sum.
_OF_DATA = 1e-13
# Share of its terms below which a weighted sum of estimates is rounding: estimates carry the errors of a regression.
_OF_ESTIMATES = 1e-12
# The same of a variance.
_OF_VARIANCE = 1e-13


@dataclass(frozen=True)
class Estimate:
    """One number with its uncertainty.

    Parameters
    ----------
    value : float
        The estimate.
    se : float
        Its standard error.
    df : float
        Degrees of freedom of its t distribution; infinite for a normal one.
    interval : (float, float)
        The interval.
    level : float
        Its level.
    fmi : float
        Fraction of missing information, in [0, 1]; 0 where nothing was imputed.
    monte_carlo_se : float
        Standard error that comes of the finite number of imputations alone.
    """

    value: float
    se: float
    df: float
    interval: tuple[float, float]
    level: float = 0.95
    fmi: float = 0.0
    monte_carlo_se: float = 0.0


class Spread(ABC):
    """Estimates of several parameters, with the uncertainty of any weighted sum of them.

    `PooledImputations` has it by Rubin's rules, `Resampled` over bootstrap replicates, `BootstrapThenImputation` over
    imputed bootstrap samples; what their intervals and probabilities rest on is in their own notes. Each has ``mean``,
    the estimates, and ``total``, their covariance.
    """

    if TYPE_CHECKING:

        @property
        def mean(self) -> Floats: ...  # noqa: D102

        @property
        def total(self) -> Floats: ...  # noqa: D102

    def of(self, contrast: ArrayLike, *, level: float = 0.95) -> Estimate:
        """Return a weighted sum of the parameters with its uncertainty.

        Parameters
        ----------
        contrast : array_like
            One finite weight per parameter; those of a Series are matched by name.
        level : float, default 0.95
            Level of the interval.

        Returns
        -------
        Estimate
            With its interval.

        Raises
        ------
        InputError
            If there is not one weight per parameter, names differ, or the level is not between 0 and 1.
        """
        return self._of(self._weights(contrast), level)

    def above_zero(self, contrast: ArrayLike) -> float:
        """Return the probability that a weighted sum of the parameters is at least 0.

        Parameters
        ----------
        contrast : array_like
            One weight per parameter.

        Returns
        -------
        float
            In [0, 1]; 0 or 1 where the sum does not vary.
        """
        return self._above_zero(self._weights(contrast))

    def above_zero_error(self, contrast: ArrayLike) -> float:
        """Return the Monte Carlo standard error of the probability that `above_zero` returns.

        Parameters
        ----------
        contrast : array_like
            One weight per parameter.

        Returns
        -------
        float
            At least 0; 0 where the sum does not vary. What another seed would change, and nothing else: the error that
            more imputations and replicates take away.
        """
        return self._above_zero_error(self._weights(contrast))

    def _weights(self, contrast: ArrayLike) -> Floats:
        """Return the weights of the parameters."""
        return weights_of(contrast, self.mean.size)

    @abstractmethod
    def _of(self, weight: Floats, level: float) -> Estimate:
        """Return a weighted sum."""

    def _above_zero(self, weight: Floats) -> float:
        """Return the probability that a weighted sum is at least 0, by its t distribution."""
        estimate = self._of(weight, 0.95)
        return float(estimate.value >= 0) if estimate.se == 0 else t_cdf(estimate.value / estimate.se, estimate.df)

    @abstractmethod
    def _above_zero_error(self, weight: Floats) -> float:
        """Return the Monte Carlo standard error of that probability."""


# Weighted sums, and what rounding leaves of a difference of equal numbers ---------------------------------------------


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


def are_constant(values: Floats) -> Bools:
    """Return which columns differ by rounding errors at most, shape (column,)."""
    result: Bools = np.ptp(values, axis=0) <= _OF_DATA * np.abs(values).max(axis=0)
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


# Student's t distribution ---------------------------------------------------------------------------------------------


def t_cdf(value: float, df: float) -> float:
    """Return the probability of a value or less."""
    from scipy.special import ndtr, stdtr

    return float(ndtr(value) if math.isinf(df) else stdtr(df, value))


def t_quantile(probability: float, df: float) -> float:
    """Return the value that is not exceeded with a probability."""
    from scipy.special import ndtri, stdtrit

    return float(ndtri(probability) if math.isinf(df) else stdtrit(df, probability))


def t_density(value: float, df: float) -> float:
    """Return the density at a value."""
    from scipy.special import betaln

    if math.isinf(df):
        return math.exp(-(value**2) / 2) / math.sqrt(2 * math.pi)
    log = -math.log(df) / 2 - float(betaln(0.5, df / 2))
    return math.exp(log - (df + 1) / 2 * math.log1p(value**2 / df))


def level_of(level: float) -> float:
    """Return the level of an interval, if it is a probability between 0 and 1."""
    if not 0 < _checks.finite("level", level) < 1:
        msg = f"level must lie between 0 and 1, got {level}: write 0.95 for 95%"
        raise InputError(msg)
    return level


def t_interval(value: float, se: float, df: float, level: float) -> tuple[float, float]:
    """Return the interval of a number by its t distribution."""
    reach = t_quantile((1 + level_of(level)) / 2, df)
    half = reach * se if se > 0 else 0.0
    return value - half, value + half


def t_above_zero_error(estimate: Estimate, variance_error: float) -> float:
    """Return the Monte Carlo standard error of the probability that a number is at least 0, by the delta method.

    Parameters
    ----------
    estimate : Estimate
        With a standard error above 0, and the Monte Carlo standard error of its value.
    variance_error : float
        Relative Monte Carlo standard error of its variance.
    """
    z = estimate.value / estimate.se
    of_z = np.hypot(estimate.monte_carlo_se / estimate.se, z * variance_error / 2)
    return float(t_density(z, estimate.df) * of_z)


@dataclass(frozen=True)
class Welch:
    r"""Degrees of freedom of any weighted sum of parameters by Welch and Satterthwaite.

    .. math:: \nu = \frac{(\sum_a v_a)^2}{\sum_a v_a^2 / d_a}

    Parameters
    ----------
    parts : ndarray
        What each arm's own units contribute to the covariance of the parameters, shape (arm, parameter, parameter).
    df : ndarray
        Degrees of freedom d of each part.
    """

    parts: Floats = field(repr=False)
    df: Floats

    def __call__(self, weights: Floats) -> float:
        """Return the degrees of freedom of a weighted sum: the sum of all where it does not vary."""
        variances = np.maximum(np.einsum("i,aij,j->a", weights, self.parts, weights), 0.0)
        largest = variances.max()
        if not largest > 0:
            return float(self.df.sum())
        share = variances / largest
        return float(share.sum() ** 2 / (share**2 / self.df).sum())
