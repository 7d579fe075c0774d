"""Outcomes that do not vary, or in few patients alone: standard errors, intervals, probabilities and draws."""

import json
import warnings
from dataclasses import replace

import degenerate
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from strategies import examples

import hecon
from hecon import trial
from hecon.assessment import assess_trial
from hecon.errors import InputError, StatisticalWarning
from hecon.locale import LANGUAGES, Locale
from hecon.report.trials import trial_data
from hecon.report.words.trials import TrialWords, interval_sentences
from hecon.trial import regression
from hecon.trial.analysing import METHODS
from hecon.trial.estimates import are_constant, mean_of, sum_of, variance_of, without_rounding
from hecon.trial.imputation import variables_of
from hecon.trial.soundness import FEW_EVENTS, variations_of

INTERVENTION = degenerate.ARMS[1]
OUTCOMES = ("cost", "effect")
KNOWN = ("fixed price", "2 admitted", "2 below 1", "4 below 1", "6 below 1", "1 before", "2 before", "all 1")

# What is doubtful of such trials has tests of its own.
pytestmark = pytest.mark.filterwarnings("ignore:costs from|QALYs|utilities after the start|net benefit of")


def of_each(found, outcome):
    """Return the pooled estimate, that of complete cases, and the BCa interval of these."""
    contrast = found.contrast(INTERVENTION, **{outcome: 1.0})
    case = found.complete_case
    return found.spread.of(contrast), case.spread.of(contrast), case.bca(contrast)


def errors_of(found, outcome):
    """Return the standard errors, and the width of the BCa interval as one."""
    main, case, (low, high) = of_each(found, outcome)
    return np.array([main.se, case.se, (high - low) / 3.92])


def held_against_least_squares(data, found):
    """Hold standard errors against ordinary least squares: within ten times, and 0 where an outcome fits exactly."""
    for one in found.perspectives:
        by = {each: degenerate.least_squares(replace(data, regressors=each), one.name) for each in ("same", "own")}
        for at, outcome in enumerate(OUTCOMES):
            theirs = [errors[at] for _, errors in by.values()]
            if max(theirs) == 0:
                assert (errors_of(one, outcome) == 0).all()
            elif min(theirs) > 0:
                assert (errors_of(one, outcome) < 10 * max(theirs)).all()
                assert (errors_of(one, outcome) > 0.1 * min(theirs)).all()
        assert 0 <= one.p_cost_effective(INTERVENTION, wtp=20_000) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", KNOWN)
def test_known_trials_have_the_errors_of_a_naive_bootstrap(kind):
    """Whatever the seed: a plain loop of least squares over resamples gives the same errors and probability."""
    data = degenerate.known(kind)
    naive = degenerate.naive_bootstrap(data, 1500, 1)
    value = degenerate.least_squares(data)[0]
    benefit = naive @ [-1, 20_000]
    share = stats.t.cdf(value @ [-1, 20_000] / benefit.std(), 76)
    for seed in range(10):
        found = trial.analyse(data, replicates=1000, rng=seed).perspectives[0]
        for at, outcome in enumerate(OUTCOMES):
            main, case, ends = of_each(found, outcome)

            assert main.value == pytest.approx(value[at], rel=1e-9, abs=1e-9)
            assert main.se == pytest.approx(naive[:, at].std(), rel=0.13, abs=1e-9)
            assert case.se == pytest.approx(naive[:, at].std(), rel=0.13, abs=1e-9)
            assert 0 <= ends[1] - ends[0] <= 1.2 * np.ptp(naive[:, at]) + 1e-9
        assert found.p_cost_effective(INTERVENTION, wtp=20_000) == pytest.approx(share, abs=0.03)


@pytest.mark.slow
@examples(15)
@given(st.integers(0, 2**32 - 1), st.sampled_from(METHODS))
def test_no_trial_has_an_error_far_from_that_of_least_squares(seed, method):
    """Constants, ceilings, rare events, fixed prices, covariates that hardly vary; with either choice of regressors."""
    data = degenerate.drawn(np.random.default_rng(seed))
    found = trial.analyse(data, method=method, replicates=120, rng=seed)
    held_against_least_squares(data, found)
    if method == "imputation" and data.regressors == "same" and len(set().union(*data.adjusts)) != 1:
        for one in found.perspectives:
            value = degenerate.least_squares(data, one.name)[0]
            assert one.delta_cost(INTERVENTION).value == pytest.approx(value[0], rel=1e-6, abs=1e-6)
            assert one.delta_effect(INTERVENTION).value == pytest.approx(value[1], rel=1e-6, abs=1e-9)


