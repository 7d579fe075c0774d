"""Bands of burden of disease and the reference value that goes with each.

The bands and values are those of Zorginstituut Nederland, Kosteneffectiviteit in de praktijk, 26 June 2015.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "BANDS",
    "EDGES",
    "REFERENCE_VALUES",
    "BurdenBand",
    "band_shares",
    "burden_band",
    "placed",
    "reference_value",
]

BANDS = ("none", "low", "middle", "high")

# € per QALY gained; below a proportional shortfall of 0.10 in principle no reimbursement on this ground.
_VALUES: dict[str, int | None] = {"none": None, "low": 20_000, "middle": 50_000, "high": 80_000}
REFERENCE_VALUES = tuple(value for value in _VALUES.values() if value is not None)

# Printed edges have two decimals (0.10, 0.41, 0.71): a value belongs to the band of its rounded shortfall.
_LOWEST = (("high", Decimal("0.71")), ("middle", Decimal("0.41")), ("low", Decimal("0.10")))
EDGES = (0.095, 0.405, 0.705)
_EDGES = tuple(Decimal(str(edge)) for edge in EDGES)
_NEAR = Decimal("0.01")

# Utilities reach -0.723, so no shortfall by a Dutch value set lies above 1.9; beyond this a percentage was given.
_HIGHEST = 2.0


@dataclass(frozen=True)
class BurdenBand:
    """A burden of disease with its band.

    Parameters
    ----------
    proportional_shortfall : float
        As given, unrounded.
    band : str
        "none", "low", "middle" or "high".
    reference_value : int or None
        [EUR per QALY]; None for the band "none".
    near_edge : bool
        Whether it lies within 0.01 of a working edge.
    remark : str
        "better off" below 0 (patients have more QALYs ahead than the population), "worse than dead" above 1 (fewer than
        none), otherwise empty.
    """

    proportional_shortfall: float
    band: str
    reference_value: int | None
    near_edge: bool
    remark: str = ""


def burden_band(proportional_shortfall: float) -> BurdenBand:
    """Return the band of a proportional shortfall.

    Parameters
    ----------
    proportional_shortfall : float
        (Q_n − Q_d)/Q_n, undiscounted.

    Returns
    -------
    BurdenBand
        Band "none", "low", "middle" or "high", with its reference value [EUR per QALY].

    Raises
    ------
    InputError
        If the shortfall is not a number or is above 2, which only a percentage can be.

    Notes
    -----
    Below 0 patients are better off than the population: the band is "none". Above 1 their remaining QALYs are negative,
    from states worse than dead: the band is "high". Both bear a remark. The shortfall is rounded half up to two
    decimals, in decimal arithmetic and after rounding to ten digits, so the working edges are 0.095, 0.405 and 0.705; a
    value within 0.01 of one is flagged.

    References
    ----------
    Zorginstituut Nederland. Kosteneffectiviteit in de praktijk. 2015.

    Examples
    --------
    >>> from hecon import zin
    >>> zin.burden_band(0.705).band, zin.burden_band(0.42).reference_value
    ('high', 50000)
    """
    value = _checks.finite("proportional_shortfall", proportional_shortfall)
    if value > _HIGHEST:
        msg = f"proportional_shortfall must be at most {_HIGHEST:g}, got {value}; give a share, not a percentage"
        raise InputError(msg)
    return placed(value)


def placed(value: float) -> BurdenBand:
    """Return the band of a finite proportional shortfall of whatever size."""
    exact = Decimal(str(round(value, 10)))
    rounded = exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    band = next((name for name, lowest in _LOWEST if rounded >= lowest), "none")
    near = any(abs(exact - edge) <= _NEAR for edge in _EDGES)
    remark = "better off" if exact < 0 else "worse than dead" if exact > 1 else ""
    return BurdenBand(value, band, _VALUES[band], near, remark)


def band_shares(proportional: NDArray[np.float64]) -> dict[str, float]:
    """Return the share of draws of a proportional shortfall that lies in each band, by the rule of `burden_band`."""
    # Rounded to ten digits, a value on an edge is the very number that the edge is.
    place = np.searchsorted(EDGES, np.round(proportional, 10), side="right")
    counts = np.bincount(place, minlength=len(BANDS))
    return {band: int(count) / proportional.size for band, count in zip(BANDS, counts, strict=True)}


def reference_value(burden: str | float) -> int | None:
    """Return the reference value of a band or of a proportional shortfall.

    Parameters
    ----------
    burden : str or float
        A band ("none", "low", "middle", "high") or a proportional shortfall.

    Returns
    -------
    int or None
        [EUR per QALY]; None for the band "none".

    Raises
    ------
    InputError
        If the band is not known or the shortfall is above 2.

    Examples
    --------
    >>> from hecon import zin
    >>> zin.reference_value("low"), zin.reference_value(0.75)
    (20000, 80000)
    """
    if isinstance(burden, str):
        return _VALUES[_checks.one_of("burden", burden, BANDS)]
    return burden_band(burden).reference_value
