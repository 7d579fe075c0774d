"""Mixed models: against statsmodels, a naive likelihood, resamples fitted one by one, and simulated trials."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import lstsq
from statsmodels.regression.mixed_linear_model import MixedLM

from hecon.trial import mixed_model, regression

SIZES = {
    "balanced": [15] * 12,
    "unbalanced": [2, 40, 7, 11, 25, 3, 18, 9, 30, 5],
    "with singletons": [1, 1, 1, 1, 1, 20, 8, 1, 16, 4],
}


def trial(sizes, *, theta=0.2, seed=0, covariates=2):
    """Return outcome, columns and clusters; arms lie in turn in one cluster each."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(len(sizes)), sizes)
    arm = (cluster % 2).astype(float)
    columns = np.column_stack([np.ones(cluster.size), arm, rng.normal(size=(cluster.size, covariates))])
    effect = np.sqrt(theta) * rng.normal(size=len(sizes))
    return 1.5 + 0.5 * arm + effect[cluster] + rng.normal(size=cluster.size), columns, cluster


def against(theta, y, columns, cluster):
    """Return −2 restricted log-likelihood but for a constant, from the whole covariance matrix."""
    inside = cluster[:, None] == cluster
    inverse = np.linalg.inv(np.eye(y.size) + theta * inside)
    crossed = columns.T @ inverse @ columns
    left = y - columns @ np.linalg.solve(crossed, columns.T @ inverse @ y)
    df = y.size - columns.shape[1]
    found = df * np.log(left @ inverse @ left) - np.linalg.slogdet(inverse)[1]
    return found + np.linalg.slogdet(crossed)[1]


def fit(y, columns, cluster):
    """Return the mixed model of the data as they are, with its variances, from the sums of the resamples."""
    sums = mixed_model._cluster_sums(y, columns, cluster, ())
    profile = mixed_model._Profile(sums, np.ones((1, sums.sizes.size)))
    swept, theta = profile.fitted()
    matrix, shift = regression.unscaling(sums.order, sums.centre, sums.scale)
    error = max(swept[-1, -1, 0], 0.0) / max(profile.df[0], 1.0)
    covariance = matrix @ (error * swept[:-1, :-1, 0]) @ matrix.T
    estimable = profile.keep[np.argsort(sums.order), 0]
    covariance[~estimable] = covariance[:, ~estimable] = np.nan
    return SimpleNamespace(
        coefficients=matrix @ swept[:-1, -1, 0] + shift,
        se=np.sqrt(np.diag(covariance)),
        covariance=covariance,
        var_cluster=error * theta[0] * sums.scale[-1] ** 2,
        var_error=error * sums.scale[-1] ** 2,
        icc=theta[0] / (1 + theta[0]),
        estimable=estimable,
    )


