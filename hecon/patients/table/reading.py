"""Tables of patient data from files: CSV, Excel, Stata, SPSS and Parquet."""

from __future__ import annotations

import csv
import importlib
import io
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.errors import HeconError, InputError
from hecon.patients.table.design_rules import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from hecon.patients.table.design import Design

__all__ = ["file_bytes", "read_table", "refuse_repeated"]

_FEW = 10
_SEPARATORS = (";", ",", "\t", "|")
# Excel's own word on the separator, as the first line of a CSV file.
_FIRST_LINE = re.compile(r'"?sep=([^"\r\n])"?[ \t;,]*(\r\n?|\n)', re.IGNORECASE)
_ARTICLES = {"Excel": "an", "SPSS": "an"}


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
        `hecon.patients.trial_data` reads the numbers strictly, so that none is taken for another.

    Raises
    ------
    InputError
        If there is no such file, it is not of these kinds or cannot be read, it has no rows, two columns share a name,
        or a row of a CSV file has more or fewer cells than the first.
    HeconError
        If a library that reads this kind of file is not installed.

    Notes
    -----
    Labelled values of SPSS and Stata stay codes; what the user of these declared missing is missing. Empty rows at the
    end are left out. Rows are numbered from 1, the first below the names. No message holds a value of the table.

    Examples
    --------
    >>> from hecon import patients
    >>> patients.read_table("trial.docx")
    Traceback (most recent call last):
    ...
    hecon.errors.InputError: table must be a file of the kind .csv, .xlsx, .dta, .sav, .parquet, got 'trial.docx'
    """
    if not isinstance(path, (str, Path)):
        msg = f"table must be the path of a file, got {shown(path)}"
        raise InputError(msg)
    file = Path(path)
    reader = _READERS.get(file.suffix.lower())
    if reader is None:
        msg = f"table must be a file of the kind {', '.join(_READERS)}, got {str(path)!r}"
        raise InputError(msg)
    if not _is_file(file):
        msg = f"table must be an existing file, got {str(path)!r}"
        raise InputError(msg)
    separator = "," if design is None else design.table.separator
    found = _quietly(reader, file, separator)
    refuse_repeated(found)
    if found.empty:
        msg = f"table must have rows below the names of its columns, got none in {str(path)!r}"
        raise InputError(msg)
    return found


def file_bytes(path: str | Path) -> bytes:
    """Return what a file holds, as its digest is taken from."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        msg = f"table must be readable, got {error.strerror} for {str(path)!r}"
        raise InputError(msg) from None


def refuse_repeated(table: pd.DataFrame) -> None:
    """Refuse columns that share a name; they are told by place, as a table without names has values on top."""
    repeated = [place for place, again in enumerate(table.columns.duplicated(keep=False), start=1) if again]
    if repeated:
        places = ", ".join(map(str, repeated[:_FEW]))
        msg = f"table must have a name of its own for every column, got columns that share a name: {places}"
        raise InputError(msg)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file system takes
        return False


def _quietly(reader: Callable[[Path, str], pd.DataFrame], file: Path, separator: str) -> pd.DataFrame:
    # What libraries warn of and raise may quote cells of the table.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return reader(file, separator)
        except (HeconError, MemoryError):
            raise
        except Exception:  # noqa: BLE001
            msg = f"table must be a sound {file.suffix.lower()} file, and this one cannot be read: {str(file)!r}"
    raise InputError(msg)


def _library(name: str, kind: str) -> Any:  # noqa: ANN401
    try:
        return importlib.import_module(name)
    except ImportError:
        top = name.partition(".")[0]
        article = _ARTICLES.get(kind, "a")
        msg = f'reading {article} {kind} file needs {top}, which is not installed: pip install "hecon[readers]"'
        raise HeconError(msg) from None


# Kinds of file -------------------------------------------------------------------------------------------------------


