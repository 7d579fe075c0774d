"""The command `hecon trial`: text, JSON alone, files in both languages, a teaching trial."""

import json
import re
import shlex
import sys
import threading

import numpy as np
import pandas as pd
import pytest
from drawn import drawn_once

import hecon
from hecon import datasets, decision
from hecon.cli import main as cli
from hecon.cli import trial as cli_trial
from hecon.locale import Locale
from hecon.report import trials
from hecon.report.document import Table
from hecon.report.writers import drawing
from hecon.trial import analyse, read_design
from hecon.trial.sensitivity import Scenario

pytestmark = pytest.mark.slow

QUICK = ("--imputations", "2", "--replicates", "50", "--draws", "200")


_ANALYSED = {}


def analysed_once(data, **how):
    """Return the analysis of a trial, made once in a process for the same options."""
    key = data.costs.tobytes(), repr({name: value for name, value in how.items() if name != "progress"})
    if key not in _ANALYSED:
        _ANALYSED[key] = analyse(data, **how)
    return _ANALYSED[key]


@pytest.fixture
def run(capsys, monkeypatch):
    """Return a function that runs the command: its exit code, standard output and standard error."""
    monkeypatch.setattr("hecon.trial.analyse", analysed_once)

    def command(*arguments):
        try:
            code = cli.main(["trial", *map(str, arguments)])
        except SystemExit as stop:
            code = stop.code
        return (code, *capsys.readouterr())

    return command


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """Return the table and the design of the teaching trial."""
    return datasets.write_trial("meniscus", tmp_path_factory.mktemp("trial"), n=(60, 60), rng=1)[:2]


def test_text(run, trial):
    """Simulated in the heading, tables in columns of at most 120 characters, prose of at most 100."""
    code, out, err = run(*trial, *QUICK)
    lines = out.splitlines()

    assert code == 0
    assert all(line.startswith("hecon: warning: ") for line in err.splitlines())
    assert lines[0].startswith("SIMULATED DATA. Trial-based economic evaluation: ")
    assert max(map(len, lines)) <= 120
    assert re.search(r"\nutility, month 24 +\d+ / \d+ +0\.\d{3} \(0\.\d{3}\)", out)
    assert "\nResults (perspective: societal)\n" in out
    assert "\nResults (perspective: healthcare)\n" in out
    assert "complete cases, BCa interval" in out
    assert "Cost-effectiveness plane" not in out


def test_the_largest_monte_carlo_error_is_an_option(run, trial):
    """A large one takes no more than the pilot; one that is none is refused."""
    options = ("--perspective", "healthcare", "--draws", "200", "--format", "json")
    code, out, _ = run(*trial, "--monte-carlo-error", "0.3", *options)
    refused, _, err = run(*trial, "--monte-carlo-error", "0", *options)

    assert code == 0
    assert json.loads(out)["settings"]["imputations"] == 50
    assert json.loads(out)["settings"]["monte_carlo_error"] == 0.3
    assert refused != 0
    assert "monte_carlo_error must be above 0" in err


def test_text_in_dutch_of_one_perspective(run, trial):
    """The other is left out."""
    code, out, _ = run(*trial, *QUICK, "--lang", "nl", "--perspective", "healthcare")

    assert code == 0
    assert out.startswith("GESIMULEERDE DATA.")
    assert "Resultaten (perspectief: gezondheidszorg)" in out
    assert "maatschappelijk" not in out


def test_no_patient_is_printed(run, trial):
    """No identifier in any format."""
    column = trial[0].read_text(encoding="utf-8").splitlines()[1:]
    identifiers = {line.split(",")[0] for line in column}

    assert all(len(each) > 3 for each in identifiers)
    for kind in ("text", "json"):
        _, out, err = run(*trial, *QUICK, "--format", kind)
        assert not [each for each in identifiers if re.search(rf"\b{re.escape(each)}\b", out + err)]


