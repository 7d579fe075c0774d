"""Records of published statistics (intervention, comparator), and the constraint that each places."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import TYPE_CHECKING, Any, TypeVar

from scipy.special import ndtri

from hecon import _checks
from hecon.errors import ContradictionError, InputError
from hecon.printed.numbers import Number, PrintedNumber, exact, printed, printed_probability
from hecon.reported._constraints import AT, PARAMETERS, SIGNS, Band, Constraint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_T = TypeVar("_T")

QUADRANTS = tuple(SIGNS)
_PAIR = 2
# Signs of an inequality.
_SIGNS = str.maketrans({"≤": "<", "⩽": "<", "≥": ">", "⩾": ">"})
_MOST_PATIENTS = 10**9
# Closest a level may be to 0 or 1.
_LEVEL_EDGE = 1e-9
# Room for the sum of shares in binary arithmetic.
_SUM_SLACK = 1e-9


def p_value(p: Number) -> tuple[str, Number]:
    """Split a p value into "<", ">" or "" and the number."""
    text = p.strip().translate(_SIGNS) if isinstance(p, str) else ""
    return (text[0], text[1:]) if text.startswith(("<", ">")) else ("", p)


def _pair(name: str, values: tuple[_T, _T], order: str = "(intervention, comparator)") -> tuple[_T, _T]:
    if not isinstance(values, (tuple, list)) or len(values) != _PAIR:
        msg = f"{name} must be a pair {order}, got {_checks.shown(values)}"
        raise InputError(msg)
    return (values[0], values[1])


@dataclass(frozen=True)
class Arms:
    """Mean of both arms, and what was printed of its uncertainty: SD and n, standard error or interval.

    Parameters
    ----------
    mean : pair of numbers
        Mean per patient (intervention, comparator) [currency or QALY].
    sd : pair of numbers, optional
        Standard deviations between patients, above 0; needs `n`.
    n : pair of int, optional
        Patients per arm, above 1; needs `sd`.
    se : pair of numbers, optional
        Standard errors of the arms' means, above 0.
    ci : pair of pairs, optional
        Two-sided confidence intervals (low, high) of the arms' means, each of which holds its mean.
    level : float, default 0.95
        Level of `ci`, in [0.5, 1).

    Raises
    ------
    InputError
        If a pair is not a pair, SD ≤ 0, n ≤ 1, or only one of `sd` and `n` is given; if a standard error is not above
        0, or an interval is upside down or without its mean.

    Notes
    -----
    μ = m₁ − m₀ and σ² = s₁²/n₁ + s₀²/n₀: unequal variances, no covariate adjustment, all n patients counted. So it is
    with standard errors, σ² = se₁² + se₀², and with intervals, whose standard errors are their widths over 2z.

    Examples
    --------
    >>> import hecon
    >>> hecon.Arms(mean=(14951, 11558), sd=(10004, 10579), n=(85, 82)).n
    (85, 82)
    """

    mean: tuple[Number, Number]
    sd: tuple[Number, Number] | None = None
    n: tuple[int, int] | None = None
    se: tuple[Number, Number] | None = None
    ci: tuple[tuple[Number, Number], tuple[Number, Number]] | None = None
    level: float = 0.95

    def __post_init__(self) -> None:
        for value in _pair("mean", self.mean):
            printed("mean", value)
        for value in () if self.se is None else _pair("se", self.se):
            _checks.positive("se", printed("se", value).value)
        if self.ci is not None:
            for mean, ends in zip(self.mean, _pair("ci", self.ci), strict=True):
                Difference(mean, ci=ends, level=self.level)
        if (self.sd is None) != (self.n is None):
            given, lacking = ("n", "sd") if self.sd is None else ("sd", "n")
            msg = f"Arms with {given} needs {lacking} too: a standard error follows from both; got {lacking}=None"
            raise InputError(msg)
        if self.sd is not None and self.n is not None:
            for value in _pair("sd", self.sd):
                _checks.positive("sd", printed("sd", value).value)
            for size in _pair("n", self.n):
                if _checks.count("n", size, at_least=2) > _MOST_PATIENTS:
                    msg = f"n must be at most {_MOST_PATIENTS:,} patients, got {_checks.shown(size)}"
                    raise InputError(msg)


@dataclass(frozen=True)
class Difference:
    """Difference between the arms, intervention minus comparator, with what was printed of its uncertainty.

    Parameters
    ----------
    mean : number
        Mean difference [currency or QALY].
    ci : pair of numbers, optional
        Confidence interval (low, high) that holds the mean. For a one-sided interval the open end is None.
    level : float, default 0.95
        Level of the interval, in [0.5, 1): above 0.5 where it is one-sided.
    sided : {"two", "one"}, default "two"
        Whether the interval is two- or one-sided.
    se : number, optional
        Standard error, above 0.
    p : number or str, optional
        Two-sided p value in (0, 1), such as ``0.026``, or an inequality, such as ``"<0.001"``. Beside a mean printed
        as 0 it is not used: σ = abs(μ)/z, and μ may be anything that rounds to 0.

    Raises
    ------
    InputError
        If the interval is upside down or without its mean, or a value lies outside its range.

    Examples
    --------
    >>> import hecon
    >>> hecon.Difference(-1803, ci=(-3008, -838)).level
    0.95
    """

    mean: Number
    ci: tuple[Number | None, Number | None] | None = None
    level: float = 0.95
    sided: str = "two"
    se: Number | None = None
    p: Number | None = None

    def __post_init__(self) -> None:
        if self.mean is None:
            msg = "Difference must have a mean: an interval without its mean does not place the distribution"
            raise InputError(msg)
        mean = printed("mean", self.mean)
        _checks.one_of("sided", self.sided, ("two", "one"))
        level = _checks.finite("level", self.level)
        if not 0.5 <= level < 1.0 - _LEVEL_EDGE or (self.sided == "one" and level <= 0.5 + _LEVEL_EDGE):  # noqa: PLR2004
            bounds = "(0.5, 1)" if self.sided == "one" else "[0.5, 1)"
            msg = f"level of a {self.sided}-sided interval must lie in {bounds}, got {self.level}: write 0.95 for 95%"
            raise InputError(msg)
        if self.ci is not None:
            self._check_interval(mean, self.ci)
        if self.se is not None:
            _checks.positive("se", printed("se", self.se).value)
        if self.p is not None:
            _, bound = p_value(self.p)
            try:
                share = exact("p", bound)
            except InputError as error:
                msg = f"{error}; write 0.026, or '<0.001' for an inequality"
                raise InputError(msg) from None
            if not 0.0 < share < 1.0:
                msg = f"p must lie in (0, 1), got {self.p}; write '<0.001' for an inequality"
                raise InputError(msg)

    def _check_interval(self, mean: PrintedNumber, ci: tuple[Number | None, Number | None]) -> None:
        ends = [None if end is None else printed("ci", end) for end in _pair("ci", ci, "(low, high)")]
        low, high = ends
        missing = ends.count(None)
        if missing != (1 if self.sided == "one" else 0):
            rule = "exactly one end, the other None" if self.sided == "one" else "both ends; pass sided='one' if not"
            msg = f"ci of a {self.sided}-sided interval must have {rule}, got {_checks.shown(ci)}"
            raise InputError(msg)
        if low is not None and high is not None and low.value >= high.value:
            msg = f"ci must run from low to high, got {ci[0]} to {ci[1]}: upside down"
            raise InputError(msg)
        if (low is not None and low.low > mean.high) or (high is not None and high.high < mean.low):
            msg = f"ci must hold its mean {self.mean}, got {ci[0]} to {ci[1]}; check the signs"
            raise InputError(msg)
        end = high if low is None else low
        if missing and end is not None and (end.value >= mean.value if high is None else end.value <= mean.value):
            msg = f"ci must end away from its mean {self.mean}, got {ci[0]} to {ci[1]}: no standard error fits"
            raise InputError(msg)


@dataclass(frozen=True)
class Ratio:
    """Incremental cost-effectiveness ratio as printed, with its quadrant.

    Parameters
    ----------
    value : number
        ΔC/ΔE [currency per QALY], not 0. "Saved per QALY lost" is a positive ratio in the SW quadrant.
    quadrant : {"NE", "SE", "SW", "NW"}, optional
        Where the estimate lies; not needed where cost or effect fix it.

    Raises
    ------
    InputError
        If the ratio is 0, or its sign does not fit the quadrant.

    Examples
    --------
    >>> import hecon
    >>> hecon.Ratio(61_584, quadrant="SW").quadrant
    'SW'
    """

    value: Number
    quadrant: str | None = None

    def __post_init__(self) -> None:
        value = printed("icer", self.value).value
        if value == 0.0:
            msg = "icer must not be 0: a ratio of 0 says nothing of the effect; give the cost difference instead, got 0"
            raise InputError(msg)
        if self.quadrant is None:
            return
        _checks.one_of("quadrant", self.quadrant, QUADRANTS)
        if (value > 0) != (self.quadrant in {"NE", "SW"}):
            sign, fits = ("positive", "NE or SW") if value > 0 else ("negative", "SE or NW")
            msg = f"icer {self.value} is {sign}, so its quadrant must be {fits}, got {_checks.shown(self.quadrant)}"
            raise InputError(msg)


@dataclass(frozen=True)
class Assumed:
    """A value that nobody reported, with the range it is varied over and the reason for it.

    Parameters
    ----------
    value : number
        The value used.
    range : pair of numbers
        (low, high) around `value`; results are given over this range.
    reason : str
        Why this value and this range; printed in every summary.

    Raises
    ------
    InputError
        If the range is upside down or without the value, or no reason is given.

    Examples
    --------
    >>> import hecon
    >>> hecon.Assumed(0, range=(-0.5, 0.5), reason="cost and QALY not reported jointly").value
    0
    """

    value: Number
    range: tuple[Number, Number]
    reason: str

    def __post_init__(self) -> None:
        low, high = (exact("range", end) for end in _pair("range", self.range, "(low, high)"))
        if not low <= exact("value", self.value) <= high:
            msg = f"range must run from low to high and hold the value {self.value}, got {low:g} to {high:g}"
            raise InputError(msg)
        if not isinstance(self.reason, str) or not self.reason.strip():
            msg = f"reason must say why this is assumed, got {_checks.shown(self.reason)}"
            raise InputError(msg)


Outcome = Arms | Difference | tuple[Arms | Difference, ...] | None


@singledispatch
def _placed(record: object, outcome: str) -> list[Band]:
    """Return the constraints that a record places on an outcome. Each kind of record registers its own."""
    raise NotImplementedError


@_placed.register(Arms)
def _arms(arms: Arms, outcome: str) -> list[Band]:
    first, second = (printed(f"{outcome} mean", value) for value in arms.mean)
    bands = [Band(Constraint("difference_of_arm_means", outcome), f"delta_{outcome}", 0.0, *(first - second))]
    if arms.sd is not None and arms.n is not None:
        sds = [printed(f"{outcome} sd", value) for value in arms.sd]

        def pooled(values: Sequence[float]) -> float:
            return math.sqrt(sum(sd**2 / n for sd, n in zip(values, arms.n or (), strict=True)))

        number = PrintedNumber(*map(pooled, zip(*sds, strict=True)))
        bands.append(Band(Constraint("standard_error_from_SD_and_n", outcome), f"{outcome}_se", 0.0, *number))
    pairs_of_errors = {
        "standard_errors_of_arms": None if arms.se is None else [printed(f"{outcome} se", each) for each in arms.se],
        "intervals_of_arms": None if arms.ci is None else [_error(outcome, ends, arms.level) for ends in arms.ci],
    }
    for kind, errors in pairs_of_errors.items():
        if errors is not None:
            number = PrintedNumber(*(math.hypot(*sides) for sides in zip(*errors, strict=True)))
            bands.append(Band(Constraint(kind, outcome), f"{outcome}_se", 0.0, *number))
    return bands


def _error(outcome: str, ends: tuple[Number, Number], level: float) -> PrintedNumber:
    """Return the standard error that a two-sided interval implies by its width."""
    low, high = (printed(f"{outcome} ci", end) for end in ends)
    return _by_width(low, high, level)


def _by_width(low: PrintedNumber, high: PrintedNumber, level: float) -> PrintedNumber:
    width, z = high - low, float(ndtri(0.5 + level / 2))
    return PrintedNumber(*(size / (2 * z) for size in (width.value, max(width.low, 0.0), width.high)))


def comparator_error(arms: Arms) -> float | None:
    """Return the standard error of the comparator's mean; None where nothing was printed of it."""
    if arms.se is not None:
        return printed("se", arms.se[1]).value
    if arms.ci is not None:
        return _error("comparator", arms.ci[1], arms.level).value
    return None if arms.sd is None or arms.n is None else printed("sd", arms.sd[1]).value / math.sqrt(arms.n[1])


