"""The audit of economic comparisons: differences, ratios, quadrants and probabilities."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from hecon import reported
from hecon.auditing.findings import Finding
from hecon.auditing.outcomes import PrintedDifference, audit_difference
from hecon.dossier.note import OutcomeArms
from hecon.dossier.statistics import (
    ArmsStatistic,
    DifferenceStatistic,
    EffectProbability,
    ProbabilityStatistic,
    RatioStatistic,
    arguments,
)
from hecon.errors import InputError
from hecon.printed.numbers import Span, coarse_unit, cut_off, span, unit
from hecon.reported._solve import Constraint
from hecon.reported.fits import GRADES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hecon.auditing.findings import Numbers
    from hecon.dossier.comparison import Comparison
    from hecon.dossier.loading import Dossier
    from hecon.dossier.statistics import Statistic
    from hecon.printed.numbers import Digits, Rounding
    from hecon.reported import Fit

__all__ = ["audit_comparisons"]

# The grade of a check that rounding, approximation and Monte Carlo error do not explain.
_APART = GRADES[2]
# A probability this near to one half may lie on its wrong side by skewness alone.
_NEAR_HALF = Fraction(1, 20)


def audit_comparisons(dossier: Dossier, fits: Mapping[str, Fit | None] | None = None) -> Iterator[Finding]:
    """Yield what is found in the comparisons of a dossier, in the order of the file.

    Parameters
    ----------
    dossier : Dossier
        The dossier.
    fits : mapping of str to Fit or None, optional
        The fit of each comparison by its id; default those of the statistics that do not contradict each other.

    Yields
    ------
    Finding
        Comparison by comparison, then what the perspectives of one trial say of each other.
    """
    for number, comparison in enumerate(dossier.comparison):
        path = f"comparison[{number}]"
        arms = {
            each.kind.removesuffix("-arms"): each
            for each in comparison.statistic
            if isinstance(each, ArmsStatistic) and each.status == "reported"
        }
        for position, statistic in enumerate(comparison.statistic):
            if isinstance(statistic, DifferenceStatistic) and statistic.status == "reported":
                place = f"{path}.statistic[{position}]"
                own = arms.get(statistic.kind.removesuffix("-difference"))
                yield from audit_difference(_as_difference(statistic, own, comparison, place))
        yield from _ratio(comparison, path)
        yield from _quadrant(comparison, path)
        yield from _probabilities(comparison, path)
        yield from _predicted(comparison, path, _fitted(comparison) if fits is None else fits[comparison.id])
    yield from _perspectives(dossier)


def _perspectives(dossier: Dossier) -> Iterator[Finding]:
    """Hold the differences in effect of one trial's perspectives against each other: costs alone depend on these."""
    first: dict[tuple[str, ...], tuple[DifferenceStatistic, str]] = {}
    for number, comparison in enumerate(dossier.comparison):
        horizon = str(float(comparison.horizon_months))
        key = (comparison.trial, comparison.intervention, comparison.comparator, horizon, comparison.effect_unit)
        for position, each in enumerate(comparison.statistic):
            if each.kind != "effect-difference" or each.status == "assumed":
                continue
            path = f"comparison[{number}].statistic[{position}]"
            other, place = first.setdefault(key, (each, path))
            if span(other.mean).apart(span(each.mean)):
                yield Finding(
                    "inconsistent",
                    "perspectives",
                    (place, path),
                    comparison.trial,
                    None,
                    "effect-difference",
                    {"first": other.mean, "second": each.mean},
                    sources=tuple(dict.fromkeys((*other.sources, *each.sources))),
                )


def _as_difference(
    statistic: DifferenceStatistic, arms: ArmsStatistic | None, comparison: Comparison, path: str
) -> PrintedDifference:
    return PrintedDifference(
        study=comparison.trial,
        subject=None,
        kind=statistic.kind,
        path=path,
        sources=statistic.sources,
        estimate=statistic.mean,
        ci=statistic.ci,
        level=float(statistic.level or 0.95),
        symmetrical=statistic.kind == "effect-difference",
        p=statistic.p,
        p_below=statistic.p_below,
        se=statistic.se,
        arms=None if arms is None else OutcomeArms(mean=arms.mean, sd=arms.sd, n=arms.n, sources=arms.sources),
    )


