"""What the printed interval of each study's difference shows: a clinical verdict, and what a forest plot needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy.special import ndtri

from hecon import evidence
from hecon.errors import InputError
from hecon.printed.numbers import PrintedInterval

if TYPE_CHECKING:
    from decimal import Decimal

    from hecon.dossier import Dossier
    from hecon.dossier.note import Outcome

__all__ = ["ClinicalResult", "clinical_results", "outcome_path"]

# No interval is so narrow a part of the distribution.
_LEAST = 1e-6


@dataclass(frozen=True)
class ClinicalResult:
    """Results of one difference that a study printed.

    Parameters
    ----------
    holds : bool
        Whether an interval was printed that runs upwards and holds its estimate.
    centred : bool
        Whether no two-sided interval was printed that lies off its estimate.
    se : float or None
        Standard error from the width of a two-sided interval or the half of a one-sided one; None unless it is above 0.
    ends : (number, number) or None
        Both ends as printed; the open end of a one-sided interval as far from the estimate as the other.
    verdict : ClinicalVerdict or None
        On the arm that the margin is for; None where no interval follows from what was printed.
    """

    holds: bool
    centred: bool = True
    se: float | None = None
    ends: tuple[int | Decimal, int | Decimal] | None = None
    verdict: evidence.ClinicalVerdict | None = None


def outcome_path(study: int, outcome: int) -> str:
    """Return the path of a difference in the file, by its place and that of its study."""
    return f"note.study[{study}].outcome[{outcome}]"


def clinical_results(dossier: Dossier) -> dict[str, ClinicalResult]:
    """Return the results of every difference that the studies of a dossier printed, by its path in the file."""
    return {
        outcome_path(number, position): _result(outcome)
        for number, study in enumerate(dossier.note.study)
        for position, outcome in enumerate(study.outcome)
    }


def _result(outcome: Outcome) -> ClinicalResult:
    if outcome.ci is None:
        return ClinicalResult(holds=False)
    low, high = outcome.ci
    printed = PrintedInterval(outcome.estimate, low, high)
    holds, twice = printed.holds and low <= high, 2 * outcome.estimate
    return ClinicalResult(
        holds=holds,
        centred=not printed.two_sided or printed.centred,
        se=_error(outcome, printed) if holds else None,
        ends=(twice - high if math.isinf(low) else low, twice - low if math.isinf(high) else high),
        verdict=_verdict(outcome, float(low), float(high)) if holds else None,
    )


def _error(outcome: Outcome, printed: PrintedInterval) -> float | None:
    """Return the standard error that an interval implies, or None."""
    level = float(outcome.level)
    if printed.two_sided:
        error = float(printed.high - printed.low) / (2 * max(float(ndtri((1 + level) / 2)), _LEAST))
    else:
        end = next(float(each) for each in (printed.low, printed.high) if math.isfinite(each))
        error = abs(end - float(outcome.estimate)) / max(float(ndtri(level)), _LEAST)
    return error if error > 0 else None


def _verdict(outcome: Outcome, low: float, high: float) -> evidence.ClinicalVerdict | None:
    # By its rounding alone an estimate may lie just outside.
    estimate = min(max(float(outcome.estimate), low), high)
    turned = outcome.margin_for == "comparator"
    least = outcome.minimal_important_difference
    try:
        return evidence.clinical_verdict(
            -estimate if turned else estimate,
            ci=(-high, -low) if turned else (low, high),
            level=float(outcome.level),
            better=outcome.better,
            margin=None if outcome.margin is None else float(outcome.margin),
            minimal_important_difference=None if least is None else float(least),
        )
    except InputError:
        return None
