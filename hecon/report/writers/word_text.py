"""Text and fields of a Word file: every character literal, white space as a page shows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from hecon import _controls

if TYPE_CHECKING:
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

__all__ = ["add_text", "clean", "field_elements"]

# White space, line ends among it; a no-break space is none of these.
_BLANK = re.compile(r"[\t\n\x20]+")
# XML takes no such characters, though Unicode has them.
_NONCHARACTERS = re.compile("[\ufffe\uffff]")


def clean(text: str, *, keep: bool = False) -> str:
    """Return text on one line, U+FFFD for what no page may hold; with `keep` with the spaces at its ends."""
    line = _BLANK.sub(" ", _controls.replace(_NONCHARACTERS.sub("\N{REPLACEMENT CHARACTER}", text)))
    return line if keep else line.strip()


def add_text(paragraph: Paragraph, text: str, *, strong: bool = False, keep: bool = False) -> Run:
    """Add text to a paragraph as one run, in which no line ends within a negative amount."""
    run = paragraph.add_run(clean(text, keep=keep))
    if strong:
        run.bold = True
    return run


def field_elements(instruction: str, shown: str = "") -> list[BaseOxmlElement]:
    """Return the runs of a field: its beginning, instruction, separator, what it shows now, and its end.

    An instruction is never made of free text.
    """
    code = OxmlElement("w:instrText")
    code.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    code.text = instruction
    result = OxmlElement("w:t")
    result.text = shown
    parts = [_mark("begin"), code, _mark("separate"), *([result] if shown else []), _mark("end")]
    return [_run(part) for part in parts]


def _mark(kind: str) -> BaseOxmlElement:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    return mark


def _run(part: BaseOxmlElement) -> BaseOxmlElement:
    run = OxmlElement("w:r")
    run.append(part)
    return run
