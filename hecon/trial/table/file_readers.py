"""Tables from CSV, Stata, SPSS, Parquet and Arrow, strictly: no row is lost, and the checks that readers share."""

from __future__ import annotations

import csv
import importlib
import io
import re
import struct
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hecon.errors import HeconError, InputError
from hecon.files.faults import first_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    from numpy.typing import NDArray

MOST_CELLS = 10_000_000


class FileLayout(NamedTuple):
    """How a file is read: what a design says of it; None for what the kind of file does by itself.

    Where no sheet is named, the first of `sheets` that the workbook has is read, else its first sheet.
    """

    separator: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    sheets: tuple[str, ...] = ()
    # Whether the caller has a design, by which a message may say how to read the file.
    has_design: bool = True

    def remedy(self, here: str, in_design: str) -> str:
        """Return what mends a file, with what a design may say instead where there is one."""
        return f"{here}, or {in_design}" if self.has_design else here


@dataclass(frozen=True, eq=False, kw_only=True)
class FileTable:
    """The table of a file, what the file says of its values, and what was left out."""

    frame: pd.DataFrame
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    separator: str | None = None
    encoding: str | None = None
    rows_above: int = 0
    empty_rows: int = 0
    empty_columns: int = 0
    hidden_rows: int = 0
    open_end: bool = False
    is_weighted: bool = False
    value_labels: dict[str, dict[float | str, str]] = field(default_factory=dict)
    declared_missing: dict[str, int] = field(default_factory=dict)
    declared_values: dict[str, int] = field(default_factory=dict)

    def reading(self, kind: str) -> dict[str, Any]:
        """Return what was read and what was left out, as plain values."""
        file = ("sheet", "other_sheets", "separator", "encoding", "rows_above")
        names = (*file, "empty_rows", "empty_columns", "hidden_rows", "open_end")
        size = {"rows": len(self.frame), "columns": len(self.frame.columns)}
        return {"kind": kind, **size, **{name: getattr(self, name) for name in names}}


def is_filled(cell: Any) -> bool:  # noqa: ANN401
    """Return whether a cell holds more than white space."""
    return cell is not None and not (isinstance(cell, str) and not cell.strip())


def refuse_size(rows: int, columns: int, where: str = "") -> None:
    """Refuse a table of more cells than can be read in a reasonable time and memory."""
    if rows * columns > MOST_CELLS:
        msg = f"table must have at most {MOST_CELLS:,} cells, got {rows:,} rows of {columns:,} columns{where}"
        raise InputError(msg)


def _name(cell: Any) -> str:  # noqa: ANN401
    return "" if cell is None else str(cell).strip()


def frame_of(rows: Sequence[Sequence[Any]], place: Callable[[int], str]) -> tuple[pd.DataFrame, int]:
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
            f"table must have the names of its columns only on top, got them again in {first_of(map(place, again))}: "
            "were files pasted together? Remove these rows if every other row is a row of this table"
        )
        raise InputError(msg)
    columns: dict[int, NDArray[Any]] = {}
    kept: list[str] = []
    cells_by_name = zip(*rows[1:], strict=True) if len(rows) > 1 else [()] * len(names)
    for name, cells in zip(names, cells_by_name, strict=True):
        if name or any(is_filled(cell) for cell in cells):
            column = np.empty(len(cells), dtype=object)
            column[:] = [None if cell == "" else cell for cell in cells]
            columns[len(kept)] = column
            kept.append(name)
    frame = pd.DataFrame(columns, index=range(len(rows) - 1), columns=range(len(kept)), dtype=object)
    frame.columns = pd.Index(kept)
    return frame, len(names) - len(kept)


_ARTICLES = {"Excel": "an", "SPSS": "an", "Arrow": "an"}


