"""From a dossier to an assessment: every comparison with its draws, results, verdicts and provenance."""

from __future__ import annotations

from hecon.assessment.assessing import assess
from hecon.assessment.budgets import BudgetResult, assess_budget
from hecon.assessment.records import WTP, Assessment, ComparisonResult, Reason, Sensitivity, TrialSource

__all__ = [
    "WTP",
    "Assessment",
    "BudgetResult",
    "ComparisonResult",
    "Reason",
    "Sensitivity",
    "TrialSource",
    "assess",
    "assess_budget",
]
