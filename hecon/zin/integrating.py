"""The uncertainty of the burden of disease carried into the probability cost-effective."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hecon import _checks
from hecon.errors import InputError
from hecon.zin.burden import BANDS, BurdenBand, reference_value
from hecon.zin.shortfalls import Shortfall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["band_probabilities", "integrated", "mean_over_bands"]


def band_probabilities(burden: str | BurdenBand | Shortfall) -> dict[str, float]:
    """Return the probability of each band.

    Parameters
    ----------
    burden : str, BurdenBand or Shortfall
        A band, what `hecon.zin.burden_band` returned, or what `hecon.zin.shortfall` did.

    Returns
    -------
    dict of str to float
        By band, "none" to "high"; they add up to 1. A certain burden has 1 in its own band.

    Raises
    ------
    InputError
        If it is none of these.

    Examples
    --------
    >>> from hecon import zin
    >>> zin.band_probabilities("low")
    {'none': 0.0, 'low': 1.0, 'middle': 0.0, 'high': 0.0}
    """
    if isinstance(burden, Shortfall):
        return dict(burden.probabilities)
    band = burden.band if isinstance(burden, BurdenBand) else burden
    if not isinstance(band, str):
        msg = f"burden must be a band, a BurdenBand or a Shortfall, got {burden!r}; make one by hecon.zin.shortfall"
        raise InputError(msg)
    _checks.one_of("burden", band, BANDS)
    return {each: float(each == band) for each in BANDS}


def integrated(p_cost_effective: Mapping[int, float], burden: str | BurdenBand | Shortfall) -> float:
    """Return the probability cost-effective over the bands, given that there is a reference value.

    Parameters
    ----------
    p_cost_effective : mapping of int to float
        Probability cost-effective by reference value: 20,000, 50,000 and 80,000.
    burden : str, BurdenBand or Shortfall
        Burden of disease.

    Returns
    -------
    float
        Σ P(band) P(cost-effective at the band's reference value)/(1 − P(none)), over the bands that have one; NaN where
        none is possible.

    Raises
    ------
    InputError
        If a band that is possible has no probability.

    Notes
    -----
    The burden and the trial's results are taken as independent. The band "none" has no reference value, so there is
    nothing to be cost-effective at; its probability stands beside this one and is not mixed into it.

    References
    ----------
    Versteegh et al. 2019, https://doi.org/10.1007/s40273-019-00810-8.

    Examples
    --------
    >>> from hecon import zin
    >>> burden = zin.shortfall(population_qalys=10, remaining_qalys=[7, 5])
    >>> zin.integrated({20_000: 0.4, 50_000: 0.9, 80_000: 1.0}, burden)
    0.65
    """
    chances, shares = [], []
    for band, share in band_probabilities(burden).items():
        value = reference_value(band)
        if value is None or share == 0:
            continue
        if value not in p_cost_effective:
            msg = f"p_cost_effective must have a probability at {value}, as the band {band} is possible, got none"
            raise InputError(msg)
        shares.append(share)
        chances.append(_checks.probability(f"p_cost_effective at {value}", p_cost_effective[value]))
    return mean_over_bands(chances, shares)


def mean_over_bands(values: Sequence[float], shares: Sequence[float]) -> float:
    """Return the mean of values weighted by the shares of their bands; NaN where every share is 0."""
    # Sums without rounding, so that what is certain in every band stays so.
    total = math.fsum(shares)
    parts = [value * share for value, share in zip(values, shares, strict=True) if share > 0]
    return math.fsum(parts) / total if total > 0 else math.nan
