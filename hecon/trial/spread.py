"""How estimates spread: by Rubin's rules, over bootstrap replicates or imputed bootstrap samples; and draws of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hecon import _aligned, _checks
from hecon.errors import InputError
from hecon.trial.estimate import (
    Estimate,
    Freedom,
    Spread,
    level_of,
    mean_of,
    settled,
    sum_of,
    t_above_zero_error,
    t_interval,
    variance_of,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["BootstrapThenImputation", "PooledImputations", "Resampled", "draw", "pool", "smallest_df"]

# By how much covariances may differ from one another, relative to the product of their standard errors.
_ROUNDING = 1e-6
_FEWEST_FREEDOM = 3.0
# Lets a correlation of exactly 1 have a root.
_JITTER = 1e-12


@dataclass(frozen=True)
class PooledImputations(Spread):
    r"""Estimates pooled over imputations, as arrays over the parameters.

    Parameters
    ----------
    mean : ndarray
        Mean of the estimates.
    within, between, total : ndarray
        Covariances: the mean of those within the imputed sets, that between their estimates, and
        within + (1 + 1/M) between.
    imputations : int
        M.
    complete_df : float or callable
        Degrees of freedom had nothing been missing; a callable returns them for the weights of a contrast.
    names : tuple
        Names of the parameters, where the estimates had any.
    within_df : float
        Degrees of freedom of ``within`` as an estimate, from the number of bootstrap replicates; infinite where it has
        no Monte Carlo error.

    Notes
    -----
    The methods are those of `Spread`. A weighted sum has a t distribution with the degrees of freedom of Barnard and
    Rubin, and a fraction of missing information. The Monte Carlo error of the probability that it is at least 0 is by
    the delta method, with z the estimate in standard errors, f the density of its t distribution and R the degrees of
    freedom of ``within``:

    .. math:: f(z) \sqrt{\frac{B}{M T} + \frac{z^2}{2} \left(\frac{((1 + 1/M) B / T)^2}{M - 1} +
        \frac{(W / T)^2}{R}\right)}
    """

    mean: Floats
    within: Floats
    between: Floats
    total: Floats
    imputations: int
    complete_df: Freedom
    names: tuple[Any, ...] = ()
    within_df: float = np.inf

    def _weights(self, contrast: ArrayLike) -> Floats:
        """Return the weights in the order of the parameters."""
        if self.names:
            contrast = _aligned.by_name("contrast", contrast, self.names, what="parameters")
            contrast = contrast.to_numpy() if hasattr(contrast, "to_numpy") else contrast
        return super()._weights(contrast)

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
    if share**2 == 0:  # too little to square
        return complete
    classic = (imputations - 1) / share**2
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
    r"""Pool the estimates of imputed sets of data by Rubin's rules.

    .. math:: T = \bar W + (1 + 1/M) B

    Parameters
    ----------
    estimates : array_like
        Shape (imputation, parameter); also a table, a DataArray or a list of Series, whose labels count.
    covariances : array_like
        Of the estimates within each imputed set, shape (imputation, parameter, parameter); also a list of tables or a
        DataArray. Labels of imputations and parameters are matched with those of the estimates.
    complete_df : float or callable, default infinite
        Degrees of freedom had nothing been missing, above 0. Where they differ by contrast, as with Welch's, a callable
        that returns them for the array of its weights, one per parameter.
    replicates : array_like of int, optional
        Number of bootstrap replicates behind each covariance, at least 2: one number, or one per imputation. Counts for
        the Monte Carlo error of probabilities alone; by default covariances have no such error.

    Returns
    -------
    PooledImputations
        Means and covariances; its method ``of`` gives any weighted sum with its interval.

    Raises
    ------
    InputError
        If shapes do not fit, labels cannot be matched, a number is masked or not finite, or covariances are none: not
        symmetric, with a negative variance, or larger than the product of their standard errors.

    Notes
    -----
    Intervals use the t distribution with the degrees of freedom of Barnard and Rubin, which never exceed those of the
    complete data. The fraction of missing information takes the factor 1 + 1/M and the degrees of freedom into account.
    With one set of data nothing was imputed, and B is 0.

    References
    ----------
    Rubin DB. Multiple Imputation for Nonresponse in Surveys. Wiley, 1987. https://doi.org/10.1002/9780470316696

    Barnard J, Rubin DB. Small-sample degrees of freedom with multiple imputation. Biometrika 1999;86:948-955.
    https://doi.org/10.1093/biomet/86.4.948

    Examples
    --------
    >>> from hecon.trial.spread import pool
    >>> pooled = pool([[1.0], [1.2], [1.4]], [[[0.04]], [[0.05]], [[0.06]]], complete_df=98)
    >>> found = pooled.of([1.0])
    >>> round(found.value, 3), round(found.se, 3), round(found.df, 1)
    (1.2, 0.321, 6.5)
    """
    estimates, covariances, names = _in_one_order(estimates, covariances)
    means, spreads = _checks.numbers("estimates", estimates), _checks.numbers("covariances", covariances)
    if means.ndim != 2 or spreads.shape != (*means.shape, means.shape[1]) or means.size == 0:  # noqa: PLR2004
        msg = (
            "covariances must have the shape (imputation, parameter, parameter) of estimates, "
            f"got {means.shape} and {spreads.shape}"
        )
        raise InputError(msg)
    if not (np.isfinite(means).all() and np.isfinite(spreads).all()):
        msg = "estimates and covariances must be finite, got NaN or infinite values; leave out what could not be fitted"
        raise InputError(msg)
    _refuse_no_covariance(spreads)
    if not (callable(complete_df) or complete_df > 0):
        msg = f"complete_df must be above 0, got {complete_df}"
        raise InputError(msg)
    imputations = means.shape[0]
    within = spreads.mean(axis=0)
    average = mean_of(means)
    centred = means - average
    between = centred.T @ centred / (imputations - 1) if imputations > 1 else np.zeros_like(within)
    total = within + (1 + 1 / imputations) * between
    complete = complete_df if callable(complete_df) else float(complete_df)
    freedom = _within_freedom(replicates, imputations)
    return PooledImputations(average, within, between, total, imputations, complete, names, freedom)


def _within_freedom(replicates: ArrayLike | None, imputations: int) -> float:
    """Return the degrees of freedom of a mean of covariances, from the number of replicates behind each."""
    if replicates is None:
        return float(np.inf)
    counts = _checks.numbers("replicates", replicates)
    if counts.shape not in {(), (imputations,)} or not (counts >= 2).all():  # noqa: PLR2004 (a covariance takes two)
        msg = f"replicates must be one number of at least 2, or one for each of {imputations} imputations"
        raise InputError(msg)
    return float(imputations**2 / np.sum(1 / (np.broadcast_to(counts, imputations) - 1)))


def _refuse_no_covariance(given: Floats) -> None:
    """Refuse matrices that are not the covariances of anything."""
    variances = np.diagonal(given, axis1=1, axis2=2)
    sizes = np.sqrt(np.maximum(variances, 0))
    most = (1 + _ROUNDING) * sizes[:, :, None] * sizes[:, None, :]
    faults = {
        "no negative variances": (variances < 0)[:, :, None],
        "the same number on both sides of the diagonal": abs(given - given.transpose(0, 2, 1)) > _ROUNDING * most,
        "none larger than the product of their standard errors": abs(given) > most,
    }
    for rule, wrong in faults.items():
        if wrong.any():
            place = int(np.argmax(wrong.any(axis=(1, 2))))
            msg = (
                f"covariances must have {rule}, got others in covariances[{place}]; "
                "pass variances and covariances, no standard errors or correlations"
            )
            raise InputError(msg)


def _in_one_order(estimates: Any, covariances: Any) -> tuple[Any, Any, tuple[Any, ...]]:  # noqa: ANN401
    """Return estimates and covariances in the order of the estimates' labels, and the names of the parameters."""
    both = {"estimates": _stacked("estimates", estimates), "covariances": _stacked("covariances", covariances)}
    names = None
    for what, axes in (("imputations", (0, 0)), ("parameters", (1, 1)), ("parameters", (1, 2))):
        aligned, names = _aligned.together(both, what=what, axis=dict(zip(both, axes, strict=True)))
        both = dict(zip(both, aligned, strict=True))
    return both["estimates"], both["covariances"], () if names is None else tuple(names.tolist())


