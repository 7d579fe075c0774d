"""The analysis of a trial: against independent figures, its three ways against each other, and what it keeps to."""

import dataclasses
import json
import warnings
from importlib import import_module

import numpy as np
import patients as trials
import pytest
from scipy import stats

import hecon
from hecon import trial
from hecon.errors import InputError, StatisticalWarning
from hecon.trial import analysing, imputation, pipelines, regression
from hecon.trial.analysing import METHODS
from hecon.trial.estimates import PooledImputations, pool
from hecon.trial.imputation import ImputationModel, variables_of
from hecon.trial.sensitivity import CHOICES, SCENARIOS
from hecon.trial.valuation import discount_factors, qaly_weights

pytestmark = [pytest.mark.usefixtures("few_samples"), pytest.mark.slow, pytest.mark.counted]

INTERVENTION = trials.ARMS[1]


@pytest.fixture(scope="module")
def made():
    """Return a small trial with missing data and its analysis."""
    data = trials.made(np.random.default_rng(1), two=True)
    return data, trial.analyse(data, imputations=5, replicates=400, rng=1)


# The tutorial of Ben et al. 2023 --------------------------------------------------------------------------------------


def pooled_over_given_sets(sets, rng):
    """Return the pooled estimates of sets that were imputed elsewhere."""
    points, spreads = [], []
    for data in sets:
        all_ = variables_of(data)
        plan = regression.plan(data, all_, ("societal",))
        settings = pipelines.Settings("sur", None, 0.01, ImputationModel(), 5000, (), lambda *_: None)
        point, replicates, _, _ = pipelines.replicates_of(all_.values, data, plan, settings, rng)
        points.append(point[0])
        spreads.append(np.cov(replicates[:, 0], rowvar=False))
    return pool(points, spreads, complete_df=200 - 5)


def test_known_figures_come_out_of_the_imputed_sets_of_the_tutorial():
    """Five sets imputed with R mice: ΔC 1,293.5, ΔQ 0.06572, SE 509 and 0.01127, ICER 19,684, P 0.512 and 0.938.

    The tutorial has own regressors in each equation.
    """
    sets = [dataclasses.replace(each, regressors="own") for each in trials.tutorial_sets()]
    pooled = pooled_over_given_sets(sets, np.random.default_rng(1))
    cost, effect = pooled.of([-1, 1, 0, 0]), pooled.of([0, 0, -1, 1])
    shares = [pooled.above_zero([1, -1, -value, value]) for value in (20_000, 40_000)]

    assert cost.value == pytest.approx(1293.5, abs=0.05)
    assert effect.value == pytest.approx(0.06572, abs=5e-6)
    assert cost.value / effect.value == pytest.approx(19_684, abs=0.5)
    # A standard error of 5 × 5,000 replicates is known to about 1%.
    assert cost.se == pytest.approx(509, rel=0.015)
    assert effect.se == pytest.approx(0.01127, rel=0.015)
    assert shares == pytest.approx([0.512, 0.938], abs=0.01)


def test_own_imputation_of_the_tutorial_gives_the_same_conclusions():
    """Against R mice: ΔC 1,293.5 with a Monte Carlo error of √(B/M), about 53 there and 27 here."""
    data = dataclasses.replace(trials.tutorial(), regressors="own")
    found = trial.analyse(data, imputations=20, replicates=2000, rng=1).perspective("societal")
    cost, effect = found.delta_cost(INTERVENTION), found.delta_effect(INTERVENTION)
    noise = np.hypot(53, cost.monte_carlo_se)

    assert abs(cost.value - 1293.5) < 3 * noise
    assert abs(effect.value - 0.06572) < 3 * np.hypot(0.00095, effect.monte_carlo_se)
    assert cost.se == pytest.approx(509, rel=0.1)
    assert effect.se == pytest.approx(0.01127, rel=0.1)
    assert found.p_cost_effective(INTERVENTION, wtp=40_000) > 0.85


# Nothing missing ------------------------------------------------------------------------------------------------------


def test_without_missing_values_the_main_analysis_is_that_of_complete_cases():
    data = trials.made(np.random.default_rng(2), missing=0)
    found = trial.analyse(data, replicates=2000, rng=1)
    one = found.perspective("societal")
    weights = one.contrast(INTERVENTION, cost=1)

    assert found.imputation is None
    assert found.settings["imputations"] is None
    assert one.complete_case.patients == (60, 70)
    assert one.complete_case.spread.of(weights).value == pytest.approx(one.delta_cost(INTERVENTION).value)
    assert one.complete_case.spread.of(weights).se == pytest.approx(one.delta_cost(INTERVENTION).se, rel=0.1)
    assert one.delta_cost(INTERVENTION).fmi == 0


