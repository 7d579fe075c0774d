"""The command line, a subcommand for each task, and its exit codes."""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
import warnings
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, NoReturn

from hecon import __version__, _controls, cli
from hecon._interrupts import guarded
from hecon.cli._terminal import (
    LANGUAGES,
    OutputError,
    Stream,
    add_draws,
    add_length,
    add_output,
    add_rules,
    aligned,
    check_files,
    check_output,
    file_name,
    guarded_streams,
    lengths,
    print_contents,
    show,
    whole,
    write_outputs,
)
from hecon.errors import HeconError, StatisticalWarning
from hecon.report.sections import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path
    from types import ModuleType

    from hecon.assessment import Assessment
    from hecon.locale import Locale

# Where a parsed command line keeps which options stand in it.
_GIVEN = "_given"
# Order of the commands in the help; others follow.
_ORDER = ("burden", "budget", "trial", "audit", "programme", "rules")


class _Once(argparse.Action):
    """The storing of an option that is given once at most: of two values one would be dropped without a word."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 (as argparse calls it)
        namespace: argparse.Namespace,
        values: Any,  # noqa: ANN401 (what the option's type makes)
        option_string: str | None = None,
    ) -> None:
        given = vars(namespace).setdefault(_GIVEN, set())
        if option_string is not None and self.dest in given:
            raise argparse.ArgumentError(self, "must be given once, and stands there again")
        given.add(self.dest)
        setattr(namespace, self.dest, values)


# What argparse says of a command or a choice that there is not.
_NO_CHOICE = re.compile(r"invalid choice: '(?P<given>.*)' \(choose from (?P<known>.*)\)")


class _Parser(argparse.ArgumentParser):
    """A parser whose messages stand on one line and name what was probably meant, and whose options are given once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (as argparse makes those of subcommands)
        super().__init__(*args, **kwargs)
        for action in (None, "store"):
            self.register("action", action, _Once)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 (as argparse has it)
        """Refuse what a command does not know itself, with its own usage."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            options = [each.partition("=")[0] for each in unknown if each.startswith("-")]
            hints = dict.fromkeys(_meant(each, self._option_string_actions) for each in options)
            self.error(f"unrecognized arguments: {' '.join(unknown)}{''.join(hints)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        choice = _NO_CHOICE.search(message)
        if choice is not None:
            message += _meant(choice["given"], choice["known"].replace("'", "").split(", "))
        super().error(_controls.one_line(message))


def _meant(given: str, known: Iterable[str]) -> str:
    """Return the hint for a command or option that there is not: the nearest one, if one is near."""
    from hecon.files.faults import near

    return near(given, known)


def _commands() -> dict[str, ModuleType]:
    """Return the modules beside this one, each with a command NAME that ``add_NAME`` adds."""
    names = [module.name for module in iter_modules(cli.__path__)]
    names = [name for name in names if name != "main" and not name.startswith("_")]
    names.sort(key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    return {name: import_module(f"{cli.__name__}.{name}") for name in names}


def _parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = _Parser(
        prog="hecon",
        description="Cost-effectiveness for health care decisions: from what a trial reported to a verdict by the "
        "rules of a country. A dossier is a TOML file with what was published on one choice, each number with its "
        "source; hecon list names those that ship, hecon new NAME begins one of yours.",
        epilog="Exit codes: 0 done, 1 the input is wrong or the output cannot be written (message on stderr), 2 usage, "
        "129, 130 or 143 stopped by SIGHUP, by SIGINT (Ctrl-C) or by SIGTERM.",
    )
    parser.add_argument("--version", action="version", version=f"hecon {__version__}")
    parser.set_defaults(refuse=parser.error)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    listing = commands.add_parser("list", help="list the dossiers that come with hecon")
    listing.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the titles (default: en)")
    listing.set_defaults(run=_list)
    _add_assess(commands)
    for name, module in _commands().items():
        getattr(module, f"add_{name}")(commands)
    new = commands.add_parser(
        "new",
        help="write a commented dossier to start from, or the design of a trial from its table",
        description="Write NAME.toml, a commented dossier to start from; or with --design the design of a trial, "
        "drafted from its table: every guess says why, and what could not be guessed is a line to fill in. No value of "
        "a patient is written.",
    )
    new.add_argument("name", nargs="?", metavar="NAME", help="lower-case words joined by hyphens, as in hip-fracture")
    new.add_argument("--design", metavar="DATA", help="table of patients (default of NAME: that of its file)")
    new.add_argument(
        "--price-year", type=whole(1900, 2100), metavar="YEAR", help="with --design: the year of its amounts of money"
    )
    new.set_defaults(run=_new, refuse=new.error)
    schema = commands.add_parser(
        "schema",
        help="print the JSON Schema of a dossier, or of a trial's design",
        description="Print the JSON Schema of a dossier: every table and key that its TOML file may have, for an "
        "editor that completes and checks.",
    )
    schema.add_argument("--design", action="store_true", help="that of the design of a trial")
    schema.set_defaults(run=_schema)
    return parser


def _add_assess(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    assess = commands.add_parser(
        "assess",
        help="assess dossiers: results, uncertainty, verdicts",
        description="Assess dossiers. Without --out, print a compact table, or one --format to standard output; with "
        "--out, write NAME.LANG.FORMAT for each dossier, and the note of one page as NAME.brief.LANG.FORMAT; an advice "
        "as NAME.advice.LANG.FORMAT.",
    )
    assess.add_argument("dossiers", nargs="*", metavar="NAME|FILE", help="a dossier's name, or the path of a TOML file")
    assess.add_argument("--all", action="store_true", help="all dossiers that come with hecon")
    add_rules(assess)
    add_output(assess, "folder to write to; made if absent", text=False)
    assess.add_argument(
        "--form", choices=FORMS, default="note", help="the note, or the form of a package advice (default: note)"
    )
    add_length(assess, "the whole note")
    add_draws(assess)
    assess.set_defaults(run=_assess)


def _list(arguments: argparse.Namespace) -> None:
    from hecon.dossier import titles

    listed = titles()
    width = max(map(len, listed))
    for name, title in listed.items():
        print(f"{name:<{width}}  {_controls.one_line(title[arguments.lang])}")


def _check_usage(arguments: argparse.Namespace) -> None:
    """Refuse options that do not go together."""
    if bool(arguments.dossiers) == arguments.all:
        arguments.refuse("assess takes either dossiers or --all; hecon list names those that ship")
    check_output(arguments, several=arguments.all or len(arguments.dossiers) > 1)
    if arguments.form != "note" and arguments.length == "brief":
        arguments.refuse(f"assess has no brief {arguments.form}; leave out --length")
    if arguments.form != "note" and arguments.out is None and arguments.format is None:
        arguments.refuse(f"assess prints no table in the form {arguments.form}; give --format, or --out to write files")


def _assess(arguments: argparse.Namespace) -> None:
    _check_usage(arguments)
    from hecon import dossier as dossiers
    from hecon.assessment import assess
    from hecon.dossier.loading import refuse_placeholders
    from hecon.locale import Locale
    from hecon.report.summaries import Summary

    chosen = dossiers.names() if arguments.all else arguments.dossiers
    loaded = [dossiers.load(name, rules=arguments.rules, on=arguments.on) for name in chosen]
    if arguments.out is not None or arguments.format is not None:
        for dossier in loaded:
            refuse_placeholders(dossier)
    check_files(
        [_output(each.name, arguments.form, length) for each in loaded for length in _lengths(arguments)], arguments
    )
    assessments = [assess(dossier, n_draws=arguments.draws, rng=arguments.seed) for dossier in loaded]
    locale = Locale(arguments.lang or "en")
    if arguments.out is not None:
        makers: dict[str, Callable[[Locale], Summary]] = {
            _output(each.dossier.name, arguments.form, length): partial(
                Summary, each, length=length, form=arguments.form
            )
            for each in assessments
            for length in _lengths(arguments)
        }
        write_outputs(makers, arguments, before=partial(_print_overviews, assessments, locale, end="\n"))
    elif arguments.format is None:
        _print_overviews(assessments, locale)
    else:
        chosen_form = {"length": arguments.length or "full", "form": arguments.form}
        print_contents([Summary(each, locale, **chosen_form) for each in assessments], arguments.format[0])


def _lengths(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return the lengths to write; an advice has one."""
    return lengths(arguments) if arguments.form == "note" else ("full",)


