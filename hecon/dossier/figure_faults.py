"""Faults between single figures, their relations, and the facts of studies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from hecon.dossier.figure_schema import Figure, Relation
from hecon.errors import InputError
from hecon.files.faults import Fault, path_of, shown, tables
from hecon.files.parts import is_number
from hecon.formulas import names_in

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["fact_faults", "figure_faults"]

Tree = dict[str, Any]


def figure_faults(tree: Tree) -> Iterator[Fault]:
    """Yield the faults of the single figures of a file and of the relations between them.

    Parameters
    ----------
    tree : dict
        The file as parsed.

    Yields
    ------
    pair of str
        Path and message; what breaks the schema is told elsewhere.
    """
    figures: dict[str, Figure] = {}
    quantities: dict[str, int] = {}
    units: dict[str, str | None] = {}
    for position, item in tables(tree, "figure"):
        path = path_of("figure", position)
        yield from _own_faults(item, path)
        try:
            figure = Figure.model_validate(item)
        except ValidationError:
            continue  # told by the schema
        if figure.id in figures:
            yield f"{path}.id", f"must be unique, got {shown(figure.id)} again"
        figures[figure.id] = figure
        unit = None if figure.unit is None else figure.unit.en
        if figure.quantity is not None and units.setdefault(figure.quantity, unit) != unit:
            yield (
                f"{path}.unit",
                f"must be that of its quantity elsewhere, got {shown(unit)}: convert it",
            )
        length = len(figure.series or ())
        if figure.quantity is not None and quantities.setdefault(figure.quantity, length) != length:
            yield f"{path}.series", "must be as long as those of the same quantity"
    for position, item in tables(tree, "relation"):
        yield from _relation_faults(item, path_of("relation", position), figures)


def _own_faults(item: Tree, path: str) -> Iterator[Fault]:
    given = [key for key in ("value", "range", "series") if key in item]
    if len(given) != 1:
        yield path, f"must have one of value, range and series, got {' and '.join(given) or 'none of them'}"
    if item.get("status") == "derived" and "rule" not in item:
        yield f"{path}.rule", "is missing: a derived number states its rule"
    ends = item.get("range")
    if isinstance(ends, tuple) and all(map(is_number, ends)) and sorted(ends) != list(ends):
        yield f"{path}.range", f"must run upwards, got {shown(ends[0])} to {shown(ends[-1])}"
    if ("arms" in item) != ("rows" in item):
        yield path, "must have rows and arms together: they tell which arm minus which among look-alike rows"
    arms = item.get("arms")
    if isinstance(arms, tuple) and len(arms) == 2 and arms[0] == arms[1]:  # noqa: PLR2004 (a pair)
        yield f"{path}.arms", f"must name two arms, got {shown(arms[0])} twice"


def _relation_faults(item: Tree, path: str, figures: dict[str, Figure]) -> Iterator[Fault]:
    try:
        relation = Relation.model_validate(item)
    except ValidationError:
        return  # told by the schema
    try:
        used = names_in(relation.formula)
    except InputError as error:
        yield f"{path}.formula", str(error)
        return
    if not used:
        yield f"{path}.formula", f"must use the id of at least one [[figure]], got {shown(relation.formula)}"
    known = ", ".join(figures) or "none"
    for key, name in (("result", relation.result), *(("formula", each) for each in used)):
        if name not in figures:
            yield f"{path}.{key}", f"must use ids of [[figure]] tables, got {shown(name)}; known: {known}"
    series = {len(figures[name].series or ()) for name in (relation.result, *used) if name in figures} - {0}
    if len(series) > 1:
        yield f"{path}.formula", "must use series of one length"


def fact_faults(note: Any) -> Iterator[Fault]:  # noqa: ANN401
    """Yield the faults of the facts of studies and of the arms of their outcomes.

    Parameters
    ----------
    note : any
        The note of a dossier as parsed.

    Yields
    ------
    pair of str
        Path and message.
    """
    for number, study in tables(note, "study"):
        for position, item in tables(study, "fact"):
            yield from _fact_faults(item, f"note.study[{number}].fact[{position}]")
        for position, item in tables(study, "outcome"):
            yield from _value_faults(item, f"note.study[{number}].outcome[{position}]")


def _fact_faults(item: Tree, path: str) -> Iterator[Fault]:
    if item.get("status") == "derived" and "rule" not in item:
        yield f"{path}.rule", "is missing: a derived number states its rule"
    kind, whole, part = item.get("kind"), item.get("value"), item.get("randomised")
    if kind == "crossover":
        yield from _crossover_faults(item, path)
    if kind == "included-studies" and isinstance(whole, int) and isinstance(part, int) and not 0 <= part <= whole:
        yield f"{path}.randomised", f"must lie between 0 and value, got {shown(part)} of {shown(whole)}"
    if kind == "patients" and isinstance(whole, int) and whole <= 0:
        yield f"{path}.value", f"must be above 0, got {shown(whole)}"
    if kind == "age" and not {"range", "at_least", "mean"} & set(item):
        yield path, "must have range, at_least or mean"


def _value_faults(item: Tree, path: str) -> Iterator[Fault]:
    for key in ("p", "p_below"):
        value = item.get(key)
        if value is not None and is_number(value) and not 0 <= value <= 1:
            yield f"{path}.{key}", f"must lie in [0, 1], got {shown(value)}"
    below = item.get("p_below")
    if below is not None and is_number(below) and below == 0:
        yield f"{path}.p_below", "must be above 0, got 0: no p value lies below it"
    if "p" in item and "p_below" in item:
        yield f"{path}.p_below", "must not stand beside p: keep the one that was printed"
    yield from _arms_faults(item.get("arms"), f"{path}.arms")


def _crossover_faults(item: Tree, path: str) -> Iterator[Fault]:
    percent, count, of = (item.get(key) for key in ("percent", "count", "of"))
    if percent is None and count is None:
        yield path, "must have percent, count and of, or all three"
    if (count is None) != (of is None):
        yield path, "must have count and of together"
    if percent is not None and is_number(percent) and not 0 <= percent <= 100:  # noqa: PLR2004 (per cent)
        yield f"{path}.percent", f"must lie in [0, 100], got {shown(percent)}"
    if isinstance(count, int) and isinstance(of, int) and not 0 <= count <= of:
        yield f"{path}.count", f"must lie between 0 and of, got {shown(count)} of {shown(of)}"
    if of == 0:
        yield f"{path}.of", "must be above 0, got 0"


def _arms_faults(arms: Any, path: str) -> Iterator[Fault]:  # noqa: ANN401
    if not isinstance(arms, dict):
        return
    for key in ("sd", "se", "n"):
        values = arms.get(key)
        for value in values if isinstance(values, tuple) else ():
            if is_number(value) and value <= 0:
                yield f"{path}.{key}", f"must be above 0, got {shown(value)}"
