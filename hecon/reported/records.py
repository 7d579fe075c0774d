"""What a publication reports, as small frozen records, in the order intervention, comparator."""

from __future__ import annotations

from dataclasses import dataclass

from hecon import _checks
from hecon.errors import InputError
from hecon.printed.numbers import Number, PrintedNumber, exact, printed

__all__ = ["Arms", "Assumed", "Difference", "Ratio"]

QUADRANTS = ("NE", "SE", "SW", "NW")
_PAIR = 2
_MOST_PATIENTS = 10**9
# A level closer to its ends leaves no quantile to divide by.
_LEVEL_EDGE = 1e-9


def p_value(p: Number) -> tuple[str, Number]:
    """Split a p value into "<", ">" or "" and the number."""
    text = p.strip() if isinstance(p, str) else ""
    return (text[0], text[1:]) if text.startswith(("<", ">")) else ("", p)


def _pair(name: str, values: tuple[Number, Number], order: str = "(intervention, comparator)") -> tuple[Number, Number]:
    if not isinstance(values, (tuple, list)) or len(values) != _PAIR:
        msg = f"{name} must be a pair {order}, got {_checks.shown(values)}"
        raise InputError(msg)
    return (values[0], values[1])


@dataclass(frozen=True)
class Arms:
    """Mean, standard deviation and size of both arms.

    Parameters
    ----------
    mean : pair of numbers
        Mean per patient (intervention, comparator) [currency or QALY].
    sd : pair of numbers, optional
        Standard deviations between patients, above 0; needs `n`.
    n : pair of int, optional
        Patients per arm, above 1; needs `sd`.

    Raises
    ------
    InputError
        If a pair is not a pair, SD ≤ 0, n ≤ 1, or only one of `sd` and `n` is given.

    Notes
    -----
    μ = m₁ − m₀ and σ² = s₁²/n₁ + s₀²/n₀: unequal variances, no covariate adjustment, all n patients counted.

    Examples
    --------
    >>> import hecon
    >>> hecon.Arms(mean=(14951, 11558), sd=(10004, 10579), n=(85, 82)).n
    (85, 82)
    """

    mean: tuple[Number, Number]
    sd: tuple[Number, Number] | None = None
    n: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        for value in _pair("mean", self.mean):
            printed("mean", value)
        if (self.sd is None) != (self.n is None):
            given, lacking = ("n", "sd") if self.sd is None else ("sd", "n")
            msg = f"Arms with {given} needs {lacking} too: a standard error follows from both; got {lacking}=None"
            raise InputError(msg)
        if self.sd is not None and self.n is not None:
            for value in _pair("sd", self.sd):
                _checks.positive("sd", printed("sd", value).value)
            for size in _pair("n", self.n):
                if _checks.count("n", size, at_least=2) > _MOST_PATIENTS:  # type: ignore[arg-type]
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
        Level of the interval, in (0, 1).
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
        lowest = 0.5 if self.sided == "one" else 0.0
        if not lowest + _LEVEL_EDGE < _checks.finite("level", self.level) < 1.0 - _LEVEL_EDGE:
            msg = f"level of a {self.sided}-sided interval must lie in ({lowest:g}, 1), got {self.level}"
            raise InputError(msg)
        if self.ci is not None:
            self._check_interval(mean)
        if self.se is not None:
            _checks.positive("se", printed("se", self.se).value)
        if self.p is not None:
            _, bound = p_value(self.p)
            if not 0.0 < exact("p", bound) < 1.0:
                msg = f"p must lie in (0, 1), got {self.p}; write '<0.001' for an inequality"
                raise InputError(msg)

    def _check_interval(self, mean: PrintedNumber) -> None:
        if not isinstance(self.ci, (tuple, list)) or len(self.ci) != _PAIR:
            msg = f"ci must be a pair (low, high), got {_checks.shown(self.ci)}"
            raise InputError(msg)
        ends = [None if end is None else printed("ci", end) for end in self.ci]
        low, high = ends
        missing = ends.count(None)
        if missing != (1 if self.sided == "one" else 0):
            rule = "exactly one end, the other None" if self.sided == "one" else "both ends; pass sided='one' if not"
            msg = f"ci of a {self.sided}-sided interval must have {rule}, got {_checks.shown(self.ci)}"
            raise InputError(msg)
        if low is not None and high is not None and low.value >= high.value:
            msg = f"ci must run from low to high, got {self.ci[0]} to {self.ci[1]}: upside down"
            raise InputError(msg)
        if (low is not None and low.low > mean.high) or (high is not None and high.high < mean.low):
            msg = f"ci must hold its mean {self.mean}, got {self.ci[0]} to {self.ci[1]}; check the signs"
            raise InputError(msg)
        end = high if low is None else low
        if missing and end is not None and (end.value >= mean.value if high is None else end.value <= mean.value):
            msg = (
                f"ci must end away from its mean {self.mean}, got {self.ci[0]} to {self.ci[1]}: no standard error fits"
            )
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
