"""What was read is said: rows, columns, marks, arms, and what was taken as missing, in every format and language."""

from __future__ import annotations

import dataclasses
import json
from functools import cache

import numpy as np
import pytest
from trial_reports import found, said, tables
from trial_tables import changed, long_design, long_of, tree, wide

from hecon import trial
from hecon.assessment import assess_trial
from hecon.cli import trial as cli_trial
from hecon.locale import LANGUAGES, Locale
from hecon.report.trial_tables import reading_blocks
from hecon.report.trials import trial_data as json_data
from hecon.report.trials import trial_document
from hecon.report.words.trials import TrialWords
from hecon.report.writers.html import html
from hecon.report.writers.json import json_text
from hecon.report.writers.markdown import markdown
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of

FILE = {
    "kind": "xlsx",
    "rows": 24,
    "columns": 24,
    "sheet": "data",
    "other_sheets": ("notes", "codes"),
    "separator": None,
    "empty_rows": 3,
    "empty_columns": 1,
    "hidden_rows": 2,
    "open_end": False,
}
# The doubt itself is tested where tables are read.
HIDDEN = pytest.mark.filterwarnings("ignore:2 of the rows are hidden in the workbook")


def words(table, lang="en", design=None):
    """Return how a table's trial is written, with the analysis of another."""
    data = trial_data(table, design or design_of(tree()))
    analysis, _ = found("usual")
    about = dataclasses.replace(analysis.description, strategies=data.strategies, reading=data.reading)
    return TrialWords(dataclasses.replace(analysis, description=about), Locale(lang))


def coded():
    """Return a table with codes of all kinds, a column that is not used, and cells that the file declares missing."""
    table = wide().assign(note="x", remark=None)
    table.loc[[3, 5], "u6"] = 77
    table.loc[7, "stay"] = -99
    table.attrs = {
        "reading": FILE,
        "declared_missing": {"u3": 1},
        "value_labels": {"arm": {0: "surgery", 1: "exercise"}},
    }
    return table


@HIDDEN
@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        (
            "en",
            (
                "Data as read",
                "Excel file: 24 rows, 24 patients.",
                "Worksheet read: data.",
                "Worksheets not read: notes and codes.",
                "Empty rows left out: 3.",
                "Empty columns left out: 1.",
                "Hidden rows, read like the others: 2.",
                "Columns used: 22 of 24. Not used: note and remark.",
                "Coding of the arms: surgery = 0 (label in the file: surgery); exercise = 1 (label in the file: ex",
                'Codes for missing values that do not occur in the data: "nvt", "geen", 999 and -8. Check how they are',
            ),
        ),
        (
            "nl",
            (
                "Ingelezen gegevens",
                "Excel-bestand: 24 rijen, 24 patiënten.",
                "Niet ingelezen werkbladen: notes en codes.",
                "Weggelaten lege rijen: 3.",
                "Verborgen rijen, wel ingelezen: 2.",
                "Gebruikte kolommen: 22 van de 24. Niet gebruikt: note en remark.",
                "Codering van de groepen: surgery = 0 (label in het bestand: surgery); exercise = 1",
                "Codes voor ontbrekende waarden die in de gegevens niet voorkomen:",
            ),
        ),
    ],
)
def test_what_was_read_is_said(lang, sentences):
    blocks = reading_blocks(words(coded(), lang), 2)
    (table,) = tables(blocks)

    for each in sentences:
        assert each in said(blocks)
    assert table.rows == (
        (Locale(lang).text("trial_reading.dates"), "2", "48", "0", "–", "0"),
        ("age", "1", "24", "1", "–", "0"),
        ("region", "1", "24", "0", "–", "0"),
        (Locale(lang).text("trial_reading.utility"), "4", "96", "0", "77: 2", "1"),
        ("physiotherapy", "4", "96", "2", "–", "0"),
        ("hospital", "1", "24", "0", "-99: 1", "0"),
        ("absence", "3", "72", "1", "–", "0"),
    )


@HIDDEN
def test_the_data_hold_it_all():
    """Also names beyond those that a sentence holds."""
    data = trial_data(coded(), design_of(tree())).reading.to_json()

    assert json.loads(json_text(data)) == data
    assert (data["kind"], data["rows"], data["patients"], data["sheet"]) == ("xlsx", 24, 24, "data")
    assert data["unused"] == ["note", "remark"]
    assert len(data["used"]) == 22
    assert data["arms"] == [
        {"strategy": name, "value": code, "label": name} for name, code in (("surgery", "0"), ("exercise", "1"))
    ]
    utility = next(each for each in data["missing"] if each["kind"] == "utility")
    assert utility["codes"] == {"-99": 0, "77": 2, '"nvt"': 0}
    assert (utility["cells"], utility["empty"], utility["declared"]) == (96, 0, 1)


def test_a_csv_file_is_said_to_be_open_at_its_end_and_by_which_marks_it_was_read():
    table = wide()
    table.attrs["reading"] = {"kind": ".csv", "separator": "\t", "open_end": True}
    told = said(reading_blocks(words(table), 2))

    assert "CSV file: 24 rows, 24 patients." in told
    assert "Separator between cells: tab." in told
    assert "Numbers: decimal mark “,”, thousands separator: none." in told
    assert "The last line does not end in a line break: check that the file is complete." in told


