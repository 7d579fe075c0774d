"""Write a document as plain text for a terminal."""

from __future__ import annotations

import textwrap
from functools import partial
from typing import Any

from hecon.report.document import Bullets, Document, Facts, Figure, Heading, Paragraph, Table, rendered

__all__ = ["plain_text"]

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
