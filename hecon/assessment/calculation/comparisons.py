"""The comparisons of an assessment as a calculation: published numbers, differences, ratio, net benefit, verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hecon.assessment.calculation.records import (
    NONE,
    STATE,
    Caption,
    QuantityRow,
    QuantityTable,
    call,
    code,
    decimals_of,
    number,
    ref,
    total,
    worked_out,
)
from hecon.assessment.records import TrialResult
from hecon.dossier.comparison import (
    ArmsStatistic,
    DifferenceStatistic,
    OutcomeStatistic,
    QuadrantStatistic,
    RatioStatistic,
)
from hecon.printed.numbers import decimals
from hecon.rules.verdicts import EDGE_SHARE, EQUAL_SHARE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hecon.assessment.calculation.records import Expression, Ledger
    from hecon.assessment.records import Assessment, ComparisonResult
    from hecon.dossier.comparison import Statistic
    from hecon.rulesets import RuleSet

__all__ = ["Compared", "compared", "given_values", "result_tables", "simulated_tables"]

# Relative difference within which a formula is the solution of the fit.
_SAME = 1e-9
_DELTAS = ("delta_cost", "delta_effect")
_KINDS = {"cost": "money", "effect": "effect", "net_benefit": "money"}
# Fields of a statistic, in their order; those of pairs have a place.
_FIELDS = ("mean", "sd", "n", "ci", "se", "p", "p_below", "value")
_RATES = ("p", "p_below")


def given_values(rules: RuleSet, ledger: Ledger) -> tuple[dict[float, str], QuantityTable]:
    """Add the values per unit of effect of the rules, and the edges of their bands; return the former by value."""
    values, named, rows = rules.values_on(), dict[float, str](), list[QuantityRow]()
    # Values at a weight on QALYs are derived from those of the rules.
    about: dict[str, Any] = {"status": "reported" if rules.weight == 1 else "derived", "sources": (values.source,)}
    for place, band in enumerate(values.band):
        if band.from_ is not None:
            name = f"rules.band.{place}.from"
            ledger.give(name, float(band.from_), kind="number", decimals=values.decimals, **about)
            rows.append(QuantityRow(Caption("band_from", band.name), (name,)))
    amount: dict[str, Any] = {"kind": "money", "unit": rules.currency}
    for place, band in enumerate(values.band):
        if band.value is not None:
            name = f"rules.band.{place}.value"
            ledger.give(name, float(band.value), decimals=decimals_of(band.value), **amount, **about)
            rows.append(QuantityRow(Caption("band_value", band.name), (name,)))
            named.setdefault(float(band.value), name)
    ends = ("range_low", "range_high") if values.range is not None else ("reference_value",) * len(values.reference)
    stated = [*zip(ends, values.reference, strict=True), *(("shown_value", value) for value in values.grid)]
    for key, value in stated:
        if value not in named:
            kind = "shown_value" if key == "shown_value" else "reference_value"
            named[value] = ledger.give(f"rules.{kind}.{value:g}", value, decimals=decimals_of(value), **amount, **about)
            rows.append(QuantityRow(Caption(key), (named[value],)))
    return named, QuantityTable(Caption("rules", rules), (Caption("column", "value"),), tuple(rows))


@dataclass(frozen=True)
class Compared:
    """Names of the quantities of one comparison: its differences, what its probabilities rest on, and its values.

    `ends` names the ends of a range of values of the rules that hold for it, where they have one.
    """

    place: int
    result: ComparisonResult
    cost: str
    effect: str
    fitted: tuple[str, ...]
    assumed_ends: tuple[str, ...]
    design_ends: tuple[str, ...]
    values: Mapping[float, str]
    ends: tuple[str, ...] = ()

    def of(self, name: str) -> str:
        """Return the name of another quantity of the comparison."""
        return f"comparison.{self.place}.{name}"


class _Inputs:
    """The inputs of one comparison, and the rows that show them."""

    def __init__(self, place: int, result: ComparisonResult, ledger: Ledger) -> None:
        self.place, self.result, self.spec, self.ledger = place, result, result.spec, ledger
        self.rows: list[QuantityRow] = []
        # By statistic and field: the mean of the first arm of the third statistic is (2, "mean", 0).
        self.names: dict[tuple[int, str, int], str] = {}
        self.fitted: list[str] = []
        self.assumed_ends: list[str] = []
        self.design_ends: list[str] = []

    def give(self, name: str, value: float, caption: Caption, **about: Any) -> str:  # noqa: ANN401
        """Add an input with its row."""
        given = self.ledger.give(f"comparison.{self.place}.{name}", value, **about)
        self.rows.append(QuantityRow(caption, (given,)))
        return given

    def statistics(self) -> None:
        """Add the numbers of every published statistic."""
        number_in_file = self.place
        for at, statistic in enumerate(self.spec.statistic):
            place = f"comparison[{number_in_file}].statistic[{at}]"
            paths: tuple[str, ...] = (place, f"comparison[{number_in_file}]") if statistic.kind == "icer" else (place,)
            about: dict[str, Any] = {
                "status": statistic.status,
                "sources": statistic.sources,
                "remarks": tuple(each for each in (statistic.rule, statistic.note) if each is not None),
            }
            checked = getattr(statistic, "use", "fit") == "check"
            for key, side, value in _numbers(statistic):
                name = self.give(
                    f"statistic.{at}.{key}.{side}",
                    float(value),
                    Caption("statistic", (self.spec, statistic, key, side)),
                    paths=paths,
                    **self._kind(statistic, key, value),
                    **about,
                )
                # A finding, and a remark, stand at the first number of what they concern.
                paths = ()
                about["remarks"] = ()
                self.names[at, key, side] = name
                if not checked:
                    self.fitted.append(name)

    def _kind(self, statistic: Statistic, key: str, value: float | Decimal) -> dict[str, Any]:
        given = decimals(value) if isinstance(value, (int, Decimal)) else None
        if key == "n":
            return {"kind": "count", "decimals": 0}
        outcome = statistic.outcome if isinstance(statistic, OutcomeStatistic) else ""
        if statistic.kind == "icer":
            return {"kind": "money", "unit": self.spec.currency, "decimals": given}
        if key in _RATES or outcome not in _KINDS or key == "value":
            return {"kind": "number", "decimals": given}
        unit = self.spec.effect_unit if outcome == "effect" else self.spec.currency
        return {"kind": _KINDS[outcome], "unit": unit, "decimals": given}

    def assumptions(self) -> None:
        """Add the assumed parameters with their ranges, and the range of the design effect."""
        for each in self.spec.assumption:
            outcome = "cost" if "cost" in each.parameter else "effect" if "effect" in each.parameter else ""
            unit = {"cost": self.spec.currency, "effect": self.spec.effect_unit}.get(outcome)
            about: dict[str, Any] = {"status": "assumed", "sources": each.sources, "remarks": (each.basis,)}
            for key, value in (("value", each.value), ("low", each.range[0]), ("high", each.range[1])):
                name = self.give(
                    f"assumption.{each.parameter}.{key}",
                    float(value),
                    Caption("assumption", (each.parameter, key)),
                    kind=_KINDS.get(outcome, "number"),
                    unit=unit,
                    decimals=decimals(value),
                    **about,
                )
                about["remarks"] = ()
                (self.fitted if key == "value" else self.assumed_ends).append(name)
        if self.spec.design_effect is not None:
            effect = self.spec.design_effect
            about = {"status": "assumed", "sources": effect.sources, "remarks": (effect.basis,)}
            for key, value in zip(("low", "high"), effect.range, strict=True):
                caption = Caption("assumption", ("design_effect", key))
                self.design_ends.append(
                    self.give(f"design_effect.{key}", float(value), caption, decimals=decimals(value), **about)
                )
                about["remarks"] = ()

    def values(self) -> dict[float, str]:
        """Add the values of willingness to pay of the comparison's own sources."""
        texts = {float(each.value): each for each in self.spec.threshold}
        named = {}
        for at, value in enumerate(self.result.values):
            stated = texts.get(float(value))
            named[float(value)] = self.give(
                f"value.{at}",
                float(value),
                Caption("own_value", (self.spec, value)),
                kind="money",
                unit=self.spec.currency,
                decimals=decimals_of(value),
                status="reported",
                sources=() if stated is None else stated.sources,
                remarks=() if stated is None else (stated.text,),
            )
        return named


