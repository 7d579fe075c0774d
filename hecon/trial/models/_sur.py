"""Seemingly unrelated regressions from cross-products, which add up over rows: every resample is one matrix product.

The columns of a trial stand side by side once, [constant | arms | covariates | outcomes], scaled. What a resample needs
is the sum over its rows of the products of each pair of columns: resample counts times products, whatever the number
of replicates. All estimates, of costs and QALYs, follow from these sums by small batched solves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial._sums import are_constant
from hecon.trial.models._sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

# Residual variance below which an equation fits exactly, of outcomes scaled to a largest deviation of 1.
_NO_VARIANCE = 1e-14
# Share of its variance that the other equation's residuals leave of one, below which both err as one: about a
# correlation of 1 - 1e-10.
_NO_SHARE = 2e-10
# Replicates are solved together in chunks whose matrices stay in the processor's cache.
_NUMBERS, _FEWEST = 2**16, 32


@dataclass(frozen=True)
class Columns:
    """The columns of a trial, scaled, and where each stands.

    Parameters
    ----------
    values : ndarray
        Shape (row, column): the constant, one 0/1 column per arm but the first, covariates, outcomes.
    arms : int
        Number of arms.
    regressors : tuple of ndarray
        For each outcome the positions of its covariates.
    outcomes : tuple of int
        Position of each outcome.
    centre, scale : ndarray
        What each column was reduced by and divided by.
    """

    values: Floats
    arms: int
    regressors: tuple[Codes, ...]
    outcomes: tuple[int, ...]
    centre: Floats
    scale: Floats


def columns(arm: Codes, arms: int, covariates: Floats, adjusts: Sequence[Sequence[int]], outcomes: Floats) -> Columns:
    """Return the columns of a trial.

    Parameters
    ----------
    arm : ndarray
        Arm of each row, from 0.
    arms : int
        Number of arms.
    covariates : ndarray
        Shape (row, covariate).
    adjusts : sequence of sequences of int
        For each outcome, which covariates it is regressed on.
    outcomes : ndarray
        Shape (row, outcome).
    """
    rows = arm.size
    dummies = (arm[:, None] == np.arange(1, arms)).astype(np.float64)
    raw = np.column_stack([np.ones(rows), dummies, covariates, outcomes])
    centre, scale = np.zeros(raw.shape[1]), np.ones(raw.shape[1])
    free = slice(arms, None)
    varies = ~are_constant(raw[:, free])
    centre[free] = np.where(varies, raw[:, free].mean(axis=0), raw[0, free])
    scale[free] = np.where(varies, np.abs(raw[:, free] - centre[free]).max(axis=0), 1.0)
    values = (raw - centre) / scale
    values[:, free][:, ~varies] = 0.0
    first = arms + covariates.shape[1]
    return Columns(
        values,
        arms,
        tuple(np.array([arms + each for each in some], dtype=np.intp) for some in adjusts),
        tuple(range(first, first + outcomes.shape[1])),
        centre,
        scale,
    )


def products(table: Columns) -> Floats:
    """Return the products of each pair of columns, shape (row, pair): the pairs of the upper triangle."""
    first, second = np.triu_indices(table.values.shape[1])
    result: Floats = table.values[:, first] * table.values[:, second]
    return result


def squares(summed: Floats, count: int) -> Floats:
    """Return cross-products as symmetric matrices, shape (replicate, column, column)."""
    first, second = np.triu_indices(count)
    full = np.empty((summed.shape[0], count, count))
    full[:, first, second] = summed
    full[:, second, first] = summed
    return full


def arm_means(cross: Floats, table: Columns, pair: tuple[int, int]) -> Floats:
    """Return adjusted means of two outcomes in each arm.

    With the same regressors each equation is fitted by ordinary least squares; with different ones both are solved
    together, by one step of feasible generalised least squares.

    Parameters
    ----------
    cross : ndarray
        Cross-products, shape (replicate, column, column).
    table : Columns
        The columns that they are of.
    pair : (int, int)
        Which outcomes: cost and QALY.

    Returns
    -------
    ndarray
        Shape (replicate, 2, arm): the mean had everyone been in the arm, at the replicate's own mean covariates.
    """
    sets = [np.concatenate([np.arange(table.arms), table.regressors[outcome]]) for outcome in pair]
    places = [table.outcomes[outcome] for outcome in pair]
    means = np.empty((cross.shape[0], 2, table.arms))
    step = max(_FEWEST, _NUMBERS // cross.shape[1] ** 2)
    for start in range(0, len(cross), step):
        part = slice(start, start + step)
        means[part] = _means(cross[part], table, sets, places)
    return means


def _means(cross: Floats, table: Columns, sets: list[Codes], places: list[int]) -> Floats:
    """Return adjusted means of two outcomes with given regressors, shape (replicate, 2, arm)."""
    if np.array_equal(sets[0], sets[1]):
        betas, _, _ = _least_squares(cross, sets[0], places)
    else:
        betas = _together(cross, sets, places)
    averages = cross[:, 0] / cross[:, 0, :1]
    means = np.empty((cross.shape[0], 2, table.arms))
    for position, (some, at, beta) in enumerate(zip(sets, places, betas, strict=True)):
        reference = beta[:, 0] + (beta[:, table.arms :] * averages[:, some[table.arms :]]).sum(axis=1)
        scaled = np.concatenate([reference[:, None], reference[:, None] + beta[:, 1 : table.arms]], axis=1)
        means[:, position] = scaled * table.scale[at] + table.centre[at]
    return means


def _least_squares(cross: Floats, some: Codes, outcomes: list[int]) -> tuple[list[Floats], Floats, NDArray[np.bool_]]:
    """Return coefficients per outcome, mean products of residuals, and which columns entered.

    A column that is a combination of those before it in a replicate, as a covariate that does not vary there, is left
    out: its coefficient is 0.
    """
    places = [*some, *outcomes]
    matrices = np.ascontiguousarray(cross[:, places][:, :, places].transpose(1, 2, 0))
    keep = sweep(matrices, outcomes=len(outcomes))[1]
    betas = [matrices[: some.size, some.size + each].T for each in range(len(outcomes))]
    return betas, matrices[some.size :, some.size :].transpose(2, 0, 1) / cross[:, :1, :1], keep


def _between(cross: Floats, sets: list[Codes], places: list[int], betas: list[Floats]) -> Floats:
    """Return the mean product of the residuals of two equations with different regressors."""
    explained = np.einsum("bp,bpq,bq->b", betas[0], cross[:, sets[0]][:, :, sets[1]], betas[1])
    mixed = [(betas[i] * cross[:, sets[i], places[1 - i]]).sum(axis=1) for i in range(2)]
    result: Floats = (cross[:, places[0], places[1]] - mixed[0] - mixed[1] + explained) / cross[:, 0, 0]
    return result


def _together(cross: Floats, sets: list[Codes], places: list[int]) -> list[Floats]:
    """Return coefficients of two equations by feasible generalised least squares.

    Where an equation fits without error, both err as one, or the equations lose a regressor when they are joined,
    those of ordinary least squares stand: there the covariance of the residuals is rounding.
    """
    alone = [_least_squares(cross, some, [at]) for some, at in zip(sets, places, strict=True)]
    betas = [beta for (beta,), _, _ in alone]
    variances = np.stack([products[:, 0, 0] for _, products, _ in alone], axis=1)
    varies = (variances[:, 0] > _NO_VARIANCE) & (variances[:, 1] > _NO_VARIANCE)
    sd = np.sqrt(np.where(varies[:, None], variances, 1.0))
    correlation = _between(cross, sets, places, betas) / sd.prod(axis=1)
    sound = varies & (1 - correlation**2 > _NO_SHARE)
    correlation[~sound] = 0.0
    weight = np.stack([np.ones_like(correlation), -correlation, np.ones_like(correlation)]) / (1 - correlation**2)
    split = sets[0].size
    size = split + sets[1].size
    matrices = np.zeros((size + 1, size + 1, cross.shape[0]))
    parts = (slice(0, split), slice(split, size))
    for i in range(2):
        for j in range(2):
            matrices[parts[i], parts[j]] = weight[i + j] * cross[:, sets[i]][:, :, sets[j]].transpose(1, 2, 0)
            matrices[parts[i], -1] += weight[i + j] / sd[:, j] * cross[:, sets[i], places[j]].T
    matrices[-1, :-1] = matrices[:-1, -1]
    keep = np.concatenate([each for _, _, each in alone])
    sound &= (sweep(matrices)[1] == keep).all(axis=0)
    return [
        np.where(sound[:, None], matrices[part, -1].T * sd[:, [at]], beta)
        for at, (part, beta) in enumerate(zip(parts, betas, strict=True))
    ]
