"""A further study that a dossier states of a model's parameters: what it measures, its sizes, and its faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field

from hecon import studies
from hecon.decision.information.inputs import constants_of
from hecon.files.faults import Fault, collect_error, near, repeated, shown, thousands
from hecon.files.parts import Identifier, Number, Part, Size, Sources, Status, Text, Words, is_number, not_above_0

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

    from hecon.dossier.comparison import Comparison
    from hecon.studies import FutureStudy

__all__ = [
    "AnyStudy",
    "CostEffectTrial",
    "ModelTrial",
    "NormalTrial",
    "model_choice",
    "repeated_studies",
    "study_faults",
]

_MONTHS = 12
# Most sizes at which a study is valued.
_MOST_SIZES = 100


class ModelStudy(Part):
    """A further study of a model's parameters, of a kind that `hecon.studies` has.

    Attributes
    ----------
    n : tuple of int, patients per arm of each size that is valued
    follow_up_months : number, months that each patient is followed
    status, basis, sources : Status, Text and Sources, what its design and its spread rest on
    """

    n: Annotated[tuple[Size, ...], Field(min_length=1)]
    follow_up_months: Number
    status: Status
    basis: Text
    sources: Sources

    @property
    def measured(self) -> dict[str, str]:
        """The parameters of the file that it measures, by key."""
        return {key: getattr(self, key) for key in _MEASURED if key in type(self).model_fields}


# Keys of a study that name a parameter of the file.
_MEASURED = ("control", "treated", "cost", "effect", "rate")


class ModelTrial(ModelStudy):
    """A trial of two arms; `arms` are the ids of the options that they get, by default comparator and intervention."""

    arms: tuple[Identifier, Identifier] | None = None


class BinaryTrial(ModelTrial):
    """A trial that counts who has an outcome; the parameters are its probability in each arm."""

    kind: Literal["two-arm-binary"]
    control: Words
    treated: Words

    def record(self) -> FutureStudy:
        """Return the study as `hecon.evsi` takes it, checked by its rules."""
        return studies.two_arm_binary(self.control, self.treated)


class NormalTrial(ModelTrial):
    """A trial that measures a mean in each arm, with the standard deviation between patients of an arm."""

    kind: Literal["two-arm-normal"]
    control: Words
    treated: Words
    sd: Number

    def record(self) -> FutureStudy:
        """Return the study as `hecon.evsi` takes it, checked by its rules."""
        return studies.two_arm_normal(self.control, self.treated, sd=float(self.sd))


class CostEffectTrial(ModelTrial):
    """A trial that measures the differences in mean cost and effect, with their spread between patients of an arm."""

    kind: Literal["cost-and-effect"]
    cost: Words
    effect: Words
    sd: tuple[Number, Number]
    correlation: Number

    def record(self) -> FutureStudy:
        """Return the study as `hecon.evsi` takes it, checked by its rules."""
        sd = (float(self.sd[0]), float(self.sd[1]))
        return studies.cost_and_effect(self.cost, self.effect, sd=sd, correlation=float(self.correlation))


class LongerFollowUp(ModelStudy):
    """A cohort that is followed for longer, in which events are counted; the parameter is their yearly rate."""

    kind: Literal["follow-up"]
    rate: Words

    def record(self) -> FutureStudy:
        """Return the study as `hecon.evsi` takes it, checked by its rules."""
        return studies.follow_up(self.rate, years=float(self.follow_up_months) / _MONTHS)


AnyStudy = BinaryTrial | NormalTrial | CostEffectTrial | LongerFollowUp


def model_choice(spec: Comparison) -> tuple[object, ...]:
    """Return what comparisons by a model's draws agree in that are weighed together."""
    # The same file gives the same draws; another is another model.
    return (*spec.choice, *(() if spec.draws is None else (spec.draws.file, spec.draws.effects)))


def repeated_studies(specs: Iterable[tuple[int, Comparison]]) -> Iterator[Fault]:
    """Yield a second study of one choice, of which only the first could be valued; `specs` with their positions."""
    first: dict[tuple[object, ...], int] = {}
    for position, spec in specs:
        if spec.draws is not None and spec.draws.study is not None:
            key = model_choice(spec)
            if key in first:
                rule = f"must be the only study of comparisons that are weighed together, as comparison[{first[key]}]"
                yield f"comparison[{position}].draws.study", f"{rule} states one: leave one of them out"
            first.setdefault(key, position)


def study_faults(spec: Comparison, study: AnyStudy, parameters: pd.DataFrame, path: str) -> Iterator[Fault]:
    """Yield sizes and options that a study cannot have, and parameters that it cannot measure."""
    if len(study.n) > _MOST_SIZES:
        yield f"{path}.n", f"must hold at most {_MOST_SIZES} sizes, got {len(study.n)}: leave some out"
    for place, size in enumerate(study.n):
        if is_number(size) and size < 1:
            yield f"{path}.n[{place}]", f"must be at least 1, got {shown(size)}: a study of nobody has no value"
    yield from repeated(((f"{path}.n[{place}]", size) for place, size in enumerate(study.n)), int)
    yield from not_above_0({"follow_up_months": study.follow_up_months}, ["follow_up_months"], path)
    if isinstance(study, ModelTrial):
        yield from _arm_faults(spec, study, f"{path}.arms")
    absent = [(key, name) for key, name in study.measured.items() if name not in parameters.columns]
    known = list(map(str, parameters.columns))
    for key, name in absent:
        hint = near(name, known) or f"; the file has {', '.join(known) or 'none'}"
        yield f"{path}.{key}", f"must be a parameter of the file, got {shown(name)}{hint}"
    constant = constants_of(parameters)
    for key, name in study.measured.items():
        if name in constant:
            rule = "must be a parameter that varies over the draws"
            yield f"{path}.{key}", f"{rule}, got {shown(name)}, which is one number: nothing is left to learn of it"
    if isinstance(study, CostEffectTrial):
        yield from thousands({"sd": study.sd[:1]}, ["sd"], path)
    if not absent and study.follow_up_months > 0:
        columns = {name: parameters[name].to_numpy() for name in study.measured.values()}
        yield from collect_error(path, lambda: study.record()(columns, 1, np.random.default_rng(0)))


def _arm_faults(spec: Comparison, study: ModelTrial, path: str) -> Iterator[Fault]:
    """Yield options that the comparison does not have; of more than two it must be said which are compared."""
    options = [spec.comparator, spec.intervention, *spec.other_interventions]
    listed = ", ".join(options)
    if study.arms is None:
        if spec.other_interventions:
            yield path, f"is missing: name the two options that the study compares, the control first, of {listed}"
        return
    for place, name in enumerate(study.arms):
        if name not in options:
            hint = near(name, options) or f"; they are {listed}"
            yield f"{path}[{place}]", f"must be an option of the comparison, got {shown(name)}{hint}"
    if study.arms[0] == study.arms[1]:
        yield path, f"must name two options, got {shown(study.arms[0])} twice"
