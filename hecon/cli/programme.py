"""The command `hecon programme`: how the programme stood on a date, and what is in the way of each building block."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from hecon.cli._terminal import Output, add_output, check_files, check_output, print_outputs, write_outputs

if TYPE_CHECKING:
    import datetime as dt

    from hecon.locale import Locale
    from hecon.programme import ProgrammeState


def _date(value: str) -> dt.date:
    from datetime import date

    try:
        return date.fromisoformat(value)
    except ValueError:
        msg = f"must be a date as 2024-03-22, got {value!r}"
        raise argparse.ArgumentTypeError(msg) from None


def add_programme(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    programme = commands.add_parser(
        "programme",
        help="show the state of the programme on a date",
        description="Show the preconditions and building blocks of the programme for appropriate physiotherapy and "
        "exercise therapy as they stood on a date: state, what is in the way, budget.",
    )
    programme.add_argument("--on", type=_date, metavar="DATE", help="as 2024-03-22 (default: the last date on file)")
    add_output(programme, "folder to write programme.LANG.FORMAT to; made if absent")
    programme.set_defaults(run=run_programme)


def run_programme(arguments: argparse.Namespace) -> None:
    """Run the command."""
    check_output(arguments)
    from hecon import programme
    from hecon.locale import Locale

    check_files(["programme"], arguments)
    output = partial(_output, programme.state(arguments.on))
    if arguments.out is not None:
        write_outputs({"programme": output}, arguments)
    else:
        print_outputs([output(Locale(arguments.lang or "en"))], arguments)


def _output(state: ProgrammeState, locale: Locale) -> Output:
    from hecon.report.programmes import programme_data, programme_document

    return Output(lambda: programme_document(state, locale), lambda: programme_data(state, locale))
