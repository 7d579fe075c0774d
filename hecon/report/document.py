"""The document model: what a report says, as frozen blocks that every writer renders. All text is plain text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from hecon import plot

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping

    from hecon.locale import Locale


_T = TypeVar("_T")


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 (the title) to 5; what follows a `folded` one is an annex, closed until it is opened."""

    level: int
    text: str
    folded: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `strong` for the one sentence that a hurried reader must see."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class BlockNote:
    """A remark on one place: a row of a table or an item of a list, counted from 0, and the column of a table.

    Its text stands in the document too; a format that can put it at its place, as a comment, does so.
    """

    text: str
    row: int
    column: int = 0


@dataclass(frozen=True)
class Bullets:
    """An unordered list; `notes` are remarks on its items."""

    items: tuple[str, ...]
    notes: tuple[BlockNote, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table: a caption, a header and rows; `numeric` names the columns to align right, `prose` those of sentences.

    `notes` are remarks on its cells. On a narrow screen each row of one with `cards` is a card: its cells one below the
    other, under their headers.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    prose: tuple[int, ...] = ()
    cards: bool = False
    notes: tuple[BlockNote, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Pairs of a label and what holds under it."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Figure:
    """A figure: its kind, a name that no other figure of the document has, its caption, and in words what it shows.

    `paint` draws it on the Matplotlib axes that it is given as `ax`.
    """

    kind: str
    name: str
    caption: str
    alt: str
    paint: Callable[..., Any] | None = field(default=None, repr=False, compare=False)

    def simulated(self, locale: Locale) -> Figure:
        """Return the figure with a mark of simulated data within it, as it may be copied out of its page."""
        paint = self.paint
        if paint is None:
            return self

        def marked(ax: Any) -> object:  # noqa: ANN401 (Matplotlib's axes)
            text = locale.text("figure.simulated")
            return paint(ax=ax).set_title(text, loc="right", fontsize="small", weight="bold", pad=18)

        return replace(self, paint=marked)


@dataclass(frozen=True)
class _Painter:
    """What draws a figure of `hecon.plot`; it equals another that draws the same of the same object."""

    draw: Callable[..., Any]
    of: object = field(compare=False)
    identity: int
    how: Mapping[str, object] = field(hash=False)

    def __call__(self, ax: Any) -> object:  # noqa: ANN401 (Matplotlib's axes)
        return self.draw(self.of, ax=ax, **self.how)


def drawn(
    figure: str, name: str, caption: str, of: object, locale: Locale, *, simulated: bool = False, **how: object
) -> Figure:
    """Return a figure of `hecon.plot` by its name there, which is its kind; of simulated data it says so within."""
    draw = getattr(plot, figure)
    describe = getattr(import_module(draw.__module__), f"describe_{figure}")
    paint = _Painter(draw, of, id(of), {"lang": locale.lang, **how})
    found = Figure(figure, name, caption, describe(of, locale, **how), paint)
    return found.simulated(locale) if simulated else found


Kind = Literal["economic", "plain", "advice", "programme", "budget", "trial", "audit", "sensitivity", "information"]
Block = Heading | Paragraph | Bullets | Table | Facts | Figure


# The level of the headings of sections.
SECTION = 2
# With so many sections or fewer, contents tell nothing.
_NO_CONTENTS = 2
# Where the line at the foot says that the sources are.
_POINTS_TO = {
    **dict.fromkeys(("budget", "audit", "sensitivity", "information"), "dossiers"),
    "trial": "trial",
    "advice": "brief",
}


@dataclass(frozen=True)
class Document:
    """A document in one language: a note, a programme's state, a budget, a trial, an audit, an analysis.

    A `brief` one fits on one printed page. Author and date are those of the note, where it states them.
    """

    locale: Locale
    blocks: tuple[Block, ...]
    kind: Kind = "economic"
    brief: bool = False
    author: str | None = None
    date: dt.date | None = None

    @property
    def title(self) -> str:
        """The title: the text of the first heading."""
        return next((block.text for block in self.blocks if isinstance(block, Heading)), "")

    @property
    def kind_words(self) -> str:
        """What kind of document this is, in words."""
        return self.locale.text(f"document.kind_{self.kind}")

    @property
    def colophon(self) -> str:
        """The line at its foot."""
        points_to = "brief" if self.brief and self.kind not in _POINTS_TO else _POINTS_TO.get(self.kind, "annex")
        return self.locale.text(f"document.footer_{points_to}")

    @property
    def contents_at(self) -> int | None:
        """The section, counted from 1, that contents stand above; None where there are too few sections for any.

        A note and a trial's report say first what they conclude.
        """
        sections = sum(isinstance(block, Heading) and block.level == SECTION for block in self.blocks)
        if sections <= _NO_CONTENTS:
            return None
        return 2 if self.kind in {"economic", "plain", "trial"} else 1


def rendered(document: Document, by_kind: Mapping[type, Callable[[Any], _T]]) -> list[_T]:
    """Return each block as a writer renders its kind."""
    for block in document.blocks:
        if type(block) not in by_kind:
            msg = f"no writer for {type(block).__name__}"
            raise TypeError(msg)
    return [by_kind[type(block)](block) for block in document.blocks]


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
        replace(block, level=block.level + 1, folded=block.level == SECTION) if isinstance(block, Heading) else block
        for block in blocks
    ]
    return [Heading(SECTION, locale.text("note.annexes")), *lowered] if lowered else []


def _caption(kind: str, number: int, caption: str, locale: Locale) -> str:
    name = locale.text(f"numbering.{kind}", number=number)
    return f"{name}. {caption}" if caption else name
