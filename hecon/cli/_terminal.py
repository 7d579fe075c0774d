"""Shared by commands: options, files to write, the terminal's streams, tables in columns."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import itertools
import math
import os
import re
import sys
import textwrap
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

from hecon import _controls
from hecon.errors import HeconError
from hecon.report.writers import FORMATS, TEXTS, check_template, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from hecon.assessment import Assessment, ComparisonResult
    from hecon.locale import Locale
    from hecon.report.document import Document, Table
    from hecon.report.workbooks import Workbook
    from hecon.report.writers import Content

LANGUAGES = ("nl", "en")
LENGTHS = ("full", "brief")
# How the name of an output ends that is a note of one page; names of dossiers have no dot.
BRIEF = ".brief"

# Narrowest first column.
_NARROWEST = 20
_MOST_PATIENTS = 10**9
_THOUSANDS = re.compile(r"[-+]?[1-9][0-9]{0,2}[.][0-9]{3}")
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
    """What a command tells in one language: a document, its data and its calculation, each made when asked for."""

    def __init__(
        self,
        document: Callable[[], Document],
        data: Callable[[], Any],
        plain: Callable[[Document], str] | None = None,
        workbook: Callable[[], Workbook | None] = lambda: None,
    ) -> None:
        self._document, self._data, self._plain, self._workbook = document, data, plain, workbook

    @cached_property
    def document(self) -> Document:
        """The document, composed once for all formats."""
        return self._document()

    @property
    def data(self) -> Any:  # noqa: ANN401
        """The same as plain data."""
        return self._data()

    @property
    def workbook(self) -> Workbook | None:
        """Its calculation, where it has one."""
        return self._workbook()

    def plain(self) -> str:
        """Return it as text for a terminal."""
        from hecon.report.writers.markdown import plain_text

        return (self._plain or plain_text)(self.document)


def print_outputs(outputs: Sequence[Output], arguments: argparse.Namespace) -> None:
    """Print outputs one below the other, as text or in the one format asked for."""
    if arguments.format in {None, ("text",)}:
        print("\n".join(each.plain() for each in outputs), end="")
    else:
        print_contents(outputs, arguments.format[0])


def print_contents(contents: Sequence[Content], kind: str) -> None:
    """Print contents one below the other in a format; of several, JSON is a list."""
    if kind == "json":
        data = [each.data for each in contents]
        show(data[0] if len(data) == 1 else data)
    else:
        page("\n".join(str(written(each, kind)) for each in contents), kind)


def tell(outputs: Sequence[tuple[str, Callable[[Locale], Output]]], arguments: argparse.Namespace) -> None:
    """Write outputs by the names of their files, or print them one below the other."""
    if arguments.out is not None:
        write_outputs(dict(outputs), arguments)
    else:
        from hecon.locale import Locale

        locale = Locale(arguments.lang or "en")
        print_outputs([make(locale) for _, make in outputs], arguments)


def write_outputs(
    outputs: Mapping[str, Callable[[Locale], Content]],
    arguments: argparse.Namespace,
    *,
    before: Callable[[], None] = lambda: None,
    beside: Mapping[Path, str] | None = None,
) -> None:
    """Write outputs by the names of their files, in each language and format, and print what was written.

    `before` prints what stands above that; `beside` are files of another kind, written with them. Formats whose library
    is not installed are left out and told at the end.
    """
    from hecon._io import write_whole
    from hecon.locale import Locale

    # All is composed before the first file is written.
    files: dict[Path, str | bytes] = {}
    made: dict[str, Content] = {}
    for name, make in outputs.items():
        # Those before live on meanwhile: the figure of a brief was drawn for its note.
        made, _before = {lang: make(Locale(lang)) for lang in _languages(arguments)}, made
        for path, (lang, kind) in targets(arguments, name).items():
            files[path] = written(made[lang], kind, template=arguments.template)
    files |= beside or {}
    replaced = write_whole(files)
    before()
    names = [_controls.one_line(str(path)) for path in files]
    if len(names) == 1:
        print(f"Wrote {names[0]}{' (replaced)' if replaced else ''}.")
    else:
        count = f"{len(names)} files{f' ({len(replaced)} of them replaced)' if replaced else ''}"
        print(f"Wrote {count}, from {names[0]} to {names[-1]}.")
    lacking = [FORMATS[kind].missing for kind in _chosen(arguments) if FORMATS[kind].missing]
    if lacking:
        msg = f"not all formats asked for were written: {'; '.join(map(str, lacking))}"
        raise HeconError(msg)


def add_output(command: argparse.ArgumentParser, out: str, *, text: bool = True) -> None:
    """Add the options of a command that prints a document, as text if none is named, or writes it to files."""
    kinds = (("text",) if text else ()) + tuple(FORMATS)
    command.add_argument("--lang", choices=LANGUAGES, help="language (default: en on the terminal, both with --out)")
    command.add_argument(
        "--format",
        type=_formats(kinds),
        metavar="FORMAT,...",
        help=f"one or more of {', '.join(kinds)} (default: {'text; ' if text else ''}with --out: {', '.join(TEXTS)})",
    )
    command.add_argument("--out", metavar="DIR", help=out)
    templates = ", ".join(name for name, each in FORMATS.items() if each.templates)
    command.add_argument("--template", metavar="FILE", help=f"file of an institute whose styles {templates} takes")


def _formats(kinds: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    """Return the type of an argument that is one or more formats."""

    def chosen(value: str) -> tuple[str, ...]:
        parts = tuple(dict.fromkeys(part.strip() for part in value.split(",")))
        for part in parts:
            if part not in kinds:
                msg = f"must be a comma-separated choice of {', '.join(kinds)}, got {part!r}"
                raise argparse.ArgumentTypeError(msg)
        return parts

    return chosen


def check_output(arguments: argparse.Namespace, *, several: bool = False) -> None:
    """Refuse options of output that do not go together; `several` where there is more than one document to print."""
    command, chosen = arguments.command, arguments.format or ()
    if arguments.template is not None and not any(FORMATS[kind].templates for kind in chosen if kind in FORMATS):
        templates = " or ".join(name for name, each in FORMATS.items() if each.templates)
        arguments.refuse(f"{command} --template is for {templates}; name it with --format")
    briefs = [kind for kind in chosen if kind == "text" or FORMATS[kind].briefs]
    if chosen and not briefs and getattr(arguments, "length", None) == "brief":
        arguments.refuse(f"{command} has no brief {' or '.join(chosen)}; leave out --length")
    if arguments.out is None:
        _check_printed(arguments, chosen, several=several)
        return
    if "text" in chosen:
        arguments.refuse(f"{command} --out writes {', '.join(FORMATS)}, not text")
    from hecon._io import check_folder

    # Before the work, which may take long.
    check_folder("--out", arguments.out)
    if arguments.template is not None:
        check_template(arguments.template)
    lacking = [FORMATS[kind].missing for kind in chosen]
    if lacking and all(lacking):
        msg = "; ".join(map(str, lacking))
        raise HeconError(msg)


def _check_printed(arguments: argparse.Namespace, chosen: Sequence[str], *, several: bool) -> None:
    """Refuse what standard output does not take."""
    command = arguments.command
    if len(chosen) > 1:
        arguments.refuse(f"{command} prints one --format; give --out to write several")
    if list(chosen) == ["html"] and several:
        arguments.refuse(f"{command} prints one page of html; give --out to write several")
    for kind in chosen:
        if kind in FORMATS and FORMATS[kind].binary:
            arguments.refuse(f"{command} prints no {kind}, which is a file; give --out DIR to write it")


def check_files(names: Sequence[str], arguments: argparse.Namespace) -> None:
    """Refuse, before the work, outputs that would replace each other or a file that must stay."""
    if arguments.out is None:
        return
    from hecon._io import check_targets
    from hecon.errors import InputError

    for name in names:
        if names.count(name) > 1:
            own = name.partition(".")[0]
            msg = f"dossiers written to one folder must have different names, got {own!r} more than once"
            raise InputError(msg)
    check_targets(path for name in names for path in targets(arguments, name))


def _chosen(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return the formats to write."""
    return arguments.format or TEXTS


