"""Cost-effectiveness for health care decisions: from what a trial reported to the assessment a decision rests on.

The public verbs are loaded when first used (SPEC 1), so ``import hecon`` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hecon._version import __version__ as __version__

if TYPE_CHECKING:
    from hecon import budget, decision, dossier, eq5d, errors, evidence, plot, programme, reported, zin
    from hecon.assessment import Assessment, assess
    from hecon.budget import budget_impact
    from hecon.decision import (
        ceac,
        ceaf,
        decision_curves,
        evpi,
        expected_loss,
        frontier,
        icer,
        incremental_net_benefit,
        net_benefit,
    )
    from hecon.dossier import audit, load
    from hecon.draws import from_arrays
    from hecon.eq5d import utility
    from hecon.errors import (
        ContradictionError,
        DossierError,
        HeconError,
        InputError,
        PlanError,
        StatisticalWarning,
        UnderdeterminedError,
    )
    from hecon.report import summary
    from hecon.reported import Arms, Assumed, Difference, Ratio, from_reported

_HOME = {
    "Arms": "reported",
    "Assessment": "assessment",
    "Assumed": "reported",
    "ContradictionError": "errors",
    "Difference": "reported",
    "DossierError": "errors",
    "HeconError": "errors",
    "InputError": "errors",
    "PlanError": "errors",
    "Ratio": "reported",
    "StatisticalWarning": "errors",
    "UnderdeterminedError": "errors",
    "assess": "assessment",
    "audit": "dossier",
    "budget_impact": "budget",
    "ceac": "decision",
    "ceaf": "decision",
    "decision_curves": "decision",
    "evpi": "decision",
    "expected_loss": "decision",
    "from_arrays": "draws",
    "from_reported": "reported",
    "frontier": "decision",
    "icer": "decision",
    "incremental_net_benefit": "decision",
    "load": "dossier",
    "net_benefit": "decision",
    "summary": "report",
    "utility": "eq5d",
}
_MODULES = ("budget", "decision", "dossier", "eq5d", "errors", "evidence", "plot", "programme", "reported", "zin")

__all__ = [
    "Arms",
    "Assessment",
    "Assumed",
    "ContradictionError",
    "Difference",
    "DossierError",
    "HeconError",
    "InputError",
    "PlanError",
    "Ratio",
    "StatisticalWarning",
    "UnderdeterminedError",
    "assess",
    "audit",
    "budget",
    "budget_impact",
    "ceac",
    "ceaf",
    "decision",
    "decision_curves",
    "dossier",
    "eq5d",
    "errors",
    "evidence",
    "evpi",
    "expected_loss",
    "from_arrays",
    "from_reported",
    "frontier",
    "icer",
    "incremental_net_benefit",
    "load",
    "net_benefit",
    "plot",
    "programme",
    "reported",
    "summary",
    "utility",
    "zin",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name in _MODULES:
        return importlib.import_module(f"hecon.{name}")
    if name in _HOME:
        return getattr(importlib.import_module(f"hecon.{_HOME[name]}"), name)
    msg = f"module 'hecon' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