def _interval(outcome: str, difference: Difference) -> Band:
    low, high = (None if end is None else printed(f"{outcome} ci", end) for end in difference.ci or (None, None))
    if low is not None and high is not None:
        return Band(
            Constraint("interval_width", outcome), f"{outcome}_se", 0.0, *_by_width(low, high, difference.level)
        )
    z = float(ndtri(difference.level))
    number, side = (low, -z) if low is not None else (high, z)
    if number is None:
        msg = f"{outcome} ci must have at least one end, got {difference.ci!r}"
        raise InputError(msg)
    return Band(Constraint("one-sided_interval", outcome), f"{outcome}_bound", side, *number)


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


@_placed.register(Difference)
def _difference(difference: Difference, outcome: str) -> list[Band]:
    mean = printed(f"{outcome} mean", difference.mean)
    bands = [Band(Constraint("difference", outcome), f"delta_{outcome}", 0.0, *mean)]
    if difference.ci is not None:
        bands.append(_interval(outcome, difference))
    if difference.se is not None:
        error = printed(f"{outcome} se", difference.se)
        bands.append(Band(Constraint("standard_error", outcome), f"{outcome}_se", 0.0, *error))
    if difference.p is not None and mean.value != 0.0:  # a mean printed as 0 leaves its size open, and so σ
        bands.append(_p_value(outcome, difference.p))
    return bands


