"""A comparison of a dossier: printed statistics, assumptions or patient data; the arguments of `hecon.reported.fit`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from hecon import _checks
from hecon.dossier.comparison_data import ComparisonData, ComparisonDraws, others_of
from hecon.dossier.documents import Statement
from hecon.draws import direction_of
from hecon.files.faults import Fault, collect_error, near, shown, tables, thousands
from hecon.files.parts import (
    COUNTRY,
    CURRENCY,
    NOT_REPORTED,
    Extent,
    Identifier,
    IntervalEnd,
    Number,
    NumberOrNotReported,
    Part,
    Reference,
    Size,
    Sound,
    Sources,
    Status,
    Text,
    Words,
    Year,
    YearOrNotReported,
    currency_faults,
    is_number,
    not_above_0,
    unruled,
)
from hecon.reported.records import Arms, Assumed, Difference, Ratio, quadrant_bands

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from hecon.rulesets import RuleSet


class Sourced(Part):
    """A number with its status and sources; what is derived says by which rule."""

    status: Status
    sources: Sources
    rule: Text | None = None
    note: Text | None = None

    def record(self) -> object:
        """Return the record of `hecon.reported` that it stands for, checked by its rules; None for a probability."""
        return None


class OutcomeStatistic(Sourced):
    """A statistic of one outcome, by which its kind begins: costs, effects or net benefit."""

    kind: str

    @property
    def outcome(self) -> str:
        """The outcome: "cost", "effect" or "net_benefit"."""
        return "net_benefit" if self.kind.startswith("net-benefit-") else self.kind.split("-", maxsplit=1)[0]


class MeansOfArms(OutcomeStatistic):
    """Mean of both arms, in the order intervention, comparator, with SD and n, standard error or interval."""

    mean: tuple[Number, Number]
    sd: tuple[Number, Number] | None = None
    n: tuple[Size, Size] | None = None
    se: tuple[Number, Number] | None = None
    ci: tuple[tuple[Number, Number], tuple[Number, Number]] | None = None
    level: Number | None = None

    def record(self) -> Arms:
        """Return the record."""
        level = 0.95 if self.level is None else float(self.level)
        return Arms(mean=self.mean, sd=self.sd, n=self.n, se=self.se, ci=self.ci, level=level)


class ArmsStatistic(MeansOfArms):
    """Mean costs or effects of both arms."""

    kind: Literal["cost-arms", "effect-arms"]


class NetBenefitArms(MeansOfArms):
    """Mean net monetary benefit of both arms at a willingness to pay, in `currency` as printed; fitted, or a check."""

    kind: Literal["net-benefit-arms"]
    wtp: Number
    currency: Annotated[str, Field(pattern=CURRENCY)] | None = None
    use: Literal["fit", "check"] = "fit"


class DifferenceOfArms(OutcomeStatistic):
    """Difference between the arms, intervention minus comparator; a one-sided interval has an end inf or -inf."""

    mean: Number
    ci: tuple[IntervalEnd, IntervalEnd] | None = None
    level: Number | None = None
    sided: Literal["two", "one"] = "two"
    se: Number | None = None
    p: Number | None = None
    p_below: Number | None = None

    def record(self) -> Difference:
        """Return the record, in which an open end is None."""
        ci = None if self.ci is None else (_end(self.ci[0]), _end(self.ci[1]))
        p = self.p if self.p_below is None else f"<{self.p_below}"
        level = 0.95 if self.level is None else float(self.level)
        return Difference(self.mean, ci=ci, level=level, sided=self.sided, se=self.se, p=p)


class DifferenceStatistic(DifferenceOfArms):
    """Difference between the arms in costs or effects."""

    kind: Literal["cost-difference", "effect-difference"]


class NetBenefitDifference(DifferenceOfArms):
    """Incremental net monetary benefit at a willingness to pay, in `currency` as printed; fitted, or a check."""

    kind: Literal["net-benefit-difference"]
    wtp: Number
    currency: Annotated[str, Field(pattern=CURRENCY)] | None = None
    use: Literal["fit", "check"] = "fit"


def _end(value: Any) -> Any:  # noqa: ANN401
    return None if value in {float("inf"), float("-inf")} else value


class RatioStatistic(Sourced):
    """Incremental cost-effectiveness ratio as printed; fitted, or kept as a check."""

    kind: Literal["icer"]
    value: Number
    quadrant: Literal["NE", "SE", "SW", "NW"] | None = None
    use: Literal["fit", "check"] = "fit"

    def record(self) -> Ratio:
        """Return the record."""
        return Ratio(self.value, quadrant=self.quadrant)


class ProbabilityStatistic(Sourced):
    """Probability that the intervention is cost-effective at a willingness to pay; fitted, or kept as a check."""

    kind: Literal["p-cost-effective"]
    wtp: Number
    value: Number
    use: Literal["fit", "check"] = "fit"


class EffectProbability(Sourced):
    """Probability that the effect difference lies above a threshold; fitted, or kept as a check."""

    kind: Literal["p-effect-above"]
    threshold: Number
    value: Number
    use: Literal["fit", "check"] = "fit"


class QuadrantStatistic(Sourced):
    """Shares of the draws or resamples per quadrant of the cost-effectiveness plane; fitted, or kept as a check."""

    kind: Literal["quadrant-shares"]
    shares: Annotated[dict[Literal["NE", "SE", "SW", "NW"], Number], Field(min_length=1)]
    use: Literal["fit", "check"] = "fit"

    def record(self) -> object:
        """Return the constraints that they place, checked."""
        return quadrant_bands(dict(self.shares.items()))


class CorrelationStatistic(Sourced):
    """Correlation of incremental cost and effect."""

    kind: Literal["correlation"]
    value: Number


Statistic = Annotated[
    ArmsStatistic
    | NetBenefitArms
    | DifferenceStatistic
    | NetBenefitDifference
    | RatioStatistic
    | ProbabilityStatistic
    | EffectProbability
    | QuadrantStatistic
    | CorrelationStatistic,
    Field(discriminator="kind"),
]


def arguments(comparison: Comparison) -> dict[str, Any]:
    """Return the keyword arguments for `hecon.reported.fit`."""
    _checks.instance("comparison", comparison, "Comparison", "a dossier of hecon.load has them as comparison")
    keywords: dict[str, Any] = {}
    for statistic in comparison.statistic:
        kept = getattr(statistic, "use", "fit") == "check"
        target = keywords.setdefault("checks", {}) if kept else keywords
        if isinstance(statistic, (NetBenefitArms, NetBenefitDifference)):
            at = target.setdefault("net_benefit", {})
            at[statistic.wtp] = (*at.get(statistic.wtp, ()), statistic.record())
        elif isinstance(statistic, OutcomeStatistic):
            target[statistic.outcome] = (*target.get(statistic.outcome, ()), statistic.record())
        elif isinstance(statistic, RatioStatistic):
            target["icer"] = statistic.record()
        elif isinstance(statistic, CorrelationStatistic):
            target["correlation"] = statistic.value
        elif isinstance(statistic, QuadrantStatistic):
            target["quadrant_shares"] = {**statistic.shares}
        elif isinstance(statistic, ProbabilityStatistic):
            target.setdefault("p_cost_effective", {})[statistic.wtp] = statistic.value
        else:
            target.setdefault("probability_above", {})[statistic.threshold] = statistic.value
    if comparison.replicates is not None:
        keywords["replicates"] = comparison.replicates
    if comparison.assumption:
        keywords["assume"] = {each.parameter: each.assumed() for each in comparison.assumption}
    return keywords


class Assumption(Part):
    """A parameter that nobody reported: value, range, basis and the sources of the basis."""

    parameter: Literal["delta_cost", "delta_effect", "cost_se", "effect_se", "correlation"]
    value: Number
    range: tuple[Number, Number]
    basis: Text
    sources: tuple[Reference, ...] = ()

    def assumed(self) -> Assumed:
        """Return the assumption as `hecon.reported` takes it; its basis in English serves as the reason."""
        return Assumed(self.value, range=self.range, reason=self.basis.en)


class DesignEffect(Part):
    """A range of design effects by which clustering may have inflated the printed variances."""

    range: tuple[Number, Number]
    basis: Text
    sources: tuple[Reference, ...] = ()


class PrintedConclusion(Part):
    """A conclusion printed in place of figures."""

    cost_effective: Literal["at every willingness to pay", "at no willingness to pay"]
    text: Text
    sources: Sources


class Caveat(Part):
    """A remark that a reader of the results must know."""

    text: Text
    sources: tuple[Reference, ...] = ()


class Threshold(Part):
    """A willingness to pay per unit of effect that a source held the comparison against, in its currency."""

    value: Number
    text: Text
    sources: Sources


class ReportedStatement(Statement):
    """What the sources say on something, and whether that answers it: wholly, in part, or not at all.

    A statement that the sources consulted do not tell is "open".
    """

    state: Literal["answered", "in part", "open"] = "answered"


class Reporting(Part):
    """What a reader of an economic evaluation looks for (CHEERS 2022), as far as the sources report it."""

    beyond_horizon: ReportedStatement | None = None
    value_set: ReportedStatement | None = None
    missing_data: ReportedStatement | None = None
    missing_by_arm: ReportedStatement | None = None
    estimand: ReportedStatement | None = None
    analysis: ReportedStatement | None = None
    crossover: ReportedStatement | None = None
    subgroups: ReportedStatement | None = None
    equity: ReportedStatement | None = None
    own_payments: ReportedStatement | None = None
    funding: ReportedStatement | None = None
    interests: ReportedStatement | None = None


class GuidelineAnswer(Part):
    """How a comparison agrees with a point of the guideline, where the rest of the dossier does not tell."""

    outcome: Literal["met", "not met", "not reported", "not applicable"]
    text: Text
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class Comparison(Part):
    """One economic comparison: a trial, a perspective, a horizon and what was printed of it.

    Attributes
    ----------
    id : str, unique in the dossier
    trial : str, name of the trial
    design : Text, design and size
    perspective : str, "societal" or "healthcare"
    intervention, comparator : str, ids of interventions; differences are intervention minus comparator
    other_interventions : tuple of str
        Ids of further interventions in the same patient data or model, each against the same comparator. A dossier
        that was read has a comparison of its own for each, with its id behind that of this one.
    country : str or None
        Two-letter code (ISO 3166-1) of the country of the evaluation; where it is left out its currency stands in.
    currency : str, code of ISO 4217; amounts are converted nowhere
    effect_unit : str, unit of the effect; a verdict needs "QALY"
    effect_better : "more" or None
        Stated of a unit of which hecon does not know that more is better; harms are given as averted.
    price_year : int or str, a year or "not reported"
    horizon_months : number, time horizon [months]
    discount_cost, discount_effect : number or str, annual rates, or "not reported"
        These and the currency are those of the design beside `data`, and may be left out there.
    sources : tuple of Reference, where the comparison is described
    statistic : tuple of Statistic, what was printed
    assumption : tuple of Assumption, what was not, and is assumed
    design_effect : DesignEffect or None, clustering that the printed intervals may not account for
    replicates : int or None
        Replicates of the bootstrap that printed probabilities come from, where the source states them.
    finding : PrintedConclusion or None, a conclusion printed in place of figures
    data : ComparisonData or None, the trial's own records, in place of both
    draws : ComparisonDraws or None, a model's draws, in place of all of these
    threshold : tuple of Threshold, values that the source held it against, in its own currency
    caveat : tuple of Caveat, what a reader must know
    read : str or None
        How much of its sources was read, where its documents do not tell: "whole", "abstract", "part" or "quoted".
    reporting : Reporting, what a reader of an economic evaluation looks for
    published : int or None, year in which the evaluation was published
    guideline : dict of str to GuidelineAnswer
        By point of the guideline of the rules, what its sources say where no other field tells.
    """

    id: Identifier
    trial: Words
    design: Text
    perspective: Literal["societal", "healthcare"]
    intervention: Identifier
    comparator: Identifier
    other_interventions: tuple[Identifier, ...] = ()
    country: Annotated[str, Field(pattern=COUNTRY)] | None = None
    currency: Annotated[str, Field(pattern=CURRENCY)]
    effect_unit: Words = Field("QALY")
    effect_better: Literal["more"] | None = None
    price_year: YearOrNotReported
    horizon_months: Number
    discount_cost: NumberOrNotReported
    discount_effect: NumberOrNotReported
    sources: Sources
    statistic: tuple[Statistic, ...] = ()
    assumption: tuple[Assumption, ...] = ()
    design_effect: DesignEffect | None = None
    replicates: Size | None = None
    finding: PrintedConclusion | None = None
    data: ComparisonData | None = None
    draws: ComparisonDraws | None = None
    threshold: tuple[Threshold, ...] = ()
    caveat: tuple[Caveat, ...] = ()
    read: Extent | None = None
    reporting: Reporting = Reporting()
    published: Year | None = None
    guideline: dict[str, GuidelineAnswer] = Field(default_factory=dict)

    @property
    def about(self) -> dict[str, Any]:
        """What its draws are of, as `hecon.from_arrays` takes it; None for what was not reported."""
        rates = {key: getattr(self, key) for key in ("discount_cost", "discount_effect")}
        return {
            "currency": self.currency,
            "effect_unit": self.effect_unit,
            "effect_better": self.effect_better,
            "price_year": None if self.price_year == NOT_REPORTED else self.price_year,
            "horizon_years": float(self.horizon_months) / 12,
            **{key: None if rate == NOT_REPORTED else float(rate) for key, rate in rates.items()},
        }

    @property
    def choice(self) -> tuple[object, ...]:
        """What comparisons agree in that are weighed together, in the order of `CHOICE`."""
        return tuple(getattr(self, key) for key in CHOICE)


# Fields in which comparisons agree that are weighed together.
CHOICE = ("trial", "perspective", "comparator", "horizon_months", "currency", "effect_unit")


def in_pairs(comparisons: tuple[Comparison, ...]) -> tuple[Comparison, ...]:
    """Return the comparisons, each of one intervention: those of others behind all that stand in the file."""
    first = tuple(each.model_copy(update={"other_interventions": ()}) for each in comparisons)
    others = tuple(
        each.model_copy(
            update={"id": pair_id(each.id, name), "intervention": name, "other_interventions": (), "threshold": ()}
        )
        for each in comparisons
        for name in each.other_interventions
    )
    return first + others


def pair_id(comparison: str, intervention: str) -> str:
    """Return the id of the comparison of another intervention."""
    return f"{comparison}-{intervention}"


Tree = dict[str, Any]

_AMOUNTS = {
    "cost-arms": ("mean", "sd", "se", "ci"),
    "cost-difference": ("mean", "ci", "se"),
    "net-benefit-arms": ("wtp", "mean", "sd", "se", "ci"),
    "net-benefit-difference": ("wtp", "mean", "ci", "se"),
    "icer": ("value",),
    "p-cost-effective": ("wtp",),
}
# Statistics of these kinds may stand once in a comparison, or once at each value of the key named.
_ONCE = {
    "icer": None,
    "correlation": None,
    "quadrant-shares": None,
    "p-cost-effective": "wtp",
    "p-effect-above": "threshold",
}


def _outside(path: str, value: Any, low: int, high: int, remedy: str) -> Iterator[Fault]:  # noqa: ANN401
    # A share printed as -0.00 was below 0 before rounding.
    below = is_number(value) and (value < low or (low == 0 and Decimal(value).is_signed()))
    if is_number(value) and (below or value > high):
        yield path, f"must lie in [{low}, {high}], got {shown(value)}: {remedy}"


def _below_0(value: Any, path: str) -> Iterator[Fault]:  # noqa: ANN401
    if is_number(value) and value < 0:
        yield path, f"must be at least 0, got {shown(value)}"


def _net_benefit_faults(raw: Tree, home: Any, path: str) -> Iterator[Fault]:  # noqa: ANN401
    """Yield a net benefit that was printed in another currency than its comparison, or of one side alone."""
    currency = raw.get("currency")
    if isinstance(currency, str) and currency != home:
        rule = f"must be the currency of its comparison, {shown(home)}, as willingness to pay and net benefit are in it"
        yield (
            f"{path}.currency",
            f"{rule}, got {shown(currency)}: give what was printed in {shown(home)}, or leave it out",
        )
    if raw.get("sided") == "one":
        yield (
            f"{path}.sided",
            'must be "two" of a net benefit, got "one": give its standard error, (mean - end)/z, as se',
        )
    yield from _below_0(raw.get("wtp"), f"{path}.wtp")


def _difference_faults(statistic: DifferenceOfArms, path: str) -> Iterator[Fault]:
    """Yield the faults that a file writes differently from the record `Difference`."""
    for key, value in (("p", statistic.p), ("p_below", statistic.p_below)):
        if value is not None and not 0 < value < 1:
            yield f"{path}.{key}", f'must lie in (0, 1), got {value}: "p < 0.001" is written p_below = 0.001'
    if statistic.p is not None and statistic.p_below is not None:
        yield f"{path}.p_below", "must not stand beside p: keep the one that was printed"
    if statistic.ci is None:
        return
    low, high = statistic.ci
    got = f"got [{shown(low)}, {shown(high)}]"
    open_ends = [isinstance(end, Decimal) and end.is_infinite() for end in statistic.ci]
    if statistic.sided == "two" and any(open_ends):
        yield f"{path}.ci", f'must have two finite ends, {got}: to a one-sided interval belongs sided = "one"'
    elif statistic.sided == "one" and sum(open_ends) != 1:
        yield f"{path}.ci", f"must have one finite end, the other -inf (below) or inf (above), {got}"
    elif any(open_ends) and low > high:
        yield f"{path}.ci", f"must run from low to high, {got}"


def _statistic_faults(raw: Tree, home: Any, path: str, sound: Sound) -> Iterator[Fault]:  # noqa: ANN401
    yield from unruled(raw, path)
    kind, value, wtp = raw.get("kind"), raw.get("value"), raw.get("wtp")
    yield from thousands(raw, _AMOUNTS.get(str(kind), ()), path)
    if kind in ("p-cost-effective", "p-effect-above"):
        yield from _outside(f"{path}.value", value, 0, 1, "write a share, as in 0.99 for 99%")
    if kind == "p-cost-effective":
        yield from _below_0(wtp, f"{path}.wtp")
    if kind == "correlation":
        yield from _outside(f"{path}.value", value, -1, 1, "check which statistic was printed")
    if str(kind).startswith("net-benefit-"):
        yield from _net_benefit_faults(raw, home, path)
    statistic: Any = sound.of(raw, Sourced)
    if statistic is None:
        return  # a fault of the schema
    faults = list(_difference_faults(statistic, path)) if isinstance(statistic, DifferenceOfArms) else []
    if isinstance(statistic, QuadrantStatistic):
        remedy = "write a share, as in 0.60 for 60%"
        faults = [
            each
            for name, share in statistic.shares.items()
            for each in _outside(f"{path}.shares.{name}", share, 0, 1, remedy)
        ]
    yield from faults or collect_error(path, statistic.record)


def _repeated_statistics(raw: Tree, path: str) -> Iterator[Fault]:
    seen: list[tuple[Any, ...]] = []
    for position, item in tables(raw, "statistic"):
        kind = item.get("kind")
        if not isinstance(kind, str) or kind not in _ONCE:
            continue
        key = _ONCE[kind]
        mark = (kind, item.get(key), item.get("use", "fit")) if key else (kind,)
        if mark in seen:
            other = ", or give the other a [[comparison]] of its own" if kind == "icer" else ""
            rule = f"at one {key}: keep one" if key else f"of its comparison: keep one{other}"
            yield f"{path}.statistic[{position}]", f"must be the only {kind} {rule}"
        seen.append(mark)


def comparison_faults(raw: Tree, strategies: Collection[str], path: str, sound: Sound) -> Iterator[Fault]:
    """Yield the faults of a comparison beyond its schema."""
    for role in ("intervention", "comparator"):
        name = raw.get(role)
        if isinstance(name, str) and name not in strategies:
            known = ", ".join(sorted(set(strategies))) or "none"
            yield f"{path}.{role}", f"must be the id of an [[intervention]], got {shown(name)}; known: {known}"
    if isinstance(raw.get("comparator"), str) and raw["comparator"] == raw.get("intervention"):
        yield f"{path}.comparator", f"must differ from the intervention, got {shown(raw['comparator'])} twice"
    yield from currency_faults(raw.get("currency"), f"{path}.currency")
    yield from _other_faults(raw, strategies, path)
    for position, item in tables(raw, "statistic"):
        yield from _statistic_faults(item, raw.get("currency"), f"{path}.statistic[{position}]", sound)
    yield from _repeated_statistics(raw, path)
    if not any(raw.get(key) for key in ("statistic", "finding", "data", "draws")):
        wanted = "a [[comparison.statistic]] or a [comparison.finding]"
        others = "patient data in [comparison.data] or a model's draws in [comparison.draws]"
        yield path, f"must have {wanted}: add what was reported, or name {others}"
    yield from _unit_faults(raw, path)
    yield from _assumption_faults(raw, path, sound)
    yield from _design_effect_faults(raw.get("design_effect"), f"{path}.design_effect", sound)
    for position, item in tables(raw, "threshold"):
        here = f"{path}.threshold[{position}]"
        yield from thousands(item, ("value",), here)
        yield from _below_0(item.get("value"), f"{here}.value")
    for key in ("discount_cost", "discount_effect"):
        yield from _outside(f"{path}.{key}", raw.get(key), 0, 1, "write a rate, as in 0.04 for 4%")
    replicates = raw.get("replicates")
    if isinstance(replicates, int) and replicates < 1:
        yield f"{path}.replicates", f"must be at least 1, got {shown(replicates)}: leave it out where it is not stated"
    yield from not_above_0(raw, ["horizon_months"], path)


def _other_faults(raw: Tree, strategies: Collection[str], path: str) -> Iterator[Fault]:
    """Yield other interventions that are not known, stand twice, or have no draws in the data of the comparison."""
    others = others_of(raw)
    told = [raw.get("intervention"), raw.get("comparator")]
    for place, name in enumerate(others):
        here = f"{path}.other_interventions[{place}]"
        if name not in strategies:
            known = ", ".join(sorted(set(strategies))) or "none"
            yield here, f"must be the id of an [[intervention]], got {shown(name)}; known: {known}"
        elif name in [*told, *others[:place]]:
            yield here, f"must be another option than those before it, got {shown(name)} again: remove it"
    if others and not (raw.get("data") or raw.get("draws")):
        rule = "must be left out where [[comparison.statistic]] tells of one intervention"
        yield f"{path}.other_interventions", f"{rule}: give each other one a [[comparison]] of its own"


def guideline_faults(raw: Tree, rules: RuleSet, less: Collection[str], path: str) -> Iterator[Fault]:
    """Yield answers to points that the guideline of the rules does not have; rules without one leave them aside.

    So are answers "not reported" where of some of its documents `less` than the whole was read.
    """
    stated = raw.get("guideline")
    known = [point.id for guideline in rules.guideline[-1:] for point in guideline.point]
    for name, answer in stated.items() if known and isinstance(stated, dict) else ():
        if name not in known:
            hint = near(name, known, listed="they are")
            yield f"{path}.guideline.{name}", f"must be a point of the guideline of the rules, got {shown(name)}{hint}"
        elif _outcome(answer) == NOT_REPORTED and less:
            rule = f"must not be 'not reported', as of {', '.join(map(repr, less))} less than the whole was read"
            yield f"{path}.guideline.{name}.outcome", f"{rule}: leave the point out, and it is told as not looked up"
        elif name == "perspective":
            yield f"{path}.guideline.{name}", "must be left out: the comparison's own perspective tells it"
        elif name in _BEYOND_CARE and raw.get("perspective") == "healthcare" and _outcome(answer) == "met":
            yield (
                f"{path}.guideline.{name}.outcome",
                "must not be 'met' from the perspective 'healthcare', which leaves these costs out",
            )


# Points of a guideline on costs of which health care alone is a part.
_BEYOND_CARE = ("costs", "productivity", "informal_care")


def _outcome(answer: object) -> object:
    return answer.get("outcome") if isinstance(answer, dict) else None


def _unit_faults(raw: Tree, path: str) -> Iterator[Fault]:
    """Yield a unit of effect of unknown direction; beside patient data it is held against their design."""
    unit = raw.get("effect_unit", "QALY")
    if not isinstance(unit, str) or not unit.strip() or raw.get("data"):
        return
    known = direction_of(unit)
    if known == "less":
        rule = f"must be of an effect of which more is better, got {shown(unit)}"
        yield f"{path}.effect_unit", f'{rule}: write "{unit} averted", signs turned'
    elif known is None and raw.get("effect_better") is None:
        yield f"{path}.effect_better", f'is missing: write effect_better = "more" if more {unit} is better'


def _assumption_faults(raw: Tree, path: str, sound: Sound) -> Iterator[Fault]:
    names: list[str] = []
    for position, item in tables(raw, "assumption"):
        here = f"{path}.assumption[{position}]"
        name = item.get("parameter")
        if isinstance(name, str):
            if name in names:
                yield f"{here}.parameter", f"must be assumed once, got {shown(name)} again"
            names.append(name)
        if name in ("delta_cost", "cost_se"):
            yield from thousands(item, ("value", "range"), here)
        assumption = sound.of(item, Assumption)
        if assumption is None:
            continue  # a fault of the schema
        low, high = assumption.range
        if name == "correlation" and (low <= -1 or high >= 1):
            yield f"{here}.range", f"must lie between -1 and 1, got {shown(low)} to {shown(high)}"
        elif name in {"cost_se", "effect_se"} and low <= 0:
            yield f"{here}.range", f"must lie above 0, got {shown(low)} to {shown(high)}"
        else:
            yield from collect_error(here, assumption.assumed)


def _design_effect_faults(raw: Any, path: str, sound: Sound) -> Iterator[Fault]:  # noqa: ANN401
    design_effect = sound.of(raw, DesignEffect)
    if design_effect is None:
        return  # absent, or a fault of the schema
    low, high = design_effect.range
    if not 1 <= low <= high:
        yield f"{path}.range", f"must run upwards from at least 1, got {shown(low)} to {shown(high)}"