def _numbers(statistic: Statistic) -> Iterator[tuple[str, int, int | Decimal]]:
    """Yield the numbers of a statistic by field and place; an open end of an interval is none."""
    if isinstance(statistic, QuadrantStatistic):
        yield from (("shares", side, each) for side, each in enumerate(statistic.shares.values()))
    for key in _FIELDS:
        value = getattr(statistic, key, None)
        for side, each in enumerate(value if isinstance(value, tuple) else () if value is None else (value,)):
            if math.isfinite(each):
                yield key, side, each


def compared(
    assessment: Assessment, named: Mapping[float, str], ledger: Ledger
) -> tuple[list[Compared], list[QuantityTable]]:
    """Add the inputs and the differences of every comparison that has them; return these with the tables of inputs."""
    found: list[Compared] = []
    tables: list[QuantityTable] = []
    for place, result in enumerate(assessment.comparisons):
        inputs = _Inputs(place, result, ledger)
        deltas: tuple[str, str] | None = None
        if isinstance(result, TrialResult):
            deltas = _from_patients(inputs)
        else:
            inputs.statistics()
            inputs.assumptions()
            if result.delta_cost is not None:
                deltas = _differences(inputs, found)
        if deltas is not None:
            held = assessment.rules.holds_for(result.spec.currency, result.spec.effect_unit)
            values = dict(named) if held else inputs.values()
            fitted = tuple(dict.fromkeys((*inputs.fitted, *ledger.inputs(deltas))))
            ends = tuple(inputs.assumed_ends), tuple(inputs.design_ends)
            stated = assessment.rules.values_on().range if held else None
            ranged = tuple(values[float(end)] for end in stated or ())
            found.append(Compared(place, result, *deltas, fitted, *ends, values, ranged))
        tables.append(
            QuantityTable(Caption("comparison", result.spec), (Caption("column", "value"),), tuple(inputs.rows))
        )
    return found, tables


