"""The verdict: the rule at one reference value, its words, and draws held against all three."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import hecon
from hecon import zin
from hecon.errors import InputError
from hecon.locale import LANGUAGES, Locale
from hecon.report.words import verdict_words
from hecon.report.words.verdicts import judgement_words
from hecon.rules import verdicts

EN = Locale("en")
GOOD, BAD, EVEN = "cost-effective", "not cost-effective", "equal"
PAIR = {"intervention": "surgery", "comparator": "exercise", "per": ("EUR", "QALY")}


def plain(text):
    """Return a text with ordinary spaces."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def told(cost, effect, value, lang="en", **options):
    """Return the verdict in words on one estimate."""
    found = verdicts.judge(cost, effect, reference_value=value, **options)
    return plain(judgement_words(found, (cost, effect), Locale(lang), **PAIR))


def arrays(cost, effect, **options):
    """Return draws of surgery against exercise from two differences a draw."""
    zero = np.zeros(len(cost))
    return hecon.from_arrays(
        np.column_stack([zero, cost]),
        np.column_stack([zero, effect]),
        strategies=["exercise", "surgery"],
        comparator="exercise",
        **options,
    )


def coach(**options):
    """Return draws of Coach2Move 2022 as published, with the correlation assumed."""
    return hecon.from_reported(
        "coach",
        "usual",
        cost=hecon.Difference(800, ci=(-1234, 2824)),
        effect=hecon.Difference("0.09", ci=("-0.00", "0.18")),
        icer=8993,
        assume={"correlation": hecon.Assumed(0, range=(-0.5, 0.5), reason="not reported jointly")},
        n_draws=2000,
        rng=1,
        **options,
    )


# --- the rule ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "effect", "net", "conclusion"),
    [
        (1000, 0.1, 1000, GOOD),  # NE, 10,000 per QALY gained
        (3000, 0.1, -1000, BAD),  # NE, 30,000 per QALY gained
        (-3000, -0.1, 1000, GOOD),  # SW, 30,000 saved per QALY lost
        (-1000, -0.1, -1000, BAD),  # SW, 10,000 saved per QALY lost
        (-1000, 0.1, 3000, GOOD),  # SE, dominant
        (1000, -0.1, -3000, BAD),  # NW, dominated: a ratio of -10,000 ranks nothing
        (0, 0.1, 2000, GOOD),
        (0, -0.1, -2000, BAD),
        (1000, 0, -1000, BAD),
        (-1000, 0, 1000, GOOD),
        (0, 0, 0, EVEN),
        (2000, 0.1, 0, EVEN),
        (-2000, -0.1, 0, EVEN),
    ],
)
def test_conclusion_is_that_of_net_benefit_in_every_quadrant(cost, effect, net, conclusion):
    """At 20,000: net benefit is 20,000·ΔE − ΔC, cost-effective above 0 and equal at 0."""
    found = verdicts.judge(cost, effect, reference_value=20_000)

    assert found.net_benefit == pytest.approx(net, abs=1e-9)
    assert found.conclusion == conclusion
    assert (found.net_benefit_range, found.p_cost_effective, found.p_range, found.flips) == (None, None, None, False)


def test_at_a_net_benefit_of_exactly_zero_both_are_equal():
    """20,000 × 0.0029 = 58 exactly, though in binary arithmetic it falls 7e-15 short."""
    found = verdicts.judge(58, 0.0029, reference_value=20_000)

    assert 20_000 * 0.0029 < 58
    assert found.net_benefit == 0.0
    assert found.conclusion == EVEN
    assert found.edge
    assert not verdicts.judge(58, 0.0029, reference_value=20_000, net_benefit_range=(-1e-14, 1e-14)).flips


@pytest.mark.parametrize(
    ("cost", "effect", "edge"),
    [
        (1900, 0.1, True),  # 2,000 against 1,900: 5% of the larger
        (1899, 0.1, False),
        (2105, 0.1, True),  # 105/2,105 = 4.99%
        (2106, 0.1, False),
        (-1900, -0.1, True),
        (-1899, -0.1, False),
        (0, 0, True),
        (1, -1e-9, False),
        (-1, 1e-9, False),
        (0, 1e-9, False),
        (1e-9, 0, False),
    ],
)
def test_edge_is_within_five_per_cent_of_the_larger_amount(cost, effect, edge):
    """Health at 20,000 per QALY and money that differ by at most 5% lie on the edge; opposite signs never do."""
    assert verdicts.judge(cost, effect, reference_value=20_000).edge is edge


