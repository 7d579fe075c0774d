"""A table of patient data as plain arrays, with the faults in it as lines of text, folded by cause."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _arrays
from hecon._io import TABLE_BYTES, exists, file_bytes
from hecon.errors import HeconError, InputError
from hecon.files.faults import APART, first_of, near, shown
from hecon.trial.table.cells import TableFault, key_of, place_of, quoted, text_of, usual_code
from hecon.trial.table.design import column_codes, groups_of, table_codes
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
from hecon.trial.table.xlsx import read_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from hecon._arrays import Codes, Flags
    from hecon.trial.table.design import Design
    from hecon.trial.table.design_keys import DataTable

    Code = float | str
    Reader = Callable[[bytes, str, FileLayout], FileTable]

_RESET = ", and only columns are read: reset_index() makes it one"
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
        values of SPSS, .a to .z of Stata), "declared_values", how many different values these are (of SPSS), and
        "is_weighted", whether the file was saved with weights (of SPSS).

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
    _refuse_other_kind(content, file, kind)
    result = _quietly(READERS[kind], content, file, how)
    frame = result.frame
    refuse_repeated(frame, in_row=kind in _KEYS_OF_KINDS["header_row"])
    if frame.empty:
        where = f"sheet {result.sheet!r} of {str(file)!r}" if result.sheet else f"{str(file)!r}"
        msg = f"table must have rows below the names of its columns, got none in {where}"
        if result.other_sheets:
            named = ", ".join(map(repr, result.other_sheets))
            front, named_so = "move the sheet of the table to the front", "name it, as sheet in the [table] of a design"
            remedy = how.remedy(front, named_so)
            msg += f"; it has others, {named}: {remedy}"
        raise InputError(msg)
    frame.attrs["reading"] = result.reading(kind)
    frame.attrs["value_labels"] = result.value_labels
    frame.attrs["declared_missing"] = result.declared_missing
    frame.attrs["declared_values"] = result.declared_values
    frame.attrs["is_weighted"] = result.is_weighted
    return frame, hashlib.sha256(content).hexdigest()


def _refuse_other_kind(content: bytes, file: Path, kind: str) -> None:
    """Refuse a file that by its first bytes is of another kind than its name tells."""
    for begin, kinds, remedy in _BEGINS:
        if content.startswith(begin) and kind not in kinds:
            what = f"a {kinds[0]} file" if kinds else "a workbook of Excel 97 to 2003 (.xls), or one with a password"
            msg = f"table must be of the kind that its name tells, and {str(file)!r} is {what} by its content: {remedy}"
            raise InputError(msg)


def refuse_repeated(table: pd.DataFrame, *, in_row: bool = False) -> None:
    """Refuse columns that share a name; by place, as a table without names has values on top.

    Of a file whose names may stand in a lower row, `in_row`, several without a name look like a title above them.
    """
    repeated = [str(place) for place, again in enumerate(table.columns.duplicated(keep=False), start=1) if again]
    if repeated:
        msg = f"table must have a name of its own for every column, got columns that share a name: {first_of(repeated)}"
        if in_row and sum(name == "" for name in table.columns) > 1:
            msg += "; some have none: if the names stand in a lower row, say header_row in the design's [table]"
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


READERS: dict[str, Reader] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".xlsx": read_workbook,
    ".dta": read_stata,
    ".sav": read_spss,
    ".zsav": read_spss,
    ".parquet": read_parquet,
}
# How files of a kind begin, the endings of these, and what to do where the ending is another.
_BEGINS = (
    (b"PK\x03\x04", (".xlsx",), "give it that ending"),
    (b"$FL2", (".sav", ".zsav"), "give it that ending"),
    (b"$FL3", (".zsav", ".sav"), "give it that ending"),
    (b"<stata_dta>", (".dta",), "give it that ending"),
    (b"PAR1", (".parquet",), "give it that ending"),
    (b"\xd0\xcf\x11\xe0", (), "save it as Excel Workbook (.xlsx) without a password"),
)
# Keys of a design that only some kinds of files know. A separator is of no other, and was never refused there.
_KEYS_OF_KINDS = {
    "encoding": (".csv", ".tsv", ".sav", ".zsav"),
    "sheet": (".xlsx",),
    "header_row": (".csv", ".tsv", ".xlsx"),
}


@dataclass(frozen=True, eq=False)
class RawTable:
    """The columns of a table, floats or objects as they stand, how their cells are read, and the faults in them so far.

    `guarded` is the mark by which numbers could be thousands or decimals alike, empty where the design tells which;
    `date_order` is that of dates in text; `codes` mean missing, by column; `labels` are those of the file's codes, by
    column; `attrs` is what the reader says; `index` the names of the index of a table in memory.
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
    index: tuple[str, ...] = ()
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
        index=tuple(str(name) for name in frame.index.names if name is not None),
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


# Faults ---------------------------------------------------------------------------------------------------------------


