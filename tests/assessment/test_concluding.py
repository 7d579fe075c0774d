"""The conclusion: the preferred option at each value, how sure it is, and which answer the question gets."""

import dataclasses
from functools import cache
from importlib.resources import files

import numpy as np
import pytest
import trial_dossiers
from shipped import assessed
from two_options import dossier_text

import hecon
from hecon.assessment.concluding import certainty, conclude, preferences
from hecon.dossier import skeleton
from hecon.errors import DossierError, InputError
from hecon.locale import LANGUAGES, Locale
from hecon.report.document import Facts
from hecon.report.sections import answer
from hecon.report.sections.answer import answer_words
from hecon.report.sections.overview import key_tables, key_words

pytestmark = pytest.mark.usefixtures("few_samples")


@pytest.fixture(scope="module")
def concluded(tmp_path_factory):
    """Return what makes an assessment of a dossier of these differences, once: it is frozen."""

    @cache
    def make(cost, effect, **keywords):
        path = tmp_path_factory.mktemp("sample") / "sample.toml"
        path.write_text(dossier_text(cost, effect, **keywords), encoding="utf-8")
        return hecon.assess(path, n_draws=4000)

    return make


@pytest.mark.parametrize(
    ("probability", "ends", "word"),
    [
        (0.975, None, "shown"),
        (0.9749, None, "probably"),
        (0.75, None, "probably"),
        (0.7499, None, "uncertain"),
        (0.5, None, "uncertain"),
        (None, None, "unknown"),
        (0.98, (0.97, 0.99), "probably"),
        (0.76, (0.60, 0.84), "uncertain"),
        (0.99, (0.98, 1.0), "shown"),
    ],
)
def test_the_weaker_word_holds_over_a_range(probability, ends, word):
    """At least 0.975 shown, from 0.75 probably, below uncertain."""
    assert certainty(probability, ends) == word


