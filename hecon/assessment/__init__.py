"""From a dossier to an assessment: every comparison with its draws, results, verdicts and provenance."""

from __future__ import annotations

from hecon.assessment.assessing import assess
from hecon.assessment.records import WTP, Assessment, ComparisonResult, Reason, Sensitivity

__all__ = ["WTP", "Assessment", "ComparisonResult", "Reason", "Sensitivity", "assess"]
