"""What a fit predicts under normality, with the range that rounding and assumptions leave."""

from __future__ import annotations

import itertools
import math
import warnings
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from scipy.optimize import Bounds, minimize
from scipy.special import ndtr

from hecon import _checks
from hecon.errors import InputError, StatisticalWarning
from hecon.printed.numbers import cut_off, printed
from hecon.reported._constraints import (
    DC,
    DE,
    PARAMETERS,
    RHO,
    SC,
    SE,
    Band,
    Constraint,
    Vector,
    as_printed,
    involved,
    order,
    parts,
    quotient,
    quotient_bounds,
    value_of,
)
from hecon.reported.fits import APPROXIMATION, GRADES, Check
from hecon.reported.records import Ratio, net_benefit_bands, pairs, probability_bands, quadrant_bands

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from hecon.reported.fits import Fit

_TOLERANCE = 1e-7
# Factor within which standard errors are searched; one near its end is unbounded.
_WIDE = 1e4
_UNBOUNDED = 0.1
_STARTS = 3
# SLSQP may leave its bounds by a last bit; SciPy clips the point and warns.
_CLIPPED = "Values in x were outside bounds during a minimize step"
# Relative distance within which searches have found the same extreme.
_SAME = 1e-6
# Searches from elsewhere that confirm an extreme although none converged, as near ρ = ±1.
_AGREEING = 3
# Infeasibility allowed to such searches, in units of `_TOLERANCE`.
_NEARLY = 1e-5
# Standard errors beyond which a probability is 1 (or 0) to the last digit.
_CERTAIN = 9.0
# Quantities that have a willingness to pay or a threshold of effect.
_AT_A_PLACE = {"p_cost_effective", "p_effect_above", "delta_net_benefit", "net_benefit_se"}


def _scale(theta: Vector, bands: Sequence[Band]) -> Vector:
    """Return the size of each parameter; a mean that was printed as 0 has that of its rounding."""
    size = np.abs(theta).copy()
    size[[DC, DE]] = np.maximum(size[[DC, DE]], 1e-3 * size[[SC, SE]])
    size[4] = 1.0
    for band in bands:
        if band.kind in PARAMETERS and band.target is not None:
            index = PARAMETERS.index(band.kind)
            size[index] = max(size[index], band.half_step)
    return np.maximum(size, 1e-300)


