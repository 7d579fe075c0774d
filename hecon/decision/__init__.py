"""From draws to a decision: ratios, the efficiency frontier, net benefit and curves over willingness to pay.

The verbs are loaded when first used: a curve does not wait for the splines of a value of information.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from hecon.decision.information.closed_form import normal_information
    from hecon.decision.information.enbs import enbs, population_value
    from hecon.decision.information.evppi import evppi
    from hecon.decision.information.evsi import evsi
    from hecon.decision.otherwise import (
        average_models,
        certainty_equivalent,
        decision_loss,
        mixed_strategy,
        stratified_value,
    )
    from hecon.decision.varying.ranges import sensitivity
    from hecon.decision.varying.thresholds import TurningPoints, threshold

# The public names of each module.
_NAMES = {
    "curves": ("ceac", "ceaf", "decision_curves", "evpi", "expected_loss", "incremental_net_benefit", "net_benefit"),
    "incremental": ("frontier", "icer"),
    "information.closed_form": ("normal_information",),
    "information.enbs": ("enbs", "population_value"),
    "information.evppi": ("evppi",),
    "information.evsi": ("evsi",),
    "otherwise": ("average_models", "certainty_equivalent", "decision_loss", "mixed_strategy", "stratified_value"),
    "varying.ranges": ("sensitivity",),
    "varying.thresholds": ("TurningPoints", "threshold"),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}

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
    "mixed_strategy",
    "net_benefit",
    "normal_information",
    "population_value",
    "sensitivity",
    "stratified_value",
    "threshold",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name in _HOME:
        return getattr(importlib.import_module(f"hecon.decision.{_HOME[name]}"), name)
    msg = f"module 'hecon.decision' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return list(__all__)
