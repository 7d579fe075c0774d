"""A plan: a change of entitlement, its years, and the conventions it is counted by."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hecon import _checks
from hecon._display import displayed
from hecon.budget.plan_faults import plan_faults
from hecon.budget.records import PATHWAYS, ZIN, Conventions
from hecon.errors import PlanError
from hecon.rulesets import ruleset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hecon.budget.records import Amount, Overlap, Parameter, Population, Printed


@displayed
@dataclass(frozen=True)
class Plan:
    """A change of entitlement: the care that it changes, and its prices.

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
    currency: str = field(default_factory=lambda: ruleset().currency)
    mixed_price_years: Mapping[str, str] = field(default_factory=dict)
    scenarios: Mapping[str, Mapping[str, float | str]] = field(default_factory=dict)
    printed: tuple[Printed, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    open_conventions: tuple[str, ...] = ("cap_rule", "inflation_rule")
    substitution: tuple[str, tuple[float, float]] | None = None
    label: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        broken = tuple(plan_faults(self))
        if broken:
            raise PlanError(self.name, [": ".join(each.fault) for each in broken], broken=broken)

    @property
    def priced(self) -> bool:
        """Whether it counts money; a plan without prices counts units only."""
        # Plans with faults have this property too, so a flow may be anything.
        flows = [flow for each in self.populations for key in PATHWAYS for flow in getattr(each, key, ())]
        return bool(self.amounts) or any(getattr(flow, "price", None) is not None for flow in flows)

    @property
    def middle(self) -> dict[str, float]:
        """The middle value of every parameter."""
        return {name: each.middle for name, each in self.parameters.items()}

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
