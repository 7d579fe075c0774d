"""EVPPI: closed forms, a naive oracle, other packages' examples, what must not matter, and every refusal."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal
from functools import cache

import numpy as np
import oracles
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

import hecon
from hecon.decision.information import inputs, policies, smoothing
from hecon.errors import InputError, StatisticalWarning

WTP = [0.0, 5_000.0, 20_000.0, 50_000.0]
NAMES = ("a", "b", "c")


def loss(mean, sd):
    """Return E[max(X, 0)] - max(E[X], 0) of a normal X."""
    size = abs(mean) / sd
    return sd * np.exp(-(size**2) / 2) / np.sqrt(2 * np.pi) - abs(mean) * ndtr(-size)


def model(parameters):
    """Return cost and effect of three strategies, of which the second depends on a and b, the third on b and c."""
    a, b, c = (parameters[name].to_numpy() for name in NAMES)
    zero = 0 * a
    cost = np.column_stack([zero, 1_000 + 300 * a + 500 * b, 2_000 + 800 * c])
    effect = np.column_stack([zero, 0.06 + 0.04 * a + 0.02 * b**2, 0.1 + 0.05 * b * c])
    return cost, effect


def case(n=2_000, seed=1, noise=300.0):
    """Return draws of the model with noise in cost, and its parameters."""
    rng = np.random.default_rng(seed)
    parameters = pd.DataFrame(rng.normal(size=(n, 3)), columns=NAMES)
    cost, effect = model(parameters)
    cost += noise * rng.normal(size=cost.shape)
    return hecon.from_arrays(cost, effect, strategies=["old", "new", "newer"]), parameters


def package(name):
    """Return draws and parameters of another package's example."""
    cost, effect = (oracles.numbers(f"{name}_{kind}.csv") for kind in ("costs", "effects"))
    parameters = pd.DataFrame(oracles.table(f"{name}_params.csv"), dtype=float)
    strategies = [f"s{place + 1}" for place in range(cost.shape[1])]
    return hecon.from_arrays(cost, effect, strategies=strategies), parameters


@pytest.mark.slow
def test_a_linear_normal_model_has_its_closed_form():
    rng = np.random.default_rng(2)
    a, b, c = rng.normal([0, 0, 0], [1_000, 2_000, 3_000], (20_000, 3)).T
    zero = 0 * a
    draws = hecon.from_arrays(
        np.column_stack([zero, -500 - a]), np.column_stack([zero, (b + c) / 20_000]), strategies=["old", "new"]
    )
    found = hecon.evppi(
        draws, pd.DataFrame({"a": a, "b": b, "c": c}), of=["a", "b", ("a", "b"), ("a", "b", "c")], wtp=20_000
    ).squeeze()

    for name, variance in {"a": 1.0, "b": 4.0, "a + b": 5.0, "a + b + c": 14.0}.items():
        row = found.sel(set=name)
        truth = loss(500, 1_000 * np.sqrt(variance))
        assert row["evppi"].item() == pytest.approx(truth, abs=2.5 * row["se"].item())
        assert row["out_of_fold"].item() == pytest.approx(truth, abs=2.5 * row["se"].item())
        assert row["se"].item() < 30


def naive(values, cost, effect, wtp):
    """Return what hecon finds at one value, by dense algebra and by leaving each draw out in turn."""
    basis = smoothing.basis(values, {1: "spline", 2: "tensor"}.get(values.shape[1], "polynomial"))
    functions = basis.functions(values)
    n = len(values)
    benefit = wtp * effect - cost
    relative = benefit - benefit.mean(axis=1, keepdims=True)
    best = benefit.mean(axis=0).argmax()
    # Shape of the penalty on functions less their means, with a constant that is not penalised.
    design = np.column_stack([np.ones(n), functions[:, 1:] - functions[:, 1:].mean(axis=0)])

    def hat(penalty, rows=slice(None)):
        some = design[rows]
        shrunk = some.T @ some + n * penalty * np.diag([0.0, *basis.roughness[1:]])
        return np.linalg.solve(shrunk, some.T)

    outcomes = policies.outcomes_of(cost, effect, np.array([wtp]), np.array([best]))
    penalties = smoothing.regress(basis, values, outcomes.centred).penalties()
    scores = []
    for penalty in penalties:
        smoother = design @ hat(penalty)
        residual = relative - smoother @ relative
        scores.append((residual**2).sum() / (1 - np.trace(smoother) / n) ** 2)
    penalty = penalties[int(np.argmin(scores))]
    smoother = design @ hat(penalty)
    fits = smoother @ relative
    plug_in = fits.max(axis=1).mean() - fits.mean(axis=0).max()
    decided = []
    for row in range(n):
        rest = np.arange(n) != row
        decided.append((design[row] @ hat(penalty, rest) @ relative[rest]).argmax())
    outside = benefit[np.arange(n), decided].mean() - benefit.mean(axis=0).max()
    # The standard error is that of decisions by a fit in which straight lines are not shrunk.
    loose = design @ hat(min(penalty, smoothing.SPARING)) @ relative
    gain = benefit[np.arange(n), loose.argmax(axis=1)] - benefit[:, best]
    return plug_in, gain.std() / np.sqrt(n), np.trace(smoother), outside


