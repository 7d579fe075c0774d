"""The bivariate normal probability of a quadrant of the cost-effectiveness plane, as a score with its gradient."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri, owens_t

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

# North is dearer, east is more effective.
SIGNS = {"NE": (1.0, 1.0), "SE": (-1.0, 1.0), "SW": (-1.0, -1.0), "NW": (1.0, -1.0)}

_EDGE = 1.0 - 1e-12
# Below this probability the difference of Owen's functions has lost its digits.
_TAIL = 1e-10


def both_below(h: float, k: float, rho: float) -> float:
    """Return P(X ≤ h, Y ≤ k) of standard normal X and Y with correlation ρ, by Owen's T function."""
    root = math.sqrt((1.0 - rho) * (1.0 + rho))
    if h == 0.0 and k == 0.0:
        return 0.25 + math.asin(rho) / (2.0 * math.pi)
    slopes = [
        (other - rho * own) / (own * root) if own != 0.0 else math.copysign(math.inf, other)
        for own, other in ((h, k), (k, h))
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


def score(theta: Vector, quadrant: str) -> tuple[float, Vector]:
    """Return Φ⁻¹ of the probability of a quadrant at θ = (μ_C, μ_E, σ_C, σ_E, ρ), and its gradient."""
    north, east = SIGNS[quadrant]
    z_cost, z_effect = theta[0] / theta[2], theta[1] / theta[3]
    h, k = float(north * z_cost), float(east * z_effect)
    rho = float(np.clip(north * east * theta[4], -_EDGE, _EDGE))
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
            in_h * north / theta[2],
            in_k * east / theta[3],
            -in_h * h / theta[2],
            -in_k * k / theta[3],
            in_rho * north * east,
        ]
    )
    return result, gradient


def start_of(shares: dict[str, float]) -> tuple[float | None, float | None, float | None]:
    """Return μ_C/σ_C, μ_E/σ_E and ρ that printed shares suggest; None for what they do not tell."""
    shares = dict(shares)
    if len(shares) == len(SIGNS) - 1:
        shares[next(each for each in SIGNS if each not in shares)] = 1.0 - sum(shares.values())
    sides = []
    for inside, outside in ((("NE", "NW"), ("SE", "SW")), (("NE", "SE"), ("NW", "SW"))):
        chance = (
            sum(shares[each] for each in inside)
            if all(each in shares for each in inside)
            else 1.0 - sum(shares[each] for each in outside)
            if all(each in shares for each in outside)
            else None
        )
        sides.append(None if chance is None else float(ndtri(min(max(chance, 1e-3), 1.0 - 1e-3))))
    z_cost, z_effect = sides
    if z_cost is None or z_effect is None:
        return z_cost, z_effect, None
    quadrant = max(shares, key=lambda each: shares[each])
    north, east = SIGNS[quadrant]

    def excess(rho: float) -> float:
        return both_below(north * z_cost, east * z_effect, north * east * rho) - shares[quadrant]

    ends = -0.99, 0.99
    at_ends = [excess(end) for end in ends]
    if at_ends[0] * at_ends[1] > 0:
        return z_cost, z_effect, min(ends, key=lambda end: abs(excess(end)))
    return z_cost, z_effect, float(brentq(excess, *ends))
