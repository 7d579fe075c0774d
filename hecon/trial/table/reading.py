"""Tables of patient data from files: CSV, Excel, Stata, SPSS and Parquet."""

from __future__ import annotations

import hashlib
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from hecon._files import TABLE_BYTES, exists, file_bytes
from hecon.errors import HeconError, InputError
from hecon.trial.table.csv_text import read_csv
from hecon.trial.table.design_rules import shown
from hecon.trial.table.framing import FileTable, listed, refuse_size
from hecon.trial.table.labelled import read_spss, read_stata
from hecon.trial.table.libraries import library
from hecon.trial.table.workbook import read_workbook

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from hecon.trial.table.design import Design

__all__ = ["read_table", "read_with_digest", "refuse_repeated"]


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
    ".dta": read_stata,
    ".sav": read_spss,
    ".parquet": _parquet,
}
