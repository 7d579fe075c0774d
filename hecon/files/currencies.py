"""Currency codes of ISO 4217, in use and withdrawn."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hecon.files.faults import near, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.files.faults import Fault

__all__ = ["currencies", "currency_faults"]

_FILE = Path(__file__).parent.parent / "data" / "currencies.txt"
_LETTERS = 3


@cache
def currencies() -> frozenset[str]:
    """Return the codes; withdrawn ones are those of older evaluations."""
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(code for line in lines if not line.startswith("#") for code in line.split())


def currency_faults(value: Any, path: str) -> Iterator[Fault]:  # noqa: ANN401 (whatever a file holds)
    """Yield a code of three capitals that is no currency; other texts are faults of the schema."""
    written = isinstance(value, str) and len(value) == _LETTERS and value.isascii() and value.isupper()
    if written and value not in currencies():
        yield path, f"must be a currency of ISO 4217, got {shown(value)}{near(value, sorted(currencies()))}"
