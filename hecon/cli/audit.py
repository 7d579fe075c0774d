"""The command `hecon audit`: whether the figures that dossiers carry from their sources can be true together."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from hecon.cli._terminal import add_printed, show

if TYPE_CHECKING:
    import argparse


def add_audit(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    audit = commands.add_parser(
        "audit",
        help="check whether reported figures are consistent",
        description="Hold the figures that a dossier carries from its sources against each other, within their "
        "rounding.",
    )
    audit.add_argument(
        "dossiers", nargs="*", metavar="NAME|FILE", help='dossiers, or "programme" (default: all that come with hecon)'
    )
    add_printed(audit, ("text", "json"))
    audit.set_defaults(run=run_audit)


def run_audit(arguments: argparse.Namespace) -> None:
    """Run the command."""
    from hecon import dossier as dossiers
    from hecon.auditing import audit
    from hecon.auditing.auditing import PROGRAMME
    from hecon.locale import Locale
    from hecon.report.sections.audit import audit_data
    from hecon.report.writers.json import plain

    named = arguments.dossiers or [*dossiers.names(), PROGRAMME]
    loaded = [dossiers.load_programme() if name == PROGRAMME else dossiers.load(name) for name in named]
    locale = Locale(arguments.lang)
    data = [{"name": dossier.name, "findings": audit_data(audit(dossier), locale)} for dossier in loaded]
    results: list[dict[str, Any]] = plain(data, locale)
    if arguments.format == "json":
        show(results[0] if len(arguments.dossiers) == 1 else results)
        return
    for result in results:
        print(result["name"])
        if not result["findings"]:
            print(f"  {locale.text('audit.nothing')}")
        for finding in result["findings"]:
            # The number is that of the note at the figures.
            sources = "; ".join(f"{source['document']}, {source['place']}" for source in finding["sources"])
            line = f"[{finding['note']}] {finding['words']} ({sources})"
            print(textwrap.fill(line, 100, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False))
