"""The Monte Carlo error of a trial's results, against a jackknife, simulation and naive forms; and its sets."""

import dataclasses
from importlib import import_module

import numpy as np
import patients as trials
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from strategies import examples
from trial_reports import document, said, tables

from hecon import trial
from hecon.assessment import assess_trial
from hecon.errors import InputError, StatisticalWarning
from hecon.locale import Locale
from hecon.report.trials import trial_data
from hecon.report.words.trials import TrialWords, interval_sentences
from hecon.rulesets import ruleset
from hecon.trial import imputation, pipelines, regression
from hecon.trial.analysis import PerspectiveAnalysis, _basis
from hecon.trial.effects import EffectMeasure
from hecon.trial.estimates import BootstrapThenImputation, Resampled, draw, pool
from hecon.trial.imputation import variables_of

WTP = EffectMeasure().grid(ruleset())

INTERVENTION = trials.ARMS[1]


def imputed(rng, sets, *, mean=1.0, share=0.5, replicates=50, scale=1.0):
    """Return estimates of imputed sets, and their covariances from so many bootstrap replicates: a total of about 1."""
    estimates = mean + np.sqrt(share) * rng.standard_normal((sets, 1))
    samples = np.sqrt(1 - share) * rng.standard_normal((sets, replicates))
    return scale * estimates, scale**2 * samples.var(axis=1, ddof=1)[:, None, None]


# The error of one probability -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mean", "share"), [(0.0, 0.05), (-0.7, 0.5), (2.0, 0.95), (2.0, 0.05)])
def test_a_jackknife_over_sets_gives_the_same_error(mean, share):
    """It knows no formula, and counts whatever moves from set to set. Quantiles in random order spare it chance."""
    rng, places = np.random.default_rng(1), (np.arange(300) + 0.5) / 300
    estimates = mean + np.sqrt(share) * stats.norm.ppf(rng.permutation(places))[:, None]
    covariances = (1 - share) * stats.chi2.ppf(rng.permutation(places), 49)[:, None, None] / 49
    found = pool(estimates, covariances, complete_df=200, replicates=50)
    shares = [
        pool(*(np.delete(each, at, axis=0) for each in (estimates, covariances)), complete_df=200).above_zero([1])
        for at in range(300)
    ]
    jackknife = np.sqrt(299 / 300 * np.sum((shares - np.mean(shares)) ** 2))

    assert found.above_zero_error([1]) == pytest.approx(jackknife, rel=0.15)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.75])
def test_the_error_is_the_spread_over_seeds(share):
    """Of 300 analyses with 60 sets of 20 replicates each, so that the replicates count; known to 4%."""
    rng = np.random.default_rng(2)
    found = [pool(*imputed(rng, 60, share=share, replicates=20), replicates=20) for _ in range(300)]

    spread = np.std([each.above_zero([1]) for each in found])
    assert np.mean([each.above_zero_error([1]) for each in found]) == pytest.approx(spread, rel=0.1)


def test_the_spread_over_seeds_of_bootstrap_then_imputation():
    """Of 300 analyses with 80 samples imputed twice."""
    rng = np.random.default_rng(3)
    shape = (300, 80, 2, 1)
    found = [
        BootstrapThenImputation(each)
        for each in 1.0 + rng.standard_normal((300, 80, 1, 1)) + 0.7 * rng.standard_normal(shape)
    ]

    spread = np.std([each.above_zero([1]) for each in found])
    assert np.mean([each.above_zero_error([1]) for each in found]) == pytest.approx(spread, rel=0.1)
    values = np.std([each.of([1]).value for each in found])
    assert np.mean([each.of([1]).monte_carlo_se for each in found]) == pytest.approx(values, rel=0.1)


def test_a_variance_that_came_out_as_none_says_nothing_of_its_probability():
    """Samples that lie closer together than their imputations; samples that are all the same are certain."""
    apart = np.tile([[[-1.0], [1.0]]], (30, 1, 1))
    same = np.ones((30, 2, 1))

    assert BootstrapThenImputation(apart).above_zero_error([1]) == 0.5
    assert BootstrapThenImputation(same).above_zero_error([1]) == 0