@pytest.mark.parametrize(
    ("span", "flips"),
    [
        ((-1, 1), True),
        ((-1, 0), True),
        ((0, 1), True),
        ((0, 0), False),
        ((1, 2), False),
        ((-2, -1), False),
        ((-1, -1), False),
    ],
)
def test_conclusion_flips_where_the_range_of_net_benefit_changes_side(span, flips):
    """A range flips if its ends lie on two sides of 0, or one of them at 0, where both are equal."""
    assert verdicts.judge(1000, 0.1, reference_value=20_000, net_benefit_range=span).flips is flips


@pytest.mark.parametrize(
    ("cost", "effect", "value", "message"),
    [
        (float("nan"), 0.1, 20_000, "delta_cost must be finite, got nan"),
        (1000, float("inf"), 20_000, "delta_effect must be finite, got inf"),
        (1000, 0.1, 0, "reference_value must be above 0, got 0"),
        (1000, "0.1", 20_000, "delta_effect must be a number, got '0.1'"),
    ],
)
def test_what_cannot_be_judged_is_refused(cost, effect, value, message):
    """NaN is not quietly "not cost-effective"."""
    with pytest.raises(InputError) as caught:
        verdicts.judge(cost, effect, reference_value=value)

    assert str(caught.value) == message


@given(st.floats(-1e6, 1e6), st.floats(-10, 10), st.sampled_from(zin.REFERENCE_VALUES))
def test_exchanging_the_arms_turns_the_conclusion(cost, effect, value):
    """What is cost-effective one way is not the other way; equal options are equal both ways."""
    one, other = (verdicts.judge(sign * cost, sign * effect, reference_value=value) for sign in (1, -1))

    assert one.net_benefit == -other.net_benefit
    assert (one.conclusion == other.conclusion) == (one.conclusion == EVEN) == (one.net_benefit == 0)
    assert one.edge == other.edge


def test_perspectives_are_compared_per_reference_value():
    """Only the reference value at which conclusions differ is marked, in every perspective."""
    # COMPARE: societal 78,179 and healthcare 48,460 per QALY part ways at 50,000.
    societal, healthcare = (
        tuple(verdicts.judge(cost, 0.0434, reference_value=value) for value in zin.REFERENCE_VALUES)
        for cost in (3393, 2103)
    )

    marked = verdicts.across_perspectives(iter([societal, healthcare]))

    assert [[each.flips_across_perspectives for each in row] for row in marked] == [[False, True, False]] * 2
    assert verdicts.across_perspectives([societal])[0] == societal
    assert verdicts.across_perspectives([(), ()]) == [(), ()]


# --- the words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "effect", "conclusion", "because"),
    [
        (1000, 0.1, GOOD, "a QALY gained costs €10,000, below the reference value of €20,000."),
        (3000, 0.1, BAD, "a QALY gained costs €30,000, above the reference value of €20,000."),
        (-3000, -0.1, GOOD, "it saves €30,000 per QALY lost, above the reference value of €20,000."),
        (-1000, -0.1, BAD, "it saves only €10,000 per QALY lost, below the reference value of €20,000."),
        (-1000, 0.1, GOOD, "it is expected to cost less and yield more health."),
        (1000, -0.1, BAD, "it is expected to cost more and yield less health."),
        (0, 0.1, GOOD, "it is expected to yield more health at equal cost."),
        (0, -0.1, BAD, "it is expected to yield less health at equal cost."),
        (1000, 0, BAD, "it is expected to cost more for equal health."),
        (-1000, 0, GOOD, "it is expected to cost less for equal health."),
    ],
)
def test_words_are_right_in_every_quadrant_and_on_the_axes(cost, effect, conclusion, because):
    """A reason each, without a ratio outside NE and SW; against the intervention, the better choice is named."""
    sentence = told(cost, effect, 20_000)

    assert sentence.startswith(f"At €20,000 per QALY, surgery is {conclusion} compared with exercise: {because}")
    assert ("Exercise has the higher expected net benefit" in sentence) is (conclusion == BAD)


