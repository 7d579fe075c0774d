"""Write a document as Markdown, in which every text comes out as text, or as plain text for a terminal."""

from __future__ import annotations

import re
import textwrap
from functools import partial
from typing import TYPE_CHECKING, Any

from hecon import _controls
from hecon.report.document import Bullets, Document, Facts, Figure, Heading, Paragraph, Table, rendered

if TYPE_CHECKING:
    from collections.abc import Sequence


# White space, line ends among it; a no-break space is none of these.
_BLANK = re.compile(r"[\t\n\x20]+")
# What opens or closes markup anywhere: CommonMark's own, tables, strikethrough and formulas; the colon, dot or at sign
# of an address that would link itself. An underscore inside a word is text in every dialect, so it stays readable.
_MARKUP = re.compile(r"[\\`*\[\]<|&#~$@]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What makes a list, a rule or a quotation of the line that it begins; a negative number does not.
_LEADING = re.compile(r"^(\d*)(>|[-+.)](?=\s|$|-))")


def escape(text: str) -> str:
    """Return text on one line with all markup made literal; a control character becomes U+FFFD, to be seen."""
    line = _MARKUP.sub(r"\\\g<0>", _BLANK.sub(" ", _controls.replace(text)).strip())
    return _LEADING.sub(r"\1\\\2", line)


def markdown(document: Document) -> str:
    """Return a document as CommonMark with pipe tables, ending in a newline."""
    return "\n\n".join(rendered(document, _BLOCKS)) + "\n"


def _paragraph(block: Paragraph) -> str:
    text = escape(block.text)
    return f"**{text}**" if block.strong and text else text


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _table(block: Table) -> str:
    rule = _row(["---:" if place in block.numeric else "---" for place in range(len(block.header))])
    header, *rows = (_row([escape(cell) for cell in cells]) for cells in (block.header, *block.rows))
    caption = escape(block.caption)
    return "\n".join([*([f"*{caption}*", ""] if caption else []), header, rule, *rows])


_BLOCKS = {
    Heading: lambda block: f"{'#' * block.level} {escape(block.text)}",
    Paragraph: _paragraph,
    Bullets: lambda block: "\n".join(f"- {escape(item)}" for item in block.items),
    Table: _table,
    Facts: lambda block: "\n".join(f"- {escape(label)}: {escape(text)}" for label, text in block.pairs),
    Figure: lambda block: f"*{escape(block.caption)}.* {escape(block.alt)}",
}


_WIDTH = 100
_RULES = {1: "=", 2: "-"}
# Columns before the first and the further lines of an item, and of a fact.
_ITEM: dict[str, Any] = {"initial_indent": "  - ", "subsequent_indent": "    "}
_FACT: dict[str, Any] = {"initial_indent": "  ", "subsequent_indent": "    "}


def plain_text(document: Document, width: int = _WIDTH) -> str:
    """Return a document as plain text: a row of a table is its first cell, then the others with their headings."""
    fill = partial(textwrap.fill, width=width, break_on_hyphens=False)

    def heading(block: Heading) -> str:
        rule = _RULES.get(block.level)
        return fill(block.text) if rule is None else f"{fill(block.text)}\n{rule * min(len(block.text), width)}"

    def table(block: Table) -> str:
        lines = [fill(block.caption)] if block.caption else []
        for first, *others in block.rows:
            cells = zip(block.header[1:], others, strict=True)
            told = "; ".join(f"{head}: {cell}" for head, cell in cells if cell not in {"", "–"})
            lines.append(fill("; ".join(filter(None, (first, told))), **_ITEM))
        return "\n".join(lines)

    blocks = {
        Heading: heading,
        Paragraph: lambda block: fill(block.text),
        Bullets: lambda block: "\n".join(fill(item, **_ITEM) for item in block.items),
        Facts: lambda block: "\n".join(fill(f"{label}: {text}", **_FACT) for label, text in block.pairs),
        Figure: lambda block: fill(block.alt),
        Table: table,
    }
    return "\n\n".join(rendered(document, blocks)) + "\n"
