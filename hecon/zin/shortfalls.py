"""Absolute and proportional shortfall: what patients lose of their quality-adjusted life expectancy."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from hecon import _checks, tables
from hecon._display import displayed
from hecon.errors import InputError
from hecon.zin.burden import BANDS, EDGES, band_shares, placed
from hecon.zin.cohorts import People, cohort, expected, force_of
from hecon.zin.population import SEXES, life_table, norms_of
from hecon.zin.prognosis import Cell, Prognosis, course_of, draws, prognosis, qale

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from hecon.zin.cohorts import Cohort
    from hecon.zin.population import LifeTable, Norms
    from hecon.zin.prognosis import Course

__all__ = ["Shortfall", "deviations", "shortfall", "years_to_band"]


@displayed
@dataclass(frozen=True)
class Shortfall:
    """A burden of disease, computed.

    Parameters
    ----------
    qale_population : float
        Q_n, quality-adjusted life expectancy of the general population [QALY].
    qale_patients : float
        Q_d, that of patients under current care [QALY]; the mean where draws were given to `hecon.zin.shortfall`, and
        that at the stated values where `hecon.assess` drew from their ranges.
    absolute : float
        Q_n − Q_d [QALY].
    proportional : float
        (Q_n − Q_d)/Q_n, unrounded.
    band : str
        "none", "low", "middle" or "high".
    reference_value : int or None
        [EUR per QALY]; None for the band "none".
    near_edge : bool
        Whether the proportional shortfall lies within 0.01 of a working edge.
    remark : str
        "better off", "worse than dead" or empty, as in `hecon.zin.BurdenBand`.
    discount : float
        Yearly rate; the Zorginstituut's rule is 0.
    band_probabilities : dict of str to float, or None
        Probability of each band over the draws.
    interval : (float, float) or None
        Central 95% of the draws of the proportional shortfall.
    proportional_draws : numpy.ndarray or None
        The draws.
    tables : dict
        Life table and norms, each with source, year and licence; empty where Q_n was given.
    value_set : str or None
        Value set of the patients' utilities, where it was stated.
    same_value_set : bool or None
        Whether it is that of the norms; None where it was not stated.
    course : Course or None
        Survival times utility over the years, of population and patients, for the figure.
    """

    qale_population: float
    qale_patients: float
    absolute: float
    proportional: float
    band: str
    reference_value: int | None
    near_edge: bool
    remark: str = ""
    discount: float = 0.0
    band_probabilities: dict[str, float] | None = field(default=None, hash=False)
    interval: tuple[float, float] | None = None
    proportional_draws: NDArray[np.float64] | None = field(default=None, repr=False, compare=False)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict, hash=False)
    value_set: str | None = None
    same_value_set: bool | None = None
    course: Course | None = field(default=None, repr=False, compare=False)

    @property
    def probabilities(self) -> dict[str, float]:
        """Probability of each band; 1 for its own where nothing is uncertain."""
        return self.band_probabilities or {band: float(band == self.band) for band in BANDS}

    @property
    def data(self) -> dict[str, Any]:
        """The burden as plain data with stable keys, as the command line prints it."""
        keys = ("qale_population", "qale_patients", "absolute", "proportional", "band", "reference_value", "near_edge")
        more = ("remark", "discount", "band_probabilities", "interval", "value_set", "same_value_set")
        return {**{key: getattr(self, key) for key in keys}, "tables": self.tables} | {
            key: getattr(self, key) for key in more
        }


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


# More than anyone lives; a larger number is of something else.
_MOST = 130.0
_INTERVAL = (2.5, 97.5)
# A value set that hecon does not know.
_OTHER = "other"
_DEFAULTS = {"table": "cbs-2021", "norms": "szende-2014"}


def shortfall(
    *,
    age: ArrayLike | None = None,
    female: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    start: str = "exact",
    table: str | LifeTable | None = None,
    norms: str | Norms | None = None,
    population_qalys: float | None = None,
    remaining_qalys: ArrayLike | None = None,
    survival: tuple[ArrayLike, ArrayLike] | None = None,
    beyond: str | None = None,
    hazard: tuple[ArrayLike, ArrayLike] | None = None,
    smr: ArrayLike | None = None,
    utility: ArrayLike | tuple[ArrayLike, ArrayLike] | None = None,
    decrement: ArrayLike | None = None,
    years: ArrayLike | None = None,
    value_set: str | None = None,
    discount: float = 0.0,
    uncertain_norms: bool = False,
    n_draws: int = 10_000,
    rng: int | np.random.Generator | None = None,
) -> Shortfall:
    """Return the absolute and proportional shortfall, the band and the reference value.

    The population is given by `age` and `female`, or by `population_qalys`. The patients are given by
    `remaining_qalys`, or by how they die (`survival`, `hazard` or `smr`; else as the population) and how they live
    (`utility`, or `decrement` for a number of `years`; else as the population). Any of them may be draws where it is
    uncertain.

    Parameters
    ----------
    age : float or sequence of float, optional
        Age, or the ages of a cohort, at the start of treatment [years], from 18.
    female : float or sequence of float, optional
        Share of women, in [0, 1].
    weights : sequence of float, optional
        Weight of each age, at least 0; default equal.
    start : {"exact", "completed", "rows"}, default "exact"
        What `age` is, as in `hecon.zin.population_qale`.
    table : str or LifeTable, optional
        Life table; default "cbs-2021".
    norms : str or Norms, optional
        EQ-5D norms; default "szende-2014".
    population_qalys : float, optional
        Q_n, where it is known [QALY], above 0.
    remaining_qalys : float or sequence of float, optional
        Q_d under current care [QALY], at least 0, or draws of it.
    survival : (times, shares), optional
        Survival curve of the patients: times since the start [years], from 0, and the share alive, from 1 down; linear
        in between. Shares may be draws × times.
    beyond : {"population"}, optional
        What follows a survival curve that does not end at 0: mortality of the population.
    hazard : (times, rates), optional
        Death rate [per year] from each time on; the last goes on. Rates may be draws × times.
    smr : float or sequence of float, optional
        Standardised mortality ratio on the life table, or draws of it.
    utility : float, sequence of float or (times, values), optional
        Utility of the patients [at most 1]: constant, draws of a constant, or what holds from each time on.
    decrement : float or sequence of float, optional
        What comes off the population's norm, in [0, 2], or draws of it.
    years : float or sequence of float, optional
        How long it does [years], or draws of it; ``math.inf`` for the rest of life.
    value_set : str, optional
        Value set of the patients' utilities, as "nl-5l-2016", or "other"; held against that of the norms.
    discount : float, default 0
        Yearly rate for both, in [0, 1). The Zorginstituut's rule is undiscounted.
    uncertain_norms : bool, default False
        Whether to draw the norms from normal distributions with their standard errors, the same ones for population and
        patients.
    n_draws : int, default 10,000
        Number of draws of the norms, where no other input is draws.
    rng : int, numpy.random.Generator or None
        Seed or generator of the draws of the norms.

    Returns
    -------
    Shortfall
        With the probability of each band where draws were given.

    Raises
    ------
    InputError
        If the population or the patients are given twice or not at all, Q_n is not above 0, an age, share, utility or
        duration is outside its bounds, or draws are not equally many.

    Notes
    -----
    For a cohort, and over draws, the proportional shortfall is the ratio of means, (mean Q_n − mean Q_d)/mean Q_n. The
    life table is taken as known, and so are the norms unless they are drawn; bands and sexes are drawn independently,
    and the central result stays that of the norms as printed. Below 0 patients are better off than the population;
    above 1 their remaining QALYs are negative. Not to be used for patients under 18, for whom there are no norms.

    References
    ----------
    Zorginstituut Nederland. Ziektelast in de praktijk. 2018. Versteegh et al. 2019,
    https://doi.org/10.1007/s40273-019-00810-8.

    Examples
    --------
    >>> from hecon import zin
    >>> found = zin.shortfall(age=33, female=0, decrement=0.2, years=2)
    >>> round(found.proportional, 4), found.band, found.reference_value
    (0.0092, 'none', None)
    >>> zin.shortfall(population_qalys=26, remaining_qalys=[13, 15]).band_probabilities
    {'none': 0.0, 'low': 0.0, 'middle': 1.0, 'high': 0.0}
    """
    force = force_of(discount)
    people = {"age": age, "female": female, "weights": weights, "table": table, "norms": norms}
    ahead: dict[str, Any] = {
        "survival": survival,
        "hazard": hazard,
        "smr": smr,
        "utility": utility,
        "decrement": decrement,
        "years": years,
        "beyond": beyond,
    }
    _sides(people, population_qalys, remaining_qalys, ahead, force)
    context: dict[str, Any] = {"discount": float(discount), "value_set": value_set}
    given = None
    if remaining_qalys is not None:
        given = draws("remaining_qalys", remaining_qalys, 0.0, _MOST, f"lie in [0, {_MOST:g}] QALY")
    if population_qalys is not None and given is not None:
        if uncertain_norms:
            msg = (
                "uncertain_norms must not stand beside population_qalys, which no norms lie under: give age and female"
            )
            raise InputError(msg)
        return _result(float(population_qalys), given, context)
    life = life_table(_DEFAULTS["table"] if table is None else table)
    level = norms_of(_DEFAULTS["norms"] if norms is None else norms)
    group = cohort(People(cast("ArrayLike", age), cast("ArrayLike", female), weights, start), life, level)
    future = prognosis(**ahead) if given is None else None
    found = _against_population(group, level, force, given if future is None else future, context)
    if not uncertain_norms:
        return _result(*found, context)
    total, patients = found
    n = patients.size if patients.size > 1 else _checks.count("n_draws", n_draws, at_least=2)
    moved, moved_too = deviations(group, future, level, force, rng=_checks.generator(rng), n=n)
    return _result(total, patients, context, (total + moved, patients + moved_too))


def _against_population(
    group: Cohort, norms: Norms, force: float, patients: Prognosis | NDArray[np.float64] | None, context: dict[str, Any]
) -> tuple[float, NDArray[np.float64]]:
    """Return Q_n and Q_d of a cohort, and add to the context what they rest on."""
    context["tables"] = {"life_table": group.life.provenance, "norms": norms.provenance}
    value_set = context["value_set"]
    if value_set is not None and norms.value_set:
        known = dict.fromkeys([*tables.names("value_set"), norms.value_set, _OTHER])
        context["same_value_set"] = _checks.one_of("value_set", value_set, list(known)) == norms.value_set
    future = patients if isinstance(patients, Prognosis) else None
    lived = cast("NDArray[np.float64]", patients) if future is None else _qale(group, future, norms, force)
    total = expected(group, norms, force)
    _possible(total, lived, norms)
    context["course"] = course_of(group, norms, future, force)
    return total, lived


def _sides(
    people: dict[str, Any], known: float | None, remaining: ArrayLike | None, ahead: dict[str, Any], force: float
) -> None:
    """Refuse a population or patients given twice or not at all."""
    stated = [name for name, value in ahead.items() if value is not None]
    if known is not None:
        given = [name for name, value in people.items() if value is not None]
        if given:
            msg = f"population_qalys must stand alone, got {given[0]} too: keep one of them"
            raise InputError(msg)
        if _checks.positive("population_qalys", known) > _MOST:
            msg = f"population_qalys must lie in (0, {_MOST:g}] QALY, got {known}"
            raise InputError(msg)
        if remaining is None:
            msg = "remaining_qalys must be given with population_qalys, as there is no age to compute them from"
            raise InputError(msg)
    elif people["age"] is None or people["female"] is None:
        gone = "age" if people["age"] is None else "female"
        msg = f"{gone} is missing: give age and female, or population_qalys"
        raise InputError(msg)
    if remaining is not None and stated:
        msg = f"remaining_qalys must stand alone, got {stated[0]} too: keep one of them"
        raise InputError(msg)
    if remaining is None and not stated:
        msg = (
            "patients are missing: give remaining_qalys, or survival, hazard or smr, and utility or decrement and years"
        )
        raise InputError(msg)
    if force and (remaining is not None or known is not None):
        msg = "discount must be 0 where QALYs are given, as hecon does not know when they fall: give discounted ones"
        raise InputError(msg)


def _possible(total: float, patients: NDArray[np.float64], norms: Norms) -> None:
    """Refuse expectancies that no one has."""
    if total <= 0:
        msg = f"the population must have QALYs ahead of it, got {total:g}: check the norms {norms.name}"
        raise InputError(msg)
    if patients.max() > max(_MOST, total):
        msg = (
            f"patients must have at most {_MOST:g} QALYs ahead of them, got {patients.max():g}: mortality must "
            "rise with age, also beyond the last time that was given"
        )
        raise InputError(msg)


def _qale(group: Cohort, future: Prognosis, norms: Norms, force: float) -> NDArray[np.float64]:
    total = np.zeros(future.n)
    for age, sex, weight in group.cells():
        total += weight * qale(future, Cell(age, sex, group.life, norms, force))
    return total


def _result(
    total: float,
    patients: NDArray[np.float64],
    context: dict[str, Any],
    drawn: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
) -> Shortfall:
    mean = float(patients.mean())
    proportional = (total - mean) / total
    found = placed(proportional)
    if patients.size > 1 or drawn is not None:
        population, lived = (np.float64(total), patients) if drawn is None else drawn
        each = (population - lived) / population
        low, high = (float(end) for end in np.percentile(each, _INTERVAL))
        context |= {"band_probabilities": band_shares(each), "interval": (low, high), "proportional_draws": each}
    return Shortfall(
        qale_population=total,
        qale_patients=mean,
        absolute=total - mean,
        proportional=proportional,
        band=found.band,
        reference_value=found.reference_value,
        near_edge=found.near_edge,
        remark=found.remark,
        **context,
    )


def years_to_band(
    decrement: float,
    *,
    age: ArrayLike,
    female: ArrayLike,
    band: str = "low",
    weights: ArrayLike | None = None,
    start: str = "exact",
    table: str | LifeTable | None = None,
    norms: str | Norms | None = None,
) -> float:
    """Return how long a loss of utility would have to last for the burden to reach a band.

    Parameters
    ----------
    decrement : float
        What comes off the population's norm, above 0 and at most 2.
    age : float or sequence of float
        Age, or the ages of a cohort [years], from 18.
    female : float or sequence of float
        Share of women, in [0, 1].
    band : {"low", "middle", "high"}, default "low"
        Band to reach.
    weights : sequence of float, optional
        Weight of each age, at least 0; default equal.
    start : {"exact", "completed", "rows"}, default "exact"
        What `age` is, as in `hecon.zin.population_qale`.
    table : str or LifeTable, optional
        Life table; default "cbs-2021".
    norms : str or Norms, optional
        EQ-5D norms; default "szende-2014".

    Returns
    -------
    float
        [years]; infinite if the rest of life is too short.

    Raises
    ------
    InputError
        If the decrement is not above 0, or the population breaks a rule.

    Notes
    -----
    The least duration at which the proportional shortfall is at the band's working edge (0.095, 0.405 or 0.705), with
    mortality of the population. A question of what it would take, not of what is likely.

    Examples
    --------
    >>> from hecon import zin
    >>> round(zin.years_to_band(0.2, age=33, female=0), 1)
    20.8
    """
    _checks.positive("decrement", decrement)
    _checks.one_of("band", band, BANDS[1:])
    people: dict[str, Any] = {
        "age": age, "female": female, "weights": weights, "start": start, "table": table, "norms": norms
    }  # fmt: skip
    edge = EDGES[BANDS.index(band) - 1]

    def beyond(years: float) -> float:
        return shortfall(**people, decrement=decrement, years=years).proportional - edge

    if beyond(math.inf) < 0:
        return math.inf
    from scipy.optimize import brentq

    highest = 1.0
    while beyond(highest) < 0:
        highest *= 2
    return float(brentq(beyond, 0.0, highest, xtol=1e-6))
