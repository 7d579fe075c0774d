"""Draws of a model's parameters from their published means and standard errors."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import xarray as xr
from scipy import special, stats

from hecon import _checks
from hecon._display import displayed
from hecon.errors import InputError, StatisticalWarning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hecon._arrays import Floats


__all__ = ["Distribution", "beta", "dirichlet", "draw", "fixed", "gamma", "lognormal", "normal"]

METHODS = ("random", "latin", "sobol")
# Half the distance between neighbours in scipy's Sobol points, so that none lies at 0.
_HALF_STEP = 2.0**-31
# The smallest and largest probability at which a quantile is taken.
_LOWEST, _HIGHEST = 2.0**-54, 1 - 2.0**-53
# Share of the largest eigenvalue of a correlation matrix below which the smallest counts as none.
_ROUNDING = 1e-10
_PAIR = 2
# Quantiles below this are taken by their logarithm.
_TINY = 1e-100
# Beta distributions of which both shapes are larger are nearly normal: their quantiles are expanded about it.
_NEARLY_NORMAL = 1e6
# Difference in probability by which a quantile is wrong, and halvings of an interval that find it.
_WRONG, _HALVINGS = 1e-7, 80
# Factor by which a standard error above 0 may differ from its mean, so that shapes are numbers that a float holds.
_FARTHEST = 1e50
# A shape below this, and a standard error above so many means, is told: the draws are next to nothing and seldom much.
_LEAST_SHAPE, _MOST_SPREAD = 0.25, 2.0
# Dimensions of scipy's Sobol points.
_SOBOL = 21_201


@displayed
@dataclass(frozen=True)
class Distribution:
    """How uncertain a parameter is: what `beta`, `gamma`, `lognormal`, `normal`, `dirichlet` and `fixed` return.

    Parameters
    ----------
    kind : str
        "beta", "gamma", "lognormal", "normal", "dirichlet" or "fixed".
    mean, se : tuple of float
        Mean and standard error; of a Dirichlet distribution those of each part.
    parts : tuple of str
        Names of the parts of a Dirichlet distribution; else empty.
    shape : tuple of float
        The parameters of the distribution itself: α and β; shape and scale; mean and standard deviation of the
        logarithm; mean and standard deviation; the counts; the value.
    """

    kind: str
    mean: tuple[float, ...]
    se: tuple[float, ...]
    parts: tuple[str, ...] = ()
    shape: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        """Number of uniform numbers that a draw takes."""
        return 0 if self.kind == "fixed" else max(1, len(self.parts))

    def names(self, name: str) -> tuple[str, ...]:
        """Return the names of the parameters that it gives.

        Parameters
        ----------
        name : str
            Name of the parameter, to which those of the parts of a Dirichlet distribution are added.

        Returns
        -------
        tuple of str
            One name, or one for each part.
        """
        return tuple(f"{name}_{part}" for part in self.parts) or (name,)

    def quantiles(self, uniform: Floats) -> Floats:
        """Return draws for uniform numbers.

        Parameters
        ----------
        uniform : numpy.ndarray
            Numbers in (0, 1), shape (draw, width).

        Returns
        -------
        numpy.ndarray
            Shape (draw, parameter).
        """
        if self.kind == "fixed":
            return np.full((len(uniform), 1), self.shape[0])
        if self.kind == "beta":
            return _beta_quantiles((self.shape[0], self.shape[1]), uniform)
        if self.kind == "gamma":
            return cast("Floats", special.gammaincinv(self.shape[0], uniform) * self.shape[1])
        if self.kind == "dirichlet":
            parts = special.gammaincinv(np.array(self.shape), uniform)
            if parts.min() < _TINY:
                logs = _log_gamma_quantiles(np.array(self.shape), uniform)
                parts = np.exp(logs - logs.max(axis=1, keepdims=True))
            return cast("Floats", parts / parts.sum(axis=1, keepdims=True))
        values = self.shape[0] + self.shape[1] * special.ndtri(uniform)
        return cast("Floats", np.exp(values) if self.kind == "lognormal" else values)


def _beta_quantiles(shape: tuple[float, float], uniform: Floats) -> Floats:
    """Return quantiles of a beta distribution; scipy's are wrong for some large shapes, as for 1000 beside 1e8."""
    one, other = shape
    if min(shape) >= _NEARLY_NORMAL:
        return _expanded_beta_quantiles(one, other, uniform)
    found = np.asarray(special.betaincinv(one, other, uniform))
    wrong = np.abs(special.betainc(one, other, found) - uniform) > _WRONG
    wrong &= (found > _TINY) & (found < 1 - np.finfo(float).eps)  # what a float cannot tell apart is right
    if wrong.any():
        low, high = np.zeros(int(wrong.sum())), np.ones(int(wrong.sum()))
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            below = special.betainc(one, other, middle) < uniform[wrong]
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        found[wrong] = (low + high) / 2
    return found