@pytest.mark.parametrize(
    ("cost", "effect", "because"),
    [
        (2000, 0.1, "a QALY gained costs €20,000.00, equal to the reference value."),
        (-2000, -0.1, "it saves €20,000.00 per QALY lost, equal to the reference value."),
        (0, 0, "expected costs and health do not differ."),
    ],
)
def test_equal_options_are_called_equal(cost, effect, because):
    """Whatever makes them so; neither is cost-effective, better or on the edge."""
    assert told(cost, effect, 20_000) == f"At €20,000 per QALY, surgery and exercise are equal: {because}"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("cost", [-1000, 0, 1000])
@pytest.mark.parametrize("effect", [-0.1, 0, 0.1])
def test_there_are_words_in_both_languages_for_every_sign(lang, cost, effect):
    """Every combination of signs has its sentence, without a placeholder left open."""
    sentence = told(cost, effect, 50_000, lang=lang)

    assert sentence
    assert "{" not in sentence


def test_words_in_dutch():
    """Amounts and word order are Dutch."""
    dominated = told(1022, -0.0046, 20_000, lang="nl")

    assert dominated == (
        "Bij € 20.000 per QALY is surgery niet kosteneffectief ten opzichte van exercise: "
        "de verwachte kosten zijn hoger en de verwachte gezondheidswinst is kleiner. "
        + Locale("nl").text("verdict.instead", comparator="Exercise")
    )


def test_words_add_what_could_overturn_the_verdict():
    """Edge, flips and perspectives each add their sentence, in this order."""
    judged = verdicts.judge(1950, 0.1, reference_value=20_000, net_benefit_range=(-10, 110))
    other = verdicts.judge(2950, 0.1, reference_value=20_000)
    marked = verdicts.across_perspectives([(judged,), (other,)])[0][0]

    words = judgement_words(marked, (1950, 0.1), Locale("en"), **PAIR)

    assert words == " ".join(
        [
            (
                "At €20,000 per QALY, surgery is cost-effective compared with exercise: "
                "a QALY gained costs €19,500, below the reference value of €20,000."
            ),
            Locale("en").text("verdict.edge"),
            Locale("en").text("verdict.flips"),
            Locale("en").text("verdict.perspectives"),
        ]
    )


def test_a_ratio_that_rounds_to_the_reference_value_gets_its_cents():
    """20,000.30 is more than 20,000, and the sentence must not contradict itself."""
    words = told(20_000.3, 1, 20_000)

    assert "a QALY gained costs €20,000.30, above the reference value of €20,000." in words
    assert Locale("en").text("verdict.edge") in words
    assert "costs €20,000.003, above the reference value of €20,000." in told(20_000.003, 1, 20_000)
    assert "costs €19,999.9998, below the reference value of €20,000." in told(19_999.9998, 1, 20_000)


def test_a_ratio_over_next_to_no_effect_is_endless():
    """Such a ratio is not printed digit by digit."""
    assert "a QALY gained costs €∞, above the reference value of €20,000." in told(1000, 1e-200, 20_000)


def test_names_with_braces_stay_as_they_are():
    """A name is text, not a template."""
    judged = verdicts.judge(0, 0, reference_value=20_000)

    words = judgement_words(judged, (0, 0), Locale("en"), intervention="{value}", comparator="{0}", per=("EUR", "QALY"))

    assert "{value} and {0} are equal: expected costs and health do not differ." in words


# --- draws ------------------------------------------------------------------------------------------------------------


def test_verdict_on_plain_draws():
    """Means, shares and words by hand; ranges are NaN, for the draws carry no fit."""
    # Differences 900, 0.1 and 1,100, 0.3: means 1,000 and 0.2; at 20,000 the draws' net benefits are 1,100 and 4,900.
    found = zin.verdict(arrays([900.0, 1100.0], [0.1, 0.3], source="a trial"))
    row = found.sel(strategy="surgery")

    assert dict(found.sizes) == {"strategy": 1, "wtp": 3, "option": 2}
    assert found["wtp"].values.tolist() == [20_000, 50_000, 80_000]
    assert row["net_benefit"].values.tolist() == pytest.approx([3000, 9000, 15_000])
    assert row["p_cost_effective"].values.tolist() == [1, 1, 1]
    assert row["conclusion"].values.tolist() == [GOOD] * 3
    for name in ("net_benefit_low", "net_benefit_high", "p_low", "p_high"):
        assert np.isnan(row[name].values).all()
    for name in ("edge", "flips", "flips_across_perspectives"):
        assert row[name].values.tolist() == [False] * 3
    assert plain(verdict_words(found, EN).values[0, 0]) == (
        "At €20,000 per QALY, surgery is cost-effective compared with exercise: "
        "a QALY gained costs €5,000, below the reference value of €20,000."
    )
    assert found["net_benefit"].attrs["units"] == "EUR"
    assert found.attrs["source"] == "a trial"


