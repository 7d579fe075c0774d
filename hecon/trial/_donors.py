"""Donors for missing values: the nearest by predicted mean; equal ones lend by weights that a set draws once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Codes = NDArray[np.intp]

# Predicted means that differ by less than this share of the outcome's standard deviation are equal but for rounding.
_TIED = 1e-9
# Groups below this size have weights as unequal as those of a group of it.
_SMALLEST_GROUP = 5


@dataclass(frozen=True)
class Donors:
    """The nearest donors of each missing value.

    Parameters
    ----------
    imputation, patient : ndarray of int
        Where each missing value stands, shape (missing value,).
    chosen : ndarray of int
        Patients who may lend, shape (missing value, donor).
    weights : ndarray
        In proportion to which they lend; 0 for a place without a donor.
    """

    imputation: Codes
    patient: Codes
    chosen: Codes
    weights: Floats

    def drawn(self, rng: np.random.Generator) -> Codes:
        """Return one patient for each missing value, in proportion to the weights."""
        reached = np.cumsum(self.weights, axis=1)
        place = (rng.random(len(reached))[:, None] * reached[:, -1:] >= reached).sum(axis=1)
        last = (self.weights > 0).shape[1] - 1 - np.argmax(self.weights[:, ::-1] > 0, axis=1)
        picked: Codes = np.take_along_axis(self.chosen, np.minimum(place, last)[:, None], axis=1)[:, 0]
        return picked

    def mean(self, values: Floats) -> Floats:
        """Return the weighted mean over the donors of values of shape (imputation, patient)."""
        given = values[self.imputation[:, None], self.chosen]
        total: Floats = (self.weights * given).sum(axis=1) / self.weights.sum(axis=1)
        return total


def nearest(
    fitted: Floats,
    wanted: Floats,
    absent: Flags,
    *,
    spread: Floats,
    count: int,
    weigh_all: bool = False,
    rng: np.random.Generator,
) -> Donors:
    """Return the donors whose predicted means are nearest to those of the patients without a value.

    Parameters
    ----------
    fitted : ndarray
        Predicted means by which donors are found, shape (imputation, outcome, patient). With several outcomes, squared
        distances are added up.
    wanted : ndarray
        Predicted means of the patients without a value, same shape.
    absent : ndarray of bool
        Who has no value, shape (imputation, patient).
    spread : ndarray
        Standard deviation of the outcome, shape (imputation,), by which equal predicted means are told.
    count : int
        Number of donors of each missing value; fewer where fewer have a value.
    weigh_all : bool, default False
        Whether donors without an equal have weights too.
    rng : numpy.random.Generator
        Source of randomness.

    Notes
    -----
    Donors with equal predicted means are a group, of whom any may lend. Each member of a group of size m gets a weight
    from a gamma distribution with shape 1 - 2/max(5, m) and mean 1, once per imputation: an approximate Bayesian
    bootstrap, so that the sets differ by what is not known of the group's mean. Each place that a member takes among
    the nearest is refilled by a draw from the whole group in proportion to the weights, and counts as much as the
    group's mean weight. With `weigh_all` every other donor has a weight from an exponential distribution, as in the
    Bayesian bootstrap: then the sets differ, too, by what is not known of the mean of those who are nearly equal.
    """
    single = fitted.shape[1] == 1
    key = fitted[:, 0] if single else np.einsum("o,bop->bp", rng.standard_normal(fitted.shape[1]), fitted)
    key = np.where(absent, np.inf, key)
    order = np.argsort(key, axis=1)
    ranked = np.take_along_axis(key, order, axis=1)
    rounding = _TIED * spread[:, None]
    who, where = np.nonzero(absent)
    seen = (~absent).sum(axis=1)
    if single:
        window, distance = _window(ranked, who, wanted[who, 0, where], seen, count)
    else:
        window = np.broadcast_to(np.arange(key.shape[1]), (who.size, key.shape[1]))
        apart = fitted[who[:, None], :, order[who]] - wanted[who, :, where][:, None]
        distance = np.where(window < seen[who][:, None], np.sqrt((apart**2).sum(axis=2)), np.inf)
    tied = _tied(ranked, rounding)
    are_weighed = weigh_all or bool(tied.any())
    if are_weighed:
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            steps = np.where(distance > 0, distance / np.maximum(rounding[who], np.finfo(float).tiny), 0.0)
        closest = np.lexsort((rng.random(distance.shape), np.round(steps)), axis=1)[:, :count]
    else:
        closest = np.argsort(distance, axis=1, kind="stable")[:, :count]
    ranks = np.take_along_axis(window, closest, axis=1)
    weights = np.isfinite(np.take_along_axis(distance, closest, axis=1)).astype(np.float64)
    if are_weighed:
        ranks, mean_weight = _refilled(ranks, who, tied, seen, rng, weigh_all=weigh_all)
        weights *= mean_weight
    return Donors(who, where, order[who[:, None], ranks], weights)


def _tied(ranked: Floats, rounding: Floats) -> Flags:
    """Return which donors have the same predicted mean as the one ranked before them."""
    with np.errstate(invalid="ignore"):
        equal = ranked[:, 1:] - ranked[:, :-1] <= rounding
    return np.concatenate([np.zeros((len(ranked), 1), dtype=bool), equal], axis=1)


def _window(ranked: Floats, who: Codes, wanted: Floats, seen: Codes, count: int) -> tuple[Codes, Floats]:
    """Return for each missing value the ranks of the donors next to it on both sides, and their distances."""
    batch, number = ranked.shape
    # Complex numbers sort by real part, then imaginary: one search serves all imputations.
    shelf, key = np.empty((batch, number), dtype=complex), np.empty(who.size, dtype=complex)
    shelf.real, shelf.imag = np.arange(batch)[:, None], ranked
    key.real, key.imag = who, wanted
    place = np.searchsorted(shelf.ravel(), key) - who * number
    window = place[:, None] + np.arange(-count, count)
    inside = (window >= 0) & (window < seen[who][:, None])
    window = np.clip(window, 0, number - 1)
    with np.errstate(invalid="ignore"):
        distance = np.where(inside, np.abs(ranked[who[:, None], window] - wanted[:, None]), np.inf)
    return window, distance


def _refilled(
    ranks: Codes, who: Codes, tied: Flags, seen: Codes, rng: np.random.Generator, *, weigh_all: bool
) -> tuple[Codes, Floats]:
    """Return the ranks with each member of a group replaced by one of it, and the mean weight of each one's group."""
    batch, number = tied.shape
    at = np.arange(number)
    first = np.maximum.accumulate(np.where(tied, 0, at), axis=1)
    ends = np.concatenate([~tied[:, 1:], np.ones((batch, 1), dtype=bool)], axis=1)
    last = np.minimum.accumulate(np.where(ends, at, number)[:, ::-1], axis=1)[:, ::-1]
    size = last - first + 1
    shape = np.where(size > 1, 1 - 2 / np.maximum(size, _SMALLEST_GROUP), 1.0)
    weight = rng.standard_gamma(shape) / shape
    if not weigh_all:
        weight[size == 1] = 1.0
    weight = np.where(at < seen[:, None], np.maximum(weight, np.finfo(float).tiny), 0.0)
    reached = np.cumsum(weight.ravel()).reshape(batch, number)
    row = who[:, None]
    low, high = first[row, ranks], last[row, ranks]
    below = reached[row, low] - weight[row, low]
    total = reached[row, high] - below
    sought = below + rng.random(ranks.shape) * total
    found = np.searchsorted(reached.ravel(), sought, side="right") - row * number
    return np.clip(found, low, high), total / (high - low + 1)