def _stacked(name: str, values: Any) -> Any:  # noqa: ANN401
    """Return a list of Series or of square tables as one labelled array, with its parameters in the order of the first.

    Anything else is returned as it is.
    """
    if not isinstance(values, (list, tuple)) or not values or not all(hasattr(each, "iloc") for each in values):
        return values
    if len({each.ndim for each in values}) > 1:
        msg = f"{name} must be all Series or all tables, got both"
        raise InputError(msg)
    parts = {f"{name}[{place}]": each for place, each in enumerate(values)}
    labels: list[Any] = []
    for axis in range(values[0].ndim):
        aligned, found = _aligned.together(parts, what="parameters", axis=axis)
        parts = dict(zip(parts, aligned, strict=True))
        labels.append(found)
    arrays = [_checks.numbers(key, each) for key, each in parts.items()]
    if len({each.shape for each in arrays}) > 1:
        msg = f"{name} must be of equal shape, got {' and '.join(sorted({str(each.shape) for each in arrays}))}"
        raise InputError(msg)
    dims = ["imputation", "parameter", "parameter_too"][: len(labels) + 1]
    coords = {dim: each for dim, each in zip(dims[1:], labels, strict=True) if each is not None}
    return xr.DataArray(np.stack(arrays), dims=dims, coords=coords)


