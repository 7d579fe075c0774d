"""What is printed of a study beside its differences: patients, follow-up, quality, later surgery, with sources."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hecon.files.parts import Number, Part, Reference, Size, Status, Text

__all__ = ["Arms", "CrossoverFact", "Fact", "PatientsFact", "PatientsPerArm"]


class _Fact(Part):
    """A fact with its status and sources; what is derived says by which rule."""

    status: Status = "reported"
    rule: Text | None = None
    note: Text | None = None
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class DesignFact(_Fact):
    """Design of the study."""

    kind: Literal["design"]
    value: Literal[
        "randomised",
        "randomised, non-inferiority",
        "randomised, superiority",
        "cluster-randomised stepped wedge",
        "running",
        "systematic review",
        "systematic review with meta-analysis",
        "umbrella review",
        "guideline",
        "assessment",
    ]


class PatientsFact(_Fact):
    """Number of patients of the whole study, as printed."""

    kind: Literal["patients"]
    value: Size


class PatientsPerArm(_Fact):
    """Numbers of patients of the arms, which together are the study."""

    kind: Literal["arms"]
    value: tuple[Size, Size]
    intervention: Text
    comparator: Text


class AgeFact(_Fact):
    """Age of the patients [years]: the range that was eligible, its lower end alone (`at_least`), or a mean."""

    kind: Literal["age"]
    range: tuple[Number, Number] | None = None
    at_least: Number | None = None
    mean: Number | None = None


class FollowUpFact(_Fact):
    """When outcomes were measured [months after the start]."""

    kind: Literal["follow-up"]
    months: Annotated[tuple[Number, ...], Field(min_length=1)]


class PedroFact(_Fact):
    """Score for the risk of bias on the PEDro scale, of 10."""

    kind: Literal["pedro"]
    value: Annotated[int, Field(ge=0, le=10)]


class IncludedFact(_Fact):
    """Number of studies that a review included, and how many of these were randomised where that was printed."""

    kind: Literal["included-studies"]
    value: Size
    randomised: Size | None = None


class CertaintyFact(_Fact):
    """Certainty of the evidence as the authors rated it; the system where the source names one."""

    kind: Literal["certainty"]
    value: Literal["high", "moderate", "low", "very low"]
    system: Literal["GRADE", "not stated"] = "not stated"


class CrossoverFact(_Fact):
    """Patients of the arm without surgery who had it after all: a percentage, a count, or both; when, in months."""

    kind: Literal["crossover"]
    percent: Number | None = None
    count: Size | None = None
    of: Size | None = None
    within_months: Number | None = None
    mean_months: Number | None = None


Fact = Annotated[
    DesignFact
    | PatientsFact
    | PatientsPerArm
    | AgeFact
    | FollowUpFact
    | PedroFact
    | IncludedFact
    | CertaintyFact
    | CrossoverFact,
    Field(discriminator="kind"),
]


class Arms(Part):
    """Values of the two arms of a difference, in the order intervention, comparator."""

    mean: tuple[Number, Number]
    sd: tuple[Number, Number] | None = None
    se: tuple[Number, Number] | None = None
    n: tuple[Size, Size] | None = None
    sources: tuple[Reference, ...] = ()
