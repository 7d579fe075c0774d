"""The keys of a design, part by part: their types, their rules of their own, and what each is for."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from decimal import Decimal
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetPydanticSchema, ValidationError, WithJsonSchema, model_validator
from pydantic_core.core_schema import no_info_wrap_validator_function

from hecon import _checks
from hecon.errors import InputError, TrialError
from hecon.files import parts, toml
from hecon.files.faults import folded, may_be_thousands
from hecon.files.parts import Part, Words, listed, refused
from hecon.trial.valuation import HOURS_OF_A_WEEK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Self

    from pydantic_core import CoreSchema

    from hecon.files.faults import Fault
    from hecon.rulesets import RuleSet

_FIVE = 5
_MOST_ROWS = 1_048_576


def _is_number(value: Any) -> bool:  # noqa: ANN401
    real = isinstance(value, (numbers.Real, Decimal)) and not isinstance(value, bool)
    return real and _checks.has_possible_size(value)


def _is_text(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, str) and bool(value.strip())


def _kept(
    rule: str, accepts: Callable[[Any], bool], made: Callable[[Any], Any] = lambda value: value
) -> BeforeValidator:
    """Return the check of a value that keeps a rule, and what is made of it."""
    return BeforeValidator(lambda value: made(value) if accepts(value) else refused(rule, value))


def _figure(rule: str, accepts: Callable[[Any], bool]) -> BeforeValidator:
    """Return the check of a number, also of numpy's types, that gives a float."""
    return _kept(rule, lambda value: _is_number(value) and accepts(value), float)


def _text_or_float(value: Any) -> Any:  # noqa: ANN401
    return value if isinstance(value, str) else float(value)


def _filled(rule: str) -> BeforeValidator:
    """Return the check of a table with keys of its own, one or more."""
    return BeforeValidator(
        lambda value: value if isinstance(value, dict) and value else refused(rule, value, "" if value else "nothing")
    )


def _one_or(many: Any) -> GetPydanticSchema:  # noqa: ANN401
    """Return the schema of a text, or else of a list: faults are those of the one that is given."""

    def of(source: Any, handler: Callable[[Any], CoreSchema]) -> CoreSchema:  # noqa: ANN401, ARG001
        return no_info_wrap_validator_function(_one_or_list, handler(many))

    def schema_of(core: Any, handler: Callable[[Any], Any]) -> Any:  # noqa: ANN401
        return {"anyOf": [{"type": "string"}, handler(core)]}

    return GetPydanticSchema(of, schema_of)


def _one_or_list(value: Any, handler: Callable[[Any], Any]) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return value if _is_text(value) else refused("non-empty text in quotes", value)
    return handler(value)


def _number_schema(**limits: float) -> WithJsonSchema:
    """Return the JSON Schema of a number with its limits."""
    return WithJsonSchema({"type": "number", **limits})


