"""From a dossier to an assessment: every comparison with its draws, results, verdicts and provenance."""

from __future__ import annotations

from hecon.assessment.assessing import assess
from hecon.assessment.budgets import BudgetResult, assess_budget
from hecon.assessment.records import (
    Assessment,
    ComparisonResult,
    Reason,
    Sensitivity,
    TrialResult,
    TrialSource,
)
from hecon.assessment.trials import TrialAssessment, assess_trial

__all__ = [
    "Assessment",
    "BudgetResult",
    "ComparisonResult",
    "Reason",
    "Sensitivity",
    "TrialAssessment",
    "TrialResult",
    "TrialSource",
    "assess",
    "assess_budget",
    "assess_trial",
]
