"""Faults of the budget part of a dossier: between its figures, its formulas and the rules of a plan."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from hecon.dossier.budget import BudgetPart, names_of, plan_of, printed_of, used_figures
from hecon.dossier.figures import PrintedFigure
from hecon.errors import InputError, PlanError
from hecon.files.faults import BrokenRule, path_of, shown, tables, thousands
from hecon.files.parts import Sound, Text
from hecon.files.schema import validated
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
    yield from _table_faults(tree["budget"])
    whole = sound.of(tree["budget"], BudgetPart)
    part = _readable(tree["budget"]) if whole is None else whole
    if part is None:
        return
    figures = _figures(tree, sound)
    # Where two figures bear one name it is not known whose number to count.
    found = list(_clash_faults(part, figures) or _part_faults(tree.get("name"), part, figures, mended=whole is None))
    yield from found
    if whole is not None and not found:
        yield from _idle_faults(part, [figure for figure, _ in figures])


def _part_faults(
    name: Any,  # noqa: ANN401
    part: BudgetPart,
    figures: Sequence[tuple[PrintedFigure, int]],
    *,
    mended: bool,
) -> Iterator[Fault]:
    """Yield the faults of references, then those of the plan without what is told already."""
    by_id = {figure.id: figure for figure, _ in figures}
    yield from _distribution_faults(part, by_id)
    told = {
        "scenario": [list(_scenario_faults(part, place, by_id)) for place in range(len(part.scenario))],
        "printed": [list(_printed_faults(part, place, by_id)) for place in range(len(part.printed))],
    }
    at_substitution: list[Fault] = []
    if part.substitution is not None:
        at_substitution += _figure_faults(part.substitution.figure, path_of("budget", "substitution", "figure"), by_id)
    yield from itertools.chain(*told["scenario"], at_substitution, *told["printed"])
    left: dict[str, Any] = {
        key: tuple(each for each, faults in zip(getattr(part, key), found, strict=True) if not faults)
        for key, found in told.items()
    }
    left |= {"substitution": None} if at_substitution else {}
    try:
        plan_of(
            name if isinstance(name, str) and name.strip() else "-",
            _NAMELESS,
            part.model_copy(update=left),
            [figure for figure, _ in figures],
            every_figure=True,
        )
    except PlanError as error:
        places = {each: position for figure, position in figures for each in names_of(figure)}
        for broken in _once([each for each in error.broken if not _follows(each, mended=mended)]):
            yield broken._replace(path=_in_file(broken.path, part, places)).fault


def _table_faults(raw: Any) -> Iterator[Fault]:  # noqa: ANN401
    """Yield thousands that were read as decimals, and care that no one gets."""
    for position, population in tables(raw, "population"):
        path = path_of("budget", "population", position)
        yield from thousands(population, ["size"], path, "a number of patients")
        if population.get("extra") and "extra_demand" not in population:
            yield f"{path}.extra_demand", "is missing: add it, as without it no one gets the care in extra"
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


def _in_file(path: Path, part: BudgetPart, figures: Mapping[str, int]) -> Path:
    """Return where a part of the plan stands in the file: parameters are figures there, and scenarios a list."""
    match path:
        case ("parameter", str(name), *rest):
            varied = [place for place, each in enumerate(part.distribution) if each.figure == name]
            if rest == ["distribution"] and varied:
                return "budget", "distribution", varied[0], "distribution"
            return "figure", figures[name], *rest
        case ("scenario", name, *rest):
            at, scenario = next((at, each) for at, each in enumerate(part.scenario) if each.id == name)
            places = [place for place, each in enumerate(scenario.set) if each.figure in rest]
            return "budget", "scenario", at, *(("set", places[0]) if places else ())
    return "budget", *path


def _figures(tree: dict[str, Any], sound: Sound) -> list[tuple[PrintedFigure, int]]:
    """Return the figures that have no fault, each with its place in the file."""
    items = tree.get("figure", ())
    found = []
    for position, item in enumerate(items if isinstance(items, tuple) else ()):
        figure = sound.of(item, PrintedFigure)
        if figure is not None and [figure.value, figure.range, figure.series].count(None) == 2:  # noqa: PLR2004 (one of the three is given)
            found.append((figure, position))
    return found


def _readable(raw: Any) -> BudgetPart | None:  # noqa: ANN401
    """Return the part without what the schema refuses in it, or None if too little is left."""
    try:
        return BudgetPart.model_validate(raw)
    except ValidationError as error:
        for each in reversed(error.errors(include_url=False)):
            raw = _mended(raw, each["loc"])
    return validated(raw, BudgetPart)[0]


def _mended(node: Any, location: tuple[str | int, ...]) -> Any:  # noqa: ANN401
    """Return a tree in which the value at a location is left out, or stands for itself where the schema needs one.

    Of a list the last table alone can be: the places of the others are told.
    """
    if not location or not isinstance(node, (dict, tuple)):
        return node
    step, rest = location[0], location[1:]
    if isinstance(node, tuple):
        if rest:
            return tuple(_mended(each, rest) if place == step else each for place, each in enumerate(node))
        before = node[:-1]
        return before if step == len(before) and all(isinstance(each, dict) for each in before) else node
    left = {key: value for key, value in node.items() if key != step}
    if rest and isinstance(node.get(step), (dict, tuple)):
        return {**left, step: _mended(node[step], rest)}
    return {**left, step: _STAND_INS[step]} if step in _STAND_INS else left


def _clash_faults(part: BudgetPart, figures: Sequence[tuple[PrintedFigure, int]]) -> list[Fault]:
    """Return each figure that bears the name of a place of a series, where the part uses that."""
    used = used_figures(part, [figure for figure, _ in figures if figure.series is not None])
    places = {name: figure.id for figure in used for name in names_of(figure)}
    return [
        (
            path_of("figure", position, "id"),
            f"must not be what formulas call a place of the series {shown(places[figure.id])}, got {shown(figure.id)}",
        )
        for figure, position in figures
        if figure.id in places
    ]


def _distribution_faults(part: BudgetPart, figures: Mapping[str, PrintedFigure]) -> Iterator[Fault]:
    seen: set[str] = set()
    printed = {total.figure for total in part.printed}
    for position, each in enumerate(part.distribution):
        path = f"budget.distribution[{position}]"
        yield from _figure_faults(each.figure, f"{path}.figure", figures)
        if each.figure in seen:
            yield f"{path}.figure", f"must be named once, got {shown(each.figure)} again"
        seen.add(each.figure)
        if each.figure in figures and figures[each.figure].value is not None:
            for key in sorted({"distribution", "in_scenarios"} & each.model_fields_set):
                got = shown(getattr(each, key))
                yield f"{path}.{key}", f"must be left out for a figure without a range, got {got}"
        for name in each.solved_from:
            if name not in printed:
                rule = f"must name figures of [[budget.printed]], got {shown(name)}"
                yield f"{path}.solved_from", f"{rule}; known: {', '.join(sorted(printed)) or 'none'}"


def _scenario_faults(part: BudgetPart, position: int, figures: Mapping[str, PrintedFigure]) -> Iterator[Fault]:
    scenario, path = part.scenario[position], f"budget.scenario[{position}]"
    if scenario.id in {other.id for other in part.scenario[:position]}:
        yield f"{path}.id", f"must be unique, got {shown(scenario.id)} again"
    seen: set[str] = set()
    for place, setting in enumerate(scenario.set):
        yield from _figure_faults(setting.figure, f"{path}.set[{place}].figure", figures)
        if setting.figure in seen:
            yield f"{path}.set[{place}].figure", f"must be named once, got {shown(setting.figure)} again"
        seen.add(setting.figure)


def _idle_faults(part: BudgetPart, figures: Sequence[PrintedFigure]) -> Iterator[Fault]:
    """Yield each figure that is varied, set or looked for but that no formula uses: nothing would come of it."""
    used = {each.id for each in used_figures(part, figures)}
    named: list[tuple[Path, str]] = [(("distribution", at), each.figure) for at, each in enumerate(part.distribution)]
    for at, scenario in enumerate(part.scenario):
        named += [(("scenario", at, "set", place), each.figure) for place, each in enumerate(scenario.set)]
    if part.substitution is not None:
        named.append((("substitution",), part.substitution.figure))
    for path, name in named:
        if name not in used:
            rule = "must be a figure that a formula of the budget uses"
            yield path_of("budget", *path, "figure"), f"{rule}, got {shown(name)}"


def _figure_faults(name: str, path: str, figures: Mapping[str, PrintedFigure]) -> Iterator[Fault]:
    if name not in figures:
        yield path, f"must be the id of a [[figure]], got {shown(name)}; known: {', '.join(figures) or 'none'}"
    elif figures[name].series is not None:
        yield path, f"must be a figure with a value or a range, got the series {shown(name)}"


def _printed_faults(part: BudgetPart, position: int, figures: Mapping[str, PrintedFigure]) -> Iterator[Fault]:
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