def test_the_bootstrap_error_is_that_of_the_regression():
    """In large samples: residual variance over the arms, here by ordinary least squares with equal regressors."""
    data = trials.made(np.random.default_rng(3), (300, 300), missing=0)
    found = trial.analyse(data, replicates=4000, rng=1).perspective("societal").delta_cost(INTERVENTION)
    y = data.costs @ discount_factors([(e.start, e.end) for e in data.items], discount=0.03)
    design = np.column_stack([np.ones(600), data.arm, data.covariates, data.utilities[:, 0]])
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    se = np.sqrt(left @ left / 596 * np.linalg.inv(design.T @ design)[1, 1])

    assert found.se == pytest.approx(se, rel=0.05)
    assert 0.95 * (600 - 2 - 2) < found.df <= 600 - 2 - 2


# Three ways -----------------------------------------------------------------------------------------------------------


@pytest.mark.no_cover
def test_the_three_ways_agree_within_their_noise():
    data = trials.made(np.random.default_rng(4), (150, 150))
    found = {
        method: trial.analyse(data, method=method, imputations=number, replicates=150, rng=2).perspective("societal")
        for method, number in zip(METHODS, (10, None, 2), strict=True)
    }
    main = found["imputation"]
    for other in found.values():
        for name in ("delta_cost", "delta_effect"):
            mine, theirs = getattr(main, name)(INTERVENTION), getattr(other, name)(INTERVENTION)

            assert theirs.value == pytest.approx(mine.value, abs=0.35 * mine.se)
            assert theirs.se == pytest.approx(mine.se, rel=0.25)


@pytest.mark.no_cover
def test_a_known_effect_lies_in_its_interval_about_as_often_as_promised():
    """Forty small trials: 95% intervals hold the truth in 32 or more, as all but one in three thousand would."""
    rng = np.random.default_rng(5)
    factor = discount_factors([(0.0, 12.0)], discount=0.03)[0]
    weight = qaly_weights([0, 12, 24], discount=0.015)[1:].sum()
    inside = np.zeros(2, int)
    for _ in range(40):
        data = trials.made(rng, missing=0.2)
        one = trial.analyse(data, imputations=4, replicates=100, rng=rng).perspective("societal")
        for at, (estimate, truth) in enumerate(
            ((one.delta_cost(INTERVENTION), 500 * factor), (one.delta_effect(INTERVENTION), 0.05 * weight))
        ):
            inside[at] += estimate.interval[0] <= truth <= estimate.interval[1]

    assert (inside >= 32).all()


# Departures from missing at random ------------------------------------------------------------------------------------


def test_worse_utilities_of_those_who_left_lower_the_effect():
    data = trials.made(np.random.default_rng(7), missing=0.3)
    worse = trial.Departure(INTERVENTION, utility=-0.1)
    dearer = trial.Departure(INTERVENTION, cost=1.5)
    plain, shifted, costly = (
        trial.analyse(data, departures=some, imputations=10, replicates=100, rng=3).perspective("societal")
        for some in ((), (worse,), (dearer,))
    )

    assert shifted.delta_effect(INTERVENTION).value < plain.delta_effect(INTERVENTION).value - 0.01
    assert costly.delta_cost(INTERVENTION).value > plain.delta_cost(INTERVENTION).value + 50


def test_a_departure_changes_what_was_imputed_by_what_it_says_and_nothing_else():
    data = trials.made(np.random.default_rng(8), missing=0.3)
    some = (trial.Departure(INTERVENTION, utility=-0.05), trial.Departure(cost=1.1))
    plain, shifted = (trial.impute(data, count=3, departures=each, rng=1) for each in ((), some))
    all_, gone = plain.variables, np.isnan(plain.variables.values)
    other = data.arm == 0
    utilities, costs = all_.utilities, all_.costs

    assert np.array_equal(plain.values[:, ~gone], shifted.values[:, ~gone])
    assert np.array_equal(plain.values[:, other, utilities], shifted.values[:, other, utilities])
    change = (shifted.values - plain.values)[:, ~other, utilities][:, gone[~other, utilities]]
    assert change == pytest.approx(-0.05)
    ratio = (shifted.values[:, :, costs] / plain.values[:, :, costs])[:, gone[:, costs]]
    assert ratio == pytest.approx(1.1)


