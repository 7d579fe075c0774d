"""The least value of a function over a box, and the bounds of a formula over ranges of its ids: found, and proven."""

from __future__ import annotations

import ast
import itertools
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from hecon.printed.formulas import Enclosure, coordinates, enclosed, exact_number, fold, names_in, parsed, work_out
from hecon.printed.numbers import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    #: Lowest and highest value of each id.
    Ranges = Mapping[str, tuple[Fraction, Fraction]]
    #: A function of named quantities, in the arithmetic of enclosures.
    Objective = Callable[[Mapping[str, Enclosure]], Enclosure]

__all__ = [
    "EFFORT",
    "TOLERANCE",
    "Bounds",
    "Extreme",
    "bounds",
    "least",
    "reach",
    "slopes",
    "values",
]

#: Nothing lies below a proven least value by more than this part of the function's size.
TOLERANCE = 1e-9
#: Boxes that are looked at before a search gives up.
EFFORT = 20_000
_BATCH = 256
# Coordinates up to which all corners are looked at first.
_CORNERS = 10
_FLAT = 1e-300
# Of the function's size: what a coordinate may lose once, at one place instead of over its width.
_NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class Extreme:
    """The least value found, where, and whether no lower one exists.

    Parameters
    ----------
    value : float
        The least value found.
    at : dict of str to float
        Where it was found.
    bound : float
        No value lies below this.
    proven : bool
        Whether `bound` is `value`, to the tolerance.
    """

    value: float
    at: dict[str, float]
    bound: float
    proven: bool


def values(objective: Objective, names: Sequence[str], points: Floats) -> tuple[Floats, Floats]:
    """Return bounds of a function at points (k, n), apart by rounding; NaN where it divides by 0."""
    count = points.shape[1]
    none = np.zeros((0, count))
    with np.errstate(all="ignore"):
        found = objective({name: Enclosure(row, row, none, none) for name, row in zip(names, points, strict=True)})
    low, high = np.broadcast_to(found.low, (count,)), np.broadcast_to(found.high, (count,))
    sound = np.isfinite(low) & np.isfinite(high)
    return np.where(sound, low, np.nan), np.where(sound, high, np.nan)


def slopes(objective: Objective, names: Sequence[str], low: Floats, high: Floats) -> Enclosure:
    """Return a function over boxes (k, n), with its slopes."""
    with np.errstate(all="ignore"):
        found = objective(dict(zip(names, coordinates(low, high), strict=True)))
    shape = low.shape[1:]
    return Enclosure(
        np.broadcast_to(found.low, shape),
        np.broadcast_to(found.high, shape),
        np.broadcast_to(found.falls, low.shape),
        np.broadcast_to(found.rises, low.shape),
    )


def least(
    objective: Objective,
    box: Mapping[str, tuple[float, float]],
    *,
    starts: Iterable[Mapping[str, float]] = (),
    effort: int = EFFORT,
    size: float = 0.0,
) -> Extreme:
    """Search the least value of a function over a box; its greatest is that of the negative function.

    Parameters
    ----------
    objective : callable
        The function: from an enclosure for each name to an enclosure.
    box : mapping of str to pair of float
        Lowest and highest value of each name.
    starts : iterable of mapping, optional
        Points to look at first, beside the corners and the middle.
    effort : int
        Boxes to look at before it gives up.
    size : float, default 0
        Size of what the function is a difference of, if that is more than its own: the tolerance is a part of it.

    Returns
    -------
    Extreme
        Value and place; not proven where the effort did not suffice.
    """
    names = list(box)
    low = np.array([box[name][0] for name in names], dtype=np.float64).reshape(-1, 1)
    high = np.array([box[name][1] for name in names], dtype=np.float64).reshape(-1, 1)
    given = [[each[name] for name in names] for each in starts]
    search = _Search(objective, names, size)
    search.look(np.hstack([*(np.array([each]).T for each in given), _first(low, high)]))
    # Beyond all floats at its corners, nothing can be proven of it.
    bound, proven = search.run(low, high, effort) if np.isfinite(search.best) else (-np.inf, False)
    at = dict(zip(names, map(float, search.place), strict=True))
    return Extreme(search.best, at, bound, proven)


