"""The labels of results: arrays out of draws, slices along further dims, coordinates and units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hecon import draws as _draws
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def further_dims(draws: xr.Dataset) -> tuple[str, ...]:
    """Return the dims beside draw and strategy: they come first in every result, in the draws' order."""
    dims = dict.fromkeys([*draws["cost"].dims, *draws["effect"].dims])
    return tuple(str(dim) for dim in dims if dim not in {"draw", "strategy"})


def slices(draws: xr.Dataset) -> tuple[tuple[int, ...], Iterator[tuple[Floats, Floats]]]:
    """Return the sizes of the further dims, and cost and benefit (more is better) for each of their cells.

    Arrays have the shape (draw, strategy) and are copied only where needed.
    """
    order = (*further_dims(draws), "draw", "strategy")
    cost, effect = (
        each.transpose(*order).to_numpy().astype(np.float64, copy=False)
        for each in xr.broadcast(draws["cost"], _draws.benefit(draws))
    )
    return cost.shape[:-2], ((cost[cell], effect[cell]) for cell in np.ndindex(cost.shape[:-2]))


def strategy_names(draws: xr.Dataset) -> list[str]:
    """Return the strategies' names."""
    return [str(name) for name in draws["strategy"].to_numpy()]


def ratio_unit(draws: xr.Dataset) -> str:
    """Return the unit of willingness to pay and of ratios: currency per unit of benefit."""
    return f"{_draws.units(draws)[0]} per {_draws.benefit_unit(draws)}"


def wtp_coordinate(draws: xr.Dataset, values: Floats) -> xr.Variable:
    """Return willingness to pay as a coordinate with its unit."""
    return xr.Variable("wtp", values, {"units": ratio_unit(draws), "long_name": "willingness to pay"})


def single(results: xr.Dataset, name: str) -> xr.DataArray:
    """Return one variable of `results` with the attributes of the whole, its own going before."""
    array = results[name]
    array.attrs = {**results.attrs, **array.attrs}
    return array


def dataset(
    draws: xr.Dataset,
    variables: Mapping[str, tuple[Sequence[str], NDArray[Any], Mapping[str, str]]],
    coords: Mapping[str, Any],
) -> xr.Dataset:
    """Return `variables` (dims, values, attrs) with the draws' coordinates and attributes."""
    dims = {dim for dims, _, _ in variables.values() for dim in dims}
    own = {name: coord.variable for name, coord in draws.coords.items() if set(coord.dims) <= dims}
    return xr.Dataset(dict(variables), coords={**own, **coords}, attrs=draws.attrs)


def others(draws: xr.Dataset, comparator: str | None) -> tuple[str, list[str]]:
    """Return the comparator and the strategies that are held against it."""
    reference = _draws.comparator_of(draws, comparator)
    rest = [name for name in strategy_names(draws) if name != reference]
    if not rest:
        msg = f"draws must hold a strategy beside the comparator {reference!r}; nothing to compare"
        raise InputError(msg)
    return reference, rest
