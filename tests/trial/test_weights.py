"""Sampling weights: weighted least squares, effective numbers, what does not take them, and a known population."""

from __future__ import annotations

import json

import numpy as np
import pytest
from effect_trials import QALYS, table, tree_of, written

from hecon import trial
from hecon.assessment import assess_trial
from hecon.cli import main as cli
from hecon.errors import InputError, StatisticalWarning, TrialError
from hecon.locale import LANGUAGES, Locale
from hecon.report.trials import trial_document
from hecon.trial.table.design import design_of


def weighted_tree(**options):
    """Return a design with sampling weights."""
    whole = tree_of(QALYS)
    whole["table"]["weight"] = "w"
    return whole | options


def weighted_table(seed, n=300, *, missing=0.0):
    """Return a table in which patients of large weight gain more."""
    rng = np.random.default_rng(seed)
    found = table(rng, n, missing=missing)
    found["w"] = rng.uniform(1, 5, n).round(2)
    found["qaly"] = np.minimum(found["qaly"] + 0.03 * (found["w"] - 3) * (found["arm"] == "new"), 1.0)
    return found


def test_whole_data_give_weighted_least_squares():
    """Estimates, and standard errors that hold whatever the variances are (a sandwich)."""
    data = weighted_table(1)
    found = trial.analyse(data, design_of(weighted_tree()), replicates=4000, rng=1).perspectives[0]
    matrix = np.column_stack([np.ones(300), data["arm"] == "new", data["u0"]]).astype(float)
    weight = data["w"].to_numpy()
    for outcome, delta in (("cost", found.delta_cost), ("qaly", found.delta_effect)):
        y = data[outcome].to_numpy()
        bread = np.linalg.inv(matrix.T @ (weight[:, None] * matrix))
        beta = bread @ matrix.T @ (weight * y)
        score = matrix * (weight * (y - matrix @ beta))[:, None]
        error = float(np.sqrt((bread @ score.T @ score @ bread)[1, 1]))
        assert delta("new").value == pytest.approx(beta[1], rel=1e-9)
        assert delta("new").se == pytest.approx(error, rel=0.06)


def test_equal_weights_change_nothing():
    """Whatever their size."""
    data = weighted_table(2)
    data["w"] = 7.0
    one = trial.analyse(data, design_of(weighted_tree()), replicates=50, rng=1).perspectives[0]
    other = trial.analyse(data, design_of(tree_of(QALYS)), replicates=50, rng=1).perspectives[0]

    assert one.delta_cost("new").value == pytest.approx(other.delta_cost("new").value, rel=1e-12)
    assert one.delta_effect("new").se == pytest.approx(other.delta_effect("new").se, rel=1e-9)
    assert one.delta_effect("new").df == pytest.approx(other.delta_effect("new").df, rel=1e-9)


def test_degrees_of_freedom_are_by_the_effective_number():
    """(sum of weights)² over the sum of their squares; weights predict what is missing."""
    data = weighted_table(3, missing=0.2)
    checked = trial.trial_data(data, design_of(weighted_tree()))
    found = trial.analyse(checked, imputations=5, rng=1)
    own = data.loc[data["arm"] == "new", "w"]

    assert checked.effective[1] == pytest.approx(own.sum() ** 2 / (own**2).sum())
    assert found.description.effective == pytest.approx(tuple(checked.effective))
    assert checked.weights.mean() == pytest.approx(1)
    assert found.imputation.variables.names[-1] == "sampling weight"
    assert found.imputation.variables.analysed[-1]
    assert found.perspectives[0].delta_cost("new").df < checked.effective.sum()


@pytest.mark.slow
def test_scenarios_that_take_no_weights_are_left_out():
    """And the report says so, in both languages, with the effective numbers."""
    checked = trial.trial_data(weighted_table(4, missing=0.2), design_of(weighted_tree()))
    main = trial.analyse(checked, imputations=5, rng=1)
    varied = trial.scenarios(checked, main, rng=1)
    for lang in LANGUAGES:
        found = assess_trial(main, main.draws(n_draws=50, rng=1), scenarios=varied)
        said = str(trial_document(found, Locale(lang)).blocks)
        assert {"nl": "steekproefgewicht", "en": "sampling weight"}[lang] in said
        assert (
            Locale(lang).text("trial_scenario.gamma-log") in said.partition("Not done" if lang == "en" else "Niet")[2]
        )

    assert not {"gamma-log", "bootstrap-single", "bootstrap-imputation"} & {each.code for each in varied}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"model": "gamma-log"},
            "model must be 'sur' with sampling weights, which others do not take, got 'gamma-log'",
        ),
        ({"method": "bootstrap-single"}, "method must be 'imputation' with sampling weights"),
    ],
)
def test_what_takes_no_weights_is_refused(options, message):
    """Another model, another way of resampling."""
    with pytest.raises(InputError, match=message):
        trial.analyse(weighted_table(5), design_of(weighted_tree()), rng=1, **options)