@dataclass(frozen=True)
class Resampled(Spread):
    """Bootstrap replicates that stand for the sampling distribution themselves.

    Parameters
    ----------
    mean : ndarray
        The estimates.
    replicates : ndarray
        Shape (replicate, parameter).
    averaged : bool
        Whether the estimates are means of the replicates, and so have their Monte Carlo error.

    Notes
    -----
    The methods are those of `Spread`, and `values`. A weighted sum has a percentile interval, no degrees of freedom and
    no fraction of missing information. The probability that it is at least 0 is the share of the replicates in which it
    is. Its Monte Carlo error is that of a share of independent replicates; half a replicate is added to both sides, so
    that a share of 0 or 1 has one too.
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
        return self._values(self._weights(contrast))

    def _values(self, weight: Floats) -> Floats:
        sizes = np.abs(self.replicates) @ np.abs(weight)
        return settled(self.replicates @ weight, sizes, sum_of(weight, self.mean), 0.0)

    def _of(self, weight: Floats, level: float) -> Estimate:
        values = self._values(weight)
        level_of(level)
        low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
        se = float((values - values[0]).std(ddof=1))
        found = Estimate(sum_of(weight, self.mean), se, np.inf, (float(low), float(high)), level)
        return replace(found, monte_carlo_se=se / float(np.sqrt(values.size))) if self.averaged else found

    def _above_zero(self, weight: Floats) -> float:
        return float((self._values(weight) >= 0).mean())

    def _above_zero_error(self, weight: Floats) -> float:
        values = self._values(weight)
        if np.ptp(values) == 0:
            return 0.0
        share = (np.count_nonzero(values >= 0) + 0.5) / (values.size + 1)
        return float(np.sqrt(share * (1 - share) / values.size))


@dataclass(frozen=True)
class BootstrapThenImputation(Spread):
    """Estimates from a few imputations of each bootstrap sample, combined by their analysis of variance.

    Parameters
    ----------
    estimates : ndarray
        Shape (bootstrap sample, imputation, parameter), two or more of each.
    complete_df : float or callable, default infinite
        Degrees of freedom had nothing been missing; a callable returns them for the weights of a contrast.

    Notes
    -----
    The methods are those of `Spread`. A weighted sum has a t distribution with the degrees of freedom ν of
    ``1/ν = 1/ν_s + 1/ν_c``: Satterthwaite's for the finite number of samples, at least 3, and those of the complete
    data. The Monte Carlo error of the probability that it is at least 0 is by the delta method, from the analysis of
    variance: of the mean over bootstrap samples, and of its variance. It is 0.5, the most that there is, where samples
    vary but the variance came out as 0.

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
