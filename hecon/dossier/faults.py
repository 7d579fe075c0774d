"""Every fault of a dossier at once: those of the schema and those between fields, each with its path in the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hecon.dossier.budget_faults import budget_faults
from hecon.dossier.burden_faults import burden_faults
from hecon.dossier.comparison_faults import comparison_faults
from hecon.dossier.data_faults import data_faults
from hecon.dossier.dates import date_faults
from hecon.dossier.figure_faults import figure_faults
from hecon.dossier.note_faults import note_faults
from hecon.dossier.programme_faults import link_faults
from hecon.dossier.programme_schema import Programme
from hecon.dossier.schema import Dossier
from hecon.files.faults import Fault, path_of, shown, tables
from hecon.files.schema import schema_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["faults_of", "programme_faults"]

Tree = dict[str, Any]

# Bits; some 3,000 digits, below Python's limit for writing out an integer.
_LONGEST = 10_000
_HERE = Path()


def _identifiers(tree: Tree, key: str) -> set[str]:
    return {item["id"] for _, item in tables(tree, key) if isinstance(item.get("id"), str)}


def _repeated(tree: Tree) -> Iterator[Fault]:
    for key in ("intervention", "comparison", "document", "party", "precondition", "condition", "block", "monitored"):
        seen: set[str] = set()
        for position, item in tables(tree, key):
            identifier = item.get("id")
            if not isinstance(identifier, str):
                continue
            if identifier in seen:
                yield path_of(key, position, "id"), f"must be unique, got {shown(identifier)} again"
            seen.add(identifier)


def _unknown_documents(node: Any, known: set[str], *steps: str | int) -> Iterator[Fault]:  # noqa: ANN401
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "sources":
                for position, reference in tables(node, "sources"):
                    name = reference.get("document")
                    if isinstance(name, str) and name not in known:
                        listed = ", ".join(sorted(known)) or "none"
                        rule = f"must be the id of a [[document]], got {shown(name)}; known: {listed}"
                        yield path_of(*steps, "sources", position, "document"), rule
            else:
                yield from _unknown_documents(value, known, *steps, key)
    elif isinstance(node, (list, tuple)):
        for position, value in enumerate(node):
            yield from _unknown_documents(value, known, *steps, position)


def _endless(node: Any, *steps: str | int) -> Iterator[Fault]:  # noqa: ANN401
    """Tell integers that cannot even be written out, before anything tries to."""
    if isinstance(node, int) and node.bit_length() > _LONGEST:
        yield path_of(*steps), "must be finite, and 0 or between 1e-30 and 1e30 in size, got a number beyond 1e30"
    elif isinstance(node, (dict, tuple)):
        for step, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _endless(value, *steps, step)


def faults_of(tree: Tree, folder: Path = _HERE) -> list[Fault]:
    """Return every fault of a dossier's parsed tree, each with its path in the file.

    Parameters
    ----------
    tree : dict
        The dossier as parsed from TOML, with arrays as tuples.
    folder : Path, default the working folder
        Folder that names of data files are relative to.

    Returns
    -------
    list of pairs of str
        Path and message of each fault; empty if there is none.
    """
    endless = list(_endless(tree))
    if endless:
        return endless
    found = schema_faults(tree, Dossier)
    found += _repeated(tree)
    found += _unknown_documents(tree, _identifiers(tree, "document"))
    found += burden_faults(tree)
    found += note_faults(tree)
    for position, item in tables(tree, "document"):
        found += date_faults(item, path_of("document", position))
    found += figure_faults(tree)
    found += budget_faults(tree)
    strategies = _identifiers(tree, "intervention")
    for position, item in tables(tree, "comparison"):
        found += comparison_faults(item, strategies, f"comparison[{position}]")
    found += data_faults(tree, folder)
    return list(dict.fromkeys(found))


def programme_faults(tree: Tree) -> list[Fault]:
    """Return every fault of the parsed tree of a programme, each with its path in the file.

    Parameters
    ----------
    tree : dict
        The programme as parsed from TOML, with arrays as tuples.

    Returns
    -------
    list of pairs of str
        Path and message of each fault; empty if there is none.
    """
    endless = list(_endless(tree))
    if endless:
        return endless
    found = schema_faults(tree, Programme)
    found += _repeated(tree)
    found += _unknown_documents(tree, _identifiers(tree, "document"))
    found += figure_faults(tree)
    found += link_faults(tree)
    return list(dict.fromkeys(found))
