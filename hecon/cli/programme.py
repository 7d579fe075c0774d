"""The command `hecon programme`: how the programme stood on a date, and what is in the way of each building block."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from hecon.cli._terminal import Output, add_output, check_files, check_output, day, tell

if TYPE_CHECKING:
    import argparse

    from hecon.locale import Locale
    from hecon.programme import ProgrammeState


def add_programme(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    programme = commands.add_parser(
        "programme",
        help="show the state on a date of the Dutch programme on physiotherapy in the basic package",
        description="Show the preconditions and building blocks of the programme for appropriate physiotherapy and "
        "exercise therapy as they stood on a date: state, what is in the way, budget.",
    )
    programme.add_argument("--on", type=day, metavar="DATE", help="as 2024-03-22 (default: the last date on file)")
    add_output(programme, "folder to write programme.LANG.FORMAT to; made if absent")
    programme.set_defaults(run=run_programme)


def run_programme(arguments: argparse.Namespace) -> None:
    """Run the command."""
    check_output(arguments)
    from hecon import programme

    check_files(["programme"], arguments)
    tell([("programme", partial(_output, programme.state(arguments.on)))], arguments)


def _output(state: ProgrammeState, locale: Locale) -> Output:
    from hecon.report.programmes import programme_data, programme_document

    return Output(lambda: programme_document(state, locale), lambda: programme_data(state, locale))
