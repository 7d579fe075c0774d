"""The audit: whether the numbers that a dossier carries from its sources can be true together."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from hecon.dossier.audit_figures import audit_figures
from hecon.dossier.audit_outcomes import Difference, audit_difference
from hecon.dossier.findings import Finding
from hecon.dossier.loading import load, load_programme
from hecon.dossier.printed_intervals import coarse_unit, unit
from hecon.dossier.printed_relations import AS_PRINTED, agreement, box, minus, smallest
from hecon.dossier.programme_schema import Programme
from hecon.dossier.schema import ArmsStatistic, DifferenceStatistic, Dossier, ProbabilityStatistic, RatioStatistic
from hecon.dossier.study_facts import Arms, CrossoverFact, PatientsFact, PatientsPerArm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hecon.dossier.findings import Numbers
    from hecon.dossier.formulas import Interval
    from hecon.dossier.note_schema import Study
    from hecon.dossier.schema import Comparison, Statistic

__all__ = ["PROGRAMME", "audit"]

PROGRAMME = "programme"

# A probability this near to one half may lie on its wrong side by skewness alone.
_NEAR_HALF = Fraction(1, 20)


def audit(dossier: Dossier | Programme | str | Path) -> tuple[Finding, ...]:
    """Hold the printed numbers of a dossier, or of the programme, against each other.

    Parameters
    ----------
    dossier : Dossier, Programme, str or Path
        A dossier, the name of one that comes with hecon, the path of a TOML file, or "programme".

    Returns
    -------
    tuple of Finding
        Studies, comparisons, single figures, each in the order of the file; empty where everything can be true.

    Raises
    ------
    DossierError
        If the file breaks the rules of a dossier.

    Notes
    -----
    Each number stands for all that rounds to it; zeros at the end of whole numbers may be rounding. Clinical outcomes
    and differences in effect are taken as symmetrical, so an estimate off the middle of its interval is inconsistent;
    of costs, which are skewed and often bootstrapped, it is worth a look. A difference that is not that of the arms is
    inconsistent where the source says that it was not adjusted, and worth a look otherwise. P values are held against
    intervals under normal and t distributions; a probability cost-effective must lie above one half where net benefit
    is positive, which holds under normality. An interval of costs or effects that does not hold its mean is a fault of
    the file already. Only what was reported is held against each other, not what a dossier derives or assumes, except
    for single figures, whose relations the file states.

    Examples
    --------
    >>> import hecon
    >>> [(each.study, each.relation, each.repair) for each in hecon.audit("acl-rupture") if each.relation == "sign"]
    [('KANON (Frobell 2010, 2013)', 'sign', 'sign')]
    """
    checked = dossier
    if not isinstance(checked, (Dossier, Programme)):
        checked = load_programme() if checked == PROGRAMME else load(checked)
    if isinstance(checked, Programme):
        return tuple(audit_figures(checked.figure, checked.relation))
    return (
        *_studies(checked),
        *_comparisons(checked),
        *audit_figures(checked.figure, checked.relation),
    )


def _studies(dossier: Dossier) -> Iterator[Finding]:
    for number, study in enumerate(dossier.note.study):
        path = f"note.study[{number}]"
        yield from _patients(study, path)
        yield from _crossover(study, path)
        for position, outcome in enumerate(study.outcome):
            yield from audit_difference(
                Difference(
                    study=study.name,
                    subject=outcome.name,
                    kind="outcome",
                    path=f"{path}.outcome[{position}]",
                    sources=outcome.sources,
                    estimate=outcome.estimate,
                    ci=outcome.ci,
                    level=float(outcome.level),
                    symmetrical=outcome.symmetrical,
                    p=outcome.p,
                    p_below=outcome.p_below,
                    arms=outcome.arms,
                    adjusted=outcome.adjusted,
                    margin=outcome.margin is not None,
                )
            )


def _patients(study: Study, path: str) -> Iterator[Finding]:
    """Hold each number of patients of a study against the sum of its arms."""
    reported = [(place, each) for place, each in enumerate(study.fact) if each.status == "reported"]
    wholes = [(place, each) for place, each in reported if isinstance(each, PatientsFact)]
    parts = [(place, each) for place, each in reported if isinstance(each, PatientsPerArm)]
    for place, whole in wholes:
        for other, arms in parts:
            total = sum(arms.value)
            if whole.value == total:
                continue
            numbers: Numbers = {"patients": whole.value, "first": arms.value[0], "second": arms.value[1]}
            if whole.value in arms.value:
                mended: tuple[str, tuple[Numbers, ...]] = ("arm", ({**numbers, "patients": total},))
            else:
                mended = smallest(numbers, _is_total)
            yield Finding(
                "inconsistent",
                "total",
                (f"{path}.fact[{place}]", f"{path}.fact[{other}]"),
                study.name,
                None,
                "patients",
                numbers,
                expected=(float(total), float(total)),
                repair=mended[0],
                repaired=mended[1],
                sources=(*whole.sources, *arms.sources),
            )


def _is_total(numbers: Numbers) -> bool:
    return min(numbers.values()) > 0 and numbers["first"] + numbers["second"] == numbers["patients"]


def _crossover(study: Study, path: str) -> Iterator[Finding]:
    """Hold a percentage against the count that it is of."""
    for place, fact in enumerate(study.fact):
        if not isinstance(fact, CrossoverFact) or fact.status != "reported":
            continue
        if fact.percent is None or fact.count is None or fact.of is None:
            continue
        share = Fraction(100 * fact.count, fact.of)
        # A percentage is not rounded to tens.
        if agreement(fact.percent, lambda _, share=share: (share, share), coarse=unit) == AS_PRINTED:  # type: ignore[misc]
            continue
        numbers: Numbers = {"percent": fact.percent, "count": fact.count, "of": fact.of}
        rounded = round(share)
        if fact.percent == fact.count:
            mended: tuple[str, tuple[Numbers, ...]] = ("count", ({**numbers, "percent": rounded},))
        else:
            mended = smallest(numbers, _is_share, swaps=(("count", "of"),))
        yield Finding(
            "inconsistent",
            "percentage",
            (f"{path}.fact[{place}]",),
            study.name,
            None,
            "crossover",
            numbers,
            expected=(float(share), float(share)),
            repair=mended[0],
            repaired=mended[1],
            sources=fact.sources,
        )


def _is_share(numbers: Numbers) -> bool:
    percent, count, of = (Fraction(numbers[key]) for key in ("percent", "count", "of"))
    low, high = box(numbers["percent"])
    return 0 <= count <= of != 0 and percent >= 0 and low <= 100 * count / of <= high


def _comparisons(dossier: Dossier) -> Iterator[Finding]:
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
    """Hold a reported ratio against the reported differences, or those of the arms."""
    ratio = next((each for each in _reported(comparison) if isinstance(each, RatioStatistic)), None)
    found = _differences(comparison, coarse_unit)
    if ratio is None or len(found) < 2:  # noqa: PLR2004 (costs and effects)
        return
    costs, effects, (low, high) = found["cost"], found["effect"], box(ratio.value, coarse_unit)
    if effects[0] <= 0 <= effects[1]:
        return  # any ratio is possible
    quotients = [a / b for a in costs for b in effects]
    # A positive ratio may stand for a negative quotient, with the quadrant beside it.
    boxes = [(low, high), *([(-high, -low)] if ratio.value > 0 else [])]
    if any(min(quotients) <= end and start <= max(quotients) for start, end in boxes):
        return
    yield Finding(
        "inconsistent",
        "ratio",
        (path,),
        comparison.trial,
        None,
        "icer",
        {**_shown_differences(comparison), "icer": ratio.value},
        expected=(float(min(quotients)), float(max(quotients))),
        sources=ratio.sources,
    )


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


def _differences(comparison: Comparison, of: Callable[[int | Decimal], Decimal]) -> dict[str, Interval]:
    """Return all that was printed of the differences in cost and effect allows, from arms where there is no other."""
    found: dict[str, Interval] = {}
    for each in _reported(comparison):
        if isinstance(each, ArmsStatistic):
            found.setdefault(each.kind.removesuffix("-arms"), minus(*(box(mean, of) for mean in each.mean)))
        elif isinstance(each, DifferenceStatistic):
            found[each.kind.removesuffix("-difference")] = box(each.mean, of)
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
