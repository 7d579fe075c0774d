"""The command `hecon value-sets`: the value sets of the EQ-5D that come with hecon, as text or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.cli._terminal import add_printed, show

if TYPE_CHECKING:
    import argparse

# What is empty for a value set.
_KEYS = ("name", "version", "title", "year", "source", "doi", "via", "licence", "note", "position", "position_nl")
_VERSIONS = ("EQ-5D-3L", "EQ-5D-5L", "EQ-5D-Y-3L")


def add_value_sets(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    value_sets = commands.add_parser(
        "value-sets",
        help="list the value sets of the EQ-5D",
        description="List the value sets of the EQ-5D that come with hecon: name, title and source, and what NICE says "
        "of those of the United Kingdom. A set of one's own is a file; see hecon.utility.",
    )
    value_sets.add_argument("--version", choices=_VERSIONS, help="version of the questionnaire (default: all)")
    add_printed(value_sets, ("text", "json"))
    value_sets.set_defaults(run=run_value_sets)


def run_value_sets(arguments: argparse.Namespace) -> None:
    """Run the command."""
    from hecon import eq5d

    found = eq5d.value_sets(version=arguments.version)
    if arguments.format == "json":
        rows: list[dict[str, Any]] = [{key: getattr(each, key) for key in _KEYS} for each in found]
        show(rows)
        return
    width = max(len(each.name) for each in found)
    for each in found:
        print(f"{each.name:<{width}}  {each.title}. {each.source.rstrip('.')}.")
        position = each.position_nl if arguments.lang == "nl" else each.position
        if position:
            print(f"{'':<{width}}  {position}")
