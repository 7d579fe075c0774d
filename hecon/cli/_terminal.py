"""What commands share: what goes to the terminal, whatever it can show; a whole number as an argument; tables."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TextIO

from hecon import _controls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from hecon.report.document import Table

# A first column narrower than this is no longer read as a line.
_NARROWEST = 20
# What hecon writes itself and a terminal may lack; an amount below zero must not lose its sign.
_PLAINER = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "\N{NO-BREAK SPACE}": " "})

__all__ = [
    "OutputError",
    "Stream",
    "aligned",
    "fitted",
    "guarded_streams",
    "is_utf8",
    "page",
    "raw",
    "show",
    "told_files",
    "whole",
]


class OutputError(Exception):
    """Standard output cannot be written to."""

    def __init__(self, reason: str, *, enough: bool = False) -> None:
        super().__init__(reason)
        self.enough = enough


class Stream:
    """A standard stream that escapes control characters, and gives what its encoding lacks a plainer sign.

    Parameters
    ----------
    stream : TextIO
        The stream itself.
    needed : bool
        Whether it is an error if it cannot be written to.
    """

    def __init__(self, stream: TextIO, *, needed: bool) -> None:
        self.stream, self.needed = stream, needed

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        """Write text, escaped."""
        self.write_page(_controls.escape(text))
        return len(text)

    def write_page(self, text: str) -> None:
        """Write a document that holds no control characters as it is."""
        encoding = getattr(self.stream, "encoding", None)
        if encoding is not None:
            text = _encodable(text, encoding)
        self._try(lambda: self.stream.write(text))

    def flush(self) -> None:
        """Write what waits."""
        self._try(self.stream.flush)

    def drop(self) -> None:
        """Send what waits, and all that follows, nowhere: or Python would complain once more at exit."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            number = self.stream.fileno()
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)

    def _try(self, action: Callable[[], object]) -> None:
        try:
            action()
        except OSError as error:
            self.drop()
            if self.needed:
                reason = f"standard output cannot be written to: {error.strerror or error}"
                raise OutputError(reason, enough=isinstance(error, BrokenPipeError)) from None


def raw(stream: TextIO) -> TextIO:
    """Return a stream as it was given, for a progress bar that moves the cursor."""
    return stream.stream if isinstance(stream, Stream) else stream


def _encodable(text: str, encoding: str) -> str:
    """Return text that an encoding can hold: a plainer sign, or else a question mark, for what it lacks."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAINER).encode(encoding, "replace").decode(encoding)
    return text


@contextlib.contextmanager
def guarded_streams() -> Iterator[tuple[Stream, Stream]]:
    """Let everything printed inside the block pass through a `Stream`; yield standard output and standard error."""
    if sys.stdout is None:
        msg = f"standard output is closed: send it to a file, or to {os.devnull}"
        raise OutputError(msg)
    with contextlib.ExitStack() as stack:
        error = sys.stderr
        if error is None:
            # Or print and argparse would take standard output instead.
            error = stack.enter_context(open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123
        streams = Stream(sys.stdout, needed=True), Stream(error, needed=False)
        stack.enter_context(contextlib.redirect_stdout(streams[0]))
        stack.enter_context(contextlib.redirect_stderr(streams[1]))
        yield streams


def is_utf8() -> bool:
    """Tell whether standard output takes every character."""
    return (sys.stdout.encoding or "").lower().replace("-", "").replace("_", "") == "utf8"


def show(data: object) -> None:
    """Print plain data as JSON, escaped where the terminal needs it."""
    from hecon.report.writers.json import json_text

    print(json_text(data, ascii_only=not is_utf8()), end="")


def page(text: str, kind: str) -> None:
    """Print a document as a file of the kind "md" or "html" would hold it."""
    if kind == "html" and not is_utf8():
        text = text.encode("ascii", "xmlcharrefreplace").decode("ascii")
    if isinstance(sys.stdout, Stream):
        sys.stdout.write_page(text)
    else:
        print(text, end="")


def told_files(files: Iterable[Path], replaced: Sequence[Path]) -> str:
    """Return which files were written, and how many of them replaced another."""
    names = [_controls.one_line(str(each)) for each in files]
    first, last = names[0], names[-1]
    if len(names) == 1:
        return f"Wrote {first}{' (replaced)' if replaced else ''}."
    count = f"{len(names)} files{f' ({len(replaced)} of them replaced)' if replaced else ''}"
    return f"Wrote {count}, from {first} to {last}."


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return what reads an argument that is a whole number in a range."""

    def number(value: str) -> int:
        # Longer than any number in range, so not worth converting.
        if not value.isdecimal() or len(value) > len(str(high)) or not low <= int(value) <= high:
            msg = f"must be a whole number from {low} to {high}, got {value!r}"
            raise argparse.ArgumentTypeError(msg)
        return int(value)

    return number


def _literal(table: Table) -> Table:
    """Return a table with what the terminal would obey escaped, so that widths are those of what it shows."""

    def line(cells: Sequence[str]) -> tuple[str, ...]:
        return tuple(map(_controls.one_line, cells))

    return replace(table, header=line(table.header), rows=tuple(map(line, table.rows)))


def aligned(table: Table) -> str:
    """Return a table in columns, without its caption."""
    table = _literal(table)
    widths = [max(len(row[i]) for row in (table.header, *table.rows)) for i in range(len(table.header))]

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if i in table.numeric else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join(padded).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([line(table.header), rule, *(line(row) for row in table.rows)])


def fitted(table: Table, width: int) -> str | None:
    """Return a table in columns, its headings and first column wrapped to a width; None if it does not fit."""
    table = _literal(table)
    widths = [
        max(*(len(word) for word in head.split(" ")), *(len(row[i]) for row in table.rows))
        for i, head in enumerate(table.header)
    ]
    room = width - sum(widths[1:]) - 2 * (len(widths) - 1)
    if room < min(_NARROWEST, widths[0]):
        return None
    widths[0] = min(room, widths[0])

    def lines(cells: Sequence[str]) -> list[str]:
        parts = [textwrap.wrap(cell, each) or [""] for cell, each in zip(cells, widths, strict=True)]
        height = max(map(len, parts))
        return [
            "  ".join(
                line.rjust(each) if i in table.numeric else line.ljust(each)
                for i, (line, each) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in zip(*(part + [""] * (height - len(part)) for part in parts), strict=True)
        ]

    rule = "  ".join("-" * each for each in widths)
    return "\n".join([*lines(table.header), rule, *(line for row in table.rows for line in lines(row))])
