"""What the interval of a clinical effect shows: superiority, non-inferiority, equivalence, relevance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.special import ndtri

from hecon import _checks
from hecon._display import displayed
from hecon.errors import InputError

# Verdicts are at the two-sided level of 5%: on both ends of a 95% interval.
_LEVEL = 0.95
_SIDES = ("higher", "lower")

LABELS = (
    "superior",
    "superior, clinically relevant",
    "superior, not clinically relevant",
    "equivalent",
    "non-inferior",
    "non-inferior, statistically worse",
    "inferior",
    "worse",
    "worse, clinically relevant",
    "worse, not clinically relevant",
    "worse, non-inferiority not shown",
    "non-inferiority not shown",
    "no relevant difference",
    "inconclusive",
)


@displayed
@dataclass(frozen=True)
class ClinicalVerdict:
    """What an interval says on a difference, intervention minus comparator.

    Attributes
    ----------
    label : str, one of `LABELS`, as "superior" or "non-inferior, statistically worse"
    estimate : float, as given
    interval : (float, float), 95% interval that was judged, in the outcome's own direction
    derived : bool, whether the interval follows from another one, or from a standard error, under normality
    direction : str, "superior", "worse" or "no difference shown"
    non_inferiority : str or None, "non-inferior", "inferior" or "inconclusive"; None without a margin
    equivalent : bool or None
        Whether the interval lies within the margin of equivalence on both sides; None without one.
    relevance : str or None
        "relevant" where the whole interval is at least the minimal important difference, "not relevant" where all of it
        is less, otherwise "inconclusive"; None without such a difference.
    margin : float or None, non-inferiority margin
    minimal_important_difference : float or None, as given
    """

    label: str
    estimate: float
    interval: tuple[float, float]
    derived: bool
    direction: str
    non_inferiority: str | None = None
    equivalent: bool | None = None
    relevance: str | None = None
    margin: float | None = None
    minimal_important_difference: float | None = None


def clinical_verdict(
    estimate: float,
    *,
    ci: tuple[float, float] | None = None,
    se: float | None = None,
    level: float = _LEVEL,
    better: str = "higher",
    margin: float | None = None,
    equivalence_margin: float | None = None,
    minimal_important_difference: float | None = None,
) -> ClinicalVerdict:
    """Say what the interval of a difference shows.

    Parameters
    ----------
    estimate : float
        Difference, intervention minus comparator, in the outcome's unit.
    ci : (float, float), optional
        Its interval. One end may be infinite: a one-sided interval.
    se : float, optional
        Standard error, above 0, where no interval was reported.
    level : float, default 0.95
        Level of `ci`, in (0, 1): 0.975 for a one-sided interval with that level.
    better : {"higher", "lower"}, default "higher"
        Which values of the outcome are better.
    margin : float, optional
        Non-inferiority margin, above 0, in the outcome's unit.
    equivalence_margin : float, optional
        Margin of equivalence, above 0, on both sides. A margin of non-inferiority alone is none.
    minimal_important_difference : float, optional
        Smallest difference that matters to patients, above 0, in the outcome's unit.

    Returns
    -------
    ClinicalVerdict
        At the two-sided level of 5%.

    Raises
    ------
    InputError
        If neither or both of `ci` and `se` are given, the interval does not hold the estimate, or a number is outside
        its bounds.

    Notes
    -----
    A difference is shown where the 95% interval leaves out 0; non-inferiority where its worse end lies within the
    margin; inferiority where its better end lies beyond it. A two-sided 95% interval is judged as printed. From any
    other, and from one side or a standard error, it follows under normality: estimate ± 1.96 SE. An intervention can be
    non-inferior and statistically worse at once: worse, but by less than the margin.

    References
    ----------
    Piaggio et al. 2012 (CONSORT), https://doi.org/10.1001/jama.2012.87802.

    Examples
    --------
    Exercise minus surgery on a scale where higher is better, as ESCAPE printed it for surgery minus exercise (3.6,
    97.5% interval up to 6.5), at its margin of 8:

    >>> from hecon import evidence
    >>> evidence.clinical_verdict(-3.6, ci=(-6.5, float("inf")), level=0.975, margin=8).label
    'non-inferior, statistically worse'
    """
    middle = _checks.finite("estimate", estimate)
    ends, derived = _interval(middle, ci, se, level)
    sign = 1.0 if _checks.one_of("better", better, _SIDES) == "higher" else -1.0
    low, high = sorted(sign * end for end in ends)
    direction = "superior" if low > 0 else "worse" if high < 0 else "no difference shown"
    status = None if margin is None else _non_inferiority(low, high, _checks.positive("margin", margin))
    equivalent = None
    if equivalence_margin is not None:
        reach = _checks.positive("equivalence_margin", equivalence_margin)
        equivalent = -reach < low and high < reach
    least = minimal_important_difference
    relevance = None
    if least is not None:
        relevance = _relevance(low, high, direction, _checks.positive("minimal_important_difference", least))
    return ClinicalVerdict(
        label=_label(direction, status, relevance, equivalent=bool(equivalent)),
        estimate=middle,
        interval=ends,
        derived=derived,
        direction=direction,
        non_inferiority=status,
        equivalent=equivalent,
        relevance=relevance,
        margin=margin,
        minimal_important_difference=least,
    )


def _interval(
    middle: float, ci: tuple[float, float] | None, se: float | None, level: float
) -> tuple[tuple[float, float], bool]:
    """Return the 95% interval, and whether it was derived."""
    if (ci is None) == (se is None):
        msg = f"either ci or se must be given, got {'neither' if ci is None else 'both'}"
        raise InputError(msg)
    share = _checks.finite("level", level)
    if not 0 < share < 1:
        msg = f"level must lie in (0, 1), got {level}; write 0.95 for 95%"
        raise InputError(msg)
    z = float(ndtri((1 + _LEVEL) / 2))
    if se is not None:
        half = z * _checks.positive("se", se)
        return _finite(middle - half, middle + half), True
    low, high = _ends(cast("tuple[float, float]", ci))
    if not low <= middle <= high:
        msg = f"ci must hold the estimate {middle:g}, got {low:g} to {high:g}; check signs and the order of the ends"
        raise InputError(msg)
    if math.isfinite(low) and math.isfinite(high):
        if share == _LEVEL:
            return (low, high), False
        # Each side by itself, so that an interval that leaves out 0 at a higher level does so here.
        factor = z / float(ndtri((1 + share) / 2))
        return _finite(middle - factor * (middle - low), middle + factor * (high - middle)), True
    bound = low if math.isfinite(low) else high
    if share <= 0.5:  # noqa: PLR2004 (below, the bound would lie on the other side)
        msg = f"level must be above 0.5 for a one-sided interval, got {level}"
        raise InputError(msg)
    if bound == middle:
        msg = f"ci must have its finite end off the estimate, got both at {middle:g}"
        raise InputError(msg)
    half = z * abs(middle - bound) / float(ndtri(share))
    return _finite(middle - half, middle + half), True


def _finite(low: float, high: float) -> tuple[float, float]:
    if not (math.isfinite(low) and math.isfinite(high)):
        msg = "the interval must be finite, got one beyond the largest number"
        raise InputError(msg)
    return low, high


def _ends(ci: tuple[float, float]) -> tuple[float, float]:
    if isinstance(ci, np.ndarray):
        ci = tuple(ci.tolist())
    if not isinstance(ci, (tuple, list)) or len(ci) != 2:  # noqa: PLR2004 (two ends)
        msg = f"ci must be a pair (low, high), got {ci!r}"
        raise InputError(msg)
    open_ends = [isinstance(end, (float, np.floating)) and math.isinf(end) for end in ci]
    ends = [float(end) if is_open else _checks.finite("ci", end) for end, is_open in zip(ci, open_ends, strict=True)]
    if all(open_ends):
        msg = f"ci must have a finite end, got {ci!r}"
        raise InputError(msg)
    return ends[0], ends[1]


def _non_inferiority(low: float, high: float, margin: float) -> str:
    """Return what an interval that is better upwards says on a margin."""
    if low > -margin:
        return "non-inferior"
    return "inferior" if high < -margin else "inconclusive"


def _relevance(low: float, high: float, direction: str, least: float) -> str:
    near, far = (low, high) if direction == "superior" else (-high, -low)
    if direction == "no difference shown":
        return "not relevant" if -least < low and high < least else "inconclusive"
    return "relevant" if near >= least else "not relevant" if far < least else "inconclusive"


def _label(direction: str, status: str | None, relevance: str | None, *, equivalent: bool) -> str:
    if status == "inferior":
        return "inferior"
    if direction == "no difference shown":
        return _open_label(status, relevance, equivalent=equivalent)
    if direction == "worse" and status is not None:
        return "non-inferior, statistically worse" if status == "non-inferior" else "worse, non-inferiority not shown"
    added = {"relevant": ", clinically relevant", "not relevant": ", not clinically relevant"}.get(relevance or "", "")
    return direction + added


def _open_label(status: str | None, relevance: str | None, *, equivalent: bool) -> str:
    """Return the label where no difference is shown."""
    if equivalent:
        return "equivalent"
    if status == "non-inferior":
        return "non-inferior"
    if relevance == "not relevant":
        return "no relevant difference"
    return "inconclusive" if status is None else "non-inferiority not shown"
