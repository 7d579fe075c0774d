"""Ratio, quadrant and intervals of one pair of strategies: plain NumPy on draws of the two differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# The 97.5% point of the standard normal distribution.
Z = 1.959963984540054
QUADRANTS = ("NE", "SE", "SW", "NW", "=")
# A tail of 2.5% holds one draw in 40. No more draws may have the other sign for a ratio to have an interval.
IN_EACH_TAIL = 40


def quadrant_positions(cost: Floats, effect: Floats) -> NDArray[np.intp]:
    """Return the position in `QUADRANTS` of each pair of differences; on an axis, "="."""
    plane = np.where(effect > 0, np.where(cost > 0, 0, 1), np.where(cost < 0, 2, 3))
    return np.where((cost == 0) | (effect == 0), len(QUADRANTS) - 1, plane).astype(np.intp)


def quadrant_share(cost: Floats, effect: Floats) -> Floats:
    """Return the share of the draws in each of `QUADRANTS`."""
    counts = np.bincount(quadrant_positions(cost, effect), minlength=len(QUADRANTS))
    result: Floats = counts / cost.size
    return result


def percentile_interval(values: Floats) -> Floats:
    """Return the 2.5% and 97.5% percentiles."""
    result: Floats = np.quantile(values, [0.025, 0.975])
    return result


def _scaled(values: Floats) -> tuple[Floats, int]:
    """Return values over a power of two about as large as they are, which is exact, and that power."""
    power = int(np.frexp(np.abs(values).max())[1])
    return np.ldexp(values, -power), power


def fieller_interval(cost: Floats, effect: Floats) -> Floats:
    """Return Fieller's 95% interval of mean cost over mean effect, NaN where the effect's interval holds 0."""
    if cost.size < 2:  # noqa: PLR2004
        return np.full(2, np.nan)
    (cost, of_cost), (effect, of_effect) = _scaled(cost), _scaled(effect)
    mean_cost, mean_effect = cost.mean(), effect.mean()
    (var_cost, cov), (_, var_effect) = np.cov(cost, effect)
    lead = mean_effect**2 - Z**2 * var_effect
    if lead <= 0:
        return np.full(2, np.nan)
    centre = mean_cost * mean_effect - Z**2 * cov
    # The discriminant, written without the terms that cancel.
    spread = mean_effect**2 * var_cost - 2 * mean_cost * mean_effect * cov + mean_cost**2 * var_effect
    root = Z * np.sqrt(max(0.0, spread - Z**2 * (var_cost * var_effect - cov**2)))
    bounds: Floats = np.ldexp(np.array([centre - root, centre + root]) / lead, of_cost - of_effect)
    return bounds


def angle_interval(cost: Floats, effect: Floats) -> Floats:
    """Return the 95% interval of the ratio from the draws in order of their angle, NaN where signs are too mixed."""
    side = np.sign(effect.mean())
    outside = cost.size // IN_EACH_TAIL
    if side == 0 or np.count_nonzero(np.sign(effect) != side) > outside:
        return np.full(2, np.nan)
    (cost, of_cost), (effect, of_effect) = _scaled(cost), _scaled(effect)
    angle = np.arctan2(side * cost, side * effect)
    # The draws of the other sign, however they lie, are no more than a tail holds; so the ends have a ratio. It is
    # taken from the draws: an angle near a right one has lost its digits.
    ends = [outside, cost.size - 1 - outside]
    chosen = np.argpartition(angle, ends)[ends]
    bounds: Floats = np.ldexp(np.sort(cost[chosen] / effect[chosen]), of_cost - of_effect)
    return bounds
