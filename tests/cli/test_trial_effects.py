"""From the file of a trial to its report by the command, where the effect is not made of utilities."""

from __future__ import annotations

import json

import numpy as np
import pytest
from effect_trials import FALLS, POINTS, QALYS, THREE, TRUTH, table, three_table, three_tree, tree_of, written

from hecon.cli import main as cli
from hecon.locale import LANGUAGES, Locale

QUICK = ("--imputations", "10", "--replicates", "50", "--draws", "500")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Return the path of a table of known truth, some of it missing."""
    path = tmp_path_factory.mktemp("trial") / "trial.csv"
    table(np.random.default_rng(8), 400, missing=0.2).to_csv(path, index=False)
    return path


@pytest.fixture
def run(data, tmp_path, capsys):
    """Return a function that runs the command on a design and returns its output."""

    def command(tree, *options, data=data):
        design = written(tmp_path / "design.toml", tree)
        code = cli.main(["trial", str(data), str(design), *QUICK, *options])
        assert code == 0
        return capsys.readouterr().out

    return command


@pytest.mark.slow
@pytest.mark.parametrize(
    ("effect", "truth"), [(QALYS, "qaly"), (POINTS, "points"), (FALLS, "falls")], ids=["totals", "points", "events"]
)
def test_estimates_are_near_the_truth(run, effect, truth):
    """From the file to the report: differences within four standard errors of what was drawn."""
    found = json.loads(run(tree_of(effect), "--format", "json"))["perspectives"]["societal"]["differences"]["new"]

    for name, value in (("delta_cost", TRUTH["cost"]), ("delta_effect", TRUTH[truth])):
        assert abs(found[name]["estimate"] - value) < 4 * found[name]["se"]


@pytest.mark.slow
@pytest.mark.parametrize(("effect", "key"), [(QALYS, "qaly"), (POINTS, "points")], ids=["totals", "points"])
def test_three_arms_from_the_file_to_the_report(run, tmp_path, effect, key):
    """Each against the comparator near the truth, and all by the efficiency frontier."""
    path = tmp_path / "three.csv"
    three_table(np.random.default_rng(9), missing=0.2).to_csv(path, index=False)
    found = json.loads(run(three_tree(effect), "--format", "json", data=path))["perspectives"]["societal"]
    status = {each["strategy"]: each["status"] for each in found["frontier"]}

    for name, cost, gain in list(zip(THREE["names"], THREE["cost"], THREE[key], strict=True))[1:]:
        for outcome, value in (("delta_cost", cost), ("delta_effect", gain)):
            own = found["differences"][name][outcome]
            assert abs(own["estimate"] - value) < 4 * own["se"]
    assert status["intensive"] == ("dominated" if key == "qaly" else "frontier")


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_points_are_points_throughout(run, lang):
    """No QALY and no reference value stands in the report of another effect; its own values do."""
    out = run(tree_of(POINTS), "--lang", lang).replace("\n", " ")

    assert "QALY" not in out
    assert "Zorginstituut" not in out
    assert "20,000" not in out
    assert "20.000" not in out
    assert "WOMAC score" in out
    assert {"nl": "minder is beter", "en": "less is better"}[lang] in out
    assert {"nl": "\N{EURO SIGN}\N{NO-BREAK SPACE}200 per point", "en": "\N{EURO SIGN}200 per point"}[lang] in out


@pytest.mark.slow
def test_without_a_value_no_option_is_preferred(run):
    """Unless values are given on the command line."""
    without = run(tree_of(FALLS))
    given = json.loads(run(tree_of(FALLS), "--wtp", "1000", "--format", "json"))["conclusion"]

    assert "no option is preferred, as there is no value of one fall to weigh costs by" in without
    assert "Probability cost-effective" not in without
    assert [each["value"] for each in given["perspectives"]["societal"]["values"]] == [1000]


def test_a_map_of_other_effects_is_refused_before_the_analysis(data, tmp_path, capsys):
    """The analysis was done, and then refused by a message that named no option."""
    design = written(tmp_path / "design.toml", tree_of(FALLS))
    capsys.readouterr()

    assert cli.main(["trial", str(data), str(design), "--tipping"]) == 1
    assert "--tipping must be left out of a trial of another effect than QALYs" in capsys.readouterr().err


@pytest.mark.slow
def test_other_assumptions_on_what_is_missing_reach_the_report(tmp_path, capsys):
    """The command takes an arm of reference and draws the map of a trial made by `--example`."""
    assert cli.main(["trial", "--example", str(tmp_path)]) == 0
    design = tmp_path / "meniscus-simulated.toml"
    text = design.read_text(encoding="utf-8")
    design.write_text(text + '\n[deviation]\nafter = "last-utility"\n', encoding="utf-8")
    options = ("--reference-based", "jump-to-reference", "--tipping", "--perspective", "societal")
    capsys.readouterr()

    data = str(design.with_suffix(".csv"))
    assert cli.main(["trial", data, str(design), *QUICK, *options, "--format", "md"]) == 0
    told = capsys.readouterr().out
    for key in ("heading", "rule_last-utility", "jump-to-reference", "tipping_heading"):
        assert Locale("en").text(f"trial_departure.{key}", reference="surgery") in told
