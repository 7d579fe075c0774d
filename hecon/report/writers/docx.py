"""Write a document for Word: styles that a template may replace, contents, tables, comments, figures as pixels."""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, Twips
from docx.text.run import Run

from hecon.report.document import (
    SECTION,
    BlockNote,
    Bullets,
    Document,
    Facts,
    Figure,
    Heading,
    Paragraph,
    Table,
    rendered,
)
from hecon.report.writers import drawing, word_package
from hecon.report.writers.word_package import add_text, clean, field_elements

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from docx.document import Document as WordDocument
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.text.paragraph import Paragraph as WordParagraph

_AUTHOR = "hecon"
# Twentieths of a point above a paragraph below a table, which has no space of its own.
_BELOW_TABLE = 120
_BELOW_FIGURE = Pt(10)
# Widths of a figure, in a note of one page and in others.
_FIGURE = {True: Cm(11.5), False: Cm(12.5)}
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


def docx(document: Document, *, template: str | Path | None = None) -> bytes:
    """Return a document as a Word file, the same bytes each time.

    Parameters
    ----------
    document : Document
        The document.
    template : str or Path, optional
        A Word file whose styles, page and running heads are used; its text is not.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    InputError
        If the template cannot be read, is no Word file, or lacks a style that is needed; all that lack are named.
    """
    word = word_package.opened(document, template)
    _Writer(document, word).write()
    word_package.frame(document, word)
    return word_package.packed(word)


