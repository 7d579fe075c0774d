"""Results below and from cut points of a number, against a plain regression, a simulated truth, and what is refused."""

from __future__ import annotations

import json

import dying
import numpy as np
import pandas as pd
import pytest
from effect_trials import QALYS, TRUTH, table, tree_of, written

from hecon import trial
from hecon.assessment import assess_trial
from hecon.cli import main as cli
from hecon.errors import StatisticalWarning, TrialError
from hecon.locale import LANGUAGES, Locale
from hecon.report.trials import trial_data as plain_data
from hecon.report.trials import trial_document
from hecon.trial.imputation import variables_of
from hecon.trial.table.design import design_of
from hecon.trial.table.design_keys import Subgroup
from hecon.trial.table.patients import cut_levels

pytestmark = pytest.mark.usefixtures("few_samples")

# By how much the difference is larger from 65 on, as drawn.
MORE = {"cost": -300.0, "qaly": 0.05}
WITHIN = ("< 65", ">= 65")


def cut_tree(*cuts, adjusts=("cost", "effect"), prespecified=True):
    """Return a design with a subgroup of age."""
    whole = tree_of(QALYS)
    whole["covariate"] = [{"column": "age", "adjusts": list(adjusts)}]
    whole["subgroup"] = [{"column": "age", "prespecified": prespecified, "cut_points": list(cuts)}]
    return whole


def aged(seed, n=400, *, missing=0.0):
    """Return a table in which the new arm saves more and yields more from 65 on, and costs rise with age."""
    rng = np.random.default_rng(seed)
    found = table(rng, n)
    found["age"] = rng.integers(50, 86, n)
    old = found["age"] >= 65
    found["cost"] += 500 + 10.0 * (found["age"] - 50)
    for name, more in MORE.items():
        found[name] += more * (old & (found["arm"] == "new"))
        found[name] = np.where(rng.random(n) < missing * np.where(old, 1.5, 0.5), np.nan, found[name])
    return found


def analysed(whole, data, **options):
    """Return the analysis and its subgroups."""
    checked = trial.trial_data(data, design_of(whole))
    main = trial.analyse(checked, rng=1, **options)
    return main, trial.subgroups(checked, main, rng=1)


def by_hand(data, column, *, adjusted):
    """Return the differences below and from 65 and the interaction by ordinary least squares."""
    new, old = data["arm"] == "new", data["age"] >= 65
    matrix = [np.ones(len(data)), old, new, new & old, data["u0"], *([data["age"]] if adjusted else [])]
    beta = np.linalg.lstsq(np.column_stack(matrix).astype(float), data[column].to_numpy(), rcond=None)[0]
    return beta[2], beta[2] + beta[3], beta[3]


@pytest.mark.parametrize("adjusted", [True, False])
def test_whole_data_give_the_regression_with_an_interaction(adjusted):
    """The number adjusts within its levels where it adjusts the main analysis."""
    data = aged(1)
    whole = cut_tree(65, adjusts=("cost", "effect") if adjusted else ())
    _, (found,) = analysed(whole, data, replicates=100)

    assert (found.levels, found.cut_points) == (WITHIN, (65.0,))
    for outcome, column in (("cost", "cost"), ("effect", "qaly")):
        young, old, more = by_hand(data, column, adjusted=adjusted)
        own = [found.difference(level, "new", outcome).value for level in found.levels]
        assert own == pytest.approx([young, old], rel=1e-8)
        assert found.interaction(">= 65", "new", outcome).value == pytest.approx(more, rel=1e-8)


def test_a_cut_point_begins_a_level():
    """A patient of exactly that age is in the level from there on; every patient is in one."""
    data = aged(2)
    checked = trial.trial_data(data, design_of(cut_tree(60, 65, 75.5)))
    (own,) = checked.subgroups
    wanted = [
        int(((data["age"] >= low) & (data["age"] < high)).sum())
        for low, high in ((0, 60), (60, 65), (65, 75.5), (75.5, 200))
    ]

    assert own.levels == ("< 60", "60 to < 65", "65 to < 75.5", ">= 75.5")
    assert np.bincount(own.codes).tolist() == wanted
    assert (data["age"] == 65).any()
    assert cut_levels((-0.5, 10_000_000.0)) == ("< -0.5", "-0.5 to < 10000000", ">= 10000000")