# Every quadrant, with what the option that is asked about gets at 20,000 per QALY: its answer, and how sure.
CASES = {
    "north-east, preferred": ((200, 0.1), "new-care", "shown", "Ja, dat is aangetoond", "Yes, this has been shown"),
    "north-east, not": ((5000, 0.1), "usual-care", "shown", "Nee, dat is aangetoond", "No, this has been shown"),
    "south-east": ((-200, 0.1), "new-care", "shown", "Ja, dat is aangetoond", "Yes, this has been shown"),
    "north-west": ((200, -0.1), "usual-care", "shown", "Nee, dat is aangetoond", "No, this has been shown"),
    "south-west, preferred": ((-5000, -0.1), "new-care", "shown", "Ja, dat is aangetoond", "Yes, this has been shown"),
    "south-west, not": ((-200, -0.1), "usual-care", "shown", "Nee, dat is aangetoond", "No, this has been shown"),
    "no costs": ((0, 0.1), "new-care", "shown", "Ja, dat is aangetoond", "Yes, this has been shown"),
    "no effect": ((500, "0.000"), "usual-care", "probably", "Waarschijnlijk niet", "Probably not"),
    "probably": ((-300, "0.000"), "new-care", "probably", "Waarschijnlijk wel", "Probably yes"),
    "uncertain": ((50, 0), "usual-care", "uncertain", "Naar verwachting niet, maar", "On balance no, but"),
    "on the edge": ((1980, 0.1), "new-care", "uncertain", "Naar verwachting wel, maar", "On balance yes, but"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.no_cover
def test_the_answer_is_right_in_every_quadrant(concluded, case):
    """The preferred option, its word, and the sentence that a committee reads, in both languages."""
    differences, preferred, word, dutch, english = CASES[case]
    found = concluded(*differences, se=(100, 0.015))
    conclusion = found.conclusion

    assert (conclusion.kind, conclusion.preferred, conclusion.at.certainty) == ("at_reference_value", preferred, word)
    assert conclusion.at.value == 20_000
    assert conclusion.at.edge == (case == "on the edge")
    for lang, start in (("nl", dutch), ("en", english)):
        sentence = answer_words(found, Locale(lang)).sentence()
        assert sentence.startswith(start)
        assert Locale(lang).money(20_000) in sentence
        assert Locale(lang).probability(conclusion.at.probability) in sentence


def test_two_equal_options_have_no_preference(concluded):
    """Equal costs and effects: neither is named as better."""
    found = concluded(0, 0)

    assert found.conclusion.preferred is None
    assert found.conclusion.at.equal
    assert "dezelfde verwachte netto baat" in answer_words(found, Locale("nl")).sentence()
    assert "no difference" in answer_words(found, Locale("en")).sentence().lower()


def test_without_a_spread_the_certainty_is_unknown(concluded):
    """A point estimate names the preferred option and says that its probability is not known."""
    found = concluded(200, 0.1, se=None)

    assert (found.conclusion.preferred, found.conclusion.at.certainty) == ("new-care", "unknown")
    assert found.conclusion.at.interval is None
    assert "kans die niet bekend is" in answer_words(found, Locale("nl")).sentence()
    assert "a probability that is not known" in answer_words(found, Locale("en")).sentence()


def test_another_currency_is_never_held_against_euros(concluded):
    """Dominance needs no currency; a ratio in pounds is told at the source's own values, of which there are none."""
    dominant, ratio = concluded(-200, 0.1, currency="GBP"), concluded(200, 0.1, currency="GBP")

    assert (dominant.conclusion.kind, dominant.conclusion.preferred) == ("dominance", "new-care")
    assert "bij elke waarde" in answer_words(dominant, Locale("nl")).sentence()
    assert (ratio.conclusion.kind, ratio.conclusion.preferred) == ("none", None)
    assert "geen uitspraak mogelijk" in answer_words(ratio, Locale("nl")).sentence()
    assert "€ 20.000" not in answer_words(ratio, Locale("nl")).sentence().replace("\N{NO-BREAK SPACE}", " ")


def test_pounds_are_told_at_the_values_of_their_source():
    """The British trial alone has its own thresholds, and the euro none."""
    found = assessed("acl-rupture")
    alone = dataclasses.replace(
        found,
        dossier=found.dossier.model_copy(update={"answer": None}),
        comparisons=tuple(each for each in found.comparisons if each.spec.currency == "GBP"),
    )
    conclusion = conclude(alone)

    assert (conclusion.kind, conclusion.chosen) == ("own_values", False)
    assert [each.value for each in conclusion.values] == [20_000, 30_000]


@pytest.mark.slow
def test_without_a_burden_the_answer_holds_at_every_value_or_depends_on_it(concluded):
    """No reference value counts: the same option everywhere, or another one by value."""
    same = concluded(-200, 0.1, band="not judged")
    turns = concluded(3000, 0.1, band="not judged")

    assert (same.conclusion.kind, same.conclusion.preferred) == ("at_every_value", "new-care")
    assert (turns.conclusion.kind, turns.conclusion.preferred) == ("by_value", None)
    assert [each.option for each in turns.conclusion.values] == ["usual-care", "new-care", "new-care"]
    assert answer_words(turns, Locale("nl")).sentence().startswith("Dat hangt af van de waarde per QALY")
    assert answer_words(turns, Locale("en")).sentence().startswith("That depends on the value per QALY")
    assert turns.conclusion.turning_value == pytest.approx(30_000)


def test_no_comparison_is_said():
    """Nothing is concluded of cost-effectiveness."""
    found = assessed("fibromyalgia")

    assert found.conclusion.kind == "no_comparison"
    assert answer_words(found, Locale("nl")) is None


def test_three_options_are_weighed_together(concluded):
    """The best of all is preferred, against the runner-up; published pairs have no joint probability."""
    found = concluded(2000, 0.2)
    first = found.comparisons[0]
    other = first.spec.model_copy(update={"id": "third", "intervention": "third-care"})
    third = dataclasses.replace(first, spec=other, delta_cost=100.0, delta_effect=0.18, curves=None)
    both = preferences([first, third])
    at = {each.value: each for each in both}

    # 20,000: 2,000 against 3,500; 80,000: 14,000 against 14,300.
    assert (at[20_000].option, at[20_000].other) == ("third-care", "new-care")
    assert at[20_000].net_benefit == pytest.approx(1500)
    assert (at[20_000].certainty, at[20_000].expected_loss) == ("unknown", None)
    assert preferences([third, first])[1].option == "third-care"


@pytest.mark.parametrize("name", ["acl-rupture", "meniscal-tear-traumatic", "meniscal-tear-degenerative", "reablement"])
def test_a_preference_agrees_with_the_verdict(name):
    """The same net benefit and probability as the verdict on the intervention, whichever option is preferred."""
    for result in assessed(name).comparisons:
        for each in result.preferences:
            sign = 1 if each.option == result.spec.intervention else -1
            assert sign * each.net_benefit == pytest.approx(result.net_benefit[each.value])
            if each.probability is not None:
                chance = result.p_cost_effective[each.value]
                assert each.probability == pytest.approx(chance if sign == 1 else 1 - chance)
                # Ends are exact, and the probability is a share of 1,000 draws.
                assert each.range is None or each.range[0] - 0.05 <= each.probability <= each.range[1] + 0.05
            if each.interval is not None:
                assert each.interval[0] < each.net_benefit < each.interval[1]
                assert (each.interval[0] > 0) == (each.certainty == "shown" or each.probability >= 0.975)


def test_the_expected_loss_of_a_preference_is_the_value_of_perfect_information():
    """The mean of what the other option would have given more, over the draws."""
    result = assessed("meniscal-tear-degenerative").comparisons[0]
    draws = result.draws
    for each in result.preferences:
        benefit = each.value * draws["effect"] - draws["cost"]
        lost = benefit.max("strategy") - benefit.sel(strategy=each.option)
        assert each.expected_loss == pytest.approx(float(lost.mean()), rel=1e-9)
        assert np.isfinite(each.expected_loss)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            'comparison = "exmaple-societal"',
            "answer.comparison: must be the id of a comparison, got 'exmaple-societal'",
        ),
        ('option = "old-care"', "answer.option: must be an option of example-societal, new-care or usual-care"),
        (
            'option = "new-care"\nstudy = "NONE"',
            "answer.study: must be the name of a study in [[note.study]], got 'NONE'",
        ),
    ],
)
def test_an_answer_names_what_is_on_file(tmp_path, line, fault):
    """A comparison, an option or a study that the dossier does not have is refused, with what it has."""
    key = line.partition(" ")[0]
    before, opening, after = skeleton("sample").partition("[answer]\n")
    old = next(each for each in after.splitlines() if each.startswith(key))
    path = tmp_path / "sample.toml"
    path.write_text(before + opening + after.replace(old, line, 1), encoding="utf-8")

    with pytest.raises(DossierError) as caught:
        hecon.load(path)

    assert any(fault in each for each in caught.value.faults)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::hecon.errors.StatisticalWarning")
