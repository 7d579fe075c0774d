"""Several interventions against one comparator: how their differences go together, derived or assumed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

import hecon
from hecon import reported
from hecon.errors import InputError, UnderdeterminedError
from hecon.reported import Arms, Assumed, Difference

NONE = {"correlation": Assumed(0, range=(-0.5, 0.5), reason="not reported")}
A = {
    "cost": Arms(mean=(2000, 1000), sd=(900, 800), n=(100, 100)),
    "effect": Arms(mean=("0.700", "0.600"), sd=("0.20", "0.20"), n=(100, 100)),
    "assume": NONE,
}
B = {
    "cost": Arms(mean=(2500, 1000), sd=(700, 800), n=(50, 100)),
    "effect": Arms(mean=("0.710", "0.600"), sd=("0.25", "0.20"), n=(50, 100)),
    "assume": NONE,
}
ALONE = {"cost": Difference(1000, se=120), "effect": Difference("0.100", se="0.030"), "correlation": "0.2"}
HALF = Assumed("0.5", range=("0.3", "0.7"), reason="arms of equal size")


def differences(draws):
    """Return the draws of all differences, cost and effect by turns."""
    return np.stack([draws[name].to_numpy()[:, 1:] for name in ("cost", "effect")], axis=-1).reshape(
        draws.sizes["draw"], -1
    )


def test_the_comparators_arm_is_the_covariance():
    """s²/n of the shared arm, to rounding error; each difference is as alone."""
    draws = hecon.from_reported({"a": A, "b": B}, "usual", n_draws=1000, rng=1)
    found = np.cov(differences(draws).T, bias=True)

    assert found[0, 2] == pytest.approx(800**2 / 100)
    assert found[1, 3] == pytest.approx(0.2**2 / 100)
    assert found[0, 0] == pytest.approx(900**2 / 100 + 800**2 / 100)
    assert found[2, 2] == pytest.approx(700**2 / 50 + 800**2 / 100)
    assert draws.attrs["shared_comparator"]["status"] == "derived"
    assert differences(draws).mean(axis=0) == pytest.approx([1000, 0.1, 1500, 0.11])


def test_it_is_that_of_three_arms_drawn_one_by_one():
    """A naive oracle: independent arms, in each of which costs and effects have the correlation of 0.3."""
    rng, n, rho = np.random.default_rng(1), 400_000, 0.3
    errors = {"a": (90, 0.02), "b": (99, 0.035), "usual": (80, 0.02)}
    arms = {}
    for name, (cost, effect) in errors.items():
        first, second = rng.standard_normal((2, n))
        arms[name] = cost * first, effect * (rho * first + np.sqrt(1 - rho**2) * second)
    naive = np.cov([arms[name][at] - arms["usual"][at] for name in ("a", "b") for at in (0, 1)])
    published = {}
    for place, name in enumerate(("a", "b")):
        own = naive[2 * place : 2 * place + 2, 2 * place : 2 * place + 2]
        published[name] = {
            "cost": Arms(mean=(0, 0), se=(errors[name][0], 80)),
            "effect": Arms(mean=("0.0", "0.0"), se=(str(errors[name][1]), "0.02")),
            "correlation": f"{own[0, 1] / np.sqrt(own[0, 0] * own[1, 1]):.4f}",
        }
    draws = hecon.from_reported(published, "usual", n_draws=1000, rng=1)
    found = np.cov(differences(draws).T, bias=True)
    scale = np.sqrt(np.outer(naive.diagonal(), naive.diagonal()))

    assert np.abs((found - naive) / scale).max() < 0.01


@given(value=st.integers(0, 99), count=st.integers(2, 4))
@examples(20)
def test_an_assumed_correlation_is_that_of_the_draws(value, count):
    names = [f"o{at}" for at in range(count)]
    assumed = Assumed(f"{value / 100}", range=(f"{value / 100}", f"{value / 100}"), reason="x")
    draws = hecon.from_reported(dict.fromkeys(names, ALONE), "usual", shared=assumed, n_draws=100, rng=1)
    found = np.corrcoef(differences(draws).T)

    assert found[0, 2] == pytest.approx(value / 100, abs=1e-9)
    assert found[1, 3] == pytest.approx(value / 100, abs=1e-9)
    assert found[0, 1] == pytest.approx(0.2, abs=1e-9)


def test_standard_errors_and_intervals_of_arms_are_sds_over_root_n():
    """The same fit and the same covariance, whichever was printed."""
    z = 1.959964
    by_se = dict(A, cost=Arms(mean=(2000, 1000), se=(90, 80)))
    by_ci = dict(
        A,
        cost=Arms(
            mean=(2000, 1000),
            ci=((f"{2000 - z * 90:.4f}", f"{2000 + z * 90:.4f}"), (f"{1000 - z * 80:.4f}", f"{1000 + z * 80:.4f}")),
        ),
    )
    for each in (by_se, by_ci):
        fitted = reported.fit(cost=each["cost"], effect=each["effect"], assume=NONE)
        assert fitted.parameters["cost_se"].value == pytest.approx(np.hypot(90, 80), rel=1e-4)
        draws = hecon.from_reported({"a": each, "b": each}, "usual", n_draws=100, rng=1)
        assert draws.attrs["shared_comparator"]["cost_error"] == pytest.approx(80, rel=1e-4)


def test_a_wider_range_of_the_assumption_widens_that_of_the_probability():
    """It holds the probability that the draws have."""
    fits = {
        name: reported.fit(cost=Difference(mean, se=120), effect=Difference("0.100", se="0.030"), correlation="0.2")
        for name, mean in (("a", 1000), ("b", 1200))
    }
    ranges = []
    for low, high in (("0.4", "0.6"), ("0.2", "0.8")):
        arm = reported.several.assumed_arm(Assumed("0.5", range=(low, high), reason="x"))
        joined = reported.several.Joined(fits, "usual", arm)
        ranges.append(joined.probability_range("a", "b", wtp=20_000))
        draws = joined.draws(100_000, np.random.default_rng(1))
        share = hecon.ceac(draws.sel(strategy=["b", "a"]), wtp=20_000).sel(strategy="a").item()
        assert joined.probability("a", "b", wtp=20_000) == pytest.approx(share, abs=0.005)
        assert ranges[-1][0] < share < ranges[-1][1]
    assert ranges[1][0] < ranges[0][0] < ranges[0][1] < ranges[1][1]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"b": ALONE},
            InputError,
            "shared must say how the differences from 'usual' are correlated, as its standard errors are not given",
        ),
        ({"shared": HALF}, InputError, "shared must be left out, as the standard errors of 'usual' follow from"),
        (
            {"b": dict(B, cost=Arms(mean=(2500, 1000), sd=(700, 900), n=(50, 100)))},
            InputError,
            "the arm of 'usual' must be the same for every intervention, got standard errors",
        ),
        ({"cost": Difference(1, se=1)}, InputError, "statistics must stand with their intervention"),
        ({"marginal": "lognormal"}, InputError, "marginal must be 'normal' for several interventions, got 'lognormal'"),
        ({"b": dict(B, assume=None)}, UnderdeterminedError, "b: correlation is not determined by what was reported"),
        ({"b": "x"}, InputError, r"intervention\['b'\] must be a mapping, as in"),
        ({"b": {"icre": 1}}, InputError, r"intervention\['b'\] must be one of 'cost'"),
        ({"n_draws": 5}, InputError, "n_draws must be a whole number of at least 10"),
    ],
)
def test_what_is_refused(change, error, message):
    keywords = {"n_draws": 100, "rng": 1} | {key: each for key, each in change.items() if key != "b"}
    with pytest.raises(error, match=message):
        hecon.from_reported({"a": A, "b": change.get("b", B)}, "usual", **keywords)


@pytest.mark.parametrize(
    ("assumed", "message"),
    [
        (
            Assumed("0.5", range=("0.3", "1.0"), reason="x"),
            r"shared must lie in \[0, 1\) over its whole range, got 0.3 to 1",
        ),
        (
            Assumed("0.0", range=("-0.1", "0.5"), reason="x"),
            r"shared must lie in \[0, 1\) over its whole range, got -0.1",
        ),
        (0.5, "shared must be an Assumed"),
    ],
)
def test_an_assumption_must_be_possible(assumed, message):
    with pytest.raises(InputError, match=message):
        hecon.from_reported({"a": ALONE, "b": ALONE}, "usual", shared=assumed, rng=1)


def test_one_intervention_shares_nothing():
    with pytest.raises(InputError, match="shared must be left out with one intervention"):
        hecon.from_reported("a", "usual", cost=Difference(1, se=1), shared=HALF)
    with pytest.raises(InputError, match="must be a name, or a mapping of two names or more"):
        hecon.from_reported({"a": A}, "usual")


@pytest.mark.slow
def test_an_arm_cannot_vary_less_than_not_at_all():
    """As where differences are adjusted, so that they vary less than the arms tell."""
    odd = dict(A, cost=(Arms(mean=(2000, 1000), se=("90.0", "80.0")), Difference(1000, se="70.0")))
    with pytest.raises(InputError, match=r"must fit those of the differences of 'a'|cannot all be true"):
        hecon.from_reported({"a": odd, "b": odd}, "usual", rng=1)
    joined = reported.several.Joined(
        {"a": reported.fit(cost=Difference(1000, se=70), effect=Difference("0.1", se="0.03"), correlation="0.2")}
        | {"b": reported.fit(cost=Difference(1000, se=70), effect=Difference("0.1", se="0.03"), correlation="0.2")},
        "usual",
        reported.several.SharedArm("derived", cost_error=80.0, effect_error=0.02),
    )
    with pytest.raises(InputError, match="must fit those of the differences of 'a', got 80"):
        joined.covariance()