def _first(low: Floats, high: Floats) -> Floats:
    """Return the corners of a box of few coordinates, else two of them, and the middle."""
    ends = np.hstack([low, high])
    varied = np.flatnonzero(ends[:, 0] < ends[:, 1])
    if len(varied) > _CORNERS:
        return np.hstack([low, high, (low + high) / 2])
    corners = np.repeat(low, 2 ** len(varied), axis=1)
    for column, choice in enumerate(itertools.product((0, 1), repeat=len(varied))):
        corners[varied, column] = ends[varied, list(choice)]
    return np.hstack([corners, (low + high) / 2])


class _Search:
    """The least value found so far, its place, and the size of the function."""

    def __init__(self, objective: Objective, names: Sequence[str], size: float) -> None:
        self.objective, self.names = objective, names
        self.best, self.size = np.inf, size
        self.place: Floats = np.zeros(len(names))

    def look(self, points: Floats) -> Floats:
        """Keep the least value of the function at points, and return what it is at least there."""
        low, high = values(self.objective, self.names, points)
        found = (low + high) / 2
        if np.isnan(found).all():
            self.place = self.place if np.isfinite(self.best) else points[:, 0]
            return low
        self.size = max(self.size, float(np.nanmax(np.abs(found))))
        least_one = int(np.nanargmin(found))
        if found[least_one] < self.best or not np.isfinite(self.best):
            self.best, self.place = float(found[least_one]), points[:, least_one]
        return low

    def run(self, low: Floats, high: Floats, effort: int) -> tuple[float, bool]:
        """Divide the box until no part can hold a lower value; return the bound, and whether it was reached."""
        bounds = np.array([-np.inf])
        looked = 0
        while bounds.size and looked < effort:
            order = np.argsort(bounds, kind="stable")
            pick, rest = order[:_BATCH], order[_BATCH:]
            looked += pick.size
            lower, fall, rise = self._bounded(low[:, pick], high[:, pick], bounds[pick])
            ends = self._shrunk(low[:, pick], high[:, pick], fall, rise)
            keep = lower < self.best - TOLERANCE * self.size
            parts = _halves(*(each[:, keep] for each in (*ends, fall, rise)))
            low, high = (np.hstack([each[:, rest], part]) for each, part in zip((low, high), parts, strict=True))
            bounds = np.concatenate([bounds[rest], np.tile(lower[keep], 2)])
            still = bounds < self.best - TOLERANCE * self.size
            low, high, bounds = low[:, still], high[:, still], bounds[still]
        if bounds.size:
            return float(bounds.min()), False
        return self.best - (TOLERANCE + _NEGLIGIBLE * len(self.names)) * self.size, True

    def _bounded(self, low: Floats, high: Floats, bounds: Floats) -> tuple[Floats, Floats, Floats]:
        """Return lower bounds of the function in boxes and the bounds of its slopes."""
        enclosed = slopes(self.objective, self.names, low, high)
        half = (high - low) / 2
        with np.errstate(all="ignore"):
            steep = np.maximum(np.abs(enclosed.falls), np.abs(enclosed.rises)) * half
            spread = np.where(half > 0, steep, 0.0).sum(axis=0)
            at = self.look((low + high) / 2)
            by_slope = at - spread - 1e-15 * spread
        return np.fmax(np.fmax(enclosed.low, by_slope), bounds), enclosed.falls, enclosed.rises

    def _shrunk(self, low: Floats, high: Floats, fall: Floats, rise: Floats) -> tuple[Floats, Floats]:
        """Return the faces of boxes on which the least value lies, where the function only rises or only falls.

        What it may still fall by, as a slope of 0 may be a little less by rounding, is a share of the tolerance.
        """
        with np.errstate(all="ignore"):
            little = _NEGLIGIBLE * self.size
            rising, falling = -fall * (high - low) <= little, rise * (high - low) <= little
        ends = np.where(falling, high, low), np.where(rising, low, high)
        # Flat in a coordinate: one place will do.
        low, high = ends[0], np.maximum(ends[0], ends[1])
        self.look(low)
        return low, high