@pytest.mark.filterwarnings("ignore::hecon.errors.StatisticalWarning")
def test_json_stands_alone(run, trial):
    """And holds what Python finds with the same seed."""
    code, out, err = run(*trial, *QUICK, "--format", "json", "--seed", "3")
    data = json.loads(out)
    analysis = analyse(*trial, imputations=2, replicates=50, rng=3)
    draws = analysis.draws(n_draws=200, rng=3)

    assert code == 0
    assert all(line.startswith("hecon: warning: ") for line in err.splitlines())
    assert data["simulated"] is True
    for name in ("societal", "healthcare"):
        found = data["perspectives"][name]
        main = analysis.perspective(name).delta_cost("exercise")
        assert found["differences"]["exercise"]["delta_cost"]["estimate"] == main.value
        ceac = hecon.ceac(draws.sel(perspective=name), wtp=found["ceac"]["wtp"]).sel(strategy="exercise")
        assert np.array_equal(found["ceac"]["probability"]["exercise"], ceac)
    assert data["provenance"]["seed"] == 3
    assert data["scenarios"] == []


def test_json_on_a_terminal_that_is_not_utf8(run, trial, monkeypatch):
    """Characters that it lacks are escaped, in JSON and in HTML."""
    monkeypatch.setattr("hecon.cli._terminal.is_utf8", lambda: False)
    for kind in ("json", "html"):
        with drawn_once():
            code, out, _ = run(*trial, *QUICK, "--format", kind, "--lang", "nl")
        assert code == 0
        assert out.isascii()


def test_scenarios(run, trial, monkeypatch):
    """Are asked for with the same seed, and stand in the table and in the data."""
    asked = []

    def scenarios(data, analysis, *, wtp, value_sets, rng, progress):
        progress("scenarios", 1, 1)
        asked.append((data.name, wtp, value_sets, rng))
        chosen = analysis.perspectives[0]
        estimates = (chosen.delta_cost("exercise"), chosen.delta_effect("exercise"))
        shares = dict.fromkeys((20_000, 50_000, 80_000), 0.5)
        return (Scenario("worse-all", chosen.name, "exercise", *estimates, shares),)

    monkeypatch.setattr("hecon.trial.scenarios", scenarios)
    _, out, _ = run(*trial, *QUICK, "--scenarios", "--format", "md", "--lang", "nl")

    assert asked == [("meniscus", None, None, 0)]
    assert "## Gevoeligheidsanalyses" in out
    assert "geïmputeerde utiliteiten 0,05 lager, in alle groepen" in out


@pytest.mark.parametrize("method", ["bootstrap-single", "bootstrap-imputation"])
def test_the_other_methods(run, trial, method):
    """With their own words."""
    code, out, _ = run(*trial, "--method", method, "--replicates", "50", "--perspective", "societal", "--format", "md")

    assert code == 0
    assert "Each of 50 bootstrap samples" in out
    assert "Rubin" not in out


def test_files_in_both_languages(run, trial, tmp_path):
    """HTML, Markdown and JSON, each by the name of the design; the one page has no JSON."""
    folder = tmp_path / "new" / "report"
    with drawn_once():
        code, out, _ = run(*trial, *QUICK, "--out", folder)
    names = sorted(path.name for path in folder.iterdir())
    page = (folder / "meniscus.nl.html").read_text(encoding="utf-8")

    assert code == 0
    whole = [f"meniscus.{lang}.{kind}" for lang in ("nl", "en") for kind in ("html", "md", "json")]
    brief = [f"meniscus.brief.{each}" for each in ("nl.html", "nl.md", "en.html", "en.md")]
    assert names == sorted([*whole, *brief, "meniscus.codebook.csv"])
    assert out.startswith("SIMULATED DATA. ")
    assert out.splitlines()[-1].startswith("Wrote 11 files, from ")
    assert (folder / "meniscus.brief.nl.html").read_text(encoding="utf-8").count("<svg") == 1
    assert page.count("<svg") == 8
    assert "GESIMULEERDE DATA" in page.split("<h1>")[1].split("</h1>")[0]
    assert "SIMULATED" in json.loads((folder / "meniscus.en.json").read_text(encoding="utf-8"))["title"]


def test_one_file(run, trial, tmp_path):
    """Of one language, length and format."""
    code, out, _ = run(*trial, *QUICK, "--out", tmp_path, "--lang", "en", "--format", "md", "--length", "full")

    assert code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"meniscus.en.md", "meniscus.codebook.csv"}
    assert out.splitlines()[-1].startswith("Wrote 2 files, from ")


def test_the_answer_is_printed_beside_the_files(run, trial, tmp_path):
    """In the language asked for, as it would be without them."""
    options = (*QUICK, "--lang", "nl", "--length", "brief")
    _, alone, _ = run(*trial, *options)
    code, out, _ = run(*trial, *options, "--format", "md", "--out", tmp_path)

    assert code == 0
    assert out.startswith(alone)


