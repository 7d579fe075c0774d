"""Formulas over named numbers: evaluated on floats and arrays, on exact spans, or on enclosures over boxes."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from hecon.errors import InputError
from hecon.printed.numbers import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "Enclosure",
    "coordinates",
    "degree",
    "difference",
    "enclosed",
    "evaluate",
    "exact_number",
    "fold",
    "names_in",
    "parsed",
    "sum_of",
    "work_out",
]

_LONGEST = 500
_DEEPEST = 50


@lru_cache(maxsize=4096)
def _tree(formula: str) -> ast.expr:
    if len(formula) > _LONGEST:
        msg = f"formula must be at most {_LONGEST} characters long, got {len(formula)}"
        raise InputError(msg)
    text = formula.strip()
    try:
        with warnings.catch_warnings():
            # Python warns of what is no formula here anyway, as "1and 2".
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        msg = f"formula must be numbers and ids of figures with + - * / and brackets, got {formula!r}"
        raise InputError(msg) from None
    _check(tree, text, 0)
    return tree


def _check(node: ast.expr, formula: str, depth: int) -> None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.Div)):
        inner = [node.left, node.right]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        inner = [node.operand]
    elif isinstance(node, ast.Name) or (isinstance(node, ast.Constant) and _is_number(node.value)):
        inner = []
    else:
        # As it was written: to write it out anew would fail where it is nested hundreds deep.
        part = ast.get_source_segment(formula, node)
        msg = f"formula must hold only numbers, ids of figures, + - * / and brackets, got {part!r}"
        raise InputError(msg)
    if depth > _DEEPEST:
        msg = f"formula must not be nested over {_DEEPEST} deep, got {formula[:40]!r}"
        raise InputError(msg)
    for each in inner:
        _check(each, formula, depth + 1)


def _is_number(value: object) -> bool:
    largest = 1e30
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= largest


def parsed(formula: str | float | ast.expr) -> ast.expr:
    """Return the tree of a formula, checked; that of a number is the number as its shortest text."""
    if isinstance(formula, ast.expr):
        return formula
    return _tree(formula) if isinstance(formula, str) else ast.Constant(float(formula))


def difference(formula: str | float, other: str | float) -> ast.expr:
    """Return the tree of one formula minus another."""
    return ast.BinOp(parsed(formula), ast.Sub(), parsed(other))


def sum_of(formulas: Sequence[str | float]) -> ast.expr:
    """Return the tree of the sum of formulas."""
    tree = parsed(formulas[0])
    for formula in formulas[1:]:
        tree = ast.BinOp(tree, ast.Add(), parsed(formula))
    return tree


def fold(formula: str | float | ast.expr, name: Callable[[str], Any], number: Callable[[float], Any]) -> Any:  # noqa: ANN401
    """Evaluate a formula in any arithmetic: of what `name` and `number` give for its ids and its numbers."""
    node = parsed(formula)
    if isinstance(node, ast.Constant):
        return number(cast("float", node.value))
    if isinstance(node, ast.Name):
        return name(node.id)
    if isinstance(node, ast.UnaryOp):
        inner = fold(node.operand, name, number)
        return -inner if isinstance(node.op, ast.USub) else inner
    assert isinstance(node, ast.BinOp)  # noqa: S101 (formulas are checked before they are worked out)
    left, right = fold(node.left, name, number), fold(node.right, name, number)
    if isinstance(node.op, ast.Add):
        return left + right
    if isinstance(node.op, ast.Sub):
        return left - right
    return left / right if isinstance(node.op, ast.Div) else left * right


def exact_number(value: float) -> Fraction:
    """Return a number as it is written in the shortest way that tells it from its neighbours."""
    return Fraction(Decimal(repr(value)))


def names_in(formula: str | ast.expr) -> tuple[str, ...]:
    """Return the ids that a formula uses, each once, in the order of its text.

    Parameters
    ----------
    formula : str
        Numbers and ids with + - * / and brackets.

    Returns
    -------
    tuple of str
        The ids.

    Raises
    ------
    InputError
        If it is no such formula.
    """
    found = [node for node in ast.walk(parsed(formula)) if isinstance(node, ast.Name)]
    return tuple(dict.fromkeys(each.id for each in sorted(found, key=lambda node: (node.lineno, node.col_offset))))


def degree(formula: str | float, name: str) -> float:
    """Return the degree of a formula in an id as it is written: 1 for a straight line, infinite in a divisor."""
    return _degree(parsed(formula), name)


def _degree(node: ast.expr, name: str) -> float:
    if isinstance(node, ast.Name):
        return float(node.id == name)
    if isinstance(node, ast.UnaryOp):
        return _degree(node.operand, name)
    if not isinstance(node, ast.BinOp):
        return 0.0
    left, right = _degree(node.left, name), _degree(node.right, name)
    if isinstance(node.op, ast.Mult):
        return left + right
    if isinstance(node.op, ast.Div):
        return left if right == 0 else float("inf")
    return max(left, right)


def evaluate(formula: str | float, values: Mapping[str, ArrayLike]) -> NDArray[np.float64]:
    """Return what a formula gives at floats or arrays of values.

    Parameters
    ----------
    formula : str or float
        Numbers and ids with + - * / and brackets; a number stands for itself.
    values : mapping of str to array_like
        Value of each id; shapes that broadcast.

    Returns
    -------
    ndarray
        Broadcast over the values; infinite or NaN where a divisor is 0.

    Raises
    ------
    InputError
        If it is no such formula, or uses an id without a value.

    Examples
    --------
    >>> from hecon.printed import formulas
    >>> float(formulas.evaluate("sessions * tariff", {"sessions": 18, "tariff": 36}))
    648.0
    """

    def value(name: str) -> NDArray[np.float64]:
        if name not in values:
            msg = f"formula must use known ids, got {name!r}; known: {', '.join(sorted(values)) or 'none'}"
            raise InputError(msg)
        return np.asarray(values[name], dtype=np.float64)

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(fold(formula, value, lambda number: np.asarray(float(number))))


def work_out(formula: str | ast.expr, values: Mapping[str, tuple[Fraction, Fraction]]) -> Span | None:
    """Return all values that a formula can take, or None if a divisor may be 0.

    Parameters
    ----------
    formula : str
        Numbers and ids with + - * / and brackets.
    values : mapping of str to pair of Fraction
        Lowest and highest value of each id.

    Returns
    -------
    Span or None
        Lowest and highest; wider than the truth where an id occurs more than once with opposite effect.

    Raises
    ------
    InputError
        If it is no such formula.
    """

    def number(value: float) -> Span:
        exact = exact_number(value)
        return Span(exact, exact)

    try:
        found: Span = fold(formula, lambda name: Span(*values[name]), number)
    except ZeroDivisionError:
        return None
    return found


def enclosed(formula: str | float | ast.expr, values: Mapping[str, Enclosure]) -> Enclosure:
    """Return a formula over boxes, from enclosures of its ids, of which there is at least one."""
    like = next(iter(values.values()))
    size, count = like.falls.shape

    def number(value: float) -> Enclosure:
        return constant(float(value), size, count, is_exact=float(value).is_integer())

    found: Enclosure = fold(formula, values.__getitem__, number)
    return found


# Enclosures over boxes ------------------------------------------------------------------------------------------------

# More than one operation rounds by, relative. Sums and products that are exactly 0 stay so, and keep their sign.
_ROUNDING = 2.5e-16


def _outward(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    low, high = low - np.abs(low) * _ROUNDING, high + np.abs(high) * _ROUNDING
    return np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)


def _product(a: tuple[Floats, Floats], b: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    products = np.stack(np.broadcast_arrays(a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]))
    # 0 times infinity is NaN, which the other products of the same pair make up for.
    return _outward(np.fmin.reduce(products), np.fmax.reduce(products))


@dataclass(frozen=True, eq=False)
class Enclosure:
    """Bounds of a quantity in n boxes of k coordinates, and of its slope in each coordinate.

    Parameters
    ----------
    low, high : ndarray
        Bounds of the quantity, (n,).
    falls, rises : ndarray
        Bounds of its slopes, (k, n): from the steepest fall to the steepest rise.
    """

    low: Floats
    high: Floats
    falls: Floats
    rises: Floats

    def __neg__(self) -> Enclosure:
        return Enclosure(-self.high, -self.low, -self.rises, -self.falls)

    def __pos__(self) -> Enclosure:
        return self

    def __add__(self, other: Enclosure | float) -> Enclosure:
        if not isinstance(other, Enclosure):
            return Enclosure(*_outward(self.low + other, self.high + other), self.falls, self.rises)
        value = _outward(self.low + other.low, self.high + other.high)
        return Enclosure(*value, *_outward(self.falls + other.falls, self.rises + other.rises))

    __radd__ = __add__

    def __sub__(self, other: Enclosure | float) -> Enclosure:
        return self + -other

    def __rsub__(self, other: float) -> Enclosure:
        return -self + other

    def __mul__(self, other: Enclosure | float) -> Enclosure:
        if not isinstance(other, Enclosure):
            ends = np.asarray(other), np.asarray(other)
            return Enclosure(*_product((self.low, self.high), ends), *_product((self.falls, self.rises), ends))
        own, its = (self.low, self.high), (other.low, other.high)
        first, second = _product((self.falls, self.rises), its), _product(own, (other.falls, other.rises))
        return Enclosure(*_product(own, its), *_outward(first[0] + second[0], first[1] + second[1]))

    __rmul__ = __mul__

    def __truediv__(self, other: Enclosure) -> Enclosure:
        return self * other.reciprocal()

    def reciprocal(self) -> Enclosure:
        """Return 1 over the quantity; without bounds where it may be 0."""
        zero = (self.low <= 0) & (self.high >= 0)
        low, high = _outward(1 / self.high, 1 / self.low)
        low, high = np.where(zero, -np.inf, low), np.where(zero, np.inf, high)
        falls, rises = _product((-self.rises, -self.falls), _product((low, high), (low, high)))
        return Enclosure(low, high, np.where(zero, -np.inf, falls), np.where(zero, np.inf, rises))

    def minimum(self, other: Enclosure) -> Enclosure:
        """Return the smaller of two quantities; where either may be, its slope is one of both."""
        first, second = self.high <= other.low, other.high <= self.low
        falls, rises = np.minimum(self.falls, other.falls), np.maximum(self.rises, other.rises)
        falls, rises = np.where(second, other.falls, falls), np.where(second, other.rises, rises)
        return Enclosure(
            np.minimum(self.low, other.low),
            np.minimum(self.high, other.high),
            np.where(first, self.falls, falls),
            np.where(first, self.rises, rises),
        )


def coordinates(low: Floats, high: Floats) -> list[Enclosure]:
    """Return the coordinates of boxes whose lower and upper ends are (k, n)."""
    slopes = np.broadcast_to(np.eye(len(low))[:, :, None], (len(low), *low.shape))
    return [Enclosure(*each, each[2]) for each in zip(low, high, slopes, strict=True)]


def constant(value: float, size: int, count: int, *, is_exact: bool = True) -> Enclosure:
    """Return a number as a quantity in `count` boxes of `size` coordinates; one that is no float lies about it."""
    at, none = np.full(count, value), np.zeros((size, count))
    return Enclosure(at, at, none, none) if is_exact else Enclosure(*_outward(at, at), none, none)
