"""The audit of a dossier: its studies, its economic comparisons, and its single figures with their relations."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from hecon import _checks, reported
from hecon.auditing.findings import AS_PRINTED, PrintedDifference, agreement, audit_difference, finding, smallest
from hecon.dossier.comparison import (
    ArmsStatistic,
    DifferenceOfArms,
    DifferenceStatistic,
    EffectProbability,
    NetBenefitArms,
    NetBenefitDifference,
    ProbabilityStatistic,
    QuadrantStatistic,
    RatioStatistic,
    arguments,
)
from hecon.dossier.loading import Dossier, load, load_programme
from hecon.dossier.note import CrossoverFact, OutcomeArms, PatientsFact, PatientsPerArm
from hecon.dossier.programme import Programme
from hecon.errors import InputError
from hecon.printed.formulas import names_in, reach
from hecon.printed.numbers import Span, coarse_unit, cut_off, no_unit, room, span, unit
from hecon.reported._constraints import Constraint
from hecon.reported.fits import GRADES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from hecon.auditing.findings import Finding, Numbers, Repair
    from hecon.dossier.comparison import Comparison, Statistic
    from hecon.dossier.figures import PrintedFigure, Relation
    from hecon.dossier.note import Study
    from hecon.files.parts import Reference
    from hecon.printed.numbers import Digits, Rounding
    from hecon.reported import Fit


PROGRAMME = "programme"
# The grade of a check that rounding, approximation and Monte Carlo error do not explain.
_APART = GRADES[2]
_HALF = Fraction(1, 2)
# A probability this near to one half may lie on its wrong side by skewness alone.
_NEAR_HALF = Fraction(1, 20)
# Ratios of figures, in which truncated digits show.
_RATIO = re.compile(r"/\s*\(?\s*[a-z_]")
# Grades of a relation: 0 as printed, 1 by rounding, 2 only if digits were truncated, 3 not at all.
_CUT, _NEVER = 2, 3
_FAR = Fraction(10) ** 40


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
    figures = audit_figures(dossier.figure, dossier.relation)
    return (*_audit_studies(dossier), *_audit_comparisons(dossier, fits), *figures)


def _audit_studies(dossier: Dossier) -> Iterator[Finding]:
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
    """Compare each number of patients of a study with the sum of its arms."""
    facts = [(f"{path}.fact[{place}]", fact) for place, fact in enumerate(study.fact) if fact.status == "reported"]
    for (place, whole), (other, arms) in itertools.product(facts, facts):
        if not isinstance(whole, PatientsFact) or not isinstance(arms, PatientsPerArm):
            continue
        total = sum(arms.value)
        if whole.value == total:
            continue
        numbers: Numbers = {"patients": whole.value, "first": arms.value[0], "second": arms.value[1]}
        repair: Repair = ("arm", ({**numbers, "patients": total},))
        if whole.value not in arms.value:
            repair = smallest(numbers, _is_total)
        expected, sources = (Fraction(total), Fraction(total)), (*whole.sources, *arms.sources)
        about: dict[str, Any] = {"study": study.name, "expected": expected, "mended": repair, "sources": sources}
        yield finding("inconsistent", "total", (place, other), "patients", numbers, **about)


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
        about: dict[str, Any] = {"study": study.name, "expected": share, "mended": repair, "sources": fact.sources}
        yield finding("inconsistent", "percentage", (f"{path}.fact[{place}]",), "crossover", numbers, **about)


def _is_share(numbers: Numbers) -> bool:
    percent, count, of = (Fraction(numbers[key]) for key in ("percent", "count", "of"))
    low, high = span(numbers["percent"])
    return 0 <= count <= of != 0 and percent >= 0 and low <= 100 * count / of <= high


def _audit_comparisons(dossier: Dossier, fits: Mapping[str, Fit | None] | None) -> Iterator[Finding]:
    for number, comparison in enumerate(dossier.comparison):
        path = f"comparison[{number}]"
        arms = {record.outcome: record for record in _reported(comparison) if isinstance(record, ArmsStatistic)}
        for position, statistic in enumerate(comparison.statistic):
            if isinstance(statistic, DifferenceOfArms) and statistic.status == "reported":
                place = f"{path}.statistic[{position}]"
                difference = _as_difference(statistic, arms.get(statistic.outcome), comparison, place)
                yield from audit_difference(difference)
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
                about: dict[str, Any] = {"study": comparison.trial, "sources": sources}
                yield finding("inconsistent", "perspectives", (place, path), statistic.kind, numbers, **about)


def _as_difference(
    statistic: DifferenceOfArms, arms: ArmsStatistic | None, comparison: Comparison, path: str
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
    ratio = _ratio_of(comparison)
    differences = _differences(comparison, partial(span, of=coarse_unit))
    if ratio is None or ratio.use != "fit" or len(differences) < 2:  # noqa: PLR2004 (costs and effects)
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
    about: dict[str, Any] = {"expected": quotient, "sources": ratio.sources, "cut_off": cut}
    yield finding(severity, "ratio", (path,), "icer", numbers, study=comparison.trial, **about)


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
        about: dict[str, Any] = {"stated": ratio.quadrant, "sources": ratio.sources}
        numbers = _shown_differences(comparison)
        yield finding("inconsistent", "quadrant", (path,), "icer", numbers, study=comparison.trial, **about)


def _by_outcome(comparison: Comparison) -> dict[str, ArmsStatistic | DifferenceStatistic]:
    """Return the reported difference in cost and in effect, or the arms where there is none."""
    chosen: dict[str, ArmsStatistic | DifferenceStatistic] = {}
    for statistic in _reported(comparison):
        if isinstance(statistic, ArmsStatistic):
            chosen.setdefault(statistic.outcome, statistic)
        elif isinstance(statistic, DifferenceStatistic):
            chosen[statistic.outcome] = statistic
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
        numbers: Numbers = {"value": statistic.value, "wtp": statistic.wtp}
        about: dict[str, Any] = {"study": comparison.trial, "expected": fine, "sources": statistic.sources}
        yield finding(severity, "probability", (f"{path}.statistic[{position}]",), statistic.kind, numbers, **about)


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
    kept: dict[Constraint, list[tuple[int, Numbers]]] = {}
    for position, candidate in enumerate(comparison.statistic):
        for key, numbers in _checked_values(candidate) if _use(candidate) == "check" else ():
            kept.setdefault(key, []).append((position, numbers))
    for check in () if fit is None else fit.checks:
        # Net benefits at one willingness to pay have one key, and stand in the order of the file.
        if not kept.get(check.key):
            continue
        position, numbers = kept[check.key].pop(0)
        statistic = comparison.statistic[position]
        if check.grade != _APART or check.range is None or statistic.status != "reported":
            continue
        numbers = numbers or {"se": Decimal(f"{check.printed:.6g}")}
        numbers["gap"] = Decimal(str(round(abs(check.gap or 0.0), 3)))
        about: dict[str, Any] = {"study": comparison.trial, "expected": check.range, "sources": statistic.sources}
        paths = (f"{path}.statistic[{position}]",)
        yield finding("worth a look", "predicted", paths, statistic.kind, numbers, **about)


def _use(statistic: Statistic) -> str:
    return str(getattr(statistic, "use", "fit"))


def _is_check(statistic: Statistic) -> bool:
    return _use(statistic) == "check" and statistic.status == "reported"


def _checked_values(statistic: Statistic) -> Iterator[tuple[Constraint, Numbers]]:
    """Yield what a statistic that is a check predicts by the key of the fit, with what was printed of it.

    That is "value", "p" or "p_below"; nothing of a standard error, which may be that of an interval or of two arms.
    """
    if isinstance(statistic, ProbabilityStatistic):
        yield Constraint("p_cost_effective", at=f"{statistic.wtp}"), {"value": statistic.value}
    elif isinstance(statistic, EffectProbability):
        yield Constraint("p_effect_above", at=f"{statistic.threshold}"), {"value": statistic.value}
    elif isinstance(statistic, QuadrantStatistic):
        yield from ((Constraint("p_quadrant", at=name), {"value": value}) for name, value in statistic.shares.items())
    elif isinstance(statistic, RatioStatistic):
        yield Constraint("icer"), {"value": statistic.value}
    elif isinstance(statistic, NetBenefitArms):
        first, second = statistic.mean
        yield from _of_net_benefit(statistic, {"difference_of_arm_means": {"value": first - second}})
    elif isinstance(statistic, NetBenefitDifference):
        p = {name: each for name in ("p", "p_below") if (each := getattr(statistic, name)) is not None}
        yield from _of_net_benefit(statistic, {"difference": {"value": statistic.mean}, "p_value": p})


def _of_net_benefit(
    statistic: NetBenefitArms | NetBenefitDifference, printed: dict[str, Numbers]
) -> Iterator[tuple[Constraint, Numbers]]:
    for key in reported.constraints(net_benefit={statistic.wtp: statistic.record()}):
        yield key, printed.get(key.kind, {})


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


# Single figures -------------------------------------------------------------------------------------------------------


def audit_figures(figures: tuple[PrintedFigure, ...], relations: tuple[Relation, ...]) -> Iterator[Finding]:
    """Yield the findings on single figures: quantities, relations, directions."""
    yield from _quantities(figures)
    yield from _relations(figures, relations)
    yield from _directions(figures)


def _places(figure: PrintedFigure) -> tuple[tuple[Digits, Digits], ...]:
    """Return (lowest, highest) of a figure, or of each item of a series."""
    if figure.range is not None:
        return (figure.range,)
    values = figure.series if figure.series is not None else (figure.value or 0,)
    return tuple((value, value) for value in values)


def _stands_for(figure: PrintedFigure, value: Digits, of: Rounding) -> Span:
    """Return the span of one number of a figure, as hedged."""
    whole = Fraction(coarse_unit(value))
    below, above = room(figure.wording, whole if figure.wording == "about" else Fraction(of(value)) / 2, whole)
    return Span(Fraction(value) - below, Fraction(value) + above)


def _spans(figure: PrintedFigure, of: Rounding, *, bounds: bool = False) -> tuple[Span, ...]:
    """Return the spans of a figure; with `bounds`, "at most" and "at least" are open below or above."""
    spans = []
    for ends in _places(figure):
        first, last = _ends(figure, ends, of)
        low = -_FAR if bounds and figure.wording == "at most" else first.low
        spans.append(Span(low, _FAR if bounds and figure.wording == "at least" else last.high))
    return tuple(spans)


def _cut_spans(figure: PrintedFigure) -> tuple[Span, ...]:
    """Return the spans of a figure if digits may have been truncated."""
    spans = []
    for (first, last), rounded in zip(_places(figure), _spans(figure, coarse_unit), strict=True):
        low, high = cut_off(first, span(first))[0], cut_off(last, span(last))[1]
        spans.append(Span(min(rounded.low, low), max(rounded.high, high)))
    return tuple(spans)


def _ends(figure: PrintedFigure, ends: tuple[Digits, Digits], of: Rounding) -> tuple[Span, Span]:
    """Return the span of each end of a range."""
    return _stands_for(figure, ends[0], of), _stands_for(figure, ends[1], of)


def _numbers(figures: tuple[PrintedFigure, ...]) -> Numbers:
    numbers: Numbers = {}
    for figure in figures:
        if figure.range is not None:
            numbers |= {f"{figure.id}.low": figure.range[0], f"{figure.id}.high": figure.range[1]}
        elif figure.series is not None:
            numbers |= {f"{figure.id}.{place}": value for place, value in enumerate(figure.series)}
        elif figure.value is not None:
            numbers[figure.id] = figure.value
    return numbers


def _on_figures(
    severity: str,
    relation: str,
    concerned: tuple[PrintedFigure, ...],
    all_of: tuple[PrintedFigure, ...],
    stated: tuple[Reference, ...] = (),
    **about: Any,  # noqa: ANN401 (other fields of the finding)
) -> Finding:
    paths = tuple(f"figure[{all_of.index(figure)}]" for figure in concerned)
    sources = tuple(dict.fromkeys((*(source for figure in concerned for source in figure.sources), *stated)))
    about |= {"subject": concerned[0].name, "figures": concerned, "sources": sources}
    return finding(severity, relation, paths, "figure", _numbers(concerned), **about)


def _quantities(figures: tuple[PrintedFigure, ...]) -> Iterator[Finding]:
    for quantity in dict.fromkeys(figure.quantity for figure in figures if figure.quantity is not None):
        # Assumed figures are not printed.
        same = tuple(figure for figure in figures if figure.quantity == quantity and figure.status != "assumed")
        worst = max((_differ(*pair) for pair in itertools.combinations(same, 2)), default=0)
        if worst:
            yield _on_figures("inconsistent" if worst > 1 else "worth a look", "quantity", same, figures)


def _differ(first: PrintedFigure, second: PrintedFigure) -> int:
    """Return 0 if two figures agree, 1 if only with trailing zeros as rounding, 2 if not."""
    for grade, of in enumerate((unit, coarse_unit)):
        pairs = zip(_spans(first, of, bounds=True), _spans(second, of, bounds=True), strict=True)
        if first.range is not None and second.range is not None:
            # Two ranges for one thing must have the same ends.
            pairs = zip(_ends(first, first.range, of), _ends(second, second.range, of), strict=True)
        # Spans that meet at an edge do not agree: one number cannot be rounded both up and down.
        if not any(a.apart(b) or (a != b and (a.high == b.low or b.high == a.low)) for a, b in pairs):
            return grade
    return 2


def _relations(figures: tuple[PrintedFigure, ...], relations: tuple[Relation, ...]) -> Iterator[Finding]:
    named = {figure.id: figure for figure in figures}
    for relation in relations:
        used = tuple(named[name] for name in names_in(relation.formula))
        grade, expected, place = _follows(named[relation.result], relation.formula, used)
        if grade:
            severity = {1: "rounding only", _CUT: "worth a look"}.get(grade, relation.severity)
            concerned = tuple({figure.id: figure for figure in (named[relation.result], *used)}.values())
            about = {"expected": expected, "place": place, "basis": relation.basis, "cut_off": grade == _CUT}
            yield _on_figures(severity, "formula", concerned, figures, relation.sources, **about)


def _follows(
    result: PrintedFigure, formula: str, used: tuple[PrintedFigure, ...]
) -> tuple[int, Span | None, int | None]:
    """Return the grade of a relation, the expected range, and the place in a series."""
    grade, worst = 0, 1
    shown: Span | None = None
    length = max((len(figure.series or ()) for figure in (result, *used)), default=0) or 1
    for place in range(length):
        here, expected = _follows_at(result, formula, used, place)
        if here > grade or shown is None:
            grade, shown, worst = max(grade, here), expected, place + 1
    return grade, shown, worst if length > 1 else None


def _at(spans: tuple[Span, ...], place: int) -> Span:
    return spans[place] if len(spans) > 1 else spans[0]


def _follows_at(
    result: PrintedFigure, formula: str, used: tuple[PrintedFigure, ...], place: int
) -> tuple[int, Span | None]:
    def expected(of: Rounding, *, bounds: bool = False) -> Span | None:
        return reach(formula, {figure.id: _at(_spans(figure, of, bounds=bounds), place) for figure in used})

    exact = expected(no_unit)
    if exact is None:
        return 0, None
    ranged = result.range is not None and any(figure.range is not None for figure in used)
    for grade, (of, own_rounding) in enumerate(((no_unit, unit), (unit, unit), (coarse_unit, coarse_unit))):
        reachable = expected(of)
        if reachable is None:
            return min(grade, 1), exact
        if ranged and result.range is not None:
            # The ends of a range of scenarios must be those of the range that was printed.
            low, high = _ends(result, result.range, own_rounding)
            good = not (
                Span(reachable.low, 2 * exact.low - reachable.low).apart(low)
                or Span(2 * exact.high - reachable.high, reachable.high).apart(high)
            )
        else:
            good = not reachable.apart(_at(_spans(result, own_rounding, bounds=True), place))
        if good:
            return min(grade, 1), exact
    # With "at most" or "at least", the result need only lie on that side.
    if any(figure.wording in {"at most", "at least"} for figure in used):
        bounded = expected(unit, bounds=True)
        if bounded is None or not bounded.apart(_at(_spans(result, unit, bounds=True), place)):
            return 0, exact
    fine = expected(unit)
    ratio = not ranged and _RATIO.search(formula) is not None
    cut = reach(formula, {figure.id: _at(_cut_spans(figure), place) for figure in used}) if ratio else None
    grade = _NEVER if cut is None or cut.apart(_at(_cut_spans(result), place)) else _CUT
    return grade, exact if ranged or fine is None else fine


def _directions(figures: tuple[PrintedFigure, ...]) -> Iterator[Finding]:
    for rows in dict.fromkeys(figure.rows for figure in figures if figure.rows is not None):
        same = tuple(figure for figure in figures if figure.rows == rows and figure.arms is not None)
        ways = {figure.arms for figure in same}
        if any(way is not None and way[::-1] in ways for way in ways):
            yield _on_figures("worth a look", "direction", same, figures)
