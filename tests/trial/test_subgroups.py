"""Results within levels of a covariate, against a plain regression with an interaction, and what is refused."""

from __future__ import annotations

import dataclasses
import json
from functools import cache

import numpy as np
import pandas as pd
import pytest
from effect_trials import POINTS, QALYS, TRUTH, table, three_table, three_tree, tree_of, written

from hecon import trial
from hecon.assessment import assess_trial
from hecon.cli import main as cli
from hecon.errors import InputError, StatisticalWarning, TrialError
from hecon.locale import LANGUAGES, Locale
from hecon.report.trials import trial_data as plain_data
from hecon.report.trials import trial_document
from hecon.trial.imputation import variables_of
from hecon.trial.table.design import design_of

pytestmark = pytest.mark.usefixtures("few_samples")

# By how much the difference is larger in women than in men, as drawn.
MORE = {"cost": -300.0, "qaly": 0.05}


def split_tree(effect=QALYS, *, prespecified=True, three=False):
    """Return a design with a subgroup of the two sexes, men declared first and fewer than women."""
    whole = (three_tree if three else tree_of)(effect)
    whole["covariate"] = [{"column": "sex", "kind": "category", "levels": ["man", "woman", "other"], "adjusts": []}]
    whole["subgroup"] = [{"column": "sex", "prespecified": prespecified}]
    return whole


def split_table(seed, n=400, *, missing=0.0, three=False):
    """Return a table in which the new arm saves more and yields more in women, of whom there are more."""
    rng = np.random.default_rng(seed)
    found = (three_table if three else table)(rng, n)
    found["sex"] = np.where(rng.random(n) < 0.6, "woman", "man")
    own = (found["sex"] == "woman") & (found["arm"] == "new")
    for name, more in MORE.items():
        found[name] += more * own
        gone = rng.random(n) < missing * np.where(found["sex"] == "woman", 1.5, 0.5)
        found[name] = np.where(gone, np.nan, found[name])
    return found


def analysed(whole, data, **options):
    """Return the analysis and its subgroups."""
    checked = trial.trial_data(data, design_of(whole))
    main = trial.analyse(checked, rng=1, **options)
    return main, trial.subgroups(checked, main, rng=1)


def by_hand(data, column, start="u0"):
    """Return the differences in men and women and the interaction by ordinary least squares, with its error."""
    new, woman = data["arm"] == "new", data["sex"] == "woman"
    matrix = np.column_stack([np.ones(len(data)), woman, new, new & woman, data[start]]).astype(float)
    inverse = np.linalg.inv(matrix.T @ matrix)
    beta = inverse @ matrix.T @ data[column].to_numpy()
    rest = data[column].to_numpy() - matrix @ beta
    return beta[2], beta[2] + beta[3], beta[3], np.sqrt(inverse[3, 3] * rest @ rest / (len(data) - 5))


@pytest.mark.slow
def test_whole_data_give_the_regression_with_an_interaction():
    """Differences within levels, and by how much they differ; net benefit is made of both."""
    data = split_table(1)
    _, (found,) = analysed(split_tree(), data, replicates=4000)

    assert found.levels == ("man", "woman")
    for outcome, column in (("cost", "cost"), ("effect", "qaly")):
        man, woman, more, error = by_hand(data, column)
        own = [found.difference(level, "new", outcome).value for level in found.levels]
        assert own == pytest.approx([man, woman], rel=1e-9)
        assert found.interaction("woman", "new", outcome).value == pytest.approx(more, rel=1e-9)
        assert found.interaction("woman", "new", outcome).se == pytest.approx(error, rel=0.12)
    benefit = found.benefit_interaction("woman", "new", wtp=20_000)
    parts = [found.interaction("woman", "new", outcome).value for outcome in ("effect", "cost")]
    assert benefit.value == pytest.approx(20_000 * parts[0] - parts[1])
    assert benefit.value == pytest.approx(
        found.net_benefit("woman", "new", wtp=20_000).value - found.net_benefit("man", "new", wtp=20_000).value
    )
    low, high = benefit.interval
    assert (found.p_value("woman", "new", wtp=20_000) < 0.05) == (low > 0 or high < 0)


