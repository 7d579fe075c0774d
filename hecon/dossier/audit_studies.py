"""The audit of studies: patients and arms, percentages and counts, and every difference."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from hecon.dossier.audit_outcomes import Difference, audit_difference
from hecon.dossier.findings import Finding
from hecon.dossier.printed_intervals import unit
from hecon.dossier.printed_relations import AS_PRINTED, agreement, box, smallest
from hecon.dossier.study_facts import CrossoverFact, PatientsFact, PatientsPerArm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.dossier.findings import Numbers
    from hecon.dossier.note_schema import Study
    from hecon.dossier.schema import Dossier

__all__ = ["audit_studies"]


def audit_studies(dossier: Dossier) -> Iterator[Finding]:
    """Yield what is found in the studies of a dossier, in the order of the file."""
    for number, study in enumerate(dossier.note.study):
        path = f"note.study[{number}]"
        yield from _patients(study, path)
        yield from _crossover(study, path)
        for position, outcome in enumerate(study.outcome):
            yield from audit_difference(
                Difference(
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
        if agreement(fact.percent, lambda _, share=share: (share, share), coarse=unit) == AS_PRINTED:  # type: ignore[misc]
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
    low, high = box(numbers["percent"])
    return 0 <= count <= of != 0 and percent >= 0 and low <= 100 * count / of <= high
