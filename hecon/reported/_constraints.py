"""The constraints that published statistics place on θ, each a quotient m/s of means, variances and correlation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, owens_t

Vector = NDArray[np.float64]

PARAMETERS = ("delta_cost", "delta_effect", "cost_se", "effect_se", "correlation")
DC, DE, SC, SE, RHO = range(5)
# Quadrants of the cost-effectiveness plane: north is dearer, east is more effective.
SIGNS = {"NE": (1.0, 1.0), "SE": (-1.0, 1.0), "SW": (-1.0, -1.0), "NW": (1.0, -1.0)}

_ZERO = np.zeros(5)
_TINY = 1e-40
# Weight of a step towards a side without room for rounding, relative to the other side.
_NO_ROOM = 1e-6
_EDGE = 1.0 - 1e-12
# Below this probability the difference of Owen's functions has lost its digits.
_TAIL = 1e-10


@dataclass(frozen=True)
class Constraint:
    """Which constraint a statistic places: the key by which statuses, checks and words are joined to it.

    Attributes
    ----------
    kind : str
        "difference", "difference_of_arm_means", "standard_error", "standard_error_from_SD_and_n", "interval_width",
        "standard_errors_of_arms", "intervals_of_arms",
        "one-sided_interval", "p_value", "icer", "correlation", "p_cost_effective", "p_effect_above" or "p_quadrant".
    outcome : str, "cost", "effect" or "net_benefit"; empty where the constraint is on both
    at : str, willingness to pay, threshold of effect or quadrant, as given; empty for other kinds
    """

    kind: str
    outcome: str = ""
    at: str = ""

    def __str__(self) -> str:
        """Return the English name, for messages and files."""
        if self.outcome:
            name = f"{self.outcome} {self.kind}".replace("_", " ")
            return f"{name} at {self.at}" if self.at else name
        return f"{AT[self.kind]} {self.at}" if self.at else self.kind


# English names of the statistics that are printed at a place.
AT = {
    "p_cost_effective": "p_cost_effective at",
    "p_effect_above": "probability of an effect above",
    "p_quadrant": "quadrant_shares of",
}


@dataclass(frozen=True)
class Band:
    """One statistic: what it is, where it was taken, its printed value and what rounding leaves.

    `target` is None for an inequality (p < 0.001, or a probability printed as 0.00 or 1.00): it only bounds.
    """

    key: Constraint
    kind: str
    at: float
    target: float | None
    low: float
    high: float

    @property
    def name(self) -> str:
        """English name of the statistic."""
        return str(self.key)

    @property
    def is_probability(self) -> bool:
        """Whether the statistic is a probability, Φ of the quotient."""
        return self.kind.startswith("p_")

    @property
    def half_step(self) -> float:
        """The unit of the residual."""
        if self.target is not None:
            return max(self.high - self.target, self.target - self.low)
        ends = [abs(end) for end in (self.low, self.high) if math.isfinite(end)]
        return 0.5 * (self.high - self.low) if len(ends) == 2 else 0.01 * ends[0]  # noqa: PLR2004

    def unit(self, deviation: float) -> float:
        """Return the unit of a residual by its sign, as intervals of p values and of "-0.00" are asymmetric."""
        if self.target is None:
            return self.half_step
        side = self.high - self.target if deviation > 0 else self.target - self.low
        return max(side, _NO_ROOM * self.half_step)


def _unit(index: int, value: float = 1.0) -> Vector:
    vector = _ZERO.copy()
    vector[index] = value
    return vector


def net_benefit_se(theta: Vector, wtp: float) -> tuple[float, Vector]:
    """Return the standard error of incremental net benefit at `wtp`, and its gradient."""
    sc, se, rho = theta[SC], theta[SE], theta[RHO]
    weighted = wtp * se
    variance = max(weighted**2 + sc**2 - 2.0 * rho * weighted * sc, 0.0)
    root = max(float(np.sqrt(variance)), _TINY)
    gradient = np.array(
        [0.0, 0.0, (sc - rho * weighted) / root, wtp * (weighted - rho * sc) / root, -weighted * sc / root]
    )
    return root, gradient


def _absolute(theta: Vector, index: int) -> tuple[float, Vector]:
    sign = -1.0 if theta[index] < 0 else 1.0
    return sign * theta[index], _unit(index, sign)


def both_below(h: float, k: float, rho: float) -> float:
    """Return P(X ≤ h, Y ≤ k) of standard normal X and Y with correlation ρ, by Owen's T function."""
    root = math.sqrt((1.0 - rho) * (1.0 + rho))
    if h == 0.0 and k == 0.0:
        return 0.25 + math.asin(rho) / (2.0 * math.pi)
    # By their quotient: a product of either with rho or root loses all digits near the smallest number there is.
    slopes = [
        (other / own - rho) / root if own != 0.0 else math.copysign(math.inf, other) for own, other in ((h, k), (k, h))
    ]
    apart = 0.5 if (h < 0.0) != (k < 0.0) else 0.0
    sides = 0.5 * float(ndtr(h) + ndtr(k))
    return sides - float(owens_t(h, slopes[0])) - float(owens_t(k, slopes[1])) - apart


