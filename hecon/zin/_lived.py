"""The years that patients of one age and sex live, with each utility and with a decrement; draws on the first axis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hecon.zin.cohorts import expectancy, level, lived, lived_under_curve, survivors, under_curve
from hecon.zin.population import hazards

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hecon.zin.cohorts import Cohort
    from hecon.zin.population import LifeTable, Norms
    from hecon.zin.prognosis import Prognosis

__all__ = ["Cell", "Course", "course", "course_of", "qale"]

# Rows of draws that are worked out at a time, so that memory stays flat.
_CHUNK = 200
# Where there are more mortality ratios, a spline is laid through so many for each factor of 7: exact to 1e-9.
_NODES = 257
_APART = 1e-9


@dataclass(frozen=True)
class Cell:
    """One age and sex, the tables that hold for it, and the continuous rate of discounting."""

    age: float
    sex: str
    life: LifeTable
    norms: Norms
    force: float

    def hazards(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return mortality of the population over the years since the start."""
        edges, rates = hazards(self.life, self.sex)
        first = int(np.searchsorted(edges, self.age, side="right")) - 1
        return np.append(0.0, edges[first + 1 :] - self.age), rates[first:]


def qale(future: Prognosis, cell: Cell) -> NDArray[np.float64]:
    """Return the quality-adjusted life expectancy, one for each draw.

    It is a sum of utilities, each times the years lived with it, less the decrement times the years lived with that.
    """
    weights = np.ones((1, 1)) if future.utility is None else future.utility
    total = (weights * _over_mortality(future, cell, _by_utility)).sum(axis=-1)
    if (future.decrement != 0).any():
        total = total - future.decrement * _with_decrement(future, cell)
    return np.broadcast_to(total, (future.n,)).astype(float)


