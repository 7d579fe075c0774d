"""The skeleton of a dossier as its author leaves it: without the marks of what is to be replaced."""

from __future__ import annotations

import re

from hecon import dossier

_NOTES = re.compile(r"^(# )?note\.(nl|en) = \".*\((vervangen|replace)\)\"\n", re.MULTILINE)
_MARKS = re.compile(r" \((replace|vervangen|replace or leave out|vervangen of weglaten)\)")


def filled(text: str) -> str:
    """Return the text of a dossier without the marks, and without the notes that say that a figure is made up."""
    return _MARKS.sub("", _NOTES.sub("", text))


def skeleton(name: str) -> str:
    """Return the skeleton under a name without its marks."""
    return filled(dossier.skeleton(name))
