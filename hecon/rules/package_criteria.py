"""The package criteria: how each was judged, by whom, and whether the parties took the judgement over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hecon import _checks
from hecon.errors import InputError
from hecon.rulesets import DEFAULT, ruleset

if TYPE_CHECKING:
    import datetime as dt

    from hecon.rulesets import Rules

JUDGEMENTS = ("positive", "negative", "described", "not judged")


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
        Parties that took the judgement over, and that did not; text is the name of one.
    """

    judgement: str = "not judged"
    by: str = ""
    on: dt.date | None = None
    adopted_by: tuple[str, ...] = ()
    not_adopted_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.on is not None:
            object.__setattr__(self, "on", _checks.day("on", self.on))
        for name in ("adopted_by", "not_adopted_by"):
            # Text is the name of one party.
            object.__setattr__(self, name, tuple(_checks.unique_names(name, getattr(self, name))))
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
    """The criteria of one kind of care, as judged on a date.

    Attributes
    ----------
    judged : dict of str to Judged
        By criterion, all of the rules.
    driving : tuple of str
        Criteria that make care value-driven.
    """

    judged: dict[str, Judged]
    driving: tuple[str, ...] = ()

    @property
    def states(self) -> dict[str, str]:
        """State of each criterion."""
        return {name: each.state for name, each in self.judged.items()}

    @property
    def value_driven(self) -> bool | None:
        """Whether the parties agree that it meets the criteria that make care value-driven; None while that is open.

        This is what the Dutch programme's second precondition asks for care that the Zorginstituut does not assess.
        """
        states = [self.states[name] for name in self.driving]
        if states and all(each == "agreed" for each in states):
            return True
        return False if any(each in {"disputed", "negative"} for each in states) else None

    @property
    def disputed_by(self) -> tuple[str, ...]:
        """Parties that did not take a positive judgement over, each once."""
        positive = (each for each in self.judged.values() if each.judgement == "positive")
        return tuple(dict.fromkeys(party for each in positive for party in each.not_adopted_by))


def criteria(judged: Mapping[str, Judged], *, on: dt.date | None = None, rules: Rules = DEFAULT) -> Criteria:
    """Return the package criteria as they stood on a date.

    Parameters
    ----------
    judged : mapping of str to Judged
        By criterion of the rules (by the Dutch ones "effectiveness", "cost_effectiveness", "necessity" and
        "feasibility"); what is missing was not judged.
    on : date, optional
        Judgements of a later date do not count yet; those without a date always do.
    rules : str, Path or RuleSet, default "nl"
        Rule set, as in `hecon.rulesets.ruleset`.

    Returns
    -------
    Criteria
        With the state of each, and whether the parties agree that the care is value-driven.

    Raises
    ------
    InputError
        If a name is not a criterion of the rules.

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
    found = ruleset(rules)
    for name, each in judged.items():
        _checks.one_of("criterion", name, found.criteria)
        _checks.instance(f"judged[{name!r}]", each, "Judged", "make one by hecon.rules.Judged")
    standing = {name: judged.get(name, Judged()) for name in found.criteria}
    if on is not None:
        day = _checks.day("on", on)
        later = [name for name, each in standing.items() if each.on is not None and each.on > day]
        standing |= dict.fromkeys(later, Judged())
    return Criteria(standing, found.value_driven)
