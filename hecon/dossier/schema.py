"""What a dossier holds: the economic evidence of one indication, each number with its source and status."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 (pydantic reads the annotation at run time)
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from hecon import _checks
from hecon.dossier._statistic_types import (
    ArmsStatistic,
    CorrelationStatistic,
    DifferenceStatistic,
    EffectProbability,
    ProbabilityStatistic,
    RatioStatistic,
    Statistic,
)
from hecon.dossier._types import (
    CURRENCY,
    DOI,
    Format,
    Identifier,
    Number,
    NumberOrNotReported,
    Part,
    Reference,
    Text,
    Words,
    YearOrNotReported,
)
from hecon.dossier.budget_plans import plan_of
from hecon.dossier.budget_schema import BudgetPart  # noqa: TC001 (pydantic reads the annotation at run time)
from hecon.dossier.burden_schema import Burden, BurdenDuration, BurdenFixed, BurdenInput, BurdenInputs
from hecon.dossier.figure_schema import Figure, Relation
from hecon.dossier.note_schema import Note, Reporting

if TYPE_CHECKING:
    from hecon.budget import Plan

__all__ = [
    "ArmsStatistic",
    "Assumption",
    "Burden",
    "BurdenDuration",
    "BurdenFixed",
    "BurdenInput",
    "BurdenInputs",
    "Caveat",
    "Comparison",
    "CorrelationStatistic",
    "DesignEffect",
    "DifferenceStatistic",
    "Document",
    "Dossier",
    "EffectProbability",
    "Figure",
    "Finding",
    "Intervention",
    "Note",
    "ProbabilityStatistic",
    "RatioStatistic",
    "Reference",
    "Relation",
    "Reporting",
    "Statistic",
    "Text",
    "Threshold",
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


class Threshold(Part):
    """A willingness to pay per unit of effect that a source held the comparison against, in its currency."""

    value: Number
    text: Text
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


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
    threshold : tuple of Threshold
        Values that the source held it against, in its own currency.
    caveat : tuple of Caveat
        What a reader must know.
    reporting : Reporting
        What a reader of an economic evaluation looks for.
    """

    id: Identifier
    trial: Words
    design: Text
    perspective: Literal["societal", "healthcare"]
    intervention: Identifier
    comparator: Identifier
    currency: Annotated[str, Field(pattern=CURRENCY)]
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
    threshold: tuple[Threshold, ...] = ()
    caveat: tuple[Caveat, ...] = ()
    reporting: Reporting = Reporting()


class Document(Part):
    """A source document."""

    id: Identifier
    citation: Words
    date: dt.date | None = None
    doi: Annotated[str, Field(pattern=DOI)] | None = None
    read: Text


class Intervention(Part):
    """A strategy under comparison."""

    id: Identifier
    name: Text


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
        Burden of disease as judged, and the inputs to compute it from.
    intervention : tuple of Intervention
        The strategies; none where nothing is compared.
    comparison : tuple of Comparison
        One per trial and perspective; none where no economic evaluation is on file.
    figure, relation : tuple of Figure, tuple of Relation
        Single figures as printed, and what must hold between them.
    budget : BudgetPart or None
        The part [budget] as written, which is the attribute `budget_part`; the attribute `budget` is the plan that it
        tells.
    document : tuple of Document
        The sources.
    note : Note
        The parts of an expert note around the figures.
    """

    format: Format
    name: Identifier
    title: Text
    indication: Text
    question: Text
    burden: Burden
    intervention: tuple[Intervention, ...] = ()
    comparison: tuple[Comparison, ...] = ()
    figure: tuple[Figure, ...] = ()
    relation: tuple[Relation, ...] = ()
    budget_part: BudgetPart | None = Field(default=None, alias="budget")
    document: Annotated[tuple[Document, ...], Field(min_length=1)]
    note: Note = Note()

    _digest: str = PrivateAttr(default="")

    @property
    def digest(self) -> str:
        """SHA-256 of the file that the dossier was read from."""
        return self._digest

    @property
    def budget(self) -> Plan | None:
        """The plan of its budget impact, for `hecon.budget_impact`; None where no budget is on file."""
        if self.budget_part is None:
            return None
        return plan_of(self.name, self.title, self.budget_part, self.figure)

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

        Raises
        ------
        InputError
            If there is none.
        """
        _checks.one_of("intervention", identifier, [each.id for each in self.intervention])
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

        Raises
        ------
        InputError
            If there is none.
        """
        _checks.one_of("document", identifier, [each.id for each in self.document])
        return next(each for each in self.document if each.id == identifier)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of a dossier."""
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **cls.model_json_schema()}