@pytest.mark.slow
@examples(4)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["mixed", "gamma-log", "gamma-identity"]))
def test_neither_has_one_of_the_other_models(seed, model):
    data = degenerate.drawn(np.random.default_rng(seed), clusters=model == "mixed", positive=model != "mixed")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "[0-9]+ clusters")
        found = trial.analyse(data, model=model, replicates=100, rng=seed)
    held_against_least_squares(data, found)


@pytest.mark.slow
@examples(4)
@given(st.integers(0, 2**32 - 1), st.sampled_from(METHODS))
def test_missing_values_do_not_change_that(seed, method):
    """Where few have another value, whether it is imputed is uncertain, so that an exact fit need not stay one."""
    rng = np.random.default_rng(seed)
    data = degenerate.drawn(rng)
    sets = None if method == "bootstrap-single" else 3
    found = trial.analyse(degenerate.with_gaps(data, rng), method=method, imputations=sets, replicates=60, rng=seed)
    for one in found.perspectives:
        errors = degenerate.least_squares(data, one.name)[1]
        for at, outcome in enumerate(OUTCOMES):
            size = errors[at] or (1.0 if outcome == "effect" else 5000.0) / 10
            assert of_each(one, outcome)[0].se < 10 * size


@pytest.mark.parametrize("scale", [1e-9, 1e9])
@pytest.mark.parametrize("regressors", ["same", "own"])
@pytest.mark.no_cover
def test_the_unit_of_costs_changes_nothing(scale, regressors):
    for seed in range(3):
        data = degenerate.drawn(np.random.default_rng(seed), regressors=regressors)
        before = None if data.baseline_costs is None else data.baseline_costs * scale
        other = replace(data, costs=data.costs * scale, baseline_costs=before)
        mine, theirs = (trial.analyse(each, replicates=60, rng=1).perspectives[0] for each in (data, other))

        assert errors_of(theirs, "cost") / scale == pytest.approx(errors_of(mine, "cost"), rel=1e-6)
        assert errors_of(theirs, "effect") == pytest.approx(errors_of(mine, "effect"), rel=1e-6)


# An outcome that cannot vary ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_an_outcome_that_cannot_vary_has_a_point_as_interval(method):
    """Exactly, in the draws too; and its correlation with the other is none."""
    data = degenerate.known("fixed price")
    found = trial.analyse(data, method=method, replicates=100, rng=1)
    one = found.perspectives[0]
    cost = one.delta_cost(INTERVENTION)
    draws = found.draws(n_draws=100, rng=1)

    assert (cost.value, cost.se) == (pytest.approx(312.37), 0.0)
    assert cost.interval == (cost.value, cost.value)
    assert one.complete_case.bca(one.contrast(INTERVENTION, cost=1)) == (cost.value, cost.value)
    assert np.ptp(draws["cost"].values, axis=0) == pytest.approx(0, abs=1e-9)
    assert np.isnan(one.correlation(INTERVENTION))
    assert np.isfinite(hecon.ceac(draws, wtp=[20_000]).values).all()


@pytest.mark.parametrize("method", METHODS)
def test_two_outcomes_that_cannot_vary_leave_no_doubt(method):
    """A net benefit of exactly 0 is at least 0; rounding errors do not decide on it."""
    equal = degenerate.trial(np.full((40, 3), 0.7), np.full((40, 2), 812.37 / 3))
    dearer = degenerate.trial(np.full((40, 3), 0.7), np.where(np.arange(40) < 20, 500.0, 812.37)[:, None] * [1, 0.1])
    found = [trial.analyse(each, method=method, replicates=60, rng=1).perspectives[0] for each in (equal, dearer)]

    assert [each.p_cost_effective(INTERVENTION, wtp=20_000) for each in found] == [1.0, 0.0]
    assert found[0].delta_cost(INTERVENTION).value == found[0].delta_effect(INTERVENTION).value == 0
    assert found[1].net_benefit(INTERVENTION, wtp=20_000).se == 0


