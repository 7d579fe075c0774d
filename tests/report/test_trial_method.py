"""What the report of a trial says of its methods is true of this analysis, and so are its sensitivity analyses."""

from dataclasses import replace
from importlib import import_module

import pytest
from trial_reports import document, found, said, tables

from hecon import trial
from hecon.assessment import assess_trial
from hecon.cli import trial as cli_trial
from hecon.locale import Locale
from hecon.report.document import Figure, Heading
from hecon.report.trial_tables import result_blocks, scenario_blocks
from hecon.report.trials import trial_data
from hecon.report.words.trials import TrialWords, interval_sentences, method_sentences
from hecon.trial import analysing, imputation
from hecon.trial.estimates import BootstrapThenImputation
from hecon.trial.sensitivity import SCENARIOS, Scenario

# Of the trial that is mostly gone, and of two imputations, the analysis warns.
pytestmark = pytest.mark.filterwarnings(
    "ignore:more than half is missing:hecon.errors.StatisticalWarning",
    "ignore:a variable of arm .* is observed in:hecon.errors.StatisticalWarning",
    "ignore:.*degrees of freedom are left for a difference:hecon.errors.StatisticalWarning",
)


def test_where_nothing_is_missing_nothing_is_said_to_be_imputed():
    """No fraction of missing information, no figures of the imputation, and complete cases are all patients."""
    told = document("whole")
    text = said(told.blocks)

    assert "Nothing is missing, so nothing was imputed." in text
    assert "Nothing is missing for this perspective, so the complete cases are all patients." in text
    assert "Rubin" not in text
    assert "donors" not in text
    assert {each.kind for each in told.blocks if isinstance(each, Figure)} == {"trial-plane", "trial-acceptability"}
    data = trial_data(assess_trial(*found("whole")), Locale("en"))["perspectives"]["societal"]
    assert data["imputations"] is None
    assert data["monte_carlo_se"]["delta_cost"] is None
    assert 0 < data["monte_carlo_se"]["probability"] < 0.1
    assert data["differences"]["intervention"]["delta_cost"]["fraction_missing_information"] is None


def test_the_number_of_imputations_is_told_with_the_error_that_it_leaves():
    """As chosen by the user: no rule is said to be met."""
    analysis, draws = found("usual")
    text = " ".join(interval_sentences(TrialWords(analysis, Locale("en")), analysis.perspectives[0]))
    data = trial_data(assess_trial(analysis, draws), Locale("en"))["perspectives"]["societal"]
    error = data["monte_carlo_se"]["probability"]

    assert "Number of imputations: 10, as chosen by the user." in text
    assert f"The largest Monte Carlo standard error of a probability is {error:.3f}." in text
    assert f"at most {data['imputations']['largest_fraction_missing_information']:.2f} with net benefit counted" in text
    assert data["imputations"]["outcome"] == "given"
    assert data["imputations"]["monte_carlo_error_wanted"] is None
    assert max(data["differences"]["intervention"]["p_cost_effective_monte_carlo_se"].values()) <= error


@pytest.mark.parametrize(
    ("kind", "drawn", "freedom"),
    [
        ("usual", "of an arm of n patients times n/(n − 1)", "from each arm's own variance."),
        ("whole", "of an arm of n patients times n/(n − 1)", "from each arm's own variance."),
        ("clusters", "whole clusters drawn; variances times k/(k − 1)", "the number of clusters less that of arms."),
    ],
)
def test_what_is_drawn_and_the_degrees_of_freedom_are_told(kind, drawn, freedom):
    """The clusters of this trial have patients in both arms; where each lies in one arm they are told of by arm."""
    words = TrialWords(found(kind)[0], Locale("en"))
    apart = replace(words.analysis, description=replace(words.analysis.description, clusters=24))
    both = [" ".join([*method_sentences(each), *interval_sentences(each, each.analysis.perspectives[0])])
                for each in (words, TrialWords(apart, Locale("en")))]  # fmt: skip

    assert drawn in both[0]
    assert freedom in both[0]
    if kind == "clusters":
        assert "whole clusters drawn within their arm; variances of an arm of k clusters" in both[1]
        assert "from the variance between the clusters of each arm." in both[1]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["bootstrap-single", "bootstrap-imputation"])
def test_samples_of_clusters_are_told_of(method):
    words = TrialWords(found("clusters", method)[0], Locale("en"))
    text = " ".join([*method_sentences(words), *interval_sentences(words, words.analysis.perspectives[0])])

    assert "bootstrap samples was imputed" in text
    assert "(whole clusters drawn" in text
    assert "Intraclass correlation" in text
    assert ("those of the complete data" in text) == (method == "bootstrap-imputation")


