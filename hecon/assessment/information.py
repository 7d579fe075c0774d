"""What further research on a comparison of a dossier is worth: per patient, to all patients, and less its costs."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from hecon import decision
from hecon.assessment.concluding import preferred
from hecon.assessment.records import ModelResult, Reason, TrialResult
from hecon.assessment.several import means_of
from hecon.decision.information.closed_form import SETS, expected_gain
from hecon.decision.information.enbs import LIFETIMES
from hecon.decision.information.inputs import constants_of
from hecon.dossier.comparison import ArmsStatistic
from hecon.dossier.model_studies import ModelTrial
from hecon.dossier.note import PatientsPerArm, of_trial
from hecon.errors import InputError
from hecon.reported.predictions import net_benefit_ranges, net_benefit_se_ranges, widened_to_halves

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray as xr

    from hecon.assessment.records import Assessment, ComparisonResult
    from hecon.dossier.comparison import Comparison
    from hecon.dossier.model_studies import AnyStudy

__all__ = [
    "SETS",
    "STUDY_SEED",
    "ParameterValues",
    "ParameterWorth",
    "ResearchValue",
    "StatedStudy",
    "StudyPlan",
    "evpi_range",
    "once",
    "parameter_values",
    "patients_behind",
    "per_year",
    "research_value",
    "stated_study",
    "study_values",
    "with_error",
]


# Draws below which no parameter's value is computed.
_FEWEST_DRAWS = 50
# Where the provenance of an assessment has the seed of the studies that are simulated.
STUDY_SEED = "study_seed"


@dataclass(frozen=True)
class ParameterWorth:
    """What it is worth to learn one parameter of a model, per patient [currency].

    Attributes
    ----------
    name : str, as the file of the draws has it
    evppi, se : float, expected value of perfect information on it alone, and its standard error
    out_of_fold : float, what the same regression gains in draws that it has not seen: far below `evppi` it is noise
    population : dict of float to float, for all who face the decision, by decision lifetime [years]
    """

    name: str
    evppi: float
    se: float
    out_of_fold: float
    population: dict[float, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ParameterValues:
    """The value of a model's parameters at some values of willingness to pay, or why it is not known.

    Attributes
    ----------
    found : xarray.Dataset or None
        As `hecon.evppi` returns, of every parameter that varies by itself.
    reason : str or None
        Why there is none: "no_parameters" in the file, "constant" (none varies) or "few_draws".
    constant : tuple of str, the parameters that have one value in all draws
    """

    found: xr.Dataset | None = field(default=None, repr=False, compare=False)
    reason: str | None = None
    constant: tuple[str, ...] = ()

    def ranked(self, wtp: float) -> tuple[ParameterWorth, ...]:
        """Return the parameters at one willingness to pay, the most valuable first; those of equal value by name."""
        if self.found is None:
            return ()
        row = self.found.sel(wtp=wtp)
        fields = (row[each].to_numpy().tolist() for each in ("evppi", "se", "out_of_fold"))
        known = [ParameterWorth(str(name), *rest) for name, *rest in zip(row["set"].to_numpy(), *fields, strict=True)]
        return tuple(sorted(known, key=lambda each: (-each.evppi, each.name)))


def parameter_values(result: ModelResult, options: Sequence[str], wtp: Sequence[float]) -> ParameterValues:
    """Return the value of each parameter of a model for the choice between some of its options."""
    constant = tuple(constants_of(result.inputs))
    reasons = {
        "no_parameters": result.inputs.columns.empty,
        "constant": len(constant) == len(result.inputs.columns),
        "few_draws": len(result.inputs) < _FEWEST_DRAWS,
    }
    reason = next((code for code, holds in reasons.items() if holds), None)
    if reason is not None:
        return ParameterValues(reason=reason, constant=constant)
    draws = result.model_draws.sel(strategy=list(options))
    return ParameterValues(decision.evppi(draws, result.inputs, wtp=list(wtp)), constant=constant)


_MONTHS = 12


@dataclass(frozen=True)
class StatedStudy:
    """A further study that a dossier states of a model.

    Attributes
    ----------
    study : ModelStudy, as stated
    arms : tuple of str, the options that its arms get; none where it is no trial
    """

    study: AnyStudy
    arms: tuple[str, ...] = ()

    @property
    def follow_up(self) -> float:
        """Years that each patient is followed."""
        return float(self.study.follow_up_months) / _MONTHS


def stated_study(specs: Iterable[Comparison]) -> StatedStudy | None:
    """Return the further study of a model that one of the comparisons of a choice states; None where none does."""
    for spec in specs:
        study = None if spec.draws is None else spec.draws.study
        if isinstance(study, ModelTrial):
            return StatedStudy(study, study.arms or (spec.comparator, spec.intervention))
        if study is not None:
            return StatedStudy(study)
    return None


def _stated(assessment: Assessment, result: ComparisonResult) -> StatedStudy | None:
    """Return the study that is stated for the choice that a comparison belongs to."""
    whole = assessment.incremental_of(result.spec.id)
    names = (result.spec.id,) if whole is None else whole.comparisons
    return stated_study(each.spec for each in assessment.comparisons if each.spec.id in names)


def study_values(
    result: ModelResult,
    stated: StatedStudy,
    options: Sequence[str],
    wtp: Sequence[float],
    *,
    seed: int,
    n: Sequence[float] | None = None,
) -> xr.Dataset | None:
    """Return the value of a study by size, and what its participants forgo; None where the draws are too few.

    As `hecon.evsi` returns, for the choice between some of the model's options; `n` defaults to the sizes stated.
    """
    if len(result.inputs) < _FEWEST_DRAWS:
        return None
    draws = result.model_draws.sel(strategy=list(options))
    sizes = sorted(stated.study.n) if n is None else list(n)
    found = decision.evsi(draws, result.inputs, stated.study.record(), n=sizes, wtp=list(wtp), rng=seed)
    benefit = decision.net_benefit(draws, wtp=list(wtp)).mean("draw")
    lost = [benefit.max("strategy") - benefit.sel(strategy=name) for name in stated.arms]
    return found.assign(forgone=("wtp", sum((each.to_numpy() for each in lost), start=np.zeros(len(wtp)))))


def with_error(worth: xr.Dataset, sampled: xr.Dataset) -> xr.Dataset:
    """Return the net benefit of a study of a model with the standard error of the highest, as ``optimal_se``."""
    # No study has no error.
    error = (sampled["se"] * worth["reached"]).sel(n=worth["optimal_n"].where(worth["optimal_n"] > 0, sampled["n"][0]))
    return worth.assign(optimal_se=error.where(worth["optimal_n"] > 0, 0.0).drop_vars("n"))


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
    options : tuple of str
        Ids of the options that the choice is between: both of the comparison, of a model all that the dossier compares.
    values : tuple of float, willingness to pay [currency per unit of effect]
    reason : Reason or None, why nothing can be said: no spread, no values, too few degrees of freedom
    patients : float or None, patients per arm behind the comparison, or their harmonic mean
    population, discount : float or None
        Patients per year who face the decision, and the yearly discount rate.
    information : xarray.Dataset or None
        As `hecon.normal_information` returns; of a model as `hecon.evppi` does, over its parameters.
    to_population : xarray.DataArray or None, EVPI over each lifetime, as `hecon.population_value` returns
    study : xarray.Dataset or None, as `hecon.enbs` returns; of a model with ``optimal_se``, as `with_error` adds
    stated : StatedStudy or None, of a model: the further study that the dossier states
    sampled : xarray.Dataset or None, what that study is worth, as `study_values` returns
    assumed : tuple of str
        The parameters that were assumed, and "design_effect" where one was, so that the value is an assumption too.
    tied : dict of float to tuple of str
        The options of equal expected net benefit where none is preferred, by willingness to pay; empty elsewhere.
    evpi_range : dict of float to (float, float)
        EVPI over rounding and their ranges, by willingness to pay; empty of data and models, which have neither.
    """

    comparison: str
    values: tuple[float, ...]
    options: tuple[str, ...] = ()
    reason: Reason | None = None
    patients: float | None = None
    population: float | None = None
    discount: float | None = None
    information: xr.Dataset | None = field(default=None, repr=False, compare=False)
    to_population: xr.DataArray | None = field(default=None, repr=False, compare=False)
    study: xr.Dataset | None = field(default=None, repr=False, compare=False)
    stated: StatedStudy | None = None
    sampled: xr.Dataset | None = field(default=None, repr=False, compare=False)
    assumed: tuple[str, ...] = ()
    tied: dict[float, tuple[str, ...]] = field(default_factory=dict)
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
    to all patients, with a plan and both a net benefit. Of a model the study is the one that the dossier states, `n`
    defaults to its sizes, and a given plan's follow-up counts in place of that stated.
    """
    stated = None
    if isinstance(result, ModelResult):
        stated = _study_of(assessment, result, patients, asked=n is not None or plan is not None)
    values = result.values_at(wtp)
    if result.draws is None or not values or result.few_freedom:
        return ResearchValue(result.spec.id, values, reason=_unvalued(result, values))
    draws, options = _chosen_from(assessment, result, result.draws)
    spec, behind, sampled = result.spec, None, None
    population, plan = _decided(assessment, result, population, plan)
    if isinstance(result, ModelResult):
        found = _of_model(result, draws, values)
        if stated is not None:
            stated = _followed(stated, plan)
            seed = assessment.provenance[STUDY_SEED]
            sampled = study_values(result, stated, options, values, seed=seed, n=n)
    else:
        behind = None if n is None else _patients(assessment, result, patients)
        found = decision.normal_information(draws, wtp=values, n=n, patients=behind, comparator=spec.comparator)
    rate, whole = None, {}
    if population is not None:
        rate = _discount(assessment, discount)
        valued = sampled if stated is not None else found if n is not None else None
        people = {"population": population, "discount": rate, "lifetime": lifetime}
        whole = _to_all(found, valued, plan, people, sampled=stated is not None)
    return ResearchValue(
        spec.id, values, options=options, patients=behind, population=population, discount=rate, information=found,
        stated=stated, sampled=sampled, assumed=_assumed(result), tied=_tied(assessment, options, spec.id, values),
        evpi_range={value: ends for value in values if (ends := evpi_range(result, value)) is not None}, **whole,
    )  # fmt: skip


def _unvalued(result: ComparisonResult, values: Sequence[float]) -> Reason:
    """Return why further research on a comparison has no value."""
    if result.draws is None:
        return result.reason or Reason("spread")
    unit = f"{result.spec.currency} per {result.spec.effect_unit}"
    return Reason("few_freedom") if values else Reason("no_values", (unit,))


def _to_all(
    found: xr.Dataset, valued: xr.Dataset | None, plan: StudyPlan | None, people: dict[str, Any], *, sampled: bool
) -> dict[str, Any]:
    """Return what knowing all is worth to all patients, and with a plan the net benefit of the study that is valued."""
    whole: dict[str, Any] = {"to_population": decision.population_value(found["evpi"], **people)}
    if plan is not None and valued is not None:
        worth = decision.enbs(valued, **people, **vars(plan))
        whole["study"] = with_error(worth, valued) if sampled else worth
    return whole


def _assumed(result: ComparisonResult) -> tuple[str, ...]:
    """Return the parameters that are assumed, and a design effect where one is."""
    names = () if result.fit is None else tuple(result.fit.assumed)
    return names if result.spec.design_effect is None else (*names, "design_effect")


def _study_of(
    assessment: Assessment, result: ModelResult, patients: float | None, *, asked: bool
) -> StatedStudy | None:
    """Return the study that is stated of a model; refuse patients behind it, and to be `asked` where none is stated."""
    stated = _stated(assessment, result)
    if patients is not None or (asked and stated is None):
        _refuse_study(assessment, result, patients)
    return stated


def _refuse_study(assessment: Assessment, result: ModelResult, patients: float | None) -> NoReturn:
    """Refuse patients behind a model, and a further study of which it is not known what it would measure."""
    about = f"{assessment.dossier.name}, {result.spec.id}"
    if patients is not None:
        rule = "the patients per arm behind it must not be given of a model, whose draws tell what is known"
        msg = f"{about}: {rule}, got {patients:g}; leave out --patients, or patients="
        raise InputError(msg)
    msg = (
        f"{about}: a further study of a model takes what it would measure: state that in [comparison.draws.study], "
        "leave out --sizes and the study's costs, or pass the draws of hecon.read_draws to hecon.evsi"
    )
    raise InputError(msg)


def _followed(stated: StatedStudy, plan: StudyPlan | None) -> StatedStudy:
    """Return a study with the follow-up of its plan."""
    if plan is None or plan.follow_up == stated.follow_up:
        return stated
    months = Decimal(str(plan.follow_up)) * _MONTHS
    return replace(stated, study=stated.study.model_copy(update={"follow_up_months": months}))


def once(assessment: Assessment, results: Sequence[ComparisonResult]) -> list[ComparisonResult]:
    """Return results without further ones of a model: what its research is worth is of all its options together."""
    found: dict[object, ComparisonResult] = {}
    for each in results:
        whole = assessment.incremental_of(each.spec.id) if isinstance(each, ModelResult) else None
        found.setdefault(each.spec.id if whole is None else whole.comparisons, each)
    return list(found.values())


def _chosen_from(
    assessment: Assessment, result: ComparisonResult, draws: xr.Dataset
) -> tuple[xr.Dataset, tuple[str, ...]]:
    """Return the draws of the options that a choice is between, and their ids."""
    whole = assessment.incremental_of(result.spec.id) if isinstance(result, ModelResult) else None
    if whole is not None and whole.curves is not None:
        draws = whole.curves.draws
        return draws, tuple(map(str, draws["strategy"].to_numpy()))
    pair = (result.spec.comparator, result.spec.intervention)
    return draws.sel(strategy=list(pair)), pair


def _tied(
    assessment: Assessment, options: Sequence[str], comparison: str, values: Sequence[float]
) -> dict[float, tuple[str, ...]]:
    """Return the options that tie for the highest expected net benefit at each value, as the note has them."""
    whole = assessment.incremental_of(comparison)
    names = (comparison,) if whole is None else whole.comparisons
    every = means_of([each for each in assessment.comparisons if each.spec.id in names])
    means = {name: each for name, each in every.items() if name in options}
    found = {value: preferred(means, value, lambda *_: {}).tied for value in values}
    return {value: each for value, each in found.items() if each}


def _patients(assessment: Assessment, result: ComparisonResult, patients: float | None) -> float:
    """Return the patients per arm behind a comparison, as given or on file."""
    behind = patients_behind(assessment, result) if patients is None else patients
    if behind is None:
        msg = (
            f"{assessment.dossier.name}, {result.spec.id}: the patients per arm behind the comparison must be given "
            "for a further study, as none are on file; give --patients, or patients="
        )
        raise InputError(msg)
    return behind


def _decided(
    assessment: Assessment, result: ComparisonResult, population: float | None, plan: StudyPlan | None
) -> tuple[float | None, StudyPlan | None]:
    """Return who face the decision each year and the further study, as given or on file."""
    # Who face the decision here is no number for a comparison of another country.
    here = assessment.at_home(result)
    population = per_year(assessment) if population is None and here else population
    if plan is not None and population is None:
        msg = (
            f"{assessment.dossier.name}, {result.spec.id}: the patients per year who face the decision must be given "
            "to weigh a study, as none are on file for it; give --population, or population="
        )
        raise InputError(msg)
    return population, _plan_on_file(assessment, result) if plan is None and here else plan


def _of_model(result: ModelResult, draws: xr.Dataset, values: Sequence[float]) -> xr.Dataset:
    """Return the preferred option, EVPI and the value of each parameter of a model."""
    learned = parameter_values(result, list(map(str, draws["strategy"].to_numpy())), values).found
    curves = decision.decision_curves(draws, wtp=list(values))[["optimal", "evpi"]]
    return curves if learned is None else learned.assign(optimal=("wtp", curves["optimal"].to_numpy()))


def _plan_on_file(assessment: Assessment, result: ComparisonResult) -> StudyPlan | None:
    """Return the further study that the dossier states, with the follow-up of the comparison; None without one."""
    stated = None if assessment.dossier.research is None else assessment.dossier.research.study
    if stated is None:
        return None
    model = _stated(assessment, result)
    return StudyPlan(
        accrual=float(stated.recruited_per_year),
        follow_up=float(result.spec.horizon_months) / _MONTHS if model is None else model.follow_up,
        fixed_cost=float(stated.fixed_cost),
        cost_per_patient=float(stated.cost_per_patient),
        analysis=float(stated.analysis_months) / _MONTHS,
    )


def evpi_range(result: ComparisonResult, value: float) -> tuple[float, float] | None:
    """Return EVPI over what rounding and assumptions allow, a design effect and halves of an interval among them.

    That is the range of the standard error of net benefit at the net benefit as estimated, and over the range of that
    where a mean is assumed. None where no published statistics are fitted, or nothing in them is open.
    """
    fit, spec = result.fit, result.spec
    if fit is None or fit.undetermined:
        return None
    fits = [fit, *([wide] if (wide := widened_to_halves(fit)) is not None else [])]
    spreads = [end for each in fits for end in net_benefit_se_ranges(each, wtp=value)[0]]
    if spec.design_effect is not None:
        spreads.append(max(spreads) * math.sqrt(float(spec.design_effect.range[1])))
    assumed = any(name in fit.assumed for name in ("delta_cost", "delta_effect"))
    means = [value * float(result.delta_effect or 0.0) - float(result.delta_cost or 0.0)]
    if assumed:
        low, high = net_benefit_ranges(fit, wtp=value)[0]
        # Certainty is worth most where net benefit is nearest to 0.
        means += [low, high, min(max(low, 0.0), high)]
    points = np.array(list(itertools.product(means, spreads)))
    gains = expected_gain(points[:, 0], points[:, 1])
    low, high = float(gains.min()), float(gains.max())
    return (low, high) if low < high else None


def _discount(assessment: Assessment, discount: float | None) -> float:
    """Return the yearly rate as given, or that of costs by the rules."""
    if discount is not None:
        return discount
    if not assessment.rules.discounting:
        msg = f"discount must be given: the rules {assessment.rules.name} have no rate for costs"
        raise InputError(msg)
    return float(assessment.rules.discounting_on().costs)