def _from_patients(inputs: _Inputs) -> tuple[str, str]:
    """Add the differences that patient data gave, as inputs."""
    names = []
    for parameter in _DELTAS:
        outcome = parameter.removeprefix("delta_")
        value = getattr(inputs.result, parameter)
        unit = inputs.spec.currency if outcome == "cost" else inputs.spec.effect_unit
        caption = Caption("parameter", parameter)
        names.append(inputs.give(parameter, value, caption, kind=_KINDS[outcome], unit=unit, status="computed"))
    return names[0], names[1]


def _differences(inputs: _Inputs, before: Sequence[Compared]) -> tuple[str, str]:
    """Add the differences in mean costs and effects as formulas over what was published; return their names."""
    # A difference that the ratio gives comes after the other one.
    order = sorted(_DELTAS, key=lambda name: _is_by_ratio(inputs.result, name))
    names: dict[str, str] = {}
    for parameter in order:
        outcome = parameter.removeprefix("delta_")
        value = float(getattr(inputs.result, parameter))
        formula = (
            _shared(inputs, parameter, before) or _by_ratio(inputs, parameter, names) or _own_mean(inputs, outcome)
        )
        unit = inputs.spec.currency if outcome == "cost" else inputs.spec.effect_unit
        about: dict[str, Any] = {"kind": _KINDS[outcome], "unit": unit}
        name = f"comparison.{inputs.place}.{parameter}"
        if formula is None:
            solved = inputs.give(
                f"{parameter}.solved",
                value,
                Caption("solved", parameter),
                status="derived",
                remarks=(Caption("solved_why"),),
                rests_on=tuple(inputs.fitted),
                **about,
            )
            formula = ref(solved)
        elif (left := value - float(_value(formula, inputs.ledger))) and abs(left) > _SAME * abs(value):
            adjustment = inputs.give(
                f"{parameter}.adjustment",
                left,
                Caption("adjustment", parameter),
                status="derived",
                remarks=(Caption("adjustment_why"),),
                rests_on=tuple(inputs.fitted),
                decimals=4 if outcome == "cost" else 6,
                **about,
            )
            formula += ref(adjustment)
        names[parameter] = inputs.ledger.work_out(name, formula, **about)
    return names["delta_cost"], names["delta_effect"]


