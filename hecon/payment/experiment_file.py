"""The schema of the packaged file of the payment experiment; imported late, as pydantic is slow to import."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from hecon.errors import DossierError
from hecon.files import toml
from hecon.files.faults import repeated_ids
from hecon.files.parts import FIGURE, Float, Format, Identifier, Part, Reference, Text, Words, validated

_FILE = Path(__file__).parents[1] / "data" / "payment_experiment.toml"

_Name = Annotated[str, Field(pattern=FIGURE)]
_Sources = Annotated[tuple[Reference, ...], Field(min_length=1)]


class FiledTerm(Part):
    """A term of the experiment, with its value to compute with."""

    id: _Name
    name: Text
    text: Text
    value: bool | int | dt.date | Words | tuple[Words, ...] | dict[Words, int | Words]
    unit: str
    status: Literal["reported", "not reported"]
    sources: tuple[Reference, ...]


class FiledIndicator(Part):
    """An indicator of the yearly monitoring."""

    id: _Name
    name: Text
    monitor: Literal["NZa", "Zorginstituut", "not reported"]
    unit: Words
    better: Literal["lower", "higher", ""]
    sources: _Sources


class FirstCase(Part):
    """The class mix of 2022."""

    expected: Float
    observed: Float
    patients_heaviest: int
    patients_lightest: int
    note: Text
    sources: _Sources


class ExperimentFile(Part):
    """The whole file."""

    format: Format
    name: Identifier
    term: tuple[FiledTerm, ...]
    indicator: tuple[FiledIndicator, ...]
    first_case: FirstCase


def read(path: Path = _FILE) -> ExperimentFile:
    """Return what the file holds; all its faults are raised at once, each with its line and path."""
    file = toml.read(path.read_bytes(), path.name, DossierError)
    result, faults = validated(file.tree, ExperimentFile)
    file.refuse([*faults, *repeated_ids(file.tree, "term", "indicator")])
    if result is None:
        raise AssertionError  # the schema refuses nothing without a fault
    return result
