"""The packaged data tables: CSV files with a header of provenance and licence."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = (
    "life_table",
    "norms",
    "value_set",
    "price_index",
    "purchasing_power",
    "reference_prices",
    "friction_period",
)

# Ends the name of norms that are the raw ones made non-increasing with age.
SMOOTHED = "-smoothed"

_FOLDER = Path(__file__).parent / "data" / "tables"


@dataclass(frozen=True)
class Provenance:
    """Where a table is from.

    Attributes
    ----------
    name : str, by which it is selected
    kind : str
        "life_table", "norms", "value_set", "price_index", "purchasing_power", "reference_prices" or "friction_period".
    title : str, what it holds
    year : int, year of its figures, or of publication
    source : str, original publication
    licence : str, licence of the figures
    via : str, where the figures were taken from; empty where that is the publication itself
    doi : str, DOI of the publication; empty where it has none
    note, note_nl : str, what a user must know, in English and in Dutch
    noise, noise_nl : str, what only smoothing mends, in English and in Dutch
    position, position_nl : str, what a body that assesses says of a value set, and when, in English and in Dutch
    version : str, version of the EQ-5D, for norms and value sets
    value_set : str, value set that norms were valued by
    digest : str, SHA-256 of a file of one's own; empty for what comes with hecon
    measure : str, "q" (probabilities of death) or "m" (death rates), for life tables
    age_offset : float, exact age at which a life table's row begins, minus the age printed [years]
    """

    name: str
    kind: str
    title: str
    year: int
    source: str
    licence: str
    via: str = ""
    doi: str = ""
    note: str = ""
    note_nl: str = ""
    noise: str = ""
    noise_nl: str = ""
    position: str = ""
    position_nl: str = ""
    version: str = ""
    value_set: str = ""
    digest: str = ""
    measure: str = ""
    age_offset: float = 0.0


@cache
def _header(name: str) -> Provenance:
    """Return the header of a table, without reading its rows: there are many, and some are long."""
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8") as lines:
        above = [line.removeprefix("# ") for line in takewhile(lambda line: line.startswith("# "), lines)]
    return Provenance(name=name, **tomllib.loads("".join(above)))


@cache
def names(kind: str) -> tuple[str, ...]:
    """Return the names of the tables of a kind, sorted."""
    _checks.one_of("kind", kind, KINDS)
    stems = sorted(path.stem for path in _FOLDER.glob("*.csv"))
    return tuple(name for name in stems if _header(name).kind == kind)


def norms() -> tuple[str, ...]:
    """Return the names of the norms, each followed by that of its smoothed form."""
    return tuple(name + end for name in names("norms") for end in ("", SMOOTHED))


def listed(*kinds: str) -> tuple[Provenance, ...]:
    """Return the provenance of every table of these kinds, in the order given."""
    return tuple(header(name, kind) for kind in kinds for name in names(kind))


def header(name: str, kind: str) -> Provenance:
    """Return the provenance of one table."""
    _checks.one_of(kind, name, names(kind))
    return _header(name)


def read(name: str, kind: str) -> dict[str, NDArray[np.str_]]:
    """Return the columns of one table, as printed."""
    _checks.one_of(kind, name, names(kind))
    lines = (_FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    first, *rows = csv.reader(line for line in lines if not line.startswith("# "))
    return {column: np.array(cells) for column, cells in zip(first, zip(*rows, strict=True), strict=True)}
