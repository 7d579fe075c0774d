"""From draws to a decision: ratios, the efficiency frontier, net benefit and curves over willingness to pay."""

from __future__ import annotations

from hecon.decision.curves import (
    ceac,
    ceaf,
    decision_curves,
    evpi,
    expected_loss,
    incremental_net_benefit,
    net_benefit,
)
from hecon.decision.incremental import frontier, icer
from hecon.decision.information import enbs, evppi, evsi, normal_information, population_value
from hecon.decision.otherwise import average_models, certainty_equivalent, decision_loss, stratified_value
from hecon.decision.varying import TurningPoints, sensitivity, threshold

__all__ = [
    "TurningPoints",
    "average_models",
    "ceac",
    "ceaf",
    "certainty_equivalent",
    "decision_curves",
    "decision_loss",
    "enbs",
    "evpi",
    "evppi",
    "evsi",
    "expected_loss",
    "frontier",
    "icer",
    "incremental_net_benefit",
    "net_benefit",
    "normal_information",
    "population_value",
    "sensitivity",
    "stratified_value",
    "threshold",
]
