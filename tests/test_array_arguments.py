"""Every public argument that takes an array: the same numbers from any kind of array, or a refusal in hecon's words."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import hecon
from hecon import evidence, payment, plot, prices, trial, zin
from hecon.errors import InputError
from hecon.trial import valuation
from hecon.trial.estimates import BootstrapThenImputation, Resampled, pool

# What these tests pass through, others hold: counting it takes two thirds more time.
pytestmark = pytest.mark.no_cover

mpl.use("Agg")

DRAWS = hecon.from_arrays([[0, 900], [0, 1100]], [[0, 0.125], [0, 0.25]], strategies=["a", "b"], comparator="a")
CASELOAD = payment.Caseload(payment.SeverityClass("all", share=1, probabilities=[0.5, 0.25, 0.25]))
SCHEMES = (payment.FeeForService(tariff=30), payment.Bundle(price=40))


def forest_text(estimates=(0.5, 0.75), se=(0.5, 0.25), intervals=None):
    return plot.describe(plot.forest(estimates, se, names=["one", "two"], intervals=intervals))


def shortfall(**given):
    return zin.shortfall(**{"age": 60, "female": 0.5, **given}).proportional


# Name of the argument, what it is given, and a number or text that depends on all of it.
ARGUMENTS = {
    "from_arrays cost": (
        DRAWS["cost"].to_numpy(),
        lambda a: hecon.from_arrays(a, DRAWS["effect"], strategies=["a", "b"])["cost"].sum(),
    ),
    "from_arrays effect": (
        DRAWS["effect"].to_numpy(),
        lambda a: hecon.from_arrays(DRAWS["cost"], a, strategies=["a", "b"])["effect"].sum(),
    ),
    "ceac wtp": (np.array([2000.0, 8000]), lambda a: hecon.ceac(DRAWS, wtp=a).sel(strategy="b").sum()),
    "net_benefit wtp": (np.array([2000.0, 8000]), lambda a: hecon.net_benefit(DRAWS, wtp=a).sum()),
    "incremental_net_benefit wtp": (
        np.array([2000.0, 8000]),
        lambda a: hecon.incremental_net_benefit(DRAWS, wtp=a).sum(),
    ),
    "plot.plane wtp": (np.array([2000.0, 8000]), lambda a: len(plot.plane(DRAWS, wtp=a).lines)),
    "plot.acceptability wtp": (np.array([2000.0, 8000]), lambda a: plot.acceptability(DRAWS, wtp=a).get_xlim()[1]),
    "utility": (np.array([21111.0, 11115]), lambda a: np.sum(np.asarray(hecon.utility(a, value_set="nl-5l-2016")))),
    "qalys utilities": (np.array([0.5, 0.75, 1]), lambda a: trial.qalys(a, [0, 6, 12])),
    "qalys months": (np.array([0.0, 6, 12]), lambda a: trial.qalys([0.5, 0.75, 1], a)),
    "Pooled.of": (np.array([1.0, -2]), lambda a: pool([[1.0, 2.0]], [np.eye(2)]).of(a).se),
    "Resampled.of": (np.array([1.0, -2]), lambda a: Resampled(np.zeros(2), np.arange(20.0).reshape(10, 2)).of(a).se),
    "BootstrapThenImputation.of": (
        np.array([1.0, -2]),
        lambda a: BootstrapThenImputation(np.arange(16.0).reshape(4, 2, 2) ** 2).of(a).se,
    ),
    "resource_cost use": (np.array([1.0, 2]), lambda a: np.sum(np.asarray(valuation.resource_cost(a, 3)))),
    "productivity_cost hours": (
        np.array([[40.0, 80], [0, 40]]),
        lambda a: np.sum(
            np.asarray(
                valuation.productivity_cost(a, [(0, 3), (3, 6)], price_per_hour=1, hours_per_week=40, friction_weeks=2)
            )
        ),
    ),
    "productivity_cost hours_per_week": (
        np.array([36.0, 40]),
        lambda a: valuation.productivity_cost(
            [[90], [90]], [(0, 3)], price_per_hour=1, hours_per_week=a, friction_weeks=1
        ).sum(),
    ),
    "indexed amount": (
        np.array([100.0, 200]),
        lambda a: np.sum(np.asarray(prices.indexed(a, price_year=2020, to_year=2023))),
    ),
    "evidence.pool estimates": (np.array([0.5, 0.75]), lambda a: evidence.pool(a, [0.5, 0.25]).estimate),
    "evidence.pool se": (np.array([0.5, 0.25]), lambda a: evidence.pool([0.5, 0.75], a).estimate),
    "forest estimates": (np.array([0.5, 0.75]), lambda a: forest_text(estimates=a)),
    "forest se": (np.array([0.5, 0.25]), lambda a: forest_text(se=a)),
    "forest intervals": (np.array([[0.0, 1], [0.5, 1]]), lambda a: forest_text(intervals=a)),
    "population_qale age": (np.array([40.0, 60]), lambda a: zin.population_qale(a, female=0.5)),
    "population_qale female": (np.array([0.25, 0.75]), lambda a: zin.population_qale([40, 60], female=a)),
    "population_qale weights": (np.array([1.0, 3]), lambda a: zin.population_qale([40, 60], female=0.5, weights=a)),
    "shortfall remaining_qalys": (np.array([4.0, 5]), lambda a: shortfall(remaining_qalys=a)),
    "shortfall smr": (np.array([2.0, 3]), lambda a: shortfall(smr=a)),
    "shortfall utility": (np.array([0.5, 0.25]), lambda a: shortfall(utility=a)),
    "shortfall decrement": (np.array([0.5, 0.25]), lambda a: shortfall(decrement=a, years=4)),
    "shortfall years": (np.array([2.0, 8]), lambda a: shortfall(decrement=0.25, years=a)),
    "shortfall survival times": (np.array([0.0, 4, 8]), lambda a: shortfall(survival=(a, [1, 0.5, 0]))),
    "shortfall survival shares": (np.array([1.0, 0.5, 0]), lambda a: shortfall(survival=([0, 4, 8], a))),
    "shortfall hazard rates": (np.array([0.25, 0.5]), lambda a: shortfall(hazard=([0, 4], a))),
    "LifeTable male": (
        np.array([0.125, 0.5]),
        lambda a: sum(zin.LifeTable("own", [0, 90], a, [0.25, 0.5], measure="m").male),
    ),
    "Norms female": (np.array([0.75, 0.5]), lambda a: sum(zin.Norms("own", [18, 60], [0.75, 0.5], a).female)),
    "FeeForService.paid": (np.array([2.0, 4]), lambda a: SCHEMES[0].paid("all", a).sum()),
    "Bundle.paid": (np.array([2.0, 4]), lambda a: SCHEMES[1].paid("all", a).sum()),
    "RiskCorridor.settled": (np.array([20.0, 40]), lambda a: payment.RiskCorridor(width=1, share=0.5).settled(a).sum()),
    "SeverityClass probabilities": (
        np.array([0.5, 0.25, 0.25]),
        lambda a: payment.SeverityClass("all", share=1, probabilities=a).mean_given,
    ),
    "profit quantiles": (
        np.array([0.25, 0.5]),
        lambda a: payment.profit(CASELOAD, SCHEMES[1], cost=20, n_patients=9, quantiles=a).to_array().sum(),
    ),
}


def floats(values):
    """Return values as single, double or nullable floats and others that say the same."""
    dims = [f"dim {axis}" for axis in range(values.ndim)]
    yield values.astype(np.float32)
    yield values.tolist()
    yield tuple(values.tolist())
    yield np.ma.array(values)
    yield xr.DataArray(values, dims=["draw", "strategy"] if values.ndim == 2 else dims)
    if values.ndim == 1:
        yield pd.Series(values)
        yield pd.Series(values, dtype="Float64")
    if values.ndim == 2:
        yield pd.DataFrame(values)
        yield pd.DataFrame(values).astype("Float64")


def faults(values):
    """Yield what a float does not hold, or hides."""
    mask = np.zeros(values.shape, dtype=bool)
    mask.flat[-1] = True
    yield np.ma.array(values, mask=mask)
    yield list(np.ma.array(values, mask=mask))
    yield values.astype(complex)
    yield values.astype(bool)
    yield np.full(values.shape, "2024-01-01", dtype="M8[D]")
    yield np.full(values.shape, 2**60 + 1)
    yield values.astype(int).astype("m8[s]")
    for kind in (lambda value: f"{value}", lambda _: "20.000", Decimal, Fraction, lambda _: [1], lambda _: None):
        made = np.empty(values.shape, dtype=object)
        made.flat[:] = values.ravel()
        made[(-1,) * values.ndim] = None
        filled = made.tolist()
        spot = filled
        for _ in range(values.ndim - 1):
            spot = spot[-1]
        spot[-1] = kind(float(values.flat[-1]))
        yield filled


def close_figures():
    plt.close("all")


@pytest.mark.slow
@pytest.mark.parametrize("argument", ARGUMENTS)
def test_the_same_numbers_from_any_kind_of_array(argument):
    """Exact in every kind."""
    values, verb = ARGUMENTS[argument]
    expected = verb(values)

    for other in floats(values):
        assert verb(other) == expected, type(other)
    close_figures()


# Masked states are missing, and so are None and text that is empty; a state may be text.
@pytest.mark.parametrize("argument", sorted(set(ARGUMENTS) - {"utility"}))
def test_what_no_float_holds_is_refused_by_each(argument):
    """Never a traceback of NumPy's, never a number that was not there."""
    values, verb = ARGUMENTS[argument]

    for wrong in faults(values):
        with pytest.raises(InputError):
            verb(wrong)
    close_figures()


