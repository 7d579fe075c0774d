"""Fit the bivariate normal that published statistics determine, report what they leave open, and draw from it."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from hecon import _checks
from hecon.errors import ContradictionError, InputError, StatisticalWarning
from hecon.printed.numbers import Number, exact, printed
from hecon.reported._constraints import PARAMETERS, Band, as_printed
from hecon.reported._solve import WITHIN_ROUNDING, SolvedParameters, misfits, solve
from hecon.reported.fits import (
    MARGINALS,
    Fit,
    FittedParameter,
    Interval,
    Statistic,
    of_contradiction,
    of_needless,
    refuse_harm,
)
from hecon.reported.predictions import REPLICATES, allowed_by, checked
from hecon.reported.records import Assumed, Difference, Outcome, Ratio, assumptions, bands_of, net_benefits, records_of
from hecon.reported.several import Joined, Published, published_of, shared_arm

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import xarray as xr


_REPORTED_BY = {"difference", "standard_error", "correlation"}
# Share of its width by which the middle of an interval may lie off its mean before draws without skewness are doubtful.
_OFF_CENTRE = 0.15
# An amount that a Dutch hand may have written with points between its thousands.
_THOUSANDS = re.compile(r"[-+−]?[1-9]\d{0,2}(\.\d{3})+")
# Misfit, in half rounding steps, below which a fitted value counts as reported.
_AS_PRINTED = 0.01


def _intervals(cost: Outcome, effect: Outcome, net_benefit: Mapping[Number, Outcome] | None) -> Iterator[Interval]:
    """Yield where every two-sided interval of a difference stands to its mean."""
    given = [(outcome, "", record) for outcome, record in records_of({"cost": cost, "effect": effect})]
    given += [("net_benefit", f"{key}", record) for key, _, record in net_benefits(net_benefit)]
    for outcome, at, record in given:
        if not isinstance(record, Difference) or record.ci is None or None in record.ci:
            continue
        mean = printed("mean", record.mean)
        low, high = (printed("ci", end) for end in record.ci if end is not None)
        z = float(ndtri(0.5 + record.level / 2))
        centred = low.low + high.low <= 2 * mean.high and low.high + high.high >= 2 * mean.low
        halves = sorted(((mean.value - low.value) / z, (high.value - mean.value) / z))
        errors = max(halves[0], 0.0), halves[1]
        yield Interval(outcome, mean.value, low.value, high.value, z, centred, errors, at)


def fit(
    *,
    cost: Outcome = None,
    effect: Outcome = None,
    icer: Ratio | Number | None = None,
    p_cost_effective: Mapping[Number, Number] | None = None,
    probability_above: Mapping[Number, Number] | None = None,
    correlation: Number | None = None,
    net_benefit: Mapping[Number, Outcome] | None = None,
    quadrant_shares: Mapping[str, Number] | None = None,
    assume: Mapping[str, Assumed] | None = None,
    checks: Mapping[str, Any] | None = None,
    replicates: int = REPLICATES,
    on_contradiction: str = "raise",
) -> Fit:
    """Fit θ = (μ_C, μ_E, σ_C, σ_E, ρ) to published statistics; parameters may stay undetermined.

    `from_reported` calls this and then draws; call it alone to see what a publication determines.

    Parameters
    ----------
    cost, effect, icer, p_cost_effective, probability_above, correlation : as in `from_reported`
        What was reported.
    net_benefit, quadrant_shares : as in `from_reported`
        The same.
    assume, checks, replicates, on_contradiction : as in `from_reported`
        Assumptions, which may leave parameters undetermined, and statistics to predict.

    Returns
    -------
    Fit
        Parameters, statistics with residuals, checks, identification.

    Raises
    ------
    InputError
        If a value is out of range, or an assumption is made of what the statistics determine.
    ContradictionError
        If the statistics contradict each other and `on_contradiction` is "raise".

    Notes
    -----
    Bounded least squares in units of half a rounding step. Ranges are the extremes over every θ within rounding,
    with assumed parameters varied jointly over their ranges. Everything rests on bivariate normality.

    Examples
    --------
    >>> from hecon import reported
    >>> found = reported.fit(cost=reported.Difference(1022), icer=-223_372)
    >>> round(found.parameters["delta_effect"].value, 4), found.undetermined
    (-0.0046, ('cost_se', 'effect_se', 'correlation'))
    """
    _checks.one_of("on_contradiction", on_contradiction, ("raise", "warn"))
    given = assumptions(assume)
    bands, quadrant = bands_of(
        cost, effect, icer, p_cost_effective, probability_above, correlation, net_benefit, quadrant_shares
    )
    assumed = {name: _over_range(name, assumption) for name, assumption in given.items()}
    fixed = {PARAMETERS.index(name): value for name, (value, _, _) in assumed.items()}
    _refuse_needless(given, fixed, bands, quadrant)
    solution = solve(bands, fixed, quadrant)
    statistics = tuple(_statistic(band, fitted, misfit) for band, fitted, misfit in misfits(solution.theta, bands))
    if solution.worst > WITHIN_ROUNDING:
        remedies = of_contradiction(bands, fixed, quadrant) if on_contradiction == "raise" else None
        bands = _contradicted(solution, bands, remedies)
    draft = Fit(
        theta=tuple(float(value) for value in solution.theta),
        parameters={},
        statistics=statistics,
        checks=(),
        intervals=tuple(_intervals(cost, effect, net_benefit)),
        assumed=assumed,
        bands=tuple(bands),
        rank=solution.rank,
    )
    draft = replace(draft, parameters=_parameters(draft, solution, given))
    return replace(draft, checks=checked(draft, checks, replicates))


def _over_range(name: str, assumption: Assumed) -> tuple[float, float, float]:
    """Return the value of an assumption and both ends of its range."""
    low, high = assumption.range
    return exact(name, assumption.value), exact(name, low), exact(name, high)


def _statistic(band: Band, fitted: float, misfit: float) -> Statistic:
    ends = sorted((as_printed(band, band.low), as_printed(band, band.high)))
    shown = None if band.target is None else as_printed(band, band.target)
    return Statistic(band.key, shown, ends[0], ends[1], as_printed(band, fitted), float(misfit))


def _refuse_needless(
    assumed: Mapping[str, Assumed], fixed: Mapping[int, float], bands: Sequence[Band], quadrant: str | None
) -> None:
    for name in assumed:
        index = PARAMETERS.index(name)
        others = {key: value for key, value in fixed.items() if key != index}
        without = solve(bands, others, quadrant)
        # The fit that follows reports a contradiction as such.
        if without.identified[index] and without.worst <= WITHIN_ROUNDING:
            sources = ", ".join(map(str, without.rests_on[index]))
            fact = f"{name} is determined by what was reported ({without.theta[index]:.6g}, from {sources})"
            in_call, in_file = (f"{fact}: {remedy}" for remedy in of_needless(index, bands, others, quadrant))
            needless = InputError(in_call)
            needless.in_file = in_file
            raise needless


def _contradicted(solution: SolvedParameters, bands: Sequence[Band], remedies: tuple[str, str] | None) -> list[Band]:
    """Refuse contradicting statistics with remedies; without any, warn and return widened statistics."""
    rows = misfits(solution.theta, bands)
    lines = [
        f"{statistic.name}: printed {'as a bound' if statistic.printed is None else format(statistic.printed, '.6g')}, "
        f"fitted {statistic.fitted:.6g}, off by {abs(statistic.residual):.1f} half rounding steps"
        for statistic in (_statistic(*row) for row in rows)
        if abs(statistic.residual) > WITHIN_ROUNDING
    ]
    msg = "reported statistics cannot all be true within their printed rounding: " + "; ".join(lines)
    if not solution.settled:
        msg += ". The search for what comes closest did not settle: there may be a θ that it missed"
    if remedies is not None:
        in_call, in_file = (f"{msg}. {remedy}" for remedy in remedies)
        contradiction = ContradictionError(in_call)
        contradiction.in_file = in_file
        raise contradiction
    warnings.warn(msg, StatisticalWarning, stacklevel=4)
    # Intervals widened so that the compromise lies inside the allowed set.
    return [replace(band, low=min(band.low, fitted), high=max(band.high, fitted)) for band, fitted, _ in rows]


def _parameters(draft: Fit, solution: SolvedParameters, assumed: Mapping[str, Assumed]) -> dict[str, FittedParameter]:
    unknown = {
        name: FittedParameter(None, None, "not determined")
        for index, name in enumerate(PARAMETERS)
        if not solution.identified[index]
    }
    allowed = allowed_by(replace(draft, parameters=unknown), None)
    parameters: dict[str, FittedParameter] = {}
    for index, name in enumerate(PARAMETERS):
        if name in unknown:
            parameters[name] = unknown[name]
        elif name in assumed:
            value, low, high = draft.assumed[name]
            parameters[name] = FittedParameter(value, (low, high), "assumed", (), assumed[name].reason)
        else:
            value = float(solution.theta[index])
            direct = any(
                band.key.kind in _REPORTED_BY
                and band.kind == name
                and band.target is not None
                and abs(value - band.target) <= _AS_PRINTED * band.half_step
                for band in draft.bands
            )
            status = "reported" if direct else "derived"
            parameters[name] = FittedParameter(value, allowed.span(name), status, solution.rests_on[index])
    return parameters


def from_reported(
    intervention: str | Mapping[str, Mapping[str, Any]],
    comparator: str,
    *,
    cost: Outcome = None,
    effect: Outcome = None,
    icer: Ratio | Number | None = None,
    p_cost_effective: Mapping[Number, Number] | None = None,
    probability_above: Mapping[Number, Number] | None = None,
    correlation: Number | None = None,
    net_benefit: Mapping[Number, Outcome] | None = None,
    quadrant_shares: Mapping[str, Number] | None = None,
    assume: Mapping[str, Assumed] | None = None,
    checks: Mapping[str, Any] | None = None,
    replicates: int = REPLICATES,
    shared: Assumed | None = None,
    marginal: str = "normal",
    on_contradiction: str = "raise",
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
    """Turn published summary statistics into draws of incremental cost and effect.

    Parameters
    ----------
    intervention : str or mapping of str to mapping
        Name of the intervention; or names of several, each with what was published of it against the same comparator,
        by the names of the statistics and assumptions below, in place of these.
    comparator : str
        Name of the comparator. All differences are intervention minus comparator.
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
    net_benefit : mapping, optional
        Willingness to pay [currency per QALY] → what was reported of net monetary benefit at it [currency], as of an
        outcome: a Difference (incremental net benefit), Arms (mean net benefit per arm) or a tuple of them. Intervals
        are two-sided.
    quadrant_shares : mapping, optional
        Quadrant of the cost-effectiveness plane ("NE", "SE", "SW", "NW") → share of the draws or resamples in it, in
        [0, 1]. All four add up to 1 within their rounding; of fewer, each counts as what it is.
    assume : mapping of str to Assumed, optional
        Assumptions for what the statistics do not determine, by parameter: delta_cost, delta_effect, cost_se,
        effect_se, correlation.
    checks : mapping, optional
        ``{"p_cost_effective": {...}, "probability_above": {...}, "quadrant_shares": {...}, "icer": ...,
        "net_benefit": {...}}``: printed statistics to predict, not to fit.
    replicates : int, default 1000
        Replicates of the source's bootstrap, for the Monte Carlo error of the probabilities kept as checks.
    shared : Assumed, optional
        Of several interventions: correlation of the differences of two of them, in [0, 1), which share the arm of the
        comparator. It is needed unless cost and effect of each have `Arms` with SD and n, standard errors or intervals.
    marginal : {"normal", "lognormal"}, default "normal"
        "lognormal" gives each outcome whose interval is not centred on its mean a shifted (if needed mirrored)
        log-normal that meets mean and interval exactly; printed probabilities are then predicted, not refitted.
    on_contradiction : {"raise", "warn"}, default "raise"
        What to do when the statistics cannot all be true within their printed rounding.
    n_draws : int, default 100,000
        Number of draws, at least 10.
    rng : int, numpy.random.Generator or None
        Seed or generator.
    currency, effect_unit : as in `from_arrays`
        What the draws are of.
    effect_better : {"more"}, optional
        To be stated of a unit that hecon does not know (see `hecon.from_arrays`). The statistics are taken as of an
        effect of which more is better: give harms as averted.
    price_year, horizon_years, discount_cost, discount_effect, source : as in `from_arrays`
        Their prices, horizon and annual discount rates, and where the figures come from.

    Returns
    -------
    xarray.Dataset
        Draws with ``scale="incremental"``: the comparator is zero. ``attrs["fit"]`` holds, as plain JSON, value,
        range and status of the five parameters, each statistic with its residual, the checks and the assumptions. Of
        several interventions ``attrs["fits"]`` holds that of each, and ``attrs["shared_comparator"]`` how their
        differences are correlated, and whether that is derived or assumed.

    Raises
    ------
    InputError
        If a value is out of range, or an assumption is made of what the statistics determine.
    UnderdeterminedError
        If a parameter is neither determined nor assumed; it names the statistics that would determine it.
    ContradictionError
        If the statistics contradict each other and `on_contradiction` is "raise".

    Warns
    -----
    StatisticalWarning
        If draws are normal, and the mean lies off the middle of an interval by more than 15% of its width. If an amount
        given as text or Decimal may have points between its thousands, as "1.500". If statistics contradict each other
        and `on_contradiction` is "warn".

    Notes
    -----
    Numbers are taken at their printed precision: an int to the unit, ``str`` and ``Decimal`` to the last digit, a
    float to the last digit of its repr. So ``"0.40"`` means 0.395 to 0.405; but ``0.40`` is ``0.4``, 0.35 to 0.45.

    The five parameters θ = (μ_C, μ_E, σ_C, σ_E, ρ) of a bivariate normal solve the statistics by bounded least squares
    in units of half a rounding step. The draws are whitened and recentred: means, standard deviations (divisor n) and
    correlation are θ to rounding error, so a printed ratio comes out as printed whatever the seed; only probabilities
    carry Monte Carlo error. A standard error read from a bootstrapped interval that is not centred is an
    approximation; `fit` keeps what the two halves of the interval imply.

    Differences of several interventions share the comparator's arm. Where its standard errors are given, they are the
    covariance, costs and effects being correlated in every arm alike; of adjusted differences it is an approximation.
    Else all differences of two interventions, whitened, have the correlation `shared`: one half where all arms vary
    alike.

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
    refuse_harm(effect_unit, effect_better)
    own: dict[str, Any] = {
        "cost": cost, "effect": effect, "icer": icer, "p_cost_effective": p_cost_effective,
        "probability_above": probability_above, "correlation": correlation, "net_benefit": net_benefit,
        "quadrant_shares": quadrant_shares, "assume": assume, "checks": checks,
    }  # fmt: skip
    about: dict[str, Any] = {
        "currency": currency, "price_year": price_year, "effect_unit": effect_unit, "effect_better": effect_better,
        "horizon_years": horizon_years, "discount_cost": discount_cost, "discount_effect": discount_effect,
        "source": source,
    }  # fmt: skip
    if not isinstance(intervention, str):
        published = published_of(intervention)
        _refuse_beside_several(own.values(), marginal)
        joined = _of_several(published, comparator, shared, on_contradiction)
        _warn_of_doubts(published, joined.fits)
        return joined.draws(_checks.count("n_draws", n_draws, at_least=10), _checks.generator(rng), **about)
    if shared is not None:
        msg = "shared must be left out with one intervention, got an assumption: only several share the comparator"
        raise InputError(msg)
    fitted = fit(**own, replicates=replicates, on_contradiction=on_contradiction)
    _warn_of_doubts({"": Published(**own)}, {"": fitted} if marginal == "normal" else {})
    return fitted.draws(intervention, comparator, marginal=marginal, n_draws=n_draws, rng=rng, **about)


