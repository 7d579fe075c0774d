"""Evidence: what the interval of a clinical effect shows, pooling of studies, and foreign amounts in euros."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from hecon import _arrays, _checks
from hecon._display import displayed
from hecon.errors import InputError
from hecon.prices import convert

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hecon._arrays import Floats

__all__ = ["clinical_verdict", "convert", "pool"]

# Verdicts are at the two-sided level of 5%: on both ends of a 95% interval.
_LEVEL = 0.95
_SIDES = ("higher", "lower")

LABELS = (
    "superior",
    "superior, clinically relevant",
    "superior, not clinically relevant",
    "equivalent",
    "non-inferior",
    "non-inferior, statistically worse",
    "inferior",
    "worse",
    "worse, clinically relevant",
    "worse, not clinically relevant",
    "worse, non-inferiority not shown",
    "non-inferiority not shown",
    "no relevant difference",
    "inconclusive",
)


@displayed
@dataclass(frozen=True)
class ClinicalVerdict:
    """What an interval says on a difference, intervention minus comparator.

    Attributes
    ----------
    label : str, one of `LABELS`, as "superior" or "non-inferior, statistically worse"
    estimate : float, as given
    interval : (float, float), 95% interval that was judged, in the outcome's own direction
    derived : bool, whether the interval follows from another one, or from a standard error, under normality
    direction : str, "superior", "worse" or "no difference shown"
    non_inferiority : str or None, "non-inferior", "inferior" or "inconclusive"; None without a margin
    equivalent : bool or None
        Whether the interval lies within the margin of equivalence on both sides; None without one.
    relevance : str or None
        "relevant" where the whole interval is at least the minimal important difference, "not relevant" where all of it
        is less, otherwise "inconclusive"; None without such a difference.
    margin : float or None, non-inferiority margin
    minimal_important_difference : float or None, as given
    """

    label: str
    estimate: float
    interval: tuple[float, float]
    derived: bool
    direction: str
    non_inferiority: str | None = None
    equivalent: bool | None = None
    relevance: str | None = None
    margin: float | None = None
    minimal_important_difference: float | None = None


def clinical_verdict(
    estimate: float,
    *,
    ci: tuple[float, float] | None = None,
    se: float | None = None,
    level: float = _LEVEL,
    better: str = "higher",
    margin: float | None = None,
    equivalence_margin: float | None = None,
    minimal_important_difference: float | None = None,
) -> ClinicalVerdict:
    """Say what the interval of a difference shows.

    Parameters
    ----------
    estimate : float
        Difference, intervention minus comparator, in the outcome's unit.
    ci : (float, float), optional
        Its interval. One end may be infinite: a one-sided interval.
    se : float, optional
        Standard error, above 0, where no interval was reported.
    level : float, default 0.95
        Level of `ci`, in [0.5, 1): 0.975 for a one-sided interval with that level.
    better : {"higher", "lower"}, default "higher"
        Which values of the outcome are better.
    margin : float, optional
        Non-inferiority margin, above 0, in the outcome's unit.
    equivalence_margin : float, optional
        Margin of equivalence, above 0, on both sides. A margin of non-inferiority alone is none.
    minimal_important_difference : float, optional
        Smallest difference that matters to patients, above 0, in the outcome's unit.

    Returns
    -------
    ClinicalVerdict
        At the two-sided level of 5%.

    Raises
    ------
    InputError
        If neither or both of `ci` and `se` are given, the interval does not hold the estimate, or a number is outside
        its bounds.

    Notes
    -----
    A difference is shown where the 95% interval leaves out 0; non-inferiority where its worse end lies within the
    margin; inferiority where its better end lies beyond it. A two-sided 95% interval is judged as printed. From any
    other, and from one side or a standard error, it follows under normality: estimate ± 1.96 SE. An intervention can be
    non-inferior and statistically worse at once: worse, but by less than the margin.

    References
    ----------
    Piaggio et al. 2012 (CONSORT), https://doi.org/10.1001/jama.2012.87802.

    Examples
    --------
    Exercise minus surgery on a scale where higher is better, as ESCAPE printed it for surgery minus exercise (3.6,
    97.5% interval up to 6.5), at its margin of 8:

    >>> from hecon import evidence
    >>> evidence.clinical_verdict(-3.6, ci=(-6.5, float("inf")), level=0.975, margin=8).label
    'non-inferior, statistically worse'
    """
    middle = _checks.finite("estimate", estimate)
    ends, derived = _interval(middle, ci, se, level)
    sign = 1.0 if _checks.one_of("better", better, _SIDES) == "higher" else -1.0
    low, high = sorted(sign * end for end in ends)
    direction = "superior" if low > 0 else "worse" if high < 0 else "no difference shown"
    status = None if margin is None else _non_inferiority(low, high, _checks.positive("margin", margin))
    equivalent = None
    if equivalence_margin is not None:
        reach = _checks.positive("equivalence_margin", equivalence_margin)
        equivalent = -reach < low and high < reach
    least = minimal_important_difference
    relevance = None
    if least is not None:
        relevance = _relevance(low, high, direction, _checks.positive("minimal_important_difference", least))
    return ClinicalVerdict(
        label=_label(direction, status, relevance, equivalent=bool(equivalent)),
        estimate=middle,
        interval=ends,
        derived=derived,
        direction=direction,
        non_inferiority=status,
        equivalent=equivalent,
        relevance=relevance,
        margin=margin,
        minimal_important_difference=least,
    )


def _interval(
    middle: float, ci: tuple[float, float] | None, se: float | None, level: float
) -> tuple[tuple[float, float], bool]:
    """Return the 95% interval, and whether it was derived."""
    if (ci is None) == (se is None):
        msg = f"either ci or se must be given, got {'neither' if ci is None else 'both'}"
        raise InputError(msg)
    share = _checks.level(level)
    z = float(ndtri((1 + _LEVEL) / 2))
    if se is not None:
        half = z * _checks.positive("se", se)
        return _finite(middle - half, middle + half), True
    low, high = _ends(cast("tuple[float, float]", ci))
    if not low <= middle <= high:
        msg = f"ci must hold the estimate {middle:g}, got {low:g} to {high:g}; check signs and the order of the ends"
        raise InputError(msg)
    if math.isfinite(low) and math.isfinite(high):
        if share == _LEVEL:
            return (low, high), False
        # Each side by itself, so that an interval that leaves out 0 at a higher level does so here.
        factor = z / float(ndtri((1 + share) / 2))
        return _finite(middle - factor * (middle - low), middle + factor * (high - middle)), True
    bound = low if math.isfinite(low) else high
    if share <= 0.5:  # noqa: PLR2004 (below, the bound would lie on the other side)
        msg = f"level must be above 0.5 for a one-sided interval, got {level}"
        raise InputError(msg)
    if bound == middle:
        msg = f"ci must have its finite end off the estimate, got both at {middle:g}"
        raise InputError(msg)
    half = z * abs(middle - bound) / float(ndtri(share))
    return _finite(middle - half, middle + half), True


def _finite(low: float, high: float) -> tuple[float, float]:
    if not (math.isfinite(low) and math.isfinite(high)):
        msg = "the interval must be finite, got one beyond the largest number"
        raise InputError(msg)
    return low, high


def _ends(ci: tuple[float, float]) -> tuple[float, float]:
    if isinstance(ci, np.ndarray):
        ci = tuple(ci.tolist())
    ci = _checks.pair("ci", ci, "a pair (low, high)")
    open_ends = [isinstance(end, (float, np.floating)) and math.isinf(end) for end in ci]
    ends = [float(end) if is_open else _checks.finite("ci", end) for end, is_open in zip(ci, open_ends, strict=True)]
    if all(open_ends):
        msg = f"ci must have a finite end, got {ci!r}"
        raise InputError(msg)
    return ends[0], ends[1]


def _non_inferiority(low: float, high: float, margin: float) -> str:
    """Return what an interval that is better upwards says on a margin."""
    if low > -margin:
        return "non-inferior"
    return "inferior" if high < -margin else "inconclusive"


def _relevance(low: float, high: float, direction: str, least: float) -> str:
    near, far = (low, high) if direction == "superior" else (-high, -low)
    if direction == "no difference shown":
        return "not relevant" if -least < low and high < least else "inconclusive"
    return "relevant" if near >= least else "not relevant" if far < least else "inconclusive"


def _label(direction: str, status: str | None, relevance: str | None, *, equivalent: bool) -> str:
    if status == "inferior":
        return "inferior"
    if direction == "no difference shown":
        return _open_label(status, relevance, equivalent=equivalent)
    if direction == "worse" and status is not None:
        return "non-inferior, statistically worse" if status == "non-inferior" else "worse, non-inferiority not shown"
    added = {"relevant": ", clinically relevant", "not relevant": ", not clinically relevant"}.get(relevance or "", "")
    return direction + added


def _open_label(status: str | None, relevance: str | None, *, equivalent: bool) -> str:
    """Return the label where no difference is shown."""
    if equivalent:
        return "equivalent"
    if status == "non-inferior":
        return "non-inferior"
    if relevance == "not relevant":
        return "no relevant difference"
    return "inconclusive" if status is None else "non-inferiority not shown"


METHODS = ("fixed", "DL", "REML")
TESTS = ("normal", "hartung-knapp")

_FEWEST = 2
_GRID = 500
_FLAT = 1e-12
# Standard errors and estimates that differ by more than this leave nothing of each other in double precision.
_FAR = 1e7
_EXTREME = 1e150
_FEWEST_FOR_PREDICTION = 3


@displayed
@dataclass(frozen=True)
class PooledEstimate:
    """A pooled estimate.

    Attributes
    ----------
    estimate : float, in the unit of the studies
    se : float, its standard error
    interval : (float, float), at `level`
    p : float, two-sided, of no effect
    level : float, level of the intervals
    method, test : str, how it was pooled, and how its interval was made
    tau2 : float, variance between studies; 0 with a fixed effect
    q : float, cochran's Q
    q_p : float, p value of Q, of no heterogeneity
    i2 : float, share of the variance that lies between studies, in [0, 1]
    prediction : (float, float) or None
        Interval of the effect in a new study, by the t distribution with k − 2 degrees of freedom; None with a fixed
        effect or fewer than three studies.
    weights : numpy.ndarray, share of each study; they add up to 1
    """

    estimate: float
    se: float
    interval: tuple[float, float]
    p: float
    level: float
    method: str
    test: str
    tau2: float
    q: float
    q_p: float
    i2: float
    prediction: tuple[float, float] | None
    weights: Floats = field(repr=False, compare=False)


def pool(
    estimates: ArrayLike, se: ArrayLike, *, method: str = "REML", test: str = "hartung-knapp", level: float = 0.95
) -> PooledEstimate:
    """Pool the estimates of several studies.

    Parameters
    ----------
    estimates : array_like
        Estimate of each study, on a scale on which they are about normal (log ratios, not ratios).
    se : array_like
        Standard error of each, above 0. Two Series are matched by their labels, in the order of `estimates`.
    method : {"REML", "DL", "fixed"}, default "REML"
        Random effect with the variance between studies by restricted maximum likelihood or by DerSimonian and Laird, or
        one effect for all.
    test : {"hartung-knapp", "normal"}, default "hartung-knapp"
        How the interval is made; with "fixed" it is always the normal one.
    level : float, default 0.95
        Level of the intervals, in [0.5, 1).

    Returns
    -------
    PooledEstimate
        With heterogeneity, weights and, for a random effect in three or more studies, a prediction interval.

    Raises
    ------
    InputError
        If there are fewer than two studies, estimates and standard errors differ in number, or a number is not finite
        or a standard error not above 0.

    Notes
    -----
    Weights are 1/(SE² + τ²). Hartung and Knapp multiply the variance of the pool by q = Σ w (y − μ)²/(k − 1) and take
    the t distribution with k − 1 degrees of freedom. Where studies happen to agree closely q is below 1 and would make
    the pool surer than their own errors do; it is then taken as 1 (the ad hoc correction of Röver et al.). With a
    handful of studies τ² is hardly known, whatever the method.

    References
    ----------
    DerSimonian & Laird 1986, https://doi.org/10.1016/0197-2456(86)90046-2. Viechtbauer 2005,
    https://doi.org/10.3102/10769986030003261 (REML). Hartung & Knapp 2001, https://doi.org/10.1002/sim.1009. Röver,
    Knapp & Friede 2015, https://doi.org/10.1186/s12874-015-0091-1. Higgins, Thompson & Spiegelhalter 2009,
    https://doi.org/10.1111/j.1467-985X.2008.00552.x (prediction).

    Examples
    --------
    >>> from hecon import evidence
    >>> found = evidence.pool([0.1, 0.3, 0.35, 0.65], [0.1, 0.12, 0.15, 0.2], method="DL", test="normal")
    >>> round(found.estimate, 3), round(found.tau2, 3)
    (0.306, 0.023)
    """
    y, errors = _studies(estimates, se)
    _checks.one_of("method", method, METHODS)
    _checks.one_of("test", test, TESTS)
    _checks.level(level)
    # In units of the largest standard error, from the most precise study on: neither scale nor place matters.
    scale, origin = float(errors.max()), float(y[np.argmin(errors)])
    if not 1 / _EXTREME < scale < _EXTREME:
        msg = f"se must lie between {1 / _EXTREME:g} and {_EXTREME:g}, got {scale:g}: choose another unit"
        raise InputError(msg)
    y, variances = (y - origin) / scale, (errors / scale) ** 2
    if not (np.isfinite(y).all() and np.ptp(y) < _FAR and errors.min() / scale > 1 / _FAR):
        msg = f"estimates and se must lie within {_FAR:g} of each other in size, got too wide a range"
        raise InputError(msg)
    q, moments = _heterogeneity(y, variances)
    tau2 = {"fixed": 0.0, "DL": moments}.get(method)
    tau2 = _reml(y, variances) if tau2 is None else tau2
    how = method, "normal" if method == "fixed" else test, level
    return _pooled(y, variances, tau2, q, how=how, place=(origin, scale))


def _studies(estimates: ArrayLike, se: ArrayLike) -> tuple[Floats, Floats]:
    arrays = []
    (estimates, se), _ = _arrays.together({"estimates": estimates, "se": se}, what="studies")
    for name, values in (("estimates", estimates), ("se", se)):
        array = _checks.line(name, values, "a sequence of numbers")
        if array.size < _FEWEST:
            msg = f"{name} must be a one-dimensional sequence of at least {_FEWEST} numbers, got shape {array.shape}"
            raise InputError(msg)
        bad = ~np.isfinite(array) | ((array <= 0) if name == "se" else False)
        _checks.refuse_first(name, array, bad, "be finite and above 0" if name == "se" else "be finite")
        arrays.append(array)
    if arrays[0].size != arrays[1].size:
        msg = f"estimates and se must be equally many, got {arrays[0].size} and {arrays[1].size}"
        raise InputError(msg)
    return arrays[0], arrays[1]


def _heterogeneity(y: Floats, variances: Floats) -> tuple[float, float]:
    """Return Cochran's Q and the variance between studies by the method of moments."""
    weights = 1 / variances
    total = weights.sum()
    q = float((weights * (y - (weights * y).sum() / total) ** 2).sum())
    return q, max(0.0, (q - (y.size - 1)) / float((weights * _rest(weights)).sum() / total))


