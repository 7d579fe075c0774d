"""What further research would be worth to the decision that an assessment concludes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hecon.assessment.information import (
    STUDY_SEED,
    ParameterValues,
    ParameterWorth,
    StatedStudy,
    evpi_range,
    parameter_values,
    patients_behind,
    per_year,
    stated_study,
    study_values,
    with_error,
)
from hecon.assessment.records import ModelResult
from hecon.decision.information.closed_form import normal_information
from hecon.decision.information.enbs import LIFETIMES, enbs, population_value
from hecon.dossier.model_studies import model_choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from hecon.assessment.concluding import Conclusion, Preference
    from hecon.assessment.records import Assessment, ComparisonResult
    from hecon.dossier.loading import FurtherStudy, Research

__all__ = [
    "LIFETIMES",
    "PER",
    "BestSize",
    "Information",
    "StudyWorth",
    "Weighed",
    "information",
    "not_computed",
    "studies_aside",
]

# A further study is shown at these multiples of the patients per arm behind the results.
_MULTIPLES = (0.5, 1.0, 2.0, 4.0)
_MONTHS = 12
# Arms of a further study of the same design.
_ARMS = 2
# Patients a year that values are told for where their number is not on file.
PER = 1000
# Patients per arm over which the best size is sought.
_SIZES = np.unique(np.round(np.geomspace(5, 20_000, 200)))
# Sizes are drawn up to this multiple of the patients per arm behind the results.
_DRAWN = 16


class _People(NamedTuple):
    """Who face the decision: patients per year, and the yearly rate at which what they gain is discounted."""

    per_year: float
    discount: float


@dataclass(frozen=True)
class StudyWorth:
    """What a further study of one size is worth.

    Attributes
    ----------
    n : int, patients per arm
    evsi : float, per patient who faces the decision [currency]
    population : dict of float to float, for all of them by decision lifetime [years], from the result on [currency]
    se : float or None, standard error of simulation; None of the closed form, which has none
    capped : bool, whether the regression gave more than the EVPI, to which `evsi` was reduced
    """

    n: int
    evsi: float
    population: dict[float, float]
    se: float | None = None
    capped: bool = False


@dataclass(frozen=True)
class BestSize:
    """The size of a further study with the highest expected net benefit; 0 patients where none pays.

    Attributes
    ----------
    n, low, high : int, patients per arm; the sizes within 5% of the highest net benefit
    enbs : float, its expected net benefit [currency]
    at_edge : bool, whether a larger study than was tried may be better
    se : float or None, standard error of `enbs` by simulation; None of the closed form, which has none
    """

    n: int
    low: int
    high: int
    enbs: float
    at_edge: bool
    se: float | None = None


@dataclass(frozen=True)
class Weighed:
    """The choice where health lost counts for more than health gained.

    Attributes
    ----------
    weight : float, value of health lost over that of health gained
    option : str or None, the preferred option; None where both are equal
    net_benefit : float, of the option that yields less [currency]
    probability : float, that the preferred option is the better one
    """

    weight: float
    option: str | None
    net_benefit: float
    probability: float


@dataclass(frozen=True)
class Information:
    """The value of information at the value per unit of effect that counts.

    Attributes
    ----------
    comparison : str, its id
    value : float, [currency per unit of effect]
    evpi : float, expected loss of the preferred option [currency per patient]
    evpi_range : (float, float) or None
        Over what rounding and assumptions allow, as `hecon.assessment.information.evpi_range` returns.
    evppi : dict of str to float, of knowing "delta_cost" or "delta_effect" alone [currency per patient]
    counted : str or None, id of the figure with the patients who face the decision each year; None where not on file
    per_year : float or None, their number
    discount : float or None, yearly rate of costs; None where the rules have none, so that nothing is discounted
    population_evpi : dict of float to float, by decision lifetime [years]; for `PER` a year where `counted` is None
    patients : float or None, patients per arm behind the results, their harmonic mean; None where not on file
    studies : tuple of StudyWorth
        Further studies of the same design, of a model of the one stated by size; empty where `patients` and `stated`
        are None, or a model has too few draws.
    delay : float, years until the result of one: its follow-up, and what the dossier states of recruitment
    best : dict of float to BestSize, by decision lifetime; empty where the costs of a study are not on file
    turning : dict of str to float
        How much larger (above 0) or smaller the difference in "cost" or "effect" of the comparison would have to be
        to turn the preference, the other difference being as it is; of more than two options that of the preferred
        one against the runner-up.
    weighed : Weighed or None, where the option that the question asks about saves costs and loses health
    curve : xarray.Dataset or None
        `hecon.normal_information` over many sizes of a study; of a model `hecon.evsi` over those stated, else None.
    parameters : tuple of ParameterWorth, of a model, the most valuable first
    values : ParameterValues or None, of a model: where these are from, or why there are none
    stated : StatedStudy or None, of a model: the further study that the dossier states
    """

    comparison: str
    value: float
    evpi: float
    evpi_range: tuple[float, float] | None
    evppi: dict[str, float]
    counted: str | None
    per_year: float | None
    discount: float | None
    population_evpi: dict[float, float]
    patients: float | None
    studies: tuple[StudyWorth, ...]
    delay: float
    best: dict[float, BestSize]
    turning: dict[str, float]
    weighed: Weighed | None
    curve: xr.Dataset | None = field(default=None, repr=False, compare=False)
    parameters: tuple[ParameterWorth, ...] = ()
    values: ParameterValues | None = None
    stated: StatedStudy | None = None

    @property
    def arms(self) -> int:
        """Arms of a further study."""
        return _ARMS if self.stated is None else self.stated.study.record().arms


def information(assessment: Assessment, concluded: Conclusion) -> tuple[Information, ...]:
    """Return the value of information of the comparison that answers: at the value that counts, else at each shown.

    Empty without draws, and where `not_computed` tells why.
    """
    result = next((each for each in assessment.comparisons if each.spec.id == concluded.comparison), None)
    if result is None or result.draws is None or not_computed(assessment, concluded) is not None:
        return ()
    shown = (concluded.at,) if concluded.at is not None else concluded.values
    known = [at for at in shown if at.expected_loss is not None]
    if isinstance(result, ModelResult):
        return _of_model(assessment, concluded, result, known)
    return tuple(_at(assessment, concluded, result, result.draws, at) for at in known)


def not_computed(assessment: Assessment, concluded: Conclusion) -> str | None:
    """Return why there is no value of research though the comparison that answers has draws; None where there is one.

    "several" options, unless they are a model's, "few_freedom" (degrees of freedom), or "skewed".
    """
    result = next((each for each in assessment.comparisons if each.spec.id == concluded.comparison), None)
    if result is None or result.draws is None:
        return None
    reasons = {
        "several": len(concluded.compared) > 1 and not isinstance(result, ModelResult),
        "few_freedom": result.few_freedom,
        "skewed": result.fit is not None and result.fit.marginal != "normal",
    }
    return next((code for code, holds in reasons.items() if holds), None)


def studies_aside(assessment: Assessment) -> tuple[str, ...]:
    """Return the comparisons whose stated study `Assessment.information` does not value, the first of each choice."""
    shown = {each.comparison for each in assessment.information if each.stated is not None}
    told = {model_choice(each.spec) for each in assessment.comparisons if each.spec.id in shown}
    found: dict[object, str] = {}
    for each in assessment.comparisons:
        choice = model_choice(each.spec)
        if each.spec.draws is not None and each.spec.draws.study is not None and choice not in told:
            found.setdefault(choice, each.spec.id)
    return tuple(found.values())


def _research(assessment: Assessment, result: ComparisonResult) -> Research | None:
    """Return who face the decision and what a study takes: of the country of the rules, so not for another one's."""
    return assessment.dossier.research if assessment.at_home(result) else None


