"""Read a Word file by its XML alone, without the library that wrote it."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree as ET

SPACE = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
}


def w(name):
    """Return the name of an element or attribute in Word's namespace."""
    return f"{{{SPACE['w']}}}{name}"


class Word:
    """A Word file: its parts, and its body as blocks."""

    def __init__(self, content):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            self.entries = file.infolist()
            self.parts = {name: file.read(name) for name in file.namelist()}
        self.body = self.part("word/document.xml").find("w:body", SPACE)
        styles = self.part("word/styles.xml").findall("w:style", SPACE)
        self.names = {each.get(w("styleId")): each.find("w:name", SPACE).get(w("val")) for each in styles}

    def part(self, name):
        """Return a part as a tree."""
        return ET.fromstring(self.parts[name])  # noqa: S314 (our own)

    def style(self, paragraph):
        """Return the name of a paragraph's style."""
        own = paragraph.find("w:pPr/w:pStyle", SPACE)
        return "Normal" if own is None else self.names[own.get(w("val"))]

    def blocks(self):
        """Yield paragraphs as their style and text, pictures, and tables as the texts of their rows."""
        for each in self.body:
            if each.tag == w("p"):
                picture = each.find(".//wp:docPr", SPACE)
                yield "picture" if picture is not None else self.style(each), text_of(each)
            elif each.tag == w("tbl"):
                yield "table", cells_of(each)

    def tables(self):
        return self.body.findall("w:tbl", SPACE)

    def comments(self):
        """Yield each comment's text with the paragraph, and the cell or None, that its range stands in."""
        if "word/comments.xml" not in self.parts:
            return
        told = {each.get(w("id")): text_of(each) for each in self.part("word/comments.xml")}
        parents = {child: each for each in self.body.iter() for child in each}
        for start in self.body.iter(w("commentRangeStart")):
            paragraph = parents[start]
            above = parents[paragraph]
            yield told[start.get(w("id"))], paragraph, above if above.tag == w("tc") else None


def text_of(element):
    """Return the text of an element."""
    return "".join(
        " " if each.tag == w("br") else each.text or "" for each in element.iter() if each.tag in {w("t"), w("br")}
    )


def cells_of(table):
    """Return the texts of a table's cells, row by row."""
    return [[text_of(cell) for cell in row.findall("w:tc", SPACE)] for row in table.findall("w:tr", SPACE)]
