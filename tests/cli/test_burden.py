"""The command `hecon burden`: text in either language, JSON with stable keys, tables, and its refusals."""

import json

import pytest

from hecon import zin
from hecon.cli import main as cli

KEYS = {
    "qale_population",
    "qale_patients",
    "absolute",
    "proportional",
    "band",
    "reference_value",
    "near_edge",
    "tables",
}
PEOPLE = ("--age", "33", "--female", "0.4")


@pytest.fixture
def run(capsys):
    """Return a function that runs the command: its exit code, standard output and standard error."""

    def command(*arguments):
        try:
            code = cli.main(["burden", *map(str, arguments)])
        except SystemExit as stop:
            code = stop.code
        return (code, *capsys.readouterr())

    return command


def test_json_has_the_stable_keys(run):
    """Standard output is JSON alone: the figures unrounded, and each table with its source, year and licence."""
    code, out, err = run(*PEOPLE, "--remaining-qalys", "38.2", "--format", "json")
    data = json.loads(out)
    expected = zin.shortfall(age=33, female=0.4, remaining_qalys=38.2)

    assert (code, err) == (0, "")
    assert set(data) >= KEYS
    assert {key: data[key] for key in KEYS - {"tables"}} == {
        "qale_population": expected.qale_population,
        "qale_patients": 38.2,
        "absolute": expected.absolute,
        "proportional": expected.proportional,
        "band": "low",
        "reference_value": 20_000,
        "near_edge": False,
    }
    assert data["tables"]["life_table"]["name"] == "cbs-2021"
    assert data["tables"]["norms"]["value_set"] == "nl-3l-2006"
    assert all(table["source"] and table["licence"] and table["year"] for table in data["tables"].values())


def test_text(run):
    """The figures in a column, in words, and where they come from; at most 100 characters a line."""
    code, out, err = run("--age", 33, "--female", 0, "--decrement", "0.2", "--years", "2")
    lines = out.splitlines()

    assert (code, err) == (0, "")
    assert lines[:6] == [
        "remaining QALYs of the population (Q_n)  43.36 QALY",
        "remaining QALYs of patients (Q_d)        42.96 QALY",
        "absolute shortfall                       0.40 QALY",
        "proportional shortfall                   0.0092",
        "band                                     below the lowest band",
        "reference value                          none",
    ]
    assert "in principle no reimbursement on this ground." in " ".join(lines)
    assert "Life table cbs-2021: CBS StatLine 37360ned" in out
    assert max(map(len, lines)) <= 100


def test_text_in_dutch(run):
    """Numbers, bands and tables as Dutch has them."""
    code, out, _ = run(*PEOPLE, "--remaining-qalys", "20", "--lang", "nl")

    assert code == 0
    assert "proportionele ziektelast                  0,5409\n" in out
    assert "referentiewaarde                          € 50.000 per QALY" in out.replace("\N{NO-BREAK SPACE}", " ")
    assert "Overlevingstafel cbs-2021" in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--smr", "2", "--utility", "0.6"), {"smr": 2, "utility": 0.6}),
        (("--decrement", "0.1", "--years", "rest-of-life"), {"decrement": 0.1, "years": float("inf")}),
        (
            ("--smr", "2", "--start", "completed", "--discount", "0.015"),
            {"smr": 2, "start": "completed", "discount": 0.015},
        ),
        (
            (
                "--utility",
                "0.5",
                "--table",
                "un-2015-2020",
                "--norms",
                "szende-2014-smoothed",
                "--value-set",
                "nl-5l-2016",
            ),
            {"utility": 0.5, "table": "un-2015-2020", "norms": "szende-2014-smoothed", "value_set": "nl-5l-2016"},
        ),
    ],
)
def test_every_option_goes_to_the_computation(run, arguments, expected):
    """The command is the verb."""
    code, out, _ = run(*PEOPLE, *arguments, "--format", "json")
    found = zin.shortfall(age=33, female=0.4, **expected)

    assert code == 0
    assert json.loads(out)["proportional"] == found.proportional
    assert json.loads(out)["same_value_set"] == found.same_value_set


def test_given_qalys_need_no_tables(run):
    """Q_n and Q_d as numbers, as in a published example."""
    code, out, _ = run("--population-qalys", "26", "--remaining-qalys", "15", "--format", "json")

    assert code == 0
    assert (json.loads(out)["band"], json.loads(out)["tables"]) == ("middle", {})


def test_tables_are_listed(run):
    """Each with name, kind, year, title and licence, on the terminal and as JSON."""
    code, out, err = run("--tables")
    _, data, _ = run("--tables", "--format", "json")

    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == [each.name for each in zin.tables()]
    assert "CC BY 4.0" in out
    assert [each["name"] for each in json.loads(data)] == [each.name for each in zin.tables()]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--age", "33"), "female is missing: give age and female, or population_qalys"),
        (("--age", "17", "--female", "0", "--smr", "2"), "age must be at least 18, as the norms szende-2014 have none"),
        ((*PEOPLE,), "patients are missing: give remaining_qalys"),
        ((*PEOPLE, "--remaining-qalys", "-1"), "remaining_qalys must lie in [0, 130] QALY, got -1.0"),
        ((*PEOPLE, "--utility", "1.2"), "utility must lie in [-1, 1], got 1.2"),
        ((*PEOPLE, "--smr", "2", "--table", "x"), "table must be one of 'cbs-2021'"),
    ],
)
def test_wrong_input_is_told_in_a_line(run, arguments, message):
    """Exit code 1, the message on standard error, nothing on standard output."""
    code, out, err = run(*arguments)

    assert (code, out) == (1, "")
    assert err.startswith(f"hecon: {message}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--age", "0,5"), "argument --age: must be a number with a decimal point, as in 38.2, got '0,5'"),
        (("--age", "nan"), "argument --age: must be a number with a decimal point, as in 38.2, got 'nan'"),
        (("--years", "always"), "argument --years: must be a number with a decimal point, as in 38.2, got 'always'"),
        (("--tables", "--age", "33"), "burden --tables takes no numbers"),
    ],
)
def test_wrong_usage_is_told(run, arguments, message):
    """Exit code 2."""
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert message in err