Month = Annotated[
    float,
    _figure("a number of months, at least 0, without quotes", lambda value: value >= 0),
    _number_schema(minimum=0),
]
Level = Annotated[float, _figure("a utility, at least -1 and at most 1", lambda value: -1 <= value <= 1)]
Rate = Annotated[
    float,
    _figure("a fraction in [0, 1), as in 0.03", lambda value: 0 <= value < 1),
    _number_schema(minimum=0, exclusiveMaximum=1),
]
Hours = Annotated[
    float,
    _figure("a number above 0, at most 168", lambda value: 0 < value <= HOURS_OF_A_WEEK),
    _number_schema(exclusiveMinimum=0, maximum=HOURS_OF_A_WEEK),
]
Weeks = Annotated[float, _figure("a number above 0", lambda value: value > 0), _number_schema(exclusiveMinimum=0)]
Code = Annotated[
    float | str,
    _kept("a number or non-empty text", lambda value: _is_text(value) or _is_number(value), _text_or_float),
]
Price = Annotated[
    float | str,
    _kept(
        "a number of at least 0 without a thousands point, as in 12300, or the name of a reference price",
        lambda value: _is_text(value) or (_is_number(value) and value >= 0 and not may_be_thousands(value)),
        _text_or_float,
    ),
]
Year = Annotated[
    int,
    _kept(
        f"a year from {_checks.YEARS[0]} to {_checks.YEARS[-1]} without quotes",
        _checks.is_year,
        int,
    ),
    WithJsonSchema({"type": "integer", "minimum": _checks.YEARS[0], "maximum": _checks.YEARS[-1]}),
]
Separator = Annotated[
    str,
    _kept("one character", lambda value: isinstance(value, str) and len(value) == 1 and value not in '"\r\n'),
]
Encoding = Literal["utf-8", "utf-16", "windows-1252", "iso-8859-1", "iso-8859-15", "mac-roman", "cp850"]
HeaderRow = Annotated[
    int,
    _kept(
        "the number of a row, 1 for the first, without quotes",
        lambda value: isinstance(value, numbers.Integral) and not isinstance(value, bool) and 0 < value < _MOST_ROWS,
        int,
    ),
    WithJsonSchema({"type": "integer", "minimum": 1}),
]
Texts = Annotated[tuple[Words, ...], listed('a list of texts, as in ["one", "two"]')]
Codes = Annotated[tuple[Code, ...], listed("a list of numbers and texts, as in [-99]", at_least=0)]
Months = Annotated[tuple[Month, ...], listed("a list of months, as in [0, 3, 6]", at_least=2)]
Times = Annotated[tuple[Month, ...], listed("a list of months, as in [6, 12]")]
Bound = Annotated[float, _figure("a number without quotes", lambda _: True), _number_schema()]
Bounds = Annotated[tuple[Bound, Bound], listed("a pair of numbers, as in [0, 100]", at_least=2, at_most=2)]
Positive = Annotated[
    float, _figure("a number above 0 without quotes", lambda value: value > 0), _number_schema(exclusiveMinimum=0)
]
Worth = Annotated[
    float,
    _figure(
        "an amount above 0 without quotes and without a thousands point, as in 20000",
        lambda value: value > 0 and not may_be_thousands(value),
    ),
    _number_schema(exclusiveMinimum=0),
]
Cuts = Annotated[tuple[Bound, ...], listed("a list of numbers, as in [65] or [65, 75]")]
COUNTED_TO_DEATH = "counted-to-death"
AfterDeath = Annotated[
    float | Literal["counted-to-death"],
    _kept(
        f'a number without quotes, or "{COUNTED_TO_DEATH}"',
        lambda value: value == COUNTED_TO_DEATH or _is_number(value),
        _text_or_float,
    ),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"const": COUNTED_TO_DEATH}]}),
]
Worths = Annotated[tuple[Worth, ...], listed("a list of amounts, as in [100, 500]")]
Period = Annotated[tuple[Month, Month], listed("a pair of months, as in [0, 3]", at_least=2, at_most=2)]
Periods = Annotated[tuple[Period, ...], listed("a list of pairs of months, as in [[0, 3], [3, 6]]")]
Columns = Annotated[tuple[str, ...] | str, _one_or(Texts)]
Five = Annotated[tuple[Words, ...], listed("a list of five columns", at_least=_FIVE, at_most=_FIVE)]
Items = Annotated[
    tuple[Annotated[tuple[str, ...] | str, _one_or(Five)], ...], listed("a list of five columns per time")
]
Adjusts = Annotated[tuple[Literal["cost", "effect"], ...], listed('a list, as in ["cost", "effect"] or []', at_least=0)]
Methods = Annotated[
    tuple[Literal["jump-to-reference", "copy-increments"], ...],
    listed('a list, as in ["jump-to-reference", "copy-increments"]'),
]
Values = Annotated[dict[Words, Code], _filled("a table, as in { usual = 0, new = 1 }")]
Perspectives = Annotated[dict[Words, Texts], _filled('a table of lists, as in healthcare = ["hospital"]')]