def test_three_arms_have_a_joint_probability(tmp_path):
    """The best against the runner-up by the draws of both, and the expected loss over all three."""
    found = hecon.assess(trial_dossiers.write_three(tmp_path, extra="scenarios = true"), n_draws=2000)
    conclusion, at = found.conclusion, found.conclusion.at
    walking, running = (each.draws for each in found.comparisons)
    benefit = {
        "usual-care": 20_000 * walking["effect"].sel(strategy="usual-care")
        - walking["cost"].sel(strategy="usual-care"),
        "walking": 20_000 * walking["effect"].sel(strategy="walking") - walking["cost"].sel(strategy="walking"),
        "running": 20_000 * running["effect"].sel(strategy="running") - running["cost"].sel(strategy="running"),
    }
    lost = np.max([each.values for each in benefit.values()], axis=0) - benefit[at.option].values
    beats = (benefit[at.option].values > benefit[at.other].values).mean()
    scenarios = [
        {"usual-care": 0.0}
        | {
            result.spec.intervention: 20_000 * each.delta_effect.value - each.delta_cost.value
            for result in found.comparisons
            for each in result.scenarios
            if each.code == code
        }
        for code in [each.code for each in found.comparisons[0].scenarios]
    ]
    turned = any(max(each, key=each.get) != at.option for each in scenarios)

    assert conclusion.compared == ("hip-societal", "run")
    assert at.probability == pytest.approx(beats)
    assert at.expected_loss == pytest.approx(lost.mean())
    assert ("scenarios" in at.turned_by) == turned
    for lang in LANGUAGES:
        brief = hecon.summary(found, lang=lang, length="brief").text("md")
        assert all(getattr(found.dossier.named(name).name, lang) in brief for name in ("usual-care", "running"))


