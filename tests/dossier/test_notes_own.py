"""What a note says of itself: author, date, documents, what was read, what is assumed, and what is not on file."""

from __future__ import annotations

import datetime as dt
import re
import tomllib

import pytest
from shipped import ECONOMIC, NAMES, assessed
from shipped import document as composed
from skeletons import filled, skeleton

import hecon
from hecon import dossier
from hecon.dossier import FOLDER
from hecon.dossier.documents import cited_documents, extent_read
from hecon.errors import DossierError
from hecon.locale import Locale
from hecon.report.document import Facts, Heading, Paragraph, Table
from hecon.report.sections.answer import blocks as answer
from hecon.report.sections.assumptions import annex as assumptions
from hecon.report.sections.budget import no_budget
from hecon.report.sections.criteria import as_under, criterion_words
from hecon.report.sections.pico import reason
from hecon.report.writers.markdown import markdown

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = pytest.mark.slow

# Author, date and documents of a note ---------------------------------------------------------------------------------


def cited(node):
    """Return the ids of all documents that a parsed file cites."""
    if isinstance(node, dict):
        own = {each["document"] for each in node.get("sources", ()) if isinstance(each, dict)}
        return own.union(*map(cited, node.values()))
    return set().union(*map(cited, node)) if isinstance(node, list) else set()


@pytest.mark.parametrize("name", NAMES)
def test_no_note_is_dated_before_a_source_that_it_uses(name):
    """Nor before a judgement that it tells of; its author and date are its own."""
    found = hecon.load(name)
    criteria = [getattr(found.note.criteria, key) for key in type(found.note.criteria).model_fields]
    days = [each.date for each in found.document if each.date is not None]
    days += [each.judged_on for each in criteria if each is not None and each.judged_on is not None]

    assert found.note.author == "hecon"
    assert days
    assert found.note.date >= max(days)


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_the_facts_come_from_all_documents_that_are_cited(name, lang):
    """Counted from the file, whatever part cites them; in the note and as data."""
    tree = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    expected = [each["id"] for each in tree["document"] if each["id"] in cited(tree)]
    found = assessed(name)
    facts = dict(next(each for each in reason(found, Locale(lang)) if isinstance(each, Facts)).pairs)

    assert expected
    assert facts[Locale(lang).text("note.facts_from")].startswith(f"{len(expected)} document")
    assert hecon.summary(found, lang=lang).data["facts_from"] == expected
    assert hecon.summary(found, lang=lang).data["date"] == tree["note"]["date"].isoformat()


DATED = """
[note]
author = "A. Author"
date = {date}

[note.criteria.necessity]
judgement = "positive"
judged_by = "zorginstituut"
{judged}
text.nl = "Nodig"
text.en = "Needed"
sources = [{{ document = "example", place = "page 1" }}]
"""


def dated(tmp_path, *, written, document="2024-03-22", judged=""):
    """Return the path of a dossier with a note of one date and a document of another."""
    path = tmp_path / "sample.toml"
    text = dossier.skeleton("sample").replace("# date = 2024-03-22", f"date = {document}")
    path.write_text(text + DATED.format(date=written, judged=judged), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("written", "document", "judged", "told"),
    [
        ("2024-01-29", "2024-03-22", "", "document 'example' is of 2024-03-22"),
        ("2024-03-21", "2024-03-22", "", "document 'example' is of 2024-03-22"),
        ("2024-03-22", "2024-03-22", "judged_on = 2024-03-23", "note.criteria.necessity is of 2024-03-23"),
        ("2026-02-28", '2026-03-01\ndate_printed = "season"', "", "document 'example' is of 2026-03-01"),
    ],
)
def test_a_note_older_than_what_it_uses_is_refused(tmp_path, written, document, judged, told):
    """By the first day that a document without a day can be of; the remedy, the later date, works."""
    with pytest.raises(DossierError) as caught:
        hecon.load(dated(tmp_path, written=written, document=document, judged=judged))

    (fault,) = caught.value.faults
    assert fault.startswith(f"note.date: must not be before what the note uses, got {written}")
    assert told in fault
    assert fault.endswith("give the date of this note, not of a note that it draws on")
    assert (
        hecon.load(dated(tmp_path, written="2026-03-01", document=document, judged=judged)).note.author == "A. Author"
    )


