"""The five layouts on the page of the design: whole designs with their tables, which run as they stand."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import re
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hecon.cli import main as cli
from hecon.trial import read_design, trial_data

DOCS = Path(__file__).parents[3] / "docs"
LAYOUTS = DOCS / "layouts"
NAMES = ("items", "states", "utilities", "totals", "long")


@pytest.fixture(scope="module")
def script():
    """Return the script that makes the tables."""
    spec = importlib.util.spec_from_file_location("design_layouts", DOCS / "design_layouts.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def data_of(name):
    return trial_data(LAYOUTS / f"{name}.csv", read_design(LAYOUTS / f"{name}.toml"))


def test_the_page_shows_every_layout_whole(script):
    """Table, design, command and what is printed, in one order; nothing else lies in the folder."""
    page = (DOCS / "design.rst").read_text(encoding="utf-8")
    shown = [
        re.findall(rf"literalinclude:: {folder}(\w+)\.{kind}", page)
        for folder, kind in (("layouts/", "csv"), ("layouts/", "toml"), ("_build/layout-", "txt"))
    ]

    assert script.NAMES == NAMES
    assert shown == [list(NAMES)] * 3
    assert re.findall(r"^    hecon trial (\w+)\.csv (\w+)\.toml --length brief$", page, re.MULTILINE) == [
        (name, name) for name in NAMES
    ]
    assert sorted(path.name for path in LAYOUTS.iterdir()) == sorted(
        f"{name}.{kind}" for name in NAMES for kind in ("csv", "toml")
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_tables_are_as_made(script, name):
    """A stale table fails: `python docs/design_layouts.py` rewrites it."""
    assert (LAYOUTS / f"{name}.csv").read_text(encoding="utf-8") == script.text_of(script.tables()[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_the_page_prints_is_there(script, name, monkeypatch, tmp_path):
    """The lines between which the page cuts stand in what is printed, once; no other folder is written to."""
    monkeypatch.chdir(tmp_path)
    text = script.printed(name)

    assert text.startswith("SIMULATED DATA. Trial-based economic evaluation: Exercise for the knee")
    assert text.count("Healthcare perspective: ") == text.count("  Missing values: ") == 1
    assert text.index("Healthcare perspective: ") < text.index("  Missing values: ")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Return what makes the report of a copy, once: the code of the command, what it printed and the files."""

    @cache
    def make(name):
        folder, printed = tmp_path_factory.mktemp(name), io.StringIO()
        for kind in ("csv", "toml"):
            (folder / f"{name}.{kind}").write_bytes((LAYOUTS / f"{name}.{kind}").read_bytes())
        with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
            code = cli.main(["trial", f"{name}.csv", f"{name}.toml", "--out", "report", "--lang", "en"])
        return code, printed.getvalue(), sorted((folder / "report").iterdir())

    return make


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_copy_ends_in_a_report(name, report):
    """As a reader does it: both files saved in an empty folder, and the report written there."""
    code, printed, files = report(name)

    assert code == 0
    assert "exercise is preferred to usual" in printed
    assert any(path.suffix == ".html" for path in files)


@pytest.mark.slow
def test_four_layouts_are_one_trial(report):
    """To the last digit, but for the digest of the file; totals lack who lacks a part."""
    found = {}
    for name in NAMES:
        (whole,) = (path for path in report(name)[2] if path.suffix == ".json" and ".brief" not in path.name)
        found[name] = json.loads(whole.read_text(encoding="utf-8"))["conclusion"]

    assert found["items"] == found["states"] == found["utilities"] == found["long"]
    assert found["totals"] != found["items"]


def test_totals_are_those_of_the_others():
    """Where nothing is missing; elsewhere there is none."""
    parts, totals = data_of("utilities"), data_of("totals")
    table = pd.read_csv(LAYOUTS / "totals.csv")
    area = parts.utilities @ np.array([0.25, 0.5, 0.25])

    assert np.allclose(totals.utilities[:, 1], area, atol=1e-6, equal_nan=True)
    assert np.allclose(totals.costs[:, 0], parts.costs.sum(axis=1), atol=0.01, equal_nan=True)
    assert np.array_equal(totals.utilities[:, 0], parts.utilities[:, 0])
    assert table["qalys"].isna().sum() == np.isnan(parts.utilities).any(axis=1).sum() > 2
    assert table["costs"].isna().sum() == np.isnan(parts.costs).any(axis=1).sum() == 2


def test_a_long_table_may_have_items(tmp_path):
    """As the page says beside it: in the place of states."""
    text = (LAYOUTS / "long.toml").read_text(encoding="utf-8")
    page = (DOCS / "design.rst").read_text(encoding="utf-8")
    items = re.search(r"``(items = \[.*?\])``", page.replace("\n", " "))[1]
    table = pd.read_csv(LAYOUTS / "long.csv", dtype={"eq5d": str})
    for place, name in enumerate(tomllib.loads(items)["items"]):
        table[name] = table["eq5d"].str[place]
    table.drop(columns="eq5d").to_csv(tmp_path / "long.csv", index=False)
    (tmp_path / "long.toml").write_text(re.sub(r"^states = .*$", items, text, flags=re.MULTILINE), encoding="utf-8")
    found = trial_data(tmp_path / "long.csv", read_design(tmp_path / "long.toml"))

    assert np.array_equal(found.utilities, data_of("long").utilities, equal_nan=True)