def test_the_ratio_is_told_in_the_direction_of_the_option_asked_about():
    """Exercise therapy saves money for health lost, though the source printed the ratio of the operation."""
    found = assessed("acl-rupture")

    assert "€ 78.179 bespaard per verloren QALY" in answer_words(found, Locale("nl")).expected().replace("\xa0", " ")
    assert "€78,179 saved per QALY lost" in answer_words(found, Locale("en")).expected()


def test_a_difference_by_an_assumed_spread_says_so():
    """The standard error of the QALYs of COMPARE is assumed, that of the costs is not."""
    told = answer_words(assessed("acl-rupture"), Locale("en")).expected()

    assert "Difference in costs: shown; difference in effects: not shown (standard error assumed)." in told


def test_a_second_estimate_of_a_pair_is_no_further_option():
    """The comparison that answers counts once, whatever else its study reports of the same two options."""
    found = assessed("acl-rupture")
    first = found.comparisons[0]
    again = dataclasses.replace(first, spec=first.spec.model_copy(update={"id": "again"}), delta_cost=9e9)
    conclusion = conclude(dataclasses.replace(found, comparisons=(*found.comparisons, again)))

    assert conclusion.compared == ("compare-societal",)
    assert conclusion.at == found.conclusion.at


def test_values_of_the_rules_are_not_those_of_a_source_in_another_unit(concluded):
    """Per point nothing is known: a value per QALY is not one per point."""
    found = concluded(500, 0.1, unit="point")

    assert (found.conclusion.kind, found.comparisons[0].values) == ("none", ())


def test_a_burden_by_other_rules_is_refused(tmp_path):
    """The same bands with other values would count a value that the dossier's rules do not have."""
    rules = tmp_path / "own.toml"
    shipped = (files("hecon") / "data" / "rules" / "nl.toml").read_text(encoding="utf-8")
    rules.write_text(shipped.replace("value = 20000", "value = 25000").replace("[10000, 20000", "[10000, 25000"))
    path = tmp_path / "sample.toml"
    path.write_text(dossier_text(100, 0.1).replace("format = 1\n", 'format = 1\nrules = "own.toml"\n', 1))
    burden = hecon.shortfall(age=60, female=0.5, decrement=0.2, years=20)

    with pytest.raises(InputError, match=r"reference value 25000, got 20000; make one by hecon\.shortfall"):
        hecon.assess(path, burden=burden, n_draws=20)

    assert hecon.assess(
        path, burden=hecon.shortfall(age=60, female=0.5, decrement=0.2, years=20, rules=rules), n_draws=20
    )


def test_a_probability_that_is_no_number_is_unknown():
    """Wherever it stands."""
    assert (
        certainty(float("nan"))
        == certainty(0.99, (float("nan"), 0.99))
        == certainty(0.99, (0.99, float("nan")))
        == "unknown"
    )


