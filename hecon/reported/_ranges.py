"""What rounding and assumptions leave: the smallest and largest value of a quantity over every θ they allow.

The allowed set is {θ : low ≤ m(θ)/s(θ) ≤ high for every statistic}, with assumed parameters free in their ranges.
Sequential quadratic programming from several starts; every extreme found for one quantity is a start for the next.
"""

from __future__ import annotations

import itertools
import math
import warnings
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from hecon.reported._system import (
    DC,
    DE,
    PARAMETERS,
    RHO,
    SC,
    SE,
    Band,
    Vector,
    involved,
    parts,
    quotient,
    quotient_bounds,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TOLERANCE = 1e-7
# Standard errors are searched up to this many times their solution, and as far down; one that gets near has no bound.
_WIDE = 1e4
_UNBOUNDED = 0.1
_STARTS = 3
# SLSQP may leave its bounds by a last bit, SciPy before 1.16 often: SciPy then clips the point and warns.
_CLIPPED = "Values in x were outside bounds during a minimize step"


class Allowed:
    """The set of θ that statistics and assumptions allow, in coordinates scaled by the solution.

    Parameters
    ----------
    theta : array of 5
        The point solution, inside the set.
    bands : sequence of Band
        The statistics, each with the interval that rounding leaves.
    varied : mapping of int to (float, float)
        Assumed parameters that run over a range; other assumed parameters stay at their value.
    held : collection of int
        Parameters held at the solution (assumed but not varied, or not identified and not asked for).
    """

    def __init__(
        self,
        theta: Vector,
        bands: Sequence[Band],
        varied: Mapping[int, tuple[float, float]],
        held: frozenset[int],
    ) -> None:
        self.theta = theta
        self.free = [i for i in range(5) if i not in held]
        size = np.abs(theta).copy()
        size[[DC, DE]] = np.maximum(size[[DC, DE]], 1e-3 * size[[SC, SE]])
        size[4] = 1.0
        for band in bands:
            if band.kind in PARAMETERS and band.target is not None:  # a mean printed as 0 has the size of its rounding
                index = PARAMETERS.index(band.kind)
                size[index] = max(size[index], band.half_step)
        self.scale = np.maximum(size, 1e-300)
        low = np.array([-np.inf, -np.inf, theta[SC] / _WIDE, theta[SE] / _WIDE, -1.0])
        high = np.array([np.inf, np.inf, theta[SC] * _WIDE, theta[SE] * _WIDE, 1.0])
        self.curved: list[tuple[Band, float, float]] = []
        for band in bands:
            if not set(involved(band.kind)) & set(self.free):
                continue
            bottom, top = quotient_bounds(band)
            if band.kind in PARAMETERS:
                index = PARAMETERS.index(band.kind)
                low[index], high[index] = max(low[index], bottom), min(high[index], top)
            else:
                self.curved.append((band, bottom, top))
        for index, (bottom, top) in varied.items():
            low[index], high[index] = bottom, top
        self.low, self.high = low, high
        self.pool: list[Vector] = [theta]
        # What a constraint is measured against does not depend on where it is asked for.
        self.units = []
        for band, _, _ in self.curved:
            m0, _, s0, _ = parts(theta, band.kind, band.at)
            self.units.append((max(abs(m0), s0), s0 != 1.0))
        self.last: tuple[Vector, tuple[Vector, Vector]] | None = None

    def _full(self, x: Vector) -> Vector:
        theta = self.theta.copy()
        theta[self.free] = x * self.scale[self.free]
        return theta

    def _constraints(self, x: Vector) -> tuple[Vector, Vector]:
        # A search asks for the values and then for the gradients at the same place.
        if self.last is not None and np.array_equal(self.last[0], x):
            return self.last[1]
        theta = self._full(x)
        values, gradients = [], []
        for (band, bottom, top), (unit, divided) in zip(self.curved, self.units, strict=True):
            m, dm, s, ds = parts(theta, band.kind, band.at)
            for side, bound in ((1.0, bottom), (-1.0, top)):
                if math.isfinite(bound):
                    # Divided by the bound's own size, a cost of 10⁶ and an effect of 10⁻³ weigh alike.
                    size = unit * max(1.0, abs(bound)) if divided else max(abs(bound), 1e-300)
                    values.append(side * (m - bound * s) / size)
                    gradients.append(side * (dm - bound * ds)[self.free] * self.scale[self.free] / size)
        found = np.array(values), np.array(gradients).reshape(len(values), len(self.free))
        self.last = x.copy(), found
        return found

    def _feasible(self, theta: Vector) -> bool:
        inside = np.all(theta >= self.low - _TOLERANCE * self.scale) and np.all(
            theta <= self.high + _TOLERANCE * self.scale
        )
        values, _ = self._constraints(theta[self.free] / self.scale[self.free])
        return bool(inside and np.all(values >= -_TOLERANCE))

    def _search(self, start: Vector, kind: str, at: float, sign: float) -> Vector:
        slope = quotient(self.theta, kind, at)[1]
        span = max(float(np.abs(slope * self.scale)[self.free].max(initial=0.0)), 1e-30)

        def objective(x: Vector) -> tuple[float, Vector]:
            ratio, gradient = quotient(self._full(x), kind, at)
            return sign * ratio / span, sign * gradient[self.free] * self.scale[self.free] / span

        bounds = list(
            zip(self.low[self.free] / self.scale[self.free], self.high[self.free] / self.scale[self.free], strict=True)
        )
        constraints = (
            [
                {
                    "type": "ineq",
                    "fun": lambda x: self._constraints(x)[0],
                    "jac": lambda x: self._constraints(x)[1],
                }
            ]
            if self.curved
            else []
        )
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=_CLIPPED, category=RuntimeWarning)
            result = minimize(
                objective,
                start[self.free] / self.scale[self.free],
                jac=True,
                bounds=bounds,
                constraints=constraints,
                method="SLSQP",
                options={"maxiter": 200, "ftol": 1e-12},
            )
        return self._full(np.clip(result.x, [b[0] for b in bounds], [b[1] for b in bounds]))

    def _seed(self) -> None:
        """Fill the pool with far corners of the set: it need not be convex, and one search may stop at a local end."""
        middle = self.theta.copy()
        middle[RHO] = np.clip(0.0, self.low[RHO], self.high[RHO])
        searches = [(self.theta, index) for index in sorted(set(self.free) - {DC, SC})]
        if RHO in self.free:
            searches.append((middle, RHO))
        for (start, index), sign in itertools.product(searches, (1.0, -1.0)):
            found = self._search(start, PARAMETERS[index], 0.0, sign)
            if self._feasible(found):
                self.pool.append(found)

    def extreme(self, kind: str, at: float, sign: float) -> float:
        """Return the smallest (sign = 1) or largest (sign = −1) quotient over the allowed set; ±inf if unbounded."""
        ranked = sorted(self.pool, key=lambda theta: sign * quotient(theta, kind, at)[0])
        best = ranked[0]
        for start in [self.theta, *ranked[: _STARTS - 1]]:
            found = self._search(start, kind, at, sign)
            if self._feasible(found) and sign * quotient(found, kind, at)[0] < sign * quotient(best, kind, at)[0]:
                best = found
        self.pool.append(best)
        if kind in {"cost_se", "effect_se"}:
            index = PARAMETERS.index(kind)
            if best[index] > _UNBOUNDED * _WIDE * self.theta[index]:
                return math.inf
            if best[index] < self.theta[index] / (_UNBOUNDED * _WIDE):
                return 0.0
        return float(quotient(best, kind, at)[0])

    def span(self, kind: str, at: float = 0.0) -> tuple[float, float]:
        """Return the smallest and largest quotient over the allowed set."""
        if self.curved and len(self.pool) == 1:
            self._seed()
        return self.extreme(kind, at, 1.0), self.extreme(kind, at, -1.0)
