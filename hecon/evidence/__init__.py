"""Evidence: what an interval says on a margin, pooling of several studies, and amounts of foreign ones in euros."""

from __future__ import annotations

from hecon.evidence.clinical import LABELS, ClinicalVerdict, clinical_verdict
from hecon.evidence.conversion import Converted, convert
from hecon.evidence.pooling import Pooled, pool

__all__ = [
    "LABELS",
    "ClinicalVerdict",
    "Converted",
    "Pooled",
    "clinical_verdict",
    "convert",
    "pool",
]
