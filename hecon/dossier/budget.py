"""The budget part of a dossier as written, and its faults: between figures, formulas and the rules of a plan."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema

from hecon.budget.sectors import Payer, Sector
from hecon.dossier.budget_plans import plan_of, printed_of
from hecon.dossier.figures import Figure, FigureName
from hecon.errors import InputError, PlanError
from hecon.files.faults import path_of, shown
from hecon.files.parts import (
    CURRENCY,
    Extent,
    Identifier,
    Number,
    Part,
    Reference,
    Sound,
    Text,
    YearOrNotReported,
    is_number,
    refused,
)
from hecon.formulas import names_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.files.faults import Fault

__all__ = [
    "BudgetAmount",
    "BudgetConventions",
    "BudgetDistribution",
    "BudgetFlow",
    "BudgetNote",
    "BudgetOverlap",
    "BudgetPart",
    "BudgetPopulation",
    "BudgetPrinted",
    "BudgetScenario",
    "BudgetSetting",
    "BudgetSubstitution",
    "PrintedConventions",
    "budget_faults",
]


def _number_or_formula(value: Any) -> Any:  # noqa: ANN401
    if is_number(value) or (isinstance(value, str) and value.strip()):
        return value
    return refused('a number, or a formula in quotes, as in "sessions * tariff"', value)


def _formula_or_list(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, tuple):
        return tuple(_number_or_formula(each) for each in value)
    if isinstance(value, str) and value.strip():
        return value
    return refused("a list with a number or formula for every year, or a formula over a series", value)


def _number_or_word(value: Any) -> Any:  # noqa: ANN401
    if is_number(value) or value in ("low", "middle", "high"):
        return value
    return refused('a number without quotes, "low", "middle" or "high"', value)


Formula = Annotated[
    int | Decimal | str,
    BeforeValidator(_number_or_formula),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]}),
]
PerYear = Annotated[
    str | tuple[int | Decimal | str, ...],
    BeforeValidator(_formula_or_list),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"anyOf": [{"type": "number"}, {"type": "string"}]}}]}
    ),
]
ScenarioValue = Annotated[
    int | Decimal | Literal["low", "middle", "high"],
    BeforeValidator(_number_or_word),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "enum": ["low", "middle", "high"]}]}),
]


class BudgetFlow(Part):
    """A resource that patients use: units, price, sector and payer. Formulas use the ids of [[figure]] tables."""

    id: Identifier
    name: Text
    quantity: Formula = 1
    price: Formula | None = None
    sector: Sector
    payer: Payer = "Zvw"
    share: Formula = 1
    one_of: Identifier | None = None
    currency: Annotated[str, Field(pattern=CURRENCY)] | None = None
    price_year: int | None = None


class BudgetPopulation(Part):
    """Patients whose care changes: their number in the base year, and their care now and on the new pathway."""

    id: Identifier
    name: Text
    size: Formula
    current: tuple[BudgetFlow, ...] = ()
    new: tuple[BudgetFlow, ...] = ()
    extra_demand: Formula = 0
    extra: tuple[BudgetFlow, ...] = ()


class BudgetAmount(Part):
    """Extra spending by year that a source gives as a total."""

    id: Identifier
    name: Text
    by_year: PerYear
    sector: Sector
    payer: Payer = "Zvw"


class BudgetConventions(Part):
    """How the budget is counted where it is not by the Zorginstituut's general rules, which ``zin`` names.

    Uptake and inflation are a list by year, or a formula over a [[figure]] that holds a series.
    """

    uptake: PerYear | None = None
    cap: Formula | None = None
    cap_rule: Literal["ceiling", "share"] | None = None
    inflation: PerYear | None = None
    inflation_rule: Literal["cumulative", "own year", "none"] | None = None
    demographic_growth: Number | None = None
    discount_rate: Number | None = None
    deductible_share: Number | None = None
    open: tuple[Literal["uptake", "cap", "cap_rule", "inflation_rule"], ...] = ("cap_rule", "inflation_rule")
    basis: Text
    sources: tuple[Reference, ...] = ()


class PrintedConventions(Part):
    """What to count otherwise so that the printed totals come out, and how that is known."""

    uptake: PerYear | None = None
    cap: Formula | None = None
    cap_rule: Literal["ceiling", "share"] | None = None
    inflation_rule: Literal["cumulative", "own year", "none"] | None = None
    basis: Text


class BudgetDistribution(Part):
    """How a figure with a range is varied: its distribution in draws, and whether scenarios take its ends.

    ``solved_from`` names printed totals that the figure was solved from.
    """

    figure: FigureName
    distribution: Literal["uniform", "triangular", "pert", "normal", "lognormal", "beta", "gamma"] = "uniform"
    in_scenarios: bool = True
    solved_from: tuple[FigureName, ...] = ()


class BudgetSetting(Part):
    """What a scenario sets a figure to: a number, or "low", "middle" or "high" of its range."""

    figure: FigureName
    value: ScenarioValue


class BudgetSubstitution(Part):
    """The figure that tells how much other care is replaced, and where its break-even value is looked for."""

    figure: FigureName
    within: tuple[Number, Number]


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
    counts: Literal["spending", "saving", "patients"] = "spending"
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

    Parameters
    ----------
    years : tuple of int
        Years of the analysis.
    base_year, price_year : int
        Year of the populations, and of the prices ("not reported" if the source gives none).
    currency : str
        ISO code.
    mixed_price_years : Text or None
        Why prices of different years stand side by side.
    conventions : BudgetConventions
        How it is counted where the text departs from the general rules.
    as_printed : PrintedConventions or None
        What gives the printed totals, where the text does not.
    population : tuple of BudgetPopulation
        Patients and their care.
    amount : tuple of BudgetAmount
        Totals taken over.
    distribution : tuple of BudgetDistribution
        How ranges are varied; default uniform.
    scenario : tuple of BudgetScenario
        Further scenarios.
    substitution : BudgetSubstitution or None
        What tells how much other care is replaced.
    printed : tuple of BudgetPrinted
        Totals to hold the plan against.
    read : str or None
        How much of its sources was read, where its documents do not tell: "whole", "abstract", "part" or "quoted".
    overlap : tuple of BudgetOverlap
        What it shares with other plans.
    remark : tuple of BudgetNote
        What a reader must know.
    """

    years: tuple[int, ...]
    base_year: YearOrNotReported
    price_year: YearOrNotReported
    currency: Annotated[str, Field(pattern=CURRENCY)] = "EUR"
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


