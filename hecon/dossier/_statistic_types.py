"""What a trial printed: each kind of statistic of a dossier, with its status and sources."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hecon.files.parts import IntervalEnd, Number, Part, Reference, Size, Status, Text


class _Sourced(Part):
    """A number with its status and sources; what is derived says by which rule."""

    status: Status
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]
    rule: Text | None = None
    note: Text | None = None


class ArmsStatistic(_Sourced):
    """Mean, SD and n of both arms, in the order intervention, comparator."""

    kind: Literal["cost-arms", "effect-arms"]
    mean: tuple[Number, Number]
    sd: tuple[Number, Number] | None = None
    n: tuple[Size, Size] | None = None


class DifferenceStatistic(_Sourced):
    """Difference between the arms, intervention minus comparator; a one-sided interval has an end inf or -inf."""

    kind: Literal["cost-difference", "effect-difference"]
    mean: Number
    ci: tuple[IntervalEnd, IntervalEnd] | None = None
    level: Number | None = None
    sided: Literal["two", "one"] = "two"
    se: Number | None = None
    p: Number | None = None
    p_below: Number | None = None


class RatioStatistic(_Sourced):
    """Incremental cost-effectiveness ratio as printed; fitted, or kept as a check."""

    kind: Literal["icer"]
    value: Number
    quadrant: Literal["NE", "SE", "SW", "NW"] | None = None
    use: Literal["fit", "check"] = "fit"


class ProbabilityStatistic(_Sourced):
    """Probability that the intervention is cost-effective at a willingness to pay; fitted, or kept as a check."""

    kind: Literal["p-cost-effective"]
    wtp: Number
    value: Number
    use: Literal["fit", "check"] = "fit"


class EffectProbability(_Sourced):
    """Probability that the effect difference lies above a threshold; fitted, or kept as a check."""

    kind: Literal["p-effect-above"]
    threshold: Number
    value: Number
    use: Literal["fit", "check"] = "fit"


class CorrelationStatistic(_Sourced):
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
