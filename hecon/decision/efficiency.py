"""The efficiency frontier: all strategies at once, dominance and sequential ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon import draws as _draws
from hecon.decision import _labels
from hecon.decision._frontier import frontier_of, order_of

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["frontier"]


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
