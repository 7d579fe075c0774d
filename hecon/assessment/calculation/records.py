"""A calculation that can be done again: quantities by name, each given, simulated or a formula over others."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from hecon.printed.numbers import decimals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hecon.files.parts import Reference, Text

__all__ = [
    "NONE",
    "Calculation",
    "Caption",
    "Expression",
    "Ledger",
    "Quantity",
    "QuantityRow",
    "QuantityTable",
    "call",
    "code",
    "decimals_of",
    "evaluated",
    "number",
    "ref",
]

Value = float | str | bool | None
# Most operands of one function of a spreadsheet.
_MOST = 200
# Digits of a float that are its own: the middle of 3.7 and 4.4 is 4.05.
_DIGITS = 12
# Endings of the names of what goes with a given quantity, and with a simulated one.
FILED, CHANGED, STATE = "/filed", "/changed", "/state"
# The code of what has no value.
NONE = "none"
STALE, CURRENT = "stale", "not_recalculated"


@dataclass(frozen=True)
class Expression:
    """A formula: an operator or function of spreadsheets, and its operands.

    Leaves are the functions "name" (of a quantity), "number" and "code" (a text that a report words).
    """

    function: str
    operands: tuple[Any, ...]

    def __neg__(self) -> Expression:
        return Expression("-", (number(0), self))

    def __add__(self, other: Expression) -> Expression:
        return Expression("+", (self, other))

    def __sub__(self, other: Expression) -> Expression:
        return Expression("-", (self, other))

    def __mul__(self, other: Expression) -> Expression:
        return Expression("*", (self, other))

    def __truediv__(self, other: Expression) -> Expression:
        return Expression("/", (self, other))

    def names(self) -> tuple[str, ...]:
        """Return the names of the quantities in it, each once."""
        if self.function == "name":
            return (str(self.operands[0]),)
        parts = (name for each in self.operands if isinstance(each, Expression) for name in each.names())
        return tuple(dict.fromkeys(parts))


def ref(name: str) -> Expression:
    """Return a quantity by its name."""
    return Expression("name", (name,))


def number(value: float) -> Expression:
    """Return a constant."""
    return Expression("number", (float(value),))


def code(value: str) -> Expression:
    """Return a code, which a report words."""
    return Expression("code", (value,))


def call(function: str, *operands: Expression) -> Expression:
    """Return a function of spreadsheets, or a comparison, of its operands."""
    return Expression(function, operands)


def decimals_of(value: float | Decimal) -> int:
    """Return the decimals that a number is shown with: as it was given but for rounding, none of a whole one."""
    if float(value).is_integer():
        return 0
    return decimals(value if isinstance(value, Decimal) else Decimal(f"{value:.{_DIGITS}g}"))


def total(parts: Iterable[Expression]) -> Expression:
    """Return the sum of any number of parts."""
    listed = list(parts)
    if len(listed) > _MOST:
        listed = [total(listed[start : start + _MOST]) for start in range(0, len(listed), _MOST)]
    return number(0) if not listed else listed[0] if len(listed) == 1 else call("SUM", *listed)


def _rounded(value: float, places: float) -> float:
    unit = Decimal(1).scaleb(-int(places))
    return float(Decimal(repr(float(value))).quantize(unit, rounding=ROUND_HALF_UP))


def _divided(above: float, below: float) -> float:
    return above / below if below else math.nan


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "^": operator.pow,
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "ABS": abs,
    "AND": lambda *parts: all(parts),
    "OR": lambda *parts: any(parts),
    "MAX": max,
    "MIN": min,
    "ROUND": _rounded,
    "SUM": lambda *parts: sum(parts),
}


def worked_out(expression: Expression, value_of: Callable[[str], Value]) -> Value:
    """Return what an expression gives; not a number where it divides by 0."""
    function, operands = expression.function, expression.operands
    if function == "name":
        return value_of(operands[0])
    if function in {"number", "code"}:
        return operands[0]  # type: ignore[no-any-return]
    if function == "IF":
        condition, then, otherwise = operands
        return worked_out(then if worked_out(condition, value_of) else otherwise, value_of)
    return _FUNCTIONS[function](*(worked_out(each, value_of) for each in operands))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Caption:
    """What a table, row or column is called: a key that a report words, and what it is about."""

    key: str
    about: Any = None


@dataclass(frozen=True)
class Quantity:
    """A number or code of a calculation.

    Attributes
    ----------
    name : str, unique in the calculation
    value : float, str, bool or None, a code where it is text
    kind : str
        "money", "effect", "ratio", "share", "number", "count", "change" (0 or 1), "code" or "state" (a code:
        whether what was simulated still holds).
    unit : str or None, currency of money and of a ratio; unit of an effect
    decimals : int or None, as it was given
    formula : Expression or None, what gives it
    given : bool, whether it is an input that may be changed
    choices : tuple of str, codes that an input may be
    status : str or None, "reported", "derived", "assumed" or "computed"
    sources : tuple of Reference or str
    remarks : tuple of Text, mapping of str to str, or Caption, what a reader must know
    paths : tuple of str, places in the file, by which findings of the audit concern it
    rests_on : tuple of str
        Of what was simulated or solved: names of the inputs that it was computed from, with which it is no more true
        when one of them changes.
    """

    name: str
    value: Value
    kind: str = "number"
    unit: str | None = None
    decimals: int | None = None
    formula: Expression | None = None
    given: bool = False
    choices: tuple[str, ...] = ()
    status: str | None = None
    sources: tuple[Reference | str, ...] = ()
    remarks: tuple[Text | Mapping[str, str] | Caption, ...] = ()
    paths: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuantityRow:
    """A row of a table: names of quantities, None for an empty cell."""

    caption: Caption
    cells: tuple[str | None, ...]


@dataclass(frozen=True)
class QuantityTable:
    """A table of quantities."""

    caption: Caption
    columns: tuple[Caption, ...]
    rows: tuple[QuantityRow, ...]


@dataclass(frozen=True)
class Calculation:
    """Quantities by name, what each depends on before it, and the tables that show them, by the part that they are of.

    Every input X has X/filed, its value on file, and X/changed, 1 where it is another now; what was simulated or solved
    has X/state, which tells whether an input that it was computed from has changed. `inputs` names those that each
    quantity depends on by formulas, an input on itself.
    """

    quantities: Mapping[str, Quantity]
    tables: Mapping[str, tuple[QuantityTable, ...]] = field(default_factory=dict)
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def evaluated(calculation: Calculation, changes: Mapping[str, Value] | None = None) -> dict[str, Value]:
    """Return the value of every quantity where some inputs have others than on file."""
    values: dict[str, Value] = {}
    changed = changes or {}
    for name, each in calculation.quantities.items():
        if each.formula is None:
            values[name] = changed.get(name, each.value)
        else:
            values[name] = worked_out(each.formula, values.__getitem__)
    return values


class Ledger:
    """Quantities in the order in which they are made, each after those that it depends on."""

    def __init__(self) -> None:
        self.quantities: dict[str, Quantity] = {}
        self._inputs: dict[str, tuple[str, ...]] = {}

    def value(self, name: str) -> Value:
        """Return the value of a quantity."""
        return self.quantities[name].value

    def _add(self, quantity: Quantity) -> str:
        if quantity.name in self.quantities:
            msg = f"two quantities are called {quantity.name}"
            raise ValueError(msg)
        self.quantities[quantity.name] = quantity
        names = () if quantity.formula is None else quantity.formula.names()
        self._inputs[quantity.name] = (quantity.name,) if quantity.given else self.inputs(names)
        return quantity.name

    def give(self, name: str, value: Value, **about: Any) -> str:  # noqa: ANN401
        """Add an input, with its value on file and whether that was changed; return its name."""
        given = Quantity(name, value, given=True, **about)
        self._add(given)
        filed = Quantity(name + FILED, value, kind=given.kind, unit=given.unit, decimals=given.decimals)
        self._add(filed)
        differs = call("IF", call("=", ref(name), ref(name + FILED)), number(0), number(1))
        self.work_out(name + CHANGED, differs, kind="change")
        if given.rests_on:
            self._add_state(name, given.rests_on)
        return name

    def work_out(self, name: str, formula: Expression, **about: Any) -> str:  # noqa: ANN401
        """Add a formula over quantities that are there; return its name."""
        return self._add(Quantity(name, worked_out(formula, self.value), formula=formula, **about))

    def take(self, name: str, value: Value, rests_on: Iterable[str], **about: Any) -> str:  # noqa: ANN401
        """Add what was simulated, and whether it still holds; return its name."""
        named = self.inputs(rests_on)
        self._add(Quantity(name, value, rests_on=named, **about))
        self._add_state(name, named)
        return name

    def _add_state(self, name: str, rests_on: tuple[str, ...]) -> None:
        changed = total(ref(each + CHANGED) for each in rests_on)
        state = call("IF", call(">", changed, number(0)), code(STALE), code(CURRENT))
        self.work_out(name + STATE, state, kind="state")

    def inputs(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the inputs that quantities depend on, each once."""
        return tuple(dict.fromkeys(found for name in names for found in self._inputs[name]))

    def calculation(self, tables: Mapping[str, tuple[QuantityTable, ...]]) -> Calculation:
        """Return what was made, with the tables that have rows, by part."""
        shown = {part: tuple(each for each in found if each.rows) for part, found in tables.items()}
        return Calculation(self.quantities, {part: found for part, found in shown.items() if found}, self._inputs)
