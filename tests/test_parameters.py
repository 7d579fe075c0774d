"""Draws of parameters: moments, marginals, rank correlation, and every refusal."""

import math
import re
import warnings
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

import hecon
from hecon import parameters as par

N = 4096
KNOWN = {
    "event": par.beta(0.2, 0.04),
    "care": par.gamma(2000, 500),
    "ratio": par.lognormal(0.8, 0.1),
    "change": par.normal(-1.5, 2.0),
    "state": par.dirichlet({"mild": 30, "moderate": 15, "severe": 5}),
    "price": par.fixed(36),
}
MARGINALS = {
    "event": stats.beta(19.8, 79.2),
    "care": stats.gamma(16, scale=125),
    "ratio": stats.lognorm(np.sqrt(np.log1p(0.125**2)), scale=0.8 / np.sqrt(1 + 0.125**2)),
    "change": stats.norm(-1.5, 2.0),
    "state_mild": stats.beta(30, 20),
    "state_moderate": stats.beta(15, 35),
    "state_severe": stats.beta(5, 45),
}


def test_a_published_example():
    """Briggs, Claxton and Sculpher (2006), section 4.3: a cost of 900 with standard error 450, a beta of 20 in 70."""
    assert par.gamma(900, 450).shape == (4.0, 225.0)

    share = par.beta(20 / 70, np.sqrt(20 * 50 / (70**2 * 71)))

    np.testing.assert_allclose(share.shape, (20, 50), rtol=1e-12)


@pytest.mark.parametrize("method", par.METHODS)
def test_the_marginals_are_the_distributions(method):
    drawn = par.draw(KNOWN, n=N, method=method, rng=1)

    assert list(drawn) == ["event", "care", "ratio", "change", "state_mild", "state_moderate", "state_severe", "price"]
    for name, marginal in MARGINALS.items():
        assert stats.kstest(drawn[name], marginal.cdf).pvalue > 1e-3, name
        assert drawn[name].attrs["mean"] == pytest.approx(marginal.mean())
        assert drawn[name].attrs["se"] == pytest.approx(marginal.std())
    assert (drawn["price"] == 36).all()
    np.testing.assert_allclose(drawn["state_mild"] + drawn["state_moderate"] + drawn["state_severe"], 1, atol=1e-12)


@pytest.mark.parametrize("method", ["latin", "sobol"])
def test_even_methods_have_one_draw_in_each_part(method):
    drawn = par.draw(KNOWN, n=N, method=method, correlation={("event", "care"): 0.5}, rng=1)

    for name in ("event", "care", "ratio", "change"):
        parts = np.floor(MARGINALS[name].cdf(drawn[name]) * N).astype(int)
        assert np.unique(parts).size > 0.999 * N


@pytest.mark.parametrize("method", ["latin", "sobol"])
def test_even_methods_know_a_mean_better(method):
    def error(how):
        means = [float(par.draw(KNOWN, n=256, method=how, rng=seed)["care"].mean()) for seed in range(30)]
        return np.sqrt(np.mean((np.array(means) - 2000) ** 2))

    assert error(method) < 0.2 * error("random")


@pytest.mark.parametrize("method", par.METHODS)
def test_rank_correlation_is_reached_and_marginals_stay(method):
    asked = {("event", "care"): 0.7, ("ratio", "care"): -0.4, ("ratio", "change"): 0.25}
    plain = par.draw(KNOWN, n=N, method=method, rng=3)
    drawn = par.draw(KNOWN, n=N, method=method, correlation=asked, rng=3)

    for (one, other), value in asked.items():
        assert stats.spearmanr(drawn[one], drawn[other]).statistic == pytest.approx(value, abs=0.02)
    for told in drawn.attrs["rank_correlation"]:
        pair = told["parameters"]
        assert told["asked"] == asked[tuple(pair)]
        assert told["reached"] == pytest.approx(stats.spearmanr(drawn[pair[0]], drawn[pair[1]]).statistic)
    assert stats.spearmanr(drawn["event"], drawn["ratio"]).statistic == pytest.approx(0, abs=0.03)
    for name in plain:
        np.testing.assert_array_equal(np.sort(plain[name]), np.sort(drawn[name]))
    for name in ("state_mild", "state_severe"):
        np.testing.assert_array_equal(plain[name], drawn[name])


@given(
    mean=st.floats(0.01, 0.99),
    share=st.floats(0.01, 0.7),
    size=st.floats(1e-6, 1e9),
    spread=st.floats(0.01, 2.0),
)
def test_mean_and_standard_error_are_kept(mean, share, size, spread):
    # Whether a standard error is to be believed is another question.
    warnings.simplefilter("ignore", hecon.StatisticalWarning)
    for found, (centre, se), family in (
        (par.beta(mean, share * np.sqrt(mean * (1 - mean))), (mean, share * np.sqrt(mean * (1 - mean))), stats.beta),
        (par.gamma(size, spread * size), (size, spread * size), lambda a, scale: stats.gamma(a, scale=scale)),
        (
            par.lognormal(size, spread * size),
            (size, spread * size),
            lambda mu, sd: stats.lognorm(sd, scale=np.exp(mu)),
        ),
    ):
        exact = family(*found.shape)
        assert exact.mean() == pytest.approx(centre, rel=1e-9)
        assert exact.std() == pytest.approx(se, rel=1e-6)


