"""The answer of a trial's report: the preferred option at each value, how sure, and what could turn it."""

import itertools
import json
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import trial_reports
from hypothesis import given
from hypothesis import strategies as st
from trial_reports import document, found, tables

from hecon.assessment import assess_trial
from hecon.assessment.concluding import certainty
from hecon.assessment.trial_concluding import conclude_trial
from hecon.errors import InputError
from hecon.locale import LANGUAGES, Locale
from hecon.report.document import Facts, Figure, Heading, Paragraph, Table
from hecon.report.trials import trial_data, trial_document
from hecon.report.words.trial_answers import TrialAnswerWords
from hecon.report.words.trials import TrialWords
from hecon.report.writers.html import html
from hecon.report.writers.json import json_text
from hecon.report.writers.markdown import markdown
from hecon.trial.description import Missingness, Row
from hecon.trial.estimates import pool
from hecon.trial.sensitivity import Scenario
from hecon.trial.soundness import Doubt

# Of the trial that is mostly gone, and of two imputations, the analysis warns.
pytestmark = pytest.mark.filterwarnings(
    "ignore:more than half is missing:hecon.errors.StatisticalWarning",
    "ignore:a variable of arm .* is observed in:hecon.errors.StatisticalWarning",
    "ignore:.*degrees of freedom are left for a difference:hecon.errors.StatisticalWarning",
)


def of(*differences, se=(100.0, 0.002), df=np.inf, perspectives=("societal",)):
    """Return an analysis with these differences in cost and effect of each arm from the comparator.

    Of one perspective they are pairs; of several, a tuple of pairs for each. Standard errors are those of an arm.
    """
    whole = found("three" if len(differences) > 1 and len(perspectives) == 1 else "usual")[0]
    of_each = differences if len(perspectives) > 1 else (differences,)
    chosen = []
    for name, pairs in zip(perspectives, of_each, strict=True):
        own = pairs if isinstance(pairs[0], tuple) else (pairs,)
        base, arms = whole.perspectives[0], len(own) + 1
        mean = np.array([4000.0, *(4000.0 + cost for cost, _ in own), 1.5, *(1.5 + gain for _, gain in own)])
        spread = np.diag([se[0] ** 2 / 2] * arms + [se[1] ** 2 / 2] * arms)
        pooled = pool([mean, mean], [spread, spread], complete_df=df)
        chosen.append(replace(base, name=name, spread=pooled, complete_case=None, variation=()))
    about = replace(whole.description, perspectives=dict.fromkeys(perspectives, ("care",)))
    return replace(whole, description=about, perspectives=tuple(chosen), doubts=(), warnings=())


def assessed(analysis, **options):
    """Return its assessment, of few draws."""
    return assess_trial(analysis, analysis.draws(n_draws=400, rng=1), **options)


@cache
def tables_of_draws():
    """Return tables of draws, of which the expected loss alone is taken."""
    return assessed(of((500, 0.1))).tables


def sentences(assessment, lang):
    """Return the answer from each perspective."""
    words = TrialAnswerWords(
        assessment, TrialWords(assessment.analysis, Locale(lang), values=assessment.conclusion.values)
    )
    return [words.sentences(each) for each in assessment.conclusion.perspectives]


