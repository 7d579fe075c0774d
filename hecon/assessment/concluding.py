"""What an assessment concludes: the preferred option at each value, how sure that is, and the answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hecon.assessment.records import ModelResult, TrialResult
from hecon.assessment.several import IncrementalAnalysis, joint_curves, means_of, ranked, together
from hecon.curves import Curves
from hecon.decision.incremental import Z
from hecon.rules.burden import integrated
from hecon.rules.verdicts import COST_EFFECTIVE, EQUAL, NOT_COST_EFFECTIVE, dominance, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from hecon.assessment.records import Assessment, ComparisonResult
    from hecon.dossier.comparison import Comparison
    from hecon.rules.verdicts import Judgement

__all__ = [
    "Conclusion",
    "OtherEstimate",
    "Preference",
    "best",
    "by_another_seed",
    "certainty",
    "conclude",
    "dominance_share",
    "incremental",
    "preferences",
    "preferred",
]

# hecon's words for how sure a preference is, by the probability that it beats the runner-up.
_SHOWN_FROM = 0.975
_PROBABLY_FROM = 0.75
# Where a word begins, of the preferred option, of the other one, and which of two is more probably the better one.
LIMITS = (round(1 - _SHOWN_FROM, 3), 1 - _PROBABLY_FROM, 0.5, _PROBABLY_FROM, _SHOWN_FROM)
# Draws closer together than this share of the largest differ by the rounding of binary arithmetic.
_ROUNDING = 1e-12
# From the weakest to the strongest.
_CERTAINTIES = ("unknown", "uncertain", "probably", "shown")
# The verdict at every value that a conclusion printed in place of figures implies, by its quadrant.
_IMPLIED = {"SE": COST_EFFECTIVE, "NW": NOT_COST_EFFECTIVE}


def certainty(probability: float | None, ends: tuple[float, float] | None = None, *, error: float | None = None) -> str:
    """Return how sure a preference is: "shown", "probably", "uncertain", or "unknown" without a probability.

    Over a range of the probability the weaker word holds, and so within 1.96 times its Monte Carlo standard error.
    """
    if probability is None:
        return "unknown"
    known = (by_another_seed(probability, error)[0], *(ends or ()))
    if any(map(math.isnan, known)):
        return "unknown"
    least = min(known)
    return "shown" if least >= _SHOWN_FROM else "probably" if least >= _PROBABLY_FROM else "uncertain"


def by_another_seed(probability: float, error: float | None) -> tuple[float, float]:
    """Return the range in which a probability lies with another seed, by 1.96 times its Monte Carlo standard error."""
    reach = Z * (error or 0.0)
    return max(probability - reach, 0.0), min(probability + reach, 1.0)


@dataclass(frozen=True)
class OtherEstimate:
    """Another comparison of two options that concludes otherwise: by another trial, perspective, horizon or source.

    Attributes
    ----------
    comparison : str, its id; of a trial on its own the perspective
    option : str or None, the option that it prefers; None where it finds both equal
    net_benefit : float or None
        Of that option against the other at the value [currency], at least 0; None where it is better at every value.
    """

    comparison: str
    option: str | None
    net_benefit: float | None = None


@dataclass(frozen=True)
class Preference:
    """The preferred of two or more options at one value per unit of effect, against the runner-up.

    Attributes
    ----------
    value : float, [currency per unit of effect]
    option, other : str, ids of the preferred option and of the runner-up
    equal : bool, whether both have the same expected net benefit, so that neither is preferred
    tied : tuple of str, ids of all options with that expected net benefit; empty unless `equal`
    net_benefit : float, of the preferred option against the other [currency], at least 0
    interval : (float, float) or None, its central 95% over the draws; None without draws
    probability : float or None, that the preferred option has the higher net benefit
    probability_best : float or None
        That it has the highest of all options, draws that tie shared; None of two options, or without joint draws.
    range : (float, float) or None, of that probability over rounding and assumptions
    monte_carlo_error : float or None, of that probability: a bound of its standard error over other seeds
    expected_loss : float or None
        Mean net benefit that is lost where the preferred option turns out not to be the best [currency per patient].
    edge : bool, whether the amounts weighed differ by at most 5%
    turned_by : tuple of str
        What concludes otherwise at this value within the comparison: "range" (rounding and assumptions), "scenarios".
    contradicted_by : tuple of OtherEstimate, the other comparisons that prefer another option at this value
    """

    value: float
    option: str
    other: str
    equal: bool
    net_benefit: float
    tied: tuple[str, ...] = ()
    interval: tuple[float, float] | None = None
    probability: float | None = None
    probability_best: float | None = None
    range: tuple[float, float] | None = None
    monte_carlo_error: float | None = None
    expected_loss: float | None = None
    edge: bool = False
    turned_by: tuple[str, ...] = ()
    contradicted_by: tuple[OtherEstimate, ...] = ()

    @property
    def certainty(self) -> str:
        """How sure the preference is, in one word."""
        return certainty(self.probability, self.range, error=self.monte_carlo_error)


@dataclass(frozen=True)
class Conclusion:
    """The answer that the figures of an assessment give to its question.

    Attributes
    ----------
    kind : str
        "at_reference_value": one value counts, by the burden of disease. "at_every_value": none counts, and the
        preferred option is the same at all. "by_value": none counts, and it differs. "by_range": the rules have a range
        of values, and no verdict at one of them: `in_range` tells where the ratio lies. "equal", of a trial alone: two
        options are equal at every value. "no_value", of a trial alone: nothing says what its effect is worth.
        "dominance": better at every value, as costs and effects or a printed conclusion tell. "own_values": in another
        currency, at the values of the source. "none": nothing is decided by what is on file. "no_comparison": no
        economic evaluation is on file.
    comparison : str or None, id of the comparison that it rests on
    compared : tuple of str, ids of the comparisons that are weighed together, that one first
    chosen : bool, whether the dossier names that comparison and option; else by hecon's rule
    option, other : str or None, id of the option that the question asks about, and of the one that it is held against
    preferred : str or None, id of the preferred option; None where there is none
    at : Preference or None, at the value that counts
    values : tuple of Preference, at each reference value, or at each value of the source
    turning_value : float or None
        Value per unit of effect at which the preference turns: the ratio in NE and SW; None elsewhere.
    in_range : str or None
        Where the ratio of two options lies by a range of values: "below", "within" or "above"; None elsewhere.
    dominance_probability, dominance_error : float or None
        Share of the draws in which the option that is better at every value costs no more and yields no less than each
        other, with a bound of its Monte Carlo standard error; None unless `kind` is "dominance", and without draws.
    contradicted_by : tuple of OtherEstimate, where `kind` is "dominance" the comparisons that tell otherwise
    """

    kind: str
    comparison: str | None = None
    compared: tuple[str, ...] = ()
    chosen: bool = False
    option: str | None = None
    other: str | None = None
    preferred: str | None = None
    at: Preference | None = None
    values: tuple[Preference, ...] = ()
    turning_value: float | None = None
    in_range: str | None = None
    dominance_probability: float | None = None
    dominance_error: float | None = None
    contradicted_by: tuple[OtherEstimate, ...] = ()

    @property
    def certainty(self) -> str:
        """How sure the answer is, in one word: the weakest over the values that it is given at."""
        if self.at is not None:
            return self.at.certainty
        words = [each.certainty for each in self.values]
        if self.kind == "dominance":
            words.append(certainty(self.dominance_probability, error=self.dominance_error))
        return min(words, key=_CERTAINTIES.index, default="unknown")


def preferences(
    results: Sequence[ComparisonResult], among: Sequence[ComparisonResult] = (), values: Iterable[float] = ()
) -> tuple[Preference, ...]:
    """Return the preferred option at each value shown, and at others given, of comparisons of one trial and comparator.

    Each tells which of the comparisons that these are among conclude otherwise.
    """
    if any(each.delta_cost is None or each.delta_effect is None for each in results):
        return ()
    shown = {*results[0].values, *(each.reference_value for each in results[0].judgements), *values}
    joint = joint_curves(results)
    return tuple(_at(results, value, among, joint) for value in sorted(shown))


def incremental(assessment: Assessment) -> tuple[IncrementalAnalysis, ...]:
    """Return the full incremental analysis of comparisons that are weighed together, two interventions or more.

    The comparison that answers goes before another estimate of the same options.
    """
    answering, results = _answering(assessment), assessment.comparisons
    own = [each for each in results if all(each is not one for one in answering)]
    return tuple(
        IncrementalAnalysis(
            comparisons=tuple(each.spec.id for each in group),
            comparator=group[0].spec.comparator,
            options=ranked(means_of(group), {each.spec.intervention: each.spec.id for each in group}, joint),
            preferences=preferences(group, results, [float(at.value) for each in group for at in each.spec.threshold]),
            over_bands=_over_bands(assessment, group[0], joint),
            joined=None if joint is None or group[0].joint is None else group[0].joint.joined,
            curves=joint,
        )
        for group in together([*answering, *own])
        if len(group) > 1
        for joint in (joint_curves(group),)
    )


def _over_bands(assessment: Assessment, first: ComparisonResult, joint: Curves | None) -> dict[str, float]:
    """Return the probability of each option to be the best of all, over the bands of the computed burden."""
    burden, banded = assessment.burden, assessment.rules.burden is not None
    if burden is None or not banded or joint is None or not first.judgements:
        return {}
    values = [each.reference_value for each in first.judgements]
    shares = joint.acceptability(values).transpose("strategy", "wtp")
    found = {
        str(name): integrated(dict(zip(values, own, strict=True)), burden, rules=assessment.rules)
        for name, own in zip(shares["strategy"].values, shares.values.tolist(), strict=True)
    }
    return {name: share for name, share in found.items() if not math.isnan(share)}


def _at(
    results: Sequence[ComparisonResult], value: float, among: Sequence[ComparisonResult], joint: Curves | None
) -> Preference:
    def known(option: str, other: str) -> dict[str, Any]:
        return {
            "turned_by": _turned_by(results, option, other, value),
            "contradicted_by": tuple(_contradictions(results, option, among, value)),
            **_uncertainty(results, joint, option, other, value),
        }

    # Ties go to the comparator, else in the order of the dossier.
    return preferred(means_of(results), value, known)


def preferred(
    means: Mapping[str, tuple[float, float]], value: float, known: Callable[[str, str], dict[str, Any]]
) -> Preference:
    """Return the preference at a value by mean costs and effects of each option; ties go to the first of them.

    `known` returns the other fields of a preference, of the preferred option and the runner-up.
    """
    option, other = sorted(means, key=lambda name: means[name][0] - value * means[name][1])[:2]
    cost, effect = (a - b for a, b in zip(means[option], means[other], strict=True))
    # At 0 costs alone count.
    judged = judge(cost, effect if value else 0.0, reference_value=value or 1.0)
    equal = judged.conclusion == EQUAL
    tied = tuple(name for name in means if _are_even(means, (name, option), value)) if equal else ()
    if equal:
        # Rounding orders those that are equal at will.
        option, other = tied[0], tied[1]
    return Preference(
        value=value,
        option=option,
        other=other,
        equal=equal,
        tied=tied,
        net_benefit=judged.net_benefit,
        edge=judged.edge,
        **known(option, other),
    )


def _turned_by(results: Sequence[ComparisonResult], option: str, other: str, value: float) -> tuple[str, ...]:
    """Return what prefers another option at a value: the range of a published pair, or scenarios."""
    codes = []
    pair = [each for each in results if {each.spec.intervention, each.spec.comparator} == {option, other}]
    for each in pair:
        ends = each.net_benefit_range.get(value)
        if not isinstance(each, (TrialResult, ModelResult)) and _judge(each, value, ends).flips:
            codes.append("range")
    trials = [each for each in results if isinstance(each, TrialResult)]
    if len(trials) == len(results) and any(best(means, value) != option for means in _by_scenario(trials)):
        codes.append("scenarios")
    return tuple(codes)


def _judge(result: ComparisonResult, value: float, ends: tuple[float, float] | None = None) -> Judgement:
    """Return the judgement on a comparison with figures at a value."""
    cost, effect = result.delta_cost or 0.0, result.delta_effect or 0.0
    return judge(cost, effect, reference_value=value, net_benefit_range=ends)


def _contradictions(
    results: Sequence[ComparisonResult], option: str, among: Sequence[ComparisonResult], value: float | None
) -> Iterator[OtherEstimate]:
    """Yield the other comparisons of an option with one of the others weighed that conclude otherwise.

    They are held against it at a value where they are in its currency and unit; in another, or without a value, only
    what is better at every value tells.
    """
    own, like = {each.spec.id for each in results}, results[0].spec
    options = {like.comparator, *(each.spec.intervention for each in results)}
    for each in among:
        pair = {each.spec.intervention, each.spec.comparator}
        if each.spec.id in own or option not in pair or not pair <= options:
            continue
        found = _estimate(each, value if _unit(each.spec) == _unit(like) else None)
        even = value is not None and _are_even(means_of(results), pair, value)
        if found is not None and found.option != (None if even else option):
            yield found


def _are_even(means: Mapping[str, tuple[float, float]], pair: Iterable[str], value: float) -> bool:
    """Whether two options have the same expected net benefit at a value."""
    one, other = (means[name] for name in pair)
    return judge(one[0] - other[0], one[1] - other[1], reference_value=value).conclusion == EQUAL


def _estimate(result: ComparisonResult, value: float | None) -> OtherEstimate | None:
    """Return which option a comparison prefers at a value, or at every value; None where it tells of none."""
    verdict, net_benefit = _verdict_at_every_value(result), None
    if value is not None and result.delta_cost is not None and result.delta_effect is not None:
        judged = _judge(result, value)
        verdict, net_benefit = judged.conclusion, abs(judged.net_benefit)
    if verdict is None:
        return None
    options = {COST_EFFECTIVE: result.spec.intervention, NOT_COST_EFFECTIVE: result.spec.comparator}
    return OtherEstimate(result.spec.id, options.get(verdict), net_benefit)


def _verdict_at_every_value(result: ComparisonResult) -> str | None:
    if result.quadrant_implied:
        return _IMPLIED.get(result.quadrant or "")
    if result.delta_cost is None or result.delta_effect is None:
        return None
    return dominance(result.delta_cost, result.delta_effect)


def _unit(spec: Comparison) -> tuple[str, str]:
    return spec.currency, spec.effect_unit


def best(means: Mapping[str, tuple[float, float]], value: float) -> str:
    """Return the option with the highest net benefit at a value, by mean costs and effects of each."""
    return max(means, key=lambda name: value * means[name][1] - means[name][0])


def _by_scenario(results: Sequence[TrialResult]) -> Iterator[dict[str, tuple[float, float]]]:
    """Yield mean costs and effects of every option in each scenario that all of them have."""
    codes = [{each.code: each for each in result.scenarios} for result in results]
    for code in codes[0]:
        if all(code in own for own in codes):
            means = {results[0].spec.comparator: (0.0, 0.0)}
            for result, own in zip(results, codes, strict=True):
                means[result.spec.intervention] = result.differences_in(own[code])
            yield means


def _uncertainty(
    results: Sequence[ComparisonResult], joint: Curves | None, option: str, other: str, value: float
) -> dict[str, Any]:
    """Return the probability of a preference with its range, the interval of its net benefit and the expected loss."""
    pair = next((each for each in results if {each.spec.intervention, each.spec.comparator} == {option, other}), None)
    known: dict[str, Any] = {}
    if joint is not None and not any(each.few_freedom for each in results):
        known["expected_loss"] = float(joint.expected_loss([value]).sel(strategy=option).item())
    if joint is not None and len(results) > 1:
        known["probability_best"] = float(joint.acceptability([value]).sel(strategy=option).item())
    # Two options have draws of their own where all together have none.
    both = pair.curves if pair is not None else joint and Curves(joint.draws.sel(strategy=[other, option]))
    if both is None:
        return known
    _, low, high = both.net_benefit([value], option, other)
    known["interval"] = (float(low[0]), float(high[0]))
    share = None if pair is None else pair.p_cost_effective.get(value)
    if pair is None or share is None:
        share = float(both.acceptability([value]).sel(strategy=option).item())
        if results[0].joint is not None and joint is not None:
            known["range"] = results[0].joint.joined.probability_range(option, other, wtp=value)
        # A trial calls an arm as the comparison does that has it.
        own = next(each for each in results if option in {each.spec.intervention, each.spec.comparator})
        return {**known, "probability": share, "monte_carlo_error": _error(own, option, value, share)}
    ends = pair.p_range.get(value)
    if option == pair.spec.comparator:
        share, ends = 1.0 - share, None if ends is None else (1.0 - ends[1], 1.0 - ends[0])
    error = _error(pair, option, value, share)
    return {**known, "probability": share, "range": ends, "monte_carlo_error": error}


def _error(result: ComparisonResult, option: str, value: float, share: float) -> float:
    """Return a bound of the Monte Carlo standard error of the probability that an option beats another at a value."""
    n = 0 if result.draws is None else result.draws.sizes["draw"]
    if isinstance(result, TrialResult):
        arm = result.trial_source.arms.get(option, option)
        return result.perspective.optimal_error(arm, wtp=value, draws=n)
    return _binomial_error(share, n)


def _binomial_error(share: float, n: int) -> float:
    """Return the standard error of a share of n draws; where all agree that of Laplace's rule, as it is not 0."""
    likely = share if 0.0 < share < 1.0 else (share * n + 1.0) / (n + 2.0)
    return math.sqrt(likely * (1.0 - likely) / n)


