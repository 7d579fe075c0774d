"""What each uncertain number does to the budget, one at a time, and the value at which the budget breaks even."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy import optimize

from hecon import _checks
from hecon.budget import _engine
from hecon.budget.impact import checked_conventions, values_of
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hecon.budget.conventions import Conventions
    from hecon.budget.plan import Plan

__all__ = ["break_even", "one_way"]

_GRID = 257


def _year_of(plan: Plan, year: int | None) -> int:
    """Return the position of a year, by default the last."""
    if year is None:
        return len(plan.years) - 1
    if year not in plan.years:
        msg = f"year must be one of {', '.join(map(str, plan.years))}, got {year!r}"
        raise InputError(msg)
    return plan.years.index(year)


def _priced(plan: Plan) -> None:
    if not plan.priced:
        msg = f"plan {plan.name} must have prices, got units only: its sources estimate no spending"
        raise InputError(msg)


def one_way(
    plan: Plan,
    *,
    year: int | None = None,
    conventions: Conventions | str | None = None,
) -> xr.Dataset:
    """Return the net budget impact with each range at its ends and the rest at the middle: the bars of a tornado.

    Parameters
    ----------
    plan : Plan
        The plan.
    year : int, optional
        Year of the plan; default the last.
    conventions : Conventions or str, optional
        As in `hecon.budget_impact`.

    Returns
    -------
    xarray.Dataset
        Over parameter, the widest bar first: `low` and `high` (ends of the range), `net_low` and `net_high` (net
        spending inside the budget at them [currency]); attrs `net` (all at the middle) and `year`.

    Raises
    ------
    InputError
        If the plan has no prices or the year is not one of its years.

    Examples
    --------
    >>> import hecon
    >>> bars = hecon.budget.one_way(hecon.load("copd").budget)
    >>> bars.parameter.values.tolist()
    ['extra_treatments', 'tariff']
    """
    counting = checked_conventions(plan, conventions)
    _priced(plan)
    at = _year_of(plan, year)
    names = [name for name, each in plan.parameters.items() if each.range is not None]
    base = {name: each.middle for name, each in plan.parameters.items()}
    columns = [(name, end) for name in names for end in plan.parameters[name].ends]
    values = {
        key: np.array([value, *(end if name == key else value for name, end in columns)]) for key, value in base.items()
    }
    net = _engine.count(plan, counting, values or {"": np.zeros(1)}).change[at].sum(axis=0)
    low, high = net[1::2], net[2::2]
    # Ties stand in the order of their names, not of the file.
    order = sorted(range(len(names)), key=lambda i: (-abs(high[i] - low[i]), names[i]))
    ends = np.array([plan.parameters[name].ends for name in names]).reshape(-1, 2)
    return xr.Dataset(
        {
            "low": ("parameter", ends[order, 0]),
            "high": ("parameter", ends[order, 1]),
            "net_low": ("parameter", low[order]),
            "net_high": ("parameter", high[order]),
        },
        coords={"parameter": [names[i] for i in order]},
        attrs={"net": float(net[0]), "year": plan.years[at], "currency": plan.currency, "plan": plan.name},
    )


def break_even(
    plan: Plan,
    *,
    of: str = "uptake",
    year: int | None = None,
    scenario: str | Mapping[str, float | str] = "middle",
    within: tuple[float, float] | None = None,
    conventions: Conventions | str | None = None,
) -> tuple[float, ...]:
    """Return the values of uptake, or of a parameter such as the share of operations avoided, at which nothing is paid.

    Parameters
    ----------
    plan : Plan
        The plan.
    of : str
        "uptake", or a parameter.
    year : int, optional
        Year of the plan; default the last.
    scenario : str or mapping
        Values of the other parameters, as in `hecon.budget_impact`.
    within : pair of float, optional
        Where to look; default where the plan looks for its substitution, else the parameter's range, else 0 to 1.
    conventions : Conventions or str, optional
        As in `hecon.budget_impact`.

    Returns
    -------
    tuple of float
        Every value at which the net spending inside the budget is 0, rising; empty if there is none, and if it is 0 at
        every value. Net spending that is proportional to uptake is 0 only at no uptake, which is left out unless an
        amount stands beside it.

    Raises
    ------
    InputError
        If the plan has no prices, or no such parameter.

    Notes
    -----
    Net spending is evaluated on a grid of 257 values and its changes of sign are solved by Brent's method; two zeros
    within one step of the grid are not told apart. Uptake is varied from 0 to 1 whatever the cap.

    Examples
    --------
    >>> import hecon
    >>> plan = hecon.load("acl-rupture").budget
    >>> [round(share, 3) for share in hecon.budget.break_even(plan, of="share_avoided")]
    [10.686]
    """
    counting = checked_conventions(plan, conventions)
    _priced(plan)
    at = _year_of(plan, year)
    _checks.one_of("of", of, ("uptake", *plan.parameters))
    base = values_of(plan, counting, scenario, scenario if isinstance(scenario, str) else "given")
    low, high = _within(plan, of, within)
    net: Callable[[np.ndarray], np.ndarray]
    if of == "uptake":
        _checks.probability("within", low)
        _checks.probability("within", high)
        values = {key: np.array([value]) for key, value in base.items()} or {"": np.zeros(1)}

        def net(x: np.ndarray) -> np.ndarray:
            sums = []
            for share in np.atleast_1d(x):
                path = replace(counting, uptake=(float(share),) * len(plan.years), cap=1.0)
                sums.append(_engine.count(plan, path, values).change[at].sum())
            return np.array(sums)
    else:

        def net(x: np.ndarray) -> np.ndarray:
            grid = np.atleast_1d(np.asarray(x, dtype=np.float64))
            values = {key: np.full(grid.size, value) for key, value in base.items()} | {of: grid}
            return np.asarray(_engine.count(plan, counting, values).change[at].sum(axis=0))

    return _zeros(net, low, high, leave_out=0.0 if of == "uptake" and not plan.amounts else None)


def _within(plan: Plan, of: str, given: tuple[float, float] | None) -> tuple[float, float]:
    if given is None:
        if plan.substitution is not None and plan.substitution[0] == of:
            return plan.substitution[1]
        ends = plan.parameters[of].ends if of in plan.parameters else (0.0, 1.0)
        return ends if ends[0] < ends[1] else (0.0, 1.0)
    if not isinstance(given, (tuple, list)) or len(given) != 2:  # noqa: PLR2004 (a pair)
        msg = f"within must be a pair of lowest and highest, got {given!r}"
        raise InputError(msg)
    low, high = (_checks.finite("within", each) for each in given)
    if not low < high:
        msg = f"within must run upwards, got {low} to {high}"
        raise InputError(msg)
    return low, high


def _zeros(
    net: Callable[[np.ndarray], np.ndarray], low: float, high: float, *, leave_out: float | None
) -> tuple[float, ...]:
    grid = np.linspace(low, high, _GRID)
    at = net(grid)
    if not np.isfinite(at).all():
        msg = f"within must leave out values at which the plan divides by 0, got {low} to {high}"
        raise InputError(msg)
    if not at.any():
        return ()
    found = [float(x) for x, y in zip(grid, at, strict=True) if y == 0 and x != leave_out]
    for left, right, y, z in zip(grid[:-1], grid[1:], at[:-1], at[1:], strict=True):
        if y * z < 0:
            found.append(float(optimize.brentq(lambda x: float(net(np.array([x]))[0]), left, right, xtol=1e-14)))
    return tuple(sorted(found))
