"""The fit: parameters with range and status, statistics, checks, remedies; its draws, and its plain JSON."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtri

from hecon import _checks
from hecon._display import displayed
from hecon.draws import direction, from_arrays
from hecon.errors import InputError, UnderdeterminedError
from hecon.reported._constraints import PARAMETERS, Band, Constraint
from hecon.reported._solve import WITHIN_ROUNDING, solve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr

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
    """Return n normal draws of (ΔC, ΔE), whitened and recentred so that their moments are θ to rounding error."""
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
        # Ranks mapped back to strata keep the second margin exact.
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
    """Refuse an effect of which less is better; published statistics give harm averted."""
    if direction(effect_unit, effect_better) == "less":
        msg = (
            f"effect_better must be 'more' for published statistics, got 'less' of {effect_unit!r}: "
            f"give them as harm averted, with their signs turned and effect_unit='{effect_unit} averted'"
        )
        raise InputError(msg)


def sample(fit: Fit, marginal: str, n: int, rng: np.random.Generator) -> tuple[Fit, Vector, Vector]:
    """Return n draws of (ΔC, ΔE), and the fit with the standard errors that they have."""
    theta = np.array(fit.theta)
    if marginal == "normal":
        return fit, *normal_draws(theta, n, rng)
    shapes, parameters = _shapes(fit), dict(fit.parameters)
    for outcome, shape in shapes.items():
        name = f"{outcome}_se"
        index = PARAMETERS.index(name)
        if shape.sd != theta[index]:
            parameters[name] = replace(parameters[name], value=shape.sd, range=None, status="derived")
        theta[index] = shape.sd
    # θ stays the normal solution, used by predictions; the parameters describe the draws.
    return replace(fit, parameters=parameters, marginal="lognormal"), *copula_draws(theta, shapes, n, rng)


def _shapes(fit: Fit) -> dict[str, ShiftedLogNormal]:
    # Net benefit has no margin of its own: it follows from costs and effects.
    skewed = [each for each in fit.intervals if not each.centred and each.outcome != "net_benefit"]
    if not skewed:
        msg = "marginal='lognormal' needs an interval that is not centred on its mean, got none; use marginal='normal'"
        raise InputError(msg)
    outcomes = [interval.outcome for interval in skewed]
    twice = next((outcome for outcome in outcomes if outcomes.count(outcome) > 1), None)
    if twice is not None:
        msg = f"marginal='lognormal' needs one interval of {twice}, got {outcomes.count(twice)}; use marginal='normal'"
        raise InputError(msg)
    return {i.outcome: shifted_log_normal(i.outcome, i.mean, i.low, i.high, i.z) for i in skewed}


# Most statistics for which the contradicting one is searched, as each takes a fit of the others.
_MOST = 12


def _is_checkable(band: Band, bands: Sequence[Band]) -> bool:
    """Tell whether a statistic may be a check instead: a probability, a ratio, or a net benefit without a spread."""
    alone = band.kind == "delta_net_benefit" and _can_stay_out(band, bands)
    return alone or band.is_probability or band.kind == "icer"


def _can_stay_out(band: Band, bands: Sequence[Band]) -> bool:
    """Tell whether a statistic can be left out alone, unlike a difference with a printed spread."""
    if not band.kind.startswith("delta_"):
        return True
    outcome = band.kind.removeprefix("delta_")
    return not any(other.kind.startswith(f"{outcome}_") and other.key.at == band.key.at for other in bands)


def of_contradiction(bands: Sequence[Band], fixed: Mapping[int, float], quadrant: str | None) -> tuple[str, str]:
    """Return the remedies (call, file) for contradicting statistics: which one to leave out."""
    apart: list[tuple[str, str]] = []
    if len(bands) + len(fixed) <= _MOST:
        for band in bands:
            others = [other for other in bands if other is not band]
            if others and _can_stay_out(band, bands) and solve(others, fixed, quadrant).worst <= WITHIN_ROUNDING:
                beside = (
                    (" (or with it in checks)", ' (or with use = "check")') if _is_checkable(band, bands) else ("", "")
                )
                apart.append((band.name + beside[0], band.name + beside[1]))
        for index in fixed:
            others_fixed = {key: value for key, value in fixed.items() if key != index}
            if solve(bands, others_fixed, quadrant).worst <= WITHIN_ROUNDING:
                apart.append((f"the assumption of {PARAMETERS[index]}",) * 2)
    if not apart:
        return "Check signs and units, or pass on_contradiction='warn'", "Check signs and units"
    in_call, in_file = (
        f"Check signs and units; the rest agree {' or '.join(f'without {name}' for name in dict.fromkeys(names))}"
        for names in zip(*apart, strict=True)
    )
    return f"{in_call}; or pass on_contradiction='warn'", in_file


def of_needless(index: int, bands: Sequence[Band], fixed: Mapping[int, float], quadrant: str | None) -> tuple[str, str]:
    """Return the remedies (call, file) for a needless assumption."""
    movable = []
    for band in bands:
        others = [other for other in bands if other is not band]
        if _is_checkable(band, bands) and others and not solve(others, fixed, quadrant).identified[index]:
            movable.append(band.name)
    names = " or ".join(movable)
    if not names:
        return "drop the assumption", "drop the assumption"
    return f"drop the assumption, or move {names} to checks", f'drop the assumption, or give {names} use = "check"'


def remedy(names: Sequence[str], fit: Fit | None = None) -> str:
    """Return which statistics would determine the named parameters."""
    return "; ".join(f"{name}: {_remedy(name, fit)}" for name in names)


def _remedy(name: str, fit: Fit | None) -> str:
    kinds = set() if fit is None else {band.kind for band in fit.bands}
    if name == "correlation":
        other = "another" if "p_cost_effective" in kinds else "a"
        return f"correlation, or p_cost_effective at {other} willingness to pay"
    outcome = "cost" if "cost" in name else "effect"
    article = "a" if outcome == "cost" else "an"
    if name.startswith("delta_"):
        other = "an effect" if outcome == "cost" else "a cost"
        beside = f"{other} difference" if "icer" in kinds else f"an icer beside {other} difference"
        return f"{article} {outcome} difference or arm means, or {beside}"
    # With a mean printed as 0, a p value does not determine the spread.
    zero = fit is not None and any(band.kind == f"delta_{outcome}" and band.target == 0 for band in fit.bands)
    spread = "an interval or standard error" if zero else "an interval, standard error or p value"
    if outcome == "cost":
        return f"{spread} of the cost difference, or arm SDs with n"
    return f"{spread} of the effect difference, SDs with n, or probability_above"


@dataclass(frozen=True)
class FittedParameter:
    """One of the five parameters: value, range, status and the statistics it rests on.

    Attributes
    ----------
    value : float or None, the point solution, or the assumed value; None if not determined
    range : (float, float) or None, smallest and largest value over rounding and assumptions
    status : str, "reported", "derived", "assumed" or "not determined"
    rests_on : tuple of Constraint, keys of the statistics that move it
    reason : str or None, why it is assumed
    """

    value: float | None
    range: tuple[float, float] | None
    status: str
    rests_on: tuple[Constraint, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class Statistic:
    """A printed statistic beside its fitted value.

    Attributes
    ----------
    key : Constraint, which statistic
    printed : float or None, its printed value; None if it only bounds
    low, high : float, the interval that rounds to it
    fitted : float, its value at the solution
    residual : float, fitted minus printed [half rounding steps]
    """

    key: Constraint
    printed: float | None
    low: float
    high: float
    fitted: float
    residual: float

    @property
    def name(self) -> str:
        """English name of the statistic."""
        return str(self.key)


GRADES = ("agrees", "agrees within approximation", "not consistent")
# Approximation error of normality between a bootstrap probability and its prediction.
APPROXIMATION = 0.03


@dataclass(frozen=True)
class Check:
    """A printed statistic that was not fitted but predicted.

    Attributes
    ----------
    key : Constraint, which statistic
    kind : str, its kind
    at : float, the willingness to pay, or the threshold of effect; 0 for a ratio and a quadrant
    printed : float, its printed value; of an interval the standard error that it implies
    low, high : float, the interval that rounds to it
    predicted : float or None, its value at the solution; None if a parameter that it needs is not determined
    range : (float, float) or None
        Its range over rounding and assumptions; None also for a ratio whose effect may be 0.
    consistent : bool or None, whether the grade is not "not consistent"
    gap : float or None
        Distance between that range and the printed interval: 0 where they meet, above 0 where the range lies above.
    tolerance : float or None
        The gap that approximation explains. For a probability 0.03 for normality and the Monte Carlo error of the
        source's bootstrap, √(p(1 − p)/B), at the end of the range that lies nearest; for a ratio or a net benefit what
        it takes that the differences were cut off after their last digit rather than rounded; for a standard error 0.03
        of it for normality, by which the interval of a log-normal of skewness 1.7 departs, and 1/√B of it.
    grade : str or None
        "agrees" (no gap), "agrees within approximation" (a gap within the tolerance) or "not consistent".
    """

    key: Constraint
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

    @property
    def name(self) -> str:
        """English name of the statistic."""
        return str(self.key)


@dataclass(frozen=True)
class Interval:
    """A printed two-sided interval: where it stands to its mean, and what its halves say of the standard error.

    Attributes
    ----------
    outcome : str, "cost", "effect" or "net_benefit"
    mean, low, high : float, as printed
    z : float, standard normal quantile of its level
    centred : bool
        Whether it can be centred on its mean within the rounding of all digits as printed, since numbers are fitted so.
        `hecon.audit`, which would accuse a source, takes zeros at the end of all three for rounding.
    se_from_halves : (float, float), standard errors that its shorter and its longer half imply
    at : str, willingness to pay of a net benefit, as given; empty for other outcomes
    """

    outcome: str
    mean: float
    low: float
    high: float
    z: float
    centred: bool
    se_from_halves: tuple[float, float]
    at: str = ""


@displayed
@dataclass(frozen=True)
class Fit:
    """What published statistics determine: θ with ranges and status, residuals, checks and identification.

    Parameters
    ----------
    theta : tuple of float
        The solution (μ_C, μ_E, σ_C, σ_E, ρ); where a parameter is not determined, a placeholder.
    parameters : dict of str to FittedParameter
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
    parameters: dict[str, FittedParameter]
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

    def _rows(self) -> list[dict[str, Any]]:
        """Return the rows of `hecon.table`: each parameter with its range and status."""
        return [
            {"parameter": name, "value": parameter.value, "range": parameter.range, "status": parameter.status}
            for name, parameter in self.parameters.items()
        ]

    def draws(
        self,
        intervention: str,
        comparator: str,
        *,
        marginal: str = "normal",
        n_draws: int = 100_000,
        rng: int | np.random.Generator | None = None,
        currency: str | None = None,
        effect_unit: str = "QALY",
        effect_better: str | None = None,
        price_year: int | None = None,
        horizon_years: float | None = None,
        discount_cost: float | None = None,
        discount_effect: float | None = None,
        source: str | None = None,
    ) -> xr.Dataset:
        """Return draws of incremental cost and effect, where all five parameters are determined or assumed.

        Parameters
        ----------
        intervention, comparator : str
            Names of the two strategies.
        marginal : {"normal", "lognormal"}, default "normal"
            As in `from_reported`.
        n_draws : int, default 100,000
            Number of draws, at least 10.
        rng : int, numpy.random.Generator or None
            Seed or generator.
        currency, effect_unit, effect_better, price_year, horizon_years : as in `from_reported`
            What the draws are of.
        discount_cost, discount_effect, source : as in `from_reported`
            Annual discount rates, and where the figures come from.

        Returns
        -------
        xarray.Dataset
            Incremental draws, with the fit in ``attrs["fit"]``.

        Raises
        ------
        UnderdeterminedError
            If a parameter is neither determined nor assumed.
        """
        refuse_undetermined(self)
        _checks.one_of("marginal", marginal, MARGINALS)
        refuse_harm(effect_unit, effect_better)
        n = _checks.count("n_draws", n_draws, at_least=10)
        random = _checks.generator(rng)
        fit, cost, effect = sample(self, marginal, n, random)
        zero = np.zeros(n)
        draws = from_arrays(
            np.column_stack([zero, cost]),
            np.column_stack([zero, effect]),
            strategies=[comparator, intervention],
            comparator=comparator,
            scale="incremental",
            currency=currency,
            effect_unit=effect_unit,
            effect_better=effect_better,
            price_year=price_year,
            horizon_years=horizon_years,
            discount_cost=discount_cost,
            discount_effect=discount_effect,
            source=source,
        )
        return draws.assign_attrs(fit=fit.to_json())

    def to_json(self) -> dict[str, Any]:
        """Return the fit as plain JSON; `fit_of` reads it back.

        Returns
        -------
        dict
            Plain values by the names of the fields; an end at infinity is None.
        """
        return _listed(asdict(self))  # type: ignore[no-any-return]


