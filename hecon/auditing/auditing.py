"""The audit: whether the numbers that a dossier carries from its sources can be true together."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from hecon import _checks
from hecon.auditing.comparisons import audit_comparisons
from hecon.auditing.figures import audit_figures
from hecon.auditing.findings import Finding
from hecon.auditing.outcomes import AS_PRINTED, PrintedDifference, agreement, audit_difference, smallest
from hecon.dossier.loading import Dossier, load, load_programme
from hecon.dossier.note import CrossoverFact, PatientsFact, PatientsPerArm
from hecon.dossier.programme import Programme
from hecon.printed.numbers import Span, span, unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from hecon.auditing.findings import Numbers
    from hecon.dossier.note import Study
    from hecon.reported import Fit

__all__ = ["PROGRAMME", "audit", "audit_fitted", "audit_studies"]


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
