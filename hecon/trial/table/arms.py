"""The arm of each patient, by codes or by the labels that the file gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hecon.trial.table.cells import code_text, key_of
from hecon.trial.table.faults import add
from hecon.trial.table.labels import GENERAL, labelled, other_arm
from hecon.trial.table.patients import each_patients

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.trial.table.design import Design
    from hecon.trial.table.faults import TableFault
    from hecon.trial.table.patients import Patients
    from hecon.trial.table.source import Source

    Integers = NDArray[np.intp]

__all__ = ["ArmCode", "arm_codes", "arms_of"]

_NONE = -1
# Results over fewer would give patients away, and a bootstrap of so few says nothing.
_FEWEST = 5


class ArmCode(NamedTuple):
    """A strategy, the code that stands for it in the column, and the label of this code in the file, if it has one."""

    strategy: str
    code: float | str | None
    label: str | None
    by_label: bool


def arm_codes(source: Source, design: Design) -> tuple[ArmCode, ...]:
    """Return what stands for each strategy: the design's value as a code, or as the label of one.

    A value that is no code of the column is looked up among the labels, up to case, spaces and punctuation; without one
    label that is alike it stays as it is.
    """
    column = design.arm.column
    labels = source.labels.get(column, {})
    known = {key_of(cell) for cell in source.columns[column].tolist()} | set(labels)
    found = []
    for strategy in design.strategies:
        value = (design.arm.values or {}).get(strategy, strategy)
        code, by_label = key_of(value), False
        if code not in known:
            alike = labelled(labels, value)
            code, by_label = (alike[0], True) if len(alike) == 1 else (code, False)
        found.append(ArmCode(strategy, code, None if code is None else labels.get(code), by_label))
    return tuple(found)


def arms_of(source: Source, design: Design, patients: Patients, faults: list[TableFault]) -> Integers | None:
    """Return each patient's place among the strategies, -1 where it is missing or at fault."""
    name = design.arm.column
    if name not in source.columns:
        return None
    where = f"column {name!r}"
    names = design.strategies
    codes_of_arms = arm_codes(source, design)
    _label_faults(source, design, codes_of_arms, faults)
    place = {each.code: position for position, each in enumerate(codes_of_arms)}
    cells = [key_of(cell) for cell in source.columns[name].tolist()]
    codes = np.array([_NONE if cell is None else place.get(cell, _NONE) for cell in cells], dtype=np.intp)
    absent = source.codes_of(name)
    missing = np.array([cell is None or (cell in absent and cell not in place) for cell in cells], dtype=bool)
    remedy = "arm.values tells what stands for each" + _known_labels(source, name)
    rule = f"must be an arm of the design ({', '.join(names)}), got another; {remedy}"
    add(faults, where, rule, (codes == _NONE) & ~missing)
    found = each_patients(patients, codes, where, faults)
    if patients.at is None:
        add(faults, where, "must tell the arm of every patient, got none", missing)
    else:
        none = (found[patients.of_row] == _NONE) & missing & (patients.of_row != _NONE)
        add(faults, where, "must tell the arm of every patient, got none", none)
    sizes = np.bincount(found[found != _NONE], minlength=len(names))
    _size_faults(dict(zip(names, sizes.tolist(), strict=True)), int((found == _NONE).sum()), where, faults)
    return found


def _known_labels(source: Source, name: str) -> str:
    told = [f"{code_text(code)} = {label!r}" for code, label in source.labels.get(name, {}).items()]
    return f", by code or by label; the file's labels are {', '.join(told)}" if told else ""


def _label_faults(source: Source, design: Design, codes_of_arms: tuple[ArmCode, ...], faults: list[TableFault]) -> None:
    """Add codes of arms whose label in the file names another arm; a value given as a label is meant."""
    where = f"column {design.arm.column!r}"
    given = design.arm.values or {}
    # Also the values: with the labels "1" and "2" on the codes 0 and 1, arm 1 is a question.
    called = {
        each.strategy: (each.strategy, code_text(key_of(given.get(each.strategy, each.strategy))))
        for each in codes_of_arms
    }
    first: dict[float | str | None, str] = {}
    for each in codes_of_arms:
        if each.code in first:
            rule = f"must have a code of its own for each arm, got one for {first[each.code]} and {each.strategy}"
            add(faults, where, f"{rule}: arm.values tells what stands for each")
        first[each.code] = each.strategy
        if each.label is None or each.by_label:
            continue
        other = other_arm(each.label, each.strategy, called, design.arm.comparator)
        if other is not None:
            named = other if other in GENERAL else repr(other)
            rule = (
                f"must hold the arms that the file's labels name: code {code_text(each.code)} is {each.strategy!r} "
                f"by the design and {each.label!r} by its label, which names {named}"
            )
            add(faults, where, f"{rule}; {_label_remedy(source.labels[design.arm.column])}")


def _label_remedy(labels: dict[float | str, str]) -> str:
    """Return what to do about labels that contradict the design: one that is itself a code cannot be given."""
    if any(key_of(label) in labels for label in labels.values()):
        return "labels that are themselves codes contradict any design: mend or remove the labels in the file"
    told = ", ".join(f'"{label}"' for label in labels.values())
    return f"in arm.values give for each strategy the label that is meant: {told}"


def _size_faults(sizes: dict[str, int], unknown: int, where: str, faults: list[TableFault]) -> None:
    """Add arms that are too small, unless the patients of no known arm, who are told, could fill them."""
    if not any(sizes.values()):
        return  # the rows are told, as of no arm or of no patient
    few = {name: size for name, size in sizes.items() if size + unknown < _FEWEST}
    empty = [name for name, size in few.items() if not size]
    if empty:
        only = "one arm only and " if len(empty) == len(sizes) - 1 else ""
        add(faults, where, f"must hold all arms of the design, got {only}no {' and no '.join(empty)}")
    small = [name for name, size in few.items() if size]
    if small:
        rule = f"must have {_FEWEST} patients in every arm at least, got fewer in {' and in '.join(small)}"
        add(faults, where, f"{rule}: results over so few would give patients away")
