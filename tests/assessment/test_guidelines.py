"""Agreement with the guideline for economic evaluations: every point, every outcome, and what the facts support."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest
import trial_dossiers as trials
from shipped import ECONOMIC, assessed, each_of, of_compare, written

import hecon
from hecon import tables
from hecon.assessment.guidelines import OUTCOMES, agreement
from hecon.dossier import skeleton
from hecon.dossier.comparison import GuidelineAnswer, ReportedStatement
from hecon.errors import DossierError
from hecon.locale import LANGUAGES, Locale
from hecon.report.sections import guideline as section
from hecon.report.words.comparisons import ComparisonWords
from hecon.rulesets import ruleset

POINTS = [point.id for point in ruleset().guideline[-1].point]
TEXT = {"text": {"nl": "zo", "en": "so"}, "sources": ({"document": "eggerding-2022", "place": "abstract"},)}
STATEMENT = ReportedStatement.model_validate(TEXT)
OPEN = ReportedStatement.model_validate(TEXT | {"state": "open"})


def held(**changed):
    """Return how COMPARE agrees, by point, with some fields of the comparison changed."""
    return {each.point.id: each for each in agreement(*of_compare(**changed)).points}


def answered(outcome="met"):
    """Return an answer as a dossier states it."""
    return GuidelineAnswer.model_validate(TEXT | {"outcome": outcome})


REPORTING = dict.fromkeys(("value_set", "subgroups", "funding", "interests"))
# Point, fields of the comparison, outcome (None: not known), code of the reason.
CASES = [
    ("comparators", {}, None, "comparator"),
    ("perspective", {}, "met", "societal"),
    ("perspective", {"perspective": "healthcare"}, "not met", "healthcare_beside"),
    ("perspective", {"perspective": "healthcare", "trial": "OTHER"}, "not met", "healthcare"),
    ("horizon", {}, None, "horizon"),
    ("discounting_of_costs", {}, None, "rate_unknown"),
    ("discounting_of_costs", {"discount_cost": Decimal("0.03")}, "met", "rate"),
    ("discounting_of_costs", {"discount_cost": Decimal("0.030")}, "met", "rate"),
    ("discounting_of_costs", {"discount_cost": Decimal("0.04")}, "not met", "rate_before"),
    ("discounting_of_costs", {"discount_cost": 0}, "not met", "rate_other"),
    ("discounting_of_costs", {"horizon_months": 12}, "not applicable", "within_a_year"),
    ("discounting_of_effects", {}, None, "rate_unknown"),
    ("discounting_of_effects", {"discount_effect": Decimal("0.015")}, "met", "rate"),
    ("discounting_of_effects", {"discount_effect": Decimal("0.03")}, "not met", "rate_other"),
    ("discounting_of_effects", {"horizon_months": 6}, "not applicable", "within_a_year"),
    ("costs", {}, None, "manual_unknown"),
    ("costs", {"perspective": "healthcare"}, "not met", "care_alone"),
    ("costs_in_life_years_gained", {}, None, "not_on_file"),
    ("productivity", {}, None, "not_on_file"),
    ("productivity", {"perspective": "healthcare"}, "not applicable", "outside_perspective"),
    ("informal_care", {}, None, "not_on_file"),
    ("informal_care", {"perspective": "healthcare"}, "not applicable", "outside_perspective"),
    ("quality_of_life", {"reporting": REPORTING}, None, "value_set_unknown"),
    ("quality_of_life", {"reporting": {"value_set": STATEMENT}}, None, "value_set_told"),
    ("quality_of_life", {"reporting": {"value_set": OPEN}}, None, "value_set_unknown"),
    ("quality_of_life", {"effect_unit": "life years"}, "not met", "other_effect"),
    ("technique", {}, "met", "qaly"),
    ("technique", {"effect_unit": "life years"}, "not met", "other_effect"),
    ("subgroups", {"reporting": REPORTING}, None, "not_on_file"),
    ("subgroups", {"reporting": {"subgroups": STATEMENT}}, None, "subgroups_told"),
    ("subgroups", {"reporting": {"subgroups": OPEN}}, None, "not_on_file"),
    ("uncertainty", {}, None, "kinds_unknown"),
    ("uncertainty", {"replicates": 5000}, None, "probabilities"),
    ("value_of_information", {}, None, "evpi_of_note"),
    ("value_of_information", {"draws": False}, None, "not_on_file"),
    ("validation", {}, "not applicable", "no_model"),
    ("reporting", {"reporting": REPORTING}, None, "not_disclosed"),
    ("reporting", {"reporting": REPORTING | {"funding": STATEMENT}}, None, "not_disclosed"),
    ("reporting", {"reporting": dict.fromkeys(("funding", "interests"), STATEMENT)}, None, "disclosed"),
    ("reporting", {"reporting": {"funding": STATEMENT, "interests": OPEN}}, None, "not_disclosed"),
]


@pytest.mark.parametrize(("point", "fields", "outcome", "reason"), CASES)
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.no_cover
def test_a_point_is_derived_from_the_fields(point, fields, outcome, reason, whole):
    """What the fields leave open is not reported where the whole source was read, and else not looked up."""
    found = held(whole=whole, **fields)[point]

    assert found.outcome == (outcome or ("not reported" if whole else "not looked up"))
    assert found.reason == reason


def test_every_point_has_a_case():
    """So a point that is added to the rules is tested as well."""
    assert {point for point, *_ in CASES} == set(POINTS)


SETTLED = {
    "perspective": {},
    "technique": {},
    "discounting_of_costs": {"discount_cost": Decimal("0.04")},
    "discounting_of_effects": {"discount_effect": Decimal("0.04")},
}


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("outcome", ["met", "not met", "not reported", "not applicable"])
@pytest.mark.no_cover
def test_an_answer_of_the_dossier_stands_where_no_field_settles_the_point(point, outcome):
    """Where a field does, the outcome is the field's, and the answer is kept beside it."""
    fields = SETTLED.get(point, {})
    found = held(guideline={point: answered(outcome)}, whole=True, **fields)[point]

    assert found.answer is not None
    assert (found.reason is None) == (point not in SETTLED)
    assert found.outcome == (held(**fields)[point].outcome if point in SETTLED else outcome)


