"""Tables from CSV text, strictly: no row is lost to a stray quote, and none to a file that was cut or pasted."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, NamedTuple

from hecon.errors import InputError
from hecon.trial.table.framing import FileTable, framed, listed, refuse_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SEPARATORS = (";", ",", "\t", "|")
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
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class CsvRecord(NamedTuple):
    """The cells of one row, and the physical lines of the file on which it stands."""

    cells: list[str]
    first: int
    last: int


def read_csv(content: bytes, name: str, separator: str) -> FileTable:
    """Return the table of a CSV file; a first line with the separator goes before the design's."""
    text = _decoded(content, name)
    _refuse_stray(text)
    first_line = _FIRST_LINE.match(text)
    if first_line:
        separator = first_line[1]
    reader = _Reader(text[first_line.end() if first_line else 0 :], separator, by_file=first_line is not None)
    records = list(reader.records())
    count = len(records)
    while records and not any(cell.strip() for cell in records[-1].cells):
        records.pop()
    reader.refuse_uneven(records)
    frame, left_out = framed([record.cells for record in records], lambda row: reader.place(row, records[row]))
    return FileTable(
        frame=frame,
        separator=separator,
        empty_rows=count - len(records),
        empty_columns=left_out,
        open_end=not text.endswith(("\n", "\r")),
    )


def _line_of(text: str, at: int) -> int:
    return 1 + sum(1 for _ in _LINE_END.finditer(text, 0, at))


def _decoded(content: bytes, name: str) -> str:
    try:
        # Excel begins a CSV file with a byte order mark, which is no part of the first name.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_of(error.object[: error.start].decode("latin-1"), error.start)
    got = " is in UTF-16 (Excel's Unicode Text)" if content.startswith(_UTF16) else f" is not, as line {line} shows"
    msg = f"table must be text in UTF-8, and {name!r}{got}: save it so (in Excel: CSV UTF-8)"
    raise InputError(msg)


def _refuse_stray(text: str) -> None:
    stray = _STRAY.search(text)
    if stray:
        line = _line_of(text, stray.start())
        msg = f"table must be plain text, got in line {line} of the file {_STRAY_WORDS[stray[0]]}"
        raise InputError(msg)


class _Reader:
    """The records of a text with what is refused in them; `by_file` if its own first line names the separator."""

    def __init__(self, text: str, separator: str, *, by_file: bool) -> None:
        self.separator = separator
        self.by_file = by_file
        self.before = 1 if by_file else 0
        # The line ends are kept: they may belong to a cell.
        self.lines = list(io.StringIO(text, newline=""))
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
        others = [each for each in _SEPARATORS if self.separator not in header and each in header]
        if others:
            other = max(others, key=header.count)
            shown_so = "\\t" if other == "\t" else other
            remedy = "mend its first line" if self.by_file else f'say separator = "{shown_so}" in the design\'s [table]'
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
            by = "as its first line says" if self.by_file else "the design's table.separator says otherwise"
            by += "" if all(record.cells for record in records) else ". Remove blank lines"
            msg = (
                f"table must have as many cells in every row as it has names, {self.width}, got others in row "
                f"{listed(wrong)}, counted below the header (lines are those of the file); cells are separated by "
                f"{self.separator!r}: {by}"
            )
            raise InputError(msg)


# Quotes -----------------------------------------------------------------------------------------------------------


def _quoting_fault(text: str, separator: str) -> tuple[int, str, str]:
    """Return the column in which the first row of a text breaks the rules of quoting, what does, and the remedy."""
    limit, plain = csv.field_size_limit(), _plain_cell(separator)
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


def _plain_cell(separator: str) -> re.Pattern[str]:
    return re.compile(rf"[^{re.escape(separator)}\r\n]*")


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
