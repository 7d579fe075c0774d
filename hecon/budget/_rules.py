"""What a number or formula of a plan may be: the values that it can take, and what is told of one that may not."""

from __future__ import annotations

import itertools
import math
import numbers
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hecon.errors import InputError
from hecon.formulas import names_in, work_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hecon.budget.conventions import Formula
    from hecon.formulas import Interval

__all__ = ["Fault", "Known", "exact", "is_number", "is_sound", "reached", "rule_faults", "shown"]

Fault = tuple[str, str]
Known = dict[str, "Interval | None"]

_RULES: dict[str, tuple[Fraction | None, Fraction | None]] = {
    "at least 0": (Fraction(0), None),
    "in [0, 1]": (Fraction(0), Fraction(1)),
    "a fraction from -0.5 to 1, as in 0.022": (Fraction(-1, 2), Fraction(1)),
    "finite": (None, None),
}
# Sums of floats that are 1 on paper may lie above it by their rounding.
_SLACK = Fraction(1, 10**12)
_LARGEST = Fraction(10**60)
# Ids in one formula up to which all corners of their ranges are looked at.
_CORNERS = 8


def is_number(value: Any) -> bool:  # noqa: ANN401
    """Tell whether a value is a finite number, of Python or NumPy."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


def exact(value: Any) -> Fraction:  # noqa: ANN401
    """Return a number as it is written in the shortest way that tells it from its neighbours."""
    return Fraction(Decimal(repr(float(value))))


def shown(value: Fraction) -> str:
    """Return a number as a message shows it."""
    return f"{float(value):.12g}" if abs(value) <= _LARGEST else "a number beyond 1e60"


def reached(formula: Formula, known: Mapping[str, Interval | None]) -> Interval | None:
    """Return the lowest and highest value of a formula over the ranges of its ids, or None if it may divide by 0.

    Interval arithmetic is too wide where an id occurs twice, as in p + (1 − p); then the corners of the ranges tell,
    and the middle.
    """
    if not isinstance(formula, str):
        return exact(formula), exact(formula)
    used = names_in(formula)
    spans: dict[str, Interval] = {name: span for name in used if (span := known.get(name)) is not None}
    wide = work_out(formula, spans)
    if wide is None or len(used) > _CORNERS:
        return wide
    values = []
    places = [(low, high) for low, high in spans.values()]
    middles = tuple((low + high) / 2 for low, high in spans.values())
    for corner in (*itertools.product(*places), middles):
        at = work_out(formula, {name: (value, value) for name, value in zip(spans, corner, strict=True)})
        if at is not None:
            values.append(at[0])
    return (min(values), max(values)) if values else wide


def is_sound(formula: Formula, known: Known) -> bool:
    """Tell whether no id of a formula has a fault of its own."""
    return not isinstance(formula, str) or all(known[name] is not None for name in names_in(formula))


def rule_faults(formula: Any, path: str, rule: str, known: Known) -> Iterator[Fault]:  # noqa: ANN401
    """Yield what is wrong with a number or formula.

    Ids whose value is None have a fault of their own, so nothing is told of formulas that use them.
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
        yield path, f"must be a finite number or a formula, got {formula!r}"
        return
    span = reached(formula, known)
    floor, ceiling = _RULES[rule]
    if span is None:
        yield path, f"must not divide by what may be 0, got {formula!r}"
    elif max(map(abs, span)) > _LARGEST:
        yield path, f"must be at most 1e60 in size, got {formula!r}"
    elif floor is not None and span[0] < floor:
        yield path, f"must be {rule}, got {shown(span[0])}"
    elif ceiling is not None and span[1] > ceiling + _SLACK:
        yield path, f"must be {rule}, got {shown(span[1])}"