class DesignPart(Part):
    """A part of a design that Python builds too: lists are tuples, None is left out, and faults are a TrialError."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401
        faults: list[Fault] = []
        try:
            super().__init__(**given)
        except ValidationError as error:
            faults = parts.faults_of(error, type(self))
        self._settle(given, faults)

    # So that pydantic does not call it for a part within a part, whose faults are those of the whole.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:  # noqa: ANN401
        # Help shows names and defaults without annotations.
        shown_by_help = [each.replace(annotation=Parameter.empty) for each in signature(cls).parameters.values()]
        cls.__signature__ = Signature(shown_by_help)

    def _settle(self, given: dict[str, Any], faults: list[Fault]) -> None:  # noqa: ARG002
        """Raise the faults of a part that stands alone, if it has any."""
        part = "table" if isinstance(self, DataTable) else type(self).__name__.lower()
        refuse_faults({}, [(f"{part}.{path}", message) for path, message in faults])

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:  # noqa: ANN401
        if not isinstance(given, Mapping):
            return given
        known = cls.model_fields
        return {str(key): toml.frozen(each) for key, each in given.items() if each is not None or key not in known}

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401
        """Return a copy with other values, checked again."""
        return type(self)(**dict(self) | changes)

    __replace__ = replace


class DataTable(DesignPart):
    """How the file is read and the table laid out."""

    layout: Literal["wide", "long"] = Field(
        description='"wide" (one row per patient) or "long" (one row per patient and time).'
    )
    patient: Words = Field(
        description="Column that identifies the patient. It is used to find repeated patients and goes no further."
    )
    time: Words | None = Field(None, description="Column of the time [months]; of a long table, and then needed.")
    weight: Words | None = Field(
        None,
        description="Column of the sampling weight, above 0 and known of every patient: how many of the population a "
        "patient stands for. Results are then of that population. Not beside clusters.",
    )
    missing: Codes = Field(
        (),
        description="Values that mean missing in every column, beside empty cells; not in those of the patient, the "
        "time, the cluster and the period. A code that one kind of column alone has, as the 9 of a questionnaire, "
        "belongs in the `missing` of that part: elsewhere it can be a true value.",
    )
    separator: Separator | None = Field(
        None,
        description="What stands between the cells of a CSV file; default a comma, and a tab in a file that ends in "
        ".tsv. A first line sep=; in the file goes first.",
    )
    encoding: Encoding | None = Field(
        None,
        description='How the characters of a CSV file are written; default "utf-8". Excel\'s "CSV" of Western Europe '
        'is "windows-1252". Of an SPSS file: where it does not say it itself.',
    )
    sheet: Words | None = Field(
        None, description="Name of the sheet of an Excel file that holds the table; default the first."
    )
    header_row: HeaderRow | None = Field(
        None,
        description="Row of the sheet, or line of the CSV file, that holds the names of the columns; default the "
        "first. What stands above it is left out, and the report says so.",
    )
    decimal: Literal[".", ","] | None = Field(
        None, description='"." or ","; default ".", or "," where `thousands` is ".".'
    )
    thousands: Literal[".", ",", " ", "'", "none"] | None = Field(
        None,
        description='Mark between the thousands of a number in text: ".", ",", " " (any space) or "\'"; "none" if '
        "there is none. Without it a column is a fault whose numbers with a mark could all be thousands: 1.234 unless "
        "`decimal` is given, and 1,234 with a decimal comma.",
    )
    date_order: Literal["year-month-day", "day-month-year", "month-day-year"] | None = Field(
        None,
        description="Order of the parts of dates in text, with hyphens, points or slashes between them: "
        '"day-month-year" as in 22-03-2024, "month-day-year" as in 3/22/2024; default "year-month-day". Years have '
        "four digits.",
    )


class Arm(DesignPart):
    """The strategies that the patients were randomised to."""

    column: Words = Field(description="Column of the arm.")
    comparator: Words = Field(description="Name of the strategy that the others are compared with.")
    interventions: Texts = Field(description="Names of the others, one or more.")
    values: Values | None = Field(
        None,
        description="What stands in the column for each strategy, or the label that a Stata or SPSS file gives it; "
        "default their names.",
    )


class Cluster(DesignPart):
    """The clusters of a trial that randomised groups of patients."""

    column: Words = Field(description="Column of the cluster.")
    period: Words | None = Field(
        None,
        description="Column of the calendar period, as a number that rises with time: of a stepped-wedge trial.",
    )
    across_arms: Literal["same", "separate"] | None = Field(
        None,
        description='What a cluster is whose patients are in several arms: "same", one cluster, as a centre that '
        'treats patients of every arm; "separate", a cluster in each arm, where every arm numbers its clusters from '
        "1. Needed where there are such clusters and the periods do not explain them.",
    )


class Dates(DesignPart):
    """Dates by which a baseline measured after randomisation is found, and from which a date of death counts."""

    randomisation: Words = Field(description="Column of the date of randomisation.")
    baseline: Words | None = Field(
        None, description="Column of the date of the baseline measurement; needed, but beside `death.date`."
    )
    missing: Codes = Field((), description="Values that mean missing in these columns, beside those of the table.")


class Death(DesignPart):
    """Deaths, from which on utility and costs are 0, by `month`, `date`, `status` or `in_utilities`.

    What another effect is from death on, `effect.after_death` says.
    """

    month: Words | None = Field(
        None, description="Column of the time of death [months from the start], empty for those who did not die."
    )
    date: Words | None = Field(
        None,
        description="Column of the date of death, empty for those who did not die; months are counted from "
        "`dates.randomisation`.",
    )
    status: Columns | None = Field(
        None,
        description="Columns of the vital status, one for each time after the start; of a long table the one column. "
        "A visit that finds a patient dead dates the death halfway between it and the visit before, at which the "
        "patient must have been seen alive.",
    )
    months: Times | None = Field(
        None,
        description="Times of `status` [months]; default all times of the effect after the start. Needed beside "
        "`costs_alone`, which has no such times.",
    )
    dead: Codes = Field(
        (), description="What stands in `status` for the dead, as codes or as labels of a Stata or SPSS file."
    )
    alive: Codes = Field((), description="What stands there for the living; an empty cell is unknown.")
    in_utilities: Codes = Field(
        (),
        description="What stands in the columns of the utilities for a patient who is dead at that time: such a "
        "visit finds the patient dead, as `status` does. Of utilities alone.",
    )
    others: Literal["alive", "unknown"] | None = Field(
        None,
        description="What patients are for whom no death stands, and no utility or status at the last time: "
        '"alive", or "unknown". Needed where there are such patients; a total or a cost shows of none that the patient '
        "lived.",
    )
    before: Literal["line", "level"] | None = Field(
        None,
        description='The utility between the last measurement and death: "line", straight to 0 (default); "level", as '
        "last measured. The other is a scenario. Of utilities alone.",
    )
    missing: Codes = Field((), description="Values that mean missing in these columns, beside those of the table.")


class Deviation(DesignPart):
    """When patients departed from their treatment, after which missing values may follow an arm of reference."""

    column: Words | None = Field(
        None,
        description="Column of the month [months from the start] after which a patient departed; empty for those who "
        "did not.",
    )
    after: Literal["last-visit", "last-utility"] | None = Field(
        None,
        description='Instead of `column`: "last-visit", after the last month of which anything is known; '
        '"last-utility", after the last utility, where costs come from a register and go on. Those who are known at '
        "the end did not depart.",
    )
    reference: Words | None = Field(
        None, description="The arm that missing values follow after a departure; default the comparator."
    )
    methods: Methods = Field(
        ("jump-to-reference", "copy-increments"), description="What the scenarios assume of them, each in turn."
    )
    missing: Codes = Field(
        (), description="Values of `column` that mean that a patient did not depart, beside those of the table."
    )


class Planned(DesignPart):
    """Follow-up that was planned for different times, as of patients who entered late."""

    follow_up: Words = Field(
        description="Column of the planned follow-up of each patient [months], a time of the effect after the start, "
        "of costs alone an end of their periods. What lies beyond it is not missing but was never planned: it is "
        "imputed from those who were followed longer, and departures from missing at random leave it alone."
    )


class Covariate(DesignPart):
    """A property of the patient at baseline; the utility and the costs at the start adjust anyway."""

    column: Words = Field(description="Its column.")
    kind: Literal["number", "category"] = Field(
        "number",
        description='"number" or "category". A category becomes a dummy for each level but its most frequent, the '
        "reference.",
    )
    adjusts: Adjusts = Field(
        ("cost", "effect"), description="Which outcomes it adjusts; with none it only helps to impute."
    )
    levels: Codes = Field(
        (),
        description="The levels of a category, or their labels in a Stata or SPSS file, which then name its dummies, "
        'as in "region = north"; a table that holds another is at fault. Without them levels are numbered by '
        'frequency, the reference 1, and dummies named "region (level 2)": a level\'s own name might tell who has it.',
    )
    missing: Codes = Field((), description="Values that mean missing in this column, beside those of the table.")


class Subgroup(DesignPart):
    """Results within the levels of a covariate, and the interaction between arm and level."""

    column: Words = Field(
        description="Column of a [[covariate]]: of a category whose `levels` are declared, or of a number that "
        "`cut_points` divide."
    )
    prespecified: bool = Field(
        description="Whether the subgroup was prespecified, as in a protocol, its cut points with it; the report says "
        "so, or that it was not."
    )
    cut_points: Cuts | None = Field(
        None,
        description="Numbers that divide a covariate that is a number, rising: [65, 75] gives the levels below 65, "
        "from 65 to below 75, and from 75 on.",
    )


class Utility(DesignPart):
    """The quality of life over time: one of `columns`, `states` and `items`."""

    months: Months = Field(
        description="Times [months]: 0 (baseline) and increasing. Without a measurement at the start they begin later, "
        "beside `start`."
    )
    value_set: Words | None = Field(
        None,
        description="Value set of `hecon.utility` by name, or the path of a file of one's own, "
        "which begins at the folder of the design; needed with `states` and `items`, as none is the default. With "
        "`columns` it tells the lowest and the highest value, and notes which set it was.",
    )
    columns: Columns | None = Field(None, description="Utilities, one column per time; of a long table the one column.")
    states: Columns | None = Field(
        None, description="EQ-5D states, one column per time; of a long table the one column."
    )
    items: Items | None = Field(
        None,
        description="Answers to the five items, five columns per time: mobility, self-care, usual activities, pain, "
        "anxiety; of a long table the five columns. Names of columns that tell another order, or other times, are "
        "refused.",
    )
    start: Level | None = Field(
        None,
        description="Utility that all patients are assumed to have had at the start, if it was not measured. The "
        "difference in QALYs does not depend on it, but in those who die before the first time; the means of the arms "
        "do. Nothing is adjusted for it.",
    )
    missing: Codes = Field((), description="Values that mean missing in these columns, beside those of the table.")

    @property
    def times(self) -> tuple[float, ...]:
        """Times of the utilities, with the start also where it was not measured."""
        return self.months if self.start is None else (0.0, *self.months)


class Effect(DesignPart):
    """The effect of each patient as the table has it, in the place of [utility]: totals of QALYs, or another effect."""

    unit: Words = Field(
        description='"QALY", or one unit of another effect, as "point", "fall" or "day". Of another effect there is '
        "no verdict against values of a QALY."
    )
    months: Times = Field(
        description="Times [months], above 0 and increasing: when a value was measured, or until when a total counts. "
        "The last is the time horizon."
    )
    columns: Columns = Field(description="One column per time; of a long table the one column.")
    name: Words | None = Field(None, description='What is measured, as "WOMAC score"; default the unit.')
    better: Literal["more", "less"] | None = Field(
        None,
        description='"more" or "less", whichever is better for patients; needed unless the unit is QALY. Of what less '
        "is better a decrease is a gain wherever it is weighed; numbers stay as they were measured.",
    )
    summary: Literal["total", "last"] | None = Field(
        None,
        description='"total": values add up over the times, as events, days or QALYs. "last": the value at the last '
        "time is the effect, as points of a scale; those before it help to impute. Needed unless the unit is QALY.",
    )
    baseline: Words | None = Field(
        None,
        description="Column of the value at the start, which adjusts cost and effect and helps to impute: of QALYs "
        "the utility then. Of a long table it stands in the row of month 0 and may be the column of `columns`.",
    )
    discounted: bool | None = Field(
        None,
        description="Whether totals are discounted already; needed where they reach beyond a year. If false they are "
        "discounted here, each as spread evenly over its months.",
    )
    range: Bounds | None = Field(
        None,
        description="Lowest and highest value that there can be; a value outside is a fault. QALYs lie within minus "
        "and plus the years of their months.",
    )
    after_death: AfterDeath | None = Field(
        None,
        description='What the effect is from death on; needed beside [death]. "counted-to-death", of a total: nothing '
        'is added after death. A number, with summary = "last": the value at all times from death on, as the worst of '
        "the scale.",
    )
    wtp: Worths | None = Field(
        None,
        description="Willingness to pay per unit [currency of the rules] at which the answer is given, of another "
        "effect than QALYs. Without it, and without --wtp, no option is preferred: differences, ratio and turning "
        "point stand alone.",
    )
    missing: Codes = Field((), description="Values that mean missing in these columns, beside those of the table.")


class Equivalence(DesignPart):
    """What showed that the options are equally effective; with it the report is a cost-minimisation analysis."""

    outcome: Words = Field(description="The outcome, as text.")
    margin: Positive = Field(description="Margin of equivalence to either side, in units of the outcome.")
    interval: Bounds = Field(description="95% interval of the difference, which must lie within the margin.")
    source: Words = Field(description="Where that stands.")


class CostsAlone(DesignPart):
    """A comparison of costs without effects, in the place of [utility]: differences, no ratio and no net benefit."""

    months: Positive = Field(description="Time horizon [months].")
    equivalence: Equivalence | None = Field(
        None, description="What showed that the options are equally effective, if anything did."
    )


class Absence(DesignPart):
    """How hours of absence from paid work are valued: by the friction-cost method."""

    hours_per_week: Hours = Field(description="Working hours of a week, above 0 and at most 168.")
    weeks: Weeks | None = Field(
        None,
        description="Friction period [weeks], above 0; default that of the costing manual, as "
        "`hecon.prices.friction_period` has it.",
    )


class Cost(DesignPart):
    """Costs, or resource use and its price."""

    category: Words = Field(description="Its category. Several costs of one category and period add up.")
    columns: Texts | None = Field(None, description="One column per period, of a wide table.")
    column: Words | None = Field(
        None, description="The column of a long table; a value stands in the row of the period's end."
    )
    periods: Periods | None = Field(
        None,
        description="Start and end of each period [months], one after the other without a gap; default the spans "
        "between the times of the utilities, or from the start to those of another effect. A category need not begin "
        "at 0 nor last till the end.",
    )
    price: Price | None = Field(
        None,
        description="Price per unit, at least 0, in the currency of the rules, or the name of a reference price. "
        "Without one the columns hold amounts.",
    )
    price_year: Year | None = Field(
        None,
        description="Year of the price or the amounts; needed, except with a reference price, which knows its own.",
    )
    baseline: Words | None = Field(
        None,
        description="Column with the use in the period before the start; of a long table it stands in the row of "
        "month 0 and may be `column` itself.",
    )
    absence: Absence | None = Field(
        None,
        description="If the columns hold hours of absence from paid work. All periods of a category's absence stand "
        "in one cost, as each cost begins the friction period anew.",
    )
    discounted: bool = Field(
        default=False,
        description="Whether the amounts are discounted already, as totals over two years may be; all costs of a "
        "category alike.",
    )
    negative: bool = Field(
        default=False,
        description="Whether amounts below 0 occur, as refunds and corrections do; otherwise one is refused. Not "
        "beside `absence`. Such costs are imputed as they are lent, never on the log scale nor scaled.",
    )
    missing: Codes = Field((), description="Values that mean missing in these columns, beside those of the table.")


class Analysis(DesignPart):
    """Price year, discount rates and regressors of the analysis."""

    price_year: Year = Field(description="Year whose prices the costs are expressed in.")
    discount_cost: Rate | None = Field(
        None,
        description="Yearly rate for costs, at least 0 and below 1; by default that of the rules: of the Dutch "
        "guideline of 2024 it is 0.03.",
    )
    discount_effect: Rate | None = Field(
        None,
        description="Yearly rate for effects, at least 0 and below 1; by default that of the rules: of the Dutch "
        "guideline of 2024 it is 0.015.",
    )
    regressors: Literal["same", "own"] = Field(
        "same",
        description='Baseline values in the regressions. "same": the utility at the start and the cost before the '
        'start in both equations, which makes them ordinary least squares. "own": the utility in the equation of '
        "QALYs alone and the cost in that of costs alone, as seemingly unrelated regressions (SUR). Covariates stand "
        "in the equations that `covariate.adjusts` names.",
    )

    def rates(self, rules: RuleSet) -> tuple[float, float]:
        """Return the yearly rates of costs and of effects: the design's own, or else those of the rules."""
        cost, effect = self.discount_cost, self.discount_effect
        if not rules.discounting and (cost is None or effect is None):
            msg = (
                "discount_cost and discount_effect must stand in [analysis] of the design, as the rules "
                f"{rules.name} hold no discounting: give both, 0 where nothing lies beyond a year, or add "
                "[[discounting]] to rules of your own"
            )
            raise InputError(msg)
        return (
            float(rules.discounting_on().costs) if cost is None else cost,
            float(rules.discounting_on().effects) if effect is None else effect,
        )


def flat(names: Any) -> Iterator[str]:  # noqa: ANN401
    """Yield the names of columns in nested lists; of nothing, none."""
    if isinstance(names, str):
        yield names
    else:
        for each in names or ():
            yield from flat(each)


def refuse_faults(tree: Mapping[str, Any], faults: Iterable[Fault]) -> None:
    """Raise the faults of a design, by cause, if there are any."""
    messages = [text for _, text in folded(faults)]
    if messages:
        own = tree.get("name")
        raise TrialError(own if isinstance(own, str) and own.strip() else "without a name", messages)
