"""A trial with deaths, from its file to its report."""

import json

import dying
import numpy as np
import pytest

from hecon.cli import main as cli

pytestmark = pytest.mark.slow
QUICK = ("--imputations", "20", "--replicates", "100", "--draws", "1000")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return the paths of a simulated trial's table and design."""
    folder = tmp_path_factory.mktemp("dying")
    whole, table = dying.simulate(np.random.default_rng(12), 150)
    table.to_csv(folder / "dying.csv", index=False)
    (folder / "dying.toml").write_text(dying.DESIGN, encoding="utf-8")
    return whole, folder / "dying.csv", folder / "dying.toml"


def test_estimates_are_those_of_the_same_trial_complete(files, capsys):
    """Within two standard errors of a plain regression without missing values; the deaths are told."""
    whole, table, design = files
    assert cli.main(["trial", str(table), str(design), *QUICK, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    difference = found["perspectives"]["healthcare"]["differences"]["new"]
    regressors = np.column_stack([np.ones(300), whole["arm"] == "new", whole["u0"]])
    for key, outcome in zip(("delta_cost", "delta_effect"), dying.outcomes(whole), strict=True):
        expected = np.linalg.lstsq(regressors, outcome, rcond=None)[0][1]
        assert abs(difference[key]["estimate"] - expected) < 2 * difference[key]["se"]

    died = whole.groupby("arm")["died_in"].count()
    assert found["deaths"] == {
        "died": {"usual": died["usual"], "new": died["new"]},
        "unknown": {"usual": 0, "new": 0},
        "dated": "month",
        "before": "line",
        "estimand": "composite",
    }
    last = next(row for row in found["table_1"] if row["months"] == [24])
    assert last["dead"] == found["deaths"]["died"]
    for arm, dead in last["dead"].items():
        assert last["observed"][arm] + last["missing"][arm] + dead == found["patients"][arm] == 150


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        (
            "en",
            (
                "composite estimand, ICH E9(R1)",
                "usual: n / missing / died",
                "straight line to 0 at death",
                "more of the dead than",
            ),
        ),
        (
            "nl",
            (
                "samengestelde estimand, ICH E9(R1)",
                "usual: n / ontbreekt / overleden",
                "rechte lijn tot 0",
                "oververtegenwoordigd",
            ),
        ),
    ],
)
def test_the_report_says_how_deaths_count(files, tmp_path, lang, told):
    """In the setting, the table of patients, those over time, and the methods."""
    _, table, design = files
    arguments = ["trial", str(table), str(design), *QUICK, "--lang", lang, "--format", "md", "--out", str(tmp_path)]
    assert cli.main(arguments) == 0
    text = (tmp_path / f"dying.{lang}.md").read_text(encoding="utf-8")
    for each in told:
        assert each in text