def _distance(h: float, k: float, rho: float) -> tuple[float, float, float, float]:
    """Return minus the distance from the mean to the quadrant, a score for its tail, and the slopes in h, k and ρ."""
    if k >= rho * h:
        return h, 1.0, 0.0, 0.0
    if h >= rho * k:
        return k, 0.0, 1.0, 0.0
    rest = (1.0 - rho) * (1.0 + rho)
    square = max((h**2 - 2.0 * rho * h * k + k**2) / rest, 1e-300)
    size = math.sqrt(square)
    in_rho = (-h * k + rho * square) / rest
    return -size, -(h - rho * k) / rest / size, -(k - rho * h) / rest / size, -in_rho / size


def quadrant_score(theta: Vector, quadrant: str) -> tuple[float, Vector]:
    """Return Φ⁻¹ of the probability of a quadrant at θ = (μ_C, μ_E, σ_C, σ_E, ρ), and its gradient."""
    north, east = SIGNS[quadrant]
    z_cost, z_effect = theta[DC] / theta[SC], theta[DE] / theta[SE]
    h, k = float(north * z_cost), float(east * z_effect)
    rho = float(np.clip(north * east * theta[RHO], -_EDGE, _EDGE))
    chance = both_below(h, k, rho)
    if _TAIL < chance < 1.0 - _TAIL:
        result = float(ndtri(chance))
        root = math.sqrt((1.0 - rho) * (1.0 + rho))
        density = math.exp(-0.5 * result**2)
        exponent = (h**2 - 2.0 * rho * h * k + k**2) / (2.0 * root**2)
        in_h = math.exp(-0.5 * h**2) * float(ndtr((k - rho * h) / root)) / density
        in_k = math.exp(-0.5 * k**2) * float(ndtr((h - rho * k) / root)) / density
        in_rho = math.exp(-exponent) / (math.sqrt(2.0 * math.pi) * root * density)
    elif chance <= _TAIL:
        result, in_h, in_k, in_rho = _distance(h, k, rho)
    else:
        # All but certain: the nearer of the two edges decides.
        result, in_h, in_k, in_rho = (h, 1.0, 0.0, 0.0) if h < k else (k, 0.0, 1.0, 0.0)
    gradient = np.array(
        [
            in_h * north / theta[SC],
            in_k * east / theta[SE],
            -in_h * h / theta[SC],
            -in_k * k / theta[SE],
            in_rho * north * east,
        ]
    )
    return result, gradient


def parts(theta: Vector, kind: str, at: float) -> tuple[float, Vector, float, Vector]:
    """Return m, its gradient, s > 0 and its gradient for one kind of statistic."""
    mean, se = (DE, SE) if kind.startswith("effect") else (DC, SC)
    denominator: tuple[float, Vector] = (1.0, _ZERO)
    if kind in PARAMETERS:
        index = PARAMETERS.index(kind)
        numerator = (float(theta[index]), _unit(index))
    elif kind == "net_benefit_se":
        numerator = net_benefit_se(theta, at)
    elif kind.startswith("p_quadrant_"):
        numerator = quadrant_score(theta, kind.removeprefix("p_quadrant_"))
    elif kind == "icer":
        size, gradient = _absolute(theta, DE)
        sign = float(gradient[DE])
        numerator, denominator = (sign * theta[DC], _unit(DC, sign)), (max(size, _TINY), gradient)
    elif kind.endswith("_bound"):
        numerator = (theta[mean] + at * theta[se], _unit(mean) + _unit(se, at))
    elif kind in {"cost_z", "effect_z"}:
        numerator, denominator = _absolute(theta, mean), (theta[se], _unit(se))
    elif kind == "p_effect_above":
        numerator, denominator = (theta[DE] - at, _unit(DE)), (theta[SE], _unit(SE))
    else:
        numerator = (at * theta[DE] - theta[DC], _unit(DE, at) - _unit(DC))
        if kind == "net_benefit_z" and numerator[0] < 0:
            numerator = (-numerator[0], -numerator[1])
        if kind != "delta_net_benefit":  # a probability or a z score
            denominator = net_benefit_se(theta, at)
    return *numerator, *denominator


