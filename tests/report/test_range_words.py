"""A range of values in words and in the workbook: its ends are no reference values, and a formula places the ratio."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache

import hypothesis
import openpyxl
import pytest
from hypothesis import strategies as st
from strategies import examples
from workbooks import Written, differences, evaluated, formula_values

import hecon
from hecon.assessment.calculation.assessments import calculate
from hecon.cli.main import main
from hecon.dossier import FOLDER
from hecon.locale import LANGUAGES, Locale
from hecon.report.words import verdict_words
from hecon.rules.verdicts import judge, place_in_range

NBSP = "\N{NO-BREAK SPACE}"
NAMED = re.compile("reference value|referentiewaarde", re.IGNORECASE)
COST, EFFECT = "comparison.2.statistic.0.mean.0", "comparison.2.statistic.1.mean.0"


@pytest.fixture(scope="module")
def path_of(tmp_path_factory):
    """Return the path of a dossier that ships, as it is or with its comparisons in pounds."""
    folder = tmp_path_factory.mktemp("pounds")

    def path(name, currency):
        text = (
            (FOLDER / f"{name}.toml")
            .read_text(encoding="utf-8")
            .replace('currency = "EUR"', f'currency = "{currency}"')
        )
        found = folder / f"{name}-{currency}.toml".lower()
        found.write_text(text, encoding="utf-8")
        return found

    return path


@pytest.fixture(scope="module")
def note(path_of):
    """Return the assessment of such a dossier by NICE's range."""

    @cache
    def assessed(name, currency):
        return hecon.assess(path_of(name, currency), rules="england-other", n_draws=200)

    return assessed


@pytest.fixture(scope="module")
def calculation(note):
    """Return the calculation of the cruciate ligament by NICE's range."""
    return calculate(note("acl-rupture", "EUR"))


@pytest.fixture(scope="module")
def book(note):
    """Return a maker of its workbook in a language."""

    @cache
    def written(lang):
        return Written(hecon.summary(note("acl-rupture", "EUR"), lang=lang))

    return written


# Words ----------------------------------------------------------------------------------------------------------------

LOW, HIGH = "the lower end of the range", "the upper end of the range"
SENTENCES = [
    (2500, 0.1, f"costs £25,000, above {LOW}, £20,000.", f"costs £25,000, below {HIGH}, £30,000."),
    (2000, 0.1, f"costs £20,000.00, equal to {LOW}.", f"costs £20,000, below {HIGH}, £30,000."),
    (3000, 0.1, f"costs £30,000, above {LOW}, £20,000.", f"costs £30,000.00, equal to {HIGH}."),
    (
        -2500,
        -0.1,
        f"saves £25,000 per QALY lost, above {LOW}, £20,000.",
        f"saves only £25,000 per QALY lost, below {HIGH}",
    ),
]
DUTCH = [
    (
        2500,
        0.1,
        "kost £ 25.000, meer dan de ondergrens van £ 20.000.",
        "blijft daarmee onder de bovengrens van £ 30.000.",
    ),
    (2000, 0.1, "kost £ 20.000,00, evenveel als de ondergrens.", "blijft daarmee onder de bovengrens van £ 30.000."),
    (3000, 0.1, "kost £ 30.000, meer dan de ondergrens van £ 20.000.", "kost £ 30.000,00, evenveel als de bovengrens."),
    (-2500, -0.1, "£ 25.000 bespaard, meer dan de ondergrens van £ 20.000.", "minder dan de bovengrens van £ 30.000."),
]


@pytest.mark.parametrize(
    ("lang", "cost", "effect", "at_low", "at_high"),
    [*(("en", *each) for each in SENTENCES), *(("nl", *each) for each in DUTCH)],
)
@pytest.mark.no_cover
def test_a_verdict_names_the_end_of_the_range(lang, cost, effect, at_low, at_high):
    """Each of the six reasons that hold a ratio against a value, at either end."""
    draws = hecon.from_arrays(
        [[0, cost]], [[0, effect]], strategies=["usual", "new"], comparator="usual", currency="GBP"
    )
    words = verdict_words(hecon.verdict(draws, rules="england-other"), Locale(lang)).sel(strategy="new")
    low, high = (str(words.sel(wtp=end).item()).replace(NBSP, " ") for end in (20_000, 30_000))

    assert at_low in low
    assert at_high in high
    assert not NAMED.search(low + high)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("form", [{}, {"length": "brief"}, {"form": "advice"}], ids=["note", "brief", "advice"])
