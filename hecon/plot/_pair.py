"""One strategy against the comparator, as the figures need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.draws import comparator_of, validate
from hecon.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def checked(draws: xr.Dataset) -> xr.Dataset:
    """Return the draws if a figure can show them: no further dims."""
    validate(draws)
    further = sorted({str(dim) for name in ("cost", "effect") for dim in draws[name].dims} - {"draw", "strategy"})
    if further:
        msg = f"draws must have the dims draw and strategy only, got {', '.join(further)} too; select one of each first"
        raise InputError(msg)
    return draws


def pair_of(draws: xr.Dataset, strategy: str | None, comparator: str | None) -> tuple[str, str]:
    """Return the strategy to show and its comparator; the only other strategy need not be named."""
    reference = comparator_of(checked(draws), comparator)
    others = [str(name) for name in draws["strategy"].values if str(name) != reference]
    if strategy is None and len(others) == 1:
        return others[0], reference
    if strategy not in others:
        msg = f"strategy must be one of {', '.join(map(repr, others))}, got {strategy!r}"
        raise InputError(msg)
    return strategy, reference


def differences(draws: xr.Dataset, strategy: str, reference: str) -> tuple[Floats, Floats]:
    """Return the draws of incremental cost and effect."""
    increments = draws[["cost", "effect"]].sel(strategy=strategy) - draws[["cost", "effect"]].sel(strategy=reference)
    return increments["cost"].to_numpy(), increments["effect"].to_numpy()


def units(draws: xr.Dataset) -> tuple[str, str]:
    """Return the currency and the unit of effect."""
    return str(draws["cost"].attrs.get("units", "EUR")), str(draws["effect"].attrs.get("units", "QALY"))
