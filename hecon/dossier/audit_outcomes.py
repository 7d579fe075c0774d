"""The audit of a difference and what was printed with it: its interval, the arms, a p value, standard errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from hecon.dossier.findings import Finding
from hecon.dossier.printed_intervals import PrintedInterval, coarse_unit, repairs, unit
from hecon.dossier.printed_relations import (
    APART,
    AS_PRINTED,
    BY_ROUNDING,
    agreement,
    apart,
    box,
    minus,
    no_unit,
    p_of_interval,
    se_of_difference,
    smallest,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal

    from hecon.dossier._types import Reference, Text
    from hecon.dossier.findings import Numbers
    from hecon.dossier.formulas import Interval
    from hecon.dossier.study_facts import Arms

__all__ = ["Difference", "audit_difference", "audit_interval"]


@dataclass(frozen=True)
class Difference:
    """A difference with all that was printed of it, from a study or from an economic comparison."""

    study: str
    subject: Text | None
    kind: str
    path: str
    sources: tuple[Reference, ...]
    estimate: int | Decimal
    ci: tuple[int | Decimal, int | Decimal] | None = None
    level: float = 0.95
    symmetrical: bool = True
    p: Decimal | int | None = None
    p_below: Decimal | int | None = None
    arms: Arms | None = None
    adjusted: bool | None = None

    @property
    def printed(self) -> PrintedInterval | None:
        """Estimate and interval, None without one."""
        return None if self.ci is None else PrintedInterval(self.estimate, *self.ci)

    def finding(
        self,
        severity: str,
        relation: str,
        numbers: Numbers,
        *,
        expected: Interval | None = None,
        mended: tuple[str, tuple[Numbers, ...]] = ("", ()),
    ) -> Finding:
        """Return what was found of it."""
        more = self.arms.sources if self.arms is not None and relation in _OF_ARMS else ()
        return Finding(
            severity,
            relation,
            (self.path,),
            self.study,
            self.subject,
            self.kind,
            numbers,
            expected=None if expected is None else (float(expected[0]), float(expected[1])),
            repair=mended[0],
            repaired=mended[1],
            sources=tuple(dict.fromkeys((*self.sources, *more))),
        )


_OF_ARMS = ("arms", "adjusted", "se", "width")


def audit_difference(of: Difference) -> Iterator[Finding]:
    """Hold everything that was printed of a difference against each other.

    Parameters
    ----------
    of : Difference
        The difference.

    Yields
    ------
    Finding
        In the order interval, arms, p value, standard errors, width.
    """
    for check in (_interval, _arms, _p, _standard_errors, _width):
        yield from check(of)


def audit_interval(printed: PrintedInterval, *, symmetrical: bool) -> tuple[str, str] | None:
    """Return severity and relation of what is wrong with an interval, or None."""
    if not printed.holds:
        turned = replace(printed, low=printed.high, high=printed.low)
        # Some print the end that is nearer to zero first.
        return ("worth a look", "order") if turned.holds and turned.centred else ("impossible", "holds")
    if not printed.two_sided or printed.centred:
        return None
    opposite = printed.middle * printed.estimate < 0
    doubt = not symmetrical or printed.perhaps_centred
    return ("worth a look" if doubt else "inconsistent"), ("sign" if opposite else "centred")


def _interval(of: Difference) -> Iterator[Finding]:
    printed = of.printed
    found = None if printed is None else audit_interval(printed, symmetrical=of.symmetrical)
    if printed is None or found is None:
        return
    severity, relation = found
    mend = printed.two_sided and (severity != "worth a look" or relation == "order")
    kind, mended = repairs(printed) if mend else ("", ())
    # Of corrections that mend the interval, those that the arms bear out go before the others.
    confirmed = tuple(each for each in mended if of.arms is not None and _from_arms(of.arms, each.estimate) != APART)
    repaired = tuple(_ends(each) for each in confirmed or mended)
    yield of.finding(severity, relation, _ends(printed), mended=(kind, repaired))


def _ends(printed: PrintedInterval) -> Numbers:
    return {"estimate": printed.estimate, "low": printed.low, "high": printed.high}


def _from_arms(arms: Arms, estimate: int | Decimal) -> str:
    return agreement(estimate, lambda unit: minus(*(box(each, unit) for each in arms.mean)))


def _arms(of: Difference) -> Iterator[Finding]:
    if of.arms is None:
        return
    first, second = of.arms.mean
    told = _from_arms(of.arms, of.estimate)
    if told == AS_PRINTED:
        return
    numbers: Numbers = {"first": first, "second": second, "estimate": of.estimate}
    expected = minus(box(first, no_unit), box(second, no_unit))
    if told == BY_ROUNDING:
        yield of.finding(BY_ROUNDING, "arms", numbers, expected=expected)
        return
    turned = of.adjusted is not True and _from_arms(of.arms, -of.estimate) == AS_PRINTED
    if of.adjusted is False or turned:

        def holds(other: Numbers) -> bool:
            rest = of.arms.model_copy(update={"mean": (other["first"], other["second"])})  # type: ignore[union-attr]
            whole = of.ci is None or PrintedInterval(other["estimate"], *of.ci).holds
            return whole and _from_arms(rest, other["estimate"]) != APART

        mended = smallest(numbers, holds, swaps=(("first", "second"),))
        yield of.finding("inconsistent", "arms", numbers, expected=expected, mended=mended)
    else:
        yield of.finding("worth a look", "adjusted", numbers, expected=expected)


def _p(of: Difference) -> Iterator[Finding]:
    printed = of.printed
    if printed is None or not printed.two_sided or audit_interval(printed, symmetrical=True) is not None:
        return
    n = None if of.arms is None else of.arms.n

    def expected(unit: Callable[[int | Decimal], Decimal]) -> Interval | None:
        return p_of_interval(printed, of.level, n, unit)

    severity = "inconsistent" if of.symmetrical else "worth a look"
    if of.p is not None:
        told = agreement(of.p, expected)
        if told != AS_PRINTED:
            severity = severity if told == APART else told
            yield of.finding(severity, "p", {"p": of.p, **_ends(printed)}, expected=expected(unit))
    elif of.p_below is not None:
        found = expected(coarse_unit)
        if found is not None and found[0] >= Fraction(of.p_below):
            numbers: Numbers = {"p_below": of.p_below, **_ends(printed)}
            yield of.finding(severity, "p", numbers, expected=expected(unit))


def _standard_errors(of: Difference) -> Iterator[Finding]:
    """Hold the standard error of each arm against its SD and number of patients."""
    if of.arms is None or of.arms.se is None or of.arms.sd is None or of.arms.n is None:
        return
    for se, sd, n in zip(of.arms.se, of.arms.sd, of.arms.n, strict=True):

        def expected(unit: Callable[[int | Decimal], Decimal], sd: int | Decimal = sd, n: int = n) -> Interval:
            root = Fraction(n**0.5)
            low, high = box(sd, unit)
            return low / root, high / root

        told = agreement(se, expected)
        if told != AS_PRINTED:
            numbers: Numbers = {"se": se, "sd": sd, "n": n}

            def holds(other: Numbers) -> bool:
                return other["n"] > 0 and not apart(
                    tuple(each / Fraction(float(other["n"]) ** 0.5) for each in box(other["sd"])),  # type: ignore[arg-type]
                    box(other["se"]),
                )

            mended = smallest(numbers, holds, swaps=(("se", "sd"),)) if told == APART else ("", ())
            severity = "inconsistent" if told == APART else told
            yield of.finding(severity, "se", numbers, expected=expected(unit), mended=mended)


def _width(of: Difference) -> Iterator[Finding]:
    """Hold the width of the interval against SDs and numbers of patients, where the difference is unadjusted."""
    printed = of.printed
    if printed is None or not printed.two_sided or of.adjusted is not False or of.arms is None:
        return
    if of.arms.sd is None or of.arms.n is None or not printed.holds:
        return
    from scipy.special import ndtri, stdtrit

    sd, n = of.arms.sd, of.arms.n
    share = (1 + of.level) / 2
    critical = sorted({float(ndtri(share)), float(stdtrit(max(min(n) - 1, 1), share))})
    for unit_of in (unit, coarse_unit):
        se = se_of_difference(sd, n, unit_of)
        expected = (2 * Fraction(critical[0]) * se[0], 2 * Fraction(critical[-1]) * se[1])
        if not apart(minus(box(printed.high, unit_of), box(printed.low, unit_of)), expected):
            return
    numbers: Numbers = {**_ends(printed), "sd_first": sd[0], "sd_second": sd[1], "n_first": n[0], "n_second": n[1]}
    yield of.finding("inconsistent", "width", numbers, expected=expected)
