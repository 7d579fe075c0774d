"""What the packaged file of the payment experiment may hold; imported when it is first read, as pydantic is slow to."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from hecon.errors import DossierError
from hecon.files import toml
from hecon.files.faults import repeated_ids, tables
from hecon.files.parts import FIGURE, NOT_REPORTED, Float, Format, Identifier, Part, Reference, Text, Words, refused
from hecon.files.schema import validated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.files.faults import Fault

__all__ = ["ExperimentFile", "read"]

_FILE = Path(__file__).parents[1] / "data" / "payment_experiment.toml"

_Name = Annotated[str, Field(pattern=FIGURE)]
_Sources = Annotated[tuple[Reference, ...], Field(min_length=1)]


def _plain(value: Any) -> Any:  # noqa: ANN401
    whole_or_text = {bool, int, str, dt.date}
    held = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
    if {type(each) for each in held} <= whole_or_text:
        return value
    return refused("a whole number, true or false, a date or text, or a list or table of these", value)


class FiledTerm(Part):
    """A term of the experiment, with its value to compute with."""

    id: _Name
    name: Text
    text: Text
    value: Annotated[Any, BeforeValidator(_plain)]
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
    """Return what the file holds; all its faults are told at once, each with its line and path."""
    file = toml.read(path.read_bytes(), path.name, DossierError)
    found, faults = validated(file.tree, ExperimentFile)
    file.refuse([*faults, *repeated_ids(file.tree, "term", "indicator"), *_status_faults(file.tree)])
    if found is None:
        raise AssertionError  # the schema refuses nothing without a fault
    return found


def _status_faults(tree: dict[str, Any]) -> Iterator[Fault]:
    """Yield each term whose status, value and sources do not agree on whether it is reported."""
    for position, term in tables(tree, "term"):
        if {"status", "value", "sources"} <= set(term):
            unknown = {term["status"] == NOT_REPORTED, term["value"] == NOT_REPORTED, not term["sources"]}
            if len(unknown) > 1:
                rule = f'must be "{NOT_REPORTED}" where the value is so and no source is given, and only there'
                yield f"term[{position}].status", f"{rule}, got {term['status']!r}"
