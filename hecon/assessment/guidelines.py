"""Agreement of a comparison with the country's guideline for economic evaluations, point by point."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hecon.assessment.records import ModelResult, TrialResult
from hecon.dossier.comparison import EffectProbability, ProbabilityStatistic, QuadrantStatistic
from hecon.dossier.documents import extent_read

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from hecon.assessment.records import Assessment, ComparisonResult
    from hecon.dossier.comparison import GuidelineAnswer, ReportedStatement
    from hecon.rulesets.parts import Discounting, Guideline, GuidelinePoint

__all__ = ["OUTCOMES", "Agreement", "PointResult", "agreement"]

OUTCOMES = ("met", "not met", "not applicable", "not reported", "not looked up")
MET, NOT_MET, NOT_APPLICABLE, NOT_REPORTED, NOT_LOOKED_UP = OUTCOMES

# Costs and effects of the first year are not discounted.
_YEAR = 12


@dataclass(frozen=True)
class PointResult:
    """How a comparison agrees with one point of the guideline.

    Attributes
    ----------
    point : GuidelinePoint, the point
    outcome : str, one of `OUTCOMES`
    reason : str or None, code of why, with `values` for its words; None where the dossier's answer says it
    answer : GuidelineAnswer or None, what the dossier says of the point
    """

    point: GuidelinePoint
    outcome: str
    reason: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    answer: GuidelineAnswer | None = None


@dataclass(frozen=True)
class Agreement:
    """How a comparison agrees with the guideline of the rules.

    Attributes
    ----------
    guideline : Guideline, the latest, which the points are of
    in_force : Guideline or None, that of the year of publication; None where it is not known, and for another country
    home : bool, whether the evaluation is from the country of the rules
    by_currency : bool, whether that is inferred from its currency, as one of the countries is not on file
    rates : Discounting or None, the rates that came with the one in force
    points : tuple of PointResult, in the order of the guideline
    """

    guideline: Guideline
    in_force: Guideline | None
    home: bool
    by_currency: bool
    rates: Discounting | None
    points: tuple[PointResult, ...]

    def counted(self, outcome: str) -> int:
        """Return the number of points with an outcome."""
        return sum(each.outcome == outcome for each in self.points)


@dataclass(frozen=True)
class _Derived:
    """What the fields of a dossier tell of a point; `outcome` None where they leave it open.

    A settled outcome is told by a field of its own, so that no answer of the dossier replaces it.
    """

    outcome: str | None
    reason: str
    values: dict[str, Any] = field(default_factory=dict)
    settled: bool = False


@dataclass(frozen=True)
class _Held:
    """A comparison held against a point, with the rates of the latest guideline and of the one before it.

    `unknown` is the outcome of what its sources do not tell.
    """

    assessment: Assessment
    result: ComparisonResult
    point: GuidelinePoint
    rates: Discounting | None
    earlier: Discounting | None
    unknown: str

    @property
    def care_alone(self) -> bool:
        """Whether only costs of health care count."""
        return self.result.spec.perspective == "healthcare"


def agreement(assessment: Assessment, result: ComparisonResult) -> Agreement | None:
    """Return how a comparison agrees with the latest guideline of the rules; None where these have no points."""
    rules, spec = assessment.rules, result.spec
    guidelines = rules.guidelines_on()
    if not guidelines or not guidelines[-1].point:
        return None
    latest, before = guidelines[-1], guidelines[-2] if len(guidelines) > 1 else None
    by_currency = None in {rules.country, spec.country}
    home = spec.currency == rules.currency if by_currency else spec.country == rules.country
    in_force = rules.guideline_of(spec.published) if home and spec.published is not None else None
    rates = rules.rates_of(latest), None if before is None else rules.rates_of(before)
    unknown = NOT_REPORTED if extent_read(assessment.dossier, spec) == "whole" else NOT_LOOKED_UP
    points = tuple(_point(_Held(assessment, result, each, *rates, unknown)) for each in latest.point)
    own_rates = None if in_force is None else rules.rates_of(in_force)
    return Agreement(latest, in_force, home, by_currency, own_rates, points)


def _point(held: _Held) -> PointResult:
    """Return the outcome by the field that tells it, else by the dossier's answer, else that it is not known."""
    derived = _RULES.get(held.point.id, _open)(held)
    answer = held.result.spec.guideline.get(held.point.id)
    if answer is not None and not derived.settled:
        outcome = held.unknown if answer.outcome == NOT_REPORTED else answer.outcome
        return PointResult(held.point, outcome, answer=answer)
    return PointResult(held.point, derived.outcome or held.unknown, derived.reason, derived.values, answer)


def _open(_: _Held) -> _Derived:
    return _Derived(None, "not_on_file")


def _comparators(held: _Held) -> _Derived:
    return _Derived(None, "comparator", {"comparator": held.result.spec.comparator})


