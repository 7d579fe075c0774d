"""Bands of burden of disease: which band a shortfall lies in, by a rule set."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks
from hecon.errors import InputError
from hecon.rulesets import DEFAULT, ruleset

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from hecon._arrays import Floats
    from hecon.rulesets import Rules, RuleSet
    from hecon.rulesets.parts import RuleValues

# Utilities reach -0.723, so no shortfall by a Dutch value set lies above 1.9; beyond this a percentage was given.
_HIGHEST = 2.0
_OF_A_SHARE = f"{_HIGHEST:g}", "give a share, not a percentage"
# More than anyone has ahead.
_MOST_QALYS = 130.0


@dataclass(frozen=True)
class BurdenBand:
    """A burden of disease with its band.

    Attributes
    ----------
    proportional_shortfall : float or None
        As given, unrounded; None by rules whose bands are by absolute shortfall.
    band : str
        One of the bands of the rules: by the Dutch ones "none", "low", "middle" or "high".
    reference_value : number or None
        [currency per unit of effect]; None for a band without one.
    near_edge : bool
        Whether it lies within a unit of the last decimal of a working edge.
    remark : str
        "better off" below 0 (patients have more QALYs ahead than the population), "worse than dead" above 1 (fewer than
        none), otherwise empty.
    currency : str
        That of the reference value.
    absolute_shortfall : float or None
        As given, unrounded [QALY]; None by rules whose bands are by proportional shortfall.
    """

    proportional_shortfall: float | None
    band: str
    reference_value: int | float | None
    near_edge: bool
    remark: str = ""
    currency: str = ""
    absolute_shortfall: float | None = None


def banded(rules: Rules, on: dt.date | None) -> tuple[RuleSet, RuleValues]:
    """Return a rule set and its values in force, which have bands."""
    found = ruleset(rules)
    values = found.values_on(on)
    if not values.band:
        msg = f"rules must have bands of burden, got none in {found.name}: add [[values.band]], or leave the burden out"
        raise InputError(msg)
    return found, values


def burden_band(shortfall: float, *, rules: Rules = DEFAULT, on: dt.date | None = None) -> BurdenBand:
    """Return the band of a shortfall, by the measure of the rules.

    Parameters
    ----------
    shortfall : float
        (Q_n − Q_d)/Q_n; by rules whose bands are by absolute shortfall Q_n − Q_d [QALY].
    rules, on : as in `hecon.shortfall`
        Rule set and date.

    Returns
    -------
    BurdenBand
        With its reference value [currency per unit of effect]; a proportional shortfall above 2, as of a percentage,
        or an absolute one above 130 QALYs is refused.

    Notes
    -----
    Below 0 patients are better off than the population: the band is the lowest. At a proportional shortfall above 1
    their remaining QALYs are negative, from states worse than dead: the band is the highest. Both bear a remark. The
    shortfall is rounded half up to the decimals in which the edges are printed, in decimal arithmetic and after
    rounding to ten digits, so the working edges of the Dutch bands are 0.095, 0.405 and 0.705; a value within a unit of
    the last decimal of one, there 0.01, is flagged.

    References
    ----------
    Zorginstituut Nederland. Kosteneffectiviteit in de praktijk. 2015.

    Examples
    --------
    >>> from hecon import zin
    >>> zin.burden_band(0.705).band, zin.burden_band(0.42).reference_value
    ('high', 50000)
    """
    found, values = banded(rules, on)
    name = "absolute_shortfall" if values.absolute else "proportional_shortfall"
    value = _checks.finite(name, shortfall)
    if value > (_MOST_QALYS if values.absolute else _HIGHEST):
        most, remedy = (f"{_MOST_QALYS:g} QALYs", "check the unit") if values.absolute else _OF_A_SHARE
        msg = f"{name} must be at most {most}, got {value}; {remedy}"
        raise InputError(msg)
    return placed(value, values, found.currency)


def placed(value: float, values: RuleValues, currency: str) -> BurdenBand:
    """Return the band of a finite shortfall of whatever size, by the measure of the values."""
    exact, unit = Decimal(str(round(value, 10))), Decimal(1).scaleb(-values.decimals)
    rounded = exact.quantize(unit, rounding=ROUND_HALF_UP)
    band = values.bands[sum(rounded >= Decimal(str(each.from_)) for each in values.band[1:])]
    near = any(abs(exact - edge) <= unit for edge in values.edges)
    about = values.by_band[band], near
    if values.absolute:
        remark = remark_on(min(value, 0.0))
        return BurdenBand(None, band, *about, remark, currency, absolute_shortfall=value)
    return BurdenBand(value, band, *about, remark_on(value), currency)


def remark_on(proportional: float) -> str:
    """Return that patients are better off than the population, or worse off than dead, or nothing."""
    exact = round(proportional, 10)
    return "better off" if exact < 0 else "worse than dead" if exact > 1 else ""


def band_shares(shortfalls: Floats, values: RuleValues) -> dict[str, float]:
    """Return the share of draws of a shortfall that lies in each band, by the rule of `burden_band`."""
    # Rounded to ten digits, a value on an edge is the very number that the edge is.
    place = np.searchsorted([float(edge) for edge in values.edges], np.round(shortfalls, 10), side="right")
    counts = np.bincount(place, minlength=len(values.band))
    return {band: int(count) / shortfalls.size for band, count in zip(values.bands, counts, strict=True)}


def mean_over_bands(values: Sequence[float], shares: Sequence[float]) -> float:
    """Return the mean of values weighted by the shares of their bands; NaN where every share is 0."""
    # Sums without rounding, so that what is certain in every band stays so.
    total = math.fsum(shares)
    parts = [value * share for value, share in zip(values, shares, strict=True) if share > 0]
    return math.fsum(parts) / total if total > 0 else math.nan
