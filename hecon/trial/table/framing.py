"""The table of a file, and the checks that all readers share."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.errors import HeconError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

MOST_CELLS = 10_000_000
_FEW = 10


@dataclass(frozen=True, eq=False, kw_only=True)
class FileTable:
    """The table of a file, what the file says of its values, and what was left out."""

    frame: pd.DataFrame
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    separator: str | None = None
    empty_rows: int = 0
    empty_columns: int = 0
    hidden_rows: int = 0
    open_end: bool = False
    value_labels: dict[str, dict[float | str, str]] = field(default_factory=dict)
    declared_missing: dict[str, int] = field(default_factory=dict)

    def reading(self, kind: str) -> dict[str, Any]:
        """Return what was read and what was left out, as plain values."""
        return {
            "kind": kind,
            "rows": len(self.frame),
            "columns": len(self.frame.columns),
            "sheet": self.sheet,
            "other_sheets": self.other_sheets,
            "separator": self.separator,
            "empty_rows": self.empty_rows,
            "empty_columns": self.empty_columns,
            "hidden_rows": self.hidden_rows,
            "open_end": self.open_end,
        }


def is_filled(cell: Any) -> bool:  # noqa: ANN401
    """Return whether a cell holds more than white space."""
    return cell is not None and not (isinstance(cell, str) and not cell.strip())


def listed(items: Iterable[str]) -> str:
    """Return the first items, and how many more there are."""
    every = list(items)
    more = f" and {len(every) - _FEW} more" if len(every) > _FEW else ""
    return ", ".join(every[:_FEW]) + more


def refuse_size(rows: int, columns: int, where: str = "") -> None:
    """Refuse a table of more cells than can be read in a reasonable time and memory."""
    if rows * columns > MOST_CELLS:
        msg = f"table must have at most {MOST_CELLS:,} cells, got {rows:,} rows of {columns:,} columns{where}"
        raise InputError(msg)


def _name(cell: Any) -> str:  # noqa: ANN401
    return "" if cell is None else str(cell).strip()


def framed(rows: Sequence[Sequence[Any]], place: Callable[[int], str]) -> tuple[pd.DataFrame, int]:
    """Return rows of one length, the first with the names, as a table, and how many empty columns it leaves out.

    `place` says where a row stands in its file; row 0 has the names.
    """
    import pandas as pd

    if not rows:
        return pd.DataFrame(), 0
    names = [_name(cell) for cell in rows[0]]
    if not any(names):
        msg = f"table must have the names of its columns on top, got no name in {place(0)}"
        raise InputError(msg)
    again = [number for number, row in enumerate(rows[1:], start=1) if [_name(cell) for cell in row] == names]
    if again:
        msg = (
            f"table must have the names of its columns only on top, got them again in {listed(map(place, again))}: "
            "were files pasted together? Remove these rows if every other row is a row of this table"
        )
        raise InputError(msg)
    columns: dict[int, NDArray[Any]] = {}
    kept: list[str] = []
    for name, cells in zip(names, _columns(rows), strict=True):
        if name or any(is_filled(cell) for cell in cells):
            column = np.empty(len(cells), dtype=object)
            column[:] = [None if cell == "" else cell for cell in cells]
            columns[len(kept)] = column
            kept.append(name)
    frame = pd.DataFrame(columns, index=range(len(rows) - 1), columns=range(len(kept)), dtype=object)
    frame.columns = pd.Index(kept)
    return frame, len(names) - len(kept)


def _columns(rows: Sequence[Sequence[Any]]) -> Iterable[tuple[Any, ...]]:
    return zip(*rows[1:], strict=True) if len(rows) > 1 else ((),) * len(rows[0])


_ARTICLES = {"Excel": "an", "SPSS": "an"}


def library(name: str, kind: str) -> Any:  # noqa: ANN401
    """Return the library that reads a kind of file, or raise an error that says how it is installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        top = name.partition(".")[0]
        article = _ARTICLES.get(kind, "a")
        msg = f'reading {article} {kind} file needs {top}, which is not installed: pip install "hecon[readers]"'
        raise HeconError(msg) from None