def test_a_document_that_nothing_cites_is_no_source_of_the_note(tmp_path):
    """It may be younger than the note."""
    path = dated(tmp_path, written="2024-04-15")
    more = '\n[[document]]\nid = "later"\ncitation = "Later"\ndate = 2025-01-01\nread = { nl = "niet", en = "not" }\n'
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")

    assert hecon.load(path).note.date == dt.date(2024, 4, 15)


# What was read --------------------------------------------------------------------------------------------------------


def test_only_the_documents_of_the_programme_were_read_whole():
    """Of the papers abstracts and single tables; a study that only these documents quote is on file as such."""
    whole = {each.id for name in NAMES for each in hecon.load(name).document if each.extent == "whole"}
    rest = {each.extent for name in NAMES for each in hecon.load(name).document if each.id not in whole}

    assert whole == {each.id for each in dossier.load_programme().document}
    # "quoted": two documents of margins that are still to be checked or looked up.
    assert rest == {"abstract", "part", "quoted"}
    for name in NAMES:
        found = hecon.load(name)
        for each in (*found.note.study, *found.comparison):
            own = {one.id for one in cited_documents(found, each)} - whole
            assert extent_read(found, each) == ("abstract" if own else "quoted")


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("name", ECONOMIC)
def test_of_an_abstract_nothing_is_said_to_be_not_reported(name, lang):
    """In what a reader looks for in an evaluation, in the differences, the reasons and the data."""
    found = assessed(name)
    page, data = markdown(composed(name, lang)), hecon.summary(found, lang=lang).data
    missing = Locale(lang).text("not_looked_up", extent=Locale(lang).text("extent.abstract"))

    assert Locale(lang).text("not_reported") not in page.lower()
    assert missing in page.lower()
    assert Locale(lang).text("evidence.no_interval") not in page
    for each in data["comparisons"]:
        assert each["read"] == "abstract"
        assert each["price_year"] == "not looked up"
        assert "not reported" not in {each["discount_cost"], each["discount_effect"]}


@pytest.mark.parametrize(
    ("extent", "read", "words"),
    [
        ('extent = "whole"', "", "not reported in the sources consulted"),
        ('extent = "abstract"', "", "not looked up (abstract only)"),
        ('extent = "part"', "", "not looked up (only a part read)"),
        ('extent = "quoted"', "", "not looked up (only read as another document quotes it)"),
        ("", "", "not looked up (how much was read is not on file)"),
        ('extent = "whole"', 'read = "quoted"', "not looked up (only read as another document quotes it)"),
        ("", 'read = "whole"', "not reported in the sources consulted"),
    ],
)
def test_what_is_missing_is_said_by_what_was_read(tmp_path, extent, read, words):
    """As the documents or the comparison itself say; where nothing is said, nothing is taken to be not reported."""
    path = tmp_path / "sample.toml"
    text = dossier.skeleton("sample").replace(
        'extent = "abstract" # how much was read: whole, abstract, part or quoted', extent
    )
    assert text.count("price_year = ") >= 1
    text = re.sub(r"(?m)^price_year = .*$", f'price_year = "not reported"\n{read}', text)
    path.write_text(filled(text), encoding="utf-8")
    page = markdown(hecon.summary(hecon.assess(path, n_draws=20), lang="en").document)
    (line,) = (each for each in page.splitlines() if each.startswith("- Not ") and "price year" in each)

    assert line.lower().startswith(f"- {words}: price year")


def test_a_part_is_not_read_whole_where_its_documents_are_not(tmp_path):
    """The fault names the document; leaving it out, as it says, is enough."""
    path = tmp_path / "sample.toml"
    text = dossier.skeleton("sample")
    path.write_text(text.replace("[[comparison]]\n", '[[comparison]]\nread = "whole"\n', 1), encoding="utf-8")
    with pytest.raises(DossierError) as caught:
        hecon.load(path)
    path.write_text(text, encoding="utf-8")

    assert list(caught.value.faults) == [
        "comparison[0].read: must not be 'whole', as of 'example' less was read: leave it out"
    ]
    assert hecon.load(path).comparison[0].read is None


