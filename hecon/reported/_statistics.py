"""From records to bands: which constraints each published statistic places on θ."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scipy.special import ndtri

from hecon import _checks
from hecon.errors import ContradictionError, InputError
from hecon.printed.numbers import Number, PrintedNumber, exact, printed, printed_probability
from hecon.reported._solve import AT, PARAMETERS, Band, Constraint
from hecon.reported.records import (
    QUADRANTS,
    Arms,
    Assumed,
    Difference,
    Ratio,
    p_value,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

Outcome = Arms | Difference | tuple[Arms | Difference, ...] | None


def _band(key: Constraint, kind: str, number: PrintedNumber, at: float = 0.0) -> Band:
    return Band(key, kind, at, number.value, number.low, number.high)


def _arms(outcome: str, arms: Arms) -> list[Band]:
    first, second = (printed(f"{outcome} mean", value) for value in arms.mean)
    bands = [_band(Constraint("difference_of_arm_means", outcome), f"delta_{outcome}", first - second)]
    if arms.sd is not None and arms.n is not None:
        sds = [printed(f"{outcome} sd", value) for value in arms.sd]

        def pooled(values: Sequence[float]) -> float:
            return math.sqrt(sum(sd**2 / n for sd, n in zip(values, arms.n or (), strict=True)))

        value, low, high = (pooled([getattr(s, part) for s in sds]) for part in ("value", "low", "high"))
        number = PrintedNumber(value, low, high)
        bands.append(_band(Constraint("standard_error_from_SD_and_n", outcome), f"{outcome}_se", number))
    return bands


def _interval(outcome: str, difference: Difference) -> Band:
    low, high = (None if end is None else printed(f"{outcome} ci", end) for end in difference.ci or (None, None))
    if low is not None and high is not None:
        z = float(ndtri(0.5 + difference.level / 2))
        width = high - low
        value, narrow, wide = (each / (2 * z) for each in (width.value, max(width.low, 0.0), width.high))
        return Band(Constraint("interval_width", outcome), f"{outcome}_se", 0.0, value, narrow, wide)
    z = float(ndtri(difference.level))
    number, side = (low, -z) if low is not None else (high, z)
    if number is None:
        msg = f"{outcome} ci must have at least one end, got {difference.ci!r}"
        raise InputError(msg)
    return _band(Constraint("one-sided_interval", outcome), f"{outcome}_bound", number, side)


def _p_value(outcome: str, p: Number) -> Band:
    key = Constraint("p_value", outcome)
    sign, bound = p_value(p)
    if sign:
        z = float(-ndtri(exact(str(key), bound) / 2))
        low, high = (z, math.inf) if sign == "<" else (0.0, z)
        return Band(key, f"{outcome}_z", 0.0, None, low, high)
    number = printed_probability(str(key), p)
    target = float(-ndtri(number.value / 2))
    return Band(key, f"{outcome}_z", 0.0, target, float(-ndtri(number.high / 2)), float(-ndtri(number.low / 2)))


def _difference(outcome: str, difference: Difference) -> list[Band]:
    mean = printed(f"{outcome} mean", difference.mean)
    bands = [_band(Constraint("difference", outcome), f"delta_{outcome}", mean)]
    if difference.ci is not None:
        bands.append(_interval(outcome, difference))
    if difference.se is not None:
        error = printed(f"{outcome} se", difference.se)
        bands.append(_band(Constraint("standard_error", outcome), f"{outcome}_se", error))
    if difference.p is not None and mean.value != 0.0:  # a mean printed as 0 leaves its size open, and so σ
        bands.append(_p_value(outcome, difference.p))
    return bands


def records_of(outcome: str, given: Outcome) -> tuple[Arms | Difference, ...]:
    """Return the records given for an outcome as a tuple."""
    records = () if given is None else given if isinstance(given, tuple) else (given,)
    for record in records:
        if not isinstance(record, (Arms, Difference)):  # the door: callers need not be typed
            msg = f"{outcome} must be Arms, Difference or a tuple of them, got {record!r}"
            raise InputError(msg)
    return records


def quadrant_of(icer: Ratio | Number, bands: Sequence[Band]) -> tuple[PrintedNumber, str]:
    """Return the printed ratio and its quadrant, as given or as the signs of cost and effect fix it."""
    ratio = icer if isinstance(icer, Ratio) else Ratio(icer)
    value = printed("icer", ratio.value)
    sides = {"delta_cost": ("N", "S"), "delta_effect": ("E", "W")}
    known: dict[str, str] = {}
    for band in bands:
        if band.kind in sides and (band.low >= 0.0 or band.high <= 0.0):  # "-0.00" lies below 0
            known[band.kind] = sides[band.kind][0 if band.low >= 0.0 else 1]
    possible = [
        quadrant
        for quadrant in QUADRANTS
        if quadrant[0] in known.get("delta_cost", "NS")
        and quadrant[1] in known.get("delta_effect", "EW")
        and (value.value > 0) == (quadrant in {"NE", "SW"})
    ]
    if ratio.quadrant is not None and ratio.quadrant not in possible:
        found = "".join(known.get(key, "?") for key in sides)
        msg = f"icer {ratio.value} is given in quadrant {ratio.quadrant}, but cost and effect lie in {found}"
        raise ContradictionError(msg)
    if not possible:
        msg = f"icer {ratio.value} does not fit the signs of cost and effect: check the signs and who is the comparator"
        raise ContradictionError(msg)
    if ratio.quadrant is None and len(possible) > 1:
        msg = (
            f"icer {ratio.value} could lie in {' or '.join(possible)}: give its quadrant, as in "
            f"Ratio({ratio.value}, quadrant={possible[0]!r}), or a cost or effect difference"
        )
        raise InputError(msg)
    return value, ratio.quadrant or possible[0]


def pairs(name: str, given: Mapping[Any, Any] | None) -> Mapping[Any, Any]:
    """Return a mapping given by the caller, empty for None."""
    if given is not None and not isinstance(given, Mapping):
        msg = f"{name} must be a mapping such as a dict, got {given!r}"
        raise InputError(msg)
    return given or {}


def _in_quadrant(band: Band, quadrant: str) -> Band:
    """Read a mean that was printed as 0 beside a ratio: it is not 0, and the quadrant tells on which side it lies."""
    if band.kind not in {"delta_cost", "delta_effect"} or band.target != 0.0:
        return band
    above = quadrant[0] == "N" if band.kind == "delta_cost" else quadrant[1] == "E"
    return replace(band, target=None, low=0.0) if above else replace(band, target=None, high=0.0)


def probability_bands(kind: str, given: Mapping[Number, Number] | None) -> list[Band]:
    """Return one band per printed probability, keyed by willingness to pay or by threshold of effect."""
    name = AT[kind]
    bands = []
    for key, value in pairs(name.rsplit(" ", 1)[0], given).items():
        at = exact(name, key)
        if kind == "p_cost_effective" and at < 0.0:
            msg = f"{name} must have a willingness to pay of at least 0, got {key}"
            raise InputError(msg)
        number = printed_probability(f"{name} {key}", value)
        # Printed as 0.00 or 1.00 it bounds the truth from one side only.
        target = None if number.value in {0.0, 1.0} else number.value
        bands.append(Band(Constraint(kind, at=f"{key}"), kind, at, target, number.low, number.high))
    return bands


def assumptions(assume: Mapping[str, Assumed] | None) -> dict[str, Assumed]:
    """Return the assumptions, checked for names and possible values."""
    for name, assumed in pairs("assume", assume).items():
        _checks.one_of("assume", name, PARAMETERS)
        if not isinstance(assumed, Assumed):
            msg = f"assume[{name!r}] must be an Assumed(value, range=..., reason=...), got {assumed!r}"
            raise InputError(msg)
        low, high = (exact(name, end) for end in assumed.range)
        if name.endswith("_se") and low <= 0:
            msg = f"assume[{name!r}] must be above 0 over its whole range, got {low:g}"
            raise InputError(msg)
        if name == "correlation" and not -1.0 < low <= high < 1.0:
            msg = f"assume['correlation'] must lie between -1 and 1 over its whole range, got {low:g} to {high:g}"
            raise InputError(msg)
    return dict(assume or {})


def bands_of(  # noqa: PLR0917 (the arguments of `fit`, passed on in their order)
    cost: Outcome,
    effect: Outcome,
    icer: Ratio | Number | None,
    p_cost_effective: Mapping[Number, Number] | None,
    probability_above: Mapping[Number, Number] | None,
    correlation: Number | None,
) -> tuple[list[Band], str | None]:
    """Return every constraint that the statistics place, and the quadrant of the ratio where one is given."""
    bands: list[Band] = []
    for outcome, given in (("cost", cost), ("effect", effect)):
        for record in records_of(outcome, given):
            bands += _arms(outcome, record) if isinstance(record, Arms) else _difference(outcome, record)
    quadrant = None
    if icer is not None:
        value, quadrant = quadrant_of(icer, bands)
        bands = [*(_in_quadrant(band, quadrant) for band in bands), _band(Constraint("icer"), "icer", value)]
    bands += probability_bands("p_cost_effective", p_cost_effective)
    bands += probability_bands("p_effect_above", probability_above)
    if correlation is not None:
        number = printed("correlation", correlation)
        if not -1.0 <= number.value <= 1.0:
            msg = f"correlation must lie in [-1, 1], got {correlation}"
            raise InputError(msg)
        bands.append(_band(Constraint("correlation"), "correlation", number.capped(-1.0, 1.0)))
    if not bands:
        msg = "at least one statistic must be given: cost, effect, icer, p_cost_effective or probability_above"
        raise InputError(msg)
    return bands, quadrant


def constraints(
    *,
    cost: Outcome = None,
    effect: Outcome = None,
    icer: Ratio | Number | None = None,
    p_cost_effective: Mapping[Number, Number] | None = None,
    probability_above: Mapping[Number, Number] | None = None,
    correlation: Number | None = None,
) -> tuple[Constraint, ...]:
    """Return the keys of the constraints that statistics place, whether they are fitted or kept as checks.

    Parameters
    ----------
    cost, effect : Arms, Difference or tuple of them, optional
        What was reported of each outcome [currency; QALY].
    icer : Ratio or number, optional
        Incremental cost-effectiveness ratio [currency per QALY].
    p_cost_effective, probability_above : mapping, optional
        Probabilities by willingness to pay, or by threshold of the effect difference.
    correlation : number, optional
        Correlation of incremental cost and effect.

    Returns
    -------
    tuple of Constraint
        As in the `rests_on` of a fitted parameter.

    Raises
    ------
    InputError
        If a value is out of range.

    Examples
    --------
    >>> from hecon import reported
    >>> [str(each) for each in reported.constraints(cost=reported.Difference(900, se=100), correlation=0.1)]
    ['cost difference', 'cost standard error', 'correlation']
    """
    bands: list[Band] = []
    for outcome, given in (("cost", cost), ("effect", effect)):
        for record in records_of(outcome, given):
            bands += _arms(outcome, record) if isinstance(record, Arms) else _difference(outcome, record)
    bands += probability_bands("p_cost_effective", p_cost_effective)
    bands += probability_bands("p_effect_above", probability_above)
    alone = {"icer": icer, "correlation": correlation}
    keys = [each.key for each in bands]
    return (*keys, *(Constraint(name) for name, given in alone.items() if given is not None))
