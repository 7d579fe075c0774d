"""Reference-based imputation: against conditional normals by hand, and what it leaves alone."""

from dataclasses import replace

import numpy as np
import patients
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hecon import trial
from hecon.errors import InputError, StatisticalWarning
from hecon.trial import reference_based
from hecon.trial.deaths import Deaths, with_deaths
from hecon.trial.description import describe
from hecon.trial.imputation import impute, scale_ends, variables_of
from hecon.trial.reference_based import METHODS, after_departure, impute_after, reference_plan
from hecon.trial.table.checking import Deviations, after_last

pytestmark = pytest.mark.usefixtures("few_samples")

USUAL, NEW = patients.ARMS


class Still:
    """A generator without noise: normal deviates are 0, chi-squared ones their mean."""

    @staticmethod
    def standard_normal(shape):
        return np.zeros(shape)

    @staticmethod
    def chisquare(df, shape):
        return np.broadcast_to(np.asarray(df, float), shape)


def departed(seed=1, sizes=(40, 50), *, months=None, reference=USUAL, arms=patients.ARMS, rule="last-visit"):
    """Return a two-year trial in which a quarter leave after a year, with some gaps and departures by month."""
    data = patients.made(np.random.default_rng(seed), sizes, arms=arms, missing=0.05)
    rng = np.random.default_rng(seed + 100)
    utilities, costs = data.utilities.copy(), data.costs.copy()
    gone = rng.random(data.arm.size) < 0.25
    utilities[gone, 2], costs[gone, 1], costs[gone, 3] = np.nan, np.nan, np.nan
    at = after_last(rule, data.months, utilities, data.items, costs) if months is None else np.asarray(months, float)
    deviations = Deviations(at, rule, reference, METHODS)
    return replace(data, utilities=utilities, costs=costs, deviations=deviations)


def alive(data, arm, sets=1):
    """Return that every patient of an arm lives."""
    return np.ones((sets, int((data.arm == arm).sum())), dtype=bool)


def completed(data, sets=2):
    return impute(data, count=sets, iterations=2, rng=3).values


# Against a naive oracle -----------------------------------------------------------------------------------------------


def moments(values, ridge):
    """Return mean and covariance with a ridge of one patient; without noise the precision is that of n − 1 − i."""
    mean = values.mean(axis=0)
    squares = (values - mean).T @ (values - mean)
    squares[np.diag_indices_from(squares)] *= 1 + ridge
    half = np.linalg.inv(np.linalg.cholesky(squares)).T @ np.diag(np.sqrt(len(values) - 1.0 - np.arange(mean.size)))
    return mean, np.linalg.inv(half @ half.T)


def by_hand(data, all_, values, method):
    """Return what each patient is expected at, one by one, from the moments of both arms."""
    result, first = values.copy(), [0, 1]  # age and the utility at the start
    after = after_departure(data, all_)
    ends = [0.0, 0.0, 12.0, 24.0, 12.0, 24.0, 12.0, 24.0]
    series = {3: 2, 5: 4, 7: 6}  # the variable of the second year, and that of the first
    both = [moments(values[data.arm == arm], 1 / (data.arm == arm).sum()) for arm in (0, 1)]

    def expected(arm, x):
        mean, cov = both[arm]
        later = np.setdiff1d(np.arange(mean.size), first)
        slopes = cov[np.ix_(later, first)] @ np.linalg.inv(cov[np.ix_(first, first)])
        return {int(at): mean[at] + slope @ (x - mean[first]) for at, slope in zip(later, slopes, strict=True)}

    for patient in np.flatnonzero(after.any(axis=1) & (data.arm == 1)):
        y = values[patient]
        own, other = expected(1, y[first]), expected(0, y[first])
        month = data.deviations.months[patient]
        means = both[0][0].copy()
        for at in own:
            beyond = ends[at] > month
            gain = own[series[at]] - other[series[at]] if at in series and ends[series[at]] <= month else 0.0
            target = other[at] + (gain if method == "copy-increments" else 0.0) if beyond else own[at]
            # Deviations count from the regression of the reference on the start.
            means[at] = both[0][0][at] + target - other[at]
        gone = np.flatnonzero(after[patient])
        known = np.setdiff1d(np.arange(y.size), gone)
        cov = both[0][1]
        slopes = cov[np.ix_(gone, known)] @ np.linalg.inv(cov[np.ix_(known, known)])
        result[patient, gone] = means[gone] + slopes @ (y[known] - means[known])
    return result


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("by", ["last-visit", "column"])
def test_expected_values_are_those_of_a_conditional_normal_by_hand(method, by):
    """Monotone patterns, gaps, departures at the start and between visits, patient by patient."""
    months = None if by == "last-visit" else np.tile([np.nan, 0.0, 5.0, 12.0, 20.0], 18)
    data = departed(months=months, rule=by)
    all_ = variables_of(data)
    values = completed(data)
    found = impute_after(reference_plan(data, all_, method), values, data.arm, Still())

    assert after_departure(data, all_).any()
    for own, result in zip(values, found, strict=True):
        np.testing.assert_allclose(result, by_hand(data, all_, own, method), rtol=1e-8, atol=1e-8)


