"""Sensitivity and thresholds of a model, against arithmetic and against brute force."""

import re

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import examples

import hecon
from hecon import parameters as par
from hecon.errors import StatisticalWarning

START = {"event": 0.2, "ratio": 0.8, "care": 9000, "price": 900}


def model(p):
    """Return a decision tree of two branches, written as its author would."""
    new = p["event"] * p["ratio"]
    cost = {"usual": p["event"] * p["care"], "new": new * p["care"] + p["price"]}
    return cost, {"usual": -0.3 * p["event"], "new": -0.3 * new}


def drawn(n=500):
    known = {"event": par.beta(0.2, 0.03), "ratio": par.lognormal(0.8, 0.1), "care": par.gamma(9000, 1500)}
    return par.draw({**known, "price": par.fixed(900)}, n=n, rng=1)


def vary(**options):
    return hecon.sensitivity(model, START, **{"wtp": 50_000, "comparator": "usual"} | options)


def test_one_way_is_the_model_at_the_ends():
    """INB = λ·0.3·event·(1 − ratio) + event·care·(1 − ratio) − price, by hand."""
    bars = vary(ranges={"ratio": (0.6, 1.0), "event": (0.1, 0.3)}, wtp=[20_000, 50_000])

    def inb(wtp, event=0.2, ratio=0.8):
        return event * (1 - ratio) * (0.3 * wtp + 9000) - 900

    for wtp in (20_000, 50_000):
        bar = bars.sel(wtp=wtp, strategy="new")
        assert float(bar["inb"]) == pytest.approx(inb(wtp))
        assert bar["inb_low"].values == pytest.approx([inb(wtp, ratio=0.6), inb(wtp, event=0.1)])
        assert bar["inb_high"].values == pytest.approx([inb(wtp, ratio=1.0), inb(wtp, event=0.3)])
    assert bars["base"].values.tolist() == [0.8, 0.2]
    assert bars["inb"].attrs["units"] == "EUR"
    assert bars.sel(wtp=50_000)["optimal"].item() == "new"
    assert bars.sel(wtp=50_000)["optimal_high"].values.tolist() == ["usual", "new"]
    assert bars["turns"].values.tolist() == [[True, True], [True, True]]


def test_a_start_outside_its_range_is_doubted():
    told = (
        "the model starts from 'ratio' = 0.8, outside its range 0.9 to 1: the net benefit that it starts from need not "
        "lie between those of the range"
    )
    with pytest.warns(StatisticalWarning, match=re.escape(told)):
        bars = vary(ranges={"ratio": (0.9, 1.0), "event": (0.2, 0.3)})

    assert bars["base"].values.tolist() == [0.8, 0.2]


def test_what_lies_between_the_ends_counts():
    def curved(p):
        return {"a": 0.0, "b": 100 * (p["x"] - 1) ** 2}, {"a": 0.0, "b": 0.0}

    bars = hecon.sensitivity(curved, {"x": 0}, wtp=1, comparator="a", ranges={"x": (0, 2)}).squeeze()

    assert (float(bars["inb_low"]), float(bars["inb_high"])) == (-100, -100)
    assert (float(bars["inb_least"]), float(bars["inb_most"])) == (-100, 0)


def test_a_ratio_only_inside_one_quadrant():
    bars = vary(ranges={"price": (500, 1300), "event": (0.1, 0.3), "care": (0, 50_000)}).squeeze()

    assert bars["quadrants"].values.tolist() == ["NE", "NE", "NE, SE"]
    assert bars["icer_low"].values == pytest.approx([(500 - 360) / 0.012, (900 - 180) / 0.006, np.nan], nan_ok=True)
    assert np.isnan(bars["icer_high"].values).tolist() == [False, False, True]


def test_a_grid_is_the_model_at_each_pair():
    grid = vary(grid={"price": [500, 900, 1300], "ratio": [0.6, 0.9]})

    assert grid["inb"].dims == ("price", "ratio", "strategy", "wtp")
    for price in (500, 900, 1300):
        for ratio in (0.6, 0.9):
            found = hecon.sensitivity(
                model, START | {"price": price}, wtp=50_000, comparator="usual", grid={"ratio": [ratio]}
            )
            assert grid["inb"].sel(price=price, ratio=ratio).item() == found["inb"].item()


