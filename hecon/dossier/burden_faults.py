"""The faults of a burden's inputs beyond the schema: what the computation refuses of each alone, and together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from hecon import zin
from hecon.dossier.burden_schema import BurdenInputs
from hecon.errors import InputError
from hecon.files.faults import shown
from hecon.files.parts import REST_OF_LIFE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.dossier.burden_schema import BurdenDuration, BurdenFixed, BurdenInput
    from hecon.files.faults import Fault

__all__ = ["burden_faults"]


# Each input is tried alone beside these, then all together.
_SOMEONE = {"age": 40.0, "female": 0.5}
_ALONE: dict[str, dict[str, float]] = {"decrement": {"years": 1.0}, "years": {"decrement": 0.1}}


def burden_faults(tree: dict[str, Any]) -> Iterator[Fault]:
    """Yield the faults of a burden's inputs that the schema does not see.

    Parameters
    ----------
    tree : dict
        The dossier as parsed.

    Yields
    ------
    Fault
        Path and message.
    """
    raw = tree.get("burden")
    if not isinstance(raw, dict) or not isinstance(raw.get("inputs"), dict):
        return
    try:
        inputs = BurdenInputs.model_validate(raw["inputs"])
    except ValidationError:
        return  # told by the schema
    own = [*_range_faults(inputs), *_tables_faults(inputs), *_alone(inputs)]
    yield from own or _together(inputs)


def _range_faults(inputs: BurdenInputs) -> Iterator[Fault]:
    for name, part in inputs.stated():
        path = f"burden.inputs.{name}"
        if part.status != "assumed" and not part.sources:
            yield f"{path}.sources", f"is missing: a number that is {part.status} has a source"
        if part.range is None:
            continue
        low, high = part.range
        if isinstance(part.value, str):
            yield f"{path}.range", f'must not stand beside "{REST_OF_LIFE}": give a number of years, or no range'
        elif not low <= part.value <= high:
            ends = f"{shown(low)} to {shown(high)}"
            yield f"{path}.range", f"must run upwards around the value {shown(part.value)}, got {ends}"


def _tables_faults(inputs: BurdenInputs) -> Iterator[Fault]:
    tables = {"life_table": ("table", inputs.life_table), "norms": ("norms", inputs.norms)}
    for name, (argument, value) in tables.items():
        yield from _tried(name, {**_SOMEONE, "smr": 1.0, argument: value})
    if inputs.value_set is not None:
        yield from _tried("value_set", {**_SOMEONE, "smr": 1.0, "value_set": inputs.value_set})


def _numbers(part: BurdenFixed | BurdenInput | BurdenDuration) -> list[float]:
    ends = () if part.range is None else part.range
    return [math.inf if isinstance(value, str) else float(value) for value in (part.value, *ends)]


def _alone(inputs: BurdenInputs) -> Iterator[Fault]:
    for name, part in inputs.stated():
        for number in _numbers(part):
            patients = {"smr": 1.0} if name in _SOMEONE else _ALONE.get(name, {})
            found = list(_tried(name, {**_SOMEONE, **patients, name: number}))
            yield from found
            if found:
                break


def _together(inputs: BurdenInputs) -> Iterator[Fault]:
    numbers = {name: _numbers(part)[0] for name, part in inputs.stated()}
    yield from _tried("", inputs.arguments(numbers))


def _tried(name: str, arguments: dict[str, Any]) -> Iterator[Fault]:
    try:
        zin.shortfall(**arguments)
    except InputError as error:
        yield f"burden.inputs{'.' if name else ''}{name}", str(error)
