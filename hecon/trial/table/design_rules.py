"""What the parts of a design may be: rules that give back the clean value, and collect every fault with its path."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from typing import Any

from hecon import _checks
from hecon.files.faults import Fault, near, path_of, shown
from hecon.trial.table import design as records

__all__ = ["DESIGN", "Record", "cleaned"]

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_YEARS = range(1900, 2101)
_HOURS_OF_A_WEEK = 168
_THOUSANDTHS = -3
_FIVE = 5


@dataclass(frozen=True)
class One:
    """A single value: what it must be, whether it is, and its clean form."""

    words: str
    accepts: Callable[[Any], bool]
    clean: Callable[[Any], Any] = lambda value: value


@dataclass(frozen=True)
class Many:
    """A list of values, each by one rule."""

    of: Any
    words: str
    at_least: int = 1
    at_most: float = math.inf


@dataclass(frozen=True)
class Either:
    """A text, or a list, told apart by what is given."""

    one: One
    many: Many


@dataclass(frozen=True)
class Named:
    """A table with keys of its own, each value by one rule."""

    of: Any
    words: str


@dataclass(frozen=True)
class Record:
    """A table with known keys."""

    of: type
    keys: Mapping[str, Any]


def _is_number(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, (numbers.Real, Decimal)):
        return False
    return _checks.has_possible_size(value)


def _within(low: float, high: float = math.inf, *, open_low: bool = False) -> Callable[[Any], bool]:
    return lambda value: _is_number(value) and low <= value <= high and not (open_low and value == low)


def _is_text(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, str) and bool(value.strip())


def _is_amount(value: Any) -> bool:  # noqa: ANN401
    # TOML reads the Dutch 12.300 as 12.3, and the result would be clean and false.
    thousands = isinstance(value, Decimal) and value.is_finite() and value.as_tuple().exponent == _THOUSANDTHS
    return _is_text(value) or (_within(0)(value) and not thousands)


def _is_year(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, numbers.Integral) and not isinstance(value, bool) and value in _YEARS


def _number(value: Any) -> Any:  # noqa: ANN401
    return value if isinstance(value, str) else float(value)


def _choice(*allowed: str) -> One:
    return One(f"one of {', '.join(map(repr, allowed))}", lambda value: isinstance(value, str) and value in allowed)


_TEXT = One("non-empty text in quotes", _is_text)
_YEAR = One(f"a year from {_YEARS[0]} to {_YEARS[-1]} without quotes", _is_year, int)
_MONTH = One("a number of months, at least 0, without quotes", _within(0), float)
_RATE = One("a fraction in [0, 1), as in 0.03", lambda value: _within(0, 1)(value) and value < 1, float)
_CODE = One("a number or non-empty text", lambda value: _is_number(value) or _is_text(value), _number)
_TEXTS = Many(_TEXT, 'a list of texts, as in ["one", "two"]')
_CODES = Many(_CODE, "a list of numbers and texts, as in [-99]", at_least=0)
_PERIOD = Many(_MONTH, "a pair of months, as in [0, 3]", at_least=2, at_most=2)
_PRICE = One(
    "a number of at least 0 without a thousands point, as in 12300, or the name of a reference price",
    _is_amount,
    _number,
)
_SEPARATOR = One("one character", lambda value: isinstance(value, str) and len(value) == 1 and value not in '"\r\n')
_ITEMS = Many(
    Either(_TEXT, Many(_TEXT, "a list of five columns", at_least=_FIVE, at_most=_FIVE)),
    "a list of five columns per time",
)

_ABSENCE = Record(
    records.Absence,
    {
        "hours_per_week": One("a number above 0, at most 168", _within(0, _HOURS_OF_A_WEEK, open_low=True), float),
        "weeks": One("a number above 0", _within(0, open_low=True), float),
    },
)
_COST = Record(
    records.Cost,
    {
        "category": _TEXT,
        "columns": _TEXTS,
        "column": _TEXT,
        "periods": Many(_PERIOD, "a list of pairs of months, as in [[0, 3], [3, 6]]"),
        "price": _PRICE,
        "price_year": _YEAR,
        "baseline": _TEXT,
        "absence": _ABSENCE,
        "missing": _CODES,
    },
)
_COVARIATE = Record(
    records.Covariate,
    {
        "column": _TEXT,
        "kind": _choice("number", "category"),
        "adjusts": Many(_choice("cost", "effect"), 'a list, as in ["cost", "effect"] or []', at_least=0),
        "levels": _CODES,
        "missing": _CODES,
    },
)
_UTILITY = Record(
    records.Utility,
    {
        "months": Many(_MONTH, "a list of months, as in [0, 3, 6]", at_least=2),
        "value_set": _TEXT,
        "columns": Either(_TEXT, _TEXTS),
        "states": Either(_TEXT, _TEXTS),
        "items": _ITEMS,
        "missing": _CODES,
    },
)
_TABLE = Record(
    records.Table,
    {
        "layout": _choice("wide", "long"),
        "patient": _TEXT,
        "time": _TEXT,
        "missing": _CODES,
        "separator": _SEPARATOR,
        "decimal": _choice(".", ","),
        "thousands": _choice(".", ",", " ", "'", "none"),
    },
)
_ARM = Record(
    records.Arm,
    {
        "column": _TEXT,
        "comparator": _TEXT,
        "interventions": _TEXTS,
        "values": Named(_CODE, "a table, as in { usual = 0, new = 1 }"),
    },
)
DESIGN = Record(
    records.Design,
    {
        "format": One("1, the only format so far", lambda value: type(value) is int and value == 1),
        "name": One(
            "lower-case words joined by hyphens", lambda value: isinstance(value, str) and bool(_NAME.fullmatch(value))
        ),
        "title": One("text in quotes", lambda value: isinstance(value, str)),
        "simulated": One("true or false without quotes", lambda value: isinstance(value, bool)),
        "table": _TABLE,
        "arm": _ARM,
        "cluster": Record(
            records.Cluster, {"column": _TEXT, "period": _TEXT, "across_arms": _choice("same", "separate")}
        ),
        "dates": Record(records.Dates, {"randomisation": _TEXT, "baseline": _TEXT, "missing": _CODES}),
        "covariate": Many(_COVARIATE, "a list of tables, each beginning with [[covariate]]", at_least=0),
        "utility": _UTILITY,
        "cost": Many(_COST, "a list of tables, each beginning with [[cost]]"),
        "perspective": Named(_TEXTS, 'a table of lists, as in healthcare = ["hospital"]'),
        "analysis": Record(
            records.Analysis,
            {
                "price_year": _YEAR,
                "discount_cost": _RATE,
                "discount_effect": _RATE,
                "regressors": _choice("same", "own"),
            },
        ),
    },
)


def cleaned(rule: Any, value: Any, path: str, faults: list[Fault]) -> Any:  # noqa: ANN401
    """Return a value in its clean form, None where it is at fault: lists as tuples, tables as dicts with defaults."""
    if isinstance(rule, Either):
        rule = rule.one if isinstance(value, str) else rule.many
    if isinstance(rule, Record):
        return _record(rule, value, path, faults)
    if isinstance(rule, Many):
        return _many(rule, value, path, faults)
    if isinstance(rule, Named):
        return _named(rule, value, path, faults)
    if not rule.accepts(value):
        faults.append((path, f"must be {rule.words}, got {shown(value)}"))
        return None
    return rule.clean(value)


def _record(rule: Record, value: Any, path: str, faults: list[Fault]) -> dict[str, Any] | None:  # noqa: ANN401
    given = {each.name: getattr(value, each.name) for each in fields(rule.of)} if isinstance(value, rule.of) else value
    needed = [each.name for each in fields(rule.of) if each.default is MISSING]
    if not isinstance(given, Mapping):
        faults.append((path, f"must be a table with {' and '.join(needed)}, got {shown(value)}"))
        return None
    for key in given:
        if key not in rule.keys:
            told = near(str(key), rule.keys, listed="the keys are")
            faults.append((path_of(*filter(None, (path, str(key)))), f"is not a key of this table{told}"))
    found = {}
    for each in fields(rule.of):
        at = f"{path}.{each.name}" if path else each.name
        if given.get(each.name) is not None:
            found[each.name] = cleaned(rule.keys[each.name], given[each.name], at, faults)
        else:
            found[each.name] = None if each.name in needed else each.default
            if each.name in needed:
                faults.append((at, "is missing: add it"))
    return found


def _many(rule: Many, value: Any, path: str, faults: list[Fault]) -> tuple[Any, ...] | None:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        faults.append((path, f"must be {rule.words}, got {shown(value)}"))
        return None
    if not rule.at_least <= len(value) <= rule.at_most:
        faults.append((path, f"must be {rule.words}, got {len(value)} of them"))
        return None
    return tuple(cleaned(rule.of, each, f"{path}[{place}]", faults) for place, each in enumerate(value))


def _named(rule: Named, value: Any, path: str, faults: list[Fault]) -> dict[str, Any] | None:  # noqa: ANN401
    if not isinstance(value, Mapping) or not value:
        faults.append((path, f"must be {rule.words}, got {shown(value) if value else 'nothing'}"))
        return None
    faults += [(path, f"must have names of non-empty text, got {shown(key)}") for key in value if not _is_text(key)]
    return {str(key): cleaned(rule.of, each, f"{path}.{key}", faults) for key, each in value.items()}
