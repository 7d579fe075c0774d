"""Value of information: what it is worth to learn some parameters, or to carry out a study."""

from __future__ import annotations

from hecon.decision.information.closed_form import normal_information
from hecon.decision.information.enbs import enbs, population_value
from hecon.decision.information.evppi import evppi
from hecon.decision.information.evsi import evsi

__all__ = ["enbs", "evppi", "evsi", "normal_information", "population_value"]
