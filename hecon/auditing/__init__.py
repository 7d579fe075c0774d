"""The audit: whether the printed numbers of a dossier can be true together."""

from __future__ import annotations

from hecon.auditing.auditing import audit
from hecon.auditing.findings import Finding

__all__ = ["Finding", "audit"]