def library(name: str, kind: str) -> Any:  # noqa: ANN401
    """Return the library that reads a kind of table, or raise an error that says how it is installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        top = name.partition(".")[0]
        article = _ARTICLES.get(kind, "a")
        given = "table" if kind == "Arrow" else "file"
        msg = f'reading {article} {kind} {given} needs {top}, which is not installed: pip install "hecon[readers]"'
        raise HeconError(msg) from None


SEPARATORS = (";", ",", "\t", "|")
# Excel's own word on the separator, as the first line of a CSV file.
_FIRST_LINE = re.compile(r'"?sep=([^"\r\n])"?[ \t;,]*(\r\n?|\n)', re.IGNORECASE)
_LINE_END = re.compile(r"\r\n?|\n")
_QUOTED = re.compile(r'"(?:[^"]|"")*+(")?')
_STRAY = re.compile("[\0\x1a]|(?:\\A|(?<=[\r\n]))\ufeff")
_STRAY_WORDS = {
    "\0": "a NUL character: the file is damaged, or not in UTF-8",
    "\x1a": "the end-of-file character of DOS (U+001A): remove it, and make sure that nothing followed it",
    "\ufeff": "a byte order mark: were files pasted together?",
}
_REMEDY = "Remove a stray quote; inside a cell in quotes write each of its own quotes twice"
BOMS_OF_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8 = "utf-8"


class CsvRecord(NamedTuple):
    """The cells of one row, and the physical lines of the file on which it stands."""

    cells: list[str]
    first: int
    last: int


def read_csv(content: bytes, name: str, how: FileLayout) -> FileTable:
    """Return the table of a CSV file; a first line with the separator goes before the design's."""
    text = decoded(content, name, how)
    _refuse_stray(text)
    separator, by_file, start = how.separator or default_separator(name), False, 0
    first_line = _FIRST_LINE.match(text)
    if first_line:
        separator, by_file, start = first_line[1], True, 1
    above = start if how.header_row is None else how.header_row - 1
    # The line ends are kept: they may belong to a cell.
    lines = list(io.StringIO(text, newline=""))
    if above >= len(lines) and how.header_row is not None:
        msg = f"table.header_row must be a line of the file, which has {len(lines)}, got {how.header_row}"
        raise InputError(msg)
    reader = _Reader(lines[above:], separator, before=above, by_file=by_file, how=how)
    records = list(reader.records())
    count = len(records)
    while records and not any(cell.strip() for cell in records[-1].cells):
        records.pop()
    reader.refuse_uneven(records)
    frame, left_out = frame_of([record.cells for record in records], lambda row: reader.place(row, records[row]))
    return FileTable(
        frame=frame,
        separator=separator,
        encoding=how.encoding,
        rows_above=max(0, above - start),
        empty_rows=count - len(records),
        empty_columns=left_out,
        open_end=not text.endswith(("\n", "\r")),
    )


def _line_of(text: str, at: int) -> int:
    return 1 + sum(1 for _ in _LINE_END.finditer(text, 0, at))


def default_separator(name: str) -> str:
    """Return what stands between the cells of a file of this name by default."""
    return "\t" if name.lower().endswith(".tsv") else ","


def decoded(content: bytes, name: str, how: FileLayout) -> str:
    """Return the text of a file, or refuse bytes that its encoding does not have."""
    encoding, save = how.encoding, "save it so (in Excel: CSV UTF-8)"
    try:
        # Excel begins a CSV file with a byte order mark, which is no part of the first name.
        return content.decode("utf-8-sig" if encoding in {None, _UTF8} else encoding)
    except UnicodeDecodeError as error:
        line = _line_of(error.object[: error.start].decode("latin-1"), error.start)
    if encoding not in {None, _UTF8}:
        msg = f"table.encoding must be that of the file, and line {line} of {name!r} is not in {encoding}"
    elif content.startswith(BOMS_OF_UTF16):
        mend = how.remedy(save, 'say encoding = "utf-16" in the design\'s [table]')
        msg = f"table must be text in UTF-8, and {name!r} is in UTF-16 (Excel's Unicode Text): {mend}"
    else:
        own = "say its encoding in the design's [table], which of Excel's own CSV is encoding = \"windows-1252\""
        msg = f"table must be text in UTF-8, and {name!r} is not, as line {line} shows: {how.remedy(save, own)}"
    raise InputError(msg)


def _refuse_stray(text: str) -> None:
    stray = _STRAY.search(text)
    if stray:
        line = _line_of(text, stray.start())
        msg = f"table must be plain text, got in line {line} of the file {_STRAY_WORDS[stray[0]]}"
        raise InputError(msg)


