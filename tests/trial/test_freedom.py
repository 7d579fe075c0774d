"""Standard errors and degrees of freedom of arms of unequal size, and of few clusters: against Welch's t test."""

import dataclasses
import warnings

import numpy as np
import patients as trials
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from shipped import ECONOMIC, assessed
from strategies import examples

import hecon
from hecon import trial
from hecon.curves import Curves
from hecon.errors import InputError
from hecon.locale import Locale
from hecon.report.sections.comparisons import figures
from hecon.report.words.comparisons import ComparisonWords
from hecon.trial import pipelines, regression, resampling
from hecon.trial.estimates import Welch, pool
from hecon.trial.imputation import ImputationModel, variables_of
from hecon.trial.valuation import discount_factors

FACTORS = discount_factors([(0.0, 12.0), (12.0, 24.0)] * 2, discount=0.03)


def settings(model="sur", replicates=200):
    return pipelines.Settings(model, None, 0.05, ImputationModel(), replicates, (), lambda *_: None)


def bare(data, *, covariates=False):
    """Return the values of a trial, and its plan: without covariates unless they are asked for."""
    all_ = variables_of(data)
    plan = regression.plan(data, all_, ("societal",))
    own = plan.covariates - 1 - len(plan.perspectives)
    chosen = [0, own] if covariates else []
    return all_.values, dataclasses.replace(plan, adjusts=(chosen,) * len(plan.adjusts))


def costs_of(data):
    """Return the discounted societal cost of each patient."""
    return data.costs @ FACTORS


def clustered(seed, clusters=(4, 9), size=5):
    """Return a trial of clusters of one size, as many in each arm as is said."""
    rng = np.random.default_rng(seed)
    data = trials.made(rng, tuple(each * size for each in clusters), missing=0)
    cluster = np.repeat(np.arange(sum(clusters)), size)
    shift = rng.gamma(2, 500, sum(clusters))[cluster]
    return dataclasses.replace(data, cluster=cluster, costs=data.costs + shift[:, None])


@examples(25)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(3, 40), min_size=2, max_size=4),
    st.sampled_from([1e-12, 1.0, 1e12]),
)
def test_without_covariates_they_are_those_of_welchs_test(seed, sizes, scale):
    """Of any two arms, whatever the others; of costs on any scale."""
    rng = np.random.default_rng(seed)
    data = trials.made(rng, tuple(sizes), arms=tuple("abcd"[: len(sizes)]), missing=0)
    data.costs[data.arm == 1] *= rng.uniform(0.1, 10)
    data = dataclasses.replace(data, costs=data.costs * scale)
    values, plan = bare(data)
    (df,) = resampling.complete_df(values[None], data, plan, "sur")
    weights = np.zeros(2 * len(sizes))
    weights[:2] = -1, 1
    groups = [costs_of(data)[data.arm == each] for each in range(2)]

    assert df(weights) == pytest.approx(stats.ttest_ind(*groups, equal_var=False).df, rel=1e-6)


def test_covariates_take_their_number_from_equal_arms():
    """Of n − p those of an arm are its share: all of them where arms vary alike, few where a small one varies most."""
    rng = np.random.default_rng(1)
    for sizes, least in (((60, 60), 0.9 * 116), ((12, 160), 10)):
        data = trials.made(rng, sizes, missing=0)
        values, plan = bare(data, covariates=True)
        (df,) = resampling.complete_df(values[None], data, plan, "sur")
        for weights in ([-1, 1, 0, 0], [0, 0, -1, 1], [1, -1, -20_000, 20_000]):
            assert least < df(np.array(weights, float)) <= sum(sizes) - 4 + 1e-9


def test_arms_of_three_patients_keep_a_degree_of_freedom():
    data = trials.made(np.random.default_rng(1), (3, 3), missing=0)
    _, plan = bare(data, covariates=True)

    assert resampling.residual_df(data, plan, "sur").tolist() == [1.0, 1.0]


def test_what_does_not_vary_has_the_degrees_of_freedom_of_all():
    assert Welch(np.zeros((2, 4, 4)), np.array([9.0, 20.0]))(np.ones(4)) == 29


def test_the_interval_is_that_of_welchs_test():
    """The bootstrap gives (n − 1)/n of each arm's variance, which is made good: 8% and 1% of it here."""
    data = trials.made(np.random.default_rng(2), (12, 90), missing=0)
    values, plan = bare(data)
    point, replicates, _, _ = pipelines.replicates_of(
        values, data, plan, settings(replicates=20_000), np.random.default_rng(1)
    )
    (df,) = resampling.complete_df(values[None], data, plan, "sur")
    pooled = pool(point, [np.cov(replicates[:, 0], rowvar=False)], complete_df=df)
    groups = [costs_of(data)[data.arm == each] for each in (1, 0)]
    wanted = stats.ttest_ind(*groups, equal_var=False).confidence_interval()
    found = pooled.of([-1, 1, 0, 0])

    assert found.value == pytest.approx((wanted.low + wanted.high) / 2)
    # A standard error of 20,000 replicates is known to 0.5%.
    assert np.subtract(*found.interval) == pytest.approx(wanted.low - wanted.high, rel=0.015)


