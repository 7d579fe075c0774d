"""Single figures as printed, relations between them, and the faults of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from hecon.errors import InputError
from hecon.files.faults import Fault, ids_in, path_of, shown, tables
from hecon.files.parts import (
    FIGURE,
    Identifier,
    Number,
    Part,
    Reference,
    Sound,
    Sources,
    Status,
    Text,
    Words,
    not_upwards,
    unruled,
)
from hecon.printed.formulas import names_in

if TYPE_CHECKING:
    from collections.abc import Iterator

FigureName = Annotated[str, Field(pattern=FIGURE)]


class PrintedFigure(Part):
    """A figure as printed: one number, a range from low to high, or a series such as a share for each year.

    Attributes
    ----------
    id : str, lower-case words joined by underscores: its name in the formulas of relations
    name : Text, what it is, in both languages
    value, range, series : number, pair or numbers, one of the three, with the digits that were printed
    unit : Text or None, unit, such as "million euros" or "%"; None for a count
    wording : str, how it was hedged: "exactly", "about", "over", "nearly", "at most" or "at least"
    quantity : str or None
        What is measured. Figures of one quantity are one thing printed more than once, so they must agree.
    rows, arms : str or None, pair of str or None
        Look-alike rows that a reader compares, and which arm minus which; in one set of rows all should run one way.
    status, rule : str, Text or None, "reported", "derived" (by a stated rule) or "assumed"
    note : Text or None, what a reader must know
    sources : tuple of Reference, where it is printed
    """

    id: FigureName
    name: Text
    value: Number | None = None
    range: tuple[Number, Number] | None = None
    series: Annotated[tuple[Number, ...], Field(min_length=2)] | None = None
    unit: Text | None = None
    wording: Literal["exactly", "about", "over", "nearly", "at most", "at least"] = "exactly"
    quantity: Identifier | None = None
    rows: Identifier | None = None
    arms: tuple[Identifier, Identifier] | None = None
    status: Status = "reported"
    rule: Text | None = None
    note: Text | None = None
    sources: Sources


class Relation(Part):
    """An equation between figures: the result should follow from the others by the formula.

    Attributes
    ----------
    result : str, id of a figure
    formula : str
        Numbers and ids of figures with + - * / and brackets, as in ``episodes * share / 100``. Within a series it holds
        place by place.
    basis : Text, why it should hold
    severity : str, "inconsistent" where it must hold; "worth a look" where the sources only suggest it
    sources : tuple of Reference, where the rule is stated, if it is
    """

    result: FigureName
    formula: Words
    basis: Text
    severity: Literal["inconsistent", "worth a look"] = "inconsistent"
    sources: tuple[Reference, ...] = ()


Tree = dict[str, Any]


def figure_faults(tree: Tree, sound: Sound) -> Iterator[Fault]:
    """Yield the faults of the single figures of a file and of the relations between them."""
    figures: dict[str, PrintedFigure] = {}
    quantities: dict[str, int] = {}
    units: dict[str, str | None] = {}
    for position, item in tables(tree, "figure"):
        path = path_of("figure", position)
        yield from _own_faults(item, path)
        figure = sound.of(item, PrintedFigure)
        if figure is None:
            continue  # a fault of the schema
        if figure.id in figures:
            yield f"{path}.id", f"must be unique, got {shown(figure.id)} again"
        figures[figure.id] = figure
        unit = None if figure.unit is None else figure.unit.en
        if figure.quantity is not None and units.setdefault(figure.quantity, unit) != unit:
            yield f"{path}.unit", f"must be that of its quantity elsewhere, got {shown(unit)}: convert it"
        length = len(figure.series or ())
        if figure.quantity is not None and quantities.setdefault(figure.quantity, length) != length:
            yield f"{path}.series", "must be as long as those of the same quantity"
    # A figure that is at fault has faults of its own.
    faulty = set(ids_in(tree, "figure")) - set(figures)
    for position, item in tables(tree, "relation"):
        yield from _relation_faults(sound.of(item, Relation), path_of("relation", position), figures, faulty)


def _own_faults(item: Tree, path: str) -> Iterator[Fault]:
    given = [key for key in ("value", "range", "series") if key in item]
    if len(given) != 1:
        yield path, f"must have one of value, range and series, got {' and '.join(given) or 'none of them'}"
    yield from unruled(item, path)
    yield from not_upwards(item, "range", path)
    if ("arms" in item) != ("rows" in item):
        yield path, "must have rows and arms together: they tell which arm minus which among look-alike rows"
    arms = item.get("arms")
    if isinstance(arms, tuple) and len(arms) == 2 and arms[0] == arms[1]:  # noqa: PLR2004 (a pair)
        yield f"{path}.arms", f"must name two arms, got {shown(arms[0])} twice"


def _relation_faults(
    relation: Relation | None, path: str, figures: dict[str, PrintedFigure], faulty: set[str]
) -> Iterator[Fault]:
    if relation is None:
        return  # a fault of the schema
    try:
        used = names_in(relation.formula)
    except InputError as error:
        yield f"{path}.formula", str(error)
        return
    if not used:
        yield f"{path}.formula", f"must use the id of at least one [[figure]], got {shown(relation.formula)}"
    known = ", ".join(figures) or "none"
    for key, name in (("result", relation.result), *(("formula", name) for name in used)):
        if name not in figures and name not in faulty:
            yield f"{path}.{key}", f"must use ids of [[figure]] tables, got {shown(name)}; known: {known}"
    series = {len(figures[name].series or ()) for name in (relation.result, *used) if name in figures} - {0}
    if len(series) > 1:
        yield f"{path}.formula", "must use series of one length"