def _people(assessment: Assessment, research: Research | None) -> _People:
    yearly = None if research is None else per_year(assessment)
    return _People(PER if yearly is None else yearly, _discount(assessment) or 0.0)


def _common(assessment: Assessment, concluded: Conclusion, result: ComparisonResult, at: Preference) -> dict[str, Any]:
    """Return the fields that do not depend on the form of the draws."""
    research = _research(assessment, result)
    evpi, several = at.expected_loss or 0.0, len(concluded.compared) > 1
    of_runner_up = {"cost": at.net_benefit, **({"effect": -at.net_benefit / at.value} if at.value > 0 else {})}
    return {
        "comparison": result.spec.id,
        "value": at.value,
        "evpi": evpi,
        "evpi_range": evpi_range(result, at.value),
        "counted": None if research is None else research.population,
        "per_year": None if research is None else per_year(assessment),
        "discount": _discount(assessment),
        "population_evpi": _by_lifetime(evpi, _people(assessment, research), 0.0),
        "turning": of_runner_up if several else _turning(result, at.value),
        "weighed": None if several else _weighed(concluded, result, at.value),
    }


def _of_model(
    assessment: Assessment, concluded: Conclusion, result: ModelResult, shown: Sequence[Preference]
) -> tuple[Information, ...]:
    """Return the value of a model's parameters, and of the study of them that is stated, at each value told."""
    if not shown:
        return ()
    specs = {each.spec.id: each.spec for each in assessment.comparisons}
    compared = [specs[name] for name in concluded.compared]
    options = [result.spec.comparator, *(spec.intervention for spec in compared)]
    wtp = [at.value for at in shown]
    values, stated = parameter_values(result, options, wtp), stated_study(compared)
    sampled = None
    if stated is not None:
        sampled = study_values(result, stated, options, wtp, seed=assessment.provenance[STUDY_SEED])
    research = _research(assessment, result)
    # Of 1 per patient: what is learned is worth as much more to all.
    whole = _by_lifetime(1.0, _people(assessment, research), 0.0)
    return tuple(
        Information(
            **_common(assessment, concluded, result, at),
            evppi={},
            patients=None,
            **_of_study(assessment, research, stated, None if sampled is None else sampled.sel(wtp=[at.value])),
            parameters=tuple(
                replace(each, population={years: each.evppi * total for years, total in whole.items()})
                for each in values.ranked(at.value)
            ),
            values=values,
            stated=stated,
        )
        for at in shown
    )


