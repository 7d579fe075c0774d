"""Totals as a source prints them, with the amounts that their rounding and their wording leave possible."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from hecon import _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COUNTS", "WORDINGS", "Printed"]

Number = int | float | Decimal
#: What a total counts: money more, money less, or patients (or episodes) on the new pathway.
COUNTS = ("spending", "saving", "patients")
WORDINGS = ("exactly", "about", "over", "nearly", "at most", "at least")


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
            exponent = Decimal(str(number)).as_tuple().exponent
            step = float(Decimal(1).scaleb(min(int(exponent), 0)))
        below, above = {"over": (0.0, step), "nearly": (step, 0.0)}.get(self.wording, (step / 2, step / 2))
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
