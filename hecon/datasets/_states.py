"""EQ-5D states as bands of a latent normal variable, so that mean utilities are sums of normal probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from hecon import eq5d

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["Scale", "latent_mean", "mean_utility", "scale", "shares"]

_FAR = 8.0


@dataclass(frozen=True)
class Scale:
    """States from the worst to the best.

    Parameters
    ----------
    states : ndarray
        Shape (band, variant): the variants of a band have equal chance.
    utilities : ndarray
        Of `states`.
    cuts : ndarray
        Where one band ends and the next begins on the latent scale, one fewer than bands.
    """

    states: NDArray[np.int64]
    utilities: Floats
    cuts: Floats


def scale(states: ArrayLike, cuts: ArrayLike, value_set: str) -> Scale:
    """Return states with their utilities by a value set."""
    known = np.asarray(states, dtype=np.int64)
    return Scale(known, np.asarray(eq5d.utility(known, value_set=value_set)), np.asarray(cuts, dtype=float))


def shares(scale_: Scale, mean: ArrayLike, spread: float = 1.0) -> Floats:
    """Return the share of each band for latent health that is normal about `mean`; bands on the last axis."""
    below = ndtr((scale_.cuts - np.asarray(mean, dtype=float)[..., None]) / spread)
    edges = [np.zeros((*below.shape[:-1], 1)), below, np.ones((*below.shape[:-1], 1))]
    return np.diff(np.concatenate(edges, axis=-1), axis=-1)


def mean_utility(scale_: Scale, mean: ArrayLike, spread: float = 1.0, *, power: int = 1) -> Floats:
    """Return the mean utility, or the mean of a power of it, at each latent mean."""
    return np.asarray(shares(scale_, mean, spread) @ (scale_.utilities**power).mean(axis=1))


def latent_mean(scale_: Scale, utility: float) -> float:
    """Return the latent mean, with spread 1, at which the mean utility is `utility`."""
    return float(brentq(lambda mean: float(mean_utility(scale_, mean)) - utility, -_FAR, _FAR, xtol=1e-14, rtol=1e-14))
