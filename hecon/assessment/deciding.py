"""Decisions otherwise: by another perspective, over comparisons by weight, by subgroup, averse to risk, mixed."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import xarray as xr
from scipy.optimize import brentq

from hecon import decision
from hecon.curves import curves_of
from hecon.decision.ties import EXPECTED_TIE
from hecon.draws import benefit, from_arrays, has_few_freedom
from hecon.errors import InputError, StatisticalWarning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from hecon.assessment.records import Assessment, ComparisonResult
    from hecon.trial.subgroups import SubgroupAnalysis

__all__ = [
    "FEWEST_DRAWS",
    "MIX",
    "Averaged",
    "Averse",
    "Mixed",
    "PerspectiveLoss",
    "Stratified",
    "averaged",
    "averse",
    "mixed",
    "perspective_losses",
    "stratified",
]

# What a mix of options is called in draws.
MIX = "mix"
# Steps by which an aversion to risk that turns the preference is looked for: the first, relative to the standard
# deviation of net benefit, the factor between them, and draws below which a certainty equivalent is not followed.
_FIRST, _FACTOR, FEWEST_DRAWS = 1e-3, 1.5, 100
# A standard deviation below this, relative to the largest net benefit, is rounding.
_ROUNDING = 1e-12

# Draws of the means in the levels of a subgroup, of which what chance gives is a mean.
_DRAWS = 20_000


@dataclass(frozen=True)
class PerspectiveLoss:
    """What it costs to decide by one perspective on a trial where another one counts.

    Attributes
    ----------
    comparisons : tuple of str, ids of the comparisons, each from a perspective of its own
    values : tuple of float, willingness to pay [currency per unit of effect]
    preferred : dict of (str, float) to str
        The option that a comparison chooses at a value; of tied ones the one that `hecon.decision_curves` takes.
    tied : dict of (str, float) to tuple of str, the options that tie, where none is preferred
    loss : xarray.DataArray
        As `hecon.decision_loss` returns over the comparisons [currency per patient], dims (decided_by, counts, wtp).
    """

    comparisons: tuple[str, ...]
    values: tuple[float, ...]
    preferred: dict[tuple[str, float], str]
    tied: dict[tuple[str, float], tuple[str, ...]]
    loss: xr.DataArray = field(repr=False, compare=False)

    @property
    def losing(self) -> tuple[tuple[str, str, float, float], ...]:
        """Who decides, which counts, the value, and what is lost: where that is anything, in order of the values."""
        found = (
            (by, counts, value, float(self.loss.sel(decided_by=by, counts=counts, wtp=value)))
            for value in self.values
            for by in self.comparisons
            for counts in self.comparisons
        )
        return tuple(each for each in found if each[-1] > 0)


def perspective_losses(assessment: Assessment, *, wtp: Sequence[float] | None = None) -> tuple[PerspectiveLoss, ...]:
    """Return the losses of every trial with figures from several perspectives: of the same options and horizon.

    `wtp` defaults to the reference values where the rules have some for it, else to the values that it is shown at.
    """
    groups: dict[tuple[object, ...], dict[str, ComparisonResult]] = {}
    for each in assessment.comparisons:
        if each.delta_cost is None or each.delta_effect is None:
            continue
        spec = each.spec
        key = (
            *(spec.trial, spec.intervention, spec.comparator, float(spec.horizon_months)),
            *(spec.currency, spec.effect_unit, spec.effect_better),
        )
        # Another estimate from the same perspective is none of the perspective.
        groups.setdefault(key, {}).setdefault(spec.perspective, each)
    found = (list(group.values()) for group in groups.values() if len(group) > 1)
    return tuple(loss for group in found if (loss := _loss(group, wtp)) is not None)


def _loss(group: Sequence[ComparisonResult], wtp: Sequence[float] | None) -> PerspectiveLoss | None:
    values = group[0].values_at(wtp)
    if not values:
        return None
    names = tuple(each.spec.id for each in group)
    draws = xr.concat([_at_means(each) for each in group], dim="perspective").assign_coords(perspective=list(names))
    chosen = decision.decision_curves(draws, wtp=values)["optimal"]
    preferred = {
        (name, value): str(chosen.sel(perspective=name, wtp=value).item()) for name in names for value in values
    }
    tied = {
        (name, value): options
        for name in names
        for value, options in _tied(_best(draws.sel(perspective=name), values)).items()
    }
    return PerspectiveLoss(names, values, preferred, tied, decision.decision_loss(draws, wtp=values))


def _at_means(result: ComparisonResult) -> xr.Dataset:
    """Return the mean differences as one draw: a loss is of the decision, not of the uncertainty."""
    spec = result.spec
    return from_arrays(
        [[0.0, float(result.delta_cost or 0.0)]],
        [[0.0, float(result.delta_effect or 0.0)]],
        strategies=[spec.comparator, spec.intervention],
        comparator=spec.comparator,
        currency=spec.currency,
        effect_unit=spec.effect_unit,
        effect_better=spec.effect_better,
    )


@dataclass(frozen=True)
class Averaged:
    """Comparisons of the same options averaged by stated weights.

    Attributes
    ----------
    weights : dict of str to float, by comparison; they add up to 1
    draws : int, draws of the mixture
    delta_cost, delta_effect : float, mean differences [currency; unit of effect]
    values : tuple of float, willingness to pay [currency per unit of effect]
    preferred : dict of float to str or None, the option with the highest expected net benefit; None where some tie
    tied : dict of float to tuple of str, the options that tie
    probability : dict of float to float
        That it has the higher net benefit; of tied ones that of the one that `hecon.ceaf` takes.
    evpi : dict of float to float, expected loss of it [currency per patient], in which the weights count too
    """

    weights: dict[str, float]
    draws: int
    delta_cost: float
    delta_effect: float
    values: tuple[float, ...]
    preferred: dict[float, str | None]
    tied: dict[float, tuple[str, ...]]
    probability: dict[float, float]
    evpi: dict[float, float]


def averaged(
    assessment: Assessment,
    weights: Mapping[str, float],
    *,
    wtp: Sequence[float] | None = None,
    rng: int | np.random.Generator | None = 0,
) -> Averaged:
    """Return what comparisons of a dossier say together, each by its weight: as several models of one question.

    Raises
    ------
    InputError
        If a comparison is unknown, has no draws, or is of other options, perspective, currency or unit than the first;
        or the weights do not add up to 1.
    """
    results = _of_one_question(assessment, weights)
    first = results[0].spec
    pair = [first.comparator, first.intervention]
    own = [each.draws.sel(strategy=pair) for each in results if each.draws is not None]
    count = min(each.sizes["draw"] for each in own)
    # Of the smallest number that all have; files may have labels of their own.
    cut = [each.isel(draw=slice(count)).drop_vars("draw", errors="ignore") for each in own]
    both = xr.concat(cut, dim="scenario", combine_attrs="drop_conflicts").assign_coords(scenario=list(weights))
    mixed = decision.average_models(both, weights=dict(weights), rng=rng)
    values = results[0].values_at(wtp)
    curves = decision.decision_curves(mixed, wtp=values) if values else None
    difference = (mixed.sel(strategy=first.intervention) - mixed.sel(strategy=first.comparator)).mean("draw")
    rows = {} if curves is None else {value: curves.sel(wtp=value) for value in values}
    best = _best(mixed, values)
    return Averaged(
        dict(weights),
        count,
        float(difference["cost"]),
        float(difference["effect"]),
        values,
        _alone(best),
        _tied(best),
        {value: float(row["ceaf"]) for value, row in rows.items()},
        {value: float(row["evpi"]) for value, row in rows.items()},
    )


def _of_one_question(assessment: Assessment, weights: Mapping[str, float]) -> list[ComparisonResult]:
    """Return the comparisons that have weights, if they are of the same options and can be averaged."""
    name, known = assessment.dossier.name, {each.spec.id: each for each in assessment.comparisons}
    for asked in weights:
        if asked not in known:
            msg = f"{name}: weights must be of comparisons, {', '.join(known)}, got {asked!r}"
            raise InputError(msg)
    if len(weights) < 2 or not math.isclose(sum(weights.values()), 1.0, abs_tol=1e-9):  # noqa: PLR2004 (two to average)
        msg = f"{name}: weights must be of two comparisons or more and add up to 1, got {dict(weights)}"
        raise InputError(msg)
    results = [known[each] for each in weights]
    first = results[0].spec
    for each in results:
        if each.draws is None or each.few_freedom:
            msg = f"{name}, {each.spec.id}: how uncertain it is must be known to be averaged; leave it out"
            raise InputError(msg)
        for part in ("intervention", "comparator", "perspective", "currency", "effect_unit", "effect_better"):
            if getattr(each.spec, part) != getattr(first, part):
                got = f"{getattr(first, part)} and {getattr(each.spec, part)}"
                msg = f"{name}, {each.spec.id}: {part} must be that of {first.id} to be averaged with it, got {got}"
                raise InputError(msg)
    return results


@dataclass(frozen=True)
class Stratified:
    """What it is worth to decide for each level of a subgroup of a trial by itself.

    Attributes
    ----------
    column, perspective : str, the subgroup and the perspective
    shares : dict of str to float, share of the trial's patients by level
    values : tuple of float, willingness to pay [currency per unit of effect]
    overall : dict of float to str or None, the option preferred for all, over the levels by their shares
    preferred : dict of float to dict of str to str or None, the option preferred in each level
    overall_tied, tied : the same of the options that tie, where several do and none is preferred
    value : dict of float to float, what deciding by level yields beside that [currency per patient]
    by_chance, p_chance : dict of float to float
        What it would be on average if the levels did not differ, and how often it would then be as large.
    reason : str or None, why none of it is known: "few_freedom" (degrees of freedom)
    """

    column: str
    perspective: str
    shares: dict[str, float]
    values: tuple[float, ...] = ()
    overall: dict[float, str | None] = field(default_factory=dict)
    preferred: dict[float, dict[str, str | None]] = field(default_factory=dict)
    overall_tied: dict[float, tuple[str, ...]] = field(default_factory=dict)
    tied: dict[float, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    value: dict[float, float] = field(default_factory=dict)
    by_chance: dict[float, float] = field(default_factory=dict)
    p_chance: dict[float, float] = field(default_factory=dict)
    reason: str | None = None


def stratified(
    found: SubgroupAnalysis, values: Sequence[float], *, rng: int | np.random.Generator | None = 0
) -> Stratified | None:
    """Return what it is worth to decide by level; None of a subgroup that is not analysed, or of costs alone."""
    if found.cells is None or not found.cells.effect.exists:
        return None
    draws = found.draws(n_draws=_DRAWS, rng=rng)
    if has_few_freedom(draws):
        return Stratified(found.column, found.perspective, found.shares, reason="few_freedom")
    worth = decision.stratified_value(draws, wtp=list(values), shares=found.shares)
    at = {value: worth.sel(wtp=value) for value in values}
    overall = _best(_weighed(draws, found.shares), tuple(at))
    within = {level: _best(draws.sel(subgroup=level), tuple(at)) for level in found.levels}
    return Stratified(
        found.column,
        found.perspective,
        found.shares,
        tuple(at),
        overall=_alone(overall),
        preferred={value: {level: _alone(best)[value] for level, best in within.items()} for value in at},
        overall_tied=_tied(overall),
        tied={
            value: {level: _tied(best)[value] for level, best in within.items() if value in _tied(best)} for value in at
        },
        value={value: float(row["value"]) for value, row in at.items()},
        by_chance={value: float(row["by_chance"]) for value, row in at.items()},
        p_chance={value: float(row["p_chance"]) for value, row in at.items()},
    )


def _weighed(draws: xr.Dataset, shares: Mapping[str, float]) -> xr.Dataset:
    """Return the mean costs and effects over the levels of a subgroup, as one draw."""
    weights = xr.DataArray(list(shares.values()), {"subgroup": list(shares)}, ("subgroup",))
    means = (draws[["cost", "effect"]].mean("draw") * weights).sum("subgroup")
    return means.expand_dims("draw").assign_attrs(draws.attrs)


@dataclass(frozen=True)
class Mixed:
    """What it costs that patients of a comparison get different options.

    Attributes
    ----------
    comparison : str, its id
    shares : dict of str to float, share of the patients by option
    values : tuple of float, willingness to pay [currency per unit of effect]
    preferred : dict of float to str or None, the option with the highest expected net benefit; None where some tie
    tied : dict of float to tuple of str, the options that tie
    loss : dict of float to float, expected net benefit below that of this option [currency per patient]
    loss_informed : dict of float to float, below that of deciding with all known
    reason : str or None, why none of it is known: "no_draws", or "few_freedom" (degrees of freedom)
    """

    comparison: str
    shares: dict[str, float]
    values: tuple[float, ...] = ()
    preferred: dict[float, str | None] = field(default_factory=dict)
    tied: dict[float, tuple[str, ...]] = field(default_factory=dict)
    loss: dict[float, float] = field(default_factory=dict)
    loss_informed: dict[float, float] = field(default_factory=dict)
    reason: str | None = None


def mixed(
    assessment: Assessment,
    results: Sequence[ComparisonResult],
    shares: Mapping[str, float],
    *,
    wtp: Sequence[float] | None = None,
) -> tuple[Mixed, ...]:
    """Return what a mix of options costs in each comparison that has them all.

    Raises
    ------
    InputError
        If no comparison has these options, or the shares do not add up to 1.
    """
    own = [each for each in results if set(shares) <= {*_options(each)}]
    if not own:
        known = "; ".join(dict.fromkeys(", ".join(_options(each)) for each in results))
        msg = f"{assessment.dossier.name}: a mix must be of options of one comparison, {known}, got {', '.join(shares)}"
        raise InputError(msg)
    return tuple(_mixed(each, shares, wtp) for each in own)


def _mixed(result: ComparisonResult, shares: Mapping[str, float], wtp: Sequence[float] | None) -> Mixed:
    name, given = result.spec.id, dict(shares)
    if result.draws is None or result.few_freedom:
        return Mixed(name, given, reason="no_draws" if result.draws is None else "few_freedom")
    values, draws = result.values_at(wtp), decision.mixed_strategy(result.draws, shares=given, name=MIX)
    pure = decision.decision_curves(result.draws, wtp=list(values))
    lost = decision.expected_loss(draws, wtp=list(values)).sel(strategy=MIX)
    best = _best(result.draws, values)
    informed = {value: float(lost.sel(wtp=value)) for value in values}
    return Mixed(
        name,
        given,
        values,
        preferred=_alone(best),
        tied=_tied(best),
        loss={value: max(informed[value] - float(pure["evpi"].sel(wtp=value)), 0.0) for value in values},
        loss_informed=informed,
    )


@dataclass(frozen=True)
class Averse:
    """How someone averse to risk decides in a comparison.

    Attributes
    ----------
    comparison : str, its id
    aversion : float, absolute risk aversion [per currency unit]
    values : tuple of float, willingness to pay [currency per unit of effect]
    certain : dict of float to dict of str to float
        Certainty equivalent by option, and of "mix" where one was asked for [currency per patient].
    preferred, neutral : dict of float to str or None
        The option preferred with this aversion, and without any; None where some tie.
    tied, neutral_tied : dict of float to tuple of str, the options that tie
    turns_at : dict of float to float or None
        Least aversion at which an option other than `neutral` is preferred; None where none was found, or some tie.
    sought_to : dict of float to float
        Largest aversion that was looked at: beyond it fewer than 100 draws decide; 0 where some tie.
    effective_draws : float, draws that bear the certainty equivalents; below 100 the worst of them decide
    reason : str or None, why none of it is known: "no_draws", or "no_moment" where draws are from t distributions
    """

    comparison: str
    aversion: float
    values: tuple[float, ...] = ()
    certain: dict[float, dict[str, float]] = field(default_factory=dict)
    preferred: dict[float, str | None] = field(default_factory=dict)
    neutral: dict[float, str | None] = field(default_factory=dict)
    tied: dict[float, tuple[str, ...]] = field(default_factory=dict)
    neutral_tied: dict[float, tuple[str, ...]] = field(default_factory=dict)
    turns_at: dict[float, float | None] = field(default_factory=dict)
    sought_to: dict[float, float] = field(default_factory=dict)
    effective_draws: float = math.inf
    reason: str | None = None


def averse(
    result: ComparisonResult,
    aversion: float,
    *,
    shares: Mapping[str, float] | None = None,
    wtp: Sequence[float] | None = None,
) -> Averse:
    """Return how someone averse to risk decides in a comparison, among its options and the mix of `shares`."""
    if result.draws is None or "freedom" in result.draws.attrs:
        # The mean of exponentials of a t distribution is infinite, whatever its degrees of freedom.
        return Averse(result.spec.id, aversion, reason="no_draws" if result.draws is None else "no_moment")
    draws, values = result.draws, result.values_at(wtp)
    known = {*map(str, draws["strategy"].to_numpy())}
    if shares is not None and set(shares) <= known:
        draws = decision.mixed_strategy(draws, shares=shares, name=MIX)
    found = _certain(draws, values, aversion)
    certain = {value: {str(row.strategy.item()): float(row) for row in found.sel(wtp=value)} for value in values}
    best, neutral = _leading(draws, certain, aversion), _best(result.draws, values)
    turning = {
        value: _turning(result.draws, value, names[0]) if len(names) == 1 else (None, 0.0)
        for value, names in neutral.items()
    }
    return Averse(
        result.spec.id,
        float(aversion),
        values,
        certain,
        preferred=_alone(best),
        neutral=_alone(neutral),
        tied=_tied(best),
        neutral_tied=_tied(neutral),
        turns_at={value: at for value, (at, _) in turning.items()},
        sought_to={value: limit for value, (_, limit) in turning.items()},
        effective_draws=float(found.attrs["effective_draws"]),
    )


def _options(result: ComparisonResult) -> tuple[str, ...]:
    spec = result.spec
    return (spec.comparator, spec.intervention, *spec.other_interventions)


def _best(draws: xr.Dataset, values: Sequence[float]) -> dict[float, tuple[str, ...]]:
    """Return at each value the options with the highest expected net benefit, all that tie."""
    return dict(zip(values, curves_of(draws).best(values), strict=True))


def _alone(best: Mapping[float, tuple[str, ...]]) -> dict[float, str | None]:
    """Return the preferred option at each value, None where several tie."""
    return {value: names[0] if len(names) == 1 else None for value, names in best.items()}


def _tied(best: Mapping[float, tuple[str, ...]]) -> dict[float, tuple[str, ...]]:
    """Return the options that tie, at the values where several do."""
    return {value: names for value, names in best.items() if len(names) > 1}


def _leading(
    draws: xr.Dataset, certain: Mapping[float, Mapping[str, float]], aversion: float
) -> dict[float, tuple[str, ...]]:
    """Return at each value the options with the highest certainty equivalent, all that tie within its rounding."""
    cost, effect = (float(abs(draws[each]).max()) for each in ("cost", "effect"))
    # A logarithm divided by the aversion is rounded in units of its inverse.
    own = 1.0 / aversion if aversion else 0.0
    return {
        value: tuple(
            name
            for name, amount in row.items()
            if max(row.values()) - amount <= EXPECTED_TIE * (value * effect + cost + own)
        )
        for value, row in certain.items()
    }


def _certain(draws: xr.Dataset, values: Sequence[float], aversion: float) -> xr.DataArray:
    """Return certainty equivalents, dims (strategy, wtp); how many draws bear them is told by who shows them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StatisticalWarning)
        return decision.certainty_equivalent(draws, wtp=list(values), aversion=aversion)


def _turning(draws: xr.Dataset, value: float, option: str) -> tuple[float | None, float]:
    """Return the least aversion at which another option than `option` is preferred, and the largest looked at."""

    def lead(aversion: float) -> tuple[float, float]:
        found = _certain(draws, [value], aversion).squeeze("wtp")
        others = found.where(found["strategy"] != option, drop=True)
        return float(found.sel(strategy=option) - others.max()), float(found.attrs["effective_draws"])

    net = value * benefit(draws) - draws["cost"]
    spread = float(net.std("draw").max())
    if spread <= _ROUNDING * float(abs(net).max()):
        return None, math.inf
    before, at = 0.0, _FIRST / spread
    while (now := lead(at))[1] >= FEWEST_DRAWS:
        if now[0] <= 0:
            return float(brentq(lambda aversion: lead(aversion)[0], before, at, rtol=1e-6)), at
        before, at = at, at * _FACTOR
    return None, before