def test_imputed_utilities_keep_to_the_value_set_after_a_departure():
    data = dataclasses.replace(trials.made(np.random.default_rng(8)), utility_floor=-0.2)
    found = trial.impute(data, count=3, departures=(trial.Departure(utility=0.9),), rng=1)
    gone = np.isnan(found.variables.values[:, found.variables.utilities])
    imputed = found.values[:, :, found.variables.utilities][:, gone]

    assert imputed.max() <= 1
    assert np.mean(imputed == 1) > 0.9


def test_costs_are_matched_on_the_log_scale_where_much_is_missing():
    data = trials.made(np.random.default_rng(9), missing=0.4)
    found, never = (trial.impute(data, count=2, log_from=share, rng=1) for share in (0.35, 1.0))

    assert found.log_matched
    assert all("care" in each or "work" in each for each in found.log_matched)
    assert never.log_matched == ()


# What results keep to -------------------------------------------------------------------------------------------------


def test_all_verbs_take_the_draws(made):
    _, found = made
    draws = found.draws(n_draws=4000, rng=1)
    one = found.perspective("healthcare")
    pair = hecon.icer(draws).sel(perspective="healthcare", strategy=INTERVENTION)
    shares = hecon.ceac(draws, wtp=[20_000, 80_000]).sel(perspective="healthcare", strategy=INTERVENTION)
    wanted = [one.p_cost_effective(INTERVENTION, wtp=value) for value in (20_000, 80_000)]

    assert float(pair["delta_cost"]) == pytest.approx(one.delta_cost(INTERVENTION).value, rel=1e-9)
    assert float(pair["delta_effect"]) == pytest.approx(one.delta_effect(INTERVENTION).value, rel=1e-9)
    assert shares.to_numpy() == pytest.approx(wanted, abs=0.025)
    for verb in (hecon.net_benefit, hecon.ceaf, hecon.expected_loss, hecon.evpi, hecon.incremental_net_benefit):
        assert np.isfinite(
            verb(draws, wtp=[20_000]).to_array() if verb is hecon.decision_curves else verb(draws, wtp=[20_000])
        ).all()
    assert draws["cost_replicate"].dims == ("perspective", "imputation", "replicate", "strategy")
    json.dumps(draws.attrs["trial"], allow_nan=False)


def test_qalys_are_drawn_alike_in_all_perspectives(made):
    """The regressions differ by what cost explains of QALYs, which is little; chance must add nothing."""
    data, _ = made
    plain = dataclasses.replace(data, adjusts=(frozenset({"effect"}),))
    draws = trial.analyse(plain, imputations=3, replicates=200, rng=1).draws(n_draws=500, rng=1)
    first, second = draws["effect"].to_numpy()

    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.99


def test_bootstrap_draws_are_the_replicates():
    data = trials.made(np.random.default_rng(11))
    found = trial.analyse(data, method="bootstrap-single", replicates=60, rng=1)
    draws = found.draws(rng=1)

    assert draws.sizes["draw"] == 60
    assert np.array_equal(draws["cost"].to_numpy(), found.perspectives[0].replicates[0, :, :2])


def test_the_order_of_the_arms_changes_nothing_but_the_sign():
    data = trials.made(np.random.default_rng(12), missing=0)
    turned = dataclasses.replace(data, strategies=data.strategies[::-1], arm=1 - data.arm)
    one, other = (trial.analyse(each, replicates=3000, rng=1).perspective("societal") for each in (data, turned))

    assert other.delta_cost(trials.ARMS[0]).value == pytest.approx(-one.delta_cost(INTERVENTION).value, rel=1e-9)
    assert other.delta_cost(trials.ARMS[0]).se == pytest.approx(one.delta_cost(INTERVENTION).se, rel=0.06)


def test_three_arms_are_each_held_against_the_comparator():
    data = trials.made(np.random.default_rng(13), (60, 60, 60), arms=("care", "more", "most"), missing=0.1)
    found = trial.analyse(data, imputations=5, replicates=300, rng=1).perspective("societal")
    draws = trial.analyse(data, imputations=5, replicates=300, rng=1).draws(n_draws=500, rng=1)

    assert draws["strategy"].to_numpy().tolist() == ["care", "more", "most"]
    assert found.delta_cost("more").value != found.delta_cost("most").value
    with pytest.raises(InputError, match="strategy must be one of 'more', 'most', got 'care'"):
        found.delta_cost("care")


def test_equal_seeds_give_equal_results(made):
    data, found = made
    again = trial.analyse(data, imputations=5, replicates=400, rng=1)

    assert np.array_equal(again.perspectives[0].spread.mean, found.perspectives[0].spread.mean)
    assert np.array_equal(again.perspectives[1].replicates, found.perspectives[1].replicates)