def test_draws_give_means_and_probabilities():
    """Over draws each cell is the draws' own result, and a fixed parameter is the same in each."""
    p = drawn()
    grid = hecon.sensitivity(model, p, wtp=[20_000, 50_000], comparator="usual", grid={"price": [100, 900]})
    cost, effect = (xr.Dataset(each).to_array("strategy") for each in model(p))
    draws = hecon.from_arrays(cost, effect, strategies=["usual", "new"])

    at_900 = grid.sel(price=900)
    xr.testing.assert_allclose(
        at_900["probability"].rename(option="strategy").drop_vars("price").transpose("wtp", "strategy"),
        hecon.ceac(draws, wtp=[20_000, 50_000]),
    )
    expected = hecon.incremental_net_benefit(draws, wtp=[20_000, 50_000], comparator="usual").mean("draw")
    np.testing.assert_allclose(at_900["inb"], expected)
    assert (grid["probability"].sel(price=100) > grid["probability"].sel(price=900)).sel(option="new").all()
    bars = hecon.sensitivity(model, p, wtp=50_000, comparator="usual", ranges={"price": (100, 900)})
    np.testing.assert_allclose(bars["probability_high"].squeeze(), at_900["probability"].sel(wtp=50_000))


def test_scenarios_named_and_structural():
    def other(p):
        cost, effect = model(p)
        return cost, {"usual": effect["usual"], "new": effect["usual"]}

    found = vary(scenarios={"cheap": {"price": 100}, "no effect": other, "both": (other, {"price": 100})})

    assert found["scenario"].values.tolist() == ["base", "cheap", "no effect", "both"]
    assert found["inb"].squeeze().values == pytest.approx([60, 860, -540, 260])
    assert found["optimal"].squeeze().values.tolist() == ["new", "new", "usual", "new"]
    assert found["quadrant"].squeeze().values.tolist() == ["NE", "SE", "=", "="]
    assert found["icer"].squeeze().values == pytest.approx([45_000, np.nan, np.nan, np.nan], nan_ok=True)


def test_harm_is_turned():
    def deaths(p):
        return {"a": 0.0, "b": p["price"]}, {"a": 0.03, "b": 0.01}

    found = hecon.sensitivity(
        deaths, {"price": 10}, wtp=1000, comparator="a", grid={"price": [10, 30]}, effect_unit="deaths"
    )

    assert found["inb"].squeeze().values == pytest.approx([10, -10])
    assert found["effect"].sel(option="b").values == pytest.approx([0.01, 0.01])


def test_arrays_and_labelled_arrays_are_taken():
    def arrays(p):
        cost, effect = model(p)
        return [cost["usual"], cost["new"]], np.array([effect["usual"], effect["new"]])

    def labelled(p):
        cost, effect = model(p)
        return xr.Dataset(cost).to_array("strategy"), xr.Dataset(effect).to_array("strategy").isel(strategy=[1, 0])

    options = {"wtp": 50_000, "comparator": "usual", "grid": {"price": [100.0, 900.0]}}
    plain = hecon.sensitivity(model, START, **options)

    xr.testing.assert_allclose(plain, hecon.sensitivity(arrays, START, strategies=["usual", "new"], **options))
    xr.testing.assert_allclose(plain, hecon.sensitivity(labelled, START, **options))
    probabilistic = hecon.sensitivity(model, drawn(), **options)
    xr.testing.assert_allclose(probabilistic, hecon.sensitivity(labelled, drawn(), **options))


def test_a_threshold_by_hand():
    """COMPARE: 3,393 euros for 0.0434 QALY, 78,180 per QALY; what turns it at 50,000 is 50,000 times 0.0434."""

    def compare(p):
        return {"exercise": 0.0, "surgery": p["cost"]}, {"exercise": 0.0, "surgery": 0.0434}

    found = hecon.threshold(compare, {"cost": 3393}, vary="cost", between=(0, 10_000), wtp=50_000)

    assert found.values == pytest.approx((2170,), abs=1e-6)
    assert found.options == ("surgery", "exercise")
    assert found.jumps == (False,)
    assert found.option_at(2000) == "surgery"
    assert found.option_at(found.base) == "exercise"


def test_none_in_the_range():
    found = hecon.threshold(model, START, vary="price", between=(1000, 5000), wtp=50_000)

    assert (found.values, found.options) == ((), ("usual",))


