"""The command `hecon budget`: text, Markdown, HTML and JSON, scenarios of one's own, several together, refusals."""

import json
import re

import pytest
from assessed import assessed_once

import hecon
from hecon.cli import main as cli

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = [pytest.mark.slow, pytest.mark.counted]


@pytest.fixture
def run(capsys):
    """Return a function that runs the command: its exit code, standard output and standard error."""

    def command(*arguments):
        try:
            with assessed_once():
                code = cli.main(["budget", *map(str, arguments)])
        except SystemExit as stop:
            code = stop.code
        return (code, *capsys.readouterr())

    return command


def test_text(run):
    """The headline, the totals by year, what they rest on and the printed totals; at most 100 characters a line."""
    code, out, err = run("copd")

    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 100
    for words in (
        "In 2027 the change costs the budget €201,960 to €504,900 more (net)",
        "2027: €201,960",
        "Method of calculation",
        "Reproducibility of the reported amounts",
    ):
        assert words in re.sub(r"\s+", " ", out)


def test_the_languages(run):
    """Dutch on demand."""
    _, out, _ = run("acl-rupture", "--lang", "nl")

    assert "In 2027 bespaart de wijziging netto € 21,1 tot 22,4 miljoen" in re.sub(r"\s+", " ", out)


def test_json_is_alone_on_standard_output(run):
    """With totals to the euro as printed, each printed total with what became of it, and the numbers behind all."""
    code, out, err = run("copd", "--format", "json")
    data = json.loads(out)
    found = data["budget"]

    assert (code, err, data["name"], data["language"]) == (0, "", "copd", "en")
    printed = found["impact_as_printed"]
    assert [round(printed[end]["2027"]["total"]) for end in ("minimum", "maximum")] == [201_960, 504_900]
    assert found["impact"]["maximum"]["2027"]["sectors"]["primary paramedical"]["saved"] == 0
    assert [(each["figure"], each["outcome"]) for each in found["printed"]] == [
        ("extra_spending_minimum", "reading"),
        ("extra_spending_maximum", "reading"),
        ("extra_spending_year_3", "as stated"),
        ("budget_2025", "explained"),
        ("budget_2027", "explained"),
    ]
    assert found["parameters"]["tariff"]["range"] == [36, 45]
    assert found["parameters"]["tariff"]["status"] == "reported"
    assert found["conventions"]["inflation_rule"] == "cumulative"
    assert found["conventions_as_printed"]["inflation_rule"] == "own year"
    assert found["printed_together"]["departures"] == [
        {"kind": "inflation_rule", "choice": "own year", "contradicts": False}
    ]


def test_a_plan_without_prices_has_units_only(run):
    """Triage counts episodes."""
    _, out, _ = run("triage", "--format", "json")
    found = json.loads(out)["budget"]

    assert found["priced"] is False
    assert found["impact"]["minimum"]["2025"]["patients"] == pytest.approx(6_424_020)
    assert "total" not in found["impact"]["minimum"]["2025"]


def test_without_a_plan(run):
    """It says so, and JSON has null."""
    _, out, _ = run("fibromyalgia")
    _, data, _ = run("fibromyalgia", "--format", "json")

    assert "No budget impact is on file." in out
    assert json.loads(data)["budget"] is None


def test_several_are_added_up(run):
    """With what they overlap in; JSON is a list that ends in the sum."""
    code, out, _ = run("acl-rupture", "first-twenty", "copd")
    _, data, _ = run("acl-rupture", "first-twenty", "--format", "json")
    *each, together = json.loads(data)
    plans = [hecon.load(name).budget for name in ("acl-rupture", "first-twenty")]
    # Each by the conventions that its own page tells first.
    ways = zip(plans, ("stated", "as printed"), strict=True)
    totals = [float(hecon.budget_impact(plan, conventions=way).total[-1, 1]) for plan, way in ways]

    assert code == 0
    assert "Budget impact of 3 changes" in out
    assert "therapy after a reconstruction is a chronic indication" in re.sub(r"\s+", " ", out)
    assert [one["name"] for one in each] == ["acl-rupture", "first-twenty"]
    assert together["together"]["total"]["maximum"]["2027"] == pytest.approx(sum(totals))
    by_year = together["together"]["total"]["maximum"]
    assert together["together"]["total_to_date"]["maximum"]["2027"] == pytest.approx(sum(by_year.values()))
    assert len(together["together"]["overlaps"]) == 1


def test_plans_without_prices_are_not_added_up(run):
    """One with and one without make no sum."""
    _, out, _ = run("copd", "triage")
    _, data, _ = run("copd", "triage", "--format", "json")

    assert "changes" not in out
    assert [each["name"] for each in json.loads(data)] == ["copd", "triage"]


def test_all(run):
    """Those that come with hecon and have a plan."""
    _, out, _ = run("--all", "--format", "json")

    assert [each["name"] for each in json.loads(out)[:-1]] == [
        name for name in hecon.dossier.names() if hecon.load(name).budget is not None
    ]


