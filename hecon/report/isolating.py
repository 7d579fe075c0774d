"""Keep the writing direction of free text to itself: right-to-left marks must not turn the words beside it."""

from __future__ import annotations

import unicodedata
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


_FIRST_STRONG, _POP = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
# Classes of the Unicode bidirectional algorithm: right-to-left letters and digits, and all that opens or closes a run.
_OPENING = frozenset({"LRI", "RLI", "FSI"})
_TURNING = _OPENING | {"R", "AL", "AN", "LRE", "RLE", "LRO", "RLO", "PDF", "PDI"}
# What holds nothing within, by far the most of what is walked.
_PLAIN = (str, int, float, Decimal, date, type(None))
_T = TypeVar("_T")


def isolate(text: str) -> str:
    """Return a text between an isolate's marks if any of its characters could turn its neighbours; else as it is."""
    if text.isascii():
        return text
    classes = [unicodedata.bidirectional(each) for each in text]
    if _TURNING.isdisjoint(classes):
        return text
    # A mark in the text may neither close our isolate nor leave one open behind it.
    closing = opened = 0
    for each in classes:
        if each in _OPENING:
            opened += 1
        elif each == "PDI" and opened:
            opened -= 1
        elif each == "PDI":
            closing += 1
    return _FIRST_STRONG * (1 + closing) + text + _POP * (1 + opened)


def isolated(value: _T) -> _T:
    """Return a value with every text in it isolated: in parts, records, tuples, lists and the values of dicts."""
    return mapped(value, lambda each: isolate(each) if isinstance(each, str) else None)


def mapped(value: _T, change: Callable[[object], object | None]) -> _T:
    """Return a value with `change` of anything in it; where that is None, the thing itself, changed within."""
    changed = change(value)
    if changed is not None:
        return cast("_T", changed)
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, (tuple, list)):
        items = [mapped(each, change) for each in value]
        return value if _same(items, value) else cast("_T", type(value)(items))
    held = _held(value)
    shown = {name: mapped(each, change) for name, each in held.items()}
    if _same(shown.values(), held.values()):
        return value
    if isinstance(value, BaseModel):
        return value.model_copy(update=shown)
    return cast("_T", shown if isinstance(value, dict) else replace(cast("Any", value), **shown))


def _held(value: object) -> Mapping[str, Any]:
    """Return what a part, a record or a mapping holds by name; nothing of what is none of these."""
    if isinstance(value, dict):
        return value
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    return {}


def _same(left: Iterable[object], right: Iterable[object]) -> bool:
    return all(a is b for a, b in zip(left, right, strict=True))
