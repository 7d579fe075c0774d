"""The analysis of complete cases, beside the main one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hecon.errors import InputError
from hecon.trial import _pipelines, _units
from hecon.trial.analysis import CompleteCase
from hecon.trial.models import _outcomes
from hecon.trial.spread import Resampled
from hecon.trial.variables import variables_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.trial.table.checking import TrialData
    from hecon.trial.variables import Variables

# With fewer complete patients in an arm, or fewer beyond the number of coefficients, a bootstrap says nothing.
FEWEST, FEWEST_BEYOND = 5, 10


def rows_of(data: TrialData, rows: NDArray[np.bool_]) -> TrialData:
    """Return a trial of some of its patients."""
    cluster = None if data.cluster is None else np.unique(data.cluster[rows], return_inverse=True)[1]
    return replace(
        data,
        arm=data.arm[rows],
        utilities=data.utilities[rows],
        costs=data.costs[rows],
        covariates=data.covariates[rows],
        baseline_costs=None if data.baseline_costs is None else data.baseline_costs[rows],
        cluster=cluster,
        period=None if data.period is None else data.period[rows],
    )


def _used(plan: _outcomes.Plan) -> NDArray[np.bool_]:
    """Return which variables a plan rests on."""
    columns = [*range(plan.covariates, plan.matrix.shape[1]), *(at for some in plan.adjusts for at in some)]
    found: NDArray[np.bool_] = (plan.matrix[:, columns] != 0).any(axis=1)
    return found


def complete_case(
    data: TrialData, all_: Variables, perspective: str, settings: _pipelines.Settings, rng: np.random.Generator
) -> CompleteCase | None:
    """Return the analysis of the patients who have all that a perspective needs, or None where they are too few."""
    used = _used(_outcomes.plan(data, all_, (perspective,)))
    whole: NDArray[np.bool_] = ~np.any(np.isnan(all_.values[:, used]), axis=1)
    patients = np.bincount(data.arm[whole], minlength=len(data.strategies))
    if (patients < FEWEST).any():
        return None
    own = rows_of(data, whole)
    plan = _outcomes.plan(own, variables_of(own), (perspective,))
    beyond = patients.sum() - plan.arms - max(len(each) for each in plan.adjusts)
    if beyond < FEWEST_BEYOND:
        return None
    values = np.where(used, all_.values[whole], 0.0)
    try:
        point, replicates, failed, _ = _pipelines.replicates_of(values, own, plan, settings, rng)
        _pipelines.refuse_dropped(settings.model, failed, failed + len(replicates))
    except InputError:
        return None  # a model that the whole trial bears need not fit those who are left
    jackknife, stratum = _units.jackknife(values, own, plan, settings.model)
    return CompleteCase(
        tuple(int(each) for each in patients), Resampled(point[0], replicates[:, 0]), jackknife[:, 0], stratum
    )
