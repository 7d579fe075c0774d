"""Published summary statistics to draws: records, fit, ranges and the verb from_reported."""

from __future__ import annotations

from hecon.reported._solve import Constraint
from hecon.reported.drawing import draws_of, from_reported
from hecon.reported.fits import Check, Fit, Interval, Parameter, Statistic, fit_of, remedy
from hecon.reported.fitting import fit
from hecon.reported.predictions import (
    APPROXIMATION,
    GRADES,
    REPLICATES,
    design_effect_probability,
    net_benefit_range,
    probability,
    probability_range,
    probability_ranges,
    widened_to_halves,
)
from hecon.reported.records import Arms, Assumed, Difference, Ratio, constraints

__all__ = [
    "APPROXIMATION",
    "GRADES",
    "REPLICATES",
    "Arms",
    "Assumed",
    "Check",
    "Constraint",
    "Difference",
    "Fit",
    "Interval",
    "Parameter",
    "Ratio",
    "Statistic",
    "constraints",
    "design_effect_probability",
    "draws_of",
    "fit",
    "fit_of",
    "from_reported",
    "net_benefit_range",
    "probability",
    "probability_range",
    "probability_ranges",
    "remedy",
    "widened_to_halves",
]
