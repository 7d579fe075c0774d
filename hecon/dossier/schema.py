"""What a dossier holds: the economic evidence of one indication, each number with its source and status."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 (pydantic reads the annotation at run time)
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PrivateAttr, field_serializer

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
from hecon.dossier.budget import (
    BudgetPart,
    plan_of,
)
from hecon.dossier.burden_schema import Burden, BurdenDuration, BurdenFixed, BurdenInput, BurdenInputs
from hecon.dossier.comparison_schema import (
    Assumption,
    Caveat,
    Comparison,
    ComparisonData,
    DesignEffect,
    Finding,
    Threshold,
)
from hecon.dossier.dates import DatePrinted, iso_date
from hecon.dossier.figure_schema import Figure, Relation
from hecon.dossier.note_schema import Note, Reporting
from hecon.files.parts import DOI, Extent, Format, Identifier, Part, Reference, Text, Words

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
    "ComparisonData",
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


class Document(Part):
    """A source document.

    Parameters
    ----------
    id : str
        Lower-case words joined by hyphens.
    citation : str
        Author, title, place and year.
    date : date or None
        As printed on it; where it prints no day, the first day of what `date_printed` says.
    date_printed : str
        "day", "month", "season" (spring is March to May) or "year".
    doi : str or None
        Without ``https://doi.org/``.
    extent : str or None
        How much of it was read: "whole", "abstract", "part", or "quoted" where only another document's quotation was.
    read : Text
        The same in words.
    """

    id: Identifier
    citation: Words
    date: dt.date | None = None
    date_printed: DatePrinted = "day"
    doi: Annotated[str, Field(pattern=DOI)] | None = None
    extent: Extent | None = None
    read: Text

    @field_serializer("date", when_used="json-unless-none")
    def _filed(self, date: dt.date) -> str:
        return iso_date(date, self.date_printed)


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
    _folder: Path = PrivateAttr(default_factory=Path)

    @property
    def digest(self) -> str:
        """SHA-256 of the file that the dossier was read from."""
        return self._digest

    @property
    def folder(self) -> Path:
        """Folder that names of data files are relative to: the file's; of a dossier without one the working folder."""
        return self._folder

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
