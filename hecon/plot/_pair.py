"""One strategy against the comparator, as the figures need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon import draws as _draws
from hecon import texts
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
    """Return the draws of incremental cost and benefit (harm averted, where less of the effect is better)."""
    parts = (draws["cost"], _draws.benefit(draws))
    cost, gain = (each.sel(strategy=strategy).to_numpy() - each.sel(strategy=reference).to_numpy() for each in parts)
    return cost, gain


def units(draws: xr.Dataset, lang: str) -> tuple[str, str]:
    """Return the currency and the unit of benefit: that of the effect, or of harm averted."""
    currency, unit = _draws.units(draws)
    return currency, unit if _draws.better(draws) == "more" else texts.text(lang, "plot.averted", unit=unit)