@HIDDEN
def test_a_table_that_was_changed_since_it_was_read_is_one_in_memory():
    """What the file held is not said of rows and cells that are no longer there."""
    design = design_of(tree())
    kept = coded()
    fewer, filled, wider = kept.iloc[:23], kept.fillna({"u3": 0.5}), kept.assign(more=1)
    for table, kind in ((kept, "xlsx"), (fewer, "memory"), (filled, "xlsx"), (wider, "memory")):
        told = trial_data(table, design).reading
        assert (told.kind, told.sheet) == (kind, "data" if kind == "xlsx" else None)
    utility = next(each for each in trial_data(filled, design).reading.missing if each.kind == "utility")
    assert (utility.empty, utility.declared) == (0, 0)


@pytest.mark.slow
def test_a_file_is_named_by_its_kind(tmp_path):
    path = tmp_path / "trial.csv"
    wide().to_csv(path, sep=";", decimal=",", index=False)

    assert trial_data(path, design_of(tree())).reading.kind == "csv"
    assert trial_data(wide(), design_of(tree())).reading.kind == "memory"
    assert "Table in memory: 24 rows, 24 patients." in said(reading_blocks(words(wide()), 2))


@pytest.mark.parametrize(
    ("said_so", "told"), [("same", "each taken as one"), ("separate", "a cluster of each arm"), (None, None)]
)
def test_what_the_design_says_of_clusters_is_said(said_so, told):
    design = design_of(changed(tree(), ("cluster", "across_arms"), said_so))
    table = wide() if said_so else wide().assign(period=1)
    if said_so is None:
        design = design_of(changed(changed(tree(), ("cluster", "across_arms"), None), ("cluster", "period"), None))
    text = said(reading_blocks(words(table, design=design), 2))

    assert (told in text) if told else "luster" not in text


def test_rows_of_a_long_table_are_more_than_its_patients():
    table = long_of(wide())
    table = table[~((table["month"] == 3) & (table["patient"] == table["patient"].iloc[0]))]
    reading = trial_data(table, long_design()).reading

    assert (reading.rows, reading.patients) == (95, 24)
    assert next(each.cells for each in reading.missing if each.kind == "utility") == 95


def test_many_columns_that_are_not_used_are_counted_after_the_first():
    table = wide().assign(**{f"q{number}": 1 for number in range(30)})
    told = said(reading_blocks(words(table), 2))

    assert "Not used: q0, q1," in told
    assert "q11 and 18 more." in told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_missing_is_said_too(lang):
    whole = changed(tree(), ("table", "missing"), [])
    table = wide()
    for name in ("u3", "physio_6", "absence_12", "age", "physio_before"):
        table[name] = table[name].fillna(table[name].mean())
    blocks = reading_blocks(words(table, lang, design_of(whole)), 2)

    assert not tables(blocks)
    assert Locale(lang).text("trial_reading.missing_none") in said(blocks)


@cache
def analysed():
    """Return the analysis of a table, by way of its design."""
    rng = np.random.default_rng(1)
    size = 60
    table = {"id": range(size), "arm": np.arange(size) % 2, "spare": ["x"] * size}
    table |= {name: rng.uniform(0.3, 0.9, size) for name in ("u0", "u12")} | {"care": rng.uniform(100, 900, size)}
    table["u12"][3] = np.nan
    whole = {
        "format": 1,
        "name": "tiny",
        "table": {"layout": "wide", "patient": "id"},
        "arm": {"column": "arm", "comparator": "old", "interventions": ["new"], "values": {"old": 0, "new": 1}},
        "utility": {"months": [0, 12], "columns": ["u0", "u12"]},
        "cost": [{"category": "care", "columns": ["care"], "price_year": 2024}],
        "perspective": {"healthcare": ["care"]},
        "analysis": {"price_year": 2024},
    }
    analysis = trial.analyse(table, trial.design_of(whole), imputations=2, replicates=50, rng=1)
    return analysis, analysis.draws(n_draws=200, rng=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "heading", "unused"), [("en", "Data as read", "Not used"), ("nl", "Ingelezen gegevens", "Niet gebruikt")]
)
def test_every_format_says_it(lang, heading, unused):
    """Once, among the annexes."""
    analysis, draws = analysed()
    told = trial_document(assess_trial(analysis, draws), Locale(lang))
    for text in (markdown(told), cli_trial._compact(told), html(told)):
        assert text.count(heading) == 1
        assert f"{unused}: spare." in text
        assert text.index(heading) > text.index(Locale(lang).text("note.annexes"))
    data = json_data(assess_trial(analysis, draws), Locale(lang))
    assert data["reading"]["unused"] == ["spare"]
    assert data["reading"]["rows"] == 60
    assert analysis.to_json()["reading"] == data["reading"] == draws.attrs["trial"]["reading"]
    assert json_data(assess_trial(*found("usual")), Locale(lang))["reading"] is None
