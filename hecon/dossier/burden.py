"""The burden of disease in a dossier: a judgement, the inputs of a computation, and their faults."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import WithJsonSchema

from hecon.files.faults import collect_error, path_of, shown
from hecon.files.parts import (
    REST_OF_LIFE,
    Identifier,
    Number,
    Part,
    Reference,
    Sound,
    Sources,
    Status,
    Text,
    number_or,
)
from hecon.rules.burden import shortfall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.files.faults import Fault
    from hecon.rulesets import RuleSet

NOT_JUDGED = "not judged"

Years = Annotated[
    Number | Literal["rest of life"],
    number_or(REST_OF_LIFE),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"const": REST_OF_LIFE}]}),
]


class BurdenFixed(Part):
    """A number that the burden is computed from and that is not varied."""

    value: Number
    status: Status
    basis: Text
    sources: tuple[Reference, ...] = ()

    @property
    def range(self) -> None:
        """None: it is not varied."""


class BurdenInput(Part):
    """A number that the burden is computed from: its value, its range where it is uncertain, status and sources."""

    value: Number
    range: tuple[Number, Number] | None = None
    status: Status
    basis: Text
    sources: tuple[Reference, ...] = ()


class BurdenDuration(BurdenInput):
    """How long a loss of utility lasts, in years or for the rest of life."""

    value: Years  # type: ignore[assignment]


class BurdenInputs(Part):
    """The inputs of a computed burden, by the names that `hecon.shortfall` gives them; tables are those of the rules.

    Besides age and share of women: the QALYs that remain, or a standardised mortality ratio and a utility, or a
    decrement of utility for a number of years. What has a range is drawn from it, uniformly. Where no tables serve, the
    QALYs of the population stand in place of age and share of women; `given_discount` is the yearly rate at which QALYs
    that are given were discounted.
    """

    life_table: Identifier | None = None
    norms: Identifier | None = None
    value_set: Identifier | None = None
    age: BurdenFixed | None = None
    female: BurdenFixed | None = None
    population_qalys: BurdenFixed | None = None
    given_discount: BurdenFixed | None = None
    remaining_qalys: BurdenInput | None = None
    smr: BurdenInput | None = None
    utility: BurdenInput | None = None
    decrement: BurdenInput | None = None
    years: BurdenDuration | None = None

    def stated(self) -> Iterator[tuple[str, BurdenFixed | BurdenInput]]:
        """Yield the name and the part of each number that was given."""
        parts = ((name, getattr(self, name)) for name in type(self).model_fields)
        yield from ((name, part) for name, part in parts if isinstance(part, (BurdenFixed, BurdenInput)))

    def arguments(self, rules: RuleSet, **otherwise: Any) -> dict[str, Any]:  # noqa: ANN401 (numbers, or draws of them)
        """Return the arguments of `hecon.shortfall`: the numbers as stated, but for those that are given otherwise."""
        named = {"table": self.life_table, "norms": self.norms, "value_set": self.value_set, "rules": rules}
        return named | {name: _numbers(part)[0] for name, part in self.stated()} | otherwise


class Burden(Part):
    """Burden of disease: a band of the rules as judged, by whom and where; and what it can be computed from."""

    band: Annotated[Any, WithJsonSchema({"type": "string"})]
    basis: Text
    sources: Sources
    inputs: BurdenInputs | None = None


def inputs_faults(inputs: BurdenInputs, rules: RuleSet) -> Iterator[Fault]:
    """Yield why a burden cannot be computed from its inputs by other rules."""
    yield from _shortfall_faults("", inputs.arguments(rules))


# Each input is checked alone beside these, then all together.
_SOMEONE = {"age": 40.0, "female": 0.5}
_ALONE: dict[str, dict[str, float]] = {"decrement": {"years": 1.0}, "years": {"decrement": 0.1}}
# QALYs that are given need no age, and their rate is checked with all the rest.
_GIVEN: dict[str, dict[str, float]] = {
    "population_qalys": {"remaining_qalys": 0.0, "discount": 0.0},
    "remaining_qalys": {"population_qalys": 1.0, "discount": 0.0},
}


def burden_faults(tree: dict[str, Any], sound: Sound, rules: RuleSet) -> Iterator[Fault]:
    """Yield the faults of a burden that the schema does not see: a band that the rules do not have, and its inputs."""
    raw = tree.get("burden")
    if not isinstance(raw, dict):
        return
    bands = rules.values_on().bands
    if "band" in raw and raw["band"] not in (*bands, NOT_JUDGED):
        known = ", ".join(map(repr, bands))
        rule = f"must be {known} or {NOT_JUDGED!r}"
        if not bands:
            rule = f"must be {NOT_JUDGED!r}, as the rules {rules.name} have no bands"
        yield path_of("burden", "band"), f"{rule}, got {shown(raw['band'])}"
    if not isinstance(raw.get("inputs"), dict):
        return
    inputs = sound.of(raw["inputs"], BurdenInputs)
    if inputs is None:
        return  # a fault of the schema
    joint = list(inputs_faults(inputs, rules))
    # Where the values pass together, each passes alone, and only the ends of ranges are left to try.
    tables = _tables_faults(inputs, rules) if joint and inputs.population_qalys is None else ()
    single = [*_range_faults(inputs), *tables, *_alone(inputs, rules, ends_only=not joint)]
    yield from single or joint


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


def _tables_faults(inputs: BurdenInputs, rules: RuleSet) -> Iterator[Fault]:
    named = {"life_table": "table", "norms": "norms"} | ({"value_set": "value_set"} if inputs.value_set else {})
    for name, argument in named.items():
        yield from _shortfall_faults(name, {**_SOMEONE, "smr": 1.0, argument: getattr(inputs, name), "rules": rules})


def _numbers(part: BurdenFixed | BurdenInput) -> list[float]:
    ends = () if part.range is None else part.range
    return [math.inf if isinstance(value, str) else float(value) for value in (part.value, *ends)]


def _alone(inputs: BurdenInputs, rules: RuleSet, *, ends_only: bool) -> Iterator[Fault]:
    for name, part in inputs.stated():
        if name == "given_discount":
            continue
        for number in _numbers(part)[int(ends_only) :]:
            patients = {"smr": 1.0} if name in _SOMEONE else _ALONE.get(name, {})
            others = _GIVEN.get(name, {**_SOMEONE, **patients})
            faults = list(_shortfall_faults(name, {**others, name: number, "rules": rules}))
            yield from faults
            if faults:
                break


def _shortfall_faults(name: str, arguments: dict[str, Any]) -> Iterator[Fault]:
    return collect_error(path_of("burden", "inputs", *([name] if name else [])), partial(shortfall, **arguments))
