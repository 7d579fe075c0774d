"""Solve the constraints that published statistics place, by bounded least squares from many starts."""

from __future__ import annotations

import itertools
import math
import operator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq, least_squares
from scipy.special import ndtri

from hecon.reported._constraints import (
    DC,
    DE,
    PARAMETERS,
    RHO,
    SC,
    SE,
    SIGNS,
    Band,
    Constraint,
    Vector,
    both_below,
    involved,
    order,
    quotient,
    residual,
    score_residual,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

RANK_TOLERANCE = 1e-7
WITHIN_ROUNDING = 1.0 + 1e-6
# Misfit that no other start improves.
_SOLVED = 1e-3
_CORRELATION_EDGE = 1.0 - 1e-9
# Furthest coordinates from 0: standard errors within e¹² of where the search starts.
_FURTHEST = np.array([np.inf, np.inf, 12.0, 12.0, _CORRELATION_EDGE])
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
    """θ, its misfit, if the search settled, what of it is identified, and which statistics each parameter rests on."""

    theta: Vector
    worst: float
    settled: bool = True
    identified: tuple[bool, ...] = ()
    rank: int = 0
    rests_on: tuple[tuple[Constraint, ...], ...] = ()


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
    z_cost, z_effect, rho_of_shares = _of_shares(
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


def _of_shares(shares: dict[str, float]) -> tuple[float | None, float | None, float | None]:
    """Return μ_C/σ_C, μ_E/σ_E and ρ that printed shares suggest; None for what they do not tell."""
    shares = dict(shares)
    if len(shares) == len(SIGNS) - 1:
        shares[next(each for each in SIGNS if each not in shares)] = 1.0 - sum(shares.values())
    sides = []
    for inside, outside in ((("NE", "NW"), ("SE", "SW")), (("NE", "SE"), ("NW", "SW"))):
        chance = (
            sum(shares[each] for each in inside)
            if all(each in shares for each in inside)
            else 1.0 - sum(shares[each] for each in outside)
            if all(each in shares for each in outside)
            else None
        )
        sides.append(None if chance is None else float(ndtri(min(max(chance, 1e-3), 1.0 - 1e-3))))
    z_cost, z_effect = sides
    if z_cost is None or z_effect is None:
        return z_cost, z_effect, None
    quadrant = max(shares, key=lambda each: shares[each])
    north, east = SIGNS[quadrant]

    def excess(rho: float) -> float:
        return both_below(north * z_cost, east * z_effect, north * east * rho) - shares[quadrant]

    ends = -0.99, 0.99
    at_ends = [excess(end) for end in ends]
    if at_ends[0] * at_ends[1] > 0:
        return z_cost, z_effect, min(ends, key=lambda end: abs(excess(end)))
    return z_cost, z_effect, float(brentq(excess, *ends))


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
        self.scale = np.maximum(np.abs(start[[DC, DE]]), 1e-3 * start[[SC, SE]])

    def slopes(self, theta: Vector) -> Vector:
        """Return dθ/dx for the free coordinates."""
        return np.array([*self.scale, theta[SC], theta[SE], 1.0])[self.free]


def _evaluated(
    theta_at: Callable[[Vector], Vector],
    bands: Sequence[Band],
    coordinates: _Coordinates,
    of: Callable[[Vector, Band], tuple[float, Vector]],
) -> Callable[[Vector], tuple[Vector, Vector]]:
    """Return a function that gives residuals and slopes; slopes are asked for where the residuals were, and kept."""
    kept: dict[bytes, tuple[Vector, Vector]] = {}

    def both(x: Vector) -> tuple[Vector, Vector]:
        at = x.tobytes()
        if at not in kept:
            kept.clear()
            theta = theta_at(x)
            pairs = [of(theta, band) for band in bands]
            slopes = coordinates.slopes(theta)
            kept[at] = np.array([r for r, _ in pairs]), np.array([g[coordinates.free] * slopes for _, g in pairs])
        return kept[at]

    return both


def _fit(
    start: Vector,
    bands: Sequence[Band],
    coordinates: _Coordinates,
    *,
    evaluations: int = 60,
    of: Callable[[Vector, Band], tuple[float, Vector]] = residual,
) -> SolvedParameters:
    """Return the end of least squares."""
    free, scale, sizes = coordinates.free, coordinates.scale, coordinates.start[[SC, SE]]

    def theta_at(x: Vector) -> Vector:
        theta = coordinates.start.copy()
        theta[[DC, DE]] /= scale
        theta[[SC, SE]] = 0.0
        theta[free] = x
        theta[[DC, DE]] *= scale
        theta[[SC, SE]] = np.exp(theta[[SC, SE]]) * sizes
        return theta

    both = _evaluated(theta_at, bands, coordinates, of)
    if not free:
        return SolvedParameters(start, float(max((abs(residual(start, band)[0]) for band in bands), default=0.0)))
    begin = start.copy()
    begin[[DC, DE]] /= scale
    begin[[SC, SE]] = np.log(begin[[SC, SE]] / sizes)
    result = least_squares(
        lambda x: both(x)[0],
        begin[free],
        jac=lambda x: both(x)[1],
        bounds=(-_FURTHEST[free], _FURTHEST[free]),
        x_scale="jac",
        ftol=1e-15,
        xtol=1e-15,
        gtol=1e-15,
        max_nfev=evaluations,
    )
    return SolvedParameters(theta_at(result.x), float(np.max(np.abs(result.fun), initial=0.0)), bool(result.success))


def _softened(band: Band) -> Band:
    """Return the statistic as if printed to three digits, as exact ones make the objective ill-conditioned."""
    if band.target is None:
        return band
    room = _SOFT * abs(band.target)
    return replace(band, low=min(band.low, band.target - room), high=max(band.high, band.target + room))


def _within(starts: Sequence[Vector], bands: Sequence[Band], coordinates: _Coordinates) -> SolvedParameters | None:
    """Return a θ that meets every statistic within rounding, where least squares trades one against another, or None.

    It aims at the middle part of each printed interval: aiming at the ends may stop just outside.
    """
    whole = [replace(band, target=None) for band in bands]
    for share, start in itertools.product(_SHARES, starts):
        aims = []
        for band in bands:
            low, high = band.low, band.high
            if band.target is not None:
                low, high = band.target - share * (band.target - low), band.target + share * (high - band.target)
            aims.append(replace(band, target=None, low=low, high=high))
        theta = _fit(start, aims, coordinates, evaluations=400).theta
        if max(abs(residual(theta, band)[0]) for band in whole) <= WITHIN_ROUNDING - 1.0:
            return SolvedParameters(theta, 1.0)
    return None


def solve(bands: Sequence[Band], fixed: Mapping[int, float], quadrant: str | None) -> SolvedParameters:
    """Return the least-squares solution over all starts; `worst` above 1 means a contradiction."""
    bands = sorted(bands, key=order)
    start = scales(bands, fixed, quadrant)
    coordinates = _Coordinates(start, fixed, frozenset(i for band in bands for i in involved(band.kind)))
    best, found = SolvedParameters(start, math.inf), list[SolvedParameters]()
    softened = [_softened(band) for band in bands]
    for point in _starts(start, bands, fixed):
        near = _fit(point, softened, coordinates, of=score_residual)
        found.append(_fit(near.theta, bands, coordinates))
        if found[-1].worst < best.worst - 1e-9:
            best = found[-1]
        if best.worst < _SOLVED or (best.worst <= WITHIN_ROUNDING and len(found) >= _ENOUGH):
            break
    if best.worst > WITHIN_ROUNDING:
        found = sorted(found, key=operator.attrgetter("worst"))[:_SECOND_LOOKS]
        best = _within([each.theta for each in found], bands, coordinates) or _longer(best, bands, coordinates)
    identified, rank, rests_on = _identification(best.theta, bands, fixed, coordinates)
    return replace(best, identified=identified, rank=rank, rests_on=rests_on)


def _longer(best: SolvedParameters, bands: Sequence[Band], coordinates: _Coordinates) -> SolvedParameters:
    """Return where a search that ran out of evaluations ends if it goes on; only then is it a contradiction."""
    if best.settled:
        return best
    longer = _fit(best.theta, bands, coordinates, evaluations=_LAST_EVALUATIONS)
    best = replace(longer if longer.worst < best.worst else best, settled=longer.settled)
    contradicts = best.settled and best.worst > WITHIN_ROUNDING
    return (_within([best.theta], bands, coordinates) if contradicts else None) or best


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
