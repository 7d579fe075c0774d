"""What a dossier holds, each number with its source and status; and all its faults at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PrivateAttr

from hecon import _checks
from hecon.dossier.budget import BudgetPart, budget_faults
from hecon.dossier.budget_plans import plan_of
from hecon.dossier.burden import Burden, burden_faults
from hecon.dossier.comparison import (
    Comparison,
    comparison_faults,
    data_faults,
)
from hecon.dossier.documents import Document, date_faults, unknown_documents
from hecon.dossier.figures import Figure, Relation, figure_faults
from hecon.dossier.note import Note, note_faults
from hecon.files.faults import Fault, endless_numbers, path_of, repeated_ids, tables
from hecon.files.parts import Format, Identifier, Part, Sound, Text
from hecon.files.schema import validated

if TYPE_CHECKING:
    from hecon.budget import Plan

__all__ = ["Dossier", "Intervention", "checked"]


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


_HERE = Path()


def checked(tree: dict[str, Any], folder: Path = _HERE) -> tuple[Dossier | None, list[Fault]]:
    """Return the dossier that a parsed tree tells, and every fault of it with its path in the file.

    Parameters
    ----------
    tree : dict
        The dossier as parsed from TOML, with arrays as tuples.
    folder : Path, default the working folder
        Folder that names of data files are relative to.

    Returns
    -------
    pair of Dossier or None, and list of pairs of str
        The dossier, None if the schema refuses it; path and message of each fault.
    """
    endless = list(endless_numbers(tree))
    if endless:
        return None, endless
    sound = Sound()
    dossier, found = validated(tree, Dossier, sound)
    found += repeated_ids(tree, "intervention", "comparison", "document")
    found += unknown_documents(tree)
    found += burden_faults(tree, sound)
    found += note_faults(tree, sound)
    for position, item in tables(tree, "document"):
        found += date_faults(item, path_of("document", position))
    found += figure_faults(tree, sound)
    found += budget_faults(tree, sound)
    strategies = {item["id"] for _, item in tables(tree, "intervention") if isinstance(item.get("id"), str)}
    for position, item in tables(tree, "comparison"):
        found += comparison_faults(item, strategies, f"comparison[{position}]", sound)
    found += data_faults(tree, folder)
    return dossier, list(dict.fromkeys(found))