def dominance_share(results: Sequence[ComparisonResult], option: str) -> tuple[float, float] | tuple[None, None]:
    """Return the share of draws in which an option costs no more and yields no less than every other, with its error.

    Of two options it is the share of the draws in that quadrant. None without joint draws of all options. The error is
    a bound of the Monte Carlo standard error; of patient data that of the number of draws alone.
    """
    joint = joint_curves(results)
    if joint is None:
        return None, None
    draws, own = joint.draws, joint.draws.sel(strategy=option)
    slack = {name: _ROUNDING * float(abs(draws[name]).max()) for name in ("cost", "effect")}
    better = (own["cost"] <= draws["cost"] + slack["cost"]) & (own["effect"] >= draws["effect"] - slack["effect"])
    share = float(better.all("strategy").mean())
    return share, _binomial_error(share, draws.sizes["draw"])


def conclude(assessment: Assessment) -> Conclusion:
    """Return the answer to the question of an assessment's dossier."""
    results = _answering(assessment)
    if not results:
        return Conclusion("no_comparison")
    first, answer = results[0], assessment.dossier.answer
    spec = first.spec
    option = spec.intervention if answer is None else answer.option
    other = spec.comparator if option == spec.intervention else spec.intervention
    about: dict[str, Any] = {
        "comparison": spec.id,
        "compared": tuple(each.spec.id for each in results),
        "chosen": answer is not None,
        "option": option,
        "other": other,
        "turning_value": first.icer if len(results) == 1 and first.quadrant in {"NE", "SW"} else None,
    }
    counts = assessment.reference_value if first.judgements else None
    at = {each.value: each for each in preferences(results, assessment.comparisons)}
    reference = [each.reference_value for each in first.judgements]
    values = tuple(at[value] for value in reference or at)
    if first.judgements and counts is not None:
        chosen = at[counts]
        preferred = None if chosen.equal else chosen.option
        return Conclusion("at_reference_value", preferred=preferred, at=chosen, values=values, **about)
    if first.judgements:
        ranged = assessment.rules.values_on().range is not None
        return _over_values(results, values, about, ranged=ranged)
    preferred = _alwaysbest(results)
    if preferred is not None:
        return Conclusion(
            "dominance", preferred=preferred, values=values, **about, **_sure(results, preferred, assessment)
        )
    return Conclusion("own_values" if values else "none", values=values, **about)


