"""Codes whose value labels say otherwise than the design takes them: as missing, as classes, or in another order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial.table.cells import code_text, key_of, quoted
from hecon.trial.table.faults import add
from hecon.trial.table.groups import KEYS, groups_of
from hecon.trial.table.labels import is_missing_label, plain_label, says_best, says_none, says_worst
from hecon.trial.table.outcomes import levels_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from hecon.trial.table.design import Design
    from hecon.trial.table.faults import TableFault
    from hecon.trial.table.groups import ColumnGroup
    from hecon.trial.table.source import Source

    Mask = NDArray[np.bool_]

__all__ = ["label_doubts", "label_faults"]

_PLAIN = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(?:x|times?|keer|maal|visits?|bezoek(?:en)?)?\s*", re.IGNORECASE)
_RANGE = re.compile(r"\d\s*(?:-|–|tot|t/m|to|until)\s*\d|\d\s*(?:\+|or more|of meer|en meer|and more)|[<>]\s*=?\s*\d")


def _rows(source: Source, name: str, code: float | str) -> Mask:
    cells = source.columns[name]
    if cells.dtype.kind == "f":
        return np.asarray(cells == code, dtype=bool) if isinstance(code, float) else np.zeros(cells.shape, dtype=bool)
    return np.array([key_of(cell) == code for cell in cells.tolist()], dtype=bool)


def label_faults(source: Source, design: Design, faults: list[TableFault]) -> None:
    """Add codes that stand in the table and whose labels contradict what the design takes them for.

    Parameters
    ----------
    source : Source
        The table.
    design : Design
        Which column holds what.
    faults : list of TableFault
        Where faults are added.
    """
    for group in groups_of(design):
        for name in dict.fromkeys(group.columns):
            labels = source.labels.get(name)
            if not labels or name not in source.columns or group.kind in {"arm", "patient", "time"}:
                continue
            _missing_faults(source, design, group, name, faults)
            if group.kind == "utility" and design.utility.items is not None:
                _order_faults(labels, levels_of(str(design.utility.value_set)), f"column {name!r}", faults)
            elif _is_number(design, group):
                _number_faults(source, group, name, faults)


def _is_number(design: Design, group: ColumnGroup) -> bool:
    """Return whether a group holds utilities or costs, or a covariate that is a number."""
    if group.kind == "utility":
        return design.utility.columns is not None
    numeric = {each.column for each in design.covariate if each.kind == "number"}
    return group.kind == "cost" or (group.kind == "covariate" and group.name in numeric)


def _levels(design: Design, group: ColumnGroup) -> set[float | str | None]:
    """Return the levels that the design declares of a category, as codes and as labels."""
    if group.kind != "covariate":
        return set()
    levels = [level for each in design.covariate if each.column == group.name for level in each.levels]
    return {*map(key_of, levels), *map(plain_label, levels)}


def _missing_faults(source: Source, design: Design, group: ColumnGroup, name: str, faults: list[TableFault]) -> None:
    """Add codes whose labels say that there is no value, and which the design does not say to be missing."""
    levels = _levels(design, group)
    for code, label in source.labels[name].items():
        if code in source.codes_of(name) or {code, plain_label(label)} & levels or not is_missing_label(label):
            continue
        rule = f"must not take a code for a value that the file labels as none, got {code_text(code)}, {label!r}"
        if group.kind in KEYS:
            remedy = f"give the {group.kind} of these rows"
        else:
            more = ", or name it in its levels" if group.kind == "covariate" and not _is_number(design, group) else ""
            remedy = f"say missing = [{quoted(code)}] in {group.path}{more}; if it is a value, mend its label"
        add(faults, f"column {name!r}", f"{rule}: {remedy}", _rows(source, name, code))


def _order_faults(labels: Mapping[float | str, str], highest: int, where: str, faults: list[TableFault]) -> None:
    """Add labels of an EQ-5D item by which the best answer is not 1, or the worst not the highest."""
    for says, right, what in ((says_best, 1, "best"), (says_worst, highest, "worst")):
        wrong = [(code, label) for code, label in labels.items() if isinstance(code, float) and says(label)]
        if wrong and all(code != right for code, _ in wrong):
            code, label = wrong[0]
            rule = f"must have its {what} answer as {right}, got the label {label!r} on {code_text(code)}"
            remedy = "recode the answers, or choose the value set of the version that was asked"
            add(faults, where, f"{rule}; {remedy}")


def _number_faults(source: Source, group: ColumnGroup, name: str, faults: list[TableFault]) -> None:
    """Add codes of a column of numbers that stand for other numbers, for classes of them, or for none.

    Their rows are not told: with the code that would be a value of a patient.
    """
    for code, label in source.labels[name].items():
        if code in source.codes_of(name) or is_missing_label(label) or not _rows(source, name, code).any():
            continue
        number = _PLAIN.fullmatch(label)
        other = number is not None and float(number[1].replace(",", ".")) != code
        if other or (group.kind == "cost" and (_RANGE.search(label) or (says_none(label) and code != 0))):
            rule = f"must hold numbers, got code {code_text(code)}, which the file labels {label!r}"
            add(faults, f"column {name!r}", f"{rule}: recode the column to what the labels say")


def label_doubts(source: Source, design: Design) -> Iterator[str]:
    """Yield missing codes that the file labels as something else, as the dead."""
    for group in groups_of(design):
        for name in dict.fromkeys(group.columns):
            if group.kind == "arm":
                continue
            for code, label in source.labels.get(name, {}).items():
                other = code in source.codes_of(name) and not is_missing_label(label)
                # How many is not told: a label can be as telling as that of the dead.
                if other and _rows(source, name, code).any():
                    yield (
                        f"column {name!r} holds the code {code_text(code)}, which means missing by the design and "
                        f"{label!r} by the file's label"
                    )
