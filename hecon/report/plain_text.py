"""Write a document as plain text for a terminal: headings underlined, paragraphs and lists wrapped."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from hecon.report.document import Bullets, Facts, Figure, Heading, Paragraph, Table

if TYPE_CHECKING:
    from hecon.report.document import Block, Document

__all__ = ["write"]

_WIDTH = 100
_RULES = {1: "=", 2: "-"}


def write(document: Document, width: int = _WIDTH) -> str:
    """Return a document as plain text.

    Parameters
    ----------
    document : Document
        The document.
    width : int, default 100
        Longest line.

    Returns
    -------
    str
        Ends in a newline. A table becomes a list: each row its first cell, then the others with their headings.
    """
    return "\n\n".join(_block(each, width) for each in document.blocks) + "\n"


def _wrapped(text: str, width: int, first: str = "", rest: str = "") -> str:
    return textwrap.fill(text, width=width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)


def _block(block: Block, width: int) -> str:
    if isinstance(block, Heading):
        rule = _RULES.get(block.level)
        text = _wrapped(block.text, width)
        return text if rule is None else f"{text}\n{rule * min(len(block.text), width)}"
    if isinstance(block, Paragraph):
        return _wrapped(block.text, width)
    if isinstance(block, Bullets):
        return "\n".join(_wrapped(item, width, "  - ", "    ") for item in block.items)
    if isinstance(block, Facts):
        return "\n".join(_wrapped(f"{label}: {text}", width, "  ", "    ") for label, text in block.pairs)
    if isinstance(block, Figure):
        return _wrapped(block.alt, width)
    return _table(block, width)


def _table(table: Table, width: int) -> str:
    lines = [_wrapped(table.caption, width)] if table.caption else []
    for row in table.rows:
        cells = "; ".join(
            f"{head}: {cell}" for head, cell in zip(table.header[1:], row[1:], strict=True) if cell not in {"", "–"}
        )
        lines.append(_wrapped("; ".join(filter(None, (row[0], cells))), width, "  - ", "    "))
    return "\n".join(lines)
