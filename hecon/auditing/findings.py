"""The findings of an audit: one record for every relation, and those on a printed difference.

A difference is held against its interval, arms, p value and standard errors: a relation holds as printed, by rounding
only, or not at all. Also the smallest corrections that mend it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hecon._display import displayed
from hecon.printed.numbers import Digits, PrintedInterval, Span, coarse_unit, no_unit, shared_unit, span, unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hecon.dossier.figures import PrintedFigure
    from hecon.dossier.note import OutcomeArms
    from hecon.files.parts import Reference, Text
    from hecon.printed.numbers import Rounding

# From the worst on: wrong whatever was rounded, to what rounding explains.
SEVERITIES = ("impossible", "inconsistent", "worth a look", "rounding only")
# fmt: off
RELATIONS = (
    "holds", "order", "sign", "centred", "ratio", "arms", "adjusted", "said_adjusted", "p", "se", "spread", "width",
    "percentage", "total", "probability", "predicted", "perspectives", "quadrant", "quantity", "formula", "direction",
)
# fmt: on

Numbers = dict[str, Digits]
# The kind of the smallest corrections and the numbers after each.
Repair = tuple[str, tuple[Numbers, ...]]


@displayed
@dataclass(frozen=True)
class Finding:
    """Printed numbers that cannot be true together, or are worth a look.

    Parameters
    ----------
    severity : str
        "impossible" (whatever was rounded), "inconsistent" (unless the interval is not symmetrical, or the figures are
        of other things than their names say), "worth a look", or "rounding only" (not equal as printed, but within what
        rounding allows).
    relation : str
        "holds" (an interval holds its estimate), "order" (its ends run upwards), "sign" (estimate and middle of the
        interval on the same side of 0), "centred" (estimate in the middle), "ratio" (a ratio is that of the
        differences), "quadrant" (as stated, and as the signs have it), "arms" (a difference is that of the arms;
        "adjusted" where it may have been adjusted, "said_adjusted" where it was), "p" (p value and interval or
        spread), "spread" (standard error and interval of a difference), "se" (standard error from SD and n),
        "width" (of an interval from SDs and n), "percentage" (of a count), "total" (the arms together are the
        study), "probability" (cost-effective above one half where net benefit is positive), "predicted" (what was
        kept as a check follows from the other statistics), "perspectives" (of one trial have one difference in
        effect), "quantity" (one thing printed more than once), "formula" (a figure follows from others) or
        "direction" (which arm minus which).
    paths : tuple of str
        Places in the file.
    study : str
        Study or trial; empty for single figures.
    subject : Text or None
        What the numbers are of, in both languages; None where `kind` tells.
    kind : str
        "outcome", "cost-difference", "effect-difference", "cost-arms", "effect-arms", "net-benefit-difference", "icer",
        "p-cost-effective", "p-effect-above", "quadrant-shares", "patients", "crossover" or "figure".
    numbers : dict of str to number
        As printed.
    expected : (float, float) or None
        Lowest and highest value that the other numbers allow, where one of them follows from the rest.
    repair : str
        Kind of the smallest correction that would mend it: "sign", "turned", "order", "extra_digit", "digit", "count"
        (a count was read as a percentage), "arm" (a number of patients is one arm's), or empty.
    repaired : tuple of dict
        The numbers after each such correction.
    figures : tuple of Figure
        The single figures concerned.
    stated : str
        The quadrant that a source states, for that relation.
    place : int or None
        Place in a series, counted from 1, where the figures do not agree.
    basis : Text or None
        Why the relation should hold, where the file states it.
    sources : tuple of Reference
        Where they are printed.
    cut_off : bool
        Whether a ratio or formula would hold if digits had been cut off instead of rounded: then worth a look.
    """

    severity: str
    relation: str
    paths: tuple[str, ...]
    study: str
    subject: Text | None
    kind: str
    numbers: Numbers
    expected: tuple[float, float] | None = None
    repair: str = ""
    repaired: tuple[Numbers, ...] = ()
    figures: tuple[PrintedFigure, ...] = ()
    stated: str = ""
    place: int | None = None
    basis: Text | None = None
    sources: tuple[Reference, ...] = ()
    cut_off: bool = False

    @property
    def path(self) -> str:
        """Place in the file of the first number concerned."""
        return self.paths[0]


def finding(
    severity: str,
    relation: str,
    paths: tuple[str, ...],
    kind: str,
    numbers: Numbers,
    *,
    study: str = "",
    subject: Text | None = None,
    expected: tuple[Fraction, Fraction] | tuple[float, float] | None = None,
    mended: Repair = ("", ()),
    **about: Any,  # noqa: ANN401 (other fields of the record)
) -> Finding:
    """Return a finding, with what was expected as floats."""
    about["expected"] = None if expected is None else tuple(map(_as_float, expected))
    about["repair"], about["repaired"] = mended
    return Finding(severity, relation, paths, study, subject, kind, numbers, **about)


def _as_float(value: Fraction | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


# A printed difference -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PrintedDifference:
    """A difference as printed, of a study or an economic comparison."""

    study: str
    subject: Text | None
    kind: str
    path: str
    sources: tuple[Reference, ...]
    estimate: Digits
    ci: tuple[Digits, Digits] | None = None
    level: float = 0.95
    symmetrical: bool = True
    p: Digits | None = None
    p_below: Digits | None = None
    arms: OutcomeArms | None = None
    adjusted: bool | None = None
    margin: bool = False
    se: Digits | None = None

    @property
    def printed(self) -> PrintedInterval | None:
        """Estimate and interval, None without one."""
        return None if self.ci is None else PrintedInterval(self.estimate, *self.ci)

    @property
    def severity(self) -> str:
        """How grave an interval or spread that does not agree is: costs are skewed."""
        return "inconsistent" if self.symmetrical else "worth a look"

    def finding(
        self,
        severity: str,
        relation: str,
        numbers: Numbers,
        *,
        expected: Span | None = None,
        mended: Repair = ("", ()),
    ) -> Finding:
        """Make a finding on this difference."""
        more = self.arms.sources if self.arms is not None and relation in _OF_ARMS else ()
        return finding(
            severity,
            relation,
            (self.path,),
            self.kind,
            numbers,
            study=self.study,
            subject=self.subject,
            expected=expected,
            mended=mended,
            sources=tuple(dict.fromkeys((*self.sources, *more))),
        )


_OF_ARMS = ("arms", "adjusted", "said_adjusted", "se", "width")


def audit_difference(difference: PrintedDifference) -> Iterator[Finding]:
    """Yield the findings on a difference: interval, arms, p value, standard errors, width."""
    for check in (_interval, _arms, _p, _spread, _standard_errors, _width):
        yield from check(difference)


def audit_interval(printed: PrintedInterval, *, symmetrical: bool) -> tuple[str, str] | None:
    """Return severity and relation of the fault of an interval, or None."""
    if not printed.holds:
        turned = replace(printed, low=printed.high, high=printed.low)
        # Some sources print the end nearer to zero first.
        mends = turned.holds and (turned.centred or not symmetrical)
        return ("worth a look", "order") if mends else ("impossible", "holds")
    if not printed.two_sided or printed.centred:
        return None
    opposite = printed.middle * printed.estimate < 0
    doubt = not symmetrical or printed.perhaps_centred
    return ("worth a look" if doubt else "inconsistent"), ("sign" if opposite else "centred")


def _interval(difference: PrintedDifference) -> Iterator[Finding]:
    printed = difference.printed
    verdict = None if printed is None else audit_interval(printed, symmetrical=difference.symmetrical)
    if printed is None or verdict is None:
        return
    severity, relation = verdict
    if relation == "order":
        turned = _ends(replace(printed, low=printed.high, high=printed.low))
        yield difference.finding(severity, relation, _ends(printed), mended=("order", (turned,)))
        return
    kind, mended = repairs(printed) if printed.two_sided and severity != "worth a look" else ("", ())
    # Corrections that agree with the arms take precedence.
    confirmed = tuple(
        interval
        for interval in mended
        if difference.arms is not None and _from_arms(difference.arms, interval.estimate) != APART
    )
    repaired = tuple(_ends(interval) for interval in confirmed or mended)
    yield difference.finding(severity, relation, _ends(printed), mended=(kind, repaired))


def _ends(printed: PrintedInterval) -> Numbers:
    return {"estimate": printed.estimate, "low": printed.low, "high": printed.high}


def _from_arms(arms: OutcomeArms, estimate: Digits) -> str:
    coarse = shared_unit(estimate, *arms.mean)
    return agreement(estimate, lambda unit: span(arms.mean[0], unit) - span(arms.mean[1], unit), coarse=coarse)


def _arms(difference: PrintedDifference) -> Iterator[Finding]:
    if difference.arms is None:
        return
    first, second = difference.arms.mean
    grade = _from_arms(difference.arms, difference.estimate)
    if grade == AS_PRINTED:
        return
    numbers: Numbers = {"first": first, "second": second, "estimate": difference.estimate}
    expected = span(first, no_unit) - span(second, no_unit)
    if grade == BY_ROUNDING:
        yield difference.finding(BY_ROUNDING, "arms", numbers, expected=expected)
        return
    turned = _from_arms(difference.arms, -difference.estimate) == AS_PRINTED
    if difference.adjusted is False or turned:

        def holds(other: Numbers) -> bool:
            rest = difference.arms.model_copy(update={"mean": (other["first"], other["second"])})  # type: ignore[union-attr]
            whole = difference.ci is None or _stands(PrintedInterval(other["estimate"], *difference.ci), difference)
            return whole and _from_arms(rest, other["estimate"]) != APART

        mended = smallest(numbers, holds, swaps=(("first", "second"),))
        yield difference.finding("inconsistent", "arms", numbers, expected=expected, mended=mended)
    else:
        relation = "said_adjusted" if difference.adjusted else "adjusted"
        yield difference.finding("worth a look", relation, numbers, expected=expected)


def _stands(printed: PrintedInterval, difference: PrintedDifference) -> bool:
    """Tell whether an interval is no worse with a corrected estimate."""
    before = difference.printed
    was_wrong = before is not None and audit_interval(before, symmetrical=difference.symmetrical) is not None
    return printed.holds if was_wrong else audit_interval(printed, symmetrical=difference.symmetrical) is None


def _p(difference: PrintedDifference) -> Iterator[Finding]:
    """Compare a p value with the interval, otherwise the SDs of the arms; not where its null may be a margin."""
    sd, n = (None, None) if difference.arms is None else (difference.arms.sd, difference.arms.n)
    printed = difference.printed
    if difference.margin:
        return
    if printed is not None:
        if printed.two_sided and audit_interval(printed, symmetrical=True) is None:
            coarse = shared_unit(difference.estimate, printed.low, printed.high)
            yield from _p_against(
                difference, _ends(printed), lambda unit: p_of_interval(printed, difference.level, n, unit), coarse
            )
    elif difference.adjusted is False and sd is not None and n is not None:
        yield from _p_by_error(difference, lambda unit: se_of_difference(sd, n, unit), n)


def _p_by_error(
    difference: PrintedDifference, error: Callable[[Rounding], Span], n: tuple[int, int] | None
) -> Iterator[Finding]:
    def expected(unit: Rounding) -> Span | None:
        return p_of_error(span(difference.estimate, unit), error(unit), n)

    yield from _p_against(difference, {"estimate": difference.estimate}, expected, coarse_unit)


def _p_against(
    difference: PrintedDifference, shown: Numbers, expected: Callable[[Rounding], Span | None], coarse: Rounding
) -> Iterator[Finding]:
    if difference.p is not None:
        grade = agreement(difference.p, expected, coarse=coarse)
        if grade != AS_PRINTED:
            severity = difference.severity if grade == APART else grade
            yield difference.finding(severity, "p", {"p": difference.p, **shown}, expected=expected(unit))
    elif difference.p_below is not None:
        possible = expected(coarse)
        if possible is not None and possible[0] >= Fraction(difference.p_below):
            numbers: Numbers = {"p_below": difference.p_below, **shown}
            yield difference.finding(difference.severity, "p", numbers, expected=expected(unit))


def _spread(difference: PrintedDifference) -> Iterator[Finding]:
    """Compare the standard error of a difference with the width of its interval, otherwise the p value."""
    if difference.se is None:
        return
    printed, n = difference.printed, None if difference.arms is None else difference.arms.n
    if printed is None and difference.p is not None:
        error = span(difference.se)
        yield from _p_by_error(difference, lambda _: error, n)
    elif printed is not None and printed.two_sided and printed.holds:
        critical = sorted(_critical(difference.level, n))

        def expected(unit: Rounding) -> Span | None:
            low, high = span(printed.high, unit) - span(printed.low, unit)
            return Span(low / Fraction(2 * critical[1]), high / Fraction(2 * critical[0]))

        grade = agreement(difference.se, expected, coarse=shared_unit(difference.se, printed.low, printed.high))
        if grade != AS_PRINTED:
            numbers: Numbers = {"se": difference.se, **_ends(printed)}
            severity = difference.severity if grade == APART else grade
            yield difference.finding(severity, "spread", numbers, expected=expected(unit))


def _standard_errors(difference: PrintedDifference) -> Iterator[Finding]:
    """Compare the standard error of each arm with its SD and number of patients."""
    if difference.arms is None or difference.arms.se is None or difference.arms.sd is None or difference.arms.n is None:
        return
    for se, sd, n in zip(difference.arms.se, difference.arms.sd, difference.arms.n, strict=True):

        def expected(unit: Rounding, sd: Digits = sd, n: int = n) -> Span:
            return _over_root(span(sd, unit), n)

        grade = agreement(se, expected)
        if grade != AS_PRINTED:
            numbers: Numbers = {"se": se, "sd": sd, "n": n}

            def holds(other: Numbers) -> bool:
                return other["n"] > 0 and not _over_root(span(other["sd"]), other["n"]).apart(span(other["se"]))

            mended = smallest(numbers, holds, swaps=(("se", "sd"),)) if grade == APART else ("", ())
            severity = "inconsistent" if grade == APART else grade
            yield difference.finding(severity, "se", numbers, expected=expected(unit), mended=mended)


def _over_root(sd: Span, n: Digits) -> Span:
    """Return the standard errors of a mean that SDs of n patients allow."""
    root = Fraction(float(n) ** 0.5)
    return sd / Span(root, root)


def _width(difference: PrintedDifference) -> Iterator[Finding]:
    """Compare the width of an unadjusted interval with SDs and numbers of patients."""
    printed = difference.printed
    if printed is None or not printed.two_sided or difference.adjusted is not False or difference.arms is None:
        return
    # Rounding leaves an interval of no width.
    if difference.arms.sd is None or difference.arms.n is None or not printed.holds or printed.low == printed.high:
        return
    sd, n = difference.arms.sd, difference.arms.n
    critical = sorted(_critical(difference.level, n))
    for unit_of in (unit, shared_unit(difference.estimate, printed.low, printed.high)):
        se = se_of_difference(sd, n, unit_of)
        expected = Span(2 * Fraction(critical[0]) * se.low, 2 * Fraction(critical[1]) * se.high)
        if not expected.apart(span(printed.high, unit_of) - span(printed.low, unit_of)):
            return
    numbers: Numbers = {**_ends(printed), "sd_first": sd[0], "sd_second": sd[1], "n_first": n[0], "n_second": n[1]}
    yield difference.finding("inconsistent", "width", numbers, expected=expected)


AS_PRINTED = ""
BY_ROUNDING = "rounding only"
APART = "apart"

# Degrees of freedom assumed where patients are not printed; with fewer, t allows almost anything.
_FEWEST = 10
_DIGITS = "0123456789"
# Degrees of freedom that make t normal.
_NORMAL = 1e9


def agreement(printed: Digits, expected: Callable[[Rounding], Span | None], *, coarse: Rounding = coarse_unit) -> str:
    """Return the grade of a printed number against the span that other numbers allow (None: anything)."""
    for of, own_rounding, grade in (
        (no_unit, unit, AS_PRINTED),
        (unit, unit, BY_ROUNDING),
        (coarse, coarse, BY_ROUNDING),
    ):
        possible = expected(of)
        if possible is None or not possible.apart(span(printed, own_rounding)):
            return grade
    return APART


def p_of_interval(printed: PrintedInterval, level: float, n: tuple[int, int] | None, of: Rounding) -> Span | None:
    """Return the p values that an estimate and its interval allow under normal and t distributions; None: any."""
    half = Span(*(width / 2 for width in span(printed.high, of) - span(printed.low, of)))
    if half.low <= 0:
        return None
    ratios = [float(size) for size in abs(span(printed.estimate, of)) / half]
    freedom = _fewest_freedom(n)
    z, t = _critical(level, n)
    if not (math.isfinite(z) and math.isfinite(t) and z > 0):
        return None
    return _tails([(ratio * critical, df) for ratio in ratios for df, critical in ((_NORMAL, z), (freedom, t))])


def p_of_error(estimate: Span, error: Span, n: tuple[int, int] | None) -> Span | None:
    """Return the p values that an estimate and its standard error allow, as `p_of_interval`."""
    if error.low <= 0:
        return None
    statistics = [float(statistic) for statistic in abs(estimate) / error]
    return _tails([(statistic, df) for statistic in statistics for df in (_NORMAL, _fewest_freedom(n))])


def _fewest_freedom(n: tuple[int, int] | None) -> int:
    """Return the fewest degrees of freedom of Welch's test."""
    return _FEWEST if n is None else max(min(n) - 1, 1)


def _critical(level: float, n: tuple[int, int] | None) -> tuple[float, float]:
    """Return the critical values of the normal distribution and of t with the fewest degrees of freedom."""
    from scipy.special import ndtri, stdtrit

    share = (1 + level) / 2
    return float(ndtri(share)), float(stdtrit(_fewest_freedom(n), share))


def _tails(statistics: list[tuple[float, float]]) -> Span:
    from scipy.special import stdtr

    tails = [2 * float(stdtr(freedom, -statistic)) for statistic, freedom in statistics]
    return Span(Fraction(min(tails)), Fraction(max(tails)))


def se_of_difference(sd: tuple[Digits, Digits], n: tuple[int, int], of: Rounding) -> Span:
    """Return the standard errors of a difference of means that SDs and patients allow, pooled or not."""
    errors = []
    for end in (0, 1):
        first, second = (float(max(span(deviation, of)[end], Fraction(0))) for deviation in sd)
        errors.append(math.sqrt(first**2 / n[0] + second**2 / n[1]))
        if sum(n) > 2:  # noqa: PLR2004 (a pooled variance needs a degree of freedom)
            pooled = ((n[0] - 1) * first**2 + (n[1] - 1) * second**2) / (sum(n) - 2)
            errors.append(math.sqrt(pooled * (1 / n[0] + 1 / n[1])))
    return Span(Fraction(min(errors)), Fraction(max(errors)))


def smallest(
    numbers: Numbers,
    holds: Callable[[Numbers], bool],
    *,
    swaps: tuple[tuple[str, str], ...] = (),
    turned: tuple[tuple[str, str], ...] = (),
) -> Repair:
    """Return the kind of the smallest correction of one number or a swapped pair, and all corrections of that kind."""
    for kind, candidates in (
        ("sign", ({**numbers, name: -value} for name, value in numbers.items())),
        ("turned", ({**numbers, a: -numbers[b], b: -numbers[a]} for a, b in turned)),
        ("order", ({**numbers, a: numbers[b], b: numbers[a]} for a, b in swaps)),
        ("extra_digit", _digits(numbers, drop=True)),
        ("digit", _digits(numbers, drop=False)),
    ):
        corrections: list[Numbers] = []
        for candidate in candidates:
            if candidate != numbers and candidate not in corrections and holds(candidate):
                corrections.append(candidate)
        if corrections:
            return kind, tuple(corrections)
    return "", ()


def repairs(printed: PrintedInterval) -> tuple[str, tuple[PrintedInterval, ...]]:
    """Return the smallest corrections after which an interval holds and is centred."""

    def holds(numbers: Numbers) -> bool:
        other = PrintedInterval(**numbers)
        # Fewer decimals must not mend by being less exact.
        return other.holds and other.off <= min(other.slack(), printed.slack())

    ends = (("low", "high"),)
    kind, corrections = smallest(vars(printed), holds, swaps=ends, turned=ends)
    return kind, tuple(PrintedInterval(**numbers) for numbers in corrections)


def _digits(numbers: Numbers, *, drop: bool) -> Iterator[Numbers]:
    for name, value in numbers.items():
        for other in _with_other_digits(value, drop=drop):
            yield {**numbers, name: other}


def _with_other_digits(value: Digits, *, drop: bool) -> Iterator[Digits]:
    """Yield a number with one digit dropped or replaced."""
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    for place, digit in enumerate(text):
        if digit not in _DIGITS:
            continue
        for other in [""] if drop else _DIGITS.replace(digit, ""):
            changed = text[:place] + other + text[place + 1 :]
            whole = changed.lstrip("-").partition(".")[0]
            if whole and not changed.endswith("."):
                yield Decimal(changed) if isinstance(value, Decimal) else int(changed)
