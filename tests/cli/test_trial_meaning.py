"""The command `hecon trial` on tables whose codes, marks, labels or clusters could mean two things."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from hecon.cli import main as cli

QUICK = ("--imputations", "2", "--replicates", "50", "--draws", "200")
DESIGN = """
format = 1
name = "small"
[table]
layout = "wide"
patient = "id"
{table}
[arm]
column = "arm"
comparator = "usual"
interventions = ["new"]
values = {{ usual = 0, new = 1 }}
[[covariate]]
column = "work"
kind = "category"
levels = ["no", "yes"]
[utility]
months = [0, 12]
columns = ["u0", "u12"]
{utility}
[[cost]]
category = "visits"
columns = ["visits"]
price = 40
price_year = 2022
[perspective]
societal = ["visits"]
[analysis]
price_year = 2024
"""


def table(size=24):
    """Return a trial of two arms of twelve; in one of them one patient has work, and 9 means missing in a utility."""
    rng = np.random.default_rng(2)
    found = pd.DataFrame(
        {
            "id": [f"P{number}" for number in range(size)],
            "arm": np.arange(size) % 2,
            "work": np.where(np.arange(size) % 4 == 1, "yes", "no"),
            "u0": rng.uniform(0.3, 0.9, size).round(2),
            "u12": rng.uniform(0.3, 0.9, size).round(2),
            "visits": np.tile([4, 7, 9, 10, 12, 14], size // 6),
            "remark": "x",
        }
    )
    found.loc[0, "work"] = "yes"
    found.loc[[3, 6], "u12"] = 9
    return found


@pytest.fixture
def run(capsys, tmp_path):
    """Return a function that runs the command on a table and parts of the design: exit code, output and errors."""

    def command(frame, *arguments, suffix="csv", table="", utility=""):
        data, design = tmp_path / f"trial.{suffix}", tmp_path / "trial.toml"
        if suffix == "csv":
            frame.to_csv(data, index=False, sep=";")
            table += '\nseparator = ";"'
        elif suffix == "xlsx":
            frame.to_excel(data, index=False)
        else:
            frame.to_stata(data, write_index=False)
        design.write_text(DESIGN.format(table=table, utility=utility), encoding="utf-8")
        try:
            code = cli.main(["trial", str(data), str(design), *arguments])
        except SystemExit as stop:
            code = stop.code
        return (code, *capsys.readouterr())

    return command


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["csv", "xlsx", "dta"])
def test_a_code_of_a_part_leaves_true_values(run, suffix):
    """One of the whole table takes them, with a warning; the report counts both."""
    code, out, err = run(table(), *QUICK, "--format", "json", suffix=suffix, table="missing = [9]")
    missing = {each["name"] or each["kind"]: each["codes"] for each in json.loads(out)["reading"]["missing"]}
    assert code == 0
    assert (
        "the code 9 of table.missing is taken as missing in utilities (2 cells of 'u12') and costs 'visits' (4" in err
    )
    assert (missing["utility"], missing["visits"]) == ({"9": 2}, {"9": 4})

    code, out, err = run(table(), *QUICK, "--format", "json", suffix=suffix, utility="missing = [9]")
    assert "table.missing" not in err
    assert json.loads(out)["table_1"][-1]["observed"] == {"usual": 12, "new": 12}


def test_a_comma_that_could_part_thousands_is_asked_about(run):
    visits = ["2,155", "810", "1,010"] * 8
    frame = table().assign(visits=visits)
    for key in ("", 'decimal = ","'):
        code, out, err = run(frame, table=key, utility="missing = [9]")
        assert (code, out) == (1, "")
        assert 'if thousands, by thousands = ","' in err
    code, out, _ = run(frame, *QUICK, "--format", "json", table='thousands = ","', utility="missing = [9]")

    assert code == 0
    row = json.loads(out)["table_1"][-1]
    assert 1000 * 40 < np.mean(list(row["mean"].values())) < 2000 * 40


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("kind", ["text", "md", "html", "json"])
def test_a_category_that_one_of_twelve_has_is_not_printed(run, kind, lang):
    """Nor its share in any form; in the other arm, where six have it, it is."""
    # With nothing missing no share of the patients with missing values stands beside it.
    whole = table().assign(u12=lambda frame: frame["u12"].where(frame["u12"] != 9, 0.8))
    code, out, _ = run(whole, *QUICK, "--lang", lang, "--format", kind)

    assert code == 0
    assert not re.search(r"\b8([.,]3\d*)?\s?%|\b9[12]([.,]\d+)?\s?%|0[.,]08333|0\.91666", out)
    if kind == "json":
        row = json.loads(out)["table_1"][0]
        assert (row["mean"]["usual"], row["hidden"]["usual"]) == (None, "few")
        assert row["mean"]["new"] == 0.5
    else:
        assert re.search(r"(<|&lt;)\s?5", out.replace("\N{NO-BREAK SPACE}", " "))
        assert "remark" in out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "No sensitivity analyses were asked for (--scenarios;"),
        ("nl", "Gevoeligheidsanalyses zijn niet gevraagd"),
    ],
)
def test_of_a_whole_table_it_is_not_said_that_too_few_are_complete(tmp_path, capsys, lang, said):
    """All patients are: complete cases would be the same analysis again."""
    table().replace({"u12": {9: 0.5}}).to_csv(tmp_path / "small.csv", index=False)
    (tmp_path / "small.toml").write_text(DESIGN.format(table="", utility=""), encoding="utf-8")
    assert (
        cli.main(["trial", *(str(tmp_path / f"small.{end}") for end in ("csv", "toml")), *QUICK, "--lang", lang]) == 0
    )
    told = " ".join(capsys.readouterr().out.split())

    assert said in told
    assert "too few patients" not in told
    assert "te weinig patiënten" not in told
