"""The audit: whether the numbers that a dossier carries from its sources can be true together."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hecon.dossier.loading import load
from hecon.dossier.printed_intervals import PrintedInterval, coarse_unit, repairs
from hecon.dossier.schema import DifferenceStatistic, Dossier, RatioStatistic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hecon.dossier.note_schema import Outcome
    from hecon.dossier.schema import Comparison, Reference, Text

__all__ = ["RELATIONS", "SEVERITIES", "Finding", "audit"]

SEVERITIES = ("impossible", "inconsistent", "worth a look")
RELATIONS = ("holds", "sign", "centred", "ratio")


@dataclass(frozen=True)
class Finding:
    """Printed numbers that cannot be true together, or are worth a look.

    Parameters
    ----------
    severity : str
        "impossible" (whatever was rounded), "inconsistent" (unless the interval is not symmetrical, or the ratio is one
        of other means), or "worth a look".
    relation : str
        "holds" (an interval holds its estimate), "sign" (estimate and middle of the interval on the same side of 0),
        "centred" (estimate in the middle) or "ratio" (a ratio is that of the differences).
    path : str
        Place in the file.
    study : str
        Study or trial.
    subject : Text or None
        Outcome, in both languages; None for costs and effects of a comparison.
    kind : str
        "outcome", "cost-difference", "effect-difference" or "icer".
    numbers : dict of str to number
        As printed.
    repair : str
        Kind of the smallest correction that would mend it: "sign", "turned", "order", "extra_digit", "digit", or empty.
    repaired : tuple of dict
        The numbers after each such correction.
    sources : tuple of Reference
        Where they are printed.
    """

    severity: str
    relation: str
    path: str
    study: str
    subject: Text | None
    kind: str
    numbers: dict[str, int | Decimal]
    repair: str = ""
    repaired: tuple[dict[str, int | Decimal], ...] = ()
    sources: tuple[Reference, ...] = ()


def audit(dossier: Dossier | str | Path) -> tuple[Finding, ...]:
    """Hold the printed numbers of a dossier against each other.

    Parameters
    ----------
    dossier : Dossier, str or Path
        A dossier, the name of one that comes with hecon, or the path of a TOML file.

    Returns
    -------
    tuple of Finding
        In the order of the file; empty where everything can be true.

    Raises
    ------
    DossierError
        If the file breaks the rules of a dossier.

    Notes
    -----
    Each number stands for all that rounds to it; zeros at the end of whole numbers may be rounding. Clinical outcomes
    and differences in effect are taken as symmetrical, so an estimate off the middle of its interval is inconsistent;
    of costs, which are skewed and often bootstrapped, it is worth a look. An interval of costs or effects that does not
    hold its mean is a fault of the file already. Only what was reported is held against each other, not what a dossier
    derives or assumes. Arms, p values, counts and sums are not looked at yet.

    Examples
    --------
    >>> import hecon
    >>> [(each.study, each.relation, each.repair) for each in hecon.audit("acl-rupture")][:1]
    [('KANON (Frobell 2010, 2013)', 'centred', 'digit')]
    """
    checked = dossier if isinstance(dossier, Dossier) else load(dossier)
    return (*_outcomes(checked), *_comparisons(checked))


def _outcomes(dossier: Dossier) -> Iterator[Finding]:
    for number, study in enumerate(dossier.note.study):
        for position, outcome in enumerate(study.outcome):
            path = f"note.study[{number}].outcome[{position}]"
            yield from _of_outcome(outcome, study.name, path)


def _of_outcome(outcome: Outcome, study: str, path: str) -> Iterator[Finding]:
    printed = PrintedInterval(outcome.estimate, *outcome.ci)
    found = _interval(printed, symmetrical=outcome.symmetrical)
    if found is not None:
        severity, relation = found
        kind, mended = repairs(printed) if printed.two_sided and severity != "worth a look" else ("", ())
        yield Finding(
            severity,
            relation,
            path,
            study,
            outcome.name,
            "outcome",
            _numbers(printed),
            kind,
            tuple(_numbers(each) for each in mended),
            outcome.sources,
        )


def _numbers(printed: PrintedInterval) -> dict[str, int | Decimal]:
    return {"estimate": printed.estimate, "low": printed.low, "high": printed.high}


def _interval(printed: PrintedInterval, *, symmetrical: bool) -> tuple[str, str] | None:
    """Return severity and relation of what is wrong with an interval, or None."""
    if not printed.holds:
        return "impossible", "holds"
    if not printed.two_sided or printed.centred:
        return None
    opposite = printed.middle * printed.estimate < 0
    doubt = not symmetrical or printed.perhaps_centred
    return ("worth a look" if doubt else "inconsistent"), ("sign" if opposite else "centred")


def _comparisons(dossier: Dossier) -> Iterator[Finding]:
    for number, comparison in enumerate(dossier.comparison):
        for position, statistic in enumerate(comparison.statistic):
            if isinstance(statistic, DifferenceStatistic) and statistic.status == "reported":
                yield from _of_difference(statistic, comparison, f"comparison[{number}].statistic[{position}]")
        yield from _ratio(comparison, f"comparison[{number}]")


def _of_difference(statistic: DifferenceStatistic, comparison: Comparison, path: str) -> Iterator[Finding]:
    if statistic.ci is None:
        return
    printed = PrintedInterval(statistic.mean, *statistic.ci)
    found = _interval(printed, symmetrical=statistic.kind == "effect-difference")
    if found is not None:
        severity, relation = found
        kind, mended = repairs(printed) if severity != "worth a look" else ("", ())
        repaired = tuple(_numbers(each) for each in mended)
        numbers, sources = _numbers(printed), statistic.sources
        yield Finding(
            severity, relation, path, comparison.trial, None, statistic.kind, numbers, kind, repaired, sources
        )


def _ratio(comparison: Comparison, path: str) -> Iterator[Finding]:
    """Hold a reported ratio against the reported differences."""
    reported = [each for each in comparison.statistic if each.status == "reported"]
    means = {each.kind: each.mean for each in reported if isinstance(each, DifferenceStatistic)}
    ratio = next((each for each in reported if isinstance(each, RatioStatistic)), None)
    if ratio is None or len(means) < 2:  # noqa: PLR2004 (costs and effects)
        return
    cost, effect = means["cost-difference"], means["effect-difference"]
    effects, (low, high) = _box(effect), _box(ratio.value)
    if effects[0] <= 0 <= effects[1]:
        return  # any ratio is possible
    quotients = [a / b for a in _box(cost) for b in effects]
    # A positive ratio may stand for a negative quotient, with the quadrant beside it.
    boxes = [(low, high), *([(-high, -low)] if ratio.value > 0 else [])]
    if any(min(quotients) <= end and start <= max(quotients) for start, end in boxes):
        return
    numbers = {"cost": cost, "effect": effect, "icer": ratio.value}
    yield Finding("inconsistent", "ratio", path, comparison.trial, None, "icer", numbers, sources=ratio.sources)


def _box(value: int | Decimal) -> tuple[Decimal, Decimal]:
    half = coarse_unit(value) / 2
    return Decimal(value) - half, Decimal(value) + half
