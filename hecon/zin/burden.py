"""Bands of burden of disease and the reference value that goes with each.

The bands and values are those of Zorginstituut Nederland, Kosteneffectiviteit in de praktijk, 26 June 2015.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from hecon import _checks
from hecon.errors import InputError

__all__ = ["BANDS", "REFERENCE_VALUES", "BurdenBand", "burden_band", "reference_value"]

BANDS = ("none", "low", "middle", "high")

# € per QALY gained; below a proportional shortfall of 0.10 in principle no reimbursement on this ground.
_VALUES: dict[str, int | None] = {"none": None, "low": 20_000, "middle": 50_000, "high": 80_000}
REFERENCE_VALUES = tuple(value for value in _VALUES.values() if value is not None)

# Printed edges have two decimals (0.10, 0.41, 0.71): a value belongs to the band of its rounded shortfall.
_LOWEST = (("high", Decimal("0.71")), ("middle", Decimal("0.41")), ("low", Decimal("0.10")))
_EDGES = (Decimal("0.095"), Decimal("0.405"), Decimal("0.705"))
_NEAR = Decimal("0.01")


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
    """

    proportional_shortfall: float
    band: str
    reference_value: int | None
    near_edge: bool


def burden_band(proportional_shortfall: float) -> BurdenBand:
    """Return the band of a proportional shortfall.

    Parameters
    ----------
    proportional_shortfall : float
        (Q_n − Q_d)/Q_n, undiscounted; at most 1.

    Returns
    -------
    BurdenBand
        Band "none", "low", "middle" or "high", with its reference value [EUR per QALY].

    Raises
    ------
    InputError
        If the shortfall is not a number or is above 1.

    Notes
    -----
    The shortfall is rounded half up to two decimals, in decimal arithmetic and after rounding to ten digits, so the
    working edges are 0.095, 0.405 and 0.705; a value within 0.01 of one is flagged.

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
    if value > 1.0:
        msg = f"proportional_shortfall must be at most 1, got {value}; give a share, not a percentage"
        raise InputError(msg)
    exact = Decimal(str(round(value, 10)))
    rounded = exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    band = next((name for name, lowest in _LOWEST if rounded >= lowest), "none")
    near = any(abs(exact - edge) <= _NEAR for edge in _EDGES)
    return BurdenBand(value, band, _VALUES[band], near)


def reference_value(burden: str | float) -> int | None:
    """Return the reference value of a band or of a proportional shortfall.

    Parameters
    ----------
    burden : str or float
        A band ("none", "low", "middle", "high") or a proportional shortfall, at most 1.

    Returns
    -------
    int or None
        [EUR per QALY]; None for the band "none".

    Raises
    ------
    InputError
        If the band is not known or the shortfall is above 1.

    Examples
    --------
    >>> from hecon import zin
    >>> zin.reference_value("low"), zin.reference_value(0.75)
    (20000, 80000)
    """
    if isinstance(burden, str):
        return _VALUES[_checks.one_of("burden", burden, BANDS)]
    return burden_band(burden).reference_value
