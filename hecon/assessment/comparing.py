"""One comparison: from its statistics, or a model's draws, to results and verdicts."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from scipy.special import ndtr, ndtri

from hecon import decision, reported
from hecon.assessment.records import AtThreshold, ComparisonResult, ModelResult, ModelSource, Reason, Sensitivity
from hecon.curves import Curves
from hecon.decision.incremental import Z
from hecon.dossier.comparison import NetBenefitArms, NetBenefitDifference, ProbabilityStatistic, arguments
from hecon.dossier.comparison_data import model_draws
from hecon.draws import from_arrays, varies
from hecon.errors import ContradictionError, InputError
from hecon.reported._constraints import Constraint
from hecon.reported.predictions import (
    design_effect_probability,
    net_benefit_ranges,
    probability_ranges,
    widened_to_halves,
)
from hecon.rules.verdicts import dominance, judge, place_in_range
from hecon.rulesets import ruleset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    import xarray as xr

    from hecon.dossier.comparison import Comparison, Statistic
    from hecon.dossier.loading import Dossier
    from hecon.rulesets import RuleSet


# Share of its width by which the middle of a centred interval may lie off the mean.
_OFF_CENTRE = 0.01


def values_for(spec: Comparison, rules: RuleSet) -> tuple[int | float, ...]:
    """Return the values at which a comparison is shown: the rules', or its source's in another currency or unit."""
    return rules.values_on().grid if rules.holds_for(spec.currency, spec.effect_unit) else _own_values(spec)


def _own_values(spec: Comparison) -> tuple[int | float, ...]:
    """Return the thresholds of a comparison and the values of its reported probabilities and net benefits, rising."""
    stated = [each.value for each in spec.threshold]
    at_a_value = (ProbabilityStatistic, NetBenefitArms, NetBenefitDifference)
    stated += [each.wtp for each in spec.statistic if isinstance(each, at_a_value)]
    return tuple(sorted({each if isinstance(each, int) else float(each) for each in stated}))


def marked(draws: xr.Dataset, spec: Comparison, rules: RuleSet) -> xr.Dataset:
    """Return draws that say which values their figures mark, where these are not those of the default rules."""
    held = rules.holds_for(spec.currency, spec.effect_unit)
    if held and rules == ruleset():
        return draws
    values = rules.values_on()
    about: dict[str, Any] = {"value_range": list(values.reference)} if held and values.range is not None else {}
    if held and rules.weight != 1:
        about["value_weight"] = rules.weight
    return draws.assign_attrs(thresholds=list(values.reference if held else _own_values(spec)), **about)


def _ranges(
    fit: reported.Fit, values: Sequence[float], vary: Sequence[str] | None = None
) -> dict[float, tuple[float, float]]:
    """Return the range of the probability cost-effective by willingness to pay."""
    return dict(zip(values, probability_ranges(fit, wtp=values, vary=vary), strict=True)) if values else {}


def sensitivities(
    spec: Comparison, fit: reported.Fit, values: Sequence[float], n_draws: int, rng: np.random.Generator
) -> Iterator[Sensitivity]:
    """Yield each assumption alone, skewness where an interval is off centre, and clustering where the dossier asks."""
    if not values:
        return
    for name in fit.assumed:
        yield Sensitivity("assumption", (name,), fit.assumed[name][1:], _ranges(fit, values, [name]))
    yield from _skewness(spec, fit, values, n_draws, rng)
    if spec.design_effect is not None:
        low, high = (float(end) for end in spec.design_effect.range)
        yield from _clustering(fit, values, low, high)


def _skewness(
    spec: Comparison, fit: reported.Fit, values: Sequence[float], n_draws: int, rng: np.random.Generator
) -> Iterator[Sensitivity]:
    off = (
        interval.outcome
        for interval in fit.intervals
        if not interval.centred
        and abs((interval.low + interval.high) / 2 - interval.mean) >= _OFF_CENTRE * (interval.high - interval.low)
    )
    outcomes = tuple(dict.fromkeys(off))
    wide = widened_to_halves(fit)
    if wide is None or not outcomes:
        return
    yield Sensitivity("halves", outcomes, None, _ranges(wide, values))
    try:
        skewed = fit.draws(spec.intervention, spec.comparator, marginal="lognormal", n_draws=n_draws, rng=rng)
    except InputError:
        return  # no log-normal has such an interval
    shares = probabilities(spec, values, Curves(skewed))
    own = tuple(each for each in outcomes if each != "net_benefit")
    yield Sensitivity("lognormal", own, None, {value: (share, share) for value, share in shares.items()})


def _clustering(fit: reported.Fit, values: Sequence[float], low: float, high: float) -> Iterator[Sensitivity]:
    spans = {}
    for value in values:
        ends = [design_effect_probability(fit, wtp=value, design_effect=each) for each in (low, high)]
        spans[value] = (min(ends), max(ends))
    yield Sensitivity("design_effect", (), (low, high), spans)
    # A design effect divides the z score by its root, which pulls the ends of the joint range towards one half.
    joint = {}
    for value, ends_p in _ranges(fit, values).items():
        ends_z = ndtri(np.array(ends_p))
        every = ndtr(np.concatenate([ends_z, ends_z / np.sqrt(high)]))
        joint[value] = (float(every.min()), float(every.max()))
    yield Sensitivity("joint", (), (1.0, high), joint)


_IMPLIED = {"at every willingness to pay": "SE", "at no willingness to pay": "NW"}


@contextmanager
def named(dossier: Dossier, spec: Comparison) -> Iterator[None]:
    """Prefix errors inside the block with the dossier and the comparison."""
    try:
        yield
    except InputError as error:
        error.args = (f"{dossier.name}, {spec.id}: {error.in_file or error}",)
        raise


def fitted(dossier: Dossier, spec: Comparison) -> reported.Fit | None:
    """Return the fit of a comparison's statistics; None where none were printed or patient data stand in their place.

    Each parameter is no better known than the weakest statistic that it rests on.
    """
    if not spec.statistic:
        return None
    with named(dossier, spec):
        fit = reported.fit(**arguments(spec))
        placed = [(statistic.status, placed_by(spec, statistic)) for statistic in spec.statistic]
    order = ("reported", "derived", "assumed")
    weakest: dict[Constraint, str] = {}
    for status, keys in placed:
        for key in keys:
            weakest[key] = max(status, weakest.get(key, "reported"), key=order.index)
    parameters = dict(fit.parameters)
    for name, parameter in fit.parameters.items():
        if parameter.status in order:
            known = [parameter.status, *(weakest.get(rest, "reported") for rest in parameter.rests_on)]
            parameters[name] = replace(parameter, status=max(known, key=order.index))
    return replace(fit, parameters=parameters)


def one_effect(comparisons: Iterable[Comparison], fits: Mapping[str, reported.Fit | None]) -> dict[str, reported.Fit]:
    """Return the fits, by comparison, that take the difference in mean effect from another perspective of the trial.

    Costs depend on the perspective, the effect does not: that which is known best holds for all. Each perspective keeps
    its own ranges, and its own effect where its statistics do not allow the other.
    """
    groups: dict[tuple[str, str, str, float, str], dict[str, tuple[float, float]]] = {}
    specs = {comparison.id: comparison for comparison in comparisons}
    for spec in specs.values():
        found = fits[spec.id]
        effect = None if found is None else found.parameters["delta_effect"]
        if effect is not None and effect.range is not None and effect.status in {"reported", "derived"}:
            key = (spec.trial, spec.intervention, spec.comparator, float(spec.horizon_months), spec.effect_unit)
            groups.setdefault(key, {})[spec.id] = effect.range
    moved: dict[str, reported.Fit] = {}
    for spans in groups.values():
        best = min(spans, key=lambda name: spans[name][1] - spans[name][0])
        value = cast("reported.Fit", fits[best]).theta[1]
        for name, (low, high) in spans.items():
            if name != best and low <= value <= high:
                fit = _with_effect(specs[name], cast("reported.Fit", fits[name]), value)
                if fit is not None:
                    moved[name] = fit
    return moved


def _with_effect(spec: Comparison, fit: reported.Fit, effect: float) -> reported.Fit | None:
    """Return a fit whose solution has this difference in mean effect, its ranges as they are; None if it cannot."""
    keywords = arguments(spec)
    # With all digits, so that it has no rounding of its own.
    exactly = reported.Difference(Decimal(f"{effect:.15e}"))
    try:
        moved = reported.fit(**{**keywords, "effect": (*keywords.get("effect", ()), exactly)})
    except ContradictionError:
        return None
    parameters = {name: replace(each, value=moved.parameters[name].value) for name, each in fit.parameters.items()}
    added = max(
        place for place, statistic in enumerate(moved.statistics) if statistic.key == Constraint("difference", "effect")
    )
    statistics = tuple(statistic for place, statistic in enumerate(moved.statistics) if place != added)
    checks = tuple(
        replace(mine, predicted=other.predicted) for mine, other in zip(fit.checks, moved.checks, strict=True)
    )
    return replace(fit, theta=moved.theta, parameters=parameters, statistics=statistics, checks=checks)


def compare(
    spec: Comparison, rules: RuleSet, fit: reported.Fit | None, n_draws: int, rng: np.random.Generator
) -> ComparisonResult:
    """Return the results of one comparison by its fit, with reasons for what is missing."""
    values = values_for(spec, rules)
    if fit is None:
        implied = _IMPLIED[spec.finding.cost_effective] if spec.finding is not None else None
        reason = Reason("no_figures")
        return ComparisonResult(
            spec, computable=False, values=values, reason=reason, quadrant=implied, quadrant_implied=implied is not None
        )
    means = [name for name in ("delta_cost", "delta_effect") if name in fit.undetermined]
    if means:
        return ComparisonResult(spec, computable=False, values=values, reason=Reason("means", tuple(means)), fit=fit)
    cost, effect = fit.theta[:2]
    draws = None
    if not fit.undetermined:
        draws = fit.draws(spec.intervention, spec.comparator, n_draws=n_draws, rng=rng, source=spec.id, **spec.about)
        draws = marked(draws, spec, rules)
    curves = None if draws is None else Curves(draws)
    points = at_means(spec, values, (cost, effect), draws)
    ranges = dict(zip(values, net_benefit_ranges(fit, wtp=values), strict=True)) if values else {}
    spread: dict[str, Any] = {"reason": Reason("spread", fit.undetermined)}
    if curves is not None:
        spread = _spread(spec, fit, values, curves, rng)
    result = ComparisonResult(
        spec,
        computable=True,
        values=values,
        fit=fit,
        curves=curves,
        delta_cost=cost,
        delta_effect=effect,
        net_benefit_range=ranges,
        **points,
        **spread,
    )
    return replace(result, **verdicts(result, rules))


def _spread(
    spec: Comparison, fit: reported.Fit, values: Sequence[float], curves: Curves, rng: np.random.Generator
) -> dict[str, Any]:
    """Return the fields of a result that its spread determines: intervals, probabilities, sensitivities."""
    moved = tuple(sensitivities(spec, fit, values, curves.draws.sizes["draw"], rng))
    half = {name: Z * fit.parameters[f"{name}_se"].value for name in ("cost", "effect")}  # type: ignore[operator]
    means = dict(zip(("cost", "effect"), fit.theta[:2], strict=True))
    return {
        "intervals": {f"delta_{name}": (mean - half[name], mean + half[name]) for name, mean in means.items()},
        "p_cost_effective": probabilities(spec, values, curves),
        "p_range": _over_all(_ranges(fit, values), moved),
        "varied": (*fit.assumed, *_beyond(moved)),
        "sensitivities": moved,
    }


def placed_by(spec: Comparison, statistic: Statistic) -> tuple[Constraint, ...]:
    """Return the keys of the constraints that one statistic of a comparison places."""
    alone = {"statistic": (statistic,), "assumption": (), "replicates": None}
    keywords = arguments(spec.model_copy(update=alone))
    kept = keywords.pop("checks", {})
    return reported.constraints(**keywords, **kept)


def at_means(
    spec: Comparison, values: Sequence[float], means: tuple[float, float], draws: xr.Dataset | None
) -> dict[str, Any]:
    """Return the fields of a result that follow from the differences in mean alone, and its thresholds.

    The differences are not those of the draws, in whose means exactly 0 becomes 1e-15.
    """
    cost, effect = means
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
        "icer": ratio if np.isfinite(ratio) else None,
        "quadrant": str(pair["quadrant"].values),
        "net_benefit": {value: value * effect - cost for value in values},
        "at_thresholds": _thresholds(spec, cost, effect, draws),
    }


def _thresholds(spec: Comparison, cost: float, effect: float, draws: xr.Dataset | None) -> tuple[AtThreshold, ...]:
    """Return net benefit at the thresholds of the source, with probabilities where there are draws."""
    values = [float(each.value) for each in spec.threshold]
    shares: list[float | None] = [None] * len(values)
    if draws is not None and values:
        probabilities = decision.ceac(draws, wtp=values).sel(strategy=spec.intervention)
        shares = [float(each) for each in probabilities.to_numpy()]
    return tuple(AtThreshold(value, value * effect - cost, share) for value, share in zip(values, shares, strict=True))


def probabilities(spec: Comparison, values: Sequence[float], curves: Curves) -> dict[float, float]:
    """Return the probability cost-effective of a comparison by willingness to pay, from its draws."""
    if not values:
        return {}
    shares = curves.acceptability(values).sel(strategy=spec.intervention)
    return {value: float(share) for value, share in zip(values, shares.values, strict=True)}


def _over_all(
    ranges: dict[float, tuple[float, float]], moved: Sequence[Sensitivity]
) -> dict[float, tuple[float, float]]:
    """Return the range of each probability over rounding, assumptions and every sensitivity analysis."""
    spans = {value: [ends, *(each.p_cost_effective[value] for each in moved)] for value, ends in ranges.items()}
    return {value: (min(low for low, _ in ends), max(high for _, high in ends)) for value, ends in spans.items()}


def _beyond(moved: Sequence[Sensitivity]) -> tuple[str, ...]:
    """Return the subjects of sensitivity analyses that are no parameters."""
    kinds = {each.kind for each in moved}
    named = {"skewness": kinds & {"halves", "lognormal"}, "design_effect": kinds & {"joint", "design_effect"}}
    return tuple(name for name, beyond in named.items() if beyond)


def _no_verdict(spec: Comparison, effect: float, rules: RuleSet) -> Reason | None:
    """Return why the values of rules do not hold for a comparison, or None."""
    if not rules.holds_for(spec.currency, spec.effect_unit):
        if spec.currency != rules.currency:
            return Reason("currency", (spec.currency,))
        return Reason("effect_unit", (spec.effect_unit,))
    severity = rules.severity_on()
    if effect < 0 and rules.weight != 1 and severity is not None and not severity.losses:
        return Reason("weight_on_losses", (f"{rules.weight:g}",))
    return None


def verdicts(result: ComparisonResult, rules: RuleSet) -> dict[str, Any]:
    """Return the fields of a result that hold its verdicts: by reference value, by dominance, or why there is none."""
    spec, cost, effect = result.spec, result.delta_cost, result.delta_effect
    if cost is None or effect is None:
        return {}
    reason = _no_verdict(spec, effect, rules)
    if reason is not None:
        always = dominance(cost, effect)
        return {"no_verdict": reason} if always is None else {"dominance": always}
    judgements = tuple(
        judge(
            cost,
            effect,
            reference_value=value,
            net_benefit_range=result.net_benefit_range.get(value),
            p_cost_effective=result.p_cost_effective.get(value),
            p_range=result.p_range.get(value),
        )
        for value in rules.values_on().reference
    )
    if rules.values_on().range is None:
        return {"judgements": judgements}
    return {
        "judgements": judgements,
        "in_range": place_in_range(result.quadrant, [each.conclusion for each in judgements]),
    }


# Ends of an interval that holds 95% of the draws.
_ENDS = (0.025, 0.975)


@dataclass(frozen=True)
class Modelled:
    """The draws of all strategies of a file, its parameters, and where they are from."""

    draws: xr.Dataset
    inputs: pd.DataFrame
    source: ModelSource


def modelled(spec: Comparison, folder: Path, options: Collection[str]) -> Modelled:
    """Return the draws that a comparison names; `options` are all that the dossier takes from them."""
    found, named = model_draws(spec, folder), spec.draws
    assert named is not None  # noqa: S101 (model_draws refuses it)
    # What a caller does with its own result changes nothing for the next one.
    draws, parameters = found.draws.copy(deep=True), found.parameters.copy()
    names = [str(each) for each in draws["strategy"].to_numpy()]
    others = tuple(name for name in names if name not in options)
    source = ModelSource(
        ", ".join(named.files), found.digest, named.style, draws.sizes["draw"], tuple(map(str, parameters)), others
    )
    return Modelled(draws, parameters, source)


def compare_model(spec: Comparison, rules: RuleSet, model: Modelled) -> ModelResult:
    """Return the results of a comparison from its model's draws."""
    pair = model.draws.sel(strategy=[spec.comparator, spec.intervention])
    draws = marked(pair.assign_attrs(comparator=spec.comparator, source=spec.id), spec, rules)
    values, is_varied = values_for(spec, rules), varies(model.draws)
    curves = Curves(draws) if is_varied else None
    difference = draws.sel(strategy=spec.intervention) - draws.sel(strategy=spec.comparator)
    cost, effect = (difference[name].to_numpy() for name in ("cost", "effect"))
    means = (float(cost.mean()), float(effect.mean()))
    ends = {f"delta_{name}": np.quantile(each, _ENDS) for name, each in (("cost", cost), ("effect", effect))}
    result = ModelResult(
        spec,
        computable=True,
        values=values,
        curves=curves,
        model_source=model.source,
        model_draws=model.draws,
        inputs=model.inputs,
        delta_cost=means[0],
        delta_effect=means[1],
        intervals={name: (float(low), float(high)) for name, (low, high) in ends.items()} if is_varied else {},
        p_cost_effective={} if curves is None else probabilities(spec, values, curves),
        reason=None if is_varied else Reason("no_variation"),
        **at_means(spec, values, means, draws),
    )
    return replace(result, **verdicts(result, rules))
