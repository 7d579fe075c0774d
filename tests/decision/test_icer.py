"""The pairwise ratio, its quadrant and its intervals."""

from __future__ import annotations

import numpy as np
import pytest
import strategies as cases_of
import xarray as xr
from hypothesis import given
from scipy.special import ndtri
from strategies import examples

import hecon
from hecon.decision import incremental
from hecon.errors import InputError


def against_zero(cost, effect, **options):
    """Return draws in which B minus A is (cost, effect)."""
    pair = [np.column_stack([np.zeros(len(each)), each]) for each in (cost, effect)]
    return cases_of.dataset(*pair, comparator="A", **options)


def normal(mean, covariance, n_draws=4000, seed=1):
    """Return draws of B minus A that have this mean and covariance to rounding."""
    values = np.random.default_rng(seed).normal(size=(n_draws, 2))
    values -= values.mean(axis=0)
    values = values @ np.linalg.inv(np.linalg.cholesky(np.cov(values.T))).T
    cost, effect = (values @ np.linalg.cholesky(np.array(covariance)).T + mean).T
    return against_zero(cost, effect)


@pytest.mark.parametrize(
    ("cost", "effect", "quadrant", "ratio"),
    [
        (1000, 0.1, "NE", 10_000),
        (-1000, 0.1, "SE", np.nan),
        (-1000, -0.1, "SW", 10_000),
        (1000, -0.1, "NW", np.nan),
        (0, 0.1, "=", np.nan),
        (1000, 0, "=", np.nan),
        (0, 0, "=", np.nan),
    ],
)
def test_quadrant_goes_with_the_ratio(cost, effect, quadrant, ratio):
    """A ratio has a meaning where there is a trade-off; on an axis and in SE and NW there is none."""
    result = hecon.icer(against_zero([cost], [effect])).sel(strategy="B")

    assert result["quadrant"].item() == quadrant
    assert result["icer"].item() == pytest.approx(ratio, rel=1e-15, nan_ok=True)
    assert result["quadrant_share"].sel(quadrant_of_draws=quadrant).item() == 1


def test_hand_made_draws():
    """Four draws: means, percentiles between draws 1 and 2 and draws 3 and 4, and a share in each quadrant."""
    result = hecon.icer(against_zero([100, -100, 300, 500], [1, 2, 0, 5])).sel(strategy="B")

    assert result["delta_cost"].item() == 200
    assert result["delta_effect"].item() == 2
    assert result["icer"].item() == 100
    assert result["delta_cost_interval"].values == pytest.approx([-100 + 0.075 * 200, 500 - 0.075 * 200])
    assert result["delta_effect_interval"].values == pytest.approx([0.075, 5 - 0.075 * 3])
    assert result["quadrant_share"].values.tolist() == [0.5, 0.25, 0, 0, 0.25]
    assert result["quadrant_share"]["quadrant_of_draws"].values.tolist() == ["NE", "SE", "SW", "NW", "="]
    assert result["bound"].values.tolist() == ["lower", "upper"]
    assert np.isnan(result["icer_interval"]).all()  # one of four draws does not keep the sign


def test_fieller_by_hand():
    """Uncorrelated, mean 1000 and 0.1, standard errors 100 and 0.02: the roots of the quadratic."""
    z = ndtri(0.975)
    result = hecon.icer(normal([1000, 0.1], [[1e4, 0], [0, 4e-4]])).sel(strategy="B")
    roots = np.sort(np.roots([0.01 - z**2 * 4e-4, -2 * 100, 1e6 - z**2 * 1e4]))

    assert pytest.approx(z, rel=1e-15) == incremental.Z
    assert result["icer"].item() == pytest.approx(10_000, rel=1e-12)
    assert result["icer_fieller"].values == pytest.approx(roots, rel=1e-9)


def test_fieller_bounds_are_where_net_benefit_is_on_the_edge():
    """At a bound, the 95% interval of net benefit just touches 0: that is what the interval means."""
    draws = normal([-1500, -0.05], [[250_000, 3], [3, 1e-4]])
    bounds = hecon.icer(draws)["icer_fieller"].values.ravel()
    benefit = hecon.incremental_net_benefit(draws, wtp=bounds).sel(strategy="B")
    ratio = np.abs(benefit.mean("draw") / benefit.std("draw", ddof=1))

    assert bounds[0] < 30_000 < bounds[1]
    assert ratio.values == pytest.approx(incremental.Z, rel=1e-9)


def test_no_fieller_interval_where_the_effect_may_be_zero():
    """With an interval of the effect that holds 0, or one draw, the ratio has no Fieller interval."""
    wide = hecon.icer(normal([1000, 0.1], [[1e4, 0], [0, 0.06**2]]))
    single = hecon.icer(against_zero([1000], [0.1]))

    assert np.isnan(wide["icer_fieller"]).all()
    assert np.isnan(single["icer_fieller"]).all()


def test_one_draw_has_no_interval():
    """A deterministic model says nothing of uncertainty: an interval of no width would say that there is none."""
    single = hecon.icer(against_zero([1000], [0.1]))

    assert single["icer"].values.tolist() == [10_000]
    assert all(np.isnan(single[f"{name}_interval"]).all() for name in ("delta_cost", "delta_effect", "icer"))


