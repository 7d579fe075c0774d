"""Rules of a country as dated, sourced data: what a QALY may cost, discounting, burden, criteria, guidelines.

A rule set is a file of TOML: one that comes with hecon (``hecon/data/rules``), or a user's own.
"""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, PrivateAttr

from hecon import _checks, tables
from hecon._io import TEXT_BYTES, exists, file_bytes
from hecon.errors import DossierError, InputError
from hecon.files import toml
from hecon.files.faults import near, path_of, shown, thousands
from hecon.files.faults import tables as listed_tables
from hecon.files.parts import (
    COUNTRY,
    CURRENCY,
    FIGURE,
    Format,
    Identifier,
    Number,
    Part,
    Sound,
    Text,
    Words,
    listed,
    refused,
    validated,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hecon.files.faults import Fault

__all__ = ["names", "ruleset"]

DEFAULT = "nl"
_FOLDER = Path(__file__).parent / "data" / "rules"

_DAYS = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def _days(since: str) -> tuple[dt.date, dt.date]:
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
        _days(text)
    except (TypeError, ValueError):
        rule = 'a date in quotes, as in "2015-06-26", or as much of it as is known, as in "2015-06" or "2015"'
        return refused(rule, value)
    return text


_Name = Annotated[str, Field(pattern=FIGURE)]
_Tables = Annotated[tuple[Identifier, ...], listed("a list of tables in square brackets, at least one")]
_Amounts = Annotated[tuple[Number, ...], listed("a list of amounts in square brackets, at least one")]


class _DatedRule(Part):
    """A rule with the date from which it holds, its source and whether that was read."""

    since: Annotated[str, BeforeValidator(_since)]
    status: Literal["read", "to check"]
    source: Words


_DatedT = TypeVar("_DatedT", bound=_DatedRule)


class RuleBand(Part):
    """A band of burden of disease: the shortfall at which it begins, and the value that goes with it."""

    name: _Name
    from_: Number | None = Field(default=None, alias="from")
    value: Number | None = None


class RuleValues(_DatedRule):
    """Values of a unit of effect [currency per unit], by band of burden or, where a country has no bands, alone.

    A shortfall is rounded half up to `decimals` before it is placed. Results are shown at the values `shown`.
    """

    measure: Literal["proportional shortfall"] | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] = 2
    band: tuple[RuleBand, ...] = ()
    amounts: tuple[Number, ...] = ()
    shown: _Amounts

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
    def spans(self) -> tuple[tuple[Decimal, Decimal], ...]:
        """Lowest and highest rounded shortfall of each band, the last up to 1."""
        unit = Decimal(1).scaleb(-self.decimals)
        lows = [Decimal(0).quantize(unit) if each.from_ is None else Decimal(str(each.from_)) for each in self.band]
        return tuple(zip(lows, [*(low - unit for low in lows[1:]), Decimal(1).quantize(unit)], strict=False))

    @property
    def by_band(self) -> dict[str, int | float | None]:
        """The value of each band; None where it has none."""
        return {each.name: None if each.value is None else _plain(each.value) for each in self.band}

    @property
    def reference(self) -> tuple[int | float, ...]:
        """The reference values, each once, in the order of the bands."""
        amounts = self.amounts or (each.value for each in self.band if each.value is not None)
        return tuple(dict.fromkeys(map(_plain, amounts)))

    @property
    def grid(self) -> tuple[int | float, ...]:
        """The values at which results are shown."""
        return tuple(map(_plain, self.shown))


class Discounting(_DatedRule):
    """Yearly rates of discounting."""

    costs: Number
    effects: Number


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

    id: _Name
    asks: Text
    status: Literal["read", "to check"]
    source: Words | None = None
    value_sets: tuple[Identifier, ...] = ()


class Guideline(_DatedRule):
    """A guideline for economic evaluations; `required` is the day from which dossiers must follow it, where known."""

    name: Text
    required: dt.date | None = None
    point: tuple[GuidelinePoint, ...] = ()