@pytest.mark.slow
def test_the_noise_is_that_of_the_conditional_normal(monkeypatch):
    """With fixed moments the draws of a patient have the covariance of what is missing given the rest."""
    data = departed()
    all_ = variables_of(data)
    values = completed(data, 1)
    plan = reference_plan(data, all_, "jump-to-reference")
    own = reference_based._drawn
    fixed = [own((values / plan.scale)[:, data.arm == arm], alive(data, arm), plan.start, Still()) for arm in (0, 1)]
    draws = 4_000
    wide = [
        reference_based._Normal(*(np.repeat(getattr(one, name), draws, axis=0) for name in one.__dataclass_fields__))
        for one in fixed
    ]
    given_ = iter(wide)
    monkeypatch.setattr(reference_based, "_drawn", lambda *_: next(given_))
    patient = int(np.flatnonzero(plan.after.sum(axis=1) == plan.after.sum(axis=1).max())[0])
    gone = plan.after[patient]
    keep = np.zeros(len(data.arm), dtype=bool)
    keep[patient] = True
    alone = replace(plan, after=plan.after & keep[:, None])
    found = impute_after(alone, np.repeat(values, draws, axis=0), data.arm, np.random.default_rng(1))
    each = found[:, patient][:, gone] / plan.scale[gone]
    right = np.linalg.inv(fixed[0].precision[0][np.ix_(gone, gone)])

    np.testing.assert_allclose(np.cov(each, rowvar=False), right, atol=5 * right.max() / np.sqrt(draws))


def test_moments_are_drawn_from_their_posterior():
    """The precision has a Wishart distribution with n − 1 degrees of freedom, the mean a variance of Σ/n."""
    rng = np.random.default_rng(1)
    values = rng.standard_normal((30, 3)) @ np.array([[1.0, 0.5, 0.2], [0.0, 1.0, 0.3], [0.0, 0.0, 1.0]])
    sets = np.broadcast_to(values, (20_000, 30, 3))
    found = reference_based._drawn(sets, np.ones(sets.shape[:2], dtype=bool), np.array([True, False, False]), rng)
    squares = (values - values.mean(axis=0)).T @ (values - values.mean(axis=0))
    squares[np.diag_indices(3)] *= 1 + 1 / 30
    inverse = np.linalg.inv(squares)

    np.testing.assert_allclose(found.precision.mean(axis=0), 29 * inverse, rtol=0.02, atol=0.02)
    np.testing.assert_allclose(found.mean.mean(axis=0), values.mean(axis=0), atol=0.01)
    # E(Σ)/n of an inverse Wishart distribution.
    np.testing.assert_allclose(np.cov(found.mean, rowvar=False), squares / (29 - 3 - 1) / 30, rtol=0.06, atol=0.002)


