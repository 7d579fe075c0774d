"""Monitoring of substitution: what to count in claims, and how many patients tell whether the budget's share holds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hecon.detection import patients_needed
from hecon.dossier.note import CrossoverFact
from hecon.printed.formulas import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hecon.assessment.budgets import BudgetResult
    from hecon.assessment.records import Assessment
    from hecon.budget import Plan
    from hecon.budget.records import Flow, Formula, Population

__all__ = ["Monitoring", "MonitoringTarget", "Watched", "monitoring"]

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
    plan = result.plan
    conventions = plan.as_printed if result.lead == "as printed" and plan.as_printed is not None else plan.conventions
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


def _patients(expected: float, actual: float) -> int:
    patients = patients_needed(expected, actual, power=POWER, alpha=ALPHA)
    return patients if patients > EXACT else patients_needed(expected, actual, power=POWER, alpha=ALPHA, exact=True)


def _months(assessment: Assessment) -> float | None:
    """Return the longest period over which the Dutch studies counted who had the replaced care after all."""
    facts = (fact for study in assessment.dossier.note.study if study.origin == "dutch" for fact in study.fact)
    periods = (fact.within_months for fact in facts if isinstance(fact, CrossoverFact))
    return max((float(each) for each in periods if each is not None), default=None)