def test_the_codebook_tells_what_each_column_was_taken_for(run, trial, tmp_path):
    """With the cells that were taken as missing, which add up to what the report has; no value of a patient."""
    run(*trial, *QUICK, "--format", "json", "--out", tmp_path)
    book = pd.read_csv(tmp_path / "meniscus.codebook.csv").set_index("column")
    table = pd.read_csv(trial[0])
    reading = json.loads((tmp_path / "meniscus.en.json").read_text(encoding="utf-8"))["reading"]

    assert list(book.index) == list(table.columns)
    assert book.loc["pd_6", "meaning"] == "EQ-5D pain at month 6"
    assert book.loc["gp_12", "meaning"] == "cost of general practice, months 6 to 12"
    assert book.loc["gp_before", "meaning"] == "cost of general practice before the start"
    assert book.loc["hospital", ["part", "meaning"]].fillna("").tolist() == ["", "not used"]
    assert (book["rows"] == len(table)).all()
    assert (book["empty"] == table.isna().sum()).all()
    assert (book["values"] + book["empty"] == len(table)).all()
    assert sum(each["empty"] for each in reading["missing"]) == book.loc[book["part"] != "", "empty"].sum()


def test_imputed_sets_are_written_only_if_asked_for(run, trial, tmp_path):
    """Complete, what was observed as it was, without identifiers; more sets than were kept are refused."""
    code, _, _ = run(*trial, *QUICK, "--format", "md", "--out", tmp_path, "--imputed", "2")
    path = tmp_path / "meniscus.imputed.csv"
    sets, table = pd.read_csv(path), pd.read_csv(trial[0])
    refused, _, err = run(*trial, *QUICK, "--format", "md", "--out", tmp_path, "--imputed", "3")

    assert code == 0
    assert len(sets) == 2 * len(table)
    assert not sets.isna().any(axis=None)
    assert (sets["patient"].to_numpy() == np.tile(np.arange(1, len(table) + 1), 2)).all()
    assert (sets["arm of the patient"].to_numpy() == np.tile(table["arm"], 2)).all()
    known = table["bmi"].notna().to_numpy()
    assert np.allclose(sets["bmi"].to_numpy()[: len(table)][known], table["bmi"][known])
    assert not [each for each in table["patient"].astype(str) if each in path.read_text(encoding="utf-8")]
    assert refused == 1
    assert "--imputed must be at most the sets that were kept, 2, got 3" in err
    assert run(*trial, "--imputed", "2")[0] == 2


def test_no_name_is_a_formula_of_a_spreadsheet(trial, tmp_path):
    """In the codebook and in the imputed sets: names of columns, of categories of cost and of strategies."""
    table, design = tmp_path / "t.csv", tmp_path / "t.toml"
    pd.read_csv(trial[0]).rename(columns={"bmi": "=1+1"}).to_csv(table, index=False)
    text = trial[1].read_text(encoding="utf-8").replace('"bmi"', '"=1+1"')
    design.write_text(text, encoding="utf-8")
    out = tmp_path / "out"

    options = (*QUICK, "--format", "md", "--out", str(out), "--imputed", "1")
    assert cli.main(["trial", str(table), str(design), *options]) == 0
    for name in ("codebook", "imputed"):
        cells = (out / f"meniscus.{name}.csv").read_text(encoding="utf-8")
        assert "'=1+1" in cells
        assert not re.search(r"(?m)(?:^|,)\"?=1", cells)


def test_out_composes_once_per_language_and_draws_each_figure_once(run, trial, tmp_path, monkeypatch):
    """Three formats in two languages take one table of each kind for each perspective."""
    composed, drawn, counted = [], [], []
    compose, efficient = trials.trial_document, decision.frontier
    with drawn_once(), monkeypatch.context() as counting:
        draw = drawing.svg_text
        counting.setattr(
            trials,
            "trial_document",
            lambda *given, length: composed.append((given[1].lang, length)) or compose(*given, length=length),
        )
        counting.setattr(drawing, "svg_text", lambda *given: drawn.append(given) or draw(*given))
        counting.setattr(decision, "frontier", lambda given: counted.append(given) or efficient(given))
        assert run(*trial, *QUICK, "--out", tmp_path)[0] == 0
    shown = sum(page.read_text(encoding="utf-8").count("<figure") for page in tmp_path.glob("*.html"))

    assert sorted(composed) == [("en", "brief"), ("en", "full"), ("nl", "brief"), ("nl", "full")]
    assert len(drawn) == len({id(paint) for paint, _ in drawn}) == shown > 0
    assert len(counted) == 2


