"""The audit of economic comparisons: differences, ratios, quadrants and probabilities."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from hecon import reported
from hecon.auditing.findings import Finding
from hecon.auditing.intervals import coarse_unit, unit
from hecon.auditing.outcomes import Difference, audit_difference
from hecon.auditing.relations import apart, box, cut_off, minus
from hecon.dossier.note import Arms
from hecon.dossier.statistics import (
    ArmsStatistic,
    DifferenceStatistic,
    ProbabilityStatistic,
    RatioStatistic,
    arguments,
    constraint_names,
)
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hecon.auditing.findings import Numbers
    from hecon.dossier.comparison import Comparison
    from hecon.dossier.schema import Dossier
    from hecon.dossier.statistics import Statistic
    from hecon.formulas import Interval

    Reading = Callable[[int | Decimal, Callable[[int | Decimal], Decimal]], Interval]

__all__ = ["audit_comparisons"]

# The grade of a check that rounding, approximation and Monte Carlo error do not explain.
_APART = reported.GRADES[2]
# A probability this near to one half may lie on its wrong side by skewness alone.
_NEAR_HALF = Fraction(1, 20)


def audit_comparisons(dossier: Dossier) -> Iterator[Finding]:
    """Yield what is found in the comparisons of a dossier, in the order of the file."""
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
        yield from _predicted(comparison, path)
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
            if apart(box(other.mean), box(each.mean)):
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
) -> Difference:
    return Difference(
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
        arms=None if arms is None else Arms(mean=arms.mean, sd=arms.sd, n=arms.n, sources=arms.sources),
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
    costs, effects, (low, high) = found["cost"], found["effect"], box(ratio.value, coarse_unit)
    if effects[0] <= 0 <= effects[1]:
        return  # any ratio is possible
    quotients = [a / b for a in costs for b in effects]
    # A positive ratio may stand for a negative quotient, with the quadrant beside it.
    boxes = [(low, high), *([(-high, -low)] if ratio.value > 0 else [])]
    if _meet(quotients, boxes):
        return
    wide = _differences(comparison, unit, cut_off)
    cut = wide["effect"][0] <= 0 <= wide["effect"][1] or _meet(
        [a / b for a in wide["cost"] for b in wide["effect"]], boxes
    )
    yield Finding(
        "worth a look" if cut else "inconsistent",
        "ratio",
        (path,),
        comparison.trial,
        None,
        "icer",
        {**_shown_differences(comparison), "icer": ratio.value},
        expected=(float(min(quotients)), float(max(quotients))),
        sources=ratio.sources,
        cut_off=cut,
    )


def _meet(quotients: list[Fraction], boxes: list[Interval]) -> bool:
    return any(min(quotients) <= end and start <= max(quotients) for start, end in boxes)


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


def _differences(
    comparison: Comparison, of: Callable[[int | Decimal], Decimal], read: Reading = box
) -> dict[str, Interval]:
    """Return all that was printed of the differences in cost and effect allows, from arms where there is no other."""
    found: dict[str, Interval] = {}
    for each in _reported(comparison):
        if isinstance(each, ArmsStatistic):
            found.setdefault(each.kind.removesuffix("-arms"), minus(*(read(mean, of) for mean in each.mean)))
        elif isinstance(each, DifferenceStatistic):
            found[each.kind.removesuffix("-difference")] = read(each.mean, of)
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
        low, high = box(each.value)
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


def _predicted(comparison: Comparison, path: str) -> Iterator[Finding]:
    """Hold what was kept as a check against its prediction from the other statistics."""
    kept = {_check_name(each): position for position, each in enumerate(comparison.statistic) if _is_check(each)}
    if not kept:
        return
    try:
        found = reported.fit(**arguments(comparison))
    except InputError:
        return  # statistics that contradict each other have findings of their own, and `assess` refuses them
    for check in found.checks:
        position = kept.get(check.name)
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


def _check_name(statistic: Statistic) -> str:
    return constraint_names(statistic)[0]


def _wrong_side(benefit: Interval, low: Fraction, high: Fraction) -> bool:
    half = Fraction(1, 2)
    return (benefit[0] > 0 and high < half) or (benefit[1] < 0 and low > half)


def _benefit(comparison: Comparison, wtp: Fraction, of: Callable[[int | Decimal], Decimal]) -> Interval | None:
    """Return the net benefits that what was printed allows, the effect from the ratio if need be."""
    found = _differences(comparison, of)
    ratio = next((each for each in _reported(comparison) if isinstance(each, RatioStatistic)), None)
    if "cost" in found and "effect" not in found and ratio is not None:
        low, high = (abs(end) for end in box(ratio.value, of))
        if low > 0 and high > 0:
            sizes = [abs(end) / divisor for end in found["cost"] for divisor in (low, high)]
            gains = ratio.quadrant in {"NE", "SE"} if ratio.quadrant else (ratio.value > 0) == (found["cost"][0] > 0)
            found["effect"] = (min(sizes), max(sizes)) if gains else (-max(sizes), -min(sizes))
    if len(found) < 2:  # noqa: PLR2004 (costs and effects)
        return None
    return minus((wtp * found["effect"][0], wtp * found["effect"][1]), found["cost"])