def test_progress_is_told_and_ends():
    told = []
    data = trials.made(np.random.default_rng(14))
    trial.analyse(data, imputations=3, replicates=60, rng=1, progress=lambda *each: told.append(each))

    assert told[-1] == ("bootstrap", 3, 3)


# Complete cases -------------------------------------------------------------------------------------------------------


def test_complete_cases_are_those_that_the_perspective_needs(made):
    data, found = made
    seen = ~np.isnan(np.column_stack([data.utilities, data.costs]))
    for one, columns in ((found.perspective("healthcare"), slice(0, 5)), (found.perspective("societal"), slice(None))):
        whole = seen[:, columns].all(axis=1)

        assert one.complete_case.patients == tuple(np.bincount(data.arm[whole]))


@pytest.mark.filterwarnings("ignore:more than half is missing", "ignore:.*degrees of freedom are left")
def test_with_too_few_complete_cases_there_is_no_such_analysis():
    data = trials.made(np.random.default_rng(15), missing=0.65)
    rows = ~np.isnan(np.column_stack([data.utilities, data.costs])).any(axis=1)
    found = trial.analyse(data, imputations=2, replicates=50, rng=1)

    assert np.bincount(data.arm[rows], minlength=2).min() < analysing.FEWEST
    assert found.perspectives[0].complete_case is None
    assert "complete_case" in json.dumps(found.to_json())


def test_more_than_half_missing_is_doubtful():
    data = trials.made(np.random.default_rng(27), missing=0)
    data.costs[2:50, 1] = np.nan
    with pytest.warns(StatisticalWarning) as told:
        found = trial.analyse(data, imputations=2, replicates=50, rng=1)

    assert "more than half is missing in arm 'usual care' of care, 12 to 24 months" in str(told[0].message)
    assert "a variable is observed in 12 patients only: the result rests on the imputation model" in str(
        told[1].message
    )
    assert found.warnings == tuple(str(each.message) for each in told)


@pytest.mark.filterwarnings("ignore:more than half is missing")
@pytest.mark.parametrize(("imputation", "other"), [("pmm", "scaled"), ("scaled", "pmm")])
def test_few_who_lend_are_doubtful_also_where_no_complete_case_can_tell(imputation, other):
    """Two of sixty lend to all others: standard errors are then too small, and nobody complete shows it."""
    data = trials.made(np.random.default_rng(1), (60, 60), missing=0.1)
    data.costs[np.flatnonzero(data.arm == 1)[2:], 0] = np.nan
    says = f"arm 'intervention' is observed in 2 patients only, .* see how far with imputation='{other}'"
    with pytest.warns(StatisticalWarning, match=says):
        found = trial.analyse(data, imputation=imputation, imputations=4, replicates=50, rng=1)

    assert found.perspectives[0].complete_case is None
    assert sum("patients only" in each for each in found.warnings) == 1


def test_the_jackknife_is_the_analysis_without_each_patient():
    data = trials.made(np.random.default_rng(16), (12, 14), missing=0)
    all_ = variables_of(data)
    plan = regression.plan(data, all_, ("societal",))
    found = regression.jackknife_means(all_.values, plan, data.arm)
    for row in range(26):
        rest = np.delete(np.arange(26), row)
        own = regression.plan(analysing.rows_of(data, np.isin(np.arange(26), rest)), all_, ("societal",))

        assert found[row] == pytest.approx(
            regression.resampled_means(all_.values[rest], own, np.ones((1, 25)))[0], rel=1e-8
        )


# Bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            {"method": "mice"},
            "method must be one of 'imputation', 'bootstrap-single', 'bootstrap-imputation', got 'mice'",
        ),
        ({"model": "mixed"}, "needs clusters: name their column in the design"),
        ({"perspectives": ["payer"]}, "perspectives must be one of 'societal', got 'payer'"),
        ({"imputations": 1}, "imputations must be a whole number of at least 2, got 1"),
        ({"replicates": 10}, "replicates must be a whole number of at least 50, got 10"),
        ({"iterations": 0}, "iterations must be a whole number of at least 1"),
        ({"donors": 0}, "donors must be a whole number of at least 1"),
        ({"log_from": 2}, r"log_from must lie in \[0, 1\], got 2"),
        ({"departures": [trial.Departure("surgery")]}, "departure.strategy must be one of"),
        ({"departures": trial.Departure()}, "departures must be a list .* put it in square brackets"),
        ({"departures": ["worse"]}, "departures must be a list of hecon.trial.Departure, got str in it"),
        ({"departures": [trial.Departure(cost=0)]}, "departure.cost must be above 0"),
        ({"rng": -1}, "rng must be"),
    ],
)
def test_an_option_that_breaks_its_rule_is_refused(options, says):
    with pytest.raises(InputError, match=says):
        trial.analyse(trials.made(np.random.default_rng(1)), **options)


