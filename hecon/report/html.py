"""Write a document as one HTML file that asks nothing of the network."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hecon import _controls
from hecon.locale import Locale
from hecon.report.document import Bullets, Document, Facts, Figure, Heading, Paragraph, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from hecon.report.document import Block

__all__ = ["write"]

_FOLDER = Path(__file__).parent.parent / "data" / "templates"
# The level of a section's own heading.
_SECTION = 2
_MACROS = {Heading: "heading", Paragraph: "paragraph", Bullets: "bullets", Facts: "facts"}


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)


def write(document: Document, drawing: Callable[[Figure], str]) -> str:
    """Return the document as HTML.

    Parameters
    ----------
    document : Document
        A document that begins with a heading of level 1.
    drawing : callable
        Gives a figure's SVG element.

    Returns
    -------
    str
        A whole page: styles and figures inline, every text escaped.
    """
    environment = _environment()
    macros: Any = environment.get_template("blocks.html").module
    labels = _labels(document)

    def render(block: Block) -> Markup:
        if isinstance(block, Figure):
            return Markup(macros.figure(block, Markup(drawing(block))))  # noqa: S704 (our own drawing)
        if isinstance(block, Table):
            return Markup(macros.table(block, labels[id(block)]))  # noqa: S704 (a macro of an escaping template)
        return Markup(getattr(macros, _MACROS[type(block)])(block))  # noqa: S704 (a macro of an escaping template)

    blocks = document.blocks
    title = next(block.text for block in blocks if isinstance(block, Heading))
    heads = [place for place, each in enumerate(blocks) if isinstance(each, Heading) and each.level == _SECTION]
    ends = [*heads[1:], len(blocks)]
    note = environment.get_template("note.html")
    page = note.render(
        lang=document.lang,
        kind=document.kind,
        title=_plain(title),
        style=Markup((_FOLDER / "note.css").read_text(encoding="utf-8")),  # noqa: S704 (our own style sheet)
        say=lambda key: Locale(document.lang).text(key),
        opening=blocks[1 : heads[0] if heads else None],
        sections=[(blocks[head], blocks[head + 1 : end]) for head, end in zip(heads, ends, strict=False)],
        render=render,
    )
    # HTML forbids control characters.
    return _controls.replace(page) + "\n"


def _labels(document: Document) -> dict[int, str]:
    """Return what each table is called: its caption, or else the heading above it."""
    labels, heading = {}, ""
    for block in document.blocks:
        if isinstance(block, Heading):
            heading = block.text
        elif isinstance(block, Table):
            labels[id(block)] = block.caption or heading
    return labels


def _plain(text: str) -> str:
    return " ".join(text.split())