@pytest.mark.slow
def test_verdict_on_reported_draws_carries_the_ranges():
    """Coach2Move 2022 at 20,000: P 0.76 at ρ = 0 and 0.72 to 0.84 over ρ ±0.5, before rounding (METHODS)."""
    row = zin.verdict(coach()).sel(strategy="coach", wtp=20_000)

    # 20,000 × 800/8,993 − 800 = 979
    assert float(row["net_benefit"]) == pytest.approx(979, abs=0.5)
    assert float(row["net_benefit_low"]) < 979 < float(row["net_benefit_high"])
    assert float(row["p_cost_effective"]) == pytest.approx(0.76, abs=0.02)
    assert float(row["p_low"]) == pytest.approx(0.715, abs=0.005)
    assert float(row["p_high"]) == pytest.approx(0.84, abs=0.005)


def test_a_skewed_marginal_has_no_range_of_the_probability():
    """The range of P rests on normality, so draws that are not normal get none; net benefit keeps its range."""
    found = zin.verdict(coach(marginal="lognormal"))

    assert np.isnan(found["p_low"].values).all()
    assert np.isnan(found["p_high"].values).all()
    assert np.isfinite(found["net_benefit_low"].values).all()


@pytest.mark.slow
def test_exchanging_the_comparator_turns_the_ranges_too():
    """Held against the intervention, every figure is that of the other view with its sign turned."""
    draws = coach()
    one = zin.verdict(draws).sel(strategy="coach")
    other = zin.verdict(draws, comparator="coach").sel(strategy="usual")

    np.testing.assert_allclose(other["net_benefit"], -one["net_benefit"])
    np.testing.assert_allclose(other["net_benefit_low"], -one["net_benefit_high"])
    np.testing.assert_allclose(other["net_benefit_high"], -one["net_benefit_low"])
    np.testing.assert_allclose(other["p_cost_effective"], 1 - one["p_cost_effective"])
    np.testing.assert_allclose(other["p_low"], 1 - one["p_high"])
    np.testing.assert_allclose(other["p_high"], 1 - one["p_low"])
    assert other["conclusion"].values.tolist() == [BAD] * 3


@pytest.mark.slow
def test_joined_draws_get_no_range_of_another_fit():
    """A join keeps the attributes of the first alone, so the other perspective's ranges are not known."""
    cheaper = hecon.from_reported(
        "coach",
        "usual",
        cost=hecon.Difference(-100, ci=(-300, 100)),
        effect=hecon.Difference("0.09", ci=("0.01", "0.17")),
        correlation=0,
        n_draws=2000,
        rng=1,
    )
    draws = xr.concat([coach(), cheaper], dim="perspective", combine_attrs="override")

    found = zin.verdict(draws).sel(strategy="coach")

    assert np.isfinite(found["p_low"].isel(perspective=0).values).all()
    assert np.isnan(found["p_low"].isel(perspective=1).values).all()
    assert np.isnan(found["net_benefit_low"].isel(perspective=1).values).all()


@pytest.mark.slow
def test_a_cost_difference_of_zero_is_equal_cost_whatever_the_seed():
    """Recentred draws have a mean of 1e-15 for a printed 0; the words say "equal cost"."""
    for seed in range(4):
        draws = hecon.from_reported(
            "surgery",
            "exercise",
            cost=hecon.Difference(0, ci=(-100, 100)),
            effect=hecon.Difference("0.05", ci=("0.01", "0.09")),
            correlation=0,
            n_draws=100,
            rng=seed,
        )
        words = verdict_words(zin.verdict(draws), EN).values[0, 0]

        assert words.endswith("it is expected to yield more health at equal cost.")


