"""Follow one number from the file to the page: the functions that it passes, and the records in which it stands.

Run: PYTHONPATH=. python benchmarks/one_number.py [--all]. The number is the cost difference of the trial COMPARE,
€3,393: the means 14,951 and 11,558 of [[comparison.statistic]] in acl-rupture.toml, and the cell of the first table of
the English note in HTML. To count in an earlier version, let PYTHONPATH be a checkout of it.

What is counted: every function in the folder of hecon that returns a value in which the number stands, at any depth, in
the form that it has at that time: the mean 14,951 until something returns the difference, the difference until
something returns "3,393", and then "3,393" alone or "€3,393" within a text. Each function is counted once, also where
it calls itself. Lambdas, comprehensions and functions within a function count with it. What returns nothing, and what
only the library runs (pydantic, SciPy, Jinja), is not counted; templates of the page are listed, but are no functions.

What is left out: returns on which the cell does not depend, though the number stands in them. Had they held another
number, the cell would say what it says now. They are told by the function or by one that called it, each in LEFT_OUT
with its reason: checks, from which only messages come; a search's starts, ranges and identification; keys to sort by;
and what goes to other fields of a result or other places of the note. Evaluations by SciPy within a search are left out
too: its result passes the functions that return it. --all prints everything that was left out, and why.

A shape is the innermost record of hecon that holds the number; if there is none, the dict or array that does, or else
the type of the number. Tuples and lists count as what they hold.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel

import hecon

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

ROOT = str(Path(hecon.__file__).parent)
FORMS = MEAN, DIFFERENCE, TEXT = "mean of an arm", "difference", "text"
SIZES = {MEAN: 14951.0, DIFFERENCE: 3393.0}
WORDS = ("3,393", "€3,393")
OWN = "hecon's "
DEPTH = 9
# Blocks of a note that tell the number too; its cell is in a table.
OTHER_BLOCKS = frozenset({"Facts", "Paragraph", "Bullets"})
CELLS = 400
CLOSE = 1e-6

_CHECK = "a check"
_SEARCH = "a search's start, range or identification"
_ELSEWHERE = "goes to another place than the cell"
LEFT_OUT = {
    # By the names of functions, or of a file and its function, in this version or an earlier one.
    "Sound.of": _CHECK,
    "tables": _CHECK,
    "note_faults": _CHECK,
    "comparison_faults": _CHECK,
    "__post_init__": _CHECK,
    "_refuse_needless": _CHECK,
    "refuse_placeholders": _CHECK,
    "finite": _CHECK,
    "scales": _SEARCH,
    "_softened": _SEARCH,
    "_starts": _SEARCH,
    "_identification": _SEARCH,
    "order": "a key to sort by",
    "in_order.<locals>.key": "a key to sort by",
    "misfits": _ELSEWHERE,
    "_statistic": _ELSEWHERE,
    "_parameters": _ELSEWHERE,
    "net_benefit_range": _ELSEWHERE,
    "net_benefit_ranges": _ELSEWHERE,
    "net_benefit_se_ranges": _ELSEWHERE,
    "probability_ranges": _ELSEWHERE,
    "draws_of": _ELSEWHERE,
    "sample": _ELSEWHERE,
    "icer": _ELSEWHERE,
    "ceac": _ELSEWHERE,
    "from_arrays": _ELSEWHERE,
    "audit_fitted": _ELSEWHERE,
    "_comparison": _ELSEWHERE,
    "annex": _ELSEWHERE,
    "svg_of": _ELSEWHERE,
    "Fit.to_json": _ELSEWHERE,
    "comparisons.blocks": _ELSEWHERE,
    "_answer_faults": _CHECK,
    "constraints": _CHECK,
    "shared_faults": _CHECK,
    # Which comparisons go together, for the draws of their differences jointly.
    "together": _ELSEWHERE,
    "_joint": _ELSEWHERE,
    "incremental": _ELSEWHERE,
    "annexed": _ELSEWHERE,
    "concluding._at": _ELSEWHERE,
    "_uncertainty": _ELSEWHERE,
    "_answering": _ELSEWHERE,
    "all_curves": _ELSEWHERE,
    "worth.information": _ELSEWHERE,
    "answer_words": _ELSEWHERE,
    "AnswerWords.expected": _ELSEWHERE,
    "answer._points": _ELSEWHERE,
    "answer._facts": _ELSEWHERE,
    "answer.blocks": _ELSEWHERE,
    "inputs.blocks": _ELSEWHERE,
}


def _held(value: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield what a value holds; of large arrays and of data sets nothing."""
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, (tuple, list)):
        yield from value
    elif isinstance(value, np.ndarray):
        if value.dtype.kind in "fi" and value.size <= CELLS:
            yield from value.ravel().tolist()
    elif isinstance(value, BaseModel):
        yield from (getattr(value, name) for name in type(value).model_fields)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from (getattr(value, each.name) for each in dataclasses.fields(value) if hasattr(value, each.name))