def test_a_share_of_samples_has_the_error_of_a_binomial_one():
    values = np.repeat([-1.0, 1.0], [300, 100])[:, None]
    found = Resampled(values.mean(axis=0), values, averaged=True)
    none = Resampled(np.array([1.0]), np.linspace(1, 2, 400)[:, None])

    assert found.above_zero_error([1]) == pytest.approx(np.sqrt(0.25 * 0.75 / 400), rel=0.005)
    assert found.of([1]).monte_carlo_se == pytest.approx(values.std(ddof=1) / 20)
    assert none.of([1]).monte_carlo_se == 0
    assert 0 < none.above_zero_error([1]) < 0.002
    assert Resampled(np.array([1.0]), np.ones((50, 1))).above_zero_error([1]) == 0


def test_what_does_not_vary_has_no_error_and_exact_covariances_have_none_of_their_own():
    fixed = pool([[2.0]] * 5, [[[0.0]]] * 5)
    exact = pool([[2.0]], [[[4.0]]])

    assert fixed.above_zero_error([1]) == 0
    assert exact.above_zero_error([1]) == 0
    assert pool([[2.0]], [[[4.0]]], replicates=50).above_zero_error([1]) > 0


@examples(50)
@given(st.floats(-12, 12), st.floats(-3, 3), st.floats(0, 1))
def test_units_change_no_error(power, mean, share):
    estimates, covariances = imputed(np.random.default_rng(4), 10, mean=mean, share=share)
    plain = pool(estimates, covariances, replicates=50).above_zero_error([1])
    scaled = pool(estimates * 10**power, covariances * 100**power, replicates=50).above_zero_error([1])

    assert scaled == pytest.approx(plain, rel=1e-6)
    assert 0 <= scaled <= 0.5


# How many sets --------------------------------------------------------------------------------------------------------


def pilot(seed, *, share=0.6, mean=0.3):
    """Return the results of a pilot: of two arms, costs that do not vary and effects that do."""
    estimates, covariances = imputed(np.random.default_rng(seed), imputation.PILOT, share=share, mean=mean)
    wide = np.zeros((imputation.PILOT, 4))
    wide[:, 3] = estimates[:, 0]
    square = np.zeros((imputation.PILOT, 4, 4))
    square[:, 3, 3] = covariances[:, 0, 0]
    return pool(wide, square, replicates=50)


def test_one_top_up_brings_the_error_to_its_target():
    """In 95% of the cases or more; and not far below it."""
    rng, errors = np.random.default_rng(5), []
    for seed in range(20):
        sets = imputation.sets_needed([pilot(seed)], 2, WTP, 0.01, 50)
        errors.append(pool(*imputed(rng, sets, share=0.6, mean=0.3), replicates=50).above_zero_error([1]))

    assert np.mean(np.array(errors) <= 0.0102) >= 0.95
    assert np.mean(errors) > 0.008


def test_the_number_of_sets_has_its_bounds():
    """A pilot that suffices is all; the most is the most; nothing that varies takes nothing."""
    constant = pool(np.ones((50, 4)), np.zeros((50, 4, 4)), replicates=50)

    assert imputation.sets_needed([pilot(1)], 2, WTP, 0.5, 50) == imputation.PILOT
    assert imputation.sets_needed([pilot(1)], 2, WTP, 0.0001, 50) == imputation.MOST_SETS
    assert imputation.sets_needed([constant], 2, WTP, 0.01, 50) == imputation.PILOT
    assert (
        imputation.sets_needed([constant, pilot(1)], 2, WTP, 0.01, 50)
        == imputation.sets_needed([pilot(1)], 2, WTP, 0.01, 50)
        > 500
    )