def test_a_variable_that_nobody_of_an_arm_has_is_refused_by_name():
    data = trials.made(np.random.default_rng(1))
    data.costs[data.arm == 1, 2] = np.nan
    with pytest.raises(InputError, match="work, 0 to 12 months must be observed in at least 2 patients of the arm"):
        trial.impute(data)


def test_degrees_of_freedom_and_spread_make_the_interval(made):
    _, found = made
    one = found.perspective("societal").net_benefit(INTERVENTION, wtp=20_000)
    half = stats.t.ppf(0.975, one.df) * one.se

    assert one.interval == pytest.approx((one.value - half, one.value + half))
    assert isinstance(found.perspective("societal").spread, PooledImputations)


def test_no_warning_is_given_by_a_sound_trial(made):
    data, _ = made
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trial.analyse(data, imputations=5, replicates=50, rng=1)


# Generalised linear models --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["gamma-log", "gamma-identity"])
def test_a_gamma_model_of_costs_finds_the_same_difference_and_the_same_qalys(model):
    """Beside a regressor that matters a gamma model weighs patients otherwise: costs are regressed on age alone."""
    data = dataclasses.replace(trials.made(np.random.default_rng(17), (200, 200)), regressors="own")
    plain, gamma = (
        trial.analyse(data, model=each, imputations=5, replicates=300, rng=1).perspective("societal")
        for each in ("sur", model)
    )
    mine, theirs = plain.delta_cost(INTERVENTION), gamma.delta_cost(INTERVENTION)

    assert theirs.value == pytest.approx(mine.value, abs=0.3 * mine.se)
    assert theirs.value != mine.value
    assert theirs.se == pytest.approx(mine.se, rel=0.15)
    assert gamma.delta_effect(INTERVENTION).value == pytest.approx(plain.delta_effect(INTERVENTION).value, rel=1e-9)
    assert gamma.complete_case.bca(gamma.contrast(INTERVENTION, cost=1)) != mine.interval


# Scenarios ------------------------------------------------------------------------------------------------------------

# Of two ways to impute, and to choose regressors, one is that of the main analysis.
DONE = [code for code in SCENARIOS if code not in {"same-regressors", "pmm"}]
# Of a trial in which nobody died.
OF_ALL = [each for each in CHOICES if not each.startswith("death-")]
DONE[4:4] = OF_ALL


def test_scenarios_stand_beside_the_main_analysis(made, monkeypatch):
    """Those that shift what was imputed shift that of the main analysis: what they leave alone stays as it is there."""
    data, found = made
    monkeypatch.setattr(imputation, "FEWEST_IN_ALL", 300)
    told = trial.scenarios(data, found, rng=1)
    codes = [each.code for each in told if each.perspective == "societal"]
    by_code = {each.code: each for each in told if each.perspective == "societal"}
    main = by_code["main"]

    assert codes == DONE
    assert main.delta_cost == found.perspective("societal").delta_cost(INTERVENTION)
    assert by_code["worse-all"].delta_cost.value == pytest.approx(main.delta_cost.value, rel=0.02)
    assert by_code["worse-intervention"].delta_effect.value < main.delta_effect.value
    assert by_code["worse-intervention"].delta_effect.value < by_code["worse-all"].delta_effect.value
    assert by_code["dearer-intervention"].delta_cost.value > main.delta_cost.value
    assert by_code["dearer-intervention"].delta_effect.value == pytest.approx(main.delta_effect.value, rel=0.02)
    assert all(0 <= share <= 1 for each in told for share in each.p_cost_effective.values())


@pytest.mark.no_cover
@pytest.mark.filterwarnings("ignore:more than half is missing")
def test_scenarios_keep_the_settings_of_the_main_analysis(monkeypatch):
    """Also where that imputed bootstrap samples, and kept no sets."""
    monkeypatch.setattr(imputation, "PILOT", 20)
    monkeypatch.setattr(imputation, "FEWEST_IN_ALL", 1000)
    data = trials.made(np.random.default_rng(20), missing=0.2)
    shifted = trial.Departure(INTERVENTION, utility=-0.2)
    options = {"method": "bootstrap-single", "replicates": 60, "rng": 1}
    plain, worse = (trial.analyse(data, departures=some, **options) for some in ((), (shifted,)))
    codes, effects = [], []
    for main in (plain, worse):
        told = trial.scenarios(data, main, rng=1)
        codes.append([each.code for each in told])
        effects.append({each.code: each.delta_effect.value for each in told})

    assert codes == [DONE, DONE]
    for code in set(DONE) - {"complete-case"}:
        assert effects[1][code] < effects[0][code] - 0.01


