"""Write a document for Word: styles that a template may replace, captions, contents, comments, figures as pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, Twips

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
from hecon.report.writers import drawing, word_package, word_tables
from hecon.report.writers.word_package import add_text, clean, field_elements

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph as WordParagraph
    from docx.text.run import Run


_AUTHOR = "hecon"
# Twentieths of a point above a paragraph below a table, which has no space of its own.
_BELOW_TABLE = 120
_BELOW_FIGURE = Pt(10)
# Widths of a figure, in a note of one page and in others.
_FIGURE = {True: Cm(11.5), False: Cm(12.5)}


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
        word_tables.add_facts(self.word, block.pairs)
        self.below_table = True

    def _table(self, block: Table) -> None:
        if block.caption:
            self._caption("table", block.caption, above=True)
        self._apart()
        runs = word_tables.add_table(self.word, block)
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
