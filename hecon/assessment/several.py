"""Options that comparisons hold against one comparator: which go together, their joint draws, and their ranking."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import xarray as xr

from hecon.assessment.records import ModelResult, TrialResult
from hecon.curves import Curves
from hecon.decision.incremental import against_of, frontier_of, order_of
from hecon.rules.verdicts import COST_EFFECTIVE, EQUAL, NOT_COST_EFFECTIVE, judge

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from hecon.assessment.concluding import Preference
    from hecon.assessment.records import ComparisonResult
    from hecon.reported.several import Joined

__all__ = ["IncrementalAnalysis", "RankedOption", "joint_curves", "means_of", "ranked", "source_of", "together"]

Means = dict[str, tuple[float, float]]
_REFUSED = "weight_on_losses"


@dataclass(frozen=True)
class RankedOption:
    """An option in a full incremental analysis.

    Attributes
    ----------
    option : str, its id
    comparison : str or None, id of the comparison with the common comparator; None for that itself
    delta_cost, delta_effect : float, mean differences from the common comparator
    mean_cost, mean_effect : float or None, of its draws, where these are absolute
    status : str, "frontier", "dominated" or "extendedly dominated"
    icer : float or None
        [currency per unit of effect], against the option before it on the frontier; None for the first and off it.
    against : tuple of str
        The option that `icer` is against; off the frontier those that dominate it, two of them in combination where
        `status` is "extendedly dominated".
    """

    option: str
    comparison: str | None
    delta_cost: float
    delta_effect: float
    mean_cost: float | None
    mean_effect: float | None
    status: str
    icer: float | None
    against: tuple[str, ...]


@dataclass(frozen=True)
class IncrementalAnalysis:
    """The full incremental analysis of comparisons of one trial or model with one comparator.

    Attributes
    ----------
    comparisons : tuple of str, their ids
    comparator : str, id of the common comparator
    options : tuple of RankedOption, all options in order of cost, the comparator among them
    preferences : tuple of Preference, at each value shown, among all options
    over_bands : dict of str to float
        Probability of each option to be the best of all, over the bands of the computed burden that have a value; empty
        without one, or without joint draws.
    joined : Joined or None, how published differences go together; None of patient data and models, or if not known
    curves : Curves or None, tables of the joint draws of all options; None where these are not known
    """

    comparisons: tuple[str, ...]
    comparator: str
    options: tuple[RankedOption, ...]
    preferences: tuple[Preference, ...] = ()
    over_bands: dict[str, float] = field(default_factory=dict)
    joined: Joined | None = field(default=None, repr=False, compare=False)
    curves: Curves | None = field(default=None, repr=False, compare=False)

    @property
    def dominant(self) -> str | None:
        """The option that is better than every other at every value, in any currency; None where there is none."""
        efficient = [each.option for each in self.options if each.status == "frontier"]
        return efficient[0] if len(efficient) == 1 else None

    def others(self, at: Preference) -> Iterator[tuple[RankedOption, tuple[float, float], str]]:
        """Yield the options that are not preferred at a value, each against the preferred one.

        Beside the option stand its differences in cost and effect and the conclusion.
        """
        best = next(each for each in self.options if each.option == at.option)
        for each in self.options:
            if each.option not in {at.option, *at.tied}:
                apart = (each.delta_cost - best.delta_cost, each.delta_effect - best.delta_effect)
                yield each, apart, judge(*apart, reference_value=at.value).conclusion

    def verdicts(self, option: str, values: Collection[float]) -> dict[str, str | None]:
        """Return the verdict on an option against the best of all others at each value; by dominance without values."""
        if not values:
            best = self.dominant
            return {"dominance": None if best is None else COST_EFFECTIVE if option == best else NOT_COST_EFFECTIVE}
        return {
            str(at.value): EQUAL if option in at.tied else COST_EFFECTIVE if option == at.option else NOT_COST_EFFECTIVE
            for at in self.preferences
            if at.value in values
        }


@dataclass(frozen=True)
class JointResult:
    """Published differences of several interventions, joined through their comparator's arm, and their draws."""

    joined: Joined
    curves: Curves


