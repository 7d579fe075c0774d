"""A range of values: three outcomes and no single verdict; England's by date, in pounds alone."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hecon
from hecon import rulesets
from hecon.assessment import assess_trial
from hecon.errors import InputError
from hecon.locale import Locale
from hecon.report.trials import trial_document
from hecon.report.words import verdict_words
from hecon.rules.verdicts import judge, place_in_range

ON_PUBLICATION, TODAY = dt.date(2024, 1, 31), dt.date(2026, 11, 30)


def pounds(cost, effect, *, currency="GBP"):
    """Return draws of two options in pounds."""
    return hecon.from_arrays(
        [[0, cost]], [[0, effect]], strategies=["usual", "new"], comparator="usual", currency=currency
    )


@pytest.mark.parametrize(
    ("name", "on", "ends"),
    [
        ("england-medicines", dt.date(2022, 8, 20), (20_000, 30_000)),
        ("england-medicines", dt.date(2026, 3, 31), (20_000, 30_000)),
        ("england-medicines", dt.date(2026, 4, 30), (25_000, 35_000)),
        ("england-medicines", None, (25_000, 35_000)),
        ("england-other", dt.date(2022, 8, 20), (20_000, 30_000)),
        ("england-other", TODAY, (20_000, 30_000)),
    ],
)
def test_englands_range_by_date(name, on, ends):
    """It rose for medicines in April 2026; there is no rate, table or guideline that was not read."""
    rules = rulesets.ruleset(name, on=on)

    assert (rules.values_on().range, rules.values_on().reference) == (ends, ends)
    assert (rules.currency, rules.discounting, rules.burden, rules.severity) == ("GBP", (), None, ())
    assert rules.shipped


def test_a_day_in_the_month_of_the_change_is_refused():
    """The day of April 2026 is not known."""
    with pytest.raises(InputError, match="on must not lie in 2026-04, when values of england-medicines changed"):
        rulesets.ruleset("england-medicines", on=dt.date(2026, 4, 10))


@pytest.mark.parametrize(
    ("cost", "effect", "place"),
    [
        (1999, 0.1, "below"),
        (2000, 0.1, "within"),
        (2500, 0.1, "within"),
        (3000, 0.1, "within"),
        (3001, 0.1, "above"),
        (-100, 0.1, ""),
    ],
)
def test_a_verdict_tells_where_the_ratio_lies(cost, effect, place):
    """Over the options, as the ratio does; an end lies within."""
    found = hecon.verdict(pounds(cost, effect), rules="england-other")

    assert found["range"].sel(option="new").item() == place
    assert found["range"].sel(option="usual").item() == ""
    assert found["wtp"].values.tolist() == [20_000, 30_000]


def test_a_saving_with_less_health_has_its_ratio_at_the_other_option():
    """In the south-west the frontier begins at the new option: a QALY by usual care costs 25,000."""
    found = hecon.verdict(pounds(-2500, -0.1), rules="england-other")

    assert found["range"].sel(option="usual").item() == "within"


@given(st.integers(-5000, 5000), st.integers(-300, 300))
def test_the_place_is_that_of_the_ratio(cost, effect):
    """As a naive comparison of the ratio with both ends says, in north-east and south-west."""
    quadrant = {(True, True): "NE", (False, False): "SW"}.get((cost > 0, effect > 0)) if cost * effect else None
    at_ends = [judge(cost, effect / 1000, reference_value=end).conclusion for end in (20_000, 30_000)]
    place = place_in_range(quadrant, at_ends)

    if quadrant is None:
        assert place is None
    else:
        ratio = cost * 1000
        low, high = 20_000 * effect, 30_000 * effect
        if effect < 0:
            ratio, low, high = -ratio, -low, -high
        assert place == ("below" if ratio < low else "above" if ratio > high else "within")


def test_euros_are_never_held_against_pounds():
    """Dominance is told all the same."""
    with pytest.raises(InputError) as caught:
        hecon.verdict(pounds(1000, -0.1, currency="EUR"), rules="england-other")

    assert "currency must be GBP" in str(caught.value)
    assert "(in every currency 'new' is dominated)" in str(caught.value)


@pytest.mark.slow
def test_snnap_by_nices_rules_then_and_now():
    """£19,558 per QALY: below either range; the comparisons in euros have no verdict."""
    for name, on, ends in (
        ("england-other", ON_PUBLICATION, [20_000, 30_000]),
        ("england-other", TODAY, [20_000, 30_000]),
        ("england-medicines", TODAY, [25_000, 35_000]),
    ):
        found = hecon.assess("acl-rupture", rules=name, on=on, n_draws=200)
        own = {each.spec.id: each for each in found.comparisons}
        snnap = own["snnap-healthcare"]
        assert (snnap.in_range, list(snnap.values)) == ("below", ends)
        assert snnap.draws.attrs["value_range"] == ends
        assert own["compare-societal"].no_verdict.code == "currency"
        assert own["compare-societal"].judgements == ()
        assert "value_range" not in own["compare-societal"].draws.attrs
        assert found.provenance["rules_on"] == on.isoformat()
        # The 10,139 patients a year are Dutch.
        assert not found.at_home(snnap)
        assert all(each.per_year is None for each in found.information)


def test_what_a_dossier_judged_by_its_own_rules_stands_aside():
    """Its band, and inputs whose tables England does not name; the file itself stays as it is."""
    filed = hecon.load("acl-rupture")
    moved = filed.under("england-other")

    assert (filed.burden.band, moved.burden.band, moved.burden.inputs) == ("low", "not judged", None)
    assert moved.filed is filed
    assert filed.under(None) is filed
    assert filed.under("nl") is filed
    assert moved.under("nl").burden.band == "not judged"


SENTENCES = {
    "en": (
        "a QALY gained with reconstruction rather than rehabilitation",
        "costs £19,558: below the range of £20,000 to £30,000 per QALY. At £20,000 per QALY, reconstruction is",
        "The file has the burden of disease as judged by other rules (low; Zorginstituut, 2015); it does not count",
        "These rules name no package criteria.",
        "as they held on 31 January 2024. Values: when they began was not looked up. Source: NICE.",
        "Not in these rules: discounting, burden of disease, guideline, package criteria.",
        "The range of £20,000 to £30,000 per QALY is shaded; the ratio lies below it.",
    ),
    "nl": (
        "kost elke QALY die reconstructie meer oplevert dan revalidatie",
        "£ 19.558: onder de bandbreedte van £ 20.000 tot £ 30.000 per QALY. Bij £ 20.000 per QALY heeft reconstructie",
        "De ziektelast is in het dossier naar andere regels beoordeeld (laag; Zorginstituut, 2015) en telt hier niet.",
        "Deze regels noemen geen pakketcriteria.",
        "zoals die golden op 31 januari 2024. Waarden: begin niet opgezocht. Bron: NICE.",
        "Niet in deze regels: disconteren, ziektelast, richtlijn, pakketcriteria.",
        "De bandbreedte van £ 20.000 tot £ 30.000 per QALY is gearceerd; de ratio ligt onder die bandbreedte.",
    ),
}


@pytest.fixture(scope="module")
def of_england():
    """Return the assessment of a torn ligament by the rules of England."""
    answer = hecon.load("acl-rupture").answer.model_copy(
        update={"comparison": "snnap-healthcare", "option": "reconstruction", "study": None}
    )
    dossier = hecon.load("acl-rupture").model_copy(update={"answer": answer})
    return hecon.assess(dossier, rules="england-other", on=ON_PUBLICATION, n_draws=500)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_note_by_englands_rules(of_england, lang):
    """It tells where the ratio lies, which rules these are, and what they lack; no Dutch rule is in it."""
    found = of_england
    text = hecon.summary(found, lang=lang).text("md").replace("\N{NO-BREAK SPACE}", " ")

    for sentence in SENTENCES[lang]:
        assert sentence in text, sentence
    assert Locale(lang).text("rules.nl.supplementary") not in text
    assert Locale(lang).text("guideline.heading") not in text
    assert found.conclusion.kind == "by_range"
    assert found.conclusion.preferred is None


def test_several_options_by_a_range():
    """Which is preferred at each end; where one ratio lies is for two alone."""
    draws = hecon.from_arrays(
        [[0, 1000, 5000]], [[0, 0.1, 0.2]], strategies=["a", "b", "c"], comparator="a", currency="GBP"
    )
    found = hecon.verdict(draws, rules="england-other")

    assert found["range"].values.tolist() == ["", "below", "above"]
    assert found["optimal"].values.tolist() == ["b", "b"]
    assert "a QALY gained costs £10,000" in verdict_words(found, Locale("en")).sel(strategy="b", wtp=20_000).item()


def test_a_trial_by_a_range(tmp_path):
    """Its answer tells where the ratio lies; rates that the rules lack are the design's."""
    rng = np.random.default_rng(3)
    rows = [
        f"{i},{('usual', 'new')[i % 2]},0.5,{0.5 + 0.1 * (i % 2) + rng.uniform(0, 0.01):.3f},{20 + 40 * (i % 2)}"
        for i in range(60)
    ]
    (tmp_path / "t.csv").write_text("id,arm,u0,u12,visits\n" + "\n".join(rows), encoding="utf-8")
    (tmp_path / "t.toml").write_text(DESIGN, encoding="utf-8")
    found = hecon.trial.analyse(
        hecon.trial.trial_data(tmp_path / "t.csv", tmp_path / "t.toml", rules="england-other@2024-01-31"),
        replicates=50,
        rng=1,
    )
    draws = found.draws(n_draws=200, rng=1)
    assessed = assess_trial(found, draws, seed=1)
    conclusion = assessed.conclusion.perspectives[0].conclusion

    assert draws.attrs["value_range"] == [20_000, 30_000]
    assert draws.attrs["trial"]["rules_on"] == "2024-01-31"
    assert (conclusion.kind, conclusion.in_range, conclusion.preferred) == ("by_range", "within", None)
    text = repr(trial_document(assessed, Locale("en")))
    assert "The ratio lies within the range of £20,000 to £30,000 per QALY (NICE, other technologies)." in text


DESIGN = """format = 1
name = "small"
[table]
layout = "wide"
patient = "id"
[arm]
column = "arm"
comparator = "usual"
interventions = ["new"]
[utility]
months = [0, 12]
columns = ["u0", "u12"]
[[cost]]
category = "visits"
columns = ["visits"]
price = 31
price_year = 2024
[perspective]
healthcare = ["visits"]
[analysis]
price_year = 2024
discount_cost = 0.0
discount_effect = 0.0
"""
