"""A model's draws that a comparison of a dossier names: the part, the checks of its files, and the draws."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from hecon._io import is_file
from hecon.errors import DrawsError, HeconError, StatisticalWarning
from hecon.files.faults import Fault, near, path_of, shown, tables
from hecon.files.parts import NOT_REPORTED, Part, Text, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd
    import xarray as xr

    from hecon.dossier.comparison import Comparison
    from hecon.files.parts import Sound

__all__ = ["ComparisonDraws", "draws_faults", "model_draws"]

_BESIDE = ("statistic", "finding", "assumption", "design_effect", "data")
_FILES = ("file", "effects", "parameters")
_MONTHS = 12


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
    strategies = [str(each) for each in draws["strategy"].to_numpy()]
    roles = (("intervention", spec.intervention), ("comparator", spec.comparator))
    for role, name in (*roles, *(("intervention", name) for name in spec.other_interventions)):
        if name not in strategies:
            rule = f"must say which strategy of the file is the {role}, {name!r}"
            hint = near(name, strategies) or f"; the file has {', '.join(strategies)}"
            yield f"{path}.{path_of('strategies')}", f"{rule}{hint}"
