"""Faults between the parts of the programme: parties, figures and building blocks that must be on file, and once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.dossier.dates import date_faults
from hecon.files.faults import Fault, path_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["link_faults"]

Tree = dict[str, Any]


def _items(tree: Tree, key: str, kind: type) -> Iterator[tuple[int, Any]]:
    """Yield the items of one kind of a list, with their places; what is no list is told by the schema."""
    items = tree.get(key)
    for position, item in enumerate(items if isinstance(items, tuple) else ()):
        if isinstance(item, kind) and not isinstance(item, bool):
            yield position, item


def _values(tree: Tree, table: str, key: str) -> set[Any]:
    return {item[key] for _, item in _items(tree, table, dict) if isinstance(item.get(key), (str, int))}


def link_faults(tree: Tree) -> Iterator[Fault]:
    """Yield the faults between the parts of a programme.

    Parameters
    ----------
    tree : dict
        The programme as parsed.

    Yields
    ------
    pair of str
        Path and message.
    """
    yield from _unknown_parties(tree)
    yield from _unknown_figures(tree)
    yield from _unknown_blocks(tree)
    yield from _repeated_numbers(tree)
    yield from _repeated_topics(tree)
    yield from _day_faults(tree)
    yield from _unflagged(tree)


def _with_states(tree: Tree) -> Iterator[tuple[tuple[str | int, ...], Tree]]:
    """Yield every record that carries states, with its place."""
    for table in ("precondition", "step", "block", "monitored"):
        for position, item in _items(tree, table, dict):
            yield (table, position), item
            for number, topic in _items(item, "topic", dict) if table == "block" else ():
                yield (table, position, "topic", number), topic


def _day_faults(tree: Tree) -> Iterator[Fault]:
    for steps, item in _with_states(tree):
        for position, state in _items(item, "state", dict):
            yield from date_faults(state, path_of(*steps, "state", position))
    for position, document in _items(tree, "document", dict):
        yield from date_faults(document, path_of("document", position))


def _unflagged(tree: Tree) -> Iterator[Fault]:
    """Yield each block that is not insured and yet an entitlement, unless the contradiction is on file."""
    for position, block in _items(tree, "block", dict):
        parts = [block, *(topic for _, topic in _items(block, "topic", dict))]
        states = {state.get("state") for part in parts for _, state in _items(part, "state", dict) if _is_word(state)}
        flagged = any(each.get("about") == "insured" for _, each in _items(block, "contradiction", dict))
        if block.get("insured") is False and "existing entitlement" in states and not flagged:
            message = (
                "must not be false where a state is 'existing entitlement', unless [[block.contradiction]] with "
                'about = "insured" gives both statements and their places'
            )
            yield path_of("block", position, "insured"), message


def _is_word(state: Tree) -> bool:
    return isinstance(state.get("state"), str)


def _unknown_parties(tree: Tree) -> Iterator[Fault]:
    parties = _values(tree, "party", "id")
    for table in ("step", "monitored"):
        for position, item in _items(tree, table, dict):
            for _, name in _items(item, "by", str):
                if name not in parties:
                    known = ", ".join(sorted(map(str, parties))) or "none"
                    yield path_of(table, position, "by"), f"must be ids of [[party]], got {shown(name)}; known: {known}"


def _unknown_figures(tree: Tree) -> Iterator[Fault]:
    figures = _values(tree, "figure", "id")
    for position, block in _items(tree, "block", dict):
        owners: list[tuple[tuple[str | int, ...], Tree]] = [((), block)]
        owners += [(("topic", number), topic) for number, topic in _items(block, "topic", dict)]
        for steps, owner in owners:
            for number, budget in _items(owner, "budget", dict):
                path = path_of("block", position, *steps, "budget", number, "figures")
                for _, name in _items(budget, "figures", str):
                    if name not in figures:
                        yield path, f"must use ids of [[figure]], got {shown(name)}"


def _unknown_blocks(tree: Tree) -> Iterator[Fault]:
    blocks = _values(tree, "block", "number")
    for position, item in _items(tree, "monitored", dict):
        for _, number in _items(item, "blocks", int):
            if number not in blocks:
                yield path_of("monitored", position, "blocks"), f"must be numbers of [[block]], got {shown(number)}"


def _repeated_numbers(tree: Tree) -> Iterator[Fault]:
    for table in ("precondition", "step", "block"):
        seen: set[int] = set()
        for position, item in _items(tree, table, dict):
            number = item.get("number")
            if not isinstance(number, int):
                continue
            if number in seen:
                yield path_of(table, position, "number"), f"must be unique, got {shown(number)} again"
            seen.add(number)


def _repeated_topics(tree: Tree) -> Iterator[Fault]:
    seen: set[str] = set()
    for position, block in _items(tree, "block", dict):
        for number, topic in _items(block, "topic", dict):
            name = topic.get("id")
            if not isinstance(name, str):
                continue
            if name in seen:
                path = path_of("block", position, "topic", number, "id")
                yield path, f"must be unique, got {shown(name)} again"
            seen.add(name)
