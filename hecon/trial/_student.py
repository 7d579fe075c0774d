"""Student's t distribution, normal where its degrees of freedom are infinite, without importing all distributions."""

from __future__ import annotations

import math

from scipy.special import betaln, ndtr, ndtri, stdtr, stdtrit


def cdf(value: float, df: float) -> float:
    """Return the probability of a value or less."""
    return float(ndtr(value) if math.isinf(df) else stdtr(df, value))


def quantile(probability: float, df: float) -> float:
    """Return the value that is not exceeded with a probability."""
    return float(ndtri(probability) if math.isinf(df) else stdtrit(df, probability))


def density(value: float, df: float) -> float:
    """Return the density at a value."""
    if math.isinf(df):
        return math.exp(-(value**2) / 2) / math.sqrt(2 * math.pi)
    log = -math.log(df) / 2 - float(betaln(0.5, df / 2))
    return math.exp(log - (df + 1) / 2 * math.log1p(value**2 / df))
