"""The command line: list, assess, new and schema. Exit codes: 0 done, 1 the input is wrong, 2 usage."""

from __future__ import annotations

import argparse
import sys
import textwrap
import warnings
from typing import TYPE_CHECKING

from hecon._version import __version__
from hecon.errors import HeconError, StatisticalWarning

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hecon.assessment import Assessment
    from hecon.report.document import Table

__all__ = ["main"]

LANGUAGES = ("nl", "en")
FORMATS = ("md", "json")


def _formats(value: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(each.strip() for each in value.split(",")))
    for each in chosen:
        if each not in FORMATS:
            msg = f"must be a comma-separated choice of {', '.join(FORMATS)}, got {each!r}"
            raise argparse.ArgumentTypeError(msg)
    return chosen


def _whole(at_least: int) -> type[int]:
    def number(value: str) -> int:
        if not value.strip().isdecimal() or int(value) < at_least:
            msg = f"must be a whole number of at least {at_least}, got {value!r}"
            raise argparse.ArgumentTypeError(msg)
        return int(value)

    return number  # type: ignore[return-value]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hecon",
        description="Cost-effectiveness for health care decisions: from what a trial reported to a verdict against the "
        "Zorginstituut's reference values.",
        epilog="Exit codes: 0 done, 1 the input is wrong (message on stderr), 2 usage.",
    )
    parser.add_argument("--version", action="version", version=f"hecon {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    listing = commands.add_parser("list", help="list the dossiers that come with hecon")
    listing.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the titles (default: en)")

    assess = commands.add_parser(
        "assess",
        help="assess dossiers: results, uncertainty, verdicts",
        description="Assess dossiers. Without --out, print a compact table, or one --format to standard output; with "
        "--out, write NAME.LANG.FORMAT for each dossier.",
    )
    assess.add_argument("dossiers", nargs="*", metavar="NAME|FILE", help="a dossier's name, or the path of a TOML file")
    assess.add_argument("--all", action="store_true", help="all dossiers that come with hecon")
    assess.add_argument("--lang", choices=LANGUAGES, help="language (default: en on the terminal, both with --out)")
    assess.add_argument(
        "--format", type=_formats, metavar="md,json", help="formats to write (default with --out: both)"
    )
    assess.add_argument("--out", metavar="DIR", help="folder to write to; made if absent")
    assess.add_argument("--draws", type=_whole(10), default=100_000, metavar="N", help="draws (default: 100000)")
    assess.add_argument("--seed", type=_whole(0), default=0, metavar="S", help="seed (default: 0)")

    new = commands.add_parser("new", help="write a commented dossier to start from")
    new.add_argument("name", metavar="NAME", help="lower-case words joined by hyphens, as in hip-fracture")

    commands.add_parser("schema", help="print the JSON Schema of a dossier")
    return parser


def _list(arguments: argparse.Namespace) -> None:
    from hecon import dossier

    names = dossier.names()
    width = max(len(name) for name in names)
    for name in names:
        print(f"{name:<{width}}  {getattr(dossier.load(name).title, arguments.lang)}")


def _assess(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    if bool(arguments.dossiers) == arguments.all:
        parser.error("assess takes either dossiers or --all")
    if arguments.out is None and arguments.format is not None and len(arguments.format) > 1:
        parser.error("assess prints one --format; give --out to write several")
    from hecon import dossier
    from hecon.assessment import assess

    chosen = dossier.names() if arguments.all else arguments.dossiers
    loaded = [dossier.load(name) for name in chosen]
    found = [assess(each, n_draws=arguments.draws, rng=arguments.seed) for each in loaded]
    if arguments.out is not None:
        _write(found, arguments)
    elif arguments.format is None:
        _print_overviews(found, arguments.lang or "en")
    else:
        _print_format(found, arguments.format[0], arguments.lang or "en")


def _print_format(found: list[Assessment], kind: str, lang: str) -> None:
    from hecon.report import plain_json, summary

    summaries = [summary(each, lang=lang) for each in found]
    if kind == "json":
        data = [each.data for each in summaries]
        print(plain_json.write(data[0] if len(data) == 1 else data), end="")
    else:
        print("\n".join(each.text(kind) for each in summaries), end="")


def _print_overviews(found: list[Assessment], lang: str) -> None:
    from hecon import texts
    from hecon.report.compose import overview

    for each in found:
        band = texts.text(lang, "band." + each.dossier.burden.band.replace(" ", "_"))
        title = getattr(each.dossier.title, lang)
        print(f"{each.dossier.name}: {title}")
        print(texts.text(lang, "summary.burden_short", band=band) + "\n")
        print(_aligned(overview(each, lang)) + "\n")
    print(textwrap.fill(texts.text(lang, "overview.key"), width=100))


def _aligned(table: Table) -> str:
    widths = [max(len(row[i]) for row in (table.header, *table.rows)) for i in range(len(table.header))]

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if i in table.numeric else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join(padded).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([line(table.header), rule, *(line(row) for row in table.rows)])


def _write(found: list[Assessment], arguments: argparse.Namespace) -> None:
    from pathlib import Path

    from hecon.errors import InputError
    from hecon.report import summary
    from hecon.report.summaries import write_whole

    names = [each.dossier.name for each in found]
    for name in names:
        if names.count(name) > 1:
            msg = f"dossiers written to one folder must have different names, got {name!r} more than once"
            raise InputError(msg)
    folder = Path(arguments.out)
    files: list[tuple[Path, str]] = []
    for each in found:
        for lang in (arguments.lang,) if arguments.lang else LANGUAGES:
            text = summary(each, lang=lang)
            files += [
                (folder / f"{each.dossier.name}.{lang}.{kind}", text.text(kind)) for kind in arguments.format or FORMATS
            ]
    # All texts exist before the first file does, so a fault in one leaves nothing behind.
    for path, content in files:
        write_whole(path, content)
    _print_overviews(found, arguments.lang or "en")
    print(f"\nWrote {len(files)} files to {folder}: {files[0][0].name} and on.")


def _new(arguments: argparse.Namespace) -> None:
    from pathlib import Path

    from hecon import dossier
    from hecon.errors import InputError
    from hecon.report.summaries import write_whole

    content = dossier.skeleton(arguments.name)
    path = Path(f"{arguments.name}.toml")
    if path.exists():
        msg = f"name must be new here, got {arguments.name!r}: {path} exists and is left as it is"
        raise InputError(msg)
    write_whole(path, content)
    print(f"Wrote {path}. Fill it in, then: hecon assess {path}")


def _schema() -> None:
    from hecon.dossier import Dossier
    from hecon.report import plain_json

    print(plain_json.write(Dossier.json_schema()), end="")


def _told(message: Warning | str, *_: object, **__: object) -> None:
    print(f"hecon: warning: {message}", file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; default those of the process.

    Returns
    -------
    int
        0 done, 1 the input is wrong. Usage errors exit with 2.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", StatisticalWarning)
            warnings.showwarning = _told
            if arguments.command == "assess":
                _assess(arguments, parser)
            elif arguments.command == "list":
                _list(arguments)
            elif arguments.command == "new":
                _new(arguments)
            else:
                _schema()
        sys.stdout.flush()
    except HeconError as error:
        print(f"hecon: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader (head, less) has enough; Python would complain once more at exit.
        sys.stderr.close()
        return 0
    return 0
