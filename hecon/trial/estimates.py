"""Estimates with their uncertainty: rounding, Student's t, Rubin's rules, bootstrap replicates, and draws of them."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _arrays, _checks
from hecon._arrays import Flags, Floats
from hecon._display import displayed
from hecon.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# Degrees of freedom, or a function that returns them for the weights of a contrast.
Freedom = float | Callable[[Floats], float]

_REMEDY = "take it from contrast(strategy, cost=1.0) of a perspective's analysis"
# Rounding of data, relative to the largest number.
_OF_DATA = 1e-13
# Rounding of a weighted sum of estimates, relative to its terms: estimates carry the errors of a regression.
_OF_ESTIMATES = 1e-12
# Rounding of a variance, relative to its terms.
_OF_VARIANCE = 1e-13
# Dimensions of estimates: imputation and parameter.
_TABLE = 2


@dataclass(frozen=True)
class Estimate:
    """One number with its uncertainty.

    Attributes
    ----------
    value, se, df : float
        The estimate, its standard error, and the degrees of freedom of its t distribution; infinite for a normal one.
    interval, level : (float, float) and float
        The interval and its level.
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
    """Estimates of several parameters, ``mean``, and the uncertainty of any weighted sum of them.

    `PooledImputations` has it by Rubin's rules, `Resampled` over bootstrap replicates, `BootstrapThenImputation` over
    imputed bootstrap samples. ``total`` is the covariance.
    """

    if TYPE_CHECKING:

        @property
        def mean(self) -> Floats: ...  # noqa: D102

        @property
        def total(self) -> Floats: ...  # noqa: D102

    def of(self, contrast: ArrayLike, *, level: float = 0.95) -> Estimate:
        """Return a weighted sum of the parameters with its interval."""
        return self._of(self._weights(contrast), level)

    def above_zero(self, contrast: ArrayLike) -> float:
        """Return the probability that a weighted sum of the parameters is at least 0; 0 or 1 where it does not vary."""
        return self._above_zero(self._weights(contrast))

    def above_zero_error(self, contrast: ArrayLike) -> float:
        """Return the Monte Carlo standard error of that probability, which more imputations take away."""
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


def weights_of(contrast: Any, parameters: int) -> Floats:  # noqa: ANN401
    """Return a contrast if it is one finite weight per parameter, without names; the name of a strategy is none."""
    if not _arrays.is_default(_arrays.labels_of(contrast, -1)):
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


def are_constant(values: Floats) -> Flags:
    """Return which columns differ by rounding errors at most, shape (column,)."""
    result: Flags = np.ptp(values, axis=0) <= _OF_DATA * np.abs(values).max(axis=0)
    return result


def equal_but_for_rounding(estimates: Floats, sizes: Floats) -> Floats:
    """Return estimates equal to the first of the last axis where they differ by rounding, relative to `sizes`."""
    first = estimates[..., :1]
    return np.where(np.abs(estimates - first) <= _OF_ESTIMATES * sizes[..., None], first, estimates)


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


def without_rounding(values: Floats, sizes: Floats, *marks: float) -> Floats:
    """Return replicates of a weighted sum in which what equals a mark but for rounding errors equals it exactly.

    `sizes` has the sum of the absolute terms of each replicate; marks are 0, or the estimate.
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

    Of its variance the relative Monte Carlo standard error is given.
    """
    z = estimate.value / estimate.se
    of_z = np.hypot(estimate.monte_carlo_se / estimate.se, z * variance_error / 2)
    return float(t_density(z, estimate.df) * of_z)


@dataclass(frozen=True)
class Welch:
    """Degrees of freedom of any weighted sum by Welch and Satterthwaite: (Σ v)²/Σ(v²/d), arms' variances v."""

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


_FEWEST_FREEDOM = 3.0
# Smallest eigenvalue of a correlation matrix, so that a correlation of 1 has a root.
_JITTER = 1e-12


