"""Texts and figures of the skeleton that are still to be replaced."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import BaseModel

from hecon import _checks
from hecon.dossier._messages import path_of
from hecon.errors import DossierError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.dossier.schema import Dossier

__all__ = ["placeholders", "refuse_placeholders"]

# As the skeleton marks them, whatever language, case or spacing they were typed in.
_MARK = re.compile(r"\(\s*(?:replace|vervang(?:en)?)(?:\s+(?:or leave out|of weglaten))?\s*\)", re.IGNORECASE)


def placeholders(dossier: Dossier) -> tuple[tuple[str, str], ...]:
    """Return where a file still says "(replace)" or "(vervangen)", as the skeleton does.

    Parameters
    ----------
    dossier : Dossier
        The dossier.

    Returns
    -------
    tuple of (str, str)
        Path in the file and the mark that stands there, in the order of the file.

    Examples
    --------
    >>> import hecon
    >>> from hecon import dossier
    >>> dossier.placeholders(hecon.load("acl-rupture"))
    ()
    """
    _checks.instance("dossier", dossier, "Dossier", "load one with hecon.load")
    return tuple(_marks(dossier, ()))


def refuse_placeholders(dossier: Dossier) -> None:
    """Refuse to make a report of a file that is still a skeleton in places.

    Parameters
    ----------
    dossier : Dossier
        The dossier.

    Raises
    ------
    DossierError
        If a text is marked as to be replaced; all places are told at once.
    """
    faults = [
        f"{path}: must not say {mark!r} in a report: replace the text or figure" for path, mark in placeholders(dossier)
    ]
    if faults:
        raise DossierError(dossier.name, faults)


def _marks(node: object, steps: tuple[str | int, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        found = _MARK.search(node)
        if found is not None:
            yield path_of(*steps), found.group()
    elif isinstance(node, BaseModel):
        for name, field in type(node).model_fields.items():
            yield from _marks(getattr(node, name), (*steps, field.alias or name))
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from _marks(value, (*steps, str(name)))
    elif isinstance(node, (tuple, list)):
        for place, value in enumerate(node):
            yield from _marks(value, (*steps, place))
