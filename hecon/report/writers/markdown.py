"""Write a document as Markdown, in which every text comes out as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hecon import _controls
from hecon.report.document import Bullets, Document, Facts, Figure, Heading, Paragraph, Table, rendered

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["escape", "markdown"]

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
