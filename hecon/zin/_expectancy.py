"""The one integral behind every life expectancy: survival times utility, under hazards that hold between ages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def expectancy(
    edges: NDArray[np.float64],
    hazards: NDArray[np.float64],
    utilities: NDArray[np.float64],
    *,
    start: ArrayLike = 0.0,
    stop: ArrayLike = np.inf,
    force: float = 0.0,
) -> NDArray[np.float64]:
    """Return the integral of S(x) u(x) exp(-force (x - start)) from start to stop, with S(start) = 1.

    Hazard and utility are constant from each edge to the next, and beyond the last. `hazards` and `utilities` have the
    edges as their last axis; their other axes, `start` and `stop` broadcast.
    """
    begin, end = np.asarray(start, dtype=float)[..., None], np.asarray(stop, dtype=float)[..., None]
    length = np.clip(np.minimum(np.append(edges[1:], np.inf), end) - np.maximum(edges, begin), 0.0, None)
    rate = hazards + force
    with np.errstate(invalid="ignore", divide="ignore"):
        exponent = np.where(length > 0, rate * length, 0.0)
        area = np.where(exponent > 0, -np.expm1(-exponent) / rate, length)
    before = np.cumsum(exponent[..., :-1], axis=-1)
    weight = np.exp(-np.concatenate([np.zeros((*before.shape[:-1], 1)), before], axis=-1))
    # Nothing is left of the open end where nobody reaches it or no utility is had, whatever its length.
    parts = np.where((weight > 0) & (utilities != 0), weight * utilities * area, 0.0)
    return np.asarray(parts.sum(axis=-1))


def lived(
    edges: NDArray[np.float64], hazards: NDArray[np.float64], stop: NDArray[np.float64], *, force: float = 0.0
) -> NDArray[np.float64]:
    """Return the integral of S(x) exp(-force x) from the first edge, which is 0, to each stop; fast for many stops."""
    rate = hazards + force
    exponent = rate[:-1] * np.diff(edges)
    before = np.append(0.0, np.cumsum(exponent))
    with np.errstate(invalid="ignore", divide="ignore"):
        area = np.where(exponent > 0, -np.expm1(-exponent) / rate[:-1], np.diff(edges))
        reached = np.append(0.0, np.cumsum(np.exp(-before[:-1]) * area))
        place = np.searchsorted(edges, stop, side="right") - 1
        rest = stop - edges[place]
        last = np.where(rest > 0, rate[place] * rest, 0.0)
        within = np.where(last > 0, -np.expm1(-last) / rate[place], rest)
    weight = np.exp(-before[place])
    # Nothing is left of the open end where nobody reaches it, whatever its length.
    return np.asarray(reached[place] + np.where(weight > 0, weight * within, 0.0))


def survivors(
    edges: NDArray[np.float64], hazards: NDArray[np.float64], ages: NDArray[np.float64], *, start: float
) -> NDArray[np.float64]:
    """Return the share alive at each age of those alive at `start`, neither below the first edge."""
    total = np.append(0.0, np.cumsum(hazards[:-1] * np.diff(edges)))

    def summed(at: NDArray[np.float64]) -> NDArray[np.float64]:
        place = np.searchsorted(edges, at, side="right") - 1
        return np.asarray(total[place] + hazards[place] * (at - edges[place]))

    return np.asarray(np.exp(summed(np.array(start)) - summed(ages)))


def under_curve(
    times: NDArray[np.float64],
    survival: NDArray[np.float64],
    edges: NDArray[np.float64],
    utilities: NDArray[np.float64],
    *,
    force: float = 0.0,
) -> NDArray[np.float64]:
    """Return the same integral over a survival curve that is linear between its times, up to the last of them.

    Utility is constant from each edge to the next. `survival` has the times as its last axis and `utilities` the edges.
    """
    knots = np.union1d(times, edges[(edges > times[0]) & (edges < times[-1])])
    alive = _between(knots, times, survival)
    level = utilities[..., np.searchsorted(edges, knots[:-1], side="right") - 1]
    length = np.diff(knots)
    first, slope = _moments(force * length)
    low, fall = alive[..., :-1], np.diff(alive, axis=-1)
    parts = np.exp(-force * knots[:-1]) * length * (low * first + fall * slope) * level
    return np.asarray(parts.sum(axis=-1))


def lived_under_curve(
    times: NDArray[np.float64], survival: NDArray[np.float64], stop: NDArray[np.float64], *, force: float = 0.0
) -> NDArray[np.float64]:
    """Return the integral of S(x) exp(-force x) from 0 to each stop under a curve that is linear between its times.

    `survival` has draws × times; it and `stop` have equally many draws, or one.
    """
    length = np.diff(times)
    first, slope = _moments(force * length)
    parts = np.exp(-force * times[:-1]) * length * (survival[:, :-1] * first + np.diff(survival) * slope)
    reached = np.concatenate([np.zeros((survival.shape[0], 1)), np.cumsum(parts, axis=-1)], axis=-1)
    end = np.minimum(stop, times[-1])
    place = np.clip(np.searchsorted(times, end, side="right") - 1, 0, times.size - 2)
    row = np.arange(survival.shape[0]) if survival.shape[0] > 1 else np.zeros(1, dtype=int)
    rest = end - times[place]
    first, slope = _moments(force * rest)
    low = survival[row, place]
    fall = (survival[row, place + 1] - low) * rest / length[place]
    return np.asarray(reached[row, place] + np.exp(-force * times[place]) * rest * (low * first + fall * slope))


def _between(
    knots: NDArray[np.float64], times: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    place = np.clip(np.searchsorted(times, knots, side="right") - 1, 0, times.size - 2)
    share = (knots - times[place]) / (times[place + 1] - times[place])
    return np.asarray(values[..., place] + share * (values[..., place + 1] - values[..., place]))


def _moments(x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the integrals of exp(-x s) and s exp(-x s) over s from 0 to 1."""
    small = x < 1e-4  # noqa: PLR2004 (below, the closed form cancels and the series is exact to 1e-13)
    safe = np.where(small, 1.0, x)
    first = np.where(small, 1 - x / 2 + x**2 / 6, -np.expm1(-safe) / safe)
    slope = np.where(small, 0.5 - x / 3 + x**2 / 8, (-np.expm1(-safe) - safe * np.exp(-safe)) / safe**2)
    return first, slope
