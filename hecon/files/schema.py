"""The faults that a schema finds in a file, in the words of the file rather than of the library that found them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, get_args, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from hecon.files.faults import Fault, Path, endless_numbers, near, path_of, shown
from hecon.files.parts import PATTERNS, InFile, Part, PartT, Sound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["children", "faults_of", "outline", "validated"]

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
    """What stands at a location: the steps as they are in the file, the table, its kinds, and the field."""

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
    return [each.part for each in field.metadata if isinstance(each, InFile)] or _parts(field.annotation)


def _kinds(parts: list[type[Any]]) -> dict[str, type[Any]]:
    """Return the parts of a list whose tables tell their kind, by these; empty for any other list."""
    found = [_fields(part).get("kind") for part in parts] if len(parts) > 1 else []
    return {
        kind: part
        for part, field in zip(parts, found, strict=False)
        if field is not None
        for kind in get_args(field.annotation)
    }


@cache
def _attributes(part: Any) -> dict[str, FieldInfo]:  # noqa: ANN401 (a class, of one kind or the other)
    """Return the fields of a Part, or of a record that is one in a file, by the names of their attributes."""
    if issubclass(part, BaseModel):
        return dict(part.model_fields)
    hints = get_type_hints(part, include_extras=True)
    return {each.name: FieldInfo.from_annotated_attribute(hints[each.name], each) for each in fields(part)}


def _fields(part: Any) -> dict[str, FieldInfo]:  # noqa: ANN401
    """Return the fields by their keys in the file."""
    return {field.alias or name: field for name, field in _attributes(part).items()}


def children(node: object) -> Iterator[tuple[str | int, object]]:
    """Yield what a part, record, table or list holds, each with its key in the file or its place."""
    if isinstance(node, BaseModel) or is_dataclass(node):
        part: Any = type(node)
        for name, field in _attributes(part).items():
            yield field.alias or name, getattr(node, name)
    elif isinstance(node, Mapping):
        yield from ((str(key), value) for key, value in node.items())
    elif isinstance(node, (tuple, list)):
        yield from enumerate(node)


def _place(location: Path, root: type[Any]) -> _Place:
    """Return what stands at a location, in which the kind of a table is a step of its own."""
    steps: list[str | int] = []
    part, kinds, known = root, dict[str, type[Any]](), None
    for position, step in enumerate(location):
        if kinds and isinstance(location[position - 1], int):
            part, kinds = kinds.get(str(step), part), {}
            continue
        steps.append(step)
        if isinstance(step, int):
            continue
        field = _fields(part).get(step)
        parts = _parts_in(field)
        known = known if field is None else field
        # The keys of a table that is no Part are names of the file's own.
        part, kinds = (parts[0], _kinds(parts)) if parts else (BaseModel, {})
    return _Place(tuple(steps), part, kinds, known)


def _unknown_key(location: Path, root: type[Any]) -> str:
    keys = list(_fields(_place(location[:-1], root).part))
    hint = near(str(location[-1]), keys).removeprefix("; ") or f"remove it; the keys are {', '.join(keys)}"
    return f"is not a key of this table: {hint}"


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
    """Return what a value must do or be, or None where pydantic's own words will do."""
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


def _told(error: Any, root: type[Any]) -> Fault | None:  # noqa: ANN401
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
        return None  # an item of it is at fault, which is told on its own
    rule = _rule(error, root)
    size = str(len(got)) if kind in {"too_short", "too_long"} else shown(got)
    return path, error["msg"] if rule is None else f"must {rule}, got {size}"


def validated(
    tree: dict[str, Any], root: type[PartT], between: Callable[[dict[str, Any], Sound], Iterable[Fault]] | None = None
) -> tuple[PartT | None, list[Fault]]:
    """Return the part that a tree of plain values tells, None if its schema refuses it, and every fault with its path.

    `between` yields the faults between fields, from the tree and the parts of it that are sound. It computes with
    numbers, so those that cannot even be written out are told alone.
    """
    endless = [] if between is None else list(endless_numbers(tree))
    if endless:
        return None, endless
    part, found, sound = None, list[Fault](), Sound()
    try:
        part = root.model_validate(tree, context=sound)
    except ValidationError as error:
        found = faults_of(error, root)
    if between is not None:
        found += between(tree, sound)
    return part, list(dict.fromkeys(found))


def faults_of(error: ValidationError, root: type[Part]) -> list[Fault]:
    """Return the faults that an error of the schema tells, as pairs of path and message."""
    told = (_told(each, root) for each in error.errors(include_url=False))
    return [fault for fault in told if fault is not None]


def outline(tree: Any, root: type[PartT], faults: Iterable[Fault]) -> PartT | None:  # noqa: ANN401
    """Return what a tree tells beside what the schema finds at fault in it, for the rules between fields; unchecked.

    None stands for a value at fault or missing, for a list of plain values with one at fault, and in a list of tables
    for what is none; a table with keys of its own lacks those at fault.

    Parameters
    ----------
    tree : dict
        Keys and values, with arrays as tuples.
    root : class of Part
        What the file holds.
    faults : iterable of pairs of str
        The faults of the schema.

    Returns
    -------
    Part or None
        The part, its values as they are in the tree.
    """
    return _outline(tree, root, "", [path for path, _ in faults])


def _outline(value: Any, part: type[PartT], path: str, told: list[str]) -> PartT | None:  # noqa: ANN401
    if isinstance(value, part):
        return value
    if not isinstance(value, dict):
        return None
    found: dict[str, Any] = {}
    for key, field in _fields(part).items():
        here, given, parts = f"{path}.{key}" if path else key, value.get(key), _parts_in(field)
        if given is None:
            found[key] = None if field.is_required() else field.get_default(call_default_factory=True)
        elif not parts or here in told:
            found[key] = _sound(given, here, told)
        elif isinstance(given, tuple):
            found[key] = tuple(_outline(each, parts[0], f"{here}[{place}]", told) for place, each in enumerate(given))
        else:
            found[key] = _outline(given, parts[0], here, told)
    return part.model_construct(None, **found)


def _sound(value: Any, path: str, told: list[str]) -> Any:  # noqa: ANN401
    """Return a plain value without what is at fault in it."""
    if isinstance(value, dict) and path not in told:
        return {key: each for key, each in value.items() if _sound(each, f"{path}.{path_of(key)}", told) is not None}
    return None if any(each == path or each.startswith((f"{path}.", f"{path}[")) for each in told) else value
