"""Write an assessment as JSON with stable keys."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hecon import _controls, zin
from hecon.assessment import WTP
from hecon.dossier.documents import cited_documents, extent_read
from hecon.files.parts import NOT_REPORTED
from hecon.report.audits import audit_data
from hecon.report.budgets import budget_data, no_budget
from hecon.report.burdens import burden_data
from hecon.report.criteria import criteria_data
from hecon.report.evidence import evidence_data, studies_data
from hecon.report.trial_note import trial_data_of, verdict_words, with_warning
from hecon.report.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hecon.assessment import Assessment, ComparisonResult
    from hecon.reported.fits import Check, Statistic

__all__ = ["as_data", "plain", "write"]


def as_data(assessment: Assessment, lang: str) -> dict[str, Any]:
    """Return an assessment as plain data.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language of the texts in it; keys and codes are the same in both.

    Returns
    -------
    dict
        Only dict, list, str, int, float, bool and None; every float finite.
    """
    dossier = assessment.dossier
    data = {
        "name": dossier.name,
        "title": with_warning(getattr(dossier.title, lang), assessment, lang),
        "language": lang,
        "indication": getattr(dossier.indication, lang),
        "question": getattr(dossier.question, lang),
        "author": dossier.note.author,
        "date": None if dossier.note.date is None else dossier.note.date.isoformat(),
        "facts_from": [each.id for each in cited_documents(dossier)],
        "burden": burden_data(assessment, lang),
        "comparisons": [_comparison(assessment, result, lang) for result in assessment.comparisons],
        "studies": studies_data(dossier, lang),
        "evidence": evidence_data(assessment, lang),
        "criteria": criteria_data(assessment, lang),
        "budget": budget_data(assessment.budget, dossier, lang),
        "no_budget": no_budget(dossier, lang) if assessment.budget is None else None,
        "figures": [each.model_dump() for each in dossier.figure],
        "audit": audit_data(assessment.findings, lang),
        "documents": [each.model_dump(mode="json") for each in dossier.document],
        "provenance": assessment.provenance,
    }
    return plain(data, lang)  # type: ignore[no-any-return]


def plain(value: Any, lang: str) -> Any:  # noqa: ANN401
    """Return plain JSON values; a bilingual text becomes its half in the language."""
    if isinstance(value, dict):
        if set(value) == {"nl", "en"}:
            return value[lang]
        return {str(key): plain(item, lang) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, lang) for item in value]
    if isinstance(value, (Decimal, float)):
        return float(value) if math.isfinite(value) else None
    return value


def _keyed(values: Mapping[int, Any]) -> dict[str, Any]:
    return {str(value): values.get(value) for value in WTP}


def _setting(wording: Wording) -> dict[str, Any]:
    spec = wording.spec
    return {
        "id": spec.id,
        "trial": spec.trial,
        "perspective": spec.perspective,
        "intervention": wording.intervention,
        "comparator": wording.comparator,
        "currency": spec.currency,
        "effect_unit": spec.effect_unit,
        "read": extent_read(wording.dossier, spec),
        "price_year": _filed(spec.price_year, wording),
        "horizon_months": spec.horizon_months,
        "discount_cost": _filed(spec.discount_cost, wording),
        "discount_effect": _filed(spec.discount_effect, wording),
    }


def _filed(value: Decimal | int | str, wording: Wording) -> Decimal | int | str:
    """Return a value, or "not looked up" in place of "not reported" where less than the whole was read."""
    unknown = value == NOT_REPORTED and extent_read(wording.dossier, wording.spec) != "whole"
    return "not looked up" if unknown else value


def _comparison(assessment: Assessment, result: ComparisonResult, lang: str) -> dict[str, Any]:
    spec, wording = result.spec, Wording(assessment.dossier, result.spec, lang)
    by_value = {each.reference_value: each for each in result.judgements}
    return {
        **_setting(wording),
        "computable": result.computable,
        "reason": wording.full_reason(result),
        "delta_cost": result.delta_cost,
        "delta_effect": result.delta_effect,
        "shares_effect": result.shares_effect,
        "intervals": result.intervals,
        "icer": result.icer,
        "icer_published": result.published_icer,
        "icer_in_words": wording.ratio(result) if result.computable else None,
        "quadrant": result.quadrant,
        "quadrant_implied": result.quadrant_implied,
        "inmb": _keyed(result.net_benefit),
        "p_cost_effective": _keyed(result.p_cost_effective),
        "p_cost_effective_range": _keyed(result.p_range),
        "varied": result.varied,
        "verdict": {str(value): _conclusion(by_value.get(value)) for value in zin.REFERENCE_VALUES},
        "verdict_detail": {str(value): _judgement(each, result, wording) for value, each in by_value.items()},
        "over_burden": _over_burden(assessment, result),
        "at_thresholds": [vars(each) for each in result.at_thresholds],
        "no_verdict": None if result.no_verdict is None else wording.reason(result.no_verdict),
        "sensitivity": [
            {**vars(each), "p_cost_effective": _keyed(each.p_cost_effective)} for each in result.sensitivities
        ],
        "parameters": _parameters(result),
        "statistics": [_named(each) for each in result.statistics],
        "checks": [_named(each) for each in result.checks],
        **trial_data_of(result),
        "reported": _reported(result),
        "assumptions": [each.model_dump() for each in spec.assumption],
        "design_effect": None if spec.design_effect is None else spec.design_effect.model_dump(),
        "caveats": [each.model_dump() for each in spec.caveat],
    }


def _over_burden(assessment: Assessment, result: ComparisonResult) -> dict[str, Any] | None:
    """Return the probability cost-effective by band, and over the bands that have a reference value."""
    by_band = assessment.over_bands(result)
    if assessment.burden is None or by_band is None:
        return None
    return {
        "band_probabilities": assessment.burden.probabilities,
        "p_cost_effective": by_band,
        "p_no_reference_value": assessment.burden.probabilities["none"],
        "integrated": assessment.integrated(result),
    }


def _conclusion(judgement: zin.Judgement | None) -> str | None:
    return None if judgement is None else judgement.conclusion


def _judgement(judgement: zin.Judgement, result: ComparisonResult, wording: Wording) -> dict[str, Any]:
    return {
        "net_benefit": judgement.net_benefit,
        "net_benefit_range": judgement.net_benefit_range,
        "edge": judgement.edge,
        "flips_within_range": judgement.flips,
        "flips_across_perspectives": judgement.flips_across_perspectives,
        "words": verdict_words(judgement, result, wording),
    }


def _parameters(result: ComparisonResult) -> dict[str, Any]:
    return {
        name: {
            "value": each.value,
            "range": each.range,
            "status": each.status,
            "rests_on": [str(key) for key in each.rests_on],
        }
        for name, each in result.parameters.items()
    }


def _named(each: Statistic | Check) -> dict[str, Any]:
    """Return a statistic with its name in place of its key."""
    return {"name": each.name, **{name: value for name, value in vars(each).items() if name != "key"}}


def _reported(result: ComparisonResult) -> dict[str, Any]:
    spec = result.spec
    ratio = next((each.value for each in spec.statistic if each.kind == "icer"), None)
    return {
        "icer": ratio,
        "statistics": [each.model_dump() for each in spec.statistic],
        "finding": None if spec.finding is None else spec.finding.model_dump(),
        "sources": [each.model_dump() for each in spec.sources],
    }


def write(data: object, *, ascii_only: bool = False) -> str:
    """Return plain data as JSON text, ending in a newline; control characters, or all but ASCII, are escaped."""
    return _controls.escape_json(json.dumps(data, ensure_ascii=ascii_only, indent=2, allow_nan=False)) + "\n"
