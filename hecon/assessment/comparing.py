"""One comparison: from its statistics to results and verdicts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from scipy.special import ndtr, ndtri

from hecon import decision, reported, zin
from hecon.assessment.records import WTP, AtThreshold, ComparisonResult, Reason, ReportedResult, Sensitivity
from hecon.curves import Curves
from hecon.dossier.comparison import arguments
from hecon.draws import from_arrays
from hecon.errors import ContradictionError, InputError
from hecon.reported._solve import Constraint
from hecon.reported.predictions import design_effect_probability, probability_ranges, widened_to_halves

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import xarray as xr

    from hecon.dossier.comparison import Comparison, Statistic

__all__ = [
    "compare",
    "fitted",
    "one_effect",
    "placed_by",
    "probabilities",
    "sensitivities",
    "with_points",
    "with_verdicts",
]

_Result = TypeVar("_Result", bound=ComparisonResult)

# An interval whose middle lies off its mean by less than this share of its width is as good as centred.
_OFF_CENTRE = 0.01


def sensitivities(
    spec: Comparison, found: reported.Fit, n_draws: int, rng: np.random.Generator
) -> Iterator[Sensitivity]:
    """Yield each assumption alone, skewness where an interval is off centre, and clustering where the dossier asks.

    Parameters
    ----------
    spec : Comparison
        The comparison.
    found : Fit
        Its fit, with all five parameters determined or assumed.
    n_draws : int
        Draws of the skewed distribution.
    rng : numpy.random.Generator
        Its stream.

    Yields
    ------
    Sensitivity
        One per thing varied.
    """
    for name in found.assumed:
        spans = dict(zip(WTP, probability_ranges(found, wtp=WTP, vary=[name]), strict=True))
        yield Sensitivity("assumption", (name,), found.assumed[name][1:], spans)
    yield from _skewness(spec, found, n_draws, rng)
    if spec.design_effect is not None:
        low, high = (float(end) for end in spec.design_effect.range)
        yield from _clustering(found, low, high)


def _skewness(spec: Comparison, found: reported.Fit, n_draws: int, rng: np.random.Generator) -> Iterator[Sensitivity]:
    outcomes = tuple(
        each.outcome
        for each in found.intervals
        if not each.centred and abs((each.low + each.high) / 2 - each.mean) >= _OFF_CENTRE * (each.high - each.low)
    )
    wide = widened_to_halves(found)
    if wide is None or not outcomes:
        return
    spans = dict(zip(WTP, probability_ranges(wide, wtp=WTP), strict=True))
    yield Sensitivity("halves", outcomes, None, spans)
    try:
        skewed = found.draws(spec.intervention, spec.comparator, marginal="lognormal", n_draws=n_draws, rng=rng)
    except InputError:
        return  # no log-normal has such an interval: the halves are all that can be said
    shares = decision.ceac(skewed, wtp=list(WTP)).sel(strategy=spec.intervention).values
    spans = {value: (float(share), float(share)) for value, share in zip(WTP, shares, strict=True)}
    yield Sensitivity("lognormal", outcomes, None, spans)


def _clustering(found: reported.Fit, low: float, high: float) -> Iterator[Sensitivity]:
    spans = {}
    for value in WTP:
        ends = (design_effect_probability(found, wtp=value, design_effect=each) for each in (low, high))
        spans[value] = _sorted(*ends)
    yield Sensitivity("design_effect", (), (low, high), spans)
    # A design effect divides the z score by its root, so it only draws the ends of the joint range towards one half.
    joint = {}
    for value, ends_p in zip(WTP, probability_ranges(found, wtp=WTP), strict=True):
        ends_z = ndtri(np.array(ends_p))
        every = ndtr(np.concatenate([ends_z, ends_z / np.sqrt(high)]))
        joint[value] = (float(every.min()), float(every.max()))
    yield Sensitivity("joint", (), (1.0, high), joint)


def _sorted(first: float, second: float) -> tuple[float, float]:
    return (first, second) if first <= second else (second, first)


# The 97.5% point of the standard normal distribution.
_Z = 1.959963984540054
_SEVERAL = 2
_IMPLIED = {"at every willingness to pay": "SE", "at no willingness to pay": "NW"}


def fitted(spec: Comparison) -> reported.Fit | None:
    """Return the fit of a comparison's statistics; None where none were printed or patient data stand in their place.

    Parameters
    ----------
    spec : Comparison
        The comparison, as the dossier has it.

    Returns
    -------
    Fit or None
        Each parameter no better known than the weakest statistic that it rests on.
    """
    if not spec.statistic:
        return None
    found = reported.fit(**arguments(spec))
    order = ("reported", "derived", "assumed")
    weakest: dict[Constraint, str] = {}
    for each in spec.statistic:
        for key in placed_by(spec, each):
            weakest[key] = max(each.status, weakest.get(key, "reported"), key=order.index)
    parameters = dict(found.parameters)
    for name, parameter in found.parameters.items():
        if parameter.status in order:
            known = [parameter.status, *(weakest.get(rest, "reported") for rest in parameter.rests_on)]
            parameters[name] = replace(parameter, status=max(known, key=order.index))
    return replace(found, parameters=parameters)


def one_effect(specs: Sequence[Comparison], fits: Sequence[reported.Fit | None]) -> list[reported.Fit | None]:
    """Return the fits of one trial's perspectives with one difference in mean effect: the one that is known best.

    Costs depend on the perspective, the effect does not. Each perspective keeps its own ranges. A perspective whose
    statistics do not allow that difference keeps its own.

    Parameters
    ----------
    specs : sequence of Comparison
        The perspectives of one trial, intervention, comparator, horizon and unit of effect.
    fits : sequence of Fit or None
        Their fits.

    Returns
    -------
    list of Fit or None
        In the same order.
    """
    spans = {
        position: found.parameters["delta_effect"].range
        for position, found in enumerate(fits)
        if found is not None and found.parameters["delta_effect"].status in {"reported", "derived"}
    }
    known = {position: span for position, span in spans.items() if span is not None}
    if len(known) < _SEVERAL:
        return list(fits)
    best = min(known, key=lambda position: known[position][1] - known[position][0])
    effect = fits[best].theta[1]  # type: ignore[union-attr]
    return [
        _with_effect(spec, found, effect)
        if found is not None and position in known and position != best and _holds(known[position], effect)
        else found
        for position, (spec, found) in enumerate(zip(specs, fits, strict=True))
    ]


def _holds(span: tuple[float, float], value: float) -> bool:
    return span[0] <= value <= span[1]


def _with_effect(spec: Comparison, found: reported.Fit, effect: float) -> reported.Fit:
    """Return a fit whose solution has this difference in mean effect; what its rounding leaves stays as it is."""
    given = arguments(spec)
    # With all its digits it is known as such, not to a rounding of its own.
    exactly = reported.Difference(Decimal(f"{effect:.15e}"))
    try:
        moved = reported.fit(**{**given, "effect": (*given.get("effect", ()), exactly)})
    except ContradictionError:
        return found
    parameters = {name: replace(each, value=moved.parameters[name].value) for name, each in found.parameters.items()}
    added = max(place for place, each in enumerate(moved.statistics) if each.key == Constraint("difference", "effect"))
    statistics = tuple(each for place, each in enumerate(moved.statistics) if place != added)
    checks = tuple(
        replace(mine, predicted=other.predicted) for mine, other in zip(found.checks, moved.checks, strict=True)
    )
    return replace(found, theta=moved.theta, parameters=parameters, statistics=statistics, checks=checks)


def compare(
    spec: Comparison, n_draws: int, rng: np.random.Generator, fit: reported.Fit | None = None
) -> ReportedResult:
    """Return what can be found of one comparison, and why something cannot.

    Parameters
    ----------
    spec : Comparison
        The comparison, as the dossier has it.
    n_draws : int
        Number of draws.
    rng : numpy.random.Generator
        Its own stream.
    fit : Fit, optional
        Its fit, where that is known; default `fitted`.

    Returns
    -------
    ReportedResult
        Results, verdicts and sensitivities as far as the statistics determine them.
    """
    found = fitted(spec) if fit is None else fit
    if found is None:
        implied = _IMPLIED[spec.finding.cost_effective] if spec.finding is not None else None
        reason = Reason("no_figures")
        return ReportedResult(
            spec, computable=False, reason=reason, quadrant=implied, quadrant_implied=implied is not None
        )
    means = [name for name in ("delta_cost", "delta_effect") if name in found.undetermined]
    if means:
        return ReportedResult(spec, computable=False, reason=Reason("means", tuple(means)), fit=found)
    draws = None
    if not found.undetermined:
        draws = found.draws(spec.intervention, spec.comparator, n_draws=n_draws, rng=rng, **_context(spec))
    curves = None if draws is None else Curves(draws)
    result = with_points(ReportedResult(spec, computable=True, fit=found, curves=curves), *found.theta[:2])
    result = replace(result, net_benefit_range={value: reported.net_benefit_range(found, wtp=value) for value in WTP})
    if draws is None:
        return with_verdicts(replace(result, reason=Reason("spread", found.undetermined)))
    return with_verdicts(replace(result, **_spread(spec, found, draws, rng)))


def _spread(spec: Comparison, found: reported.Fit, draws: xr.Dataset, rng: np.random.Generator) -> dict[str, Any]:
    """Return the fields of a result that its spread determines: intervals, probabilities, sensitivities."""
    moved = tuple(sensitivities(spec, found, draws.sizes["draw"], rng))
    half = {name: _Z * found.parameters[f"{name}_se"].value for name in ("cost", "effect")}  # type: ignore[operator]
    means = dict(zip(("cost", "effect"), found.theta[:2], strict=True))
    return {
        "intervals": {f"delta_{name}": (mean - half[name], mean + half[name]) for name, mean in means.items()},
        "p_cost_effective": probabilities(spec, draws),
        "p_range": _over_all(dict(zip(WTP, probability_ranges(found, wtp=WTP), strict=True)), moved),
        "varied": (*found.assumed, *_beyond(moved)),
        "sensitivities": moved,
    }


def placed_by(spec: Comparison, statistic: Statistic) -> tuple[Constraint, ...]:
    """Return the keys of the constraints that one statistic of a comparison places.

    Parameters
    ----------
    spec : Comparison
        The comparison.
    statistic : Statistic
        One of its statistics.

    Returns
    -------
    tuple of Constraint
        As in the `rests_on` of a fitted parameter.
    """
    alone = {"statistic": (statistic,), "assumption": (), "replicates": None}
    given = arguments(spec.model_copy(update=alone))
    kept = given.pop("checks", {})
    return reported.constraints(**given, **kept)


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


def with_points(result: _Result, cost: float, effect: float) -> _Result:
    """Return a result with what follows from the differences alone, and its thresholds.

    Parameters
    ----------
    result : ComparisonResult
        A result that has its draws, if there are any.
    cost, effect : float
        Differences in mean cost and effect: in the means of draws a difference of exactly 0 becomes 1e-15.

    Returns
    -------
    ComparisonResult
        With differences, ratio, quadrant, net benefit and results at the thresholds of the source.
    """
    spec = result.spec
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
    return replace(
        result,
        delta_cost=cost,
        delta_effect=effect,
        icer=ratio if np.isfinite(ratio) else None,
        quadrant=str(pair["quadrant"].values),
        net_benefit={value: value * effect - cost for value in WTP},
        at_thresholds=_thresholds(spec, cost, effect, result.draws),
    )


def _thresholds(spec: Comparison, cost: float, effect: float, draws: xr.Dataset | None) -> tuple[AtThreshold, ...]:
    """Return net benefit at the thresholds of the source, with probabilities where there are draws."""
    values = [float(each.value) for each in spec.threshold]
    shares: list[float | None] = [None] * len(values)
    if draws is not None and values:
        found = decision.ceac(draws, wtp=values).sel(strategy=spec.intervention)
        shares = [float(each) for each in found.values]
    return tuple(AtThreshold(value, value * effect - cost, share) for value, share in zip(values, shares, strict=True))


def probabilities(spec: Comparison, draws: xr.Dataset) -> dict[int, float]:
    """Return the probability cost-effective of a comparison by willingness to pay, from its draws."""
    shares = decision.ceac(draws, wtp=list(WTP)).sel(strategy=spec.intervention)
    return {value: float(share) for value, share in zip(WTP, shares.values, strict=True)}


def _over_all(ranges: dict[int, tuple[float, float]], moved: Sequence[Sensitivity]) -> dict[int, tuple[float, float]]:
    """Return the range of each probability over rounding, assumptions and every sensitivity analysis."""
    spans = {value: [ends, *(each.p_cost_effective[value] for each in moved)] for value, ends in ranges.items()}
    return {value: (min(low for low, _ in ends), max(high for _, high in ends)) for value, ends in spans.items()}


def _beyond(moved: Sequence[Sensitivity]) -> tuple[str, ...]:
    """Return what the sensitivity analyses vary that is no parameter."""
    kinds = {each.kind for each in moved}
    named = {"skewness": kinds & {"halves", "lognormal"}, "design_effect": kinds & {"joint", "design_effect"}}
    return tuple(name for name, found in named.items() if found)


def with_verdicts(result: _Result) -> _Result:
    """Return a result with the verdict at each reference value, or why there is none.

    Parameters
    ----------
    result : ComparisonResult
        A result with its differences and all that is known of their spread.

    Returns
    -------
    ComparisonResult
        With verdicts, or none and the reason.
    """
    spec, cost, effect = result.spec, result.delta_cost, result.delta_effect
    if cost is None or effect is None:
        return result
    if spec.currency != "EUR":
        return replace(result, no_verdict=Reason("currency", (spec.currency,)))
    if spec.effect_unit != "QALY":
        return replace(result, no_verdict=Reason("effect_unit", (spec.effect_unit,)))
    judgements = tuple(
        zin.judge(
            cost,
            effect,
            reference_value=value,
            net_benefit_range=result.net_benefit_range.get(value),
            p_cost_effective=result.p_cost_effective.get(value),
            p_range=result.p_range.get(value),
        )
        for value in zin.REFERENCE_VALUES
    )
    return replace(result, judgements=judgements)
