"""What a dossier holds on the budget, and the plan that it tells: its figures become the plan's parameters.

Populations, resources and amounts are read as the plan's own records; a file must name them in both languages, need not
say a quantity of 1, and may give amounts by a series. A plan of a script has numbers where a dossier has figures with
their sources, so that a printed total, a range and a scenario name figures here. A convention that is left out is that
of the general rules in `BudgetConventions`, and that of the text in `PrintedConventions`. What plans overlap in stands
with references, which a report cites.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

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
    Overlap,
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
from hecon.files.schema import children
from hecon.printed.formulas import names_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hecon.dossier.figures import PrintedFigure

__all__ = [
    "BudgetConventions",
    "BudgetPart",
    "BudgetPrinted",
    "PrintedConventions",
    "names_of",
    "plan_of",
    "printed_of",
    "used_figures",
]


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
    return [each for each in figures if not used.isdisjoint((each.id, *names_of(each)))]


def _formulas(node: object, key: str = "") -> Iterator[str]:
    """Yield every formula of the part, wherever it stands."""
    if isinstance(node, str):
        if key in _FORMULAS:
            yield node
    else:
        for step, each in children(node):
            yield from _formulas(each, step if isinstance(step, str) else key)


def _names(formula: str) -> tuple[str, ...]:
    try:
        return names_in(formula)
    except InputError:
        return ()  # told as a fault of the plan


def plan_of(
    name: str, title: Text, part: BudgetPart, figures: Sequence[PrintedFigure], *, every_figure: bool = False
) -> Plan:
    """Return the plan that the budget part of a dossier tells.

    Parameters
    ----------
    name : str
        The dossier's name.
    title : Text
        Its title.
    part : BudgetPart
        The part.
    figures : sequence of PrintedFigure
        The dossier's figures, of which those that formulas of the part use become parameters.
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
        currency=part.currency,
        parameters=_parameters(part, figures if every_figure else used_figures(part, figures)),
        populations=part.population,
        amounts=tuple(replace(each, by_year=_by_year(each.by_year, part, by_id)) for each in part.amount),
        conventions=stated,
        open_conventions=part.conventions.open,
        as_printed=as_printed,
        mixed_price_years=_by_language(part.mixed_price_years),
        scenarios={each.id: {one.figure: one.value for one in each.set} for each in part.scenario},
        printed=tuple(printed_of(each, by_id[each.figure]) for each in part.printed),
        overlaps=tuple(Overlap(each.plan, both(each.text), _stands(each.sources)) for each in part.overlap),
        substitution=None if part.substitution is None else (part.substitution.figure, part.substitution.within),
        label=both(title),
    )


def _by_language(text: Text | None) -> dict[str, str]:
    return {} if text is None else both(text)


def _stands(sources: Iterable[Reference]) -> str:
    return "; ".join(f"{each.document}, {each.place}" for each in sources)


def _parameters(part: BudgetPart, figures: Iterable[PrintedFigure]) -> dict[str, Parameter]:
    varied = {each.figure: each for each in part.distribution}
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
    given: BudgetConventions | PrintedConventions, part: BudgetPart, figures: Mapping[str, PrintedFigure]
) -> dict[str, Any]:
    """Return the conventions that a table gives, by name."""
    found = {key: value for key, value in given if key in vars(ZIN) and value is not None}
    return found | {key: _by_year(found[key], part, figures) for key in ("uptake", "inflation") if key in found}


def _by_year(given: Any, part: BudgetPart, figures: Mapping[str, PrintedFigure]) -> tuple[Any, ...]:  # noqa: ANN401
    """Return a formula for every year: those given, or that of a series with the place of the year."""
    if not isinstance(given, str):
        return tuple(given)
    series = {name: len(figures[name].series or ()) for name in _names(given) if name in figures}
    lengths = sorted(length for length in series.values() if length) or [len(part.years)]
    # One of another length than the years decides, so that the plan refuses it.
    length = lengths[0] if lengths[0] != len(part.years) else lengths[-1]
    return tuple(_placed(given, series, min(place, lengths[0])) for place in range(1, length + 1))


def _placed(formula: str, series: Mapping[str, int], place: int) -> str:
    """Return a formula with each series by its number at a place."""
    return re.sub(
        r"[a-z_][a-z0-9_]*", lambda match: f"{match[0]}_{place}" if series.get(match[0]) else match[0], formula
    )


def printed_of(each: BudgetPrinted, figure: PrintedFigure) -> Printed:
    """Return a printed total of the part as a record.

    Parameters
    ----------
    each : BudgetPrinted
        The total.
    figure : PrintedFigure
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
        label=both(figure.name),
        source=_stands(figure.sources),
    )
