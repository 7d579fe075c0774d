"""The parts of a rule set (values, discounting, burden, guidelines, weights by severity), and their faults."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from hecon import tables
from hecon.files.faults import near, path_of, shown, thousands
from hecon.files.faults import tables as listed_tables
from hecon.files.parts import FIGURE, Identifier, Number, Part, Text, Words, currency_faults, listed, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hecon.files.faults import Fault
    from hecon.files.parts import Sound

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


def faults_between(tree: dict[str, Any], sound: Sound) -> Iterator[Fault]:
    """Yield the faults that the schema does not see, in the parts in which it sees none."""
    yield from currency_faults(tree.get("currency"), "currency")
    values = {i: part for i, raw in listed_tables(tree, "values") if (part := sound.of(raw, RuleValues))}
    rates = {i: rate for i, raw in listed_tables(tree, "discounting") if (rate := sound.of(raw, Discounting))}
    guidelines = {i: each for i, raw in listed_tables(tree, "guideline") if (each := sound.of(raw, Guideline))}
    yield from _dates("values", values)
    yield from _dates("discounting", rates)
    yield from _dates("guideline", guidelines)
    if tree.get("severity") and any(value.band for value in values.values()):
        yield "severity", "must not stand beside [[values.band]], as the burden would count twice: keep one of them"
    severities = {i: rule for i, raw in listed_tables(tree, "severity") if (rule := sound.of(raw, SeverityRule))}
    yield from _dates("severity", severities)
    for place, weights in severities.items():
        yield from _severity(path_of("severity", place), weights)
    for place, guideline in guidelines.items():
        yield from _points(path_of("guideline", place), guideline)
        if place == len(tree["guideline"]) - 1 and not guideline.point:
            path = path_of("guideline", place, "point")
            yield path, "is missing: add a [[guideline.point]] for each thing that the latest guideline asks"
        required = guideline.required
        if required is not None and guideline.since is not None and required < days_of(guideline.since)[0]:
            path = path_of("guideline", place, "required")
            yield path, f"must not be before its since, {guideline.since}, got {required}: check the dates"
    for place, value in values.items():
        yield from _amounts(path_of("values", place), value, tree["values"][place])
    for place, rate in rates.items():
        for key in ("costs", "effects"):
            yield from _rate(path_of("discounting", place, key), getattr(rate, key))
    yield from _driving(tree.get("value_driven"), tree.get("criteria", ()))
    burden = sound.of(tree.get("burden"), BurdenRule)
    if burden is not None:
        yield from _rate(path_of("burden", "discount"), burden.discount)
        yield from _unknown_tables(burden)


def _driving(driven: object, criteria: object) -> Iterator[Fault]:
    """Yield criteria that make care value-driven and are none of the rules."""
    if not isinstance(driven, tuple) or not isinstance(criteria, tuple):
        return
    for place, name in enumerate(driven):
        if isinstance(name, str) and name not in criteria:
            hint = near(name, criteria, listed="they are")
            yield path_of("value_driven", place), f"must be one of criteria, got {shown(name)}{hint}"


def _dates(key: str, rules: Mapping[int, DatedRule]) -> Iterator[Fault]:
    before = dt.date.min
    for place, each in rules.items():
        if each.since is None:
            if place or key == "guideline":
                yield path_of(key, place, "since"), "is missing: only the first rule may leave out when it began"
            continue
        first, last = days_of(each.since)
        if first <= before:
            yield (
                path_of(key, place, "since"),
                f"must be later than that of the rule before it, got {shown(each.since)}",
            )
        before = last


def _points(path: str, guideline: Guideline) -> Iterator[Fault]:
    """Yield points that stand twice, and value sets that are no table."""
    names, known = set[str](), tables.names("value_set")
    for place, each in enumerate(guideline.point):
        here = f"{path}.{path_of('point', place)}"
        if each.id in names:
            yield f"{here}.id", f"must be unique, got {shown(each.id)} again"
        names.add(each.id)
        if each.status == "read" and each.source is None:
            yield f"{here}.source", 'is missing: name what was read, or write status = "to check"'
        for position, name in enumerate(each.value_sets):
            if name not in known:
                hint = near(name, known) or "; hecon.eq5d.value_sets() lists them"
                at = f"{here}.{path_of('value_sets', position)}"
                yield at, f"must be a value set that comes with hecon, got {shown(name)}{hint}"


def _severity(path: str, rule: SeverityRule) -> Iterator[Fault]:
    """Yield the faults of weights by severity: they rise from the first band on, and so do the shortfalls."""
    yield from _rate(f"{path}.discount", rule.discount)
    kinds = ("absolute", "proportional")
    used = [kind for kind in kinds if any(getattr(each, kind) is not None for each in rule.band)]
    if len(used) > 1 and rule.of_two is None:
        yield f"{path}.of_two", 'is missing: write of_two = "higher" where the higher weight of the two holds'
    before: dict[str, int | Decimal] = {}
    for place, each in enumerate(rule.band):
        here = f"{path}.{path_of('band', place)}"
        edges = {kind: edge for kind in kinds if (edge := getattr(each, kind)) is not None}
        if each.weight < 1:
            yield f"{here}.weight", f"must be at least 1, got {shown(each.weight)}"
        elif each.weight <= before.get("weight", 0):
            yield f"{here}.weight", f"must be above that of the band before it, got {shown(each.weight)}"
        if bool(edges) == (place == 0):
            told = "remove its shortfalls" if edges else "add absolute or proportional"
            yield here, f"must have shortfalls unless it is the first: {told}"
        for kind, edge in edges.items():
            if edge <= before.get(kind, 0):
                yield f"{here}.{kind}", f"must be above 0 and that of the band before it, got {shown(edge)}"
            elif kind == "proportional" and edge > 1:
                yield f"{here}.{kind}", f"must be a share of at most 1, got {shown(edge)}; write 0.85 for 85%"
        before |= edges | {"weight": each.weight}


def _rate(path: str, rate: Any) -> Iterator[Fault]:  # noqa: ANN401
    if not 0 <= rate < 1:
        yield path, f"must be a yearly rate in [0, 1), got {shown(rate)}; write 0.03 for 3%"


def _amounts(path: str, values: RuleValues, raw: dict[str, Any]) -> Iterator[Fault]:
    """Yield the faults of values: by bands that rise, or amounts alone; each amount above 0."""
    yield from thousands(raw, ("amounts", "range", "shown"), path)
    for key in ("amounts", "range", "shown"):
        for place, amount in enumerate(getattr(values, key) or ()):
            yield from _positive(f"{path}.{path_of(key, place)}", amount)
    if [bool(values.band), bool(values.amounts), values.range is not None].count(True) != 1:
        yield path, "must have [[values.band]], amounts or range, one of the three"
    if values.range is not None and values.range[0] >= values.range[1]:
        ends = " to ".join(map(shown, values.range))
        yield f"{path}.range", f"must run upwards, got {ends}: write the lower end first, or amounts for one value"
    if values.band and values.measure is None:
        yield (
            f"{path}.measure",
            "is missing: write 'proportional shortfall' or 'absolute shortfall'",
        )
    if values.band and all(each.value is None for each in values.band):
        yield f"{path}.band", "must have a value in at least one band"
    elif len(values.band) == 1:
        yield f"{path}.band", "must be two bands or more, got one: add the others, or write its value as amounts"
    yield from _bands(path, values, raw)


# More than anyone has ahead.
_MOST_QALYS = 130
# The largest amount per unit of effect that any currency needs.
_MOST = 10**12


def _positive(path: str, amount: Any) -> Iterator[Fault]:  # noqa: ANN401
    if amount is not None and amount <= 0:
        yield path, f"must be above 0, got {shown(amount)}"
    elif amount is not None and amount > _MOST:
        yield path, f"must be at most {_MOST:,}, got {shown(amount)}"


def _bands(path: str, values: RuleValues, raw: dict[str, Any]) -> Iterator[Fault]:
    names, edge, value = set[str](), None, None
    for place, each in enumerate(values.band):
        here = f"{path}.{path_of('band', place)}"
        yield from thousands(raw["band"][place], ("value",), here)
        yield from _positive(f"{here}.value", each.value)
        if value is not None and each.value is not None and 0 < each.value < value:
            rule = f"must not be below that of the band before it, {value}, as its burden is higher"
            yield f"{here}.value", f"{rule}, got {shown(each.value)}: check the amount"
        value = value if each.value is None else each.value
        if each.name in names:
            yield f"{here}.name", f"must be unique, got {shown(each.name)} again"
        names.add(each.name)
        if place == 0 and each.from_ is not None:
            yield f"{here}.from", f"must not be given for the lowest band, got {shown(each.from_)}: remove it"
        elif place and each.from_ is None:
            yield f"{here}.from", "is missing: add the lowest shortfall of the band, as in 0.41"
        elif edge is not None and each.from_ is not None and each.from_ <= edge:
            yield f"{here}.from", f"must be above that of the band before it, got {shown(each.from_)}"
        elif each.from_ is not None and values.absolute and not 0 < each.from_ <= _MOST_QALYS:
            yield f"{here}.from", f"must be QALYs above 0 and at most {_MOST_QALYS}, got {shown(each.from_)}"
        elif each.from_ is not None and not values.absolute and not 0 < each.from_ <= 1:
            yield f"{here}.from", f"must be a share above 0 and at most 1, got {shown(each.from_)}; write 0.41 for 41%"
        elif each.from_ is not None and each.from_ != round(each.from_, values.decimals):
            rule = f"must have at most {values.decimals} decimals, to which a shortfall is rounded"
            yield f"{here}.from", f"{rule}, got {shown(each.from_)}: give more decimals in {path}"
        edge = each.from_ if each.from_ is not None else edge


def _unknown_tables(burden: BurdenRule) -> Iterator[Fault]:
    known = {"life_table": tables.names("life_table"), "norms": tables.norms()}
    for kind, found in known.items():
        several = "compared_life_tables" if kind == "life_table" else "compared_norms"
        named = {f"burden.{kind}": getattr(burden, kind)}
        named |= {f"burden.{path_of(several, i)}": name for i, name in enumerate(getattr(burden, several))}
        for path, name in named.items():
            if name not in found:
                yield (
                    path,
                    f"must be a table that comes with hecon, got {shown(name)}{near(name, found, listed='they are')}",
                )