def test_the_most_certain_result_of_several_arms_decides_nothing():
    """Two arms that are no comparator are held against one another too."""
    rng = np.random.default_rng(6)
    wide = np.zeros((50, 6))
    wide[:, 3:] = np.array([0.0, 9.0, 9.0]) + rng.standard_normal((50, 3))
    found = pool(wide, np.tile(np.diag([0, 0, 0, 1.0, 1, 1]), (50, 1, 1)))

    assert imputation.sets_needed([found], 3, WTP, 0.01, 50) > 300
    alone = found.above_zero_error([0, 0, 0, 0, -1, 1])
    assert imputation.largest_error([found], 3, WTP) == pytest.approx(alone, rel=1e-9)


@given(st.integers(1, 5000))
def test_all_sets_together_have_5000_replicates_and_each_50(sets):
    each = imputation.replicates_per_set(sets)

    assert each >= 50
    assert each * sets >= 5000
    assert each == 50 or (each - 1) * sets < 5000


# The analysis ---------------------------------------------------------------------------------------------------------


def test_regressions_of_many_sets_at_once_are_those_of_each():
    data = trials.made(np.random.default_rng(7), (30, 30), two=True)
    done = trial.impute(data, count=3, rng=1)
    plan = regression.plan(data, done.variables, ("societal", "healthcare"))
    weights = np.random.default_rng(8).integers(0, 3, (3, 20, 60)).astype(float)
    found = regression.resampled_means_of_sets(done.values, plan, weights)

    for at in range(3):
        assert found[at] == pytest.approx(regression.resampled_means(done.values[at], plan, weights[at]), rel=1e-8)


@pytest.fixture(scope="module")
def topped():
    """Return a small trial with a pilot of 20 that was topped up, with its analysis."""
    data = trials.made(np.random.default_rng(6), (40, 40), missing=0.3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imputation, "PILOT", 20)
        return data, trial.analyse(data, monte_carlo_error=0.025, rng=1)


@pytest.mark.slow
def test_a_pilot_is_topped_up_once(topped):
    """To 5,000 replicates in all, the pilot's sets too; and its sets do not depend on what follows."""
    data, found = topped
    sets, one = found.settings["imputations"], found.perspectives[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imputation, "PILOT", 20)
        alone = trial.analyse(data, monte_carlo_error=0.5, rng=1)

    assert alone.settings["imputations"] == 20
    assert 20 < sets < 100
    assert (
        one.replicates.shape[:2] == (sets, found.settings["replicates"]) == (sets, imputation.replicates_per_set(sets))
    )
    assert one.spread.within_df == pytest.approx(sets * (found.settings["replicates"] - 1))
    assert np.array_equal(alone.imputation.values, found.imputation.values[:20])
    assert found.settings["imputations_kept"] == sets
    assert found.imputation.trace.shape[2] == 20
    assert imputation.largest_error([one.spread], 2, WTP) < 0.026
    errors = [one.p_cost_effective_error(INTERVENTION, wtp=value) for value in WTP]
    assert max(errors) == imputation.largest_error([one.spread], 2, WTP)


@pytest.mark.slow
def test_every_set_is_a_chain_of_its_own(topped):
    """Estimates of sets that follow one another are no more alike than others: of 60, |r| < 0.4."""
    _, found = topped
    costs = found.imputation.values[:, :, found.imputation.variables.costs].sum(axis=(1, 2))

    assert len(np.unique(costs)) == len(costs)
    assert abs(np.corrcoef(costs[1:], costs[:-1])[0, 1]) < 0.4


def test_a_number_that_is_given_holds():
    data = trials.made(np.random.default_rng(9), (60, 60))
    found = trial.analyse(data, imputations=3, replicates=60, monte_carlo_error=0.001, rng=1)

    assert found.settings["imputations"] == 3
    assert found.settings["replicates"] == 60
    assert found.settings["monte_carlo_error"] is None
    assert imputation.largest_error([found.perspectives[0].spread], 2, WTP) > 0.001


