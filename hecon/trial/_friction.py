"""Hours of absence that count by the friction-cost method; plain arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def hours_counted(hours: Floats, most: Floats, *, missing_ends: bool) -> Floats:
    """Return the hours (patient, period) that count when a spell counts up to `most` hours (patient,).

    A spell is a run of periods with hours above 0. NaN hours count NaN; whether they end the spell is `missing_ends`.
    """
    counted = np.empty_like(hours)
    used = np.zeros(hours.shape[0])
    for period, absent in enumerate(hours.T):
        left = np.maximum(most - used, 0.0)
        # No absence is no cost, also where the most that counts is unknown.
        counted[:, period] = np.where(absent == 0, 0.0, np.minimum(absent, left))
        ends = absent == 0
        if missing_ends:
            ends |= np.isnan(absent)
        used = np.where(ends, 0.0, used + np.nan_to_num(absent))
    return counted