@pytest.mark.parametrize(
    ("name", "currency"),
    [
        ("acl-rupture", "EUR"),
        pytest.param("acl-rupture", "GBP", marks=pytest.mark.slow),
        pytest.param("meniscal-tear-traumatic", "GBP", marks=pytest.mark.slow),
    ],
)
def test_no_note_by_a_range_speaks_of_a_reference_value(note, name, currency, form, lang):
    """With a verdict, without one in another currency, and where one option is better at both ends."""
    text = hecon.summary(note(name, currency), lang=lang, **form).text("md")

    assert NAMED.findall(text) == []


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("command", ["voi", "sensitivity"])
def test_no_command_by_a_range_speaks_of_a_reference_value(path_of, capsys, command, lang):
    path = str(path_of("acl-rupture", "GBP"))
    main([command, path, "--rules", "england-other", "--lang", lang, "--draws", "1000"])

    assert NAMED.findall(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    ("lang", "wanted"),
    [
        ("en", "is preferred to arthroscopic meniscectomy at both ends of the range ("),
        ("nl", "bij beide grenzen van de bandbreedte de voorkeur boven artroscopische meniscectomie ("),
    ],
)
@pytest.mark.slow
def test_one_option_at_both_ends(note, lang, wanted):
    """Without a ratio, as costs and effects point one way."""
    assert wanted in hecon.summary(note("meniscal-tear-traumatic", "GBP"), lang=lang).text("md")


def test_dutch_words_stay():
    """A value of its own is a reference value."""
    draws = hecon.from_arrays([[0, 2500]], [[0, 0.1]], strategies=["usual", "new"], comparator="usual")
    words = [verdict_words(hecon.verdict(draws), Locale(lang)).sel(strategy="new", wtp=50_000) for lang in LANGUAGES]

    assert all(NAMED.search(each.item()) for each in words)


def test_a_band_where_the_rules_have_none(tmp_path):
    """The fault names the one word that is left."""
    path = tmp_path / "acl.toml"
    text = (FOLDER / "acl-rupture.toml").read_text(encoding="utf-8")
    path.write_text(
        text.replace('\nname = "acl-rupture"\n', '\nname = "acl-rupture"\nrules = "england-other"\n', 1), "utf-8"
    )
    with pytest.raises(hecon.errors.DossierError) as told:
        hecon.load(path)

    rule = "burden.band: must be 'not judged', as the rules england-other have no bands, got 'low'"
    assert any(each.endswith(rule) for each in told.value.faults)


# The workbook ---------------------------------------------------------------------------------------------------------


def python_place(cost, effect):
    """Return the place as the assessment finds it."""
    quadrant = {(True, True): "NE", (False, True): "SE", (False, False): "SW", (True, False): "NW"}[
        cost > 0, effect > 0
    ]
    if 0 in {cost, effect}:
        return None
    ends = [judge(cost, effect, reference_value=end).conclusion for end in (20_000, 30_000)]
    return place_in_range(quadrant, ends)