def _value(formula: Expression, ledger: Ledger) -> Any:  # noqa: ANN401
    return worked_out(formula, ledger.value)


def _is_by_ratio(result: ComparisonResult, parameter: str) -> bool:
    """Tell whether the fit rests a difference on the published ratio."""
    return any(each.kind == "icer" for each in result.parameters[parameter].rests_on)


def _shared(inputs: _Inputs, parameter: str, before: Sequence[Compared]) -> Expression | None:
    """Return the difference in effect of the other perspective of the trial that knows it better."""
    if parameter != "delta_effect" or not inputs.result.shares_effect:
        return None
    own = inputs.spec
    for other in before:
        spec = other.result.spec
        alike = (spec.trial, spec.intervention, spec.comparator, spec.horizon_months, spec.effect_unit)
        same = alike == (own.trial, own.intervention, own.comparator, own.horizon_months, own.effect_unit)
        if same and math.isclose(
            float(other.result.delta_effect or 0), float(inputs.result.delta_effect or 0), rel_tol=_SAME
        ):
            return ref(other.effect)
    return None


def _by_ratio(inputs: _Inputs, parameter: str, known: Mapping[str, str]) -> Expression | None:
    """Return a difference as the other one times or over the published ratio, where the fit has it so."""
    if not known or not _is_by_ratio(inputs.result, parameter):
        return None
    at = next(
        (at for at, each in enumerate(inputs.spec.statistic) if isinstance(each, RatioStatistic) and each.use == "fit"),
        None,
    )
    if at is None:
        return None
    (other,), ratio = known.values(), ref(inputs.names[at, "value", 0])
    formula = ref(other) * ratio if parameter == "delta_cost" else ref(other) / ratio
    target = float(getattr(inputs.result, parameter))
    return formula if math.isclose(_value(formula, inputs.ledger), target, rel_tol=_SAME) else None


def _own_mean(inputs: _Inputs, outcome: str) -> Expression | None:
    """Return the difference as published, or that of the arms; None where neither was, or several were."""
    own = [
        (at, each)
        for at, each in enumerate(inputs.spec.statistic)
        if isinstance(each, (DifferenceStatistic, ArmsStatistic)) and each.outcome == outcome
    ]
    if len(own) != 1:
        return None
    at, statistic = own[0]
    first = ref(inputs.names[at, "mean", 0])
    return first if isinstance(statistic, DifferenceStatistic) else first - ref(inputs.names[at, "mean", 1])


# Results --------------------------------------------------------------------------------------------------------------


def _net_benefit(value: Expression, cost: Expression, effect: Expression) -> Expression:
    """Return incremental net benefit, 0 where only binary arithmetic sets the amounts weighed apart."""
    gained = value * effect
    size = call("MAX", call("ABS", gained), call("ABS", cost))
    apart = gained - cost
    close = call("<=", call("ABS", apart), number(EQUAL_SHARE) * size)
    return call("IF", close, number(0), apart)


def _quadrant(cost: Expression, effect: Expression) -> Expression:
    zero = number(0)
    dearer, cheaper = call(">", cost, zero), call("<", cost, zero)
    better = call("IF", dearer, code("quadrant.NE"), code("quadrant.SE"))
    worse = call("IF", cheaper, code("quadrant.SW"), code("quadrant.NW"))
    axis = call("OR", call("=", cost, zero), call("=", effect, zero))
    return call("IF", axis, code("quadrant.axis"), call("IF", call(">", effect, zero), better, worse))


def _dominance(cost: Expression, effect: Expression) -> Expression:
    """Return the verdict at every value, as `hecon.rules.verdicts.dominance`."""
    zero = number(0)
    more = call("=", call(">", cost, zero), call(">", effect, zero))
    less = call("=", call("<", cost, zero), call("<", effect, zero))
    saves = call("AND", call("<=", cost, zero), call(">=", effect, zero))
    decided = call("IF", saves, code("always"), code("never"))
    return call("IF", call("AND", more, less), code(NONE), decided)