@pytest.mark.parametrize("names", [("a",), ("a", "b"), ("a", "b", "c")])
@pytest.mark.parametrize("wtp", [5_000.0, 20_000.0])
def test_every_number_is_that_of_dense_algebra(names, wtp):
    """The penalty that leaves a draw out is not chosen anew, as it is stated."""
    draws, parameters = case(n=150, seed=4)
    found = hecon.evppi(draws, parameters, of=names, wtp=wtp).squeeze()
    plug_in, se, edf, outside = naive(
        parameters[list(names)].to_numpy(), draws["cost"].to_numpy(), draws["effect"].to_numpy(), wtp
    )

    assert found["evppi"].item() == pytest.approx(min(plug_in, found["evpi"].item()), rel=1e-5)
    assert found["se"].item() == pytest.approx(se, rel=1e-5)
    assert found["edf"].item() == pytest.approx(edf, rel=1e-5)
    assert found["out_of_fold"].item() == pytest.approx(outside, rel=1e-5)


@pytest.mark.slow
def test_all_values_at_once_equal_one_at_a_time():
    draws, parameters = case()
    wtp = np.linspace(0, 60_000, 61)
    whole = hecon.evppi(draws, parameters, of=["a", ("b", "c")], wtp=wtp)

    for value in wtp[::7]:
        one = hecon.evppi(draws, parameters, of=["a", ("b", "c")], wtp=value)
        for name in ("evppi", "se", "edf", "out_of_fold"):
            assert one[name].to_numpy()[:, 0] == pytest.approx(
                whole[name].sel(wtp=value).to_numpy(), rel=1e-7, abs=1e-7
            )


def same(one, other, *, rel=1e-6, by=1.0):
    """Assert that two results hold the same numbers, amounts of the second multiplied."""
    for name in ("evppi", "se", "out_of_fold"):
        assert one[name].to_numpy() == pytest.approx(by * other[name].to_numpy(), rel=rel, abs=1e-6 * by)
    assert one["edf"].to_numpy() == pytest.approx(other["edf"].to_numpy(), rel=rel)


@cache
def known(*sets):
    """Return the draws and parameters of a small case, and what hecon finds of them."""
    draws, parameters = case(n=300, seed=3)
    return draws, parameters, hecon.evppi(draws, parameters, of=list(sets), wtp=WTP)


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.permutations(range(3)))
def test_neither_a_reference_nor_an_order_matters(seed, order):
    """The same amounts are added to all strategies; strategies and draws stand in another order."""
    sets = ["a", ("a", "b"), ("a", "b", "c")]
    draws, parameters, usual = known(*sets)
    rng = np.random.default_rng(seed)
    rows = rng.permutation(300)
    shift = rng.normal(0, 5_000, (300, 1))
    cost, effect = draws["cost"].to_numpy() + shift, draws["effect"].to_numpy() + shift / 10_000
    moved = hecon.from_arrays(cost[rows][:, order], effect[rows][:, order], strategies=[f"s{each}" for each in order])
    same(usual, hecon.evppi(moved, parameters.iloc[rows].reset_index(drop=True), of=sets, wtp=WTP))


