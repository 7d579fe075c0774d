"""The general population: life tables, EQ-5D norms, and a cohort's life expectancy, adjusted for quality or not."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _arrays, _checks
from hecon import tables as packaged
from hecon.errors import InputError
from hecon.rulesets import DEFAULT, ruleset

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike

    from hecon._arrays import Floats
    from hecon.rulesets import Rules
    from hecon.rulesets.parts import BurdenRule

SEXES = ("male", "female")
_ERRORS = tuple(f"{sex}_se" for sex in SEXES)

# Steps in which the deaths of a year of age are spread; between them the hazard is constant.
_STEPS = 12
_BEFORE_CLOSING = 5.0
# Rates beyond this would leave no one for a minute.
_HIGHEST_RATE = 1e6


def _row(name: str, values: Sequence[float], size: int | None = None) -> tuple[float, ...]:
    if isinstance(values, str) or _arrays.depth(values) != 1:
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


def _read_columns(table: LifeTable | Norms, names: Sequence[str]) -> None:
    """Make the ages, which must rise, and the columns rows of floats, matched by their labels where they have any."""
    columns = {name: getattr(table, name) for name in ("ages", *names)}
    aligned, _ = _arrays.together(columns, what="rows")
    size = None
    for name, values in zip(columns, aligned, strict=True):
        if values is not None or name not in _ERRORS:
            row = _row(name, values, size)
            size = len(row)
            object.__setattr__(table, name, row)
    for position, (before, age) in enumerate(pairwise(table.ages), start=1):
        if age <= before:
            msg = f"ages[{position}] must be above the age before it, got {age} after {before}"
            raise InputError(msg)


def _within(name: str, values: Sequence[float], low: float, high: float) -> None:
    for position, value in enumerate(values):
        if not low <= value <= high:
            msg = f"{name}[{position}] must lie in [{low:g}, {high:g}], got {value}"
            raise InputError(msg)


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
        _read_columns(self, SEXES)
        _checks.one_of("measure", self.measure, ("q", "m"))
        _checks.finite("age_offset", self.age_offset)
        for sex in SEXES:
            values = getattr(self, sex)
            _within(sex, values, 0.0, 1.0 if self.measure == "q" else _HIGHEST_RATE)
            if self.measure == "q" and 1.0 in values[:-1]:
                msg = f"{sex}[{values.index(1.0)}] must be below 1 before the last row, got 1.0"
                raise InputError(msg)
            if values[-1] <= 0.0:
                msg = f"{sex}[{len(values) - 1}] must be above 0, as the last row goes on, got {values[-1]}"
                raise InputError(msg)

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
        _read_columns(self, (*SEXES, *_ERRORS))
        for sex in SEXES:
            _within(sex, getattr(self, sex), -1.0, 1.0)
        for name in _ERRORS:
            _within(name, getattr(self, name) or (), 0.0, math.inf)

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
def hazards(table: LifeTable, sex: str) -> tuple[Floats, Floats]:
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
        smooth = replace(raw, name=raw.name + packaged.SMOOTHED, title=f"{raw.title}; smoothed", **_smoothing(raw))
        found += [raw, smooth]
    return tuple(found)


def _smoothing(raw: packaged.Provenance) -> dict[str, Any]:
    return {
        "note": f"Made non-increasing with age by isotonic regression per sex, weighted by 1/SE². {raw.note}",
        "note_nl": f"Niet stijgend met de leeftijd: isotone regressie per geslacht, gewogen met 1/SE². {raw.note_nl}",
        "noise": "",
        "noise_nl": "",
    }


def _burden_rule(rules: Rules, what: str) -> BurdenRule:
    found = ruleset(rules)
    if found.burden is None:
        msg = f"{what} must be given, as the rules {found.name} name none: give it, or add [burden] to the rules"
        raise InputError(msg)
    return found.burden


def rate_of(discount: float | None, rules: Rules, on: dt.date | None = None) -> float:
    """Return the yearly discount rate of a burden: as given, or that of the rules, by which they weigh severity."""
    if discount is not None:
        return discount
    weighing = ruleset(rules).severity_on(on)
    return float((_burden_rule(rules, "discount") if weighing is None else weighing).discount)


def life_table(table: str | LifeTable | None, rules: Rules = DEFAULT) -> LifeTable:
    """Return a life table by name, one's own as it is, or that of the rules."""
    if isinstance(table, LifeTable):
        return table
    if table is None:
        table = _burden_rule(rules, "table").life_table
    return _packaged_life_table(_checks.one_of("table", table, packaged.names("life_table")))


@cache
def _packaged_life_table(table: str) -> LifeTable:
    origin = packaged.header(table, "life_table")
    return LifeTable(
        table, **_columns(origin, SEXES), measure=origin.measure, age_offset=origin.age_offset, **_about(origin)
    )


def _columns(origin: packaged.Provenance, names: Sequence[str]) -> dict[str, Any]:
    """Return the ages of a table and the columns of these names as floats."""
    columns = packaged.read(origin.name, origin.kind)
    keys = {"ages": "age"} | dict(zip(names, names, strict=True))
    return {name: columns[key].astype(float).tolist() for name, key in keys.items()}


def _about(origin: packaged.Provenance) -> dict[str, Any]:
    """Return where a table is from, and what a user must know of it."""
    notes = {"note": f"{origin.note} {origin.noise}", "note_nl": f"{origin.note_nl} {origin.noise_nl}"}
    about = {key: getattr(origin, key) for key in ("source", "year", "licence")}
    return about | {key: note.strip() for key, note in notes.items()}