@pytest.mark.parametrize("clusters", [(4, 9), (6, 6), (3, 3, 8)])
def test_clusters_of_one_size_are_as_their_means(clusters):
    """Naive: the means of the clusters are the data, s²/k the variance of an arm's mean, Welch's the interval."""
    data = clustered(3, clusters)
    data = dataclasses.replace(data, strategies=tuple("abc"[: len(clusters)]))
    values, plan = bare(data)
    point, replicates, _, _ = pipelines.replicates_of(
        values, data, plan, settings("mixed", 6000), np.random.default_rng(1)
    )
    (df,) = resampling.complete_df(values[None], data, plan, "mixed")
    means = np.bincount(data.cluster, costs_of(data)) / np.bincount(data.cluster)
    arm = data.arm[np.unique(data.cluster, return_index=True)[1]]
    groups = [means[arm == each] for each in range(len(clusters))]
    covariance = np.cov(replicates[:, 0], rowvar=False)[: len(clusters), : len(clusters)]

    assert point[0, : len(clusters)] == pytest.approx([each.mean() for each in groups])
    assert np.diag(covariance) == pytest.approx([each.var(ddof=1) / each.size for each in groups], rel=0.06)
    weights = np.zeros(2 * len(clusters))
    weights[[0, -1 + len(clusters)]] = -1, 1
    assert df(weights) == pytest.approx(stats.ttest_ind(groups[0], groups[-1], equal_var=False).df, rel=1e-4)


def test_clusters_that_cross_arms_are_counted_once():
    data = clustered(4, (4, 4))
    crossing = dataclasses.replace(data, cluster=data.cluster % 4)
    _, plan = bare(crossing)

    assert resampling.counts(data, "sur").tolist() == [20, 20]
    assert resampling.widening(data, "mixed") == pytest.approx(np.full(4, np.sqrt(4 / 3)))
    assert resampling.counts(crossing, "mixed").tolist() == [4, 4]
    assert resampling.complete_df(bare(crossing)[0][None], crossing, plan, "mixed") == [2.0]


def test_a_pool_takes_degrees_of_freedom_by_contrast():
    """With nothing imputed they are those of the contrast; a number stays a number."""
    pooled = pool([[1.0, 2.0]], [np.eye(2)], complete_df=lambda weights: 5.0 + weights[1])

    assert [pooled.of(each).df for each in ([1, 0], [0, 1])] == [5.0, 6.0]
    assert pool([[1.0]], [[[1.0]]], complete_df=7).complete_df == 7


def test_percentile_intervals_of_complete_cases_and_of_samples_are_widened_too():
    """By √(n/(n − 1)) of the arm about the estimate: half the width of twelve patients' bootstrap grows by 4%."""
    data = trials.made(np.random.default_rng(5), (12, 400), missing=0)
    values, plan = bare(data)
    _, replicates, _, _ = pipelines.replicates_of(
        values, data, plan, settings(replicates=4000), np.random.default_rng(1)
    )
    few = costs_of(data)[data.arm == 0]
    naive = np.random.default_rng(2).choice(few, (4000, 12)).mean(axis=1).std() * np.sqrt(12 / 11)

    assert replicates[:, 0, 0].std() == pytest.approx(naive, rel=0.04)


# Few degrees of freedom -----------------------------------------------------------------------------------------------

LOSSES = (hecon.evpi, hecon.expected_loss, hecon.decision_curves)


def drawn(clusters, **options):
    """Return draws of a trial of few clusters, and what was warned of."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = trial.analyse(clustered(7, clusters), replicates=60, rng=1, **options)
    return found.draws(n_draws=200, rng=1), [str(each.message) for each in told]


@pytest.mark.parametrize("options", [{}, {"method": "bootstrap-single"}, {"method": "bootstrap-imputation"}])
def test_losses_of_two_degrees_of_freedom_are_refused(options):
    """Two clusters an arm: also of one perspective alone or a part of the draws; probabilities and intervals stand."""
    draws, told = drawn((2, 2), **options)
    for verb in LOSSES:
        for some in (draws, draws.isel(draw=slice(50))):
            with pytest.raises(
                InputError, match=r"need 3 degrees of freedom or more, got \d(\.\d+)? \(4 clusters\): at 2"
            ):
                verb(some, wtp=20_000)

    assert 0 <= hecon.ceac(draws, wtp=20_000).min() <= hecon.ceaf(draws, wtp=20_000).item() <= 1
    if not options:
        assert any("below 3 expected loss and EVPI are refused" in each for each in told)


def test_losses_of_more_degrees_of_freedom_come_from_the_draws_as_they_are():
    draws, told = drawn((6, 6))
    bare = draws.copy()
    bare.attrs = {key: value for key, value in draws.attrs.items() if key != "freedom"}

    assert draws.attrs["freedom"]["clusters"] == 12
    assert 5 <= draws.attrs["freedom"]["smallest"] <= 10
    for verb in LOSSES:
        assert verb(draws, wtp=20_000).equals(verb(bare, wtp=20_000))
    assert not any("EVPI" in each for each in told)


def test_few_imputations_are_named():
    draws, _ = drawn((6, 6))
    draws.attrs["freedom"] = {"smallest": 1.4, "clusters": None, "imputations": 2}
    with pytest.raises(InputError, match=r"got 1.4 \(2 imputations\)"):
        hecon.evpi(draws, wtp=1)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_note_says_why_it_has_no_figure_of_the_expected_loss(lang):
    result = next(each for each in assessed(ECONOMIC[0]).comparisons if each.draws is not None)
    wording = ComparisonWords(assessed(ECONOMIC[0]).dossier, result.spec, Locale(lang))
    few = result.draws.assign_attrs(freedom={"smallest": 2.0, "clusters": 4, "imputations": None})
    usual = figures(result, wording)
    blocks = figures(dataclasses.replace(result, curves=Curves(few)), wording)

    assert [each.kind for each in usual] == ["plane", "acceptability", "net_benefit", "expected_loss"]
    assert [each.kind for each in blocks[:-1]] == ["plane", "acceptability", "net_benefit"]
    assert blocks[-1].text == Locale(lang).text("figure.no_expected_loss", few="3")
