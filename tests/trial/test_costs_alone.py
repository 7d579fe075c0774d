"""Costs compared without effects: differences against a plain regression, and when that is a cost-minimisation."""

from __future__ import annotations

import json

import numpy as np
import pytest
from effect_trials import QALYS, TRUTH, regression, table, tree_of, written

from hecon import trial
from hecon.assessment import assess_trial
from hecon.cli import main as cli
from hecon.errors import InputError, TrialError
from hecon.locale import LANGUAGES, Locale
from hecon.report.trials import trial_data, trial_document
from hecon.trial.table.design import design_of

pytestmark = pytest.mark.usefixtures("few_samples")

SHOWN = {"outcome": "DASH score", "margin": 10, "interval": [-3.1, 5.5], "source": "Jansen 2024, table 2"}


def costs_tree(**alone):
    """Return a design of costs alone, with costs before the start."""
    whole = tree_of(QALYS)
    del whole["effect"]
    whole["costs_alone"] = {"months": 12, **alone}
    whole["cost"][0]["baseline"] = "before"
    return whole


def costs_table(seed, **options):
    """Return a table with costs before the start, which go with those after it."""
    rng = np.random.default_rng(seed)
    found = table(rng, **options)
    return found.assign(before=rng.gamma(2.0, 100.0, len(found)) + 0.1 * found["cost"].fillna(1200))


def assessed(whole, data, **options):
    found = trial.analyse(data, design_of(whole), replicates=60, rng=1, **options)
    return assess_trial(found, None)


def test_the_difference_is_that_of_the_plain_regression():
    """Adjusted for the costs before the start alone."""
    data = costs_table(1)
    found = trial.analyse(data, design_of(costs_tree()), replicates=4000, rng=1).perspectives[0]
    by_hand, error = regression(data["cost"].to_numpy(), data["before"].to_numpy())

    assert found.delta_cost("new").value == pytest.approx(by_hand, rel=1e-9)
    assert found.delta_cost("new").se == pytest.approx(error, rel=0.06)
    assert abs(by_hand - TRUTH["cost"]) < 4 * error
    assert found.delta_effect("new").value == found.delta_effect("new").se == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_effect_and_no_ratio_is_told(lang):
    """In neither language, in no part; the plain data neither."""
    found = assessed(costs_tree(), costs_table(2, missing=0.2), imputations=5)
    said = str(trial_document(found, Locale(lang)).blocks)
    plain = trial_data(found, Locale(lang))
    difference = plain["perspectives"]["societal"]["differences"]["new"]

    # What is said of costs alone speaks of effects that are not there.
    said = said.replace("hangt af van effecten", "").replace("depends on effects", "")
    for word in ("QALY", "ICER", "utilit", "effecten", "effects", "{option"):
        assert word not in said
    assert set(difference) == {"delta_cost", "p_lower_costs", "p_lower_costs_monte_carlo_se", "complete_case"}
    assert plain["conclusion"]["perspectives"]["societal"]["preferred"] == "usual"
    assert difference["p_lower_costs"] < 0.025
    assert {"nl": "Kostenvergelijking", "en": "Cost comparison"}[lang] in said
    assert {"nl": "minimalisatie", "en": "minimisation"}[lang] not in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_cost_minimisation_needs_equivalence(lang):
    """What showed it is told with its margin and its source."""
    said = str(trial_document(assessed(costs_tree(equivalence=SHOWN), costs_table(2)), Locale(lang)).blocks)

    assert {"nl": "Kostenminimalisatieanalyse", "en": "Cost-minimisation analysis"}[lang] in said
    assert "DASH score" in said
    assert "Jansen 2024, table 2" in said
    assert {"nl": "−3,1 tot 5,5", "en": "−3.1 to 5.5"}[lang] in said


@pytest.mark.parametrize(
    ("interval", "fault"),
    [
        ([-3.1, 10.5], "must lie within the margin, -10 to 10, got -3.1 to 10.5: equivalence was not shown"),
        ([-10, 2], "must lie within the margin, -10 to 10, got -10 to 2: equivalence was not shown"),
        ([5, -5], "must run upwards, got 5 to -5"),
    ],
)
def test_what_does_not_show_equivalence_is_refused(interval, fault):
    """An interval that reaches the margin, or runs backwards."""
    with pytest.raises(TrialError) as caught:
        design_of(costs_tree(equivalence=SHOWN | {"interval": interval}))

    assert len(caught.value.faults) == 1
    assert caught.value.faults[0].startswith(f"costs_alone.equivalence.interval: {fault}")


def test_what_needs_effects_is_refused():
    """Draws, and a willingness to pay."""
    data = costs_table(3)
    found = trial.analyse(data, design_of(costs_tree()), replicates=60, rng=1)
    other = trial.analyse(table(np.random.default_rng(1)), design_of(tree_of(QALYS)), replicates=60, rng=1)

    with pytest.raises(InputError, match="draws must have effects, which the trial 'outcomes' of costs alone has not"):
        found.draws(n_draws=10)
    with pytest.raises(InputError, match="wtp must be left out of a comparison of costs alone"):
        assess_trial(found, None, wtp=[100])
    with pytest.raises(InputError, match="draws must be those of the analysis, or None where it compares costs alone"):
        assess_trial(other, None)


@pytest.mark.slow
def test_scenarios_are_of_costs():
    """What is about effects is not done, and not missed."""
    data = trial.trial_data(costs_table(4, missing=0.2), design_of(costs_tree()))
    found = trial.analyse(data, imputations=5, rng=1)
    varied = trial.scenarios(data, found, rng=1)
    said = str(trial_document(assess_trial(found, None, scenarios=varied), Locale("en")).blocks)

    assert {each.code for each in varied} == {
        "main", "complete-case", "gamma-log", "scaled", "bootstrap-single", "bootstrap-imputation",
        "dearer-intervention",
    }  # fmt: skip
    assert "utilities 0.05 lower" not in said
    assert "P (lower costs)" in said


@pytest.mark.slow
def test_from_the_file_to_the_report(tmp_path, capsys):
    """The command, with values that it must refuse and without."""
    path = tmp_path / "trial.csv"
    costs_table(5, n=400, missing=0.2).to_csv(path, index=False)
    options = ["trial", str(path), str(written(tmp_path / "design.toml", costs_tree())), "--imputations", "10"]
    code = cli.main([*options, "--format", "json"])
    found = json.loads(capsys.readouterr().out)["perspectives"]["societal"]["differences"]["new"]["delta_cost"]
    refused = cli.main([*options, "--wtp", "100"])

    assert code == 0
    assert abs(found["estimate"] - TRUTH["cost"]) < 4 * found["se"]
    assert refused != 0
    assert "--wtp must be left out of a comparison of costs alone" in capsys.readouterr().err
