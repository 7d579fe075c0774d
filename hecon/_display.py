"""How records print: a line for each field, short whatever they hold, and as a small table in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from html import escape
from math import isfinite
from typing import Any, TypeVar

__all__ = ["displayed"]

_C = TypeVar("_C", bound=type)

# Characters of a value and of a record on one line; values of a collection; lines of a record.
_WIDTH, _ALONE, _MOST, _LINES = 76, 88, 8, 20
_BY_NAME, _OF = ("id", "name", "key", "lang"), ("spec", "dossier")
# Numbers of a pair or a triple, which are written out.
_FEW = 3


def displayed(cls: _C) -> _C:
    """Let a class of records print in a few lines, and in a notebook as a table."""
    cls.__repr__ = _text  # type: ignore[assignment,method-assign]
    cls.__str__ = _text  # type: ignore[assignment,method-assign]
    cls._repr_html_ = _html  # type: ignore[attr-defined]
    return cls


def _text(record: object) -> str:
    name, lines = type(record).__name__, _lines(record)
    alone = f"{name}({', '.join(f'{field}={value}' for field, value in lines)})"
    if len(alone) <= _ALONE:
        return alone
    width = max(len(field) for field, _ in lines)
    return "\n".join([name, *(f"  {field:{width}}  {value}" for field, value in lines)])


def _html(record: object) -> str:
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in _lines(record))
    return f"<table><caption>{type(record).__name__}</caption>{rows}</table>"


def _lines(record: Any) -> list[tuple[str, str]]:  # noqa: ANN401 (a dataclass or a pydantic part)
    """Return names and values of the fields that hold something."""
    names = [each.name for each in fields(record)] if is_dataclass(record) else list(type(record).model_fields)
    lines = [(name, _short(getattr(record, name))) for name in names if not _is_empty(getattr(record, name))]
    left = len(lines) - _LINES
    return lines if left <= 0 else [*lines[:_LINES], ("…", f"{left} more fields")]


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str | tuple | list | dict) and not value)


def _short(value: object) -> str:
    """Return a value on one line: numbers rounded, records by name, arrays and tables by their size."""
    text = _written(value)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 2]} …"


def _written(value: Any) -> str:  # noqa: ANN401, PLR0911 (a kind of value for each)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str):
        return " ".join(value.split())
    if hasattr(value, "sizes"):
        return f"{type(value).__name__} ({', '.join(f'{name} {size}' for name, size in value.sizes.items())})"
    if hasattr(value, "shape") and value.shape:
        return f"{type(value).__name__} of shape {tuple(value.shape)}"
    if isinstance(value, Mapping) and set(value) == {"nl", "en"}:
        return _written(value["en"])
    if isinstance(value, Mapping):
        of_records = value and not any(map(_is_plain, value.values()))
        return _several([str(key) if of_records else f"{key}: {_item(each)}" for key, each in value.items()])
    if isinstance(value, tuple | list | set | frozenset):
        return _several([_item(each) for each in value])
    return _item(value)


def _several(items: list[str]) -> str:
    if len(items) > 1 and len(set(items)) == 1 and items[0].isidentifier():
        return f"{len(items)} × {items[0]}"
    count = "" if len(items) <= _MOST else f"{len(items)}: "
    return count + ", ".join([*items[:_MOST], *(["…"] if count else [])])


def _is_plain(value: object) -> bool:
    """Tell whether a value is written out within others: no record, array or table, and no long collection."""
    few = (
        isinstance(value, tuple | list) and len(value) <= _FEW and all(isinstance(each, float | int) for each in value)
    )
    return value is None or few or isinstance(value, str | int | float | Decimal | date)


def _item(value: Any) -> str:  # noqa: ANN401
    """Return a value within others: a record by its name, or by what kind it is."""
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, tuple | list) and _is_plain(value):
        return f"({', '.join(map(_item, value))})"
    if _is_plain(value):
        return str(value)
    if hasattr(value, "nl") and hasattr(value, "en"):
        return str(value.en)
    owner = next((getattr(value, name) for name in _OF if hasattr(value, name)), value)
    names = (getattr(owner, name, None) for name in _BY_NAME)
    return next((name for name in names if name and isinstance(name, str)), type(value).__name__)


def _number(value: float) -> str:
    """Return a number with four significant digits, or without decimals."""
    if not isfinite(value):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"  # noqa: PLR2004
