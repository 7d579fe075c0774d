"""Adjusted arm means by seemingly unrelated regressions, whole or resampled.

A resample needs the sums over its rows of the products of each pair of scaled columns, [constant | arms | covariates |
outcomes]: resample counts times products. All estimates follow from these sums by small batched solves, `sweep`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial.estimates import are_constant, equal_but_for_rounding
from hecon.trial.valuation import discount_factors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon._arrays import Codes, Flags, Floats
    from hecon.trial.imputation import Variables
    from hecon.trial.table.checking import TrialData

# Residual variance below which an equation fits exactly, of outcomes scaled to a largest deviation of 1.
_NO_VARIANCE = 1e-14
# Share of residual variance unexplained by the other equation below which both err as one: about a
# correlation of 1 - 1e-10.
_NO_SHARE = 2e-10
# Replicates are solved together in chunks whose matrices stay in the processor's cache.
_NUMBERS, _FEWEST = 2**16, 32
# Unexplained share of a column below which it is a combination of the others.
COLLINEAR = 1e-9


@dataclass(frozen=True)
class RegressionPlan:
    """Columns and covariates of the regressions: every column is a weighted sum of a trial's variables."""

    arm: Codes  # arm of each patient
    arms: int  # number of arms
    # weights, shape (variable, column): covariates first, then the cost of each perspective, then the QALYs; these once
    # for each perspective where their regressors differ between perspectives
    matrix: Floats
    covariates: int  # number of covariates
    adjusts: tuple[list[int], ...]  # for each outcome, its covariates
    perspectives: tuple[str, ...]  # names, in the order of the costs
    weights: Floats | None = None  # sampling weight of each patient; None where all count alike

    @property
    def shape(self) -> tuple[int, int, int]:
        """Perspectives, outcomes (cost, QALYs) and arms of one estimate."""
        return len(self.perspectives), 2, self.arms

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The outcomes of each perspective: its cost and its QALYs."""
        count, outcomes = len(self.perspectives), len(self.adjusts)
        return [(at, count if outcomes == count + 1 else count + at) for at in range(count)]


def plan(data: TrialData, all_: Variables, perspectives: tuple[str, ...]) -> RegressionPlan:
    """Return what is regressed on what in a trial.

    Both equations are adjusted for the utility at the start, or another effect's value then, and for the cost before
    the start in the same perspective, where the table has them; with own regressors QALYs for the utility alone and
    costs for the cost alone. Each is adjusted for the covariates that the design names.
    """
    own, count = data.covariates.shape[1], len(perspectives)
    adjusts = _adjusts(data, perspectives)
    first = own + 1 + count
    outcomes = len(adjusts)
    matrix = np.zeros((all_.values.shape[1], first + outcomes))
    matrix[all_.covariates, :own] = np.eye(own)
    # Without a value at the start its column is empty, and no outcome is adjusted for it.
    matrix[all_.utilities.start : all_.later.start, own] = 1.0
    factors = discount_factors([(each.start, each.end) for each in data.items], discount=data.discount_cost)
    factors[[each.category in data.discounted_costs for each in data.items]] = 1.0
    for position, name in enumerate(perspectives):
        matrix[all_.baseline_costs, own + 1 + position] = _inside(data, name, _base_categories(data))
        inside = _inside(data, name, tuple(each.category for each in data.items))
        matrix[all_.costs, first + position] = factors * inside
    matrix[all_.utilities, first + count :] = data.effect.weights(data.months, data.discount_effect)[:, None]
    if all_.interval is not None:
        matrix[all_.interval, first + count :] = 1.0
    return RegressionPlan(data.arm, len(data.strategies), matrix, first, adjusts, perspectives, data.weights)


def _adjusts(data: TrialData, perspectives: tuple[str, ...]) -> tuple[list[int], ...]:
    """Return the covariates of each outcome: of the costs, then of the QALYs, once where all perspectives agree."""
    own = data.covariates.shape[1]
    start = [own] if data.effect.start and data.start_assumed is None else []
    for_cost, for_effect = ([at for at in range(own) if each in data.adjusts[at]] for each in ("cost", "effect"))
    before = [
        [own + 1 + at] if _inside(data, name, _base_categories(data)).any() else []
        for at, name in enumerate(perspectives)
    ]
    if data.regressors == "own":
        return (*(for_cost + each for each in before), [*for_effect, *start])
    effects = [[*for_effect, *start, *each] for each in before]
    if all(each == effects[0] for each in effects):
        effects = effects[:1]
    return (*([*for_cost, *start, *each] for each in before), *effects)


def _base_categories(data: TrialData) -> tuple[str, ...]:
    return () if data.baseline_costs is None else data.baseline_categories


def _inside(data: TrialData, perspective: str, categories: tuple[str, ...]) -> Flags:
    return np.array([each in data.perspectives[perspective] for each in categories], dtype=bool)


def resampled_means(values: Floats, plan_: RegressionPlan, weights: Floats) -> Floats:
    """Return adjusted means of one completed set under each row of weights, shape (replicate, *plan.shape)."""
    table = _table(values, plan_, plan_.arm)
    return without_rounding(_means_of_sums(weights @ _weighted(products(table), plan_), table, plan_), values, plan_)


def jackknife_means(values: Floats, plan_: RegressionPlan, arm: Codes) -> Floats:
    """Return adjusted means without each row in turn, shape (row, *plan.shape): the jackknife."""
    table = _table(values, plan_, arm)
    parts = _weighted(products(table), plan_)
    return without_rounding(_means_of_sums(parts.sum(axis=0) - parts, table, plan_), values, plan_)


def means_of_sets(values: Floats, plan_: RegressionPlan) -> Floats:
    """Return adjusted means of many completed sets, shape (set, *plan.shape)."""
    count, rows, size = values.shape
    table = _table(values.reshape(-1, size), plan_, np.tile(plan_.arm, count))
    per_set = table.values.reshape(count, rows, -1)
    return without_rounding(_means(per_set.transpose(0, 2, 1) @ _weighted(per_set, plan_), table, plan_), values, plan_)


def resampled_means_of_sets(values: Floats, plan_: RegressionPlan, weights: Floats) -> Floats:
    """Return adjusted means of many completed sets, each under rows of weights of its own (set, replicate, patient)."""
    count, rows, size = values.shape
    table = _table(values.reshape(-1, size), plan_, np.tile(plan_.arm, count))
    summed = weights @ _weighted(products(table).reshape(count, rows, -1), plan_)
    means = _means_of_sums(summed.reshape(-1, summed.shape[2]), table, plan_)
    return without_rounding(means.reshape(count, -1, *plan_.shape), values, plan_)


def _weighted(rows: Floats, plan_: RegressionPlan) -> Floats:
    """Return rows (..., patient, column) times the sampling weights."""
    return rows if plan_.weights is None else rows * plan_.weights[:, None]


def without_rounding(means: Floats, values: Floats, plan_: RegressionPlan) -> Floats:
    """Return adjusted means (..., perspective, outcome, arm) without rounding errors, changed in place.

    Rounding is taken out where arms are alike, or an outcome is constant within every arm.
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
    return equal_but_for_rounding(means, largest[np.array(plan_.pairs)])


