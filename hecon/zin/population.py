"""The general population: life tables and EQ-5D norms, own or shipped, checked, and the hazards that tables imply."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _aligned, _checks
from hecon import tables as packaged
from hecon._display import displayed
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["SEXES", "LifeTable", "Norms", "hazards", "life_table", "norms_of", "tables"]

SEXES = ("male", "female")

# Steps in which the deaths of a year of age are spread; between them the hazard is constant.
_STEPS = 12
_BEFORE_CLOSING = 5.0
# Rates beyond this would leave no one for a minute.
_HIGHEST_RATE = 1e6


def _row(name: str, values: Sequence[float], size: int | None = None) -> tuple[float, ...]:
    if isinstance(values, str) or _aligned.depth(values) != 1:
        msg = f"{name} must be a sequence of numbers, got {values!r}"
        raise InputError(msg)
    found = tuple(
        _checks.finite(f"{name}[{position}]", value) for position, value in enumerate(_checks.items(name, values))
    )
    if not found:
        msg = f"{name} must have at least one value, got none"
        raise InputError(msg)
    if size is not None and len(found) != size:
        msg = f"{name} must have as many values as ages ({size}), got {len(found)}"
        raise InputError(msg)
    return found


def _in_one_order(table: LifeTable | Norms, names: Sequence[str]) -> None:
    """Match columns that have labels with each other."""
    aligned, _ = _aligned.together({name: getattr(table, name) for name in names}, what="rows")
    for name, values in zip(names, aligned, strict=True):
        object.__setattr__(table, name, values)


def _within(name: str, values: Sequence[float], low: float, high: float) -> None:
    for position, value in enumerate(values):
        if not low <= value <= high:
            msg = f"{name}[{position}] must lie in [{low:g}, {high:g}], got {value}"
            raise InputError(msg)


def _rising(ages: tuple[float, ...]) -> None:
    for position in range(1, len(ages)):
        if ages[position] <= ages[position - 1]:
            msg = f"ages[{position}] must be above the age before it, got {ages[position]} after {ages[position - 1]}"
            raise InputError(msg)


@displayed
@dataclass(frozen=True)
class LifeTable:
    """Mortality of a population by age and sex.

    Parameters
    ----------
    name : str
        Name.
    ages : sequence of float
        Age at which each row begins, as printed [years], rising.
    male, female : sequence of float
        Per row the probability of dying before the next (``measure="q"``) or the death rate [per year]
        (``measure="m"``).
    measure : {"q", "m"}
        Which of the two.
    age_offset : float, default 0
        Exact age at which a row begins, minus the age printed: −0.5 for ages "on 31 December", as those of CBS.
    source, year, licence, note, note_nl : str, int, str, str, str
        Where the figures are from, and what a user must know, in English and in Dutch.

    Raises
    ------
    InputError
        If the rows differ in length, the ages do not rise, a probability lies outside [0, 1] or reaches 1 before the
        last row, or a rate is negative.

    Notes
    -----
    With ``measure="q"``, deaths are spread evenly over a row, in steps of a month, within which the hazard is constant;
    life expectancies come out as those of CBS, which spreads them evenly, to 0.001 year. A last row with q = 1 closes
    the table half a row later on average; with q below 1 its hazard goes on. With ``measure="m"``, the rate holds until
    the next row, and that of the last row goes on.

    Examples
    --------
    >>> from hecon import zin
    >>> own = zin.LifeTable("own", ages=[0, 100], male=[0.01, 0.5], female=[0.01, 0.5], measure="m")
    >>> round(zin.life_expectancy(40, female=0.5, table=own), 2)
    46.22
    """

    name: str
    ages: Sequence[float]
    male: Sequence[float]
    female: Sequence[float]
    measure: str
    age_offset: float = 0.0
    source: str = ""
    year: int | None = None
    licence: str = ""
    note: str = ""
    note_nl: str = ""

    def __post_init__(self) -> None:
        _in_one_order(self, ("ages", *SEXES))
        ages = _row("ages", self.ages)
        _rising(ages)
        _checks.one_of("measure", self.measure, ("q", "m"))
        _checks.finite("age_offset", self.age_offset)
        object.__setattr__(self, "ages", ages)
        for sex in SEXES:
            values = _row(sex, getattr(self, sex), len(ages))
            _within(sex, values, 0.0, 1.0 if self.measure == "q" else _HIGHEST_RATE)
            if self.measure == "q" and 1.0 in values[:-1]:
                msg = f"{sex}[{values.index(1.0)}] must be below 1 before the last row, got 1.0"
                raise InputError(msg)
            if values[-1] <= 0.0:
                msg = f"{sex}[{len(values) - 1}] must be above 0, as the last row goes on, got {values[-1]}"
                raise InputError(msg)
            object.__setattr__(self, sex, values)

    @property
    def oldest(self) -> float:
        """The highest age that can be answered for [years]: that of the last row, or five years before a closing one.

        Where the last row only closes the table (q = 1), life expectancies near it are too short.
        """
        closes = self.measure == "q" and 1.0 in (self.male[-1], self.female[-1])
        return float(self.ages[-1]) - (_BEFORE_CLOSING if closes else 0.0)

    @property
    def provenance(self) -> dict[str, Any]:
        """Name, source, year, licence and note (in both languages), as plain data."""
        return {key: getattr(self, key) for key in ("name", "source", "year", "licence")} | _notes(self)


@displayed
@dataclass(frozen=True)
class Norms:
    """Mean utility of a population by age and sex.

    Parameters
    ----------
    name : str
        Name.
    ages : sequence of float
        Exact age at which each band begins [years], rising; the last band is open.
    male, female : sequence of float
        Mean utility in each band, at most 1.
    male_se, female_se : sequence of float, optional
        Their standard errors, at least 0.
    value_set : str
        Value set that the utilities are of, as "nl-3l-2006".
    version : str
        Version of the questionnaire, as "EQ-5D-3L".
    source, year, licence, note, note_nl : str, int, str, str, str
        Where the figures are from, and what a user must know, in English and in Dutch.

    Raises
    ------
    InputError
        If the rows differ in length, the ages do not rise, or a utility lies outside [−1, 1].
    """

    name: str
    ages: Sequence[float]
    male: Sequence[float]
    female: Sequence[float]
    male_se: Sequence[float] | None = None
    female_se: Sequence[float] | None = None
    value_set: str = ""
    version: str = ""
    source: str = ""
    year: int | None = None
    licence: str = ""
    note: str = ""
    note_nl: str = ""

    def __post_init__(self) -> None:
        _in_one_order(self, ("ages", *SEXES, *(f"{sex}_se" for sex in SEXES)))
        ages = _row("ages", self.ages)
        _rising(ages)
        object.__setattr__(self, "ages", ages)
        for sex in SEXES:
            values = _row(sex, getattr(self, sex), len(ages))
            _within(sex, values, -1.0, 1.0)
            object.__setattr__(self, sex, values)
            errors = getattr(self, f"{sex}_se")
            if errors is not None:
                errors = _row(f"{sex}_se", errors, len(ages))
                _within(f"{sex}_se", errors, 0.0, math.inf)
                object.__setattr__(self, f"{sex}_se", errors)

    @property
    def youngest(self) -> float:
        """Lowest age with a norm [years]."""
        return float(self.ages[0])

    @property
    def provenance(self) -> dict[str, Any]:
        """Name, value set, version, source, year, licence and note (in both languages), as plain data."""
        keys = ("name", "value_set", "version", "source", "year", "licence")
        return {key: getattr(self, key) for key in keys} | _notes(self)


def _notes(table: LifeTable | Norms) -> dict[str, dict[str, str]]:
    return {"note": {"nl": table.note_nl or table.note, "en": table.note}}


@cache
def hazards(table: LifeTable, sex: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the exact ages between which the hazard is constant, and the hazards; the last goes on."""
    ages, values = np.array(table.ages) + table.age_offset, np.array(getattr(table, sex))
    if table.measure == "m":
        return ages, values
    widths = np.append(np.diff(ages), 1.0)
    edges, rates = [], []
    for age, width, chance in zip(ages, widths, values, strict=True):
        steps = max(1, round(_STEPS * width))
        share = np.arange(steps + 1) / steps
        with np.errstate(divide="ignore"):
            rate = -np.diff(np.log1p(-chance * share)) * steps / width
        # In the last step of a closing row the survivors live half a step on average.
        rate[np.isinf(rate)] = 2 * steps / width
        edges.append(age + share[:-1] * width)
        rates.append(rate)
    return np.concatenate(edges), np.concatenate(rates)


