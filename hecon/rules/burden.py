"""Burden of disease: absolute and proportional shortfall, its band and reference value by a rule set."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from hecon import _checks, valuesets
from hecon._display import displayed
from hecon.errors import InputError
from hecon.printed.numbers import digits_beside
from hecon.rules.bands import BurdenBand, band_shares, banded, burden_band, mean_over_bands, placed, remark_on
from hecon.rules.population import SEXES, People, cohort, continuous_rate, expected, life_table, norms_of, rate_of
from hecon.rules.prognosis import Ahead, Cell, Prognosis, course_of, draws, prognosis, qale
from hecon.rulesets import DEFAULT, ruleset

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike

    from hecon._arrays import Floats
    from hecon.rules.population import Cohort, LifeTable, Norms
    from hecon.rules.prognosis import Course
    from hecon.rulesets import Rules, RuleSet
    from hecon.rulesets.parts import RuleValues, SeverityRule


def reference_value(
    burden: str | float | BurdenBand | Shortfall, *, rules: Rules = DEFAULT, on: dt.date | None = None
) -> int | float | None:
    """Return the reference value of a burden of disease.

    Parameters
    ----------
    burden : str, float, BurdenBand or Shortfall
        A band (by the Dutch rules "none", "low", "middle" or "high"), a shortfall by the measure of the rules (by the
        Dutch ones a proportional one), or what `hecon.shortfall` or `hecon.rules.burden_band` returned, which has its
        own.
    rules, on : as in `hecon.shortfall`
        Rule set and date.

    Returns
    -------
    number or None
        [currency per unit of effect]; None for a band without one.

    Examples
    --------
    >>> import hecon
    >>> hecon.reference_value("low"), hecon.reference_value(0.75)
    (20000, 80000)
    """
    if isinstance(burden, (BurdenBand, Shortfall)):
        return burden.reference_value
    if isinstance(burden, str):
        _, values = banded(rules, on)
        return values.by_band[_checks.one_of("burden", burden, values.bands)]
    return burden_band(burden, rules=rules, on=on).reference_value


def band_probabilities(
    burden: str | BurdenBand | Shortfall, *, rules: Rules = DEFAULT, on: dt.date | None = None
) -> dict[str, float]:
    """Return the probability of each band.

    Parameters
    ----------
    burden : str, BurdenBand or Shortfall
        A band, or what `hecon.rules.burden_band` or `hecon.shortfall` returned.
    rules, on : as in `hecon.shortfall`
        Rule set and date.

    Returns
    -------
    dict of str to float
        By band, the lowest burden first; they add up to 1. A certain burden has 1 in its own band.

    Examples
    --------
    >>> from hecon import zin
    >>> zin.band_probabilities("low")
    {'none': 0.0, 'low': 1.0, 'middle': 0.0, 'high': 0.0}
    """
    _, values = banded(rules, on)
    if isinstance(burden, Shortfall):
        if burden.rule.measure != values.measure:
            got = burden.rule.measure or "of rules without bands"
            msg = f"burden must be by {values.measure}, as the rules' bands are, got {got}: compute it by these rules"
            raise InputError(msg)
        if set(burden.probabilities) != set(values.bands):
            own = ", ".join(burden.probabilities)
            msg = f"burden must be by the rules' bands {', '.join(values.bands)}, got {own}: compute it by these rules"
            raise InputError(msg)
        return {each: burden.probabilities[each] for each in values.bands}
    band = burden.band if isinstance(burden, BurdenBand) else burden
    if not isinstance(band, str):
        msg = f"burden must be a band, a BurdenBand or a Shortfall, got {burden!r}; make one by hecon.shortfall"
        raise InputError(msg)
    _checks.one_of("burden", band, values.bands)
    return {each: float(each == band) for each in values.bands}


def integrated(
    p_cost_effective: Mapping[Any, float], burden: str | BurdenBand | Shortfall, *, rules: Rules = DEFAULT
) -> float:
    """Return the probability cost-effective over the bands, given that there is a reference value; NaN where none is.

    Σ P(band) P(cost-effective at the band's value)/(1 − P(a band without one)), burden and results taken as independent
    (Versteegh et al. 2019, https://doi.org/10.1007/s40273-019-00810-8).
    """
    _, values = banded(rules, None)
    chances, shares = [], []
    for band, share in band_probabilities(burden, rules=rules).items():
        value = values.by_band[band]
        if value is None or share == 0:
            continue
        if value not in p_cost_effective:
            msg = f"p_cost_effective must have a probability at {value}, as the band {band} is possible, got none"
            raise InputError(msg)
        shares.append(share)
        chances.append(_checks.probability(f"p_cost_effective at {value}", p_cost_effective[value]))
    return mean_over_bands(chances, shares)


@displayed
@dataclass(frozen=True)
class Shortfall:
    """A burden of disease, computed.

    Attributes
    ----------
    qale_population : float
        Q_n, quality-adjusted life expectancy of the general population [QALY].
    qale_patients : float
        Q_d, that of patients under current care [QALY]; the mean where draws were given to `hecon.shortfall`, and that
        at the stated values where `hecon.assess` drew from their ranges.
    absolute : float
        Q_n − Q_d [QALY].
    proportional : float
        (Q_n − Q_d)/Q_n, unrounded.
    band, reference_value, near_edge, remark, currency
        As in `BurdenBand`; by rules without bands `band` is None.
    rules, rule : RuleSet, RuleValues
        The rules by which it was placed, and their bands and values on the date.
    weighing : SeverityRule or None
        The weights on QALYs by severity of the rules on the date, where they have some.
    discount : float
        Yearly rate.
    probabilities : dict of str to float
        Probability of each band; 1 for its own where nothing is uncertain.
    interval, absolute_interval : (float, float) or None
        Central 95% of the draws of the proportional shortfall, and of the absolute one [QALY].
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
    band: str | None
    reference_value: int | float | None
    near_edge: bool
    rules: RuleSet = field(repr=False, compare=False)
    rule: RuleValues = field(repr=False, compare=False)
    weighing: SeverityRule | None = field(default=None, repr=False, compare=False)
    remark: str = ""
    currency: str = ""
    discount: float = 0.0
    band_probabilities: dict[str, float] | None = field(default=None, hash=False)
    interval: tuple[float, float] | None = None
    absolute_interval: tuple[float, float] | None = None
    proportional_draws: Floats | None = field(default=None, repr=False, compare=False)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict, hash=False)
    value_set: str | None = None
    same_value_set: bool | None = None
    course: Course | None = field(default=None, repr=False, compare=False)

    @property
    def probabilities(self) -> dict[str, float]:
        """Probability of each band; 1 for its own where nothing is uncertain."""
        return self.band_probabilities or {band: float(band == self.band) for band in self.rule.bands}

    def digits(self, name: str, least: int) -> int:
        """Return the decimals to write a shortfall with, so that it does not read as at or past a limit.

        Parameters
        ----------
        name : str
            "absolute" or "proportional".
        least : int
            Decimals that it has anyway.

        Returns
        -------
        int
            More than these where a limit of a band, or of a weight by severity, is nearer.
        """
        by_band = name == ("absolute" if self.rule.absolute else "proportional")
        weighed = [getattr(each, name) for each in self.weighing.band] if self.weighing is not None else []
        limits = [float(each) for each in (*(self.rule.edges if by_band else ()), *weighed) if each is not None]
        return digits_beside(getattr(self, name), limits, least)

    @property
    def measured(self) -> float:
        """The shortfall by which the rules place it: proportional, or absolute [QALY]."""
        return self.absolute if self.rule.absolute else self.proportional

    @property
    def measured_interval(self) -> tuple[float, float] | None:
        """Central 95% of the draws of that shortfall; None where nothing is uncertain."""
        return self.absolute_interval if self.rule.absolute else self.interval

    @property
    def qaly_weight(self) -> float | None:
        """Weight on the incremental QALYs by severity; None where the rules have none, or ask for another rate."""
        if self.weighing is None or float(self.weighing.discount) != self.discount:
            return None
        return max(self.weighing.weights(self.absolute, self.proportional))

    @property
    def data(self) -> dict[str, Any]:
        """The burden as plain data with stable keys, as the command line prints it."""
        keys = ("qale_population", "qale_patients", "absolute", "proportional", "band", "reference_value", "near_edge")
        drawn = ("band_probabilities", "interval", "absolute_interval")
        more = ("tables", "remark", "discount", *drawn, "value_set", "same_value_set")
        weight = () if self.weighing is None else ("qaly_weight",)
        return {key: getattr(self, key) for key in (*keys, *more, *weight)}


# More than anyone lives; a larger number is of something else.
_MOST = 130.0
_INTERVAL = (2.5, 97.5)
# A value set that hecon does not know.
_OTHER = "other"


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
    discount: float | None = None,
    given_discount: float | None = None,
    uncertain_norms: bool = False,
    n_draws: int = 10_000,
    rng: int | np.random.Generator | None = None,
    rules: Rules = DEFAULT,
    on: dt.date | None = None,
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
        What `age` is, as in `hecon.rules.life_expectancy`.
    table : str or LifeTable, optional
        Life table: a name from `hecon.rules.tables`, or one's own; default that of the rules.
    norms : str or Norms, optional
        EQ-5D norms: a name from `hecon.rules.tables`, or one's own; default those of the rules.
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
    discount : float, optional
        Yearly rate for both, in [0, 1); default that of the rules (the Dutch one is 0).
    given_discount : float, optional
        Yearly rate at which the QALYs that are given were discounted, which must be that of the shortfall; default 0.
    uncertain_norms : bool, default False
        Whether to draw the norms from normal distributions with their standard errors, the same ones for population and
        patients.
    n_draws : int, default 10,000
        Number of draws of the norms, where no other input is draws.
    rng : int, numpy.random.Generator or None
        Seed or generator of the draws of the norms.
    rules : str, Path or RuleSet, default "nl"
        Rule set, as in `hecon.rulesets.ruleset`.
    on : date, optional
        Date on which the rules hold; default the latest rules.

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
    >>> import hecon
    >>> found = hecon.shortfall(age=33, female=0, decrement=0.2, years=2)
    >>> round(found.proportional, 4), found.band, found.reference_value
    (0.0092, 'none', None)
    >>> hecon.shortfall(population_qalys=26, remaining_qalys=[13, 15]).band_probabilities
    {'none': 0.0, 'low': 0.0, 'middle': 1.0, 'high': 0.0}
    """
    by, rate = ruleset(rules), rate_of(discount, rules, on)
    people = People(age, female, weights, start, table, norms)
    ahead = Ahead(survival, beyond, hazard, smr, utility, decrement, years)
    given = _given(people, ahead, population_qalys, remaining_qalys, drawn_norms=uncertain_norms)
    context: dict[str, Any] = {"rules": by, "rule": by.values_on(on), "weighing": by.severity_on(on)}
    context |= {"currency": by.currency, "discount": float(rate), "value_set": value_set}
    _refuse_other_rate(rate, given_discount, given=given is not None)
    if population_qalys is not None and given is not None:
        return _result(float(population_qalys), given, context)
    life, peers = life_table(table, rules), norms_of(norms, rules)
    patients_ahead = prognosis(ahead) if given is None else given
    setting = _Setting(cohort(people, life, peers), peers, patients_ahead, continuous_rate(rate))
    total, patients = setting.expectancies()
    context |= setting.sources(value_set)
    drawn = setting.with_drawn_norms(total, patients, n_draws, rng) if uncertain_norms else None
    return _result(total, patients, context, drawn)


def _refuse_other_rate(rate: float, stated: float | None, *, given: bool) -> None:
    """Refuse QALYs that were not discounted at the rate of the shortfall, or a statement on QALYs that are computed."""
    continuous_rate(rate)
    if not given and stated is not None:
        msg = f"given_discount must be left out where no QALYs are given, got {stated}"
        raise InputError(msg)
    if given and (0 if stated is None else stated) != rate:
        msg = (
            f"QALYs that are given must be discounted at {rate:g} a year, as the shortfall is, since hecon does not "
            f"know when they fall: give discounted ones and given_discount={rate:g}, or discount=0"
        )
        raise InputError(msg)


def _given(
    people: People, ahead: Ahead, population: float | None, remaining: ArrayLike | None, *, drawn_norms: bool
) -> Floats | None:
    """Return the patients' QALYs where they were given; refuse a population or patients given twice or not at all."""
    _refuse_population(people, population, remaining)
    if remaining is None and not ahead.stated:
        msg = (
            "patients are missing: give remaining_qalys, or survival, hazard or smr, and utility or decrement and years"
        )
        raise InputError(msg)
    if remaining is None:
        return None
    if ahead.stated:
        msg = f"remaining_qalys must stand alone, got {ahead.stated[0]} too: keep one of them"
        raise InputError(msg)
    found = draws("remaining_qalys", remaining, 0.0, _MOST, f"lie in [0, {_MOST:g}] QALY")
    if population is not None and drawn_norms:
        msg = "uncertain_norms must not stand beside population_qalys, which no norms lie under: give age and female"
        raise InputError(msg)
    return found


def _refuse_population(people: People, population: float | None, remaining: ArrayLike | None) -> None:
    """Refuse a population given twice or not at all."""
    if population is not None:
        alone = [name for name in ("age", "female", "weights", "table", "norms") if getattr(people, name) is not None]
        if alone:
            msg = f"population_qalys must stand alone, got {alone[0]} too: keep one of them"
            raise InputError(msg)
        if _checks.positive("population_qalys", population) > _MOST:
            msg = f"population_qalys must lie in (0, {_MOST:g}] QALY, got {population}"
            raise InputError(msg)
        if remaining is None:
            msg = "remaining_qalys must be given with population_qalys, as there is no age to compute them from"
            raise InputError(msg)
    elif people.age is None or people.female is None:
        gone = "age" if people.age is None else "female"
        msg = f"{gone} is missing: give age and female, or population_qalys"
        raise InputError(msg)


@dataclass(frozen=True)
class _Setting:
    """A cohort, the norms of its population, what lies ahead of its patients, and the continuous discount rate.

    That is a prognosis, or the patients' QALYs where these were given.
    """

    group: Cohort
    norms: Norms
    ahead: Prognosis | Floats
    force: float

    def sources(self, value_set: str | None) -> dict[str, Any]:
        """Return the fields of a shortfall that tell what it rests on."""
        norms, ahead = self.norms, self.ahead
        same = None
        if value_set is not None and norms.value_set:
            valuesets.refuse_unknown("value_set", value_set, norms.value_set, _OTHER)
            same = value_set == norms.value_set
        return {
            "tables": {"life_table": self.group.life.provenance, "norms": norms.provenance},
            "same_value_set": same,
            "course": course_of(self.group, norms, ahead if isinstance(ahead, Prognosis) else None, self.force),
        }

    def mean(self, of: Callable[[Cell], Floats]) -> Floats:
        """Return the mean over the ages and sexes of the cohort."""
        cells = self.group.cells()
        total = sum(weight * of(Cell(age, sex, self.group.life, self.norms, self.force)) for age, sex, weight in cells)
        return np.asarray(total)

    def expectancies(self) -> tuple[float, Floats]:
        """Return Q_n and Q_d, refused where no one has them."""
        ahead = self.ahead
        patients = self.mean(lambda cell: qale(ahead, cell)) if isinstance(ahead, Prognosis) else ahead
        total = expected(self.group, self.norms, self.force)
        if total <= 0:
            msg = f"the population must have QALYs ahead of it, got {total:g}: check the norms {self.norms.name}"
            raise InputError(msg)
        if patients.max() > max(_MOST, total):
            msg = (
                f"patients must have at most {_MOST:g} QALYs ahead of them, got {patients.max():g}: mortality must "
                "rise with age, also beyond the last time that was given"
            )
            raise InputError(msg)
        return total, patients

    def with_drawn_norms(
        self, total: float, patients: Floats, n_draws: int, rng: int | np.random.Generator | None
    ) -> tuple[Floats, Floats]:
        """Return Q_n and Q_d with drawn norms.

        A quality-adjusted life expectancy is a sum of norms, each times the years lived in its band: the draws are
        exact.
        """
        n = patients.size if patients.size > 1 else _checks.count("n_draws", n_draws, at_least=2)
        random, drawn = _checks.generator(rng), {}
        for sex in SEXES:
            errors = getattr(self.norms, f"{sex}_se")
            if errors is None:
                msg = f"norms must have standard errors to be drawn, got none of {sex} in {self.norms.name}"
                raise InputError(msg)
            drawn[sex] = random.standard_normal((n, len(errors))) * errors

        def moved(future: Prognosis) -> Floats:
            return self.mean(lambda cell: (drawn[cell.sex] * _years_in_bands(future, cell)).sum(axis=1))

        on_norms = isinstance(self.ahead, Prognosis) and self.ahead.utility is None
        population = total + moved(prognosis(Ahead(smr=1.0)))
        return population, patients + (moved(cast("Prognosis", self.ahead)) if on_norms else np.zeros(n))


def _years_in_bands(future: Prognosis, cell: Cell) -> Floats:
    """Return the years lived in each band of the norms, draws × bands."""
    alone = replace(future, decrement=np.zeros(1), years=np.zeros(1))
    bands = []
    for row in np.eye(len(cell.norms.ages)).tolist():
        indicator = replace(cell.norms, male=row, female=row, male_se=None, female_se=None)
        bands.append(qale(alone, replace(cell, norms=indicator)))
    return np.stack(bands, axis=-1)


def _result(
    total: float,
    patients: Floats,
    context: dict[str, Any],
    drawn: tuple[Floats, Floats] | None = None,
) -> Shortfall:
    mean = float(patients.mean())
    proportional = (total - mean) / total
    banded = bool(context["rule"].band)
    rule = context["rule"]
    measured = total - mean if rule.absolute else proportional
    found = placed(measured, rule, context["currency"]) if banded else None
    if patients.size > 1 or drawn is not None:
        population, lived = (np.float64(total), patients) if drawn is None else drawn
        lost = population - lived
        each = lost / population
        (low, high), ends = (tuple(map(float, np.percentile(drawn, _INTERVAL))) for drawn in (each, lost))
        context |= {
            "band_probabilities": band_shares(lost if rule.absolute else each, rule) if banded else None,
            "interval": (low, high),
            "absolute_interval": ends,
            "proportional_draws": each,
        }
    return Shortfall(
        qale_population=total,
        qale_patients=mean,
        absolute=total - mean,
        proportional=proportional,
        band=None if found is None else found.band,
        reference_value=None if found is None else found.reference_value,
        near_edge=found is not None and found.near_edge,
        remark=remark_on(proportional),
        **context,
    )


def years_to_band(
    decrement: float,
    *,
    age: ArrayLike,
    female: ArrayLike,
    band: str | None = None,
    weights: ArrayLike | None = None,
    start: str = "exact",
    table: str | LifeTable | None = None,
    norms: str | Norms | None = None,
    rules: Rules = DEFAULT,
    on: dt.date | None = None,
) -> float:
    """Return how long a loss of utility would have to last for the burden to reach a band.

    Parameters
    ----------
    decrement : float
        What comes off the population's norm, above 0 and at most 2.
    age, female : as in `hecon.shortfall`
        Population.
    band : str, optional
        Band to reach; default the lowest but one (by the Dutch rules "low").
    weights, start, table, norms, rules, on : as in `hecon.shortfall`
        Population and rules.

    Returns
    -------
    float
        [years]; infinite if the rest of life is too short.

    Notes
    -----
    The least duration at which the shortfall is at the band's working edge (by the Dutch rules a proportional one of
    0.095, 0.405 or 0.705), with mortality of the population. A question of what it would take, not of what is likely.

    Examples
    --------
    >>> from hecon import zin
    >>> round(zin.years_to_band(0.2, age=33, female=0), 1)
    20.8
    """
    _checks.positive("decrement", decrement)
    _, values = banded(rules, on)
    edges = dict(zip(values.bands[1:], values.edges, strict=True))
    edge = float(edges[_checks.one_of("band", next(iter(edges)) if band is None else band, list(edges))])
    people = People(age, female, weights, start, table, norms)
    _refuse_population(people, None, None)
    life, peers = life_table(table, rules), norms_of(norms, rules)
    group, force = cohort(people, life, peers), continuous_rate(rate_of(None, rules, on))

    def beyond(years: float) -> float:
        ahead = prognosis(Ahead(decrement=decrement, years=years))
        total, patients = _Setting(group, peers, ahead, force).expectancies()
        lost = total - float(patients.mean())
        return (lost if values.absolute else lost / total) - edge

    if beyond(math.inf) < 0:
        return math.inf
    from scipy.optimize import brentq

    highest = 1.0
    while beyond(highest) < 0:
        highest *= 2
    return float(brentq(beyond, 0.0, highest, xtol=1e-6))
