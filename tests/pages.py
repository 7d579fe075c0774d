"""A page of HTML as a tree of tags, read by Python's own parser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VOID = {"meta", "br", "hr", "img", "link", "input"}


@dataclass
class Tag:
    """An element: its name, attributes and what stands in it, texts among them."""

    name: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    inside: list[Tag | str] = field(default_factory=list)

    def all(self, *names: str) -> Iterator[Tag]:
        """Yield the elements within of these names (of any name if none is given), in order."""
        waiting = self.inside[::-1]
        while waiting:
            each = waiting.pop()
            if isinstance(each, Tag):
                if not names or each.name in names:
                    yield each
                waiting += each.inside[::-1]

    def one(self, name: str) -> Tag:
        """Return the only element within of a name."""
        (found,) = self.all(name)
        return found

    def text(self, *, without: tuple[str, ...] = ()) -> str:
        """Return all text within, but that of some elements."""
        return "".join(
            each if isinstance(each, str) else "" if each.name in without else each.text(without=without)
            for each in self.inside
        )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Tag("")]
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len({name for name, _ in attrs}) < len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        self.open[-1].inside.append(Tag(tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(self.open[-1].inside[-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1].name == tag:
            self.open.pop()
        else:
            self.faults.append(f"</{tag}> closes <{self.open[-1].name}>")

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment {data}")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"declaration {data}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"instruction {data}")


def read(page: str) -> Tag:
    """Return a page as a tree; tags that do not close in order, comments and instructions are faults."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.faults == []
    assert len(reader.open) == 1
    return reader.open[0]
