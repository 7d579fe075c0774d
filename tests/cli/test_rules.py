"""The command `hecon rules`, and the options --rules and --on of the others."""

import json

import pytest

from hecon.cli import main as cli


@pytest.fixture
def run(capsys):
    """Return a function that runs the command line: exit code, output and errors."""

    def command(*arguments):
        code = cli.main([*arguments])
        return (code, *capsys.readouterr())

    return command


def test_the_sets_are_listed_with_dates_sources_and_status(run):
    """In both languages."""
    code, out, _ = run("rules")
    words = " ".join(out.split())

    assert code == 0
    assert [line for line in out.splitlines() if line and line[0] != " "] == [
        "england-medicines",
        "england-other",
        "nl",
    ]
    assert "value per QALY: £25,000 to £35,000; from April 2026. NICE." in words
    assert "value per QALY: £20,000 to £30,000; until April 2026 (when they began was not looked up)." in words
    assert "€20,000 from 0.10, €50,000 from 0.41, €80,000 from 0.71, no value below that (proportional" in words
    assert "discounting: costs 4%, effects 1.5% a year; from 2016 until January 2024." in words
    assert "(read at the source)." in words
    assert "Not in these rules: discounting, burden of disease, guideline, package criteria." in words
    assert "begin niet opgezocht" in run("rules", "england-other", "--lang", "nl")[1]


def test_a_day_leaves_what_held_then(run):
    """As text and as data."""
    data = json.loads(run("rules", "nl", "--on", "2020-01-01", "--format", "json")[1])
    text = run("rules", "nl@2020-01-01")[1]

    (dutch,) = data if isinstance(data, list) else [data]
    assert [each["costs"] for each in dutch["discounting"]] == [0.04]
    assert (dutch["on"], [each["since"] for each in dutch["guideline"]]) == ("2020-01-01", ["2016"])
    assert "costs 4%" in text
    assert "costs 3%" not in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rules", "gb"), "rules must be one of england-medicines, england-other, nl or the path"),
        (("rules", "nl@2014-01-01"), "on must be 2015-06-26 or later"),
        (
            ("rules", "nl@2023"),
            "rules must name a date, as in nl@2024-03-22, or an edition of nl: 2015-06-26, 2016, 2024",
        ),
        (
            ("rules", "nl@2024-01", "--on", "2020-01-01"),
            "on must be left out with rules of a day of their own, 2024-01",
        ),
        (("assess", "triage", "--rules", "nl@2016-05-01", "--on", "2017-01-01"), "on must be left out"),
    ],
)
def test_rules_that_cannot_be_had_are_refused(run, arguments, message):
    """With what there is."""
    code, out, err = run(*arguments)

    assert (code, out) == (1, "")
    assert message in err


def test_a_day_that_is_none_is_a_fault_of_usage(run):
    """With the form that it takes."""
    with pytest.raises(SystemExit):
        run("assess", "triage", "--on", "yesterday")


@pytest.mark.slow
def test_an_overview_by_englands_rules(run):
    """Below the range; the comparisons in euros have no verdict, and none of their values is Dutch."""
    code, out, _ = run("assess", "acl-rupture", "--rules", "england-other", "--on", "2024-01-31", "--draws", "100")

    assert code == 0
    assert "£19,346 (NE; recomputed £19,558); below the range" in out
    assert "no verdict: other currency" in out
    assert "the rules do not tie the value to the burden of disease" in out
    assert all(value not in out for value in ("€20,000", "€50,000", "€80,000", "£50,000"))


def test_a_burden_by_rules_without_tables(run):
    """Shortfalls are given by the user, at a rate of the user's."""
    given = ("--population-qalys", "20", "--remaining-qalys", "8", "--rules", "england-medicines")
    code, out, _ = run("burden", *given, "--discount", "0.035", "--given-discount", "0.035")

    assert code == 0
    assert "absolute shortfall                       12.00 QALY" in out
    assert "band" not in out
    assert run("burden", *given)[2].startswith(
        "hecon: discount must be given, as the rules england-medicines name none"
    )


@pytest.mark.slow
@pytest.mark.parametrize("command", ["voi", "sensitivity"])
def test_values_of_other_commands_are_those_of_the_rules(run, command):
    """In pounds alone."""
    arguments = ("--comparison", "snnap-healthcare", "--rules", "england-medicines", "--draws", "100")
    code, out, _ = run(command, "acl-rupture", *arguments)

    assert code == 0
    assert "£25,000" in out
    assert "£20,000" not in out
