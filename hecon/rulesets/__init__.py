"""Rules of a country as dated, sourced data: what a QALY may cost, discounting, burden, criteria, guidelines, weights.

A rule set is a file of TOML: one that comes with hecon (``hecon/data/rules``), or a user's own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import Field, PrivateAttr

from hecon import _checks
from hecon._io import TEXT_BYTES, exists, file_bytes
from hecon.errors import DossierError, InputError
from hecon.files import toml
from hecon.files.faults import near
from hecon.files.parts import COUNTRY, CURRENCY, Format, Identifier, Part, Text, Words, validated
from hecon.rulesets.parts import (
    BurdenRule,
    DatedRule,
    Discounting,
    Guideline,
    Name,
    RuleValues,
    SeverityRule,
    days_of,
    faults_between,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["names", "ruleset"]

DEFAULT = "nl"
_FOLDER = Path(__file__).parents[1] / "data" / "rules"

_DatedT = TypeVar("_DatedT", bound=DatedRule)


class RuleSet(Part):
    """Rules of one country, or of a part of its care.

    Attributes
    ----------
    name : str
        By which it is selected.
    title, remark : Text or None
        What it is, and what a user must know of it, such as what is not in it.
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
    severity : tuple of SeverityRule
        Weights on QALYs by severity, by date; none where QALYs are not weighted.
    """

    format: Format
    name: Identifier
    title: Text | None = None
    remark: Text | None = None
    country: Annotated[str, Field(pattern=COUNTRY)] | None = None
    currency: Annotated[str, Field(pattern=CURRENCY)]
    effect_unit: Words
    criteria: tuple[Name, ...] = ()
    value_driven: tuple[Name, ...] = ()
    values: Annotated[tuple[RuleValues, ...], Field(min_length=1)]
    discounting: tuple[Discounting, ...] = ()
    guideline: tuple[Guideline, ...] = ()
    burden: BurdenRule | None = None
    severity: tuple[SeverityRule, ...] = ()

    _digest: str = PrivateAttr(default="")
    _on: dt.date | None = PrivateAttr(default=None)
    _weight: float = PrivateAttr(default=1.0)

    @property
    def digest(self) -> str:
        """SHA-256 of the file that the rules were read from."""
        return self._digest

    @property
    def on(self) -> dt.date | None:
        """The day on which they are taken; None for the latest."""
        return self._on

    @property
    def weight(self) -> float:
        """The weight on QALYs gained that their values are at, in which a value per weighted QALY is one per QALY."""
        return self._weight

    def at_weight(self, weight: float) -> RuleSet:
        """Return the rules with their values per QALY gained that bears a weight: each times the weight."""
        weighted = self.model_copy()
        weighted._weight = weight  # noqa: SLF001 (of the same class)
        return weighted

    @property
    def shipped(self) -> bool:
        """Whether the rules were read by a name that comes with hecon, so that catalogues may word them by it."""
        return self.name in names() and self is _shipped(self.name, self._on)

    def values_on(self, on: dt.date | None = None) -> RuleValues:
        """Return the values in force on a date, or on that of the rules, or the latest."""
        found = self._in_force("values", self.values, on)
        return found if self._weight == 1 else found.times(self._weight)

    def discounting_on(self, on: dt.date | None = None) -> Discounting:
        """Return the rates in force on a date, or on that of the rules, or the latest."""
        return self._in_force("discounting", self.discounting, on)

    def severity_on(self, on: dt.date | None = None) -> SeverityRule | None:
        """Return the weights by severity in force on a date, or on that of the rules; None where QALYs have none."""
        if not self.severity or self._before(self.severity[0], on):
            return None
        return self._in_force("severity", self.severity, on)

    def guidelines_on(self) -> tuple[Guideline, ...]:
        """Return the guidelines that had begun on the day of the rules, the last one being in force."""
        return tuple(each for each in self.guideline if not self._before(each, None))

    def _before(self, rule: DatedRule, on: dt.date | None) -> bool:
        """Tell whether a day, or that of the rules, lies before a rule began."""
        day = self._on if on is None else _checks.day("on", on)
        return day is not None and rule.since is not None and day < days_of(rule.since)[0]

    def guideline_of(self, year: int) -> Guideline | None:
        """Return the guideline in force throughout a year; None where none was, or where it changed in that year."""
        begun = [each for each in self.guideline if days_of(str(each.since))[0].year <= year]
        return begun[-1] if begun and days_of(str(begun[-1].since))[1].year < year else None

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
        if on is not None and self._on is not None and on != self._on:
            msg = f"on must be left out with rules of a day of their own, {self._on}, got {on}"
            raise InputError(msg)
        chosen = self._on if on is None else on
        if chosen is None:
            return rules[-1]
        day = _checks.day("on", chosen)
        for each in reversed(rules):
            if each.since is None:
                return each
            first, last = days_of(each.since)
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


# Rules as a verb takes them: by name, by the path of a file, or as they are.
Rules = str | Path | RuleSet


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
    ('england-medicines', 'england-other', 'nl')
    """
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


