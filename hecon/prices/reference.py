"""Reference prices of the Dutch costing manual, by name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from hecon import tables
from hecon.errors import InputError
from hecon.files.faults import nearest
from hecon.prices.indexing import covered, price_index

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ReferencePrice", "reference_price", "reference_prices"]

_MOST = 5
_ALIKE, _ALIKE_WORD = 0.6, 0.8
_UNIT = re.compile(r"\s*\(per [^()]*\)$")


def plain(text: str) -> str:
    """Return the words of a name, without case, spaces beyond one, or punctuation."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def without_unit(name: str) -> str:
    """Return a name without the unit at its end, as in "Primair onderwijs (per jaar)"."""
    return _UNIT.sub("", name)


def holds(wanted: str, name: str) -> bool:
    """Tell whether each word that is wanted stands in some word of a name, both plain."""
    return all(any(word in other for other in name.split()) for word in wanted.split())


def near(wanted: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the keys whose names are near the one wanted, best first, at most five.

    First come those with every word of it, then those alike as a whole, then those with a word like one of its words.
    """
    word = plain(wanted)
    owners: dict[str, list[str]] = {}
    words: dict[str, list[str]] = {}
    for key, each in names.items():
        for name in map(plain, each):
            owners.setdefault(name, []).append(key)
            for part in name.split():
                words.setdefault(part, []).append(key)
    found = [key for name, keys in owners.items() if word and holds(word, name) for key in keys]
    for like in nearest(word, owners, at_most=_MOST, alike=_ALIKE):
        found += owners[like]
    for part in word.split():
        for like in nearest(part, words, at_most=_MOST, alike=_ALIKE_WORD):
            found += words[like]
    return list(dict.fromkeys(found))[:_MOST]


_TABLE = "reference-prices-nl-2022"
_KIND = "reference_prices"
# Where the two contradict each other, that with the manual's own Dutch labels and paragraphs goes first.
_TRANSCRIPTIONS = ("manual", "tatooheene")


@dataclass(frozen=True)
class ReferencePrice:
    """A reference price with where it is from.

    Parameters
    ----------
    identifier : str
        Name that does not change, as in "physiotherapy-session".
    name_nl, name_en : str
        Name in Dutch and in English.
    category_nl, category_en : str
        Kind of care or cost that it belongs to.
    unit_nl, unit_en : str
        What one unit is; empty where no transcription says so: look it up in the manual before use.
    amount : float
        Price of one unit [EUR of `price_year`].
    price_year : int
        Year of its prices.
    index : float
        Prices of that year over those of the manual's.
    status : {"reported", "derived"}
        "reported" in the manual's own price year; "derived" by the consumer price index otherwise.
    alternatives : tuple of float
        What the other transcription of the manual has instead [EUR of `price_year`]; empty where they agree.
    transcriptions : tuple of str
        Those that hold this price: "manual" and "tatooheene", or one of them.
    paragraph : str
        Paragraph of the manual; empty where unknown.
    table : str
        The packaged table that it came from.
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
    found = [_price(dict(zip(columns, cells, strict=True)), year) for cells in rows]
    return {each.identifier: each for each in found}


@cache
def _keys() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the identifiers by whole name, and by name without the unit."""
    whole: dict[str, set[str]] = {}
    bare: dict[str, set[str]] = {}
    for key, each in _prices().items():
        for name in (key, each.name_nl, each.name_en):
            whole.setdefault(plain(name), set()).add(key)
            bare.setdefault(plain(without_unit(name)), set()).add(key)
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
    to_year = covered("year", year)
    if not isinstance(name, str) or not plain(name):
        msg = f"name must be the name of a reference price, got {name!r}; hecon.prices.reference_prices() lists them"
        raise InputError(msg)
    wanted, (whole, bare) = plain(name), _keys()
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
    close = near(name, {key: (key, each.name_nl, each.name_en) for key, each in _prices().items()})
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
    to_year = covered("year", year)
    if search is not None and not isinstance(search, str):
        msg = f"search must be text, got {search!r}; leave it out for all reference prices"
        raise InputError(msg)
    wanted = plain(search or "")
    return tuple(_in_prices_of(each, to_year) for each in _prices().values() if holds(wanted, _text(each)))


def _text(price: ReferencePrice) -> str:
    names = (price.identifier, price.name_nl, price.name_en, price.category_nl, price.category_en)
    return plain(" ".join(names))
