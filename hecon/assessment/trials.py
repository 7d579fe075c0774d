"""Results from patient data: comparisons of a dossier, and a trial on its own; each trial is analysed once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hecon import decision
from hecon._display import displayed
from hecon._io import TEXT_BYTES, file_bytes
from hecon.assessment.comparing import at_means, marked, probabilities, values_for, verdicts
from hecon.assessment.deciding import Stratified, stratified
from hecon.assessment.records import Sensitivity, TrialResult, TrialSource
from hecon.assessment.trial_concluding import conclude_trial, values_of
from hecon.curves import Curves
from hecon.dossier.comparison_data import REMEDY, SETTINGS, data_faults, value_set_in
from hecon.errors import DossierError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    import xarray as xr
    from numpy.typing import ArrayLike

    from hecon.assessment.trial_concluding import TrialConclusion
    from hecon.dossier.comparison import Comparison
    from hecon.dossier.comparison_data import ComparisonData
    from hecon.dossier.loading import Dossier
    from hecon.rulesets import RuleSet
    from hecon.trial import TippingMap, TrialAnalysis
    from hecon.trial.analysis import PerspectiveAnalysis
    from hecon.trial.estimates import Estimate
    from hecon.trial.sensitivity import Scenario
    from hecon.trial.subgroups import SubgroupAnalysis

    Stream = Callable[[str | None], np.random.Generator]

Key = tuple[str, str, str]

_RELOAD = "load it again"
# `scenarios` includes the main analysis as reference row; it is excluded from ranges.
_MAIN = "main"
# A shorter horizon asks another question than the analysis: it is shown and belongs to no range either.
_NO_RANGE = {_MAIN, "first-year"}


@dataclass(frozen=True)
class Analysed:
    """A trial analysed from all perspectives, with its draws and, where asked for, scenarios."""

    analysis: TrialAnalysis
    draws: xr.Dataset
    scenarios: tuple[Scenario, ...]
    design_digest: str


def refuse_faults(dossier: Dossier) -> None:
    """Check patient data against their designs again, as files may have changed since loading."""
    if all(comparison.data is None for comparison in dossier.comparison):
        return
    tree = {"comparison": tuple(_as_filed(comparison, dossier) for comparison in dossier.comparison)}
    taken = {
        f"comparison[{place}].{key}": of
        for place, comparison in enumerate(dossier.comparison)
        for key, of in (comparison.data.taken if comparison.data else {}).items()
    }
    faults = [
        f"{path}: {message.removesuffix(REMEDY)} of the {taken[path]} when the dossier was loaded: {_RELOAD}"
        if path in taken and message.endswith(REMEDY)
        else f"{path}: {message}"
        for path, message in data_faults(tree, dossier.folder, dossier.ruleset)
    ]
    if faults:
        raise DossierError(dossier.name, faults)


def _as_filed(spec: Comparison, dossier: Dossier) -> dict[str, Any]:
    """Return a comparison as a file has it, without the arms of the others that stood in one comparison with it."""
    tree = spec.model_dump()
    if spec.data is not None:
        others = {each.id for each in dossier.intervention} - {spec.intervention, spec.comparator}
        tree["data"]["strategies"] = {name: arm for name, arm in spec.data.strategies.items() if name not in others}
    return tree


def _key(data: ComparisonData) -> Key:
    return data.file, data.design, data.method


def analysed(dossier: Dossier, spec: Comparison, known: dict[Key, Analysed], n_draws: int, stream: Stream) -> Analysed:
    """Return the analysis of a comparison's trial, each trial analysed once."""
    from hecon.trial import analyse, read_design, scenarios, trial_data

    data = _data(spec)
    key = _key(data)
    if key not in known:
        path = dossier.folder / data.design
        design = read_design(path)
        trial = trial_data(dossier.folder / data.file, design, rules=dossier.ruleset)
        main = analyse(trial, method=data.method, rng=stream(None))
        # Of all comparisons with the same trial: each is analysed once.
        of_trial = [each.data for each in dossier.comparison if each.data is not None and _key(each.data) == key]
        sets = [value_set_in(dossier.folder, name) for each in of_trial for name in each.value_sets]
        asked = list(dict.fromkeys(sets)) or None
        known[key] = Analysed(
            main,
            main.draws(n_draws=n_draws, rng=stream(None)),
            scenarios(trial, main, value_sets=asked, rng=stream(None))
            if any(each.scenarios for each in of_trial)
            else (),
            hashlib.sha256(file_bytes("design", path, at_most=TEXT_BYTES)).hexdigest(),
        )
    return known[key]


def _data(spec: Comparison) -> ComparisonData:
    if spec.data is None:
        msg = f"{spec.id} has no patient data"
        raise AssertionError(msg)
    return spec.data


