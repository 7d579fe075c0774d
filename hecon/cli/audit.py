"""The command `hecon audit`: whether the figures that dossiers carry from their sources can be true together."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from hecon.cli._terminal import show

if TYPE_CHECKING:
    import argparse

__all__ = ["add_audit", "run_audit"]


def add_audit(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser's.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    """
    audit = commands.add_parser(
        "audit",
        help="check whether printed figures can be true together",
        description="Hold the figures that a dossier carries from its sources against each other, within their "
        "rounding.",
    )
    audit.add_argument(
        "dossiers", nargs="*", metavar="NAME|FILE", help='dossiers, or "programme" (default: all that come with hecon)'
    )
    audit.add_argument("--lang", choices=("nl", "en"), default="en", help="language (default: en)")
    audit.add_argument("--format", choices=("text", "json"), default="text", help="format (default: text)")


def run_audit(arguments: argparse.Namespace) -> None:
    """Run the command.

    Parameters
    ----------
    arguments : argparse.Namespace
        What was given.
    """
    from hecon import dossier
    from hecon.auditing import audit
    from hecon.auditing.auditing import PROGRAMME
    from hecon.locale import Locale
    from hecon.report.sections.audit import audit_data
    from hecon.report.writers.json import plain

    named = arguments.dossiers or [*dossier.names(), PROGRAMME]
    loaded = [dossier.load_programme() if name == PROGRAMME else dossier.load(name) for name in named]
    locale = Locale(arguments.lang)
    told = [{"name": each.name, "findings": audit_data(audit(each), locale)} for each in loaded]
    found: list[dict[str, Any]] = plain(told, locale)
    if arguments.format == "json":
        show(found[0] if len(arguments.dossiers) == 1 else found)
        return
    for each in found:
        print(each["name"])
        if not each["findings"]:
            print(f"  {locale.text('audit.nothing')}")
        for finding in each["findings"]:
            # The number is that of the note at the figures.
            sources = "; ".join(f"{source['document']}, {source['place']}" for source in finding["sources"])
            words = f"[{finding['note']}] {finding['words']} ({sources})"
            print(textwrap.fill(words, 100, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False))
