"""The data convention: its door, its checks and the checks on single values."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
import xarray as xr

import hecon
from hecon import _checks
from hecon.draws import comparator_of, from_arrays, validate
from hecon.errors import HeconError, InputError

COST = [[100.0, 900.0], [120.0, 1100.0]]
EFFECT = [[1.0, 1.1], [1.0, 1.3]]
NAMES = ["usual care", "exercise"]


def make(cost=None, effect=None, **options):
    """Return draws of the two teaching strategies."""
    options.setdefault("strategies", NAMES)
    return from_arrays(COST if cost is None else cost, EFFECT if effect is None else effect, **options)


def test_from_arrays_follows_the_convention():
    """Values, dims, units and attributes stand where the convention puts them; what is unknown is left out."""
    draws = make(
        comparator="usual care",
        currency="GBP",
        effect_unit="LY",
        price_year=2024,
        horizon_years=2,
        discount_cost=0.03,
        discount_effect=0.015,
        source="a trial",
    )

    assert dict(draws.sizes) == {"draw": 2, "strategy": 2}
    assert draws["cost"].values.tolist() == COST
    assert draws["effect"].values.tolist() == EFFECT
    assert draws["cost"].attrs == {"units": "GBP"}
    assert draws["effect"].attrs == {"units": "LY"}
    assert draws["strategy"].values.tolist() == NAMES
    assert draws.attrs == {
        "currency": "GBP",
        "effect_unit": "LY",
        "effect_better": "more",
        "price_year": 2024,
        "comparator": "usual care",
        "scale": "absolute",
        "horizon_years": 2.0,
        "discount_cost": 0.03,
        "discount_effect": 0.015,
        "source": "a trial",
    }
    assert make().attrs == {"currency": "EUR", "effect_unit": "QALY", "effect_better": "more", "scale": "absolute"}


def test_incremental_draws_hold_the_comparator_at_zero():
    """Draws of differences are taken as they are when the comparator's are 0."""
    draws = make([[0, 5], [0, 7]], [[0, 1], [0, 2]], comparator="usual care", scale="incremental")

    assert draws.attrs["scale"] == "incremental"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cost": [["a", 1], [2, 3]]}, "cost must hold numbers only; remove or convert what is not a number"),
        ({"effect": [1, 2]}, r"effect must have two dimensions, draw x strategy, got shape \(2,\)"),
        (
            {"cost": np.empty((0, 2))},
            r"cost must hold at least one draw and one strategy, got shape \(0, 2\)",
        ),
        (
            {"cost": np.empty((2, 0)), "strategies": []},
            r"cost must hold at least one draw and one strategy, got shape \(2, 0\)",
        ),
        (
            {"cost": [[1, np.nan], [np.nan, 2]]},
            r"cost must be finite, got nan at draw 0, strategy 1 \(2 such in all\); impute or drop these draws first",
        ),
        ({"effect": [[1, 2], [np.inf, 2]]}, r"effect must be finite, got inf at draw 1, strategy 0 \(1 such in all\)"),
        ({"effect": [[1, 2]]}, r"cost and effect must have the same shape, got \(2, 2\) and \(1, 2\)"),
        ({"strategies": ["a", "a"]}, "strategies must be unique, got 'a' more than once"),
        ({"strategies": ["a", " "]}, "strategies must be non-empty text, got ' ' at position 1"),
        ({"strategies": ["a", 3]}, "strategies must be non-empty text, got 3 at position 1"),
        ({"strategies": "a"}, "strategies must name each of the 2 columns of cost, got 1 names"),
        ({"comparator": "c"}, "comparator must be one of 'usual care', 'exercise', got 'c'"),
        ({"currency": ""}, "currency must be non-empty text, got '' at position 0"),
        ({"scale": "relative"}, "scale must be one of 'absolute', 'incremental', got 'relative'"),
        ({"scale": "incremental"}, "comparator must be given: one of 'usual care', 'exercise'"),
        (
            {"scale": "incremental", "comparator": "usual care"},
            "incremental draws must hold the comparator 'usual care' at zero; pass scale='absolute'",
        ),
        ({"horizon_years": 0}, "horizon_years must be above 0, got 0"),
        ({"discount_cost": 3}, r"discount_cost must lie in \[0, 1\], got 3"),
        ({"discount_effect": -0.1}, r"discount_effect must lie in \[0, 1\], got -0.1"),
    ],
)
def test_from_arrays_refuses(change, message):
    """Every rule at the door names the input, the rule and the value."""
    with pytest.raises(InputError, match=f"^{message}"):
        make(**change)