def refuse_undetermined(fit: Fit, intervention: str | None = None) -> None:
    """Refuse draws of a fit that leaves parameters open, and tell which statistics would determine them."""
    if not fit.undetermined:
        return
    names = ", ".join(fit.undetermined)
    msg = (
        f"{'' if intervention is None else f'{intervention}: '}{names} "
        f"{'is' if len(fit.undetermined) == 1 else 'are'} not determined by what was reported. "
        f"Give {remedy(fit.undetermined, fit)}; or assume it: "
        f"assume={{{fit.undetermined[0]!r}: Assumed(value, range=(low, high), reason=...)}}"
    )
    raise UnderdeterminedError(msg, fit.undetermined)


def _listed(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_listed(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return bool(value) if isinstance(value, np.bool_) else value


def fit_of(draws: xr.Dataset) -> Fit | None:
    """Return the fit that draws carry, or None for draws that did not come from published statistics."""
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
            name: FittedParameter(
                p["value"],
                pair(p["range"]),
                p["status"],
                tuple(Constraint(**key) for key in p["rests_on"]),
                p["reason"],
            )
            for name, p in plain["parameters"].items()
        },
        statistics=tuple(Statistic(**{**s, **_open_ends(s), **_key(s)}) for s in plain["statistics"]),
        checks=tuple(Check(**{**c, "range": pair(c["range"]), **_key(c)}) for c in plain["checks"]),
        intervals=tuple(Interval(**{**i, "se_from_halves": tuple(i["se_from_halves"])}) for i in plain["intervals"]),
        assumed={name: (v[0], v[1], v[2]) for name, v in plain["assumed"].items()},
        bands=tuple(Band(**{**b, **_open_ends(b), **_key(b)}) for b in plain["bands"]),
        rank=plain["rank"],
        marginal=plain["marginal"],
    )


def _key(plain: dict[str, Any]) -> dict[str, Constraint]:
    return {"key": Constraint(**plain["key"])}


def _open_ends(plain: dict[str, Any]) -> dict[str, float]:
    return {
        "low": -math.inf if plain["low"] is None else plain["low"],
        "high": math.inf if plain["high"] is None else plain["high"],
    }
