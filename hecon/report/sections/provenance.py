"""Annex: digest, draws, seed and versions, by which the note can be made again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.report.document import Block, Bullets, Heading
from hecon.report.isolating import isolate
from hecon.report.words.common import by_rules

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.locale import Locale


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return what the results come from."""
    found = assessment.provenance
    seed = found["seed"]
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    items = [
        locale.text("provenance.dossier", name=found["dossier"], digest=found["digest"]),
        locale.text("provenance.versions", versions=versions),
    ]
    # Where nothing was computed, no draws and no reference values were used.
    if assessment.comparisons or assessment.burden is not None:
        draws = locale.text(
            "provenance.draws",
            n=locale.number(found["n_draws"]),
            seed=seed if seed is not None else locale.text("provenance.no_seed"),
        )
        items = [
            items[0],
            draws,
            items[1],
            by_rules("provenance.reference_values", assessment.rules, locale),
        ]
    if "rules" in found:
        told = {"file": isolate(found["rules"]), "digest": found["rules_digest"]}
        on = assessment.rules.on
        day = {} if on is None else {"on": locale.date(on)}
        items.insert(1, locale.text("provenance.rules_on" if day else "provenance.rules", **told, **day))
    for each in found.get("patient_data", ()):
        shown = {name: isolate(value) for name, value in each.items()}
        items.append(locale.text("trial_note.provenance", **shown))
    for each in found.get("model_draws", ()):
        shown = {name: isolate(value) for name, value in each.items()}
        items.append(locale.text("model_note.provenance", **shown))
    return [Heading(2, locale.text("provenance.heading")), Bullets(tuple(items))]


def data(assessment: Assessment, _: Locale) -> dict[str, Any]:
    """Return the same as plain data."""
    return {"provenance": assessment.provenance}
