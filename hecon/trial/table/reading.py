"""A table of patient data: from a CSV, Excel, Stata, SPSS or Parquet file, and as plain arrays."""

from __future__ import annotations

import hashlib
import importlib
import io
import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _aligned
from hecon._io import TABLE_BYTES, exists, file_bytes
from hecon.errors import HeconError, InputError
from hecon.files.faults import shown
from hecon.trial.table.cells import key_of, text_of
from hecon.trial.table.csv_text import read_csv
from hecon.trial.table.design_parts import column_codes
from hecon.trial.table.framing import FileTable, library, listed, refuse_size
from hecon.trial.table.workbook import read_workbook

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from hecon.trial.table.design import DataTable, Design

__all__ = ["RawTable", "read_table", "read_with_digest", "refuse_repeated", "source_of"]

# Stata's codes of missing values as long numbers: "." and ".a" to ".z".
_STATA_MISSING = 2_147_483_621
# The first format of Stata whose parts are tagged.
_TAGGED = 117
# Before a set of labels of the older formats: its length, its name and padding.
_LABELS_HEAD = 4 + 33 + 3
_SPSS_ROWS = slice(80, 84)
# Whole numbers from here on are not all told apart by a float.
_EXACT = 2**53


def read_table(path: str | Path, *, design: Design | None = None) -> pd.DataFrame:
    """Read a table of patient data.

    Parameters
    ----------
    path : str or Path
        A file that ends in .csv, .xlsx (its first sheet), .dta, .sav or .parquet, with the names of the columns on top.
    design : Design, optional
        Says what separates the cells of a CSV file; default a comma. A first line "sep=;", as Excel has it, goes first.

    Returns
    -------
    pandas.DataFrame
        One column per column of the file. The cells of a CSV file are text as it stands there, None where empty:
        `hecon.trial.trial_data` reads the numbers strictly, so that none is taken for another. Its `attrs` has
        "reading", a dict of what was read and left out: kind, rows, columns, sheet, other_sheets (those with content),
        separator, empty_rows (at the end), empty_columns (without a name), hidden_rows (which are read), and open_end
        (whether the last line of a CSV file has no line break, as in a file that was cut). It has "value_labels", the
        labels of each column's codes, and "declared_missing", the number of cells of each column that the file itself
        declares missing (user-missing values of SPSS, .a to .z of Stata).

    Raises
    ------
    InputError
        If there is no such file, it is not a regular file of at most 256 MB of these kinds, or cannot be read; it has
        no rows, more than 10 million cells, or other rows than it says; two columns share a name, or the names come
        again in a row. Of a CSV file also if a row has more or fewer cells than the first, a quote that opens a cell
        is not closed, or a cell over several lines holds the separators of rows, as a stray quote leaves them. Of a
        workbook also if its first sheet is hidden, or has a formula without a stored value, an error value or merged
        cells.
    HeconError
        If a library that reads this kind of file is not installed.

    Notes
    -----
    Labelled values of SPSS and Stata stay codes; what the user of these declared missing is missing. Categories of
    Parquet are their labels. Rows are numbered from 1, the first below the names. No message holds a value of the
    table; of a workbook it may name an error value, as #DIV/0!.

    Examples
    --------
    >>> from hecon import trial
    >>> trial.read_table("trial.docx")
    Traceback (most recent call last):
    ...
    hecon.errors.InputError: table must be a file of the kind .csv, .xlsx, .dta, .sav, .parquet, got 'trial.docx'
    """
    return read_with_digest(path, design=design)[0]


def read_with_digest(path: str | Path, *, design: Design | None = None) -> tuple[pd.DataFrame, str]:
    """Return a table and the SHA-256 of the bytes that it was read from."""
    if not isinstance(path, (str, Path)):
        msg = f"table must be the path of a file, got {shown(path)}"
        raise InputError(msg)
    file = Path(path)
    kind = file.suffix.lower()
    reader = _READERS.get(kind)
    if reader is None:
        msg = f"table must be a file of the kind {', '.join(_READERS)}, got {str(path)!r}"
        raise InputError(msg)
    if not exists(file):
        msg = f"table must be an existing file, got {str(path)!r}"
        raise InputError(msg)
    content = file_bytes("table", file, at_most=TABLE_BYTES)
    found = _quietly(reader, content, file, "," if design is None else design.table.separator)
    frame = found.frame
    refuse_repeated(frame)
    if frame.empty:
        msg = f"table must have rows below the names of its columns, got none in {str(path)!r}"
        raise InputError(msg)
    frame.attrs["reading"] = found.reading(kind)
    frame.attrs["value_labels"] = found.value_labels
    frame.attrs["declared_missing"] = found.declared_missing
    return frame, hashlib.sha256(content).hexdigest()


