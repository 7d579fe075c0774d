"""A model's draws that a comparison of a dossier names: the part, the checks of its files, and the draws."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from hecon import studies
from hecon._io import is_file
from hecon.decision.information.inputs import constants_of
from hecon.errors import DrawsError, HeconError, StatisticalWarning
from hecon.files.faults import Fault, collect_error, near, path_of, repeated, shown, tables, thousands
from hecon.files.parts import (
    NOT_REPORTED,
    Identifier,
    Number,
    Part,
    Size,
    Sources,
    Status,
    Text,
    Words,
    is_number,
    not_above_0,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd
    import xarray as xr

    from hecon.dossier.comparison import Comparison
    from hecon.files.parts import Sound
    from hecon.studies import FutureStudy

__all__ = ["AnyStudy", "ComparisonDraws", "ModelTrial", "draws_faults", "model_draws"]

_BESIDE = ("statistic", "finding", "assumption", "design_effect", "data")
_FILES = ("file", "effects", "parameters")
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


class ComparisonDraws(Part):
    """A model's draws, in place of what was printed of it.

    Attributes
    ----------
    file : str, the draws, as `hecon.read_draws` reads them; its path begins at the dossier's folder and stays in it
    made_by : Text, who made the model, and where it is described
    style : str, how the table is laid out, as in `hecon.read_draws`
    effects, parameters : str or None, files of their own for effects and parameters, likewise
    strategies : dict of str to str
        Name of the strategy in the file, by the id of the intervention; what is left out has the same name.
    ignore : tuple of str, columns that are not read
    stack_chains : bool, whether several chains are one series
    parameter_names : dict of str to Text, what to call parameters of the file in a note; default as the file does
    study : ModelStudy or None, a further study of its parameters, for the value of research
    """

    file: Words
    made_by: Text
    style: Literal["wide", "long", "bcea", "voi", "dampack", "hesim", "heormodel", "pyheor"] = "wide"
    effects: Words | None = None
    parameters: Words | None = None
    strategies: dict[str, Words] = Field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    stack_chains: bool = False
    parameter_names: dict[str, Text] = Field(default_factory=dict)
    study: Annotated[AnyStudy, Field(discriminator="kind")] | None = None


def model_draws(spec: Comparison, folder: Path) -> tuple[xr.Dataset, pd.DataFrame]:
    """Return the draws of all strategies of a comparison's file under the dossier's names, and the parameters."""
    # Slow to import and rarely needed.
    from hecon.draw_files import read_draws

    named = spec.draws
    if named is None:
        msg = f"{spec.id} names no draws"
        raise AssertionError(msg)
    return read_draws(
        folder / named.file,
        style=named.style,
        effects=None if named.effects is None else folder / named.effects,
        parameters=None if named.parameters is None else folder / named.parameters,
        strategies={name: option for option, name in named.strategies.items()} or None,
        ignore=named.ignore,
        stack_chains=named.stack_chains,
        currency=spec.currency,
        effect_unit=spec.effect_unit,
        effect_better=spec.effect_better,
        price_year=None if spec.price_year == NOT_REPORTED else int(spec.price_year),
        horizon_years=float(spec.horizon_months) / _MONTHS,
        discount_cost=_known(spec.discount_cost),
        discount_effect=_known(spec.discount_effect),
    )


def _known(value: Any) -> float | None:  # noqa: ANN401
    """Return a rate, None where it is not reported."""
    return None if value == NOT_REPORTED else float(value)


def draws_faults(tree: Mapping[str, Any], sound: Sound, folder: Path, kind: type[Comparison]) -> Iterator[Fault]:
    """Yield the faults of the draws that comparisons name: of the dossier, and of the files themselves."""
    for position, raw in tables(tree, "comparison"):
        if isinstance(raw.get("draws"), dict):
            path = f"comparison[{position}]"
            for key in _BESIDE:
                if raw.get(key):
                    rule = "must be left out beside [comparison.draws]"
                    yield f"{path}.{key}", f"{rule}: the figures are computed from the draws"
            absent = list(_file_faults(raw["draws"], folder, f"{path}.draws"))
            yield from absent
            spec = sound.of(raw, kind)
            if spec is not None and not absent:
                yield from _content_faults(spec, folder, f"{path}.draws")
    yield from _repeated_studies(tree)


# Comparisons that are alike in these are weighed together.
_TOGETHER = ("trial", "perspective", "horizon_months", "comparator")


def _repeated_studies(tree: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield a second study of one choice, of which only the first could be valued."""
    first: dict[tuple[Any, ...], int] = {}
    for position, raw in tables(tree, "comparison"):
        if isinstance(raw.get("draws"), dict) and "study" in raw["draws"]:
            key = tuple(str(raw.get(name)) for name in _TOGETHER)
            if key in first:
                rule = f"must be the only study of comparisons that are weighed together, as comparison[{first[key]}]"
                yield f"comparison[{position}].draws.study", f"{rule} states one: leave one of them out"
            first.setdefault(key, position)


def _file_faults(draws: Mapping[str, Any], folder: Path, path: str) -> Iterator[Fault]:
    for key in _FILES:
        name = draws.get(key)
        if not isinstance(name, str) or not name.strip():
            continue  # absent, or a fault of the schema
        if not (folder / name).resolve().is_relative_to(folder.resolve()):
            yield (
                f"{path}.{key}",
                f"must be a file in the dossier's folder or below it, got {shown(name)}: move it there",
            )
        elif not is_file(folder / name):
            rule = "must be a file that exists"
            yield f"{path}.{key}", f"{rule}, got {shown(name)}: its path is relative to the dossier's folder"


def _content_faults(spec: Comparison, folder: Path, path: str) -> Iterator[Fault]:
    """Yield what is wrong in the files, and options that they do not have."""
    try:
        # Doubts are told where the draws are used.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", StatisticalWarning)
            draws, parameters = model_draws(spec, folder)
    except DrawsError as error:
        yield from ((f"{path}.file", f"{error.name}: {fault}") for fault in error.faults)
        return
    except HeconError as error:
        yield f"{path}.file", str(error)
        return
    for name in () if spec.draws is None else spec.draws.parameter_names:
        if name not in parameters.columns:
            known = list(map(str, parameters.columns))
            hint = near(name, known) or f"; the file has {', '.join(known) or 'none'}"
            yield (
                f"{path}.{path_of('parameter_names', name)}",
                f"must be a parameter of the file, got {shown(name)}{hint}",
            )
    if spec.draws is not None and spec.draws.study is not None:
        yield from _study_faults(spec, spec.draws.study, parameters, f"{path}.study")
    strategies = [str(each) for each in draws["strategy"].to_numpy()]
    roles = (("intervention", spec.intervention), ("comparator", spec.comparator))
    for role, name in (*roles, *(("intervention", name) for name in spec.other_interventions)):
        if name not in strategies:
            rule = f"must say which strategy of the file is the {role}, {name!r}"
            hint = near(name, strategies) or f"; the file has {', '.join(strategies)}"
            yield f"{path}.{path_of('strategies')}", f"{rule}{hint}"


def _study_faults(spec: Comparison, study: AnyStudy, parameters: pd.DataFrame, path: str) -> Iterator[Fault]:
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
