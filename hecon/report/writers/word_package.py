"""A Word file around its blocks: text and fields, styles, page, running heads, properties, and its bytes."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import TYPE_CHECKING

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Emu, Pt, RGBColor

from hecon import _controls, _io
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from docx.comments import Comment
    from docx.document import Document as WordDocument
    from docx.opc.rel import Relationships
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.section import Section, _BaseHeaderFooter, _Footer
    from docx.styles.style import ParagraphStyle
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

    from hecon.report.document import Document

    _Look = tuple[float, bool, str | None, float, float]


# Levels of headings below the title.
LEVELS = 4
TABLE_STYLE = "Table Grid"
TABLE_TEXT = "Table Text"
# Styles of the text of tables, each with its size in points, from the one that reads best.
TABLE_TEXTS = {TABLE_TEXT: 8.0, "Table Text Small": 7.0}
_NEEDED = {
    WD_STYLE_TYPE.PARAGRAPH: (
        *("Normal", "Title", "Subtitle", *(f"Heading {level}" for level in range(1, LEVELS + 1))),
        *("Caption", "List Bullet"),
    ),
    WD_STYLE_TYPE.TABLE: (TABLE_STYLE,),
}
_LANGUAGES = {"nl": "nl-NL", "en": "en-GB"}
_TEMPLATE_BYTES = 32_000_000
# Size of the entries of the contents in points.
_CONTENTS = 9
# Office has it, and LibreOffice has one of the same widths.
_FONT = "Arial"
_INK, _MUTED, _RULE = "1A1A1A", "555555", "BBBBBB"
# What belongs to the look of a template; its text, figures and comments do not come along.
_LOOK = {
    *("styles", "numbering", "settings", "webSettings", "theme", "fontTable", "header", "footer"),
    *("officeDocument", "core-properties"),
}
# Settings that stand behind the one by which Word updates fields; those of other names than Word's come last too.
_AFTER_UPDATE = frozenset(
    qn(name)
    for name in (
        *("w:hdrShapeDefaults", "w:footnotePr", "w:endnotePr", "w:compat", "w:docVars", "w:rsids", "m:mathPr"),
        *("w:attachedSchema", "w:themeFontLang", "w:clrSchemeMapping", "w:doNotIncludeSubdocsInStats"),
        *("w:doNotAutoCompressPictures", "w:forceUpgrade", "w:captions", "w:readModeInkLockDown"),
        *("w:smartTagType", "w:shapeDefaults", "w:doNotEmbedSmartTags", "w:decimalSymbol", "w:listSeparator"),
    )
)
# A file in a zip can be no older, and is as old for whoever makes it.
_EPOCH = (1980, 1, 1, 0, 0, 0)
# The longest text that a property takes.
_PROPERTY = 255
# White space, line ends among it; a no-break space is none of these.
_BLANK = re.compile(r"[\t\n\x20]+")


def opened(document: Document, template: str | Path | None) -> WordDocument:
    """Return a Word document without text, in the styles of a template or in our own."""
    if template is None:
        word = docx.Document()
        _own_look(word, brief=document.brief)
    else:
        word = _opened_template(template)
    _add_own_styles(word)
    _set_language(word, _LANGUAGES[document.locale.lang])
    return word


def check_template(path: str | Path) -> None:
    """Refuse a template that cannot be used."""
    _opened_template(path)


def _opened_template(path: str | Path) -> WordDocument:
    from docx.opc.exceptions import PackageNotFoundError

    content = _io.file_bytes("template", path, at_most=_TEMPLATE_BYTES)
    try:
        word = docx.Document(io.BytesIO(content))
        present = {(style.type, style.name) for style in word.styles}
    # Broken XML is a SyntaxError.
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, SyntaxError):
        msg = f"template must be a Word file (.docx), got {str(path)!r}: in Word, save it as a Word document"
        raise InputError(msg) from None
    lacking = [name for kind, names in _NEEDED.items() for name in names if (kind, name) not in present]
    if lacking:
        msg = (
            f"template must have the styles that a note uses, got {str(path)!r} without {', '.join(lacking)}: "
            "in Word, use each of these styles once and save; or begin with a note that hecon wrote"
        )
        raise InputError(msg)
    _empty(word)
    return word


def _empty(word: WordDocument) -> None:
    """Take out the text of a template, and all that belongs to it alone."""
    body = word.element.body
    for part in list(body):
        if part.tag != qn("w:sectPr"):
            body.remove(part)
    for relations in (word.part.rels, word.part.package.rels):
        _drop(relations, _LOOK)
    settings = word.part._settings_part  # noqa: SLF001 (python-docx shows its element alone)
    for tag in ("w:footnotePr", "w:endnotePr", "w:attachedTemplate"):
        for part in settings.element.findall(qn(tag)):
            settings.element.remove(part)
    _drop(settings.rels, set())


def _drop(relations: Relationships, kept: set[str]) -> None:
    for identifier, relation in list(relations.items()):
        if relation.reltype.rpartition("/")[2] not in kept:
            del relations[identifier]


def _own_look(word: WordDocument, *, brief: bool) -> None:
    """Give a new document our page and styles."""
    for style in list(word.styles):
        if style.type == WD_STYLE_TYPE.TABLE and style.name not in {"Normal Table", TABLE_STYLE}:
            style.delete()
    _drop(word.part.rels, _LOOK)
    section = word.sections[0]
    margin = Cm(1.5 if brief else 2.0)
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = margin
    section.top_margin, section.bottom_margin = (Cm(1.5), Cm(1.4)) if brief else (Cm(2.4), Cm(2.2))
    section.header_distance = section.footer_distance = Cm(0.7 if brief else 1.1)
    body = 9.0 if brief else 10.0
    # Size in points, bold, colour, space above and below in points.
    looks: dict[str, _Look] = {
        "Normal": (body, False, None, 0, 3 if brief else 6),
        "Subtitle": (9, False, _MUTED, 0, 2),
        "Title": (14 if brief else 18, True, _INK, 0, 4 if brief else 8),
        "Heading 1": (11.5 if brief else 14, True, _INK, 6 if brief else 18, 3 if brief else 6),
        "Heading 2": (11.5, True, _INK, 12, 4),
        "Heading 3": (10.5, True, _INK, 10, 3),
        "Heading 4": (10, True, _MUTED, 8, 2),
        "Caption": (8.5, True, _MUTED, 6, 4),
        "List Bullet": (body, False, None, 0, 3),
        "TOC Heading": (11, True, _INK, 12, 4),
        "Header": (8, False, _MUTED, 0, 0),
        "Footer": (8, False, _MUTED, 0, 0),
    }
    for name, look in looks.items():
        _restyle(word.styles[name], look)
    word.styles["Normal"].paragraph_format.line_spacing = 1.0 if brief else 1.1
    _own_table_style(word)


def _restyle(style: ParagraphStyle, look: _Look) -> None:
    """Give a paragraph style a look of its own in place of the one it has."""
    size, bold, colour, above, below = look
    element = style.element
    for tag in ("w:rPr", "w:pPr/w:pBdr", "w:pPr/w:contextualSpacing", "w:pPr/w:tabs"):
        for part in element.findall("/".join(qn(each) for each in tag.split("/"))):
            part.getparent().remove(part)
    font, format_ = style.font, style.paragraph_format
    font.name, font.size = _FONT, Pt(size)
    # A style that says that it is not bold would undo the header of a table.
    font.bold = bold or None
    # Without these, Word takes the fonts of the theme for some scripts.
    fonts = element.rPr.rFonts
    for script in ("w:cs", "w:eastAsia"):
        fonts.set(qn(script), _FONT)
    if colour is not None:
        font.color.rgb = RGBColor.from_string(colour)
    format_.space_before, format_.space_after = Pt(above), Pt(below)


def _own_table_style(word: WordDocument) -> None:
    """Let tables have rules between rows alone, and a header that stands out."""
    element = word.styles[TABLE_STYLE].element
    for tag in ("w:pPr", "w:rPr", "w:tblPr", "w:tblStylePr"):
        for part in element.findall(qn(tag)):
            element.remove(part)
    rule = f'w:val="single" w:sz="4" w:space="0" w:color="{_RULE}"'
    strong = f'w:val="single" w:sz="8" w:space="0" w:color="{_MUTED}"'
    sides = (("top", 30), ("left", 50), ("bottom", 30), ("right", 50))
    margins = "".join(f'<w:{side} w:w="{size}" w:type="dxa"/>' for side, size in sides)
    space = nsdecls("w")
    borders = f"<w:tblBorders><w:top {strong}/><w:bottom {strong}/><w:insideH {rule}/></w:tblBorders>"
    below = f'<w:tcPr><w:tcBorders><w:bottom {strong}/></w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr>'
    parts = [
        f"<w:tblPr {space}>{borders}<w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>",
        f'<w:tblStylePr {space} w:type="firstRow"><w:rPr><w:b/></w:rPr>{below}</w:tblStylePr>',
        f'<w:tblStylePr {space} w:type="firstCol"><w:rPr><w:b/></w:rPr></w:tblStylePr>',
    ]
    element.extend(parse_xml(part) for part in parts)


def _add_own_styles(word: WordDocument) -> None:
    """Add the styles that a template need not have, in the look of those that it has."""
    present = {style.name for style in word.styles}
    for name, size in TABLE_TEXTS.items():
        if name not in present:
            style = _derived(word, name, "Normal")
            style.font.size = Pt(size)
            style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
            style.paragraph_format.line_spacing = 1.0
    if "toc 1" not in present:
        style = _derived(word, "toc 1", "Normal")
        style.font.size = Pt(_CONTENTS)
        style.paragraph_format.space_after = Pt(0)
        style.paragraph_format.line_spacing = 1.0
        style.paragraph_format.tab_stops.add_tab_stop(text_width(word), WD_TAB_ALIGNMENT.RIGHT)
    if "TOC Heading" not in present:
        # Not one of the headings that the contents list.
        style = _derived(word, "TOC Heading", "Normal")
        style.font.bold = True
        style.paragraph_format.keep_with_next = True
    for name in ("Header", "Footer"):
        if name not in present:
            _derived(word, name, "Normal")


def _derived(word: WordDocument, name: str, base: str) -> ParagraphStyle:
    style: ParagraphStyle = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = word.styles[base]
    return style


def _set_language(word: WordDocument, language: str) -> None:
    """Set the language of all text, for the spelling checker and for what reads aloud."""
    styles = word.styles.element
    for part in styles.findall(f".//{qn('w:style')}/{qn('w:rPr')}/{qn('w:lang')}"):
        part.getparent().remove(part)
    defaults = styles.find(qn("w:docDefaults"))
    if defaults is None:
        defaults = OxmlElement("w:docDefaults")
        styles.insert(0, defaults)
    found = defaults
    for tag in ("w:rPrDefault", "w:rPr", "w:lang"):
        inner = found.find(qn(tag))
        if inner is None:
            inner = OxmlElement(tag)
            found.insert(0, inner) if tag == "w:rPrDefault" else found.append(inner)
        found = inner
    for attribute in ("w:val", "w:eastAsia"):
        found.set(qn(attribute), language)


def update_fields(word: WordDocument) -> None:
    """Let Word, which asks first, write the pages of the contents when it opens the file."""
    settings = word.settings.element
    if settings.find(qn("w:updateFields")) is not None:
        return
    update = OxmlElement("w:updateFields")
    update.set(qn("w:val"), "true")
    # The order of settings is fixed.
    later = next((at for at, each in enumerate(settings) if each.tag in _AFTER_UPDATE), len(settings))
    settings.insert(later, update)


def frame(document: Document, word: WordDocument) -> None:
    """Set the running heads and the properties of a document."""
    section = word.sections[0]
    title, colophon = _property(document.title), _property(document.colophon)
    heads = [section.header, section.first_page_header, section.even_page_header]
    feet = [section.footer, section.first_page_footer, section.even_page_footer]
    if any(_has_content(part) for part in (*heads, *feet)):
        # The heads of a template stand; where they show a property, it is one of this document.
        for part in (*heads, *feet):
            _refresh(part, {"TITLE": title, "COMMENTS": colophon})
    elif document.brief:
        _foot(section.footer, colophon, section)
    else:
        section.different_first_page_header_footer = True
        paragraph = section.header.paragraphs[0]
        paragraph.style = word.styles["Header"]
        paragraph._p.extend(field_elements(" TITLE ", title))  # noqa: SLF001 (python-docx has no fields)
        section.first_page_header.is_linked_to_previous = False
        for foot in (section.footer, section.first_page_footer):
            _foot(foot, colophon, section)
    properties = word.core_properties
    properties.title, properties.subject, properties.comments = title, _property(document.kind_words), colophon
    properties.author = properties.last_modified_by = _property(document.author or "hecon")
    properties.keywords = properties.category = ""
    properties.language, properties.revision = _LANGUAGES[document.locale.lang], 1
    _date_properties(word, document.date)


def _property(text: str) -> str:
    """Return a text as a property of a file can hold it."""
    line = clean(text)
    return line if len(line) <= _PROPERTY else f"{line[: _PROPERTY - 1]}\N{HORIZONTAL ELLIPSIS}"


def _date_properties(word: WordDocument, day: dt.date | None) -> None:
    """Date the properties as the document; those of one without a date have none."""
    properties = word.core_properties
    if day is not None:
        properties.created = properties.modified = _moment(day)
        return
    element = properties._element  # noqa: SLF001 (python-docx cannot take a date away)
    for tag in ("dcterms:created", "dcterms:modified", "cp:lastPrinted"):
        for part in element.findall(qn(tag)):
            element.remove(part)


def _moment(day: dt.date) -> dt.datetime:
    """Return the midnight with which a day begins."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


