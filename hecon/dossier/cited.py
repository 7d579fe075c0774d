"""What a part of a dossier cites, and how much was read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.files.parts import Extent, Reference
from hecon.files.schema import children

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import BaseModel

    from hecon.dossier.budget import BudgetPart
    from hecon.dossier.note_schema import Study
    from hecon.dossier.schema import Comparison, Document, Dossier

__all__ = ["cited_documents", "extent_read"]

# From nothing said to everything read.
_ORDER: tuple[Extent | None, ...] = (None, "quoted", "abstract", "part", "whole")


def _references(part: object) -> Iterator[Reference]:
    if isinstance(part, Reference):
        yield part
    else:
        for _, each in children(part):
            yield from _references(each)


def cited_documents(dossier: Dossier, part: BaseModel | None = None) -> tuple[Document, ...]:
    """Return the documents that a part of a dossier cites, in the order of the file.

    Parameters
    ----------
    dossier : Dossier
        The dossier.
    part : BaseModel or None
        The part; default the whole dossier.

    Returns
    -------
    tuple of Document
        Each once.
    """
    ids = {each.document for each in _references(dossier if part is None else part)}
    return tuple(each for each in dossier.document if each.id in ids)


def extent_read(dossier: Dossier, part: Comparison | Study | BudgetPart) -> Extent | None:
    """Return how much was read of the sources of a part: only of the whole can something be said to be not reported.

    Parameters
    ----------
    dossier : Dossier
        The dossier.
    part : Comparison, Study or BudgetPart
        The part.

    Returns
    -------
    str or None
        Its `read` where it is filed, "whole" for patient data, else the least of the documents that it cites; None
        where the dossier does not say.
    """
    if part.read is not None:
        return part.read
    if getattr(part, "data", None) is not None:
        return "whole"
    return _least(each.extent for each in cited_documents(dossier, part))


def _least(extents: Iterable[Extent | None]) -> Extent | None:
    return min(extents, key=_ORDER.index, default=None)