def test_of_an_abstract_nothing_is_not_reported():
    """An answer that says so is told as not looked up, and in a file it is a fault."""
    found = held(guideline={"informal_care": answered("not reported")})["informal_care"]

    assert (found.outcome, found.answer is None) == ("not looked up", False)


@pytest.mark.parametrize(("outcome", "fault"), [("not reported", True), ("not met", False)])
def test_an_answer_not_reported_needs_the_whole_source(tmp_path, outcome, fault):
    """The remedy that the fault names works: the point is then told as not looked up."""
    text = (hecon.dossier.FOLDER / "acl-rupture.toml").read_text(encoding="utf-8")
    answer = f"""[comparison.guideline.informal_care]
outcome = "{outcome}"
text = {{ nl = "zo", en = "so" }}
sources = [{{ document = "eggerding-2022", place = "abstract" }}]

[comparison.reporting.beyond_horizon]"""
    path = tmp_path / "changed.toml"
    path.write_text(text.replace("[comparison.reporting.beyond_horizon]", answer, 1), encoding="utf-8")

    if not fault:
        assert hecon.load(path).comparison[0].guideline["informal_care"].outcome == outcome
        return
    with pytest.raises(DossierError) as caught:
        hecon.load(path)
    (told,) = caught.value.faults
    assert "comparison[0].guideline.informal_care.outcome: must not be 'not reported'" in told
    assert "as of 'eggerding-2022', " in told


