"""Write a document as text: as Markdown, in which every text comes out as text, and plain for a terminal."""

from __future__ import annotations

import re
import textwrap
from functools import singledispatch
from typing import TYPE_CHECKING

from hecon import _controls
from hecon.report.document import Bullets, Document, Facts, Figure, Heading, Paragraph, Table

if TYPE_CHECKING:
    from hecon.report.document import Block

__all__ = ["escape", "markdown", "plain"]

# White space, line ends among it; a no-break space is none of these.
_BLANK = re.compile(r"[\t\n\x20]+")
# What opens or closes markup anywhere: CommonMark's own, tables, strikethrough and formulas; the colon, dot or at sign
# of an address that would link itself. An underscore inside a word is text in every dialect, so it stays readable.
_MARKUP = re.compile(r"[\\`*\[\]<|&#~$@]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What makes a list, a rule or a quotation of the line that it begins; a negative number does not.
_LEADING = re.compile(r"^(\d*)(>|[-+.)](?=\s|$|-))")


def escape(text: str) -> str:
    """Return text with everything that Markdown would read as markup made literal, on one line.

    A control character becomes U+FFFD, so that it is seen to be there.
    """
    line = _MARKUP.sub(r"\\\g<0>", _BLANK.sub(" ", _controls.replace(text)).strip())
    return _LEADING.sub(r"\1\\\2", line)


@singledispatch
def _markdown_block(block: object) -> str:
    msg = f"no Markdown for {type(block).__name__}"
    raise TypeError(msg)


@_markdown_block.register
def _(block: Heading) -> str:
    return f"{'#' * block.level} {escape(block.text)}"


@_markdown_block.register
def _(block: Paragraph) -> str:
    text = escape(block.text)
    return f"**{text}**" if block.strong and text else text


@_markdown_block.register
def _(block: Bullets) -> str:
    return "\n".join(f"- {escape(item)}" for item in block.items)


@_markdown_block.register
def _(block: Table) -> str:
    def row(cells: tuple[str, ...]) -> str:
        return "| " + " | ".join(escape(cell) for cell in cells) + " |"

    rule = "| " + " | ".join("---:" if i in block.numeric else "---" for i in range(len(block.header))) + " |"
    caption = escape(block.caption)
    lines = [row(block.header), rule, *(row(cells) for cells in block.rows)]
    return "\n".join([*([f"*{caption}*", ""] if caption else []), *lines])


@_markdown_block.register
def _(block: Facts) -> str:
    return "\n".join(f"- {escape(label)}: {escape(text)}" for label, text in block.pairs)


@_markdown_block.register
def _(block: Figure) -> str:
    return f"*{escape(block.caption)}.* {escape(block.alt)}"


def markdown(document: Document) -> str:
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
    return "\n\n".join(_markdown_block(block) for block in document.blocks) + "\n"


_WIDTH = 100
_RULES = {1: "=", 2: "-"}


def plain(document: Document, width: int = _WIDTH) -> str:
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
    return "\n\n".join(_plain_block(each, width) for each in document.blocks) + "\n"


def _wrapped(text: str, width: int, first: str = "", rest: str = "") -> str:
    return textwrap.fill(text, width=width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)


def _plain_block(block: Block, width: int) -> str:
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
    return _plain_table(block, width)


def _plain_table(table: Table, width: int) -> str:
    lines = [_wrapped(table.caption, width)] if table.caption else []
    for row in table.rows:
        cells = "; ".join(
            f"{head}: {cell}" for head, cell in zip(table.header[1:], row[1:], strict=True) if cell not in {"", "–"}
        )
        lines.append(_wrapped("; ".join(filter(None, (row[0], cells))), width, "  - ", "    "))
    return "\n".join(lines)
