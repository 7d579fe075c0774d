"""What a number or formula of a plan may be: the values that it can take, and the faults of one that may not."""

from __future__ import annotations

import math
import numbers
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hecon._checks import shown
from hecon.errors import InputError
from hecon.printed.extremes import Bounds, bounds
from hecon.printed.formulas import difference, exact_number, names_in, sum_of
from hecon.printed.intervals import Span

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Mapping, Sequence

    from hecon.budget.conventions import Formula
    from hecon.printed.extremes import Point

__all__ = ["Fault", "Known", "exact", "fall_fault", "is_number", "is_sound", "rule_faults", "sum_fault"]

Fault = tuple[str, str]
Known = dict[str, Span | None]

_RULES: dict[str, tuple[Fraction | None, Fraction | None]] = {
    "at least 0": (Fraction(0), None),
    "in [0, 1]": (Fraction(0), Fraction(1)),
    "a fraction from -0.5 to 1, as in 0.022": (Fraction(-1, 2), Fraction(1)),
    "finite": (None, None),
}
# Sums of floats that are 1 on paper may lie above it by their rounding.
_SLACK = Fraction(1, 10**12)
_LARGEST = Fraction(10**60)
_UNPROVEN = "narrow the ranges, or write it so that each number stands in it once"


def is_number(value: Any) -> bool:  # noqa: ANN401
    """Tell whether a value is a finite number, of Python or NumPy, that a float can hold."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(float(value))
    except (OverflowError, ValueError):  # an int or a fraction beyond 1e308; a decimal that signals
        return False


def exact(value: Any) -> Fraction:  # noqa: ANN401
    """Return a number as it is written in the shortest way that tells it from its neighbours."""
    return exact_number(float(value))


def _shown(value: Fraction, at: Point | None = None) -> str:
    """Return a number as a message shows it, with the values of the ranges at which it comes out."""
    text = f"{float(value):.12g}" if abs(value) <= _LARGEST else "a number beyond 1e60"
    place = ", ".join(f"{name} = {float(number):.6g}" for name, number in (at or {}).items())
    return f"{text} at {place}" if place else text


def _over(formula: Formula | ast.expr, known: Mapping[str, Span | None]) -> Bounds | None:
    """Return the bounds of a sound formula over the ranges of its ids, or None if it may divide by 0."""
    return bounds(formula, {name: span for name, span in known.items() if span is not None})


def _place(formula: Any, at: Point, known: Known) -> Point:  # noqa: ANN401
    """Return the values to name of those at which a formula breaks its rule: of the ranges, if it is no plain id."""
    if isinstance(formula, str) and formula.strip() in known:
        return {}
    spans = {name: known[name] for name in at}
    return {name: value for name, value in at.items() if (span := spans[name]) is not None and span[0] < span[1]}


def is_sound(formula: Formula, known: Known) -> bool:
    """Tell whether no id of a formula has a fault of its own."""
    return not isinstance(formula, str) or all(known[name] is not None for name in names_in(formula))


def rule_faults(formula: Any, path: str, rule: str, known: Known) -> Iterator[Fault]:  # noqa: ANN401
    """Yield what is wrong with a number or formula.

    Ids whose value is None have a fault of their own, so formulas that use them are not looked at.
    """
    if isinstance(formula, str):
        try:
            used = names_in(formula)
        except InputError as error:
            yield path, str(error)
            return
        unknown = [name for name in used if name not in known]
        if unknown:
            yield path, f"must use known ids, got {unknown[0]!r}; known: {', '.join(sorted(known)) or 'none'}"
            return
        if any(known[name] is None for name in used):
            return
    elif not is_number(formula):
        yield path, f"must be a finite number or a formula, got {shown(formula)}"
        return
    yield from _broken(formula, path, rule, known)


def _broken(formula: Formula, path: str, rule: str, known: Known) -> Iterator[Fault]:
    """Yield that a sound formula breaks its rule somewhere in the ranges, or cannot be shown to keep it."""
    found = _over(formula, known)
    floor, ceiling = _RULES[rule]
    if found is None:
        yield path, f"must not divide by what may be 0, got {formula!r}"
    elif max(abs(found.low), abs(found.high)) > _LARGEST:
        yield path, f"must be at most 1e60 in size, got {formula!r}"
    elif floor is not None and found.low < floor:
        yield path, f"must be {rule}, got {_shown(found.low, _place(formula, found.low_at, known))}"
    elif ceiling is not None and found.high > ceiling + _SLACK:
        yield path, f"must be {rule}, got {_shown(found.high, _place(formula, found.high_at, known))}"
    elif not found.proven and rule != "finite":
        yield path, f"must be {rule}, which could not be shown of {formula!r} over its ranges: {_UNPROVEN}"


def sum_fault(shares: Sequence[Formula], known: Known) -> str | None:
    """Return what is wrong with shares that must add up to 1 at most, if anything is: "got 1.2 at ...".

    Nothing is said of shares that use an id with a fault of its own.
    """
    if not all(is_sound(share, known) for share in shares):
        return None
    tree = sum_of(shares)
    found = _over(tree, known)
    if found is None:
        return None  # told where each stands
    if found.high > 1 + _SLACK:
        return f"got {_shown(found.high, _place(None, found.high_at, known))}"
    return None if found.proven else f"which could not be shown: {_UNPROVEN}"


def fall_fault(before: Formula, after: Formula, known: Known) -> str | None:
    """Return what is wrong with uptake that must not fall from one year to the next, if anything is."""
    found = _over(difference(after, before), known)
    if found is None:
        return None  # told where each stands
    if found.low < 0:
        at = {name: Span(value, value) for name, value in found.low_at.items()} or known
        then, now = (_over(formula, at) for formula in (before, after))
        if then is None or now is None:
            return None
        place = _place(None, found.low_at, known)
        hint = ": write it as the year before plus what is added" if place else ""
        return f"got {_shown(now.low)} after {_shown(then.low, place)}{hint}"
    return None if found.proven else f"which could not be shown: {_UNPROVEN}"
