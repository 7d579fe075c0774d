"""Clinical effects: what an interval says on a margin, and pooling of several studies."""

from __future__ import annotations

from hecon.evidence.clinical import LABELS, ClinicalVerdict, clinical_verdict
from hecon.evidence.clinical_words import clinical_label, clinical_words
from hecon.evidence.pooling import Pooled, pool

__all__ = ["LABELS", "ClinicalVerdict", "Pooled", "clinical_label", "clinical_verdict", "clinical_words", "pool"]
