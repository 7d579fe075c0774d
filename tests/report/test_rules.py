"""A note under the rules of another country: in its currency, and without a word on the Dutch ones."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

import pytest
from shipped import written

import hecon
from hecon import rules, rulesets
from hecon.dossier import FOLDER
from hecon.locale import LANGUAGES, Locale
from hecon.report.words import burden_words
from hecon.report.words.common import by_rules

# Two bands, both with a value; a rate of discounting for the burden too.
POUNDS = """
format = 1
name = "nl"
currency = "GBP"
effect_unit = "QALY"
criteria = ["effectiveness", "cost_effectiveness"]
[[values]]
since = "2020-03"
status = "read"
source = "Body XX. Manual. 2020, table 2"
measure = "proportional shortfall"
shown = [15000, 25000]
[[values.band]]
name = "usual"
value = 15000
[[values.band]]
name = "severe"
from = 0.85
value = 25000
[burden]
life_table = "un-2020-2025"
norms = "szende-2014"
discount = 0.035
compared_life_tables = ["un-2015-2020", "un-2020-2025"]
compared_norms = ["szende-2014"]
"""
# The lowest band has no value, and two have one.
EUROS = POUNDS.replace("GBP", "EUR").replace(
    '"usual"\nvalue = 15000', '"mild"\n[[values.band]]\nname = "usual"\nfrom = 0.1\nvalue = 15000'
)
# What the sources and the programme say of the Netherlands: headings of studies, their language, the payers of the
# budget.
DUTCH = re.compile(
    r"Zorginstituut|Nederland|\bDutch\b|Kosteneffectiviteit in de praktijk|2015|three (reference )?(bands|values)"
    r"|drie (referentiewaarden|categorieën|waarden)|no reimbursement|geen vergoeding"
)
# Of what the sources say, and of the year of a paper on a method.
OF_THE_SOURCES = {"note.dutch", "note.only_nl", "worth.model_sampled"}


@pytest.fixture(scope="module")
def note(tmp_path_factory):
    """Return a function that gives a note of a dossier under rules of one's own, assessed once for both languages."""
    found = cache(lambda *given: assessed(tmp_path_factory.mktemp("rules"), *given))

    def text(lang, *, own, currency, band, inputs=True):
        told = hecon.summary(found(own, currency, band, inputs), lang=lang).text("md")
        return told.replace("\N{NO-BREAK SPACE}", " ")

    return text


def assessed(folder, own, currency, band, inputs):
    """Return the assessment of a dossier under rules of one's own, its comparisons in a currency."""
    (folder / "own.toml").write_text(own, encoding="utf-8")
    text = (FOLDER / "acl-rupture.toml").read_text(encoding="utf-8")
    text = text.replace('\nname = "acl-rupture"\n', '\nname = "acl-rupture"\nrules = "own.toml"\n', 1)
    text = text.replace('currency = "EUR"', f'currency = "{currency}"').replace('band = "low"', f'band = "{band}"', 1)
    if not inputs:
        text = re.sub(r"\[burden\.inputs.*?\n(?=\[(?!burden))", "", text, flags=re.DOTALL)
    (folder / "acl.toml").write_text(text, encoding="utf-8")
    return hecon.assess(folder / "acl.toml", n_draws=200, rng=1)


