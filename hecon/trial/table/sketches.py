"""What an unknown table could be: its layout as a file, what its columns hold, and that as a draft in TOML."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hecon import eq5d, valuesets
from hecon._controls import one_line
from hecon.errors import InputError
from hecon.files.faults import first_of
from hecon.trial.table.cells import are_missing, code_text, key_of, numbers, possible_marks, usual_code
from hecon.trial.table.codes import is_missing_label
from hecon.trial.table.file_readers import (
    BOMS_OF_UTF16,
    SEPARATORS,
    FileLayout,
    decoded,
    default_separator,
    is_filled,
    library,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from hecon._arrays import Floats

    Guesses = dict[str, tuple[Any, str]]
    Code = float | str
    Family = list[tuple["NamedTime | None", "ColumnSketch"]]


# Lines and rows that are looked at for the names.
_LOOKED_AT = 200
# Share of the widest row that the row of the names fills.
_WIDE = 0.6


def sniffed(content: bytes, name: str, kind: str) -> tuple[FileLayout, Guesses]:
    """Return how a file is read, and what of it was guessed; what the kind of file does by itself is left out."""
    guesses: Guesses = {}
    if kind in {".csv", ".tsv"}:
        guesses = _of_text(content, name)
    elif kind == ".xlsx":
        guesses = _of_workbook(content)
    return FileLayout(**{key: value for key, (value, _) in guesses.items()}), guesses


def _of_text(content: bytes, name: str) -> Guesses:
    guesses: Guesses = {}
    try:
        text = decoded(content, name, FileLayout())
    except InputError:
        guesses["encoding"] = "windows-1252", "it is no UTF-8: look whether its letters are right"
        if content.startswith(BOMS_OF_UTF16):
            guesses["encoding"] = "utf-16", "it begins as such files do"
        text = content.decode(guesses["encoding"][0], errors="replace")
    lines = text.splitlines()
    named = bool(lines) and lines[0].lower().strip('"').startswith("sep=")
    separator = lines[0].strip('"')[4:5] if named else _separator(lines)
    if separator != default_separator(name) and not named:
        guesses["separator"] = separator, "it divides most lines"
    widths = [len(row) for row in csv.reader(lines[:_LOOKED_AT], delimiter=separator)] if separator else []
    row = _first_wide([0, *widths[1:]] if named else widths)
    if row > 1 + named:
        guesses["header_row"] = row, "the lines above it have fewer cells"
    return guesses


def _separator(lines: Sequence[str]) -> str:
    """Return the mark that divides the most lines into the same number of cells, more than one."""
    best = ("", (0, 0))
    for mark in SEPARATORS:
        rows = csv.reader(io.StringIO("\n".join(lines[:_LOOKED_AT]), newline=""), delimiter=mark)
        counts = Counter(len(row) for row in rows if len(row) > 1)
        if counts:
            width, often = counts.most_common(1)[0]
            best = max(best, (mark, (often, width)), key=lambda each: each[1])
    return best[0] or ","


def _first_wide(widths: Sequence[int]) -> int:
    """Return the place of the first row, from 1, that is as wide as most of those that are wide."""
    usual = max(Counter(widths).items(), key=lambda each: (each[1] * (each[0] > 1), each[0]), default=(1, 1))[0]
    return next((place for place, width in enumerate(widths, start=1) if width >= max(usual, 1)), 1)


def _of_workbook(content: bytes) -> Guesses:
    """Return the largest visible sheet of a workbook, and the row of its names."""
    openpyxl = library("openpyxl", "Excel")
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    sizes: dict[str, tuple[int, int]] = {}
    try:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in visible:
            widths = [sum(map(is_filled, row)) for row in sheet.iter_rows(values_only=True)]
            sizes[sheet.title] = sum(widths), _names_row(widths[:_LOOKED_AT])
        first = book.worksheets[0].title if book.worksheets else ""
    finally:
        book.close()
    if not sizes:
        return {}
    title = max(sizes, key=lambda each: sizes[each][0])
    guesses: Guesses = {}
    if title != first:
        others = first_of(repr(each) for each in sizes if each != title)
        guesses["sheet"] = title, f"it holds the most cells; the others are {others}"
    if sizes[title][1] > 1:
        guesses["header_row"] = sizes[title][1], "the rows above it have fewer cells"
    return guesses


def _names_row(widths: Sequence[int]) -> int:
    """Return the first row, from 1, that fills most of the widest."""
    widest = max(widths, default=0)
    return next((place for place, width in enumerate(widths, start=1) if width and width >= _WIDE * widest), 1)


_EDGE = r"(?:^|[\W_])"
_END = r"(?=$|[\W_])"
# The time in a name, tried in this order; the kind says what its number counts.
_TIMES = (
    ("start", re.compile(rf"{_EDGE}(?:baseline|bl|base|pre|voormeting|nulmeting|start|before|vooraf|voor){_END}")),
    ("month", re.compile(rf"{_EDGE}(?:m|mnd|mth|maand|maanden|months?)[\W_]?(\d+(?:\.\d+)?){_END}")),
    ("month", re.compile(rf"(\d+(?:\.\d+)?)[\W_]?(?:m|mnd|mth|maand|maanden|months?){_END}")),
    ("year", re.compile(rf"(\d+)[\W_]?(?:y|yr|years?|jaar|jr){_END}")),
    ("week", re.compile(rf"{_EDGE}(?:w|wk|week|weken|weeks)[\W_]?(\d+){_END}|(\d+)[\W_]?(?:w|wk|weeks?|weken){_END}")),
    ("visit", re.compile(rf"{_EDGE}(?:t|v|visit|meting|wave|round)[\W_]?(\d+){_END}")),
    ("number", re.compile(r"(\d+)$")),
    ("number", re.compile(rf"^(\d+){_END}|{_EDGE}(\d+){_END}")),
)
_EQ5D = re.compile(r"eq[\W_]*5[\W_]*d(?:[\W_]*[35][\W_]*l)?")
_MONTHS_OF_A_YEAR = 12
_PLAUSIBLE = {0, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 9, 12, 15, 18, 21, 24, 30, 36, 42, 48, 54, 60, 72, 84, 96, 120}
_UTILITY = re.compile(r"util|eq[\W_]*5[\W_]*d|index|tarief|qol|nutsw|^u(?=$|[\W_\d])", re.IGNORECASE)
QALY = re.compile(r"qaly", re.IGNORECASE)


class NamedTime(NamedTuple):
    """What the name of a column tells of its time: the rest of the name, what is counted, and how many."""

    stem: str
    kind: str
    number: float


def time_in_name(name: str) -> NamedTime | None:
    """Return the time that the name of a column tells, or None."""
    plain = _EQ5D.sub(" eqd ", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
    for kind, pattern in _TIMES:
        found = pattern.search(plain)
        if found:
            number = next((float(each) for each in found.groups() if each), 0.0)
            rest = f"{plain[: found.start()]} {plain[found.end() :]}"
            words = re.sub(r"[\W_]+", " ", rest.replace(" eqd ", " eq5d ")).strip()
            scale = _MONTHS_OF_A_YEAR if kind == "year" else 1
            return NamedTime(words, "month" if kind == "year" else kind, number * scale)
    return None


@dataclass(frozen=True, eq=False)
class ColumnSketch:
    """A column as it stands: its name, its cells as numbers (NaN where none), and what else they hold.

    `usual` counts the cells that hold a usual code for a missing value, `texts` those that hold another text.
    """

    name: str
    values: Floats
    filled: int
    texts: int
    usual: Counter[Code]
    counts: Counter[Code]
    labels: dict[Code, str]
    whole: bool

    @property
    def numeric(self) -> bool:
        """Whether it holds numbers and, beside codes for missing values, nothing else."""
        return bool(self.filled) and not self.texts and bool((~np.isnan(self.values)).any())

    def within(self, low: float, high: float) -> bool:
        """Whether it is of numbers in a range, but for usual codes for missing values."""
        known = self.plain()
        return self.numeric and known.size > 0 and bool((known >= low).all() and (known <= high).all())

    def plain(self) -> Floats:
        """Return the numbers that are no usual code for a missing value."""
        known = self.values[~np.isnan(self.values)]
        codes = [code for code in self.usual if not isinstance(code, str)]
        return known[~np.isin(known, codes)]


def marks_of(columns: Iterable[NDArray[Any]]) -> tuple[str, str]:
    """Return decimal and thousands mark by which the most columns of text are numbers, a point and none if alike."""
    votes: Counter[tuple[str, str]] = Counter()
    for cells in columns:
        texts = [cell for cell in cells.tolist() if isinstance(cell, str) and usual_code(cell) is None and cell.strip()]
        marked = [cell for cell in texts if re.search(r"\d[.,]\d", cell)]
        pairs = possible_marks(texts) if marked else []
        # A column by which both marks would do tells nothing.
        if pairs and len({pair[0] for pair in pairs}) == 1:
            votes[pairs[0]] += 1
    return votes.most_common(1)[0][0] if votes else (".", "")


def sketch(name: str, cells: NDArray[Any], labels: dict[Code, str], marks: tuple[str, str]) -> ColumnSketch:
    """Return the sketch of a column."""
    missing = are_missing(cells, frozenset())
    values, wrong = numbers(cells, decimal=marks[0], thousands=marks[1])
    keys = [key_of(cell) for cell in cells.tolist()]
    usual = Counter(code for cell in cells.tolist() if (code := usual_code(cell)) is not None)
    text_codes = sum(count for code, count in usual.items() if isinstance(code, str))
    known = values[~np.isnan(values)]
    return ColumnSketch(
        name=name,
        values=values,
        filled=int((~missing).sum()),
        texts=max(0, int(wrong.sum()) - text_codes),
        usual=usual,
        counts=Counter(key for key in keys if key is not None),
        labels=labels,
        whole=bool((known == np.round(known)).all()),
    )


def names_of(column: ColumnSketch) -> dict[Code, str]:
    """Return the values of a column with few, each with its label or its text; those that mean missing are left out."""
    result = {}
    for code in sorted(column.counts, key=str):
        label = column.labels.get(code)
        if code in column.usual or (label is not None and is_missing_label(label)):
            continue
        result[code] = label or (code if isinstance(code, str) else f"arm {code_text(code)}")
    return result


def least(column: ColumnSketch) -> float:
    """Return the least number of a column that is no usual code, 0 if there is none."""
    known = column.plain()
    return float(known.min()) if known.size else 0.0


def item_of(column: ColumnSketch) -> str | None:
    """Return the item of EQ-5D that the name of a column tells, by word or by number."""
    item, _ = eq5d.item_in_name(column.name)
    if item is not None:
        return item
    found = re.search(
        r"eq[\W_]*5[\W_]*d(?:[\W_]*[35][\W_]*l)?[\W_]*(?:q|item|dim)?[\W_]*([1-5])(?!\d)", column.name.lower()
    )
    if found is None and (time := time_in_name(column.name)) is not None:
        found = re.search(r"^eq5d ([1-5])(?!\d)", time.stem)
    return valuesets.ITEMS[int(found[1]) - 1] if found else None


def are_states(column: ColumnSketch) -> bool:
    """Return whether a column is of EQ-5D states, five digits each."""
    known = column.plain()
    return (
        column.numeric and column.whole and column.within(11_111, 55_555)
        and all(set(str(int(each))) <= set("12345") for each in set(known.tolist()))
    )  # fmt: skip


def are_utilities(column: ColumnSketch) -> bool:
    """Return whether a column is of utilities, by its name and its numbers."""
    named = _UTILITY.search(column.name) is not None and QALY.search(column.name) is None
    return named and not column.whole and column.within(-1, 1)


def in_order(family: Iterable[tuple[NamedTime | None, ColumnSketch]]) -> Family:
    """Return columns in the order of the times in their names, those without a time first."""
    return sorted(
        family, key=lambda each: (-1.0, 0.0) if each[0] is None else (each[0].kind != "start", each[0].number)
    )


def as_months(times: Sequence[NamedTime | None]) -> tuple[list[float] | None, str]:
    """Return the months that names tell, or None, and why."""
    if any(each is None for each in times):
        return None, "no time stands in the names"
    known = [each for each in times if each is not None]
    numbers, kinds = [each.number for each in known], {each.kind for each in known} - {"start"}
    if "week" in kinds:
        return None, "the names tell weeks"
    if len(set(numbers)) < len(numbers):
        return None, "names tell one time twice"
    if kinds <= {"month"}:
        return numbers, "the names tell months"
    counted = sorted(numbers) == list(range(int(min(numbers)), int(min(numbers)) + len(numbers)))
    if not counted and set(numbers) <= _PLAUSIBLE:
        return numbers, "the numbers in the names, read as months"
    return None, "the names number the visits" if counted else "the numbers in the names may be no months"


_LINE = 100
_QUESTION = "# FILL IN"


@dataclass
class DraftText:
    """Lines of TOML; a guess has a comment with why, a line to fill in what is asked."""

    lines: list[str] = field(default_factory=list)

    def table(self, header: str) -> None:
        """Begin a table."""
        self.lines += ["", header]

    def say(self, comment: str) -> None:
        """Add a comment on lines of its own."""
        words, line = one_line(comment).split(" "), "#"
        for word in words:
            if len(line) + len(word) >= _LINE:
                self.lines.append(line)
                line = "#"
            line += f" {word}"
        self.lines.append(line)

    def propose(self, question: str, *headers: str, **keys: Any) -> None:  # noqa: ANN401
        """Ask a question below an empty line, and add what it proposes, switched off."""
        self.lines.append("")
        self.say(question)
        self.off(*headers, **keys)

    def off(self, *headers: str, **keys: Any) -> None:  # noqa: ANN401
        """Add headers and keys as comments."""
        self.lines += [
            f"# {each}" for each in (*headers, *(f"{key} = {toml_of(value)}" for key, value in keys.items()))
        ]

    def key(self, key: str, value: Any, why: str = "") -> None:  # noqa: ANN401
        """Add a key, below why it was guessed."""
        if why:
            self.say(f"guessed: {why}")
        self.lines.append(f"{key} = {toml_of(value)}")

    @property
    def body(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines) + "\n"

    @property
    def questions(self) -> tuple[tuple[int, str], ...]:
        """The line to be filled in below each question, and its key."""
        lines, result = self.body.splitlines(), []
        for place, line in enumerate(lines):
            if line.startswith(_QUESTION):
                at = next(number for number in range(place, len(lines)) if not lines[number].startswith("#"))
                result.append((at + 1, lines[at].partition(" =")[0]))
        return tuple(result)

    def ask(self, key: str, question: str, value: Any = "") -> None:  # noqa: ANN401
        """Add a key to be filled in."""
        self.say(f"FILL IN: {question}")
        self.lines.append(f"{key} = {toml_of(value)}")


def toml_of(value: Any) -> str:  # noqa: ANN401
    """Return a value as TOML."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{toml_of(key)} = {toml_of(each)}" for key, each in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return _toml_list(list(value))
    return str(value).lower() if isinstance(value, bool) else code_text(float(value))


def _toml_list(values: list[Any]) -> str:
    inner = [toml_of(each) for each in values]
    line = f"[{', '.join(inner)}]"
    nested = any(isinstance(each, (list, tuple)) and each and isinstance(each[0], str) for each in values)
    return "[\n" + "".join(f"    {each},\n" for each in inner) + "]" if nested or len(line) > _LINE else line
