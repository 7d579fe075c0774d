"""The budget of a dossier: its schema, the plan that it states, and the faults between figures, formulas and plan.

Populations, resources and amounts are the plan's own records. A plan of a script has numbers where a dossier names
figures with sources. A convention left out is that of `BudgetConventions`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema

from hecon.budget.plan import Plan
from hecon.budget.records import (
    ZIN,
    Amount,
    CapRule,
    Conventions,
    Counts,
    Currency,
    Distribution,
    Flow,
    Formula,
    InflationRule,
    Open,
    Overlap,
    Parameter,
    Population,
    Printed,
    number_or_formula,
)
from hecon.dossier.documents import Statement
from hecon.dossier.figures import FigureName, PrintedFigure
from hecon.errors import InputError, PlanError
from hecon.files.faults import BrokenRule, collect_error, ids_in, path_of, shown, tables, thousands
from hecon.files.parts import (
    Extent,
    Float,
    Identifier,
    Label,
    Number,
    Part,
    Reference,
    Sound,
    Text,
    YearOrNotReported,
    both,
    children,
    is_number,
    refused,
    validated,
)
from hecon.printed.formulas import names_in
from hecon.rulesets import ruleset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from hecon.files.faults import Fault, Path

    # By id, None for a figure with faults of its own.
    Figures = Mapping[str, PrintedFigure | None]
    # Places of entries left out, by the path of their list.
    Dropped = dict[Path, list[int]]


def _formula_or_list(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, tuple):
        return tuple(number_or_formula(item) for item in value)
    if isinstance(value, str) and value.strip():
        return value
    return refused("a list with a number or formula for every year, or a formula over a series", value)


def _number_or_word(value: Any) -> Any:  # noqa: ANN401
    if is_number(value):
        return float(value)
    if value in ("low", "middle", "high"):
        return value
    return refused('a number without quotes, "low", "middle" or "high"', value)


_NUMBER_OR_TEXT = {"anyOf": [{"type": "number"}, {"type": "string"}]}
PerYear = Annotated[
    str | tuple[str | float, ...],
    BeforeValidator(_formula_or_list),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": _NUMBER_OR_TEXT}]}),
]
ScenarioValue = Annotated[
    float | Literal["low", "middle", "high"],
    BeforeValidator(_number_or_word),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "enum": ["low", "middle", "high"]}]}),
]


@dataclass(frozen=True, kw_only=True)
class BudgetFlow(Flow):
    """A resource that patients use: units, price, sector and payer. Formulas use the ids of [[figure]] tables."""

    quantity: Formula = 1.0
    price: Formula | None = None
    label: Label


@dataclass(frozen=True, kw_only=True)
class BudgetPopulation(Population):
    """Patients whose care changes: their number in the base year, and their care now and on the new pathway."""

    current: tuple[BudgetFlow, ...] = ()
    new: tuple[BudgetFlow, ...] = ()
    extra: tuple[BudgetFlow, ...] = ()
    label: Label


@dataclass(frozen=True, kw_only=True)
class BudgetAmount(Amount):
    """Extra spending by year that a source gives as a total."""

    # By a series too, whose numbers the figures have.
    by_year: PerYear  # type: ignore[assignment]
    label: Label


class BudgetConventions(Part):
    """How the budget is counted where it is not by the Zorginstituut's general rules, which ``zin`` names.

    Uptake and inflation are a list by year, or a formula over a [[figure]] that holds a series.
    """

    uptake: PerYear | None = None
    cap: Formula | None = None
    cap_rule: CapRule | None = None
    inflation: PerYear | None = None
    inflation_rule: InflationRule | None = None
    demographic_growth: Float | None = None
    discount_rate: Float | None = None
    deductible_share: Float | None = None
    open: tuple[Open, ...] = ("cap_rule", "inflation_rule")
    basis: Text
    sources: tuple[Reference, ...] = ()


class PrintedConventions(Part):
    """What to count otherwise so that the printed totals come out, and how that is known."""

    uptake: PerYear | None = None
    cap: Formula | None = None
    cap_rule: CapRule | None = None
    inflation_rule: InflationRule | None = None
    basis: Text


class BudgetDistribution(Part):
    """How a figure with a range is varied: its distribution in draws, and whether scenarios take its ends.

    ``solved_from`` names printed totals that the figure was solved from.
    """

    figure: FigureName
    distribution: Distribution = "uniform"
    in_scenarios: bool = True
    solved_from: tuple[FigureName, ...] = ()


class BudgetSetting(Part):
    """What a scenario sets a figure to: a number, or "low", "middle" or "high" of its range."""

    figure: FigureName
    value: ScenarioValue


class BudgetSubstitution(Part):
    """The figure that tells how much other care is replaced, where its break-even is looked for, and the claims."""

    figure: FigureName
    within: tuple[Float, Float]
    claims: Statement | None = None


class BudgetScenario(Part):
    """A scenario beside minimum and maximum: what it sets, the rest at the middle."""

    id: Identifier
    name: Text
    set: Annotated[tuple[BudgetSetting, ...], Field(min_length=1)]


class BudgetPrinted(Part):
    """A total that a source prints, to hold the plan against: a [[figure]] and the year it is of.

    ``unit`` is what one of it stands for, such as 1000000; ``scenario`` which end a single number belongs to;
    ``formula`` what gives it from the figures alone; ``rounded_to`` the step of its rounding where the last digits are
    not meant; ``convention_stated`` whether the source says how it is counted; ``plans`` other dossiers whose plans the
    total includes.
    """

    figure: FigureName
    year: int
    counts: Counts = "spending"
    unit: Number = 1
    formula: Formula | None = None
    scenario: Literal["minimum", "maximum"] | None = None
    rounded_to: Number | None = None
    convention_stated: bool = True
    plans: tuple[Identifier, ...] = ()


class BudgetOverlap(Part):
    """What this plan overlaps in with that of another dossier when both are carried out."""

    plan: Identifier
    text: Text
    sources: tuple[Reference, ...] = ()


class BudgetNote(Part):
    """What a reader of the budget must know."""

    text: Text
    sources: tuple[Reference, ...] = ()


class BudgetPart(Part):
    """The budget impact of an indication: what `hecon.budget_impact` counts.

    Attributes
    ----------
    years : tuple of int, years of the analysis
    base_year, price_year : int, year of the populations, and of the prices ("not reported" if the source gives none)
    currency : str or None, ISO code; where it is left out, that of the rules that the file itself names
    mixed_price_years : Text or None, why prices of different years stand side by side
    conventions : BudgetConventions, how it is counted where the text departs from the general rules
    as_printed : PrintedConventions or None, what gives the printed totals, where the text does not
    population : tuple of BudgetPopulation, patients and their care
    amount : tuple of BudgetAmount, totals taken over
    distribution : tuple of BudgetDistribution, how ranges are varied; default uniform
    scenario : tuple of BudgetScenario, further scenarios
    substitution : BudgetSubstitution or None, what tells how much other care is replaced
    printed : tuple of BudgetPrinted, totals to hold the plan against
    read : str or None
        How much of its sources was read, where its documents do not tell: "whole", "abstract", "part" or "quoted".
    overlap : tuple of BudgetOverlap, what it shares with other plans
    remark : tuple of BudgetNote, what a reader must know
    """

    years: tuple[int, ...]
    base_year: YearOrNotReported
    price_year: YearOrNotReported
    currency: Currency | None = None
    mixed_price_years: Text | None = None
    conventions: BudgetConventions
    as_printed: PrintedConventions | None = None
    population: tuple[BudgetPopulation, ...] = ()
    amount: tuple[BudgetAmount, ...] = ()
    distribution: tuple[BudgetDistribution, ...] = ()
    scenario: tuple[BudgetScenario, ...] = ()
    substitution: BudgetSubstitution | None = None
    printed: tuple[BudgetPrinted, ...] = ()
    read: Extent | None = None
    overlap: tuple[BudgetOverlap, ...] = ()
    remark: tuple[BudgetNote, ...] = ()


# The plan -------------------------------------------------------------------------------------------------------------

_FORMULAS = {"quantity", "price", "share", "size", "extra_demand", "by_year", "uptake", "cap", "inflation", "formula"}
_VARIED = BudgetDistribution(figure="any")


def names_of(figure: PrintedFigure) -> tuple[str, ...]:
    """Return the parameters that a figure becomes: one by its id, or of a series one for each place."""
    if figure.series is None:
        return (figure.id,)
    return tuple(f"{figure.id}_{place}" for place in range(1, len(figure.series) + 1))


def used_figures(part: BudgetPart, figures: Iterable[PrintedFigure]) -> list[PrintedFigure]:
    """Return the figures that formulas of the part use."""
    used = {name for formula in _formulas(part) for name in _names(formula)}
    return [figure for figure in figures if not used.isdisjoint((figure.id, *names_of(figure)))]


def _formulas(node: object, key: str = "") -> Iterator[str]:
    """Yield every formula of the part, wherever it stands."""
    if isinstance(node, str):
        if key in _FORMULAS:
            yield node
    else:
        for step, child in children(node):
            yield from _formulas(child, step if isinstance(step, str) else key)


def _names(formula: str) -> tuple[str, ...]:
    try:
        return names_in(formula)
    except InputError:
        return ()  # a fault of the plan


def plan_of(
    name: str,
    title: Text,
    part: BudgetPart,
    figures: Sequence[PrintedFigure],
    *,
    home: str | None = None,
    every_figure: bool = False,
) -> Plan:
    """Return the plan that the budget part of a dossier tells; `home` is the currency of a part that names none."""
    by_id = {figure.id: figure for figure in figures}
    chosen = _chosen(part.conventions, part, by_id)
    stated = Conventions("stated", **chosen) if chosen else Conventions()
    as_printed = None
    if part.as_printed is not None:
        as_printed = replace(stated, name="as printed", **_chosen(part.as_printed, part, by_id))
    return Plan(
        name,
        years=part.years,
        base_year=None if isinstance(part.base_year, str) else part.base_year,
        price_year=None if isinstance(part.price_year, str) else part.price_year,
        currency=part.currency or home or ruleset().currency,
        parameters=_parameters(part, figures if every_figure else used_figures(part, figures)),
        populations=part.population,
        amounts=tuple(replace(amount, by_year=_by_year(amount.by_year, part, by_id)) for amount in part.amount),
        conventions=stated,
        open_conventions=part.conventions.open,
        as_printed=as_printed,
        mixed_price_years=_by_language(part.mixed_price_years),
        scenarios={scenario.id: {one.figure: one.value for one in scenario.set} for scenario in part.scenario},
        printed=tuple(printed_of(total, by_id[total.figure]) for total in part.printed),
        overlaps=tuple(Overlap(overlap.plan, both(overlap.text), _stands(overlap.sources)) for overlap in part.overlap),
        substitution=None if part.substitution is None else (part.substitution.figure, part.substitution.within),
        label=both(title),
    )


def _by_language(text: Text | None) -> dict[str, str]:
    return {} if text is None else both(text)


def _stands(sources: Iterable[Reference]) -> str:
    return "; ".join(f"{source.document}, {source.place}" for source in sources)


def _parameters(part: BudgetPart, figures: Iterable[PrintedFigure]) -> dict[str, Parameter]:
    varied = {distribution.figure: distribution for distribution in part.distribution}
    parameters: dict[str, Parameter] = {}
    for figure in figures:
        how = varied.get(figure.id, _VARIED)
        about: dict[str, Any] = {
            "status": figure.status,
            "source": _stands(figure.sources),
            "note": _by_language(figure.note or figure.rule),
            "distribution": how.distribution,
            "in_scenarios": how.in_scenarios,
            "solved_from": how.solved_from,
        }
        if figure.series is None:
            ends = None if figure.range is None else (float(figure.range[0]), float(figure.range[1]))
            value = None if figure.value is None else float(figure.value)
            parameters[figure.id] = Parameter(value, ends, label=both(figure.name), **about)
        for place, (name, number) in enumerate(zip(names_of(figure), figure.series or (), strict=False), start=1):
            label = {lang: f"{text} ({place})" for lang, text in both(figure.name).items()}
            parameters[name] = Parameter(float(number), label=label, **about)
    return parameters


def _chosen(
    stated: BudgetConventions | PrintedConventions, part: BudgetPart, figures: Mapping[str, PrintedFigure]
) -> dict[str, Any]:
    """Return the conventions that a table gives, by name."""
    conventions = {key: value for key, value in stated if key in vars(ZIN) and value is not None}
    return conventions | {
        key: _by_year(conventions[key], part, figures) for key in ("uptake", "inflation") if key in conventions
    }


def _by_year(stated: Any, part: BudgetPart, figures: Mapping[str, PrintedFigure]) -> tuple[Any, ...]:  # noqa: ANN401
    """Return a formula for every year: those given, or that of a series with the place of the year."""
    if not isinstance(stated, str):
        return tuple(stated)
    series = {name: len(figures[name].series or ()) for name in _names(stated) if name in figures}
    lengths = sorted(length for length in series.values() if length) or [len(part.years)]
    # One of another length than the years decides, so that the plan refuses it.
    length = lengths[0] if lengths[0] != len(part.years) else lengths[-1]
    return tuple(_placed(stated, series, min(place, lengths[0])) for place in range(1, length + 1))


def _placed(formula: str, series: Mapping[str, int], place: int) -> str:
    """Return a formula with each series by its number at a place."""
    return re.sub(
        r"[a-z_][a-z0-9_]*", lambda match: f"{match[0]}_{place}" if series.get(match[0]) else match[0], formula
    )


def printed_of(total: BudgetPrinted, figure: PrintedFigure) -> Printed:
    """Return a printed total of the part as a record."""
    return Printed(
        total.figure,
        total.year,
        value=figure.value,
        range=figure.range,
        unit=float(total.unit),
        counts=total.counts,
        scenario=total.scenario,
        formula=None if total.formula is None else str(total.formula),
        wording=figure.wording,
        rounded_to=None if total.rounded_to is None else float(total.rounded_to),
        convention_stated=total.convention_stated,
        plans=total.plans,
        label=both(figure.name),
        source=_stands(figure.sources),
    )


_NAMELESS = Text(nl="-", en="-")
# Stand-ins for values that the schema refuses, so that the rest can be checked.
_STAND_INS = {"sector": "primary paramedical", "payer": "Zvw", "quantity": 1, "size": 1, "price": 1}
# Marks an entry of a list that the schema refuses as a whole.
_DROPPED = object()


def budget_faults(tree: dict[str, Any], sound: Sound) -> Iterator[Fault]:
    """Yield the faults of the budget part of a dossier beyond those of its schema."""
    if "budget" not in tree:
        return
    yield from _table_faults(tree["budget"])
    whole = sound.of(tree["budget"], BudgetPart)
    part, dropped = _readable(tree["budget"]) if whole is None else (whole, {})
    if part is None:
        return
    figures = _figures(tree, sound)
    # With two figures of one name it is unknown whose number counts.
    faults = list(_clash_faults(part, figures) or _part_faults(tree, part, figures, mended=whole is None))
    yield from ((_in_original(path, dropped), message) for path, message in faults)
    if whole is not None and not faults:
        yield from _idle_faults(part, [figure for figure, _ in figures])


def _part_faults(
    tree: dict[str, Any], part: BudgetPart, figures: Sequence[tuple[PrintedFigure, int]], *, mended: bool
) -> Iterator[Fault]:
    """Yield the faults of references, then the other faults of the plan."""
    name = tree.get("name")
    by_id: Figures = dict.fromkeys(ids_in(tree, "figure")) | {figure.id: figure for figure, _ in figures}
    yield from _distribution_faults(part, by_id)
    # Entries at fault are left out, so that the rest of the plan is checked.
    left: dict[str, Any] = {"scenario": (), "printed": ()}
    for place, scenario in enumerate(part.scenario):
        faults = list(_scenario_faults(part, place, by_id))
        yield from faults
        left["scenario"] += () if faults else (scenario,)
    if part.substitution is not None:
        faults = list(_figure_faults(part.substitution.figure, path_of("budget", "substitution", "figure"), by_id))
        yield from faults
        left |= {"substitution": None} if faults else {}
    for place, total in enumerate(part.printed):
        faults = list(_printed_faults(part, place, by_id))
        yield from faults
        left["printed"] += () if faults else (total,)
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
        faulty = {repr(each) for each, figure in by_id.items() if figure is None}
        for broken in _once([fault for fault in error.broken if not _follows(fault, faulty, mended=mended)]):
            yield broken._replace(path=_in_file(broken.path, part, places)).fault


def _table_faults(raw: Any) -> Iterator[Fault]:  # noqa: ANN401
    """Yield thousands read as decimals, and care in `extra` without demand."""
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


def _follows(broken: BrokenRule, faulty: Collection[str], *, mended: bool) -> bool:
    """Tell whether a fault follows from another, of a figure or of the schema."""
    if broken.rule == "must use known ids" and broken.value in faulty:
        return True
    match broken.path:
        case ("parameter", _, "range"):
            return True
        case ("population", int(), str(), int()):  # a resource that is booked or priced differently elsewhere
            return mended
    return False


def _once(broken: Sequence[BrokenRule]) -> Iterator[BrokenRule]:
    """Yield each fault once; that of a formula for all years at the list of years."""
    groups: dict[BrokenRule, list[BrokenRule]] = {}
    for fault in broken:
        start = fault.path[:-1] if isinstance(fault.path[-1], int) else fault.path
        groups.setdefault(fault._replace(path=start), []).append(fault)
    for whole, parts in groups.items():
        yield parts[0] if len(parts) == 1 else whole


def _in_file(path: Path, part: BudgetPart, figures: Mapping[str, int]) -> Path:
    """Return the path in the file of a path in the plan, whose parameters are figures and scenarios a list there."""
    match path:
        case ("parameter", str(name), *rest):
            varied = [place for place, distribution in enumerate(part.distribution) if distribution.figure == name]
            if rest == ["distribution"] and varied:
                return "budget", "distribution", varied[0], "distribution"
            return "figure", figures[name], *rest
        case ("scenario", str(name), *rest):
            at = [scenario.id for scenario in part.scenario].index(name)
            scenario = part.scenario[at]
            places = [place for place, setting in enumerate(scenario.set) if setting.figure in rest]
            return "budget", "scenario", at, *(("set", places[0]) if places else ())
    return "budget", *path


def _figures(tree: dict[str, Any], sound: Sound) -> list[tuple[PrintedFigure, int]]:
    """Return the figures without faults, each with its place in the file."""
    sound_figures = []
    for position, item in tables(tree, "figure"):
        figure = sound.of(item, PrintedFigure)
        if figure is not None and [figure.value, figure.range, figure.series].count(None) == 2:  # noqa: PLR2004 (of three)
            sound_figures.append((figure, position))
    return sound_figures


def _readable(raw: Any) -> tuple[BudgetPart | None, Dropped]:  # noqa: ANN401
    """Return the part without what the schema refuses, None if too little is left; and the dropped places of lists."""
    dropped: Dropped = {}
    try:
        return BudgetPart.model_validate(raw), dropped
    except ValidationError as error:
        for detail in reversed(error.errors(include_url=False)):
            raw = _mended(raw, detail["loc"])
    return validated(_without_dropped(raw, ("budget",), dropped), BudgetPart)[0], dropped


def _mended(node: Any, location: tuple[str | int, ...]) -> Any:  # noqa: ANN401
    """Return a tree without the value at a location, or with a stand-in; an entry of a list of tables is marked."""
    if not location or not isinstance(node, (dict, tuple)):
        return node
    step, rest = location[0], location[1:]
    if isinstance(node, tuple):
        if rest:
            return tuple(_mended(item, rest) if place == step else item for place, item in enumerate(node))
        of_tables = len(node) == 1 or any(isinstance(item, dict) for item in node)
        return tuple(_DROPPED if place == step else item for place, item in enumerate(node)) if of_tables else node
    left = {key: value for key, value in node.items() if key != step}
    if rest and isinstance(node.get(step), (dict, tuple)):
        return {**left, step: _mended(node[step], rest)}
    return {**left, step: _STAND_INS[step]} if step in _STAND_INS else left


def _without_dropped(node: Any, steps: Path, dropped: Dropped) -> Any:  # noqa: ANN401
    """Return a tree without marked entries, and record their places by the path of the list."""
    if isinstance(node, dict):
        return {key: _without_dropped(value, (*steps, key), dropped) for key, value in node.items()}
    if not isinstance(node, tuple):
        return node
    dropped[steps] = [place for place, item in enumerate(node) if item is _DROPPED]
    kept = ((place, item) for place, item in enumerate(node) if item is not _DROPPED)
    return tuple(_without_dropped(item, (*steps, place), dropped) for place, item in kept)


def _in_original(path: str, dropped: Dropped) -> str:
    """Return the path in the file of a path in the part without its dropped entries."""
    if not dropped:
        return path
    steps: Path = ()
    for key, place in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        at = int(place or 0)
        for gap in dropped.get(steps, ()):
            at += gap <= at
        steps = (*steps, key or at)
    return path_of(*steps)


def _clash_faults(part: BudgetPart, figures: Sequence[tuple[PrintedFigure, int]]) -> list[Fault]:
    """Return the faults of figures with the name of a place of a series that the part uses."""
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


def _distribution_faults(part: BudgetPart, figures: Figures) -> Iterator[Fault]:
    seen: set[str] = set()
    printed = {total.figure for total in part.printed}
    for position, distribution in enumerate(part.distribution):
        path = f"budget.distribution[{position}]"
        yield from _figure_faults(distribution.figure, f"{path}.figure", figures)
        if distribution.figure in seen:
            yield f"{path}.figure", f"must be named once, got {shown(distribution.figure)} again"
        seen.add(distribution.figure)
        figure = figures.get(distribution.figure)
        if figure is not None and figure.value is not None:
            for key in sorted({"distribution", "in_scenarios"} & distribution.model_fields_set):
                got = shown(getattr(distribution, key))
                yield f"{path}.{key}", f"must be left out for a figure without a range, got {got}"
        for name in distribution.solved_from:
            if name not in printed:
                rule = f"must name figures of [[budget.printed]], got {shown(name)}"
                yield f"{path}.solved_from", f"{rule}; known: {', '.join(sorted(printed)) or 'none'}"


def _scenario_faults(part: BudgetPart, position: int, figures: Figures) -> Iterator[Fault]:
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
    """Yield each figure that is varied, set or solved for although no formula uses it."""
    used = {figure.id for figure in used_figures(part, figures)}
    named: list[tuple[Path, str]] = [
        (("distribution", at), distribution.figure) for at, distribution in enumerate(part.distribution)
    ]
    for at, scenario in enumerate(part.scenario):
        named += [(("scenario", at, "set", place), setting.figure) for place, setting in enumerate(scenario.set)]
    if part.substitution is not None:
        named.append((("substitution",), part.substitution.figure))
    for path, name in named:
        if name not in used:
            rule = "must be a figure that a formula of the budget uses"
            yield path_of("budget", *path, "figure"), f"{rule}, got {shown(name)}"


def _figure_faults(name: str, path: str, figures: Figures) -> Iterator[Fault]:
    if name not in figures:
        yield path, f"must be the id of a [[figure]], got {shown(name)}; known: {', '.join(figures) or 'none'}"
    elif (figure := figures[name]) is None:
        yield path, f"must be a figure without faults, got {shown(name)}: mend [[figure]] {name} first"
    elif figure.series is not None:
        yield path, f"must be a figure with a value or a range, got the series {shown(name)}"


def _printed_faults(part: BudgetPart, position: int, figures: Figures) -> Iterator[Fault]:
    total, path = part.printed[position], f"budget.printed[{position}]"
    faults = list(_figure_faults(total.figure, f"{path}.figure", figures))
    yield from faults
    if (total.figure, total.year) in {(other.figure, other.year) for other in part.printed[:position]}:
        yield f"{path}.figure", f"must be named once, got {shown(total.figure)} again"
    if total.year not in part.years:
        yield f"{path}.year", f"must be one of the plan's years {', '.join(map(str, part.years))}, got {total.year}"
    for key in ("unit", "rounded_to"):
        value = getattr(total, key)
        if value is not None and value <= 0:
            yield f"{path}.{key}", f"must be above 0, got {shown(value)}"
            return
    if isinstance(total.formula, str):
        try:
            unknown = [name for name in names_in(total.formula) if name not in figures]
        except InputError as error:
            yield f"{path}.formula", str(error)
            return
        if unknown:
            yield f"{path}.formula", f"must use known ids, got {unknown[0]!r}; known: {', '.join(figures) or 'none'}"
    figure = figures.get(total.figure)
    if figure is not None and not faults:
        yield from collect_error(path, partial(printed_of, total, figure))
