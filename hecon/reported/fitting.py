"""Fit the bivariate normal that published statistics determine, and tell what they leave open."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scipy.special import ndtri

from hecon import _checks
from hecon.errors import ContradictionError, InputError, StatisticalWarning
from hecon.printed.numbers import Number, exact, printed
from hecon.reported._solve import PARAMETERS, WITHIN_ROUNDING, Band, SolvedParameters, as_printed, misfits, solve
from hecon.reported.fits import Fit, Interval, Parameter, Statistic, of_contradiction, of_needless
from hecon.reported.predictions import REPLICATES, allowed_by, checked
from hecon.reported.records import Assumed, Difference, Outcome, Ratio, assumptions, bands_of, records_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


__all__ = ["fit"]

_REPORTED_BY = {"difference", "standard_error", "correlation"}
# A fitted value this close to the printed one, in half rounding steps, is the reported one.
_AS_PRINTED = 0.01


def _intervals(cost: Outcome, effect: Outcome) -> tuple[Interval, ...]:
    found = []
    for outcome, given in (("cost", cost), ("effect", effect)):
        for record in records_of(outcome, given):
            if not isinstance(record, Difference) or record.ci is None or None in record.ci:
                continue
            mean = printed("mean", record.mean)
            low, high = (printed("ci", end) for end in record.ci if end is not None)
            z = float(ndtri(0.5 + record.level / 2))
            centred = low.low + high.low <= 2 * mean.high and low.high + high.high >= 2 * mean.low
            halves = sorted(((mean.value - low.value) / z, (high.value - mean.value) / z))
            found.append(
                Interval(outcome, mean.value, low.value, high.value, z, centred, (max(halves[0], 0.0), halves[1]))
            )
    return tuple(found)


def fit(
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
    on_contradiction: str = "raise",
) -> Fit:
    """Fit θ = (μ_C, μ_E, σ_C, σ_E, ρ) to published statistics; parameters may stay undetermined.

    `from_reported` calls this and then draws; call it alone to see what a publication determines.

    Parameters
    ----------
    cost, effect : Arms, Difference or tuple of them, optional
        What was reported of each outcome [currency; QALY].
    icer : Ratio or number, optional
        Incremental cost-effectiveness ratio [currency per QALY].
    p_cost_effective : mapping, optional
        Willingness to pay → probability that the intervention is cost-effective.
    probability_above : mapping, optional
        Threshold of the effect difference → probability that the effect difference lies above it.
    correlation : number, optional
        Correlation of incremental cost and effect, in [-1, 1].
    assume : mapping of str to Assumed, optional
        Assumptions for parameters that the statistics do not determine.
    checks : mapping, optional
        ``{"p_cost_effective": {...}, "probability_above": {...}, "icer": ...}``: statistics to predict, not to fit.
    replicates : int, default 1000
        Replicates of the source's bootstrap, for the Monte Carlo error of the probabilities kept as checks.
    on_contradiction : {"raise", "warn"}, default "raise"
        What to do when the statistics cannot all be true within rounding.

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
    bands, quadrant = bands_of(cost, effect, icer, p_cost_effective, probability_above, correlation)
    fixed = {PARAMETERS.index(name): exact(name, assumed.value) for name, assumed in given.items()}
    _refuse_needless(given, fixed, bands, quadrant)
    solution = solve(bands, fixed, quadrant)
    told = tuple(_statistic(band, fitted, misfit) for band, fitted, misfit in misfits(solution.theta, bands))
    if solution.worst > WITHIN_ROUNDING:
        remedies = of_contradiction(bands, fixed, quadrant) if on_contradiction == "raise" else None
        bands = _contradicted(solution, bands, remedies)
    assumed = {
        name: (fixed[PARAMETERS.index(name)], exact(name, each.range[0]), exact(name, each.range[1]))
        for name, each in given.items()
    }
    draft = Fit(
        theta=tuple(float(value) for value in solution.theta),
        parameters={},
        statistics=told,
        checks=(),
        intervals=_intervals(cost, effect),
        assumed=assumed,
        bands=tuple(bands),
        rank=solution.rank,
    )
    draft = replace(draft, parameters=_parameters(draft, solution, given))
    return replace(draft, checks=checked(draft, checks, replicates))


def _statistic(band: Band, fitted: float, misfit: float) -> Statistic:
    ends = sorted((as_printed(band, band.low), as_printed(band, band.high)))
    shown = None if band.target is None else as_printed(band, band.target)
    return Statistic(band.key, shown, ends[0], ends[1], as_printed(band, fitted), float(misfit))


def _refuse_needless(
    given: Mapping[str, Assumed], fixed: Mapping[int, float], bands: Sequence[Band], quadrant: str | None
) -> None:
    for name in given:
        index = PARAMETERS.index(name)
        others = {key: value for key, value in fixed.items() if key != index}
        without = solve(bands, others, quadrant)
        # A contradiction is told as such, by the fit that follows.
        if without.identified[index] and without.worst <= WITHIN_ROUNDING:
            sources = ", ".join(map(str, without.rests_on[index]))
            fact = f"{name} is determined by what was reported ({without.theta[index]:.6g}, from {sources})"
            in_call, in_file = (f"{fact}: {remedy}" for remedy in of_needless(index, bands, others, quadrant))
            raise InputError(in_call, in_file=in_file)


def _contradicted(solution: SolvedParameters, bands: Sequence[Band], remedies: tuple[str, str] | None) -> list[Band]:
    """Raise that statistics contradict each other, with remedies; without these warn, and return what would hold."""
    rows = misfits(solution.theta, bands)
    lines = [
        f"{each.name}: printed {'as a bound' if each.printed is None else format(each.printed, '.6g')}, "
        f"fitted {each.fitted:.6g}, off by {abs(each.residual):.1f} half rounding steps"
        for each in (_statistic(*row) for row in rows)
        if abs(each.residual) > WITHIN_ROUNDING
    ]
    msg = "reported statistics cannot all be true within their printed rounding: " + "; ".join(lines)
    if not solution.settled:
        msg += ". The search for what comes closest did not settle: there may be a θ that it missed"
    if remedies is not None:
        in_call, in_file = (f"{msg}. {remedy}" for remedy in remedies)
        raise ContradictionError(in_call, in_file=in_file)
    warnings.warn(msg, StatisticalWarning, stacklevel=4)
    # The intervals are opened as far as the compromise needs, so that it lies inside the allowed set.
    return [replace(band, low=min(band.low, fitted), high=max(band.high, fitted)) for band, fitted, _ in rows]


def _parameters(draft: Fit, solution: SolvedParameters, given: Mapping[str, Assumed]) -> dict[str, Parameter]:
    unknown = {
        name: Parameter(None, None, "not determined")
        for index, name in enumerate(PARAMETERS)
        if not solution.identified[index]
    }
    allowed = allowed_by(replace(draft, parameters=unknown), None)
    found: dict[str, Parameter] = {}
    for index, name in enumerate(PARAMETERS):
        if name in unknown:
            found[name] = unknown[name]
        elif name in given:
            value, low, high = draft.assumed[name]
            found[name] = Parameter(value, (low, high), "assumed", (), given[name].reason)
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
            found[name] = Parameter(value, allowed.span(name), status, solution.rests_on[index])
    return found
