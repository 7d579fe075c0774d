"""Write a document as one HTML file that asks nothing of the network, its figures as SVG within it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from hecon import _controls
from hecon.report.document import SECTION, Block, Bullets, Document, Facts, Figure, Heading, Paragraph, Table
from hecon.report.writers import drawing

__all__ = ["html", "svg"]

# A browser may end a line between the minus and the sign of the currency.
_NEGATIVE = re.compile("\N{MINUS SIGN}[^\\s\\d<>&;]{1,4}\N{NO-BREAK SPACE}?\\d(?:[\\d.,]*\\d)?")


def svg(figure: Figure) -> str:
    """Return a figure as an ``<svg>`` element, the same bytes each time; nothing of one that has no drawing."""
    if figure.paint is None:
        return ""
    return _inline(drawing.svg_text(figure.paint, figure.kind), figure.name)


def _inline(drawn: str, name: str) -> str:
    """Return the SVG element alone, in the page's own ink and font, with identifiers that no other figure has."""
    element = drawn[drawn.index("<svg") :].strip()
    element = re.sub(r"<metadata>.*?</metadata>\s*", "", element, flags=re.DOTALL)
    element = re.sub(r"<!--.*?-->\s*", "", element, flags=re.DOTALL)
    # Only tags are rewritten: a label may hold anything and is never touched.
    element = re.sub(r"<[^>]*>", lambda tag: _tag(tag.group(), name), element)
    root, rest = element.split(">", maxsplit=1)
    root = re.sub(r' (width|height)="[^"]*"', "", root)
    return root.replace("<svg ", '<svg aria-hidden="true" focusable="false" ') + ">" + rest


def _tag(tag: str, name: str) -> str:
    tag = re.sub(r'\bid="', f'id="{name}-', tag)
    tag = tag.replace("url(#", f"url(#{name}-").replace('href="#', f'href="#{name}-')
    tag = re.sub(r"'DejaVu Sans'[^;\"]*", "system-ui, sans-serif", tag)
    from hecon.plot._style import INK, MUTED

    tag = tag.replace(INK, "var(--ink)").replace(MUTED, "var(--muted)")
    # Hundredths of a point are enough for a path.
    return re.sub(r'\bd="[^"]*"', lambda path: re.sub(r"(\.\d\d)\d+", r"\1", path.group()), tag)


_FOLDER = Path(__file__).parents[2] / "data" / "templates"


@cache
def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
    environment.filters["whole"] = _whole
    return environment


def _whole(text: str) -> Markup:
    """Return text, escaped, in which no line ends within a negative amount: a browser may break after its minus."""
    return Markup(_NEGATIVE.sub(r'<span class="whole">\g<0></span>', str(escape(text))))  # noqa: S704 (escaped)


def _css_string(text: str) -> Markup:
    """Return text as a string of CSS, in which nothing but plain letters, digits and spaces stands unescaped."""
    plain = (sign if sign == " " or (sign.isascii() and sign.isalnum()) else f"\\{ord(sign):x} " for sign in text)
    return Markup(f'"{"".join(plain)}"')  # noqa: S704 (escaped above)


@dataclass
class _PageSection:
    """What stands below a heading, each block with the nearest heading, and the annexes that are folded there."""

    title: str
    blocks: list[tuple[Block, str]] = field(default_factory=list)
    annexes: list[_PageSection] = field(default_factory=list)


def _arranged(document: Document) -> tuple[list[tuple[Block, str]], list[_PageSection]]:
    """Return what stands between the title and the first section, and the sections with their annexes."""
    opening: list[tuple[Block, str]] = []
    sections: list[_PageSection] = []
    above = document.title
    for block in document.blocks[1:]:
        above = block.text if isinstance(block, Heading) else above
        if isinstance(block, Heading) and block.level == SECTION:
            sections.append(_PageSection(block.text))
        elif isinstance(block, Heading) and block.folded and sections:
            sections[-1].annexes.append(_PageSection(block.text))
        elif sections:
            (sections[-1].annexes or sections)[-1].blocks.append((block, above))
        else:
            opening.append((block, above))
    return opening, sections


def html(document: Document) -> str:
    """Return a document that begins with its title as a whole page: styles and figures inline, every text escaped."""
    macros: Any = _environment().get_template("blocks.html").module
    plain = {Heading: macros.heading, Paragraph: macros.paragraph, Bullets: macros.bullets, Facts: macros.facts}

    def shown(block: Block, above: str) -> Markup:
        if isinstance(block, Table):
            # A table is called by its caption, or else by the heading above it.
            return macros.table(block, block.caption or above)  # type: ignore[no-any-return]
        if isinstance(block, Figure):
            return macros.figure(block, Markup(svg(block)))  # type: ignore[no-any-return]  # noqa: S704 (our own drawing)
        return plain[type(block)](block)  # type: ignore[no-any-return]

    opening, sections = _arranged(document)
    title = document.title
    page = (
        _environment()
        .get_template("note.html")
        .render(
            lang=document.locale.lang,
            contents_at=document.contents_at,
            kind_words=document.kind_words,
            colophon=document.colophon,
            brief=document.brief,
            title=title,
            head=_css_string(" ".join(title.split())),
            style=Markup((_FOLDER / "note.css").read_text(encoding="utf-8")),  # noqa: S704 (our own style sheet)
            say=document.locale.text,
            shown=shown,
            opening=opening,
            sections=sections,
        )
    )
    # HTML forbids control characters.
    return _controls.replace(page) + "\n"
