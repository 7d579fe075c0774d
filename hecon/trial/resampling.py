"""Units of the bootstrap, their samples, and intervals from replicates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon.errors import InputError
from hecon.trial import gamma_model, mixed_model, regression
from hecon.trial.estimates import Welch

if TYPE_CHECKING:
    from hecon._arrays import Codes, Counts, Flags, Floats
    from hecon.trial.imputation import Variables
    from hecon.trial.regression import RegressionPlan
    from hecon.trial.table.checking import TrialData


def stratified_rows(stratum: Codes, replicates: int, rng: np.random.Generator) -> Codes:
    """Return the rows of each resample, shape (replicate, row): each stratum keeps its places and its size."""
    rows = np.empty((replicates, stratum.size), dtype=np.intp)
    for code in np.unique(stratum):
        members = np.flatnonzero(stratum == code)
        rows[:, members] = members[rng.integers(0, members.size, (replicates, members.size))]
    return rows


def times_drawn(rows: Codes, size: int) -> Floats:
    """Return how often each row was drawn in each resample, shape (replicate, row)."""
    replicates = rows.shape[0]
    flat = rows + size * np.arange(replicates)[:, None]
    return np.bincount(flat.ravel(), minlength=replicates * size).reshape(replicates, size).astype(np.float64)


def acceleration(jackknife: Floats, stratum: Codes) -> Floats:
    """Return BCa's acceleration of each column from delete-one estimates, shape (row, ...).

    Each stratum's estimates are centred on their own mean and scaled by its size, as its resamples are its own.
    """
    influence = np.zeros_like(jackknife)
    for code in np.unique(stratum):
        members = stratum == code
        size = int(members.sum())
        own = jackknife[members]
        influence[members] = (own.mean(axis=0) - own) * (size - 1) / size
    cubes, squares = (influence**3).sum(axis=0), (influence**2).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Floats = np.where(squares > 0, cubes / (6 * squares**1.5), 0.0)
    return result


def bca(replicates: Floats, estimate: Floats, speed: Floats, level: float) -> Floats:
    """Return the bias-corrected and accelerated interval of each column, shape (2, column).

    Where every replicate lies on one side of the estimate, the percentile interval stands in its place.
    """
    from scipy.special import ndtr, ndtri

    below = (replicates < estimate).mean(axis=0) + 0.5 * (replicates == estimate).mean(axis=0)
    tail = (1 - level) / 2
    result: Floats = np.quantile(replicates, [tail, 1 - tail], axis=0)
    tails = ndtri(np.array([tail, (1 + level) / 2]))
    for column in np.flatnonzero((below > 0) & (below < 1)):
        bias = float(ndtri(below[column]))
        shifted = bias + tails
        left = 1 - speed[column] * shifted
        # Beyond the pole of the acceleration the limit is the end of the distribution.
        reach = ndtr(np.where(left > 0, bias + shifted / np.where(left > 0, left, 1.0), np.copysign(np.inf, shifted)))
        result[:, column] = np.quantile(replicates[:, column], reach)
    return result


# Completed sets over which the arms' own variances are averaged: their ratio hardly moves with the imputation.
SETS = 10


def whole_clusters(data: TrialData, model: str) -> Codes | None:
    """Return the clusters of the patients, where whole clusters are resampled."""
    return data.cluster if model == "mixed" else None


def cross_arms(data: TrialData) -> bool:
    """Return whether clusters have patients in several arms, so that all clusters are resampled together."""
    return data.cluster is not None and mixed_model.crosses(data.cluster, data.arm)


def counts(data: TrialData, model: str) -> Codes:
    """Return the number of units that are resampled for each arm: of all clusters where they cross arms."""
    arms, cluster = len(data.strategies), whole_clusters(data, model)
    if cluster is None:
        return np.bincount(data.arm, minlength=arms)
    if cross_arms(data):
        return np.full(arms, np.unique(cluster).size)
    return np.array([np.unique(cluster[data.arm == arm]).size for arm in range(arms)])


def widening(data: TrialData, model: str) -> Floats:
    """Return √(k/(k − 1)) for each parameter, k the units of its arm.

    A bootstrap of k units gives (k − 1)/k of the variance of their mean. Deviations of each arm's means are multiplied
    by the root of the inverse, so that variances within an arm grow by k/(k − 1) and covariances of two arms by the
    root of both factors.
    """
    units = np.maximum(counts(data, model), 2)
    return np.tile(np.sqrt(units / (units - 1)), 2)


def means_under(
    values: Floats, data: TrialData, plan: RegressionPlan, model: str, weights: Floats
) -> tuple[Floats, Flags, Floats | None]:
    """Return adjusted means of one completed set under each row of weights of what is resampled.

    They have the shape (replicate, perspective, outcome, arm); with them which replicates could be fitted and, of
    clusters, the share of the variance between them, shape (replicate, outcome).
    """
    cluster = whole_clusters(data, model)
    if cluster is not None:
        return mixed_model.resampled_means(values, plan, cluster, data.period, weights)
    if model in gamma_model.LINKS:
        return *gamma_model.resampled_means(values, plan, weights, model), None
    return regression.resampled_means(values, plan, weights), np.ones(len(weights), dtype=np.bool_), None


def jackknife(values: Floats, data: TrialData, plan: RegressionPlan, model: str) -> tuple[Floats, Codes]:
    """Return estimates without each unit in turn, shape (unit, perspective, parameter), and the stratum of each.

    Units without which the model cannot be fitted are left out.
    """
    cluster, stratum = whole_clusters(data, model), data.arm
    if cluster is not None:
        stratum = np.zeros(int(cluster.max()) + 1, dtype=np.intp)
        if not cross_arms(data):
            stratum[cluster] = data.arm
    if cluster is None and model not in gamma_model.LINKS:
        result = regression.jackknife_means(values, plan, data.arm)
    else:
        result, ok, _ = means_under(values, data, plan, model, 1 - np.eye(stratum.size))
        result, stratum = result[ok], stratum[ok]
    return result.reshape(len(result), len(plan.perspectives), -1), stratum


def residual_df(data: TrialData, plan: RegressionPlan, model: str) -> Floats:
    """Return the degrees of freedom of each stratum's own variance, at least 1.

    Of n patients, or with weights of their effective number, less 1, less the covariates in proportion to the arm's
    share of all; of k clusters less 1.
    Where clusters cross arms there is one stratum, with as many as clusters less arms.
    """
    units = counts(data, model).astype(np.float64)
    if whole_clusters(data, model) is None:
        units = data.effective
        covariates = max(len(each) for each in plan.adjusts)
        result = units - 1 - covariates * units / units.sum()
    elif cross_arms(data):
        result = units[:1] - plan.arms
    else:
        result = units - 1
    least_one: Floats = np.maximum(result, 1.0)
    return least_one


def complete_df(sets: Floats, data: TrialData, plan: RegressionPlan, model: str) -> list[Welch | float]:
    """Return the degrees of freedom had nothing been missing, by perspective.

    By Welch and Satterthwaite for the contrast asked, from the jackknife variances of the arms in the first completed
    sets, shape (set, patient, variable); one number where clusters cross arms.
    """
    df = residual_df(data, plan, model)
    if df.size == 1:
        return [float(df[0])] * len(plan.perspectives)
    parts = np.zeros((len(plan.perspectives), df.size, 2 * plan.arms, 2 * plan.arms))
    for values in sets[:SETS]:
        result, stratum = jackknife(values, data, plan, model)
        for code in range(df.size):
            own = result[stratum == code]
            if len(own):
                apart = own - own.mean(axis=0)
                parts[:, code] += (len(own) - 1) / len(own) * np.einsum("upi,upj->pij", apart, apart)
    return [Welch(each, df) for each in parts / min(len(sets), SETS)]


# Most times that a bootstrap sample is drawn again in which a variable of an arm is missing throughout.
_TRIES = 1000


@dataclass(frozen=True)
class Samples:
    """Bootstrap samples side by side: each place has one arm in all samples."""

    # row of the trial at each place, shape (sample, place); -1 where a sample of clusters has fewer patients
    rows: Codes
    arm: Codes  # arm of each place
    # which of the clusters of its sample a place belongs to, shape (sample, place), -1 where there is no patient; a
    # cluster that is drawn twice counts as two; None where patients are resampled
    cluster: Codes | None = None

    def of(self, columns: Floats, arm: Codes) -> Floats:
        """Return columns of the trial in each sample, shape (sample, place, column).

        Where there is no patient, what is missing of anybody in the arm is missing, so that it predicts and lends
        nothing; of what is known of all stands the mean, or it would have to be imputed.
        """
        result: Floats = columns[self.rows]
        if self.cluster is not None:
            means = np.stack([columns[arm == code].mean(axis=0) for code in range(int(arm.max()) + 1)])
            empty, place = np.nonzero(self.cluster < 0)
            result[empty, place] = means[self.arm[place]]
        return result


def draw_samples(data: TrialData, all_: Variables, model: str, count: int, rng: np.random.Generator) -> Samples:
    """Return samples in each of which every variable that an arm lacks of somebody is known of somebody in it."""
    seen = ~np.isnan(all_.living)
    if all_.aside.any():
        whole = [~all_.missing[data.arm == arm].any(axis=0) for arm in range(len(data.strategies))]
        seen |= np.stack(whole)[data.arm]
    cluster = whole_clusters(data, model)
    if cluster is None:
        return Samples(_rows(data, seen, count, rng), data.arm)
    return _placed(data, cluster, _clusters(data, cluster, seen, count, rng))


def whole_trial(data: TrialData, model: str) -> Samples:
    """Return the trial itself as one sample."""
    cluster = whole_clusters(data, model)
    return Samples(np.arange(data.arm.size)[None], data.arm, None if cluster is None else cluster[None])


def _rows(data: TrialData, seen: Flags, count: int, rng: np.random.Generator) -> Codes:
    rows = stratified_rows(data.arm, count, rng)
    for _ in range(_TRIES):
        empty = np.zeros(count, dtype=bool)
        for arm in range(len(data.strategies)):
            empty |= ~np.all(np.any(seen[rows[:, data.arm == arm]], axis=1), axis=1)
        if not empty.any():
            return rows
        rows[empty] = stratified_rows(data.arm, int(empty.sum()), rng)
    raise _too_little_known()


def _clusters(data: TrialData, cluster: Codes, seen: Flags, count: int, rng: np.random.Generator) -> Counts:
    """Return how often each sample draws each cluster, shape (sample, cluster)."""
    stratum = mixed_model.strata(data, cluster)
    result = mixed_model.cluster_counts(cluster, stratum, count, rng)
    arms = len(data.strategies)
    by_arm = np.zeros((result.shape[1], arms, seen.shape[1]))
    np.add.at(by_arm, (cluster, data.arm), seen)
    known = by_arm.reshape(result.shape[1], -1)
    for _ in range(_TRIES):
        empty = (result @ known == 0).any(axis=1)
        if not empty.any():
            return result
        result[empty] = mixed_model.cluster_counts(cluster, stratum, int(empty.sum()), rng)
    raise _too_little_known()


def _too_little_known() -> InputError:
    msg = "bootstrap samples must hold every variable in each arm, which few do here: too little of some is known"
    return InputError(msg)


def _placed(data: TrialData, cluster: Codes, counts: Counts) -> Samples:
    """Return the patients of drawn clusters side by side, by arm, each arm as wide as its largest sample."""
    samples, arms = len(counts), len(data.strategies)
    by_cluster = np.argsort(cluster, kind="stable")
    sizes = np.bincount(cluster, minlength=counts.shape[1])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    per_sample = int(counts[0].sum())
    code = np.repeat(np.tile(np.arange(counts.shape[1]), samples), counts.ravel())
    length = sizes[code]
    row = by_cluster[np.repeat(starts[code], length) + _within(length)]
    sample = np.repeat(np.repeat(np.arange(samples), per_sample), length)
    number = np.repeat(np.tile(np.arange(per_sample), samples), length)
    key = sample * arms + data.arm[row]
    order = np.argsort(key, kind="stable")
    occupied = np.bincount(key, minlength=samples * arms)
    width = occupied.reshape(samples, arms).max(axis=0)
    first = np.concatenate([[0], np.cumsum(width)[:-1]])
    place = first[data.arm[row[order]]] + _within(occupied)
    rows = np.full((samples, int(width.sum())), -1, dtype=np.intp)
    own = rows.copy()
    rows[sample[order], place], own[sample[order], place] = row[order], number[order]
    return Samples(rows, np.repeat(np.arange(arms), width), own)


def _within(lengths: Codes) -> Codes:
    """Return 0, 1, ... for each run of the lengths given."""
    ends = np.cumsum(lengths)
    return np.arange(int(ends[-1])) - np.repeat(ends - lengths, lengths)
