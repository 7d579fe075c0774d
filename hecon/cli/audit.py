"""The command `hecon audit`: whether the figures that dossiers carry from their sources can be true together."""

from __future__ import annotations

import textwrap
from functools import partial
from typing import TYPE_CHECKING, Any

from hecon.cli._terminal import Output, add_output, check_files, check_output, tell

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from hecon.auditing import Finding
    from hecon.dossier.loading import Dossier
    from hecon.dossier.programme import Programme
    from hecon.locale import Locale


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
    add_output(audit, "folder to write NAME.audit.LANG.FORMAT to; made if absent")
    audit.set_defaults(run=run_audit)


def run_audit(arguments: argparse.Namespace) -> None:
    """Run the command."""
    check_output(arguments, several=len(arguments.dossiers) != 1)
    from hecon import dossier as dossiers
    from hecon.auditing import audit
    from hecon.auditing.auditing import PROGRAMME

    named = arguments.dossiers or [*dossiers.names(), PROGRAMME]
    loaded = [dossiers.load_programme() if name == PROGRAMME else dossiers.load(name) for name in named]
    names = [f"{dossier.name}.audit" for dossier in loaded]
    check_files(names, arguments)
    makers = [partial(_output, dossier, audit(dossier)) for dossier in loaded]
    tell(list(zip(names, makers, strict=True)), arguments)


def _output(dossier: Dossier | Programme, findings: Sequence[Finding], locale: Locale) -> Output:
    from hecon.report.analyses import audit_document
    from hecon.report.sections.audit import audit_data, nothing_words
    from hecon.report.writers.json import plain

    def data() -> Any:  # noqa: ANN401
        return plain({"name": dossier.name, "findings": audit_data(findings, locale)}, locale)

    nothing = nothing_words(dossier, locale)
    return Output(lambda: audit_document(dossier, findings, locale), data, lambda _: _listed(data(), nothing))


def _listed(result: dict[str, Any], nothing: str) -> str:
    """Return the findings for a terminal, each with its number and sources, or what is said where there are none."""
    lines = [result["name"]]
    if not result["findings"]:
        lines.append(f"  {nothing}")
    for finding in result["findings"]:
        # The number is that of the note at the figures.
        sources = "; ".join(f"{source['document']}, {source['place']}" for source in finding["sources"])
        line = f"[{finding['note']}] {finding['words']} ({sources})"
        lines.append(textwrap.fill(line, 100, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False))
    return "\n".join(lines) + "\n"