def _rest(weights: Floats) -> Floats:
    """Return the sum of all other weights for each, without taking it from the total."""
    before = np.append(0.0, np.cumsum(weights)[:-1])
    after = np.append(np.cumsum(weights[::-1])[::-1][1:], 0.0)
    return np.asarray(before + after)


def _reml(y: Floats, variances: Floats) -> float:
    """Return the variance between studies at which the restricted likelihood is highest.

    It may have several peaks, so it is looked at on a grid first.
    """
    highest = float(np.ptp(y)) ** 2 + float(variances.max())
    grid = np.append(0.0, np.geomspace(1e-9 * float(variances.min()), 10 * highest, _GRID))
    against = _against(grid, y, variances)
    peak = int(np.argmin(against))
    # On a flat top the rounding of the likelihood must not make a variance of nothing.
    if against[0] <= against[peak] + _FLAT and _score(0.0, y, variances) <= 0:
        return 0.0
    low, high = float(grid[max(peak - 1, 0)]), float(grid[min(peak + 1, grid.size - 1)])
    if _score(low, y, variances) <= 0 or _score(high, y, variances) >= 0:
        return float(grid[peak])
    return float(brentq(_score, low, high, args=(y, variances), xtol=1e-300, rtol=1e-14))


def _against(tau2: Floats, y: Floats, variances: Floats) -> Floats:
    """Return minus the restricted log-likelihood at each variance, but for a constant."""
    weights = 1 / (variances + tau2[:, None])
    total = weights.sum(axis=1)
    mean = (weights * y).sum(axis=1) / total
    spread = (weights * (y - mean[:, None]) ** 2).sum(axis=1)
    return np.asarray(0.5 * (np.log(total) - np.log(weights).sum(axis=1) + spread))


