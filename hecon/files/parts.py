"""The tables of a file: their types (pydantic parts), their validation, and the faults in the words of the file."""

from __future__ import annotations

import math
import pathlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from functools import cache
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    LiteralString,
    NamedTuple,
    Self,
    TypeGuard,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import CoreSchema, no_info_after_validator_function, plain_serializer_function_ser_schema

from hecon import _checks
from hecon._display import displayed
from hecon.files.faults import Fault, Path, endless_numbers, near, path_of, shown, values_under

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic.functional_validators import ModelWrapValidatorHandler

NOT_REPORTED = "not reported"
REST_OF_LIFE = "rest of life"
IDENTIFIER = r"^[a-z0-9]+(-[a-z0-9]+)*$"
FIGURE = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
CURRENCY = r"^[A-Z]{3}$"
COUNTRY = r"^[A-Z]{2}$"
DOI = r"^10\.\d{4,9}/\S+$"
NOT_BLANK = r"\S"

# The rule of each pattern in words.
PATTERNS = {
    IDENTIFIER: "be lower-case letters and digits joined by hyphens, as in acl-rupture",
    FIGURE: "be lower-case words joined by underscores, as in saving_year_3",
    CURRENCY: "be a currency code of three capitals, as in EUR",
    COUNTRY: "be a country code of two capitals, as in NL",
    DOI: "be a DOI without https://doi.org/, as in 10.1136/bmj.n375",
    NOT_BLANK: "not be empty",
}

_CURRENCIES = pathlib.Path(__file__).parent.parent / "data" / "currencies.txt"

PartT = TypeVar("PartT", bound="Part")


def refused(rule: str, value: object, got: str = "") -> Any:  # noqa: ANN401
    """Refuse a value in a field's validator: "must be {rule}, got {value}"; `got` replaces the value as shown."""
    template: LiteralString = "must be {rule}, got {value}"
    kind: LiteralString = "rule"
    raise PydanticCustomError(kind, template, {"rule": rule, "value": got or shown(value)})


def listed(rule: str, at_least: int = 1, at_most: float = math.inf) -> BeforeValidator:
    """Return the validator of a list with its own rule and length."""

    def check(value: Any) -> Any:  # noqa: ANN401
        if not isinstance(value, tuple):
            return refused(rule, value)
        return value if at_least <= len(value) <= at_most else refused(rule, value, f"{len(value)} of them")

    return BeforeValidator(check)


def is_number(value: Any) -> TypeGuard[int | Decimal]:  # noqa: ANN401
    """Tell whether a value of the file is a finite number of a possible size."""
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool) and _checks.has_possible_size(value)


def not_above_0(raw: Any, keys: Iterable[str], path: str, remedy: str = "") -> Iterator[Fault]:  # noqa: ANN401
    """Yield the numbers under these keys that are 0 or less."""
    for key, number in values_under(raw, keys):
        if is_number(number) and number <= 0:
            yield f"{path}.{key}", f"must be above 0, got {shown(number)}{remedy}"


def not_upwards(raw: dict[str, Any], key: str, path: str) -> Iterator[Fault]:
    """Yield that a range runs from high to low."""
    ends = raw.get(key)
    if isinstance(ends, tuple) and all(map(is_number, ends)) and sorted(ends) != list(ends):
        yield f"{path}.{key}", f"must run upwards, got {shown(ends[0])} to {shown(ends[-1])}"


@cache
def currencies() -> frozenset[str]:
    """Return the currency codes of ISO 4217; withdrawn ones are those of older evaluations."""
    lines = _CURRENCIES.read_text(encoding="utf-8").splitlines()
    return frozenset(code for line in lines if not line.startswith("#") for code in line.split())


def currency_faults(value: Any, path: str) -> Iterator[Fault]:  # noqa: ANN401 (whatever a file holds)
    """Yield a code of three capitals that is no currency; other texts are faults of the schema."""
    written = isinstance(value, str) and re.fullmatch(CURRENCY, value) is not None
    if written and value not in currencies():
        yield path, f"must be a currency of ISO 4217, got {shown(value)}{near(value, sorted(currencies()))}"


def unruled(raw: Any, path: str) -> Iterator[Fault]:  # noqa: ANN401
    """Yield that a derived number states no rule."""
    if raw.get("status") == "derived" and "rule" not in raw:
        yield f"{path}.rule", "is missing: a derived number states its rule"


def _printed_number(value: Any) -> Any:  # noqa: ANN401
    if is_number(value):
        return value
    if isinstance(value, str):
        refused("a number without quotes, as in 12300 or 12.3 (a point for decimals, no thousands separator)", value)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        refused("finite, and 0 or between 1e-30 and 1e30 in size", value)
    return refused("a number", value)