_NAMELESS = Text(nl="-", en="-")
# Rounds of mending: a part that is mended may show what stood under it.
_ROUNDS = 5
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
    places_of = {each.id: place for place, each in reversed(list(enumerate(part.scenario)))}
    part = part.model_copy(update={"printed": tuple(kept), "scenario": scenarios})
    if part.substitution is not None and part.substitution.figure not in by_id:
        part = part.model_copy(update={"substitution": None})
    mended = whole is None
    name = tree.get("name")
    try:
        plan_of(name if isinstance(name, str) and name.strip() else "-", _NAMELESS, part, figures, every_figure=True)
    except PlanError as error:
        told: dict[tuple[str, str], list[str]] = {}
        for fault in error.faults:
            path, _, message = fault.partition(": ")
            told.setdefault((re.sub(r"\[\d+\]$", "", path), message), []).append(path)
        for (start, message), paths in told.items():
            # One formula stands for all years: what is wrong with it is told once.
            path = paths[0] if len(paths) == 1 else start
            if not _follows(path, message, places, mended=mended):
                yield _path(path, part, places, places_of), message


def _figures(tree: dict[str, Any], sound: Sound) -> tuple[list[Figure], dict[str, int]]:
    figures: list[Figure] = []
    places: dict[str, int] = {}
    items = tree.get("figure", ())
    for position, item in enumerate(items if isinstance(items, tuple) else ()):
        figure = sound.of(item, Figure)
        if figure is not None and [figure.value, figure.range, figure.series].count(None) == 2:  # noqa: PLR2004 (one of the three is given)
            figures.append(figure)
            places[figure.id] = position
    return figures, places


def _readable(raw: Any) -> BudgetPart | None:  # noqa: ANN401
    """Return the part without what the schema refuses in it, or None if too little is left."""
    for _ in range(_ROUNDS):
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


def _follows(path: str, message: str, places: dict[str, int], *, mended: bool) -> bool:
    """Tell whether a fault follows from one that is told elsewhere: at a figure, or by the schema."""
    if mended and message.startswith("must have the sector of"):
        return True
    steps = path.split(".")
    return steps[0] == "parameter" and steps[-1] == "range" and _place(steps[1], places) is not None


def _place(parameter: str, places: dict[str, int]) -> int | None:
    return places.get(parameter, places.get(parameter.rpartition("_")[0]))


def _path(path: str, part: BudgetPart, places: dict[str, int], scenarios: dict[str, int]) -> str:
    """Return where a fault of the plan stands in the file: parameters are figures there, scenarios a list."""
    steps = path.split(".")
    if steps[0] == "scenario":
        return f"budget.scenario[{scenarios[steps[1]]}]"
    if steps[0] == "substitution":
        return path_of("budget", "substitution")
    if steps[0] != "parameter":
        return f"budget.{path}"
    if steps[2:] == ["distribution"]:
        position = [each.figure for each in part.distribution].index(steps[1])
        return f"budget.distribution[{position}].distribution"
    return ".".join([f"figure[{_place(steps[1], places)}]", *steps[2:]])


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
