"""What a comparison of a dossier holds: what was printed of it, what was assumed, or the patient data themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hecon.dossier._statistic_types import Statistic  # noqa: TC001 (pydantic reads the annotation at run time)
from hecon.dossier.note_schema import Reporting
from hecon.files.parts import (
    CURRENCY,
    Extent,
    Identifier,
    Number,
    NumberOrNotReported,
    Part,
    Reference,
    Size,
    Text,
    Words,
    YearOrNotReported,
)

__all__ = ["Assumption", "Caveat", "Comparison", "ComparisonData", "DesignEffect", "Finding", "Threshold"]


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


class ComparisonData(Part):
    """The trial's own records, in place of what was printed of it.

    Parameters
    ----------
    file : str
        The table, as `hecon.trial.read_table` reads it; its path is relative to the dossier's folder.
    design : str
        The TOML file of its design, likewise.
    strategies : dict of str to str
        Name of the arm in the design, by the id of the intervention; what is left out has the same name.
    perspective : str or None
        Name of the perspective in the design; default that of the comparison.
    method : str
        How imputation and bootstrap go together, as in `hecon.trial.analyse`.
    scenarios : bool
        Whether the trial is also analysed otherwise, by `hecon.trial.scenarios`.
    """

    file: Words
    design: Words
    strategies: dict[str, Words] = Field(default_factory=dict)
    perspective: Words | None = None
    method: Literal["imputation", "bootstrap-single", "bootstrap-imputation"] = "imputation"
    scenarios: bool = False


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
    effect_better : "more" or None
        Stated of a unit of which hecon does not know that more is better; harms are given as averted.
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
    replicates : int or None
        Replicates of the bootstrap that printed probabilities come from, where the source states them.
    finding : Finding or None
        A conclusion printed in place of figures.
    data : ComparisonData or None
        The trial's own records, in place of both.
    threshold : tuple of Threshold
        Values that the source held it against, in its own currency.
    caveat : tuple of Caveat
        What a reader must know.
    read : str or None
        How much of its sources was read, where its documents do not tell: "whole", "abstract", "part" or "quoted".
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
    effect_better: Literal["more"] | None = None
    price_year: YearOrNotReported
    horizon_months: Number
    discount_cost: NumberOrNotReported
    discount_effect: NumberOrNotReported
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]
    statistic: tuple[Statistic, ...] = ()
    assumption: tuple[Assumption, ...] = ()
    design_effect: DesignEffect | None = None
    replicates: Size | None = None
    finding: Finding | None = None
    data: ComparisonData | None = None
    threshold: tuple[Threshold, ...] = ()
    caveat: tuple[Caveat, ...] = ()
    read: Extent | None = None
    reporting: Reporting = Reporting()