def refuse_repeated(table: pd.DataFrame) -> None:
    """Refuse columns that share a name; they are told by place, as a table without names has values on top."""
    repeated = [str(place) for place, again in enumerate(table.columns.duplicated(keep=False), start=1) if again]
    if repeated:
        msg = f"table must have a name of its own for every column, got columns that share a name: {listed(repeated)}"
        raise InputError(msg)


def _quietly(reader: Callable[[bytes, str, str], FileTable], content: bytes, file: Path, separator: str) -> FileTable:
    # What libraries warn of and raise may quote cells of the table.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return reader(content, str(file), separator)
        except (HeconError, MemoryError):
            raise
        except Exception:  # noqa: BLE001
            msg = f"table must be a sound {file.suffix.lower()} file, and this one cannot be read: {str(file)!r}"
    raise InputError(msg)


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
    columns = {str(name): _plain_column(bare[name]) for name in bare.columns}
    decimal, thousands, guarded = _marks(design.table)
    return RawTable(
        columns=columns,
        rows=len(frame),
        digest=digest or _digest(columns),
        decimal=decimal,
        thousands=thousands,
        guarded=guarded,
        codes=column_codes(design),
        labels=_labels_of(frame.attrs.get("value_labels"), columns),
        attrs=dict(frame.attrs),
    )


def _marks(table: DataTable) -> tuple[str, str, str]:
    """Return the decimal mark, the thousands mark, and the mark that could be either."""
    decimal = table.decimal or ("," if table.thousands == "." else ".")
    thousands = "" if table.thousands in {None, "none"} else str(table.thousands)
    # A decimal point that is given is meant; a decimal comma is what a message on the marks of a column asks for first.
    unsure = table.thousands is None and (table.decimal is None or decimal == ",")
    return decimal, thousands, decimal if unsure else ""


