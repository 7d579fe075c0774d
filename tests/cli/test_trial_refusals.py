"""What `hecon trial` refuses: usage, faults of the table, names that do not exist, folders that are files."""

import re

import pytest

from hecon import datasets
from hecon.cli import main as cli

QUICK = ("--imputations", "2", "--replicates", "50", "--draws", "200")


@pytest.fixture
def run(capsys):
    """Return a function that runs the command: its exit code, standard output and standard error."""

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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "trial takes DATA and DESIGN, or --example; hecon new --design DATA drafts a design"),
        (("a.csv",), "trial takes DATA and DESIGN, or --example; hecon new --design DATA drafts a design"),
        (("a.csv", "a.toml", "--example", "here"), "trial --example takes no DATA and DESIGN"),
        (("a.csv", "a.toml", "--out", "here", "--format", "text"), "trial --out writes html, md, json"),
        (("a.csv", "a.toml", "--imputations", "1"), "must be a whole number from 2 to 10000, got '1'"),
        (("a.csv", "a.toml", "--replicates", "49"), "must be a whole number from 50 to 1000000, got '49'"),
        (("a.csv", "a.toml", "--method", "mean"), "invalid choice: 'mean'"),
    ],
)
def test_usage(run, arguments, message):
    code, _, err = run(*arguments)

    assert code == 2
    assert message in err


@pytest.mark.parametrize("arguments", [(), ("a.csv",), ("--example", "here", "a.csv", "a.toml")])
def test_what_is_refused_is_told_with_the_usage_of_the_command(run, arguments):
    """Not with that of the whole program."""
    _, _, err = run(*arguments)

    assert err.startswith("usage: hecon trial ")
    assert "--imputations" in err


@pytest.mark.parametrize("below", [(), ("further", "below")])
def test_a_file_in_place_of_the_folder_is_refused_before_the_analysis(run, trial, tmp_path, monkeypatch, below):
    """Also where the folder would stand in it; the file stays as it was."""
    monkeypatch.setattr("hecon.trial.analyse", lambda *_, **__: pytest.fail("analysed first"))
    (tmp_path / "report").write_text("mine")
    code, out, err = run(*trial, *QUICK, "--out", tmp_path.joinpath("report", *below))

    assert (code, out) == (1, "")
    assert "--out must be a folder" in err
    assert (tmp_path / "report").read_text() == "mine"


def test_faults_of_the_table_are_told_without_values(run, trial, tmp_path):
    """Exit code 1, row and column, and not what stands there."""
    table, design = trial
    lines = table.read_text(encoding="utf-8").splitlines()
    lines[3] = re.sub(r"(?<=,)(surgery|exercise)(?=,)", "secret", lines[3])
    bad = tmp_path / "bad.csv"
    bad.write_text("\n".join(lines), encoding="utf-8")
    code, out, err = run(bad, design, *QUICK)

    assert (code, out) == (1, "")
    assert "row 4" in err or "row 3" in err
    assert "secret" not in err


@pytest.mark.parametrize("missing", ["table", "design"])
def test_a_file_that_is_not_there_is_named(run, trial, missing):
    given = ["nowhere.csv", trial[1]] if missing == "table" else [trial[0], "nowhere.toml"]
    code, _, err = run(*given)

    assert code == 1
    assert "nowhere" in err


def test_an_unknown_perspective_is_named(run, trial):
    code, _, err = run(*trial, "--perspective", "payer")

    assert code == 1
    assert "'societal', 'healthcare'" in err


@pytest.mark.parametrize("name", ["menscus", "Meniscus", "meniscus2"])
def test_a_near_miss_of_an_example_makes_no_folder(run, tmp_path, monkeypatch, name):
    """The name that was meant is told, and how to say that a folder was meant."""
    monkeypatch.chdir(tmp_path)
    code, out, err = run("--example", name)

    assert (code, out) == (1, "")
    assert f"got {name!r}: write meniscus for the example, or ./{name} for a folder" in " ".join(err.split())
    assert list(tmp_path.iterdir()) == []
    assert run("--example", f"./{name}")[0] == 0
    assert (tmp_path / name / "meniscus-simulated.csv").exists()
