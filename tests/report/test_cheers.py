"""CHEERS 2022: all 28 items in both languages, each with where it is answered, and no heading that is not there."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
import trial_dossiers as trials
from shipped import ECONOMIC, PLAIN, assessed, document, each_of, of_compare

import hecon
from hecon.dossier.comparison import GuidelineAnswer, ReportedStatement
from hecon.locale import LANGUAGES, Locale
from hecon.report.document import Heading, Table
from hecon.report.sections import cheers as section

# As the statement names them (Husereau et al. 2022, https://doi.org/10.1136/bmj-2021-067975).
NAMES = """Title
Abstract
Background and objectives
Health economic analysis plan
Study population
Setting and location
Comparators
Perspective
Time horizon
Discount rate
Selection of outcomes
Measurement of outcomes
Valuation of outcomes
Measurement and valuation of resources and costs
Currency, price date, and conversion
Rationale and description of model
Analytics and assumptions
Characterising heterogeneity
Characterising distributional effects
Characterising uncertainty
Approach to engagement with patients and others affected by the study
Study parameters
Summary of main results
Effect of uncertainty
Effect of engagement with patients and others affected by the study
Study findings, limitations, generalisability, and current knowledge
Source of funding
Conflicts of interest""".splitlines()
PARTS = ["Title", "Abstract", "Introduction", *["Methods"] * 18, *["Results"] * 4, "Discussion", "Other", "Other"]
TEXT = {"text": {"nl": "zo", "en": "so"}, "sources": ({"document": "eggerding-2022", "place": "abstract"},)}
STATEMENT = ReportedStatement.model_validate(TEXT)


def table(assessment, lang):
    """Return the table of the annex."""
    (found,) = (each for each in section.annex(assessment, Locale(lang)) if isinstance(each, Table))
    return found


def test_the_28_items_are_those_of_the_statement():
    """In its order and its sections."""
    rows = table(assessed("acl-rupture"), "en").rows

    assert [row[0] for row in rows] == [str(number) for number in range(1, 29)]
    assert [row[2] for row in rows] == [name[0].lower() + name[1:] for name in NAMES]
    assert [row[1] for row in rows] == [part.lower() for part in PARTS]


@each_of(ECONOMIC)
@pytest.mark.slow
def test_every_heading_that_is_named_is_in_the_note(name, lang):
    """Under each item stands a heading of the note, the title, or that it is not reported or was not looked up."""
    locale = Locale(lang)
    headings = {each.text for each in document(name, lang).blocks if isinstance(each, Heading)}
    found = section.answers(assessed(name), locale)

    assert len(found) == 28
    named = {where for each in found for where in each.where} - {locale.text("cheers.title_here")}
    assert named - headings == set()
    assert all(each.where or each.open or each.status == "not applicable" for each in found)
    assert all(row[3].strip() for row in table(assessed(name), lang).rows)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.no_cover
def test_without_comparisons_there_is_no_annex(name):
    """CHEERS is of economic evaluations; the data are null."""
    assert section.annex(assessed(name), Locale("nl")) == []
    assert section.data(assessed(name), Locale("nl")) == {"cheers": None}


def held(**changed):
    """Return the answers for one comparison with some fields of it changed, by item."""
    assessment, result = of_compare(**changed)
    alone = replace(assessment, comparisons=(result,))
    return alone, {each.item: each for each in section.answers(alone, Locale("en"))}


VALIDITY = "Internal and external validity"
BODY = "COMPARE, societal"
ANNEX = Locale("en").text("comparison.details", title=BODY)
ANSWER = GuidelineAnswer.model_validate(TEXT | {"outcome": "met"})
NONE = dict.fromkeys(type(hecon.load("acl-rupture").comparison[0].reporting).model_fields)
# Item, fields that leave it open, fields that answer it.
CASES = [
    ("discount_rate", {}, {"horizon_months": 12}),
    ("discount_rate", {"discount_cost": Decimal("0.04")}, {"discount_cost": 0, "discount_effect": 0}),
    ("measurement", {"reporting": NONE}, {"reporting": {"value_set": STATEMENT}}),
    ("valuation", {"reporting": {"value_set": STATEMENT}}, {"guideline": {"quality_of_life": ANSWER}}),
    ("resources", {}, {"guideline": {"costs": ANSWER}}),
    ("currency", {}, {"price_year": 2020}),
    ("analytics", {"reporting": NONE}, {"reporting": NONE | {"missing_data": STATEMENT}}),
    ("heterogeneity", {"reporting": NONE}, {"reporting": {"subgroups": STATEMENT}}),
    ("distribution", {"reporting": NONE}, {"reporting": {"equity": STATEMENT}}),
    ("uncertainty", {"draws": False}, {}),
    ("effect_of_uncertainty", {"draws": False}, {}),
    ("funding", {}, {"reporting": {"funding": STATEMENT}}),
    ("interests", {}, {"reporting": {"interests": STATEMENT}}),
]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(("item", "without", "given"), CASES)
def test_an_item_is_answered_by_the_fields_of_the_dossier(item, without, given, whole):
    """Where they do not, it is not reported if the source was read whole, and else not looked up."""
    alone, found = held(whole=whole, **without)
    _, filled = held(whole=whole, **given)
    (words,) = (row[3] for row, each in zip(table(alone, "en").rows, section.ITEMS, strict=True) if each[1] == item)

    worth = {"uncertainty": "worth.details", "effect_of_uncertainty": "worth.heading"}
    there = (VALIDITY if item == "analytics" else ANNEX,)
    if item in worth:
        there = (Locale("en").text(worth[item]), BODY)
    assert (filled[item].status, filled[item].where) == ("answered", there)
    missing = "not reported in the sources consulted" if whole else "not looked up (abstract only)"
    if item == "currency":
        assert (found[item].status, words) == ("in part", f"{ANNEX}; price year {missing}")
    else:
        assert found[item].status == ("not reported" if whole else "not looked up")
        assert words == missing[0].upper() + missing[1:]


@pytest.mark.parametrize("item", ["analysis_plan", "engagement", "effect_of_engagement"])
def test_what_no_field_holds_is_open(item):
    """A dossier has no place for it, so it was not looked up."""
    _, found = held()

    assert (found[item].status, found[item].where) == ("not looked up", ())


def test_what_the_note_lacks_is_open():
    """Without conditions, studies, conclusion, caveats and reason the items that they answer are not looked up."""
    alone, _ = held(caveat=())
    bare = alone.dossier.note.model_copy(
        update={
            "reason": None,
            "study": (),
            "gap": (),
            "conclusion": None,
            "conditions": alone.dossier.note.conditions.model_copy(update={"where": None}),
        }
    )
    alone = replace(alone, dossier=alone.dossier.model_copy(update={"note": bare}))
    found = {each.item: each for each in section.answers(alone, Locale("nl"))}

    assert found["setting"].status == found["discussion"].status == "not looked up"
    assert found["population"].where == ("PICO van de vraag en de studies",)
    assert found["background"].where == ("Conclusie",)


@pytest.mark.slow
def test_some_comparisons_are_named_and_all_are_not():
    """Those that answer an item first, then those that do not."""
    rows = table(assessed("acl-rupture"), "nl").rows

    assert (rows[6][3], rows[7][3]) == ("Elke vergelijking", "De bijlage bij elke vergelijking")
    assert rows[11][3] == (
        "ACL SNNAP, gezondheidszorg: opzet, gegevens en gevoeligheidsanalyses; niet opgezocht (alleen de samenvatting "
        "gelezen): COMPARE, maatschappelijk; COMPARE, gezondheidszorg"
    )
    assert rows[16][3].endswith("gedeeltelijk: COMPARE, maatschappelijk; COMPARE, gezondheidszorg")


@pytest.mark.parametrize(
    ("item", "key"), [("heterogeneity", "subgroups"), ("distribution", "equity"), ("funding", "funding")]
)
@pytest.mark.parametrize(
    ("state", "status"), [("answered", "answered"), ("in part", "in part"), ("open", "not looked up")]
)
def test_a_statement_answers_as_far_as_it_says(item, key, state, status):
    """That nothing was found in the sources consulted is no answer."""
    told = ReportedStatement.model_validate({**STATEMENT.model_dump(), "state": state})
    alone, found = held(reporting=NONE | {key: told})
    (words,) = (row[3] for row, each in zip(table(alone, "en").rows, section.ITEMS, strict=True) if each[1] == item)

    assert found[item].status == status
    assert bool(found[item].where) == (state != "open")
    assert ("in part" in words) == (state == "in part")


SILENT = re.compile(r"not in the (sources|abstract)|[Nn]o results|name no|not looked up|is not in them")


@pytest.mark.parametrize("name", ECONOMIC)
@pytest.mark.no_cover
def test_no_shipped_statement_of_nothing_counts_as_an_answer(name):
    """Of what lies beyond the horizon the sources tell what is left out; the rest says in its state what is missing."""
    for spec in assessed(name).dossier.comparison:
        for key in type(spec.reporting).model_fields:
            told = getattr(spec.reporting, key)
            if told is not None and key != "beyond_horizon":
                assert (told.state == "answered") == (SILENT.search(told.text.en) is None), (spec.id, key)


@pytest.mark.slow
def test_patient_data_answer_more(tmp_path):
    """The design is a plan of the analysis, and tells outcomes, value set, costs and their valuation."""
    found = hecon.assess(trials.write(tmp_path), n_draws=100)
    told = {each.item: each.status for each in section.answers(found, Locale("en"))}

    for item in ("analysis_plan", "measurement", "valuation", "resources", "analytics", "uncertainty"):
        assert told[item] == "answered", item


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_data_hold_the_same(lang):
    """By number, with the headings and the comparisons that leave an item open."""
    told = section.data(assessed("acl-rupture"), Locale(lang))["cheers"]

    assert [each["number"] for each in told] == list(range(1, 29))
    assert told[11]["open"] == ["compare-societal", "compare-healthcare"]
    assert told[16]["partly"] == ["compare-societal", "compare-healthcare"]
    assert told[15]["status"] == "not applicable"
    assert [each["words"] for each in told] == [row[3] for row in table(assessed("acl-rupture"), lang).rows]
