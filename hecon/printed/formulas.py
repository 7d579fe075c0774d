"""Formulas over named numbers: evaluated on arrays, spans or boxes; and their least and greatest value, proven."""

from __future__ import annotations

import ast
import itertools
import warnings
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from hecon.errors import InputError
from hecon.printed.numbers import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ranges = Mapping[str, tuple[Fraction, Fraction]]
    Objective = Callable[[Mapping[str, "Enclosure"]], "Enclosure"]

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
            # Python warns of "1and 2", which is refused below.
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
        # From the source: `ast.unparse` fails on deep nesting.
        part = ast.get_source_segment(formula, node)
        msg = f"formula must hold only numbers, ids of figures, + - * / and brackets, got {part!r}"
        raise InputError(msg)
    if depth > _DEEPEST:
        msg = f"formula must not be nested over {_DEEPEST} deep, got {formula[:40]!r}"
        raise InputError(msg)
    for child in inner:
        _check(child, formula, depth + 1)


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
    """Evaluate a formula in any arithmetic; `name` and `number` map its ids and numbers to operands."""
    node = parsed(formula)
    if isinstance(node, ast.Constant):
        return number(cast("float", node.value))
    if isinstance(node, ast.Name):
        return name(node.id)
    if isinstance(node, ast.UnaryOp):
        inner = fold(node.operand, name, number)
        return -inner if isinstance(node.op, ast.USub) else inner
    assert isinstance(node, ast.BinOp)  # noqa: S101 (`parsed` checks)
    left, right = fold(node.left, name, number), fold(node.right, name, number)
    if isinstance(node.op, ast.Add):
        return left + right
    if isinstance(node.op, ast.Sub):
        return left - right
    return left / right if isinstance(node.op, ast.Div) else left * right


def exact_number(value: float) -> Fraction:
    """Return a float as the fraction of its repr."""
    return Fraction(Decimal(repr(value)))


def names_in(formula: str | ast.expr) -> tuple[str, ...]:
    """Return the ids that a formula uses, each once, in the order of its text."""
    nodes = [node for node in ast.walk(parsed(formula)) if isinstance(node, ast.Name)]
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    return tuple(dict.fromkeys(node.id for node in nodes))


def degree(formula: str | float | ast.expr, name: str) -> float:
    """Return the degree of a formula in an id as it is written: 1 for a straight line, infinite in a divisor."""
    node = parsed(formula)
    if isinstance(node, ast.Name):
        return float(node.id == name)
    if isinstance(node, ast.UnaryOp):
        return degree(node.operand, name)
    if not isinstance(node, ast.BinOp):
        return 0.0
    left, right = degree(node.left, name), degree(node.right, name)
    if isinstance(node.op, ast.Mult):
        return left + right
    if isinstance(node.op, ast.Div):
        return left if right == 0 else float("inf")
    return max(left, right)


def evaluate(formula: str | float, values: Mapping[str, ArrayLike]) -> NDArray[np.float64]:
    """Return what a formula gives at floats or arrays of values."""

    def value(name: str) -> NDArray[np.float64]:
        if name not in values:
            msg = f"formula must use known ids, got {name!r}; known: {', '.join(sorted(values)) or 'none'}"
            raise InputError(msg)
        return np.asarray(values[name], dtype=np.float64)

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(fold(formula, value, lambda number: np.asarray(float(number))))


def work_out(formula: str | ast.expr, values: Mapping[str, tuple[Fraction, Fraction]]) -> Span | None:
    """Return all values that a formula can take, or None if a divisor may be 0."""

    def number(value: float) -> Span:
        exact = exact_number(value)
        return Span(exact, exact)

    try:
        result: Span = fold(formula, lambda name: Span(*values[name]), number)
    except ZeroDivisionError:
        return None
    return result