class Allowed:
    """The set of θ that statistics and assumptions allow, in coordinates scaled by the solution."""

    def __init__(
        self,
        theta: Vector,
        bands: Sequence[Band],
        varied: Mapping[int, tuple[float, float]],
        held: frozenset[int],
    ) -> None:
        bands = sorted(bands, key=order)
        self.theta = theta
        self.free = [i for i in range(5) if i not in held]
        self.scale = _scale(theta, bands)
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
        self.bounds = Bounds(low[self.free] / self.scale[self.free], high[self.free] / self.scale[self.free])
        self.seeds: list[Vector] | None = None
        # The scale of a constraint does not depend on θ.
        self.units = []
        for band, _, _ in self.curved:
            m0, _, s0, _ = parts(theta, band.kind, band.at)
            self.units.append((max(abs(m0), s0), s0 != 1.0 or band.is_probability))
        self.last: tuple[Vector, tuple[Vector, Vector]] | None = None
        self.extremes: dict[tuple[str, float, float], tuple[float, bool]] = {}

    def _full(self, x: Vector) -> Vector:
        theta = self.theta.copy()
        theta[self.free] = x * self.scale[self.free]
        return theta

    def _constraints(self, x: Vector) -> tuple[Vector, Vector]:
        # A search asks for values and gradients at the same point.
        last = self.last
        if last is not None and np.array_equal(last[0], x):
            return last[1]
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
        constraints = np.array(values), np.array(gradients).reshape(len(values), len(self.free))
        self.last = x.copy(), constraints
        return constraints

    def _feasible(self, theta: Vector, tolerance: float = _TOLERANCE) -> bool:
        room = tolerance * self.scale
        inside = np.all(theta >= self.low - room) and np.all(theta <= self.high + room)
        values, _ = self._constraints(theta[self.free] / self.scale[self.free])
        return bool(inside and np.all(values >= -tolerance))

    def _search(self, start: Vector, kind: str, at: float, sign: float) -> tuple[Vector, bool]:
        """Return the end of a search and whether it converged."""
        slope = quotient(self.theta, kind, at)[1]
        span = max(float(np.abs(slope * self.scale)[self.free].max(initial=0.0)), 1e-30)

        def objective(x: Vector) -> tuple[float, Vector]:
            ratio, gradient = quotient(self._full(x), kind, at)
            return sign * ratio / span, sign * gradient[self.free] * self.scale[self.free] / span

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
                bounds=self.bounds,
                constraints=constraints,
                method="SLSQP",
                options={"maxiter": 200, "ftol": 1e-12},
            )
        theta = self._full(np.clip(result.x, self.bounds.lb, self.bounds.ub))
        return theta, bool(result.success)

    def _seeded(self) -> list[Vector]:
        """Return far corners of the set as starts, as it need not be convex."""
        if self.seeds is None:
            corners = self._far_corners() if self.curved else self._box_corners()
            self.seeds = [corner for corner in corners if self._feasible(corner)]
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

        The quotient is ±inf if unbounded. It is confirmed by a search that ended well, by several that stopped at the
        same place from others, or where nothing can lie beyond.
        """
        asked = (kind, at, sign)
        if asked not in self.extremes:
            self.extremes[asked] = self._extreme(kind, at, sign)
        return self.extremes[asked]

    def _extreme(self, kind: str, at: float, sign: float) -> tuple[float, bool]:
        """Search from every start."""

        def of(theta: Vector) -> float:
            return sign * quotient(theta, kind, at)[0]

        starts = [self.theta, *sorted(self._seeded(), key=of)]
        best = min(starts, key=of)
        ends: list[tuple[float, float, bool]] = []
        confirmed = False
        between = [(self.theta + start) / 2 for start in starts[1:]]
        # A second round from all other starts where the first does not confirm the best end.
        for some in (starts[: _STARTS + 1], [*starts[_STARTS + 1 :], *between]):
            for start in some:
                end, well = self._search(start, kind, at, sign)
                inside = self._feasible(end)
                if inside:
                    best = min(best, end, key=of)
                if inside or self._feasible(end, _NEARLY):
                    ends.append((of(start), of(end), well and inside))
            reached = of(best)
            close = _SAME * (abs(reached) + abs(of(self.theta) - reached)) + self._grain(kind, at)
            stopped = [(begun, well) for begun, ended, well in ends if abs(ended - reached) <= close]
            agreed = sum(begun > reached + close for begun, _ in stopped) >= _AGREEING
            confirmed = agreed or any(well for _, well in stopped) or self._is_certain(kind, at, sign, reached)
            if confirmed:
                break
        return self._unless_unbounded(kind, at, best), bool(confirmed)

    def _is_certain(self, kind: str, at: float, sign: float, value: float) -> bool:
        """Tell whether nothing can lie beyond a value: a natural bound, or a probability of 0 or 1."""
        if kind in PARAMETERS:
            index = PARAMETERS.index(kind)
            bound = sign * float((self.low if sign > 0 else self.high)[index])
            return value <= bound + self._grain(kind, at)
        return kind.startswith("p_") and value < -_CERTAIN

    def _grain(self, kind: str, at: float) -> float:
        """Return the absolute tolerance of a quantity that may be 0."""
        if kind in PARAMETERS:
            return float(_TOLERANCE * self.scale[PARAMETERS.index(kind)])
        if kind == "delta_net_benefit":
            return float(_TOLERANCE * (self.scale[DC] + at * self.scale[DE]))
        if kind == "net_benefit_se":
            return float(_TOLERANCE * (self.scale[SC] + at * self.scale[SE]))
        return _TOLERANCE if kind.startswith("p_") else 1e-300

    def _unless_unbounded(self, kind: str, at: float, best: Vector) -> float:
        if kind in {"cost_se", "effect_se"}:
            index = PARAMETERS.index(kind)
            if best[index] > _UNBOUNDED * _WIDE * self.theta[index]:
                return math.inf
            if best[index] < self.theta[index] / (_UNBOUNDED * _WIDE):
                return 0.0
        return float(quotient(best, kind, at)[0])

    def span(self, kind: str, at: float = 0.0) -> tuple[float, float]:
        """Return the smallest and largest quotient over the allowed set."""
        low, sure_of_low = self.extreme(kind, at, 1.0)
        high, sure_of_high = self.extreme(kind, at, -1.0)
        if not (sure_of_low and sure_of_high):
            ends = " and ".join(end for end, sure in (("smallest", sure_of_low), ("largest", sure_of_high)) if not sure)
            about = f"{kind} at {at:g}" if kind in _AT_A_PLACE else kind
            msg = (
                f"range of {about} must be searched over all that rounding and assumptions allow, but no search for "
                f"its {ends} value ended well: it may be too narrow"
            )
            warnings.warn(msg, StatisticalWarning, stacklevel=3)
        return low, high


_LARGEST_WTP = 1e30
# Bootstrap replicates assumed where the source does not state them.
REPLICATES = 1000
_NEEDS = {
    "p_cost_effective": set(PARAMETERS),
    "probability_above": {"delta_effect", "effect_se"},
    "icer": {"delta_cost", "delta_effect"},
    "quadrant_shares": set(PARAMETERS),
    "net_benefit": set(PARAMETERS),
}


def allowed_by(fit: Fit, vary: Collection[str] | None) -> Allowed:
    """Return the set of θ that a fit allows; `vary` names the assumed parameters to vary (default: all)."""
    names = set(fit.assumed) if vary is None else {vary} if isinstance(vary, str) else set(vary)
    for name in sorted(names - set(fit.assumed)):
        _checks.one_of("vary", name, tuple(fit.assumed))
    varied = {PARAMETERS.index(name): fit.assumed[name][1:] for name in names}
    moving = {index for band in fit.bands for index in involved(band.kind)} | set(varied)
    held = {PARAMETERS.index(name) for name in fit.assumed if name not in names} | (set(range(5)) - moving)
    return _allowed(fit.theta, fit.bands, tuple(sorted(varied.items())), frozenset(held))


@lru_cache(maxsize=32)
def _allowed(
    theta: tuple[float, ...],
    bands: tuple[Band, ...],
    varied: tuple[tuple[int, tuple[float, float]], ...],
    held: frozenset[int],
) -> Allowed:
    """Return a set with the extremes found so far: one analysis asks for the same ones in several places."""
    return Allowed(np.array(theta), bands, dict(varied), held)


def _one(wtp: float) -> float:
    if np.ndim(wtp) != 0:
        msg = f"wtp must be one number, got {wtp!r}"
        raise InputError(msg)
    return float(_wtp(wtp)[0])


def _wtp(wtp: ArrayLike) -> NDArray[np.float64]:
    """Return willingness to pay whose squares a float holds."""
    values = _checks.willingness_to_pay(wtp)
    if values.max() > _LARGEST_WTP:
        msg = f"wtp must be at most {_LARGEST_WTP:g}, got {values.max():g}"
        raise InputError(msg)
    return values


def _needs(fit: Fit, names: Collection[str], what: str) -> None:
    """Refuse what is no fit, or one that leaves these parameters open."""
    _checks.instance("fit", fit, "Fit", "hecon.reported.fit returns one")
    lacking = [name for name in fit.undetermined if name in names]
    if lacking:
        msg = f"{what} needs {', '.join(lacking)}, which what was reported does not determine"
        raise InputError(msg)


def probability(fit: Fit, *, wtp: float) -> float:
    """Return the probability that the intervention is cost-effective, in closed form under normality.

    Parameters
    ----------
    fit : Fit
        A fit in which all five parameters are determined or assumed.
    wtp : float
        Willingness to pay [currency per QALY], at least 0.

    Returns
    -------
    float
        Φ((λμ_E − μ_C)/√(λ²σ_E² + σ_C² − 2λρσ_Eσ_C)).
    """
    _needs(fit, PARAMETERS, "the probability")
    at = _one(wtp)
    return value_of(np.array(fit.theta), Band(Constraint("p_cost_effective"), "p_cost_effective", at, None, 0.0, 1.0))


def probability_range(fit: Fit, *, wtp: float, vary: Collection[str] | None = None) -> tuple[float, float]:
    """Return the range of the probability cost-effective over rounding and over assumed ranges, varied jointly.

    Parameters
    ----------
    fit : Fit
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
    return probability_ranges(fit, wtp=_one(wtp), vary=vary)[0]


