"""Solve the constraints that published statistics put on means, variances and correlation."""

from __future__ import annotations

import itertools
import math
import operator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import ndtr, ndtri

from hecon.reported import _quadrants

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Vector = NDArray[np.float64]

PARAMETERS = ("delta_cost", "delta_effect", "cost_se", "effect_se", "correlation")
DC, DE, SC, SE, RHO = range(5)

_ZERO = np.zeros(5)
_TINY = 1e-40
# Weight of a step towards a side without room for rounding, relative to the other side.
_NO_ROOM = 1e-6


@dataclass(frozen=True)
class Constraint:
    """Which constraint a statistic places: the key by which statuses, checks and words are joined to it.

    Attributes
    ----------
    kind : str
        "difference", "difference_of_arm_means", "standard_error", "standard_error_from_SD_and_n", "interval_width",
        "standard_errors_of_arms", "intervals_of_arms",
        "one-sided_interval", "p_value", "icer", "correlation", "p_cost_effective", "p_effect_above" or "p_quadrant".
    outcome : str, "cost", "effect" or "net_benefit"; empty where the constraint is on both
    at : str, willingness to pay, threshold of effect or quadrant, as given; empty for other kinds
    """

    kind: str
    outcome: str = ""
    at: str = ""

    def __str__(self) -> str:
        """Return the English name, for messages and files."""
        if self.outcome:
            name = f"{self.outcome} {self.kind}".replace("_", " ")
            return f"{name} at {self.at}" if self.at else name
        return f"{AT[self.kind]} {self.at}" if self.at else self.kind


# English names of the statistics that are printed at a place.
AT = {
    "p_cost_effective": "p_cost_effective at",
    "p_effect_above": "probability of an effect above",
    "p_quadrant": "quadrant_shares of",
}


@dataclass(frozen=True)
class Band:
    """One statistic: what it is, where it was taken, its printed value and what rounding leaves.

    `target` is None for an inequality (p < 0.001, or a probability printed as 0.00 or 1.00): it only bounds.
    """

    key: Constraint
    kind: str
    at: float
    target: float | None
    low: float
    high: float

    @property
    def name(self) -> str:
        """English name of the statistic."""
        return str(self.key)

    @property
    def is_probability(self) -> bool:
        """Whether the statistic is a probability, Φ of the quotient."""
        return self.kind.startswith("p_")

    @property
    def half_step(self) -> float:
        """The unit of the residual."""
        if self.target is not None:
            return max(self.high - self.target, self.target - self.low)
        ends = [abs(end) for end in (self.low, self.high) if math.isfinite(end)]
        return 0.5 * (self.high - self.low) if len(ends) == 2 else 0.01 * ends[0]  # noqa: PLR2004

    def unit(self, deviation: float) -> float:
        """Return the unit of a residual by its sign, as intervals of p values and of "-0.00" are asymmetric."""
        if self.target is None:
            return self.half_step
        side = self.high - self.target if deviation > 0 else self.target - self.low
        return max(side, _NO_ROOM * self.half_step)


def _unit(index: int, value: float = 1.0) -> Vector:
    vector = _ZERO.copy()
    vector[index] = value
    return vector


def net_benefit_se(theta: Vector, wtp: float) -> tuple[float, Vector]:
    """Return the standard error of incremental net benefit at `wtp`, and its gradient."""
    sc, se, rho = theta[SC], theta[SE], theta[RHO]
    weighted = wtp * se
    variance = max(weighted**2 + sc**2 - 2.0 * rho * weighted * sc, 0.0)
    root = max(float(np.sqrt(variance)), _TINY)
    gradient = np.array(
        [0.0, 0.0, (sc - rho * weighted) / root, wtp * (weighted - rho * sc) / root, -weighted * sc / root]
    )
    return root, gradient


def _absolute(theta: Vector, index: int) -> tuple[float, Vector]:
    sign = -1.0 if theta[index] < 0 else 1.0
    return sign * theta[index], _unit(index, sign)