def test_the_other_imputation_stands_beside_local_scaling(monkeypatch):
    monkeypatch.setattr(imputation, "FEWEST_IN_ALL", 300)
    data = trials.made(np.random.default_rng(1))
    main = trial.analyse(data, imputation="scaled", imputations=3, replicates=60, rng=1)
    results = {each.code: each for each in trial.scenarios(data, main, rng=1)}
    matched = trial.analyse(data, imputations=40, replicates=60, rng=2).perspectives[0].delta_cost(INTERVENTION)

    assert main.settings["matching"][INTERVENTION] == {"donors": 5, "match_type": 1}
    assert "scaled" not in results
    assert results["pmm"].delta_cost.value == pytest.approx(matched.value, abs=matched.se)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"imputation": "norm"}, "imputation must be one of 'pmm', 'scaled'"),
        ({"match_type": 2}, "match_type must be 0 or 1, got 2"),
        ({"match_type": True}, "match_type must be 0 or 1, got True"),
        ({"imputation": "scaled", "match_type": 0}, "match_type must be 1 with imputation='scaled'"),
    ],
)
def test_an_imputation_that_there_is_not_is_refused(options, message):
    data = trials.made(np.random.default_rng(1))
    for verb in (trial.analyse, trial.impute):
        with pytest.raises(InputError, match=message):
            verb(data, **options)


def test_the_donors_follow_from_how_many_are_observed(monkeypatch):
    """And stand in the settings of each arm, whether chosen or given."""
    data = trials.made(np.random.default_rng(1))

    def matching(**options):
        settings = trial.analyse(data, imputations=2, replicates=50, rng=1, **options).settings
        return [(each["donors"], each["match_type"]) for each in settings["matching"].values()]

    assert matching() == [(1, 1), (1, 1)]
    assert matching(donors=7) == [(7, 1), (7, 1)]
    assert matching(donors=2, match_type=0) == [(2, 0), (2, 0)]
    assert matching(imputation="scaled") == [(5, 1), (5, 1)]
    monkeypatch.setattr(import_module(trial.impute.__module__), "FEW_OBSERVED", 20)
    assert matching() == [(5, 1), (5, 1)]


def test_more_donors_than_there_are_are_refused():
    data = trials.made(np.random.default_rng(1), (20, 30))
    fewest = int((~np.isnan(variables_of(data).values[data.arm == 0])).sum(axis=0).min())
    rule = f"donors must be at most {fewest}, for so many patients of '{trials.ARMS[0]}' have a value of '.*'; got 25"
    for verb in (trial.analyse, trial.impute, hecon.from_patients):
        with pytest.raises(InputError, match=rule):
            verb(data, donors=25)
    trial.impute(data, count=1, donors=fewest, rng=1)


def test_draws_of_patients_take_the_options_of_the_imputation():
    """They are the draws of the analysis with those options, replicates included."""
    data = trials.made(np.random.default_rng(1))
    options = {"imputation": "scaled", "donors": 3, "imputations": 2}
    draws = hecon.from_patients(data, n_draws=50, rng=np.random.default_rng(4), **options)
    random = np.random.default_rng(4)
    found = trial.analyse(data, rng=random, **options)

    assert draws.identical(found.draws(n_draws=50, rng=random))
    assert {each["donors"] for each in draws.attrs["trial"]["settings"]["matching"].values()} == {3}
    with pytest.raises(InputError, match=r"monte_carlo_error must be at most 0\.5"):
        hecon.from_patients(data, monte_carlo_error=0.6)


def test_without_missing_values_only_the_model_can_differ():
    data = trials.made(np.random.default_rng(18), missing=0)
    found = trial.analyse(data, replicates=60, rng=1)

    assert [each.code for each in trial.scenarios(data, found, rng=1)] == DONE[: 5 + len(OF_ALL)]


@pytest.mark.parametrize(
    ("known", "gone"),
    [
        ("utilities", {"worse-all", "worse-intervention"}),
        ("costs", {"dearer-intervention"}),
        ("utilities of the intervention", {"worse-intervention"}),
        ("costs of the intervention", {"dearer-intervention"}),
    ],
)
def test_a_departure_that_moves_nothing_is_no_analysis(monkeypatch, known, gone):
    """It would count among those that turn nothing."""
    data = trials.made(np.random.default_rng(18))
    whole = trials.made(np.random.default_rng(18), missing=0)
    rows = data.arm >= (1 if "intervention" in known else 0)
    field = known.partition(" ")[0]
    filled = np.where(rows[:, None], getattr(whole, field), getattr(data, field))
    data = dataclasses.replace(data, **{field: filled})
    found = trial.analyse(data, imputations=10, replicates=50, rng=1)
    monkeypatch.setattr(analysing, "run", lambda *_: found)

    assert {each.code for each in trial.scenarios(data, found, rng=1)} == set(DONE) - gone