def add_printed(command: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    """Add the options of a command that prints only."""
    command.add_argument("--lang", choices=LANGUAGES, default="en", help="language (default: en)")
    command.add_argument("--format", choices=formats, default="text", help="format (default: text)")


def _languages(arguments: argparse.Namespace) -> tuple[str, ...]:
    return (arguments.lang,) if arguments.lang else LANGUAGES


def targets(arguments: argparse.Namespace, name: str) -> dict[Path, tuple[str, str]]:
    """Return the files NAME.LANG.FORMAT that can be written, each with its language and format."""
    from pathlib import Path

    kinds = [kind for kind in _chosen(arguments) if FORMATS[kind].missing is None]
    if name.endswith(BRIEF):
        kinds = [kind for kind in kinds if FORMATS[kind].briefs]
    return {
        Path(arguments.out) / f"{name}.{lang}.{kind}": (lang, kind) for lang in _languages(arguments) for kind in kinds
    }


def add_analysis(command: argparse.ArgumentParser) -> None:
    """Add the dossiers of a command that analyses their comparisons, which of these, and how many draws."""
    command.add_argument(
        "dossiers", nargs="+", metavar="NAME|FILE", help="a dossier's name, or the path of a TOML file"
    )
    command.add_argument("--comparison", metavar="ID", help="one comparison (default: all with figures)")
    add_rules(command)
    add_draws(command)


def add_draws(command: argparse.ArgumentParser) -> None:
    """Add the number of draws, and their seed."""
    command.add_argument(
        "--draws", type=whole(10, 10_000_000), default=100_000, metavar="N", help="simulations (default: 100000)"
    )
    command.add_argument("--seed", type=whole(0, 2**63 - 1), default=0, metavar="S", help="seed (default: 0)")


def add_length(command: argparse.ArgumentParser, what: str) -> None:
    """Add the length of a document that may be one page."""
    command.add_argument("--length", choices=LENGTHS, help=f"{what} or one page (default: full; with --out: both)")


def lengths(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return the lengths to write."""
    return (arguments.length,) if arguments.length else LENGTHS


def file_name(name: str, length: str) -> str:
    """Return how the name of a file begins, so that the one page does not replace the whole."""
    return name + (BRIEF if length == "brief" else "")


def add_rules(command: argparse.ArgumentParser, default: str = "that of the dossier") -> None:
    """Add the rule set of a command, and the day on which it holds."""
    command.add_argument(
        "--rules",
        metavar="NAME[@DATE]|FILE",
        help=f"rules of a country, by name or as a TOML file; hecon rules lists them (default: {default})",
    )
    command.add_argument(
        "--on", type=day, metavar="DATE", help="day on which the rules hold, as 2022-08-20 (default: the latest rules)"
    )


def day(value: str) -> dt.date:
    """Return a date that was given as year, month and day."""
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        msg = f"must be a date, as in 2022-08-20, got {value!r}"
        raise argparse.ArgumentTypeError(msg) from None


def chosen_comparisons(assessment: Assessment, comparison: str | None) -> list[ComparisonResult]:
    """Return the results of the comparison asked for, or of all."""
    if comparison is None:
        return list(assessment.comparisons)
    from hecon import _checks

    known = [each.spec.id for each in assessment.comparisons]
    _checks.one_of(f"--comparison of {assessment.dossier.name}", comparison, known)
    return [each for each in assessment.comparisons if each.spec.id == comparison]


def shares(value: str) -> dict[str, float]:
    """Return weights by name, given as in a=0.6,b=0.4."""
    found: dict[str, float] = {}
    for part in value.split(","):
        name, _, share = part.partition("=")
        if not name.strip() or name.strip() in found:
            msg = f"must be names with weights, each name once, as in a=0.6,b=0.4, got {value!r}"
            raise argparse.ArgumentTypeError(msg)
        found[name.strip()] = decimal(share)
    return found


def decimal(value: str) -> float:
    """Return a number that was given with a decimal point."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        msg = f"must be a number with a decimal point, as in 38.2, got {value!r}"
        raise argparse.ArgumentTypeError(msg)
    refuse_thousands(value)
    return number


def refuse_thousands(value: str) -> None:
    """Refuse a number whose points may stand between thousands, as in 20.000, which would be read as 20."""
    if _THOUSANDS.fullmatch(value.strip()):
        plain, short = value.strip().replace(".", ""), f"{float(value):g}"
        # A fourth decimal tells that three are decimals.
        meant = f"{value.strip()}0" if _THOUSANDS.fullmatch(short) else short
        msg = f"must have no point between thousands, got {value!r}: write {plain}, or {meant} if it is that"
        raise argparse.ArgumentTypeError(msg)


def amounts(value: str) -> list[float]:
    """Return numbers that were given with commas between them."""
    return [decimal(part) for part in value.split(",")]


def sizes(value: str) -> list[int]:
    """Return numbers of patients that were given with commas between them."""
    return [whole(0, _MOST_PATIENTS)(part.strip()) for part in value.split(",")]


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
    header, *rows = (tuple(map(_controls.one_line, cells)) for cells in (table.header, *table.rows))
    return replace(table, header=header, rows=tuple(rows))


def _line(cells: Sequence[str], widths: Sequence[int], table: Table) -> str:
    """Return cells in columns, numbers to the right."""
    padded = (
        cell.rjust(width) if i in table.numeric else cell.ljust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(padded).rstrip()


def aligned(table: Table) -> str:
    """Return a table in columns, without its caption."""
    table = _literal(table)
    widths = [max(len(row[i]) for row in (table.header, *table.rows)) for i in range(len(table.header))]
    rule = ["-" * width for width in widths]
    return "\n".join(_line(cells, widths, table) for cells in (table.header, rule, *table.rows))


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
        return [_line(row, widths, table) for row in itertools.zip_longest(*parts, fillvalue="")]

    rule = "  ".join("-" * size for size in widths)
    return "\n".join([*lines(table.header), rule, *(line for row in table.rows for line in lines(row))])
