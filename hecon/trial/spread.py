"""How an estimate spreads: by Rubin's rules, over bootstrap replicates, or over imputed bootstrap samples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial._sums import mean_of, settled, sum_of, variance_of, weights_of
from hecon.trial.rubin import (
    Estimate,
    Freedom,
    Pooled,
    level_of,
    t_above_zero,
    t_above_zero_error,
    t_interval,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["BootstrapThenImputation", "Resampled", "Spread", "draw", "smallest_df"]

_FEWEST_FREEDOM = 3.0
# Lets a correlation of exactly 1 have a root.
_JITTER = 1e-12


@dataclass(frozen=True)
class Resampled:
    """Bootstrap replicates that stand for the sampling distribution themselves, with percentile intervals.

    Parameters
    ----------
    mean : ndarray
        The estimates.
    replicates : ndarray
        Shape (replicate, parameter).
    averaged : bool
        Whether the estimates are means of the replicates, and so have their Monte Carlo error.
    """

    mean: Floats
    replicates: Floats
    averaged: bool = False

    @property
    def total(self) -> Floats:
        """Covariance of the replicates."""
        return np.atleast_2d(np.cov(self.replicates - self.mean, rowvar=False))

    def values(self, contrast: ArrayLike) -> Floats:
        """Return a weighted sum of the parameters in each replicate.

        Parameters
        ----------
        contrast : array_like
            One weight per parameter.

        Returns
        -------
        ndarray
            Shape (replicate,). Where it differs from 0 or from the estimate by rounding errors alone, it is that.
        """
        weight = weights_of(contrast, self.mean.size)
        sizes = np.abs(self.replicates) @ np.abs(weight)
        return settled(self.replicates @ weight, sizes, sum_of(weight, self.mean), 0.0)

    def of(self, contrast: ArrayLike, *, level: float = 0.95) -> Estimate:
        """Return a weighted sum of the parameters with its percentile interval.

        Parameters
        ----------
        contrast : array_like
            One weight per parameter.
        level : float, default 0.95
            Level of the interval.

        Returns
        -------
        Estimate
            Without degrees of freedom, and with no fraction of missing information.
        """
        weight, values = weights_of(contrast, self.mean.size), self.values(contrast)
        level_of(level)
        low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
        se = float((values - values[0]).std(ddof=1))
        found = Estimate(sum_of(weight, self.mean), se, np.inf, (float(low), float(high)), level)
        return replace(found, monte_carlo_se=se / float(np.sqrt(values.size))) if self.averaged else found

    def above_zero(self, contrast: ArrayLike) -> float:
        """Return the share of the replicates in which a weighted sum of the parameters is at least 0.

        Parameters
        ----------
        contrast : array_like
            One weight per parameter.

        Returns
        -------
        float
            In [0, 1].
        """
        return float((self.values(contrast) >= 0).mean())

    def above_zero_error(self, contrast: ArrayLike) -> float:
        """Return the Monte Carlo standard error of the probability that `above_zero` returns.

        Parameters
        ----------
        contrast : array_like
            One weight per parameter.

        Returns
        -------
        float
            That of a share of independent replicates. Half a replicate is added to both sides, so that a share of 0 or
            1 has an error too; 0 where the sum does not vary.
        """
        values = self.values(contrast)
        if np.ptp(values) == 0:
            return 0.0
        share = (np.count_nonzero(values >= 0) + 0.5) / (values.size + 1)
        return float(np.sqrt(share * (1 - share) / values.size))


@dataclass(frozen=True)
class BootstrapThenImputation:
    """Estimates from a few imputations of each bootstrap sample, combined by their analysis of variance.

    Parameters
    ----------
    estimates : ndarray
        Shape (bootstrap sample, imputation, parameter), two or more of each.
    complete_df : float or callable, default infinite
        Degrees of freedom had nothing been missing; a callable returns them for the weights of a contrast.

    References
    ----------
    Bartlett JW, Hughes RA. Bootstrap inference for multiple imputation under uncongeniality and misspecification. Stat
    Methods Med Res 2020;29(12):3533-3546. https://doi.org/10.1177/0962280220932189
    """

    estimates: Floats
    complete_df: Freedom = np.inf

    @property
    def mean(self) -> Floats:
        """Mean of all estimates."""
        return mean_of(self.estimates.reshape(-1, self.estimates.shape[2]))

    def _squares(self) -> tuple[Floats, Floats]:
        """Return mean squares between and within bootstrap samples, as matrices."""
        samples, imputations, _ = self.estimates.shape
        means = mean_of(self.estimates.swapaxes(0, 1))
        apart = means - mean_of(means)
        inside = (self.estimates - means[:, None]).reshape(-1, self.estimates.shape[2])
        return (
            imputations * apart.T @ apart / (samples - 1),
            inside.T @ inside / (samples * (imputations - 1)),
        )

    @property
    def total(self) -> Floats:
        """Covariance of the mean of all estimates."""
        samples, imputations, _ = self.estimates.shape
        between, within = self._squares()
        result: Floats = (samples + 1) / (samples * imputations) * between - within / imputations
        return result

    def of(self, contrast: ArrayLike, *, level: float = 0.95) -> Estimate:
        """Return a weighted sum of the parameters with a t interval.

        Parameters
        ----------
        contrast : array_like
            One weight per parameter.
        level : float, default 0.95
            Level of the interval.

        Returns
        -------
        Estimate
            With degrees of freedom ν of ``1/ν = 1/ν_s + 1/ν_c``: Satterthwaite's for the finite number of samples, at
            least 3, and those of the complete data.
        """
        weight = weights_of(contrast, self.estimates.shape[2])
        samples, imputations, _ = self.estimates.shape
        between, within = (variance_of(weight, each) for each in self._squares())
        first, second = (samples + 1) / (samples * imputations) * between, within / imputations
        variance = max(first - second, 0.0)
        noise = first**2 / (samples - 1) + second**2 / (samples * (imputations - 1))
        of_samples = max(_FEWEST_FREEDOM, variance**2 / noise) if noise > 0 else np.inf
        complete = self.complete_df(weight) if callable(self.complete_df) else self.complete_df
        df = 1 / (1 / of_samples + 1 / complete) if np.isfinite(min(of_samples, complete)) else np.inf
        se = float(np.sqrt(variance))
        value = float(weight @ self.mean) if variance else sum_of(weight, self.mean)
        error = float(np.sqrt(max(between, 0.0) / (samples * imputations)))
        return Estimate(value, se, float(df), t_interval(value, se, df, level), level, monte_carlo_se=error)

    def above_zero(self, contrast: ArrayLike) -> float:
        """Return the probability, by the t distribution, that a weighted sum of the parameters is at least 0.

        Parameters
        ----------
        contrast : array_like
            One weight per parameter.

        Returns
        -------
        float
            In [0, 1].
        """
        return t_above_zero(self.of(contrast))

    def above_zero_error(self, contrast: ArrayLike) -> float:
        """Return the Monte Carlo standard error of the probability that `above_zero` returns.

        Parameters
        ----------
        contrast : array_like
            One weight per parameter.

        Returns
        -------
        float
            By the delta method, from the analysis of variance: of the mean over bootstrap samples, and of its variance.
            0.5, the most that there is, where samples vary but the variance came out as 0.
        """
        weight, estimate = weights_of(contrast, self.estimates.shape[2]), self.of(contrast)
        samples, imputations, _ = self.estimates.shape
        between, within = (variance_of(weight, each) for each in self._squares())
        if estimate.se == 0:
            return 0.5 if max(between, within) > 0 else 0.0
        first, second = (samples + 1) / (samples * imputations) * between, within / imputations
        noise = first**2 / (samples - 1) + second**2 / (samples * (imputations - 1))
        return t_above_zero_error(estimate, float(np.sqrt(2 * noise)) / estimate.se**2)


# What gives any weighted sum of the parameters with its uncertainty.
Spread = Pooled | Resampled | BootstrapThenImputation


def smallest_df(spread: Spread, arms: int) -> float:
    """Return the smallest degrees of freedom of a difference in cost or effect from the first arm.

    Parameters
    ----------
    spread : Spread
        Estimates of costs by arm, then of effects by arm.
    arms : int
        Number of arms.

    Returns
    -------
    float
        Infinite for replicates, which are their own distribution.
    """
    differences = np.eye(arms)[1:] - np.eye(arms)[0]
    return min(spread.of(np.outer(kind, each).ravel()).df for kind in np.eye(2) for each in differences)


def _root(covariance: Floats, sd: Floats) -> Floats:
    """Return a lower triangle whose square is the covariance, also where a variance is 0 or a correlation 1."""
    unit = np.where(sd > 0, sd, np.inf)
    correlation = (covariance + covariance.T) / 2 / np.outer(unit, unit)
    np.fill_diagonal(correlation, 1.0)
    # A difference of mean squares need not be a covariance: what is below 0 is rounded up.
    values, vectors = np.linalg.eigh(correlation)
    sound = (vectors * np.maximum(values, _JITTER)) @ vectors.T
    result: Floats = np.linalg.cholesky(sound) * sd[:, None]
    return result


def draw(spread: Spread, basis: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Draw parameters from their t distribution.

    Parameters
    ----------
    spread : Spread
        Estimates and covariance.
    basis : ndarray
        Shape (parameter, parameter), invertible: weighted sums of the parameters whose distributions are t, each with
        degrees of freedom of its own. The draws of the first do not depend on those after it.
    count : int
        Number of draws.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray
        Draws of the parameters, shape (draw, parameter), whose means are the estimates.

    Notes
    -----
    Normal deviates are whitened, so that correlations carry no Monte Carlo error, and stretched by chi-squared deviates
    that rank alike for all sums: with equal degrees of freedom that is the multivariate t. A t distribution with ν
    degrees of freedom has ν/(ν − 2) times the variance of the normal one, and an infinite variance where ν is at most
    2: variances and means of losses over such draws are those of a few draws, however many there are. Percentiles and
    probabilities are sound.
    """
    from scipy.special import gammaincinv

    size = basis.shape[0]
    total = spread.total
    sd = np.sqrt([variance_of(row, total) for row in basis])
    root = _root(basis @ total @ basis.T, sd)
    normal = rng.standard_normal((count, size))
    if count > size + 1:
        normal -= normal.mean(axis=0)
        normal = normal @ np.linalg.inv(np.linalg.cholesky(normal.T @ normal / count)).T
    rank = rng.random(count)
    deviates = normal @ root.T
    for position, row in enumerate(basis):
        df = spread.of(row).df
        if np.isfinite(df):
            deviates[:, position] *= np.sqrt(df / (2 * gammaincinv(df / 2, rank)))
    deviates -= deviates.mean(axis=0)
    result: Floats = spread.mean + deviates @ np.linalg.inv(basis).T
    return result
