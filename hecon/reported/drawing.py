"""Draws of incremental cost and effect with the parameters of a fit: normal, or with skewed marginals."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtri

from hecon.draws import direction
from hecon.errors import InputError

if TYPE_CHECKING:
    from hecon.reported.fits import Fit

__all__ = ["MARGINALS", "refuse_harm", "sample"]

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class ShiftedLogNormal:
    """X = shift + sign·scale·exp(log_sd·Z): skewed to the right, or mirrored (sign = −1) to the left."""

    shift: float
    scale: float
    log_sd: float
    sign: float

    @property
    def sd(self) -> float:
        """Standard deviation of X."""
        variance = self.log_sd**2
        return self.scale * math.exp(variance / 2) * math.sqrt(math.expm1(variance))

    def of(self, z: Vector) -> Vector:
        """Return X at standard normal scores; increasing in z for either sign."""
        spread: Vector = self.scale * np.exp(self.log_sd * self.sign * z)
        return self.shift + self.sign * spread


def _asymmetry(log_sd: float, z: float) -> float:
    return (math.cosh(log_sd * z) - math.exp(log_sd**2 / 2)) / math.sinh(log_sd * z)


def shifted_log_normal(outcome: str, mean: float, low: float, high: float, z: float) -> ShiftedLogNormal:
    """Return the shifted log-normal whose mean and two quantiles are the printed mean and interval.

    Three equations, three unknowns: with A = exp(location), midpoint − mean = A(cosh(tz) − exp(t²/2)) and half width
    = A sinh(tz), so their quotient fixes t alone. It has a maximum: an interval further off centre has no solution.
    """
    half = (high - low) / 2
    off = (low + high) / 2 - mean
    sign = 1.0 if off >= 0 else -1.0
    wanted = abs(off) / half
    grid = np.linspace(1e-6, 6.0, 2000)
    values = [_asymmetry(t, z) for t in grid]
    top = int(np.argmax(values))
    if not 0.0 < wanted <= values[top]:
        msg = (
            f"marginal='lognormal' needs the {outcome} interval off centre, but by less than {values[top]:.3f} of its "
            f"half width, got {wanted:.3f} (mean {mean:g}, {low:g} to {high:g}); use marginal='normal'"
        )
        raise InputError(msg)
    # Below the first grid point the quotient is linear in t, and its slope is known.
    linear = wanted * 2 * z / (z**2 - 1)
    t = linear if wanted <= values[0] else float(brentq(lambda s: _asymmetry(s, z) - wanted, grid[0], grid[top]))
    scale = half / math.sinh(t * z)
    return ShiftedLogNormal(mean - sign * scale * math.exp(t**2 / 2), scale, t, sign)


def normal_draws(theta: Vector, n: int, rng: np.random.Generator) -> tuple[Vector, Vector]:
    """Return n draws of (ΔC, ΔE), whitened and recentred: their means, SDs and correlation are θ to rounding error."""
    scores = rng.standard_normal((n, 2))
    scores -= scores.mean(axis=0)
    factor = np.linalg.cholesky(scores.T @ scores / n)
    scores = np.linalg.solve(factor, scores.T).T
    cost = scores[:, 0]
    effect = theta[4] * cost + math.sqrt(1.0 - theta[4] ** 2) * scores[:, 1]
    return theta[0] + theta[2] * cost, theta[1] + theta[3] * effect


def _to(values: Vector, mean: float, sd: float) -> Vector:
    scaled: Vector = (values - values.mean()) * (sd / values.std())
    return mean + scaled


def copula_draws(
    theta: Vector, shapes: dict[str, ShiftedLogNormal], n: int, rng: np.random.Generator
) -> tuple[Vector, Vector]:
    """Return n draws of (ΔC, ΔE) with skewed marginals, joined by a Gaussian copula.

    The scores are stratified, one per equal slice of probability, so that the sample meets the printed interval; the
    copula's correlation is tuned until the draws' Pearson correlation is θ's.
    """
    strata = ndtri((np.arange(n) + 0.5) / n)
    first = strata[rng.permutation(n)]
    other = rng.standard_normal(n)
    other -= other.mean() + first * (other @ first) / (first @ first)
    other /= other.std()

    def pair(rho: float) -> tuple[Vector, Vector]:
        # Ranks back to strata: the second margin stays exact as well.
        second = np.empty(n)
        second[np.argsort(rho * first + math.sqrt(1.0 - rho**2) * other, kind="stable")] = strata
        cost = shapes["cost"].of(first) if "cost" in shapes else first
        effect = shapes["effect"].of(second) if "effect" in shapes else second
        return cost, effect

    def excess(rho: float) -> float:
        return float(np.corrcoef(*pair(rho))[0, 1] - theta[4])

    limit = 1.0 - 1e-9
    if excess(-limit) > 0 or excess(limit) < 0:
        msg = f"marginal='lognormal' cannot reach a correlation of {theta[4]:.3f} with margins so skewed; use 'normal'"
        raise InputError(msg)
    cost, effect = pair(float(brentq(excess, -limit, limit, xtol=1e-6)))
    return _to(cost, theta[0], theta[2]), _to(effect, theta[1], theta[3])


MARGINALS = ("normal", "lognormal")


def refuse_harm(effect_unit: str, effect_better: str | None) -> None:
    """Refuse an effect of which less is better, which published statistics must give as harm averted."""
    if direction(effect_unit, effect_better) == "less":
        msg = (
            f"effect_better must be 'more' for published statistics, got 'less' of {effect_unit!r}: "
            f"give them as harm averted, with their signs turned and effect_unit='{effect_unit} averted'"
        )
        raise InputError(msg)


def sample(found: Fit, marginal: str, n: int, rng: np.random.Generator) -> tuple[Fit, Vector, Vector]:
    """Return n draws of (ΔC, ΔE), and the fit with the standard errors that they have."""
    if marginal == "lognormal":
        return _skewed(found, n, rng)
    return found, *normal_draws(np.array(found.theta), n, rng)


def _skewed(found: Fit, n: int, rng: np.random.Generator) -> tuple[Fit, Vector, Vector]:
    """Return the fit with the standard errors of its skewed marginals, and draws of (ΔC, ΔE) from these."""
    theta, shapes = np.array(found.theta), _shapes(found)
    for name, index in (("cost", 2), ("effect", 3)):
        if name in shapes:
            theta[index] = shapes[name].sd
    return _reshaped(found, theta), *copula_draws(theta, shapes, n, rng)


def _shapes(found: Fit) -> dict[str, ShiftedLogNormal]:
    skewed = [interval for interval in found.intervals if not interval.centred]
    if not skewed:
        msg = "marginal='lognormal' needs an interval that is not centred on its mean, got none; use marginal='normal'"
        raise InputError(msg)
    return {i.outcome: shifted_log_normal(i.outcome, i.mean, i.low, i.high, i.z) for i in skewed}


def _reshaped(found: Fit, theta: np.ndarray) -> Fit:
    parameters = dict(found.parameters)
    for name, index in (("cost_se", 2), ("effect_se", 3)):
        if theta[index] != found.theta[index]:
            parameters[name] = replace(parameters[name], value=float(theta[index]), range=None, status="derived")
    # θ stays the normal solution, which predictions rest on; the parameters say what the draws have.
    return replace(found, parameters=parameters, marginal="lognormal")
