"""Write results as JSON with stable keys."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from hecon import _controls

if TYPE_CHECKING:
    from hecon.locale import Locale


def plain(value: Any, locale: Locale) -> Any:  # noqa: ANN401
    """Return plain JSON values of records, parts of a dossier and all that they hold; of a bilingual text its half."""
    if isinstance(value, BaseModel):
        value = {name: getattr(value, name) for name in type(value).model_fields}
    elif is_dataclass(value) and not isinstance(value, type):
        value = {each.name: getattr(value, each.name) for each in fields(value)}
    if isinstance(value, Mapping):
        if set(value) == {"nl", "en"}:
            return value[locale.lang]
        return {str(key): plain(item, locale) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, locale) for item in value]
    if isinstance(value, (Decimal, float)):
        return float(value) if math.isfinite(value) else None
    return value.isoformat() if isinstance(value, date) else value


def taken(record: object, *names: str) -> dict[str, Any]:
    """Return some fields of a record by name."""
    return {name: getattr(record, name) for name in names}


def json_text(data: object, *, ascii_only: bool = False) -> str:
    """Return plain data as JSON text, ending in a newline; control characters, or all but ASCII, are escaped."""
    return _controls.escape_json(json.dumps(data, ensure_ascii=ascii_only, indent=2, allow_nan=False)) + "\n"
