"""The verdict: draws held against the reference values of a rule set, over bands of burden, or weighted by severity."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hecon import _checks, decision
from hecon import draws as _draws
from hecon.decision import ties
from hecon.draws import benefit, validate
from hecon.errors import InputError
from hecon.reported.fits import fit_of
from hecon.reported.predictions import net_benefit_ranges, probability_ranges
from hecon.rules.bands import mean_over_bands
from hecon.rules.burden import Shortfall, band_probabilities
from hecon.rulesets import DEFAULT, ruleset

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hecon.rules.bands import BurdenBand
    from hecon.rulesets import Rules, RuleSet
    from hecon.rulesets.parts import RuleValues, SeverityRule

COST_EFFECTIVE = "cost-effective"
NOT_COST_EFFECTIVE = "not cost-effective"
# Both options have the same expected net benefit.
EQUAL = "equal"

# Where a ratio lies by a range of values.
BELOW, WITHIN, ABOVE = "below", "within", "above"

# hecon's own convention, of no rule set: health and money that weigh within 5% of each other lie on the edge.
EDGE_SHARE = 0.05

# Amounts that differ by less than this share of themselves differ by the rounding of binary arithmetic alone.
EQUAL_SHARE = 1e-12
# Draws from published statistics have their fit's means to rounding error.
_SAME = 1e-6
# A mean below this share of the mean size is the rounding of binary arithmetic.
_ZERO = 1e-12
_PAIR = 2


@dataclass(frozen=True)
class Judgement:
    """The conclusion at one reference value, and what could overturn it.

    Attributes
    ----------
    reference_value : number
        [currency per unit of effect].
    net_benefit, net_benefit_range : float, (float, float) or None
        Mean incremental net monetary benefit [currency], and its range over rounding and assumptions.
    p_cost_effective, p_range : float or None, (float, float) or None
        Probability cost-effective, and its range over rounding and assumptions.
    conclusion : str
        "cost-effective", "not cost-effective", or "equal" where net benefit is 0.
    edge : bool
        The two amounts weighed differ by at most 5%.
    flips : bool
        Within rounding and the assumed ranges the conclusion changes.
    flips_across_perspectives : bool
        The same trial concludes otherwise from another perspective.
    """

    reference_value: int | float
    net_benefit: float
    net_benefit_range: tuple[float, float] | None
    p_cost_effective: float | None
    p_range: tuple[float, float] | None
    conclusion: str
    edge: bool
    flips: bool
    flips_across_perspectives: bool = False


def judge(
    delta_cost: float,
    delta_effect: float,
    *,
    reference_value: float,
    net_benefit_range: tuple[float, float] | None = None,
    p_cost_effective: float | None = None,
    p_range: tuple[float, float] | None = None,
) -> Judgement:
    """Hold mean incremental cost and effect against a reference value: cost-effective if net benefit is above 0.

    Right in all four quadrants, as no ratio is ranked. At exactly 0 (to the rounding of binary arithmetic) both options
    are equal.
    """
    spent = _checks.finite("delta_cost", delta_cost)
    gained = _checks.positive("reference_value", reference_value) * _checks.finite("delta_effect", delta_effect)
    least = EQUAL_SHARE * max(abs(gained), abs(spent))
    net = 0.0 if abs(gained - spent) <= least else gained - spent
    sides = {_side(end, least) for end in net_benefit_range or ()}
    return Judgement(
        reference_value=reference_value,
        net_benefit=net,
        net_benefit_range=net_benefit_range,
        p_cost_effective=p_cost_effective,
        p_range=p_range,
        conclusion=_side(net, least),
        edge=abs(net) <= EDGE_SHARE * max(abs(gained), abs(spent)),
        flips=len(sides) > 1,
    )


def _side(net_benefit: float, least: float) -> str:
    """Return the conclusion of a net benefit, which is 0 up to the least that binary arithmetic can tell."""
    if abs(net_benefit) <= least:
        return EQUAL
    return COST_EFFECTIVE if net_benefit > 0 else NOT_COST_EFFECTIVE


def dominance(delta_cost: float, delta_effect: float) -> str | None:
    """Return the verdict that holds at every value and in every currency, or None where it depends on the value.

    That is one by a saving without a loss of effect, or costs without a gain; two equal options have none.
    """
    if (delta_cost > 0) == (delta_effect > 0) and (delta_cost < 0) == (delta_effect < 0):
        return None
    return COST_EFFECTIVE if delta_cost <= 0 and delta_effect >= 0 else NOT_COST_EFFECTIVE


def place_in_range(quadrant: str | None, at_ends: Sequence[str]) -> str | None:
    """Return where a ratio lies by a range: "below", "within" or "above"; None where it has no meaning.

    `at_ends` are the conclusions at its lowest and highest value; a ratio at an end lies within.
    """
    if quadrant not in {"NE", "SW"} or len(set(at_ends)) > 1 or at_ends[0] == EQUAL:
        return WITHIN if quadrant in {"NE", "SW"} else None
    return BELOW if (at_ends[0] == COST_EFFECTIVE) == (quadrant == "NE") else ABOVE


def across_perspectives(judgements: Iterable[tuple[Judgement, ...]]) -> list[tuple[Judgement, ...]]:
    """Mark where perspectives of one trial, a tuple for each, conclude differently at the same reference value."""
    rows = list(judgements)
    differ = {
        value
        for value in {each.reference_value for row in rows for each in row}
        if len({each.conclusion for row in rows for each in row if each.reference_value == value}) > 1
    }
    return [
        tuple(replace(each, flips_across_perspectives=each.reference_value in differ) for each in row) for row in rows
    ]


def verdict(
    draws: xr.Dataset,
    *,
    rules: Rules = DEFAULT,
    on: dt.date | None = None,
    comparator: str | None = None,
    burden: str | BurdenBand | Shortfall | None = None,
) -> xr.Dataset:
    """Hold draws against the reference values of a country, by full incremental analysis.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws in the currency and unit of effect of the rules; further dims broadcast. Along a dim ``perspective`` the
        verdicts are compared.
    rules : str, Path or RuleSet, default "nl"
        Rule set, as in `hecon.rulesets.ruleset`.
    on : date, optional
        Date on which the rules hold; default the latest rules.
    comparator : str, optional
        The strategy that differences are against; default the one that the draws know.
    burden : str, BurdenBand or Shortfall, optional
        Burden of disease: a band, or what `hecon.rules.burden_band` or `hecon.shortfall` returned.

    Returns
    -------
    xarray.Dataset
        Over (strategy, wtp) and further dims: ``conclusion`` ("cost-effective", "not cost-effective", or "equal" where
        net benefit against the rival is 0) and ``rival``, the best of the other strategies, which it is held against,
        with the differences ``rival_cost`` [currency] and ``rival_effect`` from it; ``net_benefit`` [currency] against
        the comparator and ``p_cost_effective``, the probability that none has a higher net benefit, with their ranges
        over rounding and assumptions (NaN where the draws carry no fit of their own); ``edge``, ``flips`` and
        ``flips_across_perspectives``. Over strategy ``delta_cost`` [currency] and ``delta_effect``, the means against
        the comparator. Over wtp ``optimal``, the preferred strategy, and ``p_optimal``, the probability that it is the
        best. Over option, all strategies: ``is_optimal`` (option, wtp), whether it has the highest expected net
        benefit, as several do where they tie, of which ``optimal`` is one; ``status`` ("frontier", "dominated" or
        "extendedly dominated") and ``icer`` [currency per unit of effect]
        against the one before it on the frontier; by rules with a range of values also ``range``, where that ratio
        lies by it ("below", "within" or "above"; "" without a ratio).
        With a burden also ``p_reference_value`` over wtp, the probability that this is the reference value; and over
        strategy ``p_integrated``, the probability cost-effective over the bands, given that there is a reference value
        (NaN where none is possible), with its range. Draws that do not vary, as one draw does not, tell nothing of how
        sure a verdict is: their probabilities are NaN.
        The attributes ``rules``, ``rules_since``, ``rules_source`` and ``rules_status`` ("read" or "to check") tell
        which rules these are.

    Raises
    ------
    InputError
        If the draws are in another currency or unit than the rules, or no comparator is known. The message names what
        dominance decides, which needs no currency.

    Notes
    -----
    A strategy is cost-effective at a value where its expected net benefit is above that of every other; of equal ones
    neither is. The edge (amounts weighed within 5% of each other, against the rival) is hecon's convention.

    References
    ----------
    Zorginstituut Nederland. Kosteneffectiviteit in de praktijk. 2015.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays(
    ...     [[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"], comparator="usual care"
    ... )
    >>> hecon.verdict(draws).conclusion.sel(strategy="exercise").values.tolist()
    ['cost-effective', 'cost-effective', 'cost-effective']
    """
    validate(draws)
    found = ruleset(rules)
    values = found.values_on(on)
    reason = _refusal(draws, found)
    if reason is not None:
        msg = (
            f"{reason}{_decided(draws)}; make draws of converted costs by "
            f"hecon.from_arrays(..., currency={found.currency!r}), give rules of that currency, or use "
            "hecon.incremental_net_benefit, hecon.frontier and hecon.ceac"
        )
        raise InputError(msg)
    reference, _ = _draws.others(draws, comparator)
    result = _result(draws, reference, values.reference)
    if "perspective" in result.dims:
        differ = (result["conclusion"] != result["conclusion"].isel(perspective=0, drop=True)).any("perspective")
        result["flips_across_perspectives"] |= differ
    result = result.assign_attrs(rules=found.name, rules_since=values.since, rules_source=values.source)
    result.attrs["rules_status"] = values.status
    for name in ("net_benefit", "net_benefit_low", "net_benefit_high", "delta_cost", "rival_cost"):
        result[name].attrs["units"] = found.currency
    for name in ("delta_effect", "rival_effect"):
        result[name].attrs["units"] = _draws.units(draws)[1]
    result["wtp"].attrs["units"] = result["icer"].attrs["units"] = f"{found.currency} per {_draws.units(draws)[1]}"
    if values.range is not None:
        result["range"] = _places(result["icer"], *map(float, values.range))
    if burden is None:
        return result
    return _with_burden(result, band_probabilities(burden, rules=found, on=on), values)


def _refusal(draws: xr.Dataset, rules: RuleSet) -> str | None:
    """Return why draws cannot be held against the values of a rule set, or None."""
    currency, unit = draws.attrs.get("currency"), draws["effect"].attrs.get("units")
    written = draws["cost"].attrs.get("units", currency)
    per = f"{rules.currency} per {rules.effect_unit}"
    if "qaly_weight" in draws.attrs and rules.severity:
        unit = str(unit).removeprefix("weighted ")
    if written != currency:
        return f"draws.attrs['currency'] and the units of cost must agree, got {currency!r} and {written!r}"
    if currency != rules.currency:
        return f"currency must be {rules.currency} for a reference value in {per}, got {currency!r}"
    if unit != rules.effect_unit:
        return f"effect unit must be {rules.effect_unit} for a reference value in {per}, got {unit!r}"
    return None


def _places(ratios: xr.DataArray, low: float, high: float) -> xr.DataArray:
    """Return where ratios lie by a range, up to the rounding of binary arithmetic."""
    size = ratios.to_numpy()
    slack = EQUAL_SHARE * np.abs(size)
    places = np.where(size < low - slack, BELOW, np.where(size > high + slack, ABOVE, WITHIN))
    return ratios.copy(data=np.where(np.isnan(size), "", places)).assign_attrs(units="")


def _decided(draws: xr.Dataset) -> str:
    """Return which strategies are dominated, whatever the currency."""
    if set(draws["cost"].dims) | set(draws["effect"].dims) != {"draw", "strategy"}:
        return ""
    status = decision.frontier(draws)["status"]
    beaten = [str(name) for name in status["strategy"].values if status.sel(strategy=name) == "dominated"]
    return f" (in every currency {', '.join(map(repr, beaten))} is dominated)" if beaten else ""


def _with_burden(found: xr.Dataset, bands: dict[str, float], values: RuleValues) -> xr.Dataset:
    by_value = dict.fromkeys(values.reference, 0.0)
    for band, value in values.by_band.items():
        if value is not None:
            by_value[value] += bands[band]
    shares = list(by_value.values())

    def integral(name: str) -> xr.DataArray:
        mean: xr.DataArray = xr.apply_ufunc(
            lambda chances: mean_over_bands(chances.tolist(), shares),
            found[name],
            input_core_dims=[["wtp"]],
            vectorize=True,
            output_dtypes=[float],
        )
        return mean.assign_attrs(units="1")

    return found.assign(
        p_reference_value=xr.DataArray(shares, dims="wtp", coords={"wtp": found["wtp"]}, attrs={"units": "1"}),
        p_integrated=integral("p_cost_effective"),
        p_integrated_low=integral("p_low"),
        p_integrated_high=integral("p_high"),
    )


def _result(draws: xr.Dataset, reference: str, values: Sequence[float]) -> xr.Dataset:
    """Return the verdicts over every further dim, perspectives innermost."""
    extra = sorted(_draws.further_dims(draws), key="perspective".__eq__)
    if not extra:
        return _of_one(draws, reference, values)
    dim = extra[0]
    results = [_result(draws.isel({dim: position}), reference, values) for position in range(draws.sizes[dim])]
    return xr.concat(results, dim=draws[dim] if dim in draws.coords else dim, combine_attrs="override")


def _of_one(draws: xr.Dataset, reference: str, values: Sequence[float]) -> xr.Dataset:
    """Return the verdicts on draws without further dims."""
    options = [str(name) for name in draws["strategy"].values]
    means = {name: _differences(draws, name, reference) for name in options}
    strategies = [name for name in options if name != reference]
    # Draws that do not vary would make each probability 0 or 1, and a verdict seem sure.
    weight = 1.0 if _draws.varies(draws) else np.nan
    shares = weight * decision.ceac(draws, wtp=list(values))
    # The ranges of a fit are of a pair.
    ranges = _ranges(draws, reference, means[strategies[0]], values) if len(strategies) == 1 else [_NONE] * len(values)
    rows = [
        list(_judged(name, means, zip(values, shares.sel(strategy=name).values.tolist(), ranges, strict=True)))
        for name in strategies
    ]
    best = decision.ceaf(draws, wtp=list(values))
    ranked = decision.frontier(draws).sel(strategy=options)
    data: dict[str, Any] = {
        name: (("strategy", "wtp"), [[cell[name] for cell in row] for row in rows], {"units": _UNITS.get(name, "")})
        for name in rows[0][0]
    }
    for place, name in enumerate(("delta_cost", "delta_effect")):
        data[name] = ("strategy", [means[strategy][place] for strategy in strategies])
    data["optimal"] = ("wtp", best["optimal"].to_numpy().astype(str), {"units": ""})
    data["p_optimal"] = ("wtp", weight * best.to_numpy(), {"units": "1"})
    cost, effect = np.array(list(means.values())).T
    leading = ties.tied_means(cost, effect, np.array(values))
    data["is_optimal"] = (("option", "wtp"), leading, {"units": ""})
    data["status"] = ("option", ranked["status"].to_numpy(), {"units": ""})
    data["icer"] = ("option", ranked["icer"].to_numpy())
    coords = {"strategy": strategies, "wtp": list(values), "option": options}
    return xr.Dataset(data, coords=coords, attrs={**draws.attrs, "comparator": reference})


_UNITS = dict.fromkeys(("p_cost_effective", "p_low", "p_high"), "1")


def _judged(
    strategy: str,
    means: Mapping[str, tuple[float, float]],
    at_values: Iterable[tuple[float, float, tuple[Range, Range]]],
) -> Iterator[dict[str, Any]]:
    """Yield the variables of a strategy at each value, with its probability and ranges: against the best other."""
    (cost, effect), others = means[strategy], {name: each for name, each in means.items() if name != strategy}
    for value, share, (net, chance) in at_values:
        rival = _best(others, value)
        apart = (cost - means[rival][0], effect - means[rival][1])
        found = judge(*apart, reference_value=value, net_benefit_range=net)
        low, high = _MISSING if net is None else net
        p_low, p_high = _MISSING if chance is None else chance
        yield {
            "net_benefit": judge(cost, effect, reference_value=value).net_benefit,
            "net_benefit_low": low,
            "net_benefit_high": high,
            "p_cost_effective": share,
            "p_low": p_low,
            "p_high": p_high,
            "conclusion": found.conclusion,
            "edge": found.edge,
            "flips": found.flips,
            "flips_across_perspectives": False,
            "rival": rival,
            "rival_cost": apart[0],
            "rival_effect": apart[1],
        }


def _best(means: Mapping[str, tuple[float, float]], value: float) -> str:
    """Return the strategy with the highest net benefit at its means; of tied ones as in the acceptability frontier."""
    names = list(means)
    cost, effect = np.array(list(means.values())).T
    return names[int(ties.optimal(cost, effect, np.array([value]), names)[0])]


def _differences(draws: xr.Dataset, strategy: str, reference: str) -> tuple[float, float]:
    """Return mean cost and benefit against the comparator, exactly 0 where only binary rounding sets them apart."""
    parts = (draws["cost"], benefit(draws))
    cost, effect = (_mean(each.sel(strategy=strategy) - each.sel(strategy=reference)) for each in parts)
    return cost, effect


def _mean(differences: xr.DataArray) -> float:
    mean, size = float(differences.mean()), float(abs(differences).mean())
    return mean if abs(mean) > _ZERO * size else 0.0


Range = tuple[float, float] | None
_NONE: tuple[Range, Range] = (None, None)
_MISSING = (np.nan, np.nan)


def _ranges(
    draws: xr.Dataset, reference: str, means: tuple[float, float], values: Sequence[float]
) -> list[tuple[Range, Range]]:
    """Return the ranges of net benefit and of its probability at each value, if the fit is that of these very draws.

    Draws joined along a dim carry the attributes of the first alone; its ranges must not stand beside the others.
    """
    fit = fit_of(draws)
    if fit is None:
        return [_NONE] * len(values)
    turned = reference != draws.attrs.get("comparator")
    strategy = next(str(name) for name in draws["strategy"].values if str(name) != draws.attrs.get("comparator"))
    spread = [float(draws[name].sel(strategy=strategy).std()) for name in ("cost", "effect")]
    same = np.isclose(
        [*(-mean if turned else mean for mean in means), *spread],
        [*fit.theta[:2], *(fit.parameters[f"{name}_se"].value or np.nan for name in ("cost", "effect"))],
        rtol=_SAME,
        atol=_SAME * np.array(spread * 2),
    )
    if not same.all():
        return [_NONE] * len(values)
    nets: list[Range] = [(-high, -low) if turned else (low, high) for low, high in net_benefit_ranges(fit, wtp=values)]
    chances: list[Range] = [None] * len(values)
    if fit.marginal == "normal":
        spans = probability_ranges(fit, wtp=values)
        chances = [(1.0 - high, 1.0 - low) if turned else (low, high) for low, high in spans]
    return list(zip(nets, chances, strict=True))


def weighted(
    draws: xr.Dataset,
    severity: Shortfall | float,
    *,
    rules: Rules | None = None,
    on: dt.date | None = None,
    comparator: str | None = None,
) -> xr.Dataset:
    """Weight the incremental QALYs of draws by the severity of the disease.

    Each strategy's effect becomes that of the comparator plus the weight times its difference from it. Costs stand.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws with effects in the unit of the rules; further dims stand.
    severity : Shortfall or float
        What `hecon.shortfall` returned by these rules, at their rate; or one of their weights.
    rules : str, Path or RuleSet, optional
        Rule set, as in `hecon.rulesets.ruleset`; default that of the shortfall. A number needs it.
    on : date, optional
        Day on which the rules hold; default the latest.
    comparator : str, optional
        The strategy that differences are against; default the one that the draws know.

    Returns
    -------
    xarray.Dataset
        The draws with effects in "weighted QALY", by which ratios, net benefit, curves, value of information and
        figures label themselves; and the attribute ``qaly_weight``. A weight of 1 changes the label alone.

    Raises
    ------
    InputError
        If the rules have no weights, or not this one; if the shortfall is by other rules or at another rate; if the
        draws are weighted, or in another unit; if a strategy loses QALYs and the rules do not weigh losses.

    Notes
    -----
    At a value λ per weighted QALY net benefit is that at λ times the weight per QALY. The shortfall is taken at its
    mean: its uncertainty moves no weight.

    Examples
    --------
    >>> import hecon
    >>> from hecon import rulesets
    >>> rules = rulesets.ruleset("nl").model_copy(
    ...     update={
    ...         "severity": (
    ...             rulesets.SeverityRule(
    ...                 status="to check",
    ...                 source="invented",
    ...                 discount=0,
    ...                 band=({"weight": 1}, {"weight": 2, "absolute": 12}),
    ...             ),
    ...         )
    ...     }
    ... )
    >>> draws = hecon.from_arrays([[0, 1000]], [[5, 5.1]], strategies=["usual", "new"], comparator="usual")
    >>> heavy = hecon.rules.weighted(draws, hecon.shortfall(population_qalys=20, remaining_qalys=5, rules=rules))
    >>> heavy.qaly_weight, heavy.effect.units, round(float(hecon.icer(heavy).icer.item()))
    (2.0, 'weighted QALY', 5000)
    """
    validate(draws)
    found, weight, losses = _weight(severity, rules, on)
    unit = _draws.units(draws)[1]
    if unit != found.effect_unit or _draws.better(draws) != "more":
        msg = f"draws must have effects in {found.effect_unit} to be weighted, got {unit}"
        raise InputError(msg)
    reference, _ = _draws.others(draws, comparator)
    base = draws["effect"].sel(strategy=reference, drop=True)
    gained = (draws["effect"] - base).transpose(*draws["effect"].dims)
    lost = gained.mean("draw") < -_ZERO * abs(gained).mean("draw")
    losing = [str(name) for name in draws["strategy"].values if bool(lost.sel(strategy=name).any())]
    if losing and not losses and weight != 1:
        named = ", ".join(map(repr, losing))
        msg = (
            f"draws must not lose {unit} against {reference!r}, as {found.name} weighs none that is lost, got "
            f"{named}: take them without a weight, or leave {'it' if len(losing) == 1 else 'them'} out"
        )
        raise InputError(msg)
    label = f"weighted {unit}"
    effect = (base + weight * gained).transpose(*draws["effect"].dims).assign_attrs(draws["effect"].attrs, units=label)
    about = {"effect_unit": label, "effect_better": "more", "qaly_weight": weight, "qaly_weight_rules": found.name}
    return draws.assign(effect=effect).assign_attrs(about)


def _weight(severity: Shortfall | float, rules: Rules | None, on: dt.date | None) -> tuple[RuleSet, float, bool]:
    """Return the rules, the weight by them, and whether they weigh QALYs that are lost."""
    if isinstance(severity, Shortfall):
        found = severity.rules if rules is None else ruleset(rules)
        rule = severity.weighing if rules is None and on is None else found.severity_on(on)
    else:
        if rules is None:
            msg = "rules must be given with a weight: give them, or a shortfall by hecon.shortfall(..., rules=...)"
            raise InputError(msg)
        found = ruleset(rules)
        rule = found.severity_on(on)
    if rule is None:
        msg = f"rules must weigh severity, got none in {found.name}: add [[severity]] to a file of your own"
        raise InputError(msg)
    if isinstance(severity, Shortfall):
        return found, _of_shortfall(severity, rule, found), rule.losses
    known = [float(each.weight) for each in rule.band]
    if _checks.positive("severity", severity) not in known:
        told = ", ".join(f"{each:g}" for each in known)
        msg = f"severity must be a weight of {found.name}, {told}, got {severity}: give a shortfall, or one of these"
        raise InputError(msg)
    return found, float(severity), rule.losses


def _of_shortfall(found: Shortfall, rule: SeverityRule, rules: RuleSet) -> float:
    """Return the weight of a shortfall, refused where it is by another rule or rate."""
    if found.weighing != rule:
        msg = f"severity must be a shortfall by {rules.name}: make it by hecon.shortfall(..., rules={rules.name!r})"
        raise InputError(msg)
    weight = found.qaly_weight
    if weight is None:
        msg = (
            f"severity must be a shortfall at {rule.discount} a year, which {rules.name} asks for, got "
            f"{found.discount:g}: leave discount out of hecon.shortfall"
        )
        raise InputError(msg)
    return weight