def of_four():
    """Return draws of four strategies: one dominated, one extendedly so, one worth its price from 40,000 on."""
    costs, effects = [1000.0, 500.0, 5000.0, 8500.0], [0.0, 0.1, 0.2, 0.3]
    spread = np.array([[-100.0], [0.0], [100.0]]) * np.array([0, 1, 2, 40])
    return hecon.from_arrays(
        np.array(costs) + spread,
        np.tile(effects, (3, 1)),
        strategies=["usual", "light", "middling", "heavy"],
        comparator="usual",
    )


def test_of_several_strategies_only_the_best_is_cost_effective():
    """Each is held against the best of the others at each value, and dominance is named."""
    # Net benefit at 20,000: -1,000, 1,500, -1,000 and -2,500; at 50,000: -1,000, 4,500, 5,000 and 6,500.
    found = hecon.verdict(of_four())

    assert found["optimal"].values.tolist() == ["light", "heavy", "heavy"]
    assert found["conclusion"].values.tolist() == [[GOOD, BAD, BAD], [BAD, BAD, BAD], [BAD, GOOD, GOOD]]
    assert found["rival"].values.tolist() == [
        ["middling", "heavy", "heavy"],
        ["light", "heavy", "heavy"],
        ["light", "middling", "middling"],
    ]
    assert found["net_benefit"].sel(strategy="light").values.tolist() == pytest.approx([2500, 5500, 8500])
    assert (found["rival_cost"] * -1 + found["wtp"] * found["rival_effect"]).sel(strategy="heavy").values.tolist() == (
        pytest.approx([-4000, 1500, 4500])
    )
    assert found["p_optimal"].values.tolist() == [1, pytest.approx(2 / 3), 1]
    assert found["p_cost_effective"].sum("strategy").values.tolist() == pytest.approx([1, 1, 1])
    assert dict(zip(found["option"].values.tolist(), found["status"].values.tolist(), strict=True)) == {
        "usual": "dominated",
        "light": "frontier",
        "middling": "extendedly dominated",
        "heavy": "frontier",
    }
    assert float(found["icer"].sel(option="heavy")) == pytest.approx(40_000)


def test_words_of_several_strategies_name_the_preferred_one():
    """With its probability, and which is dominated; each sentence compares with the best of the others."""
    words = verdict_words(hecon.verdict(of_four()), EN)

    assert plain(words.sel(strategy="middling", wtp=20_000).item()) == (
        "At €20,000 per QALY, middling is not cost-effective compared with light: a QALY gained costs €45,000, above "
        "the reference value of €20,000. Middling is extendedly dominated: a combination of two other strategies "
        "yields as much at a lower cost. Of all strategies, light has the highest expected net benefit at this value "
        "(probability 1.00)."
    )
    assert plain(words.sel(strategy="heavy", wtp=50_000).item()) == (
        "At €50,000 per QALY, heavy is cost-effective compared with middling: a QALY gained costs €35,000, below "
        "the reference value of €50,000. Of all strategies, heavy has the highest expected net benefit at this value "
        "(probability 0.67)."
    )
    for lang in LANGUAGES:
        assert (verdict_words(hecon.verdict(of_four()), Locale(lang)).str.len() > 0).all()


def test_of_two_strategies_the_dominated_one_is_told_by_its_costs_and_effects():
    """A dominated strategy is never cost-effective, whichever of them is the comparator."""
    draws = hecon.from_arrays([[0.0, 100.0]], [[0.1, 0.0]], strategies=["a", "b"], comparator="a")

    assert hecon.verdict(draws)["conclusion"].values.tolist() == [[BAD] * 3]
    assert hecon.verdict(draws)["status"].values.tolist() == ["frontier", "dominated"]
    assert hecon.verdict(draws, comparator="b")["conclusion"].values.tolist() == [[GOOD] * 3]


@pytest.mark.parametrize(
    ("cost", "effect", "holds"),
    [
        (-1, 1, GOOD),
        (0, 1, GOOD),
        (-1, 0, GOOD),
        (1, -1, BAD),
        (1, 0, BAD),
        (0, -1, BAD),
        (1, 1, None),
        (-1, -1, None),
        (0, 0, None),
    ],
)
def test_dominance_needs_no_value(cost, effect, holds):
    """In two quadrants and on the axes the verdict is the same at every value, and so in every currency."""
    assert verdicts.dominance(cost, effect) == holds
    at_all = {verdicts.judge(cost, effect, reference_value=value).conclusion for value in (1e-9, 1, 1e9)}
    assert holds is None or at_all == {holds}


