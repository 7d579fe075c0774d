"""Published summary statistics to draws: records, fit, ranges and `from_reported`."""

from __future__ import annotations

from hecon.reported.fits import Fit
from hecon.reported.fitting import fit, from_reported
from hecon.reported.predictions import net_benefit_range, probability, probability_range
from hecon.reported.records import Arms, Assumed, Difference, Ratio, constraints

__all__ = [
    "Arms",
    "Assumed",
    "Difference",
    "Fit",
    "Ratio",
    "constraints",
    "fit",
    "from_reported",
    "net_benefit_range",
    "probability",
    "probability_range",
]