# What is assumed ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_the_annex_lists_as_much_as_was_counted_as_assumed(name, lang):
    """The number at the top of the note, with the rows and the names below; "none" where it is none."""
    found = assessed(name)
    blocks = [*assumptions(found, Locale(lang))]
    label = Locale(lang).text("conclusion.rests")
    counted = next(dict(each.pairs) for each in answer(found, Locale(lang)) if isinstance(each, Facts))[label]
    found_number = re.search(r"(\d+) (?:assumed|aangenomen)", counted)
    number = int(found_number[1]) if found.statuses else 0
    rows = sum(len(spec.assumption) for spec in found.dossier.comparison)
    table = next((each for each in blocks if isinstance(each, Table)), None)
    said = [each.text for each in blocks if isinstance(each, Paragraph)]
    start = Locale(lang).text("assumptions.elsewhere", names="|").partition("|")[0]
    names = [each.removeprefix(start).removesuffix(".").split("; ") for each in said if each.startswith(start)]

    assert number == rows + sum(map(len, names))
    assert (table is not None) == any(spec.assumption or spec.design_effect for spec in found.dossier.comparison)
    assert (Locale(lang).text("assumptions.none") in said) <= (number == 0)


def test_what_is_assumed_anywhere_is_listed(tmp_path):
    """Statistics, facts of studies and figures, each by its name, beside the assumptions of comparisons."""
    text = dossier.skeleton("sample")
    source = 'sources = [{ document = "example", place = "page 1" }]'
    extra = f"""
[[note.study]]
origin = "dutch"
name = "STUDY"
text = {{ nl = "Opzet", en = "Design" }}
{source}
[[note.study.fact]]
kind = "patients"
value = 40
status = "assumed"
{source}
[[figure]]
id = "share"
name = {{ nl = "Aandeel", en = "Share" }}
value = 4
status = "assumed"
{source}
"""
    path = tmp_path / "sample.toml"
    path.write_text(text + extra, encoding="utf-8")
    said = [
        each.text for each in assumptions(hecon.assess(path, n_draws=20), Locale("en")) if isinstance(each, Paragraph)
    ]
    (listed,) = (each for each in said if each.startswith("Assumed, with the basis elsewhere"))

    assert "STUDY, patients" in listed
    assert "Share" in listed
    assert listed.count("difference in mean") == 2
    assert Locale("en").text("assumptions.none") not in said


# Each criterion and the budget ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_each_criterion_and_the_budget_has_its_line(name, lang):
    """Judged, described, not judged in the sources, or not looked up: none is passed over in silence."""
    found = assessed(name)
    blocks = composed(name, lang).blocks
    headings = [each.text for each in blocks if isinstance(each, Heading)]
    first = {}

    for key in ("effectiveness", "cost_effectiveness", "necessity", "feasibility"):
        place = blocks.index(Heading(3, Locale(lang).text(f"note.{key}")))
        criterion = getattr(found.dossier.note.criteria, key)
        assert criterion is not None
        assert Locale(lang).pick(criterion.text) in blocks[place + 1].text
        told = criterion_words(criterion, found.dossier, Locale(lang))
        heading = first.setdefault(told, Locale(lang).text(f"note.{key}"))
        again = as_under(criterion, heading, found.dossier, Locale(lang))
        assert blocks[place + 2].text in (told, again)
        assert (blocks[place + 2].text == again) == (heading != blocks[place].text and criterion.judged_by is not None)
    assert headings.count(Locale(lang).text("budget.heading")) == 1


def test_what_is_not_on_file_is_said_to_be_not_looked_up(tmp_path):
    """Of a dossier without a note: four criteria and the budget."""
    path = tmp_path / "sample.toml"
    path.write_text(skeleton("sample"), encoding="utf-8")
    found = hecon.assess(path, n_draws=20)
    page = markdown(hecon.summary(found, lang="en").document)

    assert page.count("Not looked up: nothing is on file.") == 4
    # The answer points to the part that says it.
    lines = [line for line in page.splitlines() if "No budget impact" in line]
    assert lines == [
        "- Budget: No budget impact on file; see the part on it.",
        "No budget impact is on file: not looked up.",
    ]
    assert hecon.summary(found, lang="en").data["no_budget"] == "No budget impact is on file: not looked up."


