"""The command `hecon programme`: how the programme stood on a date, and what is in the way of each building block."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from hecon.cli._terminal import page, show

if TYPE_CHECKING:
    import datetime as dt


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
    programme.add_argument("--lang", choices=("nl", "en"), default="en", help="language (default: en)")
    programme.add_argument(
        "--format", choices=("text", "md", "html", "json"), default="text", help="format (default: text)"
    )
    programme.set_defaults(run=run_programme)


def run_programme(arguments: argparse.Namespace) -> None:
    """Run the command."""
    from hecon import programme
    from hecon.locale import Locale
    from hecon.report.programmes import programme_data, programme_document
    from hecon.report.writers.html import html
    from hecon.report.writers.json import plain
    from hecon.report.writers.markdown import markdown
    from hecon.report.writers.terminal import plain_text

    state, locale = programme.state(arguments.on), Locale(arguments.lang)
    if arguments.format == "json":
        show(plain(programme_data(state, locale), locale))
        return
    document = programme_document(state, locale)
    if arguments.format == "html":
        page(html(document), "html")
    elif arguments.format == "md":
        page(markdown(document), "md")
    else:
        print(plain_text(document), end="")
