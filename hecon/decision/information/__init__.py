"""Value of information: what it is worth to learn some parameters, or to carry out a study."""

from __future__ import annotations

from hecon.decision.information.closed_form import normal_information
from hecon.decision.information.enbs import enbs, population_value

__all__ = ["enbs", "normal_information", "population_value"]