def probability_ranges(fit: Fit, *, wtp: ArrayLike, vary: Collection[str] | None = None) -> list[tuple[float, float]]:
    """Return `probability_range` at several values of willingness to pay, faster than one by one."""
    _needs(fit, PARAMETERS, "the range of the probability")
    allowed = allowed_by(fit, vary)
    spans = (allowed.span("p_cost_effective", float(at)) for at in _wtp(wtp))
    return [(float(ndtr(low)), float(ndtr(high))) for low, high in spans]


def net_benefit_range(fit: Fit, *, wtp: float) -> tuple[float, float]:
    """Return the range of the mean incremental net monetary benefit over rounding and assumed ranges.

    Parameters
    ----------
    fit : Fit
        A fit in which both mean differences are determined or assumed.
    wtp : float
        Willingness to pay [currency per QALY], at least 0.

    Returns
    -------
    (float, float)
        Smallest and largest λμ_E − μ_C [currency].
    """
    return net_benefit_ranges(fit, wtp=_one(wtp))[0]


def net_benefit_ranges(fit: Fit, *, wtp: ArrayLike) -> list[tuple[float, float]]:
    """Return `net_benefit_range` at several values of willingness to pay, faster than one by one."""
    _needs(fit, ("delta_cost", "delta_effect"), "net benefit")
    allowed = allowed_by(fit, None)
    return [allowed.span("delta_net_benefit", float(at)) for at in _wtp(wtp)]