TRIAL = [
    ("quality_of_life", {"value_set": "nl-5l-2016"}, "met", "value_set"),
    ("quality_of_life", {"value_set": "nl-y3l-2022"}, "not met", "value_set"),
    ("quality_of_life", {"value_set": None}, "not reported", "value_set_unknown"),
    ("uncertainty", {"scenarios": 2}, "met", "draws_and_scenarios"),
    ("uncertainty", {"scenarios": 0}, "not met", "draws_alone"),
    ("value_of_information", {}, "met", "evpi"),
]


@pytest.fixture(scope="module")
def patients(tmp_path_factory):
    path = trials.write(tmp_path_factory.mktemp("guideline"))
    return hecon.assess(path, n_draws=100)


@pytest.mark.slow
@pytest.mark.parametrize(("point", "fields", "outcome", "reason"), TRIAL)
def test_patient_data_tell_more(patients, point, fields, outcome, reason):
    """The value set of the design, the scenarios, and the value of information that is computed from them."""
    result = patients.comparisons[0]
    if "value_set" in fields:
        origin = fields["value_set"] and tables.header(fields["value_set"], "value_set")
        result = replace(result, trial_source=replace(result.trial_source, value_set=origin))
    if "scenarios" in fields:
        result = replace(result, scenarios=(SimpleNamespace(),) * fields["scenarios"])
    found = {each.point.id: each for each in agreement(patients, result).points}[point]

    assert (found.outcome, found.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("published", "since"),
    [(2015, None), (2016, None), (2017, "2016"), (2023, "2016"), (2024, None), (2025, "2024-01")],
)
def test_the_guideline_in_force_is_that_of_the_whole_year(published, since):
    """In a year in which it changed, and before the first that is on file, it is not known."""
    found = ruleset().guideline_of(published)

    assert (None if found is None else found.since) == since


@pytest.mark.parametrize(
    ("name", "place", "words"),
    [
        (
            "acl-rupture",
            0,
            "(2022), gold de richtlijn voor economische evaluaties van 2016, met een discontovoet van 4%",
        ),
        ("acl-rupture", 2, "Land van deze evaluatie: Verenigd Koninkrijk."),
        ("meniscal-tear-degenerative", 0, "(2020), gold de richtlijn voor economische evaluaties van 2016"),
        ("reablement", 0, "Deze evaluatie verscheen in 2016. Welke richtlijn toen gold, is niet opgezocht."),
    ],
)
def test_the_note_says_which_guideline_was_in_force(name, place, words):
    """Only what the facts support: of a year in which it changed, and of another currency, nothing is claimed."""
    texts = [block.text for block in section.annex(assessed(name), Locale("nl")) if hasattr(block, "strong")]

    assert words in texts[1 + place]


@pytest.mark.parametrize(
    ("fields", "since", "words"),
    [
        ({"country": "NL"}, "2016", "was in force"),
        ({"country": "NL", "currency": "GBP"}, "2016", "was in force"),
        ({"country": "BE"}, None, "Country of this evaluation: Belgium."),
        ({"country": None}, "2016", "inferred from its currency: its country is not on file"),
        ({"country": None, "currency": "GBP"}, None, "This evaluation is in GBP; its country is not on file."),
    ],
)
def test_the_country_tells_whose_guideline_was_in_force(fields, since, words):
    """Euros are paid in Belgium too; where the country is not on file the currency stands in, and the note says so."""
    assessment, result = of_compare(**fields)
    found = agreement(assessment, result)

    assert (None if found.in_force is None else found.in_force.since) == since
    assert found.by_currency == (fields["country"] is None)
    assert words in section._in_force(result, found, Locale("en"))


def test_without_a_year_the_note_says_that_it_is_not_known():
    """A dossier need not give one."""
    assessment = assessed("acl-rupture")
    first = assessment.comparisons[0]
    undated = replace(first, spec=first.spec.model_copy(update={"published": None}))
    told = section.annex(replace(assessment, comparisons=(undated,)), Locale("en"))

    assert "not in the dossier, so which guideline was in force then is not known" in told[4].text