def enclosed(formula: str | float | ast.expr, values: Mapping[str, Enclosure]) -> Enclosure:
    """Return the enclosure of a formula over boxes from those of its ids, at least one."""
    like = next(iter(values.values()))
    size, count = like.falls.shape

    def number(value: float) -> Enclosure:
        return constant(float(value), size, count, is_exact=float(value).is_integer())

    result: Enclosure = fold(formula, values.__getitem__, number)
    return result


# Enclosures over boxes ------------------------------------------------------------------------------------------------

# Relative error of an operation, rounded up. Results of exactly 0 stay so and keep their sign.
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
    """Bounds of a quantity in n boxes of k coordinates, and of its slope in each coordinate."""

    low: Floats
    high: Floats
    falls: Floats
    rises: Floats

    def __neg__(self) -> Enclosure:
        return Enclosure(-self.high, -self.low, -self.rises, -self.falls)

    def __add__(self, other: Enclosure | float) -> Enclosure:
        if not isinstance(other, Enclosure):
            return Enclosure(*_outward(self.low + other, self.high + other), self.falls, self.rises)
        value = _outward(self.low + other.low, self.high + other.high)
        return Enclosure(*value, *_outward(self.falls + other.falls, self.rises + other.rises))

    def __sub__(self, other: Enclosure | float) -> Enclosure:
        return self + -other

    def __mul__(self, other: Enclosure | float) -> Enclosure:
        if not isinstance(other, Enclosure):
            ends = np.asarray(other), np.asarray(other)
            return Enclosure(*_product((self.low, self.high), ends), *_product((self.falls, self.rises), ends))
        own, its = (self.low, self.high), (other.low, other.high)
        first, second = _product((self.falls, self.rises), its), _product(own, (other.falls, other.rises))
        return Enclosure(*_product(own, its), *_outward(first[0] + second[0], first[1] + second[1]))

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
    return [Enclosure(below, above, slope, slope) for below, above, slope in zip(low, high, slopes, strict=True)]


def constant(value: float, size: int, count: int, *, is_exact: bool = True) -> Enclosure:
    """Return a constant over `count` boxes of `size` coordinates, widened by rounding where no float is exact."""
    at, none = np.full(count, value), np.zeros((size, count))
    return Enclosure(at, at, none, none) if is_exact else Enclosure(*_outward(at, at), none, none)


# Extremes by branch and bound -----------------------------------------------------------------------------------------

# Relative to the size of the function: a proven minimum is the minimum within this.
TOLERANCE = 1e-9
# Boxes evaluated before a search gives up.
EFFORT = 20_000
_BATCH = 256
# Coordinates up to which all corners are evaluated first.
_CORNERS = 10
_FLAT = 1e-300
# Relative to the size of the function: the loss allowed where a coordinate is fixed at one end.
_NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class Extreme:
    """The minimum, its place, the lower bound, and whether the two agree within `TOLERANCE`."""

    value: float
    at: dict[str, float]
    bound: float
    proven: bool


def values(objective: Objective, names: Sequence[str], points: Floats) -> tuple[Floats, Floats]:
    """Return bounds of a function at points (k, n), apart by rounding; NaN where it divides by 0."""
    count = points.shape[1]
    none = np.zeros((0, count))
    with np.errstate(all="ignore"):
        result = objective({name: Enclosure(row, row, none, none) for name, row in zip(names, points, strict=True)})
    low, high = np.broadcast_to(result.low, (count,)), np.broadcast_to(result.high, (count,))
    sound = np.isfinite(low) & np.isfinite(high)
    return np.where(sound, low, np.nan), np.where(sound, high, np.nan)


def least(
    objective: Objective,
    box: Mapping[str, tuple[float, float]],
    *,
    starts: Iterable[Mapping[str, float]] = (),
    effort: int = EFFORT,
    size: float = 0.0,
) -> Extreme:
    """Minimise a function over a box by branch and bound, within a tolerance of its size, at least `size`."""
    names = list(box)
    low = np.array([box[name][0] for name in names], dtype=np.float64).reshape(-1, 1)
    high = np.array([box[name][1] for name in names], dtype=np.float64).reshape(-1, 1)
    points = [[start[name] for name in names] for start in starts]
    search = _Search(objective, names, size)
    search.look(np.hstack([*(np.array([row]).T for row in points), _first(low, high)]))
    # Nothing can be proven where no corner is finite.
    bound, proven = search.run(low, high, effort) if np.isfinite(search.best) else (-np.inf, False)
    at = dict(zip(names, map(float, search.place), strict=True))
    return Extreme(search.best, at, bound, proven)


