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
# The share of draws that must keep the sign of the mean difference in effect for a ratio to have an interval.
SAME_SIGN = 0.975


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


def fieller_interval(cost: Floats, effect: Floats) -> Floats:
    """Return Fieller's 95% interval of mean cost over mean effect, NaN where the effect's interval holds 0."""
    if cost.size < 2:  # noqa: PLR2004
        return np.full(2, np.nan)
    mean_cost, mean_effect = cost.mean(), effect.mean()
    (var_cost, cov), (_, var_effect) = np.cov(cost, effect)
    lead = mean_effect**2 - Z**2 * var_effect
    if lead <= 0:
        return np.full(2, np.nan)
    centre = mean_cost * mean_effect - Z**2 * cov
    # The discriminant, written without the terms that cancel.
    spread = mean_effect**2 * var_cost - 2 * mean_cost * mean_effect * cov + mean_cost**2 * var_effect
    root = Z * np.sqrt(max(0.0, spread - Z**2 * (var_cost * var_effect - cov**2)))
    bounds: Floats = np.array([centre - root, centre + root]) / lead
    return bounds


def angle_interval(cost: Floats, effect: Floats) -> Floats:
    """Return the 95% interval of the ratio from the draws in order of their angle, NaN where signs are too mixed."""
    side = np.sign(effect.mean())
    if side == 0 or np.mean(np.sign(effect) == side) < SAME_SIGN:
        return np.full(2, np.nan)
    angle = np.arctan2(side * cost, side * effect)
    # The draws next inside the percentiles: with enough of the same sign, these have a ratio.
    ends = np.quantile(angle, 0.025, method="higher"), np.quantile(angle, 0.975, method="lower")
    bounds: Floats = np.tan(np.array(ends))
    return bounds