def _expanded_beta_quantiles(one: float, other: float, uniform: Floats) -> Floats:
    """Return quantiles of a beta distribution of large shapes by the expansion of Cornish and Fisher."""
    total = one + other
    spread = (one / total * (other / total) / (total + 1)) ** 0.5
    skewness = 2 * (other / one**0.5 / other**0.5 - one / one**0.5 / other**0.5) * (total + 1) ** 0.5 / (total + 2)
    kurtosis = 6 * ((one / other - 2 + other / one) * (total + 1) / (total + 2) - 1) / (total + 3)
    z = special.ndtri(uniform)
    bent = z + skewness * (z**2 - 1) / 6 + kurtosis * (z**3 - 3 * z) / 24 - skewness**2 * (2 * z**3 - 5 * z) / 36
    return cast("Floats", one / total + spread * bent)


def _log_gamma_quantiles(shape: Floats, uniform: Floats) -> Floats:
    """Return logarithms of quantiles of gamma distributions, also of those that a float cannot hold."""
    found = special.gammaincinv(shape, uniform)
    with np.errstate(divide="ignore"):
        # The first term of the series of the incomplete gamma function; the next is smaller by the quantile itself.
        first = (np.log(uniform) + special.gammaln(shape + 1)) / shape
        return cast("Floats", np.where(found < _TINY, first, np.log(found)))


def _doubt(kind: str, mean: float, se: float, shape: str) -> None:
    """Warn that a standard error looks like the standard deviation of patients."""
    warnings.warn(
        f"{kind} with mean {mean:.6g} and se {se:.6g} has {shape}: is that the standard deviation of patients? If so, "
        "divide it by the root of their number; if not, say so by warnings.filterwarnings",
        StatisticalWarning,
        stacklevel=3,
    )


def _moments(kind: str, mean: float, se: float, *, above: bool) -> tuple[float, float]:
    """Return mean and standard error, checked; `above` where the mean must be above 0."""
    centre = _checks.finite(f"mean of {kind}", mean)
    spread = _checks.finite(f"se of {kind}", se)
    if above and centre <= 0:
        msg = f"mean of {kind} must be above 0, got {mean!r}; use parameters.normal for what may be negative"
        raise InputError(msg)
    if spread <= 0:
        msg = f"se of {kind} must be above 0, got {se!r}; use parameters.fixed({mean!r}) for what is known"
        raise InputError(msg)
    for name, size in (("mean", abs(centre)), ("se", spread)):
        _checks.within_range(f"{name} of {kind}", size)
    if kind != "normal" and not 1 / _FARTHEST <= spread / abs(centre or 1.0) <= _FARTHEST:
        msg = f"se of {kind} must lie within a factor of {_FARTHEST:g} of its mean, got {se!r} for mean {mean!r}"
        raise InputError(msg)
    return centre, spread


