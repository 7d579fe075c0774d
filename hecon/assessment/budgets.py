"""The budget impact of a dossier: totals, ranges, the reconciliation, and what to monitor of its substitution."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from hecon._display import displayed
from hecon.budget.impact import budget_impact, checked_conventions, uptake
from hecon.budget.reconciliation import reconcile
from hecon.budget.solving import break_even, one_way
from hecon.detection import patients_needed
from hecon.dossier import load
from hecon.dossier.note import CrossoverFact
from hecon.errors import InputError
from hecon.printed.formulas import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import xarray as xr

    from hecon.assessment.records import Assessment
    from hecon.budget.plan import Plan
    from hecon.budget.reconciliation import Reconciliation
    from hecon.budget.records import Flow, Formula, Population
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
    chosen = checked_conventions(plan, conventions)
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


# Monitoring of its substitution ---------------------------------------------------------------------------------------

# Shifts that are worth seeing whatever the budget: five and ten percentage points. A choice of hecon.
SHIFTS = (0.05, 0.10)
POWER, ALPHA = 0.8, 0.05
# Up to so many patients the binomial test counts them; beyond, the normal approximation is as good.
EXACT = 1_000
_SAME = 1e-9


@dataclass(frozen=True)
class Watched:
    """Care to count: patients a year who have it now, and in each year if the budget holds.

    Attributes
    ----------
    population, flow : str, ids in the plan
    sector, payer : str, by whom it is claimed
    now : float, patients a year in the base year
    expected : tuple of float, patients in each year of the plan
    replaced : bool, whether it is the care that the new pathway replaces
    """

    population: str
    flow: str
    sector: str
    payer: str
    now: float
    expected: tuple[float, ...]
    replaced: bool


@dataclass(frozen=True)
class MonitoringTarget:
    """How many patients of the new pathway tell one share with the replaced care from another.

    Attributes
    ----------
    kind : {"break_even", "shift", "scenario"}
        Whether the other share is the one without a saving, some points away, or that of a scenario.
    name : str, the scenario; else empty
    share : float, the other share
    patients : int, patients needed, one-sided at 5% with a power of 80%; 0 where no number of them tells
    """

    kind: str
    name: str
    share: float
    patients: int


@dataclass(frozen=True)
class Monitoring:
    """What to count in order to see the substitution that a budget assumes.

    Attributes
    ----------
    watched : tuple of Watched, care to count, that of both pathways first
    replaced : Watched or None, the care whose share tells the substitution; None where the plan has no such share
    share : float or None, share of the patients on the new pathway who have it after all, as the budget assumes
    entrants : float, patients on the new pathway in the first year
    targets : tuple of MonitoringTarget, the smallest number of patients first
    left_out : tuple of MonitoringTarget
        Shares that no number of patients tells from the assumed one, as one of the two is not between 0 and 1: of no
        patients.
    averaged : tuple of (str, str), population and id of care that is not watched, as only its average is known
    months : number or None, months within which the Dutch studies counted it, where they say so
    """

    watched: tuple[Watched, ...]
    replaced: Watched | None
    share: float | None
    entrants: float
    targets: tuple[MonitoringTarget, ...] = ()
    left_out: tuple[MonitoringTarget, ...] = ()
    averaged: tuple[tuple[str, str], ...] = ()
    months: float | None = None


def monitoring(assessment: Assessment) -> Monitoring | None:
    """Return what to monitor; None without a budget whose plan names its substitution."""
    result = assessment.budget
    if result is None or result.plan.substitution is None:
        return None
    averaged = tuple(_averaged(result.plan))
    watched = tuple(sorted(_watched(result), key=lambda each: not each.replaced))
    watched = tuple(each for each in watched if (each.population, each.flow) not in averaged)
    first = next((each for each in watched if each.replaced), None)
    if first is None:
        return Monitoring(watched, None, None, _entrants(result, result.plan.populations), averaged=averaged)
    # The share is that of one population, and so are those among whom it is counted.
    own = [each for each in result.plan.populations if each.id == first.population]
    entrants = _entrants(result, own)
    share = _share(result.plan, first, result.plan.middle[result.plan.substitution[0]])
    others = list(_others(result, first, share))
    targets = sorted((each for each in others if each.patients), key=lambda each: each.patients)
    left_out = tuple(each for each in others if not each.patients)
    return Monitoring(watched, first, share, entrants, tuple(targets), left_out, averaged, _months(assessment))


def _averaged(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield population and id of the care of which the plan has an average over all patients alone."""
    for population in plan.populations:
        flows = (*population.current, *population.new)
        yield from dict.fromkeys((population.id, each.id) for each in flows if each.averaged)


