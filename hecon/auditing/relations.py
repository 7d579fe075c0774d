"""Relations between printed numbers: whether they hold as printed, by rounding only, or not at all."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from hecon.printed.numbers import PrintedInterval, Span, coarse_unit, no_unit, span, unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hecon.auditing.findings import Numbers
    from hecon.printed.numbers import Digits, Rounding

__all__ = [
    "AS_PRINTED",
    "agreement",
    "fewest_freedom",
    "p_of_error",
    "p_of_interval",
    "repairs",
    "se_of_difference",
    "smallest",
]

AS_PRINTED = ""
BY_ROUNDING = "rounding only"
APART = "apart"

# Below so few degrees of freedom no trial reports, and the t distribution would allow almost anything.
_FEWEST = 10
_DIGITS = "0123456789"
# A t distribution of so many degrees of freedom is the normal one.
_NORMAL = 1e9


def agreement(
    printed: Digits,
    expected: Callable[[Rounding], Span | None],
    *,
    coarse: Rounding = coarse_unit,
) -> str:
    """Tell whether a printed number is what others make it.

    Parameters
    ----------
    printed : int or Decimal
        As printed.
    expected : callable
        From how numbers were rounded to all that the others allow, None for anything at all.
    coarse : callable
        How whole numbers may have been rounded beyond the last digit that was printed.

    Returns
    -------
    str
        "" as printed, "rounding only" if the others were rounded or zeros at the end are rounding, or "apart".
    """
    for of, own, told in (
        (no_unit, unit, AS_PRINTED),
        (unit, unit, BY_ROUNDING),
        (coarse, coarse, BY_ROUNDING),
    ):
        found = expected(of)
        if found is None or not found.apart(span(printed, own)):
            return told
    return APART


def p_of_interval(printed: PrintedInterval, level: float, n: tuple[int, int] | None, of: Rounding) -> Span | None:
    """Return the p values that an estimate and its two-sided interval allow.

    Parameters
    ----------
    printed : PrintedInterval
        Estimate and ends.
    level : float
        Level of the interval.
    n : (int, int) or None
        Patients of the arms.
    of : callable
        How numbers were rounded.

    Returns
    -------
    Span or None
        Over normal and t distributions, from the fewest degrees of freedom of Welch's test, or from 10 on where the
        patients were not printed; None where anything is possible.
    """
    from scipy.special import ndtri, stdtrit

    half = Span(*(each / 2 for each in span(printed.high, of) - span(printed.low, of)))
    if half.low <= 0:
        return None
    ratios = [float(each) for each in abs(span(printed.estimate, of)) / half]
    freedom = fewest_freedom(n)
    z, t = float(ndtri((1 + level) / 2)), float(stdtrit(freedom, (1 + level) / 2))
    if not (math.isfinite(z) and math.isfinite(t) and z > 0):
        return None
    return _tails([(ratio * critical, df) for ratio in ratios for df, critical in ((_NORMAL, z), (freedom, t))])


def p_of_error(estimate: Span, error: Span, n: tuple[int, int] | None) -> Span | None:
    """Return the p values that an estimate and its standard error allow, over the same distributions."""
    if error.low <= 0:
        return None
    statistics = [float(each) for each in abs(estimate) / error]
    return _tails([(each, df) for each in statistics for df in (_NORMAL, fewest_freedom(n))])


def fewest_freedom(n: tuple[int, int] | None) -> int:
    """Return the fewest degrees of freedom that a comparison of two means may have: those of Welch's test."""
    return _FEWEST if n is None else max(min(n) - 1, 1)


def _tails(statistics: list[tuple[float, float]]) -> Span:
    from scipy.special import stdtr

    found = [2 * float(stdtr(freedom, -statistic)) for statistic, freedom in statistics]
    return Span(Fraction(min(found)), Fraction(max(found)))


def se_of_difference(sd: tuple[Digits, Digits], n: tuple[int, int], of: Rounding) -> Span:
    """Return the standard errors of a difference of means that SDs and numbers of patients allow, pooled or not."""
    found = []
    for end in (0, 1):
        first, second = (float(max(span(each, of)[end], Fraction(0))) for each in sd)
        found.append(math.sqrt(first**2 / n[0] + second**2 / n[1]))
        if sum(n) > 2:  # noqa: PLR2004 (a pooled variance needs a degree of freedom)
            pooled = ((n[0] - 1) * first**2 + (n[1] - 1) * second**2) / (sum(n) - 2)
            found.append(math.sqrt(pooled * (1 / n[0] + 1 / n[1])))
    return Span(Fraction(min(found)), Fraction(max(found)))


def smallest(
    numbers: Numbers,
    holds: Callable[[Numbers], bool],
    *,
    swaps: tuple[tuple[str, str], ...] = (),
    turned: tuple[tuple[str, str], ...] = (),
) -> tuple[str, tuple[Numbers, ...]]:
    """Return the kind of the smallest correction of one number, or of a swapped pair, and all corrections of that kind.

    Parameters
    ----------
    numbers : dict
        As printed.
    holds : callable
        Whether everything can be true.
    swaps : tuple of pairs of str
        Numbers that may have changed places.
    turned : tuple of pairs of str
        Ends that may have been turned round zero.

    Returns
    -------
    str, tuple of dict
        "sign", "turned", "order", "extra_digit", "digit", tried in this order, or "" with nothing.
    """
    for kind, candidates in (
        ("sign", ({**numbers, name: -value} for name, value in numbers.items())),
        ("turned", ({**numbers, a: -numbers[b], b: -numbers[a]} for a, b in turned)),
        ("order", ({**numbers, a: numbers[b], b: numbers[a]} for a, b in swaps)),
        ("extra_digit", _digits(numbers, drop=True)),
        ("digit", _digits(numbers, drop=False)),
    ):
        found: list[Numbers] = []
        for each in candidates:
            if each != numbers and each not in found and holds(each):
                found.append(each)
        if found:
            return kind, tuple(found)
    return "", ()


def repairs(printed: PrintedInterval) -> tuple[str, tuple[PrintedInterval, ...]]:
    """Return the kind of the smallest corrections after which an interval holds and is centred, and these."""

    def holds(numbers: Numbers) -> bool:
        other = PrintedInterval(**numbers)
        # A number with fewer decimals must not mend by being less exact.
        return other.holds and other.off <= min(other.slack(), printed.slack())

    ends = (("low", "high"),)
    kind, found = smallest(vars(printed), holds, swaps=ends, turned=ends)
    return kind, tuple(PrintedInterval(**each) for each in found)


def _digits(numbers: Numbers, *, drop: bool) -> Iterator[Numbers]:
    for name, value in numbers.items():
        for other in _with_other_digits(value, drop=drop):
            yield {**numbers, name: other}


def _with_other_digits(value: Digits, *, drop: bool) -> Iterator[Digits]:
    """Yield a number with one digit left out, or replaced by another."""
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    for place, digit in enumerate(text):
        if digit not in _DIGITS:
            continue
        for other in [""] if drop else _DIGITS.replace(digit, ""):
            found = text[:place] + other + text[place + 1 :]
            whole = found.lstrip("-").partition(".")[0]
            if whole and not found.endswith("."):
                yield Decimal(found) if isinstance(value, Decimal) else int(found)
