"""The least and the greatest value of a formula over ranges of its ids: found, and proven."""

from __future__ import annotations

import ast
import itertools
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from hecon._enclosure import Enclosure, constant
from hecon._extremes import least
from hecon.formulas import Interval, exact_number, fold, names_in, parsed, work_out

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Bounds", "bounds", "degree", "enclosed", "reach"]

Point = dict[str, Fraction]

# Ids up to which the corner is looked for at which a formula takes its least value.
_CORNERS = 8


@dataclass(frozen=True)
class Bounds:
    """The least and the greatest value of a formula, and where it takes them.

    Parameters
    ----------
    low, high : Fraction
        Values that the formula takes; none lies further out by more than `slack`, if that is proven.
    low_at, high_at : dict of str to Fraction
        Where; empty for a formula without ranges, or where it is not looked for.
    slack : Fraction
        0 where the bounds are exact, else the tolerance: 1e-9 of the formula's size.
    proven : bool
        Whether no value lies further out. If not, the search has given up.
    """

    low: Fraction
    high: Fraction
    low_at: Point = field(default_factory=dict)
    high_at: Point = field(default_factory=dict)
    slack: Fraction = Fraction(0)
    proven: bool = True


def bounds(formula: str | float | ast.expr, ranges: Mapping[str, Interval]) -> Bounds | None:
    """Return the least and the greatest value of a formula, or None if a divisor may be 0.

    Interval arithmetic gives them exactly where every range occurs once. Elsewhere, as in ``p * (1 - p)``, it is too
    wide, and the ends of the ranges may miss what lies between: the ranges are divided until no part can hold a value
    further out than the one found.

    Parameters
    ----------
    formula : str, number or tree
        Numbers and ids with + - * / and brackets.
    ranges : mapping of str to pair of Fraction
        Lowest and highest value of each id.

    Returns
    -------
    Bounds or None
        Values and places.

    Raises
    ------
    InputError
        If it is no such formula.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from hecon.formula_bounds import bounds
    >>> found = bounds("p * (1 - p) * (1 - 2 * p)", {"p": (Fraction(0), Fraction(1))})
    >>> round(float(found.low), 6), round(float(found.low_at["p"]), 3), found.proven
    (-0.096225, 0.789, True)
    """
    tree = parsed(formula)
    if isinstance(formula, ast.expr):
        return _bounds(tree, {name: ranges[name] for name in names_in(tree)})
    return _cached(formula, tuple((name, ranges[name]) for name in names_in(tree)))


def reach(formula: str, ranges: Mapping[str, Interval]) -> Interval | None:
    """Return the least and the greatest value of a formula, or an interval that is too wide where they are not proven.

    None if a divisor may be 0.
    """
    wide = work_out(formula, ranges)
    found = bounds(formula, ranges)
    return wide if found is None or not found.proven else (found.low, found.high)


@lru_cache(maxsize=4096)
def _cached(formula: str | float, ranges: tuple[tuple[str, Interval], ...]) -> Bounds | None:
    return _bounds(parsed(formula), dict(ranges))


def _bounds(tree: ast.expr, ranges: Mapping[str, Interval]) -> Bounds | None:
    # What stands below a stroke is bounded first: innermost first, since that of one may hold another.
    if any(_may_be_zero(node.right, ranges) for node in _divisions(tree)):
        return None
    often = Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    if all(often[name] == 1 for name, (low, high) in ranges.items() if low < high):
        return _exactly(tree, ranges)
    return _searched(tree, ranges)


def _divisions(tree: ast.expr) -> list[ast.BinOp]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)]
    return found[::-1]


def _may_be_zero(divisor: ast.expr, ranges: Mapping[str, Interval]) -> bool:
    found = _bounds(divisor, {name: ranges[name] for name in names_in(divisor)})
    return found is None or not found.proven or found.low - found.slack <= 0 <= found.high + found.slack


def _exactly(tree: ast.expr, ranges: Mapping[str, Interval]) -> Bounds:
    span = work_out(tree, ranges)
    assert span is not None  # noqa: S101 (no divisor is 0, and the bounds of each are exact)
    varied = [name for name, (low, high) in ranges.items() if low < high]
    if not varied or len(varied) > _CORNERS:
        return Bounds(*span)
    corners = [
        dict(zip(ranges, corner, strict=True)) for corner in itertools.product(*(set(each) for each in ranges.values()))
    ]
    values = [(_at(tree, corner), corner) for corner in corners]
    (low, low_at), (high, high_at) = (of(values, key=lambda pair: pair[0]) for of in (min, max))
    return Bounds(low, high, low_at, high_at)


def _at(tree: ast.expr, point: Point) -> Fraction:
    value: Fraction = fold(tree, point.__getitem__, exact_number)
    return value


def _searched(tree: ast.expr, ranges: Mapping[str, Interval]) -> Bounds:
    box = {name: (float(low), float(high)) for name, (low, high) in ranges.items()}

    def function(values: Mapping[str, Enclosure]) -> Enclosure:
        return enclosed(tree, values)

    def negative(values: Mapping[str, Enclosure]) -> Enclosure:
        return -function(values)

    lowest, highest = least(function, box), least(negative, box)
    low_at, high_at = ({name: exact_number(value) for name, value in each.at.items()} for each in (lowest, highest))
    proven = lowest.proven and highest.proven
    slack = Fraction(max(lowest.value - lowest.bound, highest.value - highest.bound)) if proven else Fraction(0)
    return Bounds(_at(tree, low_at), _at(tree, high_at), low_at, high_at, slack, proven)


def enclosed(formula: str | float | ast.expr, values: Mapping[str, Enclosure]) -> Enclosure:
    """Return a formula over boxes, from enclosures of its ids, of which there is at least one."""
    like = next(iter(values.values()))
    size, count = like.falls.shape

    def number(value: float) -> Enclosure:
        return constant(float(value), size, count, is_exact=float(value).is_integer())

    found: Enclosure = fold(formula, values.__getitem__, number)
    return found


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
