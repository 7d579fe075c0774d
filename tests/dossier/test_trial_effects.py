"""A dossier takes patient data of any effect, counted so that more is better, and none of costs alone."""

from __future__ import annotations

import pytest
from effect_trials import FALLS, POINTS, QALYS, tree_of, written

from hecon.dossier.comparison_data import REMEDY, data_faults, fill_settings
from hecon.rulesets import ruleset

DAYS = {"unit": "pain-free day", "better": "more", "summary": "total", "months": [12], "columns": ["days"]}
UNITS = {"point averted": POINTS, "fall averted": FALLS, "pain-free day": DAYS}


def comparison(folder, whole, **stated):
    """Write the design of a comparison; return the comparison."""
    (folder / "trial.csv").write_text("id\n")
    written(folder / "design.toml", whole)
    return {
        "id": "one",
        "perspective": "societal",
        "intervention": "new",
        "comparator": "usual",
        "currency": "EUR",
        "price_year": 2024,
        "horizon_months": 12,
        "data": {"file": "trial.csv", "design": "design.toml"},
    } | stated


def faults(folder, whole, **stated):
    """Return the faults of the design of a comparison."""
    return list(data_faults({"comparison": (comparison(folder, whole, **stated),)}, folder, ruleset()))


def test_totals_of_qalys_are_taken(tmp_path):
    """Their horizon is the last month of the design."""
    assert faults(tmp_path, tree_of(QALYS)) == []
    assert [path for path, _ in faults(tmp_path, tree_of(QALYS | {"months": [6]}))] != []


@pytest.mark.parametrize("unit", UNITS)
def test_other_effects_are_counted_so_that_more_is_better(tmp_path, unit):
    """The unit is that of the design, of a harm what is averted; another is a fault that names both."""
    whole = tree_of(UNITS[unit])
    tree = {"comparison": (comparison(tmp_path, whole),)}
    (taken,), excused = fill_settings(tree, tmp_path, ruleset())
    (filled,) = tree["comparison"]
    turned = ", of which less is better, with signs turned" if "averted" in unit else ""

    assert (filled["effect_unit"], filled["effect_better"], taken["effect_unit"]) == (unit, "more", "design")
    assert [path for path, _ in excused] == []
    assert faults(tmp_path, whole, effect_unit=unit) == []
    for other in ("QALY", "point"):
        message = f"must be {unit}, that of effect.unit in design.toml{turned}, got {other!r}{REMEDY}"
        assert faults(tmp_path, whole, effect_unit=other) == [("comparison[0].effect_unit", message)]


def test_qalys_are_no_other_effect(tmp_path):
    """A unit that the design does not have is a fault, and none is taken."""
    message = f"must be QALY, the unit of the effect in design.toml, got 'point'{REMEDY}"
    (taken,), _ = fill_settings({"comparison": (comparison(tmp_path, tree_of(QALYS)),)}, tmp_path, ruleset())

    assert faults(tmp_path, tree_of(QALYS), effect_unit="point") == [("comparison[0].effect_unit", message)]
    assert "effect_unit" not in taken


def test_costs_alone_are_refused(tmp_path):
    """They have no effect to weigh."""
    whole = tree_of(QALYS)
    del whole["effect"]
    whole["costs_alone"] = {"months": 12}
    rule = (
        "must be a design with an effect, got one of costs alone, of which a dossier has no comparison: `hecon trial` "
        "analyses it without a dossier"
    )

    assert ("comparison[0].data.design", rule) in faults(tmp_path, whole)
