"""Places on a grid of numbers, found faster than by bisection where the grid is about even."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]


def finder(grid: Floats) -> Callable[[Floats], Ints]:
    """Return a function that gives the first position of the increasing `grid` at or above each of its values.

    It equals ``numpy.searchsorted``: a guess from a table of even buckets is checked against the grid, and whatever is
    not confirmed (uneven grids, NaN) is bisected.
    """
    n_buckets = 2 * grid.size
    table: Ints = np.searchsorted(grid, np.linspace(grid[0], grid[-1], n_buckets))
    width = (grid[-1] - grid[0]) / (n_buckets - 1)
    fenced = np.concatenate([[-np.inf], grid, [np.inf]])

    def find(values: Floats) -> Ints:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            bucket = np.fmin(np.fmax((values - grid[0]) / width, 0.0), n_buckets - 1.0).astype(np.intp)
        place: Ints = table[bucket]
        place += fenced[place + 1] < values
        missed = np.flatnonzero(~((fenced[place] < values) & (values <= fenced[place + 1])))
        if missed.size:
            place[missed] = np.searchsorted(grid, values[missed])
        return place

    return find