def records_of(given: Mapping[str, Outcome]) -> Iterator[tuple[str, Arms | Difference]]:
    """Yield the records given under each name, one or several, checked."""
    kinds = tuple(kind for kind in _placed.registry if kind is not object)
    for name, records in given.items():
        for record in () if records is None else records if isinstance(records, tuple) else (records,):
            if not isinstance(record, kinds):  # the door: callers need not be typed
                names = ", ".join(kind.__name__ for kind in kinds)
                msg = f"{name} must be {names} or a tuple of them, got {record!r}"
                raise InputError(msg)
            yield name, record


def net_benefits(given: Mapping[Number, Outcome] | None) -> Iterator[tuple[Number, float, Arms | Difference]]:
    """Yield the records of net benefit, each with its willingness to pay as given and as a number."""
    for key, records in pairs("net_benefit", given).items():
        at = exact("net_benefit at", key)
        if at < 0.0:
            msg = f"net_benefit must have a willingness to pay of at least 0, got {key}"
            raise InputError(msg)
        for _, record in records_of({f"net_benefit at {key}": records}):
            if isinstance(record, Difference) and record.sided == "one":
                msg = (
                    f"net_benefit at {key} must have a two-sided interval, got sided='one': give its standard error, "
                    "(mean - end)/z, as se"
                )
                raise InputError(msg)
            yield key, at, record


