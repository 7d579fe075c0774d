"""The audit of single figures: one thing printed more than once, what must add up, and which arm minus which."""

from __future__ import annotations

import itertools
import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING

from hecon.auditing.findings import Finding
from hecon.printed.extremes import reach
from hecon.printed.formulas import names_in
from hecon.printed.numbers import Span, coarse_unit, cut_off, no_unit, room, span, unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.auditing.findings import Numbers
    from hecon.dossier.figures import PrintedFigure, Relation
    from hecon.files.parts import Reference
    from hecon.printed.numbers import Digits, Rounding

__all__ = ["audit_figures"]

# A ratio of figures is made of numbers with more digits than are printed, so digits that were cut off show in it.
_RATIO = re.compile(r"/\s*\(?\s*[a-z_]")
# How a figure fails to follow: if digits were cut off instead of rounded it would, or not at all.
_CUT, _APART = 2, 3
_FAR = Fraction(10) ** 40


def audit_figures(figures: tuple[PrintedFigure, ...], relations: tuple[Relation, ...]) -> Iterator[Finding]:
    """Hold the single figures of a file against each other.

    Parameters
    ----------
    figures : tuple of Figure
        As printed.
    relations : tuple of Relation
        What must hold between them.

    Yields
    ------
    Finding
        Quantities first, then relations, then directions.
    """
    yield from _quantities(figures)
    yield from _relations(figures, relations)
    yield from _directions(figures)


def _places(figure: PrintedFigure) -> tuple[tuple[Digits, Digits], ...]:
    """Return lowest and highest at each place: one place, or one for each of a series."""
    if figure.range is not None:
        return (figure.range,)
    values = figure.series if figure.series is not None else (figure.value or 0,)
    return tuple((each, each) for each in values)


def _stands_for(figure: PrintedFigure, value: Digits, of: Rounding) -> Span:
    """Return all that one number of a figure stands for, as it is hedged."""
    whole = Fraction(coarse_unit(value))
    below, above = room(figure.wording, whole if figure.wording == "about" else Fraction(of(value)) / 2, whole)
    return Span(Fraction(value) - below, Fraction(value) + above)


def _spans(figure: PrintedFigure, of: Rounding, *, bounds: bool = False) -> tuple[Span, ...]:
    """Return all that a figure stands for at each place; `bounds` reads "at most" and "at least" as one end."""
    found = []
    for ends in _places(figure):
        first, last = (_stands_for(figure, end, of) for end in ends)
        low = -_FAR if bounds and figure.wording == "at most" else first.low
        found.append(Span(low, _FAR if bounds and figure.wording == "at least" else last.high))
    return tuple(found)


def _cut_spans(figure: PrintedFigure) -> tuple[Span, ...]:
    """Return all that a figure stands for at each place if digits may have been cut off instead of rounded."""
    found = []
    for (first, last), own in zip(_places(figure), _spans(figure, coarse_unit), strict=True):
        low, high = cut_off(first, span(first))[0], cut_off(last, span(last))[1]
        found.append(Span(min(own.low, low), max(own.high, high)))
    return tuple(found)


def _ends(figure: PrintedFigure, ends: tuple[Digits, Digits], of: Rounding) -> tuple[Span, Span]:
    """Return all that each end of a range stands for."""
    return _stands_for(figure, ends[0], of), _stands_for(figure, ends[1], of)


def _numbers(figures: tuple[PrintedFigure, ...]) -> Numbers:
    found: Numbers = {}
    for each in figures:
        if each.range is not None:
            found |= {f"{each.id}.low": each.range[0], f"{each.id}.high": each.range[1]}
        elif each.series is not None:
            found |= {f"{each.id}.{place}": value for place, value in enumerate(each.series)}
        elif each.value is not None:
            found[each.id] = each.value
    return found


def _finding(
    severity: str,
    relation: str,
    concerned: tuple[PrintedFigure, ...],
    all_of: tuple[PrintedFigure, ...],
    stated: tuple[Reference, ...] = (),
    **more: object,
) -> Finding:
    paths = tuple(f"figure[{all_of.index(each)}]" for each in concerned)
    sources = tuple(dict.fromkeys((*(source for each in concerned for source in each.sources), *stated)))
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
    for quantity in dict.fromkeys(each.quantity for each in figures if each.quantity is not None):
        # What is assumed is not printed.
        same = tuple(each for each in figures if each.quantity == quantity and each.status != "assumed")
        worst = max((_differ(*pair) for pair in itertools.combinations(same, 2)), default=0)
        if worst:
            yield _finding("inconsistent" if worst > 1 else "worth a look", "quantity", same, figures)


