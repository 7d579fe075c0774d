"""How far quality-adjusted life expectancies move with the sampling error of the norms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hecon.errors import InputError
from hecon.zin._lived import Cell, qale
from hecon.zin.population import SEXES
from hecon.zin.prognosis import prognosis

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.zin.cohorts import Cohort
    from hecon.zin.population import Norms
    from hecon.zin.prognosis import Prognosis

__all__ = ["deviations"]


def deviations(
    group: Cohort, future: Prognosis | None, norms: Norms, force: float, *, rng: np.random.Generator, n: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return by how much drawn norms move the expectancy of population and patients, from the norms as printed.

    A quality-adjusted life expectancy is a sum of norms, each times the years lived in its band: the draws are exact.
    """
    drawn = {}
    for sex in SEXES:
        errors = getattr(norms, f"{sex}_se")
        if errors is None:
            msg = f"norms must have standard errors to be drawn, got none of {sex} in {norms.name}"
            raise InputError(msg)
        drawn[sex] = rng.standard_normal((n, len(errors))) * errors
    everyone = prognosis(smr=1.0)
    population, patients = np.zeros(n), np.zeros(n)
    for age, sex, weight in group.cells():
        population += weight * (drawn[sex] * _years(everyone, group, norms, force, (age, sex))).sum(axis=1)
        if future is not None and future.utility is None:
            patients += weight * (drawn[sex] * _years(future, group, norms, force, (age, sex))).sum(axis=1)
    return population, patients


def _years(
    future: Prognosis, group: Cohort, norms: Norms, force: float, cell: tuple[float, str]
) -> NDArray[np.float64]:
    """Return the years lived in each band, draws × bands."""
    alone = replace(future, decrement=np.zeros(1), years=np.zeros(1))
    bands = []
    for place in range(len(norms.ages)):
        one = [float(place == other) for other in range(len(norms.ages))]
        indicator = replace(norms, male=one, female=one, male_se=None, female_se=None)
        bands.append(qale(alone, Cell(*cell, group.life, indicator, force)))
    return np.stack(bands, axis=-1)
