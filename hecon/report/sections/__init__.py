"""The sections of a note, a file each, and the forms of it: which sections each has, in its order.

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
    decision,
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

__all__ = ["ADVICE", "FORMS", "SECTIONS"]

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

# The package advice: the decision asked with its scenarios and budgets, and the criteria that it rests on.
ADVICE = (header, decision, criteria, overview, conclusion, documents, provenance)

FORMS = {"note": SECTIONS, "advice": ADVICE}