def _halves(low: Floats, high: Floats, fall: Floats, rise: Floats) -> tuple[Floats, Floats]:
    """Return each box in two, divided where the function may change most; a point twice."""
    with np.errstate(all="ignore"):
        change = np.maximum(np.abs(fall), np.abs(rise)) * (high - low)
    # Where no slope is bounded, the side that is widest for its size.
    wide = (high - low) / np.maximum(np.maximum(np.abs(low), np.abs(high)), _FLAT)
    weight = np.where(np.isfinite(change).all(axis=0), change, wide)
    weight = np.where(high > low, weight, -1.0)
    across = np.argmax(weight, axis=0) if len(low) else np.zeros(low.shape[1], dtype=np.intp)
    column = np.arange(low.shape[1])
    middle = (low + high) / 2
    first, second = high.copy(), low.copy()
    first[across, column] = middle[across, column]
    second[across, column] = middle[across, column]
    return np.hstack([low, second]), np.hstack([first, high])


Point = dict[str, Fraction]

# Ids up to which the corner is looked for at which a formula takes its least value.
_CORNERS_OF_RANGES = 8


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


def bounds(formula: str | float | ast.expr, ranges: Ranges) -> Bounds | None:
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
    >>> from hecon.printed.extremes import bounds
    >>> found = bounds("p * (1 - p) * (1 - 2 * p)", {"p": (Fraction(0), Fraction(1))})
    >>> round(float(found.low), 6), round(float(found.low_at["p"]), 3), found.proven
    (-0.096225, 0.789, True)
    """
    tree = parsed(formula)
    if isinstance(formula, ast.expr):
        return _bounds(tree, {name: ranges[name] for name in names_in(tree)})
    return _cached(formula, tuple((name, ranges[name]) for name in names_in(tree)))


def reach(formula: str, ranges: Ranges) -> Span | None:
    """Return the least and the greatest value of a formula, or an interval that is too wide where they are not proven.

    None if a divisor may be 0.
    """
    wide = work_out(formula, ranges)
    found = bounds(formula, ranges)
    return wide if found is None or not found.proven else Span(found.low, found.high)


@lru_cache(maxsize=4096)
def _cached(formula: str | float, ranges: tuple[tuple[str, tuple[Fraction, Fraction]], ...]) -> Bounds | None:
    return _bounds(parsed(formula), dict(ranges))


def _bounds(tree: ast.expr, ranges: Ranges) -> Bounds | None:
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


def _may_be_zero(divisor: ast.expr, ranges: Ranges) -> bool:
    found = _bounds(divisor, {name: ranges[name] for name in names_in(divisor)})
    return found is None or not found.proven or found.low - found.slack <= 0 <= found.high + found.slack


def _exactly(tree: ast.expr, ranges: Ranges) -> Bounds:
    whole = work_out(tree, ranges)
    assert whole is not None  # noqa: S101 (no divisor is 0, and the bounds of each are exact)
    varied = [name for name, (low, high) in ranges.items() if low < high]
    if not varied or len(varied) > _CORNERS_OF_RANGES:
        return Bounds(*whole)
    corners = [
        dict(zip(ranges, corner, strict=True)) for corner in itertools.product(*(set(each) for each in ranges.values()))
    ]
    values = [(_at(tree, corner), corner) for corner in corners]
    (low, low_at), (high, high_at) = (of(values, key=lambda pair: pair[0]) for of in (min, max))
    return Bounds(low, high, low_at, high_at)


def _at(tree: ast.expr, point: Point) -> Fraction:
    value: Fraction = fold(tree, point.__getitem__, exact_number)
    return value


def _searched(tree: ast.expr, ranges: Ranges) -> Bounds:
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
