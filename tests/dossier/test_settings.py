"""What a dossier leaves to the design of its patient data or to the rules is taken, and told, from file to note."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
import trial_dossiers as trials
from jsonschema import Draft202012Validator

import hecon
from hecon.assessment.trials import refuse_faults
from hecon.dossier.loading import Dossier
from hecon.errors import DossierError
from hecon.files import toml
from hecon.rulesets import ruleset

LINES = {
    "currency": 'currency = "EUR"\n',
    "price_year": "price_year = 2024\n",
    "horizon_months": "horizon_months = 24\n",
    "discount_cost": "discount_cost = 0.03\n",
    "discount_effect": "discount_effect = 0.015\n",
}
RATES = trials.DESIGN + "discount_cost = 0.04\n"
SOCIETAL = trials.COMPARISON.format(perspective="societal", extra="")
HEALTHCARE = trials.COMPARISON.format(perspective="healthcare", extra="")


def without(*keys, text=SOCIETAL):
    """Return a comparison that leaves settings out."""
    for key in keys:
        assert LINES[key] in text
        text = text.replace(LINES[key], "")
    return text


def settings(spec):
    return [getattr(spec, key) for key in LINES]


def test_all_is_taken_where_the_file_states_nothing(tmp_path):
    """Of the design what it states, of the rules what it leaves out; numbers as they are printed."""
    found = hecon.load(trials.write(tmp_path, without(*LINES), design=RATES)).comparison[0]

    assert settings(found) == ["EUR", 2024, 24, Decimal("0.04"), Decimal("0.015")]
    assert found.data.taken == {
        "currency": "rules",
        "price_year": "design",
        "horizon_months": "design",
        "discount_cost": "design",
        "discount_effect": "rules",
    }


@pytest.mark.parametrize("key", LINES)
def test_one_is_taken_beside_the_others(tmp_path, key):
    """It is as if the file had stated it, and only that is told as taken."""
    stated = hecon.load(trials.write(tmp_path, SOCIETAL)).comparison[0]
    left_out = hecon.load(trials.write(tmp_path, without(key))).comparison[0]

    assert settings(left_out) == settings(stated)
    assert (list(stated.data.taken), list(left_out.data.taken)) == ([], [key])


def test_comparisons_of_other_arms_share_it(tmp_path):
    """One comparison of three arms is two, and both have the settings."""
    path = trials.write_three(tmp_path)
    text = path.read_text(encoding="utf-8").split("[[comparison]]")[:2]
    whole = without("price_year", text="[[comparison]]".join(text))
    path.write_text(
        whole.replace('comparator = "usual-care"', 'comparator = "usual-care"\nother_interventions = ["running"]')
    )

    found = hecon.load(path).comparison

    assert [(each.intervention, each.price_year) for each in found] == [("walking", 2024), ("running", 2024)]
    assert all(each.data.taken == {"price_year": "design"} for each in found)


def test_without_patient_data_all_are_missing(tmp_path):
    """Only a design can state them."""
    text = without("price_year", "horizon_months", text=trials.REPORTED.replace("= 12\n", "= 24\n"))

    with pytest.raises(DossierError) as caught:
        hecon.load(trials.write(tmp_path, text))

    assert caught.value.faults == (
        "comparison[0].price_year: is missing: add it",
        "comparison[0].horizon_months: is missing: add it",
    )


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"trial.toml"', '"absent.toml"', "comparison[0].data.design: must be a file that exists"),
        ('design = "trial.toml"\n', "", "comparison[0].data.design: is missing: add it"),
        ('design = "trial.toml"\n', "design = 3\n", "comparison[0].data.design: must be text in quotes"),
    ],
)
def test_a_design_that_cannot_be_read_is_the_only_fault(tmp_path, old, new, fault):
    """What was left to it is not told as missing."""
    with pytest.raises(DossierError) as caught:
        hecon.load(trials.write(tmp_path, without(*LINES).replace(old, new)))

    assert len(caught.value.faults) == 1
    assert caught.value.faults[0].startswith(fault)


def test_a_faulty_design_is_told_by_its_own_faults(tmp_path):
    """And by nothing else."""
    design = trials.DESIGN.replace("[analysis]\nprice_year = 2024", "[analysis]\nprice_year = 24")

    with pytest.raises(DossierError) as caught:
        hecon.load(trials.write(tmp_path, without(*LINES), design=design))

    assert all(fault.startswith("comparison[0].data.design: ") for fault in caught.value.faults)
    assert "analysis.price_year: must be a year" in caught.value.faults[0]


def test_the_remedy_of_a_difference_works(tmp_path):
    """Both places and values are told; the setting that is left out is that of the design."""
    wrong = SOCIETAL.replace("price_year = 2024", "price_year = 2022")
    with pytest.raises(DossierError) as caught:
        hecon.load(trials.write(tmp_path, wrong))

    fault = (
        "comparison[0].price_year: must be 2024, that of analysis.price_year in trial.toml, got 2022: "
        "change the one that is wrong, or leave it out here and it is taken from there"
    )
    assert caught.value.faults == (fault,)
    assert caught.value.lines == (wrong.split("\n").index("price_year = 2022") + 1 + trials.HEAD.count("\n"),)
    assert hecon.load(trials.write(tmp_path, wrong.replace("price_year = 2022\n", ""))).comparison[0].price_year == 2024


def test_rates_of_the_rules_move_with_the_rules(tmp_path):
    """Those of the file and of the design stay, and so does the currency; what is assessed agrees with the design."""
    design = trials.DESIGN + "discount_effect = 0.02\n"
    dossier = hecon.load(trials.write(tmp_path, without(*LINES), design=design))
    before = dossier.under(on=dt.date(2020, 1, 1))

    assert settings(dossier.comparison[0]) == ["EUR", 2024, 24, Decimal("0.03"), Decimal("0.02")]
    assert settings(before.comparison[0]) == ["EUR", 2024, 24, Decimal("0.04"), Decimal("0.02")]
    refuse_faults(before)
    with pytest.raises(DossierError, match=r"discount_cost: must be 0\.04, that of the rules nl, as trial"):
        refuse_faults(hecon.load(trials.write(tmp_path, SOCIETAL)).under(on=dt.date(2020, 1, 1)))


def test_rules_without_rates_or_in_another_currency_are_refused(tmp_path):
    """Nothing of the rules that the dossier was loaded under passes for theirs."""
    moved = hecon.load(trials.write(tmp_path, without(*LINES))).under(ruleset("england-other"))

    with pytest.raises(DossierError) as caught:
        refuse_faults(moved)

    assert [fault.partition(": must ")[0] for fault in caught.value.faults] == [
        "comparison[0].currency",
        "comparison[0].data.design",
    ]


def test_the_schema_demands_them_without_patient_data(tmp_path):
    """An editor takes what `hecon.load` takes."""
    check = Draft202012Validator(Dossier.json_schema())

    def faults(text):
        path = trials.write(tmp_path, text)
        tree = toml.read(path.read_bytes(), "note", DossierError).tree
        return [each.message for each in check.iter_errors(json.loads(json.dumps(tree, default=float)))]

    assert faults(without(*LINES)) == []
    assert faults(trials.REPORTED) == []
    assert faults(trials.REPORTED.replace("price_year = 2024\n", "")) == ["'price_year' is a required property"]


@pytest.mark.slow
def test_the_note_tells_what_was_taken_and_whence(tmp_path):
    """In both languages and in the JSON; the figures are those of a dossier that states all."""
    text = without(*LINES) + HEALTHCARE
    found = hecon.assess(trials.write(tmp_path, text, design=RATES.replace("0.04", "0.03")), n_draws=1000, rng=1)
    stated = hecon.assess(trials.write(tmp_path, trials.BOTH), n_draws=1000, rng=1)

    english = hecon.summary(found, lang="en").text("md")
    assert english.count("Taken from design") == english.count("Taken from the rules") == 1
    for told in (
        "as the dossier does not state it: price year, time horizon, discount rate of costs.",
        "as neither the dossier nor the design states it: currency, discount rate of effects.",
    ):
        assert told in english
    dutch = hecon.summary(found, lang="nl").text("md")
    assert dutch.count("Overgenomen uit ontwerp") == dutch.count("Overgenomen uit de regels (nl)") == 1
    first, second = json.loads(hecon.summary(found, lang="en").text("json"))["comparisons"]
    assert first["trial_analysis"]["source"]["settings"] == {
        "currency": "rules",
        "price_year": "design",
        "horizon_months": "design",
        "discount_cost": "design",
        "discount_effect": "rules",
    }
    assert set(second["trial_analysis"]["source"]["settings"].values()) == {"dossier"}
    for one, other in zip(found.comparisons, stated.comparisons, strict=True):
        assert (one.delta_cost, one.delta_effect) == (other.delta_cost, other.delta_effect)


def test_a_design_that_changed_since_is_told(tmp_path):
    """What was taken is no longer what it states, and the remedy is to load again."""
    path = trials.write(tmp_path, without("price_year"))
    dossier = hecon.load(path)
    design = tmp_path / "trial.toml"
    design.write_text(trials.DESIGN.replace("[analysis]\nprice_year = 2024", "[analysis]\nprice_year = 2023"))

    with pytest.raises(DossierError) as caught:
        hecon.assess(dossier)

    fault = (
        "comparison[0].price_year: must be 2023, that of analysis.price_year in trial.toml, got 2024 of the design "
        "when the dossier was loaded: load it again"
    )
    assert caught.value.faults == (fault,)
    assert hecon.load(path).comparison[0].price_year == 2023