def test_two_draws_have_a_fieller_interval():
    """The smallest number with a covariance: the bounds are the roots of Fieller's quadratic."""
    cost, effect = np.array([900.0, 1100.0]), np.array([0.099, 0.101])
    result = hecon.icer(against_zero(cost, effect)).sel(strategy="B")
    (var_cost, cov), (_, var_effect) = np.cov(cost, effect)
    z = incremental.Z
    roots = np.roots([0.01 - z**2 * var_effect, -2 * (100 - z**2 * cov), 1e6 - z**2 * var_cost])

    assert result["icer_fieller"].values == pytest.approx(np.sort(roots), rel=1e-6)


@pytest.mark.parametrize("side", [1, -1])
def test_interval_by_angle(side):
    """A hundred draws with ratios 1 to 100: without the 2 at each end that a tail holds; in SW as in NE."""
    ratios = np.arange(1.0, 101)
    result = hecon.icer(against_zero(side * ratios * 2, side * np.full(100, 2.0)))

    assert result["icer_interval"].values.ravel() == pytest.approx([3, 98], rel=1e-12)


@pytest.mark.parametrize(("others", "given"), [(2, True), (3, False)])
def test_interval_by_angle_needs_the_sign(others, given):
    """It stands with 98 of 100 draws on one side of the axis, not with 97."""
    effect = np.ones(100)
    effect[:others] = -0.5
    result = hecon.icer(against_zero(np.arange(1.0, 101), effect))["icer_interval"]

    assert bool(np.isfinite(result).all()) == given


def test_interval_by_angle_when_the_mean_effect_is_zero():
    """Without a direction there is no order by angle."""
    assert np.isnan(hecon.icer(against_zero([1, 2], [-1, 1]))["icer_interval"]).all()


@pytest.mark.slow
@given(cases_of.cases())
@examples(75)
def test_properties(case):
    """Shares sum to 1, bounds are in order, and the other comparator turns differences round, not the ratio."""
    cost, effect, _ = case
    draws = cases_of.dataset(np.hstack([cost, cost[::-1, :1]]), np.hstack([effect, effect[::-1, :1]]))
    last = str(draws["strategy"].values[-1])
    result, back = hecon.icer(draws, comparator="A"), hecon.icer(draws, comparator=last)
    one, other = result.sel(strategy=last), back.sel(strategy="A")

    assert result["quadrant_share"].sum("quadrant_of_draws").values == pytest.approx(1, abs=1e-15)
    assert other["delta_cost"].item() == -one["delta_cost"].item()
    assert other["icer"].item() == pytest.approx(one["icer"].item(), rel=0, nan_ok=True)
    for name in ("delta_cost_interval", "delta_effect_interval", "icer_fieller", "icer_interval"):
        low, high = result[name].transpose("bound", ...).values
        assert np.all((low <= high) | np.isnan(low))


def test_further_dims_and_attributes():
    """Each cell of a further dim has the result it has alone; attributes travel, units are stated."""
    rng = np.random.default_rng(4)
    parts = [cases_of.dataset(rng.normal(size=(60, 3)), rng.normal(size=(60, 3)), comparator="B") for _ in range(2)]
    draws = xr.concat(parts, xr.Variable("scenario", ["low", "high"]))
    result = hecon.icer(draws, comparator="C")

    assert result["icer"].dims == ("scenario", "strategy")
    assert result["icer_fieller"].dims == ("scenario", "strategy", "bound")
    assert result["quadrant_share"].dims == ("scenario", "strategy", "quadrant_of_draws")
    assert result.sel(scenario="high", drop=True).equals(hecon.icer(parts[1], comparator="C"))
    assert result["strategy"].values.tolist() == ["A", "B"]
    assert result.attrs == {**draws.attrs, "comparator": "C"}
    assert result["icer"].attrs == {"units": "EUR per QALY"}
    assert result["delta_effect"].attrs == {"units": "QALY"}


@pytest.mark.parametrize("sign", [1, -1])
def test_a_mean_that_rounding_keeps_off_zero_is_zero(sign):
    """Draws recentred on a difference of 0 have a mean of 1e-17 or so, of either sign: that is no quadrant."""
    spread = np.array([-0.03, -0.01, 0.01, 0.03]) + sign * 1e-18
    result = hecon.icer(against_zero([900, 1000, 1000, 1100], spread))

    assert result["quadrant"].item() == "="
    assert result["delta_effect"].item() == 0
    assert np.isnan(result["icer"].item())


def test_incremental_draws():
    """Draws of differences have the same ratio as the absolute draws they come from."""
    differences = against_zero([900, 1100], [0.25, 0.75], scale="incremental")

    assert hecon.icer(differences)["icer"].item() == 2000
    assert hecon.icer(differences).attrs["scale"] == "incremental"


@pytest.mark.parametrize(
    ("draws", "comparator", "message"),
    [
        (cases_of.dataset([[1, 2]], [[1, 2]]), None, "comparator must be given: one of 'A', 'B'"),
        (cases_of.dataset([[1, 2]], [[1, 2]]), "C", "comparator must be one of 'A', 'B', got 'C'"),
        (
            cases_of.dataset([[1]], [[1]]),
            "A",
            "draws must hold a strategy beside the comparator 'A'; nothing to compare",
        ),
        (None, "A", "draws must be an xarray.Dataset with the variables cost and effect, got NoneType"),
    ],
)
def test_messages(draws, comparator, message):
    """A comparator is never guessed, and there is something to compare."""
    with pytest.raises(InputError, match=f"^{message}"):
        hecon.icer(draws, comparator=comparator)