def _differ(first: PrintedFigure, second: PrintedFigure) -> int:
    """Return 0 if two figures agree, 1 if zeros at the end would have to be rounding, 2 if they cannot."""
    for told, of in enumerate((unit, coarse_unit)):
        pairs = zip(_spans(first, of, bounds=True), _spans(second, of, bounds=True), strict=True)
        if first.range is not None and second.range is not None:
            # Two ranges for one thing must have the same ends.
            pairs = zip(_ends(first, first.range, of), _ends(second, second.range, of), strict=True)
        # What only meets at an edge would have been rounded both up and down.
        if not any(a.apart(b) or (a != b and (a.high == b.low or b.high == a.low)) for a, b in pairs):
            return told
    return 2


def _relations(figures: tuple[PrintedFigure, ...], relations: tuple[Relation, ...]) -> Iterator[Finding]:
    named = {each.id: each for each in figures}
    for relation in relations:
        used = tuple(named[name] for name in names_in(relation.formula))
        told, expected, place = _follows(named[relation.result], relation.formula, used)
        if told:
            severity = {1: "rounding only", _CUT: "worth a look"}.get(told, relation.severity)
            concerned = tuple(dict.fromkeys((relation.result, *(each.id for each in used))))
            found = _finding(
                severity,
                "formula",
                tuple(named[name] for name in concerned),
                figures,
                relation.sources,
                expected=expected,
                place=place,
                basis=relation.basis,
                cut_off=told == _CUT,
            )
            yield found


def _follows(
    result: PrintedFigure, formula: str, used: tuple[PrintedFigure, ...]
) -> tuple[int, tuple[float, float] | None, int | None]:
    """Return whether a figure follows, what was expected, and where in a series.

    0 as printed, 1 by rounding only, 2 if digits were cut off instead of rounded, 3 not at all.
    """
    told, worst = 0, 1
    shown: tuple[float, float] | None = None
    length = max((len(each.series or ()) for each in (result, *used)), default=0) or 1
    for place in range(length):
        here, expected = _follows_at(result, formula, used, place)
        if here > told or shown is None:
            told, shown, worst = max(told, here), expected, place + 1
    return told, shown, worst if length > 1 else None


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
        return reach(formula, {each.id: _at(_spans(each, of, bounds=bounds), place) for each in used})

    exact = expected(no_unit)
    if exact is None:
        return 0, None
    shown = (_as_float(exact[0]), _as_float(exact[1]))
    ranged = result.range is not None and any(each.range is not None for each in used)
    for told, (of, own) in enumerate(((no_unit, unit), (unit, unit), (coarse_unit, coarse_unit))):
        found = expected(of)
        if found is None:
            return min(told, 1), shown
        printed = _at(_spans(result, own, bounds=True), place)
        if ranged and result.range is not None:
            # The ends of a range of scenarios must be those of the range that was printed.
            slack = (exact.low - found.low, found.high - exact.high)
            low, high = _ends(result, result.range, own)
            good = not (
                Span(exact.low - slack[0], exact.low + slack[0]).apart(low)
                or Span(exact.high - slack[1], exact.high + slack[1]).apart(high)
            )
        else:
            good = not found.apart(printed)
        if good:
            return min(told, 1), shown
    # What is "at most" or "at least" may be less or more, and then the result need only lie on that side.
    if any(each.wording in {"at most", "at least"} for each in used):
        bounded = expected(unit, bounds=True)
        if bounded is None or not bounded.apart(_at(_spans(result, unit, bounds=True), place)):
            return 0, shown
    fine = expected(unit)
    ratio = not ranged and _RATIO.search(formula) is not None
    cut = reach(formula, {each.id: _at(_cut_spans(each), place) for each in used}) if ratio else None
    told = _APART if cut is None or cut.apart(_at(_cut_spans(result), place)) else _CUT
    return told, shown if ranged or fine is None else (_as_float(fine[0]), _as_float(fine[1]))


def _directions(figures: tuple[PrintedFigure, ...]) -> Iterator[Finding]:
    for rows in dict.fromkeys(each.rows for each in figures if each.rows is not None):
        same = tuple(each for each in figures if each.rows == rows and each.arms is not None)
        ways = {each.arms for each in same}
        if any(way is not None and way[::-1] in ways for way in ways):
            yield _finding("worth a look", "direction", same, figures)
