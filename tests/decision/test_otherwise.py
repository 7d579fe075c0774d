"""Deciding by another perspective, value, subgroup or model: arithmetic, invariants, simulation and refusals."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from strategies import examples

import hecon
from hecon.errors import StatisticalWarning

NAMES = ["a", "b", "c"]


def made(cost, effect, dim, labels):
    """Return draws with a further dim; arrays of shape (label, draw, strategy)."""
    names = NAMES[: np.shape(cost)[-1]]
    parts = [hecon.from_arrays(c, e, strategies=names) for c, e in zip(cost, effect, strict=True)]
    return xr.concat(parts, dim=dim).assign_coords({dim: labels})


def drawn(seed, groups=2, n=400, strategies=3):
    rng = np.random.default_rng(seed)
    cost = rng.normal(1000, 300, (groups, n, strategies))
    effect = rng.normal(1, 0.02, (groups, n, strategies))
    return cost, effect


@given(seed=st.integers(0, 10_000))
@examples(50)
def test_loss_by_another_perspective_by_hand(seed):
    cost, effect = drawn(seed)
    found = hecon.decision_loss(made(cost, effect, "perspective", ["x", "y"]), wtp=[0, 20_000])

    assert found.dims == ("decided_by", "counts", "wtp")
    assert found.units == "EUR"
    for at, wtp in enumerate((0, 20_000)):
        net = (wtp * effect - cost).mean(axis=1)
        for i in range(2):
            for j in range(2):
                expected = net[j].max() - net[j][net[i].argmax()]
                assert found.values[i, j, at] == pytest.approx(expected, abs=1e-8)
    assert (found >= 0).all()


def test_loss_by_another_band():
    """At 20,000 usual care, at 80,000 exercise: each is wrong at the other value."""
    draws = hecon.from_arrays([[0, 2000]], [[0, 0.05]], strategies=["usual", "exercise"])
    found = hecon.decision_loss(draws, wtp=[20_000, 80_000], over="wtp")

    assert found.dims == ("decided_by", "counts")
    assert found.values.tolist() == [[0, 2000], [1000, 0]]


def test_the_value_of_strata_by_hand():
    cost, effect = drawn(3)
    found = hecon.stratified_value(
        made(cost, effect, "subgroup", ["young", "old"]), wtp=[0, 20_000], shares={"young": 0.3, "old": 0.7}
    )
    for at, wtp in enumerate((0, 20_000)):
        net = (wtp * effect - cost).mean(axis=1)
        apart = 0.3 * net[0].max() + 0.7 * net[1].max()
        assert found["value"].values[at] == pytest.approx(apart - (0.3 * net[0] + 0.7 * net[1]).max(), abs=1e-8)
        assert found["optimal"].values[:, at].tolist() == [NAMES[place] for place in net.argmax(axis=1)]


@given(hnp.arrays(float, (2, 5, 3), elements=st.integers(-50, 50).map(float)))
@examples(80)
def test_strata_are_never_worth_less_than_nothing(effect):
    draws = made(np.zeros_like(effect), effect, "subgroup", ["young", "old"])
    found = hecon.stratified_value(draws, wtp=1, shares={"young": 0.5, "old": 0.5})

    assert found["value"].item() >= 0
    assert found["by_chance"].item() >= 0


@pytest.mark.slow
def test_chance_is_what_alike_subgroups_give():
    """Trials of two subgroups that do not differ: by chance alone their value is, on average, what is told."""
    rng = np.random.default_rng(5)
    told, seen, below = [], [], []
    for _ in range(150):
        centre = rng.normal(0, 100, 2)  # what a trial would find of INB, the truth being 0 in both
        cost = np.zeros((2, 400, 2))
        cost[:, :, 1] = centre[:, np.newaxis] + rng.normal(0, 100, (2, 400))
        found = hecon.stratified_value(
            made(cost, np.zeros_like(cost), "subgroup", ["young", "old"]), wtp=1, shares={"young": 0.5, "old": 0.5}
        )
        told.append(found["by_chance"].item())
        seen.append(found["value"].item())
        below.append(found["p_chance"].item() <= 0.05)

    # Around the estimated mean instead of the true one, chance alone gives somewhat less.
    assert 0.6 * np.mean(seen) < np.mean(told) < 1.1 * np.mean(seen)
    assert np.mean(below) < 0.1


def test_models_are_mixed_by_their_weights():
    cost, effect = drawn(1, groups=3, n=1000)
    draws = made(cost, effect, "scenario", ["one", "two", "three"])
    mixed = hecon.average_models(draws, weights={"one": 0.5, "two": 0.3, "three": 0.2}, rng=1)

    assert {name: int((mixed["scenario"] == name).sum()) for name in ("one", "two", "three")} == {
        "one": 500, "two": 300, "three": 200,
    }  # fmt: skip
    for place in range(1000):
        at = ["one", "two", "three"].index(mixed["scenario"].values[place])
        assert mixed["cost"].values[place].tolist() == cost[at, place].tolist()
    expected = np.average(cost.mean(axis=1), axis=0, weights=[0.5, 0.3, 0.2])
    np.testing.assert_allclose(mixed["cost"].mean("draw"), expected, atol=30)
    # The verbs take it, and it is as uncertain as both structure and parameters.
    assert hecon.evpi(mixed, wtp=20_000).size == 1


def test_one_model_with_all_the_weight_is_itself():
    cost, effect = drawn(1)
    draws = made(cost, effect, "scenario", ["one", "two"])
    mixed = hecon.average_models(draws, weights={"one": 1, "two": 0}, rng=1)

    np.testing.assert_array_equal(mixed["cost"], cost[0])


def test_the_certainty_equivalent_of_a_normal():
    """Mean minus half the aversion times the variance (Pratt 1964)."""
    rng = np.random.default_rng(1)
    cost = rng.normal(1000, 200, (200_000, 2))
    draws = hecon.from_arrays(cost, np.zeros_like(cost), strategies=["a", "b"])
    found = hecon.certainty_equivalent(draws, wtp=1, aversion=0.002)

    np.testing.assert_allclose(found.squeeze(), -1000 - 0.001 * 200**2, rtol=2e-3)
    plain = hecon.certainty_equivalent(draws, wtp=1, aversion=0)
    np.testing.assert_allclose(plain.squeeze(), -cost.mean(axis=0))
    # As aversion grows it goes to the worst draw, without overflow.
    with pytest.warns(StatisticalWarning, match=r"at aversion=1e\+06 rests on 1 of 200000 draws: the worst decide"):
        worst = hecon.certainty_equivalent(draws, wtp=1, aversion=1e6)
    np.testing.assert_allclose(worst.squeeze(), -cost.max(axis=0), atol=1e-3)


def test_the_draws_that_bear_a_certainty_equivalent():
    """By hand: the square of the sum of the weights over the sum of their squares."""
    cost = np.array([[0.0, 100.0], [0.0, 300.0], [0.0, 1000.0]])
    draws = hecon.from_arrays(cost, np.zeros_like(cost), strategies=["a", "b"])
    weights = np.exp(0.002 * cost[:, 1])
    found = hecon.certainty_equivalent(draws, wtp=1, aversion=0.002)

    assert found.attrs["effective_draws"] == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert found.sel(strategy="b").item() == pytest.approx(-np.log(weights.mean()) / 0.002)
    assert hecon.certainty_equivalent(draws, wtp=1, aversion=0).attrs["effective_draws"] == 3


@pytest.mark.parametrize("better", ["more", "less"])
def test_a_mix_is_its_strategies_by_their_shares(better):
    """Draw by draw; so its loss is theirs by share, and no mix has more expected net benefit than the best."""
    rng = np.random.default_rng(2)
    cost, effect = rng.normal(1000, 300, (50, 3)), rng.normal(1, 0.2, (50, 3))
    draws = hecon.from_arrays(cost, effect, strategies=NAMES, effect_unit="unit", effect_better=better)
    shares = {NAMES[0]: 0.2, NAMES[2]: 0.8}
    mixed = hecon.mixed_strategy(draws, shares=shares)
    loss, evpi = hecon.expected_loss(mixed, wtp=[0, 1000]), hecon.evpi(draws, wtp=[0, 1000])
    sign = 1 if better == "more" else -1
    net = sign * 1000 * effect - cost

    assert mixed["strategy"].to_numpy().tolist() == [*NAMES, "mix"]
    np.testing.assert_allclose(mixed["cost"].sel(strategy="mix"), cost @ [0.2, 0, 0.8])
    np.testing.assert_allclose(mixed["effect"].sel(strategy="mix"), effect @ [0.2, 0, 0.8])
    assert (mixed.attrs, mixed["cost"].attrs, mixed["effect"].dims) == (
        draws.attrs,
        draws["cost"].attrs,
        draws["effect"].dims,
    )
    # Baio and Russo (2009): the mean of the largest net benefit less that of the mix.
    by_hand = (net.max(axis=1) - net @ [0.2, 0, 0.8]).mean()
    assert loss.sel(strategy="mix", wtp=1000).item() == pytest.approx(by_hand)
    parts = sum(share * loss.sel(strategy=name) for name, share in shares.items())
    np.testing.assert_allclose(loss.sel(strategy="mix"), parts)
    np.testing.assert_allclose(hecon.evpi(mixed, wtp=[0, 1000]), evpi)


def test_a_mix_of_further_dims_and_of_incremental_draws():
    """Each cell of its own; the comparator of differences stays at 0."""
    both = made(*drawn(1, n=10), "subgroup", ["young", "old"])
    mixed = hecon.mixed_strategy(both, shares={NAMES[0]: 0.5, NAMES[1]: 0.5}, name="half")
    whole = hecon.mixed_strategy(both.sel(subgroup="old"), shares={NAMES[0]: 0.5, NAMES[1]: 0.5}, name="half")

    np.testing.assert_allclose(mixed["cost"].sel(subgroup="old", strategy="half"), whole["cost"].sel(strategy="half"))
    assert mixed["cost"].dims == both["cost"].dims


def test_someone_averse_to_risk_may_prefer_a_mix():
    """Two options that fail in different draws insure each other; without aversion the better one is preferred."""
    rng = np.random.default_rng(3)
    common = rng.normal(0, 500, 5_000)
    cost = np.column_stack([1000 + common, 1010 - common])
    mixed = hecon.mixed_strategy(
        hecon.from_arrays(cost, np.zeros_like(cost), strategies=["a", "b"]), shares={"a": 0.5, "b": 0.5}
    )
    averse, neutral = (hecon.certainty_equivalent(mixed, wtp=1, aversion=each).squeeze() for each in (0.001, 0.0))

    assert averse.idxmax().item() == "mix"
    assert averse.sel(strategy="mix").item() == pytest.approx(-1005, abs=1)
    assert neutral.max().item() > neutral.sel(strategy="mix").item()


GROUPS = made(*drawn(1, n=10), "subgroup", ["young", "old"])


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (
            lambda: hecon.decision_loss(GROUPS, wtp=1),
            "draws must have the further dim 'perspective' alone, got subgroup; select or rename it",
        ),
        (
            lambda: hecon.decision_loss(GROUPS, wtp=1, over="wtp"),
            "draws must have the further dim 'wtp' alone, got subgroup; select or rename it",
        ),
        (
            lambda: hecon.stratified_value(GROUPS, wtp=1, shares={"young": 1}),
            "shares must be of 'young', 'old', got 'young'",
        ),
        (
            lambda: hecon.stratified_value(GROUPS, wtp=1, shares={"young": 0.5, "old": 0.6}),
            "shares must add up to 1, got 1.1; divide each by their sum",
        ),
        (
            lambda: hecon.stratified_value(GROUPS, wtp=1, shares={"young": -0.5, "old": 1.5}),
            "shares['young'] must lie in [0, 1], got -0.5",
        ),
        (
            lambda: hecon.average_models(GROUPS, weights={"young": 1}),
            "draws must have the further dim 'scenario', got subgroup; name it with over=",
        ),
        (
            lambda: hecon.average_models(GROUPS, weights={"young": 0.99, "old": 0.01}, over="subgroup"),
            "draws must be enough for the weight of 'old', got 10 for a weight of 0.01; make more",
        ),
        (
            lambda: hecon.mixed_strategy(GROUPS, shares={"other": 1}),
            "shares must be of 'a', 'b', 'c', got 'a', 'b', 'c', 'other'",
        ),
        (
            lambda: hecon.mixed_strategy(GROUPS, shares={NAMES[0]: 0.4}),
            "shares must add up to 1, got 0.4; divide each by their sum",
        ),
        (lambda: hecon.mixed_strategy(GROUPS, shares=0.4), "shares must be of 'a', 'b', 'c', got 0.4"),
        (
            lambda: hecon.mixed_strategy(GROUPS, shares={NAMES[0]: 1}, name=NAMES[1]),
            f"name must be that of no strategy of the draws, got {NAMES[1]!r}; give another with name=",
        ),
        (
            lambda: hecon.mixed_strategy(GROUPS, shares={NAMES[0]: 1}, name=f" {NAMES[0].upper()}"),
            (
                "name and strategies must differ by more than case, white space or the form of letters, got "
                f"{NAMES[0]!r} and {' ' + NAMES[0].upper()!r}; rename one"
            ),
        ),
        (
            lambda: hecon.certainty_equivalent(GROUPS, wtp=1, aversion=-1),
            "aversion must be at least 0 per EUR, got -1; 0 is no aversion",
        ),
    ],
)
def test_what_is_refused(act, said):
    with pytest.raises(hecon.InputError) as caught:
        act()

    assert str(caught.value) == said


def test_strata_that_tie_go_by_the_rule_of_the_curves():
    """Rounding of a mean over draws orders the options of one level; more effect goes first."""
    cost = np.zeros((2, 3, 2))
    effect = np.zeros((2, 3, 2))
    cost[..., 1], effect[..., 1] = [[0.1, 0.2, 0.3]] * 2, [[0.3, 0.2, 0.1]] * 2
    draws = made(cost[..., :2], effect[..., :2], "subgroup", ["young", "old"])
    found = hecon.stratified_value(draws, wtp=1, shares={"young": 0.1, "old": 0.9})

    assert found["optimal"].values.tolist() == [[NAMES[1]]] * 2
    assert found["optimal_overall"].values.tolist() == [NAMES[1]]


def test_a_small_aversion_is_close_to_none():
    """As it goes to 0 the certainty equivalent goes to the mean: to the variance times half the aversion below it."""
    draws = hecon.from_arrays([[0.0, 100.0], [0.0, 300.0]], [[0.0, 0.1], [0.0, 0.3]], strategies=["a", "b"])
    mean, variance = 1_800.0, 900.0**2
    for aversion in (1e-5, 1e-9, 1e-14, 1e-18, 1e-300):
        found = hecon.certainty_equivalent(draws, wtp=10_000, aversion=aversion).sel(strategy="b").item()
        assert mean - found == pytest.approx(aversion / 2 * variance, rel=1e-3, abs=1e-9)
