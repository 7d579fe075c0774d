"""What a dossier holds: the economic evidence of one indication, each number with its source and status."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 (pydantic reads the annotation at run time)
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from hecon.dossier._types import (
    Identifier,
    Number,
    NumberOrNotReported,
    Part,
    Reference,
    Status,
    Text,
    Words,
    YearOrNotReported,
)

__all__ = [
    "ArmsStatistic",
    "Assumption",
    "Burden",
    "Caveat",
    "Comparison",
    "CorrelationStatistic",
    "DesignEffect",
    "DifferenceStatistic",
    "Document",
    "Dossier",
    "EffectProbability",
    "Finding",
    "Intervention",
    "ProbabilityStatistic",
    "RatioStatistic",
    "Reference",
    "Statistic",
    "Text",
]


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
    n: tuple[int, int] | None = None


class DifferenceStatistic(_Sourced):
    """Difference between the arms, intervention minus comparator; a one-sided interval has an end inf or -inf."""

    kind: Literal["cost-difference", "effect-difference"]
    mean: Number
    ci: tuple[Number, Number] | None = None
    level: Number | None = None
    sided: Literal["two", "one"] = "two"
    se: Number | None = None
    p: Number | None = None
    p_below: Number | None = None


class RatioStatistic(_Sourced):
    """Incremental cost-effectiveness ratio as printed."""

    kind: Literal["icer"]
    value: Number
    quadrant: Literal["NE", "SE", "SW", "NW"] | None = None


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


class Assumption(Part):
    """A parameter that nobody reported: value, range, basis and the sources of the basis."""

    parameter: Literal["delta_cost", "delta_effect", "cost_se", "effect_se", "correlation"]
    value: Number
    range: tuple[Number, Number]
    basis: Text
    sources: tuple[Reference, ...] = ()


class DesignEffect(Part):
    """A range of design effects by which clustering may have inflated the printed variances."""

    range: tuple[Number, Number]
    basis: Text
    sources: tuple[Reference, ...] = ()


class Finding(Part):
    """A conclusion printed in place of figures."""

    cost_effective: Literal["at every willingness to pay", "at no willingness to pay"]
    text: Text
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class Caveat(Part):
    """A remark that a reader of the results must know."""

    text: Text
    sources: tuple[Reference, ...] = ()


class Comparison(Part):
    """One economic comparison: a trial, a perspective, a horizon and what was printed of it.

    Parameters
    ----------
    id : str
        Unique in the dossier.
    trial : str
        Name of the trial.
    design : Text
        Design and size.
    perspective : str
        "societal" or "healthcare".
    intervention, comparator : str
        Ids of interventions; differences are intervention minus comparator.
    currency : str
        ISO code.
    effect_unit : str
        Unit of the effect; a verdict needs "QALY".
    price_year : int or str
        A year or "not reported".
    horizon_months : number
        Time horizon [months].
    discount_cost, discount_effect : number or str
        Annual rates, or "not reported".
    sources : tuple of Reference
        Where the comparison is described.
    statistic : tuple of Statistic
        What was printed.
    assumption : tuple of Assumption
        What was not, and is assumed.
    design_effect : DesignEffect or None
        Clustering that the printed intervals may not account for.
    finding : Finding or None
        A conclusion printed in place of figures.
    caveat : tuple of Caveat
        What a reader must know.
    """

    id: Identifier
    trial: Words
    design: Text
    perspective: Literal["societal", "healthcare"]
    intervention: Identifier
    comparator: Identifier
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    effect_unit: Words = "QALY"
    price_year: YearOrNotReported
    horizon_months: Number
    discount_cost: NumberOrNotReported
    discount_effect: NumberOrNotReported
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]
    statistic: tuple[Statistic, ...] = ()
    assumption: tuple[Assumption, ...] = ()
    design_effect: DesignEffect | None = None
    finding: Finding | None = None
    caveat: tuple[Caveat, ...] = ()


class Document(Part):
    """A source document."""

    id: Identifier
    citation: Words
    date: dt.date | None = None
    doi: Annotated[str, Field(pattern=r"^10\.\d{4,9}/\S+$")] | None = None
    read: Text


class Intervention(Part):
    """A strategy under comparison."""

    id: Identifier
    name: Text


class Burden(Part):
    """Burden of disease as judged: by whom and where."""

    band: Literal["none", "low", "middle", "high", "not judged"]
    basis: Text
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class Dossier(Part):
    """The evidence on file for one indication.

    Read one with `hecon.load`, or write one with ``hecon new``; ``hecon schema`` prints the JSON Schema.

    Parameters
    ----------
    format : int
        Version of the format: 1.
    name : str
        Lower-case words joined by hyphens.
    title, indication, question : Text
        In both languages.
    burden : Burden
        Burden of disease as judged.
    intervention : tuple of Intervention
        The strategies.
    comparison : tuple of Comparison
        One per trial and perspective.
    document : tuple of Document
        The sources.
    """

    format: Literal[1]
    name: Identifier
    title: Text
    indication: Text
    question: Text
    burden: Burden
    intervention: Annotated[tuple[Intervention, ...], Field(min_length=2)]
    comparison: Annotated[tuple[Comparison, ...], Field(min_length=1)]
    document: Annotated[tuple[Document, ...], Field(min_length=1)]

    _digest: str = PrivateAttr(default="")

    @property
    def digest(self) -> str:
        """SHA-256 of the file that the dossier was read from."""
        return self._digest

    def named(self, identifier: str) -> Intervention:
        """Return an intervention.

        Parameters
        ----------
        identifier : str
            Its id.

        Returns
        -------
        Intervention
            The one with this id.
        """
        return next(each for each in self.intervention if each.id == identifier)

    def cited(self, identifier: str) -> Document:
        """Return a source document.

        Parameters
        ----------
        identifier : str
            Its id.

        Returns
        -------
        Document
            The one with this id.
        """
        return next(each for each in self.document if each.id == identifier)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of a dossier."""
        return cls.model_json_schema()