def parts(theta: Vector, kind: str, at: float) -> tuple[float, Vector, float, Vector]:
    """Return m, its gradient, s > 0 and its gradient for one kind of statistic."""
    mean, se = (DE, SE) if kind.startswith("effect") else (DC, SC)
    denominator: tuple[float, Vector] = (1.0, _ZERO)
    if kind in PARAMETERS:
        index = PARAMETERS.index(kind)
        numerator = (float(theta[index]), _unit(index))
    elif kind == "net_benefit_se":
        numerator = net_benefit_se(theta, at)
    elif kind.startswith("p_quadrant_"):
        numerator = _quadrants.score(theta, kind.removeprefix("p_quadrant_"))
    elif kind == "icer":
        size, gradient = _absolute(theta, DE)
        sign = float(gradient[DE])
        numerator, denominator = (sign * theta[DC], _unit(DC, sign)), (max(size, _TINY), gradient)
    elif kind.endswith("_bound"):
        numerator = (theta[mean] + at * theta[se], _unit(mean) + _unit(se, at))
    elif kind in {"cost_z", "effect_z"}:
        numerator, denominator = _absolute(theta, mean), (theta[se], _unit(se))
    elif kind == "p_effect_above":
        numerator, denominator = (theta[DE] - at, _unit(DE)), (theta[SE], _unit(SE))
    else:
        numerator = (at * theta[DE] - theta[DC], _unit(DE, at) - _unit(DC))
        if kind == "net_benefit_z" and numerator[0] < 0:
            numerator = (-numerator[0], -numerator[1])
        if kind != "delta_net_benefit":  # a probability or a z score
            denominator = net_benefit_se(theta, at)
    return *numerator, *denominator


def quotient(theta: Vector, kind: str, at: float) -> tuple[float, Vector]:
    """Return m/s and its gradient."""
    m, dm, s, ds = parts(theta, kind, at)
    ratio = m / s
    return ratio, (dm - ratio * ds) / s


def value_of(theta: Vector, band: Band) -> float:
    """Return the statistic as it would be printed, unrounded."""
    ratio, _ = quotient(theta, band.kind, band.at)
    return float(ndtr(ratio)) if band.is_probability else ratio


def score_residual(theta: Vector, band: Band) -> tuple[float, Vector]:
    """Return the residual of a probability on the z scale, which is not flat near 0 and 1."""
    if not band.is_probability or band.target is None:
        return residual(theta, band)
    ratio, gradient = quotient(theta, band.kind, band.at)
    target = float(ndtri(band.target))
    unit = band.half_step * np.sqrt(2.0 * np.pi) * np.exp(0.5 * target**2)
    return (ratio - target) / unit, gradient / unit


def residual(theta: Vector, band: Band) -> tuple[float, Vector]:
    """Return (fitted − printed) in half rounding steps and its gradient; 0 for an inequality that holds."""
    ratio, gradient = quotient(theta, band.kind, band.at)
    if band.is_probability:
        gradient = gradient * (np.exp(-0.5 * ratio**2) / np.sqrt(2.0 * np.pi))
        ratio = float(ndtr(ratio))
    if band.target is not None:
        unit = band.unit(ratio - band.target)
        return (ratio - band.target) / unit, gradient / unit
    nearest = min(max(ratio, band.low), band.high)
    inside = nearest == ratio
    return (ratio - nearest) / band.half_step, _ZERO if inside else gradient / band.half_step


def as_printed(band: Band, value: float) -> float:
    """Return a value of the statistic in the unit it was printed in: a p value for a z score."""
    return float(2.0 * ndtr(-value)) if band.kind.endswith("_z") else float(value)


def quotient_bounds(band: Band) -> tuple[float, float]:
    """Return the bounds on m/s that the printed interval implies."""
    if band.is_probability:
        return float(ndtri(band.low)), float(ndtri(band.high))
    return band.low, band.high


