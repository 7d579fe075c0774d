"""Shared by commands: options, files to write, the terminal's streams, tables in columns."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import textwrap
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

from hecon import _controls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from hecon.locale import Locale
    from hecon.report import Summary
    from hecon.report.document import Document, Table

LANGUAGES = ("nl", "en")
FORMATS = ("html", "md", "json")
FORMS = ("note", "advice")
DOCUMENTS = ("md", "html", "json")
LENGTHS = ("full", "brief")
# How the name of an output ends that is a note of one page; names of dossiers have no dot.
BRIEF = ".brief"

# Narrowest first column.
_NARROWEST = 20
# Plainer signs for what a terminal may lack; a negative amount must not lose its sign.
_PLAINER = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "\N{NO-BREAK SPACE}": " "})


class OutputError(Exception):
    """Standard output cannot be written to; `enough` where its reader closed it."""

    def __init__(self, reason: str, *, enough: bool = False) -> None:
        super().__init__(reason)
        self.enough = enough


class Stream:
    """A standard stream: control characters escaped, what its encoding lacks replaced; errors only if `needed`."""

    def __init__(self, stream: TextIO, *, needed: bool) -> None:
        self.stream, self.needed = stream, needed

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        """Write text, escaped."""
        self.write_page(_controls.escape(text))
        return len(text)

    def write_page(self, text: str) -> None:
        """Write a document without control characters as it is."""
        encoding = getattr(self.stream, "encoding", None)
        if encoding is not None:
            text = _encodable(text, encoding)
        self._try(lambda: self.stream.write(text))

    def flush(self) -> None:
        """Flush the stream."""
        self._try(self.stream.flush)

    def drop(self) -> None:
        """Send all output nowhere, as Python would complain again at exit."""
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
    """Return the stream itself, for a progress bar that moves the cursor."""
    return stream.stream if isinstance(stream, Stream) else stream


def _encodable(text: str, encoding: str) -> str:
    """Return text that an encoding can hold, with plainer signs or question marks for what it lacks."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAINER).encode(encoding, "replace").decode(encoding)
    return text


@contextlib.contextmanager
def guarded_streams() -> Iterator[tuple[Stream, Stream]]:
    """Replace standard output and standard error by a `Stream` each inside the block."""
    if sys.stdout is None:
        msg = f"standard output is closed: send it to a file, or to {os.devnull}"
        raise OutputError(msg)
    with contextlib.ExitStack() as stack:
        error = sys.stderr
        if error is None:
            # Otherwise print and argparse fall back to standard output.
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


class Output:
    """What a command tells in one language: a document and its plain data, each made when first asked for."""

    def __init__(
        self, document: Callable[[], Document], data: Callable[[], Any], plain: Callable[[Document], str] | None = None
    ) -> None:
        self._document, self._data, self._plain = document, data, plain

    @cached_property
    def document(self) -> Document:
        """The document, composed once for all formats."""
        return self._document()

    @property
    def data(self) -> Any:  # noqa: ANN401
        """The same as plain data."""
        return self._data()

    def text(self, kind: str) -> str:
        """Return it in a format: "text", "md", "html" or "json"."""
        if kind == "json":
            from hecon.report.writers.json import json_text

            return json_text(self.data)
        from hecon.report.writers.html import html
        from hecon.report.writers.markdown import markdown
        from hecon.report.writers.terminal import plain_text

        return {"text": self._plain or plain_text, "md": markdown, "html": html}[kind](self.document)


def print_outputs(outputs: Sequence[Output | Summary], kind: str) -> None:
    """Print outputs one below the other; of several, JSON is a list."""
    if kind == "json":
        data = [each.data for each in outputs]
        show(data[0] if len(data) == 1 else data)
        return
    text = "\n".join(each.text(kind) for each in outputs)
    if kind == "text":
        print(text, end="")
    else:
        page(text, kind)


def write_outputs(outputs: Mapping[str, Callable[[Locale], Output | Summary]], arguments: argparse.Namespace) -> str:
    """Write outputs by the names of their files, in each language and format; return a line on what was written."""
    from hecon._io import write_whole
    from hecon.locale import Locale

    # All texts are composed before the first file is written.
    files: dict[Path, str] = {}
    for name, make in outputs.items():
        made = {lang: make(Locale(lang)) for lang in _languages(arguments)}
        files |= {path: made[lang].text(kind) for path, (lang, kind) in targets(arguments, name).items()}
    replaced = write_whole(files)
    names = [_controls.one_line(str(path)) for path in files]
    if len(names) == 1:
        return f"Wrote {names[0]}{' (replaced)' if replaced else ''}."
    count = f"{len(names)} files{f' ({len(replaced)} of them replaced)' if replaced else ''}"
    return f"Wrote {count}, from {names[0]} to {names[-1]}."


def add_output(command: argparse.ArgumentParser, out: str) -> None:
    """Add the options of a command that prints a document or writes it to files."""
    command.add_argument("--lang", choices=LANGUAGES, help="language (default: en on the terminal, both with --out)")
    command.add_argument(
        "--format", choices=("text", *DOCUMENTS), help="format (default: text; with --out: html, md and json)"
    )
    command.add_argument("--out", metavar="DIR", help=out)


def add_printed(command: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    """Add the options of a command that prints only."""
    command.add_argument("--lang", choices=LANGUAGES, default="en", help="language (default: en)")
    command.add_argument("--format", choices=formats, default="text", help="format (default: text)")


def _languages(arguments: argparse.Namespace) -> tuple[str, ...]:
    return (arguments.lang,) if arguments.lang else LANGUAGES


def targets(arguments: argparse.Namespace, name: str) -> dict[Path, tuple[str, str]]:
    """Return the files NAME.LANG.FORMAT to write, each with its language and format; a brief one has no JSON."""
    from pathlib import Path

    chosen = arguments.format or FORMATS
    kinds = (chosen,) if isinstance(chosen, str) else chosen
    if name.endswith(BRIEF):
        kinds = tuple(kind for kind in kinds if kind != "json")
    return {
        Path(arguments.out) / f"{name}.{lang}.{kind}": (lang, kind) for lang in _languages(arguments) for kind in kinds
    }


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return the type of an argument that is a whole number in a range."""

    def number(value: str) -> int:
        # Longer than any number in range: not converted.
        if not value.isdecimal() or len(value) > len(str(high)) or not low <= int(value) <= high:
            msg = f"must be a whole number from {low} to {high}, got {value!r}"
            raise argparse.ArgumentTypeError(msg)
        return int(value)

    return number


def _literal(table: Table) -> Table:
    """Return a table with control characters escaped, so that its widths are those shown."""

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
        parts = [textwrap.wrap(cell, size) or [""] for cell, size in zip(cells, widths, strict=True)]
        height = max(map(len, parts))
        return [
            "  ".join(
                line.rjust(size) if i in table.numeric else line.ljust(size)
                for i, (line, size) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in zip(*(part + [""] * (height - len(part)) for part in parts), strict=True)
        ]

    rule = "  ".join("-" * size for size in widths)
    return "\n".join([*lines(table.header), rule, *(line for row in table.rows for line in lines(row))])
