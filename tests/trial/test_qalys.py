"""QALYs and discounting: against integrals over a fine grid, a published example and their properties."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from hecon import trial, utility
from hecon.errors import InputError
from hecon.trial.valuation import discount_factors, qaly_weights


def integral(utilities, months, rate):
    """Return the discounted area under the straight lines, by the midpoints of ten thousandths of a month."""
    step = 1e-3
    at = np.arange(months[0] + step / 2, months[-1], step)
    return float(np.sum(np.interp(at, months, utilities) * (1 + rate) ** -np.floor(at / 12)) * step / 12)


times = st.lists(st.integers(1, 20), min_size=1, max_size=5).map(lambda steps: [0, *np.cumsum(steps).tolist()])


@given(times, st.floats(0, 0.2), st.integers(0, 2**32 - 1))
def test_the_area_is_the_integral(months, rate, seed):
    """Split at the ends of years, which need not be times of measurement."""
    utilities = np.random.default_rng(seed).uniform(-0.4, 1, len(months))

    assert trial.qalys(utilities, months, discount=rate) == pytest.approx(integral(utilities, months, rate), abs=2e-5)


@given(times)
def test_full_health_without_discounting_is_the_duration(months):
    assert qaly_weights(months).sum() == pytest.approx(months[-1] / 12, rel=1e-14)


@given(times, st.floats(0, 0.2))
def test_a_utility_of_one_is_discounted_as_a_steady_cost(months, rate):
    weights = qaly_weights(months, discount=rate)
    factor = discount_factors([(0, months[-1])], discount=rate)[0]

    assert weights.sum() == pytest.approx(factor * months[-1] / 12, rel=1e-12)


def test_the_area_of_a_worked_example():
    """Utilities 0.5, 0.7 and 0.8 at 0, 6 and 12 months: 0.25 × 0.5 + 0.5 × 0.7 + 0.25 × 0.8 = 0.675."""
    assert trial.qalys([[0.5, 0.7, 0.8]], [0, 6, 12]).tolist() == pytest.approx([0.675])


def test_the_second_year_is_discounted_once_and_the_third_twice():
    found = discount_factors([(0, 12), (12, 24), (24, 36), (6, 18)], discount=0.25)

    assert found.tolist() == pytest.approx([1, 0.8, 0.64, 0.9])


def test_a_missing_utility_makes_the_qalys_missing():
    assert np.isnan(trial.qalys([0.5, np.nan, 0.8], [0, 6, 12]))


@pytest.mark.parametrize("months", [[0], [0, 0], [6, 3], [-1, 3], [0, float("nan")]])
def test_times_out_of_order_are_refused(months):
    with pytest.raises(InputError, match="months must be"):
        qaly_weights(months)


@pytest.mark.parametrize("period", [(3, 3), (6, 3), (-1, 3)])
def test_a_period_that_does_not_end_after_its_start_is_refused(period):
    with pytest.raises(InputError, match="a period must end after its start"):
        discount_factors([period], discount=0.03)


def test_utilities_must_be_as_many_as_the_times():
    with pytest.raises(InputError, match=r"must have 3 values on the last axis, one per time, got shape \(2, 2\)"):
        trial.qalys(np.ones((2, 2)), [0, 6, 12])


@pytest.mark.parametrize("period", [("0", 12), (0, np.inf), (0, None), (True, 12)])
def test_periods_are_numbers(period):
    with pytest.raises(InputError, match="periods must be"):
        discount_factors([period], discount=0.03)


# Labels ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "columns",
    [[12, 0, 6], [12.0, 0.0, 6.0], ["12", "0", "6"], ["u12", "u0", "u6"], ["eq5d5l_12m", "eq5d5l_0m", "eq5d5l_6m"]],
)
def test_columns_named_by_months_are_matched(columns):
    """In another order than the months; the result has the rows' labels."""
    utilities = pd.DataFrame([[0.8, 0.5, 0.7], [1, 1, 1]], columns=columns, index=["p2", "p1"])
    array = xr.DataArray(utilities.to_numpy(), dims=("patient", "month"), coords={"month": columns})
    found = trial.qalys(utilities, [0, 6, 12])

    assert found.index.tolist() == ["p2", "p1"]
    assert found.tolist() == pytest.approx([0.675, 1])
    assert trial.qalys(array, [0, 6, 12]).to_numpy().tolist() == pytest.approx([0.675, 1])
    assert trial.qalys(utilities.to_numpy(), [0, 6, 12])[0] != pytest.approx(0.675)