# Other estimates of the same pair -------------------------------------------------------------------------------------


def other_estimate(first, cost, effect, **changed):
    """Return another comparison of the same two options with these mean differences."""
    spec = first.spec.model_copy(update={"id": "again", "trial": "SECOND", **changed})
    return dataclasses.replace(first, spec=spec, delta_cost=float(cost), delta_effect=float(effect), curves=None)


def with_others(found, *others):
    """Return an assessment with further comparisons, which its dossier has too."""
    specs = tuple(each.spec for each in (*found.comparisons, *others))
    changed = dataclasses.replace(
        found,
        dossier=found.dossier.model_copy(update={"comparison": specs}),
        comparisons=(*found.comparisons, *others),
    )
    return dataclasses.replace(changed, conclusion=conclude(changed))


SAME_TRIAL = {"trial": skeleton("sample").partition('trial = "')[2].partition('"')[0]}
# What another estimate tells at 20,000 per QALY beside new care at a net benefit of 1,800: the option it prefers.
OTHERS = {
    "another trial": ((3000, 0.1), {}, "usual-care", 1000),
    "another perspective": ((3000, 0.1), {**SAME_TRIAL, "perspective": "healthcare"}, "usual-care", 1000),
    "another horizon": ((3000, 0.1), {**SAME_TRIAL, "horizon_months": 60}, "usual-care", 1000),
    "another source": ((3000, 0.1), SAME_TRIAL, "usual-care", 1000),
    "the options the other way round": (
        (-3000, -0.1),
        {"intervention": "usual-care", "comparator": "new-care"},
        "usual-care",
        1000,
    ),
    "no difference": ((2000, 0.1), {}, None, 0),
    "dominance in another currency": ((200, -0.1), {"currency": "GBP"}, "usual-care", None),
    "a ratio in another currency": ((3000, 0.1), {"currency": "GBP"}, "none told", None),
    "the same": ((100, 0.1), {}, "none told", None),
    "other options": ((3000, 0.1), {"comparator": "no-care"}, "none told", None),
}


@pytest.mark.parametrize("case", OTHERS)
def test_another_estimate_that_concludes_otherwise_is_told(concluded, case):
    """By its id, the option that it prefers and by how much; one that agrees or cannot be held against it is not."""
    differences, changed, option, net_benefit = OTHERS[case]
    found = concluded(200, 0.1)
    first = found.comparisons[0]
    at = with_others(found, other_estimate(first, *differences, **changed)).conclusion.at

    told = [(each.comparison, each.option, each.net_benefit) for each in at.contradicted_by]
    assert told == ([] if option == "none told" else [("again", option, net_benefit)])
    assert at == dataclasses.replace(found.conclusion.at, contradicted_by=at.contradicted_by)


@pytest.mark.parametrize(
    ("lang", "sentence", "cell"),
    [
        (
            "nl",
            (
                "volgens SECOND (maatschappelijk perspectief) heeft {option} de voorkeur bij € 20.000 per QALY (netto "
                "baat € 1.000)"
            ),
            "anders: SECOND, maatschappelijk",
        ),
        (
            "en",
            "by SECOND (societal perspective), {option} is preferred at €20,000 per QALY (net benefit €1,000)",
            "otherwise: SECOND, societal",
        ),
    ],
)
def test_another_estimate_is_told_by_name_and_value(concluded, lang, sentence, cell):
    """In what could change the answer, and beside the certainty in the key table."""
    found = concluded(200, 0.1)
    changed = with_others(found, other_estimate(found.comparisons[0], 3000, 0.1, perspective="societal"))
    words = answer_words(changed, Locale(lang))
    (told,) = words.contradictions()

    name = getattr(changed.dossier.named("usual-care").name, lang)
    assert told.replace("\N{NO-BREAK SPACE}", " ") == sentence.format(option=name)
    assert cell in words.certainty(changed.conclusion.at)
    (doubt,) = [text for key, text in points(changed, lang) if key == Locale(lang).text("conclusion.doubt")]
    assert told[1:] in doubt