def norms_of(norms: str | Norms | None, rules: Rules = DEFAULT) -> Norms:
    """Return norms by name, one's own as they are, or those of the rules."""
    if isinstance(norms, Norms):
        return norms
    if norms is None:
        norms = _burden_rule(rules, "norms").norms
    return _packaged_norms(_checks.one_of("norms", norms, packaged.norms()))


@cache
def _packaged_norms(norms: str) -> Norms:
    if norms.endswith(packaged.SMOOTHED):
        return _smoothed(norms.removesuffix(packaged.SMOOTHED))
    origin = packaged.header(norms, "norms")
    columns = _columns(origin, (*SEXES, *_ERRORS))
    return Norms(norms, **columns, value_set=origin.value_set, version=origin.version, **_about(origin))


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
    return replace(raw, name=raw.name + packaged.SMOOTHED, **found)


def expectancy(
    edges: Floats,
    hazards: Floats,
    utilities: Floats,
    *,
    start: ArrayLike = 0.0,
    stop: ArrayLike = np.inf,
    force: float = 0.0,
) -> Floats:
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


STARTS = ("exact", "completed", "rows")

# Ages that are worked out at a time, so that memory stays flat.
_CHUNK = 1000


@dataclass(frozen=True)
class Cohort:
    """Exact ages with the weight of each sex at each; all weights together are 1."""

    ages: Floats
    weights: dict[str, Floats]
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


def _line(name: str, values: Any) -> Floats:  # noqa: ANN401
    found = _checks.line(name, values)
    _checks.refuse_first(name, found, ~np.isfinite(found), "be finite")
    return found


@dataclass(frozen=True)
class People:
    """A cohort as the caller gives it, unchecked; tables by name, one's own, or None for those of the rules."""

    age: ArrayLike | None
    female: ArrayLike | None
    weights: ArrayLike | None
    start: str
    table: str | LifeTable | None = None
    norms: str | Norms | None = None


def cohort(people: People, life: LifeTable, norms: Norms | None) -> Cohort:
    """Return a cohort, checked: every member has a death rate and, if there are norms, a norm."""
    _checks.one_of("start", people.start, STARTS)
    given = {"age": people.age, "female": people.female, "weights": people.weights}
    (age, female, weights), _ = _arrays.together(given, what="ages", show=False)
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


def _shares(weights: ArrayLike | None, size: int) -> Floats:
    weight = np.ones(size) if weights is None else _line("weights", weights)
    if weight.size != size or (weight < 0).any() or weight.max() <= 0:
        msg = f"weights must be one per age ({size}), at least 0 and not all 0, got {weights!r}"
        raise InputError(msg)
    weight = weight / weight.max()  # so that the sum of the largest floats is one too
    return np.asarray(weight / weight.sum())


def continuous_rate(discount: float) -> float:
    """Return the continuous rate of a yearly discount rate."""
    rate = _checks.finite("discount", discount)
    if not 0.0 <= rate < 1.0:
        msg = f"discount must be a yearly rate in [0, 1), got {discount}; write 0.015 for 1.5%"
        raise InputError(msg)
    return math.log1p(rate)


def level(norms: Norms, sex: str, ages: Floats) -> Floats:
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
    table: str | LifeTable | None = None,
    discount: float = 0.0,
    rules: Rules = DEFAULT,
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
    table : str or LifeTable, optional
        Life table: a name from `hecon.rules.tables`, or one's own; default that of the rules.
    discount : float, default 0
        Yearly rate, in [0, 1).
    rules : str, Path or RuleSet, default "nl"
        Rule set, as in `hecon.rulesets.ruleset`.

    Returns
    -------
    float
        [years].

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
    life = life_table(table, rules)
    return expected(cohort(People(age, female, weights, start), life, None), None, continuous_rate(discount))


def population_qale(
    age: ArrayLike,
    *,
    female: ArrayLike,
    weights: ArrayLike | None = None,
    start: str = "exact",
    table: str | LifeTable | None = None,
    norms: str | Norms | None = None,
    discount: float | None = None,
    rules: Rules = DEFAULT,
) -> float:
    """Return the quality-adjusted life expectancy of the general population.

    Parameters
    ----------
    age, female, weights, start, table : as in `hecon.rules.life_expectancy`
        Cohort and life table; ages are from 18.
    norms : str or Norms, optional
        EQ-5D norms: a name from `hecon.rules.tables`, or one's own; default those of the rules.
    discount : float, optional
        Yearly rate, in [0, 1); default that of the rules (the Dutch one is 0).
    rules : str, Path or RuleSet, default "nl"
        Rule set, as in `hecon.rulesets.ruleset`.

    Returns
    -------
    float
        Q_n, the mean over the cohort [QALY].

    Notes
    -----
    Q_n(a) = ∫ S(x)/S(a) u(x) (1 + r)^−(x − a) dx over x from a on, with S from the life table and u the norm of the
    band in which x lies, both by sex; the oldest band is open. For the half-year between CBS's ages and exact ones, see
    `hecon.rules.life_expectancy`.

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
    life, utilities = life_table(table, rules), norms_of(norms, rules)
    group = cohort(People(age, female, weights, start), life, utilities)
    return expected(group, utilities, continuous_rate(rate_of(discount, rules)))
