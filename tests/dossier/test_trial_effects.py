"""A comparison of a dossier takes patient data whose effect is in QALYs, as utilities over time or as totals."""

from __future__ import annotations

import pytest
from effect_trials import FALLS, POINTS, QALYS, tree_of, written

from hecon.dossier.patient_data import data_faults
from hecon.rulesets import ruleset


def faults(folder, whole):
    """Return the faults of the design of a comparison."""
    (folder / "trial.csv").write_text("id\n")
    written(folder / "design.toml", whole)
    comparison = {
        "id": "one",
        "perspective": "societal",
        "intervention": "new",
        "comparator": "usual",
        "currency": "EUR",
        "price_year": 2024,
        "horizon_months": 12,
        "data": {"file": "trial.csv", "design": "design.toml"},
    }
    return list(data_faults({"comparison": (comparison,)}, folder, ruleset()))


def test_totals_of_qalys_are_taken(tmp_path):
    """Their horizon is the last month of the design."""
    assert faults(tmp_path, tree_of(QALYS)) == []
    assert [path for path, _ in faults(tmp_path, tree_of(QALYS | {"months": [6]}))] != []


@pytest.mark.parametrize(("effect", "got"), [(POINTS, "an effect in 'point'"), (FALLS, "an effect in 'fall'")])
def test_other_effects_are_refused(tmp_path, effect, got):
    """The verdicts of a dossier are per QALY."""
    rule = f"must be a design of QALYs, got one of {got}: `hecon trial` analyses it without a dossier"
    assert ("comparison[0].data.design", rule) in faults(tmp_path, tree_of(effect))


def test_costs_alone_are_refused(tmp_path):
    """They have no effect to weigh."""
    whole = tree_of(QALYS)
    del whole["effect"]
    whole["costs_alone"] = {"months": 12}
    rule = "must be a design of QALYs, got one of costs alone: `hecon trial` analyses it without a dossier"

    assert ("comparison[0].data.design", rule) in faults(tmp_path, whole)
