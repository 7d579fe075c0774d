"""Tables from Stata and SPSS files: codes as values, with their labels, and what the file declares missing counted."""

from __future__ import annotations

import importlib
import io
import struct
from typing import TYPE_CHECKING, Any

from hecon.errors import InputError
from hecon.trial.table.framing import FileTable, refuse_size
from hecon.trial.table.libraries import library

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_spss", "read_stata"]

# Stata's codes of missing values as long numbers: "." and ".a" to ".z".
_STATA_MISSING = 2_147_483_621
# The first format of Stata whose parts are tagged.
_TAGGED = 117
# Before a set of labels of the older formats: its length, its name and padding.
_LABELS_HEAD = 4 + 33 + 3
_SPSS_ROWS = slice(80, 84)


def _plain(code: Any) -> float | str:  # noqa: ANN401
    """Return a code of a label as plain text or a plain number."""
    plain = code.item() if hasattr(code, "item") else code
    return plain if isinstance(plain, (str, int)) else float(plain)


def _refuse_count(said: int) -> None:
    msg = f"table must hold the {said:,} rows that its file says, and it holds another number of them: export it again"
    raise InputError(msg)


# Stata ----------------------------------------------------------------------------------------------------------------


def read_stata(content: bytes, _: str, __: str) -> FileTable:
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


def read_spss(content: bytes, _: str, __: str) -> FileTable:
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