def test_the_same_seed_the_same_draws():
    for method in par.METHODS:
        one, other = (par.draw(KNOWN, n=64, method=method, rng=7) for _ in range(2))
        assert one.identical(other)


def test_draws_have_labels_and_pair_with_a_model():
    drawn = par.draw(KNOWN, n=32, rng=1).isel(draw=slice(8, 24))
    cost = np.stack([drawn["care"], drawn["care"] * drawn["ratio"]], axis=1)

    assert drawn["draw"].to_numpy().tolist() == list(range(8, 24))
    assert hecon.from_arrays(cost, cost / 1e5, strategies=["a", "b"]).sizes["draw"] == 16


def test_only_fixed_values():
    assert par.draw({"price": par.fixed(-3)}, n=2, rng=1)["price"].to_numpy().tolist() == [-3, -3]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: par.beta(0.2, 0.4),
            (
                "se of beta must be below sqrt(mean (1 - mean)) = 0.4 for mean 0.2, got 0.4; "
                "divide a standard deviation of patients by the root of their number"
            ),
        ),
        (
            lambda: par.beta(1.0, 0.1),
            "mean of beta must lie between 0 and 1, got 1.0; use parameters.normal or parameters.gamma",
        ),
        (lambda: par.beta(0.2, 0), "se of beta must be above 0, got 0; use parameters.fixed(0.2) for what is known"),
        (
            lambda: par.gamma(0, 1),
            "mean of gamma must be above 0, got 0; use parameters.normal for what may be negative",
        ),
        (
            lambda: par.lognormal(-0.5, 1),
            "mean of lognormal must be above 0, got -0.5; use parameters.normal for what may be negative",
        ),
        (lambda: par.normal(float("nan"), 1), "mean of normal must be finite, got nan"),
        (lambda: par.normal(0, "1"), "se of normal must be a number, got '1'"),
        (
            lambda: par.dirichlet({"mild": 3}),
            "counts of dirichlet must map the names of two or more parts to counts, got {'mild': 3}",
        ),
        (
            lambda: par.dirichlet({"mild": 3, "severe": 0}),
            "count of 'severe' must be above 0, got 0; leave out a part that cannot happen",
        ),
        (lambda: par.fixed(None), "value of fixed must be a number, got None"),
        (lambda: par.draw({}, n=10), "distributions must map names of parameters to distributions, got {}"),
        (
            lambda: par.draw({"a": 3}, n=10),
            (
                "distributions['a'] must be a Distribution, got 3: "
                "use parameters.beta, gamma, lognormal, normal, dirichlet or fixed"
            ),
        ),
        (
            lambda: par.draw({"a_b": par.fixed(1), "a": par.dirichlet({"b": 1, "c": 1})}, n=10),
            "parameters must be unique, got 'a_b' more than once",
        ),
        (
            lambda: par.draw({"draw": par.fixed(1)}, n=10),
            "parameters must not be called 'draw', which is the dim of the draws; rename it",
        ),
        (lambda: par.draw(KNOWN, n=1), "n must be a whole number of at least 2, got 1"),
        (
            lambda: par.draw(KNOWN, n=1000, method="sobol"),
            "n must be a power of 2 for method 'sobol', got 1000; use 512 or 1024",
        ),
        (
            lambda: par.draw({f"p{at}": par.normal(0, 1) for at in range(21_202)}, n=2, method="sobol"),
            "method 'sobol' is for at most 21201 parameters, got 21202; use 'latin'",
        ),
        (
            lambda: par.draw(KNOWN, n=10, method="halton"),
            "method must be one of 'random', 'latin', 'sobol', got 'halton'",
        ),
        (
            lambda: par.draw(KNOWN, n=10, correlation=0.5),
            "correlation must map pairs of names to rank correlations, got 0.5",
        ),
        (
            lambda: par.draw(KNOWN, n=10, correlation={"care": 0.5}),
            "correlation must have pairs of different names as keys, as in ('cost', 'loss'), got 'care'",
        ),
        (
            lambda: par.draw(KNOWN, n=10, correlation={("care", "cost"): 0.5}),
            "correlation must be one of 'event', 'care', 'ratio', 'change', got 'cost'",
        ),
        (
            lambda: par.draw(KNOWN, n=10, correlation={("care", "state"): 0.5}),
            "correlation must be of parameters that vary one by one, got 'state', which is dirichlet",
        ),
        (
            lambda: par.draw(KNOWN, n=10, correlation={("care", "event"): 0.5, ("event", "care"): 0.5}),
            "correlation must name each pair once, got ('event', 'care') in both orders; leave out one",
        ),
        (
            lambda: par.draw(KNOWN, n=10, correlation={("care", "event"): 1}),
            (
                "correlation of 'care' and 'event' must lie between -1 and 1, got 1; "
                "where they move as one, compute one from the other in the model"
            ),
        ),
        (
            lambda: par.draw(KNOWN, n=3, correlation={("care", "event"): 0.5}),
            "n must be above 3 to correlate 2 parameters, got 3; draw more",
        ),
    ],
)
def test_what_is_refused(make, said):
    with pytest.raises(hecon.InputError) as caught:
        make()

    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: par.beta(0.5, 0.4), "beta with mean 0.5 and se 0.4 has most of its draws near 0 or 1: is that the"),
        (lambda: par.beta(0.02, 0.06), "beta with mean 0.02 and se 0.06 has most of its draws near 0: is that the"),
        (lambda: par.beta(0.98, 0.06), "beta with mean 0.98 and se 0.06 has most of its draws near 1: is that the"),
        (lambda: par.gamma(400, 2_600), "gamma with mean 400 and se 2600 has most of its draws near 0: is that the"),
        (lambda: par.lognormal(400, 2_600), "lognormal with mean 400 and se 2600 has most of its draws far below its"),
    ],
)
def test_a_standard_deviation_in_the_place_of_a_standard_error(make, said):
    with pytest.warns(hecon.StatisticalWarning, match=re.escape(said)):
        make()


