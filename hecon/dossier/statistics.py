"""What a trial printed: each kind of statistic of a dossier, and the arguments of `hecon.reported.fit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from hecon import _checks
from hecon.files.parts import IntervalEnd, Number, Part, Reference, Size, Status, Text
from hecon.reported import Arms, Assumed, Difference, Ratio

if TYPE_CHECKING:
    from hecon.dossier.comparison import Assumption, Comparison

__all__ = ["arguments", "assumed", "record"]


class Sourced(Part):
    """A number with its status and sources; what is derived says by which rule."""

    status: Status
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]
    rule: Text | None = None
    note: Text | None = None


class ArmsStatistic(Sourced):
    """Mean, SD and n of both arms, in the order intervention, comparator."""

    kind: Literal["cost-arms", "effect-arms"]
    mean: tuple[Number, Number]
    sd: tuple[Number, Number] | None = None
    n: tuple[Size, Size] | None = None


class DifferenceStatistic(Sourced):
    """Difference between the arms, intervention minus comparator; a one-sided interval has an end inf or -inf."""

    kind: Literal["cost-difference", "effect-difference"]
    mean: Number
    ci: tuple[IntervalEnd, IntervalEnd] | None = None
    level: Number | None = None
    sided: Literal["two", "one"] = "two"
    se: Number | None = None
    p: Number | None = None
    p_below: Number | None = None


class RatioStatistic(Sourced):
    """Incremental cost-effectiveness ratio as printed; fitted, or kept as a check."""

    kind: Literal["icer"]
    value: Number
    quadrant: Literal["NE", "SE", "SW", "NW"] | None = None
    use: Literal["fit", "check"] = "fit"


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


class CorrelationStatistic(Sourced):
    """Correlation of incremental cost and effect."""

    kind: Literal["correlation"]
    value: Number


Statistic = Annotated[
    ArmsStatistic
    | DifferenceStatistic
    | RatioStatistic
    | ProbabilityStatistic
    | EffectProbability
    | CorrelationStatistic,
    Field(discriminator="kind"),
]


def record(statistic: Statistic) -> Arms | Difference | Ratio | None:
    """Return the record that a statistic stands for, checked by the record's own rules; None for a probability."""
    if isinstance(statistic, ArmsStatistic):
        return Arms(mean=statistic.mean, sd=statistic.sd, n=statistic.n)
    if isinstance(statistic, DifferenceStatistic):
        ends = statistic.ci
        ci = None if ends is None else (_end(ends[0]), _end(ends[1]))
        p = statistic.p if statistic.p_below is None else f"<{statistic.p_below}"
        level = 0.95 if statistic.level is None else float(statistic.level)
        return Difference(statistic.mean, ci=ci, level=level, sided=statistic.sided, se=statistic.se, p=p)
    if isinstance(statistic, RatioStatistic):
        return Ratio(statistic.value, quadrant=statistic.quadrant)
    return None


def _end(value: Any) -> Any:  # noqa: ANN401
    return None if value in {float("inf"), float("-inf")} else value


def assumed(assumption: Assumption) -> Assumed:
    """Return the assumption as `hecon.reported` takes it; its basis in English serves as the reason."""
    return Assumed(assumption.value, range=assumption.range, reason=assumption.basis.en)


def arguments(comparison: Comparison) -> dict[str, Any]:
    """Return the keyword arguments for `hecon.reported.fit`.

    Parameters
    ----------
    comparison : Comparison
        A comparison of a dossier.

    Returns
    -------
    dict
        Arguments by name; only what the comparison states.
    """
    _checks.instance("comparison", comparison, "Comparison", "a dossier of hecon.load has them as comparison")
    found: dict[str, Any] = {}
    for statistic in comparison.statistic:
        kind = statistic.kind
        if isinstance(statistic, (ArmsStatistic, DifferenceStatistic)):
            outcome = kind.split("-", maxsplit=1)[0]
            found[outcome] = (*found.get(outcome, ()), record(statistic))
        elif isinstance(statistic, RatioStatistic):
            target = found.setdefault("checks", {}) if statistic.use == "check" else found
            target["icer"] = record(statistic)
        elif isinstance(statistic, CorrelationStatistic):
            found["correlation"] = statistic.value
        else:
            name, at = (
                ("p_cost_effective", statistic.wtp)
                if isinstance(statistic, ProbabilityStatistic)
                else ("probability_above", statistic.threshold)
            )
            target = found.setdefault("checks", {}) if statistic.use == "check" else found
            target.setdefault(name, {})[at] = statistic.value
    if comparison.replicates is not None:
        found["replicates"] = comparison.replicates
    if comparison.assumption:
        found["assume"] = {each.parameter: assumed(each) for each in comparison.assumption}
    return found
