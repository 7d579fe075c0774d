"""Weights on QALYs by severity: which weight goes with a shortfall, and what it changes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hecon
from hecon import rules, rulesets
from hecon.errors import DossierError, InputError
from hecon.locale import Locale
from hecon.report.sections.burden import burden_line
from hecon.report.words.burdens import burden_words

# Its figures are invented.
OWN = """format = 1
name = "xx"
currency = "EUR"
effect_unit = "QALY"
[[values]]
status = "read"
source = "Body XX. Manual. 2020, table 2"
range = [20000, 60000]
shown = [20000, 60000]
[[severity]]
since = "2022-02"
status = "read"
source = "Body XX. Manual. 2022, section 6"
discount = 0.035
of_two = "higher"
[[severity.band]]
weight = 1
[[severity.band]]
weight = 1.2
absolute = 10
proportional = 0.80
[[severity.band]]
weight = 1.7
absolute = 15
proportional = 0.90
[burden]
life_table = "cbs-2021"
norms = "szende-2014"
discount = 0.035
compared_life_tables = ["cbs-2021"]
compared_norms = ["szende-2014"]
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Return the rules of a file with weights."""
    path = tmp_path_factory.mktemp("rules") / "xx.toml"
    path.write_text(OWN, encoding="utf-8")
    return rulesets.ruleset(path)


def draws(cost=(900, 1100), effect=(0.1, 0.3), unit="QALY"):
    """Return draws of a new option with these differences from usual care."""
    return hecon.from_arrays(
        np.column_stack([[500.0] * 2, np.array(cost) + 500.0]),
        np.column_stack([[5.0] * 2, np.array(effect) + 5.0]),
        strategies=["usual", "new"],
        comparator="usual",
        effect_unit=unit,
        effect_better="more",
    )


@pytest.mark.parametrize(
    ("population", "remaining", "weight"),
    [
        (20, 11, 1.0),  # 9 QALYs, 0.45
        (20, 10, 1.2),  # at an edge the higher weight holds
        (20, 5, 1.7),  # 15 QALYs, 0.75: the higher of 1.7 and 1
        (5, 1, 1.2),  # 4 QALYs, 0.80: the higher of 1 and 1.2
        (5, 0.5, 1.7),  # 0.90
    ],
)
def test_the_higher_weight_of_the_two_shortfalls_holds(own, population, remaining, weight):
    """By absolute and by proportional shortfall; an edge belongs to the band above."""
    found = rules.shortfall(population_qalys=population, remaining_qalys=remaining, given_discount=0.035, rules=own)

    assert (found.qaly_weight, found.band, found.reference_value) == (weight, None, None)
    assert found.data["qaly_weight"] == weight


def test_the_same_patients_by_two_rule_sets(own):
    """Undiscounted by the Dutch rules, with a band; at 3.5% by the others, with a weight."""
    patients = {"age": 30, "female": 0.5, "smr": 30, "utility": 0.5}
    dutch, other = rules.shortfall(**patients), rules.shortfall(**patients, rules=own)

    assert (dutch.discount, other.discount) == (0, 0.035)
    assert other.absolute < dutch.absolute
    assert other.absolute == rules.shortfall(**patients, discount=0.035).absolute
    assert (dutch.band, dutch.reference_value, dutch.qaly_weight) == ("high", 80_000, None)
    assert (other.band, other.reference_value, other.qaly_weight) == (None, None, 1.2)


@pytest.mark.slow
@given(st.floats(0.001, 2), st.floats(-5000, 5000), st.sampled_from([1.0, 1.2, 1.7]), st.integers(1, 100_000))
def test_a_weight_changes_what_uses_effects_and_nothing_else(own, effect, cost, weight, value):
    """Costs stand; net benefit at a value is that at the value times the weight; ratios are divided by it."""
    plain = draws((cost - 10, cost + 10), (effect * 0.5, effect * 1.5))
    heavy = rules.weighted(plain, weight, rules=own)

    assert heavy["cost"].identical(plain["cost"])
    np.testing.assert_allclose(heavy["effect"].sel(strategy="usual"), plain["effect"].sel(strategy="usual"))
    one, other = hecon.icer(plain), hecon.icer(heavy)
    np.testing.assert_allclose(other["delta_effect"], weight * one["delta_effect"])
    np.testing.assert_allclose(other["icer"], one["icer"] / weight)
    same = [hecon.incremental_net_benefit(plain, wtp=value * weight), hecon.incremental_net_benefit(heavy, wtp=value)]
    np.testing.assert_allclose(same[1], same[0], atol=1e-6)
    np.testing.assert_allclose(hecon.evpi(heavy, wtp=value), hecon.evpi(plain, wtp=value * weight), atol=1e-6)


def test_weighted_effects_are_labelled(own):
    """Ratios, curves, verdict and figures take the unit; the weight stands in the attributes."""
    heavy = rules.weighted(draws(), 1.2, rules=own)
    verdict = hecon.verdict(heavy, rules=own)

    assert heavy.attrs["qaly_weight"] == verdict.attrs["qaly_weight"] == 1.2
    assert hecon.icer(heavy)["icer"].attrs["units"] == "EUR per weighted QALY"
    assert hecon.ceac(heavy, wtp=20_000)["wtp"].attrs["units"] == "EUR per weighted QALY"
    assert verdict["wtp"].attrs["units"] == "EUR per weighted QALY"
    assert verdict["delta_effect"].attrs["units"] == "weighted QALY"
    assert "weighted QALY" in hecon.plot.acceptability(heavy, wtp=[0, 20_000]).get_xlabel()


def test_what_is_weighted_has_no_place_under_rules_without_weights(own):
    """The Dutch values are per QALY."""
    with pytest.raises(InputError, match="effect unit must be QALY for a reference value"):
        hecon.verdict(rules.weighted(draws(), 1.2, rules=own), rules="nl")


def test_a_weight_on_qalys_lost_is_refused(own):
    """Unless the rules weigh losses; a weight of 1 changes nothing, so it is none."""
    lost = draws(effect=(-0.3, -0.1))
    losses = own.model_copy(update={"severity": (own.severity[0].model_copy(update={"losses": True}),)})

    with pytest.raises(InputError) as caught:
        rules.weighted(lost, 1.7, rules=own)
    assert str(caught.value) == (
        "draws must not lose QALY against 'usual', as xx weighs none that is lost, got 'new': take them without a "
        "weight, or leave it out"
    )
    np.testing.assert_allclose(rules.weighted(lost, 1.0, rules=own)["effect"], lost["effect"])
    np.testing.assert_allclose(hecon.icer(rules.weighted(lost, 1.7, rules=losses))["delta_effect"], -0.34)


def _given(**more):
    return rules.shortfall(population_qalys=20, remaining_qalys=5, **more)


@pytest.fixture(scope="module")
def weighted_ligament(own):
    """Return the assessment of a torn ligament at a weight."""
    return hecon.assess("acl-rupture", rules=own, burden=_given(given_discount=0.035, rules=own), n_draws=200)


@pytest.mark.parametrize(
    ("weigh", "message"),
    [
        (lambda _: rules.weighted(draws(), 1.2), "rules must be given with a weight"),
        (lambda _: rules.weighted(draws(), 1.2, rules="nl"), "rules must weigh severity, got none in nl"),
        (lambda own: rules.weighted(draws(), 1.3, rules=own), "severity must be a weight of xx, 1, 1.2, 1.7, got 1.3"),
        (lambda _: rules.weighted(draws(), _given()), "rules must weigh severity, got none in nl"),
        (lambda own: rules.weighted(draws(), _given(), rules=own), "severity must be a shortfall by xx"),
        (
            lambda own: rules.weighted(draws(), _given(rules=own, discount=0)),
            "severity must be a shortfall at 0.035 a year, which xx asks for, got 0",
        ),
        (lambda own: rules.weighted(draws(unit="LY"), 1.2, rules=own), "draws must have effects in QALY"),
        (
            lambda own: rules.weighted(rules.weighted(draws(), 1.2, rules=own), 1.2, rules=own),
            "draws must have effects in QALY to be weighted, got weighted QALY",
        ),
        (lambda own: _given(rules=own), "QALYs that are given must be discounted at 0.035 a year"),
        (
            lambda own: rules.shortfall(age=40, female=0.5, smr=2, given_discount=0.035, rules=own),
            "given_discount must be left out where no QALYs are given, got 0.035",
        ),
    ],
)
def test_weights_that_do_not_hold_are_refused(own, weigh, message):
    """Each with what to do."""
    with pytest.raises(InputError) as caught:
        weigh(own)

    assert str(caught.value).startswith(message)


def test_before_they_began_there_are_no_weights(own):
    """Weights hold from their date; the values held before."""
    assert own.severity_on(rulesets.ruleset("england-medicines@2020-01-01").on) is None
    assert own.severity_on() == own.severity[0]


@pytest.mark.slow
def test_an_assessment_at_a_weight(own, weighted_ligament):
    """Values are times the weight; costs, effects and ratio stand; a comparison that loses QALYs has no verdict."""
    burden = _given(given_discount=0.035, rules=own)
    plain = hecon.assess("meniscal-tear-traumatic", rules=own, n_draws=200)
    heavy = hecon.assess("meniscal-tear-traumatic", rules=own, burden=burden, n_draws=200)

    assert heavy.rules.weight == 1.7
    for one, other in zip(plain.comparisons, heavy.comparisons, strict=True):
        assert (one.delta_cost, one.delta_effect, one.icer) == (other.delta_cost, other.delta_effect, other.icer)
        assert other.values == (34_000, 102_000)
        assert one.delta_effect < 0
        assert other.no_verdict is None or other.no_verdict.code == "weight_on_losses"
        assert other.judgements == ()
    acl = weighted_ligament.comparisons[0]
    unweighted = hecon.assess("acl-rupture", rules=own, n_draws=200).comparisons[0]
    assert acl.net_benefit[34_000] == pytest.approx(34_000 * acl.delta_effect - acl.delta_cost)
    assert (unweighted.in_range, acl.in_range) == ("above", "within")
    assert acl.draws.attrs["value_weight"] == 1.7


@pytest.mark.slow
def test_without_a_burden_it_says_that_no_weight_is_put_on(own):
    """Silence would read as a weight of 1."""
    filed = hecon.load("acl-rupture")
    bare = filed.model_copy(update={"burden": filed.burden.model_copy(update={"inputs": None})})
    found = hecon.assess(bare, rules=own, n_draws=50)

    assert found.rules.weight == 1
    assert "No burden of disease was computed, so they bear no weight here." in burden_line(found, Locale("en"))


@pytest.mark.parametrize(
    ("burden", "message"),
    [
        (lambda _: _given(), "burden must be by the rules of the dossier, xx, got nl"),
        (lambda own: _given(rules=own, discount=0), "burden must be at 0.035 a year, which xx asks for, got 0"),
    ],
)
def test_a_burden_by_other_rules_is_refused(own, burden, message):
    """Or at another rate: its weight would be another."""
    with pytest.raises(InputError) as caught:
        hecon.assess("acl-rupture", rules=own, burden=burden(own), n_draws=50)

    assert str(caught.value).startswith(message)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_note_labels_what_is_weighted(weighted_ligament, lang):
    """Each value with its weight, and a paragraph on what the weight is put on."""
    text = hecon.summary(weighted_ligament, lang=lang).text("md").replace("\N{NO-BREAK SPACE}", " ")

    value, note = {
        "en": (
            "€34,000 (€20,000 × 1.7)",
            "Weighted effects: QALYs gained bear a weight of 1.7 by severity (rules xx).",
        ),
        "nl": ("€ 34.000 (€ 20.000 × 1,7)", "Gewogen effecten: gewonnen QALY's hebben naar ernst een gewicht van 1,7"),
    }[lang]
    assert note in text
    assert text.count(value) > 5
    bare = value.partition(" (")[0]
    assert text.count(bare) == text.count(value) + 1  # the paragraph that explains it


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("absolute = 10\n", "absolute = 16\n", "severity[0].band[2].absolute: must be above 0 and that of the band"),
        ("weight = 1.7", "weight = 1.1", "severity[0].band[2].weight: must be above that of the band before it"),
        ("weight = 1\n", "weight = 0.9\n", "severity[0].band[0].weight: must be at least 1, got 0.9"),
        ("weight = 1\n", "weight = 1\nabsolute = 3\n", "severity[0].band[0]: must have shortfalls unless it is the"),
        ('of_two = "higher"\n', "", 'severity[0].of_two: is missing: write of_two = "higher"'),
        ("proportional = 0.90", "proportional = 90", "severity[0].band[2].proportional: must be a share of at most 1"),
        ("range = [20000, 60000]", "range = [60000, 20000]", "values[0].range: must run upwards, got 60000 to 20000"),
        ("range = [20000, 60000]", "amounts = [1]\nrange = [1, 2]", "values[0]: must have [[values.band]], amounts or"),
        ('since = "2022-02"\n', "", ""),
        (
            "range = [20000, 60000]\n",
            'measure = "proportional shortfall"\nband = [{name = "a", value = 1}]\n',
            "severity: must not stand beside [[values.band]]",
        ),
    ],
)
def test_faults_of_a_file_with_weights(tmp_path, old, new, fault):
    """A first rule may leave out its date."""
    path = tmp_path / "xx.toml"
    path.write_text(OWN.replace(old, new, 1), encoding="utf-8")
    if not fault:
        assert rulesets.ruleset(path).severity_on() is not None
        return
    with pytest.raises(DossierError) as caught:
        rulesets.ruleset(path)

    assert any(fault in each for each in caught.value.located), caught.value.located


@pytest.mark.parametrize(
    ("population", "remaining", "absolute", "proportional"),
    [
        (20, 10.001, "9.999", "0.500"),
        (20, 10.000001, "9.999999", "0.500"),
        (20, 10, "10.00", "0.500"),
        (20, 5.0001, "14.9999", "0.750"),
        (5, 1.0001, "4.00", "0.79998"),
        (20, 9.5, "10.50", "0.525"),
    ],
)
def test_a_shortfall_does_not_read_as_at_a_limit_that_it_does_not_reach(
    own, population, remaining, absolute, proportional
):
    found = rules.shortfall(population_qalys=population, remaining_qalys=remaining, given_discount=0.035, rules=own)
    words = burden_words(found, Locale("en"))

    assert f"{absolute} QALY" in words
    assert proportional in words
