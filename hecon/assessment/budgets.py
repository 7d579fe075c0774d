"""The budget impact of a dossier: totals by the stated conventions and as printed, ranges, and the reconciliation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hecon import budget
from hecon.dossier import load
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from hecon.dossier import Dossier

__all__ = ["BudgetResult", "assess_budget"]

# More draws move the ends of an interval by less than its rounding in print.
_MOST_DRAWS = 10_000


@dataclass(frozen=True)
class BudgetResult:
    """The budget impact of a dossier.

    Parameters
    ----------
    plan : Plan
        Its plan.
    impact : xarray.Dataset
        `hecon.budget_impact` by the conventions as stated: minimum, maximum and the plan's own scenarios.
    as_printed : xarray.Dataset or None
        The same by the conventions that give the printed totals, where those differ.
    bars : xarray.Dataset or None
        `hecon.budget.one_way` in the last year; None for a plan without prices.
    interval : (float, float) or None
        Central 95% of the net spending in the last year over all ranges; None where nothing has a range.
    break_even : dict of str to tuple of float
        Values of the plan's substitution at which the last year costs nothing, by scenario.
    reconciliation : Reconciliation
        What came of the printed totals.
    """

    plan: budget.Plan
    impact: xr.Dataset = field(repr=False, compare=False)
    as_printed: xr.Dataset | None = field(repr=False, compare=False)
    bars: xr.Dataset | None = field(repr=False, compare=False)
    interval: tuple[float, float] | None
    break_even: dict[str, tuple[float, ...]]
    reconciliation: budget.Reconciliation = field(repr=False)


def assess_budget(
    dossier: Dossier,
    n_draws: int,
    rng: np.random.Generator,
    *,
    scenarios: Mapping[str, str | Mapping[str, float | str]] | None = None,
) -> BudgetResult | None:
    """Return the budget impact of a dossier, or None where it has no plan.

    Parameters
    ----------
    dossier : Dossier
        The dossier; printed totals that include other plans read the dossiers of these.
    n_draws : int
        Number of draws for the interval, of which 10,000 are used at most.
    rng : numpy.random.Generator
        Its own stream.
    scenarios : mapping, optional
        Scenarios to count: a name, or values by parameter, for each; default minimum, maximum and those of the plan.

    Returns
    -------
    BudgetResult or None
        Frozen.

    Raises
    ------
    InputError
        If a scenario is not known, or a total includes a dossier that does not come with hecon.
    """
    plan = dossier.budget
    if plan is None:
        return None
    last = plan.years[-1]
    others = [_plan_of(name) for name in dict.fromkeys(name for each in plan.printed for name in each.plans)]
    interval = None
    if plan.priced and any(each.range is not None for each in plan.parameters.values()):
        drawn = budget.budget_impact(plan, n_draws=min(n_draws, _MOST_DRAWS), rng=rng)
        low, high = np.quantile(drawn["total"].sel(year=last).to_numpy(), [0.025, 0.975])
        interval = (float(low), float(high))
    break_even = {}
    if plan.substitution is not None:
        name, within = plan.substitution
        for scenario in ("minimum", "maximum"):
            break_even[scenario] = budget.break_even(plan, of=name, scenario=scenario, within=within)
    return BudgetResult(
        plan=plan,
        impact=budget.budget_impact(plan, scenarios=scenarios),
        as_printed=None if plan.as_printed is None else budget.budget_impact(plan, conventions="as printed"),
        bars=budget.one_way(plan) if plan.priced else None,
        interval=interval,
        break_even=break_even,
        reconciliation=budget.reconcile([plan, *others]),
    )


def _plan_of(name: str) -> budget.Plan:
    """Return the plan of a dossier that comes with hecon."""
    plan = load(name).budget
    if plan is None:
        msg = f"plans of a printed total must be dossiers with a budget, got {name!r}"
        raise InputError(msg)
    return plan
