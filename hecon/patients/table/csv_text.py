"""Tables from CSV text, strictly: no row is lost to a stray quote, and none to a file that was cut or pasted."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, NamedTuple

from hecon.errors import InputError
from hecon.patients.table.framing import FileTable, framed, listed, refuse_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["read_csv"]

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


class Record(NamedTuple):
    """The cells of one row, and the physical lines of the file on which it stands."""

    cells: list[str]
    first: int
    last: int


def read_csv(content: bytes, name: str, separator: str) -> FileTable:
    """Return the table of a CSV file; a first line with the separator goes before the design's."""
    text = _decoded(content, name)
    _refuse_stray(text)
    told = _FIRST_LINE.match(text)
    if told:
        separator = told[1]
    reader = _Reader(text[told.end() if told else 0 :], separator, by_file=told is not None)
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

    def place(self, row: int, record: Record) -> str:
        """Return where a row stands: counted below the header, and as an editor counts lines."""
        lines = f"line {record.first}" if record.first == record.last else f"lines {record.first} to {record.last}"
        return f"row {row} ({lines} of the file)" if row else f"the header ({lines} of the file)"

    def records(self) -> Iterator[Record]:
        """Yield the header and the rows; a row that may hold others is refused."""
        self._refuse_other_separator()
        cells = csv.reader(self.lines, delimiter=self.separator, strict=True)
        row, start = 0, 0
        while True:
            try:
                found = next(cells, None)
            except csv.Error:
                raise self._broken(row, start, cells.line_num) from None
            if found is None:
                return
            record = Record(found, start + 1 + self.before, cells.line_num + self.before)
            if row == 0:
                self.width = len(found)
            if record.first != record.last:
                self._refuse_swallowed(row, record, self.lines[start : cells.line_num])
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
        at = self.place(row, Record([], line, line))
        reached = f", which runs on to line {end + self.before}" if end > start + 1 else ""
        return InputError(
            f"table must be sound CSV text, got in {at}, column {column}, {why}{reached}; rows are counted below the "
            f"header. {remedy}"
        )

    def _refuse_swallowed(self, row: int, record: Record, lines: Sequence[str]) -> None:
        """Refuse a row over several lines that may be several rows, which a stray quote has joined."""
        at = self.place(row, record)
        if len(record.cells) != self.width:
            why = f"has {len(record.cells)} cells, and the header {self.width}"
        else:
            whole = [_can_be_row(line, self.separator, self.width) for line in lines]
            if not (any(whole[1:-1]) or (whole[0] and whole[-1]) or _can_be_rows(lines, self.separator, self.width)):
                return
            why = "could be several rows, as its lines have the cells of rows"
        msg = (
            f"table must have one row per line, or a line break inside a cell in quotes: {at} {why}; rows are counted "
            "below the header. Remove a stray quote there, or the line breaks inside the cell"
        )
        raise InputError(msg)

    def refuse_uneven(self, records: Sequence[Record]) -> None:
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


def _can_be_row(line: str, separator: str, width: int) -> bool:
    """Return whether a physical line can be read as a whole row, with any quotes taken as ordinary characters."""
    return _readings(line.rstrip("\r\n"), separator, width)[0]


def _can_be_rows(lines: Sequence[str], separator: str, width: int) -> bool:
    """Return whether lines can be read as two rows or more, with any quotes taken as ordinary characters."""
    return _readings("".join(lines).rstrip("\r\n"), separator, width)[1]


def _readings(text: str, separator: str, width: int) -> tuple[bool, bool]:
    """Return whether a text can be read as one row of a width, and as several.

    A quote that opens a cell may be an ordinary character. `masks` has, per place where a cell may begin, the possible
    numbers of cells before it in its row as bits: in the first row, and in a later one.
    """
    full, plain = 1 << (width - 1), _plain_cell(separator)
    masks = {0: (1, 0)}
    one = several = False
    for at in _starts(text, separator):
        first, later = masks.pop(at, (0, 0))
        if not first and not later:
            continue
        for end in _ends(text, at, plain):
            if end == len(text):
                one, several = one or bool(first & full), several or bool(later & full)
            elif text[end] == separator:
                _add(masks, end + 1, (first & ~full) << 1, (later & ~full) << 1)
            elif text[end] in "\r\n" and (first | later) & full:
                _add(masks, end + (2 if text.startswith("\r\n", end) else 1), 0, 1)
    return one, several


def _add(masks: dict[int, tuple[int, int]], at: int, first: int, later: int) -> None:
    old = masks.get(at, (0, 0))
    masks[at] = (old[0] | first, old[1] | later)


def _ends(text: str, at: int, plain: re.Pattern[str]) -> set[int]:
    """Return where a cell may end that begins at a place: with its quotes as ordinary characters, and as quotes."""
    found = [plain.match(text, at), _QUOTED.match(text, at)]
    return {each.end() for each in found if each and (each.re is plain or each[1])}


def _starts(text: str, separator: str) -> Iterator[int]:
    """Yield the places where a cell may begin."""
    yield 0
    for found in re.finditer(rf"{re.escape(separator)}|\r\n?|\n", text):
        yield found.end()
