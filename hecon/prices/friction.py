"""The friction period: how long production is lost before an absent worker is replaced."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from hecon import _checks, tables
from hecon.errors import InputError

__all__ = ["FrictionPeriod", "friction_period"]

_KIND = "friction_period"
_MANUAL, _VACANCIES = "friction-manual-2024", "vacancies-nl"
_RULES = ("costing-manual", "five-years", "one-year")
_DAYS_OF_A_YEAR, _DAYS_TO_START, _DAYS_OF_A_WEEK = 365.25, 28, 7
_MEAN_OF = 5


@dataclass(frozen=True)
class FrictionPeriod:
    """A friction period, with what the other rules give.

    Parameters
    ----------
    year : int
        Year that it is of.
    weeks : float
        Length by `rule` [weeks].
    rule : {"costing-manual", "five-years", "one-year"}
        What `weeks` follows from.
    status : {"reported", "derived"}
        "reported" from the manual; "derived" from vacancies.
    costing_manual, five_years, one_year : float or None
        Length by each rule [weeks]; None where it has none for this year.
    spread : float
        Longest less shortest of these [weeks]: how far they disagree.
    table : str
        The packaged table that `weeks` came from.
    """

    year: int
    weeks: float
    rule: str
    status: str
    costing_manual: float | None
    five_years: float | None
    one_year: float | None
    spread: float
    table: str


@cache
def _weeks() -> dict[str, dict[int, float]]:
    """Return the length by rule and year [weeks]."""
    manual, found = tables.read(_MANUAL, _KIND), tables.read(_VACANCIES, _KIND)
    ratio = found["open"].astype(float) / found["filled"].astype(float)
    single = (_DAYS_OF_A_YEAR * ratio + _DAYS_TO_START) / _DAYS_OF_A_WEEK
    means = np.convolve(single, np.ones(_MEAN_OF) / _MEAN_OF, mode="valid")
    years = found["year"].astype(int).tolist()
    return {
        "costing-manual": dict(
            zip(manual["year"].astype(int).tolist(), manual["weeks"].astype(float).tolist(), strict=True)
        ),
        "five-years": dict(zip(years[_MEAN_OF - 1 :], means.tolist(), strict=True)),
        "one-year": dict(zip(years, single.tolist(), strict=True)),
    }


def friction_period(year: int = 2022, *, rule: str = "costing-manual") -> FrictionPeriod:
    """Return the Dutch friction period of a year.

    The costing manual has one, taken here with its prices of 2022 as it names no year; the other rules follow from
    vacancies::

        weeks = (365.25 · open / filled + 28) / 7

    Parameters
    ----------
    year : int, default 2022
        Year that it is of.
    rule : {"costing-manual", "five-years", "one-year"}
        The length that the costing manual prints, which is the default; the mean over this year and the four before;
        or that of this year alone.

    Returns
    -------
    FrictionPeriod
        Its length [weeks], and that by every other rule of the same year.

    Raises
    ------
    InputError
        If the rule has no length for the year; the message says which years it has, and which rule has this year.

    Notes
    -----
    For 2022 they disagree: 16.4 weeks in the manual, 16.48 as a mean of five years, 19.39 in the year itself. That of
    the manual is the default, as its prices are used with it; the others serve a sensitivity analysis.

    References
    ----------
    Hakkaart-van Roijen L, et al. Kostenhandleiding voor economische evaluaties in de gezondheidszorg: methodologie en
    referentieprijzen, herziene versie 2024, paragraph 6.1.2. Statistics Netherlands (CBS), StatLine 80472NED.

    Examples
    --------
    >>> from hecon import prices
    >>> found = prices.friction_period(2022)
    >>> found.weeks, round(found.five_years, 2), round(found.one_year, 2), round(found.spread, 2)
    (16.4, 16.48, 19.39, 2.99)
    """
    _checks.one_of("rule", rule, _RULES)
    every = _weeks()
    if isinstance(year, bool) or not isinstance(year, (int, np.integer)) or year not in every[rule]:
        others = " and ".join(f"{_years(other)} for {other!r}" for other in _RULES if other != rule)
        msg = f"year must be {_years(rule)} for rule {rule!r}, got {year!r}; there is {others}"
        raise InputError(msg)
    manual, five, one = (every[each].get(int(year)) for each in _RULES)
    known = [weeks for weeks in (manual, five, one) if weeks is not None]
    status, used = ("reported", _MANUAL) if rule == _RULES[0] else ("derived", _VACANCIES)
    return FrictionPeriod(
        year=int(year),
        weeks=every[rule][int(year)],
        rule=rule,
        status=status,
        costing_manual=manual,
        five_years=five,
        one_year=one,
        spread=max(known) - min(known),
        table=used,
    )


def _years(rule: str) -> str:
    years = sorted(_weeks()[rule])
    return str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"