@pytest.mark.slow
def test_the_most_that_are_made_are_said_to_be_too_few(monkeypatch):
    monkeypatch.setattr(imputation, "PILOT", 10)
    monkeypatch.setattr(imputation, "MOST_SETS", 12)
    data = trials.made(np.random.default_rng(9), (30, 30), missing=0.3)
    with pytest.warns(
        StatisticalWarning, match="12 imputations, the most that are made, leave a Monte Carlo error of 0.0"
    ):
        found = trial.analyse(data, rng=1)

    assert found.settings["imputations"] == 12
    for lang, says in (("en", "12, the most that are made"), ("nl", "12, het maximum")):
        assert says in " ".join(interval_sentences(TrialWords(found, Locale(lang)), found.perspectives[0]))
    data = trial_data(assess_trial(found, found.draws(n_draws=100, rng=1)), Locale("en"))["perspectives"]["societal"]
    assert data["imputations"]["outcome"] == "most"


@pytest.mark.slow
def test_memory_bounds_what_is_kept_and_what_is_imputed_at_once(monkeypatch):
    """Batches change the sets, as they share one stream, but not their number; scenarios say that they had fewer."""
    monkeypatch.setattr(imputation, "PILOT", 4)
    monkeypatch.setattr(imputation, "FEWEST_IN_ALL", 200)
    monkeypatch.setattr(pipelines, "_KEPT", 0)
    data = trials.made(np.random.default_rng(10), (30, 30))
    monkeypatch.setattr(pipelines, "NUMBERS", 3 * variables_of(data).values.size)
    found = trial.analyse(data, imputations=8, replicates=60, rng=1)
    for name, number in (("_SINGLE", 60), ("_DOUBLE", 60), ("_ROUNDS", 2)):
        monkeypatch.setattr(import_module(trial.scenarios.__module__), name, number)
    others = {each.code: each for each in trial.scenarios(data, found, rng=1)}

    assert found.perspectives[0].spread.imputations == found.settings["imputations"] == 8
    assert found.imputation.values.shape[0] == found.settings["imputations_kept"] == 4
    assert found.imputation.trace.shape[2] == 4
    assert others["main"].imputations == 8
    assert others["worse-all"].imputations == others["gamma-log"].imputations == 4
    draws = found.draws(n_draws=100, rng=1)
    told = trial_data(assess_trial(found, draws, scenarios=list(others.values())), Locale("en"))
    assert [each["imputations"] for each in told["scenarios"] if each["code"] in {"main", "unadjusted"}] == [8, 4]
    text = said(
        import_module("hecon.report.trials")
        .trial_document(assess_trial(found, draws, scenarios=tuple(others.values())), Locale("en"))
        .blocks
    )
    assert "On fewer imputed sets than the 8 of the main analysis" in text
    assert "imputed utilities 0.05 lower, all arms (4)" in text
    blocks = import_module("hecon.report.trials").trial_document(assess_trial(found, draws), Locale("nl")).blocks
    assert any("elk van de eerste 4 van de 8 sets" in getattr(each, "caption", "") for each in blocks)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"monte_carlo_error": 0}, "monte_carlo_error must be above 0, got 0"),
        ({"monte_carlo_error": 1}, "monte_carlo_error must be at most 0.5, got 1: write 0.01"),
        ({"monte_carlo_error": np.nan}, "monte_carlo_error must be"),
        ({"monte_carlo_error": "small"}, "monte_carlo_error must be"),
        ({"monte_carlo_error": 0.001, "method": "bootstrap-single"}, "must be left out with method='bootstrap-single'"),
        ({"monte_carlo_error": 0.1, "method": "bootstrap-imputation"}, "must be left out .* give replicates= to"),
        ({"imputations": 20, "method": "bootstrap-single"}, "imputations must be left out .* imputes each sample once"),
    ],
)
def test_an_error_that_is_none_is_refused(options, says):
    with pytest.raises(InputError, match=says):
        trial.analyse(trials.made(np.random.default_rng(1)), **options)


