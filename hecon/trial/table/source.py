"""A table of patient data as plain arrays, from a file, a pandas table or a dict of columns."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _aligned
from hecon.errors import InputError
from hecon.trial.table.cells import key_of, text_of
from hecon.trial.table.groups import column_codes
from hecon.trial.table.labels import labels_of
from hecon.trial.table.reading import read_with_digest, refuse_repeated

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hecon.trial.table.design import Design, Table

__all__ = ["RawTable", "source_of"]

# Whole numbers from here on are not all told apart by a float.
_EXACT = 2**53


@dataclass(frozen=True, eq=False)
class RawTable:
    """The columns of a table, floats or objects as they stand, and how their cells are read.

    `guarded` is the mark by which numbers could be thousands or decimals alike, empty where the design tells which;
    `codes` mean missing, by column; `labels` are those of the file's codes, by column; `attrs` is what the reader says.
    """

    columns: dict[str, NDArray[Any]]
    rows: int
    digest: str
    decimal: str
    thousands: str
    guarded: str
    codes: dict[str, frozenset[float | str]]
    labels: dict[str, dict[float | str, str]]
    attrs: dict[Any, Any]

    def codes_of(self, name: str) -> frozenset[float | str]:
        """Return the codes that mean missing in a column."""
        return self.codes.get(name, frozenset())


def source_of(table: Any, design: Design) -> RawTable:  # noqa: ANN401
    """Return the columns of a table and its digest."""
    import pandas as pd

    digest = None
    if isinstance(table, (str, Path)):
        frame, digest = read_with_digest(table, design=design)
    elif isinstance(table, pd.DataFrame):
        frame = table
    elif isinstance(table, Mapping):
        frame = _frame_of(table)
    else:
        msg = f"table must be a pandas table, a dict of columns or the path of a file, got {type(table).__name__}"
        raise InputError(msg)
    # Names are compared as text: 1 and "1" would be one column.
    refuse_repeated(frame.set_axis([str(name) for name in frame.columns], axis=1))
    if not len(frame):
        msg = "table must have rows, got none"
        raise InputError(msg)
    # pandas would copy what is known of the whole table, such as all labels, with each of its columns.
    bare = frame.copy(deep=False)
    bare.attrs = {}
    columns = {str(name): _plain(bare[name]) for name in bare.columns}
    decimal, thousands, guarded = _marks(design.table)
    return RawTable(
        columns=columns,
        rows=len(frame),
        digest=digest or _digest(columns),
        decimal=decimal,
        thousands=thousands,
        guarded=guarded,
        codes=column_codes(design),
        labels=labels_of(frame.attrs.get("value_labels"), columns),
        attrs=dict(frame.attrs),
    )


def _marks(table: Table) -> tuple[str, str, str]:
    """Return the decimal mark, the thousands mark, and the mark that could be either."""
    decimal = table.decimal or ("," if table.thousands == "." else ".")
    thousands = "" if table.thousands in {None, "none"} else str(table.thousands)
    # A decimal point that is given is meant; a decimal comma is what a message on the marks of a column asks for first.
    unsure = table.thousands is None and (table.decimal is None or decimal == ",")
    return decimal, thousands, decimal if unsure else ""


def _frame_of(table: Mapping[Any, Any]) -> pd.DataFrame:
    import pandas as pd

    given = {f"column {name!r}": values for name, values in table.items()}
    single = next((name for name, values in given.items() if not _aligned.depth(values)), None)
    if single is not None:
        msg = f"table must be a dict of columns, each a sequence of as many cells, got a single value as {single}"
        raise InputError(msg)
    columns, _ = _aligned.together(given, what="rows", show=False)
    try:
        return pd.DataFrame(dict(zip(table, columns, strict=True)))
    except Exception:  # noqa: BLE001 (what pandas says may quote cells)
        msg = "table must be a dict of columns, each a sequence of as many cells"
    raise InputError(msg)


def _plain(series: pd.Series[Any]) -> NDArray[Any]:
    """Return a column as floats if it holds numbers and a float tells them apart, else as objects."""
    import pandas as pd
    from pandas.api import types

    if isinstance(series.dtype, pd.CategoricalDtype):
        series = pd.Series(np.asarray(series))
    kind = series.dtype
    if types.is_numeric_dtype(kind) and not types.is_bool_dtype(kind) and not types.is_complex_dtype(kind):
        found = series.to_numpy(dtype=np.float64, na_value=np.nan)
        if types.is_float_dtype(kind) or not (np.abs(found) >= _EXACT).any():
            return found
    plain = np.empty(len(series), dtype=object)
    plain[:] = series.astype(object).tolist()
    plain[series.isna().to_numpy(dtype=bool)] = None
    return plain


def _digest(columns: dict[str, NDArray[Any]]) -> str:
    """Return the SHA-256 of names and cells: numbers as little-endian doubles, all else as text."""
    found = hashlib.sha256()
    for name, cells in columns.items():
        found.update(f"\x1e{name}\x1f".encode("utf-8", "surrogatepass"))
        if cells.dtype.kind == "f":
            found.update(np.where(np.isnan(cells), np.nan, cells).astype("<f8").tobytes())
        else:
            found.update("\x1f".join(map(_text, cells.tolist())).encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def _text(cell: Any) -> str:  # noqa: ANN401
    return cell if isinstance(cell, str) else "" if key_of(cell) is None else text_of(cell)
