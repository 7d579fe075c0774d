"""The audit of a dossier: its studies, its economic comparisons (differences, ratios, probabilities), its figures."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from hecon import _checks, reported
from hecon.auditing.figures import audit_figures
from hecon.auditing.findings import Finding
from hecon.auditing.outcomes import AS_PRINTED, PrintedDifference, agreement, audit_difference, smallest
from hecon.dossier.comparison import (
    ArmsStatistic,
    DifferenceStatistic,
    EffectProbability,
    ProbabilityStatistic,
    RatioStatistic,
    arguments,
)
from hecon.dossier.loading import Dossier, load, load_programme
from hecon.dossier.note import CrossoverFact, OutcomeArms, PatientsFact, PatientsPerArm
from hecon.dossier.programme import Programme
from hecon.errors import InputError
from hecon.printed.numbers import Span, coarse_unit, cut_off, span, unit
from hecon.reported._solve import Constraint
from hecon.reported.fits import GRADES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from hecon.auditing.findings import Numbers, Repair
    from hecon.dossier.comparison import Comparison, Statistic
    from hecon.dossier.note import Study
    from hecon.printed.numbers import Digits, Rounding
    from hecon.reported import Fit


PROGRAMME = "programme"
# The grade of a check that rounding, approximation and Monte Carlo error do not explain.
_APART = GRADES[2]
_HALF = Fraction(1, 2)
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
    is positive, which holds under normality, and what a dossier keeps as a check must follow from the other
    statistics, within rounding, approximation and the error of a bootstrap. An interval of costs or effects that
    does not hold its mean is a fault of the file already. Only what was reported is held against each other, not
    what a dossier derives or assumes, except for single figures, whose relations the file states.

    Examples
    --------
    >>> import hecon
    >>> [(each.study, each.relation, each.repair) for each in hecon.audit("acl-rupture") if each.relation == "sign"]
    [('KANON (Frobell 2010, 2013)', 'sign', 'sign')]
    """
    checked = dossier
    if not isinstance(checked, (Dossier, Programme)):
        named = isinstance(checked, str) and checked == PROGRAMME
        checked = load_programme() if named else load(checked)
    with _checks.known_decimals():
        if isinstance(checked, Programme):
            return tuple(audit_figures(checked.figure, checked.relation))
        return audit_fitted(checked)


def audit_fitted(dossier: Dossier, fits: Mapping[str, Fit | None] | None = None) -> tuple[Finding, ...]:
    """Return the findings of `audit`; `fits` are those of the comparisons by id, where known."""
    return (
        *audit_studies(dossier),
        *audit_comparisons(dossier, fits),
        *audit_figures(dossier.figure, dossier.relation),
    )