def test_markdown_and_html(run):
    """A document of its own: with figures on the page, in words in Markdown."""
    _, markdown, _ = run("acl-rupture", "--format", "md", "--lang", "nl")
    _, page, _ = run("acl-rupture", "--format", "html", "--lang", "nl")

    assert markdown.startswith("# Gescheurde voorste kruisband")
    assert "minder: medisch-specialistische zorg" in markdown
    assert page.startswith("<!doctype html>")
    assert page.count("<svg") == 1
    assert "Budgetimpactanalyse" in page


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (("--scenario", "middle"), "Middle, reconstructed"),
        (("--scenario", "dear:tariff=48"), "Dear, reconstructed"),
        (("--scenario", "minimum", "--scenario", "dear:tariff=high,extra_treatments=12"), "Dear"),
    ],
)
def test_scenarios_of_ones_own(run, given, shown):
    """By a name that is known, or by what they set."""
    code, out, err = run("copd", *given)

    assert (code, err) == (0, "")
    assert shown.split(":")[0] in out


def test_a_scenario_is_counted_with_what_it_sets(run):
    """As `hecon.budget_impact` does."""
    _, out, _ = run("copd", "--scenario", "dear:tariff=48", "--format", "json")
    expected = hecon.budget_impact(hecon.load("copd").budget, scenarios={"dear": {"tariff": 48}})

    found = json.loads(out)["budget"]
    assert list(found["impact"]) == ["dear"]
    assert found["impact"]["dear"]["2027"]["total"] == pytest.approx(float(expected.total.sel(year=2027)[0]))
    assert found["scenarios"]["dear"] == {**expected_values(), "tariff": 48}


def expected_values():
    """Return the middle of every number of the plan."""
    return {name: each.middle for name, each in hecon.load("copd").budget.parameters.items()}


def test_files(run, tmp_path):
    """Every language and format by default, or those asked for; the folder is made."""
    code, out, _ = run("copd", "--out", tmp_path / "all")
    run("copd", "triage", "--out", tmp_path / "some", "--lang", "nl", "--format", "md")

    assert code == 0
    assert out.startswith("Wrote 6 files")
    assert sorted(each.name for each in (tmp_path / "all").iterdir()) == [
        f"copd.budget.{lang}.{kind}" for lang in ("en", "nl") for kind in ("html", "json", "md")
    ]
    assert sorted(each.name for each in (tmp_path / "some").iterdir()) == ["copd.budget.nl.md", "triage.budget.nl.md"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("copd", "--scenario", "x"), "copd: scenario must be one of 'minimum', 'middle', 'maximum', got 'x'"),
        (("copd", "--scenario", "x:tarif=3"), "copd: parameter must be one of"),
        (("copd", "--scenario", "x:tariff=-3"), "population[0].new[0].price: must be at least 0, got -3"),
        (("nothing",), "dossier must be one of"),
    ],
)
def test_wrong_input(run, given, message):
    """Exit code 1, the message on standard error."""
    code, out, err = run(*given)

    assert (code, out) == (1, "")
    assert message in err


def test_the_sum_is_of_the_scenarios_that_are_asked_for(run, tmp_path):
    """Of those with a name; one's own sets figures of one plan and is not summed. Files have the sum too."""
    _, out, _ = run("acl-rupture", "copd", "--scenario", "middle", "--format", "json")
    _, own, err = run("acl-rupture", "copd", "--scenario", "dear:tariff=48", "--format", "json")
    assert err == (
        "hecon: no sum of these dossiers is made, as scenario 'dear' has no values that all share; ask for minimum, "
        "middle, maximum alone to have it\n"
    )
    run("acl-rupture", "copd", "--out", tmp_path, "--lang", "nl")

    assert list(json.loads(out)[-1]["together"]["total"]) == ["middle"]
    assert [each["name"] for each in json.loads(own)] == ["acl-rupture", "copd"]
    assert sorted(each.name for each in tmp_path.glob("together*")) == [
        f"together.budget.nl.{kind}" for kind in ("html", "json", "md")
    ]


def test_classes_stand_apart(run):
    """COPD's two groups of patients, which add up to the whole."""
    _, out, _ = run("copd", "--format", "json")
    found = json.loads(out)["budget"]
    parts = [each["maximum"]["2027"]["total"] for each in found["by_population"].values()]

    assert list(found["by_population"]) == ["high", "low"]
    assert sum(parts) == pytest.approx(504_900)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("copd", "--scenario", "maximum:tariff=3"), "must have a name of its own if it sets figures"),
        (("copd", "--scenario", "a:tariff=40,tariff=41"), "must set each figure once, got 'tariff' again in 'a:tariff"),
        (("copd", "--scenario", "a:tariff=40", "--scenario", "a:tariff=41"), "budget takes each --scenario once"),
        ((), "budget takes either dossiers or --all; hecon list names those that ship"),
        (("copd", "--all"), "budget takes either dossiers or --all; hecon list names those that ship"),
        (("copd", "--out", "x", "--format", "text"), "budget --out writes html, md, json"),
        (("copd", "triage", "--format", "html"), "budget prints one page of html"),
        (("copd", "--scenario", "x:tariff=dear"), "must be NAME, or NAME:FIGURE=VALUE"),
        (("copd", "--scenario", ":tariff=3"), "must have a name"),
    ],
)
def test_wrong_usage(run, given, message):
    """Exit code 2."""
    code, _, err = run(*given)

    assert code == 2
    assert message in re.sub(r"\s+", " ", err)
