"""What a dossier holds on the budget, and the plan that it tells: its figures become the plan's parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from hecon.budget.plan import Overlap, Plan
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
    Parameter,
    Population,
    Printed,
    number_or_formula,
)
from hecon.dossier.figures import FigureName
from hecon.errors import InputError
from hecon.files.parts import (
    Extent,
    Float,
    Identifier,
    Label,
    Number,
    Part,
    Reference,
    Text,
    YearOrNotReported,
    both,
    is_number,
    refused,
)
from hecon.printed.formulas import names_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hecon.dossier.figures import Figure

__all__ = ["BudgetConventions", "BudgetPart", "BudgetPrinted", "PrintedConventions", "plan_of", "printed_of"]


def _formula_or_list(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, tuple):
        return tuple(number_or_formula(each) for each in value)
    if isinstance(value, str) and value.strip():
        return value
    return refused("a list with a number or formula for every year, or a formula over a series", value)


def _number_or_word(value: Any) -> Any:  # noqa: ANN401
    if is_number(value):
        return float(value)
    if value in ("low", "middle", "high"):
        return value
    return refused('a number without quotes, "low", "middle" or "high"', value)


PerYear = Annotated[
    str | tuple[str | float, ...],
    BeforeValidator(_formula_or_list),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"anyOf": [{"type": "number"}, {"type": "string"}]}}]}
    ),
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
    open: tuple[Literal["uptake", "cap", "cap_rule", "inflation_rule"], ...] = ("cap_rule", "inflation_rule")
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
    """The figure that tells how much other care is replaced, and where its break-even value is looked for."""

    figure: FigureName
    within: tuple[Float, Float]


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
    currency: Currency = "EUR"
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


def _by_language(text: Text | None) -> dict[str, str]:
    return {} if text is None else both(text)


def _stands(sources: Iterable[Reference]) -> str:
    return "; ".join(f"{each.document}, {each.place}" for each in sources)


def plan_of(name: str, title: Text, part: BudgetPart, figures: Sequence[Figure], *, every_figure: bool = False) -> Plan:
    """Return the plan that the budget part of a dossier tells.

    Parameters
    ----------
    name : str
        The dossier's name.
    title : Text
        Its title.
    part : BudgetPart
        The part.
    figures : sequence of Figure
        The dossier's figures, of which those that the part uses become parameters.
    every_figure : bool
        Whether all of them do, so that a message on an unknown one tells which there are.

    Returns
    -------
    Plan
        With every figure's label, status and source.

    Raises
    ------
    PlanError
        If it breaks the rules of a plan.
    InputError
        If a formula or a printed total is wrong.
    """
    by_id = {each.id: each for each in figures}
    conventions = _conventions(part, by_id)
    return Plan(
        name,
        years=part.years,
        base_year=None if isinstance(part.base_year, str) else part.base_year,
        price_year=None if isinstance(part.price_year, str) else part.price_year,
        currency=part.currency,
        parameters=_parameters(part, by_id, set(by_id) if every_figure else _used(part, by_id)),
        populations=part.population,
        amounts=tuple(replace(each, by_year=_by_year(each.by_year, part, by_id)) for each in part.amount),
        conventions=conventions,
        open_conventions=part.conventions.open,
        as_printed=_as_printed(part, conventions, by_id),
        mixed_price_years=_by_language(part.mixed_price_years),
        scenarios={each.id: {one.figure: one.value for one in each.set} for each in part.scenario},
        printed=tuple(
            printed_of(each, by_id[each.figure])
            for each in part.printed
            if each.figure in by_id and by_id[each.figure].series is None
        ),
        overlaps=tuple(Overlap(each.plan, _by_language(each.text), _stands(each.sources)) for each in part.overlap),
        substitution=None if part.substitution is None else (part.substitution.figure, part.substitution.within),
        label=_by_language(title),
    )


def _parameters(part: BudgetPart, figures: Mapping[str, Figure], used: set[str]) -> dict[str, Parameter]:
    varied = {each.figure: each for each in part.distribution}
    parameters: dict[str, Parameter] = {}
    for identifier in sorted(used, key=list(figures).index):
        figure = figures[identifier]
        how = varied.get(identifier)
        about: dict[str, Any] = {
            "status": figure.status,
            "source": _stands(figure.sources),
            "note": _by_language(figure.note or figure.rule),
            "distribution": "uniform" if how is None else how.distribution,
            "in_scenarios": how is None or how.in_scenarios,
            "solved_from": () if how is None else how.solved_from,
        }
        for position, number in enumerate(figure.series or ()):
            label = {lang: f"{text} ({position + 1})" for lang, text in _by_language(figure.name).items()}
            parameters[f"{identifier}_{position + 1}"] = Parameter(float(number), label=label, **about)
        if figure.series is None:
            ends = None if figure.range is None else (float(figure.range[0]), float(figure.range[1]))
            value = None if figure.value is None else float(figure.value)
            parameters[identifier] = Parameter(value, ends, label=_by_language(figure.name), **about)
    return parameters


def _formulas(node: Any) -> Iterable[str]:  # noqa: ANN401
    """Yield every formula of the part, wherever it stands."""
    keys = ("quantity", "price", "share", "size", "extra_demand", "by_year", "uptake", "cap", "inflation")
    for key in keys:
        value = getattr(node, key, None)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, str):
                yield each
    for key in ("population", "current", "new", "extra", "amount"):
        for each in getattr(node, key, None) or ():
            yield from _formulas(each)


def _used(part: BudgetPart, figures: Mapping[str, Figure]) -> set[str]:
    found: set[str] = set()
    for node in (part, part.conventions, part.as_printed):
        for formula in _formulas(node):
            found.update(_names(formula))
    found.update(name for each in part.printed if isinstance(each.formula, str) for name in _names(each.formula))
    found.update(one.figure for each in part.scenario for one in each.set)
    if part.substitution is not None:
        found.add(part.substitution.figure)
    return found & set(figures)


def _names(formula: str) -> tuple[str, ...]:
    try:
        return names_in(formula)
    except InputError:
        return ()  # told as a fault of the plan


def _by_year(given: Any, part: BudgetPart, figures: Mapping[str, Figure]) -> tuple[Any, ...]:  # noqa: ANN401
    """Return a formula for every year: those given, or that of a series with the place of the year."""
    if not isinstance(given, str):
        return tuple(given)
    series = [name for name in _names(given) if name in figures and figures[name].series is not None]
    length = min((len(figures[name].series or ()) for name in series), default=len(part.years))
    return tuple(_placed(given, series, year + 1) for year in range(length))


def _placed(formula: str, series: Sequence[str], place: int) -> str:
    """Return a formula with each series by its number at a place."""
    return re.sub(r"[a-z_][a-z0-9_]*", lambda match: f"{match[0]}_{place}" if match[0] in series else match[0], formula)


def _chosen(given: BudgetConventions | PrintedConventions, part: BudgetPart, figures: Mapping[str, Figure]) -> Any:  # noqa: ANN401
    """Return the conventions that a table gives, by name."""
    found: dict[str, Any] = {key: getattr(given, key, None) for key in vars(ZIN) if key != "name"}
    for key in ("uptake", "inflation"):
        found[key] = None if found[key] is None else _by_year(found[key], part, figures)
    return {key: value for key, value in found.items() if value is not None}


def _conventions(part: BudgetPart, figures: Mapping[str, Figure]) -> Conventions:
    chosen = _chosen(part.conventions, part, figures)
    return Conventions("stated", **chosen) if chosen else Conventions()


def _as_printed(part: BudgetPart, stated: Conventions, figures: Mapping[str, Figure]) -> Conventions | None:
    if part.as_printed is None:
        return None
    return replace(stated, name="as printed", **_chosen(part.as_printed, part, figures))


def printed_of(each: BudgetPrinted, figure: Figure) -> Printed:
    """Return a printed total of the part as a record.

    Parameters
    ----------
    each : BudgetPrinted
        The total.
    figure : Figure
        The figure that it names.

    Returns
    -------
    Printed
        With the digits of the figure.

    Raises
    ------
    InputError
        If it breaks a rule.
    """
    return Printed(
        each.figure,
        each.year,
        value=figure.value,
        range=figure.range,
        unit=float(each.unit),
        counts=each.counts,
        scenario=each.scenario,
        formula=None if each.formula is None else str(each.formula),
        wording=figure.wording,
        rounded_to=None if each.rounded_to is None else float(each.rounded_to),
        convention_stated=each.convention_stated,
        plans=each.plans,
        label=_by_language(figure.name),
        source=_stands(figure.sources),
    )