class _Reader:
    """The records of lines with what is refused in them; `before` lines stand above, `by_file` if one has the mark."""

    def __init__(self, lines: list[str], separator: str, *, before: int, by_file: bool, how: FileLayout) -> None:
        self.how = how
        self.separator = separator
        self.by_file = by_file
        self.before = before
        self.lines = lines
        self.width = 0

    def place(self, row: int, record: CsvRecord) -> str:
        """Return where a row stands: counted below the header, and as an editor counts lines."""
        lines = f"line {record.first}" if record.first == record.last else f"lines {record.first} to {record.last}"
        return f"row {row} ({lines} of the file)" if row else f"the header ({lines} of the file)"

    def records(self) -> Iterator[CsvRecord]:
        """Yield the header and the rows; a row that may hold others is refused."""
        self._refuse_other_separator()
        cells = csv.reader(self.lines, delimiter=self.separator, strict=True)
        row, start = 0, 0
        while True:
            try:
                result = next(cells, None)
            except csv.Error:
                raise self._broken(row, start, cells.line_num) from None
            if result is None:
                return
            record = CsvRecord(result, start + 1 + self.before, cells.line_num + self.before)
            if row == 0:
                self.width = len(result)
            if record.first != record.last:
                self._refuse_joined(row, record)
            refuse_size(row, self.width)
            yield record
            row, start = row + 1, cells.line_num

    def _refuse_other_separator(self) -> None:
        """Refuse a header that another separator divides."""
        header = self.lines[0].rstrip("\r\n") if self.lines else ""
        others = [each for each in SEPARATORS if self.separator not in header and each in header]
        if others:
            other = max(others, key=header.count)
            shown_so = "\\t" if other == "\t" else other
            own = f'say separator = "{shown_so}" in the design\'s [table]'
            remedy = own if self.how.has_design else "save it with commas, semicolons or tabs"
            remedy = "mend its first line" if self.by_file else remedy
            msg = (
                f"table must have its cells separated by {self.separator!r}, and its header has {other!r} between "
                f"them: {remedy}"
            )
            raise InputError(msg)

    def _broken(self, row: int, start: int, end: int) -> InputError:
        """Return the refusal of a row that breaks the rules of quoting, with the column where it does."""
        column, why, remedy = _quoting_fault("".join(self.lines[start:]), self.separator)
        line = start + 1 + self.before
        at = self.place(row, CsvRecord([], line, line))
        run_on = f", which runs on to line {end + self.before}" if end > start + 1 else ""
        return InputError(
            f"table must be sound CSV text, got in {at}, column {column}, {why}{run_on}; rows are counted below the "
            f"header. {remedy}"
        )

    def _refuse_joined(self, row: int, record: CsvRecord) -> None:
        """Refuse a row over several lines that may be several rows, which a stray quote has joined."""
        column = _column_of_rows(record.cells, self.separator)
        if len(record.cells) != self.width:
            why = f"has {len(record.cells)} cells, and the header {self.width}"
        elif column is not None:
            why = f"could be several rows, by the separators inside its cell in column {column}"
        else:
            return
        msg = (
            "table must have one row per line, or a line break inside a cell in quotes: "
            f"{self.place(row, record)} {why}; rows are counted below the header. Remove a stray quote there, or the "
            "line breaks inside the cell"
        )
        raise InputError(msg)

    def refuse_uneven(self, records: Sequence[CsvRecord]) -> None:
        """Refuse rows of another length than the header; a header without names is refused later."""
        if not records or not any(cell.strip() for cell in records[0].cells):
            return
        wrong = [
            f"{row} (line {record.first})" for row, record in enumerate(records) if len(record.cells) != self.width
        ]
        if wrong:
            by = "the design's table.separator says otherwise" if self.how.has_design else "as its header shows"
            by = "as its first line says" if self.by_file else by
            by += "" if all(record.cells for record in records) else ". Remove blank lines"
            widths = Counter(len(record.cells) for record in records)
            usual = widths.most_common(1)[0][0]
            if usual > self.width and widths[usual] > len(records) / 2:
                lower = "say which: header_row in the design's [table]"
                lower = lower if self.how.has_design else "take out what stands above them"
                by += f". If the names stand in a lower line, {lower}"
            msg = (
                f"table must have as many cells in every row as it has names, {self.width}, got others in row "
                f"{first_of(wrong)}, counted below the header (lines are those of the file); cells are separated by "
                f"{self.separator!r}: {by}"
            )
            raise InputError(msg)


