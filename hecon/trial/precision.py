"""Number of imputed sets and bootstrap replicates that a Monte Carlo error of the reported probabilities takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon.trial.estimate import t_density

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from hecon.trial.estimate import Spread
    from hecon.trial.spread import PooledImputations

    Floats = NDArray[np.float64]

__all__ = ["MOST", "PILOT", "REPLICATES", "WTP", "largest_error", "needed", "replicates_per_set"]

# Willingness to pay [EUR per QALY] at which probabilities are reported, and their Monte Carlo error is held.
WTP = tuple(range(0, 100_001, 5_000))
# Imputed sets of the pilot, and the most that are made.
PILOT, MOST = 50, 2000
# Bootstrap replicates of all sets together, and of each set: at least.
REPLICATES, FEWEST_REPLICATES = 5000, 50
# Both limits of a 90% interval, or one that 95% stay below.
_QUANTILE = 1.644854


def replicates_per_set(sets: int) -> int:
    """Return how many bootstrap replicates each of some imputed sets takes.

    Parameters
    ----------
    sets : int
        Number of sets.

    Returns
    -------
    int
        At least 50, and in all sets together at least 5,000.
    """
    return max(FEWEST_REPLICATES, -(-REPLICATES // sets))


def _benefits(arms: int) -> Iterator[Floats]:
    """Yield the weights of the net benefit of each arm over each arm before it, at each willingness to pay."""
    unit = np.eye(arms)
    for first in range(arms):
        for second in range(first + 1, arms):
            difference = unit[second] - unit[first]
            for value in WTP:
                yield np.concatenate([-difference, value * difference])


def largest_error(spreads: Sequence[Spread], arms: int) -> float:
    """Return the largest Monte Carlo standard error of the probabilities that one arm has the higher net benefit.

    Parameters
    ----------
    spreads : sequence of Spread
        One per perspective.
    arms : int
        Number of arms.

    Returns
    -------
    float
        Over all perspectives, pairs of arms and values in `WTP`.
    """
    return max(spread.above_zero_error(weights) for spread in spreads for weights in _benefits(arms))


def needed(pilot: Sequence[PooledImputations], arms: int, target: float, replicates: int) -> int:
    r"""Return the number of imputed sets that brings the Monte Carlo error of every probability to a target.

    Parameters
    ----------
    pilot : sequence of PooledImputations
        Results of a pilot, one per perspective.
    arms : int
        Number of arms.
    target : float
        Largest standard error of a probability.
    replicates : int
        Bootstrap replicates of each further set.

    Returns
    -------
    int
        At least the number of the pilot, at most `MOST`.

    Notes
    -----
    With z the net benefit in standard errors, f its density and F the fraction of missing information,

    .. math:: M = (f(z) / target)^2 (F (1 + z^2 F / 2) + z^2 (1 - F)^2 / (2 (R - 1)))

    where the last term is the error of the within-covariance from R bootstrap replicates of each set. A pilot knows F
    and z with errors of its own: of F the upper limit of its 90% interval on the logit scale is taken, of z the end of
    its interval that is nearest to 0, so that one top-up suffices.

    References
    ----------
    von Hippel PT. How many imputations do you need? A two-stage calculation using a quadratic rule. Sociol Methods Res
    2020;49:699-718. https://doi.org/10.1177/0049124117747303
    """
    counts = [_needed(spread, weights, target, replicates) for spread in pilot for weights in _benefits(arms)]
    return max(pilot[0].imputations, int(np.ceil(min(MOST, max(counts)))))


def _needed(pilot: PooledImputations, weights: Floats, target: float, replicates: int) -> float:
    """Return the number of sets that one probability takes."""
    estimate = pilot.of(weights)
    if estimate.se == 0:
        return 0.0
    sets = pilot.imputations
    share = (1 + 1 / sets) * float(weights @ pilot.between @ weights) / estimate.se**2
    odds = share * np.exp(_QUANTILE * np.sqrt(2 / sets))
    share = odds / (1 - share + odds)
    z = max(0.0, abs(estimate.value) / estimate.se - _QUANTILE * np.sqrt(share / sets))
    slope = t_density(z, estimate.df)
    variance = share * (1 + z**2 * share / 2) + z**2 * (1 - share) ** 2 / (2 * (replicates - 1))
    return float((slope / target) ** 2 * variance)