# Against others -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
def test_equals_statsmodels(sizes):
    """Estimates and variances to 1e-6; its standard errors count the variances as unknown, and differ by little."""
    y, columns, cluster = trial(sizes, theta=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = MixedLM(y, columns, groups=cluster).fit(reml=True, method=["bfgs"], gtol=1e-9)
    found = fit(y, columns, cluster)
    assert found.coefficients == pytest.approx(theirs.fe_params, rel=1e-6)
    assert found.var_error == pytest.approx(theirs.scale, rel=1e-6)
    assert found.var_cluster == pytest.approx(theirs.cov_re[0, 0], rel=1e-6)
    assert found.icc == pytest.approx(theirs.cov_re[0, 0] / (theirs.cov_re[0, 0] + theirs.scale), rel=1e-6)
    assert found.se == pytest.approx(theirs.bse_fe, rel=0.05)


def test_without_variance_between_clusters_equals_least_squares():
    """Clusters more alike than chance would have them: the variance is 0, not below."""
    y, columns, cluster = trial(SIZES["balanced"], theta=0)
    y -= np.array([y[cluster == each].mean() for each in range(12)])[cluster]
    found = fit(y, columns, cluster)
    beta, rest, *_ = lstsq(columns, y)
    df = y.size - 4
    assert (found.var_cluster, found.icc) == (0.0, 0.0)
    assert found.coefficients == pytest.approx(beta, abs=1e-12)
    assert found.var_error == pytest.approx(rest / df, rel=1e-12)
    assert found.covariance == pytest.approx(rest / df * np.linalg.inv(columns.T @ columns), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", range(25))
def test_no_other_variance_is_likelier(seed):
    """The likelihood from whole matrices is nowhere higher, in hard cases: few, very unequal clusters, outliers."""
    rng = np.random.default_rng(seed)
    sizes = rng.choice([1, 1, 2, 3, 20], rng.integers(4, 9))
    sizes[:2] = 6
    y, columns, cluster = trial(sizes, seed=seed, covariates=1)
    y += rng.choice([0, 0.3, 3]) * rng.standard_t(2, sizes.size)[cluster]
    found = fit(y, columns, cluster)
    best = against(found.icc / (1 - found.icc), y, columns, cluster)
    others = [against(theta, y, columns, cluster) for theta in [0, *np.geomspace(1e-3, 1e3, 60)]]
    assert best <= min(others) + 1e-7
    inverse = np.linalg.inv(found.var_error * np.eye(y.size) + found.var_cluster * (cluster[:, None] == cluster))
    assert found.covariance == pytest.approx(np.linalg.inv(columns.T @ inverse @ columns), rel=1e-8, abs=1e-10)


def test_one_way_analysis_of_variance_gives_the_closed_form():
    """Balanced clusters, constant alone: REML is (between − within)/n and within, by mean squares (Searle 1971)."""
    y, _, cluster = trial([8] * 10, theta=1)
    means = y.reshape(10, 8).mean(axis=1)
    within = ((y - means[cluster]) ** 2).sum() / 70
    found = fit(y, np.ones((80, 1)), cluster)
    assert found.var_error == pytest.approx(within, rel=1e-9)
    assert found.var_cluster == pytest.approx(means.var(ddof=1) - within / 8, rel=1e-9)
    assert found.se[0] == pytest.approx(np.sqrt(means.var(ddof=1) / 10), rel=1e-9)


# Scale ----------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(st.integers(-12, 12), st.sampled_from([0, 1e4]), st.integers(-6, 6))
def test_unit_and_place_do_not_matter(power, origin, of_columns):
    """Outcomes in any unit, covariates in any unit and far from 0 (a calendar year)."""
    y, columns, cluster = trial(SIZES["unbalanced"])
    plain = fit(y, columns, cluster)
    other = columns * [1, 1, 10.0**of_columns, 1] + [0, 0, origin * 10.0**of_columns, 0]
    found = fit(y * 10.0**power, other, cluster)
    assert found.coefficients[1] == pytest.approx(plain.coefficients[1] * 10.0**power, rel=1e-8)
    assert found.coefficients[2] == pytest.approx(plain.coefficients[2] * 10.0 ** (power - of_columns), rel=1e-8)
    assert found.se[1:3] == pytest.approx(plain.se[1:3] * 10.0**power / [1, 10.0**of_columns], rel=1e-8)
    assert found.icc == pytest.approx(plain.icc, rel=1e-8)


@pytest.mark.parametrize("theta", [1e2, 1e4])
def test_great_variance_between_clusters_is_found(theta):
    """By the closed form: clusters of one size, and the arm balanced within each."""
    y, columns, cluster = trial([10] * 30, theta=theta)
    columns = np.column_stack([columns[:, 0], np.tile([0.0, 1.0], 150)])
    effect = y[1::2].mean() - y[::2].mean()
    means = y.reshape(30, 10).mean(axis=1)
    within = ((y - means[cluster] - effect * (columns[:, 1] - 0.5)) ** 2).sum() / 269
    found = fit(y, columns, cluster)
    assert found.coefficients[1] == pytest.approx(effect, rel=1e-9)
    assert found.var_error == pytest.approx(within, rel=1e-7)
    assert found.var_cluster == pytest.approx(means.var(ddof=1) - within / 10, rel=1e-7)


# Resamples ------------------------------------------------------------------------------------------------------------


def copied(counts, *values):
    """Return values with each cluster as often as it was drawn, and the clusters, each copy its own."""
    *arrays, cluster = values
    rows = [np.flatnonzero(cluster == each) for each, times in enumerate(counts) for _ in range(times)]
    return *(array[np.concatenate(rows)] for array in arrays), np.repeat(np.arange(len(rows)), [len(r) for r in rows])


@pytest.mark.slow
@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
def test_each_replicate_equals_the_fit_on_the_clusters_drawn(sizes):
    """For two outcomes with columns of their own."""
    y, columns, cluster = trial(sizes, covariates=3)
    second = trial(sizes, theta=2, seed=1)[0]
    counts = mixed_model.cluster_counts(cluster, cluster % 2, 40, np.random.default_rng(0))
    found = mixed_model.bootstrap(np.column_stack([y, second]), [columns, columns[:, :3]], cluster, counts)
    # Of single patients a resample may hold fewer than the model has terms.
    enough = (counts @ np.array(sizes) > 12).nonzero()[0]
    assert found.ok[enough].all()
    assert enough.size > 20
    for at in enough:
        for outcome, (one, fixed) in enumerate([(y, columns), (second, columns[:, :3])]):
            plain = fit(*copied(counts[at], one, fixed, cluster))
            assert found.coefficients[outcome][at] == pytest.approx(plain.coefficients, rel=1e-6, abs=1e-6)
            assert found.icc[at, outcome] == pytest.approx(plain.icc, rel=1e-5, abs=1e-7)
            assert found.averages[outcome][at] == pytest.approx(copied(counts[at], fixed, cluster)[0].mean(axis=0))


def test_replicates_do_not_depend_on_the_others():
    """Chunks of any size, and an order of columns that puts the needed ones elsewhere, give the same."""
    y, columns, cluster = trial(SIZES["unbalanced"])
    counts = mixed_model.cluster_counts(cluster, cluster % 2, 3000, np.random.default_rng(0))
    whole = mixed_model.bootstrap(y[:, None], [columns], cluster, counts)
    some = mixed_model.bootstrap(y[:, None], [columns], cluster, counts[1234:1236], needed=(1, 2))
    assert some.coefficients[0] == pytest.approx(whole.coefficients[0][1234:1236], rel=1e-9)


def test_a_covariate_that_was_not_drawn_is_left_out_and_an_arm_that_was_not_is_counted():
    """The arm's coefficient is then as without the covariate."""
    y, columns, cluster = trial([10] * 6, covariates=1)
    columns[:, 2] = cluster == 5
    counts = np.array([[1, 1, 2, 2, 0, 0], [2, 0, 2, 0, 2, 0], [1] * 6])
    found = mixed_model.bootstrap(y[:, None], [columns], cluster, counts)
    assert found.ok.tolist() == [True, False, True]
    assert found.coefficients[0][0, 2] == 0
    plain = fit(*copied(counts[0], y, columns[:, :2], cluster))
    assert found.coefficients[0][0, :2] == pytest.approx(plain.coefficients, rel=1e-9)


def test_resamples_hold_as_many_clusters_of_each_arm():
    """Each cluster is drawn once on average; without strata only the total is fixed."""
    cluster = np.repeat(np.arange(10), 3)
    arm = (cluster >= 4).astype(int)
    within = mixed_model.cluster_counts(cluster, arm, 4000, np.random.default_rng(0))
    together = mixed_model.cluster_counts(cluster, None, 4000, np.random.default_rng(0))
    assert (within[:, :4].sum(axis=1) == 4).all()
    assert (within[:, 4:].sum(axis=1) == 6).all()
    assert (together.sum(axis=1) == 10).all()
    assert np.ptp(together[:, :4].sum(axis=1)) > 3
    for counts in (within, together):
        assert counts.mean(axis=0) == pytest.approx(np.ones(10), abs=0.08)


def test_bootstrap_agrees_with_the_model_where_the_model_is_right():
    """Standard errors within 10%, with many clusters."""
    y, columns, cluster = trial([6] * 80, theta=0.3)
    counts = mixed_model.cluster_counts(cluster, cluster % 2, 2000, np.random.default_rng(0))
    spread = mixed_model.bootstrap(y[:, None], [columns], cluster, counts).coefficients[0][:, 1].std()
    assert spread == pytest.approx(fit(y, columns, cluster).se[1], rel=0.1)


# Simulated stepped wedges ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_stepped_wedge_recovers_its_effect():
    """200 trials: the mean estimate within Monte Carlo error, and about 95% of intervals hold the truth."""
    rng = np.random.default_rng(3)
    cluster, period = np.divmod(np.arange(12 * 5 * 8) // 8, 5)
    arm = (period > cluster % 4).astype(float)
    columns = np.column_stack([np.ones(arm.size), arm, period[:, None] == np.arange(1, 5)]).astype(float)
    mean = 500 * arm + 300 * period
    estimates, errors = [], []
    for _ in range(200):
        y = mean + rng.normal(0, 400, 12)[cluster] + rng.normal(0, 1000, arm.size)
        found = fit(y, columns, cluster)
        estimates.append(found.coefficients[1])
        errors.append(found.se[1])
    estimates, errors = np.array(estimates), np.array(errors)
    assert abs(estimates.mean() - 500) < 3 * estimates.std() / np.sqrt(200)
    assert errors.mean() == pytest.approx(estimates.std(), rel=0.1)
    assert 0.91 < (np.abs(estimates - 500) < 1.96 * errors).mean() < 0.98
    # Without periods the trend would pass for an effect.
    assert fit(y, columns[:, :2], cluster).coefficients[1] > 900
