"""What a fit predicts under normality, with the range that rounding and assumptions leave."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from hecon import _checks
from hecon.errors import InputError
from hecon.reported._ranges import Allowed
from hecon.reported._system import PARAMETERS, Band, involved, quotient, value_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import ArrayLike, NDArray

    from hecon.reported.fits import Fit

__all__ = [
    "allowed_by",
    "design_effect_probability",
    "net_benefit_range",
    "probability",
    "probability_range",
    "probability_ranges",
    "widened_to_halves",
]


_LARGEST_WTP = 1e30


def allowed_by(found: Fit, vary: Collection[str] | None) -> Allowed:
    """Return the set of θ that a fit allows; `vary` names the assumed parameters to vary (default: all)."""
    names = set(found.assumed) if vary is None else {vary} if isinstance(vary, str) else set(vary)
    for name in sorted(names - set(found.assumed)):
        _checks.one_of("vary", name, tuple(found.assumed))
    varied = {PARAMETERS.index(name): found.assumed[name][1:] for name in names}
    moving = {index for band in found.bands for index in involved(band.kind)} | set(varied)
    held = {PARAMETERS.index(name) for name in found.assumed if name not in names} | (set(range(5)) - moving)
    return Allowed(np.array(found.theta), found.bands, varied, frozenset(held))


def _one(wtp: float) -> float:
    if np.ndim(wtp) != 0:
        msg = f"wtp must be one number, got {wtp!r}"
        raise InputError(msg)
    return float(_wtp(wtp)[0])


def _wtp(wtp: ArrayLike) -> NDArray[np.float64]:
    """Return values of willingness to pay of which a square is still a float."""
    values = _checks.willingness_to_pay(wtp)
    if values.max() > _LARGEST_WTP:
        msg = f"wtp must be at most {_LARGEST_WTP:g}, got {values.max():g}"
        raise InputError(msg)
    return values


def _needs(found: Fit, names: Collection[str], what: str) -> None:
    lacking = [name for name in found.undetermined if name in names]
    if lacking:
        msg = f"{what} needs {', '.join(lacking)}, which what was reported does not determine"
        raise InputError(msg)


def probability(found: Fit, *, wtp: float) -> float:
    """Return the probability that the intervention is cost-effective, in closed form under normality.

    Parameters
    ----------
    found : Fit
        A fit in which all five parameters are determined or assumed.
    wtp : float
        Willingness to pay [currency per QALY], at least 0.

    Returns
    -------
    float
        Φ((λμ_E − μ_C)/√(λ²σ_E² + σ_C² − 2λρσ_Eσ_C)).
    """
    _checks.instance("found", found, "Fit", "hecon.reported.fit returns one")
    _needs(found, PARAMETERS, "the probability")
    at = _one(wtp)
    return value_of(np.array(found.theta), Band("", "p_cost_effective", at, None, 0.0, 1.0))


def probability_range(found: Fit, *, wtp: float, vary: Collection[str] | None = None) -> tuple[float, float]:
    """Return the range of the probability cost-effective over rounding and over assumed ranges, varied jointly.

    Parameters
    ----------
    found : Fit
        A fit in which all five parameters are determined or assumed.
    wtp : float
        Willingness to pay [currency per QALY], at least 0.
    vary : collection of str, optional
        The assumed parameters to vary; the other assumed ones stay at their value. Default: all of them.

    Returns
    -------
    (float, float)
        Smallest and largest probability, under normality.
    """
    _checks.instance("found", found, "Fit", "hecon.reported.fit returns one")
    return probability_ranges(found, wtp=_one(wtp), vary=vary)[0]


def probability_ranges(found: Fit, *, wtp: ArrayLike, vary: Collection[str] | None = None) -> list[tuple[float, float]]:
    """Return `probability_range` at several values of willingness to pay, faster than one by one.

    Parameters
    ----------
    found : Fit
        A fit in which all five parameters are determined or assumed.
    wtp : array_like
        Willingness to pay [currency per QALY], each at least 0.
    vary : collection of str, optional
        As in `probability_range`.

    Returns
    -------
    list of (float, float)
        Smallest and largest probability at each value, under normality.
    """
    _checks.instance("found", found, "Fit", "hecon.reported.fit returns one")
    _needs(found, PARAMETERS, "the range of the probability")
    allowed = allowed_by(found, vary)
    spans = (allowed.span("p_cost_effective", float(at)) for at in _wtp(wtp))
    return [(float(ndtr(low)), float(ndtr(high))) for low, high in spans]


def net_benefit_range(found: Fit, *, wtp: float) -> tuple[float, float]:
    """Return the range of the mean incremental net monetary benefit over rounding and assumed ranges.

    Parameters
    ----------
    found : Fit
        A fit in which both mean differences are determined or assumed.
    wtp : float
        Willingness to pay [currency per QALY], at least 0.

    Returns
    -------
    (float, float)
        Smallest and largest λμ_E − μ_C [currency].
    """
    _checks.instance("found", found, "Fit", "hecon.reported.fit returns one")
    _needs(found, ("delta_cost", "delta_effect"), "net benefit")
    at = _one(wtp)
    return allowed_by(found, None).span("inmb", at)


def design_effect_probability(found: Fit, *, wtp: float, design_effect: float) -> float:
    """Return the probability cost-effective if clustering had inflated both variances by a design effect.

    Parameters
    ----------
    found : Fit
        A fit in which all five parameters are determined or assumed.
    wtp : float
        Willingness to pay [currency per QALY], at least 0.
    design_effect : float
        Factor on both variances, at least 1; the correlation stays as it is.

    Returns
    -------
    float
        Φ(z/√design_effect), with z the mean of net benefit over its standard error.
    """
    factor = _checks.finite("design_effect", design_effect)
    if factor < 1.0:
        msg = f"design_effect must be at least 1, got {factor}"
        raise InputError(msg)
    _needs(found, PARAMETERS, "the probability")
    at = _one(wtp)
    z, _ = quotient(np.array(found.theta), "p_cost_effective", at)
    return float(ndtr(z / np.sqrt(factor)))


def widened_to_halves(found: Fit) -> Fit | None:
    """Return the fit with each uncentred interval's standard error free between what its two halves imply.

    Parameters
    ----------
    found : Fit
        A fit.

    Returns
    -------
    Fit or None
        The same θ with wider bands, for `probability_range`; None if every interval is centred.
    """
    _checks.instance("found", found, "Fit", "hecon.reported.fit returns one")
    halves = {f"{each.outcome} interval width": each.se_from_halves for each in found.intervals if not each.centred}
    if not halves:
        return None
    bands = tuple(
        replace(band, low=min(band.low, halves[band.name][0]), high=max(band.high, halves[band.name][1]))
        if band.name in halves
        else band
        for band in found.bands
    )
    return replace(found, bands=bands)