def _means_of_sums(summed: Floats, table: Columns, plan_: RegressionPlan) -> Floats:
    return _means(squares(summed, table.values.shape[1]), table, plan_)


def _table(values: Floats, plan_: RegressionPlan, arm: Codes) -> Columns:
    result = values @ plan_.matrix
    covariates, outcomes = result[:, : plan_.covariates], result[:, plan_.covariates :]
    return columns(arm, plan_.arms, covariates, plan_.adjusts, outcomes)


def _means(cross: Floats, table: Columns, plan_: RegressionPlan) -> Floats:
    """Return adjusted means, shape (replicate, perspective, outcome, arm)."""
    return np.stack([arm_means(cross, table, pair) for pair in plan_.pairs], axis=1)


@dataclass(frozen=True)
class Columns:
    """The columns of a trial, scaled, and where each stands."""

    values: Floats  # shape (row, column): the constant, one 0/1 column per arm but the first, covariates, outcomes
    arms: int  # number of arms
    regressors: tuple[Codes, ...]  # for each outcome the positions of its covariates
    outcomes: tuple[int, ...]  # position of each outcome
    centre: Floats  # what each column was reduced by and divided by
    scale: Floats


def beside_arms(arm: Codes, arms: int, *others: Floats) -> Floats:
    """Return the constant, one 0/1 column per arm but the first, and other columns, side by side."""
    return np.column_stack([np.ones(arm.size), arm[:, None] == np.arange(1, arms), *others]).astype(np.float64)


def columns(arm: Codes, arms: int, covariates: Floats, adjusts: Sequence[Sequence[int]], outcomes: Floats) -> Columns:
    """Return the columns of a trial from the arm, the covariates and the outcomes of each row."""
    raw = beside_arms(arm, arms, covariates, outcomes)
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
    return table.values[:, first] * table.values[:, second]


def squares(summed: Floats, count: int) -> Floats:
    """Return cross-products as symmetric matrices, shape (replicate, column, column)."""
    first, second = np.triu_indices(count)
    full = np.empty((summed.shape[0], count, count))
    full[:, first, second] = summed
    full[:, second, first] = summed
    return full