class RuleSet(Part):
    """Rules of one country.

    Attributes
    ----------
    name : str
        By which it is selected.
    country : str or None
        Two-letter code (ISO 3166-1) of the country; evaluations from it are held against its guideline.
    currency, effect_unit : str
        What its values are in [currency per unit of effect]; they are held against nothing else.
    criteria, value_driven : tuple of str
        Criteria of the package, and those that make care value-driven.
    values : tuple of RuleValues
        Values with the bands of burden, by date.
    discounting : tuple of Discounting
        Rates, by date.
    guideline : tuple of Guideline
        Guidelines for economic evaluations, by date; none where the country has none on file.
    burden : BurdenRule or None
        Tables of burden of disease; None where there is no rule for it.
    """

    format: Format
    name: Identifier
    country: Annotated[str, Field(pattern=COUNTRY)] | None = None
    currency: Annotated[str, Field(pattern=CURRENCY)]
    effect_unit: Words
    criteria: tuple[_Name, ...] = ()
    value_driven: tuple[_Name, ...] = ()
    values: Annotated[tuple[RuleValues, ...], Field(min_length=1)]
    discounting: tuple[Discounting, ...] = ()
    guideline: tuple[Guideline, ...] = ()
    burden: BurdenRule | None = None

    _digest: str = PrivateAttr(default="")

    @property
    def digest(self) -> str:
        """SHA-256 of the file that the rules were read from."""
        return self._digest

    @property
    def shipped(self) -> bool:
        """Whether the rules were read by a name that comes with hecon, so that catalogues may word them by it."""
        return self.name in names() and self is _shipped(self.name)

    def values_on(self, on: dt.date | None = None) -> RuleValues:
        """Return the values in force on a date, or the latest."""
        return self._in_force("values", self.values, on)

    def discounting_on(self, on: dt.date | None = None) -> Discounting:
        """Return the rates in force on a date, or the latest."""
        return self._in_force("discounting", self.discounting, on)

    def guideline_of(self, year: int) -> Guideline | None:
        """Return the guideline in force throughout a year; None where none was, or where it changed in that year."""
        begun = [each for each in self.guideline if _days(each.since)[0].year <= year]
        return begun[-1] if begun and _days(begun[-1].since)[1].year < year else None

    def rates_of(self, guideline: Guideline) -> Discounting | None:
        """Return the yearly rates that came with a guideline, or None."""
        return next((each for each in self.discounting if each.since == guideline.since), None)

    def holds_for(self, currency: str | None, unit: str | None) -> bool:
        """Tell whether the values are in this currency per this unit of effect."""
        return (currency, unit) == (self.currency, self.effect_unit)

    def _in_force(self, what: str, rules: Sequence[_DatedT], on: dt.date | None) -> _DatedT:
        if not rules:
            msg = f"rules must hold {what}, got none in {self.name}: add [[{what}]] to the file"
            raise InputError(msg)
        if on is None:
            return rules[-1]
        day = _checks.day("on", on)
        for each in reversed(rules):
            first, last = _days(each.since)
            if day >= last:
                return each
            if day >= first:
                msg = (
                    f"on must not lie in {each.since}, when {what} of {self.name} changed on a day not known, "
                    f"got {day}: give a date before or after it"
                )
                raise InputError(msg)
        msg = f"on must be {rules[0].since} or later, when the first {what} of {self.name} began, got {day}"
        raise InputError(msg)


def _plain(value: Any) -> int | float:  # noqa: ANN401
    return value if isinstance(value, int) else float(value)


def names() -> tuple[str, ...]:
    """Return the names of the rule sets that come with hecon, sorted.

    Returns
    -------
    tuple of str
        Names that `ruleset` takes.

    Examples
    --------
    >>> from hecon import rulesets
    >>> rulesets.names()
    ('nl',)
    """
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


class _RuleSetError(DossierError):
    _kind = "rule set"


def ruleset(rules: str | Path | RuleSet = DEFAULT) -> RuleSet:
    """Return a rule set, by the name of one that comes with hecon or by the path of a TOML file.

    Parameters
    ----------
    rules : str, Path or RuleSet, default "nl"
        A name, a path that ends in ".toml", or a rule set, which comes back as it is.

    Returns
    -------
    RuleSet
        Checked, frozen.

    Raises
    ------
    InputError
        If there is no such rule set.
    DossierError
        If the file breaks the rules; all faults are told at once, each with its line and path in the file.

    Examples
    --------
    >>> import datetime as dt
    >>> from hecon import rulesets
    >>> dutch = rulesets.ruleset("nl")
    >>> dutch.currency, dutch.values_on().reference
    ('EUR', (20000, 50000, 80000))
    >>> float(dutch.discounting_on(dt.date(2020, 1, 1)).costs), float(dutch.discounting_on().costs)
    (0.04, 0.03)
    """
    if isinstance(rules, RuleSet):
        return rules
    if not isinstance(rules, (str, Path)):
        msg = f"rules must be a name or the path of a .toml file, got {rules!r}"
        raise InputError(msg)
    path = Path(rules)
    if path.suffix != ".toml" and path.parent == Path():
        if path.name not in names():
            rule = f"rules must be one of {', '.join(names())} or the path of a .toml file"
            msg = f"{rule}, got {str(rules)!r}{near(path.name, names())}"
            raise InputError(msg)
        return _shipped(path.name)
    if not exists(path):
        msg = f"rules must be an existing file, got {str(rules)!r}"
        raise InputError(msg)
    return _checked(file_bytes("rules", path, at_most=TEXT_BYTES), str(rules))