# Order of `bands_of`.
_ORDER = (
    "delta_cost",
    "cost_se",
    "cost_bound",
    "cost_z",
    "delta_effect",
    "effect_se",
    "effect_bound",
    "effect_z",
    "delta_net_benefit",
    "net_benefit_se",
    "net_benefit_z",
    "icer",
    "p_cost_effective",
    "p_effect_above",
    *(f"p_quadrant_{name}" for name in _quadrants.SIGNS),
    "correlation",
)


def order(band: Band) -> tuple[int, float, bool, float, float, float, str]:
    """Return the sort key of a band, so that results do not depend on the order of the statistics."""
    target = 0.0 if band.target is None else band.target
    return (_ORDER.index(band.kind), band.at, band.target is None, target, band.low, band.high, band.name)


def involved(kind: str) -> tuple[int, ...]:
    """Return the indices of the parameters that a kind of statistic depends on."""
    if kind in PARAMETERS:
        return (PARAMETERS.index(kind),)
    if kind.startswith("p_quadrant_"):
        return tuple(range(5))
    return {
        "icer": (DC, DE),
        "delta_net_benefit": (DC, DE),
        "net_benefit_se": (SC, SE, RHO),
        "net_benefit_z": (DC, DE, SC, SE, RHO),
        "cost_bound": (DC, SC),
        "cost_z": (DC, SC),
        "effect_bound": (DE, SE),
        "effect_z": (DE, SE),
        "p_effect_above": (DE, SE),
        "p_cost_effective": (DC, DE, SC, SE, RHO),
    }[kind]


RANK_TOLERANCE = 1e-7
WITHIN_ROUNDING = 1.0 + 1e-6
# Misfit that no other start improves.
_SOLVED = 1e-3
_CORRELATION_EDGE = 1.0 - 1e-9
_LOG_SPAN = 12.0
_SOFT = 1e-3
_SECOND_LOOKS = 3
_LAST_EVALUATIONS = 2000
# Starts for statistics that agree but cannot all be met exactly.
_ENOUGH = 4
# Middle parts of the printed intervals to aim at; a narrow set may need one of them.
_SHARES = (1.0, 0.5, 0.9, 0.99)
# A standard error is not known if growing e-fold moves no statistic by this part of half a rounding step: 0.50 printed.
_NO_GRIP = 0.1
# A parameter rests on the statistics that move it by at least this share of what the most influential one does.
_INFLUENCE = 0.05


@dataclass(frozen=True)
class SolvedParameters:
    """θ, what of it is identified, the misfit, which statistics each parameter rests on, and if the search settled."""

    theta: Vector
    identified: tuple[bool, ...]
    rank: int
    worst: float
    rests_on: tuple[tuple[Constraint, ...], ...]
    settled: bool = True


def scales(bands: Sequence[Band], fixed: Mapping[int, float], quadrant: str | None) -> Vector:
    """Return a starting θ, which also scales the coordinates: read off where possible, otherwise by proportion."""
    direct: dict[int, float] = {}
    for band in bands:
        if band.kind in PARAMETERS and band.target is not None:
            direct.setdefault(PARAMETERS.index(band.kind), band.target)
    direct.update(fixed)
    ratio = next((band.target for band in bands if band.kind == "icer" and band.target is not None), None)
    wtps = [
        band.at for band in bands if (band.kind == "p_cost_effective" or "net_benefit" in band.kind) and band.at > 0
    ]
    exchange = abs(ratio) if ratio is not None else (wtps[0] if wtps else 1e4)
    z_cost, z_effect, rho_of_shares = _quadrants.start_of(
        {band.key.at: (band.low + band.high) / 2 for band in bands if band.key.kind == "p_quadrant"}
    )
    east = -1.0 if quadrant in {"NW", "SW"} or (z_effect or 0.0) < 0 else 1.0
    cost, effect = _mean(direct, DC, SC, z_cost), _mean(direct, DE, SE, z_effect)
    if effect is None:
        size = max(abs(cost or 0.0), direct.get(SC, 0.0)) or exchange
        effect = cost / ratio if cost is not None and ratio is not None else east * size / exchange
    if cost is None:
        cost = effect * ratio if ratio is not None else effect * exchange
    se_cost, se_effect = (
        direct[i] if i in direct else (abs(mean / z) if z and mean else _spread(i, mean, bands))
        for i, mean, z in ((SC, cost, z_cost), (SE, effect, z_effect))
    )
    se_cost = se_cost or (se_effect * exchange if se_effect else abs(cost) or exchange)
    se_effect = se_effect or se_cost / exchange
    likely = direct.get(RHO, rho_of_shares or 0.0)
    rho = fixed[RHO] if RHO in fixed else np.clip(likely, -_CORRELATION_EDGE, _CORRELATION_EDGE)
    return np.array([cost, effect, se_cost, se_effect, rho])