def points(assessment, lang):
    """Return what supports the answer, by its heading."""
    (facts,) = [each for each in answer.blocks(assessment, Locale(lang)) if isinstance(each, Facts)]
    return facts.pairs


def test_estimates_that_are_called_the_same_are_told_apart(concluded):
    """By the horizon where that differs, else by the id."""
    found = concluded(200, 0.1)
    own = found.comparisons[0].spec
    longer = other_estimate(found.comparisons[0], 3000, 0.1, trial=own.trial, id="longer", horizon_months=60)
    again = other_estimate(found.comparisons[0], 3000, 0.1, trial=own.trial)
    words = answer_words(with_others(found, longer, again), Locale("en"))

    assert words.study("longer") == f"{own.trial} ({words.say(f'from_{own.perspective}')}, 60 months)"
    assert words.study("again").endswith(", again)")
    assert words.study(own.id).endswith(f", {own.id})")


def test_a_published_conclusion_contradicts_at_every_value(concluded):
    """A study that only prints that the other option is better and cheaper has no value, and tells all the same."""
    found = concluded(200, 0.1)
    first = found.comparisons[0]
    spec = first.spec.model_copy(update={"id": "again", "trial": "SECOND"})
    implied = dataclasses.replace(first, spec=spec, delta_cost=None, delta_effect=None, quadrant="NW", curves=None)
    implied = dataclasses.replace(implied, quadrant_implied=True, judgements=(), preferences=())
    at = with_others(found, implied).conclusion.at

    assert [(each.option, each.net_benefit) for each in at.contradicted_by] == [("usual-care", None)]


def test_perspectives_of_compare_part_at_50_000():
    """The healthcare perspective of the same trial prefers early reconstruction there, by 67 euros."""
    (middle,) = (each for each in assessed("acl-rupture").conclusion.values if each.value == 50_000)
    (told,) = middle.contradicted_by

    assert (told.comparison, told.option) == ("compare-healthcare", "early-reconstruction")
    assert told.net_benefit == pytest.approx(67, abs=1)


# Dominance ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "effect", "option", "word"),
    [(-500, 0.05, "new-care", "shown"), (500, -0.05, "usual-care", "shown"), (-100, 0.05, "new-care", "probably")],
)
def test_dominance_needs_no_currency(concluded, cost, effect, option, word):
    """The share of the draws in the quadrant says how sure it is: in pounds, without any value."""
    found = concluded(cost, effect, currency="GBP")
    conclusion, draws = found.conclusion, found.comparisons[0].draws
    other = ({"new-care", "usual-care"} - {option}).pop()
    difference = draws.sel(strategy=option) - draws.sel(strategy=other)
    share = float(((difference["cost"] <= 0) & (difference["effect"] >= 0)).mean())

    assert (conclusion.kind, conclusion.preferred, conclusion.values) == ("dominance", option, ())
    assert conclusion.dominance_probability == pytest.approx(share)
    assert conclusion.certainty == word
    for lang in LANGUAGES:
        shown = Locale(lang).probability(share)
        sentence = answer_words(found, Locale(lang)).sentence()
        row = key_tables(found, Locale(lang))[0].rows[0]

        assert shown in sentence
        assert Locale(lang).text(f"conclusion.{'yes' if option == 'new-care' else 'no'}_{word}") in sentence
        assert row[-2:] == (shown, Locale(lang).text(f"conclusion.word_{word}"))
        assert Locale(lang).text("overview.any_value") in row


def test_dominance_of_points_is_of_unknown_certainty(concluded):
    """Without draws there is no share."""
    found = concluded(-500, 0.05, currency="GBP", se=None)

    assert (found.conclusion.kind, found.conclusion.certainty) == ("dominance", "unknown")
    assert (found.conclusion.dominance_probability, found.conclusion.dominance_error) == (None, None)
    assert key_tables(found, Locale("en"))[0].rows[0][-2:] == ("–", "probability unknown")


