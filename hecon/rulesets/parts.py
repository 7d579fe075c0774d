"""The parts of a rule set: values, discounting, burden, guidelines and weights by severity, each with its dates."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from hecon.files.parts import FIGURE, Identifier, Number, Part, Text, Words, listed, refused

__all__ = [
    "BurdenRule",
    "DatedRule",
    "Discounting",
    "Guideline",
    "GuidelinePoint",
    "Name",
    "RuleBand",
    "RuleValues",
    "SeverityBand",
    "SeverityRule",
    "days_of",
    "plain",
]

_DAYS = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def days_of(since: str) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of a date of which the day or the month may be unknown."""
    found = _DAYS.fullmatch(since)
    if found is None:
        raise ValueError(since)
    year, month, day = (None if each is None else int(each) for each in found.groups())
    first, last = (dt.date(year or 0, month or each, day or 1) for each in (1, 12))
    return first, last if day else last.replace(day=calendar.monthrange(last.year, last.month)[1])


def _since(value: Any) -> Any:  # noqa: ANN401
    text = value.isoformat() if type(value) is dt.date else value
    try:
        days_of(text)
    except (TypeError, ValueError):
        rule = 'a date in quotes, as in "2015-06-26", or as much of it as is known, as in "2015-06" or "2015"'
        return refused(rule, value)
    return text


Name = Annotated[str, Field(pattern=FIGURE)]
_Tables = Annotated[tuple[Identifier, ...], listed("a list of tables in square brackets, at least one")]
_Amounts = Annotated[tuple[Number, ...], listed("a list of amounts in square brackets, at least one")]


class DatedRule(Part):
    """A rule with the date from which it holds, its source and whether that was read.

    The first of its kind may leave out when it began, where that was not looked up: it holds until the next.
    """

    since: Annotated[str, BeforeValidator(_since)] | None = None
    status: Literal["read", "to check"]
    source: Words


class RuleBand(Part):
    """A band of burden of disease: the shortfall at which it begins, and the value that goes with it."""

    name: Name
    from_: Number | None = Field(default=None, alias="from")
    value: Number | None = None


class RuleValues(DatedRule):
    """Values of a unit of effect [currency per unit]: by band of burden, alone as `amounts`, or a `range` of two.

    Bands are by proportional shortfall, a share, or by absolute shortfall [QALY], as `measure` says. A shortfall is
    rounded half up to `decimals` before it is placed. A range gives three outcomes, below, within and
    above, and no verdict at one value. Results are shown at the values `shown`.
    """

    measure: Literal["proportional shortfall", "absolute shortfall"] | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] = 2
    band: tuple[RuleBand, ...] = ()
    amounts: tuple[Number, ...] = ()
    range: tuple[Number, Number] | None = None
    shown: _Amounts

    @property
    def absolute(self) -> bool:
        """Whether the bands are by absolute shortfall [QALY], not by proportional shortfall."""
        return self.measure == "absolute shortfall"

    @property
    def bands(self) -> tuple[str, ...]:
        """Names of the bands, the lowest burden first."""
        return tuple(each.name for each in self.band)

    @property
    def edges(self) -> tuple[Decimal, ...]:
        """The lowest shortfall, before it is rounded, of each band but the lowest."""
        half = Decimal(5).scaleb(-self.decimals - 1)
        return tuple(Decimal(str(each.from_)) - half for each in self.band[1:])

    @property
    def spans(self) -> tuple[tuple[Decimal, Decimal | None], ...]:
        """Lowest and highest rounded shortfall of each band, the last up to 1; None for no end of an absolute one."""
        unit = Decimal(1).scaleb(-self.decimals)
        lows = [Decimal(0).quantize(unit) if each.from_ is None else Decimal(str(each.from_)) for each in self.band]
        last = None if self.absolute else Decimal(1).quantize(unit)
        return tuple(zip(lows, [*(low - unit for low in lows[1:]), last], strict=False))

    @property
    def by_band(self) -> dict[str, int | float | None]:
        """The value of each band; None where it has none."""
        return {each.name: None if each.value is None else plain(each.value) for each in self.band}

    @property
    def reference(self) -> tuple[int | float, ...]:
        """The reference values, each once, in the order of the bands."""
        amounts = self.amounts or self.range or (each.value for each in self.band if each.value is not None)
        return tuple(dict.fromkeys(map(plain, amounts)))

    @property
    def grid(self) -> tuple[int | float, ...]:
        """The values at which results are shown."""
        return tuple(map(plain, self.shown))

    def times(self, weight: float) -> RuleValues:
        """Return the values without bands, each times a weight."""

        def at(amounts: tuple[Number, ...] | None) -> tuple[Number, ...] | None:
            each = (Decimal(str(amount)) * Decimal(str(weight)) for amount in amounts or ())
            return amounts and tuple(int(value) if value == int(value) else value for value in each)

        return self.model_copy(update={name: at(getattr(self, name)) for name in ("amounts", "range", "shown")})


class Discounting(DatedRule):
    """Yearly rates of discounting."""

    costs: Number
    effects: Number


class SeverityBand(Part):
    """A weight on QALYs, and the shortfalls from which it holds: absolute [QALY], proportional, or either."""

    weight: Number
    absolute: Number | None = None
    proportional: Number | None = None


class SeverityRule(DatedRule):
    """Weights on the incremental QALYs by severity: by absolute and proportional shortfall at a yearly rate.

    The first band has the weight of all others. Where both shortfalls count, `of_two` says which weight holds. Without
    `losses` QALYs lost bear no weight.
    """

    discount: Number
    of_two: Literal["higher"] | None = None
    losses: bool = False
    band: Annotated[tuple[SeverityBand, ...], Field(min_length=2)]

    def weights(self, absolute: float, proportional: float) -> tuple[float, float]:
        """Return the weight by the absolute and by the proportional shortfall; at an edge that of the band above."""
        found = []
        for name, value in (("absolute", absolute), ("proportional", proportional)):
            edges = [(getattr(each, name), each.weight) for each in self.band]
            reached = [weight for edge, weight in edges if edge is not None and round(value, 10) >= edge]
            found.append(float(reached[-1] if reached else self.band[0].weight))
        return found[0], found[1]


class BurdenRule(Part):
    """The tables and the yearly discount rate of a burden of disease, and the tables over which its range is told."""

    life_table: Identifier
    norms: Identifier
    discount: Number = 0
    compared_life_tables: _Tables
    compared_norms: _Tables


class GuidelinePoint(Part):
    """A point of a guideline: what it asks, by which source, and whether that was read there.

    Where it asks for a value set of the EQ-5D, `value_sets` are the tables that serve.
    """

    id: Name
    asks: Text
    status: Literal["read", "to check"]
    source: Words | None = None
    value_sets: tuple[Identifier, ...] = ()


class Guideline(DatedRule):
    """A guideline for economic evaluations; `required` is the day from which dossiers must follow it, where known."""

    name: Text
    required: dt.date | None = None
    point: tuple[GuidelinePoint, ...] = ()


def plain(value: Any) -> int | float:  # noqa: ANN401
    """Return a number as Python has it."""
    return value if isinstance(value, int) else float(value)
