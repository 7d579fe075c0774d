"""Distributions of whole numbers by mean and spread, and of sums of independent outcomes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LARGEST", "by_moments", "capped", "lattice", "lowest_variance", "total"]

LARGEST = 100_000  # no patient has this many treatments

# What is left out of a tail, relative to the peak: below rounding, also when squared numbers are weighed by it.
_NEGLIGIBLE = 1e-22
# A binomial of this size or more need not have a whole size: its support ends far beyond any count here.
_WHOLE_BELOW = 1e6
_ON_LATTICE = 1e-9
_MOST_STEPS = 1_000_000
_STEPS_PER_SD = 256
_LONGEST_GRID = 2**21
# By Bernstein's inequality a sum of n outcomes within M of their mean lies beyond 27 M + 9 sd √n of its mean with a
# probability below 2 exp(-40).
_BOUNDS = (27.0, 9.0)


def lowest_variance(mean: float) -> float:
    """Return the lowest variance that whole numbers with this mean can have."""
    rest = mean % 1.0
    return rest * (1.0 - rest)


def support(mean: float, sd: float) -> int:
    """Return how many whole numbers, from 0 on, hold all but a negligible part."""
    dispersion = sd * sd / mean if mean > 0 else 0.0
    size = mean + 12.0 * sd + 60.0 * max(1.0, dispersion)
    return math.ceil(size) + 1 if size <= LARGEST else LARGEST + 1


def by_moments(mean: float, sd: float) -> NDArray[np.float64]:
    """Return probabilities of 0, 1, 2, ... with this mean and standard deviation.

    Above the variance of the Poisson distribution the negative binomial; below it a mixture of the two binomials of
    the same mean whose variances lie next to it, as the size of a single one would hardly be whole.
    """
    variance, size = sd * sd, support(mean, sd)
    if variance >= mean:
        return _panjer(mean, variance / mean, size) if mean > 0 else np.ones(1)
    sought = mean / (1.0 - variance / mean)
    if sought >= _WHOLE_BELOW:
        return _panjer(mean, variance / mean, size)
    smallest = math.floor(mean) + 1
    if sought < smallest:
        low, low_variance = _two_points(mean), lowest_variance(mean)
        above = smallest
    else:
        below = math.floor(sought)
        low, low_variance = _panjer(mean, 1.0 - mean / below, size), mean * (1.0 - mean / below)
        above = below + 1
    high, high_variance = _panjer(mean, 1.0 - mean / above, size), mean * (1.0 - mean / above)
    gap = high_variance - low_variance
    weight = min(1.0, max(0.0, (variance - low_variance) / gap)) if gap > 0 else 1.0
    mixed = np.zeros(max(low.size, high.size))
    mixed[: low.size] += (1.0 - weight) * low
    mixed[: high.size] += weight * high
    return mixed


def _panjer(mean: float, dispersion: float, size: int) -> NDArray[np.float64]:
    """Return Panjer's class: negative binomial, Poisson or binomial, by the ratio of variance to mean."""
    excess = dispersion - 1.0
    first = -mean * (math.log1p(excess) / excess if excess else 1.0)
    k = np.arange(size - 1)
    ratios = (mean + excess * k) / (dispersion * (k + 1))
    # The binomial's ratios pass zero where its support ends.
    end = int(np.argmax(ratios <= mean * _NEGLIGIBLE)) if (ratios <= mean * _NEGLIGIBLE).any() else ratios.size
    logs = np.concatenate([[first], first + np.cumsum(np.log(ratios[:end]))])
    found = np.exp(logs - logs.max())
    found = found[: int(np.flatnonzero(found > _NEGLIGIBLE)[-1]) + 1]
    return np.asarray(found / found.sum())


def _two_points(mean: float) -> NDArray[np.float64]:
    whole = math.floor(mean)
    found = np.zeros(whole + 2)
    found[whole], found[whole + 1] = 1.0 - (mean - whole), mean - whole
    return found


def capped(pmf: NDArray[np.float64], maximum: int | None) -> NDArray[np.float64]:
    """Return the distribution of what is left when everything above a maximum is cut down to it."""
    if maximum is None or maximum >= pmf.size - 1:
        return pmf
    return np.append(pmf[:maximum], pmf[maximum:].sum())


def lattice(
    values: NDArray[np.float64], weights: NDArray[np.float64], n: int
) -> tuple[float, float, NDArray[np.float64], bool]:
    """Put outcomes on equal steps: first point, step, probability of each point, and whether that moved no outcome.

    Outcomes that are not equally spaced are put on a fine grid through 0; each is split over its two neighbours so that
    its mean stays.
    """
    low, distances = float(values.min()), values - values.min()
    step = float(np.diff(np.unique(values)).min(initial=math.inf))
    if math.isinf(step):
        return low, 1.0, np.ones(1), True
    places = distances / step
    if places.max() < _MOST_STEPS and (np.abs(places - np.rint(places)) <= _ON_LATTICE * np.maximum(places, 1)).all():
        return low, step, _spread(np.rint(places).astype(np.int64), weights, 0), True
    mean = float(weights @ values)
    sd = math.sqrt(float(weights @ (values - mean) ** 2))
    reach = _reach(values, mean, sd, n)
    step = max(sd / _STEPS_PER_SD, min(2 * reach, n * float(distances.max())) / _LONGEST_GRID)
    places = values / step
    lower = np.floor(places)
    start, share = int(lower.min()), places - lower
    indices = (lower - start).astype(np.int64)
    size = int(indices.max()) + 2
    found = _spread(indices, weights * (1.0 - share), size) + _spread(indices + 1, weights * share, size)
    return start * step, step, found, False


def _spread(places: NDArray[np.int64], weights: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    return np.bincount(places, weights=weights, minlength=size).astype(np.float64)


def _reach(values: NDArray[np.float64], mean: float, sd: float, n: int) -> float:
    farthest = float(np.abs(values - mean).max())
    return _BOUNDS[0] * farthest + _BOUNDS[1] * sd * math.sqrt(n)


def total(
    values: NDArray[np.float64], weights: NDArray[np.float64], n: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], bool]:
    """Return the sum of n independent outcomes: its values in rising order, their probabilities, and whether exact.

    The n-th power of the transform on a window that holds all but 2 exp(-40) of the sum; the transform wraps round, so
    a place in the window tells the sum.
    """
    start, step, pmf, exact = lattice(values, weights, n)
    if pmf.size == 1:
        return np.array([n * start]), np.ones(1), exact
    k = np.arange(pmf.size)
    mean = float(pmf @ k)
    reach = _reach(k.astype(np.float64), mean, math.sqrt(float(pmf @ (k - mean) ** 2)), n)
    whole = n * (pmf.size - 1) + 1
    size = next_fast_len(max(min(whole, 2 * math.ceil(reach) + 1), pmf.size), real=True)
    lowest = 0 if size >= whole else max(0, math.floor(n * mean - reach))
    found = irfft(rfft(pmf, size) ** n, size)
    places = lowest + np.arange(size)
    found = np.maximum(found[places % size], 0.0)
    kept = places < whole
    found = found[kept] / found[kept].sum()
    # The start is taken apart, as it may be far larger than a step.
    return n * start + step * places[kept], np.asarray(found), exact