@pytest.mark.slow
def test_clusters_are_counted_and_few_are_called_few():
    """With the intraclass correlations, and what the imputation knows."""
    for kind, period in (("clusters", False), ("wedge", True)):
        analysis, _ = found(kind)
        text = " ".join(method_sentences(TrialWords(analysis, Locale("en"))))

        assert "linear mixed models with a random intercept per cluster" in text
        assert ("fixed effect of each calendar period" in text) == period
        assert f"There are {analysis.description.clusters} clusters. That is few (under 30)" in text
        assert f"QALYs {analysis.settings['icc'][-1]:.3f}." in text
        assert "The imputation took clusters into account" in text
        assert ("bootstrap replicates could be fitted" in text) != bool(analysis.settings["dropped_replicates"])


def test_dropped_replicates_are_counted():
    """Of all imputed sets together."""
    analysis, _ = found("clusters")
    failed = replace(analysis, settings={**analysis.settings, "dropped_replicates": 4})

    assert "Left out: 4 of 150 bootstrap replicates" in " ".join(method_sentences(TrialWords(failed, Locale("en"))))


def test_many_clusters_are_not_called_few_and_ignored_ones_are_said_to_be():
    analysis, _ = found("clusters")
    many = replace(analysis, description=replace(analysis.description, clusters=30))
    ignored = replace(many, model="sur")

    assert "There are 30 clusters." in method_sentences(TrialWords(many, Locale("en")))
    assert "The 30 clusters were ignored" in " ".join(method_sentences(TrialWords(ignored, Locale("en"))))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "imputed", "interval"),
    [
        ("bootstrap-single", "imputed once", "percentiles of the bootstrap"),
        ("bootstrap-imputation", "imputed 2 times", "Satterthwaite"),
    ],
)
def test_the_other_methods_are_told_as_they_are(method, imputed, interval):
    """No Rubin and no fraction of missing information; also where nothing is missing the words are true."""
    analysis, draws = found("usual", method)
    whole, _ = found("whole", method)
    words = TrialWords(analysis, Locale("en"))
    text = " ".join([*method_sentences(words), *interval_sentences(words, analysis.perspectives[0])])

    assert imputed in text
    assert interval in text
    assert "Rubin" not in text
    assert "finite number of bootstrap samples" in text
    assert "imputed" not in " ".join(method_sentences(TrialWords(whole, Locale("en")))).replace(
        "nothing was imputed", ""
    )
    assert (
        trial_data(assess_trial(analysis, draws), Locale("en"))["perspectives"]["societal"]["monte_carlo_se"][
            "delta_cost"
        ]
        > 0
    )


def test_a_departure_from_missing_at_random_is_told():
    """With its arm and its size, as assumed."""
    moved = [trial.Departure("intervention", utility=-0.05, cost=1.1), trial.Departure(utility=0.02)]
    analysis, _ = found("usual")
    told = replace(analysis, settings={**analysis.settings, "departures": [vars(each) for each in moved]})
    text = " ".join(method_sentences(TrialWords(told, Locale("nl"))))

    assert "(intervention): geïmputeerde utiliteiten -0,050, geïmputeerde kosten maal 1,10." in text
    assert "(alle groepen): geïmputeerde utiliteiten +0,020" in text


def test_what_was_matched_on_the_log_scale_is_named():
    """In the language, by category and period."""
    analysis, _ = found("gone")
    text = " ".join(method_sentences(TrialWords(analysis, Locale("nl"))))

    assert "Op de logschaal gematcht, omdat in een groep meer dan 35% van de waarden ontbreekt: care, maand" in text


def test_every_method_model_and_scenario_has_its_words():
    """The command's own lists are those of the analysis; the sizes in the words are those that are used."""
    for lang, value in (("nl", "0,05"), ("en", "0.05")):
        known = Locale(lang).catalogue
        assert {f"trial_method.{each}" for each in (*analysing.METHODS, *analysing.MODELS)} <= set(known)
        assert {f"trial_scenario.{each}" for each in SCENARIOS} <= set(known)
        assert value in known["trial_scenario.worse-all"]
        assert value in known["trial_scenario.worse-intervention"]
        assert "10%" in known["trial_scenario.dearer-intervention"]
    module = import_module(trial.scenarios.__module__)
    assert (module._WORSE, module._DEARER) == (-0.05, 1.1)
    assert cli_trial.METHODS == analysing.METHODS
    assert cli_trial.IMPUTATIONS == imputation.IMPUTATIONS
    assert cli_trial.MODELS == analysing.MODELS


def scenario(code, **changes):
    """Return a scenario that found what the main analysis found."""
    chosen = found("usual")[0].perspectives[0]
    main = Scenario(
        code,
        "societal",
        "intervention",
        chosen.delta_cost("intervention"),
        chosen.delta_effect("intervention"),
        {20_000: 0.25, 50_000: 0.5, 80_000: 0.999},
    )
    return replace(main, **changes)


