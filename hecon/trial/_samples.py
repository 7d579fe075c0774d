"""Bootstrap samples of a trial that are imputed each for itself: patients within arms, or whole clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon.errors import InputError
from hecon.trial import _resampling, _units
from hecon.trial.models import _clustered, _mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.trial.table.checking import TrialData

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Flags = NDArray[np.bool_]

# A bootstrap sample in which nobody of an arm has a variable is drawn again so often.
_TRIES = 1000


@dataclass(frozen=True)
class Samples:
    """Bootstrap samples side by side: each place has one arm in all samples.

    Parameters
    ----------
    rows : ndarray
        Row of the trial at each place, shape (sample, place); -1 where a sample of clusters has fewer patients.
    arm : ndarray
        Arm of each place.
    cluster : ndarray or None
        Which of the clusters of its sample a place belongs to, shape (sample, place), -1 where there is no patient; a
        cluster that is drawn twice counts as two. None where patients are resampled.
    """

    rows: Codes
    arm: Codes
    cluster: Codes | None = None

    def of(self, columns: Floats, arm: Codes) -> Floats:
        """Return columns of the trial in each sample, shape (sample, place, column).

        Where there is no patient, what is missing of anybody in the arm is missing, so that it predicts and lends
        nothing; of what is known of all stands the mean, or it would have to be imputed.
        """
        found: Floats = columns[self.rows]
        if self.cluster is not None:
            means = np.stack([columns[arm == code].mean(axis=0) for code in range(int(arm.max()) + 1)])
            empty, place = np.nonzero(self.cluster < 0)
            found[empty, place] = means[self.arm[place]]
        return found


def drawn(data: TrialData, values: Floats, model: str, count: int, rng: np.random.Generator) -> Samples:
    """Return samples in each of which every variable is known of somebody in each arm."""
    seen = ~np.isnan(values)
    if not _units.are_clusters(data, model) or data.cluster is None:
        return Samples(_rows(data, seen, count, rng), data.arm)
    return _placed(data, data.cluster, _clusters(data, data.cluster, seen, count, rng))


def whole(data: TrialData, model: str) -> Samples:
    """Return the trial itself as one sample."""
    cluster = data.cluster if _units.are_clusters(data, model) else None
    return Samples(np.arange(data.arm.size)[None], data.arm, None if cluster is None else cluster[None])


def _rows(data: TrialData, seen: Flags, count: int, rng: np.random.Generator) -> Codes:
    rows = _resampling.stratified_rows(data.arm, count, rng)
    for _ in range(_TRIES):
        empty = np.zeros(count, dtype=bool)
        for arm in range(len(data.strategies)):
            empty |= ~np.all(np.any(seen[rows[:, data.arm == arm]], axis=1), axis=1)
        if not empty.any():
            return rows
        rows[empty] = _resampling.stratified_rows(data.arm, int(empty.sum()), rng)
    raise _too_little_known()


def _clusters(data: TrialData, cluster: Codes, seen: Flags, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return how often each sample draws each cluster, shape (sample, cluster)."""
    stratum = _clustered.strata(data, cluster)
    found = _mixed.cluster_counts(cluster, stratum, count, rng)
    arms = len(data.strategies)
    by_arm = np.zeros((found.shape[1], arms, seen.shape[1]))
    np.add.at(by_arm, (cluster, data.arm), seen)
    known = by_arm.reshape(found.shape[1], -1)
    for _ in range(_TRIES):
        empty = (found @ known == 0).any(axis=1)
        if not empty.any():
            return found
        found[empty] = _mixed.cluster_counts(cluster, stratum, int(empty.sum()), rng)
    raise _too_little_known()


def _too_little_known() -> InputError:
    msg = "bootstrap samples must hold every variable in each arm, which few do here: too little of some is known"
    return InputError(msg)


def _placed(data: TrialData, cluster: Codes, counts: NDArray[np.int64]) -> Samples:
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
    found: Codes = np.arange(int(ends[-1])) - np.repeat(ends - lengths, lengths)
    return found