def beta(mean: float, se: float) -> Distribution:
    r"""Return a beta distribution, for a probability, a share or a utility that cannot fall below 0.

    .. math:: \alpha = m \left( \frac{m (1 - m)}{s^2} - 1 \right), \qquad \beta = \alpha \frac{1 - m}{m}

    Parameters
    ----------
    mean : float
        Mean m, in (0, 1).
    se : float
        Standard error s, above 0 and below :math:`\sqrt{m (1 - m)}`.

    Returns
    -------
    Distribution
        For `draw`.

    Raises
    ------
    InputError
        If no beta distribution has this mean and standard error.

    Warns
    -----
    StatisticalWarning
        If :math:`\alpha` or :math:`\beta` is below 0.25, or both are below 1.

    Notes
    -----
    With :math:`\alpha` or :math:`\beta` below 1 the density is highest at 0 or 1: a sign that the standard error is
    that of patients and not of their mean.

    References
    ----------
    Briggs A, Claxton K, Sculpher M. Decision modelling for health economic evaluation. Oxford University Press, 2006,
    chapter 4.

    Examples
    --------
    >>> import hecon
    >>> [round(value, 6) for value in hecon.parameters.beta(0.2, 0.04).shape]
    [19.8, 79.2]
    """
    centre, spread = _moments("beta", mean, se, above=False)
    if not 0 < centre < 1:
        msg = f"mean of beta must lie between 0 and 1, got {mean!r}; use parameters.normal or parameters.gamma"
        raise InputError(msg)
    most = centre * (1 - centre)
    if spread**2 >= most:
        msg = (
            f"se of beta must be below sqrt(mean (1 - mean)) = {most**0.5:.6g} for mean {mean!r}, got {se!r}; "
            "divide a standard deviation of patients by the root of their number"
        )
        raise InputError(msg)
    total = most / spread**2 - 1
    shape = (centre * total, (1 - centre) * total)
    if max(shape) < 1 or min(shape) < _LEAST_SHAPE:
        ends = "0 or 1" if max(shape) < 1 else f"{round(centre)}"
        _doubt("beta", centre, spread, f"most of its draws near {ends}")
    return Distribution("beta", (centre,), (spread,), shape=shape)


def gamma(mean: float, se: float) -> Distribution:
    r"""Return a gamma distribution, for a cost, a number of events or a loss of utility.

    .. math:: \mathrm{shape} = (m / s)^2, \qquad \mathrm{scale} = s^2 / m

    Parameters
    ----------
    mean, se : float
        Mean m and standard error s, above 0.

    Returns
    -------
    Distribution
        For `draw`.

    Raises
    ------
    InputError
        If the mean or the standard error is not above 0.

    Warns
    -----
    StatisticalWarning
        If the standard error is more than twice the mean.

    References
    ----------
    Briggs A, Claxton K, Sculpher M. Decision modelling for health economic evaluation. Oxford University Press, 2006,
    chapter 4.

    Examples
    --------
    >>> import hecon
    >>> hecon.parameters.gamma(2000, 500).shape
    (16.0, 125.0)
    """
    centre, spread = _moments("gamma", mean, se, above=True)
    if spread > _MOST_SPREAD * centre:
        _doubt("gamma", centre, spread, "most of its draws near 0")
    return Distribution("gamma", (centre,), (spread,), shape=((centre / spread) ** 2, spread**2 / centre))


def lognormal(mean: float, se: float) -> Distribution:
    r"""Return a log-normal distribution, for a ratio or a skewed cost, by its mean on the natural scale.

    .. math:: \sigma^2 = \ln(1 + s^2 / m^2), \qquad \mu = \ln m - \sigma^2 / 2

    Parameters
    ----------
    mean, se : float
        Mean m and standard error s of the parameter itself, not of its logarithm; above 0.

    Returns
    -------
    Distribution
        For `draw`.

    Raises
    ------
    InputError
        If the mean or the standard error is not above 0.

    Warns
    -----
    StatisticalWarning
        If the standard error is more than twice the mean.

    Notes
    -----
    A relative risk with a confidence interval is better drawn as its logarithm by `normal`, whose standard error is
    the width of the interval of the logarithm divided by 3.92; the model then takes ``numpy.exp`` of it.

    References
    ----------
    Briggs A, Claxton K, Sculpher M. Decision modelling for health economic evaluation. Oxford University Press, 2006,
    chapter 4.

    Examples
    --------
    >>> import hecon
    >>> [round(value, 4) for value in hecon.parameters.lognormal(0.8, 0.1).shape]
    [-0.2309, 0.1245]
    """
    centre, spread = _moments("lognormal", mean, se, above=True)
    if spread > _MOST_SPREAD * centre:
        _doubt("lognormal", centre, spread, "most of its draws far below its mean")
    variance = float(np.log1p((spread / centre) ** 2))
    shape = (float(np.log(centre)) - variance / 2, variance**0.5)
    return Distribution("lognormal", (centre,), (spread,), shape=shape)


def normal(mean: float, se: float) -> Distribution:
    """Return a normal distribution, for a difference or the logarithm of a ratio.

    Parameters
    ----------
    mean : float
        Mean.
    se : float
        Standard error, above 0.

    Returns
    -------
    Distribution
        For `draw`.

    Raises
    ------
    InputError
        If a number is not finite, or the standard error is not above 0.

    Examples
    --------
    >>> import hecon
    >>> hecon.parameters.normal(-0.22, 0.12).shape
    (-0.22, 0.12)
    """
    centre, spread = _moments("normal", mean, se, above=False)
    return Distribution("normal", (centre,), (spread,), shape=(centre, spread))


