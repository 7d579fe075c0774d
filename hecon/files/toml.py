"""Reading TOML: the tree of a file, why it cannot be read, and the line of each value."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hecon import _checks
from hecon.files.faults import Fault, Path, folded, parent_of, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    # Called with the file's name, the text of each fault, and the line of each.
    Refusal = Callable[[str, list[str], list[int | None]], Exception]

_REMEDY = (
    "Text stands in quotes; a number has no thousands separator, as in 12300; a key and a [table] stand once, and each "
    "table of a list begins with [[its name]]"
)


@dataclass(frozen=True)
class TomlFile:
    """A file of TOML as read."""

    name: str
    text: str
    tree: dict[str, Any]
    refusal: Refusal

    def refuse(self, faults: Iterable[Fault]) -> None:
        """Raise all faults at once, by cause, each with its path and line; do nothing where there are none."""
        causes = folded(faults)
        if causes:
            lines = lines_of(self.text)
            told = [(line_of(path, lines), text) for path, text in causes]
            # From top to bottom, as the file is mended.
            told.sort(key=lambda each: each[0] or 0)
            raise self.refusal(self.name, [text for _, text in told], [line for line, _ in told])


def read(content: bytes, name: str, refusal: Refusal) -> TomlFile:
    """Return a file of TOML by its bytes."""
    try:
        # The BOM of Windows' editor is no part of the text.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refusal(name, ["the file must be text in UTF-8: save it so"], [None]) from None
    try:
        with _checks.known_decimals():
            tree: dict[str, Any] = frozen(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        fault = f"the file must be TOML: {error}. {_REMEDY}"
    except (ValueError, ArithmeticError):
        where = _checks.line_of_endless_number(text)
        fault = f"{where} must hold numbers of a possible size: one has thousands of digits or an exponent beyond all"
    except RecursionError:
        fault = "the file must hold no lists or tables nested hundreds deep"
    else:
        return TomlFile(name, text, tree, refusal)
    raise refusal(name, [fault], [None])


def frozen(node: Any) -> Any:  # noqa: ANN401
    """Return a tree as a schema takes it: mappings as dicts, lists as tuples."""
    if isinstance(node, Mapping):
        return {key: frozen(value) for key, value in node.items()}
    return tuple(frozen(value) for value in node) if isinstance(node, (list, tuple)) else node


def line_of(path: str, lines: dict[str, int]) -> int | None:
    """Return the line of a value, or of the innermost table or list that lacks it."""
    while path and path not in lines:
        path = parent_of(path)
    return lines.get(path)


def lines_of(text: str) -> dict[str, int]:
    """Return the line on which each value of a valid TOML text begins, by its path; the first line is 1."""
    return _Scan(text.replace("\r\n", "\n")).lines


_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""(?!")))*"""' + r"|'''.*?'''(?!')" + r'|"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'", re.DOTALL
)
_PLAIN = re.compile(r"[^,\]}#\n]+")


class _Scan:
    """One pass through valid TOML that records the line of every key and item."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.lines: dict[str, int] = {}
        self.lists: dict[Path, int] = {}
        table: Path = ()
        while self._skip():
            table = self._header() if self.text[self.at] == "[" else self._pair(table)

    def _skip(self) -> bool:
        """Skip blanks and comments; tell whether anything follows."""
        self.at = self._end(_BLANK)
        return self.at < len(self.text)

    def _end(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        return self.at + 1 if match is None else match.end()

    def _note(self, steps: Path, at: int) -> None:
        self.lines.setdefault(path_of(*steps), bisect_right(self.starts, at))

    def _keys(self) -> list[str]:
        """Return the parts of a dotted key."""
        keys = []
        while True:
            self._skip()
            quoted = self.text[self.at] in "\"'"
            end = self._end(_STRING if quoted else _BARE)
            word = self.text[self.at : end]
            keys.append(next(iter(tomllib.loads(f"{word} = 0"))) if quoted else word)
            self.at = end
            self._skip()
            if self.text[self.at] != ".":
                return keys
            self.at += 1

    def _header(self) -> Path:
        """Parse the header of a table; return its path."""
        start, many = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        steps: Path = ()
        keys = self._keys()
        for key in keys[:-1]:
            steps = self._inside((*steps, key))
            self._note(steps, start)
        steps = (*steps, keys[-1])
        if many:
            self._note(steps, start)
            self.lists[steps] = self.lists.get(steps, -1) + 1
        steps = self._inside(steps)
        self._note(steps, start)
        self.at += 2 if many else 1
        return steps

    def _inside(self, steps: Path) -> Path:
        return (*steps, self.lists[steps]) if steps in self.lists else steps

    def _pair(self, table: Path) -> Path:
        """Parse a key and its value; return the enclosing table."""
        start, steps = self.at, table
        for key in self._keys():
            steps = (*steps, key)
            self._note(steps, start)
        self.at += 1
        self._skip()
        self._value(steps)
        return table

    def _value(self, steps: Path) -> None:
        mark = self.text[self.at]
        if mark not in "[{":
            self.at = self._end(_STRING if mark in "\"'" else _PLAIN)
            return
        self.at += 1
        place = 0
        while self._skip() and self.text[self.at] not in "]}":
            if mark == "{":
                self._pair(steps)
            else:
                self._note((*steps, place), self.at)
                self._value((*steps, place))
                place += 1
            self._skip()
            self.at += self.text[self.at] == ","
        self.at += 1
