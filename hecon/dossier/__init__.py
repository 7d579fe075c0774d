"""Evidence on file: the dossiers, their schema and how to read them.

What reads and checks a dossier is loaded when it is first used, so that their names and titles are quick to list.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hecon.dossier.loading import load, load_programme, skeleton
    from hecon.dossier.packaged import names

_HOME = {"load": "loading", "load_programme": "loading", "names": "packaged", "skeleton": "loading"}

__all__ = ["load", "load_programme", "names", "skeleton"]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name in _HOME:
        return getattr(importlib.import_module(f"hecon.dossier.{_HOME[name]}"), name)
    msg = f"module 'hecon.dossier' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