def _perspective(held: _Held) -> _Derived:
    if not held.care_alone:
        return _Derived(MET, "societal", settled=True)
    own = held.result.spec
    beside = any(
        (each.trial, each.intervention, each.comparator) == (own.trial, own.intervention, own.comparator)
        and each.perspective == "societal"
        for each in held.assessment.dossier.comparison
    )
    return _Derived(NOT_MET, "healthcare_beside" if beside else "healthcare", settled=True)


def _horizon(held: _Held) -> _Derived:
    return _Derived(None, "horizon", {"months": held.result.spec.horizon_months})


def _rate(given: int | Decimal | str, asked: Decimal | int | None, before: Decimal | int | None) -> _Derived:
    """Return how a yearly rate agrees with the one asked for."""
    if isinstance(given, str) or asked is None:
        return _Derived(None, "rate_unknown")
    if given == asked:
        return _Derived(MET, "rate", {"rate": given}, settled=True)
    return _Derived(NOT_MET, "rate_before" if given == before else "rate_other", {"rate": given}, settled=True)


def _discounting(outcome: str) -> Callable[[_Held], _Derived]:
    def of(held: _Held) -> _Derived:
        spec = held.result.spec
        if spec.horizon_months <= _YEAR:
            return _Derived(NOT_APPLICABLE, "within_a_year", {"months": spec.horizon_months}, settled=True)
        given = spec.discount_cost if outcome == "costs" else spec.discount_effect
        return _rate(given, *(None if each is None else getattr(each, outcome) for each in (held.rates, held.earlier)))

    return of


def _costs(held: _Held) -> _Derived:
    return _Derived(NOT_MET, "care_alone") if held.care_alone else _Derived(None, "manual_unknown")


def _outside_care(held: _Held) -> _Derived:
    return _Derived(NOT_APPLICABLE, "outside_perspective") if held.care_alone else _open(held)


def _quality_of_life(held: _Held) -> _Derived:
    result = held.result
    if result.spec.effect_unit != "QALY":
        return _technique(held)
    if isinstance(result, TrialResult) and result.trial_source.value_set is not None:
        used = result.trial_source.value_set.name
        serves = used in held.point.value_sets
        return _Derived(MET if serves else NOT_MET, "value_set", {"value_set": used}, settled=True)
    return _Derived(None, "value_set_told" if _told(result.spec.reporting.value_set) else "value_set_unknown")


def _told(statement: ReportedStatement | None) -> bool:
    """Whether a statement tells what it is on, if only in part."""
    return statement is not None and statement.state != "open"


def _technique(held: _Held) -> _Derived:
    unit = held.result.spec.effect_unit
    if unit == "QALY":
        return _Derived(MET, "qaly", settled=True)
    return _Derived(NOT_MET, "other_effect", {"unit": unit}, settled=True)


def _subgroups(held: _Held) -> _Derived:
    return _Derived(None, "subgroups_told" if _told(held.result.spec.reporting.subgroups) else "not_on_file")


def _uncertainty(held: _Held) -> _Derived:
    result, spec = held.result, held.result.spec
    if isinstance(result, TrialResult):
        several = len(result.scenarios) > 1
        return _Derived(MET if several else NOT_MET, "draws_and_scenarios" if several else "draws_alone")
    if isinstance(result, ModelResult):
        return _Derived(None, "model_draws")
    kinds = (ProbabilityStatistic, EffectProbability, QuadrantStatistic)
    published = any(isinstance(each, kinds) for each in spec.statistic)
    return _Derived(None, "probabilities" if published or spec.replicates is not None else "kinds_unknown")


def _value_of_information(held: _Held) -> _Derived:
    result = held.result
    if result.draws is None or result.few_freedom:
        return _open(held)
    if isinstance(result, ModelResult):
        return _Derived(None, "evpi_of_model")
    return _Derived(MET, "evpi") if isinstance(result, TrialResult) else _Derived(None, "evpi_of_note")


def _validation(held: _Held) -> _Derived:
    model = isinstance(held.result, ModelResult)
    return _Derived(None, "validation_unknown") if model else _Derived(NOT_APPLICABLE, "no_model")


def _reporting(held: _Held) -> _Derived:
    told = held.result.spec.reporting
    disclosed = _told(told.funding) and _told(told.interests)
    return _Derived(None, "disclosed" if disclosed else "not_disclosed")


# How each point is derived from a comparison; a point that is not named here is answered by the dossier alone.
_RULES: dict[str, Callable[[_Held], _Derived]] = {
    "comparators": _comparators,
    "perspective": _perspective,
    "horizon": _horizon,
    "discounting_of_costs": _discounting("costs"),
    "discounting_of_effects": _discounting("effects"),
    "costs": _costs,
    "productivity": _outside_care,
    "informal_care": _outside_care,
    "quality_of_life": _quality_of_life,
    "technique": _technique,
    "subgroups": _subgroups,
    "uncertainty": _uncertainty,
    "value_of_information": _value_of_information,
    "validation": _validation,
    "reporting": _reporting,
}