_SMOOTHED = "-smoothed"


def tables() -> tuple[packaged.Provenance, ...]:
    """Return the life tables and the norms that come with hecon, each with its source, year and licence.

    Returns
    -------
    tuple of Provenance
        Life tables first; a set of norms is followed by its smoothed form.

    Notes
    -----
    Smoothed norms are the raw ones made non-increasing with age: isotonic regression per sex, weighted by 1/SE². Bands
    that rise against age are pooled; nothing else moves.

    References
    ----------
    Robertson, Wright & Dykstra. Order Restricted Statistical Inference. Wiley, 1988.

    Examples
    --------
    >>> from hecon import zin
    >>> [each.name for each in zin.tables()][:2]
    ['cbs-2021', 'un-2005-2010']
    """
    found = list(packaged.listed("life_table"))
    for raw in packaged.listed("norms"):
        smooth = replace(raw, name=raw.name + _SMOOTHED, title=f"{raw.title}; smoothed", **_smoothing(raw))
        found += [raw, smooth]
    return tuple(found)


def _smoothing(raw: packaged.Provenance) -> dict[str, Any]:
    return {
        "note": f"Made non-increasing with age by isotonic regression per sex, weighted by 1/SE². {raw.note}",
        "note_nl": f"Niet stijgend met de leeftijd: isotone regressie per geslacht, gewogen met 1/SE². {raw.note_nl}",
        "noise": "",
        "noise_nl": "",
    }