def _in_range(quadrant: Expression, at_ends: Sequence[Expression]) -> Expression:
    """Return where a ratio lies by the net benefit at both ends, as `hecon.rules.verdicts.place_in_range`."""
    zero = number(0)
    good, bad = (call("AND", *(call(sign, net, zero) for net in at_ends)) for sign in (">", "<"))
    dearer, cheaper = (call("=", quadrant, code(f"quadrant.{name}")) for name in ("NE", "SW"))
    # Of health gained a low ratio is good, of health lost a high one.
    low = call("OR", call("AND", dearer, good), call("AND", cheaper, bad))
    high = call("OR", call("AND", dearer, bad), call("AND", cheaper, good))
    within = call("IF", high, code("range_place.above"), code("range_place.within"))
    placed = call("IF", low, code("range_place.below"), within)
    return call("IF", call("OR", dearer, cheaper), placed, code(NONE))


def result_tables(
    assessment: Assessment, found: Sequence[Compared], reference: str | None, ledger: Ledger
) -> tuple[QuantityTable, ...]:
    """Add the results of every comparison; `reference` names the value that goes with the burden of disease."""
    tables = [_summary(found, ledger), _at_values(found, ledger)]
    if reference is not None:
        tables.append(_at_reference(found, reference, ledger))
    conclusion = assessment.conclusion
    together = () if conclusion is None else conclusion.compared
    if len(together) > 1:
        by_id = {each.result.spec.id: each for each in found}
        tables.append(_of_several([by_id[each] for each in together if each in by_id], ledger))
    return tuple(tables)


def _summary(found: Sequence[Compared], ledger: Ledger) -> QuantityTable:
    rows = []
    for each in found:
        cost, effect = ref(each.cost), ref(each.effect)
        quadrant = ledger.work_out(each.of("quadrant"), _quadrant(cost, effect), kind="code")
        ratio = call("=", ref(quadrant), code("quadrant.NE")), call("=", ref(quadrant), code("quadrant.SW"))
        icer = ledger.work_out(
            each.of("icer"),
            call("IF", call("OR", *ratio), cost / effect, code(NONE)),
            kind="ratio",
            unit=each.result.spec.currency,
        )
        always = ledger.work_out(each.of("dominance"), _dominance(cost, effect), kind="code")
        place = None
        if each.ends:
            formula = _in_range(ref(quadrant), [_net_benefit(ref(end), cost, effect) for end in each.ends])
            place = ledger.work_out(each.of("in_range"), formula, kind="code")
        solved = [name for name in ledger.inputs((each.cost, each.effect)) if name + STATE in ledger.quantities]
        state = None
        if solved:
            old = call("OR", *(call("=", ref(name + STATE), code("stale")) for name in solved))
            state = ledger.work_out(each.of("state"), call("IF", old, code("stale"), code(NONE)), kind="state")
        cells = (each.cost, each.effect, quadrant, icer, always, place, state)
        rows.append(QuantityRow(Caption("comparison", each.result.spec), cells))
    keys = ("delta_cost", "delta_effect", "quadrant", "icer", "dominance", "in_range", "solved")
    # The last two only where a row has them.
    kept = [at for at, key in enumerate(keys) if key not in keys[-2:] or any(row.cells[at] for row in rows)]
    rows = [QuantityRow(row.caption, tuple(row.cells[at] for at in kept)) for row in rows]
    return QuantityTable(Caption("differences"), tuple(Caption("column", keys[at]) for at in kept), tuple(rows))