@pytest.mark.slow
def test_imputed_results_are_near_the_truth():
    """Values are missing more in women; the level predicts within each arm, though it adjusts nothing."""
    data = split_table(2, 600, missing=0.2)
    main, (found,) = analysed(split_tree(), data, imputations=20)
    checked = trial.trial_data(data, design_of(split_tree()))

    assert main.imputation is not None
    assert variables_of(checked).analysed[0]
    for outcome, column in (("cost", "cost"), ("effect", "qaly")):
        more = found.interaction("woman", "new", outcome)
        man = found.difference("man", "new", outcome)
        assert abs(more.value - MORE[column]) < 4 * more.se
        assert abs(man.value - TRUTH[column]) < 4 * man.se
        assert more.fmi > 0


def test_less_of_a_harm_is_a_gain_within_levels_too():
    """The sign of points is turned in net benefit alone; of three arms each has its own."""
    _, (found,) = analysed(split_tree(POINTS, three=True), split_table(3, three=True), replicates=60)
    own = found.difference("man", "intensive", "effect").value
    cost = found.difference("man", "intensive", "cost").value

    assert own < 0
    assert found.net_benefit("man", "intensive", wtp=200).value == pytest.approx(-200 * own - cost)


@cache
def reported(*, prespecified):
    """Return the assessment of a trial with a subgroup, and the results of that."""
    main, found = analysed(split_tree(prespecified=prespecified), split_table(4), replicates=60)
    return assess_trial(main, main.draws(n_draws=50, rng=1), subgroups=found), found


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_report_says_whether_it_was_prespecified(lang):
    """With each level and the interaction; the plain data have the same numbers."""
    told = {}
    for prespecified in (True, False):
        assessment, found = reported(prespecified=prespecified)
        told[prespecified] = str(trial_document(assessment, Locale(lang)).blocks)
        plain = plain_data(assessment, Locale(lang))["subgroups"][0]

    texts = {key: Locale(lang).text(f"trial_subgroup.{key}", column="sex", levels="") for key in ("heading",)}
    words = {
        "nl": ("vooraf vastgelegde subgroep", "niet vooraf vastgelegd"),
        "en": ("a prespecified", "not prespecified"),
    }
    assert words[lang][0] in told[True]
    assert words[lang][1] in told[False]
    assert texts["heading"] in told[True]
    assert {"nl": "(interactie)", "en": "(interaction)"}[lang] in told[True]
    assert plain["differences"]["new"]["interaction"]["woman"]["inmb"]["20000"]["estimate"] == pytest.approx(
        found[0].benefit_interaction("woman", "new", wtp=20_000).value
    )
    assert plain["patients"][1]["new"] == int(
        ((split_table(4)["sex"] == "woman") & (split_table(4)["arm"] == "new")).sum()
    )


def test_few_patients_of_a_level_are_not_analysed():
    """So that nobody is given away: with a warning, and a sentence in the report."""
    data = split_table(5)
    data.loc[data.index[:4], "sex"] = "other"
    checked = trial.trial_data(data, design_of(split_tree()))
    main = trial.analyse(checked, replicates=60, rng=1)
    with pytest.warns(StatisticalWarning, match="subgroup 'sex' is not analysed: fewer than 5 patients of an arm have"):
        (found,) = trial.subgroups(checked, main, rng=1)
    assessment = assess_trial(main, main.draws(n_draws=50, rng=1), subgroups=[found])

    assert (found.cells, found.patients) == (None, ())
    assert "not analysed, as fewer than 5 patients" in str(trial_document(assessment, Locale("en")).blocks)
    assert plain_data(assessment, Locale("en"))["subgroups"][0]["analysed"] is False
    with pytest.raises(InputError, match="the subgroup 'sex' must be analysed, and it is not"):
        found.difference("man", "new", "cost")


