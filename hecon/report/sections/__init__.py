"""The sections of a note, a file each, in the order in which the note has them.

A section has ``blocks(assessment, locale)``, its part of the document, and where the JSON form has it too
``data(assessment, locale)``, its keys there.
"""

from __future__ import annotations

from hecon.report.sections import (
    assumptions,
    audit,
    budget,
    burden,
    cheers,
    comparisons,
    conclusion,
    criteria,
    documents,
    evidence,
    guideline,
    header,
    inputs,
    monitoring,
    overview,
    printed_figures,
    provenance,
    reading,
    trials,
)

__all__ = ["SECTIONS"]

SECTIONS = (
    header,
    overview,
    burden,
    evidence,
    comparisons,
    trials,
    budget,
    conclusion,
    criteria,
    reading,
    inputs,
    printed_figures,
    audit,
    assumptions,
    monitoring,
    guideline,
    cheers,
    documents,
    provenance,
)