def _has_content(part: _BaseHeaderFooter) -> bool:
    """Tell whether a running head holds text or a picture."""
    if part.is_linked_to_previous:
        return False
    tags = map(qn, ("w:t", "w:drawing", "w:pict", "w:object"))
    return next(part._element.iter(*tags), None) is not None  # noqa: SLF001


def _refresh(part: _BaseHeaderFooter, properties: Mapping[str, str]) -> None:
    """Let every field of a property in a running head show what it is now."""
    if part.is_linked_to_previous:
        return
    for code in part._element.iter(qn("w:instrText")):  # noqa: SLF001
        results = []
        for run in code.getparent().itersiblings(qn("w:r")):
            if any(mark.get(qn("w:fldCharType")) == "end" for mark in run.iter(qn("w:fldChar"))):
                break
            results += run.iter(qn("w:t"))
        _show(code.text, results, properties)
    for simple in part._element.iter(qn("w:fldSimple")):  # noqa: SLF001
        _show(simple.get(qn("w:instr")), simple.iter(qn("w:t")), properties)


def _show(instruction: str | None, results: Iterable[BaseOxmlElement], properties: Mapping[str, str]) -> None:
    """Let a field of a property show it; leave another as it is."""
    name = (instruction or "").upper().split()[:1]
    if name and name[0] in properties:
        for place, text in enumerate(results):
            text.text = "" if place else properties[name[0]]


