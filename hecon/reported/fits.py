"""What a fit is: the five parameters with range and status, the statistics, the checks; and its plain JSON."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _checks
from hecon.reported._system import Band

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Check", "Fit", "Interval", "Parameter", "Statistic", "fit_of"]


@dataclass(frozen=True)
class Parameter:
    """One of the five parameters: value, range, status and the statistics it rests on.

    Parameters
    ----------
    value : float or None
        The point solution, or the assumed value; None if not determined.
    range : (float, float) or None
        Smallest and largest value over rounding and assumptions.
    status : str
        "reported", "derived", "assumed" or "not determined".
    rests_on : tuple of str
        Names of the statistics that move it.
    reason : str or None
        Why it is assumed.
    """

    value: float | None
    range: tuple[float, float] | None
    status: str
    rests_on: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class Statistic:
    """A printed statistic beside its fitted value.

    Parameters
    ----------
    name : str
        Which statistic.
    printed : float or None
        Its printed value; None if it only bounds.
    low, high : float
        The interval that rounds to it.
    fitted : float
        Its value at the solution.
    residual : float
        Fitted minus printed [half rounding steps].
    """

    name: str
    printed: float | None
    low: float
    high: float
    fitted: float
    residual: float


@dataclass(frozen=True)
class Check:
    """A printed statistic that was not fitted but predicted.

    Parameters
    ----------
    name, kind : str
        Which statistic.
    at : float
        The willingness to pay, or the threshold of effect; 0 for a ratio.
    printed : float
        Its printed value.
    low, high : float
        The interval that rounds to it.
    predicted : float or None
        Its value at the solution; None if a parameter that it needs is not determined.
    range : (float, float) or None
        Its range over rounding and assumptions; None also for a ratio whose effect may be 0.
    consistent : bool or None
        Whether the grade is not "not consistent".
    gap : float or None
        Distance between that range and the printed interval: 0 where they meet, above 0 where the range lies above.
    tolerance : float or None
        The gap that approximation explains. For a probability 0.03 for normality and the Monte Carlo error of the
        source's bootstrap, √(p(1 − p)/B), at the end of the range that lies nearest; for a ratio what it takes that
        the differences were cut off after their last digit rather than rounded.
    grade : str or None
        "agrees" (no gap), "agrees within approximation" (a gap within the tolerance) or "not consistent".
    """

    name: str
    kind: str
    at: float
    printed: float
    low: float
    high: float
    predicted: float | None
    range: tuple[float, float] | None
    consistent: bool | None
    gap: float | None = None
    tolerance: float | None = None
    grade: str | None = None


@dataclass(frozen=True)
class Interval:
    """A printed two-sided interval: where it stands to its mean, and what its halves say of the standard error.

    Parameters
    ----------
    outcome : str
        "cost" or "effect".
    mean, low, high : float
        As printed.
    z : float
        Standard normal quantile of its level.
    centred : bool
        Whether it can be centred on its mean within rounding.
    se_from_halves : (float, float)
        Standard errors that its shorter and its longer half imply.
    """

    outcome: str
    mean: float
    low: float
    high: float
    z: float
    centred: bool
    se_from_halves: tuple[float, float]


@dataclass(frozen=True)
class Fit:
    """What published statistics determine: θ with ranges and status, residuals, checks and identification.

    Parameters
    ----------
    theta : tuple of float
        The solution (μ_C, μ_E, σ_C, σ_E, ρ); where a parameter is not determined, a placeholder.
    parameters : dict of str to Parameter
        The five parameters by name.
    statistics : tuple of Statistic
        What was fitted.
    checks : tuple of Check
        What was predicted.
    intervals : tuple of Interval
        The printed two-sided intervals.
    assumed : dict of str to (float, float, float)
        Value and range of each assumption.
    bands : tuple
        The constraints, as the ranges need them.
    rank : int
        Scaled rank of the Jacobian.
    marginal : str
        "normal" or "lognormal".
    """

    theta: tuple[float, ...]
    parameters: dict[str, Parameter]
    statistics: tuple[Statistic, ...]
    checks: tuple[Check, ...]
    intervals: tuple[Interval, ...]
    assumed: dict[str, tuple[float, float, float]]
    bands: tuple[Band, ...]
    rank: int
    marginal: str = "normal"

    @property
    def undetermined(self) -> tuple[str, ...]:
        """The parameters that neither the statistics nor the assumptions determine."""
        return tuple(name for name, parameter in self.parameters.items() if parameter.status == "not determined")

    def to_json(self) -> dict[str, Any]:
        """Return the fit as plain JSON; `fit_of` reads it back.

        Returns
        -------
        dict
            Only dict, list, str, int, float, bool and None; an infinite value becomes None.
        """
        plain = asdict(self)
        plain["bands"] = [
            {key: None if isinstance(value, float) and math.isinf(value) else value for key, value in band.items()}
            for band in plain["bands"]
        ]
        return _listed(plain)  # type: ignore[no-any-return]


def _listed(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_listed(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return bool(value) if isinstance(value, np.bool_) else value


def fit_of(draws: xr.Dataset) -> Fit | None:
    """Return the fit that draws carry, or None for draws that did not come from published statistics.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, as `from_reported` or `from_arrays` makes them.

    Returns
    -------
    Fit or None
        The fit stored in ``draws.attrs["fit"]``.
    """
    _checks.dataset("draws", draws, "hecon.from_reported returns one")
    plain = draws.attrs.get("fit")
    if plain is None:
        return None

    def pair(value: list[float | None] | None) -> tuple[float, float] | None:
        if value is None:
            return None
        low, high = value
        return (-math.inf if low is None else low, math.inf if high is None else high)

    return Fit(
        theta=tuple(plain["theta"]),
        parameters={
            name: Parameter(p["value"], pair(p["range"]), p["status"], tuple(p["rests_on"]), p["reason"])
            for name, p in plain["parameters"].items()
        },
        statistics=tuple(Statistic(**{**s, **_open_ends(s)}) for s in plain["statistics"]),
        checks=tuple(Check(**{**c, "range": pair(c["range"])}) for c in plain["checks"]),
        intervals=tuple(Interval(**{**i, "se_from_halves": tuple(i["se_from_halves"])}) for i in plain["intervals"]),
        assumed={name: (v[0], v[1], v[2]) for name, v in plain["assumed"].items()},
        bands=tuple(Band(**{**b, **_open_ends(b)}) for b in plain["bands"]),
        rank=plain["rank"],
        marginal=plain["marginal"],
    )


def _open_ends(plain: dict[str, Any]) -> dict[str, float]:
    return {
        "low": -math.inf if plain["low"] is None else plain["low"],
        "high": math.inf if plain["high"] is None else plain["high"],
    }