def _over_mortality(
    future: Prognosis, cell: Cell, years: Callable[[Prognosis, Cell], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return years that depend on the draws of mortality alone, a few of these at a time."""
    low, high = (float(np.log(end)) for end in (future.smr.min(), future.smr.max()))
    if future.smr.size <= max(_NODES, int(_NODES * (high - low) / 2)) or high - low < _APART:
        return _in_turn(future, cell, years)
    from scipy.interpolate import CubicSpline

    nodes = np.linspace(low, high, max(_NODES, int(_NODES * (high - low) / 2)))
    on_nodes = _in_turn(replace(future, smr=np.exp(nodes)), cell, years)
    return np.asarray(CubicSpline(nodes, on_nodes)(np.log(future.smr)))


def _in_turn(
    future: Prognosis, cell: Cell, years: Callable[[Prognosis, Cell], NDArray[np.float64]]
) -> NDArray[np.float64]:
    parts = []
    for first in range(0, max(future.smr.size, future.curve.shape[0]), _CHUNK):
        few = slice(first, first + _CHUNK)
        smr = future.smr[few] if future.smr.size > 1 else future.smr
        curve = future.curve[few] if future.curve.shape[0] > 1 else future.curve
        parts.append(years(replace(future, smr=smr, curve=curve), cell))
    return np.concatenate(parts)


def _steps(future: Prognosis, cell: Cell) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the times at which utility changes, and what counts between them: the norm, or 1 for each utility."""
    if future.utility is None:
        turns = np.append(0.0, np.array(cell.norms.ages) - cell.age)
        turns = turns[turns >= 0]
        return turns, norms_after(cell, turns)[None, :]
    return future.utility_times, np.eye(future.utility_times.size)


def norms_after(cell: Cell, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the norm that holds at each time since the start."""
    # The rounding of age + (edge − age) must not put an edge into the band before it.
    return level(cell.norms, cell.sex, cell.age + times + 1e-9)


def _by_utility(future: Prognosis, cell: Cell) -> NDArray[np.float64]:
    """Return the years lived with each utility, mortality draws × utilities; with norms, their sum alone."""
    turns, counts = _steps(future, cell)
    if future.kind != "survival":
        return _at_hazards(future, cell, turns, counts, start=0.0)
    total = under_curve(future.times, future.curve[:, None, :], turns, counts, force=cell.force)
    if not future.beyond:
        return total
    end = float(future.times[-1])
    later = _at_hazards(future, cell, turns, counts, start=end)
    return np.asarray(total + future.curve[:, -1:] * np.exp(-cell.force * end) * later)


def _at_hazards(
    future: Prognosis, cell: Cell, turns: NDArray[np.float64], counts: NDArray[np.float64], *, start: float
) -> NDArray[np.float64]:
    edges, rates = _rates(future, cell)
    merged = np.union1d(edges, turns)
    rates = rates[:, np.searchsorted(edges, merged, side="right") - 1]
    counts = counts[:, np.searchsorted(turns, merged, side="right") - 1]
    return expectancy(merged, rates[:, None, :], counts, start=start, force=cell.force)


def _rates(future: Prognosis, cell: Cell) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mortality over the years since the start, draws × times."""
    if future.kind == "hazard":
        return future.times, future.curve
    edges, rates = cell.hazards()
    return edges, rates * future.smr[:, None]


def _with_decrement(future: Prognosis, cell: Cell) -> NDArray[np.float64]:
    """Return the years lived with the decrement."""
    if future.years.size == 1:
        return _over_mortality(future, cell, _until)
    if max(future.smr.size, future.curve.shape[0]) == 1:
        return _until(future, cell)
    parts = [_until(future.part(slice(first, first + _CHUNK)), cell) for first in range(0, future.n, _CHUNK)]
    return np.concatenate(parts)


def _until(future: Prognosis, cell: Cell) -> NDArray[np.float64]:
    """Return the years lived before `years` are over."""
    if future.kind != "survival":
        return _until_at_hazards(*_rates(future, cell), future.years, cell.force)
    total = lived_under_curve(future.times, future.curve, future.years, force=cell.force)
    if not future.beyond:
        return total
    end = float(future.times[-1])
    edges, rates = cell.hazards()
    first = int(np.searchsorted(edges, end, side="right")) - 1
    later = lived(np.append(0.0, edges[first + 1 :] - end), rates[first:], _after(future.years, end), force=cell.force)
    return np.asarray(total + future.curve[:, -1] * np.exp(-cell.force * end) * later)


def _after(years: NDArray[np.float64], end: float) -> NDArray[np.float64]:
    return np.asarray(np.maximum(years - end, 0.0))


def _until_at_hazards(
    edges: NDArray[np.float64], rates: NDArray[np.float64], years: NDArray[np.float64], force: float
) -> NDArray[np.float64]:
    if rates.shape[0] == 1:
        return lived(edges, rates[0], years, force=force)
    return expectancy(edges, rates, np.ones(edges.size), stop=years, force=force)


def course(future: Prognosis, cell: Cell, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return survival times utility at times since the start, the mean over the draws."""
    each = [future.part(slice(place, place + 1)) for place in range(future.n)]
    return np.asarray(np.mean([_course_of_one(one, cell, times) for one in each], axis=0))


def _course_of_one(future: Prognosis, cell: Cell, times: NDArray[np.float64]) -> NDArray[np.float64]:
    if future.kind == "survival":
        alive = np.interp(times, future.times, future.curve[0])
        if future.beyond:
            later = times > future.times[-1]
            alive[later] *= survivors(*cell.hazards(), times[later], start=float(future.times[-1]))
    else:
        edges, rates = _rates(future, cell)
        alive = survivors(edges, rates[0], times, start=0.0)
    if future.utility is None:
        utilities = norms_after(cell, times)
    else:
        utilities = future.utility[0, np.searchsorted(future.utility_times, times, side="right") - 1]
    return np.asarray(alive * (utilities - future.decrement[0] * (times < future.years[0])))


# Years between the points of a course, the age beyond which no one is followed, and what is too little to be seen.
_STEP = 0.1
_LAST = 150.0
_LITTLE = 1e-3
# The years that are looked at in any case, and the draws of which the mean is drawn.
_LEAST = 30.0
_DRAWS = 200


@dataclass(frozen=True, eq=False)
class Course:
    """Survival times utility by years since the start; its area is the quality-adjusted life expectancy.

    Parameters
    ----------
    mean_age : float
        Mean exact age at the start [years].
    one_age : bool
        Whether everyone has that age.
    years : numpy.ndarray
        Years since the start.
    population : numpy.ndarray
        Of the population, in the mix of ages and sexes of the cohort; discounted as the expectancy is.
    patients : numpy.ndarray or None
        Of the patients, the mean over at most 200 draws (fewer for many ages); None where only their QALYs were given.
    """

    mean_age: float
    one_age: bool
    years: NDArray[np.float64]
    population: NDArray[np.float64]
    patients: NDArray[np.float64] | None


def course_of(group: Cohort, norms: Norms, future: Prognosis | None, force: float) -> Course:
    """Return the course of a cohort."""
    years = np.arange(0.0, max(_LAST - float(group.ages.min()), _LEAST), _STEP)
    population, patients = np.zeros(years.size), np.zeros(years.size)
    few = None if future is None else future.few(max(_DRAWS // group.ages.size, 1))
    for age, sex, weight in group.cells():
        edges, rates = hazards(group.life, sex)
        ages = age + years
        population += weight * survivors(edges, rates, ages, start=age) * level(norms, sex, ages)
        if few is not None:
            patients += weight * course(few, Cell(age, sex, group.life, norms, force), years)
    seen = slice(0, int(np.flatnonzero(np.maximum(population, np.abs(patients)) > _LITTLE)[-1]) + 2)
    value = np.exp(-force * years[seen])
    lived = None if few is None else patients[seen] * value
    return Course(group.mean_age, group.ages.size == 1, years[seen], population[seen] * value, lived)