def test_at_the_means_of_the_own_arm_one_jumps_to_those_of_the_reference():
    """With equal starts, what the methods are named after: reference means, or the own gain and their increments."""
    data = departed(seed=2)
    all_ = variables_of(data)
    values = completed(data, 1)
    plan = reference_plan(data, all_, "jump-to-reference")
    patient = int(np.flatnonzero(plan.after[:, 3] & (data.deviations.months == 12))[0])
    means = [values[0, data.arm == arm].mean(axis=0) for arm in (0, 1)]
    # Both arms start alike, and the patient is an average one.
    values[0, :, :2] -= np.array(means)[data.arm][:, :2] - means[0][:2]
    values[0, patient] = means[1]
    values[0, patient, :2] = means[0][:2]
    reference = values[0, data.arm == 0].mean(axis=0)
    own = values[0, data.arm == 1].mean(axis=0)
    found = {
        method: impute_after(replace(plan, method=method), values, data.arm, Still())[0, patient] for method in METHODS
    }
    tilt = 0.02 * np.abs(reference[3])

    assert found["jump-to-reference"][3] == pytest.approx(reference[3], abs=tilt)
    assert found["copy-increments"][3] == pytest.approx(own[2] + reference[3] - reference[2], abs=tilt)


# What it leaves alone -------------------------------------------------------------------------------------------------


def test_gaps_and_the_arm_of_reference_stay_at_random():
    """Only what is missing after a departure with nothing later of its series; known costs stay."""
    data = departed()
    all_ = variables_of(data)
    values = completed(data)
    plan = reference_plan(data, all_, "jump-to-reference")
    found = impute_after(plan, values, data.arm, np.random.default_rng(1))
    changed = (found != values).any(axis=0)

    assert plan.after[data.arm == 0].sum() == 0
    assert (changed == plan.after).all()
    assert (np.isnan(all_.values) & ~plan.after)[data.arm == 1].any()


def test_a_gap_before_a_later_value_of_its_series_is_none_after_a_departure():
    data = departed(months=np.zeros(90))
    utilities, costs = data.utilities.copy(), data.costs.copy()
    utilities[0], costs[0] = [0.7, np.nan, 0.6], [np.nan, 100.0, 50.0, np.nan]
    data = replace(data, utilities=utilities, costs=costs)
    all_ = variables_of(data)
    names = [name for name, own in zip(all_.names, after_departure(data, all_)[0], strict=True) if own]

    assert names == ["work, 12 to 24 months"]


def test_the_last_visit_is_that_of_anything_and_the_last_utility_of_utilities_alone():
    data = departed()
    utilities = np.array([[0.5, np.nan, np.nan], [0.5, 0.6, 0.7], [0.5, 0.6, np.nan], [np.nan, np.nan, np.nan]])
    costs = np.array([[1.0, np.nan, 1.0, np.nan], [1.0] * 4, [1.0, 1.0, 1.0, np.nan], [np.nan] * 4])
    both = [after_last(rule, data.months, utilities, data.items, costs) for rule in ("last-visit", "last-utility")]

    np.testing.assert_array_equal(both[0], [12, np.nan, np.nan, 0])
    np.testing.assert_array_equal(both[1], [0, np.nan, 12, 0])


