"""The faults that the schema finds, in the words of the file rather than of the library that found them."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from hecon.dossier._types import CURRENCY, DOI, FIGURE, IDENTIFIER, NOT_BLANK, shown
from hecon.dossier.programme_schema import Programme
from hecon.dossier.schema import Dossier, Statistic
from hecon.dossier.study_facts import Fact
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic.fields import FieldInfo

__all__ = ["Fault", "path_of", "schema_faults", "tables", "tried"]

Fault = tuple[str, str]

_TABLES = {
    "intervention": "[[intervention]]",
    "comparison": "[[comparison]]",
    "document": "[[document]]",
    "statistic": "[[comparison.statistic]]",
    "assumption": "[[comparison.assumption]]",
    "caveat": "[[comparison.caveat]]",
    "figure": "[[figure]]",
    "relation": "[[relation]]",
    "fact": "[[note.study.fact]]",
    "population": "[[budget.population]]",
    "amount": "[[budget.amount]]",
    "printed": "[[budget.printed]]",
}
_PATTERNS = {
    IDENTIFIER: "be lower-case letters and digits joined by hyphens, as in acl-rupture",
    FIGURE: "be lower-case words joined by underscores, as in saving_year_3",
    CURRENCY: "be a currency code of three capitals, as in EUR",
    DOI: "be a DOI without https://doi.org/, as in 10.1136/bmj.n375",
    NOT_BLANK: "not be empty",
}
_RULES = {
    "string_type": "be text in quotes",
    "string_too_short": "not be empty",
    "bool_type": "be true or false without quotes",
    "int_type": "be a whole number without quotes",
    "int_parsing_size": "be a smaller number",
    "date_type": "be a date without quotes, as in 2024-03-22",
}


def path_of(*steps: str | int) -> str:
    """Return the path of a value in the file, as in comparison[0].statistic[2].mean."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text


def tables(tree: Any, key: str) -> Iterator[tuple[int, dict[str, Any]]]:  # noqa: ANN401
    """Yield the tables of a list in the file with their places; what is none breaks the schema."""
    items = tree.get(key, ()) if isinstance(tree, dict) else ()
    for position, item in enumerate(items if isinstance(items, (list, tuple)) else ()):
        if isinstance(item, dict):
            yield position, item


def tried(path: str, check: Callable[[], object]) -> Iterator[Fault]:
    """Yield what a check refuses, as a fault at a path."""
    try:
        check()
    except InputError as error:
        yield path, str(error)


def _parts(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [part for argument in get_args(annotation) for part in _parts(argument)]


def _kinds(union: Any) -> dict[str, type[BaseModel]]:  # noqa: ANN401
    return {kind: part for part in _parts(union) for kind in get_args(part.model_fields["kind"].annotation)}


# Lists whose tables tell their kind.
_KINDS = {"statistic": _kinds(Statistic), "fact": _kinds(Fact)}


def _all_parts(model: type[BaseModel], found: dict[str, type[BaseModel]]) -> dict[str, type[BaseModel]]:
    found[model.__name__] = model
    for field in model.model_fields.values():
        for part in _parts(field.annotation):
            if part.__name__ not in found:
                _all_parts(part, found)
    return found


_MODELS = _all_parts(Dossier, _all_parts(Programme, {}))


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields by their keys in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model_at(location: tuple[str | int, ...], root: type[BaseModel]) -> type[BaseModel]:
    """Return the model of the table at a location; in a list of statistics the kind stands as a step of its own."""
    model = root
    kinds: dict[str, type[BaseModel]] = {}
    for step in location:
        field = _fields(model).get(str(step))
        if field is not None and _parts(field.annotation):
            model = _parts(field.annotation)[0]
            kinds = _KINDS.get(str(step), {})
        elif step in kinds:
            model = kinds[str(step)]
    return model


def _steps(location: tuple[str | int, ...]) -> list[str | int]:
    """Return the location as it is in the file, where a table's kind is no step."""
    return [
        step
        for position, step in enumerate(location)
        if not (position > 1 and location[position - 2] in _KINDS and isinstance(location[position - 1], int))
    ]


def _unknown_key(location: tuple[str | int, ...], root: type[BaseModel]) -> str:
    keys = list(_fields(_model_at(location[:-1], root)))
    close = difflib.get_close_matches(str(location[-1]), keys, n=1)
    return (
        f"is not a key of this table: did you mean {close[0]!r}?"
        if close
        else (f"is not a key of this table: remove it; the keys are {', '.join(keys)}")
    )


def _list_rule(name: str | int) -> str:
    if name in _TABLES:
        return f"be a list of tables, each beginning with {_TABLES[str(name)]}"
    if name == "sources":
        return 'be a list, as in [{ document = "report", place = "page 12" }]'
    return "be a list in square brackets, as in [1, 2]"


def _table_rule(error: Any) -> str:  # noqa: ANN401
    model = _MODELS.get(str(error.get("ctx", {}).get("class_name")))
    needed = [name for name, field in model.model_fields.items() if field.is_required()] if model else []
    return f"be a table with {' and '.join(needed)}" if needed else "be a table"


def _rule(error: Any, name: str | int) -> str | None:  # noqa: ANN401
    """Return what a value must do or be, or None where pydantic's own words will do."""
    kind, about = error["type"], error.get("ctx", {})
    if kind.startswith(("model_", "dict_")) or kind == "union_tag_not_found":
        return _table_rule(error)
    if kind == "tuple_type":
        return _list_rule(name)
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(about["pattern"])
    templates = {
        "too_short": "hold at least {min_length}",
        "too_long": "hold {max_length} values",
        "less_than_equal": "be at most {le}",
        "literal_error": "be {expected}",
    }
    rule = templates.get(kind) or _RULES.get("date_type" if kind.startswith("date") else kind)
    return None if rule is None else rule.format(**about)


def _wrong_kind(got: dict[str, Any], location: tuple[str | int, ...]) -> str:
    lists = [str(step) for step in location if step in _KINDS]
    one_of = f"one of {', '.join(_KINDS[lists[-1]])}"
    return f"must be {one_of}, got {shown(got['kind'])}" if "kind" in got else f"is missing: add it, {one_of}"


def _told(error: Any, root: type[BaseModel]) -> Fault | None:  # noqa: ANN401
    location, kind, got = tuple(error["loc"]), error["type"], error["input"]
    steps = _steps(location)
    if kind == "missing":
        return path_of(*steps), "is missing: add it"
    if kind == "extra_forbidden":
        return path_of(*steps), _unknown_key(location, root)
    if kind.startswith("union_tag") and isinstance(got, dict):
        return path_of(*steps, "kind"), _wrong_kind(got, location)
    if kind == "too_short" and len(got) >= error["ctx"]["min_length"]:
        return None  # an item of it is at fault, which is told on its own
    rule = _rule(error, steps[-1])
    size = str(len(got)) if kind in {"too_short", "too_long"} else shown(got)
    return path_of(*steps), error["msg"] if rule is None else f"must {rule}, got {size}"


def schema_faults(tree: dict[str, Any], root: type[BaseModel] = Dossier) -> list[Fault]:
    """Return the faults that the schema finds in a parsed file, as pairs of path and message."""
    try:
        root.model_validate(tree)
    except ValidationError as error:
        return [fault for each in error.errors(include_url=False) if (fault := _told(each, root)) is not None]
    return []