def test_a_root_at_a_step_and_at_an_end():
    assert hecon.threshold(model, START, vary="price", between=(0, 960 * 2), wtp=50_000).values == pytest.approx((960,))
    at_end = hecon.threshold(model, START, vary="price", between=(0, 960), wtp=50_000)
    assert all(value == pytest.approx(960) for value in at_end.values)


@pytest.mark.slow
@examples(80)
@given(
    roots=st.lists(st.floats(0.02, 0.98), min_size=1, max_size=4, unique=True),
    sign=st.sampled_from([-1, 1]),
)
def test_all_roots_of_a_polynomial(roots, sign):
    roots = sorted(roots)
    assume(min(np.diff([-1, *roots, 2])) > 0.021)

    def polynomial(p):
        return {"a": 0.0, "b": sign * 1e6 * float(np.prod([p["x"] - root for root in roots]))}, {"a": 0.0, "b": 0.0}

    found = hecon.threshold(polynomial, {"x": 0}, vary="x", between=(0, 1), wtp=1)

    assert found.values == pytest.approx(roots, abs=1e-9)
    assert len(found.options) == len(roots) + 1
    assert set(found.options[::2]).isdisjoint(found.options[1::2])


def test_two_roots_within_one_step():
    def close(p):
        return {"a": 0.0, "b": (p["x"] - 0.5041) * (p["x"] - 0.5069) * 1e6}, {"a": 0.0, "b": 0.0}

    found = hecon.threshold(close, {"x": 0}, vary="x", between=(0, 1), wtp=1)

    assert found.values == pytest.approx((0.5041, 0.5069), abs=1e-9)
    assert found.options == ("a", "b", "a")


def test_touching_is_no_change():
    def touching(p):
        return {"a": 0.0, "b": 1 + (p["x"] - 0.5) ** 2}, {"a": 0.0, "b": 0.0}

    assert hecon.threshold(touching, {"x": 0}, vary="x", between=(0, 1), wtp=1).values == ()


def test_a_jump_is_told():
    def tariff(p):
        return {"a": 0.0, "b": 100.0 if p["days"] > 7.3 else -100.0}, {"a": 0.0, "b": 0.0}

    found = hecon.threshold(tariff, {"days": 3}, vary="days", between=(0, 20), wtp=1)

    assert found.values == pytest.approx((7.3,), abs=1e-6)
    assert found.jumps == (True,)


@examples(120)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=2, max_size=5, unique=True))
def test_many_options_against_brute_force(lines):
    """Net benefit of option i is a + b·x: the upper envelope, found by trying a fine grid."""
    names = [f"option {place}" for place in range(len(lines))]

    def linear(p):
        cost = {name: -(a + b * p["x"]) for name, (a, b) in zip(names, lines, strict=True)}
        return cost, dict.fromkeys(names, 0.0)

    found = (
        hecon.threshold(linear, {"x": 0}, vary="x", between=(-1, 1), wtp=1, steps=7)
        if any(b for _, b in lines)
        else None
    )
    assume(found is not None)

    for x in np.linspace(-1, 1, 201):
        benefits = [a + b * x for a, b in lines]
        told = names.index(found.option_at(float(x)))
        assert benefits[told] >= max(benefits) - 1e-6


