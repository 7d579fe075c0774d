"""The sections of a note, a file each, in the order in which the note has them.

A section has ``blocks(assessment, locale)``, its part of the document, and where the JSON form has it too
``data(assessment, locale)``, its keys there.
"""

from __future__ import annotations

from importlib import import_module

__all__ = ["SECTIONS"]

_ORDER = (
    "header",
    "overview",
    "pico",
    "burden",
    "evidence",
    "relevance",
    "quality",
    "comparisons",
    "validity",
    "trials",
    "budget",
    "conclusion",
    "criteria",
    "gaps",
    "reading",
    "inputs",
    "printed_figures",
    "audit",
    "assumptions",
    "documents",
    "provenance",
)
SECTIONS = tuple(import_module(f"{__name__}.{name}") for name in _ORDER)