@cache
def _shipped(name: str) -> RuleSet:
    return _checked((_FOLDER / f"{name}.toml").read_bytes(), name)


def _checked(content: bytes, name: str) -> RuleSet:
    file = toml.read(content, name, _RuleSetError)
    rules, faults = validated(file.tree, RuleSet, _between)
    file.refuse(faults)
    if rules is None:
        raise AssertionError  # the schema refuses nothing without a fault
    rules._digest = hashlib.sha256(content).hexdigest()  # noqa: SLF001 (known to the reader alone)
    return rules


def _between(tree: dict[str, Any], sound: Sound) -> Iterator[Fault]:
    """Yield the faults that the schema does not see, in the parts in which it sees none."""
    values = {i: part for i, raw in listed_tables(tree, "values") if (part := sound.of(raw, RuleValues))}
    rates = {i: rate for i, raw in listed_tables(tree, "discounting") if (rate := sound.of(raw, Discounting))}
    guidelines = {i: each for i, raw in listed_tables(tree, "guideline") if (each := sound.of(raw, Guideline))}
    yield from _dates("values", values)
    yield from _dates("discounting", rates)
    yield from _dates("guideline", guidelines)
    for place, guideline in guidelines.items():
        yield from _points(path_of("guideline", place), guideline)
    for place, value in values.items():
        yield from _amounts(path_of("values", place), value, tree["values"][place])
    for place, rate in rates.items():
        for key in ("costs", "effects"):
            yield from _rate(path_of("discounting", place, key), getattr(rate, key))
    driven, criteria = tree.get("value_driven"), tree.get("criteria", ())
    if isinstance(driven, tuple) and isinstance(criteria, tuple):
        for place, name in enumerate(driven):
            if isinstance(name, str) and name not in criteria:
                hint = near(name, criteria, listed="they are")
                yield path_of("value_driven", place), f"must be one of criteria, got {shown(name)}{hint}"
    burden = sound.of(tree.get("burden"), BurdenRule)
    if burden is not None:
        yield from _rate(path_of("burden", "discount"), burden.discount)
        yield from _unknown_tables(burden)


def _dates(key: str, rules: Mapping[int, _DatedRule]) -> Iterator[Fault]:
    before = dt.date.min
    for place, each in rules.items():
        first, last = _days(each.since)
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


def _rate(path: str, rate: Any) -> Iterator[Fault]:  # noqa: ANN401
    if not 0 <= rate < 1:
        yield path, f"must be a yearly rate in [0, 1), got {shown(rate)}; write 0.03 for 3%"


def _amounts(path: str, values: RuleValues, raw: dict[str, Any]) -> Iterator[Fault]:
    """Yield the faults of values: by bands that rise, or amounts alone; each amount above 0."""
    yield from thousands(raw, ("amounts", "shown"), path)
    for key in ("amounts", "shown"):
        for place, amount in enumerate(getattr(values, key)):
            yield from _positive(f"{path}.{path_of(key, place)}", amount)
    if bool(values.band) == bool(values.amounts):
        yield path, "must have [[values.band]] or amounts, one of the two"
    if values.band and values.measure is None:
        yield f"{path}.measure", "is missing: say what the bands are of, as in 'proportional shortfall'"
    if values.band and all(each.value is None for each in values.band):
        yield f"{path}.band", "must have a value in at least one band"
    yield from _bands(path, values, raw)


# The largest amount per unit of effect that any currency needs.
_MOST = 10**12


def _positive(path: str, amount: Any) -> Iterator[Fault]:  # noqa: ANN401
    if amount is not None and amount <= 0:
        yield path, f"must be above 0, got {shown(amount)}"
    elif amount is not None and amount > _MOST:
        yield path, f"must be at most {_MOST:,}, got {shown(amount)}"


def _bands(path: str, values: RuleValues, raw: dict[str, Any]) -> Iterator[Fault]:
    names, edge = set[str](), None
    for place, each in enumerate(values.band):
        here = f"{path}.{path_of('band', place)}"
        yield from thousands(raw["band"][place], ("value",), here)
        yield from _positive(f"{here}.value", each.value)
        if each.name in names:
            yield f"{here}.name", f"must be unique, got {shown(each.name)} again"
        names.add(each.name)
        if place == 0 and each.from_ is not None:
            yield f"{here}.from", f"must not be given for the lowest band, got {shown(each.from_)}: remove it"
        elif place and each.from_ is None:
            yield f"{here}.from", "is missing: add the lowest shortfall of the band, as in 0.41"
        elif edge is not None and each.from_ is not None and each.from_ <= edge:
            yield f"{here}.from", f"must be above that of the band before it, got {shown(each.from_)}"
        elif each.from_ is not None and not 0 < each.from_ <= 1:
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