def noisy(p, rng=np.random.default_rng(1)):  # noqa: B008 - a model that keeps its generator
    return {"a": 0.0, "b": p["x"] + rng.normal()}, {"a": 0.0, "b": 0.0}


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (vary, "exactly one of ranges, grid and scenarios must be given, got none"),
        (
            lambda: vary(ranges={"price": (0, 1)}, grid={"price": [0, 1]}),
            "exactly one of ranges, grid and scenarios must be given, got ranges and grid",
        ),
        (
            lambda: vary(grid={"price": [0, 1]}, points=3),
            "points must be left out beside grid, got 3: it is the number of values of a range",
        ),
        (lambda: vary(ranges={}), "ranges must map names to what they are, at least one, got {}"),
        (
            lambda: vary(ranges={"prise": (0, 1)}),
            "name in ranges must be one of 'event', 'ratio', 'care', 'price', got 'prise'",
        ),
        (
            lambda: vary(ranges={"price": (1, 0)}),
            "range of 'price' must run from low to high, got 1 to 0; exchange them, or leave it out",
        ),
        (lambda: vary(ranges={"price": 3}), "range of 'price' must be two numbers, low and high, got 3"),
        (lambda: vary(ranges={"price": (0, np.nan)}), "range of 'price' must be finite, got nan"),
        (lambda: vary(ranges={"price": (0, 1)}, points=1), "points must be a whole number of at least 2, got 1"),
        (lambda: vary(grid={"price": [0, np.inf]}), "grid['price'] must be finite, got inf at position 1"),
        (
            lambda: vary(grid={"price": [0], "ratio": [1], "care": [1]}),
            "grid must have one parameter or two, got 3: price, ratio, care; use scenarios for more",
        ),
        (
            lambda: hecon.sensitivity(
                lambda p: ({"a": 0.0, "b": p["wtp"]}, {"a": 0.0, "b": 0.0}),
                {"wtp": 1.0}, wtp=1, comparator="a", grid={"wtp": [1, 2]},
            ),
            "name in grid must not be 'wtp', which is a dim of the result; rename the parameter",
        ),
        (lambda: vary(scenarios={"base": {}}), "scenarios must be unique, got 'base' more than once"),
        (
            lambda: vary(scenarios={"x": {"prise": 0}}),
            "name in scenario 'x' must be one of 'event', 'ratio', 'care', 'price', got 'prise'",
        ),
        (lambda: vary(scenarios={"x": {"price": np.nan}}), "'price' in scenario 'x' must be finite, got nan"),
        (
            lambda: vary(scenarios={"x": 3}),
            "scenario 'x' must be parameters with other values, a model, or both as (model, parameters), got 3",
        ),
        (lambda: vary(comparator="best", grid={"price": [0]}), "comparator must be one of 'usual', 'new', got 'best'"),
        (lambda: vary(wtp=-1, grid={"price": [0]}), "wtp must be finite and at least 0, got -1.0 at position 0"),
        (
            lambda: hecon.threshold(3, START, vary="price", between=(0, 1), wtp=1),
            "model must be a function of parameters that returns cost and effect, got 3",
        ),
        (
            lambda: hecon.threshold(model, [], vary="price", between=(0, 1), wtp=1),
            ("parameters must be values by name, or a Dataset over draw, got a list; use hecon.parameters.draw, or "
            "table.rename_axis('draw').to_xarray() of a pandas table"),
        ),
        (
            lambda: hecon.threshold(model, xr.Dataset({"a": 1}), vary="price", between=(0, 1), wtp=1),
            "parameters must be values by name, or a Dataset over draw, as hecon.parameters.draw returns",
        ),
        (
            lambda: hecon.threshold(model, START | {"care": np.nan}, vary="price", between=(0, 1), wtp=1),
            "parameters['care'] must be finite, got nan",
        ),
        (
            lambda: hecon.threshold(model, {**START, 3: 1}, vary="price", between=(0, 1), wtp=1),
            "parameters must have names, got 3",
        ),
        (
            lambda: hecon.threshold(
                lambda _: ({"a": 0, "b": 1}, {"a": 0, "b": 1}), {"x": 1}, vary="x", between=(0, 1), wtp=1
            ),
            ("model must depend on 'x', got the same cost and effect at 101 values from 0 to 1; let it read the "
            "parameters that it is given"),
        ),
        (
            lambda: hecon.sensitivity(
                lambda _: ({"a": 0, "b": 1}, {"a": 0, "b": 1}), {"x": 1}, wtp=1, comparator="a", ranges={"x": (0, 1)}
            ),
            ("model must depend on what is varied, got the same cost and effect in all of the ranges; let it read the "
            "parameters that it is given"),
        ),
        (
            lambda: hecon.threshold(lambda p: p["x"], {"x": 1}, vary="x", between=(0, 1), wtp=1),
            "model must return cost and effect, two values, got 1",
        ),
        (
            lambda: hecon.threshold(lambda p: ([0, p["x"]], [0, 1]), {"x": 1}, vary="x", between=(0, 1), wtp=1),
            ("strategies must be given where the model returns arrays: pass strategies=[...] in the order of their "
            "last axis, or return {strategy: value}"),
        ),
        (
            lambda: hecon.threshold(
                lambda p: ([0, p["x"], 1], [0, 1, 1]), {"x": 1}, vary="x", between=(0, 1), wtp=1, strategies=["a", "b"]
            ),
            "cost of the model must have the shape (2,), (strategy), got (3,); or return {strategy: value}",
        ),
        (
            lambda: hecon.threshold(
                lambda p: ({"a": 0, "b": p["x"]}, {"a": 0, "c": 1}), {"x": 1}, vary="x", between=(0, 1), wtp=1
            ),
            "effect of the model must be of the strategies 'a', 'b', got 'a', 'c'",
        ),
        (
            lambda: hecon.threshold(lambda p: ({"a": p["x"]}, {"a": 0}), {"x": 1}, vary="x", between=(0, 1), wtp=1),
            "strategies must be two or more, got a; a model of one has nothing to decide",
        ),
        (
            lambda: hecon.threshold(
                lambda p: ({"a": 0, "b": [p["x"], 1]}, {"a": 0, "b": 1}), {"x": 1}, vary="x", between=(0, 1), wtp=1
            ),
            "cost of the model must be a number for each strategy, or one for each of 1 draws, got shape (2,)",
        ),
        (
            lambda: hecon.threshold(noisy, {"x": 1}, vary="x", between=(0, 1), wtp=1),
            ("model must return the same for the same parameters, got two results for one; "
            "draw its random numbers once, outside the model"),
        ),
        (
            lambda: hecon.threshold(model, {**START, "price": "low"}, vary="price", between=(0, 1), wtp=1),
            None,
        ),
        (
            lambda: hecon.threshold(
                lambda p: ({"a": 0, "b": 1.0 if p["x"] == "low" else 2.0}, {"a": 0, "b": 1}),
                {"x": "low"}, vary="x", between=(0, 1), wtp=1,
            ),
            "parameters['x'] must be a number to vary it, got 'low'",
        ),
        (
            lambda: hecon.threshold(
                lambda p: tuple({"a": 0, "b": p["x"].assign_coords(draw=p["draw"] + 1)} for _ in range(2)),
                par.draw({"x": par.normal(0, 1)}, n=5, rng=1).assign_coords(draw=[3, 4, 5, 6, 7]),
                vary="x", between=(0, 1), wtp=1,
            ),
            ("cost of the model must be of the draws of the parameters, in their order, got other labels; compute it "
            "from them"),
        ),
    ],
)  # fmt: skip
def test_what_is_refused(act, said):
    if said is None:  # the model's own error is its author's to read
        with pytest.raises(TypeError):
            act()
        return
    with pytest.raises(hecon.InputError) as caught:
        act()

    assert str(caught.value) == said


