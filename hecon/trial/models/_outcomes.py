"""From completed variables to adjusted arm means: outcomes as weighted sums, then regression, whole or resampled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial._sums import are_constant, equalled
from hecon.trial.models import _sur
from hecon.trial.qaly import discount_factors, qaly_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.trial.table.checking import TrialData
    from hecon.trial.variables import Variables

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]


@dataclass(frozen=True)
class Plan:
    """What is regressed on what: every column is a weighted sum of a trial's variables.

    Parameters
    ----------
    arm : ndarray
        Arm of each patient.
    arms : int
        Number of arms.
    matrix : ndarray
        Weights, shape (variable, column): covariates first, then the cost of each perspective, then the QALYs; these
        once for each perspective where their regressors differ between perspectives.
    covariates : int
        Number of covariates.
    adjusts : tuple of lists of int
        For each outcome, its covariates.
    perspectives : tuple of str
        Names, in the order of the costs.
    """

    arm: Codes
    arms: int
    matrix: Floats
    covariates: int
    adjusts: tuple[list[int], ...]
    perspectives: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Perspectives, outcomes (cost, QALYs) and arms of one estimate."""
        return len(self.perspectives), 2, self.arms

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The outcomes of each perspective: its cost and its QALYs."""
        count, outcomes = len(self.perspectives), len(self.adjusts)
        return [(at, count if outcomes == count + 1 else count + at) for at in range(count)]


def plan(data: TrialData, all_: Variables, perspectives: tuple[str, ...]) -> Plan:
    """Return what is regressed on what in a trial.

    Both equations are adjusted for the utility at the start and for the cost before the start in the same perspective;
    with own regressors QALYs for the utility alone and costs for the cost alone. Each is adjusted for the covariates
    that the design names.
    """
    own, count = data.covariates.shape[1], len(perspectives)
    adjusts = _adjusts(data, perspectives)
    first = own + 1 + count
    outcomes = len(adjusts)
    matrix = np.zeros((all_.values.shape[1], first + outcomes))
    matrix[all_.covariates, :own] = np.eye(own)
    matrix[all_.utilities.start, own] = 1.0
    factors = discount_factors([(each.start, each.end) for each in data.items], discount=data.discount_cost)
    for position, name in enumerate(perspectives):
        matrix[all_.baseline_costs, own + 1 + position] = _inside(data, name, _base_categories(data))
        inside = _inside(data, name, tuple(each.category for each in data.items))
        matrix[all_.costs, first + position] = factors * inside
    matrix[all_.utilities, first + count :] = qaly_weights(data.months, discount=data.discount_effect)[:, None]
    return Plan(data.arm, len(data.strategies), matrix, first, adjusts, perspectives)


def _adjusts(data: TrialData, perspectives: tuple[str, ...]) -> tuple[list[int], ...]:
    """Return the covariates of each outcome: of the costs, then of the QALYs, once where all perspectives agree."""
    own = data.covariates.shape[1]
    for_cost, for_effect = ([at for at in range(own) if each in data.adjusts[at]] for each in ("cost", "effect"))
    before = [
        [own + 1 + at] if _inside(data, name, _base_categories(data)).any() else []
        for at, name in enumerate(perspectives)
    ]
    if data.regressors == "own":
        return (*(for_cost + each for each in before), [*for_effect, own])
    effects = [[*for_effect, own, *each] for each in before]
    if all(each == effects[0] for each in effects):
        effects = effects[:1]
    return (*([*for_cost, own, *each] for each in before), *effects)


def _base_categories(data: TrialData) -> tuple[str, ...]:
    return () if data.baseline_costs is None else data.baseline_categories


def _inside(data: TrialData, perspective: str, categories: tuple[str, ...]) -> NDArray[np.bool_]:
    return np.array([each in data.perspectives[perspective] for each in categories], dtype=bool)


def _columns(values: Floats, plan_: Plan, arm: Codes) -> _sur.Columns:
    found = values @ plan_.matrix
    parts = found[:, : plan_.covariates], found[:, plan_.covariates :]
    return _sur.columns(arm, plan_.arms, parts[0], plan_.adjusts, parts[1])


def _means(cross: Floats, table: _sur.Columns, plan_: Plan) -> Floats:
    """Return adjusted means, shape (replicate, perspective, outcome, arm)."""
    return np.stack([_sur.arm_means(cross, table, pair) for pair in plan_.pairs], axis=1)


def pinned(means: Floats, values: Floats, plan_: Plan) -> Floats:
    """Return adjusted means without rounding errors where arms are alike, or an outcome is constant within every arm.

    Parameters
    ----------
    means : ndarray
        Adjusted means, shape (..., perspective, outcome, arm); changed in place.
    values : ndarray
        Completed variables, shape (..., patient, variable).
    plan_ : Plan
        What is regressed on what.
    """
    outcomes = values @ plan_.matrix[:, plan_.covariates :]
    own = [outcomes[..., plan_.arm == arm, :].reshape(-1, outcomes.shape[-1]) for arm in range(plan_.arms)]
    fixed = np.all([are_constant(each) for each in own], axis=0)
    constants = np.stack([each[0] for each in own])
    constants[:, are_constant(constants)] = constants[0, are_constant(constants)]
    for perspective, pair in enumerate(plan_.pairs):
        for position, outcome in enumerate(pair):
            if fixed[outcome]:
                means[..., perspective, position, :] = constants[:, outcome]
    # Arms with the same mean tie: rounding must not say which is better.
    largest = np.abs(outcomes).reshape(-1, outcomes.shape[-1]).max(axis=0)
    return equalled(means, largest[np.array(plan_.pairs)])


def resampled(values: Floats, plan_: Plan, weights: Floats) -> Floats:
    """Return adjusted means of one completed set under each row of weights, shape (replicate, *plan.shape)."""
    table = _columns(values, plan_, plan_.arm)
    summed = weights @ _sur.products(table)
    return pinned(_means(_sur.squares(summed, table.values.shape[1]), table, plan_), values, plan_)


def without_each(values: Floats, plan_: Plan, arm: Codes) -> Floats:
    """Return adjusted means without each row in turn, shape (row, *plan.shape): the jackknife."""
    table = _columns(values, plan_, arm)
    parts = _sur.products(table)
    return pinned(_means(_sur.squares(parts.sum(axis=0) - parts, table.values.shape[1]), table, plan_), values, plan_)


def of_each(values: Floats, plan_: Plan) -> Floats:
    """Return adjusted means of many completed sets, shape (set, *plan.shape)."""
    count, rows, size = values.shape
    table = _columns(values.reshape(-1, size), plan_, np.tile(plan_.arm, count))
    per_set = table.values.reshape(count, rows, -1)
    return pinned(_means(per_set.transpose(0, 2, 1) @ per_set, table, plan_), values, plan_)


def resampled_each(values: Floats, plan_: Plan, weights: Floats) -> Floats:
    """Return adjusted means of many completed sets, each under rows of weights of its own.

    Parameters
    ----------
    values : ndarray
        Shape (set, patient, variable).
    plan_ : Plan
        What is regressed on what.
    weights : ndarray
        Shape (set, replicate, patient).

    Returns
    -------
    ndarray
        Shape (set, replicate, *plan.shape).
    """
    count, rows, size = values.shape
    table = _columns(values.reshape(-1, size), plan_, np.tile(plan_.arm, count))
    summed = weights @ _sur.products(table).reshape(count, rows, -1)
    means = _means(_sur.squares(summed.reshape(-1, summed.shape[2]), table.values.shape[1]), table, plan_)
    return pinned(means.reshape(count, -1, *plan_.shape), values, plan_)