def arm_means(cross: Floats, table: Columns, pair: tuple[int, int]) -> Floats:
    """Return adjusted means of a cost and a QALY in each arm, shape (replicate, 2, arm), from cross-products.

    With the same regressors each equation is fitted by ordinary least squares; with different ones both are solved
    together, by one step of feasible generalised least squares. Means are at the replicate's own mean covariates.
    """
    sets = [np.concatenate([np.arange(table.arms), table.regressors[outcome]]) for outcome in pair]
    places = [table.outcomes[outcome] for outcome in pair]
    means = np.empty((cross.shape[0], 2, table.arms))
    step = max(_FEWEST, _NUMBERS // cross.shape[1] ** 2)
    for start in range(0, len(cross), step):
        part = slice(start, start + step)
        means[part] = _means_of_pair(cross[part], table, sets, places)
    return means


def _means_of_pair(cross: Floats, table: Columns, sets: list[Codes], places: list[int]) -> Floats:
    """Return adjusted means of two outcomes with given regressors, shape (replicate, 2, arm)."""
    if np.array_equal(sets[0], sets[1]):
        betas, _, _ = _least_squares(cross, sets[0], places)
    else:
        betas = _together(cross, sets, places)
    averages = cross[:, 0] / cross[:, 0, :1]
    means = np.empty((cross.shape[0], 2, table.arms))
    for position, (some, at, beta) in enumerate(zip(sets, places, betas, strict=True)):
        own = by_arm(beta, averages[:, some[table.arms :]], table.arms)
        means[:, position] = own * table.scale[at] + table.centre[at]
    return means


def by_arm(beta: Floats, averages: Floats, arms: int) -> Floats:
    """Return the mean of each arm at average covariates, from coefficients of the constant, the arms and these."""
    reference = beta[:, :1] + (beta[:, arms:] * averages).sum(axis=1, keepdims=True)
    return np.concatenate([reference, reference + beta[:, 1:arms]], axis=1)


def _least_squares(cross: Floats, some: Codes, outcomes: list[int]) -> tuple[list[Floats], Floats, Flags]:
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


def scaled(y: Floats, X: Floats, needed: Sequence[int]) -> tuple[Floats, Codes, Floats, Floats]:  # noqa: N803
    """Return [X | y] scaled, needed columns last in X; their order, what was taken off and what divided by.

    X has the constant first. Where each column is taken off its mean the constant takes up the differences.
    """
    first = [at for at in range(X.shape[1]) if at not in needed]
    order = np.array([*first, *needed], dtype=np.intp)
    raw = np.column_stack([X[:, order], y])
    centre = raw.mean(axis=0)
    centre[0] = 0.0
    largest = np.abs(raw - centre).max(axis=0)
    largest[largest == 0] = 1.0
    shape = (raw - centre) / largest
    spread = np.sqrt((shape**2).mean(axis=0))
    scale = largest * np.where(spread > 0, spread, 1.0)
    return (raw - centre) / scale, order, centre, scale


def unscaling(order: Codes, centre: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """Return the matrix and the vector by which coefficients of scaled columns become those of X."""
    matrix = np.zeros((order.size, order.size))
    matrix[order, np.arange(order.size)] = scale[-1] / scale[:-1]
    matrix[0] -= scale[-1] * centre[:-1] / scale[:-1]
    shift = np.zeros(order.size)
    shift[0] = centre[-1]
    return matrix, shift


def sweep(matrices: Floats, keep: Flags | None = None, outcomes: int = 1) -> tuple[Floats, Flags]:
    """Sweep all but the last `outcomes` columns out of symmetric matrices (column, column, replicate), in place.

    Of the cross-products of [X | Y] this leaves (X'X)⁻¹, the coefficients in the last columns, and the sums of products
    of the residuals in the last corner. Columns that combine those before them are left out, unless `keep` says.
    Returns the logarithm of the determinant of X'X, and which columns entered.
    """
    size = matrices.shape[0] - outcomes
    floor = COLLINEAR * np.einsum("iib->ib", matrices[:size, :size])
    kept = np.empty((size, matrices.shape[2]), dtype=np.bool_)
    determinant = np.zeros(matrices.shape[2])
    work = np.empty_like(matrices)
    for at in range(size):
        pivot = matrices[at, at]
        kept[at] = pivot > floor[at] if keep is None else keep[at]
        # A column left out is divided by infinity: its coefficient is 0, and it changes nothing else.
        pivot = np.where(kept[at], pivot, np.inf)
        determinant += np.log(np.where(kept[at], pivot, 1.0))
        row, column = matrices[at] / pivot, matrices[:, at].copy()
        np.multiply(column[:, None], row[None], out=work)
        matrices -= work
        matrices[at] = row
        matrices[:, at] = -column / pivot
        matrices[at, at] = 1 / pivot
    return determinant, kept