class _RuleSetError(DossierError):
    _kind = "rule set"


def ruleset(rules: Rules = DEFAULT, *, on: dt.date | None = None) -> RuleSet:
    """Return a rule set, by the name of one that comes with hecon or by the path of a TOML file.

    Parameters
    ----------
    rules : str, Path or RuleSet, default "nl"
        A name, a path that ends in ".toml", or a rule set. "NAME@2022-08-20" are the rules of that day, and
        "NAME@2024-01" those that began then; so with a path.
    on : date, optional
        Day on which the rules are taken; default that of `rules`, else the latest.

    Returns
    -------
    RuleSet
        Checked, frozen.

    Raises
    ------
    InputError
        If there is no such rule set, or no rule of it held on the day.
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
    >>> rulesets.ruleset("england-medicines@2025-01-01").values_on().reference
    (20000, 30000)
    """
    if isinstance(rules, RuleSet):
        return _taken(rules, on)
    if not isinstance(rules, (str, Path)):
        msg = f"rules must be a name or the path of a .toml file, got {rules!r}"
        raise InputError(msg)
    name, at, edition = str(rules).rpartition("@")
    if not at or "/" in edition or edition.endswith(".toml"):
        return _taken(_named(rules), on)
    found = _named(name)
    day = _day_of(found, edition)
    if on is not None and on != day:
        msg = f"on must be left out with rules of a day of their own, {edition}, got {on}"
        raise InputError(msg)
    return _taken(found, day)


def _day_of(rules: RuleSet, edition: str) -> dt.date:
    """Return the day of an edition of rules: a date, or the last day of a month or year in which a rule began."""
    with suppress(ValueError):
        return dt.date.fromisoformat(edition)
    dated = (*rules.values, *rules.discounting, *rules.guideline, *rules.severity)
    known = sorted({each.since for each in dated if each.since is not None})
    if edition in known:
        return days_of(edition)[1]
    told = f"a date, as in {rules.name}@2024-03-22, or an edition of {rules.name}: {', '.join(known)}"
    msg = f"rules must name {told}; got {edition!r}{near(edition, known)}"
    raise InputError(msg)


def _taken(rules: RuleSet, on: dt.date | None) -> RuleSet:
    """Return the rules as taken on a day, which must have values."""
    if on is None or on == rules.on:
        return rules
    day = _checks.day("on", on)
    rules.values_on(day)  # refuses a day without values
    if rules.shipped:
        return _shipped(rules.name, day)
    return _on_day(rules, day)


def _on_day(rules: RuleSet, day: dt.date | None) -> RuleSet:
    taken = rules.model_copy()
    taken._on = day  # noqa: SLF001 (known to the reader alone)
    return taken


def _named(rules: str | Path) -> RuleSet:
    """Return the latest rules of a name or a file."""
    path = Path(rules)
    if path.suffix != ".toml" and path.parent == Path():
        if path.name not in names():
            rule = f"rules must be one of {', '.join(names())} or the path of a .toml file"
            msg = f"{rule}, got {str(rules)!r}{near(path.name, names())}"
            raise InputError(msg)
        return _shipped(path.name, None)
    if not exists(path):
        msg = f"rules must be an existing file, got {str(rules)!r}"
        raise InputError(msg)
    return _checked(file_bytes("rules", path, at_most=TEXT_BYTES), str(rules))


@cache
def _shipped(name: str, on: dt.date | None) -> RuleSet:
    if on is not None:
        return _on_day(_shipped(name, None), on)
    return _checked((_FOLDER / f"{name}.toml").read_bytes(), name)


def _checked(content: bytes, name: str) -> RuleSet:
    file = toml.read(content, name, _RuleSetError)
    rules, faults = validated(file.tree, RuleSet, faults_between)
    file.refuse(faults)
    if rules is None:
        raise AssertionError  # the schema refuses nothing without a fault
    rules._digest = hashlib.sha256(content).hexdigest()  # noqa: SLF001 (known to the reader alone)
    return rules