@displayed
@dataclass(frozen=True)
class PooledImputations(Spread):
    r"""Estimates pooled over imputations by Rubin's rules, as arrays over the parameters.

    A weighted sum has a t distribution with the degrees of freedom of Barnard and Rubin (Biometrika 1999;86:948-955),
    and a fraction of missing information. The Monte Carlo error of the probability that it is at least 0 is by
    the delta method, with z the estimate in standard errors, f the density of its t distribution and R the degrees of
    freedom of ``within``:

    .. math:: f(z) \sqrt{\frac{B}{M T} + \frac{z^2}{2} \left(\frac{((1 + 1/M) B / T)^2}{M - 1} +
        \frac{(W / T)^2}{R}\right)}
    """

    mean: Floats  # mean of the estimates
    within: Floats  # mean of the covariances within the imputed sets
    between: Floats  # covariance between their estimates
    total: Floats  # within + (1 + 1/M) between
    imputations: int  # M
    # degrees of freedom had nothing been missing; a callable returns them for the weights of a contrast
    complete_df: Freedom
    # degrees of freedom of ``within`` as an estimate, from the number of bootstrap replicates; infinite where it has no
    # Monte Carlo error
    within_df: float = np.inf

    def _of(self, weight: Floats, level: float) -> Estimate:
        within, between, total = (variance_of(weight, each) for each in (self.within, self.between, self.total))
        value = float(weight @ self.mean) if total else sum_of(weight, self.mean)
        se = float(np.sqrt(total))
        complete = self.complete_df(weight) if callable(self.complete_df) else self.complete_df
        df = _freedom(within, between, self.imputations, complete)
        fmi = _missing_information(within, between, self.imputations, df)
        noise = float(np.sqrt(between / self.imputations))
        return Estimate(value, se, df, t_interval(value, se, df, level), level, fmi, noise)

    def _above_zero_error(self, weight: Floats) -> float:
        estimate, sets = self._of(weight, 0.95), self.imputations
        if estimate.se == 0:
            return 0.0
        within, between = (variance_of(weight, each) / estimate.se**2 for each in (self.within, self.between))
        variance = 2 * ((1 + 1 / sets) * between) ** 2 / max(1, sets - 1) + 2 * within**2 / self.within_df
        return t_above_zero_error(estimate, float(np.sqrt(variance)))


def _freedom(within: float, between: float, imputations: int, complete: float) -> float:
    added = (1 + 1 / imputations) * between
    total = within + added
    if added <= 0 or total <= 0:
        return complete
    share = added / total
    classic = (imputations - 1) / share**2 if share**2 > 0 else np.inf
    if classic == np.inf:  # too little to square, or to divide by
        return complete
    observed = (complete + 1) / (complete + 3) * complete * (1 - share) if np.isfinite(complete) else np.inf
    return float(classic if observed <= 0 else 1 / (1 / classic + 1 / observed))


def _missing_information(within: float, between: float, imputations: int, df: float) -> float:
    added = (1 + 1 / imputations) * between
    if added <= 0:
        return 0.0
    if within <= 0:
        return 1.0
    ratio = added / within
    return float((ratio + 2 / (df + 3)) / (ratio + 1))


def pool(
    estimates: ArrayLike, covariances: ArrayLike, *, complete_df: Freedom = np.inf, replicates: ArrayLike | None = None
) -> PooledImputations:
    """Pool the estimates of imputed sets of data by Rubin's rules, T = W + (1 + 1/M) B.

    Estimates have the shape (imputation, parameter), their covariances within a set (imputation, parameter, parameter).
    `replicates` are those of the bootstrap behind each covariance, for the Monte Carlo error alone.
    """
    means, spreads = np.asarray(estimates, dtype=np.float64), np.asarray(covariances, dtype=np.float64)
    if not (np.isfinite(means).all() and np.isfinite(spreads).all()):
        msg = "estimates and covariances must be finite, got NaN or infinite values; leave out what could not be fitted"
        raise InputError(msg)
    if means.ndim != _TABLE or not len(means) or spreads.shape != (*means.shape, means.shape[1]):
        msg = f"estimates and covariances must be of shape (m, p) and (m, p, p), got {means.shape} and {spreads.shape}"
        raise InputError(msg)
    imputations = means.shape[0]
    within, average = spreads.mean(axis=0), mean_of(means)
    centred = means - average
    between = centred.T @ centred / (imputations - 1) if imputations > 1 else np.zeros_like(within)
    total = within + (1 + 1 / imputations) * between
    # Degrees of freedom of a mean of covariances, from the number of replicates behind each.
    within_df = np.inf
    if replicates is not None:
        within_df = float(imputations**2 / np.sum(1 / (np.broadcast_to(replicates, imputations) - 1)))
    return PooledImputations(average, within, between, total, imputations, complete_df, within_df)


@displayed
@dataclass(frozen=True)
class Resampled(Spread):
    """Bootstrap replicates that stand for the sampling distribution themselves.

    A weighted sum has a percentile interval, no degrees of freedom and no fraction of missing information. The
    probability that it is at least 0 is the share of the replicates in which it is, its Monte Carlo error that of a
    share of independent replicates; half a replicate is added to both sides, so that a share of 0 or 1 has one too.
    """

    mean: Floats  # the estimates
    replicates: Floats  # shape (replicate, parameter)
    averaged: bool = False  # whether the estimates are means of the replicates, and so have their Monte Carlo error

    @property
    def total(self) -> Floats:
        """Covariance of the replicates."""
        return np.atleast_2d(np.cov(self.replicates - self.mean, rowvar=False))

    def values(self, contrast: ArrayLike) -> Floats:
        """Return a weighted sum in each replicate; a value that rounding alone parts from 0 or the estimate is that."""
        return self._values(self._weights(contrast))

    def _values(self, weight: Floats) -> Floats:
        sizes = np.abs(self.replicates) @ np.abs(weight)
        return without_rounding(self.replicates @ weight, sizes, sum_of(weight, self.mean), 0.0)

    def _of(self, weight: Floats, level: float) -> Estimate:
        values = self._values(weight)
        level_of(level)
        low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
        se = float((values - values[0]).std(ddof=1))
        result = Estimate(sum_of(weight, self.mean), se, np.inf, (float(low), float(high)), level)
        return replace(result, monte_carlo_se=se / float(np.sqrt(values.size))) if self.averaged else result

    def _above_zero(self, weight: Floats) -> float:
        return float((self._values(weight) >= 0).mean())

    def _above_zero_error(self, weight: Floats) -> float:
        values = self._values(weight)
        if np.ptp(values) == 0:
            return 0.0
        share = (np.count_nonzero(values >= 0) + 0.5) / (values.size + 1)
        return float(np.sqrt(share * (1 - share) / values.size))


