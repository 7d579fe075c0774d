"""The audit: whether the printed numbers of a dossier can be true together."""

from __future__ import annotations

from hecon.auditing.auditing import PROGRAMME, audit
from hecon.auditing.findings import Finding

__all__ = ["PROGRAMME", "Finding", "audit"]