@pytest.mark.slow
@given(st.floats(1e-6, 1e6), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_units_of_parameters_and_of_money_do_not_matter(scale, shift, money):
    sets = ["a", ("b", "c")]
    draws, parameters, usual = known(*sets)
    scaled = parameters * scale + shift * scale
    dear = hecon.from_arrays(
        draws["cost"].to_numpy() * money, draws["effect"].to_numpy(), strategies=["old", "new", "newer"]
    )

    same(
        hecon.evppi(dear, scaled, of=sets, wtp=np.array(WTP) * money),
        usual,
        rel=1e-4,
        by=money,
    )


def test_values_keep_their_order_and_repeats():
    draws, parameters = case()
    found = hecon.evppi(draws, parameters, of="a", wtp=[20_000, 0, 20_000])

    assert found["evppi"].dims == ("set", "wtp")
    assert found["wtp"].to_numpy().tolist() == [20_000, 0, 20_000]
    assert found["evppi"].to_numpy()[0, 0] == found["evppi"].to_numpy()[0, 2] != found["evppi"].to_numpy()[0, 1]
    assert found["evpi"].to_numpy().tolist() == hecon.evpi(draws, wtp=[20_000, 0, 20_000]).to_numpy().tolist()
    assert found["evppi"].attrs["units"] == found["se"].attrs["units"] == "EUR"


def test_a_parameter_that_is_all_there_is_has_the_value_of_perfect_information():
    draws, parameters = case(noise=0)
    found = hecon.evppi(draws, parameters, of=NAMES, wtp=WTP)

    assert found["evppi"].to_numpy()[0] == pytest.approx(found["evpi"].to_numpy(), rel=1e-3)
    assert (found["evppi"] <= found["evpi"]).all()


def test_more_than_perfect_information_is_capped_and_told():
    """Of few draws a curve can promise more than the draws hold."""
    cost = np.array([-109.0, -32.0, -7.0, 3.0, -45.0, -55.0, 35.0, -8.0])
    parameters = pd.DataFrame({"x": [1.1, 0.3, -0.2, 0.1, 1.0, 0.7, -1.1, -0.2]})
    draws = hecon.from_arrays(np.column_stack([0 * cost, cost]), np.zeros((8, 2)), strategies=["old", "new"])
    found = hecon.evppi(draws, parameters, wtp=0).squeeze()

    assert found["capped"].item()
    assert found["evppi"].item() == found["evpi"].item() == 4.75


def test_a_strategy_that_is_always_best_has_nothing_to_learn():
    draws = hecon.from_arrays([[0, 1]] * 50, [[0, 1]] * 50, strategies=["old", "new"])
    found = hecon.evppi(draws, pd.DataFrame({"x": np.arange(50)}), wtp=20_000).squeeze()

    assert [found[name].item() for name in ("evppi", "se", "out_of_fold", "evpi")] == [0, 0, 0, 0]
    assert not found["capped"].item()


@pytest.mark.parametrize("levels", [2, 3, 4, 7])
def test_a_parameter_of_few_values_is_learned_by_its_means(levels):
    """With a large signal the fit is the mean of each level."""
    rng = np.random.default_rng(6)
    level = rng.integers(0, levels, 4_000)
    mean = np.array([900, -1_500, 700, -200, 400, -800, 600])[:levels]
    gain = mean[level] + rng.normal(0, 10, level.size)
    draws = hecon.from_arrays(np.column_stack([0 * gain, -gain]), np.zeros((4_000, 2)), strategies=["old", "new"])
    found = hecon.evppi(draws, pd.DataFrame({"x": level}), wtp=0).squeeze()
    means = pd.Series(gain).groupby(level).mean().to_numpy()
    share = np.bincount(level) / level.size

    assert found["evppi"].item() == pytest.approx(share @ np.maximum(means, 0) - max(gain.mean(), 0), rel=0.01)


@pytest.mark.parametrize(
    "heavy", [lambda x: np.tan(1.5 * np.tanh(x)), lambda x: np.exp(3 * x), lambda x: np.maximum(x, 0)]
)
def test_a_parameter_of_any_shape(heavy):
    """With heavy tails, a long one, or half of the draws at one value; and flags."""
    rng = np.random.default_rng(12)
    x = rng.normal(size=4_000)
    flag = rng.uniform(size=4_000) < 0.3
    gain = 1_000 * np.tanh(x) + 500 * flag - 300 + rng.normal(0, 300, 4_000)
    draws = hecon.from_arrays(np.column_stack([0 * gain, -gain]), np.zeros((4_000, 2)), strategies=["old", "new"])
    parameters = pd.DataFrame({"x": heavy(x), "flag": flag})
    found = hecon.evppi(draws, parameters, of=["x", "flag", ("x", "flag")], wtp=0).squeeze()
    by_x = pd.Series(gain).groupby(pd.qcut(parameters["x"], 200, duplicates="drop"), observed=True)
    means, share = by_x.mean().to_numpy(), by_x.size().to_numpy() / 4_000

    assert found["evppi"].to_numpy()[0] == pytest.approx(share @ np.maximum(means, 0) - max(gain.mean(), 0), rel=0.06)
    assert found["evppi"].to_numpy()[2] >= found["evppi"].to_numpy()[0] - 1


def heavy_tailed(log_sd, n=4_000):
    """Return draws that depend on a log-normal parameter through its logarithm, and that standard normal logarithm."""
    rng = np.random.default_rng(14)
    z = rng.normal(size=n)
    gain = 1_000 * np.where(z > -1, 0.4, -0.6) + rng.normal(0, 300, n)
    draws = hecon.from_arrays(np.column_stack([0 * gain, -gain]), np.zeros((n, 2)), strategies=["old", "new"])
    return draws, pd.DataFrame({"x": np.exp(log_sd * z)}), pd.DataFrame({"x": z})


@pytest.mark.parametrize("log_sd", [2, 8, 10, 12, 15])
def test_a_heavy_tail_has_the_value_of_its_logarithm(log_sd):
    """As both say the same. About the mean, beyond nearly all draws, the others would be one number in binary."""
    draws, heavy, plain = heavy_tailed(log_sd)
    found, known = (hecon.evppi(draws, each, wtp=0).squeeze() for each in (heavy, plain))

    assert known["evppi"] > 60
    assert found["evppi"].item() == pytest.approx(known["evppi"].item(), rel=0.1)


def test_a_tail_so_heavy_that_draws_are_one_number_is_told():
    """The remedy of the message works."""
    draws, heavy, plain = heavy_tailed(25)
    told = r"'x' must be on a scale .* beside the largest, \d.*e\+\d+, \d+% of its different values are one number"
    with pytest.warns(StatisticalWarning, match=told):
        hecon.evppi(draws, heavy, wtp=0)
    found, known = (hecon.evppi(draws, each, wtp=0).squeeze() for each in (np.log(heavy), plain))

    assert found["evppi"].item() == pytest.approx(known["evppi"].item(), rel=1e-6)


def test_one_strategy_or_no_difference_has_nothing_to_learn():
    draws, parameters = case(n=100)

    assert hecon.evppi(draws.sel(strategy=["new"]), parameters, wtp=WTP)["evppi"].max() == 0
    assert hecon.evppi(draws * 0, parameters, wtp=WTP)["evppi"].max() == 0


def test_less_of_a_harm_is_better():
    draws, parameters = case()
    harm = hecon.from_arrays(
        draws["cost"].to_numpy(),
        -draws["effect"].to_numpy(),
        strategies=["old", "new", "newer"],
        effect_unit="DALY",
        effect_better="less",
    )

    same(hecon.evppi(harm, parameters, wtp=WTP), hecon.evppi(draws, parameters, wtp=WTP))


def test_further_dims_go_through():
    draws, parameters = case()
    both = xr.concat([draws, draws.assign(cost=draws["cost"] * 2)], xr.Variable("perspective", ["care", "society"]))
    found = hecon.evppi(both, parameters, of=["a", ("a", "b")], wtp=[20_000, 5_000])

    assert found["evppi"].dims == ("perspective", "set", "wtp")
    for place, name in enumerate(["care", "society"]):
        same(
            found.sel(perspective=name),
            hecon.evppi(
                draws.assign(cost=draws["cost"] * (place + 1)), parameters, of=["a", ("a", "b")], wtp=[20_000, 5_000]
            ),
        )


@pytest.mark.slow
def test_blocks_of_draws_add_up(monkeypatch):
    draws, parameters = case()
    whole = hecon.evppi(draws, parameters, of=["a", ("a", "b"), NAMES], wtp=WTP)
    monkeypatch.setattr(smoothing, "_KEPT", 1_000)
    monkeypatch.setattr(smoothing, "_CELLS", 7_000)

    same(hecon.evppi(draws, parameters, of=["a", ("a", "b"), NAMES], wtp=WTP), whole)


def test_more_draws_than_knots_are_made_of(monkeypatch):
    """Knots and functions of a part of the draws: the regression on all of them hardly differs."""
    draws, parameters = case(n=6_000)
    whole = hecon.evppi(draws, parameters, of="b", wtp=20_000)
    monkeypatch.setattr(smoothing, "_THINNED", 1_000)
    thinned = hecon.evppi(draws, parameters, of="b", wtp=20_000)

    assert thinned["evppi"].item() == pytest.approx(whole["evppi"].item(), rel=0.01)


@pytest.mark.parametrize("half", ["lower", "upper"])
def test_knots_stand_in_both_halves_of_sobol_points(half, monkeypatch):
    """Every second of them lies in one half of the distribution."""
    monkeypatch.setattr(smoothing, "_THINNED", 1_024)
    drawn = hecon.parameters.draw({"x": hecon.parameters.normal(0, 1)}, n=2**14, method="sobol", rng=1)
    share = ndtr(drawn["x"].to_numpy())
    wave = np.sin(8 * np.pi * np.abs(share - (0.0 if half == "lower" else 1.0)))
    gain = np.where((share < 0.5) == (half == "lower"), 1_000 * wave, 0.0)
    labelled = xr.DataArray(np.column_stack([0 * gain, -gain]), {"draw": drawn["draw"]}, ("draw", "strategy"))
    draws = hecon.from_arrays(labelled, 0 * labelled, strategies=["a", "b"])
    found = hecon.evppi(draws, drawn, wtp=0).squeeze()

    assert found["evppi"].item() == pytest.approx(found["evpi"].item(), rel=0.02)


def test_levels_in_turn_are_levels(monkeypatch):
    monkeypatch.setattr(smoothing, "_THINNED", 1_000)
    level = np.arange(10_000) % 10
    gain = 1_000 * np.cos(level)
    draws = hecon.from_arrays(np.column_stack([0 * gain, -gain]), np.zeros((gain.size, 2)), strategies=["a", "b"])
    found = hecon.evppi(draws, pd.DataFrame({"x": level}), wtp=0).squeeze()

    assert (found["edf"].item(), found["out_of_fold"].item()) == pytest.approx((10, found["evpi"].item()), rel=1e-3)


@pytest.mark.slow
def test_pairs_and_products():
    """A pure interaction is worth nothing to learn by halves, and is found by products and by pairs."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=(5_000, 8))
    gain = 300 + 1_000 * x[:, 0] * x[:, 1] + rng.normal(0, 1_000, 5_000)
    draws = hecon.from_arrays(np.column_stack([0 * gain, -gain]), np.zeros((5_000, 2)), strategies=["old", "new"])
    parameters = pd.DataFrame(x, columns=list("abcdefgh"))
    found = hecon.evppi(
        draws, parameters, of=["a", "b", ("a", "b"), ("a", "b", "c"), tuple("abcdefgh")], wtp=0
    ).squeeze()
    pairs = hecon.evppi(draws, parameters, of=("a", "b", "c"), wtp=0, method="pairwise").squeeze()

    assert found["method"].to_numpy().tolist() == ["spline", "spline", "tensor", "polynomial", "pairwise"]
    assert found["evppi"].to_numpy()[:2].max() < 15
    assert found["evppi"].to_numpy()[2:] == pytest.approx(208.7, rel=0.08)
    assert pairs["evppi"].item() == pytest.approx(208.7, rel=0.08)


def test_diagnostics():
    draws, parameters = case(n=400, noise=10)
    found = hecon.evppi(draws, parameters, of=["a", NAMES], wtp=[20_000, 0], check=True)
    benefit = hecon.net_benefit(draws, wtp=[20_000, 0])
    relative = (benefit - benefit.mean("strategy")).transpose("wtp", "draw", "strategy")

    assert found["fitted"].dims == ("set", "wtp", "draw", "strategy")
    for place in (0, 1):
        total = (found["fitted"] + found["residual"]).isel(set=place).to_numpy()
        assert total == pytest.approx(relative.to_numpy(), abs=1e-8)
    assert found["residual"].mean("draw").to_numpy() == pytest.approx(0, abs=1e-8)
    assert found["out_of_fold_loss"].to_numpy()[0].min() > 0.2
    assert found["out_of_fold_loss"].to_numpy()[1].max() < 0.01
    residual, normal = (
        found[name].isel(set=0, wtp=0, strategy=1).to_numpy() for name in ("residual", "normal_quantile")
    )
    assert (np.argsort(residual) == np.argsort(normal)).all()
    assert normal.std() == pytest.approx(residual.std(), rel=0.02)


@pytest.mark.slow
def test_nested_monte_carlo_agrees():
    rng = np.random.default_rng(11)
    parameters = pd.DataFrame(rng.normal(size=(5_000, 2)) * [1_000, 2_000], columns=["a", "b"])

    def run(known):
        gain = np.asarray(500 + known["a"] + known["b"])
        return {"old": 0 * gain, "new": -gain}, {"old": 0, "new": 0}

    gain = run(parameters)[0]["new"]
    draws = hecon.from_arrays(np.column_stack([0 * gain, gain]), np.zeros((5_000, 2)), strategies=["old", "new"])
    found = hecon.evppi(
        draws, parameters, of=["a", ("a", "b")], wtp=[0, 1], method="nested", model=run, samples=(2_000, 400), rng=1
    ).isel(wtp=0)
    again = hecon.evppi(
        draws, parameters, of=["a", ("a", "b")], wtp=[0, 1], method="nested", model=run, samples=(2_000, 400), rng=1
    ).isel(wtp=0)

    for place, sd in enumerate([1_000, np.sqrt(5e6)]):
        row = found.isel(set=place)
        assert row["evppi"].item() == pytest.approx(loss(500, sd), abs=2.5 * row["se"].item())
        assert row["out_of_fold"].item() == pytest.approx(loss(500, sd), abs=2.5 * row["se"].item())
    assert found["method"].to_numpy().tolist() == ["nested"] * 2
    assert np.isnan(found["edf"]).all()
    xr.testing.assert_identical(found, again)


def test_nested_monte_carlo_warns_of_related_parameters():
    draws, parameters = case()
    related = parameters.assign(b=parameters["a"] + 0.1 * parameters["b"])

    with pytest.warns(StatisticalWarning, match=r"as if independent of 'a', but 'b' has a rank correlation of 0\.99"):
        hecon.evppi(draws, related, of="a", wtp=0, method="nested", model=model, samples=(4, 4), rng=1)


def test_a_set_below_its_subset_is_told(monkeypatch):
    """Pairs alone miss what three do together."""
    rng = np.random.default_rng(9)
    x = rng.normal(size=(3_000, 3))
    gain = 1_000 * np.sin(3 * x[:, 0]) + rng.normal(0, 10, 3_000)
    draws = hecon.from_arrays(np.column_stack([0 * gain, -gain]), np.zeros((3_000, 2)), strategies=["old", "new"])
    parameters = pd.DataFrame(x, columns=NAMES)
    monkeypatch.setitem(smoothing._TERMS, "polynomial", 4)

    with pytest.warns(StatisticalWarning, match=r"^'a \+ b \+ c' has less value than its subset 'a': \d"):
        hecon.evppi(draws, parameters, of=["a", NAMES], wtp=0)


def test_draws_are_matched_by_their_labels():
    draws, parameters = case(n=200)
    cost = pd.DataFrame(draws["cost"].to_numpy(), index=[f"run {each}" for each in range(200)])
    effect = pd.DataFrame(draws["effect"].to_numpy(), index=cost.index)
    labelled = hecon.from_arrays(cost, effect, strategies=["old", "new", "newer"])
    shuffled = parameters.set_index(cost.index).sample(frac=1, random_state=1)
    expected = hecon.evppi(draws, parameters, wtp=WTP)

    same(hecon.evppi(labelled, shuffled, wtp=WTP), expected)
    same(hecon.evppi(labelled, shuffled.rename_axis("draw").to_xarray(), wtp=WTP), expected)
    same(hecon.evppi(draws, xr.Dataset({name: ("draw", parameters[name]) for name in NAMES}), wtp=WTP), expected)


def refused(message, of=None, wtp=0, change=lambda parameters: parameters, **options):
    """Assert that the verb refuses, with this message."""
    draws, parameters = case(n=60)
    with pytest.raises(InputError, match=re.escape(message)):
        hecon.evppi(draws, change(parameters), of=of, wtp=wtp, **options)


@pytest.mark.parametrize(
    ("of", "message"),
    [
        ("d", "of must name columns of parameters, got 'd'; they are 'a', 'b', 'c'"),
        ({"a", "d"}, "of must name columns of parameters, got 'd'"),
        ([], "of must name a parameter, got an empty list; pass None for every parameter singly"),
        ([()], "each set of `of` must name a parameter, got an empty set"),
        (5, "of must be a name, a set or tuple of names, or a list of these, got 5"),
        ([5], "each of `of` must be a name or a set of names, got 5"),
        (["a", "a"], "of must name each set once, got 'a' more than once"),
        ([("a", "b"), {"a", "b"}], "of must name each set once, got 'a + b' more than once"),
        (("a", "a"), "each set of `of` must be unique, got 'a' more than once"),
    ],
)
def test_sets_that_are_none(of, message):
    refused(message, of=of)


def test_sets():
    known = ["c", "a", "b"]

    assert inputs.sets_of(None, known) == [("c",), ("a",), ("b",)]
    assert inputs.sets_of("a", known) == [("a",)]
    assert inputs.sets_of({"a", "c"}, known) == [("c", "a")]
    assert inputs.sets_of(("a", "c"), known) == [("a", "c")]
    assert inputs.sets_of(["a", ("a", "c"), frozenset({"b"})], known) == [("a",), ("a", "c"), ("b",)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda each: each.to_numpy(), "parameters must be a pandas.DataFrame or an xarray.Dataset"),
        (lambda each: each.iloc[:50], "parameters must have a row for each of the 60 draws, got 50 rows"),
        (lambda each: each.set_index(each.index + 1), "parameters has labels of its draws and draws has none"),
        (lambda each: 0 * each + 1, "got a constant in 'a', 'b', 'c': what is known has no value of information"),
        (
            lambda each: each.assign(b=[np.nan] + [1.0] * 59),
            "parameter 'b' must be finite, got nan at draw 0 (1 such in",
        ),
        (lambda each: each.assign(b=np.inf), "parameter 'b' must be finite, got inf at draw 0 (60 such in all)"),
        (
            lambda each: pytest.importorskip("polars").DataFrame(each),
            "with a column for each parameter, got that of polars; pass .to_pandas()",
        ),
        (lambda each: each.assign(b="x"), "parameter 'b' must be a column of numbers"),
        (
            lambda each: each.assign(b=[Decimal(at) for at in range(60)]),
            "parameter 'b' must be a column of numbers, got object; convert numbers by .astype(float)",
        ),
        (
            lambda each: each.assign(b=pd.Timestamp("2026-11-30") + pd.to_timedelta(range(60), unit="D")),
            "; convert times to a number, as of days, and dates to the time since one of them",
        ),
        (
            lambda each: each.assign(b=pd.Categorical(np.arange(60) % 3)),
            "got category; make a set of columns of 0 and 1, of each but the first, by pandas.get_dummies(",
        ),
        (lambda each: each.rename(columns={"b": "a"}), "the columns of parameters must be unique, got 'a'"),
        (lambda each: each.rename(columns={"b": 3}), "the columns of parameters must be non-empty text, got 3"),
        (lambda each: each.assign(b=1e200 * each["b"]), "parameter 'b' must lie between 1e-150 and 1e150 in size"),
        (
            lambda _: xr.Dataset({"a": (("draw", "arm"), np.zeros((60, 2)))}),
            "parameters must be variables with the dim draw alone, 'a' has ('draw', 'arm')",
        ),
        (lambda _: xr.Dataset(), "parameters must be variables with the dim draw alone, it holds none"),
    ],
)
def test_parameters_that_are_none(change, message):
    refused(message, change=change)


def test_remedies_of_columns_that_are_no_numbers():
    draws, parameters = case(n=400)
    center = pd.Series(np.arange(400) % 3).map({0: "east", 1: "west", 2: "north"}).astype("category")
    flags = pd.get_dummies(center, drop_first=True)
    exact = parameters.assign(a=[Decimal(repr(value)) for value in parameters["a"].tolist()])

    assert hecon.evppi(draws, flags, of=tuple(flags), wtp=20_000)["evppi"].item() >= 0
    xr.testing.assert_equal(
        hecon.evppi(draws, exact.assign(a=exact["a"].astype(float)), wtp=20_000),
        hecon.evppi(draws, parameters, wtp=20_000),
    )


def test_two_sets_of_one_label():
    parameters = pd.DataFrame(np.random.default_rng(3).normal(size=(60, 3)), columns=["a", "b", "a + b"])
    with pytest.raises(InputError, match=r"different labels, got 'a \+ b' of two; rename the column with"):
        hecon.evppi(case(n=60)[0], parameters, of=["a + b", ("a", "b")], wtp=20_000)


def test_a_constant_is_left_out_of_the_default_and_refused_by_name():
    draws, parameters = case(n=60)
    found = hecon.evppi(draws, parameters.assign(price=900.0), wtp=20_000)

    assert found["set"].to_numpy().tolist() == ["a", "b", "c"]
    assert found.attrs["constant"] == ["price"]
    refused("got a constant in 'price'", of=["a", "price"], change=lambda each: each.assign(price=900))


def test_parameters_that_say_the_same():
    refused(
        "parameters of a set must not be collinear, got 'a', 'c', of which each is a linear function of the others; "
        "leave one out",
        of=NAMES,
        change=lambda each: each.assign(c=3 - 2 * each["a"]),
    )


def test_parameters_of_other_draws():
    cost = pd.DataFrame([[0, 1]] * 4, index=list("wxyz"))
    draws = hecon.from_arrays(cost, cost, strategies=["old", "new"])

    with pytest.raises(InputError, match=r"^draws and parameters must have the same labels of their draws, got 'z' "):
        hecon.evppi(draws, pd.DataFrame({"a": range(4)}, index=list("vwxy")), wtp=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "gam"}, "method must be one of 'auto', 'spline', 'tensor', 'polynomial', 'pairwise', 'nested'"),
        (
            {"method": "spline", "of": NAMES},
            "method 'spline' is for sets of 1 parameters, got 3 in 'a + b + c'; use 'poly",
        ),
        ({"method": "tensor"}, "method 'tensor' is for sets of 2 parameters, got 1 in 'a'; use 'spline'"),
        ({"wtp": -1}, "wtp must be finite and at least 0"),
        ({"model": model}, "model and samples are for method='nested', got method='auto'; ask for 'nested', or leave"),
        ({"samples": (9, 8), "method": "spline"}, "model and samples are for method='nested', got method='spline'"),
        ({"rng": -1}, "rng must be a non-negative int seed, a numpy.random.Generator or None, got -1"),
        ({"method": "nested"}, "method 'nested' needs a model: pass model=a function"),
        ({"method": "nested", "model": model, "check": True}, "method 'nested' needs check=False"),
        ({"method": "nested", "model": model, "samples": 5}, "samples must be two numbers"),
        ({"method": "nested", "model": model, "samples": (5, 1)}, "samples[1] must be a whole number of at least 2"),
        ({"method": "nested", "model": model, "samples": (5, 5)}, "samples[1] must be even, for two halves, got 5"),
        (
            {"method": "nested", "model": lambda _: 5, "samples": (5, 4)},
            "model must return cost and effect, two values, got 5",
        ),
        (
            {"method": "nested", "model": lambda each: model(each.isel(draw=slice(7))), "samples": (5, 4)},
            "cost of the model must have the shape (20, 3), (draw, strategy), got (7, 3)",
        ),
        ({"wtp": np.linspace(0, 1, 200_000), "check": True}, "check=True would hold 108,000,000 numbers"),
    ],
)
def test_options_that_are_none(options, message):
    refused(message, **options)


def test_nested_refuses_further_dims():
    draws, parameters = case(n=60)
    both = xr.concat([draws, draws], xr.Variable("perspective", ["care", "society"]))

    with pytest.raises(
        InputError, match=r"^method 'nested' needs draws without further dims; select one of each first"
    ):
        hecon.evppi(both, parameters, wtp=0, method="nested", model=model)


def test_more_parameters_than_draws():
    """Leaving one out would not help."""
    drawn = pd.DataFrame(np.random.default_rng(1).normal(size=(8, 10))).add_prefix("p")
    draws = hecon.from_arrays(np.zeros((8, 2)), drawn[["p0", "p1"]].to_numpy(), strategies=["old", "new"])
    for count in (8, 10):
        message = f"draws must outnumber the parameters of a set, got 8 draws and {count} parameters; make more draws"
        with pytest.raises(InputError, match=message):
            hecon.evppi(draws, drawn, of=tuple(drawn)[:count], wtp=1)


def test_more_terms_than_draws():
    parameters = pd.DataFrame(np.random.default_rng(1).normal(size=(20, 6)), columns=list("abcdef"))
    draws = hecon.from_arrays(np.zeros((20, 2)), parameters[["a", "b"]].to_numpy(), strategies=["old", "new"])
    few = draws.isel(draw=slice(3))

    for of, count in ((tuple("abcdef"), 28), (("a", "b"), 9)):
        if count < 20:
            assert hecon.evppi(draws, parameters, of=of, wtp=1)["evppi"].item() >= 0
            continue
        with pytest.raises(
            InputError, match=rf"^draws must outnumber the terms of the regression, got 20 draws and {count}"
        ):
            hecon.evppi(draws, parameters, of=of, wtp=1)
    with pytest.raises(InputError, match=r"got 3 draws and 3 terms for 'a'; make more draws, or ask for fewer"):
        hecon.evppi(few, parameters[:3], of="a", wtp=1)


@pytest.mark.slow
def test_voi_chemotherapy():
    """The gam of voi 1.0.3: A, B and C within 1.5%, D and E within 5% or 0.5; of E the additive one."""
    draws, parameters = package("voi_chemo")
    told = oracles.table("voi_chemo_evppi.csv")
    rows = list(zip(told["set"], told["pars"], told["method"], told["k"], told["evppi"], strict=True))
    wtp = [15_000, 20_000, 30_000, 40_000, 50_000]

    assert hecon.evpi(draws, wtp=20_000).item() == pytest.approx(368.605, abs=5e-4)
    for name, names in sorted({(row[0], row[1]) for row in rows}):
        found = hecon.evppi(draws, parameters, of=tuple(names.split("+")), wtp=wtp).isel(set=0)
        known = {float(row[3]): float(row[4]) for row in reversed(rows) if row[0] == name and row[2].startswith("gam")}
        for value in wtp:
            limit = 0.015 * known[value] if name in "ABC" else max(0.05 * known[value], 0.5)
            assert found["evppi"].sel(wtp=value).item() == pytest.approx(known[value], abs=limit), (name, value)


@pytest.mark.slow
def test_savi_brennan():
    """R mgcv 1.8: every set within 1.5% or 3; what does not matter at most 1; all together at most EVPI."""
    draws, parameters = package("savi_brennan")
    told = oracles.table("savi_brennan_evppi_mgcv.csv")
    sets = list(dict.fromkeys(name for name in told["set"] if name != "EVPI"))
    found = hecon.evppi(draws, parameters, of=[tuple(each.split("+")) for each in sets], wtp=[10_000, 20_000, 30_000])
    singly = hecon.evppi(draws, parameters, wtp=[10_000, 20_000, 30_000])["evppi"]
    matters = {"theta3", "theta5", "theta6", "theta7", "theta14", "theta15", "theta16"}

    for name, wtp, value in zip(told["set"], told["wtp"], told["value"], strict=True):
        known = float(value)
        if name == "EVPI":
            assert found["evpi"].sel(wtp=float(wtp)).item() == pytest.approx(known, rel=1e-8)
            continue
        ours = found["evppi"].isel(set=sets.index(name)).sel(wtp=float(wtp)).item()
        assert ours == pytest.approx(known, abs=max(0.015 * known, 3)), (name, wtp)
    four = found.isel(set=sets.index("theta5+theta6+theta14+theta15")).sel(wtp=20_000)
    assert four["evppi"].item() == pytest.approx(1_532, rel=0.01)
    assert singly.sel(set=[name for name in parameters if name not in matters]).max() <= 1


@pytest.mark.slow
def test_savi_brennan_together():
    draws, parameters = package("savi_brennan")
    found = hecon.evppi(draws, parameters, of=tuple(parameters.columns), wtp=[10_000, 20_000, 30_000])

    assert (found["evppi"] <= found["evpi"]).all()
    assert found["evppi"].to_numpy()[0] == pytest.approx(found["evpi"].to_numpy(), rel=1e-3)


def test_bcea_vaccine():
    """BCEA 2.4.84 on 1,000 draws: what it finds lies within the error of a regression that takes it for noise."""
    draws, parameters = package("vaccine")
    told = oracles.table("vaccine_evppi.csv")
    rows = list(zip(told["set"], told["pars"], told["method"], told["k"], told["evppi"], strict=True))
    for name, names in sorted({(row[0], row[1]) for row in rows}):
        found = hecon.evppi(draws, parameters, of=tuple(names.split("+")), wtp=[15_000, 20_000, 30_000]).isel(set=0)
        for wtp in (15_000, 20_000, 30_000):
            known = [
                float(row[4]) for row in rows if row[0] == name and row[2] in {"gam", "gp"} and float(row[3]) == wtp
            ]
            at = found.sel(wtp=wtp)
            for value in known:
                assert at["evppi"].item() == pytest.approx(value, abs=1.96 * at["se"].item() + 0.01), (name, wtp)


@pytest.mark.slow
def test_chance_alone_is_worth_little():
    """Of two options that are as good: less than a standard error by the fit, and less than nothing out of fold."""
    plug_in, outside = [], []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        gain = rng.normal(0, 4_000, 3_000)
        draws = hecon.from_arrays(np.column_stack([0 * gain, -gain]), np.zeros((3_000, 2)), strategies=["old", "new"])
        parameters = pd.DataFrame(rng.normal(size=(3_000, 5)), columns=list("abcde"))
        found = hecon.evppi(draws, parameters, of=[tuple("abcde"), ("a", "b"), "a"], wtp=0)
        plug_in.append(found["evppi"].to_numpy().ravel())
        outside.append(found["out_of_fold"].to_numpy().ravel())

    assert np.mean(plug_in, axis=0).max() < 4_000 / np.sqrt(3_000) / 3
    assert np.mean(outside) < 0


def test_products_of_a_basis():
    """Each once, the constant first, and none beyond what a parameter has."""
    for method, sizes in itertools.product(("polynomial", "pairwise"), ((9, 9, 9), (2, 9, 3, 9), (9,) * 7)):
        terms = smoothing._terms(method, sizes, 4_000)

        assert len(set(terms)) == len(terms)
        assert terms[0] == (0,) * len(sizes)
        assert all(place < size for term in terms for place, size in zip(term, sizes, strict=True))
        assert method == "polynomial" or max(sum(place > 0 for place in term) for term in terms) == 2
