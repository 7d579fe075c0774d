"""Patient data: a comparison of a dossier from them, and a trial of its own; each trial is analysed once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hecon import decision
from hecon._display import displayed
from hecon._io import TEXT_BYTES, file_bytes
from hecon.assessment.comparing import at_means, probabilities, verdicts
from hecon.assessment.records import Sensitivity, TrialResult, TrialSource
from hecon.curves import Curves
from hecon.dossier.comparison import data_faults
from hecon.errors import DossierError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import numpy as np
    import xarray as xr

    from hecon.dossier.comparison import Comparison, ComparisonData
    from hecon.dossier.loading import Dossier
    from hecon.trial import TrialAnalysis
    from hecon.trial.analysis import PerspectiveAnalysis
    from hecon.trial.sensitivity import Scenario
    from hecon.trial.table.checking import TrialData

    Stream = Callable[[str | None], np.random.Generator]

__all__ = [
    "Analysed",
    "Key",
    "PerspectiveTables",
    "TrialAssessment",
    "analysed",
    "assess_trial",
    "compare_trial",
    "refuse_faults",
]

Key = tuple[str, str, str]

# The main analysis stands among the scenarios to be compared with; it is none of its own.
_MAIN = "main"


@dataclass(frozen=True)
class Analysed:
    """A trial as analysed from all perspectives of its design, with draws, and otherwise where that is asked for."""

    analysis: TrialAnalysis
    draws: xr.Dataset
    scenarios: tuple[Scenario, ...]
    design_digest: str
    value_set: str | None


def refuse_faults(dossier: Dossier) -> None:
    """Check patient data against their designs once more: a file may have moved since, or was never loaded.

    Parameters
    ----------
    dossier : Dossier
        The dossier.

    Raises
    ------
    DossierError
        If a file is not there, or a comparison does not agree with its design.
    """
    if all(each.data is None for each in dossier.comparison):
        return
    tree = {"comparison": tuple(each.model_dump() for each in dossier.comparison)}
    faults = [f"{path}: {message}" for path, message in data_faults(tree, dossier.folder)]
    if faults:
        raise DossierError(dossier.name, faults)


def _key(data: ComparisonData) -> Key:
    return data.file, data.design, data.method


def analysed(dossier: Dossier, spec: Comparison, known: dict[Key, Analysed], n_draws: int, stream: Stream) -> Analysed:
    """Return the analysis of the trial that a comparison rests on, from those that are known if it is there.

    Parameters
    ----------
    dossier : Dossier
        The dossier.
    spec : Comparison
        A comparison with patient data.
    known : dict
        What was analysed before; a new analysis is added.
    n_draws : int
        Number of draws.
    stream : callable
        Gives the stream of a name. A trial takes that of the seed itself, as `hecon.from_patients` does: the same seed
        gives the same figures there, and other comparisons of the dossier change nothing.

    Returns
    -------
    Analysed
        The analysis with its draws.

    Raises
    ------
    TrialError
        If the table breaks its rules: row and column, without any patient's value.
    InputError
        If it cannot be read.
    """
    from hecon.trial import analyse
    from hecon.trial.table.checking import trial_data
    from hecon.trial.table.design import read_design

    data = _data(spec)
    key = _key(data)
    if key not in known:
        path = dossier.folder / data.design
        design = read_design(path)
        trial = trial_data(dossier.folder / data.file, design)
        main = analyse(trial, method=data.method, rng=stream(None))
        asked = any(
            each.data is not None and each.data.scenarios and _key(each.data) == key for each in dossier.comparison
        )
        known[key] = Analysed(
            main,
            main.draws(n_draws=n_draws, rng=stream(None)),
            _otherwise(trial, main, stream(None)) if asked else (),
            _digest(path),
            design.utility.value_set,
        )
    return known[key]


def _data(spec: Comparison) -> ComparisonData:
    if spec.data is None:
        msg = f"{spec.id} has no patient data"
        raise AssertionError(msg)
    return spec.data


def _otherwise(trial: TrialData, main: TrialAnalysis, rng: np.random.Generator) -> tuple[Scenario, ...]:
    from hecon.trial import scenarios

    return scenarios(trial, main, rng=rng)


def _digest(path: Path) -> str:
    return hashlib.sha256(file_bytes("design", path, at_most=TEXT_BYTES)).hexdigest()


def compare_trial(spec: Comparison, found: Analysed) -> TrialResult:
    """Return the results of a comparison from its trial.

    Parameters
    ----------
    spec : Comparison
        A comparison with patient data.
    found : Analysed
        The analysis of its trial.

    Returns
    -------
    TrialResult
        Estimates with their intervals, probabilities of the draws, verdicts; over the scenarios, where the dossier asks
        for them, the range of net benefit and of the probabilities.
    """
    data = _data(spec)
    source = _source(spec, data, found)
    arm = source.arms[spec.intervention]
    perspective = found.analysis.perspective(source.perspective)
    cost, effect = perspective.delta_cost(arm), perspective.delta_effect(arm)
    draws = _draws(spec, found.draws, source)
    asked = found.scenarios if data.scenarios else ()
    own = tuple(each for each in asked if each.perspective == source.perspective and each.strategy == arm)
    points = at_means(spec, cost.value, effect.value, draws)
    shares = probabilities(spec, draws)
    others = [each for each in own if each.code != _MAIN]
    result = TrialResult(
        spec,
        computable=True,
        curves=Curves(draws),
        trial=found.analysis,
        trial_source=source,
        scenarios=own,
        delta_cost=cost.value,
        delta_effect=effect.value,
        intervals={"delta_cost": cost.interval, "delta_effect": effect.interval},
        net_benefit_range=_benefits(points["net_benefit"], others),
        p_cost_effective=shares,
        p_range=_ranges(shares, others),
        varied=tuple(each.code for each in others),
        sensitivities=tuple(_sensitivities(others)),
        **points,
    )
    return replace(result, **verdicts(result))


def _source(spec: Comparison, data: ComparisonData, found: Analysed) -> TrialSource:
    return TrialSource(
        file=data.file,
        digest=found.analysis.description.digest,
        design=data.design,
        design_digest=found.design_digest,
        arms={name: data.strategies.get(name, name) for name in (spec.intervention, spec.comparator)},
        perspective=data.perspective or spec.perspective,
        value_set=found.value_set,
    )


def _draws(spec: Comparison, draws: xr.Dataset, source: TrialSource) -> xr.Dataset:
    """Return the draws of one perspective and two arms, under the dossier's names."""
    names = [spec.comparator, spec.intervention]
    own = _draws_from(draws, source.perspective)
    chosen = own.sel(strategy=[source.arms[name] for name in names]).drop_vars("perspective")
    about = {"comparator": spec.comparator, "source": f"{spec.id}, {draws.attrs['source']}"}
    return chosen.assign_coords(strategy=names).assign_attrs(about)


