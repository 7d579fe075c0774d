"""A table of patient data as plain arrays, and the record of how it was read."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sized
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _arrays
from hecon._display import displayed
from hecon._io import TABLE_BYTES, exists, file_bytes
from hecon.errors import HeconError, InputError
from hecon.files.faults import first_of, shown
from hecon.trial.table.cells import TableFault, are_missing, key_of, place_of, quoted, text_of, usual_code
from hecon.trial.table.codes import code_rows
from hecon.trial.table.column_groups import KEYS, column_codes, dead_codes, groups_of, table_codes, used_columns
from hecon.trial.table.file_readers import (
    FileLayout,
    FileTable,
    frame_of_arrow,
    is_arrow,
    read_csv,
    read_parquet,
    read_spss,
    read_stata,
)
from hecon.trial.table.patients import arm_codes
from hecon.trial.table.xlsx import read_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from hecon._arrays import Codes, Flags
    from hecon.trial.table.column_groups import ColumnGroup
    from hecon.trial.table.design import Design
    from hecon.trial.table.design_keys import DataTable

    Code = float | str
    Reader = Callable[[bytes, str, FileLayout], FileTable]

# Largest whole number up to which floats are exact.
_EXACT = 2**53


def read_table(path: str | Path, *, design: Design | None = None) -> pd.DataFrame:
    """Read a table of patient data.

    Parameters
    ----------
    path : str or Path
        A file that ends in .csv, .tsv, .xlsx, .dta, .sav, .zsav or .parquet.
    design : Design, optional
        Its ``table`` says what separates the cells of a CSV file, and how its characters are written, which sheet of a
        workbook is read, and which row or line has the names of the columns. Without it a comma (a tab in .tsv), UTF-8,
        the first sheet and the first row. A first line "sep=;", as Excel has it, goes first.

    Returns
    -------
    pandas.DataFrame
        One column per column of the file. The cells of a CSV file are text as it stands there, None where empty:
        `hecon.trial.trial_data` reads the numbers strictly, so that none is taken for another. Its `attrs` has
        "reading", a dict of what was read and left out: kind, rows, columns, sheet, other_sheets (those with content),
        separator, encoding (if the design says it), rows_above (above the names), empty_rows (at the end),
        empty_columns (without a name), hidden_rows (which are read), and open_end (whether the last line of a CSV file
        has no line break, as in a file that was cut). It has "value_labels", the labels of each column's codes, and
        "declared_missing", the number of cells of each column that the file itself declares missing (user-missing
        values of SPSS, .a to .z of Stata), and "declared_values", how many different values these are (of SPSS).

    Raises
    ------
    InputError
        If there is no such file, it is not a regular file of at most 256 MB of these kinds, or cannot be read; the
        design names a sheet, a row or an encoding that it does not have, or that its kind does not know; it has no
        rows, more than 10 million cells, or other rows than it says; two columns share a name, or the names come again
        in a row. Of a CSV file also if a row has more or fewer cells than the first, a quote that opens a cell is not
        closed, or a cell over several lines holds the separators of rows, as a stray quote leaves them. Of a workbook
        also if its first sheet is hidden and the design names none, or its sheet has a formula without a stored value,
        an error value or merged cells.
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
    >>> trial.read_table("a.do")
    Traceback (most recent call last):
    ...
    hecon.errors.InputError: table must be a file of the kind .csv, .tsv, .xlsx, .dta, .sav, .zsav, .parquet, got 'a.do'
    """
    return read_with_digest(path, design=design)[0]


def read_with_digest(
    path: str | Path, *, design: Design | None = None, how: FileLayout | None = None
) -> tuple[pd.DataFrame, str]:
    """Return a table and the SHA-256 of the bytes that it was read from; `how` or a design says how it is read."""
    if not isinstance(path, (str, Path)):
        msg = f"table must be the path of a file, got {shown(path)}"
        raise InputError(msg)
    file = Path(path)
    kind = file.suffix.lower()
    reader = READERS.get(kind)
    if reader is None:
        msg = f"table must be a file of the kind {', '.join(READERS)}, got {str(path)!r}"
        raise InputError(msg)
    if not exists(file):
        msg = f"table must be an existing file, got {str(path)!r}"
        raise InputError(msg)
    if how is None:
        how = FileLayout() if design is None else _layout(design.table, kind)
    frame, digest = read_content(file_bytes("table", file, at_most=TABLE_BYTES), file, how)
    return frame, digest


def _layout(table: DataTable, kind: str) -> FileLayout:
    """Return how a file is read by a design; what a kind of file does not know is refused."""
    how = FileLayout(table.separator, table.encoding, table.sheet, table.header_row)
    for key, kinds in _KEYS_OF_KINDS.items():
        if getattr(how, key) is not None and kind not in kinds:
            msg = f"table.{key} must be left out of the design of a {kind} file: it is for {' and '.join(kinds)}"
            raise InputError(msg)
    return how


def read_content(content: bytes, file: Path, how: FileLayout) -> tuple[pd.DataFrame, str]:
    """Return the table that the bytes of a file hold, and their SHA-256."""
    kind = file.suffix.lower()
    result = _quietly(READERS[kind], content, file, how)
    frame = result.frame
    refuse_repeated(frame)
    if frame.empty:
        msg = f"table must have rows below the names of its columns, got none in {str(file)!r}"
        raise InputError(msg)
    frame.attrs["reading"] = result.reading(kind)
    frame.attrs["value_labels"] = result.value_labels
    frame.attrs["declared_missing"] = result.declared_missing
    frame.attrs["declared_values"] = result.declared_values
    return frame, hashlib.sha256(content).hexdigest()


def refuse_repeated(table: pd.DataFrame) -> None:
    """Refuse columns that share a name; by place, as a table without names has values on top."""
    repeated = [str(place) for place, again in enumerate(table.columns.duplicated(keep=False), start=1) if again]
    if repeated:
        msg = f"table must have a name of its own for every column, got columns that share a name: {first_of(repeated)}"
        raise InputError(msg)


def _quietly(reader: Reader, content: bytes, file: Path, how: FileLayout) -> FileTable:
    # Warnings and errors of libraries may quote cells of the table.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return reader(content, str(file), how)
        except (HeconError, MemoryError):
            raise
        except Exception:  # noqa: BLE001
            msg = f"table must be a sound {file.suffix.lower()} file, and this one cannot be read: {str(file)!r}"
    raise InputError(msg)


@dataclass(frozen=True, eq=False)
class RawTable:
    """The columns of a table, floats or objects as they stand, how their cells are read, and the faults in them so far.

    `guarded` is the mark by which numbers could be thousands or decimals alike, empty where the design tells which;
    `date_order` is that of dates in text; `codes` mean missing, by column; `labels` are those of the file's codes, by
    column; `attrs` is what the reader says.
    """

    columns: dict[str, NDArray[Any]]
    rows: int
    digest: str
    decimal: str
    thousands: str
    guarded: str
    date_order: str
    codes: dict[str, frozenset[float | str]]
    labels: dict[str, dict[float | str, str]]
    attrs: dict[Any, Any]
    faults: list[TableFault] = field(default_factory=list)

    def fault(
        self,
        names: str | Iterable[str],
        rule: str,
        wrong: Flags | None = None,
        *,
        above: Codes | None = None,
        held: bool = False,
    ) -> None:
        """Add a fault of columns in the rows where something is wrong, if it is anywhere; without rows as it is.

        Where rows repeat one above, `above` has that of each row. With `held` the cells are of one column, and usual
        codes for a missing value among them are told as such.
        """
        if wrong is None:
            self.faults.append(TableFault(place_of(names), rule))
        elif wrong.any():
            pairs = () if above is None else tuple(above[wrong].tolist())
            rows = tuple(np.flatnonzero(wrong).tolist())
            codes = tuple(map(usual_code, self.columns[str(names)][wrong].tolist())) if held else ()
            self.faults.append(TableFault(place_of(names), rule, rows, pairs, codes))

    def fault_if_empty(self, name: str, missing: Flags) -> None:
        """Add the fault of a column that holds nothing but missing values."""
        if missing.all():
            self.fault(name, "must hold a value in one row at least, got none")

    def outside_faulty_rows(self, name: str, wrong: Flags) -> Flags:
        """Return where something is wrong, but for the rows that have a fault of that column already."""
        rows = [row for each in self.faults if each.where == place_of(name) for row in each.rows]
        return wrong & ~np.isin(np.arange(wrong.size), rows)

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
    elif is_arrow(table):
        frame = frame_of_arrow(table)
    else:
        msg = (
            "table must be a table of pandas, polars or Arrow, a dict of columns or the path of a file, got "
            f"{type(table).__name__}{': collect() it first' if hasattr(table, 'collect') else ''}"
        )
        raise InputError(msg)
    # Names are compared as text: 1 and "1" would be one column.
    refuse_repeated(frame.set_axis([str(name) for name in frame.columns], axis=1))
    if not len(frame):
        msg = "table must have rows, got none"
        raise InputError(msg)
    # pandas would copy what is known of the whole table, such as all labels, with each of its columns.
    bare = frame.copy(deep=False)
    bare.attrs = {}
    columns = {str(name): plain_column(bare[name]) for name in bare.columns}
    decimal, thousands, guarded = _marks(design.table)
    return RawTable(
        columns=columns,
        rows=len(frame),
        digest=digest or _digest(columns),
        decimal=decimal,
        thousands=thousands,
        guarded=guarded,
        date_order=design.table.date_order or "year-month-day",
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
    """Return value labels by column of the table and code; codes as `key_of` has them."""
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(each, Mapping) for each in given.values()):
        msg = 'attrs["value_labels"] of the table must be a dict of columns, each a dict of codes and labels'
        raise InputError(msg)
    result: dict[str, dict[float | str, str]] = {}
    for name, labels in given.items():
        if str(name) in columns:
            own = {key_of(code): str(label).strip() for code, label in labels.items()}
            result[str(name)] = {code: label for code, label in own.items() if code is not None and label}
    return {name: own for name, own in result.items() if own}


def _frame_of(table: Mapping[Any, Any]) -> pd.DataFrame:
    import pandas as pd

    given = {f"column {name!r}": values for name, values in table.items()}
    single = next((name for name, values in given.items() if not _arrays.depth(values)), None)
    if single is not None:
        msg = f"table must be a dict of columns, each a sequence of as many cells, got a single value as {single}"
        raise InputError(msg)
    columns, _ = _arrays.together(given, what="rows", show=False)
    try:
        return pd.DataFrame(dict(zip(table, columns, strict=True)))
    except Exception:  # noqa: BLE001 (what pandas says may quote cells)
        msg = "table must be a dict of columns, each a sequence of as many cells"
    raise InputError(msg)


def plain_column(series: pd.Series[Any]) -> NDArray[Any]:
    """Return a column as floats if it holds numbers and a float tells them apart, else as objects."""
    import pandas as pd
    from pandas.api import types

    if isinstance(series.dtype, pd.CategoricalDtype):
        series = pd.Series(np.asarray(series))
    kind = series.dtype
    if types.is_numeric_dtype(kind) and not types.is_bool_dtype(kind) and not types.is_complex_dtype(kind):
        result = series.to_numpy(dtype=np.float64, na_value=np.nan)
        if types.is_float_dtype(kind) or not (np.abs(result) >= _EXACT).any():
            return result
    # Cell by cell, and without arrays in the cells, of which comparisons would be arrays too.
    each = (cell.tolist() if isinstance(cell, np.ndarray) else cell for cell in series.astype(object).tolist())
    plain = np.fromiter(each, dtype=object, count=len(series))
    plain[series.isna().to_numpy(dtype=bool)] = None
    return plain


def _digest(columns: dict[str, NDArray[Any]]) -> str:
    """Return the SHA-256 of names and cells: numbers as little-endian doubles, all else as text."""
    result = hashlib.sha256()
    for name, cells in columns.items():
        result.update(f"\x1e{name}\x1f".encode("utf-8", "surrogatepass"))
        if cells.dtype.kind == "f":
            result.update(np.where(np.isnan(cells), np.nan, cells).astype("<f8").tobytes())
        else:
            result.update("\x1f".join(map(_text, cells.tolist())).encode("utf-8", "surrogatepass"))
    return result.hexdigest()


def _text(cell: Any) -> str:  # noqa: ANN401
    return cell if isinstance(cell, str) else "" if key_of(cell) is None else text_of(cell)


READERS: dict[str, Reader] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".xlsx": read_workbook,
    ".dta": read_stata,
    ".sav": read_spss,
    ".zsav": read_spss,
    ".parquet": read_parquet,
}
# Keys of a design that only some kinds of files know. A separator is of no other, and was never refused there.
_KEYS_OF_KINDS = {
    "encoding": (".csv", ".tsv", ".sav", ".zsav"),
    "sheet": (".xlsx",),
    "header_row": (".csv", ".tsv", ".xlsx"),
}


@dataclass(frozen=True)
class MissingCells:
    """Cells of a group of columns that were taken as missing."""

    kind: str  # "covariate", "utility", "cost", "dates" or "deviation"
    name: str  # the covariate or the category of cost; else empty
    columns: tuple[str, ...]  # the columns
    cells: int  # their cells
    empty: int  # cells without anything in them
    declared: int  # cells that the file itself declares missing, as Stata and SPSS files can
    # how many cells hold each missing code of the design, by the code as text; a code that none holds has 0
    codes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class ArmValue:
    """The code of a strategy in the table."""

    strategy: str  # the strategy
    value: str  # the code or text in the column
    label: str | None  # the label of this code in the file


@displayed
@dataclass(frozen=True, kw_only=True)
class TableReading:
    """The reading of a table of patients: columns, arms and cells taken as missing."""

    kind: str  # "csv", "tsv", "xlsx", "dta", "sav", "zsav", "parquet", or "memory" of a table in memory
    rows: int  # rows below the names of the columns
    patients: int
    used: tuple[str, ...]  # columns that the design names
    unused: tuple[str, ...]  # the others, which were not looked at
    arms: tuple[ArmValue, ...]  # what stood for each strategy
    missing: tuple[MissingCells, ...]  # what was taken as missing, by group of columns
    unseen: tuple[str, ...]  # missing codes of the design that no cell holds
    decimal: str  # marks by which numbers in text were read; empty where thousands have none
    thousands: str
    across_arms: str | None = None  # what the design says of clusters in several arms: "same", "separate", or nothing
    separator: str | None = None  # what stood between the cells of a CSV file
    encoding: str | None = None  # how its characters are written, where the design says so
    sheet: str | None = None  # the sheet of a workbook
    other_sheets: tuple[str, ...] = ()  # its other sheets, which were not read
    # rows above the names, and rows and columns without a value, that were left out; rows that a workbook hides, read
    rows_above: int = 0
    empty_rows: int = 0
    empty_columns: int = 0
    hidden_rows: int = 0
    open_end: bool = False  # whether the last line of a CSV file lacks its line break, as in a file that was cut

    def to_json(self) -> dict[str, Any]:
        """Return what was read as plain JSON: the attributes by name, missing codes as a dict of their counts."""
        result = {key: list(value) if isinstance(value, tuple) else value for key, value in vars(self).items()}
        result["arms"] = [dict(vars(each)) for each in self.arms]
        result["missing"] = [
            {**vars(each), "columns": list(each.columns), "codes": dict(each.codes)} for each in self.missing
        ]
        return result


def reading_of(source: RawTable, design: Design, patients: int) -> TableReading:
    """Return what was read of a table without faults: counts and names of columns, no value of a patient."""
    used = used_columns(design)
    missing = _missing_cells(source, design)
    codes: dict[str, int] = {quoted(code): 0 for code in sorted(table_codes(design), key=str)}
    for each in missing:
        for code, count in each.codes:
            codes[code] = codes.get(code, 0) + count
    return TableReading(
        rows=source.rows,
        patients=patients,
        used=used,
        unused=tuple(name for name in source.columns if name not in used),
        arms=tuple(
            ArmValue(each.strategy, "" if each.code is None else quoted(each.code), each.label)
            for each in arm_codes(source, design)
        ),
        missing=missing,
        unseen=tuple(code for code, count in codes.items() if not count),
        decimal=source.decimal,
        thousands=source.thousands,
        across_arms=None if design.cluster is None else design.cluster.across_arms,
        **_of_file(source),
    )


def _of_file(source: RawTable) -> dict[str, Any]:
    """Return what the reader says of the file, unless rows or columns were added or left out since."""
    given = source.attrs.get("reading")
    reading = given if isinstance(given, dict) else {}
    size = (reading.get("rows", source.rows), reading.get("columns", len(source.columns)))
    if size != (source.rows, len(source.columns)):
        reading = {}
    result: dict[str, Any] = {"kind": str(reading.get("kind") or "memory").lstrip(".")}
    result |= {key: str(reading[key]) for key in ("separator", "encoding", "sheet") if reading.get(key)}
    result |= {key: _count(reading.get(key)) for key in ("rows_above", "empty_rows", "empty_columns", "hidden_rows")}
    others = reading.get("other_sheets") or ()
    result["other_sheets"] = tuple(map(str, others)) if isinstance(others, (list, tuple)) else ()
    result["open_end"] = bool(reading.get("open_end"))
    return result


def _count(value: Any) -> int:  # noqa: ANN401
    return len(value) if isinstance(value, Sized) else int(value or 0)


def _missing_cells(source: RawTable, design: Design) -> tuple[MissingCells, ...]:
    """Return the missing cells by kind and name: costs of one category are one group."""
    groups: dict[tuple[str, str], dict[str, ColumnGroup]] = {}
    for group in groups_of(design):
        # Without a date of death a patient is alive, not missing.
        if group.kind not in {*KEYS, "arm", "death"}:
            groups.setdefault((group.kind, group.name), {}).update(dict.fromkeys(group.columns, group))
    declared = source.attrs.get("declared_missing")
    declared = declared if isinstance(declared, dict) else {}
    result = []
    for (kind, name), columns in groups.items():
        none = {each: int(are_missing(source.columns[each], frozenset()).sum()) for each in columns}
        # A table in memory may have been filled since it was read.
        by_file = sum(min(_count(declared.get(each)), none[each]) for each in columns)
        empty = sum(none.values()) - by_file
        codes: dict[str, int] = {}
        for each, group in columns.items():
            for code, rows in code_rows(source, design, group, each).items():
                if kind == "utility" and code in dead_codes(design):
                    continue
                codes[quoted(code)] = codes.get(quoted(code), 0) + int(rows.sum())
        cells = source.rows * len(columns)
        result.append(MissingCells(kind, name, tuple(columns), cells, empty, by_file, tuple(codes.items())))
    return tuple(result)
