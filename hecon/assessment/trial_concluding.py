"""What a trial's analysis concludes at each value from each perspective, what could turn it, and what else is told.

How sure a preference is has the rule of `hecon.assessment.concluding`. `hecon.trial` is imported where a trial is told
of, as most dossiers have none.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hecon import _checks
from hecon.assessment.concluding import Conclusion, OtherEstimate, best, preferred
from hecon.draws import has_few_freedom
from hecon.errors import InputError
from hecon.rules.verdicts import judge, place_in_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import xarray as xr
    from numpy.typing import ArrayLike

    from hecon.assessment.concluding import Preference
    from hecon.assessment.trials import PerspectiveTables
    from hecon.trial.analysis import PerspectiveAnalysis, TrialAnalysis
    from hecon.trial.description import Missingness
    from hecon.trial.effects import EffectMeasure
    from hecon.trial.sensitivity import Scenario
    from hecon.trial.soundness import Doubt

__all__ = [
    "PerspectiveConclusion",
    "TrialConclusion",
    "Turn",
    "conclude_trial",
    "departure_codes",
    "imputation_shifts",
    "imputations_outcome",
    "largest_fmi",
    "left_out",
    "limits",
    "usable_interval",
    "values_of",
]

# `scenarios` includes the main analysis as reference row.
_MAIN = "main"
_COMPLETE = "complete-case"

Means = dict[str, tuple[float, float]]

_PAIR = 2
# Two ways of imputing, of which the main analysis has one; and the share of the standard error of net benefit beyond
# which the other matters.
_IMPUTED_OTHERWISE = {"scaled", "pmm"}
_SHIFT_THAT_MATTERS = 0.25
_REGRESSORS = {"own-regressors", "same-regressors"}
_OF_EFFECTS = {*_REGRESSORS, "worse-all", "worse-intervention"}


@dataclass(frozen=True)
class Turn:
    """A value per QALY [currency] at which the preferred option turns: from `below` to `above` it."""

    value: float
    below: str
    above: str


@dataclass(frozen=True)
class PerspectiveConclusion:
    """The conclusion from one perspective.

    Attributes
    ----------
    perspective : str
        Its name.
    conclusion : Conclusion
        Of kind "at_every_value", "by_value", "equal" (no option is preferred at any value) or "no_value" (there is no
        value at which to prefer one).
    turns : tuple of Turn
        The values above 0 at which the preferred option turns, rising.
    turned_by : dict of float to tuple of str
        Codes of the sensitivity analyses that prefer another option, by value.
    fmi : float or None
        Largest fraction of missing information; None where nothing was pooled.
    by_scenario : dict of str to tuple of Preference
        The preference at each value in each sensitivity analysis, by its code, with its own probability.
    """

    perspective: str
    conclusion: Conclusion
    turns: tuple[Turn, ...]
    turned_by: dict[float, tuple[str, ...]]
    fmi: float | None = None
    by_scenario: dict[str, tuple[Preference, ...]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class TrialConclusion:
    """The answer of a trial.

    Attributes
    ----------
    values : tuple of float
        Willingness to pay [currency per unit of effect] at which it is given; 0 of costs alone.
    given : bool
        Whether the caller chose them; else they are the reference values of the rules.
    perspectives : tuple of PerspectiveConclusion
        In the order of the analysis.
    contradictions : tuple of float
        The values at which perspectives prefer different options.
    incomplete : dict of str to float
        Share of the patients of each arm of whom something is missing.
    missingness : Missingness or None
        What the data tell of why values are missing.
    compared : tuple of str
        Codes of the sensitivity analyses that it was held against.
    doubts : tuple of Doubt
        Of the analysis.
    data_warnings : int
        Number of its further warnings, which are about the data.
    """

    values: tuple[float, ...]
    given: bool
    perspectives: tuple[PerspectiveConclusion, ...]
    contradictions: tuple[float, ...]
    incomplete: dict[str, float]
    missingness: Missingness | None
    compared: tuple[str, ...]
    doubts: tuple[Doubt, ...] = field(default=(), repr=False)
    data_warnings: int = 0


def conclude_trial(
    analysis: TrialAnalysis,
    tables: Mapping[str, PerspectiveTables],
    scenarios: Sequence[Scenario],
    values: Sequence[float] | None = None,
) -> TrialConclusion:
    """Return the answer of a trial at the reference values of its rules, or at values of the caller's.

    Of costs alone it is given at 0, where the preferred option is the one with the lowest costs.
    """
    about = analysis.description
    chosen = tuple(analysis.perspectives[0].reference if values is None else values)
    _refuse_unknown(scenarios, chosen)
    weighed = [_weighed(found, tables.get(found.name), scenarios, about.patients) for found in analysis.perspectives]
    ranged = values is None and analysis.effect.is_qaly and analysis.rules.values_on().range is not None
    each_alone = [each.conclude(chosen, ranged=ranged) for each in weighed]
    differ = _contradictions([each.conclusion for each in each_alone], chosen)
    marked = tuple(
        replace(
            each,
            conclusion=_marked(each, each_alone, differ),
            fmi=largest_fmi(found) if analysis.method == "imputation" and analysis.imputation is not None else None,
        )
        for each, found in zip(each_alone, analysis.perspectives, strict=True)
    )
    told = {each.text for each in analysis.doubts}
    return TrialConclusion(
        values=chosen,
        given=values is not None,
        perspectives=marked,
        contradictions=differ,
        incomplete=dict(zip(about.strategies, about.incomplete, strict=True)),
        missingness=about.missingness,
        compared=tuple(dict.fromkeys(code for each in weighed for code in each.otherwise())),
        doubts=analysis.doubts,
        data_warnings=sum(each not in told for each in analysis.warnings),
    )


def values_of(wtp: ArrayLike) -> tuple[int | float, ...]:
    """Return values of willingness to pay, rising and each once; 0 is none, as an answer is per QALY."""
    given = sorted(float(each) for each in _checks.willingness_to_pay(wtp))
    values = tuple(dict.fromkeys(int(each) if each.is_integer() else each for each in given))
    if values[0] == 0:
        msg = f"wtp must be above 0, got {values[0]:g}: leave it out, costs alone stand in the tables"
        raise InputError(msg)
    return values


def _refuse_unknown(scenarios: Iterable[Scenario], values: Sequence[float]) -> None:
    for each in scenarios:
        for value in values:
            if value not in each.p_cost_effective:
                msg = (
                    f"scenarios must have probabilities at wtp={value:g}, got {each.code!r} without: "
                    f"give hecon.trial.scenarios the same wtp"
                )
                raise InputError(msg)


@dataclass(frozen=True)
class _Weighing:
    """One perspective, its tables, and its sensitivity analyses by code and arm."""

    found: PerspectiveAnalysis
    tables: PerspectiveTables | None  # None of costs alone
    varied: dict[str, dict[str, Scenario]]
    whole: bool  # whether its complete cases are all patients, and so no other analysis

    def conclude(self, values: Sequence[float], *, ranged: bool) -> PerspectiveConclusion:
        """Return the conclusion at values per QALY, or by the range that they are the ends of."""
        found, others = self.found, self.otherwise()
        means = _means(found)
        at = [preferred(means, value, partial(self.known, value)) for value in values]
        turned_by = {
            each.value: ()
            if each.equal
            else tuple(code for code in others if best(others[code], each.value) != each.option)
            for each in at
        }
        at = [replace(each, turned_by=("scenarios",) if turned_by[each.value] else ()) for each in at]
        names, turns = {None if each.equal else each.option for each in at}, _turns(means)
        place = _place(means, values) if ranged else None
        conclusion = Conclusion(
            kind="by_range" if place is not None or (ranged and len(means) > _PAIR) else _kind(names),
            option=found.strategies[1],
            other=found.strategies[0],
            preferred=next(iter(names)) if len(names) == 1 and place is None else None,
            in_range=place,
            values=tuple(at),
            turning_value=turns[0].value if len(turns) == 1 else None,
        )
        by_scenario = {
            code: tuple(preferred(others[code], value, partial(self.known_by, code, value)) for value in values)
            for code in self.varied
            if code in others
        }
        return PerspectiveConclusion(found.name, conclusion, turns, turned_by, by_scenario=by_scenario)

    def otherwise(self) -> dict[str, Means]:
        """Return mean costs and effects of each arm in each sensitivity analysis that has them all.

        Complete cases are analysed with every trial, whether or not other analyses were asked for.
        """
        found = self.found
        result: dict[str, Means] = {}
        if found.complete_case is not None and not self.whole:
            result[_COMPLETE] = _means(replace(found, spread=found.complete_case.spread))
        for code, by_arm in self.varied.items():
            if set(by_arm) == set(found.strategies[1:]):
                sign = found.effect.sign
                own = {arm: (each.delta_cost.value, sign * each.delta_effect.value) for arm, each in by_arm.items()}
                result[code] = {found.strategies[0]: (0.0, 0.0), **own}
        return result

    def known(self, value: float, option: str, other: str) -> dict[str, Any]:
        """Return the probability of a preference, its range, the interval of its net benefit and the expected loss.

        Net benefit that does not vary has neither interval nor probability: what these patients show is no certainty.
        """
        known: dict[str, Any] = {}
        if self.tables is not None and not has_few_freedom(self.tables.draws):
            losses = self.tables.curves.expected_loss([value])
            known["expected_loss"] = float(losses.sel(strategy=option).item())
        probability, error = self.probability(option, other, value)
        if probability is None:
            return known
        sign, arm, against = self.oriented(option, other)
        low, high = sorted(sign * end for end in self.found.net_benefit(arm, wtp=value, against=against).interval)
        own = [self.varied_probability(code, option, other, value) for code in self.varied]
        every = [probability, *(each for each in own if each is not None)]
        ends = (min(every), max(every)) if own and None not in own else None
        known |= {"interval": (low, high), "range": ends}
        return {**known, "probability": probability, "monte_carlo_error": error}

    def known_by(self, code: str, value: float, option: str, other: str) -> dict[str, Any]:
        """Return the probability of a preference in a sensitivity analysis, and its Monte Carlo error."""
        _, arm, against = self.oriented(option, other)
        errors = self.varied[code][arm].p_cost_effective_error if against == self.found.strategies[0] else {}
        probability = self.varied_probability(code, option, other, value)
        return {"probability": probability, "monte_carlo_error": errors.get(value)}

    def oriented(self, option: str, other: str) -> tuple[int, str, str]:
        """Return the sign, the arm and what it is held against, so that the comparator is never the arm."""
        return (-1, other, option) if option == self.found.strategies[0] else (1, option, other)

    def probability(self, option: str, other: str, value: float) -> tuple[float | None, float]:
        """Return the probability that one option has more net benefit than another, and its Monte Carlo error."""
        sign, arm, against = self.oriented(option, other)
        if self.found.net_benefit(arm, wtp=value, against=against).se == 0:
            return None, 0.0
        share = self.found.p_cost_effective(arm, wtp=value, against=against)
        error = self.found.p_cost_effective_error(arm, wtp=value, against=against)
        return share if sign > 0 else 1.0 - share, error

    def varied_probability(self, code: str, option: str, other: str, value: float) -> float | None:
        """Return the probability of a preference in a sensitivity analysis; None where it is not on record."""
        sign, arm, against = self.oriented(option, other)
        if arm not in self.varied[code]:
            return None
        scenario = self.varied[code][arm]
        comparator = against == self.found.strategies[0]
        share = (scenario.p_cost_effective if comparator else scenario.p_against.get(against, {})).get(value)
        return share if share is None or sign > 0 else 1.0 - share


def _weighed(
    found: PerspectiveAnalysis,
    tables: PerspectiveTables | None,
    scenarios: Iterable[Scenario],
    patients: tuple[int, ...],
) -> _Weighing:
    whole = found.complete_case is not None and found.complete_case.patients == patients
    same = {_MAIN, _COMPLETE} if whole else {_MAIN}
    varied: dict[str, dict[str, Scenario]] = {}
    for each in scenarios:
        if each.code not in same and each.perspective == found.name:
            varied.setdefault(each.code, {})[each.strategy] = each
    return _Weighing(found, tables, varied, whole)


def _means(of: PerspectiveAnalysis) -> Means:
    """Return mean costs and gains of each arm against the comparator, which comes first and has none."""
    sign = of.effect.sign
    own = {each: (of.delta_cost(each).value, sign * of.delta_effect(each).value) for each in of.strategies[1:]}
    return {of.strategies[0]: (0.0, 0.0), **own}


def _kind(preferred_options: set[str | None]) -> str:
    """Return the kind of a conclusion, from the options that are preferred at its values, None for equal ones."""
    if not preferred_options:
        return "no_value"
    if len(preferred_options) > 1:
        return "by_value"
    return "equal" if None in preferred_options else "at_every_value"


def _place(means: Means, ends: Sequence[float]) -> str | None:
    """Return where the ratio of two arms lies by a range; None of more, and without a ratio."""
    *_, (cost, effect) = means.values()
    if len(means) > _PAIR or cost * effect <= 0:
        return None
    at_ends = [judge(cost, effect, reference_value=value).conclusion for value in ends]
    return place_in_range("NE" if cost > 0 else "SW", at_ends)


def _turns(means: Means) -> tuple[Turn, ...]:
    """Return where the highest expected net benefit passes from one option to the next, over values above 0."""
    current = min(means, key=lambda name: (means[name][0], -means[name][1]))
    turns: list[Turn] = []
    while True:
        cost, effect = means[current]
        slopes = [((own - cost) / (gain - effect), -gain, name) for name, (own, gain) in means.items() if gain > effect]
        if not slopes:
            return tuple(turns)
        value, _, name = min(slopes)
        if 0 < value < math.inf:
            turns.append(Turn(value, current, name))
        current = name


def _contradictions(conclusions: Sequence[Conclusion], values: Sequence[float]) -> tuple[float, ...]:
    """Return the values at which conclusions prefer different options; two that are equal contradict nothing."""
    at = [{each.value: None if each.equal else each.option for each in one.values} for one in conclusions]
    return tuple(value for value in values if len({own[value] for own in at} - {None}) > 1)


def _marked(
    own: PerspectiveConclusion, all_: Sequence[PerspectiveConclusion], contradictions: Sequence[float]
) -> Conclusion:
    """Return the conclusion from one perspective with the others that prefer another option at a value."""
    values = tuple(
        replace(at, contradicted_by=tuple(_otherwise(own, all_, at))) if at.value in contradictions else at
        for at in own.conclusion.values
    )
    return replace(own.conclusion, values=values)


def _otherwise(
    own: PerspectiveConclusion, all_: Sequence[PerspectiveConclusion], at: Preference
) -> Iterator[OtherEstimate]:
    for each in all_:
        other = next(one for one in each.conclusion.values if one.value == at.value)
        preferred_there = None if other.equal else other.option
        if each is not own and preferred_there != (None if at.equal else at.option):
            yield OtherEstimate(each.perspective, preferred_there, other.net_benefit)


class Limits(NamedTuple):
    """Limits of the analysis that its report names."""

    small: int  # fewest patients whose mean is shown
    few_events: int
    pilot: int  # imputed sets of the pilot


def limits() -> Limits:
    """Return the limits of the analysis that its report names."""
    from hecon.trial.description import SMALL
    from hecon.trial.imputation import PILOT
    from hecon.trial.soundness import FEW_EVENTS

    return Limits(SMALL, FEW_EVENTS, PILOT)


def largest_fmi(found: PerspectiveAnalysis) -> float:
    """Return the largest fraction of missing information: of both differences, and of net benefit at each value."""
    return max(
        each.fmi
        for strategy in found.strategies[1:]
        for each in (
            found.delta_cost(strategy),
            found.delta_effect(strategy),
            *(found.net_benefit(strategy, wtp=value) for value in found.reference),
        )
    )


def imputations_outcome(analysis: TrialAnalysis, error: float) -> str:
    """Return how the number of imputations came about: given, reached, missed, or the most that are made."""
    from hecon.trial.imputation import MOST_SETS

    target = analysis.settings["monte_carlo_error"]
    if target is None:
        return "given"
    if error <= target:
        return "reached"
    return "most" if analysis.settings["imputations"] >= MOST_SETS else "missed"


def usable_interval(ratio: xr.Dataset) -> tuple[float, float] | None:
    """Return the interval of a ratio [currency per QALY] where both ends lie in its own quadrant, or None."""
    low, high = (float(each) for each in ratio["icer_interval"].values)
    return (low, high) if np.isfinite([float(ratio["icer"]), low, high]).all() and low > 0 else None


def left_out(scenarios: Sequence[Scenario], effect: EffectMeasure) -> list[str]:
    """Return the codes of the sensitivity analyses that were not done, but for what the main analysis does itself.

    Of costs alone those that are about effects are not looked for.
    """
    from hecon.trial.sensitivity import SCENARIOS

    done = {each.code for each in scenarios} | (set() if effect.exists else _OF_EFFECTS)
    for pair in (_IMPUTED_OTHERWISE, _REGRESSORS):
        if done & pair:
            done |= pair
    return [code for code in SCENARIOS if code not in done]


def departure_codes(scenarios: Sequence[Scenario]) -> list[str]:
    """Return the codes of the sensitivity analyses by departure from treatment, in the order of their making."""
    from hecon.trial.sensitivity import REFERENCE_SCENARIOS

    return [code for code in dict.fromkeys(each.code for each in scenarios) if code in REFERENCE_SCENARIOS]


def imputation_shifts(
    found: PerspectiveAnalysis, scenarios: Sequence[Scenario]
) -> Iterator[tuple[Scenario, float, float, float]]:
    """Yield by how much the other imputation moves net benefit, at the value where that is most, if it matters.

    With each scenario come the value, the shift and its ratio to the standard error.
    """
    for each in scenarios:
        if each.code not in _IMPUTED_OTHERWISE:
            continue
        shifts = []
        for value in found.reference:
            main = found.net_benefit(each.strategy, wtp=value)
            shift = found.effect.sign * value * each.delta_effect.value - each.delta_cost.value - main.value
            if main.se > 0:
                shifts.append((abs(shift) / main.se, value, shift))
        ratio, value, shift = max(shifts, key=operator.itemgetter(0), default=(0.0, 0.0, 0.0))
        if ratio > _SHIFT_THAT_MATTERS:
            yield each, value, shift, ratio
