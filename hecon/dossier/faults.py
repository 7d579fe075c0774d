"""Every fault of a dossier at once: those of the schema and those between fields, each with its path in the file."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from hecon import _checks
from hecon.dossier import schema
from hecon.dossier.schema import (
    Assumption,
    DesignEffect,
    Dossier,
    EffectProbability,
    ProbabilityStatistic,
    Statistic,
)
from hecon.dossier.statistics import assumed, record
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["faults_of"]

Tree = dict[str, Any]
Fault = tuple[str, str]

_STATISTIC: TypeAdapter[Statistic] = TypeAdapter(Statistic)
_LISTS = {"intervention", "comparison", "document", "statistic", "assumption", "caveat", "sources"}
_MESSAGES = {
    "missing": "is missing: add it",
    "too_short": "must not be empty: add at least one",
    "string_too_short": "must not be empty",
}


def _path(*steps: str | int) -> str:
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text


def _known_keys() -> list[str]:
    parts = [each for each in vars(schema).values() if isinstance(each, type) and issubclass(each, BaseModel)]
    return sorted({key for part in parts for key in part.model_fields})


def _schema_faults(tree: Tree) -> list[Fault]:
    try:
        Dossier.model_validate(tree)
    except ValidationError as error:
        return [_schema_fault(each) for each in error.errors(include_url=False)]
    return []


def _schema_fault(error: Any) -> Fault:  # noqa: ANN401
    location = tuple(error["loc"])
    # A statistic's kind stands in the location as the tag of its union; it is no step in the file.
    steps = [
        step
        for position, step in enumerate(location)
        if not (position >= 2 and location[position - 2] == "statistic" and isinstance(location[position - 1], int))  # noqa: PLR2004
    ]
    kind, got = error["type"], error["input"]
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(str(steps[-1]), _known_keys(), n=1)
        hint = f"did you mean {close[0]!r}?" if close else "remove it"
        return _path(*steps), f"is not a known key: {hint}"
    if kind in _MESSAGES:
        return _path(*steps), _MESSAGES[kind]
    message = error["msg"][0].lower() + error["msg"][1:]
    shown = repr(got) if isinstance(got, (str, int, float, bool)) else type(got).__name__
    told = message if ", got " in message else f"{message}, got {shown}"
    return _path(*steps), told.replace("input should be", "must be").replace("string should", "must")


def _tables(tree: Any, key: str) -> Iterator[tuple[int, Tree]]:  # noqa: ANN401
    items = tree.get(key, ()) if isinstance(tree, dict) else ()
    for position, item in enumerate(items if isinstance(items, (list, tuple)) else ()):
        if isinstance(item, dict):
            yield position, item


def _identifiers(tree: Tree, key: str) -> set[str]:
    return {item["id"] for _, item in _tables(tree, key) if isinstance(item.get("id"), str)}


def _repeated(tree: Tree) -> Iterator[Fault]:
    for key in ("intervention", "comparison", "document"):
        seen: set[str] = set()
        for position, item in _tables(tree, key):
            identifier = item.get("id")
            if isinstance(identifier, str) and identifier in seen:
                yield _path(key, position, "id"), f"must be unique, got {identifier!r} again"
            seen.add(str(identifier))


def _unknown_documents(node: Any, known: set[str], *steps: str | int) -> Iterator[Fault]:  # noqa: ANN401
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "sources":
                for position, reference in _tables(node, "sources"):
                    name = reference.get("document")
                    if isinstance(name, str) and name not in known:
                        listed = ", ".join(sorted(known)) or "none"
                        rule = f"must be the id of a [[document]], got {name!r}; known: {listed}"
                        yield _path(*steps, "sources", position, "document"), rule
            else:
                yield from _unknown_documents(value, known, *steps, key)
    elif isinstance(node, (list, tuple)):
        for position, value in enumerate(node):
            yield from _unknown_documents(value, known, *steps, position)


def _tried(path: str, check: Callable[[], object]) -> Iterator[Fault]:
    try:
        check()
    except InputError as error:
        yield path, str(error)


def _statistic_faults(raw: Tree, path: str) -> Iterator[Fault]:
    if raw.get("status") == "derived" and "rule" not in raw:
        yield f"{path}.rule", "is missing: a derived number states its rule"
    try:
        statistic = _STATISTIC.validate_python(raw)
    except ValidationError:
        return  # told by the schema
    yield from _tried(path, lambda: record(statistic))
    if isinstance(statistic, (ProbabilityStatistic, EffectProbability)):
        yield from _tried(path, lambda: _checks.probability("value", float(statistic.value)))
    if isinstance(statistic, ProbabilityStatistic):
        yield from _tried(path, lambda: _checks.willingness_to_pay(float(statistic.wtp)))


def _comparison_faults(raw: Tree, strategies: set[str], path: str) -> Iterator[Fault]:
    for role in ("intervention", "comparator"):
        name = raw.get(role)
        if isinstance(name, str) and name not in strategies:
            known = ", ".join(sorted(strategies)) or "none"
            yield f"{path}.{role}", f"must be the id of an [[intervention]], got {name!r}; known: {known}"
    if raw.get("comparator") is not None and raw.get("comparator") == raw.get("intervention"):
        yield f"{path}.comparator", f"must differ from the intervention, got {raw['comparator']!r} twice"
    for position, item in _tables(raw, "statistic"):
        yield from _statistic_faults(item, f"{path}.statistic[{position}]")
    ratios = [position for position, item in _tables(raw, "statistic") if item.get("kind") == "icer"]
    if len(ratios) > 1:
        yield f"{path}.statistic[{ratios[1]}]", "must be the only icer of its comparison: split the comparison"
    if not raw.get("statistic") and not raw.get("finding"):
        yield path, "must have a [[comparison.statistic]] or a [comparison.finding]: add what was reported"
    yield from _assumption_faults(raw, path)
    for key in ("discount_cost", "discount_effect"):
        if _is_number(raw.get(key)):
            yield from _tried(f"{path}.{key}", lambda key=key: _checks.probability(key, float(raw[key])))  # type: ignore[misc]
    if _is_number(raw.get("horizon_months")):
        yield from _tried(
            f"{path}.horizon_months", lambda: _checks.positive("horizon_months", float(raw["horizon_months"]))
        )


def _is_number(value: Any) -> bool:  # noqa: ANN401
    return not isinstance(value, (bool, str)) and hasattr(value, "__float__")


def _assumption_faults(raw: Tree, path: str) -> Iterator[Fault]:
    names: list[str] = []
    for position, item in _tables(raw, "assumption"):
        here = f"{path}.assumption[{position}]"
        if item.get("parameter") in names:
            yield f"{here}.parameter", f"must be assumed once, got {item['parameter']!r} again"
        names.append(str(item.get("parameter")))
        try:
            assumption = Assumption.model_validate(item)
        except ValidationError:
            continue  # told by the schema
        yield from _tried(here, lambda: assumed(assumption))  # noqa: B023 (called at once)
    effect = raw.get("design_effect")
    if isinstance(effect, dict):
        try:
            low, high = (float(end) for end in DesignEffect.model_validate(effect).range)
        except ValidationError:
            return  # told by the schema
        if not 1.0 <= low <= high:
            yield f"{path}.design_effect.range", f"must run upwards from at least 1, got {low:g} to {high:g}"


def faults_of(tree: Tree) -> list[str]:
    """Return every fault of a dossier's parsed tree, each with its path in the file.

    Parameters
    ----------
    tree : dict
        The dossier as parsed from TOML, with arrays as tuples.

    Returns
    -------
    list of str
        One line a fault; empty if there is none.
    """
    found = _schema_faults(tree)
    found += _repeated(tree)
    found += _unknown_documents(tree, _identifiers(tree, "document"))
    strategies = _identifiers(tree, "intervention")
    for position, item in _tables(tree, "comparison"):
        found += _comparison_faults(item, strategies, f"comparison[{position}]")
    return [f"{path}: {message}" for path, message in dict.fromkeys(found)]