# Quotes -----------------------------------------------------------------------------------------------------------


def _quoting_fault(text: str, separator: str) -> tuple[int, str, str]:
    """Return the column in which the first row of a text breaks the rules of quoting, what does, and the remedy."""
    limit, plain = csv.field_size_limit(), re.compile(rf"[^{re.escape(separator)}\r\n]*")
    at, column = 0, 1
    while True:
        quoted = _QUOTED.match(text, at)
        if quoted and not quoted[1]:
            return column, "a quote that opens a cell and is never closed", _REMEDY
        cell = quoted or plain.match(text, at)
        end = cell.end() if cell else at
        if end - at > limit:
            return column, f"a cell of more than {limit:,} characters", "Shorten it"
        if not text.startswith(separator, end):
            return column, "text after the quote that closes a cell", _REMEDY
        at, column = end + 1, column + 1


def _column_of_rows(cells: Sequence[str], separator: str) -> int | None:
    """Return the column whose cell may hold the end of a row and the begin of a later one, or None.

    A stray quote that opens a cell in column k of n, and one that closes it there in a later row, leave between them
    n - k separators up to a line break, and k - 1 after it. So does a row that a line inside the cell could be.
    """
    width = len(cells)
    for column, cell in enumerate(cells, start=1):
        counts = [line.count(separator) for line in _LINE_END.split(cell)]
        before, total = 0, sum(counts)
        for count in counts[:-1]:
            before += count
            if before >= width - column and total - before >= column - 1:
                return column
        if any(count >= width - 1 for count in counts[1:-1]):
            return column
    return None


# Stata, SPSS, Parquet -------------------------------------------------------------------------------------------------

# Stata's codes of missing values as long numbers: "." and ".a" to ".z".
_STATA_MISSING = 2_147_483_621
# The first format of Stata whose parts are tagged.
_TAGGED = 117
# Before a set of labels of the older formats: its length, its name and padding.
_LABELS_HEAD = 4 + 33 + 3
_SPSS_ROWS = slice(80, 84)
# Number of the variable that SPSS weights cases by, 0 for none.
_SPSS_WEIGHT = slice(76, 80)


def _plain(code: Any) -> float | str:  # noqa: ANN401
    """Return a code of a label as plain text or a plain number."""
    plain = code.item() if hasattr(code, "item") else code
    return plain if isinstance(plain, (str, int)) else float(plain)


def _refuse_count(said: int) -> None:
    msg = f"table must hold the {said:,} rows that its file says, and it holds another number of them: export it again"
    raise InputError(msg)


def read_stata(content: bytes, _: str, __: FileLayout) -> FileTable:
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
        value_labels={column: result for column, result in labels.items() if result},
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


def read_spss(content: bytes, _: str, how: FileLayout) -> FileTable:
    """Return the table of an SPSS file."""
    pyreadstat = library("pyreadstat", "SPSS")
    read = partial(pyreadstat.read_sav, encoding=how.encoding)
    rows = _spss_rows(content)
    about = read(io.BytesIO(content), metadataonly=True, user_missing=True)[1]
    refuse_size(rows, about.number_columns)
    # The reader refuses a file of fewer rows than it says, and leaves out more without a word.
    frame = read(io.BytesIO(content), apply_value_formats=False)[0]
    if len(frame) != rows or _has_row(pyreadstat, content, rows):
        _refuse_count(rows)
    ranges = about.missing_ranges
    labels = {
        name: {_plain(code): text for code, text in result.items() if not _is_missing(code, ranges.get(name, []))}
        for name, result in about.variable_value_labels.items()
    }
    counts = _user_missing(read, content, frame, list(ranges))
    return FileTable(
        frame=frame,
        encoding=how.encoding,
        is_weighted=any(content[_SPSS_WEIGHT]),
        value_labels={name: result for name, result in labels.items() if result},
        declared_missing={name: count for name, (count, _) in counts.items() if count},
        declared_values={name: different for name, (_, different) in counts.items() if different},
    )