def _benefits(main: dict[int, float], others: Sequence[Scenario]) -> dict[int, tuple[float, float]]:
    if not others:
        return {}
    found = {}
    for value, own in main.items():
        every = [own, *(value * each.delta_effect.value - each.delta_cost.value for each in others)]
        found[value] = (min(every), max(every))
    return found


def _ranges(main: dict[int, float], others: Sequence[Scenario]) -> dict[int, tuple[float, float]]:
    """Return the range of the probability where every scenario has one."""
    found = {}
    for value, own in main.items():
        if others and all(value in each.p_cost_effective for each in others):
            every = [own, *(each.p_cost_effective[value] for each in others)]
            found[value] = (min(every), max(every))
    return found


def _sensitivities(others: Iterable[Scenario]) -> Iterable[Sensitivity]:
    for each in others:
        spans: dict[int, Any] = {value: (share, share) for value, share in each.p_cost_effective.items()}
        yield Sensitivity("scenario", (each.code,), None, spans)


@dataclass(frozen=True)
class PerspectiveTables:
    """The tables of a trial's draws from one perspective.

    Parameters
    ----------
    curves : Curves
        The draws, with the tables of their figures.
    ratios : xarray.Dataset
        What `hecon.icer` returns.
    acceptability : xarray.DataArray
        What `hecon.ceac` returns, at the values at which the Monte Carlo error is held.
    acceptability_error : dict of str to dict of int to float
        A bound of its Monte Carlo standard error, by strategy and willingness to pay.
    frontier : xarray.Dataset
        What `hecon.frontier` returns.
    """

    curves: Curves
    ratios: xr.Dataset
    acceptability: xr.DataArray
    acceptability_error: dict[str, dict[int, float]]
    frontier: xr.Dataset

    @property
    def draws(self) -> xr.Dataset:
        """The draws."""
        return self.curves.draws


@displayed
@dataclass(frozen=True)
class TrialAssessment:
    """A trial on its own: its analysis, draws and their tables, and the other ways of analysing it.

    Parameters
    ----------
    analysis : TrialAnalysis
        What `hecon.trial.analyse` returned.
    draws : xarray.Dataset
        Its `draws`.
    tables : dict of str to PerspectiveTables
        By perspective.
    title : str
        Title of the trial, or its name.
    scenarios : tuple of Scenario
        What `hecon.trial.scenarios` returned.
    seed : int or None
        The seed, to be told.
    """

    analysis: TrialAnalysis
    draws: xr.Dataset = field(repr=False, compare=False)
    tables: dict[str, PerspectiveTables] = field(repr=False, compare=False)
    title: str
    scenarios: tuple[Scenario, ...] = ()
    seed: int | None = None


def assess_trial(
    analysis: TrialAnalysis,
    draws: xr.Dataset,
    *,
    title: str | None = None,
    scenarios: Iterable[Scenario] = (),
    seed: int | None = None,
) -> TrialAssessment:
    """Return a trial with all that its report shows.

    Parameters
    ----------
    analysis : TrialAnalysis
        What `hecon.trial.analyse` returned.
    draws : xarray.Dataset
        Its `draws`.
    title : str, optional
        Title of the trial; default its name.
    scenarios : iterable of Scenario, default none
        What `hecon.trial.scenarios` returned.
    seed : int, optional
        The seed, to be told.

    Returns
    -------
    TrialAssessment
        Frozen; ratios, acceptability and frontier are computed once for all formats and languages.
    """
    tables = {each.name: _tables(each, _draws_from(draws, each.name)) for each in analysis.perspectives}
    return TrialAssessment(analysis, draws, tables, title or analysis.description.name, tuple(scenarios), seed)


def _draws_from(draws: xr.Dataset, perspective: str) -> xr.Dataset:
    """Return the draws of one perspective."""
    return draws.sel(perspective=perspective) if "perspective" in draws.dims else draws


def _tables(found: PerspectiveAnalysis, draws: xr.Dataset) -> PerspectiveTables:
    from hecon.trial.imputation import WTP as GRID

    count = draws.sizes["draw"]
    return PerspectiveTables(
        curves=Curves(draws),
        ratios=decision.icer(draws),
        acceptability=decision.ceac(draws, wtp=list(GRID)),
        acceptability_error={
            name: {value: found.optimal_error(name, wtp=value, draws=count) for value in GRID}
            for name in found.strategies
        },
        frontier=decision.frontier(draws),
    )
