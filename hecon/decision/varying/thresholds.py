"""Thresholds: the values of a parameter at which the preferred option changes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import optimize

from hecon import _checks
from hecon import draws as _draws
from hecon._display import displayed
from hecon.decision.varying import models
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import xarray as xr

    from hecon._arrays import Floats
    from hecon.decision.varying.models import Function, Means

# Widths of a bracket, as shares of the step between values: to find a root, and to tell it from a jump.
_NARROW, _BESIDE = 1e-12, 1e-7
# Share of the change over a step that a continuous net benefit does not make within `_BESIDE` of it.
_JUMP = 1e-3


@displayed
@dataclass(frozen=True)
class TurningPoints:
    """Where the preferred option changes over the range of a parameter.

    Parameters
    ----------
    parameter : str
        The parameter.
    base : float
        The value that the model starts from, the mean of its draws.
    low, high : float
        The range that was searched.
    wtp : float
        Willingness to pay [`unit`].
    unit : str
        Currency per unit of effect.
    values : tuple of float
        Values at which the preferred option changes, ascending; empty where it does not change in the range.
    options : tuple of str
        The preferred option from `low` on and after each of the values: one more than these.
    jumps : tuple of bool
        Whether the model jumps at the value, so that neither option is worth the same there.
    """

    parameter: str
    base: float
    low: float
    high: float
    wtp: float
    unit: str
    values: tuple[float, ...]
    options: tuple[str, ...]
    jumps: tuple[bool, ...]

    def option_at(self, value: float) -> str:
        """Return the preferred option at a value in the range.

        Parameters
        ----------
        value : float
            Value of the parameter, from `low` to `high`.

        Returns
        -------
        str
            The option.

        Raises
        ------
        InputError
            If the value lies outside the range that was searched.
        """
        if not self.low <= _checks.finite("value", value) <= self.high:
            msg = f"value must lie in the range that was searched, {self.low:g} to {self.high:g}, got {value!r}"
            raise InputError(msg)
        return self.options[sum(each < value for each in self.values)]


def threshold(
    model: Function,
    parameters: Mapping[str, Any] | xr.Dataset,
    *,
    vary: str,
    between: tuple[float, float],
    wtp: float,
    strategies: Sequence[str] | None = None,
    steps: int = 100,
    currency: str | None = None,
    effect_unit: str = "QALY",
    effect_better: str | None = None,
) -> TurningPoints:
    """Find the values of a parameter at which the option with the highest expected net benefit changes.

    Parameters
    ----------
    model, parameters : as in `sensitivity`
        The model, and what it starts from; with draws, expected net benefit is their mean.
    vary : str
        The parameter.
    between : (float, float)
        Range that is searched, low to high.
    wtp : float
        Willingness to pay [currency per unit of effect], finite and at least 0.
    strategies : as in `sensitivity`
        Names of the strategies.
    steps : int, default 100
        Steps into which the range is cut, at least 1.
    currency, effect_unit, effect_better : as in `sensitivity`
        What costs and effects are in.

    Returns
    -------
    TurningPoints
        All changes in the range, or none; with the preferred option between them.

    Raises
    ------
    InputError
        If the parameter is unknown, the range is none, or the model does not depend on the parameter there, or for what
        `sensitivity` refuses.

    Notes
    -----
    The model runs at the ends of every step; where the preferred option changes over one, the root of the difference in
    net benefit is bracketed and found to 1e-12 of the step (Brent). Where the lead of an option has a minimum, its
    depth is sought, so that two changes close together are found as well; two within a step are missed where the lead
    has no minimum at the ends of steps. A value at which options only touch is no change. Ties go to the option with
    more effect, then with lower cost (`hecon.decision_curves`).

    References
    ----------
    Brent RP. Algorithms for minimization without derivatives. Prentice-Hall, 1973, chapters 4 and 5.

    Examples
    --------
    >>> import hecon
    >>> def model(p):
    ...     return {"usual": 0.0, "new": 400 + p["price"]}, {"usual": 0.0, "new": 0.03}
    >>> found = hecon.threshold(model, {"price": 900}, vary="price", between=(0, 5000), wtp=50_000)
    >>> found.values, found.options
    ((1100.0,), ('new', 'usual'))
    >>> hecon.threshold(model, {"price": 900}, vary="price", between=(0, 1000), wtp=50_000).values
    ()
    """
    count = _checks.count("steps", steps, at_least=1)
    price = _checks.finite("wtp", wtp)
    options = {"currency": currency, "effect_unit": effect_unit, "effect_better": effect_better}
    runs = models.prepare(model, parameters, wtp=price, strategies=strategies, options=options)
    models.changed_names(runs, [vary], "vary")
    low, high = models.span(vary, between)
    base = models.number(runs, vary)
    known: dict[float, Means] = {}

    def at(value: float) -> Means:
        if value not in known:
            known[value] = runs.at({vary: value}, shares=False)
        return known[value]

    grid = [float(value) for value in np.linspace(low, high, count + 1)]
    where = f"at {len(grid)} values from {low:g} to {high:g}"
    models.refuse_constant([at(value) for value in grid], at(low), where, repr(vary))
    changes = _changes(_Leads(at), grid)
    first = int(at(low).optimal[0])
    return TurningPoints(
        vary, base, low, high, price, _draws.ratio_unit(runs.draws),
        tuple(each for each, _, _ in changes),
        tuple(runs.strategies[place] for place in (first, *(option for _, option, _ in changes))),
        tuple(jump for _, _, jump in changes),
    )  # fmt: skip


class _Leads:
    """Leads of one option over another along a parameter."""

    def __init__(self, at: Callable[[float], Means]) -> None:
        self.at = at

    def best(self, value: float) -> int:
        """Return the place of the preferred option."""
        return int(self.at(value).optimal[0])

    def lead(self, one: int, other: int) -> Callable[[float], float]:
        """Return the lead of an option over another as a function of the parameter."""

        def of(value: float) -> float:
            net = self.at(value).net_benefit
            return float(net[one, 0] - net[other, 0])

        return of

    def all_leads(self, one: int, values: Sequence[float]) -> Floats:
        """Return the lead of an option over each option, shape (value, option)."""
        net = np.array([self.at(value).net_benefit[:, 0] for value in values])
        result: Floats = net[:, [one]] - net
        return result


def _changes(leads: _Leads, grid: Sequence[float]) -> list[tuple[float, int, bool]]:
    """Return each change in the range: value, preferred option after it, and whether the model jumps there."""
    stops = sorted({*grid, *_valleys(leads, grid)})
    kept: list[tuple[float, int, bool]] = []
    for change in (change for left, right in pairwise(stops) for change in _between(leads, left, right)):
        if kept and kept[-1][0] == change[0]:  # preferred at a single value, by a tie
            kept.pop()
        if change[1] != (kept[-1][1] if kept else leads.best(grid[0])):
            kept.append(change)
    return kept


def _valleys(leads: _Leads, grid: Sequence[float]) -> list[float]:
    """Return values between those of the grid at which an option that leads at its neighbours is behind another."""
    found: list[float] = []
    for place in range(1, len(grid) - 1):
        left, middle, right = grid[place - 1 : place + 2]
        best = leads.best(middle)
        if leads.best(left) != best or leads.best(right) != best:
            continue
        ahead = leads.all_leads(best, (left, middle, right))
        for other in np.flatnonzero((ahead[1] < ahead[0]) & (ahead[1] < ahead[2]) & (ahead[1] >= 0)):
            lead = leads.lead(best, int(other))
            lowest = optimize.minimize_scalar(lead, bounds=(left, right), method="bounded")
            value = float(lowest.x)
            if leads.best(value) != best:
                found.append(value)
    return found


def _between(leads: _Leads, left: float, right: float) -> list[tuple[float, int, bool]]:
    """Return the changes between two values, of which the preferred options differ or not."""
    one, other = leads.best(left), leads.best(right)
    if one == other:
        return []
    lead, near = leads.lead(one, other), _BESIDE * (right - left)
    if lead(left) <= 0 or lead(right) >= 0:  # a tie
        root = _end_of_tie(leads, left, right)
    else:
        root = float(optimize.brentq(lead, left, right, xtol=_NARROW * (right - left), rtol=4 * np.finfo(float).eps))
    third = leads.best(root)
    if third not in {one, other} and left < root < right:
        return [*_between(leads, left, root), *_between(leads, root, right)]
    sides = [lead(value) for value in (max(root - near, left), min(root + near, right))]
    jump = max(map(abs, sides)) > _JUMP * (abs(lead(left)) + abs(lead(right))) > 0
    return [(root, other, bool(jump))]


def _end_of_tie(leads: _Leads, left: float, right: float) -> float:
    """Return where the option preferred at the left is so no more, if it ties with that at the right at one of both."""
    one, other, near = leads.best(left), leads.best(right), _BESIDE * (right - left)
    if leads.best(left + near) == other:
        return left
    if leads.best(right - near) == one:
        return right
    low, high = left, right
    while high - low > _NARROW * (right - left) and low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if leads.best(middle) == one else (low, middle)
    return high
