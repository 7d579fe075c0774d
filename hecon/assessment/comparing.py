"""One comparison: from its statistics to results and verdicts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import decision, reported, zin
from hecon.assessment.records import WTP, AtThreshold, ComparisonResult, Reason
from hecon.assessment.sensitivities import sensitivities
from hecon.dossier import Comparison, arguments, constraint_names
from hecon.draws import from_arrays

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["compare", "judged", "point_results", "thresholds"]

# The 97.5% point of the standard normal distribution.
_Z = 1.959963984540054
_IMPLIED = {"at every willingness to pay": "SE", "at no willingness to pay": "NW"}


def compare(spec: Comparison, n_draws: int, rng: np.random.Generator) -> ComparisonResult:
    """Return what can be found of one comparison, and why something cannot.

    Parameters
    ----------
    spec : Comparison
        The comparison, as the dossier has it.
    n_draws : int
        Number of draws.
    rng : numpy.random.Generator
        Its own stream.

    Returns
    -------
    ComparisonResult
        Results, verdicts and sensitivities as far as the statistics determine them.
    """
    if not spec.statistic:
        implied = _IMPLIED[spec.finding.cost_effective] if spec.finding is not None else None
        reason = Reason("no_figures")
        return ComparisonResult(
            spec, computable=False, reason=reason, quadrant=implied, quadrant_implied=implied is not None
        )
    found = _with_status(reported.fit(**arguments(spec)), spec)
    means = [name for name in ("delta_cost", "delta_effect") if name in found.undetermined]
    if means:
        return ComparisonResult(spec, computable=False, reason=Reason("means", tuple(means)), fit=found)
    if found.undetermined:
        return _points(spec, found)
    return _with_spread(spec, found, n_draws, rng)


def _with_status(found: reported.Fit, spec: Comparison) -> reported.Fit:
    """Return the fit with each parameter no better known than the weakest statistic that it rests on."""
    order = ("reported", "derived", "assumed")
    weakest: dict[str, str] = {}
    for each in spec.statistic:
        for name in constraint_names(each):
            weakest[name] = max(each.status, weakest.get(name, "reported"), key=order.index)
    parameters = dict(found.parameters)
    for name, parameter in found.parameters.items():
        if parameter.status in order:
            known = [parameter.status, *(weakest.get(rest, "reported") for rest in parameter.rests_on)]
            parameters[name] = replace(parameter, status=max(known, key=order.index))
    return replace(found, parameters=parameters)


def _context(spec: Comparison) -> dict[str, Any]:
    """Return the attributes that a comparison's draws carry."""

    def given(value: Any) -> Any:  # noqa: ANN401
        return None if value == "not reported" else float(value)

    return {
        "currency": spec.currency,
        "effect_unit": spec.effect_unit,
        "effect_better": spec.effect_better,
        "price_year": None if spec.price_year == "not reported" else spec.price_year,
        "horizon_years": float(spec.horizon_months) / 12,
        "discount_cost": given(spec.discount_cost),
        "discount_effect": given(spec.discount_effect),
        "source": spec.id,
    }


def point_results(spec: Comparison, cost: float, effect: float) -> dict[str, Any]:
    """Return what follows from the differences alone: in the means of draws a difference of exactly 0 becomes 1e-15.

    Parameters
    ----------
    spec : Comparison
        The comparison.
    cost, effect : float
        Differences in mean cost and effect.

    Returns
    -------
    dict
        Fields of a `ComparisonResult`.
    """
    point = from_arrays(
        [[0.0, cost]],
        [[0.0, effect]],
        strategies=[spec.comparator, spec.intervention],
        comparator=spec.comparator,
        effect_unit=spec.effect_unit,
        effect_better=spec.effect_better,
    )
    pair = decision.icer(point).isel(strategy=0)
    ratio = float(pair["icer"])
    return {
        "delta_cost": cost,
        "delta_effect": effect,
        "icer": ratio if np.isfinite(ratio) else None,
        "quadrant": str(pair["quadrant"].values),
        "net_benefit": {value: value * effect - cost for value in WTP},
        "at_thresholds": thresholds(spec, cost, effect, None),
    }


