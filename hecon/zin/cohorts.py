"""Life expectancy and quality-adjusted life expectancy of a cohort: ages, a mix of sexes, weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon import _aligned, _checks
from hecon.errors import InputError
from hecon.zin.population import SEXES, LifeTable, Norms, hazards, life_table, norms_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "STARTS",
    "Cohort",
    "People",
    "cohort",
    "expected",
    "force_of",
    "level",
    "life_expectancy",
    "population_qale",
]


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


STARTS = ("exact", "completed", "rows")

# Ages that are worked out at a time, so that memory stays flat.
_CHUNK = 1000


@dataclass(frozen=True)
class Cohort:
    """Exact ages with the weight of each sex at each; all weights together are 1."""

    ages: NDArray[np.float64]
    weights: dict[str, NDArray[np.float64]]
    life: LifeTable

    def cells(self) -> Iterator[tuple[float, str, float]]:
        """Yield each age and sex that is there, with its weight."""
        for sex in SEXES:
            for age, weight in zip(self.ages.tolist(), self.weights[sex].tolist(), strict=True):
                if weight > 0:
                    yield age, sex, weight

    @property
    def mean_age(self) -> float:
        """Mean exact age [years]."""
        return float(sum((self.ages * self.weights[sex]).sum() for sex in SEXES))


def _line(name: str, values: ArrayLike) -> NDArray[np.float64]:
    _checks.unmasked(name, values)
    try:
        found = np.atleast_1d(_checks.numeric(values))
    except (TypeError, ValueError):
        msg = f"{name} must be a number or a sequence of numbers, got {values!r}"
        raise InputError(msg) from None
    if found.ndim != 1 or found.size == 0:
        msg = f"{name} must be one number or a one-dimensional sequence of them, got shape {found.shape}"
        raise InputError(msg)
    if not np.isfinite(found).all():
        place = int(np.argmin(np.isfinite(found)))
        msg = f"{name} must be finite, got {found[place]} at position {place}"
        raise InputError(msg)
    return found


@dataclass(frozen=True)
class People:
    """A cohort as the caller gives it, unchecked."""

    age: ArrayLike
    female: ArrayLike
    weights: ArrayLike | None
    start: str


def cohort(people: People, life: LifeTable, norms: Norms | None) -> Cohort:
    """Return a cohort, checked: every member has a death rate and, if there are norms, a norm."""
    _checks.one_of("start", people.start, STARTS)
    given = {"age": people.age, "female": people.female, "weights": people.weights}
    (age, female, weights), _ = _aligned.together(given, what="ages", show=False)
    ages, share = _line("age", age), _line("female", female)
    if share.size not in {1, ages.size}:
        msg = f"female must be one share or one per age ({ages.size}), got {share.size}"
        raise InputError(msg)
    if ((share < 0) | (share > 1)).any():
        value = float(share[(share < 0) | (share > 1)][0])
        msg = f"female must be a share in [0, 1], got {value}; write 0.4 for 40%"
        raise InputError(msg)
    exact = ages + {"exact": 0.0, "completed": 0.5, "rows": life.age_offset}[people.start]
    lowest, why = _lowest(life, norms)
    if (exact < lowest).any():
        low = float(exact[exact < lowest][0])
        msg = f"age must be at least {lowest:g}, {why}, got {low:g}{'' if people.start == 'exact' else ' as exact age'}"
        raise InputError(msg)
    if (ages > life.oldest).any():
        high = float(ages[ages > life.oldest][0])
        msg = f"age must be at most {life.oldest:g}, as far as the life table {life.name} can tell, got {high:g}"
        raise InputError(msg)
    weight = _shares(weights, ages.size)
    unique, place = np.unique(exact, return_inverse=True)
    split = {"male": weight * (1 - share), "female": weight * share}
    summed = {sex: np.bincount(place, weights=split[sex], minlength=unique.size).astype(float) for sex in SEXES}
    return Cohort(unique, summed, life)


def _lowest(life: LifeTable, norms: Norms | None) -> tuple[float, str]:
    begin = min(life.ages) + life.age_offset
    if norms is None or begin > norms.youngest:
        return begin, f"where the life table {life.name} begins"
    return norms.youngest, f"as the norms {norms.name} have none for the younger"


def _shares(weights: ArrayLike | None, size: int) -> NDArray[np.float64]:
    weight = np.ones(size) if weights is None else _line("weights", weights)
    if weight.size != size or (weight < 0).any() or weight.max() <= 0:
        msg = f"weights must be one per age ({size}), at least 0 and not all 0, got {weights!r}"
        raise InputError(msg)
    weight = weight / weight.max()  # so that the sum of the largest floats is one too
    return np.asarray(weight / weight.sum())


def force_of(discount: float) -> float:
    """Return the continuous rate of a yearly discount rate."""
    rate = _checks.finite("discount", discount)
    if not 0.0 <= rate < 1.0:
        msg = f"discount must be a yearly rate in [0, 1), got {discount}; write 0.015 for 1.5%"
        raise InputError(msg)
    return math.log1p(rate)


def level(norms: Norms, sex: str, ages: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the norm that holds at each exact age."""
    values = np.array(getattr(norms, sex))
    return np.asarray(values[np.maximum(np.searchsorted(norms.ages, ages, side="right") - 1, 0)])