def _first(low: Floats, high: Floats) -> Floats:
    """Return the corners of a box of few coordinates, otherwise two of them, and the middle."""
    ends = np.hstack([low, high])
    varied = np.flatnonzero(ends[:, 0] < ends[:, 1])
    if len(varied) > _CORNERS:
        return np.hstack([low, high, (low + high) / 2])
    corners = np.repeat(low, 2 ** len(varied), axis=1)
    for column, choice in enumerate(itertools.product((0, 1), repeat=len(varied))):
        corners[varied, column] = ends[varied, list(choice)]
    return np.hstack([corners, (low + high) / 2])


class _Search:
    """The incumbent of branch and bound, its place, and the size of the function."""

    def __init__(self, objective: Objective, names: Sequence[str], size: float) -> None:
        self.objective, self.names = objective, names
        self.best, self.size = np.inf, size
        self.place: Floats = np.zeros(len(names))

    def look(self, points: Floats) -> Floats:
        """Update the incumbent from values at points; return their lower bounds."""
        low, high = values(self.objective, self.names, points)
        middle = (low + high) / 2
        if np.isnan(middle).all():
            self.place = self.place if np.isfinite(self.best) else points[:, 0]
            return low
        self.size = max(self.size, float(np.nanmax(np.abs(middle))))
        least_one = int(np.nanargmin(middle))
        if middle[least_one] < self.best or not np.isfinite(self.best):
            self.best, self.place = float(middle[least_one]), points[:, least_one]
        return low

    def run(self, low: Floats, high: Floats, effort: int) -> tuple[float, bool]:
        """Divide the box until no part can hold a lower value; return the lower bound and whether it is proven."""
        bounds = np.array([-np.inf])
        looked = 0
        while bounds.size and looked < effort:
            order = np.argsort(bounds, kind="stable")
            pick, rest = order[:_BATCH], order[_BATCH:]
            looked += pick.size
            lower, fall, rise = self._bounded(low[:, pick], high[:, pick], bounds[pick])
            ends = self._shrunk(low[:, pick], high[:, pick], fall, rise)
            keep = lower < self.best - TOLERANCE * self.size
            parts = _halves(*(array[:, keep] for array in (*ends, fall, rise)))
            low, high = (np.hstack([array[:, rest], part]) for array, part in zip((low, high), parts, strict=True))
            bounds = np.concatenate([bounds[rest], np.tile(lower[keep], 2)])
            still = bounds < self.best - TOLERANCE * self.size
            low, high, bounds = low[:, still], high[:, still], bounds[still]
        if bounds.size:
            return float(bounds.min()), False
        return self.best - (TOLERANCE + _NEGLIGIBLE * len(self.names)) * self.size, True

    def _bounded(self, low: Floats, high: Floats, bounds: Floats) -> tuple[Floats, Floats, Floats]:
        """Return lower bounds of the function in boxes and the bounds of its slopes."""
        half = (high - low) / 2
        with np.errstate(all="ignore"):
            result = self.objective(dict(zip(self.names, coordinates(low, high), strict=True)))
            falls, rises = (np.broadcast_to(each, low.shape) for each in (result.falls, result.rises))
            steep = np.maximum(np.abs(falls), np.abs(rises)) * half
            spread = np.where(half > 0, steep, 0.0).sum(axis=0)
            at = self.look((low + high) / 2)
            by_slope = at - spread - 1e-15 * spread
        return np.fmax(np.fmax(result.low, by_slope), bounds), falls, rises

    def _shrunk(self, low: Floats, high: Floats, fall: Floats, rise: Floats) -> tuple[Floats, Floats]:
        """Reduce boxes to the faces that hold the minimum, where the function is monotone within the tolerance."""
        with np.errstate(all="ignore"):
            slack = _NEGLIGIBLE * self.size
            rising, falling = -fall * (high - low) <= slack, rise * (high - low) <= slack
        ends = np.where(falling, high, low), np.where(rising, low, high)
        # Flat in a coordinate: one end suffices.
        low, high = ends[0], np.maximum(ends[0], ends[1])
        self.look(low)
        return low, high