@pytest.mark.slow
def test_the_sensitivity_analyses_stand_in_a_table_of_their_perspective():
    """An unknown code stands as it is; assumed sizes are said to be assumed."""
    varied = [scenario("main"), scenario("worse-all"), scenario("own"), scenario("main", perspective="healthcare")]
    told = document("usual", scenarios=varied)
    first, second = [each for each in tables(told.blocks) if "analysed otherwise" in each.caption]

    assert [row[0] for row in first.rows] == ["main analysis", "imputed utilities 0.05 lower, all arms", "own"]
    assert first.rows[0][3:] == ("0.25", "0.50", ">0.99")
    assert len(second.rows) == 1
    assert said(told.blocks).count("is assumed, not found") == 1
    assert "assumed, not found" not in said(document("usual", scenarios=varied[:1]).blocks)
    data = trial_data(assess_trial(*found("usual"), scenarios=varied), Locale("en"))["scenarios"]
    assert data[1]["p_cost_effective"] == {"20000": 0.25, "50000": 0.5, "80000": 0.999}
    assert [each["in_words"] for each in data[1:3]] == ["imputed utilities 0.05 lower, all arms", "own"]


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        ("en", ("With another imputation (imputed with local scaling)", "times its standard error", "lower")),
        ("nl", ("Met een andere imputatie (geïmputeerd met lokale schaling)", "keer de standaardfout", "lager")),
    ],
)
def test_an_imputation_that_moves_net_benefit_is_said_to(lang, sentences):
    """By more than a quarter of its standard error at some reference value; a smaller shift is in the table alone."""
    analysis, _ = found("usual")
    perspective = analysis.perspectives[0]
    main = scenario("scaled")
    se = perspective.net_benefit("intervention", wtp=20_000).se
    words = {
        share: said(
            scenario_blocks(
                TrialWords(analysis, Locale(lang)),
                perspective,
                [replace(main, delta_cost=replace(main.delta_cost, value=main.delta_cost.value + share * se))],
            )
        )
        for share in (0.2, 0.3)
    }

    assert all(each in words[0.3] for each in sentences)
    assert not any(each in words[0.2] for each in sentences[:2])


@pytest.mark.parametrize(("lang", "words"), [("en", "and local scaling"), ("nl", "met lokale schaling")])
def test_donors_and_local_scaling_are_said(lang, words):
    """By the arguments of R's mice; of each arm where they differ."""
    analysis, _ = found("usual")
    plain = " ".join(method_sentences(TrialWords(analysis, Locale(lang))))
    matching = dict(analysis.settings["matching"], intervention={"donors": 5, "match_type": 1})
    settings = analysis.settings | {"imputation": "scaled", "matching": matching}
    other = " ".join(method_sentences(TrialWords(replace(analysis, settings=settings), Locale(lang))))

    assert ("donors: 1, match type 1" if lang == "en" else "donoren: 1, matchtype 1") in plain
    assert words not in plain
    assert words in other
    assert ("intervention: donors: 5, match" if lang == "en" else "intervention: donoren: 5, match") in other


def test_the_results_of_one_perspective_stand_alone():
    """For a note, under the names of its dossier: without figures and headings, and without ratios if no draws."""
    analysis, draws = found("usual")
    perspective = analysis.perspective("healthcare")
    named = TrialWords(analysis, Locale("nl"), {"intervention": "oefentherapie"})
    bare_blocks = result_blocks(named, perspective)
    assessed = assess_trial(analysis, draws)
    whole = result_blocks(TrialWords(analysis, Locale("nl")), perspective, assessed.tables["healthcare"])

    assert not [each for each in (*bare_blocks, *whole) if isinstance(each, (Figure, Heading))]
    assert "ICER" not in said(bare_blocks)
    assert "ICER van intervention" in said(whole)
    assert any("oefentherapie min usual care" in each.caption for each in tables(bare_blocks))
    assert scenario_blocks(named, perspective, [scenario("main")]) == []
    assert "regels van Rubin" in " ".join(method_sentences(named))


def test_a_gamma_model_is_called_one():
    """Its replicates can fail, so they are counted."""
    analysis, _ = found("whole", model="gamma-log")
    text = " ".join(method_sentences(TrialWords(analysis, Locale("nl"))))

    assert "gegeneraliseerd lineair model (gammaverdeling, loglink)" in text
    assert "In alle 50 bootstrapreplicaties was het model te schatten." in text
    assert "clusters" not in text


def test_clusters_with_nothing_missing_have_nothing_imputed():
    analysis, _ = found("whole clusters")

    assert "imputation does not know" not in " ".join(method_sentences(TrialWords(analysis, Locale("en"))))


@pytest.mark.slow
def test_degrees_of_freedom_without_end_have_a_sign():
    """As of estimates that are the same in every bootstrap sample."""
    analysis, _ = found("usual", "bootstrap-imputation")
    chosen = analysis.perspectives[0]
    same = replace(chosen, spread=BootstrapThenImputation(chosen.spread.estimates[:1].repeat(50, axis=0) * 0))

    assert "(∞ for the difference in costs, ∞ for" in interval_sentences(TrialWords(analysis, Locale("en")), same)[0]
