"""The sections of a note, a file each, and the forms of it: which sections each has, in its order.

A section has one or more of these functions of an assessment and a locale: ``blocks``, its part of the body of the full
note; ``annex``, its part of the annexes, each of which begins with a heading of level 2; ``brief``, its part of the
note of one page; and ``data``, its keys in the JSON form.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ADVICE", "FORMS", "SECTIONS", "parts"]

SECTIONS = (
    "header",
    "answer",
    "overview",
    "pico",
    "burden",
    "evidence",
    "relevance",
    "quality",
    "comparisons",
    "trials",
    "research",
    "budget",
    "conditions",
    "criteria",
    "gaps",
    "reading",
    "inputs",
    "printed_figures",
    "audit",
    "assumptions",
    "monitoring",
    "guideline",
    "cheers",
    "documents",
)

# The package advice: the answer, the decision asked with its scenarios and budgets, the criteria and the conditions.
ADVICE = (
    "header",
    "answer",
    "overview",
    "decision",
    "criteria",
    "conditions",
    "audit",
    "assumptions",
    "documents",
)

FORMS = {"note": SECTIONS, "advice": ADVICE}


def parts(form: str, part: str) -> list[Callable[..., Any]]:
    """Return the functions of this name of a form's sections, in order."""
    sections = [import_module(f"{__name__}.{name}") for name in FORMS[form]]
    return [getattr(section, part) for section in sections if hasattr(section, part)]
