"""Incremental analysis: the ICER of each strategy against the comparator, and the efficiency frontier of all."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from hecon import draws as _draws

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from numpy.typing import NDArray

    from hecon._arrays import Floats


# The 97.5% point of the standard normal distribution.
Z = 1.959963984540054
QUADRANTS = ("NE", "SE", "SW", "NW", "=")
# A tail of 2.5% holds one draw in 40. No more draws may have the other sign for a ratio to have an interval.
IN_EACH_TAIL = 40


def quadrant_positions(cost: Floats, effect: Floats) -> NDArray[np.intp]:
    """Return the position in `QUADRANTS` of each pair of differences; on an axis, "="."""
    plane = np.where(effect > 0, np.where(cost > 0, 0, 1), np.where(cost < 0, 2, 3))
    return np.where((cost == 0) | (effect == 0), len(QUADRANTS) - 1, plane).astype(np.intp)


def quadrant_share(cost: Floats, effect: Floats) -> Floats:
    """Return the share of the draws in each of `QUADRANTS`."""
    counts = np.bincount(quadrant_positions(cost, effect), minlength=len(QUADRANTS))
    result: Floats = counts / cost.size
    return result


def percentile_interval(values: Floats) -> Floats:
    """Return the 2.5% and 97.5% percentiles, NaN of one draw, which has no spread."""
    if values.size < 2:  # noqa: PLR2004
        return np.full(2, np.nan)
    result: Floats = np.quantile(values, [0.025, 0.975])
    return result


def _scaled(values: Floats) -> tuple[Floats, int]:
    """Return values over a power of two about as large as they are, which is exact, and that power."""
    power = int(np.frexp(np.abs(values).max())[1])
    return np.ldexp(values, -power), power


def fieller_interval(cost: Floats, effect: Floats) -> Floats:
    """Return Fieller's 95% interval of mean cost over mean effect, NaN where the effect's interval holds 0."""
    if cost.size < 2:  # noqa: PLR2004
        return np.full(2, np.nan)
    (cost, of_cost), (effect, of_effect) = _scaled(cost), _scaled(effect)
    mean_cost, mean_effect = cost.mean(), effect.mean()
    (var_cost, cov), (_, var_effect) = np.cov(cost, effect)
    lead = mean_effect**2 - Z**2 * var_effect
    if lead <= 0:
        return np.full(2, np.nan)
    centre = mean_cost * mean_effect - Z**2 * cov
    # The discriminant, written without the terms that cancel.
    spread = mean_effect**2 * var_cost - 2 * mean_cost * mean_effect * cov + mean_cost**2 * var_effect
    root = Z * np.sqrt(max(0.0, spread - Z**2 * (var_cost * var_effect - cov**2)))
    bounds: Floats = np.ldexp(np.array([centre - root, centre + root]) / lead, of_cost - of_effect)
    return bounds


def angle_interval(cost: Floats, effect: Floats) -> Floats:
    """Return the 95% interval of the ratio from the draws in order of their angle, NaN where signs are too mixed."""
    side = np.sign(effect.mean())
    outside = cost.size // IN_EACH_TAIL
    if cost.size == 1 or side == 0 or np.count_nonzero(np.sign(effect) != side) > outside:
        return np.full(2, np.nan)
    (cost, of_cost), (effect, of_effect) = _scaled(cost), _scaled(effect)
    angle = np.arctan2(side * cost, side * effect)
    # The draws of the other sign, however they lie, are no more than a tail holds; so the ends have a ratio. It is
    # taken from the draws: an angle near a right one has lost its digits.
    ends = [outside, cost.size - 1 - outside]
    chosen = np.argpartition(angle, ends)[ends]
    bounds: Floats = np.ldexp(np.sort(cost[chosen] / effect[chosen]), of_cost - of_effect)
    return bounds


# Relative to the size of the draws, a mean this small is rounding.
ROUNDING = 1e-14


def icer(draws: xr.Dataset, *, comparator: str | None = None) -> xr.Dataset:
    r"""Incremental cost-effectiveness ratio of each strategy against the comparator, with quadrant and intervals.

    .. math:: \mathrm{ICER} = \frac{E[c] - E[c_0]}{E[e] - E[e_0]} = \frac{\Delta C}{\Delta E}

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, absolute or incremental. The intervals take them as the sampling (or posterior) distribution of the
        mean differences.
    comparator : str, optional
        The strategy that the others are held against; by default the one that the draws' source knows.

    Returns
    -------
    xarray.Dataset
        Dims (strategy) without the comparator, after the further dims of the draws:

        - ``delta_cost`` [currency], ``delta_effect`` [unit of effect]: mean differences, strategy minus comparator, as
          measured; below 0 for a strategy that averts harm (DALYs, deaths).
        - ``icer`` [currency per unit of effect gained or harm averted]: their ratio; NaN outside the quadrants NE and
          SW.
        - ``quadrant``: NE (dearer, better), SE (cheaper, better: dominant), SW (cheaper, worse), NW (dearer, worse:
          dominated), or "=" where a mean difference is 0 but for rounding.
        - ``delta_cost_interval``, ``delta_effect_interval``: 95% percentile intervals, dim ``bound`` (lower, upper),
          NaN of a single draw.
        - ``icer_fieller``, ``icer_interval``: 95% intervals of the ratio, dim ``bound``, NaN where undefined.
        - ``quadrant_share`` [1]: share of the draws in each quadrant, dim ``quadrant_of_draws``; sums to 1.

    Raises
    ------
    InputError
        If no comparator is known, nothing is left to compare or the draws break the data convention.

    Notes
    -----
    Where less of the effect is better, "better" is less of it: a strategy that costs more and averts DALYs lies in NE,
    and its ratio is the cost of a DALY averted. In NE the ratio is the cost of a unit of effect gained, in SW the
    saving per unit of effect lost: there a *higher* ratio is the better one. A negative ratio is not a ranking, so SE
    and NW have none.

    ``icer_fieller`` takes the mean differences as bivariate normal with the draws' means and covariance and is given
    only where the interval of the difference in effect excludes 0. ``icer_interval`` orders the draws by angle and is
    given only where at least 97.5% of them have the sign of the mean difference in effect. A bound below 0 lies
    in a quadrant without a trade-off (SE for a better strategy, NW for a worse one). Where neither is given, the ratio
    has no interval: report ``quadrant_share``.

    With more than two strategies, ratios against one comparator do not tell which to choose; see `hecon.frontier`.

    References
    ----------
    Black WC. The CE plane: a graphic representation of cost-effectiveness. Med Decis Making 1990;10:212-214.
    https://doi.org/10.1177/0272989X9001000308

    Fieller EC. Some problems in interval estimation. J R Stat Soc B 1954;16:175-185.
    https://doi.org/10.1111/j.2517-6161.1954.tb00159.x

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"])
    >>> result = hecon.icer(draws, comparator="usual care").sel(strategy="exercise")
    >>> round(float(result["icer"])), str(result["quadrant"].values)
    (5000, 'NE')
    """
    _draws.validate(draws)
    reference, rest = _draws.others(draws, comparator)
    names = _draws.strategy_names(draws)
    sizes, cells = _draws.slices(draws)
    parts = [
        _pair(cost[:, names.index(name)] - cost[:, base], effect[:, names.index(name)] - effect[:, base])
        for cost, effect in cells
        for base in (names.index(reference),)
        for name in rest
    ]
    dims = (*_draws.further_dims(draws), "strategy")
    extra = {key: ("quadrant_of_draws",) if key == "quadrant_share" else ("bound",) for key in parts[0]}
    variables = {}
    less = _draws.better(draws) == "less"
    for key, unit in _units(draws).items():
        values = np.stack([part[key] for part in parts])
        if less and key in {"delta_effect", "delta_effect_interval"}:
            # As measured: the benefit with its sign turned, and the ends of its interval exchanged.
            values = 0.0 - values[..., ::-1] if key.endswith("interval") else 0.0 - values
        last_dim = extra[key] if values.ndim > 1 else ()
        attrs = {"units": unit} if unit else {}
        variables[key] = ((*dims, *last_dim), values.reshape(*sizes, len(rest), *values.shape[1:]), attrs)
    result = _draws.dataset(
        draws.sel(strategy=rest),
        variables,
        {"bound": ["lower", "upper"], "quadrant_of_draws": list(QUADRANTS)},
    )
    return result.assign_attrs(comparator=reference)


def _units(draws: xr.Dataset) -> dict[str, str]:
    """Return the unit of every variable of the result, in its order."""
    cost, effect = _draws.units(draws)
    ratio = _draws.ratio_unit(draws)
    return {
        "delta_cost": cost,
        "delta_effect": effect,
        "icer": ratio,
        "quadrant": "",
        "delta_cost_interval": cost,
        "delta_effect_interval": effect,
        "icer_fieller": ratio,
        "icer_interval": ratio,
        "quadrant_share": "1",
    }


def _pair(cost: Floats, effect: Floats) -> dict[str, NDArray[np.generic]]:
    """Return every statistic of one pair from the draws of its differences."""
    mean_cost, mean_effect = _mean(cost), _mean(effect)
    quadrant = QUADRANTS[int(quadrant_positions(np.asarray(mean_cost), np.asarray(mean_effect)))]
    ratio = mean_cost / mean_effect if quadrant in {"NE", "SW"} else np.nan
    return {
        "delta_cost": np.asarray(mean_cost),
        "delta_effect": np.asarray(mean_effect),
        "icer": np.asarray(ratio),
        "quadrant": np.asarray(quadrant),
        "delta_cost_interval": percentile_interval(cost),
        "delta_effect_interval": percentile_interval(effect),
        "icer_fieller": fieller_interval(cost, effect),
        "icer_interval": angle_interval(cost, effect),
        "quadrant_share": quadrant_share(cost, effect),
    }


def _mean(values: Floats) -> float:
    """Return the mean; one that rounding alone keeps off 0 (draws recentred on a difference of 0) is 0."""
    mean = float(values.mean())
    return 0.0 if abs(mean) <= ROUNDING * float(np.abs(values).mean()) else mean


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
    unscaled, points = points, _scaled_points(points)
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


def against_of(points: Sequence[Point], names: Sequence[str], status: Sequence[str]) -> list[tuple[int, ...]]:
    """Return for each point the positions of those that its status is owed to.

    On the frontier it is the point before it, none for the first; of a dominated one the cheapest that dominates it, on
    the frontier where one does; of an extendedly dominated one those on the frontier below and above it in effect.
    """
    scaled, order = _scaled_points(points), order_of(points, names)
    groups = _groups([i for i in order if status[i] == FRONTIER], scaled)
    found: list[tuple[int, ...]] = [()] * len(points)
    for before, group in pairwise(groups):
        for i in group:
            found[i] = (before[0],)
    for i in order:
        if status[i] == DOMINATED:
            better = [k for k in order if _dominates(scaled[k], scaled[i])]
            found[i] = (min(better, key=lambda k: (status[k] != FRONTIER, order.index(k))),)
        elif status[i] == EXTENDED:
            place = sum(points[group[0]][1] < points[i][1] for group in groups)
            found[i] = (groups[place - 1][0], groups[place][0])
    return found


def _scaled_points(points: Sequence[Point]) -> list[Point]:
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
    names = _draws.strategy_names(draws)
    sizes, cells = _draws.slices(draws)
    # Summed along contiguous memory, as NumPy then does pairwise: equal draws have equal means in any column.
    points = np.stack(
        [[np.ascontiguousarray(values.T).mean(axis=1) for values in (cost, effect)] for cost, effect in cells]
    )
    results = [frontier_of(list(zip(*cell.tolist(), strict=True)), names) for cell in points]
    mean_cost, mean_effect = points.mean(axis=0).tolist()
    order = order_of(list(zip(mean_cost, mean_effect, strict=True)), names)
    dims = (*_draws.further_dims(draws), "strategy")
    currency, effect_unit = _draws.units(draws)
    sign = 1.0 if _draws.better(draws) == "more" else -1.0
    columns = {
        "cost": (points[:, 0], {"units": currency}),
        "effect": (sign * points[:, 1], {"units": effect_unit}),
        "status": (np.array([status for status, _ in results]), {}),
        "icer": (np.array([ratio for _, ratio in results]), {"units": _draws.ratio_unit(draws)}),
    }
    return _draws.dataset(
        draws.isel(strategy=order),
        {
            name: (dims, values[:, order].reshape(*sizes, len(names)), attrs)
            for name, (values, attrs) in columns.items()
        },
        {},
    )