def _user_missing(
    read: Callable[..., Any], content: bytes, frame: pd.DataFrame, names: list[str]
) -> dict[str, tuple[int, int]]:
    """Return how many cells of each column hold a value that the file declares missing, and how many such values."""
    if not names:
        return {}
    given = read(io.BytesIO(content), apply_value_formats=False, user_missing=True, usecols=names)[0]
    result = {}
    for name in names:
        cells = given[name][given[name].notna() & frame[name].isna()]
        result[name] = len(cells), int(cells.nunique())
    return result


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
    result: int = struct.unpack(f"{_order(content)}i", content[_SPSS_ROWS])[0]
    if result < 0:
        msg = (
            "table must be a file that says how many rows it has, and this one does not, so that it may have been cut: "
            "open it in SPSS or PSPP and save it"
        )
        raise InputError(msg)
    return result


def _is_missing(code: Any, ranges: list[dict[str, Any]]) -> bool:  # noqa: ANN401
    """Return whether a code is one that the file declares missing."""
    return any(
        isinstance(code, str) == isinstance(each["lo"], str) and each["lo"] <= code <= each["hi"] for each in ranges
    )


def read_parquet(content: bytes, _: str, __: FileLayout) -> FileTable:
    """Return the table of a Parquet file."""
    pyarrow = library("pyarrow.parquet", "Parquet")
    # Without pandas' own metadata, which would hide a column in the index.
    with pyarrow.ParquetFile(io.BytesIO(content)) as file:
        refuse_size(file.metadata.num_rows, file.metadata.num_columns)
        frame = _frame_of(file.read())
    return FileTable(frame=frame)


def _frame_of(table: Any) -> pd.DataFrame:  # noqa: ANN401
    """Return a table of pyarrow as one of pandas: labels of dictionaries as values, whole numbers with all digits."""
    import pandas as pd

    pyarrow = library("pyarrow", "Arrow")
    for place, each in enumerate(table.schema):
        if isinstance(each.type, pyarrow.DictionaryType):
            table = table.set_column(place, each.name, _with_signed_codes(table.column(place)))
    # Beside missing ones they would be floats.
    whole = {pyarrow.int64(): pd.Int64Dtype(), pyarrow.uint64(): pd.UInt64Dtype()}
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True, types_mapper=whole.get)
    return frame.astype({name: object for name, kind in frame.dtypes.items() if kind == "category"})


def _with_signed_codes(column: Any) -> Any:  # noqa: ANN401
    """Return a column of dictionaries with signed codes: those of polars are not, which earlier versions refuse."""
    pyarrow = library("pyarrow", "Arrow")
    kind = pyarrow.dictionary(pyarrow.int64(), column.type.value_type)
    made = pyarrow.DictionaryArray.from_arrays
    return pyarrow.chunked_array([made(each.indices.cast("int64"), each.dictionary) for each in column.chunks], kind)


def is_arrow(table: Any) -> bool:  # noqa: ANN401
    """Return whether a table gives its columns by Arrow, as those of polars, pyarrow and DuckDB do."""
    return hasattr(table, "__arrow_c_stream__")


def frame_of_arrow(table: Any) -> pd.DataFrame:  # noqa: ANN401
    """Return a table of polars, pyarrow or another library that gives its columns by Arrow."""
    pyarrow, what = library("pyarrow", "Arrow"), f"{type(table).__module__.partition('.')[0]}'s {type(table).__name__}"
    try:
        given = pyarrow.table(table)
    except (pyarrow.ArrowException, TypeError):
        rule = "table must be a table with columns of kinds that pyarrow knows"
        msg = f"{rule}, got {what}: give a single column as a table, and cast others, such as integers of 128 bits"
        raise InputError(msg) from None
    refuse_size(given.num_rows, given.num_columns)
    return _frame_of(given)
