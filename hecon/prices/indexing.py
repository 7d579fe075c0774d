"""Amounts in prices of another year, by the Dutch consumer price index."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _aligned, _checks, tables
from hecon.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["INDEX", "covered", "indexed", "price_index"]

INDEX = "cpi-nl"
_CURRENCY = "EUR"


@cache
def _steps() -> dict[int, float]:
    """Return the factor from each year to the next."""
    columns = tables.read(INDEX, "price_index")
    return {int(year): float(factor) for year, factor in zip(columns["from"], columns["factor"], strict=True)}


def covered(name: str, year: int) -> int:
    """Return `year` if the price index covers it."""
    years = range(min(_steps()), max(_steps()) + 2)
    if isinstance(year, bool) or not isinstance(year, (int, np.integer)) or year not in years:
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
    years = covered("price_year", price_year), covered("to_year", to_year)
    first, last = sorted(years)
    growth = float(np.prod([_steps()[year] for year in range(first, last)]))
    return growth if years[1] >= years[0] else 1 / growth


def indexed(amount: ArrayLike, *, price_year: int, to_year: int, currency: str = _CURRENCY) -> Any:  # noqa: ANN401
    """Return amounts in prices of another year, by the Dutch consumer price index.

    Parameters
    ----------
    amount : array_like
        Amounts [EUR of `price_year`], of any shape; NaN where missing, negative for a saving.
    price_year : int
        Year of their prices.
    to_year : int
        Year to convert to.
    currency : {"EUR"}
        Euros of the Netherlands, and no other.

    Returns
    -------
    float, numpy.ndarray, pandas.Series, pandas.DataFrame or xarray.DataArray
        Amounts [EUR of `to_year`], NaN where missing; a number for a number, and the labels of labelled amounts.

    Raises
    ------
    InputError
        If the index does not cover a year, if the currency is another, or if an amount is infinite or no number: its
        place is named, its value is not.

    Notes
    -----
    See :func:`price_index`. An amount in another currency is converted first, by :func:`hecon.evidence.convert`.

    Examples
    --------
    >>> from hecon import prices
    >>> round(prices.indexed(38.89, price_year=2022, to_year=2024), 2)
    41.7
    """
    if currency != _CURRENCY:
        msg = (
            f"currency must be {_CURRENCY!r}, got {currency!r}: the index is of Dutch prices, "
            "so convert first, with hecon.evidence.convert"
        )
        raise InputError(msg)
    _checks.unmasked("amount", amount)
    try:
        amounts = _checks.numeric(amount)
    except (TypeError, ValueError):
        msg = "amount must hold numbers, NaN where missing, got something else"
        raise InputError(msg) from None
    if np.isinf(amounts).any():
        place = ", ".join(map(str, np.argwhere(np.isinf(amounts))[0].tolist()))
        msg = "amount must be finite, or NaN where missing, got infinity" + (f" at position {place}" if place else "")
        raise InputError(msg)
    found = amounts * price_index(price_year=price_year, to_year=to_year)
    return _aligned.like(amount, found) if found.ndim else float(found)
