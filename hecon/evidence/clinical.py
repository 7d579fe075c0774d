"""What the interval of a clinical effect says: superiority, non-inferiority, equivalence, relevance."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import cast

from scipy.special import ndtri

from hecon import _checks, texts
from hecon.errors import InputError

__all__ = ["LABELS", "ClinicalVerdict", "clinical_label", "clinical_verdict", "clinical_words"]

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
    "inconclusive",
)


@dataclass(frozen=True)
class ClinicalVerdict:
    """What an interval says on a difference, intervention minus comparator.

    Parameters
    ----------
    label : str
        One of `LABELS`, as "superior" or "non-inferior, statistically worse".
    estimate : float
        As given.
    interval : (float, float)
        95% interval that was judged, in the outcome's own direction.
    derived : bool
        Whether the interval follows from another one, or from a standard error, under normality.
    direction : str
        "superior", "worse" or "no difference shown".
    non_inferiority : str or None
        "non-inferior", "inferior" or "inconclusive"; None without a margin.
    equivalent : bool or None
        Whether the interval lies within the margin on both sides; None without one.
    relevance : str or None
        "relevant" where the whole interval is at least the minimal important difference, "not relevant" where all of it
        is less, otherwise "inconclusive"; None without such a difference.
    margin : float or None
        Non-inferiority margin.
    minimal_important_difference : float or None
        As given.
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
    within = None if margin is None else _within(low, high, _checks.positive("margin", margin))
    least = minimal_important_difference
    relevance = None
    if least is not None:
        relevance = _relevance(low, high, direction, _checks.positive("minimal_important_difference", least))
    return ClinicalVerdict(
        label=_label(direction, within, relevance),
        estimate=middle,
        interval=ends,
        derived=derived,
        direction=direction,
        non_inferiority=None if within is None else within[0],
        equivalent=None if within is None else within[1],
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
        return (middle - half, middle + half), True
    low, high = _ends(cast("tuple[float, float]", ci))
    if not low <= middle <= high:
        msg = f"ci must hold the estimate {middle:g}, got {low:g} to {high:g}; check signs and the order of the ends"
        raise InputError(msg)
    if math.isfinite(low) and math.isfinite(high):
        if share == _LEVEL:
            return (low, high), False
        half = z * (high - low) / 2 / float(ndtri((1 + share) / 2))
        return (middle - half, middle + half), True
    bound = low if math.isfinite(low) else high
    if share <= 0.5:  # noqa: PLR2004 (below, the bound would lie on the other side)
        msg = f"level must be above 0.5 for a one-sided interval, got {level}"
        raise InputError(msg)
    if bound == middle:
        msg = f"ci must have its finite end off the estimate, got both at {middle:g}"
        raise InputError(msg)
    half = z * abs(middle - bound) / float(ndtri(share))
    return (middle - half, middle + half), True


def _ends(ci: tuple[float, float]) -> tuple[float, float]:
    if not isinstance(ci, (tuple, list)) or len(ci) != 2:  # noqa: PLR2004 (two ends)
        msg = f"ci must be a pair (low, high), got {ci!r}"
        raise InputError(msg)
    ends = tuple(end if isinstance(end, float) and math.isinf(end) else _checks.finite("ci", end) for end in ci)
    if all(math.isinf(end) for end in ends):
        msg = f"ci must have a finite end, got {ci!r}"
        raise InputError(msg)
    return float(ends[0]), float(ends[1])


def _within(low: float, high: float, margin: float) -> tuple[str, bool]:
    """Return what an interval that is better upwards says on a margin, and whether it lies within it on both sides."""
    if low > -margin:
        return "non-inferior", high < margin
    return ("inferior" if high < -margin else "inconclusive"), False


def _relevance(low: float, high: float, direction: str, least: float) -> str:
    near, far = (low, high) if direction == "superior" else (-high, -low)
    if direction == "no difference shown":
        return "not relevant" if -least < low and high < least else "inconclusive"
    return "relevant" if near >= least else "not relevant" if far < least else "inconclusive"


def _label(direction: str, within: tuple[str, bool] | None, relevance: str | None) -> str:
    if within is not None:
        status, equivalent = within
        if status == "inferior":
            return "inferior"
        if direction == "worse":
            return (
                "non-inferior, statistically worse" if status == "non-inferior" else "worse, non-inferiority not shown"
            )
        if direction == "no difference shown":
            return status if status == "inconclusive" else "equivalent" if equivalent else "non-inferior"
    if direction == "no difference shown":
        return "inconclusive"
    added = {"relevant": ", clinically relevant", "not relevant": ", not clinically relevant"}.get(relevance or "", "")
    return direction + added


def clinical_label(verdict: ClinicalVerdict, *, intervention: str, comparator: str, lang: str = "nl") -> str:
    """Return the label of a clinical verdict as a clause, with the names.

    Parameters
    ----------
    verdict : ClinicalVerdict
        What `clinical_verdict` returned.
    intervention, comparator : str
        Names, in the language.
    lang : {"nl", "en"}, default "nl"
        Language.

    Returns
    -------
    str
        A clause without a full stop.

    Examples
    --------
    >>> from hecon import evidence
    >>> found = evidence.clinical_verdict(1, se=1, margin=5)
    >>> evidence.clinical_label(found, intervention="exercise", comparator="surgery", lang="en")
    'exercise and surgery are equivalent'
    """
    key = re.sub(r"\W+", "_", verdict.label)
    return texts.text(lang, f"clinical_label.{key}", intervention=intervention, comparator=comparator)


def clinical_words(
    verdict: ClinicalVerdict, *, intervention: str, comparator: str, outcome: str, lang: str = "nl"
) -> str:
    """Return a clinical verdict in words.

    Parameters
    ----------
    verdict : ClinicalVerdict
        What `clinical_verdict` returned.
    intervention, comparator, outcome : str
        Names, in the language.
    lang : {"nl", "en"}, default "nl"
        Language.

    Returns
    -------
    str
        A few sentences, with the interval and what it rests on.

    Examples
    --------
    >>> from hecon import evidence
    >>> found = evidence.clinical_verdict(5.3, ci=(0.6, 9.9))
    >>> print(evidence.clinical_words(found, intervention="surgery", comparator="exercise", outcome="IKDC", lang="en"))
    IKDC: surgery is statistically better than exercise (5.3; 95% interval 0.6 to 9.9).
    """
    low, high = (_number(end, lang) for end in verdict.interval)
    sentences = [
        texts.text(
            lang,
            "clinical.sentence",
            outcome=outcome,
            verdict=clinical_label(verdict, intervention=intervention, comparator=comparator, lang=lang),
            estimate=_number(verdict.estimate, lang),
            low=low,
            high=high,
        )
    ]
    if verdict.margin is not None:
        sentences.append(texts.text(lang, "clinical.margin", margin=_number(verdict.margin, lang)))
    if verdict.minimal_important_difference is not None:
        least = _number(verdict.minimal_important_difference, lang)
        sentences.append(texts.text(lang, f"clinical.{_RELEVANCE[str(verdict.relevance)]}", least=least))
    if verdict.derived:
        sentences.append(texts.text(lang, "clinical.derived"))
    return " ".join(sentences)


_RELEVANCE = {"relevant": "relevant", "not relevant": "not_relevant", "inconclusive": "relevance_open"}


def _number(value: float, lang: str) -> str:
    """Return a number with at most two decimals, without needless zeros."""
    digits = next((count for count in (0, 1) if round(value, count) == round(value, 2)), 2)
    return texts.number(lang, value, digits)
