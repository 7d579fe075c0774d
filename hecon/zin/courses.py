"""Survival times utility over the years, of the population and of patients: the areas that a shortfall lies between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon.zin._expectancy import survivors
from hecon.zin._lived import Cell, course
from hecon.zin.cohorts import level
from hecon.zin.population import hazards

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.zin.cohorts import Cohort
    from hecon.zin.population import Norms
    from hecon.zin.prognosis import Prognosis

__all__ = ["Course", "course_of"]

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