def expected(found: Cohort, norms: Norms | None, force: float) -> float:
    """Return the life expectancy of a cohort, adjusted for quality if there are norms."""
    total = 0.0
    for sex in SEXES:
        edges, rates = hazards(found.life, sex)
        if norms is not None:
            merged = np.union1d(edges, norms.ages)
            merged = merged[merged >= edges[0]]
            rates = rates[np.searchsorted(edges, merged, side="right") - 1]
            edges = merged
        utilities = np.ones(edges.size) if norms is None else level(norms, sex, edges)
        for first in range(0, found.ages.size, _CHUNK):
            part = slice(first, first + _CHUNK)
            years = expectancy(edges, rates, utilities, start=found.ages[part], force=force)
            total += float((found.weights[sex][part] * years).sum())
    return total


def life_expectancy(
    age: ArrayLike,
    *,
    female: ArrayLike,
    weights: ArrayLike | None = None,
    start: str = "exact",
    table: str | LifeTable = "cbs-2021",
    discount: float = 0.0,
) -> float:
    """Return the remaining life expectancy of the general population.

    Parameters
    ----------
    age : float or sequence of float
        Age, or the ages of a cohort [years].
    female : float or sequence of float
        Share of women, in [0, 1]; for a cohort one share, or one per age.
    weights : sequence of float, optional
        Weight of each age, at least 0; default equal.
    start : {"exact", "completed", "rows"}, default "exact"
        What `age` is: an exact age; an age in completed years, so that half a year is added; or the age printed at a
        row of the life table, by that table's own convention.
    table : str or LifeTable, default "cbs-2021"
        Life table: a name from `hecon.zin.tables`, or one's own.
    discount : float, default 0
        Yearly rate, in [0, 1).

    Returns
    -------
    float
        [years].

    Raises
    ------
    InputError
        If an age lies outside the table or a share outside [0, 1].

    Notes
    -----
    A period life table: mortality of one year (or period) at every age, so no cohort lives by it. CBS prints ages "on
    31 December": who is x then was x − 0.5 years old on average when the year began, so its row x begins at exact age
    x − 0.5.

    References
    ----------
    Preston, Heuveline & Guillot. Demography: Measuring and Modeling Population Processes. Blackwell, 2001, chapter 3.

    Examples
    --------
    >>> from hecon import zin
    >>> round(zin.life_expectancy(21, female=0, start="rows"), 2), round(zin.life_expectancy(21, female=0), 2)
    (59.64, 59.15)
    """
    life = life_table(table)
    return expected(cohort(People(age, female, weights, start), life, None), None, force_of(discount))


def population_qale(
    age: ArrayLike,
    *,
    female: ArrayLike,
    weights: ArrayLike | None = None,
    start: str = "exact",
    table: str | LifeTable = "cbs-2021",
    norms: str | Norms = "szende-2014",
    discount: float = 0.0,
) -> float:
    """Return the quality-adjusted life expectancy of the general population.

    Parameters
    ----------
    age : float or sequence of float
        Age, or the ages of a cohort [years], from 18.
    female : float or sequence of float
        Share of women, in [0, 1]; for a cohort one share, or one per age.
    weights : sequence of float, optional
        Weight of each age, at least 0; default equal.
    start : {"exact", "completed", "rows"}, default "exact"
        What `age` is: an exact age; an age in completed years, so that half a year is added; or the age printed at a
        row of the life table, by that table's own convention.
    table : str or LifeTable, default "cbs-2021"
        Life table: a name from `hecon.zin.tables`, or one's own.
    norms : str or Norms, default "szende-2014"
        EQ-5D norms: a name from `hecon.zin.tables`, or one's own.
    discount : float, default 0
        Yearly rate, in [0, 1). The Zorginstituut's rule is undiscounted.

    Returns
    -------
    float
        Q_n, the mean over the cohort [QALY].

    Raises
    ------
    InputError
        If an age is below 18, for which there is no norm, or beyond the life table, or a share lies outside [0, 1].

    Notes
    -----
    Q_n(a) = ∫ S(x)/S(a) u(x) (1 + r)^−(x − a) dx over x from a on, with S from the life table and u the norm of the
    band in which x lies, both by sex; the oldest band is open. For the half-year between CBS's ages and exact ones, see
    `hecon.zin.life_expectancy`.

    References
    ----------
    Versteegh et al. 2019, https://doi.org/10.1007/s40273-019-00810-8. Zorginstituut Nederland. Ziektelast in de
    praktijk. 2018.

    Examples
    --------
    >>> from hecon import zin
    >>> round(zin.population_qale(33, female=0), 2), round(zin.population_qale(33, female=0.4), 2)
    (43.36, 43.56)
    """
    life, utilities = life_table(table), norms_of(norms)
    return expected(cohort(People(age, female, weights, start), life, utilities), utilities, force_of(discount))