@pytest.mark.no_cover
def test_the_same_seed_gives_the_same_bytes(run, trial, monkeypatch):
    """Each of the two is analysed, and draws a figure of each kind."""
    monkeypatch.setattr("hecon.trial.analyse", analyse)
    pages = []
    for place in range(2):
        with drawn_once(("the same", place)):
            pages.append(run(*trial, *QUICK, "--format", "html")[1])

    assert pages[0] == pages[1]


# The teaching trial ---------------------------------------------------------------------------------------------------


def test_an_example_is_written_with_the_next_command(run, tmp_path):
    """Which runs as it stands."""
    folder = tmp_path / "my trial"
    code, out, err = run("--example", folder)
    first, second = (line.strip() for line in out.splitlines()[-2:])

    assert (code, err) == (0, "")
    assert "SIMULATED" in out
    written = {path.name for path in folder.iterdir()}
    assert written == {"meniscus-simulated.csv", "meniscus-simulated.toml", "meniscus-dossier.toml"}
    assert first.startswith("hecon trial '")
    assert second.startswith("hecon assess '")
    assert run(*shlex.split(first)[2:], *QUICK)[0] == 0
    assert len(hecon.load(shlex.split(second)[2]).comparison) == 2


def test_an_example_by_name_stands_here(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert run("--example", "meniscus")[0] == 0
    assert (tmp_path / "meniscus-simulated.toml").exists()


def test_an_example_overwrites_nothing(run, tmp_path):
    """Neither what was written before nor a file in its place."""
    assert run("--example", tmp_path)[0] == 0
    code, _, err = run("--example", tmp_path)
    assert code == 1
    assert "exists and is left as it is" in err
    code, _, err = run("--example", tmp_path / "meniscus-simulated.csv")
    assert code == 1
    assert "--example must be a folder, or one of meniscus;" in err


# The progress bar -----------------------------------------------------------------------------------------------------


def test_files_that_must_not_be_replaced_are_refused_before_the_analysis(run, trial, tmp_path, monkeypatch):
    """Which takes long: nothing is written, and what was there is kept."""
    kept = tmp_path / f"{read_design(trial[1]).name}.en.md"
    kept.write_text("kept", encoding="utf-8")
    kept.chmod(0o444)
    monkeypatch.setattr("hecon.trial.analyse", None)
    code, out, err = run(*trial, *QUICK, "--out", tmp_path)

    assert (code, out) == (1, "")
    assert f"hecon: path must be writable, got '{kept}': it is read-only and is left as it is" in err
    assert [each.name for each in tmp_path.iterdir()] == [kept.name]


class Terminal:
    """Standard error that is a terminal, or is not."""

    def __init__(self, *, terminal):
        self.written, self.terminal = [], terminal

    def isatty(self):
        return self.terminal

    def write(self, text):
        self.written.append(text)

    def flush(self):
        """Have nothing to flush."""


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_shown_on_a_terminal_alone(monkeypatch, terminal):
    """One bar per stage, on standard error."""
    stream = Terminal(terminal=terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    with cli_trial._bar() as progress:
        progress("bootstrap", 1, 2)
        progress("bootstrap", 2, 2)
        progress("scenarios", 1, 4)
    text = "".join(stream.written)

    assert ("bootstrap" in text) == ("scenarios" in text) == terminal
    assert "TMonitor" not in {type(each).__name__ for each in threading.enumerate()}


def test_a_table_that_does_not_fit_becomes_a_list():
    """No line is wider than the terminal."""
    from hecon.report.document import Document, Heading

    wide = Table("wide", ("name", *("x" * 40 for _ in range(4))), (("row", *("1" for _ in range(4))),))
    narrow = Table("narrow", ("first", "second"), (("word " * 40, "1"),), numeric=(1,))
    out = cli_trial._compact(Document(Locale("en"), (Heading(1, "title"), wide, narrow)))

    assert max(map(len, out.splitlines())) <= 120
    assert "  - row; " in out
    assert out.count("word ") >= 30
