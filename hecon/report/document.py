"""The document model: what a report says, as frozen blocks that every writer renders. All text is plain text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Block", "Bullets", "Document", "Facts", "Figure", "Heading", "Paragraph", "Table"]


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 (the title) to 4."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `strong` for the one sentence that a hurried reader must see."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Bullets:
    """An unordered list."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table: a caption, a header and rows; `numeric` names the columns to align right, `prose` those of sentences."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    prose: tuple[int, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Pairs of a label and what holds under it."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Figure:
    """A figure: which one, of which comparison, its caption, and in words what it shows."""

    kind: str
    comparison: str
    caption: str
    alt: str


Block = Heading | Paragraph | Bullets | Table | Facts | Figure


@dataclass(frozen=True)
class Document:
    """A document in one language: a note with or without comparisons, a programme's state, a budget, a trial."""

    lang: str
    blocks: tuple[Block, ...]
    kind: Literal["economic", "plain", "programme", "budget", "trial"] = "economic"
