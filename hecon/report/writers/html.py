"""Write a document as one HTML file that asks nothing of the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hecon import _controls
from hecon.report.document import Bullets, Document, Facts, Figure, Heading, Paragraph, Table
from hecon.report.writers.svg import svg

__all__ = ["html"]

_FOLDER = Path(__file__).parents[2] / "data" / "templates"
_SECTION = 2


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)


@dataclass
class _Section:
    """What stands below a heading, and the annexes that are folded there."""

    title: str
    blocks: list[Markup] = field(default_factory=list)
    annexes: list[_Section] = field(default_factory=list)


def html(document: Document) -> str:
    """Return a document that begins with its title as a whole page: styles and figures inline, every text escaped."""
    macros: Any = _environment().get_template("blocks.html").module
    above = ""

    def heading(block: Heading) -> Markup:
        nonlocal above
        above = block.text
        return macros.heading(block)  # type: ignore[no-any-return]

    blocks = {
        Heading: heading,
        Paragraph: macros.paragraph,
        Bullets: macros.bullets,
        Facts: macros.facts,
        # A table is called by its caption, or else by the heading above it.
        Table: lambda block: macros.table(block, block.caption or above),
        Figure: lambda block: macros.figure(block, Markup(svg(block))),  # noqa: S704 (our own drawing)
    }
    opening: list[Markup] = []
    sections: list[_Section] = []
    for block, shown in [(each, blocks[type(each)](each)) for each in document.blocks][1:]:
        if isinstance(block, Heading) and block.level == _SECTION:
            sections.append(_Section(block.text))
        elif isinstance(block, Heading) and block.folded and sections:
            sections[-1].annexes.append(_Section(block.text))
        elif sections:
            (sections[-1].annexes or sections)[-1].blocks.append(shown)
        else:
            opening.append(shown)
    page = (
        _environment()
        .get_template("note.html")
        .render(
            lang=document.locale.lang,
            kind=document.kind,
            brief=document.brief,
            title=" ".join(next(block.text for block in document.blocks if isinstance(block, Heading)).split()),
            style=Markup((_FOLDER / "note.css").read_text(encoding="utf-8")),  # noqa: S704 (our own style sheet)
            say=document.locale.text,
            opening=opening,
            sections=sections,
        )
    )
    # HTML forbids control characters.
    return _controls.replace(page) + "\n"