def _warn_of_doubts(published: Mapping[str, Published], fits: Mapping[str, Fit]) -> None:
    """Warn of amounts that may have points between thousands, and of normal draws for intervals far from centred."""
    doubts = [each for name, one in published.items() for each in _thousands(one, f" of {name}" if name else "")]
    doubts += [each for name, one in fits.items() for each in _off_centre(one, name)]
    for doubt in doubts:
        warnings.warn(doubt, StatisticalWarning, stacklevel=3)


def _thousands(published: Published, of: str) -> Iterator[str]:
    """Yield the amounts of money, as given, that may have points between thousands."""
    given: list[tuple[str, Any]] = [("p_cost_effective at", key) for key in published.p_cost_effective or {}]
    given.append(("icer", published.icer.value if isinstance(published.icer, Ratio) else published.icer))
    for _, record in records_of({"cost": published.cost}):
        numbers = [
            (what, np.array(each, dtype=object).ravel())
            for what, each in vars(record).items()
            if what in {"mean", "sd", "se", "ci"}
        ]
        given += [(f"cost {what}", each) for what, several in numbers for each in several.tolist()]
    marked = [
        f"{what} {value}"
        for what, value in given
        if isinstance(value, (str, Decimal)) and _THOUSANDS.fullmatch(f"{value}".strip())
    ]
    if marked:
        yield (
            f"amounts{of} may have points between thousands, and are taken with a decimal point, got "
            f"{', '.join(marked)}: write 1500, not 1.500"
        )


