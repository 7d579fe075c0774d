"""The sections of a note, a file each, and the forms of it: which sections each has, in its order.

A section has one or more of these functions of an assessment and a locale: ``blocks``, its part of the body of the full
note; ``annex``, its part of the annexes, each of which begins with a heading of level 2; ``brief``, its part of the
note of one page; and ``data``, its keys in the JSON form.
"""

from __future__ import annotations

from hecon.report.sections import (
    about,
    answer,
    assumptions,
    audit,
    budget,
    burden,
    cheers,
    comparisons,
    conditions,
    criteria,
    decision,
    documents,
    evidence,
    gaps,
    guideline,
    header,
    inputs,
    monitoring,
    overview,
    pico,
    printed_figures,
    provenance,
    quality,
    reading,
    relevance,
    research,
    trials,
    validity,
)

__all__ = ["ADVICE", "FORMS", "SECTIONS"]

SECTIONS = (
    header,
    answer,
    overview,
    about,
    pico,
    burden,
    evidence,
    relevance,
    quality,
    comparisons,
    validity,
    trials,
    research,
    budget,
    conditions,
    criteria,
    gaps,
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

# The package advice: the answer, the decision asked with its scenarios and budgets, the criteria and the conditions.
ADVICE = (header, answer, overview, decision, criteria, conditions, audit, assumptions, documents, provenance)

FORMS = {"note": SECTIONS, "advice": ADVICE}
