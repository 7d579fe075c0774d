"""Cost-effectiveness for health care decisions: from what a trial reported to the assessment a decision rests on.

The public verbs are loaded when first used (SPEC 1), so ``import hecon`` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from hecon import (
        budget,
        datasets,
        decision,
        dossier,
        eq5d,
        errors,
        evidence,
        parameters,
        payment,
        plot,
        prices,
        programme,
        reported,
        rules,
        rulesets,
        studies,
        trial,
        zin,
    )
    from hecon.assessment import Assessment, assess
    from hecon.auditing import audit
    from hecon.budget import budget_impact
    from hecon.decision import (
        TurningPoints,
        average_models,
        ceac,
        ceaf,
        certainty_equivalent,
        decision_curves,
        decision_loss,
        enbs,
        evpi,
        evppi,
        evsi,
        expected_loss,
        frontier,
        icer,
        incremental_net_benefit,
        mixed_strategy,
        net_benefit,
        normal_information,
        population_value,
        sensitivity,
        stratified_value,
        threshold,
    )
    from hecon.dossier import load
    from hecon.draw_files import read_draws, write_draws
    from hecon.draws import from_arrays
    from hecon.eq5d import utility
    from hecon.errors import (
        ContradictionError,
        DossierError,
        DrawsError,
        HeconError,
        InputError,
        PlanError,
        StatisticalWarning,
        TrialError,
        UnderdeterminedError,
        ValueSetError,
    )
    from hecon.report.summaries import summary
    from hecon.reported import Arms, Assumed, Difference, Ratio, from_reported
    from hecon.rules import reference_value, shortfall, verdict
    from hecon.tabulation import table
    from hecon.trial import from_patients

# The public names of each module; a name that is in none is a module itself.
_NAMES = {
    "assessment": ("Assessment", "assess"),
    "auditing": ("audit",),
    "budget": ("budget_impact",),
    "decision": (
        *("ceac", "ceaf", "decision_curves", "evpi", "evppi", "evsi", "expected_loss"),
        *("frontier", "icer", "incremental_net_benefit", "net_benefit"),
        *("TurningPoints", "sensitivity", "threshold"),
        *("enbs", "normal_information", "population_value"),
        *("average_models", "certainty_equivalent", "decision_loss", "mixed_strategy", "stratified_value"),
    ),
    "dossier": ("load",),
    "draw_files": ("read_draws", "write_draws"),
    "draws": ("from_arrays",),
    "eq5d": ("utility",),
    "errors": (
        *("ContradictionError", "DossierError", "DrawsError", "HeconError", "InputError"),
        *("PlanError", "StatisticalWarning", "TrialError", "UnderdeterminedError", "ValueSetError"),
    ),
    "report.summaries": ("summary",),
    "reported": ("Arms", "Assumed", "Difference", "Ratio", "from_reported"),
    "rules": ("reference_value", "shortfall", "verdict"),
    "tabulation": ("table",),
    "trial": ("from_patients",),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "Arms",
    "Assessment",
    "Assumed",
    "ContradictionError",
    "Difference",
    "DossierError",
    "DrawsError",
    "HeconError",
    "InputError",
    "PlanError",
    "Ratio",
    "StatisticalWarning",
    "TrialError",
    "TurningPoints",
    "UnderdeterminedError",
    "ValueSetError",
    "assess",
    "audit",
    "auditing",
    "average_models",
    "budget",
    "budget_impact",
    "ceac",
    "ceaf",
    "certainty_equivalent",
    "datasets",
    "decision",
    "decision_curves",
    "decision_loss",
    "dossier",
    "enbs",
    "eq5d",
    "errors",
    "evidence",
    "evpi",
    "evppi",
    "evsi",
    "expected_loss",
    "from_arrays",
    "from_patients",
    "from_reported",
    "frontier",
    "icer",
    "incremental_net_benefit",
    "load",
    "mixed_strategy",
    "net_benefit",
    "normal_information",
    "parameters",
    "payment",
    "plot",
    "population_value",
    "prices",
    "programme",
    "read_draws",
    "reference_value",
    "reported",
    "rules",
    "rulesets",
    "sensitivity",
    "shortfall",
    "stratified_value",
    "studies",
    "summary",
    "table",
    "threshold",
    "trial",
    "utility",
    "verdict",
    "write_draws",
    "zin",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name not in __all__:
        msg = f"module 'hecon' has no attribute {name!r}"
        raise AttributeError(msg)
    if name in _HOME:
        return getattr(importlib.import_module(f"hecon.{_HOME[name]}"), name)
    return importlib.import_module(f"hecon.{name}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