def dirichlet(counts: Mapping[str, float]) -> Distribution:
    r"""Return a Dirichlet distribution, for shares that add up to 1, as the transitions out of a state.

    .. math:: E[p_i] = a_i / a, \qquad \mathrm{SE}(p_i) = \sqrt{\frac{a_i (a - a_i)}{a^2 (a + 1)}}, \quad a = \sum_i a_i

    Parameters
    ----------
    counts : mapping of str to float
        Patients a of each part, above 0, at least two parts. For means with a number of patients n: n times the mean.

    Returns
    -------
    Distribution
        For `draw`, which calls the share of a part ``NAME_PART``.

    Raises
    ------
    InputError
        If there are fewer than two parts, or a count is not above 0.

    References
    ----------
    Briggs AH, Ades AE, Price MJ. Probabilistic sensitivity analysis for decision trees with multiple branches: use of
    the Dirichlet distribution in a Bayesian framework. Med Decis Making 2003;23:341-350.
    https://doi.org/10.1177/0272989X03255922

    Examples
    --------
    >>> import hecon
    >>> hecon.parameters.dirichlet({"mild": 30, "severe": 10}).mean
    (0.75, 0.25)
    """
    if not hasattr(counts, "items") or len(counts) < _PAIR:
        msg = f"counts of dirichlet must map the names of two or more parts to counts, got {_checks.shown(counts)}"
        raise InputError(msg)
    parts = _checks.unique_names("parts of dirichlet", list(counts))
    for part, value in counts.items():
        if _checks.finite(f"count of {part!r}", value) <= 0:
            msg = f"count of {part!r} must be above 0, got {value!r}; leave out a part that cannot happen"
            raise InputError(msg)
        _checks.within_range(f"count of {part!r}", float(value))
    shape = np.array([float(value) for value in counts.values()])
    mean = shape / shape.sum()
    se = np.sqrt(mean * (1 - mean) / (shape.sum() + 1))
    return Distribution("dirichlet", tuple(mean.tolist()), tuple(se.tolist()), tuple(parts), tuple(shape.tolist()))


def fixed(value: float) -> Distribution:
    """Return a value that does not vary, as a tariff.

    Parameters
    ----------
    value : float
        The value.

    Returns
    -------
    Distribution
        For `draw`.

    Raises
    ------
    InputError
        If it is not a finite number.

    Examples
    --------
    >>> import hecon
    >>> hecon.parameters.fixed(36).mean
    (36.0,)
    """
    number = _checks.finite("value of fixed", value)
    return Distribution("fixed", (number,), (0.0,), shape=(number,))


