"""The budget impact of a dossier: totals by the stated conventions and as printed, ranges, and the reconciliation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hecon._display import displayed
from hecon.budget.impact import budget_impact, uptake
from hecon.budget.reconciliation import reconcile
from hecon.budget.solving import break_even, one_way
from hecon.dossier import load
from hecon.errors import InputError
from hecon.printed.formulas import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from hecon.budget.plan import Plan
    from hecon.budget.reconciliation import Reconciliation
    from hecon.budget.records import Formula
    from hecon.dossier.loading import Dossier

# More draws move interval ends by less than their printed rounding.
_MOST_DRAWS = 10_000
_ENDS = ("minimum", "maximum")


@displayed
@dataclass(frozen=True)
class BudgetResult:
    """The budget impact of a dossier.

    Attributes
    ----------
    plan : Plan, its plan
    impact : xarray.Dataset
        `hecon.budget_impact` by the conventions as stated: minimum, maximum and the plan's own scenarios.
    as_printed : xarray.Dataset or None, the same by the conventions that give the printed totals, where those differ
    bars : xarray.Dataset or None, `hecon.budget.one_way` in the last year; None for a plan without prices
    parts : dict of str to xarray.Dataset
        The impact of each population alone, where there are several, counted as the lead.
    interval : (float, float) or None
        Central 95% of the draws of net spending in the last year; None unless more than one number moves it.
    break_even : dict of str to tuple of float
        Values of the plan's substitution at which the last year costs nothing, by scenario.
    reconciliation : Reconciliation, what came of the printed totals
    lead : {"stated", "as printed"}
        The conventions to tell first: those that give the printed totals, if they are a reading of the text.
    uptake : dict of str to tuple of float
        Share of patients on the new pathway in each year, by "stated" and where there are two, "as printed".
    """

    plan: Plan
    impact: xr.Dataset = field(repr=False, compare=False)
    as_printed: xr.Dataset | None = field(repr=False, compare=False)
    bars: xr.Dataset | None = field(repr=False, compare=False)
    parts: dict[str, xr.Dataset] = field(repr=False, compare=False)
    interval: tuple[float, float] | None
    break_even: dict[str, tuple[float, ...]]
    reconciliation: Reconciliation = field(repr=False)
    lead: str = "stated"
    uptake: dict[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def main(self) -> xr.Dataset:
        """The impact by the leading conventions."""
        return self.impact if self.as_printed is None or self.lead == "stated" else self.as_printed

    @property
    def other(self) -> xr.Dataset | None:
        """The impact by the other conventions, if there are two."""
        return None if self.as_printed is None else (self.as_printed if self.lead == "stated" else self.impact)

    @property
    def scenarios(self) -> dict[str, dict[str, float]]:
        """Values of the parameters in each scenario."""
        return self.main.attrs["scenarios"]  # type: ignore[no-any-return]

    @property
    def ends(self) -> tuple[str, ...]:
        """The minimum and maximum scenario, or all where others were asked for instead."""
        return tuple(name for name in _ENDS if name in self.scenarios) or tuple(self.scenarios)

    @property
    def moving_bars(self) -> xr.Dataset | None:
        """The bars that have any width; None for a plan without prices."""
        bars = self.bars
        return None if bars is None else bars.isel(parameter=(bars["net_least"] != bars["net_most"]).to_numpy())

    def middle(self, formula: Formula) -> float:
        """Return the value of a formula of the plan with every parameter at its middle."""
        return float(evaluate(formula, self.plan.middle))

    def over_ends(self, formula: Formula) -> tuple[float, float]:
        """Return the lowest and highest value of a formula of the plan over the scenarios in `ends`."""
        values = [float(evaluate(formula, self.scenarios[name])) for name in self.ends]
        return min(values), max(values)


def assess_budget(
    dossier: Dossier,
    n_draws: int,
    rng: np.random.Generator,
    *,
    scenarios: Mapping[str, str | Mapping[str, float | str]] | None = None,
) -> BudgetResult | None:
    """Return the budget impact of a dossier, or None where it has no plan."""
    plan = dossier.budget
    if plan is None:
        return None
    others = [_plan_of(name) for name in dict.fromkeys(name for total in plan.printed for name in total.plans)]
    reconciliation = reconcile([plan, *others])
    lead = "as printed" if _leads(plan, reconciliation) else "stated"
    bars = one_way(plan, conventions=lead) if plan.priced else None
    other, even = None, {}
    if plan.substitution is not None:
        moved = plan.substitution[0]
        even = {name: break_even(plan, of=moved, scenario=name, conventions=lead) for name in _ENDS}
    if plan.as_printed is not None:
        other = budget_impact(plan, scenarios=scenarios, conventions="as printed")
    parts = plan.populations if plan.priced and len(plan.populations) > 1 else ()
    return BudgetResult(
        plan=plan,
        impact=budget_impact(plan, scenarios=scenarios),
        as_printed=other,
        bars=bars,
        parts={part.id: budget_impact(plan.part(part.id), conventions=lead) for part in parts},
        interval=_interval(plan, bars, lead, min(n_draws, _MOST_DRAWS), rng),
        break_even=even,
        reconciliation=reconciliation,
        lead=lead,
        uptake=_uptake(plan),
    )


def _uptake(plan: Plan) -> dict[str, tuple[float, ...]]:
    chosen = {"stated": plan.conventions, "as printed": plan.as_printed}
    return {
        name: tuple(uptake(plan, conventions=rules).values.tolist())
        for name, rules in chosen.items()
        if rules is not None
    }


def _interval(
    plan: Plan, bars: xr.Dataset | None, lead: str, n_draws: int, rng: np.random.Generator
) -> tuple[float, float] | None:
    """Return the central 95% interval of draws; None for a single range, where scenarios say as much."""
    if bars is None or int((bars["net_least"] != bars["net_most"]).sum()) <= 1:
        return None
    drawn = budget_impact(plan, n_draws=n_draws, rng=rng, conventions=lead)
    low, high = np.quantile(drawn["total"].sel(year=plan.years[-1]).to_numpy(), [0.025, 0.975])
    return float(low), float(high)


def _leads(plan: Plan, reconciliation: Reconciliation) -> bool:
    contradicts = any(total.contradicts for total in reconciliation.together)
    return plan.as_printed is not None and bool(reconciliation.together) and not contradicts


def _plan_of(name: str) -> Plan:
    """Return the plan of a dossier that comes with hecon."""
    plan = load(name).budget
    if plan is None:
        msg = f"plans of a printed total must be dossiers with a budget, got {name!r}"
        raise InputError(msg)
    return plan


def rebuilt_premises(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Return the parameters of a plan that no source words: those that are assumed, and solved from printed amounts."""
    return {
        "assumed": tuple(name for name, parameter in plan.parameters.items() if parameter.status == "assumed"),
        "solved": tuple(name for name, parameter in plan.parameters.items() if parameter.solved_from),
    }


def inflation_of(plan: Plan, conventions: str) -> str | None:
    """Return which inflation a plan counts by its conventions "stated" or "as printed"; None where it has no prices."""
    if not plan.priced:
        return None
    if not plan.populations:
        return "unknown"
    chosen = plan.as_printed if conventions == "as printed" and plan.as_printed is not None else plan.conventions
    return chosen.inflation_rule.replace(" ", "_") if chosen.inflation else "none"


def counted(plan: Plan, conventions: str) -> tuple[str, str | None]:
    """Return how a plan is counted, as codes: "taken", "printed", "rebuilt" or "stated", and which inflation."""
    if not plan.populations:
        kind = "taken"
    elif conventions == "as printed":
        kind = "printed"
    else:
        kind = "rebuilt" if any(rebuilt_premises(plan).values()) else "stated"
    return kind, inflation_of(plan, conventions)