def _score(tau2: float, y: Floats, variances: Floats) -> float:
    """Return twice the slope of the restricted log-likelihood."""
    weights = 1 / (variances + tau2)
    total = weights.sum()
    mean = (weights * y).sum() / total
    return float((weights**2 * (y - mean) ** 2).sum() - (weights * _rest(weights)).sum() / total)


def _pooled(
    y: Floats, variances: Floats, tau2: float, q: float, *, how: tuple[str, str, float], place: tuple[float, float]
) -> PooledEstimate:
    """Return the pooled estimate, moved and scaled back to its place."""
    (method, test, level), (origin, scale) = how, place
    weights = 1 / (variances + tau2)
    total, k = float(weights.sum()), y.size
    mean = float((weights * y).sum()) / total
    se = math.sqrt(1 / total)
    quantile_level = (1 + level) / 2
    quantile = float(ndtri(quantile_level))
    if test == "hartung-knapp":
        # Studies that happen to agree must not make the pool surer than their own errors do.
        se *= math.sqrt(max(1.0, float((weights * (y - mean) ** 2).sum()) / (k - 1)))
        quantile = float(stdtrit(k - 1, quantile_level))

    def back(reach: float) -> tuple[float, float]:
        return origin + scale * (mean - reach), origin + scale * (mean + reach)

    prediction = None
    if method != "fixed" and k >= _FEWEST_FOR_PREDICTION:
        reach = float(stdtrit(k - 2, quantile_level)) * math.sqrt(tau2 + se**2)
        prediction = back(reach)
    estimate, error = origin + scale * mean, scale * se
    deviate = -abs(estimate) / error
    return PooledEstimate(
        estimate=estimate,
        se=error,
        interval=back(quantile * se),
        p=float(2 * (ndtr(deviate) if test == "normal" else stdtr(k - 1, deviate))),
        level=level,
        method=method,
        test=test,
        tau2=tau2 * scale**2,
        q=q,
        q_p=float(chdtrc(k - 1, q)),
        i2=_share_between(variances, tau2, q, fixed=method == "fixed"),
        prediction=prediction,
        weights=weights / total,
    )


def _share_between(variances: Floats, tau2: float, q: float, *, fixed: bool) -> float:
    k = variances.size
    if fixed:
        return max(0.0, (q - (k - 1)) / q) if q > 0 else 0.0
    weights = 1 / variances
    typical = (k - 1) * float(weights.sum()) / float((weights * _rest(weights)).sum())
    return tau2 / (tau2 + typical)