# The report -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "header"), [("en", "Monte Carlo error, P"), ("nl", "Monte-Carlofout kans")])
def test_each_probability_stands_beside_its_error(lang, header):
    chosen = next(each for each in tables(document("usual", lang).blocks) if header in each.header)
    place = chosen.header.index(header)

    assert all(row[place].replace(",", ".").lstrip("<>").startswith("0.") for row in chosen.rows)
    assert {len(row[place].replace(",", ".").partition(".")[2]) for row in chosen.rows} == {3}
    assert all("€" in row[place - 2] for row in chosen.rows)


def test_an_error_that_replicates_alone_leave_is_held_against_what_was_asked():
    """With nothing missing 5,000 replicates are all there are, unless more are asked for."""
    data = trials.made(np.random.default_rng(9), (30, 30), missing=0)
    with pytest.warns(StatisticalWarning, match="nothing is missing, and 5,000 bootstrap replicates leave"):
        found = trial.analyse(data, monte_carlo_error=0.0001, rng=1)
    quiet = trial.analyse(data, monte_carlo_error=0.0001, replicates=6000, rng=1)

    assert "give replicates= to hecon.trial.analyse" in found.warnings[-1]
    assert quiet.settings["replicates"] == 6000
    assert quiet.warnings == trial.analyse(data, rng=1).warnings


def test_without_missing_values_the_replicates_leave_an_error_in_the_probabilities_alone():
    chosen = next(each for each in tables(document("whole").blocks) if "Monte Carlo error, iNMB" in each.header)

    assert {row[2] for row in chosen.rows} == {"–"}
    assert "the finite number of bootstrap replicates (standard error): at most 0.0" in said(document("whole").blocks)


def test_several_arms_have_a_bound_of_the_error_of_their_curves():
    text = said(document("three").blocks)

    assert "of the probabilities of the acceptability curves: at most 0." in text


@pytest.mark.slow
def test_the_error_of_the_best_of_several_arms_is_bounded():
    """Over 60 analyses of three arms, drawn with the same deviates; the bound is no empty one."""
    rng, names = np.random.default_rng(11), ("a", "b", "c")
    spread, bound = [], []
    for _ in range(60):
        estimates = np.zeros((40, 6))
        estimates[:, 3:] = rng.multivariate_normal([0, 0.3, 0.4], np.eye(3) + 0.3, 40)
        pooled = pool(estimates, np.tile(np.diag([0, 0, 0, 0.5, 0.5, 0.5]), (40, 1, 1)), complete_df=300)
        found = PerspectiveAnalysis("societal", names, pooled, np.zeros((1, 1, 6)), None)
        draws = draw(pooled, _basis(3), 4000, np.random.default_rng(1))[:, 3:]
        spread.append(np.bincount(draws.argmax(axis=1), minlength=3) / 4000)
        bound.append([found.optimal_error(name, wtp=1.0, draws=10**9) for name in names])
    over = np.mean(bound, axis=0) / np.std(spread, axis=0, ddof=1)

    assert (over > 1).all()
    assert (over < 3).all()


@pytest.mark.parametrize(
    ("error", "text"), [(0.0, "0.39"), (0.01, "0.39"), (0.049, "0.39"), (0.05, "0.4"), (0.2, "0.4")]
)
def test_decimals_follow_the_error(error, text):
    from trial_reports import found

    assert TrialWords(found("usual")[0], Locale("en")).probability(0.387, error) == text


def test_a_target_that_was_missed_does_not_read_as_reached():
    from trial_reports import found

    analysis, _ = found("usual")
    error = imputation.largest_error([analysis.perspectives[0].spread], 2, WTP)
    for target, says in ((0.5, "in every probability. The largest is"), (error - 1e-4, "which is more")):
        told = dataclasses.replace(analysis, settings={**analysis.settings, "monte_carlo_error": target})
        assert says in interval_sentences(TrialWords(told, Locale("en")), analysis.perspectives[0])[1]
