"""The audit of single figures: repeated quantities, relations, and directions of differences."""

from __future__ import annotations

import itertools
import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING

from hecon.auditing.findings import Finding
from hecon.printed.formulas import names_in, reach
from hecon.printed.numbers import Span, coarse_unit, cut_off, no_unit, room, span, unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.auditing.findings import Numbers
    from hecon.dossier.figures import PrintedFigure, Relation
    from hecon.files.parts import Reference
    from hecon.printed.numbers import Digits, Rounding

# Ratios of figures, in which truncated digits show.
_RATIO = re.compile(r"/\s*\(?\s*[a-z_]")
# Grades of a relation: 0 as printed, 1 by rounding, 2 only if digits were truncated, 3 not at all.
_CUT, _APART = 2, 3
_FAR = Fraction(10) ** 40


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
        first, last = (_stands_for(figure, end, of) for end in ends)
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


def _finding(
    severity: str,
    relation: str,
    concerned: tuple[PrintedFigure, ...],
    all_of: tuple[PrintedFigure, ...],
    stated: tuple[Reference, ...] = (),
    **more: object,
) -> Finding:
    paths = tuple(f"figure[{all_of.index(figure)}]" for figure in concerned)
    sources = tuple(dict.fromkeys((*(source for figure in concerned for source in figure.sources), *stated)))
    return Finding(
        severity,
        relation,
        paths,
        "",
        concerned[0].name,
        "figure",
        _numbers(concerned),
        figures=concerned,
        sources=sources,
        **more,  # type: ignore[arg-type]
    )


def _quantities(figures: tuple[PrintedFigure, ...]) -> Iterator[Finding]:
    for quantity in dict.fromkeys(figure.quantity for figure in figures if figure.quantity is not None):
        # Assumed figures are not printed.
        same = tuple(figure for figure in figures if figure.quantity == quantity and figure.status != "assumed")
        worst = max((_differ(*pair) for pair in itertools.combinations(same, 2)), default=0)
        if worst:
            yield _finding("inconsistent" if worst > 1 else "worth a look", "quantity", same, figures)


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
            concerned = tuple(dict.fromkeys((relation.result, *(figure.id for figure in used))))
            finding = _finding(
                severity,
                "formula",
                tuple(named[name] for name in concerned),
                figures,
                relation.sources,
                expected=expected,
                place=place,
                basis=relation.basis,
                cut_off=grade == _CUT,
            )
            yield finding


def _follows(
    result: PrintedFigure, formula: str, used: tuple[PrintedFigure, ...]
) -> tuple[int, tuple[float, float] | None, int | None]:
    """Return the grade of a relation, the expected range, and the place in a series."""
    grade, worst = 0, 1
    shown: tuple[float, float] | None = None
    length = max((len(figure.series or ()) for figure in (result, *used)), default=0) or 1
    for place in range(length):
        here, expected = _follows_at(result, formula, used, place)
        if here > grade or shown is None:
            grade, shown, worst = max(grade, here), expected, place + 1
    return grade, shown, worst if length > 1 else None


def _as_float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _at(spans: tuple[Span, ...], place: int) -> Span:
    return spans[place] if len(spans) > 1 else spans[0]


def _follows_at(
    result: PrintedFigure, formula: str, used: tuple[PrintedFigure, ...], place: int
) -> tuple[int, tuple[float, float] | None]:
    def expected(of: Rounding, *, bounds: bool = False) -> Span | None:
        return reach(formula, {figure.id: _at(_spans(figure, of, bounds=bounds), place) for figure in used})

    exact = expected(no_unit)
    if exact is None:
        return 0, None
    shown = (_as_float(exact[0]), _as_float(exact[1]))
    ranged = result.range is not None and any(figure.range is not None for figure in used)
    for grade, (of, own_rounding) in enumerate(((no_unit, unit), (unit, unit), (coarse_unit, coarse_unit))):
        reachable = expected(of)
        if reachable is None:
            return min(grade, 1), shown
        printed = _at(_spans(result, own_rounding, bounds=True), place)
        if ranged and result.range is not None:
            # The ends of a range of scenarios must be those of the range that was printed.
            slack = (exact.low - reachable.low, reachable.high - exact.high)
            low, high = _ends(result, result.range, own_rounding)
            good = not (
                Span(exact.low - slack[0], exact.low + slack[0]).apart(low)
                or Span(exact.high - slack[1], exact.high + slack[1]).apart(high)
            )
        else:
            good = not reachable.apart(printed)
        if good:
            return min(grade, 1), shown
    # With "at most" or "at least", the result need only lie on that side.
    if any(figure.wording in {"at most", "at least"} for figure in used):
        bounded = expected(unit, bounds=True)
        if bounded is None or not bounded.apart(_at(_spans(result, unit, bounds=True), place)):
            return 0, shown
    fine = expected(unit)
    ratio = not ranged and _RATIO.search(formula) is not None
    cut = reach(formula, {figure.id: _at(_cut_spans(figure), place) for figure in used}) if ratio else None
    grade = _APART if cut is None or cut.apart(_at(_cut_spans(result), place)) else _CUT
    return grade, shown if ranged or fine is None else (_as_float(fine[0]), _as_float(fine[1]))


def _directions(figures: tuple[PrintedFigure, ...]) -> Iterator[Finding]:
    for rows in dict.fromkeys(figure.rows for figure in figures if figure.rows is not None):
        same = tuple(figure for figure in figures if figure.rows == rows and figure.arms is not None)
        ways = {figure.arms for figure in same}
        if any(way is not None and way[::-1] in ways for way in ways):
            yield _finding("worth a look", "direction", same, figures)