def test_equal_replicates_count_as_equal_in_the_interval_of_complete_cases():
    """Of one event in each arm, costs regressed on the arm alone, they differ by 2,400 / 40 or a multiple of it.

    Replicates are spread by the root of 40/39, which makes up for what a bootstrap of 40 patients lacks.
    """
    data = replace(degenerate.known("2 admitted"), regressors="own")
    one = trial.analyse(data, replicates=1000, rng=1).perspectives[0]
    contrast = one.contrast(INTERVENTION, cost=1)
    values = one.complete_case.spread.values(contrast)
    low, high = one.complete_case.bca(contrast)

    assert one.delta_cost(INTERVENTION).value == pytest.approx(0, abs=1e-9)
    assert (values == 0).sum() > 250
    assert (one.replicates[0] @ contrast == 0).sum() > 250
    steps = values / (60 * np.sqrt(40 / 39))
    assert steps == pytest.approx(np.round(steps), abs=1e-9)
    assert low == pytest.approx(-high)


def test_a_gamma_model_of_few_events_is_refused():
    """Replicates without a cost in an arm have no fit, and they are the extreme ones."""
    data = degenerate.known("6 admitted")
    with pytest.raises(InputError, match=r"model='gamma-log' must fit at least 95% of the bootstrap replicates, or"):
        trial.analyse(data, model="gamma-log", replicates=200, rng=1)


def test_rounding_errors_are_no_variation():
    tenths = np.array([0.1 + 0.2, 0.3, 0.3])
    values = np.column_stack([tenths, [0.3, 0.3, 0.3 + 1e-9], [0.0, 0.0, 0.0]])

    assert are_constant(values).tolist() == [True, False, True]
    assert (mean_of(np.full((7, 2), 0.1)) == 0.1).all()
    assert sum_of(np.array([1.0, -1.0]), tenths[:2]) == 0
    assert sum_of(np.array([1.0, -1.0]), np.array([0.3, 0.2])) == pytest.approx(0.1)
    assert variance_of(np.array([1.0, -1.0]), np.full((2, 2), 0.1) + np.diag([1e-17, 0])) == 0
    assert variance_of(np.array([1.0, -1.0]), np.eye(2)) == 2
    assert without_rounding(tenths - 0.3, np.full(3, 0.6), 0.0).tolist() == [0, 0, 0]
    assert without_rounding(np.array([0.3, 0.5]), np.ones(2), 0.0).tolist() == [0.3, 0.5]


# What is said of it ---------------------------------------------------------------------------------------------------


def test_what_is_fixed_by_design_is_told_from_what_did_not_vary():
    """A price that an arm pays throughout is fixed; a use that no one had, or a utility of 1 for all, was observed."""
    nothing = degenerate.known("fixed price")
    paid = replace(nothing, costs=np.where(nothing.arm[:, None] == 1, [500.0, 80.0], [500.0, 0.0]))
    kinds = {
        name: [(each.outcome, each.kind) for each in trial.analyse(data, replicates=60).perspectives[0].variation]
        for name, data in {
            "no work": nothing,
            "paid": paid,
            "ceiling": degenerate.known("all 1"),
            "varies": degenerate.imbalanced(np.random.default_rng(1), n=30),
        }.items()
    }

    assert kinds == {
        "no work": [("cost", "constant")],
        "paid": [("cost", "fixed")],
        "ceiling": [("effect", "constant")],
        "varies": [],
    }


def test_the_utility_at_the_start_alone_bears_no_interval():
    """QALYs are adjusted for it: where all utilities after it are equal, or nearly all, nothing or little is left."""
    varies = degenerate.known("varies")
    same, few = varies.utilities.copy(), varies.utilities.copy()
    same[:, 1:] = few[:, 1:] = 0.9
    few[[0, -1], 2] = 0.5
    for utilities, kind, says in ((same, "constant", "do not vary within any arm"), (few, "few", "fewer than 10")):
        with pytest.warns(StatisticalWarning, match=f"^utilities after the start .*{says}"):
            found = trial.analyse(replace(varies, utilities=utilities), replicates=60, rng=1)
        assert [(each.outcome, each.kind) for each in found.perspectives[0].variation] == [("effect", kind)]
        assert (found.perspectives[0].delta_effect(degenerate.ARMS[1]).se == 0) == (kind == "constant")


