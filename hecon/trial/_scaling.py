"""Local scaling: a lent value moved so that the mean of the donors becomes the mean that is predicted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.trial._donors import Donors

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

# A value's distance from the fixed end is multiplied by this at most.
_MOST = 3.0


@dataclass(frozen=True)
class ScalingEnds:
    """The ends of each variable, between which lent values are scaled.

    Parameters
    ----------
    low, high : ndarray
        Lowest and highest value of each variable.
    fixed : ndarray
        The end from which distances are multiplied: 1 for utilities, 0 for costs; NaN for a variable whose values are
        lent as they are.
    """

    low: Floats
    high: Floats
    fixed: Floats

    def scaled(self, at: int, lent: Floats, donors: Donors, values: Floats, predicted: Floats) -> Floats:
        """Return lent values of a variable, scaled towards or away from its fixed end.

        Parameters
        ----------
        at : int
            The variable.
        lent : ndarray
            Values of the chosen donors, shape (missing value,).
        donors : Donors
            The nearest donors of each missing value.
        values : ndarray
            The variable, shape (imputation, patient), of which those of the donors are read.
        predicted : ndarray
            Predicted means but for a constant, in the unit of the variable, shape (imputation, patient); from drawn
            coefficients, so that the sets differ by what is not known of them.

        Returns
        -------
        ndarray
            Shape (missing value,): b + f (lent - b), where b is the fixed end and f = 1 + (p - p_donors) / (y_donors -
            b), within [0, 3], with the weighted means of the donors' predicted means and values.
        """
        fixed = float(self.fixed[at])
        room = donors.mean(values) - fixed
        gap = predicted[donors.imputation, donors.patient] - donors.mean(predicted)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            factor = np.where(room == 0, 1.0, np.clip(1 + gap / room, 0.0, _MOST))
        moved = np.where(factor == 1, lent, fixed + factor * (lent - fixed))
        result: Floats = np.clip(moved, self.low[at], self.high[at])
        return result