def test_clusters_take_no_weights():
    """The design is refused."""
    with pytest.raises(TrialError) as caught:
        design_of(weighted_tree(cluster={"column": "centre"}))

    assert caught.value.faults == (
        "table.weight: must be left out beside [cluster]: weighted patients of clusters are not analysed",
    )


@pytest.mark.parametrize(
    ("value", "fault"),
    [(0.0, "must be above 0, got a weight of 0 or less"), (np.nan, "must tell the weight of every patient, got none")],
)
def test_a_weight_is_above_0_and_known(value, fault):
    """It is told by its rows."""
    data = weighted_table(6)
    data.loc[[2, 9], "w"] = value
    with pytest.raises(TrialError) as caught:
        trial.trial_data(data, design_of(weighted_tree()))

    assert any(each.startswith(f"column 'w', rows 3, 10: {fault}") for each in caught.value.faults)


@pytest.mark.slow
def test_from_the_file_to_the_report(tmp_path, capsys):
    """Near the difference of the population that the weights stand for, and further from that of the sample."""
    path = tmp_path / "trial.csv"
    data = weighted_table(7, 600, missing=0.15)
    data.to_csv(path, index=False)
    design = written(tmp_path / "design.toml", weighted_tree())
    code = cli.main(["trial", str(path), str(design), "--imputations", "10", "--draws", "200", "--format", "json"])
    found = json.loads(capsys.readouterr().out)["perspectives"]["societal"]["differences"]["new"]["delta_effect"]
    own = data["w"]
    truth = 0.04 + 0.03 * float((own * (own - 3)).sum() / own.sum())

    assert code == 0
    assert abs(found["estimate"] - truth) < 4 * found["se"]


def test_one_weight_among_ones_is_told():
    """1,000 beside 199 ones: (1,199)² / (1,000² + 199) = 1.4 patients, of which this one bears 83%."""
    data = table(np.random.default_rng(1), 400)
    data["w"] = np.where(np.arange(400) == np.flatnonzero(data["arm"] == "new")[0], 1000.0, 1.0)
    told = r"one patient bears 83% of the sampling weight of arm 'new': its 200 patients count as 1\.4, and"
    with pytest.warns(StatisticalWarning, match=told), pytest.warns(StatisticalWarning, match="degrees of freedom"):
        found = trial.analyse(data, design_of(weighted_tree()), rng=1, replicates=50)

    (doubt,) = (each for each in found.doubts if each.code == "weight_of_one")
    assert (doubt.about["strategy"], doubt.about["n"]) == ("new", 200)
    assert doubt.about["share"] == pytest.approx(1000 / 1199)
    assert doubt.about["effective"] == pytest.approx(1199**2 / (1000**2 + 199))


@pytest.mark.filterwarnings("ignore:one patient bears", "ignore:1.0 degrees of freedom are left")
def test_draws_that_reach_far_are_not_taken_for_costs():
    """One weight of nearly all leaves less than a degree of freedom: of that there is a doubt, and no other."""
    found = weighted_table(1)
    found["w"] = np.where(np.arange(len(found)) == 3, 1e6, 1.0)
    analysed = trial.analyse(found, design_of(weighted_tree()), rng=1)
    draws = analysed.draws(n_draws=100_000, rng=0)
    assert float(abs(draws["effect"]).max()) > 200


def test_a_share_that_is_not_all_is_not_told_as_all():
    data = table(np.random.default_rng(1), 400)
    data["w"] = np.where(np.arange(400) == np.flatnonzero(data["arm"] == "new")[0], 1e6, 1.0)
    with pytest.warns(StatisticalWarning) as caught:
        trial.analyse(data, design_of(weighted_tree()), rng=1, replicates=50)

    assert "one patient bears more than 99% of the sampling weight" in str(caught[0].message)


@pytest.mark.filterwarnings("ignore:arm", "ignore:the difference in total costs")
def test_weights_that_differ_as_of_a_survey_are_not_doubted():
    """Of many patients no one bears much; nor of few patients of equal weight, though each bears a tenth or more."""
    few = table(np.random.default_rng(1), 16)
    few["w"] = 3.0
    for data in (weighted_table(4), few):
        found = trial.analyse(data, design_of(weighted_tree()), rng=1, replicates=50)
        assert "weight_of_one" not in {each.code for each in found.doubts}