def _entrants(result: BudgetResult, populations: Sequence[Population]) -> float:
    """Return the patients of populations on the new pathway in the first year."""
    return sum(result.middle(each.size) for each in populations) * _growth(result)[0] * result.uptake[result.lead][0]


def _growth(result: BudgetResult) -> list[float]:
    """Return by which factor patients have grown in each year, by the conventions that lead."""
    plan, conventions = result.plan, checked_conventions(result.plan, result.lead)
    return [(1 + conventions.demographic_growth) ** (year - (plan.base_year or year)) for year in plan.years]


def _watched(result: BudgetResult) -> Iterator[Watched]:
    plan, uptake, growth = result.plan, result.uptake[result.lead], _growth(result)
    for population in plan.populations:
        size = result.middle(population.size)
        flows = {each.id: each for each in (*population.current, *population.new)}
        for name, flow in flows.items():
            now, new = (_part(result, flows_, name) for flows_ in (population.current, population.new))
            expected = (size * g * ((1 - u) * now + u * new) for g, u in zip(growth, uptake, strict=True))
            replaced = _is_replaced(plan, population, name)
            yield Watched(
                population.id, name, flow.sector, flow.payer, size * now, tuple(map(float, expected)), replaced
            )


def _part(result: BudgetResult, flows: tuple[Flow, ...], name: str) -> float:
    """Return the share of a pathway's patients who have some care."""
    return sum(result.middle(each.share) for each in flows if each.id == name)


def _is_replaced(plan: Plan, population: Population, name: str) -> bool:
    """Whether care of both pathways has a share in the new one that depends on the substitution."""
    if plan.substitution is None or name not in {each.id for each in population.current}:
        return False
    _, ends = plan.substitution
    shares = [each.share for each in population.new if each.id == name]
    return any(abs(_at(plan, each, ends[0]) - _at(plan, each, ends[1])) > _SAME for each in shares)


def _at(plan: Plan, formula: Formula, value: float) -> float:
    """Return a formula at a value of the substitution, the rest at its middle."""
    assert plan.substitution is not None  # noqa: S101 (asked for first)
    return float(evaluate(formula, plan.middle | {plan.substitution[0]: value}))


def _share(plan: Plan, care: Watched, value: float) -> float:
    """Return the share of patients on the new pathway who have the replaced care, at a value of the substitution."""
    population = next(each for each in plan.populations if each.id == care.population)
    return sum(_at(plan, each.share, value) for each in population.new if each.id == care.flow)


def _others(result: BudgetResult, care: Watched, share: float) -> Iterator[MonitoringTarget]:
    """Yield the other shares that matter, with the patients that tell them from the assumed one; 0 where none do."""
    plan = result.plan
    assert plan.substitution is not None  # noqa: S101 (asked for first)
    name = plan.substitution[0]
    ends = {_share(plan, care, value) for values in result.break_even.values() for value in values}
    others = [("break_even", "", min(ends, key=lambda end: abs(end - share)))] if ends else []
    others += [("shift", "", share + shift) for shift in SHIFTS]
    others += [
        ("scenario", scenario, _share(plan, care, float(values[name])))
        for scenario, values in plan.scenarios.items()
        if isinstance(values.get(name), (int, float))
    ]
    seen: set[float] = set()
    for kind, scenario, other in others:
        if math.isclose(other, share, abs_tol=_SAME) or round(other, 9) in seen:
            continue
        seen.add(round(other, 9))
        # The share without a saving is what has to be ruled out; elsewhere the assumed one is.
        pair = (other, share) if kind == "break_even" else (share, other)
        told_apart = 0 < share < 1 and 0 < other < 1
        yield MonitoringTarget(kind, scenario, other, _patients(*pair) if told_apart else 0)


# A note and its data ask for the same pair in each language.
@lru_cache(maxsize=64)
def _patients(expected: float, actual: float) -> int:
    patients = patients_needed(expected, actual, power=POWER, alpha=ALPHA)
    return patients if patients > EXACT else patients_needed(expected, actual, power=POWER, alpha=ALPHA, exact=True)


def _months(assessment: Assessment) -> float | None:
    """Return the longest period over which the Dutch studies counted who had the replaced care after all."""
    facts = (fact for study in assessment.dossier.note.study if study.origin == "dutch" for fact in study.fact)
    periods = (fact.within_months for fact in facts if isinstance(fact, CrossoverFact))
    return max((float(each) for each in periods if each is not None), default=None)