def _of_study(
    assessment: Assessment, research: Research | None, stated: StatedStudy | None, found: xr.Dataset | None
) -> dict[str, Any]:
    """Return the fields of the study that is stated of a model, at one willingness to pay."""
    delay = 0.0 if stated is None else stated.follow_up
    if found is None:
        return {"studies": (), "delay": delay, "best": {}}
    study, people = None if research is None else research.study, _people(assessment, research)
    arms = int(found.attrs["arms"])
    rows = zip(*(found[name].to_numpy().ravel().tolist() for name in ("n", "evsi", "se", "capped")), strict=True)
    return {
        "studies": tuple(
            StudyWorth(n, evsi, _by_lifetime(evsi, people, delay + _recruiting(study, arms * n)), se=se, capped=capped)
            for n, evsi, se, capped in rows
        ),
        "delay": delay,
        "best": {} if study is None else _best(found, study, people, delay),
        "curve": found,
    }


def _at(
    assessment: Assessment, concluded: Conclusion, result: ComparisonResult, draws: xr.Dataset, at: Preference
) -> Information:
    research = _research(assessment, result)
    study, people = None if research is None else research.study, _people(assessment, research)
    patients = patients_behind(assessment, result)
    sizes = [] if patients is None else sorted({max(round(patients * each), 1) for each in _MULTIPLES})
    found = normal_information(
        draws,
        wtp=[at.value],
        n=None if patients is None else np.union1d(sizes, _SIZES),
        patients=patients,
        comparator=result.spec.comparator,
    )
    delay = float(result.spec.horizon_months) / _MONTHS
    return Information(
        **_common(assessment, concluded, result, at),
        evppi={str(name): float(found["evppi"].sel(set=name).item()) for name in found["set"].values},
        patients=patients,
        studies=tuple(
            StudyWorth(size, value, _by_lifetime(value, people, delay + _recruiting(study, _ARMS * size)))
            for size, value in ((each, float(found["evsi"].sel(n=each).item())) for each in sizes)
        ),
        delay=delay,
        best={} if study is None or patients is None else _best(found, study, people, delay),
        curve=_curve(found, at, patients),
    )