def test_states_that_are_no_numbers_are_refused():
    """A state may be text, or missing; a mask hides it, and a list would drop the mask."""
    values = ARGUMENTS["utility"][0]
    masked, listed, *others, text, thousands, decimal, fraction, nested, none = faults(values)

    assert np.isnan(hecon.utility(masked, value_set="nl-5l-2016")[-1])
    assert np.isnan(hecon.utility(none, value_set="nl-5l-2016")[-1])
    for wrong in (listed, *others, text, thousands, decimal, fraction, nested):
        with pytest.raises(InputError):
            hecon.utility(wrong, value_set="nl-5l-2016")


def test_probabilities_are_matched_by_their_labels():
    """As pandas counts values: the most frequent number first."""
    treatments = pd.Series([2, 0, 0, 1, 2, 2]).value_counts(normalize=True)
    assert treatments.index.tolist() == [2, 0, 1]

    found = payment.SeverityClass("a", share=1, probabilities=treatments)

    assert found.probabilities == pytest.approx((2 / 6, 1 / 6, 3 / 6))
    assert found.mean_given == pytest.approx(7 / 6)
    message = "probabilities of class 'a' must be labelled with the numbers of treatments 0, 1, 2, got 2, 3, 0"
    with pytest.raises(InputError, match=message):
        payment.SeverityClass("a", share=1, probabilities=pd.Series([0.5, 0.2, 0.3], index=[2, 3, 0]))