def test_a_value_outside_the_range_has_no_option():
    found = hecon.threshold(model, START, vary="price", between=(0, 5000), wtp=50_000)

    with pytest.raises(hecon.InputError, match=r"^value must lie in the range that was searched, 0 to 5000, got 6000$"):
        found.option_at(6000)


@pytest.mark.parametrize("names", [("usual", "new"), ("new", "usual")])
@pytest.mark.parametrize(
    ("cost", "values"),
    [
        (lambda x: (x - 1000) * (x - 1010), (1000, 1010)),
        (lambda x: (x - 990) * (x - 1000), (990, 1000)),
        (lambda x: -(x - 1000) * (x - 1010), (1000, 1010)),
        (lambda x: x - 1000, (1000,)),
        (lambda x: (x - 1000) ** 2, ()),
        (lambda x: -((x - 1000) ** 2), ()),
    ],
)
def test_a_tie_at_a_step_hides_no_change(names, cost, values):
    """The range is searched in steps of 50, one of which ends at 1000; who wins a tie depends on the names."""
    one, other = names

    def model(given):
        return {one: 0.0, other: cost(given["x"])}, {one: 0.0, other: 0.0}

    found = hecon.threshold(model, {"x": 1.0}, vary="x", between=(0, 5000), wtp=1000)
    assert found.values == pytest.approx(values, abs=1e-9)
    first = one if cost(1.0) > 0 else other
    assert found.options == tuple((first, other if first == one else one)[at % 2] for at in range(len(values) + 1))


def test_the_end_of_a_tie_is_found_within_a_step():
    """Equal up to 1007, where the one that is first by name becomes dearer."""
    found = hecon.threshold(
        lambda given: ({"a": max(0.0, given["x"] - 1007), "b": 0.0}, {"a": 0.0, "b": 0.0}),
        {"x": 1.0},
        vary="x",
        between=(0, 5000),
        wtp=1000,
    )
    assert (found.values, found.options) == (pytest.approx((1007,), abs=1e-9), ("a", "b"))