def net_benefit_bands(given: Mapping[Number, Outcome] | None) -> list[Band]:
    """Return the constraints that net benefits place, each at its willingness to pay."""
    return [
        replace(band, key=replace(band.key, at=f"{key}"), at=at)
        for key, at, record in net_benefits(given)
        for band in _placed(record, "net_benefit")
    ]


def quadrant_bands(shares: Mapping[str, Number] | None) -> list[Band]:
    """Return one band per printed share of a quadrant; what all four leave over or lack must be rounding."""
    numbers = {}
    for name, value in pairs("quadrant_shares", shares).items():
        _checks.one_of("quadrant_shares", name, QUADRANTS)
        numbers[name] = printed_probability(f"share of {name}, as a part of 1,", value)
    least, most = (math.fsum(getattr(each, end) for each in numbers.values()) for end in ("low", "high"))
    whole = len(numbers) == len(QUADRANTS)
    if least > 1.0 + _SUM_SLACK or (whole and most < 1.0 - _SUM_SLACK):
        told = " + ".join(f"{name} {value}" for name, value in (shares or {}).items())
        total, rule = math.fsum(each.value for each in numbers.values()), "add up to" if whole else "not exceed"
        msg = f"quadrant_shares must {rule} 1 within their rounding, got {told} = {total:.6g}: check each share"
        raise InputError(msg)
    bands = []
    for name, number in numbers.items():
        target = None if number.value in {0.0, 1.0} else number.value
        key = Constraint("p_quadrant", at=name)
        bands.append(Band(key, f"p_quadrant_{name}", 0.0, target, number.low, number.high))
    return bands


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
        stated = "".join(known.get(key, "?") for key in sides)
        msg = f"icer {ratio.value} is given in quadrant {ratio.quadrant}, but cost and effect lie in {stated}"
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