def _weighed(
    each: Compared, value: Expression, name: str, ledger: Ledger, *, known: Expression | None = None
) -> tuple[str, ...]:
    """Add net benefit at a value, the preferred option, the verdict and whether it is a borderline case."""
    cost, effect, zero = ref(each.cost), ref(each.effect), number(0)

    def where_known(formula: Expression) -> Expression:
        return formula if known is None else call("IF", known, formula, code(NONE))

    spec = each.result.spec
    net = ledger.work_out(
        each.of(f"net_benefit.{name}"), where_known(_net_benefit(value, cost, effect)), kind="money", unit=spec.currency
    )
    preferred = call(
        "IF",
        call(">", ref(net), zero),
        code(f"option.{spec.intervention}"),
        call("IF", call("<", ref(net), zero), code(f"option.{spec.comparator}"), code("equal")),
    )
    equal = call("=", ref(net), zero)
    good = call("IF", call(">", ref(net), zero), code("good"), code("bad"))
    size = call("MAX", call("ABS", value * effect), call("ABS", cost))
    # Two that are equal are no borderline case.
    near = call("AND", call("<>", ref(net), zero), call("<=", call("ABS", ref(net)), number(EDGE_SHARE) * size))
    more = {
        "preferred": preferred,
        "verdict": call("IF", equal, code("equal"), good),
        "edge": call("IF", near, code("yes"), code("no")),
    }
    return net, *(
        ledger.work_out(each.of(f"{key}.{name}"), where_known(formula), kind="code") for key, formula in more.items()
    )


_WEIGHED = tuple(Caption("column", key) for key in ("value", "net_benefit", "preferred", "verdict", "edge"))


def _at_values(found: Sequence[Compared], ledger: Ledger) -> QuantityTable:
    rows = []
    for each in found:
        for at, (value, name) in enumerate(sorted(each.values.items())):
            shown = ledger.work_out(each.of(f"at.{at}"), ref(name), kind="money", unit=each.result.spec.currency)
            cells = (shown, *_weighed(each, ref(name), str(at), ledger))
            rows.append(QuantityRow(Caption("comparison_at", (each.result.spec, value)), cells))
    return QuantityTable(Caption("at_values"), _WEIGHED, tuple(rows))


def _at_reference(found: Sequence[Compared], reference: str, ledger: Ledger) -> QuantityTable:
    """Return the verdicts at the value that goes with the burden, of comparisons that the rules hold for."""
    rows = []
    known = call("<>", ref(reference), code(NONE))
    for each in found:
        if each.result.judgements:
            # A value of 0 stands in where there is none, so that no formula works with words.
            value = call("IF", known, ref(reference), number(0))
            cells = (reference, *_weighed(each, value, "reference", ledger, known=known))
            rows.append(QuantityRow(Caption("comparison", each.result.spec), cells))
    return QuantityTable(Caption("at_reference"), _WEIGHED, tuple(rows))


def _of_several(found: Sequence[Compared], ledger: Ledger) -> QuantityTable:
    """Return net benefit of all options of a trial at each value, and the preferred one: full incremental analysis."""
    first, rows = found[0], []
    spec, options = (
        first.result.spec,
        [first.result.spec.comparator, *(each.result.spec.intervention for each in found)],
    )
    for at, (value, name) in enumerate(sorted(first.values.items())):
        benefits = [ledger.work_out(f"together.{at}.0", number(0), kind="money", unit=spec.currency)]
        for place, each in enumerate(found, start=1):
            formula = ref(name) * ref(each.effect) - ref(each.cost)
            benefits.append(ledger.work_out(f"together.{at}.{place}", formula, kind="money", unit=spec.currency))
        all_of = [ref(each) for each in benefits]
        best = call("MAX", *all_of)
        sizes = [
            part for each in found for part in (call("ABS", ref(name) * ref(each.effect)), call("ABS", ref(each.cost)))
        ]
        preferred: Expression = code(f"option.{options[-1]}")
        for option, benefit in reversed(list(zip(options[:-1], all_of[:-1], strict=True))):
            preferred = call("IF", call("=", benefit, best), code(f"option.{option}"), preferred)
        slack = number(EQUAL_SHARE) * call("MAX", *sizes)
        tied = total(call("IF", call("<=", best - each, slack), number(1), number(0)) for each in all_of)
        equal = call(">", tied, number(1))
        chosen = ledger.work_out(f"together.{at}.preferred", call("IF", equal, code("equal"), preferred), kind="code")
        shown = ledger.work_out(f"together.{at}.value", ref(name), kind="money", unit=spec.currency)
        rows.append(QuantityRow(Caption("value_at", value), (shown, *benefits, chosen)))
    columns = (
        Caption("column", "value"),
        *(Caption("option", each) for each in options),
        Caption("column", "preferred"),
    )
    return QuantityTable(Caption("together", spec), columns, tuple(rows))