def together(results: Iterable[ComparisonResult]) -> list[list[ComparisonResult]]:
    """Return the comparisons with figures that are of one comparator and source, each intervention once.

    Another comparison of the same options is another estimate of the same difference, and no further option. Where the
    rules refuse their weight to one of them, as it loses effects, each stands alone.
    """
    groups: dict[object, dict[str, ComparisonResult]] = {}
    for each in results:
        if each.delta_cost is not None and each.delta_effect is not None:
            groups.setdefault((each.spec.choice, source_of(each)), {}).setdefault(each.spec.intervention, each)
    found: list[list[ComparisonResult]] = []
    for group in groups.values():
        refused = any(each.no_verdict is not None and each.no_verdict.code == _REFUSED for each in group.values())
        found += [[each] for each in group.values()] if refused else [list(group.values())]
    return found


def source_of(result: ComparisonResult) -> tuple[str, str, str] | None:
    """Return the data or model that a result is from: of one file, design and perspective draws are joint."""
    if isinstance(result, ModelResult):
        return result.model_source.digest, "", result.spec.perspective
    if not isinstance(result, TrialResult) or result.draws is None:
        return None
    return result.trial_source.digest, result.trial_source.design_digest, result.trial_source.perspective


def joint_curves(results: Sequence[ComparisonResult]) -> Curves | None:
    """Return the tables of draws of all options together; None where these are not known, or not jointly."""
    first = results[0]
    if len(results) == 1:
        return first.curves
    if first.joint is not None and all(each.joint is first.joint for each in results):
        curves, names = first.joint.curves, [first.spec.comparator, *(each.spec.intervention for each in results)]
        return curves if len(names) == curves.draws.sizes["strategy"] else Curves(curves.draws.sel(strategy=names))
    if any(source_of(each) is None or source_of(each) != source_of(first) for each in results):
        return None
    known = [each.draws for each in results if each.draws is not None]
    if len(known) < len(results):
        return None
    parts = [draws.sel(strategy=[each.spec.intervention]) for draws, each in zip(known, results, strict=True)]
    parts.insert(0, known[0].sel(strategy=[first.spec.comparator]))
    return Curves(xr.concat(parts, dim="strategy", combine_attrs="drop_conflicts"))


def means_of(results: Sequence[ComparisonResult]) -> Means:
    """Return mean costs and effects of each option against the comparator, which has none; empty without figures."""
    known = [each for each in results if each.delta_cost is not None and each.delta_effect is not None]
    own = {each.spec.intervention: (each.delta_cost or 0.0, each.delta_effect or 0.0) for each in known}
    return {results[0].spec.comparator: (0.0, 0.0), **own} if own else {}


def ranked(
    means: Mapping[str, tuple[float, float]], comparisons: Mapping[str, str], curves: Curves | None = None
) -> tuple[RankedOption, ...]:
    """Return the options in order of cost with their place on or off the frontier, by their mean differences.

    `comparisons` are ids by intervention.
    """
    names, points = list(means), list(means.values())
    status, ratios = frontier_of(points, names)
    against = against_of(points, names, status)
    absolute = _absolute(curves)
    return tuple(
        RankedOption(
            option=names[i],
            comparison=comparisons.get(names[i]),
            delta_cost=points[i][0],
            delta_effect=points[i][1],
            mean_cost=absolute[names[i]][0] if absolute else None,
            mean_effect=absolute[names[i]][1] if absolute else None,
            status=status[i],
            icer=None if math.isnan(ratios[i]) else ratios[i],
            against=tuple(names[k] for k in against[i]),
        )
        for i in order_of(points, names)
    )


def _absolute(curves: Curves | None) -> Means:
    """Return mean costs and effects of draws that are absolute."""
    if curves is None or curves.draws.attrs.get("scale") == "incremental":
        return {}
    means = curves.draws[["cost", "effect"]].mean("draw")
    return {
        str(name): (float(means["cost"].sel(strategy=name)), float(means["effect"].sel(strategy=name)))
        for name in means["strategy"].to_numpy()
    }
