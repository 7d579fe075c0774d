"""What came of holding a plan against printed totals: the ways to count that give each, and a verdict on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hecon.budget.departures import Departure
    from hecon.budget.printed import Printed

__all__ = ["VERDICTS", "Match", "Reconciled", "Reconciliation"]

VERDICTS = ("as stated", "reading", "explained", "contradicts", "unexplained")


@dataclass(frozen=True)
class Match:
    """A way to count that gives a printed total to its rounding.

    Parameters
    ----------
    departures : tuple of Departure
        From what is stated; empty for the stated conventions.
    computed : dict of str to float
        Net spending [currency], or units, by scenario.
    """

    departures: tuple[Departure, ...]
    computed: dict[str, float]

    @property
    def contradictions(self) -> int:
        """Number of departures that contradict the text."""
        return sum(each.contradicts for each in self.departures)


@dataclass(frozen=True)
class Reconciled:
    """What came of one printed total.

    Parameters
    ----------
    printed : Printed
        The total.
    verdict : str
        "as stated": the conventions that the text states give it. "reading": they do by a reading that the text leaves
        open. "explained": a convention gives it, where the source states none. "contradicts": only conventions give it
        that contradict the text. "unexplained": none of those tried does.
    stated : dict of str to float
        What the stated conventions give instead, by scenario.
    matches : tuple of Match
        The ways to count with fewest contradictions, then fewest departures, that give it.
    matching, tried : int
        How many different amounts, of all that the ways give, are printed so: many of many may be chance.
    implied_uptake : pair of float or None
        Share on the new pathway that would give it under the stated conventions, where no path does; None if no one
        share gives all its numbers, or a match was found.
    solved : tuple of str
        Parameters that were solved from this very total, so that agreement is no evidence for them.
    """

    printed: Printed
    verdict: str
    stated: dict[str, float]
    matches: tuple[Match, ...]
    matching: int
    tried: int
    implied_uptake: tuple[float, float] | None
    solved: tuple[str, ...]


@dataclass(frozen=True)
class Reconciliation:
    """What came of all printed totals of a plan.

    Parameters
    ----------
    plans : tuple of str
        Names of the plans.
    totals : tuple of Reconciled
        One for each printed total, in their order.
    together : tuple of Departure
        The one way to count that gives most of the totals that are printed as a range or with their scenario.
    given : tuple of str
        Ids of the totals that it gives.
    """

    plans: tuple[str, ...]
    totals: tuple[Reconciled, ...]
    together: tuple[Departure, ...]
    given: tuple[str, ...]