def test_levels_predict_in_the_imputation_beside_the_number():
    """A dummy of each level but the first, which adjusts nothing and stands in no table of patients."""
    checked = trial.trial_data(aged(3, missing=0.2), design_of(cut_tree(60, 70)))
    variables = variables_of(checked)
    places = [variables.names.index(name) for name in ("age 60 to < 70", "age >= 70")]
    main = trial.analyse(checked, imputations=2, rng=1)

    assert variables.analysed[places].all()
    assert np.array_equal(variables.living[:, places[1]], checked.subgroups[0].codes == 2)
    assert main.settings["adjusts"] == {"age": ["cost", "effect"]}
    assert [row.name for row in main.description.rows if row.kind == "covariate"] == ["age"]


@pytest.mark.slow
def test_imputed_results_are_near_the_truth():
    """Values are missing more from 65 on; the mean of many trials is within their error of what was drawn."""
    found = []
    for seed in range(24):
        _, (own,) = analysed(cut_tree(65), aged(100 + seed, 500, missing=0.2), imputations=5, replicates=50)
        young = [own.difference("< 65", "new", of).value for of in ("cost", "effect")]
        more = [own.interaction(">= 65", "new", of) for of in ("cost", "effect")]
        found.append([*young, *(each.value for each in more)])
        assert all(each.fmi > 0 for each in more)
    found = np.array(found)
    truth = [TRUTH["cost"], TRUTH["qaly"], MORE["cost"], MORE["qaly"]]

    assert np.all(np.abs(found.mean(axis=0) - truth) < 3.5 * found.std(axis=0, ddof=1) / np.sqrt(len(found)))


WORDS = {
    "nl": ("onder 60,5", "60,5 tot 70", "70 of meer", "70 of meer min onder 60,5 (interactie)", "tussen grenzen"),
    "en": ("below 60.5", "60.5 to below 70", "70 or more", "70 or more minus below 60.5 (interaction)", "cut points"),
}


@pytest.fixture(scope="module")
def of_three_levels():
    """Return the assessment of a trial with three levels of age."""
    main, found = analysed(cut_tree(60.5, 70), aged(4), replicates=60)
    return assess_trial(main, main.draws(n_draws=50, rng=1), subgroups=found)


@pytest.mark.slow
@pytest.mark.counted
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_report_words_the_levels(of_three_levels, lang):
    """In the language's numbers; the plain data have the names and the cut points."""
    assessment = of_three_levels
    told = str(trial_document(assessment, Locale(lang)).blocks)
    (plain,) = plain_data(assessment, Locale(lang))["subgroups"]

    assert [each for each in WORDS[lang] if each not in told] == []
    assert (plain["levels"], plain["cut_points"]) == (["< 60.5", "60.5 to < 70", ">= 70"], [60.5, 70.0])
    assert set(plain["differences"]["new"]["within"]) == set(plain["levels"])


@pytest.mark.parametrize("cut", [54, 84.5, 90])
def test_few_patients_or_none_of_a_level_are_not_analysed(cut):
    """As of a category: with a warning, and a sentence in the report."""
    data = aged(5)
    data.loc[data["age"] < 54, "age"] = 60
    data.loc[data["age"] > 84, "age"] = 80
    data.loc[data.index[:2], "age"] = [51, 85]
    checked = trial.trial_data(data, design_of(cut_tree(cut)))
    main = trial.analyse(checked, replicates=60, rng=1)
    with pytest.warns(StatisticalWarning, match="subgroup 'age' is not analysed: fewer than 5 patients of an arm have"):
        (found,) = trial.subgroups(checked, main, rng=1)
    assessment = assess_trial(main, main.draws(n_draws=50, rng=1), subgroups=[found])

    assert found.cells is None
    assert "not analysed, as fewer than 5 patients" in str(trial_document(assessment, Locale("en")).blocks)


