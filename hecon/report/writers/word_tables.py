"""Tables of a Word file: header rows that repeat, rows that stay whole, columns as wide as what they hold."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.run import Run

from hecon.report.writers import word_package
from hecon.report.writers.word_package import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from docx.document import Document as WordDocument
    from docx.oxml.xmlchemy import BaseOxmlElement

    from hecon.report.document import Table


# Twentieths of a point beside the text of a cell, both sides together.
_PADDING = 125
# Widths of characters in thousandths of the size of the letters: those of Arial, wider than most fonts of institutes.
_WIDTHS = {
    sign: width
    for signs, width in (
        ("ijl'", 222),
        (" \u00a0\u202fI.,:;/\\![]ft|", 278),
        ("-()r{}", 333),
        ("ckszvxyJ", 500),
        ("FTZ\N{MINUS SIGN}+=<>~\N{GREEK CAPITAL LETTER DELTA}", 611),
        ("ABEKPSVXY&", 667),
        ("wCDHNRU", 722),
        ("GOQ", 778),
        ("mM", 833),
        ("%W", 944),
        ("@\N{EM DASH}", 1015),
    )
    for sign in signs
}
_OTHER = 556
# Where Word may break a line: after a space or a hyphen.
_BREAK = re.compile(r"(?<=[ \-\N{EN DASH}])")
# Where a number may stand above its interval.
_INTERVAL = re.compile(r" (?=\()")
_BOLD = 1.07
# Parts in which the room that is left is given away.
_STEPS = 60
# Rows of a table that moves to the next page rather than that it leaves one behind, whatever they hold.
_LOW = 6
# Lines from which a cell is so tall that smaller letters read better.
_TALL = 14


def _width(text: str, size: float) -> float:
    """Return how wide a text is on one line, in twentieths of a point, at a size in points."""
    return sum(_WIDTHS.get(sign, _OTHER) for sign in text) * size / 50


def column_widths(
    header: Sequence[str], rows: Sequence[Sequence[str]], room: float, size: float, whole: Collection[int] = ()
) -> tuple[list[int], float]:
    """Return the widths of columns in twentieths of a point, and about how many lines the tallest cell takes.

    No word is broken where there is room for each, nor a number or its interval in the columns `whole`; the rest goes,
    a little at a time, to the column that makes the most rows tall. Where words must be broken the lines are infinite.
    """
    lines = [(header, _BOLD), *((row, 1.0) for row in rows)]
    texts = np.array([[_width(clean(cell), size) * bold for cell in cells] for cells, bold in lines])
    words = [[_longest_word(clean(cell), size) * bold for cell in cells] for cells, bold in lines]
    least = np.max(words, axis=0) + _PADDING
    for place in whole:
        parts = (part for row in rows for part in _INTERVAL.split(clean(row[place])))
        least[place] = max([least[place], *(_width(part, size) + _PADDING for part in parts)])
    spare = room - least.sum()
    if spare < 0:
        return [int(each) for each in least * (room / least.sum())], math.inf
    wanted = texts.max(axis=0) + _PADDING
    if wanted.sum() <= room:
        return [int(each) for each in wanted], 1.0
    widths, every = least, np.arange(len(texts))
    for _ in range(_STEPS):
        inner = widths - _PADDING + 1
        taken = texts / inner
        tallest = taken.argmax(axis=1)
        gains = np.bincount(tallest, taken[every, tallest] / inner[tallest], minlength=len(widths))
        widths = widths + (np.arange(len(widths)) == gains.argmax()) * spare / _STEPS
    return [int(each) for each in widths], float((texts / (widths - _PADDING + 1)).max())


def _longest_word(text: str, size: float) -> float:
    return max(_width(word.rstrip(), size) for word in _BREAK.split(text))


def _fitted(table: Table, room: float) -> tuple[list[int], str]:
    """Return the widths of a table's columns, and the style of its text: the first in which it reads well."""
    found = []
    # A number is read at once where it stands on one line.
    for whole in (table.numeric, ()):
        for style, size in word_package.TABLE_TEXTS.items():
            widths, lines = column_widths(table.header, table.rows, room, size, whole)
            if lines <= _TALL:
                return widths, style
            found.append((lines, widths, style))
    _, widths, style = min(found, key=lambda each: each[0])
    return widths, style


