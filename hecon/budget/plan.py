"""A plan: what a change of entitlement does to care, over which years, and how it is counted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hecon import _checks
from hecon.budget.conventions import ZIN, Conventions
from hecon.budget.plan_faults import plan_faults
from hecon.errors import InputError, PlanError
from hecon.printed.numbers import WORDINGS, room, unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hecon.budget.pathways import Amount, Parameter, Population

_PATHWAYS = ("current", "new", "extra")

__all__ = ["COUNTS", "Overlap", "Plan", "Printed"]

Number = int | float | Decimal
#: What a total counts: money more, money less, or patients (or episodes) on the new pathway.
COUNTS = ("spending", "saving", "patients")


@dataclass(frozen=True)
class Overlap:
    """What two plans count both, or neither, when they are taken together.

    Parameters
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

    Raises
    ------
    InputError
        If the words or numbers are not allowed.

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
        _checks.one_of(f"counts of {self.id}", self.counts, COUNTS)
        _checks.one_of(f"wording of {self.id}", self.wording, WORDINGS)
        if self.scenario is not None:
            _checks.one_of(f"scenario of {self.id}", self.scenario, ("minimum", "maximum"))
        if self.rounded_to is not None:
            _checks.positive(f"rounded_to of {self.id}", self.rounded_to)
        if (self.value is None) == (self.range is None):
            got = "neither" if self.value is None else "both"
            msg = f"printed total {self.id} must have a value or a range, got {got}"
            raise InputError(msg)
        if self.range is not None and not (isinstance(self.range, (tuple, list)) and len(self.range) == 2):  # noqa: PLR2004
            got = _checks.shown(self.range)
            msg = f"range of printed total {self.id} must be a pair of lowest and highest, got {got}"
            raise InputError(msg)
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
class Plan:
    """What a change of entitlement does to care, and what that care costs.

    Parameters
    ----------
    name : str
        Name.
    years : tuple of int
        Years of the analysis, one after the other.
    base_year : int or None
        Year of the populations, not after the first year; None if it is not reported.
    price_year : int or None
        Year of the prices; None if it is not reported.
    parameters : mapping of str to Parameter
        Numbers by id (lower-case words joined by underscores), for use in formulas.
    populations : tuple of Population
        Patients and their care.
    amounts : tuple of Amount
        Totals taken over from a source.
    conventions : Conventions
        How it is counted; default the Zorginstituut's.
    as_printed : Conventions or None
        Conventions that give the totals that the source prints, where those differ.
    currency : str
        ISO code.
    mixed_price_years : mapping of str to str
        Why prices of different years stand side by side, by language; empty if they do not.
    scenarios : mapping of str to mapping
        Further scenarios: a value, "low", "middle" or "high" by parameter; the rest at the middle.
    printed : tuple of Printed
        Totals that the source prints, to hold the plan against.
    overlaps : tuple of Overlap
        What it shares with other plans.
    open_conventions : tuple of str
        Conventions that the source leaves open, of "uptake", "cap", "cap_rule" and "inflation_rule": another choice of
        these is a reading of its text, of the others it contradicts the text.
    substitution : (str, pair of float) or None
        The parameter that tells how much other care is replaced, and where to look for its break-even value.
    label : mapping of str to str
        Name by language ("nl", "en").

    Raises
    ------
    PlanError
        If the plan breaks rules; all faults are told at once, each with its path.

    Examples
    --------
    >>> from hecon.budget import Conventions, Flow, Parameter, Plan, Population
    >>> exercise = Flow("exercise", quantity="sessions", price="tariff", sector="primary paramedical")
    >>> plan = Plan(
    ...     "knee",
    ...     years=(2025, 2026, 2027),
    ...     base_year=2022,
    ...     price_year=2024,
    ...     parameters={"sessions": Parameter(18), "tariff": Parameter(range=(36, 45))},
    ...     populations=(Population("patients", size=1_000, new=(exercise,)),),
    ...     conventions=Conventions(inflation_rule="none"),
    ... )
    >>> plan.parameters["tariff"].middle
    40.5
    """

    name: str
    years: tuple[int, ...]
    base_year: int | None
    price_year: int | None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    populations: tuple[Population, ...] = ()
    amounts: tuple[Amount, ...] = ()
    conventions: Conventions = ZIN
    as_printed: Conventions | None = None
    currency: str = "EUR"
    mixed_price_years: Mapping[str, str] = field(default_factory=dict)
    scenarios: Mapping[str, Mapping[str, float | str]] = field(default_factory=dict)
    printed: tuple[Printed, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    open_conventions: tuple[str, ...] = ("cap_rule", "inflation_rule")
    substitution: tuple[str, tuple[float, float]] | None = None
    label: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = [f"{path}: {message}" for path, message in plan_faults(self)]
        if faults:
            raise PlanError(self.name, faults)

    @property
    def priced(self) -> bool:
        """Whether it counts money; a plan without prices counts units only."""
        # Asked of plans with faults too, so of what may be no flow.
        flows = [flow for each in self.populations for key in _PATHWAYS for flow in getattr(each, key, ())]
        return bool(self.amounts) or any(getattr(flow, "price", None) is not None for flow in flows)

    def part(self, population: str) -> Plan:
        """Return the plan of one of its populations.

        Parameters
        ----------
        population : str
            Its id.

        Returns
        -------
        Plan
            The same plan with that population alone, without amounts and printed totals.

        Raises
        ------
        InputError
            If there is none.
        """
        _checks.one_of("population", population, [each.id for each in self.populations])
        kept = next(each for each in self.populations if each.id == population)
        return replace(
            self,
            name=f"{self.name} {population}",
            populations=(kept,),
            amounts=(),
            printed=(),
            label={lang: f"{text}: {kept.label.get(lang, kept.id)}" for lang, text in self.label.items()},
        )