def net_benefit_se_ranges(fit: Fit, *, wtp: ArrayLike) -> list[tuple[float, float]]:
    """Return the range of the standard error of incremental net benefit over rounding and assumed ranges."""
    _needs(fit, PARAMETERS, "the standard error of net benefit")
    allowed = allowed_by(fit, None)
    return [allowed.span("net_benefit_se", float(at)) for at in _wtp(wtp)]


def design_effect_probability(fit: Fit, *, wtp: float, design_effect: float) -> float:
    """Return the probability cost-effective if clustering had inflated both variances by a design effect."""
    factor = _checks.finite("design_effect", design_effect)
    if factor < 1.0:
        msg = f"design_effect must be at least 1, got {factor}"
        raise InputError(msg)
    _needs(fit, PARAMETERS, "the probability")
    at = _one(wtp)
    z, _ = quotient(np.array(fit.theta), "p_cost_effective", at)
    return float(ndtr(z / np.sqrt(factor)))


def widened_to_halves(fit: Fit) -> Fit | None:
    """Return the fit with each uncentred standard error free between those of its halves; None without any."""
    halves = {
        Constraint("interval_width", interval.outcome, interval.at): interval.se_from_halves
        for interval in fit.intervals
        if not interval.centred
    }
    if not halves:
        return None
    bands = tuple(
        replace(band, low=min(band.low, halves[band.key][0]), high=max(band.high, halves[band.key][1]))
        if band.key in halves
        else band
        for band in fit.bands
    )
    return replace(fit, bands=bands)


def checked(fit: Fit, checks: Mapping[str, Any] | None, replicates: int) -> tuple[Check, ...]:
    """Return the statistics that were kept as checks, each predicted and graded."""
    count = _checks.count("replicates", replicates, at_least=1)
    results: list[Check] = []
    for kind, values in pairs("checks", checks).items():
        _checks.one_of("checks", kind, tuple(_NEEDS))
        lacking = bool(_NEEDS[kind] & set(fit.undetermined))
        if kind == "icer":
            results.append(_checked_amount(fit, _ratio_band(values), lacking=lacking))
        elif kind == "net_benefit":
            results += [_checked_net_benefit(fit, band, count) for band in net_benefit_bands(values)]
        else:
            place = "p_effect_above" if kind == "probability_above" else kind
            bands = quadrant_bands(values) if kind == "quadrant_shares" else probability_bands(place, values)
            results += [_checked_probability(fit, band, count, lacking=lacking) for band in bands]
    return tuple(results)


def _checked_probability(fit: Fit, band: Band, replicates: int, *, lacking: bool) -> Check:
    shown = band.target if band.target is not None else (1.0 if band.high == 1.0 else 0.0)
    if lacking:
        return Check(band.key, band.kind, band.at, shown, band.low, band.high, None, None, None)
    low, high = (float(ndtr(z)) for z in allowed_by(fit, None).span(band.kind, band.at))
    predicted = value_of(np.array(fit.theta), band)
    draft = Check(band.key, band.kind, band.at, shown, band.low, band.high, predicted, (low, high), None)
    return _graded_probability(draft, band, replicates)


def _graded_probability(draft: Check, band: Band, replicates: int) -> Check:
    """Return the check of a probability, for which normality and the source's bootstrap leave room."""
    low, high = cast("tuple[float, float]", draft.range)
    gap = _gap((low, high), band)
    nearest = low if gap > 0 else high if gap < 0 else cast("float", draft.predicted)
    return _graded(draft, gap, APPROXIMATION + float(np.sqrt(nearest * (1.0 - nearest) / replicates)))