def _mean(direct: Mapping[int, float], index: int, error: int, z: float | None) -> float | None:
    """Return a mean as printed, or as its printed standard error and the shares of quadrants suggest, or None."""
    if index in direct or z is None or error not in direct:
        return direct.get(index)
    return z * direct[error]


def _spread(index: int, mean: float, bands: Sequence[Band]) -> float | None:
    """Return the standard error implied by a bound, p value or probability at a mean, or None."""
    kinds = {SC: ("cost_bound", "cost_z", "p_cost_effective"), SE: ("effect_bound", "effect_z", "p_effect_above")}
    bound, z, above = kinds[index]
    for band in bands:
        spread = math.nan
        if band.target is None or (band.kind == "p_cost_effective" and band.at > 0.0):
            continue
        if index == SC and band.kind == "net_benefit_se":
            spread = band.target
        elif band.kind == bound:
            spread = (band.target - mean) / band.at
        elif band.kind == z:
            spread = abs(mean) / band.target
        elif band.kind == above and band.target != 0.5:  # noqa: PLR2004 (one half says nothing of the spread)
            spread = abs(mean - band.at) / abs(float(ndtri(band.target)))
        if spread > 0.0:
            return spread
    return None


def _starts(start: Vector, bands: Sequence[Band], fixed: Mapping[int, float]) -> list[Vector]:
    direct = {PARAMETERS.index(band.kind) for band in bands if band.kind in PARAMETERS} | set(fixed)
    sizes = (1.0, 0.3, 3.0)
    signed = DE in direct or any(band.kind == "icer" for band in bands)
    grid = [
        sizes if SC not in direct else (1.0,),
        sizes if SE not in direct else (1.0,),
        tuple(dict.fromkeys((float(start[RHO]), 0.0, -0.6, 0.6))) if RHO not in direct else (start[RHO],),
    ]
    points = []
    for side, cost_size, effect_size, rho in itertools.product((1.0,) if signed else (1.0, -1.0), *grid):
        point = start.copy()
        point[DE] *= side
        point[SC] *= cost_size
        point[SE] *= effect_size
        point[RHO] = rho
        points.append(point)
    return points


