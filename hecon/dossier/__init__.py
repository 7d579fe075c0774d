"""Evidence on file: the dossiers, their schema and how to read them."""

from __future__ import annotations

from hecon.dossier.comparison import Comparison, data_faults
from hecon.dossier.loading import load, load_programme, names, placeholders, refuse_placeholders, skeleton
from hecon.dossier.programme import Programme
from hecon.dossier.schema import Dossier
from hecon.dossier.statistics import arguments, constraint_names

__all__ = [
    "Comparison",
    "Dossier",
    "Programme",
    "arguments",
    "constraint_names",
    "data_faults",
    "load",
    "load_programme",
    "names",
    "placeholders",
    "refuse_placeholders",
    "skeleton",
]
