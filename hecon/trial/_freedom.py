"""Degrees of freedom of a contrast whose variance is a sum of independent parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Welch:
    r"""Degrees of freedom of any weighted sum of parameters by Welch and Satterthwaite.

    .. math:: \nu = \frac{(\sum_a v_a)^2}{\sum_a v_a^2 / d_a}

    Parameters
    ----------
    parts : ndarray
        What each arm's own units contribute to the covariance of the parameters, shape (arm, parameter, parameter).
    df : ndarray
        Degrees of freedom d of each part.
    """

    parts: Floats = field(repr=False)
    df: Floats

    def __call__(self, weights: Floats) -> float:
        """Return the degrees of freedom of a weighted sum: the sum of all where it does not vary."""
        variances = np.maximum(np.einsum("i,aij,j->a", weights, self.parts, weights), 0.0)
        largest = variances.max()
        if not largest > 0:
            return float(self.df.sum())
        share = variances / largest
        return float(share.sum() ** 2 / (share**2 / self.df).sum())
