"""The command line, a subcommand for each task, and its exit codes."""

from __future__ import annotations

import argparse
import sys
import textwrap
import warnings
from typing import TYPE_CHECKING, NoReturn

from hecon import _controls
from hecon._interrupts import guarded
from hecon._version import __version__
from hecon.cli._terminal import OutputError, Stream, aligned, guarded_streams, page, show, told_files, whole
from hecon.cli.audit import add_audit, run_audit
from hecon.cli.budget import add_budget, run_budget
from hecon.cli.burden import add_burden, run_burden
from hecon.cli.programme import add_programme, run_programme
from hecon.cli.trial import add_trial, run_trial
from hecon.errors import HeconError, StatisticalWarning

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hecon.assessment import Assessment
    from hecon.dossier.loading import Dossier
    from hecon.locale import Locale

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


class _Parser(argparse.ArgumentParser):
    """A parser whose refusals stand on one line, whatever the arguments hold."""

    def error(self, message: str) -> NoReturn:
        super().error(_controls.one_line(message))


def _parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = _Parser(
        prog="hecon",
        description="Cost-effectiveness for health care decisions: from what a trial reported to a verdict against the "
        "Zorginstituut's reference values.",
        epilog="Exit codes: 0 done, 1 the input is wrong or the output cannot be written (message on stderr), 2 usage, "
        "129, 130 or 143 stopped by SIGHUP, by SIGINT (Ctrl-C) or by SIGTERM.",
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
    from hecon.dossier.packaged import titles

    listed = titles(arguments.lang)
    width = max(map(len, listed))
    for name, title in listed.items():
        print(f"{name:<{width}}  {_controls.one_line(title)}")


def _assess(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    if bool(arguments.dossiers) == arguments.all:
        parser.error("assess takes either dossiers or --all")
    if arguments.out is None and arguments.format is not None and len(arguments.format) > 1:
        parser.error("assess prints one --format; give --out to write several")
    if arguments.out is None and arguments.format == ("html",) and (arguments.all or len(arguments.dossiers) > 1):
        parser.error("assess prints one page of html; give --out to write several")
    from hecon import dossier
    from hecon.assessment import assess
    from hecon.dossier.loading import refuse_placeholders

    chosen = dossier.names() if arguments.all else arguments.dossiers
    loaded = [dossier.load(name) for name in chosen]
    if arguments.out is not None or arguments.format is not None:
        for each in loaded:
            refuse_placeholders(each)
    if arguments.out is not None:
        _check_target(loaded, arguments)
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
        page("\n".join(each.text(kind) for each in summaries), kind)


def _print_overviews(found: list[Assessment], lang: str) -> None:
    from hecon.locale import Locale
    from hecon.report.sections.burden import burden_short
    from hecon.report.sections.overview import overview
    from hecon.report.simulated import with_warning

    locale = Locale(lang)
    compared = [each for each in found if each.comparisons]
    for each in compared:
        title = _controls.one_line(with_warning(locale.pick(each.dossier.title), each, locale))
        print(f"{each.dossier.name}: {title}")
        _warn_skeleton(each, locale)
        print(burden_short(each, locale) + "\n")
        print(aligned(overview(each, locale)) + "\n")
    if compared:
        print(textwrap.fill(locale.text("overview.key"), width=100))
    if len(compared) < len(found):
        names = ", ".join(each.dossier.name for each in found if not each.comparisons)
        told = textwrap.fill(locale.text("overview.not_compared", names=names), width=100, break_on_hyphens=False)
        print(f"\n{told}" if compared else told)


def _warn_skeleton(assessment: Assessment, locale: Locale) -> None:
    """Say that a dossier is still a skeleton, where it is."""
    from hecon.dossier.loading import placeholders

    left = placeholders(assessment.dossier)
    if left:
        places = ", ".join(path for path, _ in left)
        told = locale.text("overview.skeleton", n=len(left), places=places)
        print(textwrap.fill(told, width=100, break_long_words=False, break_on_hyphens=False))


def _check_target(loaded: list[Dossier], arguments: argparse.Namespace) -> None:
    from hecon._io import check_folder, check_targets
    from hecon.errors import InputError

    names = [each.name for each in loaded]
    for name in names:
        if names.count(name) > 1:
            msg = f"dossiers written to one folder must have different names, got {name!r} more than once"
            raise InputError(msg)
    check_folder("--out", arguments.out)
    check_targets(path for name in names for path in _paths(name, arguments))


def _languages(arguments: argparse.Namespace) -> tuple[str, ...]:
    return (arguments.lang,) if arguments.lang else LANGUAGES


def _paths(name: str, arguments: argparse.Namespace) -> dict[Path, tuple[str, str]]:
    """Return the files to write of a dossier, each with its language and format."""
    from pathlib import Path

    return {
        Path(arguments.out) / f"{name}.{lang}.{kind}": (lang, kind)
        for lang in _languages(arguments)
        for kind in arguments.format or FORMATS
    }


def _write(found: list[Assessment], arguments: argparse.Namespace) -> None:
    from hecon._io import write_whole
    from hecon.report import summary

    # All texts exist before the first file does, so a fault in one leaves nothing behind.
    files: dict[Path, str] = {}
    for each in found:
        # One summary per language: it composes its document once for all formats.
        summaries = {lang: summary(each, lang=lang) for lang in _languages(arguments)}
        paths = _paths(each.dossier.name, arguments)
        files |= {path: summaries[lang].text(kind) for path, (lang, kind) in paths.items()}
    replaced = write_whole(files)
    _print_overviews(found, arguments.lang or "en")
    print(f"\n{told_files(files, replaced)}")


def _new(arguments: argparse.Namespace) -> None:
    from pathlib import Path

    from hecon import dossier
    from hecon._io import write_whole
    from hecon.errors import InputError

    content = dossier.skeleton(arguments.name)
    path = Path(f"{arguments.name}.toml")
    if path.exists() or path.is_symlink():
        msg = f"name must be new here, got {arguments.name!r}: {path} exists and is left as it is"
        raise InputError(msg)
    write_whole({path: content}, replace=False)
    print(
        f"Wrote {path}. Its figures are made up. Replace every text and figure that says (replace) or (vervangen), "
        f"then: hecon assess {path} --out DIR. Until then hecon assess {path} shows a table and writes no report."
    )


def _schema() -> None:
    from hecon.dossier.loading import Dossier

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


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; default those of the process.

    Returns
    -------
    int
        0 done; 1 the input is wrong, or the output cannot be written; 129, 130 or 143 stopped by SIGHUP, by SIGINT
        (Ctrl-C) or by SIGTERM, with no file half written. Usage errors exit with 2.
    """
    try:
        with guarded_streams() as (out, _):
            return guarded(lambda: _main(argv, out), end=out.drop)
    except OutputError as error:
        # Standard output is closed, and standard error may be too.
        if sys.stderr is not None:
            print(f"hecon: {error}", file=sys.stderr)
        return 1


def _main(argv: Sequence[str] | None, out: Stream) -> int:
    """Run the command line on guarded streams."""
    parser = _parser()
    try:
        try:
            arguments = parser.parse_args(argv)
            with warnings.catch_warnings():
                warnings.simplefilter("always", StatisticalWarning)
                warnings.showwarning = _told
                _run(arguments, parser)
        except SystemExit:
            # The parser has printed help, or refused.
            out.flush()
            raise
        out.flush()
    except HeconError as error:
        print(f"hecon: {error}", file=sys.stderr)
        return 1
    except OutputError as error:
        # A reader that has enough (head, less) is no error.
        if error.enough:
            return 0
        print(f"hecon: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        place = "" if error.filename is None else f"{_controls.one_line(str(error.filename))}: "
        print(f"hecon: {place}{error.strerror or error}", file=sys.stderr)
        return 1
    return 0