def _output(name: str, form: str, length: str) -> str:
    """Return how the files of a dossier begin, so that a form or length replaces no other."""
    return file_name(name if form == "note" else f"{name}.{form}", length)


def _print_overviews(assessments: list[Assessment], locale: Locale, *, end: str = "") -> None:
    from hecon.report.sections.answer import answer_sentence
    from hecon.report.sections.burden import burden_short
    from hecon.report.sections.overview import key_tables, key_words
    from hecon.report.words.common import with_warning

    for place, assessment in enumerate(assessments):
        title = _controls.one_line(with_warning(locale.pick(assessment.dossier.title), assessment, locale))
        print(("\n" if place else "") + f"{assessment.dossier.name}: {title}")
        _warn_skeleton(assessment, locale)
        print(_wrapped(answer_sentence(assessment, locale)))
        if assessment.comparisons:
            print(burden_short(assessment, locale) + "\n")
            print("\n\n".join(map(aligned, key_tables(assessment, locale, short=True))))
    compared = [assessment for assessment in assessments if assessment.comparisons]
    if compared:
        print("\n" + _wrapped(key_words(compared, locale)))
    print(end=end)


def _wrapped(text: str) -> str:
    return textwrap.fill(_controls.one_line(text), width=100, break_long_words=False, break_on_hyphens=False)