def _off_centre(fitted: Fit, name: str) -> Iterator[str]:
    """Yield the intervals that normal draws of the same width do not keep."""
    of = f" of {name}" if name else ""
    remedy = "draw it alone with marginal='lognormal'" if name else "pass marginal='lognormal' for draws that keep it"
    for each in fitted.intervals:
        half = (each.high - each.low) / 2
        if abs((each.low + each.high) / 2 - each.mean) > _OFF_CENTRE * 2 * half:
            yield (
                f"the interval of {each.outcome}{of}, {each.low:g} to {each.high:g}, is far from centred on its mean "
                f"{each.mean:g}: normal draws have {each.mean - half:.6g} to {each.mean + half:.6g} in its place; "
                f"{remedy}"
            )


def _refuse_beside_several(own: Iterable[object], marginal: str) -> None:
    if any(each is not None for each in own):
        msg = "statistics must stand with their intervention where there are several: move those beside them there"
        raise InputError(msg)
    if marginal != "normal":
        msg = f"marginal must be 'normal' for several interventions, got {marginal!r}"
        raise InputError(msg)


def _of_several(
    published: Mapping[str, Published], comparator: str, shared: Assumed | None, on_contradiction: str
) -> Joined:
    """Return the fits of several interventions, joined by the arm that they share."""
    arm = shared_arm(published, shared, comparator)
    fits = {}
    for name, each in published.items():
        try:
            fits[name] = fit(**vars(each), on_contradiction=on_contradiction)
        except InputError as error:
            error.args = (f"{name}: {error}",)
            raise
    return Joined(fits, comparator, arm)