def test_validate_returns_the_same_object():
    """Valid draws pass through untouched, up to the largest and down to the smallest that are allowed."""
    for draws in (make(), make([[1e150, -1e150], [0, 1e-300]]), make(np.multiply(COST, 1e-152))):
        assert validate(draws) is draws


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda d: d["cost"], "draws must be an xarray.Dataset with the variables cost and effect, got DataArray"),
        (lambda d: d.drop_vars("effect"), "draws must be an xarray.Dataset with the variables cost and effect"),
        (
            lambda d: d.assign(effect=d["effect"].mean("draw")),
            r"draws\['effect'\] must have the dims draw and strategy, it lacks draw",
        ),
        (
            lambda d: d.where(d["cost"] < 1000),
            r"draws\['cost'\] must be finite, it holds NaN or infinite values; join draws of equal length",
        ),
        (
            lambda d: d.assign(effect=d["effect"].copy(data=[[np.inf, -np.inf], [0, 0]])),
            r"draws\['effect'\] must be finite, it holds NaN or infinite values",
        ),
        (
            lambda d: d.isel(draw=slice(0)),
            r"draws\['cost'\] must hold at least one draw and one strategy, got sizes {'draw': 0, 'strategy': 2}",
        ),
        (
            lambda d: d.expand_dims(wtp=[20_000, 50_000]),
            "draws must have no further dim that results have of their own, got 'wtp'; rename it",
        ),
        (lambda d: d.drop_vars("strategy"), "strategies must be non-empty text, got 0 at position 0"),
        (lambda d: d.isel(strategy=[0, 0]), "strategies must be unique, got 'usual care' more than once"),
    ],
)
def test_validate_refuses(spoil, message):
    """What xarray lets a user do to draws is caught before anything is computed."""
    with pytest.raises(InputError, match=f"^{message}"):
        validate(spoil(make()))


def test_unequal_draws_do_not_join():
    """Joining draws of unequal length leaves NaN, which is refused and not averaged away."""
    short = make().isel(draw=slice(1))
    both = xr.concat(
        [make().assign_coords(draw=[0, 1]), short.assign_coords(draw=[0])], "scenario", join="outer", data_vars="all"
    )

    with pytest.raises(InputError, match="join draws of equal length"):
        hecon.evpi(both, wtp=1)


def test_comparator_is_given_or_known_but_never_guessed():
    """The argument goes before the attribute; without either there is an error."""
    known = make(comparator="usual care")

    assert comparator_of(known, None) == "usual care"
    assert comparator_of(known, "exercise") == "exercise"
    with pytest.raises(InputError, match="comparator must be given: one of 'usual care', 'exercise'"):
        comparator_of(make(), None)
    with pytest.raises(InputError, match="comparator must be one of 'usual care', 'exercise', got 'pills'"):
        comparator_of(known, "pills")


def test_checks_return_clean_values():
    """A check gives back the value in its plain type."""
    rng = np.random.default_rng(1)

    assert _checks.finite("x", np.float32(0.5)) == 0.5
    assert _checks.probability("p", 1) == 1.0
    assert _checks.positive("x", 2) == 2.0
    assert _checks.one_of("x", "a", ("a", "b")) == "a"
    assert _checks.count("n", np.int64(3), at_least=1) == 3
    assert _checks.willingness_to_pay([3, 1, 1]).tolist() == [3.0, 1.0, 1.0]
    assert _checks.willingness_to_pay(5).tolist() == [5.0]
    assert _checks.generator(rng) is rng
    assert _checks.generator(7).random() == np.random.default_rng(7).random()
    assert isinstance(_checks.generator(None), np.random.Generator)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: _checks.finite("x", "1"), "x must be a number, got '1'"),
        (lambda: _checks.finite("x", True), "x must be a number, got True"),  # noqa: FBT003
        (lambda: _checks.finite("x", np.inf), "x must be finite, got inf"),
        (lambda: _checks.probability("p", 1.4), r"p must lie in \[0, 1\], got 1.4"),
        (lambda: _checks.positive("x", 0), "x must be above 0, got 0"),
        (lambda: _checks.count("n", 2.0, at_least=1), "n must be a whole number of at least 1, got 2.0"),
        (lambda: _checks.count("n", 0, at_least=1), "n must be a whole number of at least 1, got 0"),
        (lambda: _checks.willingness_to_pay("much"), "wtp must be a number or a sequence of numbers, got 'much'"),
        (
            lambda: _checks.willingness_to_pay([Decimal(20_000)]),
            r"wtp must be .* got \[Decimal\('20000'\)\]; convert Decimal to float",
        ),
        (lambda: _checks.willingness_to_pay([]), r"wtp must be a number or a sequence of numbers, got shape \(0,\)"),
        (
            lambda: _checks.willingness_to_pay([[1, 2]]),
            r"wtp must be a number or a sequence of numbers, got shape \(1, 2\)",
        ),
        (
            lambda: _checks.willingness_to_pay([1, -2]),
            "wtp must be finite and at least 0, got -2.0 at position 1",
        ),
        (lambda: _checks.willingness_to_pay(np.nan), "wtp must be finite and at least 0, got nan at position 0"),
        (lambda: _checks.willingness_to_pay(np.inf), "wtp must be finite and at least 0, got inf at position 0"),
        (lambda: _checks.generator(-1), "rng must be a non-negative int seed, .* got -1"),
        (lambda: _checks.generator("seed"), "rng must be a non-negative int seed, .* got 'seed'"),
    ],
)
def test_checks_refuse(call, message):
    """Each message tells the name, the rule and the value, and is both ours and a ValueError."""
    with pytest.raises(HeconError, match=f"^{message}$") as caught:
        call()

    assert isinstance(caught.value, ValueError)
