"""Faults of the budget part of a dossier: between its figures, its formulas and the rules of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from hecon.dossier.budget import BudgetPart, plan_of, printed_of
from hecon.dossier.figures import Figure
from hecon.errors import InputError, PlanError
from hecon.files.faults import BrokenRule, path_of, shown, tables, thousands
from hecon.files.parts import Sound, Text
from hecon.printed.formulas import names_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hecon.files.faults import Fault, Path

__all__ = ["budget_faults"]

_NAMELESS = Text(nl="-", en="-")
# Values that stand in for words that the schema refuses, so that the rest can be checked.
_STAND_INS = {"sector": "primary paramedical", "payer": "Zvw", "quantity": 1, "size": 1, "price": 1}


def budget_faults(tree: dict[str, Any], sound: Sound) -> Iterator[Fault]:
    """Yield the faults of the budget part of a dossier; what breaks the schema is told elsewhere.

    Parameters
    ----------
    tree : dict
        The dossier as parsed.
    sound : Sound
        Its parts without faults.

    Yields
    ------
    pair of str
        Path and message.
    """
    if "budget" not in tree:
        return
    yield from _thousands_faults(tree["budget"])
    whole = sound.of(tree["budget"], BudgetPart)
    part = _readable(tree["budget"]) if whole is None else whole
    if part is None:
        return
    figures, places = _figures(tree, sound)
    by_id = {each.id: each for each in figures}
    yield from _reference_faults(part, by_id)
    kept = []
    for position, each in enumerate(part.printed):
        faults = list(_printed_faults(part, position, by_id))
        yield from faults
        if not faults:
            kept.append(each)
    # What is told already is left out, so that it is not told again in other words.
    scenarios = tuple(each for each in part.scenario if all(one.figure in by_id for one in each.set))
    filed = _filed(part, places)
    part = part.model_copy(update={"printed": tuple(kept), "scenario": scenarios})
    if part.substitution is not None and part.substitution.figure not in by_id:
        part = part.model_copy(update={"substitution": None})
    name = tree.get("name")
    try:
        plan_of(name if isinstance(name, str) and name.strip() else "-", _NAMELESS, part, figures, every_figure=True)
    except PlanError as error:
        broken = [each for each in error.broken if not _follows(each, mended=whole is None)]
        for told in _once(broken):
            yield told._replace(path=_in_file(told.path, filed)).fault


def _thousands_faults(raw: Any) -> Iterator[Fault]:  # noqa: ANN401
    for position, population in tables(raw, "population"):
        path = path_of("budget", "population", position)
        yield from thousands(population, ["size"], path, "a number of patients")
        for key in ("current", "new", "extra"):
            for place, flow in tables(population, key):
                yield from thousands(flow, ["price"], f"{path}.{key}[{place}]")
    for position, amount in tables(raw, "amount"):
        yield from thousands(amount, ["by_year"], path_of("budget", "amount", position))


def _follows(each: BrokenRule, *, mended: bool) -> bool:
    """Tell whether a fault follows from one that is told elsewhere: at a figure, or by the schema."""
    match each.path:
        case ("parameter", _, "range"):
            return True
        case ("population", int(), str(), int()):  # the same resource, booked or priced otherwise elsewhere
            return mended
    return False


def _once(broken: Sequence[BrokenRule]) -> Iterator[BrokenRule]:
    """Yield each fault once: where one formula stands for all years, at the list of these."""
    told: dict[BrokenRule, list[BrokenRule]] = {}
    for each in broken:
        start = each.path[:-1] if isinstance(each.path[-1], int) else each.path
        told.setdefault(each._replace(path=start), []).append(each)
    for whole, parts in told.items():
        yield parts[0] if len(parts) == 1 else whole


def _filed(part: BudgetPart, figures: Mapping[str, int]) -> dict[Path, Path]:
    """Return where parts of the plan stand in the file: parameters are figures there, scenarios a list."""
    found: dict[Path, Path] = {("parameter", name): ("figure", place) for name, place in figures.items()}
    for place, how in reversed(list(enumerate(part.distribution))):
        found["parameter", how.figure, "distribution"] = ("budget", "distribution", place, "distribution")
    for place, scenario in reversed(list(enumerate(part.scenario))):
        at = ("budget", "scenario", place)
        found["scenario", scenario.id] = at
        found |= {("scenario", scenario.id, one.figure): (*at, "set", i) for i, one in enumerate(scenario.set)}
    return found


def _in_file(path: Path, filed: Mapping[Path, Path]) -> Path:
    for length in range(len(path), 0, -1):
        if path[:length] in filed:
            return filed[path[:length]] + path[length:]
    return ("budget", *path)


def _figures(tree: dict[str, Any], sound: Sound) -> tuple[list[Figure], dict[str, int]]:
    """Return the figures that have no fault, and by the name of each parameter the place of its figure."""
    figures: list[Figure] = []
    places: dict[str, int] = {}
    years: dict[str, int] = {}
    items = tree.get("figure", ())
    for position, item in enumerate(items if isinstance(items, tuple) else ()):
        figure = sound.of(item, Figure)
        if figure is not None and [figure.value, figure.range, figure.series].count(None) == 2:  # noqa: PLR2004 (one of the three is given)
            figures.append(figure)
            places[figure.id] = position
            years |= {f"{figure.id}_{place + 1}": position for place in range(len(figure.series or ()))}
    return figures, {**years, **places}


def _readable(raw: Any) -> BudgetPart | None:  # noqa: ANN401
    """Return the part without what the schema refuses in it, or None if too little is left."""
    before = None
    # A table that is mended may lack what it needs, so that it is left out in its turn.
    while raw != before:
        before = raw
        try:
            return BudgetPart.model_validate(raw)
        except ValidationError as error:
            for each in error.errors(include_url=False):
                raw = _mended(raw, each["loc"])
    return None


def _mended(node: Any, location: tuple[str | int, ...]) -> Any:  # noqa: ANN401
    """Return a tree in which the value at a location is left out, or stands for itself where the schema needs one."""
    if not location or not isinstance(node, (dict, tuple)):
        return node
    step, rest = location[0], location[1:]
    if isinstance(node, tuple):
        if not isinstance(step, int) or not 0 <= step < len(node):
            return node
        mended = _mended(node[step], rest) if rest else None
        return (*node[:step], *(() if mended is None else (mended,)), *node[step + 1 :])
    inner = node.get(step)
    if rest and isinstance(inner, (dict, tuple)):
        return {**node, step: _mended(inner, rest)}
    left = {key: value for key, value in node.items() if key != step}
    return {**left, step: _STAND_INS[step]} if step in _STAND_INS else left


def _reference_faults(part: BudgetPart, figures: dict[str, Figure]) -> Iterator[Fault]:
    known = ", ".join(figures) or "none"
    seen: set[str] = set()
    for position, each in enumerate(part.distribution):
        path = f"budget.distribution[{position}]"
        yield from _figure_faults(each.figure, f"{path}.figure", figures)
        if each.figure in seen:
            yield f"{path}.figure", f"must be named once, got {shown(each.figure)} again"
        seen.add(each.figure)
        printed = {total.figure for total in part.printed}
        for name in each.solved_from:
            if name not in printed:
                rule = f"must name figures of [[budget.printed]], got {shown(name)}"
                yield f"{path}.solved_from", f"{rule}; known: {', '.join(sorted(printed)) or 'none'}"
    ids: set[str] = set()
    for position, scenario in enumerate(part.scenario):
        path = f"budget.scenario[{position}]"
        if scenario.id in ids:
            yield f"{path}.id", f"must be unique, got {shown(scenario.id)} again"
        ids.add(scenario.id)
        for place, setting in enumerate(scenario.set):
            if setting.figure not in figures:
                rule = f"must be the id of a [[figure]], got {shown(setting.figure)}; known: {known}"
                yield f"{path}.set[{place}].figure", rule
    if part.substitution is not None and part.substitution.figure not in figures:
        got = shown(part.substitution.figure)
        path = path_of("budget", "substitution", "figure")
        yield path, f"must be the id of a [[figure]], got {got}; known: {known}"


def _figure_faults(name: str, path: str, figures: dict[str, Figure]) -> Iterator[Fault]:
    if name not in figures:
        yield path, f"must be the id of a [[figure]], got {shown(name)}; known: {', '.join(figures) or 'none'}"
    elif figures[name].series is not None:
        yield path, f"must be a figure with a value or a range, got the series {shown(name)}"


def _printed_faults(part: BudgetPart, position: int, figures: dict[str, Figure]) -> Iterator[Fault]:
    each, path = part.printed[position], f"budget.printed[{position}]"
    faults = list(_figure_faults(each.figure, f"{path}.figure", figures))
    yield from faults
    if (each.figure, each.year) in {(other.figure, other.year) for other in part.printed[:position]}:
        yield f"{path}.figure", f"must be named once, got {shown(each.figure)} again"
    if each.year not in part.years:
        yield f"{path}.year", f"must be one of the plan's years {', '.join(map(str, part.years))}, got {each.year}"
    for key in ("unit", "rounded_to"):
        value = getattr(each, key)
        if value is not None and value <= 0:
            yield f"{path}.{key}", f"must be above 0, got {shown(value)}"
            return
    if isinstance(each.formula, str):
        try:
            unknown = [name for name in names_in(each.formula) if name not in figures]
        except InputError as error:
            yield f"{path}.formula", str(error)
            return
        if unknown:
            yield f"{path}.formula", f"must use known ids, got {unknown[0]!r}; known: {', '.join(figures) or 'none'}"
    if not faults:
        try:
            printed_of(each, figures[each.figure])
        except InputError as error:
            yield path, str(error)
