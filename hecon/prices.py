"""Dutch prices: reference prices of health care, the consumer price index, conversion to euros, the friction period."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _arrays, _checks, tables
from hecon._display import displayed
from hecon.errors import InputError
from hecon.files.faults import nearest
from hecon.rulesets import ruleset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

__all__ = ["friction_period", "indexed", "price_index", "reference_price", "reference_prices"]

_MOST = 5
_ALIKE, _ALIKE_WORD = 0.6, 0.8
# The unit at the end of a name, as in "Primair onderwijs (per jaar)".
_UNIT = re.compile(r"\s*\(per [^()]*\)$")


def _plain(text: str) -> str:
    """Return a name in lower case without punctuation."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def _holds(wanted: str, name: str) -> bool:
    """Tell whether each wanted word is part of some word of a name, both plain."""
    return all(any(word in other for other in name.split()) for word in wanted.split())


def _near(wanted: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """Return at most five keys with names near the one wanted: those with all its words, alike, or with a like word."""
    word = _plain(wanted)
    owners: dict[str, list[str]] = {}
    words: dict[str, list[str]] = {}
    for key, texts in names.items():
        for name in map(_plain, texts):
            owners.setdefault(name, []).append(key)
            for part in name.split():
                words.setdefault(part, []).append(key)
    matches = [key for name, keys in owners.items() if word and _holds(word, name) for key in keys]
    for like in nearest(word, owners, at_most=_MOST, alike=_ALIKE):
        matches += owners[like]
    for part in word.split():
        for like in nearest(part, words, at_most=_MOST, alike=_ALIKE_WORD):
            matches += words[like]
    return list(dict.fromkeys(matches))[:_MOST]


_TABLE = "reference-prices-nl-2022"
_KIND = "reference_prices"
# Where the two contradict each other, the first, with the manual's own labels, is used.
_TRANSCRIPTIONS = ("manual", "tatooheene")


@dataclass(frozen=True)
class ReferencePrice:
    """A reference price with where it is from.

    Attributes
    ----------
    identifier : str, name that does not change, as in "physiotherapy-session"
    name_nl, name_en : str, name in Dutch and in English
    category_nl, category_en : str, kind of care or cost that it belongs to
    unit_nl, unit_en : str, what one unit is; empty where no transcription says so: look it up in the manual before use
    amount : float, price of one unit [EUR of `price_year`]
    price_year : int, year of its prices
    index : float, prices of that year over those of the manual's
    status : {"reported", "derived"}
        "reported" in the manual's own price year; "derived" by the consumer price index otherwise.
    alternatives : tuple of float
        What the other transcription of the manual has instead [EUR of `price_year`]; empty where they agree.
    transcriptions : tuple of str, those that hold this price: "manual" and "tatooheene", or one of them
    paragraph : str, paragraph of the manual; empty where unknown
    table : str, the packaged table that it came from
    """

    identifier: str
    name_nl: str
    name_en: str
    category_nl: str
    category_en: str
    unit_nl: str
    unit_en: str
    amount: float
    price_year: int
    index: float
    status: str
    alternatives: tuple[float, ...]
    transcriptions: tuple[str, ...]
    paragraph: str
    table: str = _TABLE


def _price(row: dict[str, str], year: int) -> ReferencePrice:
    amounts = {name: float(row[name]) for name in _TRANSCRIPTIONS if row[name]}
    labels = {name: cell for name, cell in row.items() if name not in _TRANSCRIPTIONS}
    first, *others = dict.fromkeys(amounts.values())
    return ReferencePrice(
        **labels,
        amount=first,
        price_year=year,
        index=1.0,
        status="reported",
        alternatives=tuple(others),
        transcriptions=tuple(amounts),
    )


@cache
def _prices() -> dict[str, ReferencePrice]:
    """Return the prices by identifier, in the manual's own price year."""
    columns = tables.read(_TABLE, _KIND)
    year = tables.header(_TABLE, _KIND).year
    rows = zip(*(cells.tolist() for cells in columns.values()), strict=True)
    prices = [_price(dict(zip(columns, cells, strict=True)), year) for cells in rows]
    return {price.identifier: price for price in prices}


@cache
def _keys() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the identifiers by whole name, and by name without the unit."""
    whole: dict[str, set[str]] = {}
    bare: dict[str, set[str]] = {}
    for key, price in _prices().items():
        for name in (key, price.name_nl, price.name_en):
            whole.setdefault(_plain(name), set()).add(key)
            bare.setdefault(_plain(_UNIT.sub("", name)), set()).add(key)
    return whole, bare


def _in_prices_of(price: ReferencePrice, year: int) -> ReferencePrice:
    if year == price.price_year:
        return price
    index = price_index(price_year=price.price_year, to_year=year)
    return replace(
        price,
        amount=price.amount * index,
        price_year=year,
        index=index,
        status="derived",
        alternatives=tuple(amount * index for amount in price.alternatives),
    )


def reference_price(name: str, *, year: int = 2022) -> ReferencePrice:
    """Return a Dutch reference price by its name.

    Parameters
    ----------
    name : str
        Identifier, Dutch name or English name; case, spaces and punctuation do not matter, and the unit at the end of
        a name may be left out where no other price has that name.
    year : int, default 2022
        Year to express the price in; 2022 is the manual's own.

    Returns
    -------
    ReferencePrice
        The price with its unit, source and status.

    Raises
    ------
    InputError
        If no price has that name (near ones are named, and never taken), if several have it (all are named), or if the
        price index does not cover the year.

    Notes
    -----
    The prices are meant for economic evaluations in the Netherlands. They were taken from two transcriptions of the
    manual, not from the manual itself. `alternatives` holds the other amount where these contradict each other, and
    `transcriptions` has one name where the other lacks the price. Prices of other years than 2022 follow from
    :func:`price_index`.

    References
    ----------
    Hakkaart-van Roijen L, et al. Kostenhandleiding voor economische evaluaties in de gezondheidszorg: methodologie en
    referentieprijzen, herziene versie 2024. Zorginstituut Nederland.

    Examples
    --------
    >>> from hecon import prices
    >>> found = prices.reference_price("fysiotherapie (per zitting)")
    >>> found.identifier, found.amount, found.unit_en
    ('physiotherapy-session', 38.89, 'session')
    >>> prices.reference_price("blood-pressure-24h").alternatives
    (86.78,)
    """
    to_year = _covered("year", year)
    if not isinstance(name, str) or not _plain(name):
        msg = f"name must be the name of a reference price, got {name!r}; hecon.prices.reference_prices() lists them"
        raise InputError(msg)
    wanted, (whole, bare) = _plain(name), _keys()
    keys = sorted(whole.get(wanted) or bare.get(wanted) or ())
    if len(keys) > 1:
        msg = f"name must be that of one reference price, got {name!r}, which several have: {_shown(keys)}; give one"
        raise InputError(msg)
    if not keys:
        _refuse(name)
    return _in_prices_of(_prices()[keys[0]], to_year)


def _shown(keys: list[str]) -> str:
    return ", ".join(f"{_prices()[key].name_nl!r} ({key})" for key in keys)


def _refuse(name: str) -> None:
    close = _near(name, {key: (key, price.name_nl, price.name_en) for key, price in _prices().items()})
    nearest = f"near it: {_shown(close)}" if close else "none is near it"
    msg = f"name must be that of a reference price, got {name!r}; {nearest}; hecon.prices.reference_prices() lists all"
    raise InputError(msg)


def reference_prices(search: str | None = None, *, year: int = 2022) -> tuple[ReferencePrice, ...]:
    """Return the Dutch reference prices, all or those that a search finds.

    Parameters
    ----------
    search : str, optional
        Words, or parts of them, that must all stand in an identifier, name or category; in Dutch or in English.
    year : int, default 2022
        Year to express the prices in; 2022 is the manual's own.

    Returns
    -------
    tuple of ReferencePrice
        In the order of the manual; empty where nothing is found.

    Raises
    ------
    InputError
        If `search` is no text, or if the price index does not cover the year.

    Examples
    --------
    >>> from hecon import prices
    >>> [each.identifier for each in prices.reference_prices("therapie zitting")][:2]
    ['physiotherapy-session', 'exercise-therapy-session']
    """
    to_year = _covered("year", year)
    if search is not None and not isinstance(search, str):
        msg = f"search must be text, got {search!r}; leave it out for all reference prices"
        raise InputError(msg)
    wanted = _plain(search or "")
    return tuple(_in_prices_of(price, to_year) for price in _prices().values() if _holds(wanted, _text(price)))


def _text(price: ReferencePrice) -> str:
    names = (price.identifier, price.name_nl, price.name_en, price.category_nl, price.category_en)
    return _plain(" ".join(names))


INDEX = "cpi-nl"


@cache
def _by_year(table: str, kind: str, year: str, value: str) -> dict[int, float]:
    """Return a column of a table by that of its year."""
    columns = tables.read(table, kind)
    return {int(each): float(number) for each, number in zip(columns[year], columns[value], strict=True)}


def _steps() -> dict[int, float]:
    """Return the factor from each year to the next."""
    return _by_year(INDEX, "price_index", "from", "factor")


def _covered(name: str, year: int) -> int:
    """Return `year` if the price index covers it."""
    years = range(min(_steps()), max(_steps()) + 2)
    if not _checks.is_year(year, years):
        msg = f"{name} must be a year from {years[0]} to {years[-1]}, which the price index covers, got {year!r}"
        raise InputError(msg)
    return int(year)


def price_index(*, price_year: int, to_year: int) -> float:
    """Return the prices of one year over those of another, by the Dutch consumer price index.

    ::

        index = ∏ f(y), y from price_year to to_year − 1;  its inverse where to_year comes first

    Parameters
    ----------
    price_year : int
        Year of the prices.
    to_year : int
        Year to convert to.

    Returns
    -------
    float
        Factor [prices of `to_year` per price of `price_year`].

    Raises
    ------
    InputError
        If the index does not cover a year; the message says which it covers.

    Notes
    -----
    f(y) is the yearly average of y + 1 over that of y, to three decimals as published. The product over several years
    carries the rounding of each: from 2022 to 2024 it is 1.0723, where the published two-year factor is 1.073.

    References
    ----------
    Statistics Netherlands (CBS), StatLine 83131NED.

    Examples
    --------
    >>> from hecon import prices
    >>> prices.price_index(price_year=2022, to_year=2023)
    1.038
    """
    if price_year == to_year and _checks.is_year(price_year):
        return 1.0
    years = _covered("price_year", price_year), _covered("to_year", to_year)
    first, last = sorted(years)
    growth = float(np.prod([_steps()[year] for year in range(first, last)]))
    return growth if years[1] >= years[0] else 1 / growth


def indexed(amount: ArrayLike, *, price_year: int, to_year: int, currency: str | None = None) -> Any:  # noqa: ANN401
    """Return amounts in prices of another year, by the Dutch consumer price index.

    Parameters
    ----------
    amount : array_like
        Amounts [EUR of `price_year`], of any shape; NaN where missing, negative for a saving.
    price_year : int
        Year of their prices.
    to_year : int
        Year to convert to.
    currency : {"EUR"}, optional
        Euros of the Netherlands, and no other.

    Returns
    -------
    float, numpy.ndarray, pandas.Series, pandas.DataFrame or xarray.DataArray
        Amounts [EUR of `to_year`], NaN where missing; a number for a number, and the labels of labelled amounts.

    Raises
    ------
    InputError
        If the index does not cover a year, if the currency is another, also by the units that a labelled array bears,
        or if an amount is infinite or no number: its place is named, its value is not.

    Notes
    -----
    See :func:`price_index`. An amount in another currency is converted first, by :func:`hecon.evidence.convert`.

    Examples
    --------
    >>> from hecon import prices
    >>> round(prices.indexed(38.89, price_year=2022, to_year=2024), 2)
    41.7
    """
    home = ruleset().currency
    if currency not in {None, home}:
        msg = (
            f"currency must be {home!r}, got {currency!r}: the index is of Dutch prices, "
            "so convert first, with hecon.evidence.convert"
        )
        raise InputError(msg)
    _checks.unmasked("amount", amount)
    _refuse_other_amounts(amount, price_year)
    try:
        amounts = _checks.numeric(amount)
    except (TypeError, ValueError):
        msg = "amount must hold numbers, NaN where missing, got something else"
        raise InputError(msg) from None
    if np.isinf(amounts).any():
        place = ", ".join(map(str, np.argwhere(np.isinf(amounts))[0].tolist()))
        msg = "amount must be finite, or NaN where missing, got infinity" + (f" at position {place}" if place else "")
        raise InputError(msg)
    converted = amounts * price_index(price_year=price_year, to_year=to_year)
    return _arrays.like(amount, converted) if converted.ndim else float(converted)


def _refuse_other_amounts(amount: Any, price_year: int) -> None:  # noqa: ANN401
    """Refuse labelled amounts that say they are no euros, or of another year than the one given."""
    attrs = getattr(amount, "attrs", None) or {}
    unit = attrs.get("units", attrs.get("unit"))
    currency = ruleset().currency
    if unit is not None and str(unit).casefold() != currency.casefold():
        msg = (
            f"amount must be in {currency!r}, got an array in {unit!r}: convert it first; if it is in {currency}, let "
            "its units say so"
        )
        raise InputError(msg)
    stated = attrs.get("price_year")
    if stated is not None and stated != price_year:
        msg = f"price_year must be that of the amounts, which say {stated!r}, got {price_year!r}"
        raise InputError(msg)


_PERIODS = "friction_period"
_MANUAL, _VACANCIES = "friction-manual-2024", "vacancies-nl"
_RULES = ("costing-manual", "five-years", "one-year")
_DAYS_OF_A_YEAR, _DAYS_TO_START, _DAYS_OF_A_WEEK = 365.25, 28, 7
_MEAN_OF = 5


@dataclass(frozen=True)
class FrictionPeriod:
    """A friction period, with what the other rules give.

    Attributes
    ----------
    year : int, year that it is of
    weeks : float, length by `rule` [weeks]
    rule : {"costing-manual", "five-years", "one-year"}, what `weeks` follows from
    status : {"reported", "derived"}, "reported" from the manual; "derived" from vacancies
    costing_manual, five_years, one_year : float or None
        Length by each rule [weeks]; None where it has none for this year.
    spread : float, longest less shortest of these [weeks]: how far they disagree
    table : str, the packaged table that `weeks` came from
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
    vacancies = tables.read(_VACANCIES, _PERIODS)
    ratio = vacancies["open"].astype(float) / vacancies["filled"].astype(float)
    single = (_DAYS_OF_A_YEAR * ratio + _DAYS_TO_START) / _DAYS_OF_A_WEEK
    means = np.convolve(single, np.ones(_MEAN_OF) / _MEAN_OF, mode="valid")
    years = vacancies["year"].astype(int).tolist()
    return {
        "costing-manual": _by_year(_MANUAL, _PERIODS, "year", "weeks"),
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
    if not _checks.is_year(year, every[rule]):
        others = " and ".join(f"{_years(other)} for {other!r}" for other in _RULES if other != rule)
        msg = f"year must be {_years(rule)} for rule {rule!r}, got {year!r}; there is {others}"
        raise InputError(msg)
    manual, five, one = (every[name].get(int(year)) for name in _RULES)
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


_PARITY = "ppp-nl"
# What a purchasing power parity is per.
_OF_PARITY = "USD"


@displayed
@dataclass(frozen=True)
class Converted:
    """An amount in euros of a year, with the factors that made it.

    Attributes
    ----------
    amount : float, amount [EUR of `to_year`]
    parity : float, euros per unit of the currency in its price year; 1 for euros
    index : float, prices of `to_year` over those of the price year, in the Netherlands
    tables : tuple of str, the packaged tables that these came from
    """

    amount: float
    parity: float
    index: float
    tables: tuple[str, ...]


def convert(amount: float, *, currency: str, price_year: int, to_year: int) -> Converted:
    """Convert an amount to euros of a year: first by purchasing power, then by the Dutch consumer price index.

    Parameters
    ----------
    amount : float
        Amount in its own currency and price year; negative for a saving.
    currency : {"EUR", "USD"}
        EUR stands for euros of the Netherlands.
    price_year : int
        Year of its prices.
    to_year : int
        Year to convert to.

    Returns
    -------
    Converted
        The amount with its factors.

    Raises
    ------
    InputError
        If there is no index with a source for the currency or a year; pounds, for one, are not converted.

    Notes
    -----
    The parity is that of gross domestic product, euros per international dollar, which is a dollar in the United
    States; parities of health care differ. Prices move by the yearly averages of the index, of which each factor is
    rounded to three decimals. Converting first and inflating at home, as here, or the other way round gives different
    amounts where inflation differed.

    References
    ----------
    Turner HC, et al. Adjusting for inflation and currency changes within health economic studies. Value Health
    2019;22(9):1026-1032. doi:10.1016/j.jval.2019.03.021

    Examples
    --------
    >>> from hecon import evidence
    >>> round(evidence.convert(1000, currency="EUR", price_year=2022, to_year=2024).amount)
    1072
    """
    value = _checks.finite("amount", amount)
    home = ruleset().currency
    if currency not in {home, _OF_PARITY}:
        msg = (
            f"currency must be one of {home!r}, {_OF_PARITY!r}, got {currency!r}: no purchasing power "
            "parity with a source is on file for it, so report it in its own currency"
        )
        raise InputError(msg)
    index, parities = (
        price_index(price_year=price_year, to_year=to_year),
        _by_year(_PARITY, "purchasing_power", "year", "ppp"),
    )
    if currency != home and price_year not in parities:
        years = f"{min(parities)} to {max(parities)}"
        msg = f"price_year must be from {years} for {currency}, of which parities are on file, got {price_year!r}"
        raise InputError(msg)
    parity = 1.0 if currency == home else parities[int(price_year)]
    used = (INDEX,) if currency == home else (_PARITY, INDEX)
    return Converted(value * parity * index, parity, index, used)