def _csv(path: Path, separator: str) -> pd.DataFrame:
    # Excel begins a CSV file with a byte order mark, which is no part of the first name.
    text = file_bytes(path).decode("utf-8-sig", errors="surrogateescape")
    if any("\udc80" <= character <= "\udcff" for character in set(text)):
        msg = f"table must be text in UTF-8, which {str(path)!r} is not: save it so (in Excel: CSV UTF-8)"
        raise InputError(msg)
    told = _FIRST_LINE.match(text)
    if told:
        separator, text = told[1], text[told.end() :]
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    _refuse_uneven(rows, separator, by_file=told is not None)
    return _framed(rows)


def _refuse_uneven(rows: Sequence[Sequence[str]], separator: str, *, by_file: bool) -> None:
    """Refuse rows of another length than the header, and a header that another separator parts."""
    header = rows[0] if rows else []
    others = [each for each in _SEPARATORS if each != separator and len(header) == 1 and each in header[0]]
    if others:
        other = max(others, key=header[0].count)
        shown_so = "\\t" if other == "\t" else other
        remedy = "mend its first line" if by_file else f'say separator = "{shown_so}" in the design\'s [table]'
        msg = (
            f"table must have its cells separated by {separator!r}, and its header has {other!r} between them: {remedy}"
        )
        raise InputError(msg)
    wrong = [number for number, row in enumerate(rows) if len(row) != len(header)]
    if wrong:
        told = ", ".join(map(str, wrong[:_FEW])) + (f" and {len(wrong) - _FEW} more" if len(wrong) > _FEW else "")
        by = "as its first line says" if by_file else "the design's table.separator says otherwise"
        msg = (
            f"table must have as many cells in every row as it has names, {len(header)}, got others in row {told}, "
            f"counted below the header; cells are separated by {separator!r}: {by}"
        )
        raise InputError(msg)


def _excel(path: Path, _: str) -> pd.DataFrame:
    book = _library("openpyxl", "Excel").load_workbook(path, read_only=True, data_only=True)
    try:
        rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    finally:
        book.close()
    while rows and not any(_is_filled(cell) for cell in rows[-1]):
        rows.pop()
    width = max((len(row) for row in rows), default=0)
    rows = [row + [None] * (width - len(row)) for row in rows]
    filled = [any(_is_filled(row[place]) for row in rows) for place in range(width)]
    return _framed([[cell for cell, keep in zip(row, filled, strict=True) if keep] for row in rows])


def _is_filled(cell: Any) -> bool:  # noqa: ANN401
    return cell is not None and not (isinstance(cell, str) and not cell.strip())


def _framed(rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Return rows, of which the first holds the names, as a table."""
    import pandas as pd

    if not rows:
        return pd.DataFrame()
    names = ["" if name is None else str(name).strip() for name in rows[0]]
    columns = {}
    for place, cells in enumerate(zip(*rows[1:], strict=True)):
        column = np.empty(len(cells), dtype=object)
        column[:] = [None if cell == "" else cell for cell in cells]
        columns[place] = column
    found = pd.DataFrame(columns, index=range(len(rows) - 1), columns=range(len(names)), dtype=object)
    found.columns = pd.Index(names)
    return found


def _stata(path: Path, _: str) -> pd.DataFrame:
    import pandas as pd

    return pd.read_stata(path, convert_categoricals=False)


def _spss(path: Path, _: str) -> pd.DataFrame:
    found: pd.DataFrame = _library("pyreadstat", "SPSS").read_sav(str(path), apply_value_formats=False)[0]
    return found


def _parquet(path: Path, _: str) -> pd.DataFrame:
    # Without pandas' own metadata, which would hide a column in the index.
    with _library("pyarrow.parquet", "Parquet").ParquetFile(path) as file:
        found: pd.DataFrame = file.read().to_pandas(ignore_metadata=True)
    return found


_READERS: dict[str, Callable[[Path, str], pd.DataFrame]] = {
    ".csv": _csv,
    ".xlsx": _excel,
    ".dta": _stata,
    ".sav": _spss,
    ".parquet": _parquet,
}
