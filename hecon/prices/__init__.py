"""Dutch prices: reference prices of health care, the consumer price index, the friction period."""

from __future__ import annotations

from hecon.prices.friction import FrictionPeriod, friction_period
from hecon.prices.indexing import indexed, price_index
from hecon.prices.reference import ReferencePrice, reference_price, reference_prices

__all__ = [
    "FrictionPeriod",
    "ReferencePrice",
    "friction_period",
    "indexed",
    "price_index",
    "reference_price",
    "reference_prices",
]
