"""Types of the dossier's fields: numbers as printed, text in both languages, a source for everything."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, LiteralString

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

NOT_REPORTED = "not reported"


def _refuse(rule: str, value: object) -> Any:  # noqa: ANN401
    template: LiteralString = "must be {rule}, got {value}"
    kind: LiteralString = "rule"
    raise PydanticCustomError(kind, template, {"rule": rule, "value": repr(value)})


def _printed_number(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        _refuse("a number without quotes, as in 12300 or 12.3 (a point for decimals, no thousands separator)", value)
    return _refuse("a number", value)


def _or_not_reported(value: Any) -> Any:  # noqa: ANN401
    return value if value == NOT_REPORTED else _printed_number(value)


def _year_or_not_reported(value: Any) -> Any:  # noqa: ANN401
    if value == NOT_REPORTED or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    return _refuse('a year or "not reported"', value)


Number = Annotated[int | Decimal, BeforeValidator(_printed_number), WithJsonSchema({"type": "number"})]
NumberOrNotReported = Annotated[
    int | Decimal | Literal["not reported"],
    BeforeValidator(_or_not_reported),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"const": NOT_REPORTED}]}),
]
YearOrNotReported = Annotated[
    int | Literal["not reported"],
    BeforeValidator(_year_or_not_reported),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"const": NOT_REPORTED}]}),
]
Words = Annotated[str, Field(min_length=1, pattern=r"\S")]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Status = Literal["reported", "derived", "assumed"]


class Part(BaseModel):
    """A table of the dossier: strict types, no unknown keys, frozen."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Text(Part):
    """Text in both languages."""

    nl: Words
    en: Words


class Reference(Part):
    """Where a statement stands: a document of the dossier and the place in it."""

    document: Identifier
    place: Words
