"""What turns a verdict: the values of a comparison's quantities, and of the burden's, at which it is another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import decision
from hecon.assessment.concluding import certainty
from hecon.rules import reference_value, shortfall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import xarray as xr

    from hecon.assessment.records import Assessment, ComparisonResult
    from hecon.rulesets import RuleSet

__all__ = ["BandTurn", "ComparisonTurns", "QuantityTurn", "band_turns", "pair_model", "what_turns"]

# Costs per patient that no source reports, as of stays in an institution: added to the difference in costs.
UNREPORTED = "unreported_cost"
MEANS = ("delta_cost", "delta_effect")
# Steps into which the range of an input of the burden is cut, and halvings of the step in which the band changes.
_STEPS, _HALVINGS = 24, 30


@dataclass(frozen=True)
class QuantityTurn:
    """A quantity of a comparison at one willingness to pay: its range, and the value at which the choice turns.

    Attributes
    ----------
    quantity : str
        A parameter of the comparison ("delta_cost", …, "correlation"), a sensitivity analysis ("skewness",
        "design_effect"), or "unreported_cost": costs per patient of the intervention that no source reports.
    status : str
        "reported", "derived", "assumed", "computed" or "not reported".
    wtp : float
        Willingness to pay [currency per unit of effect].
    value : float or None
        As it is used.
    range, over : (float, float) or None, str or None
        Its range, and what that is over: "interval" (95%), "rounding" or "assumption".
    turns_at : float or None
        The value at which another option is preferred, the rest as it is; None where no value does that.
    inside : bool or None
        Whether that lies in the range; None without a range.
    net_benefit : (float, float) or None
        Expected incremental net benefit of the intervention over the range; None where it does not depend on it.
    probability : (float, float) or None
        Probability over the range that the preferred option is the better one.
    certainties : tuple of str
        How sure the preference is at the ends of that: one word, or two where it changes.
    """

    quantity: str
    status: str
    wtp: float
    value: float | None = None
    range: tuple[float, float] | None = None
    over: str | None = None
    turns_at: float | None = None
    inside: bool | None = None
    net_benefit: tuple[float, float] | None = None
    probability: tuple[float, float] | None = None
    certainties: tuple[str, ...] = ()


@dataclass(frozen=True)
class ComparisonTurns:
    """What turns one comparison, at each willingness to pay.

    Attributes
    ----------
    comparison : str, its id
    values : tuple of float, willingness to pay [currency per unit of effect]
    preferred : dict of float to str or None, the preferred option at each; None where both are equal
    turns : tuple of QuantityTurn, all quantities at each value
    hangs_on : dict of float to str or None
        The quantity that nobody reported and that the decision hangs on: one whose assumed range turns the preferred
        option, else the one that most changes how sure it is; None where no assumption does either.
    bars : xarray.Dataset or None
        `hecon.sensitivity` over the ranges of the mean differences; None where they have none.
    """

    comparison: str
    values: tuple[float, ...]
    preferred: dict[float, str | None]
    turns: tuple[QuantityTurn, ...]
    hangs_on: dict[float, str | None]
    bars: xr.Dataset | None = field(default=None, repr=False, compare=False)

    def at(self, value: float) -> tuple[QuantityTurn, ...]:
        """Return the quantities at one willingness to pay."""
        return tuple(each for each in self.turns if each.wtp == value)


@dataclass(frozen=True)
class BandTurn:
    """A value of an input of the burden at which its band changes.

    Attributes
    ----------
    quantity, status : str, the input and where its value is from
    value : float, as it is used
    range : (float, float), the range that the dossier states
    at : float, where the band changes
    bands : (str, str), the bands below and above that
    values : (number or None, number or None), their reference values
    options : (str or None, str or None)
        The option preferred at these in the comparison that answers the question; None where there is none.
    """

    quantity: str
    status: str
    value: float
    range: tuple[float, float]
    at: float
    bands: tuple[str, str]
    values: tuple[float | None, float | None]
    options: tuple[str | None, str | None]

    @property
    def turns(self) -> bool:
        """Whether another option is preferred beyond it."""
        return None not in self.options and self.options[0] != self.options[1]


def pair_model(result: ComparisonResult) -> tuple[Callable[[Mapping[str, Any]], tuple[Any, Any]], dict[str, float]]:
    """Return a comparison as a model of its mean differences, for `hecon.sensitivity` and `hecon.threshold`.

    Its parameters are "delta_cost", "delta_effect" and "unreported_cost", which is 0.
    """
    comparator, intervention = result.spec.comparator, result.spec.intervention

    def model(parameters: Mapping[str, Any]) -> tuple[Any, Any]:
        cost = parameters["delta_cost"] + parameters[UNREPORTED]
        return {comparator: 0.0, intervention: cost}, {comparator: 0.0, intervention: parameters["delta_effect"]}

    means = {"delta_cost": float(result.delta_cost or 0.0), "delta_effect": float(result.delta_effect or 0.0)}
    return model, {**means, UNREPORTED: 0.0}


def what_turns(result: ComparisonResult, *, wtp: Sequence[float] | None = None) -> ComparisonTurns | None:
    """Return what turns a comparison with figures; None where its mean differences are not known.

    `wtp` defaults to the reference values where the rules have some for it, else to the values that it is shown at.
    """
    if result.delta_cost is None or result.delta_effect is None:
        return None
    values = result.values_at(wtp)
    net = {value: value * result.delta_effect - result.delta_cost for value in values}
    options = {1: result.spec.intervention, -1: result.spec.comparator}
    preferred = {value: options.get(int(np.sign(each))) for value, each in net.items()}
    turns = tuple(turn for value in values for turn in _turns(result, value, net[value]))
    hangs_on = {value: _hangs_on([each for each in turns if each.wtp == value]) for value in values}
    return ComparisonTurns(result.spec.id, values, preferred, turns, hangs_on, _bars(result, values))


def _turns(result: ComparisonResult, wtp: float, net: float) -> Iterator[QuantityTurn]:
    """Yield each quantity of a comparison at one willingness to pay."""
    cost, effect = float(result.delta_cost or 0.0), float(result.delta_effect or 0.0)
    edges = {"delta_cost": wtp * effect, "delta_effect": cost / wtp if wtp > 0 else None}
    for name in MEANS:
        found = _range(result, name)
        ends, over = (None, None) if found is None else found
        of_benefit = None
        if ends is not None:
            both = [wtp * effect - end if name == "delta_cost" else wtp * end - cost for end in ends]
            of_benefit = (min(both), max(both))
        status = result.parameters[name].status if name in result.parameters else "reported"
        turns_at = edges[name]
        inside = None if ends is None else turns_at is not None and ends[0] <= turns_at <= ends[1]
        value = cost if name == "delta_cost" else effect
        yield QuantityTurn(name, status, wtp, value, ends, over, turns_at, inside, of_benefit)
    yield QuantityTurn(UNREPORTED, "not reported", wtp, turns_at=net)
    yield from _of_spread(result, wtp, net)


def _range(result: ComparisonResult, name: str) -> tuple[tuple[float, float], str] | None:
    """Return the range of a mean difference: as assumed, else its 95% interval, else what rounding leaves."""
    if result.fit is not None and name in result.fit.assumed:
        return result.fit.assumed[name][1:], "assumption"
    if name in result.intervals:
        low, high = result.intervals[name]
        return ((low, high), "interval") if low < high else None
    known = result.parameters.get(name)
    if known is None or known.range is None or known.range[0] >= known.range[1]:
        return None
    return known.range, "rounding"


def _of_spread(result: ComparisonResult, wtp: float, net: float) -> Iterator[QuantityTurn]:
    """Yield what moves the probability alone: assumed standard errors and correlation, clustering, skewness."""
    for each in result.sensitivities:
        ends = each.p_cost_effective.get(wtp)
        names = {"assumption": each.about[0] if each.about else "", "design_effect": "design_effect"}
        name = names.get(each.kind)
        if name is None or name in MEANS or ends is None:
            continue
        chances = ends if net >= 0 else (1.0 - ends[1], 1.0 - ends[0])
        words = tuple(dict.fromkeys(certainty(chance) for chance in chances))
        value = None if result.fit is None or name not in result.fit.assumed else result.fit.assumed[name][0]
        yield QuantityTurn(
            name, "assumed", wtp, value, each.range, "assumption", probability=chances, certainties=words
        )


def _hangs_on(turns: Sequence[QuantityTurn]) -> str | None:
    """Return the assumed quantity that the decision hangs on."""
    assumed = [each for each in turns if each.status == "assumed"]
    turning = [each.quantity for each in assumed if each.inside]
    if turning:
        return turning[0]
    unsure = [each for each in assumed if len(each.certainties) > 1 and each.probability is not None]
    widths = {each.quantity: each.probability[1] - each.probability[0] for each in unsure if each.probability}
    return max(widths, key=lambda name: widths[name], default=None)


def _bars(result: ComparisonResult, values: Sequence[float]) -> xr.Dataset | None:
    """Return the one-way sensitivity of net benefit to the mean differences over their ranges."""
    ranges = {name: found[0] for name in MEANS if (found := _range(result, name)) is not None}
    if not ranges or not values:
        return None
    model, parameters = pair_model(result)
    spec = result.spec
    return decision.sensitivity(
        model, parameters, wtp=list(values), comparator=spec.comparator, ranges=ranges, points=3,
        currency=spec.currency, effect_unit=spec.effect_unit, effect_better=spec.effect_better,
    )  # fmt: skip


def band_turns(assessment: Assessment) -> tuple[BandTurn, ...]:
    """Return where the band of the dossier's own burden changes over the range of each input, one at a time."""
    inputs, rules = assessment.dossier.burden.inputs, assessment.rules
    if inputs is None or rules.burden is None or not assessment.own_burden:
        return ()
    found = []
    for name, part in inputs.stated():
        if part.range is None:
            continue
        low, high = map(float, part.range)

        def band(at: float, name: str = name) -> str:
            return str(shortfall(**inputs.arguments(rules, **{name: at})).band)

        for at, bands in _changes(band, low, high):
            known = (_value_of(bands[0], rules), _value_of(bands[1], rules))
            options = (_option(assessment, known[0]), _option(assessment, known[1]))
            found.append(BandTurn(name, part.status, float(part.value), (low, high), at, bands, known, options))
    return tuple(found)


def _changes(band: Callable[[float], str], low: float, high: float) -> Iterator[tuple[float, tuple[str, str]]]:
    """Yield where a band changes over a range, by halving the steps over which it does."""
    grid = [float(each) for each in np.linspace(low, high, _STEPS + 1)]
    bands = [band(each) for each in grid]
    for place in range(_STEPS):
        if bands[place] == bands[place + 1]:
            continue
        left, right = grid[place], grid[place + 1]
        for _ in range(_HALVINGS):
            middle = (left + right) / 2
            left, right = (middle, right) if band(middle) == bands[place] else (left, middle)
        yield right, (bands[place], bands[place + 1])


def _value_of(band: str, rules: RuleSet) -> float | None:
    value = reference_value(band, rules=rules)
    return None if value is None else float(value)


def _option(assessment: Assessment, value: float | None) -> str | None:
    """Return the preferred option at a value in the comparison that answers the dossier's question."""
    conclusion = assessment.conclusion
    named = None if conclusion is None else conclusion.comparison
    result = next((each for each in assessment.comparisons if each.spec.id == named), None)
    if value is None or result is None or not result.judgements:
        return None
    found = what_turns(result, wtp=[value])
    return None if found is None else found.preferred[value]
