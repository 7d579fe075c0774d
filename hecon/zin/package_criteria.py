"""The four package criteria: how each was judged, by whom, and whether the parties took the judgement over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hecon import _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    import datetime as dt

__all__ = ["CRITERIA", "JUDGEMENTS", "Criteria", "Judged", "criteria"]

CRITERIA = ("effectiveness", "cost_effectiveness", "necessity", "feasibility")
JUDGEMENTS = ("positive", "negative", "described", "not judged")

# Those that make care value-driven, the programme's second precondition.
_VALUE_DRIVEN = ("effectiveness", "cost_effectiveness")


@dataclass(frozen=True)
class Judged:
    """How a criterion was judged.

    Parameters
    ----------
    judgement : str
        "positive", "negative", "described" (in words, without a judgement) or "not judged".
    by : str
        Who judged it; empty where nobody did.
    on : date or None
        When, where that is known.
    adopted_by, not_adopted_by : tuple of str
        Parties that took the judgement over, and that did not.
    """

    judgement: str = "not judged"
    by: str = ""
    on: dt.date | None = None
    adopted_by: tuple[str, ...] = ()
    not_adopted_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _checks.one_of("judgement", self.judgement, JUDGEMENTS)
        both = sorted(set(self.adopted_by) & set(self.not_adopted_by))
        if both:
            msg = f"adopted_by and not_adopted_by must name different parties, got {both[0]!r} in both"
            raise InputError(msg)
        if (self.adopted_by or self.not_adopted_by) and self.judgement in {"described", "not judged"}:
            msg = f"adopted_by must go with a judgement that is positive or negative, got {self.judgement!r}"
            raise InputError(msg)

    @property
    def state(self) -> str:
        """One of "agreed", "disputed", "positive", "negative", "described" or "not judged".

        Agreed is a positive judgement that parties took over and none did not; disputed, one that some party did not.
        """
        if self.judgement != "positive":
            return self.judgement
        if self.not_adopted_by:
            return "disputed"
        return "agreed" if self.adopted_by else "positive"


@dataclass(frozen=True)
class Criteria:
    """The four criteria of one kind of care, as judged on a date.

    Parameters
    ----------
    judged : dict of str to Judged
        By criterion, all four.
    """

    judged: dict[str, Judged]

    @property
    def states(self) -> dict[str, str]:
        """State of each criterion."""
        return {name: self.judged[name].state for name in CRITERIA}

    @property
    def value_driven(self) -> bool | None:
        """Whether the parties agree that it is effective and cost-effective; None as long as that is open.

        This is what the programme's second precondition asks for a kind of care that the Zorginstituut does not assess.
        """
        states = [self.states[name] for name in _VALUE_DRIVEN]
        if all(each == "agreed" for each in states):
            return True
        return False if any(each in {"disputed", "negative"} for each in states) else None

    @property
    def disputed_by(self) -> tuple[str, ...]:
        """Parties that did not take a positive judgement over, each once."""
        return tuple(
            dict.fromkeys(
                party
                for name in CRITERIA
                if self.judged[name].judgement == "positive"
                for party in self.judged[name].not_adopted_by
            )
        )


def criteria(judged: Mapping[str, Judged], *, on: dt.date | None = None) -> Criteria:
    """Return the four package criteria as they stood on a date.

    Parameters
    ----------
    judged : mapping of str to Judged
        By "effectiveness", "cost_effectiveness", "necessity" and "feasibility"; what is missing was not judged.
    on : date, optional
        Judgements of a later date do not count yet; those without a date always do.

    Returns
    -------
    Criteria
        With the state of each, and whether the parties agree that the care is value-driven.

    Raises
    ------
    InputError
        If a name is not one of the four.

    References
    ----------
    Zorginstituut Nederland. Pakketbeheer in de praktijk 4. Diemen, 2023.

    Examples
    --------
    >>> import hecon
    >>> good = hecon.zin.Judged("positive", by="expert", adopted_by=("insurers", "patients"))
    >>> found = hecon.zin.criteria({"effectiveness": good, "cost_effectiveness": good})
    >>> found.value_driven, found.states["necessity"]
    (True, 'not judged')
    """
    if not isinstance(judged, Mapping):
        msg = f"judged must be a mapping from a criterion to a Judged, got a {type(judged).__name__}"
        raise InputError(msg)
    for name in judged:
        _checks.one_of("criterion", name, CRITERIA)
    standing = {name: judged.get(name, Judged()) for name in CRITERIA}
    if on is not None:
        standing = {name: Judged() if each.on is not None and each.on > on else each for name, each in standing.items()}
    return Criteria(standing)