def holders(value: Any, form: str, depth: int = DEPTH) -> tuple[str, ...] | None:  # noqa: ANN401
    """Return the types around the number in a value, the outermost first, or None if it is not there."""
    kind = type(value)
    if isinstance(value, (bool, type(None))) or kind.__name__ in OTHER_BLOCKS:
        return None
    if isinstance(value, str):
        return (str.__name__,) if form == TEXT and (value == WORDS[0] or WORDS[1] in value) else None
    if isinstance(value, (int, float, Decimal, np.number)):
        return (kind.__name__,) if form in SIZES and abs(float(value) - SIZES[form]) < CLOSE else None
    for each in _held(value) if depth else ():
        inside = holders(each, form, depth - 1)
        if inside is not None:
            return (f"{OWN}{kind.__name__}" if kind.__module__.startswith("hecon.") else kind.__name__, *inside)
    return None


def shape(types: tuple[str, ...]) -> str:
    """Return the innermost record of hecon among the types around the number, or the plain type."""
    own = [each for each in types if each.startswith(OWN)]
    plain = [each for each in types if each not in {"tuple", "list"}]
    return own[-1].removeprefix(OWN) if own else plain[0]


def _outer(frame: FrameType) -> str:
    return frame.f_code.co_qualname.split(".<locals>")[0]


class Trace:
    """The functions that returned the number so far, in their order: those on the way, and those left out."""

    def __init__(self, *, every: bool) -> None:
        self.every = every
        self.form = MEAN
        self.way: dict[str, str] = {}
        self.templates: dict[str, str] = {}
        self.left: dict[str, str] = {}
        self._done: set[str] = set()
        self._busy = False

    def __call__(self, frame: FrameType, event: str, value: Any) -> None:  # noqa: ANN401
        """Look at what a function returned, as `sys.setprofile` calls this."""
        file = frame.f_code.co_filename
        if event != "return" or value is None or self._busy or not file.startswith(ROOT):
            return
        name = f"{file.removeprefix(ROOT)[1:]}: {_outer(frame)}"
        if name in self._done:
            return
        self._busy = True
        try:
            self._look(name, frame, value)
        finally:
            self._busy = False

    def _look(self, name: str, frame: FrameType, value: Any) -> None:  # noqa: ANN401
        reason = self._reason(frame)
        if reason is not None and (name in self.left or not self.every):
            return
        for form in FORMS[FORMS.index(self.form) :][:2]:
            types = holders(value, form)
            if types is None:
                continue
            if reason is not None:
                self.left[name] = reason
                return
            self.form = form
            kept = self.templates if name.startswith("data/") else self.way
            kept.setdefault(name, "")
            if frame.f_code.co_qualname == _outer(frame):
                kept[name] = shape(types)
                self._done.add(name)
            return

    @staticmethod
    def _reason(frame: FrameType | None) -> str | None:
        """Return why a return is left out, by the function and all that called it."""
        while frame is not None:
            file = frame.f_code.co_filename
            outer = _outer(frame)
            names = (frame.f_code.co_qualname, outer, outer.rpartition(".")[2], f"{Path(file).stem}.{outer}")
            name = next((each for each in names if each in LEFT_OUT), None)
            if name is not None and file.startswith(ROOT):
                return f"{LEFT_OUT[name]}: {name}"
            if "scipy" in file and "optimize" in file:
                return "an evaluation within a search"
            frame = frame.f_back
        return None


def follow(*, every: bool = False) -> Trace:
    """Return the trace of the number through three verbs; `every` keeps what is left out as well."""
    # What is imported late is imported before, as it is no part of the way.
    hecon.summary(hecon.assess("meniscal-tear-traumatic", n_draws=10), lang="en").text("html")
    trace = Trace(every=every)
    sys.setprofile(trace)
    try:
        page = hecon.summary(hecon.assess(hecon.load("acl-rupture"), n_draws=10), lang="en").text("html")
    finally:
        sys.setprofile(None)
    if WORDS[1] not in page:
        msg = f"the page must hold {WORDS[1]}"
        raise AssertionError(msg)
    return trace


def main() -> None:
    """Print the functions in order and the shapes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--all", action="store_true", help="print also what was left out, and why")
    every = parser.parse_args().all
    trace = follow(every=every)
    for place, (name, held) in enumerate(trace.way.items(), 1):
        print(f"{place:3} {name:55} {held}")
    print("templates:", ", ".join(trace.templates))
    shapes = list(dict.fromkeys(trace.way.values()))
    print(f"{len(trace.way)} functions, {len(shapes)} shapes: {', '.join(shapes)}")
    for name, reason in trace.left.items() if every else ():
        if name not in trace.way:
            print(f"left out: {name:55} {reason}")


if __name__ == "__main__":
    main()
