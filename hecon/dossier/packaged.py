"""Names and titles of the dossiers that come with hecon, read without checking them, so that listing is quick."""

from __future__ import annotations

import tomllib
from pathlib import Path

__all__ = ["FOLDER", "names", "titles"]

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


def titles(lang: str) -> dict[str, str]:
    """Return the titles of the dossiers that come with hecon in a language, by their names."""
    return {
        name: tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["title"][lang] for name in names()
    }
