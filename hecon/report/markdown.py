"""Write a document as Markdown; every text comes out as text, whatever characters it holds."""

from __future__ import annotations

import re
from functools import singledispatch

from hecon.report.document import Bullets, Document, Heading, Paragraph, Table

__all__ = ["escape", "write"]

# Underscores inside a word and lone dots are text in every dialect, so they stay readable.
_SPECIAL = re.compile(r"([\\`*\[\]<>|&#~$]|(?<!\w)_|_(?!\w)|!(?=\[))")
_LEADING = re.compile(r"^(\s*)([-+=>]|\d+[.)])(?=\s|$|[-=+])")
_ADDRESS = re.compile(r"(https?|ftp)(?=://)|(www)(?=\.)", re.IGNORECASE)


def escape(text: str) -> str:
    """Return text with everything that Markdown would read as markup made literal, on one line."""
    line = " ".join(text.split("\n"))
    line = _SPECIAL.sub(r"\\\1", line)
    line = _ADDRESS.sub(lambda match: match.group(0)[0] + "<!-- -->" + match.group(0)[1:], line)
    return _LEADING.sub(lambda match: f"{match.group(1)}{_literal(match.group(2))}", line)


def _literal(marker: str) -> str:
    return marker[:-1] + "\\" + marker[-1] if len(marker) > 1 else "\\" + marker


@singledispatch
def _block(block: object) -> str:
    msg = f"no Markdown for {type(block).__name__}"
    raise TypeError(msg)


@_block.register
def _(block: Heading) -> str:
    return f"{'#' * block.level} {escape(block.text)}"


@_block.register
def _(block: Paragraph) -> str:
    return f"**{escape(block.text)}**" if block.strong else escape(block.text)


@_block.register
def _(block: Bullets) -> str:
    return "\n".join(f"- {escape(item)}" for item in block.items)


@_block.register
def _(block: Table) -> str:
    def row(cells: tuple[str, ...]) -> str:
        return "| " + " | ".join(escape(cell) for cell in cells) + " |"

    rule = "| " + " | ".join("---:" if i in block.numeric else "---" for i in range(len(block.header))) + " |"
    lines = [row(block.header), rule, *(row(cells) for cells in block.rows)]
    return "\n".join([*([f"*{escape(block.caption)}*", ""] if block.caption else []), *lines])


def write(document: Document) -> str:
    """Return the document as Markdown.

    Parameters
    ----------
    document : Document
        Any document.

    Returns
    -------
    str
        CommonMark with pipe tables, ending in a newline.
    """
    return "\n\n".join(_block(block) for block in document.blocks) + "\n"
