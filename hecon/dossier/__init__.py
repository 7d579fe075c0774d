"""Evidence on file: the dossiers that come with hecon, their schema and how to read them.

What reads and checks a dossier is loaded when it is first used, so that names and titles are quick to list.
"""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hecon.dossier.loading import load, load_programme, skeleton

__all__ = ["load", "load_programme", "names", "skeleton"]

FOLDER = Path(__file__).parent.parent / "data" / "dossiers"


def names() -> list[str]:
    """Return the names of the dossiers that come with hecon.

    Returns
    -------
    list of str
        Sorted.

    Examples
    --------
    >>> from hecon import dossier
    >>> "acl-rupture" in dossier.names()
    True
    """
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def titles() -> dict[str, dict[str, str]]:
    """Return the titles, by language, of the dossiers that come with hecon, read without checking the files."""
    texts = {name: (FOLDER / f"{name}.toml").read_text(encoding="utf-8") for name in names()}
    return {name: tomllib.loads(text)["title"] for name, text in texts.items()}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name in __all__:
        return getattr(importlib.import_module("hecon.dossier.loading"), name)
    msg = f"module 'hecon.dossier' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