def _reported(comparison: Comparison) -> list[Statistic]:
    return [each for each in comparison.statistic if each.status == "reported"]


def _ratio(comparison: Comparison, path: str) -> Iterator[Finding]:
    """Hold a reported ratio that is no check against the reported differences, or those of the arms."""
    ratios = (each for each in _reported(comparison) if isinstance(each, RatioStatistic) and each.use == "fit")
    ratio = next(ratios, None)
    found = _differences(comparison, coarse_unit)
    if ratio is None or len(found) < 2:  # noqa: PLR2004 (costs and effects)
        return
    quotient, own = _quotient(found), span(ratio.value, coarse_unit)
    # A positive ratio may stand for a negative quotient, with the quadrant beside it.
    possible = [own, -own] if ratio.value > 0 else [own]
    if quotient is None or not all(quotient.apart(each) for each in possible):
        return
    wide = _quotient(_differences(comparison, unit, cut=True))
    cut = wide is None or not all(wide.apart(each) for each in possible)
    yield Finding(
        "worth a look" if cut else "inconsistent",
        "ratio",
        (path,),
        comparison.trial,
        None,
        "icer",
        {**_shown_differences(comparison), "icer": ratio.value},
        expected=(float(quotient.low), float(quotient.high)),
        sources=ratio.sources,
        cut_off=cut,
    )


def _quotient(differences: dict[str, Span]) -> Span | None:
    """Return the ratios that differences allow, None where the effect may be 0: any ratio is possible."""
    try:
        return differences["cost"] / differences["effect"]
    except ZeroDivisionError:
        return None


def _quadrant(comparison: Comparison, path: str) -> Iterator[Finding]:
    """Hold a quadrant that is stated against the signs of the differences."""
    ratio = next((each for each in _reported(comparison) if isinstance(each, RatioStatistic)), None)
    found = _differences(comparison, unit)
    if ratio is None or ratio.quadrant is None:
        return
    signs = {"cost": 1 if ratio.quadrant[0] == "N" else -1, "effect": 1 if ratio.quadrant[1] == "E" else -1}
    if any(max(signs[name] * low, signs[name] * high) < 0 for name, (low, high) in found.items()):
        yield Finding(
            "inconsistent",
            "quadrant",
            (path,),
            comparison.trial,
            None,
            "icer",
            _shown_differences(comparison),
            stated=ratio.quadrant,
            sources=ratio.sources,
        )


def _differences(comparison: Comparison, of: Rounding, *, cut: bool = False) -> dict[str, Span]:
    """Return all that was printed of the differences in cost and effect allows, from arms where there is no other.

    With `cut` also what it allows if digits were cut off instead of rounded.
    """

    def read(mean: Digits) -> Span:
        rounded = span(mean, of)
        return Span(*cut_off(mean, rounded)) if cut else rounded

    found: dict[str, Span] = {}
    for each in _reported(comparison):
        if isinstance(each, ArmsStatistic):
            found.setdefault(each.kind.removesuffix("-arms"), read(each.mean[0]) - read(each.mean[1]))
        elif isinstance(each, DifferenceStatistic):
            found[each.kind.removesuffix("-difference")] = read(each.mean)
    return found


def _shown_differences(comparison: Comparison) -> Numbers:
    """Return the differences as printed, or as the arms make them."""
    found: Numbers = {}
    for each in _reported(comparison):
        if isinstance(each, ArmsStatistic):
            first, second = (Decimal(mean) for mean in each.mean)
            found.setdefault(each.kind.removesuffix("-arms"), first - second)
        elif isinstance(each, DifferenceStatistic):
            found[each.kind.removesuffix("-difference")] = each.mean
    return found


