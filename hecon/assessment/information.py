"""What further research on a comparison of a dossier is worth: per patient, to all patients, and less its costs."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import decision, reported
from hecon.assessment.records import ModelResult, Reason, TrialResult
from hecon.decision.information.closed_form import SETS, expected_gain
from hecon.decision.information.enbs import LIFETIMES
from hecon.dossier.comparison import ArmsStatistic, arguments, assumed
from hecon.dossier.note import PatientsPerArm, of_trial
from hecon.errors import ContradictionError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from hecon.assessment.records import Assessment, ComparisonResult
__all__ = ["SETS", "ResearchValue", "StudyPlan", "patients_behind", "per_year", "research_value"]

# Points of an assumed range at which the value of research is computed, its ends and middle among them.
_POINTS = 5
_MONTHS = 12


@dataclass(frozen=True)
class StudyPlan:
    """How a further study would be done.

    Attributes
    ----------
    accrual : float, patients recruited per year in both arms together
    follow_up, analysis : float, years of follow-up, and from the last measurement to the result
    fixed_cost, cost_per_patient : float, its costs [currency; currency per patient]
    """

    accrual: float
    follow_up: float
    fixed_cost: float
    cost_per_patient: float
    analysis: float = 0.0


@dataclass(frozen=True)
class ResearchValue:
    """The value of further research on one comparison.

    Attributes
    ----------
    comparison : str, its id
    values : tuple of float, willingness to pay [currency per unit of effect]
    reason : Reason or None, why nothing can be said: no spread, too few degrees of freedom
    patients : float or None, patients per arm behind the comparison, or their harmonic mean
    population, discount : float or None
        Patients per year who face the decision, and the yearly discount rate.
    information : xarray.Dataset or None, as `hecon.normal_information` returns
    to_population : xarray.DataArray or None, EVPI over each lifetime, as `hecon.population_value` returns
    study : xarray.Dataset or None, as `hecon.enbs` returns
    assumed : tuple of str, the parameters that were assumed, so that the value is an assumption too
    evpi_range : dict of float to (float, float)
        EVPI over their ranges, by willingness to pay; empty where nothing is assumed.
    """

    comparison: str
    values: tuple[float, ...]
    reason: Reason | None = None
    patients: float | None = None
    population: float | None = None
    discount: float | None = None
    information: xr.Dataset | None = field(default=None, repr=False, compare=False)
    to_population: xr.DataArray | None = field(default=None, repr=False, compare=False)
    study: xr.Dataset | None = field(default=None, repr=False, compare=False)
    assumed: tuple[str, ...] = ()
    evpi_range: dict[float, tuple[float, float]] = field(default_factory=dict)


def patients_behind(assessment: Assessment, result: ComparisonResult) -> float | None:
    """Return the patients per arm behind a comparison, their harmonic mean; None where they are not on file.

    They are those of the patient data, or that its statistics report, or else that a study of its trial states.
    """
    arms: Sequence[float] = ()
    if isinstance(result, TrialResult):
        described = result.trial.description
        known = dict(zip(described.strategies, described.patients, strict=True))
        names = result.trial_source.arms
        arms = [known[names[option]] for option in (result.spec.intervention, result.spec.comparator)]
    else:
        told = (each.n for each in result.spec.statistic if isinstance(each, ArmsStatistic) and each.n is not None)
        facts = (fact for study in of_trial(assessment.dossier.note, result.spec.trial) for fact in study.fact)
        stated = (fact.value for fact in facts if isinstance(fact, PatientsPerArm))
        arms = [float(each) for each in next(itertools.chain(told, stated), ())]
    return len(arms) / sum(1 / each for each in arms) if arms else None


def per_year(assessment: Assessment) -> float | None:
    """Return the patients who face the decision each year; None where their number is not on file."""
    research = assessment.dossier.research
    if research is None:
        return None
    return next(float(each.value or 0) for each in assessment.dossier.figure if each.id == research.population)


def research_value(
    assessment: Assessment,
    result: ComparisonResult,
    *,
    wtp: Sequence[float] | None = None,
    n: Sequence[float] | None = None,
    patients: float | None = None,
    population: float | None = None,
    discount: float | None = None,
    lifetime: Sequence[float] = LIFETIMES,
    plan: StudyPlan | None = None,
) -> ResearchValue:
    """Return what further research on a comparison is worth.

    `wtp` defaults to the reference values where the rules have some for it, else to the values that it is shown at;
    `patients` per arm to those on file, `discount` to the rules' rate for costs; `population` and `plan`, in the
    currency of the rules, to the dossier's. With `n` there is a study of that size per arm, with a population a value
    to all patients, with a plan and both a net benefit.
    """
    if isinstance(result, ModelResult):
        msg = (
            f"{assessment.dossier.name}, {result.spec.id}: further research is valued from normal draws, and those of "
            "a model have their own form: hecon.evpi takes them as hecon.read_draws gives them"
        )
        raise InputError(msg)
    judged = tuple(float(each.reference_value) for each in result.judgements)
    values = tuple(map(float, wtp)) if wtp is not None else judged or tuple(map(float, result.values))
    if result.draws is None or not values:
        return ResearchValue(result.spec.id, values, reason=result.reason or Reason("spread"))
    if result.few_freedom:
        return ResearchValue(result.spec.id, values, reason=Reason("few_freedom"))
    behind = (patients_behind(assessment, result) if patients is None else patients) if n is not None else None
    spec = result.spec
    # Who face the decision here is no number for a comparison of another country.
    here = assessment.at_home(result)
    population = per_year(assessment) if population is None and here else population
    if plan is not None and population is None:
        msg = (
            f"{assessment.dossier.name}, {spec.id}: the patients per year who face the decision must be given to weigh "
            "a study, as none are on file for it; give --population, or population="
        )
        raise InputError(msg)
    plan = _plan_on_file(assessment, result) if plan is None and here else plan
    if n is not None and behind is None:
        msg = (
            f"{assessment.dossier.name}, {result.spec.id}: the patients per arm behind the comparison must be given "
            "for a further study, as none are on file; give --patients, or patients="
        )
        raise InputError(msg)
    draws = result.draws.sel(strategy=[spec.comparator, spec.intervention])
    found = decision.normal_information(draws, wtp=values, n=n, patients=behind, comparator=spec.comparator)
    rate = _discount(assessment, discount) if population is not None else None
    whole: dict[str, Any] = {}
    if population is not None and rate is not None:
        people: dict[str, Any] = {"population": population, "discount": rate, "lifetime": lifetime}
        whole["to_population"] = decision.population_value(found["evpi"], **people)
        if plan is not None and n is not None:
            whole["study"] = decision.enbs(found, **people, **vars(plan))
    names = () if result.fit is None else tuple(result.fit.assumed)
    return ResearchValue(
        spec.id, values, patients=behind, population=population, discount=rate, information=found, assumed=names,
        evpi_range=_over_assumptions(result, values) if names else {}, **whole,
    )  # fmt: skip


def _plan_on_file(assessment: Assessment, result: ComparisonResult) -> StudyPlan | None:
    """Return the further study that the dossier states, with the follow-up of the comparison; None without one."""
    stated = None if assessment.dossier.research is None else assessment.dossier.research.study
    if stated is None:
        return None
    return StudyPlan(
        accrual=float(stated.recruited_per_year),
        follow_up=float(result.spec.horizon_months) / _MONTHS,
        fixed_cost=float(stated.fixed_cost),
        cost_per_patient=float(stated.cost_per_patient),
        analysis=float(stated.analysis_months) / _MONTHS,
    )


def _over_assumptions(result: ComparisonResult, values: Sequence[float]) -> dict[float, tuple[float, float]]:
    """Return the least and the most EVPI over a grid of the assumed ranges, every statistic fitted anew at each point.

    A spread may have its least between the ends of a range, so these alone are not enough. The means are those of the
    result, unless one of them is assumed.
    """
    spec, known = result.spec, arguments(result.spec)
    moving = any(each.parameter in {"delta_cost", "delta_effect"} for each in spec.assumption)
    weights = np.stack([-np.ones(len(values)), np.array(values)])
    axes = [_points(float(each.range[0]), float(each.range[1])) for each in spec.assumption]
    benefits, spreads = [], []
    for point in itertools.product(*axes):
        assume = {
            each.parameter: replace(assumed(each), value=at) for each, at in zip(spec.assumption, point, strict=True)
        }
        try:
            theta = reported.fit(**{**known, "assume": assume}).theta
        except ContradictionError:
            continue  # the statistics rule this point out
        means = theta[:2] if moving else (result.delta_cost, result.delta_effect)
        _, _, cost_se, effect_se, correlation = theta
        shared = correlation * cost_se * effect_se
        covariance = np.array([[cost_se**2, shared], [shared, effect_se**2]])
        benefits.append(np.array(means, dtype=float) @ weights)
        spreads.append(np.sqrt(np.maximum(np.einsum("iw,ij,jw->w", weights, covariance, weights), 0.0)))
    gains = expected_gain(np.array(benefits), np.array(spreads))
    return {
        value: (float(low), float(high)) for value, low, high in zip(values, gains.min(0), gains.max(0), strict=True)
    }


def _points(low: float, high: float) -> list[Decimal]:
    """Return values of an assumed range."""
    return [Decimal(f"{at:.12g}") for at in np.linspace(low, high, _POINTS)]


def _discount(assessment: Assessment, discount: float | None) -> float:
    """Return the yearly rate as given, or that of costs by the rules."""
    if discount is not None:
        return discount
    if not assessment.rules.discounting:
        msg = f"discount must be given: the rules {assessment.rules.name} have no rate for costs"
        raise InputError(msg)
    return float(assessment.rules.discounting_on().costs)