POUNDS = """\
format = 1
name = "gb"
currency = "GBP"
effect_unit = "QALY"
[[values]]
since = "2012"
status = "read"
source = "a manual"
amounts = [20000, 30000]
shown = [20000, 30000]
"""


def test_rules_of_another_country_give_a_verdict_in_its_currency(tmp_path):
    """A user's file of two values is enough; units and words follow it."""
    path = tmp_path / "gb.toml"
    path.write_text(POUNDS, encoding="utf-8")
    draws = hecon.from_arrays([[0, 2500]], [[0, 0.1]], strategies=["usual", "new"], comparator="usual", currency="GBP")

    found = hecon.verdict(draws, rules=path)

    assert found["wtp"].values.tolist() == [20_000, 30_000]
    assert found["conclusion"].values.tolist() == [[BAD, GOOD]]
    assert (found["net_benefit"].attrs["units"], found["wtp"].attrs["units"]) == ("GBP", "GBP per QALY")
    assert (found.attrs["rules"], found.attrs["rules_since"], found.attrs["rules_source"]) == ("gb", "2012", "a manual")
    assert plain(verdict_words(found, EN).sel(strategy="new", wtp=30_000).item()) == (
        "At £30,000 per QALY, new is cost-effective compared with usual: "
        "a QALY gained costs £25,000, below the reference value of £30,000."
    )
    with pytest.raises(InputError, match="rules must have bands of burden, got none in gb"):
        hecon.verdict(draws, rules=path, burden="low")
    with pytest.raises(InputError, match="currency must be GBP for a reference value in GBP per QALY, got 'EUR'"):
        hecon.verdict(
            draws.assign_attrs(currency="EUR").assign(cost=draws["cost"].assign_attrs(units="EUR")), rules=path
        )


def test_dominance_is_told_where_the_currency_is_another():
    """A value in euros is not held against pounds, but what is dominated is so in every currency."""
    draws = hecon.from_arrays(
        [[0, 2500, 10]], [[0, -0.1, 0.1]], strategies=["usual", "new", "best"], comparator="usual", currency="GBP"
    )

    with pytest.raises(InputError) as caught:
        hecon.verdict(draws)

    assert "got 'GBP' (in every currency 'new' is dominated); make draws" in str(caught.value)


def test_a_verdict_is_of_the_rules_on_a_date():
    """Before the rules there is none."""
    draws = arrays([1000.0], [0.1])

    assert hecon.verdict(draws, on=dt.date(2020, 1, 1)).equals(hecon.verdict(draws))
    with pytest.raises(InputError, match="on must be 2015-06-26 or later"):
        hecon.verdict(draws, on=dt.date(2014, 1, 1))


def test_three_strategies_are_each_held_against_the_comparator():
    """The order of strategies is kept, without the comparator; the one asked for goes before the one known."""
    draws = hecon.from_arrays(
        [[100.0, 0.0, 3000.0]], [[0.1, 0.0, 0.1]], strategies=["a", "b", "c"], comparator="b", price_year=2022
    )
    known = zin.verdict(draws)
    asked = zin.verdict(draws, comparator="a")

    assert known["strategy"].values.tolist() == ["a", "c"]
    assert known["net_benefit"].sel(wtp=20_000).values.tolist() == pytest.approx([1900, -1000])
    assert asked["strategy"].values.tolist() == ["b", "c"]
    assert asked["net_benefit"].sel(wtp=20_000).values.tolist() == pytest.approx([-1900, -2900])
    assert known.attrs["price_year"] == 2022


def test_scenarios_broadcast():
    """A further dim is kept with its labels; here only costs depend on it."""
    base = arrays([1000.0, 1000.0], [0.1, 0.1])
    cost = xr.concat([base["cost"], 3 * base["cost"]], dim=xr.Variable("scenario", ["low", "high"]))
    draws = base.assign(cost=cost.assign_attrs(units="EUR"))

    found = zin.verdict(draws).sel(strategy="surgery", wtp=20_000)

    assert found["scenario"].values.tolist() == ["low", "high"]
    assert found["conclusion"].values.tolist() == [GOOD, BAD]
    assert not found["flips_across_perspectives"].any()


