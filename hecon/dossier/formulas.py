"""Formulas between printed figures, worked out on intervals of exact fractions."""

from __future__ import annotations

import ast
import warnings
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Interval", "names_in", "work_out"]

Interval = tuple[Fraction, Fraction]

_LONGEST = 500
_DEEPEST = 50


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


def names_in(formula: str) -> tuple[str, ...]:
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
    found = [node for node in ast.walk(_tree(formula)) if isinstance(node, ast.Name)]
    return tuple(dict.fromkeys(each.id for each in sorted(found, key=lambda node: (node.lineno, node.col_offset))))


def work_out(formula: str, values: Mapping[str, Interval]) -> Interval | None:
    """Return all values that a formula can take, or None if a divisor may be 0.

    Parameters
    ----------
    formula : str
        Numbers and ids with + - * / and brackets.
    values : mapping of str to pair of Fraction
        Lowest and highest value of each id.

    Returns
    -------
    pair of Fraction or None
        Lowest and highest; wider than the truth where an id occurs more than once with opposite effect.

    Raises
    ------
    InputError
        If it is no such formula.
    """
    try:
        return _value(_tree(formula), values)
    except ZeroDivisionError:
        return None


def _value(node: ast.expr, values: Mapping[str, Interval]) -> Interval:
    if isinstance(node, ast.Constant):
        exact = Fraction(Decimal(repr(node.value)))
        return exact, exact
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.UnaryOp):
        low, high = _value(node.operand, values)
        return (-high, -low) if isinstance(node.op, ast.USub) else (low, high)
    assert isinstance(node, ast.BinOp)  # noqa: S101 (formulas are checked before they are worked out)
    (a, b), (c, d) = _value(node.left, values), _value(node.right, values)
    if isinstance(node.op, ast.Add):
        return a + c, b + d
    if isinstance(node.op, ast.Sub):
        return a - d, b - c
    if isinstance(node.op, ast.Div):
        if c <= 0 <= d:
            raise ZeroDivisionError
        c, d = 1 / d, 1 / c
    products = (a * c, a * d, b * c, b * d)
    return min(products), max(products)
