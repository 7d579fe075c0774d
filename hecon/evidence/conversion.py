"""Amounts of another currency or price year in euros of a year, from indices with a source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from hecon import _checks, tables
from hecon._display import displayed
from hecon.errors import InputError
from hecon.prices import INDEX, price_index

_PARITY = "ppp-nl"
_CURRENCIES = ("EUR", "USD")


@displayed
@dataclass(frozen=True)
class Converted:
    """An amount in euros of a year, with the factors that made it.

    Attributes
    ----------
    amount : float
        Amount [EUR of `to_year`].
    parity : float
        Euros per unit of the currency in its price year; 1 for euros.
    index : float
        Prices of `to_year` over those of the price year, in the Netherlands.
    tables : tuple of str
        The packaged tables that these came from.
    """

    amount: float
    parity: float
    index: float
    tables: tuple[str, ...]


@cache
def _parities() -> dict[int, float]:
    columns = tables.read(_PARITY, "purchasing_power")
    return {int(year): float(parity) for year, parity in zip(columns["year"], columns["ppp"], strict=True)}


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
    if currency not in _CURRENCIES:
        msg = (
            f"currency must be one of {', '.join(map(repr, _CURRENCIES))}, got {currency!r}: no purchasing power "
            "parity with a source is on file for it, so report it in its own currency"
        )
        raise InputError(msg)
    index, parities = price_index(price_year=price_year, to_year=to_year), _parities()
    if currency != "EUR" and price_year not in parities:
        msg = f"price_year must be at most {max(parities)} for {currency}, the last parity on file, got {price_year!r}"
        raise InputError(msg)
    parity = 1.0 if currency == "EUR" else parities[int(price_year)]
    used = (INDEX,) if currency == "EUR" else (_PARITY, INDEX)
    return Converted(value * parity * index, parity, index, used)
