"""Write a document as Markdown; every text comes out as text, whatever characters it holds."""

from __future__ import annotations

import re
from functools import singledispatch

from hecon import _controls
from hecon.report.document import Bullets, Document, Facts, Figure, Heading, Paragraph, Table

__all__ = ["escape", "write"]

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
def _block(block: object) -> str:
    msg = f"no Markdown for {type(block).__name__}"
    raise TypeError(msg)


@_block.register
def _(block: Heading) -> str:
    return f"{'#' * block.level} {escape(block.text)}"


@_block.register
def _(block: Paragraph) -> str:
    text = escape(block.text)
    return f"**{text}**" if block.strong and text else text


@_block.register
def _(block: Bullets) -> str:
    return "\n".join(f"- {escape(item)}" for item in block.items)


@_block.register
def _(block: Table) -> str:
    def row(cells: tuple[str, ...]) -> str:
        return "| " + " | ".join(escape(cell) for cell in cells) + " |"

    rule = "| " + " | ".join("---:" if i in block.numeric else "---" for i in range(len(block.header))) + " |"
    caption = escape(block.caption)
    lines = [row(block.header), rule, *(row(cells) for cells in block.rows)]
    return "\n".join([*([f"*{caption}*", ""] if caption else []), *lines])


@_block.register
def _(block: Facts) -> str:
    return "\n".join(f"- {escape(label)}: {escape(text)}" for label, text in block.pairs)


@_block.register
def _(block: Figure) -> str:
    return f"*{escape(block.caption)}.* {escape(block.alt)}"


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