def test_other_values_of_a_qaly_have_their_probabilities(monkeypatch):
    """Beside those of the rules; of several arms against each other too."""
    data = trials.made(np.random.default_rng(18), (60, 60, 60), arms=("a", "b", "c"), missing=0.05)
    found = trial.analyse(data, imputations=2, replicates=50, rng=1)
    monkeypatch.setattr(analysing, "run", lambda *_: found)
    main = next(each for each in trial.scenarios(data, found, wtp=[35_000, 20_000], rng=1) if each.strategy == "b")
    one = found.perspectives[0]

    assert list(main.p_cost_effective) == [10_000, 20_000, 50_000, 80_000, 35_000]
    assert main.p_cost_effective[35_000] == one.p_cost_effective("b", wtp=35_000)
    assert main.p_against == {
        "c": {value: one.p_cost_effective("b", wtp=value, against="c") for value in main.p_cost_effective}
    }
    assert one.p_cost_effective("b", wtp=35_000, against="c") == pytest.approx(
        1 - one.p_cost_effective("c", wtp=35_000, against="b")
    )
    with pytest.raises(InputError, match="strategy must be one of"):
        one.net_benefit("b", wtp=1, against="b")


def test_a_table_needs_its_design_and_a_checked_trial_has_one():
    data = trials.made(np.random.default_rng(1))
    with pytest.raises(InputError, match="design must be given: what the columns of the table hold"):
        trial.analyse({"u0": [0.5]})
    with pytest.raises(InputError, match="design must be left out with a checked trial"):
        trial.analyse(data, "design.toml")


@pytest.mark.filterwarnings("ignore:more than half is missing", "ignore:a variable of arm")
def test_bootstrap_samples_in_which_nobody_has_a_variable_are_drawn_again():
    """Of one variable only two patients of an arm are known: many resamples have neither."""
    data = trials.made(np.random.default_rng(19), (14, 14), missing=0)
    data.costs[2:14, 3] = np.nan
    found = trial.analyse(data, method="bootstrap-single", replicates=60, rng=1)

    assert np.isfinite(found.perspectives[0].replicates).all()


def test_a_departure_leaves_the_utility_at_the_start_alone():
    """QALYs are adjusted for it: shifting it would speak for the arm that is said to do worse."""
    data = trials.made(np.random.default_rng(21), missing=0)
    data.utilities[::3, 0] = np.nan
    plain, worse = (
        trial.analyse(data, departures=some, imputations=3, replicates=50, rng=1).perspective("societal")
        for some in ((), (trial.Departure(INTERVENTION, utility=-0.2),))
    )

    assert worse.delta_effect(INTERVENTION).value == plain.delta_effect(INTERVENTION).value


def test_options_are_checked_also_where_nothing_is_imputed():
    data = trials.made(np.random.default_rng(1), missing=0)
    for options in ({"iterations": 0}, {"donors": 0}, {"log_from": 7}):
        with pytest.raises(InputError, match=f"{next(iter(options))} must"):
            trial.analyse(data, **options)


@pytest.mark.parametrize(
    ("method", "number"), [("imputation", 3), ("bootstrap-single", 1), ("bootstrap-imputation", 3)]
)
def test_the_number_of_imputations_is_told_as_it_was(method, number):
    data, whole = (trials.made(np.random.default_rng(22), missing=share) for share in (0.2, 0))
    options = {"method": method, "replicates": 50} | ({} if method == "bootstrap-single" else {"imputations": 3})
    told = [trial.analyse(each, **options, rng=1).settings for each in (data, whole)]

    assert told[0]["imputations"] == number
    if method != "bootstrap-imputation":
        assert told[1]["imputations"] is None


def test_a_covariate_that_tells_the_arms_apart_is_refused():
    data = trials.made(np.random.default_rng(1))
    site = np.column_stack([data.covariates, data.arm + 3.0])
    muddled = dataclasses.replace(
        data, covariates=site, covariate_names=("age", "site"), covariate_columns=("age", "site"),
        adjusts=(frozenset({"cost"}), frozenset({"cost"})),
    )  # fmt: skip
    with pytest.raises(InputError, match="the arm 'intervention' must not follow from the covariates, which it does"):
        trial.analyse(muddled)