def draw(
    distributions: Mapping[str, Distribution],
    *,
    n: int,
    method: str = "random",
    correlation: Mapping[tuple[str, str], float] | None = None,
    rng: int | np.random.Generator | None = None,
) -> xr.Dataset:
    r"""Draw the parameters of a model jointly.

    Parameters
    ----------
    distributions : mapping of str to Distribution
        The distribution of each parameter, by its name.
    n : int
        Number of draws, at least 2; with "sobol" a power of 2.
    method : {"random", "latin", "sobol"}, default "random"
        Independent draws; a Latin hypercube, which has one draw in each n-th of every parameter's distribution; or
        scrambled Sobol points, which fill the space evenly as well. The last two estimate a mean with less error, and
        an error that ``sd / sqrt(n)`` overstates.
    correlation : mapping of (str, str) to float, optional
        Rank correlation (Spearman's) of pairs of parameters, in (-1, 1). Pairs that are not named have 0, and what
        is in no pair stays as it is drawn. Not for fixed values or parts of a Dirichlet distribution.
    rng : int, numpy.random.Generator or None
        Seed or generator.

    Returns
    -------
    xarray.Dataset
        A variable for each parameter over the dim ``draw``, which has a coordinate that counts from 0, in the order of
        `distributions`; the parts of a Dirichlet distribution as ``NAME_PART``. ``attrs["rank_correlation"]`` has
        the rank correlations that were asked and those that the draws have.

    Raises
    ------
    InputError
        If something is no distribution, names coincide, `n` does not suit the method, no distribution has such
        rank correlations, or all draws of what is not fixed are one number.

    Notes
    -----
    Rank correlation is induced by Iman and Conover's method: each parameter's draws are put in another order, so that
    its own distribution does not change. The normal scores of the draws get the correlation :math:`2 \sin(\pi r / 6)`,
    which for a rank correlation r is that of a bivariate normal distribution; sorting costs Sobol points some of their
    evenness in several dimensions. A rank correlation says nothing of how parameters hang together in the tails.

    References
    ----------
    Iman RL, Conover WJ. A distribution-free approach to inducing rank correlation among input variables. Commun Stat
    Simul Comput 1982;11:311-334. https://doi.org/10.1080/03610918208812265

    McKay MD, Beckman RJ, Conover WJ. A comparison of three methods for selecting values of input variables in the
    analysis of output from a computer code. Technometrics 1979;21:239-245.
    https://doi.org/10.1080/00401706.1979.10489755

    Examples
    --------
    A model in ten lines; both strategies see the same draws:

    >>> import hecon, xarray
    >>> from hecon.parameters import beta, draw, fixed, gamma, lognormal
    >>> known = {
    ...     "event": beta(0.20, 0.03),
    ...     "ratio": lognormal(0.8, 0.1),
    ...     "care": gamma(9000, 1500),
    ...     "loss": beta(0.3, 0.05),
    ...     "price": fixed(900),
    ... }
    >>> p = draw(known, n=1024, method="sobol", correlation={("care", "loss"): 0.4}, rng=1)
    >>> new = p["event"] * p["ratio"]
    >>> cost = xarray.Dataset({"usual": p["event"] * p["care"], "new": new * p["care"] + p["price"]})
    >>> effect = xarray.Dataset({"usual": -p["event"] * p["loss"], "new": -new * p["loss"]})
    >>> draws = hecon.from_arrays(cost.to_array("strategy"), effect.to_array("strategy"), strategies=["usual", "new"])
    >>> hecon.evpi(draws, wtp=50_000).round().values.tolist()
    [178.0]
    """
    named = _checked(distributions)
    _checks.one_of("method", method, METHODS)
    count = _checks.count("n", n, at_least=2)
    if method == "sobol" and count & (count - 1):
        lower = 1 << (count.bit_length() - 1)
        msg = f"n must be a power of 2 for method 'sobol', got {n!r}; use {lower} or {2 * lower}"
        raise InputError(msg)
    pairs = _pairs(correlation, named)
    width = sum(each.width for each in named.values())
    if method == "sobol" and width > _SOBOL:
        msg = f"method 'sobol' is for at most {_SOBOL} parameters, got {width}; use 'latin'"
        raise InputError(msg)
    uniform = _uniform(count, width, method, _checks.generator(rng))
    ends = np.cumsum([0, *(each.width for each in named.values())])
    places = {name: int(start) for name, start in zip(named, ends, strict=False)}
    reached = _correlate(uniform, pairs, places) if pairs else []
    variables: dict[str, Any] = {}
    for (name, each), start in zip(named.items(), ends, strict=False):
        values = each.quantiles(uniform[:, start : start + each.width])
        for place, full in enumerate(each.names(name)):
            if each.kind != "fixed" and np.ptp(values[:, place]) == 0:
                msg = (
                    f"{full!r} must vary over the draws, got {float(values[0, place]):g} in all {count} for mean "
                    f"{each.mean[place]:g} and se {each.se[place]:g}; check the standard error, or use parameters.fixed"
                )
                raise InputError(msg)
            about = {"distribution": each.kind, "mean": each.mean[place], "se": each.se[place]}
            variables[full] = ("draw", values[:, place], about)
    return xr.Dataset(variables, {"draw": np.arange(count)}, {"method": method, "rank_correlation": reached})


def _checked(distributions: Mapping[str, Distribution]) -> dict[str, Distribution]:
    """Return the distributions by name, if they are such and no two parameters have one name."""
    if not hasattr(distributions, "items") or not len(distributions):
        msg = f"distributions must map names of parameters to distributions, got {_checks.shown(distributions)}"
        raise InputError(msg)
    names = _checks.unique_names("distributions", list(distributions))
    for name in names:
        remedy = "use parameters.beta, gamma, lognormal, normal, dirichlet or fixed"
        _checks.instance(f"distributions[{name!r}]", distributions[name], "Distribution", remedy)
    _checks.unique_names("parameters", chain.from_iterable(each.names(name) for name, each in distributions.items()))
    if "draw" in chain.from_iterable(each.names(name) for name, each in distributions.items()):
        msg = "parameters must not be called 'draw', which is the dim of the draws; rename it"
        raise InputError(msg)
    return dict(distributions)