@pytest.mark.slow
@hypothesis.given(
    cost=st.one_of(st.sampled_from([2000.0, 3000.0, -2000.0, -3000.0, 2500.0, 0.0]), st.floats(-9000, 9000)),
    effect=st.one_of(st.sampled_from([0.1, -0.1, 0.0]), st.floats(-0.3, 0.3)),
)
@hypothesis.example(cost=2000.0000001, effect=0.1)
@hypothesis.settings(parent=examples(200), suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_the_formula_places_a_ratio_as_python_does(calculation, cost, effect):
    """Below, within or above, at an end, and where there is no ratio."""
    cost, effect = (0.0 if abs(each) < 1e-6 else each for each in (cost, effect))
    found = evaluated(calculation, {COST: cost, EFFECT: effect})
    place = python_place(cost, effect)

    assert found["comparison.2.in_range"] == ("none" if place is None else f"range_place.{place}")


def test_a_changed_end_moves_the_place(note):
    """ACL SNNAP's £19,558: below by £20,000, within from £19,000."""
    found = note("acl-rupture", "EUR")
    made = calculate(found)

    assert found.comparisons[2].in_range == "below"
    assert evaluated(made)["comparison.2.in_range"] == "range_place.below"
    assert evaluated(made, {"rules.reference_value.20000": 19_000})["comparison.2.in_range"] == "range_place.within"
    assert evaluated(made, {COST: 2000})["comparison.2.in_range"] == "range_place.above"
    # Comparisons in another currency are not held against it.
    assert "comparison.0.in_range" not in made.quantities


def test_no_place_by_rules_with_values():
    """Nor a column for it."""
    made = calculate(hecon.assess("reablement", n_draws=200))
    columns = [each.about for part in made.tables.values() for table in part for each in table.columns]

    assert not [name for name in made.quantities if name.endswith("in_range")]
    assert "in_range" not in columns


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "words", "ends"),
    [
        ("nl", ("onder", "binnen", "boven"), ("Ondergrens van de bandbreedte", "Bovengrens van de bandbreedte")),
        ("en", ("below", "within", "above"), ("Lower end of the range", "Upper end of the range")),
    ],
)
def test_the_file_shows_it_in_words(book, lang, words, ends):
    """Its formulas, evaluated from the file, before and after a change; its ends by their names."""
    changes = ({}, {COST: 1300.0}, {COST: 2000.0})
    shown = [formula_values(book(lang), change)["comparison.2.in_range"] for change in changes]
    cells = [cell.value for sheet in book(lang).formulas for row in sheet.iter_rows() for cell in row]

    assert shown == list(words)
    assert all(end in cells for end in ends)
    assert not [each for each in cells if isinstance(each, str) and NAMED.search(each)]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_libreoffice_places_it_too(book, tmp_path):
    """Recalculated, started once, from files in which the costs are others and no formula has a value."""
    sources = {}
    for lang in LANGUAGES:
        for name, change in (("filed", ()), ("changed", (COST, 2000.0))):
            source = tmp_path / f"{name}.{lang}.xlsx"
            source.write_bytes(book(lang).with_input(*change))
            sources[source] = lang, dict([change] if change else [])
    command = [
        *("soffice", f"-env:UserInstallation=file://{tmp_path / 'profile'}", "--headless", "--convert-to"),
        *("xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), *map(str, sources)),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    words = {}
    for source, (lang, change) in sources.items():
        found = openpyxl.load_workbook(tmp_path / "out" / source.name, data_only=True)
        assert differences(book(lang), found, evaluated(book(lang).calculation, change)) == []
        words[source.name] = book(lang).cell(found, "comparison.2.in_range").value

    assert (words["changed.en.xlsx"], words["changed.nl.xlsx"]) == ("above", "boven")


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        (
            "en",
            "Of all strategies, usual, light and heavy have the highest expected net benefit at this value; they are",
        ),
        ("nl", "Van alle strategieën hebben usual, light en heavy bij deze waarde de hoogste verwachte netto baat; ze"),
    ],
)
def test_of_strategies_that_tie_none_is_named_alone(lang, told):
    draws = hecon.from_arrays(
        [[0, 200, 400]], [[0, 0.01, 0.02]], strategies=["usual", "light", "heavy"], comparator="usual", currency="EUR"
    )
    words = verdict_words(hecon.verdict(draws), Locale(lang)).sel(strategy="light")

    assert told in words.sel(wtp=20_000).item()
    assert told not in words.sel(wtp=50_000).item()


def test_a_verdict_at_one_value_names_the_one_option():
    """A name is not taken apart into its letters."""
    draws = hecon.from_arrays(
        [[0, 200, 400]], [[0, 0.01, 0.02]], strategies=["usual", "light", "heavy"], comparator="usual", currency="EUR"
    )
    words = verdict_words(hecon.verdict(draws).sel(wtp=50_000), Locale("en")).sel(strategy="light").item()

    assert words.endswith(
        "Of all strategies, heavy has the highest expected net benefit at this value; nothing varies, so how sure that "
        "is cannot be told."
    )