@pytest.mark.parametrize("method", METHODS)
def test_costs_that_follow_from_a_covariate_are_no_certainty(method):
    """A tariff by category of patient: costs differ within arms, but nothing of them is left beside the covariate."""
    varies = degenerate.known("varies")
    group = np.arange(len(varies.costs)) % 2
    tariffs = degenerate.trial(varies.utilities, np.column_stack([100.0 + 700 * group, 0 * group]), covariates=group)
    with pytest.warns(
        StatisticalWarning, match="costs from the societal perspective follow without error from the arm"
    ):
        trial.analyse(tariffs, method=method, replicates=60, rng=1)


@pytest.mark.parametrize(("kind", "few"), [("6 below 1", True), ("2 admitted", True), ("20 admitted", False)])
def test_few_events_are_told_without_their_number(kind, few):
    """By a warning, in the report and in its data."""
    data = degenerate.known(kind)
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        found = trial.analyse(data, replicates=60, rng=1)
    told = [str(each.message) for each in given if issubclass(each.category, StatisticalWarning)]
    text = " ".join(interval_sentences(TrialWords(found, Locale("en")), found.perspectives[0]))

    assert [f"fewer than {FEW_EVENTS} patients differ" in each for each in told] == [True] * few
    assert ("Few events" in text) == few
    assert all("'usual care' and 'intervention'" in each for each in told)
    assert not any(kind.split()[0] in each for each in (*told, *(text.partition("Few events")[2].split()[:1])))
    assert len(json.loads(json.dumps(found.to_json()))["perspectives"]["societal"]["variation"]) == few


def test_patients_of_whom_nothing_is_known_do_not_count_as_alike():
    """Nine of forty came back to either visit: few are known, and all of them differ."""
    data = degenerate.known("varies")
    data.utilities[9:40] = np.nan
    all_ = variables_of(data)

    assert variations_of(data, all_, regression.plan(data, all_, ("societal",))) == ((),)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("data", "key"),
    [
        (replace(degenerate.known("fixed price"), perspectives={"societal": ("care",)}), "fixed"),
        (degenerate.known("fixed price"), "constant_cost"),
        (degenerate.known("all 1"), "constant_effect"),
        (degenerate.known("2 admitted"), "few_cost"),
        (degenerate.known("4 below 1"), "few_effect"),
    ],
)
def test_the_report_says_what_an_interval_is_worth(data, key, lang):
    """In both languages, as prose and as plain data."""
    found = trial.analyse(data, replicates=60, rng=1)
    words = TrialWords(found, Locale(lang))
    arms = words.joined(list(words.names.values()))
    plain = trial_data(assess_trial(found, found.draws(n_draws=50, rng=1)), Locale(lang))["perspectives"]["societal"]

    assert words.method(key, arms=arms, n=10) in interval_sentences(words, found.perspectives[0])
    assert [each["kind"] for each in plain["variation"]] == [key.partition("_")[0]]


# Baseline imbalance ---------------------------------------------------------------------------------------------------


def test_an_imbalance_at_the_start_does_not_bias_complete_data():
    """With the same regressors: as ordinary least squares. With own ones it stays in the costs, and in the QALYs."""
    found = {"same": [], "own": []}
    for seed in range(40):
        data = degenerate.imbalanced(np.random.default_rng(seed))
        for regressors, differences in found.items():
            changed = replace(data, regressors=regressors)
            all_ = variables_of(changed)
            plan = regression.plan(changed, all_, ("societal",))
            means = regression.resampled_means(all_.values, plan, np.ones((1, data.arm.size)))[0, 0]
            differences.append(np.diff(means, axis=1)[:, 0])
            if regressors == "same" and seed < 3:
                assert differences[-1] == pytest.approx(degenerate.least_squares(data)[0], rel=1e-9)
    same, own = (np.array(each) for each in found.values())
    error = same.std(axis=0) / np.sqrt(len(same))
    apart = (own - same).mean(axis=0) / ((own - same).std(axis=0) / np.sqrt(len(own)))

    assert (np.abs(same.mean(axis=0)) < 3 * error).all()
    assert apart[0] < -10
    assert apart[1] > 5