@pytest.mark.parametrize(
    ("name", "count"),
    [("fibromyalgia", "The dossier holds no figures."), ("rheumatoid-arthritis", "Figures in the dossier: 5,")],
)
def test_a_design_is_no_figure(name, count):
    """What is counted are the numbers that the note shows, each with its status."""
    assert f"- What this rests on: {count}" in markdown(hecon.summary(assessed(name), lang="en").document)


def test_the_brief_note_points_to_no_part_that_it_lacks():
    """The part on the budget is in the full note alone."""
    text = markdown(hecon.summary(assessed("fibromyalgia"), lang="en", length="brief").document)

    assert "- Budget: No budget impact on file.\n" in text


@pytest.mark.parametrize(("name", "noted"), [("triage", True), ("copd", False)])
def test_notes_are_announced_where_there_are_any(name, noted):
    """A table without a mark explains none."""
    text = markdown(hecon.summary(assessed(name), lang="en").document)

    assert ("As reported; \\[note\\] refers to the audit" in text) == noted


@pytest.mark.parametrize(
    ("judgement", "by", "words"),
    [
        ("positive", "zorginstituut", "Judged positive by Zorginstituut Nederland"),
        ("negative", None, "Judged negative; by whom is not on file."),
        ("described", None, "Described but not judged in the sources consulted."),
        ("not judged", None, "Not judged in the sources consulted."),
    ],
)
def test_every_judgement_has_a_sentence(judgement, by, words):
    """Whoever judged, and if nobody did."""
    criterion = hecon.load("acl-rupture").note.criteria.necessity
    found = criterion.model_copy(update={"judgement": judgement, "judged_by": by})

    assert criterion_words(found, assessed("copd").dossier, Locale("en")).startswith(words)


def test_what_the_report_leaves_out_of_its_budget_analysis_is_told():
    """Block 5 (appendix 2, introduction); of block 4 only the topic with a positive position."""
    told = {name: no_budget(hecon.load(name), Locale("en")) for name in NAMES if hecon.load(name).budget_part is None}

    assert set(told) == {"fibromyalgia", "prehabilitation", "reablement"}
    assert "leaves out block 5" in told["reablement"]
    assert "(zorginstituut-2024, bijlage 2, Inleiding)" in told["reablement"]
    assert "positive position, rheumatoid arthritis" in told["fibromyalgia"]


def test_a_budget_and_the_word_that_there_is_none_do_not_go_together(tmp_path):
    """Removing the word, as the fault says, is enough."""
    text = (FOLDER / "copd.toml").read_text(encoding="utf-8")
    source = 'sources = [{ document = "zorginstituut-2024", place = "page 1" }]'
    path = tmp_path / "copd.toml"
    path.write_text(f'{text}\n[note.no_budget]\ntext = {{ nl = "Geen", en = "None" }}\n{source}\n', encoding="utf-8")
    with pytest.raises(DossierError) as caught:
        hecon.load(path)

    assert list(caught.value.faults) == ["note.no_budget: must not stand beside [budget], got both: remove this"]


# No difference found is not no difference ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_no_differences_found_is_not_told_as_the_same_outcomes(name):
    """A study that showed no difference has not shown that there is none."""
    for each in hecon.load(name).note.study:
        assert not re.search(r"dezelfde uitkomsten|geen andere uitkomsten|even goed", each.text.nl)
        assert not re.search(r"same (?:results|outcomes)|no other results|equally good", each.text.en)


def test_reviews_showed_no_differences():
    """As the report words it (appendices 1a and 1b)."""
    found = {each.name: each.text for name in NAMES for each in hecon.load(name).note.study}

    for name in ("Fernandez-Matias 2023", "Migliorini 2023"):
        assert "liet geen verschillen zien" in found[name].nl
        assert "showed no differences" in found[name].en
    for name in ("Monk 2016 (Cochrane)", "Blom 2021"):
        assert "showed no difference" in found[name].en
