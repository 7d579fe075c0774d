"""Write a document as a tagged PDF (PDF/UA-1), from a static template of Typst, without the network."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from hecon import _controls
from hecon.errors import InputError
from hecon.report.document import Bullets, Document, Facts, Figure, Heading, Paragraph, Table, rendered
from hecon.report.writers import drawing

if TYPE_CHECKING:
    import typst


_TEMPLATE = Path(__file__).parents[2] / "data" / "templates" / "note.typ"
# Sizes to try, as shares of the full one: until a brief document fits its page; until the last page of another is
# filled by a third, or else the full size.
_BRIEF = tuple(hundredths / 100 for hundredths in range(100, 69, -3))
_WHOLE = (1.0, 1.02, 0.98, 0.96)
_FILLED = 1 / 3
_BLANK = re.compile(r"[\t\n\x20]+")
# PDF/UA wants no such character in a text.
_BYTE_ORDER_MARK = 0xFEFF
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
# Characters that are never drawn, whatever a font has: joiners, direction marks and selectors of variants.
_UNDRAWN = re.compile("[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f]")


def pdf(document: Document) -> bytes:
    """Return a document that begins with its title as a PDF, the same bytes each time.

    Raises
    ------
    InputError
        If a figure has no text that says what it shows.
    """
    text = json.dumps(_plain(document), ensure_ascii=False)
    made = _fitting(text, brief=document.brief).compile(format="pdf", pdf_standards=["ua-1"], timestamp=0)
    return cast("bytes", made)


def _fitting(text: str, *, brief: bool) -> typst.Compiler:
    """Return the compiler of a document at the first size that fits its pages, or else at full size."""
    tried = []
    for scale in _BRIEF if brief else _WHOLE:
        tried.append(_compiler(text, scale))
        page, filled = json.loads(tried[-1].query("<end>", field="value", one=True))
        if page == 1 or (not brief and filled >= _FILLED):
            return tried[-1]
    return tried[0]


def _compiler(text: str, scale: float) -> typst.Compiler:
    import typst

    return typst.Compiler(
        str(_TEMPLATE),
        root=str(_TEMPLATE.parent),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"document": text, "scale": str(scale)},
    )


@cache
def _fonts() -> typst.Fonts:
    """Return Typst's own fonts and Matplotlib's, whatever the machine has."""
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[str(_fonts_folder())])


def _fonts_folder() -> Path:
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf"


@cache
def _drawable() -> frozenset[int]:
    """Return the characters that DejaVu Sans has, which draws what the text's own font lacks."""
    from matplotlib.ft2font import FT2Font

    characters = FT2Font(str(_fonts_folder() / "DejaVuSans.ttf")).get_charmap()
    return frozenset({*characters, *map(ord, "\t\n")} - {_BYTE_ORDER_MARK})


def _shown(text: str) -> str:
    """Return text without control characters; one that no font has as its code, since it could not be seen."""
    return _BEYOND_ASCII.sub(_seen, _controls.replace(text))


def _seen(match: re.Match[str]) -> str:
    sign = match.group()
    return sign if ord(sign) in _drawable() or _UNDRAWN.match(sign) else f"[U+{ord(sign):04X}]"


def _line(text: str) -> str:
    """Return text on one line."""
    return _BLANK.sub(" ", _shown(text)).strip()


def _plain(document: Document) -> dict[str, Any]:
    """Return all that the template needs."""
    blocks = rendered(document, dict.fromkeys((Heading, Paragraph, Bullets, Table, Facts), _block) | {Figure: _figure})
    return {
        "lang": document.locale.lang,
        "title": _line(document.title),
        "author": document.author and _line(document.author),
        "date": document.date and [document.date.year, document.date.month, document.date.day],
        "kind": _line(document.kind_words),
        "colophon": _line(document.colophon),
        "brief": document.brief,
        "contents": document.locale.text("html.contents"),
        "contents_at": document.contents_at,
        "blocks": blocks,
    }


def _block(block: Heading | Paragraph | Bullets | Table | Facts) -> dict[str, Any]:
    """Return a block by its fields; remarks on places in it stand in the document too."""
    shown = (each.name for each in fields(block) if each.name != "notes")
    return {"block": type(block).__name__.lower()} | {name: _told(getattr(block, name)) for name in shown}


def _told(value: object) -> object:
    """Return a value of a block with every text in it on one line."""
    if isinstance(value, str):
        return _line(value)
    return [_told(each) for each in value] if isinstance(value, tuple) else value


def _figure(block: Figure) -> dict[str, Any]:
    if not block.alt.strip():
        msg = f"figure {block.name!r} must have a text that says what it shows (alt), as PDF/UA asks, got {block.alt!r}"
        raise InputError(msg)
    return {
        "block": "figure",
        "caption": _line(block.caption),
        "alt": _line(block.alt),
        "svg": None if block.paint is None else _shown(drawing.svg_text(block.paint, block.kind)),
    }