def _curve(found: xr.Dataset, at: Preference, patients: float | None) -> xr.Dataset:
    """Return the value by size as it is drawn, below the EVPI of the draws."""
    kept = found.assign(evpi=found["evpi"].copy(data=[at.expected_loss]))
    return kept if patients is None else kept.sel(n=kept["n"][kept["n"] <= _DRAWN * patients])


def _by_lifetime(value: float, people: _People, delay: float) -> dict[float, float]:
    found = population_value(value, population=people.per_year, discount=people.discount, delay=delay)
    return {float(years): float(found.sel(lifetime=years).item()) for years in LIFETIMES}


def _discount(assessment: Assessment) -> float | None:
    rules = assessment.rules
    return float(rules.discounting_on().costs) if rules.discounting else None


def _recruiting(study: FurtherStudy | None, participants: float) -> float:
    """Return the years of recruitment and analysis of a study; 0 where not on file."""
    if study is None:
        return 0.0
    return participants / float(study.recruited_per_year) + float(study.analysis_months) / _MONTHS


def _best(found: xr.Dataset, study: FurtherStudy, people: _People, follow_up: float) -> dict[float, BestSize]:
    worth = enbs(
        found,
        accrual=float(study.recruited_per_year),
        follow_up=follow_up,
        analysis=float(study.analysis_months) / _MONTHS,
        fixed_cost=float(study.fixed_cost),
        cost_per_patient=float(study.cost_per_patient),
        population=people.per_year,
        discount=people.discount,
    )
    simulated = "se" in found
    worth = (with_error(worth, found) if simulated else worth).isel(wtp=0)
    sizes = {key: worth[name] for key, name in (("n", "optimal_n"), ("low", "n_low"), ("high", "n_high"))}
    return {
        float(years): BestSize(
            **{key: int(each.sel(lifetime=years)) for key, each in sizes.items()},
            enbs=float(worth["optimal_enbs"].sel(lifetime=years)),
            at_edge=bool(worth["at_edge"].sel(lifetime=years)),
            se=float(worth["optimal_se"].sel(lifetime=years)) if simulated else None,
        )
        for years in LIFETIMES
    }


def _turning(result: ComparisonResult, value: float) -> dict[str, float]:
    """Return the change of each difference at which the net benefit is 0."""
    if result.delta_cost is None or result.delta_effect is None:
        return {}
    spare = value * result.delta_effect - result.delta_cost
    return {"cost": spare, **({"effect": -spare / value} if value > 0 else {})}


def _weighed(concluded: Conclusion, result: ComparisonResult, value: float, weight: float = 2.0) -> Weighed | None:
    """Return the choice with health lost at twice its value, if the option asked about saves costs and loses health."""
    if result.quadrant not in {"NE", "SW"} or result.curves is None or concluded.option is None:
        return None
    less = result.spec.comparator if result.quadrant == "NE" else result.spec.intervention
    if concluded.option != less:
        return None
    saved, lost = abs(result.delta_cost or 0.0), abs(result.delta_effect or 0.0)
    benefit = saved - weight * value * lost
    more = result.spec.intervention if less == result.spec.comparator else result.spec.comparator
    option = None if math.isclose(saved, weight * value * lost, rel_tol=1e-12) else less if benefit > 0 else more
    chances = result.curves.acceptability([weight * value])
    return Weighed(weight, option, benefit, float(chances.sel(strategy=option or less).item()))
