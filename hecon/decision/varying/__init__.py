"""A model's results over its parameters: sensitivity, scenarios and thresholds."""

from __future__ import annotations

from hecon.decision.varying.ranges import sensitivity
from hecon.decision.varying.thresholds import TurningPoints, threshold

__all__ = ["TurningPoints", "sensitivity", "threshold"]