class _Coordinates:
    """Free parameters in well-scaled coordinates: means by their scale, standard errors by logarithm."""

    def __init__(self, start: Vector, fixed: Mapping[int, float], used: frozenset[int]) -> None:
        self.start = start
        self.free = [i for i in range(5) if i not in fixed and i in used]
        spread = np.array([start[SC], start[SE]])
        self.scale = np.maximum(np.abs(start[[DC, DE]]), 1e-3 * spread)

    def outward(self, theta: Vector) -> Vector:
        x = theta.copy()
        x[[DC, DE]] = theta[[DC, DE]] / self.scale
        x[[SC, SE]] = np.log(theta[[SC, SE]] / self.start[[SC, SE]])
        return x[self.free]

    def theta(self, x: Vector) -> Vector:
        full = self.outward_full()
        full[self.free] = x
        theta = full.copy()
        theta[[DC, DE]] = full[[DC, DE]] * self.scale
        theta[[SC, SE]] = np.exp(full[[SC, SE]]) * self.start[[SC, SE]]
        return theta

    def outward_full(self) -> Vector:
        x = self.start.copy()
        x[[DC, DE]] = self.start[[DC, DE]] / self.scale
        x[[SC, SE]] = 0.0
        return x

    def slopes(self, theta: Vector) -> Vector:
        """Return dθ/dx for the free coordinates."""
        slope = np.array([self.scale[0], self.scale[1], theta[SC], theta[SE], 1.0])
        return slope[self.free]

    def bounds(self) -> tuple[Vector, Vector]:
        high = np.array([np.inf, np.inf, _LOG_SPAN, _LOG_SPAN, _CORRELATION_EDGE])
        return -high[self.free], high[self.free]


def _fit(
    start: Vector,
    bands: Sequence[Band],
    coordinates: _Coordinates,
    *,
    evaluations: int = 60,
    of: Callable[[Vector, Band], tuple[float, Vector]] = residual,
) -> tuple[Vector, float, bool]:
    """Return the end of least squares, its worst residual, and whether it converged."""

    def both(x: Vector) -> tuple[Vector, Vector]:
        theta = coordinates.theta(x)
        pairs = [of(theta, band) for band in bands]
        slopes = coordinates.slopes(theta)
        return np.array([r for r, _ in pairs]), np.array([g[coordinates.free] * slopes for _, g in pairs])

    if not coordinates.free:
        return start, float(max((abs(residual(start, band)[0]) for band in bands), default=0.0)), True
    result = least_squares(
        lambda x: both(x)[0],
        coordinates.outward(start),
        jac=lambda x: both(x)[1],
        bounds=coordinates.bounds(),
        x_scale="jac",
        ftol=1e-15,
        xtol=1e-15,
        gtol=1e-15,
        max_nfev=evaluations,
    )
    return coordinates.theta(result.x), float(np.max(np.abs(result.fun), initial=0.0)), bool(result.success)


def _softened(band: Band) -> Band:
    """Return the statistic as if printed to three digits, as exact ones make the objective ill-conditioned."""
    if band.target is None:
        return band
    room = _SOFT * abs(band.target)
    return replace(band, low=min(band.low, band.target - room), high=max(band.high, band.target + room))


def _within(start: Vector, bands: Sequence[Band], coordinates: _Coordinates, share: float) -> tuple[Vector, float]:
    """Look for a θ that meets every statistic within rounding, where least squares trades one against another.

    It aims at the middle `share` of each printed interval: aiming at the ends may stop just outside.
    """
    aims = []
    for band in bands:
        low, high = band.low, band.high
        if band.target is not None:
            low, high = band.target - share * (band.target - low), band.target + share * (high - band.target)
        aims.append(replace(band, target=None, low=low, high=high))
    theta, _, _ = _fit(start, aims, coordinates, evaluations=400)
    return theta, max(abs(residual(theta, replace(band, target=None))[0]) for band in bands)


def solve(bands: Sequence[Band], fixed: Mapping[int, float], quadrant: str | None) -> SolvedParameters:
    """Return the least-squares solution over all starts; `worst` above 1 means a contradiction."""
    bands = sorted(bands, key=order)
    start = scales(bands, fixed, quadrant)
    used = frozenset(i for band in bands for i in involved(band.kind))
    coordinates = _Coordinates(start, fixed, used)
    best, worst, settled = start, math.inf, True
    candidates: list[tuple[float, Vector]] = []
    softened = [_softened(band) for band in bands]
    for point in _starts(start, bands, fixed):
        near, _, _ = _fit(point, softened, coordinates, of=score_residual)
        theta, misfit, well = _fit(near, bands, coordinates)
        candidates.append((misfit, theta))
        if misfit < worst - 1e-9:
            best, worst, settled = theta, misfit, well
        if worst < _SOLVED or (worst <= WITHIN_ROUNDING and len(candidates) >= _ENOUGH):
            break
    if worst > WITHIN_ROUNDING:
        candidates = sorted(candidates, key=operator.itemgetter(0))[:_SECOND_LOOKS]
        best, worst, settled = _refined(candidates, bands, coordinates, (best, worst, settled))
    identified, rank, rests_on = _identification(best, bands, fixed, coordinates)
    return SolvedParameters(best, identified, rank, worst, rests_on, settled)