def test_complete_cases_of_one_perspective_do_not_depend_on_the_others(made):
    data, found = made
    alone = trial.analyse(data, perspectives=["healthcare"], imputations=5, replicates=400, rng=1)
    one, other = alone.perspectives[0].complete_case, found.perspective("healthcare").complete_case

    assert np.array_equal(one.spread.replicates, other.spread.replicates)


def test_no_record_shows_a_patient(made):
    """Not in a notebook either: arrays of patients stay out of what is printed."""
    data, found = made
    some = [f"{each:.3f}"[:6] for each in np.concatenate([data.covariates.ravel()[:40], data.costs.ravel()[:60]])]
    shown = [repr(each) for each in (data, found, found.imputation, found.imputation.variables, found.description)]
    shown += [repr(found.perspectives[0]), repr(found.perspectives[0].complete_case)]

    assert not [each for each in some if each != "nan" and any(each in text for text in shown)]


def test_categories_are_imputed_whole():
    """Two dummies of one column: nobody is given two levels."""
    data = trials.made(np.random.default_rng(25), (120, 120), missing=0.1)
    level = np.random.default_rng(26).integers(0, 3, 240)
    dummies = np.eye(3)[level][:, 1:]
    dummies[::5] = np.nan
    with_region = dataclasses.replace(
        data, covariates=np.column_stack([data.covariates, dummies]), adjusts=(frozenset({"cost"}),) * 3,
        covariate_names=("age", "region (level 2)", "region (level 3)"), covariate_columns=("age", "region", "region"),
    )  # fmt: skip
    found = trial.impute(with_region, count=5, rng=1)
    levels = found.values[:, :, 1:3]

    assert found.variables.blocks == ((1, 2),)
    assert levels.sum(axis=2).max() == 1
    assert set(np.unique(levels)) == {0.0, 1.0}


@pytest.mark.filterwarnings("ignore:costs from the societal perspective")
@pytest.mark.parametrize("without", [(0,), (1,), (0, 1)])
@pytest.mark.parametrize("model", ["gamma-log", "gamma-identity"])
def test_a_gamma_model_of_an_arm_without_costs_is_refused(model, without):
    data = trials.made(np.random.default_rng(28), missing=0)
    data.costs[np.isin(data.arm, without)] = 0.0

    with pytest.raises(InputError, match=rf"{data.strategies[without[0]]!r} from the \w+ perspective: use model='sur'"):
        trial.analyse(data, model=model, replicates=60, rng=1)
    assert trial.analyse(data, model="sur", replicates=60, rng=1).model == "sur"


@pytest.mark.filterwarnings("ignore:costs from the societal perspective")
def test_a_scenario_that_cannot_be_fitted_is_left_out_with_a_warning_and_the_others_stand():
    """An arm without costs has no gamma model; complete cases and the rest do not need one."""
    data = trials.made(np.random.default_rng(28), missing=0)
    data.costs[data.arm == 0] = 0.0
    main = trial.analyse(data, replicates=60, rng=1)

    with pytest.warns(StatisticalWarning, match="scenario 'gamma-log' is left out: model='gamma-log' needs costs"):
        others = trial.scenarios(data, main, rng=1)
    assert [each.code for each in others] == DONE[: 4 + len(OF_ALL)]


def test_means_and_errors_of_a_perspective_go_with_its_differences(made):
    """Means of the arms differ by the difference; the largest error is that over all arms and values."""
    _, found = made
    for each in found.perspectives:
        first, second = each.strategies
        costs, effects = (each.mean_cost(name) for name in (first, second)), map(each.mean_effect, (first, second))
        (low, high), (less, more) = costs, effects

        assert high.value - low.value == pytest.approx(each.delta_cost(second).value, rel=1e-9)
        assert more.value - less.value == pytest.approx(each.delta_effect(second).value, rel=1e-9)
        assert each.largest_error == max(each.p_cost_effective_error(second, wtp=value) for value in each.grid())
        bound = each.optimal_error(second, wtp=20_000, draws=10_000)
        assert bound == pytest.approx(np.hypot(each.p_cost_effective_error(second, wtp=20_000), 0.005))


@pytest.mark.parametrize("name", ["mean_cost", "mean_effect", "optimal_error"])
def test_an_arm_that_there_is_none_of_is_refused(made, name):
    options = {"wtp": 20_000, "draws": 100} if name == "optimal_error" else {}
    with pytest.raises(InputError, match=r"strategy must be one of 'usual care', 'intervention', got 'other'"):
        getattr(made[1].perspectives[0], name)("other", **options)