def test_with_the_same_moments_in_both_arms_it_is_missing_at_random(monkeypatch):
    """Where the reference is as the own arm, both methods draw from the own arm's conditional distribution."""
    data = departed()
    all_ = variables_of(data)
    values = completed(data)
    plan = reference_plan(data, all_, "jump-to-reference")
    scaled = (values / plan.scale)[:, data.arm == 1]
    one = reference_based._drawn(scaled, alive(data, 1, sets=2), plan.start, Still())
    monkeypatch.setattr(reference_based, "_drawn", lambda *_: one)
    found = [
        impute_after(replace(plan, method=method), values, data.arm, np.random.default_rng(1)) for method in METHODS
    ]
    expected, own = values.copy(), values / plan.scale
    for at, patient in np.ndindex(values.shape[:2]):
        gone = plan.after[patient]
        if gone.any():
            inside = np.linalg.inv(one.precision[at][np.ix_(gone, gone)])
            apart = np.where(gone, 0.0, own[at, patient] - one.mean[at])
            mean = one.mean[at][gone] - inside @ one.precision[at][gone] @ apart
            expected[at, patient, gone] = mean * plan.scale[gone]
    still = impute_after(plan, values, data.arm, Still())

    np.testing.assert_allclose(found[0], found[1], rtol=1e-9)
    np.testing.assert_allclose(still, expected, rtol=1e-8, atol=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_patients_and_arms_changes_nothing(seed):
    data = departed(seed=4)
    values = completed(data, 1)
    turned = np.random.default_rng(seed).permutation(data.arm.size)
    other = replace(
        data,
        strategies=data.strategies[::-1],
        arm=1 - data.arm[turned],
        utilities=data.utilities[turned],
        costs=data.costs[turned],
        covariates=data.covariates[turned],
        deviations=data.deviations.of(turned),
    )
    for method in METHODS:
        one, two = (
            impute_after(reference_plan(each, variables_of(each), method), own, each.arm, Still())
            for each, own in ((data, values), (other, values[:, turned]))
        )
        np.testing.assert_allclose(one[:, turned], two, rtol=1e-8)


def test_without_values_after_a_departure_nothing_changes():
    """In a resample that has no such patient, and where only some sets have one."""
    data = departed()
    plan = reference_plan(data, variables_of(data), "jump-to-reference")
    values = completed(data)
    whole = np.flatnonzero(~plan.after.any(axis=1))
    rows = np.stack([whole[:60], np.arange(60) + 30])
    arm = data.arm[rows[1]]
    rows[0] = np.concatenate([np.resize(whole[data.arm[whole] == code], (arm == code).sum()) for code in (0, 1)])
    own = np.stack([values[0, rows[0]], values[1, rows[1]]])
    found = impute_after(plan, own, arm, np.random.default_rng(1), rows=rows)

    assert (found[0] == own[0]).all()
    assert (found[1] != own[1]).any()


def test_what_does_not_vary_in_the_arm_of_reference_stays_as_it_is_there():
    """A fixed tariff of the reference, and a cost that both arms have throughout: no division by rounding."""
    data = departed()
    costs = data.costs.copy()
    costs[:, 0] = 2253.07
    costs[data.arm == 0, 1] = 120.35
    all_ = variables_of(replace(data, costs=costs))
    data = replace(data, costs=costs)
    values = completed(data, 3)
    plan = reference_plan(data, all_, "jump-to-reference")
    found = impute_after(plan, values, data.arm, np.random.default_rng(1))
    at = all_.costs.start + 1

    assert plan.scale[all_.costs.start] == 1.0
    np.testing.assert_allclose(found[:, plan.after[:, at], at], 120.35)
    assert np.abs(found).max() < 1e5


def test_collinear_costs_of_the_reference_do_not_blow_up():
    """One priced as a multiple of another there, and not in the arm that is imputed."""
    data = departed(seed=3)
    costs = data.costs.copy()
    usual = data.arm == 0
    costs[usual, 2] = 2 * costs[usual, 0]
    data = replace(data, costs=costs)
    plan = reference_plan(data, variables_of(data), "jump-to-reference")
    found = impute_after(plan, completed(data, 20), data.arm, np.random.default_rng(1))
    own = found[:, plan.after] / np.broadcast_to(plan.scale, plan.after.shape)[plan.after]

    assert np.abs(own - own.mean()).max() < 30


# The dead -------------------------------------------------------------------------------------------------------------


def with_the_dead(data):
    """Return the trial in which some patients of each arm died, two of the new arm after they had departed."""
    month = np.full(data.arm.size, np.inf)
    plan = reference_plan(data, variables_of(data), "jump-to-reference")
    gone = np.flatnonzero(plan.after[:, 3] & (data.deviations.months == 12))
    month[gone[:2]] = [18.0, 30.0]
    month[[0, 1]] = [6.0, 20.0]
    return with_deaths(data, Deaths(month, "month", "line", np.full(month.size, np.inf))), gone[:2]


def test_the_dead_are_not_imputed_and_inform_no_one():
    """Zeros of the dead move no mean; a cost of the period in which one died is for the part lived."""
    data, (died, lived) = with_the_dead(departed())
    all_ = variables_of(data)
    plan = reference_plan(data, all_, "jump-to-reference")
    values = completed(data)
    found = impute_after(plan, values, data.arm, Still())
    other = values.copy()
    other[:, 0] *= 7.0
    again = impute_after(plan, other, data.arm, Still())
    at = all_.costs.start + 1

    assert not plan.after[:, all_.utilities][died].any()
    assert plan.after[died, at]
    assert plan.lived[died, at] == 0.5
    assert (found[:, died, all_.utilities] == values[:, died, all_.utilities]).all()
    assert found[0, died, all_.utilities][2] == 0
    assert plan.after[lived, 3]
    # Patient 0 is dead: whatever stands for her changes no one else.
    np.testing.assert_allclose(found[:, 1:], again[:, 1:])
    assert describe(data).departed.after == (0, int(plan.after.sum()))


# The analysis ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("method", ["imputation", "bootstrap-single", "bootstrap-imputation"])
def test_every_way_of_joining_bootstrap_and_imputation_takes_it(method):
    data = departed(sizes=(60, 60))
    options = {"replicates": 50, "rng": 1} | ({"imputations": 5} if method == "imputation" else {})
    at_random = trial.analyse(data, method=method, **options)
    found = trial.analyse(data, method=method, reference_based="jump-to-reference", **options)
    both = [each.perspectives[0].delta_effect(NEW).value for each in (at_random, found)]

    assert found.settings["reference_based"] == "jump-to-reference"
    assert at_random.settings["reference_based"] is None
    # Half of the effect of those who left is lost.
    assert both[1] < both[0]
    assert (found.settings["beyond_scale"] is not None) == (method == "imputation")


def test_values_beyond_the_ends_of_the_scale_stand_and_are_counted():
    data = departed(sizes=(60, 60))
    found = trial.analyse(data, reference_based="jump-to-reference", imputations=20, replicates=50, rng=1)
    all_ = variables_of(data)
    plan = reference_plan(data, all_, "jump-to-reference")
    low, high = scale_ends(data, all_)
    values = found.imputation.values
    outside = ((values < low) | (values > high))[:, plan.after]

    assert found.settings["beyond_scale"] == outside.mean()
    assert 0 < outside.mean() < 0.3


@pytest.mark.slow
def test_scenarios_have_each_assumption_with_both_variances_from_the_sets_of_the_main_analysis():
    data = departed(sizes=(60, 60))
    main = trial.analyse(data, imputations=5, replicates=50, rng=1)
    codes = [each.code for each in trial.scenarios(data, main, rng=1)]
    assumed = trial.analyse(data, imputations=5, replicates=50, reference_based="copy-increments", rng=1)
    others = [each.code for each in trial.scenarios(data, assumed, rng=1)]

    assert codes[-4:] == [f"{name}{way}" for name in METHODS for way in ("", "-bootstrap")]
    assert others[-4:] == ["at-random", "jump-to-reference", "jump-to-reference-bootstrap", "copy-increments-bootstrap"]
    assert "gamma-log" not in others


# Refusals -------------------------------------------------------------------------------------------------------------


def test_what_it_cannot_do_is_refused():
    data = departed()
    plain = replace(data, deviations=None)
    whole = replace(data, deviations=replace(data.deviations, months=np.full(90, np.nan)))
    small = departed(sizes=(15, 50))
    clusters = replace(data, cluster=np.arange(90) % 10 + 10 * data.arm)
    quick = {"imputations": 2, "replicates": 50, "rng": 1}

    with pytest.raises(InputError, match="reference_based must be one of"):
        trial.analyse(data, reference_based="jump", **quick)
    with pytest.raises(InputError, match=r"must have \[deviation\] with column"):
        trial.analyse(plain, reference_based="jump-to-reference", **quick)
    with pytest.raises(InputError, match="no value is missing after a departure in an arm other than 'usual care'"):
        trial.analyse(whole, reference_based="jump-to-reference", **quick)
    with pytest.raises(InputError, match="16 for 8 utilities, costs and covariates, and 'usual care' has 15"):
        trial.analyse(small, reference_based="jump-to-reference", **quick)
    with pytest.raises(InputError, match=r"must go with model='sur', got 'mixed': its values know no clusters"):
        trial.analyse(clusters, reference_based="jump-to-reference", **quick)
    with pytest.raises(InputError, match=r"must go with model='sur', got 'gamma-log': its normal values can be"):
        trial.analyse(data, reference_based="jump-to-reference", model="gamma-log", **quick)
    with pytest.raises(InputError, match="reference_based='jump-to-reference' must go without sampling weights"):
        trial.analyse(replace(data, weights=np.linspace(1, 3, 90)), reference_based="jump-to-reference", **quick)
    with pytest.warns(StatisticalWarning, match="clusters are ignored"):
        found = trial.analyse(clusters, reference_based="jump-to-reference", model="sur", **quick)
    assert found.imputation is not None
