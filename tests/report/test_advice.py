"""The package advice as a form of output: the decision asked, scenarios with budgets, and the four criteria."""

from __future__ import annotations

import json

import pytest
from shipped import NAMES, assessed, each_of

import hecon
from hecon.cli.main import main
from hecon.errors import InputError
from hecon.locale import LANGUAGES, Locale
from hecon.report.document import Heading, Paragraph, Table
from hecon.report.sections import ADVICE, FORMS, SECTIONS, decision
from hecon.report.words.budgets import BudgetWords

# Every test looks at whole assessments, and whichever comes first makes them.
pytestmark = pytest.mark.slow

WITHOUT = ("fibromyalgia", "prehabilitation", "triage")
# Named, since every worker would assess all dossiers to find them while it collects the tests.
PRICED = [
    "acl-rupture",
    "copd",
    "first-twenty",
    "meniscal-tear-degenerative",
    "meniscal-tear-traumatic",
    "rheumatoid-arthritis",
]


def advice(name, lang):
    """Return the advice of a dossier that ships."""
    return hecon.summary(assessed(name), lang=lang, form="advice")


def test_the_note_is_the_default():
    """The forms are two lists of sections; the advice adds one."""
    assert hecon.summary(assessed("acl-rupture")).form == "note"
    assert FORMS == {"note": SECTIONS, "advice": ADVICE}
    assert set(ADVICE) - set(SECTIONS) == {"decision"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"form": "letter"}, "form must be one of 'note', 'advice', got 'letter'"),
        ({"form": None}, "form must be one of 'note', 'advice', got None"),
        ({"form": "advice", "length": "brief"}, "length must be 'full' in the form 'advice', got 'brief'"),
    ],
)
def test_an_unknown_form_is_named(arguments, message):
    """With the choices; an advice has one length."""
    with pytest.raises(InputError) as caught:
        hecon.summary(assessed("triage"), **arguments)

    assert str(caught.value) == message


@each_of(NAMES)
def test_an_advice_says_what_it_is_and_points_at_the_note(name, lang):
    """It has no table of figures: these are in the note."""
    locale, made = Locale(lang), advice(name, lang).document
    assert made.kind_words == locale.text("document.kind_advice")
    assert made.colophon == locale.text("document.footer_brief")
    assert locale.text("audit.figures_heading") not in [each.text for each in made.blocks if isinstance(each, Heading)]


@each_of(NAMES)
def test_an_advice_has_the_decision_its_scenarios_and_the_criteria(name, lang):
    """In this order, in one language."""
    locale, blocks = Locale(lang), advice(name, lang).document.blocks
    headings = [each.text for each in blocks if isinstance(each, Heading)]
    keys = ("decision.heading", "decision.scenarios", "note.part_criteria")
    keys += tuple(f"note.{key}" for key in ("effectiveness", "cost_effectiveness", "necessity", "feasibility"))
    places = [headings.index(locale.text(key)) for key in keys]

    assert places == sorted(places)
    assert headings[0] == getattr(assessed(name).dossier.title, lang)
    assert locale.text("guideline.heading") not in headings


@each_of(NAMES)
def test_the_decision_asked_is_told_with_its_source(name, lang):
    """Or that it is not on file; and that the text is no advice of the institute."""
    blocks = decision.blocks(assessed(name), Locale(lang))
    asked = assessed(name).dossier.note.decision

    assert (asked is None) == (name in WITHOUT)
    if asked is None:
        assert blocks[1] == Paragraph(Locale(lang).text("decision.not_on_file"))
    else:
        assert blocks[1].text.startswith(getattr(asked.text, lang))
        assert "zorginstituut-2024, " in blocks[1].text
    assert ("Zorginstituut" if lang == "en" else "het Zorginstituut") in blocks[2].text


def test_which_have_a_priced_budget():
    """So that the list is complete."""
    budgets = {name: assessed(name).budget for name in NAMES}

    assert [name for name, each in budgets.items() if each is not None and each.plan.priced] == PRICED


@each_of(PRICED)
def test_every_scenario_has_its_budget(name, lang):
    """Of each year, as the assessment computed it, beside an unchanged entitlement."""
    locale, result = Locale(lang), assessed(name).budget
    blocks = decision.blocks(assessed(name), locale)
    shown = {cell for each in blocks if isinstance(each, Table) for row in each.rows for cell in row[1:]}

    assert Paragraph(locale.text("decision.unchanged")) in blocks
    for scenario in result.main["scenario"].values:
        for year in result.plan.years:
            total = float(result.main["total"].sel(scenario=scenario, year=year))
            words = BudgetWords(result, assessed(name).dossier, locale)
            # In whole euros or in millions, as the rest of its column.
            assert shown & {words.span([total], digits) for digits in (None, 1, 2)}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_budget_the_advice_says_why(lang):
    """As the note does; of a plan without prices it gives the numbers."""
    none = decision.blocks(assessed("fibromyalgia"), Locale(lang))
    units = decision.blocks(assessed("triage"), Locale(lang))

    assert isinstance(none[-1], Paragraph)
    assert "zorginstituut-2024" in none[-1].text
    assert isinstance(units[-1], Table)
    assert Paragraph(Locale(lang).text("decision.unchanged")) not in units


def test_the_data_of_an_advice():
    """The form, the decision, the criteria and the budget; the note has no decision in its form."""
    told = advice("acl-rupture", "en").data
    note = hecon.summary(assessed("acl-rupture"), lang="en").data

    assert (told["form"], note["form"]) == ("advice", "note")
    assert told["decision"]["sources"] == [{"document": "zorginstituut-2024", "place": "hoofdstuk 2, disclaimer"}]
    assert told["criteria"] == note["criteria"]
    assert told["budget"] == note["budget"]
    assert "guideline" not in told
    assert "decision" not in note


FEW = ("--draws", "100")


@pytest.mark.parametrize("kind", ["md", "json", "html"])
def test_the_command_prints_an_advice(kind, capsys):
    """In a format."""
    assert main(["assess", "fibromyalgia", "--form", "advice", "--format", kind, *FEW]) == 0
    told = capsys.readouterr().out

    assert (json.loads(told)["form"] == "advice") if kind == "json" else ("The decision asked" in told)


def test_the_command_writes_an_advice_beside_the_note(tmp_path, capsys):
    """Under a name of its own, which no dossier can have."""
    for form in ("note", "advice"):
        assert main(["assess", "fibromyalgia", "--form", form, "--format", "md", "--out", str(tmp_path), *FEW]) == 0
    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}

    assert {"fibromyalgia.advice.en.md", "fibromyalgia.advice.nl.md", "fibromyalgia.en.md"} <= set(written)
    assert "Het gevraagde besluit" in written["fibromyalgia.advice.nl.md"]
    assert "Het gevraagde besluit" not in written["fibromyalgia.nl.md"]
    assert "fibromyalgia.advice.en.md" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--form", "letter"], "invalid choice: 'letter' (choose from"),
        (["--form", "advice"], "assess prints no table in the form advice; give --format, or --out to write files"),
    ],
)
def test_a_form_that_cannot_be_had_is_wrong_usage(arguments, message, capsys):
    """With the remedy."""
    with pytest.raises(SystemExit) as caught:
        main(["assess", "fibromyalgia", *arguments])

    assert caught.value.code == 2
    assert message in capsys.readouterr().err
