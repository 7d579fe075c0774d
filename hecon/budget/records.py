"""The records of a plan: conventions, numbers, resources, populations, amounts, totals as printed, overlaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, Strict, WithJsonSchema

from hecon import _checks
from hecon.errors import InputError
from hecon.files.faults import BrokenRule
from hecon.files.parts import CURRENCY, RECORD, Identifier, Label, is_number, refused
from hecon.printed.numbers import WORDINGS, room, unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hecon.budget.plan import Plan

Sector = Literal[
    "primary paramedical",
    "specialist care",
    "district nursing",
    "general practice",
    "medicines",
    "long-term care",
    "social support",
]
_Inside = Literal["Zvw", "Wlz", "Wmo"]
_Outside = Literal["supplementary insurance", "own payments", "supplementary insurance or own payments"]
Payer = Literal[_Inside, _Outside]

#: Sectors of care, in the order of results.
SECTORS: tuple[str, ...] = get_args(Sector)

#: Payers inside the budget (the Dutch ceiling for care spending): the acts on health insurance, long-term care and
#: social support.
INSIDE: tuple[str, ...] = get_args(_Inside)

#: Payers outside it.
OUTSIDE: tuple[str, ...] = get_args(_Outside)

PAYERS = (*INSIDE, *OUTSIDE)


def under_deductible(sector: str, payer: str) -> bool:
    """Return whether the Dutch deductible applies: to the Zvw, but for general practice and district nursing."""
    return payer == "Zvw" and sector not in {"general practice", "district nursing"}


def number_or_formula(value: Any) -> float | str:  # noqa: ANN401
    """Return a number or formula of a file, or refuse it."""
    if isinstance(value, str) and value.strip():
        return value
    if not is_number(value):
        refused('a number, or a formula in quotes, as in "sessions * tariff"', value)
    return float(value)


# In the file as in a script: a number, or a formula over the plan's parameters.
Formula = Annotated[
    str | float, BeforeValidator(number_or_formula), WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]})
]
Currency = Annotated[str, Field(pattern=CURRENCY)]
CapRule = Literal["ceiling", "share"]
InflationRule = Literal["cumulative", "own year", "none"]
# What a source may leave open of how its plan is counted.
Open = Literal["uptake", "cap", "cap_rule", "inflation_rule"]
Distribution = Literal["uniform", "triangular", "pert", "normal", "lognormal", "beta", "gamma"]
# What a total counts: money more, money less, or patients (or episodes) on the new pathway.
Counts = Literal["spending", "saving", "patients"]
PATHWAYS = ("current", "new", "extra")


@dataclass(frozen=True)
class Conventions:
    """How a plan is counted. The defaults are the Zorginstituut's general rules.

    Parameters
    ----------
    name : str
        Name of the set: "zin" for the Zorginstituut's, "stated" for a dossier's where its sources depart from these.
    uptake : tuple of number or formula
        Share of patients on the new pathway in each year of the plan, in [0, 1] and never falling. A formula is text
        with numbers, ids of the plan's parameters and + - * / and brackets.
    cap : number or formula
        Largest share of patients who can be on it, in [0, 1].
    cap_rule : {"ceiling", "share"}
        "ceiling" cuts uptake off at the cap; "share" applies uptake to the share that can take it up.
    inflation : tuple of number or formula
        Rate of inflation in each year of the plan, as a fraction; none is needed where it is not counted.
    inflation_rule : {"cumulative", "own year", "none"}
        Unit prices rise by all years up to and including the year, by that year's rate alone, or not at all.
    demographic_growth : float
        Yearly growth of every population from the base year on, as a fraction; 0 is off.
    discount_rate : float
        Yearly rate by which later years count less, as a fraction, from the second year on; 0 is off.
    deductible_share : float
        Share that patients pay as deductible of spending under the Zvw other than on general practice and district
        nursing, in [0, 1]; 0 is off.

    Notes
    -----
    A plan with prices needs rates of inflation, for which the general rules have none, or the rule "none". Where they
    add up, the prices are of the year before the first, or the rates up to the price year are 0. The rules that are not
    a field are in the plan: the payer's perspective (a flow's payer is inside or outside the budget), the horizon (its
    years), tariffs rather than costs (its prices), and own payments and productivity outside.

    References
    ----------
    Zorginstituut Nederland. De tussenstand in de beweging naar passende fysio- en oefentherapeutische zorg, appendix 2.
    Diemen, 2024.

    Examples
    --------
    >>> from hecon.budget import ZIN
    >>> ZIN.uptake, ZIN.inflation_rule, ZIN.discount_rate
    ((0.5, 0.75, 1.0), 'cumulative', 0.0)
    """

    name: str = "own"
    uptake: tuple[Formula, ...] = (0.5, 0.75, 1.0)
    cap: Formula = 1.0
    cap_rule: str = "ceiling"
    inflation: tuple[Formula, ...] = ()
    inflation_rule: str = "cumulative"
    demographic_growth: float = 0.0
    discount_rate: float = 0.0
    deductible_share: float = 0.0


#: The Zorginstituut's general rules: specialist care's uptake, inflation counted, nothing discounted.
ZIN = Conventions("zin")


@dataclass(frozen=True)
class Parameter:
    """A number that a plan is built from, with its source and status.

    Parameters
    ----------
    value : float or None
        The value in the middle scenario; None takes the middle of the range.
    range : pair of float or None
        Lowest and highest; None if it is not varied.
    distribution : {"uniform", "triangular", "pert", "normal", "lognormal", "beta", "gamma"}
        How it is drawn. Uniform, triangular and PERT distributions lie in the range; value is the mode of the last two
        and has no part in the first. A lognormal one has the range as its central 95%. Normal, beta and gamma have
        value as their mean and the width of the range, divided by 3.92, as their standard deviation.
    in_scenarios : bool
        Whether the minimum and maximum scenarios take an end of its range. False where they stay at the value and the
        range only tells how well that is known.
    solved_from : tuple of str
        Ids of printed totals that the value was solved from, so that their agreement is no evidence for it.
    status : {"reported", "derived", "assumed"}
        Where the number comes from.
    source : str
        Document and place.
    label : mapping of str to str
        Name by language ("nl", "en").
    note : mapping of str to str
        What a reader must know, by language.
    """

    value: float | None = None
    range: tuple[float, float] | None = None
    distribution: str = "uniform"
    in_scenarios: bool = True
    solved_from: tuple[str, ...] = ()
    status: str = "assumed"
    source: str = ""
    label: Mapping[str, str] = field(default_factory=dict)
    note: Mapping[str, str] = field(default_factory=dict)

    @property
    def middle(self) -> float:
        """The value, or the middle of the range."""
        if self.value is not None:
            return float(self.value)
        assert self.range is not None  # noqa: S101 (a plan refuses a parameter without either)
        return (float(self.range[0]) + float(self.range[1])) / 2

    @property
    def by_word(self) -> dict[str, float]:
        """The value by the word that a scenario uses for it."""
        return {"low": self.ends[0], "middle": self.middle, "high": self.ends[1]}

    @property
    def ends(self) -> tuple[float, float]:
        """The range, or the value twice."""
        return (self.middle, self.middle) if self.range is None else (float(self.range[0]), float(self.range[1]))


@dataclass(frozen=True)
class Flow:
    """A resource that patients of a pathway use.

    Parameters
    ----------
    id : str
        Name; the same resource has the same id in both pathways.
    quantity : number or formula
        Units per patient who uses it, at least 0.
    price : number, formula or None
        Price of a unit [currency of the plan], at least 0; None where no price is reported, so that only units are
        counted.
    sector : str
        "primary paramedical", "specialist care", "district nursing", "general practice", "medicines", "long-term care"
        or "social support".
    payer : str
        "Zvw", "Wlz" or "Wmo", inside the budget; outside it "supplementary insurance", "own payments", or where a
        source does not tell the two apart "supplementary insurance or own payments".
    share : number or formula
        Share of the pathway's patients who use it, in [0, 1].
    one_of : str or None
        A group of flows of which a patient uses one at most: their shares add to 1 at most.
    currency : str or None
        Currency of the price if it is not the plan's: an error, since a plan adds up one currency.
    price_year : int or None
        Year of the price if it is not the plan's: an error unless the plan says why it mixes them.
    averaged : bool
        Whether the price is an average over all patients of the pathway, so that the share counts no patients who use
        it.
    label : mapping of str to str
        Name by language ("nl", "en").
    """

    __pydantic_config__ = RECORD

    id: Identifier
    quantity: Formula
    price: Formula | None
    sector: Sector
    payer: Payer = "Zvw"
    share: Formula = 1.0
    one_of: Identifier | None = None
    currency: Currency | None = None
    price_year: Annotated[int, Strict()] | None = None
    averaged: Annotated[bool, Strict()] = False
    label: Label = field(default_factory=dict)


@dataclass(frozen=True)
class Population:
    """Patients whose care changes.

    Parameters
    ----------
    id : str
        Name.
    size : number or formula
        Patients (or episodes) in a year, at the base year, at least 0.
    current, new : tuple of Flow
        Care of a patient now, and on the new pathway. What no one changes may be left out of both.
    extra_demand : number or formula
        Patients who get no care now and come because it is covered, as a share of size, in [0, 1].
    extra : tuple of Flow
        Care of such a patient; empty takes the new pathway.
    label : mapping of str to str
        Name by language ("nl", "en").
    """

    __pydantic_config__ = RECORD

    id: Identifier
    size: Formula
    current: tuple[Flow, ...] = ()
    new: tuple[Flow, ...] = ()
    extra_demand: Formula = 0.0
    extra: tuple[Flow, ...] = ()
    label: Label = field(default_factory=dict)


@dataclass(frozen=True)
class Amount:
    """Extra spending that a source gives by year as a total: counted as it stands, whatever uptake and inflation.

    Parameters
    ----------
    id : str
        Name.
    by_year : tuple of number or formula
        Amount in each year of the plan [currency of the plan]; a saving is negative.
    sector, payer : str
        Where it is booked, as in a flow.
    label : mapping of str to str
        Name by language ("nl", "en").
    """

    __pydantic_config__ = RECORD

    id: Identifier
    by_year: tuple[Formula, ...]
    sector: Sector
    payer: Payer = "Zvw"
    label: Label = field(default_factory=dict)


Number = int | float | Decimal


def _possible(name: str, number: Number) -> None:
    """Refuse what is no finite number, or so large or small that arithmetic on its printed digits fails."""
    if not isinstance(number, Decimal):
        _checks.finite(name, number)
    if not _checks.has_possible_size(number):
        msg = f"{name} must be 0 or between 1e-30 and 1e30 in size, got {_checks.shown(number)}"
        raise InputError(msg)


@dataclass(frozen=True)
class Printed:
    """A total that a source prints for one year: one number, or a range from low to high.

    Parameters
    ----------
    id : str
        Name.
    year : int
        Year of the plan.
    value : number or None
        The total, if it is one number. Its digits are its precision: a Decimal keeps them.
    range : pair of number or None
        The total, if it is printed from low to high, which are then the minimum and maximum scenario.
    unit : float
        What one of the number stands for, such as 1e6 for millions.
    counts : {"spending", "saving", "patients"}
        Extra spending, a saving, or patients (or episodes) on the new pathway.
    scenario : {"minimum", "maximum", None}
        Which scenario a single number belongs to, where the source says so.
    formula : str or None
        What gives it from the plan's parameters alone, where it is no total of the plan, such as a rate.
    wording : str
        How it is hedged: "exactly", "about", "over", "nearly", "at most" or "at least". "over" and "nearly" leave the
        step of the last digit above or below; the others leave half of it either way.
    rounded_to : float or None
        Step of its rounding in the number's own unit, where the last digits are not meant; None reads it off.
    convention_stated : bool
        Whether the source says how it is counted; where it does not, no convention contradicts it.
    plans : tuple of str
        Names of other plans that the total includes.
    label : mapping of str to str
        What it is, by language.
    source : str
        Document and place.

    Examples
    --------
    >>> from hecon.budget import Printed
    >>> Printed("saving", 2027, range=(26, 28), unit=1e6, counts="saving").spans
    {'maximum': (-26500000.0, -25500000.0), 'minimum': (-28500000.0, -27500000.0)}
    """

    id: str
    year: int
    value: Number | None = None
    range: tuple[Number, Number] | None = None
    unit: float = 1.0
    counts: str = "spending"
    scenario: str | None = None
    formula: str | None = None
    wording: str = "exactly"
    rounded_to: float | None = None
    convention_stated: bool = True
    plans: tuple[str, ...] = ()
    label: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    def __post_init__(self) -> None:
        _checks.one_of(f"counts of {self.id}", self.counts, get_args(Counts))
        _checks.one_of(f"wording of {self.id}", self.wording, WORDINGS)
        if self.scenario is not None:
            _checks.one_of(f"scenario of {self.id}", self.scenario, ("minimum", "maximum"))
        if self.rounded_to is not None:
            _checks.positive(f"rounded_to of {self.id}", self.rounded_to)
        if (self.value is None) == (self.range is None):
            got = "neither" if self.value is None else "both"
            msg = f"printed total {self.id} must have a value or a range, got {got}"
            raise InputError(msg)
        if self.range is not None:
            _checks.pair(f"range of printed total {self.id}", self.range)
        for number in self._numbers:
            _possible(f"printed total {self.id}", number)
        if self.range is not None and self.range[0] > self.range[1]:
            msg = f"range of printed total {self.id} must run upwards, got {self.range[0]} to {self.range[1]}"
            raise InputError(msg)
        for name in ("scenario", "formula"):
            if self.range is not None and getattr(self, name) is not None:
                msg = f"{name} of {self.id} must be left out for a range, got {_checks.shown(getattr(self, name))}"
                raise InputError(msg)
        _checks.positive(f"unit of {self.id}", self.unit)
        if not isinstance(self.plans, (tuple, list)):
            msg = f"plans of {self.id} must be a tuple of names of plans, got {_checks.shown(self.plans)}"
            raise InputError(msg)

    @property
    def _numbers(self) -> tuple[Number, ...]:
        return (self.value,) if self.value is not None else (self.range or ())

    def _span(self, number: Number) -> tuple[float, float]:
        step = self.rounded_to
        if step is None:
            step = min(float(unit(Decimal(str(number)))), 1.0)
        below, above = room(self.wording, step / 2, step)
        low, high = (float(number) - below) * self.unit, (float(number) + above) * self.unit
        return (-high, -low) if self.counts == "saving" else (low, high)

    @property
    def spans(self) -> dict[str, tuple[float, float]]:
        """Lowest and highest change of spending [currency], or number of patients, that is printed so, by scenario.

        A single number whose scenario is not told stands under "any". The larger saving is the minimum scenario: that
        of the least spending.
        """
        if self.range is None:
            return {self.scenario or "any": self._span(self._numbers[0])}
        ends = ("maximum", "minimum") if self.counts == "saving" else ("minimum", "maximum")
        return {end: self._span(number) for end, number in zip(ends, self.range, strict=True)}


@dataclass(frozen=True)
class Overlap:
    """An overlap of two plans: both or neither count it when they are added up.

    Attributes
    ----------
    plan : str
        Name of the other plan.
    text : mapping of str to str
        What overlaps, by language ("nl", "en").
    source : str
        Document and place, if a source says so.
    """

    plan: str
    text: Mapping[str, str]
    source: str = ""


# Kinds ----------------------------------------------------------------------------------------------------------------

_LISTS = {"populations": Population, "amounts": Amount, "printed": Printed, "overlaps": Overlap}
_TABLES = ("parameters", "scenarios", "mixed_price_years", "label")


def kind_faults(plan: Plan) -> Iterator[BrokenRule]:
    """Yield what is no list or mapping of what a plan must hold there: nothing can be counted of it."""
    for name, kind in _LISTS.items():
        given = getattr(plan, name)
        if not isinstance(given, (tuple, list)):
            yield BrokenRule((name,), f"must be a tuple of hecon.budget.{kind.__name__}", _checks.shown(given))
        elif name == "populations":
            yield from _pathway_faults(given)
        elif name in {"printed", "overlaps"}:
            yield from _part_faults(name, given, kind)
    for name in _TABLES:
        if not isinstance(getattr(plan, name), Mapping):
            yield BrokenRule((name,), "must be a mapping with a name for each", _checks.shown(getattr(plan, name)))


def _pathway_faults(populations: Sequence[Any]) -> Iterator[BrokenRule]:
    for place, each in enumerate(populations):
        for pathway in PATHWAYS:
            flows = getattr(each, pathway, ())
            if not isinstance(flows, (tuple, list)):
                path = ("population", place, pathway)
                yield BrokenRule(path, "must be a tuple of hecon.budget.Flow", _checks.shown(flows))


def _part_faults(name: str, given: Sequence[Any], kind: type) -> Iterator[BrokenRule]:
    ids: list[Any] = []
    for place, each in enumerate(given):
        if not isinstance(each, kind):
            yield BrokenRule((name, place), f"must be of the class {kind.__name__}", type(each).__name__)
        elif isinstance(each, Printed):
            if each.id in ids:
                yield BrokenRule((name, place, "id"), "must be unique", f"{_checks.shown(each.id)} again")
            ids.append(each.id)