# A value's distance from the fixed end is multiplied by this at most.
_MOST = 3.0


@dataclass(frozen=True)
class ScalingEnds:
    """The ends of each variable, between which lent values are scaled.

    Parameters
    ----------
    low, high : ndarray
        Lowest and highest value of each variable.
    fixed : ndarray
        The end from which distances are multiplied: 1 for utilities, 0 for costs; NaN for a variable whose values are
        lent as they are.
    """

    low: Floats
    high: Floats
    fixed: Floats

    def scaled(self, at: int, lent: Floats, donors: Donors, values: Floats, predicted: Floats) -> Floats:
        """Return lent values of a variable, scaled towards or away from its fixed end.

        Parameters
        ----------
        at : int
            The variable.
        lent : ndarray
            Values of the chosen donors, shape (missing value,).
        donors : Donors
            The nearest donors of each missing value.
        values : ndarray
            The variable, shape (imputation, patient), of which those of the donors are read.
        predicted : ndarray
            Predicted means but for a constant, in the unit of the variable, shape (imputation, patient); from drawn
            coefficients, so that the sets differ by what is not known of them.

        Returns
        -------
        ndarray
            Shape (missing value,): b + f (lent - b), where b is the fixed end and f = 1 + (p - p_donors) / (y_donors -
            b), within [0, 3], with the weighted means of the donors' predicted means and values.
        """
        fixed = float(self.fixed[at])
        room = donors.mean(values) - fixed
        gap = predicted[donors.imputation, donors.patient] - donors.mean(predicted)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            factor = np.where(room == 0, 1.0, np.clip(1 + gap / room, 0.0, _MOST))
        moved = np.where(factor == 1, lent, fixed + factor * (lent - fixed))
        result: Floats = np.clip(moved, self.low[at], self.high[at])
        return result