def _uniform(n: int, width: int, method: str, rng: np.random.Generator) -> Floats:
    """Return uniform numbers strictly between 0 and 1, shape (n, width)."""
    if width == 0:
        return np.empty((n, 0))
    if method == "sobol":
        points = stats.qmc.Sobol(width, seed=rng).random(n) + _HALF_STEP
    elif method == "latin":
        points = stats.qmc.LatinHypercube(width, seed=rng).random(n)
    else:
        points = rng.random((n, width))
    return np.clip(np.asarray(points, dtype=np.float64), _LOWEST, _HIGHEST)


def _pairs(
    correlation: Mapping[tuple[str, str], float] | None, named: Mapping[str, Distribution]
) -> dict[tuple[str, str], float]:
    """Return the rank correlations by pair."""
    if correlation is None:
        return {}
    if not hasattr(correlation, "items"):
        msg = f"correlation must map pairs of names to rank correlations, got {_checks.shown(correlation)}"
        raise InputError(msg)
    allowed = [name for name, each in named.items() if each.width == 1]
    found: dict[tuple[str, str], float] = {}
    for pair, value in correlation.items():
        if not isinstance(pair, tuple) or len(pair) != _PAIR or pair[0] == pair[1]:
            msg = f"correlation must have pairs of different names as keys, as in ('cost', 'loss'), got {pair!r}"
            raise InputError(msg)
        for name in pair:
            if name in named and name not in allowed:
                msg = (
                    f"correlation must be of parameters that vary one by one, got {name!r}, which is {named[name].kind}"
                )
                raise InputError(msg)
            _checks.one_of("correlation", name, allowed)
        if pair[::-1] in found:
            msg = f"correlation must name each pair once, got {pair!r} in both orders; leave out one"
            raise InputError(msg)
        if not -1 < _checks.finite(f"correlation of {pair[0]!r} and {pair[1]!r}", value) < 1:
            msg = (
                f"correlation of {pair[0]!r} and {pair[1]!r} must lie between -1 and 1, got {value!r}; "
                "where they move as one, compute one from the other in the model"
            )
            raise InputError(msg)
        found[pair] = float(value)
    return found


def _correlate(
    uniform: Floats, pairs: Mapping[tuple[str, str], float], places: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Reorder columns of `uniform` in place to the rank correlations; return what was asked and reached."""
    names = list(dict.fromkeys(chain.from_iterable(pairs)))
    if len(uniform) <= len(names) + 1:
        msg = f"n must be above {len(names) + 1} to correlate {len(names)} parameters, got {len(uniform)}; draw more"
        raise InputError(msg)
    target = np.eye(len(names))
    for (one, other), value in pairs.items():
        i, j = names.index(one), names.index(other)
        target[i, j] = target[j, i] = 2 * np.sin(np.pi * value / 6)
    eigenvalues = np.linalg.eigvalsh(target)
    if eigenvalues[0] <= _ROUNDING * eigenvalues[-1]:
        msg = (
            f"correlation must be one that all pairs can have at once (a positive definite matrix), got a smallest "
            f"eigenvalue of {eigenvalues[0]:.3g} for {', '.join(names)}; state the pairs that are not named, which "
            "count as 0, or bring the others nearer to 0"
        )
        raise InputError(msg)
    columns = [places[name] for name in names]
    scores = special.ndtri(uniform[:, columns])
    scores = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    own = np.linalg.cholesky(scores.T @ scores / len(scores))
    wanted = scores @ np.linalg.solve(own.T, np.linalg.cholesky(target).T)
    for place, column in enumerate(columns):
        ranks = np.argsort(np.argsort(wanted[:, place]))
        uniform[:, column] = np.sort(uniform[:, column])[ranks]
    ranks = np.argsort(np.argsort(uniform[:, columns], axis=0), axis=0)
    found = np.atleast_2d(np.corrcoef(ranks, rowvar=False))
    return [
        {"parameters": [*pair], "asked": value, "reached": float(found[names.index(pair[0]), names.index(pair[1])])}
        for pair, value in pairs.items()
    ]
