"""What the columns of an unknown table could be: their numbers, codes, labels, and the time in their names."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hecon.trial.table.cells import are_missing, key_of, numbers, possible_marks, usual_code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from hecon._arrays import Floats

    Code = float | str

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
