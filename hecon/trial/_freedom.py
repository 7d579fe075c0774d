"""Student's t distribution, and the degrees of freedom of Welch and Satterthwaite."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def cdf(value: float, df: float) -> float:
    """Return the probability of a value or less."""
    from scipy.special import ndtr, stdtr

    return float(ndtr(value) if math.isinf(df) else stdtr(df, value))


def quantile(probability: float, df: float) -> float:
    """Return the value that is not exceeded with a probability."""
    from scipy.special import ndtri, stdtrit

    return float(ndtri(probability) if math.isinf(df) else stdtrit(df, probability))


def density(value: float, df: float) -> float:
    """Return the density at a value."""
    from scipy.special import betaln

    if math.isinf(df):
        return math.exp(-(value**2) / 2) / math.sqrt(2 * math.pi)
    log = -math.log(df) / 2 - float(betaln(0.5, df / 2))
    return math.exp(log - (df + 1) / 2 * math.log1p(value**2 / df))


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
