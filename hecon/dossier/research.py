"""The part [research] of a dossier: who face the decision, and what a further study would take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.dossier.figures import FigureName
from hecon.files.faults import Fault, ids_in, near, shown, tables
from hecon.files.parts import Number, Part, Sources, Text, is_number, not_above_0

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FurtherStudy", "Research", "research_faults"]


class FurtherStudy(Part):
    """What a further study of the same design would take; amounts are in the currency of the comparison.

    Attributes
    ----------
    fixed_cost, cost_per_patient : number, costs of the study whatever its size, and of each participant
    recruited_per_year : number, participants in both arms together
    analysis_months : number, months between the last measurement and the result
    basis : Text, what these rest on
    sources : tuple of Reference
    """

    fixed_cost: Number
    cost_per_patient: Number
    recruited_per_year: Number
    analysis_months: Number = 0
    basis: Text
    sources: Sources


class Research(Part):
    """For the value of further research.

    Attributes
    ----------
    population : str
        Id of the [[figure]] that counts the patients who face the decision [per year], whatever they then get.
    study : FurtherStudy or None
    """

    population: FigureName
    study: FurtherStudy | None = None


def research_faults(tree: dict[str, Any]) -> Iterator[Fault]:
    """Yield a population that is no single count on file, and amounts that are out of range."""
    part = tree.get("research")
    if not isinstance(part, dict):
        return
    name, figures = part.get("population"), {str(item.get("id")): item for _, item in tables(tree, "figure")}
    if isinstance(name, str) and name not in figures:
        hint = near(name, ids_in(tree, "figure"), listed="on file are")
        yield "research.population", f"must be the id of a [[figure]], got {shown(name)}{hint}"
    elif isinstance(name, str):
        value = figures[name].get("value")
        if value is None or (is_number(value) and value <= 0):
            got = "a range or series" if value is None else shown(value)
            yield "research.population", f"must be a figure with one value above 0, patients per year, got {got}"
    study = part.get("study")
    for key in ("fixed_cost", "cost_per_patient", "analysis_months"):
        value = study.get(key) if isinstance(study, dict) else None
        if is_number(value) and value < 0:
            yield f"research.study.{key}", f"must be at least 0, got {shown(value)}"
    yield from not_above_0(study, ["recruited_per_year"], "research.study")
