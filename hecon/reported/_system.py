"""Published statistics as constraints on θ = (μ_C, μ_E, σ_C, σ_E, ρ).

Every statistic is a band: a quotient m(θ)/s(θ) that printed rounding keeps between two values. m is linear in θ; s is
1, a parameter, or the standard error of net benefit. One form serves the fit, the ranges and the checks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

if TYPE_CHECKING:
    from collections.abc import Iterable

Vector = NDArray[np.float64]

PARAMETERS = ("delta_cost", "delta_effect", "cost_se", "effect_se", "correlation")
DC, DE, SC, SE, RHO = range(5)

_ZERO = np.zeros(5)
_TINY = 1e-40
# Where rounding leaves no room on one side, a step there counts this much more than on the other.
_NO_ROOM = 1e-6


@dataclass(frozen=True)
class Band:
    """One statistic: what it is, where it was taken, its printed value and what rounding leaves.

    `target` is None for an inequality (p < 0.001, or a probability printed as 0.00 or 1.00): it only bounds.
    """

    name: str
    kind: str
    at: float
    target: float | None
    low: float
    high: float

    @property
    def is_probability(self) -> bool:
        """Whether the statistic is a probability, Φ of the quotient."""
        return self.kind in {"p_cost_effective", "p_effect_above"}

    @property
    def half_step(self) -> float:
        """The unit of the residual."""
        if self.target is not None:
            return max(self.high - self.target, self.target - self.low)
        ends = [abs(end) for end in (self.low, self.high) if math.isfinite(end)]
        return 0.5 * (self.high - self.low) if len(ends) == 2 else 0.01 * ends[0]  # noqa: PLR2004

    def unit(self, deviation: float) -> float:
        """Return the unit of a residual of this sign: intervals of p values and of "-0.00" have unequal halves."""
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


def parts(theta: Vector, kind: str, at: float) -> tuple[float, Vector, float, Vector]:
    """Return m, its gradient, s > 0 and its gradient for one kind of statistic."""
    mean, se = (DE, SE) if kind.startswith("effect") else (DC, SC)
    denominator: tuple[float, Vector] = (1.0, _ZERO)
    if kind in PARAMETERS:
        index = PARAMETERS.index(kind)
        numerator = (float(theta[index]), _unit(index))
    elif kind == "icer":
        size, gradient = _absolute(theta, DE)
        sign = float(gradient[DE])
        numerator, denominator = (sign * theta[DC], _unit(DC, sign)), (max(size, _TINY), gradient)
    elif kind.endswith("_bound"):
        numerator = (theta[mean] + at * theta[se], _unit(mean) + _unit(se, at))
    elif kind.endswith("_z"):
        numerator, denominator = _absolute(theta, mean), (theta[se], _unit(se))
    elif kind == "p_effect_above":
        numerator, denominator = (theta[DE] - at, _unit(DE)), (theta[SE], _unit(SE))
    else:
        numerator = (at * theta[DE] - theta[DC], _unit(DE, at) - _unit(DC))
        if kind == "p_cost_effective":
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
    """Return the residual of a probability on the scale of z scores, which does not go flat near 0 and 1."""
    if not band.is_probability or band.target is None:
        return residual(theta, band)
    ratio, gradient = quotient(theta, band.kind, band.at)
    target = float(ndtri(band.target))
    unit = band.half_step * np.sqrt(2.0 * np.pi) * np.exp(0.5 * target**2)
    return (ratio - target) / unit, gradient / unit


def residual(theta: Vector, band: Band) -> tuple[float, Vector]:
    """Return (fitted − printed) in half rounding steps, and its gradient; an inequality has none while it holds."""
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
    return float(2.0 * ndtr(-value)) if band.kind in {"cost_z", "effect_z"} else float(value)


def quotient_bounds(band: Band) -> tuple[float, float]:
    """Return the bounds on m/s that the printed interval implies."""
    if band.is_probability:
        return float(ndtri(band.low)), float(ndtri(band.high))
    return band.low, band.high


# As `bands_of` yields them for the statistics of one publication.
_ORDER = (
    "delta_cost",
    "cost_se",
    "cost_bound",
    "cost_z",
    "delta_effect",
    "effect_se",
    "effect_bound",
    "effect_z",
    "icer",
    "p_cost_effective",
    "p_effect_above",
    "correlation",
)


def in_order(bands: Iterable[Band]) -> list[Band]:
    """Return bands in an order of their own: results must not depend on that in which the statistics were given."""

    def key(band: Band) -> tuple[int, float, bool, float, float, float, str]:
        target = 0.0 if band.target is None else band.target
        return (_ORDER.index(band.kind), band.at, band.target is None, target, band.low, band.high, band.name)

    return sorted(bands, key=key)


def involved(kind: str) -> tuple[int, ...]:
    """Return the indices of the parameters that a kind of statistic depends on."""
    if kind in PARAMETERS:
        return (PARAMETERS.index(kind),)
    return {
        "icer": (DC, DE),
        "inmb": (DC, DE),
        "cost_bound": (DC, SC),
        "cost_z": (DC, SC),
        "effect_bound": (DE, SE),
        "effect_z": (DE, SE),
        "p_effect_above": (DE, SE),
        "p_cost_effective": (DC, DE, SC, SE, RHO),
    }[kind]
