"""What rounding and assumptions leave: the smallest and largest value of a quantity over every θ they allow.

The allowed set is {θ : low ≤ m(θ)/s(θ) ≤ high for every statistic}, with assumed parameters free in their ranges.
Sequential quadratic programming from several starts: the solution, and the far corners of the set, which depend on
nothing that was asked before. An extreme counts if a search that ended well confirms it; if none does, it is told.
"""

from __future__ import annotations

import itertools
import math
import warnings
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from hecon.errors import StatisticalWarning
from hecon.reported._system import (
    DC,
    DE,
    PARAMETERS,
    RHO,
    SC,
    SE,
    Band,
    Vector,
    in_order,
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
# Searches that end this close to each other, in parts of what is looked for, have found the same extreme.
_SAME = 1e-6
# Free parameters up to which the corners of a set without curved bounds serve as starts.
_CORNERS = 5


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
        bands = in_order(bands)
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
        self.seeds: list[Vector] | None = None
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

    def _search(self, start: Vector, kind: str, at: float, sign: float) -> tuple[Vector, bool]:
        """Return where a search from a start ends, and whether it ended well."""
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
        found = self._full(np.clip(result.x, [b[0] for b in bounds], [b[1] for b in bounds]))
        return found, bool(result.success)

    def _seeded(self) -> list[Vector]:
        """Return far corners of the set: it need not be convex, and one search may stop at a local end."""
        if self.seeds is None:
            corners = self._far_corners() if self.curved else self._box_corners()
            self.seeds = [each for each in corners if self._feasible(each)]
        return self.seeds

    def _far_corners(self) -> list[Vector]:
        middle = self.theta.copy()
        middle[RHO] = np.clip(0.0, self.low[RHO], self.high[RHO])
        searches = [(self.theta, index) for index in sorted(set(self.free) - {DC, SC})]
        if RHO in self.free:
            searches.append((middle, RHO))
        return [
            self._search(start, PARAMETERS[index], 0.0, sign)[0]
            for (start, index), sign in itertools.product(searches, (1.0, -1.0))
        ]

    def _box_corners(self) -> list[Vector]:
        ends = np.array([self.low, self.high])[:, self.free]
        if not np.isfinite(ends).all():
            return []
        return [self._full(np.array(corner) / self.scale[self.free]) for corner in itertools.product(*ends.T)]

    def extreme(self, kind: str, at: float, sign: float) -> tuple[float, bool]:
        """Return the smallest (sign = 1) or largest (sign = −1) quotient over the allowed set, and if it is confirmed.

        The quotient is ±inf if unbounded.
        """

        def of(theta: Vector) -> float:
            return sign * quotient(theta, kind, at)[0]

        starts = [self.theta, *sorted(self._seeded(), key=of)]
        ends = [(start, False) for start in starts]
        confirmed = False
        # A second round, from all other starts, where no search of the first confirms the best end.
        for some in (starts[: _STARTS + 1], [*starts[_STARTS + 1 :], *self._between(starts)]):
            searched = (self._search(start, kind, at, sign) for start in some)
            ends += [(end, well) for end, well in searched if self._feasible(end)]
            best = min((end for end, _ in ends), key=of)
            close = _SAME * (abs(of(best)) + abs(of(self.theta) - of(best))) + 1e-300
            confirmed = any(well and of(end) <= of(best) + close for end, well in ends)
            if confirmed:
                break
        return self._unless_unbounded(kind, at, best), confirmed

    def _between(self, starts: Sequence[Vector]) -> list[Vector]:
        """Return places half-way from the solution to the other starts."""
        return [(self.theta + each) / 2 for each in starts[1:]]

    def _unless_unbounded(self, kind: str, at: float, best: Vector) -> float:
        if kind in {"cost_se", "effect_se"}:
            index = PARAMETERS.index(kind)
            if best[index] > _UNBOUNDED * _WIDE * self.theta[index]:
                return math.inf
            if best[index] < self.theta[index] / (_UNBOUNDED * _WIDE):
                return 0.0
        return float(quotient(best, kind, at)[0])

    def span(self, kind: str, at: float = 0.0) -> tuple[float, float]:
        """Return the smallest and largest quotient over the allowed set.

        Warns
        -----
        StatisticalWarning
            If no search that ended well confirms one of them.
        """
        low, sure_of_low = self.extreme(kind, at, 1.0)
        high, sure_of_high = self.extreme(kind, at, -1.0)
        if not (sure_of_low and sure_of_high):
            ends = " and ".join(end for end, sure in (("smallest", sure_of_low), ("largest", sure_of_high)) if not sure)
            about = f"{kind} at {at:g}" if kind.startswith("p_") or kind == "inmb" else kind
            msg = (
                f"range of {about} must be searched over all that rounding and assumptions allow, but no search for "
                f"its {ends} value ended well: it may be too narrow"
            )
            warnings.warn(msg, StatisticalWarning, stacklevel=3)
        return low, high