@pytest.mark.parametrize(
    "columns", [["a", "b", "c"], [0, 3, 6], ["u0", "u6", "u6"], ["w0", "w26", "w52"], ["u_0_6", "u_6_12", "u_12_0"]]
)
def test_columns_of_other_times_are_refused(columns):
    """With the names, and the remedy that works."""
    utilities = pd.DataFrame([[0.5, 0.7, 0.8]], columns=columns)

    with pytest.raises(InputError, match=r"utilities must be labelled with the months 0, 6, 12, got .*; rename"):
        trial.qalys(utilities, [0, 6, 12])
    assert trial.qalys(utilities.to_numpy(), [0, 6, 12])[0] == pytest.approx(0.675)


def test_nullable_utilities_are_missing_where_they_are():
    utilities = pd.DataFrame([[0.5, None, 0.8], [0.5, 0.7, 0.8]], dtype="Float64")

    assert trial.qalys(utilities, [0, 6, 12]).tolist() == pytest.approx([np.nan, 0.675], nan_ok=True)


@pytest.mark.parametrize(
    ("utilities", "says"),
    [
        (np.ma.array([0.5, 9, 0.8], mask=[0, 1, 0]), "utilities must have no masked numbers"),
        ([[0.5, None, 0.8]], "utilities must hold numbers only"),
        ([["0.5", "0.7", "0.8"]], "utilities must hold numbers only"),
        ([0.5, True, 0.8], "utilities must hold numbers only"),
        ([0.5, np.inf, 0.8], "utilities must be finite, or NaN where missing, got infinity at position 1"),
        ([[0.5, 0.7, 0.8], [1]], "utilities must hold rows of equal length"),
        (0.5, "utilities must have 3 values on the last axis"),
    ],
)
def test_utilities_that_are_no_numbers_are_refused(utilities, says):
    with pytest.raises(InputError, match=says):
        trial.qalys(utilities, [0, 6, 12])


def test_times_as_rows_are_refused():
    """As many patients as times would be taken for them; the remedy works."""
    given = pd.DataFrame([[0.5, 0.4, 0.6], [0.7, 0.5, 0.6], [0.8, 0.6, 0.6]], index=[0, 6, 12])
    with pytest.raises(InputError, match=r"utilities must have months as columns, got months as rows; pass its transp"):
        trial.qalys(given, [0, 6, 12])
    assert trial.qalys(given.T, [0, 6, 12]).tolist() == pytest.approx([0.675, 0.5, 0.6])
    assert trial.qalys(given.to_numpy(), [0, 6, 12]).shape == (3,)


@pytest.mark.parametrize("given", [[11111, 21111], [0.9, 2.1], [80, 70], [[1, 1], [1, np.nan], [3, 1]]])
def test_what_is_no_utility_is_refused(given):
    """States and scales of 0 to 100; the remedies work, and what a normal model imputed passes."""
    with pytest.raises(
        InputError, match=r"utilities must lie about 1, full health, or below, got one above 2 at position"
    ):
        trial.qalys(given, [0, 12])
    assert trial.qalys(np.array([80, 70]) / 100, [0, 12]) == pytest.approx(0.75)
    assert trial.qalys(utility([11111, 21111], value_set="nl-5l-2016"), [0, 12]) == pytest.approx(0.959)
    assert trial.qalys([1.2, 1], [0, 12]) == pytest.approx(1.1)
