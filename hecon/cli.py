"""The command line, a subcommand for each task; exits 0, 1 (the input is wrong) or 2 (usage)."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import textwrap
import warnings
from typing import TYPE_CHECKING

from hecon._terminal import aligned, is_utf8, show, whole
from hecon._version import __version__
from hecon.cli_audit import add_audit, run_audit
from hecon.cli_budget import add_budget, run_budget
from hecon.cli_burden import add_burden, run_burden
from hecon.cli_programme import add_programme, run_programme
from hecon.cli_trial import add_trial, run_trial
from hecon.errors import HeconError, StatisticalWarning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon.assessment import Assessment
    from hecon.dossier import Dossier

__all__ = ["main"]

LANGUAGES = ("nl", "en")
FORMATS = ("html", "md", "json")


def _formats(value: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(each.strip() for each in value.split(",")))
    for each in chosen:
        if each not in FORMATS:
            msg = f"must be a comma-separated choice of {', '.join(FORMATS)}, got {each!r}"
            raise argparse.ArgumentTypeError(msg)
    return chosen


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

    _add_assess(commands)
    add_burden(commands)
    add_budget(commands)
    add_trial(commands)
    add_audit(commands)
    add_programme(commands)
    new = commands.add_parser("new", help="write a commented dossier to start from")
    new.add_argument("name", metavar="NAME", help="lower-case words joined by hyphens, as in hip-fracture")

    commands.add_parser("schema", help="print the JSON Schema of a dossier")
    return parser


def _add_assess(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
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
        "--format", type=_formats, metavar=",".join(FORMATS), help="formats to write (default with --out: all)"
    )
    assess.add_argument("--out", metavar="DIR", help="folder to write to; made if absent")
    assess.add_argument(
        "--draws", type=whole(10, 10_000_000), default=100_000, metavar="N", help="draws (default: 100000)"
    )
    assess.add_argument("--seed", type=whole(0, 2**63 - 1), default=0, metavar="S", help="seed (default: 0)")


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
    if arguments.out is None and arguments.format == ("html",) and (arguments.all or len(arguments.dossiers) > 1):
        parser.error("assess prints one page of html; give --out to write several")
    from hecon import dossier
    from hecon.assessment import assess

    chosen = dossier.names() if arguments.all else arguments.dossiers
    loaded = [dossier.load(name) for name in chosen]
    if arguments.out is not None:
        _check_target(loaded, arguments.out)
    found = [assess(each, n_draws=arguments.draws, rng=arguments.seed) for each in loaded]
    if arguments.out is not None:
        _write(found, arguments)
    elif arguments.format is None:
        _print_overviews(found, arguments.lang or "en")
    else:
        _print_format(found, arguments.format[0], arguments.lang or "en")


def _print_format(found: list[Assessment], kind: str, lang: str) -> None:
    from hecon.report import summary

    summaries = [summary(each, lang=lang) for each in found]
    if kind == "json":
        data = [each.data for each in summaries]
        show(data[0] if len(data) == 1 else data)
    else:
        text = "\n".join(each.text(kind) for each in summaries)
        if kind == "html" and not is_utf8():
            text = text.encode("ascii", "xmlcharrefreplace").decode("ascii")
        print(text, end="")


def _print_overviews(found: list[Assessment], lang: str) -> None:
    from hecon import texts
    from hecon.report.burdens import burden_short
    from hecon.report.overview import overview
    from hecon.report.trial_note import with_warning

    compared = [each for each in found if each.comparisons]
    for each in compared:
        title = with_warning(getattr(each.dossier.title, lang), each, lang)
        print(f"{each.dossier.name}: {title}")
        print(burden_short(each, lang) + "\n")
        print(aligned(overview(each, lang)) + "\n")
    if compared:
        print(textwrap.fill(texts.text(lang, "overview.key"), width=100))
    if len(compared) < len(found):
        names = ", ".join(each.dossier.name for each in found if not each.comparisons)
        told = textwrap.fill(texts.text(lang, "overview.not_compared", names=names), width=100, break_on_hyphens=False)
        print(f"\n{told}" if compared else told)


def _check_target(loaded: list[Dossier], out: str) -> None:
    from pathlib import Path

    from hecon.errors import InputError

    names = [each.name for each in loaded]
    for name in names:
        if names.count(name) > 1:
            msg = f"dossiers written to one folder must have different names, got {name!r} more than once"
            raise InputError(msg)
    if Path(out).exists() and not Path(out).is_dir():
        msg = f"--out must be a folder, got {out!r}, which is a file"
        raise InputError(msg)


def _write(found: list[Assessment], arguments: argparse.Namespace) -> None:
    from pathlib import Path

    from hecon.report import summary
    from hecon.report.summaries import write_whole

    # All texts exist before the first file does, so a fault in one leaves nothing behind.
    files = {
        Path(arguments.out) / f"{each.dossier.name}.{lang}.{kind}": summary(each, lang=lang).text(kind)
        for each in found
        for lang in ((arguments.lang,) if arguments.lang else LANGUAGES)
        for kind in arguments.format or FORMATS
    }
    write_whole(files)
    _print_overviews(found, arguments.lang or "en")
    first, last = next(iter(files)), next(reversed(files))
    told = str(first) if len(files) == 1 else f"{len(files)} files, from {first} to {last}"
    print(f"\nWrote {told}.")


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
    write_whole({path: content})
    print(f"Wrote {path}. Fill it in, then: hecon assess {path}")


def _schema() -> None:
    from hecon.dossier import Dossier

    show(Dossier.json_schema())


def _told(message: Warning | str, *_: object, **__: object) -> None:
    print(f"hecon: warning: {' '.join(str(message).split())}", file=sys.stderr)


def _run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    if arguments.command == "assess":
        _assess(arguments, parser)
    elif arguments.command == "audit":
        run_audit(arguments)
    elif arguments.command == "budget":
        run_budget(arguments, parser)
    elif arguments.command == "burden":
        run_burden(arguments, parser)
    elif arguments.command == "trial":
        run_trial(arguments, parser)
    elif arguments.command == "programme":
        run_programme(arguments)
    elif arguments.command == "list":
        _list(arguments)
    elif arguments.command == "new":
        _new(arguments)
    else:
        _schema()


def _drop_output() -> None:
    # What is still to be flushed at exit goes nowhere, or Python would complain once more.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError):
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


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
    # A sign that the terminal does not know becomes a question mark.
    if not is_utf8() and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", StatisticalWarning)
            warnings.showwarning = _told
            _run(arguments, parser)
        sys.stdout.flush()
    except HeconError as error:
        print(f"hecon: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader (head, less) has enough.
        _drop_output()
    except OSError as error:
        _drop_output()
        print(f"hecon: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0