def dutch_sentences(lang, text):
    """Return the keys of the sentences of the Dutch rules that a note has, whatever stands in their placeholders."""
    own = {key: each for key, each in Locale(lang).catalogue.items() if key.startswith("rules.nl.") and "." in each}
    patterns = {key: ".*?".join(map(re.escape, re.split(r"{\w+}", each))) for key, each in own.items()}
    return {key for key, pattern in patterns.items() if re.search(pattern, text)}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_for_all_rules_speaks_of_one_country(lang):
    """Nor counts its bands or values, nor says what it does where there is no value."""
    catalogue = Locale(lang).catalogue

    assert [
        key
        for key, text in catalogue.items()
        if DUTCH.search(text) and not key.startswith(("rules.nl.", "programme.")) and key not in OF_THE_SOURCES
    ] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_of_one_country_stands_in_place_of_one_for_all(lang):
    """With no placeholder that the other lacks, but for the names of the rules."""
    catalogue = Locale(lang).catalogue
    own = [key for key in catalogue if key.startswith("rules.nl.") and key.count(".") > len(["rules", "nl"])]

    assert len(own) == 11
    for key in own:
        for_all = catalogue[key.removeprefix("rules.nl.")]
        asked, known = (set(re.findall(r"{(\w+)", text)) for text in (catalogue[key], for_all))
        assert asked <= known | {"institute", "values", "short"}


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_note_in_pounds(note, lang):
    """The reference value is in pounds; the rate is that of the rules, so nothing departs from them."""
    text = note(lang, own=POUNDS, currency="GBP", band="severe")

    assert dutch_sentences(lang, text) == set()
    assert {"nl": "£ 25.000 per QALY. ", "en": "is £25,000 per QALY. "}[lang] in text
    assert {"nl": "Verdisconteerd met 3,5% per jaar.\n", "en": "Discounted by 3.5% a year.\n"}[lang] in text
    assert {"nl": "bereikt de categorie severe niet", "en": "would not reach the band severe"}[lang] in text
    assert {"nl": "\nUitkomsten in andere prijsjaren", "en": "\nResults in other price years"}[lang] in text


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_note_under_the_dutch_rules_has_their_sentences(lang):
    """So what the notes below lack would be found."""
    text = written("acl-rupture", lang, "md")

    assert {"rules.nl.supplementary", "rules.nl.note.currency_of_values"} <= dutch_sentences(lang, text)


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_note_in_euros_by_other_rules(note, lang):
    """Where the computation has no value, the note says so and no more; no list of other bands is empty."""
    text = note(lang, own=EUROS, currency="EUR", band="usual")
    judged = note(lang, own=EUROS, currency="EUR", band="mild")
    locale = Locale(lang)

    assert dutch_sentences(lang, text + judged) == set()
    assert locale.text("burden.consequence") in text
    assert locale.text("summary.no_reference_band") in judged
    assert locale.text("comparison.all_bands") in judged
    assert text.count(locale.text("comparison.other_bands")) == 2


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_note_by_rules_without_bands(note, lang):
    """One value holds whatever the burden: it is neither singled out nor held against a band."""
    head, _, rest = POUNDS.partition('measure = "proportional shortfall"\n')
    own = head + "amounts = [30000]\n" + rest.partition("\n")[0] + "\n"
    text = note(lang, own=own, currency="GBP", band="not judged", inputs=False)
    locale = Locale(lang)

    assert dutch_sentences(lang, text) == set()
    assert locale.text("summary.no_reference_judged") not in text
    assert locale.text("note.reference_values_alone", short=locale.text("rules.own.short", name="nl")) in text
    assert {"nl": "| per QALY |\n| ---: |\n| £ 30.000 |\n", "en": "| per QALY |\n| ---: |\n| £30,000 |\n"}[lang] in text


def test_the_rate_of_a_burden_beside_that_of_its_rules(tmp_path):
    """A rate that the rules do not have is told beside theirs."""
    path = tmp_path / "own.toml"
    path.write_text(POUNDS, encoding="utf-8")
    given = {"age": 50, "female": 0.5, "decrement": 0.2, "years": 10, "rules": path}
    own = rules.shortfall(**given)
    other = rules.shortfall(**given, discount=0)

    assert burden_words(own, Locale("en")).endswith("Discounted by 3.5% a year.")
    assert burden_words(other, Locale("en")).endswith(
        "Discounted by 0% a year; according to the rules nl it would be 3.5%."
    )
    assert burden_words(other, Locale("nl")).endswith("volgens de regels nl zou dat 3,5% zijn.")


def test_rules_of_a_file_are_not_worded_as_those_that_come_with_hecon(tmp_path):
    """The catalogue words the rules that ship, not a file that bears their name."""
    path, locale = tmp_path / "own.toml", Locale("en")
    path.write_text(POUNDS, encoding="utf-8")
    dutch, own = rulesets.ruleset("nl"), rulesets.ruleset(path)

    assert (dutch.shipped, own.shipped, own.name) == (True, False, "nl")
    assert by_rules("comparison.all_bands", dutch, locale) == "For each of the three bands:"
    assert by_rules("comparison.all_bands", own, locale) == "At each reference value:"


def test_a_copy_of_the_rules_that_ship_is_equal_to_them(tmp_path):
    """It is told by its source all the same, as any file is; another content of the same name is not equal."""
    text = (resources.files("hecon") / "data" / "rules" / "nl.toml").read_text(encoding="utf-8")
    copy, changed = tmp_path / "copy.toml", tmp_path / "changed.toml"
    copy.write_text(text, encoding="utf-8")
    changed.write_text(text.replace("value = 20000", "value = 25000"), encoding="utf-8")

    assert rulesets.ruleset(copy) == rulesets.ruleset()
    assert rulesets.ruleset(changed) != rulesets.ruleset()
    assert [rulesets.ruleset(each).shipped for each in ("nl", copy, changed)] == [True, False, False]
