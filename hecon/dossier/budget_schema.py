"""What a dossier holds on the budget: care now and in the new situation, conventions, totals as printed."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from hecon.budget.records import Payer, Sector  # noqa: TC001 (pydantic reads the annotations at run time)
from hecon.dossier.figure_schema import FigureName  # noqa: TC001 (pydantic reads the annotation at run time)
from hecon.files.parts import (
    CURRENCY,
    Extent,
    Identifier,
    Number,
    Part,
    Reference,
    Text,
    YearOrNotReported,
    is_number,
    refused,
)

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