def fault_lines(faults: Iterable[TableFault], design: Design | None = None) -> list[str]:
    """Return one line per cause: columns, the first rows (row 1 is the first patient's) and their number, rule.

    What is a usual code for a missing value is one cause wherever it stands; so is a rule that more than two columns
    break, or that many are missing.
    """
    by_rule: dict[str, list[TableFault]] = {}
    by_code: dict[Code, list[TableFault]] = {}
    for fault in faults:
        codes = dict.fromkeys(fault.held) if design is not None else ()
        for code in codes:
            rows = tuple(row for row, held in zip(fault.rows, fault.held, strict=True) if held == code)
            if code is None:
                by_rule.setdefault(fault.rule, []).append(fault._replace(rows=rows))
            else:
                by_code.setdefault(code, []).append(fault._replace(rows=rows))
        if not codes:
            by_rule.setdefault(fault.rule, []).append(fault)
    told = [] if design is None else [_code_line(code, each, design) for code, each in by_code.items()]
    return told + [line for rule, each in by_rule.items() for line in _rule_lines(rule, each)]


def _rule_lines(rule: str, faults: list[TableFault]) -> Iterator[str]:
    """Yield a line for each place, or one for all columns if they are many."""
    places: dict[str, dict[int, str]] = {}
    for fault in faults:
        shown = places.setdefault(fault.where, {})
        shown.update({row: f"{row + 1}" for row in fault.rows})
        shown.update({row: f"{one + 1} and {row + 1}" for row, one in zip(fault.rows, fault.above, strict=False)})
    columns = [where.removeprefix("column ") for where in places if where.startswith("column '")]
    with_rows = sum(map(bool, places.values()))
    if len(columns) <= APART or len(columns) < len(places) or with_rows not in {0, len(columns)}:
        yield from (f"{where}{_rows(shown)}: {rule}" for where, shown in places.items())
        return
    if not with_rows:
        yield f"{len(columns)} columns ({first_of(columns)}): each {rule}"
        return
    first = min(places[f"column {columns[0]}"]) + 1
    yield f"{_columns(columns, sum(map(len, places.values())))}, the first in row {first} of {columns[0]}: {rule}"


def _columns(columns: list[str], cells: int) -> str:
    return f"{len(columns)} columns ({first_of(columns)}), {cells} cells"


def _rows(shown: dict[int, str]) -> str:
    words = first_of(shown[row] for row in sorted(shown))
    return words and f", row{'s' if not words.isdecimal() else ''} {words}"


def _code_line(code: Code, faults: list[TableFault], design: Design) -> str:
    """Return the question whether a code means missing, with the key that would say so."""
    columns = list(dict.fromkeys(fault.where.removeprefix("column ") for fault in faults))
    rules = {fault.rule.partition(", got ")[0] for fault in faults}
    rule = f"{rules.pop()}, got" if len(rules) == 1 else "must hold values, got"
    cells = sum(len(fault.rows) for fault in faults)
    where = _columns(columns, cells)
    if len(columns) == 1:
        where = f"column {columns[0]}{_rows({row: f'{row + 1}' for fault in faults for row in fault.rows})}"
    return f"{where}: {rule} {quoted(code)}: a missing value? {missing_hint(code, columns, design)}"


def missing_hint(code: Code, columns: Iterable[str], design: Design) -> str:
    """Return how a design says that a code means missing in columns, given as they are quoted."""
    wanted = set(columns)
    groups = [group for group in groups_of(design) if wanted & set(map(repr, group.columns))]
    paths = list(dict.fromkeys(group.path for group in groups))
    if len(paths) == 1:
        own, known = groups[0], groups[0].codes
        # A part that a design may have several of has its place in its path.
        where = f"[{own.path}]" if own.path == own.kind else f"the [[{own.kind}]] of {own.name!r}"
    else:
        where, known = "[table]", table_codes(design)
    listed = ", ".join(map(quoted, (*sorted(known, key=str), code)))
    return f"Then say missing = [{listed}] in {where} of the design"


def missing_columns(source: RawTable, needed: Iterable[str]) -> list[TableFault]:
    """Return the columns that a design names and the table lacks, each with the nearest name.

    Without any of them on top the table may begin with a patient, whose values must not appear as near names.
    """
    wanted = list(dict.fromkeys(needed))
    lacking = [name for name in wanted if name not in source.columns]
    if len(lacking) == len(wanted):
        alike = {name.casefold() for name in source.columns}
        if all(name.casefold() in alike for name in wanted):
            rule = "must have the names of columns as the design has them, got them in other upper and lower case"
            return [TableFault("table", f"{rule}: write them in the design as the table has them")]
        rule = (
            f"must have the names of columns on top, got none of {', '.join(wanted)}: "
            "does it begin with them, and is table.separator right?"
        ) + _elsewhere(source)
        return [TableFault("table", rule)]
    free = [name for name in source.columns if name not in wanted]
    index = source.index
    return [
        TableFault(f"column {name!r}", f"is the index of the table{_RESET}")
        if name in index
        else TableFault(f"column {name!r}", f"is missing from the table{near(name, free, alike=0.7)}")
        for name in lacking
    ]


def _elsewhere(source: RawTable) -> str:
    """Return where else in its file the names may stand."""
    reading = source.attrs.get("reading")
    about = reading if isinstance(reading, dict) else {}
    others = about.get("other_sheets") or ()
    if others:
        named = ", ".join(map(repr, others))
        return (
            f" If the table stands in another sheet ({named}) or row, say sheet or header_row in the design's [table]"
        )
    return " If they stand in a lower row, say header_row in the design's [table]" if about else ""