# Simulated ------------------------------------------------------------------------------------------------------------


def simulated_tables(
    assessment: Assessment, found: Sequence[Compared], burden: Sequence[str], ledger: Ledger
) -> tuple[QuantityTable, ...]:
    """Add what was simulated or searched and no formula gives: probabilities, ranges, intervals.

    `burden` names what the probabilities of the bands rest on.
    """
    return (_probabilities(found, ledger), _intervals(found, ledger), _integrated(assessment, found, burden, ledger))


def _taken(
    name: str,
    values: Sequence[float] | None,
    rests_on: Sequence[str],
    ledger: Ledger,
    **about: Any,  # noqa: ANN401
) -> tuple[str | None, ...]:
    """Add simulated values, and return their names with that of their state; without values, empty cells."""
    if values is None:
        return (None,)
    taken = [ledger.take(f"{name}.{at}", value, rests_on, **about) for at, value in enumerate(values)]
    return (*taken, taken[-1] + STATE)


def _probabilities(found: Sequence[Compared], ledger: Ledger) -> QuantityTable:
    rows = []
    for each in found:
        result, unit = each.result, each.result.spec.currency
        for at, (value, name) in enumerate(sorted(each.values.items())):
            p, ends = result.p_cost_effective.get(value), result.p_range.get(value)
            nets = result.net_benefit_range.get(value)
            if p is None and ends is None and nets is None:
                continue
            rests = (*each.fitted, name)
            wide = (*rests, *each.assumed_ends)
            chance = _taken(each.of(f"p.{at}"), None if p is None else (p,), rests, ledger, kind="share")
            span = _taken(each.of(f"p_range.{at}"), ends, (*wide, *each.design_ends), ledger, kind="share")
            net = _taken(each.of(f"net_range.{at}"), nets, wide, ledger, kind="money", unit=unit)
            cells = (each.of(f"at.{at}"), *_padded(chance, 2), *_padded(span, 3), *_padded(net, 3))
            rows.append(QuantityRow(Caption("comparison_at", (result.spec, value)), cells))
    keys = ("value", "probability", "state", "p_low", "p_high", "state", "net_low", "net_high", "state")
    return QuantityTable(Caption("probabilities"), tuple(Caption("column", key) for key in keys), tuple(rows))


def _padded(cells: tuple[str | None, ...], width: int) -> tuple[str | None, ...]:
    return cells if len(cells) == width else (None,) * width


def _intervals(found: Sequence[Compared], ledger: Ledger) -> QuantityTable:
    rows = []
    for each in found:
        for parameter, ends in each.result.intervals.items():
            outcome = parameter.removeprefix("delta_")
            spec = each.result.spec
            unit = spec.currency if outcome == "cost" else spec.effect_unit
            about: dict[str, Any] = {"kind": _KINDS[outcome], "unit": unit}
            cells = _taken(each.of(f"interval.{parameter}"), ends, each.fitted, ledger, **about)
            rows.append(QuantityRow(Caption("interval", (spec, parameter)), cells))
    columns = tuple(Caption("column", key) for key in ("low", "high", "state"))
    return QuantityTable(Caption("intervals"), columns, tuple(rows))


def _integrated(
    assessment: Assessment, found: Sequence[Compared], burden: Sequence[str], ledger: Ledger
) -> QuantityTable:
    """Return the probability cost-effective over the bands of the computed burden."""
    rows = []
    for each in found:
        chance = assessment.integrated(each.result)
        if chance is not None:
            values = {each.values[float(value)] for value in assessment.reference_values.values() if value is not None}
            rests = (*each.fitted, *sorted(values), *burden)
            cells = _taken(each.of("integrated"), (chance,), rests, ledger, kind="share")
            rows.append(QuantityRow(Caption("comparison", each.result.spec), cells))
    columns = (Caption("column", "probability"), Caption("column", "state"))
    return QuantityTable(Caption("integrated"), columns, tuple(rows))