def number_or(words: str) -> BeforeValidator:
    """Return the validator of a number in whose place these words may stand."""

    def check(value: Any) -> Any:  # noqa: ANN401
        if value == words or is_number(value):
            return value
        return refused(f'a number without quotes or "{words}"', value)

    return BeforeValidator(check)


def _year(rule: str, words: str | None = None) -> BeforeValidator:
    """Return the validator of a year in whose place these words may stand."""

    def check(value: Any) -> Any:  # noqa: ANN401
        is_year = _checks.is_year(value)
        if is_year:
            return int(value)
        return value if words is not None and value == words else refused(rule, value)

    return BeforeValidator(check)


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
    BeforeValidator(
        lambda value: value if isinstance(value, Decimal) and value.is_infinite() else _printed_number(value)
    ),
    WithJsonSchema({"type": "number"}),
]
NumberOrNotReported = Annotated[
    int | Decimal | Literal["not reported"],
    number_or(NOT_REPORTED),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"const": NOT_REPORTED}]}),
]
Year = Annotated[int, _year("a year without quotes, as in 2022")]
YearOrNotReported = Annotated[
    int | Literal["not reported"],
    _year('a year, as in 2022, or "not reported"', NOT_REPORTED),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"const": NOT_REPORTED}]}),
]
Format = Annotated[Literal[1], BeforeValidator(_format)]
Size = Annotated[int, Field(le=10**9)]
Words = Annotated[str, Field(min_length=1, pattern=NOT_BLANK)]
Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
Status = Literal["reported", "derived", "assumed"]
# How much of a source was read; only of the whole can something be "not reported".
Extent = Literal["whole", "abstract", "part", "quoted"]


class Sound:
    """Validated parts of one file by the tables they were read from, for checks beside a faulty part."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Any, Part]] = {}

    def keep(self, raw: Any, part: Part) -> None:  # noqa: ANN401
        """Keep a part with its table, so that no other table takes the id."""
        self._kept[id(raw)] = (raw, part)

    def of(self, raw: Any, kind: type[PartT]) -> PartT | None:  # noqa: ANN401
        """Return the part read from a table, or None if the schema refuses the table."""
        _, part = self._kept.get(id(raw), (None, None))
        return part if isinstance(part, kind) else None


@displayed
class Part(BaseModel):
    """A table of a file: strict types, no unknown keys, frozen."""

    # Deferred: a command reads one kind of file or two.
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)

    # Its form in a list that is not written as [[tables]].
    in_list: ClassVar[str] = ""

    @model_validator(mode="wrap")
    @classmethod
    def _kept(cls, raw: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:  # noqa: ANN401
        """Register the part with the context's `Sound`."""
        part = handler(raw)
        if isinstance(info.context, Sound):
            info.context.keep(raw, part)
        return part


LANGUAGES = ("nl", "en")


class Text(Part):
    """Text in both languages."""

    nl: Words
    en: Words


def both(text: Text) -> dict[str, str]:
    """Return a text by language."""
    return {"nl": text.nl, "en": text.en}


