"""The command `hecon trial` on Stata and SPSS files whose value labels contradict the design, or say missing."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from hecon.cli import main as cli

DESIGN = """
format = 1
name = "small"
[table]
layout = "wide"
patient = "id"
[arm]
column = "arm"
comparator = "usual"
interventions = ["new"]
values = {values}
[utility]
months = [0, 12]
columns = ["u0", "u12"]
[[cost]]
category = "care"
columns = ["care"]
price_year = 2024
{cost}
[perspective]
societal = ["care"]
[analysis]
price_year = 2024
"""
CODES = "{ usual = 0, new = 1 }"
LABELS = '{ usual = "usual care", new = "New programme" }'
QUICK = ("--imputations", "2", "--replicates", "50", "--draws", "200", "--format", "json")


def table():
    """Return a trial in which 9999 stands for an unknown cost."""
    rng = np.random.default_rng(2)
    found = pd.DataFrame({"id": np.arange(24.0), "arm": np.arange(24) % 2})
    found = found.assign(u0=rng.uniform(0.3, 0.9, 24), u12=rng.uniform(0.3, 0.9, 24))
    found["care"] = np.tile([400, 500, 600], 8) + 460 * found["arm"]
    return found


@pytest.fixture
def run(capsys, tmp_path):
    """Return a function that writes a file with labels and runs the command on it."""

    def command(frame, suffix, *, values=CODES, cost="", missing=None, **labels):
        path, design = tmp_path / f"trial{suffix}", tmp_path / "trial.toml"
        if suffix == ".dta":
            pyreadstat.write_dta(frame, str(path), variable_value_labels=labels, version=15)
        else:
            pyreadstat.write_sav(frame, str(path), variable_value_labels=labels, missing_ranges=missing)
        design.write_text(DESIGN.format(values=values, cost=cost), encoding="utf-8")
        code = cli.main(["trial", str(path), str(design), *QUICK])
        return (code, *capsys.readouterr())

    return command


def difference(out):
    return json.loads(out)["perspectives"]["societal"]["differences"]["new"]["delta_cost"]["estimate"]


@pytest.mark.parametrize("suffix", [".dta", ".sav"])
@pytest.mark.no_cover
def test_arms_that_their_labels_contradict_are_refused_until_they_are_given_by_label(run, suffix):
    """Read by its codes the trial would show a difference of the other sign."""
    turned = {0: "New programme", 1: "Usual care"}
    code, out, err = run(table(), suffix, arm=turned)
    assert (code, out) == (1, "")
    assert "code 0 is 'usual' by the design and 'New programme' by its label, which names 'new'" in err

    code, out, _ = run(table(), suffix, values=LABELS, arm=turned)
    assert code == 0
    assert difference(out) == pytest.approx(-460, abs=60)
    code, out, _ = run(table(), suffix, arm={0: "Usual care", 1: "New programme"})
    assert difference(out) == pytest.approx(460, abs=60)


@pytest.mark.parametrize("suffix", [".dta", ".sav"])
@pytest.mark.no_cover
def test_a_code_that_the_file_labels_as_unknown_is_asked_about(run, suffix):
    frame = table()
    frame.loc[[3, 8], "care"] = 9999
    code, out, err = run(frame, suffix, care={9999: "onbekend"})
    assert (code, out) == (1, "")
    assert "column 'care', rows 4, 9: must not take a code for a value that the file labels as none" in err

    code, out, _ = run(frame, suffix, cost="missing = [9999]", care={9999: "onbekend"})
    (care,) = [each for each in json.loads(out)["reading"]["missing"] if each["name"] == "care"]
    assert (code, care["codes"], care["declared"]) == (0, {"9999": 2}, 0)


def test_what_a_file_declares_missing_is_counted_apart(run):
    frame = table()
    frame.loc[[3, 8], "care"] = 9999
    code, out, _ = run(frame, ".sav", missing={"care": [9999]}, care={9999: "onbekend"})
    (care,) = [each for each in json.loads(out)["reading"]["missing"] if each["name"] == "care"]

    assert code == 0
    assert (care["empty"], care["declared"]) == (0, 2)
