"""The sections of a note, a file each, in the order in which the note has them.

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
    comparisons,
    conditions,
    criteria,
    documents,
    evidence,
    gaps,
    header,
    inputs,
    overview,
    pico,
    printed_figures,
    provenance,
    quality,
    reading,
    relevance,
    trials,
    validity,
)

__all__ = ["SECTIONS"]

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
    budget,
    conditions,
    criteria,
    gaps,
    reading,
    inputs,
    printed_figures,
    audit,
    assumptions,
    documents,
    provenance,
)