def _warn_skeleton(assessment: Assessment, locale: Locale) -> None:
    """Print a line on a dossier that is still a skeleton."""
    from hecon.dossier.loading import placeholders

    left = placeholders(assessment.dossier)
    if left:
        places = ", ".join(path for path, _ in left)
        warning = locale.text("overview.skeleton", n=len(left), places=places)
        print(_wrapped(warning))


def _new(arguments: argparse.Namespace) -> None:
    if arguments.design is not None:
        _new_design(arguments)
        return
    if arguments.name is None:
        arguments.refuse("new takes NAME, or --design DATA")
    if arguments.price_year is not None:
        arguments.refuse("new takes --price-year with --design only")
    from hecon import dossier as dossiers

    path = _write_new(arguments.name, dossiers.skeleton(arguments.name))
    print(
        f"Wrote {path}. Its figures are made up. Replace every text and figure that says (replace) or (vervangen), "
        f"then: hecon assess {path} --out DIR. Until then hecon assess {path} shows a table and writes no report."
    )


def _write_new(name: str, content: str) -> Path:
    """Write NAME.toml here, unless it exists."""
    from pathlib import Path

    from hecon._io import write_whole
    from hecon.errors import InputError

    path = Path(f"{name}.toml")
    if path.exists() or path.is_symlink():
        msg = f"name must be new here, got {name!r}: {path} exists and is left as it is; give another NAME"
        raise InputError(msg)
    write_whole({path: content}, replace=False)
    return path


def _new_design(arguments: argparse.Namespace) -> None:
    import re
    import shlex

    from hecon.errors import InputError
    from hecon.files.parts import IDENTIFIER
    from hecon.trial.table.drafting import draft_design

    name = arguments.name
    if name is not None and not re.fullmatch(IDENTIFIER, name):
        msg = f"name must be lower-case words joined by hyphens, as in hip-fracture, got {name!r}"
        raise InputError(msg)
    draft = draft_design(arguments.design, name=name, price_year=arguments.price_year)
    path = _write_new(draft.name, draft.text)
    lines = ", ".join(f"{key} in line {line}" for line, key in draft.to_fill_in)
    todo = f"Fill in {lines}; check" if lines else "Check"
    command = _controls.one_line(shlex.join(["hecon", "trial", str(arguments.design), str(path)]))
    print(f"Wrote {path}. {todo} what it guessed, each with a comment that says why. Then:\n\n  {command}")


def _schema(arguments: argparse.Namespace) -> None:
    if arguments.design:
        from hecon.trial import Design

        show(Design.json_schema())
        return
    from hecon.dossier.loading import Dossier

    show(Dossier.json_schema())


def _print_warning(message: Warning | str, *_: object, **__: object) -> None:
    print(f"hecon: warning: {' '.join(str(message).split())}", file=sys.stderr)


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
        # Standard error may be closed as well.
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
                warnings.showwarning = _print_warning
                arguments.run(arguments)
        except SystemExit:
            # Help, or a usage error.
            out.flush()
            raise
        out.flush()
    except HeconError as error:
        print(f"hecon: {error}", file=sys.stderr)
        return 1
    except OutputError as error:
        # A reader that closes the pipe (head, less) is no error.
        if error.enough:
            return 0
        print(f"hecon: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        place = "" if error.filename is None else f"{_controls.one_line(str(error.filename))}: "
        print(f"hecon: {place}{error.strerror or error}", file=sys.stderr)
        return 1
    return 0
