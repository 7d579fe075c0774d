"""The audit of a dossier: its studies, its economic comparisons (differences, ratios, probabilities), its figures."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
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

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from hecon.auditing.findings import Numbers
    from hecon.dossier.comparison import Comparison, Statistic
    from hecon.dossier.note import Study
    from hecon.printed.numbers import Digits, Rounding
    from hecon.reported import Fit


def audit_studies(dossier: Dossier) -> Iterator[Finding]:
    """Yield what is found in the studies of a dossier, in the order of the file."""
    for number, study in enumerate(dossier.note.study):
        path = f"note.study[{number}]"
        yield from _patients(study, path)
        yield from _crossover(study, path)
        for position, outcome in enumerate(study.outcome):
            yield from audit_difference(
                PrintedDifference(
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
    reported = [(place, fact) for place, fact in enumerate(study.fact) if fact.status == "reported"]
    wholes = [(place, fact) for place, fact in reported if isinstance(fact, PatientsFact)]
    parts = [(place, fact) for place, fact in reported if isinstance(fact, PatientsPerArm)]
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
        if agreement(fact.percent, lambda _, share=share: Span(share, share), coarse=unit) == AS_PRINTED:  # type: ignore[misc]
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
    low, high = span(numbers["percent"])
    return 0 <= count <= of != 0 and percent >= 0 and low <= 100 * count / of <= high


PROGRAMME = "programme"


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
    """Return what `audit` finds in a dossier, with the fits of its comparisons by id where they are known."""
    return (
        *audit_studies(dossier),
        *audit_comparisons(dossier, fits),
        *audit_figures(dossier.figure, dossier.relation),
    )


# The grade of a check that rounding, approximation and Monte Carlo error do not explain.
_APART = reported.GRADES[2]
# A probability this near to one half may lie on its wrong side by skewness alone.
_NEAR_HALF = Fraction(1, 20)


def audit_comparisons(dossier: Dossier, fits: Mapping[str, Fit | None] | None = None) -> Iterator[Finding]:
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
                of_arms = arms.get(statistic.kind.removesuffix("-difference"))
                yield from audit_difference(_as_difference(statistic, of_arms, comparison, place))
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
        for position, statistic in enumerate(comparison.statistic):
            if statistic.kind != "effect-difference" or statistic.status == "assumed":
                continue
            path = f"comparison[{number}].statistic[{position}]"
            other, place = first.setdefault(key, (statistic, path))
            if span(other.mean).apart(span(statistic.mean)):
                yield Finding(
                    "inconsistent",
                    "perspectives",
                    (place, path),
                    comparison.trial,
                    None,
                    "effect-difference",
                    {"first": other.mean, "second": statistic.mean},
                    sources=tuple(dict.fromkeys((*other.sources, *statistic.sources))),
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


def _ratio(comparison: Comparison, path: str) -> Iterator[Finding]:
    """Hold a reported ratio that is no check against the reported differences, or those of the arms."""
    ratios = (
        statistic
        for statistic in _reported(comparison)
        if isinstance(statistic, RatioStatistic) and statistic.use == "fit"
    )
    ratio = next(ratios, None)
    differences = _differences(comparison, coarse_unit)
    if ratio is None or len(differences) < 2:  # noqa: PLR2004 (costs and effects)
        return
    quotient, printed = _quotient(differences), span(ratio.value, coarse_unit)
    # A positive ratio may stand for a negative quotient, with the quadrant beside it.
    possible = [printed, -printed] if ratio.value > 0 else [printed]
    if quotient is None or not all(quotient.apart(candidate) for candidate in possible):
        return
    wide = _quotient(_differences(comparison, unit, cut=True))
    cut = wide is None or not all(wide.apart(candidate) for candidate in possible)
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
    ratio = next((statistic for statistic in _reported(comparison) if isinstance(statistic, RatioStatistic)), None)
    differences = _differences(comparison, unit)
    if ratio is None or ratio.quadrant is None:
        return
    signs = {"cost": 1 if ratio.quadrant[0] == "N" else -1, "effect": 1 if ratio.quadrant[1] == "E" else -1}
    if any(max(signs[name] * low, signs[name] * high) < 0 for name, (low, high) in differences.items()):
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

    differences: dict[str, Span] = {}
    for statistic in _reported(comparison):
        if isinstance(statistic, ArmsStatistic):
            differences.setdefault(
                statistic.kind.removesuffix("-arms"), read(statistic.mean[0]) - read(statistic.mean[1])
            )
        elif isinstance(statistic, DifferenceStatistic):
            differences[statistic.kind.removesuffix("-difference")] = read(statistic.mean)
    return differences


def _shown_differences(comparison: Comparison) -> Numbers:
    """Return the differences as printed, or as the arms make them."""
    differences: Numbers = {}
    for statistic in _reported(comparison):
        if isinstance(statistic, ArmsStatistic):
            first, second = (Decimal(mean) for mean in statistic.mean)
            differences.setdefault(statistic.kind.removesuffix("-arms"), first - second)
        elif isinstance(statistic, DifferenceStatistic):
            differences[statistic.kind.removesuffix("-difference")] = statistic.mean
    return differences


def _probabilities(comparison: Comparison, path: str) -> Iterator[Finding]:
    """Hold each probability cost-effective against the sign of net benefit at its willingness to pay."""
    half = Fraction(1, 2)
    for position, statistic in enumerate(comparison.statistic):
        if not isinstance(statistic, ProbabilityStatistic) or statistic.status != "reported":
            continue
        fine, coarse = (_benefit(comparison, Fraction(statistic.wtp), of) for of in (unit, coarse_unit))
        low, high = span(statistic.value)
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
            {"value": statistic.value, "wtp": statistic.wtp},
            expected=(float(fine[0]), float(fine[1])),
            sources=statistic.sources,
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


def _check_key(statistic: Statistic) -> reported.Constraint:
    if isinstance(statistic, ProbabilityStatistic):
        return reported.Constraint("p_cost_effective", at=f"{statistic.wtp}")
    if isinstance(statistic, EffectProbability):
        return reported.Constraint("p_effect_above", at=f"{statistic.threshold}")
    return reported.Constraint("icer")


def _wrong_side(benefit: Span, low: Fraction, high: Fraction) -> bool:
    half = Fraction(1, 2)
    return (benefit[0] > 0 and high < half) or (benefit[1] < 0 and low > half)


def _benefit(comparison: Comparison, wtp: Fraction, of: Rounding) -> Span | None:
    """Return the net benefits that what was printed allows, the effect from the ratio if need be."""
    differences = _differences(comparison, of)
    ratio = next((statistic for statistic in _reported(comparison) if isinstance(statistic, RatioStatistic)), None)
    if "cost" in differences and "effect" not in differences and ratio is not None:
        low, high = (abs(end) for end in span(ratio.value, of))
        if low > 0 and high > 0:
            sizes = [abs(end) / divisor for end in differences["cost"] for divisor in (low, high)]
            gains = (
                ratio.quadrant in {"NE", "SE"} if ratio.quadrant else (ratio.value > 0) == (differences["cost"][0] > 0)
            )
            size = Span(min(sizes), max(sizes))
            differences["effect"] = size if gains else -size
    if len(differences) < 2:  # noqa: PLR2004 (costs and effects)
        return None
    return Span(wtp, wtp) * differences["effect"] - differences["cost"]