def _foot(part: _Footer, colophon: str, section: Section) -> None:
    """Write the line at the foot, and the number of the page."""
    part.is_linked_to_previous = False
    paragraph = part.paragraphs[0]
    paragraph.style = "Footer"
    stops = paragraph.paragraph_format.tab_stops
    for stop in paragraph.style.paragraph_format.tab_stops:
        stops.add_tab_stop(stop.position, WD_TAB_ALIGNMENT.CLEAR)
    stops.add_tab_stop(Emu(_room(section)), WD_TAB_ALIGNMENT.RIGHT)
    paragraph._p.extend(field_elements(" COMMENTS ", colophon))  # noqa: SLF001
    paragraph.add_run().add_tab()
    paragraph._p.extend(field_elements(" PAGE ", "1"))  # noqa: SLF001
    add_text(paragraph, " / ", keep=True)
    paragraph._p.extend(field_elements(" NUMPAGES ", "1"))  # noqa: SLF001


def _room(section: Section) -> int:
    """Return the width of the text of a page, in EMU."""
    width, left, right = (each or 0 for each in (section.page_width, section.left_margin, section.right_margin))
    return int(width - left - right)


def text_width(word: WordDocument) -> int:
    """Return the width of the text of the last page, in EMU."""
    return _room(word.sections[-1])