def quotient(theta: Vector, kind: str, at: float) -> tuple[float, Vector]:
    """Return m/s and its gradient."""
    m, dm, s, ds = parts(theta, kind, at)
    ratio = m / s
    return ratio, (dm - ratio * ds) / s


def value_of(theta: Vector, band: Band) -> float:
    """Return the statistic as it would be printed, unrounded."""
    ratio, _ = quotient(theta, band.kind, band.at)
    return float(ndtr(ratio)) if band.is_probability else ratio


def score_residual(theta: Vector, band: Band) -> tuple[float, Vector]:
    """Return the residual of a probability on the z scale, which is not flat near 0 and 1."""
    if not band.is_probability or band.target is None:
        return residual(theta, band)
    ratio, gradient = quotient(theta, band.kind, band.at)
    target = float(ndtri(band.target))
    unit = band.half_step * np.sqrt(2.0 * np.pi) * np.exp(0.5 * target**2)
    return (ratio - target) / unit, gradient / unit


def residual(theta: Vector, band: Band) -> tuple[float, Vector]:
    """Return (fitted − printed) in half rounding steps and its gradient; 0 for an inequality that holds."""
    ratio, gradient = quotient(theta, band.kind, band.at)
    if band.is_probability:
        gradient = gradient * (np.exp(-0.5 * ratio**2) / np.sqrt(2.0 * np.pi))
        ratio = float(ndtr(ratio))
    if band.target is not None:
        unit = band.unit(ratio - band.target)
        return (ratio - band.target) / unit, gradient / unit
    nearest = min(max(ratio, band.low), band.high)
    inside = nearest == ratio
    return (ratio - nearest) / band.half_step, _ZERO if inside else gradient / band.half_step


def as_printed(band: Band, value: float) -> float:
    """Return a value of the statistic in the unit it was printed in: a p value for a z score."""
    return float(2.0 * ndtr(-value)) if band.kind.endswith("_z") else float(value)


def quotient_bounds(band: Band) -> tuple[float, float]:
    """Return the bounds on m/s that the printed interval implies."""
    if band.is_probability:
        return float(ndtri(band.low)), float(ndtri(band.high))
    return band.low, band.high


# Order of `bands_of`.
_ORDER = (
    "delta_cost",
    "cost_se",
    "cost_bound",
    "cost_z",
    "delta_effect",
    "effect_se",
    "effect_bound",
    "effect_z",
    "delta_net_benefit",
    "net_benefit_se",
    "net_benefit_z",
    "icer",
    "p_cost_effective",
    "p_effect_above",
    *(f"p_quadrant_{name}" for name in SIGNS),
    "correlation",
)


def order(band: Band) -> tuple[int, float, bool, float, float, float, str]:
    """Return the sort key of a band, so that results do not depend on the order of the statistics."""
    target = 0.0 if band.target is None else band.target
    return (_ORDER.index(band.kind), band.at, band.target is None, target, band.low, band.high, band.name)


def involved(kind: str) -> tuple[int, ...]:
    """Return the indices of the parameters that a kind of statistic depends on."""
    if kind in PARAMETERS:
        return (PARAMETERS.index(kind),)
    if kind.startswith("p_quadrant_"):
        return tuple(range(5))
    return {
        "icer": (DC, DE),
        "delta_net_benefit": (DC, DE),
        "net_benefit_se": (SC, SE, RHO),
        "net_benefit_z": (DC, DE, SC, SE, RHO),
        "cost_bound": (DC, SC),
        "cost_z": (DC, SC),
        "effect_bound": (DE, SE),
        "effect_z": (DE, SE),
        "p_effect_above": (DE, SE),
        "p_cost_effective": (DC, DE, SC, SE, RHO),
    }[kind]