def audit_studies(dossier: Dossier) -> Iterator[Finding]:
    """Yield the findings in the studies of a dossier, in the order of the file."""
    for number, study in enumerate(dossier.note.study):
        path = f"note.study[{number}]"
        yield from _patients(study, path)
        yield from _crossover(study, path)
        for position, outcome in enumerate(study.outcome):
            difference = PrintedDifference(
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
            yield from audit_difference(difference)


def _patients(study: Study, path: str) -> Iterator[Finding]:
    """Compare each number of patients of a study with the sum of its arms."""
    facts = [(place, fact) for place, fact in enumerate(study.fact) if fact.status == "reported"]
    arms_of = [(place, fact) for place, fact in facts if isinstance(fact, PatientsPerArm)]
    for place, whole in facts:
        if not isinstance(whole, PatientsFact):
            continue
        for other, arms in arms_of:
            total = sum(arms.value)
            if whole.value == total:
                continue
            numbers: Numbers = {"patients": whole.value, "first": arms.value[0], "second": arms.value[1]}
            repair: Repair = ("arm", ({**numbers, "patients": total},))
            if whole.value not in arms.value:
                repair = smallest(numbers, _is_total)
            paths = (f"{path}.fact[{place}]", f"{path}.fact[{other}]")
            yield Finding(
                "inconsistent",
                "total",
                paths,
                study.name,
                None,
                "patients",
                numbers,
                expected=(float(total), float(total)),
                repair=repair[0],
                repaired=repair[1],
                sources=(*whole.sources, *arms.sources),
            )


def _is_total(numbers: Numbers) -> bool:
    return min(numbers.values()) > 0 and numbers["first"] + numbers["second"] == numbers["patients"]


def _crossover(study: Study, path: str) -> Iterator[Finding]:
    """Compare each percentage with its count."""
    for place, fact in enumerate(study.fact):
        if not isinstance(fact, CrossoverFact) or fact.status != "reported":
            continue
        if fact.percent is None or fact.count is None or fact.of is None:
            continue
        share = Span(*2 * (Fraction(100 * fact.count, fact.of),))
        # A percentage is not rounded to tens.
        if agreement(fact.percent, lambda _, share=share: share, coarse=unit) == AS_PRINTED:  # type: ignore[misc]
            continue
        numbers: Numbers = {"percent": fact.percent, "count": fact.count, "of": fact.of}
        repair: Repair = ("count", ({**numbers, "percent": round(share.low)},))
        if fact.percent != fact.count:
            repair = smallest(numbers, _is_share, swaps=(("count", "of"),))
        yield Finding(
            "inconsistent",
            "percentage",
            (f"{path}.fact[{place}]",),
            study.name,
            None,
            "crossover",
            numbers,
            expected=(float(share.low), float(share.high)),
            repair=repair[0],
            repaired=repair[1],
            sources=fact.sources,
        )


def _is_share(numbers: Numbers) -> bool:
    percent, count, of = (Fraction(numbers[key]) for key in ("percent", "count", "of"))
    low, high = span(numbers["percent"])
    return 0 <= count <= of != 0 and percent >= 0 and low <= 100 * count / of <= high


def audit_comparisons(dossier: Dossier, fits: Mapping[str, Fit | None] | None = None) -> Iterator[Finding]:
    """Yield the findings in the comparisons of a dossier, in the order of the file."""
    for number, comparison in enumerate(dossier.comparison):
        path = f"comparison[{number}]"
        reports = _reported(comparison)
        arms = {record.kind.removesuffix("-arms"): record for record in reports if isinstance(record, ArmsStatistic)}
        for position, statistic in enumerate(comparison.statistic):
            if isinstance(statistic, DifferenceStatistic) and statistic.status == "reported":
                place = f"{path}.statistic[{position}]"
                of_arms = arms.get(statistic.kind.removesuffix("-difference"))
                yield from audit_difference(_as_difference(statistic, of_arms, comparison, place))
        yield from _ratio(comparison, path)
        yield from _quadrant(comparison, path)
        yield from _probabilities(comparison, path)
        yield from _predicted(comparison, path, _fitted(comparison) if fits is None else fits[comparison.id])
    yield from _perspectives(dossier)


def _perspectives(dossier: Dossier) -> Iterator[Finding]:
    """Compare the differences in effect of one trial's perspectives, which should be one difference."""
    first: dict[tuple[str, ...], tuple[DifferenceStatistic, str]] = {}
    for number, comparison in enumerate(dossier.comparison):
        horizon = str(float(comparison.horizon_months))
        key = (comparison.trial, comparison.intervention, comparison.comparator, horizon, comparison.effect_unit)
        for position, statistic in enumerate(comparison.statistic):
            if statistic.kind != "effect-difference" or statistic.status == "assumed":
                continue
            path = f"comparison[{number}].statistic[{position}]"
            other, place = first.setdefault(key, (statistic, path))
            if span(other.mean).apart(span(statistic.mean)):
                numbers: Numbers = {"first": other.mean, "second": statistic.mean}
                sources = tuple(dict.fromkeys((*other.sources, *statistic.sources)))
                relation, kind = "perspectives", "effect-difference"
                yield Finding(
                    "inconsistent", relation, (place, path), comparison.trial, None, kind, numbers, sources=sources
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
    return [statistic for statistic in comparison.statistic if statistic.status == "reported"]


def _ratio_of(comparison: Comparison) -> RatioStatistic | None:
    return next((statistic for statistic in _reported(comparison) if isinstance(statistic, RatioStatistic)), None)


def _ratio(comparison: Comparison, path: str) -> Iterator[Finding]:
    """Compare a reported ratio that is no check with that of the reported differences, or those of the arms."""
    ratios = (
        statistic
        for statistic in _reported(comparison)
        if isinstance(statistic, RatioStatistic) and statistic.use == "fit"
    )
    ratio = next(ratios, None)
    differences = _differences(comparison, partial(span, of=coarse_unit))
    if ratio is None or len(differences) < 2:  # noqa: PLR2004 (costs and effects)
        return
    quotient, printed = _quotient(differences), span(ratio.value, coarse_unit)
    # A positive ratio may stand for a negative quotient, with the quadrant beside it.
    possible = [printed, -printed] if ratio.value > 0 else [printed]
    if quotient is None or not all(quotient.apart(candidate) for candidate in possible):
        return
    wide = _quotient(_differences(comparison, lambda mean: Span(*cut_off(mean, span(mean)))))
    cut = wide is None or not all(wide.apart(candidate) for candidate in possible)
    severity, numbers = "worth a look" if cut else "inconsistent", _shown_differences(comparison)
    numbers["icer"] = ratio.value
    yield Finding(
        severity,
        "ratio",
        (path,),
        comparison.trial,
        None,
        "icer",
        numbers,
        expected=(float(quotient.low), float(quotient.high)),
        sources=ratio.sources,
        cut_off=cut,
    )


def _quotient(differences: dict[str, Span]) -> Span | None:
    """Return the ratios that differences allow, None (any) where the effect may be 0."""
    try:
        return differences["cost"] / differences["effect"]
    except ZeroDivisionError:
        return None


def _quadrant(comparison: Comparison, path: str) -> Iterator[Finding]:
    """Compare a stated quadrant with the signs of the differences."""
    ratio = _ratio_of(comparison)
    if ratio is None or ratio.quadrant is None:
        return
    signs = {"cost": 1 if ratio.quadrant[0] == "N" else -1, "effect": 1 if ratio.quadrant[1] == "E" else -1}
    differences = _differences(comparison, span)
    if any(max(signs[name] * low, signs[name] * high) < 0 for name, (low, high) in differences.items()):
        numbers = _shown_differences(comparison)
        yield Finding(
            "inconsistent",
            "quadrant",
            (path,),
            comparison.trial,
            None,
            "icer",
            numbers,
            stated=ratio.quadrant,
            sources=ratio.sources,
        )


def _by_outcome(comparison: Comparison) -> dict[str, ArmsStatistic | DifferenceStatistic]:
    """Return the reported difference in cost and in effect, or the arms where there is none."""
    chosen: dict[str, ArmsStatistic | DifferenceStatistic] = {}
    for statistic in _reported(comparison):
        if isinstance(statistic, ArmsStatistic):
            chosen.setdefault(statistic.kind.removesuffix("-arms"), statistic)
        elif isinstance(statistic, DifferenceStatistic):
            chosen[statistic.kind.removesuffix("-difference")] = statistic
    return chosen


def _differences(comparison: Comparison, read: Callable[[Digits], Span]) -> dict[str, Span]:
    """Return the differences in cost and effect that printed numbers allow, each read as a span."""
    return {
        name: read(statistic.mean[0]) - read(statistic.mean[1])
        if isinstance(statistic, ArmsStatistic)
        else read(statistic.mean)
        for name, statistic in _by_outcome(comparison).items()
    }


def _shown_differences(comparison: Comparison) -> Numbers:
    """Return the differences as printed, or as the arms make them."""
    return {
        name: Decimal(statistic.mean[0]) - Decimal(statistic.mean[1])
        if isinstance(statistic, ArmsStatistic)
        else statistic.mean
        for name, statistic in _by_outcome(comparison).items()
    }


def _probabilities(comparison: Comparison, path: str) -> Iterator[Finding]:
    """Compare each probability cost-effective with the sign of net benefit at its willingness to pay."""
    for position, statistic in enumerate(comparison.statistic):
        if not isinstance(statistic, ProbabilityStatistic) or statistic.status != "reported":
            continue
        fine, coarse = (_benefit(comparison, Fraction(statistic.wtp), of) for of in (unit, coarse_unit))
        low, high = span(statistic.value)
        if fine is None or coarse is None or not _wrong_side(fine, low, high):
            continue
        near = min(abs(low - _HALF), abs(high - _HALF)) <= _NEAR_HALF
        # Trailing zeros of an amount may be rounding, which could turn the sign.
        severity = "worth a look" if near or not _wrong_side(coarse, low, high) else "inconsistent"
        paths, numbers = (f"{path}.statistic[{position}]",), {"value": statistic.value, "wtp": statistic.wtp}
        yield Finding(
            severity,
            "probability",
            paths,
            comparison.trial,
            None,
            "p-cost-effective",
            numbers,
            expected=(float(fine.low), float(fine.high)),
            sources=statistic.sources,
        )


def _fitted(comparison: Comparison) -> Fit | None:
    """Return the fit that predicts the checks of a comparison; None without checks, or where the rest contradict."""
    if not any(map(_is_check, comparison.statistic)):
        return None
    try:
        return reported.fit(**arguments(comparison))
    except InputError:
        return None  # contradictory statistics have findings of their own, and `assess` refuses them


def _predicted(comparison: Comparison, path: str, fit: Fit | None) -> Iterator[Finding]:
    """Compare each check with its prediction from the other statistics."""
    kept = {
        _check_key(candidate): position
        for position, candidate in enumerate(comparison.statistic)
        if _is_check(candidate)
    }
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
    return (benefit.low > 0 and high < _HALF) or (benefit.high < 0 and low > _HALF)


def _benefit(comparison: Comparison, wtp: Fraction, of: Rounding) -> Span | None:
    """Return the net benefits that printed numbers allow, with the effect from the ratio where it is missing."""
    differences = _differences(comparison, partial(span, of=of))
    ratio = _ratio_of(comparison)
    if "cost" in differences and "effect" not in differences and ratio is not None:
        cost = differences["cost"]
        low, high = map(abs, span(ratio.value, of))
        if low > 0 and high > 0:
            sizes = [abs(end) / divisor for end in cost for divisor in (low, high)]
            gains = ratio.quadrant in {"NE", "SE"} if ratio.quadrant else (ratio.value > 0) == (cost.low > 0)
            size = Span(min(sizes), max(sizes))
            differences["effect"] = size if gains else -size
    if len(differences) < 2:  # noqa: PLR2004 (costs and effects)
        return None
    return Span(wtp, wtp) * differences["effect"] - differences["cost"]
