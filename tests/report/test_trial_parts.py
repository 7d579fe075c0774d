"""What a trial's report says only where it is so: clusters by arm, unnamed levels, adjustment, interventions."""

from dataclasses import replace

import numpy as np
import pytest
from patients import made
from trial_reports import TRIALS, found, said, tables
from trial_tables import changed as altered
from trial_tables import tree, wide

from hecon import prices
from hecon.assessment import assess_trial
from hecon.locale import LANGUAGES, Locale
from hecon.report.trial_tables import table_one, valuation_blocks
from hecon.report.trials import trial_data
from hecon.report.words.trials import TrialWords, method_sentences
from hecon.trial.description import describe
from hecon.trial.sensitivity import SCENARIOS
from hecon.trial.table.checking import trial_data as checked
from hecon.trial.table.design import design_of


def told(kind, lang="en", **changed):
    """Return how a trial is written, with a description that differs."""
    analysis, _ = found(kind)
    return TrialWords(replace(analysis, description=replace(analysis.description, **changed)), Locale(lang))


def methods(words):
    return " ".join(method_sentences(words))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["clusters", "wedge"])
def test_clusters_are_counted_by_arm(kind):
    """One that crosses over counts in both arms; a trial without clusters has no such column."""
    data, words = TRIALS[kind](np.random.default_rng(5)), told(kind)
    counts = [len({cluster for cluster, arm in zip(data.cluster, data.arm, strict=True) if arm == at}) for at in (0, 1)]
    table = tables(table_one(words))[0]

    assert table.header == ("arm", "clusters", "patients", "without missing values")
    assert [row[1] for row in table.rows] == [str(each) for each in counts]
    assert list(trial_data(assess_trial(*found(kind)), Locale("en"))["clusters_by_arm"].values()) == counts
    assert tables(table_one(told("usual")))[0].header == ("arm", "patients", "without missing values")
    assert trial_data(assess_trial(*found("usual")), Locale("en"))["clusters_by_arm"] is None


@pytest.mark.slow
def test_a_stepped_wedge_is_called_one_where_clusters_change_arm():
    """Calendar periods alone make none."""
    assert "fixed effect of each calendar period (stepped wedge)." in methods(told("wedge"))
    assert "calendar period; no cluster changed arm." in methods(told("wedge", clusters=12, clusters_by_arm=(6, 6)))
    assert "calendar period" not in methods(told("clusters"))


def test_clusters_in_one_arm_alone_are_not_counted_in_the_other():
    data = made(np.random.default_rng(5), (60, 70))
    data = replace(data, cluster=np.where(data.arm == 0, np.arange(130) % 4, 4 + np.arange(130) % 7))

    assert (describe(data).clusters, describe(data).clusters_by_arm) == (11, (4, 7))


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_levels_without_a_name_are_explained(lang):
    """Where there are any, and only there."""
    rows = found("usual")[0].description.rows
    place = next(at for at, row in enumerate(rows) if row.kind == "covariate")
    unnamed = (*rows[:place], replace(rows[place], name="region (level 2)"), *rows[place + 1 :])
    note = Locale(lang).text("trial.levels_note")

    assert "covariate.levels" in note
    assert note in said(table_one(told("usual", lang, rows=unnamed)))
    assert note not in said(table_one(told("usual", lang)))


def test_adjustment_is_told_as_it_was():
    """Costs before the start from each perspective that has them; covariates where there are any."""
    words = told("usual")
    rows = words.analysis.description.rows
    before = replace(rows[0], kind="baseline cost", name="informal")
    named = {"societal": ("care", "informal"), "healthcare": ("care",)}
    none = methods(told("usual", rows=tuple(row for row in rows if row.kind not in {"covariate", "baseline cost"})))
    some = methods(told("usual", rows=(*rows, before), perspectives=named))

    assert "with the same regressors in both equations" in none
    assert "Both costs and effects were adjusted for the utility at the start." in none
    assert "no adjustment for costs before the start where the data have none (societal and healthcare)" in none
    assert "Both were adjusted for the costs before the start (societal: " in some
    assert "informal" in some.partition("(societal: ")[2].partition(")")[0]
    assert "Costs and effects were adjusted for age." in some