def _labels_of(given: object, columns: Mapping[str, Any]) -> dict[str, dict[float | str, str]]:
    """Return value labels by column and code; codes as `key_of` has them.

    Parameters
    ----------
    given : object
        ``attrs["value_labels"]`` of a table: labels by code, by column; None for none.
    columns : mapping
        The columns of the table.

    Returns
    -------
    dict
        Only of columns that the table has.

    Raises
    ------
    InputError
        If it is no mapping of mappings.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(each, Mapping) for each in given.values()):
        msg = 'attrs["value_labels"] of the table must be a dict of columns, each a dict of codes and labels'
        raise InputError(msg)
    found: dict[str, dict[float | str, str]] = {}
    for name, labels in given.items():
        if str(name) in columns:
            own = {key_of(code): str(label).strip() for code, label in labels.items()}
            found[str(name)] = {code: label for code, label in own.items() if code is not None and label}
    return {name: own for name, own in found.items() if own}


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


def _plain_column(series: pd.Series[Any]) -> NDArray[Any]:
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


def _plain(code: Any) -> float | str:  # noqa: ANN401
    """Return a code of a label as plain text or a plain number."""
    plain = code.item() if hasattr(code, "item") else code
    return plain if isinstance(plain, (str, int)) else float(plain)


def _refuse_count(said: int) -> None:
    msg = f"table must hold the {said:,} rows that its file says, and it holds another number of them: export it again"
    raise InputError(msg)


# Stata ----------------------------------------------------------------------------------------------------------------


def _stata(content: bytes, _: str, __: str) -> FileTable:
    """Return the table of a Stata file."""
    # Untyped: pandas tells the size, and which labels are whose, in its private attributes only.
    stata: Any = importlib.import_module("pandas.io.stata")
    with stata.StataReader(io.BytesIO(content), convert_categoricals=False) as reader:
        reader._ensure_open()  # noqa: SLF001
        rows, columns = reader._nobs, list(reader._varlist)  # noqa: SLF001
        refuse_size(rows, len(columns))
        frame = reader.read()
        sets = reader.value_labels()
        end = reader._data_location + rows * reader._dtype.itemsize  # noqa: SLF001
        # Rows beyond the number that the header says would be left out without a word.
        if reader._format_version >= _TAGGED:  # noqa: SLF001
            complete = content.startswith(b"</data>", end)
        else:
            complete = _ends_in_labels(content, end, reader._byteorder)  # noqa: SLF001
        if not complete:
            _refuse_count(rows)
        owners = dict(zip(columns, reader._lbllist, strict=True))  # noqa: SLF001
    labels = {
        column: {_plain(code): text for code, text in sets[owner].items() if code < _STATA_MISSING}
        for column, owner in owners.items()
        if owner in sets
    }
    return FileTable(
        frame=frame,
        value_labels={column: found for column, found in labels.items() if found},
        declared_missing=_extended_missing(content, frame),
    )


def _ends_in_labels(content: bytes, at: int, order: str) -> bool:
    """Return whether nothing but sets of labels stands from a place on, in a file of the older formats."""
    while at + _LABELS_HEAD + 8 <= len(content):
        size, number, text = struct.unpack_from(f"{order}i36xii", content, at)
        if number < 0 or text < 0 or size != 8 + 8 * number + text:
            return False
        at += _LABELS_HEAD + size
    return at == len(content)


def _extended_missing(content: bytes, frame: pd.DataFrame) -> dict[str, int]:
    """Return how many cells of each column hold .a to .z, which Stata keeps apart from what is just missing."""
    import pandas as pd

    marked: Any = importlib.import_module("pandas.io.stata").StataMissingValue
    suspects = [name for name in frame.columns if frame[name].isna().any()]
    if not suspects:
        return {}
    given = pd.read_stata(
        io.BytesIO(content), columns=suspects, convert_categoricals=False, convert_dates=False, convert_missing=True
    )
    counts = {
        name: sum(isinstance(cell, marked) and cell.string != "." for cell in given[name].tolist()) for name in suspects
    }
    return {name: count for name, count in counts.items() if count}


# SPSS -----------------------------------------------------------------------------------------------------------------


def _spss(content: bytes, _: str, __: str) -> FileTable:
    """Return the table of an SPSS file."""
    pyreadstat = library("pyreadstat", "SPSS")
    rows = _spss_rows(content)
    about = pyreadstat.read_sav(io.BytesIO(content), metadataonly=True, user_missing=True)[1]
    refuse_size(rows, about.number_columns)
    # The reader refuses a file of fewer rows than it says, and leaves out more without a word.
    frame = pyreadstat.read_sav(io.BytesIO(content), apply_value_formats=False)[0]
    if len(frame) != rows or _has_row(pyreadstat, content, rows):
        _refuse_count(rows)
    ranges = about.missing_ranges
    labels = {
        name: {_plain(code): text for code, text in found.items() if not _is_missing(code, ranges.get(name, []))}
        for name, found in about.variable_value_labels.items()
    }
    counts = _user_missing(pyreadstat, content, frame, list(ranges))
    return FileTable(
        frame=frame,
        value_labels={name: found for name, found in labels.items() if found},
        declared_missing={name: count for name, count in counts.items() if count},
    )


def _user_missing(pyreadstat: Any, content: bytes, frame: pd.DataFrame, names: list[str]) -> dict[str, int]:  # noqa: ANN401
    """Return how many cells of each column hold a value that the file declares missing."""
    if not names:
        return {}
    given = pyreadstat.read_sav(io.BytesIO(content), apply_value_formats=False, user_missing=True, usecols=names)[0]
    return {name: int((given[name].notna() & frame[name].isna()).sum()) for name in names}


def _has_row(pyreadstat: Any, content: bytes, row: int) -> bool:  # noqa: ANN401
    """Return whether there is a row at a place, when the header says that there is."""
    said = struct.pack(f"{_order(content)}i", row + 1)
    longer = io.BytesIO(content[: _SPSS_ROWS.start] + said + content[_SPSS_ROWS.stop :])
    try:
        return len(pyreadstat.read_sav(longer, row_offset=row, row_limit=1)[0]) > 0
    except pyreadstat.ReadstatError:
        return False


def _order(content: bytes) -> str:
    """Return the order of the bytes of a number: the layout is 2, or 3, in its own."""
    return "<" if struct.unpack("<i", content[64:68])[0] in {2, 3} else ">"


def _spss_rows(content: bytes) -> int:
    """Return the number of rows that the header says."""
    found: int = struct.unpack(f"{_order(content)}i", content[_SPSS_ROWS])[0]
    if found < 0:
        msg = (
            "table must be a file that says how many rows it has, and this one does not, so that it may have been cut: "
            "open it in SPSS or PSPP and save it"
        )
        raise InputError(msg)
    return found


def _is_missing(code: Any, ranges: list[dict[str, Any]]) -> bool:  # noqa: ANN401
    """Return whether a code is one that the file declares missing."""
    return any(
        isinstance(code, str) == isinstance(each["lo"], str) and each["lo"] <= code <= each["hi"] for each in ranges
    )


def _parquet(content: bytes, _: str, __: str) -> FileTable:
    pyarrow = library("pyarrow.parquet", "Parquet")
    # Without pandas' own metadata, which would hide a column in the index.
    with pyarrow.ParquetFile(io.BytesIO(content)) as file:
        refuse_size(file.metadata.num_rows, file.metadata.num_columns)
        frame: pd.DataFrame = file.read().to_pandas(ignore_metadata=True)
    # A dictionary's labels are its values.
    coded = {name: object for name, kind in frame.dtypes.items() if kind == "category"}
    return FileTable(frame=frame.astype(coded))


_READERS: dict[str, Callable[[bytes, str, str], FileTable]] = {
    ".csv": read_csv,
    ".xlsx": read_workbook,
    ".dta": _stata,
    ".sav": _spss,
    ".parquet": _parquet,
}