@pytest.mark.parametrize("made", [(par.beta, 0.0025, 0.0035), (par.beta, 0.3, 0.2), (par.gamma, 400, 260)])
def test_a_standard_error_that_may_be_one(made):
    make, mean, se = made
    assert make(mean, se).mean == (mean,)


def test_shares_of_small_counts_add_up():
    """Gamma quantiles of small shapes are 0 to a float; with one patient in a hundred parts their shares are not."""
    drawn = par.draw({"p": par.dirichlet(dict.fromkeys("abcde", 0.001))}, n=4_096, method="latin", rng=1)
    shares = drawn.to_dataframe().to_numpy()

    assert np.isfinite(shares).all()
    assert shares.sum(axis=1) == pytest.approx(1)
    assert shares.mean(axis=0) == pytest.approx(0.2, abs=0.03)
    assert shares.std(axis=0) == pytest.approx(np.sqrt(0.2 * 0.8 / 1.005), rel=0.05)


@pytest.mark.parametrize("made", [par.beta(0.5, 1e-18), par.normal(1, 1e-20)])
def test_draws_that_a_float_does_not_tell_apart(made):
    with pytest.raises(hecon.InputError, match=r"^'x' must vary over the draws, got (0\.5|1) in all 64 for mean "):
        par.draw({"x": made}, n=64, rng=1)


def test_correlations_that_cannot_hold_together():
    asked = {("event", "care"): 0.9, ("care", "ratio"): 0.9}

    with pytest.raises(hecon.InputError, match=r"a smallest eigenvalue of -0\.28\d for event, care, ratio; state the"):
        par.draw(KNOWN, n=100, correlation=asked)
    # The remedy works.
    assert par.draw(KNOWN, n=100, correlation=asked | {("event", "ratio"): 0.8}, rng=1)


@pytest.mark.slow
@pytest.mark.counted
@pytest.mark.parametrize(
    "shapes", [(1000, 1e9), (1e9, 1000), (1000, 1e8), (250, 4e7), (40, 60), (2e6, 3e6), (1e7, 1e15)]
)
def test_quantiles_of_beta_distributions_of_large_shapes(shapes):
    """Scipy's are wrong for a shape of exactly 1000 beside 1e8, and for shapes beyond 1e13."""
    one, other = shapes
    total = one + other
    se = math.sqrt(one / total * other / total / (total + 1))
    made = par.Distribution("beta", (one / total,), (se,), shape=shapes)
    found = par.draw({"p": made}, n=20_001, method="latin", rng=1)["p"].to_numpy()

    assert found.mean() == pytest.approx(one / total, abs=1e-3 * se)
    assert found.std() == pytest.approx(se, rel=2e-3)
    probability = np.array([0.001, 0.2, 0.5, 0.9])
    if max(shapes) < 1e10:
        assert special.betainc(one, other, made.quantiles(probability)) == pytest.approx(probability, abs=1e-7)


def test_a_beta_distribution_of_a_tiny_standard_error():
    for se in (1e-9, 1e-12):
        found = par.draw({"p": par.beta(0.5, se)}, n=10_000, method="latin", rng=1)["p"].to_numpy()
        assert (found - 0.5).std() == pytest.approx(se, rel=5e-3)


@pytest.mark.parametrize("kind", ["gamma", "lognormal"])
@pytest.mark.parametrize(("mean", "se"), [(1e150, 1e-150), (1e-150, 1e150)])
def test_shapes_that_a_float_does_not_hold_are_refused(kind, mean, se):
    with pytest.raises(hecon.InputError, match=rf"se of {kind} must lie within a factor of 1e\+50 of its mean, got"):
        getattr(par, kind)(mean, se)


def test_a_decimal_is_told_to_be_converted():
    with pytest.raises(
        hecon.InputError, match=r"mean of beta must be a number, got Decimal\('0.2'\); convert Decimal to"
    ):
        par.beta(Decimal("0.2"), 0.04)
    assert par.beta(float(Decimal("0.2")), 0.04).mean == (0.2,)