def _refined(
    candidates: Sequence[tuple[float, Vector]],
    bands: Sequence[Band],
    coordinates: _Coordinates,
    best: tuple[Vector, float, bool],
) -> tuple[Vector, float, bool]:
    """Return a θ within rounding near the best candidates, otherwise the best candidate."""
    for share, (_, point) in itertools.product(_SHARES, candidates):
        theta, outside = _within(point, bands, coordinates, share)
        if outside <= WITHIN_ROUNDING - 1.0:
            return theta, 1.0, True
    theta, worst, settled = best
    if not settled:
        # Out of evaluations: continue before reporting a contradiction.
        longer, misfit, settled = _fit(theta, bands, coordinates, evaluations=_LAST_EVALUATIONS)
        theta, worst = (longer, misfit) if misfit < worst else (theta, worst)
        for share in _SHARES if settled and worst > WITHIN_ROUNDING else ():
            inside, outside = _within(theta, bands, coordinates, share)
            if outside <= WITHIN_ROUNDING - 1.0:
                return inside, 1.0, True
    return theta, worst, settled


def _identification(
    theta: Vector, bands: Sequence[Band], fixed: Mapping[int, float], coordinates: _Coordinates
) -> tuple[tuple[bool, ...], int, tuple[tuple[Constraint, ...], ...]]:
    """Return the identified parameters, by the rank of the scaled Jacobian, and the statistics each rests on."""
    informative = [band for band in bands if band.target is not None]
    free = coordinates.free
    identified = [i in fixed for i in range(5)]
    rests_on: list[tuple[Constraint, ...]] = [()] * 5
    if not free or not informative:
        return tuple(identified), 0, tuple(rests_on)
    slopes = coordinates.slopes(theta)
    rows = np.array([quotient(theta, band.kind, band.at)[1][free] * slopes for band in informative])
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    rows = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    _, singular, right = np.linalg.svd(rows)
    rank = int(np.sum(singular > RANK_TOLERANCE * max(float(singular.max(initial=0.0)), 1e-300)))
    null = right[rank:]
    # How far the same relative change of each statistic moves each parameter, in the fit weighted by precision.
    steps = np.array([residual(theta, band)[1][free] * slopes for band in informative])
    sizes = np.array([abs(band.target or 0.0) / band.half_step for band in informative])
    inverse = np.linalg.pinv(steps, rcond=1e-13) * sizes
    for position, index in enumerate(free):
        runs_away = index in {SC, SE} and np.abs(steps[:, position]).max() < _NO_GRIP
        if np.linalg.norm(null[:, position]) <= math.sqrt(RANK_TOLERANCE) and not runs_away:
            identified[index] = True
            weights = np.abs(inverse[position])
            rests_on[index] = tuple(
                band.key
                for band, weight in zip(informative, weights, strict=True)
                if weight > _INFLUENCE * weights.max(initial=0.0)
            )
    return tuple(identified), rank, tuple(rests_on)


def misfits(theta: Vector, bands: Sequence[Band]) -> list[tuple[Band, float, float]]:
    """Return for each statistic its band, its fitted value and its residual in half rounding steps."""
    return [(band, value_of(theta, band), residual(theta, band)[0]) for band in bands]