@each_of(ECONOMIC)
@pytest.mark.slow
def test_the_annex_has_every_point_of_every_comparison(name, lang):
    """A table of what is asked, and one for each comparison with an outcome and its explanation."""
    assessment, locale = assessed(name), Locale(lang)
    tables = [each for each in section.annex(assessment, locale) if hasattr(each, "rows")]
    outcomes = {locale.text(f"guideline_outcome.{each.replace(' ', '_')}") for each in OUTCOMES}

    assert len(tables) == 1 + len(assessment.comparisons)
    assert {len(each.rows) for each in tables} == {16}
    for table in tables[1:]:
        assert {row[1] for row in table.rows} <= outcomes
        assert all(row[2].strip() for row in table.rows)
    assert locale.text("guideline.heading") in written(name, lang, "md")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_and_point_has_words(lang):
    """Each outcome's explanation can be written in both languages."""
    locale = Locale(lang)
    spec = assessed("acl-rupture").comparisons[0].spec
    words = ComparisonWords(assessed("acl-rupture").dossier, spec, locale)
    for point, fields, _, _ in CASES:
        assert section._why(held(**fields)[point], words)
    for point in SETTLED:
        told = section._why(held(guideline={point: answered()}, **SETTLED[point])[point], words)
        assert told.endswith(("zo (eggerding-2022, abstract)", "so (eggerding-2022, abstract)"))
    assert {f"guideline_point.{each}" for each in POINTS} <= set(locale.catalogue)


@pytest.mark.slow
def test_the_data_hold_the_same():
    """By comparison and point, with what the guideline asks and by which source."""
    told = hecon.summary(assessed("acl-rupture"), lang="en").data["guideline"]

    assert (told["since"], str(told["required"])) == ("2024-01", "2024-10-01")
    assert [each["id"] for each in told["points"]] == POINTS
    assert {each["status"] for each in told["points"]} == {"read", "to check"}
    first = told["comparisons"][0]
    assert (first["id"], first["published"], first["in_force_since"]) == ("compare-societal", 2022, "2016")
    assert first["points"]["perspective"] == {"outcome": "met", "words": "societal perspective"}


OWN = """format = 1
name = "own"
currency = "EUR"
effect_unit = "QALY"
[[values]]
since = "2020"
status = "read"
source = "a manual"
amounts = [20000, 50000, 80000]
shown = [20000]
"""
GUIDELINE = """[[guideline]]
since = "2020"
status = "read"
source = "a manual"
name = { nl = "handleiding", en = "manual" }
[[guideline.point]]
id = "wording"
asks = { nl = "gewone taal", en = "plain words" }
status = "read"
source = "a manual, page 3"
"""


def own(folder, rules, extra=""):
    """Return the path of a dossier by rules of its own."""
    (folder / "own.toml").write_text(rules, encoding="utf-8")
    text = (hecon.dossier.FOLDER / "reablement.toml").read_text(encoding="utf-8")
    text = text.replace('name = "reablement"', 'name = "reablement"\nrules = "own.toml"')
    start, end = text.index("[burden]"), text.index("[[intervention]]")
    burden = '[burden]\nband = "not judged"\nbasis = { nl = "Niets", en = "Nothing" }\n'
    burden += 'sources = [{ document = "zorginstituut-2024", place = "page 1" }]\n\n'
    text = text[:start] + burden + text[end:]
    while "[comparison.guideline.comparators]" in text:
        at = text.index("[comparison.guideline.comparators]")
        text = text[:at] + extra + text[text.index("\n\n", at) :]
    (folder / "sample.toml").write_text(text, encoding="utf-8")
    return folder / "sample.toml"


@pytest.mark.slow
def test_rules_without_a_guideline_have_no_annex(tmp_path):
    """And null in the data."""
    found = hecon.assess(own(tmp_path, OWN), n_draws=50)

    assert section.annex(found, Locale("en")) == []
    assert section.data(found, Locale("en")) == {"guideline": None}


