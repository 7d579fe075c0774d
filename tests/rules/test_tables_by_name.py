"""The tables of a burden are those that the rules name: one more in the folder changes no note."""

import shutil

import pytest

import hecon
from hecon import tables
from hecon.rules import population
from hecon.rulesets import ruleset

NAME = "cbs-2099"


@pytest.fixture
def more_tables(tmp_path, monkeypatch):
    """Return what puts a life table of immortals into a copy of the packaged tables, and forgets what was read."""
    cached = (tables.names, tables._header, population._packaged_life_table)

    def forget():
        for function in cached:
            function.cache_clear()

    def add():
        shutil.copytree(tables._FOLDER, tmp_path / "tables")
        text = (tmp_path / "tables" / "cbs-2021.csv").read_text(encoding="utf-8")
        head = "\n".join(line for line in text.splitlines() if line.startswith("#"))
        rows = "\n".join(f"{age},0.0001,0.0001" for age in range(100))
        (tmp_path / "tables" / f"{NAME}.csv").write_text(f"{head}\nage,male,female\n{rows}\n", encoding="utf-8")
        monkeypatch.setattr(tables, "_FOLDER", tmp_path / "tables")
        forget()

    yield add
    monkeypatch.undo()
    forget()


def note():
    """Return a note whose burden is computed, without what depends on no table."""
    return hecon.summary(hecon.assess("reablement", n_draws=200), lang="en").text("md")


@pytest.mark.slow
def test_a_life_table_in_the_folder_changes_no_note(more_tables):
    """It can be asked for, and would move the range over tables if that were over all that is there."""
    before, over = note(), hecon.assess("reablement", n_draws=20).burden_over_tables
    more_tables()
    inputs = {"age": 80, "female": 0.5, "decrement": 0.1, "years": 5}

    assert NAME in tables.names("life_table")
    assert hecon.shortfall(**inputs, table=NAME).proportional != hecon.shortfall(**inputs).proportional
    assert NAME not in ruleset().burden.compared_life_tables
    assert hecon.assess("reablement", n_draws=20).burden_over_tables == over
    assert note() == before
