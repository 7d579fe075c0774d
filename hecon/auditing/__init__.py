"""The audit: whether the numbers that a dossier carries from its sources can be true together."""

from __future__ import annotations

from hecon.auditing.auditing import PROGRAMME, audit
from hecon.auditing.findings import Finding

__all__ = ["PROGRAMME", "Finding", "audit"]
