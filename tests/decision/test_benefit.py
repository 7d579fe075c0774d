"""Net benefit and incremental net benefit."""

from __future__ import annotations

import numpy as np
import pytest
import strategies as cases_of
import xarray as xr
from hypothesis import given
from strategies import examples

import hecon
from hecon.errors import InputError

DRAWS = cases_of.dataset([[100, 900], [0, 1100]], [[1, 1.5], [2, 2.25]], comparator="A", price_year=2024)


def test_monetary_and_health():
    """The value of the effect less the cost; the effect less what the cost could buy elsewhere."""
    monetary = hecon.net_benefit(DRAWS, wtp=[1_000, 0])
    health = hecon.net_benefit(DRAWS, wtp=1_000, kind="health")

    assert monetary.dims == ("draw", "strategy", "wtp")
    assert monetary.values.tolist() == [[[900, -100], [600, -900]], [[2000, 0], [1150, -1100]]]
    assert monetary.attrs == {**DRAWS.attrs, "units": "EUR"}
    assert monetary["wtp"].attrs["units"] == "EUR per QALY"
    assert health.values.tolist() == [[[0.9], [0.6]], [[2.0], [1.15]]]
    assert health.attrs["units"] == "QALY"


def test_incremental():
    """The comparator goes, and is named; the other way round the sign changes."""
    result = hecon.incremental_net_benefit(DRAWS, wtp=[1_000, 4_000])
    reverse = hecon.incremental_net_benefit(DRAWS, wtp=[1_000, 4_000], comparator="B")

    assert result.dims == ("draw", "strategy", "wtp")
    assert result["strategy"].values.tolist() == ["B"]
    assert result.values.tolist() == [[[-300, 1200]], [[-850, -100]]]
    assert result.attrs == {**DRAWS.attrs, "units": "EUR"}
    assert np.array_equal(reverse.values, -result.values)
    assert reverse.attrs["comparator"] == "B"


@pytest.mark.slow
@given(cases_of.cases())
@examples(50)
def test_incremental_is_the_difference(case):
    """Incremental net benefit is the difference of net benefits, to rounding."""
    cost, effect, wtp = case
    draws = cases_of.dataset(np.hstack([cost, cost[:, :1]]), np.hstack([effect, effect[:, :1]]))
    benefit = hecon.net_benefit(draws, wtp=wtp)
    result = hecon.incremental_net_benefit(draws, wtp=wtp, comparator="A")
    slack = 1e-14 * (wtp * np.abs(effect).max() + np.abs(cost).max())

    assert np.all(np.abs(result - (benefit - benefit.sel(strategy="A"))).values <= slack)


def test_further_dims_come_first():
    """A dim of effects alone broadcasts over costs."""
    weights = xr.DataArray([1.0, 0.5], coords={"value_set": ["nl", "uk"]}, dims="value_set")
    draws = DRAWS.assign(effect=DRAWS["effect"] * weights)

    assert hecon.net_benefit(draws, wtp=1).dims == ("value_set", "draw", "strategy", "wtp")
    assert hecon.incremental_net_benefit(draws, wtp=0).sel(value_set="uk").values.tolist() == [[[-800]], [[-1100]]]
    assert hecon.net_benefit(draws, wtp=1).sel(value_set="uk").values.tolist() == [
        [[-99.5], [-899.25]],
        [[1], [-1098.875]],
    ]


def test_incremental_draws_have_no_net_benefit_of_their_own():
    """Draws of differences are refused, with the verb that takes them."""
    draws = cases_of.dataset([[0, 5]], [[0, 1]], comparator="A", scale="incremental")

    assert hecon.incremental_net_benefit(draws, wtp=10).item() == 5
    with pytest.raises(
        InputError,
        match="net_benefit needs absolute costs and effects, got draws with scale='incremental'; use incremental_net_b",
    ):
        hecon.net_benefit(draws, wtp=10)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hecon.net_benefit(DRAWS, wtp=-1), "wtp must be finite and at least 0, got -1.0 at position 0"),
        (
            lambda: hecon.net_benefit(DRAWS, wtp=[1, 0], kind="health"),
            "wtp must be above 0 for net health benefit, got 0; use kind='monetary'",
        ),
        (
            lambda: hecon.net_benefit(DRAWS, wtp=1, kind="social"),
            "kind must be one of 'monetary', 'health', got 'social'",
        ),
        (lambda: hecon.incremental_net_benefit(DRAWS, wtp=np.nan), "wtp must be finite and at least 0, got nan"),
        (
            lambda: hecon.incremental_net_benefit(DRAWS, wtp=1, comparator="C"),
            "comparator must be one of 'A', 'B', got 'C'",
        ),
        (
            lambda: hecon.incremental_net_benefit(cases_of.dataset([[1, 2]], [[1, 2]]), wtp=1),
            "comparator must be given: one of 'A', 'B'",
        ),
        (
            lambda: hecon.incremental_net_benefit(DRAWS[["cost", "effect"]].sel(strategy=["A"]), wtp=1),
            "draws must hold a strategy beside the comparator 'A'; nothing to compare",
        ),
    ],
)
def test_messages(call, message):
    """Each fault is told with its value."""
    with pytest.raises(InputError, match=f"^{message}"):
        call()
