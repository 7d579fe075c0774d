"""Rubin's rules: one estimate and its covariance from those of several imputed sets of data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hecon import _aligned, _checks
from hecon.errors import InputError
from hecon.trial._freedom import cdf, density, quantile
from hecon.trial._sums import mean_of, sum_of, variance_of, weights_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


__all__ = ["Estimate", "Freedom", "Pooled", "pool"]

Floats = NDArray[np.float64]
# Degrees of freedom, or what returns them for the weights of a contrast.
Freedom = float | Callable[[Floats], float]

# By how much covariances may differ from one another, relative to the product of their standard errors.
_ROUNDING = 1e-6


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


@dataclass(frozen=True)
class Pooled:
    """Estimates pooled over imputations, as arrays over the parameters.

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
    """

    mean: Floats
    within: Floats
    between: Floats
    total: Floats
    imputations: int
    complete_df: Freedom
    names: tuple[Any, ...] = ()
    within_df: float = np.inf

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
            With the degrees of freedom of Barnard and Rubin and the fraction of missing information.

        Raises
        ------
        InputError
            If there is not one weight per parameter, or names differ.
        """
        weight = self._weights(contrast)
        within, between, total = (variance_of(weight, each) for each in (self.within, self.between, self.total))
        value = float(weight @ self.mean) if total else sum_of(weight, self.mean)
        se = float(np.sqrt(total))
        complete = self.complete_df(weight) if callable(self.complete_df) else self.complete_df
        df = _freedom(within, between, self.imputations, complete)
        fmi = _missing_information(within, between, self.imputations, df)
        noise = float(np.sqrt(between / self.imputations))
        return Estimate(value, se, df, t_interval(value, se, df, level), level, fmi, noise)

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
        r"""Return the Monte Carlo standard error of the probability that `above_zero` returns.

        Parameters
        ----------
        contrast : array_like
            One weight per parameter.

        Returns
        -------
        float
            At least 0; 0 where the sum does not vary.

        Notes
        -----
        By the delta method, with z the estimate in standard errors, f the density of its t distribution and R the
        degrees of freedom of the within-covariance:

        .. math:: f(z) \sqrt{\frac{B}{M T} + \frac{z^2}{2} \left(\frac{((1 + 1/M) B / T)^2}{M - 1} +
            \frac{(W / T)^2}{R}\right)}

        What another seed would change, and nothing else: the error that more imputations and replicates take away.
        """
        estimate = self.of(contrast)
        if estimate.se == 0:
            return 0.0
        weight, sets = self._weights(contrast), self.imputations
        within, between = (variance_of(weight, each) / estimate.se**2 for each in (self.within, self.between))
        variance = 2 * ((1 + 1 / sets) * between) ** 2 / max(1, sets - 1) + 2 * within**2 / self.within_df
        return t_above_zero_error(estimate, float(np.sqrt(variance)))

    def _weights(self, contrast: ArrayLike) -> Floats:
        """Return the weights in the order of the parameters."""
        if self.names:
            contrast = _aligned.by_name("contrast", contrast, self.names, what="parameters")
            contrast = contrast.to_numpy() if hasattr(contrast, "to_numpy") else contrast
        return weights_of(contrast, self.mean.size)


def t_above_zero(estimate: Estimate) -> float:
    """Return the probability that a number is at least 0, by its t distribution; 0 or 1 without uncertainty."""
    if estimate.se == 0:
        return float(estimate.value >= 0)
    return cdf(estimate.value / estimate.se, estimate.df)


def t_above_zero_error(estimate: Estimate, variance_error: float) -> float:
    """Return the Monte Carlo standard error of `t_above_zero`.

    Parameters
    ----------
    estimate : Estimate
        With a standard error above 0, and the Monte Carlo standard error of its value.
    variance_error : float
        Relative Monte Carlo standard error of its variance.
    """
    z = estimate.value / estimate.se
    of_z = np.hypot(estimate.monte_carlo_se / estimate.se, z * variance_error / 2)
    return float(density(z, estimate.df) * of_z)


def level_of(level: float) -> float:
    """Return the level of an interval, if it is a probability between 0 and 1."""
    if not 0 < _checks.finite("level", level) < 1:
        msg = f"level must lie between 0 and 1, got {level}: write 0.95 for 95%"
        raise InputError(msg)
    return level


def t_interval(value: float, se: float, df: float, level: float) -> tuple[float, float]:
    """Return the interval of a number by its t distribution."""
    reach = quantile((1 + level_of(level)) / 2, df)
    half = reach * se if se > 0 else 0.0
    return value - half, value + half


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
) -> Pooled:
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
    Pooled
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
    >>> from hecon import trial
    >>> pooled = trial.pool([[1.0], [1.2], [1.4]], [[[0.04]], [[0.05]], [[0.06]]], complete_df=98)
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
    return Pooled(average, within, between, total, imputations, complete, names, freedom)


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