def _over_values(
    results: Sequence[ComparisonResult], values: tuple[Preference, ...], about: dict[str, Any], *, ranged: bool
) -> Conclusion:
    """Return the conclusion where none of the values counts: at all of them, by the value, or by a range."""
    place = results[0].in_range if len(results) == 1 else None
    if ranged and (len(results) > 1 or place is not None):
        return Conclusion("by_range", values=values, in_range=place, **about)
    names = {None if each.equal else each.option for each in values}
    if len(names) == 1 and None not in names:
        return Conclusion("at_every_value", preferred=names.pop(), values=values, **about)
    return Conclusion("by_value", values=values, **about)


def _sure(results: Sequence[ComparisonResult], option: str, assessment: Assessment) -> dict[str, Any]:
    """Return how sure it is that an option is better at every value, and which comparisons tell otherwise."""
    share, error = dominance_share(results, option)
    told = tuple(_contradictions(results, option, assessment.comparisons, None))
    return {"dominance_probability": share, "dominance_error": error, "contradicted_by": told}


def _alwaysbest(results: Sequence[ComparisonResult]) -> str | None:
    """Return the option that is better than every other at every value, in any currency; None where there is none."""
    first = results[0]
    if first.quadrant_implied:
        better = _verdict_at_every_value(first) == COST_EFFECTIVE
        return first.spec.intervention if better else first.spec.comparator
    means = means_of(results)
    for option, mean in means.items():
        differences = [(mean[0] - cost, mean[1] - effect) for name, (cost, effect) in means.items() if name != option]
        if differences and all(dominance(*each) == COST_EFFECTIVE for each in differences):
            return option
    return None


def _answering(assessment: Assessment) -> list[ComparisonResult]:
    """Return the comparison that answers the question, with others of its trial, perspective, horizon and comparator.

    That is the one that the dossier names; else the first with verdicts, with a result, or at all. Of several
    interventions the one that the question asks about comes first.
    """
    results = list(assessment.comparisons)
    if not results:
        return []
    answer = assessment.dossier.answer
    if answer is not None:
        first = next(each for each in results if each.spec.id == answer.comparison)
    else:
        ranked = (lambda each: bool(each.judgements), lambda each: each.computable, lambda _: True)
        first = next(each for fits in ranked for each in results if fits(each))
    if first.delta_cost is None or first.delta_effect is None:
        return [first]
    group = together(_first_of(results, first))[0]
    asked = None if answer is None else answer.option
    return sorted(group, key=lambda each: each.spec.intervention != asked)


def _first_of(results: Sequence[ComparisonResult], first: ComparisonResult) -> list[ComparisonResult]:
    return [first, *(each for each in results if each is not first)]
