"""The efficiency frontier: all strategies at once, dominance and sequential ratios."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from hecon import draws as _draws
from hecon.decision import _labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

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


def frontier(draws: xr.Dataset) -> xr.Dataset:
    r"""Full incremental analysis: which strategies are efficient, and the price of each further step.

    On the frontier, in order of cost:

    .. math:: \mathrm{ICER}_k = \frac{E[c_k] - E[c_{k-1}]}{E[e_k] - E[e_{k-1}]}

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, absolute or incremental (only differences between strategies count).

    Returns
    -------
    xarray.Dataset
        Dims (strategy) in order of mean cost, after the further dims of the draws: ``cost`` [currency] and ``effect``
        [unit of effect], the means as measured; ``status``: "frontier", "dominated" or "extendedly dominated";
        ``icer`` [currency per unit of effect gained or harm averted] against the strategy before it on the frontier,
        NaN for the first and off the frontier.

    Raises
    ------
    InputError
        If the draws break the data convention.

    Notes
    -----
    A strategy is dominated when another costs no more and gives no less benefit (no more harm, where less of the
    effect is better), and is better in one of the two. It is extendedly dominated when a mixture of two others gives
    the same effect for less; what is left is looked at again after every removal, until none is. Strategies on one
    straight line all stay on the frontier.

    Identical strategies (equal mean cost and effect) have the same status and the same ratio, against the
    strategy before all of them. Other programs keep one of them and call the rest dominated, so that the order of the
    input decides which.

    Means are told apart only beyond a relative difference of 1e-12, which is rounding. Strategies of equal cost are put
    in order of effect, then of name; nothing depends on their order in the draws.

    With further dims, statuses and ratios belong to each of their cells, and the order of the strategies is that of
    the cost averaged over the cells. The frontier ranks expected values: for their uncertainty see
    `hecon.decision_curves`.

    References
    ----------
    Karlsson G, Johannesson M. The decision rules of cost-effectiveness analysis. PharmacoEconomics 1996;9:113-120.
    https://doi.org/10.2165/00019053-199609020-00003

    Cantor SB. Cost-effectiveness analysis, extended dominance, and ethics: a quantitative assessment. Med Decis Making
    1994;14:259-265. https://doi.org/10.1177/0272989X9401400308

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 30, 20, 50]], [[0, 1, 2, 3]], strategies=["none", "pills", "advice", "both"])
    >>> result = hecon.frontier(draws)
    >>> for name in result["strategy"].values:
    ...     row = result.sel(strategy=name)
    ...     print(name, row["status"].item(), row["icer"].item())
    none frontier nan
    advice frontier 10.0
    pills dominated nan
    both frontier 30.0
    """
    _draws.validate(draws)
    names = _labels.strategy_names(draws)
    sizes, cells = _labels.slices(draws)
    # Summed along contiguous memory, as NumPy then does pairwise: equal draws have equal means in any column.
    points = np.stack(
        [[np.ascontiguousarray(values.T).mean(axis=1) for values in (cost, effect)] for cost, effect in cells]
    )
    results = [frontier_of(list(zip(*cell.tolist(), strict=True)), names) for cell in points]
    mean_cost, mean_effect = points.mean(axis=0).tolist()
    order = order_of(list(zip(mean_cost, mean_effect, strict=True)), names)
    dims = (*_labels.further_dims(draws), "strategy")
    currency, effect_unit = _draws.units(draws)
    sign = 1.0 if _draws.better(draws) == "more" else -1.0
    columns = {
        "cost": (points[:, 0], {"units": currency}),
        "effect": (sign * points[:, 1], {"units": effect_unit}),
        "status": (np.array([status for status, _ in results]), {}),
        "icer": (np.array([ratio for _, ratio in results]), {"units": _labels.ratio_unit(draws)}),
    }
    return _labels.dataset(
        draws.isel(strategy=order),
        {
            name: (dims, values[:, order].reshape(*sizes, len(names)), attrs)
            for name, (values, attrs) in columns.items()
        },
        {},
    )