@displayed
@dataclass(frozen=True)
class BootstrapThenImputation(Spread):
    """Estimates from a few imputations of each bootstrap sample, combined by their analysis of variance.

    A weighted sum has a t distribution with the degrees of freedom ν of ``1/ν = 1/ν_s + 1/ν_c``: Satterthwaite's for
    the finite number of samples, at least 3, and those of the complete data. The Monte Carlo error of the probability
    that it is at least 0 is by the delta method, from the analysis of variance: of the mean over bootstrap samples, and
    of its variance. It is 0.5, the most that there is, where samples vary but the variance came out as 0. Bartlett JW,
    Hughes RA. Stat Methods Med Res 2020;29:3533-3546. https://doi.org/10.1177/0962280220932189
    """

    estimates: Floats  # shape (bootstrap sample, imputation, parameter), two or more of each
    # degrees of freedom had nothing been missing; a callable returns them for the weights of a contrast
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
        return (imputations * apart.T @ apart / (samples - 1), inside.T @ inside / (samples * (imputations - 1)))

    @property
    def total(self) -> Floats:
        """Covariance of the mean of all estimates."""
        samples, imputations, _ = self.estimates.shape
        between, within = self._squares()
        result: Floats = (samples + 1) / (samples * imputations) * between - within / imputations
        return result

    def _of(self, weight: Floats, level: float) -> Estimate:
        between, _, variance, noise = self._components(weight)
        of_samples = max(_FEWEST_FREEDOM, variance**2 / noise) if noise > 0 else np.inf
        complete = self.complete_df(weight) if callable(self.complete_df) else self.complete_df
        df = 1 / (1 / of_samples + 1 / complete) if np.isfinite(min(of_samples, complete)) else np.inf
        se = float(np.sqrt(variance))
        value = float(weight @ self.mean) if variance else sum_of(weight, self.mean)
        samples, imputations, _ = self.estimates.shape
        error = float(np.sqrt(max(between, 0.0) / (samples * imputations)))
        return Estimate(value, se, float(df), t_interval(value, se, df, level), level, monte_carlo_se=error)

    def _above_zero_error(self, weight: Floats) -> float:
        between, within, _, noise = self._components(weight)
        estimate = self._of(weight, 0.95)
        if estimate.se == 0:
            return 0.5 if max(between, within) > 0 else 0.0
        return t_above_zero_error(estimate, float(np.sqrt(2 * noise)) / estimate.se**2)

    def _components(self, weight: Floats) -> tuple[float, float, float, float]:
        """Return mean squares between and within samples, the variance of a weighted sum, and half that of this."""
        samples, imputations, _ = self.estimates.shape
        between, within = (variance_of(weight, each) for each in self._squares())
        first, second = (samples + 1) / (samples * imputations) * between, within / imputations
        noise = first**2 / (samples - 1) + second**2 / (samples * (imputations - 1))
        return between, within, max(first - second, 0.0), noise


def differences(arms: int) -> Floats:
    """Return weights of the mean of the first arm, and of the difference of each other arm from it."""
    result = np.eye(arms)
    result[1:, 0] = -1.0
    return result


def smallest_df(spread: Spread, arms: int) -> float:
    """Return the smallest degrees of freedom of a difference from the first arm; infinite for replicates."""
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
    return np.linalg.cholesky(sound) * sd[:, None]


def draw(spread: Spread, basis: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Draw parameters from their t distribution, shape (draw, parameter); the means of the draws are the estimates.

    Rows of `basis` are weighted sums whose distributions are t, each with degrees of freedom of its own; draws of the
    first do not depend on those after it. Normal deviates are whitened, so that correlations carry no Monte Carlo
    error, and stretched by chi-squared deviates that rank alike for all sums: with equal degrees of freedom that is the
    multivariate t. With ν degrees of freedom the variance is ν/(ν − 2) times that of the normal one, and infinite where
    ν is at most 2; percentiles and probabilities are sound.
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
    return spread.mean + deviates @ np.linalg.inv(basis).T