def _checked_net_benefit(fit: Fit, band: Band, replicates: int) -> Check:
    """Return the check of a net benefit, of its standard error or of its p value."""
    lacking = any(PARAMETERS[index] in fit.undetermined for index in involved(band.kind))
    if band.kind == "delta_net_benefit":
        return _checked_amount(fit, band, lacking=lacking)
    if band.kind == "net_benefit_z":
        return _checked_p_value(fit, band, replicates, lacking=lacking)
    draft = Check(band.key, band.kind, band.at, float(band.target or 0.0), band.low, band.high, None, None, None)
    if lacking:
        return draft
    span = allowed_by(fit, None).span(band.kind, band.at)
    draft = replace(draft, predicted=float(value_of(np.array(fit.theta), band)), range=span)
    gap = _gap(span, band)
    nearest = span[0] if gap > 0 else span[1] if gap < 0 else cast("float", draft.predicted)
    return _graded(draft, gap, nearest * (APPROXIMATION + 1.0 / math.sqrt(replicates)))


def _checked_p_value(fit: Fit, band: Band, replicates: int, *, lacking: bool) -> Check:
    """Return the check of a p value of net benefit; as printed it falls where the z score of the band rises."""
    low, high = as_printed(band, band.high), as_printed(band, band.low)
    shown = as_printed(band, band.target) if band.target is not None else high if low == 0.0 else low
    draft = Check(band.key, band.kind, band.at, shown, low, high, None, None, None)
    if lacking:
        return draft
    # The score with its sign, as its size has no slope at 0.
    ends = sorted(allowed_by(fit, None).span("p_cost_effective", band.at))
    sizes = sorted(map(abs, ends))
    least = 0.0 if ends[0] <= 0.0 <= ends[1] else sizes[0]
    span = (as_printed(band, sizes[1]), as_printed(band, least))
    predicted = as_printed(band, abs(value_of(np.array(fit.theta), band)))
    found = replace(draft, predicted=predicted, range=span)
    return _graded_probability(found, replace(band, low=low, high=high), replicates)


def _graded(draft: Check, gap: float, tolerance: float) -> Check:
    grade = GRADES[0] if gap == 0.0 else GRADES[1] if abs(gap) <= tolerance else GRADES[2]
    return replace(draft, consistent=grade != GRADES[2], gap=gap, tolerance=tolerance, grade=grade)


def _gap(span: tuple[float, float], band: Band) -> float:
    """Return how far a range lies above (> 0) or below (< 0) the interval that rounds to a printed value."""
    return max(span[0] - band.high, 0.0) + min(span[1] - band.low, 0.0)


def _ratio_band(given: Any) -> Band:  # noqa: ANN401 (a Ratio or whatever a number may be given as)
    ratio = given if isinstance(given, Ratio) else Ratio(given)
    return Band(Constraint("icer"), "icer", 0.0, *printed("icer", ratio.value))


def _checked_amount(fit: Fit, band: Band, *, lacking: bool) -> Check:
    """Return the check of a ratio or a net benefit, which follows from the differences in mean alone."""
    shown = float(band.target or 0.0)
    predicted = None if lacking else float(value_of(np.array(fit.theta), band))
    draft = Check(band.key, band.kind, band.at, shown, band.low, band.high, predicted, None, None)
    allowed = allowed_by(fit, None)
    if lacking:
        return draft
    if band.kind == "icer":
        least, most = allowed.span("delta_effect")
        if least <= 0.0 <= most:  # any ratio is possible
            return draft
    span = allowed.span(band.kind, band.at)
    draft, gap = replace(draft, range=span), _gap(span, band)
    if gap == 0.0:
        return _graded(draft, gap, 0.0)
    cut = replace(fit, bands=tuple(_cut_off(fitted) for fitted in fit.bands))
    wide = allowed_by(cut, None).span(band.kind, band.at)
    return _graded(draft, gap, span[0] - wide[0] if gap > 0 else wide[1] - span[1])


def _cut_off(band: Band) -> Band:
    """Return the band of a difference whose digits may have been truncated."""
    if band.kind not in {"delta_cost", "delta_effect"} or band.target is None:
        return band
    low, high = cut_off(band.target, (band.low, band.high))
    return replace(band, low=low, high=high)
