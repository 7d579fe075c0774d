"""What the tables of a file are made of: numbers as printed, text in both languages, a source for everything."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, LiteralString, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import CoreSchema, no_info_after_validator_function, plain_serializer_function_ser_schema

from hecon import _checks
from hecon.files.faults import shown

if TYPE_CHECKING:
    from pydantic.functional_validators import ModelWrapValidatorHandler

NOT_REPORTED = "not reported"
REST_OF_LIFE = "rest of life"
IDENTIFIER = r"^[a-z0-9]+(-[a-z0-9]+)*$"
FIGURE = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
CURRENCY = r"^[A-Z]{3}$"
DOI = r"^10\.\d{4,9}/\S+$"
NOT_BLANK = r"\S"

# What a text of a pattern must do, in words.
PATTERNS = {
    IDENTIFIER: "be lower-case letters and digits joined by hyphens, as in acl-rupture",
    FIGURE: "be lower-case words joined by underscores, as in saving_year_3",
    CURRENCY: "be a currency code of three capitals, as in EUR",
    DOI: "be a DOI without https://doi.org/, as in 10.1136/bmj.n375",
    NOT_BLANK: "not be empty",
}

_YEARS = range(1900, 2101)

PartT = TypeVar("PartT", bound="Part")


def refused(rule: str, value: object, got: str = "") -> Any:  # noqa: ANN401
    """Refuse a value in a validator of a field: it must be what the rule says; `got` is its text, if not as shown."""
    template: LiteralString = "must be {rule}, got {value}"
    kind: LiteralString = "rule"
    raise PydanticCustomError(kind, template, {"rule": rule, "value": got or shown(value)})


def listed(rule: str, at_least: int = 1, at_most: float = math.inf) -> BeforeValidator:
    """Return the check of a list that has words and sizes of its own; the items have their own types."""

    def check(value: Any) -> Any:  # noqa: ANN401
        if not isinstance(value, tuple):
            return refused(rule, value)
        return value if at_least <= len(value) <= at_most else refused(rule, value, f"{len(value)} of them")

    return BeforeValidator(check)


def is_number(value: Any) -> bool:  # noqa: ANN401
    """Tell whether a value of the file is a finite number of a possible size."""
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool) and _checks.has_possible_size(value)


def _printed_number(value: Any) -> Any:  # noqa: ANN401
    if is_number(value):
        return value
    if isinstance(value, str):
        refused("a number without quotes, as in 12300 or 12.3 (a point for decimals, no thousands separator)", value)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        refused("finite, and 0 or between 1e-30 and 1e30 in size", value)
    return refused("a number", value)


def _interval_end(value: Any) -> Any:  # noqa: ANN401
    return value if isinstance(value, Decimal) and value.is_infinite() else _printed_number(value)


def _or_not_reported(value: Any) -> Any:  # noqa: ANN401
    if value == NOT_REPORTED or is_number(value):
        return value
    return refused('a number without quotes or "not reported"', value)


def _year_or_not_reported(value: Any) -> Any:  # noqa: ANN401
    if value == NOT_REPORTED or (isinstance(value, int) and not isinstance(value, bool) and value in _YEARS):
        return value
    return refused('a year, as in 2022, or "not reported"', value)


def years_or_rest_of_life(value: Any) -> Any:  # noqa: ANN401
    """Return a number of years or the words for the rest of life, or refuse it."""
    if value == REST_OF_LIFE or is_number(value):
        return value
    return refused('a number without quotes or "rest of life"', value)


def _format(value: Any) -> Any:  # noqa: ANN401
    # true and 1.0 equal 1, so the literal alone would let them pass.
    return value if type(value) is int and value == 1 else refused("1, the only format so far", value)


Number = Annotated[int | Decimal, BeforeValidator(_printed_number), WithJsonSchema({"type": "number"})]
# Where the digits as printed do not matter.
Float = Annotated[
    float, BeforeValidator(lambda value: float(_printed_number(value))), WithJsonSchema({"type": "number"})
]
IntervalEnd = Annotated[
    int | Annotated[Decimal, Field(allow_inf_nan=True)],
    BeforeValidator(_interval_end),
    WithJsonSchema({"type": "number"}),
]
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
Format = Annotated[Literal[1], BeforeValidator(_format)]
Size = Annotated[int, Field(le=10**9)]
Words = Annotated[str, Field(min_length=1, pattern=NOT_BLANK)]
Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
Status = Literal["reported", "derived", "assumed"]
# How much of a source was read; "not reported" is true only of the whole.
Extent = Literal["whole", "abstract", "part", "quoted"]


class Sound:
    """The parts of one file in which the schema finds no fault, by the tables that they were read from.

    Checks between fields take what they need from it, also where another part of the file is at fault.
    """

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Any, Part]] = {}

    def keep(self, raw: Any, part: Part) -> None:  # noqa: ANN401
        """Keep a part; its table is kept as well, so that no other can have its identity."""
        self._kept[id(raw)] = (raw, part)

    def of(self, raw: Any, kind: type[PartT]) -> PartT | None:  # noqa: ANN401
        """Return the part of a kind that was read from a table, or None if the schema refuses that."""
        _, part = self._kept.get(id(raw), (None, None))
        return part if isinstance(part, kind) else None


class Part(BaseModel):
    """A table of a file: strict types, no unknown keys, frozen."""

    # Built when a file of its kind is first read: a command reads one kind or two.
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)

    # How one stands in a list, where lists of it are not written as [[tables]].
    in_list: ClassVar[str] = ""

    @model_validator(mode="wrap")
    @classmethod
    def _kept(cls, raw: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:  # noqa: ANN401
        """Keep the part by the table that it was read from, for the checks between fields."""
        part = handler(raw)
        if isinstance(info.context, Sound):
            info.context.keep(raw, part)
        return part


class Text(Part):
    """Text in both languages."""

    nl: Words
    en: Words


def both(text: Text) -> dict[str, str]:
    """Return a text by language."""
    return {"nl": text.nl, "en": text.en}


# For a frozen dataclass that is a table of a file too: scripts make it as they like, a file by these rules.
RECORD = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class InFile:
    """How a file writes a field of such a record: as a part, which becomes the field's value."""

    part: type[Part]
    value: Callable[[Any], object]

    def __get_pydantic_core_schema__(self, _: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return what pydantic reads, the part, then its value; and writes: the value as it is."""
        return no_info_after_validator_function(
            self.value,
            handler.generate_schema(self.part),
            serialization=plain_serializer_function_ser_schema(lambda value: value),
        )


# The name of such a record, by language.
Label = Annotated[Mapping[str, str], InFile(Text, both), Field(alias="name")]


class Reference(Part):
    """Where a statement stands: a document of the file and the place in it."""

    in_list: ClassVar[str] = '{ document = "report", place = "page 12" }'

    document: Identifier
    place: Words
