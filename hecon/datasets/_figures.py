"""The figures behind a teaching trial, read from the file that gives each its status and its source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["FOLDER", "Figure", "figures_of", "values"]

FOLDER = Path(__file__).parents[1] / "data" / "trials"


@dataclass(frozen=True)
class Figure:
    """A figure behind a teaching trial.

    Parameters
    ----------
    name : str
        By which the generator finds it.
    value : number, list or dict
        As the generator takes it.
    status : {"reported", "derived", "assumed"}
        Printed of the trial that is followed, computed from what was printed, or neither.
    meaning : str
        What it is, with its unit.
    sources : tuple of str
        Publications; none of an assumption.
    """

    name: str
    value: Any
    status: str
    meaning: str
    sources: tuple[str, ...] = ()


@cache
def figures_of(name: str) -> tuple[Figure, ...]:
    """Return the figures, each source written out."""
    tree = tomllib.loads((FOLDER / f"{name}-figures.toml").read_text(encoding="utf-8"))
    written = {each["id"]: _citation(each) for each in tree["document"]}
    return tuple(
        Figure(**{**each, "sources": tuple(written[source] for source in each.get("sources", ()))})
        for each in tree["figure"]
    )


def _citation(document: dict[str, str]) -> str:
    link = f" https://doi.org/{document['doi']}" if "doi" in document else ""
    return f"{document['citation']}{link}"


def values(name: str) -> dict[str, Any]:
    """Return the value of every figure by its name."""
    return {each.name: each.value for each in figures_of(name)}