def test_effects_alone_may_depend_on_a_dim_without_labels():
    """A dim of effects alone is broadcast as well, and needs no coordinate."""
    base = arrays([1000.0], [0.1])
    effect = xr.concat([base["effect"], base["effect"] / 10], dim="scenario").assign_attrs(units="QALY")

    found = zin.verdict(base.assign(effect=effect)).sel(strategy="surgery", wtp=20_000)

    assert found["conclusion"].dims == ("scenario",)
    assert found["conclusion"].values.tolist() == [GOOD, BAD]


def two_perspectives(low=2103.0, high=3393.0):
    """Return COMPARE's means in both perspectives (healthcare, societal)."""
    return xr.concat(
        [arrays([cost], [0.0434]) for cost in (low, high)],
        dim=xr.Variable("perspective", ["healthcare", "societal"]),
        combine_attrs="override",
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_perspectives_are_compared(lang):
    """At 50,000 the perspectives conclude otherwise: flag and words say so, and only there."""
    found = zin.verdict(two_perspectives())
    sentence = Locale(lang).text("verdict.perspectives")

    for perspective in ("healthcare", "societal"):
        row = found.sel(perspective=perspective, strategy="surgery")
        words = verdict_words(found, Locale(lang)).sel(perspective=perspective, strategy="surgery")
        assert row["flips_across_perspectives"].values.tolist() == [False, True, False]
        assert [sentence in str(each) for each in words.values] == [False, True, False]
    assert found["conclusion"].sel(strategy="surgery", wtp=50_000).values.tolist() == [GOOD, BAD]


def test_perspectives_without_labels_are_compared_too():
    """A perspective dim needs no coordinate."""
    found = zin.verdict(two_perspectives().drop_vars("perspective")).sel(strategy="surgery")

    assert found["flips_across_perspectives"].values.tolist() == [[False, True, False]] * 2


def test_perspectives_are_compared_within_each_scenario():
    """With both dims, only the scenario in which the perspectives part ways is marked."""
    draws = xr.concat(
        [two_perspectives(), two_perspectives(low=3300.0)],
        dim=xr.Variable("scenario", ["a", "b"]),
        combine_attrs="override",
    )

    found = zin.verdict(draws).sel(strategy="surgery", wtp=50_000)

    assert set(found["conclusion"].dims) == {"scenario", "perspective"}
    assert found["flips_across_perspectives"].sel(scenario="a").values.tolist() == [True, True]
    assert found["flips_across_perspectives"].sel(scenario="b").values.tolist() == [False, False]
    sentence = Locale("en").text("verdict.perspectives")
    words = verdict_words(zin.verdict(draws), Locale("en")).sel(strategy="surgery", wtp=50_000, perspective="societal")
    assert sentence in words.sel(scenario="a").item()
    assert sentence not in words.sel(scenario="b").item()


def test_three_strategies_in_two_perspectives():
    """Each strategy is compared with itself in the other perspective."""
    draws = xr.concat(
        [
            hecon.from_arrays([[0.0, cost, 100.0]], [[0.0, 0.1, 0.001]], strategies=["a", "b", "c"], comparator="a")
            for cost in (1000.0, 3000.0)
        ],
        dim="perspective",
        combine_attrs="override",
    )

    found = zin.verdict(draws)["flips_across_perspectives"].sel(wtp=20_000)

    assert found.sel(strategy="b").values.tolist() == [True, True]
    assert found.sel(strategy="c").values.tolist() == [False, False]


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"currency": "GBP"}, "currency must be EUR for a reference value in EUR per QALY, got 'GBP'"),
        ({"effect_unit": "LY"}, "effect unit must be QALY for a reference value in EUR per QALY, got 'LY'"),
    ],
)
def test_no_verdict_on_other_units(options, fault):
    """A reference value in euros per QALY is held against nothing else."""
    remedy = (
        "make draws of converted costs by hecon.from_arrays(..., currency='EUR'), "
        "give rules of that currency, or use hecon.incremental_net_benefit, hecon.frontier and hecon.ceac"
    )
    with pytest.raises(InputError) as caught:
        zin.verdict(arrays([1.0], [0.1], **options))

    assert str(caught.value) == f"{fault}; {remedy}"


