"""Number what a note refers to: the documents that it cites, its tables and its figures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from hecon.dossier.documents import SourceDocument
from hecon.files.parts import Reference
from hecon.report.document import Block, Figure, Heading, Table
from hecon.report.isolating import mapped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hecon.dossier.loading import Dossier
    from hecon.dossier.programme import Programme
    from hecon.locale import Locale

__all__ = ["annexed", "numbered", "with_numbers"]

_T = TypeVar("_T")
_SECTION = 2


def with_numbers(value: _T, dossier: Dossier | Programme) -> _T:
    """Return a value with the documents in it called by their numbers in the dossier, as [1], in place of their ids."""
    numbers = {each.id: f"[{number}]" for number, each in enumerate(dossier.document, start=1)}

    def change(part: object) -> object | None:
        if isinstance(part, Reference):
            return part.model_copy(update={"document": numbers.get(part.document, part.document)})
        if isinstance(part, SourceDocument):
            return part.model_copy(update={"id": numbers.get(part.id, part.id)})
        return None

    return mapped(value, change)


def numbered(blocks: Iterable[Block], locale: Locale) -> list[Block]:
    """Return blocks with the captions of tables and of figures numbered, each in the order of the note."""
    tables = figures = 0
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Table):
            tables += 1
            found.append(replace(block, caption=_caption("table", tables, block.caption, locale)))
        elif isinstance(block, Figure):
            figures += 1
            found.append(replace(block, caption=_caption("figure", figures, block.caption, locale)))
        else:
            found.append(block)
    return found


def annexed(blocks: Iterable[Block], locale: Locale) -> list[Block]:
    """Return annexes below one heading, each folded and a level below it; nothing where there are none."""
    lowered = [
        replace(block, level=block.level + 1, folded=block.level == _SECTION) if isinstance(block, Heading) else block
        for block in blocks
    ]
    return [Heading(_SECTION, locale.text("note.annexes")), *lowered] if lowered else []


def _caption(kind: str, number: int, caption: str, locale: Locale) -> str:
    name = locale.text(f"numbering.{kind}", number=number)
    return f"{name}. {caption}" if caption else name