def life_table(table: str | LifeTable) -> LifeTable:
    """Return a life table by name; one's own comes back as it is."""
    if isinstance(table, LifeTable):
        return table
    return _packaged_life_table(_checks.one_of("table", table, packaged.names("life_table")))


@cache
def _packaged_life_table(table: str) -> LifeTable:
    origin, columns = packaged.header(table, "life_table"), packaged.read(table, "life_table")
    return LifeTable(
        table,
        **{
            key: columns[column].astype(float).tolist()
            for key, column in (("ages", "age"), *zip(SEXES, SEXES, strict=True))
        },
        measure=origin.measure,
        age_offset=origin.age_offset,
        source=origin.source,
        year=origin.year,
        licence=origin.licence,
        note=origin.note,
        note_nl=origin.note_nl,
    )


def norms_of(norms: str | Norms) -> Norms:
    """Return norms by name; one's own come back as they are."""
    if isinstance(norms, Norms):
        return norms
    known = [name + end for name in packaged.names("norms") for end in ("", _SMOOTHED)]
    return _packaged_norms(_checks.one_of("norms", norms, known))


@cache
def _packaged_norms(norms: str) -> Norms:
    if norms.endswith(_SMOOTHED):
        return _smoothed(norms.removesuffix(_SMOOTHED))
    origin, columns = packaged.header(norms, "norms"), packaged.read(norms, "norms")
    keys = ("male", "male_se", "female", "female_se")
    return Norms(
        norms,
        ages=columns["age"].astype(float).tolist(),
        **{key: columns[key].astype(float).tolist() for key in keys},
        value_set=origin.value_set,
        version=origin.version,
        source=origin.source,
        year=origin.year,
        licence=origin.licence,
        note=f"{origin.note} {origin.noise}".strip(),
        note_nl=f"{origin.note_nl} {origin.noise_nl}".strip(),
    )


def _smoothed(name: str) -> Norms:
    from scipy.optimize import isotonic_regression

    raw, notes = _packaged_norms(name), _smoothing(packaged.header(name, "norms"))
    found: dict[str, Any] = {key: notes[key] for key in ("note", "note_nl")}
    for sex in SEXES:
        weights = 1 / np.square(getattr(raw, f"{sex}_se"))
        fitted = isotonic_regression(getattr(raw, sex), weights=weights, increasing=False)
        pooled = np.add.reduceat(weights, fitted.blocks[:-1])
        found[sex] = fitted.x.tolist()
        found[f"{sex}_se"] = np.repeat(pooled**-0.5, np.diff(fitted.blocks)).tolist()
    return replace(raw, name=raw.name + _SMOOTHED, **found)