def test_what_cannot_be_fitted_is_left_out():
    """As where a cost is known of nobody in an arm and level."""
    data = split_table(6)
    data.loc[(data["sex"] == "man") & (data["arm"] == "new"), "cost"] = np.nan
    checked = trial.trial_data(data, design_of(split_tree()))
    main = trial.analyse(checked, imputations=2, rng=1)
    with pytest.warns(
        StatisticalWarning, match="subgroup 'sex' is not analysed: care, 0 to 12 months must be observed"
    ):
        (found,) = trial.subgroups(checked, main, rng=1)

    assert found.cells is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"subgroup": [{"column": "age", "prespecified": True}]}, "subgroup[0].column: must be the column of a [[cov"),
        ({"subgroup": [{"column": "sex"}]}, "subgroup[0].prespecified: is missing: add it"),
        ({"covariate": [{"column": "sex"}]}, "subgroup[0].cut_points: is missing: 'sex' is a number, whose levels"),
        (
            {"covariate": [{"column": "sex", "kind": "category"}]},
            "subgroup[0].column: must be a category with declared levels, got 'sex' without",
        ),
        ({"subgroup": [{"column": "sex", "prespecified": True}] * 2}, "subgroup[1].column: must be unique, got 'sex'"),
        ({"cluster": {"column": "centre"}}, "subgroup[0]: must be left out beside [cluster]"),
    ],
)
def test_a_fault_of_the_design_is_told(change, fault):
    """With its path and what to do."""
    with pytest.raises(TrialError) as caught:
        design_of(split_tree() | change)

    assert any(each.startswith(fault) for each in caught.value.faults)


def test_every_patient_has_a_level():
    """One of unknown level is told by its row; of a long table by all."""
    data = split_table(7).astype({"sex": object})
    data.loc[[1, 5], "sex"] = None
    with pytest.raises(TrialError) as caught:
        trial.trial_data(data, design_of(split_tree()))

    (fault,) = caught.value.faults
    assert fault.startswith("column 'sex', rows 2, 6: must tell the level of every patient of a subgroup, got none")


def test_another_trial_is_refused():
    """The analysis must be of the same data."""
    one = trial.trial_data(split_table(8), design_of(split_tree()))
    other = trial.trial_data(split_table(9), design_of(split_tree()))
    main = trial.analyse(other, replicates=60, rng=1)
    with pytest.raises(InputError, match="main must be the analysis of these data"):
        trial.subgroups(one, main)


@pytest.mark.slow
def test_from_the_file_to_the_report(tmp_path, capsys):
    """The command analyses the subgroups that the design names."""
    path = tmp_path / "trial.csv"
    pd.DataFrame(split_table(10, 600, missing=0.15)).to_csv(path, index=False)
    design = written(tmp_path / "design.toml", split_tree())
    code = cli.main(["trial", str(path), str(design), "--imputations", "10", "--draws", "200", "--format", "json"])
    (found,) = json.loads(capsys.readouterr().out)["subgroups"]
    more = found["differences"]["new"]["interaction"]["woman"]

    assert code == 0
    for name, value in (("delta_cost", MORE["cost"]), ("delta_effect", MORE["qaly"])):
        assert abs(more[name]["estimate"] - value) < 4 * more[name]["se"]


def test_a_main_analysis_by_another_design_is_refused():
    """The same table otherwise discounted: scenarios, maps and subgroups would mix two analyses."""
    data = trial.trial_data(split_table(8), design_of(split_tree()))
    main = trial.analyse(data, replicates=60, rng=1)
    other = dataclasses.replace(data, discount_cost=0.01)
    for verb in (trial.scenarios, trial.subgroups, trial.tipping_maps):
        with pytest.raises(InputError, match="main must be the analysis of these data by the same design and rules"):
            verb(other, main, rng=1)