def test_what_contradicts_dominance_is_told(concluded):
    """Another study in which the other option is better at every value."""
    found = concluded(-500, 0.05, currency="GBP")
    changed = with_others(found, other_estimate(found.comparisons[0], 500, -0.05, currency="USD"))
    (told,) = answer_words(changed, Locale("en")).contradictions()

    assert [each.option for each in changed.conclusion.contradicted_by] == ["usual-care"]
    assert told.endswith("is preferred at every value per QALY")


# Monte Carlo error ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probability", "error", "word"),
    [
        (0.98, 0.002, "shown"),
        (0.98, 0.003, "probably"),
        (0.76, 0.004, "probably"),
        (0.76, 0.006, "uncertain"),
        (0.60, 0.1, "uncertain"),
    ],
)
def test_the_weaker_word_holds_within_the_monte_carlo_error(probability, error, word):
    """By 1.96 standard errors: another seed might give it."""
    assert certainty(probability, error=error) == word


@pytest.mark.slow
def test_the_monte_carlo_error_bounds_that_of_other_seeds(concluded):
    """The standard deviation of the probability over seeds is at most the error that is told."""
    found = concluded(1500, 0.1, se=(700, 0.03))
    fit = found.comparisons[0].fit
    shares = []
    for seed in range(40):
        draws = fit.draws("new-care", "usual-care", n_draws=1000, rng=seed)
        shares.append(float(hecon.ceac(draws, wtp=[20_000]).sel(strategy="new-care").item()))
    again = hecon.assess(found.dossier, n_draws=1000).conclusion.at

    assert 0 < np.std(shares) <= again.monte_carlo_error
    assert again.monte_carlo_error == pytest.approx(np.sqrt(again.probability * (1 - again.probability) / 1000))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_monte_carlo_error_is_told_where_another_seed_prints_another_digit(concluded, lang):
    """Beside the probability; with the same digits for every seed it is left out."""
    found = concluded(1500, 0.1, se=(700, 0.03))
    words, at = answer_words(found, Locale(lang)), found.conclusion.at
    label = Locale(lang).text("conclusion.monte_carlo", error="").strip()
    sharp = dataclasses.replace(at, probability=0.765, monte_carlo_error=0.0001, range=None)
    blunt = dataclasses.replace(sharp, monte_carlo_error=0.0051)
    certain = dataclasses.replace(sharp, probability=1.0, monte_carlo_error=0.0)

    assert label not in words.chance(dataclasses.replace(sharp, probability=0.7671))
    assert words.chance(blunt).endswith(f"{label} {Locale(lang).number(0.006, 3)}")
    assert label not in words.chance(certain)


# Equality -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("differences", [(0, 0), (2000, "0.100"), (-2000, "-0.100")])
@pytest.mark.no_cover
def test_answer_verdict_and_table_call_equal_what_is_equal(concluded, differences):
    """A net benefit of exactly 0, whatever makes it so."""
    found = concluded(*differences, se=(100, 0.015))
    judged = next(each for each in found.comparisons[0].judgements if each.reference_value == 20_000)

    assert judged.conclusion == "equal"
    assert found.conclusion.at.equal
    for lang, word in (("nl", "gelijk"), ("en", "equal")):
        row = key_tables(found, Locale(lang))[0].rows[0]
        assert row[-1] == word


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_key_is_in_the_unit_of_effect(concluded, lang):
    """Not in QALYs where the effect is another."""
    points_only, both = concluded(500, 0.1, unit="point"), concluded(500, 0.1)

    assert "QALY" not in key_words([points_only], Locale(lang))
    assert "point" in key_words([points_only], Locale(lang))
    assert "QALY / point" in key_words([both, points_only], Locale(lang))