NONE = "subgroup[0].cut_points: is missing: 'age' is a number, whose levels must be declared"
AGE = {"column": "age", "prespecified": True}
SEX = {"column": "sex", "kind": "category", "levels": ["man", "woman"]}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            {"subgroup": [AGE]},
            f'{NONE}, as in cut_points = [65], or give its [[covariate]] kind = "category" and levels',
        ),
        ({"subgroup": [AGE | {"cut_points": [75, 65]}]}, "subgroup[0].cut_points: must rise, got 75, 65"),
        ({"subgroup": [AGE | {"cut_points": [65, 65]}]}, "subgroup[0].cut_points: must rise, got 65, 65"),
        (
            {"subgroup": [AGE | {"cut_points": []}]},
            "subgroup[0].cut_points: must be a list of numbers, as in [65] or [65, 75], got 0 of them",
        ),
        (
            {"subgroup": [AGE | {"cut_points": ["65"]}]},
            "subgroup[0].cut_points[0]: must be a number without quotes, got '65'",
        ),
        (
            {"subgroup": [AGE | {"column": "sex", "cut_points": [65]}], "covariate": [SEX]},
            "subgroup[0].cut_points: must be left out: 'sex' is a category, which has levels",
        ),
    ],
)
def test_a_fault_of_the_design_is_told(change, fault):
    """Nothing is divided at a place that the design does not declare."""
    with pytest.raises(TrialError) as caught:
        design_of(cut_tree(65) | change)

    assert caught.value.faults == (fault,)


def test_the_remedies_of_a_number_without_cut_points_work():
    """Either of them gives a design."""
    whole = cut_tree(65)
    category = {"column": "age", "kind": "category", "levels": ["old", "young"]}

    assert design_of(whole).subgroup == (Subgroup(column="age", prespecified=True, cut_points=(65,)),)
    assert design_of(whole | {"covariate": [category], "subgroup": [AGE]}).subgroup[0].cut_points is None


def test_a_missing_number_is_told_by_its_row():
    """As it is in no level; without the subgroup it is imputed."""
    data = aged(6).astype({"age": float})
    data.loc[[1, 5], "age"] = np.nan
    whole = cut_tree(65)
    with pytest.raises(TrialError) as caught:
        trial.trial_data(data, design_of(whole))

    rule = "must tell the level of every patient of a subgroup, got none: fill it in, or leave out [[subgroup]]"
    assert caught.value.faults == (f"column 'age', rows 2, 6: {rule}",)
    del whole["subgroup"]
    assert np.isnan(trial.trial_data(data, design_of(whole)).covariates).sum() == 2


@pytest.mark.slow
def test_from_the_file_to_the_report(tmp_path, capsys):
    """The command analyses it beside scenarios and a reference-based analysis, which keep its levels."""
    path = tmp_path / "trial.csv"
    pd.DataFrame(aged(7, 600, missing=0.15)).to_csv(path, index=False)
    design = written(tmp_path / "design.toml", cut_tree(65))
    code = cli.main(
        ["trial", str(path), str(design), "--scenarios", "--imputations", "10", "--draws", "200", "--format", "json"]
    )
    found = json.loads(capsys.readouterr().out)
    (own,) = found["subgroups"]
    more = own["differences"]["new"]["interaction"][">= 65"]

    assert code == 0
    assert own["cut_points"] == [65.0]
    for name, value in (("delta_cost", MORE["cost"]), ("delta_effect", MORE["qaly"])):
        assert abs(more[name]["estimate"] - value) < 4 * more[name]["se"]


@pytest.mark.slow
@pytest.mark.counted
def test_deaths_and_departures_go_with_it():
    """What else the imputation knows keeps its place, and values after a departure follow the reference."""
    whole = dying.tree()
    whole["covariate"] = [{"column": "age"}]
    whole["subgroup"] = [AGE | {"cut_points": [65]}]
    whole["deviation"] = {"after": "last-visit"}
    rng = np.random.default_rng(8)
    data = dying.simulate(rng, 80)[1]
    data["age"] = rng.integers(50, 86, len(data))
    checked = trial.trial_data(data, design_of(whole))
    names = variables_of(checked).names

    assert names.index("age >= 65") == len(names) - 3
    assert names[variables_of(checked).interval] == "QALYs of the interval of death"
    moved = []
    for method in (None, "jump-to-reference"):
        main = trial.analyse(checked, imputations=5, reference_based=method, rng=1)
        (found,) = trial.subgroups(checked, main, rng=1)
        weight = np.array([np.mean(checked.subgroups[0].codes == place) for place in (0, 1)])
        within = weight @ [found.difference(level, "new", "effect").value for level in WITHIN]
        moved.append((within, main.perspectives[0].delta_effect("new").value))
    (within, whole), (later_within, later) = moved
    assert within - whole == pytest.approx(0, abs=0.05)
    assert later_within - within == pytest.approx(later - whole, abs=0.1 * abs(later - whole))
