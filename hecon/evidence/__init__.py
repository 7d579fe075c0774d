"""Evidence: what an interval says on a margin, pooling of several studies, and amounts of foreign ones in euros."""

from __future__ import annotations

from hecon.evidence.clinical import clinical_verdict
from hecon.evidence.pooling import pool
from hecon.prices import convert

__all__ = ["clinical_verdict", "convert", "pool"]