def _probabilities(comparison: Comparison, path: str) -> Iterator[Finding]:
    """Hold each probability cost-effective against the sign of net benefit at its willingness to pay."""
    half = Fraction(1, 2)
    for position, each in enumerate(comparison.statistic):
        if not isinstance(each, ProbabilityStatistic) or each.status != "reported":
            continue
        fine, coarse = (_benefit(comparison, Fraction(each.wtp), of) for of in (unit, coarse_unit))
        low, high = span(each.value)
        if fine is None or coarse is None or not _wrong_side(fine, low, high):
            continue
        near = min(abs(low - half), abs(high - half)) <= _NEAR_HALF
        # Zeros at the end of an amount may be rounding, which could turn the sign.
        doubt = near or not _wrong_side(coarse, low, high)
        yield Finding(
            "worth a look" if doubt else "inconsistent",
            "probability",
            (f"{path}.statistic[{position}]",),
            comparison.trial,
            None,
            "p-cost-effective",
            {"value": each.value, "wtp": each.wtp},
            expected=(float(fine[0]), float(fine[1])),
            sources=each.sources,
        )


def _fitted(comparison: Comparison) -> Fit | None:
    """Return the fit that predicts the checks of a comparison; None where there are none, or the rest contradict."""
    if not any(map(_is_check, comparison.statistic)):
        return None
    try:
        return reported.fit(**arguments(comparison))
    except InputError:
        return None  # statistics that contradict each other have findings of their own, and `assess` refuses them


def _predicted(comparison: Comparison, path: str, fit: Fit | None) -> Iterator[Finding]:
    """Hold what was kept as a check against its prediction from the other statistics."""
    kept = {_check_key(each): position for position, each in enumerate(comparison.statistic) if _is_check(each)}
    for check in () if fit is None else fit.checks:
        position = kept.get(check.key)
        if position is None or check.grade != _APART or check.range is None:
            continue
        statistic = comparison.statistic[position]
        yield Finding(
            "worth a look",
            "predicted",
            (f"{path}.statistic[{position}]",),
            comparison.trial,
            None,
            statistic.kind,
            {"value": statistic.value, "gap": Decimal(str(round(abs(check.gap or 0.0), 3)))},  # type: ignore[union-attr]
            expected=check.range,
            sources=statistic.sources,
        )


def _is_check(statistic: Statistic) -> bool:
    return getattr(statistic, "use", "fit") == "check" and statistic.status == "reported"


def _check_key(statistic: Statistic) -> Constraint:
    if isinstance(statistic, ProbabilityStatistic):
        return Constraint("p_cost_effective", at=f"{statistic.wtp}")
    if isinstance(statistic, EffectProbability):
        return Constraint("p_effect_above", at=f"{statistic.threshold}")
    return Constraint("icer")


def _wrong_side(benefit: Span, low: Fraction, high: Fraction) -> bool:
    half = Fraction(1, 2)
    return (benefit[0] > 0 and high < half) or (benefit[1] < 0 and low > half)


def _benefit(comparison: Comparison, wtp: Fraction, of: Rounding) -> Span | None:
    """Return the net benefits that what was printed allows, the effect from the ratio if need be."""
    found = _differences(comparison, of)
    ratio = next((each for each in _reported(comparison) if isinstance(each, RatioStatistic)), None)
    if "cost" in found and "effect" not in found and ratio is not None:
        low, high = (abs(end) for end in span(ratio.value, of))
        if low > 0 and high > 0:
            sizes = [abs(end) / divisor for end in found["cost"] for divisor in (low, high)]
            gains = ratio.quadrant in {"NE", "SE"} if ratio.quadrant else (ratio.value > 0) == (found["cost"][0] > 0)
            size = Span(min(sizes), max(sizes))
            found["effect"] = size if gains else -size
    if len(found) < 2:  # noqa: PLR2004 (costs and effects)
        return None
    return Span(wtp, wtp) * found["effect"] - found["cost"]