def compare_trial(spec: Comparison, rules: RuleSet, trial: Analysed) -> TrialResult:
    """Return the results of a comparison from its trial."""
    data = _data(spec)
    source = _source(spec, data, trial)
    arm = source.arms[spec.intervention]
    perspective = trial.analysis.perspective(source.perspective)
    measure = trial.analysis.effect
    cost, effect = perspective.delta_cost(arm), _counted(perspective.delta_effect(arm), measure.sign)
    draws, values = marked(_draws(spec, trial.draws, source), spec, rules), values_for(spec, rules)
    if not measure.is_qaly:
        # What its sources held it against stands beside these.
        values = measure.wtp
        draws = draws.assign_attrs(thresholds=list(values))
    own = _scenarios_of(data, trial, (source.perspective, arm))
    points = at_means(spec, values, (cost.value, effect.value), draws)
    curves = Curves(draws)
    shares = probabilities(spec, values, curves)
    others = [each for each in own if each.code != _MAIN]
    ranged = [each for each in own if each.code not in _NO_RANGE]
    result = TrialResult(
        spec,
        computable=True,
        values=values,
        curves=curves,
        trial=trial.analysis,
        trial_source=source,
        scenarios=own,
        delta_cost=cost.value,
        delta_effect=effect.value,
        intervals={"delta_cost": cost.interval, "delta_effect": effect.interval},
        net_benefit_range=_ranges(
            points["net_benefit"],
            ranged,
            lambda other, value: value * measure.sign * other.delta_effect.value - other.delta_cost.value,
        ),
        p_cost_effective=shares,
        p_range=_ranges(shares, ranged, lambda other, value: other.p_cost_effective.get(value)),
        varied=tuple(other.code for other in ranged),
        sensitivities=tuple(_sensitivities(others)),
        **points,
    )
    return replace(result, **verdicts(result, rules))


def _scenarios_of(data: ComparisonData, trial: Analysed, of: tuple[str, str]) -> tuple[Scenario, ...]:
    """Return the scenarios of one perspective and arm that a comparison asks for."""
    # Another comparison of the trial may have asked for value sets of its own.
    sets = {None, *(Path(name).name for name in data.value_sets)}
    asked = [each for each in trial.scenarios if (each.value_set and each.value_set.name) in sets]
    return tuple(each for each in asked if data.scenarios and (each.perspective, each.strategy) == of)


def _source(spec: Comparison, data: ComparisonData, trial: Analysed) -> TrialSource:
    return TrialSource(
        file=data.file,
        digest=trial.analysis.description.digest,
        design=data.design,
        design_digest=trial.design_digest,
        arms={name: data.strategies.get(name, name) for name in (spec.intervention, spec.comparator)},
        perspective=data.perspective or spec.perspective,
        value_set=trial.analysis.description.value_set,
        settings=dict.fromkeys(SETTINGS, "dossier") | data.taken,
    )


def _draws(spec: Comparison, draws: xr.Dataset, source: TrialSource) -> xr.Dataset:
    """Return the draws of one perspective and two arms, under the dossier's names."""
    names = [spec.comparator, spec.intervention]
    own = _draws_from(draws, source.perspective)
    chosen = own.sel(strategy=[source.arms[name] for name in names]).drop_vars("perspective")
    about = {"comparator": spec.comparator, "source": f"{spec.id}, {draws.attrs['source']}"}
    if draws.attrs["effect_unit"] != spec.effect_unit or draws.attrs.get("effect_better") == "less":
        about |= {"effect_unit": spec.effect_unit, "effect_better": "more"}
    if draws.attrs.get("effect_better") == "less":
        turned = (-chosen["effect"]).assign_attrs({**chosen["effect"].attrs, "units": spec.effect_unit})
        chosen = chosen.assign(effect=turned)
    return chosen.assign_coords(strategy=names).assign_attrs(about)


def _counted(estimate: Estimate, sign: float) -> Estimate:
    """Return a difference in effect as a dossier counts it, of which more is better."""
    low, high = sorted(sign * end for end in estimate.interval)
    return replace(estimate, value=sign * estimate.value, interval=(low, high))


def _ranges(
    main: dict[float, float], others: Sequence[Scenario], of: Callable[[Scenario, float], float | None]
) -> dict[float, tuple[float, float]]:
    """Return the range of a result over the scenarios, by willingness to pay, where every scenario has it."""
    ranges = {}
    for value, own in main.items():
        every = [found for other in others if (found := of(other, value)) is not None]
        if others and len(every) == len(others):
            ranges[value] = (min(own, *every), max(own, *every))
    return ranges


def _sensitivities(others: Iterable[Scenario]) -> Iterable[Sensitivity]:
    for other in others:
        spans: dict[float, Any] = {value: (share, share) for value, share in other.p_cost_effective.items()}
        yield Sensitivity("scenario", (other.code,), None, spans)


