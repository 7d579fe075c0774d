"""What a dossier holds on the burden of disease: a judgement, and the inputs to compute it from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from hecon.files.parts import REST_OF_LIFE, Identifier, Number, Part, Reference, Status, Text, years_or_rest_of_life

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Burden", "BurdenDuration", "BurdenFixed", "BurdenInput", "BurdenInputs"]

Years = Annotated[
    Number | Literal["rest of life"],
    BeforeValidator(years_or_rest_of_life),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"const": REST_OF_LIFE}]}),
]


class BurdenFixed(Part):
    """A number that the burden is computed from and that is not varied."""

    value: Number
    status: Status
    basis: Text
    sources: tuple[Reference, ...] = ()

    @property
    def range(self) -> None:
        """None: it is not varied."""


class BurdenInput(Part):
    """A number that the burden is computed from: its value, its range where it is uncertain, status and sources."""

    value: Number
    range: tuple[Number, Number] | None = None
    status: Status
    basis: Text
    sources: tuple[Reference, ...] = ()


class BurdenDuration(Part):
    """How long a loss of utility lasts, in years or for the rest of life."""

    value: Years
    range: tuple[Number, Number] | None = None
    status: Status
    basis: Text
    sources: tuple[Reference, ...] = ()


class BurdenInputs(Part):
    """The inputs of a computed burden, by the names that `hecon.zin.shortfall` gives them.

    Besides age and share of women: the QALYs that remain, or a standardised mortality ratio and a utility, or a
    decrement of utility for a number of years. What has a range is drawn from it, uniformly.
    """

    life_table: Identifier = "cbs-2021"
    norms: Identifier = "szende-2014"
    value_set: Identifier | None = None
    age: BurdenFixed
    female: BurdenFixed
    remaining_qalys: BurdenInput | None = None
    smr: BurdenInput | None = None
    utility: BurdenInput | None = None
    decrement: BurdenInput | None = None
    years: BurdenDuration | None = None

    def stated(self) -> Iterator[tuple[str, BurdenFixed | BurdenInput | BurdenDuration]]:
        """Yield the name and the part of each number that was given."""
        for name in ("age", "female", "remaining_qalys", "smr", "utility", "decrement", "years"):
            part = getattr(self, name)
            if part is not None:
                yield name, part

    def arguments(self, numbers: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of `hecon.zin.shortfall` for these numbers."""
        return {"table": self.life_table, "norms": self.norms, "value_set": self.value_set, **numbers}


class Burden(Part):
    """Burden of disease: as judged, by whom and where; and what it can be computed from."""

    band: Literal["none", "low", "middle", "high", "not judged"]
    basis: Text
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]
    inputs: BurdenInputs | None = None
