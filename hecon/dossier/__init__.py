"""Evidence on file: the dossiers, their schema and how to read them."""

from __future__ import annotations

from hecon.dossier.auditing import Finding, audit
from hecon.dossier.loading import load, names, skeleton
from hecon.dossier.schema import Comparison, Dossier
from hecon.dossier.statistics import arguments, constraint_names

__all__ = ["Comparison", "Dossier", "Finding", "arguments", "audit", "constraint_names", "load", "names", "skeleton"]