def pairs(name: str, values: Mapping[Any, Any] | None) -> Mapping[Any, Any]:
    """Return a mapping given by the caller, empty for None."""
    if values is not None and not isinstance(values, Mapping):
        msg = f"{name} must be a mapping such as a dict, got {values!r}"
        raise InputError(msg)
    return values or {}


def _beside_ratio(band: Band, quadrant: str) -> Band:
    """Return the band of a mean printed as 0 beside a ratio: not 0, with the sign of the quadrant."""
    above = quadrant[0] == "N" if band.kind == "delta_cost" else quadrant[1] == "E"
    return replace(band, target=None, low=0.0) if above else replace(band, target=None, high=0.0)


def probability_bands(kind: str, probabilities: Mapping[Number, Number] | None) -> list[Band]:
    """Return one band per printed probability, keyed by willingness to pay or by threshold of effect."""
    name = AT[kind]
    bands = []
    for key, value in pairs(name.rsplit(" ", 1)[0], probabilities).items():
        at = exact(name, key)
        if kind == "p_cost_effective" and at < 0.0:
            msg = f"{name} must have a willingness to pay of at least 0, got {key}"
            raise InputError(msg)
        number = printed_probability(f"{name} {key}", value)
        # 0.00 and 1.00 bound the probability on one side only.
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
    net_benefit: Mapping[Number, Outcome] | None,
    quadrant_shares: Mapping[str, Number] | None,
) -> tuple[list[Band], str | None]:
    """Return every constraint that the statistics place, and the quadrant of the ratio where one is given."""
    bands = [
        band for outcome, record in records_of({"cost": cost, "effect": effect}) for band in _placed(record, outcome)
    ]
    quadrant = None
    if icer is not None:
        value, quadrant = quadrant_of(icer, bands)
        for place, band in enumerate(bands):
            if band.kind.startswith("delta_") and band.target == 0.0:
                bands[place] = _beside_ratio(band, quadrant)
        bands.append(Band(Constraint("icer"), "icer", 0.0, *value))
    bands += net_benefit_bands(net_benefit)
    bands += probability_bands("p_cost_effective", p_cost_effective)
    bands += probability_bands("p_effect_above", probability_above)
    bands += quadrant_bands(quadrant_shares)
    if correlation is not None:
        number = printed("correlation", correlation)
        if not -1.0 <= number.value <= 1.0:
            msg = f"correlation must lie in [-1, 1], got {correlation}"
            raise InputError(msg)
        bands.append(Band(Constraint("correlation"), "correlation", 0.0, *number.capped(-1.0, 1.0)))
    if not bands:
        msg = (
            "at least one statistic must be given: cost, effect, icer, p_cost_effective, probability_above, "
            "net_benefit or quadrant_shares"
        )
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
    net_benefit: Mapping[Number, Outcome] | None = None,
    quadrant_shares: Mapping[str, Number] | None = None,
) -> tuple[Constraint, ...]:
    """Return the keys of the constraints that statistics place, whether they are fitted or kept as checks.

    Parameters
    ----------
    cost, effect, icer, p_cost_effective, probability_above, correlation : as in `hecon.from_reported`
        What was reported.
    net_benefit, quadrant_shares : as in `hecon.from_reported`
        The same.

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
    bands = [
        band for outcome, record in records_of({"cost": cost, "effect": effect}) for band in _placed(record, outcome)
    ]
    bands += probability_bands("p_cost_effective", p_cost_effective)
    bands += probability_bands("p_effect_above", probability_above)
    bands += net_benefit_bands(net_benefit) + quadrant_bands(quadrant_shares)
    alone = {"icer": icer, "correlation": correlation}
    keys = [band.key for band in bands]
    return (*keys, *(Constraint(name) for name, records in alone.items() if records is not None))
