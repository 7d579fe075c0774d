"""The efficiency frontier of points in the cost-effectiveness plane: plain Python on a few points."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Means differ only where rounding in a sum of draws could not account for it.
TOLERANCE = 1e-12
FRONTIER, DOMINATED, EXTENDED = "frontier", "dominated", "extendedly dominated"

Point = tuple[float, float]


def order_of(points: Sequence[Point], names: Sequence[str]) -> list[int]:
    """Return positions in order of cost, then effect, then name."""
    return sorted(range(len(points)), key=lambda i: (*points[i], names[i]))


def frontier_of(points: Sequence[Point], names: Sequence[str]) -> tuple[list[str], list[float]]:
    """Return the status and the sequential ratio of each point (cost, effect), in the order given."""
    status = [DOMINATED] * len(points)
    ratio = [math.nan] * len(points)
    unscaled, points = points, _scaled(points)
    kept = [i for i in order_of(points, names) if not any(_dominates(other, points[i]) for other in points)]
    groups = _groups(kept, points)
    on_frontier = _hull(groups, points)
    for group in groups:
        for i in group:
            status[i] = FRONTIER if group in on_frontier else EXTENDED
    for before, group in pairwise(on_frontier):
        (cost, effect), (next_cost, next_effect) = unscaled[before[0]], unscaled[group[0]]
        for i in group:
            ratio[i] = (next_cost - cost) / (next_effect - effect)
    return status, ratio


def _scaled(points: Sequence[Point]) -> list[Point]:
    """Return the points over powers of two about as large as they are, which is exact and keeps slopes finite."""
    powers = [math.frexp(max(abs(point[axis]) for point in points))[1] for axis in (0, 1)]
    return [(math.ldexp(cost, -powers[0]), math.ldexp(effect, -powers[1])) for cost, effect in points]


def _slack(*values: float) -> float:
    return TOLERANCE * max(map(abs, values))


def _dominates(one: Point, other: Point) -> bool:
    """Tell whether `one` costs no more, gives no less and is better in at least one of the two."""
    (cost, effect), (other_cost, other_effect) = one, other
    slack_cost, slack_effect = _slack(cost, other_cost), _slack(effect, other_effect)
    if cost > other_cost + slack_cost or effect < other_effect - slack_effect:
        return False
    return cost < other_cost - slack_cost or effect > other_effect + slack_effect


def _groups(order: Sequence[int], points: Sequence[Point]) -> list[list[int]]:
    """Join identical points: among points that do not dominate each other, equal cost means equal effect."""
    groups: list[list[int]] = []
    for i in order:
        if groups and points[i][0] - points[groups[-1][0]][0] <= _slack(points[i][0], points[groups[-1][0]][0]):
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def _hull(groups: Sequence[list[int]], points: Sequence[Point]) -> list[list[int]]:
    """Drop what is extendedly dominated, going back after each drop until none is left."""
    kept: list[list[int]] = []
    for group in groups:
        while len(kept) > 1 and _above(points[kept[-1][0]], points[kept[-2][0]], points[group[0]]):
            kept.pop()
        kept.append(group)
    return kept


def _above(point: Point, before: Point, after: Point) -> bool:
    """Tell whether a mixture of `before` and `after` with the effect of `point` costs less, beyond rounding."""
    slope = (after[0] - before[0]) / (after[1] - before[1])
    slack = _slack(point[0], before[0], after[0]) + slope * _slack(point[1], before[1], after[1])
    return point[0] > before[0] + slope * (point[1] - before[1]) + slack
