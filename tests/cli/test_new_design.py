"""`hecon new --design`: a design drafted from the file of a table, and how far it is from one that runs."""

from __future__ import annotations

import re
import shlex

import numpy as np
import pandas as pd
import pytest
from twelve_files import FILES

from hecon.cli import main as cli
from hecon.errors import TrialError
from hecon.trial.table.design import read_design
from hecon.trial.table.drafting import draft_design

QUICK = ("--imputations", "2", "--replicates", "50", "--draws", "50")
MOST_EDITS = 3
# Files with a category of costs beyond care.
SOCIETAL = {"sick-leave"}


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Return a function that runs a command in a folder: its exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        try:
            code = cli.main([*map(str, arguments)])
        except SystemExit as stop:
            code = stop.code
        return (code, *capsys.readouterr())

    return command


@pytest.mark.slow
@pytest.mark.counted
@pytest.mark.parametrize("name", FILES)
def test_a_trial_file_is_analysed_after_at_most_three_edits(run, tmp_path, name):
    """The year of its amounts counts as one; every line to fill in is one that an edit fills in."""
    file = FILES[name]
    data = file.make(tmp_path)
    code, out, err = run("new", "study", "--design", data.name, *file.options)
    design = tmp_path / "study.toml"
    text = design.read_text(encoding="utf-8")

    assert (code, err) == (0, "")
    assert out.startswith("Wrote study.toml. ")
    assert len(file.edits) + bool(file.options) <= MOST_EDITS
    for old, new in file.edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    design.write_text(text, encoding="utf-8")
    code, out, err = run(*shlex.split(out.splitlines()[-1])[1:], *QUICK)

    assert code == 0, err
    # Of the societal perspective too where a category tells of work, informal care or travel.
    names = {"societal", "healthcare"} if name in SOCIETAL else {"healthcare"}
    assert set(re.findall(r"Results \(perspective: (\w+)\)", out)) == names
    assert len(read_design(design).strategies) == file.arms


def test_what_cannot_be_guessed_is_to_be_filled_in(run, tmp_path):
    """Every such line has its number, and the design is refused there until it is filled in."""
    table = {"x": ["a", "b"] * 10, "y": [1.5, 2.5, 2.5, 1.5] * 5}
    pd.DataFrame(table).to_csv(tmp_path / "trial.csv", index=False)
    code, out, _ = run("new", "--design", "trial.csv")
    lines = (tmp_path / "trial.toml").read_text(encoding="utf-8").splitlines()
    asked = re.findall(r"(\w+) in line (\d+)", out)

    assert code == 0
    wanted = {"patient", "comparator", "months", "columns", "category", "price_year"}
    assert wanted <= {key for key, _ in asked}
    assert all(lines[int(line) - 1].startswith(f"{key} = ") for key, line in asked)
    with pytest.raises(TrialError) as told:
        read_design(tmp_path / "trial.toml")
    # A cost without columns has no fault of its own as long as there is no table of patients.
    refused = {fault.partition(":")[0].removeprefix("line ") for fault in told.value.located}
    assert {line for _, line in asked} <= refused | {line for key, line in asked if key == "columns"}


def test_nothing_is_replaced_and_options_go_together(run, tmp_path):
    pd.DataFrame({"id": [1, 2]}).to_csv(tmp_path / "trial.csv", index=False)
    first, _, _ = run("new", "--design", "trial.csv")
    again, _, err = run("new", "--design", "trial.csv")

    assert (first, again) == (0, 1)
    assert "trial.toml exists and is left as it is" in err
    assert run("new")[0] == 2
    assert run("new", "knee", "--price-year", "2022")[0] == 2
    assert "name must be lower-case words" in run("new", "A b", "--design", "trial.csv")[2]
    assert "table must be an existing file" in run("new", "--design", "none.csv")[2]
    assert "table must be a file of the kind .csv" in run("new", "--design", "trial.docx")[2]


@pytest.mark.parametrize("seed", range(5))
def test_no_value_of_a_patient_is_drafted(tmp_path, seed):
    """Neither a number nor an identifier; the words of arms and of levels that five patients share are."""
    rng = np.random.default_rng(seed)
    numbers = iter(rng.permutation(np.arange(100_000, 999_999)))
    table = pd.DataFrame(
        {
            "patient": [f"id{next(numbers)}" for _ in range(40)],
            "arm": ["control", "new"] * 20,
            "age": [float(f"5.{next(numbers)}") for _ in range(40)],
            "region": ["north", "south"] * 19 + [f"r{next(numbers)}"] * 2,
            **{f"u_{month}": [float(f"0.{next(numbers)}") for _ in range(40)] for month in (0, 6)},
            "cost_6": [float(f"3.{next(numbers)}") for _ in range(40)],
            "remark": [f"fell on {next(numbers)}" for _ in range(40)],
            "sampling_weight": [float(f"1.{next(numbers)}") for _ in range(40)],
            "practice": [f"practice {next(numbers)}" for _ in range(8)] * 5,
            "died_in": [float(f"3.{next(numbers)}") if row % 9 == 0 else None for row in range(40)],
            "vital_status_6": ["alive"] * 37 + ["dead", f"dead since {next(numbers)}", f"{next(numbers)}"],
            "reason_stopped": ["overleden"] * 3 + [f"overleden, {next(numbers)}"] + [None] * 36,
        }
    )
    path = tmp_path / "trial.csv"
    table.to_csv(path, index=False)
    markers = set(re.findall(r"\d{6}", table.to_csv()))
    text = draft_design(path).text

    assert 'column = "region"' in text
    assert {'# weight = "sampling_weight"', '# column = "practice"', '# month = "died_in"'} <= set(text.splitlines())
    assert not markers & set(re.findall(r"\d{6}", text))