def style_id(word: WordDocument, name: str) -> str:
    """Return the identifier by which a file calls a style."""
    return str(word.styles[name].style_id)


def date_comment(comment: Comment, document: Document) -> None:
    """Date a comment as its document; without a date if that has none."""
    element = comment._comment_elm  # noqa: SLF001 (python-docx dates a comment now)
    if document.date is None:
        del element.attrib[qn("w:date")]
    else:
        element.date = _moment(document.date)


def packed(word: WordDocument) -> bytes:
    """Return the file, each part in it as old as the next."""
    made, file = io.BytesIO(), io.BytesIO()
    word.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            entry = zipfile.ZipInfo(part.filename, _EPOCH)
            entry.create_system, entry.external_attr, entry.compress_type = 0, 0, zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(part))
    return file.getvalue()


def clean(text: str, *, keep: bool = False) -> str:
    """Return text on one line, U+FFFD for what no page may hold; with `keep` with the spaces at its ends."""
    line = _BLANK.sub(" ", _controls.replace_in_xml(text))
    return line if keep else line.strip()


def add_text(paragraph: Paragraph, text: str, *, strong: bool = False, keep: bool = False) -> Run:
    """Add text to a paragraph as one run, in which no line ends within a negative amount."""
    run = paragraph.add_run(clean(text, keep=keep))
    if strong:
        run.bold = True
    return run


def field_elements(instruction: str, shown: str = "") -> list[BaseOxmlElement]:
    """Return the runs of a field: its beginning, instruction, separator, what it shows now, and its end.

    An instruction is never made of free text.
    """
    code = OxmlElement("w:instrText")
    code.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    code.text = instruction
    result = OxmlElement("w:t")
    result.text = shown
    parts = [_mark("begin"), code, _mark("separate"), *([result] if shown else []), _mark("end")]
    return [_run(part) for part in parts]


def _mark(kind: str) -> BaseOxmlElement:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    return mark


def _run(part: BaseOxmlElement) -> BaseOxmlElement:
    run = OxmlElement("w:r")
    run.append(part)
    return run
