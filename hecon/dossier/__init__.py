"""Evidence on file: the dossiers, their schema and how to read them.

What reads and checks a dossier is loaded when it is first used, so that their names and titles are quick to list.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hecon.dossier.comparison import Comparison, data_faults
    from hecon.dossier.loading import Dossier, load, load_programme, placeholders, refuse_placeholders, skeleton
    from hecon.dossier.packaged import names
    from hecon.dossier.programme import Programme
    from hecon.dossier.statistics import arguments

_HOME = {
    "Comparison": "comparison",
    "Dossier": "loading",
    "Programme": "programme",
    "arguments": "statistics",
    "data_faults": "comparison",
    "load": "loading",
    "load_programme": "loading",
    "names": "packaged",
    "placeholders": "loading",
    "refuse_placeholders": "loading",
    "skeleton": "loading",
}

__all__ = [
    "Comparison",
    "Dossier",
    "Programme",
    "arguments",
    "data_faults",
    "load",
    "load_programme",
    "names",
    "placeholders",
    "refuse_placeholders",
    "skeleton",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name in _HOME:
        return getattr(importlib.import_module(f"hecon.dossier.{_HOME[name]}"), name)
    msg = f"module 'hecon.dossier' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