# The pydantic configuration of a frozen dataclass that is a table of a file too.
RECORD = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class InFile:
    """A record's field that a file writes as a part, from which `value` makes the field's value."""

    part: type[Part]
    value: Callable[[Any], object]

    def __get_pydantic_core_schema__(self, _: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate as the part, then convert; serialise the value as it is."""
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


Sources = Annotated[tuple[Reference, ...], Field(min_length=1)]


_RULES = {
    "string_type": "be text in quotes",
    "string_too_short": "not be empty",
    "bool_type": "be true or false without quotes",
    "int_type": "be a whole number without quotes",
    "int_parsing_size": "be a smaller number",
    "date_type": "be a date without quotes, as in 2024-03-22",
    "too_short": "hold at least {min_length}",
    "too_long": "hold {max_length} values",
    "less_than_equal": "be at most {le}",
    "literal_error": "be {expected}",
}


class _Place(NamedTuple):
    """A location of an error: steps in the file, table, kinds of tables, and field."""

    steps: tuple[str | int, ...]
    part: type[Any]
    kinds: dict[str, type[Any]]
    field: FieldInfo | None


def _parts(annotation: Any) -> list[type[Any]]:  # noqa: ANN401
    if isinstance(annotation, type) and (issubclass(annotation, BaseModel) or is_dataclass(annotation)):
        return [annotation]
    return [part for argument in get_args(annotation) for part in _parts(argument)]


def _parts_in(field: FieldInfo | None) -> list[type[Any]]:
    """Return the parts that a field may hold in the file."""
    if field is None:
        return []
    return [entry.part for entry in field.metadata if isinstance(entry, InFile)] or _parts(field.annotation)


def _kinds(parts: list[type[Any]]) -> dict[str, type[Any]]:
    """Return the parts of a discriminated union by kind; empty for any other list."""
    discriminators = [_fields(part).get("kind") for part in parts] if len(parts) > 1 else []
    return {
        kind: part
        for part, field in zip(parts, discriminators, strict=False)
        if field is not None
        for kind in get_args(field.annotation)
    }


@cache
def _attributes(part: Any) -> dict[str, FieldInfo]:  # noqa: ANN401 (a class, of one kind or the other)
    """Return the fields of a part or record by attribute name."""
    if issubclass(part, BaseModel):
        return dict(part.model_fields)
    hints = get_type_hints(part, include_extras=True)
    return {field.name: FieldInfo.from_annotated_attribute(hints[field.name], field) for field in fields(part)}


def _fields(part: Any) -> dict[str, FieldInfo]:  # noqa: ANN401
    """Return the fields of a part or record by key in the file."""
    return {field.alias or name: field for name, field in _attributes(part).items()}


def children(node: object) -> Iterator[tuple[str | int, object]]:
    """Yield the children of a part, record, table or list, each with its key in the file or its place."""
    if isinstance(node, BaseModel) or is_dataclass(node):
        part: Any = type(node)
        for name, field in _attributes(part).items():
            yield field.alias or name, getattr(node, name)
    elif isinstance(node, Mapping):
        yield from ((str(key), value) for key, value in node.items())
    elif isinstance(node, (tuple, list)):
        yield from enumerate(node)


def _place(location: Path, root: type[Any]) -> _Place:
    """Resolve pydantic's location, in which the kind of a table is a step of its own."""
    steps: list[str | int] = []
    part, kinds, known = root, dict[str, type[Any]](), None
    for step in location:
        if kinds and isinstance(step, str):
            part, kinds = kinds.get(str(step), part), {}
            continue
        steps.append(step)
        if isinstance(step, int):
            continue
        field = _fields(part).get(step)
        parts = _parts_in(field)
        known = known if field is None else field
        # Keys of a plain table are the file's own.
        part, kinds = (parts[0], _kinds(parts)) if parts else (BaseModel, {})
    return _Place(tuple(steps), part, kinds, known)


def _unknown_key(location: Path, root: type[Any]) -> str:
    key, keys = str(location[-1]), list(_fields(_place(location[:-1], root).part))
    hint = near(key, keys, alike=_SLIP) or _elsewhere(key, location, root) or near(key, keys)
    every = f"remove it; the keys are {', '.join(keys)}"
    return f"is not a key of this table: {hint.removeprefix('; ') or every}"


# How alike a slip of the pen is to the key that was meant, and most tables that are named as the place of a key.
_SLIP, _MOST_TABLES = 0.8, 4


def _elsewhere(key: str, location: Path, root: type[Any]) -> str:
    """Return in which tables a key belongs that stands in another, as a hint; empty where none or many have it."""
    if len(location) > 1 and key in _fields(root):
        # In TOML a key belongs to the table above it.
        if _parts_in(_fields(root)[key]):
            return f"it is a table of its own, {_header(key, _fields(root)[key])}"
        return "it is a key of the file itself: move it above the first [table]"
    found = []
    for name, field in _fields(root).items():
        parts = _parts_in(field)
        if parts and any(key in _fields(part) for part in parts):
            found.append(_header(name, field))
    if not 0 < len(found) <= _MOST_TABLES:
        return ""
    here = ", ".join(_fields(_place(location[:-1], root).part))
    return f"it is one of {' or '.join(found)}; the keys here are {here}"


def _header(name: str, field: FieldInfo) -> str:
    """Return how a table begins, or each of a list of tables."""
    many = any(get_origin(each) is tuple for each in (field.annotation, *get_args(field.annotation)))
    return f"[[{name}]]" if many else f"[{name}]"


def _list_rule(location: Path, root: type[Any]) -> str:
    """Return how a list is written: of tables, or of values in square brackets."""
    steps, inner, _, field = _place(location, root)
    if not _parts_in(field):
        return "be a list in square brackets, as in [1, 2]"
    in_list = inner.in_list if issubclass(inner, Part) else ""
    if in_list:
        return f"be a list, as in [{in_list}]"
    return f"be a list of tables, each beginning with [[{path_of(*(step for step in steps if isinstance(step, str)))}]]"


def _table_rule(error: Any, part: type[Any]) -> str:  # noqa: ANN401
    named = "class_name" in error.get("ctx", {})
    needed = [name for name, field in _fields(part).items() if field.is_required()] if named else []
    return f"be a table with {' and '.join(needed)}" if needed else "be a table"


def _rule(error: Any, root: type[Any]) -> str | None:  # noqa: ANN401
    """Return the rule that a value breaks, or None where pydantic's message is used."""
    kind, about, location = error["type"], error.get("ctx", {}), tuple(error["loc"])
    if kind.startswith(("model_", "dict_", "dataclass_")) or kind == "union_tag_not_found":
        return _table_rule(error, _place(location, root).part)
    if kind == "tuple_type":
        return _list_rule(location, root)
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(about["pattern"])
    rule = _RULES.get("date_type" if kind.startswith("date") else kind)
    return None if rule is None else rule.format(**about)


def _wrong_kind(got: dict[str, Any], kinds: dict[str, type[Any]]) -> str:
    one_of = f"one of {', '.join(kinds)}"
    return f"must be {one_of}, got {shown(got['kind'])}" if "kind" in got else f"is missing: add it, {one_of}"


def _fault(error: Any, root: type[Any]) -> Fault | None:  # noqa: ANN401
    location, kind, got = tuple(error["loc"]), error["type"], error["input"]
    if location[-1:] == ("[key]",):
        return path_of(*_place(location[:-2], root).steps), f"must have keys of non-empty text, got {shown(got)}"
    steps, _, kinds, _ = _place(location, root)
    path = path_of(*steps)
    if kind == "missing":
        return path, "is missing: add it"
    if kind in {"extra_forbidden", "unexpected_keyword_argument"}:
        return path, _unknown_key(location, root)
    if kind.startswith("union_tag") and isinstance(got, dict):
        return path_of(*steps, "kind"), _wrong_kind(got, kinds)
    if kind == "too_short" and len(got) >= error["ctx"]["min_length"]:
        return None  # an item is at fault and has its own message
    rule = _rule(error, root)
    size = str(len(got)) if kind in {"too_short", "too_long"} else shown(got)
    return path, error["msg"] if rule is None else f"must {rule}, got {size}"


def validated(
    tree: dict[str, Any], root: type[PartT], between: Callable[[dict[str, Any], Sound], Iterable[Fault]] | None = None
) -> tuple[PartT | None, list[Fault]]:
    """Return the part, None if the schema refuses the tree, and every fault, those that `between` fields yields too."""
    # Numbers beyond all size, with which nothing can be computed, go alone.
    endless = [] if between is None else list(endless_numbers(tree))
    if endless:
        return None, endless
    part, faults, sound = None, list[Fault](), Sound()
    try:
        part = root.model_validate(tree, context=sound)
    except ValidationError as error:
        faults = faults_of(error, root)
    if between is not None:
        faults += between(tree, sound)
    return part, list(dict.fromkeys(faults))


def faults_of(error: ValidationError, root: type[Part]) -> list[Fault]:
    """Return the faults of a validation error."""
    faults = (_fault(detail, root) for detail in error.errors(include_url=False))
    return [fault for fault in faults if fault is not None]


def outline(tree: Any, root: type[PartT], faults: Iterable[Fault]) -> PartT | None:  # noqa: ANN401
    """Return the tree as an unvalidated part, None in place of what is faulty or missing, for rules between fields."""
    return _outline(tree, root, "", [path for path, _ in faults])


def _outline(value: Any, part: type[PartT], path: str, faulty: list[str]) -> PartT | None:  # noqa: ANN401
    if isinstance(value, part):
        return value
    if not isinstance(value, dict):
        return None
    content: dict[str, Any] = {}
    for key, field in _fields(part).items():
        here, raw, parts = f"{path}.{key}" if path else key, value.get(key), _parts_in(field)
        if raw is None:
            content[key] = None if field.is_required() else field.get_default(call_default_factory=True)
        elif not parts or here in faulty:
            content[key] = _sound(raw, here, faulty)
        elif isinstance(raw, tuple):
            content[key] = tuple(_outline(item, parts[0], f"{here}[{place}]", faulty) for place, item in enumerate(raw))
        else:
            content[key] = _outline(raw, parts[0], here, faulty)
    return part.model_construct(None, **content)


def _sound(value: Any, path: str, faulty: list[str]) -> Any:  # noqa: ANN401
    """Return a plain value without its faulty parts."""
    if isinstance(value, dict) and path not in faulty:
        return {key: item for key, item in value.items() if _sound(item, f"{path}.{path_of(key)}", faulty) is not None}
    inner = (f"{path}.", f"{path}[")
    return None if any(fault == path or fault.startswith(inner) for fault in faulty) else value
