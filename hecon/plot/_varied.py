"""What figures of a sensitivity analysis share: which strategy and value to show, and numbers of unknown kind."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hecon.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

    from hecon.locale import Locale


def chosen(result: xr.Dataset, **wanted: Any) -> xr.Dataset:  # noqa: ANN401 (a name, a number or None by dim)
    """Return a result of one strategy or value of each dim that is named; the only one need not be given."""
    for dim, value in wanted.items():
        if dim not in result.dims:
            continue
        there = result[dim].values.tolist()
        if value is None and len(there) == 1:
            value = there[0]  # noqa: PLW2901
        if value not in there:
            listed = ", ".join(map(repr, there))
            msg = f"{dim} must be one of {listed}, got {value!r}"
            raise InputError(msg)
        result = result.isel({dim: there.index(value)})
    return result


def at_value(result: xr.Dataset, locale: Locale) -> str:
    """Return the willingness to pay of a result in words, as "€50,000 per QALY"."""
    currency, _, unit = str(result["wtp"].attrs["units"]).partition(" per ")
    return locale.text("plot.value_per", value=locale.money(float(result["wtp"]), currency), unit=unit)


def plain(value: float, locale: Locale) -> str:
    """Return a number of unknown kind with at most four significant digits."""
    exponent = Decimal(f"{value:.4g}").normalize().as_tuple().exponent
    return locale.number(value, max(0, -int(exponent)))