def _halves(low: Floats, high: Floats, fall: Floats, rise: Floats) -> tuple[Floats, Floats]:
    """Halve each box in the coordinate in which the function may change most; a point is doubled."""
    with np.errstate(all="ignore"):
        change = np.maximum(np.abs(fall), np.abs(rise)) * (high - low)
    # Without bounded slopes, the relatively widest side.
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

# Ids up to which the corners that attain the bounds are returned.
_CORNERS_OF_RANGES = 8


@dataclass(frozen=True)
class Bounds:
    """Least and greatest value of a formula, where it takes them, and the tolerance of the search (0 where exact)."""

    low: Fraction
    high: Fraction
    low_at: Point = field(default_factory=dict)
    high_at: Point = field(default_factory=dict)
    slack: Fraction = Fraction(0)
    proven: bool = True


def bounds(formula: str | float | ast.expr, ranges: Ranges) -> Bounds | None:
    """Return the least and the greatest value of a formula, or None if a divisor may be 0."""
    tree = parsed(formula)
    if isinstance(formula, ast.expr):
        return _bounds(tree, {name: ranges[name] for name in names_in(tree)})
    return _cached(formula, tuple((name, ranges[name]) for name in names_in(tree)))


def reach(formula: str, ranges: Ranges) -> Span | None:
    """Return the proven bounds of a formula, otherwise its interval arithmetic; None if a divisor may be 0."""
    wide = work_out(formula, ranges)
    result = bounds(formula, ranges)
    return wide if result is None or not result.proven else Span(result.low, result.high)


@lru_cache(maxsize=4096)
def _cached(formula: str | float, ranges: tuple[tuple[str, tuple[Fraction, Fraction]], ...]) -> Bounds | None:
    return _bounds(parsed(formula), dict(ranges))


def _bounds(tree: ast.expr, ranges: Ranges) -> Bounds | None:
    # Divisors innermost first, as one may hold another.
    divisions = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)]
    if any(_may_be_zero(node.right, ranges) for node in reversed(divisions)):
        return None
    counts = Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    # Interval arithmetic is exact where each range occurs once; not so in p * (1 - p).
    once = all(counts[name] == 1 for name, (low, high) in ranges.items() if low < high)
    return _exactly(tree, ranges) if once else _searched(tree, ranges)


def _may_be_zero(divisor: ast.expr, ranges: Ranges) -> bool:
    result = _bounds(divisor, {name: ranges[name] for name in names_in(divisor)})
    return result is None or not result.proven or result.low - result.slack <= 0 <= result.high + result.slack


def _exactly(tree: ast.expr, ranges: Ranges) -> Bounds:
    span = work_out(tree, ranges)
    assert span is not None  # noqa: S101 (no divisor is 0)
    varied = [name for name, (low, high) in ranges.items() if low < high]
    if not varied or len(varied) > _CORNERS_OF_RANGES:
        return Bounds(*span)
    corners = (dict(zip(ranges, ends, strict=True)) for ends in itertools.product(*map(set, ranges.values())))
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
    low_at, high_at = (
        {name: exact_number(value) for name, value in extreme.at.items()} for extreme in (lowest, highest)
    )
    proven = lowest.proven and highest.proven
    slack = Fraction(max(lowest.value - lowest.bound, highest.value - highest.bound)) if proven else Fraction(0)
    return Bounds(_at(tree, low_at), _at(tree, high_at), low_at, high_at, slack, proven)