def add_table(word: WordDocument, table: Table) -> dict[tuple[int, int], Run]:
    """Add a table; return the run of each cell by row and column."""
    widths, style = _fitted(table, word_package.text_width(word) / 635)
    low = len(table.rows) <= _LOW
    size = word_package.TABLE_TEXTS[style]
    ends = frozenset(table.numeric)
    element = _table(word_package.style_id(word, word_package.TABLE_STYLE), widths, first_row=True, first_column=False)
    identifier = word_package.style_id(word, style)
    element.append(_row(table.header, widths, identifier, ends, header=True))
    for place, row in enumerate(table.rows, start=1):
        shown = [
            _apart(cell, width, size) if column in ends else cell
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        element.append(_row(shown, widths, identifier, ends, kept=low and place < len(table.rows)))
    _place(word, element)
    runs = {}
    for place, line in enumerate(element.findall(qn("w:tr"))[1:]):
        for column, run in enumerate(line.iter(qn("w:r"))):
            runs[place, column] = Run(run, word)
    return runs


def _apart(text: str, width: int, size: float) -> str:
    """Return a number with its interval on the next line, where there is no room beside it."""
    line = clean(text)
    # Widths are cut to whole units.
    return _INTERVAL.sub("\n", line) if _width(line, size) + _PADDING > width + 1 else line


def add_facts(word: WordDocument, pairs: Sequence[tuple[str, str]]) -> None:
    """Add pairs of a label and what holds under it as a table of two columns."""
    room = word_package.text_width(word) / 635
    size = word_package.TABLE_TEXTS[word_package.TABLE_TEXT]
    longest = max(_width(clean(label), size) * _BOLD for label, _ in pairs) + _PADDING
    first = int(min(longest, room / 3))
    widths = [first, int(room) - first]
    element = _table(word_package.style_id(word, word_package.TABLE_STYLE), widths, first_row=False, first_column=True)
    identifier = word_package.style_id(word, word_package.TABLE_TEXT)
    for pair in pairs:
        element.append(_row(pair, widths, identifier, frozenset()))
    _place(word, element)


def _place(word: WordDocument, element: BaseOxmlElement) -> None:
    """Put a table at the end of the body, before the settings of the page."""
    word.element.body.sectPr.addprevious(element)


def _new(tag: str, **values: object) -> BaseOxmlElement:
    element = OxmlElement(f"w:{tag}")
    for name, value in values.items():
        element.set(qn(f"w:{name}"), str(value))
    return element


def _within(tag: str, parts: Iterable[BaseOxmlElement]) -> BaseOxmlElement:
    element = _new(tag)
    element.extend(parts)
    return element


def _table(style: str, widths: Sequence[int], *, first_row: bool, first_column: bool) -> BaseOxmlElement:
    """Return a table without rows, as wide as its columns."""
    look = _new(
        "tblLook",
        val=f"{0x0600 | 0x0020 * first_row | 0x0080 * first_column:04X}",
        firstRow=int(first_row),
        lastRow=0,
        firstColumn=int(first_column),
        lastColumn=0,
        noHBand=1,
        noVBand=1,
    )
    properties = [
        _new("tblStyle", val=style),
        _new("tblW", w=sum(widths), type="dxa"),
        _new("tblLayout", type="fixed"),
        look,
    ]
    return _within(
        "tbl", [_within("tblPr", properties), _within("tblGrid", [_new("gridCol", w=each) for each in widths])]
    )


def _row(
    cells: Sequence[str],
    widths: Sequence[int],
    style: str,
    ends: frozenset[int],
    *,
    header: bool = False,
    kept: bool = False,
) -> BaseOxmlElement:
    """Return a row that no page breaks; a header repeats on each page and stays, as one `kept`, with the row below."""
    properties = [_new("cantSplit"), *([_new("tblHeader")] if header else [])]
    row = _within("tr", [_within("trPr", properties)])
    for place, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        format_ = [_new("pStyle", val=style)]
        if header or kept:
            format_.append(_new("keepNext"))
        if place in ends:
            format_.append(_new("jc", val="right"))
        parts: list[BaseOxmlElement] = []
        for line in cell.split("\n") if place in ends and not header else [cell]:
            text = _new("t")
            text.text = clean(line)
            parts += [_new("br"), text] if parts else [text]
        paragraph = _within("p", [_within("pPr", format_), _within("r", parts)])
        row.append(_within("tc", [_within("tcPr", [_new("tcW", w=width, type="dxa")]), paragraph]))
    return row