def _results(spec: Comparison, found: reported.Fit) -> dict[str, Any]:
    return {
        **point_results(spec, *found.theta[:2]),
        "net_benefit_range": {value: reported.net_benefit_range(found, wtp=value) for value in WTP},
    }


def thresholds(spec: Comparison, cost: float, effect: float, draws: xr.Dataset | None) -> tuple[AtThreshold, ...]:
    """Return net benefit at the thresholds of the source, with probabilities where there are draws.

    Parameters
    ----------
    spec : Comparison
        The comparison.
    cost, effect : float
        Differences in mean cost and effect.
    draws : xarray.Dataset or None
        Its draws.

    Returns
    -------
    tuple of AtThreshold
        In the order of the dossier.
    """
    values = [float(each.value) for each in spec.threshold]
    shares: list[float | None] = [None] * len(values)
    if draws is not None and values:
        found = decision.ceac(draws, wtp=values).sel(strategy=spec.intervention)
        shares = [float(each) for each in found.values]
    return tuple(AtThreshold(value, value * effect - cost, share) for value, share in zip(values, shares, strict=True))


def _points(spec: Comparison, found: reported.Fit) -> ComparisonResult:
    results = _results(spec, found)
    judgements, refusal = judged(spec, results, {}, {})
    return ComparisonResult(
        spec,
        computable=True,
        reason=Reason("spread", found.undetermined),
        fit=found,
        judgements=judgements,
        no_verdict=refusal,
        **results,
    )


def _with_spread(spec: Comparison, found: reported.Fit, n_draws: int, rng: np.random.Generator) -> ComparisonResult:
    draws = reported.draws_of(found, spec.intervention, spec.comparator, n_draws=n_draws, rng=rng, **_context(spec))
    results = _results(spec, found)
    results["at_thresholds"] = thresholds(spec, results["delta_cost"], results["delta_effect"], draws)
    shares = decision.ceac(draws, wtp=list(WTP)).sel(strategy=spec.intervention)
    probabilities = {value: float(share) for value, share in zip(WTP, shares.values, strict=True)}
    ranges = dict(zip(WTP, reported.probability_ranges(found, wtp=WTP), strict=True))
    judgements, refusal = judged(spec, results, probabilities, ranges)
    half = {name: _Z * found.parameters[f"{name}_se"].value for name in ("cost", "effect")}  # type: ignore[operator]
    return ComparisonResult(
        spec,
        computable=True,
        fit=found,
        draws=draws,
        intervals={
            f"delta_{name}": (results[f"delta_{name}"] - half[name], results[f"delta_{name}"] + half[name])
            for name in ("cost", "effect")
        },
        p_cost_effective=probabilities,
        p_range=ranges,
        varied=tuple(found.assumed),
        judgements=judgements,
        no_verdict=refusal,
        sensitivities=tuple(sensitivities(spec, found, n_draws, rng)),
        **results,
    )


def judged(
    spec: Comparison,
    results: dict[str, Any],
    probabilities: dict[int, float],
    ranges: dict[int, tuple[float, float]],
) -> tuple[tuple[zin.Judgement, ...], Reason | None]:
    """Return the verdict at each reference value, or why there is none.

    Parameters
    ----------
    spec : Comparison
        The comparison.
    results : dict
        With ``delta_cost``, ``delta_effect`` and ``net_benefit_range``.
    probabilities : dict of int to float
        Probability cost-effective by willingness to pay; empty if unknown.
    ranges : dict of int to (float, float)
        Their ranges, as far as they are known.

    Returns
    -------
    (tuple of Judgement, Reason or None)
        Verdicts, or none and the reason.
    """
    if spec.currency != "EUR":
        return (), Reason("currency", (spec.currency,))
    if spec.effect_unit != "QALY":
        return (), Reason("effect_unit", (spec.effect_unit,))
    return tuple(
        zin.judge(
            results["delta_cost"],
            results["delta_effect"],
            reference_value=value,
            net_benefit_range=results["net_benefit_range"].get(value),
            p_cost_effective=probabilities.get(value),
            p_range=ranges.get(value),
        )
        for value in zin.REFERENCE_VALUES
    ), None
