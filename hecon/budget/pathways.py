"""What a plan is made of: numbers, resources, populations with their pathways, and amounts taken over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hecon.budget.conventions import Formula

__all__ = ["Amount", "Flow", "Parameter", "Population"]


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
