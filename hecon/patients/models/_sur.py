"""Seemingly unrelated regressions from cross-products, which add up over rows: every resample is one matrix product.

The columns of a trial stand side by side once, [constant | arms | covariates | outcomes], scaled. What a resample needs
is the sum over its rows of the products of each pair of columns: resample counts times products, whatever the number
of replicates. All estimates, of costs and QALYs, follow from these sums by small batched solves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

# Keeps a replicate from failing in which a rare covariate was never drawn; far below the digits that count.
RIDGE = 1e-13
_STRONG_RIDGE = 1e-9


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
    centre[free] = raw[:, free].mean(axis=0)
    spread = np.abs(raw[:, free] - centre[free]).max(axis=0, initial=0.0)
    scale[free] = np.where(spread > 0, spread, 1.0)
    first = arms + covariates.shape[1]
    return Columns(
        (raw - centre) / scale,
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
    """Return adjusted means of two outcomes in each arm, whose equations are solved together.

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
    sets = [np.concatenate([np.arange(table.arms), table.regressors[each]]) for each in pair]
    alone = [
        _solved(cross[:, some][:, :, some], cross[:, some, table.outcomes[each]])
        for some, each in zip(sets, pair, strict=True)
    ]
    if not np.array_equal(sets[0], sets[1]):
        alone = _together(cross, sets, [table.outcomes[each] for each in pair], alone)
    averages = cross[:, 0] / cross[:, 0, :1]
    found = np.empty((cross.shape[0], 2, table.arms))
    for position, (some, each, beta) in enumerate(zip(sets, pair, alone, strict=True)):
        reference = beta[:, 0] + (beta[:, table.arms :] * averages[:, some[table.arms :]]).sum(axis=1)
        means = np.concatenate([reference[:, None], reference[:, None] + beta[:, 1 : table.arms]], axis=1)
        at = table.outcomes[each]
        found[:, position] = means * table.scale[at] + table.centre[at]
    return found


def _solved(matrix: Floats, moment: Floats) -> Floats:
    diagonal = _diagonal(matrix)
    try:
        found = np.linalg.solve(matrix + RIDGE * diagonal, moment[:, :, None])
    except np.linalg.LinAlgError:
        # In arms of a few patients rounding can outdo the ridge.
        found = np.linalg.solve(matrix + _STRONG_RIDGE * diagonal, moment[:, :, None])
    return np.asarray(found[:, :, 0], dtype=np.float64)


def _diagonal(matrix: Floats) -> Floats:
    size = matrix.shape[1]
    diagonal = np.einsum("bii->bi", matrix)
    found = np.zeros_like(matrix)
    # An empty column would leave its coefficient open; it is 0 then.
    found[:, np.arange(size), np.arange(size)] = np.where(diagonal > 0, diagonal, 1.0 / RIDGE)
    return found


def _residual_products(cross: Floats, sets: list[Codes], at: list[int], betas: list[Floats]) -> Floats:
    """Return sums of products of the residuals of two equations, shape (replicate, 2, 2)."""
    found = np.empty((cross.shape[0], 2, 2))
    for i in range(2):
        for j in range(2):
            left, right = betas[i], betas[j]
            between = np.einsum("bp,bpq,bq->b", left, cross[:, sets[i]][:, :, sets[j]], right)
            found[:, i, j] = (
                cross[:, at[i], at[j]]
                - (left * cross[:, sets[i], at[j]]).sum(axis=1)
                - (right * cross[:, sets[j], at[i]]).sum(axis=1)
                + between
            )
    return found


def _together(cross: Floats, sets: list[Codes], at: list[int], alone: list[Floats]) -> list[Floats]:
    errors = _residual_products(cross, sets, at, alone) / cross[:, 0, 0, None, None]
    spread = np.einsum("bii->bi", errors)
    product = spread[:, 0] * spread[:, 1]
    # Where an equation fits without error, or both err as one, solving them together adds nothing.
    sound = errors[:, 0, 0] * errors[:, 1, 1] - errors[:, 0, 1] * errors[:, 1, 0] > 1e-10 * np.maximum(product, 1e-200)
    weight = np.linalg.inv(np.where(sound[:, None, None], errors, np.eye(2)))
    split = sets[0].size
    size = split + sets[1].size
    matrix, moment = np.empty((cross.shape[0], size, size)), np.zeros((cross.shape[0], size))
    parts = (slice(0, split), slice(split, size))
    for i in range(2):
        for j in range(2):
            matrix[:, parts[i], parts[j]] = weight[:, i, j, None, None] * cross[:, sets[i]][:, :, sets[j]]
            moment[:, parts[i]] += weight[:, i, j, None] * cross[:, sets[i], at[j]]
    joint = _solved(matrix, moment)
    return [np.where(sound[:, None], joint[:, part], each) for part, each in zip(parts, alone, strict=True)]