@pytest.mark.parametrize("lang", LANGUAGES)
def test_regressors_of_one_equation_alone_are_told(lang):
    """By the option of the design, and by the choice for a covariate; then the equations are seemingly unrelated."""
    words = told("usual", lang)
    settings = words.analysis.settings
    plain = methods(words)
    told_of = {
        name: methods(TrialWords(replace(words.analysis, settings=settings | changed), Locale(lang)))
        for name, changed in {
            "own": {"regressors": "own"},
            "cost": {"adjusts": {"age": ["cost"], "sex": ["cost", "effect"], "town": []}},
            "effect": {"adjusts": {"age": ["effect"]}},
        }.items()
    }
    keys = {"own": "regressors_own", "cost": "adjusted_covariates_cost", "effect": "adjusted_covariates_effect"}

    assert "(SUR)." not in plain
    for name, key in keys.items():
        sentence = words.method(key, names="age")
        assert words.method("sur") in told_of[name]
        assert sentence in told_of[name]
        assert sentence not in plain
        assert "town" not in told_of[name]


@pytest.mark.parametrize("code", ["worse-intervention", "dearer-intervention"])
@pytest.mark.parametrize(("lang", "one"), [("en", "intervention alone"), ("nl", "alleen in de interventiegroep")])
def test_several_interventions_are_several(code, lang, one):
    """A departure of the interventions is of all of them."""
    several = {"en": "interventions alone", "nl": "alleen in de interventiegroepen"}[lang]

    assert code in SCENARIOS
    assert TrialWords(found("usual")[0], Locale(lang)).scenario(code).endswith(f", {one}")
    assert TrialWords(found("three")[0], Locale(lang)).scenario(code).endswith(f", {several}")


# Valuation ------------------------------------------------------------------------------------------------------------


def valued(cost, lang="en", **utility):
    """Return the valuation blocks and the categories of a trial of the wide table with this cost."""
    design = tree() | {"cost": [cost], "perspective": {"all": [cost["category"]]}}
    for key, value in utility.items():
        design = altered(design, ("utility", key), value)
    about = describe(checked(wide(), design_of(design)))
    words = TrialWords(replace(found("usual")[0], description=about), Locale(lang))
    return valuation_blocks(words, 2), words.categories("all")[1]


PHYSIO = {"category": "physiotherapy", "columns": ["physio_3", "physio_6", "physio_12"]}


@pytest.mark.slow
@pytest.mark.counted
@pytest.mark.parametrize("lang", LANGUAGES)
def test_prices_are_told_with_their_year_and_index(lang):
    """What converts amounts says so: the index brings them to the year of the analysis."""
    blocks, _ = valued({**PHYSIO, "price": "physiotherapy-session"}, lang)
    (row,) = tables(blocks)[0].rows
    factor, price = prices.indexed(1.0, price_year=2022, to_year=2024), Locale(lang).money(38.89, digits=2)
    reference = Locale(lang).text("trial_valuation.reference", price=price, name="physiotherapy-session")

    assert row[1] == reference
    assert row[2:4] == ("2022", Locale(lang).number(factor, 4))
    assert row[4] == Locale(lang).money(38.89 * factor, digits=2)


def test_amounts_have_no_price():
    (row,) = tables(valued({**PHYSIO, "price_year": 2020})[0])[0].rows

    assert row[:3] == ("physiotherapy", "amounts in the data", "2020")
    assert row[4] == "–"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hours_that_the_friction_period_cuts_off_are_told(lang):
    """What is capped is said to be, with the length; before the start nothing is."""
    cost = {
        "category": "absence",
        "columns": ["absence_3", "absence_6", "absence_12"],
        "price": 40,
        "price_year": 2024,
        "absence": {"hours_per_week": 36},
    }
    blocks, _ = valued(cost, lang)
    text = said(blocks)
    weeks = Locale(lang).number(prices.friction_period().weeks, 1)

    assert Locale(lang).text("trial_valuation.absence", category="absence", weeks=weeks, hours="36") in text
    assert Locale(lang).text("trial_valuation.absence_before", category="absence") not in text
    assert Locale(lang).text("trial_valuation.absence_before", category="absence") in said(
        valued({**cost, "baseline": "physio_before"}, lang)[0]
    )


@pytest.mark.parametrize(("value_set", "key"), [(None, "utilities_given"), ("nl-5l-2016", "value_set_named")])
def test_the_value_set_is_told(value_set, key):
    """Utilities that the data have were not valued by it, and are not said to be."""
    blocks, _ = valued({**PHYSIO, "price_year": 2024}, value_set=value_set)

    assert Locale("en").text(f"trial_valuation.{key}", name=value_set) in said(blocks)


def test_costs_of_a_part_of_the_horizon_are_told_as_such():
    """Counted to month 6 of 12 they are not those of the whole trial."""
    part = {"category": "hospital", "columns": ["stay"], "periods": [[0, 6]], "price_year": 2024}

    assert valued(part)[1] == "hospital (months 0 to 6)"
    assert valued(part, "nl")[1] == "hospital (maand 0 tot 6)"
    assert valued({**PHYSIO, "price_year": 2024})[1] == "physiotherapy"