def test_the_comparator_is_never_guessed():
    """It is known, given, or asked for."""
    draws = hecon.from_arrays([[0.0, 1.0]], [[0.0, 0.1]], strategies=["exercise", "surgery"])

    with pytest.raises(InputError, match="comparator must be given: one of 'exercise', 'surgery'"):
        zin.verdict(draws)
    with pytest.raises(InputError, match="comparator must be one of 'exercise', 'surgery', got 'rest'"):
        zin.verdict(draws, comparator="rest")
    assert zin.verdict(draws, comparator="surgery")["strategy"].values.tolist() == ["exercise"]


def test_draws_are_checked():
    """What breaks the data convention is refused at the door."""
    with pytest.raises(InputError, match=r"draws must be an xarray\.Dataset"):
        zin.verdict([1, 2])


sizes = (st.floats(-limit, limit).map(lambda value: round(value, 9)) for limit in (1e5, 5))


@pytest.mark.slow
@given(st.lists(st.tuples(*sizes), min_size=1, max_size=8))
def test_verdict_agrees_with_net_benefit(pairs):
    """On any draws, the verdict's net benefit is that of hecon.incremental_net_benefit, and P that of hecon.ceac."""
    draws = arrays([cost for cost, _ in pairs], [effect for _, effect in pairs])
    found = zin.verdict(draws).sel(strategy="surgery")
    net = hecon.incremental_net_benefit(draws, wtp=list(zin.REFERENCE_VALUES)).mean("draw").sel(strategy="surgery")
    share = hecon.ceac(draws, wtp=list(zin.REFERENCE_VALUES)).sel(strategy="surgery")
    if len(set(pairs)) == 1:  # nothing varies
        share = share * np.nan

    np.testing.assert_allclose(found["net_benefit"], net.values.reshape(-1), rtol=1e-9, atol=1e-5)
    np.testing.assert_allclose(found["p_cost_effective"], share)


@pytest.mark.parametrize("order", [("usual", "b", "c", "d"), ("d", "usual", "c", "b")])
def test_of_tied_rivals_the_same_is_named_in_any_order(order):
    """As on the acceptability frontier: the first by name of those alike."""
    gained = np.random.default_rng(1).normal(1, 0.1, 200)
    effect = np.stack([gained * (name != "usual") for name in order], axis=1)
    draws = hecon.from_arrays(1_000 * effect, effect, strategies=order, comparator="usual", currency="EUR")
    found = hecon.verdict(draws)

    assert found["rival"].sel(strategy="b").values.tolist() == ["c"] * 3
    assert found["rival"].sel(strategy="c").values.tolist() == ["b"] * 3
    assert found["rival"].sel(strategy="d").values.tolist() == found["optimal"].values.tolist() == ["b"] * 3
    assert found.attrs["rules_status"] == "read"


def test_one_strategy_has_nothing_to_be_held_against():
    """It is refused as by the other verbs that compare."""
    alone = hecon.from_arrays([[1.0], [2.0]], [[1.0], [1.0]], strategies=["a"], comparator="a")

    with pytest.raises(InputError, match=r"^draws must hold a strategy beside the comparator 'a'; nothing to compare$"):
        zin.verdict(alone)


def test_all_that_tie_have_the_highest_net_benefit():
    draws = hecon.from_arrays(
        [[0, 200, 400]], [[0, 0.01, 0.02]], strategies=["usual", "light", "heavy"], comparator="usual", currency="EUR"
    )
    found = hecon.verdict(draws)

    assert found["is_optimal"].dims == ("option", "wtp")
    assert found["is_optimal"].sel(wtp=20_000).values.tolist() == [True, True, True]
    assert found["is_optimal"].sel(wtp=50_000).values.tolist() == [False, False, True]


@pytest.mark.parametrize("times", [1, 5])
def test_draws_that_do_not_vary_tell_no_probability(times):
    """A model without uncertainty is not a verdict that is shown with probability 1."""
    draws = hecon.from_arrays([[0, 400, 4000]] * times, [[0, 0.05, 0.06]] * times, strategies=["a", "b", "c"])
    found = hecon.verdict(draws, comparator="a", burden="high")
    for name in ("p_cost_effective", "p_optimal", "p_integrated"):
        assert found[name].isnull().all()
    assert found["optimal"].values.tolist() == ["b"] * 3