@dataclass
class _Writer:
    """Writes the blocks of a document, one below the other."""

    document: Document
    word: WordDocument
    below_table: bool = False
    # How much higher the headings of an annex stand than in the document: each annex is a chapter.
    raised: int = 0
    sections: int = 0
    bookmarks: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: {"table": 0, "figure": 0})

    def write(self) -> None:
        """Write every block."""
        kinds: dict[type, Any] = {
            Heading: self._heading,
            Paragraph: self._plain,
            Bullets: self._bullets,
            Facts: self._facts,
            Table: self._table,
            Figure: self._figure,
        }
        rendered(self.document, kinds)
        if self.below_table:
            # The body of a Word file may not end in a table.
            self._paragraph("Normal")

    @cached_property
    def style_ids(self) -> dict[str, str]:
        """The identifiers of styles by name."""
        return {style.name: style.style_id for style in self.word.styles}

    @cached_property
    def leading(self) -> set[int]:
        """The identities of paragraphs between two headings, the second below the first."""
        blocks = self.document.blocks
        around = zip(blocks, blocks[1:], blocks[2:], strict=False)
        return {
            id(each)
            for before, each, after in around
            if isinstance(before, Heading) and isinstance(after, Heading) and after.level > before.level
        }

    @cached_property
    def chapters(self) -> list[str]:
        """The headings that the contents list, in order."""
        return [block.text for block in self.document.blocks if isinstance(block, Heading) and _is_chapter(block)]

    def _paragraph(self, style: str) -> WordParagraph:
        """Return a new paragraph, some way below a table."""
        paragraph = self.word.add_paragraph()
        paragraph._p.style = self.style_ids[style]  # noqa: SLF001 (python-docx looks a style up among all each time)
        if self.below_table and not style.startswith("Heading"):
            paragraph.paragraph_format.space_before = Twips(_BELOW_TABLE)
        self.below_table = False
        return paragraph

    def _heading(self, block: Heading) -> None:
        if block.level < SECTION:
            add_text(self._paragraph("Subtitle"), self.document.kind_words)
            add_text(self._paragraph("Title"), block.text)
            return
        if block.level == SECTION:
            self.sections += 1
            self.raised = 0
            if self.sections == self.document.contents_at:
                self._contents()
                word_package.update_fields(self.word)
        elif block.folded:
            self.raised = block.level - SECTION
        level = block.level - SECTION + 1 - self.raised
        paragraph = self._paragraph(f"Heading {min(level, word_package.LEVELS)}")
        run = add_text(paragraph, block.text)
        if level == 1 and self.document.contents_at is not None:
            _bookmark(run, len(self.bookmarks), self._name(len(self.bookmarks)))
            self.bookmarks[self._name(len(self.bookmarks))] = block.text

    @staticmethod
    def _name(number: int) -> str:
        """Return the name of the bookmark of a chapter."""
        return f"_Toc{number + 1:06d}"

    def _contents(self) -> None:
        """Write the field of the contents, an entry for each chapter; Word fills in the pages."""
        add_text(self._paragraph("TOC Heading"), self.document.locale.text("html.contents"))
        begin = field_elements(' TOC \\o "1-1" \\h \\z \\u ')
        last = len(self.chapters) - 1
        for number, text in enumerate(self.chapters):
            paragraph = self._paragraph("toc 1")
            if number == 0:
                paragraph._p.extend(begin[:3])  # noqa: SLF001 (python-docx has no fields)
            link = OxmlElement("w:hyperlink")
            link.set(qn("w:anchor"), self._name(number))
            link.set(qn("w:history"), "1")
            paragraph._p.append(link)  # noqa: SLF001
            link.append(add_text(paragraph, text)._r)  # noqa: SLF001
            tab = paragraph.add_run()
            tab.add_tab()
            link.append(tab._r)  # noqa: SLF001
            link.extend(field_elements(f" PAGEREF {self._name(number)} \\h "))
            if number == last:
                paragraph._p.extend(begin[3:])  # noqa: SLF001

    def _plain(self, block: Paragraph) -> None:
        paragraph = self._paragraph("Normal")
        paragraph.paragraph_format.keep_with_next = True if id(block) in self.leading else None
        add_text(paragraph, block.text, strong=block.strong)

    def _bullets(self, block: Bullets) -> None:
        for row, item in enumerate(block.items):
            run = add_text(self._paragraph("List Bullet"), item)
            self._comment(run, [note for note in block.notes if note.row == row])

    def _facts(self, block: Facts) -> None:
        self._apart()
        _add_facts(self.word, block.pairs)
        self.below_table = True

    def _table(self, block: Table) -> None:
        if block.caption:
            self._caption("table", block.caption, above=True)
        self._apart()
        runs = _add_table(self.word, block)
        self.below_table = True
        for place in dict.fromkeys((note.row, note.column) for note in block.notes):
            notes = [note for note in block.notes if (note.row, note.column) == place]
            self._comment(runs[place], notes)

    def _apart(self) -> None:
        """Write an empty line between two tables, which Word would join."""
        if self.below_table:
            self._paragraph("Normal")

    def _figure(self, block: Figure) -> None:
        if block.paint is None:
            self._caption("figure", block.caption, above=False)
            add_text(self._paragraph("Normal"), block.alt)
            return
        paragraph = self._paragraph("Normal")
        paragraph.paragraph_format.keep_with_next = True
        room = word_package.text_width(self.word)
        width = min(_FIGURE[self.document.brief], room)
        picture = paragraph.add_run().add_picture(io.BytesIO(drawing.png(block.paint, block.kind)), width=width)
        properties = picture._inline.docPr  # noqa: SLF001 (python-docx has no alt texts)
        properties.set("descr", clean(block.alt))
        properties.set("name", clean(block.name))
        self._caption("figure", block.caption, above=False)

    def _caption(self, kind: str, text: str, *, above: bool) -> None:
        """Write a caption, its number as a field that counts."""
        paragraph = self._paragraph("Caption")
        paragraph.paragraph_format.keep_with_next = above
        if not above:
            paragraph.paragraph_format.space_after = _BELOW_FIGURE
        number = self.counts[kind] = self.counts[kind] + 1
        name, own = self.document.locale.text(f"numbering.{kind}", number=number), str(number)
        if text.startswith(name) and name.endswith(own):
            add_text(paragraph, name.removesuffix(own), keep=True)
            paragraph._p.extend(field_elements(f" SEQ {kind.capitalize()} \\* ARABIC ", own))  # noqa: SLF001
            text = text.removeprefix(name)
        add_text(paragraph, text, keep=True)

    def _comment(self, run: Run, notes: Sequence[BlockNote]) -> None:
        """Put notes at a run as comments, of the date of the document."""
        for note in notes:
            comment = self.word.add_comment(run, clean(note.text), author=_AUTHOR, initials=_AUTHOR[0])
            word_package.date_comment(comment, self.document)


def _is_chapter(block: Heading) -> bool:
    return block.level == SECTION or block.folded


def _bookmark(run: Run, number: int, name: str) -> None:
    """Put a bookmark around a run."""
    for tag, before in (("w:bookmarkStart", True), ("w:bookmarkEnd", False)):
        mark = OxmlElement(tag)
        mark.set(qn("w:id"), str(number))
        if before:
            mark.set(qn("w:name"), name)
            run._r.addprevious(mark)  # noqa: SLF001
        else:
            run._r.addnext(mark)  # noqa: SLF001


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


def _add_table(word: WordDocument, table: Table) -> dict[tuple[int, int], Run]:
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


def _add_facts(word: WordDocument, pairs: Sequence[tuple[str, str]]) -> None:
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