@pytest.mark.slow
def test_a_point_of_ones_own_is_answered_by_the_dossier_alone(tmp_path):
    """By its own name, and without rates."""
    found = hecon.assess(own(tmp_path, OWN + GUIDELINE), n_draws=50)
    told = section.annex(found, Locale("en"))

    assert told[2].rows == (("Wording", "plain words", "a manual, page 3"),)
    assert "(2022), the manual was in force." in told[7].text
    assert told[5].rows == (("Wording", "not looked up", "the dossier says nothing on this"),)


def test_an_answer_to_no_point_is_a_fault(tmp_path):
    """With its place in the file, and the remedy; rules without a guideline leave answers aside."""
    extra = '[comparison.guideline.wordign]\noutcome = "met"\ntext = { nl = "zo", en = "so" }\n'
    extra += 'sources = [{ document = "zorginstituut-2024", place = "page 1" }]'
    fault = "must be a point of the guideline of the rules, got 'wordign'; did you mean 'wording'?"
    with pytest.raises(DossierError) as caught:
        hecon.load(own(tmp_path, OWN + GUIDELINE, extra))

    assert f"comparison[0].guideline.wordign: {fault}" in caught.value.faults
    assert hecon.load(own(tmp_path, OWN, extra)).comparison[0].guideline["wordign"].outcome == "met"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('source = "a manual, page 3"', "", "point[0].source: is missing: name what was read, or write status"),
        ('id = "wording"', 'id = "Wording"', "point[0].id: must be lower-case words joined by underscores"),
        ("", GUIDELINE[GUIDELINE.index("[[guideline.point]]") :], "point[1].id: must be unique, got 'wording' again"),
        (
            "",
            'value_sets = ["nl-5l"]\n',
            "point[0].value_sets[0]: must be a value set that comes with hecon, got 'nl-5l'",
        ),
    ],
)
def test_a_faulty_guideline_is_told_its_faults(tmp_path, old, new, fault):
    """Each with its place."""
    text = GUIDELINE.replace(old, new) if old else GUIDELINE + new
    path = tmp_path / "own.toml"
    path.write_text(OWN + text, encoding="utf-8")
    with pytest.raises(DossierError) as caught:
        ruleset(path)

    assert any(each.startswith(f"guideline[0].{fault}") for each in caught.value.faults)


@pytest.mark.parametrize("year", ["2022.5", '"2022"', "22", "true"])
@pytest.mark.no_cover
def test_a_year_of_publication_is_a_year(tmp_path, year):
    """Without quotes."""
    text = (hecon.dossier.FOLDER / "acl-rupture.toml").read_text(encoding="utf-8")
    path = tmp_path / "sample.toml"
    path.write_text(text.replace("published = 2022", f"published = {year}", 1), encoding="utf-8")
    with pytest.raises(DossierError, match=r"comparison\[0\]\.published: must be a year without quotes, as in 2022"):
        hecon.load(path)


@pytest.mark.parametrize(
    ("point", "fault"),
    [
        ("perspective", "guideline.perspective: must be left out: the comparison's own perspective tells it"),
        ("costs", "guideline.costs.outcome: must not be 'met' from the perspective 'healthcare'"),
        ("productivity", "guideline.productivity.outcome: must not be 'met' from the perspective 'healthcare'"),
    ],
)
def test_an_answer_that_a_field_contradicts_is_a_fault(tmp_path, point, fault):
    """A perspective is told once; what it leaves out cannot have been counted."""
    text = skeleton("sample").replace('perspective = "societal"', 'perspective = "healthcare"', 1)
    answer = f"""
[comparison.guideline.{point}]
outcome = "met"
text = {{ nl = "zo", en = "so" }}
sources = [{{ document = "example", place = "page 1" }}]

# What was printed"""
    path = tmp_path / "sample.toml"
    path.write_text(text.replace("\n# What was printed", answer, 1), encoding="utf-8")

    with pytest.raises(DossierError) as caught:
        hecon.load(path)

    assert any(fault in each for each in caught.value.faults)
