"""A plan: populations with their care now and in the new situation, as resource use with prices, sectors and payers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hecon import _checks
from hecon.budget.conventions import ZIN, Conventions
from hecon.budget.plan_faults import plan_faults
from hecon.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hecon.budget.conventions import Formula
    from hecon.budget.printed import Printed

_PATHWAYS = ("current", "new", "extra")

__all__ = ["Amount", "Flow", "Overlap", "Parameter", "Plan", "Population", "label_of"]


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
        One of `hecon.budget.SECTORS`.
    payer : str
        One of `hecon.budget.PAYERS`: "Zvw", "Wlz" and "Wmo" are inside the budget, the others outside it.
    share : number or formula
        Share of the pathway's patients who use it, in [0, 1].
    one_of : str or None
        A group of flows of which a patient uses one at most: their shares add to 1 at most.
    currency : str or None
        Currency of the price if it is not the plan's: an error, since a plan adds up one currency.
    price_year : int or None
        Year of the price if it is not the plan's: an error unless the plan says why it mixes them.
    label : mapping of str to str
        Name by language ("nl", "en").
    """

    id: str
    quantity: Formula
    price: Formula | None
    sector: str
    payer: str = "Zvw"
    share: Formula = 1.0
    one_of: str | None = None
    currency: str | None = None
    price_year: int | None = None
    label: Mapping[str, str] = field(default_factory=dict)


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

    id: str
    size: Formula
    current: tuple[Flow, ...] = ()
    new: tuple[Flow, ...] = ()
    extra_demand: Formula = 0.0
    extra: tuple[Flow, ...] = ()
    label: Mapping[str, str] = field(default_factory=dict)


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

    id: str
    by_year: tuple[Formula, ...]
    sector: str
    payer: str = "Zvw"
    label: Mapping[str, str] = field(default_factory=dict)


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
    scenario_labels : mapping of str to mapping of str to str
        Names of these by language.
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
    basis, printed_basis : mapping of str to str
        Where its conventions are from, and how those of the printed totals are known, by language.
    notes : tuple of mapping of str to str
        What a reader must know, by language.

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
    scenario_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    printed: tuple[Printed, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    open_conventions: tuple[str, ...] = ("cap_rule", "inflation_rule")
    substitution: tuple[str, tuple[float, float]] | None = None
    label: Mapping[str, str] = field(default_factory=dict)
    basis: Mapping[str, str] = field(default_factory=dict)
    printed_basis: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Mapping[str, str], ...] = ()

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


def label_of(thing: Parameter | Flow | Population | Amount | Plan, lang: str, default: str) -> str:
    """Return the name of a part of a plan in a language, or its id where it has none."""
    return thing.label.get(lang, default)