@dataclass(frozen=True)
class PerspectiveTables:
    """The tables of a trial's draws from one perspective.

    Attributes
    ----------
    curves : Curves, the draws, with the tables of their figures
    ratios : xarray.Dataset, what `hecon.icer` returns
    acceptability : xarray.DataArray
        What `hecon.ceac` returns, at the values at which the Monte Carlo error is held, and those of the answer.
    acceptability_error : dict of str to dict of int to float
        A bound of its Monte Carlo standard error, by strategy and willingness to pay.
    frontier : xarray.Dataset, what `hecon.frontier` returns
    """

    curves: Curves
    ratios: xr.Dataset
    acceptability: xr.DataArray
    acceptability_error: dict[str, dict[float, float]]
    frontier: xr.Dataset

    @property
    def draws(self) -> xr.Dataset:
        """The draws."""
        return self.curves.draws


@displayed
@dataclass(frozen=True)
class TrialAssessment:
    """A trial on its own: its analysis, draws and their tables, and the other ways of analysing it.

    Attributes
    ----------
    analysis : TrialAnalysis, what `hecon.trial.analyse` returned
    draws : xarray.Dataset or None, its `draws`; None of costs alone
    tables : dict of str to PerspectiveTables, by perspective
    title : str, title of the trial, or its name
    conclusion : TrialConclusion, the answer: the preferred option at each value, and what could turn it
    scenarios : tuple of Scenario, what `hecon.trial.scenarios` returned
    tipping : tuple of TippingMap, what `hecon.trial.tipping_maps` returned
    subgroups : tuple of SubgroupAnalysis, what `hecon.trial.subgroups` returned
    seed : int or None, the seed, to be told
    stratified : tuple of Stratified, what it is worth to decide by each of these subgroups
    """

    analysis: TrialAnalysis
    draws: xr.Dataset | None = field(repr=False, compare=False)
    tables: dict[str, PerspectiveTables] = field(repr=False, compare=False)
    title: str
    conclusion: TrialConclusion
    scenarios: tuple[Scenario, ...] = ()
    tipping: tuple[TippingMap, ...] = ()
    subgroups: tuple[SubgroupAnalysis, ...] = ()
    seed: int | None = None
    stratified: tuple[Stratified, ...] = ()


def assess_trial(
    analysis: TrialAnalysis,
    draws: xr.Dataset | None,
    *,
    wtp: ArrayLike | None = None,
    title: str | None = None,
    scenarios: Iterable[Scenario] = (),
    tipping: Iterable[TippingMap] = (),
    subgroups: Iterable[SubgroupAnalysis] = (),
    seed: int | None = None,
) -> TrialAssessment:
    """Return all that the report of a trial shows.

    The answer is given at `wtp` [currency per unit of effect], each above 0; by default at the reference values of the
    rules, or those of the design. Costs alone have neither draws nor `wtp`.
    """
    if (draws is None) is analysis.effect.exists:
        msg = "draws must be those of the analysis, or None where it compares costs alone, got the other"
        raise InputError(msg)
    if wtp is not None and not analysis.effect.exists:
        msg = f"wtp must be left out of a comparison of costs alone, which has no effect to pay for, got {wtp!r}"
        raise InputError(msg)
    values = None if wtp is None else values_of(wtp)
    tables = {
        perspective.name: _tables(perspective, _draws_from(draws, perspective.name), values or ())
        for perspective in analysis.perspectives
        if draws is not None
    }
    varied = tuple(scenarios)
    conclusion = conclude_trial(analysis, tables, varied, values)
    name = title or analysis.description.name
    by_level = tuple(subgroups)
    at = values or analysis.perspectives[0].reference
    strata = [stratified(each, at, rng=0 if seed is None else seed) for each in by_level if at]
    more = (tuple(tipping), by_level, seed, tuple(each for each in strata if each is not None))
    return TrialAssessment(analysis, draws, tables, name, conclusion, varied, *more)


def _draws_from(draws: xr.Dataset, perspective: str) -> xr.Dataset:
    """Return the draws of one perspective."""
    return draws.sel(perspective=perspective) if "perspective" in draws.dims else draws


def _tables(perspective: PerspectiveAnalysis, draws: xr.Dataset, values: Sequence[float]) -> PerspectiveTables:
    count, grid = draws.sizes["draw"], sorted({*perspective.grid(), *values})
    return PerspectiveTables(
        curves=Curves(draws),
        ratios=decision.icer(draws),
        acceptability=decision.ceac(draws, wtp=grid),
        acceptability_error={
            name: {value: perspective.optimal_error(name, wtp=value, draws=count) for value in grid}
            for name in perspective.strategies
        },
        frontier=decision.frontier(draws),
    )
