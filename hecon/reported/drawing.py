"""From published summary statistics to draws."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtri

from hecon import _checks
from hecon.draws import direction, from_arrays
from hecon.errors import InputError, UnderdeterminedError
from hecon.reported.fits import remedy
from hecon.reported.fitting import fit
from hecon.reported.predictions import REPLICATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from hecon.printed.numbers import Number
    from hecon.reported.fits import Fit
    from hecon.reported.records import Assumed, Outcome, Ratio

__all__ = ["draws_of", "from_reported"]

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


def from_reported(
    intervention: str,
    comparator: str,
    *,
    cost: Outcome = None,
    effect: Outcome = None,
    icer: Ratio | Number | None = None,
    p_cost_effective: Mapping[Number, Number] | None = None,
    probability_above: Mapping[Number, Number] | None = None,
    correlation: Number | None = None,
    assume: Mapping[str, Assumed] | None = None,
    checks: Mapping[str, Any] | None = None,
    replicates: int = REPLICATES,
    marginal: str = "normal",
    on_contradiction: str = "raise",
    n_draws: int = 100_000,
    rng: int | np.random.Generator | None = None,
    currency: str = "EUR",
    effect_unit: str = "QALY",
    effect_better: str | None = None,
    price_year: int | None = None,
    horizon_years: float | None = None,
    discount_cost: float | None = None,
    discount_effect: float | None = None,
    source: str | None = None,
) -> xr.Dataset:
    """Turn published summary statistics into draws of incremental cost and effect.

    Parameters
    ----------
    intervention, comparator : str
        Names of the two strategies. All differences are intervention minus comparator.
    cost, effect : Arms, Difference or tuple of them, optional
        What was reported of each outcome [currency; QALY].
    icer : Ratio or number, optional
        Incremental cost-effectiveness ratio [currency per QALY]; with its quadrant unless cost or effect fix it.
    p_cost_effective : mapping, optional
        Willingness to pay [currency per QALY] → probability that the intervention is cost-effective, in [0, 1].
    probability_above : mapping, optional
        Threshold of the effect difference [QALY] → probability that the effect difference lies above it.
    correlation : number, optional
        Correlation of incremental cost and effect, in [-1, 1].
    assume : mapping of str to Assumed, optional
        Assumptions for what the statistics do not determine, by parameter: delta_cost, delta_effect, cost_se,
        effect_se, correlation.
    checks : mapping, optional
        ``{"p_cost_effective": {...}, "probability_above": {...}, "icer": ...}``: printed statistics to predict, not to
        fit.
    replicates : int, default 1000
        Replicates of the source's bootstrap, for the Monte Carlo error of the probabilities kept as checks.
    marginal : {"normal", "lognormal"}, default "normal"
        "lognormal" gives each outcome whose interval is not centred on its mean a shifted (if needed mirrored)
        log-normal that meets mean and interval exactly; printed probabilities are then predicted, not refitted.
    on_contradiction : {"raise", "warn"}, default "raise"
        What to do when the statistics cannot all be true within their printed rounding.
    n_draws : int, default 100,000
        Number of draws, at least 10.
    rng : int, numpy.random.Generator or None
        Seed or generator.
    currency : str, default "EUR"
        ISO code of the currency.
    effect_unit : str, default "QALY"
        Unit of the effect.
    effect_better : {"more"}, optional
        To be stated of a unit that hecon does not know (see `hecon.from_arrays`). The statistics are taken as of an
        effect of which more is better: give harms as averted.
    price_year : int, optional
        The year whose prices the costs are in.
    horizon_years : float, optional
        Time horizon [years], above 0.
    discount_cost, discount_effect : float, optional
        Annual discount rates, in [0, 1].
    source : str, optional
        Where the figures come from.

    Returns
    -------
    xarray.Dataset
        Draws with ``scale="incremental"``: the comparator is zero. ``attrs["fit"]`` holds, as plain JSON, value,
        range and status of the five parameters, each statistic with its residual, the checks and the assumptions.

    Raises
    ------
    InputError
        If a value is out of range, or an assumption is made of what the statistics determine.
    UnderdeterminedError
        If a parameter is neither determined nor assumed; it names the statistics that would determine it.
    ContradictionError
        If the statistics contradict each other and `on_contradiction` is "raise".

    Notes
    -----
    Numbers are taken at their printed precision: an int to the unit, ``str`` and ``Decimal`` to the last digit, a
    float to the last digit of its repr. So ``"0.40"`` means 0.395 to 0.405; but ``0.40`` is ``0.4``, 0.35 to 0.45.

    The five parameters θ = (μ_C, μ_E, σ_C, σ_E, ρ) of a bivariate normal solve the statistics by bounded least squares
    in units of half a rounding step. The draws are whitened and recentred: means, standard deviations (divisor n) and
    correlation are θ to rounding error, so a printed ratio comes out as printed whatever the seed; only probabilities
    carry Monte Carlo error. A standard error read from a bootstrapped interval that is not centred is an
    approximation; `fit` keeps what the two halves of the interval imply.

    Examples
    --------
    A trial that printed a cost difference with its interval, a ratio "per QALY lost" and two points of its
    acceptability curve (ESCAPE, BJSM 2020;54:538-545, doi:10.1136/bjsports-2018-100065):

    >>> import hecon
    >>> draws = hecon.from_reported(
    ...     "exercise therapy",
    ...     "surgery",
    ...     cost=hecon.Difference(-1803, ci=(-3008, -838)),
    ...     icer=hecon.Ratio(61_584, quadrant="SW"),
    ...     p_cost_effective={10_000: "0.99", 80_000: "0.40"},
    ...     n_draws=1000,
    ...     rng=1,
    ... )
    >>> found = draws.attrs["fit"]["parameters"]["effect_se"]
    >>> round(found["value"], 4), found["status"]
    (0.0243, 'derived')
    """
    _checks.one_of("marginal", marginal, MARGINALS)
    _refuse_harm(effect_unit, effect_better)
    found = fit(
        cost=cost,
        effect=effect,
        icer=icer,
        p_cost_effective=p_cost_effective,
        probability_above=probability_above,
        correlation=correlation,
        assume=assume,
        checks=checks,
        replicates=replicates,
        on_contradiction=on_contradiction,
    )
    return draws_of(
        found,
        intervention,
        comparator,
        marginal=marginal,
        n_draws=n_draws,
        rng=rng,
        currency=currency,
        effect_unit=effect_unit,
        effect_better=effect_better,
        price_year=price_year,
        horizon_years=horizon_years,
        discount_cost=discount_cost,
        discount_effect=discount_effect,
        source=source,
    )


def draws_of(
    found: Fit,
    intervention: str,
    comparator: str,
    *,
    marginal: str = "normal",
    n_draws: int = 100_000,
    rng: int | np.random.Generator | None = None,
    currency: str = "EUR",
    effect_unit: str = "QALY",
    effect_better: str | None = None,
    price_year: int | None = None,
    horizon_years: float | None = None,
    discount_cost: float | None = None,
    discount_effect: float | None = None,
    source: str | None = None,
) -> xr.Dataset:
    """Draw from a fit.

    Parameters
    ----------
    found : Fit
        A fit in which all five parameters are determined or assumed.
    intervention, comparator : str
        Names of the two strategies.
    marginal : {"normal", "lognormal"}, default "normal"
        As in `from_reported`.
    n_draws : int, default 100,000
        Number of draws, at least 10.
    rng : int, numpy.random.Generator or None
        Seed or generator.
    currency : str, default "EUR"
        ISO code of the currency.
    effect_unit : str, default "QALY"
        Unit of the effect.
    effect_better : {"more"}, optional
        To be stated of a unit that hecon does not know (see `hecon.from_arrays`). The statistics are taken as of an
        effect of which more is better: give harms as averted.
    price_year : int, optional
        The year whose prices the costs are in.
    horizon_years : float, optional
        Time horizon [years], above 0.
    discount_cost, discount_effect : float, optional
        Annual discount rates, in [0, 1].
    source : str, optional
        Where the figures come from.

    Returns
    -------
    xarray.Dataset
        Incremental draws, with the fit in ``attrs["fit"]``.

    Raises
    ------
    UnderdeterminedError
        If a parameter is neither determined nor assumed.
    """
    _checks.instance("found", found, "Fit", "hecon.reported.fit returns one")
    _refuse_undetermined(found)
    _checks.one_of("marginal", marginal, MARGINALS)
    _refuse_harm(effect_unit, effect_better)
    n = _checks.count("n_draws", n_draws, at_least=10)
    random = _checks.generator(rng)
    if marginal == "lognormal":
        found, cost, effect = _skewed(found, n, random)
    else:
        cost, effect = normal_draws(np.array(found.theta), n, random)
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
    return draws.assign_attrs(fit=found.to_json())


def _refuse_undetermined(found: Fit) -> None:
    if not found.undetermined:
        return
    names = ", ".join(found.undetermined)
    msg = (
        f"{names} {'is' if len(found.undetermined) == 1 else 'are'} not determined by what was reported. "
        f"Give {remedy(found.undetermined, found)}; or assume it: "
        f"assume={{{found.undetermined[0]!r}: Assumed(value, range=(low, high), reason=...)}}"
    )
    raise UnderdeterminedError(msg, found.undetermined)


def _refuse_harm(effect_unit: str, effect_better: str | None) -> None:
    if direction(effect_unit, effect_better) == "less":
        msg = (
            f"effect_better must be 'more' for published statistics, got 'less' of {effect_unit!r}: "
            f"give them as harm averted, with their signs turned and effect_unit='{effect_unit} averted'"
        )
        raise InputError(msg)


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
