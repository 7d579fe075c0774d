"""EVPI, EVPPI and EVSI in closed form, against nested Monte Carlo and against what must hold."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats
from strategies import examples

import hecon
from hecon.decision.information.closed_form import expected_gain, preposterior

MEAN, SE, RHO, PER_ARM, WTP = (1000.0, 0.022), (500.0, 0.02), 0.3, 120, 50_000
V = np.array([[SE[0] ** 2, RHO * SE[0] * SE[1]], [RHO * SE[0] * SE[1], SE[1] ** 2]])
WEIGHTS = np.array([-1.0, WTP])


def draws_of(mean=MEAN, covariance=V, n=2000, **attrs):
    """Return draws whose mean and covariance are exactly these."""
    z = np.random.default_rng(1).standard_normal((n, 2))
    z -= z.mean(axis=0)
    z = z @ np.linalg.inv(np.linalg.cholesky(z.T @ z / n)).T
    values, vectors = np.linalg.eigh(covariance)
    pair = np.array(mean) + z @ (vectors * np.sqrt(np.maximum(values, 0))).T
    zero = np.zeros(n)
    return hecon.from_arrays(
        np.stack([zero, pair[:, 0]], axis=1),
        np.stack([zero, pair[:, 1]], axis=1),
        strategies=["usual", "new"], comparator="usual", scale="incremental", **attrs,
    )  # fmt: skip


def information(draws=None, **options):
    return hecon.normal_information(draws_of() if draws is None else draws, **{"wtp": WTP} | options)


def test_the_formula_in_one_dimension():
    """Integrated over the normal distribution of the incremental net benefit."""
    for mean, spread in ((500.0, 1000.0), (-20.0, 3.0), (0.0, 7.0)):
        # What a wrong choice loses: the part of the distribution on the other side of 0.
        lost = stats.norm(abs(mean), spread)
        integral = integrate.quad(lambda x, of=lost: -x * of.pdf(x), -10 * spread, 0, epsabs=0, epsrel=1e-10)[0]
        assert expected_gain(np.array(mean), np.array(spread)) == pytest.approx(integral, rel=1e-6)


@pytest.mark.slow
def test_evpi_is_that_of_the_draws():
    draws = draws_of(n=200_000)

    assert information(draws)["evpi"].item() == pytest.approx(hecon.evpi(draws, wtp=WTP).item(), rel=0.01)


def nested(kind, outer=4000, inner=2000):
    """Return a nested Monte Carlo estimate and its standard error, by plain conjugate updating."""
    rng = np.random.default_rng(7)
    truth = rng.multivariate_normal(MEAN, V, size=outer)
    if kind == "evsi":
        # The mean of a study of 90 pairs, each adding the covariance of the published one.
        sampling = V * PER_ARM / 90
        seen = truth + rng.multivariate_normal([0, 0], sampling, size=outer)
        gain = V @ np.linalg.inv(V + sampling)
        means, left = MEAN + (seen - MEAN) @ gain.T, V - gain @ V
    else:
        at = {"delta_cost": 0, "delta_effect": 1}[kind]
        gain = V[:, at] / V[at, at]
        means, left = MEAN + np.outer(truth[:, at] - MEAN[at], gain), V - np.outer(gain, V[at])
    values, vectors = np.linalg.eigh(left)
    root = vectors * np.sqrt(np.maximum(values, 0))
    benefits = np.empty(outer)
    for place, mean in enumerate(means):
        posterior = mean + rng.standard_normal((inner, 2)) @ root.T
        benefits[place] = (posterior @ WEIGHTS).mean()
    # The new strategy is preferred now, so that what is gained is what it would have lost.
    best = np.maximum(-benefits, 0)
    return best.mean(), best.std() / np.sqrt(outer)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["delta_cost", "delta_effect", "evsi"])
def test_nested_monte_carlo_agrees(kind):
    found = information(n=90, patients=PER_ARM)
    value = found["evsi"].item() if kind == "evsi" else found["evppi"].sel(set=kind).item()
    estimate, error = nested(kind)

    assert abs(value - estimate) < 3 * error
    # Narrow enough to mean something.
    assert error < 0.04 * value


def test_evsi_rises_to_evpi():
    found = information(n=[0, 1, 10, 100, 1000, 1e5, 1e9], patients=PER_ARM)
    evsi = found["evsi"].squeeze().to_numpy()

    assert evsi[0] == 0
    assert (np.diff(evsi) > 0).all()
    assert evsi[-1] == pytest.approx(found["evpi"].item(), rel=1e-6)
    assert (found["evppi"] <= found["evpi"]).all()


@given(
    rho=st.sampled_from([-1.0, -0.5, 0.0, 0.9, 1.0]),
    spread=st.tuples(st.sampled_from([0.0, 1.0, 500.0]), st.sampled_from([0.0, 0.001, 0.02])),
    n=st.floats(1, 1e6),
)
@examples(120)
def test_a_singular_covariance(rho, spread, n):
    """With sampling in proportion to V the preposterior covariance is V·n/(n + N), singular or not."""
    covariance = np.outer(spread, spread) * np.array([[1, rho], [rho, 1]])

    found = preposterior(covariance, covariance * PER_ARM, n)

    np.testing.assert_allclose(found, covariance * n / (n + PER_ARM), rtol=1e-7, atol=1e-12 * covariance.max(initial=0))


def test_a_singular_covariance_from_draws():
    """At a correlation of 1 cost and effect are one unknown, and learning either is learning all."""
    one = np.outer(SE, SE)
    found = information(draws_of(covariance=one), n=[0, 120, 1e12], patients=PER_ARM)

    np.testing.assert_allclose(found["evppi"], np.full((2, 1), found["evpi"].item()))
    assert found["evsi"].values[:, 0] == pytest.approx(
        [0, float(expected_gain(WEIGHTS @ MEAN, np.sqrt(WEIGHTS @ one @ WEIGHTS / 2))), found["evpi"].item()]
    )
    certain = information(draws_of(covariance=np.zeros((2, 2))), n=[0, 10], patients=PER_ARM)
    assert certain["evsi"].values.ravel().tolist() == [0, 0]
    assert certain["evppi"].values.ravel().tolist() == [0, 0]


def test_the_covariance_of_a_pair_of_patients():
    """In proportion to V it is the number of patients; with no noise a study of one pair tells all."""
    of_patients = information(n=[10, 90], patients=PER_ARM)
    of_matrix = information(n=[10, 90], sampling=V * PER_ARM)
    np.testing.assert_allclose(of_patients["evsi"], of_matrix["evsi"])

    exact = information(n=1, sampling=np.zeros((2, 2)))
    assert exact["evsi"].item() == pytest.approx(exact["evpi"].item())
    # A study that measures costs without error and effects hardly at all is worth the EVPPI of costs.
    costs = information(n=1, sampling=[[0, 0], [0, 1e9]])
    assert costs["evsi"].item() == pytest.approx(costs["evppi"].sel(set="delta_cost").item(), rel=1e-3)


def test_patients_by_arm_are_their_harmonic_mean():
    """Two arms of 85 and 82 vary as two of 83.47 each."""
    by_arm = information(n=100, patients={"new": 85, "usual": 82})

    np.testing.assert_allclose(by_arm["evsi"], information(n=100, patients=2 / (1 / 85 + 1 / 82))["evsi"])


def test_harm_is_turned():
    good, harm = draws_of(), draws_of(mean=(MEAN[0], -MEAN[1]), covariance=V * [[1, -1], [-1, 1]], effect_unit="DALY")
    options = {"wtp": [0, WTP], "n": [10], "patients": 50}

    for name in ("evpi", "evppi", "evsi", "inb"):
        np.testing.assert_allclose(information(good, **options)[name], information(harm, **options)[name])


def test_further_dims_stay():
    both = xr.concat([draws_of(), draws_of(mean=(0, 0))], dim="perspective").assign_coords(perspective=["a", "b"])
    found = information(both, wtp=[0, WTP], n=[10, 20], patients=50)

    assert found["evsi"].dims == ("perspective", "n", "wtp")
    np.testing.assert_allclose(found["evsi"].sel(perspective="b"), information(
        draws_of(mean=(0, 0)), wtp=[0, WTP], n=[10, 20], patients=50)["evsi"])  # fmt: skip
    assert found["optimal"].sel(perspective="a", wtp=WTP).item() == "new"


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (
            lambda: information(n=-1, patients=5),
            "n must be finite and at least 0 patients per arm, got -1.0 at position 0",
        ),
        (
            lambda: information(n=np.nan, patients=5),
            "n must be finite and at least 0 patients per arm, got nan at position 0",
        ),
        (
            lambda: information(n=[5, 5], patients=5),
            "n must hold each number once, got 5 again; leave it out",
        ),
        (
            lambda: information(n=5),
            (
                "exactly one of patients and sampling must be given with n, got neither: patients per arm behind the "
                "draws, or the covariance of a pair of patients"
            ),
        ),
        (
            lambda: information(n=5, patients=3, sampling=V),
            (
                "exactly one of patients and sampling must be given with n, got patients and sampling: patients per "
                "arm behind the draws, or the covariance of a pair of patients"
            ),
        ),
        (
            lambda: information(patients=3),
            "patients must come with n, the patients per arm of the further study; give n, or leave it out",
        ),
        (lambda: information(n=5, patients=0), "patients must be above 0, got 0"),
        (
            lambda: information(n=5, patients={"new": 3}),
            "patients must be of 'usual', 'new', got 'new'",
        ),
        (
            lambda: information(n=5, patients={"new": 3, "usual": -2}),
            "patients of 'usual' must be above 0, got -2",
        ),
        (
            lambda: information(n=5, sampling=xr.DataArray(V, {"of": ["effect", "cost"], "and": ["effect", "cost"]})),
            (
                "sampling must have the labels cost and effect, in this order, got effect, cost; put it in order or "
                "rename it, or pass .to_numpy() where the order is known to be right"
            ),
        ),
        (
            lambda: information(n=5, sampling=[1, 2]),
            "sampling must be a finite covariance matrix of cost and effect, shape (2, 2), got [1.0, 2.0]",
        ),
        (
            lambda: information(n=5, sampling=[[1, 2], [2, 1]]),
            (
                "sampling must be a covariance matrix, symmetric and with a correlation within -1 and 1, got [[1.0, "
                "2.0], [2.0, 1.0]]"
            ),
        ),
        (
            lambda: information(hecon.from_arrays(np.eye(3), np.eye(3), strategies=["a", "b", "c"], comparator="a")),
            "draws must hold two strategies, got 3; select two of them",
        ),
        (
            lambda: information(draws_of().assign_attrs(fit={"marginal": "lognormal"})),
            ("draws must be normal for the closed form, got marginal 'lognormal'; draw them with marginal='normal'"),
        ),
        (
            lambda: information(draws_of().assign_attrs(freedom={"smallest": 2.0, "clusters": 4, "imputations": None})),
            (
                "expected loss and EVPI need 3 degrees of freedom or more, got 2 (4 clusters): at 2 or fewer the "
                "variance of the draws is infinite, and a mean of losses rests on a few of them; use ceac, ceaf or the "
                "intervals of the analysis"
            ),
        ),
        (lambda: information(wtp=[-1]), "wtp must be finite and at least 0, got -1.0 at position 0"),
    ],
)
def test_what_is_refused(act, said):
    with pytest.raises(hecon.InputError) as caught:
        act()

    assert str(caught.value) == said