# Differences, with the start of the answer in both languages: it is read aloud.
CASES = {
    "north-east, at every value": (
        (500, 0.1),
        ("Maatschappelijk perspectief: intervention heeft bij elke referentiewaarde de voorkeur boven usual care "
        "(€ 20.000 per QALY: kans >0,99: aangetoond; € 50.000 per QALY: kans >0,99: aangetoond; € 80.000 per QALY: "
        "kans >0,99: aangetoond). Intervention min usual care: kosten € 500 (95%-BI € 304 tot € 696), QALY's 0,1000 "
        "(95%-BI 0,0961 tot 0,1039)."),
        ("Societal perspective: intervention is preferred to usual care at each reference value (€20,000 per QALY: "
        "probability >0.99: shown; €50,000 per QALY: probability >0.99: shown; €80,000 per QALY: probability >0.99: "
        "shown). Intervention minus usual care: costs €500 (95% CI €304 to €696), QALYs 0.1000 (95% CI 0.0961 to "
        "0.1039)."),
    ),
    "north-east, turning": (
        (2050, 0.05),
        ("Maatschappelijk perspectief: bij € 20.000 per QALY heeft usual care de voorkeur (kans >0,99: aangetoond); "
        "bij € 50.000 per QALY heeft intervention de voorkeur (kans >0,99: aangetoond); bij"),
        ("Societal perspective: at €20,000 per QALY, usual care is preferred (probability >0.99: shown); at €50,000 "
        "per QALY, intervention is preferred (probability >0.99: shown); at"),
    ),
    "north-east, at no value": (
        (9000, 0.05),
        "Maatschappelijk perspectief: usual care heeft bij elke referentiewaarde de voorkeur boven intervention (",
        "Societal perspective: usual care is preferred to intervention at each reference value (",
    ),
    "south-east": (
        (-500, 0.05),
        "Maatschappelijk perspectief: intervention heeft bij elke referentiewaarde de voorkeur boven usual care (",
        "Societal perspective: intervention is preferred to usual care at each reference value (",
    ),
    "north-west": (
        (500, -0.05),
        "Maatschappelijk perspectief: usual care heeft bij elke referentiewaarde de voorkeur boven intervention (",
        "Societal perspective: usual care is preferred to intervention at each reference value (",
    ),
    "south-west, turning": (
        (-2050, -0.05),
        ("Maatschappelijk perspectief: bij € 20.000 per QALY heeft intervention de voorkeur (kans >0,99: aangetoond); "
        "bij € 50.000 per QALY heeft usual care de voorkeur ("),
        ("Societal perspective: at €20,000 per QALY, intervention is preferred (probability >0.99: shown); at €50,000 "
        "per QALY, usual care is preferred ("),
    ),
    "probably and uncertain": (
        (-80, -0.0015),
        ("Maatschappelijk perspectief: bij € 20.000 per QALY heeft intervention de voorkeur (kans 0,68: onzeker); bij "
        "€ 50.000 per QALY heeft intervention de voorkeur (kans 0,51: onzeker); bij € 80.000 per QALY heeft usual "
        "care de voorkeur (kans 0,58: onzeker)."),
        ("Societal perspective: at €20,000 per QALY, intervention is preferred (probability 0.68: uncertain); at "
        "€50,000 per QALY, intervention is preferred (probability 0.51: uncertain); at €80,000 per QALY, usual care is "
        "preferred (probability 0.58: uncertain)."),
    ),
    "no difference in costs": (
        (0, 0.003),
        ("Maatschappelijk perspectief: intervention heeft bij elke referentiewaarde de voorkeur boven usual care "
        "(€ 20.000 per QALY: kans 0,71: onzeker; € 50.000 per QALY: kans 0,86: waarschijnlijk; € 80.000 per QALY: kans "
        "0,90: waarschijnlijk)."),
        ("Societal perspective: intervention is preferred to usual care at each reference value (€20,000 per QALY: "
        "probability 0.71: uncertain; €50,000 per QALY: probability 0.86: probably; €80,000 per QALY: probability "
        "0.90: probably)."),
    ),
    "equal": (
        (0, 0),
        ("Maatschappelijk perspectief: geen verschil. usual care en intervention hebben bij elke referentiewaarde "
        "dezelfde verwachte netto baat. "),
        ("Societal perspective: no difference. usual care and intervention have the same expected net benefit at each "
        "reference value. "),
    ),
    "equal at one value": (
        (5000, 0.1),
        ("Maatschappelijk perspectief: bij € 20.000 per QALY heeft usual care de voorkeur (kans >0,99: aangetoond); "
        "bij € 50.000 per QALY hebben usual care en intervention dezelfde verwachte netto baat; bij € 80.000 per QALY "
        "heeft intervention de voorkeur (kans >0,99: aangetoond)."),
        ("Societal perspective: at €20,000 per QALY, usual care is preferred (probability >0.99: shown); at €50,000 "
        "per QALY, usual care and intervention have the same expected net benefit; at €80,000 per QALY, intervention "
        "is preferred (probability >0.99: shown)."),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_answer_is_right_in_every_quadrant(case):
    differences, dutch, english = CASES[case]
    assessment = assessed(of(differences))

    assert sentences(assessment, "nl")[0].replace("\N{NO-BREAK SPACE}", " ").startswith(dutch)
    assert sentences(assessment, "en")[0].replace("\N{NO-BREAK SPACE}", " ").startswith(english)


@given(st.integers(-5000, 5000), st.integers(-2000, 2000), st.integers(1, 2000), st.integers(1, 1000))
def test_the_answer_is_that_of_the_net_benefit(cost, effect, cost_se, effect_se):
    """The option with the higher net benefit, its probability and its interval; the word is that of the notes."""
    effect, effect_se = effect / 10_000, effect_se / 10_000
    analysis = of((cost, effect), se=(cost_se, effect_se))
    (chosen,) = conclude_trial(analysis, tables_of_draws(), ()).perspectives

    for at in chosen.conclusion.values:
        estimate = analysis.perspectives[0].net_benefit("intervention", wtp=at.value)
        share = analysis.perspectives[0].p_cost_effective("intervention", wtp=at.value)
        sign = 1 if at.option == "intervention" else -1
        if not at.equal:
            assert sign * estimate.value >= 0
        assert at.net_benefit == pytest.approx(sign * estimate.value, abs=1e-6)
        assert at.probability == pytest.approx(share if sign > 0 else 1 - share)
        assert at.interval == pytest.approx(sorted(sign * end for end in estimate.interval))
        assert at.certainty == certainty(at.probability, error=at.monte_carlo_error)
    at_turn = [turn.value for turn in chosen.turns]
    assert at_turn == ([pytest.approx(cost / effect)] if cost * effect > 0 else [])


def test_net_benefit_without_variance_has_no_probability():
    """What these patients show is no certainty: the word is not "shown"."""
    (chosen,) = assessed(of((-500, 0.05), se=(0.0, 0.0))).conclusion.perspectives

    assert {each.certainty for each in chosen.conclusion.values} == {"unknown"}
    assert all(each.interval is None for each in chosen.conclusion.values)
    for lang, word in (("nl", "kans onbekend"), ("en", "probability unknown")):
        assert word in sentences(assessed(of((-500, 0.05), se=(0.0, 0.0))), lang)[0]


def test_few_degrees_of_freedom_have_no_expected_loss():
    """The probability is that of the t distribution, and the page says why there is no loss."""
    analysis = of((-300, 0.0), se=(100.0, 0.0001), df=2.0)
    chosen = assessed(analysis).conclusion.perspectives[0].conclusion.values[0]

    assert chosen.expected_loss is None
    assert chosen.probability == pytest.approx(analysis.perspectives[0].p_cost_effective("intervention", wtp=20_000))
    assert chosen.certainty == "probably"
    for lang in LANGUAGES:
        told = trial_document(assessed(analysis), Locale(lang))
        assert Locale(lang).text("trial_answer.no_loss") in [
            each.text for each in told.blocks if isinstance(each, Paragraph)
        ]


def test_three_options_are_weighed_together():
    """The preferred one against the next best, also where neither is the comparator; where it turns, twice."""
    assessment = assessed(of((1000, 0.04), (3400, 0.08)))
    (chosen,) = assessment.conclusion.perspectives
    analysis = assessment.analysis.perspectives[0]

    assert [(each.option, each.other) for each in chosen.conclusion.values] == [
        ("usual care", "exercise"),
        ("exercise", "surgery"),
        ("surgery", "exercise"),
    ]
    last = chosen.conclusion.values[-1]
    assert last.probability == analysis.p_cost_effective("surgery", wtp=80_000, against="exercise")
    assert last.net_benefit == pytest.approx(80_000 * 0.04 - 2400)
    assert [(each.below, each.above) for each in chosen.turns] == [("usual care", "exercise"), ("exercise", "surgery")]
    assert [each.value for each in chosen.turns] == pytest.approx([25_000, 60_000])
    assert chosen.conclusion.turning_value is None
    dutch = sentences(assessment, "nl")[0].replace("\N{NO-BREAK SPACE}", " ")
    assert (
        "bij € 80.000 per QALY heeft surgery van alle opties de voorkeur, met exercise als eerstvolgende (kans" in dutch
    )
    english = sentences(assessment, "en")[0]
    assert "at €80,000 per QALY, surgery is preferred of all, with exercise as the next (probability" in english
    assert "Exercise minus usual care: costs €1,000" in english
    assert "Surgery minus usual care: costs €3,400" in english


def test_a_dominated_option_never_turns_the_answer():
    """Nor does one that is extendedly dominated."""
    (chosen,) = assessed(of((1500, 0.02), (2000, 0.08))).conclusion.perspectives

    assert [(each.value, each.below, each.above) for each in chosen.turns] == [
        (pytest.approx(25_000), "usual care", "surgery")
    ]


def test_an_option_with_costs_alike_and_more_effect_is_best_from_the_first_euro():
    (chosen,) = assessed(of((0, 0.05))).conclusion.perspectives

    assert chosen.turns == ()
    assert chosen.conclusion.preferred == "intervention"


# Perspectives ---------------------------------------------------------------------------------------------------------


def test_perspectives_that_contradict_each_other_are_named():
    """At each value where they do, and in the word of each."""
    assessment = assessed(of((1200, 0.05), (2700, 0.05), perspectives=("societal", "healthcare")))
    facts = dict(_facts(assessment, "en"))

    assert assessment.conclusion.contradictions == (50_000,)
    assert facts["Perspectives"] == (
        "At €50,000 per QALY the perspectives contradict each other (societal: intervention; healthcare: usual care)."
    )
    assert dict(_facts(assessment, "nl"))["Perspectieven"].replace("\N{NO-BREAK SPACE}", " ") == (
        "Bij € 50.000 per QALY spreken de perspectieven elkaar tegen (maatschappelijk: intervention; gezondheidszorg: "
        "usual care)."
    )
    first, second = (each.conclusion.values for each in assessment.conclusion.perspectives)
    assert (
        [at.value for at in first if at.contradicted_by]
        == [at.value for at in second if at.contradicted_by]
        == [50_000]
    )
    assert [(each.comparison, each.option) for each in first[1].contradicted_by] == [("healthcare", "usual care")]
    assert second[1].contradicted_by[0].net_benefit == pytest.approx(1300)
    assert len(sentences(assessment, "en")) == 2


def test_perspectives_that_agree_are_said_to():
    facts = dict(_facts(assessed(of((1200, 0.05), (1300, 0.05), perspectives=("societal", "own costs"))), "en"))

    assert facts["Perspectives"] == "No perspective contradicts another at these values."
    assert "own costs: below €26,000 per QALY" in facts["Turning point"].replace("Own costs", "own costs")


def test_effects_that_perspectives_adjust_for_their_own_costs_are_told():
    """One trial then has a difference in QALYs for each perspective, and the reader is told why."""
    analysis = of((1200, 0.05), (1300, 0.05), perspectives=("societal", "healthcare"))
    rows = tuple(Row("baseline cost", each, (-3.0, 0.0), (9, 9), (1.0, 1.0), (1.0, 1.0)) for each in ("care", "leave"))
    used = {"societal": ("care", "leave"), "healthcare": ("care",)}
    own = replace(analysis, description=replace(analysis.description, rows=rows, perspectives=used))
    told = "Each perspective adjusts for its own costs before the start, so that the difference in QALYs may differ"

    assert told in dict(_facts(assessed(own), "en"))["Perspectives"]
    assert told not in dict(_facts(assessed(analysis), "en"))["Perspectives"]


def _facts(assessment, lang, length="full"):
    told = trial_document(assessment, Locale(lang), length=length)
    return next(each for each in told.blocks if isinstance(each, Facts)).pairs


# Sensitivity analyses, missing values and doubts ----------------------------------------------------------------------


def varied(analysis, code, differences, p, values=(20_000, 50_000, 80_000)):
    """Return a sensitivity analysis with these differences and probabilities."""
    one = analysis.perspectives[0]
    return Scenario(
        code,
        "societal",
        "intervention",
        replace(one.delta_cost("intervention"), value=differences[0]),
        replace(one.delta_effect("intervention"), value=differences[1]),
        dict(zip(values, p, strict=True)),
    )


def test_a_sensitivity_analysis_weakens_the_word_and_is_named_where_it_turns():
    """By the rule of the notes: over a range the weaker word holds."""
    analysis = of((1800, 0.05))
    scenarios = [
        varied(analysis, "main", (1800, 0.05), (0.0, 0.9, 1.0)),
        varied(analysis, "worse-all", (2700, 0.05), (0.0, 0.1, 0.99)),
    ]
    assessment = assessed(analysis, scenarios=scenarios)
    (chosen,) = assessment.conclusion.perspectives

    assert [each.certainty for each in chosen.conclusion.values] == ["shown", "uncertain", "shown"]
    assert chosen.conclusion.values[1].range == (pytest.approx(0.1), pytest.approx(1.0))
    assert chosen.turned_by == {20_000: (), 50_000: ("worse-all",), 80_000: ()}
    assert dict(_facts(assessment, "en"))["Other analyses"] == (
        "At €50,000 per QALY another option is preferred in: imputed utilities 0.05 lower, all arms."
    )
    assert (
        "the least probability over the sensitivity analyses (>0.99, 0.10 and 0.99)" in sentences(assessment, "en")[0]
    )
    assert "onzeker" in sentences(assessment, "nl")[0]


def test_a_sensitivity_analysis_that_turns_nothing_is_said_to_turn_nothing():
    analysis = of((1200, 0.05))
    scenarios = [varied(analysis, code, (1200, 0.05), (0.0, 0.9, 1.0)) for code in ("worse-all", "scaled")]

    assert dict(_facts(assessed(analysis, scenarios=scenarios), "en"))["Other analyses"] == (
        "In none of the 2 sensitivity analyses is another option preferred at these values."
    )
    assert "(--scenarios" in dict(_facts(assessed(analysis), "nl"))["Andere analyses"]


def test_complete_cases_that_prefer_another_option_are_named_without_being_asked_for():
    """They are analysed with every trial."""
    analysis = found("usual")[0]
    case = analysis.perspectives[0].complete_case
    turned = replace(analysis, perspectives=(replace(of((-5000, 0.1)).perspectives[0], complete_case=case),))
    moved = replace(case, spread=replace(case.spread, mean=np.array([0.0, 9000.0, 1.0, 1.0])))
    turned = replace(turned, perspectives=(replace(turned.perspectives[0], complete_case=moved),))

    assert dict(_facts(assessed(turned), "en"))["Other analyses"].startswith(
        "At €20,000 per QALY another option is preferred in: complete cases. At €50,000"
    )


def test_values_of_the_caller_take_the_place_of_those_of_the_rules():
    """In the answer, the key table, the figures' words and the data."""
    assessment = assessed(of((1200, 0.05)), wtp=[30_000, 25_000.5, 30_000])
    told = trial_document(assessment, Locale("en"))
    data = trial_data(assessment, Locale("en"))

    assert assessment.conclusion.values == (25_000.5, 30_000)
    assert "at each value given (" in sentences(assessment, "en")[0]
    assert [row[0] for row in tables(told.blocks)[0].rows] == ["€25,000.5", "€30,000"]
    assert [each["value"] for each in data["conclusion"]["perspectives"]["societal"]["values"]] == [25_000.5, 30_000]
    assert data["conclusion"]["given"]
    one = sentences(assessed(of((1200, 0.05)), wtp=30_000), "en")[0]
    assert one.startswith(
        "Societal perspective: intervention is preferred to usual care at €30,000 per QALY (probability"
    )


@pytest.mark.parametrize(("wtp", "why"), [(0, "wtp must be above 0"), (-1, "at least 0"), ([], "wtp must be")])
def test_values_that_are_none_are_refused(wtp, why):
    with pytest.raises(InputError, match=why):
        assessed(of((1200, 0.05)), wtp=wtp)


def test_scenarios_without_probabilities_at_the_values_are_refused_with_what_to_do():
    analysis = of((1200, 0.05))
    with pytest.raises(InputError, match=r"give hecon\.trial\.scenarios the same wtp"):
        assessed(analysis, wtp=30_000, scenarios=[varied(analysis, "scaled", (1, 0.1), (0.1, 0.2, 0.3))])
    assessed(analysis, wtp=30_000, scenarios=[varied(analysis, "scaled", (1, 0.1), (0.3,), values=(30_000,))])


@pytest.mark.parametrize(("error", "word"), [(0.001, "shown"), (0.005, "probably")])
def test_a_word_that_the_seed_decides_is_the_weaker_and_said_to_be(monkeypatch, error, word):
    """By the rule of the notes: within 1.96 Monte Carlo standard errors of its probability."""
    analysis = of((-200, 0.0), se=(100.0, 0.00001))
    monkeypatch.setattr(type(analysis.perspectives[0]), "p_cost_effective_error", lambda *_, **__: error)
    assessment = assessed(analysis)
    at = assessment.conclusion.perspectives[0].conclusion.values[0]

    assert (at.certainty, at.monte_carlo_error) == (word, error)
    assert at.probability == pytest.approx(0.9772, abs=1e-4)
    said = dict(_facts(assessment, "en")).get("Warnings", "")
    assert ("At €20,000 per QALY the probability is 0.977 with a Monte Carlo error of 0.005" in said) == (
        word != "shown"
    )


@cache
def doubted(code):
    """Return an analysis with one of the doubts, assessed once for both languages."""
    doubt = DOUBTS[code]
    return assessed(replace(of((1200, 0.05)), doubts=(doubt,), warnings=("costs are skewed", doubt.text)))


DOUBTS = {
    each.code: each
    for each in (
        Doubt("clusters_few", "a", {"n": 6, "limit": 10}),
        Doubt("clusters_few_in_arm", "b", {"n": 4, "limit": 10}),
        Doubt("clusters_ignored", "c", {"n": 12}),
        Doubt("freedom", "d", {"df": 1.9, "limit": 3.0}),
        Doubt("point_cost", "e", {"perspective": "societal"}),
        Doubt("point_effect", "f", {}),
        Doubt("much_missing", "g", {"strategy": "intervention", "n": 3}),
        Doubt("few_lenders", "h", {"strategy": "intervention", "n": 6}),
        Doubt("few_lenders_apart", "i", {"strategy": "intervention", "perspective": "own", "ratio": 1.4, "n": 6}),
        Doubt("dropped", "j", {"n": 12}),
        Doubt("effort", "k", {"error": 0.0213, "target": 0.01}),
        Doubt("constant_cost", "l", {"perspective": "societal"}),
        Doubt("constant_effect", "m", {}),
        Doubt("few_cost", "n", {"perspective": "societal", "strategies": ["intervention"], "n": 10}),
        Doubt("few_effect", "o", {"strategies": ["usual care", "intervention"], "n": 10}),
    )
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", DOUBTS)
@pytest.mark.no_cover
def test_every_doubt_is_told_in_the_answer_in_both_languages(code, lang):
    """And no longer in English among the warnings; those about the data still are, and are counted."""
    assessment = doubted(code)
    told = dict(_facts(assessment, lang))[Locale(lang).text("trial_answer.doubts_label")]
    page = markdown(trial_document(assessment, Locale(lang)))

    assert not re.search(r"[{}]|\bNone\b", told)
    assert Locale(lang).text("trial_answer.data_warnings", n="1") in told
    assert "\n- costs are skewed" in page
    assert f"\n- {DOUBTS[code].text}\n" not in page
    data = trial_data(assessment, Locale(lang))["conclusion"]["doubts"]
    assert [each["code"] for each in data] == [code]


def test_every_code_of_a_doubt_has_its_words():
    """Those that the analysis can raise, found in its source."""
    import inspect

    from hecon.trial import soundness

    source = inspect.getsource(soundness)
    codes = set(
        re.findall(
            r'"(clusters_\w+|freedom|much_missing|few_lenders\w*|dropped|effort|no_start|unknown_status|weight_of_one)"',
            source,
        )
    )
    codes |= {f"{kind}_{of_what}" for kind in ("constant", "few", "point") for of_what in ("cost", "effect")}
    known = {key.partition(".")[2] for key in Locale("nl").catalogue if key.startswith("trial_doubt.")}

    # A text for costs alone goes with one that there is.
    assert codes == {each for each in known if each.removesuffix("_costs") == each}
    assert {each.removesuffix("_costs") for each in known} == codes


# The page -------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "lang"), list(itertools.product(["usual", "three", "clusters", "whole", "gone"], LANGUAGES))
)
def test_the_report_opens_with_its_answer(kind, lang):
    """Then the key table, then characteristics; annexes are folded; every number is the analysis' own."""
    told = document(kind, lang)
    headings = [each.text for each in told.blocks if isinstance(each, Heading) and each.level == 2]
    say = Locale(lang).text

    assert headings[:3] == [
        say("conclusion.heading"),
        say("trial_answer.table_heading", unit="QALY"),
        say("trial_answer.setting_heading"),
    ]
    assert headings[-1] == say("note.annexes")
    place = next(at for at, each in enumerate(told.blocks) if getattr(each, "text", "") == say("note.annexes"))
    assert all(each.folded for each in told.blocks[place + 1 :] if isinstance(each, Heading) and each.level == 3)
    numbers = [each.caption.partition(".")[0] for each in tables(told.blocks)]
    assert numbers == [say("numbering.table", number=at + 1) for at in range(len(numbers))]
    data = trial_data(trial_reports.assessed(kind), Locale(lang))["conclusion"]
    assert json.loads(json_text(data)) == data
    for name, each in data["perspectives"].items():
        assert each["words"] in [block.text for block in told.blocks if isinstance(block, Paragraph) and block.strong]
        estimate = found(kind)[0].perspective(name)
        for at in each["values"]:
            if at["other"] == estimate.strategies[0]:
                own = estimate.net_benefit(at["option"], wtp=at["value"])
                assert at["net_benefit"] == pytest.approx(own.value)


def words_of(page):
    """Return the words of a page, without its style and drawings."""
    text = re.sub(r"<svg.*?</svg>|<style>.*?</style>|</?span[^>]*>", "", page, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", text).split()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_one_page_is_short_where_analyses_prefer_other_options(lang):
    """From two perspectives: each analysis once, with where it turns; the least probabilities stand in the table."""
    analysis = found("usual")[0]
    names = [each.name for each in analysis.perspectives]
    scenarios = [
        replace(varied(analysis, code, (0, 0), p), perspective=name)
        for code, p in (("main", (0.4, 0.4, 0.4)), ("worse-all", (0.9, 0.1, 0.9)), ("first-year", (0.1, 0.1, 0.1)))
        for name in names
    ]
    assessment = assess_trial(*found("usual"), scenarios=scenarios)
    told, whole = (trial_document(assessment, Locale(lang), length=length) for length in ("brief", "full"))
    key = "Other analyses" if lang == "en" else "Andere analyses"
    facts, full = (dict(next(each.pairs for each in one.blocks if isinstance(each, Facts))) for one in (told, whole))

    turned = {each.perspective: each.turned_by for each in assessment.conclusion.perspectives}
    codes = {code for by_value in turned.values() for named in by_value.values() for code in named}
    assert len(names) == 2 <= len(codes)
    assert [facts[key].count(TrialWords(analysis, Locale(lang)).scenario(code)) for code in sorted(codes)] == [1] * len(
        codes
    )
    assert len(facts[key].split()) < len(full[key].split())
    assert "0.10 and" not in " ".join(each.text for each in told.blocks if isinstance(each, Paragraph))
    # What is in brackets, and from where the curve is drawn, is said on the page itself.
    (table,), (figure,) = ([each for each in told.blocks if isinstance(each, kind)] for kind in (Table, Figure))
    over = {"nl": "; bandbreedte van de kans over de gevoeligheidsanalyses", "en": "; range of the probability over"}
    assert over[lang] in table.caption
    assert Locale(lang).text("overview.probability") in table.header
    assert figure.caption.endswith(f" ({TrialWords(analysis, Locale(lang)).perspective(names[0])})")
    assert told.colophon == whole.colophon
    assert len(words_of(html(told))) <= 450


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_one_page_has_the_answer_the_table_and_one_figure(lang):
    told = trial_document(trial_reports.assessed("usual"), Locale(lang), length="brief")

    assert told.brief
    assert sum(isinstance(each, Figure) for each in told.blocks) == 1
    assert len(tables(told.blocks)) == 1
    assert len([each for each in told.blocks if isinstance(each, Paragraph) and each.strong]) == 3
    assert len(words_of(html(told))) <= 450
    assert trial_document(assess_trial(*found("usual")), Locale(lang)).blocks[:4] == document("usual", lang).blocks[:4]


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_probability_without_a_range_has_no_header_of_one(lang):
    """Where no sensitivity analysis was asked for."""
    header, ranged = tables(document("usual", lang).blocks)[0].header, Locale(lang).text("overview.probability")

    assert ranged not in header
    assert ranged.partition(" (")[0] in header


def test_names_of_arms_from_a_design_turn_nothing():
    """Right-to-left marks are isolated in the answer too."""
    analysis = found("usual")[0]
    names = ("usual care", "new \N{RIGHT-TO-LEFT OVERRIDE}care")
    about = replace(analysis.description, strategies=names)
    chosen = replace(of((1200, 0.05)).perspectives[0], strategies=names)
    told = sentences(assessed(replace(analysis, description=about, perspectives=(chosen,))), "en")[0]

    assert "\N{FIRST STRONG ISOLATE}" in told


# Why values are missing -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("missingness", "dutch", "english"),
    [
        (Missingness(0.0004, None, 130), "(p <0,001): de waarden", "(p <0.001): they are not"),
        (Missingness(0.31, None, 130), "geen samenhang gevonden", "no relation was found"),
        (Missingness(0.31, None, 130), "(p = 0,310)", "(p = 0.310)"),
        (Missingness(None, "few", 12), "van te weinig patiënten ontbreekt", "too few patients have missing"),
        (Missingness(None, "clusters"), "omdat patiënten van een cluster", "as patients of a cluster"),
    ],
)  # fmt: skip
def test_what_the_data_tell_of_why_values_are_missing_is_said(missingness, dutch, english):
    """That missing at random cannot be proved is always said where anything is missing."""
    analysis = found("usual")[0]
    assessment = assessed(replace(analysis, description=replace(analysis.description, missingness=missingness)))

    for lang, text in (("nl", dutch), ("en", english)):
        told = dict(_facts(assessment, lang))["Missing at random"]
        assert text in told
        assert Locale(lang).text("trial_answer.at_random") in told
        assert text in dict(_facts(assessment, lang, "brief"))["Missing at random"]
    shares = dict(_facts(assessment, "en"))["Missing values"]
    assert shares.startswith("Patients of whom something is missing: ")
    assert Locale("en").share(analysis.description.incomplete[1]) in shares


def test_where_nothing_is_missing_nothing_is_said_of_missing_at_random():
    facts = dict(_facts(trial_reports.assessed("whole"), "en"))

    assert facts["Missing values"] == "There are no missing values, so nothing was imputed."
    assert "Missing at random" not in facts


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_answer_holds_nothing_of_a_category_that_few_patients_have(lang):
    """Its level, its share and its mean are in no sentence of it, whatever is missing of whom."""
    analysis = found("usual")[0]
    few = Row("covariate", "rare = yes", (), (60, 70), (None, None), (None, None), ("few", "few"))
    about = replace(analysis.description, rows=(few, *analysis.description.rows))
    data = trial_data(assessed(replace(analysis, description=about)), Locale(lang))["conclusion"]

    assert "rare" not in json_text(data)
    assert not {"mean", "sd", "rows"} & set(re.findall(r'"(\w+)":', json_text(data)))


# What must not be silent ----------------------------------------------------------------------------------------------


def test_complete_cases_that_are_all_patients_are_no_other_analysis():
    """With nothing missing they confirm nothing, and their intervals make no range."""
    analysis, draws = found("whole")
    scenarios = [
        varied(analysis, "complete-case", (9000, 0.0), (0.1, 0.1, 0.1)),
        varied(analysis, "gamma-log", (187, 0.08), (0.99, 0.99, 0.99)),
    ]
    alone, several = (assess_trial(analysis, draws, scenarios=each).conclusion for each in ((), scenarios))

    assert alone.compared == ()
    assert several.compared == ("gamma-log",)
    assert all(each.range[0] > 0.9 for each in several.perspectives[0].conclusion.values)
    assert "Complete cases" not in dict(_facts(assess_trial(analysis, draws), "en")).get("Other analyses", "")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_expected_loss_above_nothing_never_reads_as_nothing(lang):
    """It takes the decimals that it needs."""
    words = TrialWords(found("usual")[0], Locale(lang))

    assert words.loss(0.0) == Locale(lang).money(0)
    assert words.loss(0.004) == Locale(lang).money(0.004, digits=3)
    assert words.loss(12.4) == Locale(lang).money(12.4)


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_few_clusters_are_told_in_the_answer(lang):
    """Below thirty by the method; fewer than ten are a doubt of the analysis, which is told once."""
    assessment = trial_reports.assessed("clusters")
    told = dict(_facts(assessment, lang))[Locale(lang).text("trial_answer.doubts_label")]
    few = Locale(lang).text("trial_method.clusters_few", n="12", few=30)
    doubted = replace(assessment.analysis, doubts=(Doubt("clusters_few", "x", {"n": 6, "limit": 10}),))

    assert few in told
    assert (
        few
        not in dict(_facts(assess_trial(doubted, found("clusters")[1]), lang))[
            Locale(lang).text("trial_answer.doubts_label")
        ]
    )


@pytest.mark.parametrize(("value", "shown"), [(1.0, ">0.99"), (0.0, "<0.01"), (1 - 1e-12, ">0.99"), (0.5, "0.50")])
def test_no_probability_of_a_trial_reads_as_certain(value, shown):
    assert TrialWords(found("usual")[0], Locale("en")).probability(value) == shown


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("length", ["full", "brief"])
@pytest.mark.no_cover
def test_whose_reference_values_they_are_is_told(lang, length):
    """By their source; where the caller chose the values, none is named."""
    source = Locale(lang).text("rules.nl.values")
    own, given = (
        markdown(trial_document(assessed(of((1200, 0.05)), wtp=wtp), Locale(lang), length=length))
        for wtp in (None, [30_000])
    )

    assert source in own
    assert source not in given
